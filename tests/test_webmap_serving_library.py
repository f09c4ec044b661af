"""A new edition is taken over without a restart, each answer is of one edition, and earlier ones stay reachable."""

import hashlib
import itertools
import os
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from processes import wait_until
from web_edition import make_edition

import layers.edition.store
import webmap.app
from layers.edition import large
from layers.edition.file import Edition, write
from layers.edition.kept import kept, publish
from webmap.app import create_app

KEEP = 4


def edition(number: int) -> Edition:
    """An edition whose every part tells its number: names, an indicator's value, its hash."""
    made = make_edition()
    zones = made.layers["zones"]
    zones["name"] = f"第{number}版"
    made.observations["value"] = float(number)
    return make_edition(meta={**made.meta, "hash": digits(number)}, layers=made.layers, observations=made.observations)


def digits(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "editions" / "test-plan.gpkg"
    publish(edition(0), path, KEEP)
    return path


def app_of(path: Path, **settings: str) -> Any:
    return create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(path.parent.parent / "c"), **settings})


def served(client: FlaskClient) -> str:
    return client.get("/healthz").get_json()["edition"]


def test_a_new_edition_is_taken_over_without_a_restart(path: Path) -> None:
    client = app_of(path).test_client()
    before = client.get("/api/layers/zones")
    assert "第0版" in before.get_data(as_text=True)
    publish(edition(1), path, KEEP)
    wait_until(lambda: served(client) == digits(1), "the new edition")
    after = client.get("/api/layers/zones", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "第1版" in after.get_data(as_text=True)
    assert after.headers["Planmap-Edition"] == digits(1)
    assert client.get("/healthz").get_json() == {"status": "ok", "edition": digits(1)}
    assert client.get("/download/all.gpkg").data == path.read_bytes()
    assert "第1版" in client.get("/download/zones.csv").get_data(as_text=True), "a file prepared from the old one"


def test_replaced_twice_between_two_looks(path: Path) -> None:
    """The second file may get the number (inode) of the first, which is free again."""
    client = app_of(path).test_client()
    for number in range(1, 5):
        publish(edition(number), path, 0)
    wait_until(lambda: served(client) == digits(4), "the newest edition")


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 200])
def test_what_cannot_be_opened_changes_nothing_and_is_told(path: Path, tmp_path: Path, content: bytes) -> None:
    client = app_of(path).test_client()
    wrong = tmp_path / "wrong.gpkg"
    wrong.write_bytes(content)
    wrong.replace(path)
    wait_until(lambda: "打不开" in client.get("/healthz").get_json().get("reason", ""), "the reason")
    found = client.get("/healthz?lang=en").get_json()
    assert (found["status"], found["file"], found["edition"]) == ("outdated", "replaced", digits(0))
    assert "第0版" in client.get("/api/layers/zones").get_data(as_text=True)
    assert client.get("/api/edition").get_json()["latest"] == digits(0), "nobody is sent to what cannot be opened"
    publish(edition(2), path, KEEP)
    wait_until(lambda: served(client) == digits(2), "the next good one")


def test_a_page_asks_for_data_of_its_own_edition(path: Path) -> None:
    client = app_of(path).test_client()
    page = client.get("/?lang=en").get_data(as_text=True)
    (zones,) = map(unescape, set(re.findall(r'data-ahead="([^"]*/api/features\?layers=[^"]*)"', page)))
    publish(edition(1), path, KEEP)
    wait_until(lambda: served(client) == digits(1), "the new edition")
    answer = client.get(zones)
    assert answer.headers["Planmap-Edition"] == digits(0)
    assert "第0版" in answer.get_data(as_text=True)


def test_editions_have_addresses_for_good(path: Path) -> None:
    for number in (1, 2):
        publish(edition(number), path, KEEP)
    client = app_of(path).test_client()
    for number in range(3):
        for named in (digits(number)[:8], digits(number)[:12], digits(number)):
            answer = client.get(f"/e/{named}/list")
            text = answer.get_data(as_text=True)
            assert (answer.status_code, answer.headers["Planmap-Edition"]) == (200, digits(number))
            assert f"第{number}版" in text
            assert f'href="/e/{digits(number)[:12]}/chapter"' in text, "a link leaves the edition"
            assert re.search(r'href="/static/dist/pages[^"]*css"', text), "a bundle for each edition"
    gone = client.get("/e/0123456789ab/api/layers?lang=en")
    assert gone.status_code == 404
    assert digits(1)[:12] in gone.get_json()["choices"]
    page = client.get("/e/0123456789ab/")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    for wrong in ("/e/x/", "/e/ABCDEF0123/", "/e/abcdef/", "/e//", "/e/" + "a" * 65 + "/"):
        assert client.get(wrong).status_code == 404
    mounted = app_of(path, PLANMAP_PREFIX="/maps").test_client().get(f"/maps/e/{digits(1)[:12]}/list")
    assert f'href="/maps/e/{digits(1)[:12]}/chapter"' in mounted.get_data(as_text=True)


def test_a_newer_edition_is_told_to_pages_that_are_open(path: Path) -> None:
    client = app_of(path).test_client()
    client.get("/")
    publish(edition(1), path, KEEP)
    old = f"/e/{digits(0)[:12]}"
    told = client.get(f"{old}/api/edition").get_json()
    assert told == {"edition": digits(0), "latest": digits(1), "url": f"/e/{digits(1)[:12]}"}
    assert client.get(told["url"] + "/").headers["Planmap-Edition"] == digits(1)


def test_only_so_many_editions_are_kept_and_open(path: Path) -> None:
    for number in range(1, 7):
        publish(edition(number), path, KEEP)
    assert [one.hash for one in kept(path)] == [digits(number) for number in (6, 5, 4, 3)]
    app = app_of(path, PLANMAP_OPEN_EDITIONS="2")
    client = app.test_client()
    for number in (3, 4, 5, 6, 3):
        assert client.get(f"/e/{digits(number)[:12]}/api/layers").headers["Planmap-Edition"] == digits(number)
        assert app.extensions["planmap"].opened <= 2
    assert served(client) == digits(6)


def test_the_edition_of_an_installation_from_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "editions" / "test-plan.gpkg"
    path.parent.mkdir()
    write(edition(0), path)
    publish(edition(1), path, KEEP)
    assert {one.hash for one in kept(path)} == {digits(0), digits(1)}


def test_a_kept_file_under_another_hash_is_not_served(path: Path) -> None:
    shutil.copy(path, path.with_suffix("") / f"{digits(9)}.gpkg")
    assert app_of(path).test_client().get(f"/e/{digits(9)[:12]}/api/layers").status_code == 404


def test_no_answer_is_mixed_while_editions_are_replaced(path: Path) -> None:
    """Readers in threads check every answer: its header, the number in its body, and that its tag is of no other.

    `make fuzz` replaces the edition 200 times.
    """
    app = app_of(path)
    times = int(os.environ.get("REPLACED", "6"))
    numbers = {digits(number): number for number in range(times + 1)}
    for number in numbers.values():
        write(edition(number), path.parent / "next" / f"{number}.gpkg")
    done, seen = threading.Event(), set()
    bodies: dict[tuple[str, str], bytes] = {}

    def read(start: int) -> list[tuple[str, int, int, str]]:
        """Ask in turn until all is done and each address was asked once more; gives the wrong answers."""
        client, wrong, left = app.test_client(), [], 4
        for turn in itertools.count(start):
            left -= done.is_set()
            if left < 0:
                return wrong
            done.wait(0.01)  # lets the others have the interpreter
            address = ("/api/layers/zones", "/api/indicators/area_km2/zone", "/list", "/")[turn % 4]
            answer = client.get(address)
            number = numbers[answer.headers["Planmap-Edition"]]
            seen.add(number)
            text = answer.get_data(as_text=True)
            marks = {
                "/api/layers/zones": {f"第{number}版"} == set(re.findall("第[0-9]+版", text)),
                "/api/indicators/area_km2/zone": f'"value":{float(number)}' in text,
                "/list": {f"第{number}版"} == set(re.findall("第[0-9]+版", text)),
                "/": set(re.findall("/e/([0-9a-f]{12})/api", text)) == {digits(number)[:12]},
            }
            held = bodies.setdefault((address, answer.headers["ETag"]), answer.data)
            if answer.status_code != 200 or not marks[address] or held != answer.data:
                wrong.append((address, number, answer.status_code, text[:300]))
        raise AssertionError

    with ThreadPoolExecutor(2) as readers:
        asked = [readers.submit(read, number) for number in range(2)]
        try:
            for number in range(1, times + 1):
                (path.parent / "next" / f"{number}.gpkg").replace(path)
                if number % 2 == 0:  # an answer of every second one; the others may be passed over
                    wait_until(lambda number=number: number in seen or any(one.done() for one in asked), "an answer")
        finally:
            done.set()  # whatever happens, the readers end
        assert [one.result() for one in asked] == [[], []]
    assert served(app.test_client()) == digits(times)


def test_editions_are_listed_and_compared(path: Path) -> None:
    publish(edition(1), path, KEEP)
    client = app_of(path).test_client()
    listed = client.get("/editions").get_data(as_text=True)
    for number in (0, 1):
        assert f'href="/e/{digits(number)[:12]}/"' in listed
    asked = f"with={digits(0)[:12]}"
    assert f'href="/compare?{asked}"' in listed
    page = client.get(f"/compare?{asked}").get_data(as_text=True)
    assert page.count("<bdi>第0版</bdi></td>") == 2, "both zones had another name"
    found = client.get(f"/api/compare?{asked}").get_json()
    assert (found["before"], found["after"], found["counts"]["renamed"]) == (digits(0), digits(1), 2)
    backwards = client.get(f"/e/{digits(0)[:12]}/api/compare?with={digits(1)[:8]}").get_json()
    assert (backwards["before"], backwards["after"]) == (digits(1), digits(0))
    table = client.get(f"/compare.csv?{asked}")
    assert table.get_data(as_text=True).count("\r\n") == 1 + len(found["changes"])
    assert "版本" in client.get("/compare").get_data(as_text=True)
    for wrong in ("with=0123456789ab", "with=x", "with=" + "y" * 201, f"{asked}&x=1"):
        assert client.get(f"/compare?{wrong}").status_code == 400, wrong
        assert client.get(f"/api/compare?{wrong}").mimetype == "application/problem+json"
    assert client.get("/api/compare").get_json() == found, "with the one before it"


def test_vast_layers_are_left_out_of_a_comparison_and_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three townships count as very many; the two zones, which are renamed, are compared."""
    publish(edition(1), path, KEEP)
    for module in (large, layers.edition.store, webmap.app):
        monkeypatch.setattr(module, "VAST", 2)
    client = app_of(path).test_client()
    asked = f"with={digits(0)[:12]}"
    found = client.get(f"/api/compare?{asked}").get_json()
    assert found["left_out"] == ["townships"]
    assert {one["table"] for one in found["changes"] if one["what"] == "renamed"} == {"zones"}
    page = client.get(f"/compare?{asked}&lang=en").get_data(as_text=True)
    assert "planmap diff" in page
    last = [client.get(f"/compare.csv?{asked}{more}").get_data(as_text=True).splitlines()[-1]
            for more in ("", "&headings=zh", "&headings=en")]  # fmt: skip
    assert last[0] == "left_out,townships"
    assert "planmap diff" in last[1]
    assert last[2].startswith("Layers of very many features are not compared here")
    drawn = client.get(f"/compare/map?{asked}").get_json()["sides"]
    assert all("townships" not in [one["id"] for one in side["layers"]] for side in drawn.values())
