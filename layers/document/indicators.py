"""Indicators of a plan's tables: name, unit, base, target, property, whatever the columns and merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layers.document.blocks import fold
from layers.document.clauses import Clause, Table, Text, split_id
from layers.document.found import Finding, Span
from layers.document.numerals import Stated, stated
from layers.document.period import Period

NAME = re.compile("指标名称|二级指标|三级指标|主要指标|具体指标|指标|名称|目标")
SERIAL = re.compile("序号|编号|序")
UNIT = re.compile("计量单位|单位")
PROPERTY = re.compile("属性|性质|类型")
_GROUP = re.compile("一级指标|类别|类型|领域|分类|维度|类")
_GROWTH = re.compile("年均|增速|增长|累计|变化")
_BINDING = {"约束": "binding", "预期": "expected", "指导": "", "引导": ""}
_ASSIGNED = re.compile("下达|上级|省定|市定|国家要求|完成.{0,6}任务")
_IN_NAME = re.compile(r"^(.*?)\s*\(([^()]*)\)$")
_UNIT_WORDS = re.compile(
    r"[%‰]|.{0,6}(?:元|人|年|岁|件|个|亩|米|公里|吨|公顷|床|张|名|家|所|次|斤|度|分|户|倍|套|辆|万|亿|微克/立方米|吨标煤.*)(?:/.{1,6})?"
)
_NUMBERED = re.compile(r"^\(?(\d{1,3})\)?[.、．)]?\s*(?=\D)")


@dataclass(slots=True)
class _Columns:
    """Which column of a table is which; -1 where there is none."""

    name: int
    base: int
    target: int
    width: int
    serial: int = -1
    unit: int = -1
    prop: int = -1
    group: int = -1
    base_year: int = 0
    target_year: int = 0


def indicators(text: Text, period: Period) -> Iterator[Finding]:
    """The indicators of all tables that give values for the plan's last year.

    Args:
        text: The plan.
        period: Its years.

    Yields:
        One for each row, in order.
    """
    for clause in text.clauses:
        columns: _Columns | None = None
        group, count = "", 0
        for table in clause.tables:
            for place, row in enumerate(table.rows):
                if headed := _columns(table.rows, place, period):
                    columns = headed
                elif columns and (cells := _aligned(row, columns)):
                    group = cells[columns.group] if columns.group >= 0 and cells[columns.group] else group
                    if alone := _group_row(cells):
                        group = alone
                        continue
                    if found := _indicator(clause, table, place, cells, columns, group, count):
                        count += 1
                        yield found


def _columns(rows: Sequence[tuple[str, ...]], place: int, period: Period) -> _Columns | None:
    """The columns that a heading row states; None for any other row, and for tables of the years before."""
    row = [fold(cell) for cell in rows[place]]
    years = [
        (at, int(found[1])) for at, cell in enumerate(row) if (found := re.search(r"(20\d\d)", cell)) and len(cell) < 24
    ]
    plain = [(at, year) for at, year in years if not re.search("增速|增长|累计", row[at])]
    names = [
        at for at, cell in enumerate(row) if NAME.search(cell) and not re.search(r"20\d\d|一级|属性|性质|目标值", cell)
    ]
    target = next((at for at, year in plain if year == period.last), -1)
    if not names or target < 0 or any(re.fullmatch(r"[\d.]+%?", cell) for cell in row):
        return None
    base = next((at for at, year in plain if year <= period.base), -1)
    firsts = {
        key: next((at for at, cell in enumerate(row) if pattern.search(cell) and at not in names), -1)
        for key, pattern in (("serial", SERIAL), ("unit", UNIT), ("prop", PROPERTY))
    }
    name = next(
        (at for at in names if re.search("二级|三级|名称|具体", row[at])), names[-1] if len(names) > 1 else names[0]
    )
    group = next(
        (at for at, cell in enumerate(row) if at < name and at != firsts["serial"] and _GROUP.search(cell)), -1
    )
    return _Columns(name, base, target, len(row), firsts["serial"], firsts["unit"], firsts["prop"], group,
                    dict(plain).get(base, period.base), period.last)  # fmt: skip


def _aligned(row: tuple[str, ...], columns: _Columns) -> tuple[str, ...] | None:
    """A row's cells under their headings: a cell merged over several rows may be missing in the later ones."""
    best, cells = -1, None
    for shift in range(3):
        moved = (("",) * shift + row)[: columns.width]
        moved += ("",) * (columns.width - len(moved))
        if any(row[columns.width - shift :]) and shift:
            continue
        points = _fit(moved, columns)
        if points > best:
            best, cells = points, moved
    return cells


def _fit(cells: tuple[str, ...], columns: _Columns) -> int:
    """How well cells suit their headings."""
    points = 0
    if columns.serial >= 0:
        points += 4 * bool(re.fullmatch(r"\d{1,3}", cells[columns.serial]))
    if columns.prop >= 0:
        points += 4 * any(word in cells[columns.prop] for word in _BINDING)
    name = fold(cells[columns.name])
    points += 2 * bool(name and not re.fullmatch(r"[\d.%〔〕\-—]*", name))
    points += sum(
        bool((value := stated(re.sub(r"\s", "", fold(cells[at])))) and not value.text)
        for at in (columns.base, columns.target)
        if at >= 0
    )
    return points


def _group_row(cells: Sequence[str]) -> str:
    """The name of a group that has a row of its own."""
    filled = [cell for cell in cells if cell]
    return re.sub(r"^[(（]?[一二三四五六七八九十]+[)）、.]\s*", "", filled[0]) if len(filled) == 1 else ""


def _indicator(
    clause: Clause, table: Table, place: int, cells: tuple[str, ...], columns: _Columns, group: str, count: int
) -> Finding | None:
    name, unit, row = _named(cells, columns)
    values = [stated(re.sub(r"\s", "", fold(cells[at]))) if at >= 0 else None for at in (columns.base, columns.target)]
    if not name or values == [None, None]:
        return None
    base, target = values
    notes = footnotes(clause)
    flags = []
    fields: dict[str, object] = {
        "unit": unit,
        "domain": group,
        "property": property_of(cells[columns.prop]) if columns.prop >= 0 else "",
        "row": row or count + 1,
    }
    if base is not None:
        year = columns.base_year
        if "*" in base.marks and "*" in notes:
            year = notes["*"]
            flags.append(f"baseline_{year}")
        fields["baseline"] = {"year": year, **_value(base)}
    if target is not None:
        fields["target"] = {"year": columns.target_year, **_value(target)}
        if target.text:
            flags.append("target_assigned" if _ASSIGNED.search(target.text) else "target_words")
        flags += [f"target_{mark}" for mark in ("sum", "growth") if mark in target.marks]
    fields["flags"] = tuple(flags)
    start = table.starts[place]
    end = start + len(" | ".join(table.rows[place]))
    cite = _cite(clause, int(row or count + 1))
    return Finding("indicator", name, cite, start, end, 0.95 if target else 0.7, fields, (Span(cite, start, end),))


def footnotes(clause: Clause) -> dict[str, int]:
    """The years that a table's notes give to its marks: 带*为2019年数据."""
    found = re.findall(r"带?([*])(?:号)?的?(?:为|是|:|指标为|数据为)*(20\d\d)年", clause.folded)
    return {mark: int(year) for mark, year in found}


def _cite(clause: Clause, row: int) -> str:
    head, item = split_id(clause.id)
    return clause.id if item or "." in head else f"{head}-{row}"


def _named(cells: tuple[str, ...], columns: _Columns) -> tuple[str, str, int]:
    """Name, unit and number of a row: the unit may stand in brackets after the name, the number before it."""
    name, unit, row = split_name(cells[columns.name], in_brackets=columns.unit < 0)
    if columns.serial >= 0 and cells[columns.serial].isdecimal():
        row = int(cells[columns.serial])
    unit = re.sub(r"\s", "", fold(cells[columns.unit])) if columns.unit >= 0 else unit
    return name, unit, row


def split_name(name: str, *, in_brackets: bool) -> tuple[str, str, int]:
    """An indicator's name, the unit in brackets after it where it stands there, and the number before it.

    Example:
        >>> split_name("3. 人均可支配收入（ 万元）", in_brackets=True)
        ('人均可支配收入', '万元', 3)
    """
    row, unit = 0, ""
    if found := _NUMBERED.match(fold(name)):
        row, name = int(found[1]), name[found.end() :]
    if in_brackets and (found := _IN_NAME.match(fold(name))) and _UNIT_WORDS.fullmatch(found[2].replace(" ", "")):
        unit, name = found[2].replace(" ", ""), name[: len(found[1])]
    return name.strip(), unit, row


def property_of(cell: str) -> str:
    """``binding`` or ``expected`` of a cell's words; "" of others."""
    return next((value for word, value in _BINDING.items() if word in cell), "")


def _value(figure: Stated) -> dict[str, object]:
    names = ("value", "low", "high", "comparator", "text")
    return {name: value for name in names if (value := getattr(figure, name)) not in (None, "")}
