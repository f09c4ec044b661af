"""Cells of tables: names, figures, clauses and verdicts of an edition as texts with their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from layers import words
from layers.edition import observations
from layers.edition.entered import entered_words
from layers.edition.inventory import Entry, Inventory
from layers.edition.store import Store, plain
from layers.model.plan import DISTRICT
from layers.report.blocks import Text, joined, linked
from layers.report.blocks import plain as span
from layers.report.wording import Wording

Record = Mapping[str, Any]


class Links(Protocol):
    """Gives addresses of pages; "" where there is none."""

    def clause(self, cite: str) -> str:
        """Of the clause of a citation."""

    def feature(self, feature: str) -> str:
        """Of a feature by its id."""

    def place(self, place: str) -> str:
        """Of a zone or township by its id."""

    def claim(self, claim: str) -> str:
        """Of a checked figure by its id."""

    def view(self, view: str) -> str:
        """Of the map with a view."""

    @property
    def base(self) -> str:
        """What stands before all of them."""


class NoLinks:
    """No addresses: names and clauses stay plain words."""

    base = ""

    def clause(self, cite: str) -> str:  # noqa: ARG002 - as Links has it
        """Nothing."""
        return ""

    feature = place = claim = view = clause


@dataclass(frozen=True)
class Facts:
    """An edition in words.

    Attributes:
        inventory: Its look-ups.
        wording: In one language.
        links: Addresses.
        mark: A watermark over maps, or "".
    """

    inventory: Inventory
    wording: Wording
    links: Links
    mark: str = ""

    @property
    def lang(self) -> str:
        """Of all words."""
        return self.wording.lang

    @property
    def store(self) -> Store:
        """The edition."""
        return self.inventory.store

    @property
    def comma(self) -> str:
        """Between names."""
        return "、" if self.lang == "zh" else ", "

    # ---- names

    def name(self, record: Record) -> str:
        """A record's name in the language."""
        return words.name(record, self.lang)

    def entry_name(self, entry: Entry) -> str:
        """A feature's name in the language; its id when it has none."""
        return words.name({**entry.cells, "id": entry.id}, self.lang)

    def feature(self, entry: Entry) -> Text:
        """A feature's name, leading to its page."""
        return linked(self.entry_name(entry), self.links.feature(entry.id))

    def features(self, entries: Iterable[Entry]) -> Text:
        """Several."""
        return joined((self.feature(entry) for entry in entries), self.comma)

    def term(self, table: Mapping[str, Record], key: str) -> str:
        """The name of a status, basis or kind; the id itself when it is unknown."""
        return words.name(table[key], self.lang) if key in table else key

    def state(self, entry: Entry) -> str:
        """A feature's state, or a dash."""
        return self.term(self.store.statuses, entry.text("status")) or words.NONE

    def leads(self, units: Iterable[str]) -> str:
        """Lead units in the language, as far as the plan folder gives their names."""
        names = self.inventory.lead_names
        return self.comma.join(names.get(unit, unit) if self.lang == "en" else unit for unit in units)

    def where(self, entry: Entry) -> Text:
        """Townships that a feature lies in, else its zones, else that it has no place."""
        if not entry.located:
            return span(self.wording("projects.nowhere"))
        places = [self.inventory.place("township", slug) for slug in entry.townships]
        places = places or [self.inventory.place("zone", slug) for slug in entry.zones]
        found = [linked(self.entry_name(place), self.links.place(place.id)) for place in places if place]
        if len(found) > MOST_PLACES:
            found = [linked(self.entry_name(place), self.links.place(place.id))
                     for slug in entry.zones if (place := self.inventory.place("zone", slug))] or found  # fmt: skip
        return joined(found, self.comma) or span(words.NONE)

    def basis(self, entry: Entry) -> str:
        """How a feature's position is known, and how exactly."""
        if not entry.located:
            return self.wording("projects.nowhere")
        told = (
            self.term(self.store.bases, entry.text("basis")),
            words.accuracy(entry.cells.get("accuracy_m"), self.lang),
        )
        return " ".join(one for one in told if one)

    def cites(self, cites: Iterable[str]) -> Text:
        """Citations, each leading to its clause."""
        notation = self.store.notation
        return joined(
            (linked(notation.label(cite, self.lang), self.links.clause(cite)) for cite in cites), self.comma
        ) or span(words.NONE)

    # ---- figures

    def stated(self, record: Record, end: str) -> str:
        """The base or the target of an indicator, with its year where that is not the plan's."""
        found = record.get(end)
        if not found:
            return words.NONE
        shown = words.stated(found, self.lang)
        usual = self.store.plan.get("base_year" if end == "baseline" else "target_year")
        year = found.get("year")
        if shown == words.NONE or year is None or year == usual:
            return shown
        return f"{shown}（{year}）" if self.lang == "zh" else f"{shown} ({year})"

    def code(self, column: str, value: object) -> str:
        """What a code means."""
        return words.code(column, str(value or ""), self.lang)

    def claim_stated(self, record: Record) -> str:
        """What the plan states, with its unit."""
        found = {**_ends(record, "stated"), "comparator": record.get("comparator")}
        return words.with_unit(words.stated(found, self.lang), words.unit(record, self.lang))

    def claim_measured(self, record: Record) -> str:
        """What was found, with its unit."""
        found = words.span(_ends(record, "measured"), int(record.get("decimals") or 0))
        return words.with_unit(found, words.unit(record, self.lang))

    def claim_because(self, record: Record) -> str:
        """Why a claim does not simply agree: the cause, and what was noted about it."""
        because = self.code("because", record.get("because"))
        reason = words.said(record, self.lang, "reason") if record.get("verdict") == "unchecked" else ""
        note = words.said(record, self.lang, "note") if record.get("verdict") in ("differs", "noted") else ""
        stop = "；" if self.lang == "zh" else "; "
        return stop.join(one.rstrip("。.") for one in (because, reason, note) if one)

    @cached_property
    def indicators(self) -> list[dict[str, Any]]:
        """Every indicator with its ends, see ``observations.described``."""
        return observations.indicators(self.store)

    def course(self, indicator: str) -> dict[int, float]:
        """Values of whole years that were observed for the whole district, by year."""
        found = observations.observed_years(self.store, indicator, DISTRICT)
        return {year: values[DISTRICT] for year, values in sorted(found.items()) if year and DISTRICT in values}

    def latest(self, indicator: str, level: str) -> tuple[int, dict[str, float]]:
        """The last whole year that was observed at a level, and its values by place; 0 where none was."""
        found = observations.observed_years(self.store, indicator, level)
        last = max((year for year in found if year), default=0)
        return last, found.get(last, {})

    def entered(self) -> str:
        """Of which state of a ledger values are, and what they rest on; "" where none is of one."""
        return entered_words(self.store, self.lang)

    def computed(self, level: str) -> dict[str, dict[str, dict[str, Any]]]:
        """What is computed from the map for the places of a level: indicator → place → observation."""
        frame = self.store.edition.observations
        rows = frame[(frame["level"] == level) & (frame["role"] == "computed")].to_dict(orient="records")
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for row in rows:
            clean = {str(key): plain(value) for key, value in row.items()}
            found.setdefault(str(clean["indicator"]), {})[str(clean["place"])] = clean
        return found


MOST_PLACES = 4
"""A feature in more townships than these is told by its zones."""


def progress(base: float | None, target: float | None, latest: float) -> float | None:
    """How much of the way from base to target has been gone, per cent; None where there is no way to go.

    Example:
        >>> progress(100.0, 200.0, 150.0), progress(1.8, 1.5, 1.7), progress(None, 5.0, 1.0)
        (50.0, 33.3, None)
    """
    if base is None or target is None or target == base:
        return None
    return round(100 * (latest - base) / (target - base), 1)


def _ends(record: Record, name: str) -> dict[str, Any]:
    """One figure of a claim as words take it: a value, or the ends of a range or of several readings."""
    if record.get(name) is not None:
        return {"value": record[name]}
    return {"low": record.get(f"{name}_low"), "high": record.get(f"{name}_high")}
