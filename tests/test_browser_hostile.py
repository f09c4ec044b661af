"""Hostile texts in a real browser: whatever a plan folder, a search box or an address says, nothing of it runs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from browser_tools import Visit, served
from web_edition import HOSTILE, hostile_edition, make_edition

pytestmark = pytest.mark.browser

RUN = "window.__pwned=1"
LONG = "长" * 10_000
NAMES = (
    f"<img src=x onerror={RUN}>",
    f"`${{{RUN}}}`",
    f"</script><script>{RUN}</script>",
    f"</textarea></title></style><svg onload={RUN}>",
    f"\"><iframe srcdoc='<script>parent.{RUN.removeprefix('window.')}</script>'>",
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}",
    f"javascript:{RUN}//",
    "\u202eexe.gnp\u202d\u2066 \u200f3,141",
    LONG,
    "{panel} {{7*7}} __proto__ constructor %00 \\u003cimg\\u003e",
)
"""One kind of attack each; features take them in turn."""


def vicious_edition() -> Any:
    """The edition with another attack in every name, note, unit and title."""
    edition = make_edition()
    turn = 0
    for frame in edition.layers.values():
        for column in ("name", "name_en", "note", "note_en", "lead_units", "aliases", "cites", "code"):
            frame[column] = [NAMES[(turn + row) % len(NAMES)].replace(";", "") for row in range(len(frame))]
            turn += 1
    meta = copy.deepcopy(edition.meta)
    for table in ("layers", "groups", "views", "kinds", "statuses", "bases"):
        for number, record in enumerate(meta[table]):
            record["name"] = NAMES[number % len(NAMES)]
            record["name_en"] = NAMES[(number + 1) % len(NAMES)]
    for field, name in zip(("title", "title_en", "short_title", "short_title_en"), NAMES, strict=False):
        meta["plan"][field] = name
    for frame in (edition.indicators, edition.observations):
        for column in ("name", "name_en", "unit", "unit_en", "domain", "domain_en", "formula", "note", "text"):
            if column in frame.columns:
                frame[column] = [NAMES[row % len(NAMES)] for row in range(len(frame))]
    return replace(edition, meta=meta)


@pytest.fixture(scope="module", params=[hostile_edition, vicious_edition], ids=["all-alike", "in-turn"])
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    with served(request.param()) as address:
        yield address


@pytest.fixture(scope="module")
def harmless() -> Iterator[str]:
    with served(make_edition()) as address:
        yield address


@pytest.fixture
def inspect() -> Callable[[Visit], None]:
    """At the end of a page nothing may have run, been asked for, or got into the markup."""
    return assert_unharmed


def assert_unharmed(visit: Visit) -> None:
    """Nothing ran, no element or handler came out of a text, no complaint in the console."""
    assert visit.page.evaluate("() => window.__pwned ?? null") is None
    assert visit.dialogs == []
    assert visit.faults == []
    strays = visit.page.evaluate(
        """() => [...document.querySelectorAll('*')].filter((node) =>
            ['IFRAME', 'OBJECT', 'EMBED'].includes(node.tagName)
            || (node.tagName === 'IMG' && node.getAttribute('src') === 'x')
            || [...node.attributes].some((item) => /^on/i.test(item.name)
                || (/^\\s*javascript:/i.test(item.value) && ['href', 'src'].includes(item.name)))
        ).map((node) => node.outerHTML.slice(0, 200))"""
    )
    assert strays == []


def feature_ids(visit: Visit) -> list[str]:
    """Every feature of the edition."""
    layers = "Promise.all(app.config.layers.map((layer) => app.data.layer(layer.id)))"
    return list(visit.run(f"{layers}.then((all) => all.flatMap((one) => one.features.map((f) => f.id)))"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_card_shows_its_name_as_text(visit: Callable[..., Visit], lang: str) -> None:
    page = visit(f"/?lang={lang}")
    seen = 0
    for feature in feature_ids(page):
        page.run(f"app.select({feature!r})")
        page.until(f"app.selected === {feature!r} && document.querySelector('.pm-card')")
        name = page.run(f"app.data.feature({feature!r}).then((f) => app.name(f.properties))")
        page.until(f"document.querySelector('.pm-card-title').textContent === {json.dumps(name)}")
        seen += 1
    assert seen >= 9
    page.page.wait_for_selector(".pm-card-kind bdi")
    # Marks that turn the writing direction stay inside their name.
    assert page.run("getComputedStyle(document.querySelector('.pm-card-title bdi')).unicodeBidi") == "isolate"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_indicators_table_legend_and_labels(visit: Callable[..., Visit], lang: str) -> None:
    page = visit(f"/?lang={lang}")
    for indicator, level in (("area_km2", "zone"), ("t2-01", "zone"), ("t2-02", "township"), ("area_km2", "township")):
        page.shade(indicator, level)
        page.settle()
    page.page.wait_for_selector(".pm-values tbody tr")
    for row in page.page.locator(".pm-values tbody tr").all():
        row.hover()
    names = page.run("app.overlay.model.rows.map((row) => row.name).sort()")
    assert sorted(page.page.locator(".pm-values tbody .pm-col-name").all_text_contents()) == names
    page.page.click("#pm-tab-district")
    page.page.wait_for_selector(".pm-stated")
    assert page.page.locator(".pm-stated").count() == page.run(
        "app.data.indicators().then((all) => all.indicators.filter((one) => one.origin === 'stated').length)"
    )


def test_tree_search_and_tip(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    for expand in page.page.locator(".pm-expand").all():
        if expand.get_attribute("aria-expanded") != "true":
            expand.click()
    page.settle()
    field = page.page.locator(".pm-search input")
    for text in ("<img", "${", "长长", "script", HOSTILE, LONG[:3000], "\u202e", "(((", "\\"):
        field.fill(text)
        page.settle()
    field.fill("img")
    page.settle()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    box = page.page.locator(".leaflet-container").bounding_box()
    for share in (0.3, 0.5, 0.7):
        page.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.5)
        page.settle()


def tags_of(code: str) -> list[tuple[str, list[str]]]:
    """Tags of a piece of HTML and the names of their attributes; read outside the page, whose policy forbids styles."""
    found: list[tuple[str, list[str]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, [name for name, _ in attributes]))  # type: ignore[method-assign]
    parser.feed(code)
    return found


def test_embed_dialog_and_its_code(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    page.page.click("#pm-btn-share")
    page.page.wait_for_selector("dialog[open]")
    for lang in ("zh", "en"):
        page.page.select_option("#pm-embed-lang", lang)
        code = page.page.input_value("#pm-embed-code")
        # Pasted into a page, the code is one iframe with the attributes that we wrote, and nothing else.
        names = ["src", "title", "width", "height", "style", "loading", "allowfullscreen"]
        assert tags_of(code) == [("iframe", names)]
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector("#pm-embed-code", state="hidden")
    page.page.wait_for_selector("dialog iframe", state="detached")  # what it shows for a sample goes with it


def test_embed(visit: Callable[..., Visit]) -> None:
    page = visit("/embed/overview?lang=zh&indicator=area_km2:township:quantiles")
    page.until("document.querySelectorAll('.leaflet-pm-paint-pane path').length === 3")
    page.run("app.select('township/a')")
    page.page.wait_for_selector(".pm-card")


def test_stand_alone_file(visit: Callable[..., Visit], base: str, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    with urlopen(f"{base}/standalone/overview.html?lang=zh") as answer:
        file.write_bytes(answer.read())
    page = visit(file.as_uri())
    for feature in ("township/a", "expressway/g1", "zone/west"):
        page.run(f"app.select('{feature}')")
        page.until(f"app.selected === '{feature}' && document.querySelector('.pm-card')")
    page.shade("area_km2")
    page.page.wait_for_selector(".pm-values tbody tr")


@pytest.mark.parametrize("path", ["/start", "/about", "/nowhere", "/embed/nowhere"])
def test_other_pages(browser: Any, base: str, path: str) -> None:
    page = Visit(browser, base)
    page.page.goto(f"{base}{path}?lang=zh")
    page.settle()
    page.faults = [fault for fault in page.faults if "404" not in fault]
    assert_unharmed(page)
    page.close()


@pytest.mark.parametrize("text", [HOSTILE, LONG[:1500], "\u202e\u2066", "../../etc/passwd", "__proto__"])
def test_addresses(browser: Any, harmless: str, text: str) -> None:
    """Hostile parameters and hash parts: a page or an error page, but never theirs."""
    word = quote(text, safe="")
    embed = "/embed/overview"
    paths = (f"/?view={word}", f"/?lang={word}", f"/embed/{word}", f"{embed}?indicator={word}", f"{embed}?zone={word}")
    for path in paths:
        page = Visit(browser, harmless)
        page.page.goto(harmless + path)
        page.settle()
        page.faults = [fault for fault in page.faults if "status of 4" not in fault]
        assert_unharmed(page)
        page.close()
    page = Visit(browser, harmless)
    page.open(f"/?lang=zh#map={word}&layers={word},zones&op={word}:0.5&ind={word}:{word}:{word}&sel={word}")
    page.settle()
    page.faults = [fault for fault in page.faults if "status of 4" not in fault]
    assert_unharmed(page)
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 860), (390, 844)])
def test_ten_thousand_characters_do_not_break_the_page(browser: Any, width: int, height: int) -> None:
    edition = make_edition()
    for frame in edition.layers.values():
        frame[["name", "name_en", "note", "code", "lead_units"]] = LONG
    edition.indicators[["name", "unit", "domain", "formula"]] = "W" * 10_000
    with served(edition) as base:
        page = Visit(browser, base, width=width, height=height)
        page.open("/?lang=zh")
        page.run("app.select('township/a')")
        page.page.wait_for_selector(".pm-card-title")
        assert page.page.locator(".pm-card-title").bounding_box()["height"] < 220
        page.shade("area_km2")
        page.page.wait_for_selector(".pm-values tbody tr")
        assert page.page.locator(".pm-values tbody tr").first.bounding_box()["height"] < 80
        panel = page.page.locator("#pm-panel").bounding_box()
        assert panel["x"] >= -0.5
        assert panel["x"] + panel["width"] <= width + 0.5
        assert page.run("document.documentElement.scrollWidth") <= width
        body = "document.getElementById('pm-body-indicators')"
        assert page.run(f"{body}.scrollWidth <= {body}.clientWidth + 1")
        assert_unharmed(page)
        page.close()
