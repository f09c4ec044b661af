"""A person decides about what was read: accepted, corrected, merged, refused, taken back; all of it text in the folder.

Nothing is drawn before it is accepted. Each decision is one change of the folder, whole or not at all, that the check
accepts beforehand; what somebody else saved meanwhile is never written over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from layers.build.check import examine
from layers.document import decided, proposed
from layers.document.decided import ACCEPTED, MERGED, REFUSED, Decision
from layers.document.fields import FIELDS
from layers.document.placing import Folder, placed
from layers.document.proposed import COMPARED, Item, Session, alike, plain
from layers.folder import load
from layers.folder.unread import READING
from layers.imports import exchange
from layers.imports.texts import Texts
from layers.model.errors import ERROR, LayersError, Problem
from layers.model.plan import Plan

NEW, DRAFTED, CHANGED, THERE = "new", "drafted", "changed", "there"
OPEN = (NEW, DRAFTED, CHANGED)
"""What waits for a person: not in the folder, in it by reading alone, in it but said otherwise by the text."""
KEPT = ".planmap/reading"
MOST_KEPT = 50
"""Decisions that can be taken back one after the other."""
_PROPOSED = ("# geometry =", "# accuracy_m =", "# basis =", "# symbolic =")


class CheckError(LayersError):
    """A decision would make the folder one that the check refuses."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__("reading.refused_by_check", said="", remedy="")

    def message(self, lang: str = "zh") -> str:
        """What is wrong, with the record."""
        said = f"{self.problem.record_text()}: {self.problem.text(lang)}"
        return self.catalogue.text(self.key, lang, said=said, remedy="")

    def remedy(self, lang: str = "zh") -> str:
        """What to do about it."""
        return self.catalogue.remedy(self.key, lang, said="", remedy=self.problem.remedy(lang))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a finding stands.

    Attributes:
        how: One of ``OPEN``, ``there``, or a decision's.
        record: Id of its record in the folder, or "".
        drawn: Whether the record has a position.
        differ: Field to what the folder and what the text says, where they differ.
        decision: What was decided, if anything was.
        seen: What tells whether anything of this has changed.
    """

    how: str
    record: str
    drawn: bool
    differ: Mapping[str, tuple[Any, Any]]
    decision: Decision | None
    seen: str

    @property
    def open(self) -> bool:
        """Whether it waits for a person."""
        return self.how in OPEN


class Desk:
    """A plan folder with what was read for it.

    Args:
        folder: The plan folder.
        data_dir: Its data folder.

    Raises:
        LayersError: ``reading.nothing``, ``reading.unreadable``, ``reading.decisions``.
    """

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.folder, self.data_dir = folder.resolve(), data_dir
        self.since = exchange.state(self.folder)
        session = proposed.latest(self.folder)
        if session is None:
            raise LayersError("reading.nothing", folder=folder.name)
        plan, _problems = load.read(self.folder, data_dir)
        if plan is None:
            raise LayersError("reading.nothing", folder=folder.name)
        self.session: Session = session
        self.plan: Plan = plan
        self.decisions = decided.read(self.folder)
        self._records: dict[tuple[str, str], Any] = {
            (table, one.id): one
            for table, some in (
                ("feature", plan.features), ("indicator", plan.indicators), ("target", plan.targets),
                ("review", plan.reviews),
            )
            for one in some
        }  # fmt: skip

    # ---- how things stand

    def item(self, item_id: str) -> Item:
        """A finding by what stands for it in addresses.

        Raises:
            LayersError: ``reading.no_finding``.
        """
        found = self.session.by_id.get(item_id)
        if found is None:
            raise LayersError("reading.no_finding")
        return found

    def record(self, item: Item) -> Any:
        """The folder's record of a finding, or None."""
        decision = self.decisions.get(item.key)
        if decision is not None and decision.how == ACCEPTED:
            found = self._records.get((item.table, decision.record))
            if found is not None:
                return found
        return self._records.get((item.table, str(item.values["id"])))

    def standing(self, item: Item) -> Standing:
        """How a finding stands."""
        decision, record = self.decisions.get(item.key), self.record(item)
        differ = {} if record is None or item.doubtful else self._differ(item, record)
        if decision is not None and decision.settles(item):
            how = decision.how
        elif record is None:
            how = NEW
        elif record.id in self.session.drafted and decision is None:
            how = DRAFTED
        else:
            how = CHANGED if differ else THERE
        drawn = record is not None and bool(getattr(record, "geometry", None))
        shown = {} if how in (MERGED, REFUSED) else differ
        return Standing(how, record.id if record is not None else "", drawn, shown, decision, self._seen(item, record))

    def _differ(self, item: Item, record: Any) -> dict[str, tuple[Any, Any]]:
        found = {}
        for name in COMPARED[item.table]:
            old, new = plain(getattr(record, name, None)), plain(item.values.get(name))
            if new is not None and not alike(old, new) and not (name == "name" and self._is_alias(record, new)):
                found[name] = (getattr(record, name, None), item.values.get(name))
        return found

    @staticmethod
    def _is_alias(record: Any, name: Any) -> bool:
        return any(alike(one, name) for one in getattr(record, "aliases", ()))

    def _seen(self, item: Item, record: Any) -> str:
        """What a person looks at when deciding."""
        decision = self.decisions.get(item.key)
        shown = [
            item.mark, repr(decision),
            None if record is None
            else [repr(getattr(record, name, None)) for name in (*_editable(item.table), "geometry", "id")],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:16]

    def progress(self) -> dict[str, tuple[int, int]]:
        """By chapter how many findings there are, and how many wait."""
        return {
            chapter: (len(items), sum(self.standing(one).open for one in items))
            for chapter in self.session.chapters
            for items in [self.session.of_chapter(chapter)]
        }

    # ---- what is decided

    def accept(self, item: Item, typed: Mapping[str, Any], *, position: bool, seen: str, by: str) -> str:
        """Take a finding into the folder, as the text has it or as it was corrected; the id of its record.

        Args:
            item: The finding.
            typed: Fields as they are to be, see ``layers.document.fields.typed``.
            position: Whether it is drawn where the finding says.
            seen: ``Standing.seen`` of what the person looked at.
            by: Who decides.

        Raises:
            LayersError: ``reading.changed``, those of ``CheckError`` and of ``layers.imports.exchange.commit``.
        """
        self._as_seen(item, seen)
        record, texts = self.record(item), Texts(self.folder)
        texts_of = Folder(self.plan, texts)
        change: dict[str, bytes | None] = {}
        values = {**item.values, **typed}
        if position and item.position and not (record is not None and getattr(record, "geometry", None)):
            change |= placed(texts_of, item)
            values |= item.position
        if item.table == "feature":
            texts_of.layered(str(values["kind"]))
        if record is None:
            values["id"] = self._free(item.table, str(values["id"]))
            if item.table == "feature" and "geometry" not in values:
                values |= texts_of.missing()
            identifier = str(values["id"])
            texts.add(item.file, {name: value for name, value in values.items() if value not in ("", None, [], (), {})},
                      item.table)  # fmt: skip
        else:
            identifier = record.id
            self._update(texts, record, item, values, typed)
        decision = decided.of(item, ACCEPTED, identifier, by)
        self._commit(texts, change, {item.key: decision}, item, by)
        return identifier

    def merge(self, item: Item, other: str, *, seen: str, by: str) -> None:
        """Take a finding for one that the folder has: its name and clauses go there.

        Raises:
            LayersError: ``reading.no_record``, and as ``accept``.
        """
        self._as_seen(item, seen)
        target = self._records.get((item.table, other))
        own = self.record(item)
        if target is None or (own is not None and own.id == other):
            raise LayersError("reading.no_record", id=other[:80])
        texts = Texts(self.folder)
        values: dict[str, Any] = {"cites": _joined(target.cites, item.values.get("cites", ()))}
        if item.table == "feature":
            names = (item.name, *item.values.get("aliases", ()))
            values["aliases"] = _joined(target.aliases, [one for one in names if not alike(one, target.name)])
            values["lead_units"] = _joined(target.lead_units, item.values.get("lead_units", ()))
            if not target.status and item.values.get("status"):
                values["status"] = item.values["status"]
        texts.set(target.origin.file, other, {name: value for name, value in values.items() if value}, item.table)
        if own is not None and own.id in self.session.drafted:
            texts.take_out(own.origin.file, own.id, item.table)
        self._commit(texts, {}, {item.key: decided.of(item, MERGED, other, by)}, item, by)

    def refuse(self, item: Item, *, seen: str, by: str) -> None:
        """Leave a finding out; a record that is in the folder by reading alone goes, one of a person's stays.

        Raises:
            LayersError: As ``accept``.
        """
        self._as_seen(item, seen)
        texts, own = Texts(self.folder), self.record(item)
        if own is not None and self.standing(item).how == DRAFTED:
            texts.take_out(own.origin.file, own.id, item.table)
        self._commit(texts, {}, {item.key: decided.of(item, REFUSED, "", by)}, item, by)

    def take_back(self, keys: Iterable[str], by: str) -> None:
        """Forget decisions, so that it is asked again; records stay as they are.

        Raises:
            LayersError: ``reading.no_decision``, and as ``layers.imports.exchange.commit``.
        """
        take_back(self.folder, keys, by, since=self.since)

    def _as_seen(self, item: Item, seen: str) -> None:
        if self._seen(item, self.record(item)) != seen:
            raise LayersError("reading.changed", name=item.name)

    def _update(
        self, texts: Texts, record: Any, item: Item, values: Mapping[str, Any], typed: Mapping[str, Any]
    ) -> None:
        """Fields of a record that is there: those that were typed, and the position where it has none."""
        new = {name: value if value not in ([], {}) else None for name, value in typed.items()}
        for side in ("baseline", "target"):
            old = getattr(record, side, None) if item.table == "indicator" else None
            typed_in = new.get(side)
            if isinstance(typed_in, dict) and old is not None:
                extra = {name: said for name in ("text_en", "flag", "note") if (said := getattr(old, name, ""))}
                new[side] = {**typed_in, **extra}
        if "geometry" in values and not getattr(record, "geometry", None):
            new |= {name: values[name] for name in item.position} | {"no_geometry": None, "no_geometry_en": None}
        unchanged = [name for name in new if plain(getattr(record, name, None)) == plain(new[name])
                     and not isinstance(new[name], list) and name != "geometry"]  # fmt: skip
        texts.set(record.origin.file, record.id, {name: new[name] for name in new if name not in unchanged}, item.table)
        if record.id in self.session.drafted:
            texts.uncomment(record.origin.file, record.id, _PROPOSED, item.table)

    def _free(self, table: str, wanted: str) -> str:
        number, identifier = 1, wanted
        while (table, identifier) in self._records:
            number += 1
            identifier = f"{wanted}-{number}"
        return identifier

    @cached_property
    def _errors(self) -> set[tuple[str, str, str, str]]:
        """The errors that the folder has already."""
        return {_of(one) for one in examine(self.folder, self.data_dir).problems if one.severity == ERROR}

    def _commit(
        self, texts: Texts, change: Mapping[str, bytes | None], new: Mapping[str, Decision], item: Item, by: str
    ) -> None:
        """Write a decision and what follows from it, if the check accepts it."""
        written = {**change, **texts.changed()}
        decision = next(iter(new.values()))
        if written:
            self.checked(written)
        written[READING] = decided.written({**self.decisions, **new}.values())
        about = {"command": decision.how, "name": decision.name, "finding": item.id, "by": by}
        exchange.commit(self.folder, written, about, kept_in=KEPT, most=MOST_KEPT, since=self.since)

    def checked(self, change: Mapping[str, bytes | None]) -> None:
        """Hold a change against the check.

        Raises:
            CheckError: It would bring an error that is not there yet.
        """
        with exchange.staged(self.folder, change) as ready:
            found = [one for one in examine(ready, self.data_dir).problems if one.severity == ERROR]
        if found:
            fresh = [one for one in found if _of(one) not in self._errors]
            if fresh:
                raise CheckError(fresh[0])


def take_back(folder: Path, keys: Iterable[str], by: str, *, since: exchange.State | None = None) -> None:
    """Forget decisions of a plan folder, so that the next reading asks again; records stay as they are.

    Raises:
        LayersError: ``reading.no_decision``, ``reading.decisions``, and those of ``layers.imports.exchange.commit``.
    """
    before, wanted = decided.read(folder), list(keys)
    left = decided.forgotten(before, wanted)
    about = {"command": "take_back", "name": "、".join(before[one].name for one in wanted[:3]), "by": by}
    change = {READING: decided.written(left.values())}
    exchange.commit(folder, change, about, kept_in=KEPT, most=MOST_KEPT, since=since)


def undo(folder: Path, *, look_only: bool = False) -> dict[str, Any]:
    """Take the last decision back, with all that it wrote.

    Raises:
        LayersError: As ``layers.imports.exchange.undo``.
    """
    return exchange.undo(folder, look_only=look_only, kept_in=KEPT)


def _editable(table: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name.partition(".")[0] for one in FIELDS[table]))


def _joined(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _of(problem: Problem) -> tuple[str, str, str, str]:
    return problem.file, problem.record, problem.field, problem.key
