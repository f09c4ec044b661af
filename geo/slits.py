"""Holes and slits between polygons that should tile, found by closing their union."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.edges import Edges

CLOSING_M = 50.0
"""Slits of up to twice this width are found."""
_NARROW = 10.0
"""A slit is at least this many times as long as it is wide; the corner between two outlines is not."""


def in_plane(edges: Callable[[], Edges], union: BaseGeometry) -> list[tuple[shapely.Polygon, list[int]]]:
    """Holes and slits in the union of polygons, each with the numbers of the polygons around it.

    Args:
        edges: Gives the edges of the (n,) valid polygons, metres; asked when something was found.
        union: Their union, metres.
    """
    parts = shapely.get_parts(union)
    outer, inner = _rings(parts)
    holes = list(inner)
    # What is outside does not know of the holes: without them there is less to widen, by thousands of slivers.
    filled = union
    if holes:
        filled = outer[0] if len(parts) == 1 else shapely.union_all(outer)
    if holes and len(parts) > 1:  # an island in a hole is no part of the gap around it
        holes = [one for one in shapely.get_parts(shapely.difference(filled, union)) if one.geom_type == "Polygon"]
    closed = filled.buffer(CLOSING_M, join_style="mitre").buffer(-CLOSING_M, join_style="mitre")
    rest = shapely.get_parts(shapely.difference(closed, filled))
    narrow = shapely.area(rest) * _NARROW < (shapely.length(rest) / 2) ** 2
    candidates = [*holes, *rest[narrow]]
    if not candidates:
        return []
    around = edges().around(np.array(candidates, dtype=object), 1.0)
    return [
        (part, touched)
        for number, (part, touched) in enumerate(zip(candidates, around, strict=True))
        if number < len(holes) or len(touched) > 1
    ]


def _rings(polygons: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The (n,) polygons without their holes, and the (m,) holes as polygons."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.diff(owner, prepend=-1) > 0
    filled = np.asarray(shapely.polygons(rings))
    return filled[outer], filled[~outer]
