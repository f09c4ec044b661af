"""Web Mercator, the projection of the page's map: degrees to the units of a drawing that is fitted to bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000, transform, transform_array
from layers.edition.store import Bounds

TILE = 256
"""Pixels of the world at zoom 0."""
EQUATOR_M = 40075016.686
"""Metres of the equator, which is so many pixels wide at zoom 0."""
UNIT_M = 0.0254 / 96
"""A unit of a drawing on paper, metres: what a pixel is in CSS and SVG."""
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
        return shapely.transform(shapely.force_2d(geometry), self.points)

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


@dataclass(frozen=True)
class Sheet(Plane):
    """The plane of a sheet of paper: a metric CRS, true to scale.

    Attributes:
        crs: The metric CRS.
        unit_m: A unit of the drawing on the paper, metres; symbols are so large as a screen's on the standard unit.
        metre: Units of a metre on the ground.
        east: Easting of the left edge, metres.
        north: Northing of the upper edge, metres.
    """

    crs: CRS = CGCS2000
    unit_m: float = UNIT_M
    metre: float = 0.0
    east: float = 0.0
    north: float = 0.0

    @property
    def denominator(self) -> float:
        """Of the scale: 100,000 where it is 1:100,000."""
        return 1 / (self.unit_m * self.metre)

    @classmethod
    def scaled(
        cls, bounds: Bounds, width: int, height: int, crs: CRS, denominator: float, unit_m: float = UNIT_M
    ) -> Sheet:
        """The plane with the middle of some bounds in its middle, at a scale of one to ``denominator``."""
        (south, west), (north, east) = bounds
        ring = box(west, south, east, north).segmentize(max(east - west, north - south, 1e-9) / 8)
        x0, y0, x1, y1 = transform(ring, CGCS2000, crs).bounds
        metre = 1 / (unit_m * denominator)
        # The zoom at which the page's map has this scale on a screen: kinds say by zoom when names are written.
        middle = math.cos(math.radians((south + north) / 2))
        zoom = math.log2(EQUATOR_M * middle * metre / TILE)
        corner = (x0 + x1) / 2 - width / 2 / metre, (y0 + y1) / 2 + height / 2 / metre
        fit = ((x0 - corner[0]) * metre, (corner[1] - y1) * metre, (x1 - corner[0]) * metre, (corner[1] - y0) * metre)
        return cls(zoom, 0.0, 0.0, width, height, fit, crs, unit_m, metre, *corner)

    def points(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lon/lat as x/y in units."""
        metres = shapely.get_coordinates(transform_array(shapely.points(degrees), CGCS2000, self.crs))
        return (metres - (self.east, self.north)) * (self.metre, -self.metre)


def outlines(geometry: BaseGeometry, digits: int = 0, tolerance: float = 0.6, least: float = 2.0) -> str:
    """A drawn geometry as the ``d`` of a path; areas smaller than ``least`` are left out.

    Args:
        geometry: In units.
        digits: Decimals of the coordinates.
        tolerance: By how much outlines are simplified, in the unit of the last digit.
        least: Square units.
    """
    finest = 10.0**digits
    simple = geometry.simplify(tolerance / finest, preserve_topology=False)
    return "".join(_parts(simple, least, finest))


def _parts(geometry: BaseGeometry, least: float, finest: float) -> Iterable[str]:
    for part in shapely.get_parts([geometry]):
        if part.geom_type == "Polygon" and part.area >= least:
            for ring in (part.exterior, *part.interiors):
                yield _outline(ring.coords[:-1], finest) + "z"
        elif part.geom_type in ("LineString", "LinearRing"):
            yield _outline(part.coords, finest)
        elif part.geom_type == "GeometryCollection":
            yield from _parts(part, least, finest)


def _outline(coordinates: Sequence[tuple[float, ...]], finest: float) -> str:
    points = [(round(point[0] * finest), round(point[1] * finest)) for point in coordinates]

    def said(step: int) -> str:
        return str(step) if finest == 1 else f"{step / finest:.10g}"

    text = [f"M{said(points[0][0])} {said(points[0][1])}"] if points else []
    steps = [
        f"{said(x - before[0])}{'' if y < before[1] else ' '}{said(y - before[1])}"
        for before, (x, y) in pairwise(points)
        if (x, y) != before
    ]
    if steps:
        text.append("l" + steps[0] + "".join(step if step[0] == "-" else " " + step for step in steps[1:]))
    return "".join(text)
