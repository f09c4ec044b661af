"""Meridians and parallels over a map, at round steps, with their degrees at its edge."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import CGCS2000, transform_points
from layers.drawing import svg
from layers.drawing.ink import INK
from layers.drawing.sheet import Sheet

STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
"""Arc seconds between lines."""
LINES = 4
"""So many lines across the shorter side, about."""
_POINTS = 33
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Graticule:
    """Its markup, and where its degrees stand: no name does."""

    inside: str
    covered: tuple[Box, ...]


def graticule(plane: Sheet, em: float, keep: tuple[Box, ...] = ()) -> Graticule:
    """The lines that cross a sheet.

    Args:
        plane: The map.
        em: Size of the small print, units.
        keep: Boxes in which no degrees stand.

    Example:
        A map of 40 km from east to west has a meridian every 5 minutes, which are 8 km at 30° N.
    """
    west, south, east, north = plane.extent
    sides = [np.linspace((west, y), (east, y), _POINTS) for y in (south, north)]
    sides += [np.linspace((x, south), (x, north), _POINTS) for x in (west, east)]
    edge = transform_points(np.vstack(sides), plane.crs, CGCS2000)
    low, high = edge.min(axis=0), edge.max(axis=0)
    if not (np.isfinite(edge).all() and (high - low <= 360).all()):  # more of the Earth than the system can show
        return Graticule("", ())
    wide = float(min(high - low))
    step = next((one for one in STEPS if wide * 3600 / one <= LINES), STEPS[-1])
    lines, labels, covered = [], [], []
    for axis in (0, 1):
        for seconds in range(math.ceil(low[axis] * 3600 / step) * step, math.floor(high[axis] * 3600) + 1, step):
            along = np.linspace(low[1 - axis], high[1 - axis], _POINTS)
            there = np.full(_POINTS, seconds / 3600)
            degrees = np.column_stack([there, along] if axis == 0 else [along, there])
            drawn = plane.points(degrees)
            lines.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn))
            told = written(seconds, axis)
            for box in _labels(drawn, axis, plane, em, len(told)):
                if not any(box[0] < k[2] and k[0] < box[2] and box[1] < k[3] and k[1] < box[3] for k in keep):
                    covered.append(box)
                    labels.append(svg.tag("text", told, x=(box[0] + box[2]) / 2, y=box[3] - em * 0.28))
    drawn_lines = svg.tag("path", d="".join(lines), stroke=INK, stroke_opacity=0.42, stroke_width=em * 0.05)
    degrees_told = svg.tag(
        "g", "".join(labels), font_size=em * 0.75, fill=INK, text_anchor="middle", stroke="#ffffff",
        stroke_width=em * 0.2, paint_order="stroke",
    )  # fmt: skip
    return Graticule(drawn_lines + (degrees_told if labels else ""), tuple(covered))


def written(seconds: int, axis: int) -> str:
    """Degrees as maps write them: no minutes or seconds that are none.

    Example:
        >>> written(433_800, 0), written(108_000, 1), written(-36_005, 0)
        ('120°30′E', '30°N', '10°00′05″W')
    """
    size = abs(seconds)
    degrees, minutes, rest = size // 3600, size % 3600 // 60, size % 60
    told = f"{degrees}°" + (f"{minutes:02}′" if minutes or rest else "") + (f"{rest:02}″" if rest else "")
    return told + ("EW", "NS")[axis][seconds < 0]


def _labels(drawn: NDArray[np.float64], axis: int, plane: Sheet, em: float, letters: int) -> Iterator[Box]:
    """Boxes of a line's degrees, inside both edges that it crosses."""
    width, height, gap = letters * em * 0.46, em, em * 0.3
    order = drawn[np.argsort(drawn[:, 1 - axis])]
    for side in (0.0, float(plane.height if axis == 0 else plane.width)):
        at = float(np.interp(side, order[:, 1 - axis], order[:, axis]))
        if axis == 0:
            top = gap if side == 0 else side - gap - height
            box = (at - width / 2, top, at + width / 2, top + height)
        else:
            left = gap if side == 0 else side - gap - width
            box = (left, at - height / 2, left + width, at + height / 2)
        if box[0] > 0 and box[1] > 0 and box[2] < plane.width and box[3] < plane.height:
            yield box
