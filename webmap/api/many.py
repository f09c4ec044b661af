"""Search among very many features: what they are found by lies in one text, a line a feature, which is looked through.

Only lines that hold what is asked for are taken apart and rated, by the rules of `matching`; of very many equal ones
the first in the plan's order. The text is made once (`webmap.api.naming`) and follows from the edition.
"""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from layers.edition.large import Looked
from layers.edition.looked import AT_ONCE
from layers.edition.spelling import readings
from layers.edition.store import plain
from layers.model.tables import split
from webmap.api import matching
from webmap.api.matching import Item

MOST_TRIED = 1_000
"""Lines that are rated for one question, of each layer."""
MOST_NEAR = 1_000
"""Lines that are looked at for one character that is wrong."""
MOST_COUNTED = 10_000
"""Hits that are counted; of more it is said that there are more."""

_NAME, _NAME_END, _PINYIN, _PINYIN_END, _INITIALS, _INITIALS_END = (chr(code) for code in range(2, 8))

# A row's number is written in signs that nobody looks for.
_SIGNS = {ord(digit): 16 + number for number, digit in enumerate("0123456789abcdef")}
_DIGITS = {sign: digit for digit, sign in _SIGNS.items()}
_GONE = dict.fromkeys(range(32), " ")


class Lines:
    """What the features of a layer are found by.

    Args:
        layer: The layer's id.
        text: Its lines, see `lines_of`.
        look: Its features.
        kinds: The edition's kinds.
    """

    def __init__(
        self, layer: str, text: bytes | mmap.mmap, look: Looked, kinds: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.layer, self._text, self._look = layer, text, look
        self._beyond = {name for name, kind in kinds.items() if kind.get("beyond")}

    def candidates(self, query: str, tokens: tuple[str, ...]) -> list[Item]:
        """The features that may fit best, ready to be rated."""
        found: dict[int, None] = {}
        for wanted in _sought(query):
            self._gather(found, wanted, MOST_TRIED)
        for token in sorted(tokens, key=len, reverse=True) if len(tokens) > 1 else ():
            before = len(found)
            self._gather(found, token, before + MOST_TRIED)
            if len(found) > before:
                break
        return self._items(found)

    def near(self, query: str) -> list[Item]:
        """The features that may fit if one character is wrong."""
        found: dict[int, None] = {}
        for piece in dict.fromkeys(matching.thirds(query)):
            if len(piece) > 1 or not piece.isascii():  # a letter is in every line
                self._gather(found, piece, MOST_NEAR)
        return self._items(found)

    def count(self, query: str) -> int:
        """How many lines hold a query; ``MOST_COUNTED`` are counted at most."""
        found: dict[int, None] = {}
        self._gather(found, query, MOST_COUNTED)
        return len(found)

    def _gather(self, found: dict[int, None], wanted: str, most: int) -> None:
        """Beginnings of lines that hold a text."""
        coded = wanted.encode("utf-8", "surrogatepass")
        at = self._text.find(coded)
        while at >= 0 and len(found) < most:
            found.setdefault(self._text.rfind(b"\n", 0, at) + 1)
            end = self._text.find(b"\n", at)
            at = self._text.find(coded, end) if end >= 0 else -1

    def _items(self, starts: Iterable[int]) -> list[Item]:
        made = []
        for start in starts:
            end = self._text.find(b"\n", start)
            line = self._text[start : end if end >= 0 else len(self._text)].decode("utf-8", "surrogatepass")
            row = int(line[: line.index(_NAME)].translate(_DIGITS), 16)
            cells = self._look.cells(row)
            kind = str(plain(cells.get("kind")) or "")
            if kind in self._beyond:
                continue
            words = tuple(map(matching.words_of, _named(cells.get("id"), *(cells.get(key) for key in _NAMES))))
            entry = {"type": "feature", "layer": self.layer, "kind": kind, "cells": cells}
            parts = (_between(line, *ends) for ends in _ENDS)
            names, pinyin, initials = parts
            made.append(Item(entry, names, words, pinyin, initials))
        return made


_ENDS = ((_NAME, _NAME_END), (_PINYIN, _PINYIN_END), (_INITIALS, _INITIALS_END))
_NAMES = ("name", "name_en", "aliases")


def _between(line: str, start: str, end: str) -> tuple[str, ...]:
    return tuple(part.partition(end)[0] for part in line.split(start)[1:])


def _sought(query: str) -> Iterator[str]:
    """What the best hits hold, in the order of `matching.score`."""
    yield f"{_NAME}{query}{_NAME_END}"
    yield f"{_PINYIN}{query}{_PINYIN_END}"
    if len(query) >= matching.TELLING:
        yield f"{query}{_NAME_END}"
    yield f"{_NAME}{query}"
    yield f"{_PINYIN}{query}"
    yield f"{_INITIALS}{query}{_INITIALS_END}"
    yield query


def _named(identifier: Any, name: Any, english: Any, aliases: Any) -> list[str]:
    """The names of a feature in the order in which entries have them."""
    chinese = name if name and isinstance(name, str) else str(plain(name) or identifier)
    other = english if isinstance(english, str) else str(plain(english) or "")
    return [one for one in (chinese, other, *split(aliases)) if one]


def lines_of(look: Looked) -> Iterator[bytes]:
    """The lines of a layer: its row, names, pinyin and initials, each between marks of its own; many in each piece."""
    first, rows = 0, look.columns_of(("id", *_NAMES))
    while part := list(itertools.islice(rows, AT_ONCE)):
        yield _lines(first, part)
        first += len(part)


def _lines(first: int, rows: list[tuple[Any, ...]]) -> bytes:
    """The lines of some rows. What is to be normalised is, all at once: a text's own part takes longer to begin."""
    names, full, short, counts, letters = [], [], [], [], []
    for identifier, name, english, aliases in rows:
        known = [*map(_clean, _named(identifier, name, english, aliases))]
        names += known
        letters.append(_letters(known[1]) if english else ())
        spelled = [pair for one in (known[:1] + known[2:] if english else known) for pair in readings(one)]
        for long, initial in spelled:
            full.append(long)
            short.append(initial)
        counts.append((len(known), len(spelled)))
    named, pinyin, initials = (iter(_normalised(texts)) for texts in (names, full, short))
    made = []
    for row, (many, ways) in enumerate(counts, start=first):
        made.append(f"{row:x}".translate(_SIGNS))
        made += [f"{_NAME}{one}{_NAME_END}" for one in itertools.islice(named, many)]
        made += [f"{_PINYIN}{one}{_PINYIN_END}" for one in dict.fromkeys(itertools.islice(pinyin, ways))]
        heads = [*itertools.islice(initials, ways), *letters[row - first]]
        made += [f"{_INITIALS}{one}{_INITIALS_END}" for one in dict.fromkeys(heads)]
        made.append("\n")
    return "".join(made).encode("utf-8", "surrogatepass")


def _clean(text: str) -> str:
    """A text without signs that stand for something in a line."""
    return text if text.isprintable() else text.translate(_GONE)


def _letters(english: str) -> tuple[str, ...]:
    """GDP for Gross domestic product."""
    words = () if english.isalnum() else matching.words_of(english)
    return ("".join([word[0] for word in words]),) if len(words) > 2 else ()


def _normalised(texts: list[str]) -> list[str]:
    """Texts without control characters, each normalised."""
    return matching.normalise(_NAME.join(texts)).split(_NAME) if texts else []
