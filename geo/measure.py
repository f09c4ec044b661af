"""Lengths and areas on the ellipsoid; planar work in degrees is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo import crs as crs_module
from geo.errors import GeoError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@overload
def length_m(geometry: BaseGeometry, crs: CRS | None = None) -> float: ...
@overload
def length_m(geometry: NDArray[Any], crs: CRS | None = None) -> NDArray[np.float64]: ...
@overload
def length_m(geometry: gpd.GeoSeries, crs: CRS | None = None) -> pd.Series[float]: ...
def length_m(geometry: Any, crs: CRS | None = None) -> Any:
    """Geodesic length in metres: of lines, and the perimeter of polygons (0 for points, empty and None).

    Args:
        geometry: shapely geometry, array of geometries (n,), or GeoSeries.
        crs: CRS of a geometry or array; of a series only when it carries none itself.

    Returns:
        A number for a geometry; an array for an array; for a series a float series with its index.

    Raises:
        GeoError: `measure.no_crs` when the CRS is not known, `crs.mismatch` when two are given and differ.

    Source:
        Karney (2013), Algorithms for geodesics, as in PROJ; the ellipsoid is the CRS's own.

    Example:
        One degree of the equator of WGS 84 is a · π / 180 = 111 319.49 m:

        >>> from shapely import LineString
        >>> round(length_m(LineString([(120, 0), (121, 0)]), crs_module.WGS84), 2)
        111319.49
    """
    return _measure(geometry, crs, _lengths)


@overload
def area_m2(geometry: BaseGeometry, crs: CRS | None = None) -> float: ...
@overload
def area_m2(geometry: NDArray[Any], crs: CRS | None = None) -> NDArray[np.float64]: ...
@overload
def area_m2(geometry: gpd.GeoSeries, crs: CRS | None = None) -> pd.Series[float]: ...
def area_m2(geometry: Any, crs: CRS | None = None) -> Any:
    """Geodesic area in square metres, holes left out (0 for points, lines, empty and None).

    Args:
        geometry: shapely geometry, array of geometries (n,), or GeoSeries.
        crs: CRS of a geometry or array; of a series only when it carries none itself.

    Returns:
        A number for a geometry; an array for an array; for a series a float series with its index.

    Raises:
        GeoError: `measure.no_crs` when the CRS is not known, `crs.mismatch` when two are given and differ.

    Source:
        Karney (2013), Algorithms for geodesics, as in PROJ; the ellipsoid is the CRS's own.
    """
    return _measure(geometry, crs, _areas)


def require_projected(crs: CRS | None) -> CRS:
    """The CRS itself if plane work in metres makes sense in it.

    Raises:
        GeoError: `measure.no_crs`, or `measure.degrees` for a geographic CRS.
    """
    if crs is None:
        raise GeoError("measure.no_crs")
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        raise GeoError("measure.degrees", crs=crs_module.describe(crs))
    return crs


def planar_length_m(geometry: BaseGeometry, crs: CRS | None) -> float:
    """Length in the plane of a projected CRS, metres.

    Raises:
        GeoError: as `require_projected`.
    """
    require_projected(crs)
    return float(shapely.length(geometry))


def planar_area_m2(geometry: BaseGeometry, crs: CRS | None) -> float:
    """Area in the plane of a projected CRS, square metres.

    Raises:
        GeoError: as `require_projected`.
    """
    require_projected(crs)
    return float(shapely.area(geometry))


# ---- machinery


def _measure(geometry: Any, crs: CRS | None, measure: Any) -> Any:
    if isinstance(geometry, np.ndarray):
        return measure(*_on_ellipsoid(geometry, crs))
    if geometry is None or isinstance(geometry, BaseGeometry):
        return float(measure(*_on_ellipsoid(np.array([geometry], dtype=object), crs))[0])
    return _measure_series(geometry, crs, measure)


def _measure_series(geometry: gpd.GeoSeries, crs: CRS | None, measure: Any) -> pd.Series[float]:
    """A float series with the series' index."""
    import pandas as pd  # noqa: PLC0415 - whoever has a series has imported it

    if geometry.crs is not None and crs is not None and geometry.crs != crs:
        raise GeoError("crs.mismatch", found=crs_module.describe(geometry.crs), wanted=crs_module.describe(crs))
    geometries, geod = _on_ellipsoid(geometry.to_numpy(), geometry.crs if crs is None else crs)
    return pd.Series(measure(geometries, geod), index=geometry.index, dtype=float)


def _on_ellipsoid(geometries: NDArray[Any], crs: CRS | None) -> tuple[NDArray[Any], pyproj.Geod]:
    """Longitude, latitude geometries and the ellipsoid to measure them on."""
    if crs is None:
        raise GeoError("measure.no_crs")
    geod = crs.get_geod()
    geographic = crs.geodetic_crs
    if geod is None or geographic is None:
        raise GeoError("measure.no_ellipsoid", crs=crs_module.describe(crs))
    if not crs.is_geographic:
        geometries = crs_module.transform_array(geometries, crs, geographic)
    return geometries, geod


def _lengths(geometries: NDArray[Any], geod: pyproj.Geod) -> NDArray[np.float64]:
    """All segments of all lines and rings at once."""
    totals = np.zeros(len(geometries))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    polygonal = shapely.get_dimensions(parts) == 2
    rings, ring_owner = shapely.get_rings(parts[polygonal], return_index=True)
    linear = shapely.get_dimensions(parts) == 1
    lines = np.concatenate([parts[linear], rings])
    line_owner = np.concatenate([owner[linear], owner[polygonal][ring_owner]])
    coordinates, line_index = shapely.get_coordinates(lines, return_index=True)
    joined = line_index[1:] == line_index[:-1]
    start, end = coordinates[:-1][joined], coordinates[1:][joined]
    _, _, distance = geod.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    np.add.at(totals, line_owner[line_index[1:][joined]], distance)
    return totals


def _areas(geometries: NDArray[Any], geod: pyproj.Geod) -> NDArray[np.float64]:
    """All rings of all polygons: the first of each polygon counts, the others are holes."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    polygonal = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    rings, ring_owner = shapely.get_rings(parts[polygonal], return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(ring, np.arange(len(rings) + 1)).tolist()
    x, y = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    sizes = np.array([abs(geod.polygon_area_perimeter(x[a:b], y[a:b])[0]) for a, b in pairwise(starts)], dtype=float)
    outer = np.diff(ring_owner, prepend=-1) > 0
    totals = np.zeros(len(geometries))
    np.add.at(totals, owner[polygonal][ring_owner], np.where(outer, sizes, -sizes))
    return totals
