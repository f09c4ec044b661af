"""Tables that list projects: the column of names, groups in rows of their own, the column of lead units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layers.document.blocks import fold
from layers.document.clauses import Clause
from layers.document.leads import units

_NAME = re.compile("(?:项目|工程|平台|载体|设施|园区)名称|^名称$|^(?:重点|重大)?(?:建设)?项目$")
_LEAD = re.compile("(?:责任|牵头|实施|主管|建设)(?:单位|部门|主体)")
_FIGURES = re.compile("属性|指标")
_NUMBER = re.compile(r"^(?:\(?[一二三四五六七八九十\d]{1,3}[)、.．]\s*)+")


@dataclass(frozen=True, slots=True)
class Listed:
    """A project of a table.

    Attributes:
        name: Folded.
        start: Offset in the whole text of the row.
        heading: What its group, else the table, is called.
        units: Of its row.
    """

    name: str
    start: int
    heading: str
    units: tuple[str, ...]


def projects(clause: Clause) -> Iterator[Listed]:
    """The projects that a clause's tables list; nothing of tables of figures."""
    for table in clause.tables:
        columns: tuple[int, int] | None = None
        group = fold(clause.title)
        for row, start in zip(table.rows, table.starts, strict=True):
            cells = [fold(cell) for cell in row]
            if headed := _columns(cells):
                columns = headed
                continue
            filled = [cell for cell in cells if cell]
            if columns is None or not filled:
                continue
            if len(filled) == 1 and len(row) > 1:
                group = f"{_NUMBER.sub('', filled[0])} {fold(clause.title)}"
                continue
            name = _NUMBER.sub("", cells[columns[0]]) if columns[0] < len(cells) else ""
            if 3 <= len(name) <= 34 and not re.search("[。;]|合计|小计|总计", name):
                lead = cells[columns[1]] if 0 <= columns[1] < len(cells) else ""
                yield Listed(name, start, group, units(lead))


def _columns(cells: Sequence[str]) -> tuple[int, int] | None:
    """The columns of names and of lead units that a heading row states, -1 without the latter."""
    if any(_FIGURES.search(cell) and len(cell) < 8 for cell in cells) or len([cell for cell in cells if cell]) < 2:
        return None
    name = next((at for at, cell in enumerate(cells) if _NAME.search(cell) and len(cell) < 12), -1)
    lead = next((at for at, cell in enumerate(cells) if _LEAD.search(cell) and len(cell) < 12), -1)
    return (name, lead) if name >= 0 else None
