"""Accessibility surfaces in a browser: chosen, seen, explained, in the address, out of the way of indicators."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

PICTURE = ".pm-surface-picture"
LOADED = (
    "() => [...document.querySelectorAll('.pm-surface-picture')].some((one) => one.complete && one.naturalWidth > 400)"
)
FILL = "() => getComputedStyle(document.querySelector('.leaflet-pm-zones-pane path')).fillOpacity"


def test_a_surface_is_chosen_seen_linked_and_gives_way(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=zh", address=shipped).page
    assert page.locator(PICTURE).count() == 0
    options = page.locator("#pm-surface option").all_inner_texts()
    assert options[0] == "不显示"
    assert "距规划点名的学校" not in options, "there is none with a position"
    page.select_option("#pm-surface", label="10分钟健身圈（到亚运场馆）")
    page.wait_for_function(LOADED)
    about = page.locator(".pm-surface-about")
    assert about.locator("li").all_inner_texts() == ["10 分钟以内", "10–30 分钟", "30 分钟以外"]
    assert "假定步行，时速 5 公里" in about.inner_text()
    # Zones are outlines while it is shown, else the colours would not be those of the legend.
    assert page.evaluate(FILL) == "0"
    page.locator("#pm-surface-opacity").fill("40")
    assert page.evaluate("() => document.querySelector('.pm-surface-picture').style.opacity") == "0.4"
    page.wait_for_function("() => location.hash.includes('surf=fitness_10min:0.4')")
    link = page.url
    # An indicator takes its place, and going back brings it again.
    page.click("#pm-btn-indicators")
    page.select_option("#pm-indicator", "access_fitness_10min_30min")
    page.wait_for_selector(PICTURE, state="detached")
    assert page.locator("#pm-surface").input_value() == ""
    page.wait_for_function("() => location.hash.includes('ind=access_fitness_10min_30min')")
    page.select_option("#pm-surface", "expressway")
    page.wait_for_function(LOADED)
    assert page.locator("#pm-indicator").input_value() == ""
    other = visit(link.replace(shipped, "").replace("lang=zh", "lang=en"), address=shipped).page
    other.wait_for_function(LOADED)
    assert other.evaluate("() => document.querySelector('.pm-surface-picture').style.opacity") == "0.4"
    assert "Assumed on foot" in other.locator(".pm-surface-about").inner_text()
    with other.expect_navigation():
        other.locator(".pm-surface-about a").click()
    assert other.url.endswith("/surface/fitness_10min?lang=en")
    assert "10-minute fitness circle" in other.locator("h1").inner_text()


def test_a_wrong_link_shows_none_and_small_screens_have_room(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=zh#surf=nowhere:0.5", address=shipped, width=390, height=844).page
    assert page.locator(PICTURE).count() == 0
    page.click("#pm-btn-layers")
    page.select_option("#pm-surface", "station_operating")
    page.wait_for_function(LOADED)
    boxes = [page.locator(one).bounding_box() for one in (".pm-section-surfaces", ".pm-section-legend")]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1, "the legend begins below"
    for path in ("/surface?lang=en", "/surface/green_space?lang=zh"):
        page.goto(shipped + path)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        assert page.locator("img").first.evaluate("one => one.decode().then(() => one.naturalWidth)") > 400
