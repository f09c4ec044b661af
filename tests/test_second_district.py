"""A second district is data only: an invented county two thousand kilometres off, in another meridian zone.

It has four townships on a grid of a tenth of a degree, two zones with one township split between them, a kind and a
layer of its own, and goes the whole way: check, build, serve, download, export, QGIS.
"""

import json
import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyqgis
import pytest
from browser_tools import Visit, served
from commands import planmap
from flask.testing import FlaskClient

from geo.crs import metric_crs
from layers.edition.file import read
from webmap.app import create_app

ROOT = Path(__file__).resolve().parent.parent
MERIDIAN = 102
"""Of the zone that the county lies in; the shipped plan lies in that of 120 degrees east."""

# Area, km2, of 0.1 by 0.1 degree on the CGCS2000 ellipsoid between latitudes 25.0 and 25.1, and 25.1 and 25.2, by hand:
# b^2/2 * dlon * (q(lat2) - q(lat1)), q(lat) = sin/(1-e2*sin^2) + ln((1+e*sin)/(1-e*sin))/(2e).
SOUTH_CELL_KM2 = 111.7808
NORTH_CELL_KM2 = 111.6914
# Geodesic from (102.6, 25.05) to (102.8, 25.05), km, by GeographicLib.
ROAD_KM = 20.1818

PLAN = """
id = "wangshu-15fyp"
title = "望舒县国民经济和社会发展第十五个五年规划纲要"
title_en = "Outline of the 15th Five-Year Plan of Wangshu County"
short_title = "望舒县“十五五”规划"
short_title_en = "Wangshu 15th Five-Year Plan"
period = "2026–2030"
base_year = 2025
target_year = 2030
as_of = 2026
district = { name = "望舒县", name_en = "Wangshu County", code = "990199" }

[[group]]
id = "base"
name = "县域"
name_en = "County"

[[layer]]
id = "zones"
name = "片区"
name_en = "Zones"
group = "base"
kinds = ["zone"]
order = 100
show = true

[[layer]]
id = "zone_parts"
name = "假定分界"
name_en = "Assumed lines"
group = "base"
kinds = ["zone_part"]
order = 150
show = true

[[layer]]
id = "townships"
name = "乡镇"
name_en = "Townships"
group = "base"
kinds = ["township"]
order = 200
show = true

[[layer]]
id = "district"
name = "县界"
name_en = "County boundary"
group = "base"
kinds = ["district"]
order = 300
show = true

[[layer]]
id = "expressways"
name = "高速公路"
name_en = "Expressways"
group = "base"
kinds = ["expressway"]
order = 400
show = true

[[layer]]
id = "tea"
name = "茶园"
name_en = "Tea gardens"
group = "base"
kinds = ["tea_garden"]
order = 250
show = true

[[view]]
id = "all"
name = "全县"
name_en = "The county"
layers = ["zones", "zone_parts", "townships", "district", "expressways", "tea"]
fit = "district"
"""

KINDS = """
[[kind]]
id = "tea_garden"
name = "茶园"
name_en = "Tea garden"
geometry = "polygon"
symbol = { fill = "#6a8f3c", fill_opacity = 0.5, stroke = "#4d6b2a", width = 1.2 }
label = { size = 12, weight = 500, color = "#3c5420", halo = "#ffffff", min_zoom = 9, priority = 70 }
"""

OUTLINE = '"1.1" = 4\n"2.1" = 0\n"表1" = 1\n'

SOURCES = """
[[source]]
name = "规划纲要"
title = "望舒县第十五个五年规划纲要"
title_en = "15th Five-Year Plan of Wangshu County"
licence = "公开"
licence_en = "Public"
attribution = "望舒县人民政府"
attribution_en = "Wangshu County"
"""

# The second place is given in GCJ-02, as web maps show it.
PLACES = """name,name_en,aliases,lon,lat,datum,accuracy_m,basis,township,source
茶王树,Old tea tree,茶树王,102.65,25.05,wgs84,50,schematic,township/chaping,规划纲要
白鹭塘,Egret Pond,,102.7516,25.0471,gcj02,100,schematic,township/bailu,规划纲要
"""

ARCS = """arc,unit_a,unit_b,inner,lon_lat_points
1,松岭镇,茶坪镇,yes,"102.6,25.1 102.7,25.1"
2,柏溪镇,白鹭乡,yes,"102.7,25.1 102.8,25.1"
3,松岭镇,柏溪镇,yes,"102.7,25.1 102.7,25.2"
4,茶坪镇,白鹭乡,yes,"102.7,25.0 102.7,25.1"
5,松岭镇,,no,"102.6,25.1 102.6,25.2 102.7,25.2"
6,柏溪镇,,no,"102.7,25.2 102.8,25.2 102.8,25.1"
7,茶坪镇,,no,"102.6,25.1 102.6,25.0 102.7,25.0"
8,白鹭乡,,no,"102.7,25.0 102.8,25.0 102.8,25.1"
"""

COMMON = 'accuracy_m = 200\nbasis = "schematic"\nsources = ["规划纲要"]\n'


def township(slug: str, name: str, name_en: str, zones: str) -> str:
    """A township's record, from its arcs."""
    return f"""
[[feature]]
id = "township/{slug}"
name = "{name}"
name_en = "{name_en}"
kind = "township"
zone = {zones}
cites = ["1.1"]
geometry = {{ arcs = "boundaries/wangshu.csv", unit = "{name}" }}
{COMMON}"""


TOWNSHIPS = (
    township("songling", "松岭镇", "Songling", '["north"]')
    + township("baixi", "柏溪镇", "Baixi", '["north", "south"]')
    + township("chaping", "茶坪镇", "Chaping", '["south"]')
    + township("bailu", "白鹭乡", "Bailu", '["south"]')
)

STRUCTURE = f"""
[[feature]]
id = "district"
name = "望舒县"
name_en = "Wangshu County"
kind = "district"
cites = ["1.1"]
geometry = {{ union = ["township/songling", "township/baixi", "township/chaping", "township/bailu"] }}
{COMMON}
[[feature]]
id = "zone_part/baixi-north"
name = "柏溪镇（北部）"
name_en = "Baixi (north zone)"
kind = "zone_part"
zone = ["north"]
cites = ["1.1.1"]
geometry = {{ split = "township/baixi", by = {{ route = [[102.75, 25.1], [102.75, 25.2]] }}, keep = [102.72, 25.15] }}
assumed = true
{COMMON}
[[feature]]
id = "zone_part/baixi-south"
name = "柏溪镇（南部）"
name_en = "Baixi (south zone)"
kind = "zone_part"
zone = ["south"]
cites = ["1.1.2"]
geometry = {{ difference = ["township/baixi", "zone_part/baixi-north"] }}
assumed = true
{COMMON}
[[feature]]
id = "zone/north"
name = "北部片区"
name_en = "North zone"
kind = "zone"
cites = ["1.1.1"]
geometry = {{ union = ["township/songling", "zone_part/baixi-north"] }}
{COMMON}
[[feature]]
id = "zone/south"
name = "南部片区"
name_en = "South zone"
kind = "zone"
cites = ["1.1.2"]
geometry = {{ union = ["township/chaping", "township/bailu", "zone_part/baixi-south"] }}
{COMMON}
[[feature]]
id = "expressway/chalu"
name = "茶鹭高速"
name_en = "Chaping–Bailu Expressway"
kind = "expressway"
cites = ["2.1"]
status = "building"
geometry = {{ route = [[102.5, 25.05], [102.9, 25.05]], clip = "district" }}
known = {{ crosses = ["township/chaping", "township/bailu"] }}
{COMMON}
[[feature]]
id = "tea_garden/old-tree"
name = "古茶园"
name_en = "Old tea garden"
kind = "tea_garden"
cites = ["1.1.3"]
geometry = {{ buffer = "place/茶王树", distance_m = 2000 }}
known = {{ inside = "township/chaping" }}
{COMMON}
[[feature]]
id = "tea_garden/pond"
name = "塘边茶园"
name_en = "Pond tea garden"
kind = "tea_garden"
cites = ["1.1.4"]
geometry = {{ buffer = "place/白鹭塘", distance_m = 500 }}
{COMMON}"""

INDICATORS = """
[[indicator]]
id = "t1-01"
name = "茶叶产量"
name_en = "Tea output"
unit = "吨"
unit_en = "t"
domain = "农业"
domain_en = "Farming"
property = "expected"
cites = ["表1-1"]
baseline = { year = 2025, value = 1200 }
target = { year = 2030, value = 1800 }
flags = []
better = "higher"
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with this one plan and the shared words of kinds and indicators."""
    data = tmp_path_factory.mktemp("county") / "data"
    plan = data / "plans" / "wangshu-15fyp"
    texts = {
        data / "boundaries" / "wangshu.csv": ARCS,
        plan / "plan.toml": PLAN,
        plan / "kinds.toml": KINDS,
        plan / "outline.toml": OUTLINE,
        plan / "sources.toml": SOURCES,
        plan / "places.csv": PLACES,
        plan / "features" / "townships.toml": TOWNSHIPS,
        plan / "features" / "structure.toml": STRUCTURE,
        plan / "indicators.toml": INDICATORS,
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("kinds.toml", "computed_indicators.toml"):
        shutil.copy(ROOT / "data" / name, data / name)
    return data


@pytest.fixture(scope="module")
def edition(data_dir: Path) -> Path:
    """The county's edition, checked and built by the command."""
    folder = data_dir / "plans" / "wangshu-15fyp"
    checked = planmap("check", folder, cwd=data_dir.parent)
    assert checked.exit_code == 0, checked.output
    path = data_dir / "editions" / "wangshu-15fyp.gpkg"
    built = planmap("build", folder, "--output", path, cwd=data_dir.parent)
    assert built.exit_code == 0, built.output
    return path


@pytest.fixture
def client(edition: Path) -> FlaskClient:
    return create_app({"PLANMAP_EDITION": str(edition)}).test_client()


def layer(edition: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(edition, layer=name).set_index("id")


def test_the_zone_of_the_projection_follows_from_the_data() -> None:
    assert metric_crs(102.7).coordinate_operation.params[1].value == MERIDIAN


def test_check_reports_a_mistake_in_the_county(data_dir: Path, tmp_path: Path) -> None:
    broken = tmp_path / "data"
    shutil.copytree(data_dir, broken)
    file = broken / "plans" / "wangshu-15fyp" / "features" / "structure.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("place/茶王树", "place/茶王数"), encoding="utf-8")
    done = planmap("check", file.parent.parent, cwd=tmp_path)
    assert done.exit_code == 1
    assert "tea_garden/old-tree" in done.output
    assert "茶王数" in done.output


def test_areas_and_lengths_are_those_worked_out_by_hand(edition: Path) -> None:
    townships = layer(edition, "townships")
    assert townships.loc["township/chaping", "area_km2"] == pytest.approx(SOUTH_CELL_KM2, abs=0.01)
    assert townships.loc["township/songling", "area_km2"] == pytest.approx(NORTH_CELL_KM2, abs=0.01)
    # a township and half of another
    assert layer(edition, "zones").loc["zone/north", "area_km2"] == pytest.approx(1.5 * NORTH_CELL_KM2, abs=0.02)
    assert layer(edition, "expressways").loc["expressway/chalu", "length_km"] == pytest.approx(ROAD_KM, abs=0.01)


def test_metres_are_metres_in_this_zone(edition: Path) -> None:
    # In the shipped plan's zone a circle here would come out 7 % too small; pi * 2 km squared is 12.566.
    area = layer(edition, "tea").loc["tea_garden/old-tree", "area_km2"]
    assert area == pytest.approx(12.566, rel=0.005)


def test_a_position_in_gcj02_is_moved(edition: Path) -> None:
    centre = layer(edition, "tea").geometry.loc["tea_garden/pond"].centroid
    # By the published forward formula, inverted by iteration in a separate calculation: 150 m west, 326 m north.
    assert (centre.x, centre.y) == pytest.approx((102.750111, 25.050045), abs=2e-5)


def test_zone_and_township_follow_from_the_position(edition: Path) -> None:
    garden = layer(edition, "tea").loc["tea_garden/old-tree"]
    assert garden["township"] == "chaping"
    assert garden["zone"] == "south"
    assert garden["zone_from"] == "position"


def test_the_page_is_the_countys(client: FlaskClient) -> None:
    for path in ("/?lang=zh", "/?lang=en", "/start", "/about", "/embed/all", "/standalone/all.html"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.get_data(as_text=True)
        assert ("望舒县" in text) or ("Wangshu" in text), path
        assert not re.search("萧山|Xiaoshan|三区|330109", text), path


def test_the_api_is_the_countys(client: FlaskClient) -> None:
    layers = client.get("/api/layers").get_json()
    assert "tea" in json.dumps(layers)
    garden = client.get("/api/features/tea_garden/old-tree").get_json()
    assert garden["properties"]["name_en"] == "Old tea garden"
    found = json.dumps(client.get("/api/search").get_json(), ensure_ascii=False)
    assert "古茶园" in found
    indicators = client.get("/api/indicators").get_json()["indicators"]
    stated = next(one for one in indicators if one["id"] == "t1-01")
    assert (stated["baseline"]["value"], stated["target"]["value"]) == (1200, 1800)
    areas = client.get("/api/indicators/area_km2/township").get_json()["values"]
    by_place = {value["place"]: value["value"] for value in areas}
    assert by_place["township/bailu"] == pytest.approx(SOUTH_CELL_KM2, abs=0.05)  # given to one decimal


def test_downloads_offer_the_countys_own_zone(client: FlaskClient, tmp_path: Path) -> None:
    code = metric_crs(102.7).to_epsg()
    answer = client.get(f"/download/tea.geojson?crs={code}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    file = tmp_path / "tea.geojson"
    file.write_bytes(answer.data)
    # 0.65 degree east of the meridian at 25.05 north, where a degree is 100.909 km; false easting 500 km.
    centre = gpd.read_file(file).set_index("id").geometry.loc["tea_garden/old-tree"].centroid
    assert centre.x == pytest.approx(565_591, abs=30)
    assert client.get("/download/tea.geojson?crs=4549").status_code == 400


def test_export_writes_files(edition: Path, tmp_path: Path) -> None:
    out = tmp_path / "townships.geojson"
    done = planmap("export", edition, "--layer", "townships", "--crs", "4326", "--output", out, cwd=tmp_path)
    assert done.exit_code == 0, done.output
    frame = gpd.read_file(out)
    assert sorted(frame["name_en"]) == ["Bailu", "Baixi", "Chaping", "Songling"]
    assert tuple(round(value, 6) for value in frame.total_bounds) == (102.6, 25.0, 102.8, 25.2)


@pytest.mark.qgis
def test_qgis_opens_it_styled(edition: Path, tmp_path: Path) -> None:
    script = tmp_path / "open.py"
    script.write_text(
        textwrap.dedent("""
        import json, os, sys
        from qgis.core import QgsApplication, QgsVectorLayer
        app = QgsApplication([], False)
        app.initQgis()
        result = {}
        for name in ("townships", "zones", "expressways", "tea"):
            layer = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
            renderer = layer.renderer()
            result[name] = [layer.isValid(), layer.featureCount(), layer.crs().authid(), layer.labelsEnabled(),
                            type(renderer).__name__, renderer.dump()]
        print(json.dumps(result), flush=True)
        os._exit(0)  # QGIS 3.22 crashes when Python takes its objects down
        """),
        encoding="utf-8",
    )
    done = pyqgis.run(script, edition, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    result: dict[str, list[Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    assert {name: values[:3] for name, values in result.items()} == {
        "townships": [True, 4, "EPSG:4490"],
        "zones": [True, 2, "EPSG:4490"],
        "expressways": [True, 1, "EPSG:4490"],
        "tea": [True, 2, "EPSG:4490"],
    }
    assert result["tea"][3], "the style has no labels"
    # The county's own green, from its kinds.toml: 6a8f3c is 106,143,60.
    assert "106,143,60" in result["tea"][5]


@pytest.mark.browser
def test_the_map_is_drawn(edition: Path, browser: Any) -> None:
    with served(read(edition)) as base:
        visit = Visit(browser, base)
        try:
            page = visit.open("/?lang=zh")
            assert "望舒县" in page.inner_text("body")
            assert "古茶园" in page.content()
            page = visit.open("/?lang=en#sel=tea_garden/old-tree")
            visit.until("document.body.innerText.includes('Old tea garden')")
            # The coordinates under the pointer are in the county's own zone.
            page.mouse.move(640, 430)
            visit.until(f"document.body.innerText.includes('{MERIDIAN}°E')")
            assert visit.faults == []
        finally:
            visit.close()
