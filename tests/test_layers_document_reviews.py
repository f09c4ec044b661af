"""The table of the last period's results: two-row headings, units, marks, words for figures; into review.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from reading_desk import read_into

from layers.document import propose
from layers.document.blocks import Block, blocks_of_text
from layers.document.clauses import clauses
from layers.document.source import read_document
from layers.folder import load
from tools.invented_county import PLACE, ROOT

HEAD = "某县国民经济和社会发展第十四个五年规划纲要\n第一章 基础\n第一节 回顾\n"
FIELDS = ("name", "unit", "property", "base_year", "base", "goal", "goal_text", "goal_comparator", "goal_growth",
          "result_year", "result", "result_text", "result_growth", "stated_met", "cumulative")  # fmt: skip


def read(*rows: str, after: str = "") -> list[dict[str, Any]]:
    text = clauses(
        blocks_of_text(HEAD + "表1 完成情况\n" + "\n".join(rows) + "\n" + after + "\n第二章 目标\n到2025年。")
    )
    return [{"name": one.name, "cite": one.clause, **one.fields} for one in propose.read(text, ("review",)).reviews]


def test_the_tables_of_the_invented_county_and_of_the_reference_are_read_whole() -> None:
    places = [(PLACE / "yunxiu-plan.docx", "yunxiu-14fyp", 0)]
    reference = ROOT.parent / "shared" / "plan" / "xiaoshan-14fyp.txt"
    # Of the reference one unit is not in the text, and brackets are half width in it.
    places += [(reference, "xiaoshan-14fyp", 2)] if reference.is_file() else []
    for document, plan, wrong in places:
        found = propose.read(clauses(read_document(document).blocks), ("review",)).reviews
        got = {one.clause: {"name": one.name, **one.fields} for one in found}
        truth = tomllib.loads((ROOT / "data" / "plans" / plan / "review.toml").read_text("utf-8"))["review"]
        assert sorted(got) == sorted(one["cites"][0] for one in truth)
        differ = [
            (one["name"], field)
            for one in truth
            for field in FIELDS
            if got[one["cites"][0]].get(field) != one.get(field)
        ]
        assert len(differ) <= wrong, differ


@pytest.mark.parametrize("merged", [True, False])
def test_a_heading_over_two_rows_is_read_whether_merged_cells_were_kept_or_not(merged: bool) -> None:
    rows: tuple[tuple[str, ...], ...] = (
        ("序号", "指标", "2015年", "规划目标", "", "完成情况", "", "属性"),
        ("", "", "", "2020年", "年均增长", "2020年", "年均增长", ""),
    )
    if not merged:
        rows = (("序号", "指标", "2015年", "规划目标", "完成情况", "属性", "", ""),
                ("2020年", "年均增长", "2020年", "年均增长", "", "", "", ""))  # fmt: skip
    body = (("1", "地区生产总值（亿元）", "100", "150", "8%", "160", "9.5%", "预期性"),
            ("2", "城镇化率（%）", "40", "46左右", "--", "47.2", "[7.2]", "预期性"))  # fmt: skip
    blocks = [*blocks_of_text(HEAD + "表1 完成情况"), Block("table", rows=(*rows, *body)),
              *blocks_of_text("第二章 目标\n到2025年。")]  # fmt: skip
    one, two = propose.read(clauses(blocks), ("review",)).reviews
    assert (one.name, one.fields["unit"], one.clause) == ("地区生产总值", "亿元", "表1-1")
    assert [one.fields[name] for name in ("base", "goal", "goal_growth", "result", "result_growth")] == [
        100,
        150,
        8,
        160,
        9.5,
    ]
    assert (two.fields["goal"], two.fields["goal_comparator"], two.fields["result_growth"]) == (46, "~", 7.2)
    assert two.fields["cumulative"] is True
    assert "goal_growth" not in two.fields


def test_words_marks_and_years_of_footnotes() -> None:
    found = read(
        "| 序号 | 指标名称 | 单位 | 2015年 | 2020年规划目标 | 2020年实际 | 是否完成 | 属性 |",
        "| 一、经济发展 | | | | | | | |",
        "| 1 | 研发经费占比 | % | 1.2 | ≥2 | 2.3* | 已完成 | 预期性 |",
        "| 2 | 能耗下降 | % | -- | 省下达任务 | 完成 | 完成 | 约束性 |",
        "| 3 | 五年新增就业 | 万人 | 〔2〕 | 〔3〕 | 〔2.5〕 | 未完成 | 预期性 |",
        after="注：带*为2019年数据。",
    )
    assert [one["name"] for one in found] == ["研发经费占比", "能耗下降", "五年新增就业"]
    share, energy, jobs = found
    assert (share["goal"], share["goal_comparator"], share["result"], share["result_year"], share["stated_met"]) == (
        2, ">=", 2.3, 2019, "met",
    )  # fmt: skip
    assert (energy["goal_text"], energy["result_text"], energy["stated_met"]) == ("省下达任务", "完成", "met")
    assert "base" not in energy
    assert (jobs["flags"], jobs["base"], jobs["stated_met"], jobs["result_year"]) == (("sum",), 2, "missed", 2020)


def test_the_table_of_the_coming_period_and_others_are_left_alone() -> None:
    assert (
        read("| 序号 | 指标 | 2020年 | 2025年目标 | 完成单位 | 属性 |", "| 1 | 产值 | 5 | 8 | 县发改局 | 预期性 |")
        == []
    )
    assert read("| 序号 | 项目名称 | 建设内容 | 完成年限 |", "| 1 | 水厂 | 扩建 | 2023 |") == []


def test_they_stand_in_the_folder_and_the_check_accepts_them(tmp_path: Path) -> None:
    folder = tmp_path / "a-plan"
    read_into(folder)
    plan, _ = load.read(folder, ROOT / "data")
    assert plan is not None
    assert [(one.id, one.base, one.goal, one.result) for one in plan.reviews][:2] == [
        ("t1-01", 58.7, 85, 86.4), ("t1-02", 9.2, 8, 7.6),
    ]  # fmt: skip
    assert plan.reviews[-1].note == "目标和完成为五年累计数。"
