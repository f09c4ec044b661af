"""The methods of computed indicators: plain functions from places and inputs to one number a place.

Every function takes ``places``, polygons with their ids, and inputs in the same geographic CRS, degrees, longitude
first, and gives an array with one number a place, in their order. Lengths and areas are geodesic on the ellipsoid of
that CRS (``geo.measure``); cutting and joining happen in degrees, where they are exact for edges that are straight in
degrees, as all edges here are. Zero means zero: the place was looked at and holds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs as geo_crs
from geo import measure
from geo.errors import GeoError
from layers.measure.features import Shapes, objects
from layers.measure.meeting import meeting

PairShares = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]
"""Number of a place, number of a township, and what share of the township lies in the place."""

KM = 1_000.0
KM2 = 1_000_000.0

_ON_BOUNDARY_DEG = 1e-6  # about 0.1 m: closer than this, a bank lies on the outline
_BESIDE = 0.01  # of a place's size
_FEW = 4  # shapes whose union is made one after another
_AT_ONCE = 2_000  # places looked at together
_QUARTER_SEGMENTS = 64  # of a circle; the polygon's area is 0.01 % below the circle's


def area(places: Shapes, inputs: Shapes | None = None) -> NDArray[np.float64]:
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
        return measure.area_m2(places.geometries, places.crs) / KM2
    return _sum_inside(places, _parts(inputs), measure.area_m2) / KM2


def line_length(places: Shapes, inputs: Shapes) -> NDArray[np.float64]:
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


def boundary_length(places: Shapes, inputs: Shapes, outline: shapely.Geometry | None = None) -> NDArray[np.float64]:
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
    banks = shapely.boundary(shapely.union_all(inputs.geometries))
    if outline is not None:
        banks = shapely.difference(banks, shapely.buffer(shapely.boundary(outline), _ON_BOUNDARY_DEG))
    return _sum_inside(places, Shapes.of(shapely.get_parts(banks), inputs.crs), measure.length_m) / KM


def share_within(
    places: Shapes,
    inputs: Shapes,
    distance_m: float,
    whole: NDArray[np.float64] | None = None,
    drawn: dict[CRS, NDArray[Any]] | None = None,
) -> NDArray[np.float64]:
    """Share of each place's area within a distance of the points, as the crow flies, in per cent.

    Formula:
        S(p) = 100 · area of (p ∩ ⋃ circles of radius r) / area of p. Circles are drawn in the metric CRS of the
        places' middle longitude (scale error below 0.03 % within 1.5° of its meridian); areas are geodesic. Points
        outside a place serve it too.

    Args:
        places: Polygons, geographic CRS.
        inputs: Points in the same CRS.
        distance_m: Radius in metres.
        whole: The places' own areas in square kilometres where they are known, see ``area``.
        drawn: Circles of the same inputs and distance by metric CRS, for other places; takes those drawn now.

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
    return per_cent(area_within(places, inputs, distance_m, drawn), area(places) if whole is None else whole)


def per_cent(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """One area as a share of another, per cent; NaN for a place without area.

    Example:
        >>> per_cent(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
        [25.0, nan]
    """
    return 100.0 * np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def area_within(
    places: Shapes, inputs: Shapes, distance_m: float, drawn: dict[CRS, NDArray[Any]] | None = None
) -> NDArray[np.float64]:
    """Area of each place within a distance of the points, in square kilometres; see ``share_within``."""
    degrees = _one_crs(places, inputs)
    west, _, east, _ = shapely.total_bounds(places.geometries)
    metric = geo_crs.metric_crs(float(west + east) / 2)
    drawn = {} if drawn is None else drawn
    if metric not in drawn:
        points = geo_crs.transform_array(inputs.geometries, degrees, metric)
        circles = shapely.buffer(points, distance_m, quad_segs=_QUARTER_SEGMENTS)
        drawn[metric] = geo_crs.transform_array(circles, metric, degrees)
    return np.asarray(measure.area_m2(_joined_by_place(places, drawn[metric]), places.crs) / KM2)


def count(members: Iterable[tuple[str, str, str]], places: Iterable[str]) -> NDArray[np.float64]:
    """How many things each place holds.

    Formula:
        N(p) = number of distinct (kind, name) among the features of p. A station of two lines, or a road recorded
        in several sections under one name, counts once.

    Args:
        members: Place, kind and name for each feature and place.
        places: Ids of all places.

    Returns:
        The number by place; 0 where nothing is.

    Example:
        A station recorded once for each of two lines and one other station make 2:

        >>> count([("p", "station", "A"), ("p", "station", "A"), ("p", "station", "B")], ["p", "q"]).tolist()
        [2.0, 0.0]
    """
    found = Counter(place for place, _, _ in set(members))
    return np.array([found[place] for place in places], dtype=float)


def township_count(
    places: Shapes, townships: Shapes, shares: PairShares | None = None
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """How many townships each place holds, whole or in part; one that lies in two places counts in both.

    Formula:
        T(p) = number of townships t with area(t ∩ p) / area(t) above a sliver's, see ``township_shares``.

    Args:
        places: Polygons, geographic CRS.
        townships: Polygons in the same CRS that tile the district.
        shares: What `township_shares` gives of both, where it is known.

    Returns:
        The number by place, and how many of these lie only partly inside it.

    Raises:
        GeoError: ``measure.no_crs``, ``crs.mismatch``.

    Example:
        A zone of three whole townships and three tenths of a fourth: 4, of which 1 partly.
    """
    owner, _, share = township_shares(places, townships) if shares is None else shares
    partly = np.bincount(owner[share < 1], minlength=len(places))
    return np.bincount(owner, minlength=len(places)).astype(float), partly


def township_shares(places: Shapes, townships: Shapes) -> PairShares:
    """Share of each township's area in each place it reaches.

    Args:
        places: Polygons, geographic CRS.
        townships: Polygons in the same CRS.

    Returns:
        Number of the place, number of the township, and share (0 to 1) of each pair; slivers below 0.01 % are left
        out, and what is whole but for slivers is 1.
    """
    owner, which, cut, part = _cut(places, townships)
    share = np.ones(len(cut))  # what lies inside as a whole need not be measured
    inside = measure.area_m2(cut[part], places.crs)
    whole = measure.area_m2(townships.geometries[which[part]], places.crs)
    share[part] = np.divide(inside, whole, out=np.zeros(len(whole)), where=whole > 0)
    share = np.where(share > 1 - 1e-4, 1.0, share)
    known = share > 1e-4
    return owner[known], which[known], share[known]


# ---- machinery


def _parts(inputs: Shapes) -> Shapes:
    """The union's parts: lines are noded where they meet, overlaps are there once."""
    return Shapes.of(shapely.get_parts(shapely.union_all(inputs.geometries)), inputs.crs)


def _one_crs(places: Shapes, inputs: Shapes) -> CRS:
    """The CRS of both, which must be one and known."""
    if places.crs is None or inputs.crs is None:
        raise GeoError("measure.no_crs")
    if places.crs != inputs.crs:
        raise GeoError("crs.mismatch", found=geo_crs.describe(inputs.crs), wanted=geo_crs.describe(places.crs))
    return places.crs


def _cut(places: Shapes, inputs: Shapes) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Every input cut at every place it touches: positions of place and input, the piece inside, and if it was cut."""
    _one_crs(places, inputs)
    areas, shapes = places.geometries, inputs.geometries
    found = meeting(shapes, areas)
    pieces = shapes[found.shape].copy()
    rest = ~found.within
    pieces[rest] = shapely.intersection(areas[found.area[rest]], shapes[found.shape[rest]])
    return found.area, found.shape, pieces, rest


def _joined_by_place(places: Shapes, shapes: NDArray[Any]) -> NDArray[Any]:
    """What the shapes cover of each place; each place meets only the shapes near it, not the union of all."""
    whole = places.geometries
    near, place = shapely.STRtree(shapes).query(whole, predicate="intersects")[::-1]
    order = np.lexsort((near, place))
    near, place = near[order], place[order]
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    # What lies beyond a place's box, with a margin so that no edge of the box meets the place, is in nobody's way.
    boxes = shapely.bounds(whole)
    margin = _BESIDE * (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True)
    boxes += np.hstack([-margin, -margin, margin, margin])
    covered = np.full(len(whole), shapely.Polygon(), dtype=object)
    sizes = np.diff(starts, append=len(place))
    for begin in range(0, len(starts), _AT_ONCE):  # the pieces of all places together would be as large as all circles
        some = slice(begin, begin + _AT_ONCE)
        first, size = starts[some], sizes[some]
        span = slice(first[0], first[-1] + size[-1])
        pairs = zip(shapes[near[span]], boxes[place[span]].tolist(), strict=True)
        pieces = objects(shapely.clip_by_rect(one, *box) for one, box in pairs)
        covered[place[first]] = _united(pieces, first - first[0], size)
    return np.asarray(shapely.intersection(covered, whole), dtype=object)


def _united(pieces: NDArray[Any], first: NDArray[np.intp], size: NDArray[np.intp]) -> NDArray[Any]:
    """The union of each run of pieces: of a few, one piece after another for all runs at once; of many, in a tree."""
    joined = pieces[first]
    for number in range(1, _FEW):
        more = np.flatnonzero((size > number) & (size <= _FEW))
        joined[more] = shapely.union(joined[more], pieces[first[more] + number])
    for run in np.flatnonzero(size > _FEW).tolist():
        joined[run] = shapely.union_all(pieces[first[run] : first[run] + size[run]])
    return joined


def _sum_inside(places: Shapes, inputs: Shapes, measured: Any) -> NDArray[np.float64]:
    """Sum a measure of the inputs' pieces inside each place."""
    owner, _, pieces, _ = _cut(places, inputs)
    totals = np.zeros(len(places))
    np.add.at(totals, owner, measured(pieces, places.crs))
    return totals
