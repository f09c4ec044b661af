"""What a client sends, taken within a limit of bytes and of time.

The server hands a body on as it comes, and a read waits for as long as the client likes. It has to be read by the
thread that answers: granian stops a whole worker when it is answered while another thread still reads. So few threads
may wait, two for forms and one for a file of the four that a worker has, and what takes too long is ended by cutting
the client off.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from webmap.serving.problems import BusyError, RefusedError

FORMS, FILES = 2, 1
"""Threads of a worker that may wait for forms, and for files; who comes when these do is told to come again."""
SLOWEST = 20_000
"""Bytes a second that a body must come with on average, after a time of grace."""
_PART = 64 * 1024
_forms, _files = threading.BoundedSemaphore(FORMS), threading.BoundedSemaphore(FILES)
_FILES_OPEN = Path("/proc/self/fd")


def taken(
    stream: Any, length: str, most: int, grace_s: float, folder: Path, cut: Callable[[], None], *, large: bool = False
) -> IO[bytes]:
    """The whole body in a file without a name, at its beginning.

    Args:
        stream: Where it comes from; a read may wait for ever.
        length: ``Content-Length`` as it was sent.
        most: Bytes at most.
        grace_s: Seconds in which a small body must have come.
        folder: Where the file is.
        cut: Ends the client's connection, and with it the read.
        large: Whether it is a file that somebody who may do so sends; else a form.

    Raises:
        RefusedError: ``admin.no_length``, ``admin.too_large``, ``admin.cut_short``.
        BusyError: Too many are being taken.
    """
    if not (length.isascii() and length.isdigit()):
        raise RefusedError("admin.no_length")
    size = int(length)
    if size > most:
        raise RefusedError("admin.too_large", most=f"{most / 1e6:g}")
    waiting = _files if large else _forms
    if not waiting.acquire(blocking=False):
        raise BusyError("error.busy")
    late = threading.Timer(grace_s + size / SLOWEST, cut)
    late.daemon = True
    late.start()
    try:
        return _read(stream, size, folder)
    finally:
        late.cancel()
        waiting.release()


def _read(stream: Any, size: int, folder: Path) -> IO[bytes]:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - handed on
    count = 0
    try:
        while count < size and (part := stream.read(min(_PART, size - count))):
            file.write(part)
            count += len(part)
    except (OSError, RuntimeError):  # the client went, or was cut off
        count = -1
    if count != size:
        file.close()
        raise RefusedError("admin.cut_short")
    file.seek(0)
    return file


def cut_off(address: str, port: int) -> None:
    """End all connections of this process from an address: which one it is that sends slowly, nobody says.

    A browser that had others open asks again; a proxy that holds bodies until they are whole never comes to this.

    Args:
        address: The client's.
        port: The server's.
    """
    if not _FILES_OPEN.is_dir():
        return
    for name in os.listdir(_FILES_OPEN):  # noqa: PTH208 - numbers, not files
        try:
            held = socket.socket(fileno=os.dup(int(name)))
        except OSError:  # no socket, or closed meanwhile
            continue
        with held:
            try:
                if held.getpeername()[0] == address and held.getsockname()[1] == port:
                    held.shutdown(socket.SHUT_RDWR)
            except (OSError, IndexError, TypeError):  # it listens, is of another family, or went
                continue
