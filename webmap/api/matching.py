"""Which entries of the search index fit what somebody asks for, best first: the rules of the browser's search box.

``frontend/src/sidebar/match.js`` does the same in the browser; ``tests/search.json`` holds both to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]

_HAN_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
_BETWEEN_DIGITS = re.compile(r"([0-9])[\s.．·\-–—_/]+(?=[0-9])")
_MARKS = re.compile(r"[\s·・\-–—_'’“”\"（）()【】《》、，,.。/:：]+")
_GAPS = re.compile(r"[\s·・_/，,、；;：:（）()]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_HAN = re.compile(
    "[\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)
_KEPT_DOT = "\x01"

TELLING = 4
"""From this length on a query that a name ends with is that name without its beginning: 某地国际机场."""

TELLING_LETTERS = 10
"""So many letters of pinyin are as much: "xiang" or "zhen" alone end half of all names of townships."""

ASIDE = {"claim": 0.6, "review": 0.6}
"""What is about the plan rather than in it comes after equal hits."""

WHOLE, PROMINENCE = 95, 0.12
"""From this score on a whole name is meant. Then prominence on the map weighs too: the airport, also called so, before
its station."""

FEW = 3
"""Fewer hits than this, and those with a character wrong are given too."""


@dataclass(frozen=True)
class Item:
    """An entry with its searchable forms worked out once."""

    entry: Entry
    names: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    pinyin: tuple[str, ...]
    initials: tuple[str, ...]


def _plain(text: str) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).lower()


def normalise(text: str) -> str:
    """Lower case, without spaces, dashes and tone marks; between digits one dot stays, 二号线 is 2号线.

    Example:
        >>> normalise("专栏2－4"), normalise("Xiāng Hú"), normalise("二号线")
        ('专栏2.4', 'xianghu', '2号线')
    """
    if text.isascii() and text.isalnum():
        return text.lower()
    dotted = _BETWEEN_DIGITS.sub(rf"\1{_KEPT_DOT}", _plain(text).translate(_HAN_DIGITS))
    return _MARKS.sub("", dotted).replace(_KEPT_DOT, ".")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name, normalised."""
    return tuple(word for part in _GAPS.split(_plain(text)) if (word := normalise(part)))


def prepare(entries: Iterable[Entry]) -> list[Item]:
    """Index entries, ready to be searched."""
    items = []
    for entry in entries:
        english = str(entry.get("name_en") or "")
        names = [str(name) for name in (entry["name"], english, *entry.get("aliases", ())) if name]
        letters = [word[0] for word in words_of(english)]
        initials = [normalise(text) for text in entry.get("initials", ())]
        items.append(
            Item(
                entry,
                tuple(map(normalise, names)),
                tuple(map(words_of, names)),
                tuple(normalise(text) for text in entry.get("pinyin", ())),
                # GDP for Gross domestic product
                (*initials, "".join(letters)) if len(letters) > 2 else tuple(initials),
            )
        )
    return items


def _rate(text: str, query: str, whole: float, start: float, inside: float, end: float = 0) -> float:
    if not text:
        return 0
    if text == query:
        return whole
    if end and text.endswith(query):
        return end
    if text.startswith(query):
        return start
    return inside if inside and query in text else 0


def _begins_word(words: tuple[str, ...], end: str) -> bool:
    """Whether what a name ends with begins with a word. "Xiang" does not in "Wanxiang"; 汉字 are a word each."""
    return bool(_HAN.search(end)) or any("".join(words[index:]) == end for index in range(len(words)))


def score(item: Item, query: str) -> float:
    """How well an entry fits: names before pinyin before initials, whole before end and start before inside."""
    rated = []
    for index, text in enumerate(item.names):
        end = len(query) >= TELLING and text.endswith(query) and _begins_word(item.words[index], query)
        whole, start, inside, ending = (95, 76, 56, 84) if index else (100, 80, 60, 86)
        rated.append(_rate(text, query, whole, start, inside, ending if end else 0))
    if len(query) > 1 or query in item.pinyin:
        ending = 74 if len(query) >= TELLING_LETTERS else 0
        rated += [_rate(text, query, 90, 72, 40 if len(query) > 2 else 0, ending) for text in item.pinyin]
        rated += [_rate(text, query, 70, 50, 0) for text in item.initials]
    return max(rated, default=0)


def score_words(item: Item, tokens: tuple[str, ...]) -> float:
    """Several words, in any order, each the beginning of a word of one name or, in 汉字, in it; one may be misspelt."""
    return max(
        (_score_name(name, words, tokens) for name, words in zip(item.names, item.words, strict=True)), default=0
    )


def _score_name(name: str, words: tuple[str, ...], tokens: tuple[str, ...]) -> float:
    wrong = whole = 0
    for token in tokens:
        if token in words:
            whole += 1
        elif any(word.startswith(token) for word in words) or (_HAN.search(token) and token in name):
            continue
        else:
            wrong += 1
            close = any(near(word, token) or near(word[: len(token)], token) for word in words)
            if wrong > 1 or len(token) < TELLING or _figures(token) or not close:
                return 0
    # The fewer words are left over, the more it is that name.
    share = min(1.0, len(tokens) / max(1, len(words)))
    return 24 if wrong else 50 + 20 * share + whole


def thirds(query: str) -> tuple[str, ...]:
    """Three pieces of a query. One character wrong, missing or too many, or two exchanged, leaves one of them as it is.

    Example:
        >>> thirds("airport"), thirds("机场")
        (('ai', 'rp', 'ort'), ('', '', '机场'))
    """
    size = len(query) // 3
    return query[:size], query[size : 2 * size], query[2 * size :]


def score_near(item: Item, query: str, pieces: tuple[str, ...] = ("",)) -> float:
    """One character wrong, missing, too many, or two exchanged; the whole name before a part of it.

    Args:
        item: An entry.
        query: What is looked for.
        pieces: Its `thirds`, by which most of very many names are passed over at once.
    """
    chinese, figures = bool(_HAN.search(query)), _figures(query)
    texts = [
        text
        for text in (item.names if chinese else (*item.names, *item.pinyin))
        if any(piece in text for piece in pieces)
    ]
    # Figures are not misspelt: line 2 is no line 1.
    if len(query) > 1 and any(near(text, query) and _figures(text) == figures for text in texts):
        return 34
    if figures or len(query) < (3 if chinese else 5):
        return 0
    return 28 if any(len(text) > len(query) and _near_inside(text, query) for text in texts) else 0


def _figures(text: str) -> str:
    return re.sub(r"[^0-9.]", "", text)


def near(first: str, second: str) -> bool:
    """Whether two texts differ by one character at most.

    Example:
        >>> near("airport", "airprot"), near("机场", "机厂"), near("机场", "车站")
        (True, True, False)
    """
    short, long = sorted((first, second), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((index for index, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short))
    if len(long) > len(short):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return True
    return short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]


def _near_inside(text: str, query: str) -> bool:
    size = len(query)
    return any(
        near(text[start : start + length], query)
        for start in range(len(text) - size + 2)
        for length in (size, size - 1, size + 1)
        if start + length <= len(text)
    )


Rank = Callable[[Entry], float]
Rated = list[tuple[float, Item]]


def rated(items: Iterable[Item], text: str, rank: Rank) -> Rated:
    """How well each entry fits what somebody asks for; 0: not at all. Without what may be misspelt.

    Args:
        items: Entries.
        text: What is looked for.
        rank: Below 0: prominent on the map.
    """
    query, tokens = normalise(text), words_of(text)

    def rate(item: Item) -> float:
        best = max(score(item, query), score_words(item, tokens) if len(tokens) > 1 else 0)
        if best >= WHOLE:
            best += PROMINENCE * max(0.0, -rank(item.entry))
        return best * ASIDE.get(str(item.entry.get("type")), 1)

    return [(rate(item), item) for item in items]


def with_near(found: Rated, text: str) -> Rated:
    """The same with what fits if one character is wrong."""
    query = normalise(text)
    pieces = thirds(query)
    return [(value or score_near(item, query, pieces), item) for value, item in found]


def best_first(found: Rated, rank: Rank) -> list[Item]:
    """What fits, best first; equal ones by rank, then by length of name."""
    hits = [(value, item) for value, item in found if value > 0]
    hits.sort(key=lambda hit: (-hit[0], rank(hit[1].entry), len(hit[1].names[0])))
    return [item for _value, item in hits]


def find(items: Iterable[Item], text: str, rank: Rank) -> list[Entry]:
    """The entries that fit, best first; equal ones by ``rank`` (below 0: prominent), then by length of name."""
    if not normalise(text):
        return []
    found = rated(items, text, rank)
    if sum(value > 0 for value, _item in found) < FEW:
        found = with_near(found, text)
    return [item.entry for item in best_first(found, rank)]
