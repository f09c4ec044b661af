"""``stories/<id>.toml``: a tour of the plan's map in steps."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from layers.folder.reading import Faults, Record, did_you_mean, read_toml, record_lines, text_fault
from layers.folder.records import read_cites
from layers.model.citations import Clauses
from layers.model.errors import WARNING, Origin
from layers.model.ids import SLUG
from layers.model.plan import TOWNSHIP, ZONE, Plan
from layers.model.prose import unkept
from layers.model.stories import FOLDER, LEAST_STEPS, LEVELS, LONGEST_TEXT, MOST_STEPS, PLACES, Step, Story

_YEARS = (1949, 2100)


def read_all(folder: Path, outline: Clauses, faults: Faults) -> tuple[Story, ...]:
    """Every sound story of a plan folder, in the order of the files' names.

    Args:
        folder: The plan folder.
        outline: The clauses that there are.
        faults: Takes the problems.
    """
    found = (_read(path, outline, faults) for path in sorted((folder / FOLDER).glob("*.toml")))
    return tuple(one for one in found if one is not None)


def _read(path: Path, outline: Clauses, faults: Faults) -> Story | None:
    shown = f"{FOLDER}/{path.name}"
    raw = read_toml(path, shown, faults)
    if raw is None:
        return None
    record = Record(raw, Origin(shown, f"story/{path.stem}"), faults)
    if not SLUG.fullmatch(path.stem):
        record.fault("", "story.id", value=path.stem)
    words = {name: record.text(name, required=name == "title") for name in ("title", "summary")}
    words |= {f"{name}_en": record.english(name) for name in ("title", "summary")}
    rows, lines = record.tables("step"), record_lines(path, "step")
    if not LEAST_STEPS <= len(rows) <= MOST_STEPS:
        record.fault("step", "story.steps", count=len(rows), low=LEAST_STEPS, high=MOST_STEPS)
        rows = rows[:MOST_STEPS]
    steps = []
    for number, one in enumerate(rows, start=1):
        line = lines[number - 1] if len(lines) >= number else None
        step = _step(one, Origin(shown, f"story/{path.stem} step {number}", line), outline, faults)
        record.bad |= step is None
        if step is not None:
            steps.append(step)
    if not record.finish():
        return None
    return Story(path.stem, words["title"], words["title_en"], record.origin, words["summary"], words["summary_en"],
                 tuple(steps))  # fmt: skip


def _step(raw: Any, origin: Origin, outline: Clauses, faults: Faults) -> Step | None:
    record = Record(raw, origin, faults)
    title, title_en = record.text("title", required=True), record.english("title")
    text = _prose(record, "text")
    text_en = _prose(record, "text_en")
    if text and not text_en:
        faults.add(origin, "text_en", "field.no_english", severity=WARNING, name=title or text[:20])
    cites = read_cites(record, outline)
    places = {name: record.text(name) for name in ("zone", "township", "feature")}
    extent = _extent(record)
    if sum(map(record.has, PLACES)) > 1:
        record.fault("extent", "story.two_places", fields="、".join(name for name in PLACES if record.has(name)))
    year = record.integer("year", low=_YEARS[0], high=_YEARS[1])
    indicator, level = record.text("indicator"), record.text("level", choices=LEVELS)
    if (year or level) and not indicator:
        record.fault("indicator", "story.no_indicator")
    view, layers = record.text("view", required=True), record.texts("layers")
    if not record.finish():
        return None
    return Step(title, title_en, text, text_en or text, cites, view, layers, extent=extent, indicator=indicator,
                level=level or LEVELS[0], year=year, origin=origin, **places)  # fmt: skip


def _prose(record: Record, name: str) -> str:
    """A step's words."""
    value = record.any(name)
    if value is None:
        if not name.endswith("_en"):
            record.fault(name, "field.missing", name=name)
        return ""
    if not isinstance(value, str):
        record.fault(name, "story.text")
        return ""
    text = value.strip()
    wrong = text_fault(text, LONGEST_TEXT, lines=True)
    if wrong:
        record.fault(name, wrong[0], **wrong[1])
        return ""
    if not text and not name.endswith("_en"):
        record.fault(name, "field.empty", name=name)
    for what in unkept(text):
        record.fault(name, f"story.{what}")
    return text


def _extent(record: Record) -> tuple[float, ...]:
    """West, south, east, north in degrees; empty where none is stated."""
    if not record.has("extent"):
        return ()
    given = record.tables("extent")
    sound = len(given) == 4 and all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in given
    )
    if not sound or not (-180 <= given[0] < given[2] <= 180 and -85 <= given[1] < given[3] <= 85):
        record.fault("extent", "view.bounds")
        return ()
    return tuple(float(one) for one in given)


# ---- what steps name


def check_stories(plan: Plan, quiet: Collection[str], faults: Faults) -> None:
    """Note every name in a story that leads nowhere.

    Args:
        plan: The plan from all sound records.
        quiet: References to records that are there but not sound, see ``references.check_references``.
        faults: Takes the problems.
    """
    if not plan.stories:
        return
    known = _known(plan)
    for step in (step for story in plan.stories for step in story.steps):
        for field, name, choices, shown in _names(step, known):
            if name not in choices and shown not in quiet:
                faults.add(step.origin, field, f"story.unknown_{field.rstrip('s')}", value=name,
                           guess=did_you_mean(name, choices))  # fmt: skip
        if step.indicator in known["indicator"] and (wrong := _values_fault(plan, step)):
            faults.add(step.origin, *wrong[:2], **wrong[2])


def _known(plan: Plan) -> Mapping[str, Collection[str]]:
    return {
        "view": [one.id for one in plan.views],
        "layers": [one.id for one in plan.layers],
        "zone": [one.slug for one in plan.of_kind(ZONE)],
        "township": [one.slug for one in plan.of_kind(TOWNSHIP)],
        "feature": {one.id for one in plan.features},
        "indicator": {one.id for one in (*plan.indicators, *plan.computed_indicators)},
    }


def _names(step: Step, known: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str, Collection[str], str]]:
    """Field, name, what there is, and how the name is called among unsound records."""
    yield "view", step.view, known["view"], f"view {step.view}"
    for layer in step.layers:
        yield "layers", layer, known["layers"], f"layer {layer}"
    for field, prefix in (("zone", "zone/"), ("township", "township/"), ("feature", ""), ("indicator", "indicator ")):
        name = getattr(step, field)
        if name:
            yield field, name, known[field], f"{prefix}{name}"


def _values_fault(plan: Plan, step: Step) -> tuple[str, str, dict[str, Any]] | None:
    """Field, key and parameters where an indicator has no values at a step's level and year."""
    computed = next((one for one in plan.computed_indicators if one.id == step.indicator), None)
    years = {plan.as_of} if computed is not None and step.level in computed.levels else set()
    years |= {
        int(one.period) for one in plan.observed
        if one.indicator == step.indicator and one.role == "observed" and not one.scope
        and one.place.startswith(f"{step.level}/") and one.period.isdigit()
    }  # fmt: skip
    if not years:
        return "level", "story.no_values", {"value": step.indicator, "level": step.level}
    if step.year and step.year not in years:
        return "year", "story.no_year", {"value": step.indicator, "year": step.year,
                                         "choices": "、".join(map(str, sorted(years)))}  # fmt: skip
    return None
