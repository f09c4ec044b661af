"""Warping a scanned sheet: time and memory by its size; memory must not grow with it.

python -m benchmarks.scans [--sides 5000 10000 20000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import rasterio.warp
from rasterio.windows import Window

from geo.crs import metric_crs, web_mercator
from geo.picture import upright
from geo.transformation import solve
from geo.warp import tile, warp


def paint(path: Path, side: int) -> None:
    """A sheet of so many pixels a side: areas, lines and grain, as JPEG in TIFF."""
    dice = np.random.default_rng(1)
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "tiled": True,
               "compress": "jpeg", "photometric": "YCBCR"}  # fmt: skip
    with rasterio.open(path, "w", **profile) as sink:
        for top in range(0, side, 256):
            rows = min(256, side - top)
            row, column = np.mgrid[top : top + rows, 0:side]
            areas = ((row // 900 + column // 1300) % 5 * 40 + 60).astype(np.int16)
            areas[(row % 900 < 4) | (column % 1300 < 4)] = 20
            grain = dice.integers(-4, 4, areas.shape, dtype=np.int16)
            pixels = np.stack([areas + grain, areas // 2 + 90 + grain, 240 - areas + grain]).clip(0, 255)
            sink.write(pixels.astype(np.uint8), window=Window(0, top, side, rows))


def measured(side: int, room: str) -> dict[str, float]:
    """Seconds of processor time and the peak of memory in MB, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_warped, (side, room))


def _warped(side: int, room: str) -> dict[str, float]:
    folder = Path(room)
    paint(folder / "sheet.tif", side)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()
    upright(folder / "sheet.tif", folder / "upright.tif")
    pixels = np.array([[x, y] for x in (0.03, 0.35, 0.7, 0.96) for y in (0.04, 0.5, 0.95)]) * side
    bend = np.column_stack([np.sin(pixels[:, 1] / side * 5), np.cos(pixels[:, 0] / side * 4)]) * 0.002 * side
    ground = (pixels + bend) * [2, -2] + [500_000, 3_340_000]
    crs = metric_crs(120.0)
    warp(folder / "upright.tif", solve(pixels, ground, "tps"), crs, folder / "warped.tif")
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mercator = web_mercator()
    with rasterio.open(folder / "warped.tif") as source:
        west, south, *_ = rasterio.warp.transform_bounds(source.crs, mercator.to_wkt(), *source.bounds)
    spans = [611.5 * 2**step for step in range(4)]
    start = time.process_time()
    for span in spans:
        tile(folder / "warped.tif", (west + side, south + side, west + side + span, south + side + span), mercator)
    tiles = (time.process_time() - start) / len(spans) * 1000
    return {"seconds": spent, "peak_mb": peak, "before_mb": before, "tile_ms": tiles,
            "file_mb": (folder / "warped.tif").stat().st_size / 1e6}  # fmt: skip


def main() -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=int, nargs="+", default=[5_000, 10_000, 20_000])
    print("| pixels a side | processor time | peak of memory | file | a cold tile |\n|---|---|---|---|---|")
    for side in parser.parse_args().sides:
        with tempfile.TemporaryDirectory() as room:
            told = measured(side, room)
        print(f"| {side:,} | {told['seconds']:.0f} s | {told['peak_mb']:.0f} MB | {told['file_mb']:.0f} MB "
              f"| {told['tile_ms']:.0f} ms |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
