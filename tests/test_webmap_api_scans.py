"""Scanned maps from the plan folder to the server: beside the edition, tiles, file, the map's group, other files."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from browser_tools import Visit, served
from click.testing import CliRunner
from contracts import keeps
from flask.testing import FlaskClient
from rasterio.io import MemoryFile
from test_webmap_commands_scan import BLUE, ORANGE, points, sheet
from tiny_folder import append, write_tiny_plan

from geo.crs import CGCS2000, transform_points, web_mercator
from layers.build.assemble import build
from layers.build.sheets import put_out
from layers.edition import file as editions
from layers.edition import sheets
from layers.edition.publication import released
from layers.model.errors import EditionError, LayersError
from layers.service.grids import MERCATOR
from webmap.app import create_app
from webmap.cli import main

LEVEL = 12


def scanned(folder: Path, room: Path) -> Path:
    """The invented plan with a sheet of it, fitted at nine points."""
    said = (
        "--title",
        "空间布局图",
        "--title-en",
        "Spatial layout",
        "--map-number",
        "试S(2026)1号",
        "--publisher",
        "试县",
    )
    run = CliRunner().invoke
    assert (
        run(main, ["scan", "add", str(sheet(room / "a.png")), "--id", "layout", *said, "--plan", str(folder)]).exit_code
        == 0
    )
    assert run(main, ["scan", "points", "layout", str(points(room / "p.csv")), "--plan", str(folder)]).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built edition with its sheet beside it."""
    room = tmp_path_factory.mktemp("scans")
    folder = scanned(write_tiny_plan(room), room)
    answer = CliRunner().invoke(main, ["build", str(folder), "-o", str(room / "out" / "tiny.gpkg"), "--json"])
    assert answer.exit_code == 0, answer.output
    return room / "out" / "tiny.gpkg"


@pytest.fixture(scope="module")
def client(made: Path) -> FlaskClient:
    return create_app({"PLANMAP_EDITION": str(made)}).test_client()


def tile_of(lon: float, lat: float) -> tuple[int, int, int, int, int]:
    """Level, column and row of the tile that holds a place, and the pixel in it."""
    x, y = transform_points(np.array([[lon, lat]]), CGCS2000, web_mercator())[0]
    side = MERCATOR.width / (1 << LEVEL)
    column, row = (x - MERCATOR.left) / side, (MERCATOR.top - y) / side
    return LEVEL, int(column), int(row), int(column % 1 * 256), int(row % 1 * 256)


def color_at(client: FlaskClient, lon: float, lat: float) -> list[int]:
    level, column, row, x, y = tile_of(lon, lat)
    answer = client.get(f"/scan/layout/{level}/{column}/{row}.webp")
    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    with MemoryFile(answer.data) as memory, memory.open() as picture:
        assert (picture.width, picture.height) == (256, 256)
        return [int(value) for value in picture.read([1, 2, 3])[:, y, x]]


def test_tiles_lie_where_the_plan_does(client: FlaskClient) -> None:
    """Townships c and d are painted orange, a and b blue; beyond the sheet there is nothing."""
    assert np.abs(np.array(color_at(client, 104.16, 30.62)) - ORANGE).max() < 16
    assert np.abs(np.array(color_at(client, 104.04, 30.78)) - BLUE).max() < 16
    away = client.get("/scan/layout/12/1/1.webp")
    assert (away.status_code, len(away.data)) == (200, 34)
    with MemoryFile(away.data) as memory, memory.open() as picture:
        assert not picture.read(4).any()


def test_what_is_said_of_them_keeps_its_contract(client: FlaskClient, made: Path) -> None:
    payload = client.get("/api/scans").get_json()
    keeps(payload, "scans")
    (scan,) = payload["scans"]
    assert (scan["name"], scan["map_number"], scan["publisher"]) == ("空间布局图", "试S(2026)1号", "试县")
    assert len(scan["points"]) == 9
    west, south, east, north = scan["bounds"]
    assert (west, south) < (104.0, 30.6)
    assert (east, north) > (104.2, 30.8)
    assert scan["accuracy_m"] == editions.read(made).meta["scans"][0]["accuracy_m"]
    served_at = client.get(scan["tiles"].format(**dict(zip("zxy", tile_of(104.1, 30.7)[:3], strict=True))))
    assert served_at.status_code == 200
    assert client.get(scan["file"]).status_code == 200


def test_the_file_comes_whole_in_parts_and_not_again(client: FlaskClient, made: Path) -> None:
    (picture,) = sheets.folder(made).glob("*.tif")
    whole = client.get("/scan/layout.tif")
    assert whole.data == picture.read_bytes()
    assert whole.headers["Content-Disposition"] == "attachment; filename=layout.tif"
    part = client.get("/scan/layout.tif", headers={"Range": "bytes=4-19"})
    assert (part.status_code, part.data) == (206, picture.read_bytes()[4:20])
    again = client.get("/scan/layout.tif", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with MemoryFile(whole.data) as memory, memory.open() as raster:
        assert raster.crs.is_projected
        assert raster.overviews(1)


WRONG = {
    "/scan/none.tif": 404, "/scan/none/1/1/1.webp": 404, "/scan/layout/3/9/1.webp": 404,
    "/scan/layout/99/1/1.webp": 404, "/scan/layout/x/1/1.webp": 404, "/scan/..%2Flayout.tif": 404,
    "/scan/layout.tif?x=1": 400,    "/scan/layout/1/1/1.webp?x=1": 400, "/api/scans?x=1": 400,
}  # fmt: skip


def test_what_there_is_not_is_said(client: FlaskClient) -> None:
    found = {path: client.get(path).status_code for path in WRONG}
    assert found == WRONG
    problem = client.get("/scan/none.tif?lang=en").get_json(force=True)
    assert problem["choices"] == ["layout"]
    assert "“none”" in problem["detail"]


def test_a_lost_picture_is_a_map_less_not_a_fault(made: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.gpkg"
    shutil.copyfile(made, alone)
    client = create_app({"PLANMAP_EDITION": str(alone)}).test_client()
    assert client.get("/api/scans").get_json() == {"scans": []}
    assert client.get("/scan/layout.tif").status_code == 404
    assert '"scans":false' in client.get("/").text
    spoilt = tmp_path / "spoilt.gpkg"
    shutil.copyfile(made, spoilt)
    shutil.copytree(sheets.folder(made), sheets.folder(spoilt))
    for picture in sheets.folder(spoilt).glob("*.tif"):
        picture.write_bytes(b"no picture")
    client = create_app({"PLANMAP_EDITION": str(spoilt)}).test_client()
    answer = client.get(f"/scan/layout/{LEVEL}/1/1.webp?lang=en")
    assert (answer.status_code, "cannot be read" in answer.text) == (404, True)
    assert '"scans":false' in client.get("/standalone/overview.html").text


def test_only_what_is_marked_goes_out(made: Path, tmp_path: Path) -> None:
    edition = editions.read(made)
    for record in edition.meta["layers"]:
        record["public"] = True
    assert released(edition, "试S(2026)2号").meta["scans"] == []
    edition.meta["scans"][0]["public"] = True
    assert [one["id"] for one in released(edition, "试S(2026)2号").meta["scans"]] == ["layout"]


def test_pictures_are_made_once_and_go_with_the_last_edition_that_shows_them(tmp_path: Path) -> None:
    folder = scanned(write_tiny_plan(tmp_path), tmp_path)
    data, path = folder.parent.parent, tmp_path / "editions" / "tiny.gpkg"
    put_out(build(folder, data), path, 2, folder, data)
    (first,) = sheets.folder(path).glob("*.tif")
    before = first.stat()
    append(folder, "plan.toml", "\n# the same plan\n")
    put_out(build(folder, data), path, 2, folder, data)
    assert first.stat().st_mtime_ns == before.st_mtime_ns
    for click in (2.0, 3.0):
        assert (
            CliRunner()
            .invoke(main, ["scan", "points", "layout", str(points(tmp_path / "q.csv", click)), "--plan", str(folder)])
            .exit_code
            == 0
        )
        put_out(build(folder, data), path, 2, folder, data)
    left = {one.name for one in sheets.folder(path).glob("*.tif")}
    assert len(left) == 2  # of the two editions that are kept
    assert first.name not in left
    # A folder that changes while its edition is made
    edition = build(folder, data)
    shutil.rmtree(sheets.folder(path))
    assert (
        CliRunner()
        .invoke(main, ["scan", "points", "layout", str(points(tmp_path / "q.csv", 4.0)), "--plan", str(folder)])
        .exit_code
        == 0
    )
    with pytest.raises(LayersError) as caught:
        put_out(edition, path, 2, folder, data)
    assert caught.value.key == "scan.folder_changed"


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a path for a name": lambda scan: scan.update(warped="../../../etc/passwd"),
    "no points": lambda scan: scan.pop("points"),
    "a point of one number": lambda scan: scan["points"][0].update(at=[1]),
    "a residual in words": lambda scan: scan["points"][0].update(residual_m="far"),
    "bounds of the moon": lambda scan: scan.update(bounds=[0, 0, 5000, 1]),
    "an id that is none": lambda scan: scan.update(id="a/b"),
    "an accuracy in words": lambda scan: scan.update(accuracy_m="good"),
}  # fmt: skip


def test_an_edition_with_a_scan_that_makes_no_sense_is_refused(made: Path, tmp_path: Path) -> None:
    kept = []
    for name, spoil in BROKEN.items():
        path = tmp_path / "broken.gpkg"
        shutil.copyfile(made, path)
        with sqlite3.connect(path) as database:
            (text,) = database.execute("SELECT value FROM planmap_meta WHERE key = 'scans'").fetchone()
            scans = json.loads(text)
            spoil(scans[0])
            database.execute("UPDATE planmap_meta SET value = ? WHERE key = 'scans'", (json.dumps(scans),))
        with suppress(EditionError):
            editions.read(path)
            kept.append(name)
    assert kept == []


def test_a_file_that_asks_for_nothing_has_a_small_copy(client: FlaskClient) -> None:
    page = client.get("/standalone/overview.html").text
    found = re.search(r"data:image/webp;base64,([A-Za-z0-9+/=\\u]+?)\"", page.replace("\\u002b", "+"))
    assert found
    with MemoryFile(base64.b64decode(found[1])) as memory, memory.open() as picture:
        assert max(picture.width, picture.height) <= 1800
        assert len(found[1]) < 800_000


def test_into_the_geopackage_where_asked_for(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    answer = CliRunner().invoke(main, ["export", str(made), "--scans", "-o", str(out)])
    assert answer.exit_code == 0, answer.output
    (picture,) = sheets.folder(made).glob("*.tif")
    with rasterio.open(f"GPKG:{out}:SCAN_LAYOUT") as table, rasterio.open(picture) as own:
        assert table.crs == own.crs
        assert table.bounds == own.bounds
        assert np.abs(table.read([1, 2, 3]).astype(int) - own.read([1, 2, 3])).mean() < 3
        assert table.overviews(1)
    refused = CliRunner().invoke(
        main, ["export", str(made), "--scans", "--format", "geojson", "-o", str(tmp_path / "a.geojson"), "--lang", "en"]
    )
    assert refused.exit_code != 0
    assert "GeoPackage only" in refused.output


@pytest.fixture(scope="module")
def address(made: Path) -> Iterator[str]:
    with served(None, PLANMAP_EDITION=str(made)) as address:
        yield address


@pytest.mark.browser
def test_a_sheet_is_laid_on_the_map_swiped_and_its_points_are_seen(visit: Callable[..., Visit], address: str) -> None:
    page = visit("/?lang=zh", address)
    page.page.wait_for_selector("#pm-scan-layout")
    assert "±" in page.page.locator(".pm-scans").inner_text()
    page.page.check("#pm-scan-layout")
    page.until("document.querySelectorAll('.leaflet-pm-scans-pane img.leaflet-tile-loaded').length > 0")
    page.page.click(".pm-scans [data-scan] .pm-expand")
    assert "试S(2026)1号" in page.page.locator(".pm-scan-facts").inner_text()
    page.page.fill("#pm-scan-op-layout", "40")
    page.until("location.hash.includes('scans=layout:0.4')")
    page.page.check("#pm-scan-points-layout")
    page.until("document.querySelectorAll('.leaflet-pm-scan-points-pane .pm-symbol circle').length === 9")
    assert "箭头放大" in page.page.locator(".pm-scans").inner_text()
    page.page.check("#pm-scan-swipe")
    page.page.focus(".pm-swipe-bar")
    before = page.run("app.map.getPane('pm-scans').style.clipPath")
    page.page.keyboard.press("ArrowRight")
    assert page.run("app.map.getPane('pm-scans').style.clipPath") != before
    link = page.page.url
    page.page.uncheck("#pm-scan-layout")
    page.until("!location.hash.includes('scans=')")
    assert page.page.locator(".pm-swipe").count() == 0
    assert page.page.locator(".leaflet-pm-scan-points-pane .pm-symbol").count() == 0
    other = visit(link, address, width=390, height=800)
    other.until("document.querySelectorAll('.leaflet-pm-scans-pane img.leaflet-tile-loaded').length > 0")
    assert other.run("app.scans.text()") == "layout:0.4"
