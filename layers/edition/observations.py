"""The values of indicators, stated, computed and observed: the one door to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from layers.edition.store import Store, plain
from layers.model.period import Period
from layers.model.tables import split

if TYPE_CHECKING:
    import pandas as pd

    from layers.ledger.book import Ledger, Value
    from layers.ledger.entry import Entry

LEVELS: tuple[str, ...] = ("district", "zone", "township")


def indicators(store: Store) -> list[dict[str, Any]]:
    """Every indicator, stated and computed, in the edition's order."""
    return [described(store, cells) for cells in records(store.edition.indicators)]


def indicator(store: Store, wanted: str) -> dict[str, Any] | None:
    """An indicator as in `indicators`; None when there is none."""
    found = _indicator(store, wanted)
    return None if found is None else dict(found)


@lru_cache(maxsize=4096)
def _indicator(store: Store, wanted: str) -> dict[str, Any] | None:
    frame = store.edition.indicators
    found = records(frame[frame["id"] == wanted])
    return described(store, found[0]) if found else None


def records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict(orient="records")]


def described(store: Store, cells: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator with its stated ends and its value for the district."""
    text = {
        key: str(plain(cells.get(key)) or "")
        for key in (
            "id",
            "name",
            "name_en",
            "unit",
            "unit_en",
            "domain",
            "domain_en",
            "property",
            "origin",
            "formula",
            "formula_en",
            "better",
        )
    }
    decimals = plain(cells.get("decimals"))
    district = observations(store, text["id"], "district")
    computed = next((row for row in district if row.get("role") == "computed"), None)
    return {
        **text,
        "levels": split(cells.get("levels")),
        "cites": split(cells.get("cites")),
        "flags": split(cells.get("flags")),
        "decimals": None if decimals is None else int(decimals),
        "baseline": _stated(district, "baseline"),
        "target": _stated(district, "target"),
        "values": {"district": None if computed is None else plain(computed.get("value"))},
    }


def observations(store: Store, indicator: str, level: str) -> list[dict[str, Any]]:
    """What the plan states and its geometry gives of an indicator at a level, as records."""
    return records(_of_plan(store, indicator, level))


def _of_plan(store: Store, indicator: str, level: str) -> pd.DataFrame:
    frame = store.edition.observations
    return frame[(frame["indicator"] == indicator) & (frame["level"] == level) & (frame["period"] == "")]


def observed_years(store: Store, indicator: str, level: str) -> dict[int | None, dict[str, float]]:
    """Values of whole years that were observed and came with an edition, by year and place, in the plan's scope."""
    frame = store.edition.observations
    is_year = frame["period"].astype(str).str.fullmatch(r"[0-9]{4}") & (frame["scope"].fillna("") == "")
    rows = frame[
        is_year & (frame["indicator"] == indicator) & (frame["level"] == level) & (frame["role"] == "observed")
    ]
    found: dict[int | None, dict[str, float]] = {}
    for row in records(rows):
        value = plain(row.get("value"))
        if value is not None:
            found.setdefault(int(row["period"]), {})[str(row["place"])] = float(value)
    return found


def shown(store: Store, indicator: str, level: str) -> tuple[list[dict[str, Any]], int | None]:
    """The observations of an indicator that a map of a level shows, and the last year among them.

    Of the district what was computed, or the base; a target is no value of a place.
    """
    frame, year = shown_table(store, indicator, level)
    return records(frame), year


def shown_table(store: Store, indicator: str, level: str) -> tuple[pd.DataFrame, int | None]:
    """The same as a table: of tens of thousands of places nobody makes an object each."""
    found = _of_plan(store, indicator, level)
    if level == "district":
        found = found[found["role"].isin(["computed", "baseline"])]
    years = found["year"].dropna()
    return found, None if years.empty else int(years.max())


@dataclass(frozen=True, slots=True)
class Seen:
    """A value with a period: observed, or a base or target that was entered for a place.

    Attributes:
        entered: Whether it is from the ledger; else it came with the plan.
    """

    indicator: str
    place: str
    role: str
    period: str
    value: float
    source: str = ""
    note: str = ""
    scope: str = ""
    entered: bool = False


class Observed:
    """The values that came with an edition and those of a ledger at one state; the ledger's are the later ones.

    Args:
        store: The edition.
        ledger: The ledger of its plan, or None.
        upto: Number of the ledger's entries that count.
    """

    def __init__(self, store: Store, ledger: Ledger | None = None, upto: int = 0) -> None:
        self.store = store
        self._ledger, self._upto = (ledger, upto) if upto else (None, 0)
        frame = store.edition.observations
        self._frozen = frame[frame["period"] != ""]

    @property
    def upto(self) -> int:
        """How many of the ledger's entries count."""
        return self._upto

    def overlay(self, indicator: str, period: str, role: str = "observed") -> dict[str, Seen]:
        """The values of an indicator in a period, by place."""
        entries = self._ledger.overlay(indicator, period, role, self._upto) if self._ledger else ()
        return {one.place: one for one in self._merged(entries, indicator=indicator, period=period, role=role)}

    def of(self, indicator: str | None = None, place: str | None = None) -> list[Seen]:
        """All values, of one indicator or place only, by period."""
        entries: Iterable[Entry] = ()
        if self._ledger is not None and place is not None:
            entries = self._ledger.series(place, indicator, upto=self._upto)
        elif self._ledger is not None:
            entries = self._ledger.everything(indicator, self._upto)
        only = {name: value for name, value in (("indicator", indicator), ("place", place)) if value is not None}
        return sorted(self._merged(entries, **only), key=lambda one: (one.indicator, one.place, Period.of(one.period)))

    def years(self, indicator: str | None = None, place: str | None = None) -> list[Seen]:
        """As `of`, of whole years only: quarters and months, of which there may be many more, are not even read."""
        entries = self._ledger.years(indicator, place, self._upto) if self._ledger is not None else ()
        only = {name: value for name, value in (("indicator", indicator), ("place", place)) if value is not None}
        found = [one for one in self._merged(entries, **only) if len(one.period) == 4]
        return sorted(found, key=lambda one: (one.indicator, one.place, one.period))

    def held(self) -> set[tuple[str, str]]:
        """Place and indicator of all that were observed."""
        known, index, frame = set(self.store.indicator_ids), self.store.index, self._frozen
        frame = frame[frame["role"] == "observed"]
        own = {(str(place), str(one)) for place, one in zip(frame["place"], frame["indicator"], strict=True)}
        entered = self._ledger.held(upto=self._upto) if self._ledger is not None else set[tuple[str, str]]()
        return own | {(place, one) for place, one in entered if place in index and one in known}

    def periods(self, wanted: str = "") -> dict[tuple[str, str], list[str]]:
        """For which periods there are values, of one indicator or of all, by indicator and role."""
        found: dict[tuple[str, str], set[str]] = {}
        for key, codes in (self._ledger.periods(self._upto, indicator=wanted) if self._ledger else {}).items():
            found.setdefault(key, set()).update(codes)
        frame = self._frozen[self._frozen["indicator"] == wanted] if wanted else self._frozen
        for indicator, role, period in zip(frame["indicator"], frame["role"], frame["period"], strict=True):
            found.setdefault((str(indicator), str(role)), set()).add(str(period))
        return {key: sorted(codes, key=Period.of) for key, codes in found.items()}

    def _merged(self, entries: Iterable[Entry | Value], **only: str) -> list[Seen]:
        frame = self._frozen
        for name, value in only.items():
            frame = frame[frame[name] == value]
        found = {}
        for row in records(frame):
            cell, about = (tuple(str(row[name]) for name in names) for names in (_CELL, _ABOUT))
            one = Seen(cell[0], cell[1], cell[2], cell[3], float(row["value"]), about[0], about[1], about[2])
            found[one.indicator, one.role, one.period, one.place] = one
        known = set(self.store.indicator_ids)
        for entry in entries:
            if entry.value is not None and entry.indicator in known and entry.place in self.store.index:
                found[entry.cell] = Seen(
                    entry.indicator, entry.place, entry.role, entry.period, entry.value, entry.source, entry.note,
                    entry.scope, entered=True,
                )  # fmt: skip
        return list(found.values())


_CELL = ("indicator", "place", "role", "period")
_ABOUT = ("source", "note", "scope")


def level_of(store: Store, place: str) -> str:
    """The level of a place: ``district``, ``zone``, ``township`` or ``feature``."""
    found = _levels(store).get(place)
    if found is None and place in store.index and store.vast(store.index[place][0]) is not None:
        kind = str(store.row(place)[1].get("kind") or "")
        found = kind if kind in LEVELS else None
    return found or "feature"


def places_of(store: Store, level: str) -> list[str]:
    """Ids of the places of a level, in their layer's order; not of vast layers."""
    return [place for place, found in _levels(store).items() if found == level]


@lru_cache(maxsize=8)
def _levels(store: Store) -> dict[str, str]:
    """The level of every place that has one, in the order of layers and rows."""
    found: dict[str, str] = {}
    for layer in store.layers:
        if store.vast(layer) is not None:
            continue
        frame = store.frame(layer)
        own = frame.loc[frame["kind"].isin(LEVELS), ["id", "kind"]]
        found |= {str(place): str(kind) for place, kind in zip(own["id"], own["kind"], strict=True)}
    return found


def _stated(rows: Iterable[Mapping[str, Any]], role: str) -> dict[str, Any] | None:
    row = next((row for row in rows if row.get("role") == role), None)
    if row is None:
        return None
    year = plain(row.get("year"))
    return {
        "year": None if year is None else int(year),
        **{key: plain(row.get(key)) for key in ("value", "low", "high")},
        **{key: str(plain(row.get(key)) or "") for key in ("text", "text_en", "comparator", "flag")},
    }
