"""What a feature is painted with, pass by pass, for painters that draw in screen pixels.

The same combination of kind, status, basis, own colour and ``assumed`` as in the page's ``map/symbols.js``: a still
picture and the map that takes its place look alike (``tests/test_browser_first_picture.py`` compares them). Widths are
those of zoom 12; ``line_factor`` and ``point_factor`` say how they grow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from layers.style.patterns import PALE

_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}\Z")
_PAPER, _HOLLOW = "#ffffff", 1.6
"""Fill of a hollow symbol and width of its rim, pixels."""
_PALE = 0.85
"""A casing lighter than this is as good as paper between the dashes of a line."""

ORDER = ("casing", "bed", "rim", "fill", "pattern", "stroke", "overlay")
"""Passes of all features of a layer in drawing order."""


@dataclass(frozen=True)
class Pass:
    """One pass of a line or an area: a fill, a pattern or a stroke.

    Attributes:
        name: One of ``ORDER``.
        fill: Colour ``#rrggbb`` or "".
        stroke: Colour or "".
        width: Pixels at zoom 12.
        dash: Pixels at zoom 12; empty for a continuous line.
        pattern: ``hatch``, ``dots`` or ``cross`` in the colour of ``fill``, or "".
    """

    name: str
    fill: str = ""
    fill_opacity: float = 1.0
    stroke: str = ""
    width: float = 0.0
    opacity: float = 1.0
    dash: tuple[float, ...] = ()
    pattern: str = ""


def line_factor(zoom: float) -> float:
    """How much wider than stated a line is drawn at a zoom level.

    Example:
        >>> line_factor(12), line_factor(10), line_factor(5)
        (1.0, 0.6799999999999999, 0.58)
    """
    return min(1.9, max(0.58, 1 + (zoom - 12) * 0.16))


def point_factor(zoom: float) -> float:
    """How much larger than stated a point symbol is drawn, in steps of an eighth.

    Example:
        >>> point_factor(12.5), point_factor(10.5), point_factor(3)
        (1.0, 0.75, 0.625)
    """
    # Half steps go up, as in the page.
    return int(min(1.35, max(0.62, 1 + (zoom - 12.5) * 0.13)) * 8 + 0.5) / 8


def own_colour(value: object) -> str:
    """A feature's own colour, or "" where it has none that can be drawn."""
    return value if isinstance(value, str) and _COLOR.match(value) else ""


def passes(
    kind: Mapping[str, Any], status: Mapping[str, Any], shape: str, *, color: str = "", assumed: bool = False
) -> list[Pass]:
    """The passes of one feature.

    Args:
        kind: The record of kinds.toml.
        status: The record of the feature's status, or an empty one.
        shape: ``polygon`` or ``line``; others have no passes.
        color: The feature's own colour, or "".
        assumed: Its extent is assumed: an area is hatched.
    """
    symbol = kind.get("symbol", {})
    if shape == "polygon":
        return _area(symbol, color, assumed)
    return _line(symbol, status, color) if shape == "line" else []


def ground(made: list[Pass]) -> list[Pass]:
    """Passes of a piece of the ground, such as water: cut off against its neighbours, it is one thing with them.

    Outlines go under all fills as a rim, of which the outside of the whole shows; fills reach a little over their edge.
    """
    if any(one.name == "stroke" and one.dash for one in made) or not any(one.fill_opacity == 1 for one in made):
        return made
    seam = 0.8
    changed = []
    for one in made:
        if one.name == "stroke":
            changed.append(replace(one, name="rim", width=2 * one.width + seam))
        elif one.name == "fill":
            changed.append(replace(one, stroke=one.fill, width=seam))
        else:
            changed.append(one)
    return changed


def single(made: Sequence[Pass], *, broken: bool = False) -> Pass:
    """The one stroke that is left of a line or an outline where a format has one for each.

    It is the stroke, or the casing of one that is as pale as paper.

    Args:
        made: The passes.
        broken: By the feature's status: a line whose overlay is broken for it is broken itself.

    Example:
        >>> made = passes({"symbol": {"stroke": "#fff6f2", "casing": "#b23a48", "dash": [3, 5]}}, {}, "polygon")
        >>> single(made).stroke, single(made).dash
        ('#b23a48', (3.0, 5.0))
    """
    by_name = {one.name: one for one in made}
    stroke, casing, overlay = by_name["stroke"], by_name.get("casing"), by_name.get("overlay")
    dash = stroke.dash or (overlay.dash if overlay and broken else ())
    if casing and lightness(stroke.stroke) > _PALE > lightness(casing.stroke):
        stroke = replace(stroke, stroke=casing.stroke)
    return replace(stroke, dash=dash)


def filling(made: Sequence[Pass]) -> Pass | None:
    """The one fill of an area where there are no patterns: a pale one stands for these; None for an outline alone."""
    by_name = {one.name: one for one in made}
    pattern = by_name.get("pattern")
    return by_name.get("fill") or (replace(pattern, fill_opacity=PALE, pattern="") if pattern else None)


def spot(kind: Mapping[str, Any], *, color: str = "", hollow: bool = False) -> Pass:
    """What a point's symbol is filled and rimmed with, whatever its shape.

    Args:
        kind: The record of kinds.toml.
        color: The feature's own colour, or "".
        hollow: It is not built yet, or known to the township or zone only.

    Example:
        >>> spot({"symbol": {"fill": "#1b5e86", "stroke": "#ffffff"}}, hollow=True).stroke
        '#1b5e86'
    """
    symbol = kind.get("symbol", {})
    stroke = str(symbol.get("stroke") or "#000000")
    main = color or str(symbol.get("fill") or stroke)
    if hollow:
        return Pass("spot", fill=_PAPER, stroke=stroke if main.lower() == _PAPER else main, width=_HOLLOW)
    opacity = float(symbol.get("fill_opacity", 1.0))
    return Pass("spot", fill=main, fill_opacity=opacity, stroke=stroke, width=float(symbol.get("width", 1.0)))


def _area(symbol: Mapping[str, Any], color: str, assumed: bool) -> list[Pass]:
    fill, stroke = str(symbol.get("fill") or ""), str(symbol.get("stroke") or "#000000")
    opacity = float(symbol.get("fill_opacity", 1.0 if fill else 0.0))
    if color:
        stroke = color if symbol.get("stroke") and not fill else darker(color, 0.42)
        fill = color
    made = []
    if symbol.get("casing"):
        made.append(_casing(symbol, 1.0))
    if fill and opacity > 0:
        made.append(Pass("fill", fill=fill, fill_opacity=opacity))
    pattern = str(symbol.get("pattern") or ("hatch" if assumed else ""))
    if pattern:
        ink = str(symbol.get("pattern_color") or symbol.get("stroke") or "#000000")
        made.append(Pass("pattern", fill=ink, pattern=pattern))
    made.append(Pass("stroke", stroke=stroke, width=float(symbol.get("width", 1.0)), dash=_steps(symbol.get("dash"))))
    return made


def _line(symbol: Mapping[str, Any], status: Mapping[str, Any], color: str) -> list[Pass]:
    width = float(symbol.get("width", 1.0))
    broken = _steps(status.get("dash"))
    dash = tuple(step * width for step in broken) or _steps(symbol.get("dash"))
    stroke = color or str(symbol.get("stroke") or "#000000")
    made = []
    if symbol.get("casing"):
        made.append(_casing(symbol, 0.8 if broken else 1.0))
        if dash and lightness(str(symbol["casing"])) < _PALE:
            made.append(Pass("bed", stroke=_PAPER, width=width))
    overlay = str(symbol.get("overlay") or "")
    made.append(Pass("stroke", stroke=stroke, width=width, dash=() if overlay else dash))
    if overlay:
        steps = dash if broken else _steps(symbol.get("overlay_dash"))
        made.append(Pass("overlay", stroke=overlay, width=float(symbol.get("overlay_width", 0)), dash=steps))
    return made


def _casing(symbol: Mapping[str, Any], share: float) -> Pass:
    width, opacity = float(symbol.get("casing_width", 0)), float(symbol.get("casing_opacity", 1.0))
    return Pass("casing", stroke=str(symbol["casing"]), width=width, opacity=opacity * share)


def _steps(dash: object) -> tuple[float, ...]:
    return tuple(float(step) for step in dash) if isinstance(dash, list | tuple) else ()


def _channels(color: str) -> tuple[int, int, int]:
    digits = color.removeprefix("#")
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def lightness(color: str) -> float:
    """Perceived lightness of a colour, 0 black to 1 white.

    Example:
        >>> round(lightness("#ffffff"), 3)
        1.0
    """
    red, green, blue = _channels(color)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def darker(color: str, share: float) -> str:
    """The colour mixed with black: ``share`` 0 leaves it, 1 makes it black.

    Example:
        >>> darker("#ff8000", 0.5)
        '#804000'
    """
    return "#" + "".join(f"{int(channel * (1 - share) + 0.5):02x}" for channel in _channels(color))
