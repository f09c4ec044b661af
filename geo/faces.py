"""Polygons taken to pieces along one another's edges: the faces, and which polygons each face lies in.

Once every crossing is a corner of all whose edges meet there, what follows needs no crossing computed again: faces are
put together edge by edge, in time that grows with the corners alone. An overlay of polygons that were cut apart
before finds each crossing a hair beside the edge, and tries again more slowly, the more so the more there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import coverage

__all__ = ["Faces", "joined"]


class Faces:
    """The faces that the edges of polygons make together.

    Args:
        polygons: the (n,) valid polygons or multipolygons, metres.

    Example:
        >>> faces = Faces(np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]))
        >>> faces.common()
        {(0, 1): [1]}
        >>> faces.take((0, 1), [1])
        >>> [one.area for one in (faces.polygon(0), faces.polygon(1))]
        [2.0, 1.0]
    """

    def __init__(self, polygons: NDArray[Any]) -> None:
        lines = shapely.union_all(shapely.boundary(polygons))
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
        # From west to east, so that their numbers say something to people who look at a failure.
        self._faces = faces[np.argsort(shapely.bounds(faces)[:, 0], kind="stable")]
        inside = shapely.STRtree(shapely.point_on_surface(self._faces))
        # A face of no width has its point on the edge: both sides get it, and the first keeps it.
        owner, face = inside.query(polygons, predicate="intersects")
        count = np.bincount(face, minlength=len(self._faces))
        self._own = [set(face[owner == number].tolist()) for number in range(len(polygons))]
        several = count[face] > 1
        self._several: dict[int, list[int]] = defaultdict(list)
        for number, one in sorted(zip(owner[several].tolist(), face[several].tolist(), strict=True)):
            self._several[one].append(number)

    def common(self) -> dict[tuple[int, int], list[int]]:
        """Numbers of the faces that lie in two polygons, by the numbers of the two, ascending."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for face, owners in sorted(self._several.items()):
            for place, first in enumerate(owners):
                for second in owners[place + 1 :]:
                    found[first, second].append(face)
        return dict(sorted(found.items()))

    def still(self, pair: tuple[int, int], faces: Sequence[int]) -> list[int]:
        """Of some faces those that lie in both polygons now."""
        first, second = (self._own[number] for number in pair)
        return [face for face in faces if face in first and face in second]

    def take(self, pair: tuple[int, int], faces: Sequence[int]) -> None:
        """Take faces from the second of two polygons."""
        self._own[pair[1]].difference_update(faces)

    def together(self, faces: Sequence[int]) -> list[shapely.Polygon]:
        """Faces joined to polygons where they share an edge."""
        joined = shapely.get_parts(shapely.coverage_union_all(self._faces[np.array(faces, dtype=np.int64)]))
        return [one for one in joined if isinstance(one, shapely.Polygon)]

    def polygon(self, number: int) -> BaseGeometry:
        """A polygon as it is now, with a corner wherever another one's edge meets its own."""
        own = np.array(sorted(self._own[number]), dtype=np.int64)
        united: BaseGeometry = shapely.coverage_union_all(self._faces[own])
        parts = shapely.get_parts(united)
        return parts[0] if len(parts) == 1 else united


def joined(polygons: Sequence[BaseGeometry] | NDArray[Any]) -> BaseGeometry:
    """The union of polygons: edge by edge where they match, by an overlay where they do not.

    Example:
        >>> joined([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(1, 0.5, 2, 2)]).area
        3.0
    """
    array = np.empty(len(polygons), dtype=object)
    array[:] = list(polygons)
    array = array[~shapely.is_empty(array)]
    found = coverage.united(array) if len(array) > 1 else None
    return shapely.union_all(array) if found is None else found
