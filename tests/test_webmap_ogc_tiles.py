"""Vector tiles, tile matrix sets and styles: decoded by another library, places by hand."""

import json
import math
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from cases import every
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.service import table, tiles
from layers.service.grids import DEGREES, GRIDS, MERCATOR
from layers.service.mvt import EXTENT, Cells, Coded, drawing, layer, shapes_of
from layers.service.table import Table
from layers.service.tiles import Cutter
from layers.style.paint import qgis_styles
from webmap.app import create_app


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


def decoded(data: bytes) -> dict[str, Any]:
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True}) if data else {}


def by_hand(grid: str, level: int, lon: float, lat: float) -> tuple[int, int, float, float]:
    """Row and column of the tile of a place, and the place in it in units of its side."""
    if grid == MERCATOR.id:
        x = (lon + 180) / 360 * 2**level
        y = (1 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / math.pi) / 2 * 2**level
    else:
        x, y = (lon + 180) / 180 * 2**level, (90 - lat) / 180 * 2**level
    return int(y), int(x), x % 1, y % 1


@every("grid", list(GRIDS))
@pytest.mark.parametrize("level", [0, 5, 9, 14, 22])
def test_a_point_is_where_it_is_by_hand(client: FlaskClient, grid: str, level: int) -> None:
    row, column, x, y = by_hand(grid, level, 120.15, 30.05)
    answer = client.get(f"/ogc/collections/hubs/tiles/{grid}/{level}/{row}/{column}")
    assert answer.content_type == "application/vnd.mapbox-vector-tile"
    (feature,) = decoded(answer.data)["hubs"]["features"]
    px, py = feature["geometry"]["coordinates"]
    assert abs(px - x * 4096) <= 0.51
    assert abs(py - y * 4096) <= 0.51
    cells = feature["properties"]
    assert (cells["id"], cells["name"], cells["assumed"], cells["accuracy_m"]) == ("hub/south", "南站", False, 30.0)
    assert "note" not in cells


def test_a_tile_holds_the_properties_that_are_asked_for(client: FlaskClient) -> None:
    row, column, _x, _y = by_hand(MERCATOR.id, 9, 120.15, 30.05)
    path = f"/ogc/collections/hubs/tiles/WebMercatorQuad/9/{row}/{column}"
    # No hub has a colour, so that there is no such column.
    (feature,) = decoded(client.get(f"{path}?properties=id,label_lon,color").data)["hubs"]["features"]
    assert feature["properties"] == {"id": "hub/south", "label_lon": 120.15}
    refused = client.get(f"{path}?properties=id,nonsense")
    assert refused.status_code == 400
    assert "nonsense" in refused.get_json(force=True)["detail"]


def test_neighbouring_tiles_share_their_border_and_hold_a_margin(client: FlaskClient) -> None:
    def east(level: int, row: int, column: int) -> Any:
        made = decoded(client.get(f"/ogc/collections/zones/tiles/WebMercatorQuad/{level}/{row}/{column}").data)
        (found,) = [one for one in made["zones"]["features"] if one["properties"]["id"] == "zone/east"]
        return shape(found["geometry"]).bounds

    # At level 9 the zone, 120.2 to 120.4, reaches less than half a tile beyond either: both hold it whole.
    row, column, x, _y = by_hand(MERCATOR.id, 9, 120.2, 30.1)
    _row, behind, end, _y = by_hand(MERCATOR.id, 9, 120.4, 30.1)
    assert behind == column + 1
    assert abs(east(9, row, column)[0] - x * 4096) <= 0.51
    assert abs(east(9, row, column)[2] - (end + 1) * 4096) <= 0.51
    assert abs(east(9, row, behind)[0] - (x - 1) * 4096) <= 0.51
    # At level 12 it is cut where it reaches farther.
    row, column, x, _y = by_hand(MERCATOR.id, 12, 120.2, 30.1)
    assert abs(east(12, row, column)[0] - x * 4096) <= 0.51
    assert east(12, row, column)[2] == 4096 + 64
    assert east(12, row, column + 1)[0] == -64


def test_what_is_encoded_for_all_tiles_of_a_level_is_what_each_is_cut_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Circles with a hole, rings of two pieces and slivers, that lie within tiles and across their edges."""
    middles = [(120 + one * 0.0037, 30 + one % 7 * 0.0029) for one in range(40)]
    rings = [shapely.Point(at).buffer(0.001 + 0.0001 * one) for one, at in enumerate(middles)]
    shapes = [one - shapely.Point(at).buffer(0.0005) for one, at in zip(rings, middles, strict=True)]
    shapes[::5] = [shapely.MultiPolygon([one, shapely.box(119.9, 29.9, 119.91, 29.91)]) for one in shapes[::5]]
    shapes += [shapely.box(120.001, 30.001, 120.001 + 1e-9, 30.02), shapely.box(-170, -80, -169, -79)]
    frame = gpd.GeoDataFrame({"id": [f"t/{one}" for one in range(42)]}, geometry=shapes, crs="EPSG:4490")
    inside, compared = shapely.box(0, 0, 4096, 4096), 0
    for grid in GRIDS.values():
        for level in (0, 11, 14, 16):
            row, column, _x, _y = by_hand(grid.id, level, 120.02, 30.01)
            made = []
            for most in (128, 0):
                monkeypatch.setattr(tiles, "VERTICES", most)
                data = Cutter(Table.of("t", frame), "polygon").tile(grid, level, column, row)
                features = decoded(data)["t"]["features"] if data else []
                made.append({one["id"]: shape(one["geometry"]) for one in features})
            whole, cut = made
            assert whole.keys() >= cut.keys()
            compared += len(cut)
            for number, one in whole.items():
                other = cut.get(number, shapely.Polygon())
                assert one.is_valid
                # A side that is cut meets the edge half a unit off at most.
                assert (one & inside).symmetric_difference(other & inside).area <= 4096, (grid.id, level, number)
                if other.within(inside):
                    assert one.equals(other)
    assert compared > 40


def test_gdal_reads_every_shape_within_a_unit_of_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rings with a hole, of two pieces and of many corners, within a tile and across its edges, whole and cut."""
    level, (row, column, _x, _y) = 14, by_hand(MERCATOR.id, 14, 120.02, 30.01)
    west, south, east, north = MERCATOR.bounds(level, column, row)
    side, unit = east - west, (east - west) / EXTENT
    middles = [shapely.Point(west + side * across / 4, south + side * up / 4) for across in range(5) for up in range(5)]
    shapes = [one.buffer(side * (0.05 + number / 400)) for number, one in enumerate(middles)]
    shapes[::2] = [one - middle.buffer(side / 40) for one, middle in zip(shapes[::2], middles[::2], strict=True)]
    shapes[3] = shapely.MultiPolygon([shapes[3], middles[9].buffer(side / 30)])
    shapes += [shapely.Point(west, north).buffer(side * 0.7, quad_segs=64)]
    frame = gpd.GeoDataFrame({"id": [f"t/{n}" for n in range(len(shapes))]}, geometry=shapes, crs="EPSG:3857")
    folder = tmp_path / str(level) / str(column)
    folder.mkdir(parents=True)
    for most in (tiles.VERTICES, 0):
        monkeypatch.setattr(tiles, "VERTICES", most)
        data = Cutter(Table.of("t", frame.to_crs(4326)), "polygon").tile(MERCATOR, level, column, row)
        (folder / f"{row}.pbf").write_bytes(data)
        read = gpd.read_file(folder / f"{row}.pbf", layer="t").set_index("id").geometry
        assert set(read.index) == set(frame["id"])
        tile = shapely.box(west, south, east, north)
        for name, whole in zip(frame["id"], shapes, strict=True):
            seen, found = whole & tile, read[name] & tile
            assert found.is_valid
            assert found.within(seen.buffer(unit)), (most, name)
            assert seen.within(found.buffer(unit)), (most, name)


def test_a_tile_of_all_layers_and_an_empty_one(client: FlaskClient) -> None:
    found = decoded(client.get("/ogc/tiles/CGCS2000Quad/0/0/1").data)
    assert {"zones", "zone_parts", "townships", "district", "expressways", "hubs"} >= set(found) > {"hubs"}
    assert set(decoded(client.get("/ogc/tiles/CGCS2000Quad/0/0/1?collections=hubs").data)) == {"hubs"}
    empty = client.get("/ogc/tiles/WebMercatorQuad/9/0/0")
    assert (empty.status_code, empty.data) == (200, b"")
    assert client.get("/ogc/collections/control_lines/tiles/WebMercatorQuad/0/0/0").data == b""
    assert json.loads(client.get("/ogc/collections/control_lines/tiles/WebMercatorQuad").data)["layers"] == []
    assert [one["id"] for one in json.loads(client.get("/ogc/collections/hubs/tiles/CGCS2000Quad").data)["layers"]] == [
        "hubs"
    ]


MISSING = [
    "WebMercatorQuad/0/1/0", "WebMercatorQuad/0/0/1", "WebMercatorQuad/23/0/0", "WebMercatorQuad/-1/0/0", "Nope/0/0/0",
    "CGCS2000Quad/0/0/2", "CGCS2000Quad/0/1/0", "WebMercatorQuad/x/0/0", "WebMercatorQuad/3/8/0",
]  # fmt: skip


@every("path", MISSING)
def test_tiles_that_a_level_does_not_have_are_404(client: FlaskClient, path: str) -> None:
    for before in ("/ogc/tiles", "/ogc/collections/zones/tiles"):
        answer = client.get(f"{before}/{path}")
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_sets_are_those_of_the_standard(client: FlaskClient) -> None:
    # OGC 17-083r4: scale denominators of level 0 of WebMercatorQuad and WorldCRS84Quad.
    assert MERCATOR.scale(0) == pytest.approx(559082264.0287178)
    assert DEGREES.scale(0) == pytest.approx(279541132.0143589)
    found = json.loads(client.get("/ogc/tileMatrixSets/CGCS2000Quad").data)
    assert found["crs"].endswith("/4490")
    assert found["tileMatrices"][1] == {
        "id": "1", "scaleDenominator": pytest.approx(139770566.00717944), "cellSize": 90 / 256,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [90.0, -180.0], "tileWidth": 256, "tileHeight": 256, "matrixWidth": 4, "matrixHeight": 2,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/ogc/tiles", "/ogc/styles", "/ogc/tileMatrixSets", "/ogc/collections/zones/tiles"])
def test_rows_of_a_page_are_told_apart_and_in_its_language(client: FlaskClient, path: str) -> None:
    page = client.get(f"{path}?f=html&lang=en").get_data(as_text=True)
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
    assert len(rows) > 1
    assert len(set(rows)) == len(rows), rows
    assert not re.search("[\u4e00-\u9fff]", " ".join(rows))


def test_tile_json_says_where_tiles_are_and_what_is_in_them(client: FlaskClient) -> None:
    found = json.loads(client.get("/ogc/collections/zones/tiles/WebMercatorQuad?f=tilejson").data)
    assert found["tilejson"] == "3.0.0"
    assert found["bounds"] == [120.0, 30.0, 120.4, 30.2]
    assert found["vector_layers"][0]["fields"]["area_km2"] == "number"
    row, column, _x, _y = by_hand(MERCATOR.id, 9, 120.15, 30.05)
    address = found["tiles"][0].replace("{z}", "9").replace("{y}", str(row)).replace("{x}", str(column))
    assert "zones" in decoded(client.get(address.removeprefix("http://localhost")).data)


def test_styles_are_those_of_the_kinds(client: FlaskClient) -> None:
    made = json.loads(client.get("/ogc/styles/expressways").data)
    # kinds.toml: an expressway under construction has a casing and a broken line.
    kinds = {one["id"]: one for one in make_edition().meta["kinds"]}
    symbol = kinds["expressway"]["symbol"]
    colours = [one["paint"].get("line-color") for one in made["layers"]]
    assert symbol["stroke"] in colours
    assert symbol["casing"] in colours
    assert all(one["filter"][1] == ["==", ["get", "kind"], "expressway"] for one in made["layers"])
    assert any("line-dasharray" in one["paint"] for one in made["layers"])
    edition = make_edition()
    qml = client.get("/ogc/styles/zones?f=qml").text
    assert qml == qgis_styles(edition.meta, {"zones": edition.layers["zones"]}).iloc[0]["styleQML"]
    assert client.get("/ogc/styles/control_lines?f=qml").status_code == 404


def test_hostile_texts_are_data_in_tiles() -> None:
    client = create_app({}, edition=hostile_edition()).test_client()
    row, column, _x, _y = by_hand(MERCATOR.id, 9, 120.15, 30.05)
    (feature,) = decoded(client.get(f"/ogc/tiles/WebMercatorQuad/9/{row}/{column}?collections=hubs").data)["hubs"][
        "features"
    ]
    assert feature["properties"]["name"] == HOSTILE


def one_layer(geometries: list[Any], dimension: int) -> list[dict[str, Any]]:
    data = layer(
        "t", drawing(shapes_of(np.array(geometries, dtype=object), dimension)), range(len(geometries)), Coded.of({})
    )
    return decoded(data)["t"]["features"] if data else []


def test_holes_several_parts_and_what_rounding_closes_up() -> None:
    ring = shapely.box(0, 0, 100, 100) - shapely.box(20, 20, 40, 40)
    several = shapely.MultiPolygon([shapely.box(200, 0, 300, 100), ring])
    sliver = shapely.box(10, 10, 10.2, 400)
    tiny_hole = shapely.box(500, 500, 600, 600) - shapely.box(550, 550, 550.3, 550.3)
    made = one_layer([ring, several, sliver, tiny_hole], 2)
    assert [one["id"] for one in made] == [0, 1, 3]
    assert [shape(one["geometry"]).area for one in made] == [9600, 19600, 10000]
    assert [len(shape(one["geometry"]).geoms) for one in made[1:2]] == [2]
    lines = one_layer([shapely.LineString([(0, 0), (0.2, 0.1), (50, 0)]), shapely.LineString([(1, 1), (1.1, 1.2)])], 1)
    assert [one["geometry"]["coordinates"] for one in lines] == [[[0, 0], [50, 0]]]
    mixed = shapely.GeometryCollection(
        [shapely.Point(1, 1), shapely.box(0, 0, 10, 10), shapely.LineString([(0, 0), (9, 9)])]
    )
    assert [shape(one["geometry"]).area for one in one_layer([mixed], 2)] == [100]
    points = one_layer([shapely.MultiPoint([(1, 2), (3, 4)]), shapely.Point(5, 6)], 0)
    assert [one["geometry"]["type"] for one in points] == ["MultiPoint", "Point"]


@given(st.lists(st.tuples(st.integers(-64, 4160), st.integers(-64, 4160)), min_size=3, max_size=30))
def test_areas_come_back_as_they_were(corners: list[tuple[int, int]]) -> None:
    hull = shapely.MultiPoint(corners).convex_hull
    if hull.geom_type != "Polygon":
        return
    (made,) = one_layer([hull], 2)
    assert shape(made["geometry"]).equals(hull)


@given(st.integers(0, 18), st.floats(119.9, 120.5), st.floats(29.9, 30.3))
def test_what_a_tile_holds_is_what_lies_in_it(level: int, lon: float, lat: float) -> None:
    frame = gpd.GeoDataFrame({"id": ["p"], "name": ["点"]}, geometry=[shapely.Point(lon, lat)], crs="EPSG:4490")
    cutter = Cutter(Table.of("t", frame), "point")
    for grid in GRIDS.values():
        row, column, _x, _y = by_hand(grid.id, level, lon, lat)
        assert decoded(cutter.tile(grid, level, column, row))["t"]["features"][0]["properties"] == {
            "id": "p",
            "name": "点",
        }


def test_of_too_many_features_a_tile_holds_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty squares, the n-th of n/100 degree, and points of which many are on one pixel, 0.35 degree at level 1."""
    monkeypatch.setattr(tiles, "MOST", 5)
    monkeypatch.setattr(table, "FEWEST", 2)
    squares = [shapely.box(95 + one, 5, 95 + one + one / 100, 5 + one / 100) for one in range(1, 21)]

    def ids(level: int, shapes: list[Any], kind: str) -> list[str]:
        frame = gpd.GeoDataFrame({"id": [str(one) for one in range(1, 21)]}, geometry=shapes, crs="EPSG:4490")
        row, column, _x, _y = by_hand(DEGREES.id, level, 105, 5)
        made = decoded(Cutter(Table.of("t", frame), kind).tile(GRIDS[DEGREES.id], level, column, row))
        return [one["properties"]["id"] for one in made["t"]["features"]]

    assert ids(4, squares, "polygon") == ["13", "14", "15", "16", "17"]  # the tile reaches from 101.25 to 112.5
    assert ids(1, squares, "polygon") == ["19", "20"]  # a pixel is 0.35 degree: all are smaller
    points = [shapely.Point(95 + one // 10 * 3 + one / 1000, 5) for one in range(1, 21)]
    assert ids(1, points, "point") == ["1", "10", "20"]


def test_properties_are_numbered_once_and_kept_encoded() -> None:
    zone = Cells(np.array([1, -1, 0, 1]), ["甲", "乙"])
    size = Cells(np.array([0, 1, 1, -1]), [7, 2.5])
    coded = Coded.of({"zone": zone, "size": size}, 8)
    assert coded.places.tolist() == [[1, 2], [-1, 3], [0, 3], [1, -1]]
    assert (coded.word(0), coded.word(2)) == (b"\x22\x05\x0a\x03" + "甲".encode(), b"\x22\x02\x30\x0e")
    some = coded.only(np.array([3, 1]), ["size"])
    assert (some.keys, some.places.tolist()) == (["size"], [[-1], [3]])
    shapes = shapes_of(np.array([shapely.Point(1, 2), shapely.Point(3, 4)], dtype=object), 0)
    made = mapbox_vector_tile.decode(layer("t", drawing(shapes), [30, 10], coded.only(np.array([3, 1]))))["t"][
        "features"
    ]
    assert [(one["id"], one["properties"]) for one in made] == [(30, {"zone": "乙"}), (10, {"size": 2.5})]
