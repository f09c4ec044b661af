"""Searching in a real browser: what is found, where it leads, and the keys of an input method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser


def test_the_right_thing_comes_first(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=zh", address=shipped)
    assert "/api/search" not in page.page.evaluate("performance.getEntriesByType('resource').map((r) => r.name)")
    wanted = {
        "萧山国际机场": "杭州萧山国际机场",
        "萧山国际飞场": "杭州萧山国际机场",
        "airport xiaoshan": "杭州萧山国际机场",
        "xianghu": "湘湖",
        "地区生产总值": "地区生产总值",
        "发改局": "区发改局",
        "专栏2-4": "专栏2 第4项",
        "二号线": "地铁2号线",
        "中部都市中央活力区": "中部都市中央活力区",
    }
    # The box answers as one types: wait for what is wanted, so that no earlier answer is read.
    for text, name in wanted.items():
        page.page.fill("#pm-search-input", text)
        page.page.wait_for_function(
            "(name) => document.querySelector('.pm-result-name')?.textContent === name", arg=name
        )


@pytest.mark.parametrize(
    "text", ["120.26, 30.18", "30°10′48″N 120°15′36″E", "3340095.67 525041.08", "40525041.08, 3340095.67"]
)
def test_coordinates_lead_to_their_place(visit: Callable[..., Visit], text: str) -> None:
    """The metres are PROJ's for EPSG:4490 to EPSG:4549."""
    page = visit()
    page.page.fill("#pm-search-input", text)
    page.page.wait_for_selector("#pm-result-0")
    page.page.press("#pm-search-input", "Enter")
    page.until("document.querySelector('.pm-found') && app.map.getZoom() >= 14")
    assert page.run("app.map.distance(app.map.getCenter(), [30.18, 120.26])") < 20


def test_an_indicator_is_shaded_and_a_clause_is_opened(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=en", address=shipped)
    page.page.fill("#pm-search-input", "面积")
    page.page.wait_for_function(
        "() => [...document.querySelectorAll('.pm-result-name')].some((node) => node.textContent === 'Area')"
    )
    page.page.locator(".pm-result", has=page.page.get_by_text("Area", exact=True)).first.dispatch_event("mousedown")
    page.until("app.indicator?.id === 'area_km2' && app.panel.active === 'indicators'")
    page.page.fill("#pm-search-input", "7.1.3")
    page.page.wait_for_function("() => document.querySelectorAll('.pm-result').length === 1")
    page.page.press("#pm-search-input", "Enter")
    page.page.wait_for_url("**/chapter/7?lang=en#7.1.3")


def test_the_keys_of_an_input_method_are_its_own(visit: Callable[..., Visit]) -> None:
    page: Any = visit()
    # The page that has opened writes its own address first.
    page.page.wait_for_function("() => location.hash")
    page.page.click("#pm-search-input")
    cdp = page.context.new_cdp_session(page.page)
    cdp.send("Input.imeSetComposition", {"text": "nan'zhan", "selectionStart": 8, "selectionEnd": 8})
    page.page.wait_for_selector("#pm-results:not([hidden]) .pm-result")
    before = page.run("[document.activeElement.value, app.map.getCenter().lat, app.map.getZoom(), location.hash]")
    page.page.evaluate("() => { window.seen = 0; window.addEventListener('keydown', () => window.seen++, true); }")
    for key, code in (("ArrowDown", 229), ("Enter", 229), ("Escape", 229)):
        event = {"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
        cdp.send("Input.dispatchKeyEvent", event)
    after = page.run("[document.activeElement.value, app.map.getCenter().lat, app.map.getZoom(), location.hash]")
    assert after == before
    assert page.run("[app.selected, document.querySelector('#pm-results').hidden]") == [None, False]
    assert page.page.locator("[role=option][aria-selected=true]").get_attribute("id") == "pm-result-0"
    # The word is taken: now Enter is the page's.
    cdp.send("Input.insertText", {"text": "南站"})
    page.page.wait_for_function("() => document.querySelector('#pm-search-input').value === '南站'")
    page.page.wait_for_function("() => document.querySelector('.pm-result-name')?.textContent === '南站'")
    page.page.press("#pm-search-input", "Enter")
    page.until("app.selected === 'hub/south'")


def test_nothing_points_at_what_lies_beyond_the_district(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=zh", address=shipped)
    page.run("app.map.setView([30.0, 120.6], 12, {animate: false})")
    middle = page.run(
        "(() => { const at = app.map.getContainer().getBoundingClientRect();"
        " return [at.x + at.width / 2, at.y + at.height / 2]; })()"
    )
    assert page.run("app.layers.view('neighbour/keqiao') !== null")
    page.page.mouse.move(*middle)
    page.page.mouse.move(middle[0] + 3, middle[1])
    page.page.mouse.click(*middle)
    page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.run("[app.selected, app.hovered]") == [None, None]
    assert page.page.locator(".pm-tip").is_hidden()
    link = visit("/?lang=zh#sel=neighbour/keqiao", address=shipped)
    assert link.run("app.selected") is None
