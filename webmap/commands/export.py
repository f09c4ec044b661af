"""``planmap export``: layers and indicators of an edition as files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from geo.errors import GeoError
from layers.edition import export as exports
from layers.edition import file as editions
from layers.edition.export import ExportError
from layers.edition.layer_table import CODES, HEADINGS
from webmap.commands._common import WRONG_USE, errors_shown, json_option, lang_option, word
from webmap.commands._edition import edition_argument, edition_path


@click.command("export", help=word("cli.export.help"), short_help=word("cli.export.short", "en"))
@edition_argument
@click.option("--layer", default=exports.ALL, show_default=True, help=word("cli.export.layer", "en"))
@click.option("--format", "fmt", help=word("cli.export.format", "en"))
@click.option("--crs", help=word("cli.export.crs", "en"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.export.output", "en"))
@click.option("--wkt", is_flag=True, help=word("cli.export.wkt", "en"))
@click.option(
    "--headings",
    type=click.Choice(HEADINGS),
    default=CODES,
    show_default=True,
    help=word("cli.export.headings", "en"),
)
@lang_option
@json_option
def export(  # noqa: PLR0913 - one argument for each option
    edition: Path | None,
    data_dir: Path | None,
    layer: str,
    fmt: str | None,
    crs: str | None,
    output: Path | None,
    wkt: bool,
    headings: str,
    lang: str,
    as_json: bool,
) -> None:
    """Write the file and tell where it is."""
    with errors_shown(lang):
        source = editions.read(edition_path(edition, data_dir, lang))
        fmt = (fmt or _from_extension(output) or ("csv" if layer == exports.INDICATORS else "gpkg")).lower()
        crs = crs or exports.crs_codes(source)[0]
        path = output or Path(exports.file_name(source, layer, fmt))
        try:
            exports.export(source, layer, fmt, crs, path, wkt=wkt, headings=headings)
        except (ExportError, GeoError) as error:
            if isinstance(error, GeoError) and not error.key.startswith("crs."):
                raise
            click.echo(f"{error.message(lang)}\n→ {error.remedy(lang)}", err=True)
            sys.exit(WRONG_USE)
    if as_json:
        facts = {"path": str(path), "layer": layer, "format": fmt, "crs": crs, "edition": source.hash}
        click.echo(json.dumps({**facts, "bytes": path.stat().st_size}, ensure_ascii=False))
        return
    key = "cli.export.done_indicators" if layer == exports.INDICATORS else "cli.export.done"
    click.echo(word(key, lang, path=str(path), layer=layer, format=fmt, crs=crs))


def _from_extension(output: Path | None) -> str | None:
    """The format that the output's name tells, known or not; None without an extension."""
    return (output.suffix.lstrip(".") if output else "") or None
