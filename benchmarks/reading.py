"""How long it takes to read an edition, and to make the pages for reading from it for the first time.

In one process, without a server: medians of fresh readings. The first answer of a page is the one that is composed;
what comes after it is the same bytes from the cache.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask.testing import FlaskClient

from layers.edition.file import read
from layers.edition.store import Store
from tools.local import PLAN, build
from webmap.app import create_app

RUNS = 7
PAGES = ("/", "/list", "/chapter", "/lead", "/claims", "/targets", "/zone/central", "/api/layers", "/api/search")


def main() -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = build(PLAN, Path(folder) / "edition.gpkg")
        print(f"Milliseconds, medians of {RUNS}")
        print(f"{'read the edition':26}{median(lambda: read(path)):8.0f}")
        edition = read(path)
        print(f"{'take it into memory':26}{median(lambda: Store(edition)):8.1f}")
        first: dict[str, list[float]] = {page: [] for page in PAGES}
        for _ in range(RUNS):
            client = create_app({}, edition=edition).test_client()
            for page, times in first.items():
                times.append(timed(partial(answer, client, page)))
        for page, times in first.items():
            print(f"{'first ' + page:26}{statistics.median(times):8.1f}")


def answer(client: FlaskClient, page: str) -> bytes:
    """A page's body."""
    return client.get(page).get_data()


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that a piece of work takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def median(work: Callable[[], object]) -> float:
    """Its median over the runs."""
    return statistics.median(timed(work) for _ in range(RUNS))


if __name__ == "__main__":
    main()
