"""DXF (AutoCAD 2004, GBK) by ezdxf: layers by kind, names as texts, attributes as extended data, in metres."""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import ezdxf
import shapely
from ezdxf import options
from ezdxf.enums import TextEntityAlignment
from ezdxf.lldxf.const import DXFError
from ezdxf.lldxf.tagwriter import TagWriter
from shapely.geometry.base import BaseGeometry

from geo.errors import GeoError
from geo.reasons import reason
from layers.edition.formats.cells import cut
from layers.edition.formats.part import Part, Remarks
from layers.edition.store import plain
from layers.style.symbols import Kind, Status

APPID = "PLANMAP"
"""The application under which attributes are filed: pairs of name and value in braces."""

_VERSION, _ENCODING = "R2004", "gbk"
"""GDAL, and QGIS with it, garbles the UTF-8 of later versions; AutoCAD reads a code page in any language. What GBK
lacks is written as AutoCAD's own code for it."""
_STYLE, _FONT, _FAMILY = "PLANMAP", "simhei.ttf", "SimHei"
_METRES = 6
_STRING_BYTES = 105  # of 255 that a string of extended data may have: a code has seven for each three of UTF-8
_VALUE = 600
_DATA_BYTES = 16_000  # of 16,383 that an object may have
_PROPERTY_BYTES = 105
_METRES_PER_PX = 0.000_264_6 * 50_000
"""Names are as large as on the page when the drawing is plotted at 1:50,000."""
_ENTITIES = "  0\nSECTION\n  2\nENTITIES\n"
_AT_ONCE = 1024
"""Features that are objects of ezdxf at a time, which take many times what is written of them."""
_CIRCLE_WITH_CROSS = 34
_DASHES = "DASHED"
_FORBIDDEN = str.maketrans(dict.fromkeys('<>/\\":;?*|=`,', "_"))
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_CODES = re.compile(r"%%|\\(?=[UuMm]\+)|\^")
_PLAIN = {"%%": "％％", "\\": "＼", "^": "＾"}


def write_dxf(part: Part, folder: Path) -> Remarks:
    """One drawing of all layers that have shapes."""
    path = folder / f"{part.stem}.dxf"
    if not any(len(part.drawn(name)) for name in part.frames):
        return []
    with _same_bytes():
        drawing = ezdxf.new(_VERSION, setup=["linetypes"], units=_METRES)
        drawing.encoding = _ENCODING
        drawing.header["$PDMODE"], drawing.header["$PDSIZE"] = _CIRCLE_WITH_CROSS, -1.0
        drawing.appids.add(APPID)
        drawing.styles.add(_STYLE, font=_FONT).set_extended_font_data(family=_FAMILY)
        _say(drawing, part)
        names = _layers(drawing, part)
        try:
            _save(drawing, part, names, path)
        except (DXFError, OSError) as error:
            raise GeoError("vector.not_written", file=path.name, detail=reason(error)) from error
    left = sum(len(frame) - len(part.drawn(name)) for name, frame in part.frames.items())
    return [part.say("remark_undrawn", count=left)] if left else []


def _save(drawing: Any, part: Part, names: Mapping[str, tuple[str, str]], path: Path) -> None:
    """Write what is drawn a thousand features at a time, then the drawing round it: its heading has the last handle.

    Raises:
        OSError: It cannot be written.
    """
    drawn = path.with_suffix(".entities")
    coded: dict[str, Any] = {"encoding": drawing.output_encoding, "errors": "dxfreplace"}
    with drawn.open("w", **coded) as file:
        for name in part.frames:
            for _features in _draw(drawing, part, name, names):
                _leave(drawing, file)
    around = io.StringIO()
    drawing.write(around)
    before, section, after = around.getvalue().partition(_ENTITIES)
    with path.open("w", **coded) as file, drawn.open(**coded) as entities:
        file.write(before + section)
        shutil.copyfileobj(entities, file)
        file.write(after)
    drawn.unlink()


def _leave(drawing: Any, file: TextIO) -> None:
    """Write what stands in the drawing, and take it out of it."""
    space = drawing.modelspace().entity_space
    space.export_dxf(TagWriter(file, drawing.dxfversion, write_handles=True))
    for entity in space:
        drawing.entitydb.delete_entity(entity)
    space.clear()


@contextmanager
def _same_bytes() -> Iterator[None]:
    """Without the times and identifiers that ezdxf makes anew for every file."""
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before


def _say(drawing: Any, part: Part) -> None:
    """The notice, as the drawing's own properties (DWGPROPS in AutoCAD)."""
    for label, text in part.notice.labelled():
        rest, number = _one_line(text), 0
        while rest:
            number += 1
            piece = cut(rest, _PROPERTY_BYTES, "utf-8")
            drawing.header.custom_vars.append(label if number == 1 else f"{label} {number}", _coded(piece))
            rest = rest[len(piece) :]


def _layers(drawing: Any, part: Part) -> dict[str, tuple[str, str]]:
    """Layers of the drawing for each kind: of its shapes, and of its names."""
    used = {str(kind) for name in part.frames for kind in part.drawn(name)["kind"]}
    found: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()
    for kind in (one for one in part.kinds.values() if one.id in used):
        plain_name = _one_line(kind.name_en if part.lang == "en" else kind.name).translate(_FORBIDDEN).strip()[:80]
        name = _coded(plain_name) or kind.id
        name = f"{name}_{kind.id}" if name.lower() in taken else name
        labels = part.say("dxf_labels", name=name)
        taken |= {name.lower(), labels.lower()}
        color = _number(_color(kind))
        for one in (name, labels):
            drawing.layers.add(one, true_color=color if one == name else _number(kind.label.color or _color(kind)))
        found[kind.id] = name, labels
    return found


def _color(kind: Kind) -> str:
    """The one colour of a kind: of its line, or of what fills it where that is all it has."""
    symbol = kind.symbol
    return (symbol.fill if kind.geometry == "point" else symbol.stroke) or symbol.stroke or symbol.fill


def _number(color: str) -> int:
    """A colour as the format has it; black for none."""
    return int(color[1:7] or "0", 16)


def _draw(drawing: Any, part: Part, layer: str, names: Mapping[str, tuple[str, str]]) -> Iterator[int]:
    """Draw a layer; comes up for air after so many features as may be objects at a time, and at the end."""
    space = drawing.modelspace()
    headed = part.shapes(layer)
    frame = part.frames[layer]
    columns = [str(name) for name in headed.columns if name != "geometry"]
    cells = zip(*(headed[name].tolist() for name in columns), strict=True)
    own = ("id", "kind", "status", "color", "name_en" if part.lang == "en" else "name", "name")
    rows = zip(*(frame[name].tolist() for name in own), strict=True)
    east, north = part.system.points(frame["label_lon"], frame["label_lat"])
    for row, (shape, values, told) in enumerate(zip(frame.geometry.to_numpy(), cells, rows, strict=True)):
        if row % _AT_ONCE == _AT_ONCE - 1:
            yield row
        if shape is None or shape.is_empty:
            continue
        identity, of_kind, status, color, wanted, plain_name = told
        kind = part.kinds[str(of_kind)]
        data = _data(dict(zip(columns, values, strict=True)))
        look = _look(names[kind.id][0], kind, part.statuses.get(str(status)), str(color or ""))
        for entity in _entities(space, shape, look):
            entity.set_xdata(APPID, data)
        name = _one_line(str(wanted or plain_name))
        if kind.label.size and name and east[row] == east[row]:
            height = kind.label.size * _METRES_PER_PX
            text = space.add_text(_coded(name), height=height, dxfattribs={"layer": names[kind.id][1], "style": _STYLE})
            text.set_placement((east[row], north[row]), align=TextEntityAlignment.MIDDLE_CENTER)
            text.set_xdata(APPID, _data({"id": identity}))
    yield len(frame)


def _look(layer: str, kind: Kind, status: Status | None, own: str) -> dict[str, Any]:
    look: dict[str, Any] = {"layer": layer}
    if re.fullmatch("#[0-9a-fA-F]{6}", own):
        look["true_color"] = _number(own)
    if kind.geometry == "line" and status is not None and status.dash:
        look |= {"linetype": _DASHES, "ltscale": 50.0}
    return look


def _entities(space: Any, shape: BaseGeometry, look: Mapping[str, Any]) -> Iterator[Any]:
    """Points, open and closed polylines: every ring of a polygon is one."""
    for part in shapely.get_parts([shape]):
        if part.geom_type == "Point":
            yield space.add_point((part.x, part.y), dxfattribs=look)
        elif part.geom_type == "LineString":
            yield space.add_lwpolyline(shapely.get_coordinates(part).tolist(), dxfattribs=look)
        elif part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield space.add_lwpolyline(shapely.get_coordinates(ring)[:-1].tolist(), close=True, dxfattribs=look)
        else:
            yield from _entities(space, part, look)


def _data(cells: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """Cells as extended data: ``{ name value … }``, a long value in several strings, a very long one cut."""
    found: list[tuple[int, Any]] = []
    size = 0
    for name, cell in cells.items():
        value = plain(cell)
        if value is None:
            continue
        tags: list[tuple[int, Any]] = [(1002, "{"), (1000, _coded(cut(_one_line(name), _STRING_BYTES, "utf-8")))]
        if isinstance(value, float | int) and not isinstance(value, bool):
            tags.append((1040, float(value)))
        else:
            rest = _one_line(str(value))
            rest = rest if len(rest) <= _VALUE else rest[: _VALUE - 1] + "…"
            while rest:
                piece = cut(rest, _STRING_BYTES, "utf-8")
                tags.append((1000, _coded(piece)))
                rest = rest[len(piece) :]
        tags.append((1002, "}"))
        size += sum(len(str(text).encode(_ENCODING, "replace")) + 3 for _code, text in tags)
        if size > _DATA_BYTES:
            continue
        found += tags
    return found


def _coded(text: str) -> str:
    """A text as it stands in the file: AutoCAD's code, in capitals as it wants them, for what the encoding lacks."""
    if len(text.encode(_ENCODING, "ignore").decode(_ENCODING)) == len(text):  # most texts lack nothing
        return text
    return "".join(one if one.encode(_ENCODING, "ignore") else f"\\U+{ord(one):04X}" for one in text)


def _one_line(text: str) -> str:
    """A text that a drawing shows as it is: on one line, without what AutoCAD takes for codes of its own.

    Characters beyond the basic plane, for which there is no code, are written as U+FFFD.
    """
    text = _BEYOND.sub("\ufffd", text)
    kept = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    return _CODES.sub(lambda code: _PLAIN[code[0]], kept.encode("utf-8", "replace").decode())
