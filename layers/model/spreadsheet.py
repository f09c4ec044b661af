"""Texts as they may stand in the cells of a spreadsheet: never taken for a formula."""

from __future__ import annotations

import re
import unicodedata

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫")
_DROPPED = ("Zs", "Cf")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def safe_cell(text: str) -> str:
    """Make a text harmless for spreadsheets, which take ``=``, ``+``, ``-``, ``@`` of any width for a formula.

    Args:
        text: A cell.

    Returns:
        The text, with an apostrophe before it when it could be a formula; numbers stay as they are.

    Example:
        >>> [safe_cell(text) for text in ("=1+1", "-5.2", "-x", "沿江")]
        ["'=1+1", '-5.2', "'-x", '沿江']
    """
    # What a spreadsheet may drop before it looks: blanks of any width, marks without width.
    seen = next((at for at, one in enumerate(text) if unicodedata.category(one) not in _DROPPED), len(text))
    if not (text.startswith(_FORMULA_STARTS) or text[seen:].startswith(_FORMULA_STARTS)):
        return text
    return text if _NUMBER.fullmatch(text) else "'" + text
