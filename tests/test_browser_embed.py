"""Embedded maps on somebody else's page: from disk, hidden, resized, under the wheel; the code that makes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser_tools import Room, Visit

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
WAIT_MS = 30_000


class Host:
    """A page from disk that holds one embed."""

    def __init__(self, browser: Any, base: str, folder: Path, html: str, **context: Any) -> None:
        file = folder / "host.html"
        file.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")
        self.room = Room.take(browser, base, context)
        self.page = self.room.page(1000, 700)
        self.page.goto(file.as_uri())

    def frame(self) -> Any:
        """The embed once it is drawn."""
        self.page.wait_for_selector("iframe", state="attached")
        frame = self.page.query_selector("iframe").content_frame()
        frame.wait_for_function("() => window.__ready === true", timeout=WAIT_MS)
        return frame

    def until(self, script: str) -> None:
        """Wait until an expression holds in the embed; ``app`` is its app object."""
        self.frame().wait_for_function(
            f"() => {{ const app = window.planmapApp; return ({script}); }}", timeout=WAIT_MS
        )

    def run(self, script: str) -> Any:
        """Evaluate an expression in the embed."""
        return self.frame().evaluate(f"() => {{ const app = window.planmapApp; return ({script}); }}")


@pytest.fixture
def host(browser: Any, base: str, tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Open pages that hold an embed."""
    made: list[Host] = []

    def opened(html: str, **context: Any) -> Host:
        made.append(Host(browser, base, tmp_path, html, **context))
        return made[-1]

    yield opened
    for one in made:
        one.room.leave({base, "file://"})


def iframe(base: str, path: str = "/embed/overview?lang=zh", size: str = "width=700 height=500") -> str:
    return f'<iframe id=e src="{base}{path}" {size}></iframe>'


WHOLE = "app.map.getBounds().contains(app.config.view.bounds)"
"""Is the whole of the view in sight?"""
CLOSE = (
    "(() => { const at = (b) => { const box = L.latLngBounds(b);"
    " const low = app.map.latLngToContainerPoint(box.getSouthWest());"
    " const high = app.map.latLngToContainerPoint(box.getNorthEast());"
    " const size = app.map.getSize(); return Math.max((high.x - low.x) / size.x, (low.y - high.y) / size.y); };"
    " return at(app.config.view.bounds) > 0.55; })()"
)
"""Does it fill more than half of the map, one way or the other?"""
FITS = f"{WHOLE} && {CLOSE}"


def test_a_page_from_disk_may_hold_an_embed(host: Callable[..., Host], base: str) -> None:
    page = host(iframe(base))
    page.until(FITS)
    assert page.run("location.pathname") == "/embed/overview"


@pytest.mark.parametrize(
    ("html", "show"),
    [
        ("<details id=d><summary>附图</summary>{}</details>", "d.open = true"),
        ("<div id=d style='display:none'>{}</div>", "d.style.display = 'block'"),
        ("<div id=d>{}</div>", "d.firstChild.width = 700, d.firstChild.height = 500"),
    ],
    ids=["details", "display-none", "no-size"],
)
def test_a_map_that_was_hidden_at_first_shows_its_view(
    host: Callable[..., Host], base: str, html: str, show: str
) -> None:
    no_size = "width=0 height=0 style=border:0"
    page = host(html.format(iframe(base, size=no_size if html == "<div id=d>{}</div>" else "width=700 height=500")))
    handle = page.page.query_selector("iframe")
    # The map's program has run before anything is to be seen.
    handle.content_frame().wait_for_function(
        "() => window.planmapApp?.layers?.visible().length > 0", timeout=WAIT_MS, polling=100
    )
    page.page.evaluate(f"() => {{ {show}; }}")
    page.until(FITS)
    # Hidden again and shown again, it is as it was.
    before = page.run("[app.map.getZoom(), app.map.getCenter().lat.toFixed(3)]")
    page.page.evaluate("() => { document.getElementById('d').style.display = 'none'; }")
    page.page.evaluate("() => { document.getElementById('d').style.display = 'block'; }")
    page.until(FITS)
    assert page.run("[app.map.getZoom(), app.map.getCenter().lat.toFixed(3)]") == before


def test_an_untouched_map_fits_whatever_size_its_frame_takes(host: Callable[..., Host], base: str) -> None:
    page = host(iframe(base))
    page.until(FITS)
    for width, height in ((360, 300), (940, 640), (300, 600), (700, 500)):
        page.page.evaluate("([w, h]) => { e.width = w; e.height = h; }", [width, height])
        page.until(f"innerWidth === {width} && innerHeight === {height} && app.map.getSize().x === {width} && {FITS}")


def test_a_map_that_was_moved_keeps_its_centre(host: Callable[..., Host], base: str) -> None:
    page = host(iframe(base))
    page.until(FITS)
    page.run("app.map.setView([30.05, 120.3], 13, {animate: false})")
    for width, height in ((360, 300), (940, 640)):
        page.page.evaluate("([w, h]) => { e.width = w; e.height = h; }", [width, height])
        page.until(f"app.map.getSize().x === {width}")
        page.until("app.map.distance(app.map.getCenter(), [30.05, 120.3]) < 30 && app.map.getZoom() === 13")
    page.page.evaluate("() => { e.style.display = 'none'; }")
    page.page.evaluate("() => { e.style.display = 'block'; e.width = 800; }")
    page.until("app.map.getSize().x === 800")
    page.until("app.map.distance(app.map.getCenter(), [30.05, 120.3]) < 30 && app.map.getZoom() === 13")


TALL = "<p>上文</p>{}<div style='height:3000px'>下文</div>"


def test_the_wheel_over_an_embed_scrolls_the_page(host: Callable[..., Host], base: str) -> None:
    page = host(TALL.format(iframe(base)))
    page.until(FITS)
    zoom = page.run("app.map.getZoom()")
    page.page.mouse.move(350, 300)
    page.page.mouse.wheel(0, 100)
    page.page.wait_for_function("() => scrollY > 50", timeout=WAIT_MS)
    page.until("document.querySelector('#pm-toast').textContent.includes('Ctrl')")
    assert page.run("app.map.getZoom()") == zoom


def test_control_and_wheel_zoom_the_embed(host: Callable[..., Host], base: str) -> None:
    page = host(TALL.format(iframe(base)))
    page.until(FITS)
    zoom = page.run("app.map.getZoom()")
    page.page.mouse.move(350, 300)
    page.page.keyboard.down("Control")
    page.page.mouse.wheel(0, -200)
    page.until(f"app.map.getZoom() > {zoom}")
    page.page.keyboard.up("Control")
    assert page.page.evaluate("scrollY") == 0


def test_after_a_click_into_it_the_wheel_zooms_the_embed(host: Callable[..., Host], base: str) -> None:
    page = host(TALL.format(iframe(base)))
    page.until(FITS)
    zoom = page.run("app.map.getZoom()")
    page.page.mouse.click(350, 150)
    page.page.mouse.wheel(0, -200)
    page.until(f"app.map.getZoom() > {zoom}")
    assert page.page.evaluate("scrollY") == 0
    # Clicked into the page again, the wheel is the page's.
    page.page.mouse.click(900, 150)
    page.until("!document.hasFocus()")
    page.page.mouse.move(350, 150)
    page.page.mouse.wheel(0, 150)
    page.page.wait_for_function("() => scrollY > 50", timeout=WAIT_MS)


def test_one_finger_leaves_the_page_its_scrolling(host: Callable[..., Host], base: str) -> None:
    page = host(TALL.format(iframe(base, size="width=360 height=400")), has_touch=True, is_mobile=True)
    page.until(FITS)
    assert page.run("app.map.dragging.enabled()") is False
    assert page.run("getComputedStyle(app.map.getContainer()).touchAction") == "pan-x pan-y"
    assert page.run("app.map.touchZoom.enabled()") is True


def test_every_embed_has_a_legend(host: Callable[..., Host], base: str) -> None:
    page = host(iframe(base, size="width=960 height=600"))
    page.until(FITS)
    assert page.frame().locator("#pm-legend-section .pm-legend-item").first.is_visible()
    for width, height in ((360, 480), (700, 500), (700, 250)):
        page.page.evaluate("([w, h]) => { e.width = w; e.height = h; }", [width, height])
        page.until(f"innerWidth === {width} && app.map.getSize().x === {width}")
        strip = page.frame().locator("#pm-strip")
        assert strip.locator(".pm-legend-item").first.is_visible()
        assert strip.bounding_box()["height"] < 0.25 * height
        assert not page.frame().locator("#pm-legend-section").is_visible()


def code_of(page: Visit) -> str:
    page.page.click("#pm-btn-share")
    page.page.wait_for_selector("dialog[open]")
    return str(page.page.input_value("#pm-embed-code"))


def address_in(code: str) -> str:
    found = re.search(r'src="([^"]+)"', code)
    assert found
    return unescape(found.group(1))


def test_the_code_carries_what_the_map_shows(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=en")
    page.run("app.setIndicator({id: 'area_km2', level: 'township', method: 'equal_interval'})")
    page.until("app.overlay.model?.id === 'area_km2'")
    page.run("app.layers.setVisible('hubs', false)")
    page.run("app.layers.setOpacity('zones', 0.4)")
    page.run("app.filters.set('status:building')")
    page.page.evaluate("() => planmapApp.select('expressway/g1')")
    page.until("app.selected === 'expressway/g1'")
    page.settle()  # the opening panel still shifts the map
    page.run("app.map.setView([30.06, 120.22], 13.5, {animate: false})")
    page.settle()
    shown = page.run("app.layers.visible()")
    seen = page.run("app.map.getBounds().toBBoxString().split(',').map(Number)")
    embed = visit(address_in(code_of(page)), width=900, height=600)
    embed.until("app.selected === 'expressway/g1' && app.overlay.model?.id === 'area_km2'")
    assert embed.run("app.layers.visible()") == shown
    assert embed.run("app.layers.opacity('zones')") == 0.4
    assert embed.run("app.filters.text()") == "status:building"
    assert embed.run("app.indicator") == {"id": "area_km2", "level": "township", "method": "equal_interval"}
    assert embed.run("document.documentElement.lang") == "en"
    west, south, east, north = seen
    assert embed.run(f"app.map.getBounds().pad(0.001).contains([[{south}, {west}], [{north}, {east}]])")
    # The extent, not the zoom: a smaller frame shows the same piece of the plan.
    small = visit(address_in(code_of_open(page)), width=320, height=260)
    assert small.run(f"app.map.getBounds().pad(0.001).contains([[{south}, {west}], [{north}, {east}]])")
    assert small.run("app.map.getZoom()") < embed.run("app.map.getZoom()")


def code_of_open(page: Visit) -> str:
    return str(page.page.input_value("#pm-embed-code"))


def test_nothing_shaded_stays_nothing_shaded(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh&view=indicators")
    page.until("app.overlay.model")
    page.run("app.setIndicator(null)")
    address = address_in(code_of(page))
    assert "indicator=none" in address
    embed = visit(address)
    assert embed.run("app.indicator") is None


def test_the_readme_shows_the_code_of_the_dialog(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=zh", address=shipped, width=1440, height=900)
    parts = urlsplit(shipped)
    code = code_of(page).replace(f"{parts.scheme}://{parts.netloc}", "http://127.0.0.1:8000")
    assert f"```html\n{code}\n```" in (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
