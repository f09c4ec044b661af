"""An extract of OpenStreetMap as gazetteer: what has the name is proposed with its object, nothing else."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
import shapely
from osmium.osm import mutable
from reading_desk import SHAPES, desk_of, item_of, make_folder, text_of

from geo.errors import GeoError
from layers.build.check import examine
from layers.document import propose, writing
from layers.document.draft import Given
from layers.document.positions import Spot, Spots, read_spots
from layers.folder import load
from layers.model.errors import ERROR, LayersError
from tools.invented_county import ROOT

ROAD, RESORT = "岫宁高速公路", "高坪滑雪场"
NODES = {
    1: (105.22, 32.05), 2: (105.30, 32.06), 3: (105.40, 32.07),
    4: (105.252, 32.284), 5: (121.0, 31.0), 6: (105.3, 32.1),
}  # fmt: skip
TAGS = {
    4: {"name": "滑雪场", "alt_name": RESORT, "leisure": "sports_centre"},
    5: {"name": RESORT, "tourism": "attraction"},
    6: {"name": "云岫县", "place": "county"},
}
UNIT = {"boundary": "administrative", "admin_level": "8", "name": "文澜街道"}


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A road in two ways, two resorts of one name of which one is a province away, two parks near each other."""
    path = tmp_path / "region.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in NODES.items():
            writer.add_node(mutable.Node(id=number, location=place, tags=TAGS.get(number, {})))
        for number, nodes in ((10, [1, 2]), (11, [2, 3])):
            writer.add_way(mutable.Way(id=number, nodes=nodes, tags={"highway": "motorway", "name": ROAD}))
        writer.add_way(
            mutable.Way(
                id=12, nodes=[1, 2, 3, 1], tags={"boundary": "administrative", "admin_level": "8", "name": "文澜街道"}
            )
        )
    return path


def test_what_has_the_name_is_proposed_with_its_object(extract: Path, tmp_path: Path) -> None:
    given = Given(boundaries=read_spots(SHAPES, areas=True), gazetteer=read_spots(extract, areas=False), code="519999")
    folder = tmp_path / "plans" / "a-plan"
    for name in ("kinds.toml", "computed_indicators.toml"):
        (tmp_path / name).write_bytes((ROOT / "data" / name).read_bytes())
    writing.write(folder, text_of(), propose.read(text_of()), given)
    desk = desk_of(folder)
    road = item_of(desk, ROAD)
    assert road.how["zh"] == f"按名称对上地名文件里的“{ROAD}” OSM way/10、way/11"
    assert road.position["geometry"]["where"] == {"name": ROAD, "at": "OSM way/10、way/11"}
    placed = {one.name for one in desk.session.items if one.spot}
    assert placed == {ROAD, RESORT}
    assert item_of(desk, RESORT).how["en"].count("“滑雪场” OSM node/4") == 1  # and not the one a province away
    desk.accept(road, {}, position=True, seen=desk.standing(road).seen, by="w")
    plan, _ = load.read(folder, tmp_path)
    assert plan is not None
    examined = examine(folder, tmp_path)
    assert [one for one in examined.problems if one.severity == ERROR] == []
    drawn = next(one for one in examined.located.values() if one.feature.name == ROAD)
    assert shapely.get_coordinates(drawn.geometry).tolist() == [list(NODES[number]) for number in (1, 2, 3)]
    # Of a region's extract only what is named stands in the folder.
    words = (folder / "imported" / "places.geojson").read_text("utf-8")
    assert words.count('"type": "Feature"') == 1


def test_of_several_of_one_name_none_is_taken_unless_it_is_clear_which(extract: Path) -> None:
    spots = read_spots(extract, areas=False)
    here = shapely.box(105.0, 31.9, 105.6, 32.4)
    assert spots.named(RESORT).at == "OSM node/5"  # its own name before another's second name
    assert spots.named(RESORT, near=here).at == "OSM node/4"
    assert spots.named(RESORT, near=shapely.box(100.0, 20.0, 100.1, 20.1)) is None
    assert spots.named("文澜街道") is None  # units of administration place nothing
    two = Spots(
        [Spot("人民公园", shapely.Point(105.2, 32.1), at="a"), Spot("人民公园", shapely.Point(105.9, 32.9), at="b")]
    )
    assert two.named("人民公园") is None
    assert two.named("人民公园", near=here).at == "a"
    line = Spot("清江", shapely.LineString([(105, 32), (105.5, 32)]), at="c")
    both = Spots([Spot("清江", shapely.Point(105.1, 32), at="d"), line])
    assert both.named("清江", wanted="line").at == "c"
    assert both.named("清江", wanted="point").at == "d"


def test_an_extract_gives_no_boundaries_and_broken_ones_are_named(extract: Path, tmp_path: Path) -> None:
    with pytest.raises(LayersError) as caught:
        read_spots(extract, areas=True)
    assert caught.value.key == "read.extract_boundaries"
    (tmp_path / "cut.osm.pbf").write_bytes(extract.read_bytes()[:120])
    (tmp_path / "none.osm.pbf").write_bytes(b"no extract")
    for name in ("cut.osm.pbf", "none.osm.pbf"):
        with pytest.raises((GeoError, LayersError), match=name):
            read_spots(tmp_path / name, areas=False)


def test_a_folder_is_made_without_any(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    assert item_of(desk_of(folder), ROAD).how["en"] == f"matched by name with “{ROAD}” of the gazetteer"
