"""Files that lie off by as much, and in the direction, as the maps of the web are: their datum was forgotten."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely

from geo import datum as datums
from geo.arcs import read_arcs
from geo.errors import GeoError
from layers.build.georeference import Located, metric
from layers.folder.reading import CSV_BYTES, Faults
from layers.model.errors import WARNING, Origin
from layers.model.plan import Plan

_NEAR_M = 60.0
"""Vertices that lie so near to known boundaries, once taken back, are those of the boundaries."""
_ALIKE = 0.25
"""A displacement within this part of the shift is the shift."""
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
    for file, members in groups.items():
        for datum in datums.SHIFTED:
            west, south, east, north = shapely.total_bounds(np.array([one.geometry for one in members], dtype=object))
            shift = np.array(datums.shift_m(datum, (west + east) / 2, (south + north) / 2))
            if _fits(plan, file, members, shift, lon):
                size = round(math.hypot(*shift))
                faults.add(Origin(file), "", "geometry.shifted", severity=WARNING, file=file, datum=datum, shift_m=size)
                break


def _fits(plan: Plan, file: str, members: list[Located], shift: Any, lon: float) -> bool:
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
    return votes > 0 or (votes == 0 and _on_boundaries(plan, file, members, shift, lon))


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


def _on_boundaries(plan: Plan, file: str, members: list[Located], shift: Any, lon: float) -> bool:
    """Whether vertices come to lie on known arcs by being taken back, and did not before."""
    lines = [line for lines in _known_lines(plan, file) for line in lines]
    if not lines:
        return False
    shapes = metric([one.geometry for one in members], lon)
    known = shapely.STRtree(metric(lines, lon))
    before, after = (
        float(np.median(known.query_nearest(vertices, all_matches=False, return_distance=True)[1]))
        for vertices in (shapely.points(shapely.get_coordinates(one)) for one in (shapes, _moved(shapes, shift)))
    )
    return after < _NEAR_M and before > max(2 * after, _NEAR_M)


def _known_lines(plan: Plan, file: str) -> Iterator[list[Any]]:
    """The arcs of every boundary file but the one that is asked about."""
    for path in sorted((plan.data_dir / "boundaries").glob("*.csv")):
        if f"boundaries/{path.name}" == file or path.stat().st_size > CSV_BYTES:
            continue
        try:
            yield [arc.line for arc in read_arcs(path)]
        except GeoError:
            continue  # no file of arcs; whoever uses it hears of it
