"""``/ogc``: vector tiles, tile matrix sets, styles."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint

from webmap.ogc import documents, pages, tiling
from webmap.ogc import parameters as asks
from webmap.ogc.answers import OPEN, answer
from webmap.ogc.service import service
from webmap.serving.asking import LANG, PROBLEM_LANG, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import json_bytes

blueprint = Blueprint("ogc_tiles", __name__)

LAYER_TILE = "/ogc/collections/<collection>/tiles/<grid>/<level>/<row>/<column>"
_GRID_SETS, _TILE_SETS, _STYLES = (pages.links_page(f"ogc.{name}") for name in ("grids", "tiles", "styles"))


@route(blueprint, "/ogc/tileMatrixSets", asks.FORMAT, LANG, quick=True)
def grids(ctx: Context, wanted: Wanted) -> Body:
    """The tile matrix sets."""
    return answer(ctx, wanted, tiling.grids, _GRID_SETS)


@route(blueprint, "/ogc/tileMatrixSets/<grid>", asks.GRID, asks.FORMAT, LANG, quick=True)
def grid(ctx: Context, wanted: Wanted) -> Body:
    """One tile matrix set."""
    return answer(ctx, wanted, tiling.grid_definition, _GRID_SETS)


@route(blueprint, "/ogc/tiles", asks.FORMAT, LANG, quick=True)
def tile_sets(ctx: Context, wanted: Wanted) -> Body:
    """The tile sets of all collections together."""
    return answer(ctx, wanted, tiling.tile_sets, _TILE_SETS)


@route(blueprint, "/ogc/tiles/<grid>", asks.GRID, asks.TILE_SET_FORMAT, LANG, quick=True)
def tile_set(ctx: Context, wanted: Wanted) -> Body:
    """One tile set of all collections together."""
    return answer(ctx, wanted, tiling.tile_json if wanted["f"] == "tilejson" else tiling.tile_set, _TILE_SETS)


@route(
    blueprint, "/ogc/tiles/<grid>/<level>/<row>/<column>",
    asks.GRID, asks.LEVEL, asks.ROW, asks.COLUMN, asks.LAYERS, asks.PROPERTIES, PROBLEM_LANG, quick=True,
)  # fmt: skip
def tile(ctx: Context, wanted: Wanted) -> Body:
    """A vector tile of several collections."""
    known = service(ctx)
    asked = [one for one in wanted["collections"].split(",") if one]
    layers = [one for one in tiling.tiled(known) if not asked or one in asked]
    return tiling.tile(known, layers, wanted), tiling.MVT, OPEN


@route(blueprint, "/ogc/collections/<collection>/tiles", asks.COLLECTION, asks.FORMAT, LANG, quick=True)
def layer_tile_sets(ctx: Context, wanted: Wanted) -> Body:
    """The tile sets of a collection."""
    return answer(ctx, wanted, lambda known, w: tiling.tile_sets(known, w, w["collection"]), _TILE_SETS)


@route(
    blueprint, "/ogc/collections/<collection>/tiles/<grid>",
    asks.COLLECTION, asks.GRID, asks.TILE_SET_FORMAT, LANG, quick=True,
)  # fmt: skip
def layer_tile_set(ctx: Context, wanted: Wanted) -> Body:
    """One tile set of a collection."""
    make = tiling.tile_json if wanted["f"] == "tilejson" else tiling.tile_set
    return answer(ctx, wanted, lambda known, w: make(known, w, w["collection"]), _TILE_SETS)


@route(
    blueprint, LAYER_TILE,
    asks.COLLECTION, asks.GRID, asks.LEVEL, asks.ROW, asks.COLUMN, asks.PROPERTIES, PROBLEM_LANG, quick=True,
)  # fmt: skip
def layer_tile(ctx: Context, wanted: Wanted) -> Body:
    """A vector tile of a collection."""
    return tiling.tile(service(ctx), [wanted["collection"]], wanted), tiling.MVT, OPEN


@route(blueprint, "/ogc/styles", asks.FORMAT, LANG, quick=True)
def styles(ctx: Context, wanted: Wanted) -> Body:
    """The styles, one of each collection."""
    return answer(ctx, wanted, tiling.styles, _STYLES)


@route(blueprint, "/ogc/styles/<style>", asks.STYLE, asks.STYLE_FORMAT, LANG, quick=True)
def style(ctx: Context, wanted: Wanted) -> Body:
    """The style of a collection, for MapLibre or QGIS."""
    known, layer = service(ctx), wanted["style"]
    if wanted["f"] == "qml":
        return tiling.qml_style(known, layer), documents.QML, OPEN
    if wanted["f"] == "html":
        return pages.page(ctx, wanted, known, _STYLES(wanted, known, tiling.styles(known, wanted)))
    return json_bytes(tiling.mapbox_style(known, wanted, layer)), documents.MAPBOX_STYLE, OPEN


@route(blueprint, "/ogc/layers.qlr", asks.LAYER_DEFINITION, LANG, quick=True)
def layer_definition(ctx: Context, wanted: Wanted) -> Body:
    """All collections for QGIS at once, as a layer definition: order, look, forms and map tips of the project."""
    known = service(ctx)
    name = f"{known.store.plan['id']}.qlr"
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return tiling.layer_definition(known, wanted), documents.QLR, {**OPEN, **disposition}
