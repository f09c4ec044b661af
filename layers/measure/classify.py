"""Classes for a choropleth: by quantiles, equal, natural, round or by deviation, and colours sampled from a ramp.

Breaks are ``[min, …, max]``, one more than there are classes. Class 0 holds ``breaks[0] <= v <= breaks[1]``,
every further class i holds ``breaks[i] < v <= breaks[i + 1]``. The first two breaks are equal when the smallest
value is a class of its own (many townships with 0 km, say). After that breaks rise strictly, and there are never
more classes than distinct values. Classes by quantiles and natural breaks are never empty; one of equal width may be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

METHODS = ("quantiles", "equal_interval", "natural_breaks", "pretty", "deviation")
MAX_CLASSES = 5

_FULL = ("quantiles", "natural_breaks")
"""Methods that leave no class empty."""
_STEPS = (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5))
_ROOT_DIGITS = 6
_MOST_BY_DEVIATION = 5

_NATURAL_SAMPLE = 300
"""More values than these are thinned for natural breaks, whose time grows with the square."""


def breaks(values: Iterable[Any], method: str, k: int = MAX_CLASSES, decimals: int | None = None) -> list[float]:
    """Give the class breaks of values.

    Args:
        values: Numbers in any unit; None, NaN and infinities are no values.
        method: ``quantiles`` (as many values in each class), ``equal_interval`` (classes equally wide),
            ``natural_breaks`` (Fisher-Jenks: least spread inside the classes), ``pretty`` (at multiples of the least
            1, 2, 2.5 or 5 times a power of ten that gives no more than k classes) or ``deviation`` (classes one
            standard deviation wide around the mean, five at most, the outer ones open).
        k: Largest number of classes; fewer when there are fewer distinct values, or ties.
        decimals: The decimals that values carry and are shown with. Inner breaks are then cut down to them; as
            no value lies between a break and its cut, every value stays in its class.

    Returns:
        ``[min, …, max]``; ``[v, v]`` when all values are v, ``[]`` when there are none.

    Raises:
        ValueError: The method is unknown or k is below 1: a fault of the program, not of the data.

    Source:
        Quantiles by linear interpolation: Hyndman and Fan (1996), type 7. Natural breaks: Fisher (1958), "On grouping
        for maximum homogeneity", the exact optimum. Bounds are reckoned in exact fractions of the numbers as they are
        written (0.1 is one tenth): a bound that ought to equal a value does equal it, and ties stay together. The
        standard deviation is that of the values as they are, not of a sample; its root is cut at six digits more than
        the values have.

    Example:
        Ten values from 1 to 10 in five equal intervals: the width is (10 - 1) / 5 = 1.8.

        >>> breaks(range(1, 11), "equal_interval", decimals=1)
        [1.0, 2.8, 4.6, 6.4, 8.2, 10.0]
    """
    if method not in METHODS or k < 1:
        raise ValueError(f"no classes by {method!r} in {k}")
    numbers = _finite(values)
    distinct, counts = np.unique(numbers, return_counts=True)
    if not len(distinct):
        return []
    low, high = float(distinct[0]), float(distinct[-1])
    count = min(k, len(distinct))
    if count == 1:
        return [low, high]
    if method == "equal_interval":
        first, width = _written(low), (_written(high) - _written(low)) / count
        uppers = [first + width * step for step in range(1, count)]
    elif method == "natural_breaks":
        uppers = [_written(value) for value in _natural(distinct, counts, count)]
    elif method == "pretty":
        uppers = list(_round(_written(low), _written(high), count))
    elif method == "deviation":
        uppers = list(_deviations(distinct, counts, count))
    else:
        uppers = list(_quantiles(np.sort(numbers), count))
    return [low, *_bounds(uppers, distinct, decimals, empty=method not in _FULL), high]


def colors(ramp: Sequence[str], count: int) -> list[str]:
    """Sample a ramp at equal steps from its first to its last colour.

    Args:
        ramp: ``#rrggbb``, from low to high.
        count: How many colours are wanted; a single one is taken from the middle.

    Returns:
        ``#rrggbb`` each, mixed linearly in sRGB.

    Example:
        >>> colors(["#000000", "#ffffff"], 3)
        ['#000000', '#808080', '#ffffff']
    """
    if count < 1:
        return []
    places = [0.5] if count == 1 else [step / (count - 1) for step in range(count)]
    channels = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in ramp], dtype=float)
    stops = np.linspace(0.0, 1.0, len(ramp))
    mixed = [[float(np.interp(place, stops, channels[:, channel])) for channel in range(3)] for place in places]
    # half up, not to even: the same colour on every machine and the one that a reader expects
    return ["#" + "".join(f"{math.floor(value + 0.5):02x}" for value in color) for color in mixed]


def classes(
    values: Iterable[Any], ramp: Sequence[str], decimals: int | None = None, k: int = MAX_CLASSES
) -> dict[str, dict[str, list[Any]]]:
    """Class values by all methods, ready for the page.

    Args:
        values: Numbers; None and NaN are left out.
        ramp: Colours ``#rrggbb`` from low to high.
        decimals: See `breaks`.
        k: Largest number of classes.

    Returns:
        ``{method: {"breaks": [min, …, max], "colors": [one per class]}}``; both lists are empty without values.
    """
    kept = list(values)
    result: dict[str, dict[str, list[Any]]] = {}
    for method in METHODS:
        found = breaks(kept, method, k, decimals)
        result[method] = {"breaks": found, "colors": colors(ramp, max(len(found) - 1, 0))}
    return result


def around(values: Iterable[Any], middle: float, ramp: Sequence[str]) -> dict[str, list[Any]] | None:
    """Classes in equal steps on both sides of a middle that means something, as far as the value farthest from it.

    What lies below and what lies above never share a colour; values at the middle, where there are any, have a class of
    their own, in the colour between both sides.

    Args:
        values: Numbers; None and NaN are left out.
        middle: Where the sides meet: 0 for a change, 100 for a progress in per cent.
        ramp: An even number of colours ``#rrggbb``, from far below to far above.

    Returns:
        ``{"breaks": […], "colors": […]}``; None where no value lies off the middle, or the ramp has no middle.

    Example:
        The farthest of -1 and 3 from 0 is 3: two steps of 1.5 on each side.

        >>> around([-1, 3], 0, ["#000000", "#333333", "#cccccc", "#ffffff"])["breaks"]
        [-3.0, -1.5, 0.0, 1.5, 3.0]

        No value lies between -1 and 0, so that what is above -1 and not above 0 is 0.

        >>> found = around([-1, 0, 3], 0, ["#000000", "#333333", "#cccccc", "#ffffff"])
        >>> found["breaks"], found["colors"][2]
        ([-3.0, -1.5, -1.0, 0.0, 1.5, 3.0], '#808080')
    """
    centre, half = _written(middle), len(ramp) // 2
    numbers = [_written(value) for value in _finite(values)]
    most = max((abs(value - centre) for value in numbers), default=Fraction(0))
    if not most or half < 1 or len(ramp) % 2:
        return None
    found, tints = [centre + most * step / half for step in range(-half, half + 1)], list(ramp)
    if centre in numbers:
        last = found[half - 1]
        found.insert(half, max((value for value in numbers if last < value < centre), default=(last + centre) / 2))
        tints.insert(half, colors([ramp[half - 1], ramp[half]], 3)[1])
    return {"breaks": [float(one) for one in found], "colors": tints}


def class_of(value: float | None, found: Sequence[float]) -> int:
    """Give the class of a value.

    Args:
        value: A number, or None.
        found: Breaks as from `breaks`.

    Returns:
        The class from 0; -1 for missing values (None, NaN) and values outside the breaks.
    """
    number = _number(value)
    if not found or not found[0] <= number <= found[-1]:
        return -1
    return next(place for place, upper in enumerate(found[1:]) if number <= upper)


def ramp_colors(ramps: Iterable[Mapping[str, Any]], name: str = "sequential") -> list[str]:
    """Give the colours of a ramp from the edition's ``ramps``; the first ramp when none has the name."""
    kept = list(ramps)
    found = next((ramp for ramp in kept if ramp.get("id") == name), kept[0] if kept else {"colors": []})
    return list(found["colors"])


def _number(value: Any) -> float:
    """A value as a number; NaN for None, NaN and pandas' NA."""
    return math.nan if value is None or pd.isna(value) else float(value)


def _finite(values: Iterable[Any]) -> NDArray[np.float64]:
    numbers = np.array([_number(value) for value in values], dtype=float) + 0.0  # minus zero is zero
    return numbers[np.isfinite(numbers)]


def _written(value: float) -> Fraction:
    """The number that a float is written as: 0.1 is one tenth, not the double beside it."""
    return Fraction(repr(float(value)))


def _bounds(
    uppers: Iterable[Fraction], distinct: NDArray[np.float64], decimals: int | None, empty: bool
) -> list[float]:
    """Inner bounds as rising floats, each from the last value of its class to below the first of the next.

    Args:
        uppers: Exact upper bounds, rising, from the lowest value to the highest.
        distinct: The values, rising, each once.
        decimals: Bounds are cut down to these where no value lies between bound and cut.
        empty: Whether a class may be empty; else of bounds with no value between them the lowest stays.
    """
    exact = [_written(value) for value in distinct]
    found: list[float] = []
    seen, at = -1, 0
    for upper in uppers:
        while at + 1 < len(exact) and exact[at + 1] <= upper:
            at += 1
        if at + 1 == len(exact) or (at == seen and not empty):
            continue
        seen = at
        cut = (
            upper
            if decimals is None
            else Fraction(math.floor(upper * Fraction(10) ** decimals)) / (Fraction(10) ** decimals)
        )
        bound = float(cut if cut >= exact[at] else upper)
        if bound >= distinct[at + 1]:  # rounded up to the value above
            bound = float(distinct[at])
        if not found or bound > found[-1]:
            found.append(bound)
    return found


def _quantiles(ordered: NDArray[np.float64], count: int) -> Iterator[Fraction]:
    """Exact bounds of quantiles, between the two values around each rank."""
    for step in range(1, count):
        rank, rest = divmod(step * (len(ordered) - 1), count)
        lower = _written(ordered[rank])
        yield lower + (_written(ordered[rank + 1]) - lower) * Fraction(rest, count) if rest else lower


def _round(low: Fraction, high: Fraction, count: int) -> Iterator[Fraction]:
    """Multiples of a round step between two numbers, the least step that leaves no more than ``count`` classes."""
    width = (high - low) / count
    power = len(str(math.floor(width))) - 1 if width >= 1 else -len(str(math.floor(1 / width)))
    steps = (base * Fraction(10) ** exponent for exponent in range(power, power + 4) for base in _STEPS)
    for step in steps:
        first, last = math.floor(low / step) + 1, math.ceil(high / step) - 1
        if last - first + 2 <= count:
            yield from (step * at for at in range(first, last + 1))
            return


def _deviations(distinct: NDArray[np.float64], counts: NDArray[np.int_], count: int) -> Iterator[Fraction]:
    """Bounds at the mean and the standard deviations around it that ``count`` classes have room for."""
    values = [_written(value) for value in distinct]
    times = [int(one) for one in counts]
    number = sum(times)
    mean = sum((value * many for value, many in zip(values, times, strict=True)), Fraction(0)) / number
    square = sum((value * value * many for value, many in zip(values, times, strict=True)), Fraction(0)) / number
    # As a whole number of the values' last decimal and some more digits: the same on every machine.
    unit = Fraction(10) ** (max(_decimals_of(value) for value in distinct) + _ROOT_DIGITS)
    spread = Fraction(math.isqrt(math.floor((square - mean * mean) * unit * unit))) / unit
    halves = range(2 - min(count, _MOST_BY_DEVIATION), min(count, _MOST_BY_DEVIATION), 2)
    bounds = (mean + Fraction(half, 2) * spread for half in halves)
    yield from (bound for bound in bounds if bound >= values[0])


def _decimals_of(value: float) -> int:
    """The decimals that a float is written with; not below 0."""
    exponent = Decimal(repr(float(value))).as_tuple().exponent
    return max(0, -int(exponent))


def _natural(distinct: NDArray[np.float64], counts: NDArray[np.int_], count: int) -> NDArray[np.float64]:
    """Largest value of each class but the last by Fisher's exact method; many values are thinned to quantiles.

    ``least[j]`` is the least sum of squared deviations of the first j distinct values in as many classes as have
    been dealt with; a class of values i … j - 1, each with its count, adds its own. Of two equal sums the one with
    the lower bound is taken, so that the result is always the same.
    """
    if len(distinct) > _NATURAL_SAMPLE:
        ordered = np.repeat(distinct, counts)
        thinned = np.quantile(ordered, np.linspace(0, 1, _NATURAL_SAMPLE), method="nearest")
        distinct, counts = np.unique(thinned, return_counts=True)
        count = min(count, len(distinct))
    scale = float(np.abs(distinct).max())
    scaled = distinct / scale
    scaled -= np.average(scaled, weights=counts)  # large numbers with small differences keep their digits
    total, weighted, squared = (np.concatenate([[0.0], np.cumsum(counts * scaled**power)]) for power in (0, 1, 2))
    size = len(distinct)
    start, end = np.triu_indices(size + 1, 1)
    spread = np.full((size + 1, size + 1), np.inf)
    sums, weights = weighted[end] - weighted[start], total[end] - total[start]
    spread[start, end] = np.maximum(squared[end] - squared[start] - sums * sums / weights, 0.0)
    least = spread[0]
    steps = []
    for _ in range(count - 1):
        candidates = least[:, None] + spread
        # Sums that differ by rounding only are equal.
        best = candidates.min(axis=0)
        step = np.argmax(candidates <= best + 1e-12 * squared[-1], axis=0)
        steps.append(step)
        least = candidates[step, np.arange(size + 1)]
    uppers = []
    at = size
    for step in reversed(steps):
        at = int(step[at])
        uppers.append(at - 1)
    return distinct[uppers[::-1]]
