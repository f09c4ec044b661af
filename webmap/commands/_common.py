"""What commands share: folders, languages, tables in a terminal, errors as messages and exit statuses."""

from __future__ import annotations

import os
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from geo.errors import PlanmapError
from layers.model.errors import LayersError
from webmap.serving.messages import CATALOGUE, LANGUAGES, text

FINE, PROBLEMS, WRONG_USE = 0, 1, 2
"""Exit statuses."""
DATA_DIR = Path("data")
DATA_MARKS = ("kinds.toml", "boundaries")
"""What shows that the folder two levels above a plan folder is a data folder; else the plan folder stands alone."""
PROGRESS_AFTER_S = 2.0
_WRONG_USE_ERRORS = (
    "folder.missing",
    "folder.choose",
    "folder.none",
    "import.file_missing",
    "files.folder_there",
    "files.pipe_there",
    "files.socket_there",
    "files.device_there",
)

Command = TypeVar("Command", bound=Callable[..., Any])


def word(key: str, lang: str | None = None, **params: object) -> str:
    """A text of the catalogue; without a language both, as help texts are."""
    if lang is not None:
        return CATALOGUE.text(key, lang, **params)
    return "\n\n".join(CATALOGUE.text(key, one, **params) for one in LANGUAGES)


def data_dir_option(command: Command) -> Command:
    """``--data-dir``."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="PLANMAP_DATA_DIR",
        help=text("en", "cli.data_dir"),
    )(command)


def folder_argument(command: Command) -> Command:
    """``[FOLDER]`` and ``--data-dir``."""
    return click.argument("folder", required=False, type=click.Path(path_type=Path))(data_dir_option(command))


def lang_option(command: Command) -> Command:
    """``--lang zh|en``."""
    return click.option(
        "--lang", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True, help=text("en", "cli.lang")
    )(command)


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help=text("en", "cli.json"))(command)


def plan_folder(folder: Path | None, data_dir: Path | None) -> tuple[Path, Path]:
    """The plan folder and the data folder that a command works on.

    Args:
        folder: What the user named; None: what ``PLANMAP_PLAN`` names, or the only one in ``<data folder>/plans``.
        data_dir: What the user named, or None.

    Returns:
        Plan folder and data folder.

    Raises:
        LayersError: ``folder.missing``, ``folder.none`` or ``folder.choose``.
    """
    if folder is None:
        folder = _only_folder((data_dir or DATA_DIR) / "plans")
    if not folder.is_dir():
        raise LayersError("folder.missing", folder=str(folder))
    if data_dir is None:
        above = folder.resolve().parent.parent
        holds = folder.resolve().parent.name == "plans" or any((above / name).exists() for name in DATA_MARKS)
        data_dir = above if holds else DATA_DIR
    return folder, data_dir


def no_ledger(lang: str) -> NoReturn:
    """Say that no ledger was named and how one is, and end."""
    key = "cli.ledger.unnamed"
    click.echo(f"{word(key, lang)}\n→ {CATALOGUE.remedy(key, lang)}", err=True)
    sys.exit(WRONG_USE)


def _only_folder(plans: Path) -> Path:
    """The plan folder that the setting names, else the only one among some.

    Raises:
        LayersError: ``folder.none`` or ``folder.choose``.
    """
    named = [Path(one) for one in os.environ.get("PLANMAP_PLAN", "").split(os.pathsep) if one]
    choices = [found for one in named or [plans] for found in _folders(one)]
    if len(choices) != 1:
        key = "folder.choose" if choices else "folder.none"
        where = os.pathsep.join(map(str, named or [plans]))
        raise LayersError(key, folder=where, choices=[str(choice) for choice in choices])
    return choices[0]


def _folders(path: Path) -> list[Path]:
    """A plan folder, or those that a folder holds."""
    return [path] if (path / "plan.toml").exists() else sorted(found.parent for found in path.glob("*/plan.toml"))


@contextmanager
def errors_shown(lang: str) -> Iterator[None]:
    """Turn an error of ours into its message and remedy on standard error, and an exit status."""
    try:
        yield
    except PlanmapError as error:
        click.echo(error.message(lang), err=True)
        remedy = error.remedy(lang)
        if remedy:
            click.echo(f"→ {remedy}", err=True)
        sys.exit(WRONG_USE if error.key in _WRONG_USE_ERRORS else PROBLEMS)


@contextmanager
def progress_shown(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error once the work has taken two seconds."""
    started = time.monotonic()
    bars: list[Any] = []

    def progress(done: int, total: int) -> None:
        if not bars and done < total and time.monotonic() - started > PROGRESS_AFTER_S:
            bars.append(click.progressbar(length=total, label=label, file=sys.stderr))
            bars[0].__enter__()
        if bars:
            bars[0].update(done - bars[0].pos)

    try:
        yield progress
    finally:
        for bar in bars:
            bar.__exit__(None, None, None)


@contextmanager
def steps_shown(key: str, lang: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, with the name of the step, once the work has taken two seconds.

    Args:
        key: What the names of steps begin with in the catalogue.
        lang: Their language.
    """
    lock, bars = threading.Lock(), list[Any]()
    now: tuple[str, int, int] = ("", 0, 0)

    def show() -> None:
        step, done, total = now
        if not step:
            return
        if not bars:
            bars.append(click.progressbar(length=total, file=sys.stderr))
            bars[0].__enter__()
        bars[0].label = word(f"{key}{step}", lang)
        bars[0].pos = done
        bars[0].render_progress()

    def shown() -> None:  # by the clock: the first step may be the one that takes long
        with lock:
            show()

    def progress(step: str, done: int, total: int) -> None:
        nonlocal now
        with lock:
            now = (step, done, total)
            if bars:
                show()

    clock = threading.Timer(PROGRESS_AFTER_S, shown)
    clock.daemon = True
    clock.start()
    try:
        yield progress
    finally:
        clock.cancel()
        with lock:
            now = ("", 0, 0)
            for bar in bars:
                bar.__exit__(None, None, None)


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Rows as aligned columns; Chinese characters count two."""
    widths = [max((_width(row[column]) for row in rows), default=0) for column in range(len(rows[0]) if rows else 0)]
    lines = (
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
    return "\n".join(indent + line.rstrip() for line in lines)


def _width(cell: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in cell)
