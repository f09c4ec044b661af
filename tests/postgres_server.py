"""A PostgreSQL of the test's own: Debian's program, a new cluster in a folder, on a socket that nobody else sees."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

USER = "postgres"


def programs() -> Path | None:
    """Where initdb and pg_ctl are, of the newest version that has PostGIS; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    shared = Path("/usr/share/postgresql")
    found = [path for path in found if (shared / path.parts[-3] / "extension" / "postgis.control").is_file()]
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server for all tests of a process, each with a database of its own."""
    if programs() is None:
        pytest.skip("PostgreSQL with PostGIS is not installed (Debian: postgis)")
    pytest.importorskip("psycopg")
    with postgres() as address:
        yield address


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; gives the address of its databases without its end ``/name``.

    It refuses to run for root, so its own user runs it then, in a folder that this user can reach.
    """
    binaries = programs()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="pm-pg-"))  # not the test's: a socket's path has 107 bytes at most
    identity = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def run(*command: str | Path) -> None:
        arguments = list(map(str, command))
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=folder, **identity)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stderr

    cluster, options = folder / "c", f"-c listen_addresses='' -k {folder} -c fsync=off -c shared_buffers=16MB"
    try:
        run(binaries / "initdb", "-D", cluster, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(binaries / "pg_ctl", "-D", cluster, "-l", folder / "log", "-o", options, "-w", "-t", "120", "start")
        try:
            yield f"postgresql://{USER}@{quote(str(folder), safe='')}"
        finally:
            run(binaries / "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
