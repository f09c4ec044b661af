"""Recipes: every operation once by hand, every mistake with its message, and the same answer every time."""

import math
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from cases import every
from shapely import LineString, Point, Polygon, box

from geo import crs, measure, vector
from geo.errors import GeoError
from geo.grammar import OPERATIONS
from geo.recipes import evaluate, parse

ROOT = Path(__file__).resolve().parent.parent
ARCS = """arc,unit_a,unit_b,inner,lon_lat_points
1,west,east,yes,"120.1,30 120.1,30.1"
2,west,sea,no,"120.1,30.1 120,30.1 120,30 120.1,30"
3,east,sea,no,"120.1,30 120.2,30 120.2,30.1 120.1,30.1"
"""
KNOWN = {
    "place/甲": Point(120.05, 30.05),
    "place/乙": Point(120.15, 30.05),
    "west": box(120, 30, 120.1, 30.1),
    "east": box(120.1, 30, 120.2, 30.1),
    "river/line": LineString([(119.9, 30.05), (120.3, 30.05)]),
    "nothing": Polygon(),
}
LON = 120.1


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "boundaries").mkdir()
    (tmp_path / "boundaries" / "arcs.csv").write_text(ARCS, "utf-8")
    frame = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "乙"], "code": [1, 2, 2]},
        geometry=[box(120, 30, 120.1, 30.1), box(120.1, 30, 120.2, 30.1), box(120.2, 30, 120.3, 30.1)],
        crs=crs.CGCS2000,
    )
    vector.write_gpkg(tmp_path / "a.gpkg", {"areas": crs.transform(frame, crs.CGCS2000, crs.metric_crs(LON))})
    return tmp_path


def ground(name, pixels):
    """A scan of which a pixel is a thousandth of a degree."""
    assert name == "scan/sheet"
    return np.array([120.0, 30.1]) + np.array([0.001, -0.001]) * pixels


@pytest.fixture
def make(folder):
    """Evaluate a recipe as written in TOML."""

    def make(text):
        mapping = tomllib.loads(f"geometry = {text}")["geometry"]
        return evaluate(parse(mapping), KNOWN.__getitem__, folder, LON, ground=ground)

    return make


@pytest.fixture
def refused(make):
    """The error of a recipe."""

    def refused(text):
        with pytest.raises(GeoError) as caught:
            make(text)
        assert caught.value.message("zh") != caught.value.message("en")
        assert caught.value.remedy("zh")
        return caught.value

    return refused


# ---- every operation


def test_place(make):
    assert make('{ place = "甲" }').equals(Point(120.05, 30.05))
    assert make('{ place = "place/甲" }').equals(Point(120.05, 30.05))
    assert make("{ place = [120.5, 30.25] }").equals(Point(120.5, 30.25))


def test_points(make):
    points = make('{ points = ["place/甲", [120.2, 30.3], { within = "west" }] }')
    assert points.geom_type == "MultiPoint"
    # the middle of the square is 甲 again, nearly
    assert len(points.geoms) in (2, 3)
    assert points.distance(Point(120.2, 30.3)) == 0


def test_route_and_ring(make):
    assert list(make('{ route = ["place/乙", "place/乙", [120.0, 30.0]] }').coords) == [(120.15, 30.05), (120, 30)]
    open_ring = make("{ ring = [[120, 30], [120.1, 30], [120.1, 30.1]] }")
    closed_ring = make("{ ring = [[120, 30], [120.1, 30.1], [120.1, 30], [120, 30]] }")
    assert open_ring.equals(Polygon([(120, 30), (120.1, 30), (120.1, 30.1)]))
    assert shapely.to_wkb(open_ring) == shapely.to_wkb(closed_ring)


def test_arcs(make):
    file = "boundaries/arcs.csv"
    assert make(f'{{ arcs = "{file}", unit = "west" }}').equals(KNOWN["west"])
    assert make(f'{{ arcs = "{file}", unit = ["west", "east"] }}').equals(box(120, 30, 120.2, 30.1))
    assert make(f'{{ arcs = ["{file}"], unit = "east" }}').equals(KNOWN["east"])


def test_arcs_are_read_again_when_the_file_changes(make, folder):
    recipe = '{ arcs = "boundaries/arcs.csv", unit = "west" }'
    assert make(recipe).bounds[0] == 120
    (folder / "boundaries" / "arcs.csv").write_text(ARCS.replace("120,30", "119.5,30"), "utf-8")
    assert make(recipe).bounds[0] == 119.5


def test_border(make):
    border = make('{ border = "boundaries/arcs.csv", unit_a = "east", unit_b = "west" }')
    assert border.equals(LineString([(120.1, 30), (120.1, 30.1)]))
    coast = make('{ border = "boundaries/arcs.csv", unit_a = ["east", "west"], unit_b = "sea" }')
    assert coast.geom_type == "LineString"
    assert coast.is_closed


def test_set_operations(make):
    assert make('{ union = ["west", "east"] }').equals(box(120, 30, 120.2, 30.1))
    assert make('{ difference = [{ union = ["west", "east"] }, "west"] }').equals(KNOWN["east"])
    shared = make('{ intersection = ["west", { ring = [[120.05, 30], [120.3, 30], [120.3, 30.2], [120.05, 30.2]] }] }')
    assert shared.equals(box(120.05, 30, 120.1, 30.1))


def test_buffer_of_a_place(make):
    disc = make('{ buffer = "place/甲", distance_m = 1000 }')
    # 64 chords: 32 sin(2π/64) r²; the scale of the zone is 1 + (x/R)²/2 with x = 5 km: nothing to see
    assert measure.area_m2(disc, crs.CGCS2000) == pytest.approx(32 * math.sin(math.pi / 32) * 1e6, rel=1e-4)
    edge = LineString([(120.05, 30.05), disc.exterior.coords[0]])
    assert measure.length_m(edge, crs.CGCS2000) == pytest.approx(1000, abs=0.1)


def test_buffer_of_a_line(make):
    # 0.4° of the parallel of 30.05° and a disc of 500 m
    length = measure.length_m(KNOWN["river/line"], crs.CGCS2000)
    band = make('{ buffer = "river/line", distance_m = 500 }')
    both = measure.area_m2(band, crs.CGCS2000)
    assert both == pytest.approx(length * 1000 + 32 * math.sin(math.pi / 32) * 500**2, rel=1e-3)
    left = make('{ buffer = "river/line", distance_m = 500, side = "left" }')
    right = make('{ buffer = "river/line", distance_m = 500, side = "right" }')
    assert left.bounds[3] > 30.054
    assert right.bounds[1] < 30.046
    for side in (left, right):
        assert measure.area_m2(side, crs.CGCS2000) == pytest.approx(length * 500, rel=2e-3)


def test_buffer_that_widens(make):
    band = make('{ buffer = "river/line", distance_m = [100, 1000] }')
    length = measure.length_m(KNOWN["river/line"], crs.CGCS2000)
    expected = length * 1100 + math.pi / 2 * (100**2 + 1000**2)
    assert measure.area_m2(band, crs.CGCS2000) == pytest.approx(expected, rel=5e-3)


def test_stretch(make):
    part = make('{ stretch = "river/line", from = "place/甲", to = [120.2, 30.1] }')
    assert list(part.coords) == [(120.05, 30.05), (120.2, 30.05)]


def test_split(make):
    by = "by = { route = [[120.02, 30.02], [120.03, 30.02]] }"
    north = make(f'{{ split = "west", {by}, keep = "place/甲" }}')
    assert north.equals(box(120, 30.02, 120.1, 30.1))


def test_within(make):
    point = make('{ within = "west" }')
    assert point.within(KNOWN["west"])
    # The square is narrower than high on the ground: the largest circle touches its west and east sides.
    assert point.x == pytest.approx(120.05, abs=0.002)
    # Its radius, 0.05° · cos 30.05° = 0.0433° of latitude, less a hundredth of the size.
    assert KNOWN["west"].exterior.distance(point) > 0.042


def test_file(make):
    assert make('{ file = "a.gpkg", where = { name = "甲" } }').symmetric_difference(KNOWN["west"]).area < 1e-9
    assert make('{ file = "a.gpkg", layer = "areas", where = { code = "2", name = "乙" } }').bounds == pytest.approx(
        (120.1, 30, 120.3, 30.1), abs=1e-6
    )


def test_clip(make):
    assert make('{ buffer = "river/line", distance_m = 500, clip = "west" }').within(KNOWN["west"].buffer(1e-9))
    assert list(make('{ route = [[120.05, 30.05], [121, 30.05]], clip = "west" }').coords)[-1] == (120.1, 30.05)
    nested = '{ union = [{ buffer = "place/甲", distance_m = 9000, clip = "west" }, "east"] }'
    assert make(nested).bounds[0] == pytest.approx(120)


def test_split_and_difference_tile(make):
    by = "by = { route = [[120.033, 30.031], [120.061, 30.0473], [120.07, 30.039]] }"
    part = f'{{ split = "west", {by}, keep = [120.05, 30.09] }}'
    rest = f'{{ difference = ["west", {part}] }}'
    other = f'{{ split = "west", {by}, keep = [120.05, 30.01] }}'
    assert make(part).intersection(make(rest)).area < 1e-12
    assert shapely.to_wkb(make(rest)) == shapely.to_wkb(make(other))


# ---- what every result has in common

EVERY = [
    '{ place = "甲" }',
    '{ points = ["place/甲"] }',
    '{ route = ["place/乙", [120.0, 30.0]] }',
    "{ ring = [[120, 30], [120.1, 30], [120.1, 30.1]] }",
    '{ arcs = "boundaries/arcs.csv", unit = "west" }',
    '{ border = "boundaries/arcs.csv", unit_a = "east", unit_b = "west" }',
    '{ union = ["west", "east"] }',
    '{ difference = ["west", { buffer = "place/甲", distance_m = 1234.5 }] }',
    '{ intersection = ["west", { buffer = "place/甲", distance_m = 1234.5 }] }',
    '{ buffer = "place/甲", distance_m = 1234.5 }',
    '{ stretch = "river/line", from = "place/甲", to = "place/乙" }',
    '{ split = "west", by = { route = [[120.01, 30.03], [120.09, 30.04]] }, keep = "place/甲" }',
    '{ within = "west" }',
    '{ scan = "sheet", polygon = [[0, 0], [0, 30.7], [40, 30.2]] }',
    '{ file = "a.gpkg", where = { name = "甲" } }',
]


def test_every_operation_is_in_the_list():
    assert [next(iter(tomllib.loads(f"g = {text}")["g"])) for text in EVERY] == list(OPERATIONS)


@pytest.mark.parametrize("text", EVERY)
def test_results_are_valid_flat_rounded_and_always_the_same(make, text):
    first, again = make(text), make(text)
    assert first.is_valid
    assert not first.is_empty
    assert not first.has_z
    assert shapely.to_wkb(first) == shapely.to_wkb(again)
    for x, y in shapely.get_coordinates(first):
        assert (x, y) == (round(x, 7), round(y, 7))


@pytest.mark.parametrize("text", EVERY)
def test_every_operation_takes_clip(make, text):
    result = make(text[:-1] + ', clip = { union = ["west", "east"] } }')
    assert result.within(box(120, 30, 120.2, 30.1).buffer(1e-6))


def test_resolved_heights_are_dropped(folder):
    high = {"a": shapely.force_3d(KNOWN["west"], 9)}
    assert not evaluate(parse({"union": ["a"]}), high.__getitem__, folder, LON).has_z


def test_references():
    recipe = parse(
        {
            "union": [
                {"buffer": {"route": ["place/甲", [120, 30], "place/乙"]}, "distance_m": 5, "clip": "district"},
                {"split": "west", "by": "river/line", "keep": "place/甲"},
                {"file": "a.gpkg", "where": {"name": "west2"}},
                {"place": "丙"},
                {"arcs": "x.csv", "unit": "u"},
            ]
        }
    )
    assert recipe.references == ("place/甲", "place/乙", "district", "west", "river/line", "place/丙")


# ---- mistakes


@every(
    ("text", "key", "where"),
    [
        ("{}", "unknown_op", ""),
        ('"west"', "not_a_table", ""),
        ("[120, 30]", "not_a_table", ""),
        ('{ bufer = "west" }', "unknown_op", ""),
        ('{ place = "甲", buffer = "west" }', "several_ops", ""),
        ('{ place = "甲", distance_m = 3 }', "unknown_field", ""),
        ('{ buffer = "west" }', "field_missing", ""),
        ('{ buffer = "west", distance_m = 3, sides = "left" }', "unknown_field", ""),
        ('{ buffer = "west", distance_m = 0 }', "bad_distance", "distance_m"),
        ('{ buffer = "west", distance_m = -5 }', "bad_distance", "distance_m"),
        ('{ buffer = "west", distance_m = 1e7 }', "bad_distance", "distance_m"),
        ('{ buffer = "west", distance_m = inf }', "not_a_number", "distance_m"),
        ('{ buffer = "west", distance_m = nan }', "not_a_number", "distance_m"),
        ('{ buffer = "west", distance_m = true }', "not_a_number", "distance_m"),
        ('{ buffer = "west", distance_m = "9" }', "not_a_number", "distance_m"),
        ('{ buffer = "river/line", distance_m = [1, -2] }', "bad_distance", "distance_m[1]"),
        ('{ buffer = "river/line", distance_m = [0, 0] }', "bad_distance", "distance_m"),
        ('{ buffer = "river/line", distance_m = [1] }', "too_few_values", "distance_m"),
        ('{ buffer = "river/line", distance_m = [1, 2, 3] }', "distance_count", ""),
        ("{ buffer = { route = [[120, 30], [121, 30]] }, distance_m = [1, 2, 3] }", "distance_count", ""),
        ('{ buffer = "west", distance_m = [1, 2] }', "not_a_line", ""),
        ('{ buffer = "west", distance_m = 5, side = "left" }', "not_a_line", ""),
        ('{ buffer = "river/line", distance_m = 5, side = "north" }', "bad_side", "side"),
        ("{ place = [30.1, 120.2] }", "swapped", "place"),
        ("{ place = [1.0, 2.0] }", "out_of_range", "place"),
        ("{ place = [120.0, 30.0, 5.0] }", "bad_coordinate", "place"),
        ('{ place = ["120", 30.0] }', "not_a_number", "place"),
        ('{ place = "" }', "not_a_text", "place"),
        ("{ place = 5 }", "not_a_text", "place"),
        ('{ place = "丁" }', "unknown_reference", ""),
        ('{ points = "place/甲" }', "not_a_list", "points"),
        ("{ points = [] }", "too_few_values", "points"),
        ('{ points = ["west"] }', "not_a_point", ""),
        ("{ route = [[120, 30], [30, 120]] }", "swapped", "route[1]"),
        ("{ route = [[120, 30], [120, 30]] }", "too_few_points", ""),
        ('{ route = ["甲", "place/乙"] }', "bad_reference", "route[0]"),
        ('{ route = ["west", "place/乙"] }', "not_a_point", ""),
        ("{ ring = [[120, 30], [120.1, 30]] }", "too_few_values", "ring"),
        ("{ ring = [[120, 30], [120.1, 30], [120, 30]] }", "too_few_points", ""),
        ("{ ring = [[120, 30], [120.1, 30.1], [120.1, 30], [120, 30.1]] }", "self_crossing", ""),
        ('{ union = ["west", "place/甲"] }', "mixed_types", ""),
        ('{ union = ["nothing", "west"] }', "reference_without_geometry", ""),
        ('{ difference = ["west"] }', "too_few_values", "difference"),
        ('{ difference = ["west", "west"] }', "empty", ""),
        ('{ intersection = ["west", "east"] }', "empty", ""),
        ('{ union = ["west", { place = "甲", clip = "east" }] }', "empty", "union[1]"),
        ('{ place = "甲", clip = "river/line" }', "not_a_polygon", ""),
        ('{ stretch = "west", from = "place/甲", to = "place/乙" }', "not_a_line", ""),
        ('{ stretch = "river/line", from = "place/甲", to = "place/甲" }', "no_stretch", ""),
        ('{ split = "river/line", by = "river/line", keep = "place/甲" }', "not_a_polygon", ""),
        ('{ split = "west", by = "east", keep = "place/甲" }', "not_a_line", ""),
        ('{ split = "west", by = "river/line", keep = "place/甲" }', "keep_on_line", ""),
        ('{ split = "west", by = "river/line", keep = "place/乙" }', "keep_outside", ""),
        ('{ split = "west", by = { route = [[121, 31], [122, 32.5]] }, keep = "place/甲" }', "does_not_divide", ""),
        ('{ within = "place/甲" }', "not_a_polygon", ""),
        ('{ arcs = "../arcs.csv", unit = "west" }', "path_outside", ""),
        ('{ arcs = "/etc/passwd", unit = "west" }', "path_outside", ""),
        ('{ arcs = "boundaries/arcs.csv", unit = [] }', "too_few_values", "unit"),
        ('{ border = "boundaries/arcs.csv", unit_a = "west", unit_b = "west" }', "no_border", ""),
        ('{ file = "../a.gpkg" }', "path_outside", ""),
        ('{ file = "a.gpkg", where = { colour = "red" } }', "file_field", ""),
        ('{ file = "a.gpkg", where = { name = "丙" } }', "file_no_match", ""),
        ('{ file = "a.gpkg", where = "name" }', "bad_conditions", "where"),
        ('{ file = "a.gpkg", where = { name = [1] } }', "bad_conditions", "where"),
    ],
)
def test_mistakes(refused, text, key, where):
    error = refused(text)
    assert error.key == f"recipe.{key}"
    assert error.where == where


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{ arcs = "none.csv", unit = "west" }', "coverage.file_missing"),
        ('{ arcs = "boundaries/arcs.csv", unit = "north" }', "coverage.unknown_unit"),
        ('{ border = "boundaries/arcs.csv", unit_a = "west", unit_b = "north" }', "coverage.unknown_unit"),
        ('{ arcs = "a.gpkg", unit = "west" }', "vector.not_text"),
        ('{ file = "none.gpkg" }', "vector.missing"),
        ('{ file = "a.gpkg", layer = "none" }', "vector.unknown_layer"),
        ('{ file = "boundaries/arcs.csv" }', "vector.csv_no_geometry"),
    ],
)
def test_mistakes_in_files(refused, text, key):
    assert refused(text).key == key


def test_a_unit_that_does_not_close_says_where(make, folder):
    (folder / "boundaries" / "open.csv").write_text(
        'arc,unit_a,unit_b,inner,lon_lat_points\n1,a,n1,no,"120,30 121,30 121,31"\n2,a,n2,no,"121,31 120,30"\n', "utf-8"
    )
    assert make('{ arcs = "boundaries/open.csv", unit = "a" }').area == 0.5
    with pytest.raises(GeoError) as caught:
        make('{ arcs = "boundaries/open.csv", unit = "n1" }')
    assert caught.value.key == "coverage.not_closed"


def test_deep_nesting_is_refused():
    recipe = {"place": "甲"}
    for _ in range(300):
        recipe = {"union": [recipe]}
    with pytest.raises(GeoError) as caught:
        parse(recipe)
    assert caught.value.key == "recipe.too_deep"


def test_where_of_the_caller_comes_first():
    with pytest.raises(GeoError) as caught:
        parse({"union": [{"buffer": "west", "distance_m": "x"}]}, where="geometry")
    assert caught.value.where == "geometry.union[0].distance_m"


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "${x}", "{x}", "\u202eabc", "名" * 10_000, "a\x00b"])
def test_hostile_names_give_a_message(name, folder):
    with pytest.raises(GeoError) as caught:
        evaluate(parse({"place": name}), KNOWN.__getitem__, folder, LON)
    assert caught.value.key == "recipe.unknown_reference"
    assert len(caught.value.message()) < 300
    for field in ("arcs", "file"):
        table = {field: name, **({"unit": "x"} if field == "arcs" else {})}
        with pytest.raises(GeoError):
            evaluate(parse(table), KNOWN.__getitem__, folder, LON)


def test_longitude_outside_the_zones(folder):
    with pytest.raises(GeoError) as caught:
        evaluate(parse({"buffer": "place/甲", "distance_m": 5}), KNOWN.__getitem__, folder, 10.0)
    assert caught.value.key == "crs.longitude_not_covered"


def plan_recipes():
    """Every recipe of every plan folder shipped."""
    for path in sorted((ROOT / "data" / "plans").glob("*/features/*.toml")):
        for feature in tomllib.loads(path.read_text("utf-8-sig")).get("feature", []):
            if "geometry" in feature:
                yield pytest.param(feature["geometry"], id=f"{path.parent.parent.name}-{feature['id']}")


@every("mapping", list(plan_recipes()))
def test_shipped_recipes_parse(mapping):
    recipe = parse(mapping)
    assert recipe.op in OPERATIONS
    assert all(isinstance(reference, str) for reference in recipe.references)
