"""Settings, finding the edition, and ``planmap serve`` as a program with several workers."""

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from web_edition import make_edition
from werkzeug.test import Client, TestResponse, create_environ, run_wsgi_app

from layers.edition.file import write
from webmap.app import create_app, find_edition
from webmap.cli import main
from webmap.serving import assets
from webmap.serving.problems import WebError
from webmap.serving.settings import SETTINGS, Settings
from webmap.serving.shelf import Shelf

ROOT = Path(__file__).parent.parent


def test_settings_have_defaults_and_are_read_from_what_is_given() -> None:
    plain = Settings.read({})
    assert (plain.host, plain.port, plain.workers, plain.edition) == ("127.0.0.1", 8000, 2, None)
    given = Settings.read(
        {"PORT": "8080", "HOST": "::1", "PLANMAP_WORKERS": "4", "PLANMAP_EDITION": "x.gpkg", "OTHER": "1"}
    )
    assert (given.host, given.port, given.workers, given.edition) == ("::1", 8080, 4, Path("x.gpkg"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "８０"),
        ("PLANMAP_WORKERS", "0"),
        ("PLANMAP_WORKERS", "1.5"),
        ("PLANMAP_FRAME_ANCESTORS", "*; script-src *"),
        ("PLANMAP_PREFIX", "x"),
        ("PLANMAP_CONNECTIONS", "15"),
        ("PLANMAP_READ_TIMEOUT", "0"),
        ("PLANMAP_SEND_TIMEOUT", "601"),
        ("PLANMAP_CACHE_MB", "0.5"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(WebError) as caught:
        Settings.read({name: value})
    for lang in ("zh", "en"):
        assert name in caught.value.message(lang)
        assert caught.value.remedy(lang)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    assert re.search(rf"`{setting.name}`", (ROOT / "README.md").read_text(encoding="utf-8"))  # type: ignore[attr-defined]


def test_help_lists_the_settings_in_both_languages() -> None:
    shown = CliRunner().invoke(main, ["serve", "--help"]).output
    for setting in SETTINGS:
        assert f"{setting.name}=" in shown
        assert setting.help("zh") != setting.help("en")


def test_nothing_is_read_from_the_environment_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANMAP_FRAME_ANCESTORS", "https://evil.example")
    answer = create_app({}, edition=make_edition()).test_client().get("/embed/overview")
    assert "evil" not in answer.headers["Content-Security-Policy"]


def test_the_only_edition_in_the_data_folder_is_found(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(WebError, match="gpkg"):
        find_edition(settings)
    (tmp_path / "editions").mkdir()
    for name in ("a.gpkg", "b.gpkg"):
        (tmp_path / "editions" / name).touch()
        if name == "a.gpkg":
            assert find_edition(settings).name == "a.gpkg"
    with pytest.raises(WebError) as caught:
        find_edition(settings)
    assert caught.value.params["choices"] == ["a.gpkg", "b.gpkg"]


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_that_is_no_edition_gets_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    result = CliRunner().invoke(main, ["serve", str(path), "--lang", "en"], env={"PORT": "0"})
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert "x.gpkg" in result.output


def test_a_missing_edition_gets_a_message_with_the_remedy(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["serve", str(tmp_path / "none.gpkg"), "--lang", "en"], env={"PORT": "0"})
    assert result.exit_code == 2
    assert "none.gpkg" in result.output
    assert "planmap build" in result.output


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, Path, str]:
    """A client of a server with a bundle of its own, the bundle's folder, and the hashed address of its program."""
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "planmap.js").write_text("var x=1;" * 100)
    (dist / "planmap.js.gz").write_bytes(b"packed")
    monkeypatch.setattr(assets, "DIST", dist)
    client = create_app({}, edition=make_edition()).test_client()
    address = re.findall(r'<script src="([^"]+)"', client.get("/").get_data(as_text=True))[0]
    return client, dist, address


def test_static_files_come_packed_and_for_good(bundled: tuple[FlaskClient, Path, str]) -> None:
    client, _, address = bundled
    assert re.fullmatch(r"/static/dist/planmap\.[0-9a-f]{12}\.js", address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.data == b"packed"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    assert packed.headers["X-Content-Type-Options"] == "nosniff"
    plain = client.get("/static/dist/planmap.js")
    assert plain.data.startswith(b"var x")
    assert "immutable" not in plain.headers["Cache-Control"]
    for name in ("planmap.js.gz", "nothing.js", "../app.py", "%2e%2e/app.py", ""):
        assert client.get(f"/static/dist/{name}").status_code == 404


def test_static_files_obey_what_is_asked(bundled: tuple[FlaskClient, Path, str]) -> None:
    """Weights of zero, lists of tags, and parts on condition, as RFC 9110 has them (12.5.3, 13.1.2, 13.1.5)."""
    client, _, address = bundled

    def ask(**headers: str) -> TestResponse:
        return client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})

    for accept, encoding in (
        ("gzip;q=0", None),
        ("gzip;q=0, *;q=1", None),
        ("gzip;q=0.0, br;q=0", None),
        ("identity, gzip;q=0", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("GZIP", "gzip"),
        ("br;q=1, gzip;q=0.1", "gzip"),  # there is no br
        ("*", "gzip"),
        ("*;q=0", None),
    ):
        assert ask(Accept_Encoding=accept).headers.get("Content-Encoding") == encoding, accept
    plain, packed = ask(), ask(Accept_Encoding="gzip")
    tag, packed_tag = plain.headers["ETag"], packed.headers["ETag"]
    assert tag != packed_tag, "one tag for two representations"
    for condition, status in (
        (tag, 304),
        (f"W/{tag}", 304),
        (f'"other", {tag}', 304),
        (f'W/"a,b" , "c",{tag}', 304),
        ("*", 304),
        (packed_tag, 200),
        ('"other"', 200),
        (tag.strip('"')[:-1], 200),
    ):
        assert ask(If_None_Match=condition).status_code == status, condition
    for condition, status in (
        (tag, 206),
        (f"W/{tag}", 200),
        (packed_tag, 200),
        ('"other"', 200),
        ("Fri, 27 Nov 2026 00:00:00 GMT", 200),
        ("nonsense", 200),
    ):
        part = ask(If_Range=condition, Range="bytes=4-7", Accept_Encoding="gzip")
        assert part.status_code == status, condition
        assert (part.data == b"x=1;") == (status == 206)
    for asked, status, data in (
        ("bytes=0-3", 206, b"var "),
        ("bytes=-4", 206, b"x=1;"),
        ("bytes=796-", 206, b"x=1;"),
        ("bytes=796-5000", 206, b"x=1;"),
        ("bytes=800-", 416, b""),
        ("bytes=0-1,4-5", 200, plain.data),
        ("bytes=7-4", 200, plain.data),
        ("lines=1-2", 200, plain.data),
    ):
        part = ask(Range=asked)
        assert (part.status_code, part.data) == (status, data), asked
    assert client.head(address, headers={"Range": "bytes=0-3"}).status_code == 200


def test_a_bundle_rebuilt_in_place_changes_nothing_of_what_is_served(bundled: tuple[FlaskClient, Path, str]) -> None:
    client, dist, address = bundled
    before = client.get(address)
    (dist / "planmap.js").write_text("var y=2;" * 100)
    after = client.get(address)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


PROGRAM = [sys.executable, "-c", "from webmap.cli import main; main()", "serve"]
PATIENT_S = 120
"""Longer than anything takes on the busiest machine."""


@contextmanager
def serving(path: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``planmap serve`` on a free port: its address and the process; ended afterwards."""
    environ = {**os.environ, "PORT": "1", "HOST": "192.0.2.1", **settings}
    options = ["--host", "127.0.0.1", "--port", "0"]  # come before the environment
    process = subprocess.Popen(
        [*PROGRAM, *options, str(path)], env=environ, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        address = re.findall(r"http://\S+", process.stdout.readline())[0]
        wait_until(lambda: health(address) is not None)
        yield address, process
    finally:
        process.terminate()
        try:
            process.wait(PATIENT_S)
        finally:
            process.kill()
            process.wait()


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until something holds; fails when it never does."""
    end = time.monotonic() + PATIENT_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def health(address: str) -> dict[str, str] | None:
    try:
        with urllib.request.urlopen(address + "/healthz", timeout=PATIENT_S) as answer:
            return json.loads(answer.read())
    except OSError:
        return None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A server for all tests that do not end it: its address and process id."""
    path = tmp_path_factory.mktemp("serve") / "test-plan.gpkg"
    write(make_edition(), path)
    with serving(path, PLANMAP_WORKERS="2") as (address, process):
        yield address, process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENT_S) == 0


def test_serve_answers(server: tuple[str, int]) -> None:
    with urllib.request.urlopen(server[0] + "/healthz", timeout=PATIENT_S) as answer:
        assert answer.read() == b'{"status":"ok","edition":"' + b"ab" * 32 + b'"}'
    with urllib.request.urlopen(server[0] + "/", timeout=PATIENT_S) as answer:
        assert "试验规划" in answer.read().decode()


def raw(address: str, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to what is sent as it is."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENT_S) as client:
        client.sendall(request)
        parts = b""
        try:
            while part := client.recv(65536):
                parts += part
        except ConnectionResetError:  # it did not want to hear the rest
            pass
    head, _, body = parts.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), body


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        ("GET / HTTP/1.1\r\nSCRIPT_NAME: /x", 200),
        ("GET / HTTP/1.1\r\nScript-Name: /x\r\nPath-Info: /y", 200),
        (f"GET /{'x' * 9000} HTTP/1.1", 414),
        (f"GET /?{'x' * 9000} HTTP/1.1", 414),
        ("POST / HTTP/1.1\r\nContent-Length: 1000000", 413),
        ("GET / HTTP/1.1\r\nContent-Length: 1000000", 413),
        ("POST / HTTP/1.1\r\nContent-Length: 1000", 405),
        ("GET /%00 HTTP/1.1", 404),
        # What is no HTTP, or too long to be read, gets a status alone: there is no page that could be misused.
        (f"GET / HTTP/1.1\r\nX: {'x' * 300_000}", 431),
        ("GET / HTTP/1.1" + "".join(f"\r\nX-{number}: x" for number in range(200)), 431),
        ("GET / HTTP/1.1\r\nContent-Length: x", 400),
        ("GET / HTTP/1.1\r\n: x", 400),
        ("GET", 400),
    ],
)
def test_the_servers_own_answers_are_plain_or_carry_the_security_headers(
    server: tuple[str, int], request_head: str, status: int
) -> None:
    message = f"{request_head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    found, headers, body = raw(server[0], message)
    assert found == status
    if status in (400, 431):
        assert body == b""
        assert "content-type" not in headers
    else:
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"]


def test_a_fault_before_the_error_pages_still_carries_the_security_headers() -> None:
    app = create_app({}, edition=make_edition())
    app.request_class = None  # type: ignore[assignment] - nothing can work now
    answer = Client(app.wsgi_app).get("/")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Traceback" not in answer.get_data(as_text=True)


def test_answers_are_whole() -> None:
    """The server would give an iterator a thread for as long as its client likes."""
    app = create_app({}, edition=make_edition())
    for path in ("/", "/api/layers", "/nope", "/download/all.gpkg"):
        answer = app.wsgi_app(create_environ(path), lambda *_args: lambda _part: None)
        assert isinstance(answer, list), path


def test_the_body_of_a_request_is_never_waited_for() -> None:
    app = create_app({}, edition=make_edition())

    class Never(io.BytesIO):
        def read(self, *_args: object) -> bytes:
            raise AssertionError("read from the client")

        readline = readinto = readlines = read  # type: ignore[assignment]

    for path in ("/", "/start/file", "/api/layers"):
        environ = create_environ(path, method="POST", headers={"Content-Length": "10"})
        _body, status, _headers = run_wsgi_app(app.wsgi_app, {**environ, "wsgi.input": Never()})
        assert status == "405 METHOD NOT ALLOWED"


def test_mounted_under_a_path() -> None:
    client = create_app({"PLANMAP_PREFIX": "/planmap/"}, edition=make_edition()).test_client()
    for path in ("/planmap/list", "/list"):  # proxies pass it on or take it away
        page = client.get(path).get_data(as_text=True)
        assert 'href="/planmap/about' in page
    assert client.get("/planmap").status_code == 200
    assert client.get("/planmapper").status_code == 404
    for wrong in ("planmap", "/a b", "/a//b", "http://x", '/"'):
        with pytest.raises(WebError) as caught:
            Settings.read({"PLANMAP_PREFIX": wrong})
        assert caught.value.key == "setting.bad_prefix"


def slow_clients(address: str) -> dict[str, list[socket.socket]]:
    """Clients that say nothing, send their head or body slowly, or take nothing of a large answer."""
    host, port = address.removeprefix("http://").split(":")
    begun = {
        "idle": (100, b""),
        "head": (20, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        "body": (20, b"POST /api/layers HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx"),
        "download": (10, b"GET /download/all.gpkg HTTP/1.1\r\nHost: x\r\n\r\n"),
    }
    clients: dict[str, list[socket.socket]] = {}
    for kind, (number, message) in begun.items():
        for _ in range(number):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((host, int(port)))
            client.sendall(message)
            clients.setdefault(kind, []).append(client)
    return clients


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition that fits into no socket's buffers."""
    edition = make_edition()
    edition.layers["hubs"]["note"] = "长" * 4_000_000
    path = tmp_path_factory.mktemp("large") / "large.gpkg"
    write(edition, path)
    return path


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the limit for sending is Linux's")
def test_slow_clients_delay_nobody_and_are_cut_off(large: Path) -> None:
    with serving(large, PLANMAP_READ_TIMEOUT="3", PLANMAP_SEND_TIMEOUT="3", PLANMAP_WORKERS="2") as (address, process):
        clients = slow_clients(address)
        # All of them are still there, and others are answered.
        assert health(address) == {"status": "ok", "edition": "ab" * 32}
        port = int(address.rsplit(":", 1)[1])
        mine = {client.getsockname()[1] for kind in clients.values() for client in kind}
        wait_until(lambda: not mine & served(port))
        for client in clients["download"]:
            got = 0
            with contextlib.suppress(ConnectionResetError):
                while part := client.recv(1_000_000):
                    got += len(part)
            assert got < large.stat().st_size, "the whole was sent"
        for client in (one for kind in clients.values() for one in kind):
            client.close()
        assert health(address) is not None
        # And again, to be stopped by a signal while they are there.
        clients = slow_clients(address)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENT_S) == 0
        for client in (one for kind in clients.values() for one in kind):
            client.close()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_sighup_takes_up_the_new_edition_and_loses_no_request(tmp_path: Path) -> None:
    path = tmp_path / "test-plan.gpkg"
    edition = make_edition()
    write(edition, path)
    with serving(path, PLANMAP_WORKERS="1") as (address, process):
        write(make_edition(meta={**edition.meta, "hash": "cd" * 32}), path)
        found = health(address)
        assert found is not None
        assert (found["status"], found["file"]) == ("outdated", "replaced")
        (worker,) = children(process.pid)
        process.send_signal(signal.SIGHUP)

        def old_one_gone() -> bool:
            assert health(address) is not None, "a request was lost"
            return worker not in children(process.pid)

        wait_until(old_one_gone)
        assert health(address) == {"status": "ok", "edition": "cd" * 32}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_end_when_the_server_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "test-plan.gpkg"
    write(make_edition(), path)
    with serving(path, PLANMAP_WORKERS="2", PLANMAP_CACHE_DIR=str(tmp_path / "cache")) as (_address, process):
        wait_until(lambda: len(children(process.pid)) == 2)
        workers = children(process.pid)
        process.kill()
        wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
        assert len(list((tmp_path / "cache").iterdir())) == 1
        Shelf(tmp_path / "cache", 1).close()
        assert not list((tmp_path / "cache").iterdir()), "the next start clears what was left"


def served(port: int) -> set[int]:
    """The clients' ports of the connections that a server on this machine holds open, from the kernel's table."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = [row for row in rows if row[3] == "01" and int(row[1].split(":")[1], 16) == port]
    return {int(row[2].split(":")[1], 16) for row in established}


def children(parent: int) -> list[str]:
    found: list[str] = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        found += task.read_text().split()
    return found


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid"])
def test_debug_is_for_this_machine_only(tmp_path: Path, host: str) -> None:
    path = tmp_path / "x.gpkg"
    write(make_edition(), path)
    for arguments, environ in ((["--host", host], {}), ([], {"HOST": host})):
        result = CliRunner().invoke(main, ["serve", "--debug", str(path), "--lang", "en", *arguments], env=environ)
        assert result.exit_code == 2
        assert host in result.output
        assert "→ Its pages" in result.output


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_wrong_port_is_refused(port: str) -> None:
    assert CliRunner().invoke(main, ["serve", "--port", port]).exit_code == 2


def test_debug_serves_through_the_reloader(tmp_path: Path) -> None:
    """The reloader starts the program a second time while the first one holds the port."""
    path = tmp_path / "test-plan.gpkg"
    write(make_edition(), path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1"}
    program = [sys.executable, "-c", "from webmap.cli import main; main()", "serve", "--debug", str(path)]
    process = subprocess.Popen(program, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               cwd=ROOT, start_new_session=True)  # fmt: skip
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        else:
            pytest.fail("no answer")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="counts processes in /proc")
def test_serve_runs_several_workers(server: tuple[str, int]) -> None:
    wait_until(lambda: len(children(server[1])) == 2)  # the second one starts a moment after the first


def test_serve_says_at_once_that_the_port_is_taken(server: tuple[str, int], tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    write(make_edition(), path)
    port = server[0].rsplit(":", 1)[1]
    result = CliRunner().invoke(main, ["serve", str(path), "--lang", "en"], env={"PORT": port, "HOST": "127.0.0.1"})
    assert result.exit_code == 2
    assert port in result.output
