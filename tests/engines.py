"""Firefox and WebKit from Debian, driven by the commands of W3C WebDriver.

WebKitWebDriver takes them over HTTP. Firefox takes the same ones over Marionette, its own socket: geckodriver, which
would translate, is not in Debian. Both engines run without a screen (WebKit on an Xvfb of its own).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from processes import HANGS_S, wait_until


def free_port() -> int:
    """A port that nobody holds just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Engine:
    """A window of an engine: open an address, run a script, click at a place."""

    def command(self, name: str, **parameters: Any) -> Any:
        """A command of WebDriver; its value."""
        raise NotImplementedError

    def open(self, address: str) -> None:
        """Go to an address."""
        self.command("Navigate", url=address)

    def run(self, expression: str) -> Any:
        """The value of an expression in the page; ``app`` is the page's app object."""
        script = f"const app = window.planmapApp; return ({expression});"
        return self.command("ExecuteScript", script=script, args=[])

    def until(self, expression: str) -> Any:
        """Wait until an expression holds in the page; while a page gives way to the next it does not."""

        def holds() -> bool:
            try:
                return bool(
                    self.run(f"(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()")
                )
            except (AssertionError, PlaywrightError):
                return False

        return wait_until(holds, expression)

    def click(self, x: float, y: float) -> None:
        """Press and release the pointer at a place of the window, as a hand does."""
        steps = [
            {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.command("PerformActions", actions=[pointer])


class Played(Engine):
    """Chromium's page, by Playwright as everywhere in these tests."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        """See `Engine.open`."""
        self.page.goto(address)

    def run(self, expression: str) -> Any:
        """See `Engine.run`."""
        return self.page.evaluate(f"() => {{ const app = window.planmapApp; return ({expression}); }}")

    def click(self, x: float, y: float) -> None:
        """See `Engine.click`."""
        self.page.mouse.click(x, y)


class Marionette(Engine):
    """Firefox's socket: ``length:[0, number, command, parameters]`` out, ``length:[1, number, error, value]`` in."""

    def __init__(self, port: int) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=HANGS_S)
        self.number = 0
        self._read()  # the greeting
        self.command("NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self.wire.recv(1) or b":"
        left, parts = int(length[:-1] or b"0"), []
        while left:
            part = self.wire.recv(left)
            assert part, "Firefox ended"
            parts.append(part)
            left -= len(part)
        return json.loads(b"".join(parts) or b"null")

    def command(self, name: str, **parameters: Any) -> Any:
        """See `Engine.command`."""
        self.number += 1
        message = json.dumps([0, self.number, f"WebDriver:{name}", parameters]).encode()
        self.wire.sendall(str(len(message)).encode() + b":" + message)
        _, _, error, value = self._read()
        assert error is None, error
        return value["value"] if isinstance(value, dict) and list(value) == ["value"] else value


class WebDriver(Engine):
    """WebDriver over HTTP."""

    PATHS: ClassVar = {
        "Navigate": "url",
        "ExecuteScript": "execute/sync",
        "PerformActions": "actions",
        "DeleteSession": "",
    }

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self.base = f"http://127.0.0.1:{port}/session"
        self.base += "/" + self._post("", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]

    def _post(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        request = urllib.request.Request(
            self.base + (f"/{path}" if path else ""), json.dumps(body).encode(), {"Content-Type": "application/json"},
            method=method,
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=HANGS_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode("utf-8", "replace")) from None

    def command(self, name: str, **parameters: Any) -> Any:
        """See `Engine.command`."""
        return self._post(self.PATHS[name], parameters, "DELETE" if name == "DeleteSession" else "POST")


@contextmanager
def started(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program, with all that it starts, ended afterwards."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        try:
            os.killpg(process.pid, 15)
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
        except ProcessLookupError:
            process.wait()


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"{process.args} ended"
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def firefox() -> Iterator[Engine]:
    """Headless Firefox with a fresh profile."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program
    port = free_port()
    # /tmp, and apart from the user's: Firefox keeps caches and locks beside its profile.
    with tempfile.TemporaryDirectory(prefix="planmap-firefox-", ignore_cleanup_errors=True) as home:
        profile = Path(home) / "profile"
        profile.mkdir()
        (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        command = (program, "--headless", "--no-remote", "--profile", str(profile), "--marionette")
        with started(*command, HOME=home, MOZ_HEADLESS_WIDTH="1280", MOZ_HEADLESS_HEIGHT="960") as process:
            # Marionette serves one client: ask the profile, where it writes its port once it listens.
            wait_until(lambda: process.poll() is not None or _port_written(profile), "Firefox's Marionette")
            yield Marionette(port)


def _port_written(profile: Path) -> bool:
    file = profile / "MarionetteActivePort"
    return file.is_file() and file.read_text().strip() != ""


@contextmanager
def webkit() -> Iterator[Engine]:
    """WebKitGTK's MiniBrowser on a screen of its own."""
    with tempfile.TemporaryDirectory(prefix="planmap-webkit-", ignore_cleanup_errors=True) as home:
        read, write = os.pipe()
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"],
            pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        try:
            with os.fdopen(read) as pipe:
                display = pipe.readline().strip()
            assert display, "Xvfb ended"
            port = free_port()
            environment = {"DISPLAY": f":{display}", "HOME": home, "XDG_RUNTIME_DIR": home, "GDK_BACKEND": "x11"}
            environment |= {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
            with started("WebKitWebDriver", f"--port={port}", **environment) as process:
                wait_until(lambda: _listens(port, process), "WebKitWebDriver")
                driver = WebDriver(port, {})
                try:
                    yield driver
                finally:
                    driver.command("DeleteSession")
        finally:
            screen.terminate()
            screen.wait()
