"""QGIS opens the project inside an edition, and draws what the page draws: one process of Debian's PyQGIS."""

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import pyqgis
import pytest
import shapely
from browser_tools import Visit

from layers.edition.export import export
from layers.edition.file import read
from layers.model.tables import split

pytestmark = [pytest.mark.qgis, pytest.mark.browser]

SCRIPT = Path(__file__).with_name("qgis_project.py")
SIZE = (1200, 800)
CLEAR = (270, 60, 1120, 760)
"""Left, top, right, bottom of what lies under none of the page's panels."""
VIEWS = (
    ("overview", (10.25, 30.12, 120.3)),
    ("overview", (11.25, 30.15, 120.3)),
    ("transport", (12.25, 30.2, 120.3)),
    ("projects", (13.25, 30.2, 120.25)),
)
LINES = {"metro_lines": "2号线", "expressways": "杭金衢高速"}
"""Lines whose width is measured, by layer; built, so that they are not broken."""


@pytest.fixture(scope="module")
def _pyqgis() -> None:
    """Skip where PyQGIS is missing; on CI that is a failure."""
    pyqgis.needed()


def on_page(
    browser: Any, address: str, view: str, at: tuple[float, float, float], picture: Path
) -> tuple[dict[str, list[list[float]]], dict[str, int]]:
    """A view as the page shows it, as a picture: names and the middles of where they stand, pixels; marks of units."""
    visit = Visit(browser, address, *SIZE, locale="zh-CN", reduced_motion="reduce")
    zoom, lat, lon = at
    visit.page.goto(f"{address}/embed/{view}?lang=zh#map={zoom}/{lat}/{lon}")
    visit.page.wait_for_function("() => window.__ready === true")
    visit.page.wait_for_function("() => !window.planmapApp || !window.planmapApp.labels.placing")
    visit.page.screenshot(path=picture)
    found = visit.page.evaluate(
        """() => [...document.querySelectorAll('.pm-labels > g > g, .pm-labels > g > text')].map((one) => {
            const {x, y, width, height} = one.getBoundingClientRect();
            const texts = [...(one.tagName === 'text' ? [one] : one.querySelectorAll('text'))];
            return [texts.map((t) => t.textContent).join(''), [x + width / 2, y + height / 2]];
        })"""
    )
    units = visit.page.evaluate(
        """() => [...document.querySelectorAll('.pm-unit[data-unit]')].map(
            (one) => [one.dataset.unit, Number(one.querySelector('text').textContent)])"""
    )
    visit.context.close()
    places: dict[str, list[list[float]]] = {}
    for name, middle in found:
        if name:
            places.setdefault(name, []).append(middle)
    return places, dict(units)


def line_of(edition: Any, layer: str, number: str) -> dict[str, Any]:
    """Points along a built line, 150 m apart or so, and its colour."""
    frame = edition.layers[layer]
    kinds = {one["id"]: one for one in edition.meta["kinds"]}
    built = frame[frame["name"].str.contains(number) & (frame["status"] == "operating") & frame.geometry.notna()]
    row = next(built.itertuples())
    geometry = shapely.line_merge(row.geometry)
    longest = max(getattr(geometry, "geoms", [geometry]), key=lambda part: part.length)
    points = [longest.interpolate(share / 60, normalized=True) for share in range(61)]
    color = row.color or kinds[row.kind]["symbol"]["stroke"]
    return {"name": row.name, "color": color, "along": [[one.x, one.y] for one in points]}


def rough(frame: Any) -> Any:
    """The first row whose place is only roughly known."""
    return frame[frame["accuracy_m"].gt(100) & frame.geometry.notna()].iloc[0]


@pytest.fixture(scope="module")
def opened(
    _pyqgis: None, xiaoshan_edition: Path, shipped: str, browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What QGIS says of the edition's project, with the page's views beside."""
    folder = tmp_path_factory.mktemp("project")
    edition = read(xiaoshan_edition)
    themes = {one["id"]: one["name"] for one in edition.meta["views"]}
    lines = [line_of(edition, *one) for one in LINES.items()]
    views = []
    for number, (view, at) in enumerate(VIEWS):
        picture = folder / f"page-{number}.png"
        names, units = on_page(browser, shipped, view, at, picture)
        views.append(
            {"name": str(number), "theme": themes[view], "at": at, "size": SIZE, "clear": CLEAR, "names": names,
             "units": units, "picture": str(picture), "lines": lines if view != "projects" else lines[:1]}
        )  # fmt: skip
    archive = export(edition, "zones,power", "qgis", "4490", folder / "part.zip", lang="zh")
    shutil.unpack_archive(archive, folder / "part", "zip")
    task = {
        "project": f"geopackage:{xiaoshan_edition}?projectName={edition.meta['plan']['id']}",
        "definition": str(next((folder / "part").glob("*.qlr"))), "folder": str(folder), "views": views,
        "halo": "commerce:" + str(rough(edition.layers["commerce"])["id"]),
        "features": ["poles:pole/xianghu", "power:" + str(edition.layers["power"]["id"].iloc[0])],
    }  # fmt: skip
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    before = xiaoshan_edition.read_bytes()
    done = pyqgis.run(SCRIPT, folder / "task.json", folder=folder)
    answer = pyqgis.answer(done)
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    kept = os.environ.get("PLANMAP_QGIS_FOLDER")
    if kept:
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    same = xiaoshan_edition.read_bytes() == before
    return {"edition": edition, "task": task, "same": same, "stderr": done.stderr, **answer}


def records(opened: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in opened["edition"].meta["layers"]}


def test_it_opens_without_a_word_of_complaint(opened: dict[str, Any]) -> None:
    assert (opened["read"], opened["error"], opened["said"]) == (True, "", [])
    assert opened["same"], "opening changed the file"
    assert not [line for line in opened["stderr"].splitlines() if "Warning" in line or "Invalid" in line]


def test_every_layer_is_there_in_its_words(opened: dict[str, Any]) -> None:
    edition, layers = opened["edition"], opened["layers"]
    assert set(layers) == {*edition.layers, "paper", "unit_marks"}
    for name, layer in layers.items():
        assert layer["valid"], name
        if name == "unit_marks":
            continue
        assert layer["display"] == '"name"', name
        assert "id" in layer["read_only"], name
        assert {"名称", "类别", "片区", "镇街", "状态", "定位依据", "位置"} <= set(layer["aliases"]), name
        if name != "paper":
            assert layer["count"] == len(edition.layers[name]), name
            assert layer["name"].startswith(records(opened)[name]["name"]), name
            assert layer["crs"] == ("EPSG:4490" if edition.geometries[name] != "none" else ""), name


def test_layers_without_shapes_are_told_apart(opened: dict[str, Any]) -> None:
    edition = opened["edition"]
    for name, frame in edition.layers.items():
        shown = opened["layers"][name]["name"].removeprefix(records(opened)[name]["name"])
        table = edition.geometries[name] == "none"
        assert shown == ("（表，无图形）" if table else "" if frame.geometry.notna().any() else "（均未上图）"), name
    row = edition.layers["power"].iloc[0]
    cells = opened["features"][f"power:{row['id']}"]["cells"]
    assert cells["position"].startswith("仅知在" if row["unit"] else "未上图")


def test_tree_order_and_views_are_the_plans(opened: dict[str, Any]) -> None:
    meta, layers = opened["edition"].meta, opened["layers"]
    wanted = [
        [group["name"], [layers[one["id"]]["name"] for one in meta["layers"] if one["group"] == group["id"]]]
        for group in meta["groups"]
    ]
    found = [[name, [leaf for leaf in leaves if leaf != "纸面"]] for name, leaves in opened["groups"]]
    assert found == wanted
    assert opened["order"][0] == "unit_marks"
    stacked = [name for name in opened["order"][1:] if name != "paper"]
    assert opened["own_order"]
    assert stacked == sorted(stacked, key=lambda name: -records(opened)[name]["order"])
    # the white ground lies over the neighbours and under all else
    assert opened["order"][-2:] == ["paper", "neighbours"]
    assert set(opened["on"]) == {*meta["views"][0]["layers"], "paper", "unit_marks"}
    tables = {name for name, kind in opened["edition"].geometries.items() if kind == "none"}
    drawn = {one["name"]: {*one["layers"], "paper", "unit_marks"} - tables for one in meta["views"]}
    assert {name: set(shown) for name, shown in opened["themes"].items()} == drawn


def test_it_is_shown_in_metres_where_the_plan_is(opened: dict[str, Any]) -> None:
    west, south, east, north = opened["edition"].meta["plan"]["bounds"]
    left, bottom, right, top = opened["extent"]
    assert (opened["crs"], opened["ellipsoid"]) == ("EPSG:4549", "EPSG:1024")
    assert left < west < east < right
    assert bottom < south < north < top
    assert right - left < 1.3 * (east - west)


def test_a_map_tip_says_what_the_card_says(opened: dict[str, Any]) -> None:
    found = opened["features"]["poles:pole/xianghu"]
    frame = opened["edition"].layers["poles"]
    row = frame[frame["id"] == "pole/xianghu"].iloc[0]
    for text in (row["name"], *split(row["cites"]), "增长极", f'href="/feature/{row["id"]}"'):
        assert text in found["tip"], text
    assert f"{row['accuracy_m']:,.0f} 米" in found["tip"]
    zones = {one["id"].rpartition("/")[2]: one["name"] for _, one in opened["edition"].layers["zones"].iterrows()}
    assert found["cells"]["zone"] == "、".join(zones[one] for one in split(row["zone"]))
    towns = {one["id"].rpartition("/")[2]: one["name"] for _, one in opened["edition"].layers["townships"].iterrows()}
    assert found["cells"]["township"] == "、".join(towns[one] for one in split(row["township"]))
    assert found["cells"]["kind"] == "增长极"
    assert found["cells"]["assumed"] in ("是", "否")


def test_layouts_are_laid_out_and_exported(opened: dict[str, Any]) -> None:
    layouts = {one["name"]: one for one in opened["layouts"]}
    sizes = {"A3 横幅": [420, 297], "A3 竖幅": [297, 420], "A4 横幅": [297, 210], "A4 竖幅": [210, 297]}
    assert {name: one["size"] for name, one in layouts.items() if name in sizes} == sizes
    pages = {"A4 图集 三区": 3, "A4 图集 镇街": len(opened["edition"].layers["townships"])}
    assert {name: one["pages"] for name, one in layouts.items() if one["pages"]} == pages
    for name, one in layouts.items():
        assert one["done"], name
        assert {"title", "map", "legend", "north", "scale", "scalebar", "notes"} <= set(one["ids"]), name
        assert one["colours"] > 100, name


def test_a_layer_definition_opens(opened: dict[str, Any]) -> None:
    found = opened["definition"]
    assert (found["done"], found["error"]) == (True, "")
    assert (found["count"], found["valid"]) == (2, 2)
    assert found["groups"] == [opened["edition"].meta["plan"]["short_title"]]


def test_fills_are_the_pages(opened: dict[str, Any]) -> None:
    for view in opened["views"]:
        assert view["fills"]["points"] > 150, view["name"]
        assert view["fills"]["wrong"] <= 0.02 * view["fills"]["points"], (view["name"], view["fills"])


def test_names_are_the_pages(opened: dict[str, Any]) -> None:
    kinds = {one["id"]: one["label"] for one in opened["edition"].meta["kinds"]}
    spans: dict[str, list[tuple[float, float]]] = {}
    for frame in opened["edition"].layers.values():
        for name, kind in zip(frame["name"], frame["kind"], strict=True):
            label = kinds[kind]
            span = (label.get("min_zoom", 0), label.get("max_zoom", 24) + 1)
            spans.setdefault(name, []).append(span)
    for view, task in zip(opened["views"], opened["task"]["views"], strict=True):
        found, wanted, zoom = {name.removeprefix("★") for name in view["names"]}, set(task["names"]), task["at"][0]
        assert len(wanted) > 15, view["name"]
        missing = wanted - found
        assert len(missing) <= 0.08 * len(wanted), (view["name"], sorted(missing))
        hidden = [
            name
            for name in found - wanted
            if name in spans and not any(low <= zoom < high for low, high in spans[name])
        ]
        assert hidden == [], (view["name"], hidden)


def test_what_is_only_known_to_a_unit_is_counted_as_on_the_page(opened: dict[str, Any]) -> None:
    """Of the layers that are on only: what is drawn, not what is in the file."""
    counted = [task["units"] for task in opened["task"]["views"]]
    assert [view["units"] for view in opened["views"]] == counted
    edition, shown = opened["edition"], set(opened["edition"].meta["views"][0]["layers"])
    inside = [unit for name, frame in edition.layers.items() if name in shown for unit in frame["unit"] if unit]
    assert counted[0] == {unit: inside.count(unit) for unit in set(inside)}
    assert sum(counted[3].values()) > sum(counted[0].values())
    marks = opened["layers"]["unit_marks"]
    assert (marks["name"], marks["crs"]) == ("只知在该范围内的要素数", "EPSG:4490")
    assert marks["count"] >= len(counted[3]) > 5


def test_a_rough_place_has_a_round_circle_of_its_accuracy(opened: dict[str, Any]) -> None:
    metres = 2 * rough(opened["edition"].layers["commerce"])["accuracy_m"]
    assert opened["halo"] == pytest.approx([metres, metres], rel=0.01)


def test_lines_are_as_wide_as_on_the_page(opened: dict[str, Any]) -> None:
    measured = 0
    for view, task in zip(opened["views"], opened["task"]["views"], strict=True):
        for both, line in zip(view["widths"], task["lines"], strict=True):
            if both:
                measured += 1
                assert both[0] == pytest.approx(both[1], abs=1), (view["name"], line["name"], both)
                assert both[0] > 1, (view["name"], line["name"])
    assert measured >= 5


NEAR_PX = 40
"""Two lines of a name, or so."""


def test_names_stand_where_the_page_has_them(opened: dict[str, Any]) -> None:
    """Most of them: each program finds room in its own way, and a line is named anywhere along it."""
    for view, task in zip(opened["views"], opened["task"]["views"], strict=True):
        apart = {
            name: min(math.dist(here, there) for here in spots for there in view["names"][name])
            for name, spots in task["names"].items()
            if name in view["names"]
        }
        near = [name for name, far in apart.items() if far <= NEAR_PX]
        assert len(apart) > 15, view["name"]
        assert len(near) >= 0.68 * len(apart), (view["name"], apart)
