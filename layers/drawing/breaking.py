"""How wide a text is, and where a name is broken into lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

WIDE = "\u2e80"
"""From this letter on they are square; narrower ones take about half of that."""
LATIN = re.compile(r"[0-9A-Za-z.+%#/-]")
NO_START = "、，；：·）)】》”—–-的"
"""No line of a name begins with one of these."""


def ems(text: str) -> float:
    """Width of a text in ems.

    Example:
        >>> ems("东线G60")
        3.65
    """
    return round(sum(1.0 if letter > WIDE else 0.55 for letter in text), 2)


def broken(text: str, limit: float, words: Iterable[str]) -> list[str]:
    """A name on one or two lines; a Chinese one is parted after a word or a mark, never inside a number.

    Example:
        >>> broken("东方国际机场综合交通枢纽", 10, ["机场"])
        ['东方国际机场', '综合交通枢纽']
        >>> broken("湘湖国家级旅游度假区", 6, ["国家", "国家级"]), broken("甲乙丙的丁戊己", 6, [])
        (['湘湖国家级', '旅游度假区'], ['甲乙丙的', '丁戊己'])
    """
    if ems(text) <= limit:
        return [text]
    middle = len(text) / 2
    if not any(letter >= WIDE for letter in text):
        cuts = [at for at, letter in enumerate(text) if at and letter.isspace()]
        if not cuts:
            return [text]
        cut = min(cuts, key=lambda at: abs(at - middle))
        return [text[:cut].strip(), text[cut + 1 :].strip()]
    spans = [found.span() for word in words for found in re.finditer(re.escape(word), text)]
    marks = {found.end() for found in re.finditer(r"[、，；：·\s）)】》”—–-]", text)}
    marks |= {found.start() for found in re.finditer(r"[（(【《“]", text)}
    least = max(2.0, len(text) * 0.25)

    def good(cuts: Iterable[int]) -> list[int]:
        return [at for at in sorted(cuts) if least <= at <= len(text) - least and whole(at)]

    def whole(at: int) -> bool:
        inside = any(start < at < end for start, end in spans)  # 国家 ends within 国家级
        number = LATIN.match(text[at - 1]) and LATIN.match(text[at])
        return not inside and not number and text[at] not in NO_START

    # After a word, else before one, else wherever it is in the middle.
    found = good({end for _start, end in spans} | marks) or good(s for s, end in spans if end - s > 1)
    found = found or [at for at in range(1, len(text)) if whole(at)]
    if not found:
        return [text]
    cut = min(found, key=lambda at: abs(at - middle))
    return [text[:cut].strip(), text[cut:].strip()]
