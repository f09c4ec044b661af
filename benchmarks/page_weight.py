"""Bytes and time of the first page, beside folium's own page of the same layers.

Both pages come over loopback from a local server that compresses, into a fresh context of headless Chromium each time.
folium's page is what ``folium.Map`` and ``folium.GeoJson`` give: its ten files from four hosts are served from here
too (from npm; the two that npm does not have count as empty), so that its time holds no distance. Its bytes hold no
labels, legend or search, which ours has.

The second pair of columns limits the line to 10 Mbit/s with 40 ms of delay, as over the internet.
"""

import gzip
import http.server
import json
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
    """Measure both pages and print the table."""
    from layers.edition import read

    with tempfile.TemporaryDirectory() as folder:
        edition = build(PLAN, Path(folder) / "edition.gpkg")
        site = Path(folder) / "folium"
        site.mkdir()
        paths = write_folium_page(read(edition), site)
        link_assets(site)
        rows = {}
        with serving(edition) as ours, static_server(site) as theirs, chromium() as browser:
            pages = {"planmap": (ours + "/", OURS_DRAWN, None), "folium": (theirs, FOLIUM_DRAWN, paths)}
            for name, (url, drawn, argument) in pages.items():
                rows[name] = [measure(browser, url, drawn, argument, line) for line in (None, LINE)]
    report(rows, paths)


# ---- the pages


def write_folium_page(edition: Any, site: Path) -> int:
    """Write folium's page of the layers that our first page shows; returns how many lines and polygons it draws."""
    view = next(iter(edition.meta["views"]))
    by_id = {layer["id"]: layer for layer in edition.meta["layers"]}
    page = folium.Map(tiles=None)
    bounds = edition.layers["district"].total_bounds
    page.fit_bounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]])
    paths = 0
    for name in sorted(view["layers"], key=lambda name: by_id[name]["order"]):
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
    page.save(str(site / "index.html"))
    return paths


def link_assets(site: Path) -> None:
    """Fetch folium's files from npm once, and let the page take them from its own server."""
    modules = ASSETS / "node_modules"
    if not modules.is_dir():
        ASSETS.mkdir(parents=True, exist_ok=True)
        (ASSETS / "package.json").write_text("{}")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *NPM]
        subprocess.run(command, cwd=ASSETS, check=True)
    page = folium.Map(tiles=None)
    text = (site / "index.html").read_text(encoding="utf-8")
    for _name, address in [*page.default_js, *page.default_css]:
        local = local_name(address)
        text = text.replace(address, local)
        found = sorted(modules.rglob(local)) or sorted(modules.rglob(local.replace(".min", "")))
        (site / local).write_bytes(found[0].read_bytes() if found else b"")
    (site / "images").mkdir()
    for image in (modules / "leaflet" / "dist" / "images").iterdir():
        (site / "images" / image.name).write_bytes(image.read_bytes())
    (site / "index.html").write_text(text, encoding="utf-8")


def local_name(address: str) -> str:
    """The file's own name, without its host and path."""
    return address.rsplit("/", 1)[1]


@contextmanager
def static_server(site: Path) -> Iterator[str]:
    """A plain file server that compresses with gzip, as a usual host does."""
    packed = {}
    for path in (path for path in site.rglob("*") if path.is_file()):
        kind = TYPES.get(path.suffix, "application/octet-stream")
        packed["/" + path.relative_to(site).as_posix()] = (gzip.compress(path.read_bytes(), 9), kind)
    packed["/"] = packed["/index.html"]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, kind = packed.get(self.path, (b"", "text/plain"))
            self.send_response(200 if self.path in packed else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
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


def measure(
    browser: Browser, url: str, drawn: str, argument: int | None, line: dict[str, float] | None
) -> dict[str, float]:
    """Median over fresh contexts: kB received, requests, and seconds from the click to the drawn map."""
    results = [visit(browser, url, drawn, argument, line) for _ in range(RUNS)]
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def visit(
    browser: Browser, url: str, drawn: str, argument: int | None, line: dict[str, float] | None
) -> dict[str, float]:
    """Open a page once with nothing cached."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if line:
        wire.send("Network.emulateNetworkConditions", line)
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
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
    return {"kB": sum(sizes) / 1000, "requests": len(sizes), "s": seconds}


def report(rows: dict[str, list[dict[str, float]]], paths: int) -> None:
    """Print the table and whether the goals are met."""
    print(f"First page, median of {RUNS}; {paths} lines and polygons; kB as transferred")
    print(f"{'':10}{'kB':>9}{'requests':>10}{'s, here':>10}{'s, 10 Mbit/s':>14}")
    for name, (here, far) in rows.items():
        print(f"{name:10}{here['kB']:9.0f}{here['requests']:10.0f}{here['s']:10.2f}{far['s']:14.2f}")
    (ours, ours_far), (theirs, theirs_far) = rows["planmap"], rows["folium"]
    goals = {
        "under 400 kB": ours["kB"] < 400,
        "drawn under 1.5 s": ours["s"] < 1.5,
        f"a quarter of folium's bytes ({ours['kB'] / theirs['kB']:.2f})": ours["kB"] <= theirs["kB"] / 4,
        f"a third of folium's time here ({ours['s'] / theirs['s']:.2f})": ours["s"] <= theirs["s"] / 3,
        f"a third of folium's time at 10 Mbit/s ({ours_far['s'] / theirs_far['s']:.2f})": ours_far["s"]
        <= theirs_far["s"] / 3,
    }
    for goal, met in goals.items():
        print(f"  {'✓' if met else '✗'} {goal}")


if __name__ == "__main__":
    main()
