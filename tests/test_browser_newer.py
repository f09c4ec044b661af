"""An open page says that a newer edition is there, and reloads into it."""

import threading
from pathlib import Path
from typing import Any

import pytest
from web_edition import make_edition
from werkzeug.serving import make_server

from layers.edition.kept import publish
from webmap.app import create_app

pytestmark = pytest.mark.browser


def test_open_pages_say_that_a_newer_edition_is_there(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "editions" / "test-plan.gpkg"
    publish(make_edition(), path, 5)
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "c")})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(240_000)
    pages = []
    for address in ("/?lang=zh", "/list?lang=en", f"/e/{make_edition().hash[:12]}/list"):
        page = context.new_page()
        page.clock.install()
        page.goto(base + address)
        pages.append(page)
    meta = {**make_edition().meta, "hash": "cd" * 32}
    for page in pages:
        page.clock.run_for(61_000)
        assert page.locator(".newer-edition").count() == 0, "nothing is newer yet"
    publish(make_edition(meta=meta), path, 5)
    for page, text in zip(pages, ("已有更新的版本", "A newer edition"), strict=False):
        page.bring_to_front()
        page.clock.run_for(61_000)
        note = page.locator(".newer-edition")
        note.wait_for()
        assert text in note.inner_text()
        page.screenshot(path=str(tmp_path / "note.png"))
    assert pages[2].locator(".newer-edition").count() == 0, "a permalink stays what it is"
    pages[2].reload()
    note = pages[2].locator(".newer-edition")
    note.wait_for()
    assert "不是现行的" in note.inner_text()
    assert note.locator("a").get_attribute("href") == "/list"
    with pages[2].expect_response("**/api/edition") as asked:
        pages[2].goto(f"{base}/e/{'cd' * 6}/list")
    asked.value.finished()
    assert note.count() == 0, "the one in use says nothing"
    context.close()
    server.shutdown()
