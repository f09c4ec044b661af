"""What changed between two editions, in a reader's words: kinds, layers, fields and values named, not coded.

Columns that are one figure to a reader (value, comparator, unit) are one line; what follows from another column is
told with it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from geo.crs import CGCS2000
from geo.measure import area_m2, length_m
from layers import words
from layers.edition.compare import REMOVED, Change, Difference, values
from layers.edition.export import safe_cell
from layers.edition.file import Edition
from layers.edition.layer_table import names_of_codes
from layers.edition.store import Store, plain
from layers.model import tables

Record = Mapping[str, Any]

_FIGURE = ("value", "low", "high", "text", "text_en", "comparator", "unit", "unit_en")
_TOLD_AS: Mapping[str, Mapping[str, str]] = {
    "targets": dict.fromkeys(_FIGURE, "figure"),
    "reviews": {"goal_text": "goal", "goal_comparator": "goal", "result_text": "result"},
    "indicators": {"target_text": "target", "target_comparator": "target", "unit_en": "unit"},
    "claims": {
        **dict.fromkeys(("stated_low", "stated_high", "comparator", "unit", "unit_en"), "stated"),
        **dict.fromkeys(("measured_low", "measured_high", "difference", "readings"), "measured"),
        **dict.fromkeys(("tolerance", "tolerance_percent"), "test"),
        "because": "verdict",
    },
}
"""Columns of a table that are told with another, or together as one figure."""

_MEASURES: Mapping[str, str] = {
    "length_km": "unit.km", "length_inside_km": "unit.km", "area_km2": "unit.km2", "accuracy_m": "unit.m",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One difference in words.

    Attributes:
        what: One of ``compare.WHATS``, or ``compare.KEPT``.
        table: The layer or table, its id.
        id: Of the record, in the later edition if it is there.
        earlier_id: In the earlier edition where that is another.
        matched: How the two were matched, see `Change`.
        name: The record's name.
        layer: Name of the layer or table.
        kind: Name of a feature's kind; "" for figures.
        field: Name of what changed; "" for a whole record.
        before: The value in the earlier edition.
        after: The value in the later one.
        distance_m: How far the shape has moved, see `Change`.
    """

    what: str
    table: str
    id: str
    earlier_id: str
    matched: str
    name: str
    layer: str
    kind: str = ""
    field: str = ""
    before: str = ""
    after: str = ""
    distance_m: float | None = None


def lines(found: Difference, before: Edition, after: Edition, lang: str) -> list[Line]:
    """All differences in words, in their order; between two plans also what goes on unchanged.

    Args:
        found: What ``compare`` has found.
        before: The earlier edition.
        after: The later one.
        lang: ``zh`` or ``en``.
    """
    old = _Words(before, lang, found.one_plan, found.renumbered, earlier=True)
    new = _Words(after, lang, found.one_plan, {}, earlier=False)
    together: dict[tuple[str, ...], list[Change]] = {}
    for change in (*found.changes, *found.going_on()):
        together.setdefault(_told_together(change), []).append(change)
    return [_line(changes, old, new) for changes in together.values()]


def to_csv(told: Iterable[Line], lang: str) -> bytes:
    """The lines as a table for spreadsheets, headed in words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = ("what", "layer", "kind", "name", "field", "before", "after", "distance", "id", "earlier", "matched")
    writer.writerow([_column(f"change.{name}", lang) for name in columns])
    for one in told:
        moved = "" if one.distance_m is None else f"{one.distance_m:.1f}"
        cells = (word(one.what, lang), one.layer, one.kind, one.name, one.field, one.before, one.after, moved, one.id)
        matched = words.code("matched", one.matched, lang)
        writer.writerow([safe_cell(cell) for cell in (*cells, one.earlier_id, matched)])
    return ("\ufeff" + out.getvalue()).encode("utf-8", "replace")


def word(what: str, lang: str) -> str:
    """The name of a kind of change."""
    return words.code("change", what, lang)


def how_many(records: int, places: int, lang: str) -> str:
    """How many records changed, and in how many places where that is another number.

    Example:
        >>> how_many(9, 24, "en"), how_many(2, 2, "en")
        ('9 (24 changes)', '2')
    """
    return str(records) if records == places else words.CATALOGUE.text("words.changes", lang, n=records, places=places)


def _told_together(change: Change) -> tuple[str, str, str, str]:
    return change.what, change.table, change.id, _TOLD_AS.get(change.table, {}).get(change.field, change.field)


def _line(changes: list[Change], before: _Words, after: _Words) -> Line:
    """Changes that a reader takes for one."""
    first = changes[0]
    side = before if first.what == REMOVED else after
    shared = Line(
        first.what, first.table, first.id, first.earlier_id, first.matched,
        words.name({"id": first.id, "name": first.name, "name_en": first.name_en}, after.lang),
        side.table(first.table), side.kind(first.id) if first.table not in tables.FIGURE_TABLES else "",
    )  # fmt: skip
    if not first.field:
        return shared
    told_as = _told_together(first)[3]
    old, new = before.told(first, told_as, first.before), after.told(first, told_as, first.after)
    if told_as == "geometry" and old and old == new:
        old, new = before.sized(first, old), after.sized(first, new)
    # A difference that the words round away; not of a shape whose middle stays where it was.
    if old == new and any(one.before != one.after for one in changes):
        old, new = ("; ".join(getattr(one, end) for one in changes) for end in ("before", "after"))
    name = (after if after.knows(first) else before).field(first, told_as)
    return Line(**{**shared.__dict__, "field": name, "before": old, "after": new, "distance_m": first.distance_m})


def _column(key: str, lang: str) -> str:
    return words.COLUMNS.text(key, lang)


class _Words:
    """The words for what one edition holds.

    Args:
        edition: The edition.
        lang: ``zh`` or ``en``.
        one_plan: Whether both editions are of one plan; else values are found by the indicator's name.
        ids: Of the earlier edition, what the later one calls its places.
        earlier: Whether this is the earlier edition.
    """

    def __init__(self, edition: Edition, lang: str, one_plan: bool, ids: Mapping[str, str], *, earlier: bool) -> None:
        self.lang, self.one_plan, self.earlier = lang, one_plan, earlier
        self.store = Store(edition)
        self.codes = names_of_codes(edition.meta, edition.layers, lang)
        self.leads = {str(key): str(value) for key, value in _mapping(edition.meta.get("lead_units")).items()}
        self.values = values(edition, one_plan, ids)
        self.records = {
            table: {str(row["id"]): row for row in _rows(frame)}
            for table, frame in (("indicators", edition.indicators), *edition.figures.items())
        }

    def table(self, table: str) -> str:
        """The name of a layer or table."""
        key = f"table.{table}"
        if table in self.store.layers:
            return words.name(self.store.layers[table], self.lang)
        return _column(key, self.lang) if key in words.COLUMNS else table

    def kind(self, feature: str) -> str:
        """The name of a feature's kind."""
        if feature not in self.store.index:
            return ""
        kind = str(self.store.row(feature)[1]["kind"])
        return self.codes["kind"].get(kind, kind)

    def knows(self, change: Change) -> bool:
        """Whether the edition has the place that a changed value belongs to."""
        place = change.field.partition(" ")[2]
        return change.table != "observations" or not place or place in self.store.index

    def field(self, change: Change, told_as: str) -> str:
        """The name of what changed."""
        if change.table == "observations":
            role, _blank, place = change.field.partition(" ")
            where = self.place(place) if place else ""
            return " · ".join(part for part in (words.code("role", role, self.lang), where) if part)
        if told_as == "geometry":
            return _column("shape.geometry", self.lang)
        tried = ("figure.{}", "column.{}") if change.table in tables.FIGURE_TABLES else ("column.{}_name", "column.{}")
        for key in (one.format(told_as) for one in (*tried, "column.{}")):
            if key in words.COLUMNS:
                return _column(key, self.lang)
        return told_as

    def place(self, feature: str) -> str:
        """The name of a feature."""
        name, name_en = self.store.name_of(feature)
        return name_en if self.lang == "en" else name

    def told(self, change: Change, told_as: str, cell: str) -> str:
        """What an edition says of what changed; "" where it says nothing."""
        if change.table == "observations":
            return self._observed(change)
        if change.table not in tables.FIGURE_TABLES:
            return self._shape(cell, self._named(change)) if told_as == "geometry" else self._cell(told_as, cell)
        record = self.records[change.table].get(self._named(change))
        special = _FIGURES.get((change.table, told_as))
        return (
            self._figure_cell(change.table, told_as, cell)
            if record is None or special is None
            else special(record, self)
        )

    def _named(self, change: Change) -> str:
        return change.earlier_id or change.id if self.earlier else change.id

    def _observed(self, change: Change) -> str:
        """Values of an indicator at a place, with unit and year."""
        role, _blank, place = change.field.partition(" ")
        found = self.values.get((change.id if self.one_plan else change.name, place, role), [])
        return self.list(self._value(row) for row in found)

    def _value(self, row: Record) -> str:
        record = {name: plain(value) for name, value in row.items()}
        if record["role"] == "computed" and record["value"] is not None:
            shown = words.with_unit(
                words.number(record["value"], int(record["decimals"] or 0)), words.unit(record, self.lang)
            )
        else:
            shown = words.quantity(record, self.lang)
        return f"{shown} ({record['year']:.0f})" if record["year"] is not None else shown

    def _shape(self, cell: str, feature: str) -> str:
        """A shape and where its middle lies, from what ``compare`` wrote; or the unit that is all that is known."""
        kind, _blank, at = cell.partition(" ")
        if not at:
            unit = plain(self.store.row(feature)[1].get("unit"))
            where = {"unit": self.place(str(unit))} if unit else {}
            return words.COLUMNS.text("shape.within" if unit else "shape.none", self.lang, **where)
        name = {"Polygon": "polygon", "LineString": "line"}.get(kind.removeprefix("Multi"), "point")
        lon, lat = at.split(" ")
        return words.COLUMNS.text("shape.at", self.lang, shape=_column(f"shape.{name}", self.lang), lon=lon, lat=lat)

    def sized(self, change: Change, told: str) -> str:
        """A shape in words with its size on the map, for one whose middle stays where it was."""
        geometry = self.store.row(self._named(change))[2]
        if geometry is None or geometry.geom_type.removeprefix("Multi") not in ("Polygon", "LineString"):
            return told
        km2 = area_m2(geometry, CGCS2000) / 1e6
        size = (
            words.area(km2, None, self.lang)
            if km2
            else words.length(length_m(geometry, CGCS2000) / 1000, None, self.lang)
        )
        return words.COLUMNS.text("shape.sized", self.lang, shape=told, size=size)

    def _cell(self, column: str, cell: str) -> str:
        """A feature's cell in words."""
        kind = tables.FEATURE_COLUMNS.get(column, tables.TEXT)
        if kind == tables.FLAG:
            return _column("column.yes" if cell == "1" else "column.no", self.lang)
        if column in _MEASURES and cell:
            unit = words.CATALOGUE.text(f"words.{_MEASURES[column]}", self.lang)
            return words.with_unit(words.number(float(cell)), unit)
        if column == "layer":
            return self.table(cell)
        if column == "unit" and cell:
            return self.place(cell)
        if kind == tables.LIST:
            return self.list(self._item(column, item) for item in tables.split(cell))
        return self._item(column, cell)

    def _item(self, column: str, item: str) -> str:
        if column == "cites":
            return self.store.notation.label(item, self.lang)
        if column == "lead_units":
            return self.leads.get(item, item) if self.lang == "en" else item
        if column in ("features", "place", "same_as_maybe"):
            return self.place(item)
        return self.codes.get(column, {}).get(item, item)

    def _figure_cell(self, table: str, column: str, cell: str) -> str:
        """A cell of a table of figures in words."""
        if column in tables.CODES.get(table, {}):
            return words.code(column, cell, self.lang)
        if column in tables.LISTS_OF_CODES.get(table, {}):
            return self.list(words.code(column.removesuffix("s"), item, self.lang) for item in tables.split(cell))
        kind = {**tables.INDICATOR_COLUMNS, **tables.FIGURES.get(table, {})}.get(column, tables.TEXT)
        if kind == tables.FLAG:
            return _column("column.yes" if cell == "1" else "column.no", self.lang)
        if kind == tables.LIST:
            return self.list(self._item(column, item) for item in tables.split(cell))
        if kind == tables.NUMBER and cell:
            return words.number(float(cell))
        return self._item(column, cell)

    def list(self, items: Iterable[str]) -> str:
        """Several things in the manner of the language."""
        return ("、" if self.lang == "zh" else ", ").join(items)


def _rows(frame: Any) -> Iterator[dict[str, Any]]:
    for row in frame.to_dict("records"):
        yield {str(name): plain(value) for name, value in row.items()}


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


# ---- figures of several columns


def _ends(record: Record, name: str) -> dict[str, Any]:
    return {**record, "value": record[name], "low": record[f"{name}_low"], "high": record[f"{name}_high"]}


def _reading(one: Record, decimals: int, say: _Words) -> str:
    fits = words.code("reading", "fits" if one["fits"] else "apart", say.lang)
    return f"{words.name(one, say.lang)} {words.number(one['measured'], decimals)} ({fits})"


def _measured(record: Record, say: _Words) -> str:
    """What was measured, or what each reading gave."""
    decimals = int(record["decimals"] or 0)
    shown = words.span(_ends(record, "measured"), decimals)
    readings = json.loads(record["readings"]) if record["readings"] else []
    if len(readings) > 1:
        shown = say.list(_reading(one, decimals, say) for one in readings)
    return words.with_unit(shown, words.unit(record, say.lang))


def _compared(record: Record, _say: _Words) -> str:
    size = record["tolerance"] or 0.0
    room = words.with_unit(f"±{words.number(size)}", "%" if record["tolerance_percent"] else "") if size else ""
    return f"{words.sign(record['test']) or '='} {room}".strip()


def _verdict(record: Record, say: _Words) -> str:
    parts = [words.code(name, str(record[name] or ""), say.lang) for name in ("verdict", "because")]
    return ("：" if say.lang == "zh" else ": ").join(part for part in parts if part)


def _goal(record: Record, say: _Words) -> str:
    goal = {"value": record["goal"], "text": record["goal_text"], "comparator": record["goal_comparator"]}
    return words.quantity({**record, **goal}, say.lang)


def _result(record: Record, say: _Words) -> str:
    return words.quantity({**record, "value": record["result"], "text": record["result_text"]}, say.lang)


_FIGURES: Mapping[tuple[str, str], Callable[[Record, _Words], str]] = {
    ("targets", "figure"): lambda record, say: words.quantity(record, say.lang),
    ("claims", "stated"): lambda record, say: words.quantity(_ends(record, "stated"), say.lang),
    ("claims", "measured"): _measured,
    ("claims", "test"): _compared,
    ("claims", "verdict"): _verdict,
    ("reviews", "goal"): _goal,
    ("reviews", "result"): _result,
    ("reviews", "base"): lambda record, say: words.quantity({**record, "value": record["base"]}, say.lang),
    ("indicators", "unit"): lambda record, say: words.unit(record, say.lang),
}
