"""Files that lie off what is known: as the maps of the web do, for a forgotten datum, or together in any direction."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo import datum as datums
from geo.arcs import Arc, read_arcs
from geo.errors import GeoError
from layers.build.georeference import metric
from layers.build.located import Located
from layers.folder.reading import CSV_BYTES, Faults
from layers.model.errors import WARNING, Origin
from layers.model.plan import Plan

_NEAR_M = 60.0
"""Vertices that lie so near to known boundaries, once taken back, are those of the boundaries."""
_ALIKE = 0.25
"""A displacement within this part of the shift is the shift."""
_APART_M = (250.0, 800.0)
"""So far off, all in one direction, a file is in another datum or was moved; less may be how it was drawn."""
_EXACT_M = 100.0
"""A place known to this says where a file lies."""
_SIZE = 0.1
"""Two outlines of one unit differ by no more than this part of their area."""
_SMALL_M = 3_000.0
"""The middle of something larger says too little."""


def check_shifts(plan: Plan, located: dict[str, Located], lon: float, faults: Faults) -> None:
    """Doubt every file without stated datum that fits what is known better when it is taken back from a web map.

    Known are the places of the gazetteer, by name and by the township that must hold them, and the arcs in the data
    folder's boundaries.

    Args:
        plan: The plan.
        located: Its located features by id.
        lon: Longitude in degrees that chooses the metric zone.
        faults: Takes a warning for each file, with the shift in metres.
    """
    groups: dict[str, list[Located]] = {}
    for one in located.values():
        recipe = one.feature.recipe
        if recipe is not None and recipe.op in ("file", "arcs") and "datum" not in recipe.fields and one.geometry:
            groups.setdefault(next(recipe.files())[0], []).append(one)
    boundaries = _Boundaries(plan)
    for file, members in groups.items():
        west, south, east, north = shapely.total_bounds(np.array([one.geometry for one in members], dtype=object))
        at = (west + east) / 2, (south + north) / 2
        shifts = {datum: np.array(datums.shift_m(datum, *at)) for datum in datums.SHIFTED}
        arcs = boundaries.beside(file)
        off = _together(plan, arcs, members, lon)
        if off is not None:
            like = (datum for datum, shift in shifts.items() if np.hypot(*(shift - off)) < _ALIKE * np.hypot(*shift))
        else:
            like = (datum for datum, shift in shifts.items() if _fits(plan, arcs, members, shift, lon))
        datum = next(like, "")
        if datum:
            size = round(math.hypot(*shifts[datum]))
            faults.add(Origin(file), "", "geometry.shifted", severity=WARNING, file=file, datum=datum, shift_m=size)
        elif off is not None:
            told = {"shift_m": round(math.hypot(*off)), "east_m": round(off[0]), "north_m": round(off[1])}
            faults.add(Origin(file), "", "geometry.apart", severity=WARNING, file=file, **told)


def _together(plan: Plan, arcs: Sequence[Arc], members: list[Located], lon: float) -> tuple[float, float] | None:
    """Metres east and north by which two or more of a file's features lie off what has their name, all alike."""
    points = {place.name: place.point for place in plan.gazetteer.places if place.accuracy_m <= _EXACT_M}
    names = [next((name for name in _names(one) if name in points), one.feature.name) for one in members]
    units = _units(arcs, set(names))
    asked = [(one.geometry, points.get(name), units.get(name)) for one, name in zip(members, names, strict=True)
             if name in points or name in units]  # fmt: skip
    if len(asked) < 2:
        return None
    found: list[tuple[float, float]] = []
    for shape, point, unit in zip(*(metric(column, lon) for column in zip(*asked, strict=True)), strict=True):
        west, south, east, north = shape.bounds
        small = max(east - west, north - south) < _SMALL_M
        other = point if small else unit
        if other is not None and (small or abs(shape.area - other.area) < _SIZE * other.area):
            found.append((shape.centroid.x - other.centroid.x, shape.centroid.y - other.centroid.y))
    if len(found) < 2:
        return None
    middle = np.median(found, axis=0)
    size = float(np.hypot(*middle))
    alike = np.hypot(*(np.array(found) - middle).T) < _ALIKE * size
    return (float(middle[0]), float(middle[1])) if _APART_M[0] <= size <= _APART_M[1] and alike.mean() > 2 / 3 else None


def _units(arcs: Iterable[Arc], named: set[str]) -> dict[str, Any]:
    """Units that are named, as polygons in degrees made of the arcs around them."""
    lines: dict[str, list[Any]] = {}
    for arc in arcs:
        for unit in {arc.unit_a, arc.unit_b} & named:
            lines.setdefault(unit, []).append(arc.line)
    made = {unit: shapely.union_all(shapely.get_parts(shapely.polygonize(own))) for unit, own in lines.items()}
    return {unit: shape for unit, shape in made.items() if shape.area}


def _fits(plan: Plan, arcs: Sequence[Arc], members: list[Located], shift: Any, lon: float) -> bool:
    """Whether taking the shift back brings a file's features to what is known of them."""
    votes = 0
    exact = [one for one in plan.gazetteer.places if one.accuracy_m <= np.hypot(*shift) / 3]
    by_township, by_name = _numbered(place.township for place in exact), _numbered(place.name for place in exact)
    asked = [one for one in members if one.feature.id in by_township or not by_name.keys().isdisjoint(_names(one))]
    points = metric([place.point for place in exact], lon)
    shapes = metric([one.geometry for one in asked], lon)
    for one, shape, moved in zip(asked, shapes, _moved(shapes, shift), strict=True):
        for number in by_township.get(one.feature.id, ()):
            point, accuracy_m = points[number], exact[number].accuracy_m
            before, after = shape.distance(point) > accuracy_m, moved.distance(point) > 0
            votes += int(before and not after) - 2 * int(after and not before)
        west, south, east, north = shape.bounds
        if max(east - west, north - south) >= _SMALL_M:
            continue
        for number in {at for name in _names(one) for at in by_name.get(name, ())}:
            away = np.array([shape.centroid.x - points[number].x, shape.centroid.y - points[number].y])
            votes += int(np.hypot(*(away - shift)) < _ALIKE * np.hypot(*shift))
    return votes > 0 or (votes == 0 and _on_boundaries(arcs, members, shift, lon))


def _names(one: Located) -> tuple[str, ...]:
    return (one.feature.name, *one.feature.aliases)


def _moved(shapes: Any, shift: Any) -> Any:
    """Shapes in metres with a shift taken back."""
    return shapely.transform(shapes, lambda c: c - shift)


def _numbered(names: Iterable[str]) -> dict[str, list[int]]:
    """The numbers at which each name stands."""
    found: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        found.setdefault(name, []).append(number)
    return found


def _on_boundaries(arcs: Sequence[Arc], members: list[Located], shift: Any, lon: float) -> bool:
    """Whether vertices come to lie on known arcs by being taken back, and did not before."""
    if not arcs:
        return False
    shapes = metric([one.geometry for one in members], lon)
    known = shapely.STRtree(metric([arc.line for arc in arcs], lon))
    before, after = (
        float(np.median(known.query_nearest(vertices, all_matches=False, return_distance=True)[1]))
        for vertices in (shapely.points(shapely.get_coordinates(one)) for one in (shapes, _moved(shapes, shift)))
    )
    return after < _NEAR_M and before > max(2 * after, _NEAR_M)


class _Boundaries:
    """The arcs of the data folder's boundary files, each file read once, when it is first asked for."""

    def __init__(self, plan: Plan) -> None:
        self._folder = plan.data_dir / "boundaries"
        self._read: dict[str, list[Arc]] = {}

    def beside(self, file: str) -> list[Arc]:
        """Those of every file but the one that is asked about."""
        paths = (path for path in sorted(self._folder.glob("*.csv")) if f"boundaries/{path.name}" != file)
        return [arc for path in paths for arc in self._arcs(path)]

    def _arcs(self, path: Path) -> list[Arc]:
        if path.name not in self._read:
            self._read[path.name] = []
            if path.stat().st_size <= CSV_BYTES:
                with suppress(GeoError):  # no file of arcs; whoever uses it hears of it
                    self._read[path.name] = read_arcs(path)
        return self._read[path.name]
