"""A sheet in any system: what can be seen of it, and the picture of pixels that a drawing becomes."""

import io
from pathlib import Path

import numpy as np
import pypdfium2
import shapely
import typst
from PIL import Image
from shapely.geometry import LineString, Point, box

from geo import crs
from layers.drawing import svg
from layers.drawing.furniture import Area, map_block
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


def test_where_a_sheet_stands_in_a_page_no_hair_of_the_map_is_seen_round_it(tmp_path: Path) -> None:
    """A mat that ends with the sheet lets a red line through at its edge, which lies between two pixels."""
    plane = Sheet.of(crs.WGS84, (120.0, 30.0, 120.256, 30.256), 256, 256)
    red = svg.tag("rect", x=-999, y=-999, width=3000, height=3000, fill="#ff0000")
    block = map_block(red, "", (300, 320, Area(20, 30, 256, 256)), plane, 10, "zh")
    (tmp_path / "sheet.svg").write_text(svg.document(block, 300, 320, ""), encoding="utf-8")
    at = '#place(dx: 5.13mm, dy: 7.29mm, image("sheet.svg", width: 61.37mm))'
    (tmp_path / "page.typ").write_text(f"#set page(width: 120mm, height: 120mm, margin: 0mm)\n{at}", encoding="utf-8")
    page = pypdfium2.PdfDocument(typst.compile(str(tmp_path / "page.typ"), format="pdf"))[0]
    made = np.asarray(page.render(scale=150 / 72).to_pil().convert("RGB")).astype(int)
    reddish = made[..., 0] - made[..., 1] > 3
    pixel = 61.37 / 300 * 150 / 25.4  # of a unit of the sheet
    left, top = 5.13 * 150 / 25.4 + 20 * pixel, 7.29 * 150 / 25.4 + 30 * pixel
    right, bottom = left + 256 * pixel, top + 256 * pixel
    framed = np.zeros_like(reddish)
    framed[int(top) - 1 : int(bottom) + 2, int(left) - 1 : int(right) + 2] = True
    assert reddish[framed].mean() > 0.9
    assert not reddish[~framed].any()
