"""Write a kind's label as QGIS label settings."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping

from layers.style.qml_scale import name_factor
from layers.style.qml_xml import MM_PER_PX, PT_PER_PX, data_defined, number, options, quoted, rgba
from layers.style.symbols import Kind

FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
"""Fonts that hold Chinese, the first one found is taken."""

WRAP = "\u200b"
"""Stands where a name goes on in the next line: QGIS breaks lines at blanks only, which Chinese has none of."""
_HALO_PX = 2.0
_SHIELD_PAD_PX = 3.0
_LONGEST = 10
"""Longer names are written in two lines; letters."""
_LINE_NUMBER = r"(\d+\s*号线)"
_LATIN, _CHINESE, _NO_START = "[0-9A-Za-z.+%#/-]", "[\u2e80-\uffef]", "[、，；：·）)】》”]"
_LIGHTNESS = (("red", 0.299), ("green", 0.587), ("blue", 0.114))
_PALE = 0.72
"""On plates lighter than this letters are black."""
_REACH_PX = 34
"""How far from the web map's place the middle of an area's name may stand."""
_DEGREES_PER_PX = f"{0.0254 / 96 / 111_320:.4g}"
"""Degrees of latitude in a pixel of the map's scale of 1, 96 to the inch."""
_QT_WEIGHT = {100: 0, 200: 12, 300: 25, 400: 50, 500: 57, 600: 63, 700: 75, 800: 81, 900: 87}
# horizontal, curved, ordered positions around the point, horizontal
_PLACEMENT = {"area": 4, "line": 3, "point": 6, "shield": 4}


def label_settings(
    kind: Kind, *, pinned: bool = True, latitude: float = 0.0, spines: Mapping[str, str] | None = None
) -> ET.Element:
    """Write the ``<settings>`` of one label rule.

    Args:
        kind: A kind whose label has a size.
        pinned: Names of areas stand near the columns ``label_lon``, ``label_lat`` (degrees), as on the web map; else
            QGIS finds a place in the area.
        latitude: Of the plan, degrees; sizes follow the scale.
        spines: Middle lines (WKT) by id of the areas that the rule is for, along which their names are written.

    Returns:
        The element: text, halo, background, placement, priority and position.
    """
    label = kind.label
    settings = ET.Element("settings", calloutType="simple")
    settings.append(_text_style(kind))
    wrapped = "" if spines or label.placement in ("line", "shield") else WRAP
    ET.SubElement(settings, "text-format", wrapChar=wrapped, autoWrapLength="0", multilineAlign="1", formatNumbers="0")
    settings.append(_placement(kind, _places(kind, pinned, spines), bool(spines)))
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
    settings.append(data_defined(_dynamic(kind, latitude), "dd_properties"))
    return settings


def _dynamic(kind: Kind, latitude: float) -> dict[str, str]:
    """What of a label is worked out for each feature or scale."""
    label = kind.label
    if label.placement == "shield":
        own = f"coalesce(nullif(\"color\", ''), {quoted(kind.symbol.stroke)})"
        parts = " + ".join(f"{weight} * color_part({own}, '{part}')" for part, weight in _LIGHTNESS)
        ink = f"if(({parts}) / 255 > {_PALE}, color_rgb(0, 0, 0), {quoted(label.color)})"
        return {"ShapeFillColor": own, "Color": ink}
    return {"Size": f"{number(label.size * PT_PER_PX)} * {name_factor(label.size, latitude)}"}


def _places(kind: Kind, pinned: bool, spines: Mapping[str, str] | None) -> tuple[str, str]:
    """Expression and type of the geometry that a name is placed on; "" for the feature's own."""
    if spines:
        lines = ", ".join(f"{quoted(one)}, {quoted(line)}" for one, line in spines.items())
        return f'geom_from_wkt(map_get(map({lines}), "id"))', "LineGeometry"
    if kind.label.placement == "area" and pinned:
        # A spot round the web map's place: many places to choose from, instead of one that is taken.
        reach = f"{_REACH_PX} * @map_scale * {_DEGREES_PER_PX}"
        spot = f'buffer(make_point("label_lon", "label_lat"), {reach})'
        clipped = f"intersection($geometry, {spot})"
        return f"coalesce(if(area({clipped}) > 0, {clipped}, NULL), $geometry)", "PolygonGeometry"
    return "", "PointGeometry"


def _text(kind: Kind) -> tuple[str, bool]:
    """What is written: a column, or an expression."""
    if kind.label.placement == "shield":
        return f'coalesce(regexp_substr("name", {quoted(_LINE_NUMBER)}), "name")', True
    if kind.label.placement == "line":
        return "name", False
    return _broken('"name"'), True


def _broken(name: str) -> str:
    """Expression: a long Chinese name in two lines, parted in the middle, but not before a mark or within a number."""
    half = f"ceil(length({name}) / 2.0)"
    before = f"substr({name}, {half}, 1)"
    after = f"substr({name}, {half} + 1, 1)"
    marked = f"regexp_match({after}, {quoted(_NO_START)}) > 0"
    number_here = f"(regexp_match({before}, {quoted(_LATIN)}) > 0 AND regexp_match({after}, {quoted(_LATIN)}) > 0)"
    cut = f"if({marked} OR {number_here}, {half} + 1, {half})"
    parted = f"left({name}, {cut}) || {quoted(WRAP)} || substr({name}, {cut} + 1)"
    chinese = f"regexp_match({name}, {quoted(_CHINESE)}) > 0"
    return f"if(length({name}) > {_LONGEST} AND {chinese}, {parted}, {name})"


def _text_style(kind: Kind) -> ET.Element:
    label = kind.label
    size = label.size * PT_PER_PX
    written, expression = _text(kind)
    style = ET.Element(
        "text-style",
        fieldName=written,
        isExpression="1" if expression else "0",
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


def _placement(kind: Kind, places: tuple[str, str], curved: bool) -> ET.Element:
    label = kind.label
    line = curved or label.placement in ("line", "shield")
    generator, geometry = places
    distance = 2.0 if label.placement == "point" else 0.0
    return ET.Element(
        "placement",
        placement=str(_PLACEMENT["line" if curved else label.placement]),
        placementFlags="1" if curved or label.placement == "line" else "10",  # on the line
        geometryGenerator=generator,
        geometryGeneratorEnabled="1" if generator else "0",
        geometryGeneratorType=geometry,
        layerType="UnknownGeometry",
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
