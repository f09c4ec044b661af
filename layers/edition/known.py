"""The indicators and places of an edition, as far as sheets of observed values are read by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.edition.observations import LEVELS, observations, records
from layers.edition.store import Store, plain
from layers.ledger.names import Known, Quantity, Spot
from layers.model.tables import split

FREE = ("growth", "above_100")
"""Flags of indicators whose percentages may lie outside 0 to 100."""


def known_of_edition(store: Store, meant: Mapping[str, str] | None = None) -> Known:
    """The indicators that an edition's plan states, and its features; as `layers.imports.observations.known_of`.

    Args:
        store: The edition.
        meant: Name in a sheet → id of an indicator or a feature.

    Raises:
        LayersError: ``sheet.meant``: what a name is said to mean is not there.
    """
    quantities = [
        _quantity(store, cells) for cells in records(store.edition.indicators) if cells.get("origin") == "stated"
    ]
    spots = []
    for layer in store.layers:
        for cells in records(store.frame(layer)[["id", "name", "name_en", "aliases", "kind"]]):
            identifier, name, english, kind = (_text(cells, key) for key in ("id", "name", "name_en", "kind"))
            level = kind if kind in LEVELS else "feature"
            spots.append(Spot(identifier, name, english, tuple(split(cells["aliases"])), level))
    frame = store.edition.observations
    frame = frame[(frame["period"] != "") & (frame["role"] == "observed") & (frame["scope"].fillna("") == "")]
    shipped: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for row in records(frame):
        shipped.setdefault((str(row["indicator"]), str(row["place"])), []).append(
            (str(row["period"]), float(row["value"]))
        )
    return Known.of(quantities, spots, meant, shipped)


def _quantity(store: Store, cells: Mapping[str, Any]) -> Quantity:
    identifier, measure = _text(cells, "id"), _text(cells, "measure")
    stated = observations(store, identifier, "district") if measure in ("level", "share") else []
    base = next((plain(row.get("value")) for row in stated if row.get("role") == "baseline"), None)
    return Quantity(
        identifier, _text(cells, "name"), _text(cells, "name_en"), _text(cells, "unit"),
        tuple(split(cells.get("aliases"))), _text(cells, "aggregation"), base,
        free=bool(set(FREE) & set(split(cells.get("flags")))) or measure == "growth",
    )  # fmt: skip


def _text(cells: Mapping[str, Any], name: str) -> str:
    return str(plain(cells.get(name)) or "")
