"""Fixtures of the browser tests: one browser a session, one server a module, a fresh context a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit, chromium, served
from web_edition import make_edition

from layers.edition import file as editions

__all__ = ["base", "browser", "inspect", "shipped", "visit"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, the only one: its API allows one at a time in a thread."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The address of a server for the tiny edition."""
    with served(make_edition()) as address:
        yield address


@pytest.fixture(scope="module")
def shipped(xiaoshan_edition: Path) -> Iterator[str]:
    """The address of a server for the shipped plan."""
    with served(editions.read(xiaoshan_edition)) as address:
        yield address


@pytest.fixture
def inspect() -> Callable[[Visit], None]:
    """What is asked of a page at its end; a module may ask for more."""

    def no_faults(visit: Visit) -> None:
        assert visit.faults == [], visit.faults

    return no_faults


@pytest.fixture
def visit(browser: Any, base: str, inspect: Callable[[Visit], None]) -> Iterator[Callable[..., Visit]]:
    """Open pages; at the end none of them may have complained or asked another machine for anything."""
    visits: list[Visit] = []

    def open_page(path: str = "/?lang=zh", address: str = base, **options: Any) -> Visit:
        made = Visit(browser, address, **options)
        visits.append(made)
        made.open(path)
        return made

    yield open_page
    for made in visits:
        inspect(made)
        made.close()
