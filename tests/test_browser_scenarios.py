"""Scenarios in a real browser: made on the page for editors, compared with others and with what was observed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit
from test_browser_accessible import offenders
from test_layers_progress_scenarios import ledger, path
from werkzeug.serving import make_server

from layers.ledger.book import Ledger
from webmap.admin.routes import ACCESS
from webmap.app import create_app
from webmap.serving.settings import Settings

__all__ = ["ledger", "path"]
pytestmark = pytest.mark.browser


@pytest.fixture
def editing(browser: Any, path: Path, ledger: Ledger, tmp_path: Path) -> Iterator[Visit]:
    """A page whose reader has signed in on a server with a ledger and ``--edit``."""
    read = Settings.read({
        "PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / "l.sqlite"),
        "PLANMAP_PEOPLE": str(tmp_path / "people.sqlite"), "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
    })  # fmt: skip
    app = create_app(replace(read, edit=True))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    visit = Visit(browser, f"http://127.0.0.1:{server.server_port}", width=1440, height=900)
    visit.page.goto(f"{visit.base}/login?token={app.extensions[ACCESS].mint()}")
    yield visit
    assert visit.faults == []
    visit.close()
    server.shutdown()
    thread.join(timeout=10)


def made(visit: Visit, name: str, method: str, by_hand: str = "") -> None:
    """Split 150 over the four townships on the page, with a keyboard; the first may be set by hand."""
    page = visit.page
    page.goto(f"{visit.base}/admin/scenarios")
    assert offenders(page) == []
    page.select_option("[name=indicator]", "gdp")
    page.select_option("[name=level]", "township")
    page.select_option("[name=method]", method)
    page.focus("[name=method]")
    page.locator("form:has([name=method]) button[type=submit]").press("Enter")
    page.wait_for_selector(".scenario-edit")
    if by_hand:
        page.fill("[name=f0]", by_hand)
        page.click("button:has-text('重新计算')")
        page.wait_for_selector(f"[name=f0][value='{by_hand}']")
    assert offenders(page) == []
    page.fill("[name=name]", name)
    page.focus("[name=note]")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".scenario-table")


def said(visit: Visit, at: int) -> str:
    return str(visit.page.locator(".pm-split-map").nth(at).get_attribute("aria-label"))


def test_scenarios_are_made_and_compared_on_the_map(editing: Visit) -> None:
    made(editing, "等速", "growth")  # 60, 45, 30, 15: half as much again
    made(editing, "手定", "growth", by_hand="66")  # 66, then 84 by 3 : 2 : 1
    page = editing.page
    page.check("[name=beside]")
    page.click(".scenario-beside button")
    page.click("text=在图上看与“等速”之差")
    page.wait_for_function("() => window.__ready === true")
    editing.until("app.overlay?.model?.said === '与“等速”之差'")
    values = "app.overlay.model.rows.map((row) => row.value)"
    assert editing.run(values) == [6, -3, -2, -1]
    assert "情景，非规划内容：手定" in page.inner_text("#pm-legend-section .pm-legend-overlay")
    # Swiped against the other, then against what was observed in 2026.
    page.select_option("#pm-split", "swipe")
    page.wait_for_selector(".pm-split-swipe")
    assert "等速" in said(editing, 0)
    assert "60" in said(editing, 0)
    assert "66" in said(editing, 1)
    page.select_option("#pm-from", "")
    editing.until("document.querySelector('.pm-swipe-left').textContent === '实际值 2026'")
    assert "44" in said(editing, 0)
    assert "66" in said(editing, 1)
    page.focus(".pm-swipe-bar")
    page.keyboard.press("PageUp")
    clip = page.locator(".pm-split-cell").nth(1).evaluate("(node) => getComputedStyle(node).clipPath")
    assert clip == "inset(0px 0px 0px 60%)"
    page.keyboard.press("Escape")
    editing.until("!document.querySelector('.pm-split') && !location.hash.includes('split')")
    page.select_option("#pm-split", "2")
    page.wait_for_selector(".pm-split-2")
    names = "(all) => all.map((one) => one.selectedOptions[0].textContent)"
    assert page.eval_on_selector_all(".pm-split select", names) == ["手定", "等速"]
    # What is observed less the scenario, and a choice that waits for another says so.
    page.select_option("#pm-show", "scenario_gap")
    editing.until("app.overlay.model.rows[0].value === -22")
    page.select_option("#pm-as", "two")
    page.wait_for_selector(".pm-waits:visible")
    assert "请在上面选第二项指标" in page.inner_text(".pm-waits")
