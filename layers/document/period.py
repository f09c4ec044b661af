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
    r"""The plan's period; of a text whose title does not say so, the five years up to the one it aims at most often.

    Example:
        >>> from layers.document.clauses import blocks_of_text, clauses
        >>> period(clauses(blocks_of_text("某县第十四个五年规划\n一、目标\n二、保障")))
        Period(first=2021, last=2025)
    """
    head = fold(text.whole[: text.clauses[0].start] if text.clauses else "")
    folded = fold(text.whole)
    if found := _stated(head):
        return found
    years = [int(number(one) or 0) for one in re.findall(rf"到{YEAR}", folded)]
    ends = sorted({year for year in years if year % 5 == 0}, key=lambda year: (-years.count(year), year))
    if ends:
        return Period(ends[0] - 4, ends[0])
    return _stated(folded) or Period(max(years, default=4) - 4, max(years, default=0))


def _stated(words: str) -> Period | None:
    """The last of the plans that words name by number or by their years."""
    counts = [number(found[1] or found[2]) for found in _ORDINAL.finditer(words)]
    if named := [int(count) for count in counts if count is not None and 3 <= count <= 30]:
        first = 1966 + 5 * (max(named) - 3)
        return Period(first, first + 4)
    spans = [(int(one[1]), int(one[2])) for one in _YEARS.finditer(words) if int(one[2]) - int(one[1]) in (4, 5)]
    return Period(spans[0][1] - 4, spans[0][1]) if spans else None
