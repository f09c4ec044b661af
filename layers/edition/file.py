"""Editions: one GeoPackage that QGIS opens and the server serves, identified by the hash of its content."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError

from geo import files, gpkg_parts, vector
from geo.crs import CGCS2000
from geo.gpkg_parts import Part
from geo.reasons import reason
from layers.edition import sound
from layers.edition.gpkg_metadata import add_metadata
from layers.edition.gpkg_project import add_project
from layers.model import tables
from layers.model.errors import EditionError
from layers.model.tables import FLAG, INTEGER, LIST, NUMBER, TEXT

FORMAT = 5
"""Raised with every change of a column or of the metadata's shape: an edition of another format is built again."""
DECIMALS = 7
"""Coordinates are compared to 1e-7 degree, about a centimetre."""
GEOMETRY = "geom"
"""Name of the geometry column in the file; frames call it ``geometry``."""

_DIGITS = 9
_FEW = 5_000
"""Layers of no more features than this, all together, are written as one and divided: see `geo.gpkg_parts`."""
_WHOLE = "PLANMAP-ALL-"
"""What they are called until then; ids of layers have no capitals."""
_AT_ONCE = 2_000
"""So many geometries are written for the hash at a time."""
_STORED = {TEXT: "object", LIST: "object", FLAG: "bool"}
_CELLS: Mapping[str, tuple[Any, Callable[[Any], Any]]] = {
    TEXT: ("", str), LIST: ("", str), NUMBER: (None, float), INTEGER: (None, int), FLAG: (False, bool),
}  # fmt: skip
"""What a missing cell is stored as, and what makes of a cell what is stored."""
_SQL_TYPES = {TEXT: "TEXT", LIST: "TEXT", NUMBER: "REAL", INTEGER: "INTEGER", FLAG: "BOOLEAN"}
META = "planmap_meta"
"""The table of the metadata."""
DAMAGED = (sqlite3.Error, ShapelyError, struct.error, ValueError, LookupError, TypeError, RecursionError)
"""What reading a file raises that is no edition as we write it."""


def no_figures() -> dict[str, pd.DataFrame]:
    """Empty tables of figures, for a plan that states none."""
    return {name: _typed([[] for _ in columns], columns) for name, columns in tables.FIGURES.items()}


@dataclass(frozen=True, slots=True)
class Edition:
    """An immutable build of a plan.

    Attributes:
        meta: ``plan``, ``layers``, ``groups``, ``views``, ``kinds``, ``statuses``, ``bases``, ``ramps``,
            ``sources``, ``terms`` (lists of records), ``outline``, ``stats``, ``format``, ``hash``; where the plan
            folder has them ``notation``, ``titles`` and ``clauses``, the plan's own words.
        layers: Features per layer, EPSG:4490, columns ``tables.FEATURE_COLUMNS`` and ``geometry`` (None where a
            feature has none).
        indicators: Columns ``tables.INDICATOR_COLUMNS``.
        observations: Columns ``tables.OBSERVATION_COLUMNS``.
        figures: The tables ``tables.FIGURES``: targets, the review of the last period, claims.
        styles: Rows of QGIS's ``layer_styles``; empty after ``read``, which has no use for them.
    """

    meta: Mapping[str, Any]
    layers: Mapping[str, gpd.GeoDataFrame]
    indicators: pd.DataFrame
    observations: pd.DataFrame
    figures: Mapping[str, pd.DataFrame] = field(default_factory=no_figures)
    styles: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(tables.STYLE_COLUMNS)))

    @property
    def hash(self) -> str:
        """SHA-256 of the content, hexadecimal."""
        return str(self.meta["hash"])

    @property
    def geometries(self) -> dict[str, str]:
        """Layer id → ``polygon``, ``line``, ``point`` or ``none``."""
        return {layer["id"]: layer["geometry"] for layer in self.meta["layers"]}


# ---- content hash


def content_hash(
    meta: Mapping[str, Any],
    layers: Mapping[str, gpd.GeoDataFrame],
    indicators: pd.DataFrame,
    observations: pd.DataFrame,
    figures: Mapping[str, pd.DataFrame],
) -> str:
    """SHA-256 over the canonical JSON of the tables and the metadata without ``hash``.

    Coordinates are rounded to 1e-7 degree, then normalised; other numbers to nine digits: the same plan folder
    has the same hash on any machine. QGIS styles follow from the metadata and are left out.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    digest.update(canonical({key: value for key, value in meta.items() if key != "hash"}))
    for name, frame in layers.items():
        columns = _canonical_columns(frame, tables.FEATURE_COLUMNS)
        # The bytes of one JSON object with sorted keys, written in pieces: whole it would be as large as all layers.
        digest.update(b'{"columns":' + _json(columns) + b',"geometry":[')
        for piece in _canonical_shapes(np.asarray(frame.geometry, dtype=object)):
            digest.update(piece)
        digest.update(b'],"table":' + _json(name) + b"}")
    for name, table, kinds in (
        ("indicators", indicators, tables.INDICATOR_COLUMNS),
        ("observations", observations, tables.OBSERVATION_COLUMNS),
        *((name, figures[name], columns) for name, columns in tables.FIGURES.items()),
    ):
        digest.update(_json({"table": name, "columns": _canonical_columns(table, kinds)}))
    return digest.hexdigest()


def _canonical_shapes(geometries: Any) -> Iterator[bytes]:
    """The items of a JSON list of geometries, as hexadecimal WKB, rounded and normalised."""
    for start in range(0, len(geometries), _AT_ONCE):
        some = geometries[start : start + _AT_ONCE]
        rounded = shapely.transform(some, lambda xy: np.round(xy, DECIMALS) + 0.0)
        written = shapely.to_wkb(shapely.normalize(rounded), byte_order=1)
        # Hexadecimal digits need no escape: to join them takes a fraction of what looking at each as JSON does, and
        # to make them here a tenth of what GEOS takes, which writes digit by digit.
        listed = ",".join("null" if one is None else f'"{one.hex().upper()}"' for one in written.tolist())
        yield (b"," if start else b"") + listed.encode()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8; numbers to nine digits, no NaN.

    Example:
        >>> canonical({"b": 0.1 + 0.2, "a": None})
        b'{"a":null,"b":0.3}'
    """
    return _json(_plain(value))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _canonical_columns(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """The columns of a table as canonical JSON has them."""
    stored = _stored(frame, columns)
    return {name: _shortened(values) if columns[name] == NUMBER else values for name, values in stored.items()}


def _shortened(values: Sequence[float | None]) -> list[float | None]:
    """Numbers as `_short` gives them; each once, since accuracies, shares and counts say the same over and over."""
    short = {value: _short(value) for value in set(values)}
    return [short[value] for value in values]


def _plain(value: Any) -> Any:
    """A value as JSON has it: lists and numbers of Python, NaN as None, whole numbers without a point."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return _short(float(value))
    if isinstance(value, np.integer):
        return int(value)
    return None if value is pd.NA or value is pd.NaT else value


def _short(value: float | None) -> float | None:
    """A number to nine digits, whole ones without a point; None for what is no number."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 2**53 else short


def rows_of(frame: pd.DataFrame, columns: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, columns in the table's order, values as they are stored."""
    return zip(*_stored(frame, columns).values(), strict=True)


def _stored(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """The cells of a table's columns as SQLite takes them; text is never NULL, a missing number always.

    Of all columns at once: to take them one by one costs ten times as much, and an edition has hundreds.
    """
    table = pd.DataFrame(frame)
    places = [table.columns.get_loc(name) for name in columns]
    cells = table.to_numpy(dtype=object)  # of the geometry as well: to choose columns first takes three times as long
    found: dict[str, list[Any]] = {}
    for place, (name, kind) in zip(places, columns.items(), strict=True):
        empty, as_stored = _CELLS[kind]
        listed = cells[:, place].tolist()
        if as_stored is str and set(map(type, listed)) == {str}:  # nearly every column of texts
            found[name] = listed
            continue
        missing = pd.isna(cells[:, place])
        if missing.any():
            gone = missing.tolist()
            found[name] = [empty if no else as_stored(value) for value, no in zip(listed, gone, strict=True)]
        else:
            found[name] = list(map(as_stored, listed))
    return found


# ---- writing


def write(edition: Edition, path: Path, name: str = "", *, bare: bool = False) -> None:
    """Write an edition; the file that was there stays untouched until the new one is complete.

    The same edition always gives the same bytes (with the same versions of GDAL and SQLite).

    Args:
        edition: What to write.
        path: The file.
        name: What the file will be called where the QGIS project in it is opened; "" for ``<plan id>.gpkg``.
        bare: Only what ``read`` reads, without styles, metadata and project: for another process of the program.

    Raises:
        EditionError: ``edition.not_written``.
        GeoError: ``vector.not_written`` when the folder cannot be written.
    """
    timestamp = f"{edition.meta['plan']['as_of']:04d}-01-01T00:00:00.000Z"
    frames, parts = _together(edition)
    with files.atomic_path(path) as temporary:
        vector.write_gpkg(temporary, frames, timestamp=timestamp, own=True)
        try:
            _add_tables(temporary, edition, timestamp, name, parts, bare=bare)
        except sqlite3.Error as error:
            raise EditionError("edition.not_written", path=str(path), said=reason(error)) from error


def _together(edition: Edition) -> tuple[dict[str, pd.DataFrame], dict[str, list[Part]]]:
    """What GDAL writes, and what it is divided into: small layers of a type of geometry are written as one."""
    geometries, layers = edition.geometries, edition.layers
    if sum(map(len, layers.values())) > _FEW or not gpkg_parts.can_divide():
        return {name: _for_file([frame], geometries[name]) for name, frame in layers.items()}, {}
    kinds: dict[str, list[str]] = {}
    for name in layers:
        kinds.setdefault(geometries[name], []).append(name)
    frames, parts = {}, {}
    for kind, names in kinds.items():
        some = [layers[name] for name in names]
        whole = f"{_WHOLE}{kind}"
        frames[whole] = _for_file(some, kind)
        bounds = [(math.nan,) * 4 if kind == "none" else _bounds(frame) for frame in some]
        parts[whole] = [Part(name, len(frame), box) for name, frame, box in zip(names, some, bounds, strict=True)]
    return frames, parts


def _bounds(frame: gpd.GeoDataFrame) -> tuple[float, ...]:
    shapes = np.asarray(frame.geometry, dtype=object)
    return tuple(shapely.total_bounds(shapes).tolist()) if len(shapes) else (math.nan,) * 4


def _for_file(frames: Sequence[gpd.GeoDataFrame], geometry: str) -> pd.DataFrame:
    """Layers as they are stored, one behind the other: columns typed, geometry of one type or none at all."""
    stored = [_stored(frame, tables.FEATURE_COLUMNS) for frame in frames]
    table = pd.DataFrame(
        {
            name: np.array([cell for one in stored for cell in one[name]], dtype=_STORED.get(kind, "float64"))
            for name, kind in tables.FEATURE_COLUMNS.items()
        }
    )
    if geometry == "none":
        return table
    shapes = [shape for frame in frames for shape in frame.geometry]
    shown = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=frames[0].crs))
    shown.attrs["geometry_type"] = tables.STORED_GEOMETRY[geometry]
    return shown


def _add_tables(
    path: Path, edition: Edition, timestamp: str, name: str, parts: Mapping[str, Sequence[Part]], *, bare: bool
) -> None:
    """Divide what was written as one, and add the tables without geometry, registered as attributes."""
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA synchronous = OFF")  # the file is put in place when it is on the disk as a whole
        database.execute("PRAGMA journal_mode = MEMORY")
        gpkg_parts.divide(database, parts, list(edition.layers))
        meta = pd.DataFrame({"key": list(edition.meta), "value": [_document(value) for value in edition.meta.values()]})
        _add_table(database, META, meta, {"key": TEXT, "value": TEXT}, timestamp)
        _add_table(database, "indicators", edition.indicators, tables.INDICATOR_COLUMNS, timestamp)
        _add_table(database, "observations", edition.observations, tables.OBSERVATION_COLUMNS, timestamp)
        for table, columns in tables.FIGURES.items():
            _add_table(database, table, edition.figures[table], columns, timestamp)
        if bare:
            database.commit()
            return
        if edition.meta.get("clauses"):
            _add_table(database, tables.CLAUSES, clauses_of(edition.meta), tables.CLAUSE_COLUMNS, timestamp)
        if len(edition.styles):
            styles = edition.styles.assign(update_time=timestamp)
            _add_table(database, "layer_styles", styles, {**tables.STYLE_COLUMNS, "update_time": "time"}, timestamp)
        add_metadata(database, edition, edition.layers, timestamp)
        add_project(database, edition, edition.layers, timestamp, file=name)
        database.commit()
        database.execute("VACUUM")
    finally:
        database.close()


def clauses_of(meta: Mapping[str, Any]) -> pd.DataFrame:
    """The plan's own words as a table for those who open the file; what the program reads is in the metadata."""
    said, titles = meta["clauses"], meta.get("titles", {})
    rows = [[clause, titles.get(clause, ""), text] for clause, text in said.items()]
    return pd.DataFrame(rows, columns=list(tables.CLAUSE_COLUMNS))


def _document(value: Any) -> str:
    """A value of the metadata as JSON, order kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _add_table(
    database: sqlite3.Connection, name: str, frame: pd.DataFrame, columns: Mapping[str, str], timestamp: str
) -> None:
    """Create, fill and register one table; names come from this module, never from a plan."""
    types = ", ".join(f'"{column}" {_SQL_TYPES.get(kind, "DATETIME")}' for column, kind in columns.items())
    database.execute(
        f'CREATE TABLE "{name}" (id_ INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {types})'.replace(
            "id_", "fid" if "id" in columns else "id"
        )
    )
    marks = ", ".join("?" * len(columns))
    named = ", ".join(f'"{column}"' for column in columns)
    rows = rows_of(frame, {column: TEXT if kind == "time" else kind for column, kind in columns.items()})
    database.executemany(f'INSERT INTO "{name}" ({named}) VALUES ({marks})', rows)  # noqa: S608
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) VALUES (?, ?, ?, ?, 0)",
        (name, "attributes", name, timestamp),
    )


# ---- reading


def sql_name(name: str) -> str:
    """A name as SQL takes it, whatever is in it.

    Example:
        >>> sql_name('a"b')
        '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def read(path: Path) -> Edition:
    """Read an edition.

    Args:
        path: The file.

    Returns:
        The edition, without QGIS styles.

    Raises:
        EditionError: ``edition.missing``, ``edition.foreign``, ``edition.format``, ``edition.damaged`` or
            ``edition.invalid``.
    """
    path = Path(path)
    if not path.is_file():
        raise EditionError("edition.missing", path=str(path))
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        meta = _read_meta(database, path)
        layers = {layer["id"]: _read_layer(database, layer["id"], layer["geometry"]) for layer in meta["layers"]}
        indicators = _read_table(database, "indicators", tables.INDICATOR_COLUMNS)
        observations = _read_table(database, "observations", tables.OBSERVATION_COLUMNS)
        figures = {name: _read_table(database, name, columns) for name, columns in tables.FIGURES.items()}
        sound.check_tables(meta, layers, {"indicators": indicators, "observations": observations, **figures})
    except DAMAGED as error:
        raise EditionError("edition.damaged", path=str(path), said=reason(error)) from error
    except EditionError as error:
        raise EditionError(error.key, **{"path": str(path), **error.params}) from error
    finally:
        database.close()
    return Edition(meta, layers, indicators, observations, figures)


def read_layer(path: Path, name: str, geometry: str) -> gpd.GeoDataFrame:
    """One layer of an edition that was read before.

    Args:
        path: The file, as it was then.
        name: The layer's id.
        geometry: ``polygon``, ``line``, ``point`` or ``none``.
    """
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return _read_layer(database, name, geometry)
    finally:
        database.close()


def _read_meta(database: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """The metadata; tells a file of another kind from a damaged one."""
    try:
        rows = database.execute(f"SELECT key, value FROM {META} ORDER BY id").fetchall()  # noqa: S608
    except sqlite3.OperationalError as error:
        raise EditionError("edition.foreign", path=str(path)) from error
    except sqlite3.DatabaseError as error:
        header = path.open("rb").read(16)
        key = "edition.damaged" if header.startswith(b"SQLite format 3") else "edition.foreign"
        raise EditionError(key, path=str(path), said=reason(error)) from error
    found = dict(rows).get("format")
    if found != str(FORMAT):
        raise EditionError("edition.format", path=str(path), found=found, wanted=FORMAT)
    meta = {str(key): json.loads(value) for key, value in rows}
    sound.check_meta(meta)
    return meta


def _read_layer(database: sqlite3.Connection, name: str, geometry: str) -> gpd.GeoDataFrame:
    """One layer's features."""
    columns = list(tables.FEATURE_COLUMNS)
    wanted = columns if geometry == "none" else [*columns, GEOMETRY]
    found = _select(database, name, wanted)
    frame = _typed(found[: len(columns)], tables.FEATURE_COLUMNS, name)
    blobs = [None] * len(frame) if geometry == "none" else found[-1]
    geometries = shapes(blobs)
    if geometry != "none":
        sound.check_shapes(name, geometry, geometries)
    return gpd.GeoDataFrame(frame, geometry=geometries, crs=CGCS2000)


def _read_table(database: sqlite3.Connection, name: str, columns: Mapping[str, str]) -> pd.DataFrame:
    """A table without geometry."""
    return _typed(_select(database, name, list(columns)), columns, name)


def _select(database: sqlite3.Connection, name: str, columns: list[str]) -> list[list[Any]]:
    """The columns of a table as lists."""
    quoted = ", ".join('"' + column + '"' for column in columns)
    table = sql_name(name)
    rows = database.execute(f"SELECT {quoted} FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
    return [list(values) for values in zip(*rows, strict=True)] if rows else [[] for _ in columns]


def _typed(values: list[list[Any]], columns: Mapping[str, str], table: str = "") -> pd.DataFrame:
    """Lists of values as a table with the columns' types; missing numbers are NaN (floats) or <NA> (integers).

    Raises:
        EditionError: ``edition.invalid``: a value is of another type than its column, or out of all bounds.
    """
    for (name, kind), column in zip(columns.items(), values, strict=True):
        sound.check_column(kind, column, table, name)
    # Arrays, not series: an edition has hundreds of columns, and each series made takes half a millisecond.
    return pd.DataFrame(
        {name: _array(kind, column) for (name, kind), column in zip(columns.items(), values, strict=True)}
    )


def _array(kind: str, column: list[Any]) -> Any:
    if kind == INTEGER:
        return pd.array(column, dtype="Int64")
    if kind == NUMBER:
        return np.array([math.nan if value is None else value for value in column], dtype="float64")
    return np.array(column, dtype="object" if kind in (TEXT, LIST) else "bool")


_ENVELOPES = (0, 32, 48, 48, 64)


def shapes(blobs: list[bytes | None]) -> Any:
    """Geometries from GeoPackage blobs: a header with an envelope of known size, then WKB."""
    wkb: list[bytes | None] = []
    for blob in blobs:
        if blob is None:
            wkb.append(None)
            continue
        if not isinstance(blob, bytes) or blob[:2] != b"GP":
            raise ValueError("no GeoPackage geometry")
        wkb.append(blob[8 + _ENVELOPES[(blob[3] >> 1) & 7] :])
    return shapely.from_wkb(np.array(wkb, dtype=object))
