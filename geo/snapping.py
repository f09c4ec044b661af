"""Areas whose edges are laid on the borders of units that they run along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry


def snapped(shape: BaseGeometry, units: Sequence[BaseGeometry], within: float) -> BaseGeometry:
    """A shape whose edge follows the borders of units wherever it runs along them no farther away than it is known.

    A unit whose inside, farther than ``within`` from its border, lies in the shape comes whole; one whose inside lies
    outside goes. In a unit that is cut the strip along its border goes with the inside beside it.

    Args:
        shape: A polygon, metres.
        units: Polygons that tile, metres.
        within: Metres.

    Returns:
        A polygon, metres; along borders with the vertices of the units.

    Example:
        >>> shape = shapely.box(3, 2, 97, 99)
        >>> snapped(shape, [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], 5).area
        10000.0
    """
    kept = []
    for unit in units:
        if not shapely.intersects(unit, shape):
            continue
        inner = shapely.buffer(unit, -within)
        covered = shapely.intersection(inner, shape)
        if inner.is_empty or not inner.area:
            share = shapely.intersection(unit, shape).area / unit.area
            kept += [unit] if share > 0.5 else []
        elif covered.area >= 0.99 * inner.area:
            kept.append(unit)
        elif covered.area > 0.01 * inner.area:
            kept.append(_cut(unit, inner, covered, shape, within))
    beyond = shapely.difference(shape, shapely.union_all(list(units)))
    opened = shapely.buffer(shapely.buffer(beyond, -within, join_style="mitre"), within, join_style="mitre")
    if opened.area:
        kept.append(shapely.intersection(beyond, opened))
    return _without_pinholes(shapely.union_all([one for one in kept if one.area]), within**2)


def _without_pinholes(shape: BaseGeometry, least: float) -> BaseGeometry:
    """Without holes too small to be known: where borders are cut to an inside and put together again, slivers stay."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    filled = [
        shapely.Polygon(one.exterior, [hole for hole in one.interiors if shapely.Polygon(hole).area >= least])
        for one in parts
    ]
    return shapely.union_all(filled)


def _cut(unit: Any, inner: Any, covered: Any, shape: Any, within: float) -> BaseGeometry:
    reach = within * 1.5  # corners of the inside are farther from the border's than its edges
    yes = shapely.buffer(covered, reach)
    no = shapely.buffer(shapely.difference(inner, covered), reach)
    strip = shapely.difference(unit, inner)
    sure = shapely.intersection(strip, shapely.difference(yes, no))
    open_ = shapely.intersection(shapely.intersection(strip, no), shape)
    # an arm that is too narrow to have an inside goes by the shape alone
    arms = shapely.intersection(shapely.difference(strip, shapely.union(yes, no)), shape)
    return shapely.union_all([covered, sure, open_, arms])
