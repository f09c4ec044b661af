"""Units as sheets write them, and by what a value is multiplied to come into another one."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_PREFIXES = {
    "": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_BASES: dict[str, tuple[str, Fraction]] = {
    **dict.fromkeys(("元", "人民币", "人民币元", "rmb", "cny"), ("元", Fraction(1))),
    **dict.fromkeys(("美元", "usd"), ("美元", Fraction(1))),
    **dict.fromkeys(("平方米", "m2", "平米", "㎡"), ("平方米", Fraction(1))),
    **dict.fromkeys(("公顷", "ha"), ("平方米", Fraction(10**4))),
    **dict.fromkeys(("平方公里", "平方千米", "km2"), ("平方米", Fraction(10**6))),
    "亩": ("平方米", Fraction(10**4, 15)),
    **dict.fromkeys(("公里", "千米", "km"), ("米", Fraction(1000))),
    **dict.fromkeys(("米", "m"), ("米", Fraction(1))),
    "里": ("米", Fraction(500)),
    **dict.fromkeys(("公斤", "千克", "kg"), ("克", Fraction(1000))),
    "斤": ("克", Fraction(500)),
    "克": ("克", Fraction(1)),
    **dict.fromkeys(("吨", "t"), ("克", Fraction(10**6))),
    **dict.fromkeys(("千瓦时", "度", "kwh"), ("千瓦时", Fraction(1))),
    **dict.fromkeys(("千瓦", "kw"), ("千瓦", Fraction(1))),
    **dict.fromkeys(("立方米", "m3", "方"), ("立方米", Fraction(1))),
    **dict.fromkeys(("%", "百分比", "百分点", "个百分点", "percent"), ("比例", Fraction(1, 100))),
    **dict.fromkeys(("‰", "千分比"), ("比例", Fraction(1, 1000))),
    **{one: (one, Fraction(1)) for one in (*"人户个家件张辆台所座处项条岁年天床次名分头只套间册", "人次", "标箱")},
}  # fmt: skip
_ALIKE = {"名": "人", "床": "张"}


def plain(unit: str) -> str:
    """A unit in one way of writing: ASCII width, no blanks, no 单位： before it.

    Example:
        >>> plain(" 单位：万元／人 "), plain("km²"), plain("％")
        ('万元/人', 'km2', '%')
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)).lower()
    return re.sub(r"^(?:计量)?单位[::]?", "", text)


def factor(source: str, target: str) -> Fraction | None:
    """By what a value in one unit is multiplied to be in the other; None where it cannot be.

    Example:
        >>> factor("万元", "亿元"), factor("亩", "公顷"), factor("吨", "亿斤"), factor("万元", "人")
        (Fraction(1, 10000), Fraction(1, 15), Fraction(1, 50000), None)
        >>> factor("元/人", "万元/人"), factor("‰", "%"), factor("万人", "人")
        (Fraction(1, 10000), Fraction(1, 10), Fraction(10000, 1))
    """
    one, other = plain(source), plain(target)
    if one == other:
        return Fraction(1)
    parts, wanted = re.split(r"/|每", one), re.split(r"/|每", other)
    if len(parts) != len(wanted) or len(parts) > 2:
        return None
    result = Fraction(1)
    for at, (part, goal) in enumerate(zip(parts, wanted, strict=True)):
        mine, theirs = _measured(part), _measured(goal)
        if mine is None or theirs is None or mine[0] != theirs[0]:
            return None
        ratio = mine[1] / theirs[1]
        result = result / ratio if at else result * ratio
    return result


def known(unit: str) -> bool:
    """Whether it is a unit at all."""
    parts = re.split(r"/|每", plain(unit))
    return bool(parts) and len(parts) <= 2 and all(_measured(part) is not None for part in parts)


def _measured(unit: str) -> tuple[str, Fraction] | None:
    """What a simple unit measures and how much of it."""
    if unit in _BASES:
        kind, size = _BASES[unit]
        return _ALIKE.get(kind, kind), size
    for prefix in sorted(_PREFIXES, key=len, reverse=True):
        if prefix and unit.startswith(prefix) and unit[len(prefix) :] in _BASES:
            kind, size = _BASES[unit[len(prefix) :]]
            return _ALIKE.get(kind, kind), size * _PREFIXES[prefix]
    return None
