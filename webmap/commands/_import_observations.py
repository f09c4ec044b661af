"""``planmap import observations``: a sheet of observed values into the ledger."""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geo import files
from geo.messages import plain
from webmap.commands._common import (
    PROBLEMS,
    WRONG_USE,
    data_dir_option,
    errors_shown,
    json_option,
    lang_option,
    plan_folder,
    table,
    word,
)
from webmap.commands._imports import plan_option

if TYPE_CHECKING:
    from layers.ledger.names import Known
    from layers.ledger.sheet import Preview

SHOWN = 200
"""Rows of a preview that are printed; the others are counted."""
LEDGERS = "ledgers"


@click.command(
    "observations",
    help=word("cli.import.observations.help"),
    short_help=word("cli.import.observations.short", "en"),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@plan_option
@data_dir_option
@click.option("--ledger", "address", help=word("cli.ledger.address", "en"))
@click.option("--source", default="", help=word("cli.import.observations.source", "en"))
@click.option("--year", "periods", multiple=True, help=word("cli.import.observations.year", "en"))
@click.option(
    "--indicator", "indicators", multiple=True, metavar="ID", help=word("cli.import.observations.indicator", "en")
)
@click.option("--place", default="", metavar="ID", help=word("cli.import.observations.place", "en"))
@click.option("--meant", multiple=True, metavar="NAME=ID", help=word("cli.import.observations.meant", "en"))
@click.option("--author", default="", help=word("cli.import.observations.author", "en"))
@click.option("--accept-doubtful", is_flag=True, help=word("cli.import.observations.accept", "en"))
@click.option("--leave-unknown", is_flag=True, help=word("cli.import.observations.leave", "en"))
@click.option("--dry-run", is_flag=True, help=word("cli.import.dry_run", "en"))
@click.option("--template", type=click.Path(path_type=Path), help=word("cli.import.observations.template", "en"))
@click.option("--level", type=click.Choice(["district", "zone", "township"]), default="township", show_default=True,
              help=word("cli.import.observations.level", "en"))  # fmt: skip
@lang_option
@json_option
def observations(
    file: Path | None, plan: Path | None, data_dir: Path | None, lang: str, *, template: Path | None, as_json: bool,
    **given: Any,
) -> None:  # fmt: skip
    """Preview, and enter unless it is a dry run; or write a sheet to fill in."""
    if (file is None) == (template is None):
        raise click.UsageError(word("cli.import.observations.one_of", lang))
    with errors_shown(lang):
        from layers.imports.observations import known_of_folder  # noqa: PLC0415 - help needs none of it

        folder, data = plan_folder(plan, data_dir)
        plan_id, known = known_of_folder(folder, data, _meant(given["meant"], lang))
        for one in given["indicators"]:
            if one not in known.quantities:
                raise click.UsageError(word("cli.indicators.unknown", lang, id=one, known=" ".join(known.quantities)))
        if template is not None:
            _template(template, known, given, lang)
            return
        if file is None:  # said above already
            return
        status = _enter(file, data, plan_id, known, given, lang, as_json=as_json)
    sys.exit(status)


def _meant(pairs: tuple[str, ...], lang: str) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, mark, target = pair.rpartition("=")
        if not (mark and name.strip() and target.strip()):
            raise click.UsageError(word("cli.import.observations.meant", lang))
        found[name.strip()] = target.strip()
    return found


def _template(path: Path, known: Known, given: dict[str, Any], lang: str) -> None:
    from layers.ledger.template import template  # noqa: PLC0415

    quantities = [known.quantities[one] for one in given["indicators"] or known.quantities]
    spots = [one for one in known.spots.values() if one.level == given["level"]]
    title = word("cli.import.observations.title", lang)
    data = template(title, quantities, spots, given["periods"], lang)
    with files.atomic_path(path) as temporary:
        temporary.write_bytes(data)
    facts = {"file": str(path), "indicators": len(quantities), "places": len(spots)}
    click.echo(word("cli.import.observations.written", lang, **facts))


def _enter(
    file: Path, data: Path, plan_id: str, known: Known, given: dict[str, Any], lang: str, *, as_json: bool
) -> int:
    """Preview and enter; the exit status."""
    from layers.ledger import sheet  # noqa: PLC0415
    from layers.ledger.book import LedgerError, opened  # noqa: PLC0415
    from layers.ledger.grid import MOST_BYTES  # noqa: PLC0415

    if not file.is_file():
        click.echo(word("cli.import.observations.no_file", lang, file=str(file)), err=True)
        return WRONG_USE
    address = (
        given["address"] or os.environ.get("PLANMAP_LEDGER", "").strip() or str(data / LEDGERS / f"{plan_id}.sqlite")
    )
    try:
        ledger = opened(address, plan_id, make=not given["dry_run"])
    except LedgerError as error:
        if error.key != "ledger.missing":
            raise
        ledger = None
    indicator = given["indicators"][0] if given["indicators"] else ""
    period = given["periods"][0] if given["periods"] else ""
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    found = sheet.preview(
        content, file.name, known, ledger, source=given["source"], indicator=indicator, place=given["place"],
        period=period,
    )  # fmt: skip
    receipt, problem = None, None
    if not given["dry_run"] and ledger is not None:
        try:
            receipt = sheet.commit(
                ledger, found, given["author"] or getpass.getuser(), accept_doubtful=given["accept_doubtful"],
                leave_unknown=given["leave_unknown"],
            )  # fmt: skip
        except LedgerError as error:
            problem = error
    if as_json:
        told = {"entered": asdict(receipt) if receipt else None, "problem": problem.message(lang) if problem else ""}
        click.echo(json.dumps({**found.as_dict(lang), **told}, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        click.echo(_text(found, lang))
        if receipt is not None:
            facts = {"count": receipt.last - receipt.first + 1, "place": address.rpartition("@")[2]}
            click.echo(word("cli.import.observations.entered", lang, **facts, head=receipt.state.head[:12]))
        elif problem is None and not given["dry_run"]:
            click.echo(word("cli.import.observations.nothing", lang))
    if problem is not None:
        click.echo(f"{problem.message(lang)}\n→ {problem.remedy(lang)}", err=True)
    return PROBLEMS if problem is not None or (given["dry_run"] and found.wrong) else 0


def _text(found: Preview, lang: str) -> str:
    """The preview for a terminal: what is wrong first, then the rest, then sums."""
    rows = sorted(found.rows, key=lambda one: (one.verdict in ("new", "same", "total"), not one.doubt))
    cells = [
        (one.at, one.indicator or one.said, one.place, one.period, one.role, _figure(one.value, one.given), one.unit,
         one.text(lang))
        for one in rows[:SHOWN]
    ]  # fmt: skip
    parts = [table([tuple(plain(cell, lang) for cell in row) for row in cells])]
    if len(rows) > SHOWN:
        parts.append(word("cli.import.observations.more", lang, count=len(rows) - SHOWN))
    for one in found.sums:
        whole = _figure(one.whole, "—")
        facts = {
            "indicator": one.indicator,
            "period": one.period,
            "parts": _figure(one.parts, ""),
            "missing": one.missing,
        }
        level = word(f"cli.import.observations.level_{one.level}", lang)
        parts.append(word(f"cli.import.observations.sum_{one.told}", lang, whole=whole, level=level, **facts))
    for at, text, why in found.left:
        parts.append(word(f"cli.import.observations.left_{why}", lang, at=plain(at, lang), text=plain(text, lang)))
    said = found.count
    facts = {"new": said.get("new", 0), "same": said.get("same", 0), "corrects": said.get("corrects", 0)}
    parts.append(word("cli.import.observations.count", lang, wrong=found.wrong, doubtful=found.doubtful, **facts))
    return "\n".join(parts)


def _figure(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:,.10g}"
