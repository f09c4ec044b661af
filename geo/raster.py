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
