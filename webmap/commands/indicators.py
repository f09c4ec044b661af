"""``planmap indicators``: what the plan states and what its geometry gives."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import pandas as pd

from geo.messages import plain
from layers import words
from layers.edition import file as editions
from layers.edition.file import Edition
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE
from webmap.commands._common import WRONG_USE, errors_shown, json_option, lang_option, table, word
from webmap.commands._edition import edition_argument, edition_path

_MANY = 6
"""More places than these are rows, not columns."""


@click.command("indicators", help=word("cli.indicators.help"), short_help=word("cli.indicators.short", "en"))
@edition_argument
@click.option(
    "--level",
    type=click.Choice([DISTRICT, ZONE, TOWNSHIP]),
    default=DISTRICT,
    show_default=True,
    help=word("cli.indicators.level", "en"),
)
@click.option("--id", "ids", multiple=True, help=word("cli.indicators.id", "en"))
@lang_option
@json_option
def indicators(
    edition: Path | None, data_dir: Path | None, level: str, ids: tuple[str, ...], lang: str, as_json: bool
) -> None:
    """Print the indicators that have values at a level."""
    with errors_shown(lang):
        source = editions.read(edition_path(edition, data_dir, lang))
    known = list(source.indicators["id"])
    for one in ids:
        if one not in known:
            click.echo(word("cli.indicators.unknown", lang, id=one, known=" ".join(known)), err=True)
            sys.exit(WRONG_USE)
    found = values(source, level, ids)
    if as_json:
        report = {"edition": source.hash, "level": level, "indicators": found}
        click.echo(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
    elif not found:
        click.echo(word("cli.indicators.none", lang))
    else:
        click.echo(_text(found, level, lang))


def values(edition: Edition, level: str, ids: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Give the indicators that have values at a level, with these values, for machines.

    Args:
        edition: The edition.
        level: ``district``, ``zone`` or ``township``.
        ids: Only these indicators; all when empty.
    """
    names = {
        key: (name, name_en)
        for frame in edition.layers.values()
        for key, name, name_en in zip(frame["id"], frame["name"], frame["name_en"], strict=True)
    }
    seen = edition.observations
    seen = seen[(seen["level"] == level) & (seen["period"] == "")]
    result = []
    for one in edition.indicators.to_dict("records"):
        rows = seen[seen["indicator"] == one["id"]].to_dict("records")
        if not rows or (ids and one["id"] not in ids):
            continue
        record = {name: _plain(one[name]) for name in _FIELDS}
        record["values"] = [
            {"place": row["place"], "name": names[row["place"]][0], "name_en": names[row["place"]][1]}
            | {name: _plain(row[name]) for name in _VALUE_FIELDS}
            for row in rows
        ]
        result.append(record)
    return result


_FIELDS = ("id", "name", "name_en", "unit", "unit_en", "domain", "domain_en", "property", "origin", "cites", "decimals")
_VALUE_FIELDS = (
    "role", "year", "value", "low", "high", "text", "text_en", "comparator", "flag", "note", "note_en",
)  # fmt: skip


def _plain(value: Any) -> Any:
    """A cell as JSON has it."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _text(found: list[dict[str, Any]], level: str, lang: str) -> str:
    """Blocks by domain; places are columns when they are few, rows when they are many."""
    blocks = []
    for domain, group in groupby(found, key=lambda one: one["domain_en" if lang == "en" else "domain"]):
        records = list(group)
        if level == DISTRICT:
            rows = [_district_row(one, lang) for one in records]
        else:
            rows = _matrix(records, lang)
        blocks.append(f"{plain(domain, lang)}\n{table(rows)}")
    if any(value["flag"] == "assumed" for one in found for value in one["values"]):
        blocks.append(word("cli.indicators.assumed", lang))
    return "\n\n".join(blocks)


def _district_row(one: dict[str, Any], lang: str) -> tuple[str, ...]:
    """Id, name, values (2020 → 2025, or the computed one), unit."""
    stated = [_figure(value, one["decimals"], lang) for value in one["values"]]
    years = [str(value["year"]) for value in one["values"] if value["role"] != "computed"]
    return (
        plain(one["id"]),
        _named(one, lang),
        " → ".join(stated),
        plain(words.unit(one, lang), lang),
        "–".join(years),
    )


def _matrix(records: list[dict[str, Any]], lang: str) -> list[tuple[str, ...]]:
    """Indicators and places as rows and columns."""
    places = {value["place"]: _named(value, lang) for one in records for value in one["values"]}
    by_place = [{value["place"]: value for value in one["values"]} for one in records]

    def cell(number: int, place: str) -> str:
        value = by_place[number].get(place)
        return _figure(value, records[number]["decimals"], lang) if value else words.NONE

    units = [plain(words.unit(one, lang), lang) for one in records]
    if len(places) <= _MANY:
        rows = [("", "", *places.values(), "")]
        for number, one in enumerate(records):
            rows.append(
                (plain(one["id"]), _named(one, lang), *(cell(number, place) for place in places), units[number])
            )
        return rows
    rows = [("", *(plain(one["id"]) for one in records)), ("", *units)]
    rows += [(name, *(cell(number, place) for number in range(len(records)))) for place, name in places.items()]
    return rows


def _named(record: dict[str, Any], lang: str) -> str:
    return plain(words.name(record, lang), lang)


def _figure(value: dict[str, Any], decimals: int | None, lang: str) -> str:
    """A value as people read it; ``*`` when something assumed is in it."""
    star = "*" if value["flag"] == "assumed" else ""
    if value["role"] == "computed":
        return f"{words.number(value['value'], decimals)}{star}"
    return f"{plain(words.stated(value, lang), lang)}{star}"
