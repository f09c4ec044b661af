"""Features, targets, claims and clauses as the reading pages show them: words and addresses, plain for templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from layers import words
from layers.drawing.marks import mark
from layers.edition.inventory import Entry, Figures, Inventory
from layers.edition.outline import read
from layers.edition.store import Bounds
from layers.measure.claims import review_growth
from layers.model.tables import split
from webmap.serving.addresses import asked_for, with_query, zoom_for
from webmap.serving.messages import CATALOGUE, text

Values = dict[str, Any]

CLOSEST_ZOOM = 15.0
"""A link to the map goes no closer than this."""


def _near(bounds: Bounds, extent: Bounds) -> bool:
    """Whether some bounds lie on the map, which reaches a little beyond the plan's extent."""
    (south, west), (north, east) = extent
    pad = max(north - south, east - west)
    (low, left), (high, right) = bounds
    return low < north + pad and high > south - pad and left < east + pad and right > west - pad


class Rows:
    """Words and addresses in one language.

    Args:
        inventory: The edition's look-ups.
        lang: Language of the page.
        base: What stands before our addresses.
    """

    def __init__(self, inventory: Inventory, lang: str, base: str) -> None:
        self.inventory, self.lang, self.base = inventory, lang, base
        self.store = inventory.store
        self.asked = asked_for(lang)

    def t(self, key: str, **params: object) -> str:
        """A text of the catalogue."""
        return text(self.lang, key, **params)

    def url(self, page: str, *parts: str, anchor: str = "", **params: str | None) -> str:
        """Address of a page of ours: ``url("feature", "pole/xianghu")``."""
        path = "/".join([f"{self.base}/{page}", *(quote(part) for part in parts)])
        address = with_query(path, **params, lang=self.asked)
        return f"{address}#{quote(anchor)}" if anchor else address

    # ---- addresses of the map

    def map_url(self, entry: Entry) -> str:
        """The map with a feature selected, its layer on and the place in view."""
        layers = self._opening_with([entry])
        parts = [f"layers={','.join(quote(layer) for layer in layers)}", f"sel={quote(entry.id)}"]
        bounds = self.store.bounds_of(entry.id)
        if bounds is not None and _near(bounds, self.store.extent):
            (south, west), (north, east) = bounds
            zoom = min(zoom_for(bounds, 600, 480), CLOSEST_ZOOM)
            if (south, west) == (north, east):
                zoom = 13.0
            parts.insert(0, f"map={zoom:g}/{(south + north) / 2:.5f}/{(west + east) / 2:.5f}")
        return f"{with_query(f'{self.base}/', lang=self.asked)}#{'&'.join(parts)}"

    def filter_url(self, key: str, value: str, entries: Iterable[Entry]) -> str:
        """The map with the layers of some features on and only those standing out that a filter lets through."""
        layers = ",".join(quote(layer) for layer in self._opening_with(entries))
        chosen = f"{key}:{quote(value, safe='')}"
        return f"{with_query(f'{self.base}/', lang=self.asked)}#layers={layers}&flt={chosen}"

    def _opening_with(self, entries: Iterable[Entry]) -> list[str]:
        opening = set(self.store.views[self.store.default_view]["layers"])
        opening |= {entry.layer for entry in entries if entry.located}
        return [layer for layer in self.store.layers if layer in opening]

    # ---- words

    def name(self, record: Mapping[str, Any], field: str = "name") -> str:
        """A record's name in the language."""
        return words.name(record, self.lang, field)

    def entry_name(self, entry: Entry) -> str:
        """A feature's name in the language; its id when it has none."""
        return words.name({**entry.cells, "id": entry.id}, self.lang)

    def chapter(self, chapter: int) -> str:
        """A chapter in words, with what it is about where the plan folder says so."""
        return self.inventory.chapter_name(chapter, self.lang)

    def accuracy(self, metres: float | None) -> str:
        """A stated accuracy for people: ``±800 米``, ``±1.5 km``."""
        return words.accuracy(metres, self.lang)

    # ---- parts

    def cite(self, cite: str) -> Values:
        """A citation with its label and the address of its clause."""
        clause = self.inventory.outline.clause_of(cite)
        url = self.url("chapter", str(clause.chapter), anchor=cite) if clause else ""
        return {"cite": cite, "label": self.label(cite), "url": url}

    def label(self, cite: str) -> str:
        """A citation in words."""
        return self.store.notation.label(cite, self.lang)

    def cites(self, cites: Iterable[str]) -> list[Values]:
        """Citations, in the order given."""
        return [self.cite(cite) for cite in cites]

    def lead(self, unit: str) -> Values:
        """A lead unit with the address of its page."""
        return {"name": self.lead_name(unit), "url": self.url("lead", unit)}

    def lead_name(self, unit: str) -> str:
        """The name of a lead unit in the language, as far as the plan folder gives it."""
        return self.inventory.lead_names.get(unit, unit) if self.lang == "en" else unit

    def places(self, level: str, slugs: Iterable[str]) -> list[Values]:
        """Zones or townships by slug, with the addresses of their pages."""
        found = []
        for slug in slugs:
            place = self.inventory.place(level, slug)
            name = self.entry_name(place) if place else slug
            found.append({"name": name, "url": self.url(level, slug) if place else ""})
        return found

    def term(self, table: Mapping[str, Mapping[str, Any]], key: str) -> str:
        """The name of a status, basis or kind; the id itself when it is unknown."""
        return words.name(table[key], self.lang) if key in table else key

    def row(self, entry: Entry) -> Values:
        """A feature as a row of a table or list."""
        basis = self.store.bases.get(entry.text("basis"), {})
        status = self.store.statuses.get(entry.text("status"), {})
        return {
            "id": entry.id,
            "name": self.entry_name(entry),
            "url": self.url("feature", entry.id),
            "kind": self.term(self.inventory.kinds, entry.kind),
            "mark": self.mark(entry),
            "status": self.term(self.store.statuses, entry.text("status")),
            "status_id": entry.text("status"),
            "built": not status.get("dash"),
            "basis": self.term(self.store.bases, entry.text("basis"))
            if entry.located
            else self.t("browse.not_located"),
            "apart": bool(basis.get("apart")) and entry.located,
            "accuracy": self.accuracy(entry.cells.get("accuracy_m")) if entry.located else "",
            "located": entry.located,
            "unit": self.known_unit(entry),
            "zones": self.places("zone", entry.zones),
            "townships": self.places("township", entry.townships),
            "cites": self.cites(entry.cites),
            "leads": [self.lead(unit) for unit in entry.leads],
        }

    def known_unit(self, entry: Entry) -> Values | None:
        """The area that is all that is known of a position: its name and page."""
        unit = self.inventory.entries.get(entry.text("unit"))
        return None if unit is None else {"name": self.entry_name(unit), "url": self.url("feature", unit.id)}

    def mark(self, entry: Entry) -> Any:
        """The feature's symbol as a small drawing."""
        kind = self.inventory.kinds.get(entry.kind, {})
        basis = self.store.bases.get(entry.text("basis"), {})
        status = self.store.statuses.get(entry.text("status"), {})
        return mark(kind, color=entry.text("color"), apart=bool(basis.get("apart")), hollow=bool(status.get("dash")))

    def by_kind(self, entries: Iterable[Entry]) -> list[Values]:
        """Features grouped by the plan's groups of layers, then by kind, in the plan's order."""
        groups: dict[str, dict[str, list[Entry]]] = {}
        for entry in entries:
            group = str(self.store.layers[entry.layer].get("group", ""))
            groups.setdefault(group, {}).setdefault(entry.kind, []).append(entry)
        result = []
        for record in [*self.store.groups, {"id": "", "name": "", "name_en": ""}]:
            kinds = groups.get(str(record["id"]), {})
            if kinds:
                blocks = [
                    {"name": self.term(self.inventory.kinds, kind), "rows": [self.row(entry) for entry in found]}
                    for kind, found in kinds.items()
                ]
                result.append(
                    {
                        "id": record["id"],
                        "name": self.name(record),
                        "kinds": blocks,
                        "count": sum(map(len, kinds.values())),
                    }
                )
        return result

    # ---- figures

    def figures(self, figures: Figures) -> Values:
        """Targets, reviews, claims and indicators as rows."""
        return {
            "targets": [self.target(record) for record in figures.targets],
            "reviews": [self.review(record) for record in figures.reviews],
            "claims": [self.claim(record) for record in figures.claims],
            "indicators": [self.indicator(record) for record in figures.indicators],
        }

    def unit(self, record: Mapping[str, Any]) -> str:
        """The unit of a figure in the language."""
        return words.unit(record, self.lang)

    def target(self, record: Mapping[str, Any]) -> Values:
        """A numeric target as a row."""
        place = self.inventory.entries.get(str(record.get("place") or ""))
        measure = str(record.get("measure") or "level")
        years = f"{record['base_year']}–{record['year']}" if record.get("base_year") else str(record.get("year") or "")
        return {
            "id": record["id"],
            "name": self.name(record),
            "figure": words.stated(record, self.lang),
            # Words say their unit themselves.
            "unit": "" if record.get("value") is None and record.get("low") is None else self.unit(record),
            "measure": self.t(f"measure.{measure}"),
            "plain": measure == "level",
            "year": years,
            "domain": words.said(record, self.lang, "domain"),
            "cites": self.cites(record["cites"]),
            "leads": [self.lead(unit) for unit in record["lead_units"]],
            "place": {"name": self.entry_name(place), "url": self.url("feature", place.id)} if place else None,
            "note": self.note(record),
        }

    def note(self, record: Mapping[str, Any], field: str = "note") -> str:
        """A record's note in the language, or ""."""
        return words.said(record, self.lang, field)

    def claim(self, record: Mapping[str, Any]) -> Values:
        """A claim as a row: what the plan states in its own words, what was measured, how, and what came of it."""
        decimals = int(record.get("decimals") or 0)
        used = [entry for name in record["features"] if (entry := self.inventory.entries.get(name)) is not None]
        return {
            "id": record["id"],
            "name": self.name(record),
            "stated": words.stated(_ends(record, "stated"), self.lang),
            "unit": self.unit(record),
            "measured": words.span(_ends(record, "measured"), decimals),
            "readings": [
                {"name": words.name(one, self.lang), "measured": words.number(one["measured"], decimals),
                 "fits": self.t(f"reading.{'fits' if one['fits'] else 'apart'}")}
                for one in record.get("readings") or ()
            ],
            "difference": words.NONE if record.get("difference") is None else _signed(record["difference"], decimals),
            "tolerance": self._test(record),
            "verdict": record["verdict"],
            "word": self.t(f"verdict.{record['verdict']}"),
            "because": self.t(f"because.{record['because']}") if record.get("because") else "",
            "symbol": VERDICT_SYMBOLS.get(record["verdict"], "?"),
            "self_check": bool(record.get("self_check")),
            "how": self._operation(str(record.get("operation") or "")),
            "reason": self.note(record, "reason"),
            "note": self.note(record),
            "cites": self.cites(record["cites"]),
            "count": len(used),
            "features": [{"name": self.entry_name(entry), "url": self.url("feature", entry.id)} for entry in used],
            "map": self.filter_url("claim", record["id"], used) if any(entry.located for entry in used) else "",
            "url": self.url("claims", anchor=f"claim-{record['id']}"),
        }  # fmt: skip

    def _test(self, record: Mapping[str, Any]) -> str:
        """How measured and stated were held against each other, apart from the plan's own words."""
        size = record.get("tolerance") or 0.0
        room = words.with_unit(f"±{words.number(size)}", "%" if record.get("tolerance_percent") else "") if size else ""
        sign = words.sign(record.get("test")) or "="
        return self.t("claims.test", sign=sign, room=room)

    def _operation(self, operation: str) -> str:
        key = f"operation.{operation}"
        return self.t(key) if key in CATALOGUE else ""

    def review(self, record: Mapping[str, Any]) -> Values:
        """A row of the last period's results; the growth computed beside the growth stated."""
        computed = review_growth(record)
        return {
            "id": record["id"],
            "name": self.name(record),
            "unit": self.unit(record),
            "property": self.t(f"property.{record['property']}") if record.get("property") else "",
            "base_year": record.get("base_year"),
            "result_year": record.get("result_year"),
            "base": words.number(record.get("base")),
            "goal": words.stated(
                {
                    "value": record.get("goal"),
                    "text": record.get("goal_text"),
                    "comparator": record.get("goal_comparator"),
                },
                self.lang,
            ),
            "result": words.stated({"value": record.get("result"), "text": record.get("result_text")}, self.lang),
            "goal_growth": words.number(record.get("goal_growth")),
            "result_growth": words.number(record.get("result_growth")),
            "computed": words.number(computed, _growth_decimals(record, computed)),
            "cumulative": bool(record.get("cumulative")),
            "met": str(record.get("met") or ""),
            "symbol": MET_SYMBOLS.get(str(record.get("met") or ""), words.NONE),
            "word": self.t(f"met.{record.get('met') or 'unknown'}"),
            "by": self.t(f"met_by.{record['met_by']}") if record.get("met_by") in ("growth", "stated") else "",
            "cites": self.cites(record["cites"]),
            "note": self.note(record),
        }

    def indicator(self, record: Mapping[str, Any]) -> Values:
        """A stated indicator: baseline and target."""
        frame = self.store.edition.observations
        own = (frame["indicator"] == record["id"]) & (frame["level"] == "district") & (frame["period"] == "")
        rows = frame[own].to_dict(orient="records")
        ends = {
            str(row["role"]): {key: None if value != value else value for key, value in row.items()} for row in rows
        }
        return {
            "id": record["id"],
            "name": self.name(record),
            "unit": self.unit(record),
            "property": self.t(f"property.{record['property']}") if record.get("property") else "",
            "domain": words.said(record, self.lang, "domain"),
            "baseline": words.stated(ends.get("baseline", {}), self.lang),
            "baseline_year": record.get("baseline_year") or "",
            "target": words.stated({"text": record.get("target_text"), **_filled(ends.get("target", {}))}, self.lang),
            "target_year": record.get("target_year") or "",
            "cites": self.cites(record["cites"]),
        }


VERDICT_SYMBOLS: Mapping[str, str] = {"agrees": "✓", "differs": "≠", "noted": "i", "unchecked": "?"}
MET_SYMBOLS: Mapping[str, str] = {"met": "✓", "missed": "✗"}


def _growth_decimals(record: Mapping[str, Any], computed: float | None) -> int | None:
    """A sum has the decimals of its ends, a growth rate those that its size deserves."""
    if computed is None or record.get("cumulative"):
        return None
    return 2 if abs(computed) < 10 else 1


def _filled(record: Mapping[str, Any]) -> Values:
    return {name: value for name, value in record.items() if value not in (None, "")}


def _ends(record: Mapping[str, Any], name: str) -> Values:
    """One figure of a claim as words take it: a value, or the ends of a range or of several readings."""
    parts = {"value": name, "low": f"{name}_low", "high": f"{name}_high"}
    found = {part: record.get(column) for part, column in parts.items()}
    comparator = record.get("comparator") if name == "stated" else ""
    return {"value": found["value"], "comparator": comparator} if found["value"] is not None else found


def _signed(value: float, decimals: int) -> str:
    shown = words.number(abs(value), decimals)
    if not any(digit in shown for digit in "123456789"):
        return "0"
    return f"+{shown}" if value > 0 else f"−{shown}"


def item_label(cite: str, rows: Rows) -> str:
    """A citation below the heading of its own clause: the item alone, or "" for the clause as a whole."""
    found = read(cite, rows.store.notation)
    if found is None or found.item is None:
        return ""
    return rows.t("browse.item", item=found.item)


def sources_of(entry: Entry, rows: Rows) -> list[Values]:
    """What a feature's position comes from."""
    found = []
    for name in split(entry.cells.get("sources")):
        record = rows.store.sources.get(name, {})
        title = words.name({"id": name, **record}, rows.lang, "title") if record.get("title") else name
        details = " · ".join(str(record[field]) for field in ("attribution", "licence") if record.get(field))
        found.append({"title": title, "details": details})
    return found
