"""``planmap figure``: a view as a figure for a report: PNG, SVG, PDF or GeoTIFF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from webmap.commands._common import errors_shown, json_option, lang_option, word
from webmap.commands._edition import edition_argument, edition_path


@click.command("figure", help=word("cli.figure.help"), short_help=word("cli.figure.short", "en"))
@click.argument("view")
@edition_argument
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help=word("cli.figure.output", "en"))
@click.option("--paper", default="A4", show_default=True, help=word("cli.figure.paper", "en"))
@click.option("--upright", is_flag=True, help=word("cli.figure.upright", "en"))
@click.option("--dpi", type=int, default=300, show_default=True, help=word("cli.figure.dpi", "en"))
@click.option("--zone", default="", help=word("cli.figure.zone", "en"))
@click.option("--township", default="", help=word("cli.figure.township", "en"))
@click.option("--indicator", default="", help=word("cli.figure.indicator", "en"))
@click.option("--title", default="", help=word("cli.figure.title", "en"))
@lang_option
@json_option
def figure(  # noqa: PLR0913 - one argument for each option
    view: str,
    edition: Path | None,
    data_dir: Path | None,
    output: Path,
    paper: str,
    upright: bool,
    dpi: int,
    zone: str,
    township: str,
    indicator: str,
    title: str,
    lang: str,
    as_json: bool,
) -> None:
    """Draw the figure and tell where it is, at what scale."""
    from layers.drawing import figure as figures  # noqa: PLC0415 - help needs none of it
    from layers.drawing import render  # noqa: PLC0415
    from layers.drawing.overlay import overlay  # noqa: PLC0415
    from layers.edition.file import read  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.style.icons import icon_paths  # noqa: PLC0415

    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        store = Store(read(path))
        chosen = dict(_view(store, view))
        place = f"zone/{zone}" if zone else f"township/{township}" if township else ""
        if place:
            chosen["bounds"] = _bounds(store, place)
        name, _, level = indicator.partition(":")
        laid = overlay(store, name, level or "zone", lang) if indicator else None
        heading = title or (_place_title(store, place, chosen, lang) if place else "")
        made = figures.figure(
            store, chosen, figures.paper_mm(paper, upright=upright), lang,
            overlay=laid, title=heading, icons=icon_paths(),
        )  # fmt: skip
        render.write(made, output, dpi)
    denominator = round(made.denominator)
    if as_json:
        found = {"file": str(output), "title": made.title, "scale": denominator, "width_mm": made.width_mm,
                 "height_mm": made.height_mm, "summary": made.summary, "edition": store.hash}  # fmt: skip
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(word("cli.figure.done", lang, file=str(output), title=made.title, denominator=denominator))


def _view(store: Any, view: str) -> Mapping[str, Any]:
    """A view by its id.

    Raises:
        LayersError: ``sheet.unknown_view``.
    """
    from layers.model.errors import LayersError  # noqa: PLC0415

    if view not in store.views:
        raise LayersError("sheet.unknown_view", value=view[:60], choices=list(store.views))
    found: Mapping[str, Any] = store.views[view]
    return found


def _bounds(store: Any, place: str) -> Any:
    from layers.drawing.figure import bounds_around  # noqa: PLC0415
    from layers.model.errors import LayersError  # noqa: PLC0415

    found = bounds_around(store, place)
    if found is None:
        level = place.partition("/")[0]
        known = [one.partition("/")[2] for one in store.index if one.startswith(f"{level}/")]
        raise LayersError("sheet.unknown_place", value=place.partition("/")[2][:60], choices=known)
    return found


def _place_title(store: Any, place: str, view: Mapping[str, Any], lang: str) -> str:
    from layers import words  # noqa: PLC0415

    return f"{store.name_of(place)[1 if lang == 'en' else 0]} · {words.name(view, lang)}"
