"""Servers that are started and asked: what the benchmarks of live services share."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
CONNECTIONS, SLICE_S, ROUNDS = 4, 0.7, 6
SIDE = 0.0016
"""Degrees of a polygon's side."""
LEVEL, WEST, NORTH, ACROSS = 15, 27306, 13496, 13
"""Tiles that are asked for: WebMercatorQuad, so many columns and rows, full of polygons."""
NUMBERS = count(1)

Rates = tuple[float, float]
"""Answers a second, and microseconds of the server's processor time for one."""


@contextlib.contextmanager
def running(command: list[str], address: str, **environ: str) -> Iterator[psutil.Process]:
    """A server, once it answers."""
    with subprocess.Popen(command, env={**os.environ, **environ}, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(12_000):
                with contextlib.suppress(OSError):
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


def get(address: str, connection: HTTPConnection | None = None) -> tuple[int, bytes]:
    host, _slash, path = address.removeprefix("http://").partition("/")
    used = connection or HTTPConnection(host, timeout=300)
    used.request("GET", "/" + path, headers={"Accept": "application/geo+json, application/json"})
    answer = used.getresponse()
    return answer.status, answer.read()


def filled(address: str, number: int) -> str:
    """An address of which no two in a row are the same where it asks for a box, a number or a tile."""
    west, south = 120.0 + (number * 7 % 89 + 0.05) * SIDE, 30.0 + (number * 11 % 83 + 0.05) * SIDE
    box = f"{west:.6f},{south:.6f},{west + 9.9 * SIDE:.6f},{south + 9.9 * SIDE:.6f}"
    tile = number % ACROSS**2
    place = f"{LEVEL}/{NORTH + tile // ACROSS}/{WEST + tile % ACROSS}"
    turned = f"{LEVEL}/{WEST + tile % ACROSS}/{NORTH + tile // ACROSS}"
    address = address.replace("{tile}", place).replace("{turned}", turned)
    return address.replace("{box}", box).replace("{number}", str(number * 13 % 9000 + 1))


def used_s(process: psutil.Process) -> float:
    """Seconds of processor time of a server with all its processes."""
    found = 0.0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += sum(one.cpu_times()[:2])
    return found


def duel(servers: Mapping[str, tuple[psutil.Process, str]], rounds: int = ROUNDS) -> dict[str, Rates]:
    """Ask servers by turns, each for a moment, so that whatever else the machine does befalls all.

    Args:
        servers: Process and address by name; each question has another number for ``{number}``, ``{box}``, ``{tile}``.
        rounds: So many turns.
    """
    answered, took, used = (dict.fromkeys(servers, 0.0) for _ in range(3))
    for turn in range(rounds + 1):  # the first turn warms up
        for name, (process, address) in servers.items():
            before, begun = used_s(process), time.perf_counter()
            number = _slice(address)
            if turn:
                answered[name] += number
                took[name] += time.perf_counter() - begun
                used[name] += used_s(process) - before
    return {one: (answered[one] / took[one], used[one] / answered[one] * 1e6) for one in servers}


def _slice(address: str) -> int:
    end = time.perf_counter() + SLICE_S
    answered: list[int] = []

    def work() -> None:
        connection = HTTPConnection(address.removeprefix("http://").partition("/")[0], timeout=300)
        while time.perf_counter() < end:
            asked = filled(address, next(NUMBERS))
            status, body = get(asked, connection)
            assert status == 200, (asked, body[:300])
            answered.append(1)

    _together(work)
    return len(answered)


def each(addresses: Sequence[str]) -> float:
    """Answers a second where each address is asked for once."""
    left = list(addresses)

    def work() -> None:
        connection = HTTPConnection(addresses[0].removeprefix("http://").partition("/")[0], timeout=300)
        while left:
            with contextlib.suppress(IndexError):
                asked = left.pop()
                assert get(asked, connection)[0] in (200, 204), asked

    begun = time.perf_counter()
    _together(work)
    return len(addresses) / (time.perf_counter() - begun)


def _together(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
