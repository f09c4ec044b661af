"""Scans in a plan folder: read, fitted, traced on; every fault is told, and a better fit moves what was traced."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from tiny_folder import append, edit

from geo.crs import CGCS2000, metric_crs, transform_points
from layers.build import assemble as builds
from layers.build import check as checks

LON = 104.1
SIDE = (2400, 2600)
"""The tiny district at 10 m a pixel: 19 km by 22 km with a margin."""


def pixel(lon: float, lat: float, turn: float = 0.0) -> tuple[float, float]:
    """Where a sheet at 10 m a pixel shows a place; its middle is that of the district."""
    middle, there = transform_points(np.array([[104.1, 30.7], [lon, lat]]), CGCS2000, metric_crs(LON))
    east, north = (there - middle) / 10
    return 1200 + east * math.cos(turn) + north * math.sin(turn), 1300 - north * math.cos(turn) + east * math.sin(turn)


def metres(shape: Any) -> Any:
    """A shape in degrees in metres of the plan's zone."""
    return shapely.transform(shape, lambda xy: transform_points(xy, CGCS2000, metric_crs(LON)))


PLACES = [(104.0, 30.8), (104.1, 30.8), (104.2, 30.8), (104.0, 30.7), (104.1, 30.7), (104.2, 30.7), (104.0, 30.6),
          (104.1, 30.6), (104.2, 30.6)]  # fmt: skip


def point(lon: float, lat: float, off: tuple[float, float] = (0, 0), extra: str = "") -> str:
    x, y = pixel(lon, lat)
    return f"[[point]]\npx = [{x + off[0]:.3f}, {y + off[1]:.3f}]\nat = [{lon}, {lat}]\n{extra}\n"


HEAD = """# the county's own drawing
title = "空间布局图"
title_en = "Spatial layout"
picture = "layout.png"
width = 2400
height = 2600
sources = ["试县纲要"]
"""


def write_scan(folder: Path, points: list[str], head: str = HEAD) -> None:
    (folder / "maps").mkdir(exist_ok=True)
    (folder / "maps" / "layout.toml").write_text(head + "\n" + "\n".join(points), encoding="utf-8")


def good_points(click: float = 1.5) -> list[str]:
    dice = np.random.default_rng(7)
    return [point(lon, lat, tuple(dice.normal(0, click, 2))) for lon, lat in PLACES]


RING = [(104.02, 30.72), (104.08, 30.72), (104.08, 30.78), (104.02, 30.78)]


def traced(extra: str = "", shape: str = "") -> str:
    corners = ", ".join(f"[{x:.2f}, {y:.2f}]" for x, y in (pixel(*corner) for corner in RING))
    return f"""
[[feature]]
id = "pole/traced"
name = "描绘新城"
name_en = "Traced Town"
kind = "pole"
cites = ["3.1.3"]
geometry = {{ scan = "layout", {shape or f"polygon = [{corners}]"} }}
{extra}
"""


def found(folder: Path) -> set[tuple[str, str, str]]:
    return {(one.file, one.field, one.key) for one in checks.check(folder) if one.key != "picture.missing"}


def test_what_is_traced_has_the_fit_s_accuracy_and_its_own_basis(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points())
    append(tiny_plan, "features/more.toml", traced())
    examined = checks.examine(tiny_plan)
    assert [one for one in examined.problems if one.key != "picture.missing"] == []
    one = examined.located["pole/traced"]
    assert one.basis == "traced"
    assert one.sources == ("试县纲要",)
    assert one.accuracy_m is not None
    assert 20 < one.accuracy_m < 90  # clicks are off by 15 m an axis; at 95 % by 37 m with certainty
    truth = shapely.Polygon(RING)
    distance = shapely.hausdorff_distance(metres(one.geometry), metres(truth))
    assert distance < one.accuracy_m


def test_a_better_fit_moves_every_traced_shape(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points(click=6))
    append(tiny_plan, "features/more.toml", traced())
    before = checks.examine(tiny_plan).located["pole/traced"]
    write_scan(tiny_plan, good_points(click=0.1))
    after = checks.examine(tiny_plan).located["pole/traced"]
    assert not before.geometry.equals(after.geometry)
    assert after.accuracy_m < before.accuracy_m
    assert shapely.hausdorff_distance(after.geometry, shapely.Polygon(RING)) < 1e-5


def test_the_edition_says_where_it_was_read_off(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points())
    append(tiny_plan, "features/more.toml", traced())
    (tiny_plan / "maps" / "layout.png").write_bytes(png())
    edition = builds.build(tiny_plan)
    frame = edition.layers["poles"]
    row = frame[frame["id"] == "pole/traced"].iloc[0]
    assert (row["basis"], row["sources"]) == ("traced", "试县纲要")
    (scan,) = edition.meta["scans"]
    assert scan["accuracy_m"] == row["accuracy_m"]
    assert len(scan["points"]) == 9
    assert {one["id"] for one in edition.meta["bases"]} >= {"traced"}


def png() -> bytes:
    from rasterio.io import MemoryFile

    with MemoryFile() as file:
        with file.open(driver="PNG", width=SIDE[0], height=SIDE[1], count=3, dtype="uint8") as sink:
            sink.write(np.full((3, SIDE[1], SIDE[0]), 255, dtype="uint8"))
        return bytes(file.read())


def test_control_points_may_lie_at_what_is_there(tiny_plan: Path) -> None:
    """Corners of townships, where four of them meet, and a place; the accuracy of those counts."""
    refs = [("township/a#nw", 104.0, 30.8), ("township/b#ne", 104.2, 30.8), ("township/c#sw", 104.0, 30.6),
            ("township/d#se", 104.2, 30.6), ("township/a+township/b+township/c+township/d", 104.1, 30.7)]  # fmt: skip
    points = []
    for ref, lon, lat in refs:
        x, y = pixel(lon, lat)
        points.append(f'[[point]]\npx = [{x:.2f}, {y:.2f}]\nref = "{ref}"\n')
    write_scan(tiny_plan, points)
    append(tiny_plan, "features/more.toml", traced())
    examined = checks.examine(tiny_plan)
    assert [one.key for one in examined.problems if one.key != "picture.missing"] == []
    one = examined.located["pole/traced"]
    assert one.accuracy_m == pytest.approx(
        34, abs=2
    )  # townships are stated to 30 m, and a line is 30 m wide: √(30² + 15²)
    assert shapely.hausdorff_distance(one.geometry, shapely.Polygon(RING)) < 1e-5


def test_a_feature_and_the_scan_that_rests_on_it_make_a_circle(tiny_plan: Path) -> None:
    x, y = pixel(104.0, 30.8)
    write_scan(tiny_plan, [*good_points(), f'[[point]]\npx = [{x}, {y}]\nref = "pole/traced#nw"\n'])
    append(tiny_plan, "features/more.toml", traced())
    assert "recipe.cycle" in {key for _, _, key in found(tiny_plan)}


def test_holes_parts_lines_and_points(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points(click=0.01))
    outer, inner, other = ("[[1000,1000],[1400,1000],[1400,1400],[1000,1400]]",
                           "[[1100,1100],[1300,1100],[1300,1300],[1100,1300]]",
                           "[[1500,1000],[1600,1000],[1600,1100],[1500,1100]]")  # fmt: skip
    append(tiny_plan, "features/more.toml", traced(shape=f"polygon = [{outer}, {inner}, {other}]"))
    one = checks.examine(tiny_plan).located["pole/traced"]
    # 4 km square less 2 km square, and a 1 km square: 16 − 4 + 1
    assert metres(one.geometry).area == pytest.approx(13e6, rel=1e-3)


FAULTS = [
    ("", "[[point]]\npx = [10, 10]\n", "at", "scan.point_at"),
    ("", '[[point]]\npx = [10, 10]\nat = [104.1, 30.7]\nref = "township/a#ne"\n', "at", "scan.point_at"),
    ("", "[[point]]\nat = [104.1, 30.7]\n", "px", "scan.px"),
    ("", "[[point]]\npx = [10, 10]\nat = [30.7, 104.1]\n", "at", "recipe.swapped"),
    ("", "[[point]]\npx = [10, 10]\nat = [nan, 30.7]\n", "at", "scan.at"),
    ("", "[[point]]\npx = [10, 10, 3]\nat = [104.1, 30.7]\n", "px", "scan.px"),
    ("", '[[point]]\npx = [10, 10]\nref = "甲镇"\n', "ref", "scan.ref"),
    ("", '[[point]]\npx = [10, 10]\nref = "township/zz#ne"\n', "point", "reference.unknown"),
    ("", '[[point]]\npx = [10, 10]\nref = "place/无此地"\n', "point", "place.unknown"),
    ("", '[[point]]\npx = [10, 10]\nref = "township/a#99"\n', "point", "control.no_vertex"),
    ("", '[[point]]\npx = [10, 10]\nref = "township/a+township/b"\n', "point", "control.no_meeting"),
    ("", '[[point]]\npx = [10, 10]\nat = [104.1, 30.7]\ndatum = "gcj"\n', "datum", "field.choice"),
    ("", "[[point]]\npx = [2401, 10]\nat = [104.1, 30.7]\n", "point", "control.outside"),
    ('picture = "../layout.png"', "", "picture", "scan.picture_path"),
    ('picture = "layout.bmp"', "", "picture", "scan.picture_suffix"),
    ('picture = "layout.pdf"', "", "dpi", "field.missing"),
    ('transformation = "cubic"', "", "transformation", "field.choice"),
    ("mask = [[0, 0], [1, 1]]", "", "mask", "scan.mask"),
    ("width = 0", "", "width", "field.range"),
    ('sources = ["别的"]', "", "sources", "source.unknown"),
    ('titel = "x"', "", "titel", "field.unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "extra", "field", "key"), FAULTS)
def test_each_fault_is_one_clear_problem(tiny_plan: Path, head: str, extra: str, field: str, key: str) -> None:
    name = head.split(" = ", maxsplit=1)[0]
    kept = [line for line in HEAD.splitlines() if not (name and line.startswith(f"{name} ="))]
    write_scan(tiny_plan, [*good_points(), extra], "\n".join([*kept, head]) + "\n")
    problems = {one for one in found(tiny_plan) if one[0] == "maps/layout.toml"}
    assert problems == {("maps/layout.toml", field, key)}


def test_all_problems_at_once(tiny_plan: Path) -> None:
    bad = ["[[point]]\npx = [1]\nat = [104.1, 30.7]\n", '[[point]]\npx = [1, 2]\nref = "?"\n']
    write_scan(tiny_plan, [*good_points(), *bad], HEAD + 'colour = "x"\n')
    append(tiny_plan, "features/more.toml", traced())
    assert {key for _, _, key in found(tiny_plan)} == {"scan.px", "scan.ref", "field.unknown"}


@pytest.mark.parametrize(
    ("shape", "key"),
    [("polygon = [[1, 2], [3, 4]]", "recipe.too_few_values"), ("polygon = [1, 2, 3]", "recipe.bad_pixel"),
     ("polygon = [[1, 2], [3, nan], [4, 5]]", "recipe.not_a_number"), ("polygon = []", "recipe.bad_pixel"),
     ("polygon = [[0, 0], [9, 9], [9, 0], [0, 9]]", "recipe.self_crossing"),
     ("polygon = [[5, 5], [5, 5], [5, 5]]", "recipe.too_few_points"),
     ("polygon = [[-9, 0], [900, 9], [9, 900]]", "scan.pixel_outside"),
     ("line = [[1, 2], [3, 4]], point = [1, 2]", "recipe.scan_shape"), ("clip = 'district'", "recipe.scan_shape"),
     ("line = [[1, 2], [300, 4]]", "geometry.type")],
)  # fmt: skip
def test_shapes_that_are_none(tiny_plan: Path, shape: str, key: str) -> None:
    write_scan(tiny_plan, good_points())
    append(tiny_plan, "features/more.toml", traced(shape=shape))
    assert key in {key for _, _, key in found(tiny_plan)}


def test_a_traced_shape_is_held_against_what_is_known(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points())
    append(tiny_plan, "features/more.toml", traced('known = { inside = "township/d" }'))
    assert ("features/more.toml", "known.inside", "known.inside") in found(tiny_plan)


def test_a_traced_shape_over_its_sister_is_doubted(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points())
    second = traced().replace("pole/traced", "pole/other").replace("描绘新城", "又一新城")
    append(tiny_plan, "features/more.toml", traced() + second)
    assert ("features/more.toml", "geometry", "scan.overlap") in found(tiny_plan)


def test_an_unknown_scan_is_named_with_the_one_that_was_meant(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points())
    append(tiny_plan, "features/more.toml", traced().replace('"layout"', '"layuot"'))
    (problem,) = [one for one in checks.check(tiny_plan) if one.key == "scan.unknown"]
    assert "layout" in problem.remedy("en")


def test_a_fit_that_cannot_be_checked_gives_no_accuracy(tiny_plan: Path) -> None:
    write_scan(tiny_plan, good_points()[:3])
    append(tiny_plan, "features/more.toml", traced())
    keys = {key for _, _, key in found(tiny_plan)}
    assert {"control.no_check", "feature.no_accuracy"} <= keys


def test_points_in_another_datum_come_back(tiny_plan: Path) -> None:
    from geo.crs import wgs84_to_gcj02

    points = []
    for lon, lat in PLACES:
        x, y = pixel(lon, lat)
        there: Any = wgs84_to_gcj02(lon, lat)
        points.append(f'[[point]]\npx = [{x}, {y}]\nat = [{float(there[0])}, {float(there[1])}]\ndatum = "gcj02"\n')
    write_scan(tiny_plan, points)
    append(tiny_plan, "features/more.toml", traced())
    one = checks.examine(tiny_plan).located["pole/traced"]
    assert shapely.hausdorff_distance(one.geometry, shapely.Polygon(RING)) < 1e-5


def test_a_traced_zone_need_not_tile_to_the_centimetre(tiny_plan: Path) -> None:
    """Its edge is off by what the fit is off: told, and built all the same; a zone that is not traced must tile."""
    write_scan(tiny_plan, good_points())
    (tiny_plan / "maps" / "layout.png").write_bytes(png())
    west = [(104.0, 30.6), (104.1, 30.6), (104.1, 30.7), (104.15, 30.7), (104.15, 30.8), (104.0, 30.8)]
    corners = ", ".join(f"[{x:.2f}, {y:.2f}]" for x, y in (pixel(*corner) for corner in west))
    old = 'geometry = { union = ["township/a", "township/c", "part/b-west"] }'
    edit(tiny_plan, "features/base.toml", old, f'geometry = {{ scan = "layout", polygon = [{corners}] }}')
    problems = checks.check(tiny_plan)
    assert {one.severity for one in problems if one.key.startswith("coverage.")} == {"warning"}
    assert [one.key for one in problems if one.severity == "error"] == []
    zones = builds.build(tiny_plan).layers["zones"]
    assert dict(zip(zones["id"], zones["basis"], strict=True)) == {"zone/west": "traced", "zone/east": "derived"}
    edit(tiny_plan, "features/base.toml", f'geometry = {{ scan = "layout", polygon = [{corners}] }}',
         'geometry = { ring = [[104.0, 30.6], [104.1, 30.6], [104.1, 30.8], [104.0, 30.8]] }\naccuracy_m = 1000\n'
         'basis = "schematic"\nsources = ["自测"]')  # fmt: skip
    assert "error" in {one.severity for one in checks.check(tiny_plan) if one.key.startswith("coverage.")}
