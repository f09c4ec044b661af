"""Names as outlines beside the same names as text, as the rasteriser draws them."""

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from web_edition import make_edition

from layers.drawing import glyphs, svg
from layers.drawing.glyphs import nearest, outline
from layers.drawing.names import Name
from layers.drawing.picture import Picture
from layers.drawing.plane import Plane
from layers.drawing.sheet import FONT, pixels
from webmap.app import create_app

needs_font = pytest.mark.skipif(not glyphs._faces(FONT), reason=f"{FONT} is not on this machine")


def name(words: str, **other: Any) -> Name:
    """A name in the middle of a sheet of 300 by 60 pixels."""
    usual: dict[str, Any] = {
        "id": "a/b", "lines": ((words, 6.0),), "size": 18, "weight": 400, "italic": False, "spacing": 0.0,
        "color": "#203040", "halo": "#ffffff", "width": 100, "height": 20, "places": (), "radius": 0, "low": 0,
        "high": 20, "priority": 1, "at": (150.0, 30.0, 0.0),
    }  # fmt: skip
    return Name(**{**usual, **other})


def drawn(one: Name, font: str) -> Any:
    plane = Plane.around([[30.0, 120.0], [30.1, 120.1]], 300, 60)
    markup = svg.drawn(Picture(plane, 1.0, (), {}, (one,)), font=font)
    assert ("<text" in markup) is not bool(font), markup
    made = pixels(svg.document(markup, 300, 60, ""), 300, 60, "#88aa99")
    return np.asarray(Image.open(io.BytesIO(made)).convert("RGB")).astype(int)


@needs_font
@pytest.mark.parametrize(
    "one",
    [
        name("萧山区钱塘江"), name("G60 高速（规划）", weight=700), name("Town of AVATAR To Yard", weight=500),
        name("南站", at=(150.0, 30.0, 37.5), scale=1.7), name("Line 1", halo="", shield="#1f77b4", color="#ffffff"),
        name("12.5%", strong=True), name("12.5%", lines=(("甲", -4.0), ("12.5", 14.0)), strong=True),
    ],
    ids=lambda one: one.lines[0][0],
)  # fmt: skip
def test_outlines_are_what_the_text_would_be(one: Name) -> None:
    wanted, found = drawn(one, ""), drawn(one, FONT)
    apart = np.abs(wanted - found).max(axis=2)
    assert (np.abs(wanted - (0x88, 0xAA, 0x99)).max(axis=2) > 48).sum() > 200  # the name is there
    assert apart.max() < 96  # a fifth of a pixel at a letter's edge
    assert apart.mean() < 0.6


@needs_font
def test_a_spaced_name_stands_with_its_letters_in_the_middle() -> None:
    ink = np.flatnonzero((drawn(name("田田田", spacing=8.0, halo=""), FONT)[:, :, 0] < 0x60).any(axis=0))
    assert abs((ink[0] + ink[-1] + 1) / 2 - 150) <= 0.5
    together = np.flatnonzero((drawn(name("田田田", halo=""), FONT)[:, :, 0] < 0x60).any(axis=0))
    assert (ink[-1] - ink[0]) - (together[-1] - together[0]) == 16  # two spaces of 8 between three letters


def test_what_is_joined_or_lacking_stays_text() -> None:
    for words in ("office", "مدينة", "e\u0301", "萧山\u200d区", "\U0001f600", "", "한국", "<>"):
        assert outline(words, FONT, 400) is None, words
    assert outline("萧山", "No Such Family At All", 400) is None


@pytest.mark.parametrize(
    ("weight", "weights", "wanted"),
    [(400, [400, 700], 400), (500, [300, 400], 400), (600, [400, 500, 700], 700), (600, [300, 500], 500),
     (300, [500, 400], 400), (400, [300, 700], 300), (450, [700, 900], 700)],
)  # fmt: skip
def test_weights_as_css_has_them(weight: int, weights: list[int], wanted: int) -> None:
    assert nearest(weight, weights) == wanted


@needs_font
def test_a_damaged_font_is_passed_over(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "NotoSansCJK-Bad.ttc").write_bytes(b"ttcf\0\1\0\0\0\0\0\2" + b"\0" * 40)
    (tmp_path / "NotoSansCJK-Bad.otf").write_bytes(b"OTTO")
    monkeypatch.setattr(glyphs, "FOLDERS", (str(tmp_path), *glyphs.FOLDERS))
    glyphs._faces.cache_clear()
    try:
        assert glyphs._faces(FONT)
    finally:
        glyphs._faces.cache_clear()


@needs_font
def test_maps_have_outlines_and_the_page_keeps_text(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("webmap.ogc.painting.pixels", lambda markup, *_rest: made.append(markup) or b"")
    create_app({}, edition=make_edition()).test_client().get("/ogc/map?width=400&height=400")
    assert "<text" not in made[0]
    assert re.search(r'<path d="M0 0m[^"]+" transform="[^"]+scale\([^"]+" stroke="none"', made[0])


def test_without_the_font_names_are_text() -> None:
    one = replace(name("萧山"), letters=())
    plane = Plane.around([[30.0, 120.0], [30.1, 120.1]], 300, 60)
    assert "<text" in svg.drawn(Picture(plane, 1.0, (), {}, (one,)), font="No Such Family At All")
