"""The map of an atlas' sheet: drawn at a round scale that is true on paper, with a legend and a grid for its index."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from shapely.geometry import box

from layers.drawing import svg
from layers.drawing.figure import overlaid
from layers.drawing.furniture import FONTS, PER_MM, UNIT_M, Area, plane_for
from layers.drawing.legend import entries
from layers.drawing.overlay import Overlay
from layers.drawing.picture import chart
from layers.drawing.plane import outlines
from layers.drawing.sheet import Sheet
from layers.edition.store import Store
from layers.report.look import look
from layers.style.icons import icon_paths

COLUMNS, ROWS = 6, 5
"""Squares of the grid: letters across, figures down."""
MARK_MM = (8.0, 2.4, 6.4)
"""How broad a mark is, and from where to where below its place it goes."""
_BAR_STEPS = (1, 2, 5)
_BAR_MM = 12.0
"""What lies in the lower left and upper right corner is so high."""


@dataclass(frozen=True)
class SheetMap:
    """A map.

    Attributes:
        svg: The drawing.
        size_mm: Width and height on paper.
        denominator: Of its scale.
        bar: Metres and millimetres of a round length.
        legend: A sign as SVG and its words, for all that can be seen.
        heading: What stands over the legend's classes, or "".
        plane: Its projection.
    """

    svg: str
    size_mm: tuple[float, float]
    denominator: float
    bar: tuple[float, float]
    legend: tuple[tuple[str, str], ...]
    heading: str
    plane: Sheet

    def at(self, lon: float, lat: float) -> tuple[float, float] | None:
        """Where a place is, in millimetres from the upper left corner; None when it is not on the map."""
        ((x, y),) = self.plane.points(np.array([[lon, lat]]))
        across, down = x / self.plane.width, y / self.plane.height
        if not (0 <= across < 1 and 0 <= down < 1):
            return None
        return float(across * self.size_mm[0]), float(down * self.size_mm[1])

    def square(self, lon: float, lat: float) -> str:
        """The square of the grid that a place is in: ``C4``; "" when it is not on the map."""
        found = self.at(lon, lat)
        if found is None:
            return ""
        column, row = int(found[0] / self.size_mm[0] * COLUMNS), int(found[1] / self.size_mm[1] * ROWS)
        return f"{chr(ord('A') + column)}{row + 1}"


def sheet_map(
    store: Store,
    view: Mapping[str, Any],
    size_mm: tuple[float, float],
    lang: str,
    *,
    share: float = 1.0,
    overlay: Overlay | None = None,
    around: str = "",
    marks: Sequence[tuple[float, float]] = (),
) -> SheetMap:
    """Draw a map.

    Args:
        store: The edition.
        view: Its layers and bounds count.
        size_mm: Width and height on paper.
        lang: Of the names.
        share: Of the symbols' size on A4.
        overlay: An indicator's classes over zones or townships, or None.
        around: Id of the place whose outline stands out, or "".
        marks: Places, degrees, below which something is laid on the map: no name stands there.
    """
    plane = plane_for(store, view["bounds"], Area(0.0, 0.0, size_mm[0] * PER_MM, size_mm[1] * PER_MM), share)
    unit_m = UNIT_M * share
    corner = _BAR_MM * PER_MM / share
    covered = [(0.0, plane.height - corner, plane.width * 0.45, float(plane.height)),
               (plane.width - corner * 1.2, 0.0, float(plane.width), corner * 1.5)]  # fmt: skip
    mm = PER_MM / share
    covered += [(x - MARK_MM[0] / 2 * mm, y + MARK_MM[1] * mm, x + MARK_MM[0] / 2 * mm, y + MARK_MM[2] * mm)
                for x, y in plane.points(np.array(marks))] if marks else []  # fmt: skip
    made = overlaid(
        chart(store, view["layers"], plane, lang, icons=icon_paths(), covered=covered), overlay, store, plane
    )
    clip = svg.tag("clipPath", svg.tag("rect", width=plane.width, height=plane.height), id="pm-sheet")
    inside = svg.tag("g", svg.drawn(made) + _outline(store, around, plane), clip_path="url(#pm-sheet)")
    size = plane.width * unit_m * 1000, plane.height * unit_m * 1000
    drawing = svg.document(clip + inside, plane.width, plane.height, view["name"], fonts=FONTS, per_mm=PER_MM)
    metres_a_unit = (plane.extent[2] - plane.extent[0]) / plane.width
    denominator = metres_a_unit / unit_m
    shown = entries(store, view, (plane, box(0, 0, plane.width, plane.height)), lang, overlay)
    defs = svg.drawn(replace(made, layers=(), names=(), beyond=""))
    legend = tuple((_sign(defs, one.sign), one.label) for one in shown)
    heading = overlay.heading if overlay else ""
    return SheetMap(drawing, size, denominator, _bar(size[0], denominator), legend, heading, plane)


def _outline(store: Store, place: str, plane: Sheet) -> str:
    """The place that a sheet is about, by a broad line around it."""
    geometry = store.row(place)[2] if place in store.index else None
    if geometry is None or not geometry.geom_type.endswith("Polygon"):
        return ""
    return svg.tag("path", d=outlines(plane.drawn(geometry), fine=True), stroke=look()["colour"]["accent"],
                   stroke_width=2.6, stroke_opacity=0.85)  # fmt: skip


def _sign(defs: str, sign: str) -> str:
    inside = (defs if "url(#" in sign else "") + svg.tag("g", sign, transform="translate(15 10)")
    return svg.document(inside, 30, 20, "", per_mm=PER_MM)


def _bar(width_mm: float, denominator: float) -> tuple[float, float]:
    """A round length of about a fifth of the map: metres, and millimetres on paper."""
    longest = width_mm * 0.22 * denominator / 1000
    power = 10.0 ** math.floor(math.log10(longest))
    metres = max(step * power for step in _BAR_STEPS if step * power <= longest)
    return metres, metres * 1000 / denominator


def layers_with(store: Store, own: Sequence[str]) -> list[str]:
    """The layers of the first view, and some more, in the plan's order."""
    wanted = {*store.views[store.default_view]["layers"], *own}
    return [name for name in store.layers if name in wanted]
