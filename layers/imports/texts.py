"""The text files of a plan folder, changed record by record: comments, order and everything else stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from layers.model.errors import LayersError

_BOM = b"\xef\xbb\xbf"
SOURCES = "sources.toml"


class Texts:
    """What is to be written into a plan folder's TOML files; nothing is written here.

    Args:
        folder: The plan folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._documents: dict[str, Any] = {}
        self._touched: set[str] = set()
        self.sources: set[str] = set()

    def set(self, file: str, identifier: str, values: Mapping[str, Any], table: str = "feature") -> None:
        """Set fields of a record; a value of None takes the field away.

        Args:
            file: The file, relative to the folder.
            identifier: The record's id.
            values: By field; dictionaries are written as inline tables.
            table: What records of its kind are called.

        Raises:
            LayersError: ``import.text`` when the file cannot be changed without harm.
        """
        record = self._record(file, identifier, table)
        for name, value in values.items():
            if value is None:
                record.pop(name, None)
            elif name in record and not isinstance(record[name], Table):
                record[name] = inline(value)
            else:
                record.pop(name, None)
                _insert(record, name, inline(value))
        self._touched.add(file)

    def remove(self, file: str, identifier: str) -> None:
        """Take a feature out of its file."""
        rows = self._document(file)["feature"]
        at = next(number for number, row in enumerate(rows) if row.get("id") == identifier)
        del rows[at]
        self._touched.add(file)

    def take_out(self, file: str, identifier: str, table: str = "feature") -> None:
        """Take a record out of its file, with the lines of comment above it.

        Raises:
            LayersError: ``import.text`` when the file cannot be changed without harm, ``import.no_record``.
        """
        number = self._number(file, identifier, table)
        lines, first, _, end = self._lines(file, number, table)
        wanted = self._document(file).unwrap()
        del wanted[table][number]
        self._put_lines(file, [*lines[:first], *lines[end:]], wanted, table)

    def uncomment(self, file: str, identifier: str, starts: tuple[str, ...], table: str = "feature") -> None:
        """Take away those lines of comment right above a record that begin in one of some ways.

        Raises:
            LayersError: As ``take_out``.
        """
        number = self._number(file, identifier, table)
        lines, first, at, _ = self._lines(file, number, table)
        kept = [line for line in lines[first:at] if not line.startswith(starts)]
        self._put_lines(file, [*lines[:first], *kept, *lines[at:]], self._document(file).unwrap(), table)

    def _number(self, file: str, identifier: str, table: str) -> int:
        self._record(file, identifier, table)
        rows = self._document(file)[table]
        return next(number for number, row in enumerate(rows) if row.get("id") == identifier)

    def _lines(self, file: str, number: int, table: str) -> tuple[list[str], int, int, int]:
        """A file's lines; of a record the first line of comment above it, its header, and where it ends."""
        lines = tomlkit.dumps(self._document(file)).split("\n")
        heads = [at for at, line in enumerate(lines) if re.match(rf"\[\[\s*{table}\s*\]\]", line)]
        if len(heads) != len(self._document(file)[table]):
            raise LayersError("import.text", file=file)
        at = heads[number]
        others = re.compile(rf"\[\[?\s*(?!{table}\s*\.)[A-Za-z_\"']")
        end = next((one for one in range(at + 1, len(lines)) if others.match(lines[one])), len(lines))
        if end < len(lines):  # what stands right above the next one is said of it
            end = _above(lines, end)
        return lines, _above(lines, at), at, end

    def _put_lines(self, file: str, lines: list[str], wanted: Any, table: str) -> None:
        """A file as other lines, if they say what they should."""
        text = "\n".join(lines)
        try:
            document = tomlkit.parse(text)
        except TOMLKitError as error:
            raise LayersError("import.text", file=file) from error
        if not wanted[table]:
            del wanted[table]
        if document.unwrap() != wanted:
            raise LayersError("import.text", file=file)
        self._documents[file] = document
        self._touched.add(file)

    def add(self, file: str, values: Mapping[str, Any], table: str = "feature") -> None:
        """Append a record to a file, which is made when it is not there."""
        document = self._document(file)
        record = tomlkit.table()
        for name, value in values.items():
            record.append(name, inline(value))
        if table not in document:
            document.append(table, tomlkit.aot())
        elif len(document[table]):
            _blank_line_after(document[table][-1])
        document[table].append(record)
        self._touched.add(file)

    def replace(self, file: str, table: str, identifier: str, values: Mapping[str, Any]) -> None:
        """Put a whole record of a table in the place of the one with its id, or after the others."""
        rows = self._document(file).get(table, ())
        for number, row in enumerate(rows):
            if row.get("id") == identifier:
                del rows[number]
                break
        self.add(file, values, table)

    def changed(self) -> dict[str, bytes]:
        """The files that change, by path relative to the folder."""
        found = {}
        for file in sorted(self._touched):
            path = self.folder / file
            old = path.read_bytes() if path.is_file() else b""
            text = tomlkit.dumps(self._documents[file])
            if not text.endswith("\n"):
                text += "\n"
            found[file] = (_BOM if old.startswith(_BOM) else b"") + text.encode("utf-8")
        return found

    def _document(self, file: str) -> Any:
        """A file parsed so that it can be written as it was.

        Raises:
            LayersError: ``import.text``.
        """
        if file not in self._documents:
            path = self.folder / file
            raw = path.read_bytes() if path.is_file() else b""
            try:
                text = raw.removeprefix(_BOM).decode("utf-8")
                document = tomlkit.parse(text)
                same = tomlkit.dumps(document) == text
            except (TOMLKitError, UnicodeDecodeError) as error:
                raise LayersError("import.text", file=file) from error
            if not same:
                raise LayersError("import.text", file=file)
            self._documents[file] = document
        return self._documents[file]

    def _record(self, file: str, identifier: str, table: str = "feature") -> Any:
        for row in self._document(file).get(table, ()):
            if row.get("id") == identifier:
                return row
        raise LayersError("import.no_record", file=file, id=identifier)


def inline(value: Any) -> Any:
    """A value as people write it, on one line: ``{ file = "a", where = { id = "b" } }``."""
    return tomlkit.value(_written(value))


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_written(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(inner) for inner in value) + "]"
    return tomlkit.item(value).as_string()


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else tomlkit.item(name).as_string()


def _insert(record: Any, name: str, item: Any) -> None:
    """A new field after the last one that has a value, before the blank line or comment that ends the record."""
    body = record.value.body
    last = max((number for number, (key, _) in enumerate(body) if key is not None), default=-1)
    trailing = body[last + 1 :]
    del body[last + 1 :]
    record.append(name, item)
    body.extend(trailing)


def _above(lines: list[str], at: int) -> int:
    """The first of the lines of comment right above a line; the line itself where there are none."""
    while at > 0 and lines[at - 1].startswith("#"):
        at -= 1
    return at


def _blank_line_after(record: Any) -> None:
    if not record.as_string().endswith("\n\n"):
        record.add(tomlkit.nl())


def added_source(texts: Texts, known: Iterable[str], values: Mapping[str, Any]) -> str:
    """Append a ``[[source]]`` unless one of that name is there; its name.

    Args:
        texts: Takes the record.
        known: Names that there are.
        values: Fields of the record, ``name`` among them; empty ones are left out.
    """
    if values["name"] not in known and values["name"] not in texts.sources:
        texts.sources.add(str(values["name"]))
        texts.add(SOURCES, {name: value for name, value in values.items() if value}, "source")
    return str(values["name"])


def notes_of(features: Iterable[Any]) -> Iterator[tuple[str, str, str]]:
    """Id and notes, in both languages, of features that have any: what is said of a shape may no longer hold."""
    for feature in features:
        if feature.note or feature.note_en:
            yield feature.id, feature.note, feature.note_en
