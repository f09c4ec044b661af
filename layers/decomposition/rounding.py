"""Rounding by largest remainders: printed parts add up to the printed whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Exact:
    """A part before it is rounded.

    Attributes:
        value: The exact value.
        size: How much it counts in the whole: 1 in a sum or a mean, the weight in a weighted mean or a ratio of sums.
        low: Least value that may be printed, or None.
        high: Greatest, or None.
        fixed: Whether it is printed as it is.
    """

    value: Fraction
    size: Fraction = Fraction(1)
    low: Fraction | None = None
    high: Fraction | None = None
    fixed: bool = False


def half_up(value: Fraction, decimals: int) -> Fraction:
    """A value as it is printed with some decimals; halves go away from zero.

    Example:
        >>> half_up(Fraction("2.45"), 1), half_up(Fraction("-2.45"), 1)
        (Fraction(5, 2), Fraction(-5, 2))
    """
    unit = Fraction(10) ** decimals
    found = Fraction(math.floor(abs(value) * unit + _HALF), 1) / unit
    return found if value >= 0 else -found


def rounded(parts: Sequence[Exact], whole: Fraction, decimals: int) -> list[Fraction] | None:
    """The parts as they are printed: each is rounded down, and the units that then lack go to the largest remainders.

    Args:
        parts: The parts.
        whole: What ``Σ size · value`` of the printed parts is to come to.
        decimals: Decimals that are printed.

    Returns:
        The printed values, in the order of the parts. With sizes of 1 they add up to ``whole`` exactly (where that has
        no more than ``decimals``), else to within half of the largest size times the last decimal. None when a bound
        leaves no printable value.

    Example:
        >>> thirds = [Exact(Fraction(10, 3))] * 3
        >>> [float(one) for one in rounded(thirds, Fraction(10), 1)]
        [3.4, 3.3, 3.3]
    """
    unit = Fraction(10) ** decimals
    least = [None if one.low is None else math.ceil(one.low * unit) for one in parts]
    most = [None if one.high is None else math.floor(one.high * unit) for one in parts]
    counts: list[Fraction] = []
    for one, low, high in zip(parts, least, most, strict=True):
        if one.fixed:
            counts.append(one.value * unit)
            continue
        if low is not None and high is not None and low > high:
            return None
        count = math.floor(one.value * unit)
        count = count if low is None else max(count, low)
        counts.append(Fraction(count if high is None else min(count, high)))
    lacking = whole * unit - sum((one.size * count for one, count in zip(parts, counts, strict=True)), Fraction(0))
    order = [at for at, one in enumerate(parts) if not one.fixed and one.size > 0]
    order.sort(key=lambda at: (counts[at] - parts[at].value * unit, at))
    # Bounds may take a unit from one part; it goes to another, so there may be more rounds than one.
    for _ in range(len(order) + 2):
        before = lacking
        for step, way, bounds in ((1, order, most), (-1, order[::-1], least)):
            for at in way:
                size, bound = parts[at].size, bounds[at]
                if lacking * step >= size * _HALF and (bound is None or (bound - counts[at]) * step >= 1):
                    # Half a unit too much is as bad as half a unit too little: then what is there stays.
                    if step < 0 and lacking * step == size * _HALF:
                        continue
                    counts[at] += step
                    lacking -= size * step
        if lacking == before or abs(lacking) <= _HALF * max((parts[at].size for at in order), default=Fraction(0)):
            break
    return [count / unit for count in counts]
