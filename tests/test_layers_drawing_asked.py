"""What a figure may be asked to be: extras, small maps, charts; each says the same in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shapely.geometry import Point
from tiny_folder import write_tiny_plan
from web_edition import make_edition

from layers.build.assemble import build_file
from layers.drawing.asked import Asked, draw, read
from layers.drawing.figure import EAGER, Figure
from layers.drawing.graticule import written
from layers.drawing.names import Manner
from layers.drawing.picture import chart
from layers.edition.file import read as read_edition
from layers.edition.store import Store
from layers.model.errors import LayersError

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def store(xiaoshan_edition: Path) -> Store:
    return Store(read_edition(xiaoshan_edition))


def words_of(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - ours


def test_a_filter_makes_features_step_back(store: Store) -> None:
    """What is not being built is neither named nor explained nor told; its lines are pale."""
    whole, part = (draw(store, Asked("transport", filter=one)) for one in ("", "status:building"))
    assert "杭金衢高速" in "".join(words_of(whole.svg))
    assert "杭金衢高速" not in "".join(words_of(part.svg))
    assert 'stroke-opacity="0.13"' in part.svg
    named = {name for row in part.account.rows for name in row[2].split("、")}
    assert named
    frames = [store.frame(layer) for layer in store.views["transport"]["layers"]]
    building = {name for frame in frames for name in frame[frame["status"] == "building"]["name"]}
    stays = {"zone", "township", "district", *(one for one, kind in store.kinds.items() if not kind.get("cited", True))}
    ground = {name for frame in frames for name in frame[frame["kind"].isin(stays)]["name"]}
    assert named <= building | ground


def test_a_selection_is_ringed_and_named_first(store: Store) -> None:
    """A village that the filter would leave out is spared, named and ringed."""
    plain = draw(store, Asked("services", paper="column"))
    village = next(one for one in store.index if one.startswith("village/"))
    chosen = draw(store, Asked("services", paper="column", selection=village, filter="basis:schematic"))
    name = store.name_of(village)[0]
    assert name in words_of(chosen.svg)
    assert chosen.svg.count('stroke="#8f2535"') > plain.svg.count('stroke="#8f2535"')


def test_a_grid_says_its_degrees(store: Store) -> None:
    """Meridians cross where they should: the plane's own projection puts them there."""
    made = draw(store, Asked("overview", grid=True))
    assert isinstance(made, Figure)
    told = [one for one in words_of(made.svg) if re.fullmatch(r"\d+°(\d\d′)?[EN]", one)]
    assert {one[-1] for one in told} == {"E", "N"}
    assert "120°20′E" in told
    assert written(433_800, 0) == "120°30′E"
    assert "120°20′E" not in words_of(draw(store, Asked("overview")).svg)


def test_an_extent_is_what_is_shown(store: Store) -> None:
    """All of it, and not twice as much."""
    made = draw(store, Asked("overview", extent="120.2,30.1,120.3,30.2"))
    assert isinstance(made, Figure)
    west, south, east, north = made.plane.extent
    # 0.1 degree of longitude at 30.15° N is 9,630 m, of latitude 11,090 m.
    assert east - west > 9_630
    assert 11_090 < north - south < 2 * 11_090


def test_an_indicators_own_view_is_shaded_unless_switched_off(store: Store) -> None:
    """As on the page: the view opens with it, in front of it no other areas."""
    shaded, bare = (draw(store, Asked("indicators", indicator=one)) for one in ("", "none"))
    assert shaded.title != bare.title
    assert len(shaded.account.rows) == 22
    layers = read(store, Asked("overview", indicator="area_km2:township")).view["layers"]
    assert "poles" not in layers
    assert "poles" in read(store, Asked("overview", indicator="area_km2:township", layers="poles")).view["layers"]


def two_years() -> Store:
    """The edition with values of an indicator for two years."""
    edition = make_edition()
    rows = edition.observations
    own = rows[(rows["level"] == "zone") & rows["value"].notna()]
    name = str(own["indicator"].iloc[0])
    early = own[own["indicator"] == name].copy()
    early["year"], early["value"] = 2020, [float(at + 1) for at in range(len(early))]
    late = early.assign(year=2022, value=early["value"] * 10)
    others = rows[~((rows["indicator"] == name) & (rows["level"] == "zone"))]
    object.__setattr__(edition, "observations", pd.concat([others, early, late], ignore_index=True))
    return Store(edition)


def test_years_side_by_side_have_the_same_classes() -> None:
    """Two years, each a map; a value of 1 and one of 20 are in classes of one legend. A year alone is also one map."""
    store = two_years()
    indicator = str(next(iter(store.edition.observations.query("year == 2020 and level == 'zone'")["indicator"])))
    view = store.default_view
    made = draw(store, Asked(view, form="years", indicator=f"{indicator}:zone"))
    told = words_of(made.svg)
    assert {"2020 年", "2022 年"} <= set(told)
    assert [row[0] for row in made.account.rows] == ["2020 年"] * 2 + ["2022 年"] * 2
    alone = draw(store, Asked(view, indicator=f"{indicator}:zone", year="2020"))
    assert {float(row[1]) for row in alone.account.rows} == {1.0, 2.0}
    last = draw(store, Asked(view, indicator=f"{indicator}:zone"))
    assert {float(row[1]) for row in last.account.rows} == {10.0, 20.0}


def test_bounds_that_somebody_typed_are_the_classes() -> None:
    """Below and above them classes are open; years share them; what is no rising list of numbers is refused."""
    store = two_years()
    indicator = str(next(iter(store.edition.observations.query("year == 2020 and level == 'zone'")["indicator"])))
    wanted = Asked(store.default_view, indicator=f"{indicator}:zone", bounds="1.5,15,99")
    # 10 and 20 in 2022; 1 and 2 in 2020.
    assert {row[1:] for row in draw(store, wanted).account.rows} == {
        ("10.00", "＞1.50–15.00（1）"),
        ("20.00", "＞15.00–99.00（1）"),
    }
    assert {"≤1.50（0）", "＞99.00（0）"} <= set(words_of(draw(store, wanted).svg))
    early = draw(store, replace(wanted, year="2020", lang="en"))
    assert {row[2] for row in early.account.rows} == {"≤ 1.50 (1)", "> 1.50–15.00 (1)"}
    years = draw(store, replace(wanted, form="years"))
    assert "≤1.50" in "".join(words_of(years.svg))
    for wrong in ("", "x", "2,1", "1,,2", "nan", "1e999", "1,1", ",".join(map(str, range(9)))):
        with pytest.raises(LayersError) as caught:
            read(store, replace(wanted, bounds=wrong or ","))
        assert caught.value.key == "sheet.bad_bounds"
    for other in (replace(wanted, form="lines"), replace(wanted, indicator="none")):
        with pytest.raises(LayersError) as caught:
            read(store, other)
        assert caught.value.key == "sheet.bounds_of_one"


def test_small_maps_are_of_one_scale(store: Store) -> None:
    """A map for each of the three zones, of the scale that is said, and one for each computed indicator."""
    made = draw(store, Asked("overview", form="zones", paper="A3"))
    assert not isinstance(made, Figure)
    told = words_of(made.svg)
    assert {"中部都市中央活力区", "东部智能制造引领区", "南部生态经济样板区"} <= set(told)
    assert any(re.search(r"各图 1:\d", one) for one in told)
    assert len(re.findall(r'id="pm-map-\d+"', made.svg)) == 3
    every = draw(store, Asked("indicators", form="indicators", paper="A2", zone="south"))
    shown = len(re.findall(r'id="pm-map-\d+"', every.svg))
    assert len({row[0] for row in every.account.rows}) == shown > 20
    with pytest.raises(LayersError, match="放不下"):
        draw(store, Asked("indicators", form="indicators", paper="60x60"))


def test_bars_are_as_long_as_their_values(store: Store) -> None:
    """The widths of all bars, against the table's values."""
    made = draw(store, Asked("overview", form="bars", indicator="area_km2:township"))
    bars = [float(one.get("width", "")) for one in ET.fromstring(made.svg).iter(f"{SVG}rect") if one.get("stroke")]  # noqa: S314 - ours
    values = [float(row[2]) for row in made.account.rows]
    assert len(bars) == len(values) == 22
    ratios = [bar / value for bar, value in zip(bars, values, strict=True)]
    assert max(ratios) == pytest.approx(min(ratios), rel=4e-3)  # values are written with one decimal
    assert [row[0] for row in made.account.rows][:2] == ["1", "2"]


def test_a_course_and_a_table_say_what_the_plan_states(store: Store) -> None:
    """表2: the gross product from 1,828.47 in 2020 to 2,600 in 2025."""
    course = draw(store, Asked("overview", form="lines", indicator="t2-01", lang="en"))
    assert {"1,828.47", "2,600", "2020", "2025"} <= set(words_of(course.svg))
    assert [row[0] for row in course.account.rows] == ["2020", "2025"]
    table = draw(store, Asked("overview", form="table"))
    assert len(table.account.rows) == 31
    cells = set(words_of(table.svg))
    assert all(cell in cells for row in table.account.rows for cell in row if cell)


def test_who_compiled_it_and_under_which_number_stand_below(tmp_path: Path) -> None:
    """From plan.toml into the edition and onto every form of a figure, bottom left."""
    folder = write_tiny_plan(tmp_path)
    path = folder / "plan.toml"
    head = 'compiler = "测绘院"\ncompiler_en = "Survey"\napproval = "浙S（2026）1号"\n'
    path.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8")
    target = tmp_path / "e.gpkg"
    build_file(folder, target, folder.parents[1])
    store = Store(read_edition(target))
    made = draw(store, Asked(store.default_view))
    texts = list(ET.fromstring(made.svg).iter(f"{SVG}text"))  # noqa: S314 - ours
    number = next(one for one in texts if "审图号：浙S（2026）1号" in "".join(one.itertext()))
    assert float(number.get("y", "")) == max(float(one.get("y") or 0) for one in texts)
    assert any("编制：测绘院" in one for one in words_of(made.svg))
    english: Any = draw(store, Asked(store.default_view, lang="en"))
    assert any("Survey" in one for one in words_of(english.svg))


def test_the_value_of_a_place_stands_in_it(store: Store) -> None:
    """Every township that is named with its value: the middle of the name is in the township, in either language."""
    for lang in ("zh", "en"):
        asked = Asked("overview", indicator="area_km2:township", lang=lang, upright=True)
        made, scene = draw(store, asked), read(store, asked)
        assert isinstance(made, Figure)
        laid = scene.overlay(store, lang)
        assert laid is not None
        manner = Manner(EAGER, curved=True, values=laid.values)
        drawn = chart(store, scene.view["layers"], made.plane, lang, manner=manner)
        placed = [name for name in drawn.names if name.at and name.id in laid.values]
        assert len(placed) > 12
        for name in placed:
            assert name.at is not None
            assert made.plane.drawn(laid.shapes[name.id]).covers(Point(name.at[:2])), name.lines
            assert name.lines[-1][0] == laid.values[name.id]
