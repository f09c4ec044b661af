"""The map's header at common widths, on a phone, and what a stand-alone file says of itself, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser_tools import Visit

CUT = """[...document.querySelectorAll(".pm-header a, .pm-header button, .pm-header summary")]
  .filter((item) => item.checkVisibility())
  .filter((item) => {
    const own = item.getBoundingClientRect();
    const frame = (item.closest(".pm-views") ?? document.documentElement).getBoundingClientRect();
    return own.left < frame.left - 1 || own.right > frame.right + 1 || item.scrollWidth > item.clientWidth + 1;
  })
  .map((item) => item.textContent.trim())"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_in_the_header_is_cut(visit: Callable[..., Visit], shipped: str, lang: str) -> None:
    page = visit(f"/?lang={lang}", address=shipped, width=1440)
    for width in (1720, 1440, 1366, 1280, 1024, 901):
        page.page.set_viewport_size({"width": width, "height": 800})
        page.until(f"window.innerWidth === {width}")
        assert page.page.locator(".pm-views a:visible").count() == 7
        assert page.run(CUT) == [], width
        # A row of its own for the views where there is no room beside them; else one row.
        assert page.run("document.querySelector('.pm-header').offsetHeight") <= (60 if width >= 1366 else 96)


def test_views_of_any_number_and_length_are_all_in_sight(visit: Callable[..., Visit], shipped: str) -> None:
    page = visit("/?lang=en", address=shipped, width=1440, height=800)
    page.run(
        """[...document.querySelectorAll(".pm-views a")].forEach((link, index) => {
          link.textContent = `Industry and innovation ${index}`;
        })"""
    )
    for width in (1720, 1440, 1366, 1280, 901):
        page.page.set_viewport_size({"width": width, "height": 800})
        page.until(f"window.innerWidth === {width}")
        assert page.run(CUT) == [], width
        frame = page.page.locator(".pm-header").bounding_box()
        for link in page.page.locator(".pm-views a").all():
            box = link.bounding_box()
            assert frame["y"] <= box["y"], width
            assert box["y"] + box["height"] <= frame["y"] + frame["height"], width


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_pages_and_sharing_are_in_reach(visit: Callable[..., Visit], shipped: str, lang: str) -> None:
    page = visit(f"/?lang={lang}", address=shipped, width=390, height=800)
    assert page.run(CUT) == []
    page.page.click(".pm-menu summary")
    links = page.page.locator(".pm-menu-list a")
    query = "?lang=en" if lang == "en" else ""
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses == [f"/{name}{query}" for name in ("start", "list", "claims", "progress", "about")] + [
        f"/start{query}#download"
    ]
    assert all(link.is_visible() for link in links.all())
    page.page.click(".pm-menu summary")
    page.page.click("#pm-btn-share")
    page.page.wait_for_selector("dialog[open]")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_standalone_file_tells_about_itself_without_a_script(visit: Callable[..., Visit], width: int) -> None:
    page = visit("/standalone/overview.html", width=width, height=800)
    text = page.page.locator(".pm-file-text")
    assert not text.is_visible()
    page.page.click(".pm-file-about summary")
    assert "通用地理知识" in text.inner_text()
    box = text.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 800
    # No link to a place on somebody's disk.
    assert page.run("[...document.querySelectorAll('.pm-tool-link')].some((item) => item.checkVisibility())") is False
