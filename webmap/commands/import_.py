"""``planmap import``: data from others put into a plan folder, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import data_dir_option, errors_shown, json_option, lang_option, plan_folder, word
from webmap.commands._import_edits import edit_options, edit_request, show_edits
from webmap.commands._import_observations import observations
from webmap.commands._import_osm import osm_options, osm_request, show_osm
from webmap.commands._imports import file_options, plan_option, request_of, show


@click.group("import", help=word("cli.import.help"), short_help=word("cli.import.short", "en"))
def import_() -> None:
    """The group; each command does its own work."""


import_.add_command(observations)


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of the group, with its words."""
    words = {"help": word(f"cli.import.{name}.help"), "short_help": word(f"cli.import.{name}.short", "en")}
    return import_.command(name, **words)


@_command("boundaries")
@click.argument("file", type=click.Path(path_type=Path))
@plan_option
@data_dir_option
@file_options
@lang_option
@json_option
def boundaries(file: Path, plan: Path | None, data_dir: Path | None, lang: str, *, as_json: bool, **given: Any) -> None:
    """Import polygons that tile."""
    with errors_shown(lang):
        folder, data = plan_folder(plan, data_dir)
        request = request_of(file, given)

    def make(progress: Any) -> Any:
        from layers.imports import run  # noqa: PLC0415

        return run.boundaries(folder, data, request, dry_run=given["dry_run"], progress=progress)

    show(make, lang, as_json=as_json)


@_command("layer")
@click.argument("into")
@click.argument("file", type=click.Path(path_type=Path))
@plan_option
@data_dir_option
@file_options
@lang_option
@json_option
def layer(
    into: str, file: Path, plan: Path | None, data_dir: Path | None, lang: str, *, as_json: bool, **given: Any
) -> None:
    """Import shapes for the features of a layer."""
    with errors_shown(lang):
        folder, data = plan_folder(plan, data_dir)
        request = request_of(file, given)

    def make(progress: Any) -> Any:
        from layers.imports import run  # noqa: PLC0415

        return run.layer(folder, data, into, request, dry_run=given["dry_run"], progress=progress)

    show(make, lang, as_json=as_json)


@_command("edits")
@click.argument("file", type=click.Path(path_type=Path))
@plan_option
@data_dir_option
@click.option("--only", multiple=True, metavar="ID", help=word("cli.import.only", "en"))
@click.option("--except", "leave", multiple=True, metavar="ID", help=word("cli.import.except", "en"))
@click.option("--base", type=click.Path(path_type=Path), help=word("cli.import.base", "en"))
@edit_options
@lang_option
@json_option
def edits(
    file: Path, plan: Path | None, data_dir: Path | None, lang: str, *, only: tuple[str, ...], leave: tuple[str, ...],
    base: Path | None, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Bring edits of an edition back."""
    with errors_shown(lang):
        folder, data = plan_folder(plan, data_dir)
        request = edit_request(file, given)

    def make() -> Any:
        from layers.imports.edited import bring_back  # noqa: PLC0415

        return bring_back(folder, data, request, only=only, leave=leave, base=base, dry_run=given["dry_run"])

    show_edits(make, lang, as_json=as_json)


@_command("osm")
@click.argument("file", type=click.Path(path_type=Path))
@plan_option
@data_dir_option
@click.option("--accept", multiple=True, metavar="ID", help=word("cli.import.accept", "en"))
@click.option("--within", type=click.FloatRange(0.0), help=word("cli.import.within", "en"))
@osm_options
@lang_option
@json_option
def osm(
    file: Path, plan: Path | None, data_dir: Path | None, lang: str, *, accept: tuple[str, ...],
    within: float | None, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Show what an extract knows, and take over what is accepted."""
    with errors_shown(lang):
        folder, data = plan_folder(plan, data_dir)
        request = osm_request(file, given)

    def make() -> Any:
        from layers.imports.accepted import take_over  # noqa: PLC0415

        return take_over(folder, data, request, accept=accept, within_m=within, dry_run=given["dry_run"])

    show_osm(make, lang, as_json=as_json)


@_command("undo")
@plan_option
@data_dir_option
@click.option("--dry-run", is_flag=True, help=word("cli.import.dry_run", "en"))
@click.option("--force", is_flag=True, help=word("cli.import.undo.force", "en"))
@lang_option
@json_option
def undo(plan: Path | None, data_dir: Path | None, lang: str, *, dry_run: bool, force: bool, as_json: bool) -> None:
    """Take the last import back."""
    from layers.imports import exchange  # noqa: PLC0415

    with errors_shown(lang):
        folder, _ = plan_folder(plan, data_dir)
        done = exchange.undo(folder, look_only=dry_run, force=force)
    key = "cli.import.undo.would" if dry_run else "cli.import.undo.done"
    file = done["about"].get("file", "?")
    click.echo(json.dumps(done, ensure_ascii=False) if as_json else word(key, lang, file=file, files=done["files"]))
