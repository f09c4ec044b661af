"""Where names stand in a text: the longest at each place, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable

from layers.document.blocks import fold
from layers.document.clauses import Text
from layers.document.found import Span


def mentions(text: Text, names: Iterable[str]) -> dict[str, list[Span]]:
    r"""Every place of names in a plan's text, in order; where one name holds another, the longer.

    Args:
        text: The plan.
        names: As written; brackets and digits may be of either width.

    Example:
        >>> from layers.document.clauses import blocks_of_text, clauses
        >>> text = clauses(blocks_of_text("一、路网\n建成云山路隧道、云山路。\n二、保障"))
        >>> found = mentions(text, ["云山路", "云山路隧道"])
        >>> {name: [text.whole[span.start : span.end] for span in spans] for name, spans in found.items()}
        {'云山路隧道': ['云山路隧道'], '云山路': ['云山路']}
    """
    by_head: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        folded = fold(name)
        if len(folded) >= 2:
            by_head.setdefault(folded[:2], []).append((folded, name))
    for entries in by_head.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    found: dict[str, list[Span]] = {}
    if not by_head:
        return found
    seconds: dict[str, set[str]] = {}
    for head in by_head:
        seconds.setdefault(head[0], set()).add(head[1])
    classes = (f"{re.escape(one)}[{re.escape(''.join(sorted(rest)))}]" for one, rest in sorted(seconds.items()))
    heads = re.compile("|".join(classes))
    for clause in text.clauses:
        folded = clause.folded
        place = 0
        while hit := heads.search(folded, place):
            place = hit.start()
            for compared, name in by_head.get(folded[place : place + 2], ()):
                if folded.startswith(compared, place):
                    span = Span(clause.id, clause.start + place, clause.start + place + len(compared))
                    found.setdefault(name, []).append(span)
                    place += len(compared) - 1
                    break
            place += 1
    return found
