"""Run by QGIS' own Python: an edition's project drawn beside a picture of the page, of one place at one scale.

``python3 qgis_beside.py EDITION.gpkg PROJECT THEME ZOOM LAT LON PAGE.png OUT.png``
"""

import math
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QFont, QImage, QPainter

EQUATOR_M = 40075016.685578488
HEAD, GAP = 40, 12
"""Pixels above the pictures, where it says which is which, and between them."""


def main() -> None:
    """Draw."""
    edition, name, theme, zoom, lat, lon, page_file, out = sys.argv[1:]
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    if not project.read(f"geopackage:{edition}?projectName={name}"):
        raise SystemExit(project.error())
    page = QImage(page_file)
    drawn = map_of(project, theme, page.size(), (float(zoom), float(lat), float(lon)))
    width, height = page.width(), page.height()
    both = QImage(2 * width + GAP, height + HEAD, QImage.Format_RGB32)
    both.fill(Qt.white)
    painter = QPainter(both)
    painter.setFont(QFont("Noto Sans CJK SC", 13))
    painter.drawText(8, HEAD - 13, "网页 · page")
    painter.drawText(width + GAP + 8, HEAD - 13, f"QGIS {Qgis.QGIS_VERSION.partition('-')[0]}")
    painter.drawImage(0, HEAD, page)
    painter.drawImage(width + GAP, HEAD, drawn)
    painter.end()
    if not both.save(out):
        raise SystemExit(out)
    app.exitQgis()


def map_of(project: QgsProject, theme: str, size: QSize, at: tuple[float, float, float]) -> QImage:
    """A map theme as QGIS shows it, with the page's middle and scale on the ground."""
    zoom, lat, lon = at
    metres = EQUATOR_M * math.cos(math.radians(lat)) / 256 / 2**zoom
    degrees = QgsCoordinateReferenceSystem("EPSG:4490")
    middle = QgsCoordinateTransform(degrees, project.crs(), project).transform(QgsPointXY(lon, lat))
    x, y = metres * size.width() / 2, metres * size.height() / 2
    wanted = set(project.mapThemeCollection().mapThemeVisibleLayerIds(theme))
    settings = QgsMapSettings()
    settings.setLayers([one for one in project.layerTreeRoot().customLayerOrder() if one.id() in wanted])
    settings.setDestinationCrs(project.crs())
    settings.setExtent(QgsRectangle(middle.x() - x, middle.y() - y, middle.x() + x, middle.y() + y))
    settings.setOutputSize(size)
    settings.setOutputDpi(96)
    settings.setBackgroundColor(project.backgroundColor())
    settings.setLabelingEngineSettings(project.labelingEngineSettings())
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.globalScope())
    context.appendScope(QgsExpressionContextUtils.projectScope(project))
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


if __name__ == "__main__":
    main()
