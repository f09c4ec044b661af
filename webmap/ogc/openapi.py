"""The description of the services, OpenAPI 3.0, written from the declarations of the routes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layers.edition.provenance import full_title
from webmap.ogc.service import Service
from webmap.serving.asking import Parameter, Route, Wanted
from webmap.serving.problems import PROBLEM_TYPE
from webmap.serving.quick import ORIGIN

SHARED = ("limit", "bbox", "datetime", "crs", "bbox-crs")
"""Parameters that clients look for among the components: QGIS takes the size of its pages from there."""


def document(known: Service, wanted: Wanted, routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
        known: The services of an edition.
        wanted: What was asked for.
        routes: All declared routes; those of the services are described.
    """
    own = [route for route in routes if route.rule == "/ogc" or route.rule.startswith("/ogc/")]
    return {
        "openapi": "3.0.3",
        "info": {
            "title": full_title(known.store.plan, wanted.lang),
            "version": known.store.hash[:12],
            "x-edition": known.store.hash,
        },
        "servers": [{"url": f"{ORIGIN}{wanted.root}/ogc"}],
        "tags": [{"name": "services"}],
        "paths": {route.address.removeprefix("/ogc") or "/": {"get": _operation(known, route)} for route in own},
        "components": {"parameters": _components(known, own)},
    }


def _operation(known: Service, route: Route) -> dict[str, Any]:
    made = [
        *({**_parameter(known, one), "in": "path", "required": True} for one in route.places),
        *(_referred(known, one) for one in route.parameters),
    ]
    told = (route.make.__doc__ or "").strip().splitlines()[0]
    kinds = next((one.media for one in route.parameters if one.media), {"": "application/octet-stream"})
    return {
        "tags": ["services"],
        "operationId": route.make.__name__,
        "summary": told,
        "parameters": made,
        "responses": {
            "200": {"description": told, "content": {kind: {} for kind in kinds.values()}},
            "400": {"description": "A parameter is unknown or wrong", "content": {PROBLEM_TYPE: {}}},
            "404": {"description": "There is nothing of this name", "content": {PROBLEM_TYPE: {}}},
        },
    }


def _components(known: Service, routes: Iterable[Route]) -> dict[str, Any]:
    found = {one.name: one for route in routes for one in route.parameters if one.name in SHARED}
    return {name: _query(known, found[name]) for name in SHARED if name in found}


def _referred(known: Service, one: Parameter) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{one.name}"} if one.name in SHARED else _query(known, one)


def _query(known: Service, one: Parameter) -> dict[str, Any]:
    made = {**_parameter(known, one), "in": "query", "required": False}
    if one.name == "bbox":
        numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
        made |= {"style": "form", "explode": False, "schema": numbers}
    return made


def _parameter(known: Service, one: Parameter) -> dict[str, Any]:
    schema = one.schema(known.store)
    if one.numbers and one.default:
        schema["default"] = int(one.default)
    if one.name in ("crs", "bbox-crs", "filter-crs"):
        schema |= {"enum": [system.uri for system in known.systems]}
    return {"name": one.name, "description": one.help, "schema": schema}
