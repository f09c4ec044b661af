"""The grid that all coordinates lie on, and what lies on it already."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arcs import COORDINATE_DECIMALS

GRID = 10.0**-COORDINATE_DECIMALS
"""Degrees: about a centimetre."""


def on_grid(polygons: NDArray[Any]) -> NDArray[np.bool_]:
    """Which polygons need no snapping: on the grid already, valid, no vertex twice, no spike narrower than the grid.

    To find that out takes a quarter of the time of snapping; units of a file of arcs are nearly always so.

    Args:
        polygons: (n,) geometries in degrees, without heights. What is no single polygon is not looked at: False.

    Example:
        >>> on_grid(np.array([shapely.box(120, 30, 121, 31), shapely.box(120, 30, 120.00000001, 31)])).tolist()
        [True, False]
    """
    fine = (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(polygons)
    if not fine.any():
        return np.asarray(fine)
    rings, owner = shapely.get_rings(polygons[fine], return_index=True)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    bad = (np.round(at, COORDINATE_DECIMALS) != at).any(axis=1)
    last = np.flatnonzero(np.diff(ring, append=-1))
    first = np.concatenate([[0], last[:-1] + 1]).astype(np.intp)
    after = np.arange(1, len(at) + 1)
    after[last] = first + 1  # a ring's last vertex is its first
    along = at[np.minimum(after, len(at) - 1)] - at
    back = np.concatenate([along[:1], along[:-1]])
    back[first] = along[last - 1]
    length, before = np.hypot(*along.T), np.hypot(*back.T)
    across = np.abs(along[:, 0] * back[:, 1] - along[:, 1] * back[:, 0])
    bad |= (length == 0) | (((along * back).sum(axis=1) < 0) & (across <= GRID * np.maximum(length, before)))
    numbers = np.flatnonzero(fine)
    fine[numbers[owner[ring[bad]]]] = False
    fine[fine] = shapely.is_valid(polygons[fine])
    return np.asarray(fine)


def rounded_to_grid(geometry: Any) -> Any:
    """A geometry or an array of them with every coordinate on the grid, valid or not."""
    # Adding 0.0 turns -0.0 into 0.0.
    return shapely.transform(geometry, lambda c: np.round(c, COORDINATE_DECIMALS) + 0.0)
