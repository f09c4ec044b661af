"""Live services beside pygeoapi and bare Flask: ``python -m benchmarks.services [POLYGONS] [--large]``.

The same GeoPackage of 10,000 polygons, two workers each, the same client with four connections. pygeoapi (from PyPI,
with its provider for GeoPackages) and gunicorn are installed into a temporary folder; without a network, or without
SpatiaLite, its column stays empty. "Flask" answers with the very bytes of planmap from memory: what a framework itself
takes. ``--large`` adds a filter over 1,000,000 features in one process.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import shapely

from layers.edition.file import write
from layers.service.cql2 import parse
from layers.service.grids import MERCATOR
from layers.service.query import Question
from layers.service.systems import CRS84
from layers.service.table import Table
from layers.service.tiles import Cutter

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
make_edition = importlib.import_module("web_edition").make_edition

POLYGONS, LARGE = 10_000, 1_000_000
PEER_PYTHON = next((one for one in ("/usr/bin/python3",) if Path(one).is_file()), sys.executable)
"""pygeoapi wants a Python whose SQLite may load SpatiaLite, as Debian's may."""
CONNECTIONS, SECONDS = 4, 4.0
SIDE = 0.0016
LAYER = "townships"
PROVIDER = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: "http://127.0.0.1:{port}"
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  gzip: false
  languages: [en-US]
  limits: {{default_items: 100, max_items: 10000}}
  map: {{url: "http://127.0.0.1/none", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification:
    {{title: t, description: t, keywords: [t], keywords_type: theme, terms_of_service: none, url: "http://t"}}
  license: {{name: none, url: "http://t"}}
  provider: {{name: t, url: "http://t"}}
  contact: {{name: t, email: t@t.t, url: "http://t"}}
resources:
  {layer}:
    type: collection
    title: t
    description: t
    keywords: [t]
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers: [{{type: feature, name: SQLiteGPKG, data: "{data}", id_field: fid, table: {layer}}}]
"""
FLASK = """
import json, pathlib
from flask import Flask, Response
app = Flask(__name__)
names = json.loads(pathlib.Path(__file__).with_name("names.json").read_text())
bodies = {key: pathlib.Path(path).read_bytes() for key, path in names.items()}
@app.get("/<name>")
def answer(name):
    return Response(bodies[name], content_type="application/geo+json")
"""


def cells(count: int) -> gpd.GeoDataFrame:
    """Square cells side by side, each with eight corners."""
    side = int(np.ceil(np.sqrt(count)))
    number = np.arange(count)
    x, y = 120.0 + number % side * SIDE, 30.0 + number // side * SIDE
    shapes = shapely.multipolygons(shapely.segmentize(shapely.box(x, y, x + SIDE, y + SIDE), SIDE / 2)[:, None])
    row = make_edition().layers[LAYER].iloc[[0]]
    frame = pd.concat([row.drop(columns="geometry")] * count, ignore_index=True)
    frame["id"] = [f"township/n{one}" for one in number]
    frame["name"] = [f"街道{one}" for one in number]
    frame["zone"] = np.where(number % 2 == 0, "west", "east")
    frame["area_km2"] = number % 1000 / 10
    frame["label_lon"], frame["label_lat"] = x + SIDE / 2, y + SIDE / 2
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4490")


@contextlib.contextmanager
def running(command: list[str], address: str, **environ: str) -> Iterator[psutil.Process]:
    """A server, once it answers."""
    with subprocess.Popen(command, env={**os.environ, **environ}, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(3000):
                with contextlib.suppress(OSError):
                    if _get(address)[0] == 200:
                        break
                time.sleep(0.1)
            else:
                raise RuntimeError(f"{command[0]} does not answer")
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _get(address: str, connection: HTTPConnection | None = None) -> tuple[int, bytes]:
    host, _slash, path = address.removeprefix("http://").partition("/")
    used = connection or HTTPConnection(host, timeout=300)
    used.request("GET", "/" + path, headers={"Accept": "application/geo+json, application/json"})
    answer = used.getresponse()
    return answer.status, answer.read()


def rate(address: str, check: Callable[[bytes], None] = lambda _body: None) -> tuple[float, float]:
    """Answers a second of four connections, and the time in ms within which 99 of 100 came.

    Args:
        address: Each question has another number for ``{number}``, and another box for ``{box}``.
        check: Looks at the first answer.
    """
    status, body = _get(_filled(address, 0))
    assert status == 200, (address, body[:300])
    check(body)
    taken: list[float] = []
    numbers = count(1)
    end = time.perf_counter() + SECONDS

    def work() -> None:
        connection = HTTPConnection(address.removeprefix("http://").partition("/")[0], timeout=300)
        while time.perf_counter() < end:
            asked = _filled(address, next(numbers))
            begun = time.perf_counter()
            assert _get(asked, connection)[0] == 200, asked
            taken.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return len(taken) / SECONDS, sorted(taken)[int(len(taken) * 0.99)] * 1000


def _filled(address: str, number: int) -> str:
    """An address of which no two in a row are the same where it asks for a box or a number."""
    west, south = 120.0 + (number * 7 % 89 + 0.05) * SIDE, 30.0 + (number * 11 % 83 + 0.05) * SIDE
    box = f"{west:.6f},{south:.6f},{west + 9.9 * SIDE:.6f},{south + 9.9 * SIDE:.6f}"
    return address.replace("{box}", box).replace("{number}", str(number * 13 % 9000 + 1))


def returned(number: int) -> Callable[[bytes], None]:
    """A check that an answer holds so many features."""

    def check(body: bytes) -> None:
        found = json.loads(body)
        assert len(found["features"]) == number, len(found["features"])

    return check


QUESTIONS: dict[str, tuple[str, str, Callable[[bytes], None]]] = {
    "100 features, the same": ("/items?limit=100", "/items?limit=100", returned(100)),
    "bbox, 100 hits": ("/items?bbox={box}&limit=100", "/items?bbox={box}&limit=100", returned(100)),
    "one feature": ("/items/township/n{number}", "/items/{number}", lambda _body: None),
    "two columns and bbox": (
        "/items?zone=west&kind=township&bbox={box}",
        "/items?zone=west&kind=township&bbox={box}",
        returned(50),
    ),
}
"""What is asked of us, of pygeoapi, and what must be in the answer; boxes and numbers are another each time."""
CQL2 = quote("zone='west' AND area_km2 BETWEEN 10 AND 60")


def ours(path: Path, port: int, folder: Path) -> tuple[dict[str, tuple[float, float]], dict[str, Path], list[str]]:
    """planmap: rates, the bodies that it answered, further rows."""
    base = f"http://127.0.0.1:{port}/ogc/collections/{LAYER}"
    command = [sys.executable, "-c", "from webmap.cli import main; main()", "serve", "--port", str(port), str(path)]
    found, bodies, rows = {}, {}, []
    with running(command, f"http://127.0.0.1:{port}/healthz", PLANMAP_WORKERS="2", PYTHONPATH=str(ROOT)) as process:
        for name, (ask, _theirs, check) in QUESTIONS.items():
            found[name] = rate(base + ask, check)
            bodies[name] = folder / re.sub(r"\W+", "-", name)
            bodies[name].write_bytes(_get(_filled(base + ask, 0))[1])
        filtered = rate(f"{base}/items?filter={CQL2}&bbox={{box}}")
        rows.append(f"CQL2 on two columns and bbox, {filtered[0]:.0f}/s, p99 {filtered[1]:.1f} ms")
        workers = process.children(recursive=True)
        shared = median(one.memory_full_info().pss for one in workers) / path.stat().st_size
        rows.append(f"memory a worker (its share of what is common), of the file's size: {shared:.1f}")
        box = "bbox=30,120,30.032,120.032&crs=EPSG:4490&width=256&height=256"
        names = "zones,zone_parts,townships,district,expressways,hubs"
        picture = f"http://127.0.0.1:{port}/ogc/wms?request=GetMap&layers={names}&{box}"
        begun = time.perf_counter()
        assert _get(picture)[0] == 200
        first_ms = (time.perf_counter() - begun) * 1000
        rows.append(f"PNG map 256² of 6 layers: first {first_ms:.0f} ms, then {rate(picture)[0]:.0f}/s")
    return found, bodies, rows


def theirs(path: Path, port: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Pygeoapi on the same file."""
    where = folder / "peer"
    for command in (
        [sys.executable, "-m", "uv", "venv", "-q", "--python", PEER_PYTHON, str(where)],
        [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", f"{where}/bin/python", "pygeoapi", "gunicorn"],
    ):
        if subprocess.run(command, check=False, capture_output=True).returncode:
            return {}
    config, openapi = folder / "peer.yml", folder / "openapi.yml"
    config.write_text(PROVIDER.format(port=port, layer=LAYER, data=path), encoding="utf-8")
    environ = {
        "PYGEOAPI_CONFIG": str(config),
        "PYGEOAPI_OPENAPI": str(openapi),
        "SPATIALITE_LIBRARY_PATH": "mod_spatialite",
    }
    made = subprocess.run(
        [f"{where}/bin/pygeoapi", "openapi", "generate", str(config), "--output-file", str(openapi)],
        env={**os.environ, **environ}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode:
        print("pygeoapi does not start:", made.stderr[-300:])
        return {}
    server = [f"{where}/bin/gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"]
    base = f"http://127.0.0.1:{port}/collections/{LAYER}"
    with running(server, f"http://127.0.0.1:{port}/?f=json", **environ):
        return {name: rate(base + ask, check) for name, (_ours, ask, check) in QUESTIONS.items()}


def plain(bodies: dict[str, Path], port: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Flask that answers with the same bytes."""
    (folder / "plain_flask.py").write_text(FLASK, encoding="utf-8")
    names = {path.name: str(path) for path in bodies.values()}
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--port", str(port)]
    command += ["--log-level", "error", "plain_flask:app"]
    address = f"http://127.0.0.1:{port}/{next(iter(names))}"
    with running(command, address, PYTHONPATH=str(folder)):
        return {name: rate(f"http://127.0.0.1:{port}/{path.name}") for name, path in bodies.items()}


def tiles(frame: gpd.GeoDataFrame) -> list[str]:
    """Tiles cut cold, beside the library that encodes tiles."""
    import mapbox_vector_tile

    table = Table.of(LAYER, frame)
    cutter = Cutter(table, "polygon")
    x, y = MERCATOR.from_degrees(np.array([[120.08, 30.08]]))[0]
    rows = []
    for level in (10, 12):
        width = MERCATOR.width / 2**level
        place = level, int((x - MERCATOR.left) / width), int((MERCATOR.top - y) / width)
        cutter.tile(MERCATOR, *place)
        begun = time.perf_counter()
        data = cutter.tile(MERCATOR, *place)
        own_ms = (time.perf_counter() - begun) * 1000
        decoded = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})[LAYER]["features"]
        again = [{**one, "geometry": shapely.geometry.shape(one["geometry"])} for one in decoded]
        begun = time.perf_counter()
        mapbox_vector_tile.encode([{"name": LAYER, "features": again}], default_options={"y_coord_down": True})
        library_ms = (time.perf_counter() - begun) * 1000
        told = f"cut and encoded {own_ms:.0f} ms; encoded by the library {library_ms:.0f} ms"
        rows.append(f"vector tile of {len(decoded)} polygons: {told}")
    return rows


def large() -> list[str]:
    """A filter on two columns and a box over a million features, in one process."""
    table = Table.of(LAYER, cells(LARGE))
    asked = parse("zone='west' AND area_km2 BETWEEN 10 AND 60")
    box = CRS84.box((120.4, 30.4, 120.4 + 10 * SIDE, 30.4 + 10 * SIDE))
    taken = []
    for turn in range(201):
        begun = time.perf_counter()
        rows = Question(area=box, filter=asked).rows(table)[:100]
        b",".join(table.encoded(CRS84).features(rows).members)
        taken.append((time.perf_counter() - begun) * 1000 if turn else 0.0)
    told = f"median {median(taken):.1f} ms, p99 {sorted(taken)[198]:.1f} ms"
    return [f"CQL2 on two columns and bbox over {LARGE} features, in one process: {told}"]


def main() -> None:
    """Print the table."""
    numbers = [one for one in sys.argv[1:] if one.isdigit()]
    frame = cells(int(numbers[0]) if numbers else POLYGONS)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        path = folder / "plan.gpkg"
        write(make_edition(layers={**make_edition().layers, LAYER: frame}), path)
        own, bodies, rows = ours(path, 8231, folder)
        bare = plain(bodies, 8232, folder)
        peer = theirs(path, 8233, folder)
    print(f"{'answers a second':<24}{'planmap':>9}{'Flask':>9}{'pygeoapi':>10}{'of Flask':>10}{'× pygeoapi':>12}")
    for name, (speed, _p99) in own.items():
        other = peer.get(name)
        share = f"{speed / bare[name][0]:.2f}"
        times = f"{speed / other[0]:.1f}" if other else "–"
        said = f"{other[0]:.1f}" if other else "–"
        print(f"{name:<24}{speed:>9.0f}{bare[name][0]:>9.0f}{said:>10}{share:>10}{times:>12}")
    for row in [*rows, *tiles(frame), *(large() if "--large" in sys.argv else [])]:
        print(row)


if __name__ == "__main__":
    main()
