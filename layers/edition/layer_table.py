"""Layers as one table of attributes, for spreadsheets: headings as codes or words, names beside codes, coordinates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import compress
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from layers import words
from layers.model.plan import TOWNSHIP, ZONE
from layers.model.tables import FEATURE_COLUMNS, FLAG, join, split

if TYPE_CHECKING:
    from layers.edition.file import Edition
    from layers.edition.systems import System

CODES = "codes"
HEADINGS: tuple[str, ...] = (CODES, "zh", "en")
"""How a table is headed: by the names of the columns, or by words with names beside the codes."""


def layer_table(
    edition: Edition,
    frames: Mapping[str, gpd.GeoDataFrame],
    system: System,
    *,
    headings: str = CODES,
    wkt: bool = False,
) -> pd.DataFrame:
    """Give the attributes of layers as one table; with several layers, the first column says which.

    Args:
        edition: Where the names of codes are.
        frames: The layers as they are in the edition.
        system: What coordinates are given in. In degrees they stand in ``label_lon``, ``label_lat``, in metres in
            ``label_x`` (easting), ``label_y`` (northing); the column ``crs`` says which CRS it is.
        headings: One of `HEADINGS`: ``codes``, or a language.
        wkt: Add the geometry as WKT in a last column ``geometry``.

    Example:
        With ``headings="zh"`` the column ``kind`` is headed ``类别代码 (kind)``, and ``类别`` beside it says 枢纽.
    """
    return next(table_in_pieces(edition, frames, system, headings=headings, wkt=wkt))


def table_in_pieces(
    edition: Edition,
    frames: Mapping[str, gpd.GeoDataFrame],
    system: System,
    *,
    headings: str = CODES,
    wkt: bool = False,
    rows: int = 0,
) -> Iterator[pd.DataFrame]:
    """Give the same table in pieces, made as they are gone through; at least one, which may have no row.

    Args:
        edition: As of `layer_table`, like those that follow.
        frames: Likewise.
        system: Likewise.
        headings: Likewise.
        wkt: Likewise.
        rows: So many rows of a piece at most; 0 for one piece.
    """
    parts = [frame if len(frames) == 1 else frame.assign(layer=name) for name, frame in frames.items()]
    filled = [part for part in parts if len(part)] or parts[:1]
    joined = filled[0].reset_index(drop=True) if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    names = names_of_codes(edition.meta, edition.layers, headings) if headings != CODES else {}
    for first in range(0, len(joined) or 1, rows or len(joined) or 1):
        piece = gpd.GeoDataFrame(joined.iloc[first : first + rows] if rows else joined, geometry="geometry")
        table = _placed(pd.DataFrame(piece.drop(columns="geometry")), system)
        if len(frames) > 1:
            table.insert(0, "layer", table.pop("layer"))
        if wkt:
            table["geometry"] = system.of(piece).geometry.to_wkt(rounding_precision=system.decimals)
        yield table if headings == CODES else _headed(table, names, headings, brackets=True)


def _placed(table: pd.DataFrame, system: System) -> pd.DataFrame:
    """The table with its label points in the system, under names that say what they are, and the system named."""
    points = system.points(pd.to_numeric(table["label_lon"]), pd.to_numeric(table["label_lat"]))
    at = list(table.columns).index("label_lon")
    table = table.drop(columns=["label_lon", "label_lat"])
    names = ("label_x", "label_y") if system.metres else ("label_lon", "label_lat")
    for offset, (name, values) in enumerate(zip(names, points, strict=True)):
        table.insert(at + offset, name, values)
    table.insert(at + len(names), "crs", system.label())
    return table


# ---- headings in words


def worded(edition: Edition, table: pd.DataFrame, lang: str, *, brackets: bool = True) -> pd.DataFrame:
    """Give a table headed in a language, with a column of names after each column of codes.

    Args:
        edition: Where the names of codes are.
        table: Columns of ``FEATURE_COLUMNS``, and those that ``columns.toml`` has words for.
        lang: The language.
        brackets: Whether a heading has the column's own name behind it.
    """
    return _headed(table, names_of_codes(edition.meta, edition.layers, lang), lang, brackets=brackets)


def _headed(table: pd.DataFrame, names: Mapping[str, Mapping[str, str]], lang: str, *, brackets: bool) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for column in table.columns:
        cells = table[column]
        if FEATURE_COLUMNS.get(column) == FLAG:
            cells = cells.map(lambda flag: _word("yes" if flag else "no", lang))
        columns[_heading(column, lang) if brackets else plain_heading(column, lang)] = cells
        if column in names:
            columns[_word(f"{column}_name", lang)] = cells.map(lambda cell, found=names[column]: _named(cell, found))
    return pd.DataFrame(columns)


def _heading(column: str, lang: str) -> str:
    """A column's heading: the word, and the column's own name in brackets."""
    found = plain_heading(column, lang)
    return column if found == column else f"{found} ({column})"


def plain_heading(column: str, lang: str) -> str:
    """A column's heading without its own name; that where there is no word for it."""
    return _word(column, lang) if f"column.{column}" in words.COLUMNS else column


def _word(key: str, lang: str) -> str:
    return words.COLUMNS.text(f"column.{key}", lang)


def _named(cell: object, names: Mapping[str, str]) -> str:
    """The names of a cell's codes; a code that has no name stays."""
    return join(names.get(code, code) for code in split(cell))


def names_of_codes(meta: Mapping[str, Any], layers: Mapping[str, pd.DataFrame], lang: str) -> dict[str, dict[str, str]]:
    """Names by code of every column of codes.

    Args:
        meta: An edition's metadata.
        layers: All its layers.
        lang: Language of the names.
    """
    name = _namer(lang)
    found = {
        column: {str(one["id"]): name(one) for one in meta.get(table, ())}
        for column, table in (("layer", "layers"), ("kind", "kinds"), ("status", "statuses"), ("basis", "bases"))
    }
    units = {level: _names_of_rows(layers, "kind", {level}, name) for level in (ZONE, TOWNSHIP)}
    for level, named in units.items():
        found[level] = {one.rpartition("/")[2]: said for one, said in named.items()}
    used = {unit for frame in layers.values() for unit in frame["unit"].unique().tolist()}
    found["unit"] = units[ZONE] | units[TOWNSHIP] | _names_of_rows(layers, "id", used, name)
    found["zone_from"] = {one: words.code("zone_from", one, lang) for one in ("stated", "position")}
    return found


def _names_of_rows(
    layers: Mapping[str, pd.DataFrame], column: str, wanted: Collection[Any], name: Callable[[Mapping[Any, Any]], str]
) -> dict[str, str]:
    """Names by id of the rows whose column has a wanted value; columns are read whole."""
    columns = ("id", "name", "name_en")
    found: dict[str, str] = {}
    for frame in layers.values():
        those = [value in wanted for value in frame[column].tolist()]
        if any(those):
            rows = compress(zip(*(frame[one].tolist() for one in columns), strict=True), those)
            found |= {str(row[0]): name(dict(zip(columns, row, strict=True))) for row in rows}
    return found


def _namer(lang: str) -> Callable[[Mapping[Any, Any]], str]:
    return lambda record: str((record.get("name_en") if lang == "en" else "") or record.get("name") or record["id"])
