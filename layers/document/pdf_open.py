"""Tables of a PDF page that have no upright lines: 三线表, ruled above, below the heading, and at the end.

Columns are where all rows leave a gap; a stretch between two lines that is running text is no part of a table.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from layers.document.pdf_grid import Cell, Grid, Rule

if TYPE_CHECKING:
    from layers.document.pdf import Char

_NEAR = 3.0
_LEAST = 0.3
"""Of the page's width: a shorter line is no table's."""
_TABULAR = 0.6
"""Of the lines between two rules: so many stand in several columns."""
_GAP = 0.9
"""Of the type's size: words further apart stand in two columns."""
_MOST_RULES = 400

_Row = list[list["Char"]]


def open_grids(rules: Sequence[Rule], chars: Sequence[Char], width: float) -> list[Grid]:
    """The tables between lines that run across alone.

    Args:
        rules: The page's lines that belong to no ruled table.
        chars: Its characters.
        width: Of the page, in points.
    """
    flat = sorted((one for one in rules if one.flat and one.end - one.start >= _LEAST * width), key=lambda one: -one.at)
    found: list[Grid] = []
    for group in _alike(flat[:_MOST_RULES]):
        table: list[tuple[float, float, list[_Row]]] = []
        for above, below in itertools.pairwise(group):
            lines = _lines([one for one in chars if _within(one, above, below)])
            rows = [_parted(line) for line in lines]
            if rows and sum(len(row) > 1 for row in rows) >= _TABULAR * len(rows):
                table.append((above.at, below.at, rows))
                continue
            found += _made(group[0], table)
            table = []
        found += _made(group[0], table)
    return found


def _alike(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Lines of one beginning and end, from above, each height once."""
    groups: list[list[Rule]] = []
    for rule in rules:
        own = next((one for one in groups if _same(one[0], rule)), None)
        if own is None:
            groups.append([rule])
        elif own[-1].at - rule.at > _NEAR:
            own.append(rule)
    return [one for one in groups if len(one) > 2]


def _same(one: Rule, other: Rule) -> bool:
    return abs(one.start - other.start) <= _NEAR and abs(one.end - other.end) <= _NEAR


def _within(char: Char, above: Rule, below: Rule) -> bool:
    x, y = char.middle
    return below.at < y < above.at and above.start - _NEAR <= x <= above.end + _NEAR and not char.text.isspace()


def _lines(chars: Sequence[Char]) -> list[list[Char]]:
    """Characters in lines from above, each from the left."""
    lines: list[list[Char]] = []
    spans: list[tuple[float, float]] = []
    # The tallest first: a dash or a dot belongs to the line whose height it shares.
    for char in sorted(chars, key=lambda one: one.bottom - one.top):
        middle, spare = char.middle[1], (char.top - char.bottom) / 4
        at = next((n for n, (low, high) in enumerate(spans) if low - spare <= middle <= high + spare), None)
        if at is None:
            lines.append([char])
            spans.append((char.bottom, char.top))
        else:
            lines[at].append(char)
    lines = [one for _, one in sorted(zip(spans, lines, strict=True), key=lambda both: -both[0][1])]
    return [sorted(line, key=lambda one: one.left) for line in lines]


def _parted(line: list[Char]) -> _Row:
    """A line in pieces, where there are gaps."""
    pieces = [[line[0]]]
    for before, char in itertools.pairwise(line):
        size = max(char.top - char.bottom, char.right - char.left, before.right - before.left)
        if char.left - before.right > _GAP * size:
            pieces.append([])
        pieces[-1].append(char)
    return pieces


def _made(frame: Rule, parts: Sequence[tuple[float, float, list[_Row]]]) -> list[Grid]:
    """A table of a heading and a body at least, in two columns at least; its cells are empty still."""
    if len(parts) < 2:
        return []
    rows = [row for _, _, some in parts for row in some]
    columns = _columns(rows)
    if len(columns) < 2:
        return []
    xs = [frame.start, *((one[1] + other[0]) / 2 for one, other in itertools.pairwise(columns)), frame.end]
    ys = [parts[0][0]]
    for _, end, some in parts:
        tops = [_edge(row, top=True) for row in some]
        bottoms = [_edge(row, top=False) for row in some]
        for at in range(1, len(some)):
            # What stands in one later column alone goes on with the row above.
            alone = len(some[at]) == 1 and some[at][0][0].left > xs[1]
            if not alone:
                ys.append((bottoms[at - 1] + tops[at]) / 2)
        ys.append(end)
    cells = [[Cell(column, row) for column in range(len(columns))] for row in range(len(ys) - 1)]
    return [Grid(xs, ys, [one for row in cells for one in row], cells)]


def _edge(row: _Row, *, top: bool) -> float:
    return max(one.top for piece in row for one in piece) if top else min(one.bottom for piece in row for one in piece)


def _columns(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Stretches that no row leaves free; a title over several columns, the row's only piece, does not count."""
    spans = sorted((piece[0].left, piece[-1].right) for row in rows if len(row) > 1 for piece in row)
    found: list[tuple[float, float]] = []
    for left, right in spans:
        if found and left <= found[-1][1] + 1.0:
            found[-1] = found[-1][0], max(found[-1][1], right)
        else:
            found.append((left, right))
    return found
