"""What a map says of itself at its lower left corner, and across it: review number, rough boundaries, inside use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.drawing import svg
from layers.drawing.breaking import ems
from layers.drawing.watermark import across
from layers.edition.publication import rough_boundaries
from layers.edition.store import Store
from layers.model.publication import INTERNAL, Publication
from webmap.serving.messages import text

USUAL_PX, LEAST_PX, MARGIN_PX = 17.0, 7.0, 14
"""Letters of the words at the corner, and their distance from it; on a narrow picture they are smaller."""


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


def stamp(
    publication: Publication,
    store: Store,
    lang: str,
    width: float,
    height: float,
    *,
    anchor: tuple[float, float] = (0.0, 0.0),
    corner: bool = True,
) -> str:
    """The same as markup for a still picture.

    Args:
        publication: How maps go out.
        store: The edition.
        lang: Of the words.
        width: Of the picture, units.
        height: Likewise.
        anchor: Where the picture's upper left corner is in a larger one whose watermark it goes on with.
        corner: Whether the words at the corner are on it.
    """
    parts = [across(watermark(publication, lang), width, height, anchor)]
    said = notice(publication, store, lang) if corner else ""
    if said:
        size = max(LEAST_PX, min(USUAL_PX, (width - 2 * MARGIN_PX) / max(ems(said), 1.0)))
        look: dict[str, str | float | None] = {
            "x": MARGIN_PX,
            "y": height - MARGIN_PX,
            "font_size": round(size, 1),
            "stroke": "white",
            "stroke_width": 5,
            "fill": "black",
        }
        parts.append(svg.tag("text", svg.text(said), **look, paint_order="stroke"))
    return "".join(parts)
