"""The description of the API, OpenAPI 3.1, self-contained."""

from __future__ import annotations

from typing import Any

from webmap.store import Store


def document(store: Store, root: str) -> dict[str, Any]:
    """The OpenAPI document for an edition."""
    raise NotImplementedError
