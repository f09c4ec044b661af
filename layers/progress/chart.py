"""An indicator's course as lines: base, path, what was observed and the target, as plain numbers for SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass

from layers.progress.results import Result

WIDTH, HEIGHT = 340, 168
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 12, 24
_TICKS = 3


@dataclass(frozen=True)
class Chart:
    """What an SVG of ``WIDTH`` × ``HEIGHT`` draws.

    Attributes:
        path: Points of the path from base to target, as ``points`` of a polyline; "" where there is none.
        lines: The same of what was observed, a line for each scope.
        dots: Where each observed value is: x, y, year and number.
        base: x and y, or None; ``target`` likewise, ``band`` y and height of a range.
        ticks: y and number of each line of the grid.
        years: x and year of each label below.
    """

    path: str
    lines: tuple[str, ...]
    dots: tuple[tuple[float, float, int, float], ...]
    base: tuple[float, float] | None
    target: tuple[float, float] | None
    band: tuple[float, float] | None
    ticks: tuple[tuple[float, float], ...]
    years: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM
    top: int = _TOP


def chart(result: Result) -> Chart | None:
    """The chart of a result; None when there are fewer than two years to draw."""
    course, way = result.course, result.path()
    goal = result.task.goals.get(course.scope)
    ends = [value for value in ((goal.low, goal.high) if goal is not None else ()) if value is not None]
    values = [value for _, value in way] + [one.value for one in result.points] + ends
    values += [one for one in (course.base, course.bound) if one is not None]
    years = [year for year, _ in way] + [one.year for one in result.points]
    years += [one for one in (course.base_year, course.goal_year) if one is not None]
    if not values or len(set(years)) < 2 or not (way or result.points):
        return None
    first, last = min(years), max(years)
    steps = ticks(min(values), max(values))
    low, high = min(steps[0], *values), max(steps[-1], *values)

    def x(year: float) -> float:
        return round(_LEFT + (year - first) / (last - first) * (WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    def line(points: list[tuple[int, float]]) -> str:
        return " ".join(f"{x(year)},{y(value)}" for year, value in points)

    scopes = dict.fromkeys(one.scope for one in result.points)
    series = {scope: [(one.year, one.value) for one in result.points if one.scope == scope] for scope in scopes}
    start, own = course.base_year, series.get(course.scope, [])
    if course.base is not None and start is not None and own and all(year > start for year, _ in own):
        own.insert(0, (start, course.base))
    every = max(1, math.ceil((last - first + 1) / 6))
    return Chart(
        line(way),
        tuple(line(points) for points in series.values() if len(points) > 1),
        tuple((x(one.year), y(one.value), one.year, one.value) for one in result.points),
        (x(course.base_year), y(course.base)) if course.base is not None and course.base_year is not None else None,
        (x(course.goal_year), y(course.bound)) if course.bound is not None and course.goal_year is not None else None,
        (y(max(ends)), round(y(min(ends)) - y(max(ends)), 1)) if len(ends) == 2 else None,
        tuple((y(step), step) for step in steps),
        tuple((x(year), year) for year in range(first, last + 1) if (last - year) % every == 0),
    )


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from below the least to above the greatest value, three or four of them.

    Example:
        >>> ticks(100, 150), ticks(0.019, 0.03), ticks(5, 5)
        ([100.0, 120.0, 140.0, 160.0], [0.015, 0.02, 0.025, 0.03], [4.0, 5.0, 6.0])
    """
    if high <= low:
        pad = abs(low) * 0.2 or 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / _TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]
