"""Files written whole or not at all, in folders of our own that the next run clears when we were killed."""

import fcntl
import os
import re
import shutil
import stat
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geo.errors import GeoError
from geo.reasons import reason

TEMPORARY = ".planmap-"
"""How the names of folders begin in which a file is written before it is put in its place."""

_SIDECARS: dict[str, tuple[str, ...]] = {".gpkg": ("-wal", "-shm", "-journal")}
"""What SQLite keeps beside a file, by suffix: it belongs to the file that was there, and would spoil the next one."""


class HeldFolder:
    """A new folder that only this user can enter, held by a lock for as long as this process or a child of it lives.

    The lock (``flock`` on the folder itself) is what tells a folder in use from one whose process was killed; the
    machine's own cleaning of temporary files respects it too.

    Args:
        parent: Where it is made; must exist.
        prefix: How its name begins; eight characters follow.

    Raises:
        OSError: The parent cannot be written.

    Attributes:
        path: The folder.
    """

    def __init__(self, parent: Path, prefix: str) -> None:
        while (found := _new_folder(parent, prefix)) is None:
            pass
        self.path, self._held = found
        self._finish = weakref.finalize(self, _end, self.path, self._held, os.getpid())

    def close(self) -> None:
        """Remove the folder with all that is in it; only the process that made it does so."""
        self._finish()


def clear_stale(parent: Path, prefix: str) -> list[Path]:
    """Remove the folders of this user that a killed process left behind; one whose process lives stays.

    Args:
        parent: Where they are.
        prefix: How their names begin; eight characters of ``HeldFolder`` follow.

    Returns:
        What was removed.
    """
    pattern = re.compile(re.escape(prefix) + r"[a-z0-9_]{8}")
    removed = []
    try:
        found = [Path(entry.path) for entry in os.scandir(parent) if pattern.fullmatch(entry.name)]
    except OSError:
        return []
    for path in found:
        try:
            held = _open_folder(path)
        except OSError:  # a link, a file, someone else's, or gone
            continue
        try:
            if os.fstat(held).st_uid == os.geteuid() and _lock(held):
                shutil.rmtree(path, ignore_errors=True)
                removed.append(path)
        finally:
            os.close(held)
    return removed


def check_target(path: Path | str) -> Path:
    """The place to write a file to: what a link points to, else the path itself.

    Raises:
        GeoError: ``files.folder_there``, ``files.pipe_there``, ``files.socket_there`` or ``files.device_there``.

    Example:
        >>> check_target("/dev/null")
        Traceback (most recent call last):
        geo.errors.GeoError: /dev/null 是设备，不能写成文件
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
    except OSError:  # nothing there; what is wrong with the folder is said when it is written to
        return Path(os.path.realpath(path))
    if stat.S_ISREG(mode):
        return Path(os.path.realpath(path))
    if stat.S_ISDIR(mode):
        raise GeoError("files.folder_there", file=str(path))
    if stat.S_ISFIFO(mode):
        raise GeoError("files.pipe_there", file=str(path))
    if stat.S_ISSOCK(mode):
        raise GeoError("files.socket_there", file=str(path))
    raise GeoError("files.device_there", file=str(path))


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """A path beside the target to write to; it replaces the target when the block ends well.

    When the block fails, what was written is removed and the target is as it was. The temporary file
    does not exist when the block starts, has the target's name, and lies in the same file system so that
    the replacement is one step. What SQLite left beside the old file goes with it. A link stays a link:
    the file that it points to is replaced. Folders that killed processes left are cleared on the way.

    Raises:
        GeoError: `files.…_there` when the target is no regular file; `vector.not_written` when the folder or
            the target cannot be written.
    """
    shown = Path(path).name
    target = check_target(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clear_stale(target.parent, TEMPORARY)
        folder = HeldFolder(target.parent, TEMPORARY)
    except OSError as error:
        raise GeoError("vector.not_written", file=shown, detail=reason(error)) from error
    try:
        temporary = folder.path / target.name
        yield temporary
        try:
            _flush(temporary)
            for suffix in _SIDECARS.get(target.suffix.lower(), ()):
                target.with_name(target.name + suffix).unlink(missing_ok=True)
            temporary.replace(check_target(target))
        except OSError as error:
            raise GeoError("vector.not_written", file=shown, detail=reason(error)) from error
    finally:
        folder.close()


def _flush(path: Path) -> None:
    """To disk before the name changes: after a power cut there is the old file or the new one."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _new_folder(parent: Path, prefix: str) -> tuple[Path, int] | None:
    """A folder and its lock; None where another process that clears took it, not locked yet, for left behind."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        held = _open_folder(path)
    except FileNotFoundError:
        return None
    with suppress(OSError):  # a file system that knows no locks, where nobody clears
        fcntl.flock(held, fcntl.LOCK_EX)
    # Who clears holds the lock until the folder is gone.
    if path.exists():
        return path, held
    os.close(held)
    return None


def _open_folder(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _lock(held: int) -> bool:
    """Whether we have the lock of an open folder; some network file systems know none, and then nobody does."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _end(path: Path, held: int, maker: int) -> None:
    if os.getpid() == maker:
        shutil.rmtree(path, ignore_errors=True)
        os.close(held)
