"""The course of every indicator at every place that has values: what pages, API, map and tables show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from layers.edition.observations import Observed, Seen, level_of
from layers.edition.observations import records as rows_of
from layers.edition.store import Store, plain
from layers.measure.course import Course, Goal, Point, Rules, Task, expected, judge
from layers.model.plan import DISTRICT
from layers.model.tables import split


@dataclass(frozen=True)
class Result:
    """An indicator at a place.

    Attributes:
        indicator: Its record in the edition.
        place: Id of the place; ``level`` is its level.
        task: What it was judged by.
        points: Its observed values, one a year.
        course: What was found.
        goal_text: The target's words, where it has no number.
        sources: Where the judged value comes from.
    """

    indicator: Mapping[str, Any]
    place: str
    level: str
    task: Task
    points: tuple[Point, ...]
    course: Course
    goal_text: tuple[str, str] = ("", "")
    source: str = ""

    @property
    def id(self) -> str:
        """Id of the indicator."""
        return str(self.indicator["id"])

    def path(self) -> list[tuple[int, float]]:
        """Where the value should be in each year from base to target; nothing where base or target is missing."""
        course = self.course
        if course.base is None or course.bound is None or course.base_year is None or course.goal_year is None:
            return []
        base = Point(course.base_year, course.base)
        years = range(course.base_year, max(course.base_year, course.goal_year) + 1)
        return [(year, expected(base, course.bound, course.goal_year, year, course.path)) for year in years]

    def as_dict(self, store: Store) -> dict[str, Any]:
        """For programs: every field of the course, with names."""
        name, name_en = store.name_of(self.place)
        about = {key: self.indicator[key] for key in ("id", "name", "name_en", "unit", "unit_en", "property", "better")}
        course = asdict(self.course)
        course["parts"] = [{"scope": scope, "from": first, "to": last} for scope, first, last in self.course.parts]
        return {
            "indicator": about | {"cites": split(self.indicator.get("cites"))},
            "place": self.place, "level": self.level, "name": name, "name_en": name_en,
            "measure": self.task.measure, "target_text": self.goal_text[0], "target_text_en": self.goal_text[1],
            "source": self.source, **course,
        }  # fmt: skip


def rules_of(store: Store) -> Rules:
    """The thresholds of a plan."""
    return Rules.of(store.plan.get("course", {}))


def results(
    observed: Observed, *, indicator: str | None = None, place: str | None = None, year: int | None = None
) -> list[Result]:
    """The course of every indicator that the plan states: for the district always, elsewhere where there are values.

    Args:
        observed: The values.
        indicator: Of this indicator only.
        place: At this place only.
        year: As it stood in this year; None: by the newest values.
    """
    store = observed.store
    by_cell: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in observed.years(indicator, place):
        by_cell[one.indicator, one.place].append(one)
    frame = store.edition.observations
    stated: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(frame[(frame["period"] == "") & frame["role"].isin(("baseline", "target"))]):
        stated[str(row["indicator"])].append(row)
    rules, found = rules_of(store), []
    for record in _stated_indicators(store, indicator):
        places = {at for which, at in by_cell if which == record["id"]}
        if place is None or place == DISTRICT:
            places |= {DISTRICT} if DISTRICT in store.index else set()
        for at in sorted(places, key=lambda fid: (fid != DISTRICT, store.order(fid))):
            own = stated[str(record["id"])] if at == DISTRICT else []
            seen = by_cell.get((str(record["id"]), at), [])
            found.append(_result(store, record, at, own, seen, rules, year))
    return found


def _stated_indicators(store: Store, only: str | None) -> Iterable[dict[str, Any]]:
    for row in rows_of(store.edition.indicators):
        if row["origin"] == "stated" and only in (None, row["id"]):
            yield {key: plain(value) if plain(value) is not None else "" for key, value in row.items()}


def _result(
    store: Store, record: Mapping[str, Any], place: str, stated: Sequence[Mapping[str, Any]], seen: Sequence[Seen],
    rules: Rules, year: int | None,
) -> Result:  # fmt: skip
    base_year = int(record["baseline_year"] or store.plan.get("base_year", 0))
    goal_year = int(record["target_year"] or store.plan.get("target_year", 0))
    bases: dict[str, Point] = {}
    goals: dict[str, Goal] = {}
    words = ("", "")
    for row in stated:
        value, when = plain(row["value"]), int(row["year"])
        if row["role"] == "baseline" and value is not None:
            bases[""] = Point(when, float(value))
        if row["role"] == "target":
            low, high = plain(row["low"]), plain(row["high"])
            goals[""] = Goal(when, value, low, high, str(row["comparator"] or ""))
            words = (str(row["text"] or ""), str(row["text_en"] or ""))
    for one in seen:  # what was entered is known better than what was printed
        if one.role == "baseline":
            bases[one.scope] = Point(int(one.period), one.value, one.scope)
        if one.role == "target":
            goals[one.scope] = Goal(int(one.period), one.value, comparator=_sign(goals.get("")))
    points = tuple(Point(int(one.period), one.value, one.scope) for one in seen if one.role == "observed")
    if not goals:
        goals = {"": Goal(goal_year)}
    task = Task(
        str(record["better"]), record["property"] == "binding", str(record["measure"] or "level"),
        str(record["path"]), list(bases.values()), goals, int(store.plan.get("base_year", base_year)),
    )  # fmt: skip
    course = judge(task, points, rules, year)
    source = next((one.source for one in seen if one.role == "observed" and one.period == str(course.year)), "")
    return Result(record, place, level_of(store, place), task, points, course, words, source)


def _sign(goal: Goal | None) -> str:
    return goal.comparator if goal is not None else ""
