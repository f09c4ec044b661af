"""The page for imports: extracts of OpenStreetMap, grids of datum shifts, and what is imported all the same."""

from __future__ import annotations

import io
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from admin_desk import ORIGIN, app, client, done, edition, mark_of, served, state_of
from flask.testing import FlaskClient
from processes import wait_until
from rasterio.transform import from_origin
from test_layers_imports_edits import change
from test_layers_imports_osm import extract
from test_webmap_admin_import import NAMES, SHAPES, act, send, townships
from werkzeug.test import TestResponse

from webmap.admin.routes import ACCESS

__all__ = ["app", "client", "edition", "extract"]


def grid(path: Path) -> bytes:
    """3 seconds east and 1.5 south everywhere."""
    about = {"driver": "GTiff", "height": 11, "width": 11, "count": 2, "dtype": "float32", "crs": "EPSG:4610",
             "transform": from_origin(103.85, 31.05, 0.1, 0.1)}  # fmt: skip
    with rasterio.open(path, "w", **about) as made:
        made.update_tags(TYPE="HORIZONTAL_OFFSET", AREA_OR_POINT="Point")
        for band, (name, seconds) in enumerate((("latitude_offset", -1.5), ("longitude_offset", 3.0)), start=1):
            made.write(np.full((11, 11), seconds, dtype="float32"), band)
            made.set_band_description(band, name)
            made.set_band_unit(band, "arc-second")
    return path.read_bytes()


def again(client: FlaskClient, address: str, name: str, content: bytes, **stated: str) -> TestResponse:
    form = {"mark": mark_of(client), **stated, "grid": (io.BytesIO(content), name)}
    return client.post(f"{address}/again", data=form, headers=ORIGIN)


def test_an_extract_is_offered_chosen_from_and_taken_over(client: FlaskClient, tiny_plan: Path, extract: Path) -> None:
    before, old = state_of(tiny_plan), served(client)
    address = send(client, ("../试县.osm.pbf", extract.read_bytes())).headers["Location"]
    page = done(client, address)
    # 0.001° each way at 30.75° N: 95.7 m east, 110.9 m north, 146.5 m together.
    assert re.search(r'name="accept" value="place/西站"><span><bdi>西站</bdi> <code>place/西站</code> 14[67] m', page)
    assert "relation/1001 丙镇" in page, "what is broken in the extract is named"
    assert act(client, address, "accept").status_code == 403, "nothing was chosen yet"
    assert "不在可以采用的之列" in done(
        client, act(client, address, "again", what="osm", accept="township/c").headers["Location"]
    )
    page = done(client, act(client, address, "again", what="osm", within="130").headers["Location"])
    assert 'value="canal/north" checked' in page
    assert 'value="place/西站" checked' not in page, "it is farther away"
    page = done(client, act(client, address, "again", what="osm", accept="township/a").headers["Location"])
    assert "+1.00%" in page
    assert re.search(r'<path class="sketch-after" d="M[^"]+"/>', page)
    assert state_of(tiny_plan) == before
    assert "已导入" in done(client, act(client, address, "accept").headers["Location"])
    assert "© OpenStreetMap" in (tiny_plan / "sources.toml").read_text("utf-8")
    wait_until(lambda: served(client) != old, "the new edition")
    undone = client.post("/admin/undo", data={"mark": mark_of(client)}, headers=ORIGIN)
    assert "已撤回" in done(client, undone.headers["Location"])
    assert state_of(tiny_plan) == before


def test_a_grid_comes_with_the_file_or_after_it(client: FlaskClient, tiny_plan: Path, tmp_path: Path) -> None:
    """Shapes that lie 3 seconds west and 1.5 north of the others are brought to where those are."""
    moved = [shapely.affinity.translate(one, -3 / 3600, 1.5 / 3600) for one in SHAPES]
    gpd.GeoDataFrame({"MC": list(NAMES)}, geometry=moved, crs=4610).to_file(tmp_path / "镇街.gpkg")
    before = state_of(tiny_plan)
    address = send(client, ("镇街.gpkg", (tmp_path / "镇街.gpkg").read_bytes())).headers["Location"]
    page = done(client, address)
    assert "基准格网文件" in page
    for name, content in (("a.gsb", b"no grid"), ("b.tif", b"NUM_OREC"), ("c.py", b"II*\0"), ("d.tif", b"")):
        refused = again(client, address, name, content)
        assert refused.status_code in (400, 403), name
        assert "不能用" in refused.get_data(as_text=True), name
    content = grid(tmp_path / "g.tif")
    page = done(client, again(client, address, "../../镇街.gpkg.tif", content).headers["Location"])
    assert "-1.00%" in page
    assert "+1.00%" in page
    assert "<bdi>镇街.gpkg.tif</bdi>" in page
    form = {"mark": mark_of(client), "file": (io.BytesIO((tmp_path / "镇街.gpkg").read_bytes()), "镇街.gpkg"),
            "grid": (io.BytesIO(content), "g.tif")}  # fmt: skip
    together = client.post("/admin/import", data=form, headers=ORIGIN)
    assert "-1.00%" in done(client, together.headers["Location"])
    page = done(client, act(client, address, "again", keep_grid="1").headers["Location"])
    assert "-1.00%" in page, "it is kept, so it need not be sent again"
    page = done(client, act(client, address, "again").headers["Location"])
    assert "-1.00%" not in page, "and left when nobody wants it"
    assert state_of(tiny_plan) == before


def test_only_who_may_import_sends_a_grid_and_not_a_large_one(client: FlaskClient) -> None:
    address = send(client, ("a.geojson", townships())).headers["Location"]
    done(client, address)
    large = again(client, address, "a.gsb", b"NUM_OREC" + bytes(1_100_000))
    assert large.status_code == 403
    assert "1 MB" in large.get_data(as_text=True)
    nobody = client.application.test_client()
    answer = nobody.post(f"{address}/again", data={"grid": (io.BytesIO(b"NUM_OREC"), "a.gsb")}, headers=ORIGIN)
    assert answer.headers["Location"].startswith("/login")


def test_what_would_break_the_folder_is_written_only_when_it_is_meant(
    client: FlaskClient, tiny_plan: Path, edition: Path, tmp_path: Path
) -> None:
    before, old = state_of(tiny_plan), served(client)
    edited = tmp_path / "edited.gpkg"
    edited.write_bytes(edition.read_bytes())
    change(edited, "DELETE FROM townships WHERE id = 'township/b'")
    address = send(client, ("edited.gpkg", edited.read_bytes()), what="edits").headers["Location"]
    page = done(client, address)
    assert "所以不能导入" in page
    assert act(client, address, "accept").status_code == 403
    page = done(client, act(client, address, "again", what="edits", force="1").headers["Location"])
    assert "有错误仍写入规划包" in page
    assert re.search(r'name="force" value="1"[^>]* checked', page)
    assert state_of(tiny_plan) == before
    page = done(client, act(client, address, "accept").headers["Location"])
    assert "没有生成版本" in page
    assert state_of(tiny_plan) != before
    assert served(client) == old, "the edition in use stays"
    undone = client.post("/admin/undo", data={"mark": mark_of(client)}, headers=ORIGIN)
    assert "已撤回" in done(client, undone.headers["Location"])
    assert state_of(tiny_plan) == before


def test_of_the_edits_those_that_are_ticked_are_taken(
    client: FlaskClient, tiny_plan: Path, edition: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited.gpkg"
    edited.write_bytes(edition.read_bytes())
    change(edited, "UPDATE poles SET name = '南村新区' WHERE id = 'pole/south'",
           "UPDATE metro_stations SET name = '西站（老）' WHERE id = 'station/west'")  # fmt: skip
    address = send(client, ("edited.gpkg", edited.read_bytes()), what="edits").headers["Location"]
    page = done(client, address)
    assert re.findall(r'name="take" value="([^"]+)" checked', page) == ["station/west", "pole/south"]
    page = done(client, act(client, address, "again", what="edits", chosen="1").headers["Location"])
    assert "station/west、pole/south" in page
    assert "/accept" not in page, "nothing is ticked"
    again = act(client, address, "again", what="edits", chosen="1", take="station/west")
    page = done(client, again.headers["Location"])
    assert "按要求没有收：pole/south" in page
    assert re.findall(r'name="take" value="([^"]+)" checked', page) == ["station/west"]
    assert "已导入" in done(client, act(client, address, "accept").headers["Location"])
    written = "".join(one.read_text("utf-8") for one in sorted(tiny_plan.rglob("*.toml")))
    assert "西站（老）" in written
    assert "南村新区" not in written


def test_data_far_away_are_taken_only_when_it_is_meant(client: FlaskClient) -> None:
    far = [shapely.affinity.translate(one, 3.0, 0.0) for one in SHAPES]
    content = str(gpd.GeoDataFrame({"MC": list(NAMES)}, geometry=far, crs=4490).to_json()).encode()
    address = send(client, ("远.geojson", content)).headers["Location"]
    page = done(client, address)
    assert "按其他常用坐标系也不落在本区" in page
    assert "--force" not in page
    page = done(client, act(client, address, "again", force="1").headers["Location"])
    assert "对应上 4 行" in page


@pytest.mark.parametrize(("lang", "words"), [("zh", "平时不选"), ("en", "Usually off")])
def test_the_page_says_what_importing_all_the_same_means(client: FlaskClient, lang: str, words: str) -> None:
    page = client.get(f"/admin/import?lang={lang}").get_data(as_text=True)
    assert words in page
    assert re.search(r'name="force" value="1" aria-describedby="force-means">', page), "off by default"
    assert ".pbf" in page
    assert client.application.extensions[ACCESS].settings.edit


def test_without_the_extra_the_page_says_what_to_install(
    client: FlaskClient, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "osmium.py").write_text("raise ImportError\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without"))
    page = done(client, send(client, ("a.osm.pbf", extract.read_bytes())).headers["Location"])
    assert "planmap[osm]" in page
