"""Land use put into a plan folder by its classes, and the other layers likewise: really written, and taken back."""

import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod

from layers.build.assemble import build
from layers.imports import exchange, land_use, run
from layers.imports.effects import Effects
from layers.imports.request import Request, Source
from layers.model.errors import LayersError

GEOD = Geod(ellps="GRS80")
# Five fields of a hundredth of a degree in 甲镇 (104.0–104.1°E, 30.7–30.8°N); the last two lie side by side.
FIELDS = [shapely.box(104 + 0.01 * n, 30.71, 104.01 + 0.01 * n, 30.72) for n in range(5)]
CODES = ["0701", "1001", "1001", "99", "070102"]


def of(path: Path, **columns: Any) -> Path:
    gpd.GeoDataFrame(columns, geometry=FIELDS, crs=4490).to_file(path)
    return path


def bring(plan: Path, file: Path, layer: str = land_use.LAYER, *, dry_run: bool = False, **stated: Any) -> run.Report:
    return run.layer(plan, plan.parent.parent, layer, Request(file=file, **stated), dry_run=dry_run)


def state(folder: Path) -> dict[str, str]:
    """Digests of all files but those that undo keeps."""
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*"))
        if one.is_file() and ".planmap" not in one.parts
    }


def ha(*fields: int) -> float:
    return sum(abs(GEOD.geometry_area_perimeter(FIELDS[one])[0]) for one in fields) / 1e4


@pytest.fixture
def not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the two editions that are compared."""
    monkeypatch.setattr(run, "effects", lambda *_: Effects(compared=False))


def test_land_use_goes_in_by_class_is_built_and_goes_out_again(tiny_plan: Path, tmp_path: Path) -> None:
    before = state(tiny_plan)
    file = of(tmp_path / "用地.gpkg", YDDM=CODES, MC=["", "", "甲厂", "", ""])
    seen = bring(tiny_plan, file, dry_run=True, name_field="MC")
    assert state(tiny_plan) == before
    told = [(one.code, one.name, one.polygons) for one in seen.classes]
    assert told == [("07", "居住用地", 2), ("10", "工矿用地", 2), ("", "99", 1)]
    assert [one.area_m2 / 1e4 for one in seen.classes] == pytest.approx([ha(0, 4), ha(1, 2), ha(3)], rel=1e-6)

    done = bring(tiny_plan, file, name_field="MC", source=Source(name="测绘"), accuracy_m=2.0)
    assert done.effects.compared
    assert not done.effects.errors
    edition = build(tiny_plan, tiny_plan.parent.parent)
    rows = edition.layers["land_use"].set_index("id")
    assert sorted(rows.index) == ["land_use/industrial", "land_use/industrial-jia-chang", "land_use/residential"]
    homes = rows.loc["land_use/residential"]
    assert (homes["name"], homes["kind"], homes["code"]) == ("居住用地", "land_residential", "07")
    assert (homes["basis"], homes["accuracy_m"], homes["sources"]) == ("official", 2.0, "测绘")
    assert homes["area_km2"] == pytest.approx(ha(0, 4) / 100, abs=1e-4)
    assert len(homes.geometry.geoms) == 2
    assert f"2 块，合计 {ha(0, 4):,.2f} 公顷" in homes["note"]
    assert rows.loc["land_use/industrial-jia-chang", "name"] == "甲厂"

    exchange.undo(tiny_plan)
    assert state(tiny_plan) == before


def test_a_plan_folder_may_go_by_the_second_level(tiny_plan: Path, tmp_path: Path) -> None:
    """Four digits, of codes and of words; what says the first level alone stays there, an unknown code is its name."""
    head = tiny_plan / "plan.toml"
    given = head.read_text("utf-8")
    head.write_text(f"land_use_level = 2\n{given}", encoding="utf-8")
    codes = ["0701", "100102", "10", "0799", "070102"]
    done = bring(tiny_plan, of(tmp_path / "用地.gpkg", YDDM=codes), dry_run=True)
    told = [(one.code, one.name, one.polygons) for one in done.classes]
    assert told == [
        ("0701", "城镇住宅用地", 2), ("0799", "0799", 1), ("10", "工矿用地", 1), ("1001", "工业用地", 1)
    ]  # fmt: skip
    assert [one.area_m2 / 1e4 for one in done.classes] == pytest.approx([ha(0, 4), ha(3), ha(2), ha(1)], rel=1e-6)

    words = ["城镇住宅用地", "二类工业用地", "工矿用地", "居住用地", "图书与展览用地"]
    other = of(tmp_path / "地类.gpkg", DLMC=words, DLBM=["0701", "1001", "10", "07", "080301"])
    bring(tiny_plan, other)
    rows = build(tiny_plan, tiny_plan.parent.parent).layers["land_use"].set_index("id")
    assert {one.removeprefix("land_use/"): code for one, code in rows["code"].items()} == {
        "residential-0701": "0701", "residential": "07", "public-0803": "0803",
        "industrial-1001": "1001", "industrial": "10",
    }  # fmt: skip
    assert rows.loc["land_use/public-0803", ["name", "kind"]].tolist() == ["文化用地", "land_public"]
    assert "二级类 0803 文化用地，属一级类 08" in rows.loc["land_use/public-0803", "note"]

    head.write_text(f"land_use_level = 3\n{given}", encoding="utf-8")
    with pytest.raises(run.UnsoundError) as caught:
        bring(tiny_plan, other, dry_run=True)
    assert "land_use_level" in [one.field for one in caught.value.problems]


@pytest.mark.usefixtures("not_compared")
@pytest.mark.parametrize(
    ("columns", "stated", "expected"),
    [
        ({"DLMC": ["城镇住宅用地", "工业用地", "二类工业用地", "荒", "居住"]}, {}, {"07": 2, "10": 2}),
        ({"号": ["01", "02", "03", "04", "05"], "地类代码": [701, 1001, 1001, 9900, 7]}, {}, {"07": 2, "10": 2}),
        ({"a": ["R2", "M", "M", "x", "R2"]}, {"code_field": "a", "match": {"R2": "07", "M": "工矿用地"}},
         {"07": 2, "10": 2}),
    ],
    ids=["words", "numbers", "another standard"],
)  # fmt: skip
def test_classes_are_read_as_words_as_numbers_and_as_stated(
    tiny_plan: Path, tmp_path: Path, columns: dict[str, Any], stated: dict[str, Any], expected: dict[str, int]
) -> None:
    seen = bring(tiny_plan, of(tmp_path / "a.gpkg", **columns), dry_run=True, **stated)
    assert {one.code: one.polygons for one in seen.classes if one.code} == expected


@pytest.mark.usefixtures("not_compared")
def test_codes_of_another_classification_are_told_and_a_later_file_adds_to_the_layer(
    tiny_plan: Path, tmp_path: Path
) -> None:
    # In the land survey's own classification 05 is commerce; in this one it is wetland.
    words = ["商业用地", "商业用地", "耕地", "耕地", "耕地"]
    seen = bring(tiny_plan, of(tmp_path / "a.gpkg", DLMC=words, DLBM=["0501", "0501", "0101", "0101", "0101"]))
    assert {one.code: one.polygons for one in seen.classes} == {"01": 3, "09": 2}
    assert [one.params["count"] for one in seen.notes if one.key == "land_use.codes_differ"] == [2]
    later = bring(tiny_plan, of(tmp_path / "b.gpkg", DLMC=["湿地", "耕地", "耕地", "耕地", "耕地"]))
    assert [one.params["ids"] for one in later.notes if one.key == "land_use.kept"] == [["land_use/commercial"]]
    rows = build(tiny_plan, tiny_plan.parent.parent).layers["land_use"].set_index("id")
    assert sorted(rows.index) == ["land_use/arable", "land_use/commercial", "land_use/wetland"]
    assert " 4 块" in rows.loc["land_use/arable", "note"]


@pytest.mark.usefixtures("not_compared")
def test_what_has_no_classes_is_refused_with_its_fields(tiny_plan: Path, tmp_path: Path) -> None:
    before = state(tiny_plan)
    file = of(tmp_path / "a.gpkg", MC=["一", "二", "三", "四", "五"], n=[1, 12, 13, 14, 15])
    for stated, key in (({}, "land_use.no_classes"), ({"match": {"一": "公园"}}, "land_use.match_unknown"),
                        ({"code_field": "DM"}, "import.field")):  # fmt: skip
        with pytest.raises(LayersError) as caught:
            bring(tiny_plan, file, **stated)
        assert caught.value.key == key
        assert all(caught.value.message(lang) and caught.value.remedy(lang) for lang in ("zh", "en"))
    assert state(tiny_plan) == before


def test_lines_and_control_lines_are_really_imported_and_taken_back(tiny_plan: Path, tmp_path: Path) -> None:
    """A layer of lines and two of areas, by the names that the plan has."""
    plan = build(tiny_plan, tiny_plan.parent.parent)
    before = state(tiny_plan)
    shapes = {
        "metro_lines": shapely.LineString([(104.05, 30.75), (104.12, 30.751), (104.25, 30.75)]),
        "poles": shapely.box(104.03, 30.72, 104.06, 30.75),
        "control_lines": shapely.box(104.11, 30.62, 104.15, 30.66),
    }
    for layer, shape in shapes.items():
        row = plan.layers[layer].iloc[0]
        file = tmp_path / f"{layer}.geojson"
        gpd.GeoDataFrame({"名称": [row["name"]]}, geometry=[shape], crs=4490).to_file(file)
        done = bring(tiny_plan, file, layer)
        assert [pair.id for pair in done.matched.pairs] == [row["id"]]
        shown = build(tiny_plan, tiny_plan.parent.parent).layers[layer].set_index("id").loc[row["id"]]
        assert shown["basis"] == "official"
        assert shapely.equals_exact(
            shapely.normalize(shapely.get_parts([shown.geometry])[0]), shapely.normalize(shape), 1e-6
        )
        exchange.undo(tiny_plan)
        assert state(tiny_plan) == before
