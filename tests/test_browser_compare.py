"""The page that compares editions: two maps under one line that keys and touch move, what changed marked on them."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from browser_tools import Visit
from shapely.geometry import Point
from test_browser_accessible import offenders
from web_edition import make_edition
from werkzeug.serving import make_server

from layers.edition.file import Edition
from layers.edition.kept import publish
from webmap.app import create_app

pytestmark = pytest.mark.browser


def later() -> Edition:
    """The hub 2.2 km further north, a road that is finished."""
    made = make_edition()
    made.layers["hubs"].loc[[0], "geometry"] = [Point(120.15, 30.07)]
    made.layers["expressways"].loc[0, "status"] = "operating"
    return make_edition(meta={**made.meta, "hash": "cd" * 32}, layers=made.layers)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("compared")
    path = folder / "editions" / "test-plan.gpkg"
    for edition in (make_edition(), later()):
        publish(edition, path, 5)
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(folder / "c")})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/compare?with={make_edition().hash[:12]}"
    server.shutdown()
    thread.join(timeout=10)


def opened(browser: Any, address: str, **context: Any) -> Visit:
    visit = Visit(browser, "", **context)
    visit.page.goto(address)
    visit.page.wait_for_selector(".swipe[data-ready]")
    return visit


def right_edge(page: Any) -> float:
    """Where the earlier edition ends, px from the left edge of the map's frame."""
    return float(
        page.evaluate("""() => {
        const path = document.querySelector(".leaflet-cmp-before-pane").style.clipPath;
        const at = Math.max(...[...path.matchAll(/(-?[\\d.]+)px -?[\\d.]+px/g)].map((found) => Number(found[1])));
        const {x} = document.querySelector(".leaflet-map-pane")._leaflet_pos;
        return at + x;
    }""")
    )


def test_the_map_is_swiped_and_marks_what_changed(browser: Any, compared: str) -> None:
    visit = opened(browser, compared, width=1440, height=900)
    page, width = visit.page, visit.page.locator(".swipe-map").bounding_box()["width"]
    assert right_edge(page) == pytest.approx(width / 2, abs=1.5)
    assert page.evaluate("""() => [".leaflet-cmp-before-marks-pane", ".leaflet-cmp-after-marks-pane"].map((pane) =>
        [...document.querySelectorAll(`${pane} .change-line`)].map((line) => line.classList[1]).sort())""") == [
        ["change-changed", "change-moved"], ["change-changed", "change-moved", "change-was"]]  # fmt: skip
    page.locator(".pm-swipe-bar").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert right_edge(page) == pytest.approx(width * 0.7, abs=2)
    page.keyboard.press("End")
    assert right_edge(page) == pytest.approx(width, abs=1.5)
    page.locator("#moved [data-show]").click()
    assert "相差 2.2 公里" in page.locator(".change-popup").inner_text()
    # Panning keeps the line where it is.
    page.locator(".pm-swipe-bar").fill("50")
    page.locator(".swipe-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => !document.querySelector('.leaflet-pan-anim')")
    assert right_edge(page) == pytest.approx(width / 2, abs=1.5)
    page.locator(".swipe-layers summary").click()
    boxes = page.locator(".swipe-layers input:checked")
    before = boxes.count()
    boxes.first.uncheck()
    assert page.locator(".swipe-layers input:checked").count() == before - 1
    assert offenders(page) == []
    assert visit.faults == []
    visit.close()


def test_on_a_phone_by_touch_at_night_in_english(browser: Any, compared: str) -> None:
    visit = opened(
        browser, compared + "&lang=en", width=390, height=844, has_touch=True, is_mobile=True, color_scheme="dark"
    )
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".swipe-frame").scroll_into_view_if_needed()
    frame = page.locator(".swipe-frame").bounding_box()
    middle = (frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    thumb = page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle)
    assert thumb == "pm-swipe-bar"
    aside = page.evaluate("([x, y]) => document.elementFromPoint(x + 90, y).className", middle)
    assert "swipe-bar" not in str(aside), "beside its handle the line leaves the map to the finger"
    assert "Under construction" in page.locator("#changed").inner_text()
    assert offenders(page) == []
    assert visit.faults == []
    visit.close()


def test_without_a_script_two_pictures_stand_side_by_side(browser: Any, compared: str) -> None:
    visit = Visit(browser, "", java_script_enabled=False)
    visit.page.goto(compared)
    pictures = visit.page.locator(".swipe-still img")
    assert pictures.count() == 2
    assert [one.evaluate("(node) => node.naturalWidth > 0") for one in pictures.all()] == [True, True]
    visit.close()
