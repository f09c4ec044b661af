"""Builds plan folders as ``planmap build`` has it done elsewhere, writes down what is put into use, and dies as told.

Processes on other cores and workers of a cluster import this module; what they are to do is in their environment:

``WITNESS``         the file that gets a line, ``<plan> <process>``, for every edition that is put into use
``WITNESS_KILLS``   a plan whose edition kills the process that is about to put it into use, every time
``WITNESS_DIES``    ``before`` or ``after``: this process dies with its first edition, not yet or already in use
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from layers.build import many
from layers.edition.file import Edition

_build_one, _put_out = many.build_one, many.put_out


def build_one(job: many.Job) -> many.Outcome:
    """Stands in for `layers.build.many.build_one`."""
    many.put_out = _noted
    outcome = _build_one(job)
    if os.environ.get("WITNESS_DIES") == "after":
        _die()
    return outcome


def _noted(edition: Edition, path: Path, *how: Any) -> None:
    if os.environ.get("WITNESS_DIES") == "before" or os.environ.get("WITNESS_KILLS") == path.stem:
        _die()
    _put_out(edition, path, *how)
    with Path(os.environ["WITNESS"]).open("a", encoding="utf-8") as file:
        file.write(f"{path.stem} {os.getpid()}\n")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
