"""A sheet in any system: what can be seen of it, and the picture of pixels that a drawing becomes."""

import io

import numpy as np
import shapely
from PIL import Image
from shapely.geometry import LineString, Point, box

from geo import crs
from layers.drawing import svg
from layers.drawing.sheet import AROUND_PX, EDGE_PX, Sheet, pixels


def test_areas_and_lines_are_seen_as_far_as_their_outline_reaches_and_points_everywhere() -> None:
    sheet = Sheet.of(crs.WGS84, (120.0, 30.0, 120.256, 30.256), 256, 256)  # a pixel is a thousandth of a degree
    near, far = 120.256 + (EDGE_PX - 1) / 1000, 120.256 + (EDGE_PX + 1) / 1000
    given = np.array(
        [
            box(near, 30.1, 121, 30.2),
            box(far, 30.1, 121, 30.2),
            LineString([(near, 30.1), (121, 31)]),
            LineString([(far, 30.1), (121, 31)]),
            Point(120.256 + (AROUND_PX - 1) / 1000, 30.1),
            box(119, 29, 122, 32),
        ],
        dtype=object,
    )
    assert sheet.in_sight(given).tolist() == [True, False, True, False, True, True]


def test_what_is_far_larger_than_a_sheet_is_cut_and_what_is_on_it_is_whole() -> None:
    sheet = Sheet.of(crs.WGS84, (120.0, 30.0, 120.256, 30.256), 256, 256)
    large, small = sheet.all_drawn([box(110, 20, 130, 40), box(120.01, 30.01, 120.02, 30.02)])
    assert large.bounds[0] < -AROUND_PX
    assert large.bounds[2] < 1000
    np.testing.assert_allclose(small.bounds, (10, 236, 20, 246), atol=1e-6)
    assert shapely.get_num_coordinates(small) == 5


def test_a_drawing_in_millimetres_fills_the_pixels_that_are_asked_for() -> None:
    half = svg.tag("path", d="M0 0H150V100H0z", fill="#ff0000")
    made = np.asarray(Image.open(io.BytesIO(pixels(svg.document(half, 300, 100, "", per_mm=3), 301, 77, "#0000ff"))))
    assert made.shape[:2] == (77, 301)
    assert made[:, 149, :3].tolist() == [[255, 0, 0]] * 77
    assert made[:, 152, :3].tolist() == [[0, 0, 255]] * 77


def test_a_drawing_without_ground_is_clear_where_nothing_is_drawn() -> None:
    made = Image.open(io.BytesIO(pixels(svg.document("", 20, 10, ""), 20, 10)))
    assert (made.mode, made.size, made.getextrema()[3]) == ("RGBA", (20, 10), (0, 0))


def test_letters_that_follow_a_line_stand_where_they_are_placed() -> None:
    """The library that makes pixels knows one place and one turn for a text: without help both letters stand above."""
    name = '<text x="20 20" y="30 90" rotate="0 90" font-size="20" fill="#000000" text-anchor="start">H&lt;</text>'
    made = np.asarray(
        Image.open(io.BytesIO(pixels(svg.document(name, 100, 120, ""), 100, 120, "#ffffff"))).convert("L")
    )
    assert (made[:40] < 128).any()
    assert (made[80:] < 128).any()
    assert not (made[:40, 40:] < 128).any()
