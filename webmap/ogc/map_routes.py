"""``/ogc``: maps as pictures, WMS and WMTS."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from layers.service.cql2_places import box_numbers
from layers.service.errors import ServiceError
from layers.service.grids import GRIDS
from layers.service.systems import CRS84, asked
from webmap.ogc import parameters as asks
from webmap.ogc import wms, wmts, xml
from webmap.ogc.answers import OPEN
from webmap.ogc.painting import PNG, colour, painted, sheet_of
from webmap.ogc.service import Service, service
from webmap.serving.asking import LANG, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.problems import REPORTS

blueprint = Blueprint("ogc_maps", __name__)
REPORTS["/ogc/wms"], REPORTS["/ogc/wmts"] = xml.wms_report, xml.ows_report

_USUAL_SIDE = 1024


@route(blueprint, "/ogc/map", *asks.MAP, asks.LAYERS, LANG, quick=True)
def whole_map(ctx: Context, wanted: Wanted) -> Body:
    """A map of several collections as PNG; without names of them, of those that the plan opens with."""
    known = service(ctx)
    store = known.store
    shown = [one for one in wanted["collections"].split(",") if one] or store.views[store.default_view]["layers"]
    return _map(ctx, known, shown, wanted)


@route(blueprint, "/ogc/collections/<collection>/map", asks.COLLECTION, *asks.MAP, LANG, quick=True)
def layer_map(ctx: Context, wanted: Wanted) -> Body:
    """A map of one collection as PNG."""
    return _map(ctx, service(ctx), [wanted["collection"]], wanted)


def _map(ctx: Context, known: Service, layers: Sequence[str], wanted: Wanted) -> Body:
    system = asked(wanted["crs"], known.lon)
    (south, west), (north, east) = known.store.extent
    extent = (west, south, east, north)
    if wanted["bbox"]:
        extent = box_numbers(wanted["bbox"].split(","))
        given = asked(wanted["bbox-crs"], known.lon)
        if given != system:
            raise ServiceError("service.two_systems")
        if system.swapped:
            extent = (extent[1], extent[0], extent[3], extent[2])
    elif system.crs.is_projected:
        extent = system.from_degrees(asked(CRS84.uri, known.lon).box(extent)).bounds
    width, height = _size(wanted, extent)
    background = "" if wanted["transparent"] == "true" else colour(wanted["bgcolor"])
    body = painted(ctx, known, layers, sheet_of(system.crs, extent, width, height), wanted.lang, background)
    return body, PNG, {**OPEN, "Content-Crs": f"<{system.uri}>"}


def _size(wanted: Wanted, extent: tuple[float, float, float, float]) -> tuple[int, int]:
    """Width and height in pixels; of one that is not said, so that the map is not drawn out."""
    ratio = (extent[3] - extent[1]) / max(extent[2] - extent[0], 1e-12)
    width, height = int(wanted["width"] or 0), int(wanted["height"] or 0)
    if not width and not height:
        width = _USUAL_SIDE
    ratio = min(max(ratio, 1e-3), 1e3)
    return width or max(1, round(height / ratio)), height or max(1, round(width * ratio))


@route(blueprint, "/ogc/wms", *asks.WMS, LANG, quick=True, lenient=True)
def wms_service(ctx: Context, wanted: Wanted) -> Body:
    """WMS 1.3.0 and 1.1.1: GetCapabilities, GetMap, GetFeatureInfo, GetLegendGraphic."""
    body, kind = wms.answer(ctx, service(ctx), wanted)
    return body, kind, OPEN


@route(blueprint, "/ogc/wmts", *asks.WMTS, LANG, quick=True, lenient=True)
def wmts_service(ctx: Context, wanted: Wanted) -> Body:
    """WMTS 1.0: GetCapabilities, GetTile."""
    body, kind = wmts.answer(ctx, service(ctx), wanted)
    return body, kind, OPEN


@route(
    blueprint, "/ogc/wmts/<collection>/<grid>/<level>/<row>/<column>.png",
    asks.COLLECTION, asks.GRID, asks.LEVEL, asks.ROW, asks.COLUMN, LANG, quick=True,
)  # fmt: skip
def wmts_tile(ctx: Context, wanted: Wanted) -> Body:
    """A tile of a collection as PNG."""
    place = int(wanted["level"]), int(wanted["row"]), int(wanted["column"])
    grid = GRIDS[wanted["grid"]]
    return wmts.tile(ctx, service(ctx), wanted["collection"], grid, *place, wanted.lang), PNG, OPEN
