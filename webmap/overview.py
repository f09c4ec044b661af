"""What the start page and the about page say, as plain values for their templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from webmap.messages import text
from webmap.payloads import feature_rows, indicators_payload
from webmap.sketch import Sketch, sketch
from webmap.store import Store, plain, split
from webmap.urls import asked_for, with_query

MOST_INDICATORS, MOST_A_DOMAIN = 8, 2
"""Indicators shown on the start page, in all and of one domain."""


def localized(record: Mapping[str, Any], lang: str, field: str = "name") -> str:
    """A record's name in the language; the Chinese one when it has no English one.

    Example:
        >>> localized({"name": "湘湖", "name_en": ""}, "en")
        '湘湖'
    """
    return str((record.get(f"{field}_en") if lang == "en" else "") or record.get(field) or record.get("id", ""))


def number(value: float | int | None, decimals: int | None = None) -> str:
    """A number for people: thousands separated, no needless zeros; empty for None.

    Example:
        >>> number(1828.470), number(2600.0), number(None)
        ('1,828.47', '2,600', '')
    """
    if value is None:
        return ""
    shown = f"{value:,.{4 if decimals is None else decimals}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def start_values(store: Store, lang: str, base: str, here: str) -> dict[str, Any]:
    """Values for start.html.

    Args:
        store: The edition.
        lang: Language of the page.
        base: What stands before our addresses.
        here: Scheme and host, for the address that QGIS is given.
    """
    asked = asked_for(lang)
    views = [
        {
            "id": view["id"],
            "name": localized(view, lang),
            "url": with_query(f"{base}/", view=view["id"], lang=asked),
            "embed": with_query(f"{base}/embed/{view['id']}", lang=asked),
            "file": with_query(f"{base}/standalone/{view['id']}.html", lang=asked),
            "count": len(view["layers"]),
            "sketch": _sketch(store, view["id"]),
        }
        for view in store.views.values()
    ]
    first = store.views[store.default_view]
    payload = indicators_payload(store)
    stated = [item for item in payload["indicators"] if item["origin"] == "stated"]
    hero, *others = sorted(views, key=lambda view: view["id"] != first["id"])
    return {
        "hero": {**hero, "sketch": _sketch(store, first["id"], 960, 760, 1.25)},
        "views": others,
        "facts": _facts(store, lang, len(stated)),
        "indicators": [_headline(item, lang) for item in _chosen(stated)],
        "indicator_count": len(stated),
        "indicators_url": _indicators_url(store, base, asked),
        "downloads": _downloads(base, lang),
        "layer_downloads": _layer_downloads(store, base, lang),
        "qgis_url": f"{here}{base}/download/all.gpkg",
        "base_year": store.plan.get("base_year", ""),
        "target_year": store.plan.get("target_year", ""),
        "edition": store.hash,
    }


_SKETCHES: WeakKeyDictionary[Store, dict[tuple[object, ...], Sketch]] = WeakKeyDictionary()


def _sketch(store: Store, view: str, width: int = 640, height: int = 440, scale: float = 1.0) -> Sketch:
    """A view's drawing, made once: the page is made for each host that it is asked by."""
    drawn = _SKETCHES.setdefault(store, {})
    key = (view, width, height, scale)
    if key not in drawn:
        drawn[key] = sketch(store, store.views[view], width, height, scale)
    return drawn[key]


def _indicators_url(store: Store, base: str, asked: str | None) -> str:
    view = next((view["id"] for view in store.views.values() if view["indicator"]), store.default_view)
    return with_query(f"{base}/", view=view, lang=asked)


def _facts(store: Store, lang: str, indicators: int) -> list[dict[str, str]]:
    area = None
    if "district" in store.index:
        area = plain(store.row("district")[1].get("area_km2"))
    kinds = [str(cells.get("kind")) for _layer, cells in feature_rows(store)]
    facts = []
    if area is not None:
        facts.append(("area", number(float(area), 0), "area_unit"))
    for kind, key in (("zone", "zones"), ("township", "townships")):
        if kinds.count(kind):
            facts.append((key, number(kinds.count(kind)), "count_unit"))
    facts.append(("features", number(len(kinds)), "count_unit"))
    facts.append(("layers", number(len(store.layers)), "count_unit"))
    if indicators:
        facts.append(("indicators", number(indicators), "item_unit"))
    return [
        {"label": text(lang, f"fact.{key}"), "value": value, "unit": text(lang, f"fact.{unit}")}
        for key, value, unit in facts
    ]


def _chosen(stated: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first indicators of each domain that have a number at both ends."""
    chosen: dict[str, list[Mapping[str, Any]]] = {}
    for item in stated:
        ends = (item["baseline"], item["target"])
        if all(end is not None and end["value"] is not None for end in ends):
            chosen.setdefault(item["domain"], []).append(item)
    return [item for items in chosen.values() for item in items[:MOST_A_DOMAIN]][:MOST_INDICATORS]


def _headline(item: Mapping[str, Any], lang: str) -> dict[str, Any]:
    low, high = float(item["baseline"]["value"]), float(item["target"]["value"])
    longest = max(abs(low), abs(high)) or 1.0
    sign = item["target"]["comparator"]
    return {
        "name": localized(item, lang),
        "domain": localized(item, lang, "domain"),
        "unit": localized(item, lang, "unit") if item["unit"] else "",
        "property": text(lang, f"property.{item['property']}") if item["property"] else "",
        "baseline": number(low),
        "target": f"{sign}{number(high)}",
        "baseline_year": item["baseline"]["year"],
        "target_year": item["target"]["year"],
        "cites": "、".join(item["cites"]) if lang == "zh" else ", ".join(item["cites"]),
        "baseline_bar": round(abs(low) / longest * 100, 1),
        "target_bar": round(abs(high) / longest * 100, 1),
    }


def _downloads(base: str, lang: str) -> list[dict[str, str]]:
    names = (("all.gpkg", "gpkg"), ("all.geojson", "geojson"), ("all.csv", "csv"), ("indicators.csv", "indicators"))
    return [{"url": f"{base}/download/{file}", "label": text(lang, f"download.{key}")} for file, key in names]


def _layer_downloads(store: Store, base: str, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "name": localized(record, lang),
            "count": len(store.frame(layer)),
            "files": [{"format": fmt, "url": f"{base}/download/{layer}.{fmt}"} for fmt in ("gpkg", "geojson", "csv")],
        }
        for layer, record in store.layers.items()
    ]


def about_values(store: Store, lang: str, base: str) -> dict[str, Any]:
    """Values for about.html."""
    rows = [cells for _layer, cells in feature_rows(store)]
    located = [cells for cells in rows if not plain(cells.get("no_geometry"))]
    plan = store.plan
    return {
        "bases": _bases(store, located, lang),
        "located_count": len(located),
        "assumed": [_noted(cells, lang, "note") for cells in rows if bool(plain(cells.get("assumed")))],
        "missing": [_noted(cells, lang, "no_geometry") for cells in rows if plain(cells.get("no_geometry"))],
        "sources": [
            {
                "title": localized(source, lang, "title") or name,
                "licence": localized(source, lang, "licence") if source.get("licence") else "",
                "attribution": localized(source, lang, "attribution") if source.get("attribution") else "",
                "note": localized(source, lang, "note") if source.get("note") else "",
            }
            for name, source in store.sources.items()
        ],
        "facts": [
            (text(lang, "about.plan"), localized(plan, lang, "title")),
            (
                text(lang, "about.district"),
                " ".join(
                    part
                    for part in (localized(plan.get("district", {}), lang), plan.get("district", {}).get("code", ""))
                    if part
                ),
            ),
            (text(lang, "about.period"), str(plan.get("period", ""))),
            (text(lang, "about.years"), f"{plan.get('base_year', '')} / {plan.get('target_year', '')}"),
            (text(lang, "about.as_of"), str(plan.get("as_of", ""))),
            (text(lang, "about.layer_count"), f"{len(store.layers)} / {len(rows)} / {len(store.indicator_ids)}"),
        ],
        "edition": store.hash,
        "openapi": f"{base}/api/openapi.json",
    }


def _bases(store: Store, rows: list[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    table = []
    for basis, record in store.bases.items():
        found = [cells for cells in rows if cells.get("basis") == basis]
        accuracies = [float(value) for cells in found if (value := plain(cells.get("accuracy_m"))) is not None]
        table.append(
            {
                "name": localized(record, lang),
                "explain": localized(record, lang, "explain") if record.get("explain") else "",
                "count": len(found),
                "share": round(100 * len(found) / len(rows), 1) if rows else 0.0,
                "accuracy": _range(accuracies),
            }
        )
    return table


def _range(values: list[float]) -> str:
    if not values:
        return "–"
    low, high = number(min(values), 0), number(max(values), 0)
    return low if low == high else f"{low}–{high}"


def _noted(cells: Mapping[str, Any], lang: str, field: str) -> dict[str, Any]:
    record = {key: plain(cells.get(key)) or "" for key in ("id", "name", "name_en", field, f"{field}_en")}
    return {
        "name": localized(record, lang),
        "note": localized({**record, "id": ""}, lang, field),
        "cites": split(cells.get("cites")),
    }
