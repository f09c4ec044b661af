"""Classes of choropleths against breaks worked out by hand."""

import itertools
import json
import math
import tomllib
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layers.measure import classify

DATA = Path(__file__).parent.parent / "data"
NONE = (None, math.nan)


def test_quantiles_hold_equally_many() -> None:
    # 1 to 10 in five: bounds at rank 0.2 · 9 = 1.8 → 2.8, then 4.6, 6.4, 8.2
    assert classify.breaks(range(1, 11), "quantiles") == pytest.approx([1, 2.8, 4.6, 6.4, 8.2, 10])
    sizes = [0] * 5
    for value in range(1, 11):
        sizes[classify.class_of(value, classify.breaks(range(1, 11), "quantiles"))] += 1
    assert sizes == [2, 2, 2, 2, 2]


def test_equal_intervals_are_equally_wide() -> None:
    assert classify.breaks([0, 1, 2, 3, 50], "equal_interval") == [0, 10, 20, 30, 40, 50]


def test_natural_breaks_find_the_groups() -> None:
    # three groups far apart; any other cut into three has a larger spread inside
    values = [1, 2, 3, 50, 51, 52, 100, 101]
    assert classify.breaks(values, "natural_breaks", k=3) == [1, 3, 52, 101]


def test_natural_breaks_by_hand() -> None:
    # 1, 2, 4, 7 in two: {1,2}{4,7} spreads 0.5 + 4.5 = 5; {1,2,4}{7} 4.67 + 0 is less; {1}{2,4,7} 12.67
    assert classify.breaks([1, 2, 4, 7], "natural_breaks", k=2) == [1, 4, 7]


@pytest.mark.parametrize("method", classify.METHODS)
def test_ties_of_the_smallest_value_are_a_class_of_their_own(method: str) -> None:
    values = [0] * 10 + [1.5, 2.3, 9.0]
    found = classify.breaks(values, method)
    assert found[0] == 0
    assert found[-1] == 9
    if method == "quantiles":  # four distinct values, four classes; the first three bounds are at ranks up to 9: 0
        assert found == [0, 0, 9]
    if method == "natural_breaks":
        assert found == [0, 0, 1.5, 2.3, 9]


@pytest.mark.parametrize("method", classify.METHODS)
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([*NONE, math.inf], []),
        ([3], [3, 3]),
        ([3, 3, 3], [3, 3]),
        ([3, None, 3, math.nan], [3, 3]),
        ([0, 0], [0, 0]),
        ([-2, -2], [-2, -2]),
    ],
)
def test_few_values(method: str, values: list, expected: list) -> None:
    assert classify.breaks(values, method) == expected


@pytest.mark.parametrize("method", classify.METHODS)
def test_no_more_classes_than_distinct_values(method: str) -> None:
    assert len(classify.breaks([1, 1, 1, 5, 5], method)) - 1 <= 2
    assert len(classify.breaks([1, 2, 3], method)) - 1 <= 3
    assert len(classify.breaks(range(100), method)) - 1 == classify.MAX_CLASSES


def test_breaks_are_cut_to_the_decimals_and_no_value_changes_its_class() -> None:
    values = [0.0, 0.1, 0.4, 1.3, 3.2, 3.3, 7.9]
    exact, cut = classify.breaks(values, "quantiles"), classify.breaks(values, "quantiles", decimals=1)
    assert all(round(number, 1) == number for number in cut)
    assert [classify.class_of(value, exact) for value in values] == [classify.class_of(value, cut) for value in values]
    # bounds 0.75, 1.5, 2.25, 3: with whole values the first class holds 0 alone
    assert classify.breaks([0, 1, 2, 3], "equal_interval", decimals=0) == [0, 0, 1, 2, 3]


def test_class_of() -> None:
    found = [0.0, 0.0, 2.0, 5.0]
    assert [classify.class_of(value, found) for value in (0.0, 0.1, 2.0, 2.1, 5.0)] == [0, 1, 1, 2, 2]
    assert [classify.class_of(value, found) for value in (None, math.nan, -1.0, 5.1)] == [-1, -1, -1, -1]
    assert classify.class_of(1.0, []) == -1


def test_colors_are_sampled_from_the_ramp() -> None:
    ramp = ["#000000", "#0000ff", "#ffffff"]
    assert classify.colors(ramp, 0) == []
    assert classify.colors(ramp, 1) == ["#0000ff"]
    assert classify.colors(ramp, 2) == ["#000000", "#ffffff"]
    assert classify.colors(ramp, 3) == ramp
    # a quarter of the way is half way from the first to the second: 127.5, rounded up to 128 = 80
    assert classify.colors(ramp, 5) == ["#000000", "#000080", "#0000ff", "#8080ff", "#ffffff"]


def test_classes_for_the_page() -> None:
    ramps = tomllib.loads((DATA / "kinds.toml").read_text(encoding="utf-8"))["ramp"]
    ramp = classify.ramp_colors(ramps)
    found = classify.classes([1.0, None, 2.0, 9.0], ramp, decimals=1)
    assert list(found) == list(classify.METHODS)
    for entry in found.values():
        assert len(entry["colors"]) == len(entry["breaks"]) - 1
        assert entry["colors"][0] == ramp[0]
        assert entry["colors"][-1] == ramp[-1]
    assert classify.classes([None], ramp)["quantiles"] == {"breaks": [], "colors": []}


def test_ramp_by_name_else_the_first() -> None:
    ramps = [{"id": "a", "colors": ["#111111"]}, {"id": "b", "colors": ["#222222"]}]
    assert classify.ramp_colors(ramps, "b") == ["#222222"]
    assert classify.ramp_colors(ramps, "c") == ["#111111"]
    assert classify.ramp_colors([]) == []


@pytest.mark.parametrize(("method", "k"), [("magic", 5), ("quantiles", 0)])
def test_wrong_use(method: str, k: int) -> None:
    with pytest.raises(ValueError, match="no classes"):
        classify.breaks([1, 2], method, k)


def test_many_values_stay_fast_and_keep_the_ends() -> None:
    found = classify.breaks(range(40_000), "natural_breaks")
    assert (found[0], found[-1], len(found)) == (0, 39_999, 6)
    # evenly spread values: the least spread is five equal groups, to within the thinning
    assert found == pytest.approx([0, 8_000, 16_000, 24_000, 32_000, 39_999], abs=200)


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classify.classes([0, 0, 0, 1, 2], ["#000000", "#ffffff"])


# ---- ties, missing values, bounds that ought to equal a value


TIED = [0, 0, 0, 0, 0, 0.1, -0.1, 125.7, 125.7, 125.8]
"""Sorted: -0.1, five 0, 0.1, two 125.7, 125.8; in five classes the ranks are 1.8, 3.6, 5.4 and 7.2."""


def test_a_bound_between_two_equal_values_is_that_value() -> None:
    # ranks 1 to 5 are 0, so 1.8 and 3.6 give 0; 5.4 gives 0.04, which parts nothing from that; 7 and 8 are both 125.7
    assert classify.breaks(TIED, "quantiles", 5) == [-0.1, 0.0, 125.7, 125.8]
    assert classify.breaks(TIED, "quantiles", 5, decimals=1) == [-0.1, 0.0, 125.7, 125.8]


def test_equal_intervals_end_where_the_written_number_says() -> None:
    # 0.1 to 0.4 in three: bounds at 0.2 and 0.3 exactly, which the doubles 0.1 + 0.1 and 0.1 + 0.2 miss
    found = classify.breaks([0.1, 0.2, 0.3, 0.4], "equal_interval", 3)
    assert found == [0.1, 0.2, 0.3, 0.4]
    assert [classify.class_of(value, found) for value in (0.1, 0.2, 0.3, 0.4)] == [0, 0, 1, 2]


@pytest.mark.parametrize("method", classify.METHODS)
def test_missing_values_count_for_nothing(method: str) -> None:
    values = [3.0, 8.5, 1.0, 8.5, 20.0, 21.0, 22.0]
    missing = [None, math.nan, np.nan, pd.NA, pd.NaT, math.inf, -math.inf]
    mixed = [value for pair in itertools.zip_longest(missing, values) for value in pair]
    found = classify.breaks(values, method)
    assert classify.breaks(mixed, method) == found
    assert [classify.class_of(value, found) for value in missing] == [-1] * len(missing)


@pytest.mark.parametrize("method", classify.METHODS)
@pytest.mark.parametrize(
    "values",
    [
        [1e308, -1e308, 0, 5e307],
        [5e-324, 1e-323, 1.5e-323],
        [1.0, math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0)],
        [1e15 + number for number in (1, 2, 3, 100, 101, 102)],
        [-0.0, 0.0, 0.0, 1.0],
    ],
)
def test_numbers_at_the_edge_of_doubles(method: str, values: list[float]) -> None:
    found = classify.breaks(values, method, 3)
    assert (found[0], found[-1]) == (min(values), max(values))
    assert all(classify.class_of(value, found) >= 0 for value in values)


def test_natural_breaks_of_large_numbers_with_small_differences() -> None:
    # squares of 1e9 have 18 digits, a double holds 15
    assert classify.breaks([1e9 + 1, 1e9 + 2, 1e9 + 50, 1e9 + 51], "natural_breaks", 2) == [1e9 + 1, 1e9 + 2, 1e9 + 51]


def spread(groups: list[list[int]]) -> Fraction:
    """Sum of squared deviations from each group's mean, exactly."""
    return sum(
        (sum((Fraction(value) - Fraction(sum(group), len(group))) ** 2 for value in group) for group in groups),
        Fraction(0),
    )


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=10), st.integers(1, 5))
@example([1, 2, 3], 2)
@example([0, 0, 0, 1, 1, 9, 10, 10], 3)
def test_natural_breaks_are_the_best_of_all_partitions(values: list[int], k: int) -> None:
    found = classify.breaks(values, "natural_breaks", k)
    distinct = sorted(set(values))
    count = min(k, len(distinct))

    def groups(inner: tuple[int, ...]) -> list[list[int]]:
        edges = [distinct[0] - 1, *inner, distinct[-1]]
        return [[v for v in values if low < v <= high] for low, high in itertools.pairwise(edges)]

    least = min(spread(groups(inner)) for inner in itertools.combinations(distinct[:-1], count - 1))
    classes = [[v for v in values if classify.class_of(v, found) == place] for place in range(len(found) - 1)]
    assert len(classes) == count
    assert spread(classes) == least


tenths = st.integers(-10_000, 10_000).map(lambda number: number / 10)


@given(st.lists(st.one_of(tenths, st.none()), max_size=40), st.sampled_from(classify.METHODS), st.integers(1, 7))
@example(TIED, "quantiles", 5)
def test_every_value_has_a_class_and_breaks_rise(values: list, method: str, k: int) -> None:
    found = classify.breaks(values, method, k, decimals=1)
    known = [value for value in values if value is not None]
    if not known:
        assert found == []
        return
    assert (found[0], found[-1]) == (min(known), max(known))
    assert 1 <= len(found) - 1 <= min(k, len(set(known)))
    inner = found[1:]
    assert all(low < high for low, high in itertools.pairwise(inner))
    assert all(classify.class_of(value, found) >= 0 for value in known)
    if method in ("quantiles", "natural_breaks"):
        assert {classify.class_of(value, found) for value in known} == set(range(len(found) - 1))
        exact = classify.breaks(values, method, k)
        assert [classify.class_of(value, found) for value in known] == [
            classify.class_of(value, exact) for value in known
        ]
    for again in (values, list(reversed(values)), sorted(known)):
        assert found == classify.breaks(again, method, k, decimals=1)


def test_the_page_and_the_server_class_alike() -> None:
    """The cases of ``classes.json``, by hand; the page's tests read them too (``breaks.test.js``)."""
    cases = json.loads((Path(__file__).parent / "classes.json").read_text("utf-8"))
    found = [
        classify.breaks(one["values"], one["method"], one.get("most", 5), one["decimals"]) for one in cases["breaks"]
    ]
    assert found == [one["expected"] for one in cases["breaks"]]
    assert [classify.colors(one["ramp"], one["count"]) for one in cases["colors"]] == [
        one["expected"] for one in cases["colors"]
    ]
    ramp = ["#000000", "#333333", "#cccccc", "#ffffff"]
    sided = [classify.around(one["values"], one["middle"], ramp) for one in cases["around"]]
    assert [one and one["breaks"] for one in sided] == [one["expected"] for one in cases["around"]]
