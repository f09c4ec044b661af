"""Old datums by parameters: held against the formulas worked out step by step, and against a grid of known shifts."""

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geo import crs, parameters
from geo.errors import GeoError

OLD = crs.parse_crs("4610")  # Xi'an 1980, degrees
SEVEN = (-24.5, 12.25, 31.0, 0.35, -0.2, 0.75, 1.8)
SECOND = math.pi / 180 / 3600


def cartesian(lon: float, lat: float, axis: float, flattening: float) -> np.ndarray:
    """X, Y, Z of a place at height 0."""
    e2 = flattening * (2 - flattening)
    phi, lam = math.radians(lat), math.radians(lon)
    n = axis / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    return np.array(
        [n * math.cos(phi) * math.cos(lam), n * math.cos(phi) * math.sin(lam), n * (1 - e2) * math.sin(phi)]
    )


def geodetic(place: np.ndarray, axis: float, flattening: float) -> tuple[float, float]:
    """Longitude and latitude by iteration."""
    x, y, z = place
    e2 = flattening * (2 - flattening)
    p = math.hypot(x, y)
    phi = math.atan2(z, p * (1 - e2))
    for _ in range(20):
        n = axis / math.sqrt(1 - e2 * math.sin(phi) ** 2)
        phi = math.atan2(z + e2 * n * math.sin(phi), p)
    return math.degrees(math.atan2(y, x)), math.degrees(phi)


def test_seven_parameters_are_those_of_the_formula() -> None:
    dx, dy, dz, rx, ry, rz, ppm = SEVEN
    x, y, z = cartesian(104.1, 30.7, 6378140.0, 1 / 298.257)
    a, b, c, m = rx * SECOND, ry * SECOND, rz * SECOND, 1 + ppm * 1e-6
    turned = np.array([dx + m * (x + c * y - b * z), dy + m * (-c * x + y + a * z), dz + m * (b * x - a * y + z)])
    wanted = geodetic(turned, 6378137.0, 1 / 298.257222101)
    stated = parameters.read(seven=", ".join(map(str, SEVEN)))
    moved, shift_m = stated.apply(np.array([shapely.Point(104.1, 30.7)], dtype=object), OLD, "a")
    assert (moved[0].x, moved[0].y) == pytest.approx(wanted, abs=1e-9)  # a tenth of a millimetre
    east, north = (wanted[0] - 104.1) * 111_320 * math.cos(math.radians(30.7)), (wanted[1] - 30.7) * 110_870
    assert shift_m == pytest.approx(math.hypot(east, north), rel=0.01)


def test_four_parameters_turn_and_stretch_in_the_plane() -> None:
    plane = crs.parse_crs("2380")  # Xi'an 1980, 105° E
    given = np.array([shapely.Point(420_000.0, 3_400_000.0)], dtype=object)
    moved, _ = parameters.read(four="-5 3 10 2.5").apply(given, plane, "a")
    angle, scale = 10 * SECOND, 1 + 2.5e-6
    east = -5 + scale * (420_000 * math.cos(angle) - 3_400_000 * math.sin(angle))
    north = 3 + scale * (420_000 * math.sin(angle) + 3_400_000 * math.cos(angle))
    back = crs.transform(moved[0], crs.CGCS2000, crs.parse_crs("4544"))
    assert (back.x, back.y) == pytest.approx((east, north), abs=1e-4)
    with pytest.raises(GeoError) as caught:
        parameters.read(four="1 1 0 0").apply(given, OLD, "a")
    assert caught.value.key == "parameters.plane_only"


def test_a_grid_moves_by_what_it_says_and_covers_what_it_covers(tmp_path: Path) -> None:
    path = tmp_path / "格 网.tif"
    shape = (11, 11)
    about = {"driver": "GTiff", "height": 11, "width": 11, "count": 2, "dtype": "float32", "crs": "EPSG:4610",
             "transform": from_origin(103.95, 31.05, 0.1, 0.1)}  # fmt: skip
    with rasterio.open(path, "w", **about) as grid:
        grid.update_tags(TYPE="HORIZONTAL_OFFSET", AREA_OR_POINT="Point")
        for band, (name, seconds) in enumerate((("latitude_offset", -1.5), ("longitude_offset", 3.0)), start=1):
            grid.write(np.full(shape, seconds, dtype="float32"), band)
            grid.set_band_description(band, name)
            grid.set_band_unit(band, "arc-second")
    inside = np.array([shapely.Point(104.3, 30.5)], dtype=object)
    moved, shift_m = parameters.read(grid=path).apply(inside, OLD, "a")
    assert (moved[0].x, moved[0].y) == pytest.approx((104.3 + 3 / 3600, 30.5 - 1.5 / 3600), abs=1e-9)
    # 3″ of longitude at 30.5° N are 79.9 m, 1.5″ of latitude 46.2 m: 92.3 m together.
    assert shift_m == pytest.approx(92.3, abs=0.2)
    with pytest.raises(GeoError) as caught:
        parameters.read(grid=path).apply(np.array([shapely.Point(110.0, 30.5)], dtype=object), OLD, "a")
    assert caught.value.key in ("parameters.outside", "parameters.grid")


def test_what_is_no_parameter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for stated, key in (
        ({"four": "1,2,3"}, "parameters.numbers"),
        ({"four": "1,2,3,x"}, "parameters.numbers"),
        ({"seven": "1,2,3,4,5,6,inf"}, "parameters.numbers"),
        ({"four": "1,2,3,4", "seven": "1,2,3,4,5,6,7"}, "parameters.several"),
        ({"grid": tmp_path / "a.txt"}, "parameters.grid"),
        ({"grid": tmp_path / "nothing.gsb"}, "parameters.grid"),
    ):
        with pytest.raises(GeoError) as caught:
            parameters.read(**stated)  # type: ignore[arg-type]
        assert caught.value.key == key
        assert caught.value.remedy("en")
