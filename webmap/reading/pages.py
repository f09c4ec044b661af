"""What the reading pages say, as plain values for their templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layers import words
from layers.drawing.locator import locator
from layers.edition.filtering import FIELDS
from layers.edition.inventory import Entry, Figures
from layers.edition.store import plain
from layers.edition.wording import Wording, linked
from layers.model.tables import split
from webmap.reading import paging
from webmap.reading.listing import SORTS, Asked, choices, listed, value_name
from webmap.reading.rows import MET_SYMBOLS, Rows, Values, item_label, sources_of

MOST_NEIGHBOURS = 24
"""Features of the same clause listed at once on a feature's page."""


def feature_values(rows: Rows, entry: Entry) -> Values:
    """Values for feature.html: everything about one feature."""
    inventory = rows.inventory
    basis = rows.store.bases.get(entry.text("basis"), {})
    missing = words.said(entry.cells, rows.lang, "no_geometry")
    return {
        "row": rows.row(entry),
        "alt": _other_name(rows, entry),
        "aliases": split(entry.cells.get("aliases")),
        "zone_from": rows.t(f"browse.zone_{entry.text('zone_from')}") if entry.text("zone_from") else "",
        "basis_explain": words.said(basis, rows.lang, "explain") if entry.located else "",
        "missing": missing,
        "measure": _measure(rows, entry),
        "note": words.said(entry.cells, rows.lang, "note"),
        "assumed": bool(entry.cells.get("assumed")),
        "code": entry.text("code"),
        "sources": sources_of(entry, rows),
        "locator": locator(rows.store, entry),
        "map_url": rows.map_url(entry),
        "figures": rows.figures(inventory.figures_with(entry.id)),
        "neighbours": _neighbours(rows, entry),
        "quotes": _quotes(rows, entry),
        "maybe": [
            rows.row(inventory.entries[name])
            for name in split(entry.cells.get("same_as_maybe"))
            if name in inventory.entries
        ],
        "api_url": f"{rows.base}/api/features/{entry.id}",
        "layer_name": rows.name(rows.store.layers[entry.layer]),
        "downloads": [
            {"format": fmt, "url": f"{rows.base}/download/{entry.layer}.{fmt}"} for fmt in ("gpkg", "geojson", "csv")
        ],
        "place_url": _place_url(rows, entry),
    }


def _quotes(rows: Rows, entry: Entry) -> list[Values]:
    """The plan's own words on a feature, clause by clause, where the edition has them."""
    return [
        {
            **rows.cite(quote.cite),
            "parts": [{"text": part.text, "named": part.named is not None} for part in quote.parts],
            "exact": quote.exact,
            "more": quote.more,
        }
        for quote in Wording(rows.store).of(entry)
    ]


def _other_name(rows: Rows, entry: Entry) -> str:
    name, english = entry.text("name"), entry.text("name_en")
    other = english if rows.lang == "zh" else name
    return other if other and other != rows.entry_name(entry) else ""


def _measure(rows: Rows, entry: Entry) -> Values | None:
    """How large a feature is; of a zone or township its area as the indicator below has it: one figure, one wording."""
    shown = words.measure(entry.cells, rows.lang)
    frame = rows.store.edition.observations
    own = frame[(frame["indicator"] == "area_km2") & (frame["place"] == entry.id) & frame["value"].notna()]
    assumed = False
    if len(own):
        indicators = rows.store.edition.indicators
        record = {str(key): plain(cell) for key, cell in indicators[indicators["id"] == "area_km2"].iloc[0].items()}
        figure = words.number(float(own["value"].iloc[0]), int(record.get("decimals") or 0))
        shown = words.with_unit(figure, rows.unit(record))
        assumed = str(own["flag"].iloc[0]) == "assumed"
    return {"text": shown, "computed": not entry.cells.get("symbolic"), "assumed": assumed} if shown else None


def _neighbours(rows: Rows, entry: Entry) -> list[Values]:
    """The other features of each clause that it is named in; a long clause is left to its own page."""
    blocks = []
    for cite in dict.fromkeys(entry.cites):
        others = [other for other in rows.inventory.by_cite.get(cite, []) if other.id != entry.id]
        if others:
            shown = [rows.row(other) for other in others[:MOST_NEIGHBOURS]]
            blocks.append({**rows.cite(cite), "rows": shown, "more": len(others) - len(shown)})
    return blocks


def _place_url(rows: Rows, entry: Entry) -> str:
    level, _slash, slug = entry.id.partition("/")
    return rows.url(level, slug) if entry.kind == level and level in ("zone", "township") else ""


# ---- by lead unit


def leads_values(rows: Rows) -> Values:
    """Values for leads.html: all lead units with what each is responsible for."""
    inventory = rows.inventory
    items = []
    for unit in inventory.leads:
        entries = [entry for entry in inventory.entries.values() if unit in entry.leads]
        kinds = dict.fromkeys(entry.kind for entry in entries)
        items.append(
            {
                **rows.lead(unit),
                "features": len(entries),
                "targets": len(inventory.targets_of_lead(unit)),
                "clauses": len(inventory.led_by(unit)),
                "kinds": [rows.term(inventory.kinds, kind) for kind in kinds],
            }
        )
    return {"units": items, "most": max((item["features"] + item["targets"] for item in items), default=1)}


def lead_values(rows: Rows, unit: str) -> Values:
    """Values for lead.html: features and targets of one unit."""
    inventory = rows.inventory
    entries = [entry for entry in inventory.entries.values() if unit in entry.leads]
    groups = rows.by_kind(entries)
    figures = rows.figures(Figures(inventory.targets_of_lead(unit), [], [], []))
    return {
        "alt": unit if rows.lead_name(unit) != unit else "",
        "count": len(entries),
        "cites": rows.cites(inventory.led_by(unit)),
        "groups": groups,
        "figures": figures,
        "blocks": [*paging.figures(figures), *paging.grouped(groups)],
        "map_url": rows.filter_url("lead", unit, entries) if any(entry.located for entry in entries) else "",
        "list_url": rows.url("list", lead=unit) if any(inventory.is_planned(entry) for entry in entries) else "",
    }


# ---- by clause


def chapters_values(rows: Rows) -> Values:
    """Values for chapters.html: every chapter with its clauses and how much stands under each."""
    inventory = rows.inventory
    chapters = []
    for chapter in inventory.outline.chapters:
        clauses = []
        for clause in inventory.outline.of_chapter(chapter):
            cites = inventory.cites_of(clause)
            entries = {entry.id for cite in cites for entry in inventory.by_cite.get(cite, [])}
            figures = {(kind, record["id"]) for cite in cites for kind, record in _tagged(inventory.figures_of(cite))}
            clauses.append(
                {
                    "label": rows.label(clause.key),
                    "url": rows.url("chapter", str(chapter), anchor=clause.key),
                    "features": len(entries),
                    "figures": len(figures),
                    "is_section": clause.is_section,
                }
            )
        chapters.append({"name": rows.chapter(chapter), "url": rows.url("chapter", str(chapter)), "clauses": clauses})
    return {"chapters": chapters}


def _tagged(figures: Figures) -> Iterable[tuple[str, dict[str, Any]]]:
    for name in ("targets", "reviews", "claims", "indicators"):
        for record in getattr(figures, name):
            yield name, record


def chapter_values(rows: Rows, chapter: int) -> Values:
    """Values for chapter.html: features and figures of each clause, item by item."""
    inventory = rows.inventory
    clauses: list[Values] = []
    everything: dict[str, Entry] = {}
    wording = Wording(rows.store)
    for clause in inventory.outline.of_chapter(chapter):
        items = []
        cites = {*inventory.cites_of(clause), *wording.kept(clause.key)}
        for cite in sorted(cites, key=inventory.outline.order):
            entries = inventory.by_cite.get(cite, [])
            everything |= {entry.id: entry for entry in entries}
            items.append(_clause_part(rows, cite, entries, wording))
        whole = any(item["cite"] == clause.key for item in items)
        clauses.append(
            {
                "key": clause.key,
                "whole": whole,
                "label": rows.label(clause.key),
                "title": wording.title(clause.key),
                "parts": items,
                "rows": [row for item in items for row in item["listed"]],
            }
        )
    chapters = inventory.outline.chapters
    at = chapters.index(chapter)
    located = any(entry.located for entry in everything.values())
    return {
        "clauses": clauses,
        "words": _words(rows, wording.clauses.get(str(chapter), ""), ()),
        "blocks": [block for clause in clauses for item in clause["parts"] for block in item["blocks"]],
        "count": len(everything),
        "map_url": rows.filter_url("chapter", str(chapter), everything.values()) if located else "",
        "list_url": rows.url("list", chapter=str(chapter)) if everything else "",
        "before": _step(rows, chapters[at - 1]) if at else None,
        "after": _step(rows, chapters[at + 1]) if at + 1 < len(chapters) else None,
    }


def _words(rows: Rows, text: str, entries: Iterable[Entry]) -> list[list[Values]]:
    """A clause's words, line by line, names of features with the addresses of their pages."""
    return [
        [{"text": said, "url": rows.url("feature", name) if name else ""} for said, name in line]
        for line in linked(text, entries)
    ]


def _clause_part(rows: Rows, cite: str, entries: list[Entry], wording: Wording) -> Values:
    """What stands under one citation: its words, features, then figures; ``listed`` are the rows of the last two."""
    features, figures = [rows.row(entry) for entry in entries], rows.figures(rows.inventory.figures_of(cite))
    blocks = [paging.Block("feature", features), *paging.figures(figures)]
    listed = [row for block in blocks for row in block.rows]
    label_of = item_label(cite, rows)
    said = _words(rows, wording.body(cite), entries)
    return {
        "cite": cite, "label": label_of, "rows": features, "figures": figures, "blocks": blocks, "listed": listed,
        "words": said,
    }  # fmt: skip


def _step(rows: Rows, chapter: int) -> Values:
    return {"name": rows.chapter(chapter), "url": rows.url("chapter", str(chapter))}


# ---- by place


def place_values(rows: Rows, level: str, place: Entry) -> Values:
    """Values for place.html: what is in a zone or township, its indicators, targets and claims."""
    inventory, slug = rows.inventory, place.id.partition("/")[2]
    entries = inventory.inside(level, slug)
    groups, figures = rows.by_kind(entries), rows.figures(inventory.figures_in(place, entries))
    return {
        "level": level,
        "level_name": rows.t(f"browse.{level}"),
        "others_name": rows.t(f"browse.{level}s"),
        "place": rows.row(place),
        "alt": _other_name(rows, place),
        "measure": _measure(rows, place),
        "count": len(entries),
        "groups": groups,
        "figures": figures,
        "blocks": [*paging.figures(figures), *paging.grouped(groups)],
        **_place_indicators(rows, place),
        "locator": locator(rows.store, place),
        "map_url": rows.map_url(place),
        "list_url": rows.url("list", **{level: slug}) if entries else "",
        "profile_url": rows.url("profile", level, slug),
        "others": [
            {
                "name": rows.entry_name(other),
                "url": rows.url(level, other.id.partition("/")[2]),
                "here": other.id == place.id,
            }
            for other in inventory.places(level)
        ],
    }


def _place_indicators(rows: Rows, place: Entry) -> Values:
    """The computed indicators of a place by domain, with footnotes; those that are zero or unknown are left out.

    Those of accessibility have pages of their own, where they stand beside their picture and what is assumed.
    """
    surfaces = (rows.store.edition.meta.get("surfaces") or {}).get("surfaces", ())
    elsewhere = tuple(f"access_{one['id']}_" for one in surfaces)
    observations = rows.store.edition.observations
    own = observations[(observations["place"] == place.id) & (observations["role"] == "computed")]
    values = {str(row["indicator"]): row for row in own.to_dict(orient="records")}
    domains: dict[str, Values] = {}
    shown: list[Values] = []
    for record in rows.store.edition.indicators.to_dict(orient="records"):
        found = {str(key): plain(cell) for key, cell in values.get(str(record["id"]), {}).items()}
        if not found.get("value") or str(record["id"]).startswith(elsewhere):
            continue
        clean = {str(key): plain(cell) for key, cell in record.items()}
        domain = words.said(clean, rows.lang, "domain")
        decimals = clean.get("decimals")
        row = {
            "name": words.name(clean, rows.lang),
            "value": words.number(found["value"], None if decimals is None else int(decimals)),
            "unit": rows.unit(clean),
            "note": (words.said(found, rows.lang, "note") or rows.t("panels.overlay.assumed_short"))
            if found.get("flag")
            else "",
            "mark": "",
        }
        domains.setdefault(domain, {"domain": domain, "rows": []})["rows"].append(row)
        shown.append(row)
    return {"indicators": list(domains.values()), "notes": _footnotes(shown, rows)}


def _footnotes(shown: Iterable[Values], rows: Rows) -> list[str]:
    """The notes under a place's figures, each once with the names that it is about; the rows get their marks."""
    notes: dict[str, list[Values]] = {}
    for row in shown:
        if row["note"]:
            notes.setdefault(row["note"], []).append(row)
    result = []
    for index, (note, about) in enumerate(notes.items(), start=1):
        for row in about:
            row["mark"] = words.mark(index)
        result.append(words.footnote(index, [row["name"] for row in about], note, rows.lang))
    return result


# ---- the list


def list_values(rows: Rows, asked: Asked) -> Values:
    """Values for list.html."""
    inventory = rows.inventory
    entries = asked.found(inventory, rows.lang)
    shown = ("chapter", "box", "lead", "kind", "zone", "township", "status", "basis")
    chips = [
        {
            "name": rows.t(f"filter.{field}"),
            "value": value_name(rows, field, value),
            "url": rows.url("list", **_without(asked, field)),
        }
        for field, value in asked.chosen.items()
    ]
    if asked.query:
        chips.append(
            {"name": rows.t("filter.q"), "value": asked.query, "url": rows.url("list", **_without(asked, "q"))}
        )
    found = [rows.row(entry) for entry in entries]
    return {
        "rows": found,
        "blocks": [paging.Block("listed", found)],
        "count": len(entries),
        "all": len(listed(inventory)),
        "located": sum(entry.located for entry in entries),
        "filters": [
            {"field": field, "name": rows.t(f"filter.{field}"), "choices": choices(inventory, rows, field, asked)}
            for field in shown
        ],
        "hidden": {name: value for name, value in asked.params.items() if name not in (*shown, "q")},
        "query": asked.query,
        "chips": chips,
        "clear_url": rows.url("list"),
        "csv_url": rows.url("list.csv", **asked.params),
        "sorts": {sort: _sort_link(rows, asked, sort) for sort in SORTS},
    }


def _without(asked: Asked, name: str) -> dict[str, str]:
    return {key: value for key, value in asked.params.items() if key != name}


def _sort_link(rows: Rows, asked: Asked, sort: str) -> Values:
    """The address that sorts by a column; by the same one again the other way round."""
    params = {key: value for key, value in asked.params.items() if key in (*FIELDS, "q")}
    here = asked.sort == sort
    if sort != SORTS[0]:
        params["sort"] = sort
    if here and not asked.down:
        params["dir"] = "down"
    direction = ("descending" if asked.down else "ascending") if here else "none"
    return {"url": rows.url("list", **params), "direction": direction}


# ---- figures


def targets_values(rows: Rows) -> Values:
    """Values for targets.html: the numeric targets of the text and the boxes, and those of the tables, by domain."""
    domains: dict[str, Values] = {}
    for record in rows.inventory.targets:
        target = rows.target(record)
        domains.setdefault(target["domain"], {"domain": target["domain"], "rows": []})["rows"].append(target)
    table: dict[str, Values] = {}
    for record in rows.inventory.indicators:
        indicator = rows.indicator(record)
        table.setdefault(indicator["domain"], {"domain": indicator["domain"], "rows": []})["rows"].append(indicator)
    return {
        "count": len(rows.inventory.targets),
        "domains": list(domains.values()),
        "tables": list(table.values()),
        "blocks": [
            *(paging.Block("target", block["rows"]) for block in domains.values()),
            *(paging.Block("indicator", block["rows"]) for block in table.values()),
        ],
        "indicator_count": len(rows.inventory.indicators),
    }


def review_values(rows: Rows) -> Values:
    """Values for review.html: the last period's goals and results."""
    reviews = [rows.review(record) for record in rows.inventory.reviews]
    tally = [
        {
            "key": key or "unknown",
            "word": rows.t(f"met.{key or 'unknown'}"),
            "symbol": MET_SYMBOLS.get(key, "–"),
            "count": sum(row["met"] == key for row in reviews),
        }
        for key in ("met", "missed", "")
    ]
    return {
        "rows": reviews,
        "blocks": [paging.Block("review", reviews)],
        "tally": tally,
    }
