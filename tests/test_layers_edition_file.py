"""``layers.edition.file``: the file, read by others and by ourselves, and files that are no edition."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from layers.build.assemble import build, build_file
from layers.edition import file as editions
from layers.edition.file import Edition
from layers.model.errors import EditionError

SYSTEM_PYTHON = Path("/usr/bin/python3")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Path]:
    from tiny_folder import write_tiny_plan

    root = tmp_path_factory.mktemp("tiny")
    path = root / "tiny.gpkg"
    return build_file(write_tiny_plan(root), path), path


def test_what_is_read_is_what_was_built(written: tuple[Edition, Path]) -> None:
    built, path = written
    again = editions.read(path)
    assert again.meta == json.loads(json.dumps(built.meta))
    assert again.hash == built.hash
    assert list(again.layers) == list(built.layers)
    for name, frame in again.layers.items():
        assert frame.crs == built.layers[name].crs
        for column in frame.columns.drop("geometry"):
            left, right = frame[column].tolist(), built.layers[name][column].tolist()
            assert [None if pd.isna(value) else value for value in left] == [
                None if pd.isna(value) else value for value in right
            ], (name, column)
        for one, other in zip(frame.geometry, built.layers[name].geometry, strict=True):
            assert (one is None and other is None) or one.equals_exact(other, 0)
    assert len(again.observations) == len(built.observations)
    assert (
        editions.content_hash(again.meta, again.layers, again.indicators, again.observations, again.figures)
        == built.hash
    )


def test_types_of_columns(written: tuple[Edition, Path]) -> None:
    frame = editions.read(written[1]).layers["metro_stations"]
    assert frame["assumed"].dtype == bool
    assert frame["accuracy_m"].dtype == float
    assert all(isinstance(value, str) for value in frame["note"])
    assert editions.read(written[1]).indicators["baseline_year"].dtype == "Int64"


def test_others_read_it(written: tuple[Edition, Path]) -> None:
    path = written[1]
    listed = dict(pyogrio.list_layers(path).tolist())
    assert listed["townships"] == "MultiPolygon"
    assert listed["metro_lines"] == "MultiLineString"
    assert listed["metro_stations"] == "Point"
    assert listed["control_lines"] is None
    assert {"indicators", "observations", "planmap_meta", "layer_styles"} <= listed.keys()
    frame = gpd.read_file(path, layer="poles")
    assert frame.crs.to_epsg() == 4490
    assert frame.geometry.isna().tolist() == [False, True]
    west, south, east, north = gpd.read_file(path, layer="district").total_bounds
    assert (west, south, east, north) == (104.0, 30.6, 104.2, 30.8), "longitude first"
    plain = gpd.read_file(path, layer="control_lines")
    assert plain["no_geometry"].tolist() == ["无公开数据"]


def test_the_file_is_a_geopackage_of_version_1_2(written: tuple[Edition, Path]) -> None:
    database = sqlite3.connect(written[1])
    try:
        assert database.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert database.execute("PRAGMA user_version").fetchone() == (10200,)
        contents = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())
        assert contents["townships"] == "features"
        assert {contents[name] for name in ("planmap_meta", "indicators", "observations", "layer_styles")} == {
            "attributes"
        }
        styles = database.execute("SELECT f_table_name, f_geometry_column, useAsDefault FROM layer_styles").fetchall()
        assert ("townships", "geom", 1) in styles
        assert "control_lines" not in [name for name, _, _ in styles]
        assert {name for (name,) in database.execute("SELECT DISTINCT last_change FROM gpkg_contents")} == {
            "2026-01-01T00:00:00.000Z"
        }
    finally:
        database.close()


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_it_passes_the_validator(written: tuple[Edition, Path], which: str, request: pytest.FixtureRequest) -> None:
    probe = [str(SYSTEM_PYTHON), "-c", "import osgeo_utils.samples.validate_gpkg"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        pytest.skip("GDAL's validator is not there: apt-get install python3-gdal")
    path = written[1] if which == "tiny" else request.getfixturevalue("xiaoshan_edition")
    command = [str(SYSTEM_PYTHON), "-m", "osgeo_utils.samples.validate_gpkg", "-k", "--extra", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in (done.stdout + done.stderr).upper(), done.stdout + done.stderr


def test_the_same_edition_gives_the_same_bytes(written: tuple[Edition, Path], tmp_path: Path) -> None:
    editions.write(written[0], tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == written[1].read_bytes()


def test_a_bare_file_is_read_as_the_whole_one_is(written: tuple[Edition, Path], tmp_path: Path) -> None:
    whole = editions.read(written[1])
    editions.write(whole, tmp_path / "bare.gpkg", bare=True)
    bare = editions.read(tmp_path / "bare.gpkg")
    content = [(one.meta, one.layers, one.indicators, one.observations, one.figures) for one in (bare, whole)]
    assert bare.meta == whole.meta
    assert editions.content_hash(*content[0]) == editions.content_hash(*content[1]) == whole.hash
    with closing(sqlite3.connect(tmp_path / "bare.gpkg")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert not tables & {"layer_styles", "qgis_projects", "gpkg_metadata"}


def test_reading_does_not_touch_the_file(written: tuple[Edition, Path], tmp_path: Path) -> None:
    path = tmp_path / "名 ?#%.gpkg"
    shutil.copy(written[1], path)
    path.chmod(0o444)
    before = path.stat().st_mtime_ns
    assert editions.read(path).hash == written[0].hash
    assert path.stat().st_mtime_ns == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


# ---- files that are no edition


def key_of(path: Path) -> str:
    with pytest.raises(EditionError) as caught:
        editions.read(path)
    for lang in ("zh", "en"):
        assert str(path) in caught.value.message(lang)
        assert caught.value.remedy(lang)
    return caught.value.key


def test_a_missing_file(tmp_path: Path) -> None:
    assert key_of(tmp_path / "none.gpkg") == "edition.missing"
    assert key_of(tmp_path) == "edition.missing"


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(5000)])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    assert key_of(path) == "edition.foreign"


def test_another_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([104], [30]), crs="EPSG:4490").to_file(path)
    assert key_of(path) == "edition.foreign"


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_truncated_file(written: tuple[Edition, Path], tmp_path: Path, part: float) -> None:
    content = written[1].read_bytes()
    path = tmp_path / "x.gpkg"
    path.write_bytes(content[: int(len(content) * part)])
    assert key_of(path) == "edition.damaged"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE observations",
        "UPDATE planmap_meta SET value = '{' WHERE key = 'layers'",
        "DELETE FROM planmap_meta WHERE key = 'layers'",
        "UPDATE townships SET geom = x'00112233445566778899'",
        "UPDATE townships SET geom = x'4750000100000000ff'",
    ],
)
def test_a_damaged_file(written: tuple[Edition, Path], tmp_path: Path, statement: str) -> None:
    path = tmp_path / "x.gpkg"
    shutil.copy(written[1], path)
    database = sqlite3.connect(path)
    for trigger in [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
        database.execute(f'DROP TRIGGER "{trigger}"')
    database.execute(statement)
    database.commit()
    database.close()
    assert key_of(path) == "edition.damaged"


def test_an_edition_of_another_format(written: tuple[Edition, Path], tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    shutil.copy(written[1], path)
    database = sqlite3.connect(path)
    database.execute("UPDATE planmap_meta SET value = '99' WHERE key = 'format'")
    database.commit()
    database.close()
    assert key_of(path) == "edition.format"


def test_a_failed_write_leaves_what_was_there(
    written: tuple[Edition, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(b"the last edition")

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(editions, "_add_table", fail)
    with pytest.raises(EditionError) as caught:
        editions.write(written[0], path)
    assert caught.value.key == "edition.not_written"
    assert path.read_bytes() == b"the last edition"
    assert [one.name for one in tmp_path.iterdir()] == ["x.gpkg"]


# ---- canonical JSON


def test_canonical() -> None:
    assert editions.canonical({"b": [np.float64(1.0), np.int64(2), np.nan], "a": "钱塘"}) == (
        '{"a":"钱塘","b":[1,2,null]}'.encode()
    )
    assert editions.canonical(0.1 + 0.2) == editions.canonical(0.3)
    assert editions.canonical(1.00000001) != editions.canonical(1.0)
    assert editions.canonical(True) == b"true"


def test_the_hash_rounds_coordinates(tiny_plan: Path) -> None:
    built = build(tiny_plan)

    def moved(by: float) -> str:
        layers = dict(built.layers)
        stations = layers["metro_stations"].copy()
        stations["geometry"] = stations.geometry.translate(by, 0)
        layers["metro_stations"] = stations
        return editions.content_hash(built.meta, layers, built.indicators, built.observations, built.figures)

    assert moved(0) == built.hash
    assert moved(1e-9) == built.hash
    assert moved(1e-6) != built.hash


def test_small_layers_written_as_one_and_divided_are_what_gdal_writes_one_by_one(
    written: tuple[Edition, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every statement, row and registration; only the order within GDAL's registers is another."""
    apart = tmp_path / "apart.gpkg"
    monkeypatch.setattr(editions, "_FEW", 0)
    editions.write(written[0], apart)

    def held(path: Path) -> dict[str, Any]:
        with closing(sqlite3.connect(path)) as database:
            made = database.execute("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
            rows = {
                name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))
                for name, kind, _ in made
                if kind == "table"
            }
            order = database.execute("SELECT table_name FROM gpkg_contents ORDER BY rowid").fetchall()
            sound = database.execute("PRAGMA integrity_check").fetchone()
            return {"made": sorted(made), "rows": rows, "order": order, "sound": sound}

    together, one_by_one = held(written[1]), held(apart)
    assert together == one_by_one
    assert any(name.startswith("rtree_") for name in together["rows"])
    assert not [name for name in together["rows"] if "PLANMAP" in name]
    again = tmp_path / "again.gpkg"
    monkeypatch.undo()
    editions.write(written[0], again)
    assert again.read_bytes() == written[1].read_bytes()
