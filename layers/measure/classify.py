"""Classes for a choropleth: quantiles, equal intervals, natural breaks, and colours sampled from a ramp.

Breaks are ``[min, …, max]``, one more than there are classes. Class 0 holds ``breaks[0] <= v <= breaks[1]``,
every further class i holds ``breaks[i] < v <= breaks[i + 1]``. The first two breaks are equal when the smallest
value is a class of its own (many townships with 0 km, say). After that breaks rise strictly, and there are never
more classes than distinct values. Classes by quantiles and natural breaks are never empty; one of equal width may be.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import mapclassify
import numpy as np
from numpy.typing import NDArray

METHODS = ("quantiles", "equal_interval", "natural_breaks")
MAX_CLASSES = 5

_NATURAL_SAMPLE = 300
"""More values than these are thinned for natural breaks, whose time grows with the square."""


def breaks(values: Iterable[Any], method: str, k: int = MAX_CLASSES, decimals: int | None = None) -> list[float]:
    """Give the class breaks of values.

    Args:
        values: Numbers in any unit; None, NaN and infinities are no values.
        method: ``quantiles`` (as many values in each class), ``equal_interval`` (classes equally wide) or
            ``natural_breaks`` (Fisher-Jenks: least spread inside the classes).
        k: Largest number of classes; fewer when there are fewer distinct values, or ties.
        decimals: The decimals that values carry and are shown with. Inner breaks are then cut down to them; as
            no value lies between a break and its cut, every value stays in its class.

    Returns:
        ``[min, …, max]``; ``[v, v]`` when all values are v, ``[]`` when there are none.

    Raises:
        ValueError: The method is unknown or k is below 1: a fault of the program, not of the data.

    Source:
        mapclassify (PySAL) for the three methods; Fisher (1958), Jenks (1977) for natural breaks.

    Example:
        Ten values from 1 to 10 in five equal intervals: the width is (10 - 1) / 5 = 1.8.

        >>> breaks(range(1, 11), "equal_interval", decimals=1)
        [1.0, 2.8, 4.6, 6.4, 8.2, 10.0]
    """
    if method not in METHODS or k < 1:
        raise ValueError(f"no classes by {method!r} in {k}")
    numbers = _finite(values)
    distinct = np.unique(numbers)
    if not len(distinct):
        return []
    low, high = float(distinct[0]), float(distinct[-1])
    count = min(k, len(distinct))
    if count == 1:
        return [low, high]
    if method == "equal_interval":
        uppers = low + (high - low) * np.arange(1, count + 1) / count
    else:
        with warnings.catch_warnings():
            # Notices, not faults: numba only makes Fisher-Jenks faster, and fewer classes on ties are what we want.
            warnings.filterwarnings("ignore", message="Numba not installed|Not enough unique values")
            uppers = _natural(numbers, count) if method == "natural_breaks" else _quantiles(numbers, distinct, count)
    inner = (_cut(float(upper), decimals) for upper in uppers)
    rising = sorted({upper for upper in inner if low <= upper < high})
    return [low, *rising, high]


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
    """Class values by all three methods, ready for the page.

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


def class_of(value: float | None, found: Sequence[float]) -> int:
    """Give the class of a value.

    Args:
        value: A number, or None.
        found: Breaks as from `breaks`.

    Returns:
        The class from 0; -1 for None, NaN and values outside the breaks.
    """
    if value is None or not math.isfinite(value) or not found or not found[0] <= value <= found[-1]:
        return -1
    return next(place for place, upper in enumerate(found[1:]) if value <= upper)


def ramp_colors(ramps: Iterable[Mapping[str, Any]], name: str = "sequential") -> list[str]:
    """Give the colours of a ramp from the edition's ``ramps``; the first ramp when none has the name."""
    kept = list(ramps)
    found = next((ramp for ramp in kept if ramp.get("id") == name), kept[0] if kept else {"colors": []})
    return list(found["colors"])


def _finite(values: Iterable[Any]) -> NDArray[np.float64]:
    numbers = np.array([math.nan if value is None else float(value) for value in values], dtype=float)
    return numbers[np.isfinite(numbers)]


def _quantiles(numbers: NDArray[np.float64], distinct: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Upper bounds of quantiles; of bounds with no value between them the lowest stays, so no class is empty."""
    bins: NDArray[np.float64] = mapclassify.Quantiles(numbers, k=count).bins
    below = np.searchsorted(distinct, bins, side="right")
    return bins[np.unique(below, return_index=True)[1]]


def _natural(numbers: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Upper bounds by Fisher-Jenks; many values are thinned to quantiles, the ends kept."""
    if len(numbers) > _NATURAL_SAMPLE:
        numbers = np.quantile(numbers, np.linspace(0, 1, _NATURAL_SAMPLE), method="nearest")
        count = min(count, len(np.unique(numbers)))
    bins: NDArray[np.float64] = mapclassify.FisherJenks(numbers, k=count).bins
    return bins


def _cut(value: float, decimals: int | None) -> float:
    """Round down to decimals; a value that is one up to rounding noise stays."""
    if decimals is None:
        return value
    factor = 10.0**decimals
    return math.floor(value * factor + 1e-6) / factor
