"""A plan folder changed whole or not at all, and changed back byte for byte.

The new folder is made beside the old one, out of hard links to what stays, and takes its name in one step of the
system (``renameat2``). Whoever is killed before leaves the old folder; whoever is killed after leaves the new one. What
an import replaced is kept in ``.planmap/imports`` inside the folder, which nothing else reads.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geo import files
from geo.reasons import reason
from layers.model.errors import LayersError

KEPT = ".planmap/imports"
_CHANGE, _OLD = "change.json", "files"
_STAGE = ".planmap-import-"
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of linux/fs.h and fcntl.h

Change = Mapping[str, bytes | None]
"""New content by path relative to the folder; None takes the file away."""
State = list[tuple[str, int, int, int]]
"""Path, number, size and time of every file of a folder."""


@contextmanager
def staged(folder: Path, change: Change, beside: Path | None = None) -> Iterator[Path]:
    """A folder as it will be, in a place of its own that goes afterwards.

    Args:
        folder: The plan folder.
        change: What is to change.
        beside: Where the folder is made; the system's folder for temporary files when not given.

    Raises:
        LayersError: ``import.not_written``.
    """
    place = beside or Path(tempfile.gettempdir())
    try:
        if beside is not None:
            files.clear_stale(place, _STAGE)
        held = files.HeldFolder(place, _STAGE)
    except OSError as error:
        raise LayersError("import.not_written", folder=str(folder), detail=reason(error)) from error
    try:
        target = held.path / folder.resolve().name
        try:
            shutil.copytree(folder, target, symlinks=True, copy_function=_linked)
            for name, content in change.items():
                _put(target / name, content)
        except (OSError, shutil.Error) as error:
            detail = reason(error) if isinstance(error, OSError) else reason(OSError())
            raise LayersError("import.not_written", folder=str(folder), detail=detail) from error
        yield target
    finally:
        held.close()


def commit(
    folder: Path, change: Change, about: Mapping[str, Any], *, kept_in: str = KEPT, most: int | None = None,
    since: State | None = None,
) -> str:  # fmt: skip
    """Put a change into a plan folder, and keep what it replaces for ``undo``.

    Args:
        folder: The plan folder.
        change: What is to change.
        about: What ``undo`` says of it: command, file, time.
        kept_in: Where in the folder it is kept.
        most: How many are kept there at most; the oldest go.
        since: What the folder was, by ``state``, when the change was thought out.

    Returns:
        The number under which it is kept.

    Raises:
        LayersError: ``import.busy``, ``import.changed_meanwhile``, ``import.not_written``.
    """
    numbers = sorted(_numbers(folder, kept_in))
    number = f"{int(max(numbers, default='0')) + 1:04d}"
    kept = f"{kept_in}/{number}"
    record = {
        "about": dict(about),
        "files": {
            name: {"before": _digest(folder / name), "after": None if new is None else hashlib.sha256(new).hexdigest()}
            for name, new in change.items()
        },
    }
    extra: dict[str, bytes | None] = {f"{kept}/{_CHANGE}": json.dumps(record, ensure_ascii=False, indent=1).encode()}
    for name in change:
        if (folder / name).is_file():
            extra[f"{kept}/{_OLD}/{name}"] = (folder / name).read_bytes()
    for old in numbers[: max(0, len(numbers) + 1 - most)] if most else ():
        extra |= {str(one.relative_to(folder)): None for one in _files(folder / kept_in / old)}
    _swap(folder, {**change, **extra}, since)
    return number


def undo(folder: Path, *, look_only: bool = False, force: bool = False, kept_in: str = KEPT) -> dict[str, Any]:
    """Take the last import back: every file that it touched is as it was, byte for byte.

    Args:
        folder: The plan folder.
        look_only: Say what would be done, and do nothing.
        force: Also when a file has been edited since; the edits are lost.
        kept_in: Where in the folder ``commit`` kept it.

    Returns:
        ``about`` of the import, and ``files`` that are restored.

    Raises:
        LayersError: ``import.nothing_to_undo``, ``import.edited_since`` with the files, and those of ``commit``.
    """
    numbers = _numbers(folder, kept_in)
    if not numbers:
        raise LayersError("import.nothing_to_undo", folder=str(folder))
    kept = folder / kept_in / max(numbers)
    try:
        record = json.loads((kept / _CHANGE).read_text("utf-8"))
        touched = dict(record["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LayersError("import.undo_unreadable", file=f"{kept_in}/{kept.name}/{_CHANGE}") from error
    edited = [name for name, digests in touched.items() if _digest(folder / name) != digests["after"]]
    if edited and not force:
        raise LayersError("import.edited_since", files=edited)
    change: dict[str, bytes | None] = {}
    for name, digests in touched.items():
        old = kept / _OLD / name
        change[name] = None if digests["before"] is None else old.read_bytes()
        if digests["before"] is not None and _digest(old) != digests["before"]:
            raise LayersError("import.undo_unreadable", file=name)
    if not look_only:
        _swap(folder, {**change, **{str(one.relative_to(folder)): None for one in _files(kept)}})
    return {"about": record.get("about", {}), "files": sorted(touched)}


def _swap(folder: Path, change: Change, since: State | None = None) -> None:
    """The folder with the change takes the place of the one that is there."""
    folder = folder.resolve()
    with only_one(folder):
        before = since or state(folder)
        with staged(folder, change, folder.parent) as ready:
            for name in change:
                _prune(ready, (ready / name).parent)
            _flush(ready, change)
            if state(folder) != before:
                raise LayersError("import.changed_meanwhile", folder=str(folder))
            _exchange(ready, folder)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """A lock on the folder, for as long as it is being changed.

    Raises:
        LayersError: ``import.busy``.
    """
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN):
                raise LayersError("import.busy", folder=str(folder)) from error
        yield
    finally:
        os.close(held)


def _exchange(ready: Path, folder: Path) -> None:
    """Two folders change their names in one step; where the system cannot, in two with nothing between them.

    Raises:
        LayersError: ``import.not_written``; both are as they were.
    """
    library = ctypes.CDLL(None, use_errno=True)
    rename = getattr(library, "renameat2", None)
    if rename is not None:
        done = rename(_HERE, os.fsencode(ready), _HERE, os.fsencode(folder), _EXCHANGE)
        if done == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL):
            raise LayersError("import.not_written", folder=str(folder), detail=reason(OSError(code, "")))
    aside = ready.with_name(f"{ready.name}-old")
    try:
        folder.rename(aside)
    except OSError as error:
        raise LayersError("import.not_written", folder=str(folder), detail=reason(error)) from error
    try:
        ready.rename(folder)
    except OSError as error:
        aside.rename(folder)
        raise LayersError("import.not_written", folder=str(folder), detail=reason(error)) from error


def _numbers(folder: Path, kept_in: str) -> list[str]:
    kept = folder / kept_in
    return [one.name for one in kept.iterdir() if one.name.isdigit()] if kept.is_dir() else []


def _files(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.rglob("*")) if one.is_file() or one.is_symlink()]


def state(folder: Path) -> State:
    """What would tell that somebody saved a file in between."""
    found = []
    for one in _files(folder.resolve()):
        about = one.lstat()
        found.append((str(one.relative_to(folder.resolve())), about.st_ino, about.st_size, about.st_mtime_ns))
    return found


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _linked(source: str, target: str) -> str:
    """A hard link, which keeps number, times and rights; a copy on another file system."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _put(path: Path, content: bytes | None) -> None:
    """A file anew, never through a link to the old one."""
    mode = path.stat().st_mode if path.is_file() else None
    path.unlink(missing_ok=True)
    if content is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode is not None:
        path.chmod(mode)


def _prune(top: Path, folder: Path) -> None:
    """Take away folders that a removed file leaves empty."""
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _flush(ready: Path, change: Change) -> None:
    """To disk before the name changes."""
    for name, content in change.items():
        if content is not None:
            with (ready / name).open("rb") as file:
                os.fsync(file.fileno())
