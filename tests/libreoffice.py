"""LibreOffice from Debian opens a Word file or slides and prints them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

LIMIT_S = 600
"""So long that only a hang reaches it."""


def printed(path: Path, folder: Path) -> Path:
    """The PDF that LibreOffice prints of an office file; skips or fails the test where there is no LibreOffice."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail("CI needs LibreOffice: apt-get install libreoffice-writer-nogui libreoffice-impress-nogui")
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui libreoffice-impress-nogui")
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
               "--outdir", str(folder), str(path)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    made = folder / f"{path.stem}.pdf"
    assert made.is_file(), done.stderr[-400:]
    return made
