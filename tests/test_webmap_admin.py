"""People who sign in: rights, sessions, and every way to get past them."""

from __future__ import annotations

import re
import sqlite3
import stat
from pathlib import Path

import pytest
from admin_people import ORIGIN, PASSWORD, READ, app, app_of, client, mark_of, session_of, sign_in
from cases import every
from flask import Flask
from flask.testing import FlaskClient
from web_edition import make_edition

from webmap.admin import passwords
from webmap.admin.access import Access
from webmap.admin.routes import ACCESS
from webmap.admin.store import Store
from webmap.app import create_app
from webmap.serving.errors import WebError
from webmap.serving.origin import same_origin

__all__ = ["app", "client"]
pytestmark = pytest.mark.usefixtures("quick_hashes")


# ---- nobody, and everybody


def test_without_people_the_server_is_read_only_and_says_how_to_add_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "none.sqlite")
    client = app_of(store).test_client()
    for lang, words in (("zh", "只读"), ("en", "read-only")):
        page = client.get(f"/login?lang={lang}").get_data(as_text=True)
        assert words in page
        assert "planmap user add" in page
        assert 'type="password"' not in page
    assert client.get("/admin").status_code == 303
    assert client.get("/list").status_code == 200
    assert not store.exists, "asking makes no file"


@every(("name", "status", "words"), [("reader", 200, "读者"), ("editor", 200, "编辑"), ("publisher", 200, "发布者")])
def test_each_role_signs_in_and_reads_what_it_may(client: FlaskClient, name: str, status: int, words: str) -> None:
    assert sign_in(client, name).status_code == 303
    page = client.get("/admin")
    assert page.status_code == status
    assert words in page.get_data(as_text=True)


@every("name", ["reader", "editor"])
def test_those_who_may_not_import_are_told_so(client: FlaskClient, name: str) -> None:
    sign_in(client, name)
    refused = client.get("/admin/import")
    assert refused.status_code == 403
    assert "没有这个权限" in refused.get_data(as_text=True)


def test_a_role_that_is_taken_away_counts_at_once(client: FlaskClient, people: Store) -> None:
    sign_in(client)
    people.change("publisher", role="reader")
    assert client.get("/admin/import").status_code == 403
    people.change("publisher", disabled=True)
    assert client.get("/admin").status_code == 303
    assert sign_in(client).status_code == 403
    people.change("publisher", disabled=False)
    assert client.get("/admin").status_code == 303, "the old session stays ended"
    assert sign_in(client).status_code == 303


# ---- what is kept, and what is sent


def test_the_file_is_the_owners_alone_and_holds_no_password_and_no_token(client: FlaskClient, people: Store) -> None:
    sign_in(client)
    assert stat.S_IMODE(people.path.stat().st_mode) == 0o600
    raw = people.path.read_bytes()
    assert PASSWORD.encode() not in raw
    assert session_of(client).encode() not in raw
    assert b"$argon2id$" in raw


def test_a_file_that_others_can_read_is_refused(people: Store) -> None:
    people.path.chmod(0o640)
    with pytest.raises(WebError) as caught:
        Store(people.path).people()
    assert caught.value.key == "people.not_private"
    assert app_of(people).test_client().get("/list").status_code == 200, "reading goes on"


def test_nothing_is_put_into_another_programs_file(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (x)")
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(WebError) as caught:
        Store(path).add("wang", "reader", "x")
    assert caught.value.key == "people.damaged"
    assert path.read_bytes() == before


@every("content", [b"no database at all, and long enough to be one" * 40, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_file_is_said_and_harms_no_reading(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.sqlite"
    path.write_bytes(content)
    path.chmod(0o600)
    client = app_of(Store(path)).test_client()
    assert client.get("/login").status_code == 500
    assert client.get("/list").status_code == 200
    assert path.read_bytes() == content


def test_cookies_are_for_this_server_and_out_of_reach_of_scripts(client: FlaskClient) -> None:
    plain = sign_in(client).headers.getlist("Set-Cookie")
    assert any(re.fullmatch(r"planmap_8000=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", one) for one in plain)
    secure = sign_in(client, **{"X-Forwarded-Proto": "https"}).headers.getlist("Set-Cookie")
    assert any(one.startswith("planmap_8000=") and "; Secure; " in one for one in secure)


def test_pages_for_one_person_are_kept_nowhere_and_shown_in_no_frame(client: FlaskClient) -> None:
    sign_in(client)
    for path in ("/login", "/admin", "/admin/import", "/admin/nothing"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Vary"] == "Cookie"


def test_what_everybody_reads_is_the_same_for_those_who_are_signed_in(app: Flask) -> None:
    """Nothing personal in a body that is kept: asked first by somebody who is signed in, then by nobody."""
    one, nobody = app.test_client(), app.test_client()
    sign_in(one)
    mark = mark_of(one.get("/admin"))
    for path in READ:
        mine, theirs = one.get(path), nobody.get(path)
        assert mine.status_code == theirs.status_code
        assert mine.get_data() == theirs.get_data(), path
        assert mine.headers.get("ETag") == theirs.headers.get("ETag")
        assert "Set-Cookie" not in mine.headers
        for secret in (mark, session_of(one)):
            assert secret not in mine.get_data(as_text=True)


# ---- forms from elsewhere


def test_a_form_without_its_mark_or_with_anothers_is_not_done(app: Flask, people: Store) -> None:
    client, other = app.test_client(), app.test_client()
    sign_in(client)
    sign_in(other, "editor")
    for mark in ("", "0" * 64, mark_of(other.get("/admin")), "\ud800", mark_of(client.get("/admin"))[:-1]):
        refused = client.post("/logout", data={"mark": mark.encode("utf-8", "surrogatepass")}, headers=ORIGIN)
        assert refused.status_code == 403
    assert client.get("/admin").status_code == 200
    assert client.post("/logout", data={"mark": mark_of(client.get("/admin"))}, headers=ORIGIN).status_code == 303
    assert client.get("/admin").status_code == 303
    assert [one.action for one in people.log(9, "publisher")] == ["signed_out", "signed_in"]


def test_a_mark_of_a_guest_needs_the_guests_cookie(app: Flask) -> None:
    mark = mark_of(app.test_client().get("/login"))
    form = {"name": "publisher", "password": PASSWORD, "mark": mark}
    stranger = app.test_client()
    assert stranger.post("/login", data=form, headers=ORIGIN).status_code == 403
    assert session_of(stranger) == ""


@every(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost@evil.example"},
        {"Origin": "file://"},
        {"Referer": "http://evil.example/http://localhost/"},
        {},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_that_another_site_sends_is_not_done(client: FlaskClient, headers: dict[str, str]) -> None:
    mark = mark_of(client.get("/login"))
    form = {"name": "publisher", "password": PASSWORD, "mark": mark}
    assert client.post("/login", data=form, headers=headers).status_code == 403
    assert session_of(client) == ""


def test_behind_a_proxy_the_stated_origin_counts_and_not_the_host() -> None:
    assert same_origin({"Origin": "https://plan.example", "Host": "127.0.0.1:8000"}, "https://plan.example")
    assert not same_origin({"Origin": "http://plan.example", "Host": "plan.example"}, "https://plan.example")
    assert same_origin({"Referer": "https://plan.example/login?x=1", "Host": "plan.example"}, "")


def test_posts_elsewhere_are_refused_as_before(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post("/list", headers=ORIGIN).status_code == 405
    assert client.put("/admin", headers=ORIGIN).status_code == 405


# ---- sessions


def test_signing_in_gives_a_token_that_no_page_could_have_planted(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("planmap_8000", "planted")
    sign_in(client)
    first = session_of(client)
    assert first not in ("", "planted")
    sign_in(client)
    second = session_of(client)
    assert second != first
    old = app.test_client()
    old.set_cookie("planmap_8000", first)
    assert old.get("/admin").status_code == 303, "the session before ended"


def test_a_token_that_was_signed_out_is_worth_nothing(app: Flask) -> None:
    client, thief = app.test_client(), app.test_client()
    sign_in(client)
    thief.set_cookie("planmap_8000", session_of(client))
    assert thief.get("/admin").status_code == 200
    client.post("/logout", data={"mark": mark_of(client.get("/admin"))}, headers=ORIGIN)
    assert thief.get("/admin").status_code == 303


@every("token", ["", "x", "x" * 5000, "\u00e9", "' OR 1=1 --", "a\x00b"])
def test_any_other_token_is_nobody(app: Flask, token: str) -> None:
    assert app.extensions[ACCESS].who(token) is None


def test_sessions_end_by_themselves(app: Flask, people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    access: Access = app.extensions[ACCESS]
    who, _ = access.by_password("editor", PASSWORD, "192.0.2.1")
    assert who is not None
    begun = time.time()
    monkeypatch.setattr(time, "time", lambda: begun + 11.9 * 3600)
    assert access.who(who.token) is not None  # used, so it goes on
    monkeypatch.setattr(time, "time", lambda: begun + 23.8 * 3600)
    assert access.who(who.token) is not None
    monkeypatch.setattr(time, "time", lambda: begun + 36 * 3600)
    assert access.who(who.token) is None


def test_a_new_password_ends_every_other_session(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    sign_in(client)
    sign_in(other)
    mark = mark_of(client.get("/admin"))
    new = "another few words"
    form = {"mark": mark, "old": PASSWORD, "new": new, "again": new}
    assert client.post("/admin/password", data={**form, "again": "x"}, headers=ORIGIN).status_code == 400
    assert client.post("/admin/password", data={**form, "old": "x"}, headers=ORIGIN).status_code == 403
    weak = client.post("/admin/password", data={**form, "new": "publisher", "again": "publisher"}, headers=ORIGIN)
    assert weak.status_code == 400
    assert client.post("/admin/password", data=form, headers=ORIGIN).status_code == 303
    assert client.get("/admin").status_code == 200
    assert other.get("/admin").status_code == 303
    assert sign_in(other).status_code == 403
    assert sign_in(other, password=new).status_code == 303


# ---- the log, and the machine's own user


def test_the_log_is_only_added_to(people: Store) -> None:
    people.note("wang", "accepted", "a.shp", "192.0.2.1")
    with people.writing() as database, pytest.raises(sqlite3.DatabaseError):
        database.execute("UPDATE log SET who = 'li'")
    with people.writing() as database, pytest.raises(sqlite3.DatabaseError):
        database.execute("DELETE FROM log")
    assert [(one.number, one.who, one.action, one.detail) for one in people.log(5)] == [
        (1, "wang", "accepted", "a.shp")
    ]


@pytest.fixture
def editing(tmp_path: Path) -> Flask:
    from dataclasses import replace

    from webmap.serving.settings import Settings

    settings = Settings.read({"PLANMAP_PEOPLE": str(tmp_path / "none.sqlite")})
    return create_app(replace(settings, edit=True), edition=make_edition())


def test_the_token_of_edit_works_once_and_its_rights_end_with_the_server(editing: Flask, tmp_path: Path) -> None:
    access: Access = editing.extensions[ACCESS]
    token = access.mint()
    client, second = editing.test_client(), editing.test_client()
    assert client.get("/login?token=wrong").status_code == 403
    assert client.head(f"/login?token={token}").status_code == 403, "a look does not use it up"
    answer = client.get(f"/login?token={token}")
    assert answer.status_code == 303
    assert token not in answer.headers["Location"]
    assert client.get("/admin").status_code == 200
    assert second.get(f"/login?token={token}").status_code == 403
    assert second.get("/admin").status_code == 303
    # Another server, or the same one started again, knows nothing of it.
    again = create_app({"PLANMAP_PEOPLE": str(tmp_path / "none.sqlite")}, edition=make_edition()).test_client()
    again.set_cookie("planmap_8000", session_of(client))
    assert again.get("/admin").status_code == 303


@every(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.5:8000", "localhost.evil.example", ""],
)
def test_edit_is_reached_by_names_of_this_machine_only(editing: Flask, host: str) -> None:
    """A name server that answers with 127.0.0.1 makes a stranger's page this one's neighbour."""
    access: Access = editing.extensions[ACCESS]
    token = access.mint()
    client = editing.test_client()
    assert client.get(f"/login?token={token}", headers={"Host": host}).status_code == 403
    assert client.get(f"/login?token={token}").status_code == 303


def test_without_edit_there_is_no_token(client: FlaskClient) -> None:
    assert client.get("/login?token=x").status_code == 403


def test_a_connection_is_of_one_process_and_one_file(people: Store, tmp_path: Path) -> None:
    """What was restored from a backup counts at once, as ``mv`` puts it in place."""
    other = Store(tmp_path / "other.sqlite")
    other.add("li", "reader", passwords.hashed(PASSWORD, "li"))
    assert [one.name for one in people.people()] == ["editor", "publisher", "reader"]
    other.path.replace(people.path)
    assert [one.name for one in people.people()] == ["li"]
