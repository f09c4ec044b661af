"""Links to the map: names that this edition does not have, the open panel, the place looked at; keys on the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser


def test_unknown_names_in_a_link_are_told_and_dropped(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh#layers=foo&ind=zzz:zone:quantiles&sel=nope/nope")
    told = page.page.locator("#pm-toast").text_content()
    assert told == "链接中的图层“foo”、指标“zzz”、要素“nope/nope”不存在，已忽略。"
    assert page.run("app.layers.visible()") == visit().run("app.layers.visible()")
    assert page.run("[app.indicator, app.selected]") == [None, None]
    assert page.page.locator(".pm-failed").count() == 0
    assert not any(name in page.page.url for name in ("foo", "zzz", "nope"))


def test_known_names_of_a_link_stay_beside_unknown_ones(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=en#layers=zones,foo&sel=hub/south")
    page.until("app.selected === 'hub/south'")
    assert page.run("app.layers.visible()") == ["zones"]
    assert "layer “foo”" in (page.page.locator("#pm-toast").text_content() or "")


@pytest.mark.parametrize("panel", ["feature", "indicators", "district"])
def test_the_open_panel_is_part_of_the_link(visit: Callable[..., Visit], panel: str) -> None:
    page = visit(f"/?lang=zh#panel={panel}")
    assert page.run("[app.panel.isOpen(), app.panel.active]") == [True, panel]
    page.settle()
    page.page.evaluate("() => planmapApp.map.panBy([5, 5], {animate: false})")
    page.until(f"location.hash.includes('map=') && location.hash.endsWith('panel={panel}')")


def test_the_other_language_keeps_panel_and_place(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh#map=12.5/30.08123/120.21457&layers=zones&sel=zone/east&panel=district")
    for _ in range(2):
        page.page.click("#pm-lang")
        page.page.wait_for_function("() => window.__ready === true")
        page.settle()
    state = page.run("app.state()")
    assert state["map"] == {"zoom": 12.5, "lat": 30.08123, "lng": 120.21457}
    assert (state["selection"], state["panel"]) == ("zone/east", "district")
    # What is seen goes along to the downloads.
    asked = page.page.evaluate("""() => {
        const link = document.querySelector('a[href$="#download"]');
        link.addEventListener("click", (event) => event.preventDefault());
        link.click();
        return new URLSearchParams(link.search).get("bbox");
    }""")
    west, south, east, north = map(float, asked.split(","))
    assert west < 120.21457 < east
    assert south < 30.08123 < north
    assert page.run("app.map.getBounds().toBBoxString()").startswith(str(west)[:7])


def test_a_closed_panel_stays_closed(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh#layers=townships&ind=area_km2:township:quantiles&panel=none")
    page.until("app.overlay.model")
    assert page.run("app.panel.isOpen()") is False


def test_enter_selects_what_lies_in_the_middle_and_escape_lets_go(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh#map=13/30.02/120.02&layers=townships")
    page.page.keyboard.press("Tab")
    page.run("app.map.getContainer().focus()")
    assert page.page.locator(".pm-cross").is_visible()
    page.page.keyboard.press("Enter")
    page.until("app.selected === 'township/a'")
    page.run("app.map.getContainer().focus()")
    page.page.keyboard.press("Escape")
    page.until("app.selected === null")


def test_escape_leaves_search_step_by_step(visit: Callable[..., Visit]) -> None:
    page = visit()
    field: Any = page.page.locator("#pm-search-input")
    field.fill("南站")
    page.page.wait_for_selector(".pm-result")
    field.press("Enter")
    page.until("app.selected === 'hub/south'")
    field.press("Escape")
    assert field.input_value() == ""
    field.press("Escape")
    page.until("app.selected === null")


def test_zooming_to_an_uncertain_feature_shows_how_uncertain_it_is(visit: Callable[..., Visit]) -> None:
    page = visit()
    # ± 300 m around G1: 300 m of latitude are 0.0027 degrees.
    page.page.evaluate("() => planmapApp.select('expressway/g1', {zoom: true})")
    page.settle()
    room = page.run(
        "(() => { const seen = app.map.getBounds(), box = app.layers.view('expressway/g1').bounds;"
        " return [box.getSouth() - seen.getSouth(), seen.getNorth() - box.getNorth()]; })()"
    )
    assert min(room) > 0.0026


def test_an_embed_with_an_indicator_says_what_its_colours_mean(visit: Callable[..., Visit]) -> None:
    page = visit("/embed/overview?indicator=area_km2:township&lang=zh", width=720, height=480)
    page.page.wait_for_selector(".pm-embed-indicator")
    assert page.page.locator(".pm-embed-indicator").inner_text() == "面积（km²）"
    assert page.page.locator("#pm-legend .pm-legend-overlay").is_visible()
    small = visit("/embed/overview?indicator=area_km2:township&lang=zh", width=360, height=240)
    small.page.wait_for_selector(".pm-embed-indicator")
    assert not small.page.locator("#pm-legend-section").is_visible()
    assert small.page.locator("#pm-strip .pm-legend-overlay").is_visible()
