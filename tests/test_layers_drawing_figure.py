"""Figures: scale and place true, the legend of what is shown, text that stays text, and what cannot be drawn."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import rasterio
from click.testing import CliRunner
from pyproj import Geod, Transformer

from layers.drawing import figure as sheet
from layers.drawing import overlay as overlays
from layers.drawing import render
from layers.drawing.figure import Figure
from layers.drawing.furniture import covered, em_of, wrapped
from layers.drawing.overlay import overlay
from layers.edition.file import read
from layers.edition.store import Store
from layers.model.errors import LayersError
from webmap.cli import main

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def store(xiaoshan_edition: Path) -> Store:
    return Store(read(xiaoshan_edition))


@pytest.fixture(scope="module")
def overview(store: Store) -> Figure:
    return sheet.figure(store, store.views["overview"], sheet.paper_mm("A3"))


def words_of(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - ours


def test_the_scale_is_true_on_paper(overview: Figure) -> None:
    """Two places of the plan are as far apart on the sheet, times the scale, as on the ellipsoid; and so is the bar."""
    ends = np.array([[120.08, 30.20], [120.60, 30.05]])
    units = overview.plane.points(ends)
    on_paper_m = math.dist(*units) * overview.unit_m
    _, _, ground_m = Geod(ellps="GRS80").inv(*ends[0], *ends[1])
    assert on_paper_m * overview.denominator == pytest.approx(ground_m, rel=2e-4)  # the zone's own distortion
    assert f"1:{overview.denominator:,.0f}" in words_of(overview.svg)
    km = next(float(one.removesuffix(" km")) for one in words_of(overview.svg) if re.fullmatch(r"\d+ km", one))
    halves = [one for one in ET.fromstring(overview.svg).iter(f"{SVG}rect")  # noqa: S314
              if one.get("stroke-width") == "0.6"]  # fmt: skip
    length = sum(float(one.get("width", "")) for one in halves) * overview.unit_m
    assert length * overview.denominator == pytest.approx(km * 1000, rel=1e-5)
    root = ET.fromstring(overview.svg)  # noqa: S314
    assert (root.get("width"), root.get("height")) == ("420mm", "297mm")


def test_the_legend_explains_what_is_shown_and_no_more(store: Store) -> None:
    """A sheet of one township in the south has no airport and no belt, which are in the view's layers."""
    view = store.views["overview"]
    whole = words_of(sheet.figure(store, view, (297, 210)).svg)
    assert {"机场", "创新带", "地铁7号线", "东部智能制造引领区"} <= set(whole)
    south = sheet.bounds_around(store, "township/louta")
    part = words_of(sheet.figure(store, {**view, "bounds": south}, (297, 210)).svg)
    assert {"镇街", "区界"} <= set(part)
    assert not {"机场", "创新带", "地铁7号线"} & set(part)


def test_an_indicator_is_told_by_its_classes(store: Store) -> None:
    """All 22 townships are in a class; the summary names the largest; colours under it are not explained."""
    laid = overlay(store, "area_km2", "township")
    counts = [int(re.search(r"（(\d+)）", label)[1]) for _color, label in laid.classes]  # type: ignore[index]
    assert sum(counts) == 22
    assert laid.missing == ""
    frame = store.frame("townships")
    largest = frame.loc[frame["area_km2"].astype(float).idxmax(), "name"]
    assert f"最高 {largest}" in laid.summary
    shown = words_of(sheet.figure(store, store.views["overview"], (210, 297), overlay=laid).svg)
    assert laid.heading in shown
    assert {label for _color, label in laid.classes} <= set(shown)
    assert "东部智能制造引领区" not in shown[shown.index(laid.heading) :]


def test_a_class_of_one_value_says_it_once() -> None:
    """A half in three places, nothing between: not "0.5–0.5"."""
    values = {"township/a": 0.5, "township/b": 0.5, "township/c": 0.5}
    told = [overlays._classes(values, [0.5, 0.5], ["#000000"], 1, lang) for lang in ("zh", "en")]
    assert told == [(("#000000", "0.5（3）"),), (("#000000", "0.5 (3)"),)]


def test_names_leave_scale_and_north_alone(overview: Figure, store: Store) -> None:
    """No name reaches into the boxes of bar and arrow, whatever the paper."""
    for size in ((297, 210), (160, 110), (841, 594)):
        made = sheet.figure(store, store.views["transport"], size)
        plane = made.plane
        em = em_of(size) / (min(size) / 210) ** 0.5
        boxes = covered(plane, em)
        for x, y in _places(made.map_svg):
            assert not any(a < x < c and b < y < d for a, b, c, d in boxes), (size, x, y)


def _places(svg: str) -> Iterator[tuple[float, float]]:
    for one in re.finditer(r'transform="translate\(([\d.]+) ([\d.]+)\)rotate', svg):
        yield float(one[1]), float(one[2])


def test_a_file_of_each_kind(overview: Figure, tmp_path: Path) -> None:
    """Text can be found in the PDF, PNG has its pixels, the GeoTIFF its place; the same bytes every time."""
    for suffix in render.FORMATS:
        render.write(overview, tmp_path / f"1{suffix}", 60)
        render.write(overview, tmp_path / f"2{suffix}", 60)
        assert (tmp_path / f"1{suffix}").read_bytes() == (tmp_path / f"2{suffix}").read_bytes(), suffix
    document = pypdfium2.PdfDocument(tmp_path / "1.pdf")
    page = document[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [420, 297]
    said = page.get_textpage().get_text_range()
    assert "萧山区" in said
    assert "一带三区多极" in said
    assert document.get_metadata_value("Title") == "一带三区多极"
    with rasterio.open(tmp_path / "1.png") as image:
        assert (image.width, image.height) == (
            pytest.approx(420 / 25.4 * 60, abs=1),
            pytest.approx(297 / 25.4 * 60, abs=1),
        )
    with rasterio.open(tmp_path / "1.tif") as image:
        assert image.crs.to_epsg() == 4549
        assert image.tags()["TIFFTAG_XRESOLUTION"] == "60"
        # 瓜沥镇's pole is drawn around its seat: the pixel there is not the ground's colour, one south of it is.
        to_metres = Transformer.from_crs(4490, 4549, always_xy=True)
        inside, outside = (image.index(*to_metres.transform(*at)) for at in ((120.45, 30.17), (120.45, 29.95)))
        bands = image.read()
        assert tuple(bands[:, outside[0], outside[1]]) == (243, 241, 235)
        assert tuple(bands[:, inside[0], inside[1]]) != (243, 241, 235)


def test_text_is_data(store: Store, tmp_path: Path) -> None:
    """A title in the languages of SVG and of the typesetter is shown as it is written."""
    hostile = '<b>&"#read("x") $1$ \\ <'
    made = sheet.figure(store, store.views["overview"], (297, 210), title=hostile)
    assert hostile in words_of(made.svg)
    render.write(made, tmp_path / "f.pdf")
    assert hostile.replace(" ", "") in pypdfium2.PdfDocument(tmp_path / "f.pdf")[
        0
    ].get_textpage().get_text_range().replace(" ", "")


def test_what_cannot_be_drawn_is_said(xiaoshan_edition: Path, tmp_path: Path) -> None:
    """Each mistake is named, says what there is, and leaves no file."""
    mistakes: list[tuple[list[str], str]] = [
        (["nowhere"], "overview"),
        (["overview", "--paper", "B7"], "A4"),
        (["overview", "--paper", "1x1"], "60"),
        (["overview", "--dpi", "0"], "36"),
        (["overview", "--dpi", "1200", "--paper", "A0"], "12000"),
        (["overview", "--zone", "nowhere"], "central"),
        (["overview", "--township", "nowhere"], "louta"),
        (["overview", "--indicator", "nothing"], "nothing"),
        (["overview", "--indicator", "area_km2:street"], "area_km2"),
    ]
    for number, (given, named) in enumerate(mistakes):
        told = ("zh", "en")[number % 2]
        target = tmp_path / "f.png"
        command = ["figure", given[0], str(xiaoshan_edition), "-o", str(target), "--lang", told, *given[1:]]
        run = CliRunner().invoke(main, command)
        assert run.exit_code == 1, (given, run.output)
        assert named in run.output, (given, run.output)
        assert not target.exists()
    run = CliRunner().invoke(main, ["figure", "overview", str(xiaoshan_edition), "-o", str(tmp_path / "f.gif")])
    assert run.exit_code == 1
    assert ".svg" in run.output


def test_the_command_tells_what_it_drew(xiaoshan_edition: Path, tmp_path: Path) -> None:
    """File, scale and size as JSON; a place gives the title."""
    target = tmp_path / "f.svg"
    command = ["figure", "overview", str(xiaoshan_edition), "-o", str(target), "--zone", "south", "--json",
               "--paper", "160x110", "--lang", "en"]  # fmt: skip
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 0, run.output
    found: dict[str, Any] = json.loads(run.output)
    assert (found["width_mm"], found["height_mm"]) == (160, 110)
    assert f"1:{found['scale']:,}" in words_of(target.read_text(encoding="utf-8"))
    assert found["title"].startswith("Southern")


def test_papers() -> None:
    assert sheet.paper_mm("a3") == (420, 297)
    assert sheet.paper_mm("a3", upright=True) == (297, 420)
    with pytest.raises(LayersError):
        sheet.paper_mm("99999x100")


def test_a_line_does_not_begin_with_a_mark() -> None:
    assert wrapped("甲乙丙，丁戊", 3) == ["甲乙丙，", "丁戊"]
    assert wrapped("Metro Line 7", 4) == ["Metro", "Line 7"]
    assert wrapped("", 4) == []
