"""An edition, or a part of it, as a file: GeoPackage for QGIS, GeoJSON, CSV, in one of three CRS.

The CRS are WGS 84 and CGCS2000 in degrees, and the CGCS2000 3-degree zone that the plan lies in. Another zone is
refused: its eastings would be wrong by hundreds of kilometres' worth of distortion, and nobody would notice.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geo import crs as geo_crs
from geo import files, vector
from geo.errors import GeoError, PlanmapError
from geo.messages import Catalogue
from geo.reasons import reason
from layers import words
from layers.edition import file as editions
from layers.edition.file import Edition
from layers.edition.layer_table import CODES, layer_table
from layers.model import tables
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE
from layers.style import paint as style

FORMATS: Mapping[str, str] = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
}
"""File extension and media type of each format."""

ALL = "all"
INDICATORS = "indicators"

_CATALOGUE = Catalogue(Path(__file__).parents[1] / "messages" / "export.toml")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫")
_DROPPED = ("Zs", "Cf")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_ZONE_MERIDIANS = range(75, 136, 3)


class ExportError(PlanmapError):
    """What was asked for cannot be exported: no such layer, format or CRS."""

    catalogue: ClassVar[Catalogue] = _CATALOGUE


def export(
    edition: Edition, layer: str, fmt: str, crs: str, out: Path, *, wkt: bool = False, headings: str = CODES
) -> Path:
    """Write one layer, all layers, or the indicators.

    Args:
        edition: What to write from; it is not changed.
        layer: Id of a layer, ``all``, or ``indicators`` (CSV only).
        fmt: ``gpkg``, ``geojson`` or ``csv``.
        crs: ``4490``, ``4326``, ``metric`` (the plan's 3-degree zone) or that zone's EPSG code; ``EPSG:`` may
            stand before a code. CSV has its coordinates in it, too (see `layer_table`).
        out: The file to write or replace; put in place only when complete.
        wkt: With CSV of layers, add the geometry as WKT in a column ``geometry``.
        headings: With CSV of layers: ``codes``, or a language (``zh``, ``en``), which adds names beside codes.

    Returns:
        The path.

    Raises:
        ExportError: ``export.layer_unknown``, ``export.format_unknown``, ``export.format_of_indicators``,
            ``export.crs_wrong_zone`` or ``export.crs_unsupported``.
        GeoError: ``crs.unknown``, ``vector.not_written``.

    Note:
        All layers as GeoPackage in 4490 are the edition itself: the server reads that file. GeoJSON in 4326 is
        RFC 7946 with 7 decimals. RFC 7946 knows no other CRS; GeoJSON in another one carries the ``crs`` member of
        the 2008 specification, which GDAL and QGIS read and write, with longitude (easting) first.

    Example:
        ``export(read(path), "townships", "gpkg", "metric", Path("townships.gpkg"))``
    """
    if fmt not in FORMATS:
        raise ExportError("export.format_unknown", format=fmt, known=list(FORMATS))
    target = target_crs(edition, crs)
    if layer == INDICATORS and INDICATORS not in edition.layers:
        if fmt != "csv":
            raise ExportError("export.format_of_indicators", format=fmt)
        _write_csv(out, indicator_table(edition))
        return out
    names = _names(edition, layer)
    frames = {name: geo_crs.transform(edition.layers[name], geo_crs.CGCS2000, target) for name in names}
    if fmt == "gpkg":
        _write_gpkg(edition, frames, target, out, whole=layer == ALL)
    elif fmt == "geojson":
        vector.write_geojson(out, _joined(frames), decimals=3 if target.is_projected else 7)
    else:
        _write_csv(out, layer_table(edition, frames, target, headings=headings, wkt=wkt))
    return out


def target_crs(edition: Edition, text: str) -> CRS:
    """Give the CRS that a user named, if this plan can be exported in it.

    Args:
        edition: Its longitude chooses the zone.
        text: ``4490``, ``4326``, ``metric`` or a code, see `export`.

    Raises:
        ExportError: ``export.crs_wrong_zone`` names the zone asked for and the plan's; ``export.crs_unsupported``.
        GeoError: ``crs.unknown``.
    """
    lon = float(edition.meta["plan"]["lon"])
    found, own = geo_crs.parse_crs(text, lon), geo_crs.metric_crs(lon)
    offered = (geo_crs.CGCS2000, geo_crs.WGS84, *geo_crs.nearby_zones(lon))
    if found in offered:
        return found
    if any(found == geo_crs.metric_crs(meridian) for meridian in _ZONE_MERIDIANS):
        raise ExportError("export.crs_wrong_zone", asked=geo_crs.describe(found), own=geo_crs.describe(own))
    known = [geo_crs.describe(one) for one in offered]
    raise ExportError("export.crs_unsupported", asked=geo_crs.describe(found), known=known)


def crs_codes(edition: Edition) -> list[str]:
    """Give the EPSG codes that this edition can be exported in, its own first."""
    lon = float(edition.meta["plan"]["lon"])
    return [str(one.to_epsg()) for one in (geo_crs.CGCS2000, geo_crs.WGS84, *geo_crs.nearby_zones(lon))]


def file_name(edition: Edition, layer: str, fmt: str) -> str:
    """Give a name for the file, such as ``plan-townships.gpkg``."""
    return f"{edition.meta['plan']['id']}-{layer}.{fmt}"


def safe_cell(text: str) -> str:
    """Make a text harmless for spreadsheets, which take ``=``, ``+``, ``-``, ``@`` of any width for a formula.

    Args:
        text: A cell.

    Returns:
        The text, with an apostrophe before it when it could be a formula; numbers stay as they are.

    Example:
        >>> [safe_cell(text) for text in ("=1+1", "-5.2", "-x", "沿江")]
        ["'=1+1", '-5.2', "'-x", '沿江']
    """
    # What a spreadsheet may drop before it looks: blanks of any width, marks without width.
    seen = next((at for at, one in enumerate(text) if unicodedata.category(one) not in _DROPPED), len(text))
    if not (text.startswith(_FORMULA_STARTS) or text[seen:].startswith(_FORMULA_STARTS)):
        return text
    return text if _NUMBER.fullmatch(text) else "'" + text


def indicator_table(edition: Edition) -> pd.DataFrame:
    """Give all indicators as one wide table, a row each, for reading in a spreadsheet.

    Columns are headed in Chinese with the id or field name in brackets: what the indicator is, baseline and target
    as the plan states them, then computed values for the district, every zone and every township, then the places
    whose value leans on something assumed, and notes. Cells without a value are empty.

    Args:
        edition: The edition.
    """
    seen = edition.observations
    computed = seen[seen["role"] == "computed"]
    keys = zip(computed["indicator"], computed["place"], strict=True)
    values = dict(zip(keys, computed["value"], strict=True))
    places = _places(edition, set(computed["place"]))
    rows = []
    for one in edition.indicators.itertuples():
        own = seen[seen["indicator"] == one.id]
        row: dict[str, Any] = {_word(name): getattr(one, name) for name in _ABOUT}
        row[_word("property")] = _word(f"property_{one.property!s}") if one.property else ""
        row[_word("origin")] = _word(f"origin_{one.origin!s}")
        for role in ("baseline", "target"):
            stated = own[own["role"] == role]
            row[_word(f"{role}_year")] = int(stated["year"].iloc[0]) if len(stated) else None
            row[_word(role)] = _stated(stated.iloc[0].to_dict()) if len(stated) else ""
        for place, name in places.items():
            number: Any = values.get((one.id, place))
            heading = f"{name!s} ({place!s})"
            row[heading] = None if number is None or pd.isna(number) else _figure(float(number), one.decimals)
        leaning = own.loc[own["flag"] == "assumed", "place"]
        row[_word("assumed")] = "、".join(places.get(place, place) for place in leaning)
        common = edition.meta["plan"].get("indicators_note") if one.origin == "stated" else ""
        row[_word("notes")] = "；".join(dict.fromkeys(note for note in (common, *own["note"]) if note))
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)


# ---- machinery

_ABOUT = ("id", "name", "name_en", "unit", "domain", "cites", "formula")


def _names(edition: Edition, layer: str) -> list[str]:
    if layer == ALL:
        return list(edition.layers)
    if layer not in edition.layers:
        raise ExportError("export.layer_unknown", layer=layer, known=[*edition.layers, ALL, INDICATORS])
    return [layer]


def _word(key: str) -> str:
    """A heading or word of the table; headings are Chinese with the field's id in brackets."""
    return _CATALOGUE.text(f"table.{key}", "zh")


def _places(edition: Edition, used: set[str]) -> dict[str, str]:
    """Names of the places with values: district, zones, townships, each in the order of its layer."""
    found: dict[str, str] = {}
    for kind in (DISTRICT, ZONE, TOWNSHIP):
        for frame in edition.layers.values():
            rows = frame[frame["kind"] == kind]
            found |= {key: name for key, name in zip(rows["id"], rows["name"], strict=True) if key in used}
    return found


def _stated(row: Mapping[Any, Any]) -> Any:
    """A stated value as the plan has it: a number, a range, a comparison, or words."""
    if pd.notna(row["value"]) and not row["comparator"]:
        return _figure(row["value"], None)  # a number for the spreadsheet
    shown = words.stated(row, "zh")
    return "" if shown == words.NONE else shown


def _figure(value: float, decimals: Any) -> str:
    """A number with the indicator's decimals, or with as many as it has; a whole number without any."""
    if decimals is None or pd.isna(decimals):
        return f"{value:.10g}"
    rounded = f"{value:.{int(decimals)}f}"
    return rounded if float(rounded) % 1 else f"{float(rounded):.0f}"


def _joined(frames: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """One frame of all layers; with several, the first column ``layer`` says which."""
    if len(frames) == 1:
        return next(iter(frames.values()))
    parts = [frame.assign(layer=name)[["layer", *frame.columns]] for name, frame in frames.items()]
    filled = [part for part in parts if len(part)] or parts[:1]
    crs = filled[0].crs
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs=crs)


def _write_csv(out: Path, frame: pd.DataFrame) -> None:
    """CSV for spreadsheets: byte-order mark, no cell that could be a formula."""
    safe = frame.rename(columns=lambda name: safe_cell(str(name)))
    for name in safe.columns:
        if safe[name].dtype == object or pd.api.types.is_string_dtype(safe[name].dtype):
            cells = [safe_cell(value) if isinstance(value, str) else value for value in safe[name]]
            safe[name] = pd.Series(cells, index=safe.index, dtype=object)  # or years beside gaps become 2020.0
    vector.write_csv(out, safe)


def _write_gpkg(
    edition: Edition, frames: Mapping[str, gpd.GeoDataFrame], target: CRS, out: Path, *, whole: bool
) -> None:
    """A GeoPackage whose layers open styled; the whole edition in its own CRS is the edition again."""
    # Names are put at label_lon, label_lat, which are degrees: in a metric CRS QGIS finds the place itself.
    styles = style.qgis_styles(edition.meta, frames, pinned=not target.is_projected)
    if whole and target == geo_crs.CGCS2000:
        editions.write(replace(edition, styles=styles), out)
        return
    timestamp = f"{edition.meta['plan']['as_of']:04d}-01-01T00:00:00.000Z"
    stored: dict[str, pd.DataFrame] = {
        name: _for_file(frame, edition.geometries[name]) for name, frame in frames.items()
    }
    if whole:
        stored |= {INDICATORS: edition.indicators, "observations": edition.observations, **edition.figures}
    with files.atomic_path(out) as temporary:
        vector.write_gpkg(temporary, stored, timestamp=timestamp)
        try:
            with closing(sqlite3.connect(temporary)) as database:
                _add_styles(database, styles, timestamp)
                database.commit()
        except sqlite3.Error as error:
            raise GeoError("vector.not_written", file=out.name, detail=reason(error)) from error


def _for_file(frame: gpd.GeoDataFrame, geometry: str) -> pd.DataFrame:
    """A layer with one geometry type, or as a table without geometry."""
    if geometry == "none":
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    stored = frame.copy()
    stored.attrs["geometry_type"] = tables.STORED_GEOMETRY[geometry]
    return stored


_STYLE_TYPES: Mapping[str, str] = {"styleQML": "TEXT", "styleSLD": "TEXT", "useAsDefault": "BOOLEAN"}


def _add_styles(database: sqlite3.Connection, styles: pd.DataFrame, timestamp: str) -> None:
    """QGIS's own table ``layer_styles``, with the columns that QGIS gives it."""
    columns = [str(name) for name in styles.columns]
    types = ", ".join(f'"{name}" {_STYLE_TYPES.get(name, "TEXT(256)")}' for name in columns)
    database.execute(f"CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, {types}, update_time DATETIME)")
    marks = ", ".join("?" * (len(columns) + 1))
    named = ", ".join(f'"{name}"' for name in [*columns, "update_time"])
    rows: Sequence[Sequence[Any]] = [[*row, timestamp] for row in styles.to_numpy(dtype=object).tolist()]
    database.executemany(f"INSERT INTO layer_styles ({named}) VALUES ({marks})", rows)  # noqa: S608 - names are ours
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', ?, 0)",
        (timestamp,),
    )
