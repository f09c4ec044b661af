"""Distances to the nearest shape: by hand, against GEOS in the plane, and against geodesics on the ellipsoid."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from cases import every
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import CGCS2000, metric_crs, transform_points
from geo.nearest import Nearest

GEOD = pyproj.Geod(ellps="GRS80")
"""CGCS2000's ellipsoid to a tenth of a millimetre in its axis."""


def test_distances_by_hand() -> None:
    # A point at (0, 0), a wall from (30, -10) to (30, 10), a square yard from (100, 0) to (120, 20).
    near = Nearest([shapely.Point(0, 0), shapely.LineString([(30, -10), (30, 10)]), shapely.box(100, 0, 120, 20)])
    x, y = np.array([3.0, 20.0, 33.0, 90.0, 110.0]), np.array([14.0, 4.0])
    expected = [
        [math.hypot(3, 14), math.hypot(10, 4), math.hypot(3, 4), 10.0, 0.0],
        [5.0, 10.0, 3.0, 10.0, 0.0],
    ]
    assert near.distances(x, y) == pytest.approx(np.array(expected), abs=1e-9)
    places = np.array([(column, row) for row in y for column in x])
    assert near.at(places).reshape(2, 5) == pytest.approx(np.array(expected), abs=1e-9)


def test_a_hole_is_outside_and_empty_shapes_count_for_nothing() -> None:
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(20, 20, 80, 80))
    near = Nearest([None, shapely.Point(), shapely.MultiPolygon(), ring])
    assert near.distances(np.array([10.0, 50.0, 130.0]), np.array([50.0])).tolist() == [[0.0, 30.0, 30.0]]
    nothing = Nearest([None, shapely.Point()])
    assert len(nothing) == 0
    assert np.isinf(nothing.distances(np.arange(3.0), np.arange(2.0))).all()
    assert np.isinf(nothing.at(np.zeros((2, 2)))).all()


def scattered(seed: int) -> list[shapely.Geometry]:
    """Points, crooked lines, polygons with many corners, collections of them."""
    numbers = np.random.default_rng(seed)
    points = list(shapely.points(numbers.uniform(0, 20_000, (30, 2))))
    lines = [shapely.LineString(numbers.uniform(0, 20_000, (12, 2))) for _ in range(3)]
    areas = [shapely.Point(*numbers.uniform(0, 20_000, 2)).buffer(numbers.uniform(100, 3000), 40) for _ in range(4)]
    mixed = shapely.GeometryCollection([shapely.MultiPoint(numbers.uniform(0, 20_000, (3, 2))), areas[0]])
    return [*points, *lines, *areas, mixed, shapely.LineString([(5, 5), (5, 5)])]


@every("which", [slice(0, 30), slice(30, 33), slice(33, 37), slice(None)])
def test_blocks_leave_out_no_shape_that_is_nearest(which: slice) -> None:
    """Against GEOS, which knows nothing of blocks: every cell of a grid that is halved many times."""
    shapes = scattered(7)[which]
    x, y = np.arange(-2000.0, 22_000.0, 110.0), np.arange(22_000.0, -2000.0, -130.0)
    found = Nearest(shapes).distances(x, y)
    across, down = np.meshgrid(x, y)
    cells = shapely.points(across, down)
    expected = np.min([shapely.distance(one, cells) for one in shapes], axis=0)
    assert np.abs(found - expected).max() < 1e-6
    places = np.column_stack([across.ravel(), down.ravel()])
    assert np.abs(Nearest(shapes).at(places) - expected.ravel()).max() < 1e-6
    wanted = (across - 3000) ** 2 + (down - 9000) ** 2 < 4000**2
    some = Nearest(shapes).distances(x, y, wanted)
    assert np.array_equal(some[wanted], found[wanted])
    assert np.isinf(some).sum() > some.size / 2


@given(st.integers(0, 10_000), st.floats(1, 500), st.integers(1, 90), st.integers(1, 90))
def test_any_lattice_agrees_with_geos(seed: int, step: float, columns: int, rows: int) -> None:
    numbers = np.random.default_rng(seed)
    shapes = [
        shapely.Point(*numbers.uniform(0, 9000, 2)),
        shapely.LineString(numbers.uniform(0, 9000, (5, 2))),
        *shapely.points(numbers.uniform(0, 9000, (12, 2))),
    ]
    x, y = numbers.uniform(0, 5000) + step * np.arange(columns), numbers.uniform(0, 5000) - step * np.arange(rows)
    found = Nearest(shapes).distances(x, y)
    across, down = np.meshgrid(x, y)
    assert found == pytest.approx(shapely.distance(shapely.union_all(shapes), shapely.points(across, down)), abs=1e-6)


@every(("lon", "lat", "most"), [(120.0, 30.0, 0.0005), (121.49, 30.0, 0.0005), (118.6, 52.0, 0.0005)])
def test_plane_distances_are_geodesic_ones_to_a_thousandth(lon: float, lat: float, most: float) -> None:
    """In the middle and at the edge of a zone, from 100 m to 60 km: far below the hundredth that is asked for."""
    plane = metric_crs(lon)
    numbers = np.random.default_rng(3)
    places = np.array([lon, lat]) + numbers.uniform(-0.3, 0.3, (60, 2))
    sources = np.array([lon, lat]) + numbers.uniform(-0.3, 0.3, (5, 2))
    near = Nearest(shapely.points(transform_points(sources, CGCS2000, plane)))
    found = near.at(transform_points(places, CGCS2000, plane))
    expected = np.array([
        min(GEOD.inv(*place, *source)[2] for source in sources) for place in places
    ])  # fmt: skip
    assert np.abs(found / expected - 1).max() < most


def test_in_a_province_beyond_its_zone_still_to_a_hundredth() -> None:
    """Three degrees off the meridian, twice the half width of a zone: the scale is 1 + (290 km)² / (2 · R²) = 1.001."""
    plane = metric_crs(120.0)
    a, b = np.array([[123.0, 30.0], [123.0, 30.1]])
    (x, y), place = transform_points(np.array([a, b]), CGCS2000, plane)
    found = float(Nearest([shapely.Point(x, y)]).at(place[None])[0])
    ratio = found / GEOD.inv(*a, *b)[2]
    assert ratio == pytest.approx(1 + 289.5**2 / (2 * 6371**2), abs=1e-4)
    assert abs(ratio - 1) < 0.01
