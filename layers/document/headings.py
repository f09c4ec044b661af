"""Lines of a plan that begin with a number: chapters, sections, items, boxes, tables, in any of the usual forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from layers.document.blocks import Block, fold, tidy

_NUMERAL = "[一二三四五六七八九十百〇零]{1,5}"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("part", re.compile(rf"第({_NUMERAL}|\d{{1,2}})(篇|编|部分)\s*")),
    ("chapter", re.compile(rf"第({_NUMERAL}|\d{{1,2}})(章)\s*")),
    ("section", re.compile(rf"第({_NUMERAL}|\d{{1,2}})(节)\s*")),
    ("numeral", re.compile(rf"({_NUMERAL})()[、.]\s*(?!{_NUMERAL}[、.])")),
    ("bracket", re.compile(rf"\(({_NUMERAL})()\)[、.]?\s*")),
    ("digit", re.compile(r"(\d{1,2})()[.、](?!\d)\s*")),
    ("digit_bracket", re.compile(r"\(?(\d{1,2})()\)[、.]?\s*")),
    ("circle", re.compile(r"([①-⑳])()\s*")),
)
RANK = {name: rank for rank, (name, _) in enumerate(_FORMS)}
_BOX = re.compile(
    rf"\[?(专栏)\s*({_NUMERAL}|\d{{1,2}})?(?:[-—](\d{{1,2}}))?\]?(?=[:\s“《]|[^\d\s,、。和中的及所])[:\s]*"
)
_TABLE = re.compile(
    rf"(附表|表)\s*({_NUMERAL}|\d{{1,2}})(?:[-—.](\d{{1,2}}))?(?=[:\s“《(]|[^\d\s,、。和中的及所])[:\s]*"
)
LEAD_LINE = re.compile(r"\(?(?:牵头|责任|实施|主要责任|配合|主管)(?:单位|部门)[:：]")
NOTE = re.compile(r"(?:备注|说明|注)[:：]\s*(?:(\d)[.、])?|(?:数据|资料)来源")
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0}
LONGEST_HEADING = 80


def ordinal(text: str) -> int:
    """The number of a heading.

    Example:
        >>> ordinal("十四"), ordinal("二十"), ordinal("7"), ordinal("③"), ordinal("一〇二")
        (14, 20, 7, 3, 102)
    """
    if text.isdecimal():
        return int(text)
    if "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    total = run = 0
    for character in text:
        if character in "十百":
            total += (run or 1) * (10 if character == "十" else 100)
            run = 0
        else:
            run = run * 10 + _DIGITS[character]
    return total + run


@dataclass(slots=True)
class Line:
    """A block with the number that it begins with."""

    block: Block
    text: str
    form: str = ""
    number: int = 0
    word: str = ""
    after: int = 0


def line_of(block: Block) -> Line:
    """A block with the form and the number of its heading; a paragraph without has neither."""
    text = tidy(block.text)
    folded = fold(text)
    if block.kind == "table":
        return Line(block, text)
    if found := _BOX.match(folded):
        return Line(block, text, "box", ordinal(found[2]) if found[2] else 0, found[3] or "", found.end())
    if (found := _TABLE.match(folded)) and len(text) <= LONGEST_HEADING and "。" not in text:
        return Line(block, text, found[1], ordinal(found[2]), found[3] or "", found.end())
    for name, pattern in _FORMS:
        if found := pattern.match(folded):
            high = name in ("part", "chapter", "section")
            if high and (len(text) > LONGEST_HEADING or re.search("[。;]", folded[found.end() : -1])):
                break
            return Line(block, text, name, ordinal(found[1]), found[2], found.end())
    return Line(block, text)


def without_contents(lines: list[Line]) -> list[Line]:
    """Without a table of contents: headings down to the point where the first chapter comes a second time."""
    for form in ("part", "chapter", "numeral"):
        firsts = [index for index, line in enumerate(lines) if line.form == form and line.number == 1]
        if len(firsts) < 2 or (form == "numeral" and any(line.form in ("chapter", "part") for line in lines)):
            continue
        listed = lines[firsts[0] : firsts[1]]
        plain = sum(not line.form or len(line.text) > LONGEST_HEADING for line in listed)
        same = _said(lines[firsts[0]].text) == _said(lines[firsts[1]].text)
        if same and plain * 4 <= len(listed):
            return lines[: firsts[0]] + lines[firsts[1] :]
    return lines


def _bare_chapters(lines: Sequence[Line]) -> bool:
    """Whether most chapters are not divided into sections."""
    divided: list[bool] = []
    for line in lines:
        if line.form == "chapter":
            divided.append(False)
        elif divided and line.number == 1 and line.form in ("section", "numeral", "bracket"):
            divided[-1] = True
    return sum(divided) * 2 < len(divided)


def _said(heading: str) -> str:
    """A heading's first words, without the page that a table of contents adds."""
    return re.sub(r"[\s.…·—-]*\d*$", "", heading)[:12]


def top_form(lines: Sequence[Line]) -> str:
    """The form of chapters: the highest that runs 1, 2, …; parts where chapters begin anew, or have no sections.

    A chapter that is not divided is what is cited, as the second level below its part.
    """
    count = {form: [line.number for line in lines if line.form == form] for form in RANK}
    if len(count["part"]) > 1 and (count["chapter"].count(1) > 1 or not count["chapter"] or _bare_chapters(lines)):
        return "part"
    if count["chapter"]:
        return "chapter"
    if count["section"] and count["section"].count(1) == 1:
        return "section"
    if count["numeral"].count(1) >= 1 and 2 in count["numeral"]:
        return "numeral"
    return ""
