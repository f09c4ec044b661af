"""A view as a still picture: projection, passes, names."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from cases import every
from shapely.geometry import LineString, Point, Polygon
from web_edition import make_edition

from layers.drawing.names import Feature, Name, place, written
from layers.drawing.picture import picture
from layers.drawing.plane import Plane, outlines
from layers.edition.store import Store
from layers.style.passes import ground, line_factor, passes, point_factor

BUILDING = {"id": "building", "dash": [4.0, 1.6]}


def test_a_plane_is_the_maps_projection_at_the_closest_step_that_fits() -> None:
    # 90 degrees of longitude are a quarter of the world, 64 px at zoom 0; 1,248 px are free: 1248 / 64 = 2^4.285.
    plane = Plane.around([[-0.001, 0.0], [0.001, 90.0]], 1280, 960)
    assert plane.zoom == 4.25
    assert plane.fit[2] - plane.fit[0] == pytest.approx(64 * 2**4.25)
    assert (plane.fit[0] + plane.fit[2]) / 2 == pytest.approx(640, abs=0.5)
    # Latitude 60 in Web Mercator: ln(tan(75°)) / 2π = 0.2096 of the world above the equator (Snyder 1987, 7-2).
    ((_x, y),) = plane.points(np.array([[0.0, 60.0]]))
    ((_x, equator),) = plane.points(np.array([[0.0, 0.0]]))
    assert (equator - y) / (256 * 2**4.25) == pytest.approx(0.20960, abs=1e-5)


def test_outlines_are_short_and_whole() -> None:
    square = Polygon([(0.2, 0.1), (10.4, 0.1), (10.4, 9.8), (0.2, 9.8)])
    assert outlines(square) == "M0 0l10 0 0 10-10 0z"
    assert outlines(LineString([(0, 0), (5, 5), (10, 0)])) == "M0 0l5 5 5-5"
    assert outlines(Polygon([(0, 0), (1, 0), (1, 1)])) == "", "too small to be seen"


def test_passes_of_a_line_under_construction() -> None:
    kind = {"geometry": "line", "symbol": {"stroke": "#111111", "width": 3.0, "casing": "#ffffff", "casing_width": 5.0}}
    casing, stroke = passes(kind, BUILDING, "line")
    assert (casing.name, casing.width, casing.opacity) == ("casing", 5.0, 0.8)
    # A status' dash is in widths of the line: 4 * 3 and 1.6 * 3 px.
    assert stroke.dash == pytest.approx((12.0, 4.8))
    assert passes(kind, {}, "line", color="#ff0000")[1].stroke == "#ff0000"
    dark = {"geometry": "line", "symbol": {"stroke": "#111111", "width": 3.0, "casing": "#8c4a0f", "casing_width": 5.0}}
    assert [one.name for one in passes(dark, BUILDING, "line")] == ["casing", "bed", "stroke"], (
        "paper between the dashes"
    )


def test_passes_of_an_area() -> None:
    kind = {"geometry": "polygon", "symbol": {"fill": "#eeeeee", "stroke": "#333333", "width": 2.0}}
    fill, pattern, stroke = passes(kind, {}, "polygon", color="#ff8000", assumed=True)
    # 255 * 0.58 = 147.9, 128 * 0.58 = 74.2.
    assert (fill.fill, pattern.pattern, stroke.stroke) == ("#ff8000", "hatch", "#944a00")
    fill, rim = ground(passes(kind, {}, "polygon"))
    assert (fill.stroke, fill.width) == ("#eeeeee", 0.8)
    assert (rim.name, rim.width) == ("rim", 4.8)


@every(("zoom", "line", "point"), [(12.0, 1.0, 0.875), (10.0, 0.68, 0.625), (4.0, 0.58, 0.625), (18.0, 1.9, 1.375)])
def test_factors_of_the_zoom(zoom: float, line: float, point: float) -> None:
    assert line_factor(zoom) == pytest.approx(line)
    # 1 + (12 - 12.5) * 0.13 = 0.935 is seven eighths, 1.35 eleven.
    assert point_factor(zoom) == point


def name_of(text: str, priority: float, x: float = 400.0, label: str = "area") -> Name:
    kind = {
        "geometry": "point",
        "label": {"size": 12.0, "priority": priority, "placement": label},
        "symbol": {"size": 10},
    }
    shape = Point(x, 300.0)
    (made,) = written(Feature(text, kind, {"id": text}, shape, shape), PLANE, "zh", {})
    return made


PLANE = Plane(12.0, 0.0, 0.0, 800, 600, (0.0, 0.0, 800.0, 600.0))


def test_the_important_names_choose_first() -> None:
    low, high = name_of("乙乙乙乙", 1), name_of("甲甲甲甲", 9)
    first, second = place([low, high], PLANE, [])
    assert [line for line, _y in first.lines] == ["甲甲甲甲"]
    # Four letters of 12 px and 4 px around them; the symbol has a radius of 5 * 7 / 8 px and 3 px of air.
    assert first.width == 52
    assert first.at == pytest.approx((400 + 5 * 0.875 + 3 + 26, 300, 0), abs=0.1)
    assert second.at is not None
    assert second.at[:2] != first.at[:2]
    crowd = [replace(name_of(letter * 4, 5), lines=((letter * 4, 4.0),)) for letter in "丙丁戊己庚辛壬癸"]
    assert sum(one.at is None for one in place([*crowd, high], PLANE, [])) > 0, "there is not room for all"


def test_the_name_of_an_area_breaks_where_it_is_too_wide_for_it() -> None:
    kind = {"geometry": "polygon", "label": {"size": 20.0, "priority": 5}}
    area = Polygon([(100, 100), (400, 100), (400, 400), (100, 400)])
    wide, narrow = written(Feature("甲乙丙丁戊己庚辛", kind, {"id": "a"}, area, area), PLANE, "zh", {})
    assert [line for line, _y in narrow.lines] == ["甲乙丙丁", "戊己庚辛"]
    # 8 * 20 px and 4 px around them take 70 % of 300 px at zoom 12 + log2(164 / 210).
    assert wide.low == pytest.approx(11.6433, abs=1e-3)
    assert narrow.high < wide.low


def test_a_name_is_written_where_its_kind_says_so() -> None:
    far = replace(name_of("甲", 1), low=13.0)
    assert place([far], PLANE, [])[0].at is None
    assert place([replace(far, low=12.0)], PLANE, [])[0].at is not None


def test_a_picture_has_the_layers_of_the_view_low_ones_first() -> None:
    store = Store(make_edition())
    made = picture(store, store.views["overview"], "en")
    order = [layer.id for layer in made.layers if layer.id != "paper"]
    assert order == sorted(store.views["overview"]["layers"], key=lambda name: store.layers[name]["order"])
    drawn = {layer.id: layer for layer in made.layers}
    assert drawn["zones"].strokes[0].look.fill == store.kinds["zone"]["symbol"]["fill"]
    road = store.kinds["expressway"]["symbol"]
    assert {road["casing"], road["stroke"]} <= {stroke.look.stroke for stroke in drawn["expressways"].strokes}
    assert all(
        re.fullmatch(r"(M-?\d+ -?\d+(l[-\d ]+)?z?)+", stroke.d) for layer in made.layers for stroke in layer.strokes
    )
    assert len(drawn["hubs"].spots) == sum(1 for geometry in store.geometries("hubs") if geometry is not None)
    assert {"".join(line for line, _y in name.lines) for name in made.names if name.at}
