"""The search index: whatever the plan holds, and where it leads."""

from __future__ import annotations

from urllib.parse import unquote, urldefrag

import pytest
from flask.testing import FlaskClient
from web_edition import make_edition

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
