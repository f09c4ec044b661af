"""Files: a CRS is wanted, writing is all or nothing and always gives the same bytes."""

import json
import sqlite3
import time

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from processes import wait_until

from geo import crs, vector
from geo.errors import GeoError
from geo.foreign import reading


@pytest.fixture
def frame():
    return gpd.GeoDataFrame(
        {"name": ["萧山", "<b>"], "n": [1, 2]},
        geometry=[shapely.Point(120.1234567, 30.7654321), shapely.Point(121, 31)],
        crs=crs.CGCS2000,
    )


def key_of(call):
    with pytest.raises(GeoError) as caught:
        call()
    assert caught.value.message("en")
    assert caught.value.remedy("zh")
    return caught.value.key


def test_gpkg_round_trip(frame, tmp_path):
    path = tmp_path / "a.gpkg"
    table = pd.DataFrame({"key": ["x"], "value": [1.5]})
    vector.write_gpkg(path, {"points": frame, "meta": table})
    back = vector.read_vector(path, "points")
    assert back.crs == crs.CGCS2000
    assert back["name"].tolist() == ["萧山", "<b>"]
    assert back.geometry.iloc[0].equals(frame.geometry.iloc[0])
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (10200,)
        assert db.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'meta'").fetchone() == ("attributes",)
        assert db.execute("SELECT key, value FROM meta").fetchall() == [("x", 1.5)]
        assert {row[0] for row in db.execute("SELECT last_change FROM gpkg_contents")} == {vector.TIMESTAMP}


def test_gpkg_is_the_same_at_another_time(frame, tmp_path):
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    vector.write_gpkg(tmp_path / "1" / "a.gpkg", {"points": frame})
    second = int(time.time())
    wait_until(lambda: int(time.time()) > second, "the next second")
    vector.write_gpkg(tmp_path / "2" / "a.gpkg", {"points": frame})
    assert (tmp_path / "1" / "a.gpkg").read_bytes() == (tmp_path / "2" / "a.gpkg").read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


def test_geometry_type_can_be_stated(frame, tmp_path):
    empty = frame.iloc[:0].copy()
    empty.attrs["geometry_type"] = "MultiPolygon"
    vector.write_gpkg(tmp_path / "a.gpkg", {"areas": empty})
    assert pyogrio.read_info(tmp_path / "a.gpkg")["geometry_type"] == "MultiPolygon"


def test_geojson_round_trip(frame, tmp_path):
    vector.write_geojson(tmp_path / "a.geojson", frame)
    back = vector.read_vector(tmp_path / "a.geojson")
    assert back.crs == crs.CGCS2000
    assert shapely.get_coordinates(back.geometry).tolist() == shapely.get_coordinates(frame.geometry).tolist()
    vector.write_geojson(tmp_path / "b.geojson", frame.to_crs(crs.WGS84), decimals=3)
    document = json.loads((tmp_path / "b.geojson").read_text("utf-8"))
    assert "crs" not in document
    assert document["features"][0]["geometry"]["coordinates"] == [120.123, 30.765]


def test_csv_and_json(frame, tmp_path):
    vector.write_csv(tmp_path / "a.csv", frame)
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    assert text == "name,n,geometry\n萧山,1,POINT (120.1234567 30.7654321)\n<b>,2,POINT (121 31)\n"
    vector.write_json(tmp_path / "a.json", {"名": [1, None]})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"名": [1, None]}


def test_crs_is_wanted(frame, tmp_path):
    nowhere = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=list(frame.geometry))
    assert key_of(lambda: vector.write_gpkg(tmp_path / "a.gpkg", {"points": nowhere})) == "vector.no_crs"
    assert key_of(lambda: vector.write_geojson(tmp_path / "a.geojson", nowhere)) == "vector.no_crs"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a.csv").write_text('id,WKT\n1,"POINT (120 30)"\n', "utf-8")
    assert key_of(lambda: vector.read_vector(tmp_path / "a.csv")) in ("vector.no_crs", "vector.no_geometry")


def test_reading_names_what_is_wrong(frame, tmp_path):
    vector.write_gpkg(tmp_path / "two.gpkg", {"a": frame, "b": frame})
    (tmp_path / "broken.gpkg").write_bytes(b"SQLite format 3\0" + b"x" * 200)
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureColl', "utf-8")
    (tmp_path / "a.exe").write_bytes(b"MZ")
    vector.write_gpkg(tmp_path / "table.gpkg", {"t": pd.DataFrame({"a": [1]})})
    read = vector.read_vector
    assert key_of(lambda: read(tmp_path / "none.gpkg")) == "vector.missing"
    assert key_of(lambda: read(tmp_path)) == "vector.is_folder"
    assert key_of(lambda: read(tmp_path / "a.exe")) == "vector.unknown_format"
    assert key_of(lambda: read(tmp_path / "broken.gpkg")) == "vector.unreadable"
    assert key_of(lambda: read(tmp_path / "broken.geojson")) == "vector.json"
    assert key_of(lambda: read(tmp_path / "two.gpkg")) == "vector.layer_wanted"
    assert key_of(lambda: read(tmp_path / "two.gpkg", "c")) == "vector.unknown_layer"
    assert key_of(lambda: read(tmp_path / "table.gpkg")) == "vector.no_geometry"


def test_large_files_are_refused(frame, tmp_path, monkeypatch):
    vector.write_geojson(tmp_path / "a.geojson", frame)
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    assert key_of(lambda: vector.read_vector(tmp_path / "a.geojson")) == "vector.too_large"


def test_failed_writing_leaves_the_old_file(frame, tmp_path):
    path = tmp_path / "a.gpkg"
    vector.write_gpkg(path, {"a": frame})
    before = path.read_bytes()
    bad = frame.assign(geometry=[shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])])
    bad.attrs["geometry_type"] = "no such type"
    assert key_of(lambda: vector.write_gpkg(path, {"a": frame, "b": bad})) == "vector.not_written"
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "f").write_text("")
    assert key_of(lambda: vector.write_json(tmp_path / "f" / "a.json", 1)) == "vector.not_written"
    (tmp_path / "d" / "x").mkdir(parents=True)
    assert key_of(lambda: vector.write_json(tmp_path / "d", 1)) == "files.folder_there"


def test_a_file_that_nobody_sees_yet_waits_for_the_disk_once(tmp_path, monkeypatch) -> None:
    names = ("OGR_SQLITE_SYNCHRONOUS", "OGR_SQLITE_JOURNAL", "OGR_CURRENT_DATE")
    seen = []
    real = pyogrio.write_dataframe

    def watched(*args, **kwargs):
        seen.append([pyogrio.get_gdal_config_option(name) for name in names[:2]])
        real(*args, **kwargs)

    monkeypatch.setattr(pyogrio, "write_dataframe", watched)
    before = [pyogrio.get_gdal_config_option(name) for name in names]
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(120, 30)], crs=4490)
    vector.write_gpkg(tmp_path / "x.gpkg", {"one": frame, "two": frame})
    assert seen == [[False, "MEMORY"]] * 2  # what GDAL calls OFF
    assert [pyogrio.get_gdal_config_option(name) for name in names] == before  # other writers are as safe as ever
