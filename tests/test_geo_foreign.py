"""Files from others: each suffix has its own reader and no other; what cannot be read says what to do."""

import contextlib
import http.server
import json
import sqlite3
import threading
import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely
from foreign_files import BOXES, ESRI_DEGREES, NAMES, collection, features, frame, kml, shapefile, topojson

from geo.errors import GeoError
from geo.foreign import binary, reading
from geo.vector import read_vector

WKT = [box.wkt for box in BOXES]


def refused(path, layer=None) -> GeoError:
    """The error, whose texts hold nothing of the machine and nothing of a library's."""
    with pytest.raises(GeoError) as caught:
        reading.read(path, layer)
    for lang in ("zh", "en"):
        text = caught.value.message(lang) + caught.value.remedy(lang)
        assert str(path.parent) not in text
        assert not [word for word in ("codec", "decode", "not recognized", "Exception", "driver") if word in text], text
    return caught.value


def as_read(path, layer=None) -> dict[str, str]:
    found = reading.read(path, layer)
    shapes = shapely.normalize(shapely.set_precision(found.geometry.to_numpy(), 1e-9))
    return {name: shape.wkt for name, shape in zip(found["name"], shapes, strict=True)}


WANTED = {name: shape.normalize().wkt for name, shape in zip(NAMES, BOXES, strict=True)}


# ---- a file is what its name says, or it is not opened


@pytest.fixture
def listener():
    """A server on this machine that counts its visitors."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_description_of_other_data_is_never_followed(tmp_path, listener):
    outside, inside = tmp_path / "outside", tmp_path / "plan"
    outside.mkdir()
    inside.mkdir()
    (outside / "other.geojson").write_text(collection(), "utf-8")
    address = f"http://127.0.0.1:{listener.server_port}/other.geojson"
    for target in (str(outside / "other.geojson"), f"/vsicurl/{address}", address):
        source = f"<SrcDataSource>{target}</SrcDataSource>"
        vrt = f'<OGRVRTDataSource><OGRVRTLayer name="other">{source}</OGRVRTLayer></OGRVRTDataSource>'
        for suffix in reading.SUFFIXES:
            path = inside / f"t{suffix}"
            path.write_text(vrt, "utf-8")
            for part in (".shx", ".dbf"):
                (inside / f"t{part}").write_text(vrt, "utf-8")
            assert refused(path).key == "vector.other_content", suffix
    link = (
        kml()
        .decode()
        .replace("<Document>", f"<NetworkLink><Link><href>{address}</href></Link></NetworkLink><Document>")
    )
    (inside / "t.kml").write_text(link, "utf-8")
    assert as_read(inside / "t.kml") == WANTED
    assert listener.asked == []


def test_a_file_under_another_suffix_is_refused(tmp_path):
    pyogrio.write_dataframe(frame(), tmp_path / "real.gpkg", driver="GPKG")
    real = (tmp_path / "real.gpkg").read_bytes()
    for suffix in reading.SUFFIXES:
        if suffix != ".gpkg":
            path = tmp_path / f"t{suffix}"
            path.write_bytes(real)
            assert refused(path).key in ("vector.other_content", "vector.not_text", "vector.encoding"), suffix


def test_a_geopackage_with_virtual_tables_is_refused(tmp_path):
    path = tmp_path / "t.gpkg"
    pyogrio.write_dataframe(frame(), path, driver="GPKG")
    with sqlite3.connect(path) as db:
        db.execute("CREATE VIRTUAL TABLE notes USING fts5(text)")
    assert refused(path).key == "vector.other_content"


def test_parts_of_a_shapefile_that_are_links_are_refused(tmp_path):
    plan = tmp_path / "plan"
    plan.mkdir()
    shapefile(plan / "t.shp", "UTF-8", cpg="UTF-8")
    (plan / "t.dbf").rename(tmp_path / "t.dbf")
    (plan / "t.dbf").symlink_to(tmp_path / "t.dbf")
    assert refused(plan / "t.shp").key == "vector.sidecar_link"


def test_a_document_type_in_kml_is_refused(tmp_path):
    text = kml().decode().replace("<kml", '<!DOCTYPE kml [<!ENTITY a "x">]><kml', 1)
    (tmp_path / "t.kml").write_text(text, "utf-8")
    assert refused(tmp_path / "t.kml").key == "vector.other_content"


def test_gdal_is_as_it_was_afterwards(tmp_path):
    before = {name: pyogrio.get_gdal_config_option(name) for name in binary._QUIET}
    pyogrio.write_dataframe(frame(), tmp_path / "t.gpkg", driver="GPKG")
    assert as_read(tmp_path / "t.gpkg") == WANTED
    assert {name: pyogrio.get_gdal_config_option(name) for name in binary._QUIET} == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.gpkg"]


def test_archives_are_limited_in_size_and_kind(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "t.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml())
        archive.writestr("files/icon.png", b"x" * 100)
    assert as_read(tmp_path / "t.kmz") == WANTED
    with zipfile.ZipFile(tmp_path / "none.kmz", "w") as archive:
        archive.writestr("other.vrt", "x")
    assert refused(tmp_path / "none.kmz").key == "vector.archive_content"
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.geojson", collection())
    assert refused(tmp_path / "many.zip").key == "vector.archive_content"
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    assert refused(tmp_path / "many.zip").key in ("vector.archive_too_large", "vector.too_large")
    monkeypatch.setattr(reading, "MAX_BYTES", 10**8)
    monkeypatch.setattr(reading, "MAX_MEMBERS", 2)
    reading._read_once.cache_clear()
    assert refused(tmp_path / "many.zip").key == "vector.archive_too_large"


def test_a_zipped_shapefile_is_read(tmp_path):
    shapefile(tmp_path / "镇街.shp", "GBK", cpg=None)
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(tmp_path / f"镇街{suffix}", f"数据/镇街{suffix}")
    assert as_read(tmp_path / "t.zip") == WANTED


# ---- what is read


@pytest.mark.parametrize(
    ("encoding", "cpg", "ldid"),
    [
        ("UTF-8", "UTF-8", None), ("UTF-8", None, 0), ("UTF-8", None, 0x57), ("UTF-8", "936", 0x4D),
        ("GBK", "936", 0), ("GBK", "CP936", 0), ("GBK", "GB18030", 0), ("GBK", None, 0x4D), ("GBK", None, 0x57),
        ("GBK", None, 0), ("GBK", "UTF-8", 0), ("GBK", "ISO-8859-1", 0x57), ("BIG5", "big5", 0), ("BIG5", None, 0x4F),
    ],
)  # fmt: skip
def test_shapefile_in_whatever_encoding(tmp_path, encoding, cpg, ldid):
    if encoding == "BIG5":
        names = gpd.GeoDataFrame({"name": ["溪口鎮", "龍山鄉"]}, geometry=list(BOXES), crs=4490)
        pyogrio.write_dataframe(names, tmp_path / "t.shp", driver="ESRI Shapefile", encoding="BIG5")
        (tmp_path / "t.cpg").unlink(missing_ok=True)
        if cpg:
            (tmp_path / "t.cpg").write_text(cpg)
        table = bytearray((tmp_path / "t.dbf").read_bytes())
        table[29] = ldid
        (tmp_path / "t.dbf").write_bytes(table)
        assert list(reading.read(tmp_path / "t.shp")["name"]) == ["溪口鎮", "龍山鄉"]
        return
    shapefile(tmp_path / "t.shp", encoding, cpg=cpg, ldid=ldid)
    assert as_read(tmp_path / "t.shp") == WANTED


def test_shapefile_with_chinese_and_cut_field_names(tmp_path):
    wide = frame().rename(columns={"name": "行政区名称", "code": "代码"})
    pyogrio.write_dataframe(wide, tmp_path / "t.shp", driver="ESRI Shapefile", encoding="UTF-8")
    found = reading.read(tmp_path / "t.shp")
    assert "代码" in found.columns
    assert any(str(name).startswith("行政区") for name in found.columns)


def test_shapefile_in_capitals_and_without_parts(tmp_path):
    shapefile(tmp_path / "t.shp", "UTF-8", cpg="UTF-8")
    for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        (tmp_path / f"t{suffix}").rename(tmp_path / f"T{suffix.upper()}")
    assert as_read(tmp_path / "T.SHP") == WANTED
    assert refused(tmp_path / "T.DBF").key == "vector.part"
    (tmp_path / "T.PRJ").unlink()
    assert reading.read(tmp_path / "T.SHP").crs is None
    (tmp_path / "T.SHX").unlink()
    error = refused(tmp_path / "T.SHP")
    assert (error.key, error.params["missing"]) == ("vector.incomplete", "T.shx")


JSONS = {
    "collection.geojson": collection(),
    "bom.geojson": "\ufeff" + collection(),
    "array.json": json.dumps(features()),
    "lines.geojson": "\n".join(json.dumps(one) for one in features()),
    "records.geojsonl": "".join(f"\x1e{json.dumps(one)}\n" for one in features()),
    "collections.json": json.dumps([{"type": "FeatureCollection", "features": features()}]),
    "topology.json": topojson(),
    "a.topojson": topojson(),
}


@pytest.mark.parametrize("name", JSONS)
def test_json_in_every_dress(tmp_path, name):
    (tmp_path / name).write_text(JSONS[name], "utf-8")
    assert as_read(tmp_path / name) == WANTED
    assert reading.read(tmp_path / name).crs.to_epsg() == 4326


def test_a_bare_geometry_is_one_feature_without_name(tmp_path):
    (tmp_path / "t.json").write_text(shapely.to_geojson(BOXES[0]))
    assert [shape.wkt for shape in reading.read(tmp_path / "t.json").geometry] == [BOXES[0].wkt]


def test_the_old_crs_member_is_read_in_all_its_forms(tmp_path):
    forms = ["urn:ogc:def:crs:EPSG::4490", "EPSG:4490", "epsg:4490", "urn:ogc:def:crs:EPSG:6.9:4490",
             "http://www.opengis.net/def/crs/EPSG/0/4490"]  # fmt: skip
    for number, name in enumerate(forms):
        path = tmp_path / f"{number}.geojson"
        path.write_text(collection(crs={"type": "name", "properties": {"name": name}}), "utf-8")
        assert reading.read(path).crs.to_epsg() == 4490, name
    (tmp_path / "84.geojson").write_text(
        collection(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}), "utf-8"
    )
    assert reading.read(tmp_path / "84.geojson").crs.to_epsg() == 4326
    (tmp_path / "link.geojson").write_text(
        collection(crs={"type": "link", "properties": {"href": "http://127.0.0.1/x.prj"}}), "utf-8"
    )
    assert refused(tmp_path / "link.geojson").key == "vector.crs_unknown"
    for member in (None, {"type": "name", "properties": {"name": None}}, {"type": "name", "properties": {}}):
        (tmp_path / "none.geojson").write_text(collection(crs=member), "utf-8")
        assert reading.read(tmp_path / "none.geojson").crs is None, member


def test_kml_in_utf8_and_gbk(tmp_path):
    for encoding in ("UTF-8", "GBK", "gb2312", "UTF-16"):
        path = tmp_path / f"{encoding}.kml"
        path.write_bytes(kml(encoding))
        assert as_read(path) == WANTED
        assert list(reading.read(path, "镇街")["code"]) == ["0", "1"]
    assert refused(tmp_path / "GBK.kml", "没有").key == "vector.unknown_layer"


@pytest.mark.parametrize(
    "column", ["geometry", "wkt", "WKT", "geom", "the_geom", "wkt_geom", "几何", "boundary", "Shape"]
)
def test_csv_with_wkt_in_any_sensible_column(tmp_path, column):
    rows = "".join(f'{name},"{text}"\n' for name, text in zip(NAMES, WKT, strict=True))
    (tmp_path / "t.csv").write_text(f"name,{column}\n{rows}", "utf-8-sig")
    (tmp_path / "t.prj").write_text(ESRI_DEGREES)
    assert as_read(tmp_path / "t.csv") == WANTED
    assert read_vector(tmp_path / "t.csv").crs is not None


def test_csv_with_other_separators_ewkt_wkb_and_positions(tmp_path):
    semicolons = "".join(f"{name};{text}\n" for name, text in zip(NAMES, WKT, strict=True))
    (tmp_path / "a.csv").write_text(f"name;geom\n{semicolons}", "utf-8")
    assert as_read(tmp_path / "a.csv") == WANTED
    wkb = "".join(f"{name}\t{shapely.to_wkb(box, hex=True)}\n" for name, box in zip(NAMES, BOXES, strict=True))
    (tmp_path / "b.csv").write_text(f"name\tgeom\n{wkb}", "utf-8")
    assert as_read(tmp_path / "b.csv") == WANTED
    for name, mark in (("d.tsv", "\t"), ("e.txt", "\t"), ("f.csv", "|")):
        rows = "".join(f"{name}{mark}{text}\n" for name, text in zip(NAMES, WKT, strict=True))
        (tmp_path / name).write_text(f"name{mark}geom\n{rows}", "utf-8")
        assert as_read(tmp_path / name) == WANTED, name
    (tmp_path / "c.csv").write_text('name,g\n甲,"SRID=4490;POINT (102.6 25.1)"\n', "utf-8")
    assert reading.read(tmp_path / "c.csv").crs.to_epsg() == 4490
    for number, header in enumerate(["lon,lat", "经度,纬度", "LNG,LAT", "X,Y", "longitude,latitude"]):
        path = tmp_path / f"p{number}.csv"
        path.write_text(f"name,{header}\n甲,102.6,25.1\n乙,,\n", "utf-8")
        assert [shape and shape.wkt for shape in reading.read(path).geometry] == ["POINT (102.6 25.1)", None]


def test_a_cell_longer_than_pythons_limit(tmp_path):
    line = shapely.LineString([(102.6 + i * 1e-6, 25.1) for i in range(20_000)])
    (tmp_path / "t.csv").write_text(f'name,wkt\n甲,"{line.wkt}"\n', "utf-8")
    assert reading.read(tmp_path / "t.csv").geometry[0].equals(line)


def test_geopackage_and_flatgeobuf_keep_a_crs_without_code(tmp_path):
    from foreign_files import esri_projection

    local = frame().to_crs(esri_projection(102.5))
    for suffix, driver in ((".gpkg", "GPKG"), (".fgb", "FlatGeobuf")):
        path = tmp_path / f"t{suffix}"
        pyogrio.write_dataframe(local, path, driver=driver)
        back = reading.read(path)
        assert back.to_crs(4490).total_bounds == pytest.approx([102.6, 25.1, 102.8, 25.2], abs=1e-7), suffix


def test_a_file_is_read_once_until_it_changes(tmp_path):
    path = tmp_path / "t.geojson"
    path.write_text(collection(), "utf-8")
    assert reading.read(path) is reading.read(path)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features()[:1]}), "utf-8")
    assert len(reading.read(path)) == 1


# ---- what is refused, and in which words

POINT = '{"type": "Point", "coordinates": %s}'
BROKEN = {
    # name: bytes, key of the message
    "gbk.geojson": (collection().encode("gbk"), "vector.encoding"),
    "utf16.geojson": (collection().encode("utf-16"), "vector.encoding"),
    "utf16le.geojson": (json.dumps({"a": 1}).encode("utf-16-le"), "vector.encoding"),
    "gbk.csv": ("名称,wkt\n松岭镇,POINT (1 1)\n".encode("gbk"), "vector.encoding"),
    "noise.geojson": (bytes(range(256)) * 4, "vector.not_text"),
    "empty.geojson": (b"", "vector.empty_file"),
    "blank.geojson": (b" \n ", "vector.empty_file"),
    "cut.geojson": (collection().encode()[:300], "vector.json"),
    "comma.geojson": (b'{"type": "FeatureCollection",, "features": []}', "vector.json"),
    "deep.geojson": (b"[" * 100_000, "vector.json"),
    "digits.json": (b'{"type": "Point", "coordinates": [' + b"9" * 5000 + b", 1]}", "vector.json"),
    "second_line.geojson": (json.dumps(features()[0]).encode() + b'\n{"type": "Fea', "vector.json"),
    "number.json": (b"5", "vector.json_kind"),
    "wrapped.json": (json.dumps({"code": 0, "data": {"type": "FeatureCollection"}}).encode(), "vector.json_kind"),
    "numbers.json": (b"[1, 2]", "vector.json_kind"),
    "arcgis.json": (b'{"geometryType": "esriGeometryPolygon", "features": []}', "vector.arcgis_json"),
    "strange.json": (b'{"type": "FeatureCollection", "features": [7]}', "vector.json_feature"),
    "text.json": ((POINT % '["102.6", "25.1"]').encode(), "vector.coordinates_text"),
    "null.json": ((POINT % "[null, 25.1]").encode(), "vector.coordinates"),
    "true.json": ((POINT % "[true, 25.1]").encode(), "vector.coordinates"),
    "nan.json": ((POINT % "[NaN, 25.1]").encode(), "vector.coordinates"),
    "one.json": ((POINT % "[102.6]").encode(), "vector.coordinates"),
    "flat.json": (b'{"type": "Polygon", "coordinates": [102.6, 25.1]}', "vector.coordinates"),
    "short.json": (b'{"type": "Polygon", "coordinates": [[[102.6, 25.1], [102.7, 25.1]]]}', "vector.coordinates"),
    "topology.json": (
        b'{"type": "Topology", "arcs": [], "objects": {"a": {"type": "Polygon", "arcs": [[5]]}}}', "vector.bad_topology"
    ),
    "no_arcs.json": (b'{"type": "Topology", "objects": {}}', "vector.bad_topology"),
    "nothing.csv": (b"name,area\na,1\n", "vector.csv_no_geometry"),
    "cells.csv": (b"name,wkt\na,POINT (1 1),x\n", "vector.csv_cells"),
    "quote.csv": (b'name,wkt\na,"POINT (1 1)\n', "vector.csv"),
    "twice.csv": (b"wkt,wkt\na,POINT (1 1)\n", "vector.csv_twice"),
    "wide.csv": ("名称，wkt\n甲，POINT (1 1)\n".encode(), "vector.csv_separator"),
    "wkt.csv": (b'name,wkt\na,POINT (1 1)\nb,"POINT (1, 1)"\n', "vector.bad_wkt"),
    "srids.csv": (b"name,wkt\na,SRID=4490;POINT (1 1)\nb,SRID=4326;POINT (1 1)\n", "vector.csv_two_crs"),
    "book.csv": (b"PK\x03\x04[Content_Types].xml\xff\xfe\x81", "vector.not_text"),
    "kmz.kml": (b"PK\x03\x04\x14\x00\x00\x00\xff\xfe\x81doc.kml", "vector.not_text"),
    "two.csv": (b"name,centre,outline\na,POINT (1 1),POINT (2 2)\n", "vector.csv_several"),
    "degrees.csv": ("name,lon,lat\na,120°15′,30°\n".encode(), "vector.coordinates_text"),
    "half.csv": (b"name,lon,lat\na,120,\n", "vector.coordinates_text"),
    "cut.kml": (kml()[:200], "vector.xml"),
    "other.kml": (b"<gpx></gpx>", "vector.other_content"),
    "link.kml": (b"<kml><NetworkLink/></kml>", "vector.kml_link"),
    "position.kml": (kml().replace(b"102.6,", b"east,"), "vector.coordinates"),
    "cut.kmz": (b"PK\x03\x04" + b"x" * 50, "vector.other_content"),
    "cut.gpkg": (b"SQLite format 3\0" + b"x" * 200, "vector.unreadable"),
    "cut.fgb": (b"fgb\x03fgb\x00" + b"\xff" * 60, "vector.unreadable"),
    "cut.shp": (b"\x00\x00\x27\x0a" + b"\x00" * 200, "vector.incomplete"),
    "a.xlsx": (b"PK\x03\x04", "vector.spreadsheet"),
    "a.xls": (b"\xd0\xcf\x11\xe0", "vector.spreadsheet"),
    "a.dwg": (b"AC1032", "vector.unknown_format"),
    "a.shx": (b"", "vector.part"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_in_our_words(tmp_path, name):
    content, key = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name).key == key


def test_a_guess_of_the_encoding_is_said(tmp_path):
    for name, encoding in (
        ("gbk.geojson", "GBK / GB18030"),
        ("utf16.geojson", "UTF-16"),
        ("utf16le.geojson", "UTF-16"),
    ):
        (tmp_path / name).write_bytes(BROKEN[name][0])
        assert encoding in refused(tmp_path / name).message("zh")


def test_damage_anywhere_in_a_binary_file_is_told_in_our_words(tmp_path):
    pyogrio.write_dataframe(frame(), tmp_path / "a.gpkg", driver="GPKG")
    pyogrio.write_dataframe(frame(), tmp_path / "a.fgb", driver="FlatGeobuf")
    shapefile(tmp_path / "a.shp", "UTF-8", cpg="UTF-8")
    for suffix in (".gpkg", ".fgb", ".shp", ".dbf", ".shx", ".prj"):
        whole = (tmp_path / f"a{suffix}").read_bytes()
        for share in (0.3, 0.6, 0.9):
            at = int(len(whole) * share)
            for damaged in (whole[:at], whole[:at] + bytes(len(whole) - at)):
                (tmp_path / f"a{suffix}").write_bytes(damaged)
                main = tmp_path / f"a{'.shp' if suffix in reading.PARTS else suffix}"
                with contextlib.suppress(GeoError):  # and nothing else
                    reading.read(main)
        (tmp_path / f"a{suffix}").write_bytes(whole)


def test_folders_and_long_names(tmp_path):
    for name, key in (("t.gpkg", "vector.is_folder"), ("t", "vector.is_folder"), ("t.gdb", "vector.empty_file")):
        (tmp_path / name).mkdir()
        assert refused(tmp_path / name).key == key
    (tmp_path / "t.gdb" / "a.txt").write_text("nothing of a file geodatabase", "utf-8")
    assert refused(tmp_path / "t.gdb").key == "vector.other_content"
    assert refused(tmp_path / ("x" * 300 + ".geojson")).key == "vector.missing"
    assert refused(tmp_path / "a\0b.geojson").key == "vector.missing"


def test_null_geometry_is_none_and_not_an_error(tmp_path):
    feature = {"type": "Feature", "properties": {"name": "甲"}, "geometry": None}
    (tmp_path / "t.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    assert list(reading.read(tmp_path / "t.geojson").geometry) == [None]


def test_a_zip_with_a_note_beside_the_data_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("t.geojson", collection())
        archive.writestr("说明.txt", "来自县局")
    assert as_read(tmp_path / "t.zip") == WANTED
