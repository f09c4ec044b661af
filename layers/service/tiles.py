"""Vector tiles of a table: cut from its geometries in a grid's own system."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.edition.large import VAST
from layers.service.columns import DATE, FLAG, TEXT, TIME, Column, Rows, moment
from layers.service.grids import GRIDS, Grid
from layers.service.mvt import (
    EXTENT,
    Cells,
    Coded,
    Drawing,
    Parts,
    Placed,
    drawing,
    layer,
    parts_of,
    placed,
    rounded,
    shapes_of,
)
from layers.service.table import Table

MARGIN = 64 / EXTENT
"""So much of its side a tile holds of its neighbours, so that outlines do not end at its edge."""
LEFT_OUT = (
    "note",
    "note_en",
    "no_geometry",
    "no_geometry_en",
    "aliases",
    "sources",
    "label_lon",
    "label_lat",
    "same_as_maybe",
)
"""Properties that tiles are drawn without; they are in the features."""
MOST, PIXELS = 20_000, 256
"""A tile holds so many features of a layer at most: of more the largest, without those smaller than a pixel (so many
on its side)."""
GROUP, GROUPS = 512, 64
"""So many neighbours are encoded for a level at once, and so many of these groups are kept."""
VERTICES = 128
"""What has more is cut for each tile."""
MOST_VERTICES = 1_000_000
"""So many vertices of a layer are kept ready to be encoded (24 MB)."""
REACH = EXTENT // 2
"""What reaches no farther beyond a tile is not cut: clients draw none beyond its edge. MapLibre takes twice as much."""
FARTHEST = 1 << 25
"""Units across, of which areas can be told exactly."""
WORDS = 1 << 16
"""So many encoded values of a layer are kept."""
DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}


class Cutter:
    """Cuts the tiles of a table.

    Args:
        table: The layer.
        shape: ``point``, ``line`` or ``polygon``; anything else has no tiles.
    """

    def __init__(self, table: Table, shape: str) -> None:
        self._table = table
        self._dimension = DIMENSIONS.get(shape)
        self._moved: dict[str, Any] = {}
        self._numbered: Coded | None = None
        self._group = lru_cache(GROUPS)(self._made)
        self._kept: dict[tuple[str, int], tuple[list[int], Parts]] = {}

    def tile(self, grid: Grid, level: int, column: int, row: int, names: Sequence[str] | None = None) -> bytes:
        """The layer of a tile, encoded; empty where it has no feature.

        Args:
            grid: The tile matrix set.
            level: From 0.
            column: From the west.
            row: From the north.
            names: Properties of its features, those that the layer has; None: all but those that are left out.
        """
        if self._dimension is None:
            return b""
        table = self._table
        seen = grid.around(level, column, row, MARGIN)
        found = table.near(*seen)
        if len(found) > MOST:
            found = table.fewer(found, seen, PIXELS, MOST, points=self._dimension == 0)
        if not len(found):
            return b""
        rows = found.tolist()
        drawn, left = self._placed(grid, (level, column, row), rows)
        if left:
            drawn += self._clipped(grid, grid.bounds(level, column, row), found, left)
            drawn.sort()
        chosen = [one for one in table.columns if (one not in LEFT_OUT if names is None else one in names)]
        return layer(table.name, Drawing(self._dimension + 1, drawn), rows, self._told(found, chosen))

    def _clipped(
        self, grid: Grid, bounds: tuple[float, ...], found: Rows, places: list[int]
    ) -> list[tuple[int, bytes]]:
        """Encoded geometries of some of what was found, cut at a tile's margin."""
        west, south, east, north = bounds
        room = (east - west) * MARGIN
        at = np.array(places)
        shapes = self._in(grid, found[at])
        if self._dimension:
            shapes = shapely.clip_by_rect(shapes, west - room, south - room, east + room, north + room)
        scale = EXTENT / (east - west)
        cut = shapes_of(shapes, self._dimension or 0, lambda xy: (xy - (west, north)) * (scale, -scale))
        return [(places[number], data) for number, data in drawing(cut).features]

    def _placed(
        self, grid: Grid, tile: tuple[int, int, int], rows: list[int]
    ) -> tuple[list[tuple[int, bytes]], list[int]]:
        """Of rows the encoded geometries that need not be cut, by their places; and the places of the others."""
        if self._table.count > VAST:
            return [], list(range(len(rows)))
        drawn, left, groups = [], [], self._group_of
        level, x, y = tile[0], tile[1] * EXTENT, tile[2] * EXTENT
        west, north, east, south = x - REACH, y - REACH, x + EXTENT + REACH, y + EXTENT + REACH
        for place, row in enumerate(rows):
            known = self._group(grid.id, level, groups[row])
            one = known.get(row)
            if one is None:
                if row not in known:
                    left.append(place)
            elif one.west >= west and one.east <= east and one.north >= north and one.south <= south:
                drawn.append((place, one.at(x, y)))
            else:
                left.append(place)
        return drawn, left

    @cached_property
    def _group_of(self) -> list[int]:
        """The group of neighbours of each row."""
        along = self._table.along
        found = np.zeros(self._table.count, dtype=np.int64)
        found[along] = np.arange(len(along)) // GROUP
        return found.tolist()

    def _made(self, name: str, level: int, group: int) -> dict[int, Placed | None]:
        """Neighbours as they are encoded for a level, but for large ones; None for what rounding leaves nothing of."""
        grid = GRIDS[name]
        rows, parts = self._kept.get((name, group)) or self._parts(grid, group)
        if not len(rows):
            return {}
        scale = EXTENT * (1 << level) / grid.width
        (west, south), (east, north) = parts.xy.min(axis=0), parts.xy.max(axis=0)
        if max(east - west, north - south) * scale > FARTHEST:
            return {}
        left, top = int((west - grid.left) * scale), int((grid.top - north) * scale)

        def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return (xy - (grid.left, grid.top)) * (scale, -scale) - (left, top)

        made = placed(rounded(parts, move), left, top)
        return {row: made.get(number) for number, row in enumerate(rows)}

    def _parts(self, grid: Grid, group: int) -> tuple[list[int], Parts]:
        """Of neighbours those that are not large, and their vertices."""
        rows = self._table.along[group * GROUP : (group + 1) * GROUP]
        shapes = self._in(grid, rows)
        small = shapely.get_num_coordinates(shapes) <= VERTICES
        parts = parts_of(shapes[small], self._dimension or 0, upwards=True)
        return (rows[small].tolist() if len(parts.xy) else []), parts

    def make_ready(self, grid: Grid) -> None:
        """Keep geometries in a grid's system and numbered properties ready, of all but vast tables.

        So are vertices of small geometries, from which every level is encoded, as far as there is room.
        """
        if self._dimension is not None and self._table.count <= VAST:
            none = np.zeros(0, dtype=np.int64)
            self._in(grid, none)
            _ = self._group_of
            self._told(none, ())
            room = MOST_VERTICES
            for group in range(-(-len(self._table.along) // GROUP)):
                rows, parts = self._parts(grid, group)
                room -= len(parts.xy)
                if room < 0:
                    break
                self._kept[grid.id, group] = rows, parts

    def _told(self, rows: Rows, chosen: Sequence[str]) -> Coded:
        """Properties of rows; of all but vast tables they are numbered once."""
        columns = self._table.columns
        if self._table.count > VAST:
            return Coded.of({one: _cells(columns[one], rows) for one in chosen})
        if self._numbered is None:
            every = np.arange(self._table.count)
            self._numbered = Coded.of({one: _cells(columns[one], every) for one in columns}, WORDS)
        return self._numbered.only(rows, chosen)

    def _in(self, grid: Grid, rows: Rows) -> Any:
        """Geometries in a grid's system; of all but vast tables they are kept."""
        if self._table.count > VAST:
            return shapely.transform(shapely.force_2d(self._table.shapes[rows]), grid.from_degrees)
        if grid.id not in self._moved:
            every = shapely.force_2d(self._table.shapes[slice(None)])
            self._moved[grid.id] = shapely.transform(every, grid.from_degrees)
        return self._moved[grid.id][rows]


def _cells(one: Column, rows: Rows) -> Cells:
    """The values of rows as a tile has them."""
    numbers, known = one.values[rows], one.known[rows]
    used, places = np.unique(numbers, return_inverse=True)
    places = np.where(known, places, -1)
    if one.kind == TEXT:
        return Cells(places, [one.words[code] for code in used.tolist()])
    if one.kind == FLAG:
        return Cells(places, [bool(value) for value in used.tolist()])
    if one.kind in (DATE, TIME):
        return Cells(places, [moment(int(value), one.kind) for value in used.tolist()])
    return Cells(places, used.tolist())
