"""``planmap decisions``: what was decided when a plan's text was read, and how it is taken back."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path

import click

from webmap.commands._common import FINE, errors_shown, json_option, lang_option, plan_folder, table, word


@click.command("decisions", help=word("cli.decisions.help"), short_help=word("cli.decisions.short", "en"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--take-back", "keys", multiple=True, metavar="FINDING", help=word("cli.decisions.take_back", "en"))
@click.option("--how", type=click.Choice(["accepted", "merged", "refused"]), help=word("cli.decisions.how", "en"))
@lang_option
@json_option
def decisions(folder: Path, keys: tuple[str, ...], how: str | None, lang: str, *, as_json: bool) -> None:
    """List what was decided, or forget some of it."""
    place, _data = plan_folder(folder, None)
    with errors_shown(lang):
        from layers.document import decided  # noqa: PLC0415 - help needs none of it
        from layers.document.deciding import take_back  # noqa: PLC0415

        if keys:
            take_back(place, keys, getpass.getuser())
        found = [one for one in decided.read(place).values() if how in (None, one.how)]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        if keys:
            click.echo(word("cli.decisions.taken_back", lang, count=len(keys)))
        click.echo(word("cli.decisions.count", lang, count=len(found)))
        rows = [(word(f"reading.did.{one.how}", lang), one.finding, one.record, one.clause, one.on, one.by)
                for one in found]  # fmt: skip
        click.echo(table(rows) if rows else "", nl=bool(rows))
    raise SystemExit(FINE)
