"""Names on a still picture: what is written, where it may stand, and which have room.

A name has places (of an area its label point, of a point around it, along a line) and takes the first that is free; the
important ones choose first. The page's first script chooses anew for the size of the window, with the same rule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, polylabel

from layers.drawing import curved
from layers.drawing.breaking import broken, ems
from layers.drawing.curved import Letter
from layers.drawing.plane import Plane
from layers.style.passes import lightness, own_colour, point_factor
from layers.words import breaks

SHIELD = re.compile(r"\d+\s*号线|Line\s+\w+", re.IGNORECASE)
LONGEST = {"zh": 10.0, "en": 8.5}
"""Longer names are broken into two lines; ems."""
LARGE = 16
"""Names of this size and more grow and shrink more with the zoom."""
ALONG = (0.5, 0.36, 0.64, 0.22, 0.78)
"""Where on a line its name may stand, as shares of its length."""
BENT = 0.16
"""A stretch that leaves its chord by more than this share of it is too bent for a name."""
NARROW = 6.0
"""A name too wide for its area is broken at so many ems."""
LEAST_NARROW = 13
"""Smaller names are not; pixels."""
FILLED = 0.7
"""Share of an area's width that its name may take."""
MANY = tuple(one / 20 for one in (10, 8, 12, 6, 14, 4, 16, 2, 18, 9, 11, 7, 13, 5, 15, 3, 17, 1, 19))
"""Likewise, on a sheet that stands still."""
SHIFTS = (0.0, -0.8, 0.8, -1.6, 1.6)
"""How far from its label point an area's name may be moved up and down, in its heights."""
GRID = 9
"""On a sheet that stands still it may also be at the points of a grid of so many by so many."""
FIRST = 1e9
"""Priority of the name of what is selected."""
LETTER = 0.56
"""Half of the square that a letter of a bent name needs, ems."""
SAME_PX = 190
"""The same words are not written twice nearer than this."""


@dataclass(frozen=True)
class Feature:
    """What is drawn of one feature: name in the picture's language, kind, cells, geometry in units and in degrees."""

    name: str
    kind: Mapping[str, Any]
    cells: Mapping[str, Any]
    geometry: BaseGeometry
    degrees: BaseGeometry
    fellows: int = 1
    label: tuple[float, float] | None = None  # where its name goes in units, where that is said

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "id", "kind", "status", "basis", "color", "assumed", "accuracy_m", "label_lon", "label_lat",
    )  # fmt: skip

    @cached_property
    def shape(self) -> str:
        """``polygon``, ``line`` or ``point``."""
        kind = self.geometry.geom_type
        return "polygon" if kind.endswith("Polygon") else "line" if "Line" in kind else "point"


@dataclass(frozen=True)
class Name:
    """A name with its places.

    Attributes:
        id: Of the feature that it names.
        lines: Text and its baseline, pixels below the middle.
        size: Of the letters at factor 1, pixels; ``spacing`` likewise.
        width: Of the box that it needs at factor 1, pixels; ``height`` likewise.
        places: x and y in units, and the angle in degrees.
        radius: Of the point symbol beside which it stands, pixels at factor 1; 0 for others.
        low: From this zoom level on it is written.
        high: Up to this level.
        shield: Colour of the plate that it is written on, or "".
        mark: Path data of the sign above it, or ""; ``mark_y`` its middle.
        scale: Of what is said in pixels, at the picture's zoom.
        at: The place that it has in the picture as it is drawn, or None where it has no room.
        bent: Ways in which it can follow its line, letter by letter, at the picture's zoom; the best first.
        letters: The one that it has in the picture; then ``at`` is its middle.
        strong: Whether its last line, a value, is bold.
        slim: Whether a turned name needs the room of its letters alone, not of the upright box around them.
    """

    id: str
    lines: tuple[tuple[str, float], ...]
    size: float
    weight: int
    italic: bool
    spacing: float
    color: str
    halo: str
    width: float
    height: float
    places: tuple[tuple[float, float, float], ...]
    radius: float
    low: float
    high: float
    priority: float
    shield: str = ""
    mark: str = ""
    mark_y: float = 0.0
    scale: float = 1.0
    at: tuple[float, float, float] | None = None
    bent: tuple[tuple[Letter, ...], ...] = ()
    letters: tuple[Letter, ...] = ()
    strong: bool = False
    slim: bool = False


@dataclass(frozen=True)
class Manner:
    """How names are written on a sheet that stands still, and what else of it is not as on the page.

    Attributes:
        eager: So many zoom levels sooner than on the page a name is written: paper is finer than a screen.
        curved: Names of rivers and lines follow them.
        first: Id of a feature whose name comes before all others, or "".
        values: What is written under the names of places, by id.
        veiled: Ids of features that step back and are not named.
        named: Whether there are names at all.
        valued: Makes another of a name with a value.
    """

    eager: float = 0.0
    curved: bool = False
    first: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    veiled: frozenset[str] = frozenset()
    named: bool = True
    valued: Callable[[Name], Name] | None = None


PLAIN = Manner()


def name_factor(size: float, zoom: float) -> float:
    """How much larger than stated a name is written at a zoom level.

    Example:
        >>> name_factor(19, 11), name_factor(12, 12)
        (1.0, 1.0)
    """
    large = size >= LARGE
    least, middle, step = (0.8, 11, 0.11) if large else (0.9, 12, 0.045)
    return min(1.3, max(least, 1 + (zoom - middle) * step))


def written(feature: Feature, plane: Plane, lang: str, icons: Mapping[str, str], manner: Manner = PLAIN) -> list[Name]:
    """What is written of a feature, and where it may stand; nothing of one that is not named or lies elsewhere.

    The name of an area is on more lines where, further out, it would be too wide for the area.
    """
    given = feature.kind.get("label") or {}
    label = {**given, "min_zoom": float(given.get("min_zoom") or 0) - manner.eager}
    value = manner.values.get(str(feature.cells["id"]), "")
    found = _written(feature, plane, lang, icons, label, value)
    found = [manner.valued(one) for one in found] if value and manner.valued else found
    if str(feature.cells["id"]) == manner.first:
        found = [replace(one, priority=FIRST, low=0.0, high=99.0) for one in found[:1]]
    if not manner.curved or feature.shape == "point":
        return found
    straight = _on_the_river(found, feature, plane, limits(label)[0]) if feature.shape == "polygon" else None
    if straight:
        return [straight]
    return [_bent(_roomy(one, feature, plane), feature, plane) for one in found]


def _bent(name: Name, feature: Feature, plane: Plane) -> Name:
    """A name with the ways in which it can follow its line or its river."""
    text = "".join(line for line, _y in name.lines)
    if name.shield or len(name.lines) > 1 or not curved.bends(text):
        return name
    inside = _middle(feature, plane)
    if inside is None:
        return name
    factor = name_factor(name.size, plane.zoom)
    found = curved.places(
        LineString(shapely.get_coordinates(inside.simplify(0.5))), text, name.size * factor, name.spacing * factor
    )
    return replace(name, bent=tuple(found))


def _on_the_river(names: list[Name], feature: Feature, plane: Plane, low: float) -> Name | None:
    """A name in letters that are not bent, laid straight on a stretch of its river; None where it is not so written."""
    first = next(iter(names), None)
    if first is None or first.mark or len(first.lines) > 1 or curved.bends(first.lines[0][0]):
        return None
    line = _middle(feature, plane)
    places = _along(line, first.width * name_factor(first.size, plane.zoom), MANY) if line else ()
    return replace(first, low=low, places=(*places, *first.places), slim=True) if places else None


def _middle(feature: Feature, plane: Plane) -> LineString | None:
    """What is seen of the line that a name follows, in units; None of an area that is no strip."""
    area = feature.shape == "polygon"
    line = curved.middle_line(feature.degrees if area else feature.geometry)
    if line is None:
        return None
    drawn = shapely.transform(line, plane.points) if area else line
    return curved.middle_line(shapely.clip_by_rect(drawn, 0, 0, plane.width, plane.height))


def _roomy(name: Name, feature: Feature, plane: Plane) -> Name:
    """A name with more places than on the page, where names come and go with the zoom: all over its area, all along."""
    if name.shield:
        seen = shapely.clip_by_rect(feature.geometry, 0, 0, plane.width, plane.height)
        return replace(name, places=tuple(dict.fromkeys((*name.places, *_along(seen, name.width, MANY)))))
    if feature.shape != "polygon" or name.mark:
        return name
    inside = shapely.clip_by_rect(feature.geometry, 0, 0, plane.width, plane.height)
    if inside.is_empty:
        return name
    west, south, east, north = inside.bounds
    grid = np.stack(np.meshgrid(np.linspace(west, east, GRID + 2)[1:-1], np.linspace(south, north, GRID + 2)[1:-1]), -1)
    points = grid.reshape(-1, 2)
    x, y, _turn = name.places[0]
    points = points[shapely.contains_xy(inside, points)]
    points = points[np.argsort(np.hypot(*(points - (x, y)).T), kind="stable")]
    step = name.height * name_factor(name.size, plane.zoom)
    # A name, and a value above all, that has left its area would be taken for another's.
    shifted = [
        (x, y + down * step, 0.0) for down in SHIFTS if not down or shapely.contains_xy(inside, x, y + down * step)
    ]
    return replace(name, places=(*shifted, *((round(float(u), 1), round(float(v), 1), 0.0) for u, v in points)))


def _written(
    feature: Feature, plane: Plane, lang: str, icons: Mapping[str, str], label: Mapping[str, Any], value: str
) -> list[Name]:
    stated = float(label.get("size") or 0)
    if not stated or not feature.name:
        return []
    if feature.shape == "line" and label.get("placement") == "shield":
        return _shield(feature, plane, label, stated)
    size = round(stated * (0.94 if lang == "en" else 1.0), 2)
    spacing = round(float(label.get("spacing") or 0) * size * (0.3 if lang == "en" else 1.0), 2)
    lines = [feature.name] if feature.shape == "line" else broken(feature.name, LONGEST.get(lang, 10.0), breaks(lang))
    mark = icons.get(str(label.get("mark") or ""), "")
    if value:
        made = _set(feature, plane, label, [*lines, value], size, spacing, mark)
        return [made] if made else []
    wide = _set(feature, plane, label, lines, size, spacing, mark)
    if not wide:
        return []
    narrow = (
        broken(feature.name, NARROW, breaks(lang)) if feature.shape == "polygon" and stated >= LEAST_NARROW else lines
    )
    if len(narrow) == len(lines):
        return [wide]
    west, _south, east, _north = feature.geometry.bounds
    turn = plane.zoom + math.log2(wide.width / (FILLED * max(east - west, 1.0)))
    broken_up = _set(feature, plane, label, narrow, size, spacing, mark)
    both = [replace(wide, low=max(wide.low, turn))]
    return both + ([replace(broken_up, high=min(wide.high, turn - 0.01))] if broken_up else [])


def _set(
    feature: Feature, plane: Plane, label: Mapping[str, Any], lines: list[str], size: float, spacing: float, mark: str
) -> Name | None:
    """A name on given lines; None where it has no place."""
    width = max(ems(line) * size + spacing * (len(line) - 1) for line in lines)
    places = _places(feature, plane, width)
    if not places:
        return None
    step = size * 1.18
    above = size * 1.05 if mark else 0.0
    top = above / 2 - (len(lines) - 1) * step / 2
    symbol = float(feature.kind.get("symbol", {}).get("size") or 10) / 2
    low, high = limits(label)
    return Name(
        id=str(feature.cells["id"]),
        lines=tuple((line, round(top + at * step + size * 0.36, 1)) for at, line in enumerate(lines)),
        size=size,
        weight=int(label.get("weight") or 400),
        italic=bool(label.get("italic")),
        spacing=spacing,
        color=str(label.get("color") or "#000000"),
        halo=str(label.get("halo") or ""),
        width=round(width + 4, 1),
        height=round(len(lines) * step + (above + 2 if mark else 0), 1),
        places=places,
        radius=symbol if feature.shape == "point" else 0.0,
        mark=mark,
        mark_y=round(-len(lines) * step / 2, 1),
        low=low,
        high=high,
        priority=float(label.get("priority") or 0),
    )


def _shield(feature: Feature, plane: Plane, label: Mapping[str, Any], size: float) -> list[Name]:
    """The number of a line on a plate of its colour."""
    found = SHIELD.search(feature.name)
    text = found[0] if found else feature.name
    width = ems(text) * size
    places = _places(feature, plane, width)
    color = own_colour(feature.cells.get("color")) or str(feature.kind.get("symbol", {}).get("stroke") or "#000000")
    low, high = limits(label)
    made = Name(
        id=str(feature.cells["id"]),
        lines=((text, round(size * 0.36, 1)),),
        size=size,
        weight=int(label.get("weight") or 700),
        italic=False,
        spacing=0.0,
        color="#000000" if lightness(color) > 0.72 else "#ffffff",
        halo="",
        width=round(width + 9, 1),
        height=round(size + 6, 1),
        places=places,
        radius=0.0,
        shield=color,
        low=low,
        high=high,
        priority=float(label.get("priority") or 0),
    )
    return [made] if places else []


def limits(label: Mapping[str, Any]) -> tuple[float, float]:
    """The first and the last zoom level at which names of a kind are written."""
    return float(label.get("min_zoom") or 0), float(label.get("max_zoom") or 30) + 0.99


def _places(feature: Feature, plane: Plane, width: float) -> tuple[tuple[float, float, float], ...]:
    if feature.shape == "point":
        return tuple(
            (round(p.x, 1), round(p.y, 1), 0.0) for p in getattr(feature.geometry, "geoms", [feature.geometry])
        )
    if feature.shape == "line":
        half_x, half_y = plane.width / 2, plane.height / 2
        seen = shapely.clip_by_rect(feature.geometry, -half_x, -half_y, plane.width + half_x, plane.height + half_y)
        return _along(seen, width)
    x, y = feature.label or (-1.0, -1.0)
    if 0 <= x <= plane.width and 0 <= y <= plane.height:
        return ((round(x, 1), round(y, 1), 0.0),)
    inside = shapely.clip_by_rect(feature.geometry, 0, 0, plane.width, plane.height)
    parts = [part for part in getattr(inside, "geoms", [inside]) if part.geom_type == "Polygon" and part.area > 400]
    if not parts:
        return ()
    centre: Point = polylabel(max(parts, key=lambda part: part.area), 8)
    return ((round(centre.x, 1), round(centre.y, 1), 0.0),)


def _along(
    geometry: BaseGeometry, width: float, shares: tuple[float, ...] = ALONG
) -> tuple[tuple[float, float, float], ...]:
    """Places on the longest stretch of a line, each with the angle of the chord under a name of that width."""
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type == "LineString"]
    if not parts:
        return ()
    merged = linemerge(parts) if len(parts) > 1 else parts[0]
    line = max(getattr(merged, "geoms", [merged]), key=lambda part: part.length)
    if line.length < width:
        return ()
    places = []
    for share in shares:
        middle = share * line.length
        ends = [line.interpolate(min(line.length, max(0.0, middle + side * width / 2))) for side in (-1, 1)]
        at = line.interpolate(middle)
        chord = LineString(ends)
        if chord.length < width * 0.7 or chord.distance(at) > BENT * chord.length:
            continue
        angle = math.degrees(math.atan2(ends[1].y - ends[0].y, ends[1].x - ends[0].x))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        places.append((round(at.x, 1), round(at.y, 1), round(angle, 1)))
    return tuple(places)


Box = tuple[float, float, float, float]


def place(
    names: list[Name], plane: Plane, symbols: list[tuple[Point, Mapping[str, Any]]], covered: Iterable[Box] = ()
) -> list[Name]:
    """Give the names their places in the picture as it is drawn, the important ones first; none where it is covered."""
    factor = point_factor(plane.zoom)
    taken: list[Box] = [*covered]
    for point, kind in symbols:
        half = float(kind.get("symbol", {}).get("size") or 10) * factor / 2
        taken.append((point.x - half, point.y - half, point.x + half, point.y + half))
    said: list[tuple[str, float, float]] = []
    result = []
    for name in sorted(names, key=lambda one: -one.priority):
        letters = _letters(name, plane, taken, said) if name.bent and name.low - 0.01 <= plane.zoom <= name.high else ()
        if letters:
            middle = letters[len(letters) // 2].middle
            scale = round(name_factor(name.size, plane.zoom), 3)
            result.append(replace(name, at=(*middle, 0.0), letters=letters, scale=scale))
            continue
        found = _free(name, plane, taken, said) if name.low - 0.01 <= plane.zoom <= name.high else None
        scale = 1.0 if name.shield else round(name_factor(name.size, plane.zoom), 3)
        result.append(replace(name, at=found, scale=scale))
    return result


def _letters(name: Name, plane: Plane, taken: list[Box], said: list[tuple[str, float, float]]) -> tuple[Letter, ...]:
    """The first way to follow its line in which all letters of a name are free."""
    words = "".join(line for line, _y in name.lines)
    half = name.size * name_factor(name.size, plane.zoom) * LETTER
    for letters in name.bent:
        x, y = letters[len(letters) // 2].middle
        here = [(u - half, v - half, u + half, v + half) for u, v in (letter.middle for letter in letters)]
        if any(a < 0 or b < 0 or c > plane.width or d > plane.height for a, b, c, d in here):
            continue
        if any(words == other and math.hypot(x - u, y - v) < SAME_PX for other, u, v in said):
            continue
        if any(a < e[2] and e[0] < c and b < e[3] and e[1] < d for a, b, c, d in here for e in taken):
            continue
        taken.extend(here)
        said.append((words, x, y))
        return letters
    return ()


def _free(
    name: Name, plane: Plane, taken: list[Box], said: list[tuple[str, float, float]]
) -> tuple[float, float, float] | None:
    factor = 1.0 if name.shield else name_factor(name.size, plane.zoom)
    width, height = name.width * factor, name.height * factor
    words = "".join(line for line, _y in name.lines)
    for x, y, angle in options(name, width, height, point_factor(plane.zoom)):
        here = _boxes(name, x, y, width, height, 0.0 if name.shield else math.radians(angle))
        if any(a < 0 or b < 0 or c > plane.width or d > plane.height for a, b, c, d in here):
            continue
        if any(words == other and math.hypot(x - u, y - v) < SAME_PX for other, u, v in said):
            continue
        if any(a < e[2] and e[0] < c and b < e[3] and e[1] < d for a, b, c, d in here for e in taken):
            continue
        taken.extend(here)
        said.append((words, x, y))
        return round(x, 1), round(y, 1), 0.0 if name.shield else angle
    return None


def _boxes(name: Name, x: float, y: float, width: float, height: float, turn: float) -> list[Box]:
    """The upright boxes that hold a turned name: one, or a row of short ones along it."""
    pieces = max(1, round(width / height)) if name.slim and turn else 1
    width /= pieces
    half_x = (abs(math.cos(turn)) * width + abs(math.sin(turn)) * height) / 2
    half_y = (abs(math.sin(turn)) * width + abs(math.cos(turn)) * height) / 2
    steps = [(at - (pieces - 1) / 2) * width for at in range(pieces)]
    middles = [(x + step * math.cos(turn), y + step * math.sin(turn)) for step in steps]
    return [(u - half_x, v - half_y, u + half_x, v + half_y) for u, v in middles]


def options(name: Name, width: float, height: float, point: float) -> Iterable[tuple[float, float, float]]:
    """Where the middle of a name may be, the best first: beside a point, on and near an area's label point."""
    for x, y, angle in name.places:
        if name.radius:
            gap = name.radius * point + 3
            slant = gap * 0.72 + height * 0.2
            for side in (1, -1):
                yield x + side * (gap + width / 2), y, 0.0
                yield x + side * (gap * 0.72 + width / 2), y - slant, 0.0
                yield x + side * (gap * 0.72 + width / 2), y + slant, 0.0
            yield x, y - gap - height / 2, 0.0
            yield x, y + gap + height / 2, 0.0
        elif angle or len(name.places) > 1:
            yield x, y, angle
        else:
            for down in SHIFTS:
                yield x, y + down * height, 0.0
