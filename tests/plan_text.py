"""The plan's own text, cut into clauses, for tests: names and figures in the data must stand where they are cited.

The text is not part of the project; it lies beside the checkout, and tests skip without it.
"""

import re
from collections import defaultdict
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
PLAN_TEXT = SHARED / "plan" / "xiaoshan-14fyp.txt"
FACTS = SHARED / "facts"
REFERENCE = SHARED / "reference"

_NUMERALS = {numeral: number for number, numeral in enumerate("一二三四五六七八九十", start=1)}
_CHAPTER = re.compile(r"第([一二三四五六七八九十]+)章 ")
_SECTION = re.compile(r"第([一二三四五六七八九十])节 ")
_BOX = re.compile(r"(专栏\d+):")
_TABLE = re.compile(r"(表\d) ")
_ITEM = re.compile(r"(\d+)\.")
_ROW = re.compile(r"(?:[^|]+ \| )?(\d+) \| ")


def number(numeral: str) -> int:
    """A Chinese numeral up to nineteen: 十四 is 14."""
    if len(numeral) == 2:
        return 10 + _NUMERALS[numeral[1]]
    return _NUMERALS[numeral]


def plain(text: str) -> str:
    """Text without spaces and punctuation, so that 沪杭甬高速萧山段(抬升) and （抬升） are the same."""
    return re.sub(r"[\s()（）“”\"·、,，.。—-]", "", text)


def clauses(text: str) -> dict[str, str]:
    """The text of every section (7.1), item (7.1.3), box (专栏2), box item (专栏2-4) and table (表2).

    After 专栏7 and 专栏11 the items of the section go on: an item belongs to the box when it continues the box's
    numbers, else to the section.
    """
    found: dict[str, list[str]] = defaultdict(list)
    chapter = section = 0
    box = ""
    counts: dict[str, int] = defaultdict(int)
    here: list[str] = []
    for line in text.splitlines():
        if match := _CHAPTER.match(line):
            chapter, section, box, here = number(match[1]), 0, "", []
        elif match := _SECTION.match(line):
            section, box = number(match[1]), ""
            here = [f"{chapter}.{section}"]
        elif match := _BOX.match(line) or _TABLE.match(line):
            box = match[1]
            here = [box]
        elif match := _ITEM.match(line):
            of_section = f"{chapter}.{section}"
            if box and int(match[1]) == counts[box] + 1 and not box.startswith("表"):
                counts[box] += 1
                here = [box, f"{box}-{counts[box]}"]
            elif section and int(match[1]) == counts[of_section] + 1 and not box.startswith("表"):
                counts[of_section] += 1
                here, box = [of_section, f"{of_section}.{counts[of_section]}"], ""
        for clause in here:
            found[clause].append(line)
    return {clause: "\n".join(lines) for clause, lines in found.items()}


def outline(text: str) -> dict[str, int]:
    """The number of items of every section, box and table."""
    found = clauses(text)
    counts = {clause: 0 for clause in found if not re.search(r"\d\.\d+\.|-", clause)}
    for clause in found:
        head, dash, item = clause.rpartition("-") if "-" in clause else clause.rpartition(".")
        if dash and head in counts:
            counts[head] = max(counts[head], int(item))
    for table in (clause for clause in counts if clause.startswith("表")):
        rows = [int(match[1]) for line in found[table].splitlines() if (match := _ROW.match(line))]
        counts[table] = len(set(rows))
    return counts


def table_2(text: str) -> dict[int, list[str]]:
    """The cells of 表2 by row number: name, unit, 2020, 2025, property; without stray spaces."""
    rows = {}
    for line in clauses(text)["表2"].splitlines():
        if match := _ROW.match(line):
            cells = [re.sub(r"\s+", "", cell) for cell in line[match.end() :].split("|")]
            rows[int(match[1])] = cells[:5]
    return rows


_MARKS = re.compile(r"[\s()（）“”\"·—-]")
_EDITORS = re.compile(r"（[^（）]*部分）|轴线$")


def names(clause: str, name: str, longer: tuple[str, ...] = ()) -> bool:
    """Whether a clause names a thing, also as a plan shortens names in lists: 地铁5、7号线 names 地铁7号线.

    Args:
        clause: The clause's text.
        name: The name; what editors add to it (（中部部分）, 轴线) is left out.
        longer: Other things' names that hold this one: what only stands inside them is not named.

    Example:
        >>> names("打造钱塘江、浦阳江等生态走廊。", "浦阳江生态走廊")
        True
        >>> names("建成地铁6号线二期。", "地铁6号线", ("地铁6号线二期",))
        False
    """
    text = _MARKS.sub("", clause)
    for other in sorted(longer, key=len, reverse=True):
        text = text.replace(_MARKS.sub("", other), "■")
    bare = re.sub("[、,]", "", _MARKS.sub("", _EDITORS.sub("", name)))
    if bare in re.sub("[、,]", "", text):
        return True
    item = "[^。;；,，:：■]"
    for cut in range(1, len(bare)):
        head, tail = re.escape(bare[:cut]), re.escape(bare[cut:])
        # head、…等 tail: the head stands in a list, and what all have in common after it.
        if min(cut, len(bare) - cut) >= 2 and re.search(rf"{head}(?:、{item}*?)?(?:等|和|、){item}*?{tail}", text):
            return True
        for second in range(cut + 1, len(bare)):
            middle, end = re.escape(bare[cut:second]), re.escape(bare[second:])
            if cut >= 2 and re.search(rf"{head}{item}{{0,6}}、{middle}(?:、{item}{{0,6}})?{end}", text):
                return True
    return False
