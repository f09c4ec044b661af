"""The course of indicators; expected numbers worked out by hand, as in ``docs/course.md``."""

from __future__ import annotations

from typing import Any

import pytest

from layers.measure.course import Course, Goal, Point, Rules, Task, judge

RULES = Rules()


def task(base: float | None, goal: float | None = None, *, years: tuple[int, int] = (2020, 2025), **given: Any) -> Task:
    bases = [] if base is None else [Point(years[0], base)]
    end = Goal(years[1], goal, given.pop("low", None), given.pop("high", None), given.pop("comparator", ""))
    facts: dict[str, Any] = {"better": "higher", "binding": False, "measure": "level", "path": "", **given}
    return Task(bases=bases, goals={"": end}, base_year=years[0], **facts)


def at(year: int, value: float, scope: str = "") -> list[Point]:
    return [Point(year, value, scope)]


def about(found: Course, *names: str) -> tuple[Any, ...]:
    values = (getattr(found, name) for name in names)
    return tuple(round(value, 6) if isinstance(value, float) else value for value in values)


@pytest.mark.parametrize(
    ("value", "state", "progress", "ratio"),
    [
        # Base 100 in 2020, target 150 in 2025; in 2022 two fifths of the way, 120, are expected: progress / 0.4.
        (150.0, "reached", 1.0, 2.5),
        (160.0, "reached", 1.2, 3.0),  # overshoot
        (121.0, "ahead", 0.42, 1.05),
        (120.9, "on", 0.418, 1.045),
        (120.0, "on", 0.4, 1.0),
        (119.0, "on", 0.38, 0.95),
        (118.9, "behind", 0.378, 0.945),
        (112.0, "behind", 0.24, 0.6),
        (111.9, "far", 0.238, 0.595),
        (90.0, "far", -0.2, -0.5),  # away from the target
    ],
)
def test_a_level_on_a_straight_path(value: float, state: str, progress: float, ratio: float) -> None:
    found = judge(task(100.0, 150.0), at(2022, value), RULES)
    assert about(found, "state", "expected", "progress", "ratio", "final") == (state, 120.0, progress, ratio, "")


def test_less_is_better_and_numbers_may_be_negative() -> None:
    # From 0.05 down to 0.03 in five years; after three 0.038 is expected, 0.04 is half of the way: 0.5 / 0.6.
    found = judge(task(0.05, 0.03, better="lower"), at(2023, 0.04), RULES)
    assert about(found, "state", "expected", "progress", "ratio", "gap") == ("behind", 0.038, 0.5, 0.833333, 0.01)
    # From -10 up to 10: in 2022 -2 is expected, 0 is half of the way: 0.5 / 0.4.
    found = judge(task(-10.0, 10.0, path="growth"), at(2022, 0.0), RULES)  # no rate leads from -10 to 10: straight
    assert about(found, "state", "expected", "progress", "ratio") == ("ahead", -2.0, 0.5, 1.25)


def test_growth_path_is_the_published_method_of_open_sdg() -> None:
    """Its ratio of growth rates: (150/100)^(1/5) - 1 = 0.084472 over (200/100)^(1/10) - 1 = 0.071773 is 1.176922."""
    ten = task(100.0, 200.0, years=(2020, 2030), path="growth")
    found = judge(ten, at(2025, 150.0), RULES)
    assert about(found, "state", "ratio", "expected") == ("ahead", 1.176922, 141.421356)  # 100 × √2
    straight = judge(task(100.0, 200.0, years=(2020, 2030)), at(2025, 150.0), RULES)
    assert about(straight, "state", "ratio") == ("on", 1.0)


@pytest.mark.parametrize(
    ("current", "direction", "status", "state"),
    [
        # Base 100 in 2015, in 2020 the value below; target 200 (or 50) in 2030. Needed: 4.7294 % (-4.5158 %) a year.
        (200.0, "higher", "target_achieved", "reached"),
        (126.0, "higher", "substantial_progress", "on"),  # 4.7306 %: ratio 1.0003
        (124.8, "higher", "substantial_progress", "on"),  # 4.5304 %: 0.9579
        (124.4, "higher", "moderate_progress", "behind"),  # 4.4633 %: 0.9437
        (115.1, "higher", "moderate_progress", "behind"),  # 2.8524 %: 0.6031
        (114.9, "higher", "limited_progress", "far"),  # 2.8166 %: 0.5956
        (99.0, "higher", "deterioration", "far"),  # -0.2008 %
        (79.4, "lower", "substantial_progress", "on"),  # -4.5079 %: 0.9982
        (85.0, "lower", "moderate_progress", "behind"),  # -3.1982 %: 0.7082
        (90.0, "lower", "limited_progress", "far"),  # -2.0852 %: 0.4618
        (50.0, "lower", "target_achieved", "reached"),
    ],
)
def test_case_by_case_beside_open_sdg(current: float, direction: str, status: str, state: str) -> None:
    """Thresholds of Open SDG: 0.95, 0.6, 0. What is substantial there is on course or ahead here, and so on."""
    goal, sign = (200.0, 1) if direction == "higher" else (50.0, -1)
    achieved = current >= goal if sign > 0 else current <= goal
    rate, needed = (current / 100) ** (1 / 5) - 1, (goal / 100) ** (1 / 15) - 1
    ratio = sign * rate / abs(needed)
    steps = ((0.95, "substantial_progress"), (0.6, "moderate_progress"), (0.0, "limited_progress"))
    theirs = "target_achieved" if achieved else next((name for least, name in steps if ratio >= least), "deterioration")
    assert theirs == status
    found = judge(task(100.0, goal, years=(2015, 2030), path="growth", better=direction), at(2020, current), RULES)
    assert found.state == state
    assert found.ratio == pytest.approx(ratio)


def test_base_is_target_already() -> None:
    """What is to be kept: 100 % of the rubbish treated, at 100 % in the base year; 5 % may be missing to be behind."""
    for value, state, final in ((100.0, "reached", "done"), (96.0, "behind", "nearly"), (94.0, "far", "missed")):
        found = judge(task(100.0, 100.0), at(2025, value), RULES)
        assert about(found, "state", "expected", "final", "progress") == (state, 100.0, final, None), value
    assert judge(task(100.0, 100.0, binding=True), at(2025, 96.0), RULES).final == "missed"


def test_a_missing_base() -> None:
    assert about(judge(task(None, 90.0), at(2023, 80.0), RULES), "state", "reason", "gap") == (
        "unknown",
        "no_base",
        10.0,
    )
    assert about(judge(task(None, 90.0), at(2023, 95.0), RULES), "state", "reason") == ("reached", "")
    # 以上 without 含: more than 90, and 90 is not.
    assert judge(task(None, 90.0, comparator=">"), at(2025, 90.0), RULES).final == "missed"
    assert judge(task(None, 90.0, comparator=">"), at(2025, 90.1), RULES).final == "done"


def test_ranges() -> None:
    """96 to 97, more is better, base 97.2: met already; with no direction it is to be kept within."""
    wide = {"low": 96.0, "high": 97.0}
    assert about(judge(task(97.2, **wide), at(2025, 97.5), RULES), "state", "bound", "final") == (
        "reached",
        96.0,
        "done",
    )
    within = judge(task(35.0, better="", low=20.0, high=30.0), at(2022, 33.0), RULES)
    # The nearer end is 30: 2 of 5 are done in two of five years.
    assert about(within, "state", "direction", "bound", "progress", "ratio") == ("on", "within", 30.0, 0.4, 1.0)
    assert judge(task(35.0, better="", low=20.0, high=30.0), at(2025, 19.0), RULES).final == "missed"
    assert judge(task(35.0, better="", low=20.0, high=30.0), at(2025, 25.0), RULES).final == "done"


def test_assigned_targets_and_words_cannot_be_judged() -> None:
    found = judge(task(89.5, None), at(2023, 90.0), RULES)
    assert about(found, "state", "reason", "observed", "final") == ("unknown", "no_goal", 90.0, "")
    assert judge(task(89.5, None), [], RULES).reason == "no_goal"
    assert judge(task(89.5, 95.0), [], RULES).reason == "no_observation"


def test_a_ratio_is_judged_as_it_stands() -> None:
    """Doctors a thousand people, 2.4 to 2.8 in five years: 2.56 after two, and 0.14 of 0.16 is behind."""
    found = judge(task(2.4, 2.8), at(2022, 2.54), RULES)
    assert about(found, "state", "expected", "progress", "ratio") == ("behind", 2.56, 0.35, 0.875)
    assigned = judge(task(89.5, 95.0), at(2022, 91.7), RULES)  # once the number has been assigned: 2.2 of 5.5
    assert about(assigned, "state", "expected", "progress", "ratio") == ("on", 91.7, 0.4, 1.0)


def test_the_final_verdict_keeps_binding_and_expected_apart() -> None:
    # 100 to 150: 146 is 92 per cent of the way, 144 is 88.
    for value, expected, binding in ((150.0, "done", "done"), (146.0, "nearly", "missed"), (144.0, "missed", "missed")):
        assert judge(task(100.0, 150.0), at(2025, value), RULES).final == expected
        assert judge(task(100.0, 150.0, binding=True), at(2025, value), RULES).final == binding
    assert judge(task(100.0, 150.0), at(2024, 150.0), RULES).final == ""  # not over yet
    # A value of the year after tells what became of it too; its pace is that of the whole way.
    late = judge(task(100.0, 150.0), at(2026, 145.0), RULES)
    assert about(late, "final", "expected", "ratio") == ("nearly", 150.0, 0.9)


def test_one_point_and_a_trend() -> None:
    """Through (2020, 100), (2021, 110), (2022, 114): slope 7, mean 108 in 2021; in 2025 it is 108 + 4 × 7 = 136."""
    found = judge(task(100.0, 150.0), [Point(2021, 110.0), Point(2022, 114.0)], RULES)
    assert about(found, "trend", "points") == (136.0, 3)
    alone = judge(task(None, 150.0), at(2022, 114.0), RULES)
    assert about(alone, "trend", "points") == (None, 1)
    # As it stood in 2021: half of what was known later; 100 + 5 × 10.
    assert about(judge(task(100.0, 150.0), [Point(2021, 110.0), Point(2022, 114.0)], RULES, 2021), "trend", "year") == (
        150.0, 2021,
    )  # fmt: skip


def test_a_changed_scope_cuts_the_series() -> None:
    points = [Point(2021, 110.0), Point(2022, 80.0, "不含功能区"), Point(2023, 84.0, "不含功能区")]
    cut = task(100.0, 150.0)
    found = judge(cut, points, RULES)
    assert about(found, "state", "reason", "scope", "parts") == (
        "unknown", "scope", "不含功能区", (("", 2020, 2021), ("不含功能区", 2022, 2023)),
    )  # fmt: skip
    assert about(found, "trend", "points") == (None, 2)  # no target of that scope to go to
    # Base and target restated in the new scope: 70 to 95, in 2023 three fifths of the way, 85; 84 is 14 of 15.
    restated = Task("higher", False, "level", "", [Point(2020, 100.0), Point(2020, 70.0, "不含功能区")],
                    {"": Goal(2025, 150.0), "不含功能区": Goal(2025, 95.0)}, 2020)  # fmt: skip
    found = judge(restated, points, RULES)
    assert about(found, "state", "expected", "ratio", "points") == ("behind", 85.0, 0.933333, 3)


def test_totals_of_the_period() -> None:
    """500 in five years: after two 200 are expected, 90 + 105 = 195 are there: 0.975."""
    five = task(None, 500.0, measure="total")
    found = judge(five, [Point(2021, 90.0), Point(2022, 105.0)], RULES)
    assert about(found, "state", "observed", "expected", "progress", "ratio") == ("on", 195.0, 200.0, 0.39, 0.975)
    assert about(judge(five, [Point(2022, 105.0)], RULES), "state", "reason") == ("unknown", "gap")
    years = [Point(year, 95.0) for year in range(2021, 2026)]  # 475, 95 per cent
    assert about(judge(five, years, RULES), "observed", "final") == (475.0, "nearly")
    # An allowance of at most 500: 195 of 200 used is on course, 260 too fast, more than all of it is lost.
    most = task(None, 500.0, measure="total", better="lower")
    assert judge(most, [Point(2021, 90.0), Point(2022, 105.0)], RULES).state == "on"  # 200 / 195 = 1.026
    assert judge(most, [Point(2021, 130.0), Point(2022, 130.0)], RULES).state == "behind"  # 200 / 260 = 0.769
    assert judge(most, [Point(2021, 300.0), Point(2022, 201.0)], RULES).state == "far"


def test_rates_and_yearly_amounts() -> None:
    """6 % a year: 7 % and 5 % lead to 1.07 × 1.05 = 1.1235, a mean of 5.9953 %."""
    rate = task(None, 6.0, measure="growth")
    found = judge(rate, [Point(2021, 7.0), Point(2022, 5.0)], RULES)
    assert about(found, "state", "observed", "ratio") == ("on", 5.995283, 0.999214)
    assert judge(rate, [Point(2021, 7.0)], RULES).state == "ahead"  # not reached before the end
    assert judge(rate, [Point(2021, -2.0)], RULES).state == "far"
    yearly = task(None, 3.0, measure="per_year")
    assert judge(yearly, at(2023, 3.0), RULES).state == "on"
    assert judge(yearly, at(2025, 3.0), RULES).final == "done"
    grown = task(None, 15.0, measure="cumulative")  # cumulated to date: 7 of the 6 that are expected after two years
    assert about(judge(grown, at(2022, 7.0), RULES), "state", "base", "expected") == ("ahead", 0.0, 6.0)


def test_thresholds_of_the_plan() -> None:
    own = Rules.of({"ahead": 1.2, "on": 0.8, "source": "区发改局", "path": "growth"})
    assert (own.ahead, own.on, own.behind, own.path) == (1.2, 0.8, 0.6, "growth")
    assert judge(task(100.0, 150.0, path="linear"), at(2022, 117.0), own).state == "on"  # 0.85


@pytest.mark.parametrize(
    ("value", "better", "state", "gap"),
    [
        # About 25.5, one per cent: from 25.245 to 25.755. From 24.8 in 2020; in 2025 all of the way is expected.
        (25.3, "", "reached", 0.0),
        (25.245, "", "reached", 0.0),
        (25.2, "", "far", 0.3),  # 0.4 / 0.7 of the way
        (26.0, "", "far", 0.5),  # as far above as 25.0 below: 0.2 / 0.7
        (25.3, "higher", "reached", 0.0),
        (26.0, "higher", "reached", 0.0),
        (25.2, "higher", "far", 0.3),
        (26.0, "lower", "far", 0.5),
        (25.7, "lower", "reached", 0.0),
    ],
)
def test_a_target_of_about_is_not_meant_to_the_last_digit(value: float, better: str, state: str, gap: float) -> None:
    start = 26.4 if better == "lower" else 24.8
    found = judge(task(start, 25.5, better=better, comparator="~"), at(2025, value), RULES)
    assert about(found, "state", "gap", "bound") == (state, gap, 25.5)
    assert found.final == ("done" if state == "reached" else "missed")


def test_a_plan_may_say_how_far_about_reaches() -> None:
    asked = task(24.8, 25.5, better="higher", comparator="~")
    assert judge(asked, at(2025, 25.3), Rules.of({"about": 0.0})).state != "reached"
    assert judge(asked, at(2025, 25.0), Rules.of({"about": 0.02})).state == "reached"  # from 24.99
    # A mean rate of about 6 %: 5.95 is near enough, 5.9 is not.
    rate = {"measure": "growth", "comparator": "~"}
    assert judge(task(None, 6.0, **rate), at(2021, 5.95), RULES).gap == 0
    assert judge(task(None, 6.0, **rate), at(2021, 5.9), RULES).gap == pytest.approx(0.1)
