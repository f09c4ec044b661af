"""A shelf of 2,800 plans: ``python -m benchmarks.shelf [NUMBER]``; how long the start takes, and what it holds.

The editions are small and made by hand (copies of the tests' tiny one, each with a plan of its own): what is
measured is the shelf, not the plans.
"""

from __future__ import annotations

import importlib
import json
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient

from layers.edition.file import write
from webmap.app import create_app
from webmap.serving import library

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
make_edition = importlib.import_module("web_edition").make_edition


NUMBER = 2800
PROVINCES = ("33", "51", "11", "44", "62")
VISITED = 60


def main() -> None:
    """Print the table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "editions"
        _make(folder, number)
        settings = {"PLANMAP_EDITION": str(folder), "PLANMAP_CACHE_DIR": str(Path(root) / "cache")}
        start_s, start_cpu, app = _start(settings)
        app.extensions["planmap"].shelf.close()
        again_s, again_cpu, app = _start(settings)
        client = app.test_client()
        worked = time.process_time()
        read_s = _features_read(client, number)
        read_cpu = time.process_time() - worked
        begun = time.perf_counter()
        found = len(client.get("/api/plans?q=changshan").get_json()["plans"])
        find_s = time.perf_counter() - begun
        page = client.get("/")
        sent = len(client.get("/", headers={"Accept-Encoding": "br"}).data)
        cold, used, held = [], [], []
        for turn in range(VISITED):
            begun, worked = time.perf_counter(), time.process_time()
            assert client.get(f"/p/plan-{turn * 7 % number:04d}/").status_code == 200
            cold.append(time.perf_counter() - begun)
            used.append(time.process_time() - worked)
            held.append(_memory_mb())
        rows = (
            ("plans", f"{number}"),
            ("first start, s, of that processor (target 5)", f"{start_s:.2f} {start_cpu:.2f}"),
            ("later start, with the index", f"{again_s:.2f} {again_cpu:.2f}"),
            ("features read into the index after the start, s, of that processor", f"{read_s:.1f} {read_cpu:.1f}"),
            (f"a search of all features ({found} plans fit), s", f"{find_s:.2f}"),
            ("catalogue page, kB (target 200)", f"{len(page.data) / 1000:.0f} ({sent / 1000:.0f} sent)"),
            (
                "a plan's first answer, s: median, worst (target 1)",
                f"{median(cold):.2f} {max(cold):.2f}",
            ),
            ("of that processor: median, worst", f"{median(used):.2f} {max(used):.2f}"),
            (f"memory after 20 and {VISITED} plans, MB", f"{held[19]:.0f} {held[-1]:.0f}"),
        )
        for name, value in rows:
            print(f"{name:68} {value}")
        app.extensions["planmap"].shelf.close()


def _start(settings: dict[str, str]) -> tuple[float, float, Flask]:
    """Seconds, processor seconds and the application."""
    wall, used = time.perf_counter(), time.process_time()
    app = create_app(settings)
    return time.perf_counter() - wall, time.process_time() - used, app


def _features_read(client: FlaskClient, number: int) -> float:
    """Seconds until the features of all plans can be found."""
    begun = time.perf_counter()
    while client.get("/api/plans?lang=en").get_json()["searched"] < number:
        time.sleep(library.SCAN_S)
    return time.perf_counter() - begun


def _make(folder: Path, number: int) -> None:
    """Write the editions: one is built, the others are copies with other metadata and another place."""
    folder.mkdir(parents=True)
    first = folder / "plan-0000.gpkg"
    write(make_edition(), first)
    for one in range(number):
        path = folder / f"plan-{one:04d}.gpkg"
        if one:
            shutil.copyfile(first, path)
        database = sqlite3.connect(path)
        database.execute("PRAGMA synchronous = OFF")
        (raw,) = database.execute("SELECT value FROM planmap_meta WHERE key = 'plan'").fetchone()
        code = f"{PROVINCES[one % len(PROVINCES)]}{one:04d}"
        plan = json.loads(raw) | {
            "id": path.stem,
            "district": {"name": f"第{one}区", "name_en": f"No {one}", "code": code},
        }
        database.execute("UPDATE planmap_meta SET value = ? WHERE key = 'plan'", (json.dumps(plan),))
        database.execute("UPDATE planmap_meta SET value = ? WHERE key = 'hash'", (json.dumps(f"{one:064x}"),))
        database.commit()
        database.close()


def _memory_mb() -> float:
    """What the process holds, from the kernel where it tells; else the most that it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
