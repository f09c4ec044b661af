"""GeoPackage for QGIS: layers that open styled, with their names, descriptions and metadata."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo import crs as geo_crs
from geo import vector
from geo.errors import GeoError
from geo.reasons import reason
from layers.edition import file as editions
from layers.edition.formats.part import Part, Remarks
from layers.edition.gpkg_metadata import add_metadata
from layers.edition.gpkg_project import add_project, source
from layers.model import tables
from layers.qgis.definition import definition
from layers.qgis.fields import form
from layers.qgis.project import packed, project
from layers.style import paint as style

INDICATORS = "indicators"

_STYLE_TYPES: Mapping[str, str] = {"styleQML": "TEXT", "styleSLD": "TEXT", "useAsDefault": "BOOLEAN"}


def write_gpkg(part: Part, folder: Path) -> Remarks:
    """A GeoPackage with a QGIS project; the whole edition in its own CRS is the edition again."""
    file = f"{part.stem}.gpkg"
    _write(part, folder / file, part.known_as or file)
    return []


def write_qgis(part: Part, folder: Path) -> Remarks:
    """A GeoPackage with the project beside it, to be opened by a double click, and as layers for other projects."""
    found = source(part.edition, part.frames, part.system, file=f"{part.stem}.gpkg", lang=part.lang)
    _write(part, folder / found.file, found.file)
    (folder / f"{part.stem}.qgz").write_bytes(packed(project(found), part.stem, part.year))
    (folder / f"{part.stem}.qlr").write_text(definition(found), encoding="utf-8")
    return [part.say("remark_qgis", project=f"{part.stem}.qgz", layers=f"{part.stem}.qlr", file=found.file)]


def _write(part: Part, path: Path, name: str) -> None:
    """Write the file; ``name`` is what it will be called."""
    edition = part.edition
    form_of = partial(form, source(edition, part.frames, part.system, file=name))
    # Names are put at label_lon, label_lat, which are degrees: in a metric CRS QGIS finds the place itself.
    styles = style.qgis_styles(edition.meta, part.frames, pinned=not part.system.metres, form=form_of)
    if part.whole and part.system.crs == geo_crs.CGCS2000:
        editions.write(replace(edition, styles=styles), path, name)
        return
    timestamp = f"{part.year:04d}-01-01T00:00:00.000Z"
    stored: dict[str, pd.DataFrame] = {
        name: _for_file(frame, part.geometry(name)) for name, frame in part.frames.items()
    }
    if part.whole:
        stored |= {INDICATORS: edition.indicators, "observations": edition.observations, **edition.figures}
    vector.write_gpkg(path, stored, timestamp=timestamp, own=True)
    try:
        with closing(sqlite3.connect(path)) as database:
            add_styles(database, styles, timestamp)
            add_metadata(database, edition, part.frames, timestamp, part.system, part.scope)
            add_project(database, edition, part.frames, timestamp, part.system, name)
            database.commit()
    except sqlite3.Error as error:
        raise GeoError("vector.not_written", file=path.name, detail=reason(error)) from error


def _for_file(frame: gpd.GeoDataFrame, geometry: str) -> pd.DataFrame:
    """A layer with one geometry type, or as a table without geometry."""
    if geometry == "none":
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    stored = frame.copy()
    stored.attrs["geometry_type"] = tables.STORED_GEOMETRY[geometry]
    return stored


def add_styles(database: sqlite3.Connection, styles: pd.DataFrame, timestamp: str) -> None:
    """Put rows into QGIS's own table ``layer_styles``, which is made, with the columns that QGIS gives it, if missing.

    Args:
        database: An open GeoPackage.
        styles: Columns ``layers.model.tables.STYLE_COLUMNS``.
        timestamp: Time of last change, ISO 8601 UTC.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    columns = [str(name) for name in styles.columns]
    types = ", ".join(f'"{name}" {_STYLE_TYPES.get(name, "TEXT(256)")}' for name in columns)
    database.execute(
        f"CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, {types}, update_time DATETIME)"
    )
    marks = ", ".join("?" * (len(columns) + 1))
    named = ", ".join(f'"{name}"' for name in [*columns, "update_time"])
    rows: Sequence[Sequence[Any]] = [[*row, timestamp] for row in styles.to_numpy(dtype=object).tolist()]
    database.executemany(f"INSERT INTO layer_styles ({named}) VALUES ({marks})", rows)  # noqa: S608 - names are ours
    database.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', ?, 0)",
        (timestamp,),
    )
