"""Polygons put into a coverage: borders of very many corners, rivers, what lies inside."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import measure, mosaic
from geo.coverage import problems
from geo.crs import CGCS2000
from geo.edges import Edges, divided
from geo.faces import Faces

WEST, EAST = shapely.box(104.0, 30.7, 104.1, 30.8), shapely.box(104.1, 30.7, 104.2, 30.8)
METRE_EAST = 1 / (111_320 * math.cos(math.radians(30.75)))


def area(shape: shapely.Geometry) -> float:
    return float(measure.area_m2(shape, CGCS2000))


def zigzag(steps: int, lon: float, metres: float) -> np.ndarray:
    """A border from south to north whose corners stand so far east and west of a meridian, in turn."""
    lats = np.linspace(30.7, 30.8, steps + 1)
    away = np.where(np.arange(steps + 1) % 2, metres, -metres) * METRE_EAST
    away[[0, -1]] = 0
    return np.stack([lon + away, lats], axis=1)


def west_of(border: np.ndarray) -> shapely.Polygon:
    return shapely.Polygon([(104.0, 30.8), (104.0, 30.7), *border])


def tile(polygons: dict[str, shapely.Geometry], whole: float) -> None:
    shapes = list(polygons.values())
    assert sum(area(one) for one in shapes) == pytest.approx(whole, abs=2.0)
    assert area(shapely.union_all(shapes)) == pytest.approx(whole, abs=2.0)


@pytest.mark.parametrize("old", [{}, {"east": EAST}], ids=["two come in", "one stays"])
def test_a_border_of_many_corners_against_a_plain_one(old: dict[str, shapely.Geometry]) -> None:
    # 4,000 steps of 2.7716 m, 2.0018 m east and west on the ellipsoid: 1,999 triangles are free, 1,998 lie over the
    # neighbour, and there one at either end is half as long again.
    dense = west_of(zigzag(4000, 104.1, 2.0))
    new = {"west": dense} | ({} if old else {"east": EAST})
    fitted = mosaic.fit(new, old, [WEST], 20.0)
    assert not fitted.wide
    tile(dict(fitted.polygons), area(WEST) + area(EAST))
    triangle = 2.0018 * 2.7716 / 2
    over = sum(one.area_m2 for one in fitted.pieces if one.kind == mosaic.OVERLAP)
    free = [one for one in fitted.pieces if one.kind != mosaic.OVERLAP]
    assert over == pytest.approx(2001 * triangle, rel=1e-4)
    assert sum(one.area_m2 for one in free) == pytest.approx(1999 * triangle, rel=1e-4)
    # What is over the neighbour stays with the first, or the new one. Of what is free the west has two edges of 2.43 m
    # each, the east one of 2.77 m: of two new ones it goes to the west; else to the one that stays, which had it.
    assert {tuple(one.given) for one in free} == {("east",) if old else ("west",)}
    # Rounding 4,000 corners to a centimetre is a square metre or two.
    gained = 2 * triangle if old else 2001 * triangle
    assert area(fitted.polygons["west"]) == pytest.approx(area(WEST) + gained, abs=3.0)


def test_a_river_between_borders_of_many_corners_is_divided_along_its_middle() -> None:
    east = zigzag(2000, 104.1 + 10 * METRE_EAST, 0.5)[::-1]
    sides = {
        "west": west_of(zigzag(2000, 104.1 - 10 * METRE_EAST, 0.5)),
        "east": shapely.Polygon([(104.2, 30.7), (104.2, 30.8), *east]),
    }
    (wide,) = mosaic.fit(sides, {}, [], 15.0).wide
    assert wide.width_m == pytest.approx(20, abs=1.5)
    fitted = mosaic.fit(sides, {}, [], 25.0)
    (gap,) = fitted.pieces
    assert gap.given == {name: pytest.approx(gap.area_m2 / 2, rel=0.02) for name in ("west", "east")}
    tile(dict(fitted.polygons), area(WEST) + area(EAST))


def test_islands_of_a_neighbour_leave_no_gaps() -> None:
    # 100 discs of about 40 m in the west belong to the east, drawn by the west with twice the corners.
    places = [shapely.Point(104.01 + 0.008 * x, 30.71 + 0.008 * y) for x in range(10) for y in range(10)]
    holes = shapely.union_all([one.buffer(0.0002, quad_segs=16) for one in places])
    discs = shapely.union_all([one.buffer(0.0002, quad_segs=8) for one in places])
    new = {"west": shapely.difference(WEST, holes), "east": shapely.union(EAST, discs)}
    fitted = mosaic.fit(new, {}, [], 20.0)
    assert not fitted.wide
    tile(dict(fitted.polygons), area(WEST) + area(EAST))
    assert len(shapely.get_parts(fitted.polygons["east"])) == 101


def test_edges_know_whom_a_piece_lies_along() -> None:
    edges = Edges(np.array([WEST, shapely.MultiPolygon([EAST]), shapely.Polygon()], dtype=object))
    assert edges.around(np.array([WEST, shapely.box(0, 0, 1, 1)], dtype=object), 0.001) == [[0, 1], []]
    assert edges.along(shapely.points([(104.0, 30.75), (104.15, 30.8), (104.15, 31.8)])).tolist() == [0, 1, -1]
    assert divided([], [], edges) == []


def test_what_stays_inside_new_ones_is_no_gap_among_them() -> None:
    inner = shapely.box(104.04, 30.74, 104.06, 30.76)
    fitted = mosaic.fit(
        {"west": shapely.difference(WEST, inner)}, {"inner": inner}, [shapely.difference(WEST, inner)], 20.0
    )
    assert not fitted.wide
    assert set(fitted.polygons) == {"west"}


def test_a_slit_that_the_edge_of_an_old_one_strays_into_is_divided_all_the_same() -> None:
    # A metre wide between two new ones, open to the north; what lies there reaches 0.003° into it.
    slit = 104.1 + METRE_EAST
    corners = [(104.0, 30.8), (104.1, 30.8), (slit, 30.8), (104.2, 30.8), (104.2, 30.81), (104.0, 30.81)]
    edge = shapely.Polygon(corners)
    north = shapely.union(edge, shapely.box(104.1, 30.797, slit, 30.8))
    sides = {"west": WEST, "east": shapely.box(slit, 30.7, 104.2, 30.8)}
    fitted = mosaic.fit(sides, {"north": north}, [], 20.0)
    (gap,) = [one for one in fitted.pieces if one.kind == mosaic.GAP]
    assert gap.given == {name: pytest.approx(gap.area_m2 / 2, rel=0.01) for name in sides}
    assert area(fitted.polygons["north"]) == pytest.approx(area(edge), abs=2.0)
    tile(dict(fitted.polygons), area(WEST) + area(EAST) + area(edge))


def crooked(random: np.random.Generator, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """A border between two points as somebody drew it: so many corners, each up to three metres off."""
    corners = int(random.integers(2, 25))
    points = np.linspace(start, end, corners)
    points[1:-1] += random.uniform(-3, 3, (corners - 2, 2)) * METRE_EAST
    return points[:-1]


@settings(max_examples=4)
@given(st.integers(0, 2**32 - 1), st.sets(st.integers(0, 3), max_size=3))
def test_whatever_each_draws_of_its_border_the_four_tile_afterwards(seed: int, staying: set[int]) -> None:
    random = np.random.default_rng(seed)
    middle, names = (104.1, 30.8), ["south-west", "south-east", "north-west", "north-east"]
    plain, drawn = {}, {}
    for name, (lon, lat) in zip(names, [(104.0, 30.7), (104.2, 30.7), (104.0, 30.9), (104.2, 30.9)], strict=True):
        along, across = (lon, middle[1]), (middle[0], lat)
        plain[name] = shapely.Polygon([(lon, lat), across, middle, along])
        border = [*crooked(random, across, middle), *crooked(random, middle, along), along]
        drawn[name] = shapely.make_valid(shapely.Polygon([(lon, lat), *border]), method="structure")
    old = {names[number]: plain[names[number]] for number in staying}
    new = {name: shape for name, shape in drawn.items() if name not in old}
    fitted = mosaic.fit(new, old, [plain[name] for name in new], 30.0)
    assert not fitted.wide
    after = {**old, **fitted.polygons}
    assert problems(after) == []
    # Corners are rounded to a centimetre, on borders of 40 km.
    assert sum(area(one) for one in after.values()) == pytest.approx(sum(map(area, plain.values())), abs=20)


def test_faces_know_in_which_polygons_they_lie() -> None:
    # Three squares of two metres, each a metre to the east: 1 + 1 + 1 + 1 metres wide, the middle ones in two.
    faces = Faces(np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2), shapely.box(2, 0, 4, 2)], dtype=object))
    common = faces.common()
    assert list(common) == [(0, 1), (1, 2)]
    for pair, numbers in common.items():
        assert [one.area for one in faces.together(numbers)] == [2.0]
        faces.take(pair, numbers)
        assert faces.still(pair, numbers) == []
    assert [faces.polygon(number).area for number in range(3)] == [4.0, 2.0, 2.0]


def test_a_shape_that_is_all_specks_has_a_width() -> None:
    """Each square is a millimetre wide, two millimetres apart: smaller than anything that counts as a piece."""
    corners = np.arange(900) * 0.003
    specks = shapely.multipolygons(shapely.box(corners, 0, corners + 0.0009, 0.0009))
    widths = mosaic._widths(np.array([specks, shapely.box(0, 0, 4, 2), shapely.Point(0, 0)], dtype=object))
    assert widths == pytest.approx([0.0009, 2.0, 0.0], abs=0.2)
    assert mosaic._widths(np.array([shapely.Polygon()], dtype=object)).tolist() == [0.0]
