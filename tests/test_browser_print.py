"""On paper: every column on the sheet, no controls, and a map that says what a printed map must say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser_tools import Visit, served
from figures_edition import figures_edition
from pyproj import Geod

PAGES = (
    "/claims",
    "/targets",
    "/review",
    "/list",
    "/feature/expressway/g1",
    "/zone/west",
    "/chapter/7",
    "/lead",
    "/start",
)
CONTROLS = ".filters, .pick-file, .menu, .sections, .button, select, input, .claim-map"
SHEETS_PX = {"portrait": int(184 / 25.4 * 96), "landscape": int(271 / 25.4 * 96)}
"""Width of an A4 sheet between margins of 13 mm."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The address of a server for an edition with figures."""
    with served(figures_edition()) as address:
        yield address


def sheets(pdf: bytes) -> int:
    """Pages of a PDF, by its page objects."""
    return len(re.findall(rb"/Type\s*/Page(?!s)", pdf))


def test_reading_pages_fit_the_sheet_without_controls(browser: Any, base: str) -> None:
    wrong = []
    for way, width in SHEETS_PX.items():
        visit = Visit(browser, base, width, 900)
        visit.page.emulate_media(media="print")
        for path in PAGES:
            visit.page.goto(base + path)
            over = visit.page.evaluate(
                "() => [...document.querySelectorAll('main *')].filter((one) => one.checkVisibility()"
                " && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 60))"
            )
            shown = visit.page.evaluate(
                f"() => [...document.querySelectorAll({CONTROLS!r})].filter((one) => one.checkVisibility()).length"
            )
            heads = visit.page.evaluate(
                "() => [...document.querySelectorAll('th[scope=col]')].filter((one) => one.checkVisibility()"
                " && one.textContent && one.getBoundingClientRect().width < 20).map((one) => one.textContent)"
            )
            wrong += [f"{way} {path}: beyond the sheet {one}" for one in over[:2]]
            wrong += [f"{way} {path}: {shown} controls"] if shown else []
            wrong += [f"{way} {path}: squeezed {one}" for one in heads]
        visit.close()
    assert wrong == []


def test_tables_repeat_their_headings_on_every_sheet(browser: Any, base: str) -> None:
    visit = Visit(browser, base, SHEETS_PX["portrait"], 900)
    visit.page.emulate_media(media="print")
    visit.page.goto(f"{base}/claims")
    assert (
        visit.page.evaluate("getComputedStyle(document.querySelector('.claims thead')).display") == "table-header-group"
    )
    heads = visit.page.locator(".claims").first.locator("thead th").all_inner_texts()
    assert heads[-1] == "结论"
    visit.close()


@pytest.mark.parametrize("path", ["/?lang=zh", "/embed/overview?lang=zh"])
def test_a_printed_map_is_one_sheet_that_says_what_it_is(path: str, visit: Callable[..., Visit]) -> None:
    page = visit(path)
    assert sheets(page.page.pdf(prefer_css_page_size=True)) == 1
    page.page.emulate_media(media="print")
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    text = page.page.locator("body").inner_text()
    assert re.search(r"\d{4}-\d\d-\d\d 打印 · 版本 \w+", text)
    assert "资料来源：" in text
    assert page.page.locator(".pm-imprint-head").inner_text().strip()
    assert page.page.locator(".pm-north").is_visible()
    assert page.page.locator(".pm-legend-item").first.is_visible()
    assert "筛选" not in text
    # what 200 px of the map are on the ground, measured by pyproj, and on paper: 200 / 96 inches
    at = page.run(
        "[-100, 100].map((dx) => app.map.containerPointToLatLng(app.map.getSize().divideBy(2).add([dx, 0])))"
        ".map((place) => [place.lng, place.lat])"
    )
    metres = Geod(ellps="WGS84").inv(*at[0], *at[1])[2]
    stated = float(re.search(r"1:([\d,]+)", text).group(1).replace(",", ""))  # type: ignore[union-attr]
    assert stated == pytest.approx(metres / (200 / 96 * 0.0254), rel=0.01)
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
