"""``planmap user``: who may sign in, and who did what."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from webmap.commands._common import data_dir_option, errors_shown, json_option, lang_option, table, word

if TYPE_CHECKING:
    from webmap.admin.store import Person, Store

ROLES = ("reader", "editor", "publisher")
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("user", help=word("cli.user.help"), short_help=word("cli.user.short", "en"))
def user() -> None:
    """The group; each command does its own work."""


def _people_option(command: Command) -> Command:
    """``--people FILE`` and ``--data-dir``."""
    command = click.option("--people", type=click.Path(path_type=Path), help=word("cli.user.people", "en"))(command)
    return data_dir_option(command)


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of the group, with its words and the options that all have."""

    def decorated(function: Callable[..., Any]) -> click.Command:
        with_options = _people_option(lang_option(json_option(function)))
        return user.command(name, help=word(f"cli.user.{name}"))(with_options)

    return decorated


def _store(people: Path | None, data_dir: Path | None) -> Store:
    """The file that a server with the same settings uses."""
    from webmap.admin.access import people_path  # noqa: PLC0415 - `--help` needs no web
    from webmap.admin.store import Store  # noqa: PLC0415
    from webmap.serving.settings import Settings  # noqa: PLC0415

    settings = Settings.read(os.environ)
    return Store(people or people_path(replace(settings, data_dir=data_dir or settings.data_dir)))


def _password(name: str, lang: str, *, from_input: bool) -> str:
    """The hash of a password that is asked for twice, or comes as a line."""
    from webmap.admin.passwords import hashed  # noqa: PLC0415

    if from_input:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = click.prompt(word("cli.user.ask", lang), hide_input=True, confirmation_prompt=True)
    return hashed(given, name)


def _told(store: Store, person: Person, lang: str, *, as_json: bool) -> None:
    about = {"name": person.name, "role": person.role, "disabled": person.disabled, "since": person.since}
    state = word("cli.user.disabled" if person.disabled else "cli.user.enabled", lang)
    words = word("cli.user.done", lang, name=person.name, role=person.role, state=state, path=str(store.path))
    click.echo(json.dumps(about, ensure_ascii=False) if as_json else words)


_role = click.option(
    "--role", type=click.Choice(ROLES), default="editor", show_default=True, help=word("cli.user.role_option", "en")
)
_stdin = click.option("--password-stdin", is_flag=True, help=word("cli.user.stdin", "en"))


@_command("add")
@click.argument("name")
@_role
@_stdin
def add(
    name: str, role: str, people: Path | None, data_dir: Path | None, lang: str, *, password_stdin: bool, as_json: bool
) -> None:
    """Add somebody."""
    with errors_shown(lang):
        store = _store(people, data_dir)
        from webmap.admin.store import checked_name  # noqa: PLC0415
        from webmap.serving.errors import WebError  # noqa: PLC0415

        shown = checked_name(name)
        if store.find(shown) is not None:  # before a password is asked for
            raise WebError("people.known", name=shown)
        person = store.add(shown, role, _password(shown, lang, from_input=password_stdin))
        store.note(person.name, "added", role)
    _told(store, person, lang, as_json=as_json)


@_command("list")
def list_(people: Path | None, data_dir: Path | None, lang: str, *, as_json: bool) -> None:
    """List everybody."""
    with errors_shown(lang):
        found = _store(people, data_dir).people()
    if as_json:
        rows = [{"name": p.name, "role": p.role, "disabled": p.disabled, "since": p.since} for p in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif not found:
        click.echo(word("cli.user.nobody", lang))
    else:
        states = {on: word("cli.user.disabled" if on else "cli.user.enabled", lang) for on in (True, False)}
        click.echo(table([(p.name, p.role, states[p.disabled], p.since) for p in found], indent=""))


@_command("disable")
@click.argument("name")
@click.option("--enable", is_flag=True, help=word("cli.user.enable", "en"))
def disable(name: str, people: Path | None, data_dir: Path | None, lang: str, *, enable: bool, as_json: bool) -> None:
    """Disable somebody, or take that back."""
    with errors_shown(lang):
        store = _store(people, data_dir)
        person = store.change(name, disabled=not enable)
        store.note(person.name, "enabled" if enable else "disabled")
    _told(store, person, lang, as_json=as_json)


@_command("password")
@click.argument("name")
@_stdin
def password(
    name: str, people: Path | None, data_dir: Path | None, lang: str, *, password_stdin: bool, as_json: bool
) -> None:
    """Set a new password."""
    with errors_shown(lang):
        store = _store(people, data_dir)
        known = store.person(name)
        person = store.change(name, digest=_password(known.name, lang, from_input=password_stdin))
        store.note(person.name, "password_set")
    _told(store, person, lang, as_json=as_json)


@_command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def role_(name: str, role: str, people: Path | None, data_dir: Path | None, lang: str, *, as_json: bool) -> None:
    """Change a role."""
    with errors_shown(lang):
        store = _store(people, data_dir)
        person = store.change(name, role=role)
        store.note(person.name, "role", role)
    _told(store, person, lang, as_json=as_json)


@_command("log")
@click.option("--name", default="", help=word("cli.user.who", "en"))
@click.option("-n", "most", type=click.IntRange(1, 1_000_000), default=50, show_default=True,
              help=word("cli.user.most", "en"))  # fmt: skip
def log(name: str, most: int, people: Path | None, data_dir: Path | None, lang: str, *, as_json: bool) -> None:
    """Tell who did what."""
    with errors_shown(lang):
        store = _store(people, data_dir)
        found = store.log(most, store.person(name).name if name else "")
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    elif not found:
        click.echo(word("cli.user.no_log", lang))
    else:
        rows = [
            (str(one.number), one.time, one.who or "–", word(f"admin.log.{one.action}", lang), one.detail, one.address)
            for one in found
        ]
        click.echo(table(rows, indent=""))
