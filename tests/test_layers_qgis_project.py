"""Projects and layer definitions as texts: what is in them, checked without QGIS."""

import html
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from web_edition import make_edition

from layers.edition.gpkg_project import source
from layers.qgis.definition import definition
from layers.qgis.fields import map_tip
from layers.qgis.layouts import sheets
from layers.qgis.project import packed, project
from layers.qgis.source import Source
from layers.style.spine import strip
from webmap.serving.messages import frontend

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def given() -> Source:
    """What the project of the tiny edition is written from."""
    edition = make_edition()
    return source(edition, edition.layers)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own writing


def test_a_project_is_the_same_every_time_and_of_no_date(given: Source) -> None:
    text = project(given)
    again = source(make_edition(), make_edition().layers)
    assert project(again) == text
    one, other = (packed(text, "plan", 2022) for _ in range(2))
    assert one == other
    (member,) = zipfile.ZipFile(io.BytesIO(one)).infolist()
    assert (member.filename, member.date_time) == ("plan.qgs", (2022, 1, 1, 0, 0, 0))


def test_layers_lie_in_the_file_of_the_plans_name(given: Source) -> None:
    root = parsed(project(given))
    found = {one.text for one in root.iter("datasource")}
    assert found == {f"./{given.meta['plan']['id']}.gpkg|layername={name}" for name in given.frames}
    order = [one.text for one in root.findall("layer-tree-group/custom-order/item")]
    assert len(order) == len(set(order)) >= len(given.frames)


def test_what_xml_forbids_and_what_html_means_is_text(given: Source) -> None:
    meta = {**given.meta, "plan": {**given.meta["plan"], "short_title": "a\x0b<b>&[% 1 + 1 %]\"'"}}
    text = project(replace(given, meta=meta))
    assert "\x0b" not in text
    assert "[% 1 + 1 %]" not in text.partition("<Layouts>")[2], "a title is no expression"
    assert parsed(text).find("title").text == "a\ufffd<b>&[% 1 + 1 %]\"'"
    for layer in given.layers:
        tip = map_tip(given, layer)
        # every value that is put in goes through the five replacements
        assert tip.count("[%") <= tip.count("'&amp;'")
        assert "'&lt;'" in tip


def test_sheets_are_those_that_the_plan_has_units_for(given: Source) -> None:
    named = [one.name for one in sheets(given)]
    assert named[:4] == ["A3 横幅", "A3 竖幅", "A4 横幅", "A4 竖幅"]
    units = [one for one in given.layers if one["kinds"] in (["zone"], ["township"])]
    assert len(named) == 4 + len(units)
    assert [one.name for one in sheets(replace(given, lang="en"))][:1] == ["A3 landscape"]


def test_a_definition_of_a_service_asks_for_what_is_in_view(given: Source) -> None:
    root = parsed(definition(given, "https://example.org/ogc/"))
    places = [one.text or "" for one in root.iter("datasource")]
    assert len(places) == len(given.frames)
    assert all("url='https://example.org/ogc'" in one and "restrictToRequestBBOX='1'" in one for one in places)
    assert {one.text for one in root.iter("provider")} == {"OAPIF"}
    assert {one.text for one in parsed(definition(given)).iter("provider")} == {"ogr"}


def test_the_middle_line_of_a_strip() -> None:
    # 20 km by 1 km, in metres: the line runs along, half a kilometre from either bank
    river = shapely.segmentize(shapely.box(500_000, 3_000_000, 520_000, 3_001_000), 500)
    line = strip(river)
    assert line is not None
    inner = line[3:-3]
    assert np.abs(inner[:, 1] - 3_000_500).max() < 60
    assert inner[:, 0].max() - inner[:, 0].min() > 15_000
    assert strip(shapely.box(0, 0, 1000, 1000)) is None


def test_names_are_broken_after_the_same_words_as_on_the_page(given: Source) -> None:
    page = frontend("zh")["words.breaks"]
    assert page.count("|") > 20
    longer = r"\(\?![^)]*\)"  # a word that goes on is not parted after its beginning
    after = re.search(rf"\(\?<=((?:[^|()]+(?:{longer})?\|)+)\[、", html.unescape(project(given)))
    assert after
    assert re.sub(longer, "", after[1]).rstrip("|") == page
