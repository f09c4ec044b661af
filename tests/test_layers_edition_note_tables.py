"""Notes drawn on the map go into the GeoPackage as layers of their own; the edition in it stays the same."""

from __future__ import annotations

import json
import shutil
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pyqgis
import pytest
from click.testing import CliRunner, Result
from tiny_folder import write_tiny_plan

from geo.crs import CGCS2000
from layers.drawing.ink import NOTES
from layers.edition import file as editions
from layers.style.qml_xml import channels
from webmap.cli import main

HOSTILE = "</Option>]]>&\"'); DROP TABLE zones; -- {{7*7}} [% 1+1 %] =1+1"
LON, LAT = 104.0, 30.0
QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsProject, QgsRectangle
from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
path, name, picture = sys.argv[1:]
app = QgsApplication([], False)
app.initQgis()
said = []
QgsApplication.messageLog().messageReceived.connect(lambda text, tag, _level: said.append(f"{tag}: {text}"))
project = QgsProject.instance()
read = project.read(f"geopackage:{path}?projectName={name}")
root = project.layerTreeRoot()
group = root.children()[0]
notes = [leaf.layer() for leaf in group.children()]
settings = QgsMapSettings()
settings.setLayers(notes)
settings.setDestinationCrs(notes[0].crs())
settings.setExtent(QgsRectangle(103.98, 29.98, 104.06, 30.06))
settings.setOutputSize(QSize(600, 600))
settings.setBackgroundColor(QColor("white"))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(picture)
labels = sorted(one.labelText for one in job.takeLabelingResults().allLabels())
seen = {}
for x in range(600):
    for y in range(600):
        color = QColor(image.pixel(x, y)).name()
        seen[color] = seen.get(color, 0) + 1
styled = {}
for one in notes:
    table = one.id().removeprefix("planmap_")
    alone = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
    styled[table] = [alone.isValid(), alone.renderer().type(), alone.labelsEnabled()]
sys.stdout.write("ANSWER" + json.dumps({
    "read": read, "said": said, "group": group.name(), "on": group.itemVisibilityChecked(), "styled": styled,
    "valid": [one.isValid() and one.crs().isValid() for one in notes],
    "renderers": [[one.renderer().type(), len(one.renderer().categories())] for one in notes],
    "order": [one.id() for one in root.customLayerOrder()][: len(notes)], "labels": labels, "seen": seen,
    "themes": {one: project.mapThemeCollection().mapThemeVisibleLayerIds(one)
               for one in project.mapThemeCollection().mapThemes()},
}) + chr(10))
sys.stdout.flush()
app.exitQgis()
"""


def feature(shape: str, color: str, kind: str, places: Any, text: str = "") -> dict[str, Any]:
    about = {"shape": shape, "color": color, "text": text}
    return {"type": "Feature", "properties": about, "geometry": {"type": kind, "coordinates": places}}


EVERY = [
    feature("number", "red", "Point", [LON, LAT], "first"),
    feature("point", "blue", "Point", [LON + 0.01, LAT], HOSTILE),
    feature("number", "green", "Point", [LON + 0.02, LAT]),
    feature("text", "black", "Point", [LON + 0.03, LAT], "only words"),
    feature("line", "green", "LineString", [[LON, LAT + 0.01], [LON + 0.02, LAT + 0.01]], "a line"),
    feature("arrow", "red", "LineString", [[LON, LAT + 0.02], [LON + 0.02, LAT + 0.02]]),
    feature(
        "polygon", "blue", "Polygon",
        [[[LON, LAT + 0.03], [LON + 0.02, LAT + 0.03], [LON + 0.02, LAT + 0.05], [LON, LAT + 0.03]]], "an area",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("notes")
    answer = CliRunner().invoke(main, ["build", str(write_tiny_plan(room)), "-o", str(room / "out" / "tiny.gpkg")])
    assert answer.exit_code == 0, answer.output
    return room / "out" / "tiny.gpkg"


Export = Callable[..., Result]


@pytest.fixture
def export(made: Path, tmp_path: Path) -> Export:
    def run(out: Path, *more: str, features: Any = EVERY, lang: str = "en") -> Result:
        notes = tmp_path / "notes.geojson"
        notes.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        arguments = ["export", str(made), "--notes", str(notes), "-o", str(out), "--lang", lang, *more]
        return CliRunner().invoke(main, arguments)

    return run


def asked(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_every_note_is_read_back_and_the_edition_is_the_same(made: Path, export: Export, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    answer = export(out)
    assert answer.exit_code == 0, answer.output
    points, lines, areas = (gpd.read_file(out, layer=f"notes_{one}") for one in ("points", "lines", "areas"))
    assert points[["shape", "color", "text"]].to_numpy().tolist() == [
        ["number", "red", "first"], ["point", "blue", HOSTILE], ["number", "green", ""],
        ["text", "black", "only words"],
    ]  # fmt: skip
    assert [int(one) if one > 0 else None for one in points["number"]] == [1, None, 2, None]
    assert [(one.x, one.y) for one in points.geometry][:2] == [(LON, LAT), (LON + 0.01, LAT)]
    assert lines["shape"].tolist() == ["line", "arrow"]
    assert list(lines.geometry[1].coords) == [(LON, LAT + 0.02), (LON + 0.02, LAT + 0.02)]
    assert areas.geometry[0].geom_type == "Polygon"
    assert areas.crs == lines.crs == points.crs == CGCS2000
    before, after = editions.read(made), editions.read(out)
    assert after.hash == before.hash
    assert after.layers.keys() == before.layers.keys()
    again = editions.content_hash(after.meta, after.layers, after.indicators, after.observations, after.figures)
    assert again == before.hash
    assert asked(out, "PRAGMA integrity_check") == [("ok",)]


def test_styles_are_the_default_ones_in_the_colours_of_the_page(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    assert export(out).exit_code == 0
    rows = asked(out, "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles")
    found = {name: (column, default, text) for name, column, default, text in rows}
    geometry = dict(asked(out, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    for table in ("notes_points", "notes_lines", "notes_areas"):
        column, default, text = found[table]
        assert (column, default) == (geometry[table], 1)
        root = ET.fromstring(text)  # noqa: S314 - our own
        categories = {one.get("value"): one.get("symbol") for one in root.iterfind("renderer-v2/categories/category")}
        assert categories.keys() == NOTES.keys()
        for name, number in categories.items():
            colors = [
                one.get("value", "") for one in root.iterfind(f"renderer-v2/symbols/symbol[@name='{number}']//Option")
            ]
            assert any(one.startswith(",".join(map(str, channels(NOTES[str(name)])))) for one in colors), (table, name)
    (count,) = asked(out, "SELECT count(*) FROM gpkg_contents WHERE table_name = 'layer_styles'")
    assert count == (1,)


def test_only_tables_that_hold_something_and_the_same_bytes_again(export: Export, tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "out.gpkg", tmp_path / "b" / "out.gpkg"
    for out in (first, second):
        answer = export(out, features=EVERY[4:5])
        assert answer.exit_code == 0, answer.output
    names = {name for name, _type in pyogrio.list_layers(first)}
    assert "notes_lines" in names
    assert not names & {"notes_points", "notes_areas"}
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("code", ["metric", "4326"])
def test_they_lie_in_the_files_own_system(export: Export, tmp_path: Path, code: str) -> None:
    out = tmp_path / "out.gpkg"
    answer = export(out, "--crs", code, "--layers", "zones")
    assert answer.exit_code == 0, answer.output
    notes, zones = gpd.read_file(out, layer="notes_points"), gpd.read_file(out, layer="zones")
    assert notes.crs == zones.crs
    back = notes.to_crs(CGCS2000).geometry[0]
    assert abs(back.x - LON) < 1e-7
    assert abs(back.y - LAT) < 1e-7


def test_no_notes_leave_the_file_as_it_is(export: Export, made: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    assert export(out, features=[]).exit_code == 0
    plain = tmp_path / "plain" / "out.gpkg"
    assert CliRunner().invoke(main, ["export", str(made), "-o", str(plain)]).exit_code == 0
    assert out.read_bytes() == plain.read_bytes()


def test_an_archive_for_qgis_holds_them_in_file_and_project(export: Export, tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "out.zip", tmp_path / "b" / "out.zip"
    for out in (first, second):
        answer = export(out, "--format", "qgis", "--layers", "zones", "--crs", "metric")
        assert answer.exit_code == 0, answer.output
    assert first.read_bytes() == second.read_bytes()
    shutil.unpack_archive(first, tmp_path / "in")
    (file,), (project,) = (tmp_path / "in").glob("*.gpkg"), (tmp_path / "in").glob("*.qgz")
    assert {"zones", "notes_points", "notes_lines", "notes_areas"} <= {name for name, _ in pyogrio.list_layers(file)}
    with zipfile.ZipFile(project) as archive:
        root = ET.fromstring(archive.read(f"{project.stem}.qgs"))  # noqa: S314 - our own
    (group,) = (one for one in root.iterfind("layer-tree-group/layer-tree-group") if one.get("name") == "Notes")
    assert [one.get("source") for one in group] == [
        f"./{file.name}|layername=notes_{one}" for one in ("points", "lines", "areas")
    ]
    named = {one.findtext("id"): one.findtext("layername") for one in root.iterfind("projectlayers/maplayer")}
    assert named["planmap_notes_areas"] == "Notes: areas"


@pytest.mark.parametrize(
    "more", [("--format", "geojson", "--layer", "zones"), ("--format", "fgb"), ("--crs", "4490,4326"),
             ("--format", "gpkg,csv")],
)  # fmt: skip
def test_what_cannot_hold_them_says_so_and_nothing_is_written(
    export: Export, tmp_path: Path, more: tuple[str, ...]
) -> None:
    out = tmp_path / "refused.out"
    answer = export(out, "--format", "gpkg", *more)
    assert answer.exit_code == 2, answer.output
    assert "one GeoPackage" in answer.output
    assert not out.exists()
    assert "批注只能" in export(out, "--format", "gpkg", *more, lang="zh").output


def test_bad_notes_are_told_before_anything_is_written(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    for bad in ([feature("point", "pink", "Point", [LON, LAT])], [{"type": "Feature"}], [EVERY[0]] * 501):
        answer = export(out, features=bad)
        assert answer.exit_code != 0
        assert "Traceback" not in answer.output
        assert not out.exists()


def test_a_layer_of_the_plan_with_that_name_is_not_touched(tmp_path: Path) -> None:
    folder = write_tiny_plan(tmp_path)
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".toml", ".geojson", ".csv", ".md") and '"zones"' in path.read_text("utf-8"):
            path.write_text(path.read_text("utf-8").replace('"zones"', '"notes_points"'), encoding="utf-8")
    for path in sorted(folder.rglob("zones.*")):
        path.rename(path.with_name("notes_points" + path.suffix))
    made, out, notes = (tmp_path / one for one in ("made.gpkg", "out.gpkg", "notes.geojson"))
    answer = CliRunner().invoke(main, ["build", str(folder), "-o", str(made)])
    assert answer.exit_code == 0, answer.output
    notes.write_text(json.dumps({"features": EVERY}), encoding="utf-8")
    answer = CliRunner().invoke(main, ["export", str(made), "--notes", str(notes), "-o", str(out), "--lang", "en"])
    assert answer.exit_code == 2, answer.output
    assert "notes_points" in answer.output
    assert editions.read(out).hash == editions.read(made).hash


@pytest.mark.qgis
def test_qgis_shows_them_on_top_in_a_group_of_their_own(export: Export, tmp_path: Path) -> None:
    pyqgis.needed()
    out = tmp_path / "out.gpkg"
    assert export(out).exit_code == 0
    name = editions.read(out).meta["plan"]["id"]
    told = pyqgis.answer(pyqgis.run("-c", QGIS, out, name, tmp_path / "notes.png", folder=tmp_path))
    tables = ["notes_points", "notes_lines", "notes_areas"]
    assert (told["read"], told["said"], told["group"], told["on"]) == (True, [], "批注", True)
    assert told["valid"] == [True] * 3
    assert told["renderers"] == [["categorizedSymbol", len(NOTES)]] * 3
    assert told["styled"] == {one: [True, "categorizedSymbol", True] for one in tables}
    assert told["order"] == [f"planmap_{one}" for one in tables]
    assert all(set(told["order"]) <= set(shown) for shown in told["themes"].values())
    assert told["labels"] == sorted(["first", HOSTILE, "only words", "a line", "an area"])
    for color in NOTES.values():
        assert told["seen"].get(color, 0) > 20, color
