"""Two editions compared, as the page and its map show it: plain values, words and addresses."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from layers import words
from layers.edition.compare import ADDED, KEPT, MOVED, REMOVED, WHATS, Difference
from layers.edition.compare_words import Line, how_many, lines, word
from layers.edition.store import Store
from layers.model.spreadsheet import safe_cell
from layers.model.tables import FIGURE_TABLES
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.messages import text

MOST = 500
"""Rows of a kind on the page; the CSV has all of them."""

_WHOLE = (ADDED, REMOVED, KEPT)
"""Changes of a whole record, without a field."""

Values = dict[str, Any]


def told(found: Difference, before: Store, after: Store, lang: str) -> list[Line]:
    """The difference in words."""
    return lines(found, before.edition, after.edition, lang)


def left_out(names: Iterable[str], before: Store, after: Store, lang: str) -> str:
    """What is said of layers that are not compared; "" where there are none."""
    each = [words.name((after if name in after.layers else before).layers[name], lang) for name in names]
    return text(lang, "compare.left_out", layers=each) if each else ""


def as_file(rows: bytes, names: Sequence[str], said: str) -> bytes:
    """The difference as CSV, with what is not compared in the last rows.

    Args:
        rows: The changes.
        names: Layers that are not compared.
        said: That in words, as one row; "": a row for each, its code and the layer.
    """
    if not names:
        return rows
    out = io.StringIO()
    last = [[safe_cell(said)]] if said else [["left_out", safe_cell(name)] for name in names]
    csv.writer(out, lineterminator="\r\n").writerows(last)
    return rows + out.getvalue().encode("utf-8", "replace")


def groups(found: Difference, told: list[Line], lang: str, roots: Mapping[str, str]) -> list[Values]:
    """The rows of each kind of change that there is; between two plans what goes on comes last."""
    counts = {**found.counts(), KEPT: 0 if found.one_plan else found.both}
    places = Counter(one.what for one in told)
    return [
        {
            "what": what,
            "name": word(what, lang),
            "explain": text(lang, f"compare.plans_{what}")
            if not found.one_plan and what in (ADDED, REMOVED, KEPT)
            else "",
            "count": how_many(counts[what], places[what], lang),
            "whole": what in _WHOLE,
            "rows": [_row(one, lang, roots) for one in told if one.what == what][:MOST],
        }
        for what in (*WHATS, KEPT)
        if counts[what]
    ]


def _row(one: Line, lang: str, roots: Mapping[str, str]) -> Values:
    is_feature = one.table not in FIGURE_TABLES
    side = "before" if one.what == REMOVED else "after"
    return {
        "id": one.id,
        "name": one.name,
        "url": page_of(roots[side], one.id, lang) if is_feature else "",
        "about": " · ".join(dict.fromkeys(part for part in (one.kind, one.layer) if part)),
        "matched": words.code("matched", one.matched, lang) if one.earlier_id else "",
        "field": one.field,
        "before": one.before or words.NONE,
        "after": one.after or words.NONE,
        "moved": _moved(one, lang),
        "on_map": is_feature,
    }


def _moved(one: Line, lang: str) -> str:
    if one.distance_m is None:
        return ""
    metres = one.distance_m
    if metres >= 1000:
        return text(lang, "compare.moved_km", km=words.number(metres / 1000, 1))
    return text(lang, "diff.moved_by", metres=words.number(metres, 0 if metres >= 10 else 1))


def page_of(root: str, feature: str, lang: str) -> str:
    """The address of a feature's page in an edition."""
    return with_query(f"{root}/feature/{quote(feature)}", lang=asked_for(lang))


# ---- the map


def map_values(told: list[Line], stores: Mapping[str, Store], roots: Mapping[str, str], lang: str) -> Values:
    """What the map of a comparison needs: of both editions the symbols and layers, and which features changed, how.

    Args:
        told: The difference in words.
        stores: Both editions, as ``before`` and ``after``.
        roots: What stands before the addresses of each.
        lang: Language of names.
    """
    changed = _changed(told, lang, roots)
    opening = {one["layer"] for one in changed}
    return {
        "lang": lang,
        "bounds": stores["after"].extent,
        "sides": {side: _side(store, roots[side], opening, lang) for side, store in stores.items()},
        "changed": changed,
        "words": {
            name: text(lang, f"compare.map_{name}")
            for name in ("zoom_in", "zoom_out", "layers", "page_before", "page_after")
        }
        | {name: text(lang, f"compare.{name}") for name in ("swipe", "before", "after")},
    }


def _side(store: Store, root: str, opening: set[str], lang: str) -> Values:
    shown = {*store.views[store.default_view]["layers"], *opening}
    drawn = [name for name in store.layers if store.geometry_type(name) != "none"]
    kinds = {str(kind) for name in drawn for kind in store.layers[name].get("kinds", ())}
    return {
        "kinds": [record for kind, record in store.kinds.items() if kind in kinds],
        "statuses": list(store.statuses.values()),
        "bases": list(store.bases.values()),
        "layers": [
            {
                "id": name,
                "name": words.name(store.layers[name], lang),
                "group": store.layers[name].get("group", ""),
                "kinds": list(store.layers[name].get("kinds", [])),
                "order": store.layers[name].get("order", 0),
                "geometry": store.geometry_type(name),
                "bounds": store.layer_bounds(name),
                "show": name in shown,
                "url": f"{root}/api/layers/{name}",
            }
            for name in drawn
        ],
    }


def _changed(told: list[Line], lang: str, roots: Mapping[str, str]) -> list[Values]:
    """Features that changed, each with what a reader is told of it."""
    found: dict[str, Values] = {}
    for one in told:
        if one.table in FIGURE_TABLES or one.what == KEPT:
            continue
        earlier = "" if one.what == ADDED else one.earlier_id or one.id
        later = "" if one.what == REMOVED else one.id
        ids = {"before": earlier, "after": later}
        entry = found.setdefault(
            f"{one.what == REMOVED} {one.id}",
            {
                **ids,
                "what": one.what,
                "name": one.name,
                "kind": one.kind,
                "layer": one.table,
                "pages": {side: page_of(roots[side], feature, lang) for side, feature in ids.items() if feature},
                "told": [],
            },
        )
        if one.what == MOVED:
            entry["what"] = MOVED
        change = f"{one.field}{'：' if lang == 'zh' else ': '}{one.before or words.NONE} → {one.after or words.NONE}"
        entry["told"].append(_moved(one, lang) or change if one.field else word(one.what, lang))
    return list(found.values())
