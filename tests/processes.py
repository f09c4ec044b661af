"""Programs of ours that tests start, and waiting for them: for a condition, never for a time.

The limits are long: only what hangs reaches them, however busy the machine is.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

HANGS_S = 300.0
T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str = "what was waited for", seconds: float = HANGS_S) -> T:
    """Ask again and again until the answer is true; give that answer.

    Raises:
        AssertionError: It never was.
    """
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"never came: {what}"
        threading.Event().wait(0.05)


def answers(address: str) -> bool:
    """Whether a server answers there, be it with an error."""
    try:
        urllib.request.urlopen(address, timeout=HANGS_S).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def serving(program: Path, edition: Path, cwd: Path, **environment: str) -> Iterator[str]:
    """``planmap serve`` on a port that the system picks; gives its address once it answers."""
    env = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "PLANMAP_WORKERS": "1", **environment}
    process = subprocess.Popen([program, "serve", edition], cwd=cwd, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found: list[str] = []
        for line in process.stdout:
            found = [word for word in line.split() if word.startswith("http://")]
            if found:
                break
        assert found, "planmap serve ended"
        wait_until(lambda: process.poll() is not None or answers(found[0] + "/healthz"), "an answer")
        assert process.poll() is None, "planmap serve ended"
        yield found[0]
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
