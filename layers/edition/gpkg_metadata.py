"""What a GeoPackage says of itself in its own places: identifiers, descriptions, and the metadata extension."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from layers import words
from layers.edition.notice import Notice, notice
from layers.edition.systems import OWN, System
from layers.style.qml_xml import xml_text

if TYPE_CHECKING:
    from layers.edition.file import Edition

_QGIS = "http://mrcc.com/qgis.dtd"
"""How QGIS marks the metadata of a layer that it shows in the layer's properties."""
_TEXT = "https://www.iana.org/assignments/media-types/text/plain"
_SCHEMA = """
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
_EXTENSION = "http://www.geopackage.org/spec121/#extension_metadata"


def add_metadata(
    database: sqlite3.Connection,
    edition: Edition,
    frames: Mapping[str, pd.DataFrame],
    timestamp: str,
    system: System = OWN,
    scope: str = "",
) -> None:
    """Name and describe each layer, and add the notice of the file (text, Chinese and English) and of each layer.

    Args:
        database: An open GeoPackage that holds the layers.
        edition: What the file is made from.
        frames: The layers that are in it.
        timestamp: Time of last change, ISO 8601 UTC.
        system: What coordinates are in.
        scope: What of the edition the file holds, in words, or "".

    Raises:
        sqlite3.Error: It cannot be written.
    """
    for statement in _SCHEMA.split(";\n"):
        database.execute(statement)
    for table in ("gpkg_metadata", "gpkg_metadata_reference"):
        database.execute(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', ?, 'read-write')", (table, _EXTENSION)
        )
    texts = [notice(edition, frames, lang, system, scope).text() for lang in ("zh", "en")]
    _add(database, ("geopackage", None), _TEXT, "text/plain", "\n\n".join(texts), timestamp)
    taken = {str(one) for (one,) in database.execute("SELECT identifier FROM gpkg_contents")}
    records = {one["id"]: one for one in edition.meta["layers"]}
    for name, frame in frames.items():
        said = notice(edition, {name: frame}, "zh", system, words.name(records[name], "zh"))
        identifier = _once(words.name(records[name], "zh"), name, taken)
        database.execute(
            "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
            (identifier, said.text(), name),
        )
        _add(database, ("table", name), _QGIS, "text/xml", _qmd(said, identifier), timestamp)


def _once(title: str, name: str, taken: set[str]) -> str:
    """A layer's title, with its id behind it when another one has it; identifiers are unique."""
    found = title if title not in taken else f"{title} ({name})"
    taken.add(found)
    return found


def _add(
    database: sqlite3.Connection, of: tuple[str, str | None], standard: str, mime: str, text: str, timestamp: str
) -> None:
    added = database.execute(
        "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) VALUES ('dataset', ?, ?, ?)",
        (standard, mime, text),
    )
    database.execute(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp, md_file_id) VALUES (?, ?, ?, ?)",
        (*of, timestamp, added.lastrowid),
    )


def _qmd(said: Notice, title: str) -> str:
    """The metadata of a layer as QGIS writes them."""
    root = ET.Element("qgis", version="3.22")
    for tag, text in _fields(said, title):
        ET.SubElement(root, tag).text = xml_text(text)
    return ET.tostring(root, encoding="unicode")


def _fields(said: Notice, title: str) -> Iterator[tuple[str, str]]:
    yield "identifier", said["edition"]
    yield "parentidentifier", said["title"]
    yield "language", "ZHO"
    yield "type", "dataset"
    yield "title", title
    yield "abstract", said.text()
    yield "constraints", said["disclaimer"]
    yield "license", said["licence"]
    yield "rights", said["attribution"]
