"""What very many features are found by, made once for all processes of the server: large layers in a process apart.

Until a vast layer's text is there, `Names.ready` says that it is not; nobody waits for it. The process that writes it
holds a lock, goes with whoever started it, and leaves the text whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from geo.errors import PlanmapError
from geo.files import atomic_path
from layers.edition.large import Looked
from layers.edition.store import Store
from layers.service.table import Table
from webmap.api.many import Lines, lines_of

AGAIN_S = 60.0
"""A process that failed is not tried again sooner."""
COURTESY = 5
"""It steps back behind whoever answers requests."""
_MOST_FILES = 16
_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from webmap.api.naming import main; main()"


class Ready(NamedTuple):
    """What can be looked through now.

    Attributes:
        lines: The layers whose names are there.
        coming: The ids of those whose names are still being made.
    """

    lines: list[Lines]
    coming: list[str]


class Names:
    """The texts of an edition's layers that are too large to be listed.

    Args:
        store: The edition.
        folder: Where the texts are kept, one file for all processes; None: in memory.
        stamp: What tells the edition from every other.
    """

    def __init__(self, store: Store, folder: Path | None, stamp: str) -> None:
        self._store, self._folder, self._stamp = store, folder, stamp
        self._lines: dict[str, Lines] = {}
        self._begun = -AGAIN_S
        self._lock = threading.Lock()

    def ready(self) -> Ready:
        """What can be looked through now; what is not there is begun."""
        coming: dict[str, tuple[Path, Path]] = {}
        for number, (layer, look) in enumerate(self._store.unlisted.items()):
            if layer in self._lines:
                continue
            path = self._folder / f"{self._stamp}-{number}" if self._folder is not None else None
            if path is not None and look.path is not None and not path.is_file():
                coming[layer] = (look.path, path)
                continue
            text = b"".join(lines_of(look)) if path is None else _text(look, path)
            self._lines[layer] = Lines(layer, text, look, self._store.kinds)
        if coming and self._folder is not None:
            self._begin(self._folder, list(coming.values()))
        return Ready([self._lines[layer] for layer in self._store.unlisted if layer in self._lines], list(coming))

    def _begin(self, folder: Path, pairs: list[tuple[Path, Path]]) -> None:
        """Start the process that writes texts, unless it runs: the lock is its own from the beginning."""
        with self._lock:
            if time.monotonic() - self._begun < AGAIN_S:
                return
            folder.mkdir(mode=0o700, exist_ok=True)
            with (folder / "process.lock").open("w") as held:
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                self._begun = time.monotonic()
                told = json.dumps([[str(one) for one in pair] for pair in pairs])
                command = [sys.executable, "-c", _PROGRAM, str(_ROOT), told]
                running = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[held.fileno()])
        threading.Thread(target=running.wait, daemon=True).start()


def main() -> None:
    """Write texts of mapped arrays; the arguments say which."""
    os.nice(COURTESY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, with which it goes
    parent = os.getppid()
    for source, target in json.loads(sys.argv[2]):
        path = Path(target)
        if not path.is_file():
            try:
                _write(path, _while_with(parent, lines_of(Table.mapped(Path(source)))))
            except (OSError, PlanmapError):
                if os.getppid() == parent:  # else the server has ended, and its folder is gone
                    raise


def _while_with(parent: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same, as long as the process that started this one is there."""
    for piece in pieces:
        if os.getppid() != parent:
            sys.exit()
        yield piece


def _text(look: Looked, path: Path) -> mmap.mmap:
    """The text of a layer, from its file, which is written when there is none."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with (path.parent / "lock").open("w") as held:  # the first process writes it, the others wait
        fcntl.flock(held, fcntl.LOCK_EX)
        if not path.is_file():
            _write(path, lines_of(look))
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.writelines(pieces)
    for old in sorted(path.parent.glob("*-*"), key=lambda one: one.stat().st_mtime_ns)[:-_MOST_FILES]:
        old.unlink(missing_ok=True)
