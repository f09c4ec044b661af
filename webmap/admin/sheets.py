"""Sheets of observed values between their preview and their entry: what was seen is what is entered.

Each is a folder in the server's private one, so that every worker sees the same and nothing outlives the server; its
name is nobody's to guess, and it opens for whoever sent it alone. It holds the file and the preview with the versions
of the cells that it was held against, so that whatever somebody else enters meanwhile is noticed.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from layers.ledger.sheet import Preview, Row, Sum
from webmap.admin.access import Who
from webmap.admin.jobs import put
from webmap.serving.problems import BusyError, NotKnownError

MOST_VALUES = 20_000
"""Values of a sheet that the page takes; the command takes more."""
MOST_KEPT, MOST_OF_ONE = 20, 3
"""Sheets that are kept, of all and of one person; the oldest go."""
LONGEST_S = 12 * 3600.0
"""So long a sheet waits to be entered."""
ABOUT, FILE, FOUND = "sheet.json", "sent", "found.json"
_NAME = re.compile(r"[0-9a-f]{16}")
_reading = threading.BoundedSemaphore(1)


@dataclass
class Sheet:
    """A sheet that was sent.

    Attributes:
        id: 16 hexadecimal digits that nobody guesses.
        plan: What the plan is called in addresses.
        by: Whose it is, see `owner`.
        made: When, seconds.
        file: The file's name; "" for a single value that was typed.
        stated: ``source``, ``indicator``, ``place`` and ``period``, as far as they were said.
        meant: Name in the sheet → id of an indicator or a place.
    """

    id: str
    plan: str
    by: str
    made: float
    file: str = ""
    stated: dict[str, str] = field(default_factory=dict)
    meant: dict[str, str] = field(default_factory=dict)


def owner(who: Who) -> str:
    """Somebody, so that the machine's own user is nobody else of that name."""
    return f"{'local' if who.local else 'name'}:{who.name}"


class Sheets:
    """The sheets of a server.

    Args:
        folder: The server's private folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sheets"

    def keep(self, sheet: Sheet, data: bytes, found: Preview) -> None:
        """Keep a sheet and its preview, new or in place of what was kept of it."""
        where = self._folder / sheet.id
        if not where.is_dir():
            self._make_room(sheet)
            where.mkdir(parents=True, mode=0o700)
            (where / FILE).write_bytes(data)
        put(where / FOUND, _plain(found))
        put(where / ABOUT, asdict(sheet))

    def find(self, plan: str, who: Who, name: str) -> tuple[Sheet, Preview]:
        """One by its id, with its preview.

        Raises:
            NotKnownError: ``admin.observed.gone``: there is none of this person's.
        """
        try:
            if _NAME.fullmatch(name):
                where = self._folder / name
                sheet = Sheet(**json.loads((where / ABOUT).read_text("utf-8")))
                if (sheet.plan, sheet.by) == (plan, owner(who)):
                    return sheet, _preview(json.loads((where / FOUND).read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            pass
        raise NotKnownError("admin.observed.gone")

    def data(self, sheet: Sheet) -> bytes:
        """The file as it was sent.

        Raises:
            NotKnownError: ``admin.observed.gone``.
        """
        try:
            return (self._folder / sheet.id / FILE).read_bytes()
        except OSError as error:
            raise NotKnownError("admin.observed.gone") from error

    def drop(self, sheet: Sheet) -> None:
        """Remove it with all that was sent."""
        shutil.rmtree(self._folder / sheet.id, ignore_errors=True)

    def _make_room(self, fresh: Sheet) -> None:
        """Remove what waited too long, and the oldest where there are too many."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        there = sorted(self._all(), key=lambda one: one.made, reverse=True)
        own = [one for one in there if one.by == fresh.by]
        late = [one for one in there if one.made < time.time() - LONGEST_S]
        for old in (*late, *own[MOST_OF_ONE - 1 :], *there[MOST_KEPT - 1 :]):
            self.drop(old)

    def _all(self) -> list[Sheet]:
        found = []
        for path in self._folder.glob(f"*/{ABOUT}"):
            try:
                found.append(Sheet(**json.loads(path.read_text("utf-8"))))
            except (OSError, ValueError, TypeError):  # being removed
                continue
        return found


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_hex(8)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A worker reads one sheet at a time: a large one takes all of a core and much memory.

    Raises:
        BusyError: Another one is being read.
    """
    if not _reading.acquire(timeout=5):
        raise BusyError("error.busy")
    try:
        yield
    finally:
        _reading.release()


def _plain(found: Preview) -> dict[str, Any]:
    return {
        "file": found.file,
        "rows": [[getattr(row, name) for name in Row.__slots__] for row in found.rows],
        "sums": [[getattr(one, name) for name in Sum.__slots__] for one in found.sums],
        "left": found.left,
        "source": found.source,
        "count": dict(found.count),
    }


def _preview(kept: Mapping[str, Any]) -> Preview:
    named = (dict(zip(Row.__slots__, row, strict=True)) for row in kept["rows"])
    rows = [Row(**{**row, "near": tuple(row["near"])}) for row in named]
    left = tuple((str(at), str(text), str(why)) for at, text, why in kept["left"])
    return Preview(
        kept["file"], tuple(rows), tuple(Sum(*one) for one in kept["sums"]), left, kept["source"], kept["count"]
    )
