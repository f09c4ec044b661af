"""Search among very many features: what they are found by lies in one text, a line a feature, which is looked through.

Only lines that hold what is asked for are taken apart and rated, by the rules of `matching`; of very many equal ones
the first in the plan's order. The text is made once, kept in a file that all processes map, and follows from the
edition.
"""

from __future__ import annotations

import fcntl
import mmap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from geo.files import atomic_path
from layers.edition.large import Looked
from layers.edition.spelling import readings
from layers.edition.store import Store, plain
from layers.model.tables import split
from webmap.api import matching
from webmap.api.matching import Item

MOST_TRIED = 1_000
"""Lines that are rated for one question, of each layer."""
MOST_NEAR = 1_000
"""Lines that are looked at for one character that is wrong."""
MOST_COUNTED = 10_000
"""Hits that are counted; of more it is said that there are more."""
_MOST_FILES = 16

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
        return self._items(found, with_words=len(tokens) > 1)

    def near(self, query: str) -> list[Item]:
        """The features that may fit if one character is wrong."""
        found: dict[int, None] = {}
        for piece in dict.fromkeys(matching.thirds(query)):
            if len(piece) > 1 or not piece.isascii():  # a letter is in every line
                self._gather(found, piece, MOST_NEAR)
        return self._items(found, with_words=False)

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

    def _items(self, starts: Iterable[int], *, with_words: bool) -> list[Item]:
        made = []
        for start in starts:
            end = self._text.find(b"\n", start)
            line = self._text[start : end if end >= 0 else len(self._text)].decode("utf-8", "surrogatepass")
            row = int(line[: line.index(_NAME)].translate(_DIGITS), 16)
            cells = self._look.cells(row)
            kind = str(plain(cells.get("kind")) or "")
            if kind in self._beyond:
                continue
            words: tuple[tuple[str, ...], ...] = ()
            if with_words:
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
    return [one for one in (str(plain(name) or identifier), str(plain(english) or ""), *split(aliases)) if one]


def lines_of(look: Looked) -> Iterator[bytes]:
    """The lines of a layer: its row, names, pinyin and initials, each between marks of its own."""
    for row, (identifier, name, english, aliases) in enumerate(look.columns_of(("id", *_NAMES))):
        names = [one.translate(_GONE) for one in _named(identifier, name, english, aliases)]
        chinese = (str(plain(name) or identifier), *split(aliases))
        spelled = [pair for one in chinese for pair in readings(one.translate(_GONE))]
        letters = [word[0] for word in matching.words_of(str(plain(english) or "").translate(_GONE))]
        pinyin = dict.fromkeys(matching.normalise(full) for full, _initials in spelled)
        initials = dict.fromkeys(matching.normalise(short) for _full, short in spelled)
        if len(letters) > 2:
            initials["".join(letters)] = None
        line = [f"{row:x}".translate(_SIGNS)]
        line += [f"{_NAME}{matching.normalise(one)}{_NAME_END}" for one in names]
        line += [f"{_PINYIN}{one}{_PINYIN_END}" for one in pinyin]
        line += [f"{_INITIALS}{one}{_INITIALS_END}" for one in initials]
        yield ("".join(line) + "\n").encode("utf-8", "surrogatepass")


def lines(store: Store, folder: Path | None, stamp: str) -> list[Lines]:
    """Those of all layers that are too large to be listed.

    Args:
        store: The edition.
        folder: Where the texts are kept, one file for all processes; None: in memory.
        stamp: What tells the edition from every other.
    """
    return [
        Lines(layer, _text(look, folder, f"{stamp}-{number}"), look, store.kinds)
        for number, (layer, look) in enumerate(store.unlisted.items())
    ]


def _text(look: Looked, folder: Path | None, name: str) -> bytes | mmap.mmap:
    if folder is None:
        return b"".join(lines_of(look))
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    with (folder / "lock").open("w") as held:  # the first process writes it, the others wait
        fcntl.flock(held, fcntl.LOCK_EX)
        if not path.is_file():
            with atomic_path(path) as temporary, temporary.open("wb") as file:
                file.writelines(lines_of(look))
            for old in sorted(folder.glob("*-*"), key=lambda one: one.stat().st_mtime_ns)[:-_MOST_FILES]:
                old.unlink(missing_ok=True)
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
