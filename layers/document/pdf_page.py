"""What a PDF page must be turned for, and the notes at its foot."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layers.document.pdf_grid import Rule

if TYPE_CHECKING:
    from layers.document.pdf import Line

_LOOKED_AT = 400
_NOTE = re.compile(r"[①-⑳]|\[\d{1,2}\]|\(?\d{1,2}\)?[ .．、](?=\D)|[*†‡]")
_SMALL = 0.92


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is read.

    Attributes:
        width: In points, once it is turned.
        height: Likewise.
        quarters: By how many quarters its words are turned against the clock.
    """

    width: float
    height: float
    quarters: int

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place of the page on the sheet."""
        if self.quarters == 1:
            return y, self.height - x
        if self.quarters == 2:
            return self.width - x, self.height - y
        if self.quarters == 3:
            return self.width - y, x
        return x, y

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A box of the page on the sheet: left, bottom, right, top."""
        (x, y), (u, v) = self.at(left, bottom), self.at(right, top)
        return min(x, u), min(y, v), max(x, u), max(y, v)

    def rule(self, rule: Rule) -> Rule | None:
        """A line of the page on the sheet."""
        one = (rule.start, rule.at) if rule.flat else (rule.at, rule.start)
        other = (rule.end, rule.at) if rule.flat else (rule.at, rule.end)
        return Rule.of(*self.at(*one), *self.at(*other))


def upright(text: Any, page: Any) -> Sheet:
    """How a page is to be turned so that its words are upright, whichever way its maker turned page or words."""
    from pypdfium2 import raw  # noqa: PLC0415 - asked for by PDF only

    left, bottom, right, top = page.get_mediabox()
    width, height = right - left, top - bottom
    turned: Counter[int] = Counter()
    count = text.count_chars()
    for index in range(0, count, max(1, count // _LOOKED_AT)):
        code = raw.FPDFText_GetUnicode(text.raw, index)
        if code > 0x20:
            # Told clockwise, as the page's own angle grows downwards.
            angle = float(raw.FPDFText_GetCharAngle(text.raw, index))
            turned[-round(angle / (math.pi / 2)) % 4] += 1
    quarters = turned.most_common(1)[0][0] if turned else 0
    return Sheet(height, width, quarters) if quarters % 2 else Sheet(width, height, quarters)


def footnotes(pieces: list[Any], body: float) -> list[list[Line]]:
    """Take the notes at a page's foot out of its pieces: small lines at its end, the first of which bears a mark.

    Args:
        pieces: The page's lines and tables; what is a note is taken out.
        body: Size of the running text, in points.
    """
    begin = len(pieces)
    while begin and hasattr(pieces[begin - 1], "chars") and pieces[begin - 1].size <= _SMALL * body:
        begin -= 1
    while begin < len(pieces) and not _NOTE.match(pieces[begin].text):
        begin += 1
    if begin in (0, len(pieces)):
        return []
    notes: list[list[Line]] = []
    for line in pieces[begin:]:
        if _NOTE.match(line.text) or not notes:
            notes.append([])
        notes[-1].append(line)
    del pieces[begin:]
    return notes
