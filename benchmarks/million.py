"""A whole server on an edition of 1,000,000 features: when it answers, what a worker holds, what each page takes.

    python -m benchmarks.million [FEATURES or PATH]

Two workers of ``planmap serve`` on a file of the cells of ``benchmarks/services.py``. Time is the workers' processor
time, which other work on the machine changes little; memory is what a worker holds (PSS: what is common counts by
parts), also as a share of the file's size. Everything is asked twice: what is made when it is first asked for is in the
first. A process of its own makes names ready meanwhile; nothing is asked before.
"""

import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from benchmarks._asking import get
from benchmarks._plan import LAYER, cells, make_edition
from benchmarks.services import LARGE, _serve
from layers.edition.file import write

PORT = 8237
PAGES = (
    "/", "/?lang=en", "/start", "/about", "/api/layers", "/api/indicators", "/api/search",
    f"/api/search?q={quote('街道777')}", "/api/search?q=jiedao777", f"/api/search?q={quote('街到777123')}",
    "/api/search?q=zzzzzz", "/api/features/township/n{one}", "/feature/township/n{one}", "/township/n{one}", "/list",
    "/list.csv", "/chapter", "/lead", "/targets", "/progress", "/claims", "/documents", "/api/openapi.json",
    "/embed/overview?zone=township/n{one}", "/editions", f"/ogc/collections/{LAYER}/items?limit=100",
    f"/api/layers/{LAYER}", f"/download/{LAYER}.geojson", "/profile/township/n{one}", "/figures/overview.pdf",
    "/compare", f"/ogc/collections/{LAYER}/tiles/WebMercatorQuad/6/26/53", "/download/all.gpkg",
)  # fmt: skip
"""What is asked for; the layer whole is refused with where to take it page by page."""


def main() -> None:
    """Measure and print."""
    given = sys.argv[1] if len(sys.argv) > 1 else str(LARGE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.gpkg" if given.isdigit() else Path(given)
        count = int(given) if given.isdigit() else LARGE
        if given.isdigit():
            write(make_edition(layers={**make_edition().layers, LAYER: cells(count)}), path)
        size = path.stat().st_size
        begun = time.perf_counter()
        with _serve(path, PORT) as server:
            taken = f"{time.perf_counter() - begun:.0f} s, {_seconds(server):.0f} of processor time"
            print(f"{size / 1e6:.0f} MB; answers after {taken}")
            _tell(server, size, "at first")
            print(f"names for search after {_named(f'http://127.0.0.1:{PORT}'):.0f} s more", flush=True)
            for page in PAGES:
                address = f"http://127.0.0.1:{PORT}{page.format(one=count * 7 // 9)}"
                print(f"{page:<48} {_asked(server, address)} {_asked(server, address)}", flush=True)
            _tell(server, size, "after all pages")


def _named(base: str) -> float:
    """Seconds until all layers can be searched."""
    begun = time.perf_counter()
    while b'"coming"' in get(f"{base}/api/search?q=x")[1]:
        time.sleep(1)
    return time.perf_counter() - begun


def _asked(server: psutil.Process, address: str) -> str:
    """Status, size and the workers' processor time of one question."""
    before = _seconds(server)
    status, body = get(address)
    return f"{status} {len(body) / 1e3:>9.0f} kB {_seconds(server) - before:>6.2f} s"


def _seconds(server: psutil.Process) -> float:
    """Processor time of a server and its workers so far."""
    every = [server, *server.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in every)


def _tell(server: psutil.Process, size: int, when: str) -> None:
    held = [one.memory_full_info().pss for one in server.children(recursive=True)]
    print(f"{when}: a worker holds {max(held) / 1e6:.0f} MB, {max(held) / size:.2f} of the file")


if __name__ == "__main__":
    main()
