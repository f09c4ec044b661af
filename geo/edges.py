"""The edges of polygons one by one: what lies along a piece, and a piece divided among them.

A sliver along a border of a million corners touches three of its edges. Looked up in a tree of edges it costs the
same whatever the polygons are; held against the polygons it costs as much as they have corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["Edges", "divided"]

_NEAR_M = 0.05
"""A piece's edge so near to a polygon's runs along it."""
_CORNER_M = 1.0
"""What touches a piece for less only meets it at a corner."""
_WHOLE_M2 = 100.0
"""Smaller pieces are not divided: they go to the polygon that they lie along."""
_SMALL_M2 = 1000.0
_FEW_STEPS, _STEPS = 80, 400
"""Points along the edge of a piece that is divided, a small one and any other."""
_FINEST_M, _FINE_M = 0.1, 1.0
_LEAST_M2 = 1e-6
_GRID_M = 0.001
"""Where an edge crosses another one, the crossing is rounded: a hair of no width runs on from a piece to the next
corner, half of it along somebody else's edge. On a grid of a millimetre it is gone."""


class Edges:
    """The edges of polygons in a tree.

    Args:
        polygons: the (n,) polygons or multipolygons, metres.
    """

    def __init__(self, polygons: NDArray[Any]) -> None:
        self._count = np.int64(max(len(polygons), 1))
        start, end, self._owner = _segments(polygons)
        self._tree = shapely.STRtree(np.asarray(shapely.linestrings(np.stack([start, end], axis=1))))
        corners = start[:, 0] + 1j * start[:, 1]
        order = np.argsort(corners)
        self._corners, self._corner_owner = corners[order], self._owner[order]

    def around(self, shapes: NDArray[Any], distance: float) -> list[list[int]]:
        """For each of the (m,) shapes the numbers of the polygons with an edge within a distance, ascending.

        Example:
            >>> Edges(np.array([shapely.box(0, 0, 4, 4), shapely.box(5, 0, 9, 4)])).around(
            ...     np.array([shapely.box(4, 0, 5, 4), shapely.box(0, 9, 1, 10)]), 0.1)
            [[0, 1], []]
        """
        if not len(shapes):
            return []
        sure = self._sharing(shapes)
        west, south, east, north = shapely.bounds(shapes).T
        which, edge = self._tree.query(
            shapely.box(west - distance, south - distance, east + distance, north + distance)
        )
        # Whose corner it has is near; only of the others the distance is asked, which takes ten times as long.
        pairs = which * self._count + self._owner[edge]
        left = ~np.isin(pairs, sure)
        which, edge, pairs = which[left], edge[left], pairs[left]
        shapely.prepare(shapes[np.unique(which)])
        near = shapely.dwithin(shapes[which], self._tree.geometries[edge], distance)
        shape, owner = np.divmod(np.unique(np.concatenate([sure, pairs[near]])), self._count)
        bounds = np.searchsorted(shape, np.arange(1, len(shapes)))
        return [one.tolist() for one in np.split(owner, bounds)]

    def _sharing(self, shapes: NDArray[Any]) -> NDArray[np.int64]:
        """Pairs of a shape and a polygon that have a corner in common, each as one number."""
        points, shape = shapely.get_coordinates(shapes, return_index=True)
        corners = points[:, 0] + 1j * points[:, 1]
        first = np.searchsorted(self._corners, corners, side="left")
        count = np.searchsorted(self._corners, corners, side="right") - first
        place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        return np.unique(np.repeat(shape, count) * self._count + self._corner_owner[place])

    def along(self, points: NDArray[Any]) -> NDArray[np.int64]:
        """For each of the (m,) points the number of the polygon whose edge it lies on; -1 for none."""
        found = np.full(len(points), -1, dtype=np.int64)
        # Asked for the nearest edge itself, the tree takes most of the time of a fit.
        at, edge = self._tree.query(points, predicate="dwithin", distance=_NEAR_M)
        away = shapely.distance(points[at], self._tree.geometries[edge])
        farthest_first = np.lexsort((-edge, -away))
        found[at[farthest_first]] = self._owner[edge[farthest_first]]
        return found


def _segments(polygons: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """Starts and ends of all edges, and the number of the polygon that each is of."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return points[:-1][joined], points[1:][joined], owner[part[ring[1:][joined]]]


def divided(
    pieces: Sequence[shapely.Polygon], around: Sequence[Sequence[int]], edges: Edges
) -> list[dict[int, BaseGeometry]]:
    """Pieces divided among the polygons around each, every place to the nearest edge.

    Args:
        pieces: metres; none lies over another.
        around: numbers of the polygons that may get a share, by piece.
        edges: of the polygons.

    Returns:
        Shares by number of the polygon, by piece.

    Example:
        >>> sides = Edges(np.array([shapely.box(0, 0, 10, 100), shapely.box(20, 0, 30, 100)]))
        >>> (shares,) = divided([shapely.box(10, 0, 20, 100)], [[0, 1]], sides)
        >>> [round(shares[number].area) for number in (0, 1)]
        [500, 500]
    """
    array = np.array(pieces, dtype=object)
    whole = (shapely.area(array) < _WHOLE_M2).tolist()
    without = shapely.set_precision(array, _GRID_M)
    array = np.where(shapely.is_empty(without), array, without)
    lengths, areas = shapely.length(array), shapely.area(array)
    # Twice the area by the perimeter is a sliver's width: points as far apart tell its middle.
    fine = np.clip(2 * areas / np.maximum(lengths, _LEAST_M2), _FINEST_M, _FINE_M)
    steps = np.maximum(lengths / np.where(areas < _SMALL_M2, _FEW_STEPS, _STEPS), fine)
    steps = np.where(areas < _WHOLE_M2, lengths, steps)
    start, end, piece = _segments(shapely.segmentize(array, steps))
    owner = edges.along(shapely.points((start + end) / 2))
    length = np.hypot(*(end - start).T)
    bounds = np.searchsorted(piece, np.arange(len(pieces) + 1))
    touched = _metres_along(piece, owner, length)
    result: list[dict[int, BaseGeometry]] = []
    for number, one in enumerate(pieces):
        touching = {name: touched.get((number, name), 0.0) for name in around[number]}
        takers = [name for name, metres in touching.items() if metres > _CORNER_M]
        takers = takers or [name for name, metres in touching.items() if metres > 0] or list(touching)
        if len(takers) == 1 or whole[number]:
            result.append({max(takers, key=lambda name: touching[name]): one})
            continue
        part = slice(bounds[number], bounds[number + 1])
        here = owner[part]
        mine = np.isin(here, takers)
        result.append(_to_nearest(one, start[part][mine], end[part][mine], here[mine], takers))
    return result


def _metres_along(
    piece: NDArray[np.int64], owner: NDArray[np.int64], length: NDArray[np.float64]
) -> dict[tuple[int, int], float]:
    """How long the edges of each piece run along each polygon, by the numbers of both."""
    along = owner >= 0
    size = np.int64(owner.max(initial=0) + 1)
    pairs, which = np.unique(piece[along] * size + owner[along], return_inverse=True)
    sums = np.bincount(which, length[along], minlength=len(pairs))
    keys = zip(*(one.tolist() for one in np.divmod(pairs, size)), strict=True)
    return dict(zip(keys, sums.tolist(), strict=True))


def _to_nearest(
    piece: shapely.Polygon, start: NDArray[Any], end: NDArray[Any], owner: NDArray[np.int64], takers: Sequence[int]
) -> dict[int, BaseGeometry]:
    """A piece divided along the Voronoi cells of points on its edge."""
    points = np.round(np.concatenate([start, end]), 3)
    # A point where two meet is the later one's: which, makes no difference.
    unique = dict(zip(map(tuple, points.tolist()), np.tile(owner, 2).tolist(), strict=True))
    owners = np.array(list(unique.values()))
    if len(set(unique.values())) < 2:
        return {next(iter(unique.values()), takers[0]): piece}
    sites = shapely.multipoints(np.array(list(unique)))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=piece, ordered=True))
    shares: dict[int, BaseGeometry] = {}
    rest: BaseGeometry = piece
    for taker in takers:
        if not (owners == taker).any():
            continue
        own = shapely.intersection(rest, shapely.coverage_union_all(cells[owners == taker]))
        share = shapely.multipolygons([one for one in shapely.get_parts([own]) if one.geom_type == "Polygon"])
        if share.area > _LEAST_M2:
            shares[taker] = share
            rest = shapely.difference(rest, share)
    return shares
