"""Names on figures: they follow rivers and roads, stay text, and nothing lies on anything."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from layers.drawing import curved
from layers.drawing.figure import EAGER, Figure, figure
from layers.drawing.names import Manner, Name, place
from layers.drawing.picture import Picture, chart
from layers.drawing.plane import Plane
from layers.edition.file import read
from layers.edition.store import Store


@pytest.fixture(scope="module")
def store(xiaoshan_edition: Path) -> Store:
    return Store(read(xiaoshan_edition))


def pictured(store: Store, view: str, size: tuple[float, float], lang: str = "zh") -> tuple[Figure, Picture]:
    """A figure, and the picture on it with its names."""
    made = figure(store, store.views[view], size, lang)
    drawn = chart(store, store.views[view]["layers"], made.plane, lang, manner=Manner(EAGER, curved=True))
    return made, drawn


def shapes(name: Name) -> list[Polygon]:
    """What a placed name covers: a turned rectangle, or the square of each letter. A little less: touching is fine."""
    if name.letters:
        half = name.size * name.scale / 2 - 0.3
        return [
            shapely.affinity.rotate(box(x - half, y - half, x + half, y + half), one.turn)
            for one in name.letters for x, y in [one.middle]
        ]  # fmt: skip
    assert name.at is not None
    x, y, turn = name.at
    wide, high = name.width * name.scale / 2 - 0.3, name.height * name.scale / 2 - 0.3
    return [shapely.affinity.rotate(box(x - wide, y - high, x + wide, y + high), turn)]


@pytest.mark.parametrize("case", [("transport", (420, 297), "zh"), ("services", (297, 210), "zh"),
                                  ("overview", (160, 110), "en"), ("projects", (841, 594), "en")],
                         ids=lambda case: case[0])  # fmt: skip
def test_no_name_lies_on_another(store: Store, case: tuple[str, tuple[float, float], str]) -> None:
    """Every pair of names, as turned shapes; and none reaches over the edge."""
    view, size, lang = case
    _made, drawn = pictured(store, view, size, lang)
    placed = [name for name in drawn.names if name.at]
    assert len(placed) > 15
    sheet = box(0, 0, drawn.plane.width, drawn.plane.height)
    for name in placed:
        assert all(sheet.covers(one) for one in shapes(name)), name.lines
    for one, other in combinations(placed, 2):
        both = shapely.union_all(shapes(one)).intersection(shapely.union_all(shapes(other)))
        assert both.area < 1e-6, (one.lines, other.lines)


def test_a_rivers_name_lies_in_the_river_and_a_roads_on_the_road(store: Store) -> None:
    """The middle of each letter; and the letters are one text of the SVG, in the order in which they are read."""
    made, drawn = pictured(store, "transport", (420, 297))
    bent = {"".join(letter.text for letter in name.letters): name for name in drawn.names if name.letters}
    assert {"钱塘江", "浦阳江"} <= set(bent)
    for text, name in bent.items():
        _layer, _cells, geometry = store.row(name.id)
        shape = made.plane.drawn(geometry)
        reach = 1.5 if "Line" in shape.geom_type else name.size  # a river's middle line is smoothed
        assert all(Point(letter.middle).distance(shape) < reach for letter in name.letters), text
        assert all(abs(letter.turn) <= 90 for letter in name.letters), text
        xs, ys = zip(*(letter.middle for letter in name.letters), strict=True)
        steep = abs(ys[-1] - ys[0]) > 1.3 * abs(xs[-1] - xs[0])
        assert ys[-1] > ys[0] if steep else xs[-1] > xs[0], text
        assert f">{text}</text>" in made.svg


def test_a_name_on_a_line_by_hand() -> None:
    """Four letters of 10 on a level line of 100, 2 apart: 46 in all, so that the first one's middle is at 32."""
    letters = next(curved.places(LineString([(100, 50), (0, 50)]), "甲乙丙丁", 10, 2))  # drawn from right to left
    assert [letter.middle for letter in letters] == [pytest.approx((32 + 12 * at, 50)) for at in range(4)]
    assert {letter.turn for letter in letters} == {0}
    assert (letters[0].x, letters[0].y) == (27, pytest.approx(53.6))  # half an em to the left, 0.36 below
    down = next(curved.places(LineString([(50, 100), (50, 0)]), "甲乙", 10, 0))
    assert [letter.middle[1] for letter in down] == pytest.approx([45, 55])
    assert {letter.turn for letter in down} == {0}, "upright letters, read downwards"
    slant = next(curved.places(LineString([(0, 0), (100, 100)]), "甲乙", 10, 0))
    assert {letter.turn for letter in slant} == {45}
    assert math.dist(slant[0].middle, slant[1].middle) == pytest.approx(10)


def test_no_name_where_a_line_turns_back_or_is_short() -> None:
    corner = LineString([(0, 0), (20, 0), (0, 0.5)])
    assert list(curved.places(corner, "甲乙丙", 10, 0)) == []
    assert list(curved.places(LineString([(0, 0), (29, 0)]), "甲乙丙", 10, 0)) == []


def test_a_latin_name_lies_straight_on_a_stretch_of_its_river(store: Store) -> None:
    """Both ends of the name's middle line lie within a letter of the river, and the name is turned as the river is."""
    made, drawn = pictured(store, "transport", (420, 297), "en")
    placed = {"".join(line for line, _y in name.lines): name for name in drawn.names if name.at}
    for text in ("Qiantang River", "Puyang River"):
        name = placed[text]
        _layer, _cells, geometry = store.row(name.id)
        river = made.plane.drawn(geometry)
        (x, y, turn), half = name.at, name.width * name.scale / 2
        along = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        assert turn, text
        for side in (-1, 1):
            end = Point(x + side * half * along[0], y + side * half * along[1])
            assert end.distance(river) < name.size, text


def test_the_room_of_a_turned_name_is_that_of_its_letters() -> None:
    """A name of 100 by 10 across the square from corner to corner leaves both other corners free."""
    slim = Name("a", (("abc", 0.0),), 10, 400, False, 0, "#000", "", 100, 10, ((50, 50, 45.0),), 0, 0, 30, 2, slim=True)
    other = replace(slim, id="b", lines=(("d", 0.0),), width=10, places=((75, 25, 0.0),), priority=1, slim=False)
    plane = Plane(12, 0, 0, 100, 100, (0, 0, 100, 100))
    assert [name.at is not None for name in place([slim, other], plane, [])] == [True, True]
    assert [name.at is not None for name in place([replace(slim, slim=False), other], plane, [])] == [True, False]
