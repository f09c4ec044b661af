"""The picture that a page of the map comes with, and the map that takes its place: without a jump, at any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

# Of each layer: the box on the screen of what it draws, its colours and the widths of its strokes; and where the map's
# frame is. The picture and the map are asked the same.
LOOK = """(first) => {
    const shown = first ? null : planmapApp.layers;
    const roots = first
        ? [...document.querySelectorAll('#pm-first g[data-layer]')].map((node) => [node.dataset.layer, node])
        : shown.visible().map((id) => [id, planmapApp.map.getPane(shown.entry(id).pane)]);
    const on = (path) => {
        const {x, y, width, height} = path.getBBox(), m = path.getScreenCTM();
        return [m.a * x + m.e, m.d * y + m.f, m.a * (x + width) + m.e, m.d * (y + height) + m.f];
    };
    const grow = (a, b) => a
        ? [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])] : b;
    const unique = (values) => [...new Set(values)].sort();
    const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
    const said = (node, name) => node.getAttribute(name);
    const layers = {};
    for (const [id, root] of roots) {
        const paths = [...root.querySelectorAll('path')].filter((path) => !path.closest('[data-spot], .pm-symbol'));
        const strokes = paths.filter((path) => said(path, 'stroke') && said(path, 'stroke') !== 'none'
            && path.getBBox().width > 0 && Number(said(path, 'stroke-opacity') ?? 1) > 0);
        const spots = [...root.querySelectorAll(first ? '[data-spot]' : '.pm-symbol')];
        layers[id] = {
            box: strokes.map(on).reduce(grow, null),
            strokes: unique(strokes.map((one) => `${said(one, "stroke")} ${(+said(one, "stroke-width")).toFixed(1)}`)),
            fills: unique(paths.map((path) => said(path, 'fill')).filter((fill) => fill && fill[0] === '#')),
            spots: spots.map((node) => middle(node.getBoundingClientRect())).sort((a, b) => a[0] - b[0] || a[1] - b[1]),
        };
    }
    const {left, top, width, height} = document.getElementById('pm-map').getBoundingClientRect();
    const zoom = first ? Number(document.getElementById('pm-first').dataset.drawn) : planmapApp.map.getZoom();
    const named = document.querySelectorAll(first ? '#pm-first [data-name]:not([display])' : '.pm-labels g.pm-label');
    const names = [...named].map((node) => [node.textContent, ...middle(node.getBoundingClientRect())]);
    return {layers, map: [left, top, width, height], zoom, names};
}"""


def both(
    browser: Any, base: str, path: str, size: tuple[int, int], look: str = LOOK
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the picture shows while the page has no program, and what the map shows in its place."""
    seen = []
    for first in (True, False):
        made = Visit(browser, base, *size)
        if first:
            made.page.route("**/static/dist/*.js", lambda route: route.abort())
            made.page.goto(base + path)
            made.page.wait_for_selector("#pm-first[data-drawn]")
        else:
            made.open(path)
            made.settle()
            assert made.page.locator("#pm-first").count() == 0, "the map has taken its place"
            assert made.faults == []
        seen.append(made.page.evaluate(look, first))
        made.close()
    return seen[0], seen[1]


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/?lang=zh", (1440, 900)),
        ("/?lang=zh", (1440, 862)),
        ("/?lang=en", (390, 844)),
        ("/embed/overview?lang=zh", (960, 540)),
    ],
)
def test_the_map_takes_the_place_of_its_picture_without_a_jump(
    browser: Any, shipped: str, path: str, size: tuple[int, int]
) -> None:
    picture, live = both(browser, shipped, path, size)
    assert picture["map"] == pytest.approx(live["map"], abs=0.6), "the map keeps its place and size"
    assert picture["zoom"] == live["zoom"]
    assert set(picture["layers"]) - {"paper"} == set(live["layers"])
    compared = 0
    for layer, drawn in live["layers"].items():
        still = picture["layers"][layer]
        # Leaflet draws no further than a little beyond its frame; colours of what is further out are not on the map.
        whole = drawn["box"] and still["box"] and inside(still["box"], live["map"])
        if whole:
            assert still["box"] == pytest.approx(drawn["box"], abs=2.0), layer
            assert widths(still) == pytest.approx(widths(drawn), abs=0.11), layer
            assert set(still["fills"]) == set(drawn["fills"]), layer
            compared += 1
        assert [at for spot in still["spots"] for at in spot] == pytest.approx(
            [at for spot in drawn["spots"] for at in spot], abs=2.0
        ), layer
    assert compared >= 5
    assert len(picture["names"]) >= 8
    # The largest and those of waters are looked a better place for, and some others have then no room left.
    moved = [name for name in picture["names"] if not stays(name, live["names"])]
    assert len(moved) <= 0.5 * len(picture["names"]), moved


def stays(name: list[Any], names: list[list[Any]]) -> bool:
    """Whether a name, ``[text, x, y]``, is among others within two pixels."""
    text, x, y = name
    return any(text == other and abs(x - u) <= 2 and abs(y - v) <= 2 for other, u, v in names)


def widths(drawn: dict[str, Any]) -> dict[str, float]:
    """Width of the strokes of each colour; the widest where there are several."""
    return {color: float(width) for color, width in (stroke.split(" ") for stroke in drawn["strokes"])}


def inside(box: list[float], frame: list[float]) -> bool:
    """Whether a box of two corners lies in a frame of a corner and a size."""
    left, top, width, height = frame
    return box[0] >= left and box[1] >= top and box[2] <= left + width and box[3] <= top + height


def test_the_picture_keeps_out_of_the_way(visit: Callable[..., Visit], shipped: str) -> None:
    """An address that says where to look has no picture, and no panel but the one that it asks for."""
    made = visit("/?view=indicators&lang=zh#map=12/30.16/120.30&ind=&panel=", address=shipped)
    assert made.page.locator("#pm-first").count() == 0
    assert not made.page.locator("#pm-panel").is_visible()


def test_a_page_that_is_loaded_anew_has_its_picture_where_the_map_was(browser: Any, shipped: str) -> None:
    made = Visit(browser, shipped, 1280, 800)
    made.page.goto(f"{shipped}/?lang=zh")
    made.page.wait_for_function("() => window.__ready === true")
    made.page.evaluate("planmapApp.map.setView([30.08, 120.4], 10.5, {animate: false})")
    made.page.wait_for_function("() => location.hash.startsWith('#map=10.5/')")
    drawn, address = made.page.evaluate(LOOK, False), made.page.url
    made.page.route("**/static/dist/*.js", lambda route: route.abort())
    made.page.reload()
    made.page.wait_for_selector("#pm-first[data-drawn]")
    picture = made.page.evaluate(LOOK, True)
    assert picture["zoom"] == drawn["zoom"] == 10.5
    for layer in ("zones", "district", "townships"):
        # All of them is in the window; the address says where to 1e-5 degree.
        assert picture["layers"][layer]["box"] == pytest.approx(drawn["layers"][layer]["box"], abs=2), layer
    for other in ("&sel=zone/central", "&layers=zones", "&map=16/30.12/120.36"):
        page = made.page.context.new_page()
        page.route("**/static/dist/*.js", lambda route: route.abort())
        page.goto(address + other)
        page.wait_for_load_state()
        assert page.locator("#pm-first").count() == 0, other
        page.close()
    made.close()


# Of each shaded place, as the picture or the map has it: the box on the screen and the colour; and the values written.
SHADES = """(first) => {
    const root = first ? document.querySelector('#pm-first g[data-layer=overlay]')
        : planmapApp.map.getPane('pm-paint');
    const on = (path) => {
        const {x, y, width, height} = path.getBBox(), m = path.getScreenCTM();
        return [m.a * x + m.e, m.d * y + m.f, m.a * (x + width) + m.e, m.d * (y + height) + m.f];
    };
    const shades = [...root.querySelectorAll('path')].map((path) => [path.getAttribute('fill'), ...on(path)]);
    const names = document.querySelectorAll(first ? '#pm-first [data-name]:not([display])' : '.pm-labels g.pm-label');
    const values = [...names].map((node) => node.querySelector('text[font-weight="700"]:last-child')).filter(Boolean);
    const map = document.getElementById('pm-map').getBoundingClientRect();
    const layers = first ? [...document.querySelectorAll('#pm-first g[data-layer]')].map((one) => one.dataset.layer)
        : planmapApp.layers.visible();
    return {
        shades: shades.sort((a, b) => a[1] - b[1] || a[2] - b[2]), map: [map.left, map.top, map.width, map.height],
        values: Object.fromEntries(values.map((one) => [one.parentNode.dataset.id, one.textContent])),
        layers: layers.sort(),
    };
}"""


@pytest.mark.parametrize(
    ("path", "size", "count"),
    [
        ("/?view=indicators&lang=zh", (1440, 900), 22),
        ("/?view=indicators&lang=en", (390, 844), 22),
        ("/embed/overview?indicator=area_km2:zone&lang=zh", (960, 540), 3),
    ],
)
def test_a_view_with_an_indicator_comes_shaded_in_the_same_classes(
    browser: Any, shipped: str, path: str, size: tuple[int, int], count: int
) -> None:
    picture, live = both(browser, shipped, path, size, SHADES)
    assert picture["map"] == pytest.approx(live["map"], abs=0.6), "a panel has its place from the first"
    assert set(picture["layers"]) - {"paper", "overlay"} == set(live["layers"])
    assert len(live["shades"]) == count
    assert len({shade[0] for shade in live["shades"]}) >= 3, "several classes"
    assert [shade[0].lower() for shade in picture["shades"]] == [shade[0].lower() for shade in live["shades"]]
    for still, drawn in zip(picture["shades"], live["shades"], strict=True):
        assert still[1:] == pytest.approx(drawn[1:], abs=2.0)
    written = set(picture["values"]) & set(live["values"])
    assert len(written) >= min(8, count)
    assert {place: picture["values"][place] for place in written} == {place: live["values"][place] for place in written}


def test_the_map_answers_while_its_picture_stands(browser: Any, shipped: str) -> None:
    """A drag takes the picture along, and what is clicked is selected, before anything is drawn under it."""
    made = Visit(browser, shipped, 1280, 800)
    # Nothing is drawn before it is let go.
    made.page.add_init_script(
        "window.__go = new Promise((go) => { window.__let = go; });"
        "const held = () => { const {layers} = window.planmapApp; const {show} = Object.getPrototypeOf(layers);"
        " layers.show = async function (entry) { window.__early ||= !window.__answers; await window.__go;"
        " return show.call(this, entry); }; };"
        "let app; Object.defineProperty(window, 'planmapApp', {get: () => app, set: (value) => { app = value;"
        " const look = () => (value.layers ? held() : setTimeout(look)); look(); }});"
    )
    page = made.page
    page.goto(shipped + "/?lang=zh")
    page.wait_for_function("() => window.__answers === true")
    where = """() => {
        const {x, y} = planmapApp.map._getMapPanePos();
        const box = document.getElementById('pm-first').getBoundingClientRect();
        return [x - box.x, y - box.y, box.x];
    }"""
    before = page.evaluate(where)
    page.mouse.move(700, 500)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(700 - 20 * step, 500 - 10 * step)
    page.wait_for_function("() => planmapApp.map.dragging.moving()")
    page.mouse.up()
    after = page.evaluate(where)
    assert after[:2] == pytest.approx(before[:2], abs=1), "the picture is where the map is"
    assert after[2] <= before[2] - 80
    assert page.evaluate("() => planmapApp.map.getPane('pm-zones').querySelectorAll('path').length") == 0
    page.evaluate("() => window.__let()")
    page.wait_for_function("() => window.__ready === true")
    assert page.evaluate("() => window.__early") is False, "nothing is drawn before all that is seen answers"
    assert page.locator("#pm-first").count() == 0
    assert page.evaluate("() => planmapApp.map.getPane('pm-zones').querySelectorAll('path').length") > 0
    assert made.faults == []
    made.close()


def test_the_picture_is_there_without_scripts(browser: Any, shipped: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 800, "height": 700})
    page = context.new_page()
    page.goto(shipped + "/?lang=en")
    box = page.locator("#pm-first").bounding_box()
    assert box["width"] > 500
    assert box["height"] > 300
    assert page.locator("#pm-first").get_attribute("aria-label")
    assert page.locator("#pm-first text").count() > 40
    hidden = page.locator("#pm-first [data-name][display] > *")
    shown = hidden.evaluate_all("(parts) => parts.filter((part) => getComputedStyle(part).display !== 'none').length")
    assert (hidden.count() > 10, shown) == (True, 0), "names without room are not laid out"
    context.close()


# What each element in sight looks like; the rules of late style sheets that came empty are put in, and change nothing.
LATE = """(css) => {
    const all = [...document.body.querySelectorAll('*')];
    const shown = all.filter((node) => node.checkVisibility() && node.getBoundingClientRect().width > 0);
    const look = () => shown.map((node) => {
        const {x, y, width, height} = node.getBoundingClientRect(), style = getComputedStyle(node);
        const {color, backgroundColor, backgroundImage, border, font, padding} = style;
        const said = [x, y, width, height, color, backgroundColor, backgroundImage, border, font, padding];
        return [node.id || String(node.className.baseVal ?? node.className), ...said].join('|');
    });
    const before = look();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
    return {count: shown.length, changed: look().filter((now, at) => now !== before[at])};
}"""


def test_late_style_sheets_change_nothing_that_is_seen_before_them(browser: Any, shipped: str) -> None:
    made = Visit(browser, shipped, 1280, 900)
    late: dict[str, str] = {}

    def without(route: Any) -> None:
        late[route.request.url] = route.fetch().text()
        route.fulfill(body="", content_type="text/css")

    for name in ("soon", "asked"):
        made.page.route(f"**/dist/{name}.*css", without)
    made.open("/?lang=zh")
    come = "[...document.styleSheets].filter((one) => /soon|asked/.test(one.href)).length === 2"
    made.page.wait_for_function(f"() => {come}")
    seen = made.page.evaluate(LATE, "".join(late.values()))
    assert seen["count"] > 300
    assert seen["changed"] == []
    made.close()
