"""Reading a plan folder's text files: sizes, encodings, TOML and CSV syntax, and fields of records.

Nothing here raises for what a planner wrote: every fault goes into a ``Faults`` list, so that all are reported at once.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli

from geo.foreign.text import allow_long_cells, disguise, guess_encoding
from geo.reasons import reason
from layers.model.errors import ERROR, WARNING, Origin, Problem
from layers.model.tables import divided

TOML_BYTES = 5_000_000
CSV_BYTES = 20_000_000
NAME_LENGTH = 200
NOTE_LENGTH = 2_000

_JOINED = re.compile(r"\S\s*(?:[；;，]|,\s)\s*\S")
_BETWEEN = re.compile("[;；,，、]")
_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(slots=True)
class Faults:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, origin: Origin, field_name: str, key: str, /, *, severity: str = ERROR, **params: Any) -> None:
        """Note one problem of a record (or of a whole file when the origin names no record)."""
        self.problems.append(
            Problem(origin.file, origin.record, field_name, key, params, severity=severity, line=origin.line)
        )


def read_text(path: Path, shown: str, limit: int, faults: Faults) -> str | None:
    """A file's text, or None when it cannot be read.

    Args:
        path: The file.
        shown: How problems name it.
        limit: Largest size in bytes.
        faults: Takes the problems: ``file.missing``, ``file.too_large``, ``file.unreadable``, ``file.not_text``,
            ``file.encoding``.

    Returns:
        The text without byte order mark.
    """
    origin = Origin(shown)
    try:
        if not path.is_file():
            faults.add(origin, "", "file.missing", file=shown)
            return None
        size = path.stat().st_size
        if size > limit:
            faults.add(origin, "", "file.too_large", size=size, limit=limit)
            return None
        raw = path.read_bytes()
    except OSError as error:
        faults.add(origin, "", "file.unreadable", reason=reason(error))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if (what := disguise(raw)) is not None:
            faults.add(origin, "", "file.not_text", what=what)
            return None
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add(Origin(shown, line=line), "", "file.encoding", encoding=guess_encoding(raw), at_line=line)
        return None


def read_toml(path: Path, shown: str, faults: Faults) -> dict[str, Any] | None:
    """A TOML file as a table, or None with the fault noted (``toml.syntax`` has the line)."""
    text = read_text(path, shown, TOML_BYTES, faults)
    if text is None:
        return None
    try:
        return tomli.loads(text)  # the standard library's, compiled
    except tomli.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        faults.add(Origin(shown, line=line), "", "toml.syntax", at_line=line, said=reason(error))
    except RecursionError:
        faults.add(Origin(shown), "", "toml.nested")
    return None


def record_lines(path: Path, table: str) -> list[int]:
    """The lines on which ``[[table]]`` headers stand, so that a problem can point at its record."""
    header = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(table)}[ \t]*\]\]", re.MULTILINE)
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    lines, at, line = [], 0, 1
    for found in header.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        lines.append(line)
    return lines


def read_csv(
    path: Path, shown: str, columns: Sequence[str], required: Sequence[str], faults: Faults
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers.

    Args:
        path: The file.
        shown: How problems name it.
        columns: Known columns; others are ``csv.unknown_column``.
        required: Columns that must be there.
        faults: Takes the problems.

    Returns:
        ``(line, row)`` pairs; cells are stripped; missing columns are "".
    """
    text = read_text(path, shown, CSV_BYTES, faults)
    if text is None:
        return []
    if "\0" in text:
        faults.add(Origin(shown), "", "text.control", what="U+0000")
        return []
    allow_long_cells()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if not _header_fits(header, columns, required, Origin(shown, line=reader.line_num), faults):
                    return []
                continue
            origin = Origin(shown, line=reader.line_num)
            if len(cells) != len(header):
                faults.add(origin, "", "csv.cells", found=len(cells), expected=len(header))
                continue
            row = dict.fromkeys(columns, "") | dict(zip(header, (cell.strip() for cell in cells), strict=True))
            rows.append((reader.line_num, row))
    except csv.Error as error:
        faults.add(Origin(shown, line=reader.line_num), "", "csv.syntax", at_line=reader.line_num, said=reason(error))
    if header is None:
        faults.add(Origin(shown), "", "csv.empty")
    return rows


def _header_fits(
    header: list[str], columns: Sequence[str], required: Sequence[str], origin: Origin, faults: Faults
) -> bool:
    """Whether the first line names the columns that are needed, each once."""
    for name in header:
        if name not in columns:
            faults.add(origin, name, "csv.unknown_column", column=name, guess=did_you_mean(name, columns))
        elif header.count(name) > 1:
            faults.add(origin, name, "csv.double_column", column=name)
    missing = [name for name in required if name not in header]
    for name in missing:
        faults.add(origin, name, "csv.missing_column", column=name)
    return not missing and len(set(header)) == len(header)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word nearest to one that is not known, or ""."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def text_fault(text: str, limit: int = NAME_LENGTH, *, lines: bool = False) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a text that will be shown to people, or None.

    Control characters, invisible characters and marks that change the direction of writing can hide
    what a name says; angle brackets and the like are fine, whoever shows a name escapes it.

    Args:
        text: The text.
        limit: Largest number of characters.
        lines: Whether line breaks and tabs are allowed.

    Returns:
        Key and parameters of the problem.
    """
    if len(text) > limit:
        return "text.too_long", {"length": len(text), "limit": limit}
    if text.isprintable():  # nearly every text; it has nothing of what follows
        return None
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") and not (lines and character in "\n\t\r"):
            key = "text.direction" if unicodedata.bidirectional(character) in _DIRECTION else "text.control"
            return key, {"what": f"U+{ord(character):04X}"}
    return None


_DIRECTION = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "L", "R", "AL"}


def joined(item: str) -> bool:
    """Whether one item of a list looks like several, by semicolons, commas, or enumeration commas between its parts.

    A name may hold enumeration commas (three rivers' water source): its last part is then the longest by far.

    Example:
        >>> [joined(text) for text in ("甲镇、乙镇", "a; b", "甲镇，乙镇", "Chaping, Bailu", "甲江、乙江饮用水水源地")]
        [True, True, True, True, False]
    """
    parts = [part.strip() for part in item.split("、") if part.strip()] if "、" in item else []
    alike = len(parts) > 1 and max(map(len, parts)) <= 2 * min(map(len, parts))
    return alike or bool(_JOINED.search(item))


Reader = Callable[["Record", str, Any], Any]


class Record:
    """One table of a TOML file, read field by field; every fault is noted, a default taken instead.

    Call the readers for each field, then ``finish`` to report fields that nobody read.
    """

    __slots__ = ("_raw", "_read", "bad", "faults", "origin")

    def __init__(self, raw: Any, origin: Origin, faults: Faults) -> None:
        self.origin, self.faults, self.bad = origin, faults, False
        self._read: set[str] = set()
        self._raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            self.fault("", "field.type", expected="table", found=_type_name(raw))

    def fault(self, name: str, key: str, /, **params: Any) -> None:
        """Note a problem of one field and remember that the record is not sound."""
        self.bad = True
        self.faults.add(self.origin, name, key, **params)

    def has(self, name: str) -> bool:
        """Whether the field is written."""
        return name in self._raw

    def _get(self, name: str, types: type | tuple[type, ...], expected: str, required: bool) -> Any:
        self._read.add(name)
        value = self._raw.get(name)  # TOML has no null
        if value is None:
            if required:
                self.fault(name, "field.missing", name=name)
            return None
        if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
            self.fault(name, "field.type", expected=expected, found=_type_name(value))
            return None
        return value

    def text(self, name: str, *, required: bool = False, note: bool = False, choices: Collection[str] = ()) -> str:
        """A text field, stripped; "" when missing."""
        if not required and name not in self._raw:  # most fields of most records
            self._read.add(name)
            return ""
        value = self._get(name, str, "text", required)
        if value is None:
            return ""
        value = value.strip()
        if required and not value:
            self.fault(name, "field.empty", name=name)
        wrong = text_fault(value, NOTE_LENGTH if note else NAME_LENGTH, lines=note)
        if wrong:
            self.fault(name, wrong[0], **wrong[1])
            return ""
        if value and choices and value not in choices:
            self.fault(
                name, "field.choice", value=value, choices="、".join(choices), guess=did_you_mean(value, choices)
            )
            return ""
        return str(value)

    def english(self, name: str) -> str:
        """The English of a text field, ``<name>_en``; the text itself, with a hint, when it is missing."""
        own, english = self._raw.get(name), self.text(f"{name}_en")
        if english or not isinstance(own, str) or not own.strip():
            return english
        if not self.has(f"{name}_en"):
            self.faults.add(self.origin, f"{name}_en", "field.no_english", severity=WARNING, name=own.strip())
        return own.strip()

    def number(
        self, name: str, *, required: bool = False, low: float = -math.inf, high: float = math.inf
    ) -> float | None:
        """A finite number within limits, or None."""
        value = self._get(name, (int, float), "number", required)
        if value is None:
            return None
        if not math.isfinite(value) or not low <= value <= high:
            self.fault(name, "field.range", value=value, low=low, high=high)
            return None
        return float(value)

    def integer(self, name: str, *, required: bool = False, low: int, high: int, default: int = 0) -> int:
        """A whole number within limits."""
        value = self._get(name, int, "integer", required)
        if value is None:
            return default
        if not low <= value <= high:
            self.fault(name, "field.range", value=value, low=low, high=high)
            return default
        return int(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self._get(name, bool, "boolean", False)
        return default if value is None else bool(value)

    def texts(
        self,
        name: str,
        *,
        required: bool = False,
        known: Collection[str] | None = None,
        unknown: str = "field.choice",
        one: bool = False,
        twice: bool = False,
    ) -> tuple[str, ...]:
        """A list of texts; with ``known``, only those, others get the problem ``unknown``.

        With ``one``, a single text may stand without brackets; with ``twice``, a text may be repeated.
        """
        if not required and name not in self._raw:
            self._read.add(name)
            return ()
        if one and isinstance(self._raw.get(name), str):
            value: Any = [self.text(name)]
        else:
            value = self._get(name, list, "list", required)
        kept: list[str] = []
        for item in (part for written in value or () for part in self._apart(name, written, known)):
            if not isinstance(item, str):
                self.fault(name, "field.type", expected="text", found=_type_name(item))
            elif wrong := text_fault(item):
                self.fault(name, wrong[0], **wrong[1])
            elif divided(item):
                self.fault(name, "text.separator", value=item)
            elif item in kept and not twice:
                self.fault(name, "field.twice", value=item)
            elif known is not None and item not in known:
                choices = list(known)
                self.fault(
                    name, unknown, value=item, choices="、".join(choices[:30]), guess=did_you_mean(item, choices)
                )
            else:
                if known is None and joined(item):
                    self.faults.add(self.origin, name, "text.joined", severity=WARNING, value=item)
                kept.append(item.strip())
        return tuple(kept)

    def _apart(self, name: str, item: Any, known: Collection[str] | None) -> list[Any]:
        """An item of a list; its parts, with a doubt, when it is several known words written as one."""
        if known is None or not isinstance(item, str) or item in known:
            return [item]
        parts = [part.strip() for part in _BETWEEN.split(item) if part.strip()]
        if len(parts) < 2 or not all(part in known for part in parts):
            return [item]
        self.faults.add(self.origin, name, "text.joined", severity=WARNING, value=item)
        return list(parts)

    def table(self, name: str, *, required: bool = False) -> dict[str, Any] | None:
        """A table as it is written, or None."""
        value = self._get(name, dict, "table", required)
        return None if value is None else dict(value)

    def tables(self, name: str) -> list[Any]:
        """A list of tables as it is written."""
        return list(self._get(name, list, "list", False) or ())

    def any(self, name: str) -> Any:
        """A value as it is written, whatever it is; None when missing. The caller checks it."""
        self._read.add(name)
        return self._raw.get(name)

    def record(self, name: str) -> Record | None:
        """A table read field by field, or None; call its ``finish`` too."""
        value = self.table(name)
        return None if value is None else Record(value, self.origin, self.faults)

    def finish(self) -> bool:
        """Report fields that nobody asked for, and tell whether the record is sound."""
        for name in self._raw:
            if name not in self._read:
                self.fault(name, "field.unknown", name=name, guess=did_you_mean(name, self._read))
        return not self.bad


def _type_name(value: Any) -> str:
    """The name of a value's type in the words of TOML."""
    names = {str: "text", bool: "boolean", int: "integer", float: "number", list: "list", dict: "table"}
    return names.get(type(value), type(value).__name__)
