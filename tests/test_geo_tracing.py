"""``geo.tracing``: colours, areas with text across them, middle lines with gaps, edges that follow borders."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from PIL import Image, ImageDraw

from geo.errors import GeoError
from geo.masks import closed
from geo.snapping import snapped
from geo.tracing import Cleaning, areas, color_at, lab, lines, near, parse_color, pointed_at


def drawn(path: Path, draw: object) -> Path:
    picture = Image.new("RGB", (800, 600), (250, 248, 240))
    draw(ImageDraw.Draw(picture))  # type: ignore[operator]
    with rasterio.open(path, "w", driver="GTiff", width=800, height=600, count=3, dtype="uint8") as sink:
        sink.write(np.asarray(picture).transpose(2, 0, 1))
    return path


def test_lab_by_published_values() -> None:
    """Of the primaries in sRGB with D65, as colour tables print them."""
    known = {(0, 0, 0): (0, 0, 0), (0, 255, 0): (87.73, -86.18, 83.18), (0, 0, 255): (32.30, 79.19, -107.86),
             (128, 128, 128): (53.59, 0, 0)}  # fmt: skip
    assert np.abs(lab(list(known)) - list(known.values())).max() < 0.02


def test_an_area_with_a_name_and_a_line_across_it(tmp_path: Path) -> None:
    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((100, 80, 499, 379), fill=(240, 190, 90))
        pen.line((50, 200, 700, 260), fill=(90, 90, 90), width=4)
        pen.text((220, 150), "NAME OF A ZONE", fill=(20, 20, 20), font_size=30)
        pen.rectangle((600, 400, 620, 420), fill=(240, 190, 90))
        pen.rectangle((560, 60, 760, 200), fill=(240, 120, 90))

    source = drawn(tmp_path / "a.tif", draw)
    seen = near(source, [(240, 190, 90)], 8)
    (found,) = areas(seen)
    truth = shapely.box(100, 80, 500, 380)
    assert found.intersection(truth).area / found.union(truth).area > 0.995
    assert shapely.hausdorff_distance(found, truth) < 4
    assert len(areas(seen, Cleaning(speck_px=50))) == 2


def test_the_colour_of_a_place(tmp_path: Path) -> None:
    source = drawn(tmp_path / "a.tif", lambda pen: pen.rectangle((100, 80, 499, 379), fill=(10, 200, 90)))
    assert color_at(source, 300, 200) == (10, 200, 90)
    with pytest.raises(GeoError):
        color_at(source, 801, 3)
    assert parse_color("#0ac85A") == (10, 200, 90)
    for wrong in ("red", "#12345", "#gggggg", ""):
        with pytest.raises(GeoError):
            parse_color(wrong)


def test_nothing_counts_outside_the_outline(tmp_path: Path) -> None:
    source = drawn(tmp_path / "a.tif", lambda pen: pen.rectangle((100, 80, 499, 379), fill=(10, 200, 90)))
    seen = near(source, [(10, 200, 90)], 5, shapely.box(0, 0, 300, 600))
    assert seen.mask.sum() == 200 * 300


def test_closing_bridges_what_is_narrow_and_nothing_else() -> None:
    mask = np.zeros((40, 60), dtype=bool)
    mask[10:30, 5:25] = mask[10:30, 29:40] = mask[10:30, 50:58] = True
    found = closed(mask, 2)  # gaps of four are bridged, one of ten is not
    assert found[10:30, 25:29].all()
    assert not found[:, 41:49].any()
    assert not found[:10].any()


def test_the_middle_of_a_line_with_gaps(tmp_path: Path) -> None:
    pytest.importorskip("skimage")

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.line((50, 300, 300, 300), fill=(200, 30, 30), width=9)
        pen.line((330, 300, 500, 300, 700, 450), fill=(200, 30, 30), width=9)
        pen.rectangle((100, 500, 104, 504), fill=(200, 30, 30))

    source = drawn(tmp_path / "a.tif", draw)
    seen = near(source, [(200, 30, 30)], 10)
    (found,) = lines(seen, bridge_px=40)
    truth = shapely.LineString([(50, 300), (500, 300), (700, 450)])
    assert shapely.hausdorff_distance(found, truth) < 6
    assert shapely.distance(shapely.points(400, 300.5), found) < 1.5
    assert len(lines(seen, bridge_px=20)) == 2


UNITS = [shapely.box(x, y, x + 100, y + 100) for x in (0, 100) for y in (0, 100)]


def test_an_edge_near_borders_follows_them() -> None:
    """Two units whole, and a third cut in two by an edge of its own."""
    shape = shapely.Polygon([(2, -3), (103, 3), (98, 104), (99, 148), (-2, 152)])
    found = snapped(shape, UNITS, 6)
    assert shapely.hausdorff_distance(found, shapely.box(0, 0, 100, 150)) < 6
    assert found.intersection(UNITS[0]).area == pytest.approx(1e4)
    assert found.intersection(shapely.box(100, 0, 200, 200)).area < 1


def test_an_edge_of_its_own_stays() -> None:
    shape = shapely.box(40, 30, 160, 170)
    assert snapped(shape, UNITS, 6).symmetric_difference(shape).area < 1


def test_a_narrow_arm_of_a_cut_unit_is_not_lost() -> None:
    """An arm of 10 m, too narrow for an inside at an accuracy of 6 m, on the half that the shape covers."""
    arm = shapely.box(100, 40, 160, 50)
    shape = shapely.union(shapely.box(50, 0, 100, 100), arm)
    found = snapped(shape, [shapely.union(shapely.box(0, 0, 100, 100), arm)], 6)
    assert found.symmetric_difference(shape).area < 1


def test_holes_that_nobody_can_know_are_none() -> None:
    pin, lake = shapely.box(30, 30, 31, 32), shapely.box(60, 60, 80, 80)
    found = snapped(shapely.box(0, 0, 100, 150) - pin - lake, UNITS, 6)
    assert found.area == pytest.approx(15_000 - 400)


def test_what_names_and_lines_cut_off_stays_with_its_area(tmp_path: Path) -> None:
    """Letters with a halo over the edge of two areas: pieces between the letters, and one behind a narrow neck."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((100, 80, 399, 479), fill=(240, 207, 153))
        pen.rectangle((400, 80, 699, 479), fill=(213, 203, 222))
        pen.line((400, 80, 400, 479), fill=(90, 90, 90), width=4)
        for top in (150, 250, 350):  # rows of text across the edge, closer to each other than letters are large
            pen.rectangle((340, top, 460, top + 55), fill=(255, 250, 235))
            pen.text((345, top), "MMMM", fill=(60, 50, 40), font_size=42)
        pen.line((430, 80, 430, 479), fill=(90, 90, 90), width=4)  # leaves strips of both colours beside the edge
        pen.polygon([(100, 478), (60, 560), (160, 560)], fill=(240, 207, 153))
        pen.line((60, 480, 420, 480), fill=(60, 60, 60), width=9)  # over the neck
        pen.rectangle((720, 540, 760, 570), fill=(240, 207, 153))  # the legend's patch

    source = drawn(tmp_path / "a.tif", draw)
    cleaning = Cleaning(bridge_px=60, speck_px=8_000, hole_px=40_000)
    seen = near(source, [(240, 207, 153)], 8)
    found = pointed_at(areas(seen, cleaning), (200, 120), 3, cleaning)
    truth = shapely.union_all([shapely.box(100, 80, 400, 480), shapely.Polygon([(100, 478), (60, 560), (160, 560)])])
    whole = shapely.union_all(found)
    assert whole.contains(shapely.Point(110, 530))  # what lies behind the neck
    assert shapely.distance(whole, shapely.Point(740, 555)) > 100  # not the legend's patch
    assert whole.intersection(truth).area / whole.union(truth).area > 0.96
    outline = shapely.points(shapely.get_coordinates(shapely.segmentize(whole.boundary, 2)))
    away = shapely.distance(truth.boundary, outline)
    assert np.quantile(away, 0.9) < 8
    assert away.max() < 45  # no farther than a letter is wide
    # within the strip right of the edge nothing is taken between the rows of text
    between = shapely.box(406, 212, 424, 242)
    assert whole.intersection(between).area < 0.1 * between.area
