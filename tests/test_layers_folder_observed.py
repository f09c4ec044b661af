"""Values that a plan folder ships, and the thresholds of ``[course]``."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.build.assemble import build
from layers.folder.load import read
from layers.model.errors import LayersError
from layers.model.period import Period

HEAD = "indicator,place,role,period,value,unit,source,note,scope\n"
INDICATOR = """
[[indicator]]
id = "gdp"
name = "生产总值"
unit = "亿元"
domain = "经济"
property = "expected"
cites = ["表1-1"]
aggregation = "sum"
aliases = ["GDP"]
target = { year = 2030, value = 200 }
"""


def with_values(folder: Path, rows: str, course: str = "") -> Path:
    (folder / "indicators.toml").write_text(INDICATOR, "utf-8")
    (folder / "observed.csv").write_text(HEAD + rows, "utf-8")
    plan = (folder / "plan.toml").read_text("utf-8")
    (folder / "plan.toml").write_text(f"{plan}\n{course}", "utf-8")
    return folder


def test_values_come_into_the_edition(tiny_plan: Path) -> None:
    rows = "gdp,district,,2026,110.5,亿元,统计公报,,\ngdp,township/a,observed,2026Q2,12,,镇报,含临时户,2026口径\n"
    rows += "gdp,district,baseline,2025,100,,公报,,\n"
    edition = build(with_values(tiny_plan, rows, '[course]\nahead = 1.1\nsource = "区发改局"'))
    seen = edition.observations[edition.observations["indicator"] == "gdp"]
    columns = ["place", "level", "role", "year", "period", "value", "source", "note", "scope"]
    assert [tuple(row) for row in seen[columns].itertuples(index=False)][1:] == [
        ("district", "district", "observed", 2026, "2026", 110.5, "统计公报", "", ""),
        ("township/a", "township", "observed", 2026, "2026Q2", 12.0, "镇报", "含临时户", "2026口径"),
        ("district", "district", "baseline", 2025, "2025", 100.0, "公报", "", ""),
    ]
    assert edition.meta["plan"]["course"] == {"ahead": 1.1, "source": "区发改局"}
    row = edition.indicators[edition.indicators["id"] == "gdp"].iloc[0]
    assert (row["aggregation"], row["aliases"], row["measure"]) == ("sum", "GDP", "level")


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ("gpd,district,,2026,1,,,,", "observed.unknown_indicator"),
        ("gdp,township/zz,,2026,1,,,,", "reference.unknown"),
        ("gdp,district,guess,2026,1,,,,", "ledger.role"),
        ("gdp,district,,2026年,1,,,,", "ledger.period"),
        ("gdp,district,,2026,约一百,,,,", "field.number"),
        ("gdp,district,,2026,nan,,,,", "field.number"),
        ("gdp,district,,2026,1,万元,,,", "observed.unit"),
        ("gdp,district,,2026,1,,,,\ngdp,district,observed,2026,2,,,,", "observed.twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tiny_plan: Path, row: str, key: str) -> None:
    _, problems = read(with_values(tiny_plan, row + "\n"))
    (found,) = [one for one in problems if one.file == "observed.csv"]
    assert found.key == key
    assert found.line is not None
    assert found.text("zh")
    assert found.remedy("en")


def test_thresholds_out_of_order_are_told(tiny_plan: Path) -> None:
    _, problems = read(with_values(tiny_plan, "", "[course]\non = 1.2"))
    assert "observed.thresholds" in {one.key for one in problems}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023", "2023"), ("２０２３年", "2023"), ("2023年度", "2023"), ("2023年第二季度", "2023Q2"),
        ("2023Q3", "2023Q3"),
        ("2023年7月", "2023-07"), ("2023-07", "2023-07"), ("2023.12月份", "2023-12"), (" 2023 年 1 季度", "2023Q1"),
    ],
)  # fmt: skip
def test_periods_as_people_write_them(text: str, code: str) -> None:
    assert Period.read(text).code == code
    assert Period.of(code).code == code


@pytest.mark.parametrize("text", ["", "23", "2023年13月", "2023Q5", "1-6月", "上半年", "12345", "0001"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(LayersError):
        Period.read(text)


def test_periods_follow_by_their_ends() -> None:
    codes = ["2023", "2022", "2023-12", "2023Q4", "2023Q1", "2023-03", "2023-01"]
    assert [one.code for one in sorted(map(Period.of, codes))] == [
        "2022", "2023-01", "2023-03", "2023Q1", "2023-12", "2023Q4", "2023",
    ]  # fmt: skip
