"""Bytes and time of the first page, beside folium's own page of the same layers.

Every page comes over loopback into a fresh context of headless Chromium, in turn, with nothing cached. Rows:

* ``planmap``: our first page; the layers that are on at first are fetched with it, the others when they are wanted.
* ``folium``: what ``folium.Map`` and ``folium.GeoJson`` make of the layers that our page offers, served as folium's
  documentation shows (Flask, not compressed), its libraries compressed as their hosts do.
* ``folium, bare``: only the layers that are on at first, and everything compressed: the least that folium needs.

folium's ten files from four hosts are served from here too (from npm; the two style sheets that npm does not have are
empty), so its times hold no distance to those hosts. It has no names on the map, legend, search or indicators.
The last column limits the line to 10 Mbit/s with 40 ms of delay, as over the internet.
"""

import gzip
import http.server
import json
import re
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
from playwright.sync_api import Browser

from tools.local import PLAN, ROOT, build, chromium, serving

ASSETS = ROOT / "build" / "folium-assets"
NPM = [
    "leaflet@1.9.3",
    "jquery@3.7.1",
    "bootstrap@5.2.2",
    "@fortawesome/fontawesome-free@6.2.0",
    "leaflet.awesome-markers@2.0.5",
]
RUNS = 7
LINE = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
OURS_DRAWN = "() => window.__ready === true"
FOLIUM_DRAWN = "count => document.querySelectorAll('.leaflet-overlay-pane path').length >= count"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


def main() -> None:
    """Measure the pages and print the table."""
    from layers.edition.file import read

    with tempfile.TemporaryDirectory() as folder:
        path = build(PLAN, Path(folder) / "edition.gpkg")
        edition = read(path)
        shown = next(iter(edition.meta["views"]))["layers"]
        full, bare = Path(folder) / "full", Path(folder) / "bare"
        drawn = [write_folium_page(edition, list(edition.layers), full), write_folium_page(edition, shown, bare)]
        with serving(path) as ours, static_server(full, False) as one, static_server(bare, True) as other:
            pages = {
                "planmap": (ours + "/", OURS_DRAWN, 0),
                "folium": (one, FOLIUM_DRAWN, drawn[0]),
                "folium, bare": (other, FOLIUM_DRAWN, drawn[1]),
            }
            with chromium() as browser:
                rows = measure(browser, pages)
    report(rows)


# ---- the pages


def write_folium_page(edition: Any, layers: list[str], site: Path) -> int:
    """Write folium's page of some layers; returns how many lines and polygons it draws."""
    by_id = {layer["id"]: layer for layer in edition.meta["layers"]}
    page = folium.Map(tiles=None)
    west, south, east, north = edition.layers["district"].total_bounds
    page.fit_bounds([[south, west], [north, east]])
    paths = 0
    for name in sorted(layers, key=lambda name: by_id[name]["order"]):
        frame = edition.layers.get(name)
        if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
            continue
        frame = frame[frame.geometry.notna()]
        paths += int((~frame.geom_type.isin(["Point"])).sum())
        folium.GeoJson(
            frame.to_json(drop_id=True),
            name=by_id[name]["name"],
            tooltip=folium.GeoJsonTooltip(["name"]),
            popup=folium.GeoJsonPopup(["name", "status", "cites", "basis"]),
        ).add_to(page)
    folium.LayerControl().add_to(page)
    site.mkdir()
    page.save(str(site / "index.html"))
    link_assets(page, site)
    return paths


def link_assets(page: folium.Map, site: Path) -> None:
    """Fetch folium's files from npm once, and let the page take them from its own server."""
    modules = ASSETS / "node_modules"
    if not modules.is_dir():
        ASSETS.mkdir(parents=True, exist_ok=True)
        (ASSETS / "package.json").write_text("{}")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *NPM]
        subprocess.run(command, cwd=ASSETS, check=True)
    text = (site / "index.html").read_text(encoding="utf-8")
    for _name, address in [*page.default_js, *page.default_css]:
        local = local_name(address)
        text = text.replace(address, local)
        wanted = re.sub(r"-[\d.]+(?=\.min)", "", local)  # npm's jquery has its version in the folder
        found = sorted(modules.rglob(wanted)) or sorted(modules.rglob(wanted.replace(".min", "")))
        (site / local).write_bytes(found[0].read_bytes() if found else b"")
    (site / "images").mkdir()
    for image in (modules / "leaflet" / "dist" / "images").iterdir():
        (site / "images" / image.name).write_bytes(image.read_bytes())
    (site / "index.html").write_text(text, encoding="utf-8")


def local_name(address: str) -> str:
    """The file's own name, without its host and path."""
    return address.rsplit("/", 1)[1]


@contextmanager
def static_server(site: Path, compress_page: bool) -> Iterator[str]:
    """A plain file server that compresses the libraries, and the page itself if asked to."""
    bodies: dict[str, tuple[bytes, dict[str, str]]] = {}
    for path in (path for path in site.rglob("*") if path.is_file()):
        headers = {"Content-Type": TYPES.get(path.suffix, "application/octet-stream")}
        body = path.read_bytes()
        if path.suffix != ".html" or compress_page:
            body = gzip.compress(body, 9)
            headers["Content-Encoding"] = "gzip"
        bodies["/" + path.relative_to(site).as_posix()] = (body, headers)
    bodies["/"] = bodies["/index.html"]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, headers = bodies.get(self.path, (b"", {}))
            self.send_response(200 if self.path in bodies else 404)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()


# ---- measuring


def measure(browser: Browser, pages: dict[str, tuple[str, str, int]]) -> dict[str, dict[str, float]]:
    """Medians over fresh contexts; the pages take turns, so that what else the machine does hits all alike."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in pages}
    for _ in range(RUNS):
        for name, page in pages.items():
            here, far = visit(browser, *page, None), visit(browser, *page, LINE)
            results[name].append({**here, "far": far["s"]})
    return {
        name: {key: statistics.median(visit[key] for visit in visits) for key in visits[0]}
        for name, visits in results.items()
    }


def visit(browser: Browser, url: str, drawn: str, argument: int, line: dict[str, float] | None) -> dict[str, float]:
    """Open a page once: kB received, kB unpacked, requests, seconds from the click to the drawn map."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if line:
        wire.send("Network.emulateNetworkConditions", line)
    sizes: list[float] = []
    unpacked: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.on("Network.dataReceived", lambda event: unpacked.append(event["dataLength"]))
    # The moment is taken inside the page, at the first frame that has everything.
    page.add_init_script(
        f"(() => {{ const drawn = {drawn}; const look = () => drawn({json.dumps(argument)})"
        " ? requestAnimationFrame(() => { window.__drawn = performance.now(); }) : requestAnimationFrame(look);"
        " requestAnimationFrame(look); })()"
    )
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => window.__drawn > 0", timeout=60_000)
    seconds = page.evaluate("() => window.__drawn") / 1000
    page.wait_for_load_state("networkidle")
    context.close()
    return {"kB": sum(sizes) / 1000, "unpacked": sum(unpacked) / 1000, "requests": len(sizes), "s": seconds}


def report(rows: dict[str, dict[str, float]]) -> None:
    """Print the table, the ratios and whether the goals are met."""
    print(f"First page, median of {RUNS} visits with nothing cached")
    print(f"{'':14}{'kB sent':>9}{'unpacked':>10}{'requests':>10}{'s, here':>10}{'s, 10 Mbit/s':>14}")
    for name, row in rows.items():
        print(
            f"{name:14}{row['kB']:9.0f}{row['unpacked']:10.0f}{row['requests']:10.0f}{row['s']:10.2f}{row['far']:14.2f}"
        )
    ours = rows["planmap"]
    print(f"  {mark(ours['kB'] < 400)} under 400 kB\n  {mark(ours['s'] < 1.5)} drawn under 1.5 s here")
    for name in ("folium", "folium, bare"):
        size, here, far = (ours[key] / rows[name][key] for key in ("kB", "s", "far"))
        print(f"  {mark(size <= 1 / 4)} a quarter of the bytes of {name}: {size:.2f}")
        print(f"  {mark(here <= 1 / 3)} a third of the time of {name} here: {here:.2f}")
        print(f"  {mark(far <= 1 / 3)} a third of the time of {name} at 10 Mbit/s: {far:.2f}")


def mark(met: bool) -> str:
    """A tick or a cross."""
    return "✓" if met else "✗"


if __name__ == "__main__":
    main()
