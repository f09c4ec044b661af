"""A second reading beside a plan folder that is there: which records are new, changed or gone, and which clauses."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from layers.document.clauses import Text
from layers.document.draft import Draft, Given
from layers.document.keeping import text_files
from layers.document.positions import key
from layers.document.proposed import COMPARED, alike, plain
from layers.folder import texts
from layers.model.errors import word
from layers.model.plan import TOWNSHIP, Plan

WORDS = "变化.md"


@dataclass(frozen=True, slots=True)
class Change:
    """One record or clause.

    Attributes:
        how: ``new``, ``changed`` or ``gone``.
        table: ``feature``, ``indicator``, ``target`` or ``clause``.
        id: Its id.
        name: Its name.
        fields: Of a changed one: field to its value before and after.
    """

    how: str
    table: str
    id: str
    name: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Changed:
    """All changes.

    Attributes:
        records: Of records.
        clauses: Of clauses whose words the folder has; empty where it has no text.
        touched: Ids of records that cite a changed clause, by clause.
    """

    records: tuple[Change, ...]
    clauses: tuple[Change, ...]
    touched: Mapping[str, tuple[str, ...]]

    def count(self, how: str) -> int:
        """How many records changed so."""
        return sum(one.how == how for one in self.records)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "records": [asdict(one) for one in self.records],
            "clauses": [asdict(one) for one in self.clauses],
            "touched": {clause: list(ids) for clause, ids in self.touched.items()},
        }

    def text(self, lang: str) -> str:
        """For people, as Markdown."""
        lines = [f"# {word('read.changes', lang)}", ""]
        for how in ("new", "changed", "gone"):
            some = [one for one in self.records if one.how == how]
            lines += [f"## {word(f'read.changes_{how}', lang, count=len(some))}", ""]
            lines += [f"- `{one.id}` {one.name}{_said(one)}" for one in some] + [""]
        if self.clauses:
            lines += [f"## {word('read.changes_clauses', lang, count=len(self.clauses))}", ""]
            for one in self.clauses:
                ids = "、".join(f"`{name}`" for name in self.touched.get(one.id, ())) or "—"
                lines.append(f"- {one.id} {word(f'read.clause_{one.how}', lang)} → {ids}")
            lines.append("")
        return "\n".join(lines)


def _said(change: Change) -> str:
    return "".join(f"；{name}: {before!r} → {after!r}" for name, (before, after) in change.fields.items())


def with_ids(given: Given, plan: Plan) -> Given:
    """The user's files, and the ids that names have in a folder that is there."""
    ids: dict[tuple[str, str], tuple[str, ...]] = {}
    named = [((one.kind, key(one.name)), one.id) for one in plan.features]
    named += [((one.kind, key(alias)), one.id) for one in plan.features for alias in one.aliases]
    named += [(("target", key(one.name)), one.id) for one in plan.targets]
    for at, identifier in named:
        ids[at] = (*ids.get(at, ()), identifier)
    return replace(given, ids=ids, townships=tuple(one.name for one in plan.of_kind(TOWNSHIP)))


def between(plan: Plan, draft: Draft, text: Text) -> Changed:
    """What is different between a folder and a draft.

    Args:
        plan: The folder's records; what the plan does not speak of is left out.
        draft: The new draft.
        text: The new text.
    """
    before = _records(plan)
    after = {(row.table, row.id): row.values for row in draft.rows if row.table != "feature" or _speaks_of(row.values)}
    records: list[Change] = []
    for at, values in after.items():
        name = str(values["name"])
        if at not in before:
            records.append(Change("new", *at, name, {}))
            continue
        differ = {
            field: (old, new)
            for field in COMPARED[at[0]]
            if not alike(old := before[at].get(field), new := plain(values.get(field)))
        }
        if differ:
            records.append(Change("changed", *at, name, differ))
    records += [Change("gone", *at, str(values["name"]), {}) for at, values in before.items() if at not in after]
    clauses = list(_clauses(plan.texts, _as_kept(text))) if plan.texts else []
    return Changed(tuple(records), tuple(clauses), _touched(clauses, before))


def _speaks_of(values: Mapping[str, Any]) -> bool:
    """Whether the plan itself speaks of a feature; the parts of a divided township are a planner's."""
    return bool(values.get("cites")) and not values.get("context") and values.get("kind") != "zone_part"


def _as_kept(text: Text) -> dict[str, str]:
    """The words as a plan folder would give them back."""
    files = text_files(text).values()
    return {clause: said for one in files for clause, _, said in texts.parted(one.decode("utf-8"))}


def _records(plan: Plan) -> dict[tuple[str, str], dict[str, Any]]:
    """The folder's records that a text can speak of, their fields plain."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for feature in plan.features:
        if feature.cites and not feature.context and feature.kind != "zone_part":
            found["feature", feature.id] = _fields(feature, "feature")
    for table, some in (("indicator", plan.indicators), ("target", plan.targets), ("review", plan.reviews)):
        for one in some:
            found[table, one.id] = _fields(one, table)
    return found


def _fields(record: Any, table: str) -> dict[str, Any]:
    return {name: plain(getattr(record, name, None)) for name in COMPARED[table]}


def _clauses(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[Change]:
    for clause in dict.fromkeys([*new, *old]):
        if clause not in old:
            yield Change("new", "clause", clause, "", {})
        elif clause not in new:
            yield Change("gone", "clause", clause, "", {})
        elif old[clause] != new[clause]:
            pieces = _pieces(old[clause], new[clause])
            yield Change("changed", "clause", clause, "", {"text": pieces})


def _pieces(old: str, new: str) -> tuple[str, str]:
    """What differs of two texts, from the first difference to the last."""
    blocks = [one for one in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks() if one.size]
    if len(old) > 20_000 or len(new) > 20_000 or not blocks:
        return old, new
    first = blocks[0].size if blocks[0].a == blocks[0].b == 0 else 0
    last = blocks[-1]
    whole = last.a + last.size == len(old) and last.b + last.size == len(new) and last.a >= first and last.b >= first
    return (old[first : last.a], new[first : last.b]) if whole else (old[first:], new[first:])


def _touched(
    clauses: Iterable[Change], records: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, tuple[str, ...]]:
    """Records that cite each clause."""
    found: dict[str, tuple[str, ...]] = {}
    for one in clauses:
        ids = [at[1] for at, values in records.items() if one.id in (values.get("cites") or ())]
        if ids:
            found[one.id] = tuple(ids)
    return found
