"""The plan's own figures as records: numeric targets, the review of the last period, and claims to be checked.

``targets.toml`` holds every numeric target of the running text and the boxes, ``review.toml`` the table of the last
period's results, ``claims.toml`` the figures that geometry or a count can check (``layers.measure.claims``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from layers.folder.reading import Faults, Record
from layers.folder.records import read_cites, read_names
from layers.model.errors import Origin
from layers.model.figures import (
    CAUSES,
    COMPARATORS,
    MEASURES,
    OPERATIONS,
    TESTS,
    Claim,
    Reading,
    Review,
    Target,
    listed,
)

_FILTERS = ("status", "cites", "ids", "inside", "shared", "whole")
_OPERANDS = {
    "share_in": 1, "sum_of": 1, "rest_of": 2, "ratio_of": 2, "growth_of": 1, "value_of": 1, "items_of": 1,
    "names_of": 1,
}  # fmt: skip
"""How many names an operation needs at least; ``ratio_of`` just as many."""
_YEARS = {"low": 1949, "high": 2100}


def target(raw: Any, origin: Origin, faults: Faults, outline: Mapping[str, int]) -> Target | None:
    """A ``[[target]]``."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    value, low, high = (record.number(part) for part in ("value", "low", "high"))
    if value is None and low is None and not record.has("text"):
        record.fault("value", "indicator.no_value")
    _range(record, low, high)
    words: dict[str, Any] = {"value": value, "low": low, "high": high}
    words |= {name: record.text(name) for name in ("text", "text_en", "domain_en", "place")}
    words |= {name: record.text(name, required=True) for name in ("unit", "domain")}
    words["unit_en"] = record.english("unit")
    words["comparator"] = record.text("comparator", choices=COMPARATORS)
    words["measure"] = record.text("measure", choices=MEASURES) or "level"
    words["year"] = record.integer("year", required=True, **_YEARS)
    words["base_year"] = record.integer("base_year", low=1949, high=2100) if record.has("base_year") else None
    words["cites"], words["lead_units"] = _cited(record, outline), record.texts("lead_units")
    words |= {name: record.text(name, note=True) for name in ("note", "note_en")}
    _percent(record, words["unit"], words["measure"], (value, low, high))
    return Target(*names, origin, **words) if record.finish() else None


def review(raw: Any, origin: Origin, faults: Faults, outline: Mapping[str, int]) -> Review | None:
    """A ``[[review]]``: base, goal and result of one indicator of the last period."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    words: dict[str, Any] = {name: record.text(name, required=True) for name in ("unit",)}
    words["unit_en"] = record.english("unit")
    words["property"] = record.text("property", required=True, choices=("expected", "binding"))
    words |= {name: record.integer(name, required=True, **_YEARS) for name in ("base_year", "result_year")}
    words |= {name: record.number(name) for name in ("base", "goal", "goal_growth", "result", "result_growth")}
    words |= {name: record.text(name) for name in ("goal_text", "result_text")}
    words["goal_comparator"] = record.text("goal_comparator", choices=COMPARATORS)
    words["stated_met"] = record.text("stated_met", choices=("met", "missed"))
    words["cumulative"] = record.flag("cumulative")
    words["better"] = record.text("better", choices=("higher", "lower"))
    words["cites"] = _cited(record, outline)
    words |= {name: record.text(name, note=True) for name in ("note", "note_en")}
    return Review(*names, origin, **words) if record.finish() else None


def claim(raw: Any, origin: Origin, faults: Faults, outline: Mapping[str, int]) -> Claim | None:
    """A ``[[claim]]`` with its ``measure`` or ``[[claim.reading]]`` and its ``tolerance`` table."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    words: dict[str, Any] = {name: record.text(name, required=True) for name in ("unit",)}
    words["unit_en"] = record.english("unit")
    low, high = (record.number(part) for part in ("low", "high"))
    _range(record, low, high)
    words |= {"value": record.number("value", required=low is None), "low": low, "high": high}
    words["comparator"] = record.text("comparator", choices=COMPARATORS)
    words["test"] = record.text("test", choices=TESTS) or _TEST_OF.get(words["comparator"], words["comparator"])
    words["self_check"] = record.flag("self_check")
    words["decimals"] = record.integer("decimals", low=0, high=6, default=1)
    words["cites"] = _cited(record, outline)
    words["readings"] = readings = _readings(record)
    words |= _tolerance(record, unchecked=all("none" in one.measure for one in readings))
    words |= {name: record.text(name, note=True) for name in ("note", "note_en")}
    words["because"] = _because(record, readings, words["note"])
    if not record.finish():
        return None
    return Claim(*names, origin, **words)


_TEST_OF = {"": "=", "~": "="}
"""The test that follows from the plan's comparator where the record names no other."""


def _range(record: Record, low: float | None, high: float | None) -> None:
    """Both ends of a range, in their order."""
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        record.fault("low", "indicator.range")


def _because(record: Record, readings: Collection[Reading], note: str) -> str:
    """The cause that excuses what does not fit: one that its operations can have, explained in the note."""
    cause = record.text("because", choices=tuple(CAUSES))
    allowed = CAUSES.get(cause)
    wrong = [one.operation for one in readings if allowed is not None and one.operation not in allowed]
    if wrong:
        record.fault("because", "claim.because", cause=cause, operation=wrong[0], choices="、".join(allowed or ()))
    if cause and not note:
        record.fault("note", "field.missing", name="note")
    return cause


def _readings(record: Record) -> tuple[Reading, ...]:
    """The ``measure`` table as the one reading, or several ``[[claim.reading]]`` with a name each."""
    raw = record.tables("reading")
    if not raw:
        return (Reading("", "", _measure(record)),)
    if record.has("measure"):
        record.fault("measure", "claim.measure_and_readings")
        record.table("measure")
    found = []
    for one in raw:
        inner = Record(one, record.origin, record.faults)
        name, name_en = inner.text("name", required=True), inner.text("name_en")
        found.append(Reading(name, name_en or name, _measure(inner)))
        record.bad |= not inner.finish()
    if len(found) < 2:
        record.fault("reading", "claim.one_reading")
    return tuple(found)


def _cited(record: Record, outline: Mapping[str, int]) -> tuple[str, ...]:
    """Citations, of which there is at least one."""
    before = len(record.faults.problems)
    cites = read_cites(record, outline)
    if not cites and len(record.faults.problems) == before:
        record.fault("cites", "feature.no_citation", kind=record.origin.file.removesuffix(".toml"))
    return cites


def _percent(record: Record, unit: str, measure: str, numbers: Collection[float | None]) -> None:
    """Shares lie between 0 and 100 per cent; growth need not."""
    for number in numbers:
        if number is not None and unit == "%" and measure != "growth" and not 0 <= number <= 100:
            record.fault("value", "indicator.percent", value=number)
        elif number is not None and number < 0 and measure != "growth":
            record.fault("value", "indicator.negative", value=number, unit=unit)


def _measure(record: Record) -> Mapping[str, Any]:
    """The ``measure`` table: one operation, known filters, each of the right type."""
    table = record.table("measure", required=True) or {}
    found = [name for name in OPERATIONS if name in table]
    if len(found) != 1:
        record.fault("measure", "claim.operation", found="、".join(found) or "—", choices="、".join(OPERATIONS))
        return {"none": ""}
    for name, value in table.items():
        if name not in (*OPERATIONS, *_FILTERS, "role"):
            record.fault(f"measure.{name}", "field.unknown", name=name)
        elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
            record.fault(f"measure.{name}", "field.type", expected="text", found="list")
        elif not isinstance(value, bool if name == "whole" else str | list):
            expected = "boolean" if name == "whole" else "text"
            record.fault(f"measure.{name}", "field.type", expected=expected, found=type(value).__name__)
    names = table[found[0]]
    count = len(names) if isinstance(names, list) else int(names != "")
    least = _OPERANDS.get(found[0], 0)
    if count < least or (found[0] == "ratio_of" and count > least):
        record.fault(f"measure.{found[0]}", "claim.operands", operation=found[0], count=least)
    if found[0] == "names_of":
        counted = [name.strip() for name in listed(names)]
        for name in [name for name in counted if not name or counted.count(name) > 1][:1]:
            record.fault("measure.names_of", "claim.twice", name=name)
    return table


def _tolerance(record: Record, *, unchecked: bool) -> dict[str, Any]:
    """The ``tolerance`` table: ``absolute`` or ``percent``, and the reason for it."""
    inner = record.record("tolerance")
    if inner is None:
        if not unchecked:
            record.fault("tolerance", "field.missing", name="tolerance")
        return {"tolerance": 0.0, "percent": False, "reason": "", "reason_en": ""}
    absolute, percent = inner.number("absolute", low=0.0), inner.number("percent", low=0.0, high=100.0)
    if (absolute is None) == (percent is None):
        inner.fault("tolerance", "claim.tolerance")
    reason, reason_en = inner.text("reason", required=True, note=True), inner.text("reason_en", note=True)
    record.bad |= not inner.finish()
    size = absolute if absolute is not None else (percent or 0.0)
    return {"tolerance": size, "percent": percent is not None, "reason": reason, "reason_en": reason_en}
