"""Parameters that take an old datum to CGCS2000: four in the plane, seven in space, or a grid.

Nobody publishes them for Xi'an 1980 or Beijing 1954; an office has them for its own area. Without them
coordinates stay where they are and are some hundred metres off, in silence.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError

from geo import crs
from geo.errors import GeoError

_SECOND = math.pi / 180 / 3600
GRIDS = (".gsb", ".tif", ".tiff")
"""What a grid of shifts may be called: NTv2, or GeoTIFF."""
_STARTS = {".gsb": (b"NUM_OREC",)}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_GRID_BYTES = 200_000_000
_MOST_M = 1_000.0
"""Parameters that move a place farther are those of another area, or of another order."""


@dataclass(frozen=True)
class Parameters:
    """Parameters as an office states them; one of the three.

    Attributes:
        four: `dx, dy` in metres (east, north), rotation in arc-seconds, scale in ppm: in the plane of the file,
            x' = dx + (1 + m)(x cos a - y sin a), y' = dy + (1 + m)(x sin a + y cos a).
        seven: `dx, dy, dz` in metres, `rx, ry, rz` in arc-seconds, scale in ppm: Bursa-Wolf with the frame rotated
            (EPSG method 9607), as Chinese standards write it: X' = dX + (1 + m)(X + rz Y - ry Z) and so on.
        grid: a grid of shifts (NTv2 `.gsb`, or GeoTIFF).
    """

    four: tuple[float, ...] = ()
    seven: tuple[float, ...] = ()
    grid: Path | None = None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.four or self.seven or self.grid)

    def apply(self, geometries: NDArray[Any], source: CRS, file: str) -> tuple[NDArray[Any], float]:
        """Geometries of an old datum in longitude, latitude degrees of CGCS2000.

        Args:
            geometries: in the source's x/y order.
            source: the old system, geographic or projected.
            file: name of the file, for messages.

        Returns:
            the geometries, and how far they were moved on average, in metres.

        Raises:
            GeoError: `parameters.plane_only`, `parameters.far`, `parameters.grid`, `crs.not_transformable`.
        """
        geodetic = source.geodetic_crs
        if geodetic is None:
            raise GeoError("vector.unknown_datum", file=file, crs=crs.describe(source))
        own = crs.transform_array(geometries, source, geodetic)
        if self.four:
            moved = self._in_plane(geometries, source)
        else:
            moved = _each(own, self._pipeline(geodetic))
        before, after = shapely.get_coordinates(own), shapely.get_coordinates(moved)
        if not np.isfinite(after).all():
            raise GeoError("parameters.outside", file=file)
        middle = math.cos(math.radians(float(before[:, 1].mean())))
        apart = np.hypot((after - before)[:, 0] * 111_320 * middle, (after - before)[:, 1] * 110_950)
        if apart.mean() > _MOST_M:
            raise GeoError("parameters.far", file=file, shift_m=round(float(apart.mean())))
        return moved, float(apart.mean())

    def _in_plane(self, geometries: NDArray[Any], source: CRS) -> NDArray[Any]:
        """Four parameters: to the plane of the same meridian and false easting on CGCS2000, then to degrees."""
        if not source.is_projected:
            raise GeoError("parameters.plane_only", crs=crs.describe(source))
        dx, dy, rotation, ppm = self.four
        angle, scale = rotation * _SECOND, 1 + ppm * 1e-6
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)

        def turned(c: NDArray[Any]) -> NDArray[Any]:
            return np.column_stack((dx + cos * c[:, 0] - sin * c[:, 1], dy + sin * c[:, 0] + cos * c[:, 1]))

        operation = source.coordinate_operation
        values = {p.name.lower(): float(p.value) for p in (operation.params if operation else ())}
        meridian = next(value for name, value in values.items() if "longitude of natural" in name)
        easting = next(value for name, value in values.items() if "false easting" in name)
        return crs.transform_array(
            shapely.transform(geometries, turned), crs.gauss_kruger(meridian, easting), crs.CGCS2000
        )

    def _pipeline(self, geodetic: CRS) -> Callable[[NDArray[Any]], NDArray[Any]]:
        """Old degrees to degrees of CGCS2000, longitude first."""
        if self.grid is not None:
            return _by_grid(self.grid)
        dx, dy, dz, rx, ry, rz, ppm = self.seven
        old, new = geodetic.ellipsoid, crs.CGCS2000.ellipsoid
        if old is None or new is None:
            raise GeoError("crs.unknown", text=crs.describe(geodetic))
        steps = (
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=cart +a={old.semi_major_metre} +rf={old.inverse_flattening} "
            f"+step +proj=helmert +x={dx} +y={dy} +z={dz} +rx={rx} +ry={ry} +rz={rz} +s={ppm} "
            "+convention=coordinate_frame "
            f"+step +inv +proj=cart +a={new.semi_major_metre} +rf={new.inverse_flattening} "
            "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )
        transformer = pyproj.Transformer.from_pipeline(steps)

        def moved(c: NDArray[Any]) -> NDArray[Any]:
            x, y, _ = transformer.transform(c[:, 0], c[:, 1], np.zeros(len(c)))
            return np.column_stack((x, y))

        return moved


def read(four: str = "", seven: str = "", grid: Path | None = None) -> Parameters:
    """Parameters as a user writes them: numbers with commas or blanks between.

    Raises:
        GeoError: `parameters.numbers` when there are not four or seven, `parameters.several`, `parameters.grid`.

    Example:
        >>> read(four="-5.2, 3.1, 0.4, 2.5").four
        (-5.2, 3.1, 0.4, 2.5)
    """
    if sum(map(bool, (four, seven, grid))) > 1:
        raise GeoError("parameters.several")
    if grid is not None and not _is_grid(grid):
        raise GeoError("parameters.grid", file=grid.name, known=list(GRIDS))
    return Parameters(_numbers(four, 4), _numbers(seven, 7), grid)


def _is_grid(path: Path) -> bool:
    """Whether a file is called like a grid of shifts, begins like one and is no larger than one may be."""
    suffix = path.suffix.lower()
    if suffix not in GRIDS or not path.is_file() or path.stat().st_size > _GRID_BYTES:
        return False
    with path.open("rb") as file:
        return file.read(8).startswith(_STARTS.get(suffix, _TIFF))


def _numbers(text: str, count: int) -> tuple[float, ...]:
    parts = text.replace(",", " ").replace("，", " ").split()
    try:
        numbers = tuple(float(part) for part in parts)
    except ValueError as error:
        raise GeoError("parameters.numbers", text=text, count=count) from error
    if numbers and (len(numbers) != count or not all(map(math.isfinite, numbers))):
        raise GeoError("parameters.numbers", text=text, count=count)
    return numbers


def _by_grid(grid: Path) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """A grid of shifts, read from a private copy under a name without blanks, which PROJ's own syntax wants."""

    def moved(c: NDArray[Any]) -> NDArray[Any]:
        with tempfile.TemporaryDirectory(prefix="planmap-") as folder:
            copy = Path(folder) / f"grid{grid.suffix.lower()}"
            shutil.copyfile(grid, copy)
            steps = (
                "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
                f"+step +proj=hgridshift +grids={copy} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
            )
            try:
                x, y = pyproj.Transformer.from_pipeline(steps).transform(c[:, 0], c[:, 1])
            except ProjError as error:
                raise GeoError("parameters.grid", file=grid.name, known=list(GRIDS)) from error
        return np.column_stack((x, y))

    return moved


def _each(geometries: NDArray[Any], move: Callable[[NDArray[Any]], NDArray[Any]]) -> NDArray[Any]:
    return np.asarray(shapely.transform(geometries, move))
