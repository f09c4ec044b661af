"""Ruled tables of a PDF page: straight lines that meet become cells, cells without a line between them one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layers.document.pdf import Char

_STRAIGHT = 1.0
_NEAR = 3.0
_SHORTEST = 4.0
_MOST_CELLS = 20_000
_COVERED = 0.7


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line along the page's edges, in points.

    Attributes:
        flat: Whether it runs from left to right.
        at: Height of a flat one, else its place from the left.
        start: Where it begins: from the left, or from below.
        end: Where it ends.
    """

    flat: bool
    at: float
    start: float
    end: float

    @classmethod
    def of(cls, x: float, y: float, u: float, v: float) -> Rule | None:
        """From two points; None when it is slanting or too short."""
        across, up = abs(u - x), abs(v - y)
        if up <= _STRAIGHT and across >= _SHORTEST:
            return cls(True, (y + v) / 2, min(x, u), max(x, u))
        if across <= _STRAIGHT and up >= _SHORTEST:
            return cls(False, (x + u) / 2, min(y, v), max(y, v))
        return None

    def meets(self, other: Rule) -> bool:
        """Whether two lines touch."""
        if self.flat == other.flat:
            return (
                abs(self.at - other.at) <= _NEAR and self.start <= other.end + _NEAR and other.start <= self.end + _NEAR
            )
        return (
            self.start - _NEAR <= other.at <= self.end + _NEAR and other.start - _NEAR <= self.at <= other.end + _NEAR
        )


@dataclass(slots=True)
class Cell:
    """A cell: the columns and rows that it takes, counted from the left and from above."""

    column: int
    row: int
    chars: list[Char] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    """A table's lines and cells.

    Attributes:
        xs: Places of the columns' edges, from the left.
        ys: Heights of the rows' edges, from above.
        cells: Each once.
        at: The cell in each place, by row and column.
    """

    xs: list[float]
    ys: list[float]
    cells: list[Cell]
    at: list[list[Cell]]

    def holds(self, x: float, y: float) -> bool:
        """Whether a place lies in the table."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[-1] <= y <= self.ys[0]

    def crossed_by(self, rule: Rule) -> bool:
        """Whether a line is one of the table's own."""
        if rule.flat:
            return (
                self.ys[-1] - _NEAR <= rule.at <= self.ys[0] + _NEAR
                and rule.end > self.xs[0]
                and rule.start < self.xs[-1]
            )
        return (
            self.xs[0] - _NEAR <= rule.at <= self.xs[-1] + _NEAR and rule.end > self.ys[-1] and rule.start < self.ys[0]
        )

    def put(self, char: Char) -> None:
        """Give a character to the cell that it stands in."""
        x, y = char.middle
        column = next((n for n in range(len(self.xs) - 1) if x <= self.xs[n + 1]), len(self.xs) - 2)
        row = next((n for n in range(len(self.ys) - 1) if y >= self.ys[n + 1]), len(self.ys) - 2)
        self.at[row][column].chars.append(char)

    def rows(self) -> list[list[Cell | None]]:
        """The cells of each row, None where a place belongs to a cell that began before."""
        return [
            [cell if (cell.row, cell.column) == (row, column) else None for column, cell in enumerate(line)]
            for row, line in enumerate(self.at)
        ]


def grids(rules: Sequence[Rule], width: float, height: float) -> list[Grid]:
    """The tables on a page: lines that touch, at least two each way; a line round the whole page is none."""
    found = []
    for group in _touching(rules):
        xs = _places([rule.at for rule in group if not rule.flat])
        ys = _places([rule.at for rule in group if rule.flat])[::-1]
        if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
            continue
        if len(xs) == len(ys) == 2 and (xs[1] - xs[0]) > 0.9 * width and (ys[0] - ys[1]) > 0.9 * height:
            continue
        found.append(_grid(xs, ys, group))
    return found


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Lines in groups that hang together."""
    group = list(range(len(rules)))

    def head(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    order = sorted(range(len(rules)), key=lambda n: rules[n].start if rules[n].flat else rules[n].at)
    open_: list[int] = []
    for number in order:
        rule = rules[number]
        begin = rule.start if rule.flat else rule.at
        open_ = [one for one in open_ if (rules[one].end if rules[one].flat else rules[one].at) >= begin - _NEAR]
        for one in open_:
            if rule.meets(rules[one]):
                group[head(number)] = head(one)
        open_.append(number)
    found: dict[int, list[Rule]] = {}
    for number, rule in enumerate(rules):
        found.setdefault(head(number), []).append(rule)
    return list(found.values())


def _places(values: Sequence[float]) -> list[float]:
    """Values that lie near each other as one, ascending."""
    found: list[list[float]] = []
    for value in sorted(values):
        if found and value - found[-1][-1] <= _NEAR:
            found[-1].append(value)
        else:
            found.append([value])
    return [sum(some) / len(some) for some in found]


def _grid(xs: list[float], ys: list[float], group: Sequence[Rule]) -> Grid:
    flat, upright = [rule for rule in group if rule.flat], [rule for rule in group if not rule.flat]
    across = [
        [_drawn(flat, ys[row], xs[column], xs[column + 1]) for column in range(len(xs) - 1)] for row in range(len(ys))
    ]
    down = [[_drawn(upright, x, ys[row + 1], ys[row]) for row in range(len(ys) - 1)] for x in xs]
    cells: list[Cell] = []
    at: list[list[Cell]] = [[] for _ in ys[1:]]
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            if column and not down[column][row]:
                cell = at[row][column - 1]
            elif row and not across[row][column]:
                cell = at[row - 1][column]
            else:
                cell = Cell(column, row)
                cells.append(cell)
            at[row].append(cell)
    return Grid(xs, ys, cells, at)


def _drawn(rules: Sequence[Rule], at: float, start: float, end: float) -> bool:
    """Whether lines at a place cover most of a stretch."""
    covered = 0.0
    for rule in rules:
        if abs(rule.at - at) <= _NEAR:
            covered += max(0.0, min(rule.end, end) - max(rule.start, start))
    return covered >= _COVERED * (end - start)
