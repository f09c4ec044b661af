"""A story in the browser: the map follows the words, by scrolling, buttons and keys, on a phone, in a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Visit
from test_browser_accessible import offenders


def on_map(page: Visit, condition: str) -> None:
    """Wait until the map in the frame is so."""
    (frame,) = [one for one in page.page.frames if "/embed/" in one.url]
    frame.wait_for_function(f"() => window.__ready && ({condition})")


def full_screen(page: Visit, *, on: bool) -> None:
    """Fill the screen, or leave it: the third step is at its place in what scrolls now."""
    page.page.click("[data-go=full]")
    # The button says it once the reader has been brought back.
    page.page.wait_for_function(
        "() => ((button) => button.textContent === button.dataset.%s)"
        "(document.querySelector('[data-go=full]'))" % ("off" if on else "on")
    )
    assert page.page.evaluate("Boolean(document.fullscreenElement)") is on
    third = page.page.evaluate("document.querySelector('#step-3[aria-current]')?.getBoundingClientRect().top")
    assert third is not None
    assert 0 <= third < 450


STATE = "document.querySelector('.pm-embed-title').textContent"


@pytest.mark.browser
def test_the_map_follows_the_words(visit: Callable[..., Visit], shipped: str) -> None:
    """Key, button and scrolling; the last step shows another view with a shade, and full screen keeps the step."""
    page = visit("/story/layout", address=shipped, width=1440, height=900)
    place: Callable[[], Any] = lambda: page.page.inner_text(".story-place")  # noqa: E731
    on_map(page, f"{STATE}.includes('空间格局')")
    assert "1" in place()
    assert offenders(page.page) == [], "steps not read yet are legible, too"
    assert page.page.is_disabled("[data-go=back]")
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_function("() => location.hash === '#step-2'")
    page.page.click("[data-go=next]")
    page.page.wait_for_function("() => location.hash === '#step-3'")
    full_screen(page, on=True)
    full_screen(page, on=False)
    # Whoever scrolls as soon as the window is there again is not taken back.
    full_screen(page, on=True)
    page.page.evaluate(
        "document.addEventListener('fullscreenchange', () => "
        "document.getElementById('step-7').scrollIntoView({behavior: 'instant'}))"
    )
    page.page.click("[data-go=full]")
    page.page.wait_for_function("() => location.hash === '#step-7'")
    assert not page.page.evaluate("document.fullscreenElement")
    on_map(
        page, f"{STATE}.includes('综合交通') && document.querySelector('.pm-legend').textContent.includes('地铁里程')"
    )
    page.page.evaluate("document.getElementById('step-4').scrollIntoView({behavior: 'instant'})")
    on_map(
        page, f"{STATE}.includes('空间格局') && !document.querySelector('.pm-legend').textContent.includes('地铁里程')"
    )


@pytest.mark.browser
def test_on_a_phone_and_in_somebody_elses_frame(visit: Callable[..., Visit], shipped: str) -> None:
    """Opened at a step, nothing is wider than the screen; the map lies over the words and stays."""
    page = visit("/story/layout/embed?lang=en#step-3", address=shipped, width=390, height=844)
    on_map(page, f"{STATE}.includes('Structure')")
    page.page.wait_for_function("() => document.querySelector('#step-3[aria-current]')")
    assert page.page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.page.locator(".story-map").bounding_box()
    assert (round(box["x"]), round(box["y"]), round(box["width"])) == (0, 0, 390)
    assert page.page.locator("#step-3 h2").bounding_box()["y"] >= box["height"]
    assert page.page.locator(".top").count() == 0
