"""Filters of features as pages and figures know them: what a filter looks at, and what it leaves out.

A filter is written as in the map's links: ``chapter:7,8;status:building``, values percent-encoded, so that separators
are only ours. Within a filter any of its values will do, all filters must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from layers.edition.inventory import Entry, Inventory, inventory
from layers.edition.store import Store
from layers.model.errors import LayersError
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE

NONE = "none"
"""Value of ``zone``, ``township``, ``lead`` and ``basis`` that means: has none."""
MOST_VALUES = 40
"""Of a filter; the map's links carry no more."""
_SHOWN = 60
_STAYS = (DISTRICT, ZONE, TOWNSHIP)
"""Kinds that show where a thing is: no filter leaves them out."""


def _chapters(inventory: Inventory, entry: Entry) -> set[str]:
    clauses = (inventory.outline.clause_of(cite) for cite in entry.cites)
    return {str(clause.chapter) for clause in clauses if clause is not None}


def _boxes(inventory: Inventory, entry: Entry) -> set[str]:
    clauses = (inventory.outline.clause_of(cite) for cite in entry.cites)
    return {clause.key for clause in clauses if clause is not None and not clause.is_section}


FIELDS: Mapping[str, Callable[[Inventory, Entry], Iterable[str]]] = {
    "chapter": _chapters,
    "box": _boxes,
    "lead": lambda _inventory, entry: entry.leads or (NONE,),
    "zone": lambda _inventory, entry: entry.zones or (NONE,),
    "township": lambda _inventory, entry: entry.townships or (NONE,),
    "status": lambda _inventory, entry: (entry.text("status") or NONE,),
    "basis": lambda _inventory, entry: (entry.text("basis") if entry.located else NONE,),
    "kind": lambda _inventory, entry: (entry.kind,),
    "group": lambda inventory, entry: (str(inventory.store.layers[entry.layer].get("group", "")),),
}
"""What each filter looks at; a feature passes when one of its values is one of those asked for."""


def _claims(inventory: Inventory, entry: Entry) -> set[str]:
    return {str(claim["id"]) for claim in inventory.claims if entry.id in (claim.get("features") or ())}


_MAP_FIELDS = {**FIELDS, "claim": _claims}
"""Those of the map: also the figures that a feature was counted in."""


def parsed(text: str) -> dict[str, tuple[str, ...]]:
    """The filters in a text.

    Raises:
        LayersError: ``filter.unknown_field``, ``filter.many``.

    Example:
        >>> parsed("chapter:7,8;lead:%E5%8F%91%E6%94%B9%E5%B1%80")
        {'chapter': ('7', '8'), 'lead': ('发改局',)}
    """
    chosen = {}
    for part in filter(None, text.split(";")):
        field, _, values = part.partition(":")
        found = tuple(dict.fromkeys(unquote(one) for one in values.split(",") if one))
        if field not in _MAP_FIELDS or not found:
            raise LayersError("filter.unknown_field", value=part[:_SHOWN], choices=list(_MAP_FIELDS))
        if len(found) > MOST_VALUES:
            raise LayersError("filter.many", value=field, most=MOST_VALUES)
        chosen[field] = found
    return chosen


def left_out(store: Store, text: str) -> frozenset[str]:
    """Ids of the features that a filter leaves out; the ground, and what shows where a thing is, stay.

    Args:
        store: The edition.
        text: The filter; "" leaves nothing out.

    Raises:
        LayersError: As `parsed`; ``filter.unknown_value``: nothing in the edition has it.
    """
    chosen = parsed(text)
    if not chosen:
        return frozenset()
    known = inventory(store)
    of_plan = [entry for entry in known.entries.values() if known.kinds.get(entry.kind, {}).get("cited", True)]
    values = {entry.id: {field: set(_MAP_FIELDS[field](known, entry)) for field in chosen} for entry in of_plan}
    for field, wanted in chosen.items():
        there = set().union(*(own[field] for own in values.values()))
        for value in wanted:
            if value not in there:
                raise LayersError("filter.unknown_value", value=value[:_SHOWN], name=field, choices=sorted(there)[:40])
    return frozenset(
        entry.id for entry in of_plan
        if entry.kind not in _STAYS and any(not own & set(chosen[field]) for field, own in values[entry.id].items())
    )  # fmt: skip
