"""A watermark across still pictures and figures: words again and again on a slant, so that no cut is without them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from layers.drawing import svg
from layers.drawing.figure import Figure
from layers.drawing.furniture import PER_MM
from layers.drawing.plate import Plate

STEP, TURN, SIZE, DENSE = 320, -28, 30, 0.13
"""Between two of them, their slant, the height of their letters (units of a picture), and how dark they are."""
AnyPlate = TypeVar("AnyPlate", bound=Plate)


def across(words: str, width: float, height: float, anchor: tuple[float, float] = (0.0, 0.0)) -> str:
    """Words all over a drawing, as markup; "" for no words.

    Args:
        words: What they say.
        width: Of the drawing, units.
        height: Likewise.
        anchor: Where its upper left corner is in a larger drawing that it is a part of, units.

    Example:
        >>> across("", 100, 100), across("draft", 100, 100).count("draft")
        ('', 2)
    """
    if not words:
        return ""
    said = svg.text(words)
    left, top = (-(side % STEP) for side in anchor)
    # Of a part, also those that begin beyond its edges.
    beyond = STEP if any(anchor) else 0
    return "".join(
        svg.tag(
            "text", said, transform=f"translate({x:g} {y:g})rotate({TURN})", font_size=SIZE, fill="black",
            fill_opacity=DENSE, text_anchor="middle",
        )
        for y in (round(top) + STEP // 2 + one for one in range(-beyond, int(height) + STEP // 2 + beyond, STEP))
        for x in (round(left) + one for one in range(-beyond, int(width) + STEP + beyond, STEP))
    )  # fmt: skip


def marked(plate: AnyPlate, words: str) -> AnyPlate:
    """A finished sheet with words all over it; of a map also the part that a GeoTIFF holds."""
    if not words:
        return plate
    made = replace(plate, svg=over(plate.svg, across(words, plate.width_mm * PER_MM, plate.height_mm * PER_MM)))
    if isinstance(made, Figure):
        plane = made.plane
        return replace(made, map_svg=over(made.map_svg, across(words, plane.width, plane.height)))
    return made


def over(document: str, markup: str) -> str:
    """A drawing as a file with markup on top of all."""
    return f"{document.removesuffix('</svg>')}{markup}</svg>"
