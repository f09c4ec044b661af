"""Names and cells as formats can hold them: cut at a character, never inside one; unique; no formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable

from layers.model.spreadsheet import safe_cell

__all__ = ["cut", "encodable", "safe_cell", "short_names"]

_NOT_A_LETTER = re.compile(r"\W+")


def cut(text: str, most: int, encoding: str) -> str:
    """The longest beginning of a text that fits so many bytes.

    Args:
        text: Any text.
        most: Bytes.
        encoding: Python's name of the encoding; characters that it lacks count as ``?``.

    Example:
        >>> cut("名称中文", 10, "utf-8"), cut("名称中文", 10, "gb18030")
        ('名称中', '名称中文')
    """
    data = text.encode(encoding, "replace")
    if len(data) <= most:
        return text
    kept = data[:most].decode(encoding, "ignore")
    return text[: len(kept)]


def short_names(names: Iterable[str], most: int, encoding: str) -> dict[str, str]:
    """Names of columns that a format takes: letters, digits and ``_``, no longer than so many bytes, each once.

    Args:
        names: The names in full, each once.
        most: Bytes.
        encoding: Python's name of the encoding.

    Returns:
        Full name → short name, in the same order. Two names that are the same when cut, whatever their case, end in
        a number.

    Example:
        >>> short_names(["no_geometry", "no_geometry_en", "类别代码", "类别"], 10, "utf-8")
        {'no_geometry': 'no_geometr', 'no_geometry_en': 'no_geome_1', '类别代码': '类别代', '类别': '类别'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = "".join(one if one.encode(encoding, "ignore") else "_" for one in _NOT_A_LETTER.sub("_", name))
        plain = plain.strip("_") or "f"
        plain = f"f_{plain}" if plain[0].isdigit() else plain
        short, number = cut(plain, most, encoding), 0
        while short.lower() in taken:
            number += 1
            tail = f"_{number}"
            short = cut(plain, most - len(tail), encoding) + tail
        taken.add(short.lower())
        found[name] = short
    return found


def encodable(text: str, encoding: str) -> str:
    """A text with ``?`` for what an encoding lacks, and without lone surrogates.

    Example:
        >>> encodable("12㎡ 🚇", "cp936")
        '12㎡ ?'
    """
    return text.encode(encoding, "replace").decode(encoding)
