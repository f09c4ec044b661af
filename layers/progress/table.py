"""The course of all indicators as a table: what the final evaluation of a plan lists, with verdicts and clauses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo import files
from layers import words
from layers.edition.formats.tables import xlsx_file
from layers.edition.notice import notice
from layers.edition.store import Store
from layers.model.errors import word
from layers.model.tables import split
from layers.progress.results import Result


def rows(store: Store, found: Sequence[Result], lang: str) -> list[dict[str, Any]]:
    """A row for each indicator and place, headed in words; numbers are numbers, what is not known is empty.

    Args:
        store: The edition.
        found: The results.
        lang: ``zh`` or ``en``.
    """
    table = []
    for one in found:
        course, record = one.course, one.indicator
        name, name_en = store.name_of(one.place)
        goal = _goal(one, lang)
        cells = {
            "id": one.id,
            "name": words.name(record, lang),
            "unit": words.unit(record, lang),
            "property": _code("property", record["property"], lang),
            "cites": "；".join(split(record.get("cites"))),
            "place": name_en if lang == "en" else name,
            "base_year": course.base_year,
            "base": course.base,
            "goal_year": course.goal_year,
            "goal": goal,
            "measure": _code("measure", one.task.measure, lang),
            "year": course.year,
            "observed": _tidy(course.observed),
            "expected": _tidy(course.expected),
            "progress": None if course.progress is None else round(course.progress * 100, 1),
            "ratio": None if course.ratio is None else round(course.ratio, 3),
            "state": _code("course", course.state, lang),
            "reason": _code("course_reason", course.reason, lang),
            "gap": _tidy(course.gap),
            "trend": _tidy(course.trend),
            "points": course.points or None,
            "final": _code("final", course.final, lang),
            "scope": course.scope,
            "source": one.source,
        }
        table.append({word(f"course.column.{key}", lang): value for key, value in cells.items()})
    return table


def workbook(store: Store, found: Sequence[Result], path: Path, lang: str) -> None:
    """Write the table as XLSX, on its first sheet what it says of itself, its rules and thresholds.

    Args:
        store: The edition.
        found: The results.
        path: The file to write or replace.
        lang: Language of headings and words.
    """
    said = notice(store.edition, {}, lang)
    table = pd.DataFrame(rows(store, found, lang), dtype=object)
    year = int(store.plan.get("as_of") or store.plan.get("target_year") or 2000)
    with files.atomic_path(path) as temporary:
        xlsx_file(temporary, {word("course.sheet", lang): table}, said, word("course.about", lang), year)


def _goal(one: Result, lang: str) -> Any:
    """The target: a number for the spreadsheet, or as it is stated: a range, a comparison, words."""
    goal = one.task.goals.get(one.course.scope) or next(iter(one.task.goals.values()))
    if goal.value is not None and not goal.comparator:
        return goal.value
    text = {} if goal.stated else {"text": one.goal_text[0], "text_en": one.goal_text[1]}
    stated = {"value": goal.value, "low": goal.low, "high": goal.high, "comparator": goal.comparator, **text}
    shown = words.stated(stated, lang)
    return "" if shown == words.NONE else shown


def _code(table: str, value: object, lang: str) -> str:
    return words.CODES.text(f"{table}.{value}", lang) if value else ""


def _tidy(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.10g}")
