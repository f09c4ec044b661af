"""The operator's base map in a browser: off until switched on, under the plan, in its place, told as text."""

from __future__ import annotations

import math
import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from browser_tools import Visit, served
from web_edition import make_edition

pytestmark = pytest.mark.browser

SOURCE = "<i id=hurt>甲局</i> · 图号 1"
NEAR = "#map=16/30.1678/120.2614&layers=zones,district&base=on"
# From the independent table in test_geo_crs: GCJ-02 less WGS 84 at 120.2614 E, 30.1678 N.
GCJ_AT = (120.265861479 - 120.2614, 30.165342900 - 30.1678)


def png() -> bytes:
    """One grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\x80\x90\xa0"))
        + chunk(b"IEND", b"")
    )


class Tiles:
    """A server of tiles on this machine; remembers what it was asked for."""

    def __init__(self) -> None:
        asked: list[str] = []
        picture = png()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                found = "/missing/" not in self.path
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                self.wfile.write(picture if found else b"")

            def log_message(self, *_: Any) -> None:
                pass

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self, **more: str) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server.server_port}/t/{{z}}/{{x}}/{{y}}.png"
        return {"PLANMAP_BASEMAP_URL": url, "PLANMAP_BASEMAP_ATTRIBUTION": SOURCE, **more}


@pytest.fixture
def tiles() -> Iterator[Tiles]:
    made = Tiles()
    yield made
    made.server.shutdown()
    made.server.server_close()


LOADED = "document.querySelectorAll('.leaflet-pm-basemap-pane img.leaflet-tile-loaded').length"


@pytest.mark.parametrize("path", ["/?lang=zh", "/embed/overview?lang=en"])
def test_a_button_switches_it_on_and_off(visit: Callable[..., Visit], tiles: Tiles, path: str) -> None:
    with served(make_edition(), **tiles.settings()) as address:
        page = visit(path, address=address)
        page.settle()
        assert tiles.asked == []
        button = page.page.locator(".pm-tool-basemap")
        assert button.get_attribute("aria-pressed") == "false"
        assert page.page.locator(".pm-basemap-source").is_visible() is False
        button.click()
        page.until(f"{LOADED} > 0")
        assert button.get_attribute("aria-pressed") == "true"
        # Who made it is text, whatever it holds.
        assert SOURCE in page.page.locator(".pm-basemap-source").inner_text()
        assert page.run("document.getElementById('hurt')") is None
        button.click()
        page.until("!document.querySelector('.leaflet-pm-basemap-pane img')")
        assert page.page.locator(".pm-basemap-source").is_visible() is False


def test_the_plan_lies_on_it(visit: Callable[..., Visit], tiles: Tiles) -> None:
    with served(make_edition(), **tiles.settings()) as address:
        page = visit("/?lang=zh#map=12/30.1/120.2&layers=zones,district&base=on", address=address)
        page.until(f"{LOADED} > 0")
        # A layer is a group of a drawing; the drawing's pane has the height.
        pane = "getComputedStyle(app.map.getPane('{}').closest('.leaflet-map-pane > *'))"
        z = f"Number({pane}.zIndex)"
        assert page.run(z.format("pm-basemap")) < page.run(z.format("pm-zones"))
        assert page.run("getComputedStyle(app.map.getPane('pm-paper')).display") == "none"
        assert page.run(f"{pane}.mixBlendMode".format("pm-zones")) == "multiply"
        page.run("app.basemap.set(false)")
        assert page.run("getComputedStyle(app.map.getPane('pm-paper')).display") != "none"


def corner_offset(page: Visit) -> tuple[float, float]:
    """Degrees by which the place that tiles show lies east and north of the place where they are drawn, middle tile."""
    page.until(f"{LOADED} > 3")
    page.settle()
    source, lat, lng = page.run(
        "(() => { const size = app.map.getSize(), box = app.map.getContainer().getBoundingClientRect();"
        " const far = (r) => Math.hypot(r.left - box.left - size.x / 2, r.top - box.top - size.y / 2);"
        " const [img] = [...document.querySelectorAll('.leaflet-pm-basemap-pane img.leaflet-tile-loaded')]"
        ".sort((a, b) => far(a.getBoundingClientRect()) - far(b.getBoundingClientRect()));"
        " const at = img.getBoundingClientRect();"
        " const place = app.map.containerPointToLatLng([at.left - box.left, at.top - box.top]);"
        " return [img.src, place.lat, place.lng]; })()"
    )
    z, x, y = map(int, re.findall(r"/t/(\d+)/(\d+)/(\d+)\.png", source)[0])
    # The usual grid: column and row of the north-western corner to degrees.
    shown_lng = x / 2**z * 360 - 180
    shown_lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**z))))
    return shown_lng - lng, shown_lat - lat


# At zoom 16 and 30° N a pixel is 2.07 m, 0.0000215 degree of longitude; two of them for rounding.
TWO_PIXELS = 0.000043


def test_tiles_of_wgs84_lie_where_they_are(visit: Callable[..., Visit], tiles: Tiles) -> None:
    with served(make_edition(), **tiles.settings()) as address:
        assert corner_offset(visit("/?lang=zh" + NEAR, address=address)) == pytest.approx((0, 0), abs=TWO_PIXELS)


def test_tiles_of_gcj02_are_moved_to_where_they_belong(visit: Callable[..., Visit], tiles: Tiles) -> None:
    with served(make_edition(), **tiles.settings(PLANMAP_BASEMAP_DATUM="gcj02")) as address:
        page = visit("/?lang=zh" + NEAR, address=address)
        assert corner_offset(page) == pytest.approx(GCJ_AT, abs=TWO_PIXELS)
        # After a move without and with a change of zoom as well.
        page.run("app.map.panBy([300, 200], {animate: false})")
        assert corner_offset(page) == pytest.approx(GCJ_AT, abs=2 * TWO_PIXELS)
        page.run("app.map.setZoom(17, {animate: false})")
        assert corner_offset(page) == pytest.approx(GCJ_AT, abs=2 * TWO_PIXELS)


def test_by_default_no_other_machine_is_asked(visit: Callable[..., Visit]) -> None:
    # `visit` fails on any request that leaves the machine; here none leaves the page's own server.
    page = visit("/?lang=zh#base=on")
    hosts: list[str] = []
    page.page.on("request", lambda request: hosts.append(request.url))
    page.run("app.layers.setAll(app.layers.ids)")
    page.run("app.map.setZoom(14, {animate: false})")
    page.settle()
    assert page.page.locator(".pm-tool-basemap").count() == 0
    assert all(url.startswith((page.base, "data:")) for url in hosts)


def test_another_origin_than_the_settings_is_blocked(visit: Callable[..., Visit], tiles: Tiles) -> None:
    other = Tiles()
    with served(make_edition(), **tiles.settings()) as address:
        page = visit("/?lang=zh", address=address)
        page.page.evaluate(
            "(url) => new Promise((done) => { const img = new Image();"
            " img.onload = img.onerror = done; img.src = url; })",
            f"http://127.0.0.1:{other.server.server_port}/t/1/1/1.png",
        )
        other.server.shutdown()
        other.server.server_close()
        assert other.asked == []
        assert any("Content Security Policy" in fault for fault in page.faults)
        page.faults.clear()


def test_missing_tiles_are_said_once(visit: Callable[..., Visit], tiles: Tiles) -> None:
    settings = tiles.settings()
    settings["PLANMAP_BASEMAP_URL"] = settings["PLANMAP_BASEMAP_URL"].replace("/t/", "/missing/")
    with served(make_edition(), **settings) as address:
        page = visit("/?lang=zh", address=address)
        page.page.locator(".pm-tool-basemap").click()
        page.until("document.getElementById('pm-toast').textContent.includes('底图没有加载成功')")
        page.settle()
        page.faults.clear()


def test_whose_it_is_stands_on_a_phone_and_on_paper(visit: Callable[..., Visit], tiles: Tiles) -> None:
    with served(make_edition(), **tiles.settings()) as address:
        page = visit("/?lang=zh#base=on", address=address, width=390, height=844)
        page.until(f"{LOADED} > 0")
        assert page.page.locator(".pm-attribution .pm-basemap-source").is_visible()
        page.run("dispatchEvent(new Event('beforeprint'))")
        assert SOURCE in (page.page.locator(".pm-imprint-foot").text_content() or "")
        page.run("dispatchEvent(new Event('afterprint'))")


def test_the_link_carries_it(visit: Callable[..., Visit], tiles: Tiles) -> None:
    with served(make_edition(), **tiles.settings()) as address:
        page = visit("/?lang=zh", address=address)
        page.page.locator(".pm-tool-basemap").click()
        page.until("location.hash.includes('base=on')")
        page.page.locator(".pm-tool-basemap").click()
        page.until("!location.hash.includes('base=on')")
