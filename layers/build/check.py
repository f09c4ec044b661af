"""All problems of a plan folder at once: files, records, references, geometry, known positions, coverage."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo import coverage
from layers.build.georeference import Progress, locate, metric
from layers.build.honesty import check_honesty
from layers.build.located import Located
from layers.build.scans import TRACED, check_scans
from layers.build.shifts import check_shifts
from layers.build.surfaces import check_surfaces
from layers.folder import load as plans
from layers.folder.reading import Faults
from layers.folder.references import OUTSIDE, PLACE
from layers.measure.position import SHARE
from layers.model.definitions import IndicatorError, check_definition
from layers.model.errors import ERROR, WARNING, Problem
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, Feature, Plan

INSIDE = 0.9
"""This share of a line or polygon must lie in what it is known to lie in."""
FAR_KM = 100.0
"""Farther from the district than this is a slip of the pen."""
_TILING_TOLERANCE_M2 = 100.0
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Examined:
    """A plan folder with everything that was found out about it.

    Attributes:
        plan: None when ``plan.toml`` is unusable.
        problems: In the order in which they were found.
        located: Features whose recipes could be evaluated, by id.
        lon: Longitude in degrees that chooses the metric zone.
    """

    plan: Plan | None
    problems: tuple[Problem, ...]
    located: dict[str, Located] = field(default_factory=dict)
    lon: float = float("nan")

    def statistics(self) -> dict[str, Any]:
        """Numbers of features: ``features``, ``located``, ``by_basis`` (located ones), ``by_layer``."""
        plan = self.plan
        if plan is None:
            return {"features": 0, "located": 0, "by_basis": {}, "by_layer": {}}
        bases = Counter(one.basis for one in self.located.values() if one.geometry is not None or one.unit)
        layer_of = {kind: layer.id for layer in plan.layers for kind in layer.kinds}
        layers = Counter(layer_of[feature.kind] for feature in plan.features if feature.kind in layer_of)
        return {
            "features": len(plan.features),
            "located": sum(bases.values()),
            "by_basis": {basis: bases[basis] for basis in plan.bases if bases[basis]},
            "by_layer": {layer.id: layers[layer.id] for layer in plan.layers},
        }


def check(folder: Path, data_dir: Path | None = None) -> list[Problem]:
    """Every problem of a plan folder.

    Args:
        folder: The plan folder.
        data_dir: The data folder, see ``plan.load``.

    Returns:
        Errors and warnings; empty when all is well.
    """
    return list(examine(folder, data_dir).problems)


def examine(folder: Path, data_dir: Path | None = None, progress: Progress | None = None) -> Examined:
    """Read a plan folder, evaluate its recipes and check everything.

    Args:
        folder: The plan folder.
        data_dir: The data folder, see ``plan.load``.
        progress: Called with the number of features done and the number of all.
    """
    plan, problems = plans.read(folder, data_dir)
    if plan is None:
        return Examined(None, tuple(problems))
    faults = Faults(list(problems))
    wrong = {(one.file, one.record, one.field) for one in problems if one.severity == ERROR}
    _check_definitions(plan, faults)
    located, lon = locate(plan, faults, progress)
    check_geometry(plan, located, lon, faults)
    check_scans(plan, located, lon, faults)
    check_honesty(plan, located, lon, faults)
    check_surfaces(plan, faults)
    told, later = faults.problems[: len(problems)], faults.problems[len(problems) :]
    # A field that could not be read is told once; what is missing because of it is no second fault.
    later = [one for one in later if (one.file, one.record, one.field) not in wrong]
    return Examined(plan, (*told, *later), located, lon)


def _check_definitions(plan: Plan, faults: Faults) -> None:
    """Computed indicators can be computed."""
    for definition in plan.computed_indicators:
        try:
            check_definition(definition)
        except IndicatorError as error:
            faults.add(definition.origin, "method", error.key, **error.params)


def check_geometry(plan: Plan, located: dict[str, Located], lon: float, faults: Faults) -> None:
    """Check positions against what is known of them, and that townships and zones tile the district.

    Args:
        plan: The plan.
        located: Its located features by id.
        lon: Longitude in degrees that chooses the metric zone.
        faults: Takes the problems.
    """
    if any(one.geometry is not None for one in located.values()):
        _Positions(plan, located, lon, faults).check()
        check_shifts(plan, located, lon, faults)
    _check_tiling(located, faults)


class _Positions:
    """What is known of positions, against the geometry; metres of the plan's zone."""

    def __init__(self, plan: Plan, located: dict[str, Located], lon: float, faults: Faults) -> None:
        self.plan, self.located, self.lon, self.faults = plan, located, lon, faults
        self._metres: dict[str, BaseGeometry] = {}
        names = [name for name, one in located.items() if one.geometry is not None]
        shapes = metric([located[name].geometry for name in names], lon)
        self._metres = dict(zip(names, shapes, strict=True))
        self._units = [located[name].feature for name in names if located[name].feature.kind in (TOWNSHIP, ZONE)]

    def check(self) -> None:
        """Check every feature's ``known``, distances from the district, and places' townships."""
        for name, geometry in self._metres.items():
            feature = self.located[name].feature
            self._note(name, geometry)
            for reference in feature.known.inside:
                self._inside(name, geometry, reference)
            for reference in feature.known.crosses:
                self._crosses(name, geometry, reference)
            if feature.known.ends:
                self._ends(name, geometry)
            if feature.zone and feature.kind != ZONE:
                self._zone(name, geometry)
        for name, one in self.located.items():
            if one.unit in self._metres:
                self._unit(name, self._metres[one.unit])
        self._near()
        self._places()

    def _unit(self, name: str, unit: BaseGeometry) -> None:
        """What is only known to a unit: the unit lies in what is known, reaches the stated zones, is the finest."""
        located = self.located[name]
        feature = located.feature
        for reference in feature.known.inside:
            self._inside(name, unit, reference)
        if feature.known.crosses or feature.known.ends:
            self.faults.add(feature.origin, "known", "known.unit")
        for slug in feature.zone:
            zone = self._metres.get(f"{ZONE}/{slug}")
            if zone is not None and not _shares(unit, zone):
                self.faults.add(feature.origin, "zone", "zone.not_of_unit", zone=slug, unit=located.unit)
        for reference, shape in self._named_units(name):
            if not _shares(unit, shape):
                self.faults.add(feature.origin, "note", "note.elsewhere", unit=reference, said=located.unit)
            elif shape.area < unit.area * INSIDE and _shares(shape, unit):
                self.faults.add(
                    feature.origin, "note", "note.finer", severity=WARNING, unit=reference, said=located.unit
                )

    def _note(self, name: str, geometry: BaseGeometry) -> None:
        """A geometry lies in a zone or township that its note says it is in, as far as the unit's edge is known."""
        feature = self.located[name].feature
        for reference, shape in self._named_units(name):
            distance = float(shapely.distance(shape, geometry))
            if distance > (self.located[reference].accuracy_m or 0.0):
                self.faults.add(feature.origin, "note", "note.outside", unit=reference, distance_m=round(distance))

    def _named_units(self, name: str) -> list[tuple[str, BaseGeometry]]:
        """The zones and townships in which a feature's note says that it is, with their geometry."""
        feature = self.located[name].feature
        if not feature.note and not feature.note_en:
            return []
        return [
            (unit.id, self._metres[unit.id])
            for unit in self._units
            if unit.id != name and _says_in(unit, feature.note, feature.note_en)
        ]

    def _places(self) -> None:
        """Places lie in the townships that they are said to lie in, as far as their accuracy goes."""
        places = [place for place in self.plan.gazetteer.places if place.township in self._metres]
        if not places:
            return
        points = metric([place.point for place in places], self.lon)
        units = np.array([self._metres[place.township] for place in places], dtype=object)
        for place, distance in zip(places, shapely.distance(units, points).tolist(), strict=True):
            if distance > place.accuracy_m:
                self.faults.add(
                    place.origin,
                    "township",
                    "place.outside",
                    township=place.township,
                    distance_m=round(distance),
                    accuracy_m=place.accuracy_m,
                )

    def _shape(self, reference: str) -> tuple[BaseGeometry, float] | None:
        """The geometry in metres behind a reference and its accuracy, or None."""
        if reference.startswith(PLACE):
            place = self.plan.gazetteer.find(reference.removeprefix(PLACE))
            return None if place is None else (metric([place.point], self.lon)[0], place.accuracy_m)
        shape = self._metres.get(reference)
        return None if shape is None else (shape, self.located[reference].accuracy_m or 0.0)

    def _inside(self, name: str, geometry: BaseGeometry, reference: str) -> None:
        if reference == OUTSIDE:
            district = self._metres.get(DISTRICT)
            if district is not None and shapely.intersects(district, geometry):
                self.faults.add(self.located[name].feature.origin, "known.inside", "known.outside")
            return
        found = self._shape(reference)
        if found is None:
            return
        dimension = shapely.get_dimensions(geometry)
        if dimension == 0:
            share = float(shapely.intersects(found[0], geometry))
        else:
            size = shapely.area if dimension == 2 else shapely.length
            share = float(size(shapely.intersection(geometry, found[0])) / size(geometry))
        if share < INSIDE:
            self.faults.add(
                self.located[name].feature.origin,
                "known.inside",
                "known.inside",
                reference=reference,
                percent=round(share * 100),
            )

    def _crosses(self, name: str, geometry: BaseGeometry, reference: str) -> None:
        found = self._shape(reference)
        if found is None:
            return
        shared = shapely.intersection(geometry, found[0])
        dimension = shapely.get_dimensions(geometry)
        size = shapely.area(shared) if dimension == 2 else shapely.length(shared)
        if not (size > 0 or (dimension == 0 and not shared.is_empty)):
            self.faults.add(self.located[name].feature.origin, "known.crosses", "known.crosses", reference=reference)

    def _zone(self, name: str, geometry: BaseGeometry) -> None:
        """A feature lies in each zone that the plan states for it, as far as its accuracy goes."""
        located = self.located[name]
        for slug in located.feature.zone:
            zone = self._metres.get(f"{ZONE}/{slug}")
            if zone is None:
                continue
            distance = float(shapely.distance(zone, geometry))
            if distance > (located.accuracy_m or 0.0):
                self.faults.add(located.feature.origin, "zone", "zone.elsewhere", zone=slug, distance_m=round(distance))

    def _ends(self, name: str, geometry: BaseGeometry) -> None:
        feature = self.located[name].feature
        if shapely.get_dimensions(geometry) != 1:
            self.faults.add(feature.origin, "known.ends", "known.ends_line")
            return
        ends = line_ends(geometry)
        own = self.located[name].accuracy_m or 0.0
        district = self._metres.get(DISTRICT)
        for reference, count in Counter(feature.known.ends).items():
            if reference == OUTSIDE:
                if district is not None and sum(not shapely.intersects(district, end) for end in ends) < count:
                    self.faults.add(feature.origin, "known.ends", "known.ends_outside")
                continue
            found = self._shape(reference)
            if found is None:
                continue
            distances = sorted(float(shapely.distance(found[0], end)) for end in ends)
            allowed = max(own, found[1]) if reference.startswith(PLACE) else 0.0
            if len(distances) < count or distances[count - 1] > allowed:
                nearest = distances[min(count, len(distances)) - 1] if distances else float("nan")
                self.faults.add(
                    feature.origin, "known.ends", "known.ends", reference=reference, distance_m=round(nearest)
                )

    def _near(self) -> None:
        """Nothing lies far away from the district, but what is known to."""
        district = self._metres.get(DISTRICT)
        if district is None:
            return
        names = [name for name in self._metres if OUTSIDE not in self.located[name].feature.known.inside]
        shapes = np.array([self._metres[name] for name in names], dtype=object)
        # Boxes are never farther apart than what is in them, and quick to ask.
        own, all_round = shapely.bounds(shapes), shapely.bounds(district)
        away = np.maximum(own[:, :2] - all_round[2:], all_round[:2] - own[:, 2:]).clip(min=0.0)
        far = np.flatnonzero(np.hypot(away[:, 0], away[:, 1]) > FAR_KM * 1000)
        for number in far.tolist():
            distance = shapely.distance(shapes[number], district)
            self.faults.add(
                self.located[names[number]].feature.origin,
                "geometry",
                "geometry.far",
                severity=WARNING,
                distance_km=round(distance / 1000),
            )


def _shares(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether more of one polygon than its edge lies in another."""
    return bool(shapely.intersection(one, other).area > SHARE * one.area)


_AT_ZH = "(?<![不原曾])(?:在|位于|地处|坐落于|落户)"
"""What says in Chinese that something is in a place; not so: 不在, 原在, 曾在."""
_BESIDE_ZH = "(?![以之][东南西北]|[东南西北][侧面边方部]?[，。；、]|[以之]?外|附近|周边|一侧|旁|边|和|与|至|、)"
"""After a name these say that it is beside the place, or that several are named."""


def _says_in(unit: Feature, note: str, note_en: str) -> bool:
    """Whether a note, in Chinese or English, says that something lies in a unit."""
    if unit.name in note and re.search(f"{_AT_ZH}{re.escape(unit.name)}{_BESIDE_ZH}", note):
        return True
    said = unit.name_en and unit.name_en in note_en
    return bool(said and re.search(rf"\b(?:in|within) (?:the )?{re.escape(unit.name_en)}(?=[.,;)]|$)", note_en))


def line_ends(line: BaseGeometry) -> list[Point]:
    """The free ends of a line: points at which an odd number of its parts ends."""
    parts = shapely.get_parts(shapely.line_merge(line))
    ends = Counter(point for part in parts if not part.is_closed for point in (part.coords[0], part.coords[-1]))
    return [Point(point) for point, number in ends.items() if number % 2]


def _check_tiling(located: dict[str, Located], faults: Faults) -> None:
    """Townships and zones fill the district without gap or overlap."""
    district = located.get(DISTRICT)
    if district is None or district.geometry is None:
        return
    recipe = district.feature.recipe
    made_of_them = recipe is not None and recipe.op == "union"  # the outline has the same holes
    for kind in (TOWNSHIP, ZONE):
        units = {
            name: one.geometry for name, one in located.items() if one.feature.kind == kind and one.geometry is not None
        }
        if not units:
            continue
        found = coverage.problems(units, district.geometry, _TILING_TOLERANCE_M2)
        if made_of_them:
            found += coverage.closing_gaps(district.geometry, units, _TILING_TOLERANCE_M2)
            made_of_them = False  # those of the townships are told, and not again of the zones
        for problem in found[:_LISTED]:
            error = problem.error()
            # A traced edge never meets its neighbour's to the centimetre; what is more is still to be looked at.
            traced = any(located[unit].basis == TRACED for unit in problem.units)
            severity = WARNING if traced and problem.kind != "invalid" else ERROR
            origin = located[problem.units[0]].feature.origin if problem.units else district.feature.origin
            faults.add(origin, "geometry", error.key, severity=severity, **error.params)
