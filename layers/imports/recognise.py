"""Which datum a file is in, told by where its shapes lie beside known borders and places."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import datum as datums
from geo.crs import CGCS2000, metric_crs, transform_array

AS_DECLARED = ""
_DECISIVE = 0.5
"""Taken back from a web map, a file must come at least so much nearer to what is known."""
_ENOUGH = 5
"""With fewer points nothing is told."""
_MOST = 20_000
_FARTHEST_M = 1_500.0
"""What lies farther from what is known is something else."""


@dataclass(frozen=True)
class Recognised:
    """How well a file fits what is known, in each datum that it may be in.

    Attributes:
        datum: The one that fits best: ``gcj02``, ``bd09``, or "" for as it is declared.
        sure: Whether it fits so much better that there is no doubt.
        distances_m: Median distance to what is known, in metres, by datum.
        shift_m: How far the datum shows this place from where it is: east, north; zeros when as declared.
        points: How many points were compared.
    """

    datum: str
    sure: bool
    distances_m: dict[str, float]
    shift_m: tuple[float, float]
    points: int

    @property
    def size_m(self) -> float:
        """Length of the shift in metres."""
        return math.hypot(*self.shift_m)


def recognise(
    shapes: NDArray[Any],
    lines: Sequence[BaseGeometry],
    twins: Iterable[tuple[BaseGeometry, BaseGeometry]],
    lon: float,
) -> Recognised | None:
    """Compare a file in each datum with known borders and places.

    Args:
        shapes: As the file declares them, degrees.
        lines: Known borders, degrees; polygons are held against them.
        twins: Shapes of the file with known points or lines of the same name, degrees.
        lon: Longitude in degrees that chooses the metric zone.

    Returns:
        The best datum, or None when there is too little to compare.
    """
    polygons = shapes[shapely.get_dimensions(shapes) == 2]
    pairs = list(twins)
    vertices = shapely.get_coordinates(polygons)
    vertices = vertices[:: max(1, len(vertices) // _MOST)]
    border = shapely.boundary(np.array(list(lines), dtype=object)) if lines else np.array([], dtype=object)
    known = np.asarray(transform_array(border, CGCS2000, metric_crs(lon)), dtype=object)
    use_borders = len(known) > 0 and len(vertices) >= _ENOUGH
    if not use_borders and len(pairs) < _ENOUGH:
        return None
    tree = shapely.STRtree(known)
    distances: dict[str, float] = {}
    count = 0
    for datum in (AS_DECLARED, *datums.SHIFTED):
        if use_borders:
            points = _metres(_back(vertices, datum), lon)
            at, away = tree.query_nearest(points, max_distance=_FARTHEST_M, return_distance=True, all_matches=False)
            lost = len(points) - len(np.unique(at[0]))
            found = np.concatenate([away, np.full(lost, _FARTHEST_M)])
        else:
            found = _between(pairs, datum, lon)
        distances[datum], count = float(np.median(found)), len(found)
    best = min(distances, key=lambda one: distances[one])
    rest = min(value for datum, value in distances.items() if datum != best)
    every = shapely.get_coordinates(shapes)
    middle = every.mean(axis=0)
    shift = datums.shift_m(best, *middle.tolist()) if best else (0.0, 0.0)
    sure = distances[best] <= _DECISIVE * rest and distances[best] < _FARTHEST_M / 2
    return Recognised(best, sure, distances, shift, count)


def taken_back(shapes: NDArray[Any], datum: str) -> NDArray[Any]:
    """Shapes of a web map's datum as CGCS2000, degrees."""
    return np.asarray(shapely.transform(shapes, lambda c: _back(c, datum)), dtype=object)


def _back(coordinates: NDArray[Any], datum: str) -> NDArray[Any]:
    if not datum:
        return coordinates
    return np.column_stack(datums.to_wgs84(datum, coordinates[:, 0], coordinates[:, 1]))


def _metres(coordinates: NDArray[Any], lon: float) -> NDArray[Any]:
    return np.asarray(transform_array(shapely.points(coordinates), CGCS2000, metric_crs(lon)), dtype=object)


def _between(pairs: Sequence[tuple[BaseGeometry, BaseGeometry]], datum: str, lon: float) -> NDArray[Any]:
    """Metres between each shape and what it is known as."""
    given = taken_back(np.array([one for one, _ in pairs], dtype=object), datum)
    zone = metric_crs(lon)
    moved = transform_array(given, CGCS2000, zone)
    known = transform_array(np.array([one for _, one in pairs], dtype=object), CGCS2000, zone)
    return np.minimum(shapely.distance(shapely.centroid(moved), shapely.centroid(known)), _FARTHEST_M)
