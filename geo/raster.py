"""Grids of square cells in a metric plane: what polygons cover of them, shares within a distance, COGs.

A grid is worked through in blocks, so that memory stays flat however large it is. Nothing is burnt by codes: polygons
go by their row number, and a cell on a border counts in each polygon by its covered share.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.errors import GeoError
from geo.files import atomic_path
from geo.picture import quiet
from geo.reasons import reason

BLOCK = 512
MOST_CELLS = 20_000_000_000
"""A grid of more cells is a slip of the pen; 100 000 × 100 000 are half of it."""
Numbers = NDArray[np.float64]
Progress = Callable[[int, int], None]
CLASSES, MEASURES = "NEAREST", "AVERAGE"
"""Overviews of classes by the nearest cell, so that none appears that is in no cell; of measures by mean."""
_DIAGONAL = math.sqrt(0.5)
_WHOLE = 1 - 1e-9
"""A larger share of a cell is all of it."""


@dataclass(frozen=True)
class Part:
    """A rectangle of cells of a grid: first row and column, numbers of both."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Grid:
    """Square cells in metres of a plane, rows from the north.

    Attributes:
        west: Metres of the outer corner.
        north: Metres of the outer corner.
        cell_m: Side of a cell.
        columns: Number of cells from west to east.
        rows: Number of cells from north to south.
    """

    west: float
    north: float
    cell_m: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: Sequence[float], cell_m: float) -> Grid:
        """The grid that covers a box, its corners on whole multiples of the cell's side.

        Args:
            bounds: West, south, east, north in metres.
            cell_m: Side of a cell in metres.

        Raises:
            GeoError: ``raster.large``.

        Example:
            >>> Grid.over((120.0, 40.0, 260.0, 90.0), 50.0)
            Grid(west=100.0, north=100.0, cell_m=50.0, columns=4, rows=2)
        """
        west, south = (math.floor(one / cell_m) for one in bounds[:2])
        east, north = (math.ceil(one / cell_m) for one in bounds[2:])
        columns, rows = max(1, east - west), max(1, north - south)
        if columns * rows > MOST_CELLS:
            raise GeoError("raster.large", columns=columns, rows=rows)
        return cls(west * cell_m, north * cell_m, cell_m, columns, rows)

    @property
    def whole(self) -> Part:
        """All of it."""
        return Part(0, 0, self.rows, self.columns)

    def blocks(self, size: int = BLOCK) -> Iterator[Part]:
        """The grid in squares, row by row."""
        for row in range(0, self.rows, size):
            for column in range(0, self.columns, size):
                yield Part(row, column, min(size, self.rows - row), min(size, self.columns - column))

    def strips(self, rows: int = BLOCK) -> Iterator[Part]:
        """The grid in strips of whole rows."""
        for row in range(0, self.rows, rows):
            yield Part(row, 0, min(rows, self.rows - row), self.columns)

    def bounds(self, part: Part) -> tuple[float, float, float, float]:
        """West, south, east, north of a part, metres."""
        west, north = self.west + part.column * self.cell_m, self.north - part.row * self.cell_m
        return west, north - part.rows * self.cell_m, west + part.columns * self.cell_m, north

    def centres(self, part: Part, halo: int = 0) -> tuple[Numbers, Numbers]:
        """Metres of the middles of a part's columns and rows, with ``halo`` more on each side."""
        columns = np.arange(part.column - halo, part.column + part.columns + halo)
        rows = np.arange(part.row - halo, part.row + part.rows + halo)
        x, y = self.west + (columns + 0.5) * self.cell_m, self.north - (rows + 0.5) * self.cell_m
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


@dataclass(frozen=True)
class Cells:
    """The cells of a raster that somebody else has made, north up, in the units of its CRS.

    Attributes:
        west: Outer corner.
        north: Outer corner.
        width: Of a cell.
        height: Of a cell.
        columns: Number of cells from west to east.
        rows: Number of cells from north to south.
    """

    west: float
    north: float
    width: float
    height: float
    columns: int
    rows: int

    @property
    def whole(self) -> Part:
        """All of it."""
        return Part(0, 0, self.rows, self.columns)

    def bounds(self, part: Part) -> tuple[float, float, float, float]:
        """West, south, east, north of a part."""
        west, north = self.west + part.column * self.width, self.north - part.row * self.height
        return west, north - part.rows * self.height, west + part.columns * self.width, north

    def places(self, cells: NDArray[np.intp], side: int) -> Numbers:
        """Evenly spread places in cells, ``side`` × ``side`` in each: (n · side², 2).

        Args:
            cells: Rows and columns, (n, 2).
            side: Places along a side.
        """
        step = (np.arange(side) + 0.5) / side
        x = self.west + (cells[:, 1, None] + step) * self.width
        y = self.north - (cells[:, 0, None] + step) * self.height
        shape = (len(cells), side, side)
        both = np.broadcast_to(x[:, None, :], shape), np.broadcast_to(y[:, :, None], shape)
        return np.stack(both, axis=-1).reshape(-1, 2)


def read_cells(path: Path, most: int = 25_000_000) -> tuple[Cells, Numbers, pyproj.CRS]:
    """A raster's cells, its first band with 0 for what has no value or less than 0, and its CRS.

    Args:
        path: A GeoTIFF.
        most: Cells that are read at most.

    Raises:
        GeoError: ``raster.unreadable``, ``raster.no_crs``, ``raster.too_many``.
    """
    import rasterio  # noqa: PLC0415

    try:
        with quiet(), rasterio.open(path, driver="GTiff") as source:
            place = source.transform
            if source.crs is None or place.b or place.d or place.a <= 0 or place.e >= 0:
                raise GeoError("raster.no_crs", file=path.name)
            if source.width * source.height > most:
                raise GeoError("raster.too_many", file=path.name, columns=source.width, rows=source.height, limit=most)
            cells = Cells(place.c, place.f, place.a, -place.e, source.width, source.height)
            values = source.read(1, masked=True).astype(np.float64).filled(0.0)
            crs = pyproj.CRS.from_wkt(source.crs.to_wkt())
    except (rasterio.errors.RasterioError, ValueError, pyproj.exceptions.CRSError, OSError) as error:
        raise GeoError("raster.unreadable", file=path.name, reason=reason(error)) from error
    return cells, np.where(np.isfinite(values) & (values > 0), values, 0.0), crs


@dataclass(frozen=True, eq=False)
class Covered:
    """What polygons cover of a part's cells: three arrays of one length, an entry for each pair that meets.

    Attributes:
        polygon: Row number of the polygon.
        cell: Number of the cell in the part, row by row.
        share: Of the cell, from 0 to 1.
    """

    polygon: NDArray[np.intp]
    cell: NDArray[np.intp]
    share: Numbers

    def sums(self, values: Numbers, polygons: int) -> Numbers:
        """The sum of a cell's value times its covered share, for each of so many polygons."""
        found = np.bincount(self.polygon, self.share * values.ravel()[self.cell], polygons)
        return np.asarray(found, dtype=np.float64)


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
    met = [number for number, one in enumerate(polygons) if shapely.intersects(box, one)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(_areas(polygons[number]))}
        for number in met
    ]
    cells = NumPyRasterSource(np.zeros((part.rows, part.columns), np.uint8), west, south, east, north)
    found = exact_extract(cells, JSONFeatureSource(features), ["cell_id", "coverage"]) if met else []
    pieces = [one["properties"] for one in found]
    numbers = [np.full(len(one["cell_id"]), number, np.intp) for number, one in zip(met, pieces, strict=True)]
    return Covered(
        np.concatenate([np.zeros(0, np.intp), *numbers]),
        np.concatenate([np.zeros(0, np.intp), *(one["cell_id"] for one in pieces)]).astype(np.intp),
        np.concatenate([np.zeros(0), *(one["coverage"] for one in pieces)]).astype(np.float64),
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
    near = inside.ravel()[cover.cell]
    cut = np.flatnonzero((cover.share < _WHOLE) & (near > 1 - _WHOLE) & (near < _WHOLE))
    if not len(cut):
        return sums
    rows, columns = np.divmod(cover.cell[cut], part.columns)
    slope, mean = _planes(distances, rows, columns)
    east, north = grid.centres(part)
    size, x, y = grid.cell_m, east[columns], north[rows]
    boxes = shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    along, away, wide = (limit - mean) * slope, 4 * size * slope, 4 * size * np.stack([-slope[1], slope[0]])
    edge = np.stack([x, y]) + along
    ring = np.stack([edge + wide, edge - wide, edge - wide - away, edge + wide - away]).transpose(2, 0, 1)
    halves = shapely.intersection(boxes, shapely.polygons(ring))
    met, owner = np.unique(cover.polygon[cut], return_inverse=True)
    clipped = np.array([_clipped(polygons[number], *grid.bounds(part)) for number in met], dtype=object)
    both = shapely.area(shapely.intersection(halves, clipped[owner])) / size**2
    return sums + np.bincount(cover.polygon[cut], both - cover.share[cut] * near[cut], len(polygons))


def _clipped(shape: Any, west: float, south: float, east: float, north: float) -> Any:
    return shapely.intersection(_areas(shape), shapely.box(west, south, east, north))


def classes(values: Numbers, limits: Sequence[float]) -> NDArray[np.uint8]:
    """The number of the band of each value: 1 up to the first limit (it included), 2 up to the second and so on.

    Example:
        >>> classes(np.array([0.0, 500.0, 500.1, 9e9]), [500.0, 800.0]).tolist()
        [1, 1, 2, 3]
    """
    return (np.searchsorted(np.asarray(limits, dtype=float), values, side="left") + 1).astype(np.uint8)


def write_cog(  # noqa: PLR0913 - what a file is made of
    path: Path, grid: Grid, crs: pyproj.CRS, cells: Callable[[Part], NDArray[Any]], *, dtype: str, nodata: float,
    overviews: str, colours: Mapping[int, tuple[int, int, int, int]] | None = None,
    tags: Mapping[str, str] | None = None, progress: Progress | None = None,
) -> None:  # fmt: skip
    """Write a Cloud-Optimised GeoTIFF in blocks: the same bytes from the same input.

    Args:
        path: The file; written whole or not at all.
        grid: Where the cells lie.
        crs: The plane.
        cells: Gives the values of a part, (rows, columns).
        dtype: ``uint8`` for classes, ``float32`` for measures.
        nodata: What stands where there is no value.
        overviews: ``CLASSES`` or ``MEASURES``; GDAL's own choice would be cubic, which invents classes.
        colours: Red, green, blue, alpha by class.
        tags: Said in the file.
        progress: Called with blocks done and all blocks.

    Raises:
        GeoError: ``vector.not_written``.
    """
    import rasterio  # noqa: PLC0415 - half a second of imports that everything else does without
    from rasterio.shutil import copy  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    profile = {
        "driver": "GTiff", "width": grid.columns, "height": grid.rows, "count": 1, "dtype": dtype, "nodata": nodata,
        "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "bigtiff": "IF_SAFER", "compress": "DEFLATE",
        "crs": rasterio.CRS.from_wkt(crs.to_wkt()),
        "transform": rasterio.Affine(grid.cell_m, 0, grid.west, 0, -grid.cell_m, grid.north),
    }  # fmt: skip
    total = math.ceil(grid.rows / BLOCK) * math.ceil(grid.columns / BLOCK)
    with quiet(), atomic_path(path) as temporary, tempfile.TemporaryDirectory(dir=temporary.parent) as room:
        plain = Path(room) / "plain.tif"
        with rasterio.open(plain, "w", **profile) as sink:
            if colours:
                sink.write_colormap(1, dict(colours))
            sink.update_tags(**(tags or {}))
            for done, part in enumerate(grid.blocks(), start=1):
                window = Window(part.column, part.row, part.columns, part.rows)
                sink.write(cells(part).astype(dtype), 1, window=window)
                if progress is not None:
                    progress(done, total)
        copy(plain, temporary, driver="COG", compress="DEFLATE", level=6, predictor="YES", blocksize=BLOCK,
             overview_resampling=overviews, resampling=overviews, bigtiff="IF_SAFER", num_threads="1")  # fmt: skip
