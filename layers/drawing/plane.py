"""Web Mercator, the projection of the page's map: degrees to the units of a drawing that is fitted to bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.edition.store import Bounds

TILE = 256
"""Pixels of the world at zoom 0."""
SNAP = 0.25
"""Steps of the zoom to which the page's map is fitted."""


@dataclass(frozen=True)
class Plane:
    """From lon/lat degrees to units of a drawing: pixels of a zoom level, from a corner.

    Attributes:
        zoom: The level, a multiple of ``SNAP``.
        left: World pixels at that level of the drawing's left edge.
        top: Likewise of its upper edge.
        width: Of the drawing, units.
        height: Likewise.
        fit: What the drawing was made to show: x and y of its corners, low ones first, units.
    """

    zoom: float
    left: float
    top: float
    width: int
    height: int
    fit: tuple[float, float, float, float]

    @classmethod
    def around(cls, bounds: Bounds, width: int, height: int, margin: int = 16) -> Plane:
        """The plane on which bounds fit a drawing of a given size, centred, at the closest zoom that is a step."""
        (south, west), (north, east) = bounds
        corners = np.array([[west, north], [east, south]])
        x0, y0, x1, y1 = world(corners).ravel()
        room = (width - 2 * margin) / max(x1 - x0, 1e-12), (height - 2 * margin) / max(y1 - y0, 1e-12)
        zoom = math.floor(math.log2(min(room) / TILE) / SNAP) * SNAP
        zoom = min(24.0, max(0.0, zoom))
        scale = TILE * 2**zoom
        left, top = round((x0 + x1) / 2 * scale - width / 2), round((y0 + y1) / 2 * scale - height / 2)
        fit = (x0 * scale - left, y0 * scale - top, x1 * scale - left, y1 * scale - top)
        return cls(zoom, left, top, width, height, fit)

    def points(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lon/lat as x/y in units."""
        return world(degrees) * (TILE * 2**self.zoom) - (self.left, self.top)

    def drawn(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in units."""
        return self.all_drawn([geometry])[0]

    def all_drawn(self, geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
        """Geometries in units, in their order."""
        return shapely.transform(shapely.force_2d(np.array(geometries, dtype=object)), self.points)

    def cut(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Drawn geometries without what cannot be seen of them; on a plane all is."""
        return shapes

    def in_sight(self, geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which geometries, in degrees, can be seen or named; on a plane all can."""
        return np.ones(len(geometries), dtype=bool)

    def box(self, bounds: Bounds) -> tuple[float, float, float, float]:
        """Bounds in units: x and y of the corners, low ones first."""
        (south, west), (north, east) = bounds
        (x0, y0), (x1, y1) = self.points(np.array([[west, north], [east, south]]))
        return float(x0), float(y0), float(x1), float(y1)


def world(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lon/lat in degrees as shares of the world's square, y downwards (spherical Mercator).

    Example:
        >>> world(np.array([[0.0, 0.0], [90.0, 0.0]])).tolist()
        [[0.5, 0.5], [0.75, 0.5]]
    """
    lat = np.radians(np.clip(degrees[:, 1], -85.0511287798066, 85.0511287798066))
    y = 0.5 - np.arctanh(np.sin(lat)) / (2 * math.pi)
    return np.column_stack([degrees[:, 0] / 360 + 0.5, y])


def outlines(geometry: BaseGeometry, tolerance: float = 0.6, least: float = 2.0, *, fine: bool = False) -> str:
    """A drawn geometry as the ``d`` of a path, in whole units; areas smaller than ``least`` are left out.

    Args:
        geometry: In units.
        tolerance: Vertices that move the outline by less are left out.
        least: Square units.
        fine: In tenths of units, for what is made into pixels and not sent.
    """
    if not fine:
        return "".join(_parts(geometry.simplify(tolerance, preserve_topology=False), least, _outline))
    return "".join(_parts(geometry.simplify(tolerance / 4, preserve_topology=False), least / 20, _fine))


def _fine(coordinates: Sequence[Sequence[float]]) -> str:
    return "M" + "L".join([f"{x:.1f} {y:.1f}" for x, y in coordinates])


def all_outlines(geometries: NDArray[np.object_], tolerance: float = 0.6, least: float = 2.0) -> list[str]:
    """What `outlines` gives in tenths of units for each of many, in a few steps for all of them.

    Example:
        >>> all_outlines(np.array([shapely.box(0, 0, 2, 2), shapely.Point(1, 1)]))
        ['M2.0 0.0L2.0 2.0L0.0 2.0L0.0 0.0z', '']
    """
    parts = shapely.simplify(geometries, tolerance / 4, preserve_topology=False)
    owners = np.arange(len(parts))
    while (shapely.get_type_id(parts) > _POLYGON).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owners = owners[inner]
    kinds = shapely.get_type_id(parts)
    areas = np.flatnonzero((kinds == _POLYGON) & (shapely.area(parts) >= least / 20))
    lines = np.flatnonzero(((kinds == _LINE) | (kinds == _RING)) & ~shapely.is_empty(parts))
    rings, of_area = shapely.get_rings(parts[areas], return_index=True)
    pieces, places = np.concatenate([rings, parts[lines]]), np.concatenate([areas[of_area], lines])
    closed = np.arange(len(pieces)) < len(rings)
    found = [""] * len(geometries)
    ends = np.cumsum(shapely.get_num_coordinates(pieces)) * 2
    numbers = shapely.get_coordinates(pieces).ravel().tolist()
    for at in np.argsort(places, kind="stable").tolist():
        begin, end = (int(ends[at - 1]) if at else 0), int(ends[at])
        last = end - 2 if closed[at] else end
        found[owners[places[at]]] += _form((last - begin) // 2, closed=bool(closed[at])) % tuple(numbers[begin:last])
    return found


_LINE, _RING, _POLYGON = 1, 2, 3


@lru_cache(maxsize=1024)
def _form(vertices: int, *, closed: bool) -> str:
    """What the numbers of a part are put into."""
    return "M" + "L".join(["%.1f %.1f"] * vertices) + ("z" if closed else "")


def _parts(geometry: BaseGeometry, least: float, draw: Callable[[Any], str]) -> Iterable[str]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon" and part.area >= least:
            for ring in (part.exterior, *part.interiors):
                yield draw(shapely.get_coordinates(ring)[:-1].tolist()) + "z"
        elif part.geom_type in ("LineString", "LinearRing"):
            yield draw(shapely.get_coordinates(part).tolist())
        elif part.geom_type == "GeometryCollection":
            yield from _parts(part, least, draw)


def _outline(coordinates: Sequence[Sequence[float]]) -> str:
    points = [(round(point[0]), round(point[1])) for point in coordinates]
    text = [f"M{points[0][0]} {points[0][1]}"] if points else []
    steps = [
        f"{x - before[0]}{'' if y < before[1] else ' '}{y - before[1]}"
        for before, (x, y) in pairwise(points)
        if (x, y) != before
    ]
    if steps:
        text.append("l" + steps[0] + "".join(step if step[0] == "-" else " " + step for step in steps[1:]))
    return "".join(text)
