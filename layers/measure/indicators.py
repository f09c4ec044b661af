"""Indicators of a plan: those it states, and those that its geometry gives, for district, zones and townships.

Definitions of computed indicators are data (``data/computed_indicators.toml``); their methods are the functions of
``layers.measure.methods``. What is not known is empty, never zero: an indicator none of whose inputs has a geometry
has no value, and what had to be left out is said in the observation's note. A value that leans on an assumed dividing
line, or on a feature that is itself assumed, carries the flag ``assumed``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers.measure import methods
from layers.measure.features import Features, Shapes
from layers.model.definitions import IndicatorError, check_definition
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, ComputedIndicator, Indicator, Observed, Plan, Value
from layers.model.tables import OBSERVATION_COLUMNS, join, split

ASSUMED = "assumed"
FEATURE = "feature"
"""Level of a value that is of neither the district nor a zone nor a township."""
ZONE_PART = "zone_part"
"""Kind of the parts into which an assumed dividing line cuts a township."""

COLUMNS = (
    "id", "name", "name_en", "kind", "zone", "township", "status", "basis", "assumed", "zone_from", "context", "unit",
)  # fmt: skip
"""What indicators ask of a feature, besides its geometry."""
_LEVELS = (DISTRICT, ZONE, TOWNSHIP)
_ALIKE = 1e-7
"""Areas of a place and of its townships differ by no more than this share, which is rounding."""


Rows = list[dict[str, Any]]
Columns = dict[str, list[Any]]
"""A table by column: of many places, a tenth of the memory of as many records."""


def compute(plan: Plan, features: Features) -> tuple[Rows, Columns]:
    """Give all indicators of a plan and their observed or computed values.

    Args:
        plan: The plan; its stated and computed indicators.
        features: The georeferenced features, EPSG:4490; columns ``COLUMNS``.

    Returns:
        Records of indicators, and the columns of observations; fields as in ``layers.model.tables``. Lists are
        joined by ``;``; what is not known is None or, of a record, left out. Computed values are rounded to the
        definition's decimals. A computed indicator of which the plan has no feature at all is left out.

    Raises:
        IndicatorError: ``indicator.method_unknown``, ``indicator.distance_missing``, ``indicator.kinds_missing``.
        GeoError: The layers have no CRS, or not one CRS.
    """
    world = World.of(features)
    indicators = [_stated_row(one) for one in plan.indicators]
    stated = [row for one in plan.indicators for row in _stated_observations(one)]
    kinds = dict(zip(features["id"], features["kind"], strict=True)) if plan.observed else {}
    stated += [_observed_row(one, str(kinds.get(one.place, ""))) for one in plan.observed]
    observations: Columns = {name: [row.get(name) for row in stated] for name in OBSERVATION_COLUMNS}
    for definition in plan.computed_indicators:
        check_definition(definition)
        inputs = world.inputs(definition)
        if definition.kinds and not len(inputs):
            continue
        levels = [level for level in definition.levels if level in world.places]
        indicators.append(_computed_row(definition, levels))
        for level in levels:
            for name, cells in _computed_observations(world, definition, inputs, level, plan.as_of).items():
                observations[name] += cells
        world.drawn.clear()
    return indicators, observations


# ---- stated indicators


def _stated_row(one: Indicator) -> dict[str, Any]:
    target, baseline = one.target, one.baseline
    return {
        "id": one.id,
        "name": one.name,
        "name_en": one.name_en,
        "unit": one.unit,
        "unit_en": one.unit_en,
        "domain": one.domain,
        "domain_en": one.domain_en,
        "property": one.property,
        "origin": "stated",
        "levels": DISTRICT,
        "cites": join(one.cites),
        "formula": "",
        "formula_en": "",
        "decimals": max((_decimals(value) for value in (baseline, target) if value), default=0),
        "better": one.better,
        "baseline_year": baseline.year if baseline else None,
        "target_year": target.year if target else None,
        "target_text": target.text if target else "",
        "target_comparator": target.comparator if target else "",
        "flags": join(one.flags),
        "aliases": join(one.aliases),
        "measure": one.measure,
        "path": one.path,
        "aggregation": one.aggregation,
        "weight": one.weight,
    }


def _decimals(value: Value) -> int:
    """Decimals as stated: 1828.47 has two, 2600 none."""
    numbers = [number for number in (value.value, value.low, value.high) if number is not None]
    return max((len(f"{number:.10f}".rstrip("0").split(".")[1]) for number in numbers), default=0)


def _stated_observations(one: Indicator) -> list[dict[str, Any]]:
    rows = []
    for role, value in (("baseline", one.baseline), ("target", one.target)):
        if value is None:
            continue
        row = {name: getattr(value, name) for name in ("year", "value", "low", "high", "text", "text_en")}
        row |= {"comparator": value.comparator, "flag": value.flag, "note": value.note or one.note}
        row |= {"note_en": "" if value.note else one.note_en, "indicator": one.id, "role": role}
        rows.append(row | {"place": DISTRICT, "level": DISTRICT})
    return rows


def _observed_row(one: Observed, kind: str) -> dict[str, Any]:
    """A value that the plan folder ships."""
    level = kind if kind in _LEVELS else FEATURE
    row = {
        name: getattr(one, name)
        for name in ("indicator", "place", "role", "period", "value", "source", "note", "scope")
    }
    return row | {"level": level, "year": int(one.period[:4]), "text": "", "text_en": "", "comparator": "", "flag": ""}


# ---- computed indicators


@dataclass(frozen=True, slots=True)
class World:
    """The features, and the places of each level.

    Attributes:
        features: Every feature that has a geometry or may lack one; columns ``COLUMNS``.
        places: Polygons by level.
        splits: Townships cut by an assumed line: ids of zone and township, one pair for each zone that shares it.
        assumed_places: Ids of places that are themselves assumed.
        names: Chinese and English name by feature id.
        measured: The places' own areas in square kilometres by level, once they have been asked for.
        drawn: The circles of the indicator in hand by metric CRS, once they have been drawn, see `methods.area_within`.
        covered: What circles cover of the townships, in square kilometres, by id of the indicator.
        shared: Shares of townships in the places of a level, once that has been asked, see `methods.township_shares`.
    """

    features: Features
    places: Mapping[str, Shapes]
    splits: tuple[tuple[str, str], ...]
    assumed_places: frozenset[str]
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    measured: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    drawn: dict[CRS, NDArray[Any]] = field(default_factory=dict)
    covered: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    shared: dict[str, methods.PairShares] = field(default_factory=dict)

    @classmethod
    def of(cls, features: Features) -> World:
        """Find the places of each level among the features."""
        there = ~features.missing
        places = {}
        for level in _LEVELS:
            chosen = (features["kind"] == level) & there
            if chosen.any():
                places[level] = features.shapes.take(chosen)
        names = {
            one: (name, name_en)
            for one, name, name_en in zip(features["id"], features["name"], features["name_en"], strict=True)
        }
        assumed = frozenset(features["id"][features["assumed"] & features.among("kind", _LEVELS)])
        return cls(features, places, _splits(features, places), assumed, names)

    def area(self, level: str) -> NDArray[np.float64]:
        """The areas of a level's places, in square kilometres."""
        if level not in self.measured:
            known = self.features.areas_m2
            chosen = (self.features["kind"] == level) & ~self.features.missing
            self.measured[level] = methods.area(self.places[level]) if known is None else known[chosen] / methods.KM2
        return self.measured[level]

    def shares(self, level: str) -> methods.PairShares:
        """Shares of townships in the places of a level."""
        if level not in self.shared:
            places = self.places[level]
            towns = self.places.get(TOWNSHIP, places.take(np.arange(0)))
            self.shared[level] = methods.township_shares(places, towns)
        return self.shared[level]

    def parts(self, level: str) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """Which townships the places of a level are made of: numbers of place and township, a pair each.

        None where a place holds townships in part, or more or less than its townships: what is found of the townships
        cannot be added up for it.
        """
        place, town, share = self.shares(level)
        whole = self.area(level)
        sums = np.bincount(place, self.area(TOWNSHIP)[town], len(whole))
        return (place, town) if (share == 1).all() and (np.abs(sums - whole) <= _ALIKE * whole).all() else None

    def within(self, one: ComputedIndicator, located: Features, level: str) -> NDArray[np.float64]:
        """Area of each place of a level within the indicator's distance of the located points, square kilometres."""
        distance = float(one.distance_m or 0.0)
        if TOWNSHIP in one.levels and TOWNSHIP in self.places and one.id not in self.covered:
            self.covered[one.id] = methods.area_within(self.places[TOWNSHIP], located.shapes, distance, self.drawn)
        if level == TOWNSHIP:
            return self.covered[one.id]
        parts = self.parts(level) if one.id in self.covered else None
        if parts is None:
            return methods.area_within(self.places[level], located.shapes, distance, self.drawn)
        place, town = parts
        return np.asarray(np.bincount(place, self.covered[one.id][town], len(self.places[level])), dtype=np.float64)

    def inputs(self, definition: ComputedIndicator) -> Features:
        """The features that a definition is about, with and without geometry.

        What is drawn for orientation has a length, but is not counted among the plan's features.
        """
        chosen = self.features.among("kind", definition.kinds)
        if definition.status:
            of_kind = np.flatnonzero(chosen)  # few of all
            chosen[of_kind] = [status in definition.status for status in self.features["status"][of_kind]]
        if definition.method == "count":
            chosen &= ~self.features["context"]
        return self.features.take(chosen)


def _splits(features: Features, places: Mapping[str, Shapes]) -> tuple[tuple[str, str], ...]:
    """The zones that share each township of which a part is drawn, by a point inside the part.

    Of a township cut in two a plan folder may draw one part only: the zone that has the rest leans on the line too.
    """
    parts = features.shapes.geometries[(features["kind"] == ZONE_PART) & ~features.missing]
    if not len(parts) or ZONE not in places or TOWNSHIP not in places:
        return ()
    points = shapely.point_on_surface(parts)
    _, owner = shapely.STRtree(places[TOWNSHIP].geometries).query(points, predicate="intersects")
    cut = places[TOWNSHIP].take(np.array(list(dict.fromkeys(owner.tolist())), dtype=np.intp))  # as they are drawn
    zone, township, _ = methods.township_shares(places[ZONE], cut)
    order = np.argsort(township, kind="stable")
    return tuple(zip(places[ZONE].ids[zone[order]].tolist(), cut.ids[township[order]].tolist(), strict=True))


def _computed_row(one: ComputedIndicator, levels: Iterable[str]) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in ("id", "name", "name_en", "unit", "unit_en", "domain", "domain_en")},
        "property": "",
        "origin": "computed",
        "levels": join(levels),
        "cites": "",
        "formula": one.formula,
        "formula_en": one.formula_en,
        "decimals": one.decimals,
        "better": one.better,
        "baseline_year": None,
        "target_year": None,
        "target_text": "",
        "target_comparator": "",
        "flags": "",
    }


def _computed_observations(world: World, one: ComputedIndicator, inputs: Features, level: str, year: int) -> Columns:
    """The observations of one indicator on one level."""
    places = world.places[level]
    known = ~inputs.missing
    if one.method == "count":
        known |= inputs["unit"] != ""
    located = inputs.take(known)
    left_out = len(inputs) - len(located)
    notes = Notes()
    if one.kinds and not len(located):
        values = np.full(len(places), np.nan)
        notes.everywhere("indicator.none_located", n=left_out)
    else:
        values = _values(world, one, located, level, places, notes)
        if left_out:
            notes.everywhere("indicator.left_out", n=left_out)
        if one.method == "count" and level == TOWNSHIP:
            _note_zone_only(world, located, notes)
    flagged = leaning(world, one, located, level, notes)
    alike = {"indicator": one.id, "level": level, "role": "computed", "year": year}
    return {name: [alike.get(name)] * len(places) for name in OBSERVATION_COLUMNS} | {
        "place": places.ids.tolist(),
        "value": [None if math.isnan(value) else round(value, one.decimals) + 0.0 for value in values.tolist()],
        "flag": [ASSUMED if place in flagged else "" for place in places.ids],
        "note": notes.texts(places.ids, "zh"),
        "note_en": notes.texts(places.ids, "en"),
    }


def _values(
    world: World, one: ComputedIndicator, located: Features, level: str, places: Shapes, notes: Notes
) -> NDArray[np.float64]:
    """Apply the definition's method to the places of one level; of sums, to some of them."""
    if one.method == "township_count":
        towns = world.places.get(TOWNSHIP, places.take(np.arange(0)))
        number, partly = methods.township_count(places, towns, world.shares(level))
        for at in np.flatnonzero(partly).tolist():
            notes.add(places.ids[at], "indicator.partly_inside", n=int(partly[at]))
        return number
    if one.method == "count":
        return methods.count(_members(world, located, level), places.ids)
    if one.method == "area":
        return methods.area(places, located.shapes) if one.kinds else world.area(level)
    if one.method == "share_within":
        return methods.per_cent(world.within(one, located, level), world.area(level))
    if one.method == "boundary_length":
        outline = world.places.get(DISTRICT)
        return methods.boundary_length(places, located.shapes, None if outline is None else outline.geometries[0])
    return methods.line_length(places, located.shapes)


def _note_zone_only(world: World, located: Features, notes: Notes) -> None:
    """Say in the townships of a zone how many features are known to that zone only, so counted in none of them."""
    beyond = (located["unit"] != "") & (located["township"] == "")
    loose = [set(split(zones)) for zones in located["zone"][beyond]]
    towns = world.features["kind"] == TOWNSHIP
    for place, zones in zip(world.features["id"][towns], world.features["zone"][towns], strict=True) if loose else ():
        n = sum(bool(one & set(split(zones))) for one in loose)
        if n:
            notes.add(place, "indicator.zone_only", n=n)


def _members(world: World, located: Features, level: str) -> list[tuple[str, str, str]]:
    """Place, kind and name of features, as the columns ``zone`` and ``township`` of the layers say.

    A feature known only to its zone is in no township. The district holds what is in any zone or township; in a plan
    with neither, what touches it.
    """
    named = list(zip(located["kind"], located["name"], strict=True))
    if level == DISTRICT:
        inside = (located["zone"] != "") | (located["township"] != "")
        district = world.places[DISTRICT]
        if ZONE not in world.places and TOWNSHIP not in world.places:
            touching = shapely.intersects(located.shapes.geometries, district.geometries[0])
            inside = touching | (located["unit"] != "")
        return [(district.ids[0], kind, name) for (kind, name), held in zip(named, inside, strict=True) if held]
    slugs = {str(place).rpartition("/")[2]: place for place in world.places[level].ids}
    return [
        (slugs[slug], kind, name)
        for (kind, name), held in zip(named, located[level], strict=True)
        for slug in split(held)
        if slug in slugs
    ]


# ---- what a value leans on


_Note = tuple[str, dict[str, Any]]


class Notes:
    """Notes by place, in two languages: those for all places first, each once."""

    def __init__(self) -> None:
        self._common: list[_Note] = []
        self._own: dict[str, list[_Note]] = {}

    def everywhere(self, key: str, **params: Any) -> None:
        """A note for all places."""
        self._common.append((key, params))

    def add(self, place: str, key: str, **params: Any) -> None:
        """A note for one place."""
        self._own.setdefault(place, []).append((key, params))

    def texts(self, places: Iterable[str], lang: str) -> list[str]:
        """The notes of each place in one language."""
        between = "；" if lang == "zh" else "; "
        common = [_said(note, lang) for note in self._common]
        alike = between.join(common)
        return [
            between.join([*common, *(_said(note, lang) for note in self._own[place])]) if place in self._own else alike
            for place in places
        ]


def _said(note: _Note, lang: str) -> str:
    key, params = note
    return IndicatorError.catalogue.filled(key, lang, **{name: _in(lang, value) for name, value in params.items()})


def _in(lang: str, value: Any) -> Any:
    """Pairs of names (Chinese, English) in one language; anything else as it is."""
    if isinstance(value, list):
        return [pair[0] if lang == "zh" else pair[1] or pair[0] for pair in value]
    return value


def leaning(world: World, one: ComputedIndicator, located: Features, level: str, notes: Notes) -> frozenset[str]:
    """Places whose value leans on something assumed; why goes into the notes.

    A zone's value leans on the dividing line of a township when it would change with the line: the zone has a part
    of that township, and what is measured occurs in the township (always so for areas and shares).
    """
    places = world.places[level]
    flagged = set(world.assumed_places & set(places.ids))
    if level == ZONE and world.splits:
        cut = _splits_that_matter(world, one, located)
        for zone in sorted({zone for zone, _ in world.splits}):
            used = [township for owner, township in world.splits if owner == zone and township in cut]
            if used:
                flagged.add(zone)
                notes.add(zone, "indicator.assumed_line", names=[world.names[township] for township in used])
    supposed = located.shapes.take(located["assumed"] & ~located.missing)
    if len(supposed) and one.kinds:
        which, owner = shapely.STRtree(places.geometries).query(supposed.geometries, predicate="intersects")
        for place in sorted(set(owner.tolist())):
            names = [world.names[supposed.ids[part]] for part in sorted(which[owner == place])]
            flagged.add(places.ids[place])
            notes.add(places.ids[place], "indicator.assumed_feature", names=names)
    return frozenset(flagged)


def _splits_that_matter(world: World, one: ComputedIndicator, located: Features) -> set[str]:
    """The split townships that hold something of what is measured."""
    cut = {township for _, township in world.splits}
    if one.method in ("township_count", "share_within") or not one.kinds:
        return cut
    if one.method == "count":
        located = located.take(located["zone_from"] != "stated")  # what the plan states no line can move
    if not len(located):
        return set()
    places = world.places[TOWNSHIP].named(cut)
    held = _values(world, one, located, TOWNSHIP, places, Notes())
    return set(places.ids[held > 0])
