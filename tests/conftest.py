"""Fixtures that many tests use: an invented plan folder, and the shipped plan built once; how property tests search."""

import fcntl
import math
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from admin_people import people, quick_hashes
from browser_fixtures import base, browser, inspect, shipped, visit
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from plan_text import PLAN_TEXT, clauses
from postgres_server import postgresql
from processes import HANGS_S
from ready import SUBPROCESS
from tiny_folder import write_tiny_plan

from webmap.admin import jobs as admin_jobs
from webmap.documents import jobs as document_jobs
from webmap.figures import pool, routes
from webmap.figures.pool import Pool
from webmap.serving import encode

__all__ = ["base", "browser", "inspect", "people", "postgresql", "quick_hashes", "shipped", "visit"]

ROOT = Path(__file__).resolve().parent.parent

# Examples of `make test` are the same on every run and every machine, however busy. `make fuzz` looks further.
settings.register_profile(
    "test", max_examples=40, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.register_profile(
    "fuzz", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "3000")), deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("test")


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Servers wait for a figure until it hangs: the process that draws steps back behind all others, however busy."""

    class Patient(Pool):
        def __init__(self, processes: int, queue: int, _timeout_s: float, most_mb: int) -> None:
            super().__init__(processes, queue, 10 * HANGS_S, most_mb)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "Pool", Patient)
        yield


QUALITIES = encode._QUALITIES


@pytest.fixture(scope="session", autouse=True)
def loosely_packed() -> Iterator[None]:
    """Answers are packed in haste: the best that brotli can do takes longer than to make them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode, "_QUALITIES", ((math.inf, 1),))
        yield


@pytest.fixture
def well_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that nobody asked for before are packed as where it is in use: for tests of how much is sent."""
    monkeypatch.setattr(encode, "_QUALITIES", QUALITIES)


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Servers of one process share what templates are compiled to; a template that changed is another one."""
    kept: dict[str, bytes] = {}

    class Kept(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            if found := kept.get(bucket.key + bucket.checksum):
                bucket.bytecode_from_string(found)

        def dump_bytecode(self, bucket: Bucket) -> None:
            kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Kept()})
        yield


STARTERS = (admin_jobs, document_jobs, pool)
"""What starts programs for the server."""


@pytest.fixture(scope="session", autouse=True)
def ready() -> Iterator[None]:
    """Programs that the server starts are forked from one that has loaded what they need."""
    with pytest.MonkeyPatch.context() as patch:
        for one in STARTERS:
            patch.setattr(one, "subprocess", SUBPROCESS)
        yield


@pytest.fixture
def from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that the server starts are started as where it is in use: by Python, which loads all they need."""
    for one in STARTERS:
        monkeypatch.setattr(one, "subprocess", subprocess)


@pytest.fixture
def tiny_plan(tmp_path: Path) -> Path:
    """The plan folder of an invented district around 104° E, its data folder two levels up; free to be changed."""
    return write_tiny_plan(tmp_path)


def built(factory: pytest.TempPathFactory, name: str, folder: Path) -> Path:
    """The edition of a plan folder, built once for all processes of a session; for reading only."""
    from layers.build.assemble import build_file

    top = factory.getbasetemp()
    place = (top.parent if "PYTEST_XDIST_WORKER" in os.environ else top) / f"built-{name}"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / f"{name}.gpkg").is_file():
            build_file(folder, place / f"{name}.gpkg", folder.parent.parent)
    return place / f"{name}.gpkg"


@pytest.fixture(scope="session")
def xiaoshan_edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of the shipped plan."""
    return built(tmp_path_factory, "xiaoshan-14fyp", ROOT / "data" / "plans" / "xiaoshan-14fyp")


@pytest.fixture(scope="session")
def tiny_edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of the invented district as ``tiny_plan`` gives it."""
    return built(tmp_path_factory, "tiny-15fyp", write_tiny_plan(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="session")
def said() -> dict[str, str]:
    """The plan's clauses without blanks."""
    if not PLAN_TEXT.is_file():
        pytest.skip("the plan's text is not beside the checkout")
    found = clauses(PLAN_TEXT.read_text(encoding="utf-8"))
    return {clause: re.sub(r"\s+", "", text) for clause, text in found.items()}
