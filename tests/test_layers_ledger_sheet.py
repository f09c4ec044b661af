"""Sheets as offices keep them, read into the ledger: what each value is of, its verdict, and all or nothing."""

from __future__ import annotations

import difflib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from layers.folder.load import load
from layers.ledger import sheet
from layers.ledger.book import ConflictError, Draft, Ledger, LedgerError, opened
from layers.ledger.names import Known, Quantity, Spot
from layers.ledger.sheet import Preview, Row
from webmap.cli import main

QUANTITIES = (
    Quantity("gdp", "地区生产总值", "GDP", "亿元", ("GDP",), "sum", past=100.0),
    Quantity("urban", "常住人口城镇化率", "Urbanisation", "%", past=74.6),
    Quantity("forest", "林地面积", "Forest", "公顷", aggregation="sum"),
    Quantity("jobs", "新增就业", "New jobs", "人", aggregation="sum"),
    Quantity("income", "R&D经费支出占GDP比重", "R&D share", "%"),
    Quantity("doctors", "每千人执业(助理)医师数", "Doctors", "人"),
)
SPOTS = (
    Spot("district", "试县", "Shi County", level="district"),
    Spot("zone/east", "东部片区", "East", ("东片",), "zone"),
    Spot("township/a", "甲镇", "Jia", level="township"),
    Spot("township/b", "乙街道", "Yi", level="township"),
    Spot("township/c", "丙镇", "Bing", level="township"),
    Spot("pole/c", "丙湖", "Lake"),
)


def known(**meant: str) -> Known:
    return Known.of(QUANTITIES, SPOTS, meant)


def workbook(rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), formats: dict[str, str] | None = None,
             title: str = "Sheet") -> bytes:  # fmt: skip
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(list(row))
    for area in merged:
        page.merge_cells(area)
    for cell, shown in (formats or {}).items():
        page[cell].number_format = shown
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(data: bytes | str, ledger: Ledger | None = None, file: str = "表.xlsx", **stated: str) -> Preview:
    given = data.encode() if isinstance(data, str) else data
    return sheet.preview(given, file, known(), ledger, **stated)


def told(found: Preview) -> list[tuple[Any, ...]]:
    return [(one.indicator, one.place, one.period, one.value, one.verdict) for one in found.rows]


NEW = "new"


def test_indicators_as_rows_and_years_as_columns() -> None:
    """A title over all, units in names, thousands, a footnote's mark, a source below."""
    data = workbook(
        [
            ["试县主要指标完成情况", None, None, None, None],
            ["序号", "指标", "2021年", "2022年", "2023年目标"],
            [1, "1. 地区生产总值（万元）", 1_105_000, "1，210，000", "1300000*"],
            [2, "常住人口城镇化率", "75.1%", 0.752, None],
            ["注：2022年为快报数", None, None, None, None],
            ["数据来源：区统计局", None, None, None, None],
        ],
        ["A1:E1"], {"D4": "0.0%"},
    )  # fmt: skip
    found = read(data)
    assert told(found) == [
        ("gdp", "district", "2021", 110.5, NEW), ("gdp", "district", "2022", 121.0, NEW),
        ("gdp", "district", "2023", 130.0, NEW),
        ("urban", "district", "2021", 75.1, NEW), ("urban", "district", "2022", 75.2, NEW),
    ]  # fmt: skip
    assert [one.role for one in found.rows] == ["observed", "observed", "target", "observed", "observed"]
    assert found.rows[0].converted == "万元 → 亿元"
    assert found.source == "区统计局"
    assert found.rows[1].at == "D3"


def test_townships_as_rows_and_indicators_as_columns_with_units_below_and_a_total() -> None:
    """10,000 mu are 666.67 hectares (15 mu to the hectare); the total is for checking only, and does not fit."""
    rows = [
        ["2023年各镇街主要指标"],
        ["镇街", "地区生产总值", "林地面积", "备注"],
        ["", "亿元", "亩", ""],
        ["甲镇", 10.2, 15000, ""],
        ["乙街道", 20.3, "３０００", "含飞地"],
        ["丙", 5, 0, ""],
        ["合计", 35.5, 19000, ""],
    ]
    found = read(workbook(rows, ["A1:D1"]))
    assert told(found)[:6] == [
        ("gdp", "township/a", "2023", 10.2, NEW), ("forest", "township/a", "2023", 1000.0, NEW),
        ("gdp", "township/b", "2023", 20.3, NEW), ("forest", "township/b", "2023", 200.0, NEW),
        ("gdp", "township/c", "2023", 5.0, NEW), ("forest", "township/c", "2023", 0.0, NEW),
    ]  # fmt: skip
    assert [one.verdict for one in found.rows[6:]] == ["total", "total"]
    assert found.rows[2].note == "含飞地"
    sums = {one.indicator: (one.parts, one.whole, one.missing, one.adds_up) for one in found.sums}
    assert sums["gdp"] == (35.5, 35.5, 0, True)  # 10.2 + 20.3 + 5
    assert sums["forest"][2:] == (0, False)  # 1,000 + 200 against 19000 / 15 = 1,266.67


def test_two_rows_of_headings_merged_over_years() -> None:
    rows = [
        ["镇街", "地区生产总值（亿元）", None, "新增就业(万人)", None],
        [None, 2021, 2022, 2021, 2022],
        ["甲镇", 1.5, 1.6, 0.02, 0.03],
        ["乙街道", 2.5, 2.6, 0.01, None],
    ]
    found = read(workbook(rows, ["A1:A2", "B1:C1", "D1:E1"]))
    assert told(found) == [
        ("gdp", "township/a", "2021", 1.5, NEW), ("gdp", "township/a", "2022", 1.6, NEW),
        ("jobs", "township/a", "2021", 200.0, NEW), ("jobs", "township/a", "2022", 300.0, NEW),
        ("gdp", "township/b", "2021", 2.5, NEW), ("gdp", "township/b", "2022", 2.6, NEW),
        ("jobs", "township/b", "2021", 100.0, NEW),
    ]  # fmt: skip


def test_townships_as_columns_and_the_indicator_merged_down() -> None:
    rows = [
        ["指标", "年份", "甲镇", "乙街道", "全区"],
        ["地区生产总值", "2021年", 1, 2, 6],
        [None, "2022年", 3, 4, 9],
    ]
    found = read(workbook(rows, ["A2:A3"]))
    assert told(found) == [
        ("gdp", "township/a", "2021", 1.0, NEW), ("gdp", "township/b", "2021", 2.0, NEW),
        ("gdp", "district", "2021", 6.0, NEW), ("gdp", "township/a", "2022", 3.0, NEW),
        ("gdp", "township/b", "2022", 4.0, NEW), ("gdp", "district", "2022", 9.0, NEW),
    ]  # fmt: skip
    assert [(one.period, one.missing, one.adds_up) for one in found.sums] == [("2021", 1, None), ("2022", 1, None)]


def test_growth_beside_the_value_is_passed_over_and_said() -> None:
    found = read(workbook([["镇街", "地区生产总值", "同比增长(%)", "排名"], ["甲镇", 5, 8.1, 1], ["乙街道", 6, 7, 2]]),
                 period="2023")  # fmt: skip
    assert told(found) == [("gdp", "township/a", "2023", 5.0, NEW), ("gdp", "township/b", "2023", 6.0, NEW)]
    assert [(text, why) for _, text, why in found.left] == [("同比增长(%)", "derived"), ("排名", "derived")]
    assert [one.told for one in found.sums] == ["alone"], "no total to compare with, which is not that one is missing"


def test_a_long_list_in_gbk_with_tabs() -> None:
    text = "指标\t地区\t期间\t数值\t单位\t来源\t口径\nGDP\t甲镇\t2023年二季度\t1.5\t亿元\t镇报\t新口径\n"
    text += "地区生产总值\t全区\t２０２３\t8,000\t万元\t\t\n"
    found = read(text.encode("gb18030"), file="a.csv")
    assert told(found) == [("gdp", "township/a", "2023Q2", 1.5, NEW), ("gdp", "district", "2023", 0.8, NEW)]
    assert (found.rows[0].source, found.rows[0].scope) == ("镇报", "新口径")


def test_what_export_writes_is_read_again_as_the_same(tmp_path: Path) -> None:
    from layers.ledger import moving

    ledger = opened(tmp_path / "l.sqlite", "p", make=True)
    ledger.append([Draft("gdp", "township/a", "2023Q2", 1.5, "亿元", "镇报", "=x", "target", "新口径")], "甲")
    moving.export(ledger.everything(), tmp_path / "o.csv", current=True)
    found = read((tmp_path / "o.csv").read_bytes(), ledger, "o.csv")
    assert [(one.verdict, one.role) for one in found.rows] == [("same", "target")]


# ---- verdicts


def test_new_same_and_corrects_with_what_was_there(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "l.sqlite", "p", make=True)
    ledger.append(
        [Draft("gdp", "township/a", "2022", 5.0, "亿元"), Draft("gdp", "township/b", "2022", 6.0, "亿元")], "甲"
    )
    found = read("镇街,2022年\n甲镇,5\n乙街道,6.5\n丙镇,1\n", ledger, indicator="gdp")
    assert [(one.verdict, one.old, one.after) for one in found.rows] == [
        ("same", 5.0, 1),
        ("corrects", 6.0, 1),
        (NEW, None, 0),
    ]
    assert "6" in found.rows[1].text("zh")
    receipt = sheet.commit(ledger, found, "乙")
    assert receipt is not None
    assert (receipt.first, receipt.last) == (3, 4)
    assert sheet.commit(ledger, read("镇街,2022年\n甲镇,5\n", ledger, indicator="gdp"), "乙") is None
    with pytest.raises(ConflictError):  # the preview is of before
        sheet.commit(ledger, found, "丙")
    assert ledger.state().count == 4


@pytest.mark.parametrize(
    ("text", "stated", "verdict", "near"),
    [
        ("镇街,2022年\n甲真,5\n甲镇,1\n", {"indicator": "gdp"}, "unknown_place", ("甲镇",)),
        ("指标,2022年\n地区总产值,5\n地区生产总值,7\n", {}, "unknown_indicator", ("地区生产总值",)),
        ("指标,完成\n地区生产总值,5\n", {}, "no_period", ()),
        ("指标,2022年1-9月\n地区生产总值,5\n", {}, "partial_period", ()),
        ("指标,2022年上半年\n地区生产总值,5\n", {}, "partial_period", ()),
        ("指标,2021年,2022年\n地区生产总值,5,约六\n", {}, "no_number", ()),
        ("指标,2021年,2022年\n地区生产总值,5,#DIV/0!\n", {}, "no_number", ()),
        ("指标,2022年\n地区生产总值（公顷）,5\n", {}, "no_unit", ()),
        ("指标,2022年\n常住人口城镇化率,175\n", {}, "impossible", ()),
        ("指标,2022年\n地区生产总值,5\n地区生产总值,6\n", {}, "twice", ()),
        ("指标,地区,年份,数值,类别\n地区生产总值,甲镇,2022,5,估计\n", {}, "unknown_role", ()),
    ],
)
def test_what_cannot_be_entered_is_told_and_nothing_is_written(
    text: str, stated: dict[str, str], verdict: str, near: tuple[str, ...], tmp_path: Path
) -> None:
    ledger = opened(tmp_path / "l.sqlite", "p", make=True)
    found = read(text, ledger, "a.csv", **stated)
    wrong = [one for one in found.rows if one.verdict in sheet.WRONG]
    assert {one.verdict for one in wrong} == {verdict}
    if near:
        assert wrong[0].near == near
    assert wrong[0].text("zh") != wrong[0].text("en")
    with pytest.raises(LedgerError) as error:
        sheet.commit(ledger, found, "甲")
    assert error.value.key == "sheet.wrong"
    assert ledger.state().count == 0


def test_a_slip_of_the_unit_is_doubted_and_entered_only_when_accepted(tmp_path: Path) -> None:
    """The base is 100 (亿元); 1,105,000 without a unit is most likely in 万元."""
    ledger = opened(tmp_path / "l.sqlite", "p", make=True)
    found = read("指标,2021年\n地区生产总值,1105000\n", ledger, "a.csv")
    assert (found.rows[0].verdict, found.rows[0].doubt, found.rows[0].past) == (NEW, "jump", 100.0)
    with pytest.raises(LedgerError) as error:
        sheet.commit(ledger, found, "甲")
    assert error.value.key == "sheet.doubtful"
    assert sheet.commit(ledger, found, "甲", accept_doubtful=True) is not None
    # A share written as a part of one, where it was 74.6 per cent.
    assert read("指标,2021年\n常住人口城镇化率,0.752\n", None, "a.csv").rows[0].doubt == "jump"


def test_names_that_the_user_explains(tmp_path: Path) -> None:
    text = "镇街,2022年\n城关,5\n".encode()
    named = Known.of(QUANTITIES, SPOTS, {"城关": "township/a"})
    found = sheet.preview(text, "a.csv", named, None, indicator="gdp")
    assert told(found) == [("gdp", "township/a", "2022", 5.0, NEW)]
    with pytest.raises(Exception, match="城关"):
        Known.of(QUANTITIES, SPOTS, {"城关": "township/zz"})
    other = "指标,2022年\n地区生产总值,90\n财政总收入,3\n"
    ledger = opened(tmp_path / "l.sqlite", "p", make=True)
    assert sheet.commit(ledger, read(other, ledger), "甲", leave_unknown=True) is not None
    assert ledger.state().count == 1


def test_brackets_that_belong_to_a_name_stay() -> None:
    found = read("指标,2022年\n每千人执业（助理）医师数(人),3.2\nR&D 经费支出占GDP比重,2.9\n", None, "a.csv")
    assert told(found) == [("doctors", "district", "2022", 3.2, NEW), ("income", "district", "2022", 2.9, NEW)]


def test_a_preview_is_json_and_says_it_in_both_languages() -> None:
    found = read("镇街,2022年\n甲真,5\n乙街道,2\n", None, "a.csv", indicator="gdp")
    told_ = json.loads(json.dumps(found.as_dict("en"), allow_nan=False))
    assert told_["wrong"] == 1
    assert "no place “甲真”" in told_["rows"][0]["text"]
    assert set(told_["rows"][0]) == {*Row.__slots__, "text"}


# ---- files


def test_hidden_sheets_are_not_read_and_said() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["指标", "2022年"], ["地区生产总值", 5]], title="主表")))
    other = book.create_sheet("旧数")
    other.append(["指标", "2022年"])
    other.append(["地区生产总值", 7])
    other.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    found = read(stream.getvalue())
    assert told(found) == [("gdp", "district", "2022", 5.0, NEW)]
    assert found.left == (("旧数", "旧数", "hidden"),)


def test_a_sheet_for_each_year_by_its_name() -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for year, value in ((2021, 5), (2022, 6)):
        page = book.create_sheet(f"{year}年")
        page.append(["镇街", "地区生产总值"])
        page.append(["甲镇", value])
    stream = io.BytesIO()
    book.save(stream)
    found = read(stream.getvalue())
    assert told(found) == [("gdp", "township/a", "2021", 5.0, NEW), ("gdp", "township/a", "2022", 6.0, NEW)]
    assert found.rows[1].at == "2022年!B2"


def test_a_formula_whose_result_was_not_saved_is_told() -> None:
    found = read(workbook([["指标", "2021年", "2022年"], ["地区生产总值", 5, "=B2*1.1"]]))
    assert [one.verdict for one in found.rows] == [NEW, "unsaved_formula"]


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (129 * 1024 * 1024))
    return stream.getvalue()


def with_entities() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook/>')
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "sheet.empty"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "sheet.old_format"),
        (b"PK\x03\x04rest", "sheet.unreadable"),
        (bomb(), "sheet.too_large"), (with_entities(), "sheet.unreadable"), (b"\xff\xfe\x00\xd8", "sheet.encoding"),
        (b"a,b\n" * 60_000, "sheet.too_many"), (b"x" * (17 * 1024 * 1024), "sheet.too_large"),
        (b'a,"b\n' + b"\0", "sheet.unreadable"), ("只有文字\n没有数".encode(), "sheet.nothing"),
        (workbook([[None]]), "sheet.empty"),
    ],
)  # fmt: skip
def test_files_that_are_no_sheets(data: bytes, key: str) -> None:
    with pytest.raises(LedgerError) as error:
        read(data, file="坏.xlsx")
    assert error.value.key == key
    assert error.value.remedy("zh")


# ---- the command, and the sheet to fill in


def test_a_sheet_to_fill_in_is_read_as_it_was_made(tiny_plan: Path, tmp_path: Path) -> None:
    """Made, filled in, imported; a second time nothing is new."""
    runner, ledger = CliRunner(), tmp_path / "l.sqlite"
    made, filled = tmp_path / "t.xlsx", tmp_path / "f.xlsx"
    ids = [one.id for one in load(tiny_plan).indicators]
    common = ["import", "observations", "--plan", str(tiny_plan), "--ledger", str(ledger)]
    done = runner.invoke(main, [*common, "--template", str(made), "--year", "2026", "--year", "2027"])
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(made)
    page = book.worksheets[0]
    for row in range(4, 8):
        for column in range(2, 2 + 2 * len(ids)):
            page.cell(row, column).value = row + column / 100
    page.cell(9, 1).value = "数据来源：县统计局"
    book.save(filled)
    look = runner.invoke(main, [*common, str(filled), "--dry-run", "--json"])
    assert json.loads(look.stdout)["count"] == {"new": 4 * 2 * len(ids)}
    assert not ledger.exists()  # a dry run makes nothing
    done = runner.invoke(main, [*common, str(filled), "--author", "统计员"])
    assert done.exit_code == 0, done.output
    found = [one for one in opened(ledger).everything(ids[0]) if one.period == "2027"]
    assert [(one.place, one.value, one.source, one.author) for one in found] == [
        (f"township/{name}", row + 0.03, "县统计局", "统计员") for row, name in enumerate("abcd", start=4)
    ]
    again = runner.invoke(main, [*common, str(filled)])
    assert again.exit_code == 0
    assert opened(ledger).state().count == 4 * 2 * len(ids)


def test_the_command_writes_nothing_when_one_value_is_wrong(tiny_plan: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "l.sqlite"
    (tmp_path / "a.csv").write_text("镇街,2026年\n甲镇,1\n申镇,2\n", "utf-8")
    one = load(tiny_plan).indicators[0].id
    common = ["import", "observations", str(tmp_path / "a.csv"), "--plan", str(tiny_plan), "--ledger", str(ledger)]
    done = CliRunner().invoke(main, [*common, "--indicator", one])
    assert done.exit_code == 1
    assert "申镇" in done.stdout
    assert "甲镇" in done.stdout  # the nearest
    assert "什么也没有写" in done.stderr
    assert opened(ledger).state().count == 0
    done = CliRunner().invoke(main, [*common, "--indicator", one, "--meant", "申镇=township/b"])
    assert done.exit_code == 0
    for wrong in (["--meant", "申镇"], ["--indicator", "nothing"]):
        assert CliRunner().invoke(main, [*common, *wrong]).exit_code == 2
    assert CliRunner().invoke(main, ["import", "observations", "--plan", str(tiny_plan)]).exit_code == 2
    assert CliRunner().invoke(main, [*common[:2], "gone.csv", *common[3:]]).exit_code == 2


def test_names_mean_the_same_places_on_the_page() -> None:
    """The cases of ``place_cases.json``; the page's own data go by them too (``own.test.js``)."""
    cases = json.loads((Path(__file__).parent / "place_cases.json").read_text("utf-8"))
    spots = [Spot(**{**one, "aliases": tuple(one["aliases"])}) for one in cases["places"]]
    known = Known.of([], spots)
    assert [[text, known.spot(text)] for text, _ in cases["found"]] == cases["found"]
    by_name = {one["name"]: one["id"] for one in cases["places"]}
    assert [[text, by_name.get((known.near_spots(text) or [""])[0])] for text, _ in cases["near"]] == cases["near"]
    ratios = [difflib.SequenceMatcher(None, one, other).ratio() for one, other, _ in cases["likeness"]]
    assert ratios == [ratio for _, _, ratio in cases["likeness"]]


def test_what_came_with_the_plan_counts_before_anything_was_entered() -> None:
    """Townships are held against the plan's own values of other years, and their sum against its whole."""
    shipped = {
        ("jobs", "township/a"): [("2022", 130.0), ("2023", 136.0)], ("jobs", "township/b"): [("2023", 50.0)],
        ("jobs", "township/c"): [("2023", 14.0)], ("jobs", "district"): [("2023", 200.0)],
    }  # fmt: skip
    table = "指标,地方,2023年\n新增就业（人）,甲镇,9999\n新增就业（人）,乙街道,50\n".encode()
    found = sheet.preview(table, "a.csv", Known.of(QUANTITIES, SPOTS, None, shipped), None, source="表")
    assert [(one.verdict, one.doubt, one.past) for one in found.rows] == [(NEW, "jump", 130.0), (NEW, "", None)]
    total = next(one for one in found.sums if one.level == "township")
    assert (total.parts, total.whole, total.missing, total.adds_up) == (10063.0, 200.0, 0, False)
