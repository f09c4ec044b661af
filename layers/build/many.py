"""Many plan folders built side by side: on the cores of this machine, or on a Dask cluster that shares its disk.

Whatever happens to one of them, the others are built. A run has a folder in which what is done is written down, under
a lock for each plan: when a machine is lost and its work is given to another one, the other finds what was finished,
and waits for whoever is still at it. So nothing is lost, and nothing is built twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import multiprocessing
import os
import time
import tomllib
from collections import defaultdict, deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import PlanmapError
from geo.reasons import reason
from geo.release import VERSION
from layers.build import assemble
from layers.build.sheets import put_out
from layers.edition.file import FORMAT, Edition
from layers.model.errors import LayersError, PlanError, Problem

if TYPE_CHECKING:
    from distributed import Client

LOG = logging.getLogger("planmap.build")
RUN = ".planmap-build-"
"""How the folder of a run begins; it lies beside the editions."""
CONNECT_S = 30
"""Seconds in which a Dask scheduler, and one worker of it, must answer."""


@dataclass(frozen=True, slots=True)
class Job:
    """A plan folder to build.

    Attributes:
        folder: The plan folder.
        data_dir: Its data folder.
        target: The folder that the edition is put into, as ``<plan id>.gpkg``.
        keep: How many editions to keep there.
        run: The folder of the run.
        program: The program that wants it built; another one refuses.
    """

    folder: Path
    data_dir: Path
    target: Path
    keep: int
    run: Path
    program: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan folder: ``facts`` of its edition, or why there is none.

    Attributes:
        folder: The plan folder, as it was named.
        facts: As `facts_of`; None when nothing was built.
        problems: What is wrong with the folder.
        error: What went wrong otherwise.
    """

    folder: Path
    facts: Mapping[str, Any] | None = None
    problems: tuple[Problem, ...] = ()
    error: PlanmapError | None = None


def program() -> str:
    """What must be the same wherever parts of a run are built."""
    return f"planmap {VERSION}, format {FORMAT}"


def facts_of(edition: Edition, path: Path, seconds: float) -> dict[str, Any]:
    """What is told of an edition that was built."""
    return {
        "path": str(path), "hash": edition.hash, "layers": len(edition.layers),
        "features": edition.meta["stats"]["features"], "located": edition.meta["stats"]["located"],
        "indicators": len(edition.indicators), "observations": len(edition.observations),
        "seconds": round(seconds, 2),
    }  # fmt: skip


def same_edition(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Plan ids that more than one folder has: their editions would replace each other.

    What is wrong with a ``plan.toml`` is said when it is built.
    """
    by_id: dict[str, list[Path]] = defaultdict(list)
    for folder in folders:
        try:
            found = tomllib.loads((folder / "plan.toml").read_text(encoding="utf-8")).get("id")
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(found, str):
            by_id[found].append(folder)
    return {plan: found for plan, found in by_id.items() if len(found) > 1}


def build_one(job: Job) -> Outcome:
    """Build a plan folder and put its edition into use, unless this run has done so; raises for nothing in it."""
    if job.program != program():
        return Outcome(job.folder, error=LayersError("build.other_program", wanted=job.program, found=program()))
    try:
        with _turn(job) as record:
            if record.exists():
                return Outcome(job.folder, json.loads(record.read_text(encoding="utf-8")))
            started = time.perf_counter()
            edition = assemble.build(job.folder, job.data_dir)
            path = job.target / f"{edition.meta['plan']['id']}.gpkg"
            put_out(edition, path, job.keep, job.folder, job.data_dir)
            facts = facts_of(edition, path, time.perf_counter() - started)
            part = record.with_suffix(".part")
            part.write_text(json.dumps(facts), encoding="utf-8")
            part.replace(record)
            return Outcome(job.folder, facts)
    except PlanError as error:
        return Outcome(job.folder, problems=error.problems)
    except PlanmapError as error:
        return Outcome(job.folder, error=error)
    except Exception as error:
        LOG.exception("%s", job.folder)
        return Outcome(job.folder, error=LayersError("build.failed", said=f"{type(error).__name__}: {error}"))


@contextmanager
def _turn(job: Job) -> Iterator[Path]:
    """Hold a plan of a run; gives where it is written down that it was built.

    The kernel gives the lock back when its process is killed. A file system without locks has none to wait for.
    """
    name = hashlib.sha256(os.fsencode(job.folder.absolute())).hexdigest()
    with (job.run / f"{name}.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
        except OSError:
            LOG.warning("%s: no locks", job.run)
        yield job.run / f"{name}.json"


# ---- on this machine


def on_cores(jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Build on this machine, in the order in which folders become ready.

    When a process dies (of memory, or killed), those that were being built then are built again, each alone: the one
    that takes its process with it once more is the one that fails.
    """
    waiting = deque(jobs)
    while waiting:
        for job in (yield from _until_one_dies(waiting, processes)):
            if (yield from _until_one_dies(deque([job]), 1)):
                yield Outcome(job.folder, error=LayersError("build.process_died"))


def _until_one_dies(waiting: deque[Job], processes: int) -> Generator[Outcome, None, list[Job]]:
    """Build until all is done or a process dies; returns the jobs that were under way then."""
    running: dict[Future[Outcome], Job] = {}
    # Fresh processes: a fork of one with threads may hang.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < processes:
                    running[pool.submit(build_one, waiting[0])] = waiting[0]
                    waiting.popleft()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    outcome = future.result()
                    del running[future]
                    yield outcome
        except BrokenProcessPool:
            return list(running.values())
        finally:
            pool.shutdown(cancel_futures=True)
    return []


# ---- on a cluster


def on_cluster(jobs: Sequence[Job], address: str) -> Iterator[Outcome]:
    """Build on a Dask cluster whose machines have this program and see all folders under the same paths.

    Args:
        jobs: What to build.
        address: Host and port of the scheduler.

    Raises:
        LayersError: ``build.no_dask``, ``build.no_scheduler`` or ``build.no_worker``.
    """
    with _client(address) as client:
        yield from _gathered(client, jobs)


def _gathered(client: Client, jobs: Sequence[Job]) -> Iterator[Outcome]:
    """Outcomes as they come; each future is let go at once, so that nothing finished can be lost with its machine."""
    from distributed import as_completed  # noqa: PLC0415 - an optional extra

    futures = client.map(build_one, jobs, key=[f"{job.run.name}-{at}" for at, job in enumerate(jobs)], pure=False)
    by_key = dict(zip((future.key for future in futures), jobs, strict=True))
    for future, found in as_completed(futures, loop=client.loop, with_results=True, raise_errors=False):
        if isinstance(found, Outcome):
            yield found
        else:  # (class, exception, traceback), or an exception: the work could not be given to any worker
            told = found[1] if isinstance(found, tuple) else found
            said = f"{type(told).__name__}: {told}"
            yield Outcome(by_key[future.key].folder, error=LayersError("build.cluster_failed", said=said))
        future.release()


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """A connection to a scheduler that has a worker."""
    try:
        from distributed import Client  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise LayersError("build.no_dask") from error
    try:
        client = Client(f"tcp://{address}", timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:  # a TimeoutError is an OSError
        raise LayersError("build.no_scheduler", address=address, said=reason(error)) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise LayersError("build.no_worker", address=address) from error
        yield client
