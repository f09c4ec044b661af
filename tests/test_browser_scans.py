"""The editor of scans: eight points by clicks, an error in metres, a zone by its colour, a new edition."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from admin_desk import editing
from browser_tools import Visit, listening
from processes import wait_until
from test_browser_accessible import offenders
from test_browser_admin import fits
from test_layers_build_scans import PLACES
from test_webmap_commands_scan import pixel, sheet
from tiny_folder import write_tiny_plan

from layers.scans import records, work
from webmap.admin.routes import ACCESS

pytestmark = pytest.mark.browser

ON_SCREEN = """([name, x, y]) => {
    const side = planmapScan.editor[name], node = side.map.getContainer(), box = node.getBoundingClientRect();
    const at = side.map.latLngToContainerPoint(side.place([x, y]));
    return [box.x + node.clientLeft + at.x, box.y + node.clientTop + at.y];
}"""


@dataclass
class Desk:
    """The editor's page and what it works at."""

    visit: Visit
    folder: Path
    base: str

    @property
    def page(self) -> Any:
        return self.visit.page

    def at(self, name: str, place: Any) -> list[float]:
        return list(self.page.evaluate(ON_SCREEN, [name, *place]))

    def click(self, name: str, place: Any) -> None:
        """Click where the picture or the map shows a place, brought to the middle and near enough to be hit."""
        self.page.evaluate(
            "([name, x, y, zoom]) => { const side = planmapScan.editor[name];"
            " side.map.setView(side.place([x, y]), zoom, {animate: false}); }",
            [name, *place, 4 if name == "sheet" else 13],
        )
        self.page.mouse.click(*self.at(name, place))


@pytest.fixture
def desk(browser: Any, tmp_path: Path, tiny_edition: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A plan folder with a sheet, served for editing; a page of the width that the test asks for, signed in."""
    folder = write_tiny_plan(tmp_path)
    edition = tmp_path / "data" / "editions" / f"{folder.name}.gpkg"
    edition.parent.mkdir()
    shutil.copyfile(tiny_edition, edition)
    work.add(folder, sheet(tmp_path / "a.png"), "layout", {"title": "空间布局图", "title_en": "Spatial layout"})
    app = editing(edition, folder)
    with listening(app) as base:
        visit = Visit(browser, base, **request.param)
        visit.page.goto(f"{base}/login?token={app.extensions[ACCESS].mint()}")
        yield Desk(visit, folder, base)
        assert visit.faults == []
        visit.close()


def served(desk: Desk) -> str:
    return str(desk.page.request.get(desk.base + "/api/edition").json()["edition"])


def until(page: Any, condition: str) -> None:
    page.wait_for_function(f"() => {{ const {{ editor, tracing }} = planmapScan; return {condition}; }}")


@pytest.mark.parametrize("desk", [{"width": 1440, "height": 1000}], indirect=True)
def test_a_sheet_is_laid_on_the_map_and_a_zone_read_off_it(desk: Desk) -> None:
    """Eight points by clicks, dragged back by keys, saved; the south by one click; accepted, built, seen."""
    page = desk.page
    page.goto(desk.base + "/admin/scan/layout?lang=en")
    page.wait_for_selector("#scan[data-ready]")
    for place in PLACES[:8]:
        desk.click("sheet", pixel(*place))
        desk.click("ground", place)
    until(page, "editor.fit?.points.length === 8")
    # a click hits a screen's pixel, which is half a pixel of the sheet: 10 m, and what is read off is a line of 60 m
    accuracy = page.evaluate("planmapScan.editor.fit.accuracy_m")
    assert 30 < accuracy < 100
    assert f"±{accuracy:g} m" in page.inner_text(".scan-accuracy")
    # every click on the map fell on a corner that the plan knows by name
    assert page.evaluate("planmapScan.editor.points.list.every((one) => one.ref && one.ref.startsWith('township/'))")
    # keys: the last one, away by ten pixels and a tenth, and back by undoing
    page.locator(".scan-pick").nth(7).click()
    page.locator(".scan-pick").nth(7).click()
    before = page.evaluate("planmapScan.editor.points.list[7].px")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    moved = page.evaluate("planmapScan.editor.points.list[7].px")
    assert [moved[0] - before[0], before[1] - moved[1]] == pytest.approx([10, 0.1])
    until(page, f"!editor.asked && editor.fit.accuracy_m > {accuracy}")
    for _ in range(11):
        page.keyboard.press("Control+z")
    until(page, f"!editor.asked && editor.fit.accuracy_m === {accuracy}")
    page.keyboard.press("Delete")
    assert page.locator(".scan-points tbody tr").count() == 7
    page.keyboard.press("Control+z")
    page.check("[data-on=overlay]")
    page.wait_for_selector(".scan-overlay")
    assert offenders(page) == []
    page.click("[data-do=save]")
    until(page, "!editor.dirty")
    assert len(records.points_in(desk.folder, "layout")) == 8
    # one click on the colour of the south
    page.click("[data-mode=trace]")
    page.fill("[name=feature]", "pole/south")
    desk.click("sheet", pixel(104.15, 30.64))
    page.wait_for_selector(".scan-proposal table")
    area = page.evaluate("planmapScan.tracing.proposal.together.area_km2")
    assert area == pytest.approx(212.5, rel=5e-3)  # 0.2° by 0.1° at 30.65° N, 19.17 km by 11.09 km
    assert "3.1.3" in page.inner_text(".scan-proposal")
    assert offenders(page) == []
    page.click(".scan-proposal tbody .button:first-child")
    page.wait_for_selector(".scan-proposal .admin-done")
    # the middle of a road by its colour, 9.57 km along 30.75° N and 6.63 km on, clicked on the map's side
    page.select_option("[name=method]", "line")
    page.fill("[name=feature]", "")
    page.locator("#scan-ground").scroll_into_view_if_needed()
    desk.click("ground", (104.07, 30.75))
    page.wait_for_selector(".scan-proposal table")
    assert page.evaluate("planmapScan.tracing.proposal.together.length_km") == pytest.approx(16.2, rel=0.01)
    page.click(".scan-proposal .button-quiet >> nth=-1")
    old = served(desk)
    page.click(".scan-build button")
    page.wait_for_selector(".admin-done")
    wait_until(lambda: served(desk) != old)
    page.goto(desk.base + "/feature/pole/south?lang=en")
    assert "traced" in page.inner_text("main").lower()


@pytest.mark.parametrize("desk", [{"width": 390, "height": 844, "has_touch": True}], indirect=True)
def test_a_shape_is_drawn_by_touch_and_a_conflict_is_told(desk: Desk) -> None:
    """On a phone, in Chinese: a pair by taps, three vertices, a proposal; and somebody else's points stay."""
    rows = [{"px": [round(one, 2) for one in pixel(*at)], "at": list(at)} for at in PLACES]
    records.save(desk.folder, "layout", rows)
    page = desk.page
    page.goto(desk.base + "/admin/scan/layout")
    page.wait_for_selector("#scan[data-ready]")
    assert fits(page)
    assert offenders(page) == []
    page.click("[data-mode=trace]")
    page.select_option("[name=method]", "polygon")
    page.uncheck("[name=snap]")
    page.locator("#scan-sheet").scroll_into_view_if_needed()
    ring = [(104.02, 30.62), (104.08, 30.62), (104.08, 30.68)]
    for place in ring[:2]:
        page.touchscreen.tap(*desk.at("sheet", pixel(*place)))
    page.locator("#scan-ground").scroll_into_view_if_needed()
    page.touchscreen.tap(*desk.at("ground", ring[2]))  # the map serves as well: it becomes the pixel that shows it
    until(page, "tracing.vertices.length === 3")
    assert page.evaluate("planmapScan.tracing.vertices[2]") == pytest.approx(pixel(*ring[2]), abs=10)
    page.tap("[data-do=finish]")
    page.wait_for_selector(".scan-proposal table")
    # half of 5.751 km by 6.653 km; a tap is 4 pixels of the sheet, 80 m, wide
    assert page.evaluate("planmapScan.tracing.proposal.together.area_km2") == pytest.approx(19.13, rel=0.05)
    assert fits(page)
    page.click("[data-mode=points]")
    page.locator("#scan-sheet").scroll_into_view_if_needed()
    page.touchscreen.tap(*desk.at("sheet", pixel(104.05, 30.65)))
    page.locator("#scan-ground").scroll_into_view_if_needed()
    page.touchscreen.tap(*desk.at("ground", (104.05, 30.65)))
    until(page, "editor.points.list.length === 10")
    records.save(desk.folder, "layout", rows[:5])
    page.tap("[data-do=save]")
    page.wait_for_selector(".scan-trouble:not([hidden])")
    assert "maps/layout.toml" in page.inner_text(".scan-trouble")
    assert len(records.points_in(desk.folder, "layout")) == 5
    # that the server refused is a fault to the console alone
    desk.visit.faults[:] = [one for one in desk.visit.faults if "409" not in one]
    page.evaluate("planmapScan.editor.points.saved()")  # no question about leaving
