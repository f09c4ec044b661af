"""The cards of thousands of editions, read by as many processes as there are cores.

Most of a card's time SQLite takes to understand the tables of a GeoPackage. Threads do not share that well: SQLite
counts all memory of a process under one lock, so that two threads on two cores use twice the processor time of one.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from layers.edition.card import Card, card
from layers.model.errors import EditionError

MANY = 200
"""Editions that are worth starting processes for, which takes as long as some twenty cards."""
_PART = 32


def cards(paths: Sequence[Path]) -> list[Card | None]:
    """A card a file; None for one that has none to give, and for all when this is no time for other processes.

    Args:
        paths: The GeoPackages.

    Example:
        >>> cards([])
        []
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # A program with threads may hold a lock at the moment at which it forks: at a server's start there are none.
    alone = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
    if len(paths) < MANY or cores < 2 or not alone:
        return [None] * len(paths)
    try:
        with ProcessPoolExecutor(cores, multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_card, paths, chunksize=_PART))
    except (BrokenProcessPool, OSError):  # one was killed, or none could be started
        return [None] * len(paths)


def _card(path: Path) -> Card | None:
    try:
        return card(path)
    except (EditionError, OSError):  # whoever needs the reason reads the file for itself
        return None
