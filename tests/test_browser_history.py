"""Back and Forward on the map: what is a step, what goes with a step, and the sheets of a telephone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


# Steps of the history asked for in one task; the map's zooms from the last on, until nothing has moved it for long.
AT_ONCE = """async (steps) => {
    const {map} = planmapApp, zooms = [];
    map.setZoom(10, {animate: false});
    for (const state of steps) {
        zooms.length = 0;
        window.dispatchEvent(new PopStateEvent("popstate", {state}));
        zooms.push(map.getZoom());
        map.on("moveend", () => zooms.push(map.getZoom()));
    }
    for (let still = 0, count = 0; still < 30; count = zooms.length) {
        await new Promise(requestAnimationFrame);
        still = planmapApp.restoring || count !== zooms.length ? 0 : still + 1;
    }
    return zooms;
}"""


def settled(page: Visit, script: str) -> None:
    """Wait for a state, and until the history has taken it in."""
    page.until(script)
    page.until(
        "(() => { const kept = history.state?.planmap || {};"
        " const now = [app.selected, app.panel.isOpen() ? app.panel.active : null, app.config.view.id];"
        " return JSON.stringify([kept.selection, kept.panel, kept.view]) === JSON.stringify(now); })()"
    )


def select(page: Visit, feature: str) -> None:
    page.page.evaluate(f"() => planmapApp.select('{feature}')")
    settled(page, f"app.selected === '{feature}'")


def test_selections_are_steps_and_the_place_goes_with_them(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    settled(page, "app.selected === null")
    start = page.run("history.length")
    select(page, "township/a")
    page.run("app.map.setView([30.05, 120.1], 12, {animate: false})")
    page.run("app.map.setView([30.06, 120.11], 13, {animate: false})")
    page.until("location.hash.includes('map=13/30.06000/120.11000')")
    select(page, "hub/south")
    # Two selections are two steps, moving the map is none.
    assert page.run("history.length") == start + 2
    page.run("app.map.setView([30.1, 120.3], 12.5, {animate: false})")
    page.until("location.hash.includes('map=12.5/30.10000/120.30000')")
    page.page.go_back()
    settled(page, "app.selected === 'township/a'")
    assert page.run("[app.map.getZoom(), app.map.getCenter().lat]") == [13, 30.06]
    assert page.page.locator(".pm-card-title").first.text_content() == "长山街道"
    page.page.go_back()
    settled(page, "app.selected === null")
    assert page.run("app.panel.isOpen()") is False
    page.page.go_forward()
    settled(page, "app.selected === 'township/a'")
    steps = [page.run("history.state")]
    page.page.go_forward()
    settled(page, "app.selected === 'hub/south'")
    assert page.run("app.map.getZoom()") == 12.5
    assert page.run("history.length") == start + 2
    # Both at once: the first, overtaken while it is brought, leaves the map to the second.
    assert set(page.page.evaluate(AT_ONCE, [*steps, page.run("history.state")])) == {12.5}
    assert page.run("app.selected") == "hub/south"


def test_the_panel_is_a_step(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    settled(page, "!app.panel.isOpen()")
    page.page.click("#pm-btn-indicators")
    settled(page, "app.panel.isOpen() && app.panel.active === 'indicators'")
    page.page.click("#pm-tab-district")
    settled(page, "app.panel.active === 'district'")
    page.page.go_back()
    settled(page, "app.panel.active === 'indicators'")
    page.page.go_back()
    settled(page, "!app.panel.isOpen()")


def test_changing_the_view_keeps_place_and_selection(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    settled(page, "app.config.view.id === 'overview'")
    select(page, "zone/west")
    page.run("app.map.setView([30.05, 120.1], 13, {animate: false})")
    page.until("location.hash.includes('map=13/')")
    page.page.evaluate("() => { window.__same = true; }")
    page.page.click("#pm-views [data-view=indicators]")
    settled(page, "app.config.view.id === 'indicators' && app.selected === 'zone/west'")
    assert page.run("window.__same") is True
    assert page.run("[app.map.getZoom(), app.map.getCenter().lat, app.map.getCenter().lng]") == [13, 30.05, 120.1]
    assert "view=indicators" in page.page.url
    assert page.page.locator("#pm-views [aria-current]").get_attribute("data-view") == "indicators"
    # Its own layers, and the parts that an assumed line cuts, which its indicator leans on.
    assert set(page.run("app.layers.visible()")) - {"zone_parts"} == {"zones", "district"}
    page.page.go_back()
    settled(page, "app.config.view.id === 'overview'")
    assert page.run("app.selected") == "zone/west"
    assert page.page.locator("#pm-views [aria-current]").get_attribute("data-view") == "overview"
    # The address of a step opens as that step.
    page.page.go_forward()
    settled(page, "app.config.view.id === 'indicators'")
    again = visit(page.page.url.removeprefix(page.base))
    assert again.run("[app.config.view.id, app.selected, app.map.getZoom()]") == ["indicators", "zone/west", 13]


def test_changing_the_view_lets_go_of_what_it_does_not_show(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    settled(page, "app.config.view.id === 'overview'")
    select(page, "hub/south")
    page.page.click("#pm-views [data-view=indicators]")
    settled(page, "app.config.view.id === 'indicators'")
    assert page.run("app.selected") is None
    assert page.run("app.map.getBounds().contains(app.config.view.bounds)")


def test_back_on_a_telephone_closes_the_sheet(visit: Callable[..., Visit]) -> None:
    page: Any = visit("/?lang=zh", **PHONE)
    settled(page, "!app.panel.isOpen()")
    select(page, "township/a")
    assert page.page.locator("#pm-panel").is_visible()
    page.page.go_back()
    settled(page, "!app.panel.isOpen()")
    assert page.page.url.startswith(page.base)
    page.page.click("#pm-btn-layers")
    page.until("history.state.planmap.sheet === true")
    page.page.go_back()
    page.until("!app.sidebar.isOpen()")
    assert page.page.url.startswith(page.base)


def test_an_embed_leaves_the_history_to_the_page_that_holds_it(visit: Callable[..., Visit]) -> None:
    page = visit("/embed/overview?lang=zh")
    before = page.run("[history.length, location.href]")
    page.page.evaluate("() => planmapApp.select('township/a')")
    page.until("app.selected === 'township/a'")
    page.run("app.map.setView([30.05, 120.1], 13, {animate: false})")
    page.until("document.querySelector('.pm-full-link').href.includes('sel=township/a')")
    assert page.run("[history.length, location.href]") == before
