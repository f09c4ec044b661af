"""Grids: covered shares against areas of polygons, shares within a distance against circles, COGs by GDAL."""

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from cases import every
from hypothesis import given
from hypothesis import strategies as st
from rasterio.enums import Resampling

from geo import covering, raster
from geo.crs import metric_crs
from geo.errors import GeoError
from geo.nearest import Nearest
from geo.raster import Grid, Part


def test_a_grid_lies_on_multiples_and_its_blocks_cover_it_once() -> None:
    grid = Grid.over((120.0, -30.0, 1260.0, 90.0), 50.0)
    assert grid == Grid(100.0, 100.0, 50.0, 24, 3)
    for parts in (grid.blocks(7), grid.strips(2)):
        seen = np.zeros((3, 24), dtype=int)
        for part in parts:
            seen[part.row : part.row + part.rows, part.column : part.column + part.columns] += 1
        assert (seen == 1).all()
    assert grid.bounds(Part(1, 2, 1, 3)) == (200.0, 0.0, 350.0, 50.0)
    x, y = grid.centres(Part(1, 2, 1, 3), halo=1)
    assert x.tolist() == [175.0, 225.0, 275.0, 325.0, 375.0]
    assert y.tolist() == [75.0, 25.0, -25.0]


def test_a_grid_by_mistake_is_refused() -> None:
    with pytest.raises(GeoError, match="太多"):
        Grid.over((0, 0, 1e9, 1e9), 1.0)


def test_cells_on_a_border_count_by_their_covered_share() -> None:
    """A triangle over cells of 10 m: whole cells, a half (the diagonal), and none."""
    grid = Grid(0.0, 20.0, 10.0, 2, 2)
    found = covering.covered([shapely.Polygon([(0, 0), (20, 0), (0, 20)])], grid, grid.whole)
    shares = np.zeros(4)
    shares[found.cell] = found.share
    assert shares.tolist() == [0.5, 0.0, 1.0, 0.5]
    assert found.sums(np.array([[8.0, 5.0], [1.0, 2.0]]), 1).tolist() == [8 * 0.5 + 1 + 1]


def test_covered_shares_add_up_to_areas_whatever_the_blocks() -> None:
    numbers = np.random.default_rng(5)
    polygons = [shapely.Point(*numbers.uniform(0, 3000, 2)).buffer(numbers.uniform(20, 900), 30) for _ in range(9)]
    hole = shapely.box(0, 0, 3000, 3000).difference(shapely.Point(1500, 1500).buffer(700))
    cut = shapely.GeometryCollection([shapely.box(10, 900, 333, 950), shapely.LineString([(0, 0), (900, 900)])])
    polygons += [cut, hole, shapely.MultiPolygon([shapely.box(5, 5, 40, 41), shapely.box(2000, 2000, 2033, 2100)])]
    grid = Grid.over(shapely.total_bounds(polygons), 50.0)
    for size in (512, 17):
        total = np.zeros(len(polygons))
        for part in grid.blocks(size):
            total += covering.covered(polygons, grid, part).sums(np.ones((part.rows, part.columns)), len(polygons))
        assert total * 2500 == pytest.approx([one.area for one in polygons], rel=1e-6)


@given(st.integers(0, 10_000))
def test_sums_by_region_are_those_of_the_entries(seed: int) -> None:
    """Cells in none, one and several polygons at once, and values of no matter outside; entry by entry as expected."""
    numbers = np.random.default_rng(seed)
    polygons = [shapely.box(*low, *(low + numbers.integers(0, 90, 2))) for low in numbers.integers(0, 90, (7, 2))]
    grid = Grid(0.0, 200.0, 10.0, 20, 20)
    cover = covering.covered(polygons, grid, grid.whole)
    values = numbers.uniform(-5, 5, (20, 20))
    expected = np.zeros(len(polygons))
    for polygon, cell, share in zip(cover.polygon, cover.cell, cover.share, strict=True):
        expected[polygon] += share * values.ravel()[cell]
    outside = np.ones(400, dtype=bool)
    outside[cover.cell] = False
    values[outside.reshape(20, 20)] = np.nan
    assert cover.sums(values, len(polygons)) == pytest.approx(expected, abs=1e-9)


@every(("radius", "cell"), [(500.0, 50.0), (800.0, 50.0), (1500.0, 50.0), (641.0, 25.0)])
def test_the_area_within_a_distance_is_that_of_the_circle(radius: float, cell: float) -> None:
    """πr², wherever the middle lies in its cell; centres alone would be off by up to one part in a hundred."""
    worst = 0.0
    for x, y in np.random.default_rng(2).uniform(0, cell, (40, 2)):
        grid = Grid.over((x - radius - cell, y - radius - cell, x + radius + cell, y + radius + cell), cell)
        far = Nearest([shapely.Point(x, y)]).distances(*grid.centres(grid.whole, halo=1))
        area = covering.within(far, radius, cell).sum() * cell**2
        worst = max(worst, abs(area / (math.pi * radius**2) - 1))
    assert worst < 0.0005


def test_the_area_within_a_distance_of_a_slanted_line() -> None:
    """On both sides of a straight line 2r·l; a half-plane cuts each cell by an exact formula."""
    for degrees in (0, 7, 30, 45, 81):
        along = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]) * 50_000
        line = shapely.LineString([-along, along])
        grid = Grid.over((-2000, -2000, 2000, 2000), 50.0)
        far = Nearest([line]).distances(*grid.centres(grid.whole, halo=1))
        expected = line.buffer(310).intersection(shapely.box(-2000, -2000, 2000, 2000)).area
        assert covering.within(far, 310.0, 50.0).sum() * 2500 == pytest.approx(expected, rel=2e-5)


def test_limits_belong_to_the_band_below() -> None:
    assert raster.classes(np.array([[0, 10, 10.1], [20, 20.1, 1e9]]), [10, 20]).tolist() == [[1, 1, 2], [2, 3, 3]]


GRID = Grid(500_000.0, 3_300_000.0, 50.0, 1300, 1100)
PLANE = metric_crs(120.3)


def wave(part: Part) -> np.ndarray:
    """Classes 1 and 9 in stripes, nothing in the west."""
    columns = np.arange(part.column, part.column + part.columns)
    row = np.where(columns < 300, 0, np.where(columns // 3 % 2, 9, 1))
    return np.tile(row, (part.rows, 1))


def test_classes_keep_their_codes_in_overviews(tmp_path: Path) -> None:
    path, again = tmp_path / "c.tif", tmp_path / "again.tif"
    colours = {0: (0, 0, 0, 0), 1: (22, 74, 102, 255), 9: (207, 225, 230, 255)}
    for one in (path, again):
        raster.write_cog(one, GRID, PLANE, wave, dtype="uint8", nodata=0, overviews=raster.CLASSES, colours=colours,
                         tags={"UNIT": "m"})  # fmt: skip
    assert path.read_bytes() == again.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["again.tif", "c.tif"]
    with rasterio.open(path) as found:
        assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert found.overviews(1)[0] == 2
        assert (found.nodata, found.dtypes, found.res) == (0, ("uint8",), (50.0, 50.0))
        assert found.crs.to_epsg() == PLANE.to_epsg()
        assert found.colormap(1)[9] == colours[9]
        assert found.tags()["UNIT"] == "m"
        assert (found.read(1) == wave(GRID.whole)).all()
        for factor in found.overviews(1):
            small = found.read(1, out_shape=(1100 // factor, 1300 // factor), resampling=Resampling.nearest)
            assert set(np.unique(small)) <= {0, 1, 9}


def test_measures_are_averaged_in_overviews_without_what_has_no_value(tmp_path: Path) -> None:
    def cells(part: Part) -> np.ndarray:
        values = np.tile((np.arange(part.column, part.column + part.columns) % 2) * 100.0, (part.rows, 1))
        values[:, : max(0, 301 - part.column)] = -9999.0
        return values

    path = tmp_path / "m.tif"
    raster.write_cog(path, GRID, PLANE, cells, dtype="float32", nodata=-9999.0, overviews=raster.MEASURES)
    with rasterio.open(path) as found:
        assert (found.nodata, found.dtypes) == (-9999.0, ("float32",))
    with rasterio.open(path, overview_level=0) as small:
        row = small.read(1)[100]
    assert row[:150].tolist() == [-9999.0] * 150
    assert row[150] == 100.0, "of a cell without a value and one with 100"
    assert set(row[151:-1].tolist()) == {50.0}


def geotiff(path: Path, values: np.ndarray, **changes) -> Path:
    rows, columns = values.shape
    place = rasterio.Affine(0.01, 0, 120.0, 0, -0.02, 30.1)
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "height": rows, "width": columns, "nodata": -1}
    profile |= {"crs": "EPSG:4326", "transform": place}
    with rasterio.open(path, "w", **{**profile, **changes}) as sink:
        sink.write(values.astype("float32"), 1)
    return path


def test_cells_of_others_are_read_with_their_places(tmp_path: Path) -> None:
    values = np.array([[1.0, -1.0, 3.0], [np.nan, 5.0, -7.0]])
    cells, found, crs = raster.read_cells(geotiff(tmp_path / "p.tif", values))
    assert found.tolist() == [[1, 0, 3], [0, 5, 0]], "no value, no number and less than nothing are nobody"
    assert crs.to_epsg() == 4326
    assert cells.bounds(Part(1, 1, 1, 2)) == pytest.approx((120.01, 30.06, 120.03, 30.08))
    places = cells.places(np.array([[1, 2]]), 2)
    assert places == pytest.approx(
        np.array([[120.0225, 30.075], [120.0275, 30.075], [120.0225, 30.065], [120.0275, 30.065]])
    )
    cover = covering.covered([shapely.box(120.0, 30.06, 120.015, 30.1)], cells, cells.whole)
    assert cover.share.tolist() == pytest.approx([1, 0.5, 1, 0.5])


def test_rasters_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    values = np.ones((2, 3))
    text = tmp_path / "text.tif"
    text.write_text("no picture")
    turned = rasterio.Affine(0.01, 0.002, 120.0, 0.001, -0.02, 30.1)
    for path, key in (
        (text, "raster.unreadable"),
        (tmp_path / "away.tif", "raster.unreadable"),
        (geotiff(tmp_path / "no_crs.tif", values, crs=None), "raster.no_crs"),
        (geotiff(tmp_path / "turned.tif", values, transform=turned), "raster.no_crs"),
    ):
        with pytest.raises(GeoError) as caught:
            raster.read_cells(path)
        assert caught.value.key == key, path.name
        assert path.name in caught.value.message("en")
        assert caught.value.remedy("zh")
    with pytest.raises(GeoError) as caught:
        raster.read_cells(geotiff(tmp_path / "large.tif", values), most=5)
    assert caught.value.key == "raster.too_many"
