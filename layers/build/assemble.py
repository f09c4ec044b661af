"""A plan folder made into an edition: checked, located, measured, and written as one GeoPackage."""

from __future__ import annotations

import gc
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import measure
from geo.crs import CGCS2000, metric_crs, transform_array
from layers.build.check import examine
from layers.build.georeference import Progress, metric, multi
from layers.build.located import Located
from layers.build.scans import Fitted, all_fitted, sheet_meta
from layers.build.surfaces import people_of, surfaces_meta
from layers.edition import file as editions
from layers.edition.file import Edition
from layers.edition.layer_table import names_of_codes
from layers.measure import claims, indicators, surfaces
from layers.measure.features import Features
from layers.measure.position import Geometries, holders, label_points
from layers.model import tables
from layers.model.citations import STANDARD
from layers.model.errors import ERROR, LayersError, Origin, PlanError
from layers.model.plan import (
    DISTRICT,
    IMPRINT_FIELDS,
    LICENCE_FIELDS,
    TOWNSHIP,
    ZONE,
    District,
    Kind,
    Observed,
    Plan,
)  # fmt: skip
from layers.qgis.fields import form
from layers.qgis.source import Source
from layers.style import paint as style

if TYPE_CHECKING:
    from layers.ledger.book import Ledger

_LENGTH_DECIMALS = 3
_AREA_DECIMALS = 4
_LABEL_DECIMALS = 6
_PLAIN = (
    "id", "name", "name_en", "kind", "status", "assumed", "symbolic", "context", "code", "color", "note", "note_en",
    "no_geometry", "no_geometry_en",
)  # fmt: skip
_JOINED = ("aliases", "zone", "cites", "lead_units", "same_as_maybe")
_FRAME_DEGREES = 2e-5
"""What ends this near the frame of the ground (two metres) was cut off there."""


def build_file(folder: Path, path: Path, data_dir: Path | None = None, progress: Progress | None = None) -> Edition:
    """Build a plan folder and write its edition; a broken folder leaves the last edition untouched.

    Args:
        folder: The plan folder.
        path: The GeoPackage to write or replace.
        data_dir: The data folder, see ``plan.load``.
        progress: Called with the number of features done and the number of all.

    Returns:
        What was written.

    Raises:
        PlanError: With every problem of the folder.
        EditionError: ``edition.not_written``.
    """
    with collector_at_rest():
        edition = build(folder, data_dir, progress)
        editions.write(edition, path)
    return edition


def build(
    folder: Path, data_dir: Path | None = None, progress: Progress | None = None, ledger: Ledger | None = None
) -> Edition:
    """Build a plan folder in memory.

    Args:
        ledger: Its values now are frozen into the edition, in place of the folder's of the same cells; nothing of who
            entered them.
        folder: The plan folder.
        data_dir: The data folder, see ``plan.load``.
        progress: Called with the number of features done and the number of all.

    Returns:
        The edition; the same folder always gives the same content hash.

    Raises:
        PlanError: With every problem of the folder, warnings included.
        LayersError: ``build.nothing_located``.
    """
    with collector_at_rest():
        examined = examine(folder, data_dir, progress)
        if examined.plan is None or any(problem.severity == ERROR for problem in examined.problems):
            raise PlanError(examined.problems, str(folder))
        if math.isnan(examined.lon):
            raise LayersError("build.nothing_located", folder=str(folder))
        return assemble(frozen(examined.plan, ledger), examined.located, examined.lon)


def frozen(plan: Plan, ledger: Ledger | None) -> Plan:
    """The plan with the values that a ledger has now; those of indicators and places that it does not have stay out.

    Raises:
        LedgerError: ``ledger.other_plan``.
    """
    if ledger is None:
        return plan
    if ledger.plan != plan.id:
        from layers.ledger.book import LedgerError  # noqa: PLC0415 - most builds have no ledger

        raise LedgerError("ledger.other_plan", place=ledger.keeping.place, found=ledger.plan, wanted=plan.id)
    values = {(one.indicator, one.role, one.period, one.place): one for one in plan.observed}
    indicators = {one.id for one in (*plan.indicators, *plan.computed_indicators)}
    places = {one.id for one in plan.features}
    for one in ledger.everything():
        if one.value is not None and one.indicator in indicators and one.place in places:
            values[one.cell] = Observed(
                one.indicator, one.place, one.role, one.period, one.value, one.source, one.note, one.scope,
                Origin(ledger.keeping.place),
            )  # fmt: skip
    return replace(plan, observed=tuple(values[cell] for cell in sorted(values)))


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for cycles among objects meanwhile.

    A build makes hundreds of thousands of objects that stay to its end and hardly a cycle; going through them again
    and again costs a tenth of its time. What has been made by then goes to the old ones unseen: a search right
    afterwards, of all that the caller is about to let go, would cost half a second more.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.unfreeze()
            gc.enable()


def assemble(plan: Plan, located: Mapping[str, Located], lon: float) -> Edition:
    """The edition of a plan whose features are located and without errors.

    Args:
        plan: The plan.
        located: Every feature.
        lon: Longitude in degrees that chooses the metric zone.
    """
    features, areas_m2 = _features(located, lon)
    _measure_nothing_cut(features, plan.kinds)
    columns = replace(Features.joined([features], {*indicators.COLUMNS, *claims.COLUMNS}), areas_m2=areas_m2)
    rows = {layer.id: np.flatnonzero(columns.among("kind", layer.kinds)) for layer in plan.layers}
    layers = {name: features.iloc[which].reset_index(drop=True) for name, which in rows.items()}
    by_name = columns.take(np.concatenate([rows[name] for name in sorted(rows)]))
    meta = _meta(plan, layers, lon, _scans_meta(plan, located, lon) | surfaces_meta(plan, by_name))
    found, seen = indicators.compute(plan, by_name)
    if plan.surfaces is not None:
        reached, values = surfaces.compute(plan, by_name, lon, people_of(plan))
        found, seen = [*found, *reached], {name: [*cells, *values[name]] for name, cells in seen.items()}
    defined, observed = settled(found, tables.INDICATOR_COLUMNS), settled(seen, tables.OBSERVATION_COLUMNS)
    figures = {
        "targets": _rows(plan.targets, tables.TARGET_COLUMNS),
        "reviews": _rows(plan.reviews, tables.REVIEW_COLUMNS),
        "claims": pd.DataFrame(
            claims.evaluate(plan, columns.take(np.concatenate(list(rows.values())))), columns=list(tables.CLAIM_COLUMNS)
        ),
    }
    named = Source(meta, layers, CGCS2000, CGCS2000, "", names_of_codes(meta, layers, "zh"))
    styles = style.qgis_styles(meta, layers, form=partial(form, named))
    meta["hash"] = editions.content_hash(meta, layers, defined, observed, figures)
    return Edition(meta, layers, defined, observed, figures, styles)


def settled(
    found: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]], columns: Mapping[str, str]
) -> pd.DataFrame:
    """A table, from records or columns, with settled types: text is never missing, numbers are where not known."""
    cells = found if isinstance(found, Mapping) else {name: [one.get(name) for one in found] for name in columns}
    types = {tables.INTEGER: "Int64", tables.NUMBER: "float64"}
    return pd.DataFrame(
        {
            name: pd.Series(cells[name], dtype=types[kind])
            if kind in types
            else pd.Series([value or "" for value in cells[name]], dtype=object)
            for name, kind in columns.items()
        }
    )


def _rows(records: Iterable[Any], columns: Mapping[str, str]) -> pd.DataFrame:
    """Records as a table; lists joined, what a record does not know is missing."""

    def cell(record: Any, name: str) -> Any:
        value = getattr(record, name)
        return tables.join(value) if isinstance(value, tuple) else value

    return pd.DataFrame([[cell(one, name) for name in columns] for one in records], columns=list(columns))


# ---- features


def _features(located: Mapping[str, Located], lon: float) -> tuple[gpd.GeoDataFrame, np.ndarray[Any, Any]]:
    """All features as one table, EPSG:4490, with what follows from their geometry; and their areas as measured."""
    found = list(located.values())
    geometries = multi(one.geometry for one in found)
    metres = metric(geometries, lon)
    known = _known_areas(found, metres)
    frame = gpd.GeoDataFrame(_recorded(found), geometry=gpd.GeoSeries(geometries, crs=CGCS2000))
    _place_in_units(frame, found, known)
    dimensions = shapely.get_dimensions(geometries)
    line, areas_m2 = dimensions == 1, measure.area_m2(geometries, CGCS2000)
    frame["length_km"], frame["area_km2"] = (
        np.nan,
        np.where(dimensions == 2, (areas_m2 / 1e6).round(_AREA_DECIMALS), np.nan),
    )
    frame.loc[line, "length_km"] = (measure.length_m(geometries[line], CGCS2000) / 1e3).round(_LENGTH_DECIMALS)
    symbolic = np.array([one.feature.symbolic for one in found], dtype=bool)
    frame.loc[symbolic, ["length_km", "area_km2"]] = np.nan
    district_at = next((number for number, one in enumerate(found) if one.feature.id == DISTRICT), None)
    lines = line & ~symbolic
    frame["length_inside_km"] = _length_inside(geometries, lines, district_at)
    district = None if district_at is None else metres[district_at]
    labels = transform_array(label_points(metres, district), metric_crs(lon), CGCS2000)
    frame["label_lon"] = shapely.get_x(labels).round(_LABEL_DECIMALS)
    frame["label_lat"] = shapely.get_y(labels).round(_LABEL_DECIMALS)
    return frame, areas_m2


def _measure_nothing_cut(features: gpd.GeoDataFrame, kinds: Mapping[str, Kind]) -> None:
    """Take area and length from what is drawn for orientation and ends where the drawing ends.

    That is whatever lies ``beyond`` the district, and of the ground and the context what reaches the frame in which
    the ground was cut out: the rectangle round all of it, where that goes round the whole district.
    """
    ground = ~features["kind"].map(lambda kind: kinds[kind].cited).astype(bool)
    cut = features["kind"].map(lambda kind: kinds[kind].beyond).astype(bool)
    west, south, east, north = (np.asarray(features.geometry.bounds[name]) for name in ("minx", "miny", "maxx", "maxy"))
    framing = np.asarray(ground & (features.geometry.geom_type == "MultiPolygon"))
    inner = np.flatnonzero(features["id"] == DISTRICT)
    if framing.any() and len(inner):
        left, bottom = west[framing].min() + _FRAME_DEGREES, south[framing].min() + _FRAME_DEGREES
        right, top = east[framing].max() - _FRAME_DEGREES, north[framing].max() - _FRAME_DEGREES
        at = inner[0]
        if west[at] > left and south[at] > bottom and east[at] < right and north[at] < top:
            reaches = (west <= left) | (south <= bottom) | (east >= right) | (north >= top)
            cut |= (ground | features["context"].astype(bool)) & reaches
    features.loc[cut, ["area_km2", "length_km"]] = np.nan


def _length_inside(geometries: Geometries, lines: np.ndarray[Any, Any], district: int | None) -> np.ndarray[Any, Any]:
    """Geodesic length in km of what of each line lies in the district; NaN for what is no line, or without district."""
    inside = np.full(len(geometries), np.nan)
    if district is not None and geometries[district] is not None and lines.any():
        cut = shapely.intersection(geometries[lines], geometries[district])
        metres = measure.length_m(gpd.GeoSeries(cut, crs=CGCS2000))
        inside[lines] = (metres / 1e3).round(_LENGTH_DECIMALS)
    return inside


def _recorded(found: Sequence[Located]) -> pd.DataFrame:
    """The columns of features that follow from their records; made column by column, as a table holds them."""
    features = [one.feature for one in found]
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in features] for name in _PLAIN}
    columns |= {name: [tables.join(getattr(one, name)) for one in features] for name in _JOINED}
    columns["sources"] = [tables.join(one.sources) for one in found]
    columns["basis"], columns["unit"] = [one.basis for one in found], [one.unit for one in found]
    columns["accuracy_m"] = [np.nan if one.accuracy_m is None else one.accuracy_m for one in found]
    columns |= {name: [""] * len(found) for name in ("township", "zone_from")}
    return pd.DataFrame(columns, columns=list(tables.FEATURE_COLUMNS))


def _known_areas(found: list[Located], metres: Geometries) -> Geometries:
    """The geometries in metres, with the unit's where a feature is only known to lie in a unit."""
    at = {one.feature.id: number for number, one in enumerate(found)}
    known = metres.copy()
    for number, one in enumerate(found):
        if one.unit:
            known[number] = metres[at[one.unit]]
    return known


def _place_in_units(frame: gpd.GeoDataFrame, found: list[Located], metres: Geometries) -> None:
    """Fill in the zones and townships in which features lie.

    What is only known to a unit lies where the unit lies; where that reaches over several townships, nobody knows
    in which of them it is, and none is given. A zone or township lies in itself.
    """
    kinds = np.array([one.feature.kind for one in found], dtype=object)
    held: dict[str, list[str]] = {}
    for unit_kind in (TOWNSHIP, ZONE):
        units = np.flatnonzero((kinds == unit_kind) & ~shapely.is_missing(metres))
        slugs = [found[number].feature.slug for number in units]
        lies_in = _lies_in(metres, kinds == unit_kind, metres[units])
        held[unit_kind] = [tables.join(slugs[unit] for unit in inside) for inside in lies_in]
        for number, slug in zip(units, slugs, strict=True):
            held[unit_kind][number] = slug
    for index, one in enumerate(found):
        if one.unit and tables.divided(held[TOWNSHIP][index]):
            held[TOWNSHIP][index] = ""
    frame["township"] = held[TOWNSHIP]
    stated = frame["zone"] != ""
    frame["zone"] = frame["zone"].where(stated, pd.Series(held[ZONE], dtype=frame["zone"].dtype))
    frame["zone_from"] = np.select([stated, frame["zone"] != ""], ["stated", "position"], "")


def _lies_in(metres: Geometries, are_units: np.ndarray[Any, Any], units: Geometries) -> list[list[int]]:
    """The units that hold each feature; of the units themselves nothing is asked."""
    asked = metres.copy()
    asked[are_units] = None
    return holders(asked, units)


# ---- metadata


def _scans_meta(plan: Plan, located: Mapping[str, Located], lon: float) -> dict[str, Any]:
    """What is known of the plan's scans; nothing at all where it has none."""
    found = [one for one in all_fitted(plan, located, lon).values() if isinstance(one, Fitted)]
    return {"scans": [sheet_meta(one, lon, plan.folder) for one in found]} if found else {}


def _meta(plan: Plan, layers: Mapping[str, gpd.GeoDataFrame], lon: float, further: Mapping[str, Any]) -> dict[str, Any]:
    """The edition's metadata: records as lists, in the plan's order; with what scans and surfaces add."""
    head = (
        "id",
        "title",
        "title_en",
        "short_title",
        "short_title_en",
        "edition_note",
        "edition_note_en",
        "period",
        "base_year",
        "target_year",
        "as_of",
        "indicators_note",
        "indicators_note_en",
        *LICENCE_FIELDS,
        *(("course",) if plan.course else ()),
    )
    district = next(frame[frame["id"] == DISTRICT] for frame in layers.values() if (frame["id"] == DISTRICT).any())
    about = {name: getattr(plan, name) for name in head}
    about |= {name: getattr(plan, name) for name in IMPRINT_FIELDS if getattr(plan, name)}
    about["district"] = {
        "id": DISTRICT,
        "name": plan.district.name,
        "name_en": plan.district.name_en,
        "code": plan.district.code,
        **_official_area(plan.district),
    }
    about["lon"] = lon
    about["bounds"] = _bounds(district)
    return {
        "format": editions.FORMAT,
        "plan": about,
        "layers": [_layer_meta(plan, layer, layers[layer.id]) for layer in plan.layers],
        "groups": [_named(one) for one in plan.groups],
        "views": [_view_meta(view) for view in plan.views],
        "terms": [_named(one) for one in plan.terms],
        "kinds": [dict(kind.record) for kind in plan.kinds.values()],
        "statuses": [dict(one.record) for one in plan.statuses.values()],
        "bases": [dict(one.record) for one in plan.bases.values()],
        "ramps": [dict(one) for one in plan.ramps],
        "sources": [dict(one.record) for one in plan.sources],
        "outline": dict(plan.outline),
        **({} if plan.outline.notation == STANDARD else {"notation": plan.outline.notation.as_meta()}),
        **({"titles": dict(plan.outline.titles)} if plan.outline.titles else {}),
        **({"clauses": dict(plan.texts)} if plan.texts else {}),
        "lead_units": dict(plan.lead_units),
        "leads": {clause: list(units) for clause, units in plan.leads.items()},
        **further,
        **({"stories": [story.as_meta() for story in plan.stories]} if plan.stories else {}),
        "stats": statistics(layers.values()),
    }


def _official_area(district: District) -> dict[str, Any]:
    """What is known of the official area; nothing when the plan folder does not give it."""
    if district.official_area_km2 is None:
        return {}
    names = ("km2", "source", "source_en", "note", "note_en")
    return {f"official_area_{name}": getattr(district, f"official_area_{name}") for name in names}


def _named(record: Any) -> dict[str, Any]:
    return {"id": record.id, "name": record.name, "name_en": record.name_en}


def _layer_meta(plan: Plan, layer: Any, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """A layer with the geometry type of its kinds, its number of features, and its bounds."""
    marked = {"public": True} if layer.public else {}
    return {
        **_named(layer), **marked, "group": layer.group, "kinds": list(layer.kinds), "order": layer.order,
        "show": layer.show,
        "geometry": plan.kinds[layer.kinds[0]].geometry if layer.kinds else "none",
        "count": len(frame), "located": int(_located(frame).sum()), "bounds": _bounds(frame),
    }  # fmt: skip


def _view_meta(view: Any) -> dict[str, Any]:
    """A view; what it does not set is left out."""
    extras = {
        "bounds": list(view.bounds) if view.bounds else None,
        "fit": view.fit,
        "indicator": view.indicator,
        "level": view.level,
    }
    return {**_named(view), "layers": list(view.layers), **{name: value for name, value in extras.items() if value}}


def _bounds(frame: gpd.GeoDataFrame) -> list[float] | None:
    """West, south, east, north in degrees, or None without geometry."""
    if not frame.geometry.notna().any():
        return None
    return [round(float(value), editions.DECIMALS) for value in frame.total_bounds]


def _located(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which features have a geometry, or at least a unit that they are known to lie in."""
    located: pd.Series[bool] = frame["geometry"].notna() | (frame["unit"] != "")
    return located


def statistics(layers: Iterable[pd.DataFrame]) -> dict[str, Any]:
    """Counts over all features: ``features``, ``located``, ``assumed``, and by ``basis``, ``kind``, ``status``."""
    frames = list(layers)
    everything = pd.concat([pd.DataFrame(frame) for frame in frames], ignore_index=True)
    located = _located(everything)
    return {
        "features": len(everything),
        "located": int(located.sum()),
        "assumed": int(everything["assumed"].astype(bool).sum()),
        "by_basis": dict(Counter(everything.loc[located, "basis"])),
        "by_kind": dict(Counter(everything["kind"])),
        "by_status": dict(Counter(status for status in everything["status"] if status)),
    }
