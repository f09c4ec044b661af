"""Every feature and figure of an edition by clause, lead unit, place and kind: what the pages for reading look up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from layers.edition.outline import Clause, Outline
from layers.edition.spelling import fold, readings
from layers.edition.store import Store, by_id, feature_rows, plain
from layers.model.errors import word
from layers.model.plan import DISTRICT
from layers.model.tables import FIGURES, LIST, split

_LISTS = frozenset(name for columns in FIGURES.values() for name, kind in columns.items() if kind == LIST)


@dataclass(frozen=True)
class Entry:
    """One feature, its cells plain.

    Attributes:
        order: Its place in the plan's order.
        located: It has a geometry, or a unit that it is known to lie in.
    """

    id: str
    layer: str
    order: int
    cells: Mapping[str, Any] = field(repr=False)
    zones: tuple[str, ...]
    townships: tuple[str, ...]
    cites: tuple[str, ...]
    leads: tuple[str, ...]
    located: bool

    def text(self, column: str) -> str:
        """A cell as text; empty when it says nothing."""
        return str(self.cells.get(column) or "")

    @property
    def kind(self) -> str:
        """Id of its kind."""
        return self.text("kind")

    def spoken(self, lang: str) -> str:
        """The name for sorting: pinyin, or the English name."""
        name, english = self.text("name") or self.id, self.text("name_en")
        if lang == "en" and english:
            return fold(english)
        return next((full for full, _initials in readings(name)), fold(name))

    @cached_property
    def words(self) -> str:
        """All that it can be found by, folded: names, aliases, pinyin and initials."""
        names = [self.text("name") or self.id, *split(self.cells.get("aliases"))]
        spelled = [part for name in names for pair in readings(name) for part in pair]
        return "\n".join(fold(word) for word in [*names, self.text("name_en"), *spelled])


@dataclass(frozen=True)
class Figures:
    """What the plan states for some clauses or places, as records of the edition's tables."""

    targets: list[dict[str, Any]]
    reviews: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    indicators: list[dict[str, Any]]

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.targets or self.reviews or self.claims or self.indicators)


class Entries(dict[str, Entry]):
    """Features by id: those of layers that are not listed are made when asked for, and not gone through.

    Args:
        store: The edition.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        shapes = {layer: store.geometries(layer) for layer in store.layers if layer not in store.unlisted}
        for order, (layer, cells) in enumerate(feature_rows(store, without=store.unlisted)):
            located = shapes[layer][store.index[str(cells["id"])][1]] is not None
            self[str(cells["id"])] = _entry(layer, order, cells, located=located)

    def __missing__(self, feature: str) -> Entry:
        layer, cells, geometry = self._store.row(feature)
        return _entry(layer, len(self) + self._store.index[feature][1], cells, located=geometry is not None)

    def __contains__(self, feature: object) -> bool:
        return super().__contains__(feature) or (bool(self._store.unlisted) and feature in self._store.index)

    def get(self, feature: str, default: Any = None) -> Any:
        """A feature by its id, listed or not."""
        found = super().get(feature)
        if found is None and self._store.unlisted and feature in self._store.index:
            return self.__missing__(feature)
        return default if found is None else found


def _entry(layer: str, order: int, cells: Mapping[str, Any], *, located: bool) -> Entry:
    row = {name: plain(value) for name, value in cells.items()}
    return Entry(
        str(row["id"]), layer, order, row, tuple(split(row.get("zone"))), tuple(split(row.get("township"))),
        tuple(split(row.get("cites"))), tuple(split(row.get("lead_units"))), located or bool(row.get("unit")),
    )  # fmt: skip


class Inventory:
    """Look-ups over one edition, made once.

    Args:
        store: The edition.

    Attributes:
        entries: The features of all layers but those that are not listed (`Store.unlisted`); by its id any is found.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.entries = Entries(store)
        self.targets, self.reviews, self.claims = (_records(store.edition.figures.get(name)) for name in FIGURES)
        stated = store.edition.indicators
        self.indicators = _records(stated[stated["origin"] == "stated"])
        self.kinds = store.kinds
        self.lead_names: dict[str, str] = dict(store.edition.meta.get("lead_units", {}))
        self.led: dict[str, list[str]] = dict(store.edition.meta.get("leads", {}))
        self.terms = by_id(store.edition.meta.get("terms", []))

    @cached_property
    def outline(self) -> Outline:
        """The plan's outline."""
        raw = self.store.edition.meta.get("outline", {})
        figures = [cite for record in self._figures() for cite in record["cites"]]
        many = (cite for look in self.store.unlisted.values() for cell in look.tally("cites") for cite in split(cell))
        cites = [*(cite for entry in self.entries.values() for cite in entry.cites), *many, *figures]
        return Outline(dict(raw), cites, self.store.notation)

    def _figures(self) -> list[dict[str, Any]]:
        return [*self.targets, *self.reviews, *self.claims, *self.indicators]

    @cached_property
    def leads(self) -> dict[str, int]:
        """Lead units with the number of features and targets of each, the most first."""
        counts: Counter[str] = Counter()
        for entry in self.entries.values():
            counts.update(set(entry.leads))
        for look in self.store.unlisted.values():
            for cell, times in look.tally("lead_units").items():
                counts.update(dict.fromkeys(split(cell), times))
        for target in self.targets:
            counts.update(set(target["lead_units"]))
        for units in self.led.values():
            counts.update(dict.fromkeys(units, 0))
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def led_by(self, unit: str) -> list[str]:
        """The clauses that name a unit as the one that leads them, in the plan's order."""
        return sorted((clause for clause, units in self.led.items() if unit in units), key=self.outline.order)

    def chapter_name(self, chapter: int, lang: str) -> str:
        """A chapter in words, with what it is about where a term ``chapter-N`` of the plan folder says so."""
        term = self.terms.get(f"chapter-{chapter}", {})
        topic = str((term.get("name_en") if lang == "en" else "") or term.get("name", ""))
        return (
            word("cite.chapter_topic", lang, head=self.store.notation.chapter(chapter, lang), topic=topic)
            if topic
            else self.store.notation.chapter(chapter, lang)
        )

    def places(self, level: str) -> list[Entry]:
        """The zones or townships, in the plan's order, as far as they are listed."""
        return [entry for entry in self.entries.values() if entry.kind == level and entry.id.startswith(f"{level}/")]

    def many_places(self, level: str) -> int:
        """How many zones or townships there are, listed or not."""
        return len(self.places(level)) + sum(look.tally("kind").get(level, 0) for look in self.store.unlisted.values())

    def place(self, level: str, slug: str) -> Entry | None:
        """One zone or township."""
        entry = self.entries.get(f"{level}/{slug}")
        return entry if entry is not None and entry.kind == level else None

    @cached_property
    def by_cite(self) -> dict[str, list[Entry]]:
        """Features by each citation as it is written."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            for cite in dict.fromkeys(entry.cites):
                found.setdefault(cite, []).append(entry)
        return found

    def cites_of(self, clause: Clause) -> list[str]:
        """The citations into a clause that anything stands under, the whole clause first, then by item."""
        cites = {*self.by_cite, *(cite for record in self._figures() for cite in record["cites"])}
        return sorted((cite for cite in cites if self.outline.clause_of(cite) == clause), key=self.outline.order)

    def figures_of(self, cite: str) -> Figures:
        """What the plan states under a citation."""
        return self._chosen(lambda record: cite in record["cites"])

    def figures_with(self, feature: str) -> Figures:
        """Targets of a feature, and claims that were checked on it."""
        return self._chosen(lambda record: record.get("place") == feature or feature in record.get("features", ()))

    def figures_in(self, place: Entry, inside: Iterable[Entry]) -> Figures:
        """Targets of a place or of what lies in it, and claims about nothing else."""
        names = {place.id, *(entry.id for entry in inside)}

        def belongs(record: Mapping[str, Any]) -> bool:
            used = record.get("features") or ()
            return record.get("place") in names or place.id in used or (bool(used) and names.issuperset(used))

        return self._chosen(belongs)

    def targets_of_lead(self, unit: str) -> list[dict[str, Any]]:
        """The targets that a unit leads."""
        return [target for target in self.targets if unit in target["lead_units"]]

    def _chosen(self, wanted: Any) -> Figures:
        tables = (self.targets, self.reviews, self.claims, self.indicators)
        return Figures(*([record for record in table if wanted(record)] for table in tables))

    def inside(self, level: str, slug: str) -> list[Entry]:
        """The features of the plan in a zone or township; the ground, which no clause speaks of, is left out."""
        apart = {level, DISTRICT}
        return [
            entry
            for entry in self.entries.values()
            if slug in (entry.zones if level == "zone" else entry.townships)
            and entry.kind not in apart
            and self.is_planned(entry)
        ]

    def is_planned(self, entry: Entry) -> bool:
        """Whether the plan speaks of it: not of the ground, and not drawn for orientation only."""
        return bool(self.kinds.get(entry.kind, {}).get("cited", True)) and not entry.cells.get("context")


@lru_cache(maxsize=8)
def inventory(store: Store) -> Inventory:
    """The inventory of an edition, made once."""
    return Inventory(store)


def _records(frame: Any) -> list[dict[str, Any]]:
    """Rows of a table as plain records, joined cells as lists."""
    if frame is None:
        return []
    rows = []
    for row in frame.to_dict(orient="records"):
        record = {str(name): _whole(str(name), plain(value)) for name, value in row.items()}
        rows.append({name: split(value) if name in _LISTS else value for name, value in record.items()})
    return rows


def _whole(name: str, value: Any) -> Any:
    """A year or number of decimals as a whole number (beside gaps a table may hold 2020.0); readings as records."""
    if name == "readings":
        return json.loads(value) if value else []
    return int(value) if value is not None and name.endswith(("year", "decimals")) else value
