"""Claims and their figures on a small known world: each operation, the verdicts, and what is wrong with bad records."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from cases import every
from shapely import LineString, MultiPoint, Point, box
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000
from layers.build.check import examine
from layers.folder import figures
from layers.folder.reading import Faults
from layers.measure import claims
from layers.measure.claims import ClaimError, evaluate, growth_per_year
from layers.measure.features import Features
from layers.model.errors import Origin
from layers.model.figures import OPERATIONS, Claim, Review, Target
from layers.model.plan import Indicator, Value
from layers.model.tables import CLAIM_COLUMNS

ORIGIN = Origin("claims.toml", "c")
OUTLINE = {"7.1": 3, "专栏2": 5, "表1": 28}

# Cells of a tenth of a degree: a (120.0–120.1° E) and b (120.1–120.2° E), 30.0–30.1° N, 106.90 km² each.
A, B = box(120.0, 30.0, 120.1, 30.1), box(120.1, 30.0, 120.2, 30.1)
FEATURES: list[tuple[str, str, str, str, BaseGeometry | None]] = [
    ("zone/a", "zone", "", "7.1.2", A),
    ("zone/b", "zone", "", "7.1.2", B),
    ("town/inner", "town", "", "7.1.2", box(120.02, 30.02, 120.04, 30.04)),
    ("town/half", "town", "", "7.1.2", box(120.09, 30.02, 120.11, 30.04)),
    # 1 % of its width, and so of its area, reaches into a.
    ("town/sliver", "town", "", "7.1.2", box(120.0999, 30.06, 120.1099, 30.08)),
    # 0.05° of the meridian inside a, as much south of it; the second line shares the inner half.
    ("rail/one", "rail", "operating", "专栏2-2", LineString([(120.05, 29.95), (120.05, 30.0), (120.05, 30.05)])),
    ("rail/two", "rail", "building", "专栏2-2", LineString([(120.05, 30.0), (120.05, 30.05)])),
    ("rail/three", "rail", "planned", "专栏2-3", None),
    ("water/river", "river", "", "", box(120.0, 30.02, 120.2, 30.04)),
    ("park/west", "park", "", "9.1", box(120.0, 30.0, 120.05, 30.1)),
    ("park/overlap", "park", "", "9.1", box(120.02, 30.0, 120.05, 30.1)),
    ("site/two", "site", "", "专栏2", MultiPoint([(120.05, 30.05), (120.15, 30.05)])),
    ("site/in", "site", "", "专栏2", Point(120.01, 30.01)),
    ("site/nowhere", "site", "", "专栏2-1", None),
]
HALF_KM = 5.543  # 0.05° of latitude at 30°: 6 351 377 m · 0.000 872 665


def frame() -> gpd.GeoDataFrame:
    columns = ["id", "kind", "status", "cites"]
    table = pd.DataFrame([row[:4] for row in FEATURES], columns=columns).assign(unit="")
    return gpd.GeoDataFrame(table, geometry=[row[4] for row in FEATURES], crs=CGCS2000)


def claim(measure: dict[str, Any] | None, value: float | None = 0.0, **fields: Any) -> Claim:
    raw = {"id": "c", "name": "一项", "name_en": "One", "value": value, "unit": "公里", "unit_en": "km", "decimals": 3}
    raw |= {
        "cites": ["7.1"],
        "measure": measure,
        "tolerance": {"absolute": 0.0, "reason": "计数", "reason_en": "A count"},
    }
    faults = Faults()
    raw = {name: value for name, value in (raw | fields).items() if value is not None}
    read = figures.claim(raw, ORIGIN, faults, OUTLINE)
    assert read is not None, [problem.key for problem in faults.problems]
    return read


def target(name: str, value: float | None, **fields: Any) -> Target:
    raw: dict[str, Any] = {
        "id": name,
        "name": "目标",
        "name_en": "Target",
        "unit": "个",
        "unit_en": "items",
        "year": 2025,
    }
    raw |= {"domain": "总体", "domain_en": "Overall", "cites": ["7.1"]}
    raw |= {"text": "若干", "text_en": "some"} if value is None else {"value": value}
    read = figures.target(raw | fields, ORIGIN, Faults(), OUTLINE)
    assert read is not None
    return read


def review(name: str, **fields: Any) -> Review:
    raw = {
        "id": name,
        "name": "指标",
        "name_en": "Row",
        "unit": "亿元",
        "unit_en": "100 million CNY",
        "property": "expected",
    }
    raw |= {"base_year": 2015, "result_year": 2020, "cites": ["表1-1"]}
    read = figures.review(raw | fields, ORIGIN, Faults(), OUTLINE)
    assert read is not None
    return read


def indicator(name: str, first: float, last: float) -> Indicator:
    return Indicator(
        id=name, name="指标", name_en="Row", origin=ORIGIN, unit="%", unit_en="%", domain="总体", domain_en="Overall",
        property="expected", cites=("7.1",), baseline=Value(2020, first), target=Value(2025, last), flags=(), better="",
        note="", note_en="",
    )  # fmt: skip


def measured(measure: dict[str, Any] | None, value: float = 0.0, **fields: Any) -> pd.Series:
    plan = SimpleNamespace(
        claims=(claim(measure, value, **fields),),
        targets=(target("two", 2), target("five", 5), target("words", None)),
        reviews=(
            review("doubled", base=100, goal=150, result=200),
            review("share", base=42.5, result=58.9, cumulative=True),
            review("empty", goal_text="上级下达指标", result_text="完成"),
        ),
        indicators=(indicator("gdp", 1000, 1500), indicator("part", 10, 20)),
        outline=OUTLINE,
    )
    (record,) = evaluate(plan, Features.joined([frame()], claims.COLUMNS))  # type: ignore[arg-type]
    assert list(record) == list(CLAIM_COLUMNS)
    return pd.Series(record)


# ---- of features


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        # One's whole length, both halves, and two's half on the same track.
        ({"length_of": "rail"}, 2 * HALF_KM),
        ({"length_of": "rail", "shared": "each"}, 3 * HALF_KM),
        ({"length_of": "rail", "inside": "zone/a"}, HALF_KM),
        ({"length_of": "rail", "inside": "zone/a", "shared": "each"}, 2 * HALF_KM),
        ({"length_of": "rail", "status": ["building"]}, HALF_KM),
        ({"length_of": "rail", "inside": "zone/b"}, 0.0),
        ({"length_of": "rail", "inside": ["zone/a", "zone/b"]}, HALF_KM),
    ],
)
def test_length(measure: dict[str, Any], expected: float) -> None:
    row = measured(measure)
    assert row["measured"] == pytest.approx(expected, abs=0.002)
    assert "rail/three" not in row["features"]


def test_length_of_what_has_no_geometry_cannot_be_checked() -> None:
    row = measured({"length_of": "rail", "status": ["planned"]}, 5)
    assert math.isnan(row["measured"])
    assert math.isnan(row["difference"])
    assert row["verdict"] == "unchecked"


def test_area_counts_overlaps_once() -> None:
    # The western half of cell a: 53.45 km²; the second park lies inside the first.
    assert measured({"area_of": "park"})["measured"] == pytest.approx(53.45, abs=0.01)
    assert measured({"area_of": "park", "inside": "zone/a"})["measured"] == pytest.approx(53.45, abs=0.01)
    assert measured({"area_of": "park", "inside": "zone/b"})["measured"] == 0


def test_bank_leaves_out_where_the_place_ends() -> None:
    # Both banks across cell a, 0.1° of longitude at 30.03°, 9.647 km each; its western and eastern ends are no bank.
    row = measured({"bank_of": "river", "inside": "zone/a"})
    assert row["measured"] == pytest.approx(19.29, abs=0.01)
    assert row["features"] == "water/river"


@every(
    ("measure", "expected"),
    [
        ({"count_of": "rail"}, 3),
        ({"count_of": ["rail", "site"]}, 6),
        ({"count_of": "rail", "status": ["operating", "building"]}, 2),
        ({"count_of": "rail", "cites": ["专栏2-3"]}, 1),
        ({"count_of": [], "cites": ["专栏2"]}, 2),
        ({"count_of": "rail", "ids": ["rail/one", "rail/three"]}, 2),
        ({"count_of": "tunnel"}, 0),
        ({"touching": "town", "inside": "zone/a"}, 2),
        ({"touching": "town", "inside": "zone/a", "whole": True}, 1),
        ({"touching": "town", "inside": "zone/b"}, 2),
        ({"touching": "town", "inside": "zone/b", "whole": True}, 1),
        ({"touching": "site", "inside": "zone/a"}, 2),
        ({"items_of": "专栏2"}, 5),
        ({"names_of": ["生产", "生活", "生态"]}, 3),
        ({"names_of": "生态"}, 1),
    ],
)
def test_count(measure: dict[str, Any], expected: int) -> None:
    assert measured(measure)["measured"] == expected


def test_a_fiftieth_decides_what_touches(monkeypatch: pytest.MonkeyPatch) -> None:
    # A twentieth of the edge town lies in a, and a hundredth of the sliver.
    edge = ("town/edge", "town", "", "7.1.2", box(120.099, 30.05, 120.119, 30.055))
    monkeypatch.setitem(globals(), "FEATURES", [*FEATURES, edge])
    for place, whole, told in (("a", False, {"inner", "half", "edge"}), ("b", True, {"sliver"})):
        row = measured({"touching": "town", "inside": f"zone/{place}", "whole": whole})
        assert row["features"] == ";".join(
            f"town/{name}" for name in ("inner", "half", "sliver", "edge") if name in told
        )


@pytest.mark.parametrize(
    ("names", "expected"),
    [("town/half", 50), ("town/inner", 100), ("rail/one", 50), ("site/two", 50), (["town/inner", "town/half"], 75)],
)
def test_share(names: str | list[str], expected: float) -> None:
    # Areas, lengths, else points; cells of one height make halves exact, inner and half are of one size.
    row = measured({"share_in": names, "inside": "zone/a"}, unit="%")
    assert row["measured"] == pytest.approx(expected, abs=0.01)


# ---- of figures


@every(
    ("measure", "expected"),
    [
        ({"sum_of": ["two", "five"]}, 7),
        ({"sum_of": ["two", "two", "two"]}, 6),
        ({"sum_of": ["two", "doubled:baseline"]}, 102),
        ({"ratio_of": ["doubled", "five"]}, 40),
        ({"ratio_of": ["doubled:baseline", "gdp:baseline"]}, 0.1),
        ({"value_of": "five"}, 5),
        ({"value_of": "doubled"}, 200),
        ({"value_of": "doubled", "role": "goal"}, 150),
        ({"value_of": "doubled", "role": "baseline"}, 100),
        ({"value_of": "gdp"}, 1500),
        ({"value_of": "gdp", "role": "baseline"}, 1000),
        # Fifth roots: 2^0.2 = 1.148698, 1.5^0.2 = 1.084472, 3^0.2 = 1.245731.
        ({"growth_of": "doubled"}, 14.870),
        ({"growth_of": "doubled", "role": "goal"}, 8.447),
        ({"growth_of": "gdp"}, 8.447),
        ({"growth_of": ["gdp", "part"]}, 24.573),
        ({"growth_of": "share"}, 16.4),
        # 1500 less 200 and 5 is 1295; 1000 less 100 is 900.
        ({"rest_of": ["gdp", "doubled", "five"]}, 86.333),
        ({"rest_of": ["gdp:baseline", "doubled:baseline"]}, 90),
    ],
)
def test_figures(measure: dict[str, Any], expected: float) -> None:
    assert measured(measure)["measured"] == pytest.approx(expected, abs=0.0006)


def test_ratio_in_per_cent_where_the_claim_is() -> None:
    assert measured({"ratio_of": ["two", "five"]}, unit="%")["measured"] == 40
    assert measured({"ratio_of": ["two", "five"]}, unit="倍")["measured"] == 0.4


@pytest.mark.parametrize(
    "measure",
    [
        {"value_of": "words"},
        {"growth_of": "empty"},
        {"sum_of": ["two", "words"]},
        {"rest_of": ["gdp", "words"]},
        {"none": ""},
    ],
)
def test_words_cannot_be_checked(measure: dict[str, Any]) -> None:
    assert measured(measure, 5)["verdict"] == "unchecked"


@pytest.mark.parametrize(
    "measure",
    [
        {"count_of": "rail", "ids": ["rail/four"]},
        {"length_of": "rail", "inside": "zone/z"},
        {"share_in": ["town/z"], "inside": "zone/a"},
        {"sum_of": ["two", "seven"]},
        {"rest_of": ["gdp", "seven"]},
        {"ratio_of": ["two", "seven"]},
        {"growth_of": "seven"},
        {"value_of": "gdp", "role": "goal"},
        {"items_of": "专栏9"},
    ],
)
def test_unknown_names_are_told(measure: dict[str, Any]) -> None:
    with pytest.raises(ClaimError) as caught:
        measured(measure)
    assert caught.value.key == "claim.unknown"
    for lang in ("zh", "en"):
        assert caught.value.message(lang)
        assert caught.value.remedy(lang)


def test_growth_per_year() -> None:
    # 1.1^5 = 1.61051.
    assert growth_per_year(100, 161.051, 5) == pytest.approx(10, abs=1e-9)
    assert growth_per_year(4, 1, 2) == pytest.approx(-50)


# ---- bad records

GOOD: dict[str, Any] = {
    "id": "c", "name": "一项", "name_en": "One", "value": 1, "unit": "个", "unit_en": "items", "cites": ["7.1"],
    "measure": {"count_of": "rail"}, "tolerance": {"absolute": 0, "reason": "计数"},
}  # fmt: skip


@every(
    ("change", "field", "key"),
    [
        ({"value": "三十五"}, "value", "field.type"),
        ({"value": None}, "value", "field.missing"),
        ({"comparator": "≥"}, "comparator", "field.choice"),
        ({"cites": ["7.9"]}, "cites", "cite.unknown_clause"),
        ({"cites": None}, "cites", "feature.no_citation"),
        ({"measure": None}, "measure", "field.missing"),
        ({"measure": {}}, "measure", "claim.operation"),
        ({"measure": {"lenght_of": "rail"}}, "measure", "claim.operation"),
        ({"measure": {"length_of": "rail", "count_of": "rail"}}, "measure", "claim.operation"),
        ({"measure": {"count_of": "rail", "where": "x"}}, "measure.where", "field.unknown"),
        ({"measure": {"count_of": 3}}, "measure.count_of", "field.type"),
        ({"measure": {"count_of": True}}, "measure.count_of", "field.type"),
        ({"measure": {"count_of": ["rail", 3]}}, "measure.count_of", "field.type"),
        ({"measure": {"touching": "town", "inside": "zone/a", "whole": "yes"}}, "measure.whole", "field.type"),
        ({"measure": {"ratio_of": ["one"]}}, "measure.ratio_of", "claim.operands"),
        ({"measure": {"ratio_of": ["one", "two", "three"]}}, "measure.ratio_of", "claim.operands"),
        ({"measure": {"sum_of": []}}, "measure.sum_of", "claim.operands"),
        ({"measure": {"rest_of": ["gdp"]}}, "measure.rest_of", "claim.operands"),
        ({"measure": {"names_of": []}}, "measure.names_of", "claim.operands"),
        ({"measure": {"names_of": ["生产", "生活", "生产"]}}, "measure.names_of", "claim.twice"),
        ({"measure": {"names_of": ["生产", " "]}}, "measure.names_of", "claim.twice"),
        ({"measure": {"growth_of": ""}}, "measure.growth_of", "claim.operands"),
        ({"tolerance": None}, "tolerance", "field.missing"),
        ({"tolerance": {"reason": "计数"}}, "tolerance", "claim.tolerance"),
        ({"tolerance": {"absolute": 1, "percent": 1, "reason": "计数"}}, "tolerance", "claim.tolerance"),
        ({"tolerance": {"absolute": -1, "reason": "计数"}}, "absolute", "field.range"),
        ({"tolerance": {"absolute": 1}}, "reason", "field.missing"),
        ({"decimals": 9}, "decimals", "field.range"),
        ({"low": 3}, "low", "indicator.range"),
        ({"test": "~"}, "test", "field.choice"),
        ({"because": "weather"}, "because", "field.choice"),
        ({"because": "prices", "note": "可比价格"}, "because", "claim.because"),
        ({"because": "open_list"}, "note", "field.missing"),
        ({"reading": [{"name": "一", "measure": {"count_of": "rail"}}]}, "measure", "claim.measure_and_readings"),
        (
            {"measure": None, "reading": [{"name": "一", "measure": {"count_of": "rail"}}]},
            "reading",
            "claim.one_reading",
        ),
        ({"measure": None, "reading": [{"measure": {"count_of": "rail"}}] * 2}, "name", "field.missing"),
        ({"verdict": "agrees"}, "verdict", "field.unknown"),
    ],
)
def test_bad_claim(change: dict[str, Any], field: str, key: str) -> None:
    faults = Faults()
    raw = {name: value for name, value in (GOOD | change).items() if value is not None}
    assert figures.claim(raw, ORIGIN, faults, OUTLINE) is None
    assert (field, key) in {(problem.field, problem.key) for problem in faults.problems}
    assert all(problem.text(lang) and problem.remedy(lang) for problem in faults.problems for lang in ("zh", "en"))


def test_a_claim_that_cannot_be_checked_needs_no_tolerance() -> None:
    raw = {name: value for name, value in GOOD.items() if name != "tolerance"} | {"measure": {"none": ""}}
    faults = Faults()
    assert figures.claim(raw, ORIGIN, faults, OUTLINE) is not None
    assert faults.problems == []


TARGET: dict[str, Any] = {
    "id": "t", "name": "目标", "name_en": "Target", "value": 4, "unit": "%", "unit_en": "%", "measure": "share",
    "year": 2025, "domain": "总体", "domain_en": "Overall", "cites": ["7.1.2"],
}  # fmt: skip


@every(
    ("change", "field", "key"),
    [
        ({"value": None}, "value", "indicator.no_value"),
        ({"value": None, "low": 3}, "low", "indicator.range"),
        ({"value": None, "low": 5, "high": 3}, "low", "indicator.range"),
        ({"value": 104}, "value", "indicator.percent"),
        ({"value": -1, "unit": "家"}, "value", "indicator.negative"),
        ({"measure": "rate"}, "measure", "field.choice"),
        ({"comparator": "=>"}, "comparator", "field.choice"),
        ({"year": None}, "year", "field.missing"),
        ({"year": 25}, "year", "field.range"),
        ({"domain": ""}, "domain", "field.empty"),
        ({"cites": []}, "cites", "feature.no_citation"),
        ({"cites": ["7.1.9"]}, "cites", "cite.unknown_item"),
        ({"target": 3}, "target", "field.unknown"),
    ],
)
def test_bad_target(change: dict[str, Any], field: str, key: str) -> None:
    faults = Faults()
    raw = {name: value for name, value in (TARGET | change).items() if value is not None}
    assert figures.target(raw, ORIGIN, faults, OUTLINE) is None
    assert (field, key) in {(problem.field, problem.key) for problem in faults.problems}


def test_growth_may_fall_and_exceed_a_hundred() -> None:
    for value in (-3, 130):
        assert target("t", value, unit="%", measure="growth", base_year=2020).value == value


@pytest.mark.parametrize(
    ("change", "field", "key"),
    [
        ({"property": "some"}, "property", "field.choice"),
        ({"base": "完成"}, "base", "field.type"),
        ({"result_year": None}, "result_year", "field.missing"),
        ({"cites": ["表1-29"]}, "cites", "cite.unknown_item"),
        ({"cumulative": "yes"}, "cumulative", "field.type"),
        ({"met": True}, "met", "field.unknown"),
    ],
)
def test_bad_review(change: dict[str, Any], field: str, key: str) -> None:
    raw: dict[str, Any] = {"id": "r", "name": "指标", "name_en": "Row", "unit": "亿元", "unit_en": "100 million CNY"}
    raw |= {"property": "expected", "base_year": 2015, "result_year": 2020, "cites": ["表1-1"]} | change
    faults = Faults()
    raw = {name: value for name, value in raw.items() if value is not None}
    assert figures.review(raw, ORIGIN, faults, OUTLINE) is None
    assert (field, key) in {(problem.field, problem.key) for problem in faults.problems}


def test_every_fault_of_a_folder_is_listed(tiny_plan: Path) -> None:
    (tiny_plan / "claims.toml").write_text(
        '[[claim]]\nid = "one"\nname = "一"\nname_en = "One"\nvalue = 1\nunit = "个"\nunit_en = "items"\n'
        'cites = ["1.1"]\nmeasure = { counts = "zone" }\ntolerance = { absolute = 0 }\n',
        encoding="utf-8",
    )
    keys = {problem.key for problem in examine(tiny_plan).problems if problem.file == "claims.toml"}
    assert {"claim.operation", "field.missing"} <= keys


def test_operations_are_those_that_records_may_name() -> None:
    """Every operation that a record may name can be carried out, here on nothing."""
    for operation in OPERATIONS:
        operand = {"ratio_of": ["two", "five"], "sum_of": ["two"], "growth_of": "gdp", "value_of": "two"}.get(
            operation, ""
        )
        operand = {"share_in": "zone/a", "items_of": "7.1", "names_of": "生态", "rest_of": ["gdp", "two"]}.get(
            operation, operand
        )
        assert measured({operation: operand})["operation"] == operation
    assert {claims.AGREES, claims.DIFFERS, claims.UNCHECKED} == {"agrees", "differs", "unchecked"}


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        ('{ length_of = ["metro"] }', "metro"),
        ('{ count_of = ["zone"], inside = "zone/nowhere" }', "zone/nowhere"),
        ('{ share_in = ["pole/none"], inside = "district" }', "pole/none"),
        ('{ count_of = ["zone"], status = ["done"] }', "done"),
        ('{ items_of = "专栏99" }', "专栏99"),
        ('{ value_of = "t9-99:baseline" }', "t9-99:baseline"),
        ('{ rest_of = ["t1-01", "t9-99"] }', "t9-99"),
    ],
)
def test_check_finds_names_that_lead_nowhere(tiny_plan: Path, measure: str, name: str) -> None:
    (tiny_plan / "claims.toml").write_text(
        '[[claim]]\nid = "one"\nname = "一"\nname_en = "One"\nvalue = 1\nunit = "个"\nunit_en = "items"\n'
        f'cites = ["3.1"]\nmeasure = {measure}\ntolerance = {{ absolute = 0, reason = "计数" }}\n',
        encoding="utf-8",
    )
    found = [problem for problem in examine(tiny_plan).problems if problem.key == "claim.unknown"]
    assert [problem.params["name"] for problem in found] == [name]
