"""What the start page says, as plain values for its template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from layers import words
from layers.drawing.sketch import Sketch, sketch
from layers.edition import observations
from layers.edition.inventory import inventory
from layers.edition.store import Store, plain
from webmap.reading.downloads import offers
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.messages import text

MOST_INDICATORS, MOST_A_DOMAIN = 8, 2
"""Indicators shown on the start page, in all and of one domain."""


def start_values(
    store: Store, lang: str, base: str, seen: str = "", scans: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Values for start.html.

    Args:
        store: The edition.
        lang: Language of the page.
        base: What stands before our addresses.
        seen: The box that the map showed, or "".
        scans: Records of the scanned maps that are there.
    """
    asked = asked_for(lang)
    views = [
        {
            "id": view["id"],
            "name": words.name(view, lang),
            "url": with_query(f"{base}/", view=view["id"], lang=asked),
            "embed": with_query(f"{base}/embed/{view['id']}", lang=asked),
            "file": with_query(f"{base}/standalone/{view['id']}.html", lang=asked),
            "count": len(view["layers"]),
            "sketch": _sketch(store, view["id"]),
        }
        for view in store.views.values()
    ]
    first = store.views[store.default_view]
    stated = [item for item in observations.indicators(store) if item["origin"] == "stated"]
    hero, *others = sorted(views, key=lambda view: view["id"] != first["id"])
    return {
        "hero": {**hero, "sketch": _sketch(store, first["id"], 960, 760, 1.25)},
        "views": others,
        "stories": [
            {
                "name": words.name(story, lang),
                "summary": words.said(story, lang, "summary"),
                "count": text(lang, "story.count", count=len(story["steps"])),
                "url": with_query(f"{base}/story/{name}", lang=asked),
            }
            for name, story in store.stories.items()
        ],
        "facts": _facts(store, lang, len(stated)),
        "indicators": [_headline(item, lang) for item in _chosen(stated)],
        "indicator_count": len(stated),
        "indicators_note": words.said(store.plan, lang, "indicators_note"),
        "indicators_url": with_query(f"{base}/", lang=asked) + "#panel=district",
        **offers(store, base, lang, seen, scans),
        "documents_url": with_query(f"{base}/documents", lang=asked),
        "qgis_url": f"{base}/download/all.gpkg",
        "services_url": with_query(f"{base}/ogc", f="html", lang=asked),
        "base_year": store.plan.get("base_year", ""),
        "target_year": store.plan.get("target_year", ""),
        "edition": store.hash,
    }


def _sketch(store: Store, view: str, width: int = 640, height: int = 440, scale: float = 1.0) -> Sketch:
    return sketch(store, store.views[view], width, height, scale)


def _facts(store: Store, lang: str, indicators: int) -> list[dict[str, str]]:
    known = inventory(store)
    planned = [
        entry for entry in known.entries.values() if known.is_planned(entry) and not bool(entry.cells.get("context"))
    ]
    facts = _area(store, lang)
    for level, key in (("zone", "zones"), ("township", "townships")):
        if known.many_places(level):
            facts.append(_fact(lang, key, known.many_places(level), "count_unit"))
    located = words.number(sum(entry.located for entry in planned))
    facts.append(_fact(lang, "features", len(planned), "count_unit", text(lang, "fact.located", count=located)))
    facts.append(_fact(lang, "layers", len(store.layers), "count_unit"))
    if indicators:
        facts.append(_fact(lang, "indicators", indicators, "item_unit"))
    return facts


def _fact(lang: str, key: str, value: float, unit: str, note: str = "") -> dict[str, str]:
    shown = text(lang, f"fact.{key}"), words.number(value), text(lang, f"fact.{unit}")
    return dict(zip(("label", "value", "unit"), shown, strict=True)) | {"note": note}


def _area(store: Store, lang: str) -> list[dict[str, str]]:
    """The official area with who gives it and what the map measures; without it, the measured one, called so."""
    cells = store.row("district")[1] if "district" in store.index else {}
    measured, district = plain(cells.get("area_km2")), store.plan.get("district", {})
    official = district.get("official_area_km2")
    if official is None:
        return [] if measured is None else [_fact(lang, "area_measured", round(float(measured)), "area_unit")]
    source = words.said(district, lang, "official_area_source")
    notes = [
        text(lang, "fact.area_source", source=_source_title(store, source, lang)) if source else "",
        "" if measured is None else text(lang, "fact.area_differs", value=words.number(float(measured), 0)),
        words.said(district, lang, "official_area_note"),
    ]
    note = ("" if lang == "zh" else " ").join(
        text(lang, "fact.sentence", words=words.rstrip("。.")) for words in notes if words
    )
    return [_fact(lang, "area", float(official), "area_unit", note)]


def _source_title(store: Store, source: str, lang: str) -> str:
    """A source's title when it is one of the plan's sources, else what is written."""
    return words.name(store.sources[source], lang, "title") if source in store.sources else source


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
    return {
        "name": words.name(item, lang),
        "domain": words.name(item, lang, "domain"),
        "unit": words.unit(item, lang),
        "property": text(lang, f"property.{item['property']}") if item["property"] else "",
        "baseline": words.stated(item["baseline"], lang),
        "target": words.stated(item["target"], lang),
        "baseline_year": item["baseline"]["year"],
        "target_year": item["target"]["year"],
        "baseline_bar": round(abs(low) / longest * 100, 1),
        "target_bar": round(abs(high) / longest * 100, 1),
    }
