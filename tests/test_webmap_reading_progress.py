"""The page of the course: lights, charts and tables of what was entered; filtered; nothing invented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from test_layers_progress import INDICATORS

from layers.build.assemble import build
from layers.edition import file as editions
from layers.ledger.book import Draft, Ledger, opened
from layers.progress.chart import chart, ticks
from layers.progress.results import results
from webmap.app import create_app

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def served(tiny_plan: Path, tmp_path: Path) -> tuple[FlaskClient, Ledger]:
    (tiny_plan / "indicators.toml").write_text(INDICATORS, "utf-8")
    ledger = opened(tmp_path / "l.sqlite", "tiny-15fyp", make=True)
    ledger.append(
        [
            Draft("gdp", "district", "2026", 110.0, "亿元", "公报"),
            Draft("gdp", "district", "2027", 118.0, "亿元", "公报"),
            Draft("gdp", "township/a", "2026", 40.0), Draft("air", "district", "2026", 91.0, scope=HOSTILE),
        ],
        HOSTILE,
    )  # fmt: skip
    path = tmp_path / "e.gpkg"
    editions.write(build(tiny_plan), path)
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / "l.sqlite")})
    return app.test_client(), ledger


def cards(page: str) -> dict[str, str]:
    return {
        found[1]: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[2]))
        for found in re.finditer(r'id="indicator-([\w-]+)">(.*?)</article>', page, re.DOTALL)
    }


def test_a_card_says_what_was_worked_out_by_hand(served: tuple[FlaskClient, Ledger]) -> None:
    """100 in 2025, 150 in 2030: in 2027 120 are expected, 118 is 36 % of the way, 0.9 of the pace."""
    client, _ = served
    found = cards(client.get("/progress").text)
    assert set(found) == {"gdp", "air"}
    for said in ("滞后", "基期值 2025 100", "实际值 2027 118", "应达到 2027 120", "目标 2030 150", "36%", "0.90"):
        assert said in found["gdp"], said
    assert "没有数值目标" in found["air"]
    assert "省市下达" in found["air"]
    english = cards(client.get("/progress?lang=en").text)
    assert "Behind" in english["gdp"]
    assert "as assigned" in english["air"]


def test_the_page_follows_the_ledger_and_keeps_names_to_itself(served: tuple[FlaskClient, Ledger]) -> None:
    client, ledger = served
    first = client.get("/progress")
    assert client.get("/progress", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert HOSTILE not in first.text
    ledger.append([Draft("gdp", "district", "2027", 120.0, "亿元", after=1)], "乙")
    after = client.get("/progress", headers={"If-None-Match": first.headers["ETag"]})
    assert "符合进度" in cards(after.text)["gdp"]
    assert "乙" not in cards(after.text)["gdp"]
    assert "style=" not in after.text.partition("<main")[2]


def test_filters_and_places(served: tuple[FlaskClient, Ledger]) -> None:
    client, _ = served
    for query, wanted in (
        ("state=behind", {"gdp"}), ("state=unknown", {"air"}), ("state=reached", set()), ("domain=环境", {"air"}),
        ("property=binding", {"air"}), ("q=优良", {"air"}), ("q=good", {"air"}), ("q=%25", set()),
        ("place=township/a", {"gdp"}), ("year=2026", {"gdp", "air"}),
    ):  # fmt: skip
        assert set(cards(client.get(f"/progress?{query}").text)) == wanted, query
    assert "符合进度" in cards(client.get("/progress?year=2026").text)["gdp"]  # 110 of 110
    for wrong in ("state=good", "domain=x", "place=township/zz", "year=20", "state=on&state=behind", "sort=x"):
        assert client.get(f"/progress?{wrong}").status_code == 400, wrong


def test_a_chart_has_base_path_values_and_target(served: tuple[FlaskClient, Ledger]) -> None:
    """Five years over 280 units, 56 each, from 46; the grid is 100 to 160, 132 units high from 12."""
    client, _ = served
    store = client.application.extensions["planmap"].only
    (gdp,) = results(store.observed(store.seen()), indicator="gdp", place="district")
    drawn = chart(gdp)
    assert drawn is not None
    assert drawn.base == (46.0, 144.0)
    assert drawn.target == (326.0, 34.0)  # 150: 12 + 10 / 60 × 132
    assert drawn.path.split()[1] == "102.0,122.0"  # 110 in 2026
    assert [(x, year, value) for x, _, year, value in drawn.dots] == [(102.0, 2026, 110.0), (158.0, 2027, 118.0)]
    assert [step for _, step in drawn.ticks] == [100.0, 120.0, 140.0, 160.0]
    (air,) = results(store.observed(store.seen()), indicator="air", place="district")
    lonely = chart(air)
    assert lonely is None or not lonely.path  # without a target there is no path


def test_ticks_hold_what_they_are_of() -> None:
    for low, high in ((0.0, 1e-9), (-5.0, 5.0), (1e12, 1e12), (99.999, 100.0), (-1e6, -1.0), (0.0, 0.0)):
        found = ticks(low, high)
        assert found[0] <= low
        assert found[-1] >= high
        assert 2 <= len(found) <= 6, (low, high, found)


def test_without_any_value_the_page_says_how_to_enter_some(tiny_plan: Path, tmp_path: Path) -> None:
    path = tmp_path / "e.gpkg"
    editions.write(build(tiny_plan), path)
    client = create_app({"PLANMAP_EDITION": str(path)}).test_client()
    page = client.get("/progress")
    assert page.status_code == 200
    assert "planmap import observations" in page.text
    assert 'href="/progress' in client.get("/list").text
