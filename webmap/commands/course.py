"""``planmap course``: every indicator between its base and its target, by place, with verdicts and clauses."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from geo.messages import plain
from webmap.commands._common import errors_shown, json_option, lang_option, table, word
from webmap.commands._edition import edition_argument, edition_path


@click.command("course", help=word("cli.course.help"), short_help=word("cli.course.short", "en"))
@edition_argument
@click.option("--ledger", "address", help=word("cli.ledger.address", "en"))
@click.option("--year", type=click.IntRange(1900, 2200), help=word("cli.course.year", "en"))
@click.option("--place", default="", metavar="ID", help=word("cli.course.place", "en"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.course.output", "en"))
@lang_option
@json_option
def course(
    edition: Path | None, data_dir: Path | None, address: str | None, year: int | None, place: str,
    output: Path | None, lang: str, *, as_json: bool,
) -> None:  # fmt: skip
    """Print the course, or write the table of the evaluation."""
    path = edition_path(edition, data_dir, lang)
    if output is not None and output.suffix.lower() != ".xlsx":
        raise click.UsageError(word("cli.course.output_name", lang, output=str(output)))
    with errors_shown(lang):
        from layers.edition import file as editions  # noqa: PLC0415 - help needs none of it
        from layers.edition.observations import Observed  # noqa: PLC0415
        from layers.edition.store import Store  # noqa: PLC0415
        from layers.ledger.book import opened  # noqa: PLC0415
        from layers.progress import table as tables  # noqa: PLC0415
        from layers.progress.results import results  # noqa: PLC0415

        store = Store(editions.read(path))
        named = address or os.environ.get("PLANMAP_LEDGER", "").strip()
        ledger = opened(named, str(store.plan["id"])) if named else None
        if place and place not in store.index:
            raise click.UsageError(word("cli.course.no_place", lang, place=place))
        upto = ledger.state().count if ledger else 0
        found = results(Observed(store, ledger, upto), place=place or None, year=year)
        if output is not None:
            tables.workbook(store, found, output, lang)
    if as_json:
        told = {"edition": store.hash, "ledger": upto, "course": [one.as_dict(store) for one in found]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
    elif output is not None:
        click.echo(word("cli.course.written", lang, file=str(output), count=len(found)))
    else:
        keep = (0, 1, 5, 6, 7, 8, 9, 11, 12, 13, 16, 17, 21)
        rows = [list(row.items()) for row in tables.rows(store, found, lang)]
        head = [tuple(name for at, (name, _) in enumerate(rows[0]) if at in keep)] if rows else []
        cells = [tuple(_shown(value, lang) for at, (_, value) in enumerate(row) if at in keep) for row in rows]
        click.echo(table(head + cells))


def _shown(value: object, lang: str) -> str:
    if value is None:
        return "—"
    return f"{value:,.6g}" if isinstance(value, float) else plain(str(value), lang)
