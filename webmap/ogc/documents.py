"""What services say of themselves: landing page, conformance, collections, queryables. Plain values."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from layers import words
from layers.edition.layer_table import plain_heading
from layers.edition.notice import licence
from layers.edition.provenance import full_title
from layers.service.columns import DATE, FLAG, INTEGER, NUMBER, TEXT, TIME
from layers.service.cql2 import CLASSES
from layers.service.table import GEOMETRY
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE
from webmap.serving.messages import text
from webmap.serving.quick import ORIGIN

HTML, SCHEMA, API = "text/html", "application/schema+json", "application/vnd.oai.openapi+json;version=3.0"
MAPBOX_STYLE, QML = "application/vnd.mapbox.style+json", "application/x-qgis-layer-settings"
QLR = "application/x-qgis-layer-definition"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features"
CONFORMS = (
    *(f"{_FEATURES}-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")),
    f"{_FEATURES}-2/1.0/conf/crs",
    *(
        f"{_FEATURES}-3/1.0/conf/{n}"
        for n in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(f"http://www.opengis.net/spec/cql2/1.0/conf/{name}" for name in CLASSES),
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{n}"
        for n in ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "mvt", "oas30")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/{n}"
        for n in (
            "core",
            "background",
            "collection-map",
            "dataset-map",
            "collections-selection",
            "scaling",
            "spatial-subsetting",
            "crs",
            "png",
            "oas30",
        )
    ),
    *(f"http://www.opengis.net/spec/tms/2.0/conf/{name}" for name in ("tilematrixset", "json-tilematrixset")),
)
"""Conformance classes; each is held by a test of the service."""
_KINDS = {
    TEXT: {"type": "string"}, NUMBER: {"type": "number"}, INTEGER: {"type": "integer"}, FLAG: {"type": "boolean"},
    DATE: {"type": "string", "format": "date"}, TIME: {"type": "string", "format": "date-time"},
}  # fmt: skip
_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"
_GEOMETRIES = {"polygon": "geometry-multipolygon", "line": "geometry-multilinestring", "point": "geometry-point"}


def link(wanted: Wanted, path: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    """A link to an address of the same plan.

    Args:
        wanted: What was asked for.
        path: The address after the plan's own root, fit for a link.
        rel: What it is to this document.
        kind: Media type.
        title: In words, or "".
    """
    made = {"href": f"{ORIGIN}{wanted.root}{path}", "rel": rel, "type": kind}
    return {**made, "title": title} if title else made


def own_links(wanted: Wanted, kind: str = JSON_TYPE) -> list[dict[str, str]]:
    """The links of a document to itself and to its page."""
    return [
        {"href": ORIGIN + wanted.address(f=""), "rel": "self", "type": kind},
        {"href": ORIGIN + wanted.address(f="html"), "rel": "alternate", "type": HTML},
    ]


def landing(known: Service, wanted: Wanted) -> dict[str, Any]:
    """The landing page."""
    lang = wanted.lang
    titles = {
        name: text(lang, f"ogc.{name}")
        for name in ("api", "conformance", "collections", "tiles", "grids", "styles", "map")
    }
    return {
        "title": full_title(known.store.plan, lang),
        "description": text(lang, "ogc.lead"),
        "attribution": attribution(known, lang),
        "licence": licence(known.store.plan, lang),
        "links": [
            *own_links(wanted),
            link(wanted, "/ogc/api", "service-desc", API, titles["api"]),
            link(wanted, "/ogc/api?f=html", "service-doc", HTML, titles["api"]),
            link(wanted, "/ogc/conformance", "conformance", JSON_TYPE, titles["conformance"]),
            link(wanted, "/ogc/collections", "data", JSON_TYPE, titles["collections"]),
            link(wanted, "/ogc/tiles", f"{_RELATION}tilesets-vector", JSON_TYPE, titles["tiles"]),
            link(wanted, "/ogc/map", f"{_RELATION}map", "image/png", titles["map"]),
            link(wanted, "/ogc/wms", "related", "text/xml", "WMS"),
            link(wanted, "/ogc/wmts", "related", "application/xml", "WMTS"),
            link(wanted, "/ogc/tileMatrixSets", f"{_RELATION}tiling-schemes", JSON_TYPE, titles["grids"]),
            link(wanted, "/ogc/styles", f"{_RELATION}styles", JSON_TYPE, titles["styles"]),
            link(wanted, "/ogc/layers.qlr", "related", QLR, "QGIS"),
        ],
    }


def attribution(known: Service, lang: str) -> str:
    """Who is to be named where the data are shown."""
    plan = known.store.plan
    return words.said(plan, lang, "attribution") or full_title(plan, lang)


def conformance(_known: Service, wanted: Wanted) -> dict[str, Any]:
    """The conformance classes."""
    return {"conformsTo": list(CONFORMS), "links": own_links(wanted)}


def collections(known: Service, wanted: Wanted) -> dict[str, Any]:
    """All collections: the layers of the plan, in its order."""
    return {
        "links": own_links(wanted),
        "crs": [one.uri for one in known.systems],
        "collections": [collection(known, wanted, layer) for layer in known.store.layers],
    }


def collection(known: Service, wanted: Wanted, layer: str) -> dict[str, Any]:
    """One collection."""
    lang, path = wanted.lang, f"/ogc/collections/{quote(layer)}"
    table = known.table(layer)
    group = next((g for g in known.store.groups if g["id"] == known.store.layers[layer].get("group")), {})
    result: dict[str, Any] = {
        "id": layer,
        "title": known.title(layer, lang),
        "description": words.name(group, lang) if group else known.title(layer, lang),
        "attribution": attribution(known, lang),
        "itemType": "feature",
        "crs": [one.uri for one in known.systems],
        "storageCrs": known.stored.uri,
        "links": [
            link(wanted, path, "self", JSON_TYPE),
            link(wanted, f"{path}?f=html", "alternate", HTML),
            link(wanted, f"{path}/items", "items", GEOJSON_TYPE, known.title(layer, lang)),
            link(wanted, f"{path}/items?f=html", "items", HTML, known.title(layer, lang)),
            link(wanted, f"{path}/queryables", f"{_RELATION}queryables", SCHEMA),
        ],
    }
    if known.store.geometry_type(layer) in _GEOMETRIES:
        result["links"] += [
            link(wanted, f"{path}/map", f"{_RELATION}map", "image/png"),
            link(wanted, f"{path}/tiles", f"{_RELATION}tilesets-vector", JSON_TYPE),
            link(wanted, f"/ogc/styles/{quote(layer)}?f=mapbox", "stylesheet", MAPBOX_STYLE),
            link(wanted, f"/ogc/styles/{quote(layer)}?f=qml", "stylesheet", QML),
        ]
    if table.extent is not None:
        result["extent"] = {"spatial": {"bbox": [list(table.extent)], "crs": known.systems[0].uri}}
    return result


def queryables(known: Service, wanted: Wanted, layer: str) -> dict[str, Any]:
    """What filters on a collection may name, as JSON Schema."""
    table, lang = known.table(layer), wanted.lang
    found: dict[str, Any] = {}
    for name, column in table.columns.items():
        found[name] = {"title": plain_heading(name, lang), **_KINDS[column.kind]}
    shape = _GEOMETRIES.get(known.store.geometry_type(layer))
    if shape:
        found[GEOMETRY] = {"title": GEOMETRY, "x-ogc-role": "primary-geometry", "format": shape}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ORIGIN + wanted.address(f="", lang=""),
        "type": "object",
        "title": known.title(layer, lang),
        "properties": found,
        "additionalProperties": False,
    }
