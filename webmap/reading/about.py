"""What the about page and a stand-alone file say about the data, as plain values for their templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers import words
from layers.edition.provenance import bases, full_title, sources
from layers.edition.store import Store, feature_rows, plain
from layers.model.tables import split
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.messages import text


def about_values(store: Store, lang: str, base: str) -> dict[str, Any]:
    """Values for about.html."""
    # Of layers that pages do not list it is said how many features they have, not how exact each is.
    rows = [cells for _layer, cells in feature_rows(store, without=store.unlisted)]
    count = len(rows) + sum(look.count for look in store.unlisted.values())
    located = [cells for cells in rows if not plain(cells.get("no_geometry"))]
    plan = store.plan
    note = words.said(plan, lang, "indicators_note")
    return {
        "bases": bases(store, located, lang),
        "located_count": len(located),
        "assumed": [_noted(store, cells, lang, "note") for cells in rows if bool(plain(cells.get("assumed")))],
        "missing": [_noted(store, cells, lang, "no_geometry") for cells in rows if plain(cells.get("no_geometry"))],
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
            (text(lang, "about.layer_count"), f"{len(store.layers)} / {count} / {len(store.indicator_ids)}"),
            *([(text(lang, "about.indicators_note"), note)] if note else []),
        ],
        "edition": store.hash,
        "openapi": f"{base}/api/openapi.json",
        "publication": with_query(f"{base}/publication", lang=asked_for(lang)),
    }


def _noted(store: Store, cells: Mapping[str, Any], lang: str, field: str) -> dict[str, Any]:
    record = {key: plain(cells.get(key)) or "" for key in ("id", "name", "name_en", field, f"{field}_en")}
    return {
        "name": words.name(record, lang),
        "note": words.said(record, lang, field),
        "cites": [store.notation.label(cite, lang) for cite in split(cells.get("cites"))],
    }
