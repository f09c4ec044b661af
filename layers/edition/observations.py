"""The values of indicators, stated and computed: the one door to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from layers.edition.store import Store, plain
from layers.model.tables import split

LEVELS: tuple[str, ...] = ("district", "zone", "township")


def indicators(store: Store) -> list[dict[str, Any]]:
    """Every indicator, stated and computed, in the edition's order."""
    return [described(store, cells) for cells in records(store.edition.indicators)]


def indicator(store: Store, wanted: str) -> dict[str, Any] | None:
    """An indicator as in `indicators`; None when there is none."""
    frame = store.edition.indicators
    found = records(frame[frame["id"] == wanted])
    return described(store, found[0]) if found else None


def records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict(orient="records")]


def described(store: Store, cells: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator with its stated ends and its value for the district."""
    text = {
        key: str(plain(cells.get(key)) or "")
        for key in (
            "id",
            "name",
            "name_en",
            "unit",
            "unit_en",
            "domain",
            "domain_en",
            "property",
            "origin",
            "formula",
            "formula_en",
            "better",
        )
    }
    decimals = plain(cells.get("decimals"))
    district = observations(store, text["id"], "district")
    computed = next((row for row in district if row.get("role") == "computed"), None)
    return {
        **text,
        "levels": split(cells.get("levels")),
        "cites": split(cells.get("cites")),
        "flags": split(cells.get("flags")),
        "decimals": None if decimals is None else int(decimals),
        "baseline": _stated(district, "baseline"),
        "target": _stated(district, "target"),
        "values": {"district": None if computed is None else plain(computed.get("value"))},
    }


def observations(store: Store, indicator: str, level: str) -> list[dict[str, Any]]:
    """The observations of an indicator at a level, as records."""
    frame = store.edition.observations
    found = frame[(frame["indicator"] == indicator) & (frame["level"] == level)]
    return records(found)


def shown(store: Store, indicator: str, level: str) -> tuple[list[dict[str, Any]], int | None]:
    """The observations of an indicator that a map of a level shows, and the last year among them.

    Of the district what was computed, or the base; a target is no value of a place.
    """
    rows = [
        row
        for row in observations(store, indicator, level)
        if level != "district" or row.get("role") in ("computed", "baseline")
    ]
    years = [int(year) for row in rows if (year := plain(row.get("year"))) is not None]
    return rows, max(years, default=None)


def _stated(rows: Iterable[Mapping[str, Any]], role: str) -> dict[str, Any] | None:
    row = next((row for row in rows if row.get("role") == role), None)
    if row is None:
        return None
    year = plain(row.get("year"))
    return {
        "year": None if year is None else int(year),
        **{key: plain(row.get(key)) for key in ("value", "low", "high")},
        **{key: str(plain(row.get(key)) or "") for key in ("text", "text_en", "comparator", "flag")},
    }
