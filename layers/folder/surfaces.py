"""``surfaces.toml``: accessibility surfaces, the side of their cells, and the people who live there."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from typing import Any

from layers.folder.reading import Faults, Record, did_you_mean
from layers.folder.records import read_cites, read_names
from layers.model.citations import Clauses
from layers.model.errors import WARNING, Origin
from layers.model.plan import TOWNSHIP, Feature
from layers.model.surfaces import CELL_M, DETOUR, FILE, METRES, Population, Surface, Surfaces

TABLE = "surface"
_SUFFIXES = (".tif", ".tiff")
_MOST_SURFACES, _MOST_LIMITS = 40, 8
_CELL_RANGE, _LIMIT_RANGE = (1.0, 5000.0), (1.0, 500_000.0)
_CELLS_A_BAND = 4
"""A first band narrower than so many cells is coarse."""


def head(tree: Mapping[str, Any], faults: Faults, features: Collection[Feature], indicators: Collection[str]) -> Any:
    """What stands before the surfaces: ``cell_m`` and ``[population]``.

    Args:
        tree: The file.
        faults: Takes the problems.
        features: Those of the plan that are sound.
        indicators: Ids of the plan's indicators.

    Returns:
        Side of a cell in metres, and the people or None.
    """
    record = Record(dict(tree), Origin(FILE), faults)
    cell = record.number("cell_m", low=_CELL_RANGE[0], high=_CELL_RANGE[1])
    record.tables(TABLE)
    inner = record.record("population")
    people = None if inner is None else _population(inner, features, indicators)
    record.finish()
    return (CELL_M if cell is None else cell), people


def surface(
    raw: Any, origin: Origin, faults: Faults, outline: Clauses, kinds: Collection[str], statuses: Collection[str],
    features: Collection[str], cell_m: float,
) -> Surface | None:  # fmt: skip
    """A ``[[surface]]``, or None with its faults noted."""
    record = Record(raw, origin, faults)
    names = read_names(record)
    words: dict[str, Any] = {
        "kinds": record.texts("kinds", known=kinds, unknown="kind.unknown", one=True),
        "status": record.texts("status", known=statuses, one=True) if record.has("status") else (),
        "ids": record.texts("ids", known=features, unknown="surface.id_unknown", one=True),
        "speed_kmh": record.number("speed_kmh", low=0.5, high=500.0),
        "detour": record.number("detour", low=1.0, high=10.0) or DETOUR,
        "cites": read_cites(record, outline),
    }
    words |= {name: record.text(name, note=True) for name in ("assumption", "assumption_en", "note", "note_en")}
    words["limits"] = _limits(record, words["speed_kmh"])
    if not words["kinds"] and not words["ids"] and not record.bad:
        record.fault("kinds", "surface.no_sources", surface=names[0])
    if words["speed_kmh"] is not None and not words["assumption"]:
        record.fault("assumption", "surface.no_assumption")
    if words["assumption"] and not words["assumption_en"]:
        faults.add(origin, "assumption_en", "field.no_english", severity=WARNING, name=words["assumption"][:40])
        words["assumption_en"] = words["assumption"]
    if record.has("detour") and words["speed_kmh"] is None:
        record.fault("detour", "surface.detour_alone")
    if not record.finish():
        return None
    found = Surface(*names, origin, **words)
    first = found.metres(found.limits[0])
    if first < _CELLS_A_BAND * cell_m:
        unit = "m" if found.unit == METRES else "min"
        faults.add(origin, f"within_{unit}", "surface.coarse", severity=WARNING, metres=round(first), cell_m=cell_m)
    return found


def _limits(record: Record, speed: float | None) -> tuple[float, ...]:
    """Where the bands end: rising numbers, in metres, or in minutes where there is a speed."""
    name, other = ("within_m", "within_min") if speed is None else ("within_min", "within_m")
    if record.has(other):
        record.any(other)
        record.fault(other, "surface.limits_of_speed", wanted=name)
        return ()
    written = record.any(name)
    if written is None:
        record.fault(name, "field.missing", name=name)
        return ()
    rows = written if isinstance(written, list) else [written]
    sound = [
        one for one in rows
        if isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)
        and (_LIMIT_RANGE[0] if speed is None else 0.1) <= one <= _LIMIT_RANGE[1]
    ]  # fmt: skip
    if len(sound) != len(rows) or not 0 < len(rows) <= _MOST_LIMITS or any(a >= b for a, b in pairwise(sound)):
        record.fault(name, "surface.limits", most=_MOST_LIMITS)
        return ()
    return tuple(float(one) for one in sound)


def _population(record: Record, features: Collection[Feature], indicators: Collection[str]) -> Population | None:
    """``[population]``: exactly one of values, indicator and raster."""
    given = [name for name in ("values", "indicator", "raster") if record.has(name)]
    if len(given) != 1:
        record.fault("values", "surface.population_one")
    values: dict[str, float] = {}
    townships = [one.id for one in features if one.kind == TOWNSHIP]
    for name, value in (record.table("values") or {}).items():
        if name not in townships:
            guess = did_you_mean(name, townships)
            record.fault("values", "reference.unknown", reference=name[:60], guess=guess)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            record.fault("values", "surface.people", place=name)
        else:
            values[name] = float(value)
    indicator = record.text("indicator")
    if indicator and indicator not in indicators:
        guess = did_you_mean(indicator, indicators)
        record.fault("indicator", "field.choice", value=indicator, choices="、".join([*indicators][:30]), guess=guess)
    raster = record.text("raster")
    if raster and ("/" in raster or "\\" in raster or not raster.lower().endswith(_SUFFIXES)):
        record.fault("raster", "surface.raster_name", value=raster)
    year = record.integer("year", low=1949, high=2100)
    notes = {name: record.text(name, note=True) for name in ("note", "note_en")}
    return Population(values, indicator, raster, year, **notes) if record.finish() else None


def read(  # noqa: PLR0913 - what its records refer to
    tree: Mapping[str, Any] | None, each: Callable[[Callable[..., Any]], Collection[Any]], faults: Faults, *,
    outline: Clauses, kinds: Collection[str], statuses: Collection[str], features: Collection[Feature],
    named: Collection[str], indicators: Collection[str],
) -> Surfaces:  # fmt: skip
    """All of ``surfaces.toml``.

    Args:
        tree: The file; None where it cannot be read.
        each: Reads its ``[[surface]]`` records with a reader.
        faults: Takes the problems.
        outline: The plan's clauses.
        kinds: Ids of kinds.
        statuses: Ids of statuses.
        features: Sound features.
        named: Ids of all features, sound or not.
        indicators: Ids of indicators.
    """
    if tree is None:
        return Surfaces()
    cell_m, people = head(tree, faults, features, indicators)
    found = tuple(each(lambda raw, at, noted: surface(raw, at, noted, outline, kinds, statuses, named, cell_m)))
    if len(found) > _MOST_SURFACES:
        faults.add(Origin(FILE), "", "surface.too_many", most=_MOST_SURFACES)
    return Surfaces(cell_m, found[:_MOST_SURFACES], people)
