"""A plan's card for a catalogue: what an edition says of itself, read without opening it as a whole."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geo.reasons import reason
from layers.edition import sound
from layers.edition.file import FORMAT, GEOMETRY, META, shapes, sql_name
from layers.model.errors import EditionError

DISTRICT = "district"
_HEAD = 40
"""Bytes of a geometry's header with the envelope in two dimensions."""


_MAPPED = 64 * 1024 * 1024


@dataclass(frozen=True)
class Card:
    """What a catalogue tells of an edition.

    Attributes:
        hash: Of the content, 64 hexadecimal digits.
        plan: The record ``plan`` of the metadata: id, titles, period, district …
        features: How many features the edition has.
        bounds: West, south, east, north of the district in degrees (EPSG:4490); None when it has no shape.
        layer: The layer that holds the district; empty when there is none.
    """

    hash: str
    plan: Mapping[str, Any]
    features: int
    bounds: tuple[float, float, float, float] | None
    layer: str


def card(path: Path) -> Card:
    """Read a card: three rows and one header, whatever the size of the edition.

    Args:
        path: The GeoPackage.

    Raises:
        EditionError: As ``layers.edition.file.read``.
    """
    if not path.is_file():
        raise EditionError("edition.missing", path=str(path))
    database = opened(path)
    try:
        rows = database.execute(
            f"SELECT key, value FROM {META} WHERE key IN ('plan', 'hash', 'format', 'stats', 'layers')"  # noqa: S608
        ).fetchall()
        meta = {key: json.loads(value) for key, value in rows}
        if meta.get("format") != FORMAT:
            raise EditionError("edition.format", path=str(path), found=meta.get("format"), wanted=FORMAT)
        sound.check_head(meta)
        bounds, layer = _district(database, meta["layers"])
        features = int(meta.get("stats", {}).get("features", 0))
        return Card(str(meta["hash"]), dict(meta["plan"]), features, bounds, layer)
    except sqlite3.Error as error:
        known = path.open("rb").read(16).startswith(b"SQLite format 3") and "no such table" not in str(error)
        key = "edition.damaged" if known else "edition.foreign"
        raise EditionError(key, path=str(path), said=reason(error)) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise EditionError("edition.damaged", path=str(path), said=reason(error)) from error
    except EditionError as error:
        raise EditionError(error.key, **{"path": str(path), **error.params}) from error
    finally:
        database.close()


def opened(path: Path) -> sqlite3.Connection:
    """An edition's file to read from, as it is."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    database.execute(f"PRAGMA mmap_size = {_MAPPED}")  # a page is a look into memory, not a call of the system
    return database


def outline(path: Path, layer: str) -> BaseGeometry | None:
    """The district's shape, in lon/lat degrees EPSG:4490; None when it has none or cannot be read."""
    table = sql_name(layer)
    database = opened(path)
    try:
        row = database.execute(f'SELECT "{GEOMETRY}" FROM {table} WHERE id = ?', (DISTRICT,)).fetchone()  # noqa: S608
        return None if row is None or row[0] is None else shapes([row[0]])[0]
    except (sqlite3.Error, ShapelyError, ValueError, IndexError):
        return None
    finally:
        database.close()


def _district(
    database: sqlite3.Connection, layers: list[Mapping[str, Any]]
) -> tuple[tuple[float, float, float, float] | None, str]:
    """Bounds of the district, from the envelope that its geometry begins with, and its layer."""
    # The layer of that kind first: it is nearly always there.
    areas = [layer for layer in layers if layer["geometry"] == "polygon"]
    for layer in sorted(areas, key=lambda one: DISTRICT not in one.get("kinds", [])):
        table = sql_name(str(layer["id"]))
        row = database.execute(
            f'SELECT substr("{GEOMETRY}", 1, {_HEAD}) FROM {table} WHERE id = ?',  # noqa: S608
            (DISTRICT,),
        ).fetchone()
        if row is None:
            continue
        head = row[0]
        if not head or head[:2] != b"GP" or not (head[3] >> 1) & 7:
            return None, str(layer["id"])
        west, east, south, north = struct.unpack("<4d" if head[3] & 1 else ">4d", head[8:_HEAD])
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            return None, str(layer["id"])
        return (west, south, east, north), str(layer["id"])
    return None, ""
