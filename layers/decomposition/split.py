"""A target of the whole split over its parts.

The parts always come to the whole in the way the indicator is aggregated: with sizes *aᵢ* and *A*

    Σ aᵢ·xᵢ = A·T        sum: aᵢ = 1, A = 1; mean: aᵢ = 1, A = n; weighted mean, ratio of sums: aᵢ the weight, A = Σ aᵢ

A part that is not fixed is *xᵢ = clamp(cᵢ + k·gᵢ, lowᵢ, highᵢ)* with one *k* for all: by weights *cᵢ = 0* and *gᵢ*
the weight; by an equal rate *cᵢ = 0* and *gᵢ* the base, so that *k = (1 + r)ⁿ*; by an equal increment *cᵢ* the base
and *gᵢ* the weight. The sum
grows with *k*, so there is one answer or none. Arithmetic is exact (fractions); examples worked out by hand are in
``docs/decomposition.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from layers.decomposition.errors import DecompositionError
from layers.decomposition.rounding import Exact, half_up, rounded

SUM, MEAN, WEIGHTED, RATIO = "sum", "mean", "weighted_mean", "ratio"
AGGREGATIONS = (SUM, MEAN, WEIGHTED, RATIO)
WEIGHTS, GROWTH, INCREMENT = "weights", "growth", "increment"
METHODS = (WEIGHTS, GROWTH, INCREMENT)
"""By weights, by one rate of growth for all, by one increment (times the weight) for all."""
MOST_PARTS = 2_000
MOST_DECIMALS = 6
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of a part before the split.

    Attributes:
        id: Its id.
        weight: Its share among the others, by weights and increments; not negative.
        size: How much it counts in a weighted mean (its weight there) or a ratio of sums (its divisor).
        base: Its value in the base year; needed for growth and increments.
        low: Least value, or None.
        high: Greatest value, or None.
        fixed: The value that it keeps, typed by hand or locked; or None.
    """

    id: str
    weight: float | None = 1.0
    size: float | None = 1.0
    base: float | None = None
    low: float | None = None
    high: float | None = None
    fixed: float | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A part after the split.

    Attributes:
        value: As it is printed; ``exact`` is the value before rounding.
        at: ``fixed``, ``low``, ``high`` (a bound holds it), or "".
        rate: Yearly growth since the base in per cent, or None.
    """

    id: str
    value: float
    exact: float
    at: str = ""
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A target that was split.

    Attributes:
        parts: In the order in which they were given.
        whole: The target as it is printed.
        total: What the printed parts come to, before it is rounded.
        factor: The *k* of the formula; None when every part was fixed.
        rate: The equal yearly rate in per cent, by growth; else None.
        decimals: Decimals that were printed.
    """

    parts: tuple[Given, ...]
    whole: float
    total: float
    factor: float | None
    rate: float | None
    decimals: int


def split(
    whole: float, parts: Sequence[Part], aggregation: str = SUM, method: str = WEIGHTS, *, decimals: int = 0,
    years: int = 0,
) -> Split:  # fmt: skip
    """Split a target.

    Args:
        whole: The target of the whole.
        parts: Its parts.
        aggregation: One of ``AGGREGATIONS``.
        method: One of ``METHODS``.
        decimals: Decimals of what is printed.
        years: From the base to the target, for rates; 0 gives none.

    Raises:
        DecompositionError: It cannot be done; says why.

    Example:
        >>> found = split(150, [Part("a", 3), Part("b", 1), Part("c", 1, high=20)])
        >>> [one.value for one in found.parts]  # c is held at 20, the other 130 are 97.5 and 32.5: largest remainders
        [98.0, 32.0, 20.0]
    """
    _check(whole, parts, aggregation, method, decimals)
    sizes = [_fraction(one.size if aggregation in (WEIGHTED, RATIO) else 1) for one in parts]
    count = _all(sizes) if aggregation in (WEIGHTED, RATIO) else len(parts) if aggregation == MEAN else 1
    printed_whole = half_up(_fraction(whole), decimals)
    need = printed_whole * count
    lines = [_line(one, size, method, whole) for one, size in zip(parts, sizes, strict=True)]
    free = [line for line, one in zip(lines, parts, strict=True) if one.fixed is None]
    kept = _all(_fraction(one.fixed) * size for one, size in zip(parts, sizes, strict=True) if one.fixed is not None)
    if not free:
        _check_fixed(kept, need, count, decimals)
        factor = None
    else:
        factor = _factor(free, need - kept, kept / count, printed_whole, count)
    exact = [
        _fraction(one.fixed) if one.fixed is not None else line.at(factor or Fraction(0))
        for one, line in zip(parts, lines, strict=True)
    ]
    fitted = [
        Exact(value, line.size, line.low, line.high, one.fixed is not None)
        for value, line, one in zip(exact, lines, parts, strict=True)
    ]
    printed = rounded(fitted, need, decimals)
    total = None if printed is None else _all(v * s for v, s in zip(printed, sizes, strict=True)) / count
    if printed is None or total is None or not _agrees(total, printed_whole, aggregation, decimals):
        raise DecompositionError("decomposition.rounding", decimals=decimals)
    given = tuple(
        Given(one.id, float(value), float(true), _held(one, line, true), _rate(one.base, float(value), years))
        for one, line, true, value in zip(parts, lines, exact, printed, strict=True)
    )
    rate = None
    if method == GROWTH and factor is not None and years and factor > 0:
        rate = (float(factor) ** (1 / years) - 1) * 100
    return Split(
        given, float(printed_whole), float(total), None if factor is None else float(factor), rate, decimals
    )  # fmt: skip


def aggregate(values: Sequence[float], sizes: Sequence[float], aggregation: str) -> float | None:
    """What parts come to; None for a weighted mean without weights.

    Example:
        >>> aggregate([10, 20], [1, 3], WEIGHTED), aggregate([10, 20], [1, 3], SUM), aggregate([10, 20], [1, 3], MEAN)
        (17.5, 30.0, 15.0)
    """
    numbers = [_fraction(one) for one in values]
    if not numbers:
        return None
    if aggregation in (WEIGHTED, RATIO):
        scales = [_fraction(one) for one in sizes]
        weight = _all(scales)
        return float(_all(n * s for n, s in zip(numbers, scales, strict=True)) / weight) if weight else None
    total = _all(numbers)
    return float(total / len(numbers) if aggregation == MEAN else total)


# ---- machinery


@dataclass(frozen=True, slots=True)
class _Line:
    """A part's value as a function of the factor."""

    start: Fraction
    slope: Fraction
    size: Fraction
    low: Fraction | None
    high: Fraction | None
    id: str

    def at(self, factor: Fraction) -> Fraction:
        value = self.start + factor * self.slope
        if self.low is not None and value < self.low:
            return self.low
        return self.high if self.high is not None and value > self.high else value

    def turns(self) -> list[Fraction]:
        """Where a bound begins or ceases to hold it."""
        if not self.slope:
            return []
        return [(bound - self.start) / self.slope for bound in (self.low, self.high) if bound is not None]

    def moves(self, factor: Fraction) -> bool:
        value = self.start + factor * self.slope
        return bool(self.slope) and self.low_is_under(value) and (self.high is None or value < self.high)

    def low_is_under(self, value: Fraction) -> bool:
        return self.low is None or value > self.low


def _line(one: Part, size: Fraction, method: str, whole: float) -> _Line:
    base = _fraction(one.base or 0)
    start = base if method == INCREMENT else Fraction(0)
    slope = base if method == GROWTH else _fraction(one.weight or 0)
    low, high = (None if bound is None else _fraction(bound) for bound in (one.low, one.high))
    # Shares of a target lie on its side of zero, unless somebody has said otherwise.
    if method != INCREMENT and whole >= 0 and low is None:
        low = min(Fraction(0), high) if high is not None else Fraction(0)
    if method != INCREMENT and whole < 0 and high is None:
        high = max(Fraction(0), low) if low is not None else Fraction(0)
    return _Line(start, slope, size, low, high, one.id)


def _factor(free: Sequence[_Line], need: Fraction, kept: Fraction, whole: Fraction, count: Fraction | int) -> Fraction:
    """The one factor with which the free parts come to what is needed.

    Raises:
        DecompositionError: ``decomposition.too_low``, ``too_high``: bounds and fixed values leave no way;
            ``no_weights``: those that could still give way have no weight.
    """
    told = {"whole": _said(whole), "kept": _said(kept)}
    for key, bounds, beyond in (
        ("too_high", [one.low for one in free], lambda ends: ends > need),
        ("too_low", [one.high for one in free], lambda ends: ends < need),
    ):
        known = [bound * one.size for bound, one in zip(bounds, free, strict=True) if bound is not None]
        if len(known) == len(free) and beyond(_all(known)):
            raise DecompositionError(f"decomposition.{key}", **told, bounds=_said(_all(known) / count))

    def sum_at(factor: Fraction) -> Fraction:
        return _all(one.at(factor) * one.size for one in free)

    turns = sorted({turn for one in free if one.size for turn in one.turns()})
    below, above = 0, len(turns)
    while below < above:
        middle = (below + above) // 2
        if sum_at(turns[middle]) <= need:
            below = middle + 1
        else:
            above = middle
    left, right = (turns[below - 1] if below else None), (turns[below] if below < len(turns) else None)
    if left is None:
        probe = Fraction(1) if right is None else right - 1
    else:
        probe = left + 1 if right is None else (left + right) / 2
    rise = _all(one.slope * one.size for one in free if one.moves(probe))
    if rise:
        return probe + (need - sum_at(probe)) / rise
    if left is not None and sum_at(left) == need:
        return left
    if sum_at(probe) == need:
        return probe
    raise DecompositionError("decomposition.no_weights", **told)


def _check(whole: float, parts: Sequence[Part], aggregation: str, method: str, decimals: int) -> None:
    """What is given can be reckoned with.

    Raises:
        DecompositionError: Something cannot; says what.
    """
    if aggregation not in AGGREGATIONS or method not in METHODS:
        value = aggregation if aggregation not in AGGREGATIONS else method
        raise DecompositionError("decomposition.choice", value=value[:40], choices=[*AGGREGATIONS, *METHODS])
    if not 0 <= decimals <= MOST_DECIMALS:
        raise DecompositionError("decomposition.decimals", value=decimals, most=MOST_DECIMALS)
    if not parts or len(parts) > MOST_PARTS:
        raise DecompositionError("decomposition.parts", count=len(parts), most=MOST_PARTS)
    _number("", "whole", whole)
    for one in parts:
        for name in ("weight", "size", "base", "low", "high", "fixed"):
            value = getattr(one, name)
            if value is not None:
                _number(one.id, name, value)
        _check_part(one, aggregation, method, decimals)
    if aggregation in (WEIGHTED, RATIO) and not any(one.size for one in parts):
        raise DecompositionError("decomposition.missing", place=parts[0].id, what="size")


def _check_part(one: Part, aggregation: str, method: str, decimals: int) -> None:
    free = one.fixed is None
    needs = {
        "size": aggregation in (WEIGHTED, RATIO),
        "base": free and method in (GROWTH, INCREMENT),
        "weight": free and method in (WEIGHTS, INCREMENT),
    }
    for name, needed in needs.items():
        if needed and getattr(one, name) is None:
            raise DecompositionError("decomposition.missing", place=one.id, what=name)
    for name in ("weight", "size", *(("base",) if method == GROWTH and free else ())):
        if needs[name] and getattr(one, name) < 0:
            raise DecompositionError("decomposition.negative", place=one.id, what=name, value=f"{getattr(one, name):g}")
    if one.low is not None and one.high is not None and one.low > one.high:
        raise DecompositionError("decomposition.bounds", place=one.id, low=f"{one.low:g}", high=f"{one.high:g}")
    if one.fixed is None:
        return
    if (one.low is not None and one.fixed < one.low) or (one.high is not None and one.fixed > one.high):
        raise DecompositionError("decomposition.fixed_outside", place=one.id, value=f"{one.fixed:.12g}")
    if half_up(_fraction(one.fixed), decimals) != _fraction(one.fixed):
        raise DecompositionError(
            "decomposition.fixed_decimals", place=one.id, value=f"{one.fixed:.12g}", decimals=decimals
        )


def _check_fixed(kept: Fraction, need: Fraction, count: Fraction | int, decimals: int) -> None:
    """Everything is fixed: it must come to the whole as it is."""
    if half_up(kept / count, decimals) != need / count:
        gap = need / count - kept / count
        raise DecompositionError(
            "decomposition.sum", whole=_said(need / count), kept=_said(kept / count), gap=_said(gap)
        )


def _agrees(total: Fraction, whole: Fraction, aggregation: str, decimals: int) -> bool:
    return total == whole if aggregation == SUM else half_up(total, decimals) == whole


def _held(one: Part, line: _Line, value: Fraction) -> str:
    if one.fixed is not None:
        return "fixed"
    if one.low is not None and value == line.low:
        return "low"
    return "high" if one.high is not None and value == line.high else ""


def _rate(base: float | None, value: float, years: int) -> float | None:
    if base is None or not years or base <= 0 or value <= 0:
        return None
    return float(((value / base) ** (1 / years) - 1) * 100)


def _number(place: str, name: str, value: Any) -> None:
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not math.isfinite(value)
        or abs(value) > LARGEST
    ):
        raise DecompositionError("decomposition.number", place=place or "—", what=name, value=str(value)[:40])


def _fraction(value: float | None) -> Fraction:
    """A number as it is written: 0.1 is a tenth."""
    return Fraction(repr(float(value or 0)))


def _all(numbers: Any) -> Fraction:
    return sum(numbers, Fraction(0))


def _said(value: Fraction) -> str:
    return f"{float(value):.10g}"
