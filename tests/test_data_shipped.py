"""Every record of the shipped plan folder, and what the plan prints, typed here by hand."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import shapely
from cases import every
from plan_text import PLAN_TEXT, clauses, outline, plain, table_2
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo import coverage
from geo.crs import CGCS2000, metric_crs, transform
from geo.measure import area_m2, length_m
from layers.build.check import examine
from layers.model.plan import Feature

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = DATA / "plans" / "xiaoshan-14fyp"
EXAMINED = examine(FOLDER, DATA)
assert EXAMINED.plan is not None
PLAN = EXAMINED.plan
FEATURES = {feature.id: feature for feature in PLAN.features}
SHAPES: dict[str, BaseGeometry] = {
    name: one.geometry for name, one in EXAMINED.located.items() if one.geometry is not None
}
LON = 120.3

# ---- what the plan prints: names, members, figures

CENTRAL = "城厢街道 北干街道 蜀山街道 新塘街道 宁围街道 盈丰街道 闻堰街道 新街街道 所前镇 义桥镇"
EAST = "瓜沥镇 益农镇 党湾镇 衙前镇 南阳街道 靖江街道 新街街道"
SOUTH = "楼塔镇 河上镇 戴村镇 临浦镇 浦阳镇 进化镇 所前镇 义桥镇"
ZONES = {"central": CENTRAL, "east": EAST, "south": SOUTH}
SPLIT = {"新街街道": ("central", "east"), "所前镇": ("central", "south"), "义桥镇": ("central", "south")}
CODES = """
城厢街道 001 北干街道 002 蜀山街道 003 新塘街道 004 靖江街道 005 南阳街道 006 闻堰街道 012 宁围街道 013 新街街道 014
盈丰街道 015 楼塔镇 100 河上镇 101 戴村镇 102 浦阳镇 103 进化镇 104 临浦镇 105 义桥镇 106 所前镇 107 衙前镇 108
瓜沥镇 113 益农镇 115 党湾镇 120
"""
POLES = "萧山经济技术开发区 钱江世纪城 杭州临空经济示范区 湘湖国家旅游度假区 南站新城 瓜沥镇 临浦镇"
BLOCKS = "市北区块 桥南区块 科技城 益农区块 义桥区块"
BOX_2 = {
    "专栏2-1": "杭州萧山机场综合交通枢纽 铁路杭州南站综合交通枢纽",
    "专栏2-2": "铁路萧山机场站枢纽及接线工程 地铁6号线二期 机场轨道快线 杭绍城际线 杭州地铁四期萧山段",
    "专栏2-3": "杭绍甬智慧高速 沪杭甬高速萧山段（抬升） 杭金衢高速至杭绍台高速联络线",
    "专栏2-4": "风情大道 彩虹大道 通城大道 时代大道 03省道东复线 杭州中环萧山段 亚太路东伸 临浦快速路 市心路南伸",
    "专栏2-5": "杭甬运河闻堰·三江口至瓦泥池段三级航道整治 临浦综合作业区 新坝一线船闸改建 新坝二线船闸建设",
}
SECTION_2_4 = {
    "2.4.1": "杭州萧山国际机场 萧山国际机场三期扩建 机场四期 萧山国际机场新国际货站",
    "2.4.2": "铁路杭州南站综合交通枢纽 铁路萧山机场站枢纽及接线工程 萧山机场道路疏解环 地铁6号线二期 机场轨道快线 "
    "杭绍城际线 杭州地铁四期萧山段 既有铁路市域（郊）列车",
    "2.4.3": "杭绍甬智慧高速 沪杭甬高速萧山段（抬升） 杭金衢高速至杭绍台高速联络线 杭州中环萧山段 彩虹大道 风情大道 "
    "通城大道 时代大道 03省道东复线 “四横五纵一连”快速路网 博奥路隧道",
}
ECOLOGY = {
    "corridor": "钱塘江生态走廊 浦阳江生态走廊 西山—北干山—长山生态走廊",
    "forest_park": "航坞山森林公园 石牛山森林公园 杨静坞森林公园",
    "green_heart": "三江口景观绿心 湘湖景观绿心 世纪城公园",
    "greenway": "钱塘江绿道 浦阳江绿道 官河绿道",
    "control_line": "生态保护红线 永久基本农田 城镇开发边界",
}
# Works named as to be finished or being built, to be started or drawn up, and only considered.
STATUS = {
    "building": "地铁6号线二期 机场轨道快线 杭绍城际线 铁路萧山机场站枢纽及接线工程 杭绍甬智慧高速 "
    "彩虹大道 风情大道 通城大道 时代大道 博奥路隧道",
    "planned": "杭州中环萧山段 亚太路东伸 临浦快速路 市心路南伸 临浦综合作业区",
    "preparing": "机场四期 杭州地铁四期萧山段 轨道交通南延 既有铁路市域（郊）列车",
}
# 表2, as printed: number, name, unit, 2020, 2025, property.
TABLE_2 = """
1 地区生产总值 亿元 1828.47 2600 预期性
2 全员劳动生产率 万元/人 17.8∗ 21.5 预期性
3 农业增加值 亿元 60.03 66 预期性
4 规上工业增加值 亿元 499.53 750 预期性
5 常住人口城镇化率 % 74.6∗ 78 预期性
6 R&D经费支出占GDP比重 % 2.95∗ 4 预期性
7 人才资源总量 万人 43 58 预期性
8 每万人发明专利拥有量 件 25 35 预期性
9 数字经济核心产业增加值占GDP比重 % 5.8 15 预期性
10 高新技术产业增加值占规上工业增加值比重 % 58.2 70 预期性
11 社会消费品零售总额 亿元 719.97 920 预期性
12 货物贸易进出口总额 亿美元 113.98 131 预期性
13 实际利用外资 亿美元 8.42 10.7 预期性
14 单位GDP能耗降幅 % -- 省市下达指标 约束性
15 单位GDP二氧化碳排放降幅 % -- 省市下达指标 约束性
16 城市空气质量优良天数比率 % 89.5 省市下达指标 约束性
17 达到或优于Ⅲ类水体占地表水比例 % 100 省市下达指标 约束性
18 城乡生活垃圾无害化处理率 % 100 100 约束性
19 “掌上办事”政务服务事项覆盖率 % -- >90 预期性
20 亿元GDP生产安全事故死亡率 % 0.019 省市下达指标 约束性
21 平安指数 — 97.2 96-97 预期性
22 粮食总产量 亿斤 1.4 1.42 约束性
23 每万人拥有律师数 人 4.12 5 预期性
24 人均公共文化设施面积 平方米 0.605∗ 0.65 预期性
25 每千人拥有3岁以下婴幼儿照护设施托位数 个 1.4 3 预期性
26 劳动年龄人口人均受教育年限 年 12.1 12.6 预期性
27 居民人均可支配收入平均增速 % 4.7 与经济增长基本同步 预期性
28 每万人传染病收治床位数 张 1.77 1.8 预期性
29 每千人执业(助理)医师数 人 3.01 3.5 预期性
30 每万老年人拥有持证养老护理员数 人 -- 25 预期性
31 人均预期寿命 岁 84.92∗ 85 预期性
"""
ROWS = [line.split() for line in TABLE_2.strip().splitlines()]
DOMAINS = {"经济质效": range(1, 14), "美丽萧山": range(14, 19), "城市治理": range(19, 24), "社会民生": range(24, 32)}


def metres(name: str) -> BaseGeometry:
    return transform(SHAPES[name], CGCS2000, metric_crs(LON))


def of_kind(kind: str) -> list[Feature]:
    return [feature for feature in FEATURES.values() if feature.kind == kind]


def names(kind: str) -> set[str]:
    return {feature.name for feature in of_kind(kind)}


def township(name: str) -> Feature:
    return next(feature for feature in of_kind("township") if feature.name == name)


@pytest.fixture(scope="session")
def plan_clauses() -> dict[str, str]:
    if not PLAN_TEXT.is_file():
        pytest.skip("the plan's text is not beside the checkout")
    return clauses(PLAN_TEXT.read_text(encoding="utf-8"))


# ---- the folder as a whole


def test_check_finds_nothing() -> None:
    assert [(problem.record, problem.key) for problem in EXAMINED.problems] == []


def test_counts() -> None:
    count = {kind: len(of_kind(kind)) for kind in PLAN.kinds}
    assert (count["district"], count["township"], count["zone"], count["zone_part"]) == (1, 22, 3, 6)
    assert (count["belt"], count["pole"], count["pole_block"], count["hub"]) == (1, 7, 5, 2)
    assert len(PLAN.indicators) == 31
    # By hand: lines 1, 2, 5, 6, 7, 19 have 6 + 12 + 7 + 3 + 10 + 3 stations in the district, interchanges counted once.
    assert count["metro_station"] == 41


@every("feature", FEATURES.values(), ids=FEATURES)
def test_record_is_complete(feature: Feature) -> None:
    located = EXAMINED.located[feature.id]
    assert re.search(r"[\u4e00-\u9fff]", feature.name)
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", feature.name_en), "Chinese in the English name"
    assert feature.name_en != feature.name
    assert located.sources, "no source"
    assert bool(feature.note) == bool(feature.note_en), "note in one language only"
    if feature.geometry is None:
        assert feature.no_geometry
        assert feature.no_geometry_en
    else:
        assert located.basis in PLAN.bases
        assert located.accuracy_m is not None
        # What is known to a township or zone only may be as far off as that is wide.
        assert 50 <= located.accuracy_m <= (30_000 if PLAN.bases[located.basis].apart else 10_000)
    if PLAN.kinds[feature.kind].cited:
        assert bool(feature.cites) is not feature.context


@every("name", SHAPES)
def test_geometry_is_sound(name: str) -> None:
    shape = SHAPES[name]
    assert shape.is_valid
    assert not shape.is_empty
    wanted = {"polygon": 2, "line": 1, "point": 0}[PLAN.kinds[FEATURES[name].kind].geometry]
    assert shapely.get_dimensions(shape) == wanted


# ---- names and members as printed


@every(("name", "code"), list(zip(CODES.split()[::2], CODES.split()[1::2], strict=True)))
def test_township_code_and_zone(name: str, code: str) -> None:
    feature = township(name)
    assert feature.code == f"330109{code}"
    assert set(feature.zone) == {slug for slug, members in ZONES.items() if name in members.split()}


@pytest.mark.parametrize("slug", ZONES)
def test_zone_holds_its_townships_and_no_more(slug: str) -> None:
    zone = metres(f"zone/{slug}")
    for feature in of_kind("township"):
        shape = metres(feature.id)
        share = zone.intersection(shape).area / shape.area
        if feature.name in SPLIT and slug in SPLIT[feature.name]:
            assert 0.2 < share < 0.8
        else:
            assert share == pytest.approx(float(feature.name in ZONES[slug].split()), abs=1e-6)


@pytest.mark.parametrize("name", SPLIT)
def test_split_townships_are_assumed_and_tile(name: str) -> None:
    whole = township(name)
    parts = [f"part/{whole.slug}-{slug}" for slug in SPLIT[name]]
    first, second = (metres(part) for part in parts)
    for part, slug in zip(parts, SPLIT[name], strict=True):
        assert FEATURES[part].assumed
        assert FEATURES[part].kind == "zone_part"
        assert FEATURES[part].zone == (slug,)
        assert "假定" in FEATURES[part].note
    assert first.intersection(second).area < 1
    assert first.union(second).symmetric_difference(metres(whole.id)).area < 1


def test_poles_and_blocks() -> None:
    assert names("pole") == set(POLES.split())
    assert names("pole_block") == set(BLOCKS.split())
    blocks = shapely.union_all([metres(feature.id) for feature in of_kind("pole_block")])
    assert blocks.symmetric_difference(metres("pole/kaifaqu")).area < 1


@pytest.mark.parametrize(("clause", "items"), [*BOX_2.items(), *SECTION_2_4.items()])
def test_transport_is_complete(clause: str, items: str) -> None:
    cited = {feature.name for feature in FEATURES.values() if clause in feature.cites}
    assert set(items.split()) <= cited
    if clause.startswith("专栏"):
        assert cited == set(items.split())


@pytest.mark.parametrize(("kind", "items"), ECOLOGY.items())
def test_ecology_is_complete(kind: str, items: str) -> None:
    assert names(kind) == set(items.split())


@pytest.mark.parametrize(("status", "items"), STATUS.items())
def test_status_as_of_the_plan(status: str, items: str) -> None:
    found = {feature.name: feature.status for feature in FEATURES.values()}
    assert {name: found[name] for name in items.split()} == dict.fromkeys(items.split(), status)


def test_control_lines_say_that_no_data_are_public() -> None:
    assert {feature.no_geometry for feature in of_kind("control_line")} == {"无公开数据"}


@every("number", range(1, 20))
def test_metro_lines_have_their_colour(number: int) -> None:
    lines = [feature for feature in of_kind("metro_line") if f"{number}号线" in feature.aliases and feature.geometry]
    assert bool(lines) == (number in (1, 2, 5, 6, 7, 19))
    assert all(re.fullmatch(r"#[0-9A-F]{6}", line.color) for line in lines)


# ---- 表2


@every("row", ROWS, ids=[row[0] for row in ROWS])
def test_table_2(row: list[str]) -> None:
    number, name, unit, base, target, prop = row
    one = next(indicator for indicator in PLAN.indicators if indicator.cites == (f"表2-{number}",))
    assert (one.name, one.unit) == (name, unit)
    assert one.property == {"预期性": "expected", "约束性": "binding"}[prop]
    assert int(number) in DOMAINS[one.domain]
    if base == "--":
        assert one.baseline is None
    else:
        assert one.baseline is not None
        assert one.baseline.value == float(base.rstrip("∗"))
        assert one.baseline.year == (2019 if base.endswith("∗") else 2020)
    assert ("baseline_2019" in one.flags) == base.endswith("∗")
    assert one.target is not None
    assert one.target.year == 2025
    found: dict[str, Any] = {"value": one.target.value, "low": one.target.low, "high": one.target.high}
    if target == "96-97":
        assert found == {"value": None, "low": 96, "high": 97}
    elif target == ">90":
        assert (one.target.comparator, one.target.value) == (">", 90)
    elif re.fullmatch(r"[\d.]+", target):
        assert (one.target.comparator, one.target.value) == ("", float(target))
    else:
        assert found == {"value": None, "low": None, "high": None}
        assert one.target.text == target
    assert ("target_assigned" in one.flags) == (target == "省市下达指标")


def test_table_2_as_typed_here_is_as_printed(plan_clauses: dict[str, str]) -> None:
    printed = table_2(PLAN_TEXT.read_text(encoding="utf-8"))
    assert [[str(number), *cells] for number, cells in sorted(printed.items())] == ROWS


def test_outline_is_as_printed(plan_clauses: dict[str, str]) -> None:
    written = tomllib.loads((FOLDER / "outline.toml").read_text(encoding="utf-8"))
    assert written == outline(PLAN_TEXT.read_text(encoding="utf-8"))
    assert (written["表1"], written["表2"]) == (28, 31)
    assert {int(key.split(".")[0]) for key in written if "." in key} == set(range(1, 15))
    assert sum(key.startswith("专栏") for key in written) == 17


# Not named in the plan: the district's own shape, metro in service, railways and axes drawn to read the plan by.
_UNNAMED = {"metro_station", "corridor_axis", "railway", "district"}
_CONTEXT = {"metro/line-1", "metro/line-2", "metro/line-5", "metro/line-6", "metro/line-7"}
_SUFFIX = re.compile(r"(生态走廊|森林公园|景观绿心|绿道|（.部部分）)$")


@every("feature", [f for f in FEATURES.values() if f.cites], ids=lambda feature: feature.id)
def test_name_stands_in_the_cited_clause(feature: Feature, plan_clauses: dict[str, str]) -> None:
    assert all(clause in plan_clauses for clause in feature.cites)
    text = {clause: plain(plan_clauses[clause]) for clause in feature.cites}
    # A box names the units that lead all of it after its last item.
    boxes = [plain(plan_clauses[clause.split("-")[0]]) for clause in feature.cites]
    for unit in feature.lead_units:
        assert any(unit in said for said in boxes), f"lead unit {unit}"
    if (feature.kind in _UNNAMED and feature.id != "railway/airport") or feature.id in _CONTEXT:
        return
    words = [plain(_SUFFIX.sub("", word)) for word in (feature.name, *feature.aliases)]
    assert any(word and word in said for word in words for said in text.values())


# ---- positions


@every("feature", [f for f in FEATURES.values() if f.known.inside], ids=lambda feature: feature.id)
def test_lies_inside(feature: Feature) -> None:
    shape = metres(EXAMINED.located[feature.id].unit or feature.id)
    for reference in feature.known.inside:
        if reference == "outside":
            assert not shape.intersects(metres("district"))
            continue
        unit = metres(reference)
        if shape.geom_type == "Point":
            assert unit.covers(shape)
        else:
            inside, whole = shape.intersection(unit), shape
            share = inside.area / whole.area if whole.area else inside.length / whole.length
            assert share >= 0.9


@every("feature", [f for f in FEATURES.values() if f.known.crosses], ids=lambda feature: feature.id)
def test_crosses(feature: Feature) -> None:
    shape = metres(feature.id)
    for reference in feature.known.crosses:
        shared = shape.intersection(metres(reference))
        # More than a touch: 200 m of a line, 2 ha of a polygon.
        assert shared.length > 200 if shape.area == 0 else shared.area > 20_000, reference


@every("feature", [f for f in FEATURES.values() if f.known.ends], ids=lambda feature: feature.id)
def test_ends(feature: Feature) -> None:
    line = shapely.line_merge(metres(feature.id))
    ends = [Point(point) for part in shapely.get_parts(line) for point in (part.coords[0], part.coords[-1])]
    district = metres("district")
    accuracy = EXAMINED.located[feature.id].accuracy_m or 0
    for reference in feature.known.ends:
        if reference == "outside":
            assert sum(not district.covers(end) for end in ends) >= feature.known.ends.count("outside")
        elif reference.startswith("place/"):
            place = PLAN.gazetteer.find(reference.removeprefix("place/"))
            assert place is not None
            spot = transform(place.point, CGCS2000, metric_crs(LON))
            assert min(end.distance(spot) for end in ends) <= accuracy
        else:
            assert any(metres(reference).covers(end) for end in ends), reference


@every("place", PLAN.gazetteer.places, ids=lambda place: place.name)
def test_place_lies_in_its_township(place: Any) -> None:
    if place.township:
        assert SHAPES[place.township].covers(place.point)
    elif place.note.startswith("区外"):
        assert not SHAPES["district"].covers(place.point)


def test_only_open_data_is_called_open_data() -> None:
    """What is read off public maps, shifted as they are, is a sketch; open data are OpenStreetMap and GeoNames."""
    assert PLAN is not None
    called = {source for place in PLAN.gazetteer.places if place.basis == "osm" for source in place.sources}
    assert called == {"OpenStreetMap", "GeoNames"}
    for name, located in EXAMINED.located.items():
        if located.geometry is not None and located.basis == "osm":
            assert "公开地图" not in located.sources, name


def test_invented_shapes_are_symbolic() -> None:
    """Bare circles and rings drawn by hand have no size to speak of; what townships or rivers bound has."""
    symbolic = {name for name, feature in FEATURES.items() if feature.symbolic}
    kinds = ("pole_block", "forest_park", "green_heart")
    drawn = {name for name, feature in FEATURES.items() if feature.kind in kinds and not feature.unit}
    poles = {"pole/kaifaqu", "pole/xianghu", "pole/nanzhan-xincheng", "pole/guali", "pole/linpu"}
    assert symbolic == drawn | poles
    assert all("不计面积" in FEATURES[name].note and "not counted" in FEATURES[name].note_en for name in symbolic)


def test_existing_lines_are_context() -> None:
    context = {feature.name for feature in FEATURES.values() if feature.context}
    lines = {f"地铁{number}号线" for number in (1, 2, 5, 6, 7)}
    assert context == {"沪昆铁路", "萧甬铁路", "沪杭甬高速", "杭金衢高速"} | lines
    assert all(not feature.cites for feature in FEATURES.values() if feature.context)


def test_the_plan_states_no_status_of_poles() -> None:
    assert {feature.status for feature in FEATURES.values() if feature.kind in ("pole", "pole_block")} == {""}


def test_official_area_and_notes_of_the_plan() -> None:
    assert PLAN is not None
    assert PLAN.district.official_area_km2 == 931
    assert "江心" in PLAN.district.official_area_note
    assert "不含大江东" in PLAN.indicators_note
    assert "Dajiangdong" in PLAN.indicators_note_en
    units = {unit for record in (*PLAN.features, *PLAN.targets) for unit in record.lead_units}
    units |= {unit for led in PLAN.leads.values() for unit in led}
    assert set(PLAN.lead_units) == units
    assert len(set(PLAN.lead_units.values())) == len(units)


def test_english_units_read_well_after_a_number() -> None:
    assert PLAN is not None
    records = (*PLAN.indicators, *PLAN.computed_indicators, *PLAN.targets, *PLAN.reviews, *PLAN.claims)
    for record in records:
        assert not re.match(r"\d[\d,]* |\d[\d,]*$", record.unit_en), record.id
        assert not re.search(r"10,000|100 million", record.unit_en), record.id


def test_areas() -> None:
    # 991 km² by the outline, which runs to mid-river; the official 931 km² ends at the bank.
    district = area_m2(SHAPES["district"], CGCS2000) / 1e6
    assert district == pytest.approx(991, rel=0.01)
    assert district > 931
    parts = [area_m2(SHAPES[f"zone/{slug}"], CGCS2000) / 1e6 for slug in ZONES]
    assert sum(parts) == pytest.approx(district, abs=1e-3)
    zones = shapely.union_all([metres(f"zone/{slug}") for slug in ZONES])
    assert zones.symmetric_difference(metres("district")).area < 1


def test_belt_is_two_kilometres_of_the_south_bank() -> None:
    belt, water = metres("belt/innovation"), metres("water/qiantang")
    # A straight edge in degrees is not quite straight in metres: slivers of a few square metres.
    assert belt.intersection(water).area < 500
    farthest = max(water.distance(Point(point)) for part in shapely.get_parts(belt) for point in part.exterior.coords)
    assert farthest == pytest.approx(2000, abs=20)


def test_bank_is_the_35_km_that_the_plan_states() -> None:
    bank = SHAPES["water/qiantang"].boundary.intersection(SHAPES["district"].buffer(-1e-6))
    assert length_m(bank, CGCS2000) / 1000 == pytest.approx(35, rel=0.05)


def test_stations_stand_on_land_and_in_one_township_each() -> None:
    water = shapely.union_all([metres("water/qiantang"), metres("water/puyang"), metres("water/xianghu")])
    for feature in of_kind("metro_station"):
        assert len(feature.known.inside) == 1, feature.id
        assert not water.covers(metres(feature.id)), feature.id


def test_shared_lines_are_not_drawn_twice() -> None:
    phase_1, phase_2 = metres("metro/line-6"), metres("metro/line-6-phase-2")
    assert phase_1.intersection(phase_2).length < 1
    assert phase_1.distance(phase_2) == 0


def test_boundaries_tile() -> None:
    townships = coverage.polygonise(coverage.read_arcs(DATA / "boundaries" / "xiaoshan-township-arcs.csv"))
    assert set(townships) == names("township")
    assert coverage.problems(townships) == []
    around = coverage.polygonise(coverage.read_arcs(DATA / "boundaries" / "xiaoshan-neighbour-arcs.csv"))
    assert set(around) == names("neighbour") | {"萧山区"}
    assert coverage.problems(around) == []
    assert around["萧山区"].symmetric_difference(SHAPES["district"]).area < 1e-9
    frame = shapely.union_all(list(around.values()))
    assert frame.equals(shapely.box(*frame.bounds))
