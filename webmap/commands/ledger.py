"""``planmap ledger``: the ledger of observed values proved, listed, exported, copied and moved."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.messages import plain
from webmap.commands._common import (
    PROBLEMS,
    errors_shown,
    json_option,
    lang_option,
    no_ledger,
    progress_shown,
    table,
    word,
)

if TYPE_CHECKING:
    from layers.ledger.book import Ledger, Proof
    from layers.ledger.entry import Entry

SHORT = 12
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("ledger", help=word("cli.ledger.help"), short_help=word("cli.ledger.short", "en"))
def ledger() -> None:
    """The group; each command does its own work."""


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    words = {"help": word(f"cli.ledger.{name}.help"), "short_help": word(f"cli.ledger.{name}.short", "en")}
    return ledger.command(name, **words)


def ledger_argument(command: Command) -> Command:
    """``[LEDGER]`` and ``--of``."""
    command = click.option("--of", "plan", default="", metavar="PLAN", help=word("cli.ledger.of", "en"))(command)
    return click.argument("address", required=False, metavar="[LEDGER]")(command)


def open_ledger(address: str | None, plan: str, lang: str, *, make: bool = False) -> Ledger:
    """The ledger that a command works on; says so and ends with 2 when none was named.

    Args:
        address: What the user named, or None for the setting.
        plan: Id of the plan, or "".
        lang: Language of messages.
        make: Whether a missing one is made.
    """
    from layers.ledger.book import opened  # noqa: PLC0415 - help needs none of it

    named = address or os.environ.get("PLANMAP_LEDGER", "").strip()
    if not named:
        no_ledger(lang)
    return opened(named, plan, make=make)


@_command("create")
@ledger_argument
@lang_option
@json_option
def create(address: str | None, plan: str, lang: str, *, as_json: bool) -> None:
    """Make an empty ledger."""
    with errors_shown(lang):
        made = open_ledger(address, plan, lang, make=True)
        facts = {"place": made.keeping.place, "plan": made.plan, "count": made.state().count}
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else word("cli.ledger.create.done", lang, **facts))


@_command("verify")
@ledger_argument
@click.option("--head", default="", metavar="HASH", help=word("cli.ledger.verify.head", "en"))
@lang_option
@json_option
def verify(address: str | None, plan: str, head: str, lang: str, *, as_json: bool) -> None:
    """Prove the chain."""
    if head and (len(head) < SHORT or set(head) - set("0123456789abcdef")):
        raise click.UsageError(word("cli.ledger.verify.head", lang))
    from layers.ledger.scenarios import Scenarios  # noqa: PLC0415

    with errors_shown(lang), progress_shown(word("cli.ledger.verify.short", lang)) as progress:
        found = open_ledger(address, plan, lang)
        proof, scenarios = found.verify(progress), Scenarios(found.keeping)
        second = scenarios.verify()
        known = not head or found.has(head) or scenarios.has(head)
    place = found.keeping.place
    if as_json:
        facts = {"place": place, **_proved(proof), "known": known, "scenarios": _proved(second)}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        _tell(proof, ("fine", "broken"), place, lang)
        if second.state.count or second.broken is not None:
            _tell(second, ("scenarios", "broken_scenarios"), place, lang)
        if not known:
            click.echo(word("cli.ledger.verify.no_head", lang, place=place, head=head), err=True)
    sys.exit(0 if known and proof.broken is None and second.broken is None else PROBLEMS)


def _proved(proof: Proof) -> dict[str, Any]:
    return {"count": proof.state.count, "head": proof.state.head, "broken": proof.broken, "why": proof.why}


def _tell(proof: Proof, keys: tuple[str, str], place: str, lang: str) -> None:
    """Say that a chain is whole, or where it breaks."""
    state, broken = proof.state, proof.broken is not None
    why = word(f"cli.ledger.why_{proof.why}", lang) if broken else ""
    told = {"place": place, "count": state.count, "head": state.head, "seq": proof.broken, "why": why}
    click.echo(word(f"cli.ledger.verify.{keys[broken]}", lang, **told), err=broken)


@_command("log")
@ledger_argument
@click.option("--indicator", default="", metavar="ID", help=word("cli.ledger.log.indicator", "en"))
@click.option("--place", default="", metavar="ID", help=word("cli.ledger.log.place", "en"))
@click.option("--period", default="", help=word("cli.ledger.log.period", "en"))
@click.option("--author", default="", help=word("cli.ledger.log.author", "en"))
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True,
              help=word("cli.ledger.log.limit", "en"))  # fmt: skip
@lang_option
@json_option
def log(address: str | None, plan: str, limit: int, lang: str, *, as_json: bool, **only: str) -> None:
    """List entries."""
    with errors_shown(lang):
        found = open_ledger(address, plan, lang)
        entries = found.history(only, most=limit)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in entries], ensure_ascii=False, indent=1))
    elif not entries:
        click.echo(word("cli.ledger.log.none", lang))
    else:
        click.echo(table([_row(one, lang) for one in entries]))


def _row(one: Entry, lang: str) -> tuple[str, ...]:
    what = "withdrawn" if one.value is None else "first" if one.version == 1 else "corrects"
    value = "—" if one.value is None else f"{one.value:.12g}"
    cells = (
        str(one.seq), one.at[:19].replace("T", " "), one.author, one.indicator, one.place, one.period, one.role,
        f"{value} {one.unit}".strip(), word(f"cli.ledger.log.{what}", lang, version=one.version), one.source, one.note,
    )  # fmt: skip
    return tuple(plain(cell, lang) for cell in cells)


@_command("export")
@ledger_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=word("cli.ledger.output", "en"))
@click.option("--current", is_flag=True, help=word("cli.ledger.export.current", "en"))
@lang_option
def export(address: str | None, plan: str, output: Path, current: bool, lang: str) -> None:
    """Write a table."""
    from layers.ledger import moving  # noqa: PLC0415

    with errors_shown(lang):
        found = open_ledger(address, plan, lang)
        count = moving.export(found.everything() if current else found.walked(), output, current=current)
    click.echo(word("cli.ledger.export.done", lang, file=str(output), count=count))


@_command("backup")
@ledger_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=word("cli.ledger.output", "en"))
@lang_option
@json_option
def backup(address: str | None, plan: str, output: Path, lang: str, *, as_json: bool) -> None:
    """Copy into one file."""
    from layers.ledger import moving  # noqa: PLC0415

    with errors_shown(lang):
        state = moving.backup(open_ledger(address, plan, lang), output)
    facts = {"file": str(output), "count": state.count, "head": state.head}
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else word("cli.ledger.backup.done", lang, **facts))


@_command("restore")
@click.argument("source", metavar="BACKUP")
@ledger_argument
@lang_option
@json_option
def restore(source: str, address: str | None, plan: str, lang: str, *, as_json: bool) -> None:
    """Put a backup's entries into a ledger."""
    from layers.ledger import moving  # noqa: PLC0415
    from layers.ledger.book import opened  # noqa: PLC0415

    with errors_shown(lang):
        kept = opened(source, plan)
        target = open_ledger(address, kept.plan, lang, make=True)
        state = moving.restore(kept, target)
    facts = {"place": target.keeping.place, "count": state.count, "head": state.head}
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else word("cli.ledger.restore.done", lang, **facts))
