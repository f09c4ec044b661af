"""Notes that somebody has drawn on the map, in figures: read from a link or a file, drawn over everything else.

The page's own rules (``frontend/src/notes/notes-model.js``): the same shapes, colours and limits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from layers.drawing import svg
from layers.drawing.ink import INK, NOTES
from layers.drawing.plane import Plane
from layers.model.errors import LayersError

SHAPES = {
    "point": ("p", 1, "Point"), "line": ("l", 2, "LineString"), "arrow": ("a", 2, "LineString"),
    "polygon": ("g", 3, "Polygon"), "text": ("t", 1, "Point"), "number": ("n", 1, "Point"),
}  # fmt: skip
"""Letter in a link, least points, geometry in a file."""
COLORS = {"red": "r", "blue": "b", "green": "g", "black": "k"}
MOST_NOTES, MOST_POINTS, MOST_TEXT, MOST_BYTES = 500, 5000, 120, 2_000_000
MOST_LINK = 1800
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_PAPER = "#ffffff"
_SHOWN = 60
_ROUND: dict[str, Any] = {"stroke_linecap": "round", "stroke_linejoin": "round"}


@dataclass(frozen=True)
class Note:
    """A note.

    Attributes:
        shape: A key of `SHAPES`.
        color: A key of `COLORS`.
        points: Longitude and latitude, degrees.
        text: Its words, or "".
    """

    shape: str
    color: str
    points: tuple[tuple[float, float], ...]
    text: str = ""


def from_link(text: str) -> tuple[Note, ...]:
    """Notes as a link of the map has them: ``pr:120.2,30.1:words;…``.

    Raises:
        LayersError: ``sheet.bad_notes``, ``sheet.many_notes``.

    Example:
        >>> from_link("pr:120.2,30.1:%E7%9C%8B")[0].text
        '看'
    """
    shapes = {letter: name for name, (letter, _least, _kind) in SHAPES.items()}
    colors = {letter: name for name, letter in COLORS.items()}
    found = []
    for part in (one for one in text.split(";") if one):
        head, _, rest = part.partition(":")
        places, _, words = rest.partition(":")
        try:
            flat = [float(number) for number in places.split(",")]
        except ValueError:
            raise LayersError("sheet.bad_notes", value=part[:_SHOWN]) from None
        points = list(zip(flat[::2], flat[1::2], strict=False)) if len(flat) % 2 == 0 else []
        found.append(_note(shapes.get(head[:1], ""), colors.get(head[1:], ""), points, unquote(words), part))
    return _bounded(found)


def to_link(notes: Sequence[Note]) -> str:
    """The other way, however long."""
    return ";".join(
        f"{SHAPES[note.shape][0]}{COLORS[note.color]}:"
        f"{','.join(f'{side:.5f}' for place in note.points for side in place)}:{quote(note.text, safe='')}"
        for note in notes
    )


def from_file(path: Path) -> tuple[Note, ...]:
    """Notes of a file that the page has saved: GeoJSON with ``shape``, ``color``, ``text``.

    Raises:
        LayersError: ``sheet.no_notes_file``, ``sheet.bad_notes``, ``sheet.many_notes``.
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise LayersError("sheet.no_notes_file", file=str(path), most=MOST_BYTES // 1_000_000)
        features = json.loads(path.read_text("utf-8"))["features"]
        if not isinstance(features, list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LayersError("sheet.bad_notes", value=path.name[:_SHOWN]) from error
    if len(features) > MOST_NOTES:
        raise LayersError("sheet.many_notes", notes=MOST_NOTES, points=MOST_POINTS)
    return _bounded([_feature(one, number) for number, one in enumerate(features, start=1)])


def _feature(raw: Any, number: int) -> Note:
    shown = f"features[{number}]"
    try:
        about, geometry = raw["properties"], raw["geometry"]
        shape, color = str(about["shape"]), str(about["color"])
        places = geometry["coordinates"]
        if SHAPES[shape][2] != geometry["type"]:
            raise ValueError(shape)
        places = [places] if geometry["type"] == "Point" else places[0][:-1] if shape == "polygon" else places
        points = [(float(place[0]), float(place[1])) for place in places]
        text = about.get("text") or ""
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise LayersError("sheet.bad_notes", value=shown) from error
    return _note(shape, color, points, text if isinstance(text, str) else str(text), shown)


def _note(shape: str, color: str, points: Sequence[tuple[float, float]], text: str, shown: str) -> Note:
    least = SHAPES[shape][1] if shape in SHAPES else 0
    sound = all(math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 85 for lon, lat in points)
    words = _UNSEEN.sub(" ", text).strip()[:MOST_TEXT]
    few = len(points) < least or (least == 1 and len(points) > 1)
    if not least or color not in COLORS or not sound or few or (shape == "text" and not words):
        raise LayersError("sheet.bad_notes", value=shown[:_SHOWN])
    return Note(shape, color, tuple(points), words)


def _bounded(notes: Sequence[Note]) -> tuple[Note, ...]:
    if len(notes) > MOST_NOTES or sum(len(note.points) for note in notes) > MOST_POINTS:
        raise LayersError("sheet.many_notes", notes=MOST_NOTES, points=MOST_POINTS)
    return tuple(notes)


# ---- drawn, as the page has them (``notes-layer.js``)


def markup(notes: Sequence[Note], plane: Plane) -> str:
    """Notes on a plane, over everything."""
    number, parts = 0, []
    for note in notes:
        number += note.shape == "number"
        parts.append(_drawn(note, plane, number))
    return svg.tag("g", "".join(parts), data_layer="notes") if parts else ""


def _drawn(note: Note, plane: Plane, number: int) -> str:
    color = NOTES[note.color]
    places = [(round(float(x), 1), round(float(y), 1)) for x, y in plane.points(np.array(note.points))]
    if len(places) == 1 and SHAPES[note.shape][1] == 1:
        return svg.tag("g", _spot(note, color, number), transform=f"translate({places[0][0]:g} {places[0][1]:g})")
    area = note.shape == "polygon"
    d = "M" + "L".join(f"{x:g} {y:g}" for x, y in places) + ("Z" if area else "")
    made = svg.tag("path", d=d, stroke=_PAPER, stroke_width=5.4, stroke_opacity=0.85, **_ROUND)
    fill: dict[str, Any] = {"fill": color, "fill_opacity": 0.14} if area else {}
    made += svg.tag("path", d=d, stroke=color, stroke_width=2.6, **_ROUND, **fill)
    if note.shape == "arrow":
        (x0, y0), (x1, y1) = places[-2:]
        turn = f"translate({x1:g} {y1:g})rotate({math.degrees(math.atan2(y1 - y0, x1 - x0)):.1f})"
        made += svg.tag(
            "path", d="M7 0L-8 -7L-4.5 0L-8 7Z", fill=color, stroke=_PAPER, stroke_width=1.4, transform=turn
        )
    if note.text:
        x, y = _middle(places, area)
        made += _words(note.text, x, y + (5 if area else -7), "middle", color)
    return made


def _spot(note: Note, color: str, number: int) -> str:
    if note.shape == "text":
        return _words(note.text, 0, 5, "middle", color)
    if note.shape == "number":
        digits = svg.tag("text", svg.text(str(number)), y=4.4, font_size=12.5, font_weight=700, fill=_PAPER,
                         text_anchor="middle")  # fmt: skip
        made = svg.tag("circle", r=11, fill=color, stroke=_PAPER, stroke_width=2) + digits
        return made + (_words(note.text, 14, 5) if note.text else "")
    d = "M0 0C-3 -6 -8 -9 -8 -15A8 8 0 0 1 8 -15C8 -9 3 -6 0 0Z"
    made = svg.tag("path", d=d, fill=color, stroke=_PAPER, stroke_width=1.6)
    made += svg.tag("circle", cy=-15, r=2.8, fill=_PAPER)
    return made + (_words(note.text, 11, -9) if note.text else "")


def _words(text: str, x: float, y: float, anchor: str = "start", color: str = INK) -> str:
    look: dict[str, Any] = {"x": x, "y": y, "text_anchor": anchor, "font_size": 13, "font_weight": 600}
    rim = svg.tag("text", svg.text(text), **look, fill=_PAPER, stroke=_PAPER, stroke_width=3.4, stroke_linejoin="round")
    return rim + svg.tag("text", svg.text(text), **look, fill=color)


def _middle(places: Sequence[tuple[float, float]], area: bool) -> tuple[float, float]:
    if area:
        return sum(x for x, _y in places) / len(places), sum(y for _x, y in places) / len(places)
    if len(places) == 2:
        return (places[0][0] + places[1][0]) / 2, (places[0][1] + places[1][1]) / 2
    return places[len(places) // 2]
