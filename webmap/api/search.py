"""What can be looked for: features, indicators, targets, results, checked figures, lead units and clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from layers.edition.inventory import Inventory, inventory
from layers.edition.spelling import readings
from layers.edition.store import Store, feature_rows, plain
from layers.model.tables import split
from webmap.api import matching
from webmap.api.many import MOST_COUNTED, Lines
from webmap.api.payloads import properties

CLAUSE = "clause"

TYPES: tuple[str, ...] = ("feature", "indicator", "target", "lead", CLAUSE, "claim", "review")
"""What an entry may be of."""


LONGEST_QUERY = 60
MOST_FOUND = 100
USUALLY_FOUND = 12


@lru_cache(maxsize=4)
def _prepared(store: Store) -> list[matching.Item]:
    """The entries of an edition, ready to be searched; made once."""
    return matching.prepare(search_payload(store)["entries"])


def found_payload(
    store: Store, query: str, limit: int, many: Sequence[Lines] = (), coming: Sequence[str] = ()
) -> dict[str, Any]:
    """What fits a query, best first, by the rules of the search box on the map.

    Args:
        store: The edition.
        query: 汉字, pinyin, initials or English words in any order, a clause's number; one wrong character is forgiven.
        limit: At most so many entries.
        many: Layers that are too large to be listed.
        coming: Such layers whose names cannot be looked through yet.

    Returns:
        ``edition``, ``query``, ``found`` (how many fit; ``more`` where there are more than were counted), ``entries``
        as in the index, and ``coming``: layers that were not looked through, as ``unlisted`` has them there.
    """
    found = _found(store, query, limit, many)
    waits = [{"layer": layer, "count": store.count(layer)} for layer in coming]
    return {**found, **({"coming": waits} if waits else {})}


def _found(store: Store, query: str, limit: int, many: Sequence[Lines]) -> dict[str, Any]:

    def rank(entry: Mapping[str, Any]) -> float:
        kind = store.kinds.get(str(entry.get("kind") or ""), {})
        return TYPES.index(entry["type"]) * 1000 - ((kind.get("label") or {}).get("priority") or 0)

    if not many:
        hits = matching.find(_prepared(store), query, rank)
        return {"edition": store.hash, "query": query, "found": len(hits), "entries": hits[:limit]}
    wanted, tokens = matching.normalise(query), matching.words_of(query)
    if not wanted:
        return {"edition": store.hash, "query": query, "found": 0, "entries": []}
    listed = matching.rated(_prepared(store), query, rank)
    others = matching.rated((item for one in many for item in one.candidates(wanted, tokens)), query, rank)
    if sum(value > 0 for value, _item in (*listed, *others)) < matching.FEW:
        near = matching.rated((item for one in many for item in one.near(wanted)), query, rank)
        tried = {item.entry["cells"]["id"] for _value, item in others}
        near = [one for one in near if one[1].entry["cells"]["id"] not in tried]
        listed, others = matching.with_near(listed, query), matching.with_near([*others, *near], query)
    best = matching.best_first([*listed, *others], rank)
    counted = [one.count(wanted) for one in many]
    own = sum(value > 0 for value, _item in listed)
    found = max(len(best), own + sum(counted))
    more = {"more": True} if max(counted) >= MOST_COUNTED else {}
    entries = [_whole(store, item.entry) for item in best[:limit]]
    return {"edition": store.hash, "query": query, "found": found, **more, "entries": entries}


def _whole(store: Store, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry as in the index; of a layer that is not listed it is made now."""
    cells = entry.get("cells")
    return entry if cells is None else feature_entry(entry["layer"], store.labelled(cells))


def search_payload(store: Store) -> dict[str, Any]:
    """The index: whatever the plan holds, with what it can be found by; not what lies beyond its district.

    Every entry has ``type``, ``id``, ``name``, ``name_en``, ``aliases``, and ``pinyin`` and ``initials`` of its Chinese
    names, without repeats. Features also have what filters ask for; indicators their ``levels``; the others ``page``,
    the address of their page below the server's root, targets the ``place`` they belong to. Layers of very many
    features are not in it: ``unlisted`` says which, and a query finds them.
    """
    known = inventory(store)
    features = (
        feature_entry(layer, store.labelled(cells))
        for layer, cells in feature_rows(store, without=store.unlisted)
        if not store.kinds.get(str(plain(cells.get("kind")) or ""), {}).get("beyond")
    )
    others = (_indicators(store), _figures(known), _leads(known), _clauses(known))
    unlisted = [{"layer": layer, "count": look.count} for layer, look in store.unlisted.items()]
    return {
        "edition": store.hash,
        "entries": [*features, *(entry for part in others for entry in part)],
        **({"unlisted": unlisted} if unlisted else {}),
    }


def feature_entry(layer: str, cells: dict[str, Any]) -> dict[str, Any]:
    """A feature in the search index; ``pinyin`` and ``initials`` hold the readings of its name and aliases."""
    described = properties(cells)
    names = [str(described.get("name", cells["id"])), *described.get("aliases", [])]
    spelled = [reading for name in names for reading in readings(name)]
    return {
        "type": "feature",
        "id": str(cells["id"]),
        "name": names[0],
        "name_en": str(described.get("name_en", "")),
        "aliases": names[1:],
        "layer": layer,
        "kind": str(plain(cells.get("kind")) or ""),
        "zone": described.get("zone", []),
        "township": described.get("township", []),
        "status": described.get("status", ""),
        "basis": described.get("basis", ""),
        "cites": described.get("cites", []),
        "lead_units": described.get("lead_units", []),
        "unit": described.get("unit", ""),
        "label": described.get("label"),
        "pinyin": list(dict.fromkeys(full for full, _initials in spelled)),
        "initials": list(dict.fromkeys(initials for _full, initials in spelled)),
    }


def _entry(kind: str, identifier: str, names: tuple[str, str], *, aliases: Iterable[str] = (), **more: Any) -> Any:
    name, name_en = names
    # Nobody spells a clause: its number is shorter.
    spelled = [] if kind == CLAUSE else [reading for text in (name, *aliases) for reading in readings(text)]
    return {
        "type": kind,
        "id": identifier,
        "name": name,
        "name_en": name_en,
        "aliases": list(aliases),
        **{key: value for key, value in more.items() if value},
        "pinyin": list(dict.fromkeys(full for full, _initials in spelled)),
        "initials": list(dict.fromkeys(initials for _full, initials in spelled)),
    }


def _named(record: Mapping[str, Any]) -> tuple[str, str]:
    return str(record["name"]), str(record.get("name_en") or "")


def _detail(record: Mapping[str, Any], field: str) -> dict[str, str]:
    english = f"{field}_en"
    return {"detail": str(record.get(field) or ""), "detail_en": str(record.get(english) or "")}


def _indicators(store: Store) -> Iterator[dict[str, Any]]:
    frame = store.edition.indicators
    for record in frame.to_dict(orient="records"):
        row = {str(key): value for key, value in record.items()}
        levels = split(row.get("levels"))
        yield _entry("indicator", str(row["id"]), _named(row), levels=levels or ["district"], **_detail(row, "domain"))


def _figures(known: Inventory) -> Iterator[dict[str, Any]]:
    tables = (
        ("target", known.targets, "targets"),
        ("claim", known.claims, "claims"),
        ("review", known.reviews, "review"),
    )
    for kind, records, page in tables:
        for record in records:
            identifier = str(record["id"])
            address = f"{page}#{kind}-{quote(identifier)}"
            place = record.get("place") or ""
            yield _entry(kind, identifier, _named(record), page=address, place=place, **_detail(record, "domain"))


def _leads(known: Inventory) -> Iterator[dict[str, Any]]:
    for unit in known.leads:
        yield _entry("lead", unit, (unit, known.lead_names.get(unit, "")), page=f"lead/{quote(unit)}")


def _clauses(known: Inventory) -> Iterator[dict[str, Any]]:
    outline = known.outline
    for chapter in outline.chapters:
        names = known.chapter_name(chapter, "zh"), known.chapter_name(chapter, "en")
        yield _entry(CLAUSE, str(chapter), names, page=f"chapter/{chapter}")
        about = {"detail": names[0], "detail_en": names[1]}
        for clause in outline.of_chapter(chapter):
            for cite in dict.fromkeys([clause.key, *known.cites_of(clause)]):
                words = known.store.notation.label(cite, "zh"), known.store.notation.label(cite, "en")
                yield _entry(CLAUSE, cite, words, aliases=[cite], page=f"chapter/{chapter}#{quote(cite)}", **about)
