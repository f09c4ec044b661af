"""GeoJSON and what goes by its name: collections, bare lists, bare geometries, a feature a line, TopoJSON."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.errors import GeoError
from geo.foreign.table import Table
from geo.foreign.topology import Topology

_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_BUILDERS: dict[str, Callable[[Any], BaseGeometry]] = {
    "Point": shapely.Point,
    "MultiPoint": shapely.MultiPoint,
    "LineString": shapely.LineString,
    "MultiLineString": shapely.MultiLineString,
    "Polygon": lambda rings: shapely.Polygon(rings[0], rings[1:]),
    "MultiPolygon": lambda parts: shapely.MultiPolygon([(rings[0], rings[1:]) for rings in parts]),
}
_MAX_NESTING = 20
_CODE = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})|https?://[^ ]*/EPSG/0/(\d{4,6})", re.IGNORECASE)


def read(text: str, shown: str) -> dict[str, Table]:
    """The layers of a JSON document: one, or for TopoJSON one for each of its objects.

    Args:
        text: the document.
        shown: the file's name, for messages; its stem names the only layer.

    Raises:
        GeoError: `vector.json`, `vector.json_kind`, `vector.arcgis_json`, `vector.coordinates`,
            `vector.coordinates_text`, `vector.crs_unknown`, `vector.bad_topology`.
    """
    document = _document(text, shown)
    if isinstance(document, dict) and document.get("type") == "Topology":
        topology = Topology(document, shown)
        crs_found = _crs(document, shown)
        return {name: _table(features, crs_found, shown) for name, features in topology.layers().items()}
    features = _features(document, shown)
    found = _crs(document, shown) if isinstance(document, dict) else crs.WGS84
    return {shown.rsplit(".", 1)[0]: _table(features, found, shown)}


def _document(text: str, shown: str) -> Any:
    """The value that the text is; a list for a feature a line."""
    text = text.strip().lstrip("\x1e")
    if not text:
        raise GeoError("vector.empty_file", file=shown)
    if text[0] == "<":
        raise GeoError("vector.other_content", file=shown)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise GeoError("vector.json", file=shown, line=1, column=1) from error
    except json.JSONDecodeError as error:
        lines = _line_by_line(text, shown)
        if lines is not None:
            return lines
        raise GeoError("vector.json", file=shown, line=error.lineno, column=error.colno) from error
    except ValueError as error:  # a number with more digits than Python reads
        raise GeoError("vector.json", file=shown, line=1, column=1) from error


def _line_by_line(text: str, shown: str) -> list[Any] | None:
    """A document a line, or None when the first line is none; a later line that is none is an error."""
    values: list[Any] = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip(" \t\x1e\ufeff").rstrip(",") if values else line.strip(" \t\x1e\ufeff")
        if not line:
            continue
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            if not values:
                return None
            column = error.colno if isinstance(error, json.JSONDecodeError) else 1
            raise GeoError("vector.json", file=shown, line=number, column=column) from error
        if not isinstance(values[0], dict):
            return None
    return values


def _features(document: Any, shown: str) -> list[Any]:
    """Features and bare geometries of a document, in order."""
    if isinstance(document, list):
        if document and all(isinstance(item, dict) and _kind(item) for item in document):
            return [feature for item in document for feature in _features(item, shown)]
        raise GeoError("vector.json_kind", file=shown, found="[ … ]")
    if not isinstance(document, dict):
        raise GeoError("vector.json_kind", file=shown, found=type(document).__name__)
    if "geometryType" in document or "spatialReference" in document:
        raise GeoError("vector.arcgis_json", file=shown)
    kind = _kind(document)
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise GeoError("vector.json_kind", file=shown, found="FeatureCollection")
        return features
    if not kind:
        raise GeoError("vector.json_kind", file=shown, found=[str(name) for name in list(document)[:8]])
    return [document]


def _kind(value: Mapping[str, Any]) -> str:
    """The GeoJSON type of a table, or "" when it has none."""
    kind = value.get("type")
    known = ("FeatureCollection", "Feature", "GeometryCollection", *_DEPTHS)
    return kind if isinstance(kind, str) and kind in known else ""


def _table(features: list[Any], found: CRS | None, shown: str) -> Table:
    table = Table(crs=found)
    for row, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or _kind(feature) in ("", "FeatureCollection"):
            raise GeoError("vector.json_feature", file=shown, row=row)
        if feature["type"] != "Feature":
            table.add({}, geometry(feature, shown, row))
            continue
        properties = feature.get("properties")
        if properties is not None and not isinstance(properties, dict):
            raise GeoError("vector.json_feature", file=shown, row=row)
        properties = dict(properties or {})
        if "id" in feature and isinstance(feature["id"], str | int | float):
            properties.setdefault("id", feature["id"])
        table.add(properties, geometry(feature.get("geometry"), shown, row))
    return table


def geometry(value: Any, shown: str, row: int, depth: int = 0) -> BaseGeometry | None:
    """A geometry object as a geometry, 2D; None for null and for one without coordinates.

    Args:
        value: the object.
        shown: the file's name, for messages.
        row: number of the feature, from 1.
        depth: how many collections it stands in.
    """
    if value is None:
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "GeometryCollection" and depth < _MAX_NESTING:
        members = value.get("geometries")
        if not isinstance(members, list):
            raise GeoError("vector.coordinates", file=shown, row=row)
        parts = [geometry(member, shown, row, depth + 1) for member in members]
        present = [part for part in parts if part is not None]
        return shapely.GeometryCollection(present) if present else None
    if kind not in _DEPTHS:
        raise GeoError("vector.coordinates", file=shown, row=row)
    coordinates = _coordinates(value.get("coordinates"), _DEPTHS[kind], shown, row)
    if not coordinates:
        return None
    try:
        return _BUILDERS[kind](coordinates)
    except (ValueError, IndexError, TypeError, shapely.errors.ShapelyError) as error:
        raise GeoError("vector.coordinates", file=shown, row=row) from error


def _coordinates(value: Any, depth: int, shown: str, row: int) -> list[Any]:
    """Nested lists of positions, checked, each position cut to two numbers; empty parts are left out."""
    if not isinstance(value, list):
        raise GeoError("vector.coordinates", file=shown, row=row)
    if depth:
        return [part for part in (_coordinates(item, depth - 1, shown, row) for item in value) if part]
    if not value:
        return []
    position: list[Any] = value[:2] if len(value) > 1 else [None]
    for number in position:
        if isinstance(number, str):
            raise GeoError("vector.coordinates_text", file=shown, row=row, value=number)
        if not isinstance(number, int | float) or isinstance(number, bool) or not math.isfinite(number):
            raise GeoError("vector.coordinates", file=shown, row=row)
    return [float(number) for number in position]


def _crs(document: Mapping[str, Any], shown: str) -> CRS | None:
    """The CRS of a document: WGS 84 unless the old `crs` member names another; None when it says that none is known."""
    if "crs" not in document:
        return crs.WGS84
    member = document["crs"]
    name = member.get("properties") if isinstance(member, dict) else member
    if isinstance(name, dict):
        name = name.get("name", name.get("code", name.get("href")))
    if name is None:
        return None
    return crs_named(str(name), shown)


def crs_named(name: str, shown: str) -> CRS:
    """A CRS from a name as files give it: `urn:ogc:def:crs:EPSG::4490`, `EPSG:4490`, `CRS84`, `4490`.

    Raises:
        GeoError: `vector.crs_unknown`.
    """
    name = name.strip()
    if re.search(r"CRS:?84$", name, re.IGNORECASE):
        return crs.WGS84
    match = _CODE.fullmatch(name)
    try:
        return crs.parse_crs((match[1] or match[2]) if match else name, lon=None)
    except GeoError as error:
        raise GeoError("vector.crs_unknown", file=shown, name=name) from error
