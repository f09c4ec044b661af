"""``planmap build`` with several folders: which engine, what is told on the way, and the summary."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from geo import files
from geo.errors import GeoError, PlanmapError
from geo.messages import plain
from geo.reasons import reason
from layers.build import many
from layers.build.many import Job, Outcome
from layers.model.errors import ERROR, LayersError
from webmap.commands._common import FINE, PROBLEMS, plan_folder, word
from webmap.commands.check import problems_text

EDITIONS = "editions"
"""Folder in the data folder where editions are written to and ``planmap serve`` looks for them."""
LOCAL = "local"
_DASK = re.compile(r"dask://((?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5})")


def engine_address(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Of ``dask://HOST:PORT`` the address of the scheduler, of ``local`` nothing.

    Raises:
        click.BadParameter: It is neither.
    """
    if value == LOCAL:
        return ""
    found = _DASK.fullmatch(value)
    if found is None:
        raise click.BadParameter(word("cli.build.engine_wrong", value=plain(value)))
    return found[1]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def build_many(
    folders: Sequence[Path], data_dir: Path | None, output: Path | None, keep: int, *,
    processes: int, engine: str, lang: str, as_json: bool,
) -> int:  # fmt: skip
    """Build folders, tell of each as it is done and of all at the end; gives the exit status.

    Raises:
        PlanmapError: Nothing can be built at all: no place to write to, no cluster.
    """
    started = time.perf_counter()
    # A worker elsewhere has another working directory; people are told of a folder as they named it.
    named = {folder.absolute(): folder for folder in {one.resolve(): one for one in folders}.values()}
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        outcomes.append(replace(outcome, folder=named[outcome.folder]))
        _tell(outcomes[-1], len(outcomes), len(named), lang)

    data_dirs = _data_dirs(named, data_dir, note)
    places = {folder: (output or found / EDITIONS).absolute() for folder, found in data_dirs.items()}
    if places:
        with _run(next(iter(places.values()))) as run:
            jobs = [
                Job(folder, data_dirs[folder], place, keep if place.name == EDITIONS else 0, run, many.program())
                for folder, place in places.items()
            ]
            for outcome in many.on_cluster(jobs, engine) if engine else many.on_cores(jobs, min(processes, len(jobs))):
                note(outcome)
    seconds = round(time.perf_counter() - started, 1)
    click.echo(_json(outcomes, seconds) if as_json else _summary(outcomes, seconds, lang))
    return FINE if all(outcome.facts is not None for outcome in outcomes) else PROBLEMS


def _data_dirs(named: Mapping[Path, Path], data_dir: Path | None, note: Callable[[Outcome], None]) -> dict[Path, Path]:
    """The folders that can be tried with their data folders; what is wrong with the others is noted."""
    wanted: dict[Path, Path] = {}
    for folder, as_named in named.items():
        try:
            wanted[folder] = plan_folder(as_named, data_dir)[1].absolute()
        except PlanmapError as error:
            note(Outcome(folder, error=error))
    for plan, same in many.same_edition(list(wanted)).items():
        folders = ", ".join(str(named[one]) for one in same)
        for folder in same:
            del wanted[folder]
            note(Outcome(folder, error=LayersError("build.same_id", id=plan, folders=folders)))
    return wanted


@contextmanager
def _run(beside: Path) -> Iterator[Path]:
    """The folder of a run; those of runs that were killed go."""
    try:
        beside.mkdir(parents=True, exist_ok=True)
        files.clear_stale(beside, many.RUN)
        run = files.HeldFolder(beside.resolve(), many.RUN)
    except OSError as error:
        raise GeoError("vector.not_written", file=str(beside), detail=reason(error)) from error
    try:
        yield run.path
    finally:
        run.close()


# ---- what is told


def _tell(outcome: Outcome, number: int, total: int, lang: str) -> None:
    """A line for each folder as it is done."""
    count = f"[{number:{len(str(total))}}/{total}]"
    folder = plain(str(outcome.folder))
    if outcome.facts is not None:
        line = word("cli.build.one_done", lang, folder=folder, **{k: outcome.facts[k] for k in ("features", "seconds")})
    else:
        line = word("cli.build.one_failed", lang, folder=folder, said=_in_a_line(outcome, lang))
    click.echo(f"{count} {line}", file=sys.stderr)


def _in_a_line(outcome: Outcome, lang: str) -> str:
    if outcome.error is not None:
        return outcome.error.message(lang)
    errors = sum(problem.severity == ERROR for problem in outcome.problems)
    return word("cli.build.errors", lang, errors=errors)


def _summary(outcomes: Sequence[Outcome], seconds: float, lang: str) -> str:
    """What is wrong with each that failed, then how many were built, then which were not."""
    failed = [outcome for outcome in outcomes if outcome.facts is None]
    parts = [_why(outcome, lang) for outcome in failed]
    built = len(outcomes) - len(failed)
    parts.append(word("cli.build.all_done", lang, built=built, all=len(outcomes), seconds=seconds))
    if failed:
        names = "\n".join(f"  {plain(str(outcome.folder))}" for outcome in failed)
        parts.append(word("cli.build.not_built", lang, count=len(failed)) + "\n" + names)
    return "\n\n".join(parts)


def _why(outcome: Outcome, lang: str) -> str:
    head = f"── {plain(str(outcome.folder))}"
    if outcome.error is None:
        return f"{head}\n{problems_text(outcome.problems, lang)}"
    remedy = outcome.error.remedy(lang)
    return f"{head}\n{outcome.error.message(lang)}" + (f"\n→ {remedy}" if remedy else "")


def _json(outcomes: Sequence[Outcome], seconds: float) -> str:
    built = [{"folder": str(one.folder), **one.facts} for one in outcomes if one.facts is not None]
    failed = []
    for one in outcomes:
        if one.facts is None:
            error = one.error and {
                "key": one.error.key, **{lang: one.error.message(lang) for lang in ("zh", "en")},
            }  # fmt: skip
            problems = [problem.as_dict() for problem in one.problems]
            failed.append({"folder": str(one.folder), "error": error, "problems": problems})
    report = {"built": built, "failed": failed, "seconds": seconds}
    return json.dumps(report, ensure_ascii=False, indent=1, default=str)
