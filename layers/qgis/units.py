"""What is only known to lie in a township, zone or other area, as on the page: one mark an area, with their number.

The marks are a layer that QGIS works out by itself (a virtual layer): it counts the rows of the layers in the project,
edits included, and a mark says how many of them are on in the map that is drawn.
"""

from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from geo.crs import CGCS2000
from layers.qgis.fields import cell
from layers.qgis.layer import add_text, layer_id, reference_system, stable_id
from layers.qgis.source import Source, word
from layers.style.qml_labels import FAMILIES
from layers.style.qml_symbols import new_symbol
from layers.style.qml_xml import MM_PER_PX, data_defined, number, options, rgba

UNITS: Mapping[str, Any] = {"id": "unit_marks"}
"""What stands for a layer's record: it is no layer of the plan."""
PROVIDER = "virtual"

COUNT = (
    "array_sum(array_foreach(string_to_array(\"held\", ';'),"
    " if(@map_layer_ids IS NULL OR array_contains(@map_layer_ids, regexp_substr(@element, '^(.*)=')),"
    " to_int(regexp_substr(@element, '=([0-9]+)$')), 0)))"
)
"""Expression: how many of what lies in a unit are on."""
_HIGH_PX, _DIGITS_PX, _RIM_PX, _OPACITY, _APART_PX = 18.0, 10.5, 1.2, 0.94, 20.0
"""As the page's ``map/unit-model.js`` and ``map/units.js``; marks nearer than the last stand side by side."""
_WIDE_PX, _DIGIT_PX, _EDGE_PX = 15.0, 6.5, 2.0
_IN_LEGEND = "3"


def held(source: Source) -> list[Mapping[str, Any]]:
    """The layers with rows that are only known to lie in a unit whose place is known."""
    return [
        one
        for one in source.layers
        if one.get("geometry") != "none" and set(source.frames[one["id"]]["unit"]) & set(source.places)
    ]


def name(source: Source) -> str:
    """What the layer of marks is called."""
    return word("unit_marks", source.lang)


def query(source: Source) -> str:
    """Where the marks come from, as QGIS writes the address of a virtual layer.

    Rows: ``id`` and ``name`` of the unit, ``held`` as ``<layer>=<number>;…``, ``names`` of what lies there, and the
    place where the page has the unit's name.
    """
    layers = held(source)
    used = sorted({str(unit) for one in layers for unit in source.frames[one["id"]]["unit"]} & set(source.places))
    names = source.names.get("unit", {})
    heads = ("AS id", "AS name", "AS lon", "AS lat")
    places = []
    for unit in used:
        cells = (_literal(unit), _literal(names.get(unit, unit)), *map(_degrees, source.places[unit]))
        places.append("SELECT " + ", ".join(f"{cell} {head}" for cell, head in zip(cells, heads, strict=True)))
    shown = 'coalesce(nullif("name_en", \'\'), "name")' if source.lang == "en" else '"name"'
    joint = _literal(word("list", source.lang))
    # Ids of layers are words, texts are quoted.
    counts = [
        f"SELECT \"unit\" AS unit, {_literal(layer_id(one))} || '=' || count(*) AS held,"  # noqa: S608
        f" group_concat({shown}, {joint}) AS names"
        f' FROM "{layer_id(one)}" WHERE coalesce("unit", \'\') <> \'\' GROUP BY "unit"'
        for one in layers
    ]
    found = (
        f"SELECT u.id AS id, u.name AS name, group_concat(c.held, ';') AS held,"  # noqa: S608
        f" group_concat(c.names, {joint}) AS names,"
        f" MakePoint(u.lon, u.lat, {_code()}) AS geometry"
        f" FROM ({' UNION ALL '.join(places)}) u JOIN ({' UNION ALL '.join(counts)}) c ON c.unit = u.id GROUP BY u.id"
    )
    return f"?query={quote(found, safe='')}&uid=id&geometry=geometry:1:{_code()}"


def unit_layer(source: Source) -> ET.Element:
    """Write the layer of marks."""
    root = ET.Element(
        "maplayer", type="vector", geometry="Point", wkbType="Point", styleCategories="AllStyleCategories",
        hasScaleBasedVisibilityFlag="0", minScale="100000000", maxScale="0", readOnly="1", labelsEnabled="1",
        autoRefreshEnabled="0", autoRefreshTime="0", refreshOnNotifyEnabled="0", refreshOnNotifyMessage="",
    )  # fmt: skip
    add_text(root, "id", layer_id(UNITS))
    add_text(root, "datasource", query(source))
    add_text(root, "layername", name(source))
    ET.SubElement(root, "srs").append(reference_system(CGCS2000))
    add_text(root, "provider", PROVIDER, encoding="")
    # Without it QGIS may read it before the layers that it counts.
    needed = ET.SubElement(root, "layerDependencies")
    for one in held(source):
        ET.SubElement(needed, "layer", id=layer_id(one))
    flags = ET.SubElement(root, "flags")
    for flag, value in (("Identifiable", "1"), ("Removable", "1"), ("Searchable", "0"), ("Private", "0")):
        add_text(flags, flag, value)
    root.append(_renderer(source))
    root.append(_in_the_way())
    aliases = ET.SubElement(root, "aliases")
    for index, (column, key) in enumerate(_COLUMNS):
        ET.SubElement(aliases, "alias", field=column, index=str(index), name=word(key, source.lang))
    add_text(root, "previewExpression", '"name"')
    tip = word("at_unit", source.lang, name=cell('"name"'), count=cell(COUNT))
    add_text(root, "mapTip", f'<div style="max-width: 24em"><b>{tip}</b><br>{cell(chr(34) + "names" + chr(34))}</div>')
    return root


def leaf(source: Source) -> ET.Element:
    """Its place in the tree of layers: over all others, on."""
    return ET.Element(
        "layer-tree-layer", id=layer_id(UNITS), name=name(source), source=query(source), providerKey=PROVIDER,
        checked="Qt::Checked", expanded="0", legend_exp="", legend_split_behavior="0", patch_size="-1,-1",
    )  # fmt: skip


# ---- machinery

_COLUMNS = (("id", "unit_id"), ("name", "unit_name"), ("held", "unit_held"), ("names", "unit_names"))
_GRID = "2"
"""QGIS' number for marks side by side."""


@cache
def _colors() -> tuple[str, str]:
    """Of lines and digits, and of the mark itself."""
    found = tomllib.loads(Path(__file__).parents[1].joinpath("paper.toml").read_text("utf-8"))["unit"]
    return str(found["ink"]), str(found["paper"])


def _code() -> int:
    return int(CGCS2000.to_epsg() or 0)


def _degrees(value: float) -> str:
    return f"{value:.7f}"


def _literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("\x00", "").replace("'", "''") + "'"


def _renderer(source: Source) -> ET.Element:
    """A lying shape with a broken edge and a number; those that would lie on each other stand side by side."""
    root = ET.Element(
        "renderer-v2", type="pointDisplacement", placement=_GRID, tolerance=number(_APART_PX * MM_PER_PX),
        toleranceUnit="MM", circleWidth="0", circleColor="0,0,0,0", circleRadiusAddition="0", gridLineWidth="0",
        labelDistanceFactor="0", labelAttributeName="", labelColor="0,0,0,0", maxLabelScaleDenominator="0",
        forceraster="0", symbollevels="0", enableorderby="0",
    )  # fmt: skip
    ET.SubElement(root, "labelFontProperties", description=f"{FAMILIES[0]},10,-1,5,50,0,0,0,0,0", style="")
    inner = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0")
    rules = ET.SubElement(inner, "rules", key=stable_id("unit marks"))
    rule = {"key": stable_id("unit mark"), "symbol": "0", "label": name(source), "filter": f"{COUNT} > 0"}
    ET.SubElement(rules, "rule", rule)
    ET.SubElement(inner, "symbols").append(_mark())
    nothing = new_symbol("marker", "centerSymbol")
    plain = {"class": "SimpleMarker", "pass": "0", "enabled": "1", "locked": "0"}
    none = {"name": "circle", "size": "0", "color": "0,0,0,0", "outline_style": "no"}
    ET.SubElement(nothing, "layer", plain).append(options(none))
    root.append(nothing)
    return root


def _mark() -> ET.Element:
    ink, paper = _colors()
    symbol = new_symbol("marker", "0")
    wide = _WIDE_PX + _DIGIT_PX - _EDGE_PX
    plate = {
        "symbol_name": "rectangle", "symbol_width": number(wide * MM_PER_PX), "symbol_width_unit": "MM",
        "symbol_height": number((_HIGH_PX - _EDGE_PX) * MM_PER_PX), "symbol_height_unit": "MM",
        "color": rgba(paper, _OPACITY), "outline_color": rgba(ink), "outline_style": "dash", "joinstyle": "round",
        "outline_width": number(_RIM_PX * MM_PER_PX), "outline_width_unit": "MM", "size": number(wide * MM_PER_PX),
        "size_unit": "MM",
    }  # fmt: skip
    box = ET.SubElement(symbol, "layer", {"class": "EllipseMarker", "pass": "0", "enabled": "1", "locked": "0"})
    box.append(options(plate))
    width = f"{number(MM_PER_PX)} * ({_WIDE_PX - _EDGE_PX:g} + {_DIGIT_PX:g} * length(to_string({COUNT})))"
    box.append(data_defined({"width": width}))
    digits = {
        "chr": _IN_LEGEND, "font": FAMILIES[0], "font_style": "Bold", "color": rgba(ink), "outline_width": "0",
        "size": number(_DIGITS_PX * MM_PER_PX), "size_unit": "MM", "offset": "0,-0.15", "offset_unit": "MM",
    }  # fmt: skip
    text = ET.SubElement(symbol, "layer", {"class": "FontMarker", "pass": "0", "enabled": "1", "locked": "0"})
    text.append(options(digits))
    text.append(data_defined({"char": f"to_string({COUNT})"}))
    return symbol


def _in_the_way() -> ET.Element:
    """No names of its own, and none of others over the marks."""
    root = ET.Element("labeling", type="simple")
    settings = ET.SubElement(root, "settings", calloutType="simple")
    ET.SubElement(settings, "text-style", fieldName="name", isExpression="0", fontSize="1")
    ET.SubElement(settings, "placement", placement="6")
    ET.SubElement(settings, "rendering", drawLabels="0", obstacle="1", obstacleFactor="2", obstacleType="1")
    settings.append(data_defined({"IsObstacle": f"{COUNT} > 0"}, "dd_properties"))
    return root
