"""DXF (AutoCAD 2004, GBK) by ezdxf: layers by kind, names as texts, attributes as extended data, in metres."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ezdxf
from ezdxf import options
from ezdxf.lldxf.const import DXFError
from shapely.geometry import LineString, Point, box

from geo.errors import GeoError
from geo.reasons import reason
from layers.edition.formats.cells import cut
from layers.edition.formats.dxf_entities import APPID, ENCODING, STYLE, Look, coded, extended, one_line, shapes, text
from layers.edition.formats.part import Part, Remarks
from layers.style.symbols import Kind

_VERSION = "R2004"
_FONT, _FAMILY = "simhei.ttf", "SimHei"
_METRES = 6
_PROPERTY_BYTES = 105
_METRES_PER_PX = 0.000_264_6 * 50_000
"""Names are as large as on the page when the drawing is plotted at 1:50,000."""
_ENTITIES = "  0\nSECTION\n  2\nENTITIES\n"
_CIRCLE_WITH_CROSS = 34
_SAMPLES = {"line": LineString([(0, 0), (1, 0)]), "polygon": box(0, 0, 1, 1), "point": Point(0, 0)}
_FORBIDDEN = str.maketrans(dict.fromkeys('<>/\\":;?*|=`,', "_"))


def write_dxf(part: Part, folder: Path) -> Remarks:
    """One drawing of all layers that have shapes."""
    path = folder / f"{part.stem}.dxf"
    if not any(len(part.drawn(name)) for name in part.frames):
        return []
    with _same_bytes():
        drawing = ezdxf.new(_VERSION, setup=["linetypes"], units=_METRES)
        drawing.encoding = ENCODING
        drawing.header["$PDMODE"], drawing.header["$PDSIZE"] = _CIRCLE_WITH_CROSS, -1.0
        drawing.appids.add(APPID)
        drawing.styles.add(STYLE, font=_FONT).set_extended_font_data(family=_FAMILY)
        for name in sorted(drawing.entitydb.dxf_types_in_use()):  # ezdxf has them in an order of the process' own
            drawing.classes.add_class(name)
        _say(drawing, part)
        names = _layers(drawing, part)
        try:
            _save(drawing, part, names, path)
        except (DXFError, OSError) as error:
            raise GeoError("vector.not_written", file=path.name, detail=reason(error)) from error
    left = sum(len(frame) - len(part.drawn(name)) for name, frame in part.frames.items())
    return [part.say("remark_undrawn", count=left)] if left else []


def _save(drawing: Any, part: Part, names: Mapping[str, tuple[str, str]], path: Path) -> None:
    """Write what is drawn, then the drawing round it: its heading has the last handle.

    Raises:
        OSError: It cannot be written.
    """
    drawn = path.with_suffix(".entities")
    coding: dict[str, Any] = {"encoding": drawing.output_encoding, "errors": "dxfreplace"}
    owner = drawing.modelspace().layout_key
    handles = iter(drawing.entitydb.next_handle, "")
    with drawn.open("w", **coding) as file:
        for name in part.frames:
            file.writelines(_drawn(part, name, names, owner, handles))
    around = io.StringIO()
    drawing.write(around)
    before, section, after = around.getvalue().partition(_ENTITIES)
    with path.open("w", **coding) as file, drawn.open(**coding) as entities:
        file.write(before + section)
        shutil.copyfileobj(entities, file)
        file.write(after)
    drawn.unlink()


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
    for label, said in part.notice.labelled():
        rest, number = one_line(said), 0
        while rest:
            number += 1
            piece = cut(rest, _PROPERTY_BYTES, "utf-8")
            drawing.header.custom_vars.append(label if number == 1 else f"{label} {number}", coded(piece))
            rest = rest[len(piece) :]


def _layers(drawing: Any, part: Part) -> dict[str, tuple[str, str]]:
    """Layers of the drawing for each kind: of its shapes, and of its names."""
    used = {str(kind) for name in part.frames for kind in part.drawn(name)["kind"]}
    found: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()
    for kind in (one for one in part.kinds.values() if one.id in used):
        plain_name = one_line(kind.name_en if part.lang == "en" else kind.name).translate(_FORBIDDEN).strip()[:80]
        name = coded(plain_name) or kind.id
        name = f"{name}_{kind.id}" if name.lower() in taken else name
        labels = part.say("dxf_labels", name=name)
        taken |= {name.lower(), labels.lower()}
        color = _colour_of(part, kind)
        drawing.layers.add(name, true_color=color)
        drawing.layers.add(labels, true_color=_number(kind.label.color) if kind.label.color else color)
        found[kind.id] = name, labels
    return found


def _colour_of(part: Part, kind: Kind) -> int:
    """The one colour of a kind's features that have none of their own."""
    return _number(part.line({"kind": kind.id}, _SAMPLES.get(kind.geometry, Point(0, 0))).stroke)


def _number(color: str) -> int:
    """A colour as the format has it; black for none."""
    return int(color[1:7] or "0", 16)


def _drawn(
    part: Part, layer: str, names: Mapping[str, tuple[str, str]], owner: str, handles: Iterator[str]
) -> Iterator[str]:
    """The entities of a layer: of each feature its shape, then its name."""
    headed = part.shapes(layer)
    frame = part.frames[layer]
    columns = [str(name) for name in headed.columns if name != "geometry"]
    cells = zip(*(headed[name].tolist() for name in columns), strict=True)
    own = ("id", "kind", "status", "basis", "color", "assumed", "name_en" if part.lang == "en" else "name", "name")
    rows = zip(*(frame[name].tolist() for name in own), strict=True)
    colours = {kind.id: _colour_of(part, kind) for kind in part.kinds.values() if kind.id in names}
    east, north = part.system.points(frame["label_lon"], frame["label_lat"])
    for row, (shape, values, told) in enumerate(zip(frame.geometry.to_numpy(), cells, rows, strict=True)):
        if shape is None or shape.is_empty:
            continue
        identity, *_, wanted, plain_name = told
        painted = dict(zip(own, told, strict=False))
        kind = part.kinds[str(painted["kind"])]
        data = extended(zip(columns, values, strict=True))
        line = part.line(painted, shape)
        color = _number(line.stroke)
        look = Look(names[kind.id][0], None if color == colours[kind.id] else color, bool(line.dash))
        yield from shapes(shape, look, owner, data, handles)
        name = one_line(str(wanted or plain_name))
        if kind.label.size and name and east[row] == east[row]:
            place, height = (float(east[row]), float(north[row])), kind.label.size * _METRES_PER_PX
            data = extended([("id", identity)])
            yield text(coded(name), place, height, names[kind.id][1], owner, data, next(handles))
