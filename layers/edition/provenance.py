"""Where an edition's data come from and how far its positions can be trusted, in a reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers import words
from layers.edition.store import Store, plain
from layers.model.errors import word


def sources(store: Store, lang: str) -> list[dict[str, str]]:
    """The plan's sources with their terms."""
    return [
        {"title": words.said(source, lang, "title") or name}
        | {field: words.said(source, lang, field) for field in ("licence", "attribution", "note")}
        for name, source in store.sources.items()
    ]


def bases(store: Store, rows: list[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    """How many features lie on each basis, and how accurate they are.

    Args:
        store: The edition.
        rows: Cells of the features that have a shape.
        lang: Language of the words.
    """
    table = []
    for basis, record in store.bases.items():
        found = [cells for cells in rows if cells.get("basis") == basis]
        accuracies = [float(value) for cells in found if (value := plain(cells.get("accuracy_m"))) is not None]
        table.append(
            {
                "name": words.name(record, lang),
                "explain": words.said(record, lang, "explain"),
                "count": len(found),
                "share": round(100 * len(found) / len(rows), 1) if rows else 0.0,
                "accuracy": _range(accuracies),
            }
        )
    return table


def _range(values: list[float]) -> str:
    if not values:
        return "–"
    low, high = words.number(min(values), 0), words.number(max(values), 0)
    return low if low == high else f"{low}–{high}"


def full_title(plan: Mapping[str, Any], lang: str) -> str:
    """The plan's title with the note on its edition, unless the title has it.

    Example:
        >>> full_title({"title": "某区规划纲要", "edition_note": "2022 年更新"}, "zh")
        '某区规划纲要（2022 年更新）'
    """
    title, note = words.name(plan, lang, "title"), words.said(plan, lang, "edition_note")
    return word("plan.title_note", lang, title=title, note=note) if note and note not in title else title
