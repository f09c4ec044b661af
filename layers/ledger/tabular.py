"""What a sheet's cells are values of: long lists with a column for each thing, and wide tables with headings all round.

A value takes indicator, place, period, unit and kind from the headings above it, the labels beside it, then from the
sheet's title and name, then from what the user stated. Titles above, notes and sources below and columns of growth
rates are told apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from layers.ledger import names, units
from layers.ledger.grid import Book, Cell, Grid, trimmed
from layers.ledger.names import Known

_FIELDS = {
    "indicator": ("指标", "指标名称", "指标编号", "indicator", "项目"),
    "place": ("地区", "地方", "镇街", "镇街名称", "乡镇", "街道", "单位名称", "区域", "片区", "place", "名称"),
    "period": ("期间", "年份", "年度", "时间", "period", "year"),
    "value": ("数值", "值", "实际值", "完成值", "数据", "value"),
    "unit": ("单位", "计量单位", "unit"),
    "source": ("来源", "数据来源", "资料来源", "source"),
    "note": ("备注", "说明", "注", "note"),
    "role": ("类别", "数据类别", "role"),
    "scope": ("口径", "统计口径", "scope"),
    "number": ("序号", "编号", "代码", "行政区划代码", "no.", "no"),
}
_BY_NAME = {word: field for field, words in _FIELDS.items() for word in words}
_NOTE = re.compile(r"^(?:注|备注|说明|资料来源|数据来源|来源|注释|填表|制表|审核|联系)")
_SOURCE = re.compile(r"^(?:资料来源|数据来源|来源)\s*[:：]\s*(.+)")
_ROLES = {
    "observed": ("observed", "实际", "实际值", "完成", "完成值", ""),
    "target": ("target", "目标", "目标值"),
    "baseline": ("baseline", "基期", "基期值", "基数"),
}
_SEARCHED_ROWS = 20


@dataclass(frozen=True, slots=True)
class Raw:
    """One cell that holds, or should hold, a value, and what the sheet says of it.

    Attributes:
        indicator: Id, or "" with what was said in ``indicator_said``; place likewise.
        partial: The heading speaks of a part of a year that is no period.
        total: It stands in a row of totals: held against the parts, not entered.
    """

    cell: Cell
    indicator: str = ""
    indicator_said: str = ""
    place: str = ""
    place_said: str = ""
    period: str = ""
    partial: bool = False
    role: str = ""
    unit: str = ""
    source: str = ""
    note: str = ""
    scope: str = ""
    total: bool = False


@dataclass
class Found:
    """What was read of a file.

    Attributes:
        raws: The values.
        left: What was passed over: where, its text, and why: ``derived``, ``hidden``.
        source: A source that stands under the table.
    """

    raws: list[Raw] = field(default_factory=list)
    left: list[tuple[str, str, str]] = field(default_factory=list)
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """What headings, labels or a title say."""

    indicator: str = ""
    place: str = ""
    period: str = ""
    unit: str = ""
    role: str = ""
    partial: bool = False
    derived: bool = False
    total: bool = False
    indicator_said: str = ""
    place_said: str = ""

    def under(self, other: _Said) -> _Said:
        """With what the other says where this one says nothing."""
        mine = {name: getattr(self, name) or getattr(other, name) for name in self.__slots__}
        return _Said(**mine)


def read(book: Book, known: Known, *, indicator: str = "", place: str = "", period: str = "") -> Found:
    """Find the values of a file.

    Args:
        book: Its sheets.
        known: Indicators and places.
        indicator: Id of the indicator where the sheet names none.
        place: Id of the place likewise.
        period: Code of the period likewise.
    """
    found = Found(left=[(name, name, "hidden") for name in book.hidden])
    stated = _Said(indicator=indicator, place=place, period=period)
    for grid in book.grids:
        rows = trimmed(grid.rows)
        if not rows:
            continue
        head = next((at for at, row in enumerate(rows[:_SEARCHED_ROWS]) if _is_long(row)), None)
        named = _named(grid, known)
        if head is not None:
            _long(rows, head, known, _titles(rows[:head], known).under(named).under(stated), found)
        else:
            _wide(rows, known, named.under(stated), found)
    return found


# ---- long lists


def _fields(row: Sequence[Cell]) -> dict[str, int]:
    """Which column holds what, by the headings."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        name = _BY_NAME.get(re.sub(r"[(（].*", "", names.key(cell.text)))
        if name and not cell.filled:
            found.setdefault(name, at)
    return found


def _is_long(row: Sequence[Cell]) -> bool:
    found = _fields(row)
    return "value" in found and bool(found.keys() & {"indicator", "place"})


def _long(rows: Sequence[Sequence[Cell]], head: int, known: Known, stated: _Said, found: Found) -> None:
    columns = _fields(rows[head])
    in_heading = names.unit_in(rows[head][columns["value"]].text)
    for row in rows[head + 1 :]:
        texts = {name: _text(row[at]) for name, at in columns.items()}
        value = row[columns["value"]]
        if value.value is None and not value.broken and _source_below(row, found):
            continue
        said = _Said(
            known.quantity(texts.get("indicator", "")) or "",
            known.spot(texts.get("place", "")) or "",
            names.period_in(texts.get("period", ""))[0] or _code(texts.get("period", "")),
            texts.get("unit", "") or in_heading or names.unit_in(texts.get("indicator", "")),
            _role(texts.get("role", "")),
            partial=names.period_in(texts.get("period", ""))[1],
            total=names.key(texts.get("place", "")) in names.TOTALS,
            indicator_said=texts.get("indicator", ""),
            place_said=texts.get("place", ""),
        )
        raw = _raw(value, _stated(said, stated))
        extra: dict[str, Any] = {name: texts[name] for name in ("source", "note", "scope") if texts.get(name)}
        found.raws.append(replace(raw, **extra))


def _text(cell: Cell) -> str:
    if isinstance(cell.value, float):
        return f"{cell.value:.12g}"
    return cell.text


def _code(text: str) -> str:
    return text if re.fullmatch(r"\d{4}(?:Q[1-4]|-\d\d)", text) else ""


def _role(text: str) -> str:
    return next((role for role, said in _ROLES.items() if names.key(text) in said), text)


# ---- wide tables


def _wide(rows: list[tuple[Cell, ...]], known: Known, stated: _Said, found: Found) -> None:
    first = next((at for at, row in enumerate(rows) if _is_data(row, known)), None)
    if first is None:
        return
    heads = [row for row in rows[:first] if not _is_title(row)]
    stated = _titles([row for row in rows[:first] if _is_title(row)], known).under(stated)
    body = rows[first:]
    labels, columns = _columns(heads, body, known)
    for at, said in columns.items():
        if said.derived:
            found.left.append((body[0][at].at, _heading(heads, at), "derived"))
    for row in body:
        values = [at for at in columns if not columns[at].derived]
        if not any(row[at].value is not None or row[at].broken for at in values) and _source_below(row, found):
            continue
        beside = _labelled([row[at].text for at in labels.get("label", ())], known)
        beside = replace(beside, unit=_first(row, labels, "unit") or beside.unit)
        extra: dict[str, Any] = {
            name: text for name in ("source", "note", "scope") if (text := _first(row, labels, name))
        }
        for at in values:
            raw = _raw(row[at], _stated(columns[at].under(beside), stated))
            found.raws.append(replace(raw, **extra))


def _is_data(row: Sequence[Cell], known: Known) -> bool:
    """Whether a row holds values: numbers beside a name; years alone are a heading."""
    numbers = [cell for cell in row if _number(cell) is not None and not cell.filled]
    named = any(known.quantity(cell.text) or known.spot(cell.text) for cell in row if cell.text)
    years = all(_is_year(cell) for cell in numbers)
    if not numbers:
        return False
    return not years or (named and not _has_years_only(row, numbers))


def _has_years_only(row: Sequence[Cell], numbers: Sequence[Cell]) -> bool:
    """Two and more years that go on by one, beside a heading such as 指标: a heading all the same."""
    found = [int(value) for cell in numbers if (value := _number(cell)) is not None]
    return len(found) > 1 and all(b - a == 1 for a, b in pairwise(found)) and any(
        names.key(cell.text) in _BY_NAME for cell in row if cell.text
    )  # fmt: skip


def _number(cell: Cell) -> float | None:
    if isinstance(cell.value, float):
        return cell.value
    # 2021年 has a unit behind it, and is no number of years.
    return names.number_in(cell.text)[0] if cell.text and not re.fullmatch(r"\s*\d{4}\s*年.*", cell.text) else None


def _is_year(cell: Cell) -> bool:
    value = _number(cell)
    return value is not None and value % 1 == 0 and 1900 <= value <= 2200


def _is_title(row: Sequence[Cell]) -> bool:
    """One text alone, be it spread over a merged range."""
    texts = {cell.text for cell in row if cell.value is not None}
    return len(texts) == 1 and "" not in texts


def _columns(
    heads: Sequence[Sequence[Cell]], body: Sequence[Sequence[Cell]], known: Known
) -> tuple[dict[str, list[int]], dict[int, _Said]]:
    """The columns of labels by what they are, and what the headings of the others say."""
    labels: dict[str, list[int]] = {}
    columns: dict[int, _Said] = {}
    for at in range(len(body[0])):
        texts = _texts(heads, at)
        field_ = next((name for text in texts if (name := _BY_NAME.get(names.key(text)))), "")
        cells = [row[at] for row in body if row[at].value is not None or row[at].broken]
        numbers = sum(_number(cell) is not None or bool(cell.broken) for cell in cells)
        if field_ in ("unit", "source", "note", "scope", "number"):
            labels.setdefault(field_, []).append(at)
        elif field_ == "period":
            labels.setdefault("label", []).append(at)
        elif cells and (numbers * 2 >= len(cells) or _all_nothing(cells)):
            columns[at] = _labelled(texts, known)
        elif cells:
            said = _labelled(texts, known)
            if said.period or said.indicator or said.place or said.partial:
                columns[at] = said
            else:
                labels.setdefault("label", []).append(at)
    return labels, columns


def _all_nothing(cells: Sequence[Cell]) -> bool:
    return all(names.key(cell.text) in names.NOTHING for cell in cells)


def _texts(heads: Sequence[Sequence[Cell]], at: int) -> list[str]:
    """The headings over a column, years as texts."""
    return list(dict.fromkeys(text for row in heads if (text := _text(row[at]))))


def _heading(heads: Sequence[Sequence[Cell]], at: int) -> str:
    return " ".join(_texts(heads, at))


def _labelled(texts: Iterable[str], known: Known) -> _Said:
    """What several texts say together: headings over a column, or labels beside a row."""
    said = _Said()
    for text in texts:
        indicator, place = known.quantity(text) or "", known.spot(text) or ""
        period, partial = names.period_in(text)
        is_unit = units.known(text)
        total = names.key(text) in names.TOTALS
        derived = not indicator and bool(names.DERIVED.search(text))
        rest = bool(
            indicator or place or period or partial or is_unit or total or derived or names.key(text) in _BY_NAME
        )
        without = re.sub(r"\d{4}年?|实际|完成|目标|数|值|基期", "", text).strip()
        said = _Said(
            indicator, place, period, units.plain(text) if is_unit else names.unit_in(text), names.role_in(text),
            partial, derived, total, "" if rest or not without else text, "" if rest or not without else text,
        ).under(said)  # fmt: skip
    return said


def _titles(rows: Iterable[Sequence[Cell]], known: Known) -> _Said:
    """What the lines above a table say: 2023年各镇街地区生产总值（单位：万元）."""
    said = _Said()
    for row in rows:
        for text in dict.fromkeys(cell.text for cell in row if cell.text):
            said = said.under(_of_title(text, known))
    return said


def _of_title(text: str, known: Known) -> _Said:
    period, partial = names.period_in(text)
    said = names.key(text)
    named = Counter({one.id: len(one.name) for one in known.quantities.values() if names.key(one.name) in said})
    indicator = known.quantity(text) or (named.most_common(1)[0][0] if named else "")
    return _Said(indicator, known.spot(text) or "", period, names.unit_in(text), partial=partial)


def _named(grid: Grid, known: Known) -> _Said:
    """What a sheet's own name says."""
    return _of_title(grid.name, known) if grid.name else _Said()


# ---- both


def _stated(said: _Said, stated: _Said) -> _Said:
    """What is said of one value; what the title says of an indicator holds where nothing nearer names one."""
    if said.indicator_said and not said.indicator and said.place and not stated.indicator:
        return said.under(replace(stated, indicator=""))
    return said.under(stated)


def _raw(cell: Cell, said: _Said) -> Raw:
    whole = said.total or bool(said.place_said and names.key(said.place_said) in names.TOTALS)
    return Raw(
        cell, said.indicator, said.indicator_said, "" if whole else said.place, said.place_said, said.period,
        said.partial and not said.period, said.role, said.unit, total=whole,
    )  # fmt: skip


def _first(row: Sequence[Cell], labels: Mapping[str, Sequence[int]], name: str) -> str:
    return next((_text(row[at]) for at in labels.get(name, ()) if row[at].value is not None), "")


def _source_below(row: Sequence[Cell], found: Found) -> bool:
    """Whether a row is a note below the table; a source in it is kept."""
    for text in _distinct(row):
        if source := _SOURCE.match(text):
            found.source = found.source or source[1].strip()[:500]
        if _NOTE.match(text):
            return True
    return not any(cell.value is not None for cell in row)


def _distinct(row: Sequence[Cell]) -> Iterator[str]:
    yield from dict.fromkeys(cell.text for cell in row if cell.text)
