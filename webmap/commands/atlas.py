"""``planmap atlas``: the atlas of an edition as PDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import errors_shown, json_option, lang_option, progress_shown, word
from webmap.commands._edition import edition_argument, edition_path, release_options, released_edition, values_option


@click.command("atlas", help=word("cli.atlas.help"), short_help=word("cli.atlas.short", "en"))
@edition_argument
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help=word("cli.atlas.output", "en"))
@click.option("--paper", default="A3", show_default=True, help=word("cli.atlas.paper", "en"))
@click.option("--plan", "folder", type=click.Path(path_type=Path), help=word("cli.atlas.plan", "en"))
@click.option("--address", default="", help=word("cli.report.address", "en"))
@release_options
@values_option
@lang_option
@json_option
def atlas(
    edition: Path | None,
    data_dir: Path | None,
    output: Path,
    paper: str,
    folder: Path | None,
    address: str,
    lang: str,
    as_json: bool,
    **release: Any,
) -> None:
    """Write the atlas and tell where it is."""
    from layers.edition.file import read  # noqa: PLC0415 - help needs none of it
    from layers.edition.inventory import inventory  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.report import atlas as atlases  # noqa: PLC0415
    from layers.report import wording  # noqa: PLC0415
    from layers.report.facts import NoLinks  # noqa: PLC0415
    from layers.report.write import checked_address, checked_folder  # noqa: PLC0415
    from webmap.reading.links import PageLinks  # noqa: PLC0415

    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang), progress_shown(word("cli.atlas.progress", lang)) as progress:
        base = checked_address(address) if address else ""
        said = wording.read(checked_folder(folder), lang)
        found = inventory(Store(released_edition(read(path), lang, **release)))
        links = PageLinks(found, lang, base) if base else NoLinks()
        sheets = atlases.write(found, output, said, links, paper, progress)
    if as_json:
        told = {"file": str(output), "bytes": output.stat().st_size, "sheets": sheets, "edition": found.store.hash}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(word("cli.atlas.done", lang, file=str(output), sheets=sheets))
