"""A small map in a corner: the district among its neighbours, and the part of it that the large map shows."""

from __future__ import annotations

import math
from typing import Any

from shapely.geometry import box

from geo.crs import CGCS2000, transform
from layers.drawing import svg
from layers.drawing.ink import GREY, INK, RING
from layers.drawing.picture import GROUND
from layers.drawing.sheet import Sheet
from layers.drawing.sketch import Frame
from layers.edition.store import Bounds, Store
from layers.model.errors import LayersError
from layers.model.plan import DISTRICT

SHARE = 0.24
"""Of the map's shorter side that the inset takes."""
Box = tuple[float, float, float, float]


def around(store: Store) -> Bounds:
    """What an inset shows: the ground around the district.

    Raises:
        LayersError: ``sheet.no_inset``: the plan has none.
    """
    boxes = [bounds for layer in _ground(store) if (bounds := store.layer_bounds(layer))]
    if not boxes:
        raise LayersError("sheet.no_inset")
    return [
        [min(one[0][axis] for one in boxes) for axis in (0, 1)],
        [max(one[1][axis] for one in boxes) for axis in (0, 1)],
    ]


def place(store: Store, plane: Sheet, em: float) -> Box:
    """Where the inset stands on the map, units: its lower right corner.

    Raises:
        LayersError: ``sheet.no_inset``.
    """
    (south, west), (north, east) = around(store)
    ratio = (east - west) * math.cos(math.radians((south + north) / 2)) / max(north - south, 1e-9)
    side = max(SHARE * min(plane.width, plane.height), em * 5)
    width, height = side * min(1.0, ratio), side * min(1.0, 1 / ratio)
    right, bottom = plane.width - em * 0.5, plane.height - em * 0.5
    return right - width, bottom - height, right, bottom


def inset(store: Store, plane: Sheet, em: float) -> str:
    """Markup of the inset, in the map's units.

    Args:
        store: The edition.
        plane: The large map, whose extent is marked.
        em: Size of the small print, units.
    """
    left, top, right, bottom = place(store, plane, em)
    width, height = right - left, bottom - top
    frame = Frame.fit(around(store), round(width), round(height), 2)
    parts = [svg.tag("rect", width=width, height=height, fill="#ffffff")]
    for layer in _ground(store):
        for cells, geometry in zip(store.frame(layer).to_dict("records"), store.geometries(layer), strict=True):
            symbol = store.kinds.get(str(cells["kind"]), {}).get("symbol", {})
            if geometry is not None:
                parts.append(svg.tag("path", d=frame.path(geometry, 0.4), fill=str(symbol.get("fill") or ""),
                                     stroke=GREY, stroke_width=em * 0.03))  # fmt: skip
    for layer in store.layers:
        if DISTRICT in store.layers[layer].get("kinds", []):
            shapes = (frame.path(one, 0.4) for one in store.geometries(layer) if one is not None)
            look: dict[str, Any] = {"fill": GREY, "fill_opacity": 0.55, "stroke": INK, "stroke_width": em * 0.06}
            parts += [svg.tag("path", d=d, **look) for d in shapes]
    shown = transform(box(*plane.extent).segmentize((plane.extent[2] - plane.extent[0]) / 16), plane.crs, CGCS2000)
    parts.append(svg.tag("path", d=frame.path(shown, 0.1), stroke=RING, stroke_width=em * 0.12))
    clip = svg.tag("clipPath", svg.tag("rect", width=width, height=height), id="pm-inset")
    edge = svg.tag("rect", width=width, height=height, stroke=INK, stroke_width=em * 0.07)
    inner = clip + svg.tag("g", "".join(parts), clip_path="url(#pm-inset)") + edge
    return svg.tag("g", inner, transform=f"translate({left:.6g} {top:.6g})")


def _ground(store: Store) -> list[str]:
    """Layers of the ground that are areas, the lowest first."""
    found = [
        name for name, record in store.layers.items()
        if record.get("group") == GROUND and store.geometry_type(name) == "polygon"
    ]  # fmt: skip
    return sorted(found, key=lambda name: float(store.layers[name].get("order", 0)))
