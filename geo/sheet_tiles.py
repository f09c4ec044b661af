"""An upright picture made ready to be looked at: overviews, and tiles of it in pixels.

Nothing larger than a strip or a tile is held in memory, however large the picture is.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from geo.errors import GeoError
from geo.picture import Array, quiet
from geo.warp import webp

TILE = 256


def levels(width: int, height: int) -> int:
    """The zoom at which one pixel of the picture is one of the tile; at zoom 0 the whole picture is on one tile.

    Example:
        >>> levels(256, 100), levels(257, 100), levels(20_000, 15_000)
        (0, 1, 7)
    """
    return max(0, math.ceil(math.log2(max(width, height) / TILE)))


def add_overviews(path: Path) -> None:
    """Give a picture of ``geo.picture.upright`` its smaller copies, each half as wide as the one before."""
    import rasterio  # noqa: PLC0415 - half a second of imports that everything else does without
    from rasterio.enums import Resampling  # noqa: PLC0415

    with quiet(), rasterio.open(path, "r+", driver="GTiff") as picture:
        factors = [2**power for power in range(1, levels(picture.width, picture.height) + 1)]
        if factors:
            picture.build_overviews(factors, Resampling.average)


def tile(path: Path, zoom: int, column: int, row: int) -> bytes | None:
    """A tile as WebP; transparent where the picture ends; None where it is not.

    Args:
        path: A picture with `add_overviews`.
        zoom: 0 to `levels`.
        column: From 0.
        row: From 0, downwards.

    Raises:
        GeoError: ``picture.broken``.
    """
    import rasterio  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    try:
        with quiet(), rasterio.open(path, driver="GTiff") as picture:
            most = levels(picture.width, picture.height)
            if not (0 <= zoom <= most and column >= 0 and row >= 0):
                return None
            side = TILE * 2 ** (most - zoom)
            left, top = column * side, row * side
            across, down = min(side, picture.width - left), min(side, picture.height - top)
            if across <= 0 or down <= 0:
                return None
            shape = (3, max(1, round(down * TILE / side)), max(1, round(across * TILE / side)))
            pixels = np.zeros((4, TILE, TILE), dtype=np.uint8)
            pixels[:3, : shape[1], : shape[2]] = picture.read(window=Window(left, top, across, down), out_shape=shape)
            pixels[3, : shape[1], : shape[2]] = 255
            return webp(pixels)
    except rasterio.errors.RasterioError as error:
        raise GeoError("picture.broken", file=path.name) from error


def reduced(path: Path, most: int) -> Array:
    """The whole picture, (rows, columns, 3), in the largest of its copies with no side longer than ``most`` pixels.

    Args:
        path: A picture with `add_overviews`.
        most: Pixels.

    Raises:
        GeoError: ``picture.broken``.
    """
    import rasterio  # noqa: PLC0415

    try:
        with quiet(), rasterio.open(path, driver="GTiff") as picture:
            # A copy is read as it is: between two of them GDAL takes seconds.
            factor = 2 ** max(0, math.ceil(math.log2(max(picture.width, picture.height) / most)))
            shape = (3, -(-picture.height // factor), -(-picture.width // factor))
            return np.ascontiguousarray(picture.read(out_shape=shape).transpose(1, 2, 0))
    except rasterio.errors.RasterioError as error:
        raise GeoError("picture.broken", file=path.name) from error
