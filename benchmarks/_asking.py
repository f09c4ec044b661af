"""Servers that are started and asked: what the benchmarks of live services share."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from statistics import median

import psutil

ROOT = Path(__file__).parents[1]
CONNECTIONS, SLICE_S, ROUNDS = 4, 0.7, 6
SIDE = 0.0016
"""Degrees of a polygon's side."""
LEVEL, WEST, NORTH, ACROSS = 15, 27307, 13504, 13
"""Tiles that are asked for: WebMercatorQuad, so many columns and rows, full of polygons."""
NUMBERS = count(1)
ACCEPT = "application/geo+json, application/json, image/png;q=0.9, */*;q=0.1"

Rates = tuple[float, float]
"""Answers a second, and microseconds of the server's processor time for one."""
Processes = Sequence[psutil.Process]
"""What a server consists of, those that it starts left out."""
Server = tuple[Processes, str]
"""Its processes, and an address."""


@contextlib.contextmanager
def running(command: list[str], address: str, **environ: str) -> Iterator[psutil.Process]:
    """A server, once it answers."""
    with subprocess.Popen(command, env={**os.environ, **environ}, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(12_000):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    if get(address)[0] == 200:
                        break
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} has ended")
                time.sleep(0.1)
            else:
                raise RuntimeError(f"{command[0]} does not answer")
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


class Asker:
    """A connection that is kept open, and as little between it and the server as may be.

    The library's own takes longer for a question than some servers do for the answer, and both share two processors.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._open()

    def _open(self) -> None:
        name, _colon, port = self._host.partition(":")
        self._socket = socket.create_connection((name, int(port or 80)), timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of what is at a path."""
        asked = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept: {ACCEPT}\r\n\r\n".encode()
        self._socket.sendall(asked)
        status = int(self._file.readline().split(b" ", 2)[1])
        told = {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _colon, value = line.partition(b":")
            told[name.lower()] = value.strip()
        body = self._body(told, status)
        if told.get(b"connection", b"").lower() == b"close":
            self._socket.close()
            self._open()
        return status, body

    def _body(self, told: Mapping[bytes, bytes], status: int) -> bytes:
        if told.get(b"transfer-encoding") == b"chunked":
            parts = []
            while size := int(self._file.readline(), 16):
                parts.append(self._file.read(size))
                self._file.readline()
            self._file.readline()
            return b"".join(parts)
        if b"content-length" in told:
            return self._file.read(int(told[b"content-length"]))
        return b"" if status in (204, 304) else self._file.read()


def get(address: str, asker: Asker | None = None) -> tuple[int, bytes]:
    """Status and body of an address."""
    host, _slash, path = address.removeprefix("http://").partition("/")
    return (asker or Asker(host)).get("/" + path)


def filled(address: str, number: int) -> str:
    """An address of which no two in a row are the same where it asks for a box, a number or a tile."""
    west, south = 120.0 + (number * 7 % 89 + 0.05) * SIDE, 30.0 + (number * 11 % 83 + 0.05) * SIDE
    box = f"{west:.6f},{south:.6f},{west + 9.9 * SIDE:.6f},{south + 9.9 * SIDE:.6f}"
    tile = number % ACROSS**2
    place = f"{LEVEL}/{NORTH + tile // ACROSS}/{WEST + tile % ACROSS}"
    turned = f"{LEVEL}/{WEST + tile % ACROSS}/{NORTH + tile // ACROSS}"
    address = address.replace("{tile}", place).replace("{turned}", turned)
    return address.replace("{box}", box).replace("{number}", str(number * 13 % 9000 + 1))


def used_s(processes: Processes) -> float:
    """Seconds of processor time of a server with all its processes."""
    found = 0.0
    for one in [below for process in processes for below in [process, *process.children(recursive=True)]]:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += sum(one.cpu_times()[:2])
    return found


def duel(servers: Mapping[str, Server], rounds: int = ROUNDS) -> dict[str, Rates]:
    """Ask servers by turns, each for a moment, so that whatever else the machine does befalls all; medians of turns.

    Args:
        servers: Processes and address by name; each question has another number in it.
        rounds: So many turns.
    """
    turns: dict[str, list[Rates]] = {one: [] for one in servers}
    for turn in range(rounds + 1):  # the first turn warms up
        for name, (processes, address) in servers.items():
            before, begun = used_s(processes), time.perf_counter()
            number = _slice(address)
            took = time.perf_counter() - begun
            if turn:
                turns[name].append((number / took, (used_s(processes) - before) / number * 1e6))
    return {one: (median(rate for rate, _us in told), median(us for _rate, us in told)) for one, told in turns.items()}


def _slice(address: str) -> int:
    end = time.perf_counter() + SLICE_S
    answered: list[bool] = []
    wrong: list[str] = []

    def work() -> None:
        asker = Asker(address.removeprefix("http://").partition("/")[0])
        while time.perf_counter() < end:
            try:
                status, body = get(filled(address, next(NUMBERS)), asker)
            except (OSError, ValueError, IndexError) as error:  # else the thread ended, and nobody knew why
                status, body, asker = 0, repr(error).encode(), Asker(address.removeprefix("http://").partition("/")[0])
            answered.append(status == 200)
            if status != 200:
                wrong.append(f"{status} {body[:200].decode('utf-8', 'replace')}")

    _together(work)
    good = sum(answered)
    told = f"{address}: {len(answered) - good} of {len(answered)} answers are errors: {wrong[:1]}"
    # Of the few that a slow server gives one may fail, as pygeoapi's do.
    assert good > 0, told
    assert len(answered) - good <= max(1, len(answered) // 10), told
    return good


def each(servers: Mapping[str, Server], numbers: Sequence[int], times: int = 1, laps: int = 6) -> dict[str, Rates]:
    """Ask for each of so many numbers just so often, by turns of a part of them.

    Args:
        servers: Processes and address by name.
        numbers: What addresses are filled with.
        times: So often each is asked for.
        laps: Into so many parts the numbers are cut.
    """
    took, used = (dict.fromkeys(servers, 0.0) for _ in range(2))
    for lap in range(laps):
        for name, (processes, address) in servers.items():
            before, begun = used_s(processes), time.perf_counter()
            _once([filled(address, number) for number in numbers[lap::laps]] * times)
            took[name] += time.perf_counter() - begun
            used[name] += used_s(processes) - before
    asked = len(numbers) * times
    return {one: (asked / took[one], used[one] / asked * 1e6) for one in servers}


def _once(addresses: list[str]) -> None:
    left = list(reversed(addresses))

    def work() -> None:
        asker = Asker(addresses[0].removeprefix("http://").partition("/")[0])
        while left:
            with contextlib.suppress(IndexError):
                asked = left.pop()
                assert get(asked, asker)[0] in (200, 204), asked

    _together(work)


def _together(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
