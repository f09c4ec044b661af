"""Names that follow a line or the middle of a river, letter by letter, so that they stay text.

Only Chinese names are bent: their letters are squares. Steep ones are read downwards with upright letters, as on
Chinese maps. Latin ones stand straight on the stretch under them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from layers.style.spine import strip

SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.14, 0.86)
"""Where on a line the middle of its name may be, as shares of its length; the best first."""
BEND = 38.0
"""Neighbouring letters that turn by more degrees than this would touch or gape."""
STEEP = 58.0
"""A line that leaves the horizontal by more degrees is written downwards."""
SMOOTHED = 0.9
"""A letter's direction is that of the line over so many of its widths to either side."""
LEAST_SQUARE = "\u2e80"
_MIDDLE, _BASE = 0.5, 0.36

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Letter:
    """One letter: where its origin on the baseline is, and how it is turned (degrees, clockwise)."""

    text: str
    x: float
    y: float
    turn: float
    middle: tuple[float, float]


def bends(text: str) -> bool:
    """Whether a name is written letter by letter.

    Example:
        >>> bends("钱塘江"), bends("Qiantang"), bends("G60")
        (True, False, False)
    """
    return len(text) > 1 and all(letter >= LEAST_SQUARE for letter in text)


def middle_line(geometry: BaseGeometry) -> LineString | None:
    """The line that a name follows: the longest stretch of a line, the middle of a strip; None for a patch.

    Args:
        geometry: A line in any units, or areas in degrees.
    """
    parts = [part for part in shapely.get_parts([geometry]) if not part.is_empty]
    if parts and parts[0].geom_type in ("LineString", "LinearRing"):
        merged = linemerge(parts) if len(parts) > 1 else parts[0]
        longest: LineString = max(getattr(merged, "geoms", [merged]), key=lambda part: part.length)
        return longest
    areas = [part for part in parts if isinstance(part, Polygon)]
    line = strip(max(areas, key=lambda part: part.area)) if areas else None
    return None if line is None else LineString(line)


def places(line: LineString, text: str, size: float, spacing: float) -> Iterator[tuple[Letter, ...]]:
    """The ways in which a name can stand on a line, the best first; none where it is too bent or too short.

    Args:
        line: In units.
        text: The name.
        size: Of a letter, units.
        spacing: Between letters, units.
    """
    step = size + spacing
    whole = step * len(text) - spacing
    if line.length < whole * 1.05:
        return
    for share in SHARES:
        start = share * line.length - whole / 2
        if start < 0 or start + whole > line.length:
            continue
        found = _set(line, text, size, step, start)
        if found:
            yield found


def _set(line: LineString, text: str, size: float, step: float, start: float) -> tuple[Letter, ...]:
    """The letters from a place on the line on; nothing where neighbours turn too much."""
    offsets = start + size / 2 + step * np.arange(len(text))
    at, turns = _points(line, offsets), _directions(line, offsets, size * SMOOTHED)
    chord = math.degrees(math.atan2(at[-1][1] - at[0][1], at[-1][0] - at[0][0]))
    steep = STEEP < abs(chord) % 180 < 180 - STEEP
    backwards = chord < 0 if steep else abs(chord) > 90
    if backwards:
        at, turns = at[::-1], turns[::-1] + 180
    turns = (turns - (90 if steep else 0) + 180) % 360 - 180
    if np.abs((np.diff(turns) + 180) % 360 - 180).max(initial=0) > BEND or np.abs(turns).max() > 90:
        return ()
    return tuple(_letter(letter, x, y, float(turn), size) for letter, (x, y), turn in zip(text, at, turns, strict=True))


def _letter(text: str, x: float, y: float, turn: float, size: float) -> Letter:
    """A letter whose square has its middle at a point: the renderer turns it round its origin on the baseline."""
    angle = math.radians(turn)
    left, down = -_MIDDLE * size, _BASE * size
    origin_x = x + left * math.cos(angle) - down * math.sin(angle)
    origin_y = y + left * math.sin(angle) + down * math.cos(angle)
    return Letter(text, round(origin_x, 1), round(origin_y, 1), round(turn, 1), (x, y))


def _points(line: LineString, offsets: Any) -> Points:
    return shapely.get_coordinates(shapely.line_interpolate_point(line, offsets))


def _directions(line: LineString, offsets: Any, reach: float) -> Points:
    """Degrees of the line's direction around places on it."""
    ahead = _points(line, np.minimum(offsets + reach, line.length))
    behind = _points(line, np.maximum(offsets - reach, 0.0))
    away = ahead - behind
    found: Points = np.degrees(np.arctan2(away[:, 1], away[:, 0]))
    return found
