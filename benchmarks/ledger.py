"""The ledger under load: 100,000 observations (or as many as asked for), in SQLite and, given an address, PostgreSQL.

``python -m benchmarks.ledger [COUNT] [--postgres ADDRESS]`` fills a ledger, corrects a hundredth of it, and prints the
median time of an overlay (all places of one indicator and year), of a place's series, of the state that every request
asks for, and of the API's answers; 10,000,000 take an hour to fill.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from layers.ledger.book import Draft, Ledger, opened

PLAN = "benchmark"
PLACES, YEARS = 1_500, 10
"""Townships of a province, and years: so many values has an indicator."""
BATCH = 10_000


def drafts(count: int) -> Iterator[list[Draft]]:
    """Values of as many indicators as it takes, in batches."""
    batch: list[Draft] = []
    for number in range(count):
        rest, place = divmod(number, PLACES)
        indicator, year = divmod(rest, YEARS)
        batch.append(
            Draft(f"i{indicator:05}", f"township/t{place:04}", str(2021 + year), number * 0.01, "亿元", "年鉴")
        )
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def median_ms(ask: Callable[[], object], times: int = 50) -> float:
    """The median time of asking, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def measured(ledger: Ledger, count: int) -> dict[str, float]:
    """Fill a ledger and measure it; times in milliseconds, filling in seconds, memory in MB."""
    start = time.perf_counter()
    for batch in drafts(count):
        ledger.append(batch, "benchmark")
    first = next(drafts(min(count, BATCH)))[: max(1, count // 100)]
    ledger.append([Draft(one.indicator, one.place, one.period, 1.0, after=1) for one in first], "benchmark")
    filled = time.perf_counter() - start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = {
        "fill, s": filled,
        "overlay, ms": median_ms(lambda: ledger.overlay("i00000", "2021")),
        "overlay at an earlier state, ms": median_ms(lambda: ledger.overlay("i00000", "2021", upto=count // 2)),
        "series of a place, ms": median_ms(lambda: ledger.series("township/t0007", "i00000")),
        "state, ms": median_ms(ledger.state),
        "periods, ms": median_ms(ledger.periods, 5),
    }
    return result | {"more memory for asking, MB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--postgres", help="postgresql://…: an empty database")
    asked = parser.parse_args()
    columns: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        columns["SQLite"] = measured(opened(Path(folder) / "l.sqlite", PLAN, make=True), asked.count)
        if asked.postgres:
            columns["PostgreSQL"] = measured(opened(asked.postgres, PLAN, make=True), asked.count)
    print(f"{asked.count:,} observations")
    print(f"{'':34}" + "".join(f"{name:>12}" for name in columns))
    for name in columns["SQLite"]:
        print(f"{name:34}" + "".join(f"{column[name]:12.2f}" for column in columns.values()))


if __name__ == "__main__":
    main()
