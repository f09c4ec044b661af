"""The list of all features: filtered and sorted by the address's parameters, counted, and as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from layers.edition.export import safe_cell
from layers.edition.filtering import FIELDS, NONE
from layers.edition.inventory import Entry, Inventory, inventory
from layers.edition.spelling import fold
from layers.edition.store import Store
from layers.model.tables import join
from webmap.reading.rows import Rows, Values
from webmap.serving.asking import Choices, Parameter, Wanted

LONGEST_QUERY = 60
UP, DOWN = "up", "down"
SORTS = ("plan", "name", "kind", "township", "status", "basis", "lead")


@dataclass(frozen=True)
class Asked:
    """What the list was asked for.

    Attributes:
        chosen: Filter → value, only those given.
        query: Words to find, or "".
        sort: One of ``SORTS``.
        down: The other way round.
    """

    chosen: Mapping[str, str]
    query: str
    sort: str
    down: bool

    @classmethod
    def read(cls, wanted: Wanted) -> Asked:
        """From the checked parameters of a request, see `PARAMETERS`."""
        chosen = {field: wanted[field] for field in FIELDS if wanted[field]}
        return cls(chosen, wanted["q"].strip(), wanted["sort"], wanted["dir"] == DOWN)

    @property
    def params(self) -> dict[str, str]:
        """As parameters of an address, in a fixed order; what is not given is left out."""
        rest = {"q": self.query, "sort": "" if self.sort == SORTS[0] else self.sort, "dir": DOWN if self.down else ""}
        return {
            **{field: self.chosen[field] for field in FIELDS if field in self.chosen},
            **{k: v for k, v in rest.items() if v},
        }

    def found(self, inventory: Inventory, lang: str = "zh") -> list[Entry]:
        """The features asked for, sorted; by name as it is spoken in a language."""
        wanted = fold(self.query)
        entries = [entry for entry in listed(inventory) if self._passes(inventory, entry, wanted)]
        order = _order(inventory, self.sort, lang)
        return sorted(entries, key=lambda entry: (order(entry), entry.order), reverse=self.down)

    def _passes(self, inventory: Inventory, entry: Entry, wanted: str) -> bool:
        if any(value not in FIELDS[field](inventory, entry) for field, value in self.chosen.items()):
            return False
        return not self.query or (bool(wanted) and wanted in entry.words)


def listed(inventory: Inventory) -> list[Entry]:
    """The features that the plan speaks of, in its order."""
    return [entry for entry in inventory.entries.values() if inventory.is_planned(entry)]


def values_of(inventory: Inventory, field: str, entries: Iterable[Entry] | None = None) -> dict[str, int]:
    """Values of a filter with the number of features of each, in the order people expect."""
    counts: Counter[str] = Counter()
    for entry in listed(inventory) if entries is None else entries:
        counts.update(set(FIELDS[field](inventory, entry)))
    ordered = {value: counts[value] for value in _known(inventory, field) if counts[value]}
    return ordered | {value: counts[value] for value in sorted(counts) if value and value not in ordered}


def _choices(field: str) -> Callable[[Store], Iterable[str]]:
    return lambda store: values_of(inventory(store), field)


def choice(name: str, values: Choices, default: str = "") -> Parameter:
    """A filter or an order of a form: one of some values, or nothing."""
    return Parameter(name, choices=values, default=default, error="error.unknown_filter", blank=True)


PARAMETERS = (
    *(choice(field, _choices(field)) for field in FIELDS),
    Parameter("q", "Words to find", longest=LONGEST_QUERY, blank=True),
    choice("sort", SORTS, SORTS[0]),
    choice("dir", (UP, DOWN), UP),
)
"""What the list takes: filters, words to find, and the order."""


def _known(inventory: Inventory, field: str) -> list[str]:
    store = inventory.store
    tables: Mapping[str, Callable[[], Iterable[str]]] = {
        "chapter": lambda: map(str, inventory.outline.chapters),
        "box": lambda: inventory.outline.boxes,
        "lead": lambda: inventory.leads,
        "zone": lambda: (entry.id.partition("/")[2] for entry in inventory.places("zone")),
        "township": lambda: (entry.id.partition("/")[2] for entry in inventory.places("township")),
        "status": lambda: store.statuses,
        "basis": lambda: store.bases,
        "kind": lambda: inventory.kinds,
        "group": lambda: (str(group["id"]) for group in store.groups),
    }
    return [value for value in tables[field]() if value != NONE]


def _order(inventory: Inventory, sort: str, lang: str) -> Callable[[Entry], Any]:
    ranks = {
        field: {value: rank for rank, value in enumerate(_known(inventory, field))}
        for field in ("kind", "township", "status", "basis")
    }

    def ranked(field: str) -> Callable[[Entry], Any]:
        return lambda entry: min(
            ranks[field].get(value, len(ranks[field])) for value in FIELDS[field](inventory, entry)
        )

    orders: Mapping[str, Callable[[Entry], Any]] = {
        "plan": lambda entry: entry.order,
        "name": lambda entry: entry.spoken(lang),
        "lead": lambda entry: entry.leads[0] if entry.leads else "\uffff",
        **{field: ranked(field) for field in ranks},
    }
    return orders[sort]


def choices(inventory: Inventory, rows: Rows, field: str, asked: Asked) -> list[Values]:
    """The values of a filter with their names and how many features each would leave, the other filters kept."""
    others = Asked(
        {name: value for name, value in asked.chosen.items() if name != field}, asked.query, asked.sort, asked.down
    )
    counts = values_of(inventory, field, others.found(inventory))
    if (chosen := asked.chosen.get(field)) and chosen not in counts:
        counts[chosen] = 0
    return [
        {
            "value": value,
            "name": value_name(rows, field, value),
            "count": count,
            "chosen": value == asked.chosen.get(field),
        }
        for value, count in counts.items()
    ]


def value_name(rows: Rows, field: str, value: str) -> str:
    """The name of a filter's value."""
    store = rows.store
    if value == NONE:
        return rows.t("browse.not_located" if field == "basis" else "browse.none")
    if field == "chapter":
        return rows.chapter(int(value))
    if field == "box":
        return rows.label(value)
    if field in ("zone", "township"):
        place = rows.inventory.place(field, value)
        return rows.entry_name(place) if place else value
    if field == "group":
        return next((rows.name(group) for group in store.groups if group["id"] == value), value)
    if field == "lead":
        return rows.lead_name(value)
    tables = {"status": store.statuses, "basis": store.bases, "kind": rows.inventory.kinds}
    return rows.term(tables[field], value) if field in tables else value


COLUMNS = (
    "id",
    "name",
    "name_en",
    "kind",
    "zone",
    "township",
    "status",
    "basis",
    "accuracy_m",
    "cites",
    "lead_units",
    "lon",
    "lat",
    "notice",
)


def to_csv(rows: Rows, entries: Iterable[Entry], said: str) -> bytes:
    """Features as CSV for spreadsheets: byte-order mark, no cell that could be a formula; coordinates in degrees.

    Args:
        rows: Words for them.
        entries: The features.
        said: What the file says of itself, in its last column.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([rows.t(f"csv.{column}") for column in COLUMNS])
    for entry in entries:
        row = rows.row(entry)
        lon, lat = entry.cells.get("label_lon"), entry.cells.get("label_lat")
        cells = [
            entry.id,
            entry.text("name"),
            entry.text("name_en"),
            row["kind"],
            _joined(row["zones"]),
            _joined(row["townships"]),
            row["status"],
            row["basis"],
            _digits(entry.cells.get("accuracy_m")) if entry.located else "",
            join(entry.cites),
            join(entry.leads),
            *("" if value is None else f"{value:.5f}" for value in (lon, lat)),
            said,
        ]
        writer.writerow([safe_cell(str(cell)) for cell in cells])
    return ("\ufeff" + out.getvalue()).encode("utf-8", "replace")


def _digits(metres: float | None) -> str:
    """Metres for a spreadsheet: digits only."""
    return f"{metres:.0f}" if metres else ""


def _joined(places: Iterable[Values]) -> str:
    return join(str(place["name"]) for place in places)
