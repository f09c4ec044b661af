"""Sheets as offices send them, CSV and XLSX, read into cells with their place, within limits of size."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geo.reasons import FOREIGN, reason
from layers.ledger.errors import LedgerError

MOST_BYTES = 16 * 1024 * 1024
MOST_UNPACKED = 128 * 1024 * 1024
MOST_CELLS = 400_000
MOST_ROWS, MOST_COLUMNS = 50_000, 1_000
_XLSX = b"PK\x03\x04"
_OLD_XLS = b"\xd0\xcf\x11\xe0"
_BROKEN: tuple[type[Exception], ...] = (*FOREIGN, AttributeError, SyntaxError)
"""What openpyxl raises over a broken workbook."""
_ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|GETTING_DATA)")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        value: Text, number, or None.
        at: Where it is, as people write it: ``表1!C5``.
        percent: It is shown in per cent, so that 0.78 reads 78 %.
        filled: It is part of a merged range and has its text from the first cell of it.
        broken: ``error`` for an error value, ``formula`` for a formula whose value was not saved; else "".
    """

    value: str | float | None
    at: str
    percent: bool = False
    filled: bool = False
    broken: str = ""

    @property
    def text(self) -> str:
        """Its text; "" for a number or nothing."""
        return self.value.strip() if isinstance(self.value, str) else ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its name and rows of cells, all of one length."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A file's sheets, and the names of those that are hidden and were not read."""

    grids: tuple[Grid, ...]
    hidden: tuple[str, ...] = ()


def read(data: bytes, name: str) -> Book:
    """Read a file.

    Args:
        data: Its bytes.
        name: Its name, for messages; what it is is told by its bytes.

    Raises:
        LedgerError: ``sheet.too_large``, ``sheet.too_many``, ``sheet.old_format``, ``sheet.unreadable``,
            ``sheet.encoding``, ``sheet.empty``.
    """
    if len(data) > MOST_BYTES:
        raise LedgerError("sheet.too_large", file=name, most=MOST_BYTES // 1024 // 1024)
    if data.startswith(_OLD_XLS):
        raise LedgerError("sheet.old_format", file=name)
    book = _workbook(data, name) if data.startswith(_XLSX) else Book((_csv(data, name),))
    if not any(cell.value is not None for grid in book.grids for row in grid.rows for cell in row):
        raise LedgerError("sheet.empty", file=name)
    return book


def column_name(number: int) -> str:
    """The letters of a column, from 0.

    Example:
        >>> column_name(0), column_name(25), column_name(26), column_name(701)
        ('A', 'Z', 'AA', 'ZZ')
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ---- CSV


def _csv(data: bytes, name: str) -> Grid:
    text = _decoded(data, name)
    if "\0" in text:
        raise LedgerError("sheet.unreadable", file=name, said="NUL")
    lines = text.splitlines()[:20]
    mark = max(",\t;，", key=lambda one: (sum(one in line for line in lines), one == ","))
    if mark == "，":
        text, mark = text.replace("，", ","), ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise LedgerError("sheet.unreadable", file=name, said=reason(error)) from error
    width = max(map(len, rows), default=0)
    _limit(len(rows), width, name)
    return Grid(
        "",
        tuple(
            tuple(
                Cell(_csv_value(row[at]) if at < len(row) else None, f"{column_name(at)}{line}") for at in range(width)
            )
            for line, row in enumerate(rows, start=1)
        ),
    )


def _csv_value(text: str) -> str | None:
    return text.strip().removeprefix("'") or None


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else GB 18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise LedgerError("sheet.encoding", file=name)


def _limit(rows: int, columns: int, name: str) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise LedgerError("sheet.too_many", file=name, rows=rows, columns=columns, most=MOST_CELLS)


# ---- XLSX


def _workbook(data: bytes, name: str) -> Book:
    _checked_archive(data, name)
    import openpyxl  # noqa: PLC0415 - for workbooks only

    try:
        values = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            formulas = any(
                b"<f" in archive.read(one) for one in archive.namelist() if re.match(r"xl/worksheets/[^/]+\.xml$", one)
            )
        written = openpyxl.load_workbook(io.BytesIO(data), keep_links=False) if formulas else None
    except _BROKEN as error:
        raise LedgerError("sheet.unreadable", file=name, said=reason(error)) from error
    shown = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
    hidden = tuple(sheet.title for sheet in values.worksheets if sheet.sheet_state != "visible")
    several = len(shown) > 1
    return Book(
        tuple(_sheet(one, written[one.title] if written else None, name, several=several) for one in shown), hidden
    )


def _checked_archive(data: bytes, name: str) -> None:
    """What an archive unpacks to, before anything is unpacked; and no part may define entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(one.file_size for one in parts) > MOST_UNPACKED or len(parts) > 2000:
                raise LedgerError("sheet.too_large", file=name, most=MOST_UNPACKED // 1024 // 1024)
            if "xl/workbook.xml" not in {one.filename for one in parts}:
                raise LedgerError("sheet.unreadable", file=name, said="xl/workbook.xml")
            for one in parts:
                if one.filename.endswith((".xml", ".rels")):
                    with archive.open(one) as part:
                        if b"<!DOCTYPE" in part.read(4096):
                            raise LedgerError("sheet.unreadable", file=name, said="DOCTYPE")
    except FOREIGN as error:
        raise LedgerError("sheet.unreadable", file=name, said=reason(error)) from error


def _sheet(sheet: Any, written: Any, name: str, *, several: bool) -> Grid:
    _limit(sheet.max_row, sheet.max_column, name)
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, min(area.max_row, sheet.max_row) + 1):
            for column in range(area.min_col, min(area.max_col, sheet.max_column) + 1):
                first[row, column] = area.min_row, area.min_col
    before = f"{sheet.title}!" if several else ""
    rows = []
    for row in range(1, sheet.max_row + 1):
        cells = []
        for column in range(1, sheet.max_column + 1):
            source = first.get((row, column), (row, column))
            one = sheet.cell(*source)
            formula = written is not None and written.cell(*source).data_type == "f"
            at = f"{before}{column_name(column - 1)}{row}"
            cells.append(_cell(one, at, filled=source != (row, column), formula=formula))
        rows.append(tuple(cells))
    return Grid(sheet.title, tuple(rows))


def _cell(one: Any, at: str, *, filled: bool, formula: bool) -> Cell:
    value, shown = one.value, str(one.number_format or "")
    if value is None:
        return Cell(None, at, filled=filled, broken="formula" if formula else "")
    if isinstance(value, bool):
        return Cell(str(value), at, filled=filled)
    if isinstance(value, int | float):
        return Cell(float(value), at, percent="%" in shown, filled=filled)
    if isinstance(value, datetime | date):
        text = f"{value.year}-{value.month:02}" if "m" in shown.lower() else f"{value.year}"
        return Cell(text, at, filled=filled)
    text = str(value).strip()
    return Cell(text or None, at, filled=filled, broken="error" if _ERROR.fullmatch(text) else "")


def trimmed(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The rows that hold something."""
    return [row for row in rows if any(cell.value is not None or cell.broken for cell in row)]
