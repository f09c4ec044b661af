"""Ledgers copied, moved between SQLite and PostgreSQL, and given away as tables with their whole history."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from geo import files
from layers.ledger import book
from layers.ledger import scenarios as kept
from layers.ledger.book import Ledger, LedgerError, Proof, State
from layers.ledger.entry import COLUMNS, Entry
from layers.ledger.keeping import SqliteFile
from layers.ledger.scenarios import Scenarios
from layers.model.spreadsheet import safe_cell

CURRENT_COLUMNS = ("indicator", "place", "role", "period", "value", "unit", "source", "note", "scope")
"""Columns of the values that hold now: the same as in a plan folder's ``observed.csv``."""
FORMATS = (".csv", ".jsonl", ".xlsx")
_MOST_ROWS = 1_048_576


def backup(ledger: Ledger, path: Path) -> State:
    """Copy a ledger as it is now into one SQLite file, while others may go on entering; the copy is gone through.

    Args:
        ledger: The ledger, wherever it is kept.
        path: The file to write; it is there whole or not at all.

    Returns:
        How far the copy reaches.

    Raises:
        LedgerError: ``ledger.broken`` when the chain is not whole; nothing is written then.
    """
    with files.atomic_path(path) as temporary:
        keeping = ledger.keeping
        if isinstance(keeping, SqliteFile):
            keeping.copy_to(temporary)
        else:
            made = SqliteFile(temporary, ledger.plan, make=True)
            restore(ledger, Ledger(made))
            made.settle()
        copy = SqliteFile(temporary, ledger.plan)
        proof, scenarios = Ledger(copy).verify(), Scenarios(copy).verify()
        copy.settle()
        _whole(proof, keeping.place, "ledger.broken")
        _whole(scenarios, keeping.place)
    return proof.state


def restore(source: Ledger, target: Ledger) -> State:
    """Put entries and scenarios of a backup into a ledger that is empty, or that holds the beginning of the same chain.

    Args:
        source: The backup, or any ledger.
        target: Where they go, a file or a database; of the same plan.

    Returns:
        How far the target reaches now, which is as far as the source does.

    Raises:
        LedgerError: ``ledger.other_plan``, ``ledger.other_chain``, ``ledger.other_scenarios``, ``ledger.broken``,
            ``ledger.broken_scenarios``; nothing is written then.
    """
    if source.plan != target.plan:
        raise LedgerError("ledger.other_plan", place=target.keeping.place, found=target.plan, wanted=source.plan)
    scenarios = Scenarios(source.keeping)
    _whole(scenarios.verify(), source.keeping.place)
    # One writing for both: a target that cannot take the scenarios takes no entries either.
    with closing(source.walked()) as entries, target.keeping.writing() as view:
        state = book.taken_over(view, entries, target.keeping.place)
        kept.taken_over(view, scenarios.history(), target.keeping.place)
    return state


def export(entries: Iterable[Entry], path: Path, *, current: bool = False) -> int:
    """Write entries as a table, CSV, XLSX or JSON lines by the file's name.

    Args:
        entries: The whole history, or the values that hold now.
        path: The file to write.
        current: They hold now: only the columns that a plan folder's ``observed.csv`` has.

    Returns:
        The number of entries.

    Raises:
        LedgerError: ``ledger.export_format``.
    """
    columns = CURRENT_COLUMNS if current else COLUMNS
    if path.suffix.lower() not in FORMATS:
        raise LedgerError("ledger.export_format", file=path.name, choices=list(FORMATS))
    counted = _Counted(entries)
    with files.atomic_path(path) as temporary:
        if path.suffix.lower() == ".xlsx":
            _workbook(counted, temporary, columns)
        else:
            write = _lines if path.suffix.lower() == ".jsonl" else _table
            # The mark lets spreadsheets see that it is UTF-8.
            encoding = "utf-8" if path.suffix.lower() == ".jsonl" else "utf-8-sig"
            with temporary.open("w", encoding=encoding, newline="") as file:
                write(counted, file, columns)
    return counted.count


class _Counted:
    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries, self.count = entries, 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for entry in self._entries:
            self.count += 1
            yield asdict(entry)


def _lines(rows: Iterable[dict[str, Any]], file: TextIO, columns: tuple[str, ...]) -> None:
    file.writelines(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n" for row in rows)


def _table(rows: Iterable[dict[str, Any]], file: TextIO, columns: tuple[str, ...]) -> None:
    table = csv.writer(file)
    table.writerow(columns)
    for row in rows:
        table.writerow([_cell(row[name]) for name in columns])


def _cell(value: object) -> object:
    if isinstance(value, float):
        return repr(value) if value % 1 or abs(value) >= 1e15 else int(value)
    return safe_cell(value) if isinstance(value, str) else value


def _workbook(rows: Iterable[dict[str, Any]], path: Path, columns: tuple[str, ...]) -> None:
    import xlsxwriter  # noqa: PLC0415 - for workbooks only

    workbook = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    )
    sheet, bold = workbook.add_worksheet("ledger"), workbook.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, bold)
    for at, row in enumerate(rows, start=1):
        if at >= _MOST_ROWS:
            raise LedgerError("ledger.export_rows", most=_MOST_ROWS - 1)
        for column, name in enumerate(columns):
            value = row[name]
            write: Callable[..., Any] = sheet.write_string if isinstance(value, str) else sheet.write_number
            if value is not None and value != "":
                write(at, column, value)
    workbook.close()


def _whole(proof: Proof, place: str, key: str = "ledger.broken_scenarios") -> None:
    if proof.broken is not None:
        raise LedgerError(key, place=place, seq=proof.broken, why=proof.why)
