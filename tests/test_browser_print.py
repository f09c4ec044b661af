"""On paper: every column on the sheet, no controls, and a map that says what a printed map must say."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit, served
from pyproj import Geod
from web_edition import figures_edition

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


def lies_across(pdf: bytes) -> bool:
    """Whether the first sheet of a PDF is wider than high."""
    width, height = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", pdf)[0]
    return float(width) > float(height)


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
    for across in (True, False):
        pdf = page.page.pdf(format="A4", landscape=across, prefer_css_page_size=True)
        assert (sheets(pdf), lies_across(pdf)) == (1, across), "one sheet, as the reader turns it"
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


MOST_SHEETS = {"/zone/central": 8, "/zone/east": 5, "/zone/south": 5}
"""A4 across holds the least: so many sheets and no more for the shipped plan."""
CLAIMS_A_SHEET = 10
"""Checked figures on a sheet, at least: the list grows with the plan."""


TORN = """() => {
    const left = (one) => Math.round(one.getBoundingClientRect().left / 50);
    const items = [...document.querySelectorAll('.kinds li, .tag')].filter((one) => one.getClientRects().length > 1);
    const alone = [...document.querySelectorAll('.kind-block')].filter((one) => one.querySelectorAll('li').length < 3
        && left(one.querySelector('h3')) !== left(one.querySelector('li')));
    return [...items, ...alone].map((one) => one.textContent.trim().slice(0, 30));
}"""
"""Items, marks and short blocks that stand in two columns or on two lines."""


def test_the_shipped_plan_is_printed_on_few_sheets(browser: Any, shipped: str) -> None:
    visit = Visit(browser, shipped, 1440, 900)
    wrong = []
    for path, most in MOST_SHEETS.items():
        visit.page.goto(shipped + path)
        found = sheets(visit.page.pdf(format="A4", landscape=True))
        wrong += [f"{path}: {found} sheets"] if found > most else []
    visit.page.goto(f"{shipped}/claims")
    rows = visit.page.locator("tr[id^=claim-]")
    found = sheets(visit.page.pdf(format="A4", landscape=True))
    wrong += [f"/claims: {rows.count()} figures on {found} sheets"] if rows.count() < CLAIMS_A_SHEET * found else []
    visit.page.emulate_media(media="print")
    assert rows.count() == rows.locator("visible=true").count() > 90, "paper holds every part of a long page"
    for path in ("/township/ningwei", *MOST_SHEETS):
        visit.page.goto(shipped + path)
        wrong += [f"{path}: {one} is torn" for one in visit.page.evaluate(TORN)]
    visit.close()
    assert wrong == []


def test_an_embed_opened_by_itself_is_one_sheet_of_the_shipped_plan(browser: Any, shipped: str) -> None:
    visit = Visit(browser, shipped, 390, 844)
    visit.open("/embed/overview?lang=zh")
    for across in (True, False):
        assert sheets(visit.page.pdf(format="A4", landscape=across, prefer_css_page_size=True)) == 1, across
    visit.close()


LEGEND_BOXES = """() => {
    const box = (one) => {
        const {left, top, right, bottom} = one.getBoundingClientRect();
        return [left, top, right, bottom];
    };
    return [...document.querySelectorAll('.pm-section-legend .pm-legend-item, .pm-imprint span, .pm-imprint-head')]
        .filter((one) => one.checkVisibility())
        .map((one) => [one.textContent.slice(0, 20), ...box(one)]);
}"""


PRINTED = {
    True: {"width": int(273 / 25.4 * 96), "height": int(188 / 25.4 * 96)},
    False: {"width": int(186 / 25.4 * 96) + 1, "height": int(275 / 25.4 * 96)},
}
"""A4 across and upright between the map's margins of 12 and 11 mm, in CSS pixels."""
MAP_PX = [round(186 / 25.4 * 96), round(156 / 25.4 * 96)]
"""The map's size on any sheet: its scale is true on paper whichever way that lies."""


def test_every_view_of_the_shipped_plan_is_one_sheet_with_its_legend(browser: Any, shipped: str) -> None:
    visit = Visit(browser, shipped, 1440, 900)
    visit.open("/?lang=zh")
    wrong = []
    every = ",".join(visit.run("[...app.layerSpecs.keys()]"))
    views = visit.run("app.config.views.map((one) => one.id)")
    fullest = f"/?lang=zh#layers={every}"
    for address in [*(f"/?view={view}&lang=en" for view in views), fullest]:
        visit.page.goto("about:blank")
        visit.open(address)
        for across, sheet in PRINTED.items():
            where = f"{address[:40]} {'across' if across else 'upright'}"
            if address == fullest:  # a file takes seconds; of the others it is enough that nothing is off the sheet
                pdf = visit.page.pdf(format="A4", landscape=across, prefer_css_page_size=True)
                wrong += [f"{where}: {sheets(pdf)} sheets"] if sheets(pdf) != 1 else []
            visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            visit.page.emulate_media(media="print")
            visit.page.set_viewport_size(sheet)
            shown = visit.page.evaluate(LEGEND_BOXES)
            high = visit.page.evaluate("document.documentElement.scrollHeight")
            wrong += [f"{where}: {high} px high"] if high > sheet["height"] else []
            size = visit.run("(({width, height}) => [width, height])(app.map.getContainer().getBoundingClientRect())")
            wrong += [f"{where}: map of {size}"] if [round(one) for one in size] != MAP_PX else []
            wrong += [f"{where}: no legend"] if len(shown) < 8 else []
            wrong += [
                f"{where}: {name} off the sheet"
                for name, left, _top, right, low in shown
                if left < 0 or right > sheet["width"] + 1 or low > sheet["height"]
            ]
            visit.page.emulate_media(media="screen")
            visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
            visit.page.set_viewport_size({"width": 1440, "height": 900})
    visit.close()
    assert wrong == []


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, shipped: str) -> Iterator[tuple[str, str]]:
    """Somebody's page with an embed in it: from disk, and from a server of theirs."""
    folder = tmp_path_factory.mktemp("host")
    frame = f'<iframe src="{shipped}/embed/transport?lang=zh" style="width: 100%; height: 480px; border: 0"></iframe>'
    page = f"<!doctype html><meta charset=utf-8><title>h</title><h1>Ours</h1>{frame}<p>After.</p>"
    (folder / "host.html").write_text(page, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Path(folder / "host.html").as_uri(), f"http://127.0.0.1:{server.server_port}/host.html"
    server.shutdown()
    thread.join(timeout=10)


def test_an_embed_is_printed_whole_in_somebodys_page(browser: Any, shipped: str, host: tuple[str, str]) -> None:
    for address in host:
        visit = Visit(browser, shipped, 1000, 800)
        visit.page.goto(address)
        frame = visit.page.frames[1]
        frame.wait_for_function("() => window.__ready === true")
        frame.wait_for_selector(".pm-imprint-head", state="attached")  # what prints comes with the late program
        assert sheets(visit.page.pdf(format="A4")) == 1
        frame.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        visit.page.emulate_media(media="print")
        # an A4 sheet's 190 mm between the browser's own margins
        visit.page.set_viewport_size({"width": 718, "height": 1000})
        width, height = frame.evaluate("[innerWidth, innerHeight]")
        shown = frame.evaluate(LEGEND_BOXES)
        assert len(shown) > 20
        off = [one for one in shown if one[1] < 0 or one[2] < 0 or one[3] > width + 1 or one[4] > height + 1]
        assert off == []
        assert not frame.locator(".pm-legend-button, .pm-tools").locator("visible=true").count()
        assert "比例尺" in frame.locator(".pm-imprint-foot").inner_text()
        assert frame.locator(".pm-imprint-head").inner_text().endswith("综合交通")
        frame.evaluate("window.dispatchEvent(new Event('afterprint'))")
        visit.page.emulate_media(media="screen")
        assert not frame.locator(".pm-imprint-foot").is_visible()
        visit.close()


def test_the_profile_of_a_zone_is_two_sheets(browser: Any, shipped: str) -> None:
    # The fullest of the shipped zones, in the language that takes more room.
    visit = Visit(browser, shipped, 1440, 900)
    for lang in ("zh", "en"):
        visit.page.goto(f"{shipped}/profile/zone/central?lang={lang}")
        assert sheets(visit.page.pdf(format="A4", prefer_css_page_size=True)) == 2, lang
    visit.close()
