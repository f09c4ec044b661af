"""What a web map is told of the surfaces: where each one's picture is, its legend, and what it rests on."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from layers.edition.store import Store
from layers.surfaces.made import surfaces
from layers.surfaces.picture import bounds
from layers.surfaces.said import band_names, caution, said


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
        {
            "id": one.surface.id,
            "name": said(one.surface, lang, "name"),
            "url": f"{pictures}/{quote(one.surface.id)}/map.png",
            "page": f"{pages}/{quote(one.surface.id)}{query}",
            "bounds": bounds(one),
            "legend": [
                {"color": colour, "text": name}
                for colour, name in zip(one.colours, band_names(one.surface, lang), strict=True)
            ],
            "said": caution(one, lang),
        }
        for one in found
    ]
