"""Sentences of a clause: cut outside quotes and brackets, at full stops, semicolons, ends of lines and cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN = {"“": "”", "(": ")", "《": "》", "「": "」", "『": "』"}
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Sentence:
    """A part of a clause's text.

    Attributes:
        text: Folded.
        start: Offset in the whole text.
        stop: What closed it: 。 ; or the end of a line.
        cell: The text of the cell before it in the row of a table, "" elsewhere.
        row: It stands in the row of a table.
    """

    text: str
    start: int
    stop: str
    cell: str = ""
    row: bool = False


def sentences(folded: str, start: int = 0) -> Iterator[Sentence]:
    """The sentences of folded text.

    Args:
        folded: See `layers.document.blocks.fold`.
        start: Offset of its first character in the whole text.

    Example:
        >>> [one.text for one in sentences("到2025年,达3.5%;“水清。岸绿”。建成路(含桥;隧)。")]
        ['到2025年,达3.5%', '“水清。岸绿”', '建成路(含桥;隧)']
    """
    offset = 0
    for line in folded.split("\n"):
        cells = line.split(" | ") if " | " in line else [line]
        place, before = offset, ""
        for cell in cells:
            yield from _cut(cell, start + place, before, len(cells) > 1)
            place += len(cell) + 3
            before = cell or before
        offset += len(line) + 1


def _cut(text: str, start: int, cell: str, row: bool) -> Iterator[Sentence]:
    close: list[str] = []
    begin = 0
    for place, character in enumerate(text):
        if close and (character == close[-1] or place - begin > _LONGEST):
            close.pop()
        elif character in _OPEN:
            close.append(_OPEN[character])
        elif not close and character in "。;!?":
            if text[begin:place].strip():
                yield Sentence(text[begin:place], start + begin, character, cell, row)
            begin = place + 1
    if text[begin:].strip():
        yield Sentence(text[begin:], start + begin, "", cell, row)


def pieces(text: str, marks: str = ",:") -> Iterator[tuple[int, str]]:
    """Parts of a sentence between marks outside quotes and brackets, with their offsets.

    Example:
        >>> list(pieces("到2025年,达到(约,近)3个"))
        [(0, '到2025年'), (7, '达到(约,近)3个')]
    """
    close: list[str] = []
    begin = 0
    for place, character in enumerate(text):
        if close and character == close[-1]:
            close.pop()
        elif character in _OPEN:
            close.append(_OPEN[character])
        elif not close and character in marks:
            yield begin, text[begin:place]
            begin = place + 1
    yield begin, text[begin:]


def quoted(text: str) -> list[tuple[int, int]]:
    """The spans between quotation marks."""
    return [found.span() for found in re.finditer("“[^”]{1,60}”", text)]
