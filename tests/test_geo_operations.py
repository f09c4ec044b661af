"""The geometry behind the recipes, with numbers worked out by hand."""

import math
from itertools import pairwise

import awkward
import numpy as np
import pytest
import shapely
from cases import every
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, box

from geo import operations
from geo.coverage import problems
from geo.errors import GeoError

# Area of a disc of radius 1 drawn with 4 · 16 chords: (64 / 2) · sin(2π / 64).
DISC = 32 * math.sin(math.pi / 32)


def key_of(call):
    with pytest.raises(GeoError) as caught:
        call()
    return caught.value.key


# ---- form


@every("name", awkward.VALID)
def test_tidy_gives_valid_flat_oriented_geometry_on_the_grid(name):
    tidied = operations.tidy(awkward.VALID[name])
    assert tidied.is_valid
    assert not tidied.has_z
    coordinates = shapely.get_coordinates(tidied)
    assert np.array_equal(coordinates, np.round(coordinates, 7))
    for part in shapely.get_parts(tidied):
        if part.geom_type == "Polygon":
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
    again = operations.tidy(tidied)
    assert shapely.to_wkb(again) == shapely.to_wkb(tidied)
    if name not in ("collection", "polygon_needle", "multipoint_twice_the_same"):
        assert shapely.get_dimensions(tidied) == shapely.get_dimensions(awkward.VALID[name])


def test_tidy_is_the_same_however_a_polygon_was_written():
    ring = list(awkward.HOLED.exterior.coords)[:-1]
    hole = list(awkward.HOLED.interiors[0].coords)
    wkb = {
        shapely.to_wkb(operations.tidy(Polygon(ring[k:] + ring[:k], [hole[::direction]])))
        for k in range(4)
        for direction in (1, -1)
    }
    assert len(wkb) == 1


def test_many_polygons_are_tidied_as_each_alone():
    # Rings of 5 to 13 corners, some on the grid, some off it, some crossing themselves nowhere but narrow.
    given = []
    for number in range(60):
        angles = np.sort(np.random.default_rng(number).uniform(0, 2 * np.pi, 5 + number % 9))
        reach = np.random.default_rng(number + 100).uniform(0.3, 1, len(angles)) * 10.0 ** -(number % 6)
        ring = np.column_stack([120 + reach * np.cos(angles), 30 + reach * np.sin(angles)])
        given.append(Polygon(np.round(ring, 5 + number % 4)))
    given += [box(0, 0, 1, 1), Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)]), shapely.MultiPolygon([box(2, 2, 3, 3)])]
    given += [box(0, 0, 9, 9) - box(3, 3, 4, 4), Polygon([(0, 0), (0, 0), (1, 0), (1, 1)])]
    spike = Polygon([(0, 0), (4, 0), (4, 4), (2, 4), (2, 5), (2.0000001, 4), (0, 4)])  # a grid's step wide
    thinner = Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (0.001, 7), (2.9999999, 4), (0, 4)])
    given = [one for one in [*given, spike, thinner] if one.is_valid]
    assert len(given) > 60
    together = operations.tidy_polygons(np.array(given, dtype=object))
    assert [one.wkb for one in together] == [operations.tidy(one).wkb for one in given]


def test_tidy_keeps_the_direction_of_lines():
    line = LineString([(120.1, 30), (120, 30)])
    assert list(operations.tidy(line).coords) == [(120.1, 30), (120, 30)]


def test_single_line_merges_and_keeps_direction():
    parts = MultiLineString([[(1, 0), (2, 0)], [(0, 0), (1, 0)]])
    assert list(operations.single_line(parts).coords) == [(0, 0), (1, 0), (2, 0)]
    against = MultiLineString([[(1, 0), (2, 0)], [(1, 0), (0, 0)]])
    assert operations.single_line(against).length == 2
    apart = MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])
    assert key_of(lambda: operations.single_line(apart)) == "recipe.not_one_line"
    assert key_of(lambda: operations.single_line(box(0, 0, 1, 1))) == "recipe.not_a_line"


def test_self_crossing_names_the_place():
    with pytest.raises(GeoError) as caught:
        operations.simple(LineString([(0, 0), (2, 2), (2, 0), (0, 2)]))
    assert (caught.value.params["lon"], caught.value.params["lat"]) == (1.0, 1.0)
    assert key_of(lambda: operations.simple(awkward.VALID["line_there_and_back"])) == "recipe.self_crossing"
    closed = awkward.VALID["line_closed"]
    assert operations.simple(closed) is closed


# ---- set operations


def test_union_closes_the_sliver_of_a_rounded_vertex():
    # The common edge leans by one step of the grid. The eastern neighbour has a vertex on it, a third of the way up,
    # and that is off the edge by a third of a step, being rounded.
    west = Polygon([(120, 30), (120.1, 30), (120.1000001, 30.3), (120, 30.3)])
    east = Polygon([(120.1, 30), (120.2, 30), (120.2, 30.3), (120.1000001, 30.3), (120.1, 30.1)])
    assert shapely.intersection(west, east).area > 0
    united = operations.union([west, east])
    assert united.geom_type == "Polygon"
    assert len(united.interiors) == 0


def test_union_of_lines_keeps_the_direction():
    united = operations.union([LineString([(120.1, 30), (120.2, 30)]), LineString([(120, 30), (120.1, 30)])])
    assert list(united.coords) == [(120, 30), (120.1, 30), (120.2, 30)]


def test_union_of_different_types_is_refused():
    assert key_of(lambda: operations.union([Point(120, 30), awkward.SQUARE])) == "recipe.mixed_types"


def test_intersection_drops_mere_touching():
    left, right = box(120, 30, 120.1, 30.1), box(120.1, 30, 120.2, 30.1)
    assert operations.intersection([left, right]).is_empty
    assert operations.intersection([left, Point(120.05, 30.05)]).is_empty
    # a common edge and a common corner square: only the square remains
    shape = box(120.05, 30.05, 120.2, 30.1) | box(120.1, 30, 120.2, 30.1)
    assert operations.intersection([left, shape]).equals(box(120.05, 30.05, 120.1, 30.1))


def test_lines_keep_their_direction_when_cut():
    line = LineString([(120.3, 30.05), (119.9, 30.05)])
    cut = operations.intersection([line, awkward.SQUARE])
    assert list(cut.coords) == [(120.1, 30.05), (120, 30.05)]
    rest = operations.difference(line, [awkward.SQUARE])
    assert sorted(list(p.coords) for p in rest.geoms) == [
        [(120, 30.05), (119.9, 30.05)],
        [(120.3, 30.05), (120.1, 30.05)],
    ]


# ---- buffers


def test_variable_buffer_of_one_segment():
    # Two circles of radius 100 and 300, centres 1000 apart: the tangents' trapezoids and two circular segments.
    band = operations.variable_buffer(LineString([(0, 0), (1000, 0)]), [100, 300])
    lean = math.asin(200 / 1000)
    exact = (
        (100 + 300) * math.sqrt(1000**2 - 200**2)  # both tangent trapezoids
        + 100**2 * (math.pi / 2 - lean)
        + 300**2 * (math.pi / 2 + lean)
    )
    assert band.area == pytest.approx(exact, rel=2e-3)
    assert band.bounds == pytest.approx((-100, -300, 1300, 300))
    assert band.geom_type == "Polygon"


def test_variable_buffer_with_equal_distances_is_a_buffer():
    line = LineString([(0, 0), (1000, 0), (1000, 1000), (300, 1500)])
    exact = line.buffer(150, quad_segs=256)
    assert operations.variable_buffer(line, [150] * 4).symmetric_difference(exact).area < 1e-3 * exact.area


def test_variable_buffer_may_taper_to_nothing():
    band = operations.variable_buffer(LineString([(0, 0), (1000, 0), (2000, 0)]), [0, 100, 0])
    assert band.bounds == pytest.approx((0, -100, 2000, 100))
    assert (
        key_of(lambda: operations.variable_buffer(LineString([(0, 0), (1, 0)]), [1, 2, 3])) == "recipe.distance_count"
    )


coordinates = st.tuples(st.integers(0, 5000), st.integers(0, 5000))
lines = st.lists(coordinates, min_size=2, max_size=7, unique=True).map(LineString)


@given(lines, st.data())
def test_variable_buffer_property(line, data):
    n = len(line.coords)
    distances = data.draw(st.lists(st.integers(0, 800), min_size=n, max_size=n).filter(any))
    band = operations.variable_buffer(line, distances)
    assert band.is_valid
    assert band.within(line.buffer(max(distances) * 1.001, quad_segs=256))
    if min(distances) > 0:
        assert band.geom_type == "Polygon"
        assert band.buffer(1e-6).contains(line)
        # Chords lie within their circle, by up to 0.12 % of the radius (1 − cos(π / 64)).
        assert band.buffer(1e-6).contains(line.buffer(min(distances) * 0.998))


def test_one_sided_buffer_at_a_bend():
    # 1 km east, then 1 km north; inside the bend the strips share 100 m × 100 m, outside there is a quarter disc.
    line = LineString([(0, 0), (1000, 0), (1000, 1000)])
    left = operations.one_sided_buffer(line, 100, "left")
    right = operations.one_sided_buffer(line, 100, "right")
    assert left.area == pytest.approx(2 * 1000 * 100 - 100 * 100, rel=1e-9)
    assert right.area == pytest.approx(2 * 1000 * 100 + DISC / 4 * 100**2, rel=1e-9)
    assert left.bounds == pytest.approx((0, 0, 1000, 1000))
    assert right.intersection(left).area < 1e-6


def test_one_sided_buffer_of_a_hairpin_stays_on_its_side():
    # The way back runs 50 m north of the way out: with 100 m, the left is the strip between and nothing beyond.
    line = LineString([(0, 0), (1000, 0), (1000, 50), (0, 50)])
    left = operations.one_sided_buffer(line, 100, "left")
    assert left.area == pytest.approx(1000 * 50, rel=1e-6)
    assert left.bounds == pytest.approx((0, 0, 1000, 50), abs=1e-3)


def test_one_sided_buffer_whose_end_nearly_meets_its_beginning():
    # A loop that comes back to 5 cm from its first segment: both sides of that segment are one face.
    line = LineString([(0, 0), (911, 1007), (0, 211), (711, 786)])
    beside = Point(454.758, 504.171)  # left of the first segment
    assert operations.one_sided_buffer(line, 33, "left").contains(beside)


def test_one_sided_buffer_of_a_closed_line():
    ring = LineString(box(0, 0, 1000, 1000).exterior.coords)  # anticlockwise: its left is inside
    ring = ring if shapely.is_ccw(ring) else shapely.reverse(ring)
    assert operations.one_sided_buffer(ring, 100, "left").area == pytest.approx(1000**2 - 800**2, rel=1e-9)
    outside = 4 * 1000 * 100 + DISC * 100**2
    assert operations.one_sided_buffer(ring, 100, "right").area == pytest.approx(outside, rel=1e-9)


def test_one_sided_buffer_that_widens():
    # Half of the band between a half-width of 100 m and 200 m, ends square: the trapezoid below the tangent.
    band = operations.one_sided_buffer(LineString([(0, 0), (1000, 0)]), [100, 200], "left")
    assert band.area == pytest.approx(1000 * 150, rel=0.01)
    assert band.bounds[1] == pytest.approx(0, abs=1e-6)
    other = operations.one_sided_buffer(LineString([(0, 0), (1000, 0)]), [100, 200], "right")
    assert other.area == pytest.approx(band.area, rel=1e-6)
    assert Point(950, -150).within(other)
    assert not Point(50, -150).within(other)


@given(lines.filter(lambda line: line.is_simple), st.integers(10, 1500))
def test_one_sided_buffers_property(line, distance):
    left = operations.one_sided_buffer(line, distance, "left")
    right = operations.one_sided_buffer(line, distance, "right")
    for side in (left, right):
        assert side.is_valid
        assert side.area > 0
        assert side.within(line.buffer(distance * 1.01))
    # Together they are the flat-ended buffer, unless segments are so short that its flat ends lose their sense.
    shortest = min(Point(a).distance(Point(b)) for a, b in pairwise(line.coords))
    if distance < shortest / 2:
        flat = line.buffer(distance, cap_style="flat", quad_segs=16)
        assert (left | right).symmetric_difference(flat).area <= 0.01 * flat.area
    # A point just left of the middle of a segment is in the left one, just right of it in the right one.
    (x0, y0), (x1, y1) = line.coords[0], line.coords[1]
    step = min(1.0, distance / 10) / math.hypot(x1 - x0, y1 - y0)
    middle = Point((x0 + x1) / 2, (y0 + y1) / 2)
    beside = Point(middle.x - (y1 - y0) * step, middle.y + (x1 - x0) * step)
    if line.distance(beside) > 0.9 * middle.distance(beside):
        assert left.contains(beside)


# ---- cutting


def test_stretch_between_projected_points():
    line = LineString([(120, 30), (120.1, 30), (120.2, 30)])
    part = operations.stretch(line, Point(120.05, 30.01), Point(120.15, 29.99))
    assert np.allclose(part.coords, [(120.05, 30), (120.1, 30), (120.15, 30)], atol=1e-12)
    back = operations.stretch(line, Point(120.15, 30), Point(120.05, 30))
    assert np.allclose(back.coords, [(120.15, 30), (120.1, 30), (120.05, 30)], atol=1e-12)
    assert key_of(lambda: operations.stretch(line, Point(119, 30), Point(119, 30.1))) == "recipe.no_stretch"


def test_stretch_of_a_closed_line_takes_the_shorter_way():
    ring = LineString([(120, 30), (120.1, 30), (120.1, 30.1), (120, 30.1), (120, 30)])
    part = operations.stretch(ring, Point(120.02, 30), Point(120, 30.02))
    assert np.allclose(part.coords, [(120.02, 30), (120, 30), (120, 30.02)], atol=1e-12)
    other = operations.stretch(ring, Point(120, 30.02), Point(120.02, 30))
    assert np.allclose(other.coords, [(120, 30.02), (120, 30), (120.02, 30)], atol=1e-12)


@given(lines.filter(lambda line: line.is_simple and not line.is_closed), st.floats(0, 1), st.floats(0, 1))
def test_stretch_property(line, a, b):
    line = shapely.transform(line, lambda c: c * 1e-5 + (120, 30))
    start, end = (line.interpolate(t, normalized=True) for t in (a, b))
    if start.distance(end) < 1e-4:
        return
    part = operations.stretch(line, start, end)
    assert part.distance(start) < 1e-9
    assert Point(part.coords[0]).distance(start) < 1e-7
    assert Point(part.coords[-1]).distance(end) < 1e-7
    assert part.length == pytest.approx(abs(b - a) * line.length, rel=1e-3, abs=1e-7)
    assert shapely.hausdorff_distance(part, line.intersection(part.buffer(1e-9))) < 1e-6


def test_split_extends_a_short_line():
    line = LineString([(120.04, 30.05), (120.06, 30.05)])
    north = operations.split(awkward.SQUARE, line, Point(120.05, 30.08))
    south = operations.split(awkward.SQUARE, line, Point(120.05, 30.02))
    assert north.equals(box(120, 30.05, 120.1, 30.1))
    assert south.equals(box(120, 30, 120.1, 30.05))


def test_split_passes_over_a_lake():
    line = LineString([(120.01, 30.05), (120.02, 30.05)])
    north = operations.split(awkward.HOLED, line, Point(120.05, 30.08))
    assert north.equals(awkward.HOLED & box(120, 30.05, 120.1, 30.1))
    from_the_lake = LineString([(120.05, 30.05), (120.02, 30.05)])
    assert operations.split(awkward.HOLED, from_the_lake, Point(120.05, 30.08)).equals(north)


def test_split_takes_every_piece_of_the_side():
    # The line enters and leaves a comb of two teeth: both tips are on the far side.
    comb = box(0, 0, 5, 1) | box(0, 1, 1, 3) | box(4, 1, 5, 3)
    line = LineString([(-1, 2), (6, 2)])
    tips = operations.split(comb, line, Point(0.5, 2.5))
    assert tips.equals(box(0, 2, 1, 3) | box(4, 2, 5, 3))
    assert operations.split(comb, line, Point(2, 0.5)).equals(comb - box(0, 2, 5, 3))


def test_split_gives_far_parts_to_the_side_they_lie_on():
    land = shapely.MultiPolygon([box(0, 0, 2, 2), box(5, 3, 6, 4), box(5, -4, 6, -3)])
    line = LineString([(0, 1), (2, 1)])
    assert operations.split(land, line, Point(1, 1.5)).equals(box(0, 1, 2, 2) | box(5, 3, 6, 4))


def test_split_by_a_closed_line():
    ring = LineString(box(120.02, 30.02, 120.05, 30.05).exterior.coords)
    inner = operations.split(awkward.SQUARE, ring, Point(120.03, 30.03))
    assert inner.equals(box(120.02, 30.02, 120.05, 30.05))
    assert operations.split(awkward.SQUARE, ring, Point(120.09, 30.09)).equals(awkward.SQUARE - inner)


@pytest.mark.parametrize(
    ("line", "keep", "key"),
    [
        ([(121, 30), (122, 30.01)], (120.05, 30.05), "does_not_divide"),
        ([(119.9, 30), (120.2, 30)], (120.05, 30.05), "does_not_divide"),  # along the edge
        ([(119.9, 30.05), (120.2, 30.05)], (120.05, 30.05), "keep_on_line"),
        ([(119.9, 30.05), (120.2, 30.05)], (121, 30.05), "keep_outside"),
        ([(120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1)], (120.05, 30.02), "self_crossing"),
    ],
)
def test_split_refuses(line, keep, key):
    assert key_of(lambda: operations.split(awkward.SQUARE, LineString(line), Point(keep))) == f"recipe.{key}"


@st.composite
def splits(draw):
    """A crooked polygon, a crooked line from one side of it to the other or ending inside, two points."""
    angles = np.linspace(0, 2 * np.pi, draw(st.integers(5, 14)), endpoint=False)
    radii = [draw(st.integers(4, 10)) for _ in angles]
    polygon = Polygon(
        [(120 + 0.01 * r * np.cos(t), 30 + 0.01 * r * np.sin(t)) for r, t in zip(radii, angles, strict=True)]
    )
    n = draw(st.integers(2, 6))
    reach = draw(st.sampled_from([0.02, 0.15]))
    xs = np.linspace(-reach, reach, n)
    line = LineString([(120 + x, 30 + draw(st.integers(-20, 20)) * 1e-3) for x in xs])
    return polygon, line


@given(splits())
def test_split_pieces_tile(case):
    polygon, line = case
    cut = operations._extended_to_edge(line, polygon)
    middle = line.interpolate(0.5, normalized=True)
    above, below = Point(middle.x, middle.y + 0.004), Point(middle.x, middle.y - 0.004)
    if (
        not (polygon.contains(above) and polygon.contains(below))
        or min(cut.distance(above), cut.distance(below)) < 1e-6
    ):
        return
    if not cut.is_simple or line.distance(above) < 0.001 or line.distance(below) < 0.001:
        return
    if len(shapely.get_parts(shapely.polygonize([shapely.union_all([polygon.boundary, cut])]))) == 1:
        assert key_of(lambda: operations.split(polygon, line, above)) == "recipe.does_not_divide"
        return
    parts = [operations.tidy(operations.split(polygon, line, point)) for point in (above, below)]
    whole = operations.tidy(polygon)
    if parts[0].equals(parts[1]):
        return  # a steep line may have both points on one side
    assert all(part.is_valid for part in parts)
    assert parts[0].intersection(parts[1]).area < 1e-12
    assert shapely.union_all(parts, grid_size=operations.GRID).symmetric_difference(whole).area < 2e-8 * whole.length
    assert [p for p in problems({"a": parts[0], "b": parts[1]}) if p.kind != "gap"] == []


def test_inscribed_point():
    ell = box(0, 0, 10, 2) | box(0, 0, 4, 4)
    # The largest circle sits in the block of 4 by 4 and leans out a little: radius at least 2.
    point = operations.inscribed_point(ell)
    assert ell.boundary.distance(point) >= 1.98
    assert operations.inscribed_point(awkward.VALID["multipolygon_in_hole"]).within(awkward.HOLED)
    assert key_of(lambda: operations.inscribed_point(Point(1, 1))) == "recipe.not_a_polygon"


@given(splits())
def test_inscribed_point_is_inside(case):
    polygon, _ = case
    assert polygon.contains(operations.inscribed_point(polygon))


def test_farthest_corner() -> None:
    assert operations.farthest(Point(3, 4), shapely.box(0, 0, 6, 8)) == pytest.approx(5)
    # a second part counts: from (3, 4) to (30, 8) it is √(27² + 4²) = 27.295
    both = shapely.MultiPolygon([shapely.box(0, 0, 6, 8), shapely.box(28, 0, 30, 8)])
    assert operations.farthest(Point(3, 4), both) == pytest.approx(27.295, abs=0.001)
