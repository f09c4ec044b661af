"""How time and memory of making and checking a coverage grow, from 22 to 40,000 synthetic townships.

Run as `python -m benchmarks.coverage_growth`. Each size runs in a process of its own, so that the peak
memory printed is that size's; "start" is a process that only imports. A second table is of imported borders: two
townships whose common border has so many corners, a metre and a half to either side, against a plain one;
processor time.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, Polygon, box
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo import mosaic
from geo.coverage import Arc, polygonise, problems

SIZES = (22, 100, 1_000, 5_000, 10_000, 20_000, 40_000)
CORNERS = (5_000, 10_000, 20_000)
POINTS_PER_ARC = 12
"""About what the generalised outlines of real townships have."""


def synthetic_arcs(count: int, seed: int = 1) -> list[Arc]:
    """Arcs between `count` townships: a jittered grid with crooked edges, rows of equal length but the last.

    Args:
        count: number of townships.
        seed: of the random numbers; the same seed gives the same arcs.

    Returns:
        arcs in degrees within 15° by 15°; townships are named `t0`, `t1`, …, the outside `outside`.
    """
    random = np.random.default_rng(seed)
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    cell = 15.0 / columns
    nodes = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * cell + (100.0, 22.0)
    nodes = nodes + random.uniform(-0.2, 0.2, nodes.shape) * cell

    def unit(column: int, row: int) -> str:
        inside = 0 <= column < columns and 0 <= row < rows and row * columns + column < count
        return f"t{row * columns + column}" if inside else "outside"

    def crooked(start: NDArray[np.float64], end: NDArray[np.float64]) -> LineString:
        along = np.linspace(0.0, 1.0, POINTS_PER_ARC)[:, None]
        points = start + along * (end - start)
        points[1:-1] += random.uniform(-0.03, 0.03, (POINTS_PER_ARC - 2, 2)) * cell
        return LineString(np.round(points, 7))

    arcs: list[Arc] = []
    for row in range(rows + 1):
        for column in range(columns + 1):
            sides = []
            if column < columns:
                sides.append((nodes[row, column + 1], unit(column, row), unit(column, row - 1)))
            if row < rows:
                sides.append((nodes[row + 1, column], unit(column, row), unit(column - 1, row)))
            for end, first, second in sides:
                if first == "outside":
                    first, second = second, first
                if first != second:
                    line = crooked(nodes[row, column], end)
                    arcs.append(Arc(f"a{len(arcs)}", first, second, line, second != "outside"))
    return arcs


def measure_one(count: int) -> dict[str, float]:
    """Seconds and peak memory for one size, in this process."""
    arcs = synthetic_arcs(count) if count else []
    start = time.perf_counter()
    polygons = polygonise(arcs) if arcs else {}
    made = time.perf_counter()
    found = problems(polygons) if arcs else []
    checked = time.perf_counter()
    # One township moved by a tenth of its size: gaps and overlaps must be found, and not slowly.
    if arcs:
        name = f"t{count // 2}"
        polygons[name] = _moved(polygons[name])
    broken = problems(polygons) if arcs else []
    if arcs and (found or not broken or len(polygons) != count):
        raise SystemExit(f"wrong result for {count} townships")
    return {
        "townships": count,
        "arcs": len(arcs),
        "polygonise_s": made - start,
        "problems_s": checked - made,
        "problems_broken_s": time.perf_counter() - checked,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def fit_one(corners: int) -> dict[str, float]:
    """Seconds of processor time for a border of so many corners to be fitted to a plain one, and peak memory."""
    lats = np.linspace(30.0, 30.5, corners)
    away = np.where(np.arange(corners) % 2, 1.5e-5, -1.5e-5)
    away[[0, -1]] = 0
    west = Polygon([(104.0, 30.5), (104.0, 30.0), *np.stack([104.5 + away, lats], axis=1)])
    start = time.process_time()
    fitted = mosaic.fit({"west": west, "east": box(104.5, 30.0, 105.0, 30.5)}, {}, [], 20.0)
    seconds = time.process_time() - start
    if fitted.wide or len(fitted.polygons) != 2:
        raise SystemExit(f"wrong result for {corners} corners")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"corners": corners, "fit_s": seconds, "slivers": len(fitted.pieces), "peak_mb": memory}


def _moved(polygon: BaseGeometry) -> BaseGeometry:
    return translate(polygon, math.sqrt(polygon.area) / 10, 0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of townships")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--corners", type=int, nargs="*", default=CORNERS, help="corners of a border that comes in")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--border", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure_one(arguments.one)))
        return
    if arguments.border is not None:
        print(json.dumps(fit_one(arguments.border)))
        return
    if not arguments.json:
        print(f"{'townships':>10} {'arcs':>8} {'make s':>8} {'check s':>8} {'broken s':>9} {'peak MB':>8}")
    for size in (0, *arguments.sizes):
        command = [sys.executable, "-m", "benchmarks.coverage_growth", "--one", str(size)]
        line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        if arguments.json:
            print(line, flush=True)
            continue
        row = json.loads(line)
        label = "start" if size == 0 else f"{size:,}"
        print(
            f"{label:>10} {row['arcs']:>8,} {row['polygonise_s']:>8.2f} {row['problems_s']:>8.2f}"
            f" {row['problems_broken_s']:>9.2f} {row['peak_mb']:>8.0f}",
            flush=True,
        )
    _borders(arguments.corners, as_json=arguments.json)


def _borders(corners: list[int], *, as_json: bool) -> None:
    """The second table."""
    if corners and not as_json:
        print(f"\n{'corners':>10} {'fit s':>8} {'slivers':>8} {'peak MB':>8}")
    for count in corners:
        command = [sys.executable, "-m", "benchmarks.coverage_growth", "--border", str(count)]
        line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        if as_json:
            print(line, flush=True)
            continue
        row = json.loads(line)
        numbers = f"{row['fit_s']:>8.2f} {row['slivers']:>8,} {row['peak_mb']:>8.0f}"
        print(f"{row['corners']:>10,} {numbers}", flush=True)


if __name__ == "__main__":
    main()
