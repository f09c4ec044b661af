"""Named scenarios beside the ledger's entries: what somebody reckoned or typed, never from the plan, never observed.

They are kept like entries: each version supersedes the one before in its name, nothing is overwritten, and each carries
the hash of the one before. What a scenario says is a JSON text; this module does not look into it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace

from layers.ledger.book import Proof, State
from layers.ledger.entry import START, checked_text, now
from layers.ledger.errors import ConflictError, LedgerError
from layers.ledger.keeping import SCENARIO, Keeping, Reading

LONGEST_NAME, LONGEST_BODY = 60, 1_000_000
MOST_NAMES = 500
"""Names that a ledger has at most; versions of them do not count."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A version of a scenario, as it stands in the chain for good.

    Attributes:
        seq: Its number: 1, 2, 3 … without a gap.
        name: What people call it.
        version: Which version of its name it is.
        indicator: Id of its indicator, ``level`` of its places, ``period`` of its target.
        body: What it says, as JSON; "" when it was withdrawn.
        author: Who saved it, ``at`` when, in UTC.
        prev: Hash of the one before, ``START`` for the first; ``hash``: SHA-256 over all other fields.
        first: Number of the first version of its name; not a part of the chain.
    """

    seq: int
    name: str
    version: int
    indicator: str
    level: str
    period: str
    body: str
    author: str
    at: str
    prev: str
    hash: str = ""
    first: int = 0

    @property
    def code(self) -> str:
        """What addresses call it, whatever its name: ``s1``."""
        return f"s{self.first or self.seq}"

    def digest(self) -> str:
        """The hash that it must carry."""
        text = json.dumps(list(astuple(self)[:-2]), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


COLUMNS = tuple(one.name for one in fields(Scenario))[:-1]
_ALL = ", ".join(COLUMNS)


class Scenarios:
    """The scenarios of a ledger.

    Args:
        keeping: Where the ledger is.
    """

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping

    def save(
        self, name: str, body: str, author: str, *, indicator: str, level: str, period: str, after: int = 0
    ) -> Scenario:
        """Save a version; when this returns it is on disk.

        Args:
            name: What people call it.
            body: What it says, as JSON; "" withdraws it.
            author: Who saves it.
            indicator: Id of the indicator.
            level: Level of its places.
            period: Code of the period of its target.
            after: The version that whoever saves it has seen; 0 when there was none.

        Raises:
            ConflictError: ``decomposition.conflict``: somebody else has saved a version meanwhile.
            LedgerError: ``decomposition.text``, ``decomposition.full``; ``ledger.…`` where it cannot be written.
        """
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise LedgerError("decomposition.text", field="name", most=LONGEST_NAME)
        if len(body) > LONGEST_BODY:
            raise LedgerError("decomposition.text", field="note", most=LONGEST_BODY)
        checked_text("author", author, needed=True)
        with self.keeping.writing() as view:
            if not view.has(SCENARIO):
                view.make_scenarios()
            last = _last(view)
            mine = _newest(view, "name = ?", [name])
            there = mine[0] if mine else None
            if (there.version if there else 0) != after:
                told = {"name": name, "author": there.author if there else "—", "at": there.at[:19] if there else "—"}
                raise ConflictError("decomposition.conflict", **told)
            if there is None and _count(view, "SELECT count(DISTINCT name) FROM scenario") >= MOST_NAMES:
                raise LedgerError("decomposition.full", most=MOST_NAMES)
            at = max(now(), last.at) if last else now()
            made = Scenario(
                (last.seq if last else 0) + 1, name, after + 1, indicator, level, period, body, author, at,
                last.hash if last else START,
            )  # fmt: skip
            made = replace(made, hash=made.digest())
            _insert(view, made)
        return replace(made, first=there.first if there else made.seq)

    def state(self) -> State:
        """How far they have come."""
        with self.keeping.reading() as view:
            last = _last(view) if view.has(SCENARIO) else None
        return State(last.seq, last.hash) if last else State()

    def current(self, upto: int | None = None) -> list[Scenario]:
        """The newest version of each name that was not withdrawn, the newest name last; as it was after ``upto``."""
        with self.keeping.reading() as view:
            if not view.has(SCENARIO):
                return []
            return [one for one in _newest(view, "seq > 0", [], upto) if one.body]

    def find(self, wanted: str, upto: int | None = None) -> Scenario:
        """The newest version of a scenario, by its name or its code.

        Raises:
            LedgerError: ``decomposition.none``: there is none, or it was withdrawn.
        """
        for one in self.current(upto):
            if wanted in (one.name, one.code):
                return one
        raise LedgerError("decomposition.none", name=wanted[:LONGEST_NAME])

    def version(self, name: str) -> int:
        """The version that a name has now, withdrawn or not; 0 when there is none."""
        with self.keeping.reading() as view:
            found = _newest(view, "name = ?", [name.strip()]) if view.has(SCENARIO) else []
        return found[0].version if found else 0

    def history(self, name: str = "") -> list[Scenario]:
        """All versions, of one name or of all, the oldest first."""
        with self.keeping.reading() as view:
            if not view.has(SCENARIO):
                return []
            rows = view.ask(f"SELECT {_ALL} FROM scenario ORDER BY seq")  # noqa: S608 - own names
            found = [Scenario(*row) for row in rows]
        first: dict[str, int] = {}
        for one in found:
            first.setdefault(one.name, one.seq)
        return [replace(one, first=first[one.name]) for one in found if name in ("", one.name)]

    def verify(self) -> Proof:
        """Go through the chain."""
        state, versions = State(), dict[str, int]()
        for one in self.history():
            why = ""
            if one.seq != state.count + 1:
                why = "gap"
            elif one.prev != state.head:
                why = "prev"
            elif one.hash != one.digest():
                why = "hash"
            elif one.version != versions.get(one.name, 0) + 1:
                why = "version"
            if why:
                return Proof(state, one.seq, why)
            versions[one.name] = one.version
            state = State(one.seq, one.hash)
        return Proof(state)

    def has(self, head: str) -> bool:
        """Whether the chain went through a version whose hash somebody has noted (its first 12 digits or more)."""
        return any(one.hash.startswith(head) for one in self.history())

    def take_over(self, others: Sequence[Scenario]) -> None:
        """Put those of another ledger in as they are; those that are here already must be the same.

        Raises:
            LedgerError: ``ledger.other_scenarios``; nothing is written then.
        """
        if others or self.state().count:
            with self.keeping.writing() as view:
                taken_over(view, others, self.keeping.place)


def taken_over(view: Reading, others: Sequence[Scenario], place: str) -> None:
    """As `Scenarios.take_over`, within somebody else's writing."""
    if not view.has(SCENARIO):
        if not others:
            return
        view.make_scenarios()
    own = [Scenario(*row) for row in view.ask(f"SELECT {_ALL} FROM scenario ORDER BY seq")]  # noqa: S608 - own names
    theirs = [replace(one, first=0) for one in others]
    if theirs[: len(own)] != own:
        parted = next((at for at, one in enumerate(own) if theirs[at : at + 1] != [one]), len(own))
        raise LedgerError("ledger.other_scenarios", seq=parted + 1, place=place)
    for one in theirs[len(own) :]:
        _insert(view, one)


def _insert(view: Reading, one: Scenario) -> None:
    marks = ", ".join("?" * len(COLUMNS))
    view.ask(f"INSERT INTO scenario ({_ALL}) VALUES ({marks})", [getattr(one, name) for name in COLUMNS])  # noqa: S608


def _last(view: Reading) -> Scenario | None:
    rows = view.ask(f"SELECT {_ALL} FROM scenario ORDER BY seq DESC LIMIT 1")  # noqa: S608 - own names
    return next((Scenario(*row) for row in rows), None)


def _newest(view: Reading, where: str, values: Sequence[str], upto: int | None = None) -> list[Scenario]:
    """The newest version of each name, by its first number."""
    limit = 2**60 if upto is None else upto
    columns = ", ".join(f"s.{name}" for name in COLUMNS)
    asked = f"SELECT {columns}, f.first FROM scenario s JOIN (SELECT name, min(seq) AS first, max(seq) AS last "  # noqa: S608
    asked += f"FROM scenario WHERE {where} AND seq <= ? GROUP BY name) f ON s.seq = f.last ORDER BY f.first"
    rows: Iterable[tuple[object, ...]] = view.ask(asked, [*values, limit])
    return [Scenario(*row) for row in rows]  # type: ignore[arg-type]


def _count(view: Reading, asked: str) -> int:
    return int(next(iter(view.ask(asked)))[0])
