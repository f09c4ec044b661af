"""A layer as a service keeps it: columns, geometries, index, and features encoded once for each coordinate system."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from layers.service.columns import TEXT, Column, Flags, Rows, column
from layers.service.systems import Coordinates

GEOMETRY = "geometry"
"""What the geometry is called in filters."""
BLOCK = 1024
"""Features are encoded in blocks of so many rows, when one of them is first asked for."""
FEW_WORDS = 4096
"""Columns with at most so many different texts keep them encoded."""


class Table:
    """A layer.

    Args:
        name: Its id.
        frame: Its features, with a column ``id``; geometries in longitude and latitude, CGCS2000 degrees.
    """

    def __init__(self, name: str, frame: pd.DataFrame) -> None:
        self.name = name
        self.count = len(frame)
        made = [column(str(label), frame[label]) for label in frame.columns if label not in ("geometry", "geom")]
        self.columns: dict[str, Column] = {one.name: one for one in made if one is not None}
        self.ids: list[str] = [str(one) for one in frame["id"]]
        self.geometries = _geometries(frame)
        self.bounds: NDArray[np.float64] = shapely.bounds(self.geometries)
        self.located: Flags = np.isfinite(self.bounds[:, 0]) if self.count else np.zeros(0, dtype=bool)
        self._encoded: dict[str, Encoded] = {}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each feature by its id."""
        return {one: row for row, one in enumerate(self.ids)}

    @cached_property
    def tree(self) -> STRtree:
        """The index of the geometries; what has none is in no answer."""
        return STRtree(self.geometries)

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all there is, degrees; None when nothing has a place."""
        if not self.located.any():
            return None
        low, high = self.bounds[self.located].min(axis=0), self.bounds[self.located].max(axis=0)
        return float(low[0]), float(low[1]), float(high[2]), float(high[3])

    def within_box(self, area: BaseGeometry) -> Rows:
        """The rows whose geometry meets an area, in their order."""
        found = np.sort(self.tree.query(area))
        west, south, east, north = area.bounds
        boxes = self.bounds[found]
        rectangle = area.geom_type == "Polygon" and shapely.area(area) == (east - west) * (north - south)
        inside = (boxes[:, 0] >= west) & (boxes[:, 1] >= south) & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
        doubtful = ~inside if rectangle else np.ones(len(found), dtype=bool)
        shapely.prepare(area)
        keep = ~doubtful
        keep[doubtful] = shapely.intersects(area, self.geometries[found[doubtful]])
        kept: Rows = found[keep].astype(np.int64)
        return kept

    def encoded(self, system: Coordinates) -> Encoded:
        """The features in a system."""
        found = self._encoded.get(system.uri)
        if found is None:
            found = self._encoded.setdefault(system.uri, Encoded(self, system))
        return found

    def properties(self, rows: slice | Rows, names: Sequence[str] | None = None) -> list[bytes]:
        """The properties of rows as JSON objects.

        Args:
            rows: The rows.
            names: The columns, all when None.
        """
        chosen = [self.columns[name] for name in (self.columns if names is None else names)]
        if not chosen:
            return [b"{}"] * len(self._numbers[rows])
        cells = [self._fragments(one, rows) for one in chosen]
        return [b"{" + b",".join(row) + b"}" for row in zip(*cells, strict=True)]

    @cached_property
    def _numbers(self) -> Rows:
        return np.arange(self.count)

    @cached_property
    def _kept_words(self) -> dict[str, list[bytes]]:
        return {
            one.name: [_pair(one.name, word) for word in one.words]
            for one in self.columns.values()
            if one.kind == TEXT and len(one.words) <= FEW_WORDS
        }

    def _fragments(self, one: Column, rows: slice | Rows) -> list[bytes]:
        """``"name":value`` for each row."""
        nothing = _pair(one.name, None)
        known = one.known[rows].tolist()
        kept = self._kept_words.get(one.name)
        if kept is not None:
            codes = one.values[rows].tolist()
            return [kept[code] if has else nothing for code, has in zip(codes, known, strict=True)]
        return [_pair(one.name, one.plain(row)) if one.known[row] else nothing for row in self._numbers[rows].tolist()]


def _pair(name: str, value: object) -> bytes:
    return f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False)}".encode("utf-8", "replace")


def _geometries(frame: pd.DataFrame) -> NDArray[np.object_]:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return np.full(len(frame), None, dtype=object)
    found = np.array(frame.geometry.to_numpy(), dtype=object)
    found[shapely.is_empty(found)] = None
    return found


class Encoded:
    """Features of a table as GeoJSON in one system: bytes in blocks, and where each feature begins."""

    def __init__(self, table: Table, system: Coordinates) -> None:
        self._table = table
        self._system = system
        self._blocks: list[tuple[bytes, NDArray[np.int64]] | None] = [None] * (-(-table.count // BLOCK))

    def features(self, rows: Rows) -> list[bytes]:
        """Features, runs of neighbouring rows as one piece; joined by commas they are the members of an array."""
        pieces: list[bytes] = []
        if not len(rows):
            return pieces
        blocks = rows // BLOCK
        breaks = np.flatnonzero((np.diff(rows) != 1) | (np.diff(blocks) != 0)) + 1
        for run in np.split(rows, breaks):
            block = int(run[0]) // BLOCK
            body, starts = self._block(block)
            first, last = int(run[0]) - block * BLOCK, int(run[-1]) - block * BLOCK
            pieces.append(body[starts[first] : starts[last + 1] - 1])
        return pieces

    def make_ready(self) -> None:
        """Encode what is not encoded yet."""
        for number in range(len(self._blocks)):
            self._block(number)

    def geometry(self, rows: slice | Rows) -> list[bytes]:
        """The geometries of rows as JSON; ``null`` where there is none."""
        texts = shapely.to_geojson(self._system.written(self._table.geometries[rows]))
        return [b"null" if text is None else text.encode() for text in texts]

    def _block(self, number: int) -> tuple[bytes, NDArray[np.int64]]:
        found = self._blocks[number]
        if found is None:
            found = self._blocks[number] = self._made(number)
        return found

    def _made(self, number: int) -> tuple[bytes, NDArray[np.int64]]:
        rows = slice(number * BLOCK, min((number + 1) * BLOCK, self._table.count))
        ids = [json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") for one in self._table.ids[rows]]
        properties = self._table.properties(rows)
        members = members_of(ids, self.geometry(rows), properties)
        starts = np.zeros(len(members) + 1, dtype=np.int64)
        np.cumsum([len(member) + 1 for member in members], out=starts[1:])
        return b",".join(members) + b",", starts


def members_of(ids: Sequence[bytes], geometries: Sequence[bytes], properties: Sequence[bytes]) -> list[bytes]:
    """GeoJSON features of encoded parts."""
    return [
        b'{"type":"Feature","id":' + one + b',"geometry":' + shape + b',"properties":' + cells + b"}"
        for one, shape, cells in zip(ids, geometries, properties, strict=True)
    ]
