"""Bars, lines and tables on a sheet, as the dashboards show them: the numbers are those of the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from layers import words
from layers.drawing import svg
from layers.drawing.breaking import ems
from layers.drawing.furniture import FONTS, PER_MM, Area, em_of, text_lines, title_block, wrapped
from layers.drawing.ink import GREY, INK, RULE, TARGET
from layers.drawing.overlay import LEVELS, Overlay, values_at
from layers.drawing.plate import Account, Plate
from layers.drawing.scene import Scene
from layers.edition import observations
from layers.edition.notice import notice
from layers.edition.store import Store, plain
from layers.model.errors import LayersError, word

BARS, LINES, TABLE = "bars", "lines", "table"
FORMS = (BARS, LINES, TABLE)
LEAST_ROW_MM = 2.6
"""A lower row cannot be read."""
STEPS = 5
"""Grid lines of an axis, about."""
_DISTRICT = "district"


@dataclass(frozen=True)
class _Point:
    """A value of the district: where from, in which year, and as it is written."""

    role: str
    year: int
    value: float
    text: str


def check(store: Store, form: str, indicator: str, level: str) -> None:
    """See that there is something to draw.

    Raises:
        LayersError: ``sheet.needs_indicator``, ``sheet.nothing_stated``, ``sheet.one_value``.
    """
    if form not in FORMS:
        return
    if form == TABLE and not indicator:
        if not _stated(store):
            raise LayersError("sheet.nothing_stated")
        return
    if not indicator:
        raise LayersError("sheet.needs_indicator")
    if form != LINES and level in LEVELS and values_at(store, indicator, level):
        return
    course = _course(store, indicator)
    if len({one.year for one in course}) < (2 if form == LINES else 1):
        raise LayersError("sheet.one_value", value=indicator[:60])


def chart(store: Store, form: str, scene: Scene, lang: str) -> Plate:
    """Draw a chart or a table.

    Args:
        store: The edition.
        form: One of ``FORMS``.
        scene: What is shown; of its view nothing.
        lang: Of all words.

    Raises:
        LayersError: ``sheet.small_rows``: the paper is too small.
    """
    width, height = (side * PER_MM for side in scene.size_mm)
    em = em_of(scene.size_mm)
    margin = max(8 * PER_MM, 0.035 * min(width, height))
    across = width - 2 * margin
    shaded = bool(scene.indicator and form != LINES and values_at(store, scene.indicator, scene.level))
    laid = scene.overlay(store, lang) if shaded else None
    title, subtitle, told = _told(store, scene, lang, laid)
    notes = [line for note in _notes(store, scene, lang) for line in wrapped(note, across / (em * 0.82))]
    top, bottom = margin + em * 4.8, height - margin - len(notes) * em * 1.15
    room = Area(margin, top, across, bottom - top - em * 1.2)
    draw = _DRAWN[form]
    inside = draw(store, scene, laid, told, room, em, lang)
    parts = [
        svg.tag("rect", width=width, height=height, fill="#ffffff"),
        title_block(title, subtitle, margin, em, across),
        inside,
        text_lines(notes, margin, bottom + em, em * 0.82, GREY, em * 1.15),
    ]
    document = partial(svg.document, fonts=FONTS, per_mm=PER_MM)
    return Plate(document("".join(parts), width, height, title, told.summary), *scene.size_mm, title, told.summary,
                 account=told)  # fmt: skip


# ---- what is told


def _described(store: Store, indicator: str) -> dict[str, Any]:
    return next(one for one in observations.indicators(store) if one["id"] == indicator)


def _stated(store: Store) -> list[dict[str, Any]]:
    return [one for one in observations.indicators(store) if one["origin"] == "stated"]


def _course(store: Store, indicator: str) -> list[_Point]:
    """The district's values by year."""
    made = []
    for row in observations.observations(store, indicator, _DISTRICT):
        value, year = plain(row.get("value")), plain(row.get("year"))
        if value is None:
            value = plain(row.get("high"))
        if value is not None and year is not None:
            made.append(_Point(str(row["role"]), int(year), float(value), words.stated(row, "zh")))
    return sorted(made, key=lambda one: (one.year, one.role))


def _told(store: Store, scene: Scene, lang: str, laid: Overlay | None) -> tuple[str, str, Account]:
    """Title, subtitle, and all that the chart says as a table."""
    plan = " ".join(
        part for part in (words.name(store.plan, lang, "short_title"), str(store.plan.get("period") or "")) if part
    )
    if not scene.indicator:
        return scene.title or word("sheet.stated", lang), plan, _stated_account(store, lang)
    described = _described(store, scene.indicator)
    name, unit = words.name(described, lang), words.unit(described, lang)
    if laid is not None:
        shown = laid.heading if laid.heading != laid.title else ""
        level = word(f"sheet.level.{scene.level}", lang)
        heads = [word(f"sheet.table.{one}", lang) for one in ("rank", "place", "value", "class")]
        heads[2] = f"{heads[2]} ({unit})" if unit else heads[2]
        ranks = _ranks([row[1] for row in laid.rows])
        ranked = tuple((rank, *row) for rank, row in zip(ranks, laid.rows, strict=True))
        subtitle = " · ".join(part for part in (plan, level, shown) if part)
        return scene.title or name, subtitle, Account(laid.summary, tuple(heads), ranked)
    course = _course(store, scene.indicator)
    heads = [word(f"sheet.table.{one}", lang) for one in ("year", "role", "value")]
    heads[2] = f"{heads[2]} ({unit})" if unit else heads[2]
    rows = tuple((str(one.year), words.code("role", one.role, lang), one.text) for one in course)
    told = word("sheet.and", lang).join(
        word("sheet.point", lang, year=one.year, role=words.code("role", one.role, lang),
             value=words.with_unit(one.text, unit)) for one in course
    )  # fmt: skip
    subtitle = " · ".join(part for part in (plan, unit) if part)
    summary = word("sheet.of_kind_in", lang, name=name, text=told)
    return scene.title or name, subtitle, Account(summary, tuple(heads), rows)


def _stated_account(store: Store, lang: str) -> Account:
    """All indicators that the plan states, with base and target."""
    heads = [word(f"sheet.table.{one}", lang) for one in ("indicator", "unit", "base", "target")]
    rows = []
    for one in _stated(store):
        ends = [words.stated(one[end], lang) if one[end] else words.NONE for end in ("baseline", "target")]
        years = [one[end]["year"] if one[end] else None for end in ("baseline", "target")]
        told = [f"{value} ({year})" if year else value for value, year in zip(ends, years, strict=True)]
        rows.append((words.name(one, lang), words.unit(one, lang), *told))
    return Account(word("sheet.summary_stated", lang, count=len(rows)), tuple(heads), tuple(rows))


def _ranks(values: Sequence[str]) -> list[str]:
    """Ranks of values that are in order, the greatest first; equal ones share one, "" where there is none.

    Example:
        >>> _ranks(["5", "3", "3", "1", "—"])
        ['1', '2', '2', '4', '']
    """
    return ["" if value == words.NONE else str(values.index(value) + 1) for value in values]


def _notes(store: Store, scene: Scene, lang: str) -> list[str]:
    """Under a chart: whose figures they are, how they were computed, which edition."""
    said = notice(store.edition, {}, lang)
    join = word("notice.join", lang)
    number = str(store.plan.get("approval") or "")
    formula = words.said(_described(store, scene.indicator), lang, "formula") if scene.indicator else ""
    edition = word("sheet.edition", lang, hash=store.hash[:12], year=str(store.plan["as_of"]))
    notes = [word("sheet.source", lang, text=join.join((said["attribution"], said["licence"], edition)))]
    notes += [word("sheet.formula", lang, text=formula)] if formula else []
    return notes + ([word("sheet.approval", lang, number=number)] if number else [])


# ---- what is drawn


def _bars(
    store: Store, scene: Scene, laid: Overlay | None, _told: Account, room: Area, em: float, lang: str
) -> str:  # fmt: skip
    """A bar for each place, or one for each year of the district."""
    if laid is None:
        course = _course(store, scene.indicator)
        rows = [(f"{one.year} {words.code('role', one.role, lang)}", one.value, one.text,
                 TARGET if one.role == "target" else GREY) for one in course]  # fmt: skip
    else:
        shades = dict(zip((label for _color, label in laid.classes), (color for color, _label in laid.classes),
                          strict=True))  # fmt: skip
        values = sorted(values_of(store, scene).values(), reverse=True)
        rows = [(name, value, text, shades.get(label, ""))
                for (name, text, label), value in zip(laid.rows, values, strict=False)]  # fmt: skip
        rows += [(name, 0.0, text, "") for name, text, _label in laid.rows[len(values) :]]
    step = _step(len(rows), room, em * 1.5)
    left = max((ems(row[0]) for row in rows), default=0) * min(em, step * 0.62) + em
    right = max((ems(row[2]) for row in rows), default=0) * min(em, step * 0.62) + em
    scale = _Scale.of([row[1] for row in rows], room.x + left, room.width - left - right)
    made = [_axis(scale, room, step * len(rows), em)]
    for number, (name, value, text, color) in enumerate(rows):
        y, size = room.y + number * step, min(em, step * 0.62)
        zero, end = scale.at(0.0), scale.at(value)
        made.append(_text(name, room.x + left - em * 0.6, y + step * 0.5 + size * 0.36, size, INK, "end"))
        if text != words.NONE:
            look: dict[str, Any] = {"fill": color or GREY, "stroke": INK, "stroke_width": em * 0.03}
            high: dict[str, Any] = {"y": y + step * 0.18, "height": step * 0.64}
            made.append(svg.tag("rect", x=min(zero, end), width=abs(end - zero), **high, **look))
        made.append(_text(text, max(zero, end) + em * 0.4, y + step * 0.5 + size * 0.36, size, INK, "start"))
    return "".join(made)


def values_of(store: Store, scene: Scene) -> Mapping[str, float]:
    """The values that a scene shows, by place."""
    found = values_at(store, scene.indicator, scene.level)
    return found[scene.year if scene.year is not None else max(found, key=lambda one: one or 0)]


def _lines(
    store: Store, scene: Scene, _laid: Overlay | None, _told: Account, room: Area, em: float, lang: str
) -> str:  # fmt: skip
    """The district's values over the years; what is aimed at is hollow, and the way to it broken."""
    course = _course(store, scene.indicator)
    left, foot = em * 4, em * 3
    first, last = course[0].year, course[-1].year
    scale = _Scale.of([one.value for one in course], 0.0, room.height - foot - em * 2)
    base = room.y + room.height - foot

    def place(one: _Point) -> tuple[float, float]:
        across = (one.year - first) / max(last - first, 1)
        return room.x + left + em * 4 + across * (room.width - left - em * 8), base - scale.at(one.value)

    made = []
    for tick in scale.ticks:
        y = base - scale.at(tick)
        made.append(svg.tag("path", d=f"M{room.x + left:.6g} {y:.6g}H{room.x + room.width:.6g}", stroke=RULE,
                            stroke_width=em * 0.05))  # fmt: skip
        made.append(_text(words.number(tick), room.x + left - em * 0.5, y + em * 0.36, em * 0.9, GREY, "end"))
    known = [one for one in course if one.role != "target"]
    aims = [one for one in course if one.role == "target"]
    for chain, dash in ((known, ""), ([*known[-1:], *aims], f"{em * 0.5:.4g} {em * 0.35:.4g}")):
        d = "L".join(f"{x:.6g} {y:.6g}" for x, y in map(place, chain))
        if len(chain) > 1:
            made.append(svg.tag("path", d=f"M{d}", stroke=TARGET, stroke_width=em * 0.16, stroke_dasharray=dash))
    for one in course:
        x, y = place(one)
        fill = "#ffffff" if one.role == "target" else TARGET
        made.append(svg.tag("circle", cx=x, cy=y, r=em * 0.4, fill=fill, stroke=TARGET, stroke_width=em * 0.14))
        made.append(_text(one.text, x, y - em * 0.9, em, INK, "middle", 600))
        made.append(_text(str(one.year), x, base + em * 1.3, em, INK, "middle"))
        made.append(_text(words.code("role", one.role, lang), x, base + em * 2.5, em * 0.85, GREY, "middle"))
    return "".join(made)


def _table(
    _store: Store, _scene: Scene, _laid: Overlay | None, told: Account, room: Area, em: float, _lang: str
) -> str:  # fmt: skip
    """The account itself, set as a table; columns as wide as what is in them."""
    step = _step(len(told.rows) + 1, room, em)
    size = min(em, step * 0.62)
    rows = [told.columns, *told.rows]
    wide = [max(ems(row[column]) for row in rows) + 1.6 for column in range(len(told.columns))]
    size = min(size, room.width / max(sum(wide), 1.0))
    spare = max(0.0, room.width / size - sum(wide)) / len(wide)
    starts = [room.x + size * (sum(wide[:at]) + spare * at) for at in range(len(wide))]
    made = []
    for number, row in enumerate(rows):
        y = room.y + number * step
        for at, cell in enumerate(row):
            weight = 700 if number == 0 else 400
            made.append(_text(cell, starts[at] + size * 0.4, y + step * 0.5 + size * 0.36, size, INK, "start", weight))
        line, stroke = (em * 0.09, INK) if number in (0, len(rows) - 1) else (em * 0.03, RULE)
        made.append(svg.tag("path", d=f"M{room.x:.6g} {y + step:.6g}h{room.width:.6g}", stroke=stroke,
                            stroke_width=line))  # fmt: skip
    return "".join(made)


_DRAWN: Mapping[str, Callable[..., str]] = {BARS: _bars, LINES: _lines, TABLE: _table}


@dataclass(frozen=True)
class _Scale:
    """Values to units; it holds zero, so that lengths are in proportion to values."""

    low: float
    high: float
    start: float
    length: float
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float], start: float, length: float) -> _Scale:
        top, bottom = max(0.0, *values), min(0.0, *values)
        raw = (top - bottom) / STEPS or 1.0
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(one * power for one in (1, 2, 5, 10) if one * power >= raw * (1 - 1e-9))
        low, high = math.floor(bottom / step + 1e-9) * step, math.ceil(top / step - 1e-9) * step
        count = round((high - low) / step)
        return cls(low, high or step, start, length, tuple(round(low + step * at, 10) for at in range(count + 1)))

    def at(self, value: float) -> float:
        """Where a value is."""
        return self.start + (value - self.low) / (self.high - self.low) * self.length


def _axis(scale: _Scale, room: Area, height: float, em: float) -> str:
    made = []
    for tick in scale.ticks:
        x = scale.at(tick)
        made.append(svg.tag("path", d=f"M{x:.6g} {room.y:.6g}v{height:.6g}", stroke=INK if tick == 0 else RULE,
                            stroke_width=em * (0.08 if tick == 0 else 0.05)))  # fmt: skip
        made.append(_text(words.number(tick), x, room.y - em * 0.4, em * 0.85, GREY, "middle"))
    return "".join(made)


def _step(rows: int, room: Area, em: float) -> float:
    """The height of a row.

    Raises:
        LayersError: ``sheet.small_rows``.
    """
    step = min(em * 2.1, room.height / max(rows, 1))
    if step < LEAST_ROW_MM * PER_MM:
        raise LayersError("sheet.small_rows", count=rows)
    return step


def _text(told: str, x: float, y: float, size: float, color: str, anchor: str, weight: int = 400) -> str:
    return svg.tag("text", svg.text(told), x=x, y=y, font_size=size, fill=color,
                   text_anchor="" if anchor == "start" else anchor,
                   font_weight=weight if weight != 400 else None)  # fmt: skip
