"""Headless Chromium against an edition in memory: a server in a thread, pages that note what goes wrong."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.serving import make_server

from webmap.app import create_app
from webmap.serving.assets import DIST

LOCAL = ("127.0.0.1", "localhost")


def chromium_path() -> str:
    """Where Chromium is; without it, or without the bundle, the test is skipped, on CI it fails.

    The program that is made for having no window comes first: the same pages take two thirds of the processor's time.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    missing = None
    if found is None:
        missing = "no Chromium: apt-get install chromium"
    elif not (DIST / "planmap.js").is_file():
        missing = "the browser bundle is not built: make setup"
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return str(found)


@contextmanager
def chromium() -> Iterator[Any]:
    """One headless browser."""
    path = chromium_path()
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        # Debian switches drawing by the graphics card on; without one that costs a quarter more.
        flags = ["--no-sandbox", "--disable-gpu-rasterization"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        Room.free.clear()
        browser.close()


HANGS_MS = 240_000
"""Waiting has limits that only a hang reaches, however busy the machine is."""

STORED = "cookies,local_storage,indexeddb,websql,service_workers,cache_storage,file_systems"
MOST_FREE = 4


class Room:
    """A context for one page at a time of one server, each of which finds it empty: nothing stored, nothing cached.

    A page of its own stays open in it and opens the others, so that they share its process: there the program of the
    server is read and compiled once, and a page takes a quarter of the time that it takes in a new context.
    """

    free: ClassVar[dict[tuple[Any, ...], Room]] = {}
    """Those that nobody is in just now, by server and settings, those used last at the end."""

    def __init__(self, browser: Any, base: str, settings: dict[str, Any], key: tuple[Any, ...]) -> None:
        self.key = key
        self.context = browser.new_context(**settings)
        self.context.set_default_timeout(HANGS_MS)
        self.door = self.context.new_page()
        self.opens = bool(base) and settings.get("java_script_enabled", True)
        if self.opens:
            self.door.goto(f"{base}/healthz")
        self.session = self.context.new_cdp_session(self.door)

    @classmethod
    def take(cls, browser: Any, base: str, settings: dict[str, Any]) -> Room:
        """One that is free, or a new one."""
        key = (browser, base, repr(sorted(settings.items())))
        return cls.free.pop(key, None) or cls(browser, base, settings, key)

    @classmethod
    def forget(cls, base: str) -> None:
        """Close those of a server that ends."""
        for key in [key for key in cls.free if key[1] == base]:
            cls.free.pop(key).context.close()

    def page(self, width: int, height: int) -> Any:
        """A new page that knows of no other."""
        if self.opens:
            with self.door.expect_popup() as opened:
                self.door.evaluate("() => { window.open('about:blank').opener = null; }")
            page = opened.value
        else:
            page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page

    def leave(self, origins: set[str]) -> None:
        """Close the pages and empty what they kept."""
        for page in self.context.pages:
            if page is not self.door:
                page.close()
        for origin in origins:
            self.session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
        self.session.send("Network.clearBrowserCache")
        self.context.clear_cookies()
        if self.key in self.free:
            self.context.close()
            return
        self.free[self.key] = self
        while len(self.free) > MOST_FREE:
            self.free.pop(next(iter(self.free))).context.close()


@contextmanager
def served(edition: Any, **settings: str) -> Iterator[str]:
    """The address of a server for an edition, on a port that the system picks."""
    with listening(create_app(settings, edition=edition)) as address:
        yield address


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The address at which a program answers, on a port that the system picks."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield address
    Room.forget(address)  # the next server may get the same port
    server.shutdown()
    thread.join(timeout=10)


# Resolves when nothing has moved for fifteen turns of the page's own clock, 300 ms: every delay
# that the page set itself before (at most 250 ms) has then run, for timers fire in the order in which they fall due.
SETTLED = """() => new Promise((done) => {
    let quiet = 0, changed = true, href = location.href;
    const watch = new MutationObserver(() => { changed = true; });
    watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    const map = window.planmapApp?.map;
    const look = () => {
        const moves = changed || href !== location.href || map?._animatingZoom || map?._panAnim?._inProgress
            || window.planmapApp?.labels?.placing;
        quiet = moves ? 0 : quiet + 1;
        changed = false;
        href = location.href;
        if (quiet < 15) setTimeout(look, 20);
        else { watch.disconnect(); done(true); }
    };
    look();
})"""


class Visit:
    """A fresh page of one address, with everything that went wrong on it.

    Attributes:
        page: Playwright's page.
        faults: Console errors and warnings, exceptions, and requests to other machines.
        dialogs: Texts of alert boxes that opened.
    """

    def __init__(self, browser: Any, base: str, width: int = 1280, height: int = 860, **context: Any) -> None:
        self.base = base
        self.room = Room.take(browser, base, context)
        self.context = self.room.context
        self.page = self.room.page(width, height)
        self.origins: set[str] = set()
        self.asked: set[Any] = set()
        self.faults: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("requestfinished", self._on_answer)
        self.page.on("requestfailed", self._on_answer)
        self.page.on("dialog", self._on_dialog)

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")

    def _on_answer(self, request: Any) -> None:
        self.asked.discard(request)

    def _on_request(self, request: Any) -> None:
        self.asked.add(request)
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "file"):
            self.origins.add(f"{address.scheme}://{address.netloc}")
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOCAL:
            self.faults.append(f"request: {request.url}")

    def _on_dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, path: str = "/?lang=zh") -> Any:
        """Go there and wait until the map is drawn."""
        self.page.goto(path if "://" in path else self.base + path)
        self.page.wait_for_function("() => window.__ready === true")
        return self.page

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page; ``app`` is the page's app object.

        The map itself, which its methods return, stays there: to send all that hangs on it takes many seconds.
        """
        told = "const result = (value) => value === app?.map ? null : value;"
        return self.page.evaluate(f"() => {{ const app = window.planmapApp; {told} return result(({script})); }}")

    def until(self, script: str) -> None:
        """Wait until an expression holds in the page."""
        self.page.wait_for_function(f"() => {{ const app = window.planmapApp; return ({script}); }}")

    def settle(self) -> Any:
        """Wait until the page stands still: no request under way, nothing moving, no delay of its own left to run."""
        for _ in range(600):
            self.page.evaluate(SETTLED)
            if not self.asked:
                return self.page
        raise AssertionError(f"never answered: {[request.url for request in self.asked]}")

    def shade(self, indicator: str, level: str = "township", method: str = "quantiles") -> None:
        """Shade an indicator and wait until panel and map show it, or say why not."""
        spec = f"{{id: '{indicator}', level: '{level}', method: '{method}'}}"
        self.run(f"app.panel.open('indicators'), app.setIndicator({spec})")
        self.until(f"app.overlay.model?.id === '{indicator}' && app.overlay.model.level === '{level}'")
        self.run("app.overlay.pending")
        self.page.wait_for_selector("#pm-body-indicators .pm-overlay > *")

    def close(self) -> None:
        """Close the page, and empty its storage."""
        self.room.leave(self.origins)
