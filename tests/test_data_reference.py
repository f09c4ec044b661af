"""The shipped geometry against detailed public geodata beside the checkout: control only, nothing is copied."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from plan_text import FACTS, REFERENCE
from shapely import LineString, Point
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000, WGS84, metric_crs, transform
from layers.build.check import examine

pytestmark = pytest.mark.reference

DATA = Path(__file__).resolve().parent.parent / "data"
LON = 120.3
MIN_IOU = 0.92
MAX_TRACK_M = 300
STATION_M = 250
# Reference lines by name, and the features that draw them; phase 2 of line 6 is a feature of its own.
LINES = {
    "1": ["metro/line-1"],
    "2": ["metro/line-2"],
    "5": ["metro/line-5"],
    "6": ["metro/line-6", "metro/line-6-phase-2"],
    "7": ["metro/line-7"],
    "19": ["metro/line-19"],
}


def reference(name: str) -> list[dict[str, Any]]:
    path = REFERENCE / name
    if not path.is_file():
        pytest.skip(f"no control data: {name} is not beside the checkout")
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def facts(name: str) -> list[dict[str, str]]:
    path = FACTS / name
    if not path.is_file():
        pytest.skip(f"no facts: {name} is not beside the checkout")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def to_metres(geometry: BaseGeometry) -> BaseGeometry:
    return transform(geometry, WGS84, metric_crs(LON))


@pytest.fixture(scope="module")
def shapes() -> dict[str, BaseGeometry]:
    located = examine(DATA / "plans" / "xiaoshan-14fyp", DATA).located
    return {
        name: transform(one.geometry, CGCS2000, metric_crs(LON))
        for name, one in located.items()
        if one.geometry is not None
    }


@pytest.fixture(scope="module")
def townships() -> dict[str, str]:
    plan = examine(DATA / "plans" / "xiaoshan-14fyp", DATA).plan
    assert plan is not None
    return {feature.name: feature.id for feature in plan.of_kind("township")}


def test_townships_agree_with_a_detailed_coverage(shapes: dict[str, BaseGeometry], townships: dict[str, str]) -> None:
    detailed = reference("townships_22.geojson")
    assert len(detailed) == len(townships) == 22
    for feature in detailed:
        theirs = to_metres(shapely.make_valid(shape(feature["geometry"])))
        ours = shapes[townships[feature["properties"]["name"]]]
        iou = theirs.intersection(ours).area / theirs.union(ours).area
        assert iou >= MIN_IOU, (feature["properties"]["name"], round(iou, 3))


@pytest.mark.parametrize("line", LINES)
def test_metro_lines_follow_the_tracks(line: str, shapes: dict[str, BaseGeometry]) -> None:
    ours = shapely.union_all([shapes[name] for name in LINES[line]])
    district = shapes["district"]
    tracks = [
        to_metres(shape(feature["geometry"]))
        for feature in reference("metro_tracks.geojson")
        if line in feature["properties"]["line"] and "chord" not in feature["properties"]["geom"]
    ]
    assert tracks
    seen = 0
    for track in tracks:
        inside = shapely.get_parts(shapely.segmentize(track.intersection(district), 50))
        for part in (one for one in inside if isinstance(one, LineString)):
            for point in part.coords:
                assert ours.distance(Point(point)) <= MAX_TRACK_M
                seen += 1
    # Line 1 has 300 m of surveyed track in the district, the others several kilometres.
    assert seen >= 6


def test_the_river_holds_the_surveyed_centre_line(shapes: dict[str, BaseGeometry]) -> None:
    water = shapely.union_all([shapes[name] for name in ("water/qiantang", "water/fuchun", "water/hangzhou-bay")])
    lines = [to_metres(shape(feature["geometry"])) for feature in reference("qiantang_centreline.geojson")]
    held = sum(line.intersection(water).length for line in lines)
    assert held >= 0.97 * sum(line.length for line in lines)


def test_the_airport_is_where_it_is(shapes: dict[str, BaseGeometry]) -> None:
    ours = shapes["airport/xiaoshan"]
    for feature in reference("airport.geojson"):
        theirs = to_metres(shape(feature["geometry"]))
        if theirs.area:
            assert theirs.intersection(ours).area / theirs.union(ours).area >= 0.7
        else:
            assert ours.covers(theirs), feature["properties"]["name"]


def test_stations_are_those_of_the_facts(shapes: dict[str, BaseGeometry], townships: dict[str, str]) -> None:
    rows = facts("metro_stations.csv")
    inside = {row["station"]: row for row in rows if row["township"]}
    stations = {name: point for name, point in shapes.items() if name.startswith("station/")}
    assert len(stations) == len(inside) == 41
    for row in inside.values():
        point = to_metres(Point(float(row["lon"]), float(row["lat"])))
        nearest = min(stations.values(), key=point.distance)
        assert nearest.distance(point) <= STATION_M
        assert shapes[townships[row["township"]]].covers(nearest), row["station"]


def test_township_arcs_are_those_of_the_facts() -> None:
    with (DATA / "boundaries" / "xiaoshan-township-arcs.csv").open(encoding="utf-8-sig", newline="") as file:
        ours = {row["arc"]: row["lon_lat_points"] for row in csv.DictReader(file)}
    assert ours == {row["arc"]: row["lon_lat_points"] for row in facts("township_boundary_arcs.csv")}


def test_heritage_places_lie_in_their_township(shapes: dict[str, BaseGeometry], townships: dict[str, str]) -> None:
    places = [
        feature
        for feature in reference("places_568.geojson")
        if feature["properties"]["town"] in townships and feature["geometry"]
    ]
    assert len(places) > 500
    right = sum(
        shapes[townships[feature["properties"]["town"]]].covers(to_metres(shape(feature["geometry"])))
        for feature in places
    )
    # The detailed coverage gets 95.8 %.
    assert right / len(places) >= 0.93
