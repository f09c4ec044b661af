"""A page that the browser has kept is seen without a question, and asks once whether it is still so."""

import threading
from pathlib import Path
from typing import Any

import pytest
from browser_tools import HANGS_MS
from processes import wait_until
from web_edition import make_edition
from werkzeug.serving import make_server

from layers.edition.kept import publish
from webmap.app import create_app

pytestmark = pytest.mark.browser


def test_a_kept_page_asks_once_and_gives_way_to_a_newer_edition(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "editions" / "test-plan.gpkg"
    publish(make_edition(), path, 5)
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "c")})
    asked: list[tuple[str, int]] = []

    def noting(scope: Any, start_response: Any) -> Any:
        def started(status: str, headers: Any, *error: Any) -> Any:
            asked.append((scope["PATH_INFO"], int(status[:3])))
            return start_response(status, headers, *error)

        return app(scope, started)

    server = make_server("127.0.0.1", 0, noting, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/?lang=zh"
    context = browser.new_context()
    context.set_default_timeout(HANGS_MS)

    def visit() -> Any:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("() => window.__ready === true")
        # What comes late is kept, too, once it has come.
        page.evaluate("() => Promise.all([planmapApp.asked(), planmapApp.later()])")
        page.wait_for_load_state("networkidle")
        return page

    visit().close()
    assert ("/", 200) in asked
    assert asked.count(("/", 304)) == 0, "what has just come is not asked about"
    asked.clear()
    page = visit()
    wait_until(lambda: asked, "the question whether it is still so")
    page.close()
    assert asked == [("/", 304)]

    publish(make_edition(meta={**make_edition().meta, "hash": "cd" * 32}), path, 5)
    client = app.test_client()
    wait_until(lambda: client.get("/api/layers").headers["Planmap-Edition"] == "cd" * 32, "the newer edition in use")
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(f"() => window.planmapApp?.config.edition === {'cd' * 32!r} && window.__ready === true")
    asked.clear()
    page.reload()
    page.wait_for_function("() => window.__ready === true")
    assert [status for where, status in asked if where == "/"] == [304], "asked for anew, and not about"
    page.close()

    # The server is away: what was kept is shown all the same.
    server.shutdown()
    server.server_close()
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("() => window.__ready === true")
    context.close()
