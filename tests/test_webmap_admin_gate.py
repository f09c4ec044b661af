"""What stands before all pages: guessing, closed reading, where signing in leads, what is sent slowly."""

from __future__ import annotations

import io
import re
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from admin_people import ORIGIN, READ, app, app_of, client, mark_of, session_of, sign_in
from argon2 import PasswordHasher
from cases import every
from flask import Flask
from flask.testing import FlaskClient
from processes import HANGS_S
from web_edition import make_edition

from layers.edition.file import write
from webmap.admin import attempts, bodies, passwords
from webmap.admin.access import Access, safe_next
from webmap.admin.gate import address_of
from webmap.admin.routes import ACCESS
from webmap.admin.store import Store
from webmap.app import create_app
from webmap.serving.problems import BusyError, RefusedError

__all__ = ["app", "client"]
pytestmark = pytest.mark.usefixtures("quick_hashes")


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
    for asking in (one, other):
        locked = sign_in(asking, "ＲＥＡＤＥＲ")
        assert locked.status_code == 429
        assert 0 < int(locked.headers["Retry-After"]) <= 60
        assert session_of(asking) == ""
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
    page, plan = client.get("/maps/admin").get_data(as_text=True), make_edition().meta["plan"]
    for name in ("one", "two"):
        href = f'href="/maps/p/{name}/admin/observations"'
        assert re.search(rf"{href}>[^<]*<bdi>{plan['short_title']}</bdi></a> <span class=\"soft\"><bdi>{name}<", page)


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
        client.read = lambda size: (begun.wait(HANGS_S), read(size))[1]  # type: ignore[method-assign]
        with pytest.raises(RefusedError):
            bodies.taken(client, "10", 100, HANGS_S, tmp_path, nothing)

    threads = [threading.Thread(target=take, args=pair) for pair in zip(clients, waiting, strict=True)]
    for thread in threads:
        thread.start()
    for one in waiting:
        one.wait(HANGS_S)
    with pytest.raises(BusyError):
        bodies.taken(io.BytesIO(b"0123456789"), "10", 100, HANGS_S, tmp_path, nothing)
    assert (
        bodies.taken(io.BytesIO(b"0123456789"), "10", 100, HANGS_S, tmp_path, nothing, large=True).read()
        == b"0123456789"
    )
    for one in clients:
        one.gone.set()
    for thread in threads:
        thread.join(HANGS_S)
    assert bodies.taken(io.BytesIO(b"0123456789"), "10", 100, HANGS_S, tmp_path, nothing).read() == b"0123456789"


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
