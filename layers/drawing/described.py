"""A map in words and numbers: what is on it, how many of each kind, and which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shapely.geometry.base import BaseGeometry

from layers import words
from layers.drawing.legend import visible
from layers.drawing.overlay import Overlay
from layers.drawing.picture import GROUND
from layers.drawing.plane import Plane
from layers.drawing.plate import Account
from layers.edition.store import Store
from layers.model.errors import word

MOST_KINDS = 6
"""So many kinds are named in a summary."""


def account(
    store: Store,
    view: Mapping[str, Any],
    seen: tuple[Plane, BaseGeometry],
    lang: str,
    overlay: Overlay | None = None,
    veiled: frozenset[str] = frozenset(),
) -> Account:
    """What a map says, as a summary and a table.

    Args:
        store: The edition.
        view: Its layers count.
        seen: The plane and the part of it that is on the sheet.
        lang: Of the words.
        overlay: An indicator's classes: then the table has its values.
        veiled: Features that step back and are not told.
    """
    if overlay is not None:
        heads = [word(f"sheet.table.{name}", lang) for name in ("place", "value", "class")]
        unit = overlay.heading if overlay.heading != overlay.title else ""
        heads[1] = f"{heads[1]} ({unit})" if unit else heads[1]
        return Account(overlay.summary, tuple(heads), overlay.rows)
    kinds: dict[str, list[str]] = {}
    for layer in sorted(view["layers"], key=lambda name: -float(store.layers[name].get("order", 0))):
        if store.layers[layer].get("group") == GROUND:
            continue
        for cells in visible(store, layer, seen, veiled):
            name = store.name_of(str(cells["id"]))[1 if lang == "en" else 0]
            kinds.setdefault(str(cells["kind"]), []).append(name)
    join = word("sheet.and", lang)
    rows = [
        (words.name(store.kinds[kind], lang), str(len(names)), join.join(dict.fromkeys(names)))
        for kind, names in kinds.items()
    ]
    counted = sorted(rows, key=lambda row: -int(row[1]))[:MOST_KINDS]
    told = join.join(word("sheet.of_kind", lang, name=name, count=count) for name, count, _names in counted)
    total = sum(len(names) for names in kinds.values())
    key = "sheet.summary_map" if rows else "sheet.summary_empty"
    summary = word(key, lang, count=total, kinds=len(rows), told=told)
    heads = [word(f"sheet.table.{name}", lang) for name in ("kind", "count", "names")]
    return Account(summary, tuple(heads), tuple(rows))
