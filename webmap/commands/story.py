"""``planmap story``: a story of an edition as PDF or slides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import errors_shown, json_option, lang_option, progress_shown, table, word
from webmap.commands._edition import edition_argument, edition_path, release_options, released_edition, values_option


@click.command("story", help=word("cli.story.help"), short_help=word("cli.story.short", "en"))
@click.argument("story", required=False, default="")
@edition_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.story.output", "en"))
@click.option("--address", default="", help=word("cli.report.address", "en"))
@release_options
@values_option
@lang_option
@json_option
def story(
    story: str,
    edition: Path | None,
    data_dir: Path | None,
    output: Path | None,
    address: str,
    lang: str,
    as_json: bool,
    **release: Any,
) -> None:
    """Write a story and tell where it is; without one, list those that there are."""
    from layers.edition.file import read  # noqa: PLC0415 - help needs none of it
    from layers.edition.inventory import inventory  # noqa: PLC0415
    from layers.edition.lightened import lightened, vast_of  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.report import story as stories  # noqa: PLC0415
    from layers.report.facts import NoLinks  # noqa: PLC0415
    from layers.report.write import checked_address  # noqa: PLC0415
    from webmap.reading.links import PageLinks  # noqa: PLC0415

    if edition is None and story.lower().endswith(".gpkg"):  # no id, and an edition
        story, edition = "", Path(story)
    if story and output is None:
        raise click.UsageError(word("cli.report.no_output", lang))
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang), progress_shown(word("cli.story.progress", lang)) as progress:
        found = released_edition(read(path), lang, **release)
        store = Store(lightened(found, vast_of(found)))  # as the page writes it
        if not story or output is None:
            _list(store, lang, as_json)
            return
        stories.find(store, story)
        base = checked_address(address) if address else ""
        links = PageLinks(inventory(store), lang, base) if base else NoLinks()
        steps = stories.write(store, story, output, lang, clause=links.clause, progressed=progress)
    if as_json:
        told = {"file": str(output), "bytes": output.stat().st_size, "steps": steps, "edition": store.hash}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(word("cli.story.done", lang, file=str(output), steps=steps))


def _list(store: Any, lang: str, as_json: bool) -> None:
    from layers import words  # noqa: PLC0415

    found = [(name, words.name(one, lang), len(one["steps"])) for name, one in store.stories.items()]
    if as_json:
        rows = [dict(zip(("id", "name", "steps"), row, strict=True)) for row in found]
        click.echo(json.dumps({"stories": rows, "edition": store.hash}, ensure_ascii=False, indent=1))
        return
    click.echo(table([(name, said, str(steps)) for name, said, steps in found], "") or word("cli.story.none", lang))
