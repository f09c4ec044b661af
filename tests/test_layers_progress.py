"""Observed values through the one door: an edition's and a ledger's, on map, API, table and in a frozen edition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docx
import jsonschema
import openpyxl
import pypdfium2
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from layers.build.assemble import build
from layers.edition import file as editions
from layers.edition.observations import Observed
from layers.edition.store import Store
from layers.ledger.book import Draft, Ledger, LedgerError, opened
from layers.progress.overlay import overlay, series
from layers.progress.results import results
from webmap.app import close, create_app
from webmap.cli import main

INDICATORS = """
[[indicator]]
id = "gdp"
name = "生产总值"
name_en = "GDP"
unit = "亿元"
unit_en = "100M CNY"
domain = "经济"
domain_en = "Economy"
property = "expected"
cites = ["表1-1"]
better = "higher"
baseline = { year = 2025, value = 100 }
target = { year = 2030, value = 150 }

[[indicator]]
id = "air"
name = "优良天数比率"
name_en = "Good air"
unit = "%"
domain = "环境"
domain_en = "Environment"
property = "binding"
cites = ["表1-2"]
better = "higher"
baseline = { year = 2025, value = 90 }
target = { year = 2030, text = "省市下达", text_en = "as assigned" }
"""
HEAD = "indicator,place,role,period,value,unit,source,note,scope\n"


@pytest.fixture
def folder(tiny_plan: Path) -> Path:
    (tiny_plan / "indicators.toml").write_text(INDICATORS, "utf-8")
    return tiny_plan


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = opened(tmp_path / "l.sqlite", "tiny-15fyp", make=True)
    made.append(
        [
            Draft("gdp", "district", "2026", 110.0, "亿元", "公报"),
            Draft("gdp", "township/a", "2026", 40.0, "亿元"),
            Draft("gdp", "township/b", "2026", 30.0, "亿元"),
            Draft("gdp", "township/a", "2027", 44.0, "亿元", note="快报"),
            Draft("gdp", "township/b", "2027", 27.0, "亿元"),
            Draft("gdp", "township/a", "2025", 36.0, role="baseline"),
            Draft("gdp", "township/a", "2030", 56.0, role="target"),
            Draft("gone", "district", "2026", 1.0),
            Draft("gdp", "township/gone", "2026", 1.0),
        ],
        "统计员",
    )
    return made


def client(folder: Path, ledger: Ledger | None, tmp_path: Path) -> FlaskClient:
    path = tmp_path / "e.gpkg"
    editions.write(build(folder), path)
    place = ledger.keeping.place if ledger is not None else ""
    return create_app({"PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": place}).test_client()


def values(payload: dict[str, Any]) -> dict[str, Any]:
    return {one["place"]: one["value"] for one in payload["values"]}


def test_a_ledgers_value_takes_the_place_of_the_editions(folder: Path, ledger: Ledger) -> None:
    (folder / "observed.csv").write_text(
        HEAD + "gdp,township/a,,2026,39,,年鉴,,\ngdp,township/c,,2026,7,,年鉴,,\n", "utf-8"
    )
    store = Store(build(folder))
    assert {one.place: one.value for one in Observed(store).overlay("gdp", "2026").values()} == {
        "township/a": 39.0, "township/c": 7.0,
    }  # fmt: skip
    both = Observed(store, ledger, 9).overlay("gdp", "2026")
    assert {place: (one.value, one.entered) for place, one in both.items()} == {
        "township/a": (40.0, True), "township/b": (30.0, True), "township/c": (7.0, False), "district": (110.0, True),
    }  # fmt: skip
    assert Observed(store, ledger, 1).periods() == {("gdp", "observed"): ["2026"]}  # as it was after one entry


def test_the_course_by_place(folder: Path, ledger: Ledger) -> None:
    """District: 110 of the 110 expected. Township a: 36 to 56, in 2027 44 of 44. Township b has no base or target."""
    found = {(one.id, one.place): one.course for one in results(Observed(Store(build(folder)), ledger, 9))}
    assert {key: (one.state, one.expected, one.reason) for key, one in found.items()} == {
        ("gdp", "district"): ("on", 110.0, ""), ("gdp", "township/a"): ("on", 44.0, ""),
        ("gdp", "township/b"): ("unknown", None, "no_goal"), ("air", "district"): ("unknown", None, "no_goal"),
    }  # fmt: skip


def test_what_a_map_shows(folder: Path, ledger: Ledger) -> None:
    seen = Observed(Store(build(folder)), ledger, 9)
    townships = [f"township/{name}" for name in "abcd"]
    last = overlay(seen, "gdp", "township", "observed")
    assert (last["period"], last["periods"], list(values(last))) == ("2027", ["2026", "2027"], townships)
    assert list(values(last).values()) == [44.0, 27.0, None, None]  # missing is missing
    assert last["values"][0]["note"] == "快报"
    assert list(values(overlay(seen, "gdp", "township", "change")).values()) == [4.0, -3.0, None, None]
    change = overlay(seen, "gdp", "township", "change")["classes"]["zero"]
    assert change["breaks"] == pytest.approx([-4, -8 / 3, -4 / 3, 0, 4 / 3, 8 / 3, 4])
    assert len(change["colors"]) == 6
    assert list(values(overlay(seen, "gdp", "township", "target")).values()) == [56.0, None, None, None]
    # 40 of 36 to 56 in 2026: a fifth.
    assert list(values(overlay(seen, "gdp", "township", "progress", "2026")).values()) == [20.0, None, None, None]
    ledger.append([Draft("gdp", "district", "2028", 130.0), Draft("gdp", "township/a", "2027Q4", 12.0)], "统计员")
    later = Observed(seen.store, ledger, 11)
    assert overlay(later, "gdp", "township", "course")["period"] == "2027"  # the last year with values at this level
    course = overlay(seen, "gdp", "township", "course", "2027")
    assert list(values(course).values()) == ["on", "unknown", None, None]
    assert course["states"][0] == "reached"


def test_every_period_at_once(folder: Path, ledger: Ledger) -> None:
    """One list a place, in the order of the periods; a change of scope is said, progress and course are of years."""
    ledger.append(
        [
            Draft("gdp", "township/a", "2027Q4", 12.0),
            Draft("gdp", "township/b", "2028", 31.0, scope="新口径"),
        ],
        "统计员",
    )
    seen = Observed(Store(build(folder)), ledger, 11)
    found = series(seen, "gdp", "township", "observed")
    assert found["periods"] == ["2026", "2027Q4", "2027", "2028"]
    assert {one["place"]: (one["values"], one.get("scopes")) for one in found["places"]} == {
        "township/a": ([40.0, 12.0, 44.0, None], None),
        "township/b": ([30.0, None, 27.0, 31.0], ["", "", "", "新口径"]),
        "township/c": ([None] * 4, None), "township/d": ([None] * 4, None),
    }  # fmt: skip
    change = series(seen, "gdp", "township", "change")
    # From 27 to 31 the scope changed: no difference is claimed.
    assert [one["values"] for one in change["places"]][:2] == [[None, None, 4.0, None], [None, None, -3.0, None]]
    assert (change["middle"], found["middle"]) == (0, None)
    progress = series(seen, "gdp", "township", "progress")
    assert progress["periods"] == ["2026", "2027", "2028"]
    # From 36 to 56: 40 is a fifth, 44 two fifths.
    assert progress["places"][0]["values"] == [20.0, 40.0, None]
    assert progress["middle"] == 100
    # On both sides of the target: the value farthest from 100 is 20, 80 below it.
    sided = overlay(seen, "gdp", "township", "progress", "2026")["classes"]["target"]
    assert sided["breaks"] == pytest.approx([20, 100 - 160 / 3, 100 - 80 / 3, 100, 100 + 80 / 3, 100 + 160 / 3, 180])
    course = series(seen, "gdp", "township", "course")
    assert course["places"][0]["values"] == ["on", "on", "unknown"]


def test_the_api_follows_the_ledger(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    """An entry changes tag and body at once; what does not show observed values keeps its tag."""
    ask = client(folder, ledger, tmp_path)
    address = "/api/observed/gdp/township?period=2026"
    before, layers = ask.get(address), ask.get("/api/layers")
    assert values(before.json)["township/c"] is None  # type: ignore[arg-type]
    again = {"If-None-Match": before.headers["ETag"]}
    assert ask.get(address, headers=again).status_code == 304
    ledger.append([Draft("gdp", "township/c", "2026", 8.0)], "统计员")
    after = ask.get(address, headers=again)
    assert after.status_code == 200
    assert values(after.json)["township/c"] == 8.0  # type: ignore[arg-type]
    assert ask.get("/api/layers").headers["ETag"] == layers.headers["ETag"]
    assert "统计员" not in after.text + ask.get("/api/observed/gdp?place=township/a").text  # nobody's name goes out


def test_what_the_api_says(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    ask = client(folder, ledger, tmp_path)
    listed = ask.get("/api/observed").json
    assert listed is not None
    assert [one["id"] for one in listed["indicators"]] == ["gdp"]
    assert listed["ledger"].startswith("9-")
    series = ask.get("/api/observed/gdp?place=township/a").json
    assert series is not None
    assert series["path"] == [{"year": 2025 + at, "value": 36.0 + 4 * at} for at in range(6)]
    assert [(one["role"], one["period"]) for one in series["values"]] == [
        ("baseline", "2025"), ("observed", "2026"), ("observed", "2027"), ("target", "2030"),
    ]  # fmt: skip
    every = ask.get("/api/observed/gdp/township/periods").json
    assert every is not None
    document = ask.get("/api/openapi.json").json
    assert document is not None
    jsonschema.validate(every, {"$ref": "#/components/schemas/ObservedPeriods", "components": document["components"]})
    assert every["places"][1]["values"] == [30.0, 27.0]
    found = ask.get("/api/course?year=2026").json
    assert found is not None
    assert {(one["indicator"]["id"], one["place"]): one["state"] for one in found["course"]}["gdp", "district"] == "on"
    for address, status in (
        ("/api/observed/gdp/township?show=magic", 400), ("/api/observed/gdp/township?period=2026Q9", 400),
        ("/api/observed/nothing", 404), ("/api/observed/gdp/township/periods?show=magic", 400),
        ("/api/observed/gdp/township/periods?period=2026", 400), ("/api/observed/gdp/village", 404),
        ("/api/course?year=12", 400), ("/api/observed/gdp?place=township/zz", 400),
    ):  # fmt: skip
        answer = ask.get(address)
        assert answer.status_code == status, address
        assert answer.json["detail"]  # type: ignore[index]


def test_without_a_ledger_nothing_is_observed_and_nothing_fails(folder: Path, tmp_path: Path) -> None:
    ask = client(folder, None, tmp_path)
    assert ask.get("/api/observed").json["indicators"] == []  # type: ignore[index]
    assert ask.get("/api/observed/gdp/township").json["reason"] == "no_value"  # type: ignore[index]
    assert {one["state"] for one in ask.get("/api/course").json["course"]} == {"unknown"}  # type: ignore[index]


def test_a_ledger_that_goes_away_is_503_without_its_place(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    ask = client(folder, ledger, tmp_path)
    Path(ledger.keeping.place).unlink()
    answer = ask.get("/api/course")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert ask.get("/api/layers").status_code == 200


def test_a_ledger_of_another_plan_does_not_start(folder: Path, tmp_path: Path) -> None:
    opened(tmp_path / "o.sqlite", "other", make=True)
    path = tmp_path / "e.gpkg"
    editions.write(build(folder), path)
    for name in ("o.sqlite", "gone.sqlite"):
        with pytest.raises(LedgerError):
            create_app({"PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / name)})


def test_values_are_frozen_into_an_edition(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    """The public edition says the same without the ledger, knows nobody, and is another edition after an entry."""
    path = tmp_path / "public.gpkg"
    command = ["build", str(folder), "-o", str(path), "--ledger", ledger.keeping.place]
    assert CliRunner().invoke(main, command).exit_code == 0
    first = editions.read(path)
    frozen, live = Observed(Store(first)), Observed(Store(build(folder)), ledger, 9)
    for show in ("observed", "change", "target", "progress", "course"):
        one, other = (overlay(seen, "gdp", "township", show, "2027") for seen in (frozen, live))
        assert values(one) == values(other), show
    assert "统计员".encode() not in path.read_bytes()
    ledger.append([Draft("gdp", "township/c", "2027", 8.0)], "统计员")
    assert CliRunner().invoke(main, command).exit_code == 0
    assert editions.read(path).hash != first.hash
    assert CliRunner().invoke(main, ["indicators", str(path), "--level", "township", "--id", "gdp"]).exit_code == 0
    opened(tmp_path / "o.sqlite", "other", make=True)
    assert CliRunner().invoke(main, [*command[:-1], str(tmp_path / "o.sqlite")]).exit_code == 1


def test_the_table_of_the_evaluation(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([Draft("gdp", "district", str(year), 146.0) for year in (2027, 2030)], "统计员")
    path, out = tmp_path / "e.gpkg", tmp_path / "eval.xlsx"
    editions.write(build(folder), path)
    command = ["course", str(path), "--ledger", ledger.keeping.place]
    assert CliRunner().invoke(main, [*command, "-o", str(out)]).exit_code == 0
    sheet = openpyxl.load_workbook(out)["进度评估"]
    head, *rows = list(sheet.values)
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["指标"], row["地区"], row["进度"], row["终期结论"], row["出处"]) for row in table] == [
        ("生产总值", "试县", "滞后", "基本完成", "表1-1"),  # 46 of 50: 0.92
        ("生产总值", "甲镇", "符合进度", None, "表1-1"), ("生产总值", "乙镇", "无法判断", None, "表1-1"),
        ("优良天数比率", "试县", "无法判断", None, "表1-2"),
    ]  # fmt: skip
    assert table[3]["目标"] == "省市下达"
    told = json.loads(CliRunner().invoke(main, [*command, "--json", "--place", "district"]).stdout)
    assert [one["final"] for one in told["course"]] == ["nearly", ""]
    for wrong in (["-o", "x.doc"], ["--place", "township/zz"]):
        assert CliRunner().invoke(main, [*command, *wrong]).exit_code == 2


def test_figures_have_the_ledgers_values_and_say_so(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    """Of the served ledger as of the command's, by year; a correction is in the next figure, its author in none."""
    own = client(folder, ledger, tmp_path)
    view = next(iter(Store(build(folder)).views))
    asked = {"indicator": "gdp:township", "lang": "zh"}

    def rows(**more: str) -> dict[str, str]:
        answer = own.get(f"/figures/{view}.json", query_string={**asked, **more})
        assert answer.status_code == 200, answer.text
        return {name: value for name, value, *_ in answer.get_json()["rows"] if value != "—"}

    newest, before = rows(), rows(year="2026")
    assert (sorted(newest.values()), sorted(before.values())) == (["27", "44"], ["30", "40"])
    assert own.get(f"/figures/{view}.json", query_string={**asked, "year": "2028"}).status_code == 400
    drawn = own.get(f"/figures/{view}.svg", query_string={**asked, "year": "2026"}).text
    told = f"实际值：观测台账，截至 {ledger.history(most=1)[0].at[:10]} 第 9 条"
    assert told in drawn
    assert "统计员" not in drawn
    assert "观测台账" not in own.get(f"/figures/{view}.svg", query_string={"indicator": "none"}).text
    # The command draws the same, and nothing from a ledger for the public.
    run = ["figure", view, str(tmp_path / "e.gpkg"), "-o", str(tmp_path / "f.svg"), "--indicator", "gdp:township",
           "--year", "2026", "--ledger", ledger.keeping.place]  # fmt: skip
    done = CliRunner().invoke(main, run)
    assert done.exit_code == 0, done.output
    assert told.partition("，")[2] in (tmp_path / "f.svg").read_text("utf-8")
    assert CliRunner().invoke(main, [*run, "--public", "--exempt", "测试"]).exit_code == 2
    ledger.append([Draft("gdp", "township/a", "2027", 46.0, "亿元", "年鉴", after=1)], "统计员")
    assert sorted(rows().values()) == ["27", "46"]
    assert "实际值：年鉴（观测台账，" in own.get(f"/figures/{view}.svg", query_string=asked).text
    close(own.application)


STEP = """
title = "看产值"
title_en = "Output"
summary = "试"
summary_en = "A trial"

[[step]]
title = "去年"
title_en = "Last year"
text = "各镇去年的产值。"
text_en = "Output of townships last year."
view = "overview"
layers = ["zones", "townships", "district"]
indicator = "gdp"
level = "township"
year = 2027
"""


def _words(path: Path) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))


def test_report_atlas_and_story_have_the_ledgers_values_and_say_so(
    folder: Path, ledger: Ledger, tmp_path: Path
) -> None:
    """District 110 in the report, townships 44 and 27 in atlas and story; without a ledger the edition's own."""
    (folder / "observed.csv").write_text(
        HEAD + "gdp,district,,2026,108,,年鉴,,\ngdp,township/a,,2027,39,,年鉴,,\n", "utf-8"
    )
    (folder / "stories").mkdir()
    (folder / "stories" / "output.toml").write_text(STEP, "utf-8")
    edition = tmp_path / "e.gpkg"
    editions.write(build(folder), edition)
    told = f"观测台账，截至 {ledger.history(most=1)[0].at[:10]} 第 9 条"

    def run(*command: str, live: bool) -> Path:
        out = tmp_path / command[-1]
        where = ["--ledger", ledger.keeping.place] if live else []
        done = CliRunner().invoke(main, [*command[:-1], "-o", str(out), *where])
        assert done.exit_code == 0, done.output
        return out

    def rows(path: Path) -> list[list[str]]:
        return [[cell.text for cell in row.cells] for table in docx.Document(path).tables for row in table.rows]

    for live, value, gone in ((True, "110", "20%"), (False, "108", "16%")):
        made = run("report", str(edition), "r.docx", live=live)
        (course,) = (row for row in rows(made) if row[0] == "生产总值（亿元）" and "%" in row[-2])
        assert course[1:5] == ["100", value, "150", gone]  # of the 50 on the way
        assert (told in "".join(one.text for one in docx.Document(made).paragraphs)) == live
        sheets = _words(run("atlas", str(edition), "--paper", "A4", "a.pdf", live=live))
        assert ("44亿元" in sheets, "27亿元" in sheets, "39亿元" in sheets) == (live, live, not live)
        assert (told[:4] in sheets) == live
    steps = run("story", "output", str(edition), "s.pdf", live=True)
    assert told.partition("，")[2].replace(" ", "") in _words(steps).replace(" ", "")
    assert "27" in _words(steps)
    for command in (["report"], ["atlas"], ["story", "output"]):
        wanted = [*command, str(edition), "-o", str(tmp_path / "x.pdf"), "--ledger", ledger.keeping.place]
        assert CliRunner().invoke(main, [*wanted, "--public", "--exempt", "测试"]).exit_code == 2
        assert CliRunner().invoke(main, [*wanted[:-1], str(tmp_path / "gone.sqlite")]).exit_code == 1
    assert not (tmp_path / "x.pdf").exists()
