"""Which five years a plan is for, by its title and text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.document.blocks import fold
from layers.document.clauses import Text
from layers.document.numerals import number

_ORDINAL = re.compile(
    "第([一二三四五六七八九十]{1,3})个五年规划|“?(十[一二三四五六七八九]?|二十)五”?(?:时期|规划|期间)"
)
_YEARS = re.compile(r"(20\d\d)\s*[-~—至]\s*(20\d\d)\s*年?")
YEAR = r"(20\d\d|二[〇零][一二三四五六七八九〇零]{2})年"


@dataclass(frozen=True, slots=True)
class Period:
    """The years of a plan.

    Attributes:
        first: The first of the five.
        last: The last: that of targets whose year the text does not say.
    """

    first: int
    last: int

    @property
    def base(self) -> int:
        """The year before the first: that of base values."""
        return self.first - 1


def period(text: Text) -> Period:
    r"""The plan's period; of a text that does not say so, the five years up to the last year it names most often.

    Example:
        >>> from layers.document.clauses import blocks_of_text, clauses
        >>> period(clauses(blocks_of_text("某县第十四个五年规划\n一、目标\n二、保障")))
        Period(first=2021, last=2025)
    """
    head = fold(text.whole[: text.clauses[0].start] if text.clauses else "")
    for part in (head, fold(text.whole)):
        if found := _ORDINAL.search(part):
            count = number(found[1] or found[2])
            if count is not None and 3 <= count <= 30:
                first = 1966 + 5 * (int(count) - 3)
                return Period(first, first + 4)
        if (found := _YEARS.search(part)) and int(found[2]) - int(found[1]) in (4, 5):
            return Period(int(found[2]) - 4, int(found[2]))
    years = [int(number(one) or 0) for one in re.findall(rf"到{YEAR}", fold(text.whole))]
    last = max(set(years), key=years.count, default=0)
    return Period(last - 4 if last else 0, last)
