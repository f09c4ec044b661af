"""The map in a real browser: layers, tree, legend, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

VIEW = "/?lang=zh"


def names(page: Visit) -> list[str]:
    """The names written on the map, lines of one name joined."""
    found = page.run(
        "[...document.querySelectorAll('svg.pm-labels g')].map("
        "(g) => [...g.querySelectorAll('text')].map((t) => t.textContent).join(''))"
    )
    return [str(name) for name in found]


def legend(page: Visit) -> list[str]:
    """The entries of the legend."""
    page.settle()
    return [
        str(text)
        for text in page.run(
            "[...document.querySelectorAll('#pm-legend-section .pm-legend-item')].map((item) => item.textContent)"
        )
    ]


# ---- layers


def drawn_order(page: Visit) -> list[str]:
    """The layers' ids as their groups follow each other on the map's sheet, low ones first."""
    found = page.run(
        "(() => { const groups = [...document.querySelectorAll('.leaflet-pm-sheet-0-pane svg > g > g')];"
        " return groups.map((group) => app.layers.ids.find("
        " (id) => app.map.getPane(app.layers.entry(id).pane) === group)).filter(Boolean); })()"
    )
    return [str(name) for name in found]


def test_layers_are_drawn_on_one_sheet_by_the_plans_order(visit: Callable[..., Visit]) -> None:
    page = visit()
    order = page.run("app.layers.ids.map((id) => [app.layers.spec(id).order, id])")
    assert drawn_order(page) == [name for _, name in sorted(order)]
    # One picture as large as the window for all of them (another for what is selected), and no element that the
    # browser moves by itself for a symbol: marks with a number only.
    page.run("app.layers.setAll(app.layers.ids)")
    page.settle()
    symbols = "app.layers.visible().flatMap((id) => app.layers.entry(id).drawn.items).filter((i) => i.pass === 'point')"
    assert page.run(f"{symbols}.length") >= 1
    assert page.run(f"{symbols}.every((item) => item.layer.getElement().closest('.leaflet-pm-sheet-0-pane svg'))")
    moved = page.run("document.querySelectorAll('.leaflet-map-pane .leaflet-zoom-animated').length")
    assert moved - page.run("app.clusters.count() + app.units.count()") <= 3


def test_switching_a_layer_off_and_on_keeps_the_stacking(visit: Callable[..., Visit]) -> None:
    page = visit()
    before = drawn_order(page)
    # The zones' outlines at zoom steps in between must come back as they would have been.
    look = (
        "[...app.map.getPane(app.layers.entry('zones').pane).querySelectorAll('path')].map((path) =>"
        " ['d', 'stroke', 'stroke-width', 'stroke-dasharray', 'fill', 'fill-opacity'].map((a) => path.getAttribute(a)))"
    )
    drawn = page.run(look)
    assert len(drawn) >= 4
    page.run("app.layers.setVisible('zones', false)")
    assert page.run(look) == []
    page.run("app.map.setZoom(app.map.getZoom() + 2, {animate: false})")
    page.run("app.map.setZoom(app.map.getZoom() - 2, {animate: false})")
    page.run("app.layers.setVisible('zones', true)")
    assert page.run(look) == drawn
    assert drawn_order(page) == before


def test_a_layer_is_fetched_when_first_shown_and_once(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=townships")
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    box = page.page.locator("#pm-layer-zone_parts")
    box.check()
    page.until("app.layers.entry('zone_parts').loaded")
    box.uncheck()
    box.check()
    assert [url.rsplit("/", 1)[1] for url in asked if "/api/layers/" in url] == ["zone_parts"]


def test_opacity_is_the_panes_and_only_that_layers(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("document.querySelector('[data-layer=zones] .pm-expand').click()")
    page.page.locator("#pm-op-zones").fill("40")
    assert page.run("getComputedStyle(app.map.getPane(app.layers.entry('zones').pane)).opacity") == "0.4"
    assert page.run("getComputedStyle(app.map.getPane(app.layers.entry('townships').pane)).opacity") == "1"


def test_a_road_being_built_is_dashed_in_multiples_of_its_width(visit: Callable[..., Visit]) -> None:
    page = visit()
    width, dash = page.run(
        "(() => { const item = app.layers.entry('expressways').drawn.items.find((one) => one.pass === 'stroke');"
        " const path = item.layer.getElement();"
        " return [path.getAttribute('stroke-width'), path.getAttribute('stroke-dasharray')]; })()"
    )
    parts = [float(part) for part in re.split(r"[ ,]+", dash)]
    # building: dash = [4.0, 1.6] in kinds.toml; the page rounds to hundredths of a pixel.
    assert parts == [pytest.approx(4 * float(width), abs=0.05), pytest.approx(1.6 * float(width), abs=0.05)]


def test_an_assumed_part_is_hatched(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=zones,zone_parts")
    fills = page.run(
        "app.layers.entry('zone_parts').drawn.items.map((item) => item.layer.getElement().getAttribute('fill'))"
    )
    assert any(fill.startswith("url(#pm-hatch") for fill in fills)
    assert page.run("document.querySelectorAll('.pm-defs pattern').length") >= 1


def test_an_uncertain_road_shows_its_band_when_selected(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#map=13/30.1/120.1&layers=expressways&sel=expressway/g1")
    page.until("app.selected === 'expressway/g1'")
    widths = page.run(
        "[...document.querySelectorAll('.leaflet-pm-select-pane path')]"
        ".map((path) => Number(path.getAttribute('stroke-width')))"
    )
    # ± 300 m at zoom 13 and 30.1° N: 156543.03 m · cos 30.1° / 2¹³ = 16.533 m a pixel, so 600 m are 36.3 pixels.
    assert any(width == pytest.approx(36.3, abs=0.3) for width in widths)


# ---- tree and legend


def test_the_tree_follows_the_plan_and_says_what_is_not_mapped(visit: Callable[..., Visit]) -> None:
    page = visit()
    groups = page.run("[...document.querySelectorAll('.pm-group-name')].map((node) => node.textContent)")
    assert groups == page.run(
        "app.groups.filter((g) => app.config.layers.some((l) => l.group === g.id)).map((g) => g.name)"
    )
    row = page.page.locator("[data-layer=control_lines]")
    assert "无图形" in row.inner_text() or "无图形" in (row.text_content() or "")
    page.run("document.querySelector('[data-layer=control_lines] .pm-expand').click()")
    page.until("document.querySelector('[data-layer=control_lines] .pm-feature')")
    assert "生态保护红线" in (row.text_content() or "")
    assert "无公开数据" in (row.text_content() or "")
    assert page.page.locator("#pm-layer-control_lines").is_disabled()


def test_a_groups_box_is_mixed_and_switches_all(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=zones")
    box = page.run("document.querySelector('.pm-group input').id")
    assert page.run(f"document.getElementById('{box}').indeterminate") is True
    page.page.locator(f"#{box}").click()
    page.until("app.layers.isVisible('zone_parts')")
    assert page.run(f"[document.getElementById('{box}').checked, document.getElementById('{box}').indeterminate]") == [
        True,
        False,
    ]


def test_the_legend_shows_exactly_what_is_on(visit: Callable[..., Visit]) -> None:
    page = visit(VIEW + "#layers=townships,expressways")
    entries = legend(page)
    # What a dash and a band mean comes first, then the layers.
    assert entries == ["在建", "选中时显示的精度带", "镇街", "高速公路"]
    assert "已建成" not in entries
    assert not any("枢纽" in entry for entry in entries)
    page.run("app.layers.setVisible('expressways', false)")
    assert "高速公路" not in legend(page)
    assert "在建" not in legend(page)


# ---- names


def test_names_of_what_is_on_in_the_pages_language(visit: Callable[..., Visit]) -> None:
    assert {"西片", "东片"} <= set(names(visit(VIEW + "#layers=zones")))
    english = names(visit("/?lang=en#layers=zones"))
    assert {"West", "East"} <= set(english)
    assert not any("西" in name for name in english)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_names_collide(visit: Callable[..., Visit], shipped: str, lang: str) -> None:
    page = visit(f"/?view=transport&lang={lang}", address=shipped, width=1440, height=900)
    for place in ("", "[30.2, 120.3], 12.5", "[30.16, 120.28], 14"):
        if place:
            page.run(f"app.map.setView({place}, {{animate: false}})")
            page.settle()
        # Straight names by the boxes that the browser has drawn, without halo; a pixel of touching is no collision.
        boxes = page.run(
            "[...document.querySelectorAll('svg.pm-labels g')]"
            ".filter((g) => !g.querySelector('textPath, [transform^=rotate]'))"
            ".map((g) => { const b = g.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })"
        )
        assert len(boxes) >= 8, place
        for at, (left, top, right, bottom) in enumerate(boxes):
            for other in boxes[at + 1 :]:
                across = min(right, other[2]) - max(left, other[0])
                down = min(bottom, other[3]) - max(top, other[1])
                # Line boxes have room above and below the letters: a quarter of a line.
                assert across <= 1 or down <= 5, (place, boxes[at], other)


def test_the_river_carries_its_name_along_its_course(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit(VIEW, address=shipped, width=1440, height=900)
    curved = page.run("[...document.querySelectorAll('svg.pm-labels textPath')].map((node) => node.textContent)")
    assert "钱塘江" in [
        *curved,
        *page.run("[...document.querySelectorAll('svg.pm-labels text[transform^=rotate]')].map((n) => n.textContent)"),
    ]


# What is written where; ids of paths differ from time to time.
WRITTEN = (
    "[...document.querySelectorAll('svg.pm-labels g[data-id]')].map((g) => [g.dataset.id,"
    " ...[...g.querySelectorAll('text, path:not([fill=none])')].map((node) => [node.textContent,"
    " ...['x', 'y', 'font-size', 'transform', 'd'].map((name) => node.getAttribute(name))])])"
)


def test_names_are_placed_alike_in_slices_and_in_one_go_and_the_newest_placement_wins(
    visit: Callable[..., Visit], shipped: str
) -> None:
    page = visit("/?view=transport&lang=zh", address=shipped, width=1440, height=900)
    for place in ("[30.16, 120.28], 12", "[30.16, 120.28], 13"):
        # The older placement is under way when the map goes elsewhere: its names are gone at once and never come back.
        left, older = page.page.evaluate(
            f"""async () => {{
                const app = planmapApp, older = app.labels.place();
                await document.fonts.ready;
                app.map.setView({place}, {{animate: false}});
                const left = document.querySelectorAll('svg.pm-labels g[data-id]').length;
                await older;
                return [left, {WRITTEN}];
            }}"""
        )
        assert left == 0
        page.settle()
        # Waiting for the older one is waiting for the newest.
        assert len(older) >= 20
        # The same map both times, however slowly the rest of the page comes to rest.
        sliced, at_once = page.page.evaluate(
            f"""async () => {{
                await planmapApp.labels.place();
                const sliced = {WRITTEN};
                planmapApp.labels.placeNow();
                return [sliced, {WRITTEN}];
            }}"""
        )
        assert len(sliced) >= 20
        assert sliced == at_once


def test_the_map_is_painted_before_its_names_are_placed(browser: Any, shipped: str) -> None:
    page = Visit(browser, shipped, width=1440, height=900)
    # At what frame of the page the last path and the first name came.
    page.page.add_init_script(
        """window.__at = {frame: 0, path: 0, name: 0};
        const count = () => { window.__at.frame += 1; requestAnimationFrame(count); };
        requestAnimationFrame(count);
        new MutationObserver((found) => {
            for (const node of found.flatMap((one) => [...one.addedNodes])) {
                if (window.__at.name || node.nodeType !== 1) continue;
                if (node.closest('svg.pm-labels') && node.querySelector('text')) window.__at.name = window.__at.frame;
                else if (node.matches('.leaflet-pane path')) window.__at.path = window.__at.frame;
            }
        }).observe(document, {subtree: true, childList: true});"""
    )
    page.open("/?lang=zh")
    at = page.run("window.__at")
    page.close()
    assert 0 < at["path"] < at["name"], at
