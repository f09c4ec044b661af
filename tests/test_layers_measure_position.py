"""``layers.measure.position``: shares, holders and label points on shapes whose answers are plain."""

import numpy as np
import pytest
import shapely
from cases import every
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from layers.measure.position import holders, label_points

GRID = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)], dtype=object)


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


@every(
    ("geometry", "expected"),
    [
        (Point(5, 5), [0]),
        (Point(10, 10), [0]),  # on the corner of four: the first
        (Point(99, 99), []),
        (None, []),
        (Polygon(), []),
        (LineString([(5, 5), (15, 5)]), [0, 1]),
        (LineString([(0, 5), (10.1, 5)]), [0]),  # one per cent reaches over
        (LineString([(0, 5), (10.3, 5)]), [0, 1]),  # three per cent
        (box(0, 0, 10, 10.1), [0]),
        (box(0, 0, 10, 10.3), [0, 2]),
        (box(0, 0, 20, 20), [0, 1, 2, 3]),
        (box(-1000, -1000, 1000, 1000), [0, 1, 2, 3]),  # each holds far less than two per cent, and is covered
        (box(-1000, -1000, 1000, 4), []),  # covers 40 per cent of two
        (box(-1000, -1000, 1000, 6), [0, 1]),
        (box(20, 0, 30, 10), []),  # a neighbour touches only
        (box(2, 2, 3, 3), [0]),
    ],
)
def test_holders(geometry: object, expected: list[int]) -> None:
    assert holders(array(geometry), GRID) == [expected]


def test_holders_of_many() -> None:
    rng = np.random.default_rng(7)
    points = shapely.points(rng.uniform(0, 20, size=(500, 2)))
    expected = [[int(x >= 10) + 2 * int(y >= 10)] for x, y in shapely.get_coordinates(points)]
    assert holders(points, GRID) == expected


def test_no_units() -> None:
    assert holders(array(Point(1, 1)), np.array([], dtype=object)) == [[]]


def test_label_points() -> None:
    district = box(0, 0, 100, 100)
    ell = Polygon([(0, 0), (60, 0), (60, 10), (40, 10), (40, 50), (0, 50)])  # widest in the 40 by 50 block
    points = label_points(
        array(
            ell,
            LineString([(-100, 50), (100, 50)]),  # half of it is inside
            Point(7, 8),
            box(200, 200, 220, 220),  # outside the district: its own middle
            MultiPolygon([box(0, 90, 1, 91), box(60, 60, 80, 80)]),  # the larger part
            box(-1000, 40, 10, 60),  # one per cent is inside: the whole counts
            None,
        ),
        district,
    )
    x, y = points[0].x, points[0].y
    assert (x, 19 < y < 31) == (pytest.approx(20, abs=1), True)
    assert (points[1].x, points[1].y) == (50, 50)
    assert (points[2].x, points[2].y) == (7, 8)
    assert (points[3].x, points[3].y) == pytest.approx((210, 210), abs=0.3)
    assert (points[4].x, points[4].y) == pytest.approx((70, 70), abs=0.3)
    assert points[5].x < 0
    assert points[6] is None


def test_the_label_of_a_line_is_on_its_longest_part() -> None:
    line = shapely.MultiLineString([[(0, 0), (10, 0)], [(10, 0), (30, 0)], [(50, 5), (60, 5)]])
    assert label_points(array(line), None)[0].equals(Point(15, 0))
