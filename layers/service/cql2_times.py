"""Instants and intervals in filters, and how they relate (Allen's relations, as CQL2 names them)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.service.columns import DATE, TIME, Flags
from layers.service.errors import ServiceError
from layers.service.kleene import Truth
from layers.service.table import Table

OPEN = ".."
_FOREVER = 2**62
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")


@dataclass(frozen=True)
class Span:
    """From when to when, milliseconds since 1970; an instant begins when it ends."""

    start: NDArray[np.int64] | int
    end: NDArray[np.int64] | int
    known: Flags | bool = True


def milliseconds(text: str) -> int:
    """A date or time in RFC 3339 as milliseconds since 1970 (UTC); a date is its beginning.

    Raises:
        ServiceError: It is neither.

    Example:
        >>> milliseconds("1970-01-02"), milliseconds("1970-01-01T08:00:00+08:00")
        (86400000, 0)
    """
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return (day - date(1970, 1, 1)).days * 86_400_000
        if _STAMP.fullmatch(text):
            moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper()))
            since = moment - datetime(1970, 1, 1, tzinfo=UTC)
            return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
    except (ValueError, OverflowError):
        pass
    raise ServiceError("service.time_wrong", value=text[:60])


def instant(node: Any) -> int:
    """A literal as an instant."""
    if isinstance(node, dict):
        node = node.get("date", node.get("timestamp"))
    if not isinstance(node, str):
        raise ServiceError("service.time_wrong", value=str(node)[:60])
    return milliseconds(node)


def moments(table: Table, node: Any) -> Span:
    """A column of times, or a literal.

    Raises:
        ServiceError: It is neither.
    """
    if isinstance(node, dict) and "property" in node:
        found = table.columns.get(str(node["property"]))
        if found is None or found.kind not in (DATE, TIME):
            names = [one.name for one in table.columns.values() if one.kind in (DATE, TIME)]
            raise ServiceError("service.filter_no_time", name=str(node["property"])[:60], known=names)
        return Span(found.values, found.values, found.known)
    at = instant(node)
    return Span(at, at)


def span(table: Table, ends: Any) -> Span:
    """An interval of two ends, each a literal, a column or ``..``.

    Raises:
        ServiceError: It is none.
    """
    if not isinstance(ends, list) or len(ends) != 2:
        raise ServiceError("service.time_wrong", value=str(ends)[:60])
    first = Span(-_FOREVER, -_FOREVER) if ends[0] in (OPEN, "") else moments(table, ends[0])
    last = Span(_FOREVER, _FOREVER) if ends[1] in (OPEN, "") else moments(table, ends[1])
    return Span(first.start, last.end, np.asarray(first.known) & last.known)


_Relation = Callable[[Any, Any, Any, Any], Any]
TIME_RELATIONS: Mapping[str, _Relation] = {
    "t_after": lambda a, _b, _c, d: a > d,
    "t_before": lambda _a, b, c, _d: b < c,
    "t_contains": lambda a, b, c, d: (a < c) & (b > d),
    "t_disjoint": lambda a, b, c, d: (b < c) | (a > d),
    "t_during": lambda a, b, c, d: (a > c) & (b < d),
    "t_equals": lambda a, b, c, d: (a == c) & (b == d),
    "t_finishedby": lambda a, b, c, d: (a < c) & (b == d),
    "t_finishes": lambda a, b, c, d: (a > c) & (b == d),
    "t_intersects": lambda a, b, c, d: (a <= d) & (b >= c),
    "t_meets": lambda _a, b, c, _d: b == c,
    "t_metby": lambda a, _b, _c, d: a == d,
    "t_overlappedby": lambda a, b, c, d: (a > c) & (a < d) & (b > d),
    "t_overlaps": lambda a, b, c, d: (a < c) & (b > c) & (b < d),
    "t_startedby": lambda a, b, c, d: (a == c) & (b > d),
    "t_starts": lambda a, b, c, d: (a == c) & (b < d),
}
"""Of start and end of the one, start and end of the other."""


def time_related(name: str, left: Span, right: Span) -> Truth:
    """How two spans relate, row by row."""
    holds = np.asarray(
        TIME_RELATIONS[name](*(np.asarray(one) for one in (left.start, left.end, right.start, right.end)))
    )
    known = np.asarray(left.known) & right.known
    holds, known = np.broadcast_arrays(holds, known)
    return Truth.of(holds, known)


def asked_span(text: str) -> Span:
    """The parameter ``datetime``: an instant, or two with ``/`` between them of which one may be ``..`` or empty.

    A date that ends an interval, or stands alone, is the whole day.

    Raises:
        ServiceError: It is none of these.

    Example:
        >>> asked_span("1970-01-01/..").start
        0
    """
    first, cut, last = text.partition("/")
    if not cut:
        last = first
    if cut and first in ("", OPEN) and last in ("", OPEN):
        return Span(-_FOREVER, _FOREVER)
    start = -_FOREVER if cut and first in ("", OPEN) else milliseconds(first)
    end = _FOREVER if cut and last in ("", OPEN) else milliseconds(last)
    if end != _FOREVER and _DAY.fullmatch(last):
        end += 86_400_000 - 1
    if start > end:
        raise ServiceError("service.time_wrong", value=text[:60])
    return Span(start, end)
