"""How widths, sizes and limits follow the scale in QGIS as they follow the zoom on the page."""

from __future__ import annotations

import math

_SCALE_AT_ZOOM_0 = 559_082_264.028
_EQUATOR_M = 40_075_016.685578488
_TILE_PX = 256
_DPI = 96
_METRES_PER_INCH = 0.0254


def scale_denominator(zoom: float) -> float:
    """Give the scale at which a web map of this zoom is shown.

    The denominator is 559082264.028 / 2**zoom: the equator on one 256-pixel tile, pixels of 0.28 mm.

    Source:
        OGC 07-057r7, WMTS 1.0.0, annex E.4 (GoogleMapsCompatible).

    Example:
        >>> round(scale_denominator(10))
        545979
    """
    return float(_SCALE_AT_ZOOM_0 / 2.0**zoom)


def ground_denominator(zoom: float, latitude: float) -> float:
    """Give the scale on the ground of a web map of this zoom, on a screen of 96 dots to the inch, as QGIS counts.

    Web Mercator stretches by 1 / cos(latitude).

    Example:
        >>> round(ground_denominator(10, 0)), round(ground_denominator(10, 60))
        (577792, 288896)
    """
    across = _EQUATOR_M * math.cos(math.radians(latitude)) / _TILE_PX
    return across * _DPI / _METRES_PER_INCH / 2.0**zoom


def zoom_expression(latitude: float) -> str:
    """Expression: the zoom of the web map that shows as much as the map in QGIS does at its scale."""
    return f"(ln({round(ground_denominator(0, latitude))} / @map_scale) / ln(2))"


def line_factor(latitude: float, most: float = 1.9) -> str:
    """Expression: how much wider than stated a line is drawn (``layers.style.passes.line_factor``)."""
    return f"clamp(0.58, 1 + ({zoom_expression(latitude)} - 12) * 0.16, {most:g})"


def point_factor(latitude: float) -> str:
    """Expression: how much larger than stated a symbol is drawn (``layers.style.passes.point_factor``)."""
    return f"(floor(clamp(0.62, 1 + ({zoom_expression(latitude)} - 12.5) * 0.13, 1.35) * 8 + 0.5) / 8)"


def name_factor(size: float, latitude: float) -> str:
    """Expression: how much larger than stated a name is written (``layers.drawing.names.name_factor``)."""
    least, middle, step = (0.8, 11, 0.11) if size >= _LARGE else (0.9, 12, 0.045)
    return f"clamp({least:g}, 1 + ({zoom_expression(latitude)} - {middle}) * {step:g}, 1.3)"


_LARGE = 16
