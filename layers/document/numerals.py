"""Numbers of a plan's text: 2600, 1.5万, 3~5, 二〇三五, 一百二十, 七, 两, 半."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHINESE = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10_000, "亿": 100_000_000}
CHINESE = "[一二三四五六七八九十百千万亿两〇零点]"
ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"


def chinese(text: str) -> float | None:
    """A number written in Chinese; None for what is none.

    Years and other runs of digits (二〇三五) are read digit by digit. 十四五, the common name of a plan, is no number.

    Example:
        >>> [chinese(text) for text in ("二〇三五", "一百二十", "一千二百万", "二点五", "八百亿", "十四五", "三五")]
        [2035, 120, 12000000, 2.5, 80000000000, None, None]
    """
    whole, point, decimals = text.partition("点")
    if point:
        head, tail = chinese(whole), "".join(str(_CHINESE[one]) for one in decimals if one in _CHINESE)
        return float(f"{int(head)}.{tail}") if head is not None and len(tail) == len(decimals) and tail else None
    if not any(one in _UNITS or one in _GREAT for one in text):
        digits = "".join(str(_CHINESE[one]) for one in text if one in _CHINESE)
        if len(digits) != len(text) or not (len(text) == 1 or len(text) == 4):
            return None
        return int(digits)
    total = section = run = 0
    last = 0
    for character in text:
        if character in _CHINESE:
            if last == 1:
                return None
            run, last = _CHINESE[character], 1 if character not in "零〇○" else 0
        elif character in _UNITS:
            section += (run or 1) * _UNITS[character]
            run, last = 0, 0
        elif character in _GREAT:
            total = (
                (total + section + run) * _GREAT[character] if character == "亿" else total + (section + run) * 10_000
            )
            section, run, last = 0, 0, 0
        else:
            return None
    return total + section + run if run == 0 or len(text) == 1 or text[-2] in "十零〇" else None


def number(text: str) -> float | None:
    """A number in Arabic or Chinese digits, whole numbers as int.

    Example:
        >>> number("1,200"), number("4.20"), number("十二"), number("PM2.5")
        (1200, 4.2, 12, None)
    """
    if re.fullmatch(ARABIC, text):
        value = float(text.replace(",", ""))
        return int(value) if value.is_integer() else value
    return chinese(text) if text else None


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure of a table's cell.

    Attributes:
        value: One number, or None.
        low: Lower bound of a range, or None.
        high: Upper bound, or None.
        comparator: ``>``, ``>=``, ``<``, ``<=``, ``~`` or "".
        text: The words, where there is no number.
        marks: ``sum`` for 〔 〕, ``growth`` for [ ], and ``*`` for a footnote.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    comparator: str = ""
    text: str = ""
    marks: str = ""


_BEFORE = (
    ("不低于|不少于|≥|>=|>或=|达到?或?超过|不小于", ">="),
    ("大于|超过|突破|>", ">"),
    ("不高于|不超过|≤|<=|控制在|低于(?=.*以[内下])", "<="),
    ("小于|低于|<", "<"),
    ("约", "~"),
)
_AFTER = (("以上|及以上|\\+", ">="), ("以内|以下|之内", "<="), ("左右|上下", "~"))
_EMPTY = re.compile(r"[-—–/\\一]{0,4}|无|暂无")
_CELL = re.compile(rf"({ARABIC})(?:[-~—至]+({ARABIC}))?[%‰]?")


def stated(cell: str) -> Stated | None:
    """A figure of a table; None for an empty cell or a dash.

    Args:
        cell: Folded text (`layers.document.blocks.fold`), without blanks.

    Example:
        >>> stated("96-97").high, stated(">90").comparator, stated("8%左右").comparator, stated("17.8*").marks
        (97, '>', '~', '*')
        >>> stated("〔43〕").marks, stated("省市下达指标").text, stated("--")
        ('sum', '省市下达指标', None)
    """
    bare, marks = cell, ""
    if "*" in bare or "①" in bare:
        bare, marks = re.sub("[*①②③]", "", bare), "*"
    if found := re.fullmatch(r"[〔\[(](.+)[〕\])]", bare):
        bare, marks = found[1], marks + ("sum" if cell.lstrip()[0] in "〔(" else "growth")
    if _EMPTY.fullmatch(bare):
        return None
    comparator = ""
    for pattern, sign in _BEFORE:
        if found := re.match(pattern, bare):
            comparator, bare = sign, bare[found.end() :]
            break
    for pattern, sign in _AFTER:
        if found := re.search(f"(?:{pattern})$", bare):
            comparator, bare = sign, bare[: found.start()]
            break
    found = _CELL.fullmatch(bare)
    if not found:
        return Stated(text=cell, marks=marks)
    first, second = number(found[1]), number(found[2] or "")
    if second is not None:
        return Stated(low=first, high=second, comparator=comparator, marks=marks)
    return Stated(value=first, comparator=comparator, marks=marks)
