"""People of a test server, and how a browser signs in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from web_edition import make_edition
from werkzeug.test import TestResponse

from webmap.admin import passwords
from webmap.admin.store import Store
from webmap.app import create_app

PASSWORD = "four unrelated words"  # noqa: S105
ORIGIN = {"Origin": "http://localhost"}
READ = ("/", "/start", "/about", "/list", "/zone/west", "/api/layers", "/api/layers/zones", "/embed/overview", "/ogc",
        "/download/zones.geojson", "/editions", "/nothing")  # fmt: skip
"""What everybody reads."""


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same scheme with little work, so that a hundred sign-ins take a second."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def people(tmp_path: Path, quick_hashes: None) -> Store:
    """A reader, an editor and a publisher."""
    store = Store(tmp_path / "people.sqlite")
    for role in ("reader", "editor", "publisher"):
        store.add(role, role, passwords.hashed(PASSWORD, role))
    return store


def app_of(store: Store, **settings: str) -> Flask:
    return create_app({"PLANMAP_PEOPLE": str(store.path), **settings}, edition=make_edition())


@pytest.fixture
def app(people: Store) -> Flask:
    """A server with a reader, an editor and a publisher."""
    return app_of(people)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who has not signed in."""
    return app.test_client()


def mark_of(answer: TestResponse) -> str:
    found = re.search(r'name="mark" value="([0-9a-f]{64})"', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def sign_in(
    client: FlaskClient, name: str = "publisher", password: str = PASSWORD, root: str = "", next_: str = "", **more: str
) -> TestResponse:
    mark = mark_of(client.get(f"{root}/login"))
    form = {"name": name, "password": password, "mark": mark, "next": next_}
    return client.post(f"{root}/login", data=form, headers={**ORIGIN, **more})


def signed(app: Flask, name: str) -> FlaskClient:
    """Somebody who has signed in."""
    client = app.test_client()
    assert sign_in(client, name).status_code == 303
    return client


def session_of(client: FlaskClient, path: str = "/") -> str:
    cookie = client.get_cookie("planmap_8000", path=path)
    return cookie.value if cookie is not None else ""
