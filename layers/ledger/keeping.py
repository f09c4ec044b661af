"""Where entries are kept: a SQLite file, or a schema of a PostgreSQL database; the same statements for both."""

from __future__ import annotations

import os
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from geo.reasons import reason
from layers.ledger.entry import COLUMNS
from layers.ledger.errors import LedgerError
from layers.model.ids import PLAN_ID

FORMAT = "1"
"""Of the tables; a ledger of another format is refused."""
ADDRESSES = ("postgresql://", "postgres://")
"""How the address of a database begins."""
CACHE_KB = 16_384
"""Of a file's pages, so much a connection keeps: the ends of the index by place of a province's townships."""
WAIT_S = 30
"""So long a writer waits for another."""

_COLUMNS = (
    "seq {big} PRIMARY KEY, indicator TEXT NOT NULL, role TEXT NOT NULL, period TEXT NOT NULL, place TEXT NOT NULL, "
    "version INTEGER NOT NULL, value {double}, unit TEXT NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL, "
    "scope TEXT NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL, batch {big} NOT NULL, prev TEXT NOT NULL, "
    "hash TEXT NOT NULL"
)
"""The number of an entry is its place in the chain, and no number is there twice: hashes need no index of their own,
which, being random, would make a large ledger half as large again and entering take three times as long."""
_INDEXES = (
    # An overlay is a range of it; and no version of a cell is ever there twice, whoever writes.
    "CREATE UNIQUE INDEX entry_cell ON entry (indicator, role, period, place, version)",
    "CREATE INDEX entry_place ON entry (place, indicator, role, period)",
)
SCENARIO = "scenario"
"""Name of the table of scenarios; it is there once one has been saved."""
_SCENARIO_COLUMNS = (
    "seq {big} PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, indicator TEXT NOT NULL, "
    "level TEXT NOT NULL, period TEXT NOT NULL, body TEXT NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL, "
    "prev TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE, UNIQUE (name, version)"
)
_INSERT = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own names


class Reading(ABC):
    """One view of the entries, the same to its end whatever others write; within `Keeping.writing` also for writing."""

    @abstractmethod
    def ask(self, statement: str, values: Sequence[Any] = ()) -> Iterable[tuple[Any, ...]]:
        """The rows of a statement; values stand as ``?`` in it."""

    @abstractmethod
    def has(self, table: str) -> bool:
        """Whether there is a table."""

    @abstractmethod
    def make_scenarios(self) -> None:
        """Make the table of scenarios, to which rows can only be added."""

    @abstractmethod
    def insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add entries, their fields in the order of ``COLUMNS``."""


class Keeping(ABC):
    """A ledger's place.

    Attributes:
        place: What it is called in messages; never with a password.
        plan: Id of the plan whose values it holds.
    """

    place: str
    plan: str

    @abstractmethod
    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A view of what is there now."""

    @abstractmethod
    @contextmanager
    def writing(self) -> Iterator[Reading]:
        """The same, while nobody else writes; what was added is there for good when the block ends, else nothing is."""


class _Asked(Reading):
    def __init__(self, database: Any, mark: str) -> None:
        self._database, self._mark = database, mark

    def ask(self, statement: str, values: Sequence[Any] = ()) -> Iterable[tuple[Any, ...]]:
        rows: Iterable[tuple[Any, ...]] = self._database.execute(statement.replace("?", self._mark), tuple(values))
        return rows

    def has(self, table: str) -> bool:
        asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        if self._mark != "?":
            asked = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?"
        return next(iter(self.ask(asked, (table,))), None) is not None

    def make_scenarios(self) -> None:
        lite = self._mark == "?"
        columns = _SCENARIO_COLUMNS.format(big="INTEGER" if lite else "BIGINT")
        if not lite:  # texts compare by their bytes, as in SQLite: one order everywhere
            columns = columns.replace("TEXT", 'TEXT COLLATE "C"')
        self._database.execute(f"CREATE TABLE {SCENARIO} ({columns})")
        for what in ("UPDATE", "DELETE") if lite else ():
            self._database.execute(
                f"CREATE TRIGGER scenario_no_{what.lower()} BEFORE {what} ON {SCENARIO} "
                "BEGIN SELECT RAISE(ABORT, 'scenarios stay as they are'); END"
            )
        if not lite:
            self._database.execute(
                f"CREATE TRIGGER scenario_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {SCENARIO} "
                "FOR EACH STATEMENT EXECUTE FUNCTION entry_stays()"
            )

    def insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        statement = _INSERT.replace("?", self._mark)
        if self._mark == "?":
            self._database.executemany(statement, rows)
            return
        with self._database.cursor() as cursor, cursor.copy(f"COPY entry ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


# ---- SQLite


class SqliteFile(Keeping):
    """A file, in WAL mode: whoever reads is never held up by whoever writes. Not for network drives.

    Args:
        path: The file.
        plan: Id of the plan; "" takes the file's own.
        make: Whether a missing file is made.

    Raises:
        LedgerError: ``ledger.missing``, ``ledger.none``, ``ledger.other_plan``, ``ledger.other_format``,
            ``ledger.failed``.
    """

    def __init__(self, path: Path, plan: str = "", *, make: bool = False) -> None:
        self.path, self.place = path, str(path)
        if not path.is_file():
            if not make:
                raise LedgerError("ledger.missing", place=self.place)
            _make_file(path, plan)
        elif path.stat().st_size == 0 or path.open("rb").read(16) != b"SQLite format 3\0":
            raise LedgerError("ledger.none", place=self.place)
        self._kept = threading.local()
        with self.reading() as view:
            self.plan = _checked_meta(view, self.place, plan)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A view of what is there now."""
        with self._connected() as database:
            database.execute("BEGIN")
            yield _Asked(database, "?")

    @contextmanager
    def writing(self) -> Iterator[Reading]:
        """The same, while nobody else writes."""
        with self._connected() as database:
            database.execute("BEGIN IMMEDIATE")
            yield _Asked(database, "?")
            database.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of this thread's outside any transaction; a process that was forked opens its own."""
        try:
            file = self.path.stat()
            of = (os.getpid(), file.st_dev, file.st_ino)
            if getattr(self._kept, "of", None) != of:
                self._kept.idle, self._kept.of = [], of
            idle: list[sqlite3.Connection] = self._kept.idle
            database = idle.pop() if idle else _opened(self.path)
            try:
                yield database
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                idle.append(database)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError("ledger.failed", place=self.place, said=reason(error)) from error

    def settle(self) -> None:
        """Make it one file, without SQLite's own beside it, to be carried anywhere; nobody else may have it open."""
        for database in getattr(self._kept, "idle", []):
            database.close()
        self._kept.of = None
        with self._connected() as database:
            database.execute("PRAGMA journal_mode = DELETE")
        self._kept.idle.pop().close()

    def copy_to(self, path: Path) -> None:
        """Copy the file as it is now, while others may go on writing."""
        with self._connected() as database:
            copied = sqlite3.connect(path)
            try:
                database.backup(copied)
            finally:
                copied.close()


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA synchronous = FULL")  # what is acknowledged outlives a power cut
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    return database


def _make_file(path: Path, plan: str) -> None:
    """A new ledger, made whole before it has its name."""
    if not PLAN_ID.fullmatch(plan):
        raise LedgerError("ledger.no_plan", place=str(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = _opened(temporary)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN")
            for statement in (
                "CREATE TABLE ledger (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
                f"CREATE TABLE entry ({_COLUMNS.format(big='INTEGER', double='REAL')})",
                *_INDEXES,
                *(
                    f"CREATE TRIGGER entry_no_{what.lower()} BEFORE {what} ON entry "
                    "BEGIN SELECT RAISE(ABORT, 'entries stay as they are'); END"
                    for what in ("UPDATE", "DELETE")
                ),
            ):
                database.execute(statement)
            database.executemany("INSERT INTO ledger VALUES (?, ?)", [("format", FORMAT), ("plan", plan)])
            database.execute("COMMIT")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.close()
        with suppress(FileExistsError):  # unlike a replacement it never takes the place of what somebody else just made
            os.link(temporary, path)
    except (sqlite3.Error, OSError) as error:
        raise LedgerError("ledger.failed", place=str(path), said=reason(error)) from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)


def _checked_meta(view: Reading, place: str, plan: str) -> str:
    """The plan that a ledger is of.

    Raises:
        LedgerError: ``ledger.none``, ``ledger.other_format``, ``ledger.other_plan``.
    """
    try:
        facts = dict(view.ask("SELECT key, value FROM ledger"))
    except sqlite3.Error as error:
        raise LedgerError("ledger.none", place=place) from error
    if facts.get("format") != FORMAT:
        raise LedgerError("ledger.other_format", place=place, found=str(facts.get("format", "?"))[:20], known=FORMAT)
    found = str(facts.get("plan", ""))
    if plan and found != plan:
        raise LedgerError("ledger.other_plan", place=place, found=found, wanted=plan)
    return found


# ---- PostgreSQL


class PostgresSchema(Keeping):
    """A schema ``ledger_<plan>`` of a database, for an office with several servers.

    Args:
        address: ``postgresql://user@host:port/database``; passwords may be left to libpq.
        plan: Id of the plan; "" when the database holds one ledger only.
        make: Whether a missing schema is made.

    Raises:
        LedgerError: As for `SqliteFile`, and ``ledger.no_driver``, ``ledger.several``.
    """

    def __init__(self, address: str, plan: str = "", *, make: bool = False) -> None:
        self._address, self.place = address, "PostgreSQL"
        self._kept = threading.local()
        with self._connected() as database:
            schema = _schema(plan) if plan else self._only(database)
            there = database.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone()
            if not there:
                if not make:
                    raise LedgerError("ledger.missing", place=self.place)
                self._make(database, schema, plan)
        self._schema = schema
        with self.reading() as view:
            self.plan = _checked_meta(view, self.place, plan)

    def _only(self, database: Any) -> str:
        found = [str(name) for (name,) in database.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ledger\\_%' ORDER BY 1").fetchall()]  # fmt: skip
        if not found:
            raise LedgerError("ledger.missing", place=self.place)
        if len(found) > 1:
            plans = [name.removeprefix("ledger_").replace("_", "-") for name in found]
            raise LedgerError("ledger.several", place=self.place, choices=plans)
        return found[0]

    def _make(self, database: Any, schema: str, plan: str) -> None:
        from psycopg import sql  # noqa: PLC0415 - an extra

        name = sql.Identifier(schema)
        with database.transaction():
            database.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (schema,))
            if database.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone():
                return  # somebody else was first
            database.execute(sql.SQL("CREATE SCHEMA {}").format(name))
            database.execute(sql.SQL("SET LOCAL search_path TO {}").format(name))
            database.execute("CREATE TABLE ledger (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            # Texts compare by their bytes, as in SQLite: one order everywhere.
            columns = _COLUMNS.format(big="BIGINT", double="DOUBLE PRECISION").replace("TEXT", 'TEXT COLLATE "C"')
            database.execute(f"CREATE TABLE entry ({columns})")
            for statement in _INDEXES:
                database.execute(statement)
            database.execute(
                "CREATE FUNCTION entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'entries stay as they are'; END$$"
            )
            database.execute(
                "CREATE TRIGGER entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON entry "
                "FOR EACH STATEMENT EXECUTE FUNCTION entry_stays()"
            )
            with database.cursor() as cursor:
                cursor.executemany("INSERT INTO ledger VALUES (%s, %s)", [("format", FORMAT), ("plan", plan)])

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A view of what is there now."""
        with self._connected() as database, database.transaction():
            database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._within(database)
            yield _Asked(database, "%s")

    @contextmanager
    def writing(self) -> Iterator[Reading]:
        """The same, while nobody else writes."""
        with self._connected() as database, database.transaction():
            self._within(database)
            database.execute("SET LOCAL synchronous_commit TO on")
            database.execute(f"SET LOCAL lock_timeout TO '{WAIT_S}s'")
            database.execute("LOCK TABLE entry IN EXCLUSIVE MODE")
            yield _Asked(database, "%s")

    def _within(self, database: Any) -> None:
        from psycopg import sql  # noqa: PLC0415 - an extra

        database.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(self._schema)))

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """This thread's connection; one that has died is made anew, a process that was forked makes its own."""
        try:
            import psycopg  # noqa: PLC0415 - an extra
        except ImportError:
            raise LedgerError("ledger.no_driver") from None
        try:
            if getattr(self._kept, "of", None) != os.getpid():
                self._kept.idle, self._kept.of = [], os.getpid()
            idle = self._kept.idle
            database = (
                idle.pop()
                if idle
                else psycopg.connect(self._address, connect_timeout=10, client_encoding="UTF8", autocommit=True)
            )
            self.place = f"{database.info.host}:{database.info.port}/{database.info.dbname}"
            try:
                yield database
            finally:
                if not database.closed and not database.broken:
                    idle.append(database)
        except psycopg.Error as error:
            said = str(error.diag.message_primary or reason(error))
            raise LedgerError("ledger.failed", place=self.place, said=said) from error


def _schema(plan: str) -> str:
    if not PLAN_ID.fullmatch(plan):
        raise LedgerError("ledger.no_plan", place="PostgreSQL")
    return f"ledger_{plan.replace('-', '_')}"[:63]
