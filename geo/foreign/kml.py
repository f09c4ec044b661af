"""KML: placemarks with their names and data, in longitude and latitude of WGS 84; links are never followed."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser

import shapely
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.errors import GeoError
from geo.foreign.table import Table
from geo.foreign.text import decode

_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
_READABLE = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-16": "utf-16"}
_MAX_DEPTH = 60
_MULTI: dict[str, Any] = {
    "Point": shapely.MultiPoint, "LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon,
}  # fmt: skip


def read(raw: bytes, shown: str) -> dict[str, Table]:
    """The layers of a KML document: its folders by name, or one layer when it has none.

    Args:
        raw: the document; UTF-8 unless its first line says GBK or UTF-16.
        shown: the file's name, for messages.

    Raises:
        GeoError: `vector.xml`, `vector.other_content`, `vector.kml_link`, `vector.coordinates`,
            `vector.encoding`.
    """
    text = _text(raw, shown)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise GeoError("vector.other_content", file=shown)
    parser = XMLParser()  # noqa: S314 (no document type, hence no entities: looked for above)
    try:
        parser.feed(text)
        root = parser.close()
    except (ParseError, ValueError, RecursionError) as error:
        line, column = getattr(error, "position", (1, 0))
        raise GeoError("vector.xml", file=shown, line=line, column=column + 1) from error
    if _name(root) != "kml":
        raise GeoError("vector.other_content", file=shown)
    layers: dict[str, Table] = {}
    for row, (folder, mark) in enumerate(_placemarks(root, shown.rsplit(".", 1)[0]), start=1):
        table = layers.setdefault(folder, Table(crs=crs.WGS84))
        table.add(_properties(mark), _geometry(mark, shown, row))
    if not layers and any(_name(one) == "NetworkLink" for one in root.iter()):
        raise GeoError("vector.kml_link", file=shown)
    return layers


def _text(raw: bytes, shown: str) -> str:
    declared = _DECLARED.search(raw[:200])
    encoding = _READABLE.get(declared[1].decode("ascii").lower(), "") if declared else ""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    if encoding:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            text = decode(raw, shown)
    else:
        text = decode(raw, shown)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))


def _name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rsplit("}", 1)[-1]


def _child(element: Element, name: str) -> Element | None:
    return next((one for one in element if _name(one) == name), None)


def _said(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _placemarks(element: Element, folder: str, depth: int = 0) -> Iterator[tuple[str, Element]]:
    """Every placemark with the name of the folder that it stands in."""
    if depth > _MAX_DEPTH:
        return
    for child in element:
        name = _name(child)
        if name == "Placemark":
            yield folder, child
        elif name in ("Document", "Folder"):
            named = _said(_child(child, "name")) if name == "Folder" else ""
            yield from _placemarks(child, named or folder, depth + 1)


def _properties(mark: Element) -> dict[str, str]:
    properties = {name: _said(_child(mark, name)) for name in ("name", "description") if _child(mark, name) is not None}
    for one in mark.iter():
        if _name(one) == "Data":
            properties.setdefault(str(one.get("name")), _said(_child(one, "value")))
        elif _name(one) == "SimpleData":
            properties.setdefault(str(one.get("name")), _said(one))
    return properties


def _geometry(mark: Element, shown: str, row: int) -> BaseGeometry | None:
    parts = [part for child in mark for part in _parts(child, shown, row)]
    if len(parts) < 2:
        return parts[0] if parts else None
    kinds = {part.geom_type for part in parts}
    return _MULTI[kinds.pop()](parts) if len(kinds) == 1 else shapely.GeometryCollection(parts)


def _parts(element: Element, shown: str, row: int, depth: int = 0) -> Iterator[BaseGeometry]:
    """The simple geometries of an element; none for one that is no geometry."""
    name = _name(element)
    try:
        if name == "MultiGeometry" and depth < _MAX_DEPTH:
            for child in element:
                yield from _parts(child, shown, row, depth + 1)
        elif name == "Point":
            yield shapely.Point(_positions(element)[0])
        elif name in ("LineString", "LinearRing"):
            yield shapely.LineString(_positions(element))
        elif name == "Polygon":
            rings: dict[str, list[Element]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
            for child in element:
                if _name(child) in rings:
                    rings[_name(child)] += [ring for ring in child if _name(ring) == "LinearRing"]
            outer, inner = rings.values()
            yield shapely.Polygon(_positions(outer[0]), [_positions(ring) for ring in inner])
        elif name in ("Track", "MultiTrack", "Model"):
            raise GeoError("vector.coordinates", file=shown, row=row)
    except (ValueError, IndexError, shapely.errors.ShapelyError) as error:
        raise GeoError("vector.coordinates", file=shown, row=row) from error


def _positions(element: Element) -> list[tuple[float, float]]:
    text = re.sub(r"\s*,\s*", ",", _said(_child(element, "coordinates")))
    points = [tuple(float(number) for number in position.split(",")[:2]) for position in text.split()]
    if not points or any(len(point) != 2 for point in points):
        raise ValueError
    return [(x, y) for x, y in points]
