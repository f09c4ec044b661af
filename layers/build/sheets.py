"""An edition put into use with its scanned maps: each warped once for a picture and a fit, beside the edition."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo import picture
from geo.crs import CGCS2000, metric_crs, transform_points
from geo.errors import PlanmapError
from layers.edition.sheets import file_name, folder
from layers.model.errors import LayersError
from layers.model.scans import Scan

if TYPE_CHECKING:
    from layers.build.scans import Fitted
    from layers.edition.file import Edition

Progress = Callable[[int, int], None]
_MAKING = 1
"""Raised when `geo.warp.warp` makes other pixels of the same input."""
_DIGITS = 16


def warp_key(found: Fitted, plan_folder: Path) -> str:
    """What the warped picture of a scan is made from, as a name; "" where the picture cannot be read.

    Args:
        found: The scan, fitted.
        plan_folder: Where its picture is.

    Returns:
        Hexadecimal digits: another picture, page, mask, transformation or control point gives others.
    """
    scan = found.scan
    try:
        with picture_of(plan_folder, scan).open("rb") as source:
            pixels = hashlib.file_digest(source, "sha256").hexdigest()
    except OSError:
        return ""
    given = transform_points(found.given_m, metric_crs(found.lon), CGCS2000).round(7).tolist()
    made = [_MAKING, pixels, scan.page, scan.dpi, scan.mask, scan.transformation, round(found.lon, 7), given,
            [point.px for point in scan.points]]  # fmt: skip
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()[:_DIGITS]


def picture_of(plan_folder: Path, scan: Scan) -> Path:
    """The picture's file."""
    return plan_folder / "maps" / scan.picture


@contextmanager
def upright_of(
    plan_folder: Path, scan: Scan, progress: Progress | None = None, beside: Path | None = None
) -> Iterator[Path]:
    """The picture as upright RGB, in a place of its own that goes afterwards.

    Args:
        plan_folder: The plan folder.
        scan: The scan.
        progress: Called with rows done and all rows.
        beside: The folder in which that place is; None: the system's for temporary files.

    Raises:
        GeoError: ``picture.*``.
        LayersError: ``scan.size_changed``.
    """
    with tempfile.TemporaryDirectory(prefix="planmap-scan-", dir=beside) as room:
        target = Path(room) / "upright.tif"
        looked = picture.upright(picture_of(plan_folder, scan), target, scan.page, scan.dpi, progress)
        if (looked.width, looked.height) != (scan.width, scan.height):
            raise LayersError("scan.size_changed", file=scan.picture, width=looked.width, height=looked.height,
                              stated_width=scan.width, stated_height=scan.height)  # fmt: skip
        yield target


def put_out(
    edition: Edition, path: Path, keep: int, plan_folder: Path, data_dir: Path, progress: Progress | None = None
) -> None:
    """Put an edition into use, its scanned maps first: whoever sees the edition can see them.

    Args:
        edition: The new one.
        path: The file of the edition in use.
        keep: How many editions to keep, see ``layers.edition.kept.publish``.
        plan_folder: What it was built from.
        data_dir: The data folder.
        progress: Called with blocks done and all blocks of a picture.

    Raises:
        EditionError: ``edition.not_written``.
        GeoError: ``picture.*``, ``warp.*``, ``vector.not_written``.
        LayersError: ``scan.folder_changed``: the folder is no longer what the edition was built from.
    """
    from layers.edition.kept import publish  # noqa: PLC0415 - who only checks a folder needs no edition

    wanted = {one["id"]: one for one in edition.meta.get("scans", ()) if one.get("warped")}
    missing = [name for name, one in wanted.items() if not (folder(path) / file_name(one)).exists()]
    if missing:
        _lay(wanted, missing, path, plan_folder, data_dir, progress)
    publish(edition, path, keep)
    if folder(path).is_dir():
        _clear(path, {file_name(one) for one in wanted.values()})


def _lay(
    wanted: Mapping[str, Any], missing: Sequence[str], path: Path, plan_folder: Path, data_dir: Path,
    progress: Progress | None,
) -> None:  # fmt: skip
    from geo.warp import warp  # noqa: PLC0415 - brings rasterio
    from layers.build.check import examine  # noqa: PLC0415 - it looks at scans itself
    from layers.build.scans import Fitted, all_fitted  # noqa: PLC0415

    examined = examine(plan_folder, data_dir)
    if examined.plan is None:
        raise LayersError("scan.folder_changed", folder=str(plan_folder))
    fits = all_fitted(examined.plan, examined.located, examined.lon)
    for name in missing:
        found = fits.get(name)
        if not isinstance(found, Fitted) or warp_key(found, plan_folder) != wanted[name]["warped"]:
            raise LayersError("scan.folder_changed", folder=str(plan_folder))
        target = folder(path) / file_name(wanted[name])
        target.parent.mkdir(parents=True, exist_ok=True)
        with upright_of(plan_folder, found.scan) as source:
            warp(source, found.fit.transformation, metric_crs(examined.lon), target, mask=found.scan.mask,
                 title=found.scan.name, progress=progress)  # fmt: skip


def _clear(path: Path, named: set[str]) -> None:
    """Remove the pictures that no edition names any more."""
    from layers.edition.kept import kept  # noqa: PLC0415

    for one in kept(path):
        named |= _named_in(one.path)
    for old in folder(path).glob("*.tif"):
        if old.name not in named:
            old.unlink(missing_ok=True)


def _named_in(path: Path) -> set[str]:
    """The pictures that a kept edition names; one that cannot be read is left to whoever opens it."""
    from layers.edition.card import opened  # noqa: PLC0415
    from layers.edition.file import META  # noqa: PLC0415

    try:
        with closing(opened(path)) as database:
            row = database.execute(f"SELECT value FROM {META} WHERE key = 'scans'").fetchone()  # noqa: S608
        return {file_name(one) for one in json.loads(row[0]) if one.get("warped")} if row else set()
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, PlanmapError):
        return set()
