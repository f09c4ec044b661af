"""CRS: zones, parsing, transformation; GCJ-02 and BD-09 against an independent converter."""

import awkward
import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from cases import every
from hypothesis import given
from hypothesis import strategies as st

from geo import crs
from geo.errors import GeoError

# WGS 84 lon, lat; GCJ-02 lon, lat; BD-09 lon, lat: computed with the package coord-convert 0.2.1.
SHIFTED = [
    (120.2614, 30.1678, 120.265861479, 30.165342900, 120.272355491, 30.171423850),
    (120.4290, 30.2369, 120.433555506, 30.234615329, 120.440118909, 30.240339921),
    (116.3975, 39.9087, 116.403743573, 39.910103499, 116.410116586, 39.916442750),
    (121.4737, 31.2304, 121.478223059, 31.228457738, 121.484781469, 31.234310594),
    (113.2644, 23.1291, 113.269729592, 23.126423340, 113.276150752, 23.132711257),
    (104.0665, 30.5723, 104.069004906, 30.569845541, 104.075480941, 30.575856164),
    (87.6168, 43.8256, 87.619649949, 43.826805393, 87.626099771, 43.832949795),
    (91.1409, 29.6456, 91.142429336, 29.642863987, 91.149020388, 29.648593693),
    (126.6424, 45.7560, 126.648369704, 45.757951292, 126.654999505, 45.763645860),
    (110.3312, 20.0319, 110.335570885, 20.029853001, 110.342119396, 20.035529046),
    (105.0, 35.0, 105.003286241, 34.999098632, 105.009666828, 35.005403668),
    (75.9898, 39.4677, 75.992754904, 39.467926154, 75.999261436, 39.473887935),
]
PRECISION = 1.1e-9  # the table has nine decimals
CENTIMETRE = 0.01 / 111_320  # in degrees of latitude

in_china = st.tuples(st.floats(73.6, 134.7), st.floats(3.9, 53.5))


@every(
    ("lon", "epsg"),
    [(120.3, 4549), (118.5, 4549), (118.4999, 4548), (121.4999, 4549), (121.5, 4550), (73.5, 4534), (136.4, 4554),
     (104.07, 4544), (103.49, 4543), (116.4, 4548)],
)  # fmt: skip
def test_metric_crs(lon, epsg):
    assert crs.metric_crs(lon).to_epsg() == epsg


@given(st.floats(73.5, 136.4999))
def test_metric_crs_has_the_nearest_meridian_and_no_zone_prefix(lon):
    parameters = {p.name: p.value for p in crs.metric_crs(lon).coordinate_operation.params}
    assert abs(parameters["Longitude of natural origin"] - lon) <= 1.5 + 1e-9
    assert parameters["False easting"] == 500_000
    assert crs.metric_crs(lon).geodetic_crs == crs.CGCS2000


@pytest.mark.parametrize("lon", [73.49, 136.5, -120.0, 0.0, float("nan"), float("inf")])
def test_metric_crs_refuses_other_longitudes(lon):
    with pytest.raises(GeoError) as caught:
        crs.metric_crs(lon)
    assert caught.value.key == "crs.longitude_not_covered"


@pytest.mark.parametrize(("text", "epsg"), [("4326", 4326), ("EPSG:4490", 4490), (" epsg:4549 ", 4549), ("3857", 3857)])
def test_parse_crs(text, epsg):
    assert crs.parse_crs(text).to_epsg() == epsg


def test_parse_crs_metric():
    assert crs.parse_crs("metric", 120.3) == crs.metric_crs(120.3)
    with pytest.raises(GeoError, match="经度"):
        crs.parse_crs("metric")


@every(
    "text", ["", "999999", "WGS84", "EPSG:", "EPSG:4326;", "+proj=longlat", "<img onerror>", "4326\u202e", "9" * 10_000]
)
def test_parse_crs_refuses_the_rest(text):
    with pytest.raises(GeoError) as caught:
        crs.parse_crs(text)
    assert caught.value.key == "crs.unknown"
    assert len(caught.value.message()) < 400


def test_transform_against_the_series_of_gauss_krueger():
    # On the central meridian the easting is 500 000 m and the northing the meridian's length from the
    # equator, by Helmert's series in n on GRS 80.
    x, y = shapely.get_coordinates(crs.transform(shapely.Point(120, 30), crs.CGCS2000, crs.metric_crs(120)))[0]
    assert x == pytest.approx(500_000, abs=1e-6)
    n = (6378137 - 6356752.314140356) / (6378137 + 6356752.314140356)
    phi = np.radians(30)
    arc = (6378137 / (1 + n)) * (
        (1 + n**2 / 4 + n**4 / 64) * phi
        - (3 / 2) * (n - n**3 / 8) * np.sin(2 * phi)
        + (15 / 16) * (n**2 - n**4 / 4) * np.sin(4 * phi)
        - (35 / 48) * n**3 * np.sin(6 * phi)
        + (315 / 512) * n**4 * np.sin(8 * phi)
    )
    assert y == pytest.approx(arc, abs=1e-3)


@given(in_china)
def test_transform_there_and_back(point):
    target = crs.metric_crs(point[0])
    there = crs.transform(shapely.Point(point), crs.CGCS2000, target)
    back = crs.transform(there, target, crs.CGCS2000)
    assert (back.x, back.y) == pytest.approx(point, abs=1e-9)


def test_transform_keeps_longitude_first():
    moved = crs.transform(shapely.Point(120.3, 30.2), crs.WGS84, crs.CGCS2000)
    assert (moved.x, moved.y) == pytest.approx((120.3, 30.2), abs=1e-9)


def test_transform_series_and_frame():
    series = gpd.GeoSeries([shapely.Point(120, 30), None, shapely.Point()], index=["a", "b", "c"], crs=crs.CGCS2000)
    moved = crs.transform(series, crs.CGCS2000, crs.metric_crs(120))
    assert list(moved.index) == ["a", "b", "c"]
    assert moved.crs == crs.metric_crs(120)
    assert moved["b"] is None
    assert moved["c"].is_empty
    assert moved["a"].x == pytest.approx(500_000)
    frame = crs.transform(
        gpd.GeoDataFrame({"n": [1, 2, 3]}, geometry=series, index=series.index), crs.CGCS2000, crs.metric_crs(120)
    )
    assert list(frame["n"]) == [1, 2, 3]
    assert frame.crs == crs.metric_crs(120)
    assert frame.geometry.iloc[0].x == pytest.approx(500_000)


def test_transform_refuses_a_series_in_another_crs():
    series = gpd.GeoSeries([shapely.Point(120, 30)], crs=crs.WGS84)
    with pytest.raises(GeoError) as caught:
        crs.transform(series, crs.metric_crs(120), crs.CGCS2000)
    assert "EPSG:4326" in caught.value.message("en")
    assert "EPSG:4549" in caught.value.message("en")


def test_transform_says_which_point_has_no_image():
    mercator = crs.parse_crs("3857")
    with pytest.raises(GeoError) as caught:
        crs.transform(shapely.LineString([(120, 30), (120, 95)]), crs.WGS84, mercator)
    assert caught.value.key == "crs.not_transformable"
    assert "95" in caught.value.message()


@every("name", [*awkward.VALID, *awkward.EMPTY])
def test_transform_awkward(name):
    geometry = {**awkward.VALID, **awkward.EMPTY}[name]
    target = crs.metric_crs(120)
    moved = crs.transform(crs.transform(geometry, crs.CGCS2000, target), target, crs.CGCS2000)
    assert moved.geom_type == geometry.geom_type
    if name != "polygon_huge":  # 15° off its meridian the projection's series is worse than that
        assert shapely.equals_exact(shapely.force_2d(moved), shapely.force_2d(geometry), tolerance=1e-9)


@every("row", SHIFTED)
def test_shifted_systems_against_an_independent_converter(row):
    wgs, gcj, bd = row[0:2], row[2:4], row[4:6]
    assert crs.wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=PRECISION)
    assert crs.wgs84_to_bd09(*wgs) == pytest.approx(bd, abs=PRECISION)
    assert crs.gcj02_to_wgs84(*gcj) == pytest.approx(wgs, abs=PRECISION)
    assert crs.bd09_to_wgs84(*bd) == pytest.approx(wgs, abs=PRECISION)


@given(in_china)
def test_shifted_systems_invert_to_under_a_centimetre(point):
    assert crs.gcj02_to_wgs84(*crs.wgs84_to_gcj02(*point)) == pytest.approx(point, abs=CENTIMETRE / 10)
    assert crs.bd09_to_wgs84(*crs.wgs84_to_bd09(*point)) == pytest.approx(point, abs=CENTIMETRE / 10)


@given(in_china)
def test_the_shift_is_some_hundred_metres(point):
    geod = pyproj.Geod(ellps="GRS80")
    _, _, distance = geod.inv(*point, *crs.wgs84_to_gcj02(*point))
    assert 10 < distance < 900


def test_shifted_systems_vectorised():
    lon, lat = (np.array([row[k] for row in SHIFTED]) for k in (0, 1))
    many = crs.wgs84_to_gcj02(lon, lat)
    assert isinstance(many[0], np.ndarray)
    one_by_one = [crs.wgs84_to_gcj02(*row[:2]) for row in SHIFTED]
    assert np.array_equal(np.column_stack(many), np.array(one_by_one))
    lon_2d, _ = crs.wgs84_to_gcj02(lon.reshape(3, 4), 30.0)
    assert lon_2d.shape == (3, 4)
    assert isinstance(crs.wgs84_to_gcj02(120, 30)[0], float)


@pytest.mark.parametrize("point", [(-0.1278, 51.5074), (139.69, 35.69), (120.0, -30.0), (float("nan"), 30.0)])
def test_outside_the_rectangle_nothing_is_shifted(point):
    for function in (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84, crs.wgs84_to_bd09, crs.bd09_to_wgs84):
        assert function(*point) == pytest.approx(point, abs=0, nan_ok=True)
    lon, _ = crs.wgs84_to_gcj02([120.0, point[0]], [30.0, point[1]])
    assert lon[0] > 120.004
    assert lon[1] == pytest.approx(point[0], abs=0, nan_ok=True)
