"""Indicators on the map in a real browser: time, classes, ways to show them, maps side by side, own data."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from browser_tools import Visit, served
from test_browser_accessible import AXE, TAGS

from layers.build.assemble import build

pytestmark = pytest.mark.browser

YUNXIU = Path(__file__).parent.parent / "data/plans/yunxiu-14fyp"
SHOWN = "ind=t2-03:township:pretty:observed:2023"
GONE = "!document.querySelector('dialog[open]')"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """A server for the invented county, which has a series by township."""
    with served(build(YUNXIU)) as address:
        yield address


def audit(visit: Visit, within: str) -> list[str]:
    """What axe finds in a part of the page."""
    if not visit.page.evaluate("() => Boolean(window.axe)"):
        visit.page.evaluate(AXE.read_text("utf-8"))
    found = visit.page.evaluate(
        "([within, tags]) => axe.run(within, {runOnly: {type: 'tag', values: tags}})"
        ".then((done) => done.violations.map((one) => `${one.id} ${one.nodes[0].html}`))",
        [within, TAGS],
    )
    return [str(one) for one in found]


def shown(visit: Visit, script: str) -> Any:
    """What the model says once the last choice is on the map."""
    visit.run("app.overlay.pending")
    return visit.run(f"app.overlay.model.{script}")


def drop(visit: Visit, name: str, body: bytes) -> None:
    """Drop a file onto the map."""
    script = """([name, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name));
        for (const type of ['dragover', 'drop']) {
            const event = new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data});
            document.querySelector('#pm-map .leaflet-container').dispatchEvent(event);
        }
    }"""
    visit.page.evaluate(script, [name, list(body)])


def test_the_slider_goes_through_the_years_in_the_same_classes(visit: Callable[..., Visit]) -> None:
    page = visit(f"/?lang=zh#{SHOWN}&layers=townships&panel=indicators")
    page.page.wait_for_selector(".pm-time")
    breaks = shown(page, "entries.map((entry) => entry.text)")
    assert shown(page, "rows.find((row) => row.id === 'township/wen-lan').value") == 5.5
    slider = page.page.locator("#pm-time")
    assert slider.get_attribute("aria-valuetext") == "2023"
    slider.focus()
    page.page.keyboard.press("ArrowRight")
    page.until("app.overlay.model.year === '2024'")
    page.page.keyboard.press("Home")
    page.until("app.overlay.model.year === '2020'")
    assert shown(page, "entries.map((entry) => entry.text)") == breaks
    assert shown(page, "rows.find((row) => row.id === 'township/wen-lan').value") == 4.3
    page.until("location.hash.includes(':observed:2020')")
    page.page.click(".pm-time-play")
    assert page.page.locator(".pm-time-play").get_attribute("aria-label") == "暂停"
    page.until("app.overlay.model.year === '2025'")
    page.until("document.querySelector('.pm-time-play').getAttribute('aria-label') === '播放'")
    # Made anew for each year, when somebody wants that.
    page.page.click(".pm-ways summary")
    page.page.uncheck("#pm-keep")
    page.until("location.hash.includes('keep~0')")
    assert shown(page, "entries.map((entry) => entry.text)") != breaks
    assert audit(page, "#pm-map .pm-time") == []


def test_who_wants_less_motion_goes_on_by_one(visit: Callable[..., Visit]) -> None:
    page = visit(f"/?lang=en#{SHOWN}&layers=townships", reduced_motion="reduce", width=390, height=844)
    page.page.wait_for_selector(".pm-time")
    assert page.page.locator(".pm-time-play").get_attribute("aria-label") == "Next period"
    page.page.click(".pm-time-play")
    page.until("app.overlay.model.year === '2024'")
    assert page.page.locator(".pm-time-play").get_attribute("aria-label") == "Next period"
    assert page.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_ways_to_show_an_indicator(visit: Callable[..., Visit]) -> None:
    page = visit(f"/?lang=zh#{SHOWN}&layers=townships&panel=indicators")
    page.page.click(".pm-ways summary")
    # 5.5 by the 42.9 thousand people of that year or the like: the unit says what is divided by what.
    page.page.select_option("#pm-by", "person")
    page.until("app.overlay.model.unit === '亿元/万人'")
    page.page.select_option("#pm-by", "rank")
    page.until("app.overlay.model.unit === ''")
    assert shown(page, "rows.find((row) => row.id === 'township/wen-lan').value") == 1
    page.page.select_option("#pm-by", "")
    page.page.select_option("#pm-from", "2020")
    page.until("app.overlay.model.said === '较 2020 增减'")
    # 5.5 in 2023, 4.3 in 2020.
    assert shown(page, "rows.find((row) => row.id === 'township/wen-lan').value") == 1.2
    page.page.select_option("#pm-from", "")
    page.page.select_option("#pm-method", "typed")
    page.page.fill("#pm-bounds", "zwei")
    page.page.keyboard.press("Enter")
    page.page.wait_for_selector("#pm-bounds[aria-invalid=true]")
    page.page.fill("#pm-bounds", "2, 5")
    page.page.keyboard.press("Enter")
    page.until("location.hash.includes(':typed:') && location.hash.includes('at~2~5')")
    texts = [text.replace("\u202f", " ") for text in shown(page, "entries.map((entry) => entry.text)")]
    assert texts == ["≤ 2.0", "> 2.0 – 5.0", "> 5.0"]
    page.page.select_option("#pm-as", "symbols")
    page.until("document.querySelectorAll('.leaflet-pm-value-marks-pane circle').length === 12")
    sizes = page.run("app.overlay.model.marks.items.map((item) => item.value)")
    drawn = page.page.eval_on_selector_all(
        ".leaflet-pm-value-marks-pane circle", "(all) => all.map((one) => Number(one.getAttribute('r')))"
    )
    # Areas are as the values.
    assert drawn[0] ** 2 / drawn[4] ** 2 == pytest.approx(sizes[0] / sizes[4], rel=0.01)
    page.page.select_option("#pm-as", "bars")
    page.until("document.querySelectorAll('.leaflet-pm-value-marks-pane rect').length > 50")
    page.page.select_option("#pm-as", "pies")
    page.page.check("#pm-with-1")
    page.until("document.querySelectorAll('.leaflet-pm-value-marks-pane path').length > 10")
    page.page.select_option("#pm-as", "two")
    page.page.wait_for_selector(".pm-waits:visible")
    page.page.click("label[for=pm-with-3]")
    page.until("app.overlay.model.entries.length > 2 && document.querySelector('.pm-classes .pm-legend-picture')")
    page.page.wait_for_selector(".pm-waits", state="hidden")
    assert audit(page, "#pm-panel") == []


def test_maps_side_by_side(visit: Callable[..., Visit]) -> None:
    page = visit(f"/?lang=en#{SHOWN}:split~swipe&layers=townships&panel=indicators")
    page.page.wait_for_selector(".pm-split-swipe .pm-split-cell:nth-child(2)")
    labels = [page.page.locator(".pm-split-map").nth(at).get_attribute("aria-label") or "" for at in (0, 1)]
    # Observed in 2023 and the target of observed.csv.
    assert "Wayao Town 1.8" in labels[0]
    assert "Wayao Town 2.6" in labels[1]
    page.page.locator(".pm-swipe-bar").fill("20")
    clip = page.page.locator(".pm-split-cell").nth(1).evaluate("(node) => getComputedStyle(node).clipPath")
    assert clip == "inset(0px 0px 0px 20%)"
    page.page.select_option("#pm-split", "4")
    page.page.wait_for_selector(".pm-split-4 .pm-split-cell:nth-child(4)")
    chosen = page.page.eval_on_selector_all(".pm-split select", "(all) => all.map((one) => one.value)")
    assert chosen == ["2020", "2022", "2023", "2025"]
    page.page.select_option("#pm-split-1", "2021")
    page.until("document.querySelectorAll('.pm-split-map')[1].getAttribute('aria-label').startsWith('2021')")
    assert audit(page, ".pm-split") == []
    # Neither the tools nor the way back lie on a map.
    lowest = "(all) => Math.max(...all.map((one) => one.getBoundingClientRect().bottom))"
    bar = page.page.eval_on_selector_all("#pm-tools, .pm-split-close", lowest)
    assert bar <= page.page.locator(".pm-split-cell").first.bounding_box()["y"]
    page.page.click(".pm-split-close")
    page.until("!document.querySelector('.pm-split') && !location.hash.includes('split')")


CSV = """各镇街（虚构）,,
镇街,企业数（个）,投资（亿元）
文澜,12,3.5
东渡街道,30,"1,204.25"
高平乡,3,0.4
<img src=x onerror=alert(1)>,5,0.2
合计,50,9.45
"""


def test_own_data_stay_in_the_browser(visit: Callable[..., Visit], base: str) -> None:
    page = visit("/?lang=zh#layers=townships&panel=indicators")
    before = list(page.page.context.cookies())
    sent: list[str] = []
    page.page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    drop(page, "我的表.csv", CSV.encode("gb18030"))
    page.page.wait_for_selector("dialog[open] .pm-own-names")
    assert page.page.locator(".pm-own-names bdi").all_text_contents() == ["高平乡", "<img src=x onerror=alert(1)>"]
    assert audit(page, "dialog[open]") == []
    page.page.select_option("#pm-own-name-0", label="高坪乡")
    page.page.click(".pm-own-go")
    page.until("app.overlay.model?.id === 'own/0'")
    values = shown(page, "rows.filter((row) => row.value !== null).map((row) => [row.name, row.value])")
    assert sorted(values) == sorted([["文澜街道", 12], ["东渡街道", 30], ["高坪乡", 3]])
    page.until("location.hash.includes('own=')")
    link = page.page.url
    page.page.select_option("#pm-indicator", "own/1")
    page.until("app.overlay.model?.id === 'own/1'")
    assert shown(page, "rows.find((row) => row.name === '东渡街道').value") == 1204.25
    assert not [one for one in sent if "own" in one or "%E4%BC%81" in one or "企业" in one]
    assert page.page.context.cookies() == before
    # The link alone brings it back, in an embed too.
    again = visit(link.removeprefix(base))
    assert shown(again, "title") == "企业数"
    embed = visit("/embed/structure?lang=zh#" + link.split("#")[1])
    embed.until("app.overlay.model?.id === 'own/0'")
    page.page.click("text=移除自己的数据")
    page.until("app.indicator === null && !location.hash.includes('own=')")
    assert page.dialogs == []


def test_a_workbook_with_years_becomes_a_series(visit: Callable[..., Visit]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["绿化覆盖率（%）"])
    sheet.append(["镇街", "2021年", "2022年"])
    sheet.append(["石埠镇", 0.41, 0.425])
    sheet.append(["文澜街道", 0.3, None])
    for row in sheet.iter_rows(min_row=3, min_col=2):
        for cell in row:
            cell.number_format = "0.0%"
    sheet.merge_cells("A1:C1")
    body = io.BytesIO()
    book.save(body)
    page = visit("/?lang=en#layers=townships")
    drop(page, "green.xlsx", body.getvalue())
    page.page.click(".pm-own-go")
    page.until("app.overlay.model?.id === 'own/0'")
    assert shown(page, "periods") == ["2021", "2022"]
    assert shown(page, "rows.filter((row) => row.value !== null).map((row) => row.value)") == [42.5]
    page.page.wait_for_selector(".pm-time")
    for name, given, said in (
        ("old.xls", b"\xd0\xcf\x11\xe0", "save it as XLSX"),
        ("broken.xlsx", b"PK\x03\x04 nothing", "no CSV or XLSX"),
        ("else.csv", b"a,b\n1,2\n", "no column names townships"),
        ("empty.csv", b"", "is empty"),
        ("long.xlsx", far_below(60_001), "more than 60000 rows"),
    ):
        drop(page, name, given)
        page.until(f"document.getElementById('pm-toast').textContent.includes({said!r})")
    assert page.run(GONE)
    drop(page, "green.xlsx", far_below(60_000))
    page.page.wait_for_selector("dialog[open] .pm-own-list")


def far_below(row: int) -> bytes:
    """A workbook whose table of a township ends in a row with a number."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["镇街", "数"])
    sheet.cell(row, 1, "石埠镇")
    sheet.cell(row, 2, 7)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()
