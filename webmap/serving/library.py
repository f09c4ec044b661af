"""The plans that a server offers: which edition each has in use, taking over a new one, and earlier ones by their hash.

Every request is given one `Context`, one edition with all that was made of it, and keeps it to its end. When another
file has been put in an edition's place, the next request starts a thread that opens it while the old one goes on
answering; then the one is exchanged for the other in one step. A file that cannot be opened changes nothing.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from geo.errors import PlanmapError
from geo.reasons import reason
from layers.edition.card import Card, card
from layers.edition.cards import cards
from layers.edition.index import Found, Index
from layers.edition.kept import SHORT, Kept, kept
from webmap.serving.context import Context
from webmap.serving.errors import WebError
from webmap.serving.problems import NotKnownError, NotOpenedError
from webmap.serving.shelf import Shelf
from webmap.serving.snapshot import REPLACED, SAME, signature

LOG = logging.getLogger("planmap.web")

CHECK_S = 0.5
"""Seconds between two looks at a file."""
LOOKERS = 8
"""Files whose cards are read at the same time."""
SCAN_S = 5.0
"""Seconds between two looks at a folder of plans."""
FOLLOW_S = 5.0
"""Seconds between two looks into a database of editions."""

Known = Mapping[str, tuple[tuple[int, ...], Card]]
"""Cards by plan, each with the file that it is of."""
Open = Callable[["Plan", Path], Context]
"""Opens a file as an edition of a plan; raises `PlanmapError` when that cannot be."""


class Plan:
    """A plan on the shelf.

    Args:
        name: What it is called in addresses: its file's name without ``.gpkg``.
        path: The file of the edition in use; None for an edition that came from no file.

    Attributes:
        card: What the file says of itself; None when it could not be read.
        problem: Why the file cannot be read or opened, or None.
    """

    def __init__(self, name: str, path: Path | None) -> None:
        self.name = name
        self.path = path
        self.card: Card | None = None
        self.problem: PlanmapError | None = None
        self.read: tuple[int, ...] | None = None  # the file whose card that is
        self.current: Context | None = None
        self.checked = 0.0
        self.loading: threading.Thread | None = None
        self.refused: tuple[int, ...] | None = None
        self.opening = threading.Lock()

    def look(self, known: Known | None = None) -> bool:
        """Read the card again when the file is another; whether it is.

        Args:
            known: Cards by plan that were read before, each with the file it is of.
        """
        if self.path is None:
            return False
        try:
            found = signature(self.path)
            if found == self.read:
                return False
            self.read = found
            file, kept = (known or {}).get(self.name, (None, None))
            self.card, self.problem = kept if kept is not None and file == found else card(self.path), None
        except PlanmapError as error:
            self.problem = error
        except OSError:
            self.problem, self.read = WebError("error.no_edition", path=self.path.name), None
        return True


class Library:
    """Plans by name, and the editions that are open; safe between threads, and forked workers each go on by themselves.

    Args:
        plans: The plans.
        opens: Opens a file.
        most: Editions open at once; what was asked for longest ago is let go first.
        single: There is one plan, at the root of all addresses.
        shelf: Where prepared files are kept.

    Attributes:
        where: The folder that is watched for plans that come and go, or None.
        version: Another number whenever a plan came, went or changed.
        searched: Of how many plans the features can be found.
        searchable: Whether features of all plans may be found by name: the index has those that are not public, too.
        follow: Brings the files up to what a database has, or None; raises `PlanmapError`.
    """

    def __init__(self, plans: Mapping[str, Path | None], opens: Open, most: int, shelf: Shelf, *, single: bool) -> None:
        self.plans = {name: Plan(name, path) for name, path in plans.items()}
        self.shelf = shelf
        self.where: Path | None = None
        self.follow: Callable[[], None] | None = None
        self._followed = time.monotonic()
        self.version = 0
        self.searched = 0
        self.searchable = True
        self._index: Index | None = None
        self._reader: threading.Thread | None = None
        self._scanned = -SCAN_S
        self.single = single
        self.ready: Callable[[Context], None] | None = None
        self._opens = opens
        self._most = most
        self._open: OrderedDict[tuple[str, str], Context] = OrderedDict()
        self._lock = threading.RLock()
        self._watching = True

    @property
    def only(self) -> Context:
        """The edition in use of the only plan."""
        return self.current(next(iter(self.plans)))

    def offer(self, ctx: Context) -> None:
        """Put an edition into use."""
        plan = self.plans[ctx.name]
        with self._lock:
            plan.current = ctx
            plan.problem = None
            self._hold(ctx)

    def scan(self) -> None:
        """Look which plans have come, gone or changed; not more often than ``SCAN_S`` allows."""
        now = time.monotonic()
        self._look_up()
        with self._lock:
            if self.where is None or now - self._scanned < SCAN_S:
                return
            self._scanned = now
        if self._index is None:
            self._index = Index.beside(self.where, self.shelf.path)
        files = {path.stem: path for path in sorted(self.where.glob("*.gpkg"))}
        plans = {name: self.plans.get(name) or Plan(name, path) for name, path in files.items()}
        known = {} if any(plan.read for plan in plans.values()) else self._index.cards()
        found = known | _at_once({name: plan for name, plan in plans.items() if not plan.read}, known)
        # SQLite and the disk work outside the interpreter's lock; the threads have ended before anybody forks.
        with ThreadPoolExecutor(LOOKERS) as pool:
            looks = list(pool.map(lambda plan: plan.look(found), plans.values()))
        changed = plans.keys() != self.plans.keys() or any(looks)
        if changed:
            fresh = {
                name: (plan.read, plan.card)
                for (name, plan), looked in zip(plans.items(), looks, strict=True)
                if looked and plan.read and plan.card and not plan.problem and known.get(name, [None])[0] != plan.read
            }
            self._index.note(fresh, (known.keys() | self.plans.keys()) - plans.keys())
        searched = self._index.count()
        with self._lock:
            self.plans = plans
            self.version += changed or searched != self.searched
            self.searched = searched

    def find(self, words: Callable[[str], Sequence[str]], most: int) -> dict[str, list[Found]]:
        """Features of all plans that have all words in their names, some of each plan, see ``Index.find``."""
        return self._index.find(words, most) if self._index is not None and self.searchable else {}

    def read_features(self) -> None:
        """Begin to read the features of plans that are not in the index yet; one worker at a time does so."""
        index = self._index
        if index is None or self.searched >= len(self.plans) or not self._watching:
            return
        with self._lock:
            if self._reader is None or not self._reader.is_alive():
                self._reader = threading.Thread(target=self._read_features, args=(index,), daemon=True)
                self._reader.start()

    def _look_up(self) -> None:
        """Begin to ask the database for new editions, when it is time; one worker at a time does so."""
        with self._lock:
            if self.follow is None or not self._watching or time.monotonic() - self._followed < FOLLOW_S:
                return
            self._followed = time.monotonic()
        threading.Thread(target=self._follow, args=(self.follow,), daemon=True).start()

    def _follow(self, follow: Callable[[], None]) -> None:
        with (self.shelf.path / "follow.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                follow()
            except BlockingIOError:
                return
            except (PlanmapError, OSError) as error:  # what is here goes on
                said = error.message("zh") if isinstance(error, PlanmapError) else reason(error)
                LOG.error("%s", said)

    def _read_features(self, index: Index) -> None:
        with (self.shelf.path / "index.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return
            files = {
                name: (file, plan.path)
                for name, file in index.unread().items()
                if (plan := self.plans.get(name)) is not None and plan.path is not None and plan.read == file
            }
            index.read(files)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing is taken over meanwhile: no thread of ours runs while the server forks."""
        self._watching = False
        try:
            yield
        finally:
            self._watching = True

    def current(self, name: str) -> Context:
        """The edition in use of a plan, opened when it is not.

        Raises:
            NotKnownError: There is no such plan.
            NotOpenedError: Its file cannot be opened.
        """
        plan = self._plan(name)
        self._look_up()
        ctx = plan.current
        if ctx is None:
            return self._first(plan)
        with self._lock:
            self._hold(ctx)
        now = time.monotonic()
        if self._watching and now - plan.checked >= CHECK_S:
            plan.checked = now
            self._watch(plan, ctx)
        return ctx

    def edition(self, name: str, digits: str) -> Context:
        """An edition of a plan by the first digits of its hash: one that is open, the newest, or a kept one.

        Raises:
            NotKnownError: There is no such plan, or no such edition any more.
            NotOpenedError: Its file cannot be opened.
        """
        plan = self._plan(name)
        found = self._opened(name, digits)
        if found is not None:
            return found
        if plan.current is not None and plan.current.snapshot and plan.current.snapshot.state() == REPLACED:
            self._watch(plan, plan.current)
            if plan.loading is not None:
                plan.loading.join()
        elif plan.current is None:
            plan.look()
            if plan.card is not None and plan.card.hash.startswith(digits):
                return self.current(name)
        found = self._opened(name, digits)
        if found is not None:
            return found
        for one in self.kept(name):
            if one.hash.startswith(digits):
                return self._kept(plan, one)
        raise NotKnownError("error.unknown_edition", value=digits[:SHORT], choices=self.hashes(name))

    def kept(self, name: str) -> list[Kept]:
        """The kept editions of a plan, the newest first."""
        path = self._plan(name).path
        return kept(path) if path is not None else []

    def hashes(self, name: str) -> list[str]:
        """What the editions that can be asked for are called: first digits of their hashes."""
        current = self._plan(name).current
        found = [one.hash[:SHORT] for one in self.kept(name)]
        return list(dict.fromkeys([*([current.store.hash[:SHORT]] if current else []), *found]))

    def latest(self, name: str) -> str:
        """The hash of the newest edition: in every worker that of the file on disk, taken over yet or not."""
        plan = self._plan(name)
        plan.look()
        if plan.card is not None and plan.refused != plan.read:
            return plan.card.hash
        return self.current(name).store.hash

    def state(self, ctx: Context) -> tuple[str, PlanmapError | None]:
        """What became of an edition's file, and why the new one is not taken over, if it cannot be."""
        plan = self._plan(ctx.name)
        state = ctx.snapshot.state() if ctx.snapshot and ctx is plan.current else SAME
        refused = state == REPLACED and plan.path is not None and plan.refused == _signature(plan.path)
        return state, plan.problem if refused else None

    @property
    def opened(self) -> int:
        """How many editions are open."""
        with self._lock:
            return len(self._open)

    def _plan(self, name: str) -> Plan:
        plan = self.plans.get(name)
        if plan is None:
            raise NotKnownError("error.unknown_plan", value=name[:60])
        return plan

    def _hold(self, ctx: Context) -> None:
        """Keep an edition open as the one asked for last; let go those asked for longest ago."""
        key = (ctx.name, ctx.store.hash)
        self._open[key] = ctx
        self._open.move_to_end(key)
        while len(self._open) > self._most:
            (name, _hash), old = self._open.popitem(last=False)
            plan = self.plans.get(name)
            if plan is not None and plan.current is old:
                if self.single:  # never without one
                    self._open[(name, _hash)] = old
                    self._open.move_to_end((name, _hash))
                    continue
                plan.current = None

    def _opened(self, name: str, digits: str) -> Context | None:
        with self._lock:
            for (plan, found), ctx in reversed(self._open.items()):
                if plan == name and found.startswith(digits):
                    self._hold(ctx)
                    return ctx
        return None

    def _first(self, plan: Plan) -> Context:
        with plan.opening:
            if plan.current is not None:
                return plan.current
            if plan.path is None:
                raise NotOpenedError("error.not_opened", value=plan.name)
            plan.look()
            if plan.problem is not None:
                raise NotOpenedError("error.not_opened", value=plan.name) from plan.problem
            try:
                ctx = self._opens(plan, plan.path)
            except PlanmapError as error:
                plan.problem = error
                with self._lock:
                    self.version += 1
                LOG.error("%s: %s", plan.name, error.message("en"))
                raise NotOpenedError("error.not_opened", value=plan.name) from error
            self.offer(ctx)
            return ctx

    def _kept(self, plan: Plan, one: Kept) -> Context:
        with plan.opening:
            found = self._opened(plan.name, one.hash)
            if found is not None:
                return found
            try:
                ctx = self._opens(plan, one.path)
            except PlanmapError as error:
                raise NotOpenedError("error.not_opened", value=f"{plan.name}/{one.hash[:SHORT]}") from error
            if ctx.store.hash != one.hash:  # a person's copy under another's name
                raise NotKnownError("error.unknown_edition", value=one.hash[:SHORT], choices=self.hashes(plan.name))
            with self._lock:
                self._hold(ctx)
            return ctx

    def _watch(self, plan: Plan, ctx: Context) -> None:
        """Start to take over what has been put in the place of an edition's file."""
        if ctx.snapshot is None or plan.path is None or ctx.snapshot.state() != REPLACED:
            return
        with self._lock:
            busy = plan.loading is not None and plan.loading.is_alive()
            if busy or plan.refused == _signature(plan.path):
                return
            plan.loading = threading.Thread(target=self._take_over, args=(plan, plan.path), daemon=True)
            plan.loading.start()

    def _take_over(self, plan: Plan, path: Path) -> None:
        before = _signature(path)
        try:
            ctx = self._opens(plan, path)
            if self.ready is not None:
                self.ready(ctx)
        except PlanmapError as error:
            LOG.error("%s: %s", plan.name, error.message("zh"))
            LOG.error("%s: %s", plan.name, error.message("en"))
            plan.problem, plan.refused = error, before
            return
        self.offer(ctx)


def _at_once(plans: Mapping[str, Plan], known: Known) -> dict[str, tuple[tuple[int, ...], Card]]:
    """Cards of many plans that are not known, each with the file that it is of; none of a few."""
    files = {name: (plan.path, _signature(plan.path)) for name, plan in plans.items() if plan.path is not None}
    unknown = {
        name: (path, file) for name, (path, file) in files.items() if file and known.get(name, (None,))[0] != file
    }
    read = cards([path for path, _ in unknown.values()])
    return {name: (file, one) for (name, (_, file)), one in zip(unknown.items(), read, strict=True) if file and one}


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        return signature(path)
    except OSError:
        return None
