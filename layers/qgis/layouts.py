"""Print layouts: sheets of A3 and A4, and atlases with a page for each zone and township."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from layers import words
from layers.model.plan import TOWNSHIP, ZONE
from layers.qgis.layer import layer_id, source_of, stable_id
from layers.qgis.lines import broken
from layers.qgis.source import Source, has_shapes, word
from layers.style.qml_labels import FAMILIES
from layers.style.qml_xml import number

Box = tuple[float, float, float, float]
"""Left, top, width, height in millimetres."""

SIZES: Mapping[str, tuple[float, float]] = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
"""Width and height of a sheet lying on its long side, millimetres."""
DPI = 300
_EDGE = 10.0
_COLUMN = {"A3": 82.0, "A4": 62.0}
_POINTS = {"A3": (20.0, 9.0, 6.2), "A4": (15.0, 7.0, 4.6)}
"""Letters of title, legend and notes, points."""
_POINT_MM = 25.4 / 72
_NOTES_HIGH = {"A3": 0.95, "A4": 1.1}
"""Height of the notes beside a lying map, of their width."""
_KINDS = {"page": 65638, "map": 65639, "picture": 65640, "label": 65641, "legend": 65642, "scalebar": 65646}
_NOTES = ("attribution", "licence", "sources", "disclaimer", "accuracy", "coordinates", "edition")
_AROUND = 0.15
"""Share of a zone's or township's size that its page shows around it."""
# An arrow to the north: ours, in the file, since paths to QGIS' own pictures differ between machines.
_ARROW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 56">'
    '<path d="M20 16L33 54L20 45Z"/><path d="M20 16L7 54L20 45Z" fill="none" stroke="black" stroke-width="1.6"/>'
    '<path d="M14.5 13V1L25.500 13V1" fill="none" stroke="black" stroke-width="2.4"/></svg>'
)


@dataclass(frozen=True)
class Sheet:
    """One layout.

    Attributes:
        name: What it is called.
        size: ``A3`` or ``A4``.
        upright: Whether it stands on its short side.
        atlas: The layer with a feature for each page, or None.
    """

    name: str
    size: str
    upright: bool = False
    atlas: Mapping[str, Any] | None = None

    @property
    def paper(self) -> tuple[float, float]:
        """Width and height, millimetres."""
        width, height = SIZES[self.size]
        return (height, width) if self.upright else (width, height)


def sheets(source: Source) -> list[Sheet]:
    """The layouts of a plan."""
    lang = source.lang
    ways = {False: word("landscape", lang), True: word("portrait", lang)}
    found = [
        Sheet(word("sheet", lang, size=size, way=ways[upright]), size, upright)
        for size in SIZES
        for upright in (False, True)
    ]
    for level in (ZONE, TOWNSHIP):
        for layer in source.layers:
            if layer.get("kinds") == [level] and has_shapes(source.frames[layer["id"]]):
                name = word("atlas", lang, size="A4", layer=words.name(layer, lang))
                found.append(Sheet(name, "A4", atlas=layer))
    return found


def layouts(source: Source, title: str, extent: Box) -> ET.Element:
    """Write the layouts.

    Args:
        source: What the project is written from.
        title: Of the plan.
        extent: West, south, east, north of what a sheet shows, in the canvas' system.
    """
    root = ET.Element("Layouts")
    for sheet in sheets(source):
        root.append(_layout(source, sheet, title, extent))
    return root


# ---- machinery


def _layout(source: Source, sheet: Sheet, title: str, extent: Box) -> ET.Element:
    root = ET.Element("Layout", name=sheet.name, units="mm", printResolution=str(DPI), worldFileMap="")
    ET.SubElement(root, "Snapper", snapToGuides="1", snapToItems="1", snapToGrid="0", tolerance="5")
    width, height = sheet.paper
    pages = ET.SubElement(root, "PageCollection")
    pages.append(_plain_symbol("fill", "SimpleFill", {"color": "255,255,255,255", "outline_style": "no"}))
    pages.append(_item(sheet, "page", (0, 0, width, height), 0))
    ET.SubElement(pages, "GuideCollection", visible="1")
    places = _places(sheet)
    root.append(_legend(source, sheet, places["legend"]))
    root.extend(_texts(source, sheet, title, places))
    root.append(_scale_bar(sheet, places["scalebar"]))
    root.append(_north(sheet, places["north"]))
    root.append(_map(source, sheet, places["map"], extent))
    if sheet.atlas is not None:
        root.append(_atlas(source, sheet.atlas))
    return root


def _places(sheet: Sheet) -> dict[str, Box]:
    """Where things stand: title, map, and beside it, or below it on a standing sheet, legend and notes."""
    width, height = sheet.paper
    title_pt, _legend_pt, _note_pt = _POINTS[sheet.size]
    top = _EDGE + title_pt * 0.9
    if not sheet.upright:
        column = _COLUMN[sheet.size]
        left = width - _EDGE - column
        bottom = height - _EDGE
        notes = column * _NOTES_HIGH[sheet.size]
        return {
            "title": (_EDGE, _EDGE, width - 2 * _EDGE, title_pt * 0.7),
            "map": (_EDGE, top, left - _EDGE - 4, bottom - top),
            "north": (left - 18, top + 3, 12, 17),
            "legend": (left, top, column, bottom - notes - 3 - top),
            "scale": (left - 8 - column * 0.8, bottom - 19, column * 0.8, 6),
            "scalebar": (left - 8 - column * 0.8, bottom - 13, column * 0.8, 10),
            "notes": (left, bottom - notes, column, notes),
            "page": (_EDGE, height - _EDGE + 1, width - 2 * _EDGE, 5),
        }
    below = height * 0.29
    bottom = height - _EDGE
    middle = _EDGE + (width - 2 * _EDGE) * 0.6
    right = width - _EDGE - middle
    return {
        "title": (_EDGE, _EDGE, width - 2 * _EDGE, title_pt * 0.7),
        "map": (_EDGE, top, width - 2 * _EDGE, bottom - below - 4 - top),
        "legend": (_EDGE, bottom - below, middle - _EDGE - 4, below),
        "north": (width - _EDGE - 12, bottom - below, 12, 17),
        "scale": (middle, bottom - below, right - 14, 5),
        "scalebar": (middle, bottom - below + 5, right - 14, 12),
        "notes": (middle, bottom - below + 18, right, below - 18),
        "page": (_EDGE, height - _EDGE + 1, width - 2 * _EDGE, 5),
    }


def _item(sheet: Sheet, kind: str, box: Box, level: int, name: str = "", **attributes: str) -> ET.Element:
    """Write what all items have."""
    left, top, width, height = map(number, box)
    key = stable_id(sheet.name, name or kind)
    element = ET.Element(
        "LayoutItem",
        type=str(_KINDS[kind]),
        uuid=key,
        templateUuid=key,
        id=name or kind,
        position=f"{left},{top},mm",
        positionOnPage=f"{left},{top},mm",
        size=f"{width},{height},mm",
        zValue=str(level),
        visibility="1",
        frame="true" if kind == "map" else "false",
        background="true" if kind == "page" else "false",
        outlineWidthM="0.2,mm",
        referencePoint="0",
        opacity="1",
        blendMode="0",
        itemRotation="0",
        excludeFromExports="0",
        positionLock="false",
        groupUuid="",
        frameJoinStyle="miter",
    )
    for key, value in attributes.items():
        element.set(key, value)
    ET.SubElement(element, "FrameColor", red="90", green="90", blue="90", alpha="255")
    ET.SubElement(element, "BackgroundColor", red="255", green="255", blue="255", alpha="255")
    if kind == "page":
        element.append(_plain_symbol("fill", "SimpleFill", {"color": "255,255,255,255", "outline_style": "no"}))
    return element


def _plain_symbol(kind: str, cls: str, values: Mapping[str, str]) -> ET.Element:
    symbol = ET.Element("symbol", type=kind, name="", alpha="1", clip_to_extent="1", force_rhr="0")
    layer = ET.SubElement(symbol, "layer", {"class": cls, "pass": "0", "enabled": "1", "locked": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
    return symbol


def _map_id(sheet: Sheet) -> str:
    return stable_id(sheet.name, "map")


def _map(source: Source, sheet: Sheet, box: Box, extent: Box) -> ET.Element:
    """The map: what is on in the project; on the pages of an atlas fitted to each unit."""
    element = _item(
        sheet, "map", box, 1, drawCanvasItems="true", followPreset="false", followPresetName="",
        keepLayerSet="false", mapRotation="0", mapFlags="0", labelMargin="0,mm", background="true",
    )  # fmt: skip
    colour = element.find("BackgroundColor")
    if colour is not None:
        for part, value in zip(("red", "green", "blue"), source.beyond, strict=True):
            colour.set(part, str(value))
    west, south, east, north = _fitted(extent, box[2] / box[3])
    ET.SubElement(element, "Extent", xmin=f"{west:.1f}", ymin=f"{south:.1f}", xmax=f"{east:.1f}", ymax=f"{north:.1f}")
    ET.SubElement(element, "LayerSet")
    atlas = "0" if sheet.atlas is None else "1"
    ET.SubElement(element, "AtlasMap", atlasDriven=atlas, margin=number(_AROUND), scalingMode="2")
    return element


def _fitted(extent: Box, ratio: float) -> Box:
    """An extent made wider or higher, so that it has the shape of its frame (width to height).

    Example:
        >>> _fitted((0, 0, 10, 10), 2)
        (-5.0, 0.0, 15.0, 10.0)
    """
    west, south, east, north = extent
    across, up = max(east - west, (north - south) * ratio), max(north - south, (east - west) / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - across / 2, y - up / 2, x + across / 2, y + up / 2


def _texts(source: Source, sheet: Sheet, title: str, places: Mapping[str, Box]) -> Iterator[ET.Element]:
    big, middle, small = _POINTS[sheet.size]
    lang = source.lang
    heading = _literal(title)
    if sheet.atlas is not None:
        heading += "　[% @atlas_pagename %]"
    yield _label(sheet, "title", places["title"], heading, big, bold=True)
    shown = "[% format_number(map_get(item_variables('map'), 'map_scale'), 0) %]"
    yield _label(sheet, "scale", places["scale"], word("scale", lang, scale=shown), middle)
    lines = [f"{label}: {text}" if lang == "en" else f"{label}：{text}" for label, text in _noted(source)]
    notes = broken("\n".join(lines), places["notes"][2] / (small * _POINT_MM) - 0.5)
    yield _label(sheet, "notes", places["notes"], _literal(notes), small, low=True)
    if sheet.atlas is not None:
        page = word("page", lang, page="[% @atlas_featurenumber %]", pages="[% @atlas_totalfeatures %]")
        yield _label(sheet, "page", places["page"], page, small)


def _noted(source: Source) -> list[tuple[str, str]]:
    return [source.said[name] for name in _NOTES if name in source.said]


def _literal(text: str) -> str:
    r"""A text of a plan in a label: nothing in it is an expression.

    Example:
        >>> _literal("a [% 1 %]")
        'a [\u200b% 1 %]'
    """
    return text.replace("[%", "[\u200b%")


def _label(
    sheet: Sheet, name: str, box: Box, text: str, points: float, *, bold: bool = False, low: bool = False
) -> ET.Element:
    element = _item(
        sheet, "label", box, 3, name, labelText=text, htmlState="0", halign="1", valign="64" if low else "32",
        marginX="0", marginY="0",
    )  # fmt: skip
    ET.SubElement(element, "LabelFont", description=_font(points, bold), style="")
    ET.SubElement(element, "FontColor", red="40", green="40", blue="40", alpha="255")
    return element


def _font(points: float, bold: bool = False) -> str:
    """A font as Qt writes it."""
    return f"{FAMILIES[0]},{number(points)},-1,5,{75 if bold else 50},0,0,0,0,0"


def _legend(source: Source, sheet: Sheet, box: Box) -> ET.Element:
    """The legend, of what the map shows."""
    _big, middle, small = _POINTS[sheet.size]
    columns = 2 if not sheet.upright and sheet.size == "A4" else 1
    element = _item(
        sheet, "legend", box, 2, title=word("legend", source.lang), legendFilterByMap="1", legendFilterByAtlas="0",
        map_uuid=_map_id(sheet), resizeToContents="1", columnCount=str(3 if sheet.upright else columns),
        splitLayer="0", equalColumnWidth="0", boxSpace="0", columnSpace="3", symbolWidth="6", symbolHeight="3.2",
        lineSpacing="0.6", wrapChar="", titleAlignment="1", symbolAlignment="1", fontColor="black",
    )  # fmt: skip
    styles = ET.SubElement(element, "styles")
    for name, points, bold, above in (
        ("title", middle + 2, True, 0.0),
        ("group", middle, True, 1.8),
        ("subgroup", small + 1, False, 1.2),
        ("symbol", small + 1, False, 0.8),
        ("symbolLabel", small + 1, False, 0.8),
    ):
        style = ET.SubElement(styles, "style", name=name, indent="0", alignment="1")
        side = "marginBottom" if name == "title" else "marginTop"
        style.set(side, number(above or 1.5))
        if name == "symbolLabel":
            style.set("marginLeft", "1.5")
        ET.SubElement(style, "styleFont", description=_font(points, bold), style="")
    return element


def _scale_bar(sheet: Sheet, box: Box) -> ET.Element:
    """A bar of kilometres, as long as there is room for."""
    _big, middle, _small = _POINTS[sheet.size]
    element = _item(
        sheet, "scalebar", box, 4, mapUuid=_map_id(sheet), style="Single Box", unitType="km", unitLabel="km",
        numSegments="2", numSegmentsLeft="0", numUnitsPerSegment="5", numMapUnitsPerScaleBarUnit="1",
        segmentSizeMode="1", minBarWidth=number(box[2] * 0.25), maxBarWidth=number(box[2] * 0.5), height="1.6",
        labelBarSpace="1", boxContentSpace="0", outlineWidth="0.2", alignment="0", labelVerticalPlacement="0",
        labelHorizontalPlacement="0", lineJoinStyle="miter", lineCapStyle="square",
    )  # fmt: skip
    ET.SubElement(
        element, "text-style", fontFamily=FAMILIES[0], fontSize=number(middle), fontSizeUnit="Point", fontWeight="50",
        textColor="40,40,40,255", textOpacity="1", namedStyle="", multilineHeight="1",
    )  # fmt: skip
    for tag, kind, cls, values in _BAR:
        ET.SubElement(element, tag).append(_plain_symbol(kind, cls, values))
    return element


_INK = {"line_color": "40,40,40,255", "line_width": "0.2", "line_width_unit": "MM", "capstyle": "square"}
_BAR: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("lineSymbol", "line", "SimpleLine", _INK),
    ("divisionLineSymbol", "line", "SimpleLine", _INK),
    ("subdivisionLineSymbol", "line", "SimpleLine", _INK),
    ("fillSymbol1", "fill", "SimpleFill", {"color": "40,40,40,255", "outline_style": "no"}),
    ("fillSymbol2", "fill", "SimpleFill", {"color": "255,255,255,255", "outline_style": "no"}),
)


def _north(sheet: Sheet, box: Box) -> ET.Element:
    """An arrow to the north of the map's grid."""
    picture = base64.b64encode(_ARROW.encode()).decode()
    return _item(
        sheet, "picture", box, 5, "north", file=f"base64:{picture}", mode="0", resizeMode="0", anchorPoint="4",
        mapUuid=_map_id(sheet), northMode="0", northOffset="0", pictureRotation="0", svgFillColor="40,40,40,255",
        svgBorderColor="40,40,40,255", svgBorderWidth="0.2",
    )  # fmt: skip


def _atlas(source: Source, layer: Mapping[str, Any]) -> ET.Element:
    return ET.Element(
        "Atlas",
        enabled="1",
        coverageLayer=layer_id(layer),
        coverageLayerName=source.title(layer),
        coverageLayerProvider="ogr",
        coverageLayerSource=source_of(source, layer),
        hideCoverage="0",
        filterFeatures="0",
        sortFeatures="0",
        pageNameExpression='"name"',
        filenamePattern="@layout_name || ' ' || @atlas_pagename",
    )
