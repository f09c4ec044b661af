"""Where features lie: in which zones and townships, and where their names go. Metres throughout, in one metric CRS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.measure.meeting import meeting

SHARE = 0.02
"""A unit holds a feature when more than this share of its length or area lies in it."""
COVERED = 0.5
"""A unit also belongs to a feature that covers more than this share of the unit."""
LABEL_INSIDE = 0.2
"""A name stands inside the district when at least this share of the feature does."""
_LABEL_STEPS = 100

Geometries = NDArray[Any]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Feature numbers, unit numbers, and a number for each pair."""


def holders(features: Geometries, units: Geometries) -> list[list[int]]:
    """The units that each feature lies in.

    A unit counts when it holds more than 2 % of the feature's length or area, when it holds the point, or when
    the feature covers more than half of the unit (a district with many townships). A point on a boundary
    belongs to the first unit.

    Args:
        features: Geometries in metres.
        units: Polygons in metres.

    Returns:
        For each feature the numbers of its units, ascending.
    """
    feature, unit, parts = _overlaps(features, units)
    whole, unit_area = _size(features), shapely.area(units)
    point = whole[feature] == 0
    polygon = (shapely.get_dimensions(features) == 2)[feature]
    with np.errstate(divide="ignore", invalid="ignore"):
        counts = point | (parts > SHARE * whole[feature]) | (polygon & (parts > COVERED * unit_area[unit]))
    held: list[list[int]] = [[] for _ in range(len(features))]
    for one, holder, is_point in zip(feature[counts], unit[counts], point[counts], strict=True):
        if not (is_point and held[one]):
            held[one].append(int(holder))
    return held


def _overlaps(features: Geometries, units: Geometries) -> Pairs:
    """Pairs that share something and the length or area that they share, ordered by feature, then unit."""
    feature, unit, within, over = meeting(features, units)
    a, b = features[feature], units[unit]
    parts = np.zeros(len(feature))
    parts[within] = _size(a[within])
    parts[over] = shapely.area(b[over])
    crossing = ~(within | over)
    parts[crossing] = _size(shapely.intersection(a[crossing], b[crossing]), shapely.get_dimensions(a[crossing]))
    return feature, unit, parts


def _size(geometries: Geometries, dimensions: NDArray[Any] | None = None) -> NDArray[np.float64]:
    """Area of polygons, length of lines, 0 of points and None."""
    dimensions = shapely.get_dimensions(geometries) if dimensions is None else dimensions
    return np.where(
        dimensions == 2, shapely.area(geometries), np.where(dimensions == 1, shapely.length(geometries), 0.0)
    )


def label_points(geometries: Geometries, district: BaseGeometry | None) -> Geometries:
    """Where names go: the middle of the widest part of a polygon, the middle of a line, the point itself.

    Names stand inside the district as far as the feature reaches into it.

    Args:
        geometries: In metres; None stays None.
        district: The district in metres, or None.

    Returns:
        Points, None where there is no geometry.
    """
    inside = _within(geometries, district)
    points: Geometries = np.full(len(geometries), None, dtype=object)
    dimensions = shapely.get_dimensions(inside)
    areas = dimensions == 2
    if areas.any():
        largest = _largest(inside[areas])
        tolerance = np.sqrt(shapely.area(largest)) / _LABEL_STEPS
        circles = shapely.maximum_inscribed_circle(largest, tolerance)
        points[areas] = shapely.get_point(circles, 0)
    lines = dimensions == 1
    if lines.any():
        longest = np.array([_longest(one) for one in inside[lines]], dtype=object)
        points[lines] = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    spots = dimensions == 0
    points[spots] = inside[spots]
    return points


def _largest(polygons: Geometries) -> Geometries:
    """The part of each polygon that has the largest area."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    first = np.lexsort((-shapely.area(parts), owner))  # stable: of equal parts the first
    return np.asarray(parts[first[np.flatnonzero(np.diff(owner[first], prepend=-1))]], dtype=object)


def _longest(line: BaseGeometry) -> BaseGeometry:
    merged = shapely.line_merge(line)
    longest: BaseGeometry = max(shapely.get_parts(merged), key=shapely.length)
    return longest


def _within(geometries: Geometries, district: BaseGeometry | None) -> Geometries:
    """The part of each geometry inside the district where that part is considerable, else the whole."""
    result = geometries.copy()
    if district is None:
        return result
    shapely.prepare(district)
    candidates = np.flatnonzero(~shapely.covers(district, geometries) & ~shapely.is_missing(geometries))
    candidates = candidates[shapely.intersects(district, geometries[candidates])]
    if len(candidates) == 0:
        return result
    whole = geometries[candidates]
    part = shapely.intersection(whole, district)
    dimensions = shapely.get_dimensions(whole)
    large = _size(part, dimensions) >= LABEL_INSIDE * _size(whole)
    for number, one, dimension in zip(candidates[large], part[large], dimensions[large], strict=True):
        pieces: Sequence[BaseGeometry] = [
            p for p in shapely.get_parts(shapely.get_parts(one)) if shapely.get_dimensions(p) == dimension
        ]
        if pieces:
            result[number] = shapely.union_all(pieces)
    return result
