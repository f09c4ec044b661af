"""Processor time of a figure, beside QGIS' layout of the same plan: ``python -m benchmarks.figures [EDITION]``.

Both draw the plan's first view on A3 at 300 dots an inch with title, legend, scale bar and notes as PNG: planmap from
the open edition, QGIS from the project in the same file, read beforehand. The median of the processor time of all
threads counts, for the machine may be busy. Without QGIS that is said. The other formats and forms are planmap's alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from layers.build.assemble import build_file
from layers.drawing import render
from layers.drawing.asked import Asked, draw
from layers.edition.file import read
from layers.edition.store import Store
from layers.style.icons import icon_paths

ROOT = Path(__file__).parents[1]
PYTHON = "/usr/bin/python3"
"""Debian's, which has PyQGIS where QGIS is installed."""
ROUNDS, DPI = 3, 300
SAID = "ANSWER"
LAYOUT = """
import json, sys, time
from qgis.core import QgsApplication, QgsLayoutExporter, QgsProject
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
task = json.loads(sys.argv[1])
project.read(f"geopackage:{task['file']}?projectName={task['project']}")
sizes = {one.name(): one.pageCollection().page(0).pageSize() for one in project.layoutManager().layouts()}
name = next(one for one, size in sizes.items() if (size.width(), size.height()) == (420.0, 297.0))
layout = project.layoutManager().layoutByName(name)
spent = []
for number in range(task["rounds"]):
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi, settings.generateWorldFile = task["dpi"], False
    before = time.process_time()
    done = QgsLayoutExporter(layout).exportToImage(f"{task['folder']}/{number}.png", settings)
    spent.append(time.process_time() - before)
print("ANSWER" + json.dumps({"spent": spent, "done": done == QgsLayoutExporter.Success, "layout": name}))
sys.stdout.flush()
app.exitQgis()
"""


def ours(store: Store, asked: Asked, suffix: str, folder: Path) -> float:
    """Seconds of processor time for one figure, from the open edition to the file."""
    before = time.process_time()
    render.write(draw(store, asked, icon_paths()), folder / f"figure{suffix}", DPI)
    return time.process_time() - before


def qgis(edition: Path, project: str, folder: Path) -> list[float]:
    """Seconds of processor time of QGIS for the same; none where there is no QGIS."""
    given = {"file": str(edition), "project": project, "folder": str(folder), "rounds": ROUNDS, "dpi": DPI}
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "GDAL", "PROJ"))}
    env |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    try:
        run = subprocess.run(
            [PYTHON, "-c", LAYOUT, json.dumps(given)], env=env, capture_output=True, text=True, check=False
        )
    except OSError:
        return []
    lines = [line for line in run.stdout.splitlines() if line.startswith(SAID)]
    answer = json.loads(lines[0].removeprefix(SAID)) if lines else {}
    return [float(one) for one in answer["spent"]] if answer.get("done") else []


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "xiaoshan-14fyp.gpkg"
        if len(sys.argv) < 2:
            build_file(ROOT / "data" / "plans" / "xiaoshan-14fyp", given, ROOT / "data")
        store = Store(read(given))
        view = store.default_view
        a3 = Asked(view, paper="A3")
        ours(store, Asked(view, paper="column"), ".png", folder)  # imports and fonts
        png = median(ours(store, a3, ".png", folder) for _ in range(ROUNDS))
        theirs = qgis(given, str(store.plan["id"]), folder)
        print(f"A3, {DPI} dpi, PNG: {png:.2f} s")
        if theirs:
            print(f"QGIS' layout:   {median(theirs):.2f} s; ours is {png / median(theirs):.2f} of it")
        else:
            print(f"QGIS' layout:   not measured, PyQGIS is not importable by {PYTHON}")
        for suffix in (".svg", ".pdf", ".tif"):
            print(f"A3, {suffix}: {median(ours(store, a3, suffix, folder) for _ in range(ROUNDS)):.2f} s")
        small = Asked(view, paper="A3", form="indicators")
        print(f"A3, small maps of all indicators, .pdf: {ours(store, small, '.pdf', folder):.2f} s")
        print(f"A0, .pdf: {ours(store, Asked(view, paper='A0'), '.pdf', folder):.2f} s")


if __name__ == "__main__":
    main()
