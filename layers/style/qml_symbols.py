"""Symbols of QGIS: the passes of the web map as layers of a symbol.

Pixels at 96 dpi become millimetres, so that the look is the same on the screen and in a print layout; widths, dashes
and sizes follow the scale by expressions. A colour in a feature's column ``color`` overrides the kind's.
"""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from layers.style.icons import icon_paths
from layers.style.passes import darker, lightness
from layers.style.patterns import PATTERNS, Pattern, Ruling
from layers.style.qml_scale import line_factor, point_factor
from layers.style.qml_xml import MM_PER_PX, data_defined, number, options, quoted, rgba
from layers.style.symbols import Kind, Status, StyleError, dash_px

SYMBOL_TYPE = {"point": "marker", "line": "line", "polygon": "fill"}

_HOLLOW_PX = 1.6
_SEAM_PX = 0.8
"""How far fills of the ground reach over their edge."""
_RIM_PX, _RIM_OPACITY = 0.8, 0.55
_ICON = 0.72
"""Share of a symbol's size that its icon takes."""
_STAR = 1.12
"""A star fills less than a disc and is drawn a little larger."""
_LIGHT = 0.85
_DARKER = 172  # QGIS divides by 1.72, which leaves 58 %
_MOST_OUTLINE = 1.3
_HALO_PX = (4, 56)
"""A circle of uncertainty smaller would hide behind its symbol, a larger one would tint the map."""
_HALO_FILL, _HALO_STROKE, _HALO_WIDE_PX = 0.1, 0.4, 0.8
_CORNERS = 16
"""Of a circle, in a quarter of it."""
_METRES_PER_DEGREE = 111_320
_PX_PER_M = 96 / 0.0254
_ON_FRAME = "0.0001"


class Rule:
    """One entry of the renderer: which features, under which name, drawn how."""

    def __init__(self, kind: Kind, status: Status | None, assumed: bool, condition: str) -> None:
        self.kind, self.status, self.assumed, self.condition = kind, status, assumed, condition
        assumption = StyleError.catalogue.text("style.assumed") if assumed else ""
        parts = [part for part in (status.name if status else "", assumption) if part]
        self.label = kind.name + (f"（{'，'.join(parts)}）" if parts else "")


@dataclass(frozen=True)
class Drawing:
    """What all symbols of a layer have in common.

    Attributes:
        latitude: Of the plan, degrees.
        ground: It is ground: pieces that touch are one thing to the eye.
        frame: Geometry, as an expression, whose edges are no outlines, or "".
        uncertain: Bases whose points get a circle of their accuracy.
        degrees: Coordinates are degrees, longitude first.
    """

    latitude: float = 0.0
    ground: bool = False
    frame: str = ""
    uncertain: tuple[str, ...] = ()
    degrees: bool = False


def edges_of(features: pd.DataFrame | None) -> str:
    """Expression: the edges of the rectangle that a layer of the ground was cut out of; "" where there is none."""
    bounds = getattr(features, "total_bounds", None)
    if features is None or bounds is None or not len(features):
        return ""
    west, south, east, north = (f"{float(value):.7f}" for value in bounds)
    if "nan" in (west, south, east, north):
        return ""
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return f"buffer(geom_from_wkt('LINESTRING({ring})'), {_ON_FRAME})"


def new_symbol(kind: str, name: str) -> ET.Element:
    """Write an empty symbol."""
    return ET.Element("symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")


def symbol_layers(rule: Rule, drawing: Drawing) -> Iterator[ET.Element]:
    """Write what a rule's features are drawn with, the lowest first."""
    if rule.kind.geometry == "line":
        yield from _line_layers(rule, drawing)
    elif rule.kind.geometry == "polygon":
        yield from _polygon_layers(rule, drawing)
    else:
        yield from _marker_layers(rule, drawing)


# ---- machinery


def _own(default: str, opacity: float = 1.0) -> str:
    """Expression: the feature's own colour, else the kind's, with an opacity."""
    color = f"coalesce(nullif(\"color\", ''), {quoted(default)})"
    return color if opacity >= 1 else f"set_color_part({color}, 'alpha', {round(opacity * 255)})"


def _layer(cls: str, values: Mapping[str, Any], level: int = 0, dynamic: Mapping[str, str] | None = None) -> ET.Element:
    element = ET.Element("layer", {"class": cls, "pass": str(level), "enabled": "1", "locked": "0"})
    element.append(options(values))
    if dynamic:
        element.append(data_defined(dynamic))
    return element


def _stroke(
    color: str,
    width: float,
    dash: Sequence[float] = (),
    *,
    opacity: float = 1.0,
    level: int = 0,
    factor: str = "",
    dash_factor: str = "",
    dynamic: Mapping[str, str] | None = None,
) -> ET.Element:
    """Write a SimpleLine symbol layer; ``width`` and ``dash`` in pixels, times ``factor`` (an expression)."""
    pattern = [part * MM_PER_PX for part in dash]
    pattern = pattern * 2 if len(pattern) % 2 else pattern  # as in SVG: an odd list is repeated
    values = {
        "line_color": rgba(color, opacity),
        "line_style": "solid",
        "line_width": number(width * MM_PER_PX),
        "line_width_unit": "MM",
        "capstyle": "flat" if dash else "round",
        "joinstyle": "round",
        "use_custom_dash": "1" if pattern else "0",
        "customdash": ";".join(map(number, pattern)) or "5;2",
        "customdash_unit": "MM",
        "draw_inside_polygon": "0",
    }
    scaled = dict(dynamic or {})
    if factor:
        scaled["outlineWidth"] = f"{number(width * MM_PER_PX)} * {factor}"
        if pattern:
            parts = ", ".join(number(part) for part in pattern)
            each = f"array_foreach(array({parts}), round(@element * {dash_factor or factor}, 3))"
            scaled["customDash"] = f"array_to_string({each}, ';')"
    return _layer("SimpleLine", values, level, scaled)


def _line_layers(rule: Rule, drawing: Drawing) -> Iterator[ET.Element]:
    """Casing, bed, line, overlay: the passes of the web map, each a symbol level."""
    symbol, dash = rule.kind.symbol, dash_px(rule.kind, rule.status)
    broken, factor = bool(rule.status and rule.status.dash), line_factor(drawing.latitude)
    if symbol.casing and symbol.casing_width:
        opacity = symbol.casing_opacity * (0.8 if broken else 1.0)
        yield _stroke(symbol.casing, symbol.casing_width, opacity=opacity, factor=factor)
        paper = rule.kind.label.halo
        if dash and paper and lightness(symbol.casing) < _LIGHT:
            # Between the dashes of a line not yet built shows paper, not its dark casing.
            yield _stroke(paper, symbol.width, level=1, factor=factor)
    own = {"outlineColor": _own(symbol.stroke)}
    yield _stroke(symbol.stroke, symbol.width, () if symbol.overlay else dash, level=2, factor=factor, dynamic=own)
    if symbol.overlay:
        steps = dash if broken else symbol.overlay_dash
        yield _stroke(symbol.overlay, symbol.overlay_width, steps, level=3, factor=factor)


def _polygon_layers(rule: Rule, drawing: Drawing) -> Iterator[ET.Element]:
    symbol, factor = rule.kind.symbol, line_factor(drawing.latitude)
    outline = line_factor(drawing.latitude, _MOST_OUTLINE)
    filled = bool(symbol.fill and symbol.fill_opacity > 0)
    # Pieces of water cut off against each other are one water: outlines go under all fills, which overlap.
    whole = drawing.ground and filled and symbol.fill_opacity == 1 and not symbol.dash
    if symbol.casing and symbol.casing_width:
        yield _stroke(symbol.casing, symbol.casing_width, opacity=symbol.casing_opacity, factor=factor)
    if whole and symbol.stroke and symbol.width:
        own = {"outlineColor": _outline_colour(symbol.stroke, filled)}
        yield _stroke(symbol.stroke, 2 * symbol.width + _SEAM_PX, factor=outline, dynamic=own)
    if filled:
        values = {"color": rgba(symbol.fill, symbol.fill_opacity), "style": "solid", "outline_style": "no"}
        dynamic = {"fillColor": _own(symbol.fill, symbol.fill_opacity)}
        if whole:
            seam = {"outline_style": "solid", "outline_color": rgba(symbol.fill), "outline_width_unit": "MM"}
            values |= {**seam, "outline_width": number(_SEAM_PX * MM_PER_PX), "joinstyle": "round"}
            dynamic["outlineColor"] = _own(symbol.fill)
        yield _layer("SimpleFill", values, 1, dynamic=dynamic)
    yield from _patterns(rule)
    if symbol.stroke and symbol.width and not whole:
        own = {"outlineColor": _outline_colour(symbol.stroke, bool(symbol.fill))}
        made = _stroke(
            symbol.stroke, symbol.width, symbol.dash, level=3, factor=outline, dash_factor=factor, dynamic=own
        )
        yield _off_frame(made, drawing.frame) if drawing.frame else made


def _outline_colour(stroke: str, filled: bool) -> str:
    """Expression: the outline of a polygon with a colour of its own is that colour mixed with 42 % black."""
    if not filled:
        return _own(stroke)
    return f"if(coalesce(\"color\", '') = '', {quoted(stroke)}, darker(\"color\", {_DARKER}))"


def _off_frame(stroke: ET.Element, frame: str) -> ET.Element:
    """The stroke along the outline, less the edges where the ground was cut off."""
    values = {"SymbolType": "Line", "geometryModifier": f"difference(boundary($geometry), {frame})", "units": "MapUnit"}
    made = _layer("GeometryGenerator", values, int(stroke.get("pass", "0")))
    line = new_symbol("line", "@0@0")
    line.append(stroke)
    made.append(line)
    return made


def _patterns(rule: Rule) -> Iterator[ET.Element]:
    symbol = rule.kind.symbol
    pattern = symbol.pattern or ("hatch" if rule.assumed else "")
    ink = symbol.pattern_color or symbol.stroke or symbol.fill
    if pattern:
        made = PATTERNS[pattern]
        yield from (_hatch(ink, made, one) for one in made.lines)
        if made.dots:
            yield _dots(ink, made)


def _hatch(color: str, pattern: Pattern, ruling: Ruling) -> ET.Element:
    gap, angle = number(pattern.side * MM_PER_PX), pattern.turned + (90 if ruling.across else 0)
    layer = _layer("LinePatternFill", {"angle": f"{angle:g}", "distance": gap, "distance_unit": "MM"}, 2)
    line = new_symbol("line", "@0@0")
    line.append(_stroke(color, ruling.width, opacity=ruling.opacity))
    layer.append(line)
    return layer


def _dots(color: str, pattern: Pattern) -> ET.Element:
    """Dots in a grid whose every other row is moved by half a gap."""
    gap, half = number(pattern.side * MM_PER_PX), number(pattern.side * MM_PER_PX / 2)
    values = {"distance_x": gap, "distance_x_unit": "MM", "distance_y": half, "distance_y_unit": "MM"}
    layer = _layer("PointPatternFill", {**values, "displacement_x": half, "displacement_x_unit": "MM"}, 2)
    dot = new_symbol("marker", "@0@0")
    values = _marker_values("circle", 2 * pattern.radius, rgba(color, pattern.opacity), "no", 0, color)
    dot.append(_layer("SimpleMarker", values))
    layer.append(dot)
    return layer


def _marker_values(shape: str, size: float, fill: str, style: str, width: float, stroke: str) -> dict[str, str]:
    return {
        "name": shape,
        "size": number(size * MM_PER_PX),
        "size_unit": "MM",
        "color": fill,
        "outline_style": style,
        "outline_color": rgba(stroke) if stroke else fill,
        "outline_width": number(width * MM_PER_PX),
        "outline_width_unit": "MM",
        "joinstyle": "miter",
        "scale_method": "diameter",
    }


def _marker_layers(rule: Rule, drawing: Drawing) -> Iterator[ET.Element]:
    """The circle that a position is uncertain by, a rim, the marker, its icon; hollow when it is not built yet."""
    kind, symbol, factor = rule.kind, rule.kind.symbol, point_factor(drawing.latitude)
    paper = kind.label.halo or symbol.stroke or symbol.fill
    hollow = bool(rule.status and rule.status.dash)
    ink = symbol.stroke if symbol.fill == paper else symbol.fill
    if drawing.uncertain:
        yield _halo(ink, drawing)
    size = symbol.size * (_STAR if symbol.shape == "star" else 1)
    fill, stroke, width = rgba(symbol.fill, symbol.fill_opacity), symbol.stroke, symbol.width
    dynamic = {"fillColor": _own(symbol.fill, symbol.fill_opacity)}
    if hollow:
        fill, stroke, width = rgba(paper), ink, _HOLLOW_PX
        dynamic = {"fillColor": quoted(paper), "outlineColor": _own(ink)}
    elif lightness(symbol.stroke or symbol.fill) == 1:
        under = size + symbol.width + _RIM_PX
        values = _marker_values(symbol.shape, under, rgba(darker(symbol.fill, 0.5), _RIM_OPACITY), "no", 0, "")
        own = f"set_color_part(darker({_own(symbol.fill)}, 200), 'alpha', {round(_RIM_OPACITY * 255)})"
        yield _layer("SimpleMarker", values, dynamic={"fillColor": own, **_grown(under, factor)})
    style = "solid" if stroke and width else "no"
    values = _marker_values(symbol.shape, size, fill, style, width, stroke)
    yield _layer("SimpleMarker", values, dynamic={**dynamic, **_grown(size, factor)})
    path = icon_paths().get(symbol.icon)
    if path:
        color = ink if hollow else symbol.icon_color or paper
        yield _icon(path, symbol.size * _ICON, color, factor, _own(ink) if hollow else "")


def _grown(size: float, factor: str) -> dict[str, str]:
    return {"size": f"{number(size * MM_PER_PX)} * {factor}"}


def _icon(path: str, size: float, color: str, factor: str, dynamic: str) -> ET.Element:
    """A picture in the style itself: no file that could be missing elsewhere."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 15 15">'
        f'<path fill="param(fill)" d="{path}"/></svg>'
    )  # fmt: skip
    values = {
        "name": f"base64:{base64.b64encode(drawing.encode()).decode()}",
        "size": number(size * MM_PER_PX),
        "size_unit": "MM",
        "color": rgba(color),
        "outline_width": "0",
        "scale_method": "diameter",
    }
    colours = {"fillColor": dynamic} if dynamic else {}
    return _layer("SvgMarker", values, dynamic={**colours, **_grown(size, factor)})


def _halo(color: str, drawing: Drawing) -> ET.Element:
    """The circle in which a place that is known roughly lies, in metres on the ground.

    Drawn as an area: names stay away from symbols, not from what is uncertain round them.
    """
    bases = ", ".join(map(quoted, drawing.uncertain))
    pixels = f'"accuracy_m" * {_PX_PER_M:.4f} / @map_scale'
    shown = f'"basis" IN ({bases}) AND {pixels} > {_HALO_PX[0]} AND {pixels} <= {_HALO_PX[1]}'
    circle = f'buffer($geometry, "accuracy_m", {_CORNERS})'
    if drawing.degrees:
        up = f'"accuracy_m" / {_METRES_PER_DEGREE}'
        # The long axis, which lies east, comes first; its direction is counted from the north.
        circle = f"make_ellipse($geometry, {up} / cos(radians($y)), {up}, 90, {4 * _CORNERS})"
    values = {"SymbolType": "Fill", "geometryModifier": circle, "units": "MapUnit"}
    made = _layer("GeometryGenerator", values, dynamic={"enabled": f"coalesce({shown}, false)"})
    look = {
        "color": rgba(color, _HALO_FILL), "style": "solid", "outline_style": "dash",
        "outline_color": rgba(color, _HALO_STROKE), "outline_width": number(_HALO_WIDE_PX * MM_PER_PX),
        "outline_width_unit": "MM", "joinstyle": "round",
    }  # fmt: skip
    own = {"fillColor": _own(color, _HALO_FILL), "outlineColor": _own(color, _HALO_STROKE)}
    area = new_symbol("fill", "@0@0")
    area.append(_layer("SimpleFill", look, dynamic=own))
    made.append(area)
    return made
