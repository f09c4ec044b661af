"""The gazetteer, ``places.csv``: named places with coordinates, datum, accuracy and source."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from pathlib import Path

from geo.datum import DATUMS, to_wgs84
from layers.folder.reading import Faults, did_you_mean, joined, read_csv, text_fault
from layers.model.errors import WARNING, Origin
from layers.model.places import Gazetteer, Place
from layers.model.tables import SEPARATOR

COLUMNS = ("name", "name_en", "aliases", "lon", "lat", "datum", "accuracy_m", "basis", "township", "source", "note")
REQUIRED = ("name", "lon", "lat", "datum", "accuracy_m", "source")


# Nobody's name holds an enumeration comma; a comma may belong to a name and is only doubted.
_BETWEEN = re.compile(f"[{SEPARATOR}；、]")


def read(path: Path, shown: str, bases: Collection[str], sources: Collection[str], faults: Faults) -> Gazetteer:
    """Read ``places.csv``.

    Args:
        path: The file.
        shown: How problems name it.
        bases: Known bases.
        sources: Known sources.
        faults: Takes the problems of every row.

    Returns:
        The places whose rows are sound.
    """
    places: list[Place] = []
    dropped: set[str] = set()
    index: dict[str, Place] = {}
    for line, row in read_csv(path, shown, COLUMNS, REQUIRED, faults):
        origin = Origin(shown, f"place/{row['name']}", line)
        place = _place(row, origin, bases, sources, faults)
        if place is None:
            dropped |= {row["name"], *_split(row["aliases"])}
            continue
        for word in (place.name, *place.aliases):
            if word in index:
                faults.add(
                    origin,
                    "name" if word == place.name else "aliases",
                    "place.twice",
                    name=word,
                    other=index[word].origin.line,
                )
            else:
                index[word] = place
        places.append(place)
    return Gazetteer(tuple(places), index, frozenset(dropped))


def _place(
    row: dict[str, str], origin: Origin, bases: Collection[str], sources: Collection[str], faults: Faults
) -> Place | None:
    """One row as a place, or None with the faults noted."""
    before = len(faults.problems)
    for name in ("name", "name_en", "aliases", "township", "note"):
        if wrong := text_fault(row[name]):
            faults.add(origin, name, wrong[0], **wrong[1])
    if not row["name"]:
        faults.add(origin, "name", "field.empty", name="name")
    lon = _number(row, "lon", -180.0, 180.0, origin, faults)
    lat = _number(row, "lat", -90.0, 90.0, origin, faults)
    accuracy = _number(row, "accuracy_m", 0.0, 1e6, origin, faults)
    datum = row["datum"].lower()
    if datum not in DATUMS:
        faults.add(
            origin,
            "datum",
            "place.datum",
            datum=row["datum"],
            choices="、".join(DATUMS),
            guess=did_you_mean(datum, DATUMS),
        )
    basis = row["basis"] or "schematic"
    if basis not in bases:
        faults.add(
            origin,
            "basis",
            "feature.unknown_basis",
            value=basis,
            choices="、".join(bases),
            guess=did_you_mean(basis, bases),
        )
    cited = _split(row["source"])
    if not cited:
        faults.add(origin, "source", "place.no_source")
    for name in cited:
        if name not in sources:
            faults.add(origin, "source", "source.unknown", value=name, guess=did_you_mean(name, sources))
    if lon is None or lat is None or datum not in DATUMS or not row["name"]:
        return None
    sound = len(faults.problems) == before  # one with other faults is kept: what hangs on it is looked at too
    lon, lat = (float(degrees) for degrees in to_wgs84(datum, lon, lat))
    aliases = _split(row["aliases"])
    for name, item in [("aliases", one) for one in aliases] + [("source", one) for one in cited]:
        _doubt_joined(name, item, sources, origin, faults)
    return Place(
        row["name"],
        row["name_en"],
        aliases,
        lon,
        lat,
        datum,
        accuracy or 0.0,
        basis,
        row["township"] if sound else "",
        cited,
        row["note"],
        origin,
    )


def _doubt_joined(name: str, item: str, sources: Collection[str], origin: Origin, faults: Faults) -> None:
    """An item with a comma may be two."""
    if joined(item) and item not in sources:
        faults.add(origin, name, "text.joined", severity=WARNING, value=item)


def _split(cell: str) -> tuple[str, ...]:
    """The items of a cell, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(cell) if part.strip()))


def _number(row: dict[str, str], name: str, low: float, high: float, origin: Origin, faults: Faults) -> float | None:
    """A number within limits from a cell, or None with the fault noted."""
    try:
        value = float(row[name])
    except ValueError:
        faults.add(origin, name, "field.number", value=row[name][:40])
        return None
    if not math.isfinite(value) or not low <= value <= high:
        faults.add(origin, name, "field.range", value=value, low=low, high=high)
        return None
    return value
