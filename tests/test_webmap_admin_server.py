"""``planmap serve`` with people: several workers, slow clients, and the command that manages them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cases import every
from click.testing import CliRunner
from processes import answers, wait_until
from web_edition import make_edition

from layers.edition.file import write
from webmap.cli import main

ROOT = Path(__file__).parent.parent
PROGRAM = [sys.executable, "-c", "from webmap.cli import main; main()", "serve"]
PASSWORD = "four unrelated words"  # noqa: S105
PATIENT_S = 120


def user(*arguments: str, people: Path, given: str = "") -> tuple[int, str]:
    """``planmap user``: its exit status and what it said."""
    environ = {"PLANMAP_PEOPLE": str(people)}
    done = CliRunner().invoke(main, ["user", *arguments], input=given, env=environ, prog_name="planmap")
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, str, Path]]:
    """Two workers with ``--edit``: host, port, the token of the terminal, and the file of people."""
    folder = tmp_path_factory.mktemp("people")
    write(make_edition(), folder / "plan.gpkg")
    people = folder / "people.sqlite"
    assert user("add", "wang", "--role", "publisher", "--password-stdin", people=people, given=PASSWORD)[0] == 0
    environ = {**os.environ, "PLANMAP_PEOPLE": str(people), "PLANMAP_WORKERS": "2", "PLANMAP_READ_TIMEOUT": "4"}
    command = [*PROGRAM, "--edit", "--host", "127.0.0.1", "--port", "0", str(folder / "plan.gpkg")]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        token = re.search(r"/login\?token=([\w-]{43})$", process.stdout.readline().strip())
        assert found is not None
        assert token is not None
        wait_until(lambda: answers(found[0] + "/healthz"))
        yield "127.0.0.1", int(found[1]), token[1], people
    finally:
        process.terminate()
        process.wait(PATIENT_S)


def ask(
    server: tuple[str, int, str, Path], method: str, path: str, cookie: str = "", **form: str
) -> tuple[int, dict[str, str], str]:
    """Over a connection of its own, so that either worker may answer: status, cookies and body."""
    host, port = server[:2]
    client = http.client.HTTPConnection(host, port, timeout=PATIENT_S)
    headers = {"Origin": f"http://{host}:{port}", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    client.request(method, path, urlencode(form) if form else None, headers)
    answer = client.getresponse()
    cookies = dict(re.findall(r"(planmap_\w+)=([^;]*)", " ".join(answer.headers.get_all("Set-Cookie") or [])))
    body = answer.read().decode()
    client.close()
    return answer.status, cookies, body


def signed_in(server: tuple[str, int, str, Path], password: str = PASSWORD) -> tuple[int, dict[str, str]]:
    _, guest, page = ask(server, "GET", "/login")
    mark = re.findall(r'name="mark" value="(\w+)"', page)[0]
    cookie = "; ".join(f"{name}={value}" for name, value in guest.items())
    status, cookies, _ = ask(server, "POST", "/login", cookie, name="wang", password=password, mark=mark)
    return status, cookies


def test_a_session_is_one_in_every_worker(server: tuple[str, int, str, Path]) -> None:
    status, cookies = signed_in(server)
    assert status == 303
    (name,) = (one for one in cookies if not one.endswith("_guest"))
    assert name == f"planmap_{server[1]}"
    cookie = f"{name}={cookies[name]}"
    assert {ask(server, "GET", "/admin", cookie)[0] for _ in range(12)} == {200}
    # What the command changes counts at once, in every worker.
    assert user("disable", "wang", people=server[3])[0] == 0
    assert {ask(server, "GET", "/admin", cookie)[0] for _ in range(12)} == {303}
    assert user("disable", "wang", "--enable", people=server[3])[0] == 0


def test_the_token_of_the_terminal_works_once_in_all_workers(server: tuple[str, int, str, Path]) -> None:
    path = f"/login?token={server[2]}"
    found = [ask(server, "GET", path)[0] for _ in range(8)]
    assert found == [303, *[403] * 7]


def test_failures_are_counted_in_all_workers_together(server: tuple[str, int, str, Path]) -> None:
    assert [signed_in(server, "wrong")[0] for _ in range(7)] == [403] * 5 + [429] * 2
    assert signed_in(server)[0] == 429
    log = json.loads(user("log", "--json", "--name", "wang", people=server[3])[1])
    assert log[0]["action"] == "locked"
    assert log[0]["address"] == "127.0.0.1"


def test_clients_that_send_a_form_slowly_hold_up_no_reader_and_are_cut_off(server: tuple[str, int, str, Path]) -> None:
    host, port = server[:2]
    place = f"{host}:{port}"
    head = f"POST /login HTTP/1.1\r\nHost: {place}\r\nOrigin: http://{place}\r\nContent-Length: 100\r\n\r\nx"
    # More than both workers have threads.
    slow = [socket.create_connection((host, port), timeout=PATIENT_S) for _ in range(20)]
    for one in slow:
        one.sendall(head.encode())
    answered = []
    for one in slow:
        with contextlib.suppress(ConnectionResetError):
            answered.append(one.recv(65536).decode().partition("\r\n")[0])
        assert ask_again(server, "/list") == 200, "others are answered meanwhile and afterwards"
    assert sum(" 503 " in one for one in answered) >= 20 - 2 * 2 - answered.count("") - (20 - len(answered))
    assert not [one for one in answered if one and " 503 " not in one]
    assert signed_in_at_all(server), "and somebody can sign in again"


def ask_again(server: tuple[str, int, str, Path], path: str) -> int:
    """As a browser does whose connection was cut."""
    return wait_until(lambda: _status(server, path))


def _status(server: tuple[str, int, str, Path], path: str) -> int:
    try:
        return ask(server, "GET", path)[0]
    except (OSError, http.client.HTTPException):
        return 0


def signed_in_at_all(server: tuple[str, int, str, Path]) -> bool:
    """Whether the form is read again, be it to be refused."""
    return wait_until(lambda: signed_in(server)[0] in (303, 403, 429))


# ---- the command


def test_people_are_managed_on_the_command_line(tmp_path: Path) -> None:
    people = tmp_path / "people.sqlite"
    assert "planmap user add" in user("list", people=people)[1]
    assert user("add", "李 娜", "--role", "editor", people=people, given=f"{PASSWORD}\n{PASSWORD}\n")[0] == 0
    status, said = user("add", "李　娜", "--password-stdin", people=people, given=PASSWORD)
    assert status == 1
    assert "已有用户" in said
    assert user("role", "李 娜", "publisher", people=people)[0] == 0
    assert user("password", "李 娜", "--password-stdin", people=people, given="another few words")[0] == 0
    listed = json.loads(user("list", "--json", people=people)[1])
    assert [(one["name"], one["role"], one["disabled"]) for one in listed] == [("李 娜", "publisher", False)]
    log = json.loads(user("log", "--json", people=people)[1])
    assert [one["action"] for one in log] == ["password_set", "role", "added"]
    assert "有另一角色" not in user("log", people=people)[1]
    assert "argon2" not in user("list", "--json", people=people)[1]
    for arguments in (("role", "nobody", "reader"), ("disable", "nobody"), ("log", "--name", "nobody")):
        assert user(*arguments, people=people)[0] == 1


@every("password", ["short", "李娜", "aaaaaaaaaaaaaaa", "x" * 201, ""])
def test_weak_passwords_are_refused(tmp_path: Path, password: str) -> None:
    people = tmp_path / "people.sqlite"
    status, said = user("add", "李娜", "--password-stdin", people=people, given=password)
    assert status == 1
    assert "口令须有" in said
    assert not people.exists()


@every("name", ["", " ", "a\x00b", "a\u202eb", "x" * 61, "a\nb\x1b[31m"])
def test_names_that_nobody_could_tell_apart_are_refused(tmp_path: Path, name: str) -> None:
    status, said = user("add", name, "--password-stdin", people=tmp_path / "p.sqlite", given=PASSWORD)
    assert status == 1
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_edit_is_for_this_machine_and_plan_folders_are_looked_at(tmp_path: Path) -> None:
    write(make_edition(), tmp_path / "plan.gpkg")
    for options, key in ((("--edit", "--host", "0.0.0.0"), "--edit"), (("--plan", str(tmp_path)), "规划包")):
        done = CliRunner().invoke(main, ["serve", *options, "--port", "0", str(tmp_path / "plan.gpkg")])
        assert done.exit_code == 2
        assert key in done.output
