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
from layers.edition.compare import Change, Difference, compare
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
@lang_option
@json_option
def diff(before: Path, after: Path, output: Path | None, data_dir: Path, lang: str, as_json: bool) -> None:
    """Compare; exit with 0 when they are the same, 1 when not, 2 when that cannot be told."""
    try:
        target = None if output is None else files.check_target(output)
        found = compare(*(editions.read(_found(one, data_dir)) for one in (before, after)))
        if target is not None:
            with files.atomic_path(target) as temporary:
                temporary.write_bytes(found.as_csv())
    except PlanmapError as error:
        remedy = error.remedy(lang)
        click.echo(error.message(lang) + (f"\n→ {remedy}" if remedy else ""), err=True)
        sys.exit(WRONG_USE)
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) if as_json else text(found, lang))
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


def text(found: Difference, lang: str) -> str:
    """The difference for people: kind by kind, then one line that sums up."""
    parts = []
    for what, count in found.counts().items():
        if count:
            shown = [one for one in found.changes if one.what == what]
            lines = [f"{word(f'diff.{what}', lang)} {count}", table([_row(one, lang) for one in shown[:MOST]])]
            if len(shown) > MOST:
                lines.append("  " + word("cli.diff.more", lang, count=len(shown) - MOST))
            parts.append("\n".join(lines))
    key = "cli.diff.differ" if found.changes else "cli.diff.same"
    parts.append(word(key, lang, before=found.before[:12], after=found.after[:12], both=found.both, same=found.same))
    return "\n\n".join(parts)


def _row(change: Change, lang: str) -> tuple[str, ...]:
    name = words.name({"id": change.id, "name": change.name, "name_en": change.name_en}, lang)
    values = "" if not change.field else f"{_short(change.before)} → {_short(change.after)}"
    if change.distance_m is not None:
        values = word("diff.moved_by", lang, metres=words.number(change.distance_m, 1))
    field = plain(change.field, lang)
    return change.table, change.id, plain(name, lang), field, plain(values, lang)


def _short(value: str) -> str:
    return value if len(value) <= MOST else value[: MOST - 1] + "…"
