"""Notes drawn on the map, as layers beside the plan's: how they look, and a group of their own on top of a project."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyproj import CRS

from layers.qgis.layer import VERSION, add_text, layer_id, reference_system
from layers.qgis.source import word
from layers.style.qml_labels import FAMILIES
from layers.style.qml_xml import MM_PER_PX, PT_PER_PX, QGIS_DOCTYPE, data_defined, document, number, options, rgba

TABLES: Mapping[str, str] = {"notes_points": "Point", "notes_lines": "LineString", "notes_areas": "Polygon"}
"""The tables of notes, the uppermost on the map first, and the geometry of each."""
GEOM = "geom"

_QGIS: Mapping[str, tuple[str, str, str]] = {
    "Point": ("Point", "marker", "0"), "LineString": ("Line", "line", "1"), "Polygon": ("Polygon", "fill", "2"),
}  # fmt: skip
"""QGIS' word for a geometry, for its symbols, and its number."""
_PAPER = "#ffffff"
_LINE_PX, _CASING_PX, _CASING, _FILL = 2.6, 5.4, 0.85, 0.14
_PIN_PX, _DISC_PX, _DIGITS_PX, _HEAD_PX, _RIM_PX = 14, 22, 12.5, 26, 1.8
_TEXT_PX, _HALO_PX = 13, 1.7
_IS = "\"shape\" = '{}'"
_OVER_POINT, _AROUND_POINT, _ABOVE_LINE, _HORIZONTAL = "1", "6", "2", "4"


def title(table: str, lang: str) -> str:
    """What a table of notes is called.

    Example:
        >>> title("notes_lines", "en")
        'Notes: lines and arrows'
    """
    return word(table, lang)


def style(table: str, colors: Mapping[str, str], lang: str) -> str:
    """Write the style of a table of notes: a category for each colour, words as labels.

    Args:
        table: One of `TABLES`.
        colors: ``#rrggbb`` by the name that stands in the column ``color``.
        lang: Of the legend.

    Returns:
        A QML document (text, UTF-8) for QGIS 3.22 and later.
    """
    root = ET.Element(
        "qgis", version=VERSION, styleCategories="LayerConfiguration|Symbology|Labeling", labelsEnabled="1",
        hasScaleBasedVisibilityFlag="0", minScale="100000000", maxScale="0",
    )  # fmt: skip
    root.extend(_look(table, colors, lang))
    add_text(root, "layerGeometryType", _QGIS[TABLES[table]][2])
    return document(root, QGIS_DOCTYPE)


def with_notes(
    project: str, tables: Sequence[str], crs: CRS, colors: Mapping[str, str], file: str, lang: str = "zh"
) -> str:
    """Add tables of notes to a project: a group on top, which is on, and on in every view.

    Args:
        project: As `layers.qgis.project.project` gives it.
        tables: Which of `TABLES` there are.
        crs: Of their coordinates.
        colors: As in `style`.
        file: Name of the file that they are in.
        lang: Of the project; inside a file it is in Chinese.

    Returns:
        The project.
    """
    root = ET.fromstring(project)  # noqa: S314 - a text that this package has written
    there = [one for one in TABLES if one in tables]
    named = word("notes", lang)
    group = ET.Element("layer-tree-group", name=named, checked="Qt::Checked", expanded="1")
    for table in there:
        ET.SubElement(
            group, "layer-tree-layer", id=_id(table), name=title(table, lang), source=_place(file, table),
            providerKey="ogr", checked="Qt::Checked", expanded="0", legend_exp="", legend_split_behavior="0",
            patch_size="-1,-1",
        )  # fmt: skip
    _part(root, "layer-tree-group").insert(0, group)
    custom, order = _part(root, "layer-tree-group/custom-order"), _part(root, "layerorder")
    for place, table in enumerate(there):
        item = ET.Element("item")
        item.text = _id(table)
        custom.insert(place, item)
        order.insert(place, ET.Element("layer", id=_id(table)))
    _part(root, "projectlayers").extend(_map_layer(table, crs, colors, file, lang) for table in there)
    for theme in root.iterfind("visibility-presets/visibility-preset"):
        for table in there:
            theme.insert(0, ET.Element("layer", id=_id(table), visible="1", expanded="0", style="default"))
        ET.SubElement(_part(theme, "checked-group-nodes"), "checked-group-node", id=named)
    return document(root, QGIS_DOCTYPE)


# ---- machinery


def _part(root: ET.Element, path: str) -> ET.Element:
    found = root.find(path)
    if found is None:  # not in what `project` writes
        raise LookupError(path)
    return found


def _id(table: str) -> str:
    return layer_id({"id": table})


def _place(file: str, table: str) -> str:
    return f"./{file}|layername={table}"


def _map_layer(table: str, crs: CRS, colors: Mapping[str, str], file: str, lang: str) -> ET.Element:
    geometry = TABLES[table]
    root = ET.Element(
        "maplayer", type="vector", geometry=_QGIS[geometry][0], wkbType=geometry, styleCategories="AllStyleCategories",
        hasScaleBasedVisibilityFlag="0", minScale="100000000", maxScale="0", readOnly="0", labelsEnabled="1",
        autoRefreshEnabled="0", autoRefreshTime="0", refreshOnNotifyEnabled="0", refreshOnNotifyMessage="",
    )  # fmt: skip
    add_text(root, "id", _id(table))
    add_text(root, "datasource", _place(file, table))
    add_text(root, "layername", title(table, lang))
    ET.SubElement(root, "srs").append(reference_system(crs))
    add_text(root, "provider", "ogr", encoding="UTF-8")
    flags = ET.SubElement(root, "flags")
    for name, value in (("Identifiable", "1"), ("Removable", "1"), ("Searchable", "1"), ("Private", "0")):
        add_text(flags, name, value)
    root.extend(_look(table, colors, lang))
    return root


def _look(table: str, colors: Mapping[str, str], lang: str) -> Iterator[ET.Element]:
    """What a style and a project have in common."""
    geometry = TABLES[table]
    # Levels draw all casings before all lines.
    renderer = ET.Element(
        "renderer-v2", type="categorizedSymbol", attr="color", forceraster="0", enableorderby="0",
        referencescale="-1", symbollevels="0" if geometry == "Point" else "1",
    )  # fmt: skip
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for place, (name, color) in enumerate(colors.items()):
        ET.SubElement(
            categories, "category", type="string", value=name, label=word(f"note_{name}", lang), symbol=str(place),
            render="true",
        )  # fmt: skip
        symbol = ET.SubElement(
            symbols, "symbol", type=_QGIS[geometry][1], name=str(place), alpha="1", clip_to_extent="1", force_rhr="0"
        )
        symbol.extend(_symbol_layers(geometry, color))
    yield renderer
    yield _labeling(geometry, colors)
    for tag, value in (("blendMode", "0"), ("featureBlendMode", "0"), ("layerOpacity", "1")):
        element = ET.Element(tag)
        element.text = value
        yield element
    preview = ET.Element("previewExpression")
    preview.text = '"text"'
    yield preview


def _symbol_layers(geometry: str, color: str) -> Iterator[ET.Element]:
    if geometry == "Point":
        yield _marker("circle", color, _PIN_PX, _IS.format("point"))
        yield _marker("circle", color, _DISC_PX, _IS.format("number"))
        digits = {
            "font": FAMILIES[0], "chr": "", "color": rgba(_PAPER), "size": number(_DIGITS_PX * MM_PER_PX),
            "size_unit": "MM", "outline_width": "0",
        }  # fmt: skip
        told = {"char": 'to_string("number")', "enabled": _IS.format("number")}
        yield _layer("FontMarker", digits, dynamic=told)
        return
    if geometry == "Polygon":
        yield _layer("SimpleFill", {"color": rgba(color, _FILL), "style": "solid", "outline_style": "no"})
    yield _stroke(_PAPER, _CASING_PX, _CASING, 0)
    yield _stroke(color, _LINE_PX, 1.0, 1)
    if geometry == "LineString":
        head = _layer(
            "MarkerLine", {"placement": "lastvertex", "placements": "LastVertex", "rotate": "1"}, 1,
            {"enabled": _IS.format("arrow")},
        )  # fmt: skip
        symbol = ET.SubElement(head, "symbol", type="marker", name="@head", alpha="1", clip_to_extent="1")
        symbol.append(_marker("filled_arrowhead", color, _HEAD_PX))
        yield head


def _marker(shape: str, color: str, size: float, enabled: str = "") -> ET.Element:
    values = {
        "name": shape, "color": rgba(color), "outline_color": rgba(_PAPER), "outline_style": "solid",
        "outline_width": number(_RIM_PX * MM_PER_PX), "outline_width_unit": "MM", "size": number(size * MM_PER_PX),
        "size_unit": "MM", "angle": "0",
    }  # fmt: skip
    return _layer("SimpleMarker", values, dynamic={"enabled": enabled} if enabled else None)


def _stroke(color: str, width: float, opacity: float, level: int) -> ET.Element:
    values = {
        "line_color": rgba(color, opacity), "line_style": "solid", "line_width": number(width * MM_PER_PX),
        "line_width_unit": "MM", "capstyle": "round", "joinstyle": "round",
    }  # fmt: skip
    return _layer("SimpleLine", values, level)


def _layer(cls: str, values: Mapping[str, Any], level: int = 0, dynamic: Mapping[str, str] | None = None) -> ET.Element:
    element = ET.Element("layer", {"class": cls, "pass": str(level), "enabled": "1", "locked": "0"})
    element.append(options(values))
    if dynamic:
        element.append(data_defined(dynamic))
    return element


def _labeling(geometry: str, colors: Mapping[str, str]) -> ET.Element:
    """Words: of a text on its place, of other points beside them, of lines above them, of areas in their middle."""
    root = ET.Element("labeling", type="rule-based")
    tree = ET.SubElement(root, "rules", key="{notes}")
    rules = (
        [("text", _IS.format("text"), _OVER_POINT), ("point", "ELSE", _AROUND_POINT)]
        if geometry == "Point"
        else [("shape", "", _ABOVE_LINE if geometry == "LineString" else _HORIZONTAL)]
    )
    for key, condition, placement in rules:
        rule = ET.SubElement(tree, "rule", key=f"{{notes-{key}}}", filter=condition)
        rule.append(_settings(placement, colors))
    return root


def _settings(placement: str, colors: Mapping[str, str]) -> ET.Element:
    settings = ET.Element("settings", calloutType="simple")
    text = ET.SubElement(
        settings, "text-style", fieldName="text", isExpression="0", fontFamily=FAMILIES[0], namedStyle="",
        fontSize=number(_TEXT_PX * PT_PER_PX), fontSizeUnit="Point", fontWeight="63", textOpacity="1",
        textColor=rgba(next(iter(colors.values()))), allowHtml="0", blendMode="0", multilineHeight="1",
    )  # fmt: skip
    families = ET.SubElement(text, "families")
    for family in FAMILIES[1:]:
        ET.SubElement(families, "family", name=family)
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize=number(_HALO_PX * MM_PER_PX), bufferSizeUnits="MM",
        bufferColor=rgba(_PAPER), bufferOpacity="1", bufferNoFill="1", bufferJoinStyle="128", bufferBlendMode="0",
    )  # fmt: skip
    ET.SubElement(settings, "text-format", wrapChar="", autoWrapLength="0", multilineAlign="1", formatNumbers="0")
    ET.SubElement(
        settings, "placement", placement=placement, placementFlags="10", predefinedPositionOrder="R,TR,BR,L,TL,BL,T,B",
        offsetType="1", dist=number(2 * MM_PER_PX), distUnits="MM", quadOffset="4", xOffset="0", yOffset="0",
        centroidInside="1", centroidWhole="1", priority="10", polygonPlacementFlags="2",
    )  # fmt: skip
    # What somebody wrote is not left out for want of room.
    ET.SubElement(
        settings, "rendering", drawLabels="1", scaleVisibility="0", obstacle="0", displayAll="1", zIndex="100",
        upsidedownLabels="0", fontMinPixelSize="3", fontMaxPixelSize="10000", fontLimitPixelSize="0",
    )  # fmt: skip
    pairs = ", ".join(f"'{name}', '{color}'" for name, color in colors.items())
    settings.append(data_defined({"Color": f'map_get(map({pairs}), "color")'}, "dd_properties"))
    return settings
