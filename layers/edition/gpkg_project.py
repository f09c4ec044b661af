"""The QGIS project inside a GeoPackage: who opens the file in QGIS has the house's map, not a heap of tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from geo import crs as geo_crs
from layers.edition.layer_table import names_of_codes
from layers.edition.notice import notice
from layers.edition.systems import OWN, System
from layers.qgis import project as projects
from layers.qgis.source import Source

if TYPE_CHECKING:
    from layers.edition.file import Edition

TABLE = "qgis_projects"
_SCHEMA = f"CREATE TABLE {TABLE} (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"


def add_project(
    database: sqlite3.Connection,
    edition: Edition,
    frames: Mapping[str, pd.DataFrame],
    timestamp: str,
    system: System = OWN,
    file: str = "",
) -> None:
    """Put a project into a GeoPackage, in QGIS' own table ``qgis_projects``.

    Args:
        database: An open GeoPackage that holds the layers.
        edition: What the file is made from.
        frames: The layers that are in it.
        timestamp: Time of last change, ISO 8601 UTC.
        system: What coordinates are in.
        file: Name that the file will have: QGIS looks for the layers under it. An edition's is ``<plan id>.gpkg``.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    found = source(edition, frames, system, file=file)
    name = str(edition.meta["plan"]["id"])
    content = projects.packed(projects.project(found), name, int(edition.meta["plan"]["as_of"]))
    about = {"last_modified_time": timestamp.partition(".")[0], "last_modified_user": ""}
    database.execute(_SCHEMA)
    database.execute(
        f"INSERT INTO {TABLE} VALUES (?, ?, ?)",  # noqa: S608 - the table's name is ours
        (name, json.dumps(about).encode(), content.hex().encode()),
    )


def source(
    edition: Edition, frames: Mapping[str, pd.DataFrame], system: System = OWN, *, file: str = "", lang: str = "zh"
) -> Source:
    """Give what a project is written from.

    Args:
        edition: What the file is made from.
        frames: The layers that are in it.
        system: What coordinates are in.
        file: Name of the file with the layers; "" for an edition's own.
        lang: Of names and words.
    """
    said = notice(edition, frames, lang, system)
    labelled = zip(said.items, said.labelled(), strict=True)
    return Source(
        meta=edition.meta,
        frames=frames,
        crs=system.crs,
        canvas=geo_crs.metric_crs(float(edition.meta["plan"]["lon"])),
        file=file or f"{edition.meta['plan']['id']}.gpkg",
        names=names_of_codes(edition.meta, edition.layers, lang),
        lang=lang,
        said={name: pair for (name, _text), pair in labelled},
        hash=edition.hash,
        places=unit_places(edition.layers),
    )


def unit_places(layers: Mapping[str, pd.DataFrame]) -> dict[str, tuple[float, float]]:
    """Where the names of the units stand that features are only known to lie in: longitude, latitude, by id."""
    used = {str(one) for frame in layers.values() for one in frame["unit"] if one}
    return {
        str(one): (float(lon), float(lat))
        for frame in layers.values()
        for one, lon, lat in zip(frame["id"], frame["label_lon"], frame["label_lat"], strict=True)
        if one in used and pd.notna(lon) and pd.notna(lat)
    }
