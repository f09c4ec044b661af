"""The inventory: every named thing of the plan that could stand on a map, against the plan's own lists."""

import csv
import math
import re
from collections import Counter
from pathlib import Path

import pytest
import shapely
from cases import every
from click.testing import CliRunner
from plan_text import PLAN_TEXT, clauses, names, plain

from geo.crs import CGCS2000
from geo.measure import length_m
from layers.build.check import examine
from layers.model.plan import Feature
from webmap.cli import main

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = DATA / "plans" / "xiaoshan-14fyp"
EXAMINED = examine(FOLDER, DATA)
assert EXAMINED.plan is not None
PLAN = EXAMINED.plan
FEATURES = {feature.id: feature for feature in PLAN.features}

KINDS = {
    "innovation_source": 7, "innovation_carrier": 19, "research_institute": 14, "platform": 29, "project": 30,
    "venue": 9, "hospital": 10, "school": 3, "community": 4, "facility": 10, "heritage": 8, "culture_facility": 5,
    "culture_platform": 6, "tourism": 6, "village": 3, "commercial": 14, "trade_area": 9, "substation": 5,
    "pipeline": 2, "waterwork": 15, "corridor_link": 21,
}  # fmt: skip
INVENTORY = [feature for feature in PLAN.features if feature.kind in KINDS]

# ---- the plan's own lists

# Boxes whose named things are all on the map: exactly these cite them.
BOXES = {
    "专栏1-1": "亚运主体育馆 游泳馆 综合训练馆 运动员村 技术官员村 媒体村 区体育中心 瓜沥文体中心 临浦文体中心 "
    "亚运场馆及亚运村周边环境整治提升工程",
    "专栏4-1": "浙大杭州国际科创中心",
    "专栏4-2": "北大信息技术高等研究院",
    "专栏4-3": "浙大计算机创新技术研究院",
    "专栏4-4": "西安电子科技大学杭州研究院",
    "专栏4-5": "湘湖院士岛",
    "专栏4-6": "中乌航空航天研究院",
    "专栏4-7": "浙江巴顿前沿材料与焊接技术研究院",
    "专栏5": "杭州湾信息港 浙大杭州国际科创中心 杭州湾智慧谷 万向国际科创基地 智联国际生命科学科创中心 北干科创区块 "
    "机器人小镇硬科技创新中心 空港智能物流科创园 信息安全科创园 湘湖科创园 紫橙国际创新中心 汇智科创启动区块 "
    "萧山科创中心 蓝橙(国际)科创中心 传化国际科创园 传化钱湾智谷 吉华(生物)创新产业园 萧山-龙泉山海协作“飞地”产业园 "
    "健新原力全产业链生物医药基地 极马创新园",
    "专栏9-4": "钱江世纪城国际消费新中心 主城区都市品质消费新格局 湘湖度假区活力消费新地标 浦阳江生态休闲消费新样板 "
    "浙东运河商旅文消费新高地 交通枢纽集聚型消费新通廊",
    "专栏11": "钱塘江国际创新带 钱塘湾未来总部基地 杭州大会展中心 浙大杭州国际科创中心 萧山机场三期扩建 "
    "萧山亚运防洪大堤工程 亚运社区 万向创新聚能城 浙江绿色智造产业新城",
    "专栏13-1": "钱塘江饮用水水源地规范化建设 浦阳江饮用水水源地规范化建设 湘湖饮用水水源地规范化建设",
    "专栏13-2": "全域“污水零直排区”建设工程 钱江污水处理厂清洁排放改造与配套管网泵站工程 "
    "农村生活污水强基补短与提质创新工程 浦阳江流域生态修复及生态补偿工程",
    "专栏14-3": "城市文化公园 世界旅游博物馆",
    "专栏16-2": "浙大妇院钱江院区项目一期 浙大二院总部项目一期 区二医院迁建项目 区一医院 区三医院 区中医院",
    "专栏16-5": "传染病定点标准医院 生物安全加强型二级实验室",
    "专栏17-1": "500千伏江南变及其220千伏配套送出工程 花木变 新益变 丰北变 红场变",
    "专栏17-2": "江东门站至所前门站高压管道工程 萧山-义乌天然气管道工程",
    "专栏17-3": "萧山亚运防洪大堤工程 萧山骨干排涝“快速水网”整治工程 浦阳江治理工程 永兴河堤防治理工程 "
    "瓜沥水厂新建项目 瓜沥昭东水系治理工程 钱塘江沿线闸站改(扩)建工程",
}
# 永兴河, a canal of the ground, is cited by its dikes too.
GROUND = {"canal"}

# 专栏8: sector, units that lead it, key platforms, flagship projects.
SECTORS = [
    ("纤维新材料", "区经信局", "浙江绿色智造产业新城、杭州纤纺科技产业园",
     "荣盛多功能纤维绿色智造项目、恒逸功能性纤维新材料升级改造项目、森楷差别化功能性纤维项目、盛元功能性差别化纤维项目"),
    ("智能汽车", "区经信局", "万向创新聚能城、桥南高端智造基地、浙江绿色智造产业新城、浙江省智能网联汽车创新中心",
     "万向创新聚能城年产80G瓦时锂离子动力电池、万向分布式微电网群智慧能源项目、万向新能源汽车整车、"  # noqa: ISC004
     "明电舍新能源汽车核心部件研发生产(一期)、采埃孚汽车关键零部件-电驱动生产线项目、智能网联汽车产业大数据中心(IDC)"),
    ("生命健康", "区投促局", "杭州生物科技谷、生命健康谷、信息港小镇",
     "健新原力生物医药全产业链基地项目、赛默飞—健新原力CDMO项目、京新生物生命科创中心、微医国际医学中心"),
    ("集成电路", "区经信局 区投促局", "浙大杭州国际科创中心、杭州集成电路设计产业园",
     "浙江省集成电路创新平台、华澜微集成电路产业园项目"),
    ("智能装备", "区经信局", "桥南高端智造基地、机器人小镇、未来智造小镇、杭州精密智造产业园",
     "安世亚太增材科技总部、研发及生产基地项目，紫光集团新智造基地项目"),
    ("金融服务", "区金融办", "钱塘江金融城、湘湖金融小镇、信息港小镇、钱塘湾未来总部基地",
     "浙商银行总部、浙商产融总部、浙商金控金融中心、湘湖金融小镇科创路演中心"),
    ("文旅会展", "区投促局 区文广旅游体育局", "钱江世纪城、杭州会展新城、湘湖国家旅游度假区、浦阳江生态经济区",
     "杭州国际博览中心二期、杭州大会展中心、世界旅游联盟总部、世界旅游博物馆、萧山城市文化公园、瓜沥棒球小镇"),
    ("现代商贸", "区商务局", "钱江世纪城、杭州临空经济示范区、萧山经济技术开发区、湘湖国家旅游度假区",
     "杭州世纪中心、市心北路高端综合体、奥体汇德隆印象城、银隆百货C楼、萧山亚运社区"),
    ("软件和信息服务", "区经信局", "中国(杭州)工业互联网产业园、信息港小镇、杭州市信息安全产业园、浙江国家音乐产业基地",
     "智能网联汽车产业大数据中心(IDC)、中国电信杭州大数据中心、中国移动浙江信息通信产业园二期"),
    ("现代物流", "区发改局", "杭州临空经济示范区", "杭州空港现代智慧物流产业园、机场国际货站"),
]  # fmt: skip
# Named in 专栏8 as an aim, not in its lists.
AIMS = {"杭州生物科技港", "钱塘江金融港湾"}

# The running text: these at least cite the clause.
TEXT = {
    "2.1.1": "区体育中心 瓜沥文体中心 临浦文体中心",
    "2.2.2": "钱塘江南岸滨水景观",
    "2.4.3": "“三城三区”联网路",
    "3.3.3": "浙江省国家科技成果转移转化示范区",
    "2.2.1": "钱塘湾未来总部基地 湘湖·三江汇 瓜沥七彩社区 亚运社区",
    "2.3.2": "世界旅游联盟总部 世界旅游博物馆 湘湖旅游度假区 戴村郊野运动小镇 南部生态休闲旅游核心区",
    "2.3.3": "萧山科技城国际社区 ITC归谷国际中心 外籍人员子女学校",
    "2.4.4": "杭州临空经济示范区",
    "3.1.1": "湘湖院士岛 外国高端人才创新集聚区",
    "3.1.2": "杭州全球青年人才中心",
    "3.2.1": "浙大杭州国际科创中心 西安电子科技大学杭州研究院 微纳尺度物质操控与创新的使能技术公共平台 "
    "浙大睿医人工智能研究中心 浙江省固态硬盘和数据安全技术重点实验室 工业互联网公共科研大平台",
    "3.2.2": "北大信息技术高等研究院 浙大计算机创新技术研究院 中乌航空航天研究院 浙江巴顿前沿材料与焊接技术研究院 "
    "集成电路国家技术创新中心 国家级智慧视觉制造业创新中心",
    "3.4.1": "新能源汽车及零部件 智能物联产业 机器人产业",
    "4.1.1": "国家新一代人工智能创新发展试验区 人工智能训练实验室 网络安全攻防“靶场” 智能网联汽车测试场",
    "4.1.2": "长三角(杭州)制造业数字化能力中心",
    "4.3.3": "杭州互联网法院萧山巡回法庭",
    "4.4.1": "杭州国家新型互联网交换中心 国家级区域型数据中心",
    "5.2.1": "全国医疗大脑中心",
    "5.3.1": "钱塘湾未来总部基地",
    "5.3.2": "钱塘江金融港湾 钱江世纪城",
    "5.3.3": "杭州大会展中心 杭州国际博览中心二期",
    "6.1.1": "杭州空港综合保税区 区级自贸区行政审批服务专区 浙江自贸区舟山片区",
    "6.1.2": "eHUB eWTP 数字自由贸易试验区 国家数字服务出口基地",
    "6.2.3": "恒逸集团文莱大摩拉岛石油炼化工业园区 科尔集团美国棉纺园区 捷克天呈产业园",
    "6.3.1": "钱江世纪城国际消费新中心 湘湖度假区活力消费新地标 杭州湘湖慢生活街 市心北路高端商业综合体 杭州世纪中心 "
    "萧山国际机场免税店 进口商品展销中心",
    "6.3.2": "中国TOP直播电商产业园",
    "7.1.2": "浙江绿色智造产业新城 杭州大会展中心 杭州湾生物科技谷 自贸区扩区杭州片区 03省道改建 空港经济区 "
    "浦阳江两岸 南站新城",
    "7.1.3": "万向创新聚能城 浙大杭州国际科创中心 信息港小镇 机器人小镇 三江创智小镇 钱塘湾未来总部基地 亚运社区 "
    "图灵小镇 钱塘江金融城 杭州会展新城 湘湖·三江汇",
    "7.2.1": "湘湖·三江汇未来城市先行实践区",
    "7.2.2": "杭绍一体化合作先行区 杭绍临空经济一体化发展示范区 诸暨市毗邻板块",
    "7.3.1": "沪杭甬湾区经济创新区 杭绍甬一体化发展示范区 大运河文化带 浙东唐诗之路",
    "7.3.2": "创新飞地 海内外高端人才驿站",
    "7.3.3": "G60科创走廊 杭合创新带",
    "7.3.4": "龙泉—萧山山海协作产业园 长春市绿园区 公主岭市",
    "8.1.2": "银泰农旅小镇 郊野运动小镇 进化欢潭 戴村尖山下 河上凤坞村",
    "9.3.2": "萧山经济技术开发区 萧山经济技术开发区循环经济改造",
    "10.1.2": "衙前农民运动纪念馆",
    "10.1.3": "萧山融媒体中心",
    "10.2.1": "浙东运河萧山段 跨湖桥遗址 大运河诗路文化带 浙东唐诗之路文化带 钱塘江诗路文化带 湘湖跨湖桥文明之源 "
    "诗路文化带(浦阳江) 官河文化带 钱塘江围垦·潮文化带 钱塘江古海塘 浙江省“钱塘潮涌”文化传承生态保护区",
    "10.3.1": "城市文化公园 世界旅游博物馆 茅湾里印纹陶博物馆",
    "10.4.2": "浙江国家音乐产业基地萧山园区 浙江省珠宝玉石首饰产业基地 上海时尚促进中心浙江分中心 "
    "之江文化产业带奥体(湘湖)发展极 浙江油画院 三江汇谷",
    "11.3.2": "西安电子科技大学杭州研究院 杭州萧山技师学院 萧山开放大学",
    "11.4.2": "浙大妇院钱江院区 浙大二院总部 区二医院 区一医院 区三医院 区中医院",
    "11.4.3": "定点救治医院 方舱医院",
    "13.2.3": "海塘安澜工程 萧山应急救援中心 综合性应急物资储备库",
    "13.3.2": "湘湖景区 国博中心 萧山机场 火车南站",
}
STATUS = {
    "operating": "杭州国际博览中心 萧山国际机场免税店 湘湖景区",
    "building": "万向创新聚能城 亚运主体育馆 世界旅游联盟总部 浙大二院总部 信息港小镇 杭州大会展中心",
    "planned": "区一医院 瓜沥水厂新建项目 花木变及其配套送出工程",
    "preparing": "工业互联网公共科研大平台 集成电路国家技术创新中心 杭州空港综合保税区 国家级区域型数据中心",
}
# What may be one and the same, and what only sounds so: kept apart, each names the other.
TWINS = [
    ("carrier/xinxigang", "platform/xinxigang-town"),
    ("carrier/xinxi-anquan", "platform/xinxi-anquan"),
    ("carrier/longquan", "link/longquan"),
    ("carrier/jianxin", "project/jianxin"),
    ("platform/biovalley", "platform/bay-biovalley"),
    ("platform/music-base", "culture/music-base-xiaoshan"),
    ("hospital/infectious", "hospital/designated"),
]


def words(feature: Feature) -> set[str]:
    return {plain(word) for word in (feature.name, *feature.aliases)}


def citing(clause: str) -> list[Feature]:
    return [feature for feature in PLAN.features if clause in feature.cites and feature.kind not in GROUND]


def missing(printed: list[str], features: list[Feature]) -> set[str]:
    known = set().union(*(words(feature) for feature in features))
    return {name for name in printed if plain(name) not in known}


def named(name: str) -> Feature:
    """The feature of that name; the metro station of the same name is another thing."""
    return next(f for f in PLAN.features if plain(name) in words(f) and f.kind != "metro_station")


def listed(cell: str) -> list[str]:
    """The names of a cell of 专栏8; one name holds the mark that parts the others."""
    return re.split(r"[、，](?!研发)", cell)


@pytest.fixture(scope="session")
def plan_clauses() -> dict[str, str]:
    if not PLAN_TEXT.is_file():
        pytest.skip("the plan's text is not beside the checkout")
    return clauses(PLAN_TEXT.read_text(encoding="utf-8"))


# ---- counts and lists


def test_counts_by_kind() -> None:
    assert Counter(feature.kind for feature in INVENTORY) == KINDS
    assert len(INVENTORY) == 229


@every(("clause", "printed"), BOXES.items())
def test_box_is_complete_and_counted(clause: str, printed: str) -> None:
    found = citing(clause)
    assert missing(printed.split(), found) == set()
    assert len(found) == len(printed.split())


def test_counts_that_the_plan_states() -> None:
    assert sum(len(BOXES[f"专栏4-{item}"].split()) for item in range(1, 8)) == 7
    assert len(BOXES["专栏5"].split()) == 20
    assert len(BOXES["专栏11"].split()) == 1 + 8
    assert len(BOXES["专栏9-4"].split()) == 6
    assert len(SECTORS) == 10


@every(("sector", "units", "platforms", "projects"), SECTORS, ids=[row[0] for row in SECTORS])
def test_sector_is_complete(sector: str, units: str, platforms: str, projects: str) -> None:
    for name in [*listed(platforms), *listed(projects)]:
        feature = named(name)
        assert "专栏8" in feature.cites, name
        assert set(units.split()) <= set(feature.lead_units), name


def test_nothing_else_cites_the_table_of_sectors() -> None:
    printed = {plain(name) for row in SECTORS for cell in row[2:] for name in listed(cell)} | {plain(a) for a in AIMS}
    assert [feature.name for feature in citing("专栏8") if not words(feature) & printed] == []


@every(("clause", "printed"), TEXT.items())
def test_running_text_is_complete(clause: str, printed: str) -> None:
    assert missing(printed.split(), citing(clause)) == set()


@pytest.mark.parametrize(("status", "names"), STATUS.items())
def test_status(status: str, names: str) -> None:
    assert {name: named(name).status for name in names.split()} == dict.fromkeys(names.split(), status)


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_twins_stay_two_and_name_each_other(one: str, other: str) -> None:
    first, second = FEATURES[one], FEATURES[other]
    assert first.same_as_maybe == (other,)
    assert second.same_as_maybe == (one,)
    assert second.name in first.note
    assert first.name in second.note


# ---- against the plan's print


@every("feature", INVENTORY, ids=lambda feature: feature.id)
def test_name_stands_in_every_cited_clause(feature: Feature, plan_clauses: dict[str, str]) -> None:
    for clause in feature.cites:
        said = plain(plan_clauses[clause])
        if clause == "专栏13-1":  # 钱塘江、浦阳江、湘湖饮用水水源地规范化建设
            assert feature.name.split("饮用水")[0] in said
        assert any(word in said for word in words(feature)), clause


def test_every_cited_clause_names_the_feature(plan_clauses: dict[str, str]) -> None:
    """A citation is a promise that the clause speaks of the thing; what the plan does not name cites nothing."""
    called = {feature.id: {feature.name, *feature.aliases} for feature in PLAN.features}
    everyone = [(feature.id, name) for feature in PLAN.features for name in called[feature.id]]
    left = []
    for feature in PLAN.features:
        own = called[feature.id]
        longer = tuple(
            other
            for owner, other in everyone
            if owner != feature.id
            and FEATURES[owner].kind == feature.kind
            and any(name in other and name != other for name in own)
        )
        left += [
            (feature.id, clause)
            for clause in feature.cites
            if not any(names(plan_clauses[clause], name, longer) for name in own)
        ]
    assert left == []


def test_every_clause_that_names_a_feature_in_full_is_cited(plan_clauses: dict[str, str]) -> None:
    """Items, boxes and sections without items; names of four characters and more, not as part of longer names."""
    called = {f.id: words(f) for f in PLAN.features if f.cites and f.kind not in ("township", "zone_part")}
    longer = sorted({name for names_of in called.values() for name in names_of}, key=len, reverse=True)
    left = []
    for clause, text in plan_clauses.items():
        if any(other.startswith((f"{clause}.", f"{clause}-")) for other in plan_clauses):
            continue
        said = re.sub(r"牵头单位:[^)]*", "", plain(text))
        for name in longer:  # the longest first: what is taken out names nothing shorter
            if len(name) >= 4 and name in said:
                said = said.replace(name, "■")
                left += [(one, clause) for one in called if name in called[one] and clause not in FEATURES[one].cites]
    assert left == []


@pytest.mark.parametrize(
    ("said", "name", "named_there"),
    [
        ("推进杭州地铁5、7号线建设。", "地铁5号线", True),
        ("推进杭州地铁5、7号线建设。", "地铁7号线", True),
        ("推进杭州地铁5、7号线建设。", "地铁1号线", False),
        ("建成地铁6号线二期、机场轨道快线。", "地铁2号线", False),
        ("打造钱塘江、浦阳江、西山—北干山—长山等生态走廊", "西山—北干山—长山生态走廊", True),
        ("打造钱塘江、浦阳江、西山—北干山—长山等生态走廊", "永兴河生态走廊", False),
        ("以及新街街道部分区域", "新街街道（东部部分）", True),
        ("提升铁路杭州南站综合交通枢纽功能。", "湘湖", False),
    ],
)
def test_names_are_read_as_a_plan_writes_them(said: str, name: str, named_there: bool) -> None:
    assert names(said, name) is named_there


def test_what_the_plan_lists_apart_stays_apart() -> None:
    """7.1.2 names the Airport Economic Area and the demonstration zone side by side; 7.1.3 makes the zone a pole."""
    area, pole = FEATURES["platform/airport-area"], FEATURES["pole/linkong"]
    assert not words(area) & words(pole)
    assert area.zone == pole.zone == ("east",)
    assert FEATURES["trunk/03-rebuild"].zone == ("south",)
    assert "浙东运河" in FEATURES["canal/guanhe"].aliases


def test_a_zone_is_stated_where_the_plan_states_it(plan_clauses: dict[str, str]) -> None:
    """7.1.2 says what each zone holds; what it does not name lies where its position is."""
    said = {text[:1]: plain(text) for text in plan_clauses["7.1.2"].split("——")[1:]}
    held = {"zone/central": said["中"], "zone/east": said["东"], "zone/south": said["南"]}
    left = [
        (feature.id, slug)
        for feature in PLAN.features
        for slug in feature.zone
        if not any(word in held[f"zone/{slug}"] for word in {*words(feature), plain(feature.name.partition("（")[0])})
    ]
    assert left == []


def test_lead_units_are_those_of_the_print(plan_clauses: dict[str, str]) -> None:
    """Every 牵头单位 of the boxes, item by item where it stands with the item, else for the whole box."""
    printed: dict[str, set[str]] = {}
    for clause, text in plan_clauses.items():
        items = [text for key, text in plan_clauses.items() if key.startswith(f"{clause}-")]
        own = text
        for item in items[:-1]:
            own = own.replace(item, "")
        lines = own.splitlines()
        last = [line for line in lines if line.startswith("(牵头单位")]
        found = [text] if "-" in clause and not last else last or ([own] if clause == "专栏8" else [])
        units = {
            re.sub(r"\s", "", unit)
            for part in found
            for match in re.findall(r"\(\s*牵头单位:([^)|]*)", part)
            for unit in match.split("、")
        }
        if clause.startswith("专栏") and units and (("-" in clause) == (not last) or clause == "专栏8"):
            printed[clause] = units
    assert {clause: set(units) for clause, units in PLAN.leads.items()} == printed
    assert {"区公安分局", "区教育局"} <= {unit for units in PLAN.leads.values() for unit in units}


def test_a_longer_name_does_not_name_the_shorter() -> None:
    assert not names("建成地铁6号线二期", "地铁6号线", ("地铁6号线二期",))
    assert names("建成地铁6号线二期，延伸地铁6号线", "地铁6号线", ("地铁6号线二期",))


@pytest.mark.parametrize("box", ["专栏5", "专栏11"])
def test_list_typed_here_is_as_printed(box: str, plan_clauses: dict[str, str]) -> None:
    printed = plan_clauses[box].splitlines()[1].rstrip("。").split("、")
    typed = [name for name in BOXES[box].split() if name != "钱塘江国际创新带"]
    assert [plain(name) for name in printed] == [plain(name) for name in typed]


def test_sectors_typed_here_are_as_printed(plan_clauses: dict[str, str]) -> None:
    rows: dict[str, list[str]] = {"重点平台": [], "标杆项目": []}
    units = []
    for line in plan_clauses["专栏8"].splitlines():
        cells = [plain(cell) for cell in line.split("|")]
        if match := re.search(r"牵头单位:(.*)", cells[0]):
            units.append(match[1])
        for heading, printed in rows.items():
            if heading in cells:
                printed.append(cells[cells.index(heading) + 1])
    assert rows["重点平台"] == [plain(row[2]) for row in SECTORS]
    assert rows["标杆项目"] == [plain(row[3]) for row in SECTORS]
    assert units == [plain(row[1]) for row in SECTORS]


# ---- positions


AT_UNITS = [located for located in EXAMINED.located.values() if located.unit]
MORE_PLACES = FOLDER.parents[3].parent / "shared" / "facts" / "places_more.csv"


def test_what_is_known_to_a_unit_only_is_no_point() -> None:
    assert len(AT_UNITS) > 40
    for located in AT_UNITS:
        assert located.geometry is None, located.feature.id
        unit = EXAMINED.located[located.unit].geometry
        assert unit is not None
        assert located.basis == ("township" if located.unit.startswith("township/") else "zone"), located.feature.id
        # The accuracy reaches from the unit's middle to its corners: half of its diameter at least.
        west, south, east, north = unit.bounds
        half = max(length_m(shapely.LineString([(west, south), (east, south)]), CGCS2000),
                   length_m(shapely.LineString([(west, south), (west, north)]), CGCS2000)) / 2  # fmt: skip
        assert located.accuracy_m is not None
        assert half <= located.accuracy_m <= 4 * half, located.feature.id


def test_no_point_claims_more_than_five_kilometres() -> None:
    district = EXAMINED.located["district"].geometry
    for located in EXAMINED.located.values():
        shape = located.geometry
        if shape is not None and shape.geom_type == "Point" and district is not None and district.intersects(shape):
            assert located.accuracy_m is not None
            assert located.accuracy_m <= 5000, located.feature.id


@pytest.mark.skipif(not MORE_PLACES.is_file(), reason="the list of better positions is not at hand")
def test_better_positions_are_taken_with_their_accuracy() -> None:
    with MORE_PLACES.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 31
    for row in rows:
        located = EXAMINED.located[row["id"]]
        if row["confidence"].startswith("low"):
            assert located.unit == "township/ningwei", row["id"]
            continue
        assert located.geometry is not None, row["id"]
        assert located.accuracy_m == float(row["accuracy_m"]), row["id"]
        listed = shapely.Point(float(row["lon"]), float(row["lat"]))
        away = 0.0 if listed == located.geometry else length_m(shapely.LineString([listed, located.geometry]), CGCS2000)
        assert away <= float(row["accuracy_m"]), row["id"]
        assert {"公开地址", "公开名录", "通用地理知识", "GeoNames"} & set(located.sources), row["id"]


@every("feature", INVENTORY, ids=lambda feature: feature.id)
def test_position_is_honest(feature: Feature) -> None:
    located = EXAMINED.located[feature.id]
    if located.geometry is None:
        assert located.unit or len(feature.no_geometry) >= 6
        return
    outside = "outside" in feature.known.inside
    assert EXAMINED.located["district"].geometry is not None
    assert (EXAMINED.located["district"].geometry.distance(located.geometry) < 0.0005) != outside
    assert located.accuracy_m is not None
    if located.basis == "schematic":
        # From general knowledge alone: some 800 m at best; read off a map, a list or an address: 200 m at best.
        assert located.accuracy_m >= (200 if {"公开地图", "公开名录", "公开地址"} & set(located.sources) else 800)


@every("feature", [f for f in INVENTORY if re.search("在区外|在境外", f.no_geometry) or "outside" in f.known.inside])
def test_beyond_the_district_says_so(feature: Feature) -> None:
    assert feature.kind in ("corridor_link", "trade_area")
    said, said_en = feature.no_geometry + feature.note, feature.no_geometry_en + feature.note_en
    assert re.search("在区外|在境外", said)
    assert re.search(r"Outside the district|Abroad", said_en)


def test_pipelines_and_substations_without_site_say_so() -> None:
    works = [feature for feature in INVENTORY if feature.kind in ("pipeline", "substation")]
    assert all(not feature.geometry and "规划未写" in feature.no_geometry for feature in works)


def test_check_prints_the_share_by_basis() -> None:
    result = CliRunner().invoke(main, ["check", str(FOLDER)])
    assert result.exit_code == 0, result.output
    placed = Counter(located.basis for located in EXAMINED.located.values() if located.geometry or located.unit)
    whole = sum(placed.values())
    for basis, count in placed.items():
        share = math.floor(100 * count / whole + 0.5)
        assert re.search(rf"{PLAN.bases[basis].name}\s+{count}\s+{share}%", result.output), basis
