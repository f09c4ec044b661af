"""The ledger: what was observed, who entered it, and what it replaced; entries are added, and never changed.

A correction is a new entry that supersedes the one before in its cell (indicator, role, period, place). Every entry
carries the hash of the one before, so that no entry can be changed, removed or put between others unnoticed. The state
of a ledger is its number of entries and the hash of the last one: what it said then can be asked for ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from layers.ledger.entry import (
    BASELINE,
    COLUMNS,
    OBSERVED,
    ROLES,
    START,
    TARGET,
    Cell,
    Draft,
    Entry,
    checked_text,
    digest_of,
    now,
)
from layers.ledger.errors import ConflictError, LedgerError
from layers.ledger.keeping import ADDRESSES, Keeping, PostgresSchema, Reading, SqliteFile

__all__ = [
    "BASELINE", "OBSERVED", "ROLES", "TARGET", "ConflictError", "Draft", "Entry", "Ledger", "LedgerError", "Receipt",
    "State", "Value", "opened",
]  # fmt: skip

_ALL = ", ".join(COLUMNS)
_FIELDS = attrgetter(*COLUMNS)
_NEWEST = "NOT EXISTS (SELECT 1 FROM entry n WHERE n.indicator = e.indicator AND n.role = e.role AND "
_NEWEST += "n.period = e.period AND n.place = e.place AND n.version = e.version + 1 AND n.seq <= ?)"
_AT_ONCE = 5_000
_CELLS_AT_ONCE = 200
MOST_LISTED = 10_000
"""Entries that a list gives at most."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a ledger has come: ``count`` entries, the last of which carries ``head``."""

    count: int = 0
    head: str = START

    @property
    def key(self) -> str:
        """As a short text that no other state has."""
        return f"{self.count}-{self.head[:24]}"


class Value(NamedTuple):
    """A value that holds, without who entered it and its place in the chain: what maps are made of, by the thousand."""

    indicator: str
    role: str
    period: str
    place: str
    value: float
    source: str
    note: str
    scope: str

    @property
    def cell(self) -> Cell:
        """Which cell it is of."""
        return self.indicator, self.role, self.period, self.place


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was entered: entries ``first`` to ``last``; the state that the ledger then was in."""

    first: int
    last: int
    state: State


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found when the chain was gone through.

    Attributes:
        state: How far it reaches.
        broken: Number of the first entry that is not as it must be, or None.
        why: ``hash``, ``prev``, ``gap`` or ``version``; "" when nothing is broken.
    """

    state: State
    broken: int | None = None
    why: str = ""


def opened(address: str | Path, plan: str = "", *, make: bool = False) -> Ledger:
    """Open a ledger.

    Args:
        address: A file; a folder, in which it is ``<plan>.sqlite``; or ``postgresql://user@host:port/database``.
        plan: Id of the plan that it must be of; "" takes what is there.
        make: Whether it is made when it is missing; needs ``plan``.

    Raises:
        LedgerError: It is missing, of another plan, none at all, or cannot be reached.
    """
    text = str(address)
    if text.startswith(ADDRESSES):
        return Ledger(PostgresSchema(text, plan, make=make))
    path = Path(address)
    if path.is_dir():
        if not plan:
            raise LedgerError("ledger.no_plan", place=str(path))
        path = path / f"{plan}.sqlite"
    return Ledger(SqliteFile(path, plan, make=make))


class Ledger:
    """Entries and what may be asked of them.

    Args:
        keeping: Where they are.
    """

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping

    @property
    def plan(self) -> str:
        """Id of the plan whose values these are."""
        return self.keeping.plan

    # ---- writing

    def append(self, drafts: Sequence[Draft], author: str) -> Receipt:
        """Enter values, all or none; when this returns they are on disk.

        Args:
            drafts: The values; each says which version of its cell was seen.
            author: Who enters them.

        Raises:
            ConflictError: ``ledger.conflict``: somebody else changed one of the cells meanwhile.
            LedgerError: ``ledger.nothing``, ``ledger.twice``, or what `Draft.checked` says.
        """
        checked_text("author", author, needed=True)
        if not drafts:
            raise LedgerError("ledger.nothing")
        seen: set[Cell] = set()
        for draft in drafts:
            if draft.checked().cell in seen:
                raise LedgerError("ledger.twice", **_told(draft))
            seen.add(draft.cell)
        with self.keeping.writing() as view:
            before = _state(view)
            newest = _newest_of(view, list(seen))
            at = _later(view, before, now())
            entries = []
            state = before
            for draft in drafts:
                there = newest.get(draft.cell)
                if (there.version if there else 0) != draft.after:
                    raise _conflict(draft, there)
                cells = (
                    state.count + 1, draft.indicator, draft.role, draft.period, draft.place, draft.after + 1,
                    None if draft.value is None else float(draft.value) + 0.0, draft.unit, draft.source, draft.note,
                    draft.scope, author, at, before.count + 1, state.head,
                )  # fmt: skip
                state = State(state.count + 1, digest_of(cells))
                entries.append((*cells, state.head))
            view.insert(entries)
        return Receipt(before.count + 1, state.count, state)

    def take_over(self, entries: Iterable[Entry]) -> State:
        """Put entries of another ledger in as they are; those that are here already must be the same.

        Raises:
            LedgerError: ``ledger.other_chain``: the two part at some entry; ``ledger.broken``. Nothing is written then.
        """
        with self.keeping.writing() as view:
            return taken_over(view, entries, self.keeping.place)

    # ---- reading

    def state(self) -> State:
        """How far the ledger has come."""
        with self.keeping.reading() as view:
            return _state(view)

    def newest(self, cells: Sequence[Cell]) -> dict[Cell, Entry]:
        """The newest entry of each of some cells that have one."""
        with self.keeping.reading() as view:
            return _newest_of(view, cells)

    def overlay(self, indicator: str, period: str, role: str = OBSERVED, upto: int | None = None) -> list[Value]:
        """The values of an indicator in a period at all places, as they were after ``upto`` entries (now: None)."""
        limit, cell = _limit(upto), (indicator, role, period)
        # Few columns: most of the time goes into making texts of them.
        asked = "SELECT e.place, e.value, e.source, e.note, e.scope FROM entry e "
        asked += f"WHERE e.indicator = ? AND e.role = ? AND e.period = ? AND e.seq <= ? AND {_NEWEST} ORDER BY e.place"
        with self.keeping.reading() as view:
            return [Value(*cell, *row) for row in view.ask(asked, (*cell, limit, limit)) if row[1] is not None]

    def series(
        self, place: str, indicator: str | None = None, role: str | None = None, upto: int | None = None
    ) -> list[Entry]:
        """The values at a place, of one indicator or of all, by indicator, role and period."""
        where, values = "e.place = ?", [place]
        for name, value in (("indicator", indicator), ("role", role)):
            if value is not None:
                where += f" AND e.{name} = ?"
                values.append(value)
        return self._values(where, values, "e.indicator, e.role, e.period", upto)

    def everything(self, indicator: str | None = None, upto: int | None = None) -> list[Entry]:
        """The newest value of every cell, of one indicator or of all."""
        where, values = ("e.indicator = ?", [indicator]) if indicator else ("e.seq > 0", [])
        return self._values(where, values, "e.indicator, e.role, e.period, e.place", upto)

    def years(self, indicator: str | None = None, place: str | None = None, upto: int | None = None) -> list[Value]:
        """The newest values of whole years, of one indicator or place or of all: what courses are judged by."""
        given = [(name, value) for name, value in (("indicator", indicator), ("place", place)) if value is not None]
        where = "".join(f"e.{name} = ? AND " for name, _value in given)
        columns = ", ".join(f"e.{name}" for name in Value._fields)
        asked = f"SELECT {columns} FROM entry e WHERE {where}length(e.period) = 4 AND e.seq <= ? AND {_NEWEST}"  # noqa: S608 - own names
        with self.keeping.reading() as view:
            rows = view.ask(asked, (*(value for _name, value in given), _limit(upto), _limit(upto)))
            return [Value(*row) for row in rows if row[4] is not None]

    def held(self, role: str = OBSERVED, upto: int | None = None) -> set[tuple[str, str]]:
        """Place and indicator of all that have a value: one look into the index for each, not one for each entry."""
        limit = _limit(upto)
        there = "SELECT 1 FROM entry e WHERE e.place = ? AND e.indicator = ? AND e.role = ? AND e.seq <= ? "
        there += f"AND e.value IS NOT NULL AND {_NEWEST} LIMIT 1"
        with self.keeping.reading() as view:
            return {
                (place, indicator)
                for place, indicator in _different(view, ("place", "indicator"))
                if next(iter(view.ask(there, (place, indicator, role, limit, limit))), None)
            }

    def periods(self, upto: int | None = None, *, indicator: str = "") -> dict[tuple[str, str], list[str]]:
        """The periods for which an indicator (all: "") has entries, by indicator and role, sorted."""
        found: dict[tuple[str, str], list[str]] = {}
        names, given = ("indicator", "role", "period"), (indicator,) if indicator else ()
        there = "SELECT 1 FROM entry WHERE indicator = ? AND role = ? AND period = ? AND seq <= ? LIMIT 1"
        with self.keeping.reading() as view:
            for one, role, period in _different(view, names, given):
                if next(iter(view.ask(there, (one, role, period, _limit(upto)))), None):
                    found.setdefault((one, role), []).append(period)
        return found

    def history(
        self, only: Mapping[str, str] | None = None, *, most: int = MOST_LISTED, newest_first: bool = True,
        before: int | None = None,
    ) -> list[Entry]:  # fmt: skip
        """Entries as they were made.

        Args:
            only: Fields that must have a value: ``indicator``, ``place``, ``period``, ``role``, ``author``.
            most: How many at most.
            newest_first: Their order.
            before: Only those with smaller numbers.
        """
        allowed = ("indicator", "place", "period", "role", "author")
        wanted = {name: only[name] for name in allowed if only and only.get(name)}
        where = "".join(f" AND {name} = ?" for name in wanted)
        values = list(wanted.values())
        order = "DESC" if newest_first else "ASC"
        asked = f"SELECT {_ALL} FROM entry WHERE seq < ?{where} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - own names
        with self.keeping.reading() as view:
            return [_entry(row) for row in view.ask(asked, (before or _limit(None), *values, min(most, MOST_LISTED)))]

    def verify(self, told: Callable[[int, int], None] | None = None) -> Proof:
        """Go through the chain from its first entry.

        Args:
            told: Called now and then with the number of entries done and of all.
        """
        walk = _Walk()
        with self.keeping.reading() as view:
            total = _state(view).count
            for entry in _walked(view):
                if why := walk.step(entry):
                    return Proof(walk.state, entry.seq, why)
                if told is not None and entry.seq % 1000 == 0:
                    told(entry.seq, total)
            wrong = _out_of_turn(view)
        return Proof(walk.state, wrong, "version" if wrong else "")

    def has(self, head: str) -> bool:
        """Whether the chain went through a state whose hash somebody has noted (its first 12 digits or more)."""
        with self.keeping.reading() as view:
            return (
                next(iter(view.ask("SELECT 1 FROM entry WHERE hash LIKE ? LIMIT 1", (f"{head}%",))), None) is not None
            )

    def walked(self) -> Generator[Entry, None, None]:
        """All entries from the first, of one moment."""
        with self.keeping.reading() as view:
            yield from _walked(view)

    def _values(self, where: str, values: Sequence[Any], order: str, upto: int | None) -> list[Entry]:
        limit = _limit(upto)
        columns = ", ".join(f"e.{name}" for name in COLUMNS)
        asked = f"SELECT {columns} FROM entry e WHERE {where} AND e.seq <= ? AND {_NEWEST} ORDER BY {order}"  # noqa: S608 - own names
        with self.keeping.reading() as view:
            return [
                entry for row in view.ask(asked, (*values, limit, limit)) if (entry := _entry(row)).value is not None
            ]


# ---- machinery


def taken_over(view: Reading, entries: Iterable[Entry], place: str) -> State:
    """As `Ledger.take_over`, within somebody else's writing."""
    walk, fresh = _Walk(), list[Entry]()
    own = _walked(view) if _state(view).count else iter(())
    for entry in entries:
        if why := walk.step(entry):
            raise LedgerError("ledger.broken", seq=entry.seq, why=why, place=place)
        mine = next(own, None)
        if mine is None:
            fresh.append(entry)
        elif mine != entry:
            raise LedgerError("ledger.other_chain", seq=entry.seq, place=place)
        if len(fresh) >= _AT_ONCE:
            view.insert(map(_cells, fresh))
            fresh = []
    if next(own, None) is not None:
        raise LedgerError("ledger.other_chain", seq=walk.state.count + 1, place=place)
    view.insert(map(_cells, fresh))
    if wrong := _out_of_turn(view):
        raise LedgerError("ledger.broken", seq=wrong, why="version", place=place)
    return walk.state


class _Walk:
    """Going through a chain from its beginning."""

    def __init__(self) -> None:
        self.state = State()

    def step(self, entry: Entry) -> str:
        """Take the next entry; what is wrong with it, or ""."""
        if entry.seq != self.state.count + 1:
            return "gap"
        if entry.prev != self.state.head:
            return "prev"
        if entry.hash != entry.digest():
            return "hash"
        self.state = State(entry.seq, entry.hash)
        return ""


def _out_of_turn(view: Reading) -> int | None:
    """The first entry whose version does not follow an earlier entry of its cell."""
    asked = (
        "SELECT min(e.seq) FROM entry e WHERE e.version < 1 OR (e.version > 1 AND NOT EXISTS (SELECT 1 FROM entry p "
    )
    asked += "WHERE p.indicator = e.indicator AND p.role = e.role AND p.period = e.period AND p.place = e.place AND "
    row = next(iter(view.ask(asked + "p.version = e.version - 1 AND p.seq < e.seq))")), None)
    return None if row is None or row[0] is None else int(row[0])


def _state(view: Reading) -> State:
    row = next(iter(view.ask("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")), None)
    return State(int(row[0]), str(row[1])) if row else State()


def _walked(view: Reading) -> Iterator[Entry]:
    """All entries in their order, some at a time."""
    asked = f"SELECT {_ALL} FROM entry WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - own names
    last = -(2**60)
    while True:
        rows = list(view.ask(asked, (last, _AT_ONCE)))
        if not rows:
            return
        for row in rows:
            entry = _entry(row)
            last = entry.seq
            yield entry


def _different(view: Reading, names: tuple[str, ...], given: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """What there is in some columns that begin an index, each once, by one look into the index for each.

    Column after column: SQLite would go through all of a first column's entries for ``(a, b) > (?, ?)``.
    """
    if len(given) == len(names):
        yield given
        return
    name = names[len(given)]
    where = "".join(f"{known} = ? AND " for known in names[: len(given)])
    asked = f"SELECT {name} FROM entry WHERE {where}{name} > ? ORDER BY {name} LIMIT 1"  # noqa: S608 - own names
    last = ""
    while row := next(iter(view.ask(asked, (*given, last))), None):
        last = str(row[0])
        yield from _different(view, names, (*given, last))


def _newest_of(view: Reading, cells: Sequence[Cell]) -> dict[Cell, Entry]:
    """The newest entry of each cell that has one, some hundreds of cells at a time."""
    columns = ", ".join(f"e.{name}" for name in COLUMNS)
    found = {}
    for start in range(0, len(cells), _CELLS_AT_ONCE):
        wanted = cells[start : start + _CELLS_AT_ONCE]
        asked = f"WITH w (i, r, p, f) AS (VALUES {', '.join(['(?, ?, ?, ?)'] * len(wanted))}) SELECT {columns} "
        asked += "FROM w JOIN entry e ON e.indicator = w.i AND e.role = w.r AND e.period = w.p AND e.place = w.f "
        for row in view.ask(f"{asked} WHERE {_NEWEST}", [*(part for cell in wanted for part in cell), _limit(None)]):
            entry = _entry(row)
            found[entry.cell] = entry
    return found


def _later(view: Reading, state: State, at: str) -> str:
    """The time of new entries: never before that of the last one, even when a clock was put back."""
    row = next(iter(view.ask("SELECT at FROM entry WHERE seq = ?", (state.count,))), None)
    return max(at, str(row[0])) if row else at


def _conflict(draft: Draft, there: Entry | None) -> ConflictError:
    if there is None:
        return ConflictError("ledger.conflict_gone", **_told(draft))
    shown = "—" if there.value is None else f"{there.value:.12g}"
    return ConflictError(
        "ledger.conflict", **_told(draft), author=there.author, at=there.at, value=shown, seq=there.seq
    )


def _told(draft: Draft) -> Mapping[str, str]:
    return {"indicator": draft.indicator, "place": draft.place, "period": draft.period}


def _cells(entry: Entry) -> tuple[Any, ...]:
    return _FIELDS(entry)


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(*row)


def _limit(upto: int | None) -> int:
    return 2**60 if upto is None else upto
