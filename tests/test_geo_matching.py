"""`where` finds what a person would find, says what is near when it finds nothing, and doubts what lies apart."""

import json

import geopandas as gpd
import pytest
import shapely
from cases import every
from foreign_files import features

from geo import recipes
from geo.errors import GeoError
from geo.matching import nearest, select

ROWS = gpd.GeoDataFrame(
    {
        "name": ["松岭镇 ", "柏溪镇\u3000", "\u00a0茶坪镇", "白鹭乡\u200b", "ＡＢ乡"],
        "code": [990199101.0, 990199102.0, float("nan"), 990199104.0, 990199105.0],
        "text": ["990199101.0", " 990199102", "９９０１９９１０３", "0990", None],
        " 区划 代码": ["1", "2", "3", "4", "5"],
        "share": [0.1 + 0.2, 0.4, 0.5, 0.6, 1e17],
    },
    geometry=[shapely.Point(i, 0) for i in range(5)],
    crs=4490,
)


@every(
    ("field", "value", "row"),
    [
        ("name", "松岭镇", 0), ("name", "柏溪镇", 1), ("name", "茶坪镇", 2), ("name", "白鹭乡", 3), ("name", "AB乡", 4),
        ("name", "松岭镇　", 0), ("Name", "松岭镇", 0), ("code", 990199102, 1), ("code", "990199102", 1),
        ("code", "９９０１９９１０２", 1), ("text", 990199101, 0), ("text", "990199102", 1), ("text", 990199103, 2),
        ("text", "0990", 3), ("区划 代码", "4", 3), ("区划 代码", 4, 3),
        ("share", 0.3, 0), ("share", "0.3", 0), ("share", 10**17, 4),
    ],
)  # fmt: skip
def test_values_that_read_the_same_match(field, value, row):
    assert list(select(ROWS, {field: value}, "a.shp").index) == [row]


def test_an_exact_match_goes_first():
    rows = gpd.GeoDataFrame({"name": ["A ", "A"]}, geometry=[shapely.Point(0, 0)] * 2, crs=4490)
    assert list(select(rows, {"name": "A"}, "a.shp").index) == [1]
    assert list(select(rows, {"name": "A "}, "a.shp").index) == [0]


def test_no_match_shows_the_nearest_values():
    with pytest.raises(GeoError) as caught:
        select(ROWS, {"name": "松林镇"}, "a.shp")
    assert caught.value.key == "recipe.file_no_match"
    assert "松岭镇" in caught.value.message("zh")
    with pytest.raises(GeoError) as caught:
        select(ROWS, {"text": 990}, "a.shp")  # a code with its leading zero is another code
    assert "0990" in caught.value.message("en")
    assert nearest("x", ["", None, float("nan")]) == []


def test_an_unknown_field_shows_the_fields():
    with pytest.raises(GeoError) as caught:
        select(ROWS, {"nam": "松岭镇"}, "a.shp")
    assert (caught.value.key, caught.value.params["guess"]) == ("recipe.file_field", "name")


def evaluate(tmp_path, shapes, names, recipe=None):
    (tmp_path / "t.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features(shapes, names)}), "utf-8"
    )
    doubts = []
    recipe = recipes.parse(recipe or {"file": "t.geojson", "where": {"name": "甲"}})
    return recipes.evaluate(recipe, {}.__getitem__, tmp_path, 118.6, tmp_path, doubts.append), doubts


@pytest.mark.parametrize(("away", "key"), [(0.05, None), (0.07, "doubt"), (0.2, "error"), (2.6, "error")])
def test_matches_that_lie_apart(tmp_path, away, key):
    # squares of 0.05 degree at 31 N: 0.05 apart they touch, 0.07 leaves 1.9 km, 0.2 14 km
    shapes = [shapely.box(118 + x, 31, 118 + x + 0.05, 31.05) for x in (0, away)]
    if key == "error":
        with pytest.raises(GeoError) as caught:
            evaluate(tmp_path, shapes, ["甲", "甲"])
        assert caught.value.key == "recipe.file_far_apart"
        assert "甲" in caught.value.message("zh")
        return
    found, doubts = evaluate(tmp_path, shapes, ["甲", "甲"])
    assert [doubt.key for doubt in doubts] == (["recipe.file_apart"] if key else [])
    assert found.area == pytest.approx(0.005)
    if key:
        assert doubts[0].params["gap_km"] == pytest.approx(1.9, abs=0.05)


def test_null_geometry_has_its_own_message(tmp_path):
    feature = {"type": "Feature", "properties": {"name": "甲"}, "geometry": None}
    (tmp_path / "t.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    recipe = recipes.parse({"file": "t.geojson", "where": {"name": "甲"}})
    with pytest.raises(GeoError) as caught:
        recipes.evaluate(recipe, {}.__getitem__, tmp_path, 118.6, tmp_path)
    assert caught.value.key == "recipe.file_null"


@pytest.mark.parametrize(
    ("shapes", "where", "told"),
    [
        (3, None, ["recipe.file_all"]),
        (3, {}, []),  # all are meant
        (1, None, []),
        (3, {"name": "甲"}, []),
    ],
)
def test_a_file_taken_whole_without_being_asked_is_told(tmp_path, shapes, where, told):
    squares = [shapely.box(118 + x * 0.05, 31, 118.05 + x * 0.05, 31.05) for x in range(shapes)]
    recipe = {"file": "t.geojson"} | ({} if where is None else {"where": where})
    found, doubts = evaluate(tmp_path, squares, ["甲", "乙", "丙"][:shapes], recipe)
    assert [doubt.key for doubt in doubts] == told
    assert found.area == pytest.approx(0.0025 * (1 if where else shapes))
    for doubt in doubts:
        assert doubt.params["rows"] == 3
        assert "where = {}" in doubt.remedy("zh")
        assert "where = {}" in doubt.remedy("en")


def test_records_without_geometry_among_others_are_told(tmp_path):
    records = features([shapely.box(118, 31, 118.1, 31.1)] * 2, ["甲", "甲"])
    records[1]["geometry"] = None
    (tmp_path / "t.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": records}), "utf-8")
    doubts = []
    recipe = recipes.parse({"file": "t.geojson", "where": {"name": "甲"}})
    recipes.evaluate(recipe, {}.__getitem__, tmp_path, 118.6, tmp_path, doubts.append)
    assert [(doubt.key, doubt.params["missing"]) for doubt in doubts] == [("recipe.file_some_null", 1)]


def test_a_collection_loses_no_part_in_silence(tmp_path):
    square, point = shapely.box(118, 31, 118.1, 31.1), shapely.Point(118.05, 31.05)
    found, doubts = evaluate(tmp_path, [shapely.GeometryCollection([point, square])], ["甲"])
    assert found.equals(square)
    assert [(doubt.key, doubt.params["parts"]) for doubt in doubts] == [("recipe.file_parts_left_out", ["1 Point"])]
    line = shapely.LineString([(118, 31), (118.1, 31)])
    nested = shapely.GeometryCollection([shapely.GeometryCollection([line]), shapely.MultiPoint([point])])
    assert evaluate(tmp_path, [nested], ["甲"])[1][0].params["parts"] == ["1 MultiPoint"]


def test_invalid_geometry_says_where_and_why(tmp_path):
    bow = shapely.Polygon([(118, 31), (118.1, 31.1), (118.1, 31), (118, 31.1)])
    with pytest.raises(GeoError) as caught:
        evaluate(tmp_path, [bow], ["甲"])
    assert caught.value.params["lon"] == pytest.approx(118.05)
    assert "crosses itself" in caught.value.message("en")
    assert "自相交" in caught.value.message("zh")


def test_datum_of_a_file_and_of_arcs(tmp_path):
    from geo.crs import wgs84_to_bd09

    square = shapely.box(118, 31, 118.1, 31.1)
    shifted = shapely.transform(square, lambda c: __import__("numpy").column_stack(wgs84_to_bd09(c[:, 0], c[:, 1])))
    recipe = {"file": "t.geojson", "where": {"name": "甲"}, "datum": "bd09"}
    found, doubts = evaluate(tmp_path, [shifted], ["甲"], recipe)
    assert found.equals_exact(square.normalize(), 1.1e-7) or found.symmetric_difference(square).area < 1e-7
    assert doubts == []
    points = " ".join(f"{x:.9f},{y:.9f}" for x, y in shifted.exterior.coords)
    (tmp_path / "a.csv").write_text(f'arc,unit_a,unit_b,lon_lat_points\n1,甲,,"{points}"\n', "utf-8")
    recipe = recipes.parse({"arcs": "a.csv", "unit": "甲", "datum": "bd09"})
    from_arcs = recipes.evaluate(recipe, {}.__getitem__, tmp_path, 118.6)
    assert from_arcs.symmetric_difference(square).area < 1e-7
    border = recipes.parse({"border": "a.csv", "unit_a": "甲", "unit_b": "乙", "datum": "bd09"})
    assert border.fields["datum"] == "bd09"


@pytest.mark.parametrize("value", ["GCJ-02", "wgs", 4490, "", ["gcj02"]])
def test_an_unknown_datum_is_refused(value):
    with pytest.raises(GeoError) as caught:
        recipes.parse({"file": "a.geojson", "datum": value})
    assert caught.value.key == "recipe.bad_datum"


def test_a_file_with_the_marks_of_a_web_map_is_doubted(tmp_path):
    marked = features(adcode=990199, childrenNum=0, level="street", parent={"adcode": 1})
    (tmp_path / "t.json").write_text(json.dumps({"type": "FeatureCollection", "features": marked}), "utf-8")
    for stated, keys in ((None, ["vector.looks_shifted"]), ("gcj02", []), ("cgcs2000", [])):
        doubts = []
        recipe = recipes.parse({"file": "t.json", "where": {}} | ({"datum": stated} if stated else {}))
        recipes.evaluate(recipe, {}.__getitem__, tmp_path, 102.7, tmp_path, doubts.append)
        assert [doubt.key for doubt in doubts] == keys
    assert 'datum = "gcj02"' in GeoError("vector.looks_shifted", file="t.json", datum="gcj02").remedy("zh")


def test_files_of_a_recipe():
    nested = {"union": [{"file": "a.geojson"}, {"buffer": {"arcs": ["b.csv", "c.csv"], "unit": "x"}, "distance_m": 9}]}
    assert list(recipes.parse(nested).files()) == [("a.geojson", True), ("b.csv", False), ("c.csv", False)]
