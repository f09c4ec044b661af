"""``/ogc``: OGC API Features."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint

from webmap.ogc import documents, features, pages
from webmap.ogc import parameters as asks
from webmap.ogc.answers import OPEN, answer
from webmap.ogc.openapi import document
from webmap.ogc.service import service
from webmap.serving.asking import LANG, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import GEOJSON_TYPE

blueprint = Blueprint("ogc", __name__)

SHOWN = {"Access-Control-Expose-Headers": "Content-Crs"}


@route(blueprint, "/ogc", asks.FORMAT, LANG, quick=True)
def landing(ctx: Context, wanted: Wanted) -> Body:
    """The landing page of the services."""
    return answer(ctx, wanted, documents.landing, lambda w, _known, _made: pages.landing_page(w))


@route(blueprint, "/ogc/conformance", asks.FORMAT, LANG, quick=True)
def conformance(ctx: Context, wanted: Wanted) -> Body:
    """The conformance classes."""
    return answer(
        ctx, wanted, documents.conformance,
        lambda w, known, made: pages.conformance_page(w, known, made["conformsTo"]),
    )  # fmt: skip


@route(blueprint, "/ogc/api", asks.API_FORMAT, LANG, quick=True)
def api(ctx: Context, wanted: Wanted) -> Body:
    """The description of the services (OpenAPI 3.0)."""
    return answer(ctx, wanted, lambda known, w: document(known, w, ctx.routes), pages.api_page, asks.API_TYPE)


@route(blueprint, "/ogc/collections", asks.FORMAT, LANG, quick=True)
def collections(ctx: Context, wanted: Wanted) -> Body:
    """The collections: the layers of the plan."""
    return answer(ctx, wanted, documents.collections, lambda w, known, _made: pages.collections_page(w, known))


@route(blueprint, "/ogc/collections/<collection>", asks.COLLECTION, asks.FORMAT, LANG, quick=True)
def collection(ctx: Context, wanted: Wanted) -> Body:
    """One collection."""
    layer = wanted["collection"]
    return answer(
        ctx, wanted, lambda known, w: documents.collection(known, w, layer),
        lambda w, known, _made: pages.collection_page(w, known, layer),
    )  # fmt: skip


@route(blueprint, "/ogc/collections/<collection>/queryables", asks.COLLECTION, asks.FORMAT, LANG, quick=True)
def queryables(ctx: Context, wanted: Wanted) -> Body:
    """What filters on a collection may name, as JSON Schema."""
    layer = wanted["collection"]
    return answer(
        ctx, wanted, lambda known, w: documents.queryables(known, w, layer),
        lambda w, known, _made: pages.collection_page(w, known, layer), documents.SCHEMA,
    )  # fmt: skip


@route(
    blueprint,
    "/ogc/collections/<collection>/items",
    asks.COLLECTION, *asks.ITEMS,
    quick=True,
)  # fmt: skip
def items(ctx: Context, wanted: Wanted) -> Body:
    """Features of a collection."""
    return _features(ctx, wanted, features.items, pages.items_page)


@route(
    blueprint,
    "/ogc/collections/<collection>/items/<path:feature>",
    asks.COLLECTION, asks.FEATURE, asks.CRS, asks.FEATURES_FORMAT, LANG,
    quick=True,
)  # fmt: skip
def item(ctx: Context, wanted: Wanted) -> Body:
    """One feature of a collection."""
    return _features(ctx, wanted, features.item, pages.item_page)


def _features(ctx: Context, wanted: Wanted, make: Callable[..., Any], page: Callable[..., Any]) -> Body:
    """Features as they are encoded, or as a page."""
    known = service(ctx)
    body, headers = make(known, wanted)
    if wanted["f"] == "html":
        return pages.page(ctx, wanted, known, page(wanted, known, json.loads(body)))
    return body, GEOJSON_TYPE, {**OPEN, **SHOWN, **headers}
