"""A target split over parts: by hand-worked examples, and by what must hold for whatever is asked."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layers.decomposition.errors import DecompositionError
from layers.decomposition.rounding import Exact, half_up, rounded
from layers.decomposition.split import GROWTH, INCREMENT, MEAN, RATIO, SUM, WEIGHTED, WEIGHTS, Part, aggregate, split


def values(found):
    return [one.value for one in found.parts]


def reason_of(whole, parts, decimals):
    try:
        split(whole, parts, decimals=decimals)
    except DecompositionError as error:
        return error.key
    return ""


# ---- worked out by hand (docs/decomposition.md)


def test_by_weights():
    # 150 by 3 : 2 : 1 are 75, 50 and 25.
    found = split(150, [Part("a", 3), Part("b", 2), Part("c", 1)])
    assert (values(found), found.factor, found.total) == ([75, 50, 25], 25.0, 150.0)


def test_a_bound_holds_and_the_others_take_the_rest():
    # c may have 20 at most: 130 by 3 : 2 are 78 and 52.
    found = split(150, [Part("a", 3), Part("b", 2), Part("c", 1, high=20)])
    assert values(found) == [78, 52, 20]
    assert [one.at for one in found.parts] == ["", "", "high"]
    # b needs 60 at least: 90 by 3 : 1 are 67.5 and 22.5.
    found = split(150, [Part("a", 3), Part("b", 2, low=60), Part("c", 1)], decimals=1)
    assert values(found) == [67.5, 60, 22.5]


def test_a_fixed_value_stays():
    # a keeps 60, typed by hand: 90 by 2 : 1.
    found = split(150, [Part("a", 3, fixed=60), Part("b", 2), Part("c", 1)])
    assert values(found) == [60, 60, 30]
    assert found.parts[0].at == "fixed"


def test_an_equal_rate():
    # 100 to 161.051 in five years is 10 % a year for each.
    parts = [Part("a", base=60), Part("b", base=40)]
    found = split(161.051, parts, SUM, GROWTH, decimals=3, years=5)
    assert found.rate == pytest.approx(10)
    assert values(found) == [96.631, 64.42]  # 96.6306 and 64.4204: the unit lacking goes to the larger remainder


def test_an_equal_increment_of_a_percentage():
    # Weighted mean of 40 (weight 1) and 60 (weight 3) is 55; 60 takes 5 points more for both.
    parts = [Part("a", size=1, base=40), Part("b", size=3, base=60)]
    found = split(60, parts, WEIGHTED, INCREMENT)
    assert (values(found), found.factor) == ([45, 65], 5.0)
    # With 63 at most for b: 60·4 = 240 = a + 3·63, a = 51.
    found = split(60, [parts[0], Part("b", size=3, base=60, high=63)], WEIGHTED, INCREMENT)
    assert values(found) == [51, 63]


def test_a_mean_and_a_ratio_of_sums():
    # Mean 20 of two that stand 1 : 3 are 10 and 30.
    assert values(split(20, [Part("a", 1), Part("b", 3)], MEAN)) == [10, 30]
    # 2.8 doctors for every thousand people (10 and 30 thousand), rates standing 2 : 3:
    # k·(2·10 + 3·30) = 2.8·40, k = 112/110; rates 2.036 and 3.055, printed 2.04 and 3.05: (20.4 + 91.5)/40 = 2.7975.
    found = split(2.8, [Part("a", 2, size=10), Part("b", 3, size=30)], RATIO, decimals=2)
    assert values(found) == [2.04, 3.05]
    assert half_up(Fraction(str(found.total)), 2) == Fraction("2.8")


def test_largest_remainders():
    # 100 in thirds: 33.33 each, the unit that lacks goes to the first.
    assert values(split(100, [Part("a"), Part("b"), Part("c")])) == [34, 33, 33]
    # 10 by 1 : 2 : 3 are 1.67, 3.33 and 5: the larger remainder is the first.
    assert values(split(10, [Part("a", 1), Part("b", 2), Part("c", 3)])) == [2, 3, 5]


def test_a_bound_between_two_printable_values_is_kept():
    # 33.33 each, but a may have 33.2 at most and b 33.5: of whole numbers 33, 33 and so 34 for c.
    found = split(100, [Part("a", high=33.2), Part("b", high=33.5), Part("c")])
    assert values(found) == [33, 33, 34]


@pytest.mark.parametrize(
    ("whole", "parts", "why"),
    [
        (100, [Part("a", fixed=60), Part("b", fixed=50), Part("c")], "too_high"),
        (100, [Part("a", high=30), Part("b", high=30), Part("c", high=30)], "too_low"),
        (100, [Part("a", low=60), Part("b", low=60)], "too_high"),
        (100, [Part("a", fixed=60), Part("b", fixed=30)], "sum"),
        (100, [Part("a", 0), Part("b", 0)], "no_weights"),
        (100, [Part("a", 1, high=50), Part("b", 0)], "no_weights"),
        (100, [Part("a", -1), Part("b", 1)], "negative"),
        (100, [Part("a", None), Part("b", 1)], "missing"),
        (100, [Part("a", low=3, high=2), Part("b")], "bounds"),
        (100, [Part("a", fixed=5, high=2), Part("b")], "fixed_outside"),
        (100, [Part("a", fixed=5.5), Part("b")], "fixed_decimals"),
        (float("nan"), [Part("a")], "number"),
        (100, [Part("a", weight=float("inf"))], "number"),
        (100, [], "parts"),
        (100, [Part("a", low=30.2, high=30.8), Part("b")], "rounding"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(whole, parts, why):
    with pytest.raises(DecompositionError) as caught:
        split(whole, parts)
    assert caught.value.key == f"decomposition.{why}"
    assert all((caught.value.message("zh"), caught.value.message("en"), caught.value.remedy("zh")))


def test_growth_needs_a_base():
    with pytest.raises(DecompositionError) as caught:
        split(100, [Part("a", base=None), Part("b", base=3)], SUM, GROWTH)
    assert caught.value.params["what"] == "base"


def test_a_target_below_zero():
    # A cut of 10 by 3 : 2.
    assert values(split(-10, [Part("a", 3), Part("b", 2)])) == [-6, -4]


def test_aggregate_of_nothing():
    assert aggregate([], [], SUM) is None
    assert aggregate([3], [0], WEIGHTED) is None


# ---- whatever is asked

figures = st.integers(0, 10**6).map(lambda number: number / 100)


@st.composite
def asked(draw):
    count = draw(st.integers(1, 12))
    decimals = draw(st.integers(0, 3))
    unit = 10**decimals
    parts = []
    for at in range(count):
        low, high = sorted((draw(figures), draw(figures)))
        fixed = draw(st.none() | st.integers(int(low * unit) + 1, int(low * unit) + 10).map(lambda n: n / unit))
        if fixed is not None and fixed > high:
            fixed = None
        parts.append(
            Part(
                f"p{at}",
                draw(figures),
                draw(st.integers(1, 1000)),
                draw(figures),
                low if draw(st.booleans()) else None,
                high if draw(st.booleans()) else None,
                fixed,
            )
        )
    return draw(figures), parts, decimals


@given(asked(), st.sampled_from((SUM, MEAN, WEIGHTED, RATIO)), st.sampled_from((WEIGHTS, GROWTH, INCREMENT)))
def test_parts_come_to_the_whole_within_bounds_and_beside_what_is_fixed(wanted, aggregation, method):
    whole, parts, decimals = wanted
    try:
        found = split(whole, parts, aggregation, method, decimals=decimals)
    except DecompositionError:
        assume(False)
        return
    printed = half_up(Fraction(str(whole)), decimals)
    exact = [Fraction(str(one.value)) for one in found.parts]
    sizes = [Fraction(one.size) if aggregation in (WEIGHTED, RATIO) else Fraction(1) for one in parts]
    total = sum(v * s for v, s in zip(exact, sizes, strict=True)) / (1 if aggregation == SUM else sum(sizes))
    assert total == printed if aggregation == SUM else half_up(total, decimals) == printed
    for one, value in zip(parts, exact, strict=True):
        assert one.low is None or value >= Fraction(str(one.low))
        assert one.high is None or value <= Fraction(str(one.high))
        assert one.fixed is None or value == Fraction(str(one.fixed))
        assert value == half_up(value, decimals), "no more decimals than are printed"


@given(st.lists(st.integers(0, 10**5), min_size=1, max_size=15), st.integers(0, 10**6), st.integers(0, 3))
def test_no_part_is_a_unit_off(weights, whole, decimals):
    assume(any(weights))
    found = split(whole / 7, [Part(str(at), one) for at, one in enumerate(weights)], decimals=decimals)
    printed = Fraction(str(found.whole))
    for weight, one in zip(weights, found.parts, strict=True):
        # The exact quota, reckoned here anew.
        quota = printed * weight / sum(weights)
        assert abs(Fraction(str(one.value)) - quota) < Fraction(1, 10**decimals)


@given(st.lists(st.tuples(st.integers(0, 10**5), st.integers(1, 10**4)), min_size=1, max_size=12), st.integers(0, 2))
def test_a_weighted_rounding_is_off_by_half_a_size_at_most(pairs, decimals):
    parts = [Exact(Fraction(value, 997), Fraction(size)) for value, size in pairs]
    whole = sum(one.value * one.size for one in parts)
    printed = rounded(parts, whole, decimals)
    off = abs(sum(v * one.size for v, one in zip(printed, parts, strict=True)) - whole)
    assert off <= Fraction(max(one.size for one in parts), 2 * 10**decimals)


@given(asked())
def test_a_refusal_for_bounds_is_right(wanted):
    whole, parts, decimals = wanted
    assume(all(one.weight for one in parts) and any(one.fixed is None for one in parts))
    free = [one for one in parts if one.fixed is None]
    kept = sum(Fraction(str(one.fixed)) for one in parts if one.fixed is not None)
    least = kept + sum(Fraction(str(one.low or 0)) for one in free)
    most = None if any(one.high is None for one in free) else kept + sum(Fraction(str(one.high)) for one in free)
    printed = half_up(Fraction(str(whole)), decimals)
    possible = least <= printed and (most is None or printed <= most)
    if possible:
        assert reason_of(whole, parts, decimals) in ("", "decomposition.rounding")
        return
    with pytest.raises(DecompositionError):
        split(whole, parts, decimals=decimals)


def test_many_parts_take_no_time_to_speak_of():
    parts = [Part(str(at), 1 + at % 7, high=2 + at % 5) for at in range(2000)]
    found = split(3000, parts)
    assert sum(values(found)) == 3000
