"""Packages: layers × formats × systems of an area, as the form on the start page asks for them."""

import io
import json
import re
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from web_edition import make_edition

from layers.edition import basket as baskets
from layers.edition import export
from webmap.app import create_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app({"PLANMAP_CACHE_DIR": str(tmp_path / "cache")}, edition=make_edition()).test_client()


def test_the_form_of_the_start_page_gives_the_package_that_it_offers(client: FlaskClient, tmp_path: Path) -> None:
    answer = client.get("/start?lang=en")
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert "form-action 'none'" in client.get("/about").headers["Content-Security-Policy"]
    head = '<form class="pick-file" action="/download/basket.zip" method="get">'
    form = answer.get_data(as_text=True).split(head)[1].split("</form>")[0]
    options = {
        name: re.findall(r'<option value="([^"]*)"', body)
        for name, body in re.findall(r'<select name="(\w+)">(.*?)</select>', form)
    }
    for name in ("layers", "formats", "crs"):
        options[name] = re.findall(f'<input type="checkbox" name="{name}" value="([^"]*)"', form)
    # 120.2° E lies in the zone of 120°, the sixteenth from 75° in steps of three: EPSG 4534 + 15
    assert options["crs"] == ["4490", "4326", "4549", "4528", "4510", "4499", "4509", "4498", "gcj02", "bd09"]
    assert options["formats"] == [one.id for one in export.FORMATS.values() if one.available]
    assert sorted(options["layers"]) == sorted(make_edition().layers)
    areas = ["zone/west", "zone/east", "township/a", "township/b", "township/c", "view/overview", "view/indicators"]
    assert options["area"] == ["", *areas]
    query = "layers=hubs&layers=townships&formats=shp&formats=dxf&formats=kml&crs=4549&crs=4528"
    made = client.get(f"/download/basket.zip?{query}&area=zone/west&headings=en&encoding=gb18030&lang=en")
    assert (made.status_code, made.content_type) == (200, "application/zip"), made.get_data(as_text=True)[:500]
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        assert {date.date_time for date in archive.infolist()} == {(2022, 1, 1, 0, 0, 0)}
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert {name.split("/")[0] for name in names} == {
        "README.txt", "LICENSE.txt", "shp-4549", "shp-4528", "dxf-4549", "dxf-4528", "kml-4326",
    }  # fmt: skip
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8-sig")
    for said in ("West", "KML can have none of the systems chosen", "no basis for", make_edition().hash, "fields.csv"):
        assert said in readme, said
    west = gpd.read_file(tmp_path / "shp-4528" / "townships.shp").total_bounds[0]
    assert west == pytest.approx(40_500_000, abs=0.01)  # it begins on the meridian
    # Of the three townships a lies in the west and b in both zones (trial_folder).
    townships = gpd.read_file(tmp_path / "shp-4549" / "townships.shp")
    assert sorted(townships["Id"]) == ["township/a", "township/b"]


def test_a_package_of_a_box_and_of_nothing_ticked(client: FlaskClient, tmp_path: Path) -> None:
    empty = client.get("/download/basket.zip?formats=&area=&headings=&encoding=&lang=zh")
    with zipfile.ZipFile(io.BytesIO(empty.data)) as archive:
        assert archive.namelist() == ["README.txt", "LICENSE.txt", "gpkg-4490/test-plan.gpkg"]
    # The road runs along 30.1° N from end to end, the hub lies at 120.15, 30.05.
    made = client.get("/download/basket.zip?formats=geojson&bbox=120.14,30.04,120.16,30.06&crs=gcj02&headings=codes")
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        found = json.loads(archive.read("geojson-gcj02/test-plan.geojson"))
        readme = archive.read("README.txt").decode("utf-8-sig")
    ids = {feature["properties"]["id"] for feature in found["features"]}
    assert {"hub/south", "zone/west"} & ids
    assert "zone/east" not in ids
    assert "GCJ-02" in found["notice"]["warning"]
    assert "不得用于量算" in readme
    # The east lies outside the box, whatever else it has.
    both = client.get("/download/basket.zip?formats=csv&area=zone/east&bbox=120.0,30.0,120.1,30.1&headings=codes")
    with zipfile.ZipFile(io.BytesIO(both.data)) as archive:
        rows = archive.read("csv-4490/test-plan.csv").decode("utf-8-sig")
    assert "township/b," in rows
    assert not re.search("zone/east,|township/a,", rows)
    page = client.get("/start?bbox=120.14,30.04,120.16,30.06").get_data(as_text=True)
    assert '<input type="checkbox" name="bbox" value="120.14,30.04,120.16,30.06" checked>' in page
    assert client.get("/start?bbox=1,2").status_code == 400
    for query in (
        "layers=nothing", "formats=exe", "crs=31370", "area=zone/nowhere", "area=../x", "bbox=1,2,3", "bbox=nan,1,2,3",
        "bbox=1,2,0,3", "area=zone/west&bbox=1,2,3,4", "bbox=1,2,3,4", "encoding=koi8", "headings=fr", "what=1",
        "layers=control_lines&formats=dxf", "bbox=" + "1" * 200,
    ):  # fmt: skip
        answer = client.get(f"/download/basket.zip?{query}")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), query
        page = client.get(f"/download/basket.zip?{query}", headers=BROWSER)
        assert (page.status_code, page.content_type) == (400, "text/html; charset=utf-8"), query


def test_a_package_is_bounded_and_made_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/download/basket.zip?formats=csv,geojson")
    assert client.get("/download/basket.zip?formats=csv&formats=geojson").data == first.data
    monkeypatch.setattr(baskets, "MOST_VERTICES", 1000)
    answer = client.get("/download/basket.zip?formats=csv,geojson,shp,kml&crs=4490,4326&lang=en")
    assert answer.status_code == 400
    assert "1,000" in answer.get_json()["detail"] + answer.get_json()["title"]
