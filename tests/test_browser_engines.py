"""Engines that are too old for the map: a still picture and a word, never an empty page."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

WORDS = {"zh": "这个浏览器太旧", "en": "too old"}


def shown(page: Any) -> dict[str, Any]:
    """What a visitor sees: the word, whether the picture is drawn, whether the map's frame is."""
    page.wait_for_selector(".pm-too-old .pm-old", state="visible")
    page.wait_for_function(
        "() => { const one = document.querySelector('#pm-picture img, #pm-picture svg');"
        " return one && (one.tagName === 'svg' || (one.complete && one.naturalWidth > 0)); }"
    )
    return dict(
        page.evaluate(
            "() => ({ word: document.querySelector('.pm-old p').textContent,"
            " width: document.querySelector('#pm-picture img, #pm-picture svg').getBoundingClientRect().width,"
            " main: getComputedStyle(document.getElementById('pm-main')).display })"
        )
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/embed/overview"])
@pytest.mark.parametrize("lack", ["syntax", "method"])
def test_an_old_engine_gets_the_picture_and_a_word(browser: Any, base: str, path: str, lang: str, lack: str) -> None:
    visit = Visit(browser, base, width=390 if path == "/" else 1280)
    if lack == "syntax":  # an engine that cannot read the bundle stops at its first new sign
        visit.page.route("**/planmap.*js", lambda route: route.fulfill(body="var a = b ??? c;"))
    else:
        visit.page.add_init_script("delete Element.prototype.replaceChildren")
    visit.page.goto(f"{base}{path}?lang={lang}")
    found = shown(visit.page)
    assert WORDS[lang] in found["word"]
    assert found["width"] > 300
    assert found["main"] == "none"
    visit.close()


def test_an_old_engine_gets_them_from_a_stand_alone_file_too(browser: Any, base: str, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    with urlopen(f"{base}/standalone/overview.html?lang=zh") as answer:
        file.write_bytes(answer.read())
    visit = Visit(browser, base)
    visit.page.add_init_script("delete Element.prototype.replaceChildren")
    visit.page.goto(file.as_uri())
    assert WORDS["zh"] in shown(visit.page)["word"]
    visit.close()


def test_an_engine_that_is_new_enough_sees_none_of_it(browser: Any, base: str) -> None:
    visit = Visit(browser, base)
    visit.open("/?lang=zh")
    assert not visit.page.locator(".pm-old").is_visible()
    assert visit.page.locator("#pm-picture img").count() == 0
    assert visit.faults == []
    visit.close()


def test_the_picture_is_a_file_of_its_own(base: str) -> None:
    with urlopen(f"{base}/picture/overview.svg") as answer:
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        body = answer.read().decode()
    assert body.startswith("<svg xmlns=")
    assert body.count("<path") >= 3
