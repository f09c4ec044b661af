"""Maps as pictures: layers of the plan on a box of any offered system, and legends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pyproj import CRS
from shapely.geometry import box

from layers import words
from layers.drawing import svg
from layers.drawing.legend import sign
from layers.drawing.picture import chart
from layers.drawing.sheet import FONT, Sheet, pixels
from layers.service.columns import Rows
from layers.service.errors import ServiceError
from layers.service.systems import CRS84, FARTHEST_M, Coordinates
from webmap.ogc.service import Service
from webmap.serving.context import Context
from webmap.serving.imprint import stamp

PNG = "image/png"
LARGEST_SIDE, MOST_PIXELS = 4096, 8_400_000
"""A larger picture is refused: it takes a worker's time and memory."""
MOST_DRAWN, MOST_POINTS, POINT_PX = 20_000, 2_000, 6
"""So many features of a layer are drawn at most; of more the largest, and of points one for each square of so many
pixels: a symbol is larger."""
WHITE = "#ffffff"
NEAR_PX = 5
"""A point or line so near to the asked place counts as hit."""
_COLOUR = re.compile(r"(?:0x|#)?([0-9a-fA-F]{6})")
_ROW_PX, _LETTER_PX, _LEGEND_PX = 24, 13, 260

Extent = tuple[float, float, float, float]


def sheet_of(crs: CRS, extent: Extent, width: int, height: int) -> Sheet:
    """A sheet for a box in x/y order.

    Raises:
        ServiceError: The box is empty, turned round or beyond the Earth, or the picture is too large.
    """
    west, south, east, north = extent
    if not (west < east and south < north):
        raise ServiceError("service.box_order")
    if max(abs(one) for one in extent) > FARTHEST_M:
        raise ServiceError("service.box_range")
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE and width * height <= MOST_PIXELS):
        raise ServiceError("service.picture_large", side=LARGEST_SIDE, most=MOST_PIXELS)
    return Sheet.of(crs, extent, width, height)


def painted(
    ctx: Context,
    known: Service,
    layers: Sequence[str],
    sheet: Sheet,
    lang: str,
    background: str,
    *,
    tile: bool = False,
) -> bytes:
    """A map as PNG, with what every map of the server says.

    Args:
        ctx: The application's context.
        known: The services of its edition.
        layers: Those to draw.
        sheet: Where.
        lang: Of the names.
        background: Colour ``#rrggbb``, or "" for none.
        tile: Whether it is one of many that are laid side by side: too small for words at its corner.
    """
    picture = chart(known.store, layers, sheet, lang, icons=ctx.bundle.icons, near=_near(known, sheet))
    pixel = (sheet.extent[2] - sheet.extent[0]) / sheet.width
    anchor = sheet.extent[0] / pixel, -sheet.extent[3] / pixel
    said = stamp(ctx.settings.publication, known.store, lang, sheet.width, sheet.height, anchor=anchor, corner=not tile)
    made = svg.document(svg.drawn(picture, font=FONT) + said, sheet.width, sheet.height, "")
    return pixels(made, sheet.width, sheet.height, background)


def _near(known: Service, sheet: Sheet) -> Callable[[str], Sequence[int]]:
    def rows(layer: str) -> Sequence[int]:
        if sheet.degrees is None:
            return []
        table, points = known.table(layer), known.store.geometry_type(layer) == "point"
        found, most = table.near(*sheet.degrees), MOST_POINTS if points else MOST_DRAWN
        if len(found) > most:
            across = max(sheet.width, sheet.height) / (POINT_PX if points else 1)
            found = table.fewer(found, sheet.degrees, across, most, points=points)
        drawn: list[int] = found.tolist()
        return drawn

    return rows


def colour(value: str) -> str:
    """A colour that a client names, as ``#rrggbb``.

    Raises:
        ServiceError: It is none.
    """
    found = _COLOUR.fullmatch(value)
    if found is None:
        raise ServiceError("service.colour_wrong", value=value[:60])
    return f"#{found[1].lower()}"


def hits(known: Service, layer: str, sheet: Sheet, x: float, y: float) -> Rows:
    """The features of a layer at a place of a picture, those that are drawn last first.

    Args:
        known: The services.
        layer: The layer.
        sheet: What the picture shows.
        x: Pixels from the left.
        y: Pixels from the top.

    Raises:
        ServiceError: The place is not in the picture.
    """
    if not (0 <= x <= sheet.width and 0 <= y <= sheet.height):
        raise ServiceError("service.place_outside", width=sheet.width, height=sheet.height)
    if sheet.degrees is None:
        return np.zeros(0, dtype=np.int64)
    west, _south, east, north = sheet.extent
    pixel = (east - west) / sheet.width
    px, py = west + x * pixel, north - y * (sheet.extent[3] - sheet.extent[1]) / sheet.height
    room = NEAR_PX * pixel if known.store.geometry_type(layer) != "polygon" else pixel * 1e-3
    around = Sheet.of(sheet.crs, (px - room, py - room, px + room, py + room), 1, 1)
    seen = box_of(around)
    return known.table(layer).within_box(box(*seen))[::-1] if seen else np.zeros(0, dtype=np.int64)


def box_of(sheet: Sheet) -> Extent | None:
    """A sheet's own box in degrees, without what lies around."""
    system = Coordinates(CRS84.uri, sheet.crs, swapped=False)
    try:
        return system.to_degrees(box(*sheet.extent)).bounds
    except ServiceError:
        return None


def legend(known: Service, layer: str, lang: str) -> tuple[str, int, int]:
    """The legend of a layer as SVG, with its size in pixels: each kind with its sign and name."""
    store = known.store
    column = known.table(layer).columns.get("kind")
    there = set(column.words) if column is not None else set()
    used = [str(kind) for kind in store.layers[layer].get("kinds", []) if kind in there]
    rows = [store.kinds[kind] for kind in used if kind in store.kinds]
    height = _ROW_PX * max(1, len(rows))
    lines = "".join(_legend_row(record, number, lang) for number, record in enumerate(rows))
    size: dict[str, Any] = {"width": _LEGEND_PX, "height": height, "viewBox": f"0 0 {_LEGEND_PX} {height}"}
    return svg.tag("svg", lines, xmlns="http://www.w3.org/2000/svg", **size, fill="none"), _LEGEND_PX, height


def _legend_row(record: dict[str, Any], number: int, lang: str) -> str:
    middle = _ROW_PX * number + _ROW_PX // 2
    name = svg.text(words.name(record, lang))
    letters = svg.tag("text", name, x=40, y=middle + 5, font_size=_LETTER_PX, fill="#000000")
    return svg.tag("g", sign(record), transform=f"translate(20 {middle})") + letters
