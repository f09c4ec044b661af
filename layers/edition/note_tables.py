"""Notes that somebody drew on the map, put into a GeoPackage as layers of their own: no features of the plan."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd
import shapely

from geo import files, vector
from geo.errors import GeoError
from geo.reasons import reason
from layers.edition import gpkg_project
from layers.edition.file import Edition
from layers.edition.formats.archive import write_zip
from layers.edition.formats.geopackage import add_styles
from layers.edition.systems import ExportError, System
from layers.model import tables
from layers.qgis import notes as looks
from layers.qgis.project import packed, unpacked

_KINDS = {"Point": shapely.Point, "LineString": shapely.LineString, "Polygon": shapely.Polygon}
_SINGLE = 1


class Drawn(Protocol):
    """A note, as whoever read it has it."""

    @property
    def shape(self) -> str:
        """``point``, ``text``, ``number``, ``line``, ``arrow`` or ``polygon``."""

    @property
    def color(self) -> str:
        """Name of its colour."""

    @property
    def points(self) -> Sequence[tuple[float, float]]:
        """Longitude and latitude, degrees."""

    @property
    def text(self) -> str:
        """Its words, or ""."""


def add(target: Path, edition: Edition, system: System, notes: Iterable[Drawn], colors: Mapping[str, str]) -> None:
    """Put notes into a GeoPackage: tables with styles, and a group on top of the QGIS project in it.

    Args:
        target: The GeoPackage, as `layers.edition.export` writes it; as it was when something goes wrong.
        edition: What it was made from.
        system: Of its coordinates.
        notes: In the order in which they were drawn, which counts the numbers.
        colors: ``#rrggbb`` by name of a colour.

    Raises:
        ExportError: ``export.notes_taken``: a layer of the plan has the name of a table of notes.
        GeoError: ``vector.not_written``.
    """
    found = frames(notes, system)
    if not found:
        return
    year = int(edition.meta["plan"]["as_of"])
    timestamp = f"{year:04d}-01-01T00:00:00.000Z"
    try:
        with files.atomic_path(target) as temporary:
            shutil.copyfile(target, temporary)
            with closing(sqlite3.connect(temporary)) as database:
                _refuse_taken(database, found)
            vector.write_gpkg(temporary, found, timestamp=timestamp, own=True)
            with closing(sqlite3.connect(temporary)) as database, database:
                add_styles(database, _styles(found, colors), timestamp)
                for table in found:
                    named = (looks.title(table, "zh"), looks.title(table, "en"), table)
                    database.execute(
                        "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?", named
                    )
                _extend_project(database, list(found), system, colors, target.name, year)
    except (sqlite3.Error, OSError) as error:
        raise GeoError("vector.not_written", file=target.name, detail=reason(error)) from error


def add_to_archive(
    target: Path, edition: Edition, system: System, notes: Iterable[Drawn], colors: Mapping[str, str], lang: str
) -> None:
    """Put notes into an archive for QGIS: into the GeoPackage in it, and into the project beside that.

    Args:
        target: An archive of the format ``qgis``; as it was when something goes wrong.
        edition: What it was made from.
        system: Of its coordinates.
        notes: In the order in which they were drawn.
        colors: ``#rrggbb`` by name of a colour.
        lang: Of the project in the archive.

    Raises:
        ExportError: As `add`.
        GeoError: ``vector.not_written``.
    """
    drawn, year = list(notes), int(edition.meta["plan"]["as_of"])
    found = list(frames(drawn, system))
    if not found:
        return
    try:
        with zipfile.ZipFile(target) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with files.atomic_path(target) as temporary:
            for name in list(members):
                stem, end = Path(name).stem, Path(name).suffix
                if end == ".gpkg":
                    beside = temporary.with_name(name)
                    beside.write_bytes(members[name])
                    add(beside, edition, system, drawn, colors)
                    members[name] = beside.read_bytes()
                elif end == ".qgz":
                    document = unpacked(members[name], stem)
                    extended = looks.with_notes(document, found, system.crs, colors, f"{stem}.gpkg", lang)
                    members[name] = packed(extended, stem, year)
            write_zip(temporary, members.items(), year)
    except (OSError, zipfile.BadZipFile) as error:
        raise GeoError("vector.not_written", file=target.name, detail=reason(error)) from error


def frames(notes: Iterable[Drawn], system: System) -> dict[str, gpd.GeoDataFrame]:
    """Notes as tables of one geometry each, the lowest on the map last; only those that are not empty.

    Returns:
        Columns ``shape``, ``color``, ``number`` (whole, of notes of that shape only), ``text`` and the geometry, in
        the system.
    """
    rows: dict[str, list[tuple[str, str, int | None, str, shapely.Geometry]]] = {one: [] for one in looks.TABLES}
    count = 0
    for note in notes:
        count += note.shape == "number"
        x, y = system.points([one[0] for one in note.points], [one[1] for one in note.points])
        geometry = "Polygon" if note.shape == "polygon" else "Point" if len(x) == _SINGLE else "LineString"
        table = next(name for name, kind in looks.TABLES.items() if kind == geometry)
        places = list(zip(x.tolist(), y.tolist(), strict=True))
        drawn = _KINDS[geometry](places[0] if geometry == "Point" else places)
        rows[table].append((note.shape, note.color, count if note.shape == "number" else None, note.text, drawn))
    found = {}
    for table, listed in rows.items():
        if listed:
            shape, color, numbers, text, drawn_shapes = (list(column) for column in zip(*listed, strict=True))
            frame = gpd.GeoDataFrame(
                {"shape": shape, "color": color, "number": pd.array(numbers, dtype="Int64"), "text": text},
                geometry=drawn_shapes, crs=system.crs,
            )  # fmt: skip
            frame.attrs["geometry_type"] = looks.TABLES[table]
            found[table] = frame
    return found


def _refuse_taken(database: sqlite3.Connection, found: Iterable[str]) -> None:
    there = {str(name).lower() for (name,) in database.execute("SELECT name FROM sqlite_master")}
    for table in found:
        if table in there:
            raise ExportError("export.notes_taken", layer=table)


def _styles(found: Iterable[str], colors: Mapping[str, str]) -> pd.DataFrame:
    rows = [
        {
            **dict.fromkeys(tables.STYLE_COLUMNS, ""),
            "f_table_name": table, "f_geometry_column": looks.GEOM, "styleName": looks.title(table, "zh"),
            "styleQML": looks.style(table, colors, "zh"), "useAsDefault": 1, "description": looks.title(table, "en"),
        }
        for table in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(tables.STYLE_COLUMNS))


def _extend_project(
    database: sqlite3.Connection, found: Sequence[str], system: System, colors: Mapping[str, str], file: str, year: int
) -> None:
    """The project that the export has written, with the notes in it."""
    rows = database.execute(f"SELECT name, content FROM {gpkg_project.TABLE}").fetchall()  # noqa: S608 - ours
    for name, content in rows:
        document = unpacked(bytes.fromhex(bytes(content).decode("ascii")), name)
        extended = packed(looks.with_notes(document, found, system.crs, colors, file), name, year)
        database.execute(
            f"UPDATE {gpkg_project.TABLE} SET content = ? WHERE name = ?",  # noqa: S608 - ours
            (extended.hex().encode(), name),
        )
