"""What is stated against what was measured: the plan's comparator and the check's own, ranges, readings, causes."""

import json
import math
from typing import Any

import pytest
from cases import every
from test_layers_measure_claims import claim, measured

from layers.measure.claims import verdict

# ---- verdicts


@every(
    ("comparator", "room", "percent", "found", "expected"),
    [
        ("", 0, False, 35, "agrees"), ("", 0, False, 35.1, "differs"), ("", 2, False, 33, "agrees"),
        ("", 2, False, 32.9, "differs"), ("", 10, True, 38.5, "agrees"), ("", 10, True, 38.6, "differs"),
        ("~", 1, False, 34, "agrees"), ("~", 1, False, 33.9, "differs"),
        (">", 0, False, 35, "differs"), (">", 0, False, 35.1, "agrees"), (">", 1, False, 34, "agrees"),
        (">=", 0, False, 35, "agrees"), (">=", 0, False, 34.9, "differs"), (">=", 1, False, 34, "agrees"),
        ("<", 0, False, 35, "differs"), ("<", 0, False, 34.9, "agrees"), ("<", 1, False, 36.1, "differs"),
        ("<=", 0, False, 35, "agrees"), ("<=", 0, False, 35.1, "differs"), ("<=", 10, True, 38.5, "agrees"),
        ("", 5, False, math.nan, "unchecked"),
    ],
)  # fmt: skip
def test_verdict(comparator: str, room: float, percent: bool, found: float, expected: str) -> None:
    tolerance = {"percent" if percent else "absolute": float(room), "reason": "界线", "reason_en": "Boundary"}
    one = claim({"count_of": "rail"}, 35.0, tolerance=tolerance, comparator=comparator)
    assert verdict(one, [found]) == (expected, "")


STRICT = {"absolute": 0.0, "reason": "计数", "reason_en": "A count"}


@pytest.mark.parametrize(
    ("measure", "fields", "found", "expected"),
    [
        # The plan wants at least ten; what was reached must not be above that.
        ({"value_of": "five"}, {"comparator": ">=", "test": "<="}, 9, ("agrees", "")),
        ({"value_of": "five"}, {"comparator": ">=", "test": "<="}, 17.9, ("differs", "")),
        ({"value_of": "five"}, {"comparator": ">=", "test": "<=", "because": "policy", "note": "说明"}, 17.9,
         ("noted", "policy")),
        ({"value_of": "five"}, {"comparator": ">", "test": "="}, 10, ("agrees", "")),
        # An open list may name fewer than it says, never more.
        ({"count_of": "rail"}, {"because": "open_list", "note": "等10条"}, 5, ("noted", "open_list")),
        ({"count_of": "rail"}, {"because": "open_list", "note": "等10条"}, 10, ("agrees", "")),
        ({"count_of": "rail"}, {"because": "open_list", "note": "等10条"}, 11, ("differs", "")),
        ({"names_of": ["一", "二"]}, {"because": "open_list", "note": "等10个"}, 2, ("noted", "open_list")),
    ],
)  # fmt: skip
def test_test_and_cause(
    measure: dict[str, Any], fields: dict[str, Any], found: float, expected: tuple[str, str]
) -> None:
    assert verdict(claim(measure, 10.0, tolerance=STRICT, **fields), [found]) == expected


@pytest.mark.parametrize(
    ("found", "expected"), [(95.9, "differs"), (96, "agrees"), (96.5, "agrees"), (97, "agrees"), (97.2, "differs")]
)
def test_a_stated_range(found: float, expected: str) -> None:
    one = claim({"value_of": "five"}, None, low=96, high=97, tolerance=STRICT)
    assert verdict(one, [found]) == (expected, "")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([34.5, 35.5], ("agrees", "")),
        ([29.4, 34.5], ("noted", "readings")),
        ([29.4, 40.6], ("noted", "readings")),  # neither fits, what is stated lies between
        ([29.4, 31.0], ("differs", "")),
        ([math.nan, 34.5], ("agrees", "")),
        ([math.nan, math.nan], ("unchecked", "")),
    ],
)
def test_several_readings(found: list[float], expected: tuple[str, str]) -> None:
    one = claim({"length_of": "rail"}, 35.0, tolerance={"percent": 5.0, "reason": "概化", "reason_en": "Schematic"})
    assert verdict(one, found) == expected


def test_readings_are_measured_each() -> None:
    readings = [
        {"name": "共线一次", "name_en": "Once", "measure": {"length_of": "rail"}},
        {"name": "逐线计", "name_en": "Each", "measure": {"length_of": "rail", "shared": "each"}},
    ]
    row = measured(None, 16.0, reading=readings, decimals=1)
    # 2 and 3 halves of 5.543 km.
    assert (row["measured_low"], row["measured_high"]) == (11.1, 16.6)
    assert math.isnan(row["measured"])
    assert math.isnan(row["difference"])
    assert (row["verdict"], row["because"]) == ("noted", "readings")
    assert [(one["name"], one["measured"], one["fits"]) for one in json.loads(row["readings"])] == [
        ("共线一次", 11.1, False), ("逐线计", 16.6, False),
    ]  # fmt: skip
    assert row["features"] == "rail/one;rail/two"


def test_the_row_says_all_of_it() -> None:
    tolerance = {"percent": 10, "reason": "界线概化", "reason_en": "Generalised"}
    row = measured({"length_of": "rail", "inside": "zone/a"}, 5.0, tolerance=tolerance, decimals=1, comparator=">=")
    assert (row["stated"], row["measured"], row["difference"]) == (5.0, 5.5, 0.5)
    assert (row["tolerance"], row["tolerance_percent"], row["comparator"]) == (10, True, ">=")
    assert (row["operation"], row["verdict"]) == ("length_of", "agrees")
    assert (row["reason"], row["reason_en"], row["cites"]) == ("界线概化", "Generalised", "7.1")
    assert row["features"] == "rail/one;rail/two"


def test_the_verdict_is_not_of_the_rounded_value() -> None:
    # 5.543 rounds to 6 and would fit 6 ± 0.1.
    row = measured({"length_of": "rail", "inside": "zone/a"}, 6.0, decimals=0,
                   tolerance={"absolute": 0.1, "reason": "界线"})  # fmt: skip
    assert (row["measured"], row["verdict"]) == (6.0, "differs")
