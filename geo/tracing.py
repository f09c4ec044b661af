"""Shapes read off a scanned map by their colour: areas by mask and outline, lines by their middle.

All in pixels of the upright picture. A colour is near when its distance in CIELAB (D65, ΔE*ab of CIE 1976) is small,
which is nearer to what eyes call alike than a distance in RGB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo import masks
from geo.errors import GeoError
from geo.picture import Array, Progress, quiet

MOST_PIXELS = 80_000_000
"""Larger pictures are looked at reduced by a whole number."""
_STRIP_ROWS = 512
_STEPS = 128
_SHARP_DEGREES = 60.0
_AROUND = 3
_EVEN = 36
"""Green that varies by less among neighbours is paper and grain."""
_STROKE, _THIN = 0.16, 0.06
"""Half the width of a stroke or of a halo, and of the thinnest piece that counts, as parts of the size of a name."""
_SMALL_OWN, _SMALL_OTHER = 1 / 150, 1 / 60
"""The smallest pieces that count, as parts of the smallest area."""
_ALIKE, _ENOUGH = 3.5, 0.5
"""ΔE*ab of two pieces of one colour, and how much of it must be beside, in parts of the piece."""
_MOST_PIECES, _MOST_BESIDE = 5_000, 20_000
"""So many pieces are looked at, and of what is beside one so many pixels."""


@dataclass(frozen=True)
class Cleaning:
    """How a mask is cleaned.

    Attributes:
        bridge_px: Text, symbols and lines up to so wide, over an area or across its edge, are divided among what lies
            on their sides.
        hole_px: Holes up to so many pixels are filled.
        speck_px: What is smaller, pixels, is dropped.
        simple_px: Outlines are simplified by so much.
    """

    bridge_px: int = 40
    hole_px: int = 20_000
    speck_px: int = 2_000
    simple_px: float = 1.5


def lab(colors: Any) -> Array:
    """CIELAB of sRGB colours of 8 bits (n, 3), by IEC 61966-2-1 and CIE 15 with the white of D65.

    Example:
        >>> lab([[255, 255, 255], [255, 0, 0]]).round(1).tolist()
        [[100.0, 0.0, 0.0], [53.2, 80.1, 67.2]]
    """
    part = np.asarray(colors, dtype=float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                       [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
    xyz = linear @ to_xyz.T / to_xyz.sum(axis=1)
    bent = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)]) + 0.0


def parse_color(text: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three numbers.

    Raises:
        GeoError: ``trace.color``.
    """
    digits = text.strip().removeprefix("#")
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError as error:
        raise GeoError("trace.color", value=text) from error
    return red, green, blue


def color_at(source: Path, x: float, y: float, radius: int = 3) -> tuple[int, int, int]:
    """The colour around a pixel of an upright picture: the median of a small square, so that a speck does not count.

    Raises:
        GeoError: ``trace.outside``.
    """
    import rasterio  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    with quiet(), rasterio.open(source) as picture:
        if not (0 <= x < picture.width and 0 <= y < picture.height):
            raise GeoError("trace.outside", px=x, py=y, width=picture.width, height=picture.height)
        left, top = max(int(x) - radius, 0), max(int(y) - radius, 0)
        across = min(2 * radius + 1, picture.width - left)
        down = min(2 * radius + 1, picture.height - top)
        pixels = picture.read(window=Window(left, top, across, down)).reshape(3, -1)
    red, green, blue = np.median(pixels, axis=1).astype(int).tolist()
    return red, green, blue


@dataclass(frozen=True)
class Seen:
    """What a picture shows of some colours.

    Attributes:
        mask: Where they are.
        flat: Where the picture is of one colour all around, whichever: no text, no line, no edge.
        factor: By what the picture was reduced; 1: not at all.
        source: The picture, which has to stay as long as this is used.
    """

    mask: Array
    flat: Array
    factor: int
    source: Path

    def colors(self, left: int, top: int, shape: tuple[int, ...]) -> Array:
        """A part of the picture as it was reduced: (rows, columns, 3)."""
        import rasterio  # noqa: PLC0415
        from rasterio.windows import Window  # noqa: PLC0415

        rows, columns = shape
        window = Window(left * self.factor, top * self.factor, columns * self.factor, rows * self.factor)
        with quiet(), rasterio.open(self.source) as picture:
            found: Array = picture.read(window=window, out_shape=(3, rows, columns))
        return found.transpose(1, 2, 0)


def near(
    source: Path, colors: Sequence[tuple[int, int, int]], tolerance: float, outline: Any = None,
    progress: Progress | None = None,
) -> Seen:  # fmt: skip
    """Which pixels of an upright picture have one of some colours.

    Args:
        source: From ``geo.picture.upright``.
        colors: sRGB of 8 bits.
        tolerance: The largest ΔE*ab.
        outline: A polygon in pixels; nothing outside it counts.
        progress: Called with rows done and all rows.
    """
    import rasterio  # noqa: PLC0415
    from rasterio.features import rasterize  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    table = _table(colors, tolerance)
    with quiet(), rasterio.open(source) as picture:
        factor = math.ceil(math.sqrt(picture.width * picture.height / MOST_PIXELS))
        width, height = picture.width // factor, picture.height // factor
        mask, flat = np.zeros((height, width), dtype=bool), np.zeros((height, width), dtype=bool)
        for top in range(0, height, _STRIP_ROWS):
            first, last = max(0, top - _AROUND), min(height, top + _STRIP_ROWS + _AROUND)
            window = Window(0, first * factor, width * factor, (last - first) * factor)
            colours = picture.read(window=window, out_shape=(3, last - first, width))
            own = slice(top - first, min(top + _STRIP_ROWS, height) - first)
            red, green, blue = colours[:, own] >> 1
            mask[top : top + _STRIP_ROWS] = table[red, green, blue]
            flat[top : top + _STRIP_ROWS] = _flat(colours[1])[own]
            if progress is not None:
                progress(min(top + _STRIP_ROWS, height), height)
    if outline is not None:
        place = rasterio.Affine.scale(factor)
        mask &= rasterize([(outline, 1)], mask.shape, transform=place, dtype="uint8").astype(bool)
    return Seen(mask, flat, factor, source)


def _flat(green: Array) -> Array:
    """Where green, which is most of what eyes see as light, hardly varies among the neighbours."""
    highest, lowest = green, green
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (_AROUND, _AROUND)
        size = green.shape[axis]
        above, below = np.pad(highest, padding, mode="edge"), np.pad(lowest, padding, mode="edge")
        for shift in range(2 * _AROUND + 1):
            part = (slice(shift, shift + size), slice(None)) if axis == 0 else (slice(None), slice(shift, shift + size))
            highest, lowest = np.maximum(highest, above[part]), np.minimum(lowest, below[part])
    return np.asarray(highest - lowest < _EVEN)


def _table(colors: Sequence[tuple[int, int, int]], tolerance: float) -> Array:
    """Whether colours are near, for every second value of red, green and blue."""
    steps = np.arange(_STEPS) * 2 + 0.5
    table = np.zeros((_STEPS, _STEPS, _STEPS), dtype=bool)
    wanted = lab(colors)
    green, blue = np.meshgrid(steps, steps, indexing="ij")
    for number, red in enumerate(steps):
        known = lab(np.column_stack([np.full(green.size, red), green.ravel(), blue.ravel()]))
        away = np.sqrt(((known[:, None] - wanted[None]) ** 2).sum(axis=-1)).min(axis=1)
        table[number] = (away <= tolerance).reshape(_STEPS, _STEPS)
    return table


def areas(seen: Seen, cleaning: Cleaning | None = None) -> list[Polygon]:
    """The outlines of a colour's areas, the largest first.

    Known are the colour where it is flat, and what is flat and of another colour, see `_others`. What is neither
    (text and its halo, symbols, lines, edges) is divided among the two by nearness, up to ``bridge_px``: so a name
    leaves no hole, a name across an edge no notch, and the edge comes to lie in the middle of the line that is drawn
    along it. Then small holes are filled, specks dropped unless they are no farther from an area than ``bridge_px``
    (what hangs on a narrow neck, or is cut off by a name), and outlines along the pixels' edges simplified together, so
    that neighbours keep common edges.

    Args:
        seen: From `near`.
        cleaning: Sizes; in pixels of the whole picture.

    Returns:
        Polygons in pixels of the whole picture, from the outer corner of the first.
    """
    from rasterio.features import shapes, sieve  # noqa: PLC0415

    cleaning, factor = cleaning or Cleaning(), seen.factor
    least, bridge = max(1, round(cleaning.speck_px / factor**2)), max(1, round(cleaning.bridge_px / factor))
    small = max(1, round(least * _SMALL_OWN))
    corner, mask, flat = _around(seen, bridge + 2 * _AROUND)
    if not mask.any():
        return []
    others = _others(seen, corner, flat & ~mask, least, bridge)
    own = sieve((mask & flat).astype(np.uint8), size=small, connectivity=4).astype(bool) & mask & flat
    clean = masks.divided(own, others, max(1, round(cleaning.bridge_px / 2 / factor)) + _AROUND)
    clean = sieve(clean.astype(np.uint8), size=small, connectivity=4)
    # A sieve takes small pieces of either kind; only the holes are meant.
    clean |= 1 - sieve(1 - clean, size=max(1, round(cleaning.hole_px / factor**2)), connectivity=8)
    with quiet():
        pieces = [shapely.geometry.shape(one) for one, value in shapes(clean, mask=clean == 1, connectivity=4) if value]
    found = _without_specks(pieces, least, bridge)
    if not found:
        return []
    simple = shapely.coverage_simplify(np.array(found, dtype=object), cleaning.simple_px / factor)
    whole = shapely.transform(simple, lambda xy: (xy + corner) * factor)
    return sorted(shapely.get_parts(whole).tolist(), key=lambda one: -one.area)


def pointed_at(found: Sequence[Polygon], spot: Sequence[float], near_px: float, cleaning: Cleaning) -> list[Polygon]:
    """The area at a place, with the specks that belong to it: those no farther off than a name is large.

    Args:
        found: From `areas`.
        spot: A pixel.
        near_px: How far beside the area the place may be, a line's width.
        cleaning: Sizes, as they were given to `areas`.

    Returns:
        The area first; nothing where none is there.

    Example:
        >>> near, far = shapely.box(0, 0, 100, 100), shapely.box(900, 0, 999, 100)
        >>> found = pointed_at([near, far, shapely.box(110, 0, 130, 20)], (50, 50), 3, Cleaning())
        >>> [one.area for one in found]
        [10000.0, 400.0]
    """
    at = shapely.Point(spot)
    chosen = [one for one in found if shapely.distance(one, at) <= near_px]
    left = [one for one in found if one.area < cleaning.speck_px and one not in chosen] if chosen else []
    while beside := [one for one in left if any(shapely.dwithin(one, other, cleaning.bridge_px) for other in chosen)]:
        chosen += beside
        left = [one for one in left if one not in beside]
    return chosen


def _without_specks(found: Sequence[Any], least: float, bridge: float) -> list[Polygon]:
    large = [one for one in found if one.area >= least]
    if not large:
        return []
    tree = shapely.STRtree(large)
    small = [one for one in found if one.area < least]
    return large + [one for one in small if len(tree.query(one, predicate="dwithin", distance=bridge))]


def _others(seen: Seen, corner: Array, flat: Array, least: int, bridge: int) -> Array:
    """What is certainly of another colour: no text, and nothing that text leaves between its strokes.

    Strokes and the halo around them are flat, too, where a name is large. So what is as narrow as they does not count,
    and of what is wider only large pieces, and small ones of the colour that a large one has beside them: those are
    cut off by a name or a line.
    """
    from rasterio import Affine  # noqa: PLC0415
    from rasterio.features import rasterize, shapes, sieve  # noqa: PLC0415

    wide, thin = (masks.thick(flat, max(1, round(bridge * part))) for part in (_STROKE, _THIN))
    large = sieve(wide.astype(np.uint8), size=least, connectivity=4).astype(bool) & wide
    rest = sieve((thin & ~large).astype(np.uint8), size=max(1, round(least * _SMALL_OTHER)), connectivity=4)
    with quiet():
        pieces = [one for one, value in shapes(rest, mask=rest == 1, connectivity=4) if value]
    for piece in pieces[:_MOST_PIECES]:
        left, top, right, low = (int(one) for one in shapely.geometry.shape(piece).bounds)
        top, left = max(0, top - bridge), max(0, left - bridge)
        part = (slice(top, low + bridge), slice(left, right + bridge))
        if not large[part].any():
            continue
        place = Affine.translation(left, top)
        inside = rasterize([piece], large[part].shape, transform=place, dtype="uint8").astype(bool)
        colors = seen.colors(int(corner[0]) + left, int(corner[1]) + top, inside.shape)
        middle = np.median(colors[inside], axis=0)[None]
        beside = colors[large[part]]
        step = -(-len(beside) // _MOST_BESIDE)
        away = np.sqrt(((lab(beside[::step]) - lab(middle)) ** 2).sum(axis=1))
        if (away <= _ALIKE).sum() * step >= _ENOUGH * inside.sum():
            large[part] |= inside
    return large


def _around(seen: Seen, margin: int) -> tuple[Array, Array, Array]:
    """The part of a picture in which a colour is, with a margin: its left upper corner, mask and flatness."""
    rows, columns = np.flatnonzero(seen.mask.any(axis=1)), np.flatnonzero(seen.mask.any(axis=0))
    if not len(rows):
        return np.zeros(2), seen.mask[:0], seen.flat[:0]
    top, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
    part = slice(top, rows[-1] + margin + 1), slice(left, columns[-1] + margin + 1)
    return np.array([left, top], dtype=float), seen.mask[part], seen.flat[part]


# ---- lines


def lines(seen: Seen, bridge_px: float = 40.0, cleaning: Cleaning | None = None) -> list[LineString]:
    """The middle lines of a colour, the longest first, with gaps bridged.

    Args:
        seen: From `near`.
        bridge_px: Two ends no farther apart that point at each other are joined: where a name or a crossing line hides
            the line, or it is dashed. Pixels of the whole picture.
        cleaning: Sizes.

    Raises:
        GeoError: ``trace.no_skimage``.
    """
    try:
        from skimage.morphology import skeletonize  # noqa: PLC0415 - an extra
    except ImportError:
        raise GeoError("trace.no_skimage") from None
    from rasterio.features import sieve  # noqa: PLC0415

    cleaning, factor = cleaning or Cleaning(bridge_px=2, speck_px=60), seen.factor
    clean = masks.closed(seen.mask, max(1, round(cleaning.bridge_px / 2 / factor)))
    clean = sieve(clean.astype(np.uint8), size=max(1, round(cleaning.speck_px / factor**2)), connectivity=8)
    width = 2.0 * clean.sum() / max(1, _edge(clean))
    found = _pruned(_skeleton_lines(skeletonize(clean.astype(bool))), max(3.0, 1.5 * width))
    found = joined(found, bridge_px / factor)
    simple = [shapely.simplify(one, cleaning.simple_px / factor) for one in found]
    whole = [shapely.transform(one, lambda xy: (xy + 0.5) * factor) for one in simple]
    return sorted(whole, key=lambda one: -one.length)


def _edge(mask: Array) -> int:
    """Pixels of a mask that have one beside them that is not of it."""
    inner = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return int(mask.sum() - inner.sum())


def _skeleton_lines(thin: Array) -> list[LineString]:
    """The chains of pixels of a skeleton; corners are cut, so that no triangle of three pixels makes a fork."""
    pieces = []
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        y, x = np.nonzero(thin[: thin.shape[0] - down, max(0, -across) : thin.shape[1] - max(0, across)])
        x = x + max(0, -across)
        there = thin[y + down, x + across]
        if down and across:  # a diagonal only where no pixel leads round the corner
            there &= ~thin[y + down, x] & ~thin[y, x + across]
        y, x = y[there], x[there]
        pieces.append(np.stack([np.column_stack([x, y]), np.column_stack([x + across, y + down])], axis=1))
    ends = np.concatenate(pieces).astype(float)
    if not len(ends):
        return []
    return _merged(shapely.linestrings(ends))


def _merged(found: Any) -> list[LineString]:
    merged: BaseGeometry = shapely.line_merge(MultiLineString(list(found)))
    return list(shapely.get_parts(merged))


def _pruned(found: list[LineString], shortest: float) -> list[LineString]:
    """Without the hairs that thinning leaves: short lines of which one end is free and the other at a fork."""
    while True:
        count: dict[tuple[float, ...], int] = {}
        for one in found:
            for end in (one.coords[0], one.coords[-1]):
                count[end] = count.get(end, 0) + 1
        kept = [
            one for one in found
            if one.length >= shortest or (count[one.coords[0]] > 1) == (count[one.coords[-1]] > 1)
        ]  # fmt: skip
        if len(kept) == len(found) or not kept:
            return kept
        found = _merged(kept)


def joined(found: list[LineString], gap: float) -> list[LineString]:
    """Lines whose ends are near and point at each other as one, the nearest first.

    Args:
        found: The lines.
        gap: The longest gap.

    Example:
        >>> a, b = LineString([(0, 0), (10, 0)]), LineString([(14, 0), (20, 1)])
        >>> [one.length for one in joined([a, b], 5)][0] > 20
        True
        >>> len(joined([a, b], 3))
        2
    """
    found = list(found)
    while True:
        best: tuple[float, int, int, LineString] | None = None
        for first, one in enumerate(found):
            for second in range(first + 1, len(found)):
                whole = _end_to_end(one, found[second], gap)
                if whole is not None and (best is None or whole[0] < best[0]):
                    best = (whole[0], first, second, whole[1])
        if best is None:
            return found
        found = [one for number, one in enumerate(found) if number not in best[1:3]] + [best[3]]


def _end_to_end(one: LineString, other: LineString, gap: float) -> tuple[float, LineString] | None:
    """The gap between two lines' nearest ends and the line that they make, where the gap goes on in their direction."""
    best: tuple[float, LineString] | None = None
    if shapely.distance(one, other) > gap:
        return None
    for first in (one.coords[:], one.coords[::-1]):
        for second in (other.coords[:], other.coords[::-1]):
            step = np.subtract(second[0], first[-1])
            length = float(np.hypot(*step))
            if length > gap or (best is not None and length >= best[0]):
                continue
            if length > 3 and max(_bend(_heading(first), step), _bend(step, -_heading(second[::-1]))) > _SHARP_DEGREES:
                continue
            best = (length, LineString([*first, *(second if length else second[1:])]))
    return best


def _heading(chain: Sequence[Any]) -> Array:
    """The direction in which a chain of coordinates ends, over its last eight vertices."""
    return np.subtract(chain[-1], chain[max(-8, -len(chain))])


def _bend(one: Array, other: Array) -> float:
    lengths = float(np.hypot(*one) * np.hypot(*other))
    return math.degrees(math.acos(float(np.clip(np.dot(one, other) / lengths, -1, 1)))) if lengths else 0.0
