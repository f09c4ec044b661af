"""The search index: whatever the plan holds, and where it leads; and what is found in it, best first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from cases import every
from flask.testing import FlaskClient
from web_edition import make_edition

from webmap.api import matching
from webmap.api.matching import find, prepare
from webmap.api.search import TYPES
from webmap.app import create_app


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


@pytest.fixture(scope="module")
def entries(client: FlaskClient) -> list[dict]:
    return client.get("/api/search").get_json()["entries"]


def test_the_index_holds_whatever_the_plan_holds(entries: list[dict]) -> None:
    found = {(entry["type"], entry["id"]) for entry in entries}
    assert len(found) == len(entries)
    edition = make_edition()
    for frame in edition.layers.values():
        assert {("feature", name) for name in frame["id"]} <= found
    assert {("indicator", name) for name in edition.indicators["id"]} <= found
    for kind, table in (("target", "targets"), ("claim", "claims"), ("review", "reviews")):
        assert {(kind, name) for name in edition.figures.get(table, {"id": []})["id"]} <= found
    cells = [cell for frame in edition.layers.values() for cell in frame["lead_units"]]
    assert {("lead", unit) for cell in cells for unit in cell.split(";") if unit} <= found
    assert {("clause", clause) for clause in edition.meta["outline"]} <= found
    assert {entry["type"] for entry in entries} <= set(TYPES)


def test_every_entry_leads_to_a_place_on_a_page_that_there_is(client: FlaskClient, entries: list[dict]) -> None:
    pages: dict[str, str] = {}
    for entry in entries:
        if "page" not in entry:
            assert entry["type"] in ("feature", "indicator")
            continue
        address, anchor = urldefrag(entry["page"])
        if address not in pages:
            answer = client.get(f"/{address}")
            assert answer.status_code == 200, entry
            pages[address] = answer.get_data(as_text=True)
        if anchor:
            assert f'id="{unquote(anchor)}"' in pages[address], entry


def test_the_index_is_only_fetched_when_somebody_searches(client: FlaskClient) -> None:
    assert "/api/search" not in client.get("/").get_data(as_text=True)


# ---- what is found, best first

SETS = json.loads(Path(__file__).with_name("search.json").read_text(encoding="utf-8"))["sets"]


def test_the_same_is_found_as_by_the_search_box() -> None:
    wrong = []
    for given in SETS:
        items, ranks = prepare(given["entries"]), given.get("rank", {})
        for case in given["cases"]:
            ids = [entry["id"] for entry in find(items, case["q"], partial(_rank, ranks))]
            fits = ids == case["ids"] if "ids" in case else ids[:1] == [case["first"]]
            wrong += [] if fits else [f"{case}: {ids}"]
    assert wrong == []


def _rank(ranks: dict[str, int], entry: Mapping[str, Any]) -> int:
    return ranks.get(entry["id"], 0)


@pytest.mark.parametrize("name", ["机场", "airport", "杭州萧山机场", "line2"])
def test_what_is_passed_over_at_once_is_not_near(name: str) -> None:
    wrong = {name[:at] + name[at + 1 :] for at in range(len(name))}
    wrong |= {name[:at] + "x" + name[at:] for at in range(len(name) + 1)}
    wrong |= {name[:at] + "x" + name[at + 1 :] for at in range(len(name))}
    wrong |= {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)}
    (item,) = matching.prepare([{"name": f"北{name}站"}])
    for query in wrong:
        assert matching.score_near(item, query, matching.thirds(query)) == matching.score_near(item, query), query
        assert not matching.near(name, query) or any(piece in name for piece in matching.thirds(query)), query


def test_a_query_is_answered_ranked_and_no_more_than_asked_for(client: FlaskClient, entries: list[dict]) -> None:
    answer = client.get("/api/search", query_string={"q": " 南站 "}).get_json()
    assert answer["query"] == "南站"
    assert answer["entries"][0]["id"] == "hub/south"
    assert answer["entries"][0] in entries
    one = client.get("/api/search", query_string={"q": "南站", "limit": 1}).get_json()
    assert (one["found"], len(one["entries"])) == (answer["found"], 1)
    assert client.get("/api/search", query_string={"q": "没有这样的东西"}).get_json()["entries"] == []
    assert client.get("/api/search?limit=2").get_json()["entries"] == entries[:2]


@every(
    "query",
    ["q=", "q=%20", "q=" + "长" * 61, "q=a&limit=0", "q=a&limit=101", "q=a&limit=x", "q=a&q=b", "query=a"],
)
def test_wrong_queries_are_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/search?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_openapi_says_how_to_search(client: FlaskClient) -> None:
    asked = client.get("/api/openapi.json").get_json(force=True)["paths"]["/api/search"]["get"]["parameters"]
    by_name = {one["name"]: one["schema"] for one in asked}
    assert by_name["q"] == {"type": "string", "maxLength": 60, "default": "*"}
    assert by_name["limit"] == {"type": "integer", "minimum": 1, "maximum": 100}
