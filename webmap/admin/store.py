"""The people of a server in one SQLite file: who there is, who is signed in, who failed to, and who did what.

Every worker opens it for itself and a change counts at once in all of them. Passwords are in it as argon2 hashes and
session tokens as SHA-256, so that whoever reads the file can sign in with neither. The file is the owner's alone.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo.reasons import reason
from webmap.serving.errors import WebError

READER, EDITOR, PUBLISHER = ROLES = ("reader", "editor", "publisher")
"""What people may be: read when reading is closed; enter observations; put files into the plan folder."""
FORMAT = 1
LONGEST_NAME = 60
WAIT_S = 5.0
"""Seconds that a writer waits for another one."""
_MODE = 0o600
_TABLES = f"""
CREATE TABLE person (folded TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session (digest BLOB PRIMARY KEY, folded TEXT NOT NULL, secret BLOB NOT NULL, made REAL NOT NULL,
    seen REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE attempt (key BLOB PRIMARY KEY, count INTEGER NOT NULL, last REAL NOT NULL, until REAL NOT NULL)
    WITHOUT ROWID;
CREATE TABLE once (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE log (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, who TEXT NOT NULL,
    address TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TRIGGER log_kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
CREATE TRIGGER log_same BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
PRAGMA user_version = {FORMAT};
"""


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in.

    Attributes:
        name: As it was given.
        role: One of ``ROLES``.
        hash: The password's argon2 hash, with its parameters.
        disabled: Whether signing in is refused.
        since: When the name was added, UTC.
    """

    name: str
    role: str
    hash: str
    disabled: bool
    since: str


@dataclass(frozen=True)
class Entry:
    """A line of the log.

    Attributes:
        number: Counts up by one.
        time: UTC, to the second.
        who: A name; "" for nobody known.
        address: Where the request came from; "" for the command line.
        action: A key ``admin.log.…`` without its beginning.
        detail: What it was done to.
    """

    number: int
    time: str
    who: str
    address: str
    action: str
    detail: str


def folded(name: str) -> str:
    """A name as it is compared: width and case do not count.

    Example:
        >>> folded("Ｗang Wei ") == folded("wang wei")
        True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def checked_name(name: str) -> str:
    """A name that people can be told apart by.

    Raises:
        WebError: ``people.bad_name``.
    """
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    if not shown or len(shown) > LONGEST_NAME or any(unicodedata.category(one)[0] == "C" for one in shown):
        raise WebError("people.bad_name", name=name, most=LONGEST_NAME)
    return shown


class Store:
    """The file; nothing is read or made before it is asked for.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = threading.local()

    @property
    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.path.is_file()

    # ---- people

    def add(self, name: str, role: str, digest: str) -> Person:
        """Add somebody.

        Raises:
            WebError: ``people.bad_name``, ``people.known``.
        """
        shown = checked_name(name)
        with self.writing() as database:
            try:
                database.execute(
                    "INSERT INTO person VALUES (?, ?, ?, ?, 0, ?)", (folded(shown), shown, role, digest, now_text())
                )
            except sqlite3.IntegrityError:
                raise WebError("people.known", name=shown) from None
        return self.person(shown)

    def person(self, name: str) -> Person:
        """Somebody by name.

        Raises:
            WebError: ``people.unknown``.
        """
        found = self.find(name)
        if found is None:
            raise WebError("people.unknown", name=name, names=[one.name for one in self.people()])
        return found

    def find(self, name: str) -> Person | None:
        """Somebody by name, or None."""
        rows = self.rows("SELECT name, role, hash, disabled, since FROM person WHERE folded = ?", folded(name))
        return _person(rows[0]) if rows else None

    def people(self) -> list[Person]:
        """Everybody, by name."""
        return [
            _person(row) for row in self.rows("SELECT name, role, hash, disabled, since FROM person ORDER BY folded")
        ]

    def change(
        self, name: str, *, role: str | None = None, digest: str | None = None, disabled: bool | None = None
    ) -> Person:
        """Change somebody's role, password or right to sign in; with a new password, or none, all sessions end.

        Raises:
            WebError: ``people.unknown``.
        """
        key = folded(self.person(name).name)
        with self.writing() as database:
            for column, value in (("role", role), ("hash", digest), ("disabled", disabled)):
                if value is not None:
                    database.execute(f"UPDATE person SET {column} = ? WHERE folded = ?", (value, key))  # noqa: S608
            if digest is not None or disabled:
                database.execute("DELETE FROM session WHERE folded = ?", (key,))
        return self.person(name)

    # ---- the log

    def note(self, who: str, action: str, detail: str = "", address: str = "") -> None:
        """Add a line to the log."""
        with self.writing() as database:
            database.execute(
                "INSERT INTO log (time, who, address, action, detail) VALUES (?, ?, ?, ?, ?)",
                (now_text(), who, address, action, detail[:500]),
            )

    def log(self, most: int, who: str = "") -> list[Entry]:
        """The last lines, the newest first; of one person only when named."""
        where, values = ("WHERE who = ?", [who]) if who else ("", [])
        sql = f"SELECT number, time, who, address, action, detail FROM log {where} ORDER BY number DESC LIMIT ?"  # noqa: S608
        return [Entry(*row) for row in self.rows(sql, *values, most)]

    # ---- the file

    def rows(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """What a question gives; nothing when there is no file."""
        if not self.exists:
            return []
        with _errors(self.path):
            return self._open().execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer is in; the file is made when there is none.

        Raises:
            WebError: ``people.*``: the file is somebody else's, damaged, of another format, or cannot be written.
        """
        with _errors(self.path):
            database = self._open()
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.rollback()
                raise
            database.commit()

    def _open(self) -> sqlite3.Connection:
        """This thread's connection: none is shared, and none goes along when a process forks."""
        state = self._signature()
        held = getattr(self._held, "of", None)
        if held is not None and held[:2] == (os.getpid(), state):
            return held[2]
        if state is None:
            self._make()
        check_private(self.path)
        database = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
        (found,) = database.execute("PRAGMA user_version").fetchone()
        if not found:  # another program's, or empty: nothing is put into it
            database.close()
            raise WebError("people.damaged", path=self.path.name)
        if found != FORMAT:
            database.close()
            raise WebError("people.other_format", path=self.path.name, found=found, known=FORMAT)
        self._held.of = (os.getpid(), self._signature(), database)
        return database

    def _signature(self) -> tuple[int, int] | None:
        """Tells the file from one that was put in its place, as after a restored backup."""
        try:
            about = self.path.stat()
        except OSError:
            return None
        return about.st_dev, about.st_ino

    def _make(self) -> None:
        """Whole or not at all, and never readable by others: two that make it at once both find one that is whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}-{threading.get_ident()}")
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))
        try:
            database = sqlite3.connect(fresh)
            database.executescript("BEGIN;" + _TABLES + "COMMIT;")
            database.close()
            try:
                os.link(fresh, self.path)
            except FileExistsError:
                return
        finally:
            fresh.unlink(missing_ok=True)


def check_private(path: Path) -> None:
    """Refuse a file that others may read or change.

    Raises:
        WebError: ``people.not_private``.
    """
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o077 or about.st_uid not in (os.geteuid(), 0):
        raise WebError("people.not_private", path=str(path))


def now_text() -> str:
    """Now, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _person(row: tuple[Any, ...]) -> Person:
    return Person(row[0], row[1], row[2], bool(row[3]), row[4])


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """What SQLite and the system say, in our words."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise WebError("people.not_written", path=path.name, reason=reason(error)) from error
        raise WebError("people.damaged", path=path.name) from error
    except OSError as error:
        raise WebError("people.not_written", path=path.name, reason=reason(error)) from error
