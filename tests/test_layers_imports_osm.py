"""An extract of OpenStreetMap beside the plan: what it knows, what is broken in it, and what is taken over."""

import json
from pathlib import Path
from typing import Any

import osmium
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from osmium.osm import mutable
from test_layers_imports_boundaries import folder_state

from geo.errors import GeoError
from layers.build.assemble import build_file
from layers.build.check import examine
from layers.imports import accepted, exchange, osm
from layers.imports.request import Request
from layers.model.errors import LayersError
from webmap.commands.import_ import import_

# 甲镇 a thousandth of a degree wider than the plan has it; 丙镇 lacks a way, 丁镇 does not close.
NODES = {
    1: (104.0, 30.7), 2: (104.101, 30.7), 3: (104.101, 30.8), 4: (104.0, 30.8),
    5: (104.0, 30.6), 6: (104.1, 30.6), 7: (104.2, 30.6), 8: (104.2, 30.7),
    10: (104.051, 30.751), 11: (103.9, 30.781), 12: (104.05, 30.782), 13: (104.1, 30.78),
    20: (104.04, 30.76), 21: (104.041, 30.76), 22: (104.041, 30.761), 23: (104.04, 30.761),
}  # fmt: skip
TAGS = {10: {"name": "火车西站", "railway": "station"}}
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    100: ([1, 2], {}), 101: ([2, 3, 4], {}), 102: ([4, 1], {}), 103: ([1, 5, 6], {}), 104: ([6, 7, 8], {}),
    110: ([11, 12], {"waterway": "canal", "name": "北渠"}), 111: ([12, 13], {"waterway": "canal", "name": "北渠"}),
    112: ([13, 99], {"highway": "primary", "name": "缺点路"}),
    113: ([13, 99], {"waterway": "canal", "name": "北渠"}),
    120: ([20, 21, 22, 20], {"leisure": "park", "name": "西园"}),
    121: ([20, 22, 21, 23, 20], {"leisure": "park", "name": "交叉园"}),
}  # fmt: skip
UNIT = {"type": "boundary", "boundary": "administrative"}
RELATIONS: dict[int, tuple[list[int], dict[str, str]]] = {
    1000: ([100, 101, 102], {**UNIT, "name": "甲镇"}),
    1001: ([103, 999], {**UNIT, "name": "丙镇"}),
    1002: ([104], {**UNIT, "name": "丁镇"}),
}  # fmt: skip


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "试县.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in NODES.items():
            writer.add_node(mutable.Node(id=number, location=place, tags=TAGS.get(number, {})))
        for number, (nodes, tags) in WAYS.items():
            writer.add_way(mutable.Way(id=number, nodes=nodes, tags=tags))
        for number, (members, tags) in RELATIONS.items():
            writer.add_relation(
                mutable.Relation(id=number, members=[("w", ref, "outer") for ref in members], tags=tags)
            )
    return path


def take(plan: Path, path: Path, *accept: str, dry_run: bool = False, **stated: Any) -> accepted.OsmReport:
    return accepted.take_over(plan, plan.parent.parent, Request(file=path, **stated), accept=accept, dry_run=dry_run)


def test_what_is_whole_is_read_and_what_is_broken_is_named(extract: Path) -> None:
    things, broken = osm.read(extract)
    found = {thing.names[0]: thing for thing in things}
    assert set(found) == {"甲镇", "北渠", "西园", "火车西站"}
    assert found["甲镇"].shape.equals(shapely.box(104.0, 30.7, 104.101, 30.8))
    assert found["甲镇"].what == osm.ADMIN
    assert shapely.get_coordinates(found["北渠"].shape).tolist() == [[103.9, 30.781], [104.05, 30.782], [104.1, 30.78]]
    assert found["北渠"].objects == ("way/110", "way/111")
    assert [(one.object, one.name, one.missing, one.open_ends) for one in broken] == [
        ("way/112", "缺点路", ("node/99",), 0),
        ("way/113", "北渠", ("node/99",), 0),
        ("relation/1001", "丙镇", ("way/999",), 0),
        ("relation/1002", "丁镇", (), 2),
        ("way/121", "交叉园", (), 0),
    ]


def test_what_the_plan_knows_is_offered_with_its_distance(tiny_plan: Path, extract: Path) -> None:
    before = folder_state(tiny_plan)
    report = take(tiny_plan, extract)
    offered = {one.id: one for one in report.candidates}
    assert set(offered) == {"township/a", "canal/north", "place/西站"}
    # 0.001° each way at 30.75° N: 95.7 m east, 110.9 m north, 146.5 m together.
    assert offered["place/西站"].median_m == pytest.approx(146.5, abs=0.2)
    # Vertices of the canal lie 110.9, 221.7 and 0 m from the plan's straight line.
    assert offered["canal/north"].median_m == pytest.approx(110.9, abs=0.2)
    assert offered["canal/north"].most_m == pytest.approx(221.7, abs=0.3)
    # A stretch of it is cut off at the extract's edge: said of what is offered, and before what the plan does not know.
    assert {one.id: one.lacking for one in report.candidates if one.lacking} == {"canal/north": ("way/113",)}
    assert [one.name for one in report.broken] == ["北渠", "丙镇", "丁镇", "缺点路", "交叉园"]
    assert report.taken == ()
    assert folder_state(tiny_plan) == before


def test_what_is_accepted_has_basis_and_attribution_wherever_it_shows(
    tiny_plan: Path, extract: Path, tmp_path: Path
) -> None:
    before = folder_state(tiny_plan)
    report = take(tiny_plan, extract, "township/a", "canal/north", "place/西站", accuracy_m=30)
    assert report.effects is not None
    assert report.number == "0001"
    after = examine(tiny_plan, tiny_plan.parent.parent)
    assert not [one for one in after.problems if one.severity == "error"]
    for identifier in ("township/a", "canal/north"):
        assert (after.located[identifier].basis, after.located[identifier].sources) == ("osm", ("OpenStreetMap",))
    # The station stands at the place, which moved; the neighbour gave way.
    assert after.located["station/west"].geometry == shapely.Point(104.051, 30.751)
    assert after.located["station/west"].sources == ("OpenStreetMap",)
    assert after.located["township/b"].geometry.bounds[0] == 104.101  # type: ignore[union-attr]
    places = (tiny_plan / "places.csv").read_text("utf-8").splitlines()
    assert places[1] == "西站,West Station,老西站;火车西站,104.051000,30.751000,wgs84,30,osm,township/a,OpenStreetMap"
    assert places[2] == "中站,Middle Station,,104.12,30.75,wgs84,80,osm,township/b,自测"
    build_file(tiny_plan, tmp_path / "next.gpkg", tiny_plan.parent.parent)
    canals = pyogrio.read_dataframe(tmp_path / "next.gpkg", layer="canals")
    assert list(canals["sources"]) == ["OpenStreetMap"]
    sources = (tiny_plan / "sources.toml").read_text("utf-8")
    assert 'attribution = "© OpenStreetMap 贡献者，ODbL 1.0"' in sources
    exchange.undo(tiny_plan)
    assert folder_state(tiny_plan) == before


def test_what_is_not_offered_is_refused(tiny_plan: Path, extract: Path) -> None:
    with pytest.raises(LayersError) as caught:
        take(tiny_plan, extract, "township/c")
    assert caught.value.key == "import.not_offered"


def test_other_files_are_refused(tmp_path: Path, extract: Path) -> None:
    cases = {
        "a.osm.pbf": b"<osm version='0.6'></osm>", "b.osm.pbf": b"", "c.osm": extract.read_bytes(),
        "d.osm.pbf": extract.read_bytes()[:60], "e.osm.pbf": extract.read_bytes()[:-20],
    }  # fmt: skip
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GeoError) as caught:
            osm.read(tmp_path / name)
        assert caught.value.key in ("vector.other_content", "vector.unreadable"), name


def test_the_command_lists_and_takes(tiny_plan: Path, extract: Path) -> None:
    at = [str(extract), "--plan", str(tiny_plan), "--data-dir", str(tiny_plan.parent.parent)]
    looked = CliRunner().invoke(import_, ["osm", *at, "--lang", "en"])
    assert looked.exit_code == 0, looked.output
    for said in (
        "relation/1001 丙镇: 1 missing, such as way/999",
        "2 ends are loose",
        "way/121 交叉园: its outline crosses itself",
        "ways lacking",
        "146 m",
        "Nothing was taken over",
    ):
        assert said in looked.output, said
    told = json.loads(
        CliRunner().invoke(import_, ["osm", *at, "--accept", "all", "--within", "150", "--dry-run", "--json"]).output
    )
    assert set(told["taken"]) == {"township/a", "canal/north", "place/西站"}
    assert not told["written"]
