"""``/ogc`` of a shelf of plans: the catalogue as records; each plan's own services are under ``/p/<plan>/ogc``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint

from webmap.ogc import parameters as asks
from webmap.ogc import records
from webmap.ogc.openapi import document
from webmap.ogc.service import Service
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE, json_bytes

blueprint = Blueprint("ogc_records", __name__)

_OPEN = {"Access-Control-Allow-Origin": "*"}
CATALOGUE = Parameter("catalogue", "Collection id", records.CATALOGUES, error="error.unknown_value")
RECORD = Parameter("record", "Record id", longest=asks.LONGEST_VALUE)
QUERY = Parameter("q", "Words that records say, all of them", longest=asks.LONGEST_VALUE)
TYPE = Parameter("type", "Types of resources, joined by commas", longest=asks.LONGEST_VALUE)
IDS = Parameter("ids", "Record ids, joined by commas", longest=asks.LONGEST_VALUE)
EXTERNAL = Parameter("externalIds", "Hashes of editions, joined by commas", longest=asks.LONGEST_VALUE)


def _answer(
    ctx: Context, wanted: Wanted, make: Callable[[Context, Wanted], Mapping[str, Any]], kind: str = JSON_TYPE
) -> Body:
    return json_bytes(make(ctx, wanted)), kind, _OPEN


@route(blueprint, "/ogc", LANG, quick=True)
def landing(ctx: Context, wanted: Wanted) -> Body:
    """The landing page of the catalogue."""
    return _answer(ctx, wanted, records.landing)


@route(blueprint, "/ogc/conformance", LANG, quick=True)
def conformance(_ctx: Context, _wanted: Wanted) -> Body:
    """The conformance classes."""
    return json_bytes({"conformsTo": list(records.CONFORMS)}), JSON_TYPE, _OPEN


@route(blueprint, "/ogc/api", LANG, quick=True)
def api(ctx: Context, wanted: Wanted) -> Body:
    """The description of the catalogue (OpenAPI 3.0)."""
    return _answer(ctx, wanted, lambda c, w: document(Service(c.store), w, c.routes), asks.API_TYPE)


@route(blueprint, "/ogc/collections", LANG, quick=True, kept=False)
def collections(ctx: Context, wanted: Wanted) -> Body:
    """The collections of records: plans, and editions."""
    return _answer(ctx, wanted, records.collections)


@route(blueprint, "/ogc/collections/<catalogue>", CATALOGUE, LANG, quick=True, kept=False)
def collection(ctx: Context, wanted: Wanted) -> Body:
    """One collection of records."""
    return _answer(ctx, wanted, lambda c, w: records.collection(c, w, w["catalogue"]))


@route(
    blueprint, "/ogc/collections/<catalogue>/items",
    CATALOGUE, asks.LIMIT, asks.OFFSET, asks.BBOX, asks.DATETIME, QUERY, TYPE, IDS, EXTERNAL, LANG,
    quick=True, kept=False,
)  # fmt: skip
def items(ctx: Context, wanted: Wanted) -> Body:
    """Records that fit."""
    return _answer(ctx, wanted, records.items, GEOJSON_TYPE)


@route(blueprint, "/ogc/collections/<catalogue>/items/<record>", CATALOGUE, RECORD, LANG, quick=True, kept=False)
def item(ctx: Context, wanted: Wanted) -> Body:
    """One record."""
    return _answer(ctx, wanted, records.item, GEOJSON_TYPE)
