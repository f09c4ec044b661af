"""The server: granian, with the app loaded before its workers fork, so that they share one edition in memory.

Slow clients cost no thread: granian reads whole heads before it calls the app, and takes whole bodies from it. What it
does not limit itself is limited on the listening socket and around the workers: a client that takes nothing of an
answer, a stop that clients delay, workers whose parent was killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from geo.errors import PlanmapError
from webmap.serving.settings import Settings

LOG = logging.getLogger("planmap.web")

THREADS = 4
"""Threads of a worker that make answers; most answers are ready, and none waits for a client."""
LONGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers together; longer ones are answered with 431."""
BACKLOG = 1024
STOP_S = 4.0
"""Seconds after SIGTERM when whatever still runs is killed."""


class Server(MPServer):
    """granian for one application.

    Args:
        app: The application, its common answers ready.
        settings: Address, workers and limits.
        reload: Makes the application anew on SIGHUP; when it raises, the old one goes on.
        close: Gives back what an application holds outside this process.
        begin: Begins in a worker what the application need not wait for.
    """

    def __init__(
        self, app: Flask, settings: Settings, reload: Callable[[], Flask], close: Callable[[Flask], None],
        begin: Callable[[Flask], None],
    ) -> None:  # fmt: skip
        # Forked, whatever the platform's default is: the edition is shared, not loaded once for each worker.
        multiprocessing.set_start_method("fork", force=True)
        connections = _open_files(settings.connections)
        # Threads that wait for figures cost no core; granian warns of their number all the same, in English.
        logging.getLogger("_granian").addFilter(_not_of_threads)
        super().__init__(
            "planmap",
            settings.host,
            settings.port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=settings.workers,
            # One that waits for a figure does nothing else, and leaves the others their threads.
            blocking_threads=THREADS + settings.figure_processes + settings.figure_queue,
            backlog=BACKLOG,
            # granian counts connections, idle ones too: with fewer, a few idle ones would stop a worker.
            backpressure=max(1, connections // settings.workers),
            http1_settings=HTTP1Settings(
                header_read_timeout=settings.read_timeout * 1000, keep_alive=True, max_buffer_size=LONGEST_HEAD
            ),
            workers_kill_timeout=2,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            log_level=LogLevels.warning,
        )
        self._settings = settings
        self._apps = [app]
        self._make = reload
        self._close = close
        self._begin = begin
        self.on_reload(self._reload_app)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        parent = os.getpid()

        def load(_target: str) -> Flask:
            # Runs in the worker.
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
            self._begin(self._apps[-1])
            return self._apps[-1]

        status = 0
        try:
            self.serve(target_loader=load)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        self._leave(status)

    def _leave(self, status: int) -> None:
        """End at once: to take an edition in memory to pieces would take seconds."""
        for app in self._apps:
            self._close(app)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)

    def _reload_app(self) -> None:
        """Make the app anew; the one before stays until the next time, for workers that still serve it."""
        try:
            app = self._make()
        except PlanmapError as error:
            LOG.error("%s", error.message("zh"))
            LOG.error("%s", error.message("en"))
            return
        for old in self._apps[:-1]:
            self._close(old)
        self._apps = [self._apps[-1], app]

    def _init_shared_socket(self) -> None:
        """One listening socket for all workers, so that none waiting is lost when one of them goes."""
        family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
        listening = socket.create_server((self.bind_addr, self.bind_port), family=family, backlog=self.backlog)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Connections inherit it: one whose client takes nothing of what was sent is ended.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self._settings.send_timeout * 1000)
        listening.setblocking(False)
        listening.set_inheritable(True)
        self._ssp = None
        self._shd = SocketHolder(listening.fileno(), False, self.backlog)  # type: ignore[call-arg, assignment]
        self._sso = listening

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Stop gracefully, and in any case soon."""
        super().signal_handler_interrupt(*args, **kwargs)
        threading.Thread(target=self._kill_soon, daemon=True).start()

    def _kill_soon(self) -> None:
        time.sleep(STOP_S)
        for worker in multiprocessing.active_children():
            worker.kill()
        self._leave(0)


def _not_of_threads(record: logging.LogRecord) -> bool:
    return "Python threads" not in record.getMessage()


def _end_with(parent: int) -> None:
    """End this worker when the parent was killed: it would hold the port with nobody to stop it."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _open_files(connections: int) -> int:
    """Raise this process's limit of open files for so many connections; how many it allows."""
    spare = 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + spare
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(16, min(connections, wanted - spare))
