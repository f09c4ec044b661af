"""The course of an indicator between base and target: where it should be, where it is, and what became of it.

Formulas, with examples worked out by hand, are in ``docs/course.md``. Nothing is guessed: where base, target or a
value is missing, the course cannot be told, and ``reason`` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REACHED, AHEAD, ON, BEHIND, FAR, UNKNOWN = "reached", "ahead", "on", "behind", "far", "unknown"
STATES = (REACHED, AHEAD, ON, BEHIND, FAR, UNKNOWN)
"""已达到, 快于进度, 符合进度, 滞后, 严重滞后, 无法判断."""
DONE, NEARLY, MISSED = "done", "nearly", "missed"
FINALS = (DONE, NEARLY, MISSED)
"""完成, 基本完成, 未完成; what became of it in the target year."""
REASONS = ("no_goal", "no_base", "no_observation", "gap", "scope")
ABOUT = "~"
"""约: the comparator of a target that is not meant to the last digit."""
HIGHER, LOWER, WITHIN = "higher", "lower", "within"
YEARLY = ("total", "new", "per_year", "growth")
"""Measures to which each year contributes; the others are levels."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds, see ``docs/course.md``.

    Attributes:
        ahead: Pace so far in parts of the pace needed, from which it is ahead.
        on: From which it is on course.
        behind: From which it is behind; below, far behind.
        nearly: Progress in the target year from which an expected indicator is nearly fulfilled.
        keep: Shortfall, in parts of the target, up to which what was to be kept is merely behind.
        path: ``linear`` or ``growth``, where the indicator does not say.
        about: How far a value may be from a target that is stated as about (约), in parts of it, to have reached it.
    """

    ahead: float = 1.05
    on: float = 0.95
    behind: float = 0.6
    nearly: float = 0.9
    keep: float = 0.05
    path: str = "linear"
    about: float = 0.01

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Rules:
        """The plan's own, the usual ones where it states none."""
        return cls(**{name: stated[name] for name in cls.__slots__ if name in stated})


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached; a number, a range, or words (then all numbers are None)."""

    year: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    comparator: str = ""

    @property
    def stated(self) -> bool:
        """Whether there is a number."""
        return self.value is not None or self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a year, of a statistical scope (口径); "" is the plan's own."""

    year: int
    value: float
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """An indicator at a place.

    Attributes:
        better: ``higher``, ``lower`` or "".
        binding: 约束性; else 预期性.
        measure: ``level``, ``share``, ``cumulative``, ``total``, ``new``, ``per_year`` or ``growth``.
        path: ``linear``, ``growth`` or "".
        bases: Where it starts, one for each scope.
        goals: What is to be reached, by scope.
        base_year: First year of the plan's period is the one after; for totals and rates without a base.
    """

    better: str
    binding: bool
    measure: str
    path: str
    bases: Sequence[Point]
    goals: Mapping[str, Goal]
    base_year: int


@dataclass(frozen=True, slots=True)
class Course:
    """What can be told.

    Attributes:
        state: One of ``STATES``; ``reason`` says why it is unknown, one of ``REASONS``.
        year: Of the value that was judged, or None.
        observed: That value: the newest level, the sum so far, or the mean rate so far.
        bound: The number to be reached; of a range its nearer end.
        expected: Where it should be in ``year``.
        progress: Part of the way from base to target; may be negative or more than 1.
        ratio: Pace so far in parts of the pace needed.
        gap: What is missing to the target, in the indicator's unit; 0 when it is met.
        trend: Where the straight line through ``points`` values lies in the target year, or None.
        final: One of ``FINALS`` once the target year has a value, else "".
        parts: The years of each scope, in their order, when there is more than one.
    """

    state: str
    reason: str = ""
    year: int | None = None
    observed: float | None = None
    base: float | None = None
    base_year: int | None = None
    bound: float | None = None
    goal_year: int | None = None
    direction: str = ""
    path: str = ""
    expected: float | None = None
    progress: float | None = None
    ratio: float | None = None
    gap: float | None = None
    trend: float | None = None
    points: int = 0
    final: str = ""
    scope: str = ""
    parts: tuple[tuple[str, int, int], ...] = field(default=())


def judge(task: Task, points: Iterable[Point], rules: Rules, year: int | None = None) -> Course:
    """Judge the newest value of a series.

    Args:
        task: The indicator.
        points: Its observed values, one a year.
        rules: Thresholds.
        year: Look at it as in this year; None takes what is newest.

    Example:
        >>> gdp = Task("higher", False, "level", "", [Point(2020, 100.0)], {"": Goal(2025, 150.0)}, 2020)
        >>> found = judge(gdp, [Point(2022, 120.0)], Rules())
        >>> found.state, found.expected, found.progress, found.ratio
        ('on', 120.0, 0.4, 1.0)
    """
    seen = sorted((one for one in points if year is None or one.year <= year), key=lambda one: one.year)
    goal = task.goals.get("") or next(iter(task.goals.values()), None)
    if not seen:
        reason = "no_observation" if goal is not None and goal.stated else "no_goal"
        base = next((one for one in task.bases if one.scope == ""), None)
        return Course(UNKNOWN, reason, **_ends(task, base, goal, rules))
    scope = seen[-1].scope
    parts = _parts(seen, task.bases)
    base = next((one for one in task.bases if one.scope == scope), None)
    goal = task.goals.get(scope)
    facts: dict[str, Any] = {"scope": scope, "parts": parts, **_ends(task, base, goal, rules)}
    own = [one for one in seen if one.scope == scope]
    facts |= {"year": own[-1].year, "observed": own[-1].value}
    facts |= _trend(task, own, base, goal)
    if goal is None or not goal.stated:
        scoped = scope and any(one.stated for one in task.goals.values())
        return Course(UNKNOWN, "scope" if scoped else "no_goal", **facts)
    if task.measure in YEARLY:
        return _yearly(task, own, goal, rules, facts)
    if task.measure == "cumulative" and base is None:
        base = Point(task.base_year, 0.0, scope)
        facts |= _ends(task, base, goal, rules)
    scoped = base is None and any(one.scope != scope for one in task.bases)
    return _level(task, own[-1], base, goal, rules, facts, "scope" if scoped else "no_base")


def bound_of(goal: Goal, better: str, base: float | None) -> tuple[float, str]:
    """The number to be reached, and its direction: ``higher``, ``lower`` or ``within``.

    Example:
        >>> bound_of(Goal(2025, low=96, high=97), "higher", 97.2), bound_of(Goal(2025, low=20, high=30), "", 35)
        ((96, 'higher'), (30, 'within'))
    """
    if goal.value is not None:
        signs = {">": HIGHER, ">=": HIGHER, "<": LOWER, "<=": LOWER}
        found = better or signs.get(goal.comparator, "")
        if not found:
            found = LOWER if base is not None and base > goal.value else HIGHER
        return goal.value, found
    low, high = goal.low, goal.high
    if low is None or high is None:
        return (low, HIGHER) if low is not None else (high or 0.0, LOWER)
    if better in (HIGHER, LOWER):
        return (low, HIGHER) if better == HIGHER else (high, LOWER)
    nearer = low if base is None or abs(base - low) <= abs(base - high) else high
    return nearer, WITHIN


def meets(value: float, goal: Goal, better: str, base: float | None = None, about: float = 0.0) -> bool:
    """Whether a value is what is to be reached; of a target stated as about, from so many parts of it away.

    Example:
        >>> meets(25.3, Goal(2025, 25.5, comparator="~"), "", 24.8, 0.01)  # from 25.245 to 25.755
        True
        >>> meets(26, Goal(2025, 25.5, comparator="~"), "", 24.8, 0.01)
        False
    """
    bound, direction = bound_of(goal, better, base)
    if goal.comparator == ABOUT:
        room = about * abs(bound) + 1e-9 * abs(bound)  # 25.245 computed in doubles may lie a hair above
        enough, not_more = value >= bound - room, value <= bound + room
        return enough if better == HIGHER else not_more if better == LOWER else enough and not_more
    if direction == WITHIN:
        return (goal.low or 0.0) <= value <= (goal.high or 0.0)
    if goal.comparator == ">" and direction == HIGHER:
        return value > bound
    if goal.comparator == "<" and direction == LOWER:
        return value < bound
    return value >= bound if direction == HIGHER else value <= bound


def expected(base: Point, bound: float, goal_year: int, year: int, path: str) -> float:
    """Where a value should be in a year between base and target.

    Example:
        >>> expected(Point(2020, 100.0), 200.0, 2025, 2021, "linear")
        120.0
        >>> round(expected(Point(2020, 100.0), 200.0, 2025, 2021, "growth"), 6)  # 100 × 2^(1/5)
        114.869835
    """
    part = min(1.0, max(0.0, (year - base.year) / (goal_year - base.year))) if goal_year > base.year else 1.0
    if path == "growth" and base.value * bound > 0:
        return float(base.value * (bound / base.value) ** part)
    return base.value + (bound - base.value) * part


# ---- machinery


def _ends(task: Task, base: Point | None, goal: Goal | None, rules: Rules) -> dict[str, Any]:
    """Base, target and path, as far as they are known."""
    found: dict[str, Any] = {"path": task.path or rules.path}
    if base is not None:
        found |= {"base": base.value, "base_year": base.year}
    if goal is not None:
        found["goal_year"] = goal.year
        if goal.stated:
            found["bound"], found["direction"] = bound_of(goal, task.better, base.value if base else None)
    return found


def _level(
    task: Task, last: Point, base: Point | None, goal: Goal, rules: Rules, facts: dict[str, Any], lacking: str
) -> Course:
    """A level that goes from its base to its target."""
    start = None if base is None else base.value
    met = meets(last.value, goal, task.better, start, rules.about)
    bound = facts["bound"]
    facts["gap"] = 0.0 if met else _short(last.value, goal, task.better, start)
    over = last.year >= goal.year
    if base is None:
        final = (DONE if met else MISSED) if over else ""
        return Course(REACHED if met else UNKNOWN, "" if met else lacking, final=final, **facts)
    if meets(base.value, goal, task.better, base.value, rules.about) or base.value == bound or goal.year <= base.year:
        facts["expected"] = bound
        near = facts["gap"] <= rules.keep * abs(bound)
        state = REACHED if met else BEHIND if near else FAR
        return Course(state, final=_final(task, met, near) if over else "", **facts)
    facts["expected"] = expected(base, bound, goal.year, last.year, facts["path"])
    if facts["direction"] == WITHIN and not met:  # beyond the far end is as bad as before the near one
        back = facts["gap"] if base.value > bound else -facts["gap"]
        last = Point(last.year, bound + back, last.scope)
    if goal.comparator == ABOUT and not task.better and (last.value - bound) * (bound - base.value) > 0:
        last = Point(
            last.year, last.value if met else 2 * bound - last.value, last.scope
        )  # too much is as bad as too little
    facts["progress"] = (last.value - base.value) / (bound - base.value)
    if last.year <= base.year:
        return Course(REACHED if met else UNKNOWN, "" if met else "no_observation", **facts)
    facts["ratio"] = ratio = _pace(base, last, bound, goal.year, facts["path"])
    state = REACHED if met else _state(ratio, rules)
    final = _final(task, met, facts["progress"] >= rules.nearly) if over else ""
    return Course(state, final=final, **facts)


def _pace(base: Point, last: Point, bound: float, goal_year: int, path: str) -> float:
    """Pace so far in parts of the pace needed: amounts a year, or rates a year; after the target year, of the whole."""
    years = min(last.year, goal_year) - base.year
    if path == "growth" and base.value * bound > 0 and base.value * last.value > 0:
        needed = (bound / base.value) ** (1 / (goal_year - base.year)) - 1
        done = (last.value / base.value) ** (1 / years) - 1
        return float(done / needed)
    return ((last.value - base.value) / years) / ((bound - base.value) / (goal_year - base.year))


def _yearly(task: Task, own: Sequence[Point], goal: Goal, rules: Rules, facts: dict[str, Any]) -> Course:
    """A sum over the period's years, or a rate that every year has a part in."""
    last = own[-1].year
    over = last >= goal.year
    bound = facts["bound"]
    if task.measure == "per_year":
        value = own[-1].value
    else:
        years = {one.year: one.value for one in own if one.year > task.base_year}
        if set(years) != set(range(task.base_year + 1, last + 1)) or not years:
            return Course(UNKNOWN, "gap", **facts)
        value = sum(years.values()) if task.measure in ("total", "new") else _mean_rate(list(years.values()))
    facts["observed"] = value
    met = meets(value, goal, task.better, None, rules.about)
    facts["gap"] = 0.0 if met else _short(value, goal, task.better, None)
    if task.measure in ("total", "new"):
        part = min(1.0, (last - task.base_year) / (goal.year - task.base_year)) if goal.year > task.base_year else 1.0
        facts |= {"base": 0.0, "base_year": task.base_year, "path": "linear", "expected": bound * part}
        facts["progress"] = value / bound if bound else None
        ratio = value / facts["expected"] if facts["expected"] else None
        if ratio is not None and facts["direction"] == LOWER:  # a budget: less is ahead
            ratio = facts["expected"] / value if value > 0 else None
        state = (
            REACHED
            if met and (over or facts["direction"] == HIGHER)
            else FAR
            if ratio is None
            else _state(ratio, rules)
        )
        if facts["direction"] == LOWER and not met:
            state = FAR
    else:
        facts["expected"] = bound
        ratio = (value / bound if facts["direction"] != LOWER else bound / value) if value > 0 and bound > 0 else None
        state = (REACHED if over else ON) if met else FAR if ratio is None else _state(min(ratio, 1.0), rules)
        if met and not over and ratio is not None and ratio >= rules.ahead:
            state = AHEAD
    facts["ratio"] = ratio
    near = ratio is not None and ratio >= rules.nearly
    return Course(state, final=_final(task, met, near) if over else "", **facts)


def _mean_rate(rates: Sequence[float]) -> float:
    """The mean of yearly rates in per cent: the one rate that leads to the same end."""
    product = 1.0
    for rate in rates:
        product *= max(0.0, 1 + rate / 100)
    return float((product ** (1 / len(rates)) - 1) * 100)


def _state(ratio: float, rules: Rules) -> str:
    # What is printed as a threshold is one: 0.95 computed in doubles may lie a hair below.
    known = ((rules.ahead, AHEAD), (rules.on, ON), (rules.behind, BEHIND))
    return next((state for least, state in known if ratio >= least - 1e-9), FAR)


def _final(task: Task, met: bool, near: bool) -> str:
    """What became of it: a binding target is reached or it is not."""
    if met:
        return DONE
    return NEARLY if near and not task.binding else MISSED


def _short(value: float, goal: Goal, better: str, base: float | None) -> float:
    """How much is missing, as a positive number."""
    bound, direction = bound_of(goal, better, base)
    if goal.comparator == ABOUT and not better:
        return abs(value - bound)
    if direction == WITHIN:
        return max((goal.low or 0.0) - value, value - (goal.high or 0.0), 0.0)
    return max(bound - value if direction == HIGHER else value - bound, 0.0)


def _parts(seen: Sequence[Point], bases: Sequence[Point]) -> tuple[tuple[str, int, int], ...]:
    """The years of each scope, when there are several: the series is cut there."""
    years: dict[str, list[int]] = {}
    for one in sorted([*seen, *bases], key=lambda point: point.year):
        years.setdefault(one.scope, []).append(one.year)
    return tuple((scope, min(found), max(found)) for scope, found in years.items()) if len(years) > 1 else ()


def _trend(task: Task, own: Sequence[Point], base: Point | None, goal: Goal | None) -> dict[str, Any]:
    """The least-squares line through base and values of one scope, in the target year."""
    if task.measure in YEARLY:
        return {}
    values = {one.year: one.value for one in ([base] if base is not None else []) + list(own)}
    count = len(values)
    if count < 2 or goal is None:
        return {"points": count}
    mean_x, mean_y = sum(values) / count, sum(values.values()) / count
    slope = sum((x - mean_x) * (y - mean_y) for x, y in values.items()) / sum((x - mean_x) ** 2 for x in values)
    return {"trend": mean_y + slope * (goal.year - mean_x), "points": count}
