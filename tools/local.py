"""What benchmarks and screenshots share: planmap served on a free port, and a headless Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PLAN = ROOT / "data" / "plans" / "xiaoshan-14fyp"
PLANMAP = Path(sys.executable).with_name("planmap")


def build(plan: Path, edition: Path) -> Path:
    """Build a plan folder's edition into a file, quietly.

    Raises:
        subprocess.CalledProcessError: The plan folder has problems; they are on the terminal.
    """
    command = [str(PLANMAP), "build", str(plan), "--output", str(edition)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return edition


@contextmanager
def serving(edition: Path) -> Iterator[str]:
    """``planmap serve`` on a free port of this machine; gives ``http://127.0.0.1:PORT`` and ends it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = dict(os.environ, HOST="127.0.0.1", PORT=str(port))
    server = subprocess.Popen([PLANMAP, "serve", edition], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url + "/healthz", server)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 180) -> None:
    """Wait until the server answers.

    Raises:
        RuntimeError: It ended, or did not answer in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("planmap serve did not answer")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium of the machine."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("缺少 Chromium / Chromium is missing: apt install chromium fonts-noto-cjk")
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=sandbox)
        try:
            yield browser
        finally:
            browser.close()
