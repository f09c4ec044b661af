"""Run by the QGIS' own Python: open a project, say what it holds, draw the extents of a page beside the page's picture.

``python qgis_project.py TASK.json``; prints ``ANSWER`` and JSON.
"""

import json
import math
import statistics
import sys
from itertools import pairwise
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeatureRequest,
    QgsLayerDefinition,
    QgsLayoutExporter,
    QgsLayoutItemLegend,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsSymbolLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

EQUATOR_M = 40075016.685578488
STEP, REACH = 24, 3
"""Points that are compared lie so far apart; so many pixels round them must be of one colour."""


def main() -> None:
    """Answer a task."""
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    app = QgsApplication([], False)
    app.initQgis()
    said: list[str] = []
    QgsApplication.messageLog().messageReceived.connect(lambda text, tag, _level: said.append(f"{tag}: {text}"))
    project = QgsProject.instance()
    answer = {"read": project.read(task["project"]), "error": project.error()}
    answer |= described(project, task)
    answer["views"] = [compared(project, view, Path(task["folder"])) for view in task["views"]]
    answer["layouts"] = [laid_out(layout, Path(task["folder"])) for layout in project.layoutManager().layouts()]
    answer["said"] = said
    answer["definition"] = defined(task["definition"]) if task.get("definition") else None
    sys.stdout.write("ANSWER" + json.dumps(answer) + "\n")
    app.exitQgis()


def described(project: QgsProject, task: dict) -> dict:
    """What the project holds."""
    root = project.layerTreeRoot()
    layers = {}
    for layer in project.mapLayers().values():
        named = layer.id().removeprefix("planmap_")
        layers[named] = {
            "valid": layer.isValid(), "name": layer.name(), "crs": layer.crs().authid(), "count": layer.featureCount(),
            "aliases": [field.displayName() for field in layer.fields()],
            "read_only": [one.name() for at, one in enumerate(layer.fields()) if layer.editFormConfig().readOnly(at)],
            "display": layer.displayExpression(), "extent": not layer.extent().isEmpty(),
        }  # fmt: skip
    return {
        "title": project.title(), "crs": project.crs().authid(), "layers": layers,
        "groups": [[node.name(), [leaf.name() for leaf in node.children()]] for node in root.findGroups()],
        "order": [layer.id().removeprefix("planmap_") for layer in root.customLayerOrder()],
        "own_order": root.hasCustomLayerOrder(),
        "on": [layer.id().removeprefix("planmap_") for layer in root.checkedLayers()],
        "themes": {
            name: [one.removeprefix("planmap_") for one in project.mapThemeCollection().mapThemeVisibleLayerIds(name)]
            for name in project.mapThemeCollection().mapThemes()
        },
        "extent": extent_of(project), "ellipsoid": project.ellipsoid(),
        "halo": halo(project, *task["halo"].split(":", 1)),
        "features": {one: shown(project, *one.split(":", 1)) for one in task["features"]},
    }  # fmt: skip


def halo(project: QgsProject, layer_name: str, feature_id: str) -> list[float]:
    """Width and height of the circle of uncertainty round a point, metres."""
    layer = project.mapLayer(f"planmap_{layer_name}")
    feature = next(layer.getFeatures(QgsFeatureRequest().setFilterExpression(f"\"id\" = '{feature_id}'")))
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(feature)
    drawn = layer.renderer().rootRule().children()[0].symbol().symbolLayer(0)
    circle = QgsExpression(drawn.geometryExpression()).evaluate(context)
    circle.transform(QgsCoordinateTransform(layer.crs(), project.crs(), project))
    return [circle.boundingBox().width(), circle.boundingBox().height()]


def extent_of(project: QgsProject) -> list[float]:
    """What is shown at first, in degrees."""
    box = project.viewSettings().defaultViewExtent()
    move = QgsCoordinateTransform(box.crs(), QgsCoordinateReferenceSystem("EPSG:4490"), project)
    found = move.transformBoundingBox(box)
    return [found.xMinimum(), found.yMinimum(), found.xMaximum(), found.yMaximum()]


def shown(project: QgsProject, layer_name: str, feature_id: str) -> dict:
    """A feature's map tip and its cells as a person sees them."""
    layer = project.mapLayer(f"planmap_{layer_name}")
    quoted = feature_id.replace("'", "''")
    feature = next(layer.getFeatures(QgsFeatureRequest().setFilterExpression(f"\"id\" = '{quoted}'")))
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(feature)
    cells = {}
    registry = QgsApplication.fieldFormatterRegistry()
    for at, field in enumerate(layer.fields()):
        setup = layer.editorWidgetSetup(at)
        formatter = registry.fieldFormatter(setup.type())
        config = setup.config()
        cells[field.name()] = formatter.representValue(layer, at, config, None, feature[at])
    return {"tip": QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context), "cells": cells}


def laid_out(layout, folder: Path) -> dict:
    """A layout exported, small; of an atlas its first page."""
    pages = None
    if layout.atlas().enabled():
        layout.atlas().beginRender()
        layout.atlas().first()
        pages = layout.atlas().count()
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 40
    settings.generateWorldFile = False
    out = folder / f"{layout.name()}.png"
    result = QgsLayoutExporter(layout).exportToImage(str(out), settings)
    legends = [item for item in layout.items() if isinstance(item, QgsLayoutItemLegend)]
    size = layout.pageCollection().page(0).pageSize()
    return {
        "name": layout.name(), "pages": pages, "done": result == QgsLayoutExporter.Success,
        "ids": sorted(item.id() for item in layout.items() if hasattr(item, "id") and item.id()),
        "legends": len(legends), "size": [size.width(), size.height()],
        "colours": colours(QImage(str(out))),
    }  # fmt: skip


def colours(image: QImage) -> int:
    """How many colours a picture has, at every fourth pixel."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)})


def settings_of(project: QgsProject, view: dict) -> QgsMapSettings:
    """The map of a theme with the middle, the size and the scale on the ground of a page's map."""
    width, height = view["size"]
    zoom, lat, lon = view["at"]
    metres = EQUATOR_M * math.cos(math.radians(lat)) / 256 / 2**zoom
    move = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4490"), project.crs(), project)
    middle = move.transform(QgsPointXY(lon, lat))
    wanted = set(project.mapThemeCollection().mapThemeVisibleLayerIds(view["theme"]))
    settings = QgsMapSettings()
    settings.setLayers([one for one in project.layerTreeRoot().customLayerOrder() if one.id() in wanted])
    settings.setDestinationCrs(project.crs())
    half = metres * width / 2, metres * height / 2
    settings.setExtent(
        QgsRectangle(middle.x() - half[0], middle.y() - half[1], middle.x() + half[0], middle.y() + half[1])
    )
    settings.setOutputSize(QSize(width, height))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(project.backgroundColor())
    settings.setLabelingEngineSettings(project.labelingEngineSettings())
    context = QgsExpressionContext()
    for scope in (
        QgsExpressionContextUtils.globalScope(),
        QgsExpressionContextUtils.projectScope(project),
        QgsExpressionContextUtils.mapSettingsScope(settings),
    ):
        context.appendScope(scope)
    settings.setExpressionContext(context)
    return settings


def compared(project: QgsProject, view: dict, folder: Path) -> dict:
    """A view drawn, its names, and how its fills and lines differ from those of the page's picture."""
    settings = settings_of(project, view)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(folder / f"qgis-{view['name']}.png"))
    page = QImage(view["picture"])
    names = placed(job.takeLabelingResults(), settings)
    move = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4490"), project.crs(), project)

    def spot(lon: float, lat: float) -> tuple[float, float]:
        at = settings.mapToPixel().transform(move.transform(QgsPointXY(lon, lat)))
        return at.x(), at.y()

    return {
        "name": view["name"], "names": names, "fills": fills(image, page, view, spot),
        "units": marked(project, settings),
        "widths": [widths(image, page, view, line, spot) for line in view["lines"]],
    }  # fmt: skip


def marked(project: QgsProject, settings: QgsMapSettings) -> dict[str, int]:
    """The numbers that the marks of units have on a map, by the unit's id; those that are not drawn left out."""
    layer = project.mapLayer("planmap_unit_marks")
    (rule,) = layer.renderer().embeddedRenderer().rootRule().children()
    written = rule.symbol().symbolLayer(1).dataDefinedProperties().property(QgsSymbolLayer.PropertyCharacter)
    context = settings.expressionContext()
    found = {}
    for feature in layer.getFeatures():
        context.setFeature(feature)
        if QgsExpression(rule.filterExpression()).evaluate(context):
            found[feature["id"]] = int(QgsExpression(written.expressionString()).evaluate(context))
    return found


def placed(labels, settings: QgsMapSettings) -> dict[str, list[list[float]]]:
    """The names on a map with the middles of where they stand, pixels; of a name along a line, of its letters."""
    letters: dict[tuple[str, str, int], list] = {}
    for one in labels.allLabels():
        name = one.labelText.replace("\u200b", "").replace("\n", "")
        letters.setdefault((name, one.layerID, one.featureId), []).append(one.labelRect)
    found: dict[str, list[list[float]]] = {}
    for (name, *_rest), boxes in letters.items():
        x = (min(box.xMinimum() for box in boxes) + max(box.xMaximum() for box in boxes)) / 2
        y = (min(box.yMinimum() for box in boxes) + max(box.yMaximum() for box in boxes)) / 2
        at = settings.mapToPixel().transform(QgsPointXY(x, y))
        found.setdefault(name, []).append([at.x(), at.y()])
    return found


def mercator(view: dict, lon: float, lat: float) -> tuple[float, float]:
    """Where a place is on the page's picture."""
    zoom, mid_lat, mid_lon = view["at"]
    world = 256 * 2**zoom

    def y(degrees: float) -> float:
        return world * (0.5 - math.atanh(math.sin(math.radians(degrees))) / (2 * math.pi))

    width, height = view["size"]
    return width / 2 + (lon - mid_lon) / 360 * world, height / 2 + y(lat) - y(mid_lat)


def place(view: dict, x: float, y: float) -> tuple[float, float]:
    """The place at a pixel of the page's picture."""
    zoom, mid_lat, mid_lon = view["at"]
    world = 256 * 2**zoom
    width, height = view["size"]
    middle = 0.5 - math.atanh(math.sin(math.radians(mid_lat))) / (2 * math.pi)
    share = middle + (y - height / 2) / world
    lat = math.degrees(math.asin(math.tanh((0.5 - share) * 2 * math.pi)))
    return mid_lon + (x - width / 2) / world * 360, lat


def plain(image: QImage, x: float, y: float) -> tuple[int, int, int] | None:
    """The colour at a pixel, when all around it are of one colour."""
    left, top = round(x), round(y)
    if not (REACH <= left < image.width() - REACH and REACH <= top < image.height() - REACH):
        return None
    seen = {
        image.pixel(left + dx, top + dy) for dx in range(-REACH, REACH + 1) for dy in range(-REACH, REACH + 1)
    }  # fmt: skip
    if len(seen) > 1:
        return None
    color = QColor(seen.pop())
    return color.red(), color.green(), color.blue()


def fills(image: QImage, page: QImage, view: dict, spot) -> dict:
    """How far the colours of both pictures are apart, at points of a grid where both have plain ones."""
    left, top, right, bottom = view["clear"]
    apart, told = [], []
    for x in range(left, right, STEP):
        for y in range(top, bottom, STEP):
            here = plain(page, x, y)
            at = spot(*place(view, x, y))
            there = plain(image, *at) if here else None
            if here and there:
                apart.append(max(abs(one - other) for one, other in zip(here, there, strict=True)))
                if apart[-1] > 2:
                    told.append([x, y, here, there])
    return {"points": len(apart), "off": told[:12], "wrong": sum(one > 2 for one in apart)}


def widths(image: QImage, page: QImage, view: dict, line: dict, spot) -> list[float]:
    """Width of a line in the page's picture and in QGIS', pixels: the middle of several places."""
    found = []
    for (lon, lat), (lon_b, lat_b) in pairwise(line["along"]):
        middle = (lon + lon_b) / 2, (lat + lat_b) / 2
        both = []
        for picture, where in ((page, lambda u, v: mercator(view, u, v)), (image, spot)):
            a, b, at = where(lon, lat), where(lon_b, lat_b), where(*middle)
            length = math.hypot(b[0] - a[0], b[1] - a[1]) or 1
            across = -(b[1] - a[1]) / length, (b[0] - a[0]) / length
            both.append(thick(picture, at, across, line["color"]))
        if all(both):
            found.append(both)
    if not found:
        return []
    return [statistics.median(one[0] for one in found), statistics.median(one[1] for one in found)]


def thick(picture: QImage, at: tuple[float, float], across: tuple[float, float], color: str) -> float:
    """How far a colour reaches across a line; 0 where it is not seen."""
    wanted, step, hits = QColor(color), 0.2, 0
    for count in range(-60, 61):
        x, y = at[0] + across[0] * count * step, at[1] + across[1] * count * step
        if not (0 <= x < picture.width() and 0 <= y < picture.height()):
            return 0
        seen = QColor(picture.pixel(int(x), int(y)))
        far = max(abs(seen.red() - wanted.red()), abs(seen.green() - wanted.green()), abs(seen.blue() - wanted.blue()))
        hits += far < 60
    return hits * step


def defined(path: str) -> dict:
    """A layer definition opened in a project of its own."""
    project = QgsProject()
    done, error = QgsLayerDefinition.loadLayerDefinition(path, project, project.layerTreeRoot())
    layers = project.mapLayers().values()
    return {
        "done": done, "error": error, "valid": sum(one.isValid() for one in layers), "count": len(layers),
        "groups": [node.name() for node in project.layerTreeRoot().children()],
    }  # fmt: skip


if __name__ == "__main__":
    main()
