"""What somebody changed in an edition, feature by feature: moved, reshaped, renamed, changed, added, removed.

The file is read as SQLite has it, so that a shape that nobody touched is equal bit for bit. Features are told apart by
their id and never by the number of their row: a pasted or split feature has the id twice, and which piece keeps the
number says nothing. Bounds and other things that programs note in the file are not looked at.
"""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import struct
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000, metric_crs, transform_array
from geo.foreign.binary import MAX_BYTES, check_schema
from geo.foreign.text import too_large
from geo.reasons import foreign_errors
from layers.edition.file import GEOMETRY, META, Edition, sql_name
from layers.edition.store import Store, plain
from layers.model import tables
from layers.model.errors import LayersError

MOVED, RESHAPED, LOCATED, RENAMED, CHANGED, ADDED, REMOVED = (
    "moved", "reshaped", "located", "renamed", "changed", "added", "removed",
)  # fmt: skip
WHATS = (MOVED, RESHAPED, LOCATED, RENAMED, CHANGED, ADDED, REMOVED)
"""What an edit may be."""
NAMES = ("name", "name_en", "aliases")
COLUMNS = ("status", "basis", "accuracy_m", "cites", "lead_units", "sources", "code", "color", "note", "note_en")
"""Columns that the plan folder takes back; the others follow from shapes, or are the plan's own structure."""
_SAME_M = 0.02
_BLOB = struct.Struct("<2sBBi")
_ENVELOPES = (0, 32, 48, 48, 64)


@dataclass(frozen=True)
class Row:
    """A feature as the file has it."""

    layer: str
    cells: Mapping[str, Any]
    shape: BaseGeometry | None
    blob: bytes

    @property
    def id(self) -> str:
        """Its id, or "" for one that is new."""
        return text(self.cells.get("id"))


@dataclass(frozen=True)
class Edit:
    """What changed of one feature.

    Attributes:
        id: Of the feature; of a new one the id that it will have is chosen when it is put in.
        name: What it is called in the file.
        layer: Its layer.
        what: Which of ``WHATS`` apply.
        shape: Its new shape in degrees; None where the shape did not change.
        columns: New values by column.
        before: Old values of these columns.
        distance_m: How far the shape moved at most (Hausdorff distance of the vertices), or None.
        conflict: What has changed in the plan folder since, by column (``geometry`` for the shape): the value there.
        ignored: Columns that were changed and are not taken back.
        twin: How many rows of the file have this id, when it is not one.
    """

    id: str
    name: str
    layer: str
    what: tuple[str, ...]
    shape: BaseGeometry | None = None
    columns: Mapping[str, str] | None = None
    before: Mapping[str, str] | None = None
    distance_m: float | None = None
    conflict: Mapping[str, str] | None = None
    ignored: tuple[str, ...] = ()
    twin: int = 1


def base_hash(path: Path) -> str:
    """The hash of the edition that a file was edited from.

    Raises:
        GeoError: ``vector.*`` when it is no GeoPackage.
        LayersError: ``import.no_edition``.
    """
    return _open(path)[0]


def rows(path: Path) -> dict[str, list[Row]]:
    """Every row of the layers of an edited edition, by layer.

    Raises:
        GeoError: ``vector.*``.
        LayersError: ``import.no_edition``, ``import.edition_columns``, ``import.edition_crs``.
    """
    return _open(path)[1]


def _open(path: Path) -> tuple[str, dict[str, list[Row]]]:
    """Hash and rows, from a private copy with what SQLite has not yet put into the file itself."""
    shown = path.name
    with foreign_errors(shown):
        if not path.is_file():
            raise LayersError("import.file_missing", file=str(path))
        wal = path.with_name(path.name + "-wal")
        total = path.stat().st_size + (wal.stat().st_size if wal.is_file() else 0)
        if total > MAX_BYTES:
            raise too_large(shown, total, MAX_BYTES)
        with tempfile.TemporaryDirectory(prefix="planmap-") as folder:
            copy = Path(folder) / "data.gpkg"
            shutil.copyfile(path, copy)
            if wal.is_file():
                shutil.copyfile(wal, copy.with_name("data.gpkg-wal"))
            check_schema(copy, shown)
            with closing(sqlite3.connect(copy)) as database:
                database.execute("PRAGMA trusted_schema = OFF")
                try:
                    meta = dict(database.execute(f"SELECT key, value FROM {META}").fetchall())  # noqa: S608
                    found, layers = str(json.loads(meta["hash"])), json.loads(meta["layers"])
                except (sqlite3.Error, KeyError, ValueError) as error:
                    raise LayersError("import.no_edition", file=shown) from error
                return found, {str(one["id"]): _layer(database, str(one["id"]), shown) for one in layers}


def _layer(database: sqlite3.Connection, layer: str, shown: str) -> list[Row]:
    """The rows of one table; a layer that somebody took out of the file has none."""
    quoted = sql_name(layer)
    try:
        cursor = database.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (quoted)
    except sqlite3.OperationalError:
        return []
    names = [str(column[0]) for column in cursor.description]
    if "id" not in names or "name" not in names:
        raise LayersError("import.edition_columns", file=shown, layer=layer)
    found = []
    for values in cursor:
        cells = dict(zip(names, values, strict=True))
        blob = cells.pop(GEOMETRY, None) or b""
        cells.pop("fid", None)
        found.append(Row(layer, cells, _shape(blob, shown, layer) if blob else None, bytes(blob)))
    return found


def _shape(blob: bytes, shown: str, layer: str) -> BaseGeometry | None:
    """The geometry in a GeoPackage's cell (OGC 12-128r18, clause 2.1.3)."""
    magic, _version, flags, _srs = _BLOB.unpack_from(blob)
    kind = flags >> 1 & 7
    if magic != b"GP" or kind >= len(_ENVELOPES):
        raise LayersError("import.edition_columns", file=shown, layer=layer)
    shape = shapely.force_2d(shapely.from_wkb(blob[_BLOB.size + _ENVELOPES[kind] :]))
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise LayersError("import.edition_broken", file=shown, layer=layer)
    return None if shape.is_empty else shape


def text(value: Any) -> str:
    """A cell as the plan folder would write it: "" for what is not there."""
    found = plain(value)
    if found is None or (isinstance(found, float) and math.isnan(found)):
        return ""
    if isinstance(found, bool):
        return "1" if found else "0"
    return f"{found:.9g}" if isinstance(found, float) else str(found)


def edits(given: Mapping[str, Sequence[Row]], base: Edition, current: Edition) -> list[Edit]:
    """Compare a file with the edition that it was, and with the one that there is now.

    Args:
        given: The file's rows by layer.
        base: The edition that was edited.
        current: The edition of the plan folder as it is.

    Returns:
        Every feature that somebody changed, in the order of the layers.
    """
    old, now = _by_id(base), _by_id(current)
    lon = float(base.meta["plan"].get("lon") or 0.0)
    by_id: dict[str, list[Row]] = defaultdict(list)
    fresh: list[Row] = []
    for layer in given.values():
        for row in layer:
            if row.id in old:
                by_id[row.id].append(row)
            else:
                fresh.append(row)
    found: list[Edit] = []
    for identifier, was in old.items():
        mine = by_id.get(identifier, [])
        if not mine:
            gone = {"geometry": ""} if identifier in now and not _same(was, now[identifier]) else None
            found.append(Edit(identifier, text(was.cells.get("name")), was.layer, (REMOVED,), conflict=gone))
            continue
        keeper = _keeper(mine, was)
        fresh += [row for row in mine if row is not keeper]
        edit = _edit(keeper, was, now.get(identifier), lon, len(mine))
        if edit is not None:
            found.append(edit)
    found += [
        _added(row, len(by_id.get(row.id, [])) or 1) for row in fresh if row.shape is not None or row.cells.get("name")
    ]
    return found


def _by_id(edition: Edition) -> dict[str, Row]:
    store = Store(edition)
    found = {}
    for layer in store.layers:
        frame = store.frame(layer)
        records = frame.drop(columns="geometry", errors="ignore").to_dict("records")
        for cells, shape in zip(records, store.geometries(layer), strict=True):
            row = Row(layer, {str(name): value for name, value in cells.items()}, shape, b"")
            found[row.id] = row
    return found


def _keeper(mine: list[Row], was: Row) -> Row:
    """Of several rows of one id the one that is the old feature: with its shape, else with most of it."""
    if len(mine) == 1:
        return mine[0]
    untouched = [row for row in mine if _equal(row.shape, was.shape)]
    if untouched:
        return untouched[0]

    def shared(row: Row) -> float:
        if row.shape is None or was.shape is None:
            return -1.0
        common = shapely.intersection(shapely.make_valid(row.shape), was.shape)
        size = shapely.area if shapely.get_dimensions(was.shape) == 2 else shapely.length
        return float(size(common))

    return max(mine, key=shared)


def _edit(row: Row, was: Row, now: Row | None, lon: float, count: int) -> Edit | None:
    what: list[str] = []
    conflict: dict[str, str] = {}
    shape, distance = None, None
    ignored: list[str] = []
    if row.shape is None and was.shape is not None:
        ignored.append("geometry")  # to take a shape away is to take the feature away, or to say why in the plan folder
    elif not _equal(row.shape, was.shape):
        kind, distance = _how(row.shape, was.shape, lon)
        what.append(kind)
        shape = row.shape
        if now is not None and not _equal(now.shape, was.shape) and not _equal(now.shape, row.shape):
            conflict["geometry"] = _told(now.shape)
    columns: dict[str, str] = {}
    before: dict[str, str] = {}
    for column in tables.FEATURE_COLUMNS:
        mine, theirs = text(row.cells.get(column)), text(was.cells.get(column))
        if column == "id" or mine == theirs or _number_same(mine, theirs):
            continue
        if column not in (*NAMES, *COLUMNS):
            ignored.append(column)
            continue
        columns[column], before[column] = mine, theirs
        here = text(now.cells.get(column)) if now is not None else theirs
        if here not in (theirs, mine):
            conflict[column] = here
    what += [RENAMED] if any(column in NAMES for column in columns) else []
    what += [CHANGED] if any(column in COLUMNS for column in columns) else []
    if not what and not (ignored and count == 1):
        return None
    if what and now is None:
        conflict["id"] = ""
    return Edit(
        was.id, text(row.cells.get("name")), was.layer, tuple(what), shape, columns, before, distance,
        conflict or None, tuple(ignored), count,
    )  # fmt: skip


def _number_same(one: str, other: str) -> bool:
    """Whether two cells are the same number written otherwise: QGIS writes 800 where the edition has 800.0."""
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9)
    except ValueError:
        return False


def _added(row: Row, twin: int) -> Edit:
    columns = {column: text(row.cells.get(column)) for column in (*NAMES, *COLUMNS, "kind")}
    columns = {name: value for name, value in columns.items() if value}
    return Edit(row.id, text(row.cells.get("name")), row.layer, (ADDED,), row.shape, columns, {}, twin=twin)


def _same(one: Row, other: Row) -> bool:
    """Whether two editions say the same of a feature, as far as it can be edited."""
    return _equal(one.shape, other.shape) and all(
        text(one.cells.get(name)) == text(other.cells.get(name)) for name in (*NAMES, *COLUMNS)
    )


def _equal(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    """Bit for bit, or the same parts in another order or type."""
    if one is None or other is None:
        return one is other
    if bool(shapely.equals_identical(one, other)):
        return True
    return bool(shapely.equals_identical(_plain(one), _plain(other)))


def _plain(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts([shape])
    return shapely.normalize(parts[0] if len(parts) == 1 else shape)


def _how(row: BaseGeometry | None, was: BaseGeometry | None, lon: float) -> tuple[str, float | None]:
    """Moved as a whole, reshaped, or placed for the first time; and how far at most, in metres."""
    if row is None or was is None:
        return (LOCATED if was is None else RESHAPED), None
    zone = metric_crs(lon)
    one, other = transform_array(np.array([_plain(row), _plain(was)], dtype=object), CGCS2000, zone)
    distance = round(float(shapely.hausdorff_distance(one, other)), 2)
    mine, theirs = shapely.get_coordinates(one), shapely.get_coordinates(other)
    if len(mine) == len(theirs):
        offsets = mine - theirs
        if float(np.abs(offsets - offsets.mean(axis=0)).max()) < _SAME_M * max(1.0, distance / 100):
            return MOVED, distance
    return RESHAPED, distance


def _told(shape: BaseGeometry | None) -> str:
    if shape is None:
        return ""
    point = shape.representative_point()
    return f"{shape.geom_type} {point.x:.5f} {point.y:.5f}"
