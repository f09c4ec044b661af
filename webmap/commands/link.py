"""``planmap link``: a short link to an address of the map, kept with the edition that it was made of."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import click

from webmap.commands._common import errors_shown, json_option, lang_option, word
from webmap.commands._edition import edition_argument, edition_path


@click.command("link", help=word("cli.link.help"), short_help=word("cli.link.short", "en"))
@click.argument("address")
@edition_argument
@click.option("--plan", default="", help=word("cli.link.plan", "en"))
@lang_option
@json_option
def link(address: str, edition: Path | None, data_dir: Path | None, plan: str, lang: str, as_json: bool) -> None:
    """Make the link and tell its address."""
    from layers.edition.file import read  # noqa: PLC0415 - help needs none of it
    from layers.edition.store import Store  # noqa: PLC0415
    from webmap.map import links  # noqa: PLC0415
    from webmap.serving.settings import Settings  # noqa: PLC0415

    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        settings = Settings.read(os.environ)
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        made = links.make(Store(read(path)), address, today, plan=path.stem)
        folder = links.folder_of(path, settings.links) or Path(links.FOLDER)
        file = links.write(folder, made)
        short = links.address_of(made, settings.origin, settings.prefix, plan)
    if as_json:
        found = {"id": made.id, "address": short, "file": str(file), "edition": made.edition, "shows": list(made.shows)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(word("cli.link.done", lang, address=short))
