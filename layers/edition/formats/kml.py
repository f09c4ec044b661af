"""KML 2.2 (WGS 84 by its standard) and KMZ: a folder for each layer, styles by kind, attributes as typed data."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from layers.edition.formats.archive import write_zip
from layers.edition.formats.part import Part, Remarks
from layers.edition.store import plain
from layers.model.tables import FEATURE_COLUMNS, FLAG, INTEGER, NUMBER
from layers.style.passes import Pass, filling
from layers.style.qml_xml import xml_text

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_TYPES = {NUMBER: "double", INTEGER: "int", FLAG: "bool"}
_THINNEST = 1.0
_PAINTED = ("kind", "status", "basis", "color", "assumed")
"""The columns that the look of a feature depends on."""


def write_kml(part: Part, folder: Path) -> Remarks:
    """One KML of all layers."""
    _write(part, folder / f"{part.stem}.kml")
    return []


def write_kmz(part: Part, folder: Path) -> Remarks:
    """The same in an archive, as ``doc.kml``."""
    document = folder / f"{part.stem}.kml"
    _write(part, document)
    write_zip(folder / f"{part.stem}.kmz", [("doc.kml", document)], part.year)
    document.unlink()
    return []


def _write(part: Part, path: Path) -> None:
    """Write the document place by place: 60,000 places as elements took 900 MB."""
    root = ET.Element("kml", xmlns=_NAMESPACE)
    document = ET.SubElement(root, "Document")
    _text(document, "name", part.notice["title"])
    _text(document, "description", part.notice.text())
    for style in _styles(part):
        document.append(style)
    with path.open("wb") as file:
        file.write(b"<?xml version='1.0' encoding='utf-8'?>\n")
        with _opened(file, root, 2):
            for number, name in enumerate(part.frames):
                with _opened(file, _folder(part, name, number), 1):
                    for place in _places(part, name, number):
                        ET.indent(place, "")
                        file.write(ET.tostring(place, encoding="utf-8") + b"\n")


@contextmanager
def _opened(file: BinaryIO, element: ET.Element, depth: int) -> Iterator[None]:
    """Write an element, whose last ``depth`` closing tags come after what is written meanwhile."""
    ET.indent(element, "")
    lines = ET.tostring(element, encoding="utf-8").rsplit(b"\n", depth)
    file.write(lines[0] + b"\n")
    yield
    file.write(b"\n".join(lines[1:]) + (b"" if element.tag == "kml" else b"\n"))


def _text(parent: ET.Element, tag: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, tag)
    child.text = xml_text(text)
    return child


def _color(color: str, opacity: float = 1.0) -> str:
    """``#rrggbb`` as KML writes it: opacity, blue, green, red."""
    return f"{round(opacity * 255):02x}{color[5:7]}{color[3:5]}{color[1:3]}".lower()


def _styles(part: Part) -> Iterator[ET.Element]:
    """The styles of all features: one for each kind, status and colour, as the page paints them."""
    made: set[str] = set()
    for name in part.frames:
        frame = part.drawn(name)
        columns = zip(*(frame[one].tolist() for one in _PAINTED), frame.geometry.to_numpy(), strict=True)
        for *values, shape in columns:
            cells = dict(zip(_PAINTED, values, strict=True))
            key = _style_id(part, cells, shape)
            if key not in made:
                made.add(key)
                yield _style(key, part.painted(cells, shape), part.line(cells, shape))


def _style_id(part: Part, cells: Mapping[str, Any], shape: BaseGeometry) -> str:
    """Name of a style: of the kind, and of what else its look depends on."""
    made, line = part.painted(cells, shape), part.line(cells, shape)
    fill = filling(made)
    looks = [line.stroke, *([fill.fill, f"{fill.fill_opacity:g}"] if fill else [])]
    return "-".join(["kind", str(cells["kind"]), *(one.removeprefix("#").replace(".", "_") for one in looks)])


def _style(key: str, made: Sequence[Pass], line: Pass) -> ET.Element:
    style = ET.Element("Style", id=key)
    if made[0].name == "spot":
        _text(ET.SubElement(style, "IconStyle"), "color", _color(line.stroke))
        return style
    drawn = ET.SubElement(style, "LineStyle")
    _text(drawn, "color", _color(line.stroke))
    _text(drawn, "width", f"{max(line.width, _THINNEST):g}")
    fill = filling(made)
    area = ET.SubElement(style, "PolyStyle")
    _text(area, "color", _color(fill.fill, fill.fill_opacity) if fill else "00ffffff")
    return style


def _schema(part: Part, layer: str, number: int) -> ET.Element:
    """The columns of a layer: by the edition's names, headed as asked."""
    schema = ET.Element("Schema", id=f"schema-{number}", name=layer)
    own = set(part.frames[layer].columns)
    for column in (name for name in part.shapes(layer).columns if name != "geometry"):
        kind = _TYPES.get(FEATURE_COLUMNS.get(_own_name(column, own), ""), "string")
        kind = "string" if kind == "bool" and column not in own else kind  # in words it is yes or no
        field = ET.SubElement(schema, "SimpleField", type=kind, name=_field(column))
        _text(field, "displayName", column)
    return schema


def _field(column: str) -> str:
    """A column's name; GDAL takes a field ``id`` for the element's own id and loses what is in it."""
    return "feature_id" if column == "id" else xml_text(column)


def _own_name(heading: str, own: set[str]) -> str:
    """The edition's name of a column that is headed in words, with that name in brackets."""
    name = heading.rpartition("(")[2].rstrip(")")
    return name if name in own else heading


def _folder(part: Part, layer: str, number: int) -> ET.Element:
    # A document of its own: in a KMZ, GDAL finds the columns of a layer nowhere else.
    folder = ET.Element("Document")
    _text(folder, "name", part.title(layer))
    folder.append(_schema(part, layer, number))
    return folder


def _places(part: Part, layer: str, number: int) -> Iterator[ET.Element]:
    """The features of a layer, one after the other."""
    frame, own = part.shapes(layer), part.frames[layer]
    columns = [str(name) for name in frame.columns if name != "geometry"]
    cells = zip(*(frame[name].tolist() for name in columns), strict=True)
    names = zip(own["name_en"] if part.lang == "en" else own["name"], own["name"], own["id"], strict=True)
    looks = zip(*(own[one].tolist() for one in _PAINTED), strict=True)
    rows = zip(cells, names, looks, own.geometry.to_numpy(), strict=True)
    fields = [_field(column) for column in columns]
    for values, named, look, shape in rows:
        place = ET.Element("Placemark")
        _text(place, "name", str(next((name for name in named if name), "")))
        drawn = shape is not None and not shape.is_empty
        if drawn:
            _text(place, "styleUrl", f"#{_style_id(part, dict(zip(_PAINTED, look, strict=True)), shape)}")
        data = ET.SubElement(ET.SubElement(place, "ExtendedData"), "SchemaData", schemaUrl=f"#schema-{number}")
        for field, value in zip(fields, map(plain, values), strict=True):
            if value is not None:
                cell = _text(data, "SimpleData", _written(value))
                cell.set("name", field)
        if drawn:
            place.append(_geometry(shape))
        yield place


def _written(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def _geometry(shape: BaseGeometry) -> ET.Element:
    parts = [_single(part) for part in _parts(shape)]
    if len(parts) == 1:
        return parts[0]
    many = ET.Element("MultiGeometry")
    many.extend(parts)
    return many


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts([shape]):
        if part.geom_type in ("Point", "LineString", "Polygon"):
            yield part
        else:
            yield from _parts(part)


def _single(shape: BaseGeometry) -> ET.Element:
    if isinstance(shape, Polygon):
        turned = shapely.orient_polygons(shape)
        area = ET.Element("Polygon")
        for tag, rings in (("outerBoundaryIs", [turned.exterior]), ("innerBoundaryIs", turned.interiors)):
            for ring in rings:
                line = ET.SubElement(ET.SubElement(area, tag), "LinearRing")
                _text(line, "coordinates", _coordinates(ring))
        return area
    single = ET.Element("Point" if shape.geom_type == "Point" else "LineString")
    _text(single, "coordinates", _coordinates(shape))
    return single


def _coordinates(shape: BaseGeometry) -> str:
    return " ".join(f"{x:.7f},{y:.7f}" for x, y in shapely.get_coordinates(shape))
