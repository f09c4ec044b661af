"""What polygons cover of the cells of a grid, and what of both lies within a distance: exact, not burnt by centres."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.raster import Cells, Grid, Part

Numbers = NDArray[np.float64]
_DIAGONAL = math.sqrt(0.5)
_WHOLE = 1 - 1e-9
"""A larger share of a cell is all of it."""


@dataclass(frozen=True, eq=False)
class Covered:
    """What polygons cover of a part's cells: three arrays of one length, an entry for each pair that meets.

    Attributes:
        polygon: Row number of the polygon, rising.
        cell: Number of the cell in the part, row by row; no cell twice for one polygon.
        share: Of the cell, from 0 to 1.
        pieces: What of each of these polygons lies in the part, by row number.
    """

    polygon: NDArray[np.intp]
    cell: NDArray[np.intp]
    share: Numbers
    pieces: Mapping[int, Any] = field(default_factory=dict)

    def sums(self, values: Numbers, polygons: int) -> Numbers:
        """The sum of a cell's value times its covered share, for each of so many polygons.

        Most cells lie wholly in the same few polygons as their neighbours: such are added up together, once for all
        of these polygons, and only those that an edge cuts one by one. Values outside all polygons do not matter.
        """
        cells, regions, cut = values.ravel(), self._regions, self.cut
        edge = np.bincount(self.polygon[cut], self.share[cut] * cells[self.cell[cut]], polygons)
        whole = np.bincount(regions.cells, cells[: len(regions.cells)], 1)
        return np.asarray(edge + np.bincount(regions.polygon, whole[regions.region], polygons), dtype=np.float64)

    def met(self, part: Part) -> NDArray[np.bool_]:
        """Which cells of the part polygons meet, with the neighbours that slopes follow from: (rows + 2, columns + 2).

        Example:
            >>> Covered(np.array([0]), np.array([1]), np.array([0.5])).met(Part(0, 0, 1, 3)).astype(int).tolist()
            [[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]]
        """
        flat = np.zeros(part.rows * part.columns, dtype=bool)
        flat[self.cell] = True
        inside = flat.reshape(part.rows, part.columns)
        found = np.pad(inside, 1)
        for beside in (found[:-2, 1:-1], found[2:, 1:-1], found[1:-1, :-2], found[1:-1, 2:]):
            beside |= inside
        return found

    @cached_property
    def cut(self) -> NDArray[np.intp]:
        """Which entries are of cells that lie in their polygon only in part."""
        return np.flatnonzero(self.share != 1.0)

    @cached_property
    def _regions(self) -> _Regions:
        whole = self.share == 1.0
        return _Regions.of(self.polygon[whole], self.cell[whole])


@dataclass(frozen=True, eq=False)
class _Regions:
    """Cells that lie wholly in the same polygons; region 0 lies in none.

    Attributes:
        cells: The region of each cell, up to the last cell that lies wholly in a polygon.
        region: With ``polygon``, a pair each: which region lies in which polygon.
        polygon: See ``region``.
    """

    cells: NDArray[np.intp]
    region: NDArray[np.intp]
    polygon: NDArray[np.intp]

    @classmethod
    def of(cls, polygon: NDArray[np.intp], cell: NDArray[np.intp]) -> _Regions:
        """Split regions polygon by polygon: a new one is the part of an older one that lies in this polygon too."""
        cells = np.zeros(int(cell.max()) + 1 if len(cell) else 0, np.intp)
        starts = np.flatnonzero(np.diff(polygon, prepend=-1)).tolist()
        parents, owners = [np.zeros(1, np.intp)], [np.zeros(1, np.intp)]
        count = 1
        for start, stop in zip(starts, [*starts[1:], len(polygon)], strict=False):
            inside = cell[start:stop]
            before = cells[inside]
            if count <= len(before):  # as np.unique has it, without sorting
                split = np.flatnonzero(np.bincount(before))
                new = np.zeros(count, np.intp)
                new[split] = np.arange(len(split))
                after = new[before]
            else:
                split, after = np.unique(before, return_inverse=True)
            cells[inside] = after + count
            parents.append(split)
            owners.append(np.full(len(split), polygon[start]))
            count += len(split)
        parent, owner = np.concatenate(parents), np.concatenate(owners)
        region = at = np.flatnonzero(np.bincount(cells, minlength=1))
        pairs = [(at[:0], at[:0])]
        while (further := at > 0).any():
            region, at = region[further], at[further]
            pairs.append((region, owner[at]))
            at = parent[at]
        return cls(cells, *map(np.concatenate, zip(*pairs, strict=True)))


def covered(polygons: Sequence[Any], grid: Grid | Cells, part: Part) -> Covered:
    """The share of each cell that each polygon covers, exact in the plane.

    Args:
        polygons: Shapely polygons in the grid's plane; of collections their polygons.
        grid: The grid.
        part: Which cells.

    Source:
        Coverage fractions by exactextract (Baston, ISciences): areas of the pieces that an edge cuts off a cell.

    Example:
        A polygon that covers the left cell of two and a quarter of the right one:

        >>> grid = Grid(0.0, 100.0, 100.0, 2, 1)
        >>> covered([shapely.box(0, 0, 125, 100)], grid, grid.whole).share.tolist()
        [1.0, 0.25]
    """
    from exactextract import exact_extract  # noqa: PLC0415 - only who asks for shares loads it
    from exactextract.feature import JSONFeatureSource  # noqa: PLC0415
    from exactextract.raster import NumPyRasterSource  # noqa: PLC0415

    west, south, east, north = grid.bounds(part)
    box = shapely.box(west, south, east, north)
    # Cut to the part first: to go through all of a polygon takes longer, and it is done for every part.
    met = np.flatnonzero(shapely.intersects(box, np.asarray(polygons, dtype=object))).tolist()
    pieces = {number: _areas(shapely.intersection(_areas(polygons[number]), box)) for number in met}
    met = [number for number in met if pieces[number].area > 0]  # others only touch it
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(pieces[number])} for number in met
    ]
    cells = NumPyRasterSource(np.zeros((part.rows, part.columns), np.uint8), west, south, east, north)
    found = exact_extract(cells, JSONFeatureSource(features), ["cell_id", "coverage"]) if met else []
    shares = [one["properties"] for one in found]
    numbers = [np.full(len(one["cell_id"]), number, np.intp) for number, one in zip(met, shares, strict=True)]
    return Covered(
        np.concatenate([np.zeros(0, np.intp), *numbers]),
        np.concatenate([np.zeros(0, np.intp), *(one["cell_id"] for one in shares)]).astype(np.intp),
        np.concatenate([np.zeros(0), *(one["coverage"] for one in shares)]).astype(np.float64),
        pieces,
    )


def _areas(shape: Any) -> Any:
    """What of a shape has an area: where polygons were cut with each other, lines along their edges come too."""
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])


def within(distances: Numbers, limit: float, cell: float) -> Numbers:
    """The share of each cell that lies within a distance.

    The distance is taken as a plane over the cell, with the slope that the neighbours show; its mean over the cell, not
    that of the centre, so that the bend of a circle is allowed for.

    Formula:
        d̄ = d + (d_N + d_S + d_E + d_W − 4·d) / 24 (the mean of d over a square, to the second order);
        s = (limit − d̄) / cell; a ≥ b the sizes of the parts of the unit vector along the slope;
        share = 1/2 + s/a where |s| ≤ (a − b)/2; beyond, a triangle of the area ((a + b)/2 − |s|)² / (2·a·b) is missing
        from the whole or from nothing.

    Args:
        distances: (rows + 2, columns + 2): of the cells and of one more around them, in the unit of ``limit``.
        limit: The distance.
        cell: Side of a cell in the same unit.

    Returns:
        (rows, columns), from 0 to 1.

    Example:
        A shore to the west: distances grow by a cell from column to column, and the limit cuts one cell in halves.

        >>> within(np.tile(np.arange(5.0) * 50, (3, 1)), 100.0, 50.0).tolist()
        [[1.0, 0.5, 0.0]]
    """
    inner = distances[1:-1, 1:-1]
    share = (inner <= limit).astype(np.float64)
    rows, columns = np.nonzero(np.abs(inner - limit) < (_DIAGONAL + 0.1) * cell)
    if not len(rows):
        return share
    slope, mean = _planes(distances, rows, columns)
    a, b = np.abs(slope).max(axis=0), np.abs(slope).min(axis=0)
    s = (limit - mean) / cell
    missing = ((a + b) / 2 - np.abs(s)).clip(min=0.0) ** 2 / np.maximum(2 * a * b, 1e-12)
    part = np.where(np.abs(s) <= (a - b) / 2, 0.5 + s / a, np.where(s > 0, 1 - missing, missing))
    share[rows, columns] = part.clip(0.0, 1.0)
    return share


def _planes(distances: Numbers, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    """The direction in which distances grow in some cells, a unit vector east and north (2, n), and their means."""
    here = distances[rows + 1, columns + 1]
    west, east = distances[rows + 1, columns], distances[rows + 1, columns + 2]
    north, south = distances[rows, columns + 1], distances[rows + 2, columns + 1]
    slope = np.stack([east - west, north - south])
    length = np.hypot(*slope)
    slope = np.where(length > 0, slope / np.where(length > 0, length, 1.0), [[1.0], [0.0]])
    return slope, here + (west + east + north + south - 4 * here) / 24


def joint(polygons: Sequence[Any], cover: Covered, grid: Grid, part: Part, distances: Numbers, limit: float) -> Numbers:
    """The area of each polygon within a distance, in cells.

    Where only one of the two cuts a cell, the covered share times that of `within` is the area of both. Where a
    polygon's edge and the limit cut the same cell that is a guess: there the polygon is cut with the straight line at
    which the distance, taken as a plane as in `within`, is the limit.

    Args:
        polygons: Shapely polygons in the grid's plane.
        cover: Of them, from `covered`.
        grid: The grid.
        part: Which cells.
        distances: (rows + 2, columns + 2), metres.
        limit: Metres.

    Example:
        A polygon that covers the western half of a cell, of which the western half is near: half of the cell is both,
        where the product of the shares would be a quarter.

        >>> grid = Grid(0.0, 100.0, 100.0, 1, 1)
        >>> shape = [shapely.box(0, 0, 50, 100)]
        >>> far = np.tile([-50.0, 50.0, 150.0], (3, 1))
        >>> joint(shape, covered(shape, grid, grid.whole), grid, grid.whole, far, 50.0).tolist()
        [0.5]
    """
    inside = within(distances, limit, grid.cell_m)
    sums = cover.sums(inside, len(polygons))
    near = inside.ravel()[cover.cell[cover.cut]]
    both_cut = (cover.share[cover.cut] < _WHOLE) & (near > 1 - _WHOLE) & (near < _WHOLE)
    cut, near = cover.cut[both_cut], near[both_cut]
    if not len(cut):
        return sums
    rows, columns = np.divmod(cover.cell[cut], part.columns)
    slope, mean = _planes(distances, rows, columns)
    east, north = grid.centres(part)
    size = grid.cell_m
    halves = _halves(east[columns], north[rows], size, slope, limit - mean)
    met, owner = np.unique(cover.polygon[cut], return_inverse=True)
    clipped = np.array([cover.pieces[number] for number in met.tolist()], dtype=object)
    both = shapely.area(shapely.intersection(halves, clipped[owner])) / size**2
    return sums + np.bincount(cover.polygon[cut], both - cover.share[cut] * near, len(polygons))


def _halves(x: Numbers, y: Numbers, size: float, slope: Numbers, rest: Numbers) -> Any:
    """What of cells lies on the near side of a line across each.

    Args:
        x: Middles, metres.
        y: Middles, metres.
        size: Side of a cell, metres.
        slope: Unit vectors across the lines, away from what is near, (2, n).
        rest: Metres from the middle to the line along them; less than to the farthest corner, either way.

    Returns:
        Polygons, of three to five corners each.
    """
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * (size / 2)
    beyond = corners[:, :1] * slope[0] + corners[:, 1:] * slope[1] - rest
    after = np.roll(beyond, -1, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = beyond / (beyond - after)
    crossed = (beyond < 0) != (after < 0)
    crossings = corners[:, None] + np.nan_to_num(along)[..., None] * (np.roll(corners, -1, axis=0) - corners)[:, None]
    # Corner, crossing of the side behind it, next corner, …: those that there are, cell by cell.
    points = np.stack([np.broadcast_to(corners[:, None], crossings.shape), crossings], axis=1)
    points = points.reshape(8, len(x), 2).transpose(1, 0, 2) + np.column_stack([x, y])[:, None]
    there = np.stack([beyond < 0, crossed], axis=1).reshape(8, len(x)).T
    first = points[np.arange(len(x)), there.argmax(axis=1)][:, None]
    points, there = np.concatenate([points, first], axis=1), np.pad(there, ((0, 0), (0, 1)), constant_values=True)
    return shapely.polygons(shapely.linearrings(points[there], indices=np.nonzero(there)[0]))
