"""Editions with layers of too many features to be held or listed: looked up by id, found by name, refused whole."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from web_edition import make_edition

import layers.edition.store
import layers.service.table
import layers.service.tiles
import webmap.api.download
import webmap.app
import webmap.ogc.service
import webmap.reading.downloads
from layers.edition import large
from layers.edition.file import write
from layers.edition.lightened import lightened
from layers.edition.looked import HeldLook, Index
from layers.edition.spelling import readings
from layers.edition.store import Store
from webmap.api.many import Lines, lines_of
from webmap.api.matching import normalise
from webmap.app import create_app, warm

LEVELLED = (
    large,
    layers.edition.store,
    layers.service.table,
    layers.service.tiles,
    webmap.app,
    webmap.ogc.service,
    webmap.api.download,
    webmap.reading.downloads,
)

OURS = {"Origin": "http://localhost"}


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, FlaskClient]:
    """The same edition twice: as it is usually served, and as if its three townships were very many."""
    write(make_edition(), tmp_path / "plan.gpkg")
    settings = {"PLANMAP_EDITION": str(tmp_path / "plan.gpkg")}
    usual = create_app({**settings, "PLANMAP_CACHE_DIR": str(tmp_path / "usual")})
    usual_client = usual.test_client()
    usual_client.get("/api/search?q=x")  # what it makes once is made before the limits are others
    usual_client.get("/list")
    for module in LEVELLED:
        for limit in ("VAST", "LISTED"):
            if hasattr(module, limit):
                monkeypatch.setattr(module, limit, 2)
    many = create_app({**settings, "PLANMAP_CACHE_DIR": str(tmp_path / "many")})
    warm(many)
    return usual_client, many.test_client()


def _searchable(client: FlaskClient) -> None:
    """Have the names made ready by a process apart."""
    client.get("/api/search?q=x")
    lock = client.application.extensions["planmap"].shelf.path / "names" / "process.lock"
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # it is the process's own until it ends
    assert "coming" not in client.get("/api/search?q=x").get_json()


def _township(client: FlaskClient) -> dict[str, object]:
    found = client.get("/api/layers/townships").get_json()["features"]
    assert len(found) == 3
    return dict(found[0])


def test_a_feature_among_very_many_is_told_as_any_other(clients: tuple[FlaskClient, FlaskClient]) -> None:
    usual, many = clients
    feature = str(_township(usual)["id"])
    _searchable(many)
    for address in (f"/api/features/{feature}", "/api/layers", f"/api/search?q={quote(feature[-3:])}"):
        told, known = many.get(address).get_json(), usual.get(address).get_json()
        assert told == known, address
    page = many.get(f"/feature/{feature}")
    assert page.status_code == 200
    assert str(_township(usual)["properties"]["name"]) in page.text  # type: ignore[index]


def test_pages_say_what_they_do_not_list(clients: tuple[FlaskClient, FlaskClient]) -> None:
    usual, many = clients
    link = f'href="/feature/{_township(usual)["id"]}"'
    assert link in usual.get("/list").text
    page = many.get("/list").text
    assert link not in page
    assert "/ogc/collections/townships/items" in page
    for address in ("/", "/start", "/about", "/chapter", "/lead", "/targets", "/healthz", "/documents"):
        assert many.get(address).status_code == usual.get(address).status_code, address


def test_no_page_goes_through_all_ids(
    clients: tuple[FlaskClient, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, many = clients

    def gone_through(_index: Index) -> Iterator[str]:
        raise AssertionError

    monkeypatch.setattr(Index, "__iter__", gone_through)
    for address in ("/progress", "/progress?place=zone/west", "/profile/township/a", "/profile/zone/west"):
        assert many.get(address).status_code == 200, address
    assert many.get("/api/course").get_json() == usual.get("/api/course").get_json()


def test_a_layer_of_very_many_features_is_not_given_whole(clients: tuple[FlaskClient, FlaskClient]) -> None:
    _usual, many = clients
    for address in ("/api/layers/townships", "/download/townships.geojson"):
        answer = many.get(address)
        assert answer.status_code == 400, address
        assert "/ogc/collections/townships/items" in answer.get_data(as_text=True)
    assert many.get("/api/layers/zones").status_code == 200
    assert len(many.get("/ogc/collections/townships/items?limit=2").get_json()["features"]) == 2


def test_figures_and_documents_are_of_the_other_layers_and_say_so(
    clients: tuple[FlaskClient, FlaskClient], tmp_path: Path
) -> None:
    usual, many = clients
    svg = (one.get("/figures/overview.svg?lang=en").text for one in (many, usual))
    drawn, whole = (" ".join(re.findall(">([^<>]+)</text>", text)) for text in svg)
    assert "features: townships (3)." in drawn
    assert "Without layers" not in whole
    asked = "/figures/overview.json?layers=zones,townships&indicator=area_km2:zone"
    assert many.get(asked).get_json()["rows"] == usual.get(asked).get_json()["rows"]
    for refused in ("layers=townships", "township=a", "select=township/a", "indicator=area_km2:township"):
        answer = many.get(f"/figures/overview.svg?{refused}&lang=en")
        assert answer.status_code == 400, refused
        assert "planmap figure" in answer.get_json()["remedy"]
    store = Store(lightened(make_edition(), {"townships": 3}))
    assert "townships" not in store.layers
    assert set(store.edition.observations["level"]) <= {"district", "zone"}
    assert store.hash == make_edition().hash
    # Stories whose every step is of townships are refused before anybody waits; others are told without those steps.
    made = make_edition()
    steps = [
        {"title": "甲", "text": "甲", "view": "overview", "layers": ["townships"]},
        {"title": "乙", "text": "乙", "view": "overview", "layers": ["zones"]},
    ]
    made.meta["stories"] = [
        {"id": "all", "name": "全", "name_en": "All", "summary": "", "steps": steps[:1]},
        {"id": "some", "name": "有", "name_en": "Some", "summary": "", "steps": steps},
    ]
    write(made, tmp_path / "told.gpkg")
    settings = {"PLANMAP_EDITION": str(tmp_path / "told.gpkg"), "PLANMAP_CACHE_DIR": str(tmp_path / "told")}
    told = create_app(settings).test_client()
    assert "<form" not in told.get("/documents/story-all.pdf").text
    assert "planmap figure" in told.get("/documents/story-all.pdf?lang=en").text
    assert "all" in told.get("/documents?lang=en").text.partition("shows nothing but layers")[0]
    assert told.post("/documents/story-all.pdf/start", headers=OURS).status_code == 400
    assert "<form" in told.get("/documents/story-some.pdf").text
    begun = many.post("/documents/report.docx/start", headers=OURS)
    assert begun.status_code in (302, 303)


def test_the_geopackage_is_sent_from_the_disk(clients: tuple[FlaskClient, FlaskClient], tmp_path: Path) -> None:
    _usual, many = clients
    answer = many.get("/download/all.gpkg")
    assert answer.data == (tmp_path / "plan.gpkg").read_bytes()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_names_are_found_as_by_the_search_box(clients: tuple[FlaskClient, FlaskClient]) -> None:
    usual, many = clients
    _searchable(many)
    names = [item["properties"]["name"] for item in usual.get("/api/layers/townships").get_json()["features"]]
    for name in names:
        full, initials = readings(name)[0]
        for asked in (
            name,
            name[:2],
            full,
            full[:4],
            initials if len(initials) > 2 else name,
            name[:1] + "某" + name[2:] if len(name) > 2 else name,
        ):
            told, known = (one.get(f"/api/search?q={quote(asked)}&limit=100").get_json() for one in clients)
            assert [entry["id"] for entry in told["entries"]] == [entry["id"] for entry in known["entries"]], asked
    index = many.get("/api/search").get_json()
    assert index["unlisted"] == [{"layer": "townships", "count": 3}]
    assert not [entry for entry in index["entries"] if entry.get("layer") == "townships"]


def test_who_searches_before_the_names_are_there_is_answered_at_once_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(make_edition(), tmp_path / "plan.gpkg")
    for module in LEVELLED:
        for limit in ("VAST", "LISTED"):
            if hasattr(module, limit):
                monkeypatch.setattr(module, limit, 2)
    app = create_app({"PLANMAP_EDITION": str(tmp_path / "plan.gpkg"), "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})
    warm(app)
    client, folder = app.test_client(), app.extensions["planmap"].shelf.path / "names"
    folder.mkdir(mode=0o700)
    with (folder / "process.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as if another worker's process were at it
        for asked, known in (("长山", []), ("西片", ["zone/west"])):
            answer = client.get(f"/api/search?q={quote(asked)}")
            assert answer.headers["Cache-Control"] == "no-store"
            told = answer.get_json()
            assert [entry["id"] for entry in told["entries"]][:1] == known
            assert told["coming"] == [{"layer": "townships", "count": 3}]
    _searchable(client)
    answer = client.get(f"/api/search?q={quote('长山')}")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert [entry["name"] for entry in answer.get_json()["entries"]] == ["长山街道"]


def test_the_public_sees_a_vast_layer_that_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make_edition()
    for record in edition.meta["layers"]:
        record["public"] = record["id"] in ("townships", "district")
    write(edition, tmp_path / "plan.gpkg")
    for module in LEVELLED:
        for limit in ("VAST", "LISTED"):
            if hasattr(module, limit):
                monkeypatch.setattr(module, limit, 2)
    app = create_app({
        "PLANMAP_EDITION": str(tmp_path / "plan.gpkg"), "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
        "PLANMAP_MAPS": "public", "PLANMAP_MAP_NUMBER": "浙S(2024)12号",
    })  # fmt: skip
    warm(app)
    store: Store = app.extensions["planmap"].only.store
    frames = store.edition.layers
    assert isinstance(frames, large.Frames)
    assert "townships" not in frames._held
    client = app.test_client()
    assert set(store.layers) == {"townships", "district"}
    assert client.get("/").status_code == 200
    assert client.get("/api/search?q=%E7%89%87").get_json()["entries"] == []


def test_rows_are_no_hits_and_hostile_names_are_taken(tmp_path: Path) -> None:
    edition = make_edition()
    frame = edition.layers["townships"]
    frame.loc[0, "name"] = "a\x02b\x03\nc"
    store = Store(edition)
    look = HeldLook(frame, lambda _feature: None)
    text = b"".join(lines_of(look))
    assert text.count(b"\n") == 3
    known = Lines("townships", text, look, store.kinds)
    assert known.candidates(normalise("0"), ("0",)) == []
    assert [item.entry["cells"]["id"] for item in known.candidates("abc", ("abc",))] == [frame["id"][0]]
    assert json.dumps(known.count("abc")) == "1"
