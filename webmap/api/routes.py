"""``/api``: the edition as JSON, and ``/healthz``."""

from __future__ import annotations

from flask import Blueprint, Response

from layers.edition.export import crs_codes
from webmap.api import figures as stated
from webmap.api import payloads
from webmap.api.openapi import document
from webmap.api.search import search_payload
from webmap.serving.context import Body, asked_language, choose, context, respond, root
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE, json_bytes
from webmap.serving.messages import text
from webmap.serving.problems import NotKnownError
from webmap.serving.snapshot import SAME

blueprint = Blueprint("api", __name__)

_OPEN: dict[str, str] = {"Access-Control-Allow-Origin": "*"}
"""The data are public: any page may read them."""


def json_body(value: object, content_type: str = JSON_TYPE) -> Body:
    """A payload as a body."""
    return json_bytes(value), content_type, _OPEN


@blueprint.get("/healthz")
def health() -> Response:
    """Whether the server works, with which edition, and whether that is still the file on disk."""
    ctx, lang = context(), asked_language()
    state = ctx.snapshot.state() if ctx.snapshot else SAME
    body: dict[str, str] = {"status": "ok" if state == SAME else "outdated", "edition": ctx.store.hash}
    if state != SAME:
        body |= {"file": state, "reason": text(lang, f"health.{state}")}
    return respond(("healthz", state, lang), lambda: json_body(body))


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """The description of the API (OpenAPI 3.1)."""
    return respond(
        ("openapi",), lambda: json_body(document(context().store, root() or "/", crs_codes(context().store.edition)))
    )


@blueprint.get("/api/layers")
def layers() -> Response:
    """The list of layers."""
    return respond(("layers",), lambda: json_body(payloads.layers_payload(context().store, f"{root()}/api")))


@blueprint.get("/api/layers/<layer>")
def layer(layer: str) -> Response:
    """One layer as GeoJSON."""
    store = context().store
    choose(layer, store.layers, "error.unknown_layer", NotKnownError)
    return respond(("layer", layer), lambda: json_body(payloads.layer_payload(store, layer), GEOJSON_TYPE))


@blueprint.get("/api/features/<path:feature>")
def feature(feature: str) -> Response:
    """One feature in full."""
    store = context().store
    if feature not in store.index:
        raise NotKnownError("error.unknown_feature", value=feature[:60])
    return respond(("feature", feature), lambda: json_body(payloads.feature_payload(store, feature), GEOJSON_TYPE))


@blueprint.get("/api/indicators")
def indicators() -> Response:
    """The list of indicators."""
    return respond(("indicators",), lambda: json_body(payloads.indicators_payload(context().store)))


@blueprint.get("/api/indicators/<indicator>/<level>")
def indicator(indicator: str, level: str) -> Response:
    """The values of one indicator at one level."""
    store = context().store
    choose(indicator, store.indicator_ids, "error.unknown_indicator", NotKnownError)
    choose(level, payloads.LEVELS, "error.unknown_level", NotKnownError)
    return respond(
        ("indicator", indicator, level), lambda: json_body(payloads.indicator_payload(store, indicator, level))
    )


@blueprint.get("/api/search")
def search() -> Response:
    """The search index."""
    return respond(("search",), lambda: json_body(search_payload(context().store)))


@blueprint.get("/api/targets")
def targets() -> Response:
    """The numeric targets."""
    return respond(("targets",), lambda: json_body(stated.targets_payload(context().store)))


@blueprint.get("/api/reviews")
def reviews() -> Response:
    """The last period's results."""
    return respond(("reviews",), lambda: json_body(stated.reviews_payload(context().store)))


@blueprint.get("/api/claims")
def claims() -> Response:
    """The figures that were checked."""
    return respond(("claims",), lambda: json_body(stated.claims_payload(context().store)))
