"""What is read out of a plan's text: figures, names, structure, lead units; scores against plans read by hand."""

import random
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from plan_text import PLAN_TEXT

from benchmarks.plan_text import FULL_TEXT, HAND_MADE, INVENTED, Expected, of_file, of_folder, scores
from layers.document.blocks import tidy
from layers.document.clauses import Text, blocks_of_text, clauses
from layers.document.found import Finding, Proposals
from layers.document.naming import candidates
from layers.document.numerals import chinese, stated
from layers.document.propose import read

PLACE_NAMES = Path(__file__).parent / "place_names.txt"


def text_of(words: str, title: str = "某县国民经济和社会发展第十四个五年规划") -> Text:
    return clauses(blocks_of_text(f"{title}\n第一章 总则\n第一节 任务\n{words}\n第二章 保障"))


def read_words(words: str) -> Proposals:
    return read(text_of(words))


# ---- figures


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("二○三五", 2035),
        ("一百二十", 120),
        ("十", 10),
        ("两", 2),
        ("三千五百", 3500),
        ("一万二千", 12000),
        ("二点五", 2.5),
        ("十四五", None),
        ("三五", None),
        ("点五", None),
        ("", None),
        ("千三", None),
    ],
)
def test_chinese_numbers(words: str, value: float | None) -> None:
    assert chinese(words.replace("○", "〇")) == value


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("96-97", {"low": 96, "high": 97}),
        (">90", {"value": 90, "comparator": ">"}),
        ("≥62.5", {"value": 62.5, "comparator": ">="}),
        ("不低于41.2", {"value": 41.2, "comparator": ">="}),
        ("78左右", {"value": 78, "comparator": "~"}),
        ("6%以上", {"value": 6, "comparator": ">="}),
        ("17.8*", {"value": 17.8, "marks": "*"}),
        ("〔43〕", {"value": 43, "marks": "sum"}),
        ("[16.4]", {"value": 16.4, "marks": "growth"}),
        ("1,828.47", {"value": 1828.47}),
        ("省市下达指标", {"text": "省市下达指标"}),
    ],
)
def test_cells_of_tables(cell: str, expected: dict[str, Any]) -> None:
    figure = stated(cell)
    assert figure is not None
    assert {name: getattr(figure, name) for name in expected} == expected


@pytest.mark.parametrize("cell", ["", "-", "--", "—", "/", "－".replace("－", "-")])
def test_empty_cells_are_no_figures(cell: str) -> None:
    assert stated(cell) is None


def said(finding: Finding) -> tuple[Any, ...]:
    given = finding.fields
    value = given.get("value", given.get("text", (given.get("low"), given.get("high"))))
    return value, given["comparator"], given["unit"], given["measure"], given["year"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("到2025年,地区生产总值突破280亿元。", [(280, ">", "亿元", "level", 2025)]),
        (
            "到2023年,规模达到300亿元;到2025年,突破500亿元。",
            [(300, "", "亿元", "level", 2023), (500, ">", "亿元", "level", 2025)],
        ),
        ("财政收入年均增长6%以上。", [(6, ">=", "%", "growth", 2025)]),
        ("失业率控制在4%以内。", [(4, "<=", "%", "share", 2025)]),
        ("培育专精特新企业15家、单项冠军3家。", [(15, "", "家", "new", 2025), (3, "", "家", "new", 2025)]),
        (
            "产值、零售额分别达到420亿元和650亿元。",
            [(420, "", "亿元", "level", 2025), (650, "", "亿元", "level", 2025)],
        ),
        ("每年新增城镇就业2万人以上。", [(2, ">=", "万人", "per_year", 2025)]),
        ("累计培育上市企业达90家。", [(90, "", "家", "cumulative", 2025)]),
        ("五年完成投资200亿元以上。", [(200, ">=", "亿元", "total", 2025)]),
        ("企业数量翻一番。", [(2, "", "倍", "level", 2025)]),
        ("建成3~5个实训基地。", [((3, 5), "", "个", "new", 2025)]),
        ("收入倍差缩小至1.65以内。", [(1.65, "<=", "倍", "level", 2025)]),
        ("地区生产总值迈上八百亿元台阶。", [(800, "", "亿元", "level", 2025)]),
        ("实现村庄规划全覆盖。", [("全覆盖", "", "%", "share", 2025)]),
        ("每千人口拥有床位数达到七张。", [(7, "", "张", "level", 2025)]),
        ("“十三五”时期,建成公路320公里。", []),
        ("2020年,地区生产总值达到186亿元;建成公路320公里。", []),
        ("完善3岁以下婴幼儿照护服务,培育世界500强企业,推进5G建设。", []),
        ("建立健全覆盖全民的保障体系。", []),
    ],
)
def test_targets_of_sentences(words: str, expected: list[tuple[Any, ...]]) -> None:
    assert [said(one) for one in read_words(words).targets] == expected


def test_a_target_stands_where_its_number_stands() -> None:
    text = text_of("到2025年,通航城市达200个。")
    (target,) = read(text).targets
    assert text.whole[target.start : target.end] == "200个"
    assert (target.name, target.clause) == ("通航城市", "1.1")


def test_numbers_of_two_towns_are_called_after_them() -> None:
    found = read_words("支持甲山镇、乙河镇建设副中心,到2025年镇区人口分别达到1.8万人和1.5万人。").targets
    assert [(one.name, one.fields["value"]) for one in found] == [("甲山镇镇区人口", 1.8), ("乙河镇镇区人口", 1.5)]


def test_a_number_alone_is_about_what_was_said_before_it() -> None:
    found = read_words("高新技术企业数量翻一番,达到16家。").targets
    assert [(one.name, one.fields["unit"]) for one in found] == [
        ("高新技术企业数量翻一番", "倍"),
        ("高新技术企业数量", "家"),
    ]


def test_the_plans_years_follow_from_its_title() -> None:
    text = text_of("森林覆盖率达到30%。", "某县国民经济和社会发展第十五个五年规划")
    assert read(text).targets[0].fields["year"] == 2030


# ---- names


def names_of(words: str) -> dict[str, str]:
    return {one.name: one.fields["kind"] for one in read_words(words).features}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("加快建设澧岚科学城、沭蘅产业园。", {"澧岚科学城": "platform", "沭蘅产业园": "platform"}),
        (
            "建成轨道交通3、5号线和2号线二期。",
            {"轨道交通3号线": "metro_line", "轨道交通5号线": "metro_line", "轨道交通2号线二期": "metro_line"},
        ),
        ("打造澧江、沭河等生态廊道。", {"澧江生态廊道": "corridor", "沭河生态廊道": "corridor"}),
        ("提升澧岚山、沭蘅岭两大森林公园。", {"澧岚山森林公园": "forest_park", "沭蘅岭森林公园": "forest_park"}),
        ("推进县人民医院整体搬迁。", {"县人民医院": "hospital"}),
        ("建设澧沭高速公路岚蘅段。", {"澧沭高速公路岚蘅段": "expressway"}),
        ("落实生态保护红线、永久基本农田。", {"生态保护红线": "control_line", "永久基本农田": "control_line"}),
        ("建成澧岚路、沭蘅大道、蘅江隧道。", {"澧岚路": "trunk_road", "沭蘅大道": "trunk_road", "蘅江隧道": "tunnel"}),
    ],
)
def test_names_of_sentences(words: str, expected: dict[str, str]) -> None:
    assert names_of(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "建设产业园区和特色小镇,发展智慧旅游,推进数字乡村建设。",
        "实施铸魂工程,开展“雪亮工程”建设,畅通绿色通道。",
        "深化与澧岚大学、沭蘅大学等知名高校合作。",
        "打造全国一流的先进制造业基地。",
        "奋力打造“澧岚之城、沭蘅新城”。",
        "推进义务教育学校标准化建设,引进国际化医院。",
    ],
)
def test_general_words_and_slogans_are_no_names(words: str) -> None:
    assert names_of(words) == {}


def test_a_name_has_every_clause_that_names_it_and_its_lead_units() -> None:
    found = read_words(
        "1.建设澧岚科学城。\n专栏1 项目\n1.平台建设：澧岚科学城、沭蘅产业园。（牵头单位：县发改局、县科技局）"
    )
    one = next(one for one in found.features if one.name == "澧岚科学城")
    assert one.fields["cites"] == ("1.1.1", "专栏1-1")
    assert one.fields["lead_units"] == ("县发改局", "县科技局")


def test_a_bracket_in_latin_letters_is_another_name() -> None:
    (one,) = read_words("建设澧岚生物科技港(BioPort)。").features
    assert (one.name, one.fields["aliases"]) == ("澧岚生物科技港", ("BioPort",))


def test_the_districts_name_before_a_name_makes_no_second_one() -> None:
    title = "澧岚市沭蘅区国民经济和社会发展第十四个五年规划"
    (one,) = read(text_of("建设皋邺城市文化公园。\n提升沭蘅皋邺城市文化公园。", title)).features
    assert {one.name, *one.fields["aliases"]} == {"皋邺城市文化公园", "沭蘅皋邺城市文化公园"}


def test_verbs_inside_names_are_kept() -> None:
    assert [one.text for one in candidates("推进澧岚创新创业服务产业园")] == ["澧岚创新创业服务产业园"]


def test_tables_of_projects_are_lists_of_names() -> None:
    table = (
        "表1 重大项目\n序号 | 项目名称 | 建设内容 | 责任单位 |\n一、交通 | | | |\n"
        "1 | 澧岚至沭蘅公路 | 建设双向四车道公路，打造美丽通道。 | 县交通局 |\n"
        "二、医疗 | | | |\n2 | 县人民医院迁建工程 | 新建门诊楼。 | 县卫健局、县住建局 |\n合计 | | | |"
    )
    found = {one.name: one.fields for one in read_words(table).features}
    assert {name: one["kind"] for name, one in found.items()} == {
        "澧岚至沭蘅公路": "trunk_road",
        "县人民医院": "hospital",
    }
    assert found["县人民医院"]["lead_units"] == ("县卫健局", "县住建局")
    assert found["县人民医院"]["aliases"] == ("县人民医院迁建工程",)


def test_a_thing_of_a_zones_own_paragraph_stands_in_it() -> None:
    words = (
        "构建“一带两区”格局。\n1.一带引领:以澧江发展带为引领。\n2.两区联动:突出特色。\n"
        "——北部澧岚片区,主要涵盖甲山镇、乙河镇。建设沭蘅科学城。\n"
        "——南部沭蘅片区,主要涵盖丙水镇、丁桥镇。建设皋邺产业园。"
    )
    found = {one.name: one.fields for one in read_words(words).features}
    assert (found["沭蘅科学城"]["zone"], found["皋邺产业园"]["zone"]) == ("北部澧岚片区", "南部沭蘅片区")
    assert found["甲山镇"]["zone"] == "北部澧岚片区"


# ---- structure and lead units


def test_members_of_two_zones_are_split() -> None:
    words = (
        "构建“一核两轴三组团”空间格局。\n1.做强一核。以县城为核心。\n2.壮大两轴。建设沿江发展轴。\n"
        "3.培育三组团。北部澧岚组团，包括甲山镇、乙河镇；中部组团，由丙水镇以及丁桥镇、乙河镇部分区域组成；南部组团（丁桥镇、戊坪乡）。"
    )
    found = read_words(words)
    zones = {one.name: one.fields for one in found.features if "members" in one.fields}
    assert zones["北部澧岚组团"]["members"] == ("甲山镇", "乙河镇")
    assert zones["中部组团"]["members"] == ("丙水镇", "丁桥镇", "乙河镇")
    assert zones["中部组团"]["split"] == ("丁桥镇", "乙河镇")
    assert zones["南部组团"]["split"] == ("丁桥镇",)
    parts = [(part["count"], part["kind"]) for part in found.structure[0].fields["parts"]]
    assert parts == [(1, "pole"), (2, "belt"), (3, "zone")]


def test_townships_whose_names_hold_a_joining_word() -> None:
    words = (
        "构建“一心两区”格局。\n1.一心。以旗政府所在地为核心。\n2.两区。西部澧岚产业区：包括呼和甲乙镇、丙丁图苏木；"
        "东部产业区：由和平镇和戊己镇组成。"
    )
    found = {one.name: one.fields for one in read_words(words).features}
    assert found["西部澧岚产业区"]["members"] == ("呼和甲乙镇", "丙丁图苏木")
    assert found["东部产业区"]["members"] == ("和平镇", "戊己镇")
    assert {name for name, one in found.items() if one["kind"] == "township"} == {
        "呼和甲乙镇",
        "丙丁图苏木",
        "和平镇",
        "戊己镇",
    }


def test_lead_units_of_a_bracket_that_is_never_closed() -> None:
    (lead,) = read_words("1.建路。（牵头单位：县发改局、县交通局、规划资源局（林业局）").leads
    assert (lead.clause, lead.fields["units"]) == ("1.1.1", ("县发改局", "县交通局", "规划资源局（林业局）"))


def test_merged_group_cells_and_footnotes_of_an_indicator_table() -> None:
    heading = "一级指标 | 序号 | 二级指标 | 单位 | 2020 年 | 2025 年 | 属性 |\n"
    table = (
        f"表1 主要指标\n{heading}经济 | 1 | 产值 | 亿元 | 1.5∗ | 3 | 预期性 |\n"
        f"2 | 税收 | 亿元 | -- | 与经济 增长同步 | 约束性 | |\n{heading}"
        "民生 | 3 | 床位数 | 张 | 5 | 6-7 | 预期性 |\n注:带*为2019年度数据。"
    )
    found = read_words(table).indicators
    assert [(one.name, one.clause, one.fields["domain"], one.fields["property"]) for one in found] == [
        ("产值", "表1-1", "经济", "expected"),
        ("税收", "表1-2", "经济", "binding"),
        ("床位数", "表1-3", "民生", "expected"),
    ]
    assert found[0].fields["baseline"] == {"year": 2019, "value": 1.5}
    assert "baseline" not in found[1].fields
    assert found[1].fields["target"] == {"year": 2025, "text": "与经济增长同步"}
    assert found[2].fields["target"] == {"year": 2025, "low": 6, "high": 7}


def test_a_table_of_the_years_before_gives_no_indicators() -> None:
    table = "表1 完成情况\n序号 | 指标名称 | 2015 年 | 2020 年 | 属性 |\n1 | 产值 | 1 | 2 | 预期性 |"
    assert read_words(table).indicators == ()


# ---- awkward words


@pytest.mark.parametrize(
    "words",
    [
        *("、" * 3000, "“" * 3000, "(" * 3000, "等" * 3000, "—" * 3000, "|" * 3000),
        *("包括" + "甲乙、" * 1500, "一带三区" * 800, "镇、" * 2000, "甲镇和乙镇和" * 500 + "组成"),
        *("1" * 5000 + "个", "十" * 5000 + "亿元", "建设" * 2000, "以及" * 2000, "到2025年" * 800),
        *("全覆盖" * 1000, "号线" * 1500, "1、2、" * 1000 + "3号线", "牵头单位：" * 500),
        *("<script>alert(1)</script>镇、=1+1镇", "\u202e\u0000\ufeff镇"),
    ],
    ids=range(21),
)  # fmt: skip
def test_awkward_words_are_read_to_their_end(words: str) -> None:
    text = text_of(words)
    found = read(text)
    for one in (*found.features, *found.targets, *found.leads, *found.structure):
        assert 0 <= one.start < one.end <= len(text.whole)


# ---- plans read by hand

FLOORS = {
    "outline": 1.0, "indicators": 1.0, "leads": 1.0, "members": 1.0, "split": 1.0, "comparator": 0.98,
    "target recall": 0.9, "target precision": 0.9, "names recall": 0.87, "names precision": 0.92,
    "names better half": 0.97, "kinds right": 0.92, "structural recall": 0.95, "structural precision": 0.94,
}  # fmt: skip
"""Reached on every plan that was read by hand; slightly below what was measured."""


@cache
def full_plan() -> tuple[str, Expected]:
    return tidy_lines(FULL_TEXT.read_text(encoding="utf-8")), of_folder(HAND_MADE)


def tidy_lines(words: str) -> str:
    return "\n".join(" | ".join(map(tidy, line.split(" | "))) for line in words.splitlines())


def scored(words: str, expected: Expected) -> dict[str, float]:
    text = clauses(blocks_of_text(words))
    return scores(text, read(text), expected)


@pytest.mark.parametrize("name", ["qinghe", "donghu", "jincheng", "nanpu", "shalan", "hezhou"])
def test_invented_plans_are_read(name: str) -> None:
    file = INVENTED / f"{name}.txt"
    reached = scored(file.read_text(encoding="utf-8"), of_file(file.with_suffix(".toml")))
    # A short text has some twenty targets: three of them are 0.15.
    floors = FLOORS | {"target precision": 0.85, "comparator": 0.94}
    assert {score: value for score, value in reached.items() if value < floors[score]} == {}


@pytest.mark.skipif(not PLAN_TEXT.exists(), reason="the plan's text does not lie beside the checkout")
def test_the_full_plan_is_read() -> None:
    reached = scored(*full_plan())
    assert {score: value for score, value in reached.items() if value < FLOORS[score]} == {}


@pytest.mark.parametrize("name", ["jincheng", "nanpu"])
def test_width_of_letters_and_blanks_change_nothing(name: str) -> None:
    words = (INVENTED / f"{name}.txt").read_text(encoding="utf-8")
    expected = of_file(INVENTED / f"{name}.toml")
    wide = words.translate({code: code + 0xFEE0 for code in (*range(0x21, 0x2E), *range(0x2F, 0x3C))})
    spaced = re.sub("(?<=[\u4e00-\u9fff])(?=[0-9])|(?<=[0-9])(?=[\u4e00-\u9fff])", " ", words)
    plain = scored(words, expected)
    assert scored(spaced, expected) == plain
    assert scored(wide, expected) == plain


@pytest.mark.skipif(not PLAN_TEXT.exists(), reason="the plan's text does not lie beside the checkout")
@pytest.mark.parametrize("seed", [1, 2])
def test_no_rule_knows_a_name_of_the_plan(seed: int) -> None:
    words, expected = full_plan()
    renamed = invented_names(words, seed)
    other = Expected(**{one.name: walk(getattr(expected, one.name), renamed) for one in fields(Expected)})
    before, after = scored(words, expected), scored(renamed(words), other)
    assert {score: (before[score], after[score]) for score in before if abs(before[score] - after[score]) > 0.02} == {}


def invented_names(words: str, seed: int) -> Any:
    """A function that puts an invented name in the place of every name of a place."""
    letters = "岚汐沅蘅澧棠皋泠峤潆澹璟菰筠邺郇沭淇浛滏漳颍洺湟皖黟歙岷嶂峪岑"
    chance = random.Random(seed)  # noqa: S311 - no secret
    made: dict[str, str] = {}
    for name in sorted(PLACE_NAMES.read_text(encoding="utf-8").split(), key=len, reverse=True):
        tail = name[-1] if len(name) > 2 and name[-1] in "江河山湖桥" else ""
        while (
            new := "".join(chance.choices(letters, k=len(name) - len(tail))) + tail
        ) in made.values() or new in words:
            pass
        made[name] = new
    pattern = re.compile("|".join(map(re.escape, made)))
    return lambda one: pattern.sub(lambda found: made[found[0]], one)


def walk(value: Any, renamed: Any) -> Any:
    if isinstance(value, str):
        return renamed(value)
    if isinstance(value, dict):
        return {walk(key, renamed): walk(one, renamed) for key, one in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return type(value)(walk(one, renamed) for one in value)
    return value
