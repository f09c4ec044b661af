"""Programs that the server starts, forked from a process that has loaded what they need: to start Python takes longer.

`Popen` is ``subprocess.Popen`` as far as the server uses it: each program has a process of its own with the command's
arguments, environment and pipes, and knows nothing of the process that tests run in. One process for each that runs
tests waits for commands; it is started with the first one and goes with who started it.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
LOADED = (
    "geopandas", "pyogrio", "rasterio", "tomlkit", "webmap.admin.scan_work", "webmap.documents.work",
    "webmap.figures.drawer", "webmap.reading.links", "layers.imports.accepted", "layers.imports.edited",
    "layers.imports.exchange", "layers.report.atlas", "layers.report.story", "layers.report.write",
)  # fmt: skip
MOST = 65_536
"""Bytes of a command with its environment."""
_lock = threading.Lock()
_door: list[socket.socket] = []
_kept = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}


class Popen:
    """A program that runs: a process that was forked, which is no child of this one."""

    def __new__(cls, command: list[str], **options: Any) -> Any:
        """A program of another Python than ours, as the environment has it, is started as ever."""
        now = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
        if now != _kept or not hasattr(os, "pidfd_open"):
            return subprocess.Popen(command, **options)
        return super().__new__(cls)

    def __init__(
        self, command: list[str], *, cwd: Path | str = "", stdin: int, stdout: int, pass_fds: tuple[int, ...] = (),
        start_new_session: bool = False,
    ) -> None:  # fmt: skip
        theirs, ours = [], []
        for given, (read_end, write_end) in ((stdin, (0, 1)), (stdout, (1, 0))):
            ends = os.pipe() if given == subprocess.PIPE else (os.open(os.devnull, os.O_RDWR), -1)
            theirs.append(ends[read_end if given == subprocess.PIPE else 0])
            ours.append(ends[write_end] if given == subprocess.PIPE else -1)
        self.stdin: IO[bytes] | None = os.fdopen(ours[0], "wb") if ours[0] >= 0 else None
        self.stdout: IO[bytes] | None = os.fdopen(ours[1], "rb") if ours[1] >= 0 else None
        where = str(cwd or Path.cwd())
        told = {"argv": command[1:], "cwd": where, "env": dict(os.environ), "session": start_new_session}
        with _lock:
            if not _door:
                _door.append(_started())
            socket.send_fds(_door[0], [json.dumps(told).encode()], [*theirs, 2, *pass_fds])
            self.pid = int(_door[0].recv(20))
        for one in theirs:
            os.close(one)
        self._process = -1
        with suppress(ProcessLookupError):  # it has ended already
            self._process = os.pidfd_open(self.pid)

    def kill(self) -> None:
        """End it at once."""
        if self._process >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self) -> None:
        """Until it has ended; how, is not known."""
        if self._process >= 0:
            select.select([self._process], [], [])
            ended, self._process = self._process, -1
            os.close(ended)


SUBPROCESS = SimpleNamespace(Popen=Popen, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)
"""What stands for the module ``subprocess`` where the server starts its programs."""


def _started() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen([sys.executable, __file__, str(theirs.fileno())], cwd=ROOT, pass_fds=[theirs.fileno()])
    return ours


def main() -> None:
    """Fork for each command, until nobody gives any."""
    sys.path[0] = str(ROOT)
    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, _ended)
    with socket.socket(fileno=int(sys.argv[1])) as door:
        while True:
            said, given, _flags, _who = socket.recv_fds(door, MOST, 16)
            if not said:
                return
            pid = os.fork()
            if not pid:
                door.close()
                _become(json.loads(said), given)
            door.send(str(pid).encode())
            for one in given:
                os.close(one)


def _ended(*_: object) -> None:
    """Let go of those that have ended: nobody asks how."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(told: dict[str, Any], given: list[int]) -> None:
    """Be the program of a command, to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in range(3):
        os.dup2(given[number], number)
        os.close(given[number])
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115 - to the end
    if told["session"]:
        os.setsid()
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    kind, what, *arguments = told["argv"]
    sys.argv = [kind, *arguments]
    code = 0
    try:
        if kind == "-m":
            warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")  # it is loaded already
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(what, {"__name__": "__main__"})  # noqa: S102 - as Python does with it
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
