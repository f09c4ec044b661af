"""Which boxes meet a box: boxes in blocks of neighbours, looked through as arrays.

An R-tree of two levels, packed along a Hilbert curve: it is made of a few arrays, so that it can lie in a file that
processes share, which the tree of GEOS cannot.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.service.columns import Flags, Rows

BLOCK = 64
"""Boxes of a block."""
ROUNDED = 1e-9
"""Degrees that a difference may be off by."""
_SIGNS = np.array([1.0, 1.0, -1.0, -1.0])
_COLLECTION = 7

Corners = NDArray[np.float64]


class Boxes:
    """Boxes of rows.

    Args:
        corners: West, south, and with the other sign east and north, of each: an array of blocks, in which each side
            has a row; neighbours in space are beside each other, and NaN stands where there is no box.
        rows: The row of each.
        whole: Whether what is in each is of one piece.
    """

    def __init__(self, corners: Corners, rows: NDArray[np.int32], whole: Flags) -> None:
        self._corners, self._rows, self._whole = corners, rows, whole
        self._blocks: Corners = np.nanmin(corners, axis=2).T.copy() if len(rows) else np.empty((4, 0))

    @staticmethod
    def packed(geometries: NDArray[np.object_]) -> dict[str, NDArray[Any]]:
        """What the boxes of geometries are made of."""
        bounds = bounds_of(geometries)
        rows = np.flatnonzero(np.isfinite(bounds).all(axis=1))
        if len(rows):
            middles = gpd.GeoSeries(shapely.points((bounds[rows, :2] + bounds[rows, 2:]) / 2))
            rows = rows[np.argsort(middles.hilbert_distance().to_numpy(), kind="stable")]
        blocks = -(-len(rows) // BLOCK)
        corners = np.full((blocks * BLOCK, 4), np.nan)
        corners[: len(rows)] = bounds[rows] * _SIGNS
        filled = np.zeros((blocks, BLOCK), dtype=np.int32)
        filled.ravel()[: len(rows)] = rows
        return {
            "corners": np.ascontiguousarray(corners.reshape(blocks, BLOCK, 4).transpose(0, 2, 1)),
            "rows": filled,
            "whole": of_one_piece(geometries)[filled] if len(rows) else np.zeros((0, BLOCK), dtype=bool),
        }

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all; None when there is none."""
        if not len(self._rows):
            return None
        west, south, east, north = (self._blocks.min(axis=1) * _SIGNS).tolist()
        return west, south, east, north

    def of_rows(self, rows: Rows) -> Corners:
        """West, south, east and north of rows; NaN where there is no box."""
        found: Corners = self._corners.transpose(0, 2, 1).reshape(-1, 4)[self._places[rows]] * _SIGNS
        return found

    @property
    def along(self) -> Rows:
        """The rows that have a box, neighbours beside each other."""
        return self._rows.ravel()[np.isfinite(self._corners[:, 0, :].ravel())].astype(np.int64)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Where the box of each row is."""
        filled = np.isfinite(self._corners[:, 0, :].ravel())
        found = np.full(int(self._rows.max(initial=0)) + 1, -1)
        found[self._rows.ravel()[filled]] = np.flatnonzero(filled)
        return found

    def meeting(self, west: float, south: float, east: float, north: float) -> tuple[Rows, Flags]:
        """The rows whose boxes meet a box, in order, and for which of them that is certain of what is in the box.

        What is of one piece certainly has a place in the box where it reaches neither beyond its west and east, or
        neither beyond its south and north; of several pieces, where it reaches nowhere beyond.

        Example:
            >>> near = np.array([shapely.box(5, 0, 7, 2), shapely.box(0, 0, 1, 1), shapely.box(5, 2, 7, 4)])
            >>> boxes = Boxes(**Boxes.packed(near))
            >>> [one.tolist() for one in boxes.meeting(0, 0, 6, 3)]
            [[0, 1, 2], [True, True, False]]
        """
        inner, outer = _limits(west, south, east, north)
        blocks = np.flatnonzero(np.all(self._blocks <= outer, axis=0))
        near = self._corners[blocks].transpose(1, 0, 2).reshape(4, -1)
        places = np.flatnonzero(np.all(near <= outer, axis=0))
        found = self._rows[blocks].ravel()[places].astype(np.int64)
        certain = _certain(near[:, places] >= inner, self._whole[blocks].ravel()[places])
        order = found.argsort()
        return found[order], certain[order]


def _limits(west: float, south: float, east: float, north: float) -> tuple[Corners, Corners]:
    """What the sides of a box within are not below, and those of one that meets it are not above."""
    return np.array([[west], [south], [-east], [-north]]), np.array([[east], [north], [-west], [-south]])


def _certain(within: Flags, whole: Flags) -> Flags:
    across, along = within[0] & within[2], within[1] & within[3]
    found: Flags = (across & along) | (whole & (across | along))
    return found


def bounds_of(geometries: NDArray[np.object_]) -> Corners:
    """West, south, east and north of geometries; NaN where there is none."""
    return np.asarray(shapely.bounds(geometries)).reshape(-1, 4)


def of_one_piece(geometries: NDArray[np.object_]) -> Flags:
    """Which geometries certainly are."""
    return np.asarray((shapely.get_num_geometries(geometries) == 1) & (shapely.get_type_id(geometries) != _COLLECTION))
