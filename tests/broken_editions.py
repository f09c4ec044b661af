"""Editions spoilt on purpose: every column, shape and word of the metadata, each in every awkward way.

The places are read from the edition itself, so that a new column or word is spoilt too.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import shapely
from flask import Flask
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from layers.edition import file as editions
from layers.edition import sound as check
from layers.edition.export import crs_codes
from layers.edition.file import META, Edition
from layers.model import tables
from layers.model.errors import EditionError
from webmap.serving.asking import routes_of

NESTED = "[" * 3_000 + "]" * 3_000
"""Deeper than JSON in an edition ever is; harmless: a reader gives up."""
CELLS: tuple[Any, ...] = (
    None, 0, 1, -1, 1.5, 1e300, -1e-300, 2**62, float("inf"), "", " ", ";", "nobody/knows", "不存在", "0x10", "1e999",
    "[]", "{}", "[1]", '[{"name": 1}]', NESTED, "长" * 20_000, "a\u0000b", "../../x", b"", b"\xff\xfe",
)  # fmt: skip
"""What a cell may hold in SQLite, whatever the type of its column."""
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, float("nan"), float("inf"), "", "nobody/knows", "a\u0000b", [], [None], [[]],
    ["nobody/knows"], {}, {"": None}, {"x": {"y": []}},
)  # fmt: skip
"""What a place in the metadata may hold, as JSON that Python reads."""
GONE = object()
"""In place of a value: the place itself is not there."""
_BOWTIE = Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])


def blob(wkb: bytes, flags: int = 1) -> bytes:
    """A GeoPackage geometry without an envelope."""
    return b"GP\x00" + bytes([flags]) + struct.pack("<i", 4490) + wkb


def _wkb(shape: Any) -> bytes:
    return blob(shapely.to_wkb(shape, byte_order=1))


SHAPES: dict[str, Any] = {
    "NULL": None,
    "nothing": b"",
    "two letters": b"GP",
    "a head without a shape": blob(b""),
    "an envelope that is not there": b"GP\x00\x03" + struct.pack("<i", 4490),
    "an envelope of no kind": blob(_wkb(Point(120.1, 30.1)), 0x0F),
    "cut off": _wkb(MultiPolygon([box(120, 30, 121, 31)]))[:-9],
    "a count without points": blob(struct.pack("<BII", 1, 2, 3)),
    "a shape of no kind": blob(struct.pack("<BII", 1, 4711, 0)),
    "plain WKB": shapely.to_wkb(Point(120.1, 30.1)),
    "a text": "MULTIPOLYGON EMPTY",
    "a number": 7,
    "empty polygon": _wkb(MultiPolygon()),
    "empty point": _wkb(Point()),
    "a point": _wkb(Point(120.1, 30.1)),
    "points": _wkb(MultiPoint([(120.1, 30.1), (120.2, 30.1)])),
    "a line": _wkb(LineString([(120.1, 30.1), (120.2, 30.1)])),
    "lines with height": _wkb(MultiLineString([[(120.1, 30.1, 5), (120.2, 30.1, 6)]])),
    "a line without length": _wkb(LineString([(120.1, 30.1), (120.1, 30.1)])),
    "a polygon": _wkb(box(120.1, 30.1, 120.2, 30.2)),
    "a bow tie": _wkb(MultiPolygon([_BOWTIE])),
    "a polygon without area": _wkb(MultiPolygon([Polygon([(120, 30), (120, 30), (120, 30), (120, 30)])])),
    "a collection": _wkb(shapely.GeometryCollection([Point(120.1, 30.1), box(120, 30, 121, 31)])),
    "metres": _wkb(MultiPolygon([box(500_000, 3_300_000, 510_000, 3_310_000)])),
    "beyond the world": _wkb(Point(1e300, -1e300)),
    "no number": blob(struct.pack("<BI2d", 1, 1, float("nan"), 30.0)),
    "infinite": blob(struct.pack("<BI2d", 1, 1, float("inf"), 30.0)),
    "a polygon with no number": blob(
        struct.pack("<BII BII I8d", 1, 6, 1, 1, 3, 1, 4, 120, 30, 121, 30, float("nan"), 31, 120, 30)
    ),
}  # fmt: skip


Place = tuple[Any, ...]
"""``(table, column)``, ``("meta", key, step, …)``: two changes of different places can be made together."""


def places_of(sound: Edition) -> dict[Place, tuple[Any, ...]]:
    """Every place of an edition with the values to try there; of a list of records the first that has the place."""
    found: dict[Place, tuple[Any, ...]] = {}
    for table, columns in columns_of(sound).items():
        found |= {(table, column): CELLS for column in columns}
        if sound.geometries.get(table, "none") != "none":
            found[table, editions.GEOMETRY] = tuple(SHAPES.values())
    seen = set()
    for path in _paths(dict(sound.meta)):
        general = tuple("*" if isinstance(step, int) else step for step in path)
        if path and general not in seen:
            seen.add(general)
            found["meta", *path] = (GONE, *VALUES)
    return found


def columns_of(sound: Edition) -> dict[str, dict[str, str]]:
    """The columns of every table with rows, and their types."""
    figures = {name: tables.FIGURES[name] for name in sound.figures}
    return {
        **dict.fromkeys(sound.layers, tables.FEATURE_COLUMNS),
        "indicators": tables.INDICATOR_COLUMNS, "observations": tables.OBSERVATION_COLUMNS, **figures,
    }  # fmt: skip


def plausible(sound: Edition, place: Place, value: Any) -> bool:
    """Whether a change alone passes the check of its column, shape or metadata; the tables are not compared.

    Raises:
        Exception: A check gives up without saying that the edition is wrong.
    """
    table, column = place[0], place[1]
    try:
        if table == "meta":
            meta = changed(dict(sound.meta), place[1:], value)
            if meta.get("format") != editions.FORMAT:
                return False
            check.check_meta(meta)
        elif column == editions.GEOMETRY:
            check.check_shapes(table, sound.geometries[table], editions.shapes([value]))
        else:
            check.check_column(columns_of(sound)[table][column], [value], table, column)
    except (EditionError, *editions.DAMAGED):
        return False
    return True


def spoil(sound: Path, path: Path, spoilt: Mapping[Place, Any], *, whole: bool) -> Path:
    """A copy of an edition's file with some values changed.

    Args:
        sound: The edition's file.
        path: The copy.
        spoilt: Values by place.
        whole: In every row, not in the first only.
    """
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path)) as database:
        allow(database)
        meta = {key: json.loads(value) for key, value in database.execute(f"SELECT key, value FROM {META}")}
        for place, value in spoilt.items():
            if place[0] == "meta":
                meta = changed(meta, place[1:], value)
                continue
            table, column = place
            rows = "" if whole else f'WHERE rowid = (SELECT min(rowid) FROM "{table}")'
            database.execute(f'UPDATE "{table}" SET "{column}" = ? {rows}', (value,))
        database.execute(f"DELETE FROM {META}")
        database.executemany(
            f"INSERT INTO {META} (key, value) VALUES (?, ?)",
            [(key, json.dumps(value, ensure_ascii=False)) for key, value in meta.items()],
        )
        database.commit()
    return path


def allow(database: sqlite3.Connection) -> None:
    """Let an edition's file be changed: its triggers ask for functions of GDAL's; nobody waits for the disk."""
    database.create_function("ST_IsEmpty", 1, lambda _: 1)
    for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        database.create_function(name, 1, lambda _: 0.0)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA journal_mode = MEMORY")


def changed(value: Any, path: Place, new: Any) -> Any:
    """A value with another at a path, or without what is there; as it was where the path leads nowhere."""
    if not path:
        return new
    step = path[0]
    if not ((isinstance(value, dict) and step in value) or (isinstance(value, list) and step in range(len(value)))):
        return value
    result = copy.copy(value)
    if len(path) == 1 and new is GONE:
        del result[step]
    else:
        result[step] = changed(value[step], path[1:], new)
    return result


def _paths(value: Any, path: Place = ()) -> Iterator[Place]:
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in steps:
        yield from _paths(part, (*path, step))


def short(value: Any) -> str:
    """A value as a line of a report can hold it."""
    text = "gone" if value is GONE else repr(value)
    return text if len(text) < 40 else f"{text[:30]}… ({len(text)})"


def addresses(app: Flask, most: int = 4) -> list[str]:
    """Addresses of every declared route: each value of each parameter once, some of them where there are many."""
    store = app.extensions["planmap"].only.store
    free = {
        "crs": crs_codes(store.edition)[1:],
        "indicator": [f"{one}:{level}:quantiles" for one in store.indicator_ids for level in ("district", "zone")],
        "zone": [one.removeprefix("zone/") for one in store.index if one.startswith("zone/")],
        "width": ["700"], "height": ["500"], "q": ["a"],
    }  # fmt: skip
    found: dict[str, None] = {}
    for route in (one for one in routes_of(app) if not one.changes):
        choices = [
            (one.name, _some(one.values(store) or ["1"], 12 if one.name == "feature" else most - 1))
            for one in route.places
        ]
        for values in itertools.product(*(values for _, values in choices)):
            path = route.rule
            for (name, _), value in zip(choices, values, strict=True):
                path = re.sub(rf"<(\w+:)?{name}>", quote(value).replace("\\", r"\\"), path)
            found[path] = None
            for one in route.parameters:
                known = one.values(store) or free.get(one.name, [])
                for value in _some([value for value in known if value != one.default], most):
                    found[f"{path}?{urlencode({one.name: value})}"] = None
    return list(found)


def _some(values: list[str], most: int) -> list[str]:
    return values[:: -(-len(values) // most) or 1]


def faults(app: Flask, asked: Iterable[str]) -> list[str]:
    """The addresses that the server cannot answer."""
    client = app.test_client()
    return [address for address in asked if client.get(address).status_code >= 500]
