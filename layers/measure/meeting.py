"""Which shapes meet which areas: asked of boxes first, then of the larger of each pair, which is indexed once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray


class Meeting(NamedTuple):
    """Pairs of a shape and an area that meet, ordered by shape, then area.

    Attributes:
        shape: Numbers of the shapes, (n,).
        area: Numbers of the areas, (n,).
        within: Whether the shape is known to lie in the area as a whole, (n,).
        over: Whether the shape is known to cover the area as a whole, (n,).
    """

    shape: NDArray[np.int64]
    area: NDArray[np.int64]
    within: NDArray[np.bool_]
    over: NDArray[np.bool_]


def meeting(shapes: NDArray[Any], areas: NDArray[Any]) -> Meeting:
    """Find the pairs that share something, be it a point of an edge; two polygons share more than edges.

    Of each pair only one way round is asked, whether the one with more vertices covers the other: 40,000 townships
    in one zone, and one zone over 40,000 townships, stay cheap.

    Args:
        shapes: Geometries; None and empty ones meet nothing.
        areas: Polygons in the same CRS.

    Example:
        >>> found = meeting(np.array([shapely.box(1, 1, 2, 2)]), np.array([shapely.box(0, 0, 9, 9)]))
        >>> [part.tolist() for part in found]
        [[0], [0], [True], [False]]
    """
    shape, area = shapely.STRtree(areas).query(shapes)
    first, second = shapes[shape], areas[area]
    area_larger = shapely.get_num_coordinates(second) >= shapely.get_num_coordinates(first)
    large, small = np.where(area_larger, second, first), np.where(area_larger, first, second)
    shapely.prepare(large)
    covered = shapely.covers(large, small)
    touching = covered.copy()
    touching[~covered] = shapely.intersects(large[~covered], small[~covered])
    beside = np.flatnonzero(touching & ~covered & (shapely.get_dimensions(first) == 2))
    touching[beside] = ~shapely.touches(large[beside], small[beside])  # to cut neighbours would take far longer
    shapely.destroy_prepared(large)  # its index is as large as the shape, and nobody may ask again
    order = np.lexsort((area, shape))
    order = order[touching[order]]
    return Meeting(shape[order], area[order], (covered & area_larger)[order], (covered & ~area_larger)[order])
