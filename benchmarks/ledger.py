"""The ledger under load: 100,000 and a million observations (or as asked), SQLite and PostgreSQL side by side.

``python -m benchmarks.ledger [COUNT …] [--postgres ADDRESS] [--folder FOLDER]`` fills ledgers with one chain each,
corrects some thousand entries the usual way, and asks each one in a process of its own, whose memory is told. Times are
medians, with the fastest in brackets: on a busy machine that one says more. Without an address a PostgreSQL of its own
runs where Debian's is installed. 10,000,000 take half an hour to fill and 9 GB.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from layers.ledger.book import Draft, Ledger, opened
from layers.ledger.entry import OBSERVED, START, digest_of

PLAN = "benchmark"
PLACES, YEARS = 1_500, 10
"""Townships of a province, and years: so many values has an indicator."""
BATCH, SHEET, CORRECTED = 50_000, 10_000, 2_000
AT = "2026-03-01T08:30:00.000000Z"
Row = tuple[Any, ...]


def cell(number: int) -> tuple[str, str, str]:
    """Indicator, period and place of a value: all places of an indicator's year, then the next year."""
    rest, place = divmod(number, PLACES)
    indicator, year = divmod(rest, YEARS)
    return f"i{indicator:05}", str(2021 + year), f"township/t{place:04}"


def chained(count: int) -> Iterator[list[Row]]:
    """Entries as the ledger would make them, each with the hash of the one before, in batches."""
    head, rows = START, list[Row]()
    for number in range(count):
        indicator, period, place = cell(number)
        first = number // BATCH * BATCH + 1
        fields: Row = (
            number + 1,
            indicator,
            OBSERVED,
            period,
            place,
            1,
            number * 0.01,
            "亿元",
            "年鉴",
            "",
            "",
            "benchmark",
        )
        fields = (*fields, AT, first, head)
        head = digest_of(fields)
        rows.append((*fields, head))
        if len(rows) == BATCH:
            yield rows
            rows = []
    if rows:
        yield rows


def filled(address: str, count: int) -> dict[str, float]:
    """Make and fill a ledger; seconds it took, and what a sheet of 10,000 and corrections take the usual way."""
    ledger = opened(address, PLAN, make=True)
    start, mark = time.perf_counter(), 10
    for done, rows in enumerate(chained(count), start=1):
        with ledger.keeping.writing() as view:
            view.insert(rows)
        if done * BATCH * 100 >= mark * count:
            print(f"  {mark} %", file=sys.stderr, flush=True)
            mark += 10
    laid = time.perf_counter() - start
    chance = random.Random(1)  # noqa: S311 - no secret
    some = chance.sample(range(count), min(CORRECTED, count // 10))
    start = time.perf_counter()
    ledger.append([_draft(cell(number), 1.0, after=1) for number in some], "benchmark")
    corrected = time.perf_counter() - start
    start = time.perf_counter()
    ledger.append([_draft(("new", "2030", f"township/t{place:05}"), 1.0) for place in range(SHEET)], "benchmark")
    return {"fill, s": laid, f"correct {len(some):,} anywhere, s": corrected,
            f"enter {SHEET:,}, s": time.perf_counter() - start}  # fmt: skip


def _draft(wanted: tuple[str, str, str], value: float, after: int = 0) -> Draft:
    indicator, period, place = wanted
    return Draft(indicator, place, period, value, "亿元", "年鉴", after=after)


def asked(ledger: Ledger, count: int) -> dict[str, list[float]]:
    """What asking takes: median and fastest of many, each of another part of the ledger, in milliseconds."""
    chance = random.Random(2)  # noqa: S311 - no secret

    def anywhere() -> tuple[str, str, str]:
        return cell(chance.randrange(count))

    return {
        f"overlay of {min(PLACES, count):,} places, ms": taken(lambda: ledger.overlay(*anywhere()[:2])),
        "overlay at an earlier state, ms": taken(lambda: ledger.overlay(*anywhere()[:2], upto=count // 2)),
        "series of a place and indicator, ms": taken(lambda: ledger.series(anywhere()[2], anywhere()[0])),
        "an indicator's periods, ms": taken(lambda: ledger.periods(indicator=anywhere()[0])),
        "all periods, ms": taken(ledger.periods, 3),
        "state, ms": taken(ledger.state),
        "newest 50 entries, ms": taken(lambda: ledger.history(most=50)),
    }


def taken(ask: Callable[[], object], times: int = 50) -> list[float]:
    """The median time of asking and the shortest, in milliseconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        found.append((time.perf_counter() - start) * 1000)
    return [statistics.median(found), min(found)]


def answered(address: str, count: int) -> dict[str, Any]:
    """`asked` in this process, with its memory and, in PostgreSQL, that of the process that serves it."""
    ledger = opened(address, PLAN)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found: dict[str, Any] = dict(asked(ledger, count))
    found["memory of the process, MB"] = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]
    found["of it for asking, MB"] = [(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]
    if "://" in address:
        with ledger.keeping.reading() as view:
            server = next(iter(view.ask("SELECT pg_backend_pid()")))[0]
        status = Path(f"/proc/{server}/status")
        lines = status.read_text("utf-8").splitlines() if status.is_file() else []
        found["of the server's process, MB"] = [int(one.split()[1]) / 1024 for one in lines if "VmHWM" in one]
    return found


def told(value: list[float]) -> str:
    """A median with the fastest, or a single number; a dash for none."""
    return " ".join([*(f"{one:.1f}" for one in value[:1]), *(f"({one:.1f})" for one in value[1:])]) or "—"


def measured(address: str, count: int) -> dict[str, str]:
    """A column of the table."""
    made = {name: [value] for name, value in filled(address, count).items()}
    if "://" not in address:
        made["file, MB"] = [Path(address).stat().st_size / 1e6]
    program = [sys.executable, "-m", "benchmarks.ledger", str(count), "--ask", address]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    found = {**made, **json.loads(done.stdout)}
    print(f"  {json.dumps(found, ensure_ascii=False)}", file=sys.stderr, flush=True)
    return {name: f"{value[0]:.1f}" + (f" ({value[1]:.1f})" if len(value) > 1 else "") for name, value in found.items()}


def database(server: str, name: str) -> str:
    """The address of a new database."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server}/{name}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--postgres", help="postgresql://user@host, where databases may be made")
    parser.add_argument("--folder", help="where files are made")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(answered(given.ask, given.count[0])))
        return
    columns: dict[str, dict[str, str]] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=given.folder))
        server = given.postgres
        if not server:
            sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
            own = importlib.import_module("postgres_server")
            server = stack.enter_context(own.postgres()) if own.programs() else ""
        for count in given.count:
            columns[f"SQLite {count:,}"] = measured(str(Path(folder) / f"l{count}.sqlite"), count)
            if server:
                columns[f"PostgreSQL {count:,}"] = measured(database(server, f"bench_{count}"), count)
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    print(f"{'':36}" + "".join(f"{name:>23}" for name in columns))
    for name in names:
        print(f"{name:36}" + "".join(f"{column.get(name, '—'):>23}" for column in columns.values()))


if __name__ == "__main__":
    main()
