"""What commands on an edition share: which file it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from webmap.commands._common import WRONG_USE, word
from webmap.serving.errors import WebError
from webmap.serving.settings import Settings

if TYPE_CHECKING:
    from layers.edition.file import Edition

Command = TypeVar("Command", bound=Callable[..., Any])


def edition_argument(command: Command) -> Command:
    """``[EDITION]`` and ``--data-dir``."""
    command = click.option(
        "--data-dir", type=click.Path(path_type=Path, file_okay=False), help=word("cli.data_dir", "en")
    )(command)
    return click.argument("edition", required=False, type=click.Path(path_type=Path))(command)


RELEASE = ("public", "map_number", "exempt")
"""What ``release_options`` give."""


def values_option(command: Command) -> Command:
    """``--ledger``: whose values count too, in what is drawn and written for inside use."""
    return click.option("--ledger", default="", help=word("cli.with_ledger", "en"))(command)


def release_options(command: Command) -> Command:
    """``--public``, ``--map-number``, ``--exempt``: what goes out may be seen by anybody."""
    for option in (
        click.option("--exempt", default="", help=word("cli.exempt", "en")),
        click.option("--map-number", default="", help=word("cli.map_number", "en")),
        click.option("--public", is_flag=True, help=word("cli.public", "en")),
    ):
        command = option(command)
    return command


def released_edition(
    edition: Edition, lang: str, *, public: bool, map_number: str, exempt: str, ledger: str = ""
) -> Edition:
    """What of an edition goes out; why a map for the public has no number is said on standard error.

    Args:
        edition: The edition.
        lang: Language of messages.
        public: Whether it is for the public: only what is frozen in the edition then.
        map_number: Its review number.
        exempt: Why it needs none.
        ledger: Address of a ledger whose values it is to have, or "".

    Raises:
        LayersError: It is for the public, and may not go out.
        LedgerError: The ledger is missing, or of another plan.
    """
    from layers.edition.publication import released  # noqa: PLC0415
    from layers.model.errors import LayersError  # noqa: PLC0415
    from layers.model.publication import PLAIN, PUBLIC, Publication  # noqa: PLC0415

    if public and ledger:
        raise click.UsageError(word("cli.with_ledger.public", lang))
    Publication(PUBLIC if public else PLAIN, map_number, exempt).check()
    if ledger:
        edition = _with_ledger(edition, ledger)
    if not public:
        return edition
    if not map_number:
        click.echo(LayersError("publication.exempt_logged", reason=exempt).message(lang), err=True)
    return released(edition, map_number)


def _with_ledger(edition: Edition, address: str) -> Edition:
    """The edition with the values that a ledger has now."""
    from layers.edition.entered import Entered, with_entered  # noqa: PLC0415
    from layers.edition.observations import Observed  # noqa: PLC0415
    from layers.edition.store import Store  # noqa: PLC0415
    from layers.ledger.book import opened  # noqa: PLC0415

    store = Store(edition)
    found = opened(address, str(store.plan["id"]))
    upto = found.state().count
    values = Observed(store, found, upto).of()
    return with_entered(store, Entered.of(found, values, upto)).edition


def edition_path(edition: Path | None, data_dir: Path | None, lang: str) -> Path:
    """The edition that a command works on; says what is wrong and ends with 2 when there is none or several.

    Args:
        edition: What the user named, or None for the setting, or the only one in the data folder.
        data_dir: What the user named, or None for the setting.
        lang: Language of messages.
    """
    if edition is not None:
        return edition
    from webmap.app import find_edition  # noqa: PLC0415 - a named file needs no web server's imports

    try:
        settings = Settings.read(os.environ)
        return find_edition(replace(settings, data_dir=data_dir or settings.data_dir))
    except WebError as error:
        click.echo(f"{error.message(lang)}\n→ {error.remedy(lang)}", err=True)
        sys.exit(WRONG_USE)
