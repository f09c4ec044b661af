"""Embeds that are driven: the examples of docs/embed opened from disk, messages, the element, the dialog's preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Room, Visit, served
from web_edition import make_edition

pytestmark = pytest.mark.browser

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "embed"
SERVER = "http://127.0.0.1:8000"
DRIVEN = "() => window.__ready === true"


class Page:
    """A page from disk."""

    def __init__(self, browser: Any, base: str, file: Path) -> None:
        self.room = Room.take(browser, base, {})
        self.page = self.room.page(1000, 900)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(file.as_uri())

    def frame(self) -> Any:
        """The embed in it, once it is drawn."""
        frame = self.page.wait_for_selector("iframe", state="attached").content_frame()
        frame.wait_for_function(DRIVEN)
        return frame

    def until(self, script: str) -> None:
        self.page.wait_for_function(f"() => ({script})")


@pytest.fixture
def example(browser: Any, base: str, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open an example, with the address of the test's own server in it."""
    made: list[Page] = []

    def opened(name: str, server: str = base, **changes: str) -> Page:
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        assert SERVER in text
        for before, after in {SERVER: server, **changes}.items():
            text = text.replace(before, after)
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        made.append(Page(browser, base, file))
        return made[-1]

    yield opened
    for one in made:
        one.room.leave({base, "file://"})
        assert one.faults == []


def test_a_page_from_disk_drives_the_map_by_messages(example: Callable[..., Page]) -> None:
    page = example("messages.html")
    frame = page.frame()
    heard = "document.getElementById('heard').textContent"
    page.until(f"{heard}.includes('ready')")

    def press(number: int, until: str, told: str) -> None:
        page.page.click(f"button >> nth={number}")
        page.until(f"{heard}.includes({told!r})")
        frame.wait_for_function(f"() => {{ const app = window.planmapApp; return ({until}); }}")

    press(1, "app.layers.visible().join() === 'zones,district'", "done m1 setLayers")
    press(2, "app.layers.opacity('townships') === 0.5 && app.layers.isVisible('townships')", "done m2 setLayer")
    press(3, "app.overlay.model?.id === 'area_km2' && app.overlay.model.level === 'township'", "done m3 setIndicator")
    press(4, "app.indicator === null", "done m4 setIndicator")
    press(5, "app.selected === 'district'", "select district")
    press(6, "true", "error m6 unknown_command 没有“no such command”这个命令。")
    press(0, "app.untouched()", "done m7 setView")
    page.until(f"{heard}.split(/\\s+/).includes('view')")


HOSTILE_MESSAGES = """(frame) => {
    const circle = {planmap: 1, id: "circle"}; circle.self = circle; circle.command = "select"; circle.feature = circle;
    const deep = {}; let at = deep; for (let i = 0; i < 300; i += 1) at = at.next = {};
    const list = [null, 7, "x", [], circle, {planmap: 1, id: "deep", command: "setView", bounds: deep},
        {planmap: 1, id: "proto", command: "__proto__"},
        {planmap: 1, id: "nan", command: "setView", center: [NaN, NaN], zoom: NaN},
        {planmap: 1, id: "html", command: "select", feature: "<img src=x onerror=window.__pwned=1>"},
        {planmap: 1, id: "long", command: "setFilter", filter: "a:".repeat(1e6)},
        {planmap: 1, id: "none", command: "setLayers", layers: ["no such layer"]}];
    for (const one of list) frame.contentWindow.postMessage(one, "*");
    const ask = (id) => frame.contentWindow.postMessage({planmap: 1, id, command: "getState"}, "*");
    for (let i = 0; i < 200; i += 1) ask(`flood${i}`);
}"""


def test_hostile_messages_do_no_harm_and_are_answered(example: Callable[..., Page]) -> None:
    page = example("messages.html")
    frame = page.frame()
    page.until("document.getElementById('heard').textContent.includes('ready')")
    page.page.evaluate("() => { window.all = []; addEventListener('message', ({data}) => window.all.push(data)); }")
    shown = frame.evaluate("planmapApp.layers.visible()")
    page.page.evaluate(HOSTILE_MESSAGES, page.page.query_selector("#map"))
    page.until("window.all.filter((one) => String(one.reply).startsWith('flood')).length === 200")
    codes = page.page.evaluate(
        "Object.fromEntries(window.all.filter((one) => one.code).map((one) => [one.reply, one.code]))"
    )
    expected = {
        "circle": "bad_value", "deep": "bad_value", "proto": "unknown_command", "nan": "bad_value",
        "html": "not_found", "long": "bad_value", "none": "not_found",
    }  # fmt: skip
    assert {key: codes.get(key) for key in expected} == expected
    assert {code for key, code in codes.items() if key.startswith("flood")} <= {"busy"}
    assert frame.evaluate("planmapApp.layers.visible()") == shown
    assert frame.evaluate("window.__pwned") is None


def test_only_the_pages_of_the_setting_are_heard(example: Callable[..., Page]) -> None:
    with served(make_edition(), PLANMAP_MESSAGE_ORIGINS="https://a.example") as address:
        page = example("messages.html", server=address)
        frame = page.frame()
        frame.wait_for_selector(".pm-imprint", state="attached")  # what listens to messages comes with it
        frame.evaluate("() => { window.got = new Promise((done) => addEventListener('message', done)); }")
        page.page.evaluate("() => window.frames[0].postMessage({planmap: 1, command: 'setLayers', layers: []}, '*')")
        frame.evaluate("() => window.got.then(() => planmapApp.answers())")
        assert frame.evaluate("planmapApp.layers.visible().length") > 0
        assert page.page.inner_text("#heard") == ""


def test_the_element_shows_a_map_and_follows_its_attributes(example: Callable[..., Page]) -> None:
    page = example("element.html")
    frame = page.frame()
    page.until("document.getElementById('said').textContent === 'ready'")
    box = page.page.locator("iframe").bounding_box()
    assert (round(box["width"]), round(box["height"])) == (720, 540)
    assert "light" in frame.evaluate("Object.keys(document.documentElement.dataset)")
    # Shading by zone brings the parts that an assumed line divides.
    assert frame.evaluate("planmapApp.layers.visible()") == ["zones", "zone_parts", "district"]
    page.page.click("#west")
    frame.wait_for_function("() => planmapApp.layers.visible().join() === 'townships,district'")
    state = page.page.evaluate("document.getElementById('map').select('hub/south', {card: false})")
    assert state["selection"] == "hub/south"
    page.until("document.getElementById('said').textContent === '南站'")
    told = page.page.evaluate(
        "document.getElementById('map').setIndicator('nothing').catch((error) => [error.code, error.field])"
    )
    assert told == ["not_found", "indicator"]
    # Taken out of the page it lets go of everything, put back it opens again.
    page.page.evaluate("() => { const map = document.getElementById('map'); map.remove(); document.body.append(map); }")
    page.frame()
    page.until("document.getElementById('map').ready")


def test_frame_and_picture_of_the_examples(example: Callable[..., Page]) -> None:
    page = example("frame.html")
    frame = page.frame()
    box = page.page.locator("iframe").bounding_box()
    assert abs(box["width"] / box["height"] - 16 / 9) < 0.01
    assert not frame.locator(".pm-tools").is_visible()
    assert frame.locator(".pm-legend .pm-legend-item").first.is_visible()
    picture = example("picture.html")
    picture.until("document.images[0].complete && document.images[0].naturalWidth === 640")


def test_the_dialog_shows_what_its_code_shows(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    page.run("app.layers.setVisible('hubs', false)")
    page.page.click("#pm-btn-share")
    page.page.select_option("#pm-embed-theme", "dark")
    page.page.select_option("#pm-embed-controls", "off")
    page.page.select_option("#pm-embed-size", "4/3")
    live = page.page.frame_locator(".pm-live iframe")
    live.locator("html[data-dark] body.pm-no-controls .pm-legend-item").first.wait_for(state="attached")
    inner = page.page.wait_for_selector(".pm-live iframe").content_frame()
    inner.wait_for_function(DRIVEN)
    assert inner.url == page.page.get_attribute(".pm-preview", "href")
    assert "hubs" not in inner.evaluate("planmapApp.layers.visible()")
    assert inner.evaluate("getComputedStyle(document.body).getPropertyValue('--paper')") == "#26231f"
    assert "aspect-ratio:4/3" in page.page.input_value("#pm-embed-code")
    page.page.select_option("#pm-embed-kind", "element")
    assert "<plan-map src=" in page.page.input_value("#pm-embed-code")
    page.page.select_option("#pm-embed-kind", "picture")
    page.page.wait_for_function("() => document.querySelector('.pm-live img')?.naturalWidth === 640")
    assert 'alt="地图：' in page.page.input_value("#pm-embed-code")
    assert page.page.is_disabled("#pm-embed-theme")
    page.page.keyboard.press("Escape")
    page.page.wait_for_function("() => !document.querySelector('.pm-live iframe, .pm-live img')")
