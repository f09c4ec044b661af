"""What the editor of scans works with: a plan folder held examined, and pictures made ready to be looked at."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.folder.scans import FOLDER
from webmap.admin.folders import Place

if TYPE_CHECKING:
    from layers.model.scans import Scan
    from layers.scans.work import Work

MOST_SHEETS = 3
"""Pictures that are kept ready; of those that nobody has looked at for longest the files go."""
_lock = threading.Lock()
_held: dict[str, tuple[str, Work, dict[str, Any]]] = {}


def opened(place: Place) -> Work:
    """The plan folder, examined; anew only when a file in it has changed.

    Raises:
        LayersError: ``folder.missing``.
    """
    return _opened(place)[1]


def ground_of(place: Place) -> dict[str, Any]:
    """What the map draws, made once for each state of the folder."""
    from layers.scans.ground import ground  # noqa: PLC0415 - brings shapely's geometry of a whole plan

    with _lock:
        _, work, made = _look(place)
        if not made:
            made |= ground(work)
        return made


def _opened(place: Place) -> tuple[str, Work, dict[str, Any]]:
    with _lock:
        return _look(place)


def _look(place: Place) -> tuple[str, Work, dict[str, Any]]:
    from layers.scans.work import open_folder  # noqa: PLC0415 - pages without scans do without

    name, state = str(place.folder), _state(place.folder)
    found = _held.get(name)
    if found is None or found[0] != state:
        # One folder a process: a shelf of plans is not held whole.
        _held.clear()
        _held[name] = found = (state, open_folder(place.folder, place.data_dir), {})
    return found


def _state(folder: Path) -> str:
    """What tells that something in a plan folder has changed."""
    said = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            about = path.stat()
            said.update(f"{path.relative_to(folder)}\n{about.st_size} {about.st_mtime_ns}\n".encode(errors="replace"))
    return said.hexdigest()


class Sheets:
    """Upright pictures of scans, with overviews, in the server's private folder.

    Args:
        folder: The server's private folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "sheets"

    def key(self, place: Place, scan: Scan) -> str:
        """What a picture is kept under: another when its file is another. "" when it is not there."""
        path = place.folder / FOLDER / scan.picture
        try:
            about = path.stat()
        except OSError:
            return ""
        said = f"{path}\n{about.st_size} {about.st_mtime_ns} {scan.page} {scan.dpi} {scan.width} {scan.height}"
        return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:24]

    def path(self, key: str) -> Path:
        """Where it is once it is ready."""
        return self.folder / f"{key}.tif"

    def ready(self, key: str) -> Path | None:
        """The picture, or None while it is not ready."""
        path = self.path(key)
        if not key or not path.is_file():
            return None
        os.utime(path)
        return path

    def make_room(self) -> None:
        """Remove the pictures that were looked at least lately, so that one more has room."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        kept = sorted(self.folder.glob("*.tif"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in kept[MOST_SHEETS - 1 :]:
            old.unlink(missing_ok=True)


def fields_of(points: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Control points as a record has them, of what a page sent: nothing but their fields."""
    names = ("name", "px", "at", "ref", "datum", "accuracy_m", "note")
    return [{name: one[name] for name in names if one.get(name) not in (None, "")} for one in points]
