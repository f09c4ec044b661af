"""``layers.build.assemble``: what features become, numbers from hand calculation, and a folder that is not sound."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from cases import every
from tiny_folder import append, edit, write_tiny_plan

from layers.build.assemble import build, build_file
from layers.edition.file import Edition
from layers.model.errors import PlanError
from layers.model.tables import FEATURE_COLUMNS, INDICATOR_COLUMNS, OBSERVATION_COLUMNS

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build(write_tiny_plan(tmp_path_factory.mktemp("built")))


def row(edition: Edition, feature_id: str) -> Any:
    """A feature's row, whatever its layer."""
    for frame in edition.layers.values():
        found = frame[frame["id"] == feature_id]
        if len(found):
            return found.iloc[0]
    raise AssertionError(f"no feature {feature_id}")


def test_layers_and_columns(edition: Edition) -> None:
    assert list(edition.layers) == [layer["id"] for layer in edition.meta["layers"]]
    for frame in edition.layers.values():
        assert list(frame.columns) == [*FEATURE_COLUMNS, "geometry"]
        assert frame.crs.to_epsg() == 4490
    assert list(edition.indicators.columns) == list(INDICATOR_COLUMNS)
    assert list(edition.observations.columns) == list(OBSERVATION_COLUMNS)
    types = {name: set(frame.geometry.dropna().geom_type) for name, frame in edition.layers.items()}
    assert types["townships"] == {"MultiPolygon"}
    assert types["metro_lines"] == {"MultiLineString"}
    assert types["metro_stations"] == {"Point"}
    assert types["control_lines"] == set()
    assert {name: kind for name, kind in edition.geometries.items() if kind != "polygon"} == {
        "metro_lines": "line", "metro_stations": "point", "control_lines": "none", "canals": "line"
    }  # fmt: skip


def test_length_inside_ends_at_the_border(tiny_plan: Path) -> None:
    """A line on 104.15° E from 30.75° to 30.85° N leaves the district at 30.80°: half of it is inside."""
    append(
        tiny_plan,
        "features/more.toml",
        '[[feature]]\nid = "line/out"\nname = "出境线"\nname_en = "Out"\nkind = "metro_line"\ncites = ["3.2"]\n'
        'accuracy_m = 100\nbasis = "schematic"\nsources = ["自测"]\n'
        "geometry = { route = [[104.15, 30.75], [104.15, 30.85]] }\n",
    )
    line = row(build(tiny_plan), "line/out")
    # Meridian: M(30.8°) · Δφ = 6 352 215 m · 0.001 745 329 = 11.087 km for a tenth of a degree.
    assert line["length_km"] == pytest.approx(11.087, abs=0.003)
    assert line["length_inside_km"] == pytest.approx(11.087 / 2, abs=0.003)
    assert np.isnan(row(build(tiny_plan), "township/a")["length_inside_km"])


def test_symbolic_shapes_have_no_size_and_context_is_not_counted(tiny_plan: Path) -> None:
    before = build(tiny_plan)
    edit(tiny_plan, "features/more.toml", 'id = "pole/south"\n', 'id = "pole/south"\nsymbolic = true\ncontext = true\n')
    after = build(tiny_plan)
    assert row(before, "pole/south")["area_km2"] > 0
    pole = row(after, "pole/south")
    assert np.isnan(pole["area_km2"])
    assert pole.geometry.area > 0
    assert (pole["symbolic"], pole["context"]) == (True, True)

    def poles(edition: Edition) -> Any:
        seen = edition.observations
        return seen.loc[(seen["indicator"] == "features_poles") & (seen["level"] == "district"), "value"].tolist()

    # The tiny plan's other pole has no position, so there is no number left, and none is made up.
    assert poles(before) == [1.0]
    assert np.isnan(poles(after)).all()


def test_what_is_cut_off_at_the_frame_or_beyond_the_district_has_no_size(tiny_plan: Path) -> None:
    """The ground reaches from 103.9° to 104.5° E and 30.4° to 31° N, round the whole district."""
    ring = "{{ ring = [[{0}, {1}], [{2}, {1}], [{2}, {3}], [{0}, {3}]] }}"
    text = ""
    for name, kind, box in (
        ("neighbour/north", "neighbour", (103.9, 30.9, 104.5, 31.0)),
        ("neighbour/whole", "neighbour", (104.3, 30.5, 104.35, 30.55)),
        ("water/cut", "river", (103.9, 30.4, 104.5, 30.42)),
        ("water/whole", "lake", (104.15, 30.7, 104.16, 30.71)),
    ):
        text += (
            f'[[feature]]\nid = "{name}"\nname = "{name}"\nname_en = "{name}"\nkind = "{kind}"\naccuracy_m = 100\n'
            f'basis = "schematic"\nsources = ["自测"]\ngeometry = {ring.format(*box)}\n'
        )
    append(tiny_plan, "features/more.toml", text)
    append(
        tiny_plan,
        "plan.toml",
        '[[layer]]\nid = "ground"\nname = "底"\nname_en = "Ground"\ngroup = "all"\norder = 1\n'
        'kinds = ["neighbour", "river", "lake"]\n',
    )
    edition = build(tiny_plan)
    for name in ("neighbour/north", "neighbour/whole", "water/cut"):
        assert np.isnan(row(edition, name)["area_km2"]), name
    # 0.01° by 0.01° at 30.705°: 1.1087 km north by 0.9575 km east (WGS 84 radii of curvature).
    assert row(edition, "water/whole")["area_km2"] == pytest.approx(1.1087 * 0.9575, rel=0.003)


def test_areas_and_lengths(edition: Edition) -> None:
    """A cell of 0.1 by 0.1 degree on the CGCS2000 ellipsoid, b²/2 · Δλ · (q(φ2) − q(φ1)), by hand."""
    assert row(edition, "township/a")["area_km2"] == pytest.approx(106.1562, abs=2e-4)
    assert row(edition, "township/d")["area_km2"] == pytest.approx(106.2641, abs=2e-4)
    assert row(edition, "zone/west")["area_km2"] == pytest.approx(106.1562 * 1.5 + 106.2641, abs=5e-4)
    # A circle of 1,000 m: π km²; the zone's scale is within a ten-thousandth here, the buffer's chords cost 0.2 %.
    assert row(edition, "pole/south")["area_km2"] == pytest.approx(3.1416, rel=0.003)
    # The line of 0.2 degree along 30.75° N: N cos φ Δλ = 6384.12 km · 0.859406 · 0.00349066 = 19.152 km.
    assert row(edition, "line/1")["length_km"] == pytest.approx(19.152, abs=0.002)
    assert np.isnan(row(edition, "line/1")["area_km2"])
    assert np.isnan(row(edition, "township/a")["length_km"])


@every(
    ("feature", "zone", "zone_from", "township"),
    [
        ("township/a", "west", "position", "a"),
        ("township/b", "west;east", "position", "b"),
        ("part/b-east", "east", "position", "b"),
        ("zone/west", "west", "position", "a;b;c"),
        ("district", "west;east", "position", "a;b;c;d"),
        ("line/1", "west;east", "position", "a;b"),
        ("line/2", "east", "stated", "b;d"),
        ("station/west", "west", "position", "a"),
        # only the township is known: all zones of that township, whatever the symbol's place
        ("station/south", "west;east", "position", "b"),
        # only the zone is known: no township
        ("station/somewhere", "east", "position", ""),
        ("pole/south", "east", "position", "d"),
        ("canal/north", "west", "position", "a"),
        ("pole/unknown", "", "", ""),
        ("control/farmland", "", "", ""),
    ],
)
def test_zones_and_townships(edition: Edition, feature: str, zone: str, zone_from: str, township: str) -> None:
    found = row(edition, feature)
    assert (found["zone"], found["zone_from"], found["township"]) == (zone, zone_from, township)


@pytest.mark.parametrize(
    ("feature", "basis", "accuracy_m", "sources"),
    [
        ("township/a", "official", 30, "自测"),
        ("district", "derived", 30, "自测"),
        ("part/b-east", "schematic", 1000, "自测"),
        ("zone/west", "derived", 1000, "自测"),
        ("line/1", "derived", 80, "自测"),
        ("station/west", "osm", 50, "自测"),
        ("pole/south", "schematic", 800, "试县纲要;自测"),
    ],
)
def test_what_is_inherited(edition: Edition, feature: str, basis: str, accuracy_m: float, sources: str) -> None:
    found = row(edition, feature)
    assert (found["basis"], found["accuracy_m"], found["sources"]) == (basis, accuracy_m, sources)


def test_lists_are_joined(edition: Edition) -> None:
    line = row(edition, "line/1")
    assert line["cites"] == "专栏1-2;3.2"
    assert line["lead_units"] == "交通局;轨道公司"
    assert row(edition, "station/south")["aliases"] == "南站"
    assert bool(row(edition, "part/b-west")["assumed"]) is True
    assert bool(line["assumed"]) is False


def test_names_stand_inside(edition: Edition) -> None:
    for frame in edition.layers.values():
        for feature in frame[frame.geometry.notna()].itertuples():
            point = shapely.Point(feature.label_lon, feature.label_lat)
            # five metres: a line of 20 km that is straight in the plane is not quite straight in degrees
            assert feature.geometry.distance(point) < 5e-5, feature.id
    # the canal runs from 103.9 to 104.1, the district begins at 104.0
    assert row(edition, "canal/north")["label_lon"] == pytest.approx(104.05, abs=1e-4)
    assert np.isnan(row(edition, "control/farmland")["label_lon"])


def test_metadata(edition: Edition) -> None:
    meta = edition.meta
    assert meta["plan"]["bounds"] == [104.0, 30.6, 104.2, 30.8]
    assert meta["plan"]["lon"] == 104.1
    assert meta["plan"]["district"] == {"id": "district", "name": "试县", "name_en": "Shi County", "code": "990101"}
    assert [source["name"] for source in meta["sources"]] == ["试县纲要", "自测"]
    assert meta["outline"]["3.1"] == 4
    assert meta["views"] == [
        {"id": "overview", "name": "总览", "name_en": "Overview", "fit": "district",
         "layers": ["zones", "townships", "district", "metro_lines", "metro_stations"]}
    ]  # fmt: skip
    poles = next(layer for layer in meta["layers"] if layer["id"] == "poles")
    assert (poles["count"], poles["located"], poles["geometry"]) == (2, 1, "polygon")
    assert meta["stats"]["features"] == 18
    assert meta["stats"]["assumed"] == 2
    assert meta["stats"]["by_status"] == {"operating": 2, "planned": 2, "preparing": 1}
    assert {"kinds", "statuses", "bases", "ramps", "groups", "terms", "hash", "format"} <= meta.keys()


def test_the_metric_zone_follows_from_the_district(edition: Edition) -> None:
    """A circle made around 104° E is round in the zone of 105° E, so its width in degrees fits its height."""
    west, south, east, north = row(edition, "pole/south").geometry.bounds
    metres_high, metres_wide = (north - south) * 110_861, (east - west) * 95_854  # per degree at 30.65° N, by hand
    assert metres_high == pytest.approx(2000, rel=2e-3)
    assert metres_wide == pytest.approx(2000, rel=2e-3)


def test_stated_indicators_are_there(edition: Edition) -> None:
    observed = edition.observations
    target = observed[(observed["indicator"] == "t1-02") & (observed["role"] == "target")].iloc[0]
    assert np.isnan(target["value"])
    assert target["text"] == "省市下达指标"


# ---- the content hash


def test_the_same_folder_elsewhere_has_the_same_hash(tiny_plan: Path, tmp_path: Path) -> None:
    elsewhere = write_tiny_plan(tmp_path / "other" / "深")
    assert build(elsewhere).hash == build(tiny_plan).hash


def test_bytes_and_hash_do_not_depend_on_the_process(tiny_plan: Path, tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from layers.build.assemble import build_file
build_file(Path(sys.argv[1]), Path(sys.argv[2]))
"""
    written = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.gpkg"
        subprocess.run([sys.executable, "-c", code, str(tiny_plan), str(path)], check=True, cwd=ROOT, timeout=600,
                       env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}"})  # fmt: skip
        written.append(path.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("features/more.toml", 'name = "1号线"', 'name = "一号线"'),
        ("features/more.toml", "[103.9, 30.78]", "[103.9, 30.780001]"),
        ("indicators.toml", "value = 140", "value = 141"),
        ("plan.toml", 'name = "总览"', 'name = "概览"'),
        ("outline.toml", '"表1" = 2', '"表1" = 3'),
    ],
)
def test_every_change_changes_the_hash(tiny_plan: Path, edition: Edition, file: str, old: str, new: str) -> None:
    edit(tiny_plan, file, old, new)
    assert build(tiny_plan).hash != edition.hash


def test_comments_and_the_order_of_fields_do_not(tiny_plan: Path, edition: Edition) -> None:
    append(tiny_plan, "features/more.toml", "# nothing")
    edit(tiny_plan, "features/more.toml", 'status = "operating"\ngeometry = { route', "geometry = { route")
    edit(tiny_plan, "features/more.toml", 'color = "#c03030"', 'color = "#c03030"\nstatus = "operating"')
    assert build(tiny_plan).hash == edition.hash


# ---- a folder that is not sound


def test_a_broken_folder_leaves_the_last_edition(tiny_plan: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "tiny.gpkg"
    build_file(tiny_plan, path)
    before = path.read_bytes()
    edit(tiny_plan, "features/more.toml", "distance_m = 1000", "distance_m = -1000")
    edit(tiny_plan, "places.csv", "104.05,", "1040.5,")
    with pytest.raises(PlanError) as caught:
        build_file(tiny_plan, path)
    assert {problem.key for problem in caught.value.problems} == {"field.range", "recipe.bad_distance"}
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["tiny.gpkg"]


def test_warnings_do_not_prevent_a_build(tiny_plan: Path) -> None:
    edit(tiny_plan, "features/more.toml", 'name_en = "Line 2"\n', "")
    assert row(build(tiny_plan), "line/2")["name_en"] == "2号线"


def test_progress_counts_every_feature(tiny_plan: Path) -> None:
    seen: list[tuple[int, int]] = []
    build(tiny_plan, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 18) for number in range(1, 19)]


def test_markup_survives_untouched(tiny_plan: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>`${1}`"
    edit(tiny_plan, "features/more.toml", 'name = "南村新城"', f"name = '{hostile}'")
    assert row(build(tiny_plan), "pole/south")["name"] == hostile


def test_a_layer_without_features(tiny_plan: Path, tmp_path: Path) -> None:
    append(tiny_plan, "plan.toml", '[[layer]]\nid = "tunnels"\nname = "隧道"\nname_en = "Tunnels"\ngroup = "all"\n'
                                   'kinds = ["tunnel"]\norder = 90\n')  # fmt: skip
    path = tmp_path / "x.gpkg"
    build_file(tiny_plan, path)
    frame = gpd.read_file(path, layer="tunnels")
    assert len(frame) == 0
    assert set(FEATURE_COLUMNS) <= set(frame.columns)
