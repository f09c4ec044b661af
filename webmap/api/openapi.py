"""The description of the API, OpenAPI 3.1, self-contained: ``openapi.json`` with the edition's own ids filled in."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from layers.edition.store import Store


@cache
def _template() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))
    return document


def document(store: Store, root: str, crs: list[str]) -> dict[str, Any]:
    """The OpenAPI document for an edition.

    Args:
        store: The edition, whose layers and indicators become the values that a parameter may take.
        root: What stands before every address; ``/`` for nothing.
        crs: Values that ``crs`` may take.
    """
    result = copy.deepcopy(_template())
    result["servers"] = [{"url": root}]
    result["info"]["x-edition"] = store.hash
    choices = {
        "layer": list(store.layers),
        "indicator": store.indicator_ids,
        "name": ["all", "indicators", *store.layers],
        "crs": crs,
    }
    for operations in result["paths"].values():
        for parameter in operations["get"]["parameters"]:
            if choices.get(parameter["name"]):
                parameter["schema"]["enum"] = choices[parameter["name"]]
    return result
