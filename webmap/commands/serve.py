"""``planmap serve``: the map over HTTP, several processes sharing one edition."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import sys
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask
from werkzeug.serving import is_running_from_reloader

from geo.reasons import reason
from webmap.admin.access import Access
from webmap.admin.routes import ACCESS
from webmap.app import begin, close, create_app, warm
from webmap.commands._common import WRONG_USE, errors_shown, lang_option, word
from webmap.serving.errors import WebError
from webmap.serving.server import Server
from webmap.serving.settings import SETTINGS, Settings


class _Help(click.Command):
    """Adds the table of settings to the help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the settings with their defaults."""
        with formatter.section(word("cli.serve.settings", "en")):
            formatter.write_dl([(f"{item.name}={item.default}", item.help("en")) for item in SETTINGS])


@click.command("serve", cls=_Help, help=word("cli.serve.help"), short_help=word("cli.serve.short", "en"))
@click.argument("edition", required=False)
@click.option("--host", help=word("cli.serve.host", "en"))
@click.option("--port", type=click.IntRange(0, 65535), help=word("cli.serve.port", "en"))
@click.option("--ledger", "address", help=word("cli.ledger.address", "en"))
@click.option("--debug", is_flag=True, help=word("cli.serve.debug", "en"))
@click.option("--edit", is_flag=True, help=word("cli.serve.edit", "en"))
@click.option("--plan", "plans", multiple=True, type=click.Path(path_type=Path), help=word("cli.serve.plan", "en"))
@lang_option
def serve(
    edition: str | None, host: str | None, port: int | None, address: str | None, plans: tuple[Path, ...], debug: bool,
    edit: bool, lang: str,
) -> None:  # fmt: skip
    """Read the edition, prepare the common answers, and become the server."""
    with errors_shown(lang):
        try:
            settings = Settings.read({**os.environ, **({"PLANMAP_EDITION": edition} if edition else {})})
            settings = replace(
                settings,
                debug=debug,
                ledger=address or settings.ledger,
                edit=edit,
                plans=plans or settings.plans,
                host=host or settings.host,
                port=settings.port if port is None else port,
            )
            if debug and not _is_loopback(settings.host):
                raise WebError("setting.debug_loopback", host=settings.host)
            _check_editing(settings)
            if not is_running_from_reloader():  # else the parent holds the port for us
                settings = replace(settings, port=_free_port(settings.host, settings.port))
            app = create_app(settings)
            _ = app.extensions[ACCESS].nobody  # what is wrong with the file of people is said now
        except WebError as error:
            click.echo(f"{error.message(lang)}\n→ {error.remedy(lang)}", err=True)
            sys.exit(WRONG_USE)
    at = f"http://{_bracketed(settings.host)}:{settings.port}"
    facts = {"edition": _named(app, settings), "address": at}
    if debug:
        click.echo(word("cli.serve.started", lang, workers=1, **facts))
        _say_who(app, settings, at, lang)
        app.run(settings.host, settings.port, debug=True, use_reloader=True, threaded=True)
        return
    warm(app)
    click.echo(word("cli.serve.started", lang, workers=settings.workers, **facts))
    _say_who(app, settings, at, lang)

    def again() -> Flask:
        made = _warmed(settings)
        _say_who(made, settings, at, lang)
        return made

    Server(app, settings, again, close, begin).run()


def _check_editing(settings: Settings) -> None:
    """Raise `WebError` for ``--edit`` on an address that others reach, and for what is no plan folder."""
    if settings.edit and not _is_loopback(settings.host):
        raise WebError("setting.edit_loopback", host=settings.host)
    for one in settings.plans:
        if not (one / "plan.toml").is_file() and not any(one.glob("*/plan.toml")):
            raise WebError("setting.no_plan_folder", path=str(one))


def _say_who(app: Flask, settings: Settings, address: str, lang: str) -> None:
    """Who may change something: the address that works once, or how to add people."""
    access: Access = app.extensions[ACCESS]
    if settings.edit:
        token = f"{address}{settings.prefix}/login?token={access.mint()}"
        click.echo(word("cli.serve.edit_at", lang, address=token))
    elif access.nobody:
        click.echo(word("cli.serve.closed_nobody" if access.closed else "cli.serve.read_only", lang))
    sys.stdout.flush()


def _named(app: Flask, settings: Settings) -> str:
    """The file that is served, or the folder, or the database, without a password."""
    library = app.extensions["planmap"]
    if settings.database:
        return re.sub(r"//(.*@)?", "//", settings.database).partition("?")[0]
    return str(library.where or next(iter(library.plans.values())).path)


def _warmed(settings: Settings) -> Flask:
    app = create_app(settings)
    warm(app)
    return app


def _is_loopback(host: str) -> bool:
    """Whether every address that the host stands for is of this machine alone."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0; found before the edition is read, so that a taken port is said at once.

    Raises:
        WebError: Nothing can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise WebError("error.port_in_use", host=host, port=port, reason=reason(error)) from None
        return int(probe.getsockname()[1])
