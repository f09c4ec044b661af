"""Vector tiles of a table: cut from its geometries in a grid's own system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from layers.edition.large import VAST
from layers.service.columns import TEXT, Column, Rows
from layers.service.grids import Grid
from layers.service.mvt import EXTENT, layer, shapes_of
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
        found = table.near(*grid.area(level, column, row, MARGIN).bounds)
        if not len(found):
            return b""
        west, south, east, north = grid.bounds(level, column, row)
        room = (east - west) * MARGIN
        shapes = self._in(grid, found)
        if self._dimension:
            shapes = shapely.clip_by_rect(shapes, west - room, south - room, east + room, north + room)
        scale = EXTENT / (east - west)
        drawn = shapely.transform(shapes, lambda xy: (xy - (west, north)) * (scale, -scale))
        chosen = [one for one in table.columns if (one not in LEFT_OUT if names is None else one in names)]
        cells = {one: self._cells(table.columns[one], found) for one in chosen}
        return layer(table.name, shapes_of(drawn, self._dimension), found.tolist(), cells)

    def _cells(self, one: Column, rows: Rows) -> list[Any]:
        if one.kind == TEXT:
            found = np.full(len(rows), None, dtype=object)
            known = one.known[rows]
            found[known] = one.words[one.values[rows[known]]]
            return list(found)
        return [one.plain(row) for row in rows.tolist()]

    def _in(self, grid: Grid, rows: Rows) -> Any:
        """Geometries in a grid's system; of all but vast tables they are kept."""
        if self._table.count > VAST:
            return shapely.transform(shapely.force_2d(self._table.shapes[rows]), grid.from_degrees)
        if grid.id not in self._moved:
            every = shapely.force_2d(self._table.shapes[slice(None)])
            self._moved[grid.id] = shapely.transform(every, grid.from_degrees)
        return self._moved[grid.id][rows]
