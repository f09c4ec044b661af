"""What a box meets, looked up among boxes that lie in strips from west to east, in each from south to north.

What is on a screen is mostly little: to look it up takes a few steps for each strip in sight, where arrays and trees of
objects take longer to be asked than to answer (``benchmarks/services.py``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import ceil, sqrt
from struct import Struct
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.service.boxes import ROUNDED, Corners, bounds_of, of_one_piece
from layers.service.columns import Flags, Rows

MOST_LOOKED_AT = 512
"""So many rows are looked at one by one; of more a tree finds those that meet a box sooner."""
_VERTICES = Struct("=8d")


class _Strip(NamedTuple):
    """Boxes from south to north.

    Attributes:
        west: Where the first begins.
        east: Where the last ends.
        height: Of the highest.
        whole: Whether what is in each is of one piece.
        rows: Their rows.
        souths: Where they begin.
        boxes: West, south, east, north and row of each.
    """

    west: float
    east: float
    height: float
    whole: bool
    rows: list[int]
    souths: list[float]
    boxes: list[tuple[float, float, float, float, int]]


class Strips:
    """The boxes of geometries.

    Args:
        geometries: Those of the rows; None where there is none.

    Attributes:
        corners: West, south, east and north of each row; NaN where there is no box.
    """

    def __init__(self, geometries: NDArray[np.object_]) -> None:
        self.corners: Corners = bounds_of(geometries)
        whole = of_one_piece(geometries)
        self._whole = whole.tobytes()
        self._outmost = _outmost(geometries, self.corners).tobytes()
        rows = np.flatnonzero(np.isfinite(self.corners).all(axis=1))
        rows = rows[np.argsort(self.corners[rows, 0], kind="stable")]
        each = max(1, ceil(sqrt(len(rows))))
        self._strips = [self._strip(rows[at : at + each], whole) for at in range(0, len(rows), each)]
        self._wests = [one.west for one in self._strips]
        self._lasts = [max(box[0] for box in one.boxes) for one in self._strips]
        self._reach = float((self.corners[rows, 2] - self.corners[rows, 0]).max(initial=0.0)) + ROUNDED

    def _strip(self, rows: Rows, whole: Flags) -> _Strip:
        rows = rows[np.argsort(self.corners[rows, 1], kind="stable")]
        west, south, east, north = self.corners[rows].T
        height = float((north - south).max()) + ROUNDED
        every = rows.tolist()
        souths = south.tolist()
        boxes = list(zip(west.tolist(), souths, east.tolist(), north.tolist(), every, strict=True))
        return _Strip(float(west.min()), float(east.max()), height, bool(whole[rows].all()), every, souths, boxes)

    def meeting(self, west: float, south: float, east: float, north: float) -> tuple[list[int], list[int]] | None:
        """Rows that certainly meet a box, and rows whose boxes do; None where too many were to be looked at.

        What is of one piece certainly has a place in the box where its own box reaches neither beyond west and east,
        or neither beyond south and north; what is of several, where it reaches nowhere beyond; and whatever has one of
        its outmost vertices there.

        Returns:
            The first in their order.

        Example:
            >>> near = np.array([shapely.box(5, 0, 7, 2), shapely.box(0, 0, 1, 1), shapely.Point(5, 3).buffer(2.5)])
            >>> Strips(near).meeting(0, 0, 6, 3)
            ([0, 1, 2], [])
            >>> Strips(near).meeting(0, 0, 3, 1)
            ([1], [2])
        """
        sure: list[int] = []
        unsure: list[int] = []
        left = MOST_LOOKED_AT
        first, last = bisect_left(self._lasts, west - self._reach), bisect_right(self._wests, east)
        for least, most, height, whole, rows, souths, boxes in self._strips[first:last]:
            high = bisect_right(souths, north)
            begun = bisect_left(souths, south, 0, high)
            low = bisect_left(souths, south - height, 0, begun)
            if whole and least >= west and most <= east:  # nothing reaches beyond west and east
                sure += rows[begun:high]
                for box in boxes[low:begun]:
                    if box[3] >= south:
                        sure.append(box[4])
                left -= begun - low
                continue
            left -= high - low
            if left < 0:
                return None
            ends = begun
            if whole:  # what reaches neither beyond south nor beyond north needs a look at west and east alone
                ends = bisect_right(souths, north - height, begun, high)
                sure += [row for w, _s, e, _n, row in boxes[begun:ends] if w <= east and e >= west]
            for w, s, e, n, row in (*boxes[low:begun], *boxes[ends:high]):
                if n < south or w > east or e < west:
                    continue
                along = s >= south and n <= north
                certain = (along or self._whole[row]) if w >= west and e <= east else along and self._whole[row]
                if certain or self._seen(row, west, south, east, north):
                    sure.append(row)
                else:
                    unsure.append(row)
        if left < 0:
            return None
        sure.sort()
        return sure, unsure

    def _seen(self, row: int, west: float, south: float, east: float, north: float) -> bool:
        """Whether an outmost vertex of a row is in a box."""
        x0, y0, x1, y1, x2, y2, x3, y3 = _VERTICES.unpack_from(self._outmost, row * _VERTICES.size)
        return (
            (west <= x0 <= east and south <= y0 <= north)
            or (west <= x1 <= east and south <= y1 <= north)
            or (west <= x2 <= east and south <= y2 <= north)
            or (west <= x3 <= east and south <= y3 <= north)
        )


def _outmost(geometries: NDArray[np.object_], corners: Corners) -> Corners:
    """Of each geometry the vertices that lie farthest west, south, east and north: x and y of each.

    Among equals it is the first as one goes round, so that those of an upright rectangle are its four corners.
    """
    found = np.full((len(geometries), 8), np.nan)
    xy, row = shapely.get_coordinates(geometries, return_index=True)
    for side, (axis, sign) in enumerate(((0, -1), (1, 1), (0, 1), (1, -1))):
        here = np.flatnonzero(xy[:, axis] == corners[row, side])
        here = here[np.lexsort((sign * xy[here, 1 - axis], row[here]))]
        here = here[np.diff(row[here], append=-1) != 0]  # the last of each row
        found[row[here], 2 * side], found[row[here], 2 * side + 1] = xy[here].T
    return found
