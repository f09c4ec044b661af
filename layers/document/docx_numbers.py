"""Styles of a DOCX and the numbers that its program counts: 第一章, 一、, （一）, 1.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from layers.document.packages import Package, attribute, child, local

_CHAIN = 20
_LEVELS = 9
_DIGITS = "〇一二三四五六七八九"
_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says of numbers and headings."""

    based_on: str = ""
    name: str = ""
    level: int | None = None
    number: str | None = None
    number_level: int | None = None
    hidden: bool | None = None


@dataclass(slots=True)
class Styles:
    """A document's styles.

    Attributes:
        default: Id of the paragraphs' style where none is stated.
    """

    by_id: dict[str, Style] = field(default_factory=dict)
    default: str = ""

    @classmethod
    def read(cls, package: Package) -> Styles:
        """From the part of the styles; none where there is no such part."""
        found = cls()
        if "word/styles.xml" not in package:
            return found
        for element in package.tree("word/styles.xml"):
            identifier = attribute(element, "styleId")
            if local(element) != "style" or identifier is None:
                continue
            properties, number = child(element, "pPr"), child(element, "pPr", "numPr")
            vanish = child(element, "rPr", "vanish")
            found.by_id[identifier] = Style(
                attribute(child(element, "basedOn")) or "",
                (attribute(child(element, "name")) or "").lower(),
                _integer(child(properties, "outlineLvl")),
                attribute(child(number, "numId")),
                _integer(child(number, "ilvl")),
                None if vanish is None else (attribute(vanish) or "1") not in _OFF,
            )
            if attribute(element, "type") == "paragraph" and (attribute(element, "default") or "0") not in _OFF:
                found.default = identifier
        return found

    def chain(self, style: str | None) -> list[Style]:
        """A style and those that it is based on."""
        found: list[Style] = []
        while style and style in self.by_id and len(found) < _CHAIN:
            found.append(self.by_id[style])
            style = found[-1].based_on
        return found

    def is_contents(self, style: str) -> bool:
        """Whether a paragraph stands in a table of contents."""
        return any(one.name.startswith("toc ") for one in self.chain(style)[:1])

    def hides(self, style: str | None) -> bool:
        """Whether a character style hides its words."""
        return next((one.hidden for one in self.chain(style) if one.hidden is not None), False)

    def level(self, properties: Element | None, style: str) -> int:
        """A heading's level, 1 the highest; 0 for running text."""
        own = _integer(child(properties, "outlineLvl"))
        if own is None:
            for one in self.chain(style):
                if one.level is not None:
                    own = one.level
                    break
                if one.name.startswith("heading ") and one.name[8:].isdecimal():
                    own = int(one.name[8:]) - 1
                    break
        return own + 1 if own is not None and 0 <= own < _LEVELS else 0


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a numbering."""

    form: str = "decimal"
    pattern: str = ""
    start: int = 1
    style: str = ""
    suffix: str = " "
    plain: bool = False
    restarts_after: int | None = None


@dataclass(slots=True)
class Numbering:
    """The numberings of a document, counting as the paragraphs come."""

    styles: Styles
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    abstract_of: dict[str, str] = field(default_factory=dict)
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def read(cls, package: Package, styles: Styles) -> Numbering:
        """From the part of the numberings; none where there is no such part."""
        found = cls(styles)
        if "word/numbering.xml" not in package:
            return found
        links: dict[str, str] = {}
        for element in package.tree("word/numbering.xml"):
            if local(element) == "abstractNum":
                identifier = attribute(element, "abstractNumId") or ""
                found.levels[identifier] = {
                    _integer(one, "ilvl") or 0: _level(one) for one in element if local(one) == "lvl"
                }
                if link := attribute(child(element, "numStyleLink")):
                    links[identifier] = link
            elif local(element) == "num":
                number = attribute(element, "numId") or ""
                found.abstract_of[number] = attribute(child(element, "abstractNumId")) or ""
                for override in (one for one in element if local(one) == "lvlOverride"):
                    start = _integer(child(override, "startOverride"))
                    if start is not None:
                        found.starts[number, _integer(override, "ilvl") or 0] = start
        for identifier, link in links.items():
            target = next((one.number for one in styles.chain(link) if one.number), None)
            other = found.abstract_of.get(target or "", "")
            if not found.levels[identifier] and other != identifier:
                found.levels[identifier] = found.levels.get(other, {})
        return found

    def label(self, properties: Element | None, style: str) -> str:
        """The number before a paragraph, with what parts it from the words; "" where it has none."""
        own = child(properties, "numPr")
        number, level = attribute(child(own, "numId")), _integer(child(own, "ilvl"))
        if number is None:
            chain = self.styles.chain(style)
            one = next((item for item in chain if item.number is not None), None)
            number = one.number if one else None
            if number is not None and one is not None:
                bound = self.levels.get(self.abstract_of.get(number, ""), {})
                by_style = next((at for at, item in bound.items() if item.style == style), None)
                level = level if level is not None else by_style if by_style is not None else one.number_level
        if number is None or number == "0" or number not in self.abstract_of:
            return ""
        return self._counted(number, min(max(level or 0, 0), _LEVELS - 1))

    def _counted(self, number: str, level: int) -> str:
        abstract = self.abstract_of[number]
        levels = self.levels.get(abstract, {})
        here = levels.get(level)
        if here is None:
            return ""
        counts = self._counts.setdefault(abstract, [None] * _LEVELS)
        if (number, level) in self.starts and (number, level) not in self._begun:
            counts[level] = None
        self._begun.add((number, level))
        before = counts[level]
        counts[level] = self.starts.get((number, level), here.start) if before is None else before + 1
        for lower in range(level + 1, _LEVELS):
            stops = levels.get(lower, _Level()).restarts_after
            if stops is None or level < stops:
                counts[lower] = None
        said = here.pattern
        for at in range(_LEVELS):
            if f"%{at + 1}" in said:
                of_level = levels.get(at, _Level())
                value = counts[at] if counts[at] is not None else of_level.start
                said = said.replace(f"%{at + 1}", numeral(value or 0, "decimal" if here.plain else of_level.form))
        return said + here.suffix if said else ""


def _level(element: Element) -> _Level:
    form = attribute(child(element, "numFmt")) or "decimal"
    return _Level(
        form,
        "" if form in ("bullet", "none") and "%" not in (attribute(child(element, "lvlText")) or "")
        else attribute(child(element, "lvlText")) or "",
        _integer(child(element, "start")) if child(element, "start") is not None else 1,  # type: ignore[arg-type]
        attribute(child(element, "pStyle")) or "",
        "" if attribute(child(element, "suff")) == "nothing" else " ",
        (child(element, "isLgl") is not None),
        _integer(child(element, "lvlRestart")),
    )  # fmt: skip


def _integer(element: Element | None, name: str = "val") -> int | None:
    value = (attribute(element, name) or "").strip()
    return int(value) if value.isdecimal() and len(value) < 6 else None


def numeral(number: int, form: str) -> str:
    """A number as a program writes it.

    Example:
        >>> [numeral(n, "chineseCounting") for n in (1, 10, 12, 20, 103)], numeral(3, "decimalEnclosedCircle")
        (['一', '十', '十二', '二十', '一〇三'], '③')
        >>> numeral(4, "lowerRoman"), numeral(27, "upperLetter"), numeral(5, "none")
        ('iv', 'AA', '')
    """
    if form in ("chineseCounting", "chineseCountingThousand", "ideographTraditional", "japaneseCounting",
                "taiwaneseCounting", "taiwaneseCountingThousand", "chineseLegalSimplified"):  # fmt: skip
        return _chinese(number)
    if form in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if form.startswith("decimalEnclosed") and 1 <= number <= 20:
        first = {"decimalEnclosedParen": "⑴", "decimalEnclosedFullstop": "⒈"}.get(form, "①")
        return chr(ord(first) + number - 1)
    if form == "decimalFullWidth":
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    if form == "decimalZero":
        return f"{number:02d}"
    if form in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (number - 1) % 26) * min((number - 1) // 26 + 1, 20) if number else ""
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman"):
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    return "" if form in ("bullet", "none") else str(number)


def _chinese(number: int) -> str:
    if number < 10 or number >= 100:
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _roman(number: int) -> str:
    parts = zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    )
    said = ""
    for value, letters in parts:
        count, number = divmod(number, value)
        said += letters * min(count, 20)
    return said
