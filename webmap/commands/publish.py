"""``planmap publish``: an edition into PostGIS, for servers on several machines and for QGIS."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from webmap.commands._common import errors_shown, json_option, lang_option, word
from webmap.commands._edition import edition_argument, edition_path

SHORT = 12


@click.command("publish", help=word("cli.publish.help"), short_help=word("cli.publish.short", "en"))
@click.argument("address")
@edition_argument
@click.option(
    "--keep", type=click.IntRange(1, 10_000), default=10, show_default=True, help=word("cli.publish.keep", "en")
)
@click.option("--reader", "readers", multiple=True, help=word("cli.publish.reader", "en"))
@lang_option
@json_option
def publish(
    address: str,
    edition: Path | None,
    data_dir: Path | None,
    keep: int,
    readers: tuple[str, ...],
    lang: str,
    as_json: bool,
) -> None:
    """Publish, and tell where QGIS finds the layers."""
    from layers.edition import postgis  # noqa: PLC0415 - help needs none of it

    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        done = postgis.publish(path, address, keep=keep, readers=readers)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False, indent=1))
        return
    facts = {"plan": done.plan, "hash": done.hash[:SHORT], "schema": done.schema, "views": done.views}
    click.echo(word("cli.publish.done" if done.new else "cli.publish.same", lang, **facts))
    if not done.styled:
        click.echo(word("cli.publish.unstyled", lang))
    if done.removed:
        click.echo(word("cli.publish.removed", lang, hashes="、".join(one[:SHORT] for one in done.removed)))
