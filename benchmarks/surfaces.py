"""Accessibility surfaces, processor time and memory: ``python -m benchmarks.surfaces [BLOCKS]``.

First what they add to the build of the shipped plan. Then a province: 100,000 × 100,000 cells of 5 m (500 km a
side) with 2,000 stations, 300 roads and 1,600 townships that have winding borders, by blocks of 512 × 512
cells. Of the 38,416 blocks so many (40) are worked through, spread over all of it: distances, covered shares,
shares within three limits, sums by township, numbers of bands. The time for the whole is that of these,
multiplied; memory is what the process held at most, and does not grow with the number of blocks, which the
second half shows.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import shapely

from geo import covering, raster
from geo.crs import metric_crs
from geo.nearest import Nearest
from geo.raster import Grid, Part
from layers.build import assemble
from layers.measure import surfaces

ROOT = Path(__file__).parents[1]
SIDE, CELL_M, BLOCKS = 100_000, 5.0, 40
LIMITS = (500.0, 800.0, 1500.0)
STATIONS, ROADS, ROAD_VERTICES, TOWNS, TOWN_VERTICES = 2_000, 300, 60, 40, 300
COG_SIDE = 8_192
MB = 1024


def held_mb() -> int:
    """Most memory that the process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MB


def shipped() -> tuple[float, float]:
    """Seconds of processor time for surfaces, and for the whole build of the shipped plan."""
    spent = []
    own = surfaces.compute

    def timed(*given: object) -> object:
        before = time.process_time()
        found = own(*given)  # type: ignore[arg-type]
        spent.append(time.process_time() - before)
        return found

    surfaces.compute = timed  # type: ignore[assignment]
    before = time.process_time()
    try:
        assemble.build(ROOT / "data" / "plans" / "xiaoshan-14fyp", ROOT / "data")
    finally:
        surfaces.compute = own
    return spent[0], time.process_time() - before


def province() -> tuple[Grid, Nearest, list[shapely.Polygon]]:
    """Grid, sources and townships of an invented province."""
    numbers = np.random.default_rng(20)
    metres = SIDE * CELL_M
    grid = Grid(0.0, metres, CELL_M, SIDE, SIDE)
    places = [shapely.Point(x, y) for x, y in numbers.uniform(0, metres, (STATIONS, 2)).tolist()]
    steps = numbers.normal(0, 2_000, (ROADS, ROAD_VERTICES, 2)).cumsum(axis=1)
    roads = [shapely.LineString(one) for one in numbers.uniform(0, metres, (ROADS, 1, 2)) + steps]
    width = metres / TOWNS
    turn = np.linspace(0, 2 * np.pi, TOWN_VERTICES, endpoint=False)
    towns = []
    for row in range(TOWNS):
        for column in range(TOWNS):
            radius = width * 0.5 * (1 + 0.1 * numbers.normal(size=TOWN_VERTICES))
            ring = np.column_stack([np.cos(turn), np.sin(turn)]) * radius[:, None]
            middle = np.array([column + 0.5, row + 0.5]) * width
            towns.append(shapely.Polygon(ring + middle).buffer(0))
    return grid, Nearest([*places, *roads]), towns


def work(grid: Grid, near: Nearest, towns: list[shapely.Polygon], tree: shapely.STRtree, part: Part) -> int:
    """What the build and the raster of bands do with a block; entries of covered shares."""
    far = near.distances(*grid.centres(part, halo=1))
    met = [towns[one] for one in tree.query(shapely.box(*grid.bounds(part)))]
    cover = covering.covered(met, grid, part)
    cover.sums(far[1:-1, 1:-1], len(met))
    for limit in LIMITS:
        covering.joint(met, cover, grid, part, far, limit)
    raster.classes(far[1:-1, 1:-1], LIMITS)
    return len(cover.cell)


def main(blocks: int) -> None:
    """Print the figures."""
    own, whole = shipped()
    print(f"shipped plan: surfaces {own:.2f} s of the {whole:.2f} s of processor time of its build")
    grid, near, towns = province()
    tree = shapely.STRtree(towns)
    size = raster.BLOCK
    across = -(-SIDE // size)
    every = across**2
    chosen = np.linspace(0, every - 1, blocks).round().astype(int)
    print(f"province: {SIDE:,} × {SIDE:,} cells, {len(near):,} points and segments, {len(towns):,} townships")
    print(f"before the first block the process holds {held_mb()} MB")
    before = time.process_time()
    for done, number in enumerate(chosen.tolist(), start=1):
        row, column = divmod(number, across)
        top, left = row * size, column * size
        work(grid, near, towns, tree, Part(top, left, min(size, SIDE - top), min(size, SIDE - left)))
        if done in (1, blocks // 4, blocks // 2, blocks):
            print(f"after {done:>4} blocks: at most {held_mb()} MB")
    each = (time.process_time() - before) / blocks
    print(f"{each * 1e3:.0f} ms of processor time a block; all {every:,} blocks would take {each * every / 60:.0f} min")
    corner = Grid(0.0, grid.north, CELL_M, COG_SIDE, COG_SIDE)
    with tempfile.TemporaryDirectory() as folder:
        path, before = Path(folder) / "bands.tif", time.process_time()

        def cells(part: Part) -> np.ndarray:
            return raster.classes(near.distances(*corner.centres(part)), LIMITS)

        raster.write_cog(path, corner, metric_crs(120.0), cells, dtype="uint8", nodata=0, overviews=raster.CLASSES)
        spent = time.process_time() - before
        with rasterio.open(path) as found:
            levels = found.overviews(1)
        print(
            f"COG of {COG_SIDE:,} × {COG_SIDE:,}: {spent:.1f} s, {path.stat().st_size / 1e6:.1f} MB, overviews {levels}"
        )
    print(f"in all the process held at most {held_mb()} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BLOCKS)
