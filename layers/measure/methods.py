"""The methods of computed indicators: plain functions from places and inputs to one number a place.

Every function takes ``places``, a GeoSeries of polygons (index: feature ids), and inputs in the same geographic
CRS, degrees, longitude first. Lengths and areas are geodesic on the ellipsoid of that CRS (``geo.measure``);
cutting and joining happen in degrees, where they are exact for edges that are straight in degrees, as all
edges here are. Zero means zero: the place was looked at and holds nothing.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import crs as geo_crs
from geo import measure

KM = 1_000.0
KM2 = 1_000_000.0

_ON_BOUNDARY_DEG = 1e-6  # about 0.1 m: closer than this, a bank lies on the outline
_QUARTER_SEGMENTS = 64  # of a circle; the polygon's area is 0.01 % below the circle's


def area(places: gpd.GeoSeries, inputs: gpd.GeoSeries | None = None) -> pd.Series[float]:
    """Area of each place, or of what the inputs cover of it, in square kilometres.

    Formula:
        A(p) = area of p; with inputs g: A(p) = area of (p ∩ ⋃ g). Overlapping inputs count once.

    Args:
        places: Polygons, geographic CRS.
        inputs: Polygons in the same CRS, or None for the places themselves.

    Returns:
        Square kilometres by place.

    Raises:
        GeoError: ``measure.no_crs``, ``crs.mismatch``.

    Source:
        Karney (2013), Algorithms for geodesics, for the area on the ellipsoid.

    Example:
        The cell 120.0–120.1° E, 30.0–30.1° N of CGCS2000: 9.642 km (parallel of 30.05°) by 11.087 km (meridian)
        = 106.90 km²; an input that covers its western half makes 53.45 km².
    """
    if inputs is None:
        return measure.area_m2(places) / KM2
    return _sum_inside(places, _parts(inputs), measure.area_m2) / KM2


def line_length(places: gpd.GeoSeries, inputs: gpd.GeoSeries) -> pd.Series[float]:
    """Length of the lines inside each place, in kilometres; shared stretches count once.

    Formula:
        L(p) = length of (p ∩ ⋃ lines). Two lines on the very same track are one stretch of track.

    Args:
        places: Polygons, geographic CRS.
        inputs: Lines in the same CRS; they may reach beyond the places.

    Returns:
        Kilometres by place; 0 where no line runs.

    Raises:
        GeoError: ``measure.no_crs``, ``crs.mismatch``.

    Source:
        Karney (2013), Algorithms for geodesics.

    Example:
        A line on the meridian 120.05° E from 29.95° to 30.05° N and the cell 120.0–120.1° E, 30.0–30.1° N:
        half of it is inside, 0.05° of latitude, M(30°) · Δφ = 6 351 377 m · 0.000 872 665 = 5.543 km.
    """
    return _sum_inside(places, _parts(inputs), measure.length_m) / KM


def boundary_length(
    places: gpd.GeoSeries, inputs: gpd.GeoSeries, outline: shapely.Geometry | None = None
) -> pd.Series[float]:
    """Length of the inputs' boundary inside each place, in kilometres: banks of rivers, shores of lakes.

    Formula:
        B(p) = length of (p ∩ ∂(⋃ polygons)), without what lies on the plan's own outline: a river that is cut off
        at the border has no bank there. Both banks count where both are inside; islands have banks too.

    Args:
        places: Polygons, geographic CRS.
        inputs: Polygons in the same CRS.
        outline: The district, or None.

    Returns:
        Kilometres by place; 0 where no bank lies.

    Raises:
        GeoError: ``measure.no_crs``, ``crs.mismatch``.

    Source:
        Karney (2013), Algorithms for geodesics.

    Example:
        A river 120.0–120.2° E, 30.02–30.04° N through the cell 120.0–120.1° E, 30.0–30.1° N, whose western end lies
        on the outline: two banks of 0.1° of longitude, 2 · 9.647 km = 19.29 km.
    """
    banks = shapely.boundary(shapely.union_all(inputs.to_numpy()))
    if outline is not None:
        banks = shapely.difference(banks, shapely.buffer(shapely.boundary(outline), _ON_BOUNDARY_DEG))
    return _sum_inside(places, gpd.GeoSeries(shapely.get_parts(banks), crs=inputs.crs), measure.length_m) / KM


def share_within(places: gpd.GeoSeries, inputs: gpd.GeoSeries, distance_m: float) -> pd.Series[float]:
    """Share of each place's area within a distance of the points, as the crow flies, in per cent.

    Formula:
        S(p) = 100 · area of (p ∩ ⋃ circles of radius r) / area of p. Circles are drawn in the metric CRS of the
        places' middle longitude (scale error below 0.03 % within 1.5° of its meridian); areas are geodesic. Points
        outside a place serve it too.

    Args:
        places: Polygons, geographic CRS.
        inputs: Points in the same CRS.
        distance_m: Radius in metres.

    Returns:
        Per cent by place, 0 to 100; NaN for a place without area.

    Raises:
        GeoError: ``measure.no_crs``, ``crs.mismatch``, ``crs.longitude_not_covered``.

    Source:
        The distance is the definition's (``computed_indicators.toml``); circles, not walking routes, since a plan
        folder holds no street network. Karney (2013), Algorithms for geodesics, for the areas.

    Example:
        One station in the middle of a cell of 106.9 km²: 100 · π · 0.8² / 106.9 = 1.88 %.
    """
    west, _, east, _ = places.total_bounds
    metric = geo_crs.metric_crs(float(west + east) / 2)
    points = geo_crs.transform(inputs, inputs.crs, metric)
    circles = geo_crs.transform_array(
        shapely.buffer(points.to_numpy(), distance_m, quad_segs=_QUARTER_SEGMENTS), metric, inputs.crs
    )
    served = gpd.GeoSeries(_joined_by_place(places, circles), index=places.index, crs=places.crs)
    covered = measure.area_m2(served) / KM2
    return 100.0 * covered / area(places).where(lambda total: total > 0)


def count(members: pd.DataFrame, places: pd.Index) -> pd.Series[float]:
    """How many things each place holds.

    Formula:
        N(p) = number of distinct (kind, name) among the features of p. A station of two lines, or a road recorded
        in several sections under one name, counts once.

    Args:
        members: One row for each feature and place: columns ``place``, ``kind``, ``name``.
        places: Ids of all places.

    Returns:
        The number by place; 0 where nothing is.

    Example:
        A station recorded once for each of two lines and one other station make 2.
    """
    distinct = members.drop_duplicates(["place", "kind", "name"])
    return distinct.groupby("place").size().reindex(places, fill_value=0).astype(float)


def township_count(places: gpd.GeoSeries, townships: gpd.GeoSeries) -> pd.Series[float]:
    """How many townships each place holds, whole or in part; one that lies in two places counts in both.

    Formula:
        T(p) = number of townships t with area(t ∩ p) / area(t) above a sliver's, see ``township_shares``.

    Args:
        places: Polygons, geographic CRS.
        townships: Polygons in the same CRS that tile the district.

    Returns:
        The number by place.

    Raises:
        GeoError: ``measure.no_crs``, ``crs.mismatch``.

    Example:
        A zone of three whole townships and three tenths of a fourth: 4, of which ``partly_inside`` says 1.
    """
    shares = township_shares(places, townships)
    return shares.groupby("place")["share"].count().reindex(places.index, fill_value=0).astype(float)


def partly_inside(places: gpd.GeoSeries, townships: gpd.GeoSeries) -> pd.Series[int]:
    """How many of the townships that a place holds lie only partly inside it, by place."""
    shares = township_shares(places, townships)
    parts = shares[shares["share"] < 1]
    return parts.groupby("place")["share"].count().reindex(places.index, fill_value=0)


def township_shares(places: gpd.GeoSeries, townships: gpd.GeoSeries) -> pd.DataFrame:
    """Share of each township's area in each place it reaches.

    Args:
        places: Polygons, geographic CRS.
        townships: Polygons in the same CRS.

    Returns:
        Columns ``place``, ``township`` (ids) and ``share`` (0 to 1); slivers below 0.01 % are left out, and
        what is whole but for slivers is 1.
    """
    owner, which, cut = _cut(places, townships)
    share = np.ones(len(cut))
    part = cut != townships.to_numpy()[which]  # what lies inside as a whole need not be measured
    inside = measure.area_m2(gpd.GeoSeries(cut[part], crs=places.crs)).to_numpy()
    whole = measure.area_m2(gpd.GeoSeries(townships.to_numpy()[which[part]], crs=places.crs)).to_numpy()
    share[part] = np.divide(inside, whole, out=np.zeros(len(whole)), where=whole > 0)
    share = np.where(share > 1 - 1e-4, 1.0, share)
    rows = pd.DataFrame({"place": places.index[owner], "township": townships.index[which], "share": share})
    return rows[rows["share"] > 1e-4].reset_index(drop=True)


# ---- machinery


def _parts(inputs: gpd.GeoSeries) -> gpd.GeoSeries:
    """The union's parts: lines are noded where they meet, overlaps are there once."""
    union = shapely.union_all(inputs.to_numpy())
    return gpd.GeoSeries(shapely.get_parts(union), crs=inputs.crs)


def _cut(places: gpd.GeoSeries, inputs: gpd.GeoSeries) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Every input cut at every place it touches: positions of place and input, and the piece inside."""
    if places.crs is None or places.crs != inputs.crs:
        measure.area_m2(places)  # says that the CRS is missing
        measure.area_m2(inputs, places.crs)  # says that two differ
    areas, shapes = places.to_numpy(), inputs.to_numpy()
    which, owner = shapely.STRtree(areas).query(shapes, predicate="intersects")
    shapely.prepare(areas)
    inside = shapely.covers(areas[owner], shapes[which])
    pieces = shapes[which].copy()
    rest = ~inside
    pieces[rest] = shapely.intersection(areas[owner[rest]], shapes[which[rest]])
    return owner, which, pieces


def _joined_by_place(places: gpd.GeoSeries, shapes: NDArray[Any]) -> NDArray[Any]:
    """What the shapes cover of each place; each place meets only the shapes near it, not the union of all."""
    whole = places.to_numpy()
    near, place = shapely.STRtree(shapes).query(whole, predicate="intersects")[::-1]
    covered = np.full(len(whole), shapely.Polygon(), dtype=object)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(order)], strict=True):
        members = order[first:last]
        covered[place[members[0]]] = shapely.union_all(shapes[np.sort(near[members])])
    return np.asarray(shapely.intersection(covered, whole), dtype=object)


def _sum_inside(places: gpd.GeoSeries, inputs: gpd.GeoSeries, measured: Any) -> pd.Series[float]:
    """Sum a measure of the inputs' pieces inside each place."""
    owner, _, pieces = _cut(places, inputs)
    totals = np.zeros(len(places))
    np.add.at(totals, owner, measured(gpd.GeoSeries(pieces, crs=places.crs)).to_numpy())
    return pd.Series(totals, index=places.index)
