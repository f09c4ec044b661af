"""Coverages: arcs read, polygons made of them, gaps and overlaps found."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import rasterio.features
import rasterio.transform
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import translate

from geo import coverage, crs, measure
from geo.coverage import Arc, polygonise, problems, read_arcs
from geo.errors import GeoError

SHARED = Path(__file__).resolve().parents[2] / "shared"
FACTS = SHARED / "facts" / "township_boundary_arcs.csv"
REFERENCE = SHARED / "reference" / "townships_22.geojson"
HEADER = "arc,unit_a,unit_b,inner,lon_lat_points\n"


def arc(name, unit_a, unit_b, *points, inner=None):
    return Arc(name, unit_a, unit_b, LineString(points), inner)


def two_squares():
    """West (120–121) and East (121–122), from 30 to 31; nothing around."""
    return [
        arc("between", "W", "E", (121, 30), (121, 31)),
        arc("west", "W", "", (121, 31), (120, 31), (120, 30), (121, 30)),
        arc("east", "E", "", (121, 30), (122, 30), (122, 31), (121, 31)),
    ]


def key_of(call):
    with pytest.raises(GeoError) as caught:
        call()
    assert caught.value.message("en")
    return caught.value


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "arcs.csv"
    path.write_bytes(text.encode(encoding))
    return path


# ---- reading


def test_read_arcs(tmp_path):
    path = write(
        tmp_path, HEADER + 'A1,甲,乙,yes,"120.1,30.2 120.12345678,30.3"\nA2,甲,,NO,"120,30 121,31"\n', "utf-8-sig"
    )
    first, second = read_arcs(path)
    assert (first.name, first.unit_a, first.unit_b, first.inner) == ("A1", "甲", "乙", True)
    assert list(first.line.coords) == [(120.1, 30.2), (120.1234568, 30.3)]
    assert (second.unit_b, second.inner) == ("", False)


def test_inner_may_be_left_out(tmp_path):
    path = write(tmp_path, 'arc,unit_a,unit_b,lon_lat_points\nA1,a,b,"120,30 121,31"\n')
    assert read_arcs(path)[0].inner is None


@pytest.mark.parametrize(
    ("rows", "key", "params"),
    [
        ('A1,a,b,yes,"120,30 12x,31"\n', "bad_number", {"row": 2, "position": 2, "value": "12x,31"}),
        ('A1,a,b,yes,"120,30 121"\n', "bad_number", {"value": "121"}),
        ('A1,a,b,yes,"120,30 121,31,5"\n', "bad_number", {"value": "121,31,5"}),
        ('A1,a,b,yes,"120,30 nan,31"\n', "bad_number", {"value": "nan,31"}),
        ('A1,a,b,yes,"120,30 1e999,31"\n', "bad_number", {}),
        ('A1,a,b,yes,"30,120 31,121"\n', "out_of_range", {"lon": 30.0, "position": 1}),
        ('A1,a,b,yes,"120,30 120,30"\n', "short_arc", {"arc": "A1"}),
        ('A1,a,b,yes,"120,30"\n', "short_arc", {}),
        ('A1,a,b,yes,""\n', "value_missing", {"field": "lon_lat_points"}),
        ('A1,,b,yes,"120,30 121,31"\n', "value_missing", {"field": "unit_a"}),
        (',a,b,yes,"120,30 121,31"\n', "value_missing", {"field": "arc"}),
        ("A1,a\n", "value_missing", {}),
        ('A1,a,a,yes,"120,30 121,31"\n', "same_unit", {"unit": "a"}),
        ('A1,a,b,maybe,"120,30 121,31"\n', "bad_flag", {"value": "maybe"}),
        ('A1,a,b,no,"120,30 121,31"\nA1,a,c,no,"121,30 121,31"\n', "duplicate_arc", {"row": 3}),
        ("", "no_arcs", {"file": "arcs.csv"}),
        ('A1,a,b,yes,"120,30 121,31\n', "bad_csv", {}),
    ],
)
def test_bad_rows_name_file_row_and_field(tmp_path, rows, key, params):
    error = key_of(lambda: read_arcs(write(tmp_path, HEADER + rows)))
    assert error.key == f"coverage.{key}"
    assert error.params["file"] == "arcs.csv"
    assert params.items() <= error.params.items()


def test_bad_files(tmp_path):
    assert key_of(lambda: read_arcs(tmp_path / "none.csv")).key == "coverage.file_missing"
    assert key_of(lambda: read_arcs(write(tmp_path, HEADER + "甲", "gbk"))).key == "coverage.not_utf8"
    assert key_of(lambda: read_arcs(write(tmp_path, "arc,unit_a\n"))).params["field"] == "unit_b"
    assert key_of(lambda: read_arcs(write(tmp_path, ""))).key == "coverage.column_missing"


# ---- polygons from arcs


def test_two_squares():
    polygons = polygonise(two_squares())
    assert list(polygons) == ["W", "E"]
    assert polygons["W"].equals(box(120, 30, 121, 31))
    assert polygons["E"].equals(box(121, 30, 122, 31))
    assert all(p.exterior.is_ccw for p in polygons.values())


def test_direction_of_arcs_does_not_matter():
    turned = [Arc(a.name, a.unit_a, a.unit_b, shapely.reverse(a.line)) for a in two_squares()]
    assert polygonise(turned)["W"].equals(box(120, 30, 121, 31))


def test_enclave_exclave_and_island():
    ring = LineString(box(120.4, 30.4, 120.6, 30.6).exterior.coords)
    island = LineString(box(123, 30, 124, 31).exterior.coords)
    polygons = polygonise([*two_squares(), Arc("enclave", "E", "W", ring), Arc("island", "W", "", island)])
    assert polygons["W"].equals(box(120, 30, 121, 31) - box(120.4, 30.4, 120.6, 30.6) | box(123, 30, 124, 31))
    assert polygons["E"].equals(box(121, 30, 122, 31) | box(120.4, 30.4, 120.6, 30.6))


def test_neighbour_inside_leaves_a_hole():
    outer = LineString(box(120, 30, 121, 31).exterior.coords)
    inner = LineString(box(120.4, 30.4, 120.6, 30.6).exterior.coords)
    polygons = polygonise([Arc("1", "A", "out", inner, False), Arc("2", "A", "out", outer, False)])
    assert polygons["A"].equals(box(120, 30, 121, 31) - box(120.4, 30.4, 120.6, 30.6))


def test_neighbours_that_do_not_close_are_left_out():
    arcs = [
        arc("1", "A", "N1", (120, 30), (121, 30), (121, 31), inner=False),
        arc("2", "A", "N2", (121, 31), (120, 31), (120, 30), inner=False),
    ]
    assert list(polygonise(arcs)) == ["A"]
    # … but wanted by name, it is said where they are open.
    error = key_of(lambda: polygonise(arcs, ["N1"]))
    assert error.key == "coverage.not_closed"
    assert (error.params["lon"], error.params["lat"]) in [(120.0, 30.0), (121.0, 31.0)]


def test_open_boundary_says_where():
    arcs = two_squares()
    arcs[1] = arc("west", "W", "", (121, 31), (120, 31), (120, 30), (120.999, 30))
    error = key_of(lambda: polygonise(arcs))
    assert error.key == "coverage.not_closed"
    assert (error.params["unit"], error.params["lat"]) == ("W", 30.0)
    assert error.params["lon"] in (121.0, 120.999)
    # 0.001° of the parallel at 30°: 96.5 m
    assert error.params["gap_m"] == pytest.approx(96.5, abs=0.1)


def test_arcs_that_cross_or_touch_say_where():
    crossing = [*two_squares(), arc("x", "W", "E", (120.5, 30.5), (121.5, 30.5))]
    error = key_of(lambda: polygonise(crossing))
    assert error.key == "coverage.arcs_cross"
    assert {error.params["arc"], error.params["other"]} == {"between", "x"}
    assert (error.params["lon"], error.params["lat"]) == (121.0, 30.5)
    touching = [*two_squares(), arc("t", "W", "E", (120.5, 30.5), (121, 30.5))]
    assert key_of(lambda: polygonise(touching)).key == "coverage.arcs_cross"
    twice = [*two_squares(), arc("again", "W", "E", (121, 30), (121, 31))]
    assert key_of(lambda: polygonise(twice)).key == "coverage.arcs_cross"


def test_self_crossing_arc_says_where():
    arcs = two_squares()
    arcs[1] = arc("west", "W", "", (121, 31), (120, 30), (120, 31), (121, 30))
    error = key_of(lambda: polygonise(arcs))
    assert error.key == "coverage.self_crossing"
    assert (error.params["arc"], error.params["lon"], error.params["lat"]) == ("west", 120.5, 30.5)


def test_wrongly_named_side():
    # A third arc divides E, but the two halves are named neither E nor anything consistent.
    arcs = [
        arc("between", "W", "E", (121, 30), (121, 31)),
        arc("west", "W", "", (121, 31), (120, 31), (120, 30), (121, 30)),
        arc("east1", "E", "", (121, 30), (122, 30)),
        arc("east2", "X", "", (122, 30), (122, 31)),
        arc("east3", "E", "", (122, 31), (121, 31)),
    ]
    error = key_of(lambda: polygonise(arcs, ["W"]) and polygonise(arcs))
    assert error.key in ("coverage.not_closed", "coverage.wrong_side")
    swapped = [*two_squares()]
    swapped[0] = arc("between", "W", "Z", (121, 30), (121, 31), inner=False)
    assert key_of(lambda: polygonise(swapped)).params["unit"] == "E"
    ring = [Arc("r", "A", "B", LineString(box(120, 30, 121, 31).exterior.coords), True)]
    assert key_of(lambda: polygonise(ring)).key == "coverage.wrong_side"


def test_unknown_unit():
    assert key_of(lambda: polygonise(two_squares(), ["nowhere"])).key == "coverage.unknown_unit"


def test_no_arcs_no_polygons():
    assert polygonise([]) == {}


@st.composite
def tilings(draw):
    """A grid whose cells are dealt out to a few units and the outside: enclaves, exclaves, holes, islands."""
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = draw(
        st.lists(st.sampled_from(["a", "b", "c", "outside"]), min_size=columns * rows, max_size=columns * rows)
    )
    seed = draw(st.integers(0, 2**32 - 1))
    return np.array(cells, dtype=object).reshape(rows, columns), seed


class Grid:
    """Nodes and crooked edges, jittered once: arcs and, independently, cells are made of the same edges."""

    def __init__(self, units, seed):
        self.units = units
        self.rows, self.columns = units.shape
        self.random = np.random.default_rng(seed)
        x, y = np.meshgrid(np.arange(self.columns + 1) * 0.1 + 120, np.arange(self.rows + 1) * 0.1 + 30)
        jitter = self.random.uniform(-0.02, 0.02, (self.rows + 1, self.columns + 1, 2))
        self.nodes = np.round(np.stack([x, y], axis=-1) + jitter, 7)
        self.edges = {}

    def edge(self, start, end):
        if (start, end) not in self.edges:
            middle = (self.nodes[start] + self.nodes[end]) / 2 + self.random.uniform(-0.01, 0.01, 2)
            self.edges[start, end] = [tuple(self.nodes[start]), tuple(np.round(middle, 7)), tuple(self.nodes[end])]
        return self.edges[start, end]

    def unit(self, r, c):
        return self.units[r, c] if 0 <= r < self.rows and 0 <= c < self.columns else "outside"

    def arcs(self):
        across = [((r, c), (r, c + 1), (r - 1, c)) for r in range(self.rows + 1) for c in range(self.columns)]
        along = [((r, c), (r + 1, c), (r, c - 1)) for r in range(self.rows) for c in range(self.columns + 1)]
        for start, end, other in across + along:
            # The outside comes second; no arc between equals.
            first, second = sorted((self.unit(*start), self.unit(*other)), key=lambda unit: unit == "outside")
            if first != second:
                yield arc(f"{start}-{end}", first, second, *self.edge(start, end), inner=second != "outside")

    def truth(self):
        cells = {}
        for r, c in np.ndindex(self.rows, self.columns):
            south, north = self.edge((r, c), (r, c + 1)), self.edge((r + 1, c), (r + 1, c + 1))
            west, east = self.edge((r, c), (r + 1, c)), self.edge((r, c + 1), (r + 1, c + 1))
            cells.setdefault(self.unit(r, c), []).append(shapely.Polygon([*south, *east, *north[::-1], *west[::-1]]))
        return {unit: shapely.union_all(parts) for unit, parts in cells.items() if unit != "outside"}


@given(tilings())
def test_random_tilings_come_back(tiling):
    grid = Grid(*tiling)
    polygons = polygonise(list(grid.arcs()))
    truth = grid.truth()
    assert set(polygons) == set(truth)
    for unit, expected in truth.items():
        assert polygons[unit].is_valid
        assert shapely.symmetric_difference(polygons[unit], expected).area < 1e-12
    assert [p for p in problems(polygons) if p.kind != "gap"] == []


# ---- checking


def test_clean_coverage_has_no_problems():
    assert problems(polygonise(two_squares())) == []
    assert problems({}) == []
    assert problems({"empty": shapely.Polygon(), "point": shapely.Point(120, 30)}) == []


def test_overlap_with_area_and_place():
    found = problems(
        {"a": box(120, 30, 120.1, 30.1), "b": box(120.09, 30, 120.2, 30.1), "c": box(121, 30, 121.1, 30.1)}
    )
    assert [(p.kind, p.units) for p in found] == [("overlap", ("a", "b"))]
    assert found[0].area_m2 == pytest.approx(measure.area_m2(box(120.09, 30, 120.1, 30.1), crs.CGCS2000), rel=1e-9)
    assert 120.09 < found[0].lon < 120.1
    assert 30 < found[0].lat < 30.1
    assert "overlap" in found[0].error().message("en")


def test_nested_and_equal_polygons_overlap():
    big, small = box(120, 30, 120.1, 30.1), box(120.02, 30.02, 120.03, 30.03)
    assert [p.units for p in problems({"big": big, "small": small})] == [("big", "small")]
    assert [p.units for p in problems({"one": big, "two": big})] == [("one", "two")]


def test_gap_with_neighbours():
    tiles = {f"{c}{r}": box(120 + c, 30 + r, 121 + c, 31 + r) for c in range(3) for r in range(3) if (c, r) != (1, 1)}
    (gap,) = problems(tiles)
    assert gap.kind == "gap"
    assert len(gap.units) == 8
    assert (121 < gap.lon < 122, 31 < gap.lat < 32) == (True, True)
    assert gap.area_m2 == pytest.approx(measure.area_m2(box(121, 31, 122, 32), crs.CGCS2000), rel=1e-5)


def test_outline():
    tiles = {"a": box(120, 30, 121, 31), "b": box(121, 30, 122.5, 31)}
    found = problems(tiles, outline=box(119.5, 30, 122, 31))
    assert [(p.kind, p.units) for p in found] == [("gap", ("a",)), ("outside", ("b",))]


def test_invalid_is_reported_and_left_out():
    bow_tie = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])
    (found,) = problems({"bad": bow_tie, "good": box(120, 30, 121, 31)})
    assert (found.kind, found.units, found.lon, found.lat) == ("invalid", ("bad",), 120.5, 30.5)
    assert "120.5" in found.error().message()


def test_slivers_of_rounding_are_no_problem_but_wider_ones_are():
    # A vertex half a grid step off the neighbour's 10 km edge, and one 20 steps off.
    base = box(120, 30, 120.1, 30.1)
    for off, expected in ((5e-8, []), (2e-6, ["overlap"])):
        other = shapely.Polygon([(120, 30.1), (120.05, 30.1 - off), (120.1, 30.1), (120.1, 30.2), (120, 30.2)])
        assert [p.kind for p in problems({"a": base, "b": other})] == expected


@given(st.integers(0, 2**32 - 1))
def test_problems_against_brute_force(seed):
    random = np.random.default_rng(seed)
    tiles = {f"{c},{r}": box(120 + c, 30 + r, 121 + c, 31 + r) for c in range(5) for r in range(5)}
    for name in random.choice(list(tiles), 3, replace=False):
        tiles[name] = translate(tiles[name], *random.choice([-0.3, 0.0, 0.2], 2))
    del tiles[random.choice(list(tiles))]
    found = problems(tiles)
    names = list(tiles)
    expected = {
        (a, b) for i, a in enumerate(names) for b in names[i + 1 :] if tiles[a].intersection(tiles[b]).area > 1e-9
    }
    assert {p.units for p in found if p.kind == "overlap"} == expected
    union = shapely.union_all(list(tiles.values()))
    holes = sum(shapely.Polygon(ring).area for part in shapely.get_parts(union) for ring in part.interiors)
    square = measure.area_m2(box(122, 32, 123, 33), crs.CGCS2000)
    assert sum(p.area_m2 for p in found if p.kind == "gap") / square == pytest.approx(holes, rel=0.05)


# ---- the real thing


@pytest.fixture(scope="module")
def real():
    if not FACTS.exists():
        pytest.skip(f"{FACTS.name} is not beside the project")
    return polygonise(read_arcs(FACTS))


def test_real_arcs_tile(real):
    assert len(real) == 22
    assert problems(real) == []
    assert sorted(name for name, p in real.items() if p.geom_type == "MultiPolygon") == ["瓜沥镇"]
    union = shapely.coverage_union_all(list(real.values()))
    assert union.geom_type == "Polygon"
    # The outline runs to mid-river: 991 km² according to the note that came with it.
    assert measure.area_m2(union, crs.CGCS2000) / 1e6 == pytest.approx(991, abs=2)


def test_real_arcs_against_pixels(real):
    # Independent control: burn the polygons into pixels of 50 m; every pixel belongs to one township only.
    metric = crs.metric_crs(120.3)
    plane = {name: crs.transform(p, crs.CGCS2000, metric) for name, p in real.items()}
    west, south, east, north = shapely.total_bounds(list(plane.values()))
    shape = (math.ceil((north - south) / 50), math.ceil((east - west) / 50))
    transform = rasterio.transform.from_origin(west, north, 50, 50)
    counts = np.zeros(shape, dtype=int)
    for name, polygon in plane.items():
        pixels = rasterio.features.rasterize([(polygon, 1)], out_shape=shape, transform=transform, dtype="uint8")
        counts += pixels
        assert pixels.sum() * 2500 == pytest.approx(measure.area_m2(real[name], crs.CGCS2000), rel=0.01)
    assert counts.max() == 1


@pytest.mark.reference
def test_real_arcs_against_detailed_outlines(real):
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE.name} is not beside the project")
    features = json.loads(REFERENCE.read_text("utf-8"))["features"]
    detailed = {f["properties"]["name"]: shapely.geometry.shape(f["geometry"]) for f in features}
    assert set(detailed) == set(real)
    for name, polygon in detailed.items():
        iou = polygon.intersection(real[name]).area / polygon.union(real[name]).area
        assert iou >= 0.92, name


def test_boundary_files_of_the_project_tile():
    folder = Path(__file__).resolve().parent.parent / "data" / "boundaries"
    for path in sorted(folder.glob("*.csv")):
        polygons = coverage.polygonise(read_arcs(path))
        assert polygons, path.name
        assert problems(polygons) == [], path.name


def test_synthetic_townships_of_the_benchmark():
    from benchmarks.coverage_growth import synthetic_arcs

    for count in (1, 22, 500):
        polygons = polygonise(synthetic_arcs(count))
        assert set(polygons) == {f"t{i}" for i in range(count)}
        assert problems(polygons) == []


CELLS = [shapely.box(column, row, column + 1, row + 1) for row in range(3) for column in range(3)]


@pytest.mark.parametrize(
    ("cells", "tile"),
    [
        (CELLS, True),
        (CELLS[:4] + CELLS[5:], True),  # the hole in the middle is the union's too
        ([CELLS[0], CELLS[4]], True),  # corners that meet are no edge
        ([CELLS[0], CELLS[2]], True),  # apart
        ([*CELLS, CELLS[4]], False),  # one of them twice
        ([*CELLS, shapely.box(0, 0, 3, 3)], False),  # all covered twice
        ([*CELLS[:8], shapely.box(2 - 1e-7, 2, 3, 3)], False),  # a centimetre over its neighbour
        ([shapely.box(0, 0, 1, 3), *CELLS[1:3], *CELLS[4:6], *CELLS[7:]], False),  # vertices on its neighbour's edge
    ],
)
def test_polygons_that_match_edge_by_edge_are_united_and_no_others(cells: list[shapely.Polygon], tile: bool) -> None:
    found = coverage.united(np.array(cells, dtype=object))
    assert (found is not None) == tile
    if found is not None:
        assert found.equals(shapely.union_all(cells))
