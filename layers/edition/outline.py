"""The plan's outline as the pages browse it: chapters, their sections and boxes, in the order of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from layers.model.citations import STANDARD, Citation, Notation
from layers.model.errors import LayersError


@dataclass(frozen=True, slots=True)
class Clause:
    """A section, a box or a table of the plan.

    Attributes:
        key: As citations write it: ``7.1``, ``专栏2``, ``表2``.
        chapter: Number of the chapter that it stands in.
        is_section: A section of the running text, not a box or table.
    """

    key: str
    chapter: int
    is_section: bool


class Outline:
    """Chapters and clauses of one plan.

    Args:
        outline: ``{clause: number of items}`` in the plan's order; a box stands in the chapter of the section before.
        cites: All citations there are, so that a section that the outline leaves out can still be looked up.
        notation: How the plan numbers its clauses.
    """

    def __init__(self, outline: Mapping[str, int], cites: Iterable[str] = (), notation: Notation = STANDARD) -> None:
        self.notation = notation
        self.clauses: dict[str, Clause] = {}
        chapter = 1
        for key in outline:
            number = _chapter_number(key)
            chapter = number or chapter
            self.clauses[key] = Clause(key, chapter, number is not None)
        for cite in cites:
            found = self._read(cite)
            if found is not None and found.clause not in self.clauses and (number := _chapter_number(found.clause)):
                self.clauses[found.clause] = Clause(found.clause, number, is_section=True)
        self._places = {key: place for place, key in enumerate(self.clauses)}

    def _read(self, cite: str) -> Citation | None:
        return read(cite, self.notation)

    @property
    def chapters(self) -> list[int]:
        """Numbers of the chapters, ascending."""
        return sorted({clause.chapter for clause in self.clauses.values()})

    @property
    def boxes(self) -> list[str]:
        """Keys of the boxes and tables, in the plan's order."""
        return [clause.key for clause in self.clauses.values() if not clause.is_section]

    def of_chapter(self, chapter: int) -> list[Clause]:
        """The clauses of a chapter, in the plan's order."""
        return [clause for clause in self.clauses.values() if clause.chapter == chapter]

    def clause_of(self, cite: str) -> Clause | None:
        """The clause that a citation points into; None when the plan has none such."""
        found = self._read(cite)
        return None if found is None else self.clauses.get(found.clause)

    def order(self, cite: str) -> tuple[int, int]:
        """Where a citation stands in the plan; unknown ones last."""
        found = self._read(cite)
        if found is None or found.clause not in self._places:
            return len(self._places), 0
        return self._places[found.clause], found.item or 0


def read(cite: str, notation: Notation = STANDARD) -> Citation | None:
    """A citation, or None when it is not in the notation.

    Example:
        >>> read("7.1.3").clause, read("somewhere")
        ('7.1', None)
    """
    try:
        return notation.parse(cite)
    except LayersError:
        return None


def _chapter_number(key: str) -> int | None:
    head, dot, _rest = key.partition(".")
    return int(head) if dot and head.isdecimal() else None
