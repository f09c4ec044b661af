"""The plan's figures, checked: filtered by the address's parameters, counted and grouped by verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from layers import words
from layers.edition.inventory import Inventory, inventory
from layers.edition.spelling import fold, readings
from layers.measure.claims import VERDICTS
from webmap.reading import paging
from webmap.reading.listing import LONGEST_QUERY, choice
from webmap.reading.rows import VERDICT_SYMBOLS, Rows, Values
from webmap.serving.asking import Parameter, Wanted
from webmap.serving.messages import LANGUAGES

Record = Mapping[str, Any]

SELF_CHECK = "self-check"
"""Stands in for the verdict of the editors' own counts, which say nothing about the plan."""

GROUPS = (*VERDICTS, SELF_CHECK)


def _group(record: Record) -> str:
    return SELF_CHECK if record.get("self_check") else str(record["verdict"])


def _clauses(found: Inventory, record: Record) -> list[Any]:
    return [clause for cite in record["cites"] if (clause := found.outline.clause_of(cite)) is not None]


FIELDS: Mapping[str, Callable[[Inventory, Record], Iterable[str]]] = {
    "verdict": lambda _found, record: (_group(record),),
    "chapter": lambda found, record: {str(clause.chapter) for clause in _clauses(found, record)},
    "clause": lambda found, record: {clause.key for clause in _clauses(found, record)},
}
"""What each parameter looks at; a claim passes when one of its values is the one asked for."""


def _known(found: Inventory, field: str) -> Iterable[str]:
    tables: Mapping[str, Callable[[], Iterable[str]]] = {
        "verdict": lambda: GROUPS,
        "chapter": lambda: map(str, found.outline.chapters),
        "clause": lambda: found.outline.clauses,
    }
    return tables[field]()


def values_of(found: Inventory, field: str, records: Iterable[Record]) -> dict[str, int]:
    """Values of a filter with the number of claims of each, in the plan's order; verdicts also without any."""
    counts = Counter(value for record in records for value in set(FIELDS[field](found, record)))
    return {value: counts[value] for value in _known(found, field) if counts[value] or field == "verdict"}


def _choices(field: str) -> Parameter:
    return choice(field, lambda store: values_of(inventory(store), field, inventory(store).claims))


PARAMETERS = (
    *(_choices(field) for field in FIELDS),
    Parameter("q", "Words to find", longest=LONGEST_QUERY, blank=True),
)
"""What the page takes: filters, and words to find."""


@dataclass(frozen=True)
class Asked:
    """What the page was asked for.

    Attributes:
        chosen: Filter → value, only those given.
        query: Words to find, or "".
    """

    chosen: Mapping[str, str]
    query: str

    @classmethod
    def read(cls, wanted: Wanted) -> Asked:
        """From the checked parameters of a request, see `PARAMETERS`."""
        return cls({field: wanted[field] for field in FIELDS if wanted[field]}, wanted["q"].strip())

    @property
    def params(self) -> dict[str, str]:
        """As parameters of an address, in a fixed order; what is not given is left out."""
        return {**self.chosen, **({"q": self.query} if self.query else {})}

    def without(self, name: str) -> Asked:
        """The same without one filter, or without the words when its name is ``q``."""
        chosen = {field: value for field, value in self.chosen.items() if field != name}
        return Asked(chosen, "" if name == "q" else self.query)

    def found(self, found: Inventory) -> list[dict[str, Any]]:
        """The claims asked for: of every filter one value, and every word somewhere in what the row says."""
        parts = [fold(part) for part in self.query.split()]
        if self.query and not any(parts):
            return []
        return [
            record
            for record in found.claims
            if all(value in FIELDS[field](found, record) for field, value in self.chosen.items())
            and (not parts or _holds(found, record, [part for part in parts if part]))
        ]


def _holds(found: Inventory, record: Record, parts: Iterable[str]) -> bool:
    said = _said(found, record)
    return all(part in said for part in parts)


def _said(found: Inventory, record: Record) -> str:
    """All that a claim can be found by, folded: what its row says in any language, and its name as it is spelled."""
    name = str(record.get("name") or "")
    texts = [name, str(record.get("name_en") or ""), str(record["id"]), *record["cites"]]
    texts += [part for pair in readings(name) for part in pair]
    for lang in LANGUAGES:
        texts += [found.store.notation.label(cite, lang) for cite in record["cites"]]
        texts += [words.said(record, lang, field) for field in ("note", "reason")]
        texts += [words.name(one, lang) for one in record.get("readings") or ()]
        texts += [
            words.name(entry.cells, lang)
            for used in record["features"]
            if (entry := found.entries.get(used)) is not None
        ]
        stated = {name: record.get(f"stated{end}") for name, end in (("value", ""), ("low", "_low"), ("high", "_high"))}
        texts.append(words.stated({"comparator": record.get("comparator"), **stated}, lang) + words.unit(record, lang))
    return "\n".join(fold(text) for text in texts)


def _value_name(rows: Rows, field: str, value: str) -> str:
    names: Mapping[str, Callable[[], str]] = {
        "verdict": lambda: rows.t("verdict.self_check" if value == SELF_CHECK else f"verdict.{value}"),
        "chapter": lambda: rows.chapter(int(value)),
        "clause": lambda: rows.label(value),
    }
    return names[field]()


def _filter(rows: Rows, field: str, asked: Asked) -> Values:
    """A filter with its values and how many claims each would leave, the other filters kept."""
    counts = values_of(rows.inventory, field, asked.without(field).found(rows.inventory))
    if (chosen := asked.chosen.get(field)) and chosen not in counts:
        counts[chosen] = 0
    return {
        "field": field,
        "name": rows.t(f"filter.{field}"),
        "choices": [
            {"value": value, "name": _value_name(rows, field, value), "count": count, "chosen": value == chosen}
            for value, count in counts.items()
        ],
    }


def claims_values(rows: Rows, asked: Asked) -> Values:
    """Values for claims.html: the plan's figures beside what was measured, by verdict; the editors' own counts last."""
    found = asked.found(rows.inventory)
    tally = values_of(rows.inventory, "verdict", asked.without("verdict").found(rows.inventory))
    groups: list[Values] = [
        {
            "id": group,
            "verdict": "self" if group == SELF_CHECK else group,
            "word": _value_name(rows, "verdict", group),
            "symbol": VERDICT_SYMBOLS.get(group, "∗"),
            "explain": rows.t(f"verdict.{group.replace('-', '_')}_explain"),
            "rows": [rows.claim(record) for record in found if _group(record) == group],
            "all": count,
            "chosen": asked.chosen.get("verdict") == group,
            "url": rows.url("claims", **asked.without("verdict").chosen, verdict=group, q=asked.query),
        }
        for group, count in tally.items()
    ]
    chips = [
        {
            "name": rows.t(f"filter.{field}"),
            "value": _value_name(rows, field, value),
            "url": rows.url("claims", **asked.without(field).params),
        }
        for field, value in asked.chosen.items()
    ]
    if asked.query:
        url = rows.url("claims", **asked.without("q").params)
        chips.append({"name": rows.t("filter.words"), "value": asked.query, "url": url})
    return {
        "groups": groups,
        "blocks": [paging.Block("claim", group["rows"]) for group in groups],
        "count": len(found),
        "all": len(rows.inventory.claims),
        "filters": [_filter(rows, field, asked) for field in FIELDS],
        "query": asked.query,
        "chips": chips,
        "clear_url": rows.url("claims"),
    }
