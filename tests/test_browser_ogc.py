"""OpenLayers and MapLibre on a page of another server, as somebody else's web map uses the services."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit, served
from web_edition import make_edition

pytestmark = pytest.mark.browser

LIBRARIES = Path(__file__).resolve().parent.parent / "webmap" / "frontend" / "node_modules"
OPENLAYERS = """<!doctype html><link rel="icon" href="data:,"><link rel="stylesheet" href="/ol/ol.css">
<div id="map" style="width:400px;height:300px"></div><script src="/ol/dist/ol.js"></script>"""
MAPLIBRE = """<!doctype html><link rel="icon" href="data:,">
<link rel="stylesheet" href="/maplibre-gl/dist/maplibre-gl.css">
<div id="map" style="width:400px;height:300px"></div><script type="module">
import * as library from "/maplibre-gl/dist/maplibre-gl.mjs"; window.maplibregl = library;</script>"""

DRAW_OPENLAYERS = """async (services) => {
    const items = await (await fetch(`${services}/collections/townships/items`)).json();
    const read = new ol.format.GeoJSON().readFeatures(items);
    const capabilities = new ol.format.WMTSCapabilities().read(
        await (await fetch(`${services}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities`)).text());
    const wmts = new ol.source.WMTS({
        ...ol.source.WMTS.optionsFromCapabilities(capabilities, {layer: "zones", matrixSet: "WebMercatorQuad"}),
        crossOrigin: "anonymous"});
    const wms = new ol.source.TileWMS({url: `${services}/wms`, params: {LAYERS: "zones"}, crossOrigin: "anonymous"});
    const tiled = {};
    const tiles = new ol.source.VectorTile({
        format: new ol.format.MVT(), maxZoom: 14,
        url: `${services}/collections/townships/tiles/WebMercatorQuad/{z}/{y}/{x}`});
    tiles.on("tileloadend", ({tile}) => {
        for (const one of tile.getFeatures()) tiled[one.get("id")] = one.get("name");
    });
    const drawn = async (layer) => {
        const map = new ol.Map({target: "map", controls: [], layers: [layer],
            view: new ol.View({center: ol.proj.fromLonLat([120.2, 30.1]), zoom: 10})});
        await new Promise((done) => map.once("rendercomplete", done));
        const canvas = document.querySelector("#map canvas");
        const at = (x) => [...canvas.getContext("2d").getImageData(x, canvas.height / 2, 1, 1).data];
        const found = [at(canvas.width / 2 - 60), at(canvas.width / 2 + 60)];
        map.setTarget(null);
        return found;
    };
    const colours = {};
    for (const [name, source] of Object.entries({wms, wmts})) colours[name] = await drawn(new ol.layer.Tile({source}));
    await drawn(new ol.layer.VectorTile({source: tiles}));
    const layers = capabilities.Contents.Layer.map((one) => one.Identifier);
    return {read: read.map((one) => one.getId()), layers, tiled, colours};
}"""

DRAW_MAPLIBRE = """async ([services, name]) => {
    const style = await (await fetch(`${services}/styles/${name}?f=mapbox`)).json();
    const map = new maplibregl.Map({container: "map", style, center: [120.2, 30.1], zoom: 9});
    const errors = [];
    map.on("error", ({error}) => errors.push(String(error)));
    await new Promise((done) => map.once("idle", done));
    const drawn = [...new Set(map.queryRenderedFeatures().map((one) => one.properties.id))].sort();
    map.remove();
    return {errors, drawn};
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the libraries and two pages, without a word for each request."""

    def do_GET(self) -> None:
        page = {"/openlayers": OPENLAYERS, "/maplibre": MAPLIBRE}.get(self.path)
        if page is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of the other server."""
    for library in ("ol", "maplibre-gl"):
        if not (LIBRARIES / library).is_dir():
            pytest.skip(f"{library} is not installed: make setup-dev")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(LIBRARIES)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def services() -> Iterator[str]:
    """The address of the services."""
    with served(make_edition()) as address:
        yield f"{address}/ogc"


def opened(browser: Any, elsewhere: str, page: str, library: str) -> Visit:
    made = Visit(browser, elsewhere, 500, 400)
    made.page.goto(f"{elsewhere}/{page}")
    made.page.wait_for_function(f"() => window.{library}")
    return made


def test_openlayers_reads_features_tiles_and_maps(browser: Any, elsewhere: str, services: str) -> None:
    visit = opened(browser, elsewhere, "openlayers", "ol")
    found = visit.page.evaluate(DRAW_OPENLAYERS, services)
    edition = make_edition()
    townships = edition.layers["townships"]
    assert found["read"] == list(townships["id"])
    assert found["tiled"] == dict(zip(townships["id"], townships["name"], strict=True))
    assert set(found["layers"]) >= {"zones", "townships"}
    west, east = found["colours"]["wms"]
    assert west[3] > 0
    assert east[3] > 0
    assert west[:3] != east[:3]
    assert found["colours"]["wmts"] == found["colours"]["wms"]
    assert [one for one in visit.faults if not one.startswith("warning")] == []
    visit.context.close()


def test_maplibre_draws_our_styles(browser: Any, elsewhere: str, services: str) -> None:
    visit = opened(browser, elsewhere, "maplibre", "maplibregl")
    edition = make_edition()
    for layer in ("zones", "townships", "expressways", "hubs"):
        found = visit.page.evaluate(DRAW_MAPLIBRE, [services, layer])
        assert found["errors"] == []
        placed = edition.layers[layer][edition.layers[layer].geometry.notna()]
        assert found["drawn"] == sorted(placed["id"]), layer
    visit.context.close()
