"""Scenarios as tables and on the map: what each place would have to do, beside others and what was observed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo import files
from layers import words
from layers.edition.formats.tables import csv_file, xlsx_file
from layers.edition.notice import notice
from layers.edition.observations import Observed, Seen, places_of
from layers.edition.observations import indicator as described
from layers.edition.observations import records as rows_of
from layers.edition.store import Store, plain
from layers.ledger.scenarios import Scenario, Scenarios
from layers.measure.classify import around, classes
from layers.model.errors import LayersError, word
from layers.progress.decomposing import Decomposed

SHOWS = ("scenario", "scenario_gap")
"""What a map shows of a scenario: its values; what was observed less them."""
FORMATS = (".csv", ".xlsx")
MOST_DECIMALS = 4
"""Decimals of a difference on a map."""


@dataclass(frozen=True)
class Told:
    """A scenario that was saved, and what it says.

    Attributes:
        scenario: As it was saved.
        said: Its body.
        indicator: The indicator's record; None when the edition has none of this id.
    """

    scenario: Scenario
    said: Mapping[str, Any]
    indicator: Mapping[str, Any] | None

    @classmethod
    def of(cls, store: Store, scenario: Scenario) -> Told:
        """Read a scenario by an edition."""
        frame = store.edition.indicators
        found = rows_of(frame[frame["id"] == scenario.indicator])
        record = (
            {key: plain(value) if plain(value) is not None else "" for key, value in found[0].items()}
            if found
            else None
        )
        return cls(scenario, json.loads(scenario.body), record)

    @property
    def values(self) -> dict[str, float]:
        """The value of each place."""
        return {place: float(row["value"]) for place, row in self.said["rows"].items()}

    def as_dict(self, store: Store, observed: Observed) -> dict[str, Any]:
        """For programs: everything, marked as what it is."""
        one = self.scenario
        return {
            "code": one.code, "name": one.name, "version": one.version, "indicator": one.indicator, "level": one.level,
            "period": one.period, "from_plan": False, "mark": word("decomposition.mark", "zh"),
            "mark_en": word("decomposition.mark", "en"), "at": one.at,
            **{key: self.said.get(key) for key in ("whole", "total", "decimals", "rate", "unit", "note", "edition")},
            "asked": self.said.get("asked", {}),
            "zones": self.said.get("zones", {}), "shares": self.said.get("shares", {}),
            "rows": [
                {"place": row["id"], "name": row["name"], "name_en": row["name_en"], **row["said"],
                 "observed": row["observed"], "observed_period": row["seen_in"], "gap": row["gap"]}
                for row in rows(store, observed, self)
            ],
        }  # fmt: skip


def saved(
    scenarios: Scenarios, found: Decomposed, name: str, author: str, *, note: str = "", edition: str = "",
    after: int | None = None,
) -> Scenario:  # fmt: skip
    """Save a split under a name; ``after`` is the version that was seen, None the one that is there.

    Raises:
        LedgerError, ConflictError: As `Scenarios.save`.
        LayersError: ``decomposition.text``: the note is too long.
    """
    if len(note) > 2000 or any(not c.isprintable() and c not in "\n\t" for c in note):
        raise LayersError("decomposition.text", field="note", most=2000)
    body = json.dumps(found.body(note, edition), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    asked = found.asked
    seen = scenarios.version(name) if after is None else after
    about = {"indicator": asked.indicator, "level": asked.level, "period": str(asked.year)}
    return scenarios.save(name, body, author, **about, after=seen)


def rows(store: Store, observed: Observed, told: Told, others: Sequence[Told] = ()) -> list[dict[str, Any]]:
    """A row for each place of the scenario that the edition has: what it says, what others say, what was observed."""
    seen, period = observed_beside(observed, told)
    found = []
    for place, row in told.said["rows"].items():
        if place not in store.index:
            continue
        name, name_en = store.name_of(place)
        value = seen.get(place)
        found.append({
            "id": place, "name": name, "name_en": name_en, "said": dict(row),
            "observed": value.value if value else None,
            "seen_in": period if value else "", "gap": tidy(value.value - float(row["value"])) if value else None,
            "others": [other.values.get(place) for other in others],
        })  # fmt: skip
    return found


def observed_beside(observed: Observed, told: Told) -> tuple[Mapping[str, Seen], str]:
    """What was observed in the scenario's year, else in the newest year before it; and which year that is."""
    one = told.scenario
    known = observed.periods(one.indicator).get((one.indicator, "observed"), [])
    places = set(places_of(observed.store, one.level))
    for period in sorted((code for code in known if len(code) == 4 and code <= one.period), reverse=True):
        seen = observed.overlay(one.indicator, period)
        if places & seen.keys():
            return seen, period
    return {}, ""


def table(store: Store, observed: Observed, told: Told, others: Sequence[Told], lang: str) -> list[dict[str, Any]]:
    """The scenario as rows headed in words; every row says that it is none of the plan's, the last is the whole."""

    def head(key: str, **params: str) -> str:
        return word(f"decomposition.column.{key}", lang, **params)

    one, record = told.scenario, told.indicator or {"name": told.scenario.indicator}
    common = {
        head("scenario"): one.name, head("mark"): word("decomposition.mark", lang),
        head("indicator"): words.name(record, lang), head("unit"): words.unit(record, lang),
        head("year"): int(one.period),
    }  # fmt: skip
    found = []
    lines = rows(store, observed, told, others)
    for row in lines:
        said = row["said"]
        cells = {head("place"): row["name_en"] if lang == "en" else row["name"], head("value"): said["value"]}
        cells |= {head(key): said.get(key) for key in ("weight", "size", "base", "rate", "low", "high")}
        cells[head("at")] = word(f"decomposition.held.{said['at']}", lang) if said.get("at") else ""
        cells |= {head("observed"): row["observed"], head("difference"): row["gap"]}
        cells |= {
            head("other", name=other.scenario.name): value for other, value in zip(others, row["others"], strict=True)
        }
        found.append({**common, **cells})
    found.append({**common, head("place"): head("whole"), head("value"): told.said["whole"]})
    return found


def written(store: Store, observed: Observed, told: Told, path: Path, lang: str, others: Sequence[Told] = ()) -> None:
    """Write a scenario as CSV or XLSX, by the file's name.

    Raises:
        LayersError: ``ledger.export_format``.
    """
    if path.suffix.lower() not in FORMATS:
        raise LayersError("ledger.export_format", file=path.name, choices=list(FORMATS))
    said = notice(store.edition, {}, lang)
    frame = pd.DataFrame(table(store, observed, told, others, lang), dtype=object)
    with files.atomic_path(path) as temporary:
        if path.suffix.lower() == ".csv":
            csv_file(temporary, frame, said, lang)
        else:
            sheet = word("decomposition.sheet", lang)
            xlsx_file(temporary, {sheet: frame}, said, word("decomposition.about", lang), int(told.scenario.period))


def overlay(observed: Observed, told: Told, show: str) -> dict[str, Any]:
    """A scenario's values at the places of its level for a map, as `layers.progress.overlay.overlay`.

    Args:
        observed: The values.
        told: The scenario.
        show: One of ``SHOWS``.
    """
    store, one = observed.store, told.scenario
    record = described(store, one.indicator) or {}
    by_place = {row["id"]: row for row in rows(store, observed, told)}
    mark = {lang: f"{word('decomposition.mark', lang)}: {one.name}" for lang in ("zh", "en")}
    values = []
    for place in places_of(store, one.level):
        name, name_en = store.name_of(place)
        row = by_place.get(place)
        value = None if row is None else row["gap"] if show == SHOWS[1] else float(row["said"]["value"])
        values.append({"place": place, "name": name, "name_en": name_en, "value": value, "flag": "",
                       "note": mark["zh"], "note_en": mark["en"]})  # fmt: skip
    there = [float(row["value"]) for row in values if isinstance(row["value"], int | float)]
    written = [len(f"{value:.{MOST_DECIMALS}f}".rstrip("0").partition(".")[2]) for value in there]
    decimals = max(int(told.said.get("decimals") or 0), record["decimals"] or 0, *written)
    return {
        "indicator": record | {"decimals": decimals}, "level": one.level, "edition": store.hash,
        "year": int(one.period), "show": show, "period": one.code, "periods": [],
        "scenario": {"code": one.code, "name": one.name},
        "reason": None if there else "no_value", "values": values,
        "total": None if show == SHOWS[1] else told.said["whole"],
        "classes": _classes(store, show, there, decimals), "states": [],
    }  # fmt: skip


def _classes(store: Store, show: str, values: list[float], decimals: int) -> dict[str, Any]:
    if not values:
        return {}
    return diverging(store, values) if show == SHOWS[1] else dict(classes(values, store.ramp(), decimals))


def diverging(store: Store, values: Sequence[float]) -> dict[str, Any]:
    """Classes with the same steps on both sides of zero, so that what rose and what fell never share a colour."""
    sided = around(values, 0, store.ramp("diverging"))
    return {"zero": sided} if sided is not None else dict(classes(list(values), store.ramp(), 0))


def tidy(value: float) -> float:
    """A difference without the dust of binary fractions."""
    return float(f"{value:.12g}")
