"""What the about page and a stand-alone file say about the data, as plain values for their templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers import words
from layers.edition.store import Store, plain, split
from layers.model.citations import label
from webmap.api.payloads import feature_rows
from webmap.reading.start import full_title
from webmap.serving.messages import text


def about_values(store: Store, lang: str, base: str) -> dict[str, Any]:
    """Values for about.html."""
    rows = [cells for _layer, cells in feature_rows(store)]
    located = [cells for cells in rows if not plain(cells.get("no_geometry"))]
    plan = store.plan
    note = words.said(plan, lang, "indicators_note")
    return {
        "bases": bases(store, located, lang),
        "located_count": len(located),
        "assumed": [_noted(cells, lang, "note") for cells in rows if bool(plain(cells.get("assumed")))],
        "missing": [_noted(cells, lang, "no_geometry") for cells in rows if plain(cells.get("no_geometry"))],
        "sources": sources(store, lang),
        "facts": [
            (text(lang, "about.plan"), full_title(plan, lang)),
            (
                text(lang, "about.district"),
                " ".join(
                    part
                    for part in (words.name(plan.get("district", {}), lang), plan.get("district", {}).get("code", ""))
                    if part
                ),
            ),
            (text(lang, "about.period"), str(plan.get("period", ""))),
            (text(lang, "about.years"), f"{plan.get('base_year', '')} / {plan.get('target_year', '')}"),
            (text(lang, "about.as_of"), str(plan.get("as_of", ""))),
            (text(lang, "about.layer_count"), f"{len(store.layers)} / {len(rows)} / {len(store.indicator_ids)}"),
            *([(text(lang, "about.indicators_note"), note)] if note else []),
        ],
        "edition": store.hash,
        "openapi": f"{base}/api/openapi.json",
    }


def file_values(store: Store, lang: str) -> dict[str, Any]:
    """What a stand-alone file says about itself: plan, edition, sources, and how sure positions are."""
    located = [cells for _layer, cells in feature_rows(store) if not plain(cells.get("no_geometry"))]
    return {
        "full_title": full_title(store.plan, lang),
        "indicators_note": words.said(store.plan, lang, "indicators_note"),
        "bases": [row for row in bases(store, located, lang) if row["count"]],
        "sources": sources(store, lang),
        "edition": store.hash,
    }


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


def _noted(cells: Mapping[str, Any], lang: str, field: str) -> dict[str, Any]:
    record = {key: plain(cells.get(key)) or "" for key in ("id", "name", "name_en", field, f"{field}_en")}
    return {
        "name": words.name(record, lang),
        "note": words.said(record, lang, field),
        "cites": [label(cite, lang) for cite in split(cells.get("cites"))],
    }
