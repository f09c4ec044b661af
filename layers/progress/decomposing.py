"""A target split over zones or townships with the weights, bases and borders that an edition and a ledger have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from layers.decomposition.asked import EQUAL, OWN, Asked
from layers.decomposition.errors import DecompositionError
from layers.decomposition.rounding import Exact, half_up, rounded
from layers.decomposition.split import (
    AGGREGATIONS,
    GROWTH,
    RATIO,
    SUM,
    WEIGHTED,
    Part,
    Split,
    split,
)
from layers.edition.observations import Observed, observations, places_of
from layers.edition.observations import records as rows_of
from layers.edition.store import Store, plain
from layers.model.period import Period
from layers.model.tables import split as listed
from layers.progress.results import results

_HAIR = Fraction(1, 1000)
MOST_GUESSED = 6
"""Decimals that a target written with many is printed with at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """A part: what it was split by, and what it got."""

    place: str
    name: str
    name_en: str
    value: float
    exact: float
    at: str
    weight: float | None
    size: float | None
    base: float | None
    low: float | None
    high: float | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class Decomposed:
    """A target that was split.

    Attributes:
        asked: What was asked for, its year, whole, aggregation and decimals filled in.
        indicator: The indicator's record.
        split: The figures.
        rows: A row for each place.
        zones: What townships come to by zone: place → value, None where a township's share is not known.
        shares: The shares that were used, of townships in several zones.
        period: Period of the weights; "" where they have none.
    """

    asked: Asked
    indicator: Mapping[str, Any]
    split: Split
    rows: tuple[Row, ...]
    zones: Mapping[str, float | None]
    shares: Mapping[str, Mapping[str, float]]
    period: str = ""

    def body(self, note: str = "", edition: str = "") -> dict[str, Any]:
        """What a scenario keeps of it: what was asked for, and every figure, so that it says the same ever after."""
        rows = {
            row.place: {
                key: getattr(row, key)
                for key in ("value", "weight", "size", "base", "low", "high", "rate", "at")
                if getattr(row, key) not in (None, "")
            }
            for row in self.rows
        }
        return {
            "asked": self.asked.as_dict(), "whole": self.split.whole, "total": self.split.total,
            "decimals": self.split.decimals, "factor": self.split.factor, "rate": self.split.rate, "rows": rows,
            "zones": dict(self.zones), "shares": {one: dict(parts) for one, parts in self.shares.items()},
            "period": self.period, "unit": str(self.indicator.get("unit") or ""), "note": note, "edition": edition,
        }  # fmt: skip


def decompose(observed: Observed, asked: Asked) -> Decomposed:
    """Split a target.

    Args:
        observed: The values that there are.
        asked: What is wanted.

    Raises:
        DecompositionError: It cannot be done; says why.
    """
    ready = prepared(observed, asked)
    asked, store = ready.asked, observed.store
    try:
        found = split(
            asked.whole or 0.0, ready.parts, asked.aggregation, asked.method, decimals=asked.decimals or 0,
            years=ready.years,
        )  # fmt: skip
    except DecompositionError as error:
        raise _named(store, error) from None
    sized = asked.aggregation in (WEIGHTED, RATIO)
    rows = tuple(
        Row(
            one.id, *store.name_of(one.id), one.value, one.exact, one.at, part.weight, part.size if sized else None,
            part.base, part.low, part.high, one.rate,
        )
        for one, part in zip(found.parts, ready.parts, strict=True)
    )  # fmt: skip
    zones = _zone_sums(store, rows, asked, ready.shares) if asked.level == "township" else {}
    used = {place: one for place, one in ready.shares.items() if len(one) > 1}
    return Decomposed(asked, ready.indicator, found, rows, zones, used, ready.period)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a split is made from: ``years`` from base to target, ``period`` of the weights."""

    asked: Asked
    indicator: Mapping[str, Any]
    parts: tuple[Part, ...]
    shares: Mapping[str, Mapping[str, float]]
    period: str
    years: int


def prepared(observed: Observed, asked: Asked) -> Ready:
    """What is known of every part before the split.

    Raises:
        DecompositionError: Something that is named is not there, or target or aggregation are not known.
    """
    store = observed.store
    asked = asked.checked()
    record = _record(store, asked.indicator)
    places = places_of(store, asked.level)
    _known_places(store, asked, places)
    asked, base_year = _filled(observed, asked, record)
    shares = _shares(store, asked)
    weights, period = _weights(observed, asked, places, shares)
    sizes: Mapping[str, float] = {}
    if asked.aggregation in (WEIGHTED, RATIO):
        sizes = {**_values(observed, asked.size, asked.level, "", shares)[0], **asked.sizes}
    known = _bases(observed, asked.indicator, places, base_year, shares, asked.level, asked.aggregation)
    bases = {**known, **asked.base}
    parts = tuple(
        Part(
            place, weights.get(place), sizes.get(place) if asked.aggregation in (WEIGHTED, RATIO) else 1.0,
            bases.get(place), asked.low.get(place), asked.high.get(place), asked.fixed.get(place),
        )
        for place in places
    )  # fmt: skip
    return Ready(asked, record, parts, shares, period, max(0, (asked.year or 0) - base_year))


def weights_there(observed: Observed, level: str) -> list[tuple[dict[str, Any], list[str]]]:
    """The indicators that may weigh at a level, and the periods for which they have values (none where computed)."""
    store, places = observed.store, set(places_of(observed.store, level))
    years: dict[str, set[str]] = {}
    for one in observed.years():
        if one.role == "observed" and one.place in places:
            years.setdefault(one.indicator, set()).add(one.period)
    found = []
    for record in rows_of(store.edition.indicators):
        seen = sorted(years.get(str(record["id"]), ()))
        computed = record["origin"] != "stated" and bool(observations(store, str(record["id"]), level))
        if seen or computed:
            found.append((record, seen))
    return found


# ---- what is not said


def _record(store: Store, indicator: str) -> dict[str, Any]:
    for row in rows_of(store.edition.indicators):
        if row["id"] == indicator:
            return {key: plain(value) if plain(value) is not None else "" for key, value in row.items()}
    raise DecompositionError("decomposition.unknown", value=indicator[:60], what="indicator")


def _known_places(store: Store, asked: Asked, places: Sequence[str]) -> None:
    """Every place that something is said of is one of the level, every share is of a township and its zones."""
    for name in ("own", "base", "sizes", "fixed", "low", "high"):
        wrong = next((place for place in getattr(asked, name) if place not in places), None)
        if wrong is not None:
            raise DecompositionError("decomposition.unknown", value=wrong[:60], what="place")
    zones, townships = set(places_of(store, "zone")), set(places_of(store, "township"))
    for township, shares in asked.shares.items():
        wrong = township if township not in townships else next((one for one in shares if one not in zones), None)
        if wrong is not None:
            raise DecompositionError("decomposition.unknown", value=wrong[:60], what="place")


def _filled(observed: Observed, asked: Asked, record: Mapping[str, Any]) -> tuple[Asked, int]:
    """What is asked for with the plan's own target, year, aggregation and decimals; and the base year."""
    store = observed.store
    name = str(record["name"])
    aggregation = asked.aggregation or str(record.get("aggregation") or "")
    if aggregation not in AGGREGATIONS:
        raise DecompositionError("decomposition.no_aggregation", indicator=name)
    goal = next((one for one in results(observed, indicator=asked.indicator, place="district")), None)
    whole = asked.whole if asked.whole is not None else goal.course.bound if goal else None
    if whole is None:
        raise DecompositionError("decomposition.no_target", indicator=name)
    year = asked.year or (goal.course.goal_year if goal else None) or int(store.plan.get("target_year", 0))
    base_year = (goal.course.base_year if goal else None) or int(store.plan.get("base_year", 0))
    size = asked.size or str(record.get("weight") or "")
    if aggregation in (WEIGHTED, RATIO) and size not in store.indicator_ids and not asked.sizes:
        raise DecompositionError("decomposition.missing", place=name, what="size")
    decimals = asked.decimals
    if decimals is None:
        stated = record.get("decimals")
        written = [_decimals(one) for one in (whole, *asked.fixed.values())]
        decimals = max(int(stated) if stated not in ("", None) else 0, *written)
    full = {
        "indicator": asked.indicator, "level": asked.level, "year": year, "whole": whole, "method": asked.method,
        "weight": asked.weight, "period": asked.period, "aggregation": aggregation, "size": size, "decimals": decimals,
        **{one: getattr(asked, one) for one in ("own", "base", "sizes", "fixed", "low", "high", "shares")},
    }  # fmt: skip
    return Asked(**full), base_year


def _decimals(value: float) -> int:
    text = f"{value:.{MOST_GUESSED}f}".rstrip("0")
    return len(text.partition(".")[2])


# ---- weights, bases, borders


def _weights(
    observed: Observed, asked: Asked, places: Iterable[str], shares: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, float], str]:
    """The weight of each place that has one, and of which period it is."""
    if asked.method == GROWTH:
        return {}, ""
    if asked.weight == EQUAL:
        return {**dict.fromkeys(places, 1.0), **asked.own}, ""
    if asked.weight == OWN:
        return dict(asked.own), ""
    if asked.weight not in observed.store.indicator_ids:
        raise DecompositionError("decomposition.unknown", value=asked.weight[:60], what="indicator")
    found, period = _values(observed, asked.weight, asked.level, asked.period, shares)
    return {**found, **asked.own}, period


def _values(
    observed: Observed, indicator: str, level: str, period: str, shares: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, float], str]:
    """The values of an indicator at a level: computed, or observed in a period; zones from townships if need be."""
    store = observed.store
    if indicator not in store.indicator_ids:
        return {}, ""
    if period:
        Period.of(period)
    own = {str(row["place"]): plain(row["value"]) for row in observations(store, indicator, level)
           if row["role"] == "computed"}  # fmt: skip
    known = {place: float(value) for place, value in own.items() if value is not None}
    if known:
        return known, ""
    places = set(places_of(store, level))
    codes = [period] if period else [
        one for one in reversed(observed.periods(indicator).get((indicator, "observed"), [])) if len(one) == 4
    ]  # fmt: skip
    for code in codes:
        seen = observed.overlay(indicator, code)
        if there := {place: one.value for place, one in seen.items() if place in places}:
            return there, code
        townships = {place: one.value for place, one in seen.items() if place.startswith("township/")}
        record = next(one for one in rows_of(store.edition.indicators) if one["id"] == indicator)
        if level == "zone" and townships and record.get("aggregation") == SUM:
            return _raised(store, townships, shares), code
    return {}, ""


def _raised(
    store: Store, townships: Mapping[str, float], shares: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """What townships come to by zone; a zone of which a township has no value, or no share, has none."""
    found: dict[str, float] = {}
    for zone in places_of(store, "zone"):
        within = _within(store, zone)
        if within and all(one in townships and zone in shares.get(one, {}) for one in within):
            found[zone] = math.fsum(townships[one] * shares[one][zone] for one in within)
    return found


def _bases(
    observed: Observed, indicator: str, places: Sequence[str], year: int, shares: Mapping[str, Mapping[str, float]],
    level: str, aggregation: str,
) -> dict[str, float]:  # fmt: skip
    """The value of each place in the base year: entered as its base, or observed then."""
    found = {place: one.value for place, one in observed.overlay(indicator, str(year)).items()}
    entered = observed.overlay(indicator, str(year), "baseline")
    found |= {place: one.value for place, one in entered.items() if not one.scope}
    known = {place: value for place, value in found.items() if place in places}
    if level == "zone" and not known and aggregation == SUM:
        return _raised(observed.store, found, shares)
    return known


def _within(store: Store, zone: str) -> list[str]:
    """The townships that lie in a zone, wholly or in part."""
    slug = zone.partition("/")[2]
    found = []
    for township in places_of(store, "township"):
        layer, row = store.index[township]
        if slug in listed(store.frame(layer)["zone"].iloc[row]):
            found.append(township)
    return found


def _shares(store: Store, asked: Asked) -> dict[str, dict[str, float]]:
    """Which part of each township lies in each of its zones: 1, a stated one, or that of its area."""
    areas: dict[tuple[str, str], float] = {}
    for layer in store.layers:
        frame = store.frame(layer)
        for cells in rows_of(frame.loc[frame["kind"] == "zone_part", ["zone", "township", "area_km2"]]):
            area = plain(cells["area_km2"])
            for zone in listed(cells["zone"]):
                for township in listed(cells["township"]):
                    key = f"township/{township}", f"zone/{zone}"
                    areas[key] = areas.get(key, 0.0) + float(area or 0)
    found: dict[str, dict[str, float]] = {}
    for township in places_of(store, "township"):
        layer, row = store.index[township]
        zones = [f"zone/{one}" for one in listed(store.frame(layer)["zone"].iloc[row])]
        if township in asked.shares:
            found[township] = {zone: float(share) for zone, share in asked.shares[township].items()}
        elif len(zones) == 1:
            found[township] = {zones[0]: 1.0}
        elif zones and all(areas.get((township, zone)) for zone in zones):
            total = math.fsum(areas[township, zone] for zone in zones)
            found[township] = {zone: areas[township, zone] / total for zone in zones}
    return found


def _zone_sums(
    store: Store, rows: Sequence[Row], asked: Asked, shares: Mapping[str, Mapping[str, float]]
) -> dict[str, float | None]:
    """What the townships' values come to in each zone, a split one by its share; sums add up as they are printed."""
    values = {row.place: row for row in rows}
    found: dict[str, Fraction | None] = {}
    for zone in places_of(store, "zone"):
        within = [one for one in values if zone in shares.get(one, {})]
        told = bool(within) and all(one in shares for one in _within(store, zone))
        parts = [(Fraction(repr(values[one].value)), Fraction(repr(shares[one][zone]))) for one in within]
        if asked.aggregation == SUM:
            found[zone] = sum((value * share for value, share in parts), Fraction(0)) if told else None
            continue
        sizes = [Fraction(repr(values[one].size or 1.0)) for one in within]
        weight = sum((size * part[1] for size, part in zip(sizes, parts, strict=True)), Fraction(0))
        whole = sum((size * part[0] * part[1] for size, part in zip(sizes, parts, strict=True)), Fraction(0))
        found[zone] = whole / weight if told and weight else None
    known, decimals = {zone: one for zone, one in found.items() if one is not None}, asked.decimals or 0
    whole = sum((Fraction(repr(row.value)) for row in rows), Fraction(0))
    exact = [Exact(one) for one in known.values()]
    # Shares are printed with a few digits, so they come to the whole but for a hair.
    if asked.aggregation == SUM and abs(sum((one.value for one in exact), Fraction(0)) - whole) * 10**decimals < _HAIR:
        printed = rounded(exact, whole, decimals) or []
    else:
        printed = [half_up(one, decimals) for one in known.values()]
    shown = dict(zip(known, map(float, printed), strict=True))
    return {zone: shown.get(zone) for zone in found}


def _named(store: Store, error: DecompositionError) -> DecompositionError:
    """The same with a place's name in place of its id."""
    place = error.params.get("place")
    named = dict(zip(("place", "place_en"), store.name_of(str(place)), strict=True)) if place in store.index else {}
    return DecompositionError(error.key, **{**error.params, **named})
