"""Small maps side by side: an indicator by year, a view by zone, all computed indicators of a place.

All of a sheet are of one scale, so that they can be compared; where they show one indicator, of the same classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from layers import words
from layers.drawing import svg
from layers.drawing.breaking import ems
from layers.drawing.figure import overlaid
from layers.drawing.furniture import (
    FONTS,
    PER_MM,
    UNIT_M,
    Area,
    em_of,
    legend_block,
    metre,
    notes_of,
    plane_for,
    text_lines,
    title_block,
    wrapped,
)
from layers.drawing.ink import GREY, INK
from layers.drawing.legend import Entry, entries
from layers.drawing.names import Manner
from layers.drawing.overlay import Overlay, common_breaks, opened, overlay, values_at
from layers.drawing.picture import Picture, chart
from layers.drawing.plate import Account, Plate
from layers.drawing.scene import Scene
from layers.drawing.sheet import Sheet
from layers.edition import observations
from layers.edition.store import Bounds, Store
from layers.model.errors import LayersError, word
from layers.model.plan import TOWNSHIP, ZONE

YEARS, ZONES, INDICATORS = "years", "zones", "indicators"
FORMS = (YEARS, ZONES, INDICATORS)
SHADED = (YEARS, ZONES)
"""Forms that show one indicator."""
MOST = 60
"""Small maps on a sheet."""
CROWDED_MM = 70.0
"""Smaller maps of an indicator have no names: the table has them."""
LEAST_MM = 22.0
"""A small map whose shorter side is less cannot be read."""


@dataclass(frozen=True)
class _Panel:
    """One small map: what stands over it, under it, what it shows and where."""

    title: str
    foot: str
    bounds: Bounds
    overlay: Overlay | None


def check(store: Store, form: str, indicator: str, level: str) -> None:
    """See that there is something to put side by side.

    Raises:
        LayersError: ``sheet.needs_indicator``, ``sheet.one_year``, ``sheet.no_zones``, ``sheet.no_indicators``.
    """
    if form == YEARS:
        if not indicator:
            raise LayersError("sheet.needs_indicator")
        years = [year for year in values_at(store, indicator, level) if year is not None]
        if len(years) < 2:
            raise LayersError("sheet.one_year", choices=years)
    if form == ZONES and not _zones(store):
        raise LayersError("sheet.no_zones")
    if form == INDICATORS and not _computed(store, level or TOWNSHIP):
        raise LayersError("sheet.no_indicators")


def sheet(store: Store, form: str, scene: Scene, lang: str, icons: Mapping[str, str] | None = None) -> Plate:
    """Draw small maps on one sheet.

    Args:
        store: The edition.
        form: One of ``FORMS``.
        scene: What is shown.
        lang: Of all words.
        icons: As for ``picture``.

    Raises:
        LayersError: ``sheet.small_paper``: they would be too small to be read.
    """
    panels = _panels(store, form, scene, lang)[:MOST]
    width, height = (side * PER_MM for side in scene.size_mm)
    em = em_of(scene.size_mm)
    margin = max(8 * PER_MM, 0.035 * min(width, height))
    title, subtitle = _titles(store, form, scene, lang, panels)
    across = width - 2 * margin
    notes = [line for note in notes_of(store, scene.view, lang) for line in wrapped(note, across / (em * 0.82))]
    top, bottom = margin + em * 3.9, height - margin - len(notes) * em * 1.15
    shared = panels[0].overlay if form in SHADED else None
    shown = _explained(store, form, scene, panels, shared, lang)
    beside = min(max((ems(one.label) for one in shown), default=0) * em + em * 3.4, 0.26 * width) if shown else 0.0
    room = Area(margin, top, across - (beside + em if beside else 0.0), bottom - top - em * 0.8)
    cells = _cells(room, panels, em)
    frame = Area(0.0, 0.0, cells[0].width, cells[0].height - em * 2.7)
    if min(frame.width, frame.height) < LEAST_MM * PER_MM:
        raise LayersError("sheet.small_paper", count=len(panels), least=f"{LEAST_MM:g}")
    share = max(0.45, min(1.0, (min(frame.width, frame.height) / PER_MM / 130) ** 0.5))
    planes = _planes(store, panels, frame, share)
    pen = _Pen(store, scene, em, share, lang, icons)
    maps = [pen.map(*one, number) for number, one in enumerate(zip(panels, planes, cells, strict=True))]
    scale = word("sheet.scale_each", lang, denominator=words.number(1 / (UNIT_M * share * metre(planes[0])), 0))
    parts = [
        svg.tag("rect", width=width, height=height, fill="#ffffff"),
        title_block(title, f"{subtitle} · {scale}", margin, em, across),
        *maps,
        legend_block(shown, Area(width - margin - beside, top, beside, bottom - top), em, lang, shared)
        if shown else "",
        text_lines(notes, margin, bottom + em, em * 0.82, GREY, em * 1.15),
    ]  # fmt: skip
    told = _account(form, panels, lang)
    document = partial(svg.document, fonts=FONTS, per_mm=PER_MM)
    return Plate(document("".join(parts), width, height, title, told.summary), *scene.size_mm, title, told.summary,
                 account=told)  # fmt: skip


# ---- which maps


def _zones(store: Store) -> list[str]:
    return [one for one in store.index if one.startswith(f"{ZONE}/") and store.bounds_of(one)]


def _computed(store: Store, level: str) -> list[Mapping[str, Any]]:
    found = observations.indicators(store)
    return [one for one in found if one["origin"] == "computed" and values_at(store, one["id"], level)]


def _panels(store: Store, form: str, scene: Scene, lang: str) -> list[_Panel]:
    bounds, at = scene.view["bounds"], 1 if lang == "en" else 0
    if form == YEARS:
        found = values_at(store, scene.indicator, scene.level)
        breaks = (
            opened(scene.bounds) if scene.bounds else common_breaks(store, scene.indicator, scene.level, scene.method)
        )
        made = []
        for year in sorted(one for one in found if one is not None):
            laid = overlay(store, scene.indicator, scene.level, lang, year=year, breaks=breaks)
            made.append(_Panel(word("sheet.year", lang, year=year), _extremes(laid), bounds, laid))
        return made
    if form == ZONES:
        shaded = scene.overlay(store, lang)
        zones = [(one, store.bounds_of(one)) for one in _zones(store)]
        return [_Panel(store.name_of(one)[at], "", around, shaded) for one, around in zones if around]
    level = scene.level or TOWNSHIP
    made = []
    for one in _computed(store, level):
        laid = overlay(store, one["id"], level, lang, method=scene.method)
        unit = words.unit(one, lang)
        title = f"{laid.title} ({unit})" if unit else laid.title
        made.append(_Panel(title, _extremes(laid), bounds, laid))
    return made


def _extremes(laid: Overlay) -> str:
    """The least and the greatest value."""
    known = [row for row in laid.rows if row[1] != words.NONE]
    return f"{known[-1][1]} – {known[0][1]}" if known else words.NONE


def _titles(store: Store, form: str, scene: Scene, lang: str, panels: Sequence[_Panel]) -> tuple[str, str]:
    plan = words.name(store.plan, lang, "short_title")
    laid = panels[0].overlay
    name = words.name(scene.view, lang)
    if form == INDICATORS:
        place = store.name_of(scene.place)[1 if lang == "en" else 0] if scene.place else ""
        heading = word("sheet.indicators", lang, place=place or plan)
        return scene.title or heading, plan
    heading = laid.title if laid else name
    unit = laid.heading if laid and form == ZONES else words.NONE
    told = [
        plan,
        name if laid else "",
        unit if unit not in (words.NONE, heading) else "",
        word(f"sheet.by_{form}", lang),
    ]
    return scene.title or heading, " · ".join(part for part in told if part)


def _explained(
    store: Store, form: str, scene: Scene, panels: Sequence[_Panel], shared: Overlay | None, lang: str
) -> list[Entry]:
    """What holds for all maps of the sheet: classes without their counts, and the kinds of a view by zone."""
    if form == INDICATORS:
        return []
    if form == YEARS and shared:
        plain = replace(shared, classes=tuple((color, label.rpartition("（")[0] or label.rpartition(" (")[0])
                                              for color, label in shared.classes))  # fmt: skip
        missing = next((one.overlay.missing for one in panels if one.overlay and one.overlay.missing), "")
        return entries(store, {"layers": []}, None, lang, replace(plain, missing=missing))
    return entries(store, scene.view, None, lang, shared, scene.extras.veiled)


# ---- where and how


def _cells(room: Area, panels: Sequence[_Panel], em: float) -> list[Area]:
    """As many columns as give the largest maps."""
    (south, _west), (north, _east) = panels[0].bounds
    across = max(one.bounds[1][1] - one.bounds[0][1] for one in panels) * math.cos(math.radians((south + north) / 2))
    ratio = across / max(1e-9, *(one.bounds[1][0] - one.bounds[0][0] for one in panels))
    gap, words_high = em * 0.8, em * 2.7

    def size(columns: int) -> float:
        rows = math.ceil(len(panels) / columns)
        wide = (room.width - gap * (columns - 1)) / columns
        high = (room.height - gap * (rows - 1)) / rows - words_high
        return min(wide, high * ratio)

    columns = max(range(1, len(panels) + 1), key=size)
    rows = math.ceil(len(panels) / columns)
    wide, high = (room.width - gap * (columns - 1)) / columns, (room.height - gap * (rows - 1)) / rows
    return [
        Area(room.x + number % columns * (wide + gap), room.y + number // columns * (high + gap), wide, high)
        for number in range(len(panels))
    ]


def _planes(store: Store, panels: Sequence[_Panel], frame: Area, share: float) -> list[Sheet]:
    """Planes of one scale: that of the map that needs the smallest."""
    own = [plane_for(store, one.bounds, frame, share) for one in panels]
    widest = max(own, key=lambda plane: plane.extent[2] - plane.extent[0])
    half_x, half_y = (widest.extent[2] - widest.extent[0]) / 2, (widest.extent[3] - widest.extent[1]) / 2
    made = []
    for plane in own:
        x, y = (plane.extent[0] + plane.extent[2]) / 2, (plane.extent[1] + plane.extent[3]) / 2
        extent = (x - half_x, y - half_y, x + half_x, y + half_y)
        made.append(Sheet.of(plane.crs, extent, plane.width, plane.height))
    return made


@dataclass(frozen=True)
class _Pen:
    """Draws the small maps of a sheet; what lies under several of them is drawn once."""

    store: Store
    scene: Scene
    em: float
    share: float
    lang: str
    icons: Mapping[str, str] | None
    grounds: dict[tuple[Any, ...], Picture] = field(default_factory=dict)

    def map(self, panel: _Panel, plane: Sheet, cell: Area, number: int) -> str:
        """One small map with its words."""
        em, share, key = self.em, self.share, f"pm-map-{number}"
        crowded = panel.overlay is not None and min(cell.width, cell.height) < CROWDED_MM * PER_MM
        layers = tuple(_ground(self.store, self.scene) if panel.overlay else self.scene.view["layers"])
        if (plane.extent, layers) not in self.grounds:
            manner = Manner(0.5, curved=True, veiled=self.scene.extras.veiled, named=not crowded)
            drawn = chart(self.store, layers, plane, self.lang, icons=self.icons, manner=manner)
            self.grounds[plane.extent, layers] = drawn
        made = self.grounds[plane.extent, layers]
        inside = svg.drawn(overlaid(made, panel.overlay, self.store, plane))
        clip = svg.tag("clipPath", svg.tag("rect", width=plane.width, height=plane.height), id=key)
        edge = svg.tag("rect", width=plane.width, height=plane.height, stroke=INK, stroke_width=em * 0.05 / share)
        shown = clip + svg.tag("g", inside, clip_path=f"url(#{key})") + edge
        size = min(em, cell.width / max(ems(panel.title) * 1.05, 1.0))
        title: dict[str, Any] = {"font_size": size, "font_weight": 700, "fill": INK}
        foot: dict[str, Any] = {"font_size": em * 0.8, "fill": GREY}
        said = svg.tag("text", svg.text(panel.title), x=cell.x, y=cell.y + em * 0.95, **title)
        if panel.foot:
            said += svg.tag("text", svg.text(panel.foot), x=cell.x, y=cell.y + cell.height - em * 0.15, **foot)
        return said + svg.tag(
            "g", shown, transform=f"translate({cell.x:.6g} {cell.y + em * 1.3:.6g})scale({share:.6g})"
        )


def _ground(store: Store, scene: Scene) -> list[str]:
    """Under an indicator's colours: no points, which would hide small areas."""
    return [name for name in scene.view["layers"] if store.geometry_type(name) != "point"]


def _account(form: str, panels: Sequence[_Panel], lang: str) -> Account:
    heads = [word(f"sheet.table.{name}", lang) for name in ("map", "place", "value")]
    rows = [
        (panel.title, place, value)
        for panel in panels if panel.overlay for place, value, _class in panel.overlay.rows
    ]  # fmt: skip
    told = [panel.overlay.summary for panel in panels if panel.overlay]
    if form == ZONES:
        told, rows = told[:1], [row for row in rows if row[0] == panels[0].title]
    elif form == YEARS:
        told = [word("sheet.of_kind_in", lang, name=panel.title, text=one)
                for panel, one in zip(panels, told, strict=True)]  # fmt: skip
    names = word("sheet.and", lang).join(panel.title for panel in panels)
    summary = word("sheet.summary_maps", lang, count=len(panels), names=names)
    return Account(word("sheet.sentence", lang).join([summary, *told]), tuple(heads), tuple(rows))
