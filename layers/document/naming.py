"""Names in a sentence: by their ends, from the last word that cannot be in them; general words alone are no name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from layers.document.lexicon import general_words, table

_LONGEST_WORD = 6
_LONGEST_NAME = 34


@dataclass(frozen=True, slots=True)
class Ending:
    """An end of names.

    Attributes:
        kind: Of ``kinds.toml``.
        start: Where it begins in its sentence.
        end: Where it ends.
        hard: Nearly always the end of a name.
        literal: A word of the lists, so that a name has something before it; a pattern may be a name by itself.
    """

    kind: str
    start: int
    end: int
    hard: bool
    literal: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a sentence.

    Attributes:
        text: The word.
        start: Where it begins.
        role: ``cut`` and ``weak`` for verbs and particles before a name, ``general``, ``name`` for what is no word.
    """

    text: str
    start: int
    role: str


@cache
def _roles() -> dict[str, str]:
    """Words and their roles."""
    words = table("names")
    roles = dict.fromkeys(general_words(), "general")
    roles |= dict.fromkeys(words["strip"]["words"].split(), "general")
    roles |= dict.fromkeys(words["cut"]["verbs"].split(), "cut")
    roles |= dict.fromkeys(words["cut"]["particles"].split(), "cut")
    roles |= dict.fromkeys(words["weak"]["verbs"].split(), "weak")
    roles |= dict.fromkeys(words["weak"]["particles"].split(), "weak")
    roles |= {one: "general" for one in words["general_single"]["words"] if one not in roles}
    return roles


@cache
def _endings() -> tuple[dict[str, list[tuple[str, str, bool]]], list[tuple[str, re.Pattern[str]]]]:
    """Literal ends by their last character, the longest first, and patterns by kind."""
    by_last: dict[str, list[tuple[str, str, bool]]] = {}
    patterns: list[tuple[str, re.Pattern[str]]] = []
    for kind, entry in table("suffixes").items():
        for strength in ("hard", "soft"):
            for word in entry.get(strength, ()):
                by_last.setdefault(word[-1], []).append((word, kind, strength == "hard"))
        patterns += [(kind, re.compile(f"(?:{one})")) for one in entry.get("patterns", ())]
    for entries in by_last.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return by_last, patterns


@lru_cache(maxsize=2048)
def tokens(text: str) -> tuple[Token, ...]:
    """Words of a sentence, as few as possible; what is in no list stands as single characters.

    Example:
        >>> [(one.text, one.role) for one in tokens("加快建设云隐科学城")]
        [('加快建设', 'cut'), ('云', 'name'), ('隐', 'name'), ('科学', 'general'), ('城', 'general')]
    """
    roles = _roles()
    size = len(text)
    best: list[tuple[float, int]] = [(0.0, 0)] * (size + 1)
    for end in range(1, size + 1):
        lone = text[end - 1]
        cost = best[end - 1][0] + (1.0 if roles.get(lone) else 1.4)
        choice = (cost, end - 1)
        for start in range(max(0, end - _LONGEST_WORD), end - 1):
            if text[start:end] in roles and best[start][0] + 1 <= choice[0]:
                choice = (best[start][0] + 1, start)
        best[end] = choice
    found: list[Token] = []
    end = size
    while end:
        start = best[end][1]
        word = text[start:end]
        found.append(
            Token(
                word,
                start,
                roles.get(word, "name" if not re.fullmatch(r"[\s\W]", word) or word in "“”()·-—" else "cut"),
            )
        )
        end = start
    return tuple(found[::-1])


@lru_cache(maxsize=2048)
def endings(text: str) -> tuple[Ending, ...]:
    """All ends of names in a sentence, the longest at each place."""
    by_last, patterns = _endings()
    found: dict[int, Ending] = {}
    for end in range(2, len(text) + 1):
        for word, kind, hard in by_last.get(text[end - 1], ()):
            if text.endswith(word, 0, end):
                found[end] = Ending(kind, end - len(word), end, hard)
                break
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            there = found.get(match.end())
            if there is not None and there.hard and there.literal and there.end - there.start > 2:
                continue
            if there is None or there.start > match.start():
                found[match.end()] = Ending(kind, match.start(), match.end(), True, literal=False)
    return tuple(sorted(found.values(), key=lambda one: one.end))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may be one.

    Attributes:
        text: The words.
        start: Where it begins in its sentence.
        end: Where it ends.
        ending: What it ends with.
        proper: How many of its characters are in no list of words.
        before: The words before it, back to the last comma.
    """

    text: str
    start: int
    end: int
    ending: Ending
    proper: int
    before: str


def candidates(
    text: str, known: frozenset[str] = frozenset(), refused: Callable[[Candidate], bool] | None = None
) -> Iterator[Candidate]:
    """The names of a stretch without commas, from its end; of two of which one holds the other the longer.

    Args:
        text: Folded, one item of a list or one stretch between commas.
        known: Proper words found before (stems of townships, the district's name).
        refused: Whether a name is none; what it holds is looked at then.
    """
    ends = endings(text)
    if not ends:
        return
    words = tokens(text)
    taken = -1
    for one in reversed(ends):
        if taken >= 0 and one.end > taken:
            continue
        if not (one.kind == "pole_block" or _may_end(text, one.end)):
            continue
        alone = one.kind == "control_line" or (not one.literal and re.match(r"[国省县]道|[GSXY]?\d", text[one.start :]))
        begin = one.start if alone else _begin(text, words, one, known)
        begin = _stripped(text, words, begin, one)
        name = text[begin : one.end]
        if not 2 <= len(name) <= _LONGEST_NAME:
            continue
        upto = one.start if one.start > begin else one.end
        found = Candidate(name, begin, one.end, one, _proper(text, words, begin, upto, known), text[:begin])
        if refused is not None and refused(found):
            continue
        yield found
        taken = begin


@cache
def _follow() -> re.Pattern[str]:
    words = table("names")["cut"]
    follow = sorted(
        {*words["follow"].split(), *words["verbs"].split(), *words["particles"].split()}, key=len, reverse=True
    )
    return re.compile("|".join(map(re.escape, follow)))


def _may_end(text: str, end: int) -> bool:
    """Whether a name may end here: at the end, before a mark, or before a word that names do not hold."""
    rest = text[end:]
    if re.match("(?:项目)?[一二三四]期|[一二两三四五六七八九十]+[条大个座处]", rest):
        return True
    if re.match(r"\d", rest):
        return bool(re.match(r"[\d.]+(?:公里|千米|米)", rest))
    return not rest or not re.match(r"[\u4e00-\u9fffA-Za-z]", rest) or bool(_follow().match(rest))


def _begin(text: str, words: Sequence[Token], ending: Ending, known: frozenset[str]) -> int:
    """Where the name that ends there begins."""
    inside = [one for one in words if one.start < ending.start]
    begin = ending.start
    depth = 0
    for index in range(len(inside) - 1, -1, -1):
        token = inside[index]
        if token.text in ("”", ")"):
            depth += 1
        elif token.text in ("“", "("):
            depth -= 1
            if depth < 0:
                return begin
        if depth > 0 or token.text in ("“", "("):
            begin = token.start
            continue
        if token.role == "cut":
            return begin
        if token.role == "weak" and _opens(text, inside[:index], token, known):
            return begin
        begin = token.start
    return begin


def _opens(text: str, before: Sequence[Token], token: Token, known: frozenset[str]) -> bool:
    """Whether a word that names may hold stands before this one: a verb at the head of its stretch, 和 after a name."""
    stretch: list[Token] = []
    for one in reversed(before):
        if one.role == "cut":
            break
        stretch.append(one)
    if len(token.text) > 1 and token.text != "以及":
        return all(one.role == "weak" for one in stretch)
    if not any(one.role == "name" or one.text in known for one in stretch):
        return True
    begin = stretch[-1].start
    return any(one.end - one.start > 1 for one in endings(text[begin : token.start]))


def _stripped(text: str, words: Sequence[Token], begin: int, ending: Ending) -> int:
    """Without the quantities and praises that a name does not begin with."""
    strip = set(table("names")["strip"]["words"].split())
    for token in words:
        if token.start == begin and token.text in strip and token.start < ending.start:
            begin = token.start + len(token.text)
    counted = re.match(r"(?:\d+|[一二两三四五六七八九十]+)(?:条|座|所|家|个|项|处)(?:以上)?", text[begin : ending.end])
    if counted and begin + counted.end() <= ending.start:
        begin += counted.end()
    return begin


def _proper(text: str, words: Sequence[Token], begin: int, end: int, known: frozenset[str]) -> int:
    """How many characters of a stretch are in no list of words; a word known as a name counts whole."""
    count = sum(1 for one in words if begin <= one.start < end and one.role == "name" and one.text not in "“”()-—")
    part = text[begin:end]
    marks = table("names")["marks"]
    if (
        not count
        and re.search(f".{marks['named_waters']}$", part)
        and not re.search(f"(?:{marks['any_waters']})$", part)
    ):
        count = 1
    return count + sum(len(word) for word in known if word in part) if known else count
