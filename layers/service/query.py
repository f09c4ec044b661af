"""A question to a table: which of its features, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from shapely.geometry.base import BaseGeometry

from layers.service.columns import DATE, FLAG, INTEGER, TEXT, TIME, Column, Flags, Rows
from layers.service.cql2 import Filter
from layers.service.cql2_times import TIME_RELATIONS, Span, milliseconds
from layers.service.errors import ServiceError
from layers.service.table import Part, Table

_FEW = 0.25
"""Share of a table's rows in an area up to which conditions are held against these alone."""


@dataclass(frozen=True)
class Question:
    """What is asked of a table; what is not said does not choose.

    Attributes:
        area: Where features lie, degrees.
        when: The time that they meet.
        equal: The text of a value by its column.
        filter: A condition.
        order: Columns with ``+`` or ``-`` before them.
    """

    area: BaseGeometry | None = None
    when: Span | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    filter: Filter | None = None
    order: tuple[str, ...] = ()

    def rows(self, table: Table) -> Rows:
        """The rows that answer it: in the order that is asked for, else in that of the plan.

        Raises:
            ServiceError: It names what the table does not have.
        """
        found = None if self.area is None else table.within_box(self.area)
        asked = table
        if found is not None and len(found) < table.count * _FEW and not (self.filter and self.filter.placed):
            asked = Part(table, found)  # of so few the rest is quickly told
        keep: Flags | None = None
        for condition in (
            *(_equal(asked, name, text) for name, text in self.equal.items()),
            *([self.filter.holds(asked)] if self.filter else []),
            *([_meets(asked, self.when)] if self.when else []),
        ):
            keep = condition if keep is None else keep & condition
        if found is None:
            found = np.arange(table.count, dtype=np.int64) if keep is None else np.flatnonzero(keep)
        elif keep is not None:
            found = found[keep if asked is not table else keep[found]]
        return _ordered(table, found, self.order)


def _equal(table: Table, name: str, text: str) -> Flags:
    column = table.columns.get(name)
    if column is None:  # nothing in this layer has such a value
        return np.zeros(table.count, dtype=bool)
    if column.kind == TEXT:
        return column.equal(text)
    return (column.values == as_number(column, text)) & column.known


def as_number(column: Column, text: str) -> float:
    """A value of a column that holds no texts, from its text.

    Raises:
        ServiceError: It is none.
    """
    if column.kind in (DATE, TIME):
        return milliseconds(text)
    if column.kind == FLAG:
        if text.lower() in ("true", "false"):
            return float(text.lower() == "true")
        raise ServiceError("service.flag_wrong", name=column.name, value=text[:60])
    try:
        value = int(text) if column.kind == INTEGER else float(text)
        if np.isfinite(float(value)):
            return value
    except (ValueError, OverflowError):
        pass
    raise ServiceError("service.number_wrong", name=column.name, value=text[:60])


def _meets(table: Table, when: Span) -> Flags:
    """Features that meet a time; those of a layer without times all do."""
    columns = [one for one in table.columns.values() if one.kind in (DATE, TIME)]
    if not columns:
        return np.ones(table.count, dtype=bool)
    first = columns[0]
    meets = TIME_RELATIONS["t_intersects"](first.values, first.values, np.asarray(when.start), np.asarray(when.end))
    return np.asarray(meets) | ~first.known


def _ordered(table: Table, rows: Rows, order: tuple[str, ...]) -> Rows:
    """Rows by columns; equal ones stay in the order of the plan, those without a value come last."""
    if not order:
        return rows
    keys = []
    for one in order:
        name = one.lstrip("+-")
        column = table.columns.get(name)
        if column is None:
            raise ServiceError("service.order_unknown", name=name[:60], known=list(table.columns))
        ranks = column.ranks()[rows]
        if one.startswith("-"):
            ranks = np.where(column.known[rows], -ranks, ranks)
        keys.append(ranks)
    return rows[np.lexsort(keys[::-1])]
