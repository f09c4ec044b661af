"""``planmap figure``: a view as a figure for a report: PNG, SVG, PDF or GeoTIFF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import errors_shown, json_option, lang_option, table, word
from webmap.commands._edition import (
    RELEASE,
    edition_argument,
    edition_path,
    release_options,
    released_edition,
    values_option,
)


@click.command("figure", help=word("cli.figure.help"), short_help=word("cli.figure.short", "en"))
@click.argument("view")
@edition_argument
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help=word("cli.figure.output", "en"))
@click.option("--paper", default="A4", show_default=True, help=word("cli.figure.paper", "en"))
@click.option("--upright", is_flag=True, help=word("cli.figure.upright", "en"))
@click.option("--dpi", type=int, default=300, show_default=True, help=word("cli.figure.dpi", "en"))
@click.option("--form", default="map", show_default=True, help=word("cli.figure.form", "en"))
@click.option("--zone", default="", help=word("cli.figure.zone", "en"))
@click.option("--township", default="", help=word("cli.figure.township", "en"))
@click.option("--indicator", default="", help=word("cli.figure.indicator", "en"))
@click.option("--year", default="", help=word("cli.figure.year", "en"))
@click.option("--bounds", default="", help=word("cli.figure.bounds", "en"))
@click.option("--layers", default="", help=word("cli.figure.layers", "en"))
@click.option("--extent", default="", help=word("cli.figure.extent", "en"))
@click.option("--filter", "filter_", default="", help=word("cli.figure.filter", "en"))
@click.option("--select", "selection", default="", help=word("cli.figure.select", "en"))
@click.option("--grid", is_flag=True, help=word("cli.figure.grid", "en"))
@click.option("--inset", is_flag=True, help=word("cli.figure.inset", "en"))
@click.option("--opacity", default="", help=word("cli.figure.opacity", "en"))
@click.option("--notes", type=click.Path(path_type=Path), help=word("cli.figure.notes", "en"))
@click.option("--title", default="", help=word("cli.figure.title", "en"))
@release_options
@values_option
@click.option("--summary", is_flag=True, help=word("cli.figure.summary", "en"))
@lang_option
@json_option
def figure(
    edition: Path | None, data_dir: Path | None, output: Path, dpi: int, filter_: str, notes: Path | None,
    summary: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Draw the figure and tell where it is, at what scale."""
    from layers.drawing import asked as asking  # noqa: PLC0415 - help needs none of it
    from layers.drawing import noted, render  # noqa: PLC0415
    from layers.drawing.figure import Figure  # noqa: PLC0415
    from layers.edition.file import read  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.style.icons import icon_paths  # noqa: PLC0415

    lang: str = given["lang"]
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        release = {name: given.pop(name) for name in (*RELEASE, "ledger")}
        store = Store(released_edition(read(path), lang, **release))
        drawn = noted.to_link(noted.from_file(notes)) if notes else ""
        made = asking.draw(store, asking.Asked(filter=filter_, notes=drawn, **given), icon_paths())
        render.write(made, output, dpi)
    told = made.account
    if as_json:
        found: dict[str, Any] = {"file": str(output), "title": made.title}
        found |= {"scale": round(made.denominator)} if isinstance(made, Figure) else {}
        found |= {"width_mm": made.width_mm, "height_mm": made.height_mm, "summary": made.summary,
                  "columns": told.columns, "rows": told.rows, "edition": store.hash}  # fmt: skip
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if isinstance(made, Figure):
        scale = f"1:{round(made.denominator)}"
        click.echo(word("cli.figure.done", lang, file=str(output), title=made.title, scale=scale))
    else:
        click.echo(word("cli.figure.done_plate", lang, file=str(output), title=made.title))
    if summary:
        click.echo(told.summary)
        click.echo(table([told.columns, *told.rows]) if told.rows else "")
