"""Editions that are kept: beside ``<plan>.gpkg``, the edition in use, the last ones as ``<plan>/<hash>.gpkg``."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from geo import files
from layers.edition.card import card
from layers.edition.file import Edition, write
from layers.model.errors import EditionError

SHORT = 12
"""Digits of a hash that people see and addresses carry."""
_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Kept:
    """A kept edition.

    Attributes:
        hash: Of its content.
        path: The file.
        written: When the file was written, UTC.
    """

    hash: str
    path: Path
    written: datetime


def folder(path: Path) -> Path:
    """Where the editions of the one in use are kept.

    Example:
        >>> folder(Path("data/editions/my-plan.gpkg")).as_posix()
        'data/editions/my-plan'
    """
    return path.with_suffix("")


def kept(path: Path) -> list[Kept]:
    """The kept editions of the one in use, the newest first; what is named otherwise is none of them."""
    found = [
        Kept(one.stem, one, datetime.fromtimestamp(one.stat().st_mtime, UTC))
        for one in folder(path).glob("*.gpkg")
        if _NAME.fullmatch(one.stem) and one.is_file()
    ]
    return sorted(found, key=lambda one: (one.written, one.hash), reverse=True)


def publish(edition: Edition, path: Path, most: int) -> None:
    """Write an edition and put it into use; the one that was in use stays among the kept ones.

    The kept file comes first, so that whoever sees the new edition can also reach it by its hash.

    Args:
        edition: The new one.
        path: The file of the edition in use.
        most: How many to keep, the one in use among them; 0 keeps none.

    Raises:
        EditionError: ``edition.not_written``.
        GeoError: ``vector.not_written`` when a folder cannot be written.
    """
    files.check_target(path)
    if not most:
        write(edition, path)
        return
    _keep_current(path)
    write(edition, folder(path) / f"{edition.hash}.gpkg")
    use(edition.hash, path, most)


def use(digest: str, path: Path, most: int) -> None:
    """Put a kept edition into use and remove the oldest of the others.

    Args:
        digest: Its hash.
        path: The file of the edition in use.
        most: How many to keep, this one among them.

    Raises:
        GeoError: ``vector.not_written`` when the file cannot be written.
    """
    _copy(folder(path) / f"{digest}.gpkg", path)
    for old in [one for one in kept(path) if one.hash != digest][most - 1 :]:
        old.path.unlink(missing_ok=True)


def _keep_current(path: Path) -> None:
    """Keep the edition in use when an older program, or a person, put it there; what is no edition is left alone."""
    try:
        found = card(path).hash
    except EditionError:
        return
    target = folder(path) / f"{found}.gpkg"
    if _NAME.fullmatch(found) and not target.exists():
        _copy(path, target)


def _copy(source: Path, target: Path) -> None:
    """A copy, not a link: a program that writes into one of them leaves the other alone."""
    with files.atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        shutil.copystat(source, temporary)
