"""What a map shows of observed values: the value, the target, the change, the progress or the course, by place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from layers.edition.observations import Observed, places_of
from layers.edition.observations import indicator as described
from layers.edition.store import Store
from layers.measure.classify import around, classes
from layers.measure.course import STATES
from layers.model.period import Period
from layers.progress.results import Result, results

MIDDLES = {"change": 0, "progress": 100}
"""Where values turn from one side to the other: no change, and the target reached (per cent)."""
Judged = Callable[..., list[Result]]
SHOWS = ("observed", "target", "change", "progress", "course")
"""What may be shown; the change is that from the period before, of a year."""


def periods(observed: Observed, indicator: str) -> list[str]:
    """The periods for which an indicator has observed values at any place."""
    return observed.periods(indicator).get((indicator, "observed"), [])


def overlay(
    observed: Observed, indicator: str, level: str, show: str, period: str = "", judged: Judged = results
) -> dict[str, Any]:
    """The values of an indicator at the places of a level, for one period.

    Args:
        observed: The values.
        indicator: Id of the indicator.
        level: ``district``, ``zone`` or ``township``.
        show: One of ``SHOWS``.
        period: Code of the period; "" takes the last one that has values. Progress and course are of years.
        judged: What gives the course of an indicator, as `results` does; for who asks many times.

    Returns:
        As ``/api/indicators/<id>/<level>``, with ``show``, ``period``, ``periods`` and, for the course, ``states``;
        a change has classes on both sides of zero (``zero``), progress on both sides of the target (``target``).
    """
    store = observed.store
    record = described(store, indicator) or {}
    known = periods(observed, indicator)
    at = period or _last(observed, indicator, level, show, known)
    values, notes = _values(observed, indicator, level, show, at, judged)
    rows = []
    for place in places_of(store, level):
        name, name_en = store.name_of(place)
        value = values.get(place)
        rows.append({"place": place, "name": name, "name_en": name_en, "value": value, "flag": "",
                     "note": notes.get(place, ""), "note_en": ""})  # fmt: skip
    there = [row["value"] for row in rows if isinstance(row["value"], int | float)]
    shaped = _shaped(record, show)
    decimals = shaped["decimals"]
    return {
        "indicator": shaped, "level": level, "edition": store.hash, "year": int(at[:4]) if at else None, "show": show,
        "period": at, "periods": known, "reason": None if there or show == "course" else "no_value", "values": rows,
        "total": None, "classes": _classes(store, show, there, decimals),
        "states": list(STATES) if show == "course" else [],
    }  # fmt: skip


def series(observed: Observed, indicator: str, level: str, show: str, judged: Judged = results) -> dict[str, Any]:
    """The values of an indicator at the places of a level for every period that has any.

    Args:
        observed: The values.
        indicator: Id of the indicator.
        level: ``district``, ``zone`` or ``township``.
        show: One of ``SHOWS``; progress and course are of years.
        judged: As for `overlay`.

    Returns:
        ``indicator, level, edition, show, states`` as in `overlay`; ``periods``, codes in order; ``places``, each with
        ``place, name, name_en`` and ``values``, one a period, null where there is none; ``scopes`` and ``notes`` of
        observed values alike, left out where nothing is said: values of two scopes are not to be compared; ``middle``
        as in ``MIDDLES``, or null.
    """
    store = observed.store
    record = described(store, indicator) or {}
    codes = [one for one in periods(observed, indicator) if len(one) == 4 or show not in ("progress", "course")]
    found, notes = (
        zip(*(_values(observed, indicator, level, show, code, judged) for code in codes), strict=True)
        if codes
        else ((), ())
    )
    scopes = [observed.overlay(indicator, code) for code in codes] if show == "observed" else []
    places = []
    for place in places_of(store, level):
        name, name_en = store.name_of(place)
        row = {"place": place, "name": name, "name_en": name_en, "values": [one.get(place) for one in found]}
        said = {
            "scopes": [one[place].scope if place in one else "" for one in scopes],
            "notes": [one.get(place, "") for one in notes],
        }
        places.append(row | {key: texts for key, texts in said.items() if any(texts)})
    return {
        "indicator": _shaped(record, show), "level": level, "edition": store.hash, "show": show, "periods": codes,
        "places": places, "middle": MIDDLES.get(show), "states": list(STATES) if show == "course" else [],
    }  # fmt: skip


def _shaped(record: dict[str, Any], show: str) -> dict[str, Any]:
    """An indicator as it is shown: progress is in per cent."""
    return record | ({"unit": "%", "unit_en": "%", "decimals": 0} if show == "progress" else {})


def _last(observed: Observed, indicator: str, level: str, show: str, known: Sequence[str]) -> str:
    """The last period with an observed value at a level; progress and course are of years."""
    places = set(places_of(observed.store, level))
    for period in reversed(known):
        if (show not in ("progress", "course") or len(period) == 4) and places & observed.overlay(
            indicator, period
        ).keys():
            return period
    return known[-1] if known else ""


def _values(
    observed: Observed, indicator: str, level: str, show: str, period: str, judged: Judged
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The values by place, and their notes."""
    if show in ("progress", "course"):
        if len(period) != 4:
            return {}, {}
        found = {one.place: one for one in judged(observed, indicator=indicator, year=int(period))}
        return {place: _judged(one, show, int(period)) for place, one in found.items() if one.level == level}, {}
    seen = observed.overlay(indicator, period) if period else {}
    if show == "target":
        ends = [one for one in judged(observed, indicator=indicator) if one.course.bound is not None]
        return {one.place: one.course.bound for one in ends}, {}
    if show == "change":
        before = observed.overlay(indicator, _before(period)) if period else {}
        pairs = {place: (one, before[place]) for place, one in seen.items() if place in before}
        return {place: float(f"{a.value - b.value:.12g}") for place, (a, b) in pairs.items() if a.scope == b.scope}, {}
    return {place: one.value for place, one in seen.items()}, {place: one.note for place, one in seen.items()}


def _judged(one: Result, show: str, year: int) -> Any:
    course = one.course
    if course.year != year:
        return None if show == "progress" else "unknown"
    if show == "course":
        return course.state
    return None if course.progress is None else round(course.progress * 100, 1)


def _before(period: str) -> str:
    """The same period of the year before.

    Example:
        >>> _before("2023"), _before("2023Q2"), _before("2023-07")
        ('2022', '2022Q2', '2022-07')
    """
    one = Period.of(period)
    return Period(one.year - 1, one.quarter, one.month).code


def _classes(store: Store, show: str, values: list[float], decimals: int | None) -> dict[str, Any]:
    if show == "course" or not values:
        return {}
    # The same steps on both sides, so that what rose and what fell never share a colour.
    sided = around(values, MIDDLES[show], store.ramp("diverging")) if show in MIDDLES else None
    if sided is not None:
        return {"zero" if show == "change" else "target": sided}
    return dict(classes(values, store.ramp(), decimals))
