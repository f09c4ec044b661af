"""``planmap serve`` as a program: workers, slow clients, signals, what is no request."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from processes import wait_until
from web_edition import make_edition

from layers.edition.file import write
from webmap.cli import main
from webmap.serving.shelf import Shelf

ROOT = Path(__file__).parent.parent
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
        assert answer.read() == b'{"status":"ok","edition":"' + make_edition().hash.encode() + b'"}'
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
        assert health(address) == {"status": "ok", "edition": make_edition().hash}
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
def test_sighup_takes_up_what_was_written_in_place_and_loses_no_request(tmp_path: Path) -> None:
    path, other = tmp_path / "test-plan.gpkg", tmp_path / "other.gpkg"
    edition = make_edition()
    write(edition, path)
    write(make_edition(meta={**edition.meta, "hash": "cd" * 32}), other)
    with serving(path, PLANMAP_WORKERS="1") as (address, process):
        path.write_bytes(other.read_bytes())
        found = health(address)
        assert found is not None
        assert (found["status"], found["file"]) == ("outdated", "changed")
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


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_every_worker_takes_a_new_edition_over(tmp_path: Path) -> None:
    """Each answers by itself; none is started anew."""
    path = tmp_path / "test-plan.gpkg"
    edition = make_edition()
    write(edition, path)
    with serving(path, PLANMAP_WORKERS="2") as (address, process):
        wait_until(lambda: len(children(process.pid)) == 2)
        workers = children(process.pid)
        write(make_edition(meta={**edition.meta, "hash": "cd" * 32}), path)

        def all_of_them() -> bool:
            # New connections go to either; so many in a row by one alone do not happen.
            return all(health(address) == {"status": "ok", "edition": "cd" * 32} for _ in range(40))

        wait_until(all_of_them)
        assert children(process.pid) == workers
