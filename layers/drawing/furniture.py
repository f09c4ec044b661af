"""What stands on a sheet around what is drawn: heading, notes, legend, scale bar, north arrow, and their sizes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import box

from geo.crs import CGCS2000, describe, metric_crs, transform
from layers import words
from layers.drawing import svg
from layers.drawing.breaking import ems
from layers.drawing.ink import GREY, INK
from layers.drawing.legend import Entry
from layers.drawing.names import Box
from layers.drawing.overlay import Overlay
from layers.drawing.sheet import FONT, Sheet
from layers.edition.entered import entered_words
from layers.edition.notice import notice
from layers.edition.store import Bounds, Store
from layers.model.errors import word

UNIT_M = 0.0254 / 96
"""A unit of a drawing on paper, metres: what a pixel is in CSS and SVG."""
PER_MM = 0.001 / UNIT_M
LEAST_DEGREES = 0.0005
"""A map shows at least so much, some 50 metres."""
FONTS = f"{FONT}, Source Han Sans SC, Microsoft YaHei, sans-serif"
STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0)
"""First digits of a round scale's denominator."""
BAR_STEPS = (1, 2, 5)
MAT = 8
"""Units by which the mat around a map goes beyond the sheet."""
_NO_START = "，。；：、）》」』”’！？％%,.;:)!?"


@dataclass(frozen=True)
class Area:
    """A rectangle of the sheet, units."""

    x: float
    y: float
    width: float
    height: float


def em_of(size_mm: tuple[float, float]) -> float:
    """Size of the small print, units: 2.6 mm on A4, larger on larger sheets, legible on a column of text."""
    return max(2.1, min(6.5, 2.6 * (min(size_mm) / 210) ** 0.6)) * PER_MM


def notes_of(store: Store, view: Mapping[str, Any], lang: str, *, values: bool = True) -> list[str]:
    """What stands under a figure: whom to name, how exact it is, projection and edition.

    Args:
        store: The edition.
        view: What is shown.
        lang: Of all words.
        values: Whether values of an indicator are shown, which may be a ledger's.
    """
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
        *([entered] if values and (entered := entered_words(store, lang)) else []),
        word("sheet.accuracy", lang, text=said["accuracy"].removesuffix(join + word("notice.accuracy_each", lang))),
        " ".join((said["disclaimer"], join.join((projection, edition)))),
        *([word("sheet.approval", lang, number=number)] if number else []),
    ]


def plane_for(store: Store, bounds: Bounds, frame: Area, share: float) -> Sheet:
    """The map's plane at the largest round scale at which the bounds have room."""
    crs = metric_crs(float(store.plan["lon"]))
    width, height = math.floor(frame.width / share), math.floor(frame.height / share)
    west, south, east, north = spread(bounds)
    ring = box(west, south, east, north).segmentize(max(east - west, north - south) / 8)
    x0, y0, x1, y1 = transform(ring, CGCS2000, crs).bounds
    unit_m = UNIT_M * share
    metres = unit_m * round_up(max((x1 - x0) / width, (y1 - y0) / height) / 0.95 / unit_m) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    extent = (x - width * metres, y - height * metres, x + width * metres, y + height * metres)
    return Sheet.of(crs, extent, width, height)


def spread(bounds: Bounds) -> tuple[float, float, float, float]:
    """West, south, east and north of bounds, degrees; those of a single place are given some extent.

    Example:
        >>> spread([[30.0, 120.0], [30.5, 120.0]])
        (119.99975, 30.0, 120.00025, 30.5)
    """
    (south, west), (north, east) = bounds
    wide, high = (max(0.0, LEAST_DEGREES - side) / 2 for side in (east - west, north - south))
    return west - wide, south - high, east + wide, north + high


def metre(plane: Sheet) -> float:
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


def title_block(heading: str, subtitle: str, x: float, em: float, across: float = math.inf) -> str:
    """Title and subtitle at the sheet's upper left corner, ``x`` units from its edges; smaller where they are long."""
    size = min(em * 1.75, across / max(ems(heading) * 1.06, 1.0))
    made = svg.tag("text", svg.text(heading), x=x, y=x + size * 0.85, font_size=size, font_weight=700, fill=INK)
    if subtitle:
        y = x + size * 0.85 + em * 1.35
        small = min(em, across / max(ems(subtitle) * 1.04, 1.0))
        made += svg.tag("text", svg.text(subtitle), x=x, y=y, font_size=small, fill=GREY)
    return made


def map_block(inside: str, furniture: str, page: tuple[float, float, Area], plane: Sheet, em: float, lang: str) -> str:
    """A map in its frame, with scale bar and north arrow.

    What of it goes on beyond the frame lies under a white mat: to clip a map takes as long as to draw it. The mat is
    larger than the sheet: where a sheet stands in a page, its edge falls between two pixels, and a mat that ends there
    would let a thin line of the map through.

    Args:
        inside: Markup of the map, in its units.
        furniture: Of what lies on it.
        page: Width and height of the sheet, and the frame on it.
        plane: Of the map.
        em: Size of the small print, units of the map.
        lang: Of the words.
    """
    width, height, frame = page
    share = frame.width / plane.width
    place = f"translate({frame.x:.6g} {frame.y:.6g})scale({share:.6g})"
    right, bottom = frame.x + plane.width * share, frame.y + plane.height * share
    hole = f"M{frame.x:.6g} {frame.y:.6g}V{bottom:.6g}H{right:.6g}V{frame.y:.6g}z"
    mat = f"M-{MAT} -{MAT}H{width + MAT:.6g}V{height + MAT:.6g}H-{MAT}z{hole}"
    edge = svg.tag("rect", width=plane.width, height=plane.height, stroke=INK, stroke_width=em * 0.07)
    around = edge + scale_bar(plane, UNIT_M * share, em, lang) + north_arrow(plane, em, lang)
    return (
        svg.tag("g", inside + furniture, transform=place)
        + svg.tag("path", d=mat, fill="#ffffff", fill_rule="evenodd")
        + svg.tag("g", around, transform=place)
    )


def covered(plane: Sheet, em: float) -> list[Box]:
    """Boxes of scale bar and north arrow."""
    _metres, length = bar_length(plane)
    foot = (0.0, plane.height - em * 2.8, length + em * 11, float(plane.height))
    return [foot, (plane.width - em * 4.0, 0.0, float(plane.width), em * 5.0)]


def bar_length(plane: Sheet) -> tuple[float, float]:
    """A round length of about a quarter of the map: metres, and units."""
    longest = plane.width * 0.24 / metre(plane)
    power = 10.0 ** math.floor(math.log10(longest))
    metres = max(step * power for step in BAR_STEPS if step * power <= longest)
    return metres, metres * metre(plane)


def scale_bar(plane: Sheet, unit_m: float, em: float, lang: str) -> str:
    """A scale bar of a round length in two halves, and the scale in figures."""
    metres, length = bar_length(plane)
    y, x = plane.height - em * 1.1, em * 0.9
    unit, shown = ("km", metres / 1000) if metres >= 1000 else ("m", metres)
    ratio = word("sheet.scale", lang, denominator=words.number(1 / (unit_m * metre(plane)), 0))
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


def north_arrow(plane: Sheet, em: float, lang: str) -> str:
    """The arrow at a map's upper right corner."""
    arrow = svg.tag("path", d="M0 -1.5L.75 1.1L0 .55z", fill=INK) + svg.tag("path", d="M0 -1.5L-.75 1.1L0 .55z",
                    fill="#ffffff", stroke=INK, stroke_width=0.07)  # fmt: skip
    x, y = plane.width - em * 1.9, em * 3.4
    made = svg.tag("circle", cx=x, cy=y - em * 0.6, r=em * 1.75, fill="#ffffff", fill_opacity=0.82)
    made += svg.tag("g", arrow, transform=f"translate({x:.6g} {y:.6g})scale({em:.6g})")
    return made + svg.tag("text", svg.text(word("sheet.north", lang)), x=x, y=y - em * 1.55, font_size=em * 0.8,
                          font_weight=700, fill=INK, text_anchor="middle")  # fmt: skip


def text_lines(lines: Sequence[str], x: float, y: float, size: float, color: str, step: float) -> str:
    """Lines of text, the first with its baseline at ``y``."""
    return "".join(
        svg.tag("text", svg.text(line), x=x, y=y + number * step, font_size=size, fill=color)
        for number, line in enumerate(lines)
    )


def flow_height(shown: Sequence[Entry], width: float, em: float) -> float:
    """How high a legend is that flows in columns below a map."""
    columns = max(1, int(width // (em * 14)))
    return (math.ceil(len(shown) / columns) + 1.6) * em * 1.5


def legend_block(shown: Sequence[Entry], area: Area, em: float, lang: str, overlay: Overlay | None) -> str:
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
    return sign + text_lines(lines, x + size * 2.9, y + size, size, INK, size * 1.12)


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
