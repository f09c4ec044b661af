"""``planmap export``: layers and indicators of an edition as files, one or many in an archive."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from geo.errors import GeoError
from layers.edition import basket as baskets
from layers.edition import beforehand, note_tables, selection, sheets
from layers.edition import export as exports
from layers.edition import file as editions
from layers.edition.basket import Basket
from layers.edition.export import ExportError
from layers.edition.file import Edition
from layers.edition.formats.part import ENCODINGS, UTF8
from layers.edition.layer_table import HEADINGS
from layers.edition.systems import system
from webmap.commands._common import WRONG_USE, errors_shown, json_option, lang_option, progress_shown, word
from webmap.commands._edition import edition_argument, edition_path, release_options, released_edition

SEVERAL = ","


@click.command("export", help=word("cli.export.help"), short_help=word("cli.export.short", "en"))
@edition_argument
@click.option("--layer", "--layers", default=exports.ALL, show_default=True, help=word("cli.export.layer", "en"))
@click.option("--format", "fmt", help=word("cli.export.format", "en"))
@click.option("--crs", help=word("cli.export.crs", "en"))
@click.option("--zone", default="", help=word("cli.export.zone", "en"))
@click.option("--township", default="", help=word("cli.export.township", "en"))
@click.option("--bbox", default="", help=word("cli.export.bbox", "en"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.export.output", "en"))
@click.option("--wkt", is_flag=True, help=word("cli.export.wkt", "en"))
@click.option("--headings", type=click.Choice(HEADINGS), help=word("cli.export.headings", "en"))
@click.option(
    "--encoding", type=click.Choice(ENCODINGS), default=UTF8, show_default=True, help=word("cli.export.encoding", "en")
)
@click.option("--scans", is_flag=True, help=word("cli.export.scans", "en"))
@click.option("--surfaces", is_flag=True, help=word("cli.export.surfaces", "en"))
@click.option("--notes", type=click.Path(path_type=Path), help=word("cli.export.notes", "en"))
@release_options
@lang_option
@json_option
def export(  # noqa: PLR0913 - one argument for each option
    edition: Path | None,
    data_dir: Path | None,
    layer: str,
    fmt: str | None,
    crs: str | None,
    zone: str,
    township: str,
    bbox: str,
    output: Path | None,
    wkt: bool,
    headings: str | None,
    encoding: str,
    scans: bool,
    surfaces: bool,
    notes: Path | None,
    lang: str,
    as_json: bool,
    **release: Any,
) -> None:
    """Write the file and tell where it is."""
    with errors_shown(lang):
        path = edition_path(edition, data_dir, lang)
        fmt = (fmt or _from_extension(output) or ("csv" if layer == exports.INDICATORS else "gpkg")).lower()
        options = {"wkt": wkt, "encoding": encoding, "lang": lang}
        formats = list(filter(None, fmt.split(SEVERAL)))
        try:
            several = len(list(filter(None, (crs or "").split(SEVERAL)))) > 1
            drawn = _notes(notes, fmt, crs or "")
            _refuse(fmt, crs or "", scans=scans, surfaces=surfaces)
            beforehand.check_formats(formats, layer, output, several=several)
            if not (zone or township or bbox or release["public"]):
                beforehand.check_file(path, formats, layer, lang)
            source = released_edition(editions.read(path), lang, **release)
            beforehand.check_formats(formats, layer, output, source.layers, several=several)
            options["where"] = selection.area(source, zone, township, bbox)
            facts = _write(source, layer, fmt, crs or "", output, headings or "", options)
            if scans:
                sheets.add_tables(Path(facts["path"]), sheets.known(source.meta, path).values())
            if surfaces:
                _add_surfaces(Path(facts["path"]), source, lang)
            if drawn:
                _add_notes(Path(facts["path"]), source, facts, drawn, lang)
        except (ExportError, GeoError) as error:
            if isinstance(error, GeoError) and not error.key.startswith("crs."):
                raise
            click.echo(f"{error.message(lang)}\n→ {error.remedy(lang)}", err=True)
            sys.exit(WRONG_USE)
    if as_json:
        size = Path(facts["path"]).stat().st_size
        click.echo(json.dumps({**facts, "edition": source.hash, "bytes": size}, ensure_ascii=False))
        return
    key = "cli.export.done_indicators" if layer == exports.INDICATORS else "cli.export.done"
    click.echo(word(key, lang, **facts))


WITH_NOTES = ("gpkg", "qgis")
"""Formats that hold notes drawn on the map."""


def _write(
    source: Edition, layer: str, fmt: str, crs: str, output: Path | None, headings: str, options: dict[str, Any]
) -> dict[str, str]:
    """One file; or, with several formats or systems, an archive of them.

    Returns:
        What was written: ``path``, ``layer``, ``format``, ``crs``.
    """
    formats, systems = tuple(filter(None, fmt.split(SEVERAL))), tuple(filter(None, crs.split(SEVERAL)))
    if len(formats) > 1 or len(systems) > 1:
        layers = tuple(filter(None, layer.split(SEVERAL)))
        wanted = Basket(layers, formats, systems, headings=headings or options["lang"], **options)
        path = output or Path(baskets.file_name(source, wanted))
        baskets.write(source, wanted, path)
        return {"path": str(path), "layer": layer, "format": fmt, "crs": crs}
    path = output or Path(exports.file_name(source, layer, fmt))
    exports.export(source, layer, fmt, crs, path, headings=headings, told=_told, **options)
    return {"path": str(path), "layer": layer, "format": fmt, "crs": crs or exports.FORMATS[fmt].usual_code(source)}


def _told(remark: str) -> None:
    """Say what is to be known about a file, beside what is read by programs."""
    click.echo(remark, err=True)


def _refuse(fmt: str, crs: str, *, scans: bool, surfaces: bool) -> None:
    """Refuse what the format has no room for, before anything is written.

    Raises:
        ExportError: ``export.scans_format``, ``export.surfaces_format``.
    """
    for asked, room, key in ((scans, "gpkg", "export.scans_format"), (surfaces, "qgis", "export.surfaces_format")):
        if asked and (fmt != room or SEVERAL in crs):
            raise ExportError(key, format="zip" if fmt == room else fmt)


def _add_surfaces(path: Path, source: Edition, lang: str) -> None:
    """Put the accessibility surfaces into an archive for QGIS."""
    from layers.edition.store import Store  # noqa: PLC0415 - as below
    from layers.model.errors import LayersError  # noqa: PLC0415
    from layers.surfaces import made, project  # noqa: PLC0415

    found = made.surfaces(Store(source))
    if not found:
        raise LayersError("surface.none")
    with progress_shown(word("cli.surfaces.progress", lang)) as progress:
        project.add_to_archive(path, found, lang, progress)


def _notes(path: Path | None, fmt: str, crs: str) -> Sequence[note_tables.Drawn]:
    """What somebody has drawn on the map, read before anything is written.

    Raises:
        ExportError: ``export.notes_format``.
        LayersError: See `layers.drawing.noted.from_file`.
    """
    if path is None:
        return ()
    if fmt not in WITH_NOTES or SEVERAL in crs:
        raise ExportError("export.notes_format", format="zip" if fmt in WITH_NOTES else fmt)
    from layers.drawing import noted  # noqa: PLC0415 - drawing is long to import

    return noted.from_file(path)


def _add_notes(
    path: Path, source: Edition, facts: Mapping[str, str], drawn: Sequence[note_tables.Drawn], lang: str
) -> None:
    there, colors = system(source, facts["crs"]), _note_colors()
    if facts["format"] == "gpkg":
        note_tables.add(path, source, there, drawn, colors)
    else:
        note_tables.add_to_archive(path, source, there, drawn, colors, lang)


def _note_colors() -> Mapping[str, str]:
    from layers.drawing.ink import NOTES  # noqa: PLC0415 - as above

    return NOTES


def _from_extension(output: Path | None) -> str | None:
    """The format that the output's name tells (``x.shp.zip``: shp), known or not; None without an extension."""
    if output is None:
        return None
    name = output.name.lower().removesuffix(".zip") if output.name.lower().count(".") > 1 else output.name.lower()
    return Path(name).suffix.lstrip(".") or None
