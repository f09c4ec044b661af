"""Long reading pages on a phone: parts of bounded height, links that lead into any part; all of it without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from browser_tools import Visit
from test_webmap_reading_long import LONG, shown_of

MOST_SCREENS = 14


@pytest.fixture
def phone(browser: Any, shipped: str) -> Iterator[Any]:
    """A phone that runs no script."""
    visit = Visit(browser, shipped, 390, 844, java_script_enabled=False)
    yield visit.page
    visit.close()


def seen(page: Any, selector: str) -> int:
    """How many elements can be seen; asked in one go, for there are thousands."""
    boxes = "[...document.querySelectorAll(selector)].filter((one) => one.checkVisibility({visibilityProperty: true})"
    shown = f"{boxes} && one.getBoundingClientRect().height)"
    return int(page.evaluate(f"(selector) => {shown}.length", selector))


# Hides the rows that another part hides, and tells how high the page is then; null where it has other rows.
AS_PART = """(hidden) => {
    const rows = [...document.querySelectorAll('tr, li')]
        .filter((row) => row.firstElementChild?.matches('th[scope=row], svg.mark'));
    rows.forEach((row, at) => row.classList.toggle('off-page', hidden[at]));
    return rows.length === hidden.length ? document.documentElement.getBoundingClientRect().height : null;
}"""
HEIGHT = "document.documentElement.getBoundingClientRect().height"


def hidden_in(address: str) -> list[bool]:
    """Of each row of a part, in order, whether it is hidden."""
    with urlopen(address) as answer:
        return [not shown for shown in shown_of(answer.read().decode())]


def test_no_page_of_a_phone_is_endless_and_wide_ones_hold_all(phone: Any, shipped: str) -> None:
    wrong = []
    for path in LONG:
        for lang in ("zh", "en"):
            phone.set_viewport_size({"width": 390, "height": 844})
            phone.goto(f"{shipped}{path}?lang={lang}")
            links = phone.locator(".pager a[aria-label]")
            count = links.count()
            heights = [phone.evaluate(HEIGHT)]
            # To load each part takes long, and they differ by the rows that they hide; English takes more lines.
            for number in range(2, count + 1) if lang == "en" else ():
                hidden = hidden_in(f"{shipped}{quote(path)}?lang={lang}&page={number}")
                heights.append(phone.evaluate(AS_PART, hidden))
            if count:
                links.last.click()
                phone.wait_for_url("**page=*")
                heights.append(phone.evaluate(HEIGHT))
                assert links.last.get_attribute("aria-current") == "page"
            if lang == "en" and count:
                # Headings of groups that have no row in a part stay here, so that this is what it may take at most.
                assert heights[-1] <= heights[-2] + 30, "a part is what it hides"
            if max(heights) > MOST_SCREENS * 844:
                wrong.append(f"{path} {lang}: {heights}")
            if not count:
                continue
            here = seen(phone, "#rows :is(tr, li)")
            phone.set_viewport_size({"width": 1440, "height": 900})
            every = seen(phone, "#rows :is(tr, li)")
            if not here < every or not seen(phone, ".off-page") or seen(phone, ".pager"):
                wrong.append(f"{path}: wide screens lack rows, or show the parts")
    assert wrong == []


def test_an_address_of_a_row_shows_it_in_any_part(phone: Any, shipped: str) -> None:
    phone.goto(f"{shipped}/claims")
    last = phone.locator("tr[id^=claim-]").last
    assert not last.is_visible()
    phone.goto(f"{shipped}/claims#{last.get_attribute('id')}")
    assert last.is_visible()


def test_an_address_of_a_clause_shows_what_stands_under_it_in_any_part(phone: Any, shipped: str) -> None:
    phone.goto(f"{shipped}/chapter/7")
    last = phone.locator(".clause-part:has(li.off-page)").last
    key = last.get_attribute("id")
    assert not last.locator("li").first.is_visible()
    phone.goto(f"{shipped}/chapter/7#{key}")
    rows = phone.locator(f"[id='{key}'] :is(li, tr[class])")
    assert rows.count() == rows.locator("visible=true").count() > 0


def test_claims_are_searched_with_the_keyboard(phone: Any, shipped: str) -> None:
    phone.goto(f"{shipped}/claims?lang=zh")
    phone.locator("input[name=q]").fill("轨道")
    phone.locator("select[name=verdict]").select_option("noted")
    phone.locator("input[name=q]").press("Enter")
    phone.wait_for_url("**/claims?*q=*")
    assert "verdict=noted" in phone.url
    words = phone.locator("tr[id^=claim-]").all_inner_texts()
    assert words
    assert all("提示" in one for one in words)
    assert phone.locator(".list-count").inner_text().startswith(f"{len(words)} 条")
    phone.locator(".chosen-chip").first.press("Enter")
    phone.wait_for_url(lambda url: "verdict" not in url)
    assert phone.locator("input[name=q]").input_value() == "轨道"
    phone.locator("input[name=q]").fill("没有这样的数字")
    phone.locator("input[name=q]").press("Enter")
    assert phone.locator(".empty").inner_text().startswith("没有符合条件的数字")
