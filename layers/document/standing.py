"""In which township or zone a thing stands, as far as the sentence says that names it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from layers.document.clauses import Text
from layers.document.found import Finding, Span

_STOPS = re.compile("[。;\\n]")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where townships and zones are spoken of.

    Attributes:
        townships: Offsets of the places that name a township, with its name, in order.
        zones: Begin and end of the paragraph that says what a zone holds, with the zone's name, in order.
    """

    townships: tuple[tuple[int, str], ...]
    zones: tuple[tuple[int, int, str], ...]


def ground(text: Text, townships: Mapping[str, Iterable[Span]], zones: Iterable[Finding]) -> Ground:
    """What `standing` asks.

    Args:
        text: The plan.
        townships: Places of each township's name.
        zones: Findings with members.
    """
    named = sorted((span.start, name) for name, spans in townships.items() for span in spans)
    held = []
    for zone in zones:
        begin = text.whole.rfind("\n", 0, zone.start) + 1
        end = text.whole.find("\n", zone.start)
        held.append((begin, end if end >= 0 else len(text.whole), zone.name))
    shared = {begin for begin, _, _ in held if sum(other == begin for other, _, _ in held) > 1}
    return Ground(tuple(named), tuple(sorted(one for one in held if one[0] not in shared)))


def standing(text: Text, spans: Iterable[Span], known: Ground) -> dict[str, str]:
    """The township that is the only one in a sentence that names the thing, and the zone whose paragraph does.

    Nothing where sentences disagree.

    Returns:
        ``township`` and ``zone``, names, each only where it is said.
    """
    townships: set[str] = set()
    zones: set[str] = set()
    for span in spans:
        townships |= _township(text, span, known)
        zones |= {name for begin, end, name in known.zones if begin <= span.start < end}
    found = {}
    if len(townships) == 1:
        found["township"] = townships.pop()
    if len(zones) == 1:
        found["zone"] = zones.pop()
    return found


def _township(text: Text, span: Span, known: Ground) -> set[str]:
    """The townships of a sentence, where it names one only."""
    clause = text.by_id.get(span.clause)
    if clause is None:
        return set()
    words, place = clause.folded, span.start - clause.start
    begin = max((found.end() for found in _STOPS.finditer(words, 0, place)), default=0)
    stop = _STOPS.search(words, place)
    end = stop.start() if stop else len(words)
    if words[begin:end].count(" | "):
        return set()
    title = re.match("——?([^。:,]{2,10})[。:,]", words[words.rfind("\n", 0, place) + 1 :])
    first = bisect_right(known.townships, (clause.start + begin - 1, "\uffff"))
    named: set[str] = set()
    while first < len(known.townships) and known.townships[first][0] < clause.start + end:
        at, name = known.townships[first]
        if not span.start <= at < span.end:
            named.add(name)
        first += 1
    if title and any(name == title[1] for _, name in known.townships):
        return {title[1]}
    return named if len(named) == 1 else set()
