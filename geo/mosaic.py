"""Polygons put into a coverage that is there: what comes in stays as it is, what was there gives way or follows.

Nothing overlaps afterwards, and what the new polygons leave free goes to the old ones around it. Slits and overlaps
among the new ones are closed up to a stated width, slits along their middle, and every one is told. Work is done in
stretched degrees; results are degrees EPSG:4490 on the grid of recipes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import coverage, measure, operations
from geo.crs import CGCS2000
from geo.errors import GeoError

GAP, OVERLAP, LEFT = "gap", "overlap", "left"
_DEGREE_EAST_M, _DEGREE_NORTH_M = 111_320.0, 110_850.0
"""A degree on the equator, and one of latitude around 30° N; within half a per cent in China."""
_LEAST_M2 = 1.0
"""Smaller pieces are rounding, as `coverage` has it."""
_SNAP_M = 0.001
_FINEST_M = 0.1
_CORNER_M = 1.0
_STEPS = 400
"""Points along the edge of a piece that is divided."""


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
) -> Fitted:
    """Fit new polygons and the old ones around them together.

    Args:
        new: name → valid polygon, degrees EPSG:4490.
        old: name → polygon that stays, but may have to give way, degrees.
        vacated: what the polygons covered that the new ones replace, degrees.
        tolerance_m: gaps and overlaps among the new ones up to this width are closed.

    Raises:
        GeoError: `mosaic.overlaps` when polygons overlap after all.
    """
    work = _Work(dict(new), dict(old), tolerance_m)
    work.overlaps()
    work.gaps()
    if not work.wide:
        work.give_way(vacated)
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
        first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            if i >= j:
                continue
            keeper, loser = names[i], names[j]
            common = shapely.intersection(self.new[keeper], self.new[loser])
            narrow = []
            for part in _polygons(common):
                piece = self._piece(OVERLAP, (keeper, loser), part)
                if piece.width_m > self.tolerance:
                    self.wide.append(piece)
                    continue
                narrow.append(part)
                self._tell(piece, {keeper: part.area})
            if narrow:  # Together: where one side has more corners there is a sliver at each, thousands along a border.
                self.new[loser] = shapely.difference(self.new[loser], shapely.multipolygons(narrow))

    def gaps(self) -> None:
        """Divide narrow gaps among the new ones along their middle."""
        names = list(self.new)
        shapes = np.array(list(self.new.values()), dtype=object)
        for part, around in coverage.slits_in_plane(lambda: shapes, shapely.union_all(shapes)):
            piece = self._piece(GAP, tuple(names[number] for number in around), part)
            if piece.area_m2 < _LEAST_M2 or 2 * part.area < coverage.MIN_PROBLEM_WIDTH_M * part.length:
                continue
            if piece.width_m > self.tolerance:
                self.wide.append(piece)
                continue
            self._tell(piece, self._hand_out(part, self.new, list(piece.between)))

    def give_way(self, vacated: Sequence[BaseGeometry]) -> None:
        """Cut the old ones where new ones lie, and hand them what the new ones leave free."""
        union = shapely.union_all(np.array(list(self.new.values()), dtype=object))
        for name, shape in self.old.items():
            if shapely.intersects(shape, union):
                cut = _polygonal(shapely.difference(shape, union))
                if shape.area - cut.area >= _LEAST_M2:
                    common = shapely.intersection(shape, union)
                    taken = {
                        other: float(shapely.area(shapely.intersection(common, new))) for other, new in self.new.items()
                    }
                    taken = {other: area for other, area in taken.items() if area >= _LEAST_M2}
                    self._tell(self._piece(OVERLAP, (name, *taken), _polygonal(common)), taken)
                self.old[name] = cut
        rest = np.array([union, *self.old.values()], dtype=object)
        free = shapely.difference(shapely.union_all(self._plane(vacated)), shapely.union_all(rest))
        names = list(self.old)
        tree = shapely.STRtree(np.array([self.old[name] for name in names], dtype=object))
        for part in _polygons(free):
            around = [names[number] for number in np.sort(tree.query(part, predicate="dwithin", distance=0.01))]
            piece = self._piece(LEFT, tuple(around), part)
            if around:
                self._tell(piece, self._hand_out(part, self.old, around))
            elif piece.area_m2 >= _LEAST_M2:
                self.pieces.append(piece)

    def _hand_out(self, part: BaseGeometry, shapes: dict[str, BaseGeometry], takers: list[str]) -> dict[str, float]:
        """A piece to those around it: to each what is nearest to its own edge."""
        given = {}
        for name, share in _divided(part, {name: shapes[name] for name in takers}).items():
            shapes[name] = _polygonal(shapely.union(shapes[name], share))
            given[name] = float(share.area)
        return given

    def _piece(self, kind: str, between: tuple[str, ...], part: BaseGeometry) -> Piece:
        largest = max(_polygons(part), key=lambda one: one.area, default=None)
        width = 0.0
        if largest is not None and largest.area >= _LEAST_M2:
            width = 2 * float(shapely.length(shapely.maximum_inscribed_circle(largest, tolerance=_FINEST_M)))
        degrees = self._degrees(part)
        point = shapely.point_on_surface(degrees)
        area = float(measure.area_m2(degrees, CGCS2000))
        # Where a border ends at the middle of another one's edge, a crack of a millimetre runs on: it is no length.
        half = coverage.MIN_PROBLEM_WIDTH_M / 2
        open_part = part.buffer(-half).buffer(half)
        length = float((part if open_part.is_empty else open_part).length) / 2
        return Piece(kind, between, area, width, length, point.x, point.y)

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
        clean = shapely.coverage_clean(  # type: ignore[attr-defined]
            shapes, gap_width=0.0, snapping_distance=_SNAP_M, merge_strategy="min_index"
        )
        degrees = operations.tidy_polygons(np.asarray(self._degrees(clean), dtype=object))
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


def _edge(part: BaseGeometry, shape: BaseGeometry) -> float:
    """Metres of a piece's edge that run along a polygon; one that only meets it at a corner has next to none."""
    return float(shapely.length(shapely.intersection(part.boundary, shape.buffer(0.05))))


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon(_polygons(shape)) if shape.geom_type == "GeometryCollection" else shape


def _divided(part: BaseGeometry, around: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """A polygon divided among those around it, each place to the nearest edge (Voronoi cells of points on them)."""
    takers = {name: shape for name, shape in around.items() if _edge(part, shape) > _CORNER_M} or dict(around)
    if len(takers) == 1:
        return dict.fromkeys(takers, part)
    step = max(part.length / _STEPS, _FINEST_M)
    points: list[tuple[float, float]] = []
    owners: list[str] = []
    for name, shape in takers.items():
        edge = shapely.intersection(shape, part.buffer(0.5)).boundary
        edge = shapely.intersection(edge, part.buffer(0.05))
        for x, y in np.round(shapely.get_coordinates(shapely.segmentize(edge, step)), 3).tolist():
            points.append((x, y))
            owners.append(name)
    unique = dict(zip(points, owners, strict=True))
    if len(set(unique.values())) < 2:
        name = next(iter(unique.values()), next(iter(takers)))
        return {name: part}
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(list(unique)), extend_to=part, ordered=True))
    shares: dict[str, BaseGeometry] = {}
    rest = part
    for name in dict.fromkeys(unique.values()):
        own = shapely.union_all([cell for cell, owner in zip(cells, unique.values(), strict=True) if owner == name])
        share = _polygonal(shapely.intersection(rest, own))
        if share.area > _SNAP_M**2:
            shares[name] = share
            rest = shapely.difference(rest, share)
    return shares
