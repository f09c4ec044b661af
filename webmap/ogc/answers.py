"""What every route of the services answers with: a document, or a page of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from webmap.ogc import pages
from webmap.ogc.service import Service, service
from webmap.serving.asking import Wanted
from webmap.serving.context import Body, Context
from webmap.serving.encode import JSON_TYPE, json_bytes

OPEN = {"Access-Control-Allow-Origin": "*", "Vary": "Accept"}
"""The data are public: any page may read them."""


def answer(
    ctx: Context,
    wanted: Wanted,
    make: Callable[[Service, Wanted], dict[str, Any]],
    show: Callable[[Wanted, Service, Mapping[str, Any]], pages.Page],
    kind: str = JSON_TYPE,
) -> Body:
    """A document for programs, or a page of the same.

    Args:
        ctx: The application's context.
        wanted: What was asked for; its ``f`` says in which form.
        make: Makes the document.
        show: Makes a page of it.
        kind: Media type of the document.
    """
    known = service(ctx)
    made = make(known, wanted)
    if wanted["f"] == "html":
        return pages.page(ctx, wanted, known, show(wanted, known, made))
    return json_bytes(made), kind, OPEN
