"""Pages for making scenarios: reckoned, locked, saved, changed and withdrawn; and whatever else may be sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from admin_people import ORIGIN, mark_of, people, quick_hashes, sign_in, signed
from flask import Flask
from flask.testing import FlaskClient
from test_layers_progress_scenarios import A, B, ledger, path
from werkzeug.test import TestResponse

from layers.ledger.book import Ledger
from layers.ledger.scenarios import Scenarios
from webmap.admin.store import Store
from webmap.app import create_app

__all__ = ["ledger", "path", "people", "quick_hashes"]
PAGE = "/admin/scenarios"
FORM = {"indicator": "gdp", "level": "township", "method": "growth"}


@pytest.fixture
def app(path: Path, ledger: Ledger, people: Store, tmp_path: Path) -> Flask:
    return create_app({
        "PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / "l.sqlite"),
        "PLANMAP_PEOPLE": str(people.path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
    })  # fmt: skip


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed(app, "editor")


def post(client: FlaskClient, action: str, **form: str) -> TestResponse:
    mark = mark_of(client.get("/admin"))
    return client.post(f"{PAGE}/{action}", data={"mark": mark, **FORM, **form}, headers=ORIGIN)


def shown(answer: TestResponse) -> list[str]:
    """The values of the table, in the order of its places."""
    return re.findall(r"<td class=\"num\"[^>]*><span><strong>([^<]*)</strong>", answer.text)


def test_it_is_reckoned_locked_saved_and_changed(client: FlaskClient, ledger: Ledger, people: Store) -> None:
    answer = post(client, "look")
    assert answer.status_code == 200, answer.text
    assert shown(answer) == ["60", "45", "30", "15"]
    assert "情景，非规划内容" in answer.text
    assert "8.447%" in answer.text
    # a by hand, b locked as it is shown: 150 − 66 − 45 = 39 by 2 : 1.
    answer = post(client, "look", f0="６６", v1="45", k1="1")
    assert shown(answer) == ["66", "45", "26", "13"]
    assert Scenarios(ledger.keeping).state().count == 0, "nothing was saved"
    saved = post(client, "save", f0="66", v1="45", k1="1", name="试", note="说明")
    assert (saved.status_code, saved.headers["Location"]) == (303, "/scenarios/s1")
    assert "试" in client.get("/scenarios").text
    one = client.get("/api/scenarios/s1").get_json()
    assert {row["place"]: row["value"] for row in one["rows"]}[A] == 66
    assert one["asked"]["fixed"] == {A: 66, B: 45}
    # Opened once more, and another version saved.
    page = client.get(f"{PAGE}/s1")
    assert 'name="f0" value="66"' in page.text
    assert 'name="after" value="1"' in page.text
    assert post(client, "save", name="试", after="1", f0="60").status_code == 303
    assert [one.version for one in Scenarios(ledger.keeping).history("试")] == [1, 2]
    assert Scenarios(ledger.keeping).find("试").author == "editor"
    assert "editor" not in client.get("/scenarios/s1").text
    assert people.log(1)[0].action == "saved_scenario"
    # Somebody who saw the first version only is told.
    late = post(client, "save", name="试", after="1")
    assert late.status_code == 409
    assert "已被editor改过" in late.text
    assert post(client, "withdraw", code="s1").status_code == 303
    assert client.get("/scenarios/s1").status_code == 404
    assert people.log(1)[0].action == "withdrew_scenario"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"f0": "200"}, "分不下去"),
        ({"f0": "abc"}, "abc"),
        ({"f0": "1e999"}, "1e999"),
        ({"l0": "9", "h0": "3"}, "下限 9 大于上限 3"),
        ({"indicator": "gone"}, "gone"),
        ({"level": "village"}, "village"),
        ({"method": "magic"}, "magic"),
        ({"year": "12"}, "12"),
        ({"decimals": "99"}, "99"),
        ({"period": "<b>"}, "&lt;b&gt;"),
        ({"weight": "<b>", "method": "weights"}, "&lt;b&gt;"),
        ({"z1_0": "0.5", "z1_1": "0.4"}, "份额合计为 0.9"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    client: FlaskClient, ledger: Ledger, form: dict[str, str], said: str
) -> None:
    for action in ("look", "save"):
        answer = post(client, action, **{"name": "x", "method": "weights", "weight": "area_km2", **form})
        if form.keys() != {"period"} or answer.status_code != 303:
            assert answer.status_code in (400, 403), (action, answer.status_code)
            assert said in answer.text, action
    assert Scenarios(ledger.keeping).state().count == 0


def test_a_table_is_there_even_when_nothing_comes_of_it(client: FlaskClient) -> None:
    answer = post(client, "look", method="weights", weight="own", w0="1")
    assert answer.status_code == 400
    assert "乙镇没有权数" in answer.text
    assert 'name="w3"' in answer.text


@pytest.mark.parametrize("part", ["scenarios", "observations"])
def test_a_way_leads_back_to_the_other_parts(client: FlaskClient, part: str) -> None:
    back = '<p class="trail"><a href="/admin?lang=en">Administration</a></p>'
    assert back in client.get(f"/admin/{part}?lang=en").text
    assert back not in client.get("/admin?lang=en").text, "it is this very page"


def test_only_editors_with_a_form_of_their_own(app: Flask, client: FlaskClient) -> None:
    stranger = app.test_client()
    assert stranger.get(PAGE).status_code == 303
    assert stranger.post(f"{PAGE}/save", data=FORM, headers=ORIGIN).status_code in (303, 401, 403)
    reader = app.test_client()
    sign_in(reader, "reader")
    assert reader.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}/look", data=FORM, headers=ORIGIN).status_code == 403, "no mark"
    mark = mark_of(client.get("/admin"))
    foreign = {**ORIGIN, "Origin": "https://evil.example"}
    assert client.post(f"{PAGE}/look", data={"mark": mark, **FORM}, headers=foreign).status_code == 403
    assert client.get(f"{PAGE}/s7").status_code == 404
    assert client.get(f"{PAGE}/..%2f").status_code == 404
    assert post(client, "withdraw", code="s7").status_code == 400
    assert client.get(f"{PAGE}?lang=en").status_code == 200


def test_a_form_of_many_townships_is_taken(client: FlaskClient) -> None:
    # As 400 townships with every field would send it.
    filler = {f"x{at}": "1234.5" for at in range(4000)}
    assert post(client, "look", **filler).status_code == 200


def test_without_a_ledger_it_says_how_to_make_one(path: Path, people: Store, tmp_path: Path) -> None:
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_PEOPLE": str(people.path),
                      "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})  # fmt: skip
    client = app.test_client()
    sign_in(client, "editor")
    assert "planmap ledger create" in client.get(PAGE).text
    assert post(client, "look").status_code in (400, 403)
    assert client.get("/scenarios").status_code == 200
    assert client.get("/api/scenarios").get_json()["scenarios"] == []
