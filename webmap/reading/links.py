"""Addresses of the pages that a document's names, clauses and figures lead to."""

from __future__ import annotations

from layers.edition.inventory import Inventory
from webmap.reading.rows import Rows
from webmap.serving.addresses import with_query


class PageLinks:
    """Addresses in one language.

    Args:
        inventory: The edition's look-ups.
        lang: Of the pages.
        base: What stands before them: ``https://maps.example``.
    """

    def __init__(self, inventory: Inventory, lang: str, base: str) -> None:
        self._rows = Rows(inventory, lang, base)
        self.base = base

    def clause(self, cite: str) -> str:
        """Of the clause of a citation."""
        return str(self._rows.cite(cite)["url"])

    def feature(self, feature: str) -> str:
        """Of a feature by its id."""
        return self._rows.url("feature", feature)

    def place(self, place: str) -> str:
        """Of a zone or township by its id."""
        level, _slash, slug = place.partition("/")
        return self._rows.url(level, slug)

    def claim(self, claim: str) -> str:
        """Of a checked figure by its id."""
        return self._rows.url("claims", anchor=f"claim-{claim}")

    def view(self, view: str) -> str:
        """Of the map with a view."""
        return with_query(f"{self.base}/", view=view, lang=self._rows.asked)
