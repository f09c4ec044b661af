"""Texts broken into lines for a label: QGIS breaks at blanks only from 3.24 on, and Chinese has none."""

from __future__ import annotations

import re
import unicodedata

_NARROW_EM = 0.57
"""Width of a letter or digit that is not full, of the size of the letters: a little more than the usual."""
_CLOSING, _OPENING = "，。、；：？！）》」』】〕”’…,.;:?!)]}", "（《「『【〔“‘([{"
_PIECE = re.compile(rf"[{re.escape(_OPENING)}]*(?:[!-~‐-‧]+|[^\s!-~])[{re.escape(_CLOSING)}]*|\s+")
"""What stays together: a word of narrow letters, or one character, with the marks that cling to it; blanks."""


def width_em(text: str) -> float:
    """Width of a text, in sizes of its letters.

    Example:
        >>> width_em("规划A")
        2.57
    """
    return sum(1.0 if unicodedata.east_asian_width(one) in "WFA" else _NARROW_EM for one in text)


def broken(text: str, limit_em: float) -> str:
    r"""A text with line ends where a line of a label is full.

    Args:
        text: Lines of words, Chinese or not.
        limit_em: Width of the label, in sizes of its letters.

    Returns:
        The text; a line does not begin with a mark that closes, nor end with one that opens, and a word is broken
        only where it is longer than a line.

    Example:
        >>> broken("来源：规划（2022 年更新）", 8)
        '来源：规划\n（2022 年更新）'
    """
    return "\n".join(line for one in text.split("\n") for line in _lines(one, limit_em))


def _lines(text: str, limit_em: float) -> list[str]:
    lines = [""]
    for piece in _PIECE.findall(text):
        if width_em(lines[-1] + piece.rstrip()) <= limit_em:
            lines[-1] += piece
            continue
        if lines[-1].strip():
            lines.append("")
        if piece.isspace():
            continue
        for letter in piece:
            if lines[-1] and width_em(lines[-1] + letter) > limit_em:
                before = lines[-1][-1] if letter in _CLOSING else ""  # comes along, so that the mark begins no line
                lines[-1] = lines[-1].removesuffix(before)
                lines.append(before)
            lines[-1] += letter
    return [line.rstrip() for line in lines if line.strip()] or [""]
