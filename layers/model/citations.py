"""Citations of a plan's clauses: one notation, checked against the plan's outline, labelled for people.

=============  ==========================  =============================
notation       Chinese                     English
=============  ==========================  =============================
``7.1.3``      第七章第一节 3               Ch. 7, Sec. 1, item 3
``9.1``        第九章第一节                 Ch. 9, Sec. 1
``专栏2-4``    专栏2 第4项                  Box 2, item 4
``表2-17``     表2 第17项                   Table 2, item 17
=============  ==========================  =============================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from layers.model.errors import LayersError, word

_SECTION = re.compile(r"([1-9][0-9]?)\.([1-9][0-9]?)(?:\.([1-9][0-9]?))?")
_NUMBERED = re.compile(r"(专栏|表)([1-9][0-9]?)(?:-([1-9][0-9]{0,2}))?")
_OUTLINE_KEY = re.compile(r"[1-9][0-9]?\.[1-9][0-9]?|(?:专栏|表)[1-9][0-9]?")
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in a plan's text.

    Attributes:
        text: The notation, for example ``"7.1.3"``.
        clause: The key in ``outline.toml`` that must exist, for example ``"7.1"`` or ``"专栏2"``.
        item: The item inside the clause, or None for the whole clause.
    """

    text: str
    clause: str
    item: int | None

    def label(self, lang: str = "zh") -> str:
        """The citation in words.

        Args:
            lang: ``"zh"`` or ``"en"``.

        Returns:
            For example ``第七章第一节 3`` or ``Ch. 7, Sec. 1, item 3``.
        """
        if "." in self.clause:
            chapter, section = (int(part) for part in self.clause.split("."))
            head = word("cite.section", lang, chapter=_numeral(chapter, lang), section=_numeral(section, lang))
            return head if self.item is None else word("cite.section_item", lang, head=head, item=self.item)
        key = "cite.box" if self.clause.startswith("专栏") else "cite.table"
        head = word(key, lang, number=self.clause.lstrip("专栏表"))
        return head if self.item is None else word("cite.numbered_item", lang, head=head, item=self.item)


def parse(text: str) -> Citation:
    """Read one citation.

    Args:
        text: The notation.

    Returns:
        The citation.

    Raises:
        LayersError: ``cite.notation`` when it is not in the notation.

    Example:
        >>> parse("专栏2-4")
        Citation(text='专栏2-4', clause='专栏2', item=4)
    """
    section = _SECTION.fullmatch(text)
    if section:
        chapter, number, item = section.groups()
        return Citation(text, f"{chapter}.{number}", int(item) if item else None)
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        name, number, item = numbered.groups()
        return Citation(text, f"{name}{number}", int(item) if item else None)
    raise LayersError("cite.notation", cite=text)


def validate(text: str, outline: Mapping[str, int]) -> Citation:
    """Read one citation and make sure that the plan has this clause.

    Args:
        text: The notation.
        outline: Number of items per clause, 0 where a clause is not itemised.

    Returns:
        The citation.

    Raises:
        LayersError: ``cite.notation``, ``cite.unknown_clause`` or ``cite.unknown_item``.
    """
    citation = parse(text)
    if citation.clause not in outline:
        raise LayersError("cite.unknown_clause", cite=text, clause=citation.clause)
    if citation.item is not None and citation.item > outline[citation.clause]:
        raise LayersError("cite.unknown_item", cite=text, clause=citation.clause, items=outline[citation.clause])
    return citation


def label(text: str, lang: str = "zh") -> str:
    """A citation in words, the notation itself where it cannot be read.

    Example:
        >>> label("9.1", "en")
        'Ch. 9, Sec. 1'
    """
    try:
        return parse(text).label(lang)
    except LayersError:
        return text


def chapter_label(chapter: int, lang: str = "zh") -> str:
    """A chapter in words.

    Example:
        >>> chapter_label(12), chapter_label(12, "en")
        ('第十二章', 'Chapter 12')
    """
    return word("cite.chapter", lang, chapter=_numeral(chapter, lang))


def is_outline_key(text: str) -> bool:
    """Whether the text can be a key of ``outline.toml``: ``7.1``, ``专栏2`` or ``表2``."""
    return _OUTLINE_KEY.fullmatch(text) is not None


def _numeral(number: int, lang: str) -> str:
    """A number below 100 as it is written in headings: 十二 in Chinese, 12 in English."""
    if lang != "zh":
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones or not tens else "")
