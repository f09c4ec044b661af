"""Observed values and the course as public JSON. Knows no framework."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers.edition.observations import Observed, described
from layers.edition.observations import records as rows_of
from layers.edition.store import Store
from layers.ledger.scenarios import Scenario
from layers.model.errors import word
from layers.progress.results import results


def observed_payload(observed: Observed, state: str) -> dict[str, Any]:
    """For which indicators, roles and periods there are values, and how far the ledger has come."""
    periods: dict[str, dict[str, list[str]]] = {}
    for (indicator, role), codes in observed.periods().items():
        if indicator in observed.store.indicator_ids:
            periods.setdefault(indicator, {})[role] = codes
    indicators = [{"id": one, "periods": periods[one]} for one in observed.store.indicator_ids if one in periods]
    return {"edition": observed.store.hash, "ledger": state or None, "indicators": indicators}


def series_payload(observed: Observed, indicator: str, place: str) -> dict[str, Any]:
    """An indicator at a place: every value that there is, the path from base to target, and the course.

    ``course`` and ``path`` are of indicators that the plan states; else null and empty.
    """
    store = observed.store
    frame = store.edition.indicators
    found = results(observed, indicator=indicator, place=place)
    name, name_en = store.name_of(place)
    return {
        "edition": store.hash,
        "indicator": described(store, rows_of(frame[frame["id"] == indicator])[0]),
        "place": place, "name": name, "name_en": name_en,
        "values": [
            {key: getattr(one, key) for key in ("role", "period", "value", "source", "note", "scope", "entered")}
            for one in observed.of(indicator, place)
        ],
        "path": [{"year": year, "value": value} for year, value in found[0].path()] if found else [],
        "course": found[0].as_dict(store) if found else None,
    }  # fmt: skip


def course_payload(observed: Observed, place: str | None, year: int | None) -> dict[str, Any]:
    """The course of every stated indicator, for the district and wherever there are values."""
    found = results(observed, place=place, year=year)
    return {"edition": observed.store.hash, "year": year, "course": [one.as_dict(observed.store) for one in found]}


def scenarios_payload(store: Store, found: Sequence[Scenario]) -> dict[str, Any]:
    """The scenarios whose indicator the edition has; each says that it is none of the plan's."""
    known = set(store.indicator_ids)
    names = ("code", "name", "version", "indicator", "level", "period", "at")
    listed = [{**{name: getattr(one, name) for name in names}, "from_plan": False} for one in found]
    return {
        "edition": store.hash, "mark": word("decomposition.mark", "zh"), "mark_en": word("decomposition.mark", "en"),
        "scenarios": [one for one in listed if one["indicator"] in known],
    }  # fmt: skip
