"""The index of a folder of editions: the card of each, and the names of its features.

With it a catalogue starts at once and finds a feature among thousands of plans without opening one. It is kept beside
the editions and follows from them alone: what is missing, of another file or spoilt is read again.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.edition.card import Card, opened
from layers.edition.file import sql_name
from layers.model.tables import split

LOG = logging.getLogger("planmap.index")

FILE = ".planmap-index.sqlite"
_FORMAT = 1
_WAIT_S = 5.0
"""Seconds to wait for another process that writes."""
_AT_ONCE = 50
"""Plans whose names are written together."""
_MOST_CHARACTERS = 4_000_000
"""Of the names of one plan, some 60,000 features; later ones are not found."""
_TABLES = """
CREATE TABLE IF NOT EXISTS card (plan TEXT PRIMARY KEY, file TEXT NOT NULL, card TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS names (plan TEXT PRIMARY KEY, file TEXT NOT NULL, text TEXT NOT NULL);
"""

Signature = tuple[int, ...]
"""What tells a file from another one in its place."""


@dataclass(frozen=True, slots=True)
class Found:
    """A feature that fits: its id and names."""

    id: str
    name: str
    name_en: str


class Index:
    """The index in one file; each call opens it for itself, so that threads and forked workers are safe.

    A file that cannot be read or written is as good as none: everything is read from the editions then.

    Args:
        path: The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, folder: Path, otherwise: Path) -> Index:
        """The index in a folder of editions; in another folder when that one cannot be written."""
        for path in (folder / FILE, otherwise / FILE):
            if not path.is_symlink() and _prepared(path):
                return cls(path)
        return cls(otherwise / FILE)

    def cards(self) -> dict[str, tuple[Signature, Card]]:
        """The known cards by plan, with the file that each is of."""
        found: dict[str, tuple[Signature, Card]] = {}
        for plan, file, text in self._rows("SELECT plan, file, card FROM card"):
            try:
                found[plan] = (tuple(json.loads(file)), _card(json.loads(text)))
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
        return found

    def note(self, cards: Mapping[str, tuple[Signature, Card]], gone: Iterable[str] = ()) -> None:
        """Keep cards, and forget plans that are no more."""
        rows = [
            (plan, json.dumps(file), json.dumps(vars(card), ensure_ascii=False)) for plan, (file, card) in cards.items()
        ]
        with self._opened() as database, database:
            database.executemany("INSERT OR REPLACE INTO card VALUES (?, ?, ?)", rows)
            for table in ("card", "names"):
                database.executemany(f"DELETE FROM {table} WHERE plan = ?", [(plan,) for plan in gone])  # noqa: S608

    def unread(self) -> dict[str, Signature]:
        """Plans whose features are not in the index yet, with their files."""
        rows = self._rows("SELECT plan, file FROM card WHERE (plan, file) NOT IN (SELECT plan, file FROM names)")
        return {plan: tuple(json.loads(file)) for plan, file in rows}

    def read(self, plans: Mapping[str, tuple[Signature, Path]]) -> None:
        """Take the names of plans' features into the index, some at a time; none where a file cannot be read."""
        names = list(plans)
        for start in range(0, len(names), _AT_ONCE):
            part = [(name, *plans[name]) for name in names[start : start + _AT_ONCE]]
            rows = [(name, json.dumps(file), names_of(path)) for name, file, path in part]
            # The disk is waited for once a part, and nobody waits for us while we read.
            with self._opened() as database, database:
                database.executemany("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", rows)

    def count(self) -> int:
        """Of how many plans the features are known."""
        return sum(number for (number,) in self._rows("SELECT count(*) FROM names"))

    def find(self, words: Callable[[str], Sequence[str]], most: int) -> dict[str, list[Found]]:
        """Features that have all words in their names and aliases, some of each plan.

        Args:
            words: Gives what is looked for in a plan, folded (`str.casefold`); nothing for none.
            most: Features of one plan.
        """
        found: dict[str, list[Found]] = {}
        with self._opened() as database:
            for plan, text in database.execute("SELECT plan, text FROM names"):
                wanted = words(plan)
                fit = lines_with(text, wanted, most) if wanted else []
                if fit:
                    found[plan] = [Found(*line.split("\t")[1:4]) for line in fit]
        return found

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with self._opened() as database:
            rows += database.execute(query)
        return rows

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT_S)) as database:
                yield database
        except (sqlite3.Error, OSError) as error:
            LOG.warning("%s: %s", self.path.name, error)


def names_of(path: Path) -> str:
    """A line a feature: what it is found by, folded, then id, name and English name, between tabs.

    What lies beyond the district is left out, as it is in the plan's own search.
    """
    lines: list[str] = []
    room = _MOST_CHARACTERS
    try:
        with closing(opened(path)) as database:
            rows = database.execute("SELECT key, value FROM planmap_meta WHERE key IN ('layers', 'kinds')").fetchall()
            meta = {key: json.loads(value) for key, value in rows}
            beyond = {str(kind["id"]) for kind in meta["kinds"] if kind.get("beyond")}
            for layer in meta["layers"]:
                table = sql_name(str(layer["id"]))
                for kind, aliases, *cells in database.execute(
                    f"SELECT kind, aliases, id, name, name_en FROM {table} ORDER BY rowid"  # noqa: S608
                ):
                    identifier, name, english = (_flat(cell) for cell in cells)
                    line = f"{_found_by(name, english, aliases)}\t{identifier}\t{name}\t{english}"
                    room -= len(line) + 1
                    if room < 0:
                        return "\n".join(lines)
                    if kind not in beyond:
                        lines.append(line)
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("%s: %s", path.name, error)
        return ""
    return "\n".join(lines)


def lines_with(text: str, words: Sequence[str], most: int) -> list[str]:
    r"""The first lines whose part before the tab has all words.

    Example:
        >>> lines_with("red line\t1\nblue line\t2\nblue\tline", ["line", "blue"], 9)
        ['blue line\t2']
    """
    longest = max(words, key=len)
    found: list[str] = []
    at = text.find(longest)
    while at >= 0 and len(found) < most:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[text.rfind("\n", 0, at) + 1 : end]
        names = line.partition("\t")[0]
        if all(word in names for word in words):
            found.append(line)
        at = text.find(longest, end)
    return found


def _found_by(name: str, english: str, aliases: Any) -> str:
    return " ".join([name, english, *split(_flat(aliases))]).casefold()


def _flat(cell: Any) -> str:
    """A cell as a text without what separates lines and fields here."""
    return str(cell or "").translate(_SEPARATORS)


_SEPARATORS = {ord(mark): " " for mark in "\0\t\n\r"}


def _card(record: Mapping[str, Any]) -> Card:
    bounds = record["bounds"]
    if bounds is not None:
        west, south, east, north = (float(number) for number in bounds)
        bounds = (west, south, east, north)
    return Card(str(record["hash"]), dict(record["plan"]), int(record["features"]), bounds, str(record["layer"]))


def _prepared(path: Path) -> bool:
    """Whether an index is there, or could be made; one that is spoilt or of another format is made anew."""
    for _ in range(2):
        try:
            with closing(sqlite3.connect(path, timeout=_WAIT_S)) as database, database:
                (found,) = database.execute("PRAGMA user_version").fetchone()
                if found not in (0, _FORMAT):
                    raise sqlite3.DatabaseError(f"format {found}")
                database.executescript(_TABLES)
                database.execute(f"PRAGMA user_version = {_FORMAT}")
            return True
        except sqlite3.OperationalError:  # no right to write, or locked
            return False
        except sqlite3.DatabaseError:
            try:
                path.unlink()
            except OSError:
                return False
    return False
