"""``/ogc`` of a shelf of plans: the catalogue as records; each plan's own services are under ``/p/<plan>/ogc``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint

from webmap.ogc import pages, record_pages, records
from webmap.ogc import parameters as asks
from webmap.ogc.answers import OPEN
from webmap.ogc.openapi import document
from webmap.ogc.service import Service
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE, json_bytes

blueprint = Blueprint("ogc_records", __name__)

CATALOGUE = Parameter("catalogue", "Collection id", records.CATALOGUES, error="error.unknown_value")
RECORD = Parameter("record", "Record id", longest=asks.LONGEST_VALUE)
QUERY = Parameter("q", "Words that records say, all of them", longest=asks.LONGEST_VALUE)
TYPE = Parameter("type", "Types of resources, joined by commas", longest=asks.LONGEST_VALUE)
IDS = Parameter("ids", "Record ids, joined by commas", longest=asks.LONGEST_VALUE)
EXTERNAL = Parameter("externalIds", "Hashes of editions, joined by commas", longest=asks.LONGEST_VALUE)


def _answer(
    ctx: Context,
    wanted: Wanted,
    make: Callable[[Context, Wanted], Mapping[str, Any]],
    show: Callable[[Context, Wanted, Mapping[str, Any]], pages.Page],
    kind: str = JSON_TYPE,
) -> Body:
    """A document for programs, or a page of the same."""
    made = make(ctx, wanted)
    if wanted["f"] == "html":
        return record_pages.page(ctx, wanted, show(ctx, wanted, made))
    return json_bytes(made), kind, OPEN


@route(blueprint, "/ogc", asks.FORMAT, LANG, quick=True, kept=False)
def landing(ctx: Context, wanted: Wanted) -> Body:
    """The landing page of the catalogue."""
    return _answer(ctx, wanted, records.landing, record_pages.landing)


@route(blueprint, "/ogc/conformance", asks.FORMAT, LANG, quick=True)
def conformance(ctx: Context, wanted: Wanted) -> Body:
    """The conformance classes."""
    return _answer(
        ctx, wanted, lambda _c, _w: {"conformsTo": list(records.CONFORMS)},
        lambda c, w, made: pages.conformance_page(w, Service(c.store), made["conformsTo"]),
    )  # fmt: skip


@route(blueprint, "/ogc/api", asks.API_FORMAT, LANG, quick=True)
def api(ctx: Context, wanted: Wanted) -> Body:
    """The description of the catalogue (OpenAPI 3.0)."""
    return _answer(
        ctx, wanted, lambda c, w: document(Service(c.store), w, c.routes),
        lambda c, w, made: pages.api_page(w, Service(c.store), made), asks.API_TYPE,
    )  # fmt: skip


@route(blueprint, "/ogc/collections", asks.FORMAT, LANG, quick=True, kept=False)
def collections(ctx: Context, wanted: Wanted) -> Body:
    """The collections of records: plans, and editions."""
    return _answer(ctx, wanted, records.collections, record_pages.collections)


@route(blueprint, "/ogc/collections/<catalogue>", CATALOGUE, asks.FORMAT, LANG, quick=True, kept=False)
def collection(ctx: Context, wanted: Wanted) -> Body:
    """One collection of records."""
    return _answer(ctx, wanted, lambda c, w: records.collection(c, w, w["catalogue"]), record_pages.collection)


@route(
    blueprint, "/ogc/collections/<catalogue>/items",
    CATALOGUE, asks.FEATURES_FORMAT, asks.LIMIT, asks.OFFSET, asks.BBOX, asks.DATETIME, QUERY, TYPE, IDS, EXTERNAL,
    LANG, quick=True, kept=False,
)  # fmt: skip
def items(ctx: Context, wanted: Wanted) -> Body:
    """Records that fit."""
    return _answer(ctx, wanted, records.items, record_pages.items, GEOJSON_TYPE)


@route(
    blueprint, "/ogc/collections/<catalogue>/items/<record>", CATALOGUE, RECORD, asks.FEATURES_FORMAT, LANG,
    quick=True, kept=False,
)  # fmt: skip
def item(ctx: Context, wanted: Wanted) -> Body:
    """One record."""
    return _answer(ctx, wanted, records.item, record_pages.item, GEOJSON_TYPE)
