"""How a name is typed: in pinyin, in full and by initials, and folded for comparing."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

# pypinyin is imported where a name is spelled: it takes a third of a second, and who draws a figure spells none.

LONGEST = 40
"""Characters of a name that are spelled; nobody types more."""

MOST_READINGS = 8
"""Most readings kept for a name with characters that have several."""


def readings(name: str) -> list[tuple[str, str]]:
    """How a name is typed in pinyin: ``(full, initials)``, the likeliest first, without tones or spaces.

    A character that pypinyin knows several sounds of gives several readings (长山: zhangshan, changshan), so that
    either is found: first those with one sound other than the likeliest, from the front of the name, then those
    with more, ``MOST_READINGS`` in all. A sound that only a later character of a long name has may be left out.

    Example:
        >>> readings("湘湖")[0]
        ('xianghu', 'xh')
        >>> [full for full, _initials in readings("长山街道")]
        ['zhangshanjiedao', 'changshanjiedao']
    """
    runs = tuple(_runs().findall(name[:LONGEST]))
    said = tuple([_lower(run) for run in runs if run.isascii()])
    found: dict[tuple[str, str], None] = {}
    for full, initials in _patterns(tuple(["" if run.isascii() else run for run in runs]) if said else runs):
        pair = full % said, initials % said
        if pair[0]:
            found[pair] = None
            if len(found) == MOST_READINGS:
                break
    return list(found)


Syllable = tuple[str, str]
"""A syllable and its initial."""

_ITSELF: Syllable = ("%s", "%s")
"""Stands for a run of ASCII, which says itself."""


@cache
def _runs() -> re.Pattern[str]:
    """What finds runs of characters that pypinyin knows, and of others."""
    from pypinyin.constants import RE_HANS  # noqa: PLC0415

    han = RE_HANS.pattern.removeprefix("^(?:[").removesuffix("])+$")
    return re.compile(f"[{han}]+|[^{han}]+")


@lru_cache(maxsize=65_536)
def _patterns(runs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """How runs are read, the likeliest first: patterns with a gap for each empty run.

    Of very many names most are others by their numbers alone, and read alike.
    """
    from pypinyin.seg.mmseg import seg  # noqa: PLC0415

    likely: list[Syllable] = []
    sounds: list[list[Syllable]] = []
    for run in runs:
        if not run:
            likely.append(_ITSELF)
            sounds.append([_ITSELF])
            continue
        for word in seg.cut(run):
            heard = _heard(word)
            likely += heard[0]
            sounds += heard[1]
    return tuple(dict.fromkeys(_joined(one) for one in itertools.islice(_spellings(likely, sounds), MOST_TRIED)))


@lru_cache(maxsize=65_536)
def _heard(word: str) -> tuple[tuple[Syllable, ...], tuple[list[Syllable], ...]]:
    """How a word sounds: the likeliest syllables, and all of each character. pypinyin spells word by word as well."""
    from pypinyin import Style, lazy_pinyin, pinyin  # noqa: PLC0415

    likely = lazy_pinyin(word, style=Style.NORMAL, v_to_u=False, errors=_marked)
    sounds = pinyin(word, style=Style.NORMAL, heteronym=True, v_to_u=False, errors=_marked)
    return tuple(map(_syllable, likely)), tuple(list(map(_syllable, known)) for known in sounds)


MOST_TRIED = 64
"""Spellings looked at for one name: two of them may read the same."""


def _spellings(likely: list[Syllable], sounds: list[list[Syllable]]) -> Iterator[list[Syllable]]:
    """The likeliest spelling, those that differ from it in one syllable, those that differ in two."""
    yield likely
    others = [
        (place, sound)
        for place, (usual, known) in enumerate(zip(likely, sounds, strict=False))
        for sound in dict.fromkeys(known)
        if sound != usual
    ]
    for place, sound in others:
        yield [*likely[:place], sound, *likely[place + 1 :]]
    for (place, sound), (later, other) in itertools.combinations(others, 2):
        if place != later:
            yield [*likely[:place], sound, *likely[place + 1 : later], other, *likely[later + 1 :]]


_FOREIGN = "\0"


def _marked(run: str) -> str:
    """A run of characters that are not Chinese, marked as such."""
    return _FOREIGN + run


def _syllable(sound: str) -> Syllable:
    """A sound in lower case, and its initial; a run that is not Chinese ("S2") stays whole in both."""
    word = _lower(sound)
    return word, word if sound.startswith(_FOREIGN) else word[:1]


def _lower(sound: str) -> str:
    """Letters and digits alone, in lower case."""
    word = sound.lower()
    return word if word.isalnum() else "".join(letter for letter in word if letter.isalnum())


def _joined(syllables: list[Syllable]) -> tuple[str, str]:
    """Syllables as one word, and their initials."""
    return "".join([full for full, _ in syllables]), "".join([initial for _, initial in syllables])


def fold(text: str) -> str:
    """Lower case, full-width letters plain, without spaces and punctuation: for comparing what people type.

    Example:
        >>> fold("Ｓ２ 高速·南")
        's2高速南'
    """
    plain_text = unicodedata.normalize("NFKC", text).lower()
    return "".join(letter for letter in plain_text if letter.isalnum())
