"""Layers that are not sent whole: drawn on canvas from vector tiles, and all that the page does with features works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from browser_tools import Visit, served
from web_edition import make_edition

from layers.edition import store
from webmap.map import compose

SIDE = 20
LAYERS = "layers=zones,townships,expressways"

# The colour that the canvas of a layer has at a place, as [red, green, blue, alpha].
COLOUR = """(() => {
    const {map, layers} = app, canvas = layers.entry('%s').large.box.firstChild;
    const box = canvas.getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
    const at = map.latLngToContainerPoint([%f, %f]);
    const [x, y] = [frame.left + at.x - box.left, frame.top + at.y - box.top].map(Math.round);
    return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
})()"""

# How opaque the most opaque pixel of the expressways is.
DARKEST = """(() => {
    const canvas = app.layers.entry('expressways').large.box.firstChild;
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((most, value, at) => (at % 4 === 3 ? Math.max(most, value) : most), 0);
})()"""


def middle(number: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's middle."""
    return 30.005 + number // SIDE * 0.01, 120.01 + number % SIDE * 0.02


def many_cells() -> Any:
    """An edition with 400 townships side by side; cell n has the value 1 + n modulo 4."""
    base = make_edition()
    number = np.arange(SIDE * SIDE)
    west, south = 120 + number % SIDE * 0.02, 30 + number // SIDE * 0.01
    row = base.layers["townships"].iloc[[1]].drop(columns="geometry")
    frame = pd.concat([row] * len(number), ignore_index=True)
    frame["id"] = [f"township/n{one}" for one in number]
    frame["name"] = frame["name_en"] = [f"<b>格{one}" for one in number]
    frame["township"] = [f"n{one}" for one in number]
    frame["zone"] = np.where(number % SIDE < 10, "west", "east")
    frame["label_lon"], frame["label_lat"] = west + 0.01, south + 0.005
    cells = shapely.multipolygons(shapely.box(west, south, west + 0.02, south + 0.01)[:, None])
    seen = base.observations
    own = seen[(seen["indicator"] == "area_km2") & (seen["level"] == "township")].iloc[[0]]
    values = pd.concat([own] * len(number), ignore_index=True)
    values["place"], values["value"] = frame["id"], 1.0 + number % 4
    values["flag"] = values["note"] = values["note_en"] = ""
    rest = seen[(seen["indicator"] != "area_km2") | (seen["level"] != "township")]
    return make_edition(
        layers={**base.layers, "townships": gpd.GeoDataFrame(frame, geometry=cells, crs="EPSG:4490")},
        observations=pd.concat([rest, values], ignore_index=True),
    )


@pytest.fixture
def large(browser: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """A map on which areas and lines of more than two vertices are large, and points."""
    monkeypatch.setattr(compose, "LARGE_VERTICES", 2)
    monkeypatch.setattr(store, "LISTED", 100)
    monkeypatch.setattr(compose, "LARGE_POINTS", 0)
    with served(many_cells()) as base:
        visit = Visit(browser, base)
        yield visit
        visit.close()


def test_what_is_drawn_from_tiles_is_seen_chosen_named_shaded_and_filtered(large: Visit) -> None:
    asked: list[str] = []
    large.page.on("request", lambda request: asked.append(request.url))
    large.open(f"/?lang=zh#{LAYERS}")
    assert any("/ogc/collections/townships/tiles/WebMercatorQuad/" in url for url in asked)
    assert [url for url in asked if "/api/search" in url or ("townships" in url and "/ogc/" not in url)] == []
    assert large.run("document.querySelectorAll('.leaflet-pm-townships-pane path').length") == 0
    # Shaded: cells 6 and 8 have the values 3 and 1; the payload's own classes say in which colours.
    large.shade("area_km2")
    large.run("app.layers.settled()")
    for number in (6, 8, 230):
        lat, lon = middle(number)
        colour = large.run(f"app.overlay.model.paint.get('township/n{number}')")
        assert large.run(COLOUR % ("townships", lat + 0.003, lon)) == [
            *(int(colour[at : at + 2], 16) for at in (1, 3, 5)), 255
        ]  # fmt: skip
    assert large.run("new Set(app.overlay.model.paint.values()).size") == 4
    # The table: all are counted, few are there; its end is reached by key.
    table = large.page.locator("table.pm-values")
    assert table.get_attribute("aria-rowcount") == "401"
    assert table.locator("tbody tr[data-id]").count() < 120
    table.locator("tbody button").first.focus()
    large.page.keyboard.press("End")
    assert large.run("document.activeElement.closest('tr').getAttribute('aria-rowindex')") == "401"
    # Chosen on the map: the whole feature, with its rank.
    large.run("app.panel.close(), app.setIndicator(null)")
    lat, lon = middle(215)
    large.run(f"app.map.setView([{lat}, {lon}], 13, {{animate: false}})")
    large.run("app.layers.settled()")
    large.settle()
    names = large.run("[...document.querySelectorAll('.pm-labels .pm-label')].map((one) => one.textContent)")
    assert "<b>格215" in names
    assert len(names) == len(set(names))
    box = large.page.locator("#map_planmap").bounding_box()
    at = large.run(f"(({{x, y}}) => ({{x, y}}))(app.map.latLngToContainerPoint([{lat + 0.003}, {lon}]))")
    large.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
    large.until("app.selected === 'township/n215'")
    large.page.wait_for_selector(".pm-card .pm-facts-table")
    assert large.page.locator(".pm-card h2").inner_text() == "<b>格215"
    # 215 modulo 4 is 3: its value 4 is the greatest, with 99 others.
    assert large.page.locator(".pm-card .pm-rank").last.inner_text() == "1/400"
    assert large.run("app.layers.view('township/n215').bounds.toBBoxString()") == "120.3,30.1,120.32,30.11"
    # Filtered: what is under way steps back, townships stay.
    before = large.run(DARKEST)
    large.run("app.filters.set('status:operating')")
    large.run("app.layers.settled()")
    assert before == 255 > 128 > large.run(DARKEST) > 0
    # What the list leaves out is said.
    apart = large.page.locator(".pm-filter-unlisted")
    apart.wait_for()
    assert apart.all_inner_texts() == ["图层“镇街”有 400 个要素，此处不计入、不列出。"]
    assert large.faults == []


def test_a_link_restores_what_is_chosen_in_a_large_layer_and_names_what_is_not_there(large: Visit) -> None:
    large.open(f"/?lang=en#{LAYERS}&sel=township/n33&ind=area_km2:township:quantiles&panel=indicators")
    large.until("app.selected === 'township/n33'")
    row = large.page.locator("table.pm-values tr[data-id='township/n33']")
    row.wait_for()
    assert row.get_attribute("aria-current") == "true"
    large.open(f"/?lang=en#{LAYERS}&sel=township/none")
    large.until("app.selected === null")
    assert [fault for fault in large.faults if "404" not in fault] == []


def test_points_are_discs_from_tiles_and_are_pointed_at_and_named(large: Visit) -> None:
    asked: list[str] = []
    large.page.on("request", lambda request: asked.append(request.url))
    large.open("/?lang=zh#map=15/30.05/120.15&layers=hubs")
    large.run("app.layers.settled()")
    large.settle()
    assert any("/ogc/collections/hubs/tiles/WebMercatorQuad/" in url for url in asked)
    assert [url for url in asked if "/api/" in url and "hubs" in url] == []
    symbol = large.run("app.kinds.get('hub').symbol")
    fill = symbol.get("fill") or symbol["stroke"]
    assert large.run(COLOUR % ("hubs", 30.05, 120.15)) == [*(int(fill[at : at + 2], 16) for at in (1, 3, 5)), 255]
    assert "南站" in large.run("[...document.querySelectorAll('.pm-labels .pm-label')].map((one) => one.textContent)")
    box = large.page.locator("#map_planmap").bounding_box()
    at = large.run("(({x, y}) => ({x, y}))(app.map.latLngToContainerPoint([30.05, 120.15]))")
    large.page.mouse.click(box["x"] + at["x"] + 3, box["y"] + at["y"] + 2)
    large.until("app.selected === 'hub/south'")
    large.page.wait_for_selector(".pm-card h2")
    assert large.page.locator(".pm-card h2").inner_text() == "南站"
    # Filtered out, it is faint and not pointed at.
    large.run("app.select(null), app.filters.set('status:building')")
    large.run("app.layers.settled()")
    assert 0 < large.run(COLOUR % ("hubs", 30.05, 120.15))[3] < 128
    assert large.run("app.layers.entry('hubs').large.near(L.latLng(30.05, 120.15), 5).length") == 0
    # The township that the hub names is not among the cells.
    assert [fault for fault in large.faults if "404" not in fault] == []


def test_small_layers_come_whole(browser: Any) -> None:
    with served(many_cells()) as base:
        visit = Visit(browser, base)
        visit.open(f"/?lang=zh#{LAYERS}")
        assert visit.run("app.layers.large().length") == 0
        assert visit.run("document.querySelectorAll('.leaflet-pm-townships-pane path').length") >= SIDE * SIDE
        assert visit.run("document.querySelectorAll('script[src*=large]').length") == 0
        visit.close()


def test_the_server_looks_for_what_is_typed(large: Visit) -> None:
    asked: list[str] = []
    large.page.on("request", lambda request: asked.append(request.url))
    large.open(f"/?lang=zh#{LAYERS}")
    box = large.page.locator("#pm-search-input")
    box.click()
    box.press_sequentially("格37", delay=10)
    options = large.page.locator("#pm-results [role=option]")
    options.filter(has_text="<b>格37").first.wait_for()
    names = options.all_inner_texts()
    assert names[0].startswith("<b>格37"), names
    queries = [url for url in asked if "/api/search" in url]
    assert queries, "it was asked"
    assert all("q=" in url for url in queries), "never for all that there is"
    box.press("Enter")
    large.page.wait_for_function("() => planmapApp.selected === 'township/n37'")
    box.fill("无此名者")
    large.page.locator("#pm-results .pm-note").wait_for()
