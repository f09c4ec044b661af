"""Coordinate reference systems: the only module with EPSG numbers.

Geometry is kept in longitude, latitude degrees of CGCS2000 and measured or constructed in the
CGCS2000 3-degree Gauss-Krueger zone of the plan. Also the two shifted systems of Chinese map
services, GCJ-02 and BD-09, both ways.

WGS 84 and CGCS2000 differ by some decimetres here (plate motion since 2000), below every accuracy in
this project; PROJ takes them as equal and so do we.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geo.errors import GeoError

if TYPE_CHECKING:
    import geopandas as gpd

WGS84: CRS = CRS.from_epsg(4326)
"""WGS 84, degrees; longitude first wherever this package handles coordinates."""
CGCS2000: CRS = CRS.from_epsg(4490)
"""China Geodetic Coordinate System 2000, degrees; longitude first wherever this package handles coordinates."""

LON_RANGE = (73.5, 136.5)
"""Longitudes that the CGCS2000 3-degree zones cover, degrees."""
LAT_RANGE = (3.0, 54.0)
"""Latitudes of the CGCS2000 area of use, degrees, islands included."""

_EDGE_DEGREES = 0.5
_FIRST_MERIDIAN = 75
_FIRST_METRIC_EPSG = 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E; the next twenty follow eastwards
# Zones whose eastings begin with the zone number: 3-degree zones 25 to 45, 6-degree zones 13 to 23.
_ZONED = {3: (25, 45, 4513), 6: (13, 23, 4491)}
_FIRST_WIDE_EPSG = 4502  # CGCS2000 / Gauss-Kruger CM 75E, zone 13; the next ten follow eastwards
_CODE = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)

Geometry = TypeVar("Geometry", BaseGeometry, "gpd.GeoSeries", "gpd.GeoDataFrame")


def metric_crs(lon: float) -> CRS:
    """The CGCS2000 3-degree Gauss-Krueger CRS whose meridian is nearest, eastings without zone prefix.

    Args:
        lon: longitude, degrees.

    Raises:
        GeoError: `crs.longitude_not_covered` outside 73.5°–136.5° E.

    Source:
        GB/T 17798-2007, EPSG:4534 to 4554; on 121.5° E and its like the eastern zone is taken.

    Example:
        >>> metric_crs(120.3).to_epsg()
        4549
    """
    if not (math.isfinite(lon) and LON_RANGE[0] <= lon < LON_RANGE[1]):
        raise GeoError("crs.longitude_not_covered", lon=lon, low=LON_RANGE[0], high=LON_RANGE[1])
    return _from_epsg(_FIRST_METRIC_EPSG + _zone_of(lon) - _FIRST_MERIDIAN // 3)


def _zone_of(lon: float) -> int:
    """Number of the 3-degree zone whose meridian is nearest: the meridian's third part."""
    return math.floor((lon + 1.5) / 3)


def zoned_crs(lon: float) -> CRS:
    """The CGCS2000 3-degree zone as `metric_crs`, eastings with the zone number before them.

    Raises:
        GeoError: `crs.longitude_not_covered`.

    Source:
        GB/T 17798-2007, EPSG:4513 to 4533.

    Example:
        >>> zoned_crs(120.3).to_epsg()
        4528
    """
    metric_crs(lon)  # refuses what lies outside
    first, _, code = _ZONED[3]
    return _from_epsg(code + _zone_of(lon) - first)


def nearby_zones(lon: float) -> list[CRS]:
    """The CGCS2000 3-degree systems that suit a place: its own zone, then the neighbour when the edge is near.

    Within half a degree of the edge between two zones either is in use; offices go by the province's choice.
    Each zone comes without and with its number; `lon` is in degrees.

    Example:
        >>> [one.to_epsg() for one in nearby_zones(118.6)]
        [4549, 4528, 4548, 4527]
    """
    zones = []
    for at in (lon, lon - _EDGE_DEGREES, lon + _EDGE_DEGREES):
        if LON_RANGE[0] <= at < LON_RANGE[1]:
            zones += [metric_crs(at), zoned_crs(at)]
    return list(dict.fromkeys(zones))


def wide_zones(lon: float) -> list[CRS]:
    """The CGCS2000 6-degree systems (GB/T 17798-2007) that suit a place, in degrees, as `nearby_zones`.

    Example:
        >>> [one.to_epsg() for one in wide_zones(104.0)], [one.to_epsg() for one in wide_zones(120.3)]
        ([4507, 4496], [4510, 4499, 4509, 4498])
    """
    first, last, code = _ZONED[6]
    zones = []
    for at in (lon, lon - _EDGE_DEGREES, lon + _EDGE_DEGREES):
        number = math.floor(at / 6) + 1
        if first <= number <= last and LON_RANGE[0] <= at < LON_RANGE[1]:
            zones += [_from_epsg(_FIRST_WIDE_EPSG + number - first), _from_epsg(code + number - first)]
    return list(dict.fromkeys(zones))


def web_mercator() -> CRS:
    """The square grid of web map tiles, metres that grow towards the poles: for tiles only, never to measure in."""
    return _from_epsg(3857)


def north_first(crs: CRS) -> bool:
    """Whether the CRS' own first axis points north, as those of most degrees and of Chinese zones do.

    Geometry is in x/y order everywhere in this package; services must write the order that the authority states.

    Example:
        >>> north_first(WGS84), north_first(metric_crs(120.3)), north_first(web_mercator())
        (True, True, False)
    """
    return bool(crs.axis_info) and str(crs.axis_info[0].direction).lower() == "north"


def crs_uri(crs: CRS) -> str:
    """A CRS as OGC services name it.

    Example:
        >>> crs_uri(WGS84)
        'http://www.opengis.net/def/crs/EPSG/0/4326'
    """
    return f"{_EPSG_URI}/0/{crs.to_epsg()}"


CRS84_URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""WGS 84 with longitude first: what services use when nobody says otherwise."""
_EPSG_URI = "http://www.opengis.net/def/crs/EPSG"
_NAMED = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/|urn:(?:ogc:def|x-ogc:def):crs:EPSG:[0-9.]*:|EPSG:)(\d{4,6})",
    re.IGNORECASE,
)
_NAMED_84 = re.compile(
    r"https?://www\.opengis\.net/def/crs/OGC/[0-9.]+/CRS84|urn:ogc:def:crs:OGC:[0-9.]*:CRS84|OGC:CRS84|CRS:84",
    re.IGNORECASE,
)


def named_crs(text: str) -> tuple[CRS, bool]:
    """A CRS from the name that a client of OGC services gives it: URI, URN, ``EPSG:4490``, ``CRS84``.

    Args:
        text: The name; longer than a hundred characters is none.

    Returns:
        The CRS, and whether coordinates have the authority's axis order (CRS84 has longitude first).

    Raises:
        GeoError: `crs.unknown`.

    Example:
        >>> named_crs(CRS84_URI)[0].to_epsg(), named_crs("EPSG:4490")[0].to_epsg()
        (4326, 4490)
    """
    if len(text) <= _LONGEST_NAME and _NAMED_84.fullmatch(text):
        return WGS84, False
    match = _NAMED.fullmatch(text) if len(text) <= _LONGEST_NAME else None
    if match is None:
        raise GeoError("crs.unknown", text=text[:_LONGEST_NAME])
    return parse_crs(match[1]), True


_LONGEST_NAME = 100


def zone_names(zone: int) -> list[str]:
    """The CGCS2000 systems, in words, whose eastings begin with a zone number; empty when there is none.

    Example:
        >>> zone_names(40)
        ['CGCS2000 / 3-degree Gauss-Kruger zone 40 (EPSG:4528)']
    """
    found = [code + zone - first for first, last, code in _ZONED.values() if first <= zone <= last]
    return [describe(_from_epsg(code)) for code in found]


def unzoned_names(crs: CRS) -> list[str]:
    """The CGCS2000 3-degree system, in words, of a projection's meridian without zone number, if any."""
    operation = crs.coordinate_operation
    meridian = next(
        (
            float(str(p.value))
            for p in (operation.params if operation else ())
            if "longitude of natural" in p.name.lower()
        ),
        None,
    )
    if meridian is None or meridian % 3 or not LON_RANGE[0] <= meridian < LON_RANGE[1]:
        return []
    return [describe(metric_crs(float(meridian)))]


def gauss_kruger(meridian: float, false_easting: float = 500_000.0) -> CRS:
    """A CGCS2000 transverse Mercator system by its parameters, as local systems have them, x/y order.

    Args:
        meridian: central meridian, degrees east; any, also one that is no multiple of three.
        false_easting: metres, with the zone number before it where eastings have one.

    Raises:
        GeoError: `crs.longitude_not_covered`.

    Example:
        >>> crs = gauss_kruger(120.5)
        >>> transform(shapely.Point(120.5, 30), CGCS2000, crs).x
        500000.0
    """
    if not (math.isfinite(meridian) and LON_RANGE[0] <= meridian < LON_RANGE[1]):
        raise GeoError("crs.longitude_not_covered", lon=meridian, low=LON_RANGE[0], high=LON_RANGE[1])
    ellipsoid = "+ellps=GRS80 +a=6378137 +rf=298.257222101"
    return CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={false_easting} +y_0=0 {ellipsoid} +units=m +no_defs"
    )


def candidates(lon: float) -> list[CRS]:
    """The systems in which a file of a place may be, when it does not say: degrees first, then metric ones.

    Args:
        lon: longitude of the place, degrees.
    """
    return [CGCS2000, *nearby_zones(lon), *wide_zones(lon), web_mercator()]


def parse_crs(text: str, lon: float | None = None) -> CRS:
    """A CRS from what a user wrote: `4326`, `EPSG:4490`, or `metric` for the zone at `lon`.

    Only EPSG codes are taken: a PROJ or WKT string in a URL is nothing we want to interpret.

    Args:
        text: the user's text.
        lon: longitude in degrees, wanted for `metric`.

    Raises:
        GeoError: `crs.unknown`, or `crs.longitude_wanted` for `metric` without a longitude.
    """
    text = str(text).strip()
    if text.lower() == "metric":
        if lon is None:
            raise GeoError("crs.longitude_wanted")
        return metric_crs(lon)
    match = _CODE.fullmatch(text)
    if match is None:
        raise GeoError("crs.unknown", text=text)
    try:
        return _from_epsg(int(match[1]))
    except CRSError as error:
        raise GeoError("crs.unknown", text=text) from error


def describe(crs: CRS) -> str:
    """A CRS in words for messages: name and authority code."""
    authority = crs.to_authority()
    return f"{crs.name} ({':'.join(authority)})" if authority else str(crs.name)


def transform(geometry: Geometry, source: CRS, target: CRS) -> Geometry:
    """A geometry in another CRS, coordinates always in x/y (longitude, latitude) order.

    Args:
        geometry: shapely geometry (empty and None pass through), GeoSeries or GeoDataFrame.
        source: its CRS; a series that carries another CRS is refused.
        target: the CRS wanted.

    Raises:
        GeoError: `crs.mismatch`, or `crs.not_transformable` when a point has no image in the target.
    """
    if geometry is None or isinstance(geometry, BaseGeometry):
        return transform_array(geometry, source, target)
    import geopandas as gpd  # noqa: PLC0415 - whoever has a table has imported it

    if isinstance(geometry, gpd.GeoSeries | gpd.GeoDataFrame):
        if geometry.crs is not None and geometry.crs != source:
            raise GeoError("crs.mismatch", found=describe(geometry.crs), wanted=describe(source))
        series = geometry.geometry
        moved = gpd.GeoSeries(
            transform_array(series.to_numpy(), source, target), index=series.index, crs=target, name=series.name
        )
        return geometry.set_geometry(moved) if isinstance(geometry, gpd.GeoDataFrame) else moved
    return transform_array(geometry, source, target)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
    """WGS 84 of GCJ-02 coordinates, exact inverse of `wgs84_to_gcj02` (fixed-point steps, below 1e-6 m).

    Args:
        lon: longitudes, degrees; number or array.
        lat: latitudes, degrees.

    Returns:
        longitude and latitude, numbers for numbers, arrays for arrays. Points outside the rectangle
        in which the shift is defined, and NaN, pass unchanged.
    """
    return _vectorised(lambda x, y: _inverse(_gcj02_shift, x, y), lon, lat)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
    """GCJ-02 of WGS 84 coordinates.

    Args:
        lon: longitudes, degrees; number or array.
        lat: latitudes, degrees.

    Returns:
        longitude and latitude; outside the rectangle 72.004–137.8347° E, 0.8293–55.8271° N the shift is
        not defined and coordinates, like NaN, pass unchanged. The rectangle reaches beyond the
        border: it is the published formula's own test and no statement about territory.

    Source:
        the widely published formula of the shift on the Krasovsky 1940 ellipsoid.
    """
    return _vectorised(lambda x, y: _add(_gcj02_shift, x, y), lon, lat)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
    """WGS 84 of BD-09 coordinates; arguments, result and limits as in `gcj02_to_wgs84`."""

    def inverse(x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return _inverse(_gcj02_shift, *_inverse(_bd09_shift, x, y))

    return _vectorised(inverse, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
    """BD-09 of WGS 84 coordinates; arguments, result and limits as in `wgs84_to_gcj02`."""
    return _vectorised(lambda x, y: _add(_bd09_shift, *_add(_gcj02_shift, x, y)), lon, lat)


SHIFTS: Mapping[str, Callable[[ArrayLike, ArrayLike], tuple[Any, Any]]] = {
    "gcj02": wgs84_to_gcj02,
    "bd09": wgs84_to_bd09,
}
"""The shifted systems of Chinese web maps, by the name that people ask for, with the way to them from WGS 84."""


def shift_array(geometries: Any, shift: str) -> Any:
    """A bare geometry or a NumPy array of geometries in WGS 84, in one of `SHIFTS`.

    Args:
        geometries: Longitudes and latitudes, degrees.
        shift: Name of the shifted system.

    Example:
        >>> from shapely.geometry import Point
        >>> moved = shift_array(Point(120.0, 30.0), "gcj02")
        >>> round(moved.x, 4), round(moved.y, 4)
        (120.0047, 29.9975)
    """
    move = SHIFTS[shift]
    return shapely.transform(geometries, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))


# ---- machinery

# Krasovsky 1940: semi-major axis in metres and squared eccentricity as the published formula rounds it.
_KRASOVSKY_A = 6378245.0
_KRASOVSKY_E2 = 0.006693421622965943
_SHIFT_LON = (72.004, 137.8347)
_SHIFT_LAT = (0.8293, 55.8271)
# Each step gains a factor of 400 (GCJ-02) or 50 (BD-09), from 0.01 degree to below 1e-13 degree.
_STEPS = 8
_BD_FREQUENCY = math.pi * 3000.0 / 180.0


@lru_cache(maxsize=64)
def _from_epsg(code: int) -> CRS:
    return CRS.from_epsg(code)


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def transform_array(geometries: Any, source: CRS, target: CRS) -> Any:
    """`transform` for a bare geometry or a NumPy array of geometries."""
    if source == target:
        return geometries
    transformer = _transformer(source, target)

    def move(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1]))
        if not np.isfinite(moved).all():
            bad = coordinates[~np.isfinite(moved).all(axis=1)][0]
            raise GeoError(
                "crs.not_transformable",
                x=float(bad[0]), y=float(bad[1]), source=describe(source), target=describe(target),
            )  # fmt: skip
        return moved

    return shapely.transform(geometries, move)


def transform_points(points: NDArray[np.float64], source: CRS, target: CRS) -> NDArray[np.float64]:
    """Coordinates in another CRS, x/y order; those that have no image there are infinite.

    Args:
        points: One row each.
        source: Their CRS.
        target: The CRS wanted.
    """
    return points_mover(source, target)(points)


def points_mover(source: CRS, target: CRS) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """What `transform_points` does between two CRS: for who moves points again and again.

    To tell CRS apart takes as long as to move hundreds of points.

    Args:
        source: The CRS of the points.
        target: The CRS wanted.
    """
    if source == target:
        return lambda points: points
    transformer = _transformer(source, target)
    return lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def _vectorised(function: Any, lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
    """Apply to broadcast arrays, leave points outside the rectangle alone, keep numbers numbers."""
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    inside = (x >= _SHIFT_LON[0]) & (x <= _SHIFT_LON[1]) & (y >= _SHIFT_LAT[0]) & (y <= _SHIFT_LAT[1])
    new_x, new_y = x.copy(), y.copy()
    new_x[inside], new_y[inside] = function(x[inside], y[inside])
    if x.ndim == 0:
        return float(new_x), float(new_y)
    return new_x, new_y


def _add(shift: Any, lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    d_lon, d_lat = shift(lon, lat)
    return lon + d_lon, lat + d_lat


def _inverse(shift: Any, lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Solve p + shift(p) = (lon, lat) by p ← (lon, lat) − shift(p), which contracts strongly."""
    x, y = lon, lat
    for _ in range(_STEPS):
        d_lon, d_lat = shift(x, y)
        x, y = lon - d_lon, lat - d_lat
    return x, y


def _gcj02_shift(lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """What GCJ-02 adds to WGS 84, degrees."""
    x, y = lon - 105.0, lat - 35.0
    pi, sin = math.pi, np.sin
    root = np.sqrt(np.abs(x))
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_radius = _KRASOVSKY_A * (1.0 - _KRASOVSKY_E2) / (w2 * np.sqrt(w2))
    parallel_radius = _KRASOVSKY_A / np.sqrt(w2) * np.cos(phi)
    return np.degrees(east / parallel_radius), np.degrees(north / meridian_radius)


def _bd09_shift(lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """What BD-09 adds to GCJ-02, degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_FREQUENCY)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_FREQUENCY)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat
