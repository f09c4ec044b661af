"""What a plan's records must say so that a reader is not misled: words in both languages, positions not too good."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any

import shapely

from layers.build.georeference import metric
from layers.build.located import Located
from layers.folder.reading import Faults
from layers.folder.references import OUTSIDE
from layers.measure.features import objects
from layers.model.errors import WARNING
from layers.model.plan import DISTRICT, Plan

_HAN, _LATIN = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]")
_IN_TWO = ("note", "text", "no_geometry", "reason")
"""Fields that stand in both languages or in neither."""
_NAMES = ("name", "unit", "domain")
"""Fields whose English holds no Chinese at all; a sentence may quote a name."""


def check_honesty(plan: Plan, located: dict[str, Located], lon: float, faults: Faults) -> None:
    """Doubt records that a reader would take for more, or could not read; all are warnings.

    Args:
        plan: The plan.
        located: Its located features by id.
        lon: Longitude in degrees that chooses the metric zone.
        faults: Takes the problems.
    """
    for record in _records(plan):
        _languages(record, faults)
    _domains(plan, faults)
    _outside(plan, located, lon, faults)
    _accuracies(plan, located, faults)


def _records(plan: Plan) -> Iterator[Any]:
    yield from plan.features
    yield from plan.indicators
    yield from plan.targets
    yield from plan.reviews
    yield from plan.claims


def _languages(record: Any, faults: Faults) -> None:
    """A text stands in both languages, and the English one is English."""
    kind: Any = type(record)
    fields = _fields_of(kind)
    for field, both in fields:
        own, english = both(record)
        if field in _IN_TWO and bool(own) != bool(english):
            lacking = field if english else f"{field}_en"
            faults.add(record.origin, lacking, "text.one_language", severity=WARNING, value=own or english)
    for field, both in fields:
        own, english = both(record)
        if english.isascii():
            continue
        han = len(_HAN.findall(english))
        most = 0 if field in _NAMES else len(_LATIN.findall(english))
        # What has no English name is called by its Chinese one, and that has been said.
        if han > most and not (field in _NAMES and english == own):
            faults.add(record.origin, f"{field}_en", "text.not_english", severity=WARNING, value=english)


@cache
def _fields_of(kind: type[Any]) -> list[tuple[str, Callable[[Any], tuple[str, str]]]]:
    """The fields that such records have, and what takes a text in both languages; a plan may have very many records."""
    known = {one.name for one in dataclasses.fields(kind)} | set(dir(kind))

    def both(field: str) -> Callable[[Any], tuple[str, str]]:
        if {field, f"{field}_en"} <= known:
            return attrgetter(field, f"{field}_en")
        return lambda record: (getattr(record, field, ""), getattr(record, f"{field}_en", ""))

    return [(one, both(one)) for one in (*_NAMES, *_IN_TWO) if {one, f"{one}_en"} & known]


def _domains(plan: Plan, faults: Faults) -> None:
    """A domain has one English name throughout."""
    known: dict[str, str] = {}
    for record in (*plan.indicators, *plan.targets):
        first = known.setdefault(record.domain, record.domain_en)
        if first != record.domain_en:
            faults.add(record.origin, "domain_en", "domain.two_names", severity=WARNING, domain=record.domain,
                       other=first, value=record.domain_en)  # fmt: skip


def _outside(plan: Plan, located: dict[str, Located], lon: float, faults: Faults) -> None:
    """What the plan speaks of and what lies outside the district says so: ``known = { inside = "outside" }``."""
    district = located.get(DISTRICT)
    if district is None or district.geometry is None:
        return
    chosen = [
        one for one in located.values()
        if one.geometry is not None and one.feature.cites and not one.feature.context
        and OUTSIDE not in one.feature.known.inside and not plan.kinds[one.feature.kind].record.get("beyond")
    ]  # fmt: skip
    shapely.prepare(district.geometry)
    touching = shapely.intersects(district.geometry, objects(one.geometry for one in chosen)).tolist()
    apart = [one for one, near in zip(chosen, touching, strict=True) if not near]  # only these need be measured
    around, *shapes = metric([district.geometry, *(one.geometry for one in apart)], lon)
    for one, distance in zip(apart, shapely.distance(objects(shapes), around).tolist(), strict=True):
        if distance > (one.accuracy_m or 0.0):
            faults.add(one.feature.origin, "geometry", "geometry.outside", severity=WARNING, distance_m=round(distance))


def _accuracies(plan: Plan, located: dict[str, Located], faults: Faults) -> None:
    """No position claims to be finer than its basis can be; no line or area is coarser than its basis allows.

    A point that is too coarse is an error, told where it is located. What lies beyond the district is drawn as coarsely
    as it is needed.
    """
    doubted = set()
    for place in plan.gazetteer.places:
        basis = plan.bases.get(place.basis)
        if basis is not None and basis.least_m is not None and place.accuracy_m < basis.least_m:
            doubted.add((place.basis, place.accuracy_m))
            faults.add(place.origin, "accuracy_m", "feature.too_fine", severity=WARNING, basis=basis.name,
                       accuracy_m=place.accuracy_m, least_m=basis.least_m)  # fmt: skip
    around = located.get(DISTRICT)
    for one in located.values():
        basis, metres = plan.bases.get(one.basis), one.accuracy_m
        if basis is None or metres is None:
            continue
        if basis.least_m is not None and metres < basis.least_m:
            if one.feature.accuracy_m is None and (one.basis, metres) in doubted:
                continue  # it is its place's, and told there
            faults.add(one.feature.origin, "accuracy_m", "feature.too_fine", severity=WARNING, basis=basis.name,
                       accuracy_m=metres, least_m=basis.least_m)  # fmt: skip
        if basis.limit_m is not None and metres > basis.limit_m and _extended_in(one, around):
            faults.add(one.feature.origin, "accuracy_m", "feature.too_coarse", severity=WARNING, basis=basis.name,
                       accuracy_m=metres, limit_m=basis.limit_m)  # fmt: skip


def _extended_in(one: Located, around: Located | None) -> bool:
    """Whether it is a line or an area, and meets the district."""
    if one.geometry is None or shapely.get_dimensions(one.geometry) < 1:
        return False
    return around is None or around.geometry is None or bool(around.geometry.intersects(one.geometry))
