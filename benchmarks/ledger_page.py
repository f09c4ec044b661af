"""Pages with 100,000 observations in the ledger (or as many as asked for) against those with an empty one.

``python -m benchmarks.ledger_page [COUNT]``: the shipped plan, its indicators at its townships, zones and district for
years, quarters and months. Milliseconds of processor time, medians, both ledgers in turn: of the first answer after an
entry, which is composed, and of the next, which is kept.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from flask.testing import FlaskClient

from layers.edition.file import read
from layers.edition.observations import LEVELS, indicators, places_of
from layers.edition.store import Store
from layers.ledger.book import Draft, Ledger, opened
from tools.local import PLAN, build
from webmap.app import create_app

COUNT, RUNS, SHEET = 100_000, 5, 10_000
PAGES = (
    "/", "/progress", "/progress?lang=en&state=behind", "/zone/{zone}", "/api/observed", "/api/observed/{indicator}",
    "/api/observed/{indicator}/township", "/api/course",
)  # fmt: skip


def drafts(store: Store, count: int) -> Iterator[Draft]:
    """Values of the plan's indicators: years first, then quarters and months, as far back as it takes."""
    stated = [one["id"] for one in indicators(store) if one["origin"] == "stated"]
    places = [place for level in LEVELS for place in places_of(store, level)]
    years = range(2025, 1900, -1)
    codes = itertools.chain(
        (f"{year}" for year in years[:10]),
        (f"{year}Q{quarter}" for year in years for quarter in range(1, 5)),
        (f"{year}-{month:02}" for year in years for month in range(1, 13)),
    )
    every = itertools.product(codes, stated, places)
    for number, (code, indicator, place) in enumerate(itertools.islice(every, count)):
        yield Draft(indicator, place, code, 10 + number % 97, source="年鉴")


def main() -> None:
    """Measure and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder:
        edition = read(build(PLAN, Path(folder) / "edition.gpkg"))
        store = Store(edition)
        ledgers = {
            name: opened(Path(folder) / f"{name}.sqlite", store.plan["id"], make=True) for name in ("empty", "full")
        }
        entered = drafts(store, count)
        while sheet := list(itertools.islice(entered, SHEET)):
            ledgers["full"].append(sheet, "benchmark")
        known = {
            "indicator": next(one["id"] for one in indicators(store)),
            "zone": places_of(store, "zone")[0].split("/")[1],
        }
        times: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        clients = {
            name: create_app({"PLANMAP_LEDGER": ledger.keeping.place}, edition=edition).test_client()
            for name, ledger in ledgers.items()
        }
        for run, page, name in itertools.product(range(RUNS + 1), PAGES, ledgers):
            if page == PAGES[0]:
                touch(ledgers[name], known["indicator"], run)
            for turn in ("first", "kept"):
                taken = asked(clients[name], page.format(**known))
                if run:  # the first run warms both
                    times[page, turn, name].append(taken)
    print(f"{count:,} observations: {'page':36}{'':8}{'empty':>10}{'full':>10}{'ratio':>8}")
    for page, turn in itertools.product(PAGES, ("first", "kept")):
        empty, full = (statistics.median(times[page, turn, name]) for name in ledgers)
        print(f"{page:58}{turn:8}{empty:10.1f}{full:10.1f}{full / empty:8.2f}")


def touch(ledger: Ledger, indicator: str, run: int) -> None:
    """One entry more, so that everything is composed anew; of a year that no page shows."""
    ledger.append([Draft(indicator, "district", str(1901 + run), 1.0, source="年鉴")], "benchmark")


def asked(client: FlaskClient, page: str) -> float:
    """Milliseconds of processor time that an answer takes."""
    begun = time.process_time()
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    main()
