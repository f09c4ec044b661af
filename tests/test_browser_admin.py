"""Signing in and importing with a keyboard alone, on a wide and a narrow page; axe finds nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from admin_desk import editing
from browser_tools import Visit, listening
from test_browser_accessible import offenders
from tiny_folder import write_tiny_plan

from webmap.admin import passwords
from webmap.admin.routes import ACCESS
from webmap.admin.store import Store

pytestmark = pytest.mark.browser
PASSWORD = "four unrelated words"  # noqa: S105


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny_edition: Path) -> Iterator[tuple[str, str, Path]]:
    """A server with a plan folder, a publisher and ``--edit``: its address, a token and the folder above."""
    folder = tmp_path_factory.mktemp("admin")
    plan = write_tiny_plan(folder)
    edition = folder / "data" / "editions" / f"{plan.name}.gpkg"
    edition.parent.mkdir()
    shutil.copyfile(tiny_edition, edition)
    people = Store(folder / "people.sqlite")
    people.add("wang", "publisher", passwords.hashed(PASSWORD, "wang"))
    # One township of four, its eastern border a thousandth of a degree to the west.
    frame = gpd.GeoDataFrame({"MC": ["甲镇"]}, geometry=[shapely.box(104.0, 30.7, 104.099, 30.8)], crs=4490)
    frame.to_file(folder / "a.geojson")
    app = editing(edition, plan, PLANMAP_PEOPLE=str(people.path))
    with listening(app) as address:
        yield address, app.extensions[ACCESS].mint(), folder


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def looked_at(page: Any, address: str = "") -> None:
    """No fault for those who see badly, and nothing beyond the edge."""
    if address:
        page.goto(address)
    assert offenders(page) == [], page.url
    assert fits(page), page.url


@pytest.fixture
def seen(browser: Any, server: tuple[str, str, Path], request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of the width that the test asks for; nothing may have gone wrong on it."""
    visit = Visit(browser, server[0], width=request.param)
    yield visit.page
    # That a name was refused is a fault to the console alone.
    assert [one for one in visit.faults if "403" not in one] == []
    visit.close()


@pytest.mark.parametrize("seen", [390], indirect=True)
def test_a_person_signs_in_by_keyboard_and_changes_nothing_by_mistake(seen: Any, server: tuple[str, str, Path]) -> None:
    looked_at(seen, server[0] + "/login?next=/admin/import%3Flang%3Den&lang=en")
    seen.focus("[name=name]")
    seen.keyboard.type("wang")
    seen.keyboard.press("Tab")
    seen.keyboard.type("wrong password")
    seen.keyboard.press("Enter")
    seen.wait_for_selector("[role=alert]")
    looked_at(seen)
    assert seen.input_value("[name=name]") == "wang"
    seen.focus("[name=password]")
    seen.keyboard.type(PASSWORD)
    seen.keyboard.press("Enter")
    seen.wait_for_selector("[type=file]")
    assert seen.url.endswith("/admin/import?lang=en")
    seen.focus("summary")
    seen.keyboard.press("Enter")
    seen.wait_for_selector("[name=crs]:visible")
    looked_at(seen)
    looked_at(seen, server[0] + "/admin?lang=en")


@pytest.mark.parametrize("seen", [1440], indirect=True)
def test_a_file_is_compared_and_dropped_by_keyboard(seen: Any, server: tuple[str, str, Path]) -> None:
    seen.goto(f"{server[0]}/login?token={server[1]}")
    looked_at(seen, server[0] + "/admin/import")
    seen.set_input_files("[type=file]", str(server[2] / "a.geojson"))
    seen.focus("form.admin-form button")
    seen.keyboard.press("Enter")
    seen.wait_for_selector(".admin-actions")  # the page shows itself anew when there is something to see
    assert "-1.00%" in seen.inner_text(".admin-shapes")
    assert seen.locator(".sketch-after").count() > 0
    looked_at(seen)
    seen.focus(".admin-actions form:last-child button")
    seen.keyboard.press("Enter")
    seen.wait_for_selector("[type=file]")
    assert seen.locator("text=a.geojson").count() == 0
