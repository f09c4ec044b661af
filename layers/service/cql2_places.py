"""Geometries in filters, and how they relate: by the index first, then exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from geo.reasons import reason
from layers.service.errors import ServiceError
from layers.service.kleene import Truth
from layers.service.shapes import AT_ONCE
from layers.service.systems import Coordinates
from layers.service.table import Table

PREDICATES: Mapping[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects, "s_disjoint": shapely.disjoint, "s_equals": shapely.equals,
    "s_touches": shapely.touches, "s_within": shapely.within, "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps, "s_crosses": shapely.crosses,
}  # fmt: skip


def literal_geometry(node: Any, system: Coordinates) -> BaseGeometry:
    """A geometry that a filter says, in degrees of the edition.

    Raises:
        ServiceError: It is none, or not a valid one.
    """
    if isinstance(node, dict) and "bbox" in node:
        return system.box(box_numbers(node["bbox"]))
    if not isinstance(node, dict) or "type" not in node:
        raise ServiceError("service.filter_geometry", reason=str(node)[:60])
    try:
        made = shapely.from_geojson(json.dumps(node))
        if made is None or made.is_empty or not np.isfinite(made.bounds).all() or not made.is_valid:
            raise ServiceError(
                "service.filter_geometry", reason=shapely.is_valid_reason(made) or str(node["type"])[:60]
            )
    except (GEOSException, ShapelyError, ValueError, TypeError) as error:
        raise ServiceError("service.filter_geometry", reason=reason(error)) from error
    return system.to_degrees(made)


def box_numbers(numbers: Any) -> tuple[float, float, float, float]:
    """Four numbers of a box; of six the heights are left out.

    Raises:
        ServiceError: There are not four or six finite ones.
    """
    try:
        found = [float(one) for one in numbers]
    except (TypeError, ValueError) as error:
        raise ServiceError("service.box_numbers") from error
    if len(found) == 6:
        found = [found[0], found[1], found[3], found[4]]
    if len(found) != 4 or not np.isfinite(found).all():
        raise ServiceError("service.box_numbers")
    return found[0], found[1], found[2], found[3]


def related(table: Table, name: str, left: BaseGeometry | None, right: BaseGeometry | None) -> Truth:
    """How the geometry of each row (None), and one that is said, relate."""
    test = PREDICATES[name]
    try:
        if left is not None and right is not None:
            return Truth.always(bool(test(left, right)), table.count)
        if left is None and right is None:
            found = np.zeros(table.count, dtype=bool)
            for rows, shapes in table.shapes.pieces():
                found[rows] = test(shapes, shapes)
            return Truth.of(found, table.located)
        fixed = right if left is None else left
        assert fixed is not None  # noqa: S101
        near = table.near(*fixed.bounds)
        found = np.full(table.count, name == "s_disjoint")
        shapely.prepare(fixed)
        for start in range(0, len(near), AT_ONCE):
            some = near[start : start + AT_ONCE]
            shapes = table.shapes[some]
            found[some] = test(shapes, fixed) if left is None else test(fixed, shapes)
    except GEOSException as error:
        raise ServiceError("service.filter_geometry", reason=reason(error)) from error
    return Truth.of(found, table.located)
