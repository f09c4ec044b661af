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

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.measure import methods
from layers.model import tables
from layers.model.definitions import IndicatorError, check_definition
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, ComputedIndicator, Indicator, Plan, Value

ASSUMED = "assumed"
ZONE_PART = "zone_part"
"""Kind of the parts into which an assumed dividing line cuts a township."""

_LEVELS = (DISTRICT, ZONE, TOWNSHIP)


def compute(plan: Plan, layers: Mapping[str, gpd.GeoDataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give all indicators of a plan and their observed or computed values.

    Args:
        plan: The plan; its stated and computed indicators.
        layers: The georeferenced layers by id, EPSG:4490, with the edition's columns.

    Returns:
        Two tables: indicators and observations, columns as in ``layers.model.tables``. Lists are joined
        by ``;``, numbers that are not known are missing values. Computed values are rounded to the definition's
        decimals. A computed indicator of which the plan has no feature at all is left out.

    Raises:
        IndicatorError: ``indicator.method_unknown``, ``indicator.distance_missing``, ``indicator.kinds_missing``.
        GeoError: The layers have no CRS, or not one CRS.
    """
    world = _World.of(layers)
    indicators = [_stated_row(one) for one in plan.indicators]
    observations = [row for one in plan.indicators for row in _stated_observations(one)]
    for definition in plan.computed_indicators:
        check_definition(definition)
        inputs = world.inputs(definition)
        if definition.kinds and inputs.empty:
            continue
        levels = [level for level in definition.levels if level in world.places]
        indicators.append(_computed_row(definition, levels))
        for level in levels:
            observations += _computed_observations(world, definition, inputs, level, plan.as_of)
    return _table(indicators, tables.INDICATOR_COLUMNS), _table(observations, tables.OBSERVATION_COLUMNS)


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
        "cites": ";".join(one.cites),
        "formula": "",
        "formula_en": "",
        "decimals": max((_decimals(value) for value in (baseline, target) if value), default=0),
        "better": one.better,
        "baseline_year": baseline.year if baseline else None,
        "target_year": target.year if target else None,
        "target_text": target.text if target else "",
        "target_comparator": target.comparator if target else "",
        "flags": ";".join(one.flags),
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


# ---- computed indicators


@dataclass(frozen=True, slots=True)
class _World:
    """The layers as one table of features, and the places of each level.

    Attributes:
        features: Every feature that has a geometry or may lack one; columns ``id, name, name_en, kind, zone,
            township, status, basis, assumed, zone_from, context, unit, geometry``.
        places: Polygons by level, index: feature ids.
        splits: Townships cut by an assumed line: one row for each part, columns ``zone, township`` (ids).
        names: Chinese and English name by feature id.
    """

    features: gpd.GeoDataFrame
    places: Mapping[str, gpd.GeoSeries]
    splits: pd.DataFrame
    assumed_places: frozenset[str]
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, layers: Mapping[str, gpd.GeoDataFrame]) -> _World:
        """Join the layers; the CRS is that of the first layer that has one, others must agree when measured."""
        columns = ["id", "name", "name_en", "kind", "zone", "township", "status", "basis", "assumed", "zone_from"]
        columns += ["context", "unit"]
        frames = [_plain(frame, columns) for _, frame in sorted(layers.items())]
        crs = next((frame.crs for frame in layers.values() if getattr(frame, "crs", None) is not None), None)
        joined = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*columns, "geometry"])
        features = gpd.GeoDataFrame(joined, geometry="geometry", crs=crs)
        places = {}
        for level in _LEVELS:
            rows = features[(features["kind"] == level) & ~_missing(features)]
            if len(rows):
                places[level] = gpd.GeoSeries(rows.geometry.to_numpy(), index=rows["id"].to_numpy(), crs=crs)
        names = {row.id: (row.name_, row.name_en) for row in features.rename(columns={"name": "name_"}).itertuples()}
        assumed = frozenset(features.loc[features["assumed"] & features["kind"].isin(_LEVELS), "id"])
        return cls(features, places, _splits(features, places), assumed, names)

    def inputs(self, definition: ComputedIndicator) -> gpd.GeoDataFrame:
        """The features that a definition is about, with and without geometry.

        What is drawn for orientation has a length, but is not counted among the plan's features.
        """
        chosen = self.features["kind"].isin(definition.kinds)
        if definition.status:
            chosen &= self.features["status"].isin(definition.status)
        if definition.method == "count":
            chosen &= ~self.features["context"]
        return self.features[chosen]


def _plain(frame: gpd.GeoDataFrame, columns: list[str]) -> pd.DataFrame:
    """The needed columns of a layer, missing ones empty, whatever the geometry column is called."""
    result = pd.DataFrame({name: frame.get(name, "") for name in columns}, index=frame.index)
    for name in columns:
        if name in ("assumed", "context"):
            result[name] = result[name].map(lambda value: value in (True, 1)).astype(bool)
        else:
            result[name] = result[name].fillna("").astype(str)
    geometry = frame.geometry.to_numpy() if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name else None
    result["geometry"] = geometry if geometry is not None else None
    return result


def _missing(features: gpd.GeoDataFrame) -> pd.Series[bool]:
    return features.geometry.isna() | features.geometry.is_empty


def _splits(features: gpd.GeoDataFrame, places: Mapping[str, gpd.GeoSeries]) -> pd.DataFrame:
    """Which zone and township each part of a split township lies in, by a point inside the part."""
    parts = features[(features["kind"] == ZONE_PART) & ~_missing(features)]
    found: dict[str, list[Any]] = {ZONE: [None] * len(parts), TOWNSHIP: [None] * len(parts)}
    points = shapely.point_on_surface(parts.geometry.to_numpy())
    for level in (ZONE, TOWNSHIP):
        if level in places and len(parts):
            which, owner = shapely.STRtree(places[level].to_numpy()).query(points, predicate="intersects")
            for part, place in zip(which, owner, strict=True):
                found[level][part] = places[level].index[place]
    return pd.DataFrame(found).dropna().drop_duplicates()


def _computed_row(one: ComputedIndicator, levels: Iterable[str]) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in ("id", "name", "name_en", "unit", "unit_en", "domain", "domain_en")},
        "property": "",
        "origin": "computed",
        "levels": ";".join(levels),
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


def _computed_observations(
    world: _World, one: ComputedIndicator, inputs: gpd.GeoDataFrame, level: str, year: int
) -> list[dict[str, Any]]:
    places = world.places[level]
    known = inputs["unit"] != "" if one.method == "count" else False
    located = inputs[~_missing(inputs) | known]
    left_out = len(inputs) - len(located)
    notes = _Notes()
    if one.kinds and located.empty:
        values = pd.Series(np.nan, index=places.index)
        notes.everywhere("indicator.none_located", n=left_out)
    else:
        values = _values(world, one, located, level, places)
        if left_out:
            notes.everywhere("indicator.left_out", n=left_out)
        if one.method == "count" and level == TOWNSHIP:
            _note_zone_only(world, located, notes)
    if one.method == "township_count":
        for place, n in methods.partly_inside(places, world.places.get(TOWNSHIP, places.iloc[:0])).items():
            if n:
                notes.add(str(place), "indicator.partly_inside", n=n)
    flagged = _flagged(world, one, located, level, notes)
    return [
        {
            "indicator": one.id,
            "place": place,
            "level": level,
            "role": "computed",
            "year": year,
            "value": None if math.isnan(value) else round(value, one.decimals) + 0.0,
            "flag": ASSUMED if place in flagged else "",
            "note": notes.text(place, "zh"),
            "note_en": notes.text(place, "en"),
        }
        for place, value in zip(places.index.tolist(), values.to_numpy().tolist(), strict=True)
    ]


def _values(
    world: _World, one: ComputedIndicator, located: gpd.GeoDataFrame, level: str, places: gpd.GeoSeries
) -> pd.Series[float]:
    """Apply the definition's method to the places of one level."""
    if one.method == "township_count":
        return methods.township_count(places, world.places.get(TOWNSHIP, places.iloc[:0]))
    if one.method == "count":
        return methods.count(_members(world, located, level), places.index)
    if one.method == "area":
        return methods.area(places, located.geometry if one.kinds else None)
    if one.method == "share_within":
        return methods.share_within(places, located.geometry, float(one.distance_m or 0.0))
    if one.method == "boundary_length":
        outline = world.places.get(DISTRICT)
        return methods.boundary_length(places, located.geometry, None if outline is None else outline.iloc[0])
    return methods.line_length(places, located.geometry)


def _note_zone_only(world: _World, located: gpd.GeoDataFrame, notes: _Notes) -> None:
    """Say in the townships of a zone how many features are known to that zone only, so counted in none of them."""
    beyond = (located["unit"] != "") & (located["township"] == "")
    loose = [set(zones.split(";")) for zones in located.loc[beyond, "zone"]]
    towns = world.features[world.features["kind"] == TOWNSHIP]
    for place, zones in zip(towns["id"], towns["zone"], strict=True) if loose else ():
        n = sum(bool(one & set(zones.split(";"))) for one in loose)
        if n:
            notes.add(place, "indicator.zone_only", n=n)


def _members(world: _World, located: gpd.GeoDataFrame, level: str) -> pd.DataFrame:
    """Features by place, as the columns ``zone`` and ``township`` of the layers say.

    A feature known only to its zone is in no township. The district holds what is in any zone or township; in a plan
    with neither, what touches it.
    """
    if level == DISTRICT:
        inside = (located["zone"] != "") | (located["township"] != "")
        if ZONE not in world.places and TOWNSHIP not in world.places:
            inside = located.geometry.intersects(world.places[DISTRICT].iloc[0]) | (located["unit"] != "")
        rows = located.loc[inside, ["kind", "name"]]
        return rows.assign(place=world.places[DISTRICT].index[0])
    slugs = {str(place).rpartition("/")[2]: place for place in world.places[level].index}
    listed = located[["kind", "name"]].assign(place=located[level].str.split(";")).explode("place")
    return listed.assign(place=listed["place"].map(slugs)).dropna(subset=["place"])


# ---- what a value leans on


_Note = tuple[str, dict[str, Any]]


class _Notes:
    """Notes by place, in two languages: those for all places first, each once."""

    def __init__(self) -> None:
        self._common: list[_Note] = []
        self._own: dict[str, list[_Note]] = {}

    def everywhere(self, key: str, **params: Any) -> None:
        self._common.append((key, params))

    def add(self, place: str, key: str, **params: Any) -> None:
        self._own.setdefault(place, []).append((key, params))

    def text(self, place: str, lang: str) -> str:
        notes = self._common + self._own.get(place, [])
        texts = [
            IndicatorError.catalogue.filled(key, lang, **{name: _in(lang, value) for name, value in params.items()})
            for key, params in notes
        ]
        return ("；" if lang == "zh" else "; ").join(texts)


def _in(lang: str, value: Any) -> Any:
    """Pairs of names (Chinese, English) in one language; anything else as it is."""
    if isinstance(value, list):
        return [pair[0] if lang == "zh" else pair[1] or pair[0] for pair in value]
    return value


def _flagged(
    world: _World, one: ComputedIndicator, located: gpd.GeoDataFrame, level: str, notes: _Notes
) -> frozenset[str]:
    """Places whose value leans on something assumed; why goes into the notes.

    A zone's value leans on the dividing line of a township when it would change with the line: the zone has a part
    of that township, and what is measured occurs in the township (always so for areas and shares).
    """
    flagged = set(world.assumed_places & set(world.places[level].index))
    if level == ZONE and len(world.splits):
        cut = _splits_that_matter(world, one, located)
        for zone in sorted(set(world.splits[ZONE])):
            rows = world.splits[world.splits[ZONE] == zone]
            used = [township for township in rows[TOWNSHIP] if township in cut]
            if used:
                flagged.add(zone)
                notes.add(zone, "indicator.assumed_line", names=[world.names[township] for township in used])
    supposed = located[located["assumed"] & ~_missing(located)]
    if len(supposed) and one.kinds:
        members = gpd.GeoSeries(supposed.geometry.to_numpy(), index=supposed["id"].to_numpy(), crs=located.crs)
        places = world.places[level]
        which, owner = shapely.STRtree(places.to_numpy()).query(members.to_numpy(), predicate="intersects")
        for place in sorted(set(owner)):
            names = [world.names[members.index[part]] for part in sorted(which[owner == place])]
            flagged.add(places.index[place])
            notes.add(places.index[place], "indicator.assumed_feature", names=names)
    return frozenset(flagged)


def _splits_that_matter(world: _World, one: ComputedIndicator, located: gpd.GeoDataFrame) -> set[str]:
    """The split townships that hold something of what is measured."""
    cut = sorted(set(world.splits[TOWNSHIP]))
    if one.method in ("township_count", "share_within") or not one.kinds:
        return set(cut)
    if located.empty:
        return set()
    if one.method == "count":
        located = located[located["zone_from"] != "stated"]  # what the plan states no line can move
    places = world.places[TOWNSHIP].loc[cut]
    held = _values(world, one, located, TOWNSHIP, places)
    return set(held.index[held > 0])


def _table(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """A table with settled types: text is never missing, numbers are where they are not known."""
    frame = pd.DataFrame(rows, columns=list(columns))
    for name, kind in columns.items():
        if kind == tables.INTEGER:
            frame[name] = frame[name].astype("Int64")
        elif kind == tables.NUMBER:
            frame[name] = frame[name].astype(float)
        else:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    return frame
