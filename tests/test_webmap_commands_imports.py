"""Commands import what they use, and no more: the mechanism that lets them answer at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from webmap.cli import main

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("brotli", "flask", "folium", "geopandas", "granian", "jinja2", "numpy", "pandas", "pyogrio", "pypinyin",
         "pyproj", "rasterio", "shapely", "sklearn", "werkzeug", "xyzservices")  # fmt: skip
"""Packages that cost more than a twentieth of a second."""
MEASURING = {"numpy", "pyproj", "shapely"}
"""What evaluating recipes takes; tables, pictures and the web are not among it."""


METADATA = "importlib.metadata"
"""Asking the installed package for its version takes as long as click itself."""


def imported(*arguments: str) -> tuple[set[str], subprocess.CompletedProcess[str]]:
    """The heavy packages that a command has imported when it ends, and what it said."""
    heavy = [*HEAVY, METADATA] if arguments[0].startswith("--") else HEAVY
    program = (
        "import atexit, json, sys\n"
        f"heavy = {heavy!r}\n"
        "atexit.register(lambda: sys.stderr.write(json.dumps([name for name in heavy if name in sys.modules])))\n"
        "from webmap.cli import main\n"
        f"main({list(arguments)!r}, prog_name='planmap')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300,
        check=False,
    )  # fmt: skip
    return set(json.loads(done.stderr.splitlines()[-1])), done


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_library(option: str) -> None:
    found, done = imported(option)
    assert done.returncode == 0
    assert "planmap" in done.stdout
    assert found == set()


def test_help_lists_every_command_with_its_own_words() -> None:
    _, done = imported("--help")
    context = main.make_context("planmap", [], resilient_parsing=True)
    names = main.list_commands(context)
    assert {"build", "check", "export", "indicators", "serve"} <= set(names)
    lines = {line.split()[0]: line for line in done.stdout.partition("Commands:")[2].splitlines() if line.strip()}
    for name in names:
        command = main.get_command(context, name)
        assert command is not None
        assert command.short_help
        assert command.short_help.split()[0] in lines[name]


def test_check_imports_what_measuring_takes(tiny_plan: Path) -> None:
    found, done = imported("check", str(tiny_plan))
    assert done.returncode == 0, done.stdout
    assert found <= MEASURING


@pytest.mark.parametrize("command", ["build", "export", "indicators", "check"])
def test_commands_without_a_server_import_no_web(command: str) -> None:
    found, done = imported(command, "--help")
    assert done.returncode == 0
    assert not found & {"brotli", "flask", "folium", "granian", "jinja2", "pypinyin", "werkzeug"}


def test_a_process_that_draws_spells_no_name() -> None:
    program = 'import sys, webmap.figures.drawer; sys.exit(f\'{sorted({"flask", "pypinyin"} & set(sys.modules))}\')'
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
