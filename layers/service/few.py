"""Conditions on few rows of a table, row by row: for some hundred that takes less than arrays do.

A filter is turned into tests of lists of rows once (`test_of`); whatever is not foreseen here is left to
`layers.service.cql2`, which says the same of the same rows (``tests/test_layers_service_few.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layers.service.columns import DATE, TEXT, TIME, Column
from layers.service.cql2 import COMPARED, Filter
from layers.service.cql2_scalars import Value, as_time, fold_of, pattern_test, sort_of, value
from layers.service.cql2_times import TIME_RELATIONS, instant, span
from layers.service.query import as_number
from layers.service.table import Part, Table

MOST = 256
"""Of more rows arrays tell sooner."""
_MOST_TESTS = 64
_EXACT = 2**53
"""Whole numbers from here on are not told apart by floating point."""

Verdicts = list[bool | None]
"""Of each row whether something holds; None where that is not known."""
Test = Callable[[list[int]], Verdicts]


class _ElsewhereError(Exception):
    """Something in a filter is not foreseen here."""


def chosen(table: Table, rows: list[int], equal: Mapping[str, str], filter_: Filter | None = None) -> list[int] | None:
    """Those of few rows that have given values and that a filter holds for, in their order.

    Args:
        table: The table, of which objects are kept.
        rows: Its rows.
        equal: The text of a value by its column.
        filter_: A condition.

    Returns:
        None where arrays have to be asked.

    Raises:
        ServiceError: The table has nothing of what is named, or it cannot be compared.
    """
    if len(rows) > MOST or not table.listed:
        return None
    for name, text in equal.items():
        rows = _having(table, rows, name, text)
    if filter_ is None:
        return rows
    tests = _tests(filter_, table)
    if tests is None:
        return None
    try:
        for test in tests:
            rows = [row for row, holds in zip(rows, test(rows), strict=True) if holds]
    except RecursionError:
        return None
    return rows


def _having(table: Table, rows: list[int], name: str, text: str) -> list[int]:
    column = table.columns.get(name)
    if column is None:  # nothing in this layer has such a value
        return []
    if column.kind == TEXT:
        wanted: float | None = table.place(name, text)
    else:
        wanted = as_number(column, text)
        if column.values.dtype.kind == "f":
            wanted = float(wanted)
    if wanted is None:
        return []
    cells = table.list_of(name)
    return [row for row in rows if cells[row] == wanted]


def _tests(filter_: Filter, table: Table) -> list[Test] | None:
    """What has to hold one after the other; None where something is not foreseen.

    Raises:
        ServiceError: As the filter itself does.
    """
    kept = table.tests
    if filter_ not in kept:
        if len(kept) >= _MOST_TESTS:
            kept.clear()
        kept[filter_] = _made(filter_, table)
    return kept[filter_]


def _made(filter_: Filter, table: Table) -> list[Test] | None:
    if filter_.placed:
        return None
    filter_.holds(Part(table, np.empty(0, dtype=np.int64)))  # says what is wrong with it, if anything
    tree = filter_.tree
    several = isinstance(tree, dict) and str(tree.get("op", "")).lower() == "and"
    try:
        return [_Maker(table).test(one) for one in (tree["args"] if several else [tree])]
    except (_ElsewhereError, RecursionError):
        return None


class _Told(dict[int, bool]):
    """What a test says of words, asked once for each that is met; by their places."""

    def __init__(self, column: Column, test: Callable[[str], bool]) -> None:
        super().__init__()
        self._words, self._test = column.words, test

    def __missing__(self, place: int) -> bool:
        found = self[place] = self._test(str(self._words[place]))
        return found


_BY_ROW: Mapping[str, Callable[[list[Any], Any], Test]] = {
    "=": lambda cells, to: lambda rows: [None if (own := cells[row]) is None else own == to for row in rows],
    "<>": lambda cells, to: lambda rows: [None if (own := cells[row]) is None else own != to for row in rows],
    "<": lambda cells, to: lambda rows: [None if (own := cells[row]) is None else own < to for row in rows],
    "<=": lambda cells, to: lambda rows: [None if (own := cells[row]) is None else own <= to for row in rows],
    ">": lambda cells, to: lambda rows: [None if (own := cells[row]) is None else own > to for row in rows],
    ">=": lambda cells, to: lambda rows: [None if (own := cells[row]) is None else own >= to for row in rows],
}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _looked_up(cells: list[Any], told: Any) -> Test:
    return lambda rows: [None if (own := cells[row]) is None else told[own] for row in rows]


def _all(tests: list[Test]) -> Test:
    def test(rows: list[int]) -> Verdicts:
        found = tests[0](rows)
        for one in tests[1:]:  # no calls within calls: there may be hundreds
            found = [
                False if a is False or b is False else None if a is None or b is None else True
                for a, b in zip(found, one(rows), strict=True)
            ]
        return found

    return test


def _any(tests: list[Test]) -> Test:
    def test(rows: list[int]) -> Verdicts:
        found = tests[0](rows)
        for one in tests[1:]:
            found = [
                True if a or b else None if a is None or b is None else False
                for a, b in zip(found, one(rows), strict=True)
            ]
        return found

    return test


def _not(one: Test) -> Test:
    return lambda rows: [None if a is None else not a for a in one(rows)]


class _Maker:
    """Makes tests of a filter that the arrays have found nothing wrong with."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._makers: Mapping[str, Callable[[str, list[Any]], Test]] = {
            "and": self._joined,
            "or": self._joined,
            "not": self._negated,
            "between": self._between,
            "in": self._among,
            "isnull": self._missing,
            "like": self._like,
        }

    def test(self, node: Any) -> Test:
        """The test of a condition."""
        if isinstance(node, bool):
            return lambda rows: [node] * len(rows)
        if "property" in node:
            return _BY_ROW["="](self._table.list_of(node["property"]), 1)
        name, arguments = str(node["op"]).lower(), node["args"]
        make = self._makers.get(name, self._timed if name in TIME_RELATIONS else self._compared)
        return make(name, arguments)

    def _negated(self, _name: str, arguments: list[Any]) -> Test:
        return _not(self.test(arguments[0]))

    def _between(self, _name: str, arguments: list[Any]) -> Test:
        own, low, high = arguments
        return _all([self._compared(">=", [own, low]), self._compared("<=", [own, high])])

    def _among(self, _name: str, arguments: list[Any]) -> Test:
        return self._joined("or", [{"op": "=", "args": [arguments[0], one]} for one in arguments[1]])

    def _missing(self, _name: str, arguments: list[Any]) -> Test:
        cells = self._cells(arguments[0])
        return lambda rows: [cells[row] is None for row in rows]

    def _joined(self, name: str, arguments: list[Any]) -> Test:
        tests = [self.test(one) for one in arguments]
        return _all(tests) if name == "and" else _any(tests)

    def _column(self, node: Any) -> Column:
        if not isinstance(node, dict) or "property" not in node or str(node["property"]) not in self._table.columns:
            raise _ElsewhereError
        return self._table.columns[str(node["property"])]

    def _cells(self, node: Any) -> list[Any]:
        return self._table.list_of(self._column(node).name)

    def _folded(self, node: Any) -> tuple[Column, Callable[[str], str] | None]:
        """A column, and how its texts are folded."""
        fold = fold_of(node)
        if fold is None:
            return self._column(node), None
        column, inner = self._folded(node["args"][0])
        return column, fold if inner is None else lambda text: fold(inner(text))

    def _literal(self, node: Any) -> Value:
        if isinstance(node, dict) and "property" in node:
            raise _ElsewhereError
        if fold_of(node) is not None:
            self._literal(node["args"][0])
        elif isinstance(node, dict) and "op" in node:
            raise _ElsewhereError
        found = value(self._table, node)
        if found is None:
            raise _ElsewhereError
        return found

    def _compared(self, name: str, arguments: list[Any]) -> Test:
        if name not in _BY_ROW:
            raise _ElsewhereError
        left, right = arguments
        try:
            literal = self._literal(right)
        except _ElsewhereError:
            left, literal, name = right, self._literal(left), _TURNED.get(name, name)
        column, fold = self._folded(left)
        cells, sort = self._table.list_of(column.name), sort_of(column)
        if sort != "text":
            literal = as_time(literal, sort)
            if literal.sort != sort:
                raise _ElsewhereError
            if sort == "number" and column.values.dtype.kind != "f" and _large(column):
                raise _ElsewhereError
            return _BY_ROW[name](cells, literal.numbers)
        if literal.text is None:
            raise _ElsewhereError
        text = literal.text
        if fold is not None:
            compare = COMPARED[name]
            return _looked_up(cells, _Told(column, lambda word: bool(compare(fold(word), text))))
        first, behind = column.span(text)
        if name in ("=", "<>"):
            return _BY_ROW[name](cells, first if behind > first else -1)
        # Words before the text have places below the first, those up to it below the one behind.
        return _BY_ROW["<" if name[0] == "<" else ">="](cells, first if name in ("<", ">=") else behind)

    def _like(self, _name: str, arguments: list[Any]) -> Test:
        node, pattern = arguments
        column, fold = self._folded(node)
        text = self._literal(pattern).text
        if text is None or column.kind != TEXT:
            raise _ElsewhereError
        fits = pattern_test(text)
        test = fits if fold is None else lambda word: fits(fold(word))
        return _looked_up(self._table.list_of(column.name), _Told(column, test))

    def _timed(self, name: str, arguments: list[Any]) -> Test:
        left, right = arguments
        column = self._column(left)
        if column.kind not in (DATE, TIME):
            raise _ElsewhereError
        start, end = self._ends(right)
        cells, relation = self._table.list_of(column.name), TIME_RELATIONS[name]
        return lambda rows: [None if (at := cells[row]) is None else relation(at, at, start, end) for row in rows]

    def _ends(self, node: Any) -> tuple[int, int]:
        if isinstance(node, dict) and "interval" in node:
            found = span(self._table, node["interval"])
            if isinstance(found.start, int) and isinstance(found.end, int):
                return found.start, found.end
            raise _ElsewhereError
        if isinstance(node, dict) and "property" in node:
            raise _ElsewhereError
        at = instant(node)
        return at, at


def _large(column: Column) -> bool:
    return bool(len(column.values) and np.abs(column.values).max() >= _EXACT)
