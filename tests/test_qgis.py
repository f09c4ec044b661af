"""QGIS 3.22 opens an edition styled as in kinds.toml: driven through Debian's PyQGIS in a process of its own."""

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import pyqgis
import pytest
import shapely
from shapely import Point

from layers.edition.export import export
from layers.edition.file import read

pytestmark = pytest.mark.qgis

KINDS = {
    kind["id"]: kind
    for kind in tomllib.loads(
        (Path(__file__).resolve().parent.parent / "data" / "kinds.toml").read_text(encoding="utf-8")
    )["kind"]
}

SCRIPT = r"""
import json, sys
from qgis.core import (
    QgsApplication, QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsMapRendererSequentialJob, QgsMapSettings,
    QgsPointXY, QgsProject, QgsRectangle, QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

task = json.load(open(sys.argv[1]))
app = QgsApplication([], False)
app.initQgis()
said = []
QgsApplication.messageLog().messageReceived.connect(lambda text, tag, level: said.append(f"{tag}: {text}"))
answer = {"layers": {}, "samples": {}}
layers = []
for name in task["layers"]:
    layer = QgsVectorLayer(f"{task['path']}|layername={name}", name, "ogr")
    layers.append(layer)
    renderer = layer.renderer()
    rules = renderer.rootRule().children() if renderer and renderer.type() == "RuleRenderer" else []
    answer["layers"][name] = {
        "valid": layer.isValid(), "count": layer.featureCount(), "crs": layer.crs().authid(),
        "renderer": renderer.type() if renderer else "", "rules": [[r.label(), r.filterExpression()] for r in rules],
        "symbols": [
            [color.name() for part in r.symbol().symbolLayers() for color in (part.color(), part.strokeColor())]
            for r in rules
        ],
        "labels": layer.labelsEnabled(),
        "label_rules": len({r.description() for r in layer.labeling().rootRule().children()})
        if layer.labelsEnabled() else 0,
        "bad_filters": [r.filterExpression() for r in rules if r.filter() is None or r.filter().hasParserError()],
    }
target = QgsCoordinateReferenceSystem(task["crs"])
move = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4490"), target, QgsProject.instance())


def render(chosen, extent, size, out, labels):
    settings = QgsMapSettings()
    settings.setLayers(list(reversed(chosen)))
    settings.setDestinationCrs(target)
    settings.setExtent(move.transformBoundingBox(QgsRectangle(*extent)))
    settings.setOutputSize(QSize(size, size))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.DrawLabeling, labels)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    if out:
        image.save(out)
    return settings, image


_, whole = render(layers, task["extent"], 1000, task["out"], True)
answer["colours"] = len({whole.pixel(x, y) for x in range(0, 1000, 5) for y in range(0, 1000, 5)})
answer["size"] = [whole.width(), whole.height()]
for sample in task["samples"]:
    layer = layers[task["layers"].index(sample["layer"])]
    lon, lat = sample["at"]
    settings, image = render([layer], [lon - 0.002, lat - 0.002, lon + 0.002, lat + 0.002], 101, "", False)
    pixel = settings.mapToPixel().transform(move.transform(QgsPointXY(lon, lat)))
    answer["samples"][sample["name"]] = QColor(
        image.pixel(round(pixel.x()) + sample["aside"], round(pixel.y()))
    ).name()
answer["said"] = said
print("ANSWER" + json.dumps(answer))
app.exitQgis()
"""


def run(task: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run the script with a task; what QGIS itself says goes to standard error."""
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    return pyqgis.answer(pyqgis.run(folder / "script.py", folder / "task.json", folder=folder))


@pytest.fixture(scope="module", autouse=True)
def _pyqgis() -> None:
    """Skip where PyQGIS is missing; on CI that is a failure."""
    pyqgis.needed()


@pytest.fixture(scope="module")
def opened(xiaoshan_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The shipped plan's edition as QGIS sees it, with a picture of the whole stack."""
    folder = tmp_path_factory.mktemp("qgis")
    edition = read(xiaoshan_edition)
    order = [
        layer["id"]
        for layer in sorted(edition.meta["layers"], key=lambda layer: layer["order"])
        if layer["geometry"] != "none"
    ]
    (west, south, east, north), samples = edition.meta["plan"]["bounds"], []
    for name, kind in SAMPLED.items():
        # A symbol's icon lies on its middle: beside it, 7 px of the 8.5 that the square reaches.
        aside = 7 if KINDS[kind]["geometry"] == "point" else 0
        samples.append({"name": kind, "layer": name, "aside": aside, **plain_spot(edition.layers[name], kind)})
    out = Path(os.environ.get("PLANMAP_QGIS_PNG", folder / "map.png"))
    task = {
        "path": str(xiaoshan_edition), "layers": order, "crs": "EPSG:4549", "samples": samples, "out": str(out),
        "extent": [west - 0.02, south - 0.02, east + 0.02, north + 0.02],
    }  # fmt: skip
    answer = run(task, folder)
    return {"edition": edition, "order": order, "task": task, **answer}


def plain_spot(frame: Any, kind: str) -> dict[str, Any]:
    """Where the name of a feature stands that is built and alone at this spot in its layer, and its own colour."""
    for row in frame[(frame["kind"] == kind) & frame.geometry.notna()].itertuples():
        there = shapely.dwithin(frame.geometry.to_numpy(), Point(row.label_lon, row.label_lat), NEAR_DEG)
        if there.sum() == 1 and (row.status in ("", "operating") or row.geometry.geom_type != "Point"):
            return {"at": [row.label_lon, row.label_lat], "color": row.color}
    raise AssertionError(f"no plain spot for {kind}")


NEAR_DEG = 1e-4
SAMPLED = {
    "neighbours": "neighbour", "zones": "zone", "belt": "belt", "water": "main_river", "poles": "pole",
    "corridors": "corridor", "green_hearts": "green_heart", "hubs": "hub", "airport": "airport",
}  # fmt: skip
"""Layers and kinds whose colour is looked at where the name stands."""


def test_every_layer_opens_with_all_features_in_the_right_crs(opened: dict[str, Any]) -> None:
    edition = opened["edition"]
    assert set(opened["layers"]) == {name for name, kind in edition.geometries.items() if kind != "none"}
    for name, layer in opened["layers"].items():
        assert layer["valid"], name
        assert layer["count"] == len(edition.layers[name]), name
        assert layer["crs"] == "EPSG:4490", name


def test_every_layer_has_our_style_by_itself(opened: dict[str, Any]) -> None:
    records = {layer["id"]: layer for layer in opened["edition"].meta["layers"]}
    for name, layer in opened["layers"].items():
        assert layer["renderer"] == "RuleRenderer", name
        assert layer["bad_filters"] == [], name
        kinds = [KINDS[kind] for kind in records[name]["kinds"]]
        written = [kind for kind in kinds if kind.get("label", {}).get("size", 0) > 0]
        assert layer["labels"] == bool(written), name
        assert layer["label_rules"] == len(written), name
        for kind in kinds:
            assert any(f"'{kind['id']}'" in condition for _, condition in layer["rules"]), (name, kind["id"])


def test_symbols_have_the_colours_of_kinds_toml(opened: dict[str, Any]) -> None:
    for name, layer in opened["layers"].items():
        for (_, condition), symbol in zip(layer["rules"], layer["symbols"], strict=True):
            kind = KINDS[condition.split("'")[1]]
            color = kind["symbol"].get("fill") if kind["geometry"] == "point" else kind["symbol"]["stroke"]
            assert color in symbol, (name, kind["id"])


@pytest.mark.parametrize("kind", SAMPLED.values())
def test_colours_on_the_map_are_those_of_kinds_toml(opened: dict[str, Any], kind: str) -> None:
    sample = next(one for one in opened["task"]["samples"] if one["name"] == kind)
    symbol = KINDS[kind]["symbol"]
    color, opacity = sample["color"] or symbol["fill"], symbol.get("fill_opacity", 1.0)
    # over white: opacity · colour + (1 - opacity) · 255
    expected = [opacity * int(color[at : at + 2], 16) + (1 - opacity) * 255 for at in (1, 3, 5)]
    found = opened["samples"][kind]
    assert [int(found[at : at + 2], 16) for at in (1, 3, 5)] == pytest.approx(expected, abs=2)


def test_the_whole_map_is_drawn(opened: dict[str, Any]) -> None:
    assert opened["size"] == [1000, 1000]
    assert opened["colours"] > 100, "the picture is next to blank"
    assert Path(opened["task"]["out"]).stat().st_size > 30_000


def test_qgis_has_no_complaint(opened: dict[str, Any]) -> None:
    assert [text for text in opened["said"] if "planmap" in text or ".gpkg" in text or "style" in text.lower()] == []


def test_an_export_in_metres_opens_styled(xiaoshan_edition: Path, tmp_path: Path) -> None:
    out = export(read(xiaoshan_edition), "zones", "gpkg", "metric", tmp_path / "zones.gpkg")
    bounds = read(xiaoshan_edition).meta["plan"]["bounds"]
    task = {"path": str(out), "layers": ["zones"], "crs": "EPSG:4549", "samples": [], "out": "", "extent": bounds}
    answer = run(task, tmp_path)
    zones = answer["layers"]["zones"]
    assert (zones["valid"], zones["count"], zones["crs"]) == (True, 3, "EPSG:4549")
    assert (zones["renderer"], zones["labels"]) == ("RuleRenderer", True)
    assert answer["colours"] > 5


def test_the_interpreter_is_not_ours() -> None:
    assert Path(pyqgis.PYTHON).resolve() != Path(sys.executable).resolve()
