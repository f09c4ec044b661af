"""``planmap scenario``: a target split over zones or townships, kept as a scenario, listed, compared, exported."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.messages import plain
from layers.model.errors import word as said
from webmap.commands._common import errors_shown, json_option, lang_option, no_ledger, table, word
from webmap.commands._edition import edition_path

if TYPE_CHECKING:
    from layers.decomposition.asked import Asked
    from layers.edition.observations import Observed
    from layers.edition.store import Store
    from layers.ledger.scenarios import Scenario, Scenarios
    from layers.progress.decomposing import Decomposed
    from layers.progress.scenarios import Told

Command = TypeVar("Command", bound=Callable[..., Any])
METHODS = ("weights", "growth", "increment")
AGGREGATIONS = ("sum", "mean", "weighted_mean", "ratio")


@click.group("scenario", help=word("cli.scenario.help"), short_help=word("cli.scenario.short", "en"))
def scenario() -> None:
    """The group; each command does its own work."""


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    words = {"help": word(f"cli.scenario.{name}.help"), "short_help": word(f"cli.scenario.{name}.short", "en")}
    return scenario.command(name, **words)


def _where(command: Command) -> Command:
    """``--edition``, ``--data-dir`` and ``--ledger``."""
    for option in (
        click.option("--ledger", "address", help=word("cli.ledger.address", "en")),
        click.option("--data-dir", type=click.Path(path_type=Path), help=word("cli.data_dir", "en")),
        click.option("--edition", type=click.Path(path_type=Path), help=word("cli.scenario.edition", "en")),
    ):
        command = option(command)
    return command


class _Place:
    """An edition with its ledger, as the commands ask them."""

    def __init__(self, path: Path, address: str | None, lang: str, *, needed: bool) -> None:
        from layers.edition import file as editions  # noqa: PLC0415 - help needs none of it
        from layers.edition.observations import Observed  # noqa: PLC0415
        from layers.edition.store import Store  # noqa: PLC0415
        from layers.ledger.book import opened  # noqa: PLC0415
        from layers.ledger.scenarios import Scenarios  # noqa: PLC0415

        self.store: Store = Store(editions.read(path))
        named = address or os.environ.get("PLANMAP_LEDGER", "").strip()
        if needed and not named:
            no_ledger(lang)
        ledger = opened(named, str(self.store.plan["id"])) if named else None
        self.observed: Observed = Observed(self.store, ledger, ledger.state().count if ledger else 0)
        self.kept: Scenarios | None = Scenarios(ledger.keeping) if ledger else None

    @property
    def scenarios(self) -> Scenarios:
        """Those of the ledger, which is there."""
        if self.kept is None:
            raise RuntimeError("no ledger")
        return self.kept

    def told(self, wanted: str) -> Told:
        """A scenario by its name or code."""
        from layers.progress.scenarios import Told  # noqa: PLC0415

        return Told.of(self.store, self.scenarios.find(wanted))


@_command("split")
@_where
@click.option("--indicator", required=True, metavar="ID", help=word("cli.scenario.split.indicator", "en"))
@click.option("--level", type=click.Choice(("zone", "township")), default="township", show_default=True,
              help=word("cli.scenario.split.level", "en"))  # fmt: skip
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True,
              help=word("cli.scenario.split.method", "en"))  # fmt: skip
@click.option("--weights", "weight", default="equal", metavar="ID", help=word("cli.scenario.split.weights", "en"))
@click.option("--period", default="", help=word("cli.scenario.split.period", "en"))
@click.option("--whole", type=float, help=word("cli.scenario.split.whole", "en"))
@click.option("--year", type=click.IntRange(1900, 2200), help=word("cli.scenario.split.year", "en"))
@click.option("--aggregation", type=click.Choice(AGGREGATIONS), help=word("cli.scenario.split.aggregation", "en"))
@click.option("--size", default="", metavar="ID", help=word("cli.scenario.split.size", "en"))
@click.option("--decimals", type=click.IntRange(0, 6), help=word("cli.scenario.split.decimals", "en"))
@click.option("--weight", "own", multiple=True, metavar="PLACE=NUMBER", help=word("cli.scenario.split.own", "en"))
@click.option("--base", multiple=True, metavar="PLACE=NUMBER", help=word("cli.scenario.split.base", "en"))
@click.option("--fix", multiple=True, metavar="PLACE=NUMBER", help=word("cli.scenario.split.fix", "en"))
@click.option("--bounds", multiple=True, metavar="PLACE=LOW..HIGH", help=word("cli.scenario.split.bounds", "en"))
@click.option("--share", multiple=True, metavar="TOWNSHIP=ZONE:SHARE,…", help=word("cli.scenario.split.share", "en"))
@click.option("--save", default="", metavar="NAME", help=word("cli.scenario.split.save", "en"))
@click.option("--note", default="", help=word("cli.scenario.split.note", "en"))
@click.option("--author", default="", help=word("cli.scenario.split.author", "en"))
@lang_option
@json_option
def split(
    edition: Path | None, data_dir: Path | None, address: str | None, save: str, note: str, author: str, lang: str,
    *, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Split a target."""
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        from layers.progress import scenarios as kept  # noqa: PLC0415
        from layers.progress.decomposing import decompose  # noqa: PLC0415

        at = _Place(path, address, lang, needed=bool(save))
        found = decompose(at.observed, _asked(at.store, given, lang))
        made = None
        if save:
            who = author or getpass.getuser()
            made = kept.saved(at.scenarios, found, save, who, note=note, edition=at.store.hash)
    if as_json:
        click.echo(json.dumps(_plain(at.store, found, made), ensure_ascii=False, indent=1, allow_nan=False))
        return
    _print_split(at.store, found, lang)
    if made is not None:
        click.echo(word("cli.scenario.saved", lang, name=plain(made.name, lang), code=made.code, version=made.version))


@_command("list")
@_where
@lang_option
@json_option
def list_(edition: Path | None, data_dir: Path | None, address: str | None, lang: str, *, as_json: bool) -> None:
    """List scenarios."""
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        at = _Place(path, address, lang, needed=True)
        found = at.scenarios.current()
    if as_json:
        click.echo(json.dumps([_about(one) for one in found], ensure_ascii=False, indent=1))
    elif not found:
        click.echo(word("cli.scenario.nothing", lang))
    else:
        rows = [
            (one.code, one.name, str(one.version), one.indicator, one.level, one.period, one.author, one.at[:19])
            for one in found
        ]
        click.echo(table([tuple(plain(cell, lang) for cell in row) for row in rows]))


@_command("show")
@click.argument("name")
@_where
@click.option("--with", "others", multiple=True, metavar="NAME", help=word("cli.scenario.show.with", "en"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=word("cli.scenario.show.output", "en"))
@lang_option
@json_option
def show(
    name: str, edition: Path | None, data_dir: Path | None, address: str | None, others: tuple[str, ...],
    output: Path | None, lang: str, *, as_json: bool,
) -> None:  # fmt: skip
    """Show a scenario beside others and what was observed, or write it."""
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        from layers.progress import scenarios as kept  # noqa: PLC0415

        at = _Place(path, address, lang, needed=True)
        told, beside = at.told(name), [at.told(one) for one in others]
        if output is not None:
            kept.written(at.store, at.observed, told, output, lang, beside)
        rows = kept.table(at.store, at.observed, told, beside, lang)
    if as_json:
        click.echo(json.dumps(told.as_dict(at.store, at.observed), ensure_ascii=False, indent=1, allow_nan=False))
    elif output is not None:
        click.echo(word("cli.scenario.written", lang, file=str(output)))
    else:
        click.echo(_title(told.scenario, lang))
        said_once = 5  # columns that are the same in every row stand in the title
        names = [key for key in list(rows[0])[said_once:] if any(row.get(key) not in (None, "") for row in rows)]
        click.echo(table([tuple(names), *(tuple(plain(_cell(row.get(key)), lang) for key in names) for row in rows)]))


@_command("withdraw")
@click.argument("name")
@_where
@click.option("--author", default="", help=word("cli.scenario.split.author", "en"))
@lang_option
def withdraw(
    name: str, edition: Path | None, data_dir: Path | None, address: str | None, author: str, lang: str
) -> None:
    """Withdraw a scenario; its versions stay readable."""
    path = edition_path(edition, data_dir, lang)
    with errors_shown(lang):
        at = _Place(path, address, lang, needed=True)
        one = at.scenarios.find(name)
        about = {"indicator": one.indicator, "level": one.level, "period": one.period}
        at.scenarios.save(one.name, "", author or getpass.getuser(), **about, after=one.version)
    click.echo(word("cli.scenario.withdrawn", lang, name=plain(one.name, lang)))


# ---- what is given


def _asked(store: Store, given: dict[str, Any], lang: str) -> Asked:
    """The options as what is asked for; names of places may stand for their ids."""
    from layers.decomposition.asked import OWN, Asked  # noqa: PLC0415

    own = _numbers(store, given["own"], given["level"], lang)
    low, high = _bounds(store, given["bounds"], given["level"], lang)
    return Asked(
        given["indicator"], given["level"], given["year"], given["whole"], given["method"],
        OWN if own and given["weight"] == "equal" else given["weight"], given["period"], given["aggregation"] or "",
        given["size"], given["decimals"], own, _numbers(store, given["base"], given["level"], lang), {},
        _numbers(store, given["fix"], given["level"], lang), low, high, _shares(store, given["share"], lang),
    )  # fmt: skip


def _place(store: Store, text: str, level: str) -> str:
    """The id of a place that is called by its id, the end of it, or its name; what is none stays as it is."""
    from layers.edition.observations import places_of  # noqa: PLC0415

    named: dict[str, str] = {}
    for place in places_of(store, level):
        named |= dict.fromkeys((place, place.partition("/")[2], *store.name_of(place)), place)
    return named.get(text.strip(), text.strip())


def _numbers(store: Store, pairs: Iterable[str], level: str, lang: str) -> dict[str, float]:
    return {_place(store, place, level): _number(value, lang) for place, value in _pairs(pairs, lang)}


def _bounds(store: Store, pairs: Iterable[str], level: str, lang: str) -> tuple[dict[str, float], dict[str, float]]:
    low, high = {}, {}
    for place, value in _pairs(pairs, lang):
        first, dots, last = value.partition("..")
        if not dots:
            raise click.UsageError(word("cli.scenario.bad_pair", lang, value=plain(value, lang)[:60]))
        if first.strip():
            low[_place(store, place, level)] = _number(first, lang)
        if last.strip():
            high[_place(store, place, level)] = _number(last, lang)
    return low, high


def _shares(store: Store, pairs: Iterable[str], lang: str) -> dict[str, dict[str, float]]:
    found = {}
    for place, value in _pairs(pairs, lang):
        parts = [one.partition(":") for one in value.split(",")]
        found[_place(store, place, "township")] = {
            _place(store, zone, "zone"): _number(share, lang) for zone, _, share in parts
        }
    return found


def _pairs(pairs: Iterable[str], lang: str) -> list[tuple[str, str]]:
    found = []
    for pair in pairs:
        place, sign, value = pair.rpartition("=")
        if not sign or not place.strip():
            raise click.UsageError(word("cli.scenario.bad_pair", lang, value=plain(pair, lang)[:60]))
        found.append((place, value))
    return found


def _number(text: str, lang: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(word("cli.scenario.bad_pair", lang, value=plain(text, lang)[:60])) from None


# ---- what is printed


def _about(one: Scenario) -> dict[str, Any]:
    names = ("code", "name", "version", "indicator", "level", "period", "author", "at")
    return {name: getattr(one, name) for name in names}


def _plain(store: Store, found: Decomposed, made: Scenario | None) -> dict[str, Any]:
    body = found.body(edition=store.hash)
    rows = [
        {"place": row.place, "name": row.name, "name_en": row.name_en, **body["rows"][row.place]} for row in found.rows
    ]
    told = {"from_plan": False, "indicator": found.asked.indicator, "level": found.asked.level, **body, "rows": rows}
    return {**told, "saved": _about(made) if made else None}


def _title(one: Scenario, lang: str) -> str:
    mark = said("decomposition.mark", lang)
    return f"{one.code} {plain(one.name, lang)} · {one.indicator} · {one.period} ({mark})"


def _print_split(store: Store, found: Decomposed, lang: str) -> None:
    result = found.split
    facts = {"whole": _cell(result.whole), "year": str(found.asked.year), "total": _cell(result.total)}
    click.echo(word("cli.scenario.split.done", lang, indicator=plain(str(found.indicator["name"]), lang), **facts))
    if result.rate is not None:
        click.echo(word("cli.scenario.split.rate", lang, rate=f"{result.rate:.3f}"))
    head = tuple(
        said(f"decomposition.column.{name}", lang) for name in ("place", "value", "weight", "base", "low", "high", "at")
    )
    lines = [
        (plain(row.name_en if lang == "en" else row.name, lang), _cell(row.value), _cell(row.weight), _cell(row.base),
         _cell(row.low), _cell(row.high), said(f"decomposition.held.{row.at}", lang) if row.at else "")
        for row in found.rows
    ]  # fmt: skip
    click.echo(table([head, *lines]))
    for zone, value in found.zones.items():
        name, name_en = store.name_of(zone)
        click.echo(f"{plain(name_en if lang == 'en' else name, lang)}: {_cell(value)}")
    click.echo(said("decomposition.mark", lang))


def _cell(value: object) -> str:
    if value is None or value == "":
        return "—"
    return f"{value:,.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
