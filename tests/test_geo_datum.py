"""From what a file declares to CGCS2000: by parameters, with old datums, zone numbers and web maps told."""

import numpy as np
import pytest
import shapely
from foreign_files import esri_projection
from pyproj import CRS

from geo import crs, datum
from geo.errors import GeoError

# Meridian arc of 25 degrees on the CGCS2000 ellipsoid, metres, by the series of Helmert: 2,766,054.17.
NORTHING_25 = 2_766_054.17


def moved(x: float, y: float, declared: object, stated: str | None = None) -> tuple[tuple[float, float], list[str]]:
    points = np.array([shapely.Point(x, y)], dtype=object)
    found, doubts = datum.to_degrees(points, CRS.from_user_input(declared), stated, "a.shp")
    return (found[0].x, found[0].y), [doubt.key for doubt in doubts]


def refused(x: float, y: float, declared: object, stated: str | None = None) -> GeoError:
    with pytest.raises(GeoError) as caught:
        moved(x, y, declared, stated)
    assert caught.value.message("en")
    assert caught.value.remedy("zh")
    return caught.value


@pytest.mark.parametrize("meridian", [75, 102, 102.5, 117, 118.75, 120.5, 135])
def test_esri_projections_go_by_their_parameters(meridian):
    for false_easting in (500_000.0, 500_000.0 + 1e6 * round(meridian / 3), 50_000.0):
        (lon, lat), doubts = moved(false_easting, NORTHING_25, esri_projection(meridian, false_easting))
        assert (lon, lat) == pytest.approx((meridian, 25.0), abs=1e-7)
        assert doubts == []


OLD = {
    "4610": ("Xi'an 1980", 127), "2364": ("Xi'an 1980", 127), "2385": ("Xi'an 1980", 127),
    "4214": ("Beijing 1954", 105), "2435": ("Beijing 1954", 105), "4555": ("Beijing 1954", 105),
}  # fmt: skip


@pytest.mark.parametrize("code", OLD)
def test_old_datums_are_told_with_their_size(code):
    declared = CRS.from_epsg(int(code))
    x, y = (102.7, 25.1) if declared.is_geographic else (500_000.0, 2_766_000.0)
    if code == "2364":
        x = 40_500_000.0
    _, doubts = datum.to_degrees(np.array([shapely.Point(x, y)]), declared, None, "a.shp")
    assert [(doubt.key, doubt.params["datum"], doubt.params["high_m"]) for doubt in doubts] == [
        ("vector.old_datum", *OLD[code])
    ]
    assert str(OLD[code][1]) in doubts[0].message("zh")
    assert refused(x, y, declared, "cgcs2000").key == "vector.datum_contradicts"


@pytest.mark.parametrize(
    ("name", "spheroid"),
    [
        ("D_Xian_1980", '"Xian_1980",6378140.0,298.257'),
        ("D_Unknown", '"IAG_1975",6378140.0,298.257'),
        ("D_Beijing_1954", '"Krasovsky_1940",6378245.0,298.3'),
        ("D_Local", '"Krassowsky",6378245.0,298.3'),
    ],
)
def test_old_datums_without_code_are_told_by_their_ellipsoid(name, spheroid):
    text = esri_projection(102.5, datum=name, spheroid=spheroid)
    assert moved(500_000, 2_766_000, text)[1] == ["vector.old_datum"]


def test_hong_kong_1980_is_moved_by_what_proj_knows():
    # Published: about 189 m east and 169 m south (WGS 84 = HK80 + 8.8" E, - 5.5" N).
    (lon, lat), doubts = moved(114.1786, 22.3121, "EPSG:4611")
    assert doubts == []
    assert (lon - 114.1786) * 3600 == pytest.approx(8.8, abs=0.3)
    assert (lat - 22.3121) * 3600 == pytest.approx(-5.5, abs=0.3)


def test_an_unknown_ellipsoid_is_doubted():
    text = esri_projection(102.0, datum="D_Own", spheroid='"Own",6378388.0,297.0')
    assert moved(500_000, 2_766_000, text)[1] == ["vector.unknown_datum"]


def test_zone_numbers():
    unzoned, zoned = "EPSG:4544", "EPSG:4516"  # meridian 105; zone 28 is 84 E
    error = refused(34_571_000, 2_778_000, "EPSG:4543")
    assert (error.key, error.params["zone"]) == ("vector.zone_in_eastings", 34)
    assert "EPSG:4522" in error.remedy("zh")
    assert refused(18_571_000, 2_778_000, unzoned).params["systems"] == crs.zone_names(18)
    error = refused(571_000, 2_778_000, "EPSG:4522")
    assert error.key == "vector.zone_missing"
    assert "EPSG:4543" in error.remedy("en")
    assert refused(34_571_000, 2_778_000, zoned).key == "vector.zone_differs"
    assert refused(34_571_000, 2_778_000, esri_projection(102.5)).key == "vector.zone_in_eastings"


def test_one_swapped_point_among_sound_ones_is_shown():
    points = np.array([shapely.Point(118.6, 25.1), shapely.Point(25.2, 118.7), None], dtype=object)
    with pytest.raises(GeoError) as caught:
        datum.to_degrees(points, crs.CGCS2000, None, "a.geojson")
    assert (caught.value.key, caught.value.params["x"], caught.value.params["y"]) == ("vector.swapped", 25.2, 118.7)


def test_an_undefined_crs_is_none():
    undefined = CRS.from_wkt('LOCAL_CS["Undefined SRS",UNIT["metre",1]]')
    assert refused(118.6, 25.1, undefined).key == "vector.no_crs"
    assert moved(118.6, 25.1, undefined, "cgcs2000") == ((118.6, 25.1), [])


def test_degrees_metres_and_order():
    assert refused(25.1, 102.7, "EPSG:4490").key == "vector.swapped"
    assert refused(2_778_000, 571_000, "EPSG:4543").key == "vector.swapped"
    assert refused(102.7, 25.1, "EPSG:4543").key == "vector.degrees_not_metres"
    error = refused(34_571_000, 2_778_000, "EPSG:4490")
    assert error.key == "vector.metres_not_degrees"
    assert "EPSG:4522" in error.remedy("zh")
    assert refused(float("inf"), 25.1, "EPSG:4490").key == "vector.not_finite"


@pytest.mark.parametrize(("name", "forward"), [("gcj02", crs.wgs84_to_gcj02), ("bd09", crs.wgs84_to_bd09)])
def test_web_map_datums(name, forward):
    x, y = forward(118.6, 31.2)
    assert moved(x, y, "EPSG:4326", name)[0] == pytest.approx((118.6, 31.2), abs=1e-7)
    assert datum.to_degrees(np.array([shapely.Point(x, y)]), None, name, "a.csv")[0][0].x == pytest.approx(118.6)
    flat = crs.transform(shapely.Point(x, y), crs.WGS84, CRS.from_epsg(3857))
    assert moved(flat.x, flat.y, "EPSG:3857", name)[0] == pytest.approx((118.6, 31.2), abs=1e-7)


def test_a_crs_of_heights_is_not_taken_for_none():
    for code in (5737, 4479):
        with pytest.raises(GeoError) as caught:
            datum.to_degrees(np.array([shapely.Point(102, 25)]), CRS.from_epsg(code), None, "a.csv")
        assert caught.value.key == "vector.crs_not_plane"
        assert f"EPSG:{code}" in caught.value.message("zh")


def test_the_coordinate_that_does_not_fit_is_the_one_shown():
    points = np.array([shapely.Point(102, 25), shapely.Point(560_472.3, 25)])
    with pytest.raises(GeoError) as caught:
        datum.to_degrees(points, crs.WGS84, None, "a.csv")
    assert "560472.3" in caught.value.message("zh")


def test_no_crs_and_no_datum_is_refused():
    with pytest.raises(GeoError) as caught:
        datum.to_degrees(np.array([shapely.Point(102, 25)]), None, None, "a.csv")
    assert caught.value.key == "vector.no_crs"


def test_shift_in_metres():
    # Known by other converters: about 490 to 530 m in all at 120.26 E, 30.18 N, to the south-east.
    east, north = datum.shift_m("gcj02", 120.26, 30.18)
    assert np.hypot(east, north) == pytest.approx(510, abs=25)
    assert east > 0 > north
    assert np.hypot(*datum.shift_m("bd09", 120.26, 30.18)) > 700


@pytest.mark.parametrize(
    ("fields", "file", "found"),
    [
        (["adcode", "name", "center", "centroid", "childrenNum", "level", "parent"], "t.geojson", "gcj02"),
        (["name", "adcode", "level", "center"], "t.geojson", "gcj02"),
        (["ADCODE", "NAME", "childrenNu", "LEVEL", "subFeature"], "t.shp", "gcj02"),
        (["name", "level", "center"], "t.geojson", ""),
        (["name", "adcode"], "t.geojson", ""),
        (["name"], "roads_gcj02.geojson", "gcj02"),
        (["name"], "百度地图.csv", "bd09"),
    ],
)
def test_marks_of_web_maps(fields, file, found):
    assert datum.looks_shifted(fields, file) == found


def test_zones_for_a_place():
    assert [one.to_epsg() for one in crs.nearby_zones(118.6)] == [4549, 4528, 4548, 4527]
    assert [one.to_epsg() for one in crs.nearby_zones(120.3)] == [4549, 4528]
    assert [one.to_epsg() for one in crs.nearby_zones(102.7)] == [4543, 4522]
    assert [crs.zoned_crs(lon).to_epsg() for lon in (75, 135)] == [4513, 4533]
