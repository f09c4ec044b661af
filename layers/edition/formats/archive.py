"""Zip archives that are the same bytes for the same content."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

_FIRST_YEAR = 1980  # before it zip knows no dates


def write_zip(path: Path, members: Iterable[tuple[str, Path | bytes]], year: int) -> None:
    """Write an archive whose members carry the first day of a year.

    Args:
        path: The file to write.
        members: Name in the archive, and the file or its bytes, in order.
        year: Of the date that all members get.

    Raises:
        OSError: It cannot be written.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, (max(year, _FIRST_YEAR), 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            if isinstance(content, bytes):
                archive.writestr(entry, content)
                continue
            entry.file_size = content.stat().st_size  # so that it is known beforehand whether it is beyond 2 GB
            with content.open("rb") as source, archive.open(entry, "w") as member:
                shutil.copyfileobj(source, member, 1 << 20)
