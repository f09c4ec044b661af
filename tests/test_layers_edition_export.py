"""Exports read back with independent readers: GDAL, sqlite3, csv, json; positions against a projection by hand."""

import csv
import json
import math
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from cases import every
from click.testing import CliRunner
from commands import planmap
from tiny_folder import write_tiny_plan

from geo.errors import GeoError
from layers.build.assemble import build
from layers.edition import export
from layers.edition.export import ExportError, safe_cell
from layers.edition.file import Edition, read, write
from layers.edition.formats import geopackage
from webmap.commands.export import export as export_command
from webmap.commands.indicators import indicators as indicators_command


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of the invented district, 104.0 to 104.2° E, 30.6 to 30.8° N."""
    root = tmp_path_factory.mktemp("export")
    path = root / "tiny-15fyp.gpkg"
    write(build(write_tiny_plan(root)), path)
    return path


@pytest.fixture
def edition(file: Path) -> Edition:
    return read(file)


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf"), "Excel takes the file for GBK without a byte-order mark"
    return list(csv.DictReader(text.decode("utf-8-sig").splitlines()))


def gauss_kruger(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Easting and northing on the CGCS2000 ellipsoid, series to the fifth power (Snyder 1987, eq. 8-9, 8-10, 3-21)."""
    a, f = 6378137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    phi, d_lon = math.radians(lat), math.radians(lon - meridian)
    n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    t, c, big_a = math.tan(phi) ** 2, e2 / (1 - e2) * math.cos(phi) ** 2, d_lon * math.cos(phi)
    ep2 = e2 / (1 - e2)
    m = a * (
        (1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * phi
        - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * math.sin(2 * phi)
        + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * math.sin(4 * phi)
        - 35 * e2**3 / 3072 * math.sin(6 * phi)
    )
    east = n * (big_a + (1 - t + c) * big_a**3 / 6 + (5 - 18 * t + t**2 + 72 * c - 58 * ep2) * big_a**5 / 120)
    north = m + n * math.tan(phi) * (big_a**2 / 2 + (5 - t + 9 * c + 4 * c**2) * big_a**4 / 24)
    return 500_000 + east, north


# ---- GeoPackage


def test_all_layers_in_the_own_crs_are_the_edition_itself(edition: Edition, file: Path, tmp_path: Path) -> None:
    out = export.export(edition, "all", "gpkg", "4490", tmp_path / file.name)
    assert out.read_bytes() == file.read_bytes()


def test_one_layer_keeps_its_style(edition: Edition, tmp_path: Path) -> None:
    out = export.export(edition, "townships", "gpkg", "EPSG:4490", tmp_path / "t.gpkg")
    database = sqlite3.connect(out)
    contents = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert contents == {"townships": "features", "layer_styles": "attributes"}
    styles = database.execute("SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles")
    name, column, default, text = styles.fetchone()
    assert (name, column, default) == ("townships", "geom", 1)
    assert "<renderer-v2" in text
    database.close()
    frame = gpd.read_file(out, layer="townships")
    assert sorted(frame["id"]) == ["township/a", "township/b", "township/c", "township/d"]
    assert set(frame.geometry.geom_type) == {"MultiPolygon"}
    assert frame.crs.to_epsg() == 4490


def test_metric_coordinates_are_those_of_the_zone(edition: Edition, tmp_path: Path) -> None:
    # 104° E lies in the 3-degree zone of 105° E, EPSG:4544, and in the 6-degree zone 18 of the same meridian
    assert export.crs_codes(edition) == ["4490", "4326", "4544", "4523", "4507", "4496"]
    wide = gpd.read_file(export.export(edition, "townships", "shp", "4496", tmp_path / "wide.zip"))
    assert wide.crs.to_epsg() == 4496
    assert wide.total_bounds[0] == pytest.approx(18_000_000 + gauss_kruger(104.0, 30.6, 105)[0], abs=0.01)
    for asked in ("metric", "4544"):
        out = export.export(edition, "townships", "gpkg", asked, tmp_path / "m.gpkg")
        frame = gpd.read_file(out, layer="townships")
        assert frame.crs.to_epsg() == 4544
        west, south, _, north = frame.total_bounds
        # the western corners: the southern one is further from the meridian
        assert west == pytest.approx(gauss_kruger(104.0, 30.6, 105)[0], abs=0.01)
        assert south == pytest.approx(gauss_kruger(104.2, 30.6, 105)[1], abs=0.01)
        assert north == pytest.approx(gauss_kruger(104.0, 30.8, 105)[1], abs=0.01)


def test_all_layers_in_another_crs_have_tables_and_styles(edition: Edition, tmp_path: Path) -> None:
    out = export.export(edition, "all", "gpkg", "4326", tmp_path / "all.gpkg")
    database = sqlite3.connect(out)
    names = {name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")}
    assert names == {*edition.layers, "indicators", "observations", "targets", "reviews", "claims", "layer_styles"}
    styled = {name for (name,) in database.execute("SELECT f_table_name FROM layer_styles")}
    assert styled == {name for name, kind in edition.geometries.items() if kind != "none"}
    database.close()
    assert gpd.read_file(out, layer="zones").crs.to_epsg() == 4326


def test_debians_own_validator_finds_nothing(edition: Edition, tmp_path: Path) -> None:
    out = export.export(edition, "all", "gpkg", "metric", tmp_path / "all.gpkg")
    command = ["/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg", "-k", "--extra", str(out)]
    if subprocess.run([command[0], "-c", "import osgeo_utils"], capture_output=True, check=False).returncode:
        pytest.skip("osgeo_utils is not importable by /usr/bin/python3: apt-get install python3-gdal")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout + done.stderr


# ---- GeoJSON


def test_geojson_in_wgs84_is_rfc_7946(edition: Edition, tmp_path: Path) -> None:
    out = export.export(edition, "metro_stations", "geojson", "4326", tmp_path / "s.geojson")
    document = json.loads(out.read_text(encoding="utf-8"))
    assert "crs" not in document
    assert {feature["properties"]["id"] for feature in document["features"]} == set(
        edition.layers["metro_stations"]["id"]
    )
    placed = [feature for feature in document["features"] if feature["geometry"]]
    # What is known to a unit only has no geometry, which the format allows; everything else has its place.
    without = [feature["properties"]["unit"] for feature in document["features"] if not feature["geometry"]]
    assert placed
    assert all(without)
    for feature in placed:
        assert not feature["properties"]["unit"]
        lon, lat = feature["geometry"]["coordinates"]
        assert 103.9 < lon < 104.3
        assert 30.5 < lat < 30.9


@pytest.mark.parametrize(("crs", "code"), [("4490", 4490), ("metric", 4544)])
def test_geojson_in_another_crs_names_it(edition: Edition, tmp_path: Path, crs: str, code: int) -> None:
    out = export.export(edition, "zones", "geojson", crs, tmp_path / "z.geojson")
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["crs"]["properties"]["name"] == f"urn:ogc:def:crs:EPSG::{code}"
    assert gpd.read_file(out).crs.to_epsg() == code
    x, _ = document["features"][0]["geometry"]["coordinates"][0][0][0]
    assert (x > 180) == (crs == "metric")


def test_geojson_of_all_layers_says_which(edition: Edition, tmp_path: Path) -> None:
    out = export.export(edition, "all", "geojson", "4326", tmp_path / "all.geojson")
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    found: dict[str, int] = {}
    for feature in features:
        found[feature["properties"]["layer"]] = found.get(feature["properties"]["layer"], 0) + 1
    assert found == {name: len(frame) for name, frame in edition.layers.items() if len(frame)}
    empty = next(feature for feature in features if feature["properties"]["id"] == "control/farmland")
    assert empty["geometry"] is None


# ---- CSV


def test_csv_of_a_layer(edition: Edition, tmp_path: Path) -> None:
    found = rows(export.export(edition, "townships", "csv", "4490", tmp_path / "t.csv"))
    assert [row["id"] for row in found] == list(edition.layers["townships"]["id"])
    assert "geometry" not in found[0]
    assert float(found[0]["area_km2"]) > 90
    with_wkt = rows(export.export(edition, "townships", "csv", "metric", tmp_path / "t.csv", wkt=True))
    assert with_wkt[0]["geometry"].startswith("MULTIPOLYGON (((")


def test_csv_of_a_layer_without_geometry(edition: Edition, tmp_path: Path) -> None:
    found = rows(export.export(edition, "control_lines", "csv", "4490", tmp_path / "c.csv", wkt=True))
    assert [(row["id"], row["geometry"], row["no_geometry"]) for row in found] == [
        ("control/farmland", "", "无公开数据")
    ]


def test_csv_of_indicators_is_wide_and_named_in_chinese(edition: Edition, tmp_path: Path) -> None:
    found = rows(export.export(edition, "indicators", "csv", "4490", tmp_path / "i.csv"))
    by_id = {row["编号 (id)"]: row for row in found}
    assert list(by_id) == list(edition.indicators["id"])
    stated = edition.observations[edition.observations["role"] == "baseline"].iloc[0]
    row = by_id[stated["indicator"]]
    assert row["基期年 (baseline_year)"] == str(stated["year"])
    assert float(row["基期值 (baseline)"]) == stated["value"]
    assert row["来源 (origin)"] == "规划提出"
    area = by_id["area_km2"]
    assert area["来源 (origin)"] == "由图形计算"
    places = [heading for heading in area if "township/" in heading]
    assert places == ["甲镇 (township/a)", "乙镇 (township/b)", "丙镇 (township/c)", "丁镇 (township/d)"]
    assert all(len(area[place].split(".")[1]) == 1 for place in places)
    total = next(float(value) for heading, value in area.items() if heading.endswith("(district)"))
    assert sum(float(area[place]) for place in places) == pytest.approx(total, abs=0.3)
    assert area["依假定界线的地方 (assumed)"].count("、") == 1
    assert row["甲镇 (township/a)"] == ""


@every(
    ("text", "safe"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+8610", "+8610"),
        ("+8610-1", "'+8610-1"),
        ("-5.2", "-5.2"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("＝1+1", "'＝1+1"),
        ("1e5", "1e5"),
        ("沿江=南岸", "沿江=南岸"),
        ("", ""),
        ("'already", "'already"),
    ],
)
def test_cells_that_a_spreadsheet_would_run(text: str, safe: str) -> None:
    assert safe_cell(text) == safe


def test_hostile_names_are_harmless_in_csv(edition: Edition, tmp_path: Path) -> None:
    frame = edition.layers["townships"].copy()
    frame.loc[0, "name"] = '=1+1","<img src=x>'
    frame.loc[1, "note"] = "line\nbreak"
    hostile = Edition(edition.meta, {**edition.layers, "townships": frame}, edition.indicators, edition.observations)
    out = export.export(hostile, "townships", "csv", "4490", tmp_path / "h.csv")
    table = pd.read_csv(out, encoding="utf-8-sig")
    assert table.loc[0, "name"] == "'" + frame.loc[0, "name"]
    assert table.loc[1, "note"] == "line\nbreak"
    wide = export.indicator_table(hostile)
    assert any("=1+1" in str(column) for column in wide.columns)
    written = (export.export(hostile, "indicators", "csv", "4490", tmp_path / "i.csv")).read_text(encoding="utf-8-sig")
    assert "'=1+1" in written


# ---- wrong use


@pytest.mark.parametrize(
    ("layer", "fmt", "crs", "key"),
    [
        ("nope", "gpkg", "4490", "export.layer_unknown"),
        ("../townships", "gpkg", "4490", "export.layer_unknown"),
        ("townships", "exe", "4490", "export.format_unknown"),
        ("indicators", "gpkg", "4490", "export.format_of_indicators"),
        ("townships", "gpkg", "4549", "export.crs_wrong_zone"),
        ("townships", "gpkg", "3857", "export.crs_of_format"),
        ("townships", "kml", "4490", "export.crs_of_format"),
        ("townships", "dxf", "4326", "export.crs_of_format"),
        ("townships", "gpkg", "32650", "export.crs_unsupported"),
        ("control_lines", "dxf", "", "export.nothing_drawn"),
    ],
)
def test_what_cannot_be_exported(edition: Edition, tmp_path: Path, layer: str, fmt: str, crs: str, key: str) -> None:
    out = tmp_path / "out"
    with pytest.raises(ExportError) as error:
        export.export(edition, layer, fmt, crs, out)
    assert error.value.key == key
    for lang in ("zh", "en"):
        assert error.value.message(lang)
        assert error.value.remedy(lang)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_zone_names_both(edition: Edition) -> None:
    with pytest.raises(ExportError) as error:
        export.target_crs(edition, "4549")
    for lang in ("zh", "en"):
        assert "EPSG:4549" in error.value.message(lang)
        assert "EPSG:4544" in error.value.message(lang)


@pytest.mark.parametrize("crs", ["abc", "", "4490; DROP", "+proj=longlat", "999999"])
def test_an_unknown_crs(edition: Edition, crs: str) -> None:
    with pytest.raises(GeoError) as error:
        export.target_crs(edition, crs)
    assert error.value.key == "crs.unknown"


def test_an_export_that_fails_leaves_the_old_file(edition: Edition, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "t.gpkg"
    out.write_text("old")

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(geopackage, "add_styles", fail)
    with pytest.raises(GeoError) as error:
        export.export(edition, "townships", "gpkg", "4490", out)
    assert error.value.key == "vector.not_written"
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["t.gpkg"]


# ---- the commands


@pytest.mark.parametrize("fmt", ["geojson", "gpkg"])
def test_command_export(file: Path, tmp_path: Path, fmt: str) -> None:
    out = tmp_path / f"z.{fmt}"
    done = CliRunner().invoke(
        export_command, [str(file), "--layer", "zones", "--crs", "4326", "-o", str(out), "--json"]
    )
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    assert facts["path"] == str(out)
    assert facts["bytes"] == out.stat().st_size
    zones = gpd.read_file(out, layer="zones" if fmt == "gpkg" else None)
    assert sorted(zones["id"]) == sorted(gpd.read_file(file, layer="zones")["id"])
    assert zones.crs.to_epsg() == 4326


def test_command_export_of_a_layer_without_features(edition: Edition, tmp_path: Path) -> None:
    emptied = replace(edition, layers={**edition.layers, "poles": edition.layers["poles"].iloc[:0]})
    file = tmp_path / "emptied.gpkg"
    write(emptied, file)
    out = tmp_path / "two.gpkg"
    done = CliRunner().invoke(export_command, [str(file), "--layers", "poles,zones", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert (len(gpd.read_file(out, layer="poles")), len(gpd.read_file(out, layer="zones"))) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--layer", "nope"], 2, "nope"),
        (["--format", "exe"], 2, "exe"),
        (["-o", "x.exe"], 2, "exe"),
        (["--zone", "nowhere"], 2, "nowhere"),
        (["--bbox", "1,2,3"], 2, "1,2,3"),
        (["--format", "shp,exe"], 2, "exe"),
        (["--crs", "4549", "--lang", "en"], 2, "EPSG:4544"),
        (["--crs", "xx", "--lang", "en"], 2, "Unknown"),
        (["--lang", "fr"], 2, "fr"),
    ],
)
def test_command_export_wrong_use(
    file: Path, tmp_path: Path, monkeypatch, arguments: list, status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(export_command, [str(file), *arguments])
    assert (done.exit_code, said in done.output) == (status, True), done.output
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_commands_on_a_file_that_is_no_edition(tmp_path: Path) -> None:
    (tmp_path / "x.gpkg").write_text("no")
    for command in (export_command, indicators_command):
        done = CliRunner().invoke(command, [str(tmp_path / "x.gpkg")])
        assert done.exit_code == 1
        assert "x.gpkg" in done.output
        assert CliRunner().invoke(command, [str(tmp_path / "missing.gpkg")]).exit_code == 1


def test_command_indicators_as_json(file: Path) -> None:
    done = CliRunner().invoke(indicators_command, [str(file), "--level", "zone", "--id", "area_km2", "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    (record,) = report["indicators"]
    assert (record["id"], record["decimals"]) == ("area_km2", 1)
    assert [value["place"] for value in record["values"]] == ["zone/west", "zone/east"]
    assert {value["flag"] for value in record["values"]} == {"assumed"}


@pytest.mark.parametrize("level", ["district", "zone", "township"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_command_indicators_as_text(file: Path, level: str, lang: str) -> None:
    done = CliRunner().invoke(indicators_command, [str(file), "--level", level, "--lang", lang])
    assert done.exit_code == 0, done.output
    assert "area_km2" in done.output
    assert ("面积" in done.output) == (lang == "zh")
    assert ("*" in done.output) == (level == "zone")


def test_command_indicators_unknown_id(file: Path) -> None:
    done = CliRunner().invoke(indicators_command, [str(file), "--id", "nope"])
    assert done.exit_code == 2
    assert "area_km2" in done.output


def test_help_has_an_example() -> None:
    for name in ("export", "indicators"):
        done = planmap(name, "--help")
        assert done.exit_code == 0, done.output
        assert f"planmap {name} " in " ".join(done.stdout.split())
