"""When the first picture of the map is seen and when the map answers, beside pages that others make of the same layers.

Fresh contexts of headless Chromium over loopback, nothing cached, the rows in turn; medians. Rows:

* ``planmap``: our first page.
* ``plain Leaflet``: one page with Leaflet and the layers of our first view as one data file, compressed: what an
  exporter gives. No names, no legend, no search.
* ``folium, same layers``: folium's page of these layers, everything compressed.
* ``folium, all layers``: folium's page of all layers, not compressed, as its documentation shows.
* ``planmap, embed``: our first view in a page of 960 by 540 pixels of its own, as a frame shows it.
* ``planmap, phone`` and ``plain Leaflet, phone``: as above, 390 by 844 pixels.

Two lines: ``slow`` (processor slowed four times, 1.6 Mbit/s, 150 ms) and ``fast`` (as it is). Columns: seconds until
the picture is complete (areas, lines and, in our row, names), kB received until then, seconds until the map answers to
a drag or a click (in our row what is seen moves along and what is clicked is selected, its highlight and its card come
with the drawn map and the rest), seconds and kB until everything of the view is there (tree, legend, search box, tools;
cards, lists and what the search finds come after that or when they are asked for), and of a second visit to our page in
the same browser the requests that reached the server and the seconds until the picture. What is sent is also counted
without a browser: ``benchmarks/first_bytes.py``.
"""

import json
import math
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import geopandas as gpd
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from benchmarks.page_weight import ASSETS, FOLIUM_DRAWN, mark, static_server, write_folium_page
from tools.local import PLAN, build, chromium, serving

RUNS = 5
LINES: dict[str, dict[str, Any] | None] = {
    "slow": {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 1.6e6 / 8},
    "fast": None,
}
SLOWED = 4
SIZE = (1280, 800)
SIZES = {"planmap, embed": (960, 540), "planmap, phone": (390, 844), "plain Leaflet, phone": (390, 844)}
"""Of the windows, pixels, where it is another."""
OURS_SEEN = "() => window.__ready === true || !!document.querySelector('#pm-first[data-drawn]')"
OURS_ANSWERS = "() => window.__answers === true || window.__ready === true"
# The last part that is put around the map.
OURS_WHOLE = "() => !!(window.planmapApp && window.planmapApp.openView)"
PLAIN = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>plan</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="leaflet.css">
<style>html,body,#map{height:100%;margin:0}</style></head><body><div id="map"></div><script src="leaflet.js"></script>
<script src="data.js"></script><script>
const map = L.map("map").fitBounds(BOUNDS);
L.geoJSON(data, {style: f => f.properties.style, pointToLayer: (f, at) => L.circleMarker(at, {radius: 6}),
  onEachFeature: (f, layer) => layer.bindPopup(() => { const at = document.createElement("b");
    at.textContent = f.properties.name; return at; })}).addTo(map);
</script></body></html>"""

Row = dict[str, float]


def main() -> None:
    """Measure the pages and print the tables."""
    from layers.edition.file import read

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = build(PLAN, Path(folder) / "edition.gpkg")
        edition = read(path)
        shown = next(iter(edition.meta["views"]))["layers"]
        sites = {name: Path(folder) / name for name in ("same", "all", "plain")}
        same = write_folium_page(edition, shown, sites["same"])
        every = write_folium_page(edition, list(edition.layers), sites["all"])
        plain = write_plain_page(edition, shown, sites["plain"])
        ours = stack.enter_context(serving(path))
        planmap = (ours + "/", OURS_SEEN, OURS_ANSWERS, OURS_WHOLE)
        leaflet = (stack.enter_context(static_server(sites["plain"], True)), *drawn(plain))
        pages = {
            "planmap": planmap,
            "plain Leaflet": leaflet,
            "folium, same layers": (stack.enter_context(static_server(sites["same"], True)), *drawn(same)),
            "folium, all layers": (stack.enter_context(static_server(sites["all"], False)), *drawn(every)),
            "planmap, embed": (ours + "/embed/overview", *planmap[1:]),
            "planmap, phone": planmap,
            "plain Leaflet, phone": leaflet,
        }
        browser = stack.enter_context(chromium())
        report({line: measure(browser, pages, line) for line in LINES})


def drawn(paths: int) -> tuple[str, str, str]:
    """When a page of Leaflet is complete, and when it answers: at the same moment, its popups come with its paths."""
    condition = f"() => ({FOLIUM_DRAWN})({paths})"
    return condition, condition, condition


def write_plain_page(edition: Any, layers: list[str], site: Path) -> int:
    """Write Leaflet's page of some layers with their data in one file; returns how many lines and polygons it draws."""
    kinds = {kind["id"]: kind for kind in edition.meta["kinds"]}
    order = {layer["id"]: layer["order"] for layer in edition.meta["layers"]}
    features: list[dict[str, Any]] = []
    for name in sorted(layers, key=lambda name: order[name]):
        frame = edition.layers[name]
        if isinstance(frame, gpd.GeoDataFrame):
            columns = [column for column in ("name", "status", "kind", "color", "geometry", "geom") if column in frame]
            rows = json.loads(frame[columns][frame.geometry.notna()].to_json(drop_id=True))
            features += [rounded(feature, kinds) for feature in rows["features"]]
    site.mkdir()
    for name in ("leaflet.js", "leaflet.css"):
        (site / name).write_bytes((ASSETS / "node_modules" / "leaflet" / "dist" / name).read_bytes())
    data = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    (site / "data.js").write_text(f"const data = {data};", encoding="utf-8")
    west, south, east, north = edition.layers["district"].total_bounds
    page = PLAIN.replace("BOUNDS", json.dumps([[south, west], [north, east]]))
    (site / "index.html").write_text(page, encoding="utf-8")
    return sum(feature["geometry"]["type"] not in ("Point", "MultiPoint") for feature in features)


def rounded(feature: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """A feature with five decimals, the style of its kind and its name."""

    def decimals(value: Any) -> Any:
        return [decimals(item) for item in value] if isinstance(value, list) else round(value, 5)

    own = feature["properties"]
    symbol = kinds[own["kind"]]["symbol"]
    style = {
        "color": symbol.get("stroke"), "weight": symbol.get("width"), "fillColor": own["color"] or symbol.get("fill"),
        "fillOpacity": symbol.get("fill_opacity", 0),
    }  # fmt: skip
    geometry = {**feature["geometry"], "coordinates": decimals(feature["geometry"]["coordinates"])}
    return {"type": "Feature", "geometry": geometry, "properties": {"name": own["name"], "style": style}}


# ---- measuring


def measure(browser: Browser, pages: dict[str, tuple[str, str, str, str]], line: str) -> dict[str, Row]:
    """Medians over fresh contexts; the pages take turns, so that what else the machine does hits all alike."""
    results: dict[str, list[Row]] = {name: [] for name in pages}
    for _ in range(RUNS):
        for name, page in pages.items():
            width, height = SIZES.get(name, SIZE)
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            first = visit(context, *page, line)
            again = visit(context, *page, line) if name == "planmap" else {"requests": math.nan, "seen": math.nan}
            context.close()
            results[name].append({**first, "again requests": again["requests"], "again s": again["seen"]})
    return {
        name: {key: statistics.median(visit[key] for visit in visits) for key in visits[0]}
        for name, visits in results.items()
    }


def visit(context: BrowserContext, url: str, seen: str, answers: str, whole: str, line: str) -> Row:
    """Open a page once: seconds and kB until it is seen, answers, is whole; requests that reached the server."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if LINES[line]:
        wire.send("Network.emulateNetworkConditions", LINES[line])
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    parts: dict[str, list[tuple[float, float]]] = {}
    sent: dict[str, float] = {}
    asked: set[str] = set()
    cached: set[str] = set()
    started: list[float] = []

    def on_request(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            asked.add(event["requestId"])
            started.append(event["timestamp"])

    def on_response(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            cached.add(event["requestId"])

    wire.on("Network.requestWillBeSent", on_request)
    wire.on("Network.responseReceived", on_response)
    wire.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    wire.on(
        "Network.dataReceived",
        lambda event: parts.setdefault(event["requestId"], []).append((event["timestamp"], event["dataLength"])),
    )
    wire.on("Network.loadingFinished", lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}))
    page.add_init_script(watcher({"seen": seen, "answers": answers, "whole": whole}))
    page.goto(url, wait_until="commit")
    at = noted(page, wire)
    # Who comes again has let the page finish: what nothing seen needs comes last.
    page.evaluate("() => window.planmapApp && Promise.all([planmapApp.asked(), planmapApp.later()]).then(() => null)")
    page.wait_for_timeout(500)
    begin = min(started)
    # What went over the line is known when an answer has ended; of one under way, the share of its content by then.
    until = {
        key: sum(sent.get(one, 0) * _share(parts.get(one, []), begin + at[key] / 1000) for one in asked - cached)
        for key in ("seen", "answers", "whole")
    }
    page.close()
    return {
        "seen": at["seen"] / 1000,
        "seen kB": until["seen"] / 1000,
        "answers": at["answers"] / 1000,
        "answers kB": until["answers"] / 1000,
        "whole": at["whole"] / 1000,
        "whole kB": until["whole"] / 1000,
        "requests": float(len(asked - cached)),
    }


def noted(page: Page, wire: CDPSession) -> dict[str, float]:
    """When each condition held, once all have; asked without Playwright's own script, which costs the page time."""
    found: dict[str, float] = {}
    for _ in range(600):
        answer: Any = wire.send("Runtime.evaluate", {"expression": "JSON.stringify(window.__at || {})"})
        found = json.loads(answer["result"].get("value") or "{}")
        if len([at for at in found.values() if at > 0]) == len(("seen", "answers", "whole")):
            return found
        page.wait_for_timeout(100)
    raise RuntimeError(f"not whole within a minute: {found}")


def _share(parts: list[tuple[float, float]], end: float) -> float:
    """The part of an answer's content that had come by a time, 0 to 1."""
    whole = sum(size for _, size in parts)
    return sum(size for when, size in parts if when <= end) / whole if whole else 0.0


def watcher(conditions: dict[str, str]) -> str:
    """A script that notes when the frame has been painted in which each condition holds first."""
    table = ",".join(f"{name}: {condition}" for name, condition in conditions.items())
    return (
        f"(() => {{ const wanted = {{{table}}}, noted = {{}}; window.__at = {{}};"
        # A message that a frame sends before it is painted arrives when it has been.
        " const painted = (then) => requestAnimationFrame(() => { const way = new MessageChannel();"
        " way.port1.onmessage = then; way.port2.postMessage(0); });"
        " const look = () => { for (const [name, holds] of Object.entries(wanted)) if (!noted[name] && holds()) {"
        " noted[name] = true; painted(() => { window.__at[name] = performance.now(); }); } };"
        " new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true});"
        " setInterval(look, 20); })()"
    )


def report(tables: dict[str, dict[str, Row]]) -> None:
    """Print the tables and the goals."""
    for line, rows in tables.items():
        print(f"{line} line, medians of {RUNS}")
        print(
            f"{'':21}{'picture s':>10}{'kB':>7}{'answers s':>11}{'kB':>7}{'whole s':>9}{'kB':>7}"
            f"{'again: requests':>17}{'s':>7}"
        )
        for name, row in rows.items():
            print(
                f"{name:21}{row['seen']:10.2f}{row['seen kB']:7.0f}{row['answers']:11.2f}{row['answers kB']:7.0f}"
                f"{row['whole']:9.2f}{row['whole kB']:7.0f}"
                f"{row['again requests']:17.0f}{row['again s']:7.2f}"
            )
    slow, fast = tables["slow"], tables["fast"]
    ours = slow["planmap"]
    for name, most in (("plain Leaflet", 0.87), ("folium, same layers", 0.53), ("folium, all layers", 0.20)):
        goal(f"picture against {name}", ours["seen"] / slow[name]["seen"], most)
    goal("kB until the picture against plain Leaflet", ours["seen kB"] / slow["plain Leaflet"]["seen kB"], 0.75)
    goal("answers against folium, same layers", ours["answers"] / slow["folium, same layers"]["answers"], 0.9)
    goal("kB until everything answers", ours["whole kB"], 125)
    goal("embed: picture against plain Leaflet", slow["planmap, embed"]["seen"] / slow["plain Leaflet"]["seen"], 0.87)
    phone = slow["planmap, phone"]["seen"] / slow["plain Leaflet, phone"]["seen"]
    goal("phone: picture against plain Leaflet", phone, 0.87)
    goal("fast line: picture against plain Leaflet", fast["planmap"]["seen"] / fast["plain Leaflet"]["seen"], 1.0)
    goal("second visit: requests", ours["again requests"], 1)
    goal("second visit: seconds against the first", ours["again s"] / ours["seen"], 0.3)


def goal(name: str, value: float, most: float) -> None:
    """One line: met or not."""
    print(f"  {mark(value <= most)} {name}: {value:.2f} (at most {most:g})")


if __name__ == "__main__":
    main()
