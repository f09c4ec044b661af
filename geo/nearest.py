"""Distances from the cells of a grid to the nearest of many shapes, exact to the vertex, block by block.

Not a distance transform of burnt cells (that is off by up to half a cell beside every shape): each cell's centre is
measured against the very points and line segments. Of all segments only those few are asked that can be the nearest to
some cell of a block, found by halving blocks; so a grid of any size needs the memory of one block.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Numbered = NDArray[np.intp]

_FEW = 8
"""With no more segments than this left, a block is measured without looking further."""
_SMALL = 2048
"""A block of so few cells is halved no more."""
_CLOSE_M = 1e-6
"""For what rounding takes away."""
_AT_ONCE = 65_536
"""Distances that are computed together."""


class Nearest:
    """Points, lines and polygons that distances are measured to; inside a polygon the distance is 0.

    Args:
        shapes: Shapely geometries in metres of one plane; None and empty ones are left out.

    Example:
        A point and a line, seen from two cells:

        >>> near = Nearest([shapely.Point(0, 0), shapely.LineString([(10, -5), (10, 5)])])
        >>> near.distances(np.array([3.0, 8.0]), np.array([0.0])).tolist()
        [[3.0, 2.0]]
    """

    def __init__(self, shapes: Iterable[Any]) -> None:
        parts = np.array([one for one in shapes if one is not None and not one.is_empty], dtype=object)
        while len(parts) and (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
            parts = shapely.get_parts(parts)
        dimensions = shapely.get_dimensions(parts)
        points = shapely.get_coordinates(parts[dimensions == 0])
        self._polygons = parts[dimensions == 2]
        edges = np.concatenate([parts[dimensions == 1], shapely.get_rings(self._polygons)])
        ends, line = shapely.get_coordinates(edges, return_index=True)
        joined = line[1:] == line[:-1]
        starts = np.concatenate([points, ends[:-1][joined]])
        stops = np.concatenate([points, ends[1:][joined]])
        (self._x, self._y), along = ((starts + stops) / 2).T.copy(), (stops - starts).T
        length = np.hypot(*along)
        self._half = length / 2
        self._east, self._up = np.where(length > 0, along / np.where(length > 0, length, 1.0), [[1.0], [0.0]])
        shapely.prepare(self._polygons)

    def __len__(self) -> int:
        """How many points and segments there are."""
        return len(self._x)

    def distances(self, x: Numbers, y: Numbers, wanted: NDArray[np.bool_] | None = None) -> Numbers:
        """Distance in metres of each place of a lattice to the nearest shape, in the plane.

        Args:
            x: Of the columns, (columns,), evenly rising or falling.
            y: Of the rows, (rows,).
            wanted: Which places are asked for, (rows, columns); those round about come with them. None: all.

        Returns:
            (rows, columns); infinite where there is no shape at all, and where nothing is wanted.
        """
        found = np.full((len(y), len(x)), np.inf)
        if len(self) and found.size:
            everything = np.arange(len(self))
            self._fill(found, np.asarray(x, dtype=float), np.asarray(y, dtype=float), everything, wanted)
            np.sqrt(found, out=found)
            self._inside(found, x, y)
        return found

    def at(self, places: Numbers) -> Numbers:
        """The same for places that are no lattice, (n, 2)."""
        found = np.full(len(places), np.inf)
        if len(self) and len(places):
            self._scattered(found, np.asarray(places, dtype=float), np.arange(len(places)), np.arange(len(self)))
            np.sqrt(found, out=found)
        for polygon in self._polygons:
            found[shapely.contains_xy(polygon, places)] = 0.0
        return found

    def _scattered(self, found: Numbers, places: Numbers, these: Numbered, which: Numbered) -> None:
        """Write the squares of the distances of some places; only ``which`` segments can be the nearest to any."""
        low, high = places[these].min(axis=0), places[these].max(axis=0)
        x, y = ((low + high) / 2).tolist()
        which = self._near(which, x, y, float(np.hypot(*(high - low))) / 2)
        if len(which) > _FEW and len(these) > _SMALL:
            axis = int(np.argmax(high - low))
            order = these[np.argsort(places[these, axis], kind="stable")]
            for half in (order[: len(order) // 2], order[len(order) // 2 :]):
                self._scattered(found, places, half, which)
            return
        for start in range(0, len(these), _SMALL):
            some = these[start : start + _SMALL]
            across, down = places[some].T
            found[some] = self._squared(across[None], down[None], which[:, None]).min(axis=0)

    def _near(self, which: Numbered, x: float, y: float, radius: float) -> Numbered:
        """Those segments that can be the nearest to a place no farther than ``radius`` from here."""
        if len(which) <= _FEW:
            return which
        far = np.sqrt(self._squared(x, y, which))
        return which[far <= far.min() + 2 * radius + _CLOSE_M]

    def _squared(self, x: Any, y: Any, which: Numbered) -> Numbers:
        """Squares of the distances of places to segments, broadcast over each other.

        Along a segment a place is as far off as it lies beyond the nearer end, across it as far as from its line. On a
        lattice both are a sum of what the column and what the row adds.
        """
        away_x, away_y, half = x - self._x[which], y - self._y[which], self._half[which]
        if not half.any():
            return np.asarray(away_x * away_x + away_y * away_y)
        east, up = self._east[which], self._up[which]
        along = away_x * east + away_y * up
        np.abs(along, out=along)
        along -= half
        np.maximum(along, 0.0, out=along)
        along *= along
        across = away_y * east - away_x * up
        across *= across
        along += across
        return along

    def _fill(self, found: Numbers, x: Numbers, y: Numbers, which: Numbered, wanted: NDArray[np.bool_] | None) -> None:
        """Write the squares of a block's distances; only ``which`` segments can be the nearest to any of its cells."""
        if wanted is not None:
            if not wanted.any():
                return
            wanted = None if wanted.all() else wanted
        radius = float(np.hypot(x[-1] - x[0], y[-1] - y[0])) / 2
        which = self._near(which, (x[0] + x[-1]) / 2, (y[0] + y[-1]) / 2, radius)
        rows, columns = found.shape
        if (len(which) > _FEW or wanted is not None) and rows * columns > _SMALL:
            cut = max(rows, columns) // 2
            first, second = (slice(cut), slice(cut, None))
            for half in (first, second):
                if rows >= columns:
                    self._fill(found[half], x, y[half], which, None if wanted is None else wanted[half])
                else:
                    self._fill(found[:, half], x[half], y, which, None if wanted is None else wanted[:, half])
            return
        step = max(1, _AT_ONCE // found.size)
        for start in range(0, len(which), step):
            some = which[start : start + step, None, None]
            np.minimum(found, self._squared(x[None, None, :], y[None, :, None], some).min(axis=0), out=found)

    def _inside(self, found: Numbers, x: Numbers, y: Numbers) -> None:
        """Nought for the cells whose centre lies in a polygon."""
        west, east, south, north = min(x[0], x[-1]), max(x[0], x[-1]), min(y[0], y[-1]), max(y[0], y[-1])
        for polygon in self._polygons:
            left, bottom, right, top = polygon.bounds
            if left > east or right < west or bottom > north or top < south:
                continue
            columns = np.flatnonzero((x >= left) & (x <= right))
            rows = np.flatnonzero((y >= bottom) & (y <= top))
            if len(rows) and len(columns):
                across, down = np.meshgrid(x[columns], y[rows])
                inner = shapely.contains_xy(polygon, across.ravel(), down.ravel()).reshape(across.shape)
                found[np.ix_(rows, columns)] = np.where(inner, 0.0, found[np.ix_(rows, columns)])
