"""Web Mercator, the projection of the page's map: degrees to the units of a drawing that is fitted to bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
