"""``planmap diff``: two editions compared."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from geo import files
from geo.errors import PlanmapError
from geo.messages import plain
from layers import words
from layers.edition import file as editions
from layers.edition.compare import KEPT, WHATS, Difference, compare
from layers.edition.compare_words import Line, how_many, lines, to_csv
from layers.edition.compare_words import word as what_word
from layers.edition.file import Edition
from layers.edition.layer_table import CODES, HEADINGS
from layers.model.errors import EditionError
from webmap.commands._common import DATA_DIR, FINE, PROBLEMS, WRONG_USE, json_option, lang_option, table, word

MOST = 40
"""Changes of a kind that are told in a terminal; the files have all of them."""


@click.command("diff", help=word("cli.diff.help"), short_help=word("cli.diff.short", "en"))
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.diff.output", "en"))
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PLANMAP_DATA_DIR",
    default=DATA_DIR,
    help=word("cli.data_dir", "en"),
)
@click.option(
    "--headings", type=click.Choice(HEADINGS), default=CODES, show_default=True, help=word("cli.diff.headings", "en")
)
@lang_option
@json_option
def diff(
    before: Path, after: Path, output: Path | None, data_dir: Path, headings: str, lang: str, as_json: bool
) -> None:
    """Compare; exit with 0 when they are the same, 1 when not, 2 when that cannot be told."""
    try:
        target = None if output is None else files.check_target(output)
        old, new = (editions.read(_found(one, data_dir)) for one in (before, after))
        found = compare(old, new)
        if target is not None:
            table = found.as_csv() if headings == CODES else to_csv(lines(found, old, new, headings), headings)
            with files.atomic_path(target) as temporary:
                temporary.write_bytes(table)
    except PlanmapError as error:
        remedy = error.remedy(lang)
        click.echo(error.message(lang) + (f"\n→ {remedy}" if remedy else ""), err=True)
        sys.exit(WRONG_USE)
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) if as_json else text(found, old, new, lang))
    sys.exit(PROBLEMS if found.changes else FINE)


def _found(given: Path, data_dir: Path) -> Path:
    """The file; or the kept edition whose hash begins with what was given.

    Raises:
        EditionError: ``edition.missing``, or several are so called.
    """
    if not given.exists() and re.fullmatch("[0-9a-f]{8,64}", str(given)):
        kept = sorted((data_dir / "editions").glob(f"*/{given}*.gpkg"))
        if len({one.name for one in kept}) == 1:
            return kept[0]
        raise EditionError("edition.missing", path=str(data_dir / "editions" / "*" / f"{given}*.gpkg"))
    return given


def text(found: Difference, before: Edition, after: Edition, lang: str) -> str:
    """The difference for people: kind by kind, then one line that sums up."""
    told = lines(found, before, after, lang)
    parts = []
    counts = {**found.counts(), KEPT: found.both}
    for what in (*WHATS, KEPT):
        shown = [one for one in told if one.what == what]
        if shown:
            number = how_many(counts[what], len(shown), lang)
            part = [f"{what_word(what, lang)} {number}", table([_row(one, lang) for one in shown[:MOST]])]
            if len(shown) > MOST:
                part.append("  " + word("cli.diff.more", lang, count=len(shown) - MOST))
            parts.append("\n".join(part))
    key = ("cli.diff.differ" if found.one_plan else "cli.diff.plans") if found.changes else "cli.diff.same"
    both = {"both": found.both, "same": found.same}
    parts.append(word(key, lang, before=found.before[:12], after=found.after[:12], **both))
    return "\n\n".join(parts)


def _row(one: Line, lang: str) -> tuple[str, ...]:
    values = "" if not one.field else f"{_short(one.before)} → {_short(one.after)}"
    if one.distance_m is not None:
        values = word("diff.moved_by", lang, metres=words.number(one.distance_m, 1))
    cells = (one.kind or one.layer, one.name, one.id, one.field, values)
    return tuple(plain(cell, lang) for cell in cells)


def _short(value: str) -> str:
    return value if len(value) <= MOST else value[: MOST - 1] + "…"
