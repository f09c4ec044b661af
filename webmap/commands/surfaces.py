"""``planmap surfaces``: the accessibility surfaces of an edition, as a table, as files for QGIS."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo import files
from geo.messages import plain
from webmap.commands._common import FINE, errors_shown, json_option, lang_option, progress_shown, table, word
from webmap.commands._edition import RELEASE, edition_argument, edition_path, release_options, released_edition

if TYPE_CHECKING:
    from layers.surfaces.made import Made

_PIECE = 80


@click.command("surfaces", help=word("cli.surfaces.help"), short_help=word("cli.surfaces.short", "en"))
@edition_argument
@click.option("--id", "wanted", multiple=True, metavar="ID", help=word("cli.surfaces.id", "en"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.surfaces.output", "en"))
@release_options
@lang_option
@json_option
def surfaces(
    edition: Path | None, data_dir: Path | None, wanted: tuple[str, ...], output: Path | None, lang: str, *,
    as_json: bool, **release: str,
) -> None:  # fmt: skip
    """Print the surfaces, write their table as CSV, or everything into a folder."""
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        from layers.edition import file as editions  # noqa: PLC0415 - help needs none of it
        from layers.edition.store import Store  # noqa: PLC0415
        from layers.model.errors import LayersError  # noqa: PLC0415
        from layers.surfaces import made as making  # noqa: PLC0415
        from layers.surfaces import said  # noqa: PLC0415

        given = {name: release[name] for name in RELEASE}
        store = Store(released_edition(editions.read(path), lang, **given))  # type: ignore[arg-type]
        known = making.surfaces(store)
        if not known:
            raise LayersError("surface.none")
        found = {one: making.chosen(store, one) for one in wanted} or known
        told = [str(one) for one in _written(found, output, lang)] if output is not None else []
    if as_json:
        answer = {"edition": store.hash, "surfaces": [said.as_json(one) for one in found.values()], "files": told}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1, allow_nan=False))
    elif told:
        click.echo(word("cli.surfaces.written", lang, count=len(told), folder=str(output)))
    else:
        click.echo("\n\n".join(_text(one, lang) for one in found.values()))
    sys.exit(FINE)


def _written(found: dict[str, Made], output: Path, lang: str) -> list[Path]:
    """Write the table, or with a folder the table, the rasters and their styles; tell what was written."""
    from layers.surfaces import files as writing  # noqa: PLC0415

    if output.suffix.lower() == ".csv":
        writing.write_table(found, output, lang)
        return [output]
    if output.suffix or output.is_file():
        raise click.UsageError(word("cli.surfaces.output_name", lang, output=str(output)))
    there = {name: one for name, one in found.items() if one.there}
    told = [output / "surfaces.csv"]
    files.check_target(told[0])
    writing.write_table(found, told[0], lang)
    with progress_shown(word("cli.surfaces.progress", lang)) as progress:
        for number, (name, one) in enumerate(there.items()):
            for at, what in enumerate(writing.WHAT):
                target = output / f"{name}_{what}.tif"
                writing.write_raster(one, what, target)
                writing.write_style(one, what, target.with_suffix(".qml"), lang)
                told += [target, target.with_suffix(".qml")]
                progress(number * len(writing.WHAT) + at + 1, len(there) * len(writing.WHAT))
    return told


def _whole(text: str) -> str:
    """A long text, harmless in a terminal and not cut short."""
    return "".join(plain(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))


def _text(one: Made, lang: str) -> str:
    """A surface for a terminal: name, what a reader has to know, values by place."""
    from layers.surfaces import said  # noqa: PLC0415

    lines = [f"{plain(said.said(one.surface, lang, 'name'))}  [{one.surface.id}]"]
    lines += [f"  {head}  {_whole(text)}" for head, text in said.facts(one, lang)]
    rows = [
        (plain(row["name_en"] if lang == "en" else row["name"]),
         *(said.shown_value(row["values"].get(name), name, one.surface) for name in said.columns(one)))
        for row in said.places(one)
    ]  # fmt: skip
    if rows:
        lines.append(table([tuple(said.headings(one, lang)), *rows]))
    return "\n".join(lines)
