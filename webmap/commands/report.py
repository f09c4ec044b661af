"""``planmap report``: the evaluation report of an edition as DOCX or PDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import WRONG_USE, errors_shown, json_option, lang_option, progress_shown, word
from webmap.commands._edition import edition_argument, edition_path, release_options, released_edition, values_option


@click.command("report", help=word("cli.report.help"), short_help=word("cli.report.short", "en"))
@edition_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.report.output", "en"))
@click.option("--plan", "folder", type=click.Path(path_type=Path), help=word("cli.report.plan", "en"))
@click.option("--address", default="", help=word("cli.report.address", "en"))
@click.option("--start", is_flag=True, help=word("cli.report.start", "en"))
@release_options
@values_option
@lang_option
@json_option
def report(
    edition: Path | None,
    data_dir: Path | None,
    output: Path | None,
    folder: Path | None,
    address: str,
    start: bool,
    lang: str,
    as_json: bool,
    **release: Any,
) -> None:
    """Write the report and tell where it is."""
    if start:
        _start(folder, lang)
        return
    if output is None:
        raise click.UsageError(word("cli.report.no_output", lang))
    from layers.edition.file import read  # noqa: PLC0415 - help needs none of it
    from layers.edition.inventory import inventory  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.report import write  # noqa: PLC0415
    from layers.report.facts import NoLinks  # noqa: PLC0415
    from webmap.reading.links import PageLinks  # noqa: PLC0415

    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang), progress_shown(word("cli.report.progress", lang)) as progress:
        base = write.checked_address(address) if address else ""
        found = inventory(Store(released_edition(read(path), lang, **release)))
        links = PageLinks(found, lang, base) if base else NoLinks()
        write.write(found, output, write.Wanted(lang, links, folder), progress)
    if as_json:
        told = {"file": str(output), "bytes": output.stat().st_size, "edition": found.store.hash}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(word("cli.report.done", lang, file=str(output)))


def _start(folder: Path | None, lang: str) -> None:
    """Write the shipped template and wording into a plan folder."""
    from layers.report import write  # noqa: PLC0415

    if folder is None:
        click.echo(word("cli.report.no_plan", lang), err=True)
        raise SystemExit(WRONG_USE)
    with errors_shown(lang):
        for path in write.start(folder, lang):
            click.echo(str(path))
