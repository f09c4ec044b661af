"""From what a file declares to longitude and latitude of CGCS2000, with doubts said aloud.

A file declares a CRS, or is said to be in one of the datums of web maps. Three things go wrong in silence with the
usual libraries and are found here: old datums that PROJ moves by nothing at all, eastings with a zone number under a
system without one, and web-map coordinates under the name of WGS 84.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs
from geo.errors import GeoError

Convert = Callable[[Any, Any], tuple[Any, Any]]
_TO_WGS84: Mapping[str, Convert | None] = {
    # CGCS2000 and WGS 84 differ by less than a decimetre in China, far below any accuracy stated here.
    "wgs84": None,
    "cgcs2000": None,
    "gcj02": crs.gcj02_to_wgs84,
    "bd09": crs.bd09_to_wgs84,
}
DATUMS = tuple(_TO_WGS84)
"""What a `datum` may be, in `places.csv` and in recipes."""
SHIFTED = tuple(name for name, convert in _TO_WGS84.items() if convert is not None)
"""The datums of web maps."""

_MODERN_AXIS_M = 6378137.0
_OLD = (
    # name, pattern of names, semi-major axis in metres, offset from CGCS2000 within China in metres.
    # Source: Bureau of Surveying and Mapping, notes on CGCS2000 for map users (2008): x -9 to +43, y +76 to +119 m;
    # and x -29 to -62, y -56 to +84 m.
    ("Xi'an 1980", r"xi'?_?an.*80|西安", 6378140.0, (76, 127)),
    ("Beijing 1954", r"beijing.*54|new.?beijing|北京|pulkovo.*42", 6378245.0, (29, 105)),
)
_STILL_DEGREES = 1e-6
"""A datum shift below this, about a decimetre, is none."""
_DATAV = ("childrennum", "level", "parent", "subfeatureindex", "acroutes", "center", "centroid")
_NAMES = (("bd09", r"bd-?0?9|百度|baidu"), ("gcj02", r"gcj-?0?2|火星|高德|amap|gaode|datav"))


def to_wgs84(datum: str, lon: Any, lat: Any) -> tuple[Any, Any]:
    """Coordinates of one of `DATUMS` as WGS 84, degrees; numbers for numbers, arrays for arrays."""
    convert = _TO_WGS84[datum]
    return (lon, lat) if convert is None else convert(lon, lat)


def shift_m(datum: str, lon: float, lat: float) -> tuple[float, float]:
    """How far east and north, in metres, a web map's datum shows a place from where it is.

    Args:
        datum: one of `SHIFTED`.
        lon: longitude, degrees WGS 84.
        lat: latitude, degrees WGS 84.

    Example:
        >>> [round(part) for part in shift_m("gcj02", 120.26, 30.18)]
        [429, -273]
    """
    forward = {"gcj02": crs.wgs84_to_gcj02, "bd09": crs.wgs84_to_bd09}[datum]
    moved_lon, moved_lat = forward(lon, lat)
    return (moved_lon - lon) * 111_320.0 * math.cos(math.radians(lat)), (moved_lat - lat) * 110_950.0


def looks_shifted(fields: Iterable[str], file: str) -> str:
    """The web-map datum that a file's marks speak for, or "".

    Args:
        fields: names of its columns; DataV's district service gives `adcode, name, center, centroid, childrenNum,
            level, parent, subFeatureIndex, acroutes`, of which Shapefiles keep ten letters.
        file: its name.
    """
    for datum, pattern in _NAMES:
        if re.search(pattern, file, re.IGNORECASE):
            return datum
    names = [name.strip().casefold() for name in fields]
    marks = sum(any(mark == name or (len(name) >= 10 and mark.startswith(name)) for name in names) for mark in _DATAV)
    return "gcj02" if "adcode" in names and marks >= 2 else ""


def to_degrees(
    geometries: NDArray[Any], declared: CRS | None, datum: str | None, file: str
) -> tuple[NDArray[Any], list[GeoError]]:
    """Geometries of a file in longitude, latitude degrees of CGCS2000.

    Args:
        geometries: in x/y order; None stays None.
        declared: the CRS that the file declares, or None.
        datum: one of `DATUMS` that the user states, or None. With a web map's datum, coordinates in a projection are
            taken back to degrees first.
        file: the file's name, for messages.

    Returns:
        the geometries, and doubts that a user should hear of: `vector.old_datum`, `vector.unknown_datum`.

    Raises:
        GeoError: `vector.no_crs`, `vector.swapped`, `vector.metres_not_degrees`, `vector.degrees_not_metres`,
            `vector.zone_in_eastings`, `vector.zone_missing`, `vector.zone_differs`, `vector.not_finite`,
            `vector.datum_contradicts` or `crs.not_transformable`.
    """
    source = _plane(declared) if declared is not None else None
    if source is None or not (source.is_geographic or source.is_projected):  # “undefined” is a CRS of its own to some
        if source is not None and source.to_authority() is not None:  # of heights, or from the centre of the earth
            raise GeoError("vector.crs_not_plane", file=file, crs=crs.describe(source))
        if datum is None:
            raise GeoError("vector.no_crs", file=file)
        source = crs.WGS84
    coordinates = shapely.get_coordinates(geometries)
    if len(coordinates) == 0:
        return geometries, []
    check_fit(coordinates, source, file)
    old = old_datum(source)
    doubts: list[GeoError] = []
    if datum is not None and old:
        raise GeoError("vector.datum_contradicts", file=file, datum=datum, crs=crs.describe(source))
    if old is None and source.ellipsoid is not None and source.ellipsoid.semi_major_metre == _MODERN_AXIS_M:
        moved = crs.transform_array(geometries, source, crs.CGCS2000)
    else:
        moved, doubts = _moved_by_proj(geometries, source, file)
    if datum in SHIFTED:
        moved = shapely.transform(moved, lambda c: np.column_stack(to_wgs84(str(datum), c[:, 0], c[:, 1])))
    return moved, doubts


def old_datum(source: CRS) -> tuple[str, tuple[int, int]] | None:
    """Name of an old national datum and how far it is off CGCS2000 in metres, by name or by ellipsoid; else None.

    Example:
        >>> old_datum(crs.parse_crs("4610"))
        ("Xi'an 1980", (76, 127))
        >>> old_datum(crs.WGS84) is None
        True
    """
    geodetic = source.geodetic_crs
    names = " ".join(str(one.name) for one in (source, geodetic, getattr(geodetic, "datum", None)) if one is not None)
    axis = source.ellipsoid.semi_major_metre if source.ellipsoid is not None else 0.0
    for name, pattern, old_axis, offset in _OLD:
        if abs(axis - old_axis) < 0.5 or re.search(pattern, names, re.IGNORECASE):
            return name, offset
    return None


# ---- machinery


def _plane(declared: CRS) -> CRS:
    """The horizontal part of a CRS, in x/y."""
    return declared.to_2d() if len(declared.axis_info) > 2 or declared.is_compound else declared


def _moved_by_proj(geometries: NDArray[Any], source: CRS, file: str) -> tuple[NDArray[Any], list[GeoError]]:
    """Over WGS 84, to which PROJ knows more operations than to CGCS2000; said when it knew none."""
    moved = crs.transform_array(geometries, source, crs.WGS84)
    geodetic = source.source_crs.geodetic_crs if source.is_bound and source.source_crs else source.geodetic_crs
    own = crs.transform_array(geometries, _unbound(source), geodetic) if geodetic is not None else moved
    away = np.abs(shapely.get_coordinates(moved) - shapely.get_coordinates(own))
    if away.max() > _STILL_DEGREES:
        return moved, []
    old = old_datum(source)
    if old is None:
        return moved, [GeoError("vector.unknown_datum", file=file, crs=crs.describe(source))]
    name, (low, high) = old
    return moved, [
        GeoError("vector.old_datum", file=file, crs=crs.describe(source), datum=name, low_m=low, high_m=high)
    ]


def _unbound(source: CRS) -> CRS:
    return source.source_crs if source.is_bound and source.source_crs is not None else source


def check_fit(coordinates: NDArray[Any], source: CRS, file: str) -> None:
    """See that coordinates can be those of the CRS: degrees or metres, in order, with the zone number or without.

    Args:
        coordinates: (n, 2), in x/y order.
        source: the CRS.
        file: the file's name, for messages.

    Raises:
        GeoError: `vector.not_finite`, `vector.swapped`, `vector.metres_not_degrees`, `vector.degrees_not_metres`,
            `vector.zone_in_eastings`, `vector.zone_missing` or `vector.zone_differs`.
    """
    if not np.isfinite(coordinates).all():
        raise GeoError("vector.not_finite", file=file)
    (west, south), (east, north) = coordinates.min(axis=0), coordinates.max(axis=0)
    at: dict[str, Any] = {
        "file": file,
        "x": round(float(west), 3),
        "y": round(float(south), 3),
        "crs": crs.describe(source),
    }
    x, y = coordinates[np.argmax(np.abs(coordinates).max(axis=1))].tolist()
    small = max(abs(west), abs(east)) <= 360 and max(abs(south), abs(north)) <= 360
    if source.is_geographic:
        if not small:
            raise GeoError(
                "vector.metres_not_degrees", **at | {"x": round(x, 3), "y": round(y, 3)}, systems=_guess(x, y)
            )
        if _within(west, east, crs.LAT_RANGE) and _within(south, north, crs.LON_RANGE):
            raise GeoError("vector.swapped", **at)
        # One feature among sound ones: no latitude is above 90, and its longitude would be a latitude of China.
        x, y = coordinates[np.argmax(coordinates[:, 1])].tolist()
        if y > 90 and _within(x, x, crs.LAT_RANGE):
            raise GeoError("vector.swapped", **at | {"x": round(x, 6), "y": round(y, 6)})
        return
    if small:
        raise GeoError("vector.degrees_not_metres", **at)
    false_easting = _false_easting(source)
    if false_easting is None:
        return
    wanted = int(false_easting // 1e6)
    eastings, northings = (west + east) / 2, (south + north) / 2
    # Northings in China lie between 0.3 and 6.2 million metres, eastings around half a million, after the zone number.
    if _is_northing(eastings) and (northings < 1e6 or 13 <= northings // 1e6 <= 45) and eastings > 1.2e6:
        raise GeoError("vector.swapped", **at)
    found = int(eastings // 1e6) if 13 <= eastings // 1e6 <= 45 else 0
    if found != wanted:
        at |= {"zone": found or wanted, "systems": crs.zone_names(found) if found else crs.unzoned_names(source)}
        if found and wanted:
            raise GeoError("vector.zone_differs", **at)
        raise GeoError("vector.zone_in_eastings", **at) if found else GeoError("vector.zone_missing", **at)


def _is_northing(value: float) -> bool:
    return 3e5 <= value <= 6.2e6


def _within(low: float, high: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= low and high <= limits[1]


def _guess(x: float, y: float) -> list[str]:
    """Systems that metres could be of, by the zone number of the eastings, whichever comes first."""
    for value in (x, y):
        if 13 <= value // 1e6 <= 45:
            return crs.zone_names(int(value // 1e6))
    return []


def _false_easting(source: CRS) -> float | None:
    """Of a transverse Mercator projection, in metres; None for any other."""
    operation = _unbound(source).coordinate_operation
    if operation is None or not re.search(r"transverse.?mercator|gauss", operation.method_name, re.IGNORECASE):
        return None
    return next((float(p.value) * float(p.unit_conversion_factor or 1.0) for p in operation.params
                 if "false easting" in p.name.lower()), None)  # fmt: skip
