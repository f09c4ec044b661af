"""Polygons put into a coverage that is there: what comes in stays as it is, what was there gives way or follows.

Nothing overlaps afterwards, and what the new polygons leave free goes to the old ones around it. Slits and overlaps
among the new ones are closed up to a stated width, slits along their middle, and every one is told. Work is done in
stretched degrees; results are degrees EPSG:4490 on the grid of recipes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import coverage, measure, operations, slits
from geo.crs import CGCS2000
from geo.edges import Edges, divided
from geo.errors import GeoError
from geo.faces import Faces, joined

GAP, OVERLAP, LEFT = "gap", "overlap", "left"
STAGES = ("overlaps", "gaps", "neighbours", "clean")
"""Of a fit, in their order."""
_DEGREE_EAST_M, _DEGREE_NORTH_M = 111_320.0, 110_850.0
"""A degree on the equator, and one of latitude around 30° N; within half a per cent in China."""
_LEAST_M2 = 1.0
"""Smaller pieces are rounding, as `coverage` has it."""
_SURELY_LESS = 0.98
"""What has less of it in the stretched plane has less on the ellipsoid."""
_SNAP_M = 0.001
_FINEST_M = 0.1


@dataclass(frozen=True)
class Piece:
    """A gap, an overlap, or what the new polygons leave free.

    Attributes:
        kind: `gap`, `overlap` or `left`.
        between: names of the polygons around it.
        area_m2: on the ellipsoid.
        width_m: of the widest place: diameter of the largest circle inside.
        length_m: half the perimeter.
        lon: a point in it, degrees EPSG:4490.
        lat: the point's latitude.
        given: m² by name of who got it; empty where nobody did.
    """

    kind: str
    between: tuple[str, ...]
    area_m2: float
    width_m: float
    length_m: float
    lon: float
    lat: float
    given: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """The coverage afterwards.

    Attributes:
        polygons: the new ones, and of the old ones those that changed; degrees EPSG:4490.
        pieces: what was closed, cut or handed on, the largest first.
        wide: gaps and overlaps among the new ones that are wider than allowed; nothing was done about them.
    """

    polygons: Mapping[str, BaseGeometry]
    pieces: tuple[Piece, ...]
    wide: tuple[Piece, ...]


def fit(
    new: Mapping[str, BaseGeometry],
    old: Mapping[str, BaseGeometry],
    vacated: Sequence[BaseGeometry],
    tolerance_m: float,
    progress: Callable[[str], None] | None = None,
) -> Fitted:
    """Fit new polygons and the old ones around them together.

    Args:
        new: name → valid polygon, degrees EPSG:4490.
        old: name → polygon that stays, but may have to give way, degrees.
        vacated: what the polygons covered that the new ones replace, degrees.
        tolerance_m: gaps and overlaps among the new ones up to this width are closed.
        progress: told which of `STAGES` begins.

    Raises:
        GeoError: `mosaic.overlaps` when polygons overlap after all.
    """
    work = _Work(dict(new), dict(old), tolerance_m)
    begins = progress or (lambda _stage: None)
    begins("overlaps")
    work.overlaps()
    begins("gaps")
    work.gaps()
    begins("neighbours")
    if not work.wide:
        work.give_way(vacated)
    begins("clean")
    return work.result()


class _Work:
    """The polygons in metres while they are fitted."""

    def __init__(self, new: dict[str, BaseGeometry], old: dict[str, BaseGeometry], tolerance_m: float) -> None:
        self.tolerance = tolerance_m
        bounds = shapely.total_bounds(np.array(list(new.values()), dtype=object))
        self.origin = np.array([(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2])
        # Degrees stretched to metres, not projected: what is straight stays straight, so that a new corner on an edge
        # lies on it. In a zone's plane it would be a metre off in the middle of ten kilometres.
        self.scale = np.array([_DEGREE_EAST_M * math.cos(math.radians(self.origin[1])), _DEGREE_NORTH_M])
        self.given_old, self.given_new = old, new
        self.new = dict(zip(new, self._plane(list(new.values())), strict=True))
        self.old = dict(zip(old, self._plane(list(old.values())), strict=True))
        self.before = dict(self.old)
        self.pieces: list[Piece] = []
        self.wide: list[Piece] = []

    def _plane(self, geometries: Sequence[BaseGeometry]) -> NDArray[Any]:
        array = np.empty(len(geometries), dtype=object)
        array[:] = list(geometries)
        return np.asarray(shapely.transform(array, lambda c: (c - self.origin) * self.scale), dtype=object)

    def _degrees(self, shapes: Any) -> Any:
        return shapely.transform(shapes, lambda c: c / self.scale + self.origin)

    def overlaps(self) -> None:
        """Take narrow overlaps among the new ones from the later of the two."""
        names = list(self.new)
        shapes = np.array(list(self.new.values()), dtype=object)
        # Only who has an edge that no neighbour matches can overlap.
        loose = np.nonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))[0]
        if not len(loose):
            return
        faces = Faces(shapes[loose])
        for pair, numbers in faces.common().items():
            keeper, loser = (names[loose[number]] for number in pair)
            common = faces.still(pair, numbers)
            parts = [one for one in faces.together(common) if one.area > _SNAP_M**2] if common else []
            pieces = self._pieces(OVERLAP, [(keeper, loser)] * len(parts), parts)
            wide = [piece for piece in pieces if piece.width_m > self.tolerance]
            self.wide += wide
            for part, piece in zip(parts, pieces, strict=True):
                if piece.width_m <= self.tolerance:
                    self._tell(piece, {keeper: part.area})
            if not wide:  # else nothing is done at all
                faces.take(pair, common)
        for number, one in enumerate(loose.tolist()):
            self.new[names[one]] = faces.polygon(number)

    def gaps(self) -> None:
        """Divide narrow gaps among the new ones along their middle."""
        names = list(self.new)
        shapes = np.array(list(self.new.values()), dtype=object)
        edges = cache(lambda: Edges(shapes))
        found = self._not_held(slits.in_plane(edges, joined(shapes)), edges)
        found = [one for one in found if 2 * one[0].area >= coverage.MIN_PROBLEM_WIDTH_M * one[0].length]
        parts = [part for part, _ in found]
        pieces = self._pieces(GAP, [tuple(names[number] for number in around) for _, around in found], parts)
        self.wide += [piece for piece in pieces if piece.width_m > self.tolerance]
        if not self.wide:
            self._hand_out(parts, pieces, self.new, edges)

    def _not_held(
        self, found: list[tuple[shapely.Polygon, list[int]]], edges: Callable[[], Edges]
    ) -> list[tuple[shapely.Polygon, list[int]]]:
        """Gaps without what an old polygon fills; what is left at its edge is its own unless two new ones meet.

        An old one fills what its body is in: it lies there mostly, or more widely than the tolerance. Of a slit
        between two new ones that its edge strays into it fills nothing.
        """
        old = np.array(list(self.old.values()), dtype=object)
        parts = np.array([part for part, _ in found], dtype=object)
        which, hit = shapely.STRtree(parts).query(old, predicate="intersects")
        common = shapely.intersection(parts[hit], old[which])
        real = shapely.area(common) >= _LEAST_M2
        which, hit, common = which[real], hit[real], common[real]
        mostly = shapely.area(common) > shapely.area(old[which]) / 2
        held = np.unique(hit[mostly | (_widths(common) > self.tolerance)])
        if not len(held):
            return found
        free = shapely.difference(parts[held], shapely.union_all(old[np.unique(which)]))
        left = [one for one in shapely.get_parts(free) if one.geom_type == "Polygon"]
        around = edges().around(np.array(left, dtype=object), 1.0)
        filled = set(held.tolist())
        kept = [one for number, one in enumerate(found) if number not in filled]
        return kept + [(part, names) for part, names in zip(left, around, strict=True) if len(names) > 1]

    def give_way(self, vacated: Sequence[BaseGeometry]) -> None:
        """Cut the old ones where new ones lie, and hand them what the new ones leave free."""
        if not self.old and not vacated:
            return
        union = joined(list(self.new.values()))
        shapely.prepare(union)
        for name, shape in self.old.items():
            if shapely.intersects(union, shape):
                self.old[name] = self._cut(name, shape, union)
        free = shapely.difference(joined(list(self._plane(vacated))), union)
        # The old ones as they were: cut, they have corners that the rest does not have, and this takes four times.
        before = np.array(list(self.before.values()), dtype=object)
        near = before[np.unique(shapely.STRtree(before).query(free))]
        parts = _polygons(shapely.difference(free, joined(near)) if len(near) else free)
        names, edges = list(self.old), cache(lambda: Edges(np.array(list(self.old.values()), dtype=object)))
        around = edges().around(np.array(parts, dtype=object), 0.01)
        pieces = self._pieces(LEFT, [tuple(names[number] for number in one) for one in around], parts)
        self.pieces += [one for one in pieces if not one.between and one.area_m2 >= _LEAST_M2]
        self._hand_out(parts, pieces, self.old, edges)

    def _cut(self, name: str, shape: BaseGeometry, union: BaseGeometry) -> BaseGeometry:
        """An old one without what new ones cover, which is told."""
        cut = _polygonal(shapely.difference(shape, union))
        if shape.area - cut.area >= _LEAST_M2:
            common = shapely.intersection(shape, union)
            others = [other for other, new in self.new.items() if shapely.intersects(common, new)]
            taken = {other: float(shapely.area(shapely.intersection(common, self.new[other]))) for other in others}
            taken = {other: area for other, area in taken.items() if area >= _LEAST_M2}
            self._tell(self._pieces(OVERLAP, [(name, *taken)], [_polygonal(common)])[0], taken)
        return cut

    def _hand_out(
        self,
        parts: Sequence[shapely.Polygon],
        pieces: Sequence[Piece],
        shapes: dict[str, BaseGeometry],
        edges: Callable[[], Edges],
    ) -> None:
        """Pieces to those around them, to each what is nearest to its own edge; told, and each taker united once."""
        names = list(shapes)
        numbers = {name: number for number, name in enumerate(names)}
        given = [(part, piece) for part, piece in zip(parts, pieces, strict=True) if piece.between]
        if not given:
            return
        around = [[numbers[name] for name in piece.between] for _, piece in given]
        taken: dict[str, list[shapely.Polygon]] = {}
        for (part, piece), shares in zip(given, divided([part for part, _ in given], around, edges()), strict=True):
            for number, share in shares.items():
                taken.setdefault(names[number], []).extend([share] if share is part else _polygons(share))
            self._tell(piece, {names[number]: float(share.area) for number, share in shares.items()})
        for name, own in taken.items():
            # What is handed out lies side by side: as one shape it takes one overlay, not one for each.
            shapes[name] = _polygonal(joined([shapes[name], *own]))

    def _pieces(self, kind: str, between: Sequence[tuple[str, ...]], parts: Sequence[BaseGeometry]) -> list[Piece]:
        """What is to be told of pieces; of those that are smaller than rounding no width, length or place."""
        shapes = np.array(parts, dtype=object)
        areas = np.asarray(shapely.area(shapes))  # within half a per cent of the ellipsoid's
        widths, lengths, points = np.zeros(len(parts)), np.zeros(len(parts)), np.zeros((len(parts), 2))
        near = areas >= _LEAST_M2 * _SURELY_LESS
        areas[near] = measure.area_m2(self._degrees(shapes[near]), CGCS2000)
        real = areas >= _LEAST_M2
        widths[real] = _widths(shapes[real])
        # Where a border ends at the middle of another one's edge, a crack of a millimetre runs on: it is no length.
        half = coverage.MIN_PROBLEM_WIDTH_M / 2
        opened = shapely.buffer(shapely.buffer(shapes[real], -half), half)
        lengths[real] = shapely.length(np.where(shapely.is_empty(opened), shapes[real], opened)) / 2
        points[real] = shapely.get_coordinates(shapely.point_on_surface(self._degrees(shapes[real])))
        rows = zip(between, areas, widths, lengths, points, strict=True)
        return [
            Piece(kind, names, float(area), float(width), float(length), float(x), float(y))
            for names, area, width, length, (x, y) in rows
        ]

    def _tell(self, piece: Piece, given: Mapping[str, float]) -> None:
        if piece.area_m2 >= _LEAST_M2:
            whole = sum(given.values()) or 1.0
            # Shares were measured in the stretched plane; they are told on the ellipsoid.
            shares = {name: area / whole * piece.area_m2 for name, area in given.items()}
            self.pieces.append(Piece(**{**vars(piece), "given": shares}))

    def result(self) -> Fitted:
        """Degrees; of the old ones those that are others than before."""
        pieces = tuple(sorted(self.pieces, key=lambda one: -one.area_m2))
        wide = tuple(sorted(self.wide, key=lambda one: -one.area_m2))
        if wide:
            return Fitted(self.given_new, pieces, wide)
        touched = [name for name, shape in self.old.items() if not shape.equals(self.before[name])]
        changed = [name for name in touched if not self.old[name].is_empty]
        # Those that are gone are told as empty: whoever asked decides what that means.
        gone = {name: self.old[name] for name in touched if self.old[name].is_empty}
        names = [*self.new, *changed]
        shapes = np.array([*self.new.values(), *(self.old[name] for name in changed)], dtype=object)
        if not shapely.coverage_is_valid(shapes):
            shapes = shapely.coverage_clean(  # type: ignore[attr-defined]
                shapes, gap_width=0.0, snapping_distance=_SNAP_M, merge_strategy="min_index"
            )
        degrees = operations.tidy_polygons(np.asarray(self._degrees(shapes), dtype=object))
        fitted = dict(zip(names, degrees, strict=True))
        around = {name: shape for name, shape in self.given_old.items() if name not in fitted and name not in gone}
        for problem in coverage.problems({**fitted, **around}):
            if problem.kind != GAP and set(problem.units) & set(fitted):
                raise GeoError("mosaic.overlaps", **problem.error().params)
        return Fitted({**fitted, **gone}, pieces, wide)


def _polygons(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of whatever an overlay gave, without what is smaller than rounding."""
    parts = [one for part in shapely.get_parts([shape]) for one in shapely.get_parts([part])]
    return [one for one in parts if isinstance(one, shapely.Polygon) and one.area > _SNAP_M**2]


def _widths(shapes: NDArray[Any]) -> NDArray[np.float64]:
    """Of the largest polygon of each: the diameter of the largest circle inside; 0 without a polygon."""
    widths = np.zeros(len(shapes))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    parts, part = shapely.get_parts(parts, return_index=True)
    owner, flat = owner[part], (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    parts, owner = parts[flat], owner[flat]
    order = np.lexsort((-shapely.area(parts), owner))
    having, first = np.unique(owner[order], return_index=True)
    circles = shapely.maximum_inscribed_circle(parts[order[first]], tolerance=_FINEST_M)
    widths[having] = 2 * shapely.length(circles)
    return widths


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon(_polygons(shape)) if shape.geom_type == "GeometryCollection" else shape
