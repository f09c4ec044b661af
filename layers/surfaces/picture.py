"""A surface as one picture for web maps: bands by colour, the nearest cell for each pixel, clear outside."""

from __future__ import annotations

import math

import numpy as np
import shapely

from geo.crs import CGCS2000, transform_array, web_mercator
from geo.picture import quiet
from geo.raster import Grid
from layers.edition.store import Bounds
from layers.surfaces.made import OUTSIDE, Made

MOST_PX = 2048
"""Longest side of a picture; cells are drawn larger where a plan is larger than so many of them."""
_OPAQUE, _CLEAR = 255, 0


def grid_of(made: Made, most: int = MOST_PX) -> Grid:
    """The grid that is drawn: the surface's own, or a coarser one of ``most`` cells a side over the same ground."""
    own = made.grid
    times = math.ceil(max(own.columns, own.rows) / most)
    return own if times == 1 else Grid.over(made.ground.bounds, own.cell_m * times)


def place(made: Made, most: int = MOST_PX) -> tuple[Grid, tuple[float, float, float, float], int, int]:
    """The grid drawn, and west, south, east, north of the picture in metres of Web Mercator, width and height."""
    grid = grid_of(made, most)
    west, south, east, north = grid.bounds(grid.whole)
    edge = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / 40)
    bounds = transform_array(np.array([edge], dtype=object), made.plane, web_mercator())[0].bounds
    across, down = bounds[2] - bounds[0], bounds[3] - bounds[1]
    pixel = max(across, down) / max(grid.columns, grid.rows)
    return grid, bounds, max(1, round(across / pixel)), max(1, round(down / pixel))


def bounds(made: Made, most: int = MOST_PX) -> Bounds:
    """Where the picture lies, ``[[south, west], [north, east]]`` in degrees."""
    west, south, east, north = place(made, most)[1]
    corners = transform_array(shapely.points([[west, south], [east, north]]), web_mercator(), CGCS2000)
    (low_lon, low_lat), (high_lon, high_lat) = shapely.get_coordinates(corners).tolist()
    return [[round(low_lat, 7), round(low_lon, 7)], [round(high_lat, 7), round(high_lon, 7)]]


def png(made: Made, most: int = MOST_PX) -> bytes:
    """The picture as PNG with a palette, ``most`` pixels on its longest side."""
    import rasterio  # noqa: PLC0415 - half a second of imports
    from rasterio.enums import Resampling  # noqa: PLC0415
    from rasterio.io import MemoryFile  # noqa: PLC0415
    from rasterio.transform import from_bounds  # noqa: PLC0415
    from rasterio.warp import reproject  # noqa: PLC0415

    grid, box, width, height = place(made, most)
    drawn = np.concatenate([made.bands(part, grid) for part in grid.strips()])
    found = np.full((height, width), OUTSIDE, dtype=np.uint8)
    reproject(
        drawn, found, src_transform=rasterio.Affine(grid.cell_m, 0, grid.west, 0, -grid.cell_m, grid.north),
        src_crs=rasterio.CRS.from_wkt(made.plane.to_wkt()), dst_transform=from_bounds(*box, width, height),
        dst_crs=rasterio.CRS.from_wkt(web_mercator().to_wkt()), resampling=Resampling.nearest,
    )  # fmt: skip
    profile = {"driver": "PNG", "width": width, "height": height, "count": 1, "dtype": "uint8", "ZLEVEL": 9}
    with quiet(), MemoryFile() as memory:
        with memory.open(**profile) as sink:
            sink.write_colormap(1, palette(made))
            sink.write(found, 1)
        return bytes(memory.read())


def palette(made: Made) -> dict[int, tuple[int, int, int, int]]:
    """Red, green, blue and alpha by class."""
    colours = {OUTSIDE: (_OPAQUE, _OPAQUE, _OPAQUE, _CLEAR)}
    for number, colour in enumerate(made.colours, start=1):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        colours[number] = (red, green, blue, _OPAQUE)
    return colours
