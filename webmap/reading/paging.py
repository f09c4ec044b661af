"""Long pages in parts for small screens.

A page always holds every row: wide screens and paper show them all, and so does a browser that knows no style sheets.
On a small screen only the rows of the part asked for (``page``) are shown, with links to the others; a row that an
address points at (``#claim-roads``) is shown in any part. No script takes part in this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from webmap.serving.asking import Parameter, Wanted
from webmap.serving.problems import BadParameterError

Values = dict[str, Any]

MOST_PAGES = 999
PAGE = Parameter("page", "Part of a long list, for small screens", numbers=(1, MOST_PAGES), default="1", blank=True)
"""What every page with a long list takes."""

LINES = {"feature": 3, "indicator": 6, "target": 9, "listed": 9, "review": 13, "claim": 16}
"""How many lines of text a row of each kind takes on a screen 390 px wide, about."""

LINES_A_PAGE = 270
"""So many lines make a part: some eight screens of a phone."""


@dataclass(frozen=True)
class Block:
    """Rows of one kind that follow each other on a page.

    Attributes:
        kind: One of ``LINES``.
        rows: Their values; each gets ``part`` and ``off``: whether that is another one than asked for.
    """

    kind: str
    rows: list[Values]


def figures(found: Values) -> list[Block]:
    """The rows of a block of figures (``rows.Rows.figures``), in the order in which ``parts.figures`` shows them."""
    kinds = {"targets": "target", "indicators": "indicator", "reviews": "review", "claims": "claim"}
    return [Block(kind, found[name]) for name, kind in kinds.items()]


def grouped(groups: Iterable[Values]) -> list[Block]:
    """The rows of features by group and kind (``rows.Rows.by_kind``), in the order in which ``grouped`` shows them."""
    return [Block("feature", kind["rows"]) for group in groups for kind in group["kinds"]]


def cut(blocks: Iterable[Block], wanted: Wanted) -> Values:
    """Mark the rows that lie in another part than the one asked for.

    Args:
        blocks: All rows of the page, in the order in which it shows them.
        wanted: The request, ``page`` among its parameters.

    Returns:
        For the template: ``count`` of parts, ``here`` and ``links`` with ``number``, ``url`` and ``here`` of each.

    Raises:
        BadParameterError: There are not so many parts.
    """
    here, part, lines = int(wanted["page"]), 1, 0
    for block in blocks:
        for row in block.rows:
            if lines and lines + LINES[block.kind] > LINES_A_PAGE:
                part, lines = part + 1, 0
            lines += LINES[block.kind]
            row["part"], row["off"] = part, part != here
    if here > part:
        raise BadParameterError("error.bad_number", name="page", value=str(here), low=1, high=part)
    links = [
        {"number": number, "url": wanted.address(page="" if number == 1 else str(number)), "here": number == here}
        for number in range(1, part + 1)
    ]
    return {"count": part, "here": here, "links": links}
