"""Citations of a plan's clauses: one notation, checked against the plan's outline, labelled for people.

=============  ==========================  =============================
notation       Chinese                     English
=============  ==========================  =============================
``7.1.3``      第七章第一节 3               Ch. 7, Sec. 1, item 3
``9.1``        第九章第一节                 Ch. 9, Sec. 1
``专栏2-4``    专栏2 第4项                  Box 2, item 4
``表2-17``     表2 第17项                   Table 2, item 17
=============  ==========================  =============================

What the parts are called (章, 节, 专栏, 表, 图, 附表, 篇) is data: a table of ``outline.toml``, kept in the edition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from layers.model.errors import LayersError, word

_SECTION = re.compile(r"([1-9][0-9]?)\.([1-9][0-9]?)(?:\.([1-9][0-9]?))?")
_MARK = re.compile(r"[^\W\d_]{1,8}")
_DIGITS = "零一二三四五六七八九"
_STANDARD_NUMBERED = (
    "cite.mark_box", "cite.mark_table", "cite.mark_figure", "cite.mark_annex_table", "cite.mark_annex_figure",
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Mark:
    """What a plan calls a part of its text.

    Attributes:
        name: In the plan: 章, 节, 专栏.
        name_en: In an English citation: Ch., Sec., Box.
        heading_en: In an English heading: Chapter; as in a citation where it is empty.
    """

    name: str
    name_en: str
    heading_en: str = ""


@dataclass(frozen=True)
class Notation:
    """How a plan numbers its clauses, as the table ``notation`` of ``outline.toml`` says.

    Attributes:
        levels: The two levels of the running text, the higher first: 章 and 节, or 篇 and 章.
        numbered: What stands beside it and is numbered through: 专栏, 表, 图, 附表.
    """

    levels: tuple[Mark, Mark]
    numbered: tuple[Mark, ...]

    @cached_property
    def _numbered(self) -> re.Pattern[str]:
        names = "|".join(sorted((re.escape(mark.name) for mark in self.numbered), key=len, reverse=True))
        return re.compile(rf"({names})([1-9][0-9]?)(?:-([1-9][0-9]{{0,2}}))?")

    def parse(self, text: str) -> Citation:
        """Read one citation.

        Raises:
            LayersError: ``cite.notation`` when it is not in the notation.

        Example:
            >>> STANDARD.parse("专栏2-4")
            Citation(text='专栏2-4', clause='专栏2', item=4)
        """
        section = _SECTION.fullmatch(text)
        if section:
            chapter, number, item = section.groups()
            return Citation(text, f"{chapter}.{number}", int(item) if item else None)
        numbered = self._numbered.fullmatch(text) if self.numbered else None
        if numbered:
            name, number, item = numbered.groups()
            return Citation(text, f"{name}{number}", int(item) if item else None)
        raise LayersError("cite.notation", cite=text, marks=[mark.name for mark in self.numbered])

    def label(self, text: str, lang: str = "zh") -> str:
        """A citation in words, the notation itself where it cannot be read.

        Example:
            >>> STANDARD.label("7.1.3"), STANDARD.label("9.1", "en"), STANDARD.label("附表2-17", "en")
            ('第七章第一节 3', 'Ch. 9, Sec. 1', 'Annex table 2, item 17')
        """
        try:
            found = self.parse(text)
        except LayersError:
            return text
        texts = self.texts(lang)
        if "." in found.clause:
            chapter, section = (_numeral(int(part), lang) for part in found.clause.split("."))
            key = "section" if found.item is None else "section_item"
            return _filled(texts[key], chapter=chapter, section=section, item=found.item)
        mark = next(one for one in self.numbered if re.fullmatch(re.escape(one.name) + "[0-9]+", found.clause))
        key = "numbered" if found.item is None else "numbered_item"
        said = mark.name_en if lang == "en" else mark.name
        return _filled(texts[key], mark=said, number=found.clause.removeprefix(mark.name), item=found.item)

    def chapter(self, chapter: int, lang: str = "zh") -> str:
        """A chapter in words.

        Example:
            >>> STANDARD.chapter(12), STANDARD.chapter(12, "en")
            ('第十二章', 'Chapter 12')
        """
        mark = self.levels[0]
        said = (mark.heading_en or mark.name_en) if lang == "en" else mark.name
        return word("cite.chapter", lang, level=said, chapter=_numeral(chapter, lang))

    def texts(self, lang: str) -> dict[str, str]:
        """The patterns of citations in a language; the browser fills in the same.

        Their places are ``chapter``, ``section``, ``mark``, ``number`` and ``item``.
        """
        high, low = ((mark.name_en if lang == "en" else mark.name) for mark in self.levels)
        places = {name: f"{{{name}}}" for name in ("chapter", "section", "mark", "number", "item")}
        section = word("cite.section", lang, high=high, low=low, **places)
        numbered = word("cite.numbered", lang, **places)
        return {
            "section": section,
            "section_item": word("cite.section_item", lang, head=section, **places),
            "numbered": numbered,
            "numbered_item": word("cite.numbered_item", lang, head=numbered, **places),
        }

    def is_citation(self, text: str) -> bool:
        """Whether the text is a citation: ``7.1``, ``7.1.3``, ``专栏2-4``."""
        try:
            self.parse(text)
        except LayersError:
            return False
        return True

    def is_outline_key(self, text: str) -> bool:
        """Whether the text can be a key of ``outline.toml``: ``7.1``, ``专栏2`` or ``表2``."""
        try:
            found = self.parse(text)
        except LayersError:
            return False
        return found.item is None

    def as_meta(self) -> dict[str, Any]:
        """As the edition's metadata and ``outline.toml`` have it."""
        return {
            "level": [_record(mark) for mark in self.levels],
            "numbered": [_record(mark) for mark in self.numbered],
        }

    @classmethod
    def read(cls, table: object) -> Notation:
        """From ``outline.toml`` or an edition; what is left out is as in `STANDARD`.

        Raises:
            LayersError: ``outline.notation`` names what is wrong.
        """
        if not isinstance(table, Mapping):
            raise LayersError("outline.notation", value=table)
        if unknown := [name for name in table if name not in ("level", "numbered")]:
            raise LayersError("outline.notation", value=unknown)
        levels = [_mark(one) for one in _records(table, "level")] or list(STANDARD.levels)
        numbered = [_mark(one) for one in _records(table, "numbered")] if "numbered" in table else STANDARD.numbered
        if len(levels) != 2 or len({one.name for one in numbered}) < len(numbered):
            raise LayersError("outline.notation", value=table)
        return cls((levels[0], levels[1]), tuple(numbered))


def _records(table: Mapping[Any, Any], name: str) -> list[Any]:
    found = table.get(name, [])
    if not isinstance(found, list):
        raise LayersError("outline.notation", value={name: found})
    return found


def _mark(record: Any) -> Mark:
    fields = ("name", "name_en", "heading_en")
    if (
        not isinstance(record, Mapping)
        or not all(key in fields and isinstance(value, str) and len(value) <= 40 for key, value in record.items())
        or not _MARK.fullmatch(record.get("name", ""))
    ):
        raise LayersError("outline.notation", value=record)
    return Mark(record["name"], record.get("name_en") or record["name"], record.get("heading_en", ""))


def _record(mark: Mark) -> dict[str, str]:
    return {key: value for key in ("name", "name_en", "heading_en") if (value := getattr(mark, key))}


def _filled(pattern: str, **params: object) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(params[found[1]]), pattern)


def _standard(key: str, heading: str = "") -> Mark:
    return Mark(word(key, "zh"), word(key, "en"), word(heading, "en") if heading else "")


STANDARD = Notation(
    (_standard("cite.level_chapter", "cite.level_chapter_heading"), _standard("cite.level_section")),
    tuple(map(_standard, _STANDARD_NUMBERED)),
)
"""Of a plan that says nothing of it."""


@dataclass(frozen=True, eq=False)
class Clauses(Mapping[str, int]):
    """The clauses that a plan has, each with its number of items (0: not itemised), and how they are numbered.

    Attributes:
        items_of: Number of items by clause.
        notation: How they are numbered.
        titles: Headings of clauses, and of chapters by their numbers, as far as the plan folder gives them.
    """

    items_of: Mapping[str, int] = field(default_factory=dict)
    notation: Notation = STANDARD
    titles: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, clause: str) -> int:
        return self.items_of[clause]

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_of)

    def __len__(self) -> int:
        return len(self.items_of)

    def validate(self, text: str) -> Citation:
        """Read one citation and make sure that the plan has this clause.

        Raises:
            LayersError: ``cite.notation``, ``cite.unknown_clause`` or ``cite.unknown_item``.
        """
        citation = self.notation.parse(text)
        if citation.clause not in self:
            raise LayersError("cite.unknown_clause", cite=text, clause=citation.clause)
        if citation.item is not None and citation.item > self[citation.clause]:
            raise LayersError("cite.unknown_item", cite=text, clause=citation.clause, items=self[citation.clause])
        return citation


def _numeral(number: int, lang: str) -> str:
    """A number below 100 as it is written in headings: 十二 in Chinese, 12 in English."""
    if lang != "zh":
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones or not tens else "")
