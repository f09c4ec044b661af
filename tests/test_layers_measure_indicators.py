"""Computed indicators against numbers worked out by hand from the ellipsoid, never from the code under test."""

import math
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cases import every
from ellipsoid import EAST, WEST, cell_km2, meridian_km
from shapely.geometry import LineString, Point, Polygon, box

from geo.crs import CGCS2000
from layers.build.assemble import settled
from layers.build.check import check
from layers.edition.file import Edition, read
from layers.measure import indicators, methods
from layers.measure.features import Features
from layers.model import tables
from layers.model.definitions import METHODS, IndicatorError
from layers.model.errors import Origin
from layers.model.plan import ComputedIndicator, District, Indicator, Plan, Value

DATA = Path(__file__).parent.parent / "data"


def definition(identifier: str, method: str, kinds=(), status=(), distance_m=None, decimals=3, levels=None):
    return ComputedIndicator(
        identifier, identifier, identifier, Origin("t"), "u", "u", "d", "d", method, tuple(kinds), tuple(status),
        distance_m, decimals, "f", "f", "", levels or ("district", "zone", "township"),
    )  # fmt: skip


def make_plan(*definitions: ComputedIndicator, stated: tuple[Indicator, ...] = ()) -> Plan:
    return Plan(
        Path(), Path(), "p", "t", "t", "s", "s", "", "", "", 2020, 2025, 2022, District("d", "d", ""),
        indicators=stated, computed_indicators=definitions,
    )  # fmt: skip


def frame(*rows: dict) -> gpd.GeoDataFrame:
    columns = ("id", "name", "name_en", "kind", "zone", "township", "status", "basis", "assumed", "zone_from", "unit")
    full = [{**dict.fromkeys(columns, ""), "assumed": False, "name": row["id"], **row} for row in rows]
    return gpd.GeoDataFrame(full, geometry="geometry", crs=CGCS2000)


def compute(plan: Plan, frames: dict[str, gpd.GeoDataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of an edition with these layers."""
    found, seen = indicators.compute(plan, Features.joined(frames.values(), indicators.COLUMNS))
    return settled(found, tables.INDICATOR_COLUMNS), settled(seen, tables.OBSERVATION_COLUMNS)


ZONE_WEST = box(120.0, 30.0, 120.15, 30.1)  # township a and the western half of township b
ZONE_EAST = box(120.15, 30.0, 120.2, 30.1)


def layers(**more: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    return {
        "district": frame({"id": "district", "kind": "district", "geometry": box(120.0, 30.0, 120.2, 30.1)}),
        "zones": frame(
            {"id": "zone/west", "kind": "zone", "geometry": ZONE_WEST},
            {"id": "zone/east", "kind": "zone", "geometry": ZONE_EAST},
        ),
        "zone_parts": frame(
            {"id": "part/b-west", "kind": "zone_part", "assumed": True, "geometry": box(120.1, 30.0, 120.15, 30.1)},
            {"id": "part/b-east", "kind": "zone_part", "assumed": True, "geometry": ZONE_EAST},
        ),
        "townships": frame(
            {"id": "township/a", "name": "甲镇", "name_en": "A", "kind": "township", "zone": "west", "geometry": WEST},
            {
                "id": "township/b",
                "name": "乙镇",
                "name_en": "B",
                "kind": "township",
                "zone": "west;east",
                "geometry": EAST,
            },
        ),
        **more,
    }


def values(observations: pd.DataFrame, indicator: str) -> dict[str, float]:
    rows = observations[observations["indicator"] == indicator]
    return dict(zip(rows["place"], rows["value"], strict=True))


def cell(observations: pd.DataFrame, indicator: str, place: str, column: str):
    found = observations[(observations["indicator"] == indicator) & (observations["place"] == place)]
    assert len(found) == 1
    return found[column].item()


METRO = frame(
    {"id": "l1", "kind": "metro_line", "status": "operating", "geometry": LineString([(120.05, 30.0), (120.05, 30.1)])},
    {"id": "l2", "kind": "metro_line", "status": "building", "geometry": LineString([(120.12, 30.0), (120.12, 30.1)])},
    {"id": "l3", "kind": "metro_line", "status": "building", "geometry": None},
    {"id": "l4", "kind": "metro_line", "status": "preparing", "geometry": None},
)


def test_compute_lengths_for_every_level() -> None:
    plan = make_plan(definition("open", "line_length", ["metro_line"], ["operating"]))
    table, seen = compute(plan, layers(metro=METRO))
    full = round(meridian_km(30.0, 30.1), 3)
    assert values(seen, "open") == {
        "district": full, "zone/west": full, "zone/east": 0.0, "township/a": full, "township/b": 0.0,
    }  # fmt: skip
    assert table["levels"].item() == "district;zone;township"
    assert table["origin"].item() == "computed"
    assert set(seen["role"]) == {"computed"}
    assert set(seen["year"]) == {2022}


def test_compute_has_the_columns_of_the_edition() -> None:
    table, seen = compute(make_plan(definition("a", "area")), layers())
    assert list(table.columns) == list(tables.INDICATOR_COLUMNS)
    assert list(seen.columns) == list(tables.OBSERVATION_COLUMNS)
    assert str(table["decimals"].dtype) == "Int64"
    assert seen["value"].dtype == np.float64


def test_values_lean_on_the_dividing_line_only_where_they_would_change_with_it() -> None:
    plan = make_plan(
        definition("open", "line_length", ["metro_line"], ["operating"]),
        definition("built", "line_length", ["metro_line"], ["building"]),
        definition("size", "area"),
    )
    _, seen = compute(plan, layers(metro=METRO))
    # the open line runs through township a only, which no line divides
    assert {cell(seen, "open", zone, "flag") for zone in ("zone/west", "zone/east")} == {""}
    # the line under construction runs through township b: both zones that share b lean on the line
    for indicator in ("built", "size"):
        for zone in ("zone/west", "zone/east"):
            assert cell(seen, indicator, zone, "flag") == "assumed"
            assert "乙镇" in cell(seen, indicator, zone, "note")
            assert "of B" in cell(seen, indicator, zone, "note_en")
        # neither the township's own value nor the district's depends on where it is divided
        assert cell(seen, indicator, "township/b", "flag") == ""
        assert cell(seen, indicator, "district", "flag") == ""


def test_features_without_geometry_are_left_out_and_said() -> None:
    plan = make_plan(definition("built", "line_length", ["metro_line"], ["building"]))
    _, seen = compute(plan, layers(metro=METRO))
    assert cell(seen, "built", "district", "value") == pytest.approx(meridian_km(30.0, 30.1), abs=5e-4)
    assert cell(seen, "built", "district", "note") == "另有 1 项无几何，未计入"
    assert cell(seen, "built", "district", "note_en") == "1 more without geometry are not counted"


def test_nothing_located_is_empty_not_zero() -> None:
    plan = make_plan(
        definition("coming", "line_length", ["metro_line"], ["preparing"]),
        definition("coming_n", "count", ["metro_line"], ["preparing"]),
    )
    _, seen = compute(plan, layers(metro=METRO))
    assert len(seen) == 10
    assert seen["value"].isna().all()
    assert set(seen["note"]) == {"相关要素 1 项，均无几何，无法计算"}


def test_indicators_of_nothing_in_the_plan_do_not_appear() -> None:
    plan = make_plan(definition("sea", "line_length", ["sea"]), definition("size", "area"))
    table, seen = compute(plan, layers())
    assert list(table["id"]) == ["size"]
    assert set(seen["indicator"]) == {"size"}


def test_areas_of_zones_add_up_to_the_district() -> None:
    _, seen = compute(make_plan(definition("size", "area", decimals=4)), layers())
    found = values(seen, "size")
    assert found["district"] == pytest.approx(cell_km2(30.0, 30.1, 0.2), rel=1e-5)
    assert found["zone/west"] + found["zone/east"] == pytest.approx(found["district"], rel=1e-6)
    assert found["township/a"] + found["township/b"] == pytest.approx(found["district"], rel=1e-6)


def test_split_townships_count_whole_and_are_flagged() -> None:
    plan = make_plan(definition("towns", "township_count", levels=("district", "zone"), decimals=0))
    table, seen = compute(plan, layers())
    assert values(seen, "towns") == {"district": 2.0, "zone/west": 2.0, "zone/east": 1.0}
    assert cell(seen, "towns", "zone/east", "note").startswith("其中 1 个只有部分在内；")
    assert cell(seen, "towns", "zone/east", "note_en").startswith("1 of them lie only partly inside; ")
    assert cell(seen, "towns", "zone/west", "flag") == "assumed"
    assert cell(seen, "towns", "district", "flag") == ""
    assert table["levels"].item() == "district;zone"


def test_shares_of_places_made_of_townships_add_up() -> None:
    near = definition("near", "share_within", ["metro_station"], distance_m=800, decimals=9)
    point = {"id": "s", "kind": "metro_station", "geometry": Point(120.1, 30.05)}  # on the border of both townships
    corners = [(120.0, 30.0), (120.1, 30.0), (120.2, 30.0), (120.2, 30.1), (120.1, 30.1), (120.0, 30.1)]
    whole = {"id": "zone/all", "kind": "zone", "geometry": Polygon(corners)}
    made = {**layers(metro=frame(point), zones=frame(whole)), "zone_parts": frame({**whole, "id": "x", "kind": "y"})}
    _, seen = compute(make_plan(near), made)
    circle = 100 * math.pi * 0.8**2 / cell_km2(30.0, 30.1, 0.2)
    assert values(seen, "near") == pytest.approx(dict.fromkeys(
        ("district", "zone/all", "township/a", "township/b"), circle), rel=3e-4)  # fmt: skip
    world = indicators.World.of(Features.joined(made.values(), indicators.COLUMNS))
    assert world.parts("zone") is not None
    direct = methods.share_within(world.places["zone"], Features.joined([made["metro"]], ["id"]).shapes, 800)
    assert values(seen, "near")["zone/all"] == pytest.approx(direct[0], abs=1e-6)
    # the zones of `layers` cut township b, and its district's edges, without the corners in their middle, are others
    cut = indicators.World.of(Features.joined(layers().values(), indicators.COLUMNS))
    assert cut.parts("zone") is None
    assert cut.parts("district") is None


def stations(**changes: str) -> gpd.GeoDataFrame:
    point = {"kind": "metro_station", "status": "operating"}
    return frame(
        {"id": "s1", "name": "一站", "zone": "west", "township": "a", "geometry": Point(120.05, 30.05), **point},
        {"id": "s2", "name": "一站", "zone": "west", "township": "a", "geometry": Point(120.05, 30.05), **point},
        {"id": "s3", "name": "二站", "zone": "east;west", "township": "b", "geometry": Point(120.15, 30.05), **point},
        {"id": "s4", "name": "境外站", "geometry": Point(120.3, 30.05), **point},
        {"id": "s5", "name": "三站", "zone": "east", "basis": "zone", "unit": "zone/east", "geometry": None, **point},
    )  # fmt: skip


def test_counts_follow_the_columns_zone_and_township() -> None:
    plan = make_plan(definition("n", "count", ["metro_station"], decimals=0))
    _, seen = compute(plan, layers(stations=stations()))
    # 一站 twice is one; 二站 is in both zones, once in the district; 境外站 is nowhere; 三站 in no township
    assert values(seen, "n") == {
        "district": 3.0, "zone/west": 2.0, "zone/east": 2.0, "township/a": 1.0, "township/b": 1.0,
    }  # fmt: skip
    assert cell(seen, "n", "township/b", "note") == "另有 1 项仅定位到片区或板块，未计入镇街"
    assert cell(seen, "n", "township/a", "note") == ""
    assert cell(seen, "n", "zone/west", "flag") == "assumed"


def test_assumed_features_are_said_wherever_they_count() -> None:
    line = {"kind": "corridor_axis", "geometry": LineString([(120.02, 30.0), (120.02, 30.1)])}
    plan = make_plan(definition("axis", "line_length", ["corridor_axis"]))
    _, seen = compute(plan, layers(axes=frame({"id": "x", "name": "轴", "assumed": True, **line})))
    assert cell(seen, "axis", "township/a", "flag") == "assumed"
    assert cell(seen, "axis", "township/a", "note") == "含假定的要素：轴"
    assert cell(seen, "axis", "township/b", "flag") == ""


def test_a_plan_without_zones_has_no_zone_level() -> None:
    own = {name: value for name, value in layers().items() if name not in ("zones", "zone_parts")}
    table, seen = compute(make_plan(definition("size", "area")), own)
    assert table["levels"].item() == "district;township"
    assert set(seen["level"]) == {"district", "township"}


def test_values_are_rounded_to_the_decimals_of_the_definition() -> None:
    _, seen = compute(make_plan(definition("size", "area", decimals=1)), layers())
    assert values(seen, "size")["township/a"] == 106.9


def test_stated_indicators_become_rows_at_district_level() -> None:
    first = Indicator(
        "t2-01", "总量", "Total", Origin("t"), "亿元", "100 million", "经济", "Economy", "expected", ("表2-1",),
        Value(2020, 1828.47), Value(2025, 2600.0, comparator=">"), ("baseline_2019",), "higher", "注", "note",
    )  # fmt: skip
    second = Indicator(
        "t2-02", "减排", "Cuts", Origin("t"), "%", "%", "生态", "Ecology", "binding", ("表2-2", "2.1"),
        None, Value(2025, text="下达", text_en="as set"), (), "", "", "",
    )  # fmt: skip
    table, seen = compute(make_plan(stated=(first, second)), layers())
    row = table.set_index("id").loc["t2-01"]
    assert (row["origin"], row["levels"], row["decimals"], row["property"]) == ("stated", "district", 2, "expected")
    assert (row["baseline_year"], row["target_year"], row["target_comparator"]) == (2020, 2025, ">")
    assert row["flags"] == "baseline_2019"
    assert table.set_index("id").loc["t2-02", "cites"] == "表2-2;2.1"
    assert pd.isna(table.set_index("id").loc["t2-02", "baseline_year"])
    assert [(r.indicator, r.place, r.role, r.year) for r in seen.itertuples()] == [
        ("t2-01", "district", "baseline", 2020), ("t2-01", "district", "target", 2025),
        ("t2-02", "district", "target", 2025),
    ]  # fmt: skip
    assert seen["value"].tolist()[:2] == [1828.47, 2600.0]
    assert math.isnan(seen["value"].tolist()[2])
    assert (seen["text"].tolist()[2], seen["text_en"].tolist()[2]) == ("下达", "as set")


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        (definition("x", "magic"), "indicator.method_unknown"),
        (definition("x", "share_within", ["metro_station"]), "indicator.distance_missing"),
        (definition("x", "line_length"), "indicator.kinds_missing"),
    ],
)
def test_definitions_that_cannot_be_used(bad: ComputedIndicator, key: str) -> None:
    with pytest.raises(IndicatorError) as error:
        compute(make_plan(bad), layers())
    assert error.value.key == key
    for lang in ("zh", "en"):
        assert "x" in error.value.message(lang)
        assert error.value.remedy(lang)


def test_check_finds_them_in_the_folder(tiny_plan: Path) -> None:
    file = tiny_plan / "computed_indicators.toml"
    head = 'id = "x"\nname = "某"\nname_en = "X"\nunit = "km"\nunit_en = "km"\ndomain = "d"\nformula = "f"\n'
    file.write_text(f'[[indicator]]\n{head}method = "magic"\n', encoding="utf-8")
    (problem,) = [one for one in check(tiny_plan) if one.severity == "error"]
    assert (problem.file, problem.record, problem.key) == ("computed_indicators.toml", "x", "indicator.method_unknown")
    assert "line_length" in problem.remedy("en")


# ---- the shipped definitions

SHIPPED = tomllib.loads((DATA / "computed_indicators.toml").read_text(encoding="utf-8"))["indicator"]
KINDS = {kind["id"]: kind for kind in tomllib.loads((DATA / "kinds.toml").read_text(encoding="utf-8"))["kind"]}
GEOMETRY_OF = {
    "line_length": {"line"}, "boundary_length": {"polygon"}, "share_within": {"point"}, "area": {"polygon"},
    "count": {"point", "line", "polygon", "none"}, "township_count": set(),
}  # fmt: skip


@every("record", SHIPPED, ids=lambda record: record["id"])
def test_shipped_definitions(record: dict) -> None:
    assert record["method"] in METHODS
    assert hasattr(methods, record["method"])
    for field in ("name", "name_en", "unit", "unit_en", "domain", "domain_en", "formula", "formula_en"):
        assert record[field].strip()
    assert {KINDS[kind]["geometry"] for kind in record.get("kinds", [])} <= GEOMETRY_OF[record["method"]]
    if record["method"] == "share_within":
        assert record["distance_m"] > 0
    assert set(record.get("levels", [])) <= {"district", "zone", "township"}


def test_shipped_ids_and_names_are_unique() -> None:
    for field in ("id", "name", "name_en"):
        assert len({record[field] for record in SHIPPED}) == len(SHIPPED)


# ---- the shipped plan


@pytest.fixture(scope="module")
def shipped(xiaoshan_edition: Path) -> Edition:
    return read(xiaoshan_edition)


ADDITIVE = [record["id"] for record in SHIPPED if record["method"] in ("area", "line_length", "boundary_length")]


@pytest.mark.parametrize("indicator", ADDITIVE)
@pytest.mark.parametrize("level", ["zone", "township"])
def test_parts_of_the_shipped_plan_add_up(shipped: Edition, indicator: str, level: str) -> None:
    found = shipped.observations[shipped.observations["indicator"] == indicator]
    if found.empty:
        assert indicator not in set(shipped.indicators["id"])
        return
    total, parts = (found.loc[found["level"] == one, "value"] for one in ("district", level))
    if total.isna().all():
        assert parts.isna().all()
        return
    # each value is rounded to a tenth: half of one may be lost in every part
    assert parts.sum() == pytest.approx(total.item(), abs=0.05 * (len(parts) + 1))


def test_zones_of_the_shipped_plan_share_its_townships(shipped: Edition) -> None:
    found = shipped.observations[shipped.observations["indicator"] == "township_count"].set_index("place")
    assert found.loc["district", "value"] == 22
    zones = found.loc[found["level"] == "zone"]
    # 7.1.2: nineteen townships lie whole in one zone, Xinjie, Suoqian and Yiqiao in two each
    assert zones["value"].sum() == 19 + 3 * 2
    assert "其中 3 个只有部分在内" in zones.loc["zone/central", "note"]
    assert set(zones["flag"]) == {"assumed"}
    for place, towns in {"zone/east": ["新街街道"], "zone/south": ["所前镇", "义桥镇"]}.items():
        assert all(town in zones.loc[place, "note"] for town in towns)
        assert ("新街街道" in zones.loc[place, "note"]) == (place == "zone/east")


def test_the_shipped_plan_has_an_outcome_for_every_place(shipped: Edition) -> None:
    computed = shipped.indicators[shipped.indicators["origin"] == "computed"]
    wanted = {"district": 1, "zone": 3, "township": 22}
    for row in computed.itertuples():
        seen = shipped.observations[shipped.observations["indicator"] == row.id]
        assert seen.groupby("level").size().to_dict() == {level: wanted[level] for level in row.levels.split(";")}
        # where there is no value, it says why
        assert (seen.loc[seen["value"].isna(), "note"] != "").all()
        assert (seen.loc[seen["value"].isna(), "note_en"] != "").all()
