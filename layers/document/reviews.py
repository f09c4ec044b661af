"""The results of the last period, from the table that a plan begins with: base, goal and result of each indicator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layers.document.blocks import fold
from layers.document.clauses import Clause, Table, Text, split_id
from layers.document.found import Finding, Span
from layers.document.indicators import NAME, PROPERTY, SERIAL, UNIT, footnotes, property_of, split_name
from layers.document.numerals import Stated, stated
from layers.document.period import Period

_GOAL = re.compile("目标|规划[值数]|计划[值数]")
_RESULT = re.compile("完成|实际|实绩|预计|达成|执行")
_JUDGED = re.compile("是否|评价|评估|完成度|完成率|进度|结论|完成情况$")
_GROWTH = re.compile("年均|增速|增长|增幅")
_UNDER = re.compile(r"(?:(?:20\d\d|五)年|年均|累计|目标|完成|实际|绝对|[增长速幅])+[值量数率]?(?:\([%‰]\))?|[值量数]")
_MET = re.compile(r"(?:已|全部|全面|基本|超额|提前)*(?:完成|达标|实现|达到)(?:任务|目标)?|是|√|✓")
_MISSED = re.compile(r"(?:未|没有?|尚未)(?:能|全部|全面)?(?:完成|达标|实现|达到)(?:任务|目标)?|否|×|✗")
_SQUARE = re.compile(
    r"\[\s*\](?:内|中)?(?:的)?(?:数据|数值|数字|数|指标)?均?(?:为|是)(?:五年|全期)?累计(?!增|提|下|变|减)"
)
"""A note by which figures in square brackets are sums; without it they are changes over the period."""
_YEARS = 5


@dataclass(slots=True)
class _Columns:
    """Which column is which; -1 where there is none."""

    name: int
    width: int
    serial: int = -1
    unit: int = -1
    prop: int = -1
    base: int = -1
    goal: int = -1
    goal_growth: int = -1
    result: int = -1
    result_growth: int = -1
    judged: int = -1
    base_year: int = 0
    result_year: int = 0


def reviews(text: Text, period: Period) -> Iterator[Finding]:
    """The rows of the tables that hold the last period's goals against its results.

    Args:
        text: The plan.
        period: Its years.

    Yields:
        One for each row, in order; its fields are those of a ``[[review]]``, of which only what is said is there.
    """
    for clause in text.clauses:
        columns: _Columns | None = None
        count = 0
        for table in clause.tables:
            for place, row in enumerate(table.rows):
                if headed := _columns(table.rows, place, period):
                    columns = headed
                elif columns and len(row) >= columns.width - 1 and not _is_under(row):
                    found = _review(clause, table, place, columns, count)
                    if found:
                        count += 1
                        yield found


def _is_under(row: Sequence[str]) -> bool:
    """Whether a row is the second one of a heading: years and words for growth alone."""
    filled = [fold(cell).replace(" ", "") for cell in row if cell]
    return bool(filled) and all(_UNDER.fullmatch(cell) for cell in filled)


def _columns(rows: Sequence[tuple[str, ...]], place: int, period: Period) -> _Columns | None:
    """The columns that a heading states, over one row or two; None for any other row."""
    row = [fold(cell).replace(" ", "") for cell in rows[place]]
    heads = _heads(row, rows[place + 1] if place + 1 < len(rows) else ())
    joined = " ".join(heads)
    if str(period.last) in joined or any(re.fullmatch(r"[\d.]+%?", cell) for cell in row):
        return None
    goals = [at for at, cell in enumerate(heads) if _GOAL.search(cell)]
    done = [at for at, cell in enumerate(heads) if _RESULT.search(cell) and at not in goals]
    names = [
        at
        for at, cell in enumerate(heads)
        if NAME.search(cell) and not re.search("属性|性质|单位", cell) and at not in (*goals, *done)
    ]
    if not goals or not done or not names:
        return None
    growth = [at for at, cell in enumerate(heads) if _GROWTH.search(cell)]
    values = [at for at in done if at not in growth]
    judged = next((at for at in reversed(values) if len(values) > 1 and _JUDGED.search(heads[at])), -1)
    firsts = {
        key: next((at for at, cell in enumerate(heads) if pattern.search(cell) and at not in names), -1)
        for key, pattern in (("serial", SERIAL), ("unit", UNIT), ("prop", PROPERTY))
    }
    years = {at: int(found[1]) for at, cell in enumerate(heads) if (found := re.search(r"(20\d\d)", cell))}
    base = next((at for at, year in years.items() if at not in (*goals, *done) and year < period.base), -1)
    result = next((at for at in values if at != judged), -1)
    return _Columns(
        name=names[-1], width=len(heads), **firsts, base=base,
        goal=next((at for at in goals if at not in growth), -1),
        goal_growth=next((at for at in goals if at in growth), -1), result=result,
        result_growth=next((at for at in done if at in growth), -1), judged=judged,
        base_year=years.get(base, period.base - _YEARS), result_year=years.get(result, period.base),
    )  # fmt: skip


def _heads(row: Sequence[str], below: Sequence[str]) -> list[str]:
    """The words over each column: those of a cell over several columns stand over each of them.

    A reader of files may put the second row's cells under theirs, or at the row's beginning, where merged cells were
    not kept; in both cases they come in the order of the columns that goal and result are divided into.
    """
    under = [fold(cell).replace(" ", "") for cell in below if cell] if _is_under(below) else []
    if not under:
        return list(row)
    filled = [cell for cell in row if cell]
    wide = [at for at, cell in enumerate(filled) if _GOAL.search(cell) or _RESULT.search(cell)]
    if not wide or len(under) % len(wide):
        return list(row)
    each = len(under) // len(wide)
    heads: list[str] = []
    for at, cell in enumerate(filled):
        if at in wide:
            begin = wide.index(at) * each
            heads += [f"{cell} {part}" for part in under[begin : begin + each]]
        else:
            heads.append(cell)
    return heads


def _review(clause: Clause, table: Table, place: int, columns: _Columns, count: int) -> Finding | None:
    """One row as a finding; None for one without figures, such as the name of a group."""
    cells = (table.rows[place] + ("",) * columns.width)[: columns.width]
    if columns.serial >= 0 and not re.fullmatch(r"\d{1,3}", cells[columns.serial]) and cells[columns.serial]:
        return None
    name, unit, row = split_name(cells[columns.name], in_brackets=columns.unit < 0)
    unit = fold(cells[columns.unit]).replace(" ", "") if columns.unit >= 0 else unit
    row = int(cells[columns.serial]) if columns.serial >= 0 and cells[columns.serial].isdecimal() else row
    found = {side: _cell(cells, getattr(columns, side)) for side in
             ("base", "goal", "goal_growth", "result", "result_growth", "judged")}  # fmt: skip
    if not name or (found["goal"] is None and found["result"] is None):
        return None
    fields: dict[str, object] = {
        "unit": unit, "property": property_of(cells[columns.prop]) if columns.prop >= 0 else "",
        "base_year": columns.base_year, "result_year": columns.result_year,
    }  # fmt: skip
    starred = found["result"] is not None and "*" in found["result"].marks
    if starred and (noted := footnotes(clause).get("*")):
        fields["result_year"] = noted
    for side in ("base", "goal_growth", "result_growth"):
        one = found[side]
        if one is not None and one.value is not None:
            fields[side] = one.value
            if one.marks and "growth" in one.marks and side == "result_growth":
                fields["cumulative"] = True
    fields |= _goal(found["goal"]) | _result(found["result"], found["judged"])
    marks = "".join(one.marks for one in (found["goal"], found["result"]) if one is not None)
    if "sum" in marks or ("growth" in marks and _SQUARE.search(clause.folded)):
        fields["flags"] = ("sum",)
    start = table.starts[place]
    end = start + len(" | ".join(table.rows[place]))
    head, item = split_id(clause.id)
    cite = clause.id if item or "." in head else f"{head}-{row or count + 1}"
    sure = 0.95 if unit and fields["property"] else 0.8
    return Finding("review", name, cite, start, end, sure, fields, (Span(cite, start, end),))


def _cell(cells: Sequence[str], at: int) -> Stated | None:
    return stated(re.sub(r"\s", "", fold(cells[at]))) if at >= 0 else None


def _goal(goal: Stated | None) -> dict[str, object]:
    if goal is None:
        return {}
    if goal.value is not None:
        return {"goal": goal.value} | ({"goal_comparator": goal.comparator} if goal.comparator else {})
    said = goal.text or f"{goal.low:g}～{goal.high:g}"
    return {"goal_text": said}


def _result(result: Stated | None, judged: Stated | None) -> dict[str, object]:
    """The result: a figure, or the plan's own word for it, which may stand in a column of its own."""
    found: dict[str, object] = {}
    words = [one.text for one in (judged, result) if one is not None and one.text]
    if result is not None:
        if result.value is not None:
            found["result"] = result.value
        else:
            found["result_text"] = result.text or f"{result.low:g}～{result.high:g}"
    if words and _MISSED.fullmatch(words[0]):
        found["stated_met"] = "missed"
    elif words and _MET.fullmatch(words[0]):
        found["stated_met"] = "met"
    return found
