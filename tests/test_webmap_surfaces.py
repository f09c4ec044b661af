"""Accessibility surfaces given out: folder, command, pages, pictures, rasters; for the public only what goes out."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pyqgis
import pytest
import rasterio
import shapely
from cases import every
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from PIL import Image
from tiny_folder import write_tiny_plan

from geo.crs import CGCS2000, metric_crs, transform_points
from layers.build.assemble import build_file
from layers.build.check import check
from layers.edition.file import read
from layers.edition.publication import released
from layers.edition.store import Store
from layers.surfaces import said
from layers.surfaces.made import surfaces
from layers.surfaces.picture import bounds, png
from webmap.app import close, create_app
from webmap.cli import main

GEOD = pyproj.Geod(ellps="GRS80")
TOML = """
cell_m = 100

[population]
values = { "township/a" = 1000, "township/b" = 3000, "township/c" = 500, "township/d" = 500 }
year = 2025

[[surface]]
id = "station"
name = "距<b>站点</b>"
name_en = "To a station"
kinds = ["metro_station"]
status = ["operating"]
within_m = [800, 2000]
cites = ["专栏1-2"]
note = "=1+1 只是直线"
note_en = "=1+1 as the crow flies"

[[surface]]
id = "walk"
name = "步行圈"
name_en = "On foot"
kinds = ["metro_station", "pole"]
within_min = [10, 30]
speed_kmh = 6
detour = 1.25
assumption = "假定步行"
assumption_en = "Assumed on foot"

[[surface]]
id = "school"
name = "距学校"
name_en = "To a school"
kinds = ["school"]
within_m = [1000]
"""
STATION = (104.05, 30.75)
"""West Station, the only one in operation."""


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny_plan(tmp_path_factory.mktemp("surfaces"))
    (folder / "surfaces.toml").write_text(TOML, encoding="utf-8")
    path = folder.parent / "tiny.gpkg"
    build_file(folder, path)
    return path


@pytest.fixture(scope="module")
def client(edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    cache = tmp_path_factory.mktemp("cache")
    app = create_app({"PLANMAP_EDITION": str(edition), "PLANMAP_CACHE_DIR": str(cache)})
    yield app.test_client()
    close(app)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["surfaces", *map(str, arguments)])


# ---- the folder


def problems(folder: Path, text: str) -> list[str]:
    (folder / "surfaces.toml").write_text(text, encoding="utf-8")
    found = [one for one in check(folder) if one.file == "surfaces.toml"]
    assert all(one.text("zh") and one.text("en") for one in found)
    return [f"{one.severity} {one.field} {one.key}" for one in found]


def test_a_sound_file_has_no_problem(tiny_plan: Path) -> None:
    assert problems(tiny_plan, TOML) == []


ASSUMED = 'assumption = "a"\nassumption_en = "a"'
ONE = '[[surface]]\nid = "s"\nname = "甲"\nname_en = "A"\nkinds = ["metro_station"]\nwithin_m = [800]\n'


@every(
    ("old", "new", "expected"),
    [
        ("within_m = [800]", "", "error within_m field.missing"),
        ("[800]", "[800, 500]", "error within_m surface.limits"),
        ("[800]", "[800, 800]", "error within_m surface.limits"),
        ("[800]", "[]", "error within_m surface.limits"),
        ("[800]", "[1, 2, 3, 4, 5, 6, 7, 8, 9]", "error within_m surface.limits"),
        ("[800]", '["800"]', "error within_m surface.limits"),
        ("[800]", "[nan]", "error within_m surface.limits"),
        ("[800]", "[true]", "error within_m surface.limits"),
        ("[800]", "[-5]", "error within_m surface.limits"),
        ("within_m = [800]", "within_min = [10]", "error within_min surface.limits_of_speed"),
        ("[800]", f"[800]\nspeed_kmh = 5\n{ASSUMED}", "error within_m surface.limits_of_speed"),
        ("within_m = [800]", "within_min = [10]\nspeed_kmh = 5", "error assumption surface.no_assumption"),
        ("[800]", "[800]\nspeed_kmh = 0", "error speed_kmh field.range"),
        ("[800]", "[800]\ndetour = 1.5", "error detour surface.detour_alone"),
        ('kinds = ["metro_station"]\n', "", "error kinds surface.no_sources"),
        ('["metro_station"]', '["no_kind"]', "error kinds kind.unknown"),
        ("[800]", '[800]\nstatus = ["finished"]', "error status field.choice"),
        ("[800]", '[800]\nids = ["station/nowhere"]', "error ids surface.id_unknown"),
        ("[800]", '[800]\ncites = ["99.1"]', "error cites cite.unknown_clause"),
        ("[800]", "[800]\ncolour = 1", "error colour field.unknown"),
        ('id = "s"', 'id = "S/x"', "error id id.pattern"),
        ("[800]", "[150]", "warning within_m surface.coarse"),
        ('name_en = "A"\n', "", "warning name_en field.no_english"),
        (ONE, f"{ONE}{ONE}", "error id id.twice"),
        (ONE, f"cell_m = 0\n{ONE}", "error cell_m field.range"),
        (ONE, f"cells = 5\n{ONE}", "error cells field.unknown"),
        (ONE, f"[population]\n{ONE}", "error values surface.population_one"),
        (ONE, f'[population]\nvalues = {{ "township/x" = 1 }}\n{ONE}', "error values reference.unknown"),
        (ONE, f'[population]\nvalues = {{ "township/a" = -1 }}\n{ONE}', "error values surface.people"),
        (ONE, f'[population]\nindicator = "nope"\n{ONE}', "error indicator field.choice"),
        (ONE, f'[population]\nraster = "../p.tif"\n{ONE}', "error raster surface.raster_name"),
        (ONE, f'[population]\nraster = "p.tif"\n{ONE}', "error population.raster surface.raster_missing"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_field(tiny_plan: Path, old: str, new: str, expected: str) -> None:
    assert ONE.count(old) == 1
    assert problems(tiny_plan, ONE.replace(old, new)) == [expected]


def test_a_file_that_is_no_toml_and_a_raster_that_is_none(tiny_plan: Path) -> None:
    assert problems(tiny_plan, "[[surface]") == ["error  toml.syntax"]
    (tiny_plan / "p.tif").write_text("no raster")
    found = problems(tiny_plan, f'[population]\nraster = "p.tif"\n{ONE}')
    assert found == ["error population.raster raster.unreadable"]
    assert not [one for one in check(tiny_plan) if one.key == "folder.unread"], "the file is read"


# ---- the command


def test_the_command_says_what_is_measured_and_what_is_not_there(edition: Path) -> None:
    done = run(edition)
    assert done.exit_code == 0, done.output
    assert "有位置的 1 处" in done.output
    assert "假定步行" in done.output
    assert "10 分钟折合直线 800 米" in done.output, "6 km/h are 100 m a minute, the way is 1.25 times as long"
    assert "不出图面" in done.output.split("距学校")[1]
    only = run(edition, "--id", "walk", "--lang", "en")
    assert "Assumed on foot" in only.output
    assert "To a station" not in only.output
    for arguments, status in ((("--id", "nope"), 1), (("--id", "school"), 1), (("-o", edition.parent / "x.xlsx"), 2)):
        assert run(edition, *arguments).exit_code == status


def test_json_holds_definition_sources_and_values(edition: Path) -> None:
    told = json.loads(run(edition, "--json").output)
    station, walk, school = told["surfaces"]
    assert station["sources"] == ["station/west"]
    assert (station["accuracy_m"], station["schematic"], station["unit"]) == (50, False, "m")
    assert (walk["left_out"], walk["schematic"], walk["reach_m"]) == (3, True, [800.0, 2400.0])
    assert (school["made"], school["places"], school["indicators"]) == (False, [], [])
    places = {one["place"]: one["values"] for one in station["places"]}
    # π · 0.8² km² of township a, the cell 104.0–104.1° E, 30.7–30.8° N of 106.0 km².
    assert places["township/a"]["access_station_800m"] == pytest.approx(3.1416 * 0.64 / 106.0 * 100, abs=0.06)
    assert places["zone/west"]["access_station_2000m_people"] == pytest.approx(3.1416 * 4 / 106 * 1000 / 30, abs=0.06)


def test_a_folder_gets_table_rasters_and_styles(edition: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(edition, "-o", out, "--lang", "en", "--json")
    names = sorted(path.name for path in out.iterdir())
    assert names == sorted(Path(one).name for one in json.loads(done.output)["files"])
    assert names == sorted(["surfaces.csv", *(f"{one}_{what}.{end}" for one in ("station", "walk")
                                              for what in ("values", "bands") for end in ("tif", "qml"))])  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((out / "surfaces.csv").read_text("utf-8-sig"))))
    assert [row["Id"] for row in rows] == ["district", "zone/west", "zone/east", *(f"township/{one}" for one in "abcd")]
    assert rows[1]["Leans on an assumed line"] == "yes"
    assert float(rows[0]["To a station: Area within 2000 m, %"]) == pytest.approx(3.1416 * 4 / 424 * 100, abs=0.06)
    assert 'label="up to 10 minutes"' in (out / "walk_bands.qml").read_text("utf-8")
    with rasterio.open(out / "station_values.tif") as values, rasterio.open(out / "station_bands.tif") as bands:
        assert (values.nodata, values.dtypes[0], bands.nodata, bands.dtypes[0]) == (-9999, "float32", 0, "uint8")
        assert values.res == bands.res == (100.0, 100.0)
        far, band = values.read(1), bands.read(1)
        place = values.transform
    assert set(np.unique(band)) == {0, 1, 2, 3}
    assert ((band == 0) == (far == -9999)).all()
    assert ((band == 1) == ((far >= 0) & (far <= 800))).all()
    # Cells at random against geodesics on the ellipsoid.
    numbers = np.random.default_rng(1)
    rows_at, columns_at = np.nonzero(far > 0)
    for at in numbers.integers(0, len(rows_at), 50):
        row, column = rows_at[at], columns_at[at]
        x, y = place.c + (column + 0.5) * place.a, place.f + (row + 0.5) * place.e
        lon, lat = transform_points(np.array([[x, y]]), metric_crs(104.1), CGCS2000)[0]
        assert far[row, column] == pytest.approx(GEOD.inv(lon, lat, *STATION)[2], rel=1e-3)


IN_QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsRasterLayer
app = QgsApplication([], False)
app.initQgis()
found = {}
for path in sys.argv[1:]:
    layer = QgsRasterLayer(path, path)
    drawn = layer.renderer()
    if drawn.type() == "paletted":
        classes = [[one.value, one.label, one.color.name()] for one in drawn.classes()]
    else:
        items = drawn.shader().rasterShaderFunction().colorRampItemList()
        classes = [[str(one.value), one.label, one.color.name()] for one in items]
    nothing = layer.dataProvider().sourceNoDataValue(1)
    found[path.rpartition("/")[2]] = [layer.isValid(), layer.crs().authid(), drawn.type(), nothing, classes]
print("ANSWER" + json.dumps(found), flush=True)
app.exitQgis()
"""


@pytest.mark.qgis
def test_qgis_takes_the_styles_by_itself(edition: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(edition, "-o", out, "--lang", "en", "--id", "walk")
    done = pyqgis.run("-c", IN_QGIS, *sorted(out.glob("*.tif")), folder=tmp_path)
    found = pyqgis.answer(done)
    bands, values = found["walk_bands.tif"], found["walk_values.tif"]
    crs = f"EPSG:{metric_crs(104.1).to_epsg()}"
    assert bands[:4] == [True, crs, "paletted", 0.0]
    assert values[:4] == [True, crs, "singlebandpseudocolor", -9999.0]
    assert [one[0] for one in bands[4]] == list(range(1, len(bands[4]) + 1))
    assert [one[1:] for one in values[4]] == [one[1:] for one in bands[4]]
    assert bands[4][0][1] == "up to 10 minutes"
    assert float(values[4][0][0]) == 10
    assert float(values[4][-1][0]) == float("inf")


IN_PROJECT = """
import json, sys
from qgis.core import QgsApplication, QgsProject
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
found = {"read": project.read(sys.argv[1]), "layers": {}}
root = project.layerTreeRoot()
for layer in project.mapLayers().values():
    found["layers"][layer.id()] = [layer.isValid(), layer.crs().authid(), root.findLayer(layer.id()).isVisible()]
found["group"] = [one.name() for one in root.findGroup("Accessibility").children()]
found["order"] = [layer.id() for layer in root.customLayerOrder()]
print("ANSWER" + json.dumps(found), flush=True)
app.exitQgis()
"""


@pytest.mark.qgis
def test_an_archive_for_qgis_has_the_surfaces_in_a_group(edition: Path, tmp_path: Path) -> None:
    archives = [tmp_path / name / "all.zip" for name in ("one", "two")]
    for out in archives:
        out.parent.mkdir()
        asked = ["export", str(edition), "--format", "qgis", "--surfaces", "-o", str(out), "--lang", "en"]
        done = CliRunner().invoke(main, asked)
        assert done.exit_code == 0, done.output
        assert [one.name for one in out.parent.iterdir()] == ["all.zip"]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    shutil.unpack_archive(archives[0], tmp_path / "else")
    there = [name for name, one in surfaces(Store(read(edition))).items() if one.there]
    rasters = {f"{name}_{what}" for name in there for what in ("bands", "values")}
    files = {one.name for one in (tmp_path / "else" / "surfaces").iterdir()}
    assert files == {f"{name}.{suffix}" for name in rasters for suffix in ("tif", "qml")}
    readme = (tmp_path / "else" / "README.txt").read_text(encoding="utf-8-sig")
    assert all(f"- surfaces/{name}" in readme for name in files)
    (project,) = (tmp_path / "else").glob("*.qgz")
    done = pyqgis.run("-c", IN_PROJECT, project, folder=tmp_path)
    found = pyqgis.answer(done)
    assert found["read"]
    assert all(valid for valid, _crs, _on in found["layers"].values())
    crs = f"EPSG:{metric_crs(104.1).to_epsg()}"
    mine = {key: one for key, one in found["layers"].items() if key.startswith("planmap_surface_")}
    assert mine == {f"planmap_surface_{name}": [True, crs, False] for name in rasters}
    assert [one.rpartition(": ")[2] for one in found["group"]] == ["bands", "values"] * len(there)
    over = found["order"].index("planmap_surface_" + min(rasters))
    assert over < found["order"].index("planmap_townships")


@pytest.mark.parametrize(
    ("more", "word"), [(["--format", "gpkg"], "gpkg"), (["--format", "qgis", "--crs", "4490,4326"], "zip")]
)
def test_surfaces_go_into_one_archive_for_qgis_only(edition: Path, tmp_path: Path, more: list[str], word: str) -> None:
    out = tmp_path / "x.zip"
    done = CliRunner().invoke(main, ["export", str(edition), "--surfaces", "-o", str(out), *more])
    assert done.exit_code == 2
    assert f"不能放进 {word}" in done.output
    assert not out.exists()


def test_the_same_edition_gives_the_same_bytes(edition: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(edition, "-o", tmp_path / name, "--id", "walk").exit_code == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_an_edition_without_surfaces_says_how_to_get_them(tiny_plan: Path) -> None:
    path = tiny_plan.parent / "plain.gpkg"
    build_file(tiny_plan, path)
    done = run(path)
    assert done.exit_code == 1
    assert "surfaces.toml" in done.output
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tiny_plan.parent / "cache")})
    page = app.test_client().get("/surface").text
    assert "没有设可达性图面" in page
    assert 'href="/surface"' not in app.test_client().get("/list").text
    close(app)


# ---- the web


def test_the_picture_lies_where_the_map_is_told(edition: Path) -> None:
    """The pixel at the station is of the first band, one 1.5 km away of the second; outside it is clear."""
    made = surfaces(Store(read(edition)))["station"]
    picture = Image.open(io.BytesIO(png(made)))
    (south, west), (north, east) = bounds(made)

    def merc(lat: float) -> float:
        return float(np.arctanh(np.sin(np.radians(lat))))

    def colour(lon: float, lat: float) -> tuple[int, ...]:
        x = (lon - west) / (east - west) * picture.width
        y = (merc(north) - merc(lat)) / (merc(north) - merc(south)) * picture.height
        return picture.convert("RGBA").getpixel((int(x), int(y)))

    rgb = [tuple(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in made.colours]
    assert colour(*STATION) == (*rgb[0], 255)
    lon, lat, _ = GEOD.fwd(*STATION, 60, 1500)
    assert colour(lon, lat) == (*rgb[1], 255)
    assert colour(104.18, 30.63) == (*rgb[2], 255)
    assert colour(104.0 - 0.0005, 30.75)[3] in (0, 255)
    assert picture.convert("RGBA").getpixel((0, 0))[3] == 0
    # Both edges of the ring of the first band, along the parallel of the station.
    for azimuth in (90, 270):
        (a, b, _), (c, d, _) = (GEOD.fwd(*STATION, azimuth, metres) for metres in (690, 910))
        assert colour(a, b) == (*rgb[0], 255)
        assert colour(c, d) == (*rgb[1], 255)


def test_addresses_give_files_and_refuse_what_there_is_not(client: FlaskClient, edition: Path, tmp_path: Path) -> None:
    assert run(edition, "-o", tmp_path).exit_code == 0
    for what in ("values", "bands"):
        answer = client.get(f"/surface/walk/{what}.tif")
        assert answer.data == (tmp_path / f"walk_{what}.tif").read_bytes()
        assert answer.headers["Content-Disposition"] == f'attachment; filename="walk_{what}.tif"'
        style = client.get(f"/surface/walk/{what}.qml")
        assert style.text == (tmp_path / f"walk_{what}.qml").read_text("utf-8")
    part = client.get("/surface/walk/bands.tif", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"II*\0")
    picture = client.get("/surface/station/map.png")
    assert picture.content_type == "image/png"
    assert client.get("/surface/station/map.png", headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304
    table = client.get("/surface/station/table.csv?lang=en")
    assert "=1+1" not in table.text
    for address, status in (
        ("/surface/school/map.png", 404), ("/surface/nope", 404), ("/surface/walk/other.tif", 404),
        ("/surface/walk/map.png?x=1", 400), ("/surface/walk?lang=fr", 400), ("/surface/../walk", 404),
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == status, address


def test_pages_say_everything_in_both_languages_and_names_are_text(client: FlaskClient) -> None:
    for lang, words in (
        ("zh", ("假定步行", "概化", "10 分钟折合直线 800 米", "另有 3 处没有位置", "均匀分布", "依假定分界")),
        ("en", ("Assumed on foot", "schematic", "10 minutes are 800 m", "3 more without a position", "evenly spread")),
    ):
        page = client.get(f"/surface/walk?lang={lang}").text
        for word in words:
            assert word in page, word
    whole = client.get("/surface").text
    assert "距&lt;b&gt;站点&lt;/b&gt;" in whole
    assert "<b>站点" not in whole
    assert client.get("/surface/school").text.count("不出图面") == 1  # its reason is said once
    assert "专栏1" in client.get("/surface/station").text


def test_the_map_is_told_of_those_that_can_be_shown(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    found = json.loads(page.split('id="pm-config">')[1].split("</script>")[0])["surfaces"]
    assert [one["id"] for one in found] == ["station", "walk"]
    walk = found[1]
    assert [one["text"] for one in walk["legend"]] == ["up to 10 minutes", "10–30 minutes", "beyond 30 minutes"]
    assert "Assumed on foot" in walk["said"]
    assert walk["url"].startswith("/e/")
    assert client.get(walk["url"]).status_code == 200
    assert client.get(walk["page"]).status_code == 200
    (south, west), (north, east) = walk["bounds"]
    assert west < 104.0 < 104.2 < east
    assert south < 30.6 < 30.8 < north
    assert f'href="{walk["page"].partition("/surface/")[0]}/surface?lang=en"' in client.get("/start?lang=en").text
    # A frame is told of them too; a file holds small copies and leads to no page.
    framed = client.get("/embed/overview?lang=en").text
    assert json.loads(framed.split('id="pm-config">')[1].split("</script>")[0])["surfaces"] == found
    alone = client.get("/standalone/overview.html?lang=en").text
    copies = json.loads(re.findall(r'"surfaces":(\[.*?"page":""\}\])', alone)[0])
    assert [(one["id"], one["legend"], one["page"]) for one in copies] == [
        (one["id"], one["legend"], "") for one in found
    ]
    copy = Image.open(io.BytesIO(base64.b64decode(copies[1]["url"].removeprefix("data:image/png;base64,"))))
    assert 200 < max(copy.size) <= 600


def test_indicators_of_surfaces_are_in_the_overlay(client: FlaskClient) -> None:
    listed = {one["id"]: one for one in client.get("/api/indicators").json["indicators"]}
    assert listed["access_station_800m"]["domain"] == "可达性"
    values: Any = client.get("/api/indicators/access_station_800m/township").json
    assert [one["value"] is not None for one in values["values"]] == [True] * 4


def test_for_the_public_a_surface_goes_out_only_with_all_its_sources(edition: Path) -> None:
    whole = read(edition)
    for record in whole.meta["layers"]:
        record["public"] = record["id"] in ("district", "townships", "metro_stations")
    shown = surfaces(Store(released(whole, "GS(2026)1号")))
    assert list(shown) == ["station", "school"], (
        "the poles stay inside, and so does the surface that shows where they are"
    )
    for record in whole.meta["layers"]:
        record["public"] = record["id"] == "metro_stations"
    (station, _school) = surfaces(Store(released(whole, "GS(2026)1号"))).values()
    assert not station.there, "without the district there is no ground to draw on"


def test_words_of_bands(edition: Path) -> None:
    made = surfaces(Store(read(edition)))["station"]
    assert said.band_names(made.surface, "zh") == ["800 米以内", "800–2000 米", "2000 米以外"]
    assert len(made.colours) == 3
    assert shapely.contains_xy(made.ground, *transform_points(np.array([STATION]), CGCS2000, made.plane)[0])
