"""Text as it can be printed: neither characters that control nor such as no font has."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

MISSING = "〓"
"""The printers' sign for a character that they have no type for."""
_PRINTED = {"Cc": "", "Cf": "", "Zl": " ", "Zp": " ", "Co": MISSING, "Cn": MISSING, "Cs": MISSING}
_COMMON = ((0, 0x52F), (0x1E00, 0x27BF), (0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFFEF))
"""Blocks that a font for Chinese has nearly whole."""


def printed(text: str, lost: Collection[str] = ()) -> str:
    r"""A text without control and formatting characters, with ``MISSING`` for what no font has.

    Args:
        text: Any.
        lost: Characters that no font has, beside those that stand for nothing.

    Example:
        >>> printed("a\u202eb\ue000"), printed("a𰻞", {"𰻞"})
        ('ab〓', 'a〓')
    """
    return "".join(MISSING if one in lost else _one(one) for one in text)


def _one(one: str) -> str:
    return one if one in "\n\t" else _PRINTED.get(unicodedata.category(one), one)


def is_rare(one: str) -> bool:
    """Whether a character is in no block that a font for Chinese has nearly whole."""
    return not any(low <= ord(one) <= high for low, high in _COMMON)
