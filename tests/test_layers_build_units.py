"""What is only known to lie in a township, zone or other area is listed at it, and is no point."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from tiny_folder import edit, write_tiny_plan

from layers.build import assemble as builds
from layers.build import check as checks
from layers.edition import export as exports
from layers.edition import file as editions
from layers.edition.store import Store
from webmap.api.payloads import feature_payload, layer_payload
from webmap.api.search import search_payload

MORE = "features/more.toml"
SOUTH = 'geometry = { within = "township/b" }\n'
SOMEWHERE = 'geometry = { within = "zone/east" }\n'
WEST = 'geometry = { place = "老西站" }\nknown = { inside = "township/a" }\n'


def found(folder: Path) -> set[tuple[str, str, str]]:
    return {(problem.record, problem.field, problem.key) for problem in checks.check(folder)}


def row(edition: editions.Edition, feature: str) -> pd.Series:
    frames = [frame[frame["id"] == feature] for frame in edition.layers.values()]
    return next(frame.iloc[0] for frame in frames if len(frame))


def test_basis_and_accuracy_follow_from_the_unit(tiny_plan: Path) -> None:
    examined = checks.examine(tiny_plan)
    assert examined.problems == ()
    south, somewhere = examined.located["station/south"], examined.located["station/somewhere"]
    assert (south.unit, south.basis, south.geometry) == ("township/b", "township", None)
    assert (somewhere.unit, somewhere.basis, somewhere.geometry) == ("zone/east", "zone", None)
    # Township b: 0.1° by 0.1° at 30.75° N, half of it 4 788 m by 5 543 m. From its middle a corner is
    # √(4 788² + 5 543²) = 7 325 m away; from the other ends of its middle line at most √(4 788² + 6 299²) = 7 912 m.
    assert south.accuracy_m is not None
    assert 7300 <= south.accuracy_m <= 8100


@pytest.mark.parametrize(
    ("old", "new", "record", "field", "key"),
    [
        (SOUTH, SOUTH + "accuracy_m = 20\n", "station/south", "accuracy_m", "feature.too_accurate"),
        (SOUTH, SOUTH + 'basis = "surveyed"\n', "station/south", "basis", "feature.unit_basis"),
        (SOUTH, SOUTH + 'basis = "zone"\n', "station/south", "basis", "feature.unit_basis"),
        (SOUTH, 'geometry = { within = { union = ["township/b", "zone/east"] } }\n',
         "station/south", "geometry", "feature.unit_unnamed"),
        (SOUTH, 'geometry = { within = "district" }\n', "station/south", "geometry", "feature.unit_district"),
        (SOUTH, 'geometry = { points = [{ within = "township/b" }] }\n',
         "station/south", "geometry", "feature.unit_hidden"),
        (SOUTH, 'geometry = { within = "township/b", nth = 3 }\n', "station/south", "geometry", "recipe.unknown_field"),
        (SOUTH, SOUTH + 'known = { inside = "township/a" }\n', "station/south", "known.inside", "known.inside"),
        (SOUTH, SOUTH + 'known = { crosses = "township/b" }\n', "station/south", "known", "known.unit"),
        (SOUTH, SOUTH + 'note = "据报道在丁镇。"\n', "station/south", "note", "note.elsewhere"),
        (SOUTH, SOUTH + 'note_en = "Reported in Ding."\n', "station/south", "note", "note.elsewhere"),
        (SOMEWHERE, SOMEWHERE + 'note = "据报道位于丁镇。"\n', "station/somewhere", "note", "note.finer"),
        (SOMEWHERE, SOMEWHERE + 'zone = ["west"]\n', "station/somewhere", "zone", "zone.not_of_unit"),
        (WEST, WEST + 'note = "公开报道：在丁镇。"\n', "station/west", "note", "note.outside"),
        (WEST, WEST + 'basis = "township"\n', "station/west", "basis", "feature.unit_as_place"),
        (WEST, WEST + 'basis = "schematic"\naccuracy_m = 8000\n', "station/west", "accuracy_m", "feature.no_point"),
        (WEST, WEST + 'basis = "osm"\naccuracy_m = 2500\n', "station/west", "accuracy_m", "feature.no_point"),
        (WEST, 'geometry = { place = "老西站" }\nknown = { inside = "outside" }\n',
         "station/west", "known.inside", "known.outside"),
        ('buffer = "place/南村"', 'buffer = "station/south"', "pole/south", "geometry", "reference.no_geometry"),
        ('buffer = "place/南村"', 'buffer = { within = "township/d" }',
         "pole/south", "accuracy_m", "feature.too_accurate"),
    ],
)  # fmt: skip
def test_each_claim_to_more_than_is_known_is_refused(
    tiny_plan: Path, old: str, new: str, record: str, field: str, key: str
) -> None:
    edit(tiny_plan, MORE, old, new)
    assert (record, field, key) in found(tiny_plan)


@pytest.mark.parametrize(
    "note", ["不在丁镇。", "原在丁镇，已迁。", "在丁镇以西。", "在丁镇附近。", "在丁镇与乙镇之间。", "丁镇另有一处。"]
)
def test_a_note_that_names_a_township_otherwise_is_no_fault(tiny_plan: Path, note: str) -> None:
    edit(tiny_plan, MORE, WEST, f'{WEST}note = "{note}"\nnote_en = "A note."\n')
    edit(tiny_plan, MORE, SOUTH, f'{SOUTH}note = "{note}"\nnote_en = "A note."\n')
    assert found(tiny_plan) == set()


def test_what_is_known_to_lie_outside_is_no_slip(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, WEST, 'geometry = { place = [115.05, 4.99] }\naccuracy_m = 3000\nbasis = "schematic"\n'
         'sources = ["自测"]\nknown = { inside = "outside" }\n')  # fmt: skip
    assert found(tiny_plan) == set()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny_plan(tmp_path_factory.mktemp("units"))
    path = folder / "units.gpkg"
    builds.build_file(folder, path)
    return path


def test_the_file_has_the_unit_and_no_point(built: Path) -> None:
    database = sqlite3.connect(built)
    rows = database.execute(
        "SELECT id, unit, geom, label_lon, label_lat, township FROM metro_stations WHERE unit <> '' ORDER BY id"
    ).fetchall()
    database.close()
    assert rows == [
        ("station/somewhere", "zone/east", None, None, None, ""),
        ("station/south", "township/b", None, None, None, "b"),
    ]


@pytest.mark.parametrize("fmt", ["geojson", "csv", "gpkg"])
@pytest.mark.parametrize("crs", ["4326", "metric"])
def test_exports_give_no_place(built: Path, tmp_path: Path, fmt: str, crs: str) -> None:
    edition = editions.read(built)
    out = exports.export(edition, "metro_stations", fmt, crs, tmp_path / f"x.{fmt}")
    if fmt == "csv":
        table = pd.read_csv(out, dtype=str, keep_default_na=False).set_index("id")
        assert table.at["station/south", "unit"] == "township/b"
        # whatever columns give a place in this file, they are empty for what has none
        places = [name for name in table.columns if str(table.at["station/west", name]).replace(".", "").isdigit()]
        places = [name for name in places if name not in ("accuracy_m", "status", "code")]
        assert places
        assert {name: table.at["station/south", name] for name in places} == dict.fromkeys(places, "")
        return
    table = gpd.read_file(out).set_index("id")
    assert table.at["station/south", "unit"] == "township/b"
    assert table.geometry["station/south"] is None
    assert table.geometry["station/west"].geom_type == "Point"


def test_the_map_is_told_the_unit_and_where_its_name_goes(built: Path) -> None:
    store = Store(editions.read(built))
    properties = feature_payload(store, "station/south")["properties"]
    assert feature_payload(store, "station/south")["geometry"] is None
    assert properties["unit"] == "township/b"
    assert properties["label"] == feature_payload(store, "township/b")["properties"]["label"]
    listed = {one["id"]: one for one in layer_payload(store, "metro_stations")["features"]}
    assert listed["station/south"]["properties"] == properties
    entry = next(one for one in search_payload(store)["entries"] if one["id"] == "station/south")
    assert (entry["unit"], entry["label"]) == ("township/b", properties["label"])
    assert store.bounds_of("station/south") == store.bounds_of("township/b")
