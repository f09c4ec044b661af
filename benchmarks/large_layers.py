"""A plan of very many townships in the browser: frames while zooming and panning, heap, the time an indicator takes.

Headless Chromium at 1440 × 862 against ``planmap serve`` on an edition of ``benchmarks/build_growth.py``; frames are
counted as in ``benchmarks/frames.py``. The heap is V8's after a collection, beside it what it was at its highest
between the steps. An indicator is settled when map, legend and table show it, the first time (nothing of it asked for
before) and again, in other classes.

    python -m benchmarks.large_layers [townships or PATH]
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.build_growth import generate
from benchmarks.frames import LONG_TASKS, TURNS, ZOOMS
from layers.build.assemble import build_file
from tools.local import chromium, serving

TOWNSHIPS, RUNS = 40_000, 3
WIDTH, HEIGHT = 1440, 862
GOALS = {"worst": 100.0, "heap": 80.0, "settled": 300.0}
PANS = """async () => {
    const app = planmapApp, gaps = [];
    const frame = () => new Promise(requestAnimationFrame);
    for (const by of [[300, 0], [0, 200], [-300, 0], [0, -200]]) {
        let last = await frame(), on = true;
        const note = (time) => { if (on) { gaps.push(time - last); last = time; requestAnimationFrame(note); } };
        requestAnimationFrame(note);
        app.map.panBy(by, {animate: true, duration: 0.4});
        await new Promise((done) => app.map.once("moveend", done));
        await app.layers.settled();
        for (let calm = 0; calm < 4; calm += 1) await frame();
        on = false;
    }
    return gaps;
}"""
SETTLED = """async ([id, method]) => {
    const app = planmapApp, begun = performance.now();
    app.setIndicator({id, level: "township", method});
    await new Promise((done) => setTimeout(done));
    await app.overlay?.pending;
    await app.layers.settled();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - begun;
}"""
PANEL = "async () => { planmapApp.panel.open('indicators'); await (await planmapApp.asked()); }"


def main() -> None:
    """Measure and print."""
    given = sys.argv[1] if len(sys.argv) > 1 else str(TOWNSHIPS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(given) if not given.isdigit() else Path(folder) / "edition.gpkg"
        if given.isdigit():
            build_file(generate(Path(folder), int(given)), path)
        with serving(path) as url, chromium() as browser:
            print(f"{path.stat().st_size / 1e6:.0f} MB, load {os.getloadavg()[0]:.1f}")
            measure(browser, url)


def measure(browser: Browser, url: str) -> None:
    """Print the figures of a server's map."""
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN").new_page()
    page.on("pageerror", lambda error: print("page:", error))
    page.add_init_script(LONG_TASKS)
    cdp = page.context.new_cdp_session(page)
    highest = 0.0
    begun = time.perf_counter()
    page.goto(url + "/?lang=zh#layers=districts,zones,townships")
    page.wait_for_function("() => window.__ready === true", timeout=240_000)
    print(f"first opened in {time.perf_counter() - begun:.1f} s (tiles cut), ", end="")
    begun = time.perf_counter()
    page.reload()
    page.wait_for_function("() => window.__ready === true", timeout=240_000)
    print(f"again in {time.perf_counter() - begun:.1f} s; {nodes(page)} elements")
    for name, ask in (("zoom", lambda: page.evaluate(ZOOMS, TURNS)), ("pan", lambda: [page.evaluate(PANS)])):
        ask()
        gaps = [[gap for one in ask() for gap in one] for _ in range(RUNS)]
        worst = [max(one) for one in gaps]
        rate = median(1000 * len(one) / sum(one) for one in gaps)
        told = f"worst frame {median(worst):.0f} ms ({max(worst):.0f} of {RUNS} rounds), {rate:.0f} frames/s"
        print(f"{name}: {told}  {mark(median(worst) <= GOALS['worst'])}")
        highest = max(highest, heap(cdp)[0])
    page.evaluate(PANEL)
    first = page.evaluate(SETTLED, ["station_share_800m", "quantiles"])
    taken = [
        page.evaluate(SETTLED, ["station_share_800m", name])
        for name in ("equal_interval", "natural_breaks", "quantiles")
    ]
    print(f"indicator: first {first:.0f} ms, then {median(taken):.0f} ms  {mark(median(taken) <= GOALS['settled'])}")
    print(f"{nodes(page)} elements with the table")
    before, after = heap(cdp)
    highest = max(highest, before)
    print(f"heap {after:.0f} MB, at most {highest:.0f} MB  {mark(highest <= GOALS['heap'])}")
    print(f"load {os.getloadavg()[0]:.1f}")


def nodes(page: Page) -> int:
    """Elements of the page."""
    return int(page.evaluate("() => document.querySelectorAll('*').length"))


def heap(cdp: CDPSession) -> tuple[float, float]:
    """Used heap in MB as it is, and after a collection."""

    def used() -> float:
        found: dict[str, Any] = cdp.send("Runtime.getHeapUsage")
        return float(found["usedSize"]) / 1e6

    before = used()
    cdp.send("HeapProfiler.collectGarbage")
    return before, used()


def mark(met: bool) -> str:
    """A tick or a cross."""
    return "✓" if met else "✗"


if __name__ == "__main__":
    main()
