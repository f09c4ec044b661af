"""A plan folder that is worked on in the browser: the tiny plan, its edition, and a server with ``--edit``."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from processes import wait_until

from webmap.admin.routes import ACCESS
from webmap.app import create_app
from webmap.serving.settings import Settings

ORIGIN = {"Origin": "http://localhost"}


def editing(edition: Path, plan: Path, **settings: str) -> Flask:
    """A server for an edition and the folder that it is built from, for whoever sits at this machine."""
    paths = {"PLANMAP_EDITION": edition, "PLANMAP_PLAN": plan, "PLANMAP_CACHE_DIR": edition.parent / "cache"}
    said = Settings.read({**{name: str(path) for name, path in paths.items()}, **settings})
    return create_app(replace(said, edit=True))


@pytest.fixture
def edition(tiny_plan: Path, tiny_edition: Path) -> Path:
    """The edition of the test's own tiny plan."""
    path = tiny_plan.parent.parent / "editions" / f"{tiny_plan.name}.gpkg"
    path.parent.mkdir()
    shutil.copyfile(tiny_edition, path)
    return path


@pytest.fixture
def app(tiny_plan: Path, edition: Path, tmp_path: Path) -> Flask:
    """A server that takes uploads of up to a megabyte."""
    return editing(edition, tiny_plan, PLANMAP_UPLOAD_MB="1", PLANMAP_CACHE_DIR=str(tmp_path / "cache"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Whoever has the token of the terminal."""
    found = app.test_client()
    found.get(f"/login?token={app.extensions[ACCESS].mint()}")
    return found


def mark_of(client: FlaskClient) -> str:
    """The mark that every form carries."""
    found = re.search(r'name="mark" value="([0-9a-f]{64})"', client.get("/admin").get_data(as_text=True))
    assert found is not None
    return found[1]


def state_of(folder: Path) -> dict[str, str]:
    """What stands in a folder, to the byte."""
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*")) if one.is_file()
    }  # fmt: skip


def done(client: FlaskClient, address: str) -> str:
    """The page of an import once nothing works at it any more."""
    assert "/admin/import/" in address, address
    wait_until(lambda: not client.get(address + "/state").get_json()["working"])
    return client.get(address).get_data(as_text=True)


def served(client: FlaskClient) -> str:
    """The edition that readers get."""
    return str(client.get("/api/edition").get_json()["edition"])
