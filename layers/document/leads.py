"""Lead units: 牵头单位, 责任单位 of items, boxes and rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layers.document.clauses import Clause, Text
from layers.document.found import Finding, Span

LEAD = re.compile(
    r"[(\[]?\s*(?:牵头|责任|主要责任|实施|主管|主责)(?:单位|部门)\s*[:为]\s*([^()\[\]。;|\n]*(?:\([^()]*\)[^()\[\]。;|\n]*)*)[)\]]?"
)
"""What names the units; a bracket that is never closed ends with the line or the cell."""
_SPLIT = re.compile(r"[、,,;]|(?<=[局委办室部会区道镇乡团司院])(?:和|及|与)(?=\S{2,})")


def units(words: str) -> tuple[str, ...]:
    """The units of a list.

    Example:
        >>> units("区发改局、区经信局,区供电局")
        ('区发改局', '区经信局', '区供电局')
    """
    found = (re.sub(r"(?:等(?:部门|单位)?|按职责分工(?:负责)?)$", "", one.strip(" .")) for one in _SPLIT.split(words))
    return tuple(dict.fromkeys(one for one in found if one))


def leads(text: Text) -> Iterator[Finding]:
    """The lead units of each clause that names some; a clause that names them in several places has all of them."""
    for clause in text.clauses:
        found = list(LEAD.finditer(clause.folded))
        if not found:
            continue
        spans = tuple(Span(clause.id, clause.start + one.start(), clause.start + one.end()) for one in found)
        names: dict[str, None] = {}
        for one in found:
            names |= dict.fromkeys(units(clause.text[one.start(1) : one.end(1)]))
        yield Finding("lead", clause.id, clause.id, spans[0].start, spans[0].end, 0.97, {"units": tuple(names)}, spans)


def units_at(clause: Clause, offset: int) -> tuple[str, ...]:
    """The units of the row of a table that holds an offset; empty where it has none."""
    folded = clause.folded
    for table in clause.tables:
        rows = [start for start in table.starts if start <= offset]
        for start in reversed(rows):
            line = folded[start - clause.start :].split("\n", 1)[0]
            if found := LEAD.search(line):
                at = start - clause.start
                return units(clause.text[at + found.start(1) : at + found.end(1)])
    return ()
