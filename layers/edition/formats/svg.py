"""SVG at scale: a group for each layer, a path for each feature with its id and name, in metres of the plan's zone."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.edition.formats.part import Part, Remarks
from layers.model.plan import DISTRICT
from layers.style.passes import Pass
from layers.style.patterns import PATTERNS
from layers.style.qml_xml import xml_text

_WIDE = 1600.0
_MARGIN = 20.0
_LABELLED = "http://www.inkscape.org/namespaces/inkscape"


def write_svg(part: Part, folder: Path) -> Remarks:
    """One picture of all layers with shapes, the lowest first; widths and letters are the page's pixels."""
    if not any(len(part.drawn(name)) for name in part.frames):
        return []
    ET.register_namespace("inkscape", _LABELLED)
    frame = _Frame(part)
    size = {"xmlns": "http://www.w3.org/2000/svg", "width": f"{frame.width:.0f}", "height": f"{frame.height:.0f}"}
    root = ET.Element("svg", {**size, "viewBox": f"0 0 {frame.width:.2f} {frame.height:.2f}"})
    ET.SubElement(root, "title").text = xml_text(part.notice["title"])
    ET.SubElement(root, "desc").text = xml_text(part.notice.text())
    ET.SubElement(root, "metadata").text = frame.said(part.system.label())
    orders = {one["id"]: (one.get("order", 0), one["id"]) for one in part.edition.meta["layers"]}
    names = sorted((name for name in part.frames if len(part.drawn(name))), key=lambda name: orders[name])
    for name in names:
        group = ET.SubElement(root, "g", {"id": name, f"{{{_LABELLED}}}label": xml_text(part.title(name))})
        group.set(f"{{{_LABELLED}}}groupmode", "layer")
        _draw(group, part, name, frame)
    texts = ET.SubElement(root, "g", {"id": "names", "font-family": "Noto Sans CJK SC, Microsoft YaHei, sans-serif"})
    texts.set("text-anchor", "middle")
    for name in names:
        _name(texts, part, name, frame)
    (folder / f"{part.stem}.svg").write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
    left = sum(len(found) - len(part.drawn(name)) for name, found in part.frames.items())
    remarks = [part.say("remark_undrawn", count=left)] if left else []
    return [*remarks, part.say("remark_beyond", count=frame.beyond)] if frame.beyond else remarks


class _Frame:
    """From metres to the picture's units, and how to get back.

    Attributes:
        beyond: How many features lie outside of the sheet, which is the district's where it is among them.
    """

    def __init__(self, part: Part) -> None:
        found = [part.drawn(name) for name in part.frames if len(part.drawn(name))]
        boxes = np.vstack([rows.geometry.bounds.to_numpy() for rows in found] or [np.array([[0.0, 0.0, 1.0, 1.0]])])
        # A partner city a thousand kilometres away would leave a dot of the district.
        own = np.concatenate([rows["id"].to_numpy() == DISTRICT for rows in found] or [np.array([False])])
        near = boxes[own] if own.any() else boxes
        (self.west, south), (east, self.north) = near[:, :2].min(axis=0), near[:, 2:].max(axis=0)
        outside = (boxes[:, 0] > east) | (boxes[:, 2] < self.west)
        self.beyond = int((outside | (boxes[:, 1] > self.north) | (boxes[:, 3] < south)).sum())
        self.metres = max(float(east - self.west), float(self.north - south), 1.0) / _WIDE
        self.width = float(east - self.west) / self.metres + 2 * _MARGIN
        self.height = float(self.north - south) / self.metres + 2 * _MARGIN

    def at(self, xy: Any) -> Any:
        """Positions in the picture."""
        origin = np.array([self.west, self.north])
        return (np.asarray(xy, dtype=float) - origin) / self.metres * (1, -1) + _MARGIN

    def said(self, system: str) -> str:
        """How to get from the picture's units to coordinates."""
        return (
            f"{system}: easting = {self.west:.3f} + (x - {_MARGIN:g}) * {self.metres!r}; "
            f"northing = {self.north:.3f} - (y - {_MARGIN:g}) * {self.metres!r}"
        )


def _draw(group: ET.Element, part: Part, layer: str, frame: _Frame) -> None:
    """Every feature as a path of its own, over what lies under all of them."""
    rows = part.drawn(layer)
    cells = rows.drop(columns="geometry").to_dict("records")
    looks = [part.painted(one, shape) for one, shape in zip(cells, rows.geometry, strict=True)]
    for below in ("casing", "bed"):
        for found, shape in zip(looks, rows.geometry, strict=True):
            for one in (one for one in found if one.name == below):
                ET.SubElement(group, "path", {"d": _path(shape, frame), "fill": "none", **_stroke(one)})
    for one, found, shape in zip(cells, looks, rows.geometry, strict=True):
        kind = part.kinds[str(one["kind"])]
        path = ET.SubElement(group, "path", {"id": xml_text(str(one["id"])), **_look(found)})
        path.set("d", _path(shape, frame, kind.symbol.size / 2))
        name = (one["name_en"] if part.lang == "en" else "") or one["name"] or one["id"]
        ET.SubElement(path, "title").text = xml_text(str(name))
        for over in (over for over in found if over.name in ("pattern", "overlay")):
            look = {"fill": f"url(#{_pattern(group, over)})"} if over.pattern else {"fill": "none", **_stroke(over)}
            ET.SubElement(group, "path", {"d": _path(shape, frame), **look})


def _look(found: Sequence[Pass]) -> dict[str, str]:
    look = {"fill": "none", "stroke": "none"}
    for one in found:
        if one.name in ("fill", "spot"):
            look |= {"fill": one.fill, "fill-opacity": f"{one.fill_opacity:g}", "fill-rule": "evenodd"}
        if one.name in ("stroke", "spot"):
            look |= _stroke(one)
    return look


def _stroke(one: Pass) -> dict[str, str]:
    look = {"stroke": one.stroke, "stroke-width": f"{one.width:g}"}
    if one.opacity < 1:
        look["stroke-opacity"] = f"{one.opacity:g}"
    if one.dash:
        look["stroke-dasharray"] = " ".join(f"{step:g}" for step in one.dash)
    return look


def _pattern(group: ET.Element, one: Pass) -> str:
    """Id of a pattern among the layer's own, made when it is the first of its kind; as the page draws it."""
    name = f"{group.get('id')}-{one.pattern}-{one.fill.removeprefix('#')}"
    if group.find(f"pattern[@id='{name}']") is None:
        drawn = PATTERNS[one.pattern]
        made = ET.Element("pattern", {"id": name, **drawn.tile(), "fill": "none", drawn.ink: one.fill})
        group.insert(0, made)
        for tag, look in drawn.parts():
            ET.SubElement(made, tag, look)
    return name


def _path(shape: BaseGeometry, frame: _Frame, radius: float = 0.0) -> str:
    drawn = []
    for part in shapely.get_parts([shape]):
        if part.geom_type == "Point":
            ((x, y),) = frame.at([(part.x, part.y)])
            arc = f"a{radius:g} {radius:g} 0 1 0"
            drawn.append(f"M{x - radius:.3f} {y:.3f}{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0Z")
        elif part.geom_type == "LineString":
            drawn.append(_line(part, frame))
        elif part.geom_type == "Polygon":
            drawn += [f"{_line(ring, frame)}Z" for ring in (part.exterior, *part.interiors)]
        else:
            drawn.append(_path(part, frame, radius))
    return "".join(drawn)


def _line(line: BaseGeometry, frame: _Frame) -> str:
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in frame.at(shapely.get_coordinates(line)))


def _name(group: ET.Element, part: Part, layer: str, frame: _Frame) -> None:
    """The names of a layer, where they stand on the page; nothing keeps them from one another."""
    rows = part.drawn(layer)
    east, north = part.system.points(rows["label_lon"], rows["label_lat"])
    for number, cells in enumerate(rows.drop(columns="geometry").to_dict("records")):
        label = part.kinds[str(cells["kind"])].label
        name = (cells["name_en"] if part.lang == "en" else "") or cells["name"]
        if not (label.size and name and np.isfinite(east[number])):
            continue
        ((x, y),) = frame.at([(east[number], north[number])])
        text = ET.SubElement(group, "text", {"x": f"{x:.2f}", "y": f"{y:.2f}", "font-size": f"{label.size:g}"})
        text.set("fill", label.color)
        text.text = xml_text(str(name))
