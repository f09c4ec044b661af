"""QGIS' own Python, which tests drive as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PYTHON = os.environ.get("PYQGIS_PYTHON", "/usr/bin/python3")
HANGS_S = 900
"""Seconds after which it hangs."""


@cache
def _is_there() -> bool:
    try:
        probe = subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False, timeout=600)
    except OSError:
        return False
    return probe.returncode == 0


def needed() -> None:
    """Skip where PyQGIS is missing; on CI that is a failure."""
    if _is_there():
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"PyQGIS is not importable by {PYTHON}; install Debian's python3-qgis")
    pytest.skip(f"PyQGIS is not importable by {PYTHON}: apt-get install python3-qgis")


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in QGIS' Python; skips or fails the test where there is none.

    Args:
        arguments: As Python takes them: a script's path, or ``-c`` and a program, and what it is given.
        folder: Takes QGIS' settings; nothing of our own Python, GDAL and PROJ reaches it, and no screen.
    """
    needed()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "GDAL", "PROJ"))}
    env |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    command = [PYTHON, *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=HANGS_S)


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a script says in the line that begins with ``ANSWER``, as JSON; how QGIS itself ends says nothing."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER")]
    assert lines, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(lines[0].removeprefix("ANSWER"))
    return found
