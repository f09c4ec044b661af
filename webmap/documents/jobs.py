"""Documents that somebody asked for: a folder and a process while it is made, a file of the shelf afterwards.

Everything is in the server's private folder, so that every worker sees the same. The process holds a lock in the job's
folder for as long as it lives, and one of few slots while it works; so those that work and those that wait are counted
without anybody keeping a count. When the lock is free, the process is gone, and so is the folder with the next look.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from webmap.serving.problems import BusyError

JOB, STATE, EDITION, CANCEL, LOCK, FAILED = "job.json", "state.json", "edition.gpkg", "cancel", "lock", "failed.json"
SLOTS, DOOR, TICKET = "slots", "door", "ticket-"
FOLDER = "documents"
_ROOT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"[0-9a-f]{16}")
_ENDS_S, _LOOK_S = 3.0, 0.05


@dataclass(frozen=True)
class Job:
    """A document that is to be made.

    Attributes:
        name: ``report``, ``atlas-a3``, ``atlas-a4`` or ``story-<id>``.
        suffix: Without the dot.
        lang: Of all words.
        base: Address of the service that names and clauses lead to, or "".
        mark: A watermark over its maps, or "".
        entered: Values of the ledger that count too, as `layers.edition.entered.Entered` in plain; None for none.
        target: File of the shelf that it becomes.
        processes: Documents made at the same time.
        most_mb: Memory that its process may take, MB.
    """

    name: str
    suffix: str
    lang: str
    base: str
    mark: str
    entered: dict[str, Any] | None
    target: str
    processes: int
    most_mb: int


@dataclass(frozen=True)
class State:
    """How far a document is.

    Attributes:
        phase: ``none``, ``waiting``, ``working``, ``ending`` (cancelled, its process not gone yet), ``ready`` or
            ``failed``.
        done: Parts that are done.
        total: Of how many; 0 while nobody knows.
        size: Bytes of the finished file.
        error: Key and parameters of what went wrong.
    """

    phase: str
    done: int = 0
    total: int = 0
    size: int = 0
    error: tuple[str, dict[str, Any]] | None = None


class Jobs:
    """The documents of a server; safe between threads and workers.

    Args:
        shelf: The server's private folder.
    """

    def __init__(self, shelf: Path) -> None:
        self._shelf = shelf
        self._folder = shelf / FOLDER

    def start(self, job: Job, queue: int, edition: Callable[[], bytes]) -> str:
        """Begin to make a document, or wait with others for one that is being made.

        Args:
            job: What it is.
            queue: How many may wait beside those that are made.
            edition: Gives the bytes of the edition's file.

        Returns:
            A ticket: who has it may cancel.

        Raises:
            BusyError: As many are being made, and wait, as may; or it was cancelled and its process has not ended yet.
        """
        where = self._where(job.target)
        self._await_end(where)
        with self._door():
            self._sweep()
            if (where / CANCEL).exists():
                raise BusyError("error.document_ending")  # a ticket for it would be one for nothing
            if not where.exists():
                if len(list(self._jobs())) >= job.processes + queue:
                    raise BusyError("error.documents_busy")
                self._begin(where, job, edition)
            ticket = secrets.token_hex(8)
            (where / f"{TICKET}{ticket}").touch()
        return ticket

    def cancel(self, target: str, ticket: str) -> None:
        """Give a ticket back; when nobody else has one, the process is asked to end, which it does in a moment."""
        where = self._where(target)
        if not _NAME.fullmatch(ticket):
            return
        with self._door():
            try:
                (where / f"{TICKET}{ticket}").unlink()
            except OSError:
                return  # none of ours, or all over
            if not list(where.glob(f"{TICKET}*")):
                (where / CANCEL).touch()

    def state(self, target: str) -> State:
        """How far a document is."""
        try:
            return State("ready", size=(self._shelf / target).stat().st_size)
        except OSError:
            pass
        where = self._where(target)
        if where.exists() and _held(where / LOCK):
            if (where / CANCEL).exists():
                return State("ending")
            told = _read(where / STATE)
            return State(str(told.get("phase", "waiting")), int(told.get("done", 0)), int(told.get("total", 0)))
        if where.exists():
            with self._door():
                self._sweep()
        failed = _read(self._folder / f"{where.name}-{FAILED}")
        return State("failed", error=(failed["key"], failed["params"])) if failed else State("none")

    # ---- machinery

    def _where(self, target: str) -> Path:
        return self._folder / target.replace(".", "-")

    def _await_end(self, where: Path) -> None:
        """A moment for the process of a document that was cancelled; it looks several times a second."""
        end = time.monotonic() + _ENDS_S
        while (where / CANCEL).exists() and _held(where / LOCK) and time.monotonic() < end:
            time.sleep(_LOOK_S)

    def _jobs(self) -> Iterator[Path]:
        return (path for path in self._folder.iterdir() if path.is_dir() and path.name != SLOTS)

    def _begin(self, where: Path, job: Job, edition: Callable[[], bytes]) -> None:
        (self._folder / f"{where.name}-{FAILED}").unlink(missing_ok=True)
        where.mkdir(mode=0o700)
        try:
            (where / EDITION).write_bytes(edition())
            put(where / JOB, asdict(job))
            put(where / STATE, {"phase": "waiting"})
            held = os.open(where / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                process = subprocess.Popen(
                    [sys.executable, "-m", "webmap.documents.work", str(where), str(self._shelf)],
                    cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(held,),
                    start_new_session=True,
                )  # fmt: skip
            finally:
                os.close(held)
        except BaseException:
            shutil.rmtree(where, ignore_errors=True)
            raise
        # Nobody waits for it here; its end is taken note of, so that it is no zombie.
        threading.Thread(target=process.wait, daemon=True).start()

    def _sweep(self) -> None:
        """Remove the folders of processes that are gone; behind the door only."""
        for path in self._jobs():
            if not _held(path / LOCK):
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _door(self) -> Iterator[None]:
        """One at a time, of all workers."""
        (self._folder / SLOTS).mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(self._folder / DOOR, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)


def put(path: Path, value: Any) -> None:
    """Write a file whole: who reads it finds the one before, or this one."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    fresh.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8", errors="replace")
    fresh.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _held(lock: Path) -> bool:
    """Whether a process holds a lock."""
    try:
        held = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(held)
    return False
