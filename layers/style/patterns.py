"""The patterns that areas are filled with, once for all painters: pictures, files, the page and QGIS.

Lengths in CSS pixels at 96 dpi, angles in degrees clockwise on the screen. The page's own table
(``webmap/frontend/src/map/patterns.js``) says the same; ``tests/patterns.json`` holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PALE = 0.12
"""Opacity of the plain fill that stands for a pattern where there are none (MapLibre without pictures, KML)."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Parallel lines, one for each side of the tile.

    Attributes:
        across: Along the tile's upper edge rather than its left one.
        width: Of a line as it is seen. In SVG it is twice as wide, and what lies outside of the tile is cut off.
        opacity: Of a line.
    """

    width: float
    opacity: float
    across: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A square tile that is repeated.

    Attributes:
        side: Of the tile.
        turned: How far it is turned.
        lines: What it is ruled with.
        dots: Middles of dots.
        radius: Of a dot.
        opacity: Of a dot.
    """

    side: float
    turned: float = 0.0
    lines: tuple[Ruling, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()
    radius: float = 0.0
    opacity: float = 1.0

    @property
    def ink(self) -> str:
        """What of its parts has the pattern's colour: ``stroke`` or ``fill``."""
        return "stroke" if self.lines else "fill"

    def tile(self) -> dict[str, str]:
        """Attributes of an SVG ``pattern``, but for its id and its colour.

        Example:
            >>> PATTERNS["dots"].tile()
            {'patternUnits': 'userSpaceOnUse', 'width': '8', 'height': '8'}
        """
        found = {"patternUnits": "userSpaceOnUse", "width": f"{self.side:g}", "height": f"{self.side:g}"}
        return found | ({"patternTransform": f"rotate({self.turned:g})"} if self.turned else {})

    def parts(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Elements of an SVG ``pattern`` with their attributes; their colour is the pattern's.

        Example:
            >>> list(PATTERNS["hatch"].parts())
            [('path', {'d': 'M0 0V7', 'stroke-width': '1.3', 'stroke-opacity': '0.45'})]
        """
        for one in self.lines:
            d = f"M0 0{'H' if one.across else 'V'}{self.side:g}"
            yield "path", {"d": d, "stroke-width": f"{2 * one.width:g}", "stroke-opacity": f"{one.opacity:g}"}
        for x, y in self.dots:
            place = {"cx": f"{x:g}", "cy": f"{y:g}", "r": f"{self.radius:g}"}
            yield "circle", {**place, "fill-opacity": f"{self.opacity:g}"}


_HATCH = Ruling(0.65, 0.45)

PATTERNS: Mapping[str, Pattern] = {
    "hatch": Pattern(7, 45, (_HATCH,)),
    "cross": Pattern(7, 45, (_HATCH, Ruling(0.5, 0.6, across=True))),
    "dots": Pattern(8, dots=((2, 2), (6, 6)), radius=0.9, opacity=0.75),
}
"""The patterns by the names that ``kinds.toml`` has for them."""
