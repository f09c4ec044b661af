"""Write a kind's label as QGIS label settings."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping, Sequence

from layers import words
from layers.style.qml_scale import name_factor, point_factor
from layers.style.qml_xml import MM_PER_PX, PT_PER_PX, data_defined, number, options, quoted, rgba
from layers.style.symbols import Kind

FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
"""Fonts that hold Chinese, the first one found is taken."""

WRAP = "\u200b"
"""Stands where a name goes on in the next line: QGIS breaks lines at blanks only, which Chinese has none of."""
_HALO_PX = 2.0
_ABOVE = 0.1
"""How far above its line a name stands, of its size."""
_LOWEST = 40
"""Names of this priority are the last to be given room. The scale is stretched above: QGIS rather writes two lesser
names than one that matters, unless it matters by far."""
_REPEAT_PX = {"area": 1100, "line": 620, "shield": 460, "point": 0}
"""A long line carries its name again after so much."""
_SHIELD_PAD_PX = 3.0
_GAP_PX = 2.0
"""Between a symbol and its name; the circle that its place is uncertain by is no part of it."""
_LONGEST = 10
"""Longer names are written in two lines; letters."""
_NARROW, _LEAST_NARROW, _FILLED = 6, 13, 0.7
"""So are those of this size (pixels) and more that are longer than so many letters and fill more of their area."""
_LEAST_SHARE, _LEGIBLE_PX = 0.68, 10.5
"""What is written smaller for want of room is written no smaller than this: share of its size, and pixels."""
_LINE_HEIGHT = 0.82
"""From line to line, of what the font says; 1.18 of its size, as on the page."""
_CALLOUT_MM, _CALLOUT_WIDTH_MM, _CALLOUT_OPACITY = 4.0, 0.2, 0.7
"""A name of a point that stands farther from it than this, moved by hand, has a line that leads to it."""
_MARKS = {"star": "★"}
"""Signs above names, as letters."""
_LINE_NUMBER = r"(\d+\s*号线)"
_LATIN, _CHINESE, _NO_START = "[0-9A-Za-z.+%#/-]", "[\u2e80-\uffef]", "[、，；：·）)】》”—–的-]"
_LIGHTNESS = (("red", 0.299), ("green", 0.587), ("blue", 0.114))
_PALE = 0.72
"""On plates lighter than this letters are black."""
_REACH_PX, _FAR_PX, _LEADING, _UP_PX = 32, 60, 95, 7
"""How far from the web map's place the middle of an area's name may stand; farther with this priority and more."""
_SMALL_PX2 = 10_000
_SEEN_PX2 = 12_000
"""So much of an area whose place is out of sight must be seen for it to be named."""
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
    settings.append(_text_style(kind, "name" if spines else "", pinned=pinned, latitude=latitude))
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
    settings.append(data_defined(_dynamic(kind, pinned, latitude), "dd_properties"))
    if label.placement == "point":
        settings.append(_callout(label.color))
    return settings


def _callout(color: str) -> ET.Element:
    """A line from a name to its point, where they are far from each other."""
    symbol = ET.Element("symbol", name="symbol", type="line", alpha="1", clip_to_extent="1", force_rhr="0")
    line = ET.SubElement(symbol, "layer", {"class": "SimpleLine", "pass": "0", "enabled": "1", "locked": "0"})
    look = {"line_color": rgba(color, _CALLOUT_OPACITY), "line_width": number(_CALLOUT_WIDTH_MM)}
    line.append(options({**look, "line_width_unit": "MM", "line_style": "solid", "capstyle": "round"}))
    root = ET.Element("callout", type="simple")
    told = ET.SubElement(root, "Option", type="Map")
    for name, kind, value in (
        ("anchorPoint", "QString", "centroid"),
        ("drawToAllParts", "bool", "false"),
        ("enabled", "QString", "1"),
        ("labelAnchorPoint", "QString", "point_on_exterior"),
        ("lineSymbol", "QString", ET.tostring(symbol, encoding="unicode")),
        ("minLength", "double", number(_CALLOUT_MM)),
        ("minLengthUnit", "QString", "MM"),
        ("offsetFromAnchor", "double", number(1.0)),
        ("offsetFromAnchorUnit", "QString", "MM"),
    ):
        ET.SubElement(told, "Option", name=name, type=kind, value=value)
    return root


def _dynamic(kind: Kind, pinned: bool, latitude: float) -> dict[str, str]:
    """What of a label is worked out for each feature or scale."""
    label = kind.label
    if label.placement == "shield":
        own = f"coalesce(nullif(\"color\", ''), {quoted(kind.symbol.stroke)})"
        parts = " + ".join(f"{weight} * color_part({own}, '{part}')" for part, weight in _LIGHTNESS)
        ink = f"if(({parts}) / 255 > {_PALE}, {quoted('black')}, {quoted(label.color)})"
        return {"ShapeFillColor": own, "Color": ink}
    size = f"{number(label.size * PT_PER_PX)} * {name_factor(label.size, latitude)}"
    if label.placement == "area" and label.priority >= _LEADING:
        size += f" * {_shrunk(kind, pinned, latitude)}"
    found = {"Size": size}
    if label.spacing:
        found["FontLetterSpacing"] = f"{number(label.spacing)} * {size}"
    if label.placement == "point":
        radius = f"{number((kind.symbol.size + kind.symbol.width) / 2)} * {point_factor(latitude)}"
        found["LabelDistance"] = f"{number(MM_PER_PX)} * ({radius} + {_GAP_PX:g})"
    return found


def _places(kind: Kind, pinned: bool, spines: Mapping[str, str] | None) -> tuple[str, str]:
    """Expression and type of the geometry that a name is placed on; "" for the feature's own."""
    if spines:
        lines = ", ".join(f"{quoted(one)}, {quoted(line)}" for one, line in spines.items())
        return f'geom_from_wkt(map_get(map({lines}), "id"))', "LineGeometry"
    if kind.label.placement == "area" and pinned:
        # A spot round the web map's place: many places to choose from, instead of one that is taken. Where that place
        # is out of sight, in what is seen of a large area.
        reach = f"{_FAR_PX if kind.label.priority >= _LEADING else _REACH_PX} * @map_scale * {_DEGREES_PER_PX}"
        up = f"{_UP_PX:g} * @map_scale * {_DEGREES_PER_PX}"
        place = f'make_point("label_lon", "label_lat" + {up})'
        seen = "transform(@map_extent, @map_crs, layer_property(@layer, 'crs'))"
        least = f"{_SEEN_PX2} * (@map_scale * {_DEGREES_PER_PX}) ^ 2"
        # What matters most rather leaves an area that is smaller than its name than be missing.
        small = f"area($geometry) < {_SMALL_PX2} * (@map_scale * {_DEGREES_PER_PX}) ^ 2"
        around = f"intersection($geometry, buffer({place}, {reach}))"
        if kind.label.priority >= _LEADING:
            around = f"if({small}, buffer({place}, {_REACH_PX} * @map_scale * {_DEGREES_PER_PX}), {around})"
        return (
            f"with_variable('seen', {seen}, if(intersects(@seen, {place}), {around},"
            f" with_variable('part', intersection($geometry, @seen), if(area(@part) > {least}, @part, NULL))))"
        ), "PolygonGeometry"
    return "", "PointGeometry"


def _text(kind: Kind, pinned: bool, latitude: float) -> tuple[str, bool]:
    """What is written: a column, or an expression."""
    label = kind.label
    if kind.label.placement == "shield":
        return f"""coalesce(nullif(regexp_substr("name", {quoted(_LINE_NUMBER)}), ''), "name")""", True
    if kind.label.placement == "line":
        return "name", False
    mark = _MARKS.get(label.mark, "")
    above = f"{quoted(mark + WRAP)} || " if mark else ""
    return above + _broken('"name"', _too_wide(kind, pinned, latitude)), True


def _shrunk(kind: Kind, pinned: bool, latitude: float) -> str:
    """Expression: what matters most is written smaller in an area that is narrower than its name, but legibly."""
    label = kind.label
    letters = f'(length("name") / if(length("name") > {_LONGEST} OR {_too_wide(kind, pinned, latitude)}, 2.0, 1.0))'
    across = f"bounds_width($geometry) * {_pixels(pinned, latitude):.0f} / @map_scale"
    factor = name_factor(label.size, latitude)
    least = f"min(1, max({_LEAST_SHARE:g}, {_LEGIBLE_PX / label.size:.3f} / {factor}))"
    return f"clamp({least}, {across} / ({letters} * {label.size * (1 + label.spacing):g} * {factor}), 1)"


def _pixels(pinned: bool, latitude: float) -> float:
    """How many pixels of a map at 1:1 a unit of a layer's coordinates is, from west to east."""
    return (111_320 * math.cos(math.radians(latitude)) if pinned else 1.0) * 96 / 0.0254


def _too_wide(kind: Kind, pinned: bool, latitude: float) -> str:
    """Expression: a name of an area takes more than its share of the area's width at the map's scale."""
    label = kind.label
    if label.placement != "area" or label.size < _LEAST_NARROW:
        return "false"
    across = f"bounds_width($geometry) * {_pixels(pinned, latitude):.0f} / @map_scale"
    written = f'length("name") * {label.size * (1 + label.spacing):g} * {name_factor(label.size, latitude)}'
    return f'(length("name") > {_NARROW} AND {written} > {_FILLED} * {across})'


def _after_words(all_words: Sequence[str]) -> str:
    """Regular expression of a place after a word or a mark, but not within a longer word: 国家 in 国家级.

    Example:
        >>> _after_words(["国家", "国家级"])
        '(?<=国家(?!级)|国家级|[、，；：·）)】》”—–-])'
    """
    longer = {
        one: [other[len(one) :] for other in all_words if other.startswith(one) and other != one] for one in all_words
    }
    ends = (one + (f"(?!{'|'.join(rests)})" if rests else "") for one, rests in longer.items())
    return f"(?<={'|'.join(ends)}|[、，；：·）)】》”—–-])"


def _before_words(all_words: Sequence[str]) -> str:
    """Regular expression of a place before a word of two letters and more, but not within a longer one.

    Example:
        >>> _before_words(["镇", "数据", "大数据"])
        '(?=(?<!大)数据|大数据)'
    """
    longer = {
        one: [other[: -len(one)] for other in all_words if other.endswith(one) and other != one]
        for one in all_words
        if len(one) > 1
    }
    starts = ("".join(f"(?<!{begun})" for begun in begins) + one for one, begins in longer.items())
    return f"(?={'|'.join(starts)})"


def _broken(name: str, too_wide: str) -> str:
    """Expression: a long Chinese name in two lines, parted after a word, else in the middle, but not in a number."""
    half = f"ceil(length({name}) / 2.0)"
    before = f"substr({name}, {half}, 1)"
    after = f"substr({name}, {half} + 1, 1)"
    marked = f"regexp_match({after}, {quoted(_NO_START)}) > 0"
    number_here = f"(regexp_match({before}, {quoted(_LATIN)}) > 0 AND regexp_match({after}, {quoted(_LATIN)}) > 0)"
    cut = f"if({marked} OR {number_here}, {half} + 1, {half})"
    middle = f"left({name}, {cut}) || {quoted(WRAP)} || substr({name}, {cut} + 1)"
    # As late after a word as leaves a good half for the second line.
    parts = quoted(chr(92) + "1" + WRAP + chr(92) + "2")
    parted = middle
    known = words.breaks("zh")
    for place in (_before_words(known), _after_words(known)):  # the last one is asked first
        tail = quoted(f"}}){place}([^、，；：·）)】》”—–的-].+)$")
        parted = (
            f"with_variable('ends', concat('^(.{{2,', {half} + 1, {tail}), if(regexp_match({name}, @ends) > 0,"
            f" regexp_replace({name}, @ends, {parts}), {parted}))"
        )
    chinese = f"regexp_match({name}, {quoted(_CHINESE)}) > 0"
    return f"if((length({name}) > {_LONGEST} OR {too_wide}) AND {chinese}, {parted}, {name})"


def _text_style(kind: Kind, plain: str, *, pinned: bool, latitude: float) -> ET.Element:
    label = kind.label
    size = label.size * PT_PER_PX
    written, expression = (plain, False) if plain else _text(kind, pinned, latitude)
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
        multilineHeight=number(_LINE_HEIGHT),
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
    above = label.size * _ABOVE if label.placement == "line" else 0.0
    distance = 2.0 if label.placement == "point" else above + kind.symbol.width / 2 if above else 0.0
    return ET.Element(
        "placement",
        placement=str(_PLACEMENT["line" if curved else label.placement]),
        placementFlags="1" if curved else "10",  # along the middle of an area; above a line
        geometryGenerator=generator,
        geometryGeneratorEnabled="1" if generator else "0",
        geometryGeneratorType=geometry,
        layerType="UnknownGeometry",
        polygonPlacementFlags="2",
        predefinedPositionOrder="R,TR,T,BR,B,L,TL,BL",
        offsetType="0",  # from the point itself
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
        repeatDistance=number(_REPEAT_PX["area" if curved else label.placement] * MM_PER_PX if line else 0.0),
        repeatDistanceUnits="MM",
        lineAnchorPercent="0.5",
        lineAnchorType="0",
        lineAnchorClipping="0",
        overrunDistance="0",
        overrunDistanceUnit="MM",
        priority=number(10 * max(0.0, (min(label.priority, 100.0) - _LOWEST) / (100 - _LOWEST)) ** 3),
    )
