"""``planmap``: one command a module of ``webmap.commands``, imported only when it is used."""

from __future__ import annotations

import importlib
import pkgutil

import click

from webmap import commands


class _Commands(click.Group):
    """The modules of ``webmap.commands``: module ``build`` holds the command ``build``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """Names of the commands, sorted."""
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__) if module.name[0] != "_")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = getattr(importlib.import_module(f"{commands.__name__}.{cmd_name}"), cmd_name)
        return found if isinstance(found, click.Command) else None


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: planmap build data/plans/PLAN && planmap serve",
)
@click.version_option(package_name="planmap")
def main() -> None:
    """Five-Year Plans as vector layers, interactive maps and QGIS files, every feature with its clause."""
