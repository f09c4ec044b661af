"""A planner works through a chapter with the keyboard alone; the page fits a phone, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_desk import editing
from browser_tools import Visit, listening
from reading_desk import desk_of, make_folder
from test_browser_accessible import offenders

from layers.build.assemble import build_file
from layers.build.check import examine
from layers.document import decided
from layers.document.deciding import ACCEPTED, MERGED, OPEN, REFUSED
from layers.folder import load
from layers.model.errors import ERROR
from webmap.admin.routes import ACCESS

pytestmark = pytest.mark.browser
CHAPTER = "3"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A server with a folder that was read and ``--edit``: its address, a token and the folder."""
    folder = make_folder(tmp_path_factory.mktemp("read"))
    edition = folder.parent.parent / "e.gpkg"
    build_file(folder, edition, folder.parent.parent)
    app = editing(edition, folder)
    with listening(app) as address:
        yield address, app.extensions[ACCESS].mint(), folder


def name_of(page: Any) -> str:
    return str(page.inner_text("[data-record]:not([hidden]) h2"))


def pressed(page: Any, *keys: str) -> None:
    """Keys that send a form: the next page has come, and its program runs."""
    with page.expect_navigation():
        for key in keys:
            page.keyboard.press(key)
    ready(page)


def ready(page: Any) -> None:
    page.wait_for_selector("[data-act=help]:not([hidden])")


def test_a_chapter_with_the_keyboard_only(browser: Any, server: tuple[str, str, Path]) -> None:
    address, token, folder = server
    visit = Visit(browser, address, width=1440)
    page = visit.page
    page.goto(f"{address}/login?token={token}&next=/admin/reading/chapter/{CHAPTER}")
    ready(page)
    assert offenders(page) == []
    desk = desk_of(folder)
    names = [one.name for one in desk.session.of_chapter(CHAPTER)]
    # Moving: the focus is on the mark, which the live region names; a field takes the letters that are typed into it.
    assert name_of(page) == names[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert name_of(page) == names[1]
    assert page.evaluate("document.activeElement.dataset.item") == desk.session.of_chapter(CHAPTER)[1].id
    assert names[1] in page.inner_text(".reading-said")
    page.keyboard.press("?")
    assert page.is_visible("dialog[open]")
    assert offenders(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    # Correct and accept: Enter in a field accepts.
    page.keyboard.press("c")
    page.keyboard.press("End")
    page.keyboard.type("ajr")
    assert name_of(page) == names[0]
    pressed(page, "Enter")
    assert name_of(page) == names[1]
    pressed(page, "r")
    # Merge with a record by its name.
    other = next(one for one in desk.plan.features if one.kind == "township")
    at = page.inner_text("[data-record]:not([hidden]) .reading-facts")
    while "要素" not in at:
        pressed(page, "a")
        at = page.inner_text("[data-record]:not([hidden]) .reading-facts")
    merged = name_of(page)
    page.keyboard.press("m")
    page.keyboard.type(other.id)
    pressed(page, "Enter")
    # Undone, and done again.
    pressed(page, "u")
    assert name_of(page) == merged
    page.keyboard.press("m")
    page.keyboard.type(other.id)
    pressed(page, "Enter")
    for _ in range(len(names)):
        if page.get_attribute("[data-record]:not([hidden])", "data-open") != "1":
            break
        pressed(page, "a")
    desk = desk_of(folder)
    assert not any(desk.standing(one).how in OPEN for one in desk.session.of_chapter(CHAPTER))
    how = {one.name: one.how for one in decided.read(folder).values()}
    assert (how[names[0]], how[names[1]], how[merged]) == (ACCEPTED, REFUSED, MERGED)
    assert any(one.name == f"{names[0]}ajr" for one in (*load.read(folder)[0].features, *load.read(folder)[0].targets))
    assert [one for one in examine(folder, folder.parent.parent).problems if one.severity == ERROR] == []
    assert visit.faults == []
    # The same on a phone: nothing beyond the edge, the mark is seen above the record.
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/chapter/2?lang=en", "", "/decisions?lang=en", "/changes"):
        page.goto(f"{address}/admin/reading{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert offenders(page) == [], path
    page.goto(f"{address}/admin/reading/chapter/2")
    ready(page)
    for _ in range(4):
        page.keyboard.press("j")
    seen = page.evaluate("""() => {
      const box = document.activeElement.getBoundingClientRect();
      const at = document.elementFromPoint(box.left + 2, box.top + 2);
      return document.activeElement.contains(at);
    }""")
    assert seen
    visit.close()
