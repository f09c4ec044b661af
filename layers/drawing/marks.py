"""Kinds' symbols as small SVG drawings, for pages without the map's program: told apart by shape as well as colour."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers.style.passes import darker

_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}")
_BOX = 10.0
"""Half of the drawing's height in viewBox units; it is twice as wide as high."""


@dataclass(frozen=True)
class Mark:
    """One drawing: an outline and how it is painted, in a viewBox of −16 … 16 by −10 … 10.

    Attributes:
        under: Stroke of the casing that lies under the outline, or "none".
    """

    d: str
    fill: str
    fill_opacity: float
    stroke: str
    width: float
    dash: str
    under: str
    under_width: float


def mark(kind: Mapping[str, Any], *, color: str = "", apart: bool = False, hollow: bool = False) -> Mark:
    """The drawing for a kind.

    Args:
        kind: The record of kinds.toml.
        color: A feature's own colour, or "".
        apart: Its position is known to the township or zone only: hollow with a broken outline.
        hollow: It is not built yet: a point is drawn hollow.
    """
    symbol = kind.get("symbol", {})
    own = color if _COLOR.fullmatch(color) else ""
    stroke, fill = _paint(symbol.get("stroke")), _paint(symbol.get("fill"))
    dash = " ".join(f"{float(step):g}" for step in symbol.get("dash", []))
    width = float(symbol.get("width", 1.0))
    if kind.get("geometry") == "point":
        main = own or (fill if fill != "none" else stroke)
        d = _shape(str(symbol.get("shape", "circle")), min(float(symbol.get("size", 12)), 16.0) / 2)
        if apart or hollow:
            return Mark(d, "none", 1.0, main, 1.6, "2.6 2" if apart else "", "none", 0.0)
        light = main.lower() in ("#fff", "#ffffff")
        return Mark(d, main, 1.0, stroke if light else "none", width if light else 0.0, "", "none", 0.0)
    if kind.get("geometry") == "polygon":
        d = f"M-13 {-_BOX + 3}H13V{_BOX - 3}H-13Z"
        fill_opacity = float(symbol.get("fill_opacity", 1.0))
        under = _paint(symbol.get("casing"))
        under_width = float(symbol.get("casing_width", 0))
        return Mark(d, own or fill, fill_opacity, stroke, min(width, 2.0), dash, under, under_width)
    casing = _paint(symbol.get("casing"))
    return Mark(
        "M-14 3C-5 -5 5 6 14 -3", "none", 1.0, own or stroke, width, dash, casing, float(symbol.get("casing_width", 0))
    )


def _paint(value: object) -> str:
    return value if isinstance(value, str) and _COLOR.fullmatch(value) else "none"


def _shape(shape: str, half: float) -> str:
    if shape == "square":
        return f"M{-half:g} {-half:g}H{half:g}V{half:g}H{-half:g}Z"
    if shape == "diamond":
        return f"M0 {-half:g}L{half:g} 0L0 {half:g}L{-half:g} 0Z"
    if shape == "triangle":
        return f"M0 {-half:g}L{half:g} {half * 0.8:g}L{-half:g} {half * 0.8:g}Z"
    if shape == "star":
        return _star(half)
    return f"M{-half:g} 0A{half:g} {half:g} 0 1 0 {half:g} 0A{half:g} {half:g} 0 1 0 {-half:g} 0Z"


def _star(half: float) -> str:
    """Five points, the inner corners at 0.45 of the radius."""
    corners = []
    for number in range(10):
        radius = half if number % 2 == 0 else half * 0.45
        angle = math.pi * number / 5
        corners.append(f"{radius * math.sin(angle):.1f} {-radius * math.cos(angle):.1f}")
    return "M" + "L".join(corners) + "Z"


@dataclass(frozen=True)
class Part:
    """One path of a point symbol around (0, 0) in pixels: an outline, or an icon that is scaled to its size."""

    d: str
    fill: str
    fill_opacity: float = 1.0
    stroke: str = "none"
    width: float = 0.0
    dash: str = ""
    icon: float = 0.0


def point_parts(
    kind: Mapping[str, Any], *, color: str, apart: bool, hollow: bool, icons: Mapping[str, str]
) -> tuple[Part, ...]:
    """A point symbol as the page's map draws it (``map/swatch.js``), at its stated size.

    Args:
        kind: The record of kinds.toml.
        color: A feature's own colour, or "".
        apart: Its position is known to the township or zone only.
        hollow: That, or it is not built yet.
        icons: Path data in a box of 15 by 15, by name.
    """
    symbol = kind.get("symbol", {})
    shape, size = str(symbol.get("shape") or "circle"), float(symbol.get("size") or 10)
    stroke, width = str(symbol.get("stroke") or "#000000"), float(symbol.get("width", 1.0))
    main = color or str(symbol.get("fill") or stroke)
    if hollow:
        edge = stroke if main == "#ffffff" else main
        dash = "2.6 2" if apart else ""
        made = [Part(_shape(shape, size / 2), "#ffffff", 0.82 if apart else 1.0, edge, 1.6, dash)]
    else:
        made = [Part(_shape(shape, size / 2), main, 1.0, stroke, width)]
        if stroke.lower() == "#ffffff":
            made.insert(0, Part(_shape(shape, (size + width + 0.8) / 2), darker(main, 0.5), 0.55))
    path = icons.get(str(symbol.get("icon") or ""))
    if path and size >= 9:
        made.append(Part(path, edge if hollow else str(symbol.get("icon_color") or "#ffffff"), icon=size * 0.72 / 15))
    return tuple(made)
