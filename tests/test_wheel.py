"""The wheel holds what the program needs: built here, installed apart from this checkout, and used from there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from layers.build.assemble import build_file

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("geo", "layers", "webmap")
DATA = {".toml", ".html", ".json"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves folders behind, and an old one could hide a missing file."""
    if not any((ROOT / "webmap" / "static" / "dist").glob("*.js")):
        pytest.fail("webmap/static/dist is missing: run `make setup`")
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=ignored)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("planmap-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel alone is installed."""
    target = tmp_path_factory.mktemp("installed")
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--offline", "--quiet", "--python", sys.executable]
    else:
        command = [sys.executable, "-m", "pip", "install", "--no-index", "--quiet"]
    subprocess.run([*command, "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def run_there(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this interpreter with the installed packages first, from a folder that is not the checkout."""
    env = dict(os.environ, PYTHONPATH=str(installed), PYTHONSAFEPATH="1")
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def test_wheel_has_every_module_and_data_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            parts = path.relative_to(ROOT).parts
            if "frontend" in parts or "__pycache__" in parts or not path.is_file():
                continue
            if path.suffix == ".py" or path.suffix in DATA or "static" in parts:
                expected.add(path.relative_to(ROOT).as_posix())
    assert not expected - names
    # one of each sort, so that an empty expectation cannot pass
    for sort in ("geo/crs.py", "layers/folder/load.py", "webmap/app.py", "webmap/commands/__init__.py"):
        assert sort in names
    assert any(name.startswith("webmap/templates/") for name in names)
    assert any(name.startswith("webmap/messages/") for name in names)
    assert any(name.startswith("webmap/static/dist/") and name.endswith(".js") for name in names)


def test_wheel_has_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    (info,) = tops - set(PACKAGES)
    assert info.endswith(".dist-info")
    assert not [name for name in names if "frontend" in name or "node_modules" in name or "test" in name.lower()]


def test_wheel_carries_licence_and_forbids_upload(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    assert any(name.endswith("LICENSE") for name in names)
    (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
    text = archive.read(metadata).decode()
    assert "Classifier: Private :: Do Not Upload" in text
    assert "Requires-Python: >=3.11" in text
    assert "Requires-Dist: folium" in text


def test_installed_packages_are_complete(installed: Path, tmp_path: Path) -> None:
    code = "import geo, layers, webmap, webmap.commands; print(geo.__file__, layers.__file__, webmap.__file__)"
    done = run_there(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert [Path(path).parent.parent for path in done.stdout.split()] == [installed] * 3


def test_installed_program_runs_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = run_there(installed, tmp_path, "-c", "import sys; from webmap.cli import main; main(['--help'])")
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_installed_program_serves_a_page(installed: Path, tmp_path: Path, tiny_plan: Path) -> None:
    edition = tmp_path / "tiny.gpkg"
    build_file(tiny_plan, edition)
    code = """
import re, sys
from webmap.app import create_app
client = create_app({"PLANMAP_EDITION": sys.argv[1]}).test_client()
page = client.get("/")
assert page.status_code == 200, page.status
text = page.get_data(as_text=True)
assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
assert any(".js" in a for a in assets) and any(".css" in a for a in assets), assets
for asset in assets:
    assert client.get(asset).status_code == 200, asset
assert client.get("/start").status_code == 200
assert client.get("/nothing-here").status_code == 404
print("served", len(assets))
"""
    done = run_there(installed, tmp_path, "-c", code, str(edition))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("served")
