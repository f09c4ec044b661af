"""``planmap build``: a plan folder made into an edition."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import click

from geo import files
from layers.build import assemble as builds
from layers.edition.kept import publish
from layers.model.errors import ERROR, PlanError
from webmap.commands._common import (
    PROBLEMS,
    errors_shown,
    folder_argument,
    json_option,
    lang_option,
    plan_folder,
    progress_shown,
    word,
)
from webmap.commands.check import problems_text
from webmap.serving.settings import Settings

EDITIONS = "editions"
"""Folder in the data folder where editions are written to and ``planmap serve`` looks for them."""


@click.command(help=word("cli.build.help"), short_help=word("cli.build.short", "en"))
@folder_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.build.output", "en"))
@lang_option
@json_option
def build(folder: Path | None, data_dir: Path | None, output: Path | None, lang: str, as_json: bool) -> None:
    """Build the edition and tell its path, hash, counts and the seconds it took."""
    started = time.perf_counter()
    with errors_shown(lang):
        if output is not None:
            files.check_target(output)
        folder, data_dir = plan_folder(folder, data_dir)
        try:
            with progress_shown(word("cli.progress", lang)) as progress:
                edition = builds.build(folder, data_dir, progress)
        except PlanError as error:
            errors = sum(problem.severity == ERROR for problem in error.problems)
            click.echo(problems_text(error.problems, lang), err=True)
            click.echo("\n" + word("cli.build.broken", lang, folder=str(folder), errors=errors), err=True)
            sys.exit(PROBLEMS)
        path = output or data_dir / EDITIONS / f"{edition.meta['plan']['id']}.gpkg"
        # Elsewhere the user wants one file, and finds nothing beside it.
        keep = Settings.read(os.environ).keep_editions if path.parent.name == EDITIONS else 0
        publish(edition, path, keep)
    facts = {
        "path": str(path), "hash": edition.hash, "layers": len(edition.layers),
        "features": edition.meta["stats"]["features"], "located": edition.meta["stats"]["located"],
        "indicators": len(edition.indicators), "observations": len(edition.observations),
        "seconds": round(time.perf_counter() - started, 2),
    }  # fmt: skip
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else word("cli.build.done", lang, **facts))
