"""The main journeys in all three engines; those too old for the map get a still picture and a word."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import engines
import pytest
from browser_tools import Visit

pytestmark = pytest.mark.browser

WORDS = {"zh": "这个浏览器太旧", "en": "too old"}


NEEDS = {"firefox": ("firefox-esr",), "webkit": ("WebKitWebDriver", "Xvfb"), "chromium": ()}


@pytest.fixture(scope="module", params=sorted(NEEDS))
def engine(request: pytest.FixtureRequest) -> Iterator[engines.Engine]:
    """A window of each engine."""
    missing = [name for name in NEEDS[request.param] if not shutil.which(name)]
    if missing:
        pytest.skip(f"{', '.join(missing)} is missing: run `make setup-dev` as root")
    if request.param == "chromium":
        context = request.getfixturevalue("browser").new_context(viewport={"width": 1280, "height": 860})
        yield engines.Played(context.new_page())
        context.close()
    else:
        with getattr(engines, request.param)() as running:
            yield running


def drawn(engine: engines.Engine) -> None:
    """Wait until the map is drawn, and see that it is."""
    engine.until("window.__ready === true && document.querySelectorAll('.leaflet-pane path').length >= 3")


def test_main_journeys(engine: engines.Engine, base: str) -> None:
    # the map, and another view
    engine.open(f"{base}/?lang=zh")
    drawn(engine)
    assert engine.run("document.querySelectorAll('svg.pm-labels text').length") > 0
    assert engine.run("getComputedStyle(document.getElementById('pm-map')).display") != "none"
    assert not engine.run("document.documentElement.classList.contains('pm-too-old')")
    view = "[...document.querySelectorAll('#pm-views a')].find((one) => !one.hasAttribute('aria-current'))"
    other = engine.run(f"{view}.dataset.view")
    engine.run(f"{view}.click()")
    engine.until(f"document.querySelector('#pm-views a[aria-current]').dataset.view === '{other}'")
    # a click on a feature opens its card
    engine.open(f"{base}/start")
    engine.open(f"{base}/?lang=zh#map=11/30.1/120.2&layers=townships")
    drawn(engine)
    x, y = engine.run(
        "(() => { const box = app.map.getContainer().getBoundingClientRect();"
        " const at = app.map.latLngToContainerPoint([30.03, 120.03]); return [box.x + at.x, box.y + at.y]; })()"
    )
    engine.click(x, y)
    engine.until("app.selected === 'township/a' && document.querySelector('.pm-card-title')")
    # search
    field = "document.querySelector('.pm-search input')"
    engine.run(
        f"({field}.focus(), {field}.value = '南站', {field}.dispatchEvent(new Event('input', {{bubbles: true}})))"
    )
    engine.until("document.querySelector('.pm-search [role=option]')")
    engine.run(f"{field}.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true}})) && null")
    engine.until("app.selected === 'hub/south'")
    # an indicator laid over the map
    engine.run(
        "(app.panel.open('indicators'),"
        " app.setIndicator({id: 'area_km2', level: 'township', method: 'quantiles'}), null)"
    )
    engine.until("document.querySelectorAll('.leaflet-pm-paint-pane path').length >= 2")
    engine.until("document.querySelector('#pm-body-indicators .pm-values tbody tr')")
    # the figures, and the frame for reports
    engine.open(f"{base}/claims?lang=zh")
    engine.until("document.querySelector('main h1') && document.styleSheets[0].cssRules.length > 50")
    engine.open(f"{base}/embed/overview?lang=en")
    drawn(engine)


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
