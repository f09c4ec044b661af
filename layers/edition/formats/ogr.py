"""Formats that GDAL writes well: FlatGeobuf, Shapefile, MapInfo TAB, file geodatabase, vector tiles."""

from __future__ import annotations

import csv
import io
import sqlite3
import warnings
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import vector
from geo.errors import GeoError
from geo.reasons import reason
from layers.edition.formats import shapefiles
from layers.edition.formats.cells import cut, encodable, safe_cell, short_names
from layers.edition.formats.part import GB18030, Part, Remarks
from layers.style.qml_xml import xml_text

NAMES_FILE, TEXTS_FILE = "fields.csv", "long-texts.csv"
"""Beside files whose format cuts names or texts: what is what in full."""

_DBF_NAME, _DBF_TEXT = 10, 254
_TAB_NAME = 31
_GDB_NAME = 64
_MOST_ZOOM = 14
_TILES, _LARGE = " tile ", "2GB file size limit"
"""Stand in GDAL's warnings about tiles that are too large; about a table that is, before its fields are narrowed."""


def write_flatgeobuf(part: Part, folder: Path) -> Remarks:
    """A file for each layer, with a spatial index unless some rows have no shape, which the index cannot hold."""
    for name in part.frames:
        options = {
            "TITLE": part.title(name),
            "DESCRIPTION": part.notice.text(),
            "SPATIAL_INDEX": "NO" if len(part.drawn(name)) < len(part.frames[name]) else "YES",
        }
        _write(part, name, folder / f"{part.file(name)}.fgb", part.shapes(name), "FlatGeobuf", layer_options=options)
    return []


def write_shapefile(part: Part, folder: Path) -> Remarks:
    """A shapefile for each layer; names of 10 and texts of 254 bytes, what was cut in tables beside them.

    Raises:
        ExportError: ``export.too_large``: a file of it would pass the format's 2 GB, before it is begun.
    """
    narrow = _Narrow(part, _DBF_NAME, _DBF_TEXT, part.encoding)
    tight = False
    for name in part.frames:
        # Encoding is the .cpg's; the byte for the code page in the .dbf knows neither of these.
        options: dict[str, Any] = {"encoding": part.encoding.upper()}
        frame = narrow.layer(name)
        if shapefiles.close_fields(part, name, frame):  # GDAL writes them wide and then anew
            tight, options["layer_options"] = True, {"RESIZE": "YES"}
        _write(part, name, folder / f"{part.file(name)}.shp", frame, "ESRI Shapefile", **options)
    remarks = narrow.close(folder)
    return [*remarks, part.say("remark_tight")] if tight else remarks


def write_tab(part: Part, folder: Path) -> Remarks:
    """A MapInfo table for each layer, in UTF-8 (MapInfo Pro 15.2 and later) or GBK.

    MapInfo knows no empty number: a column that lacks some is text. It keeps coordinates
    as whole numbers within bounds: they are those of everything written, so that shapes which meet in two layers
    still do.
    """
    gbk = part.encoding == GB18030
    narrow = _Narrow(part, _TAB_NAME, _DBF_TEXT, "cp936" if gbk else "utf-8")
    options = {"ENCODING": "CP936" if gbk else "UTF-8", "BOUNDS": _bounds(part)}
    for name in part.frames:
        frame = _without_gaps(narrow.layer(name))
        _write(part, name, folder / f"{part.file(name)}.tab", frame, "MapInfo File", layer_options=options)
    return [*narrow.close(folder), part.say("remark_tab")]


def write_geodatabase(part: Part, folder: Path) -> Remarks:
    """A file geodatabase (``.gdb``, a folder) with a feature class for each layer, named in words by its alias."""
    path = folder / f"{part.stem}.gdb"
    narrow = _Narrow(part, _GDB_NAME, None, "utf-8")
    for number, name in enumerate(part.frames):
        options = {"LAYER_ALIAS": part.title(name), "DOCUMENTATION": _documentation(part, name)}
        frame = narrow.layer(name)
        _write(part, name, path, frame, "OpenFileGDB", layer=name, append=bool(number), layer_options=options)
    return narrow.close(folder)


def write_mbtiles(part: Part, folder: Path) -> Remarks:
    """Vector tiles of each layer with shapes, as MBTiles."""
    remarks = _write_tiles(part, folder, "MBTiles", "mbtiles")
    for path in sorted(folder.glob("*.mbtiles")):
        try:
            with closing(sqlite3.connect(path)) as database:
                database.execute("INSERT INTO metadata VALUES ('attribution', ?)", (part.notice.short(),))
                database.commit()
        except sqlite3.Error as error:
            raise GeoError("vector.not_written", file=path.name, detail=reason(error)) from error
    return remarks


def write_pmtiles(part: Part, folder: Path) -> Remarks:
    """Vector tiles of each layer with shapes, as PMTiles."""
    return _write_tiles(part, folder, "PMTiles", "pmtiles")


# ---- machinery


def _write(part: Part, of: str, path: Path, frame: pd.DataFrame, driver: str, **options: Any) -> list[str]:
    """One layer of a part; ``frame`` is how the format can hold it. Gives what GDAL warns of about tiles."""
    if part.geometry(of) == "none":
        frame = pd.DataFrame(frame.drop(columns="geometry"))
    else:
        options["geometry_type"] = part.stored_type(of)
    said = vector.write_layer(path, frame, driver, f"{part.year:04d}-01-01T00:00:00.000Z", **options)
    for one in said:
        if not any(known in one for known in (_TILES, _LARGE)):  # what formats lack is told before GDAL sees it
            warnings.warn(one, RuntimeWarning, stacklevel=2)
    return [one for one in said if _TILES in one]


def _without_gaps(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns of numbers that lack some, as text: MapInfo would have 0 for what nobody knows."""
    gaps = [name for name in frame.columns if frame[name].dtype.kind == "f" and frame[name].isna().any()]
    return frame.assign(**{name: ["" if value != value else repr(value) for value in frame[name]] for name in gaps})


def _bounds(part: Part) -> str:
    """West, south, east, north of everything written, a little wider."""
    boxes = np.array([part.drawn(name).total_bounds for name in part.frames if len(part.drawn(name))])
    if not len(boxes):
        return "-1000,-1000,1000,1000"
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    margin = max(float((high - low).max()), 1e-3) * 0.1
    return ",".join(f"{value:.7f}" for value in (*(low - margin), *(high + margin)))


def _documentation(part: Part, layer: str) -> str:
    """ESRI's own metadata of a feature class, as its software shows it."""
    root = ET.Element("metadata")
    found = ET.SubElement(root, "dataIdInfo")
    ET.SubElement(ET.SubElement(found, "idCitation"), "resTitle").text = xml_text(part.title(layer))
    ET.SubElement(found, "idAbs").text = xml_text(part.notice.text())
    ET.SubElement(found, "idCredit").text = xml_text(part.notice["attribution"])
    limits = ET.SubElement(ET.SubElement(found, "resConst"), "Consts")
    ET.SubElement(limits, "useLimit").text = xml_text(f"{part.notice['licence']} {part.notice['disclaimer']}")
    return ET.tostring(root, encoding="unicode")


def _write_tiles(part: Part, folder: Path, driver: str, suffix: str) -> Remarks:
    said: list[str] = []
    for name in part.frames:
        frame = part.drawn(name)
        if not len(frame):
            continue
        options = {"NAME": part.title(name), "DESCRIPTION": part.notice.text(), "MAXZOOM": str(_MOST_ZOOM)}
        path = folder / f"{part.file(name)}.{suffix}"
        said += _write(part, name, path, frame, driver, layer=name, dataset_options=options)
    return [part.say("remark_tiles")] if said else []


class _Narrow:
    """Layers with names and texts that fit, and what it took to make them fit."""

    def __init__(self, part: Part, name_bytes: int, text_bytes: int | None, encoding: str) -> None:
        self._part, self._name_bytes, self._text_bytes, self._encoding = part, name_bytes, text_bytes, encoding
        self._names: list[tuple[str, str, str]] = []
        self._texts: list[tuple[str, str, str, str]] = []
        self._lost = 0

    def layer(self, layer: str) -> gpd.GeoDataFrame:
        """A layer that fits."""
        frame = self._part.shapes(layer, brackets=False)
        columns = [str(name) for name in frame.columns if name != "geometry"]
        names = short_names(columns, self._name_bytes, self._encoding)
        self._names += [(layer, short, full) for full, short in names.items()]
        ids = self._part.frames[layer]["id"].tolist()
        fitted: dict[str, Any] = {names[name]: self._column(layer, ids, name, frame[name]) for name in columns}
        table = pd.DataFrame(fitted, index=frame.index)
        return gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy(), crs=frame.crs)

    def _column(self, layer: str, ids: list[str], name: str, cells: pd.Series[Any]) -> Any:
        if cells.dtype != object and not pd.api.types.is_string_dtype(cells.dtype):
            return cells.to_numpy()
        found = np.empty(len(cells), dtype=object)
        for row, cell in enumerate(cells):
            found[row] = self._text(layer, ids[row], name, cell) if isinstance(cell, str) else cell
        return found

    def _text(self, layer: str, feature: str, name: str, text: str) -> str:
        plain = encodable(text, self._encoding)
        short = plain if self._text_bytes is None else cut(plain, self._text_bytes, self._encoding)
        self._lost += plain != text
        if short != text:
            self._texts.append((layer, feature, name, text))
        return short

    def close(self, folder: Path) -> Remarks:
        """Write the tables beside the files, and say so."""
        said = []
        if any(short != full for _layer, short, full in self._names):
            _table(folder / NAMES_FILE, ("layer", "field", "name"), self._names)
            said.append(self._part.say("remark_names", file=NAMES_FILE))
        if self._texts:
            _table(folder / TEXTS_FILE, ("layer", "id", "name", "text"), self._texts)
            said.append(self._part.say("remark_texts", file=TEXTS_FILE, count=len(self._texts)))
        if self._lost:
            said.append(self._part.say("remark_lost", count=self._lost, encoding=self._encoding))
        return said


def _table(path: Path, head: tuple[str, ...], rows: list[Any]) -> None:
    """A small CSV as spreadsheets read it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig", "replace"))
