"""``planmap scan``: maps on paper put into a plan folder, fitted to the ground, warped and traced."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import (
    FINE,
    PROBLEMS,
    data_dir_option,
    errors_shown,
    json_option,
    lang_option,
    plan_folder,
    progress_shown,
    word,
)
from webmap.commands._imports import plan_option, together
from webmap.commands._scans import faults_shown, show_fit, show_list, show_trace, wanted_of


@click.group("scan", help=word("cli.scan.help"), short_help=word("cli.scan.short", "en"))
def scan() -> None:
    """The group; each command does its own work."""


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of the group, with its words and the options that all share."""

    def decorated(function: Callable[..., Any]) -> click.Command:
        words = {"help": word(f"cli.scan.{name}.help"), "short_help": word(f"cli.scan.{name}.short", "en")}
        shared = together(plan_option, data_dir_option, lang_option, json_option)
        return scan.command(name, **words)(shared(function))

    return decorated


def _option(name: str, key: str, **rest: Any) -> Callable[[Any], Any]:
    return click.option(*name.split(","), help=word(f"cli.scan.{key}", "en"), **rest)


def _opened(plan: Path | None, data_dir: Path | None, lang: str) -> Any:
    """The plan folder, examined, with its scans fitted."""
    from layers.scans.work import open_folder  # noqa: PLC0415 - help needs none of it

    folder, data = plan_folder(plan, data_dir)
    with progress_shown(word("cli.progress", lang)) as progress:
        return open_folder(folder, data, progress)


def _told(answer: dict[str, Any], lang: str, key: str, *, as_json: bool) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else word(key, lang, **answer))


@_command("add")
@click.argument("picture", type=click.Path(path_type=Path))
@_option("--id", "add.id", required=True, metavar="ID")
@_option("--title", "add.title", default="")
@_option("--title-en", "add.title_en", default="")
@_option("--scale", "add.scale", type=click.FloatRange(100, 1e8))
@_option("--date", "add.date", default="")
@_option("--publisher", "add.publisher", default="")
@_option("--licence", "add.licence", default="")
@_option("--map-number", "add.map_number", default="")
@_option("--source", "add.source", default="")
@_option("--page", "add.page", type=click.IntRange(1, 10_000))
@_option("--dpi", "add.dpi", type=click.FloatRange(20, 2400))
def add(picture: Path, plan: Path | None, data_dir: Path | None, lang: str, *, as_json: bool, **said: Any) -> None:
    """Put a picture into the plan folder."""
    with errors_shown(lang):
        from layers.scans import work  # noqa: PLC0415

        folder, _ = plan_folder(plan, data_dir)
        answer = work.add(folder, picture, said.pop("id"), said)
    _told(answer, lang, "cli.scan.added", as_json=as_json)


@_command("points")
@click.argument("scan_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@_option("--append", "points.append", is_flag=True)
def points(
    scan_id: str, file: Path, plan: Path | None, data_dir: Path | None, lang: str, *, append: bool, as_json: bool
) -> None:
    """Take control points from a file."""
    with errors_shown(lang), faults_shown(lang):
        from layers.scans import records  # noqa: PLC0415
        from layers.scans.work import report  # noqa: PLC0415

        folder, _ = plan_folder(plan, data_dir)
        kept = records.points_in(folder, scan_id) if append else []
        records.save(folder, scan_id, [*kept, *records.read_points(file)])
        answer = report(_opened(plan, data_dir, lang), scan_id)
    show_fit(answer, lang, as_json=as_json)


@_command("fit")
@click.argument("scan_id", metavar="ID")
def fit(scan_id: str, plan: Path | None, data_dir: Path | None, lang: str, *, as_json: bool) -> None:
    """Tell how well a scan fits."""
    with errors_shown(lang):
        from layers.scans.work import report  # noqa: PLC0415

        answer = report(_opened(plan, data_dir, lang), scan_id)
    show_fit(answer, lang, as_json=as_json)
    sys.exit(PROBLEMS if answer["accuracy_m"] is None else FINE)


@_command("warp")
@click.argument("scan_id", metavar="ID")
@_option("-o,--output", "warp.output", required=True, type=click.Path(path_type=Path))
@_option("--pixel", "warp.pixel", type=click.FloatRange(0.01, 10_000))
def warp(
    scan_id: str,
    plan: Path | None,
    data_dir: Path | None,
    lang: str,
    *,
    output: Path,
    pixel: float | None,
    as_json: bool,
) -> None:
    """Write a scan as GeoTIFF."""
    with errors_shown(lang):
        from layers.scans.work import warped  # noqa: PLC0415

        work = _opened(plan, data_dir, lang)
        with progress_shown(word("cli.scan.progress", lang)) as progress:
            answer = warped(work, scan_id, output, pixel, progress)
    _told(answer, lang, "cli.scan.warped", as_json=as_json)


@_command("trace")
@click.argument("scan_id", metavar="ID")
@_option("-o,--output", "trace.output", required=True, type=click.Path(path_type=Path))
@_option("--color", "trace.color", multiple=True, metavar="#RRGGBB")
@_option("--pick", "trace.pick", metavar="PX,PY")
@_option("--tolerance", "trace.tolerance", type=click.FloatRange(0.5, 60), default=10.0, show_default=True)
@_option("--line", "trace.line", is_flag=True)
@_option("--feature", "trace.feature", default="")
@_option("--no-snap", "trace.no_snap", is_flag=True)
@_option("--bridge", "trace.bridge", type=click.IntRange(1, 200))
@_option("--hole", "trace.hole", type=click.IntRange(0, 10_000_000))
@_option("--speck", "trace.speck", type=click.IntRange(0, 10_000_000))
@_option("--gap", "trace.gap", type=click.FloatRange(0, 2000), default=40.0, show_default=True)
def trace(
    scan_id: str, plan: Path | None, data_dir: Path | None, lang: str, *, output: Path, as_json: bool, **given: Any
) -> None:
    """Propose shapes by colour."""
    with errors_shown(lang):
        from geo.files import atomic_path  # noqa: PLC0415
        from layers.scans import traces  # noqa: PLC0415

        wanted = wanted_of(given)
        work = _opened(plan, data_dir, lang)
        with progress_shown(word("cli.scan.progress", lang)) as progress:
            answer = traces.trace(work, scan_id, wanted, progress)
        with atomic_path(output) as temporary:
            temporary.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    show_trace(answer, output, lang, as_json=as_json)


@_command("accept")
@click.argument("file", type=click.Path(path_type=Path))
@_option("--feature", "accept.feature", default="")
@_option("--shape", "accept.shape", type=click.IntRange(0, 10_000), default=0, show_default=True)
def accept(
    file: Path, plan: Path | None, data_dir: Path | None, lang: str, *, feature: str, shape: int, as_json: bool
) -> None:
    """Take a proposed shape over."""
    with errors_shown(lang):
        from layers.folder.load import read  # noqa: PLC0415
        from layers.scans import traces  # noqa: PLC0415

        folder, data = plan_folder(plan, data_dir)
        answer = traces.accept(folder, read(folder, data)[0], file, feature, shape)
    _told(answer, lang, "cli.scan.accepted", as_json=as_json)
    if answer["note"] and not as_json:
        click.echo(word("cli.scan.note", lang))


@_command("list")
def list_(plan: Path | None, data_dir: Path | None, lang: str, *, as_json: bool) -> None:
    """List the scans."""
    with errors_shown(lang):
        from layers.scans.work import listing  # noqa: PLC0415

        rows = listing(_opened(plan, data_dir, lang))
    show_list(rows, lang, as_json=as_json)
