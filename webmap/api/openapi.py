"""The description of the API, OpenAPI 3.1, self-contained.

``openapi.json`` says what the answers are; the parameters are those that the routes declare, with the ids of the
edition.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from layers.edition.store import Store
from webmap.serving.asking import Parameter, Route

OF_A_PLAN = Path(__file__).with_name("openapi.json")


@cache
def _template(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def document(
    store: Store, root: str, routes: Iterable[Route], crs: list[str], template: Path = OF_A_PLAN
) -> dict[str, Any]:
    """The OpenAPI document for an edition.

    Args:
        store: The edition, whose layers and indicators become the values that a parameter may take.
        root: What stands before every address; ``/`` for nothing.
        routes: The declared routes: they say which parameters an address takes.
        crs: Values that ``crs`` may take.
        template: What the answers are.
    """
    result = copy.deepcopy(_template(template))
    result["servers"] = [{"url": root}]
    if store.hash:
        result["info"]["x-edition"] = store.hash
    declared = {one.address: one for one in routes}
    for address, operations in result["paths"].items():
        route = declared[address]
        operations["get"]["parameters"] = [
            *({**_parameter(store, one), "in": "path", "required": True} for one in route.places),
            *({**_parameter(store, one), "in": "query"} for one in route.parameters),
        ]
        for parameter in operations["get"]["parameters"]:
            if parameter["name"] == "crs":
                parameter["schema"] |= {"enum": crs}
    return result


def _parameter(store: Store, declared: Parameter) -> dict[str, Any]:
    return {"name": declared.name, "description": declared.help, "schema": declared.schema(store)}
