"""What was edited in QGIS comes back: told by id, taken whole or in part, and in the next edition."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pyqgis
import pytest
import shapely
from click.testing import CliRunner
from test_layers_imports_boundaries import folder_state, not_compared

from layers.build.assemble import build_file
from layers.build.check import examine
from layers.edition.file import read
from layers.imports import edited, edits, exchange
from layers.imports.request import Request
from layers.model.errors import LayersError, PlanError
from webmap.admin.told import difference
from webmap.commands.import_ import import_

__all__ = ["not_compared"]
PYTHON = "/usr/bin/python3"
SCRIPT = """
import sys
from qgis.core import (QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer, edit)
app = QgsApplication([], False)
app.initQgis()
def layer(name):
    found = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
    assert found.isValid(), name
    return found
def one(layer, identifier):
    return next(f for f in layer.getFeatures() if f["id"] == identifier)
stations = layer("metro_stations")
with edit(stations):
    west = one(stations, "station/west")
    stations.changeGeometry(west.id(), QgsGeometry.fromPointXY(QgsPointXY(104.051, 30.75)))
    stations.changeAttributeValue(west.id(), stations.fields().indexOf("accuracy_m"), 2)
    new = QgsFeature(stations.fields())
    new["name"] = "新站"
    new.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(104.13, 30.72)))
    stations.addFeature(new)
lines = layer("metro_lines")
with edit(lines):
    second = one(lines, "line/2")
    lines.changeAttributeValue(second.id(), lines.fields().indexOf("name"), "2号线延伸段")
    first = one(lines, "line/1")
    shape = first.geometry()
    shape.insertVertex(104.15, 30.751, 2)
    lines.changeGeometry(first.id(), shape)
poles = layer("poles")
with edit(poles):
    middle = one(poles, "pole/south").geometry().boundingBox().center().x() + 0.002
    poles.splitFeatures([QgsPointXY(middle, 30.6), QgsPointXY(middle, 30.7)])
    poles.deleteFeature(one(poles, "pole/unknown").id())
print("DONE", flush=True)
"""


def bring(plan: Path, file: Path, **stated: Any) -> edited.EditReport:
    stated = {"dry_run": False, **stated}
    own = {name: stated.pop(name) for name in ("only", "leave", "base", "served", "dry_run") if name in stated}
    request = Request(file=file, **{"basis": "surveyed", **stated})
    return edited.bring_back(plan, plan.parent.parent, request, **own)


def change(path: Path, *statements: str) -> None:
    """Edit as a program without GIS does: rows, not shapes."""
    with sqlite3.connect(path) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')  # SQLite alone has no ST_IsEmpty
        for statement in statements:
            assert database.execute(statement).rowcount, statement


@pytest.fixture
def edition(tiny_plan: Path, tiny_edition: Path, tmp_path: Path) -> Path:
    """The tiny plan's edition, where builds are kept, and a copy of it to edit."""
    built = read(tiny_edition)
    kept = tiny_plan.parent.parent / "editions" / built.meta["plan"]["id"] / f"{built.hash}.gpkg"
    kept.parent.mkdir(parents=True)
    shutil.copyfile(tiny_edition, kept)
    return Path(shutil.copy(kept, tmp_path / "edited.gpkg"))


@pytest.mark.qgis
def test_an_edit_made_in_qgis_is_in_the_next_edition(tiny_plan: Path, edition: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    done = pyqgis.run(tmp_path / "script.py", edition, folder=tmp_path)
    assert "DONE" in done.stdout, done.stdout + done.stderr  # how QGIS itself ends says nothing
    before = folder_state(tiny_plan)
    looked = bring(tiny_plan, edition, dry_run=True)
    told = {one.id or one.name: one for one in looked.edits}
    what = {name: one.what for name, one in told.items() if name != "pole/south"}
    assert what == {
        "station/west": ("moved", "changed"), "新站": ("added",), "line/2": ("renamed",), "line/1": ("reshaped",),
        "pole/unknown": ("removed",),
    }  # fmt: skip
    # 0.001° of longitude at 30.75° N, on the ellipsoid: 95.76 m.
    assert told["station/west"].distance_m == pytest.approx(95.8, abs=0.1)
    halves = [one for one in looked.edits if one.id == "pole/south"]
    assert sorted(one.what[0] for one in halves) == ["added", "reshaped"]
    assert all(one.twin == 2 for one in halves)
    assert folder_state(tiny_plan) == before

    report = bring(tiny_plan, edition, leave=["pole/south"])
    assert report.number == "0001"
    after = examine(tiny_plan, tiny_plan.parent.parent)
    assert not [one for one in after.problems if one.severity == "error"]
    west = after.located["station/west"]
    assert (west.geometry, west.basis, west.accuracy_m) == (shapely.Point(104.051, 30.75), "surveyed", 2)
    assert after.located["line/2"].feature.name == "2号线延伸段"
    assert len(shapely.get_coordinates(after.located["line/1"].geometry)) == 5
    assert after.located["station/xin-zhan"].geometry == shapely.Point(104.13, 30.72)
    assert (after.located["station/xin-zhan"].basis, after.located["station/xin-zhan"].accuracy_m) == ("surveyed", 5)
    assert "pole/unknown" not in after.located
    build_file(tiny_plan, tmp_path / "next.gpkg", tiny_plan.parent.parent)
    stations = pyogrio.read_dataframe(tmp_path / "next.gpkg", layer="metro_stations").set_index("id")
    assert stations.geometry["station/west"].equals(shapely.Point(104.051, 30.75))
    exchange.undo(tiny_plan)
    assert folder_state(tiny_plan) == before


def test_nothing_edited_is_nothing_told_bit_for_bit(tiny_plan: Path, edition: Path) -> None:
    assert bring(tiny_plan, edition).edits == ()
    # A program that writes every row anew, with other numbers of rows and the parts of a shape the other way round.
    frame = pyogrio.read_dataframe(edition, layer="poles").iloc[::-1]
    pyogrio.write_dataframe(frame, edition, layer="poles", geometry_type="MultiPolygon", GEOMETRY_NAME="geom")
    assert bring(tiny_plan, edition).edits == ()


@pytest.mark.usefixtures("not_compared")
def test_edits_are_taken_whole_or_in_part(tiny_plan: Path, edition: Path) -> None:
    change(edition, "UPDATE poles SET name = '南村新区' WHERE id = 'pole/south'",
           "UPDATE metro_stations SET note = '出口三个', note_en = 'Three exits', township = 'z' "
           "WHERE id = 'station/west'")  # fmt: skip
    report = bring(tiny_plan, edition, only=["station/west"])
    assert {one.id: one.ignored for one in report.edits} == {"pole/south": (), "station/west": ("township",)}
    assert report.taken == ("station/west",)
    plan = examine(tiny_plan, tiny_plan.parent.parent).plan
    assert plan is not None
    assert plan.feature("station/west").note == "出口三个"  # type: ignore[union-attr]
    assert plan.feature("pole/south").name == "南村新城"  # type: ignore[union-attr]
    with pytest.raises(LayersError) as caught:
        bring(tiny_plan, edition, only=["line/9"])
    assert caught.value.key == "import.no_edit"


@pytest.mark.usefixtures("not_compared")
def test_a_newer_plan_is_not_overwritten(tiny_plan: Path, edition: Path) -> None:
    base = tiny_plan / "features"
    file = next(one for one in base.glob("*.toml") if "南村新城" in one.read_text("utf-8"))
    file.write_text(file.read_text("utf-8").replace('"南村新城"', '"南村科学城"'), "utf-8")
    change(edition, "UPDATE poles SET name = '南村新区' WHERE id = 'pole/south'",
           "UPDATE metro_stations SET name = '西站（老）' WHERE id = 'station/west'")  # fmt: skip
    report = bring(tiny_plan, edition)
    told = {one.id: one for one in report.edits}
    assert told["pole/south"].conflict == {"name": "南村科学城"}
    assert report.taken == ("station/west",)
    assert '"南村科学城"' in file.read_text("utf-8")
    forced = bring(tiny_plan, edition, force=True, only=["pole/south"])
    assert forced.taken == ("pole/south",)
    assert '"南村新区"' in file.read_text("utf-8")
    served = Path(shutil.copy(next((tiny_plan.parent.parent / "editions").rglob("*.gpkg")), edition.parent / "s.gpkg"))
    shutil.rmtree(tiny_plan.parent.parent / "editions")
    assert bring(tiny_plan, edition, served=served, dry_run=True).edits, "the server has it in use"
    with pytest.raises(LayersError) as caught:
        bring(tiny_plan, edition)
    assert caught.value.key == "import.no_base"


def test_what_others_build_on_is_not_removed(tiny_plan: Path, edition: Path) -> None:
    before = folder_state(tiny_plan)
    change(edition, "DELETE FROM townships WHERE id = 'township/b'")
    with pytest.raises(PlanError):
        bring(tiny_plan, edition)
    assert folder_state(tiny_plan) == before


@pytest.mark.usefixtures("not_compared")
def test_a_border_moved_in_qgis_moves_for_both(tiny_plan: Path, edition: Path) -> None:
    frame = pyogrio.read_dataframe(edition, layer="townships")
    wider = shapely.MultiPolygon([shapely.box(104.0, 30.7, 104.102, 30.8)])
    frame.loc[frame["id"] == "township/a", "geometry"] = gpd.GeoSeries([wider], crs=4490).to_numpy()
    pyogrio.write_dataframe(frame, edition, layer="townships", geometry_type="MultiPolygon", GEOMETRY_NAME="geom")
    report = bring(tiny_plan, edition, accuracy_m=30)
    assert [one.id for one in report.edits] == ["township/a"]
    after = examine(tiny_plan, tiny_plan.parent.parent)
    assert after.problems == ()
    assert after.located["township/b"].geometry.equals(shapely.box(104.102, 30.7, 104.2, 30.8))  # type: ignore[union-attr]


def test_other_files_are_refused(tiny_plan: Path, edition: Path, tmp_path: Path) -> None:
    for name, content in (("a.gpkg", b"SQLite format 3\0" + bytes(100)), ("b.gpkg", b""), ("c.gpkg", b"no database")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever of ours
            bring(tiny_plan, tmp_path / name)
        assert getattr(caught.value, "key", "").split(".")[0] in ("vector", "import"), name
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 1)], crs=4490), tmp_path / "d.gpkg"
    )
    with pytest.raises(LayersError) as found:
        edits.rows(tmp_path / "d.gpkg")
    assert found.value.key == "import.no_edition"


def test_the_command_tells_and_takes(tiny_plan: Path, edition: Path) -> None:
    change(edition, "UPDATE poles SET name = '南村新区' WHERE id = 'pole/south'")
    at = [str(edition), "--plan", str(tiny_plan)]
    looked = CliRunner().invoke(import_, ["edits", *at, "--dry-run", "--lang", "en"])
    assert looked.exit_code == 0, looked.output
    assert "name: 南村新城 → 南村新区" in looked.output
    told = json.loads(CliRunner().invoke(import_, ["edits", *at, "--json"]).output)
    assert (told["written"], told["taken"]) == (True, ["pole/south"])


def test_of_two_long_values_what_differs_is_shown() -> None:
    same = "到最近一处的直线距离" * 30
    told = difference(f"{same}源：9 处", f"{same}源：10 处")
    assert told.startswith("…")
    assert "源：9 处 → …" in told
    assert told.endswith("源：10 处")
    assert len(told) < 100
    assert difference("9", "10") == "9 → 10"
    assert difference("", "10") == "– → 10"
