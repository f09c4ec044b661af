"""Values that a plan folder ships, ``observed.csv``, and by which thresholds they are judged, ``[course]``."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from layers.folder.reading import Faults, Record, did_you_mean, read_csv, text_fault
from layers.model.errors import LayersError, Origin
from layers.model.period import Period
from layers.model.plan import ComputedIndicator, Indicator, Observed
from layers.model.tables import LARGEST, PATHS

COLUMNS = ("indicator", "place", "role", "period", "value", "unit", "source", "note", "scope")
REQUIRED = ("indicator", "place", "period", "value")
ROLES = ("observed", "target", "baseline")
THRESHOLDS = ("ahead", "on", "behind", "nearly", "keep", "about")
"""What ``[course]`` may state, see ``layers.measure.course.Rules``."""


def read(
    path: Path,
    indicators: Iterable[Indicator | ComputedIndicator],
    named: Mapping[str, Collection[str]],
    faults: Faults,
) -> tuple[Observed, ...]:
    """Read ``observed.csv``, which a folder need not have.

    Args:
        path: The file.
        indicators: Those that are sound.
        named: Ids of all records, ``feature`` and ``indicator`` among them; one that is not sound has its own problem.
        faults: Takes the problems of every row.

    Returns:
        The sound rows; of each cell one.
    """
    if not path.is_file():
        return ()
    by_id = {one.id: one for one in indicators}
    found: dict[tuple[str, ...], Observed] = {}
    for line, row in read_csv(path, path.name, COLUMNS, REQUIRED, faults):
        origin = Origin(path.name, f"{row['indicator']} {row['place']}".strip(), line)
        one = _observed(row, origin, by_id, named, faults)
        if one is None:
            continue
        cell = (one.indicator, one.place, one.role, one.period)
        if cell in found:
            faults.add(origin, "period", "observed.twice", value=" ".join(cell), other=found[cell].origin.line)
        found.setdefault(cell, one)
    return tuple(found.values())


def course(record: Record) -> dict[str, Any]:
    """The ``[course]`` table of ``plan.toml``: thresholds, the usual path, and whose they are."""
    inner = record.record("course")
    if inner is None:
        return {}
    found: dict[str, Any] = {}
    for name in THRESHOLDS:
        if inner.has(name):
            found[name] = inner.number(name, low=0.0, high=10.0)
    for name in ("source", "source_en"):
        found[name] = inner.text(name, note=True)
    found["path"] = inner.text("path", choices=PATHS)
    order = [found.get("behind", 0.6), found.get("on", 0.95), found.get("ahead", 1.05)]
    if None not in order and sorted(order) != order:
        inner.fault("ahead", "observed.thresholds")
    record.bad |= not inner.finish()
    return {name: value for name, value in found.items() if value not in (None, "")}


def _observed(
    row: dict[str, str],
    origin: Origin,
    indicators: dict[str, Indicator | ComputedIndicator],
    named: Mapping[str, Collection[str]],
    faults: Faults,
) -> Observed | None:
    before = len(faults.problems)
    for name in ("source", "note", "scope"):
        if wrong := text_fault(row[name], 2000):
            faults.add(origin, name, wrong[0], **wrong[1])
    known, places = indicators.get(row["indicator"]), named.get("feature", ())
    if known is None and row["indicator"] in named.get("indicator", ()):
        return None
    if known is None:
        guess = did_you_mean(row["indicator"], indicators)
        faults.add(origin, "indicator", "observed.unknown_indicator", value=row["indicator"], guess=guess)
    elif row["unit"] and row["unit"] != known.unit:
        faults.add(origin, "unit", "observed.unit", value=row["unit"], unit=known.unit)
    if row["place"] not in places:
        guess = did_you_mean(row["place"], places)
        faults.add(origin, "place", "reference.unknown", reference=row["place"], guess=guess)
    role = row["role"] or ROLES[0]
    if role not in ROLES:
        faults.add(origin, "role", "ledger.role", value=role, choices="、".join(ROLES))
    try:
        Period.of(row["period"])
    except LayersError as error:
        faults.add(origin, "period", error.key, **error.params)
    value = _number(row["value"])
    if value is None:
        faults.add(origin, "value", "field.number", value=row["value"][:40])
    if len(faults.problems) > before or value is None:
        return None
    return Observed(
        row["indicator"], row["place"], role, row["period"], value, row["source"], row["note"], row["scope"], origin
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST else None
