"""A district's target split with what an edition and a ledger have: by command, over the API, on pages and as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from test_layers_progress import INDICATORS
from tiny_folder import write_tiny_plan

from layers.build.assemble import build
from layers.decomposition.asked import Asked
from layers.decomposition.errors import DecompositionError
from layers.edition import file as editions
from layers.edition.observations import Observed
from layers.edition.store import Store
from layers.ledger.book import Draft, Ledger, opened
from layers.ledger.scenarios import Scenarios
from layers.progress.decomposing import decompose, weights_there
from layers.progress.scenarios import Told, overlay, saved
from webmap.app import create_app
from webmap.cli import main
from webmap.map.standalone import inlined

A, B, C, D = (f"township/{one}" for one in "abcd")
WEIGHTS = {A: 2.0, B: 2.0, C: 1.0, D: 1.0}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = write_tiny_plan(tmp_path_factory.mktemp("plan"))
    (plan / "indicators.toml").write_text(
        INDICATORS.replace('better = "higher"', 'better = "higher"\naggregation = "sum"', 1), "utf-8"
    )
    editions.write(build(plan), plan.parent / "e.gpkg")
    return plan.parent / "e.gpkg"


@pytest.fixture(scope="module")
def store(path: Path) -> Store:
    return Store(editions.read(path))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = opened(tmp_path / "l.sqlite", "tiny-15fyp", make=True)
    bases = {A: 40.0, B: 30.0, C: 20.0, D: 10.0}
    made.append([Draft("gdp", place, "2025", value, role="baseline") for place, value in bases.items()], "甲")
    made.append([Draft("gdp", A, "2026", 44.0), Draft("gdp", B, "2026", 29.5)], "甲")
    return made


@pytest.fixture
def observed(store: Store, ledger: Ledger) -> Observed:
    return Observed(store, ledger, ledger.state().count)


def values(found: Any) -> dict[str, float]:
    return {row.place: row.value for row in found.rows}


def test_by_weights_of_ones_own_with_the_plans_target(observed: Observed) -> None:
    # 150 by 2 : 2 : 1 : 1; half of b lies west, half east: west 50 + 25 + 25, east 25 + 25.
    found = decompose(observed, Asked("gdp", weight="own", own=WEIGHTS))
    assert values(found) == {A: 50, B: 50, C: 25, D: 25}
    assert found.zones == {"zone/west": 100, "zone/east": 50}
    assert found.shares[B]["zone/west"] == pytest.approx(0.5, abs=1e-3)
    assert (found.asked.year, found.asked.aggregation, found.split.whole) == (2030, "sum", 150)


def test_a_stated_share_goes_before_that_of_the_area(observed: Observed) -> None:
    shares = {B: {"zone/west": 0.2, "zone/east": 0.8}}
    found = decompose(observed, Asked("gdp", weight="own", own=WEIGHTS, shares=shares))
    assert found.zones == {"zone/west": 85, "zone/east": 65}  # 50 + 10 + 25 and 40 + 25
    with pytest.raises(DecompositionError) as caught:
        decompose(observed, Asked("gdp", shares={B: {"zone/west": 0.2, "zone/east": 0.7}}))
    assert caught.value.key == "decomposition.share"


def test_an_equal_rate_from_the_bases_of_the_ledger(observed: Observed) -> None:
    # 40, 30, 20, 10 to 150 together: half as much again for each, 8.447 % a year.
    found = decompose(observed, Asked("gdp", method="growth"))
    assert values(found) == {A: 60, B: 45, C: 30, D: 15}
    assert found.split.rate == pytest.approx(8.4472, abs=1e-4)
    # a keeps 66: the other 84 by 3 : 2 : 1.
    found = decompose(observed, Asked("gdp", method="growth", fixed={A: 66}))
    assert values(found) == {A: 66, B: 42, C: 28, D: 14}


def test_zones_get_what_their_townships_weigh(observed: Observed) -> None:
    # Bases of the zones: 40 + 20 + 15 and 10 + 15.
    found = decompose(observed, Asked("gdp", "zone", method="growth"))
    assert values(found) == pytest.approx({"zone/west": 112.5, "zone/east": 37.5}, abs=1)
    assert sum(values(found).values()) == 150


def test_what_may_weigh_is_asked_of_the_ledger_once(observed: Observed, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("overlay", "years", "periods", "everything"):
        own = getattr(Ledger, name)
        monkeypatch.setattr(
            Ledger, name, lambda self, *a, _own=own, _name=name, **k: asked.append(_name) or _own(self, *a, **k)
        )
    found = {record["id"]: years for record, years in weights_there(observed, "township")}
    assert asked == ["years"]
    assert found["gdp"] == ["2026"]  # base of 2025 is no observed value


def test_areas_weigh_and_are_listed(observed: Observed, store: Store) -> None:
    assert "area_km2" in [record["id"] for record, _ in weights_there(observed, "township")]
    found = decompose(observed, Asked("gdp", weight="area_km2", decimals=1))
    assert sum(values(found).values()) == pytest.approx(150)
    # All four are 0.1° by 0.1°, the two in the south a little larger: less than two tenths from equal.
    assert all(abs(value - 37.5) < 0.2 for value in values(found).values())


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (Asked("gone"), "unknown"),
        (Asked("air", whole=90), "no_aggregation"),
        (Asked("air", aggregation="mean"), "no_target"),
        (Asked("gdp", fixed={"zone/west": 1}), "unknown"),
        (Asked("gdp", weight="nothing"), "unknown"),
        (Asked("gdp", weight="own", own={A: 1}), "missing"),
        (Asked("gdp", aggregation="weighted_mean"), "missing"),
        (Asked("gdp", fixed={A: 200}), "too_high"),
        (Asked("gdp", low={A: float("nan")}), "number"),
        (Asked("gdp", "village"), "choice"),
    ],
)
def test_what_is_missing_is_said(observed: Observed, asked: Asked, key: str) -> None:
    with pytest.raises(DecompositionError) as caught:
        decompose(observed, asked)
    assert caught.value.key == f"decomposition.{key}"
    assert caught.value.message("zh")
    assert caught.value.message("en")


def test_places_are_called_by_their_names(observed: Observed) -> None:
    with pytest.raises(DecompositionError) as caught:
        decompose(observed, Asked("gdp", weight="own", own={A: 1}))
    assert caught.value.message("zh") == "乙镇没有权数"
    assert caught.value.message("en") == "Yi has no weight"


def test_what_was_asked_for_comes_back_as_it_was(observed: Observed) -> None:
    asked = Asked(
        "gdp", method="growth", fixed={A: 66.0}, low={B: 1.0}, shares={B: {"zone/west": 0.2, "zone/east": 0.8}}
    )
    found = decompose(observed, asked)
    again = Asked.of(json.loads(json.dumps(found.body()))["asked"])
    assert again == found.asked
    assert values(decompose(observed, again)) == values(found)


# ---- saved


@pytest.fixture
def kept(observed: Observed, ledger: Ledger) -> Scenarios:
    scenarios = Scenarios(ledger.keeping)
    saved(scenarios, decompose(observed, Asked("gdp", method="growth")), "等速", "甲", note="试", edition="e")
    saved(scenarios, decompose(observed, Asked("gdp", weight="own", own=WEIGHTS)), HOSTILE, "甲")
    return scenarios


@pytest.fixture
def ask(path: Path, ledger: Ledger, kept: Scenarios, tmp_path: Path) -> FlaskClient:
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / "l.sqlite"),
                      "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})  # fmt: skip
    return app.test_client()


def test_the_map_gets_values_and_differences(observed: Observed, kept: Scenarios) -> None:
    told = Told.of(observed.store, kept.find("等速"))
    shown = overlay(observed, told, "scenario")
    assert {row["place"]: row["value"] for row in shown["values"]} == {A: 60, B: 45, C: 30, D: 15}
    assert all("非规划内容" in row["note"] for row in shown["values"])
    gap = overlay(observed, told, "scenario_gap")
    # 44 − 60 and 29.5 − 45; of the others nothing was observed.
    assert {row["place"]: row["value"] for row in gap["values"]} == {A: -16, B: -15.5, C: None, D: None}
    breaks = gap["classes"]["zero"]["breaks"]
    assert breaks[0] == -breaks[-1] == -16


def test_the_api_says_what_a_scenario_is(ask: FlaskClient) -> None:
    listed = ask.get("/api/scenarios").get_json()
    assert [(one["code"], one["name"], one["from_plan"]) for one in listed["scenarios"]] == [
        ("s1", "等速", False), ("s2", HOSTILE, False),
    ]  # fmt: skip
    one = ask.get("/api/scenarios/s1").get_json()
    assert one["mark"] == "情景，非规划内容"
    assert [(row["place"], row["value"], row.get("base"), row["gap"]) for row in one["rows"]][:2] == [
        (A, 60, 40, -16), (B, 45, 30, -15.5),
    ]  # fmt: skip
    assert "甲" not in json.dumps(one, ensure_ascii=False).replace("甲镇", ""), "nobody's name goes out"
    for address in (
        "/api/scenarios/s9",
        "/api/scenarios/x",
        "/api/scenarios/s0/overlay",
        "/scenarios/s9",
        "/scenarios/1",
    ):
        assert ask.get(address).status_code == 404, address
    assert ask.get("/api/scenarios/s1/overlay?show=course").status_code == 400
    assert ask.get("/scenarios/s1?beside=s7").status_code == 404


def test_pages_show_it_beside_others_and_change_with_it(ask: FlaskClient, kept: Scenarios) -> None:
    page = ask.get("/scenarios/s1?beside=s2").text
    for part in ("情景，非规划内容", "8.447%", "甲镇", ">60<", ">−16<", "#ind=gdp:township"):
        assert part in page, part
    assert HOSTILE not in page
    assert "&lt;img" in page
    assert "等速" in ask.get("/scenarios?lang=en").text
    assert "/scenarios" in ask.get("/progress").text
    tag = ask.get("/api/scenarios").headers["ETag"]
    one = kept.find("等速")
    kept.save("等速", "", "乙", indicator="gdp", level="township", period="2030", after=one.version)
    answer = ask.get("/api/scenarios", headers={"If-None-Match": tag})
    assert [one["code"] for one in answer.get_json()["scenarios"]] == ["s2"]
    assert ask.get("/scenarios/s1").status_code == 404


def test_files_say_it_in_every_row(ask: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(ask.get("/scenarios/s1/table.csv?beside=s2").data.decode("utf-8-sig"))))
    assert [row["分解值"] for row in rows] == ["60.0", "45.0", "30.0", "15.0", "150.0"]
    assert {row["性质"] for row in rows} == {"情景，非规划内容"}
    book = openpyxl.load_workbook(io.BytesIO(ask.get("/scenarios/s1/table.xlsx?lang=en").data))
    sheet = book["Scenario"]
    head = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, head.index("Value") + 1).value == 60
    assert sheet.cell(2, head.index("What it is") + 1).value == "Scenario, not part of the plan"
    assert ask.get("/scenarios/s1/table.pdf").status_code == 404


def test_the_commands(path: Path, ledger: Ledger, tmp_path: Path) -> None:
    where = ["--edition", str(path), "--ledger", str(tmp_path / "l.sqlite")]
    run = CliRunner().invoke
    asked = ["scenario", "split", *where, "--indicator", "gdp", "--method", "growth", "--fix", "甲镇=66", "--bounds",
             "Yi=..40", "--share", "b=west:0.2,east:0.8"]  # fmt: skip
    answer = run(main, [*asked, "--json", "--save", "命令", "--author", "乙"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    # b has 40 at most; the other 44 by 2 : 1 are 29.33 and 14.67.
    assert {row["place"]: row["value"] for row in told["rows"]} == {A: 66, B: 40, C: 29, D: 15}
    assert (told["from_plan"], told["saved"]["code"]) == (False, "s1")
    assert told["zones"] == {"zone/west": 103, "zone/east": 47}  # 66 + 8 + 29 and 32 + 15
    assert "情景，非规划内容" in run(main, asked).output
    assert "命令" in run(main, ["scenario", "list", *where]).output
    shown = run(main, ["scenario", "show", "s1", *where, "--with", "命令"])
    assert "非规划内容" in shown.output
    assert "66" in shown.output
    for name in ("a.csv", "a.xlsx"):
        assert run(main, ["scenario", "show", "命令", *where, "-o", str(tmp_path / name)]).exit_code == 0
        assert (tmp_path / name).stat().st_size > 200
    refused = run(main, [*asked, "--fix", "丙镇=200"])
    assert refused.exit_code == 1
    assert "分不下去" in refused.output
    for wrong in (["--fix", "甲镇"], ["--bounds", "甲镇=3"], ["--fix", "甲镇=x"]):
        assert run(main, [*asked, *wrong]).exit_code == 2, wrong
    assert run(main, ["scenario", "withdraw", "命令", *where]).exit_code == 0
    assert run(main, ["scenario", "show", "命令", *where]).exit_code == 1


def test_a_file_and_a_frame_hold_them(ask: FlaskClient, observed: Observed, kept: Scenarios) -> None:
    held = inlined(observed.store, observed, kept.current())
    for show in ("scenario", "scenario_gap"):
        address = f"/api/scenarios/s1/overlay?show={show}"
        assert held[address] == ask.get(address).get_json()
    observed_there = "/api/observed/gdp/township?show=observed&period=2026"
    assert held[observed_there] == ask.get(observed_there).get_json()
    assert ask.get("/embed/overview?indicator=gdp:township:quantiles:scenario:s1").status_code == 200
    for wrong in ("magic", "scenario:2023", "observed:s1", "observed:2026:x"):
        assert ask.get(f"/embed/overview?indicator=gdp:township:quantiles:{wrong}").status_code == 400, wrong
