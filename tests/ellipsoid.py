"""Lengths and areas worked out from the ellipsoid by closed formulas, as a control of geodesic measures."""

import math

import geopandas as gpd
from shapely.geometry import box

from geo.crs import CGCS2000

# The ellipsoid of CGCS2000: semi-major axis in metres and flattening (GB 22021-2008).
A = 6378137.0
F = 1 / 298.257222101
E2 = F * (2 - F)
E = math.sqrt(E2)


def meridian_km(south: float, north: float) -> float:
    """Length along a meridian: radius of curvature at the middle latitude times the difference, good to 1e-8 here."""
    phi = math.radians((south + north) / 2)
    return A * (1 - E2) / (1 - E2 * math.sin(phi) ** 2) ** 1.5 * math.radians(north - south) / 1000


def parallel_km(lat: float, degrees: float) -> float:
    """Length along a parallel; the geodesic between the ends is shorter by less than 1e-6 for a tenth of a degree."""
    phi = math.radians(lat)
    return A / math.sqrt(1 - E2 * math.sin(phi) ** 2) * math.cos(phi) * math.radians(degrees) / 1000


def cell_km2(south: float, north: float, degrees: float) -> float:
    """Area between two parallels and two meridians (Snyder 1987, eq. 3-12 and 14-15)."""

    def q(lat: float) -> float:
        s = math.sin(math.radians(lat))
        return s / (1 - E2 * s * s) + math.log((1 + E * s) / (1 - E * s)) / (2 * E)

    return (A * A * (1 - E2) / 2) * math.radians(degrees) * (q(north) - q(south)) / 1e6


def series(shapes: dict) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=CGCS2000)


WEST, EAST = box(120.0, 30.0, 120.1, 30.1), box(120.1, 30.0, 120.2, 30.1)
PLACES = series({"west": WEST, "east": EAST})
