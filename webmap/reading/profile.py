"""The profile of a zone or township: facts, indicators with course, features, claims on two pages of A4."""

from __future__ import annotations

from collections.abc import Sequence

from layers import words
from layers.edition.inventory import Entry
from layers.edition.observations import Observed
from layers.progress.results import Result, results
from webmap.reading.pages import place_values
from webmap.reading.progress import SYMBOLS
from webmap.reading.rows import Rows, Values, sources_of

MOST_COMPUTED, MOST_COURSES = 24, 22
"""Rows that the first page has room for; ``MOST_KINDS``, ``MOST_TARGETS``, ``MOST_CLAIMS`` are of the second."""
MOST_KINDS, MOST_NAMES, MOST_TARGETS, MOST_CLAIMS = 18, 3, 8, 8
_TAKEN = ("level", "level_name", "place", "alt", "measure", "count", "locator", "notes", "map_url")


def profile_values(rows: Rows, observed: Observed, level: str, place: Entry) -> Values:
    """Values for profile.html.

    Args:
        rows: Words and addresses.
        observed: The values.
        level: ``zone`` or ``township``.
        place: The place.
    """
    made = place_values(rows, level, place)
    courses = [_course(rows, one) for one in results(observed, place=place.id)]
    computed = [{**row, "domain": block["domain"]} for block in made["indicators"] for row in block["rows"]]
    kinds = [_kind(kind) for group in made["groups"] for kind in group["kinds"]]
    targets, claims = made["figures"]["targets"], made["figures"]["claims"]
    full = rows.url(level, place.id.partition("/")[2])
    return {
        **{name: made[name] for name in _TAKEN},
        "code": place.text("code"),
        "members": _members(rows, level, place),
        "basis": _basis(rows, place),
        "sources": [one["title"] for one in sources_of(place, rows)],
        "computed": computed[:MOST_COMPUTED], "computed_left": max(0, len(computed) - MOST_COMPUTED),
        "courses": courses[:MOST_COURSES], "courses_left": max(0, len(courses) - MOST_COURSES),
        "kinds": kinds[:MOST_KINDS], "kinds_left": max(0, len(kinds) - MOST_KINDS),
        "targets": targets[:MOST_TARGETS], "targets_left": max(0, len(targets) - MOST_TARGETS),
        "claims": claims[:MOST_CLAIMS], "claims_left": max(0, len(claims) - MOST_CLAIMS),
        "full_url": full,
        "progress_url": rows.url("progress", place=place.id),
        "edition_hash": rows.store.hash[:12],
    }  # fmt: skip


def _course(rows: Rows, one: Result) -> Values:
    """An indicator as a row: base, newest value, target, course."""
    course = one.course

    def printed(value: float | None) -> str:
        return words.NONE if value is None else words.number(float(f"{value:.10g}"))

    before = next((point for point in reversed(one.points) if course.year and point.year < course.year), None)
    percent = None if course.progress is None else round(course.progress * 100)
    return {
        "id": one.id, "name": words.name(one.indicator, rows.lang), "unit": words.unit(one.indicator, rows.lang),
        "base": printed(course.base), "base_year": course.base_year or "",
        "before": printed(before.value) if before else "", "before_year": before.year if before else "",
        "observed": printed(course.observed), "year": course.year or "",
        "goal": printed(course.bound), "goal_year": course.goal_year or "",
        "percent": words.NONE if percent is None else f"{words.number(percent)}%",
        "state": course.state, "symbol": SYMBOLS[course.state], "word": rows.t(f"course.{course.state}"),
    }  # fmt: skip


def _kind(kind: Values) -> Values:
    """A kind with its first names; the others are counted."""
    named = [{"name": row["name"], "url": row["url"]} for row in kind["rows"][:MOST_NAMES]]
    return {
        "name": kind["name"],
        "count": len(kind["rows"]),
        "rows": named,
        "left": max(0, len(kind["rows"]) - MOST_NAMES),
    }


def _members(rows: Rows, level: str, place: Entry) -> Sequence[Values]:
    """The townships of a zone, or the zones of a township."""
    if level == "township":
        return rows.places("zone", place.zones)
    slug = place.id.partition("/")[2]
    inside = [one for one in rows.inventory.places("township") if slug in one.zones]
    return rows.places("township", [one.id.partition("/")[2] for one in inside])


def _basis(rows: Rows, place: Entry) -> str:
    """How sure the outline is, in a line."""
    shown = rows.row(place)
    return " ".join(part for part in (shown["basis"], shown["accuracy"]) if part)
