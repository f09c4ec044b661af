"""Two editions compared: what came, what went, what lies or is called otherwise, which figures and verdicts changed.

The same for two editions of one plan and for two plans of one district. Features are matched by id, then by code, name
and alias, each time only where it is one to one. Figures are matched by id within a plan and by name between
plans, whose tables are numbered anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000, metric_crs, transform
from layers.edition.export import safe_cell
from layers.edition.file import DECIMALS, Edition
from layers.edition.store import Store, plain
from layers.model import tables

ADDED, REMOVED, MOVED, RENAMED, CHANGED, FIGURE, VERDICT = (
    "added", "removed", "moved", "renamed", "changed", "figure", "verdict",
)  # fmt: skip
WHATS = (ADDED, REMOVED, MOVED, RENAMED, CHANGED, FIGURE, VERDICT)
"""What a change may be, in the order in which they are told."""

KEPT = "kept"
"""What goes on: told between two plans only."""

_NAMES = ("name", "name_en", "aliases")
_VERDICTS = ("verdict", "because", "met", "met_by")
_TEXTS = frozenset((
    "note", "note_en", "cites", "lead_units", "domain", "domain_en", "reason", "reason_en", "operation", "features",
    "formula", "formula_en", "levels", "flags", "property", "origin", "better", "place", "self_check", "decimals",
))  # fmt: skip
"""Columns of figures that hold no figure."""
_COMPUTED = "computed"
_PERIODS = ("baseline_year", "target_year")
_MEASURES = ("length_km", "length_inside_km", "area_km2", "accuracy_m")
_FOLLOWS = ("id", "label_lon", "label_lat", "same_as_maybe")
"""Columns that follow from others, or are told otherwise."""
_FIGURES_FOLLOW = ("id", "difference")
"""The same of figures: a claim's difference is what was measured less what is stated, and both are compared."""
_REFERS = {"zone": "zone/", "township": "township/", "unit": "", "features": "", "place": "", "weight": ""}
"""Columns that name features or indicators, and the start of ids that their cells leave out."""

Ids = Mapping[str, str]
"""Ids of the earlier edition → ids of the same things in the later one, where they differ."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        what: One of ``WHATS``.
        table: The layer, or ``indicators``, ``observations``, ``targets``, ``reviews`` or ``claims``.
        id: Of the record, in the later edition if it is there.
        earlier_id: Its id in the earlier edition where that is another; else empty.
        matched: How it was found there: ``id``, ``code``, ``name``, ``alias``; empty for what is in one of them only.
        name: Its name, in the later edition if it is there.
        name_en: Its English name.
        field: The column that changed; empty for a whole record, ``geometry`` for a shape.
        before: The value in the earlier edition, as text.
        after: The value in the later one.
        distance_m: How far the shape's outline has moved at most (Hausdorff distance of the vertices); None where
            one of the two has no shape.
    """

    what: str
    table: str
    id: str
    earlier_id: str
    matched: str
    name: str
    name_en: str
    field: str = ""
    before: str = ""
    after: str = ""
    distance_m: float | None = None


@dataclass(frozen=True)
class Pair:
    """A feature that is in both editions.

    Attributes:
        table: Its layer in the later edition.
        id: In the later edition.
        earlier_id: In the earlier one.
        matched: How it was found there, as in `Change`.
        name: In the later edition.
        name_en: Likewise.
        same: Whether it is the same in everything but its id.
    """

    table: str
    id: str
    earlier_id: str
    matched: str
    name: str
    name_en: str
    same: bool


@dataclass(frozen=True)
class Difference:
    """All differences of two editions, and how many features are the same.

    Attributes:
        before: Hash of the earlier edition.
        after: Hash of the later one.
        changes: In the order of ``WHATS``, then of the tables.
        pairs: Features that are in both, in the later edition's order.
        one_plan: Whether both are editions of one plan.
    """

    before: str
    after: str
    changes: tuple[Change, ...]
    pairs: tuple[Pair, ...]
    one_plan: bool

    @property
    def both(self) -> int:
        """How many features are in both."""
        return len(self.pairs)

    @property
    def same(self) -> int:
        """How many features are in both and the same in everything."""
        return sum(pair.same for pair in self.pairs)

    @property
    def renumbered(self) -> Ids:
        """What is in both under two ids."""
        return {pair.earlier_id: pair.id for pair in self.pairs if pair.earlier_id != pair.id}

    def counts(self) -> dict[str, int]:
        """How many records there are of each kind of change; one with two changed columns counts once."""
        seen = {(one.what, one.table, one.id) for one in self.changes}
        return {what: sum(key[0] == what for key in seen) for what in WHATS}

    def going_on(self) -> list[Change]:
        """What is in both of two plans, changed or not; nothing between two editions of one plan."""
        return [] if self.one_plan else [_going_on(pair) for pair in self.pairs]

    def as_dict(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "before": self.before,
            "after": self.after,
            "counts": self.counts(),
            "both": self.both,
            "same": self.same,
            "one_plan": self.one_plan,
            "changes": [asdict(one) for one in self.changes],
            "kept": [] if self.one_plan else [asdict(pair) for pair in self.pairs],
        }

    def as_csv(self) -> bytes:
        """One row a change; a cell that a spreadsheet would take for a formula gets an apostrophe in front."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        columns = [field.name for field in fields(Change)]
        writer.writerow(columns)
        for one in (*self.changes, *self.going_on()):
            values = ["" if value is None else value for value in asdict(one).values()]
            writer.writerow([safe_cell(value) if isinstance(value, str) else value for value in values])
        return ("\ufeff" + out.getvalue()).encode("utf-8", "replace")


@dataclass(frozen=True)
class _Feature:
    layer: str
    cells: Mapping[str, Any]
    geometry: BaseGeometry | None


def compare(before: Edition, after: Edition) -> Difference:
    """Compare two editions.

    Args:
        before: The earlier one.
        after: The later one.
    """
    one_plan = before.meta["plan"].get("id") == after.meta["plan"].get("id")
    old, new = _features(before), _features(after)
    pairs = _pairs(old, new)
    lon = float(after.meta["plan"].get("lon") or 0.0) or _longitude(new.values())
    ids = {earlier: later for later, (earlier, _how) in pairs.items() if earlier != later}
    changes, both = [], []
    for later, feature in new.items():
        if later not in pairs:
            changes.append(_whole(ADDED, feature))
            continue
        earlier, how = pairs[later]
        found = list(_changed(old[earlier], feature, how, lon, ids))
        changes += found
        both.append(_pair(old[earlier], feature, how, same=not found))
    matched = {earlier for earlier, _how in pairs.values()}
    changes += [_whole(REMOVED, feature) for key, feature in old.items() if key not in matched]
    changes += _figures(before, after, one_plan, ids)
    changes.sort(key=lambda one: WHATS.index(one.what))
    return Difference(before.hash, after.hash, tuple(changes), tuple(both), one_plan)


# ---- features


def _features(edition: Edition) -> dict[str, _Feature]:
    store = Store(edition)
    return {
        str(cells["id"]): _Feature(layer, {str(column): value for column, value in cells.items()}, geometry)
        for layer in store.layers
        for cells, geometry in zip(
            pd.DataFrame(store.frame(layer).drop(columns="geometry", errors="ignore")).to_dict("records"),
            store.geometries(layer),
            strict=True,
        )
    }


def _longitude(features: Iterable[_Feature]) -> float:
    return next((one.geometry.centroid.x for one in features if one.geometry is not None), 0.0)


def _pairs(old: Mapping[str, _Feature], new: Mapping[str, _Feature]) -> dict[str, tuple[str, str]]:
    """Id in the later edition → id in the earlier one, and how it was found."""
    found = {key: (key, "id") for key in new if key in old}
    ways: tuple[tuple[str, Callable[[_Feature], Sequence[str]]], ...] = (
        ("code", lambda one: [_text(one.cells.get("code"))]),
        ("name", lambda one: [_text(one.cells.get("name"))]),
        ("alias", lambda one: [_text(one.cells.get("name")), *tables.split(one.cells.get("aliases"))]),
    )
    for how, keys in ways:
        taken = {earlier for earlier, _how in found.values()}
        left = _by_key({key: one for key, one in old.items() if key not in taken}, keys)
        right = _by_key({key: one for key, one in new.items() if key not in found}, keys)
        for key in right.keys() & left.keys():
            # Of two of a name, neither is known to be the other edition's.
            if len(left[key]) == len(right[key]) == 1:
                earlier, later = left[key][0], right[key][0]
                if earlier not in taken and later not in found:
                    found[later] = (earlier, how)
                    taken.add(earlier)
    return found


def _by_key(
    features: Mapping[str, _Feature], keys: Callable[[_Feature], Sequence[str]]
) -> dict[tuple[str, str], list[str]]:
    """Ids by kind and key: things of two kinds are two things, whatever they are called."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, feature in features.items():
        for key in dict.fromkeys(keys(feature)):
            if key:
                found.setdefault((_text(feature.cells.get("kind")), key), []).append(name)
    return found


def _whole(what: str, feature: _Feature) -> Change:
    cells = feature.cells
    return Change(what, feature.layer, str(cells["id"]), "", "", _text(cells.get("name")), _text(cells.get("name_en")))


def _pair(old: _Feature, new: _Feature, how: str, *, same: bool) -> Pair:
    later, name, name_en = (_text(new.cells.get(column)) for column in ("id", "name", "name_en"))
    return Pair(new.layer, later, str(old.cells["id"]), how, name, name_en, same)


def _going_on(pair: Pair) -> Change:
    earlier = "" if pair.earlier_id == pair.id else pair.earlier_id
    return Change(KEPT, pair.table, pair.id, earlier, pair.matched, pair.name, pair.name_en)


def _changed(old: _Feature, new: _Feature, how: str, lon: float, ids: Ids) -> Iterator[Change]:
    earlier, later = str(old.cells["id"]), str(new.cells["id"])
    about = (new.layer, later, "" if earlier == later else earlier, how)
    names = (_text(new.cells.get("name")), _text(new.cells.get("name_en")))
    if _rounded(old.geometry) != _rounded(new.geometry):
        distance_m = _distance_m(old.geometry, new.geometry, lon)
        yield Change(MOVED, *about, *names, "geometry", _told(old.geometry), _told(new.geometry), distance_m)
    for column in tables.FEATURE_COLUMNS:
        before, after = _text(old.cells.get(column)), _text(new.cells.get(column))
        if column in _FOLLOWS or after in (before, _as_later(column, before, ids)):
            continue
        what = RENAMED if column in _NAMES else FIGURE if column in _MEASURES else CHANGED
        yield Change(what, *about, *names, column, before, after)
    if old.layer != new.layer:
        yield Change(CHANGED, *about, *names, "layer", old.layer, new.layer)


def _as_later(column: str, cell: str, ids: Ids) -> str:
    """A cell of the earlier edition that names things as the later edition does.

    Example:
        >>> _as_later("zone", "w;east", {"zone/w": "zone/west"}), _as_later("note", "w", {"w": "v"})
        ('west;east', 'w')
    """
    if not ids or column not in _REFERS:
        return cell
    start = _REFERS[column]
    return tables.join(ids.get(start + one, start + one).removeprefix(start) for one in tables.split(cell))


def _rounded(geometry: BaseGeometry | None) -> bytes:
    """A shape as the content hash sees it."""
    if geometry is None:
        return b""
    return bytes(
        shapely.to_wkb(shapely.normalize(shapely.transform(geometry, lambda xy: np.round(xy, DECIMALS) + 0.0)))
    )


def _told(geometry: BaseGeometry | None) -> str:
    """What a shape is, and where its middle lies."""
    if geometry is None:
        return ""
    point = geometry.representative_point()
    return f"{geometry.geom_type} {point.x:.5f} {point.y:.5f}"


def _distance_m(old: BaseGeometry | None, new: BaseGeometry | None, lon: float) -> float | None:
    if old is None or new is None:
        return None
    plane = metric_crs(lon)
    one, other = (transform(geometry, CGCS2000, plane) for geometry in (old, new))
    return round(float(shapely.hausdorff_distance(one, other)), 1)


# ---- figures


def _figures(before: Edition, after: Edition, one_plan: bool, ids: Ids) -> Iterator[Change]:
    parts = (
        ("indicators", before.indicators, after.indicators, tables.INDICATOR_COLUMNS),
        *((name, before.figures[name], after.figures[name], columns) for name, columns in tables.FIGURES.items()),
    )
    for table, old, new, columns in parts:
        key = "id" if one_plan else "name"
        # Two plans have two periods: that is no change of each of their indicators.
        asked = [name for name in columns if one_plan or name not in _PERIODS]
        earlier, later = _keyed(old, key), _keyed(new, key)
        own = {str(earlier[name]["id"]): str(later[name]["id"]) for name in earlier.keys() & later.keys()}
        yield from _records(table, earlier, later, asked, key, {**own, **ids})
    yield from _observations(before, after, one_plan, ids)


def _keyed(frame: pd.DataFrame, key: str) -> dict[str, Mapping[str, Any]]:
    """Records by id or name; of two of a name neither is known to be the other plan's."""
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    counts = pd.Series([_text(row[key]) for row in rows], dtype="object").value_counts()
    return {name if counts[name] == 1 else f"{name} ({row['id']})": row for row in rows for name in [_text(row[key])]}


def _records(
    table: str,
    old: Mapping[str, Mapping[str, Any]],
    new: Mapping[str, Mapping[str, Any]],
    columns: list[str],
    how: str,
    ids: Ids,
) -> Iterator[Change]:
    for key in [*new, *(key for key in old if key not in new)]:
        row = new.get(key) or old[key]
        names = (_text(row.get("name")), _text(row.get("name_en")))
        if key not in old or key not in new:
            yield Change(ADDED if key in new else REMOVED, table, str(row["id"]), "", "", *names)
            continue
        earlier = str(old[key]["id"])
        about = (table, str(row["id"]), "" if earlier == str(row["id"]) else earlier, how)
        for column in columns:
            before, after = _text(old[key].get(column)), _text(row.get(column))
            if column not in _FIGURES_FOLLOW and after not in (before, _as_later(column, before, ids)):
                what = RENAMED if column in _NAMES else FIGURE
                what = VERDICT if column in _VERDICTS else CHANGED if column in _TEXTS else what
                yield Change(what, *about, *names, column, before, after)


def _observations(before: Edition, after: Edition, one_plan: bool, ids: Ids) -> Iterator[Change]:
    """Values of indicators by place; a year that is said with the value belongs to it."""
    old, new = values(before, one_plan, ids), values(after, one_plan)
    for key in [*new, *(key for key in old if key not in new)]:
        earlier, later = ("; ".join(map(_value, rows.get(key, ()))) for rows in (old, new))
        indicator, place, role = key
        # What is computed is of the year in which its plan was mapped, and two plans' years differ.
        of_its_year = not one_plan and role == _COMPUTED
        if earlier != later and not (of_its_year and _undated(old.get(key, ())) == _undated(new.get(key, ()))):
            about = (new.get(key) or old[key])[0]
            names = (_text(about["name"]) or indicator, _text(about["name_en"]))
            how = "id" if one_plan else "name"
            yield Change(FIGURE, "observations", indicator, "", how, *names, f"{role} {place}".strip(), earlier, later)


def values(
    edition: Edition, one_plan: bool, ids: Ids = MappingProxyType({})
) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Observations with name and unit of their indicator, by indicator (its name between two plans), place and role.

    Args:
        edition: The edition.
        one_plan: Whether it is compared with one of its own plan.
        ids: Of an earlier edition, what the later one calls its places.
    """
    about = {str(row["id"]): row for row in edition.indicators.to_dict("records")}
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in edition.observations.to_dict("records"):
        own = about.get(str(row["indicator"]), {})
        told = {name: own.get(name) for name in ("name", "name_en", "unit", "unit_en", "decimals")}
        indicator = str(row["indicator"]) if one_plan else _text(told["name"]) or str(row["indicator"])
        cells = {str(name): cell for name, cell in row.items()}
        place = ids.get(str(row["place"]), str(row["place"]))
        found.setdefault((indicator, place, str(row["role"])), []).append({**cells, **told})
    return found


def _value(row: Mapping[str, Any]) -> str:
    said = _text(row["value"]) or _text(row["text"]) or "–".join(_text(row[end]) for end in ("low", "high")).strip("–")
    year = _text(row["year"])
    return f"{_text(row['comparator'])}{said}" + (f" ({year})" if year else "")


def _undated(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [_value({**row, "year": None}) for row in rows]


def _text(value: object) -> str:
    """A cell as text; numbers to nine digits, as the content hash has them."""
    found = plain(value)
    if found is None:
        return ""
    if isinstance(found, bool):
        return "1" if found else "0"
    if isinstance(found, float):
        return f"{found:.9g}"
    return str(found)
