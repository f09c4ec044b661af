"""A figure for a report: a view as a sheet of paper with title, legend, scale, north, sources and what they are worth.

The map is drawn in the plan's metric zone at a round scale that is true at the paper's size. What the legend explains
is what the map shows, no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from shapely.geometry import box

from layers import words
from layers.drawing import svg
from layers.drawing.breaking import ems
from layers.drawing.described import account
from layers.drawing.furniture import (
    FONTS,
    PER_MM,
    UNIT_M,
    Area,
    covered,
    em_of,
    flow_height,
    legend_block,
    map_block,
    metre,
    notes_of,
    plane_for,
    text_lines,
    title_block,
    wrapped,
)
from layers.drawing.graticule import graticule
from layers.drawing.ink import GREY
from layers.drawing.inset import inset
from layers.drawing.inset import place as inset_place
from layers.drawing.legend import Entry, entries
from layers.drawing.names import Manner
from layers.drawing.noted import Note, markup
from layers.drawing.overlay import Overlay
from layers.drawing.picture import Layer, Picture, chart
from layers.drawing.plate import Plate
from layers.drawing.ring import ring
from layers.drawing.sheet import Sheet
from layers.edition.store import Bounds, Store
from layers.model.errors import LayersError

PAPERS: Mapping[str, tuple[float, float]] = {
    "A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594), "A0": (1189, 841),
    "slide": (338.7, 190.5), "column": (160, 110),
}  # fmt: skip
"""Millimetres, lying; ``column`` is the type area of a Word page, ``slide`` that of 16:9."""
LEAST_MM, MOST_MM = 60.0, 1300.0
_FREE = re.compile(r"(\d{2,4}(?:\.\d+)?)\s*[x×*]\s*(\d{2,4}(?:\.\d+)?)\s*(?:mm|毫米)?", re.IGNORECASE)


@dataclass(frozen=True)
class Figure(Plate):
    """A finished sheet with one map.

    Attributes:
        map_svg: The map alone, without furniture, for a GeoTIFF.
        plane: Of the map: its CRS and what of it is shown.
        unit_m: A unit of the map on paper, metres.
        corner: Where the map's upper left corner is on the sheet, units of the sheet.
    """

    map_svg: str = field(kw_only=True)
    plane: Sheet = field(kw_only=True)
    unit_m: float = field(kw_only=True)
    corner: tuple[float, float] = field(kw_only=True)

    @property
    def denominator(self) -> float:
        """Of the scale: 100,000 where it is 1:100,000."""
        return 1 / (self.unit_m * metre(self.plane))


@dataclass(frozen=True)
class Extras:
    """What a figure has besides the view.

    Attributes:
        selection: Id of a feature that a ring is drawn around and whose name comes first, or "".
        veiled: Ids of features that a filter leaves out: they step back.
        grid: Meridians and parallels.
        inset: A small map of the district among its neighbours.
        opacity: Of layers, 0 to 1; others are opaque.
        notes: That somebody has drawn on the map.
    """

    selection: str = ""
    veiled: frozenset[str] = frozenset()
    grid: bool = False
    inset: bool = False
    opacity: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


NO_EXTRAS = Extras()
EAGER = 1.5
"""So many zoom levels sooner than on the page names are tried: paper is finer than a screen."""


@dataclass(frozen=True)
class _Page:
    """A sheet's layout, units; ``em`` is the size of its small print."""

    width: float
    height: float
    em: float
    frame: Area
    legend: Area
    notes: tuple[str, ...]
    notes_y: float


def paper_mm(paper: str, *, upright: bool = False) -> tuple[float, float]:
    """Width and height of a paper in millimetres.

    Args:
        paper: A name of ``PAPERS``, or ``160x110``.
        upright: Stand a named paper up.

    Raises:
        LayersError: ``sheet.bad_paper``.

    Example:
        >>> paper_mm("A4", upright=True), paper_mm("160x110")
        ((210, 297), (160.0, 110.0))
    """
    known = {name.lower(): size for name, size in PAPERS.items()}.get(paper.lower())
    if known:
        return (known[1], known[0]) if upright else known
    found = _FREE.fullmatch(paper.strip())
    size = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if not all(LEAST_MM <= side <= MOST_MM for side in size):
        raise LayersError("sheet.bad_paper", value=paper[:40], choices=list(PAPERS), low=LEAST_MM, high=MOST_MM)
    return size


def figure(
    store: Store,
    view: Mapping[str, Any],
    size_mm: tuple[float, float],
    lang: str = "zh",
    *,
    overlay: Overlay | None = None,
    title: str = "",
    icons: Mapping[str, str] | None = None,
    extras: Extras = NO_EXTRAS,
) -> Figure:
    """Draw a view as a sheet.

    Args:
        store: The edition.
        view: As in ``Store.views``; its layers and bounds count.
        size_mm: Width and height of the paper.
        lang: Of all words.
        overlay: An indicator's classes over zones or townships, or None.
        title: In place of the view's name.
        icons: As for ``picture``.
        extras: What it has besides.

    Raises:
        LayersError: ``sheet.no_inset``: an inset is asked for, and the plan has no ground.
    """
    heading, subtitle = _titles(store, view, lang, overlay, title)
    room = entries(store, view, None, lang, overlay, extras.veiled)
    page = _laid_out(size_mm, bool(subtitle), room, notes_of(store, view, lang, values=overlay is not None))
    em, share = page.em, (min(size_mm) / 210) ** 0.5  # of the symbols' size on A4
    plane = plane_for(store, view["bounds"], page.frame, share)
    # The plane has whole units, the frame follows it.
    frame = Area(page.frame.x, page.frame.y, plane.width * share, plane.height * share)
    inside, furniture = _drawn(store, view, plane, em / share, lang, overlay, icons, extras)
    seen = plane, box(0, 0, plane.width, plane.height)
    shown = entries(store, view, seen, lang, overlay, extras.veiled)
    told = account(store, view, seen, lang, overlay, extras.veiled)
    parts = [
        svg.tag("rect", width=page.width, height=page.height, fill="#ffffff"),
        map_block(inside, furniture, (page.width, page.height, frame), plane, em / share, lang),
        title_block(heading, subtitle, page.frame.x, em, page.width - 2 * page.frame.x),
        legend_block(shown, page.legend, em, lang, overlay),
        text_lines(page.notes, page.frame.x, page.notes_y, em * 0.82, GREY, em * 1.15),
    ]
    document = partial(svg.document, fonts=FONTS, per_mm=PER_MM)
    return Figure(
        document("".join(parts), page.width, page.height, heading, told.summary),
        size_mm[0], size_mm[1], heading, told.summary, account=told,
        map_svg=document(inside, plane.width, plane.height, heading, told.summary),
        plane=plane, unit_m=UNIT_M * share, corner=(frame.x, frame.y),
    )  # fmt: skip


def _drawn(
    store: Store, view: Mapping[str, Any], plane: Sheet, em: float, lang: str, overlay: Overlay | None,
    icons: Mapping[str, str] | None, extras: Extras,
) -> tuple[str, str]:  # fmt: skip
    """The map's own markup, and that of what lies on it and is none of it."""
    taken, furniture = covered(plane, em), ""
    if extras.inset:
        taken.append(inset_place(store, plane, em))
        furniture += inset(store, plane, em)
    if extras.grid:
        lines = graticule(plane, em, tuple(taken))
        taken.extend(lines.covered)
        furniture = lines.inside + furniture
    values = overlay.values if overlay else {}
    manner = Manner(EAGER, curved=True, first=extras.selection, values=values, veiled=extras.veiled)
    made = chart(store, view["layers"], plane, lang, icons=icons, covered=taken, manner=manner)
    if extras.opacity:
        layers = tuple(replace(one, opacity=extras.opacity.get(one.id, 1.0)) for one in made.layers)
        made = replace(made, layers=layers)
    made = overlaid(made, overlay, store, plane)
    around = ring(store, extras.selection, plane) if extras.selection else ""
    return svg.drawn(made, over=around) + markup(extras.notes, plane), furniture


def _laid_out(size_mm: tuple[float, float], subtitle: bool, room: Sequence[Entry], notes: Sequence[str]) -> _Page:
    """Where map, legend and notes stand: the legend beside the map on a lying sheet, below it on a standing one."""
    width, height = (side * PER_MM for side in size_mm)
    em = em_of(size_mm)
    margin = max(8 * PER_MM, 0.035 * min(width, height))
    across, top = width - 2 * margin, margin + em * (3.2 if subtitle else 2.2)
    lines = [line for note in notes for line in wrapped(note, across / (em * 0.82))]
    bottom = height - margin - len(lines) * em * 1.15 + em * 0.1
    if width >= height:
        longest = max((ems(one.label) for one in room), default=0) * em + em * 3.4
        beside = min(max(longest, em * 9), em * 20, 0.26 * width)
        frame = Area(margin, top, across - beside - em * 0.8, bottom - top)
        legend = Area(frame.x + frame.width + em * 0.8, top, beside, bottom - top)
    else:
        below = min(flow_height(room, across, em) + em * 0.6, 0.42 * (bottom - top))
        frame = Area(margin, top, across, bottom - top - below - em * 0.6)
        legend = Area(margin, frame.y + frame.height + em * 0.6, across, below)
    return _Page(width, height, em, frame, legend, tuple(lines), bottom + em * 1.2)


def _titles(store: Store, view: Mapping[str, Any], lang: str, overlay: Overlay | None, title: str) -> tuple[str, str]:
    plan = " ".join(
        part for part in (words.name(store.plan, lang, "short_title"), str(store.plan.get("period") or "")) if part
    )
    name = title or words.name(view, lang)
    if overlay is None:
        return name, plan
    shown = overlay.heading if overlay.heading != overlay.title else ""
    if title:
        return title, " · ".join(part for part in (plan, words.name(view, lang), overlay.title, shown) if part)
    return overlay.title, " · ".join(part for part in (plan, name, shown) if part)


def overlaid(made: Picture, overlay: Overlay | None, store: Store, plane: Sheet) -> Picture:
    """The overlay over the areas of its level, under everything that lies on them."""
    if overlay is None:
        return made
    layer, patterns = overlay.drawn(plane)
    rest = list(made.layers)
    at = next((n for n, one in enumerate(rest) if _is_above(one, store)), len(rest))
    return replace(made, layers=(*rest[:at], layer, *rest[at:]), patterns={**made.patterns, **patterns})


def _is_above(layer: Layer, store: Store) -> bool:
    return layer.id in store.layers and store.geometry_type(layer.id) != "polygon"


def bounds_around(store: Store, feature: str) -> Bounds | None:
    """The bounds of a feature with a margin, for a figure of a zone or township."""
    found = store.bounds_of(feature)
    if found is None:
        return None
    (south, west), (north, east) = found
    west, south, east, north = box(west, south, east, north).buffer(0.04 * max(east - west, north - south)).bounds
    return [[south, west], [north, east]]
