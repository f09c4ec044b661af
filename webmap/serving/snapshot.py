"""An edition's file as it was when it was opened, whatever happens to it afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from webmap.serving.errors import WebError

_TRIES = 3
_PART = 1024 * 1024

SAME, REPLACED, CHANGED, MISSING = "same", "replaced", "changed", "missing"
"""What became of the file: nothing, another in its place, written over, gone."""


class Snapshot:
    """A private copy of a file, and a watch on the original.

    A link or an open file would not do: who truncates or overwrites a file in place changes it for every reader.

    Args:
        path: The file.
        folder: A folder of ours for the copy.

    Raises:
        WebError: ``error.edition_changing`` when somebody writes to the file all the time.
        OSError: It cannot be read or copied.

    Attributes:
        path: The original.
        copy: The copy, until ``seal``.
        digest: SHA-256 of its bytes.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        # A folder for each: workers copy at the same time, and what trims the prepared files looks into no folder.
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        # Workers that are forked later read the same copy: only who made it takes it away, when the edition is let go.
        weakref.finalize(self, _remove, self._folder, os.getpid()).atexit = False
        self.copy = self._folder / path.name
        for _ in range(_TRIES):
            before = signature(path)
            # Held for its number alone: while it is open, no other file can get the same.
            self._original = path.open("rb")
            self.digest = _copy(path, self.copy)
            if before == signature(path):
                break
        else:
            raise WebError("error.edition_changing", path=str(path))
        self._file = self.copy.open("rb")
        self._seen = {before: SAME}
        self._lock = threading.Lock()

    def seal(self) -> None:
        """Take the copy's name away: it is read through the open file alone, which nobody else can find."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def bytes(self) -> bytes:
        """The file's bytes; safe between threads and forked workers."""
        return os.pread(self._file.fileno(), os.fstat(self._file.fileno()).st_size, 0)

    def state(self) -> str:
        """What became of the original: ``same``, ``replaced``, ``changed`` or ``missing``."""
        try:
            found = signature(self.path)
            with self._lock:
                if found not in self._seen:
                    # One answer is kept, for the file as it is now: it is read once for each change.
                    same = _digest_of(self.path) == self.digest
                    other = REPLACED if found[:2] != next(iter(self._seen))[:2] else CHANGED
                    first = next(iter(self._seen))
                    self._seen = {first: SAME, found: SAME if same else other}
                return self._seen[found]
        except OSError:
            return MISSING


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def signature(path: Path) -> tuple[int, ...]:
    """What tells a file from one that was put in its place, or was written over.

    Raises:
        OSError: It cannot be found.
    """
    state = path.stat()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _copy(source: Path, target: Path) -> str:
    """Copy a file's bytes; gives their SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as original, target.open("wb") as copy:
        while part := original.read(_PART):
            digest.update(part)
            copy.write(part)
    return digest.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
