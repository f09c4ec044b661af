"""People who sign in: rights, sessions, and every way to get past them."""

from __future__ import annotations

import io
import re
import sqlite3
import stat
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from cases import every
from flask import Flask
from flask.testing import FlaskClient
from web_edition import make_edition
from werkzeug.test import TestResponse

from layers.edition.file import write
from webmap.admin import attempts, bodies, passwords
from webmap.admin.access import Access, safe_next, same_origin
from webmap.admin.gate import address_of
from webmap.admin.routes import ACCESS
from webmap.admin.store import Store
from webmap.app import create_app
from webmap.serving.errors import WebError
from webmap.serving.problems import BusyError, RefusedError

PASSWORD = "four unrelated words"  # noqa: S105
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same scheme with little work, so that a hundred sign-ins take a second."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def people(tmp_path: Path) -> Store:
    """A reader, an editor and a publisher."""
    store = Store(tmp_path / "people.sqlite")
    for role in ("reader", "editor", "publisher"):
        store.add(role, role, passwords.hashed(PASSWORD, role))
    return store


def app_of(store: Store, **settings: str) -> Flask:
    return create_app({"PLANMAP_PEOPLE": str(store.path), **settings}, edition=make_edition())


@pytest.fixture
def app(people: Store) -> Flask:
    return app_of(people)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
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


def session_of(client: FlaskClient, path: str = "/") -> str:
    cookie = client.get_cookie("planmap_8000", path=path)
    return cookie.value if cookie is not None else ""


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


READ = ("/", "/start", "/about", "/list", "/zone/west", "/api/layers", "/api/layers/zones", "/embed/overview", "/ogc",
        "/download/zones.geojson", "/editions", "/nothing")  # fmt: skip


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


# ---- guessing


def test_unknown_and_known_names_take_the_same_work_and_get_the_same_answer(
    client: FlaskClient, people: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    verified = passwords.verified

    def spy(digest: str | None, password: str) -> bool:
        done.append(digest or passwords.NOBODY)
        return verified(digest, password)

    monkeypatch.setattr(passwords, "verified", spy)
    people.change("editor", disabled=True)
    pages = []
    for name in ("reader", "editor", "nobody"):
        answer = sign_in(client, name, "wrong")
        assert answer.status_code == 403
        pages.append(re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)))
    assert len(done) == 3
    assert len(set(pages)) == 1


def test_the_hash_for_nobody_is_of_the_same_work_as_any_other() -> None:
    usual = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
    assert not usual.check_needs_rehash(passwords.NOBODY)


def test_hashes_of_older_parameters_are_renewed(app: Flask, people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    old = people.person("reader").hash
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert sign_in(app.test_client(), "reader").status_code == 303
    new = people.person("reader").hash
    assert ",t=1," in old
    assert ",t=2," in new


def test_a_name_has_to_wait_after_failures_also_in_other_workers(people: Store) -> None:
    one, other = app_of(people).test_client(), app_of(people).test_client()
    for number in range(5):
        assert sign_in(one if number % 2 else other, "reader", "wrong").status_code == 403
    for client in (one, other):
        locked = sign_in(client, "ＲＥＡＤＥＲ")
        assert locked.status_code == 429
        assert 0 < int(locked.headers["Retry-After"]) <= 60
        assert session_of(client) == ""
    assert sign_in(one, "editor").status_code == 303, "others are not held up"
    assert people.log(9, "reader")[0].action == "locked"


def test_waits_double_up_to_a_limit_and_failures_are_forgotten(people: Store) -> None:
    keys, now, waits = attempts.keys_of("reader", "192.0.2.1"), 1000.0, []
    for _ in range(12):
        wait, _ = attempts.begin(people, keys, now)
        if wait:
            waits.append(round(wait))
            now += wait
            attempts.begin(people, keys, now)
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    assert attempts.begin(people, keys, now + 3601 + 900)[0] == 0.0


def test_an_address_has_to_wait_after_failures_with_many_names(people: Store) -> None:
    for number in range(20):
        assert attempts.begin(people, attempts.keys_of(f"name{number}", "192.0.2.1"), 5.0)[0] == 0.0
    assert attempts.begin(people, attempts.keys_of("another", "192.0.2.1"), 6.0)[0] > 0
    assert attempts.begin(people, attempts.keys_of("another", "192.0.2.2"), 6.0)[0] == 0.0


def test_an_ipv6_network_is_one_address() -> None:
    one, same, other = (attempts.keys_of("x", f"2001:db8:0:{net}::{host}") for net, host in ((1, 1), (1, 2), (2, 1)))
    assert one == same != other
    assert attempts.keys_of("x", "::ffff:192.0.2.1") == attempts.keys_of("x", "192.0.2.1")


def test_many_attempts_at_once_are_no_more_than_many_in_a_row(people: Store) -> None:
    looked: list[float] = []

    def attempt() -> None:
        looked.append(attempts.begin(people, attempts.keys_of("reader", "192.0.2.1"), 1.0)[0])

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(wait == 0 for wait in looked) == 5


def test_what_is_remembered_of_failures_is_bounded(people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST_KEPT", 50)
    for number in range(100):
        attempts.begin(people, attempts.keys_of(f"n{number}", f"198.51.100.{number}"), float(number))
    assert people.rows("SELECT count(*) FROM attempt") == [(50,)]


@every(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(proxies: int, forwarded: str, found: str) -> None:
    scope = {"REMOTE_ADDR": "127.0.0.1:5000", "HTTP_X_FORWARDED_FOR": forwarded}
    assert address_of(scope, proxies) == found


# ---- where it goes afterwards


@every(
    "given",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/ /evil.example", "evil.example", "",
        "/%0d%0aSet-Cookie:x=1\r\nx: y", "/..//evil.example/../", "/a\x00b", "http:/evil.example", "/x\\y",
    ],
    ids=repr,
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(client: FlaskClient, given: str) -> None:
    answer = sign_in(client, next_=given)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin"


@every("given", ["/list?q=%E9%95%BF&lang=en", "/p/x/admin/import", "/zone/西片"])
def test_signing_in_leads_back_to_where_one_was(client: FlaskClient, given: str) -> None:
    location = sign_in(client, next_=given).headers["Location"]
    assert location.isascii()
    assert urlsplit(location).netloc == ""
    assert client.get(location).status_code in (200, 403, 404)


def test_below_a_prefix_one_stays_there() -> None:
    assert safe_next("/list", "/maps") == "/maps/admin"
    assert safe_next("/mapsevil/list", "/maps") == "/maps/admin"
    assert safe_next("/maps/../list", "/maps") == "/maps/admin"
    assert safe_next("/maps/list", "/maps") == "/maps/list"


def test_no_answer_speaks_of_the_host_that_was_asked(client: FlaskClient) -> None:
    for path in ("/login", "/admin", "/login?token=x"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", "")
        assert 'href="http' not in answer.get_data(as_text=True)


# ---- closed reading

CLOSED = {"PLANMAP_READING": "closed"}


def test_closed_reading_needs_a_session_but_for_health_signing_in_and_the_bundle(people: Store) -> None:
    app = app_of(people, **CLOSED)
    nobody, reader = app.test_client(), app.test_client()
    sign_in(reader, "reader")
    for path in READ:
        answer = nobody.get(path)
        program = path.startswith(("/api", "/ogc", "/download"))
        assert answer.status_code == (401 if program else 303), path
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Planmap-Edition" not in answer.headers
        if not program:
            assert answer.headers["Location"].startswith("/login?next=%2F")
        mine = reader.get(path)
        assert mine.status_code == (404 if path == "/nothing" else 200)
        assert mine.headers["Cache-Control"].startswith("private"), path
        assert "public" not in mine.headers["Cache-Control"]
        assert "Cookie" in mine.headers["Vary"]
    assert nobody.get("/healthz").status_code == 200
    assert nobody.get("/login").status_code == 200
    assert nobody.get("/static/dist/nothing.js").status_code == 404


def test_closed_reading_is_closed_for_what_was_answered_a_moment_ago(people: Store) -> None:
    app = app_of(people, **CLOSED)
    reader, nobody = app.test_client(), app.test_client()
    sign_in(reader, "reader")
    for path in ("/ogc/collections", "/ogc/collections/zones/items?limit=1", "/api/layers"):
        assert reader.get(path).status_code == 200
        tag = reader.get(path).headers["ETag"]
        assert nobody.get(path).status_code == 401
        assert nobody.get(path, headers={"If-None-Match": tag}).status_code == 401


@every("path", ["//", "/login/../list", "/admin/../list", "/healthz/", "/static/../list", "/LOGIN", "/e/abababab/login",
                "/healthz%2f..%2flist", "/;/login"])  # fmt: skip
def test_closed_reading_has_no_way_round(people: Store, path: str) -> None:
    client = app_of(people, **CLOSED).test_client()
    answer = client.get(path)
    assert answer.status_code in (303, 401, 404)
    assert "长山" not in answer.get_data(as_text=True)


# ---- on a shelf, and under a prefix


@pytest.fixture
def shelf(tmp_path: Path, people: Store) -> Flask:
    folder = tmp_path / "editions"
    folder.mkdir()
    for name in ("one", "two"):
        write(make_edition(), folder / f"{name}.gpkg")
    return create_app(
        {"PLANMAP_EDITION": str(folder), "PLANMAP_PEOPLE": str(people.path), "PLANMAP_PREFIX": "/maps",
         "PLANMAP_CACHE_DIR": str(tmp_path / "cache"), **CLOSED}
    )  # fmt: skip


def test_one_session_is_for_all_plans_of_a_shelf_under_its_prefix(shelf: Flask) -> None:
    client = shelf.test_client()
    for path in ("/maps/", "/maps/p/one/list", "/maps/p/none/list"):
        assert client.get(path).headers["Location"].startswith("/maps/login?next=%2Fmaps%2F")
    answer = sign_in(client, root="/maps", next_="/maps/p/two/list")
    assert answer.headers["Location"] == "/maps/p/two/list"
    assert "Path=/maps;" in next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("planmap_8000="))
    for path in ("/maps/", "/maps/p/one/list", "/maps/p/two/list", "/maps/admin", "/maps/p/one/admin"):
        assert client.get(path).status_code == 200, path
    assert client.get("/maps/p/none/list").status_code == 404


def test_a_closed_shelf_tells_nobody_which_plans_it_has(shelf: Flask) -> None:
    client = shelf.test_client()
    pages = []
    for plan in ("one", "none"):
        login = client.get(f"/maps/p/{plan}/login")
        refused = client.post(f"/maps/p/{plan}/login", headers={"Origin": "http://evil.example"})
        assert (login.status_code, refused.status_code) == (200, 403)
        pages.append([re.sub(r'value="[^"]*"|/p/\w+', "", one.get_data(as_text=True)) for one in (login, refused)])
        assert client.get(f"/maps/p/{plan}/api/layers").status_code == 401
    assert pages[0] == pages[1]
    assert "试验规划" not in "".join(pages[0])


def test_people_are_beside_the_editions(tmp_path: Path) -> None:
    write(make_edition(), tmp_path / "plan.gpkg")
    app = create_app({"PLANMAP_EDITION": str(tmp_path / "plan.gpkg"), "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})
    access: Access = app.extensions[ACCESS]
    assert access.people.path == tmp_path / ".planmap-people.sqlite"


# ---- what is sent slowly, or too much of it


class Slow:
    """A client that says nothing until it is cut off."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    def read(self, _size: int) -> bytes:
        self.gone.wait()
        return b""


def nothing() -> None:
    """Nobody is cut off."""


def test_a_client_that_sends_nothing_is_cut_off(tmp_path: Path) -> None:
    client = Slow()
    with pytest.raises(RefusedError) as caught:
        bodies.taken(client, "10", 100, 0.0, tmp_path, client.gone.set)
    assert caught.value.key == "admin.cut_short"


def test_few_threads_wait_for_what_is_sent(tmp_path: Path) -> None:
    clients = [Slow() for _ in range(bodies.FORMS)]
    waiting = [threading.Barrier(2) for _ in clients]

    def take(client: Slow, begun: threading.Barrier) -> None:
        read = client.read
        client.read = lambda size: (begun.wait(60), read(size))[1]  # type: ignore[method-assign]
        with pytest.raises(RefusedError):
            bodies.taken(client, "10", 100, 60, tmp_path, nothing)

    threads = [threading.Thread(target=take, args=pair) for pair in zip(clients, waiting, strict=True)]
    for thread in threads:
        thread.start()
    for one in waiting:
        one.wait(60)
    with pytest.raises(BusyError):
        bodies.taken(io.BytesIO(b"0123456789"), "10", 100, 60, tmp_path, nothing)
    assert bodies.taken(io.BytesIO(b"0123456789"), "10", 100, 60, tmp_path, nothing, large=True).read() == b"0123456789"
    for client in clients:
        client.gone.set()
    for thread in threads:
        thread.join(60)
    assert bodies.taken(io.BytesIO(b"0123456789"), "10", 100, 60, tmp_path, nothing).read() == b"0123456789"


@every(("length", "key"), [("", "admin.no_length"), ("-1", "admin.no_length"), ("１", "admin.no_length"),
                           ("101", "admin.too_large"), ("11", "admin.cut_short")])  # fmt: skip
def test_a_body_that_is_not_what_it_says_is_refused(tmp_path: Path, length: str, key: str) -> None:
    with pytest.raises(RefusedError) as caught:
        bodies.taken(io.BytesIO(b"0123456789"), length, 100, 60, tmp_path, nothing)
    assert caught.value.key == key


def test_a_form_may_not_be_large(client: FlaskClient) -> None:
    mark = mark_of(client.get("/login"))
    form = {"name": "publisher", "password": "x" * 20_000, "mark": mark}
    assert client.post("/login", data=form, headers=ORIGIN).status_code == 403


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
