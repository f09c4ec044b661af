"""axe finds nothing on any page or panel: WCAG 2.2 A and AA, wide and narrow, Chinese and English, day and night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit, served
from web_edition import figures_edition

AXE = Path(__file__).resolve().parent.parent / "webmap/frontend/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
WIDTHS = {1440: 900, 390: 844}

PAGES = (
    "/start",
    "/about",
    "/list",
    "/list?q=zzz",
    "/feature/expressway/g1",
    "/feature/hub/nanzhan",
    "/chapter",
    "/chapter/7",
    "/lead",
    "/lead/交通局",
    "/zone/west",
    "/township/a",
    "/targets",
    "/review",
    "/claims",
    "/feature/nothing",
)

STATES = {
    "map": ("null", ".pm-tree"),
    "card": ("app.select('expressway/g1')", ".pm-card"),
    "place": ("app.select('zone/west')", ".pm-card .pm-facts-table"),
    "indicators": (
        "(app.panel.open('indicators'), app.setIndicator({id: 'area_km2', level: 'zone', method: 'quantiles'}))",
        ".pm-values",
    ),
    "district": ("app.panel.open('district')", ".pm-stated"),
    "layers": ("document.querySelector('.pm-layer .pm-expand').click()", ".pm-layer .pm-expand[aria-expanded=true]"),
    "filters": ("document.querySelector('.pm-section-filter .pm-expand').click()", ".pm-filter-fields"),
    "notes": ("app.notes.toggle(document.querySelector('.pm-tool-notes'))", ".pm-notes"),
    "share": ("document.querySelector('#pm-btn-share').click()", "dialog[open]"),
    "figure": ("document.querySelector('.pm-tool-figure').click()", ".pm-figure-image:not([hidden])"),
    "measure": ("document.querySelector('.pm-tools [aria-pressed]').click()", ".pm-measure"),
}
"""What is opened on the map, one after the other."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The address of a server for an edition with figures."""
    with served(figures_edition()) as address:
        yield address


def offenders(page: Any) -> list[str]:
    """What axe finds by day, and at night where only colours change; one line a rule with the first elements."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = []
    for scheme, rules in (("light", TAGS), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        # An animation half way has colours that nobody is meant to read.
        page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
        # What passes stays there: nobody reads it here.
        run = f"axe.run(document, {{runOnly: {rules}, resultTypes: ['violations']}})"
        wrong = page.evaluate(f"{run}.then((found) => found.violations)")
        found += [
            f"{scheme} {rule['id']}: " + " | ".join(f"{node['target'][0]} {_why(node)}" for node in rule["nodes"][:4])
            for rule in wrong
        ]
    page.emulate_media(color_scheme="light")
    return found


def _why(node: Any) -> str:
    data = [check.get("data") or {} for check in node["any"] if isinstance(check.get("data"), dict)]
    ratios = [f"{one['contrastRatio']} {one['fgColor']} on {one['bgColor']}" for one in data if "contrastRatio" in one]
    return ratios[0] if ratios else node["html"][:90]


@pytest.mark.parametrize(("width", "lang"), [(1440, "zh"), (390, "en")])
def test_axe_finds_nothing(width: int, lang: str, browser: Any, base: str) -> None:
    visit = Visit(browser, base, width, WIDTHS[width], reduced_motion="reduce")
    found = []
    for path in PAGES:
        visit.page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={lang}")
        found += [f"{path} {one}" for one in offenders(visit.page)]
    for name, (script, shown) in STATES.items():
        visit.open(f"/?lang={lang}")
        visit.run(script)
        visit.page.wait_for_selector(shown, state="attached")
        found += [f"{name} {one}" for one in offenders(visit.page)]
    visit.open(f"/embed/overview?lang={lang}")
    found += [f"embed {one}" for one in offenders(visit.page)]
    visit.close()
    assert found == []
