"""Processes that draw figures, apart from those that answer requests: few at a time, a few more may wait.

Each is a program of its own (`webmap.figures.drawer`), not a fork of a process with threads: started when it is first
needed, ended when a figure takes too long, gone by itself when nobody asks or the server is gone.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from geo.errors import PlanmapError
from layers.drawing.asked import Asked
from layers.edition.entered import Entered
from layers.model.errors import LayersError
from webmap.serving.errors import WebError
from webmap.serving.problems import BusyError, StorageError

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from webmap.figures.drawer import main; main()"
_PART = 1024 * 1024


class GoneError(Exception):
    """A process has ended before it answered."""


class NotDrawnError(StorageError):
    """A figure could not be drawn in the time and memory that there is for one."""


@dataclass
class _Process:
    """One process and the pipes to it."""

    running: subprocess.Popen[bytes]
    buffer: bytearray = field(default_factory=bytearray)

    @classmethod
    def start(cls, most_mb: int) -> _Process:
        command = [sys.executable, "-c", _PROGRAM, str(_ROOT), str(most_mb)]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))

    def ask(self, question: dict[str, Any], edition: Callable[[], bytes], deadline: float) -> bytes:
        """The answer's bytes.

        Raises:
            GoneError: It has ended.
            TimeoutError: It takes too long.
            LayersError: The figure cannot be drawn.
        """
        self._send(json.dumps(question).encode() + b"\n")
        head = json.loads(self._line(deadline))
        if head.get("need"):
            data = edition()
            self._send(json.dumps({"size": len(data)}).encode() + b"\n" + data)
            head = json.loads(self._line(deadline))
        if "key" in head:
            raise LayersError(head["key"], **head["params"])
        return self._bytes(head["size"], deadline)

    def end(self) -> None:
        """End it at once."""
        self.running.kill()
        self.running.wait()
        for pipe in (self.running.stdin, self.running.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still to be sent to one that is gone
                    continue

    def _send(self, data: bytes) -> None:
        assert self.running.stdin is not None  # noqa: S101 - for the type checker
        try:
            self.running.stdin.write(data)
            self.running.stdin.flush()
        except OSError as error:
            raise GoneError from error

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self.buffer:
            self._more(deadline)
        return self._take(self.buffer.index(b"\n") + 1)

    def _bytes(self, size: int, deadline: float) -> bytes:
        while len(self.buffer) < size:
            self._more(deadline)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        found = bytes(self.buffer[:size])
        del self.buffer[:size]
        return found

    def _more(self, deadline: float) -> None:
        assert self.running.stdout is not None  # noqa: S101 - for the type checker
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.running.stdout], [], [], left)[0]:
            raise TimeoutError
        data = os.read(self.running.stdout.fileno(), _PART)
        if not data:
            raise GoneError
        self.buffer += data


class Pool:
    """A few processes that draw, with room for a few that wait; safe between threads.

    Args:
        processes: Figures drawn at the same time.
        waiting: Requests that may wait besides.
        timeout_s: Seconds that one figure may take, with waiting.
        most_mb: Memory that one process may take, MB.
    """

    def __init__(self, processes: int, waiting: int, timeout_s: float, most_mb: int) -> None:
        self._timeout_s, self._most_mb = timeout_s, most_mb
        self._room = threading.BoundedSemaphore(processes + waiting)
        self._drawing = threading.BoundedSemaphore(processes)
        self._idle: list[_Process] = []
        self._lock = threading.Lock()

    def draw(
        self, stamp: str, edition: Callable[[], bytes], asked: Asked, suffix: str, dpi: int, mark: str = "",
        entered: Entered | None = None,
    ) -> bytes:  # fmt: skip
        """A figure's bytes.

        Args:
            stamp: What tells the edition from others.
            edition: Gives its file's bytes, when a process does not have it yet.
            asked: What is to be drawn.
            suffix: Its format.
            dpi: Of PNG and GeoTIFF.
            mark: A watermark, or "".
            entered: Values of a ledger that count, too.

        Raises:
            BusyError: As many figures are being drawn, and wait, as may.
            NotDrawnError: It took too long, or more memory than there is for one.
            LayersError: It cannot be drawn.
        """
        if not self._room.acquire(blocking=False):
            raise BusyError("error.figures_busy")
        deadline = time.monotonic() + self._timeout_s
        question = {"stamp": stamp, "asked": asdict(asked), "suffix": suffix, "dpi": dpi, "mark": mark}
        question["entered"] = asdict(entered) if entered else None
        try:
            if not self._drawing.acquire(timeout=self._timeout_s):
                raise BusyError("error.figures_busy")
            try:
                return self._answer(question, edition, deadline)
            finally:
                self._drawing.release()
        finally:
            self._room.release()

    def _answer(self, question: dict[str, Any], edition: Callable[[], bytes], deadline: float) -> bytes:
        with self._lock:
            found = self._idle.pop() if self._idle else None
        fresh = found is None
        process = found or _Process.start(self._most_mb)
        keep = False
        try:
            body = process.ask(question, edition, deadline)
            keep = True
        except PlanmapError as error:
            keep = not isinstance(error, WebError)
            raise
        except TimeoutError:
            raise NotDrawnError("error.figure_late", seconds=round(self._timeout_s)) from None
        except GoneError:
            if fresh:
                raise NotDrawnError("error.figure_large", most=self._most_mb) from None
            body = None  # it had nothing to do and has ended just now
        finally:
            if keep:
                with self._lock:
                    self._idle.append(process)
            else:
                process.end()
        return self._answer(question, edition, deadline) if body is None else body

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()
