"""The plan's own figures: numeric targets, rows of the review of the last period, and claims to be checked."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers.model.plan import Named

MEASURES = ("level", "new", "cumulative", "total", "per_year", "growth", "share")
"""How a target counts: a level, newly added, cumulated to date, total of the period, a year, a rate, a share."""

COMPARATORS = (">", ">=", "<", "<=", "~")
OPERATIONS = (
    "length_of", "area_of", "bank_of", "count_of", "touching", "share_in", "items_of", "names_of",
    "sum_of", "rest_of", "ratio_of", "growth_of", "value_of", "none",
)  # fmt: skip
"""What a claim may measure; one of them stands in each ``measure`` table."""

TESTS = ("=", *COMPARATORS[:-1])
"""How a measured value is held against the stated one: ``measured <test> stated``."""

CAUSES = {
    "open_list": ("count_of", "names_of"),
    "groupings": None,
    "policy": ("value_of", "growth_of", "ratio_of", "sum_of", "rest_of"),
    "prices": ("growth_of",),
}
"""Why figures that do not fit are no contradiction, and the operations that each may stand for (None: any)."""


@dataclass(frozen=True, slots=True)
class Target(Named):
    """One numeric target of the plan.

    Attributes:
        value: The number in ``unit``, or None for a range or words.
        low: Lower end of a range, or None.
        high: Upper end of a range, or None.
        text: Words in place of a number, or "".
        comparator: ``>``, ``>=``, ``<``, ``<=``, ``~`` or "".
        measure: One of ``MEASURES``.
        base_year: First year of a total or a growth, or None.
        place: Feature the target belongs to, or "".
    """

    value: float | None
    low: float | None
    high: float | None
    text: str
    text_en: str
    comparator: str
    unit: str
    unit_en: str
    measure: str
    year: int
    base_year: int | None
    domain: str
    domain_en: str
    cites: tuple[str, ...]
    lead_units: tuple[str, ...]
    place: str
    note: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Review(Named):
    """One row of the last period's results; growth in per cent a year, as stated.

    Attributes:
        base: Value in the base year, or None.
        goal: Goal for the last year, or None; ``goal_text`` where it is words, ``goal_comparator`` as printed.
        result: Result, or None; ``result_text`` where it is words.
        stated_met: ``met`` or ``missed`` where the plan itself says so instead of giving figures, or "".
        cumulative: The growth stated is the sum of the period, in the unit of the row.
    """

    unit: str
    unit_en: str
    property: str
    base_year: int
    base: float | None
    goal: float | None
    goal_text: str
    goal_comparator: str
    goal_growth: float | None
    result_year: int
    result: float | None
    result_text: str
    result_growth: float | None
    cumulative: bool
    better: str
    stated_met: str
    cites: tuple[str, ...]
    note: str
    note_en: str

    @builtins.property
    def met(self) -> str:
        """``met`` or ``missed``; "" where nothing can be compared and the plan does not say."""
        return self._judged()[0]

    @builtins.property
    def met_by(self) -> str:
        """What ``met`` rests on: ``value``, ``growth`` (the goal is a rate only), ``stated`` (the plan's own word)."""
        return self._judged()[1]

    def _judged(self) -> tuple[str, str]:
        """``met`` and ``met_by``: values where both are figures, else rates of the same kind, else the plan's word."""
        pairs = [("value", self.goal, self.result)]
        if not self.cumulative:
            pairs.append(("growth", self.goal_growth, self.result_growth))
        for by, goal, result in pairs:
            if goal is not None and result is not None and self.better:
                reached = result >= goal if self.better == "higher" else result <= goal
                return "met" if reached else "missed", by
        return self.stated_met, "stated" if self.stated_met else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a claim: its name and the ``measure`` table, one of ``OPERATIONS`` with its filters."""

    name: str
    name_en: str
    measure: Mapping[str, Any]

    @property
    def operation(self) -> str:
        """Which of ``OPERATIONS`` it uses."""
        return next(name for name in OPERATIONS if name in self.measure)


@dataclass(frozen=True, slots=True)
class Claim(Named):
    """A figure that the plan states, and how it is checked.

    Attributes:
        value: The figure as stated, in ``unit``; None where the plan states a range.
        low: Lower end of a stated range, or None.
        high: Upper end of a stated range, or None.
        comparator: The plan's own: ``>`` for 突破, ``>=`` for 以上 …; it belongs to the figure, not to the check.
        test: How the measured value is held against the stated one, one of ``TESTS``.
        because: One of ``CAUSES``: why a value that does not fit is no contradiction, explained in ``note``; or "".
        self_check: The figure is the editors' own count or deduction, not a figure of the plan.
        readings: The ways to measure it: one, or several where the plan does not say which is meant.
        tolerance: Allowed difference, in the unit or, with ``percent``, in per cent of the stated value.
        reason: Why the tolerance is what it is, or why the claim cannot be checked.
    """

    value: float | None
    low: float | None
    high: float | None
    comparator: str
    test: str
    because: str
    self_check: bool
    unit: str
    unit_en: str
    decimals: int
    cites: tuple[str, ...]
    readings: tuple[Reading, ...]
    tolerance: float
    percent: bool
    reason: str
    reason_en: str
    note: str
    note_en: str

    @property
    def span(self) -> tuple[float, float]:
        """Lower and upper end of what is stated; the same where it is one figure."""
        if self.value is not None:
            return self.value, self.value
        return (self.low or 0.0), (self.high or 0.0)


def listed(value: object) -> list[str]:
    """A text or a list of texts as a list."""
    if isinstance(value, str):
        return [value] if value else []
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
