"""How smoothly the map moves: frames while zooming, long tasks while opening and zooming, the time that names take.

Headless Chromium at 1440 × 862 against ``planmap serve``. A zoom is one turn of the wheel over the map's middle,
watched from the turn until four frames in a row came in time after the names stand; frames are counted as the page's
animation frames, and the worst is the longest time between two. A task is long over 50 ms (the Long Tasks API), here
on a processor made four times as slow, while the page opens, while it is zoomed, while the panel of indicators opens
by its button and while an indicator comes with its table; what is asked of the page is asked without Playwright's own
script, whose evaluation is a task of 60 ms. Run it while the machine does nothing else: without a graphics card all
drawing is the processor's work. ``python -m benchmarks.frames PATH`` takes an edition that is built already.
"""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tools.local import PLAN, build, chromium, serving

RUNS = 3
SLOWER = 4
PLACEMENTS = 25
WIDTH, HEIGHT = 1440, 862
READY = "() => window.__ready === true"
GOALS = {"fps": 50, "worst": 100, "task": 50}

LONG_TASKS = """window.__long = [];
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.__long.push(one.duration); })
    .observe({type: "longtask", buffered: true});"""

# One turn of the wheel after another; for each the times between frames, in milliseconds.
ZOOMS = """async (turns) => {
    const app = planmapApp, box = app.map.getContainer(), found = [];
    const frame = () => new Promise(requestAnimationFrame);
    const calm = async (enough) => {
        for (let calm = 0, last = await frame(); calm < enough;) {
            const now = await frame();
            calm = now - last < 25 && !app.labels.placing && !app.map._animatingZoom ? calm + 1 : 0;
            last = now;
        }
    };
    for (const turn of turns) {
        await calm(30);
        const times = [];
        let on = true;
        const note = (time) => { if (on) { times.push(time); requestAnimationFrame(note); } };
        requestAnimationFrame(note);
        const {left, top, width, height} = box.getBoundingClientRect();
        const ended = new Promise((done) => app.map.once("zoomend", done));
        const wheel = {deltaY: turn * 200, clientX: left + width / 2, clientY: top + height / 2};
        box.dispatchEvent(new WheelEvent("wheel", {...wheel, bubbles: true, cancelable: true}));
        await ended;
        await calm(4);
        on = false;
        found.push(times.slice(1).map((time, at) => time - times[at]));
    }
    return found;
}"""
TURNS = [-1, -1, -1, 1, 1, 1]
ALL_ON = "async () => { await planmapApp.layers.setAll(planmapApp.layers.ids); }"
# What is done on the slow page after it has opened.
DONE = {
    "zooming": f"({ZOOMS})({TURNS[1:-1]}).then(() => null)",
    "panel": "document.getElementById('pm-btn-indicators').click()",
    "indicator": "planmapApp.setIndicator({id: 'area_km2', level: 'township', method: 'jenks'})",
}
SETTLED_MS = 6000
NAMES = """async (count) => {
    const took = [];
    const {labels} = planmapApp;
    for (let at = 0; at < count; at += 1) { await labels.place(); took.push(labels.milliseconds); }
    return took;
}"""


def main() -> None:
    """Measure and print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        edition = Path(sys.argv[1]) if len(sys.argv) > 1 else build(PLAN, Path(folder) / "edition.gpkg")
        with serving(edition) as url, chromium() as browser:
            frames = {
                name: zooms(browser, url, everything) for name, everything in (("first view", False), ("all on", True))
            }
            tasks = [long_tasks(browser, url) for _ in range(RUNS)]
            names = placements(browser, url + "/?view=transport&lang=zh")
    report_frames(frames)
    report_tasks(tasks)
    print(f"\nNames of the view of transport placed in {names:.0f} ms (median of {PLACEMENTS}, in slices)")


def opened(browser: Browser, url: str) -> Page:
    """A fresh page whose map is drawn and named."""
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN").new_page()
    page.add_init_script(LONG_TASKS)
    page.goto(url)
    page.wait_for_function(READY, timeout=120_000)
    return page


def zooms(browser: Browser, url: str, everything: bool) -> list[dict[str, float]]:
    """Frames a second and the worst frame of each round of zooms, after one round that nobody counts."""
    page = opened(browser, url + "/?lang=zh")
    if everything:
        page.evaluate(ALL_ON)
    rows = []
    for _ in range(RUNS + 1):
        gaps = [gap for zoom in page.evaluate(ZOOMS, TURNS) for gap in zoom]
        rows.append({"fps": 1000 * len(gaps) / sum(gaps), "worst": max(gaps)})
    page.context.close()
    return rows[1:]


def long_tasks(browser: Browser, url: str) -> dict[str, list[float]]:
    """Milliseconds of each long task while the first view opens, and while things are done, on a slow processor."""
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN").new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(LONG_TASKS)
    page.goto(url + "/?lang=zh", wait_until="commit")
    for _ in range(2400):
        if told(wire, "window.__ready === true"):
            break
        page.wait_for_timeout(100)
    found = {}
    for name, done in (("opening", ""), *DONE.items()):
        told(wire, done)
        page.wait_for_timeout(SETTLED_MS)
        found[name] = list(told(wire, "window.__long.splice(0)"))
    page.context.close()
    return found


def told(wire: CDPSession, expression: str) -> Any:
    """What an expression gives in the page, awaited; not by way of Playwright's script, which costs the page time."""
    answer: Any = wire.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
    if "exceptionDetails" in answer:
        raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", expression))
    return answer["result"].get("value")


def placements(browser: Browser, url: str) -> float:
    """Median time that placing all names takes, in milliseconds."""
    page = opened(browser, url)
    took: list[Any] = page.evaluate(NAMES, PLACEMENTS)
    page.context.close()
    return statistics.median(took)


def report_frames(frames: dict[str, list[dict[str, float]]]) -> None:
    """Print the frames."""
    print(f"Frames while zooming, median (worst) of {RUNS} rounds of {len(TURNS)} zooms")
    print(f"{'':12}{'frames/s':>16}{'worst frame, ms':>20}")
    for name, rows in frames.items():
        fps, worst = [row["fps"] for row in rows], [row["worst"] for row in rows]
        rate, longest = statistics.median(fps), statistics.median(worst)
        met = f"{mark(rate >= GOALS['fps'])} {mark(longest <= GOALS['worst'])}"
        print(f"{name:12}{rate:9.0f} ({min(fps):3.0f}) {longest:13.0f} ({max(worst):3.0f})  {met}")


def report_tasks(tasks: list[dict[str, list[float]]]) -> None:
    """Print the long tasks."""
    print(f"\nTasks over {GOALS['task']} ms of the first view, processor {SLOWER} times as slow, medians of {RUNS}")
    print(f"{'':12}{'tasks':>7}{'longest, ms':>13}{'together, ms':>14}")
    for name in tasks[0]:
        count, longest, total = (
            statistics.median(value(run[name]) for run in tasks)
            for value in (len, lambda found: max(found, default=0), sum)
        )
        print(f"{name:12}{count:7.0f}{longest:13.0f}{total:14.0f}  {mark(count == 0)}")


def mark(met: bool) -> str:
    """A tick or a cross."""
    return "✓" if met else "✗"


if __name__ == "__main__":
    main()
