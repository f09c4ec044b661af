"""Observed values and scenarios where no server answers, in a stand-alone file, and in a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from browser_tools import Visit, served
from test_layers_progress import INDICATORS
from tiny_folder import write_tiny_plan

from layers.build.assemble import build
from layers.ledger.book import Draft, opened

VALUES = {"township/a": 44.0, "township/b": 29.5}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for an edition into which a ledger's values were frozen."""
    plan = write_tiny_plan(tmp_path_factory.mktemp("plan"))
    (plan / "indicators.toml").write_text(INDICATORS, "utf-8")
    ledger = opened(plan.parent / "l.sqlite", "tiny-15fyp", make=True)
    ledger.append([Draft("gdp", place, "2026", value) for place, value in VALUES.items()], "甲")
    ledger.append([Draft("gdp", place, "2027", value + 1) for place, value in VALUES.items()], "甲")
    with served(build(plan, ledger=ledger)) as address:
        yield address


def test_a_file_holds_what_was_observed(visit: Callable[..., Visit], base: str, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    with urlopen(f"{base}/standalone/overview.html?lang=zh") as answer:
        file.write_bytes(answer.read())
    asked = "#ind=gdp:township:quantiles:{}:{}&panel=indicators"
    page = visit(f"file://{file}{asked.format('observed', '2026')}").page
    shown = page.wait_for_selector(".pm-overlay-head")
    assert "实际值" in shown.inner_text()
    assert "2026" in shown.inner_text()
    assert [one.inner_text() for one in page.query_selector_all("#pm-period option")] == ["2027", "2026"]
    assert "44" in page.inner_text(".pm-overlay")
    # The slider goes through the periods that the file holds.
    page.focus("#pm-time")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.pm-overlay-head')?.innerText.includes('2027')")
    page.select_option("#pm-show", "change")
    page.wait_for_function("() => document.querySelector('.pm-overlay-head')?.innerText.includes('比上年增减')")
    page.select_option("#pm-show", "course")
    page.wait_for_selector(".pm-missing")  # no base of a township is known
    # At a level without values it says so, and asks nobody.
    page.click("label[for=pm-level-zone]")
    page.wait_for_function(
        "() => window.planmapApp.overlay.model?.level === 'zone' && document.querySelector('.pm-missing')"
    )


def test_a_frame_shows_what_was_observed(visit: Callable[..., Visit]) -> None:
    page = visit("/embed/overview?indicator=gdp:township:quantiles:observed:2026&lang=zh").page
    page.wait_for_function("() => document.body.innerText.includes('生产总值')")
    assert "44" in page.evaluate("document.body.textContent")
