"""Townships and the district's own names, from the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from layers.document.blocks import fold
from layers.document.clauses import Text
from layers.document.lexicon import table
from layers.document.listing import after_cut
from layers.document.structure import UNIT

MOST = 400
"""Stems that names are looked through for; no district has as many townships."""


def townships(text: Text) -> dict[str, tuple[str, int]]:
    """The townships that lists of the text name, each with its clause and offset.

    A list has two at least, 、 or 和 between; a name has one to four characters before 街道, 镇 or 乡.
    """
    found: dict[str, tuple[str, int]] = {}
    counts: dict[str, int] = {}
    whole = set(table("names")["reject"]["whole"].split())
    pattern = re.compile(
        rf"(?:(?<=[、,:;。(和及由括盖含持进])|^)({UNIT[:-1]}))(?=(?:的?(?:部分|[东南西北中]部))?(?:[、,。;:)和及与以等组构]|$))",
        re.MULTILINE,
    )
    for clause in text.clauses:
        for one in pattern.finditer(clause.folded):
            name = one[1]
            if _ordinary(name):
                continue
            name = after_cut(name)
            if (
                name in whole
                or not 2 <= len(name) <= 6
                or not re.search("..(?:街道|镇|乡|苏木)$|.[镇乡]$", name)
                or name.endswith("小镇")
                or _ordinary(name)
            ):
                continue
            counts[name] = counts.get(name, 0) + 1
            found.setdefault(name, (clause.id, clause.start + one.end(1) - len(name)))
    return found


def _ordinary(name: str) -> bool:
    """Whether a name's own part is general words that no township is called by."""
    stem = re.sub("(?:街道|镇|乡|苏木)$", "", name)
    return (
        bool(
            re.search(
                "各|区|县|市|省|级|型|试点|示范|中心|特色|重点|和|及|与|个|名|强|数字|美丽|卫生|健康|文明|全|每|[立强兴富活美古]$|城$",
                stem,
            )
        )
        or not stem
    )


def known_words(names: Iterable[str]) -> frozenset[str]:
    """Stems of townships: 青禾 of 青禾镇; two characters at least."""
    stems = (re.sub("(?:街道|镇|乡|苏木|农场)$", "", name) for name in names)
    return frozenset([stem for stem in stems if len(stem) >= 2][:MOST])


def district_words(text: Text) -> Iterator[str]:
    """The names in the plan's title: 某省, 某市, 某区, without their last character too."""
    title = fold(text.title + text.whole[: text.clauses[0].start] if text.clauses else text.title)[:200]
    for found in re.finditer(
        r"(?:^|[\s(])?([\u4e00-\u9fff]{2,4}?)(省|市|自治州|自治区|盟|区|县|新区|旗)(?=[\u4e00-\u9fff)])", title
    ):
        if "五年" not in found[1]:
            yield found[1]
