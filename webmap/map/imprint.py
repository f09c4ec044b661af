"""What a map says of itself at its lower left corner, and across it: review number, rough boundaries, inside use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.drawing import svg
from layers.drawing.watermark import across
from layers.edition.publication import rough_boundaries
from layers.edition.store import Store
from layers.model.publication import INTERNAL, Publication
from webmap.serving.messages import text


def notice(publication: Publication, store: Store, lang: str) -> str:
    """The words at the corner; "" where nothing need be said."""
    if not publication.public:
        return ""
    parts = [text(lang, "imprint.number", number=publication.number)] if publication.number else []
    if rough_boundaries(store.edition):
        parts.append(text(lang, "imprint.rough"))
    return text(lang, "imprint.between").join(parts)


def watermark(publication: Publication, lang: str) -> str:
    """The words across a map for inside use; "" for others."""
    return text(lang, "imprint.internal") if publication.mode == INTERNAL else ""


def imprinted(settings: Mapping[str, Any], publication: Publication, store: Store, lang: str) -> dict[str, Any]:
    """``CONFIG`` of a map with what it has to say: ``imprint``, ``{notice, watermark}`` or null."""
    said = {"notice": notice(publication, store, lang), "watermark": watermark(publication, lang)}
    return {**settings, "imprint": said if any(said.values()) else None}


def stamp(publication: Publication, store: Store, lang: str, width: float, height: float) -> str:
    """The same as markup for a still picture.

    Args:
        publication: How maps go out.
        store: The edition.
        lang: Of the words.
        width: Of the picture, units.
        height: Likewise.
    """
    parts = [across(watermark(publication, lang), width, height)]
    said = notice(publication, store, lang)
    if said:
        corner: dict[str, str | float | None] = {
            "x": 14,
            "y": height - 14,
            "font_size": 17,
            "stroke": "white",
            "stroke_width": 5,
            "fill": "black",
        }
        parts.append(svg.tag("text", svg.text(said), **corner, paint_order="stroke"))
    return "".join(parts)
