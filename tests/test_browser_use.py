"""Using the map in a real browser: search, pointing, tools, permalink, small screens, keyboard, embed, file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyproj
import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

VIEW = "/?lang=zh"


def place(page: Visit, lat: float, lon: float) -> tuple[float, float]:
    """Where a place is on the screen, in pixels."""
    x, y = page.run(
        f"(() => {{ const p = app.map.latLngToContainerPoint([{lat}, {lon}]),"
        " b = app.map.getContainer().getBoundingClientRect(); return [b.left + p.x, b.top + p.y]; })()"
    )
    return float(x), float(y)


# ---- search


@pytest.mark.parametrize("typed", ["长山", "changshan", "csjd", "老长山", "Changshan", "CS2"])
def test_search_finds_in_every_way(visit: Callable[..., Visit], typed: str) -> None:
    page = visit()
    page.page.locator("#pm-search-input").fill(typed)
    page.page.wait_for_selector("#pm-results [role=option]")
    first = page.page.locator("#pm-results [role=option]").first
    assert "长山街道" in first.inner_text()
    assert "镇街" in first.inner_text()


def test_choosing_by_keyboard_shows_zooms_and_selects(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=townships")
    assert not page.run("app.layers.isVisible('hubs')")
    before = page.run("app.map.getZoom()")
    page.page.keyboard.press("/")
    page.page.keyboard.type("nanzhan")
    page.page.wait_for_selector("#pm-results [role=option]")
    field = page.page.locator("#pm-search-input")
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") == "pm-result-0"
    page.page.keyboard.press("Enter")
    page.until("app.selected === 'hub/south'")
    assert page.run("app.layers.isVisible('hubs')")
    page.until(f"app.map.getZoom() > {before}")
    assert page.run("app.map.getBounds().contains([30.05, 120.15])")
    assert field.get_attribute("aria-expanded") == "false"


def test_what_has_no_geometry_can_be_found_and_opens_its_card(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.locator("#pm-search-input").fill("生态保护红线")
    page.page.wait_for_selector("#pm-results [role=option]")
    assert "无图形" in page.page.locator("#pm-results").inner_text()
    page.page.keyboard.press("Enter")
    page.until("app.selected === 'control_line/eco'")
    assert page.page.locator("#pm-panel").is_visible()


def test_nothing_found_is_said(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.locator("#pm-search-input").fill("没有这个地方")
    page.page.wait_for_selector("#pm-results .pm-note")
    assert "没有找到" in page.page.locator("#pm-results").inner_text()
    page.page.keyboard.press("Escape")
    assert not page.page.locator("#pm-results").is_visible()


# ---- pointing


def test_clicking_again_reaches_what_lies_below(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=townships,zones,district")
    x, y = place(page, 30.03, 120.03)
    found = []
    for _ in range(4):
        before = page.run("app.selected")
        page.page.mouse.click(x, y)
        page.until(f"app.selected !== {before!r}".replace("None", "null"))
        page.settle()
        found.append(page.run("app.selected"))
        x, y = place(page, 30.03, 120.03)
    assert found == ["township/a", "zone/west", "district", "township/a"]


def test_a_tip_names_what_is_under_the_pointer(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=townships,hubs")
    page.page.mouse.move(*place(page, 30.05, 120.15))
    page.until("app.hovered === 'hub/south'")
    assert "南站" in page.page.locator(".pm-tip").inner_text()
    assert page.run("document.querySelectorAll('.leaflet-pm-select-pane path').length") > 0


# ---- tools


def test_coordinates_in_both_systems(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.mouse.move(*place(page, 30.1, 120.1))
    page.settle()
    text = page.page.locator(".pm-coordinates").inner_text()
    lon, lat = (float(value) for value in re.findall(r"(-?\d+\.\d+)°[EN]", text)[:2])
    assert [lon, lat] == pytest.approx([120.1, 30.1], abs=0.002)
    north, east = (float(value) for value in re.findall(r"\) (\d+\.\d)", text))
    to_metric = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
    # The degrees shown have five decimals: a metre.
    assert [east, north] == pytest.approx(list(to_metric.transform(lon, lat)), abs=1.1)
    assert "120°E" in text


def test_measuring_a_distance(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#map=11/30.1/120.2&layers=townships")
    page.page.locator(".pm-tool-ruler").click()
    for lon in (120.1, 120.3):
        page.page.mouse.click(*place(page, 30.1, lon))
        page.settle()
    text = page.page.locator(".pm-measure-result").inner_text()
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(120.1, 30.1, 120.3, 30.1)
    shown = float(re.search(r"([\d.]+) 公里", text).group(1))  # type: ignore[union-attr]
    # Half a pixel at either end: 66 m at this zoom.
    assert shown * 1000 == pytest.approx(metres, abs=140)
    assert page.run("app.selected") is None
    page.page.keyboard.press("Escape")
    assert not page.page.locator(".pm-measure").is_visible()


def test_measuring_an_area_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#map=12/30.1/120.2&layers=townships")
    page.page.locator(".pm-tool-ruler").click()
    page.page.locator("label[for=pm-measure-area]").click()
    page.page.locator("#map_planmap").focus()
    corners = [(30.1, 120.2), (30.1, 120.22), (30.12, 120.22), (30.12, 120.2)]
    for lat, lon in corners:
        page.run(f"app.map.setView([{lat}, {lon}], 12, {{animate: false}})")
        page.page.keyboard.press("Enter")
    text = page.page.locator(".pm-measure-result").inner_text()
    area, length = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(
        [lon for _, lon in corners], [lat for lat, _ in corners]
    )
    shown = {key: float(value.replace(",", "")) for value, key in re.findall(r"([\d,.]+) (平方公里|公里|亩)", text)}
    # The map's centre is put on whole pixels: up to 19 m at either end of a side of 2 km.
    assert shown["平方公里"] == pytest.approx(area / 1e6, rel=0.03)
    assert shown["公里"] == pytest.approx(length / 1e3, rel=0.03)
    assert shown["亩"] == pytest.approx(shown["平方公里"] * 1500, rel=1e-3)


def test_home_and_zoom(visit: Callable[..., Visit]) -> None:
    page = visit()
    start = page.run("app.map.getZoom()")
    page.page.locator(".pm-tool-plus").click()
    page.until(f"app.map.getZoom() > {start}")
    page.page.locator(".pm-tool-home").click()
    page.until(f"app.map.getZoom() === {start}")


# ---- permalink


def test_a_link_restores_everything(visit: Callable[..., Visit]) -> None:
    first = visit()
    first.page.evaluate(
        "async () => { const app = planmapApp; app.map.setView([30.08, 120.21], 12.5, {animate: false});"
        " await app.layers.setAll(['townships', 'expressways']); app.layers.setOpacity('townships', 0.5);"
        " app.setIndicator({id: 'area_km2', level: 'township', method: 'equal_interval'});"
        " await app.select('township/b'); }"
    )
    first.settle()
    link = first.run("window.location.href")
    second = visit(link)
    second.until("app.selected === 'township/b'")
    assert second.run("app.layers.visible()") == ["townships", "expressways"]
    assert second.run("app.layers.opacity('townships')") == 0.5
    assert second.run("app.indicator") == {"id": "area_km2", "level": "township", "method": "equal_interval"}
    where = "[app.map.getZoom(), app.map.getCenter().lat, app.map.getCenter().lng]"
    second.settle()
    # Beside the open panel, in both: a pixel is 0.00025 degrees.
    assert second.run(where) == pytest.approx(first.run(where), abs=0.0006)


def test_the_page_follows_the_address(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("void (window.location.hash = '#map=13/30.1/120.1&layers=hubs')")
    page.until("app.layers.visible().join() === 'hubs'")
    assert page.run("app.map.getZoom()") == 13


@pytest.mark.parametrize(
    "hash_", ["#map=a/b/c&layers=nothing&op=x:9&ind=&sel=", "#%%%", "#map=12/30/120&ind=none:zone"]
)
def test_a_broken_link_still_opens_a_map(browser: Any, base: str, hash_: str) -> None:
    page = Visit(browser, base)
    page.open(VIEW + hash_)
    assert [fault for fault in page.faults if fault.startswith("exception")] == []
    page.close()


def test_switching_the_language_keeps_the_state(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#map=12/30.1/120.2&layers=townships,hubs")
    page.page.locator("#pm-lang").click()
    page.page.wait_for_url("**lang=en**")
    page.until("window.__ready === true && app.lang === 'en'")
    assert page.run("app.layers.visible()") == ["townships", "hubs"]
    assert page.run("app.map.getZoom()") == 12


# ---- layout, keyboard, modes


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_the_map_comes_first(visit: Callable[..., Visit], lang: str) -> None:
    page = visit(f"/?lang={lang}", width=390, height=844, has_touch=True, reduced_motion="reduce")
    width, height = page.run("[app.map.getSize().x, app.map.getSize().y]")
    assert width == 390
    assert height > 844 * 0.7
    assert page.run("document.documentElement.scrollWidth") <= 390
    assert not page.page.locator("#pm-sidebar").is_visible()
    small = page.run(
        "[...document.querySelectorAll('.pm-tool, .pm-btn')].map((b) => b.getBoundingClientRect())"
        ".filter((b) => b.width && (b.width < 42 || b.height < 42)).length"
    )
    assert small == 0
    page.page.locator("#pm-btn-indicators").click()
    page.page.wait_for_selector("#pm-panel", state="visible")
    page.page.locator("#pm-btn-layers").click()
    assert page.page.locator("#pm-tree").is_visible()
    assert page.page.locator("#pm-panel").is_hidden(), "one sheet at a time"
    page.page.keyboard.press("Escape")
    assert not page.page.locator("#pm-sidebar").is_visible()
    page.page.locator(".pm-tool-legend").click()
    closer, heading = (page.page.locator(one).bounding_box() for one in (".pm-sheet-close", "#pm-legend-section h2"))
    assert closer["width"] == width, "it stays above what scrolls under it"
    assert heading["y"] >= closer["y"] + closer["height"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_views_indicator_unit_and_legend_are_seen(visit: Callable[..., Visit], lang: str) -> None:
    """Without opening anything."""
    page = visit(f"/?lang={lang}&view=indicators", width=390, height=844, has_touch=True)
    page.until("document.querySelector('#pm-strip .pm-legend-overlay')")
    seen = """(selector) => [...document.querySelectorAll(selector)].filter((node) => {
        const box = node.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return box.width && box.left >= 0 && box.right <= innerWidth && top && (node === top || node.contains(top));
    }).map((node) => node.textContent.trim())"""
    assert set(page.page.evaluate(seen, "#pm-views a")) >= (
        {"总览", "指标"} if lang == "zh" else {"Overview", "Indicators"}
    )
    assert page.page.evaluate(seen, "#pm-strip h3")[0] == ("面积" if lang == "zh" else "Area")
    assert "km²" in "".join(page.page.evaluate(seen, "#pm-strip .pm-note"))
    assert page.page.evaluate(seen, "#pm-strip .pm-legend-overlay li") == ["427.41"]
    assert page.page.locator("#pm-sidebar").is_hidden()


def test_the_map_moves_by_arrow_keys_and_focus_is_seen(visit: Callable[..., Visit]) -> None:
    page = visit()
    before = page.run("app.map.getCenter().lng")
    page.page.locator("#map_planmap").focus()
    page.page.keyboard.press("ArrowRight")
    page.until(f"app.map.getCenter().lng > {before}")
    page.page.locator(".pm-tool-plus").focus()
    page.page.keyboard.press("Tab")
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_features_can_be_reached_without_a_pointer(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.locator("[data-layer=townships] .pm-expand").focus()
    page.page.keyboard.press("Enter")
    page.page.wait_for_selector("[data-layer=townships] .pm-feature")
    page.page.locator("[data-layer=townships] .pm-feature").nth(1).focus()
    assert page.run("app.hovered") == "township/b"
    page.page.keyboard.press("Enter")
    page.until("app.selected === 'township/b'")


def test_an_embed_has_a_map_a_legend_and_a_way_to_the_full_map(visit: Callable[..., Visit]) -> None:
    page = visit(page_of_embed(visit))
    assert page.page.locator("#pm-sidebar").count() == 0
    assert page.page.locator("#pm-legend .pm-legend-item").first.is_visible()
    page.page.locator(".pm-legend-button").click()
    assert not page.page.locator("#pm-legend .pm-legend-item").first.is_visible()
    assert page.run("new URL(document.querySelector('.pm-full-link').href).pathname") == "/"


def page_of_embed(visit: Callable[..., Visit]) -> str:
    """The address of the opening view's embed."""
    view = visit().run("app.config.view.id")
    return f"/embed/{view}?lang=zh"


def test_a_stand_alone_file_works_from_disk(browser: Any, visit: Callable[..., Visit], tmp_path: Path) -> None:
    served_page = visit()
    view = served_page.run("app.config.view.id")
    response = served_page.page.request.get(f"{served_page.base}/standalone/{view}.html?lang=zh")
    file = tmp_path / "plan.html"
    file.write_bytes(response.body())
    page = Visit(browser, "")
    page.open(file.as_uri())
    assert page.run("app.layers.shown().length") > 5
    assert page.run("document.querySelectorAll('svg.pm-labels text').length") > 2
    page.page.locator("#pm-search-input").fill("changshan")
    page.page.wait_for_selector("#pm-results [role=option]")
    page.page.keyboard.press("Enter")
    page.until("app.selected === 'township/a'")
    assert page.faults == []
    page.close()
