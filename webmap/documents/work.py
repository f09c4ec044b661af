"""``python -m webmap.documents.work FOLDER SHELF``: makes one document, and leaves it on the shelf, or nothing.

Waits for one of the slots, tells how far it is, ends by itself when it is cancelled, takes too long, or the server is
gone. What it makes lies in its own folder until it is whole, and the folder goes with it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import resource
import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from geo.errors import PlanmapError
from webmap.documents import jobs
from webmap.documents.jobs import CANCEL, EDITION, FAILED, JOB, SLOTS, STATE, Job

LOG = logging.getLogger("planmap.web")
LONGEST_S = 900.0
"""Seconds after which it ends, whatever it is at."""
COURTESY = 10
"""It steps back behind whoever answers requests."""
_LOOK_S = 0.2
_OFTEN_S = 0.3


def main() -> None:
    """Make the document of a folder."""
    where, shelf = Path(sys.argv[1]), Path(sys.argv[2])
    job = Job(**json.loads((where / JOB).read_text("utf-8")))
    os.nice(COURTESY)
    most = job.most_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    threading.Thread(target=_watch, args=(where,), daemon=True).start()
    slot = _slot(where.parent / SLOTS, job.processes)
    made = where / f"made.{job.suffix}"
    try:
        make(job, where / EDITION, made, _teller(where))
        made.replace(shelf / job.target)
    except PlanmapError as error:
        _fail(where, error.key, {name: _plain(value) for name, value in error.params.items()})
    except MemoryError:
        _fail(where, "error.document_large", {"most": job.most_mb})
    except Exception:
        LOG.exception("a document failed")
        _fail(where, "error.document_failed", {})
    finally:
        shutil.rmtree(where, ignore_errors=True)
        os.close(slot)


def make(job: Job, edition: Path, path: Path, progressed: Callable[[int, int], None]) -> None:
    """Write a document.

    Args:
        job: Which.
        edition: The edition's file.
        path: Where to.
        progressed: Told how many parts are done, and of how many.

    Raises:
        LayersError: It cannot be written.
    """
    from layers.edition.entered import Entered, with_entered  # noqa: PLC0415
    from layers.edition.file import read  # noqa: PLC0415 - who waits needs none of it
    from layers.edition.inventory import inventory  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.report import atlas, story, wording, write  # noqa: PLC0415
    from layers.report.facts import NoLinks  # noqa: PLC0415
    from webmap.reading.links import PageLinks  # noqa: PLC0415

    store = Store(read(edition))
    if job.entered is not None:
        store = Store(with_entered(store, Entered.read(job.entered)).edition)
    found = inventory(store)
    links = PageLinks(found, job.lang, job.base) if job.base else NoLinks()
    name, _, what = job.name.partition("-")
    if name == "report":
        write.write(found, path, write.Wanted(job.lang, links, mark=job.mark), progressed)
    elif name == "atlas":
        said = wording.read(None, job.lang)
        atlas.write(found, path, said, links, what.upper(), progressed, mark=job.mark)
    else:
        story.write(found.store, what, path, job.lang, clause=links.clause, mark=job.mark, progressed=progressed)


def _slot(folder: Path, processes: int) -> int:
    """Wait for one of the slots and take it: a file descriptor whose lock goes with the process."""
    held = [os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for number in range(processes)]
    while True:
        for one in held:
            with suppress(BlockingIOError):
                fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return one
        time.sleep(_LOOK_S)


def _watch(where: Path) -> None:
    """End when somebody asks for it, when it takes too long, and when the server's folder is gone."""
    end = time.monotonic() + LONGEST_S
    while where.is_dir() and not (where / CANCEL).exists() and time.monotonic() < end:
        time.sleep(_LOOK_S)
    if time.monotonic() >= end:
        _fail(where, "error.document_late", {"seconds": round(LONGEST_S)})
    shutil.rmtree(where, ignore_errors=True)
    os._exit(1)


def _teller(where: Path) -> Callable[[int, int], None]:
    """Writes down how far it is, not more often than anybody looks."""
    last = [0.0]

    def progressed(done: int, total: int) -> None:
        if done >= total or time.monotonic() - last[0] > _OFTEN_S:
            last[0] = time.monotonic()
            with suppress(OSError):
                jobs.put(where / STATE, {"phase": "working", "done": done, "total": total})

    progressed(0, 0)
    return progressed


def _fail(where: Path, key: str, params: dict[str, Any]) -> None:
    with suppress(OSError):
        jobs.put(where.parent / f"{where.name}-{FAILED}", {"key": key, "params": params})


def _plain(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value)


if __name__ == "__main__":
    main()
