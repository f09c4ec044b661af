"""Methods of computed indicators against numbers worked out by hand, never from the code under test."""

import math

import pytest
import shapely
from ellipsoid import PLACES as CELLS
from ellipsoid import WEST, cell_km2, meridian_km, parallel_km
from shapely.geometry import LineString, Point, Polygon, box

from geo import measure
from geo.crs import CGCS2000, WGS84
from geo.errors import GeoError
from layers.measure import methods
from layers.measure.features import Shapes


def shapes(geometries, crs=CGCS2000) -> Shapes:
    return Shapes.of(geometries, crs)


def series(named) -> Shapes:
    return Shapes.of(named.values(), CGCS2000, named)


PLACES = series(CELLS.to_dict())


def by_place(found, places=PLACES) -> dict:
    return dict(zip(places.ids, found.tolist(), strict=True))


def test_area_of_a_cell() -> None:
    # GDAL 3.6: ogrinfo -dialect SQLite -sql "SELECT ST_Area(geometry, 1) …" says 106904539 m²
    found = by_place(methods.area(PLACES))
    assert found["west"] == pytest.approx(cell_km2(30.0, 30.1, 0.1), rel=1e-6)
    assert found["west"] == pytest.approx(106.904539, rel=1e-6)


def test_area_of_inputs_counts_overlaps_once() -> None:
    half = box(119.9, 29.9, 120.05, 30.2)
    found = by_place(methods.area(PLACES, shapes([half, half, box(120.0, 30.0, 120.02, 30.1)])))
    assert found["west"] == pytest.approx(cell_km2(30.0, 30.1, 0.05), rel=1e-5)
    assert found["east"] == 0.0


def test_area_leaves_out_holes() -> None:
    ring = Polygon(WEST.exterior.coords, [box(120.02, 30.02, 120.04, 30.04).exterior.coords])
    (found,) = methods.area(series({"p": ring}))
    assert found == pytest.approx(cell_km2(30.0, 30.1, 0.1) - cell_km2(30.02, 30.04, 0.02), rel=1e-6)


def test_line_length_is_cut_at_the_boundary() -> None:
    line = LineString([(120.05, 29.95), (120.05, 30.05)])
    found = by_place(methods.line_length(PLACES, shapes([line])))
    assert found["west"] == pytest.approx(meridian_km(30.0, 30.05), rel=1e-7)
    assert found["west"] == pytest.approx(5.5426, abs=1e-3)
    assert found["east"] == 0.0


def test_line_length_counts_shared_track_once() -> None:
    first = LineString([(120.05, 30.01), (120.05, 30.05)])
    second = LineString([(120.05, 30.03), (120.05, 30.07)])
    found = by_place(methods.line_length(PLACES, shapes([first, second])))
    assert found["west"] == pytest.approx(meridian_km(30.01, 30.07), rel=1e-7)


def test_line_length_over_two_places() -> None:
    line = LineString([(120.05, 30.05), (120.15, 30.05)])
    found = by_place(methods.line_length(PLACES, shapes([line])))
    assert found["west"] == pytest.approx(parallel_km(30.05, 0.05), rel=1e-5)
    assert found["east"] == pytest.approx(parallel_km(30.05, 0.05), rel=1e-5)


def test_boundary_length_counts_both_banks_but_not_where_the_water_is_cut_off() -> None:
    # half a metre of tolerance: 0.1 m is lost where a bank leaves the district
    river = shapes([box(120.0, 30.02, 120.2, 30.04)])
    both_banks = parallel_km(30.02, 0.1) + parallel_km(30.04, 0.1)
    found = by_place(methods.boundary_length(PLACES, river, box(120.0, 30.0, 120.2, 30.1)))
    assert found["west"] == pytest.approx(both_banks, abs=5e-4)
    assert found["east"] == pytest.approx(both_banks, abs=5e-4)
    with_end = by_place(methods.boundary_length(PLACES, river))
    assert with_end["west"] == pytest.approx(both_banks + meridian_km(30.02, 30.04), abs=5e-4)


def test_boundary_length_of_a_river_along_the_border_is_one_bank() -> None:
    # the district reaches to mid-river; the bank at 30.02 is inside, the other one outside
    river = shapes([box(119.9, 29.98, 120.3, 30.02)])
    found = by_place(methods.boundary_length(PLACES, river, box(120.0, 30.0, 120.2, 30.1)))
    assert found["west"] == pytest.approx(parallel_km(30.02, 0.1), abs=5e-4)


def test_share_within_a_distance() -> None:
    found = by_place(methods.share_within(PLACES, shapes([Point(120.05, 30.05)]), 800))
    assert found["west"] == pytest.approx(100 * math.pi * 0.8**2 / cell_km2(30.0, 30.1, 0.1), rel=1e-3)
    assert found["east"] == 0.0


def test_share_within_overlap_counts_once_and_neighbours_serve() -> None:
    on_border = shapes([Point(120.1, 30.05), Point(120.1, 30.05)])
    found = by_place(methods.share_within(PLACES, on_border, 800))
    half_circle = 100 * math.pi * 0.8**2 / 2 / cell_km2(30.0, 30.1, 0.1)
    assert found["west"] == pytest.approx(half_circle, rel=2e-3)
    assert found["east"] == pytest.approx(half_circle, rel=2e-3)


def test_share_within_is_the_same_in_another_zone() -> None:
    # 3° further west lies another metric zone; the ellipsoid is round, so the share is the same
    moved = series({"p": box(117.0, 30.0, 117.1, 30.1)})
    here = by_place(methods.share_within(PLACES, shapes([Point(120.05, 30.05)]), 800))["west"]
    (there,) = methods.share_within(moved, shapes([Point(117.05, 30.05)]), 800)
    assert there == pytest.approx(here, rel=1e-4)


@pytest.mark.parametrize("number", [2, 3, 4, 5, 9])
def test_share_within_of_many_circles_is_that_of_their_union(number, monkeypatch) -> None:
    """Whether few or many circles reach a place, and whether the places are looked at together or one by one."""
    stations = shapes([Point(120.095 + 0.002 * one, 30.05 + 0.001 * one) for one in range(number)])
    known: dict = {}
    found = by_place(methods.share_within(PLACES, stations, 800, drawn=known))
    (circles,) = known.values()
    for name, place in CELLS.to_dict().items():
        covered = shapely.intersection(shapely.union_all(circles), place)
        expected = 100 * measure.area_m2(covered, CGCS2000) / measure.area_m2(place, CGCS2000)
        assert found[name] == pytest.approx(expected, rel=1e-9)
    monkeypatch.setattr(methods, "_AT_ONCE", 1)
    assert by_place(methods.share_within(PLACES, stations, 800, drawn=known)) == found


def test_count_counts_names_once_and_zero_where_nothing_is() -> None:
    members = [
        ("west", "metro_station", "甲"),
        ("west", "metro_station", "甲"),
        ("west", "metro_station", "乙"),
        ("west", "hub", "甲"),
    ]
    assert methods.count(members, ["west", "east"]).tolist() == [3.0, 0.0]


def test_township_count_is_whole_and_says_how_many_lie_partly_inside() -> None:
    zones = series({"z1": box(120.0, 30.0, 120.03, 30.1), "z2": box(120.03, 30.0, 120.2, 30.1)})
    number, partly = methods.township_count(zones, PLACES)
    assert by_place(number, zones) == {"z1": 1.0, "z2": 2.0}
    assert by_place(partly, zones) == {"z1": 1, "z2": 1}


def test_township_shares_leave_out_slivers() -> None:
    zones = series({"z1": box(120.0, 30.0, 120.100001, 30.1), "z2": box(120.100001, 30.0, 120.2, 30.1)})
    owner, which, share = methods.township_shares(zones, PLACES)
    assert sorted(zip(zones.ids[owner], PLACES.ids[which], share.tolist(), strict=True)) == [
        ("z1", "west", 1.0),
        ("z2", "east", 1.0),
    ]


def test_a_sliver_is_less_than_a_ten_thousandth() -> None:
    # The place reaches into the eastern township, 0.1° wide, by 0.02 % of its width, then by 0.005 %.
    for reach, told in ((0.00002, {"west": 1.0, "east": 0.0002}), (0.000005, {"west": 1.0})):
        zone = series({"z1": box(120.0, 30.0, 120.1 + reach, 30.1)})
        _, which, share = methods.township_shares(zone, PLACES)
        found = dict(zip(PLACES.ids[which], share.tolist(), strict=True))
        assert found == {name: pytest.approx(part, rel=0.01) for name, part in told.items()}
    # What lacks as little of the whole is whole, what lacks 0.02 % is not.
    for short, part in ((0.000005, 1.0), (0.00002, 0.9998)):
        _, _, share = methods.township_shares(series({"z1": box(120.0, 30.0, 120.1 - short, 30.1)}), PLACES)
        assert share.tolist() == [pytest.approx(part, abs=1e-6)]


@pytest.mark.parametrize("method", [methods.line_length, methods.boundary_length, methods.area])
def test_methods_refuse_two_crs_and_none(method) -> None:
    foreign = shapes([box(120, 30, 120.05, 30.05)], WGS84)
    with pytest.raises(GeoError) as error:
        method(PLACES, foreign)
    assert error.value.key == "crs.mismatch"
    bare = shapes([WEST], None)
    with pytest.raises(GeoError) as error:
        method(bare, bare)
    assert error.value.key == "measure.no_crs"
