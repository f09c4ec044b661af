"""A private folder for what the server prepares: a copy of the edition, and downloads that are made once.

It is new for every start, can be entered by this user alone and is removed at the end; what a killed server left is
removed at the next start. Nothing that others could have put there is ever read.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from geo import files
from geo.errors import PlanmapError
from geo.files import HeldFolder, clear_stale
from geo.reasons import reason
from webmap.serving.errors import WebError
from webmap.serving.problems import BusyError, FullError, StorageError

PREFIX = "planmap-shelf-"
WAITING = 8
"""Requests of a worker that may make files, or wait for one being made, at the same time; others are told to come
again, so that there are always threads for what is ready."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LITTLE = 1024 * 1024
"""A disk with fewer free bytes counts as full when SQLite or GDAL say no more than that they could not write."""


class Shelf:
    """Files by name, the least used removed when there are too many bytes; safe between threads and workers.

    Args:
        parent: Where the folder is made; None for the system's place for temporary files.
        most_bytes: Bytes to keep at most. The newest file is always kept.

    Raises:
        WebError: ``setting.cache_not_made``, ``setting.cache_not_private`` or ``setting.cache_full``.
    """

    def __init__(self, parent: Path | None, most_bytes: int) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(WAITING)
        where = Path(tempfile.gettempdir()) if parent is None else parent
        try:
            if parent is not None:
                where.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_private(where)
            clear_stale(where, PREFIX)
            self._folder = HeldFolder(where, PREFIX)
            _check_writable(self._folder.path)
        except OSError as error:
            key = "setting.cache_full" if error.errno in _FULL else "setting.cache_not_made"
            raise WebError(key, name="PLANMAP_CACHE_DIR", path=str(where), reason=reason(error)) from None

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder.path

    def close(self) -> None:
        """Remove the folder."""
        self._folder.close()

    def get(self, name: str, make: Callable[[Path], object]) -> bytes:
        """The bytes of a file, made on first demand.

        Args:
            name: File name without folders.
            make: Writes the file, whole or not at all.

        Raises:
            BusyError: Too many files are being made.
            FullError: The disk is full.
            StorageError: The folder cannot be written.
        """
        path = self.path / name
        with _storage_errors(self.path):
            try:
                return _read(path)
            except FileNotFoundError:
                pass
        if not self._room.acquire(blocking=False):
            raise BusyError("error.busy")
        try:
            with self._lock, _storage_errors(self.path):
                if not path.is_file():
                    make(path)
                    self._trim(path)
                return _read(path)
        finally:
            self._room.release()

    def find(self, name: str) -> bytes | None:
        """The bytes of a file that was kept, or None."""
        with _storage_errors(self.path):
            try:
                return _read(self.path / name)
            except FileNotFoundError:
                return None

    def settled(self, name: str) -> bytes | None:
        """As `find`, of a file that another process has put here: others make room for it."""
        found = self.find(name)
        if found is not None:
            with _storage_errors(self.path):
                self._trim(self.path / name)
        return found

    def keep(self, name: str, data: bytes) -> None:
        """Keep bytes that were made elsewhere; a disk that takes no more keeps none, and nobody is told.

        Args:
            name: File name without folders.
            data: The bytes.
        """
        path = self.path / name
        try:
            with files.atomic_path(path) as temporary:
                temporary.write_bytes(data)
            self._trim(path)
        except (OSError, PlanmapError):
            return

    def _trim(self, newest: Path) -> None:
        """Remove the files that were not asked for for the longest time, until the rest fits."""
        found = []
        for entry in os.scandir(self.path):
            if entry.is_file(follow_symlinks=False) and entry.name != newest.name:
                try:
                    state = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # another worker was faster
                    continue
                found.append((state.st_mtime_ns, state.st_size, Path(entry.path)))
        held = newest.stat().st_size + sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if held <= self._most:
                break
            path.unlink(missing_ok=True)
            held -= size


def _read(path: Path) -> bytes:
    """The file's bytes; a link is no file of ours."""
    held = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(held, "rb") as file:
        os.utime(held, ns=(time.time_ns(),) * 2)  # asked for now
        return file.read()


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    """Say in our words that a file could not be written, whoever found out."""
    try:
        yield
    except OSError as error:
        raise (FullError if error.errno in _FULL else StorageError)(_key(error.errno in _FULL)) from error
    except PlanmapError as error:
        if not error.key.endswith(".not_written"):
            raise
        below = error.__cause__
        full = isinstance(below, OSError) and below.errno in _FULL
        full = full or shutil.disk_usage(folder).free < _LITTLE
        raise (FullError if full else StorageError)(_key(full)) from error


def _key(full: bool) -> str:
    return "error.disk_full" if full else "error.not_stored"


def _check_private(folder: Path) -> None:
    """Refuse a folder in which others could put another in the place of ours.

    Raises:
        WebError: ``setting.cache_not_private``.
        OSError: It is no folder.
    """
    state = folder.stat()
    if not stat.S_ISDIR(state.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    sticky = state.st_mode & stat.S_ISVTX  # only owners rename what lies in it, as in /tmp
    open_to_others = state.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not sticky
    if open_to_others or state.st_uid not in (os.geteuid(), 0):
        raise WebError("setting.cache_not_private", name="PLANMAP_CACHE_DIR", path=str(folder))


def _check_writable(folder: Path) -> None:
    """Write and remove a file, so that a full disk is said at the start.

    Raises:
        OSError: It cannot be written.
    """
    probe = folder / "probe"
    with probe.open("wb") as file:
        file.write(b"\0" * 4096)
        file.flush()
        os.fsync(file.fileno())
    probe.unlink()
