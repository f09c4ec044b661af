"""出图: the dialog that makes a figure of what is on the screen, by mouse and keyboard, wide and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
from browser_tools import Visit

IMAGE = ".pm-figure-image:not([hidden])"


@pytest.fixture
def inspect() -> Callable[[Visit], None]:
    """A refused figure is a 400, which the browser itself logs; nothing else may be."""

    def only_refused(visit: Visit) -> None:
        faults = [one for one in visit.faults if "400" not in one]
        assert faults == [], faults

    return only_refused


def asked_of(page: Visit) -> dict[str, str]:
    """The question behind the download."""
    address = urlsplit(page.page.get_attribute(".pm-figure-save", "href"))
    return {name: values[0] for name, values in parse_qs(address.query).items()} | {"path": address.path}


def drawn(page: Visit) -> None:
    """Wait until the preview is that of the choices."""
    page.page.wait_for_selector(".pm-figure-save[href]")
    page.page.wait_for_selector(IMAGE)


@pytest.mark.browser
def test_what_is_on_the_screen_goes_into_the_figure(visit: Callable[..., Visit], shipped: str, tmp_path: Any) -> None:
    """Indicator, layers, filter, selection, extent and language; the file is what was asked for, and says it."""
    page = visit("/?lang=zh&view=transport", address=shipped, width=1440, height=900)
    page.shade("area_km2", "township", "natural_breaks")
    page.run("(app.select('township/louta'), app.filters.set('status:building'))")
    page.until("app.selected === 'township/louta' && app.filters.text() === 'status:building'")
    page.run("app.map.setView([30.05, 120.2], 11, {animate: false})")
    page.page.click(".pm-tool-figure")
    drawn(page)
    asked = asked_of(page)
    assert asked["path"].endswith("/figures/transport.pdf")
    assert asked["indicator"] == "area_km2:township:natural_breaks"
    assert (asked["select"], asked["flt"]) == ("township/louta", "status:building")
    assert "townships" in asked["layers"].split(",")
    west, south, east, north = map(float, asked["extent"].split(","))
    assert west < 120.2 < east
    assert south < 30.05 < north
    summary = page.page.inner_text(".pm-figure-summary")
    assert "瓜沥镇" in summary
    assert page.page.get_attribute(IMAGE, "alt") == summary
    page.page.click(".pm-figure-words summary")
    rows = page.page.locator(".pm-figure-table tbody tr")
    assert rows.count() == 22
    page.page.fill("#pm-figure-title", "面积与在建项目")
    page.page.wait_for_selector(".pm-figure-save:not([href])", state="attached")
    drawn(page)
    with page.page.expect_download() as saved:
        page.page.click(".pm-figure-save")
    saved.value.save_as(tmp_path / "f.pdf")
    text = pypdfium2.PdfDocument(tmp_path / "f.pdf")[0].get_textpage().get_text_range()
    assert "面积与在建项目" in text
    assert "楼塔镇" in text


@pytest.mark.browser
def test_by_keyboard_and_what_cannot_be_drawn_is_said(visit: Callable[..., Visit]) -> None:
    """Enter opens it, Tab goes from field to field, Escape gives the focus back; a mistake offers no file."""
    page = visit("/?lang=en", width=1440, height=900)
    page.page.focus(".pm-tool-figure")
    page.page.keyboard.press("Enter")
    drawn(page)
    assert page.run("document.activeElement.id") == "pm-figure-title"
    page.page.keyboard.press("Tab")
    assert page.run("document.activeElement.id") == "pm-figure-form"
    page.page.select_option("#pm-figure-form", "bars")
    page.page.wait_for_selector(".pm-figure-wrong")
    assert "needs an indicator" in page.page.inner_text(".pm-figure-status")
    assert page.page.get_attribute(".pm-figure-save", "href") is None
    page.page.select_option("#pm-figure-form", "map")
    page.page.select_option("#pm-figure-paper", "free")
    page.page.fill("#pm-figure-width", "9000")
    page.page.wait_for_selector(".pm-figure-wrong")
    assert "1300" in page.page.inner_text(".pm-figure-status")
    page.page.fill("#pm-figure-width", "160")
    drawn(page)
    assert asked_of(page)["paper"] == "160x100"
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector(".pm-dialog-figure[open]", state="detached")
    assert page.run("document.activeElement.classList.contains('pm-tool-figure')")


@pytest.mark.browser
def test_on_a_phone_it_fits(visit: Callable[..., Visit], shipped: str) -> None:
    """Nothing is wider than the screen, and the download is in reach."""
    page = visit("/?lang=zh", address=shipped, width=390, height=800)
    page.page.click(".pm-tool-figure")
    drawn(page)
    assert page.run("document.querySelector('.pm-dialog-figure .pm-dialog-body').scrollWidth <= "
                    "document.querySelector('.pm-dialog-figure .pm-dialog-body').clientWidth")  # fmt: skip
    page.page.locator(".pm-figure-save").scroll_into_view_if_needed()
    box = page.page.locator(".pm-figure-save").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


@pytest.mark.browser
def test_a_file_from_disk_has_no_button_for_it(visit: Callable[..., Visit]) -> None:
    page = visit("/standalone/overview.html")
    assert page.page.locator(".pm-tool-figure").count() == 0
