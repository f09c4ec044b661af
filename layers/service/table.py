"""A layer as a service keeps it: columns, geometries, index, and features encoded for each coordinate system."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from layers.edition.large import VAST
from layers.service.boxes import Boxes
from layers.service.columns import FEW_WORDS, TEXT, Column, Flags, Rows, column, unpacked
from layers.service.packing import Arrays, map_arrays
from layers.service.shapes import Shapes
from layers.service.strips import Strips
from layers.service.systems import Coordinates
from layers.service.words import Words

GEOMETRY = "geometry"
"""What the geometry is called in filters."""
BLOCK = 1024
"""Features are encoded in blocks of so many rows, when one of them is first asked for."""

FEWEST = 2_000
"""So many features are drawn where all are too small to be told apart."""

FEW = 16
"""To prepare an area for so few geometries takes longer than to ask without."""

_ID, _SHAPES, _BOXES, _COLUMNS = "ids", "shapes", "boxes", "columns"


class Table:
    """A layer, on arrays alone, which may lie in a file that processes share.

    Of a vast one no objects of geometries and no encoded features are kept: they are made when asked for.

    Args:
        told: What is to be known of the arrays.
        arrays: The arrays.

    Attributes:
        path: The file that they lie in, where other processes find them; None: in memory.
        listed: Whether lists of its columns' cells may be kept.
        tests: What filters were turned into, to be held against rows of it (`layers.service.few`).
    """

    def __init__(self, told: Mapping[str, Any], arrays: Arrays) -> None:
        def part(prefix: str) -> dict[str, NDArray[Any]]:
            return {
                name.removeprefix(f"{prefix} "): one for name, one in arrays.items() if name.startswith(f"{prefix} ")
            }

        self.name: str = told["name"]
        self.count: int = told["count"]
        made = [unpacked(one, part(f"{_COLUMNS} {number}")) for number, one in enumerate(told["columns"])]
        self.columns: Mapping[str, Column] = {one.name: one for one in made}
        ids = part(_ID)
        self._ids = Words(ids["data"], ids["starts"])
        self._id_of_row, self._row_of_id = ids["of_row"], ids["rows"]
        shapes, boxes = part(_SHAPES), part(_BOXES)
        self.shapes = Shapes(shapes["data"], shapes["starts"])
        self._tree: STRtree | None = None
        if self.count <= VAST:  # the tree of GEOS is quicker by half, where there are objects for it
            every = self.shapes[slice(None)]
            self.shapes, self._tree = Shapes(shapes["data"], shapes["starts"], every), STRtree(every)
            self._strips = Strips(every)
        self.located: Flags = shapes["starts"][1:] > shapes["starts"][:-1]
        self._boxes = Boxes(**boxes)
        self._encoded: dict[str, Encoded] = {}
        self.path: Path | None = None
        self.listed = self._tree is not None
        self.tests: dict[Any, Any] = {}
        self._lists: dict[str, list[Any]] = {}
        self._places: dict[str, dict[str, int]] = {}

    @classmethod
    def of(cls, name: str, frame: pd.DataFrame) -> Table:
        """The table of a frame.

        Args:
            name: The layer's id.
            frame: Its features, with a column ``id``; geometries in longitude and latitude, CGCS2000 degrees.
        """
        return cls(*packed(name, frame))

    @classmethod
    def mapped(cls, path: Path) -> Table:
        """The table whose arrays lie in a file.

        Raises:
            ValueError: `write_arrays` has written no such file.
        """
        found = cls(*map_arrays(path))
        found.path = path
        return found

    def ids(self, rows: slice | Rows) -> list[str]:
        """The ids of rows."""
        return [self._ids[place] for place in self._id_of_row[rows].tolist()]

    def row_of(self, feature: str) -> int | None:
        """The row of a feature by its id; None when there is none."""
        if self.count <= VAST:
            return self._kept_rows.get(feature)
        place = self._ids.place(feature)
        return None if place is None else int(self._row_of_id[place])

    @cached_property
    def _kept_rows(self) -> dict[str, int]:
        return {one: int(row) for one, row in zip(self._ids, self._row_of_id, strict=True)}

    def cells(self, row: int) -> dict[str, Any]:
        """The cells of a row, None where one is empty."""
        return {name: one.plain(row) for name, one in self.columns.items()}

    def list_of(self, name: str) -> list[Any]:
        """A column's values, None where it holds nothing; kept. Of texts they are the places of their words."""
        found = self._lists.get(name)
        if found is None:
            one = self.columns[name]
            cells = zip(one.values.tolist(), one.known.tolist(), strict=True)
            found = self._lists[name] = [cell if known else None for cell, known in cells]
        return found

    def place(self, name: str, text: str) -> int | None:
        """The place of a word of a column of texts; None when it is not there."""
        one = self.columns[name]
        if isinstance(one.words, Words):
            return one.words.place(text)
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = {word: place for place, word in enumerate(one.words.tolist())}
        return found.get(text)

    def geometry(self, row: int) -> BaseGeometry | None:
        """The geometry of a row; None where it has none."""
        found: BaseGeometry | None = self.shapes[slice(row, row + 1)][0]
        return found

    def part(self, names: Sequence[str], rows: NDArray[np.intp]) -> list[list[Any]]:
        """Cells of some columns at some rows, column by column; None for what is empty."""
        numbers = rows.tolist()
        chosen = (self.columns.get(name) for name in names)
        return [[None if one is None else one.plain(row) for row in numbers] for one in chosen]

    def shapes_of(self, rows: NDArray[np.intp]) -> list[BaseGeometry | None]:
        """The geometries of some rows."""
        return list(self.shapes[np.asarray(rows, dtype=np.int64)])

    def tally(self, column: str) -> dict[str, int]:
        """The different texts of a column, with how often each stands there."""
        one = self.columns.get(column)
        if one is None or one.kind != TEXT:
            return {}
        counts = np.bincount(one.values[one.known], minlength=len(one.words))
        return {str(one.words[place]): int(counts[place]) for place in np.flatnonzero(counts).tolist()}

    def columns_of(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Cells of some columns, row by row, made as they are gone through; None for what is empty."""
        chosen = [self.columns.get(name) for name in names]
        for first in range(0, self.count, BLOCK):
            rows = slice(first, min(first + BLOCK, self.count))
            empty = [None] * (rows.stop - first)
            yield from zip(*(empty if one is None else one.plains(rows) for one in chosen), strict=True)

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all there is, degrees; None when nothing has a place."""
        return self._boxes.extent

    @property
    def along(self) -> Rows:
        """The rows that have a geometry, neighbours beside each other."""
        return self._boxes.along

    def near(self, west: float, south: float, east: float, north: float) -> Rows:
        """The rows whose geometry's box meets a box, in their order."""
        if self._tree is not None:
            return np.sort(self._tree.query(shapely.box(west, south, east, north)))
        return self._boxes.meeting(west, south, east, north)[0]

    def sides(self, rows: Rows) -> NDArray[np.float64]:
        """West, south, east and north of rows, degrees; NaN where there is no geometry."""
        return self._strips.corners[rows] if self._tree is not None else self._boxes.of_rows(rows)

    def fewer(
        self, rows: Rows, seen: tuple[float, float, float, float], across: float, most: int, *, points: bool
    ) -> Rows:
        """Of rows that are too many to be drawn the largest, of points those that do not lie on one another.

        Args:
            rows: What is in sight.
            seen: West, south, east and north of what is shown, degrees.
            across: So many things can be told apart along its longer side.
            most: So many are left, if so many can be told apart; where all are smaller, ``FEWEST``.
            points: Whether the layer's features are points.
        """
        west, south, east, north = seen
        sides = self.sides(rows)
        least = max(east - west, north - south) / across
        if points:
            places = np.floor((sides[:, :2] - (west, south)) / least)
            rows = np.sort(rows[np.unique(places, axis=0, return_index=True)[1]])
            return rows[:: -(-len(rows) // most)]
        sizes = np.maximum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1])
        clear = int((sizes >= least).sum()) or FEWEST
        left = min(most, clear, len(rows))
        return np.sort(rows[np.argpartition(-sizes, left - 1)[:left]])

    def within_box(self, area: BaseGeometry) -> Rows:
        """The rows whose geometry meets an area, in their order."""
        bounds = area.bounds
        if _fills(area, bounds):
            return np.array(self.within(*bounds), dtype=np.int64)
        found = self.near(*bounds)
        shapely.prepare(area)
        kept: Rows = found[shapely.intersects(area, self.shapes[found])]
        return kept

    def within(self, west: float, south: float, east: float, north: float) -> list[int]:
        """The rows whose geometry meets a box, in their order."""
        told = self._strips.meeting(west, south, east, north) if self._tree is not None else None
        if told is None and self._tree is not None:
            area = shapely.box(west, south, east, north)
            found = self._tree.query(area, "intersects")
            found.sort()
            return found.tolist()
        if told is None:
            found, certain = self._boxes.meeting(west, south, east, north)
            told = found[certain].tolist(), found[~certain].tolist()
        sure, unsure = told
        if unsure:
            area = shapely.box(west, south, east, north)
            if len(unsure) > FEW:
                shapely.prepare(area)
            rows = np.array(unsure)
            sure += rows[shapely.intersects(area, self.shapes[rows])].tolist()
            sure.sort()
        return sure

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


class _Taken(Mapping[str, Column]):
    """Columns of some rows, each taken when it is asked for."""

    def __init__(self, columns: Mapping[str, Column], rows: Rows) -> None:
        self._columns, self._rows = columns, rows

    def __getitem__(self, name: str) -> Column:
        whole = self._columns[name]
        return replace(whole, values=whole.values[self._rows], known=whole.known[self._rows])

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class Part(Table):
    """Some rows of a table, to hold conditions on columns against; nothing else is to be asked of it.

    Args:
        table: The table.
        rows: Its rows.
    """

    def __init__(self, table: Table, rows: Rows) -> None:
        self.name, self.count = table.name, len(rows)
        self.columns = _Taken(table.columns, rows)
        self.located = table.located[rows]


def _pair(name: str, value: object) -> bytes:
    return f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False)}".encode("utf-8", "replace")


def packed(name: str, frame: pd.DataFrame) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What a table is made of: what JSON can say of a frame, and arrays; see `Table.of`."""
    made = [column(str(label), frame[label]) for label in frame.columns if label not in ("geometry", "geom")]
    told: dict[str, Any] = {"name": name, "count": len(frame), "columns": []}
    arrays: dict[str, NDArray[Any]] = {}

    def add(prefix: str, **parts: NDArray[Any]) -> None:
        arrays.update({f"{prefix} {part}": one for part, one in parts.items()})

    for number, one in enumerate(one for one in made if one is not None):
        said, parts = one.parts()
        told["columns"].append(said)
        add(f"{_COLUMNS} {number}", **parts)
    of_row, ids = pd.factorize(frame["id"].astype(str), sort=True)
    rows = np.zeros(len(ids), dtype=np.int32)
    rows[of_row] = np.arange(len(frame))
    data, starts = Words.packed(ids)
    add(_ID, data=data, starts=starts, of_row=of_row.astype(np.int32), rows=rows)
    geometries = _geometries(frame)
    data, starts = Shapes.packed(geometries)
    add(_SHAPES, data=data, starts=starts)
    add(_BOXES, **Boxes.packed(geometries))
    return told, arrays


def _fills(area: BaseGeometry, bounds: tuple[float, float, float, float]) -> bool:
    """Whether an area is its own box."""
    if area.geom_type != "Polygon":
        return False
    corners = shapely.get_coordinates(area).tolist()
    west, south, east, north = bounds
    return len(corners) == 5 and all(x in (west, east) and y in (south, north) for x, y in corners)


def _geometries(frame: pd.DataFrame) -> NDArray[np.object_]:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return np.full(len(frame), None, dtype=object)
    found = np.array(frame.geometry.to_numpy(), dtype=object)
    found[shapely.is_empty(found)] = None
    return found


class Pieces(NamedTuple):
    """Encoded features.

    Attributes:
        members: Those of an array, without the commas between.
        mark: What tells them from all others; b"" where only their bytes do.
    """

    members: Sequence[bytes]
    mark: bytes


Block = tuple[list[bytes], bytes]
"""The features of a block, and their SHA-256."""


class Encoded:
    """Features of a table as GeoJSON in one system, in blocks."""

    def __init__(self, table: Table, system: Coordinates) -> None:
        self._table = table
        self._system = system
        self._keeps = table.count <= VAST
        self._blocks: list[Block | None] = [None] * (-(-table.count // BLOCK) if self._keeps else 0)
        self._every: list[bytes] = []
        self._marks: list[bytes] = []

    def features(self, rows: Sequence[int]) -> Pieces:
        """Features of rows."""
        if not self._keeps:
            return Pieces(self._members(np.array(rows, dtype=np.int64)), b"")
        # All are at hand where they were made ready: whoever looks for blocks takes as long as whoever joins.
        every = self._every
        if every:
            found: Sequence[bytes] = itemgetter(*rows)(every) if len(rows) > 1 else [every[row] for row in rows]
            first, last = (min(rows) // BLOCK, max(rows) // BLOCK) if rows else (0, -1)
            marks = self._marks[first : last + 1]
        else:
            blocks = {number: self._block(number) for number in sorted({row // BLOCK for row in rows})}
            found = [blocks[row // BLOCK][0][row % BLOCK] for row in rows]
            first, last = (min(blocks), max(blocks)) if blocks else (0, -1)
            marks = [self._block(number)[1] for number in range(first, last + 1)]
        return Pieces(found, b"".join((array("i", rows).tobytes(), *marks)) or b"-")

    def make_ready(self) -> None:
        """Encode what is not encoded yet, where it is kept."""
        made = [self._block(number) for number in range(len(self._blocks))]
        self._marks = [mark for _members, mark in made]
        self._every = [member for members, _mark in made for member in members]

    def geometry(self, rows: slice | Rows) -> list[bytes]:
        """The geometries of rows as JSON; ``null`` where there is none."""
        texts = shapely.to_geojson(self._system.written(self._table.shapes[rows]))
        return [b"null" if text is None else text.encode() for text in texts]

    def _block(self, number: int) -> Block:
        found = self._blocks[number]
        if found is None:
            found = self._blocks[number] = self._made(number)
        return found

    def _made(self, number: int) -> Block:
        members = self._members(slice(number * BLOCK, min((number + 1) * BLOCK, self._table.count)))
        return members, hashlib.sha256(b",".join(members)).digest()

    def _members(self, rows: slice | Rows) -> list[bytes]:
        ids = [json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") for one in self._table.ids(rows)]
        return members_of(ids, self.geometry(rows), self._table.properties(rows))


def members_of(ids: Sequence[bytes], geometries: Sequence[bytes], properties: Sequence[bytes]) -> list[bytes]:
    """GeoJSON features of encoded parts."""
    return [
        b'{"type":"Feature","id":' + one + b',"geometry":' + shape + b',"properties":' + cells + b"}"
        for one, shape, cells in zip(ids, geometries, properties, strict=True)
    ]
