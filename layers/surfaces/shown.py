"""What a web map is told of the surfaces: where each one's picture is, its legend, and what it rests on."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from layers.edition.store import Store
from layers.surfaces.made import Made, surfaces
from layers.surfaces.picture import MOST_PX, bounds, png
from layers.surfaces.said import band_names, caution, said

COPY_PX = 600
"""Longest side of a picture in a file that holds all of them."""


def surface_options(store: Store, pictures: str, pages: str, lang: str) -> list[dict[str, Any]]:
    """One record a surface that can be shown: ``id, name, url, page, bounds, legend, said``.

    Args:
        store: The edition.
        pictures: What stands before the pictures' addresses; "" where there are none.
        pages: What stands before those of the pages.
        lang: Language of names.
    """
    found = [one for one in surfaces(store).values() if one.there] if pictures else []
    query = "?lang=en" if lang == "en" else ""
    return [
        _record(one, lang) | {
            "url": f"{pictures}/{quote(one.surface.id)}/map.png",
            "page": f"{pages}/{quote(one.surface.id)}{query}",
        }
        for one in found
    ]  # fmt: skip


def surface_copies(store: Store, lang: str) -> list[dict[str, Any]]:
    """As `surface_options`, with a small copy of each picture in the place of its address, and no page."""
    found = [one for one in surfaces(store).values() if one.there]
    return [
        _record(one, lang, COPY_PX)
        | {"url": f"data:image/png;base64,{base64.b64encode(png(one, COPY_PX)).decode('ascii')}", "page": ""}
        for one in found
    ]


def _record(one: Made, lang: str, most: int = MOST_PX) -> dict[str, Any]:
    return {
        "id": one.surface.id,
        "name": said(one.surface, lang, "name"),
        "bounds": bounds(one, most),
        "legend": [
            {"color": colour, "text": name}
            for colour, name in zip(one.colours, band_names(one.surface, lang), strict=True)
        ],
        "said": caution(one, lang),
    }
