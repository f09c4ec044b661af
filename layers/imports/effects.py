"""What a change of a plan folder does to the plan: areas, claims, townships and zones, indicators, problems."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import measure
from geo.crs import CGCS2000
from layers.build.assemble import assemble
from layers.build.check import Examined, examine
from layers.build.georeference import metric
from layers.edition.compare import Change as Difference
from layers.edition.compare import compare
from layers.edition.compare_words import Line, lines
from layers.imports.exchange import Change, staged
from layers.model.errors import ERROR, Problem

LANGUAGES = ("zh", "en")
_AREA_DECIMALS = 4
_PLACED = ("township", "zone")


@dataclass(frozen=True)
class Shape:
    """A shape before and after.

    Attributes:
        id: Of the feature.
        name: Its name.
        before_km2: Area on the ellipsoid; None for what has none.
        after_km2: Likewise.
        before_km: Length, likewise.
        after_km: Likewise.
        bounds_before: West, south, east, north in degrees, or None.
        bounds_after: Likewise.
        moved_m: How far the middle moved.
        changed_m2: Area that is in one of the two only.
        name_en: Its English name, or "".
    """

    id: str
    name: str
    before_km2: float | None
    after_km2: float | None
    before_km: float | None
    after_km: float | None
    bounds_before: tuple[float, ...] | None
    bounds_after: tuple[float, ...] | None
    moved_m: float | None
    changed_m2: float | None
    name_en: str = ""


@dataclass(frozen=True)
class Effects:
    """Before and after.

    Attributes:
        shapes: Of every feature whose shape changes, those that were imported first.
        claims: Changed verdicts and measured values of the plan's figures.
        placed: Features that change township or zone.
        indicators: Changed values.
        others: Every other change.
        problems: What ``planmap check`` finds afterwards and did not find before.
        solved: How many problems are gone.
        compared: Whether both could be built; else there is nothing but shapes and problems.
        told: ``claims``, ``placed`` and ``indicators`` in a reader's words, by name and language.
    """

    shapes: tuple[Shape, ...] = ()
    claims: tuple[Difference, ...] = ()
    placed: tuple[Difference, ...] = ()
    indicators: tuple[Difference, ...] = ()
    others: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    solved: int = 0
    compared: bool = True
    told: Mapping[tuple[str, str], tuple[Line, ...]] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """New problems that prevent a build."""
        return tuple(one for one in self.problems if one.severity == ERROR)

    def as_dict(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "shapes": [asdict(one) for one in self.shapes],
            **{
                name: [asdict(one) for one in getattr(self, name)]
                for name in ("claims", "placed", "indicators", "others")
            },
            "problems": [one.as_dict() for one in self.problems],
            "solved": self.solved,
            "compared": self.compared,
        }


def effects(before: Examined, folder: Path, data_dir: Path, change: Change, first: Iterable[str]) -> Effects:
    """Make the folder as it would be, examine it, and compare it with what there is.

    Args:
        before: The plan folder as it is.
        folder: The plan folder.
        data_dir: Its data folder.
        change: What is to change.
        first: Ids of what is imported: their shapes are told first.
    """
    with staged(folder, change) as ready:
        after = examine(ready, data_dir)
        shapes = _shapes(before, after, list(first))
        known = {_mark(one) for one in before.problems}
        new = tuple(one for one in after.problems if _mark(one) not in known)
        solved = len(known - {_mark(one) for one in after.problems})
        if _broken(before) or _broken(after) or before.plan is None or after.plan is None:
            return Effects(shapes, problems=new, solved=solved, compared=False)
        old, new_edition = (assemble(one.plan, one.located, one.lon) for one in (before, after) if one.plan)
        difference = compare(old, new_edition)
    found = difference.changes
    claims = tuple(one for one in found if one.table == "claims")
    placed = tuple(one for one in found if one.field in _PLACED)
    indicators = tuple(one for one in found if one.table in ("observations", "indicators"))
    parts = {"claims": claims, "placed": placed, "indicators": indicators}
    some = {*claims, *placed, *indicators}
    others = tuple(one for one in found if one not in some)
    told = {
        (name, lang): tuple(lines(replace(difference, changes=part), old, new_edition, lang))
        for name, part in parts.items()
        for lang in LANGUAGES
    }
    return Effects(shapes, claims, placed, indicators, others, new, solved, told=told)


def _broken(examined: Examined) -> bool:
    return any(one.severity == ERROR for one in examined.problems)


def _mark(problem: Problem) -> tuple[str, ...]:
    """A problem without its line, which moves when records change above it."""
    return problem.file, problem.record, problem.field, problem.key


def _shapes(before: Examined, after: Examined, first: list[str]) -> tuple[Shape, ...]:
    """Features whose shape is another one afterwards."""
    order = {name: number for number, name in enumerate(first)}
    names = [name for name in after.located if name in before.located or name in order]
    old = np.array([_shape(before, name) for name in names], dtype=object)
    new = np.array([_shape(after, name) for name in names], dtype=object)
    rows = []
    for number, name in enumerate(names):
        one, other = old[number], new[number]
        if one is None and other is None:
            continue
        if one is None or other is None or not shapely.equals_identical(one, other):
            feature = after.located[name].feature
            told = _told(name, feature.name, one, other, after.lon)
            rows.append(replace(told, name_en=feature.name_en))
    return tuple(sorted(rows, key=lambda row: (order.get(row.id, len(order)), row.id)))


def _shape(examined: Examined, name: str) -> BaseGeometry | None:
    located = examined.located.get(name)
    return None if located is None else located.geometry


def _told(name: str, said: str, old: BaseGeometry | None, new: BaseGeometry | None, lon: float) -> Shape:
    planes = metric([old, new], lon)
    moved = changed = None
    if old is not None and new is not None:
        one, other = planes[0].centroid, planes[1].centroid
        moved = round(math.hypot(one.x - other.x, one.y - other.y), 1)
        if shapely.get_dimensions(old) == shapely.get_dimensions(new) == 2:
            changed = round(float(shapely.area(shapely.symmetric_difference(*planes))), 1)
    return Shape(name, said, _km2(old), _km2(new), _km(old), _km(new), _bounds(old), _bounds(new), moved, changed)


def _km2(shape: BaseGeometry | None) -> float | None:
    if shape is None or shapely.get_dimensions(shape) != 2:
        return None
    return round(float(measure.area_m2(shape, CGCS2000)) / 1e6, _AREA_DECIMALS)


def _km(shape: BaseGeometry | None) -> float | None:
    if shape is None or shapely.get_dimensions(shape) != 1:
        return None
    return round(float(measure.length_m(shape, CGCS2000)) / 1e3, _AREA_DECIMALS - 1)


def _bounds(shape: BaseGeometry | None) -> tuple[float, ...] | None:
    return None if shape is None else tuple(round(one, 6) for one in shape.bounds)
