"""``planmap``: one command a module of ``webmap.commands``, imported only when it is used.

``--help`` and ``--version`` answer in the time that click itself takes: nothing is imported here that they do not need.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import keyword
from pathlib import Path

import click

from geo.release import VERSION
from webmap import commands

atexit.register(gc.freeze)
"""What modules hold stays to the end: to search it for cycles while they load and when the process ends takes as long
as a tenth of a build."""
_TEXTS = Path(__file__).parent / "messages" / "commands.toml"


class _Commands(click.Group):
    """The modules of ``webmap.commands``: ``build`` holds the command ``build``, ``import_`` the command ``import``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """Names of the commands, sorted."""
        return sorted(path.stem.rstrip("_") for folder in commands.__path__ for path in Path(folder).glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        collecting = gc.isenabled()
        gc.disable()
        try:
            found = getattr(importlib.import_module(f"{commands.__name__}.{module}"), module)
        finally:
            if collecting:
                gc.freeze()
                gc.enable()
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from one catalogue alone: importing every command would take twenty times as long."""
        from geo.messages import Catalogue  # noqa: PLC0415 - only the help needs texts

        catalogue = Catalogue(_TEXTS)
        with formatter.section("Commands"):
            formatter.write_dl([(name, catalogue.text(f"cli.{name}.short", "en")) for name in self.list_commands(ctx)])


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: planmap build data/plans/PLAN && planmap serve",
)
@click.version_option(VERSION)
def main() -> None:
    """Five-Year Plans as vector layers, interactive maps and QGIS files, every feature with its clause."""
