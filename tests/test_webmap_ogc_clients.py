"""Programs that nobody here wrote, against a server that runs: GDAL, OWSLib, QGIS."""

import io
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyqgis
import pytest
import shapely
from owslib.ogcapi.features import Features
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService
from pyproj import CRS
from test_webmap_serving_server import serving
from web_edition import make_edition

from layers.edition.file import read, write

MANY = 2345
"""More than QGIS asks for at once."""


def edition_file(folder: Path) -> Path:
    edition = make_edition()
    row = edition.layers["hubs"].iloc[[0]]
    many = pd.concat([row] * MANY, ignore_index=True)
    many["id"] = [f"hub/n{number}" for number in range(MANY)]
    many["name"] = [f"站{number % 7}" for number in range(MANY)]
    places = shapely.points(120.0 + np.arange(MANY) % 50 * 1e-3, 30.0 + np.arange(MANY) // 50 * 1e-3)
    path = folder / "plan.gpkg"
    write(make_edition(layers={**edition.layers, "hubs": many.set_geometry(places, crs=row.crs)}), path)
    return path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    path = edition_file(tmp_path_factory.mktemp("clients"))
    with serving(path, PLANMAP_WORKERS="1", PLANMAP_PREFIX="/maps") as (address, _process):
        root = address.removesuffix("/").removesuffix("/maps")
        yield f"{root}/maps/ogc", path


def own(path: Path, layer: str) -> gpd.GeoDataFrame:
    frame = read(path).layers[layer]
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame


def same(found: gpd.GeoDataFrame, stored: gpd.GeoDataFrame, tolerance: float) -> None:
    assert list(found["id"]) == list(stored["id"])
    assert list(found["name"]) == list(stored["name"])
    pairs = zip(found.geometry, stored.geometry, strict=True)
    assert max(one.hausdorff_distance(other) for one, other in pairs) <= tolerance


def test_gdal_reads_every_feature_page_by_page_in_every_system(served: tuple[str, Path]) -> None:
    address, path = served
    source = f"OAPIF:{address}"
    assert {name for name, _kind in pyogrio.list_layers(source)} == set(read(path).layers)
    same(pyogrio.read_dataframe(source, layer="hubs", PAGE_SIZE=1000), own(path, "hubs"), 1e-7)
    stored = own(path, "townships")
    for code in (4326, 4490, 4549, 3857):
        found = pyogrio.read_dataframe(source, layer="townships", CRS=f"EPSG:{code}")
        assert found.crs.equals(CRS.from_epsg(code), ignore_axis_order=True)
        same(found, stored.to_crs(code), 1e-3 if code in (4549, 3857) else 1e-7)


def test_gdal_lets_the_server_filter(served: tuple[str, Path]) -> None:
    address, _path = served
    found = pyogrio.read_dataframe(f"OAPIF:{address}", layer="hubs", where="name = '站3'")
    assert len(found) == sum(number % 7 == 3 for number in range(MANY))
    near = pyogrio.read_dataframe(f"OAPIF:{address}", layer="hubs", bbox=(119.9995, 29.9995, 120.0045, 30.0025))
    assert len(near) == 5 * 3


def test_owslib_reads_features_and_filters(served: tuple[str, Path]) -> None:
    address, _path = served
    client = Features(address)
    assert "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2" in client.conformance()["conformsTo"]
    assert set(client.feature_collections()) == set(make_edition().layers)
    assert client.collection_queryables("townships")["properties"]["name"]["type"] == "string"
    page = client.collection_items("townships", bbox=[120.3, 30.0, 120.4, 30.1])
    assert [one["id"] for one in page["features"]] == ["township/c"]
    page = client.collection_items("townships", filter="name LIKE '%街道'")
    assert page["numberMatched"] == 2
    assert client.collection_item("townships", "township/b")["properties"]["name"] == "乙街道"


def test_owslib_reads_maps(served: tuple[str, Path]) -> None:
    address, _path = served
    for version, box in (("1.3.0", (120.0, 30.0, 120.4, 30.2)), ("1.1.1", (120.0, 30.0, 120.4, 30.2))):
        client = WebMapService(f"{address}/wms", version=version)
        assert client["zones"].title == "三区"
        assert client["zones"].boundingBoxWGS84 == box
        picture = client.getmap(
            layers=["zones"], srs="EPSG:4326", bbox=box, size=(80, 40), format="image/png", transparent=True
        )
        assert picture.read()[:8] == b"\x89PNG\r\n\x1a\n"
        info = client.getfeatureinfo(
            layers=["zones"], srs="EPSG:4326", bbox=box, size=(80, 40), query_layers=["zones"], xy=(70, 20),
            info_format="application/json",
        )  # fmt: skip
        assert [one["id"] for one in json.loads(info.read())["features"]] == ["zone/east"]


def test_owslib_reads_tiles(served: tuple[str, Path]) -> None:
    address, _path = served
    client = WebMapTileService(f"{address}/wmts")
    assert set(client.tilematrixsets) == {"WebMercatorQuad", "CGCS2000Quad"}
    tile = client.gettile(
        layer="zones", tilematrixset="CGCS2000Quad", tilematrix="9", row=170, column=853, format="image/png"
    )
    assert io.BytesIO(tile.read()).read(8) == b"\x89PNG\r\n\x1a\n"


QGIS = r"""
import json, sys
from qgis.core import (
    QgsApplication, QgsCoordinateReferenceSystem, QgsFeatureRequest, QgsLayerDefinition, QgsMapRendererSequentialJob,
    QgsMapSettings, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

address = sys.argv[1]
app = QgsApplication([], False)
app.initQgis()
answer = {}


def features(name, more=""):
    return QgsVectorLayer(
        f"url='{address}' typename='{name}' version='OGC_API_FEATURES' pagingEnabled='true'{more}", name, "OAPIF"
    )


hubs = features("hubs")
answer["valid"], answer["count"] = hubs.isValid(), hubs.featureCount()
answer["ids"] = [one["id"] for one in hubs.getFeatures()]
some = QgsFeatureRequest().setFilterRect(QgsRectangle(119.9995, 29.9995, 120.0045, 30.0025))
answer["near"] = len(list(features("hubs").getFeatures(some)))
townships = features("townships")
answer["fields"] = [one.name() for one in townships.fields()]
answer["areas"] = {one["id"]: one.geometry().asWkt(6) for one in townships.getFeatures()}
answer["alone"] = [one["name"] for one in features("control_lines").getFeatures()]
answer["maps"] = {}
for crs in ("EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:3857"):
    uri = f"url={address}/wms&layers=zones&styles=default&format=image/png&crs={crs}&dpiMode=7&contextualWMSLegend=0"
    layer = QgsRasterLayer(uri, "zones", "wms")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    settings.setOutputSize(QSize(60, 40))
    settings.setExtent(layer.extent())
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    colours = {image.pixelColor(x, 20).name() for x in (15, 45)}
    answer["maps"][crs] = [layer.isValid(), sorted(colours)]
uri = f"url={address}/wmts?SERVICE%3DWMTS%26REQUEST%3DGetCapabilities&layers=zones&styles=default&format=image/png"
tiles = QgsRasterLayer(uri + "&crs=EPSG:3857&tileMatrixSet=WebMercatorQuad", "zones", "wms")
answer["tiles"] = tiles.isValid()
project = QgsProject()
answer["defined"] = QgsLayerDefinition.loadLayerDefinition(sys.argv[2], project, project.layerTreeRoot())
answer["layers"] = {
    layer.source().split("typename='")[1].split("'")[0]: [
        layer.name(), layer.isValid(), layer.dataProvider().name(), layer.featureCount(),
        type(layer.renderer()).__name__, sorted(layer.attributeAlias(at) for at in layer.attributeList()),
    ]
    for layer in project.mapLayers().values()
}
shapes = {one["id"]: one.geometry().asWkt(6) for one in project.mapLayersByName("镇街")[0].getFeatures()}
answer["same"] = shapes == answer["areas"]
print(json.dumps(answer))
"""


@pytest.mark.qgis
def test_qgis_reads_features_page_by_page_and_draws_maps(served: tuple[str, Path]) -> None:
    address, path = served
    definition = path.parent / "services.qlr"
    with urllib.request.urlopen(f"{address}/layers.qlr") as answered:
        assert answered.headers["Content-Disposition"].startswith("attachment")
        definition.write_bytes(answered.read())
    done = pyqgis.run("-c", QGIS, address, definition, folder=path.parent)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (answer["valid"], answer["count"]) == (True, MANY)
    assert sorted(answer["ids"]) == sorted(own(path, "hubs")["id"])
    assert answer["near"] == 15
    assert {"id", "name", "kind", "zone", "accuracy_m"} <= set(answer["fields"])
    stored = own(path, "townships").set_index("id").geometry
    for feature, text in answer["areas"].items():
        assert shapely.from_wkt(text).hausdorff_distance(stored[feature]) < 1e-5
    assert answer["alone"] == ["生态保护红线"]
    for valid, colours in answer["maps"].values():
        assert valid
        assert "#ffffff" not in colours
    assert answer["tiles"]
    assert answer["defined"][0], answer["defined"][1]
    edition = read(path)
    assert set(answer["layers"]) == set(edition.layers)
    for name, (title, valid, provider, count, renderer, aliases) in answer["layers"].items():
        assert (valid, provider, count) == (True, "OAPIF", len(edition.layers[name])), name
        assert title, name
        assert "名称" in aliases, name
        drawn = own(path, name).geometry.notna().any()
        assert renderer == ("QgsRuleBasedRenderer" if drawn else "NoneType"), name
    assert answer["same"]
