"""What a client sends, taken within a limit of bytes and of time: who sends slowly holds no more than a few threads."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

from webmap.serving.problems import BusyError, RefusedError

LOG = logging.getLogger("planmap.web")

READERS = 16
"""Bodies that a worker takes at the same time; those that never come are among them until their client goes."""
SLOWEST = 20_000
"""Bytes a second that a body must come with on average, after a time of grace."""
_PART = 64 * 1024
_room = threading.BoundedSemaphore(READERS)


def taken(stream: Any, length: str, most: int, grace_s: float, folder: Path) -> IO[bytes]:
    """The whole body in a file without a name, at its beginning.

    Args:
        stream: Where it comes from; a read may wait for ever.
        length: ``Content-Length`` as it was sent.
        most: Bytes at most.
        grace_s: Seconds in which a small body must have come.
        folder: Where the file is.

    Raises:
        RefusedError: ``admin.no_length``, ``admin.too_large``, ``admin.too_slow``, ``admin.cut_short``.
        BusyError: Too many are being taken.
    """
    if not (length.isascii() and length.isdigit()):
        raise RefusedError("admin.no_length")
    size = int(length)
    if size > most:
        raise RefusedError("admin.too_large", most=f"{most / 1e6:g}")
    if not _room.acquire(blocking=False):
        raise BusyError("error.busy")
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - handed on
    got: list[int] = []

    def take() -> None:
        count = 0
        try:
            while count < size and (part := stream.read(min(_PART, size - count))):
                file.write(part)
                count += len(part)
        except (OSError, ValueError, RuntimeError) as error:  # the client went, or the file was given up
            LOG.info("a body was not read to its end: %s", type(error).__name__)
        finally:
            got.append(count)
            _room.release()

    reader = threading.Thread(target=take, daemon=True)
    reader.start()
    reader.join(grace_s + size / SLOWEST)
    if not got:
        file.close()
        raise RefusedError("admin.too_slow")
    if got[0] != size:
        file.close()
        raise RefusedError("admin.cut_short")
    file.seek(0)
    return file
