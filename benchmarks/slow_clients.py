"""What others feel while slow clients are there: planmap's server, and gunicorn as it served before.

At once: 200 connections that say nothing, 50 that send their head a byte at a time, 50 their body, 50 that take nothing
of a download. Others open a connection for each request, four at a time, and ask for the pages that visitors ask for.
Then the slow ones are watched until the server ends them, and the workers' memory is read before and after a few
thousand requests. Everything runs on this machine and takes about two minutes; an hour's run was not made.
"""

import http.client
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.local import PLAN, ROOT, build, serving, wait_for

PATHS = ("/", "/api/layers", "/list", "/api/indicators", "/healthz")
SECONDS = 10
PATIENCE_S = 20
"""A request that took longer has failed."""
REQUESTS = 4000
KINDS = {"idle": 200, "head": 50, "body": 50, "download": 50}
BEGUN = {
    "idle": b"",
    "head": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "body": b"POST /api/layers HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
    "download": b"GET /download/all.gpkg?crs=4326 HTTP/1.1\r\nHost: x\r\n\r\n",
}


def main() -> None:
    """Measure both servers and print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        edition = build(PLAN, Path(folder) / "edition.gpkg")
        with serving(edition) as url:
            ours = measure(url, watch=True)
            memory = measure_memory(url)
        with gunicorn(edition, Path(folder)) as url:
            theirs = measure(url, watch=False)
    report({"planmap": ours, "gunicorn, 2 × 4 threads": theirs}, memory)


@contextmanager
def gunicorn(edition: Path, folder: Path) -> Iterator[str]:
    """The same app behind gunicorn with two workers of four threads, installed for this run only."""
    target = folder / "gunicorn"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([str(uv), "pip", "install", "--quiet", "--target", str(target), "gunicorn"], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = dict(os.environ, PYTHONPATH=f"{target}{os.pathsep}{ROOT}", PLANMAP_EDITION=str(edition))
    options = ["--preload", "-k", "gthread", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *options, "--log-level", "error", "webmap.wsgi:create()"]
    server = subprocess.Popen(command, cwd=ROOT, env=env)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url + "/healthz", server, 180)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


# ---- others


def ask(url: str, path: str) -> float:
    """Seconds that a request takes on a connection of its own; infinite when it fails."""
    host, port = url.removeprefix("http://").split(":")
    started = time.perf_counter()
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except OSError:
        return float("inf")
    finally:
        connection.close()
    return time.perf_counter() - started


def ask_many(url: str, go_on: Callable[[int], bool]) -> list[float]:
    """Four visitors ask one thing after another while they may go on; gives every request's seconds."""
    taken: list[float] = []

    def visitor(first: int) -> None:
        number = first
        while go_on(len(taken)):
            taken.append(ask(url, PATHS[number % len(PATHS)]))
            number += 1

    visitors = [threading.Thread(target=visitor, args=(first,)) for first in range(4)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    return sorted(taken)


# ---- slow clients


@dataclass
class Slow:
    """Slow clients, and when each was ended by the server, in seconds after it came."""

    url: str
    ended: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    left: dict[int, tuple[socket.socket, str]] = field(default_factory=dict)
    leave: threading.Event = field(default_factory=threading.Event)

    def come(self) -> None:
        """Connect them all."""
        host, port = self.url.removeprefix("http://").split(":")
        self.started = time.monotonic()
        for kind, number in KINDS.items():
            for _ in range(number):
                client = socket.socket()
                if kind == "download":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.settimeout(PATIENCE_S)
                client.connect((host, int(port)))
                client.sendall(BEGUN[kind])
                client.setblocking(False)
                self.left[client.fileno()] = client, kind

    def live(self) -> None:
        """Send a byte twice a second where there is something to send, until all are ended or told to leave."""
        watch = select.poll()
        for number, (_, kind) in self.left.items():
            watch.register(number, (0 if kind == "download" else select.POLLIN) | select.POLLRDHUP)
        while self.left and not self.leave.wait(0.5):
            for number, event in watch.poll(0):
                client, kind = self.left[number]
                gone = event & (select.POLLERR | select.POLLHUP | select.POLLRDHUP)
                if gone or not self._answer(client):
                    self._end(number, watch)
            held = connected(self.url)
            for number, (client, kind) in list(self.left.items()):
                # A client that takes nothing is not told of its end.
                if kind == "download" and client.getsockname()[1] not in held:
                    self._end(number, watch)
                if kind in ("head", "body"):
                    try:
                        client.send(b"x")
                    except OSError:
                        self._end(number, watch)
        for client, _ in self.left.values():
            client.close()

    @staticmethod
    def _answer(client: socket.socket) -> bool:
        try:
            return bool(client.recv(65536))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _end(self, number: int, watch: "select.poll") -> None:
        client, kind = self.left.pop(number)
        watch.unregister(number)
        client.close()
        self.ended[kind].append(time.monotonic() - self.started)


@dataclass(frozen=True)
class Measured:
    """Seconds of others' requests, quiet and with slow clients, and when these were ended."""

    quiet: list[float]
    slow: list[float]
    ended: dict[str, list[float]]
    stayed: int


def measure(url: str, *, watch: bool) -> Measured:
    """Others alone, then beside the slow ones; ``watch``: wait until the server has ended them."""
    for path in PATHS:
        ask(url, path)
    ask(url, "/download/all.gpkg?crs=4326")

    def for_a_while() -> list[float]:
        end = time.monotonic() + SECONDS
        return ask_many(url, lambda _done: time.monotonic() < end)

    quiet = for_a_while()
    slow = Slow(url)
    slow.come()
    life = threading.Thread(target=slow.live)
    life.start()
    beside = for_a_while()
    if watch:
        life.join(60)
    slow.leave.set()
    life.join()
    return Measured(quiet, beside, slow.ended, len(slow.left))


def connected(url: str) -> set[int]:
    """The clients' ports of the connections that the server holds open, from the kernel's table."""
    port = int(url.rsplit(":", 1)[1])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = [row for row in rows if row[3] == "01" and int(row[1].split(":")[1], 16) == port]
    return {int(row[2].split(":")[1], 16) for row in established}


# ---- memory


def measure_memory(url: str) -> list[int]:
    """KB of the largest of the server's processes: before, and after each quarter of the requests."""
    ask_many(url, lambda done: done < REQUESTS // 4)  # until everything that is kept is there
    sizes = [largest(url)]
    for _ in range(4):
        ask_many(url, lambda done: done < REQUESTS // 4)
        sizes.append(largest(url))
    return sizes


def largest(url: str) -> int:
    """Resident kB of the largest process that listens at the address, from /proc."""
    port = f":{int(url.rsplit(':', 1)[1]):04X}"
    table = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in table if row[1].endswith(port) and row[3] == "0A"}
    sizes = [0]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(file.readlink()) in sockets for file in (process / "fd").iterdir()):
                status = (process / "status").read_text()
                sizes.append(int(status.split("VmRSS:")[1].split()[0]))
        except OSError:
            continue
    return max(sizes)


# ---- the tables


def p99(seconds: list[float]) -> float:
    """The ninety-ninth hundredth of sorted seconds."""
    return seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))]


def report(rows: dict[str, Measured], memory: list[int]) -> None:
    """Print the tables and whether the goals are met."""
    print(f"Others' requests while {sum(KINDS.values())} slow clients are connected ({KINDS}), {SECONDS} s each")
    print(f"{'':26}{'requests':>10}{'median ms':>11}{'p99 ms':>9}{'worst ms':>10}{'failed':>8}")
    for name, row in rows.items():
        for when, taken in (("quiet", row.quiet), ("slow clients", row.slow)):
            good = [one for one in taken if one != float("inf")]
            middle, worst = (statistics.median(good), max(good)) if good else (float("inf"), float("inf"))
            print(
                f"{name[:12]:13}{when:13}{len(taken):10}{middle * 1e3:11.1f}{p99(taken) * 1e3:9.1f}"
                f"{worst * 1e3:10.0f}{len(taken) - len(good):8}"
            )
    ours = rows["planmap"]
    ratio = p99(ours.slow) / p99(ours.quiet)
    print(f"  {mark(ratio <= 2)} p99 within twice the quiet one: {ratio:.2f}")
    print("Ended by the server, seconds after they came (limits: 15 s for a head, 30 s for what nobody takes)")
    for kind, times in ours.ended.items():
        print(f"  {mark(len(times) == KINDS[kind])} {kind:10}{len(times):4} of {KINDS[kind]}", end="")
        print(f"  {min(times):5.1f} to {max(times):5.1f}" if times else "")
    growth = memory[-1] / memory[1] - 1
    print(f"Largest worker, MB after each {REQUESTS // 4} requests: " + " ".join(f"{kb / 1024:.1f}" for kb in memory))
    print(
        f"  {mark(growth < 0.02)} flat: {growth:+.1%} over the last {REQUESTS * 3 // 4} requests (an hour was not run)"
    )


def mark(met: bool) -> str:
    """A tick or a cross."""
    return "✓" if met else "✗"


if __name__ == "__main__":
    main()
