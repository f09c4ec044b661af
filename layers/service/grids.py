"""Tile matrix sets: how the world is cut into tiles, level by level.

Source:
    OGC 17-083r4 (Two Dimensional Tile Matrix Set 2.0), annex D: WebMercatorQuad and, for the square grid of degrees,
    WorldCRS84Quad, whose scheme Chinese map services use in CGCS2000 degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import Polygon, box

from geo import crs as geo_crs

LEVELS = 23
"""Levels 0 to 22: a pixel of the last is four centimetres."""
PIXELS = 256
_PIXEL_M = 0.00028
_METRES_A_DEGREE = 2 * math.pi * 6378137.0 / 360


@dataclass(frozen=True)
class Grid:
    """A tile matrix set.

    Attributes:
        id: What it is called.
        title: In words.
        crs: Its system; tiles are counted from the upper left corner, eastwards and southwards.
        columns: Tiles side by side at level 0; there is one row.
        left: Of the world, units of the system.
        top: Likewise.
        width: Of a tile at level 0, units; tiles are square.
        unit_m: Metres of a unit.
        uri: How the standard's register names it, or "".
    """

    id: str
    title: str
    crs: CRS
    columns: int
    left: float
    top: float
    width: float
    unit_m: float
    uri: str = ""

    def size(self, level: int) -> tuple[int, int]:
        """Columns and rows of a level."""
        return self.columns << level, 1 << level

    def bounds(self, level: int, column: int, row: int) -> tuple[float, float, float, float]:
        """West, south, east and north of a tile, units of the system."""
        width = self.width / (1 << level)
        west, north = self.left + column * width, self.top - row * width
        return west, north - width, west + width, north

    def from_degrees(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitudes and latitudes in the system; what a square world has no room for lies on its edge."""
        if not self.crs.is_projected:
            return degrees
        lat = np.radians(np.clip(degrees[:, 1], -_LAST_LAT, _LAST_LAT))
        radius = self.width / (2 * math.pi)
        return np.column_stack([np.radians(degrees[:, 0]) * radius, np.arctanh(np.sin(lat)) * radius])

    def area(self, level: int, column: int, row: int, margin: float = 0.0) -> Polygon:
        """A tile as a box of degrees, with a margin of so many tile widths."""
        return box(*self.around(level, column, row, margin))

    def around(self, level: int, column: int, row: int, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east and north of the same, degrees."""
        west, south, east, north = self.bounds(level, column, row)
        room = (east - west) * margin
        x0, y0, x1, y1 = west - room, south - room, east + room, north + room
        if not self.crs.is_projected:
            return x0, y0, x1, y1
        radius = self.width / (2 * math.pi)
        lats = [math.degrees(math.atan(math.sinh(y / radius))) for y in (y0, y1)]
        return math.degrees(x0 / radius), lats[0], math.degrees(x1 / radius), lats[1]

    def scale(self, level: int) -> float:
        """Denominator of a level's scale, for the standard's pixels of 0.28 mm."""
        return self.width / (1 << level) / PIXELS * self.unit_m / _PIXEL_M

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The set as the standard writes it in JSON."""
        corner = [self.left, self.top] if self.crs.is_projected else [self.top, self.left]
        found: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "crs": geo_crs.crs_uri(self.crs),
            "tileMatrices": [
                {
                    "id": str(level),
                    "scaleDenominator": self.scale(level),
                    "cellSize": self.width / (1 << level) / PIXELS,
                    "cornerOfOrigin": "topLeft",
                    "pointOfOrigin": corner,
                    "tileWidth": PIXELS,
                    "tileHeight": PIXELS,
                    "matrixWidth": self.size(level)[0],
                    "matrixHeight": self.size(level)[1],
                }
                for level in range(LEVELS)
            ],
        }
        return {**found, "uri": self.uri} if self.uri else found


_LAST_LAT = math.degrees(math.atan(math.sinh(math.pi)))
_HALF_M = math.pi * 6378137.0
MERCATOR = Grid(
    "WebMercatorQuad", "Google Maps Compatible for the World", geo_crs.web_mercator(),
    1, -_HALF_M, _HALF_M, 2 * _HALF_M, 1.0,
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
)  # fmt: skip
DEGREES = Grid("CGCS2000Quad", "CGCS2000 for the World", geo_crs.CGCS2000, 2, -180.0, 90.0, 180.0, _METRES_A_DEGREE)
GRIDS = {one.id: one for one in (MERCATOR, DEGREES)}
"""The sets that tiles are given out in."""
