"""Imports that the page began: each has a folder with what was sent and what became of it, and a process of its own.

The folder is the server's private one, so that every worker sees the same and nothing outlives the server. The work is
done by another process: a file that takes down GDAL takes down no worker, and whoever cancels ends that process alone.
One lock is held by whichever process works; when it is free and no end was written down, the process is gone.
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
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from geo import parameters
from webmap.admin.folders import Place
from webmap.serving.problems import BusyError, NotKnownError, RefusedError

LOOK, ACCEPT, UNDO, REBUILD, READ = "look", "accept", "undo", "rebuild", "read"
"""What a process may be told to do."""
MOST_KEPT = 6
"""Imports whose folders are kept; the oldest go."""
LONGEST_S = 900
"""Seconds after which a process ends by itself, whatever it is at."""
JOB, STATE, SENT, CANCEL, LOCK = "job.json", "state.json", "sent", "cancel", "working.lock"
GRID = "grid"
"""A folder beside what was sent, so that a grid is never taken for the data, nor written over it."""
_NAME = re.compile(r"[0-9a-f]{16}")
_ROOT = Path(__file__).resolve().parents[2]
_MOST_FILES = 12
_TRIES = 100
_starting = threading.Lock()


@dataclass
class Job:
    """An import.

    Attributes:
        id: 16 hexadecimal digits that nobody guesses.
        plan: What the plan is called in addresses.
        folder: The plan folder.
        data_dir: Its data folder.
        edition: The file of the edition in use.
        keep: How many editions to keep.
        by: Who sent it.
        made: When, seconds.
        file: The name of the file that is read; "" for what needs none.
        what: ``boundaries``, ``edits``, ``osm``, the id of a layer, or ``text`` for a plan's text to be read.
        stated: What was said of the file, by the names of the command's options.
    """

    id: str
    plan: str
    folder: str
    data_dir: str
    edition: str
    keep: int
    by: str
    made: float
    file: str = ""
    what: str = "boundaries"
    stated: dict[str, Any] = field(default_factory=dict)


class Jobs:
    """The imports of a server, or other work that a page began.

    Args:
        folder: The server's private folder.
        room: What the work is: a folder in it, with a lock of its own.
        program: The module that does it.
    """

    def __init__(self, folder: Path, room: str = "imports", program: str = "webmap.admin.work") -> None:
        self._folder, self._program = folder / room, program

    def make(self, place: Place, keep: int, by: str, **about: Any) -> Job:
        """A new one; the oldest that do nothing any more are removed."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for old in sorted(self.all(), key=lambda one: one.made, reverse=True)[MOST_KEPT - 1 :]:
            shutil.rmtree(self._folder / old.id, ignore_errors=True)
        job = Job(
            secrets.token_hex(8), place.plan, str(place.folder), str(place.data_dir), str(place.edition), keep, by,
            time.time(), **about,
        )  # fmt: skip
        (self._folder / job.id / SENT).mkdir(parents=True, mode=0o700)
        self.write(job)
        return job

    def write(self, job: Job) -> None:
        """Write down what is known of it."""
        put(self._folder / job.id / JOB, asdict(job))

    def find(self, plan: str, name: str) -> Job:
        """One by its id.

        Raises:
            NotKnownError: ``admin.import.gone``.
        """
        try:
            if _NAME.fullmatch(name):
                found = Job(**json.loads((self._folder / name / JOB).read_text("utf-8")))
                if found.plan == plan:
                    return found
        except (OSError, ValueError, TypeError):
            pass
        raise NotKnownError("admin.import.gone")

    def all(self) -> list[Job]:
        """All there are."""
        found = []
        for path in self._folder.glob(f"*/{JOB}"):
            try:
                found.append(Job(**json.loads(path.read_text("utf-8"))))
            except (OSError, ValueError, TypeError):  # being removed
                continue
        return found

    def place(self, job: Job) -> Path:
        """Its folder."""
        return self._folder / job.id

    def drop(self, job: Job) -> None:
        """Remove it with all that was sent.

        Raises:
            BusyError: It is being worked at.
        """
        if self.state(job).get("working"):
            raise BusyError("admin.import.busy")
        shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def keep_file(self, job: Job, name: str, stream: IO[bytes]) -> str:
        """Put a file that was sent into the folder; the name that it has there.

        Raises:
            RefusedError: ``admin.import.too_many_files``.
        """
        target = self._folder / job.id / SENT
        if len(list(target.iterdir())) >= _MOST_FILES:
            raise RefusedError("admin.import.too_many_files", most=_MOST_FILES)
        shown = safe_name(name)
        with (target / shown).open("wb") as file:
            shutil.copyfileobj(stream, file)
        return shown

    def keep_grid(self, job: Job, name: str, stream: IO[bytes]) -> str:
        """Put a grid of shifts into a folder of its own, in the place of one sent before; the name it has there.

        Raises:
            GeoError: ``parameters.grid``; the one before stays.
        """
        target, fresh = self._folder / job.id / GRID, self._folder / job.id / f".{GRID}"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        shown = safe_name(name)
        try:
            with (fresh / shown).open("wb") as file:
                shutil.copyfileobj(stream, file)
            parameters.read(grid=fresh / shown)
            shutil.rmtree(target, ignore_errors=True)
            fresh.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return shown

    # ---- the process

    def start(self, job: Job, task: str) -> None:
        """Begin to work at it.

        Raises:
            BusyError: ``admin.import.busy``: another one is being worked at.
        """
        where = self._folder / job.id
        with _starting:
            held = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._take(held)
                os.ftruncate(held, 0)
                os.write(held, job.id.encode())
                (where / CANCEL).unlink(missing_ok=True)
                put(where / STATE, {"task": task, "phase": "start", "since": time.time()})
                process = subprocess.Popen(
                    [sys.executable, "-m", self._program, str(where), task],
                    cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(held,),
                    start_new_session=True,
                )  # fmt: skip
            finally:
                os.close(held)
        # Nobody waits for it here; its end is taken note of, so that it is no zombie.
        threading.Thread(target=process.wait, daemon=True).start()

    def _take(self, held: int) -> None:
        """Take the lock; one that has written down its end gives it back in a moment, and so does who only looks."""
        for left in range(_TRIES, -1, -1):
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(held, 32, 0).decode("ascii", "replace")
                if not left or (left < _TRIES - 3 and not self._ended(holder)):
                    raise BusyError("admin.import.busy") from None
                time.sleep(0.05)
            else:
                return

    def _ended(self, name: str) -> bool:
        try:
            return bool(json.loads((self._folder / name / STATE).read_text("utf-8")).get("done"))
        except (OSError, ValueError):
            return True

    def cancel(self, job: Job) -> None:
        """Ask the process to end; it does within half a second, unless it is writing."""
        (self._folder / job.id / CANCEL).touch()

    def state(self, job: Job) -> dict[str, Any]:
        """What became of it: ``task``, ``phase``, ``done``, ``working``, and what was found."""
        working = self._working() == job.id
        try:
            found: dict[str, Any] = json.loads((self._folder / job.id / STATE).read_text("utf-8"))
        except (OSError, ValueError):
            found = {"task": LOOK, "phase": "start"}
        done = bool(found.get("done"))
        lost = not done and not working
        return {**found, "working": working and not done, "lost": lost, "done": done}

    def seen(self, job: Job, state: Mapping[str, Any]) -> None:
        """Keep what somebody looked at before accepting it."""
        put(self._folder / job.id / "seen.json", state)

    def _working(self) -> str:
        """Which one is being worked at, or ""."""
        try:
            held = os.open(self._folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.pread(held, 32, 0).decode("ascii", "replace")
        finally:
            os.close(held)
        return ""


def put(path: Path, value: Mapping[str, Any]) -> None:
    """Write a file whole: who reads it finds the one before, or this one."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    fresh.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8", errors="replace")
    fresh.replace(path)


def safe_name(name: str) -> str:
    """A file's own name as it may be written here: no folder, no hidden file, nothing that drives a terminal.

    Example:
        >>> safe_name("C:/x/镇街.shp"), safe_name("../.bashrc")
        ('镇街.shp', 'bashrc')
    """
    own = re.split(r"[/\\]", name)[-1]
    kept = "".join(one if unicodedata.category(one)[0] not in "CZ" or one == " " else "_" for one in own)
    kept = kept.strip(" .")
    while len(kept.encode("utf-8", "replace")) > 150:
        kept = kept[1:]
    return kept.lstrip(".") or "file"


def main_file(names: Iterable[str], suffixes: Iterable[str]) -> str:
    """Which of the files that were sent together is the one to be read: a Shapefile comes in several.

    Raises:
        RefusedError: ``admin.import.no_file``.
    """
    known = tuple(suffixes)
    found = sorted(names, key=lambda one: (not one.lower().endswith(".shp"), not one.lower().endswith(known)))
    if not found:
        raise RefusedError("admin.import.no_file")
    return found[0]
