"""Scanned maps warped onto the ground: a Cloud-Optimised GeoTIFF with overviews and alpha, made in blocks; its tiles.

Each block of the target asks the same transformation as traced shapes go through for its pixels, so that both lie on
each other (GDAL fits polynomials and splines a second time for the way back); memory does not grow with the sheet.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from geo.crs import CGCS2000, transform_points
from geo.errors import GeoError
from geo.files import atomic_path
from geo.picture import Array, Progress, quiet
from geo.transformation import Transformation

BLOCK = 512
MOST_PIXELS = 900_000_000
"""Pixels of a warped sheet: more is a fit that went wrong."""
_STEP = 16
_MOST_WINDOW = 30_000_000
_TILE = 256
_WIDEST = 20.0
"""Degrees: a sheet that covers more is a fit that went wrong."""


@dataclass(frozen=True)
class Grid:
    """Where the pixels of a warped sheet lie.

    Attributes:
        west: Metres of the outer corner.
        north: Metres of the outer corner.
        pixel_m: Side of a pixel.
        width: Pixels.
        height: Pixels.
    """

    west: float
    north: float
    pixel_m: float
    width: int
    height: int


def grid_of(found: Transformation, outline: Any, pixel_m: float | None = None) -> Grid:
    """A grid that covers a sheet, of pixels about as large as its own, on whole multiples of their side.

    Args:
        found: The fit.
        outline: The sheet's outline in pixels, a polygon.
        pixel_m: Side of a pixel in metres; None: that of the sheet's own to three digits.

    Raises:
        GeoError: ``warp.large``.
    """
    own = found.pixel_m()
    side = pixel_m or float(f"{own:.3g}")
    edge = shapely.segmentize(outline.exterior, max(outline.length / 400, 1.0))
    ground = found.ground(shapely.get_coordinates(edge))
    west, south = (math.floor(value / side) * side for value in ground.min(axis=0))
    east, north = (math.ceil(value / side) * side for value in ground.max(axis=0))
    width, height = round((east - west) / side), round((north - south) / side)
    if not 0 < width * height <= MOST_PIXELS:
        raise GeoError("warp.large", width=width, height=height)
    return Grid(west, north, side, width, height)


def warp(
    source: Path, found: Transformation, crs: pyproj.CRS, target: Path, *, mask: Sequence[tuple[float, float]] = (),
    pixel_m: float | None = None, title: str = "", progress: Progress | None = None,
) -> Grid:  # fmt: skip
    """Warp an upright picture into a Cloud-Optimised GeoTIFF: RGBA, deflated, overviews averaged.

    Args:
        source: From ``geo.picture.upright``.
        found: The fit, pixels to metres of ``crs``.
        crs: A metric CRS.
        target: The file; written whole or not at all, the same bytes from the same input.
        mask: Corners in pixels of what is map; empty: everything.
        pixel_m: Side of a pixel in metres; None: the sheet's own.
        title: Written into the file.
        progress: Called with blocks done and all blocks.

    Raises:
        GeoError: ``warp.large``, ``vector.not_written``.
    """
    import rasterio  # noqa: PLC0415 - half a second of imports that everything else does without
    from rasterio.shutil import copy  # noqa: PLC0415

    with (
        quiet(),
        rasterio.open(source) as picture,
        atomic_path(target) as temporary,
        tempfile.TemporaryDirectory(dir=temporary.parent) as room,
    ):
        whole = shapely.box(0, 0, picture.width, picture.height)
        outline = shapely.Polygon(mask).intersection(whole) if len(mask) else whole
        grid = grid_of(found, outline if outline.geom_type == "Polygon" and outline.area else whole, pixel_m)
        plain = Path(room) / "plain.tif"
        profile = {
            "driver": "GTiff", "width": grid.width, "height": grid.height, "count": 4, "dtype": "uint8",
            "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "photometric": "RGB", "alpha": "yes",
            "bigtiff": "IF_SAFER", "sparse_ok": True, "interleave": "pixel", "crs": rasterio.CRS.from_wkt(crs.to_wkt()),
            "transform": rasterio.Affine(grid.pixel_m, 0, grid.west, 0, -grid.pixel_m, grid.north),
        }  # fmt: skip
        with rasterio.open(plain, "w", **profile) as sink:
            if title:
                sink.update_tags(TIFFTAG_IMAGEDESCRIPTION=title)
            _fill(picture, sink, found, grid, outline if len(mask) else None, progress)
        copy(plain, temporary, driver="COG", compress="DEFLATE", level=6, predictor="YES", blocksize=BLOCK,
             overview_resampling="AVERAGE", bigtiff="IF_SAFER", num_threads="1")  # fmt: skip
    return grid


def _fill(picture: Any, sink: Any, found: Transformation, grid: Grid, outline: Any, progress: Progress | None) -> None:
    from rasterio.windows import Window  # noqa: PLC0415

    blocks = [(row, column) for row in range(0, grid.height, BLOCK) for column in range(0, grid.width, BLOCK)]
    for done, (row, column) in enumerate(blocks, start=1):
        height, width = min(BLOCK, grid.height - row), min(BLOCK, grid.width - column)
        block = _block(picture, found, grid, (row, column, height, width), outline)
        if block is not None:
            sink.write(block, window=Window(column, row, width, height))
        if progress is not None:
            progress(done, len(blocks))


def _block(
    picture: Any, found: Transformation, grid: Grid, part: tuple[int, int, int, int], outline: Any
) -> Array | None:
    """RGBA of a part of the grid; None where the picture does not reach."""
    from rasterio.windows import Window  # noqa: PLC0415

    height, width = part[2:]
    pixels = _pixels_of(found, grid, part)
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels < [picture.width, picture.height])).all(axis=-1)
    if not inside.any():
        return None
    x0, y0 = (np.floor(pixels[inside].min(axis=0)).astype(int) - 1).clip(min=0).tolist()
    x1, y1 = np.minimum(np.floor(pixels[inside].max(axis=0)).astype(int) + 2, [picture.width, picture.height]).tolist()
    if (x1 - x0) * (y1 - y0) > _MOST_WINDOW and min(height, width) > _STEP:
        return _quarters(picture, found, grid, part, outline)
    window = picture.read(window=Window(x0, y0, x1 - x0, y1 - y0))
    made = np.zeros((height, width, 4), dtype=np.uint8)
    at = pixels[inside] - [x0, y0]
    made[inside, :3] = _sampled(window, at)
    made[inside, 3] = 255 if outline is None else _on_map(outline, x0, y0, window.shape[1:], at)
    made[made[..., 3] == 0] = 0
    return made.transpose(2, 0, 1)


def _quarters(
    picture: Any, found: Transformation, grid: Grid, part: tuple[int, int, int, int], outline: Any
) -> Array | None:
    """The same in four parts: where a fit presses much of the picture into one block."""
    row, column, height, width = part
    made = np.zeros((4, height, width), dtype=np.uint8)
    for top, rows in ((0, height // 2), (height // 2, height - height // 2)):
        for left, columns in ((0, width // 2), (width // 2, width - width // 2)):
            block = _block(picture, found, grid, (row + top, column + left, rows, columns), outline)
            if block is not None:
                made[:, top : top + rows, left : left + columns] = block
    return made


def _pixels_of(found: Transformation, grid: Grid, part: tuple[int, int, int, int]) -> Array:
    """Pixels of the sheet, (rows, columns, 2), at the middles of a part's pixels; NaN where the fit has none.

    The fit is inverted on a lattice of ``_STEP`` pixels and taken as straight between: of a bend that is one pixel off
    a straight line over a whole block that leaves less than a hundredth of a pixel.
    """
    row, column, height, width = part
    across, down = (np.append(np.arange(0, size, _STEP), size) for size in (width, height))
    east, south = np.meshgrid(grid.west + (column + across) * grid.pixel_m, grid.north - (row + down) * grid.pixel_m)
    lattice = found.pixels(np.column_stack([east.ravel(), south.ravel()])).reshape(len(down), len(across), 2)
    rows = _between(lattice, down, height)
    return _between(rows.transpose(1, 0, 2), across, width).transpose(1, 0, 2)


def _between(known: Array, at: Array, size: int) -> Array:
    """Values at 0.5, 1.5 … of a lattice's first axis, whose values are known at ``at``."""
    wanted = np.arange(size) + 0.5
    before = np.searchsorted(at, wanted, side="right") - 1
    part = ((wanted - at[before]) / (at[before + 1] - at[before]))[:, None, None]
    return np.asarray(known[before] * (1 - part) + known[before + 1] * part)


def _sampled(window: Array, at: Array) -> Array:
    """Colours (n, 3) of a window (3, rows, columns) at pixels, each from the four around it by nearness."""
    height, width = window.shape[1:]
    flat = np.ascontiguousarray(window.transpose(1, 2, 0)).reshape(-1, 3)
    middle = at - 0.5
    left = np.floor(middle).astype(np.int32)
    # In parts of 64, so that products fit into 32 bits.
    x_part, y_part = np.round((middle - left) * 64).astype(np.uint32).T[..., None]
    x0, y0 = left.clip(0, [width - 1, height - 1]).T
    x1, y1 = (left + 1).clip(0, [width - 1, height - 1]).T
    upper = flat[y0 * width + x0] * (64 - x_part) + flat[y0 * width + x1] * x_part
    lower = flat[y1 * width + x0] * (64 - x_part) + flat[y1 * width + x1] * x_part
    return ((upper * (64 - y_part) + lower * y_part + 2048) >> 12).astype(np.uint8)


def _on_map(outline: Any, x0: int, y0: int, shape: tuple[int, ...], at: Array) -> Array:
    """255 where a pixel lies in the outline, else 0."""
    from rasterio import Affine  # noqa: PLC0415
    from rasterio.features import rasterize  # noqa: PLC0415

    alpha = rasterize([(outline, 255)], shape, transform=Affine.translation(x0, y0), dtype="uint8")
    x, y = np.floor(at).astype(int).T
    return np.asarray(alpha[y, x])


def preview(
    picture: Array, found: Transformation, size: tuple[int, int], crs: pyproj.CRS,
    mask: Sequence[tuple[float, float]] = (), most: int = 640,
) -> tuple[bytes, list[float]]:  # fmt: skip
    """A reduced picture laid on a web map: WebP with alpha, its rows even in Mercator's projection.

    Args:
        picture: The picture, (rows, columns, 3), reduced or not.
        found: The fit, pixels of the whole picture to metres of ``crs``.
        size: Width and height of the whole picture in pixels.
        crs: A metric CRS.
        mask: Corners in pixels of what is map; empty: everything.
        most: Pixels of the longer side.

    Returns:
        The image, and west, south, east, north in degrees EPSG:4490.

    Raises:
        GeoError: ``warp.large`` for a fit that leads nowhere.
    """
    outline = shapely.Polygon(mask) if len(mask) else shapely.box(0, 0, *size)
    edge = shapely.get_coordinates(shapely.segmentize(outline.exterior, max(outline.length / 200, 1.0)))
    degrees = transform_points(found.ground(edge), crs, CGCS2000)
    west, south, east, north = (float(one) for one in (*degrees.min(axis=0), *degrees.max(axis=0)))
    if not (np.isfinite(degrees).all() and 0 < east - west < _WIDEST and 0 < north - south < _WIDEST):
        raise GeoError("warp.large", width=0, height=0)
    low, high = (math.asinh(math.tan(math.radians(one))) for one in (south, north))
    across, up = math.radians(east - west), high - low
    width, height = (max(2, round(most * one / max(across, up))) for one in (across, up))
    columns, rows = (np.append(np.arange(0, one, _STEP), one) for one in (width, height))
    lon, y = np.meshgrid(west + (east - west) * columns / width, high - up * rows / height)
    places = np.column_stack([lon.ravel(), np.degrees(np.arctan(np.sinh(y.ravel())))])
    lattice = found.pixels(transform_points(places, CGCS2000, crs)).reshape(len(rows), len(columns), 2)
    pixels = _between(_between(lattice, rows, height).transpose(1, 0, 2), columns, width).transpose(1, 0, 2)
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels < size)).all(axis=-1)
    made = np.zeros((height, width, 4), dtype=np.uint8)
    if inside.any():
        at = pixels[inside] * (np.array(picture.shape[1::-1]) / size)
        made[inside, :3] = _sampled(np.ascontiguousarray(picture.transpose(2, 0, 1)), at)
        made[inside, 3] = 255
        if len(mask):
            made[inside, 3] *= shapely.contains_xy(outline, *pixels[inside].T)
    return webp(made.transpose(2, 0, 1)), [west, south, east, north]


def webp(pixels: Array, quality: int = 82) -> bytes:
    """RGBA of 8 bits (4, rows, columns) as WebP; ``quality`` to 100."""
    from rasterio.io import MemoryFile  # noqa: PLC0415

    profile = {"driver": "WEBP", "width": pixels.shape[2], "height": pixels.shape[1], "count": 4, "dtype": "uint8",
               "QUALITY": quality}  # fmt: skip
    with quiet(), MemoryFile() as memory:
        with memory.open(**profile) as sink:
            sink.write(pixels)
        return bytes(memory.read())


def tile(path: Path, bounds: tuple[float, float, float, float], crs: pyproj.CRS, size: int = _TILE) -> bytes | None:
    """A map tile of a warped sheet as WebP; None where the sheet does not reach.

    Args:
        path: From `warp`.
        bounds: West, south, east, north in ``crs``.
        crs: That of the tile.
        size: Pixels a side.

    Raises:
        GeoError: ``warp.unreadable``.
    """
    return part(path, bounds, crs, size, size)


def part(
    path: Path, bounds: tuple[float, float, float, float], crs: pyproj.CRS, width: int, height: int, quality: int = 82
) -> bytes | None:
    """A part of a warped sheet as WebP in another CRS; None where the sheet does not reach.

    Args:
        path: From `warp`.
        bounds: West, south, east, north in ``crs``.
        crs: That of the picture.
        width: Pixels.
        height: Pixels.
        quality: Of WebP, to 100.

    Raises:
        GeoError: ``warp.unreadable``.
    """
    import rasterio  # noqa: PLC0415
    from rasterio.enums import Resampling  # noqa: PLC0415
    from rasterio.transform import from_bounds  # noqa: PLC0415
    from rasterio.vrt import WarpedVRT  # noqa: PLC0415

    place = from_bounds(*bounds, width, height)
    try:
        with quiet(), _nearest(path, bounds, crs, width) as source:
            options = {"crs": rasterio.CRS.from_wkt(crs.to_wkt()), "transform": place, "width": width, "height": height}
            with WarpedVRT(source, resampling=Resampling.bilinear, **options) as view:
                pixels = view.read()
            if not pixels[3].any():
                return None
            return webp(pixels, quality)
    except rasterio.errors.RasterioError as error:
        raise GeoError("warp.unreadable", file=path.name) from error


def _nearest(path: Path, bounds: tuple[float, float, float, float], crs: pyproj.CRS, width: int) -> Any:
    """The sheet, or the overview of it that is just fine enough: GDAL reads all pixels of the sheet otherwise."""
    import rasterio  # noqa: PLC0415

    source = rasterio.open(path, driver="GTiff")
    try:
        west, south, east, north = bounds
        middle = np.array([[west, (south + north) / 2], [east, (south + north) / 2]])
        ends = transform_points(middle, crs, pyproj.CRS.from_wkt(source.crs.to_wkt()))
        asked = float(np.hypot(*(ends[1] - ends[0]))) / width / abs(source.transform.a)
        fine = [level for level, factor in enumerate(source.overviews(1)) if factor <= asked]
    except BaseException:
        source.close()
        raise
    if not fine or not math.isfinite(asked):
        return source
    source.close()
    return rasterio.open(path, driver="GTiff", overview_level=fine[-1])
