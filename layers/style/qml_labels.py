"""Write a kind's label as QGIS label settings."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here

from layers.style.qml_xml import MM_PER_PX, PT_PER_PX, data_defined, number, options, quoted, rgba
from layers.style.symbols import Kind

FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
"""Fonts that hold Chinese, the first one found is taken."""

_SCALE_AT_ZOOM_0 = 559_082_264.028
_HALO_PX = 2.0
_SHIELD_PAD_PX = 3.0
_QT_WEIGHT = {100: 0, 200: 12, 300: 25, 400: 50, 500: 57, 600: 63, 700: 75, 800: 81, 900: 87}
# over point, curved, ordered positions around the point, horizontal
_PLACEMENT = {"area": 1, "line": 3, "point": 6, "shield": 4}


def scale_denominator(zoom: float) -> float:
    """Give the scale at which a web map of this zoom is shown.

    The denominator is 559082264.028 / 2**zoom: the equator on one 256-pixel tile, pixels of 0.28 mm.

    Source:
        OGC 07-057r7, WMTS 1.0.0, annex E.4 (GoogleMapsCompatible).

    Example:
        >>> round(scale_denominator(10))
        545979
    """
    return float(_SCALE_AT_ZOOM_0 / 2.0**zoom)


def label_settings(kind: Kind, *, pinned: bool = True) -> ET.Element:
    """Write the ``<settings>`` of one label rule.

    Args:
        kind: A kind whose label has a size.
        pinned: Put the names of areas where the web map puts them.

    Returns:
        The element: text, halo, background, placement, priority and position.
    """
    label = kind.label
    settings = ET.Element("settings", calloutType="simple")
    settings.append(_text_style(kind))
    ET.SubElement(settings, "text-format", wrapChar="", autoWrapLength="0", multilineAlign="1", formatNumbers="0")
    settings.append(_placement(kind))
    ET.SubElement(
        settings,
        "rendering",
        drawLabels="1",
        scaleVisibility="0",
        obstacle="1" if kind.geometry == "point" else "0",
        obstacleFactor="1",
        obstacleType="1",
        mergeLines="1" if label.placement in ("line", "shield") else "0",
        labelPerPart="0",
        displayAll="0",
        unplacedVisibility="0",
        limitNumLabels="0",
        upsidedownLabels="0",
        fontMaxPixelSize="10000",
        fontMinPixelSize="3",
        fontLimitPixelSize="0",
        zIndex=number(label.priority),
    )
    dynamic = {}
    if label.placement == "area" and pinned:
        # the same spot as in the web map: the edition's columns label_lon, label_lat
        dynamic = {
            "PositionX": '"label_lon"',
            "PositionY": '"label_lat"',
            "Hali": "'Center'",
            "Vali": "'Half'",
        }
    elif label.placement == "shield":
        dynamic = {"ShapeFillColor": f"coalesce(nullif(\"color\", ''), {quoted(kind.symbol.stroke)})"}
    settings.append(data_defined(dynamic, "dd_properties"))
    return settings


def _text_style(kind: Kind) -> ET.Element:
    label = kind.label
    size = label.size * PT_PER_PX
    style = ET.Element(
        "text-style",
        fieldName="name",
        isExpression="0",
        fontFamily=FAMILIES[0],
        namedStyle="",
        fontSize=number(size),
        fontSizeUnit="Point",
        fontWeight=str(_QT_WEIGHT.get(round(label.weight, -2), 50)),
        fontItalic="1" if label.italic else "0",
        fontUnderline="0",
        fontStrikeout="0",
        fontKerning="1",
        fontLetterSpacing=number(label.spacing * size),
        fontWordSpacing="0",
        textColor=rgba(label.color),
        textOpacity="1",
        textOrientation="horizontal",
        multilineHeight="1",
        capitalization="0",
        blendMode="0",
        allowHtml="0",
        useSubstitutions="0",
    )
    families = ET.SubElement(style, "families")
    for family in FAMILIES[1:]:
        ET.SubElement(families, "family", name=family)
    ET.SubElement(
        style,
        "text-buffer",
        bufferDraw="1" if label.halo else "0",
        bufferSize=number(_HALO_PX * MM_PER_PX),
        bufferSizeUnits="MM",
        bufferColor=rgba(label.halo or label.color),
        bufferOpacity="0.9",
        bufferNoFill="1",
        bufferJoinStyle="128",
        bufferBlendMode="0",
    )
    style.append(_background(kind))
    ET.SubElement(style, "shadow", shadowDraw="0")
    style.append(data_defined({}, "dd_properties"))
    ET.SubElement(style, "substitutions")
    return style


def _background(kind: Kind) -> ET.Element:
    """A filled box behind the text of a ``shield``, in the line's colour; nothing else has one."""
    shield = kind.label.placement == "shield"
    fill = rgba(kind.symbol.stroke or kind.symbol.fill) if shield else "255,255,255,0"
    pad, radius = number(_SHIELD_PAD_PX * MM_PER_PX), number(2 * MM_PER_PX)
    background = ET.Element(
        "background",
        shapeDraw="1" if shield else "0",
        shapeType="0",
        shapeSizeType="0",
        shapeSizeX=pad,
        shapeSizeY=number(MM_PER_PX),
        shapeSizeUnit="MM",
        shapeRadiiX=radius,
        shapeRadiiY=radius,
        shapeRadiiUnit="MM",
        shapeFillColor=fill,
        shapeBorderWidth="0",
        shapeBorderWidthUnit="MM",
        shapeBorderColor=fill,
        shapeOpacity="1",
        shapeJoinStyle="64",
        shapeRotationType="0",
        shapeBlendMode="0",
    )
    symbol = ET.SubElement(background, "symbol", type="fill", name="fillSymbol", alpha="1", clip_to_extent="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "pass": "0", "enabled": "1", "locked": "0"})
    layer.append(options({"color": fill, "style": "solid", "outline_style": "no"}))
    return background


def _placement(kind: Kind) -> ET.Element:
    label = kind.label
    line = label.placement in ("line", "shield")
    distance = 2.0 if label.placement == "point" else 0.0
    return ET.Element(
        "placement",
        placement=str(_PLACEMENT[label.placement]),
        placementFlags="1" if label.placement == "line" else "10",  # on the line
        polygonPlacementFlags="2",
        predefinedPositionOrder="R,TR,BR,L,TL,BL,T,B",
        offsetType="1",  # from the symbol's edge
        dist=number(distance * MM_PER_PX),
        distUnits="MM",
        quadOffset="4",
        xOffset="0",
        yOffset="0",
        offsetUnits="MM",
        centroidInside="1",
        centroidWhole="1",
        fitInPolygonOnly="0",
        preserveRotation="1",
        rotationAngle="0",
        maxCurvedCharAngleIn="25",
        maxCurvedCharAngleOut="-25",
        repeatDistance=number(90.0 if line else 0.0),
        repeatDistanceUnits="MM",
        lineAnchorPercent="0.5",
        lineAnchorType="0",
        lineAnchorClipping="0",
        overrunDistance="0",
        overrunDistanceUnit="MM",
        priority=number(min(label.priority, 100.0) / 10),
    )
