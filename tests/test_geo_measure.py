"""Lengths and areas: against closed formulas and against a raster."""

import awkward
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio.features
import rasterio.transform
import shapely

from geo import crs, measure
from geo.errors import GeoError

A, B = 6378137.0, 6356752.314140356  # GRS 80 semi-axes, m
E = np.sqrt(1 - (B / A) ** 2)


def zone_area(lat_south, lat_north, width):
    """Area between two parallels over a width in degrees of longitude: the closed formula on the ellipsoid."""

    def q(lat):
        s = np.sin(np.radians(lat))
        return s / (1 - (E * s) ** 2) + np.log((1 + E * s) / (1 - E * s)) / (2 * E)

    return B**2 / 2 * (q(lat_north) - q(lat_south)) * np.radians(width)


def parallel_box(west, south, east, north):
    """A box whose upper and lower edges follow the parallels closely."""
    return shapely.segmentize(shapely.box(west, south, east, north), 0.001)


def test_length_on_the_equator():
    assert measure.length_m(shapely.LineString([(120, 0), (121, 0)]), crs.CGCS2000) == pytest.approx(
        A * np.pi / 180, abs=1e-4
    )


def test_length_along_a_short_parallel():
    # Radius of the parallel at 30°: N cos φ = 6378137 / sqrt(1 − e² / 4) · cos 30°; 0.01° of it.
    radius = A / np.sqrt(1 - E**2 / 4) * np.cos(np.radians(30))
    line = shapely.LineString([(120, 30), (120.01, 30)])
    assert measure.length_m(line, crs.CGCS2000) == pytest.approx(radius * np.radians(0.01), abs=0.001)


def test_area_against_the_closed_formula():
    assert measure.area_m2(parallel_box(120, 30, 121, 31), crs.CGCS2000) == pytest.approx(
        zone_area(30, 31, 1), rel=1e-7
    )


def test_area_leaves_holes_out():
    holed = shapely.Polygon(
        parallel_box(120, 30, 120.1, 30.1).exterior.coords,
        [parallel_box(120.04, 30.04, 120.06, 30.06).exterior.coords],
    )
    expected = zone_area(30, 30.1, 0.1) - zone_area(30.04, 30.06, 0.02)
    assert measure.area_m2(holed, crs.CGCS2000) == pytest.approx(expected, rel=1e-7)


def test_perimeter_counts_all_rings_and_parts():
    outer, inner = awkward.SQUARE.exterior, shapely.box(120.04, 30.04, 120.06, 30.06).exterior
    rings = [measure.length_m(shapely.LineString(ring.coords), crs.CGCS2000) for ring in (outer, inner)]
    assert measure.length_m(awkward.HOLED, crs.CGCS2000) == pytest.approx(sum(rings), rel=1e-12)
    two = shapely.MultiPolygon([awkward.HOLED, shapely.box(120.2, 30, 120.3, 30.1)])
    assert measure.length_m(two, crs.CGCS2000) == pytest.approx(sum(rings) + rings[0], rel=1e-9)


def test_projected_geometry_is_measured_on_the_ellipsoid():
    geographic = parallel_box(121.0, 30, 121.4, 30.3)
    plane = crs.transform(geographic, crs.CGCS2000, crs.metric_crs(120))
    expected = zone_area(30, 30.3, 0.4)
    assert measure.area_m2(plane, crs.metric_crs(120)) == pytest.approx(expected, rel=1e-7)
    # while the plane area is larger by the square of the scale, 1 + 2 · (x / R)² / 2 at x = 115 km
    assert measure.planar_area_m2(plane, crs.metric_crs(120)) / expected == pytest.approx(
        1 + (115_600 / 6_371_000) ** 2, abs=3e-5
    )


def test_series_keep_index_and_agree_with_single_geometries():
    geometries = [*awkward.VALID.values(), *awkward.EMPTY.values(), None]
    series = gpd.GeoSeries(geometries, index=[f"i{k}" for k in range(len(geometries))], crs=crs.CGCS2000)
    for function in (measure.length_m, measure.area_m2):
        values = function(series)
        assert isinstance(values, pd.Series)
        assert list(values.index) == list(series.index)
        assert values.tolist() == [function(geometry, crs.CGCS2000) for geometry in geometries]
        assert np.isfinite(values).all()
        assert (values >= 0).all()


@pytest.mark.parametrize("name", ["point", "multipoint", *awkward.EMPTY])
def test_nothing_to_measure_is_zero(name):
    geometry = {**awkward.VALID, **awkward.EMPTY}[name]
    assert measure.length_m(geometry, crs.CGCS2000) == 0
    assert measure.area_m2(geometry, crs.CGCS2000) == 0


def test_direction_and_third_dimension_do_not_matter():
    areas = {name: measure.area_m2(awkward.VALID[name], crs.CGCS2000) for name in awkward.VALID}
    assert areas["polygon"] == pytest.approx(areas["polygon_clockwise"], rel=1e-12)
    assert areas["polygon"] == pytest.approx(areas["polygon_z"], rel=1e-12)
    assert areas["collection"] == pytest.approx(areas["polygon"], rel=1e-12)


@pytest.mark.parametrize("function", [measure.length_m, measure.area_m2])
def test_crs_is_wanted(function):
    for geometry in (awkward.SQUARE, gpd.GeoSeries([awkward.SQUARE])):
        with pytest.raises(GeoError) as caught:
            function(geometry)
        assert caught.value.key == "measure.no_crs"
    with pytest.raises(GeoError) as caught:
        function(gpd.GeoSeries([awkward.SQUARE], crs=crs.CGCS2000), crs.WGS84)
    assert caught.value.key == "crs.mismatch"


@pytest.mark.parametrize("function", [measure.planar_length_m, measure.planar_area_m2])
def test_plane_measures_refuse_degrees(function):
    with pytest.raises(GeoError) as caught:
        function(awkward.SQUARE, crs.CGCS2000)
    assert caught.value.key == "measure.degrees"
    assert "4490" in caught.value.message()
    with pytest.raises(GeoError) as caught:
        function(awkward.SQUARE, None)
    assert caught.value.key == "measure.no_crs"
    assert function(shapely.box(0, 0, 30, 40), crs.metric_crs(120)) in (140, 1200)


def test_areas_and_shares_against_a_raster():
    # Independent control: count the pixels of 20 m whose centre is inside.
    metric = crs.metric_crs(120)
    disc = shapely.Point(520_000, 3_330_000).buffer(4_000, quad_segs=64)
    band = shapely.LineString([(512_000, 3_331_000), (530_000, 3_328_500)]).buffer(800)
    transform = rasterio.transform.from_origin(510_000, 3_340_000, 20, 20)
    masks = {
        name: rasterio.features.rasterize([(shape, 1)], out_shape=(1000, 1100), transform=transform).astype(bool)
        for name, shape in (("disc", disc), ("band", band))
    }
    in_degrees = crs.transform(disc, metric, crs.CGCS2000), crs.transform(band, metric, crs.CGCS2000)
    area = measure.area_m2(in_degrees[0], crs.CGCS2000)
    scale = 1 + (20_000 / 6_371_000) ** 2  # plane area over true area 20 km from the meridian
    assert area * scale == pytest.approx(masks["disc"].sum() * 400, rel=1e-3)
    share = measure.area_m2(in_degrees[0] & in_degrees[1], crs.CGCS2000) / area
    assert share == pytest.approx((masks["disc"] & masks["band"]).sum() / masks["disc"].sum(), abs=1e-3)
