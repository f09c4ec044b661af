"""WMS 1.3.0 and 1.1.1: for programs that know nothing newer.

Source:
    OGC 06-042 (1.3.0), OGC 01-068r3 (1.1.1). Axis order of boxes: that of the authority in 1.3.0, x/y in 1.1.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geo import crs as geo_crs
from geo.errors import GeoError
from layers.drawing.sheet import Sheet, pixels
from layers.edition.layer_table import plain_heading
from layers.edition.provenance import full_title
from layers.service.cql2_places import box_numbers
from layers.service.errors import ServiceError
from webmap.ogc import xml
from webmap.ogc.documents import attribution
from webmap.ogc.painting import LARGEST_SIDE, PNG, WHITE, colour, hits, legend, painted, sheet_of
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted
from webmap.serving.context import Context
from webmap.serving.encode import GEOJSON_TYPE, json_bytes
from webmap.serving.problems import NotKnownError

VERSIONS = ("1.3.0", "1.1.1")
REQUESTS = ("GetCapabilities", "GetMap", "GetFeatureInfo", "GetLegendGraphic")
INFO_FORMATS = ("application/json", "application/geo+json", "text/plain", "text/html")
_NEWEST = VERSIONS[0]
_XML = "text/xml; charset=utf-8"
_OLD_XML = "application/vnd.ogc.wms_xml"
_MOST_INFO = 50
STYLE = "default"
_DOCTYPE = '<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://schemas.opengis.net/wms/1.1.1/capabilities_1_1_1.dtd">\n'

Answer = tuple[bytes, str]


def answer(ctx: Context, known: Service, wanted: Wanted) -> Answer:
    """What a request is answered with, and its media type.

    Raises:
        ServiceError: A value is missing or wrong.
        NotKnownError: There is no such layer.
    """
    asked = {name: value for name, value in wanted.values if value}
    request = _one_of("REQUEST", asked.get("request", REQUESTS[0]), REQUESTS)
    if asked.get("service", "WMS").upper() != "WMS":
        raise ServiceError("service.value_unknown", name="SERVICE", value=asked["service"], known=["WMS"])
    # Versions are negotiated: what is older than 1.3.0 gets 1.1.1.
    version = _NEWEST if asked.get("version", _NEWEST) >= _NEWEST else VERSIONS[1]
    if request == "GetCapabilities":
        return capabilities(known, wanted, version), _XML if version == _NEWEST else _OLD_XML
    if request == "GetLegendGraphic":
        _format(asked)
        (layer,) = _layers(known, asked, "layer")[:1]
        svg, width, height = legend(known, layer, wanted.lang)
        return pixels(svg, width, height, WHITE), PNG
    sheet = _sheet(known, asked, version)
    if request == "GetFeatureInfo":
        return _info(known, asked, sheet, wanted.lang)
    _format(asked)
    background = "" if asked.get("transparent", "").upper() == "TRUE" else colour(asked.get("bgcolor", WHITE))
    _styles(asked)
    return painted(ctx, known, _layers(known, asked, "layers"), sheet, wanted.lang, background), PNG


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    found = next((one for one in known if one.lower() == value.lower()), None)
    if found is None:
        raise ServiceError("service.value_unknown", name=name, value=value[:60], known=list(known))
    return found


def _needed(asked: dict[str, str], name: str) -> str:
    if name not in asked:
        raise ServiceError("service.parameter_missing", name=name.upper())
    return asked[name]


def _format(asked: dict[str, str]) -> None:
    kind = re.match(r"[\w/+.-]*", asked.get("format", PNG))
    _one_of("FORMAT", kind[0] if kind else "", (PNG,))


def _styles(asked: dict[str, str]) -> None:
    for one in asked.get("styles", "").split(","):
        if one:
            _one_of("STYLES", one, (STYLE,))


def _layers(known: Service, asked: dict[str, str], name: str) -> list[str]:
    found = [one for one in _needed(asked, name).split(",") if one]
    if not found:
        raise ServiceError("service.parameter_missing", name=name.upper())
    for one in found:
        if one not in known.store.layers:
            raise NotKnownError("error.unknown_layer", value=one[:60], choices=list(known.store.layers))
    return found


def _sheet(known: Service, asked: dict[str, str], version: str) -> Sheet:
    newest = version == _NEWEST
    name = _needed(asked, "crs" if newest or "srs" not in asked else "srs")
    try:
        crs, authority = geo_crs.named_crs(name)
    except GeoError:
        crs, authority = None, False
    offered = [one.crs for one in known.systems]
    if crs is None or crs not in offered:
        raise ServiceError("service.crs_not_offered", crs=name[:60], known=names(known, newest))
    x0, y0, x1, y1 = box_numbers(_needed(asked, "bbox").split(","))
    if newest and authority and geo_crs.north_first(crs):
        y0, x0, y1, x1 = x0, y0, x1, y1
    return sheet_of(crs, (x0, y0, x1, y1), int(_needed(asked, "width")), int(_needed(asked, "height")))


def names(known: Service, newest: bool = True) -> list[str]:
    """What the offered systems are called in WMS."""
    return [
        (("CRS:84" if newest else "") if number == 0 else f"EPSG:{one.crs.to_epsg()}")
        for number, one in enumerate(known.systems)
        if number or newest
    ]


# ---- what there is


def capabilities(known: Service, wanted: Wanted, version: str) -> bytes:
    """The capabilities document."""
    newest = version == _NEWEST
    address = f"{wanted.root}/ogc/wms?"
    root = xml.root(
        "WMS_Capabilities" if newest else "WMT_MS_Capabilities", {"version": version}, xml.WMS if newest else ""
    )
    service = xml.add(root, "Service")
    title = full_title(known.store.plan, wanted.lang)
    xml.add(service, "Name", "WMS" if newest else "OGC:WMS")
    xml.add(service, "Title", title)
    xml.add(service, "Abstract", attribution(known, wanted.lang))
    xml.online(service, "OnlineResource", f"{wanted.root}/ogc")
    xml.add(service, "Fees", "none")
    xml.add(service, "AccessConstraints", "none")
    if newest:
        xml.add(service, "MaxWidth", str(LARGEST_SIDE))
        xml.add(service, "MaxHeight", str(LARGEST_SIDE))
    capability = xml.add(root, "Capability")
    requests = xml.add(capability, "Request")
    for name in REQUESTS:
        if name == "GetLegendGraphic" and newest:
            continue  # it is of another standard, and its layers say where theirs is
        one = xml.add(requests, name)
        kinds = {"GetCapabilities": ("text/xml",), "GetFeatureInfo": INFO_FORMATS}.get(name, (PNG,))
        for kind in kinds if newest or name != "GetCapabilities" else (_OLD_XML,):
            xml.add(one, "Format", kind)
        xml.online(xml.add(xml.add(xml.add(one, "DCPType"), "HTTP"), "Get"), "OnlineResource", address)
    xml.add(xml.add(capability, "Exception"), "Format", "XML" if newest else "application/vnd.ogc.se_xml")
    _layer_tree(known, wanted, capability, title, newest)
    return xml.written(root, "" if newest else _DOCTYPE)


def _layer_tree(known: Service, wanted: Wanted, capability: Element, title: str, newest: bool) -> None:
    top = xml.add(capability, "Layer")
    xml.add(top, "Title", title)
    for name in names(known, newest):
        xml.add(top, "CRS" if newest else "SRS", name)
    (south, west), (north, east) = known.store.extent
    _extent(top, (west, south, east, north), newest)
    groups = {str(one["id"]): one for one in known.store.groups}
    for layer, record in sorted(known.store.layers.items(), key=lambda item: -int(item[1].get("order", 0))):
        if known.store.geometry_type(layer) == "none":
            continue
        one = xml.add(top, "Layer", queryable="1")
        xml.add(one, "Name", layer)
        xml.add(one, "Title", known.title(layer, wanted.lang))
        group = groups.get(str(record.get("group", "")), {})
        xml.add(one, "Abstract", str((group.get("name_en") if wanted.lang == "en" else "") or group.get("name") or ""))
        extent = known.table(layer).extent
        if extent:
            _extent(one, extent, newest)
        style = xml.add(one, "Style")
        xml.add(style, "Name", STYLE)
        xml.add(style, "Title", STYLE)
        _svg, width, height = legend(known, layer, wanted.lang)
        picture = xml.add(style, "LegendURL", width=str(width), height=str(height))
        xml.add(picture, "Format", PNG)
        query = f"service=WMS&version={_NEWEST}&request=GetLegendGraphic&format={PNG}&layer={layer}"
        xml.online(picture, "OnlineResource", f"{wanted.root}/ogc/wms?{query}")


def _extent(parent: Element, extent: tuple[float, float, float, float], newest: bool) -> None:
    west, south, east, north = (repr(one) for one in extent)
    if newest:
        found = xml.add(parent, "EX_GeographicBoundingBox")
        for name, value in (
            ("westBoundLongitude", west), ("eastBoundLongitude", east),
            ("southBoundLatitude", south), ("northBoundLatitude", north),
        ):  # fmt: skip
            xml.add(found, name, value)
        xml.add(parent, "BoundingBox", CRS="CRS:84", minx=west, miny=south, maxx=east, maxy=north)
    else:
        xml.add(parent, "LatLonBoundingBox", minx=west, miny=south, maxx=east, maxy=north)


# ---- what is there


def _info(known: Service, asked: dict[str, str], sheet: Sheet, lang: str) -> Answer:
    kind = _one_of("INFO_FORMAT", asked.get("info_format", INFO_FORMATS[0]), INFO_FORMATS)
    x, y = (_needed(asked, new if new in asked else old) for new, old in (("i", "x"), ("j", "y")))
    most = min(int(asked.get("feature_count", "1") or 1), _MOST_INFO)
    found = [
        (layer, int(row))
        for layer in reversed(_layers(known, asked, "query_layers"))
        for row in hits(known, layer, sheet, int(x) + 0.5, int(y) + 0.5)
    ][:most]
    if kind in INFO_FORMATS[:2]:
        system = known.systems[0]
        members = [known.table(layer).encoded(system).features((row,)).members[0] for layer, row in found]
        head = json_bytes({"type": "FeatureCollection", "numberReturned": len(found)})[:-1]
        return head + b',"features":[' + b",".join(members) + b"]}", GEOJSON_TYPE
    told = [
        (known.title(layer, lang), json.loads(known.table(layer).properties(np.array([row]))[0]))
        for layer, row in found
    ]
    if kind == "text/plain":
        return "\n\n".join(_plain(title, cells, lang) for title, cells in told).encode(), "text/plain; charset=utf-8"
    shown = "".join(_table(title, cells, lang) for title, cells in told)
    start = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>GetFeatureInfo</title>'
    page = f"{start}<body>{shown}</body></html>"
    return page.encode("utf-8", "replace"), "text/html; charset=utf-8"


def _plain(title: str, cells: dict[str, Any], lang: str) -> str:
    lines = [f"{plain_heading(name, lang)}: {value}" for name, value in cells.items() if value is not None]
    return "\n".join([title, *lines])


def _table(title: str, cells: dict[str, Any], lang: str) -> str:
    rows = "".join(
        f"<tr><th>{escape(plain_heading(name, lang))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in cells.items()
        if value is not None
    )
    return f"<h1>{escape(title)}</h1><table>{rows}</table>"
