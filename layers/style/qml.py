"""Write a layer's style as a QML document that QGIS 3.22 and later read.

Every layer gets a rule-based renderer (one rule per kind, and per status where lines and points differ by
it) and rule-based labels. Pixels at 96 dpi become millimetres, label sizes become points, so that the look
is the same on the screen and in a print layout. A colour in a feature's column ``color`` overrides the
kind's.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd

from layers.style.qml_labels import label_settings, scale_denominator
from layers.style.qml_xml import MM_PER_PX, data_defined, number, options, quoted, rgba
from layers.style.symbols import Kind, Status, StyleError, dash_px

VERSION = "3.22.16"

_HATCH_GAP_PX = 7.0
_HATCH_PX = 1.2
_HATCH_OPACITY = 0.6
_DOTS_GAP_PX = 10.0
_SYMBOL_TYPE = {"point": "marker", "line": "line", "polygon": "fill"}
_HOLLOW_PX = 1.6
_LIGHT = 0.85
_DARKER = 172  # QGIS divides by 1.72, which leaves 58 %


def qml(
    kinds: Sequence[Kind],
    statuses: Sequence[Status],
    features: gpd.GeoDataFrame | None = None,
    *,
    pinned: bool = True,
) -> str:
    """Write the style of one layer.

    Args:
        kinds: The layer's kinds; those without geometry are left out.
        statuses: All statuses, in the order of the legend.
        features: The layer, to leave out rules that no feature needs; None keeps every rule.
        pinned: Put names of areas at the columns ``label_lon``, ``label_lat`` (degrees) of each feature.

    Returns:
        A QML document (text, UTF-8), the same for the same arguments.
    """
    drawn = [kind for kind in kinds if kind.geometry != "none"]
    labelled = [kind for kind in drawn if kind.label.size > 0]
    root = ET.Element(
        "qgis",
        version=VERSION,
        styleCategories="LayerConfiguration|Symbology|Labeling",
        labelsEnabled="1" if labelled else "0",
        hasScaleBasedVisibilityFlag="0",
        minScale="100000000",
        maxScale="0",
    )
    root.append(_renderer(list(_rules(drawn, statuses, features))))
    if labelled:
        root.append(_labeling(labelled, pinned))
    ET.SubElement(root, "blendMode").text = "0"
    ET.SubElement(root, "featureBlendMode").text = "0"
    ET.SubElement(root, "layerOpacity").text = "1"
    ET.SubElement(root, "previewExpression").text = '"name"'
    ET.SubElement(root, "layerGeometryType").text = str(_geometry_code(drawn))
    ET.indent(root)
    doctype = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return doctype + ET.tostring(root, encoding="unicode") + "\n"


def _geometry_code(kinds: Sequence[Kind]) -> int:
    """QGIS's number of a geometry type: 0 points, 1 lines, 2 polygons, 4 none."""
    codes = {"point": 0, "line": 1, "polygon": 2}
    return codes.get(kinds[0].geometry, 4) if kinds else 4


class _Rule:
    """One entry of the renderer: which features, under which name, drawn how."""

    def __init__(self, kind: Kind, status: Status | None, assumed: bool, condition: str) -> None:
        self.kind, self.status, self.assumed, self.condition = kind, status, assumed, condition
        assumption = StyleError.catalogue.text("style.assumed") if assumed else ""
        parts = [part for part in (status.name if status else "", assumption) if part]
        self.label = kind.name + (f"（{'，'.join(parts)}）" if parts else "")


def _rules(kinds: Sequence[Kind], statuses: Sequence[Status], features: gpd.GeoDataFrame | None) -> Iterator[_Rule]:
    """Split the layer's features so that each falls under one rule, whatever its status."""
    for kind in kinds:
        own = None if features is None else features[features["kind"] == kind.id]
        condition = f'"kind" = {quoted(kind.id)}'
        if kind.geometry in ("line", "point"):
            present = _present(statuses, own)
            for status in present:
                yield _Rule(kind, status, False, f'{condition} AND "status" = {quoted(status.id)}')
            others = ", ".join(quoted(status.id) for status in present)
            rest = f" AND coalesce(\"status\", '') NOT IN ({others})" if others else ""
            if own is None or not present or not set(own["status"]) <= {status.id for status in present}:
                yield _Rule(kind, None, False, condition + rest)
        elif kind.geometry == "polygon" and not kind.symbol.pattern and _any_assumed(own):
            yield _Rule(kind, None, False, condition + ' AND NOT coalesce("assumed", false)')
            yield _Rule(kind, None, True, condition + ' AND coalesce("assumed", false)')
        else:
            yield _Rule(kind, None, False, condition)


def _present(statuses: Sequence[Status], features: gpd.GeoDataFrame | None) -> list[Status]:
    if features is None:
        return list(statuses)
    used = set(features["status"])
    return [status for status in statuses if status.id in used]


def _any_assumed(features: gpd.GeoDataFrame | None) -> bool:
    return features is None or bool(features["assumed"].fillna(False).astype(bool).any())


def _renderer(rules: Sequence[_Rule]) -> ET.Element:
    root = ET.Element("renderer-v2", type="RuleRenderer", forceraster="0", enableorderby="0", referencescale="-1")
    # Symbol levels draw the casings of all lines first, so that crossings stay open.
    root.set("symbollevels", "1" if any(rule.kind.geometry == "line" for rule in rules) else "0")
    tree = ET.SubElement(root, "rules", key=_key("root"))
    symbols = ET.SubElement(root, "symbols")
    for place, rule in enumerate(rules):
        name = str(place)
        entry = {"symbol": name, "key": _key(rule.condition), "label": rule.label, "filter": rule.condition}
        ET.SubElement(tree, "rule", entry)
        symbol = _new_symbol(_SYMBOL_TYPE[rule.kind.geometry], name)
        symbol.extend(_symbol_layers(rule))
        symbols.append(symbol)
    return root


def _labeling(kinds: Sequence[Kind], pinned: bool) -> ET.Element:
    root = ET.Element("labeling", type="rule-based")
    tree = ET.SubElement(root, "rules", key=_key("labels"))
    for kind in kinds:
        rule = {
            "key": _key(f"label {kind.id}"),
            "description": kind.name,
            "filter": f'"kind" = {quoted(kind.id)}',
            # seen from min_zoom on, and until the zoom after max_zoom begins
            "scalemaxdenom": number(scale_denominator(kind.label.min_zoom)),
            "scalemindenom": number(scale_denominator(kind.label.max_zoom + 1)),
        }
        ET.SubElement(tree, "rule", rule).append(label_settings(kind, pinned=pinned))
    return root


def _key(text: str) -> str:
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, text)}}}"


# ---- symbols


def lightness(color: str) -> float:
    """Perceived lightness of ``#rrggbb``, 0 black to 1 white (weights of ITU-R BT.601).

    Example:
        >>> round(lightness("#ff0000"), 3)
        0.299
    """
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _own(default: str, opacity: float = 1.0) -> str:
    """Expression: the feature's own colour, else the kind's, with an opacity."""
    color = f"coalesce(nullif(\"color\", ''), {quoted(default)})"
    return color if opacity >= 1 else f"set_color_part({color}, 'alpha', {round(opacity * 255)})"


def _new_symbol(kind: str, name: str) -> ET.Element:
    return ET.Element("symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")


def _layer(cls: str, values: Mapping[str, Any], level: int = 0, dynamic: Mapping[str, str] | None = None) -> ET.Element:
    element = ET.Element("layer", {"class": cls, "pass": str(level), "enabled": "1", "locked": "0"})
    element.append(options(values))
    if dynamic:
        element.append(data_defined(dynamic))
    return element


def _symbol_layers(rule: _Rule) -> Iterator[ET.Element]:
    if rule.kind.geometry == "line":
        yield from _line_layers(rule)
    elif rule.kind.geometry == "polygon":
        yield from _polygon_layers(rule)
    else:
        yield from _marker_layers(rule)


def _stroke(
    color: str,
    width: float,
    dash: Sequence[float] = (),
    *,
    opacity: float = 1.0,
    level: int = 0,
    dynamic: Mapping[str, str] | None = None,
) -> ET.Element:
    """Write a SimpleLine symbol layer; ``width`` and ``dash`` in pixels."""
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
    return _layer("SimpleLine", values, level, dynamic)


def _line_layers(rule: _Rule) -> Iterator[ET.Element]:
    """Casing, bed, line, overlay: the passes of the web map, each a symbol level."""
    symbol, dash = rule.kind.symbol, dash_px(rule.kind, rule.status)
    broken = bool(rule.status and rule.status.dash)
    if symbol.casing and symbol.casing_width:
        opacity = symbol.casing_opacity * (0.8 if broken else 1.0)
        yield _stroke(symbol.casing, symbol.casing_width, opacity=opacity)
        paper = rule.kind.label.halo
        if dash and paper and lightness(symbol.casing) < _LIGHT:
            # Between the dashes of a line not yet built shows paper, not its dark casing.
            yield _stroke(paper, symbol.width, level=1)
    own = {"outlineColor": _own(symbol.stroke)}
    yield _stroke(symbol.stroke, symbol.width, () if symbol.overlay else dash, level=2, dynamic=own)
    if symbol.overlay:
        yield _stroke(symbol.overlay, symbol.overlay_width, dash if broken else symbol.overlay_dash, level=3)


def _polygon_layers(rule: _Rule) -> Iterator[ET.Element]:
    symbol = rule.kind.symbol
    if symbol.casing and symbol.casing_width:
        yield _stroke(symbol.casing, symbol.casing_width, opacity=symbol.casing_opacity)
    if symbol.fill and symbol.fill_opacity > 0:
        values = {"color": rgba(symbol.fill, symbol.fill_opacity), "style": "solid", "outline_style": "no"}
        yield _layer("SimpleFill", values, dynamic={"fillColor": _own(symbol.fill, symbol.fill_opacity)})
    pattern = symbol.pattern or ("hatch" if rule.assumed else "")
    ink = symbol.pattern_color or symbol.stroke or symbol.fill
    if pattern in ("hatch", "cross"):
        for angle in (45,) if pattern == "hatch" else (45, 135):
            yield _hatch(ink, angle)
    elif pattern == "dots":
        yield _dots(ink)
    if symbol.stroke and symbol.width:
        # The outline of a polygon with a colour of its own is that colour mixed with 42 % black.
        outline = f"if(coalesce(\"color\", '') = '', {quoted(symbol.stroke)}, darker(\"color\", {_DARKER}))"
        own = {"outlineColor": outline if symbol.fill else _own(symbol.stroke)}
        yield _stroke(symbol.stroke, symbol.width, symbol.dash, dynamic=own)


def _hatch(color: str, angle: int) -> ET.Element:
    gap = number(_HATCH_GAP_PX * MM_PER_PX)
    layer = _layer("LinePatternFill", {"angle": str(angle), "distance": gap, "distance_unit": "MM"})
    line = _new_symbol("line", "@0@0")
    line.append(_stroke(color, _HATCH_PX, opacity=_HATCH_OPACITY))
    layer.append(line)
    return layer


def _dots(color: str) -> ET.Element:
    gap = number(_DOTS_GAP_PX * MM_PER_PX)
    values = {"distance_x": gap, "distance_x_unit": "MM", "distance_y": gap, "distance_y_unit": "MM"}
    half = number(_DOTS_GAP_PX * MM_PER_PX / 2)
    layer = _layer("PointPatternFill", {**values, "displacement_x": half, "displacement_x_unit": "MM"})
    dot = _new_symbol("marker", "@0@0")
    dot.append(_layer("SimpleMarker", _marker_values("circle", 2.2, rgba(color), "no", 0, color)))
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


def _marker_layers(rule: _Rule) -> Iterator[ET.Element]:
    """One marker; hollow when the thing is not built yet."""
    kind, symbol = rule.kind, rule.kind.symbol
    paper = kind.label.halo or symbol.stroke or symbol.fill
    full = _own(symbol.fill, symbol.fill_opacity)
    ink = _own(symbol.stroke if symbol.fill == paper else symbol.fill)
    dynamic = {"fillColor": full}
    fill, stroke, width = rgba(symbol.fill, symbol.fill_opacity), symbol.stroke, symbol.width
    if rule.status and rule.status.dash:
        fill, stroke, width = rgba(paper), symbol.stroke if symbol.fill == paper else symbol.fill, _HOLLOW_PX
        dynamic = {"fillColor": quoted(paper), "outlineColor": ink}
    style = "solid" if stroke and width else "no"
    yield _layer("SimpleMarker", _marker_values(symbol.shape, symbol.size, fill, style, width, stroke), dynamic=dynamic)
