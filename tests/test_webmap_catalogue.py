"""A shelf of plans: the catalogue, each plan at its own address, one broken edition, editions let go."""

import copy
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import jsonschema
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from processes import wait_until
from shapely.geometry import Point, Polygon
from web_edition import make_edition

from layers.edition.card import card
from layers.edition.file import Edition, read, write
from layers.edition.index import FILE
from webmap.app import create_app
from webmap.serving import library

ROOT = Path(__file__).resolve().parent.parent
PLANS = {
    "alpha-14": ("甲区", "330101", "2021–2025"),
    "alpha-15": ("甲区", "330101", "2026–2030"),
    "beta-14": ("乙县", "510101", "2021–2025"),
}


def plan(name: str, number: int) -> Edition:
    district, code, period = PLANS[name]
    made = make_edition()
    meta = copy.deepcopy(dict(made.meta))
    meta["plan"] |= {"id": name, "short_title": f"{district}规划", "period": period,
                     "district": {"name": district, "name_en": name, "code": code}}  # fmt: skip
    meta["hash"] = f"{number:064x}"
    return make_edition(meta=meta)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "editions"
    for number, name in enumerate(PLANS):
        write(plan(name, number), folder / f"{name}.gpkg")
    return folder


def with_layer(made: Edition, name: str, frame: gpd.GeoDataFrame) -> Edition:
    return make_edition(meta=made.meta, layers={**made.layers, name: frame})


def app_of(folder: Path, **settings: str) -> Flask:
    return create_app({"PLANMAP_EDITION": str(folder), "PLANMAP_CACHE_DIR": str(folder.parent / "c"), **settings})


@pytest.fixture
def client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(library, "SCAN_S", 0.0)
    return app_of(folder).test_client()


def test_the_root_is_a_catalogue(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert re.findall(r'<li><a href="(/p/[^"]+)"><bdi>([^<]+)', page) == [
        ("/p/alpha-14/", "甲区"), ("/p/alpha-15/", "甲区"), ("/p/beta-14/", "乙县"),
    ]  # fmt: skip
    assert "浙江省" in page
    assert "四川省" in page
    assert len(re.findall(r'<a href="/p/[^"]+"><title>', page)) == 3, "the map"
    # All three lie at the same place: the district of two plans is named once, the other one beside it.
    assert re.findall(r'<text class="name (\w+)"[^>]*>([^<]+)<', page) == [("inside", "甲区")]
    english = client.get("/?lang=en").get_data(as_text=True)
    assert 'href="/p/beta-14/?lang=en"' in english
    for asked, wanted in (
        ("q=甲", ["alpha-14", "alpha-15"]),
        ("q=甲 2026", ["alpha-15"]),
        ("region=51", ["beta-14"]),
        ("period=2021–2025", ["alpha-14", "beta-14"]),
        ("q=四川", ["beta-14"]),
        ("q=nothing", []),
        ("q=&region=&period=&page=", list(PLANS)),
    ):
        found = re.findall(r'<li><a href="/p/([^"/]+)/"', client.get(f"/?{asked}").get_data(as_text=True))
        assert found == wanted, asked
    for wrong in ("/?page=0", "/?x=1", "/?q=" + "x" * 61, "/?lang=fr"):
        assert client.get(wrong).status_code == 400
    assert [one["id"] for one in client.get("/api/plans").get_json()["plans"]] == list(PLANS)


def test_features_of_all_plans_are_found(client: FlaskClient, folder: Path) -> None:
    hubs = copy.deepcopy(plan("beta-14", 2).layers["hubs"])
    hubs.loc[0, ["name", "name_en", "aliases"]] = ["乌有\t机场", "Nowhere Airport", "子虚港;无名港"]
    write(with_layer(plan("beta-14", 2), "hubs", hubs), folder / "beta-14.gpkg")

    def found(asked: str) -> dict[str, list[str]]:
        listed = client.get("/api/plans", query_string={"q": asked}).get_json()["plans"]
        return {one["id"]: [each["id"] for each in one["fitting"]] for one in listed}

    client.get("/")
    wait_until(lambda: client.get("/api/plans").get_json()["searched"] == len(PLANS), "the features of all plans")
    (hub,) = hubs["id"][:1]
    assert found("乌有 机场") == found("NOWHERE") == found("子虚") == found("乙县 子虚港 2021") == {"beta-14": [hub]}
    assert found("甲区 子虚") == {}, "no feature of that district"
    assert found("子虚 changshan") == {}, "two features"
    assert found(hub) == {}, "an id is no name"
    assert found("甲") == {"alpha-14": [], "alpha-15": []}, "found by its district alone"
    assert set(found("changshan")) == set(PLANS)
    page = client.get("/?q=子虚").get_data(as_text=True)
    (link,) = re.findall(r'<a href="(/p/beta-14/feature/[^"]+)"><bdi>乌有 机场</bdi>', page)
    assert client.get(link).status_code == 200


def test_the_index_follows_from_the_editions(
    client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second start reads no file; an index that is spoilt, or of other files, is as good as none."""
    client.get("/")
    wait_until(lambda: client.get("/api/plans").get_json()["searched"] == len(PLANS), "the features of all plans")
    listed = client.get("/api/plans").get_json()
    read: list[str] = []
    monkeypatch.setattr(library, "card", lambda path: (read.append(path.stem), card(path))[1])
    again = app_of(folder).test_client()
    assert again.get("/api/plans").get_json() == listed
    assert again.get("/api/plans?q=changshan").get_json()["plans"]
    assert read == []
    write(plan("beta-14", 9), folder / "beta-14.gpkg")
    (folder / "alpha-14.gpkg").unlink()
    later = app_of(folder).test_client()
    assert {one["id"]: one["edition"] for one in later.get("/api/plans").get_json()["plans"]} == {
        "alpha-15": f"{1:064x}", "beta-14": f"{9:064x}",
    }  # fmt: skip
    assert read == ["beta-14"]
    index = folder / FILE

    def listed_anew() -> int:
        """Plans that a new start lists; waits for the names of their features, which are read behind."""
        fresh = app_of(folder).test_client()
        wait_until(lambda: fresh.get("/api/plans").get_json()["searched"] == 2, "the features of both plans")
        return len(fresh.get("/api/plans").get_json()["plans"])

    wait_until(lambda: later.get("/api/plans").get_json()["searched"] == 2, "the features of both plans")
    with sqlite3.connect(index) as database:
        database.execute("UPDATE card SET card = '[]'")
    assert listed_anew() == 2
    for spoilt in (b"", b"no database at all, but long enough to be read as one" * 20):
        index.write_bytes(spoilt)
        assert listed_anew() == 2
    index.unlink()
    index.mkdir()
    assert listed_anew() == 2, "kept elsewhere"


def test_the_catalogue_is_described(client: FlaskClient) -> None:
    described = client.get("/api/openapi.json").get_json()
    validate(described)
    operation = described["paths"]["/api/plans"]["get"]
    assert {one["name"] for one in operation["parameters"]} == {"q", "region", "period", "lang"}
    schema = {"$ref": "#/components/schemas/PlanList", "components": described["components"]}
    for asked in ("", "?q=甲", "?region=51", "?q=changshan"):
        jsonschema.validate(client.get(f"/api/plans{asked}").get_json(), schema)
    assert client.get("/api/plans?page=1").status_code == 400


def test_each_plan_has_all_its_addresses(client: FlaskClient) -> None:
    for number, (name, (district, _code, _period)) in enumerate(PLANS.items()):
        for path in ("", "list", "api/layers", "download/all.gpkg", f"e/{number:012x}/list"):
            expected = client.get(f"/p/{name}/{path}")
            if path.startswith("e/"):
                assert expected.status_code == 404 or expected.headers["Planmap-Edition"] == f"{number:064x}"
                continue
            assert (expected.status_code, expected.headers["Planmap-Edition"]) == (200, f"{number:064x}")
        page = client.get(f"/p/{name}/").get_data(as_text=True)
        assert f"{district}规划" in page
        links = re.findall(r'(?:href|src)="(/[^"]*)"', page)
        assert links
        assert all(link.startswith((f"/p/{name}/", "/static/")) or link == "/" for link in links), links
        for link in dict.fromkeys(links):
            assert client.get(link.partition("#")[0].replace("&amp;", "&")).status_code == 200, link


def test_what_is_not_there_is_told(client: FlaskClient) -> None:
    for path in ("/p/nope/", "/list", "/p/%FF/", "/p/..%2f..%2fetc/"):
        assert client.get(path).status_code == 404, path
    told = client.get("/p/nope/api/layers?lang=en")
    assert told.mimetype == "application/problem+json"
    assert "nope" in told.get_json()["detail"]
    assert told.get_json()["instance"] == "/p/nope/api/layers", "the whole address, not what is left of it in a plan"
    assert client.get("/p/?lang=en").headers["Location"] == "/?lang=en"


def test_a_broken_edition_harms_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "SCAN_S", 0.0)
    (folder / "foreign.gpkg").write_bytes(b"no database")
    (folder / "half.gpkg").write_bytes((folder / "beta-14.gpkg").read_bytes()[:20_000])
    write(plan("beta-14", 9), folder / "inside.gpkg")
    with sqlite3.connect(folder / "inside.gpkg") as database:
        database.execute("DROP TABLE hubs")
    client = app_of(folder).test_client()
    for name in ("foreign", "half", "inside"):
        answer = client.get(f"/p/{name}/?lang=en")
        assert answer.status_code == 503, name
        assert name in answer.get_data(as_text=True)
    assert client.get("/p/beta-14/").status_code == 200
    page = client.get("/?lang=en").get_data(as_text=True)
    assert str(folder) not in page
    assert all(f"<li><bdi>{name}</bdi>" in page for name in ("foreign", "half", "inside"))
    assert client.get("/healthz").get_json()["broken"] == ["foreign", "half", "inside"]
    write(plan("beta-14", 10), folder / "half.gpkg")
    assert 'href="/p/half/"' in client.get("/").get_data(as_text=True)
    assert client.get("/p/half/list").status_code == 200


def test_plans_come_and_go_and_change(client: FlaskClient, folder: Path) -> None:
    client.get("/p/beta-14/")
    write(plan("alpha-14", 7), folder / "新的.gpkg")
    assert "/p/%E6%96%B0%E7%9A%84/" in client.get("/").get_data(as_text=True)
    assert client.get("/p/%E6%96%B0%E7%9A%84/list").headers["Planmap-Edition"] == f"{7:064x}"
    (folder / "alpha-15.gpkg").unlink()
    assert "alpha-15" not in client.get("/").get_data(as_text=True)
    write(plan("beta-14", 8), folder / "beta-14.gpkg")
    wait_until(lambda: client.get("/p/beta-14/healthz").get_json()["edition"] == f"{8:064x}", "the new edition")


def test_editions_are_let_go(folder: Path) -> None:
    app = app_of(folder, PLANMAP_OPEN_EDITIONS="2")
    client = app.test_client()
    for name in [*PLANS, *PLANS]:
        assert client.get(f"/p/{name}/api/layers").status_code == 200
        assert app.extensions["planmap"].opened <= 2


def test_one_plan_in_a_folder_is_at_the_root(folder: Path) -> None:
    for name in ("alpha-15", "beta-14"):
        (folder / f"{name}.gpkg").unlink()
    client = app_of(folder).test_client()
    assert "甲区规划" in client.get("/").get_data(as_text=True)
    assert client.get("/list").status_code == 200


def test_a_card_says_what_the_edition_says(folder: Path) -> None:
    path = folder / "beta-14.gpkg"
    found, whole = card(path), read(path)
    assert (found.hash, found.plan) == (whole.hash, whole.meta["plan"])
    assert found.bounds == pytest.approx((120.0, 30.0, 120.4, 30.2))


IN_PROCESSES = """
import json, os, sys, threading
os.sched_getaffinity = lambda _: {0, 1}
from webmap.app import create_app
from layers.edition import cards
from webmap.serving import library
cards.MANY = 1
read, alone = [], library.card
library.card = lambda path: (read.append(path.stem), alone(path))[1]
app = create_app({"PLANMAP_EDITION": sys.argv[1], "PLANMAP_CACHE_DIR": sys.argv[2]})
found = {one["id"]: one["edition"] for one in app.test_client().get("/api/plans").get_json()["plans"]}
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(json.dumps([found, read, cards.cards([library.Path(sys.argv[1])] * 2)]))
"""


def test_many_cards_are_read_by_other_processes(folder: Path) -> None:
    """What they could not read is read again for its reason; a program with threads starts none."""
    (folder / "foreign.gpkg").write_bytes(b"no database")
    command = [sys.executable, "-c", IN_PROCESSES, str(folder), str(folder.parent / "c")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [
        {name: f"{number:064x}" for number, name in enumerate(PLANS)}, ["foreign"], [None, None],
    ]  # fmt: skip


def test_two_plans_of_a_district_are_compared(client: FlaskClient) -> None:
    page = client.get("/p/alpha-15/editions").get_data(as_text=True)
    assert 'href="/p/alpha-15/compare?with=alpha-14"' in page
    assert "beta-14" not in page
    found = client.get("/p/alpha-15/api/compare?with=alpha-14").get_json()
    assert (found["before"], found["after"]) == (f"{0:064x}", f"{1:064x}")
    compared = client.get("/p/alpha-15/compare?with=alpha-14").get_data(as_text=True)
    assert "规划对比" in compared
    assert re.search(r'id="kept"><h2>延续 <span class="soft">10</span>', compared), "what goes on is listed"
    assert '<a href="/p/alpha-15/e/000000000000/feature/hub/south">' in compared
    table = client.get("/p/alpha-15/compare.csv?with=alpha-14&headings=en").get_data(as_text=True)
    assert table.count("\r\nGoes on,") == 10
    given = client.get("/p/alpha-15/compare/map?with=alpha-14&lang=en").get_json()
    assert given["sides"]["before"]["layers"][0]["url"].startswith("/p/alpha-14/e/000000000000/api/layers/")


def test_a_name_in_an_outline_lies_in_it(xiaoshan_edition: Path, folder: Path) -> None:
    """Of a bent district the middle of its box lies outside it."""
    shutil.copy(xiaoshan_edition, folder / "bent.gpkg")
    page = app_of(folder).test_client().get("/?q=萧山区").get_data(as_text=True)
    [(x, y)] = re.findall(r'<text class="name inside" x="(\d+)" y="(\d+)"', page)
    [path] = re.findall(r'<path class="[^"]*" d="(M[^"]+z)"', page)
    numbers = np.array([int(one) for one in re.findall(r"-?\d+", path)]).reshape(-1, 2)
    assert Polygon(np.cumsum(numbers, axis=0)).covers(Point(int(x), int(y)))
