"""A figure for a report: a view as a sheet of paper with title, legend, scale, north, sources and what they are worth.

The map is drawn in the plan's metric zone at a round scale that is true at the paper's size. What the legend explains
is what the map shows, no more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from shapely.geometry import box

from geo.crs import CGCS2000, describe, metric_crs, transform
from layers import words
from layers.drawing import svg
from layers.drawing.described import account
from layers.drawing.graticule import graticule
from layers.drawing.ink import GREY, INK
from layers.drawing.inset import inset
from layers.drawing.inset import place as inset_place
from layers.drawing.legend import Entry, entries
from layers.drawing.names import Box, Manner, ems
from layers.drawing.overlay import Overlay
from layers.drawing.picture import Layer, Picture, chart
from layers.drawing.plate import Plate
from layers.drawing.ring import ring
from layers.drawing.sheet import FONT, Sheet
from layers.edition.notice import notice
from layers.edition.store import Bounds, Store
from layers.model.errors import LayersError, word

PAPERS: Mapping[str, tuple[float, float]] = {
    "A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594), "A0": (1189, 841),
    "slide": (338.7, 190.5), "column": (160, 110),
}  # fmt: skip
"""Millimetres, lying; ``column`` is the type area of a Word page, ``slide`` that of 16:9."""
LEAST_MM, MOST_MM = 60.0, 1300.0
UNIT_M = 0.0254 / 96
"""A unit of a drawing on paper, metres: what a pixel is in CSS and SVG."""
PER_MM = 0.001 / UNIT_M
FONTS = f"{FONT}, Source Han Sans SC, Microsoft YaHei, sans-serif"
STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0)
"""First digits of a round scale's denominator."""
BAR_STEPS = (1, 2, 5)
_FREE = re.compile(r"(\d{2,4}(?:\.\d+)?)\s*[x×*]\s*(\d{2,4}(?:\.\d+)?)")
_NO_START = "，。；：、）》」』”’！？％%,.;:)!?"


@dataclass(frozen=True)
class Figure(Plate):
    """A finished sheet with one map.

    Attributes:
        map_svg: The map alone, without furniture, for a GeoTIFF.
        plane: Of the map: its CRS and what of it is shown.
        unit_m: A unit of the map on paper, metres.
    """

    map_svg: str = field(kw_only=True)
    plane: Sheet = field(kw_only=True)
    unit_m: float = field(kw_only=True)

    @property
    def denominator(self) -> float:
        """Of the scale: 100,000 where it is 1:100,000."""
        return 1 / (self.unit_m * _metre(self.plane))


@dataclass(frozen=True)
class Extras:
    """What a figure has besides the view.

    Attributes:
        selection: Id of a feature that a ring is drawn around and whose name comes first, or "".
        veiled: Ids of features that a filter leaves out: they step back.
        grid: Meridians and parallels.
        inset: A small map of the district among its neighbours.
    """

    selection: str = ""
    veiled: frozenset[str] = frozenset()
    grid: bool = False
    inset: bool = False


NO_EXTRAS = Extras()
EAGER = 1.5
"""So many zoom levels sooner than on the page names are tried: paper is finer than a screen."""


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class _Page:
    """A sheet's layout, units; ``em`` is the size of its small print."""

    width: float
    height: float
    em: float
    frame: _Box
    legend: _Box
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
    page = _laid_out(size_mm, bool(subtitle), room, _notes(store, view, lang))
    em, share = page.em, (min(size_mm) / 210) ** 0.5  # of the symbols' size on A4
    plane = _plane(store, view["bounds"], page.frame, share)
    inside, furniture = _drawn(store, view, plane, em / share, lang, overlay, icons, extras)
    seen = plane, box(0, 0, plane.width, plane.height)
    shown = entries(store, view, seen, lang, overlay, extras.veiled)
    told = account(store, view, seen, lang, overlay, extras.veiled)
    parts = [
        svg.tag("rect", width=page.width, height=page.height, fill="#ffffff"),
        _heading(heading, subtitle, page.frame.x, em),
        _map(inside, furniture, page.frame, plane, share, em / share, lang),
        _legend(shown, page.legend, em, lang, overlay),
        _lines(page.notes, page.frame.x, page.notes_y, em * 0.82, GREY, em * 1.15),
    ]
    document = partial(svg.document, fonts=FONTS, per_mm=PER_MM)
    return Figure(
        document("".join(parts), page.width, page.height, heading, told.summary),
        size_mm[0], size_mm[1], heading, told.summary, account=told,
        map_svg=document(inside, plane.width, plane.height, heading, told.summary),
        plane=plane, unit_m=UNIT_M * share,
    )  # fmt: skip


def _drawn(
    store: Store, view: Mapping[str, Any], plane: Sheet, em: float, lang: str, overlay: Overlay | None,
    icons: Mapping[str, str] | None, extras: Extras,
) -> tuple[str, str]:  # fmt: skip
    """The map's own markup, and that of what lies on it and is none of it."""
    covered, furniture = _covered(plane, em), ""
    if extras.inset:
        covered.append(inset_place(plane, em))
        furniture += inset(store, plane, em)
    if extras.grid:
        lines = graticule(plane, em, tuple(covered))
        covered.extend(lines.covered)
        furniture = lines.inside + furniture
    values = overlay.values if overlay else {}
    manner = Manner(EAGER, curved=True, first=extras.selection, values=values, veiled=extras.veiled)
    made = chart(store, view["layers"], plane, lang, icons=icons, covered=covered, manner=manner)
    made = _overlaid(made, overlay, store, plane)
    around = ring(store, extras.selection, plane) if extras.selection else ""
    return svg.drawn(made, over=around), furniture


def _laid_out(size_mm: tuple[float, float], subtitle: bool, room: Sequence[Entry], notes: Sequence[str]) -> _Page:
    """Where map, legend and notes stand: the legend beside the map on a lying sheet, below it on a standing one."""
    width, height = (side * PER_MM for side in size_mm)
    em = _em(size_mm)
    margin = max(8 * PER_MM, 0.035 * min(width, height))
    across, top = width - 2 * margin, margin + em * (3.2 if subtitle else 2.2)
    lines = [line for note in notes for line in wrapped(note, across / (em * 0.82))]
    bottom = height - margin - len(lines) * em * 1.15 + em * 0.1
    if width >= height:
        longest = max((ems(one.label) for one in room), default=0) * em + em * 3.4
        beside = min(max(longest, em * 9), em * 20, 0.26 * width)
        frame = _Box(margin, top, across - beside - em * 0.8, bottom - top)
        legend = _Box(frame.x + frame.width + em * 0.8, top, beside, bottom - top)
    else:
        below = min(_flow_height(room, across, em) + em * 0.6, 0.42 * (bottom - top))
        frame = _Box(margin, top, across, bottom - top - below - em * 0.6)
        legend = _Box(margin, frame.y + frame.height + em * 0.6, across, below)
    return _Page(width, height, em, frame, legend, tuple(lines), bottom + em * 1.2)


def _em(size_mm: tuple[float, float]) -> float:
    """Size of the small print, units: 2.6 mm on A4, larger on larger sheets, legible on a column of text."""
    return max(2.1, min(6.5, 2.6 * (min(size_mm) / 210) ** 0.6)) * PER_MM


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


def _notes(store: Store, view: Mapping[str, Any], lang: str) -> list[str]:
    """What stands under a figure: whom to name, how exact it is, projection and edition."""
    frames = {name: store.frame(name) for name in view["layers"]}
    said = notice(store.edition, frames, lang)
    join = word("notice.join", lang)
    projection = word("sheet.projection", lang, name=describe(metric_crs(float(store.plan["lon"]))))
    edition = word("sheet.edition", lang, hash=store.hash[:12], year=str(store.plan["as_of"]))
    compiler, number = words.said(store.plan, lang, "compiler"), str(store.plan.get("approval") or "")
    whose = [word("sheet.source", lang, text=join.join((said["attribution"], said["licence"])))]
    whose += [word("sheet.compiler", lang, name=compiler)] if compiler else []
    return [
        "　".join(whose),
        word("sheet.accuracy", lang, text=said["accuracy"].removesuffix(join + word("notice.accuracy_each", lang))),
        " ".join((said["disclaimer"], join.join((projection, edition)))),
        *([word("sheet.approval", lang, number=number)] if number else []),
    ]


def _plane(store: Store, bounds: Bounds, frame: _Box, share: float) -> Sheet:
    """The map's plane at the largest round scale at which the bounds have room."""
    crs = metric_crs(float(store.plan["lon"]))
    width, height = math.floor(frame.width / share), math.floor(frame.height / share)
    (south, west), (north, east) = bounds
    ring = box(west, south, east, north).segmentize(max(east - west, north - south, 1e-9) / 8)
    x0, y0, x1, y1 = transform(ring, CGCS2000, crs).bounds
    unit_m = UNIT_M * share
    metres = unit_m * round_up(max((x1 - x0) / width, (y1 - y0) / height) / 0.95 / unit_m) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    extent = (x - width * metres, y - height * metres, x + width * metres, y + height * metres)
    return Sheet.of(crs, extent, width, height)


def _metre(plane: Sheet) -> float:
    """Units of a metre on the ground."""
    return plane.width / (plane.extent[2] - plane.extent[0])


def round_up(denominator: float) -> float:
    """The next round denominator of a scale.

    Example:
        >>> round_up(98_000.0), round_up(101_000.0)
        (100000.0, 125000.0)
    """
    power = 10.0 ** math.floor(math.log10(denominator))
    return next(step * power for step in (*STEPS, 10.0) if step * power >= denominator * (1 - 1e-9))


def _overlaid(made: Picture, overlay: Overlay | None, store: Store, plane: Sheet) -> Picture:
    """The overlay over the areas of its level, under everything that lies on them."""
    if overlay is None:
        return made
    layer, patterns = overlay.drawn(plane)
    rest = list(made.layers)
    at = next((n for n, one in enumerate(rest) if _is_above(one, store)), len(rest))
    return replace(made, layers=(*rest[:at], layer, *rest[at:]), patterns={**made.patterns, **patterns})


def _is_above(layer: Layer, store: Store) -> bool:
    return layer.id in store.layers and store.geometry_type(layer.id) != "polygon"


# ---- furniture


def _heading(heading: str, subtitle: str, x: float, em: float) -> str:
    size = em * 1.75
    made = svg.tag("text", svg.text(heading), x=x, y=x + size * 0.85, font_size=size, font_weight=700, fill=INK)
    if subtitle:
        y = x + size * 0.85 + em * 1.35
        made += svg.tag("text", svg.text(subtitle), x=x, y=y, font_size=em, fill=GREY)
    return made


def _map(inside: str, furniture: str, frame: _Box, plane: Sheet, share: float, em: float, lang: str) -> str:
    clip = svg.tag("clipPath", svg.tag("rect", width=plane.width, height=plane.height), id="pm-map")
    edge = svg.tag("rect", width=plane.width, height=plane.height, stroke=INK, stroke_width=em * 0.07)
    inner = clip + svg.tag("g", inside, clip_path="url(#pm-map)") + furniture + edge
    inner += _bar(plane, UNIT_M * share, em, lang) + _north(plane, em, lang)
    return svg.tag("g", inner, transform=f"translate({frame.x:.6g} {frame.y:.6g})scale({share:.6g})")


def _covered(plane: Sheet, em: float) -> list[Box]:
    """Boxes of scale bar and north arrow."""
    _metres, length = _bar_length(plane)
    foot = (0.0, plane.height - em * 2.8, length + em * 11, float(plane.height))
    return [foot, (plane.width - em * 4.0, 0.0, float(plane.width), em * 5.0)]


def _bar_length(plane: Sheet) -> tuple[float, float]:
    """A round length of about a quarter of the map: metres, and units."""
    longest = plane.width * 0.24 / _metre(plane)
    power = 10.0 ** math.floor(math.log10(longest))
    metres = max(step * power for step in BAR_STEPS if step * power <= longest)
    return metres, metres * _metre(plane)


def _bar(plane: Sheet, unit_m: float, em: float, lang: str) -> str:
    """A scale bar of a round length in two halves, and the scale in figures."""
    metres, length = _bar_length(plane)
    y, x = plane.height - em * 1.1, em * 0.9
    unit, shown = ("km", metres / 1000) if metres >= 1000 else ("m", metres)
    ratio = word("sheet.scale", lang, denominator=words.number(1 / (unit_m * _metre(plane)), 0))
    plate = svg.tag("rect", x=x - em * 0.5, y=y - em * 1.5, width=length + em * (4.4 + 0.6 * len(ratio)),
                    height=em * 2.2, rx=em * 0.25, fill="#ffffff", fill_opacity=0.82)  # fmt: skip
    halves = svg.tag("rect", x=x, y=y, width=length / 2, height=em * 0.3, fill=INK, stroke=INK, stroke_width=0.6)
    halves += svg.tag("rect", x=x + length / 2, y=y, width=length / 2, height=em * 0.3, fill="#ffffff", stroke=INK,
                      stroke_width=0.6)  # fmt: skip
    label: dict[str, Any] = {"font_size": em * 0.85, "fill": INK, "y": y - em * 0.35}
    told = svg.tag("text", "0", x=x, text_anchor="middle", **label)
    told += svg.tag("text", svg.text(f"{shown:g} {unit}"), x=x + length, text_anchor="middle", **label)
    told += svg.tag("text", svg.text(ratio), x=x + length + em * 2.4, font_weight=600, **{**label, "y": y + em * 0.3})
    return plate + halves + told


def _north(plane: Sheet, em: float, lang: str) -> str:
    arrow = svg.tag("path", d="M0 -1.5L.75 1.1L0 .55z", fill=INK) + svg.tag("path", d="M0 -1.5L-.75 1.1L0 .55z",
                    fill="#ffffff", stroke=INK, stroke_width=0.07)  # fmt: skip
    x, y = plane.width - em * 1.9, em * 3.4
    made = svg.tag("circle", cx=x, cy=y - em * 0.6, r=em * 1.75, fill="#ffffff", fill_opacity=0.82)
    made += svg.tag("g", arrow, transform=f"translate({x:.6g} {y:.6g})scale({em:.6g})")
    return made + svg.tag("text", svg.text(word("sheet.north", lang)), x=x, y=y - em * 1.55, font_size=em * 0.8,
                          font_weight=700, fill=INK, text_anchor="middle")  # fmt: skip


def _lines(lines: Sequence[str], x: float, y: float, size: float, color: str, step: float) -> str:
    return "".join(
        svg.tag("text", svg.text(line), x=x, y=y + number * step, font_size=size, fill=color)
        for number, line in enumerate(lines)
    )


def _flow_height(shown: Sequence[Entry], width: float, em: float) -> float:
    columns = max(1, int(width // (em * 14)))
    return (math.ceil(len(shown) / columns) + 1.6) * em * 1.5


def _legend(shown: Sequence[Entry], area: _Box, em: float, lang: str, overlay: Overlay | None) -> str:
    """The entries in columns; smaller when they are many, so that none is left out."""
    size, columns = em, 1
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.42):
        size = em * share
        columns = max(1, int(area.width // (size * (13 if area.width < area.height else 14))))
        rows = _rows(shown, area.width / columns, size)
        if sum(rows) / columns + max(rows, default=0) <= area.height - size * 2.2:
            break
    heading = overlay.heading if overlay else word("sheet.legend", lang)
    made = svg.tag("text", svg.text(heading), x=area.x, y=area.y + em * 0.95, font_size=em, font_weight=700, fill=INK)
    step, column, y = area.width / columns, 0, area.y + em * 1.6
    limit = area.y + em * 1.6 + max(sum(rows) / columns + max(rows, default=0), 1.0)
    for entry, tall in zip(shown, rows, strict=True):
        if y + tall > limit and column + 1 < columns:
            column, y = column + 1, area.y + em * 1.6
        made += _entry(entry, area.x + column * step, y, step, size)
        y += tall
    return made


def _rows(shown: Sequence[Entry], width: float, size: float) -> list[float]:
    return [max(1, len(wrapped(one.label, (width - size * 3.4) / size))) * size * 1.12 + size * 0.42 for one in shown]


def _entry(entry: Entry, x: float, y: float, width: float, size: float) -> str:
    lines = wrapped(entry.label, (width - size * 3.4) / size)
    sign = svg.tag(
        "g", entry.sign, transform=f"translate({x + size * 1.2:.6g} {y + size * 0.66:.6g})scale({size / 13:.6g})"
    )
    return sign + _lines(lines, x + size * 2.9, y + size, size, INK, size * 1.12)


def wrapped(told: str, limit: float) -> list[str]:
    """A text on lines of so many ems; Chinese is broken anywhere but before a mark, Latin words are kept whole.

    Example:
        >>> wrapped("图上位置，仅供参考", 5)
        ['图上位置，', '仅供参考']
    """
    lines, line = [], ""
    for piece in re.findall(r"[\x21-\x7e\u00a0-\u2e7f]+|\s|.", told):
        if line and ems(line + piece) > limit + 0.01 and piece[0] not in _NO_START:
            lines.append(line.rstrip())
            line = ""
        line += piece if line or not piece.isspace() else ""
    return [*lines, line.rstrip()] if line.strip() else lines


def bounds_around(store: Store, feature: str) -> Bounds | None:
    """The bounds of a feature with a margin, for a figure of a zone or township."""
    found = store.bounds_of(feature)
    if found is None:
        return None
    (south, west), (north, east) = found
    west, south, east, north = box(west, south, east, north).buffer(0.04 * max(east - west, north - south)).bounds
    return [[south, west], [north, east]]
