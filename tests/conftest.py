"""Fixtures that many tests use: an invented plan folder, and the shipped plan built once; how property tests search."""

import os
import re
from pathlib import Path

import pytest
from admin_people import people, quick_hashes
from browser_fixtures import base, browser, inspect, shipped, visit
from hypothesis import HealthCheck, settings
from plan_text import PLAN_TEXT, clauses
from tiny_folder import write_tiny_plan

__all__ = ["base", "browser", "inspect", "people", "quick_hashes", "shipped", "visit"]

ROOT = Path(__file__).resolve().parent.parent

# Examples of `make test` are the same on every run and every machine, however busy. `make fuzz` looks further.
settings.register_profile(
    "test", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "fuzz", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "3000")), deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("test")


@pytest.fixture
def tiny_plan(tmp_path: Path) -> Path:
    """The plan folder of an invented district around 104° E, its data folder two levels up; free to be changed."""
    return write_tiny_plan(tmp_path)


@pytest.fixture(scope="session")
def xiaoshan_edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of the shipped plan, built once in a session."""
    from layers.build.assemble import build_file

    path = tmp_path_factory.mktemp("edition") / "xiaoshan-14fyp.gpkg"
    build_file(ROOT / "data" / "plans" / "xiaoshan-14fyp", path, ROOT / "data")
    return path


@pytest.fixture(scope="session")
def said() -> dict[str, str]:
    """The plan's clauses without blanks."""
    if not PLAN_TEXT.is_file():
        pytest.skip("the plan's text is not beside the checkout")
    found = clauses(PLAN_TEXT.read_text(encoding="utf-8"))
    return {clause: re.sub(r"\s+", "", text) for clause, text in found.items()}
