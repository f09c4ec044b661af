"""Live services beside their peers and bare Flask: ``python -m benchmarks.services [POLYGONS] [--large]``.

The same GeoPackage of 10,000 polygons, two processes each, the same client with four connections, servers asked by
turns, so that whatever else the machine does befalls all. pygeoapi and tipg come from PyPI, QGIS Server from Debian
(unpacked, not installed), PostGIS from the machine; a peer that cannot be had says why. "Flask" answers with the very
bytes of planmap from memory: what a framework itself takes. ``--large`` adds 1,000,000 features: a filter in one
process, and the memory of two workers.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import psutil
from PIL import Image

from benchmarks import _peers
from benchmarks._asking import ACROSS, CONNECTIONS, ROOT, SIDE, Rates, Server, duel, each, filled, get, running
from benchmarks._plan import LAYER, LAYERS, cells, make_edition, plan
from layers.edition.file import write
from layers.service.cql2 import parse
from layers.service.query import Question
from layers.service.systems import CRS84
from layers.service.table import Table

POLYGONS, LARGE = 10_000, 1_000_000
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
WFS = f"&SERVICE=WFS&VERSION=1.1.0&REQUEST=GetFeature&OUTPUTFORMAT=application/json&TYPENAME={LAYER}"
QUESTIONS: dict[str, tuple[dict[str, str], int]] = {
    "100 features from a place": (
        {
            "planmap": "/items?limit=100&offset={number}",
            "pygeoapi": "/items?limit=100&offset={number}",
            "tipg": "/items?limit=100&offset={number}",
            "QGIS": f"{WFS}&MAXFEATURES=100&STARTINDEX={{number}}",
        },
        100,
    ),
    "bbox, 100 hits": (
        {
            "planmap": "/items?bbox={box}&limit=100",
            "pygeoapi": "/items?bbox={box}&limit=100",
            "tipg": "/items?bbox={box}&limit=100",
            "QGIS": f"{WFS}&BBOX={{box}},EPSG:4326&MAXFEATURES=100",
        },
        100,
    ),
    "one feature": (
        {
            "planmap": "/items/township/n{number}",
            "pygeoapi": "/items/{number}",
            "tipg": "/items/{number}",
            "QGIS": f"{WFS}&FEATUREID={LAYER}.{{number}}",
        },
        1,
    ),
    "two columns and bbox": (
        {
            "planmap": "/items?zone=west&kind=township&bbox={box}",
            "pygeoapi": "/items?zone=west&kind=township&bbox={box}",
            "tipg": "/items?zone=west&kind=township&bbox={box}&limit=100",
        },
        50,
    ),
}
"""What is asked of each, every time of another place; and so many features must be in the answer."""
MAP = (
    "SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={layers}&STYLES={styles}"
    "&CRS=CRS:84&BBOX={{box}}&WIDTH=256&HEIGHT=256&FORMAT=image/png"
)
CQL2 = quote("zone='west' AND area_km2 BETWEEN 10 AND 60")
ALIKE, COLOURS = 0.8, 500
"""Share of pixels that two pictures of the same have nearly alike, and colours that each has at least."""


def _serve(path: Path, port: int, workers: int = 2) -> contextlib.AbstractContextManager[psutil.Process]:
    command = [sys.executable, "-c", "from webmap.cli import main; main()", "serve", "--port", str(port), str(path)]
    environ = {"PLANMAP_WORKERS": str(workers), "PYTHONPATH": str(ROOT)}
    return running(command, f"http://127.0.0.1:{port}/healthz", **environ)


def _flask(bodies: dict[str, Path], port: int, folder: Path) -> contextlib.AbstractContextManager[psutil.Process]:
    (folder / "plain_flask.py").write_text(FLASK, encoding="utf-8")
    names = {path.name: str(path) for path in bodies.values()}
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--port", str(port)]
    command += ["--log-level", "error", "plain_flask:app"]
    return running(command, f"http://127.0.0.1:{port}/{next(iter(names))}", PYTHONPATH=str(folder))


def compared(own: psutil.Process, base: str, bodies: dict[str, Path], folder: Path) -> dict[str, dict[str, Rates]]:
    """Each question by server: planmap by turns with Flask."""
    found = {}
    with _flask(bodies, 8232, folder) as plain:
        for name, (asked, _number) in QUESTIONS.items():
            bare = f"http://127.0.0.1:8232/{bodies[name].name}"
            found[name] = duel({"own": ([own], base + asked["planmap"]), "peer": ([plain], bare)})
    return found


def beside(peer: str, theirs: Server, own: psutil.Process, base: str, server: str) -> Iterator[tuple[str, str]]:
    """How many times planmap answers what a peer answers, by rate and by processor time; rows by what is asked."""
    processes, there = theirs
    features = f"{there}/plain.qgs" if peer == "QGIS" else there
    for name, (asked, number) in QUESTIONS.items():
        if peer not in asked:
            continue
        said = json.loads(get(filled(features + asked[peer], 0))[1])
        given = len(said["features"]) if "features" in said else 1
        assert given == number, (peer, name, given)
        pair = {"own": ([own], base + asked["planmap"]), "peer": (processes, features + asked[peer])}
        yield name, times(duel(pair, 3))
    if peer == "QGIS":
        yield from maps(theirs, own, server)
    if peer == "tipg":
        tiles = {
            "own": ([own], f"{base}/tiles/WebMercatorQuad/{{tile}}"),
            "peer": (processes, f"{there}/tiles/WebMercatorQuad/{{turned}}"),
        }
        every = range(ACROSS**2)
        yield "vector tile, cold", times(each(tiles, every))
        each(tiles, every, 4)  # both of two workers have had them
        yield "vector tile, warm", times(each(tiles, every, 10))


def maps(theirs: Server, own: psutil.Process, server: str) -> Iterator[tuple[str, str]]:
    """Maps of ten layers: of the edition's own project, and of its layers as QGIS draws what it knows nothing of."""
    processes, there = theirs
    mine = f"{server}/ogc/wms?{_map(LAYERS)}"
    for name, address, alike in (
        ("the same picture", f"{there}/project.qgs&{_map(('paper', *LAYERS))}", ALIKE),
        ("beside bare symbols without names", f"{there}/plain.qgs&{_map(LAYERS)}", 0.0),
    ):
        pictures = [_picture(get(filled(one, 77))[1], which) for one, which in ((mine, "own"), (address, name))]
        share = (np.abs(pictures[0] - pictures[1]).max(axis=2) < 48).mean()
        assert share >= alike, f"the pictures differ: {share:.2f} of their pixels are alike"
        for number in range(2 * CONNECTIONS):  # both processes of each have their fonts
            for one in (mine, address):
                get(filled(one, number))
        told = times(duel({"own": ([own], mine), "peer": (processes, address)}, 5))
        yield f"PNG map 256² of {len(LAYERS)} layers, {name}", f"{told}; {share:.0%} of the pixels alike"


def _map(layers: Sequence[str]) -> str:
    return MAP.format(layers=",".join(layers), styles="," * (len(layers) - 1))


def _picture(data: bytes, name: str) -> np.ndarray:
    """The pixels of a picture that is not empty; kept beside for who wants to look at them."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    assert picture.size == (256, 256), picture.size
    found = np.asarray(picture).astype(int)
    colours = len(np.unique(found.reshape(-1, 3), axis=0))
    assert colours >= (COLOURS if name != "beside bare symbols without names" else 20), (name, colours)
    if "--pictures" in sys.argv:
        folder = Path(sys.argv[sys.argv.index("--pictures") + 1])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{re.sub(r'[^a-z]+', '-', name)}.png").write_bytes(data)
    return found


def times(found: dict[str, Rates]) -> str:
    """What came out, in words."""
    (rate, us), (other, theirs) = found["own"], found["peer"]
    shares = f"{rate / other:.2f} × by rate, {theirs / us:.2f} × by processor time"
    return f"{rate:.0f}/s and {us:.0f} µs beside {other:.0f}/s and {theirs:.0f} µs: {shares}"


def filtering(frame: gpd.GeoDataFrame) -> str:
    """A filter on two columns and a box over many features, in one process."""
    table = Table.of(LAYER, frame)
    asked = parse("zone='west' AND area_km2 BETWEEN 10 AND 60")
    box = CRS84.box((120.4, 30.4, 120.4 + 10 * SIDE, 30.4 + 10 * SIDE))
    taken = []
    for turn in range(201):
        begun = time.process_time()
        rows = Question(area=box, filter=asked).rows(table)[:100]
        b",".join(table.encoded(CRS84).features(rows.tolist()).members)
        taken.append((time.process_time() - begun) * 1000 if turn else 0.0)
    told = f"median {median(taken):.1f} ms, p99 {sorted(taken)[198]:.1f} ms of processor time"
    return f"CQL2 on two columns and bbox over {len(frame)} features, in one process: {told}"


def memory(path: Path, port: int) -> str:
    """What two workers hold of a file's size, each with its share of what is common, after questions of every sort."""
    base = f"http://127.0.0.1:{port}/ogc/collections/{LAYER}"
    with _serve(path, port) as process:
        for ask in (*(asked["planmap"] for asked, _number in QUESTIONS.values()), f"/items?filter={CQL2}",
                    "/items?sortby=-area_km2", "/tiles/WebMercatorQuad/{tile}", "/map?width=256&height=256&bbox={box}",
                    "/items?crs=http://www.opengis.net/def/crs/EPSG/0/3857&offset={number}"):  # fmt: skip
            for number in range(8):
                status, body = get(filled(base + ask, number))
                assert status == 200, (ask, body[:300])
        held = [one.memory_full_info().pss for one in process.children(recursive=True)]
        size = path.stat().st_size
    return f"memory a worker, of the file's {size / 1e6:.0f} MB: {max(held) / size:.2f} ({max(held) / 1e6:.0f} MB)"


def main() -> None:
    """Print the table."""
    numbers = [one for one in sys.argv[1:] if one.isdigit()]
    frame = cells(int(numbers[0]) if numbers else POLYGONS)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        path = folder / "test-plan.gpkg"  # the project in it looks for the layers under this name
        write(plan(frame), path)
        server = "http://127.0.0.1:8231"
        base = f"{server}/ogc/collections/{LAYER}"
        with _serve(path, 8231) as own:
            bodies = {name: folder / re.sub(r"\W+", "-", name) for name in QUESTIONS}
            for name, (asked, number) in QUESTIONS.items():
                bodies[name].write_bytes(get(filled(base + asked["planmap"], 0))[1])
                assert len(json.loads(bodies[name].read_bytes()).get("features", [0])) == number, name
            for name, found in compared(own, base, bodies, folder).items():
                print(f"{name}, beside Flask: {times(found)}", flush=True)
            for peer, starts in (
                ("QGIS", lambda: _peers.qgis_server(path, LAYERS, LAYER, 8235, folder)),
                ("tipg", lambda: _peers.tipg(path, LAYER, 8234, folder)),
                ("pygeoapi", lambda: _peers.pygeoapi(path, LAYER, 8233, folder)),
            ):
                if "--large" not in sys.argv:
                    _print_beside(peer, starts, own, base, server)
        if "--large" in sys.argv:
            many = cells(LARGE)
            print(filtering(many), flush=True)
            write(make_edition(layers={**make_edition().layers, LAYER: many}), folder / "large.gpkg")
            print(memory(folder / "large.gpkg", 8236))


def _print_beside(
    peer: str, starts: Callable[[], contextlib.AbstractContextManager[Server]], own: psutil.Process, base: str,
    server: str,
) -> None:  # fmt: skip
    try:
        with starts() as theirs:
            for name, told in beside(peer, theirs, own, base, server):
                print(f"{name}, beside {peer}: {told}", flush=True)
    except (_peers.MissingPeerError, RuntimeError, AssertionError, OSError, ValueError, KeyError) as error:
        print(f"beside {peer}: – ({type(error).__name__}: {error})", flush=True)  # the others are asked all the same


if __name__ == "__main__":
    main()
