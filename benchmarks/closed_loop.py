"""Scans proved in a closed loop: an edition drawn as a sheet, spoilt as scans are, fitted, traced, held against itself.

    python -m benchmarks.closed_loop [--runs 200] [--pictures 10]

The sheet is the figure that ``planmap figure`` draws. It is turned, scaled, folded (a kink along two lines), bent by a
lens, yellowed, and saved as JPEG of quality 60. What became of a place is known exactly. Control points stand at known
corners of townships with a click error of 2 pixels (standard deviation, each axis). Outlines by hand have the same
error at every vertex; outlines by colour are read off the spoilt picture. Truth are the zones of the edition.
"""

from __future__ import annotations

import argparse
import functools
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo import control, tracing
from geo.control import Sheet
from geo.crs import CGCS2000, metric_crs, transform_points
from geo.picture import upright
from geo.transformation import PARAMETERS, Array, solve

LAYERS = ("zones", "townships", "district", "neighbours")
"""What the sheet shows. Without rivers: the district ends in their middle, and under their blue nobody can read it."""
CLICK_PX = 2.0
POINTS = 20
OUTLINE = 200
"""Places of each outline that are looked at, by chance."""


@dataclass(frozen=True)
class Drawn:
    """A sheet on paper.

    Attributes:
        svg: The drawing.
        size_mm: Of the paper.
        extent: West, south, east, north of the map in metres.
        frame: Left, upper, right, lower edge of the map on paper, inches.
        zones: Truth, by id, metres.
        corners: Corners of townships, metres (n, 2).
        lon: Longitude that chooses the zone.
    """

    svg: str
    size_mm: tuple[float, float]
    extent: tuple[float, float, float, float]
    frame: tuple[float, float, float, float]
    zones: Mapping[str, Any]
    corners: Array
    lon: float

    def pixels(self, metres: Any, dpi: float) -> Array:
        """Where the undamaged sheet shows metres."""
        west, south, east, north = self.extent
        left, top, right, bottom = self.frame
        part = (np.asarray(metres) - [west, north]) / [east - west, south - north]
        placed: Array = (np.array([left, top]) + part * [right - left, bottom - top]) * dpi
        return placed


def draw(store: Any, view: str = "overview", paper: str = "A3", layers: Sequence[str] = LAYERS) -> Drawn:
    """The sheet of an edition (``layers.edition.store.Store``)."""
    from layers.drawing import figure as figures
    from layers.drawing.furniture import UNIT_M

    chosen = {**store.views[view], "layers": tuple(one for one in layers if one in store.layers)}
    made = figures.figure(store, chosen, figures.paper_mm(paper), "zh")
    (left, top), plane = made.corner, made.plane
    share = made.unit_m / UNIT_M
    frame = (left / 96, top / 96, (left + plane.width * share) / 96, (top + plane.height * share) / 96)
    lon, to = float(store.plan["lon"]), metric_crs(float(store.plan["lon"]))

    def metres(shape: Any) -> Any:
        return shapely.transform(shape, lambda xy: transform_points(xy, CGCS2000, to))

    zones = {row.id: metres(row.geometry) for row in store.frame("zones").itertuples()}
    towns = [metres(row.geometry) for row in store.frame("townships").itertuples()]
    corners = np.vstack([_corners(one) for one in towns])
    return Drawn(made.svg, (made.width_mm, made.height_mm), plane.extent, frame, zones, np.unique(corners, axis=0), lon)


def _corners(shape: Any) -> Array:
    """The vertices that lie farthest in the four diagonal directions."""
    points = shapely.get_coordinates(shape)
    ways = np.array([[-1, 1], [1, 1], [-1, -1], [1, -1]])
    return points[(points @ ways.T).argmax(axis=0)]


@dataclass(frozen=True)
class Damage:
    """What became of a sheet: turned, scaled, bent by a lens, folded.

    Attributes:
        width: Pixels of sheet and scan.
        height: Likewise.
        turn: Radians.
        scale: Of the scan to the sheet.
        lens: Radial distortion at the corner, part of the distance.
        kinks: Slopes beyond the two folds, rise over run.
    """

    width: int
    height: int
    turn: float
    scale: float
    lens: float
    kinks: tuple[float, float]

    @classmethod
    def of(cls, dice: np.random.Generator, width: int, height: int, *, folded: bool) -> Damage:
        """Chosen by chance: up to 2° and 2 %, and where folded a lens of up to 0.3 %, kinks of 1 to 2 %."""
        signs = dice.choice([-1.0, 1.0], 2)
        kinks = tuple((signs * dice.uniform(0.010, 0.020, 2)).tolist()) if folded else (0.0, 0.0)
        lens = float(dice.uniform(-0.003, 0.003)) if folded else 0.0
        return cls(width, height, float(dice.uniform(-0.035, 0.035)), float(dice.uniform(0.96, 0.98)), lens, kinks)

    def undone(self, scan: Any) -> Array:
        """Pixels of the sheet of pixels of the scan."""
        middle = np.array([self.width, self.height]) / 2
        x, y = ((np.asarray(scan, dtype=float) - middle) / self.scale).T
        x, y = x * np.cos(self.turn) - y * np.sin(self.turn), x * np.sin(self.turn) + y * np.cos(self.turn)
        bent = 1 + self.lens * (x**2 + y**2) / (middle**2).sum()
        x, y = x * bent, y * bent
        right, low = np.maximum(x - 0.1 * middle[0], 0), np.maximum(y + 0.1 * middle[1], 0)
        return np.column_stack([x + self.kinks[1] * low, y + self.kinks[0] * right]) + middle

    def done(self, sheet: Any) -> Array:
        """Pixels of the scan of pixels of the sheet: the inverse, by iteration."""
        sheet = np.asarray(sheet, dtype=float)
        found = sheet.copy()
        for _ in range(60):
            off = sheet - self.undone(found)
            found = found + off * self.scale
            if np.abs(off).max() < 1e-7:
                break
        return found


def spoil(sheet: Array, damage: Damage, dice: np.random.Generator) -> bytes:
    """A sheet's picture (rows, columns, 3) as a scan: warped, yellowed unevenly, noisy, JPEG of quality 60."""
    from PIL import Image

    made = np.empty_like(sheet)
    for top in range(0, damage.height, 256):
        rows = np.arange(top, min(top + 256, damage.height))
        x, y = np.meshgrid(np.arange(damage.width) + 0.5, rows + 0.5)
        there = damage.undone(np.column_stack([x.ravel(), y.ravel()]))
        column, row = (there - 0.5).round().astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < damage.width) & (row < damage.height)
        colors = np.full((len(there), 3), 235, dtype=np.uint8)
        colors[inside] = sheet[row[inside], column[inside]]
        old = 1 - (0.03 + 0.05 * (x.ravel() / damage.width))[:, None] * [0.2, 0.6, 2.2]
        grain = dice.normal(0, 2.5, (len(there), 1))
        made[rows] = (colors * old + grain).clip(0, 255).astype(np.uint8).reshape(len(rows), damage.width, 3)
    written = io.BytesIO()
    Image.fromarray(made).save(written, "JPEG", quality=60)
    return written.getvalue()


def spread(corners: Array, count: int, dice: np.random.Generator) -> Array:
    """So many corners, each as far as can be from those that were chosen before."""
    chosen = [int(dice.integers(len(corners)))]
    away = np.hypot(*(corners - corners[chosen[0]]).T)
    while len(chosen) < min(count, len(corners)):
        chosen.append(int(away.argmax()))
        away = np.minimum(away, np.hypot(*(corners - corners[chosen[-1]]).T))
    return corners[chosen]


@dataclass(frozen=True)
class Run:
    """One run by hand: for each kind, the stated accuracy, distances of outlines to the truth by zone, metres.

    ``fit`` is how far each kind moves places of the outlines that were read off without an error of their own.
    """

    accuracy: Mapping[str, float]
    far: Mapping[str, Mapping[str, Array]]
    fit: Mapping[str, Array]
    chosen: str


KINDS = ("affine", "polynomial2", "tps")


def by_hand(drawn: Drawn, dpi: float, seed: int, *, folded: bool, points: int = POINTS) -> Run:
    """Control points and outlines set by hand with a click error, on a spoilt sheet that nobody needs to paint."""
    dice = np.random.default_rng(seed)
    width, height = (round(side / 25.4 * dpi) for side in drawn.size_mm)
    damage = Damage.of(dice, width, height, folded=folded)
    given = spread(drawn.corners, points, dice)
    pixels = damage.done(drawn.pixels(given, dpi)) + dice.normal(0, CLICK_PX, (len(given), 2))
    vertices, exact, places = {}, [], []
    for name, zone in drawn.zones.items():
        outline = shapely.get_coordinates(shapely.segmentize(zone.boundary, 400))
        outline = outline[dice.choice(len(outline), min(len(outline), OUTLINE), replace=False)]
        clicked = damage.done(drawn.pixels(outline, dpi))
        vertices[name] = clicked + dice.normal(0, CLICK_PX, clicked.shape)
        exact.append(clicked)
        places.append(outline)
    accuracy, far, moved = {}, {}, {}
    for kind in KINDS:
        found = solve(pixels, given, kind)
        errors = control.left_out(pixels, given, kind)
        assert errors is not None
        accuracy[kind] = control.stated_accuracy(errors, PARAMETERS[kind]) or np.nan
        far[kind] = {
            name: shapely.distance(zone.boundary, shapely.points(found.ground(vertices[name])))
            for name, zone in drawn.zones.items()
        }
        moved[kind] = np.hypot(*(found.ground(np.vstack(exact)) - np.vstack(places)).T)
    better = control.better(control.compare(pixels, given))
    return Run(accuracy, far, moved, next((one for one in better if one in KINDS), "affine"))


@functools.lru_cache(maxsize=1)
def _painted(svg: str, size_mm: tuple[float, float], dpi: float) -> Array:
    from PIL import Image

    from layers.drawing.sheet import pixels as painted

    width, height = (round(side / 25.4 * dpi) for side in size_mm)
    return np.asarray(Image.open(io.BytesIO(painted(svg, width, height))).convert("RGB"))


def by_color(drawn: Drawn, dpi: float, seed: int, *, folded: bool) -> dict[str, dict[str, float]]:
    """Zones read off a painted and spoilt picture: IoU, 95 % and greatest distance to the truth, stated accuracy."""
    dice = np.random.default_rng(seed)
    picture = _painted(drawn.svg, drawn.size_mm, dpi)
    height, width = picture.shape[:2]  # whole pixels: a hair less than was asked for
    dpi = width / drawn.size_mm[0] * 25.4
    damage = Damage.of(dice, width, height, folded=folded)
    given = spread(drawn.corners, POINTS, dice)
    clicked = damage.done(drawn.pixels(given, dpi)) + dice.normal(0, CLICK_PX, (len(given), 2))
    kind = next((one for one in control.better(control.compare(clicked, given)) if one in KINDS), "affine")
    fit = control.fit(clicked, given, kind, Sheet(width * 2, height * 2, line_px=3 * dpi / 300))
    told = {}
    with tempfile.TemporaryDirectory() as room:
        scan, plain = Path(room, "scan.jpg"), Path(room, "plain.tif")
        scan.write_bytes(spoil(picture, damage, dice))
        upright(scan, plain)
        for name, zone in drawn.zones.items():
            spots = damage.done(drawn.pixels(_spots(zone), dpi))
            spot = min(spots, key=lambda at: _uneven(plain, at))
            told[name] = _traced(plain, fit, zone, spot, dpi)
    return told


def _spots(zone: Any) -> Array:
    """Places in a zone, of which a user clicks on one where there is only colour."""
    inner = zone.buffer(-1200)
    west, south, east, north = inner.bounds
    x, y = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    inside = shapely.contains_xy(inner, x.ravel(), y.ravel())
    return np.column_stack([x.ravel(), y.ravel()])[inside]


def _uneven(plain: Path, at: Array) -> float:
    import rasterio

    with rasterio.open(plain) as picture:
        window = rasterio.windows.Window(int(at[0]) - 8, int(at[1]) - 8, 17, 17)
        return float(picture.read(window=window).std(axis=(1, 2)).sum())


def _traced(plain: Path, fit: Any, zone: Any, spot: Array, dpi: float) -> dict[str, float]:
    color = tracing.color_at(plain, float(spot[0]), float(spot[1]), 5)
    size = dpi / 300
    cleaning = tracing.Cleaning(round(70 * size), round(60_000 * size**2), round(20_000 * size**2), 1.5)
    shapes = tracing.areas(tracing.near(plain, [color], 9.0), cleaning)
    shape = shapely.union_all(tracing.pointed_at(shapes, spot.tolist(), 3 * size, cleaning))
    found = shapely.make_valid(shapely.transform(shape, fit.transformation.ground))
    far = [_away(found, zone), _away(zone, found)]  # neither may the outline stray, nor anything be missing
    return {
        "iou": float(found.intersection(zone).area / found.union(zone).area), "accuracy_m": float(fit.accuracy_m),
        "p95_m": max(float(np.quantile(one, 0.95)) for one in far), "most_m": max(float(one.max()) for one in far),
    }  # fmt: skip


def _away(one: Any, other: Any) -> Array:
    """How far one outline is from another, every 100 m."""
    outline = shapely.get_coordinates(shapely.segmentize(one.boundary, 100))
    away: Array = shapely.distance(other.boundary, shapely.points(outline))
    return away


def table_by_hand(drawn: Drawn, runs: int) -> list[str]:
    """Of so many runs each: stated accuracy, errors, and how often zones lie within it."""
    heads = ("sheet", "dpi", "transformation", "stated", "error", "of the fit", "95 % within", "all within", "offered")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for folded in (False, True):
        for dpi in (150, 300):
            every = [by_hand(drawn, dpi, seed, folded=folded) for seed in range(runs)]
            for kind in KINDS:
                good = [np.quantile(one, 0.95) <= run.accuracy[kind] for run in every for one in run.far[kind].values()]
                whole = [one.max() <= run.accuracy[kind] for run in every for one in run.far[kind].values()]
                stated = np.median([run.accuracy[kind] for run in every])
                error = np.median(np.concatenate([one for run in every for one in run.far[kind].values()]))
                fit = np.median(np.concatenate([run.fit[kind] for run in every]))
                offered = np.mean([run.chosen == kind for run in every])
                lines.append(
                    f"| {'folded' if folded else 'flat'} | {dpi} | {kind} | {stated:.0f} m | {error:.1f} m "
                    f"| {fit:.1f} m | {np.mean(good):.1%} | {np.mean(whole):.1%} | {offered:.0%} |"
                )
    return lines


def table_by_color(drawn: Drawn, pictures: int, sheets: Sequence[tuple[bool, int]]) -> list[str]:
    """Of so many painted pictures each: IoU, distances, and how often zones lie within the stated accuracy."""
    heads = ("sheet", "dpi", "pictures", "stated", "95 % of the outline", "within", "worst place", "least IoU")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for folded, dpi in sheets:
        found = [one for seed in range(pictures) for one in by_color(drawn, dpi, seed, folded=folded).values()]
        good = np.mean([one["p95_m"] <= one["accuracy_m"] for one in found])
        stated, p95, most = (np.median([one[key] for one in found]) for key in ("accuracy_m", "p95_m", "most_m"))
        lines.append(
            f"| {'folded' if folded else 'flat'} | {dpi} | {pictures} | {stated:.0f} m | {p95:.0f} m | {good:.1%} "
            f"| {most:.0f} m | {min(one['iou'] for one in found):.4f} |"
        )
    return lines


def main() -> None:
    """Build the shipped plan, draw it, and print the tables."""
    from layers.build.assemble import build
    from layers.edition.store import Store

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--pictures", type=int, default=10, help="by colour, of each sheet and resolution")
    parser.add_argument("--plan", type=Path, default=Path("data/plans/xiaoshan-14fyp"))
    options = parser.parse_args()
    drawn = draw(Store(build(options.plan)))
    print(f"Outlines by hand, {options.runs} runs each, {POINTS} control points, click error {CLICK_PX:g} px\n")
    print("\n".join(table_by_hand(drawn, options.runs)), flush=True)
    print(f"\nZones by colour, {options.pictures} pictures each\n", flush=True)
    sheets = [(folded, dpi) for folded in (False, True) for dpi in (150, 300)]
    print("\n".join(table_by_color(drawn, options.pictures, sheets)), flush=True)


__all__ = ["Damage", "by_color", "by_hand", "draw", "spoil", "spread"]

if __name__ == "__main__":
    main()
