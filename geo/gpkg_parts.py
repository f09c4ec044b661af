"""Tables of a GeoPackage that are alike, written as one and divided afterwards.

GDAL opens the file anew for each table and reads what is in it; forty small layers take it longer than all the rest of
writing them. So layers of the same columns, type and system are written as one table, and this one is divided here: its
own schema under other names, its own rows, its own index. What a GeoPackage is, GDAL alone knows.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

_NAMES = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents")
"""Tables that say something of a table by its ``table_name``."""
_GEOMETRY = "geom"
_EXTENT = ("min_x", "min_y", "max_x", "max_y")
_INDEXED = ("id", "minx", "maxx", "miny", "maxy")


@dataclass(frozen=True)
class Part:
    """A run of rows that become a table.

    Attributes:
        name: Of the table.
        rows: How many.
        bounds: West, south, east, north; NaN without geometry.
    """

    name: str
    rows: int
    bounds: tuple[float, ...]


def can_divide() -> bool:
    """Whether this SQLite has the index of GeoPackages; nearly every one has."""
    with closing(sqlite3.connect(":memory:")) as database:
        return bool(database.execute("SELECT sqlite_compileoption_used('ENABLE_RTREE')").fetchone()[0])


def divide(database: sqlite3.Connection, parts: Mapping[str, Sequence[Part]], order: Sequence[str]) -> None:
    """Make tables of the rows of others, and remove these.

    Args:
        database: A GeoPackage as GDAL has written it, rows numbered from 1 on.
        parts: By table the tables that have all of its rows together, in their order. The table's name is in no other
            name.
        order: The new tables in the order in which they are made.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    sources = {whole: _Source.of(database, whole) for whole in parts}
    runs: dict[str, tuple[_Source, Part, int]] = {}
    for whole, some in parts.items():
        first = 1
        for part in some:
            runs[part.name] = (sources[whole], part, first)
            first += part.rows
    for name in order:
        if name in runs:
            _make(database, *runs[name])
    for whole, source in sources.items():
        for name in (source.index, whole):
            database.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")
        for table in source.registers:
            database.execute(f"DELETE FROM {table} WHERE table_name = ?", (whole,))  # noqa: S608 - GDAL's names


@dataclass(frozen=True)
class _Source:
    """A table that is divided.

    Attributes:
        name: Of the table.
        tables: Statements that make it, and its index where it has geometry.
        triggers: Statements that make its triggers.
        columns: Its columns, quoted, the number of a row first.
        registers: The columns of each table that says something of it.
    """

    name: str
    tables: list[str]
    triggers: list[str]
    columns: list[str]
    registers: dict[str, list[str]]

    @classmethod
    def of(cls, database: sqlite3.Connection, name: str) -> _Source:
        """Look at a table."""
        made = database.execute(
            "SELECT type, sql FROM sqlite_master WHERE tbl_name IN (?, ?) AND sql IS NOT NULL ORDER BY rowid",
            (name, _index(name)),
        ).fetchall()
        tables, triggers = ([sql for kind, sql in made if (kind == "trigger") is late] for late in (False, True))
        registers = {table: _columns(database, table) for table in _NAMES}
        columns = list(map(_quoted, _columns(database, name)))
        return cls(name, tables, triggers, columns, {table: found for table, found in registers.items() if found})

    @property
    def index(self) -> str:
        """The name of its index."""
        return _index(self.name)


def _make(database: sqlite3.Connection, source: _Source, part: Part, first: int) -> None:
    """Make one table, its triggers last: nothing is counted or indexed twice."""
    last = first + part.rows - 1
    for sql in source.tables:
        database.execute(sql.replace(source.name, part.name))
    _copy(database, (source.name, part.name), source.columns, first, last)
    if len(source.tables) > 1:
        _copy(database, (source.index, _index(part.name)), _INDEXED, first, last)
    for sql in source.triggers:
        database.execute(sql.replace(source.name, part.name))
    known = {name: None if math.isnan(value) else value for name, value in zip(_EXTENT, part.bounds, strict=True)}
    own = {"table_name": part.name, "identifier": part.name, "feature_count": part.rows, **known}
    for table, columns in source.registers.items():
        cells = ", ".join("?" if name in own else name for name in columns)
        database.execute(
            f"INSERT INTO {table} SELECT {cells} FROM {table} WHERE table_name = ?",  # noqa: S608 - GDAL's names
            (*(own[name] for name in columns if name in own), source.name),
        )


def _copy(database: sqlite3.Connection, names: tuple[str, str], columns: Sequence[str], first: int, last: int) -> None:
    """Copy rows, numbered anew from 1 on."""
    old, new = map(_quoted, names)
    number, others = columns[0], "".join(f", {name}" for name in columns[1:])
    database.execute(
        f"INSERT INTO {new} ({number}{others}) SELECT {number} - ?{others} FROM {old}"  # noqa: S608 - quoted
        f" WHERE {number} BETWEEN ? AND ? ORDER BY {number}",
        (first - 1, first, last),
    )


def _index(table: str) -> str:
    return f"rtree_{table}_{_GEOMETRY}"


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table; none where there is no such table."""
    return [str(row[1]) for row in database.execute(f"PRAGMA table_info({_quoted(table)})")]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
