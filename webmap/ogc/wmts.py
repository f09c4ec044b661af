"""WMTS 1.0: pictures of the tiles of the same schemes as the vector tiles.

Source:
    OGC 07-057r7.
"""

from __future__ import annotations

from urllib.parse import quote
from xml.etree.ElementTree import Element

from geo import crs as geo_crs
from layers.edition.provenance import full_title
from layers.service.errors import ServiceError
from layers.service.grids import GRIDS, PIXELS, Grid
from webmap.ogc import xml
from webmap.ogc.documents import attribution
from webmap.ogc.painting import PNG, painted, sheet_of
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted
from webmap.serving.context import Context
from webmap.serving.problems import NotKnownError
from webmap.serving.quick import ORIGIN

REQUESTS = ("GetCapabilities", "GetTile")
STYLE = "default"
_XML = "application/xml"
_SCHEMA = "http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd"


def answer(ctx: Context, known: Service, wanted: Wanted) -> tuple[bytes, str]:
    """What a request of key and value is answered with, and its media type.

    Raises:
        ServiceError: A value is missing or wrong.
        NotKnownError: There is no such layer or tile.
    """
    asked = {name: value for name, value in wanted.values if value}
    request = next((one for one in REQUESTS if one.lower() == asked.get("request", REQUESTS[0]).lower()), None)
    if request is None or asked.get("service", "WMTS").upper() != "WMTS":
        value = asked.get("request", "") if request is None else asked["service"]
        raise ServiceError("service.value_unknown", name="REQUEST", value=value[:60], known=list(REQUESTS))
    if request == "GetCapabilities":
        return capabilities(known, wanted), _XML
    for name in ("layer", "tilematrixset", "tilematrix", "tilerow", "tilecol"):
        if name not in asked:
            raise ServiceError("service.parameter_missing", name=name.upper())
    if asked.get("format", PNG) != PNG or asked.get("style", STYLE) != STYLE:
        raise ServiceError("service.value_unknown", name="FORMAT, STYLE", value="", known=[PNG, STYLE])
    grid = GRIDS.get(asked["tilematrixset"])
    if grid is None:
        value = asked["tilematrixset"][:60]
        raise ServiceError("service.value_unknown", name="TILEMATRIXSET", value=value, known=list(GRIDS))
    place = int(asked["tilematrix"]), int(asked["tilerow"]), int(asked["tilecol"])
    return tile(ctx, known, asked["layer"], grid, *place, wanted.lang), PNG


def tile(ctx: Context, known: Service, layer: str, grid: Grid, level: int, row: int, column: int, lang: str) -> bytes:
    """One tile of a layer as PNG, transparent where nothing is drawn.

    Raises:
        NotKnownError: There is no such layer, or no such tile.
    """
    if layer not in known.store.layers:
        raise NotKnownError("error.unknown_layer", value=layer[:60], choices=list(known.store.layers))
    columns, rows = grid.size(level)
    if row >= rows or column >= columns:
        raise NotKnownError("error.unknown_tile", value=f"{level}/{row}/{column}", columns=columns, rows=rows)
    sheet = sheet_of(grid.crs, grid.bounds(level, column, row), PIXELS, PIXELS)
    return painted(ctx, known, [layer], sheet, lang, "", tile=True)


def capabilities(known: Service, wanted: Wanted) -> bytes:
    """The capabilities document."""
    root = xml.root("Capabilities", {"version": "1.0.0"}, xml.WMTS)
    ows = f"{{{xml.OWS}}}"
    about = xml.add(root, f"{ows}ServiceIdentification")
    xml.add(about, "Title", full_title(known.store.plan, wanted.lang))
    xml.add(about, "Abstract", attribution(known, wanted.lang))
    xml.add(about, "ServiceType", "OGC WMTS")
    xml.add(about, "ServiceTypeVersion", "1.0.0")
    operations = xml.add(root, f"{ows}OperationsMetadata")
    for name in REQUESTS:
        operation = xml.add(operations, "Operation", name=name)
        get = xml.online(xml.add(xml.add(operation, "DCP"), "HTTP"), "Get", f"{wanted.root}/ogc/wmts?")
        values = xml.add(xml.add(get, "Constraint", name="GetEncoding"), "AllowedValues")
        xml.add(values, "Value", "KVP")
    contents = xml.add(root, "Contents")
    for layer in known.store.layers:
        if known.store.geometry_type(layer) != "none":
            _layer(known, wanted, contents, layer)
    for grid in GRIDS.values():
        _grid(contents, grid)
    xml.online(root, "ServiceMetadataURL", f"{wanted.root}/ogc/wmts?service=WMTS&request=GetCapabilities")
    return xml.written(root)


def _layer(known: Service, wanted: Wanted, contents: Element, layer: str) -> None:
    ows = f"{{{xml.OWS}}}"
    one = xml.add(contents, "Layer")
    xml.add(one, f"{ows}Title", known.title(layer, wanted.lang))
    extent = known.table(layer).extent
    if extent:
        box = xml.add(one, f"{ows}WGS84BoundingBox")
        xml.add(box, "LowerCorner", f"{extent[0]!r} {extent[1]!r}")
        xml.add(box, "UpperCorner", f"{extent[2]!r} {extent[3]!r}")
    xml.add(one, f"{ows}Identifier", layer)
    style = xml.add(one, "Style", isDefault="true")
    xml.add(style, f"{ows}Identifier", STYLE)
    xml.add(one, "Format", PNG)
    for grid in GRIDS:
        xml.add(xml.add(one, "TileMatrixSetLink"), "TileMatrixSet", grid)
    path = f"{wanted.root}/ogc/wmts/{quote(layer)}/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}.png"
    xml.add(one, "ResourceURL", format=PNG, resourceType="tile", template=ORIGIN + path)


def _grid(contents: Element, grid: Grid) -> None:
    ows = f"{{{xml.OWS}}}"
    one = xml.add(contents, "TileMatrixSet")
    xml.add(one, f"{ows}Identifier", grid.id)
    xml.add(one, f"{ows}SupportedCRS", f"urn:ogc:def:crs:EPSG::{grid.crs.to_epsg()}")
    if grid.uri:
        xml.add(one, "WellKnownScaleSet", "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible")
    corner = (grid.top, grid.left) if geo_crs.north_first(grid.crs) else (grid.left, grid.top)
    for record in grid.definition["tileMatrices"]:
        matrix = xml.add(one, "TileMatrix")
        xml.add(matrix, f"{ows}Identifier", record["id"])
        xml.add(matrix, "ScaleDenominator", repr(record["scaleDenominator"]))
        xml.add(matrix, "TopLeftCorner", f"{corner[0]!r} {corner[1]!r}")
        for name in ("TileWidth", "TileHeight", "MatrixWidth", "MatrixHeight"):
            xml.add(matrix, name, str(record[name[0].lower() + name[1:]]))
