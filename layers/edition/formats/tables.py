"""Tables of text: CSV, and XLSX with a sheet for each layer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo import vector
from layers.edition.formats.cells import safe_cell
from layers.edition.formats.part import Part, Remarks
from layers.edition.layer_table import CODES, layer_table, plain_heading, table_in_pieces
from layers.edition.notice import Notice

NOTICE = "notice"
"""The last column of a table of text, which says in every row what the file may be used for."""

ROWS_AT_ONCE = 16_384
"""Rows that are made into text at a time."""
_SHEET_NAME = 31
_CELL = 32_767
_WIDEST = 48
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_csv(part: Part, folder: Path) -> Remarks:
    """All layers as one CSV."""
    pieces = table_in_pieces(
        part.edition, part.rows, part.system, headings=part.headings, wkt=part.wkt, rows=ROWS_AT_ONCE
    )
    csv_pieces(folder / f"{part.stem}.csv", pieces, part.notice, part.headings)
    return []


def csv_file(path: Path, table: pd.DataFrame, said: Notice, headings: str = CODES) -> None:
    """CSV for spreadsheets: byte-order mark, no cell that could be a formula, a last column with the notice.

    Args:
        path: The file to write.
        table: Its rows.
        said: What the file says of itself.
        headings: ``codes`` or a language: how the last column is called.
    """
    csv_pieces(path, [table], said, headings)


def csv_pieces(path: Path, pieces: Iterable[pd.DataFrame], said: Notice, headings: str = CODES) -> None:
    """The same of a table in pieces, of which one at a time is held.

    Args:
        path: The file to write.
        pieces: The rows; all have the columns of the first.
        said: What the file says of itself.
        headings: ``codes`` or a language: how the last column is called.
    """
    column, text = NOTICE if headings == CODES else _notice_heading(headings), said.short()
    vector.write_csv(path, (_safe(table.assign(**{column: text})) for table in pieces))


def _safe(table: pd.DataFrame) -> pd.DataFrame:
    """A table without cells or headings that could be formulas."""
    safe = table.rename(columns=lambda name: safe_cell(str(name)))
    for name in safe.columns:
        if safe[name].dtype == object or pd.api.types.is_string_dtype(safe[name].dtype):
            cells = [safe_cell(value) if isinstance(value, str) else value for value in safe[name]]
            safe[name] = pd.Series(cells, index=safe.index, dtype=object)  # or years beside gaps become 2020.0
    return safe


def _notice_heading(lang: str) -> str:
    return f"{plain_heading(NOTICE, lang)} ({NOTICE})"


# ---- XLSX


def write_xlsx(part: Part, folder: Path) -> Remarks:
    """A workbook: first what it says of itself, then a sheet for each layer."""
    names = _sheet_names([part.title(name) for name in part.frames], [part.say("sheet_about")])
    tables = [
        layer_table(part.edition, {name: frame}, part.system, headings=part.headings, wkt=part.wkt)
        for name, frame in part.rows.items()
    ]
    sheets = dict(zip(names, tables, strict=True))
    return xlsx_file(folder / f"{part.stem}.xlsx", sheets, part.notice, part.say("sheet_about"), part.year)


def xlsx_file(path: Path, tables: Mapping[str, pd.DataFrame], said: Notice, about: str, year: int) -> Remarks:
    """A workbook whose headings stay in sight, numbers are numbers and texts never formulas.

    Args:
        path: The file to write.
        tables: Name of each sheet and its rows.
        said: What the workbook says of itself, on its first sheet and in its properties.
        about: Name of the first sheet.
        year: What stands for the time of making.
    """
    import xlsxwriter  # noqa: PLC0415 - for workbooks only

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": said["title"][:255],
            "subject": said["edition"][:255],
            "comments": _fit(said.text()),
            "created": datetime(year, 1, 1),  # noqa: DTZ001 - the format's time has no zone
        }
    )
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    first = book.add_worksheet(about)
    first.set_column(0, 0, 14)
    first.set_column(1, 1, 100)
    for row, (label, text) in enumerate(said.labelled()):
        first.write_string(row, 0, label, bold)
        first.write_string(row, 1, _fit(text), wrapped)
    for name, table in tables.items():
        _write_sheet(book.add_worksheet(name), table, bold)
    book.close()
    return []


def _write_sheet(sheet: Any, table: pd.DataFrame, bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(table.columns):
        values = table[name].tolist()
        sheet.write_string(0, column, _fit(str(name)), bold)
        sheet.set_column(column, column, _width([str(name), *(str(one) for one in values[:200])]))
        for row, value in enumerate(values, start=1):
            _write_cell(sheet, row, column, value)
    if len(table.columns):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, _fit(value))
    elif isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, column, bool(value))
    elif value is not None and value is not pd.NA and np.isfinite(value):
        sheet.write_number(row, column, value)


def _fit(text: str) -> str:
    """A text as a cell can hold it; spreadsheets take no more."""
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= _CELL else whole[: _CELL - 1] + "…"


def _width(texts: list[str]) -> float:
    """A column's width in characters; Chinese ones count two."""
    longest = max(sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text[:80]) for text in texts)
    return min(longest + 2, _WIDEST)


def _sheet_names(titles: list[str], taken: list[str]) -> list[str]:
    """Names that a workbook takes: 31 characters without signs, each once whatever its case."""
    used = {one.lower() for one in (*taken, "history")}
    found = []
    for title in titles:
        plain = _NOT_IN_SHEET_NAMES.sub("_", title.encode("utf-8", "replace").decode()).strip("' ") or "_"
        name, number = plain[:_SHEET_NAME].strip("'") or "_", 0
        while name.lower() in used:
            number += 1
            name = f"{plain[: _SHEET_NAME - len(str(number)) - 1]}_{number}"
        used.add(name.lower())
        found.append(name)
    return found
