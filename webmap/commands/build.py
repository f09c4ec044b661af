"""``planmap build``: plan folders made into editions."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo import files
from layers.build import assemble as builds
from layers.build.many import facts_of
from layers.build.sheets import put_out
from layers.model.errors import ERROR, PlanError
from webmap.commands._common import (
    PROBLEMS,
    data_dir_option,
    errors_shown,
    json_option,
    lang_option,
    plan_folder,
    progress_shown,
    word,
)
from webmap.commands._many import EDITIONS, LOCAL, build_many, cores, engine_address
from webmap.commands.check import problems_text
from webmap.serving.settings import Settings

if TYPE_CHECKING:
    from layers.ledger.book import Ledger


@click.command(help=word("cli.build.help"), short_help=word("cli.build.short", "en"))
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(path_type=Path))
@data_dir_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.build.output", "en"))
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), help=word("cli.build.jobs", "en"))
@click.option(
    "--engine", callback=engine_address, default=LOCAL, show_default=True, help=word("cli.build.engine", "en")
)
@click.option("--ledger", "address", help=word("cli.build.ledger", "en"))
@lang_option
@json_option
def build(
    folders: tuple[Path, ...], data_dir: Path | None, output: Path | None, jobs: int | None, engine: str,
    address: str | None, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Build editions, and tell their paths, hashes, counts and the seconds it took."""
    with errors_shown(lang):
        keep = Settings.read(os.environ).keep_editions
        if len(folders) < 2 and not engine:
            folder = folders[0] if folders else None
            with builds.collector_at_rest():
                _build_one(folder, data_dir, output, keep, address=address, lang=lang, as_json=as_json)
            return
        if address:
            raise click.UsageError(word("cli.build.ledger_one", lang))
        if output is not None and (output.suffix == ".gpkg" or (output.exists() and not output.is_dir())):
            raise click.UsageError(word("cli.build.output_folder", lang, output=str(output)))
        named = folders or (plan_folder(None, data_dir)[0],)
        status = build_many(
            named, data_dir, output, keep, processes=jobs or cores(), engine=engine, lang=lang, as_json=as_json
        )
    sys.exit(status)


def _ledger(address: str | None, folder: Path) -> Ledger | None:
    """The ledger whose values are frozen; only one that was named, for an edition goes out to everybody."""
    if not address:
        return None
    from layers.folder.reading import Faults, read_toml  # noqa: PLC0415
    from layers.ledger.book import opened  # noqa: PLC0415

    head = read_toml(folder / "plan.toml", "plan.toml", Faults()) or {}
    return opened(address, str(head.get("id", "")))


def _build_one(
    folder: Path | None, data_dir: Path | None, output: Path | None, keep: int, *, address: str | None, lang: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Build a folder in this process, with all its problems told when it has any."""
    started = time.perf_counter()
    if output is not None:
        files.check_target(output)
        if output.suffix.lower() != ".gpkg":  # programs go by the name, and what SQLite leaves is cleared by it
            raise click.UsageError(word("cli.build.output_name", lang, output=str(output)))
    folder, data_dir = plan_folder(folder, data_dir)
    try:
        with progress_shown(word("cli.progress", lang)) as progress:
            edition = builds.build(folder, data_dir, progress, _ledger(address, folder))
    except PlanError as error:
        errors = sum(problem.severity == ERROR for problem in error.problems)
        click.echo(problems_text(error.problems, lang), err=True)
        click.echo("\n" + word("cli.build.broken", lang, folder=str(folder), errors=errors), err=True)
        sys.exit(PROBLEMS)
    path = output or data_dir / EDITIONS / f"{edition.meta['plan']['id']}.gpkg"
    # Elsewhere the user wants one file, and finds nothing beside it but the pictures of scanned maps.
    with progress_shown(word("cli.scan.progress", lang)) as progress:
        put_out(edition, path, keep if path.parent.name == EDITIONS else 0, folder, data_dir, progress)
    facts = facts_of(edition, path, time.perf_counter() - started)
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else word("cli.build.done", lang, **facts))
