"""What every file given out says of itself, found by a client of its format or in the text beside it."""

import json
import sqlite3
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import ezdxf
import openpyxl
import pandas as pd
import pyogrio
import pytest
from export_edition import edition_of, ogr_rows
from web_edition import make_edition

from layers.edition import export
from layers.edition.file import Edition, write


@pytest.fixture(scope="module")
def edition() -> Edition:
    return edition_of(make_edition())


# ---- what every file says of itself


def said_by(path: Path, fmt: str) -> str:  # noqa: PLR0911 - a way for each format
    """The notice as a client of the format finds it, or as it stands beside the files."""
    if path.read_bytes()[:2] == b"PK" and fmt not in ("kmz", "xlsx"):
        with zipfile.ZipFile(path) as archive:
            assert {"README.txt", "LICENSE.txt"} <= set(archive.namelist())
            return archive.read("README.txt").decode("utf-8-sig")
    if fmt == "gpkg":
        with sqlite3.connect(path) as database:
            texts = [text for (text,) in database.execute("SELECT metadata FROM gpkg_metadata")]
            texts += [text for (text,) in database.execute("SELECT description FROM gpkg_contents") if text]
        return "\n".join(texts)
    if fmt == "geojson":
        return " ".join(json.loads(path.read_text(encoding="utf-8"))["notice"].values())
    if fmt == "geojsonl":
        return " ".join(json.loads(path.read_text(encoding="utf-8").split("\n")[0])["notice"].values())
    if fmt == "csv":
        return str(pd.read_csv(path, encoding="utf-8-sig")["notice"].iloc[-1])
    if fmt == "xlsx":
        return " ".join(str(cell.value) for row in openpyxl.load_workbook(path).worksheets[0] for cell in row)
    if fmt == "dxf":
        return " ".join(value for _name, value in ezdxf.readfile(path).header.custom_vars)
    if fmt == "kmz":
        with zipfile.ZipFile(path) as archive:
            return archive.read("doc.kml").decode()
    if fmt == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        return str((parquet.read_schema(path).metadata or {})[b"notice"].decode())
    if fmt in ("fgb", "mbtiles", "pmtiles"):
        found = pyogrio.read_info(path)
        return json.dumps([found.get("dataset_metadata"), found.get("layer_metadata")], ensure_ascii=False)
    return path.read_text(encoding="utf-8")


def test_every_file_says_whose_it_is_and_what_it_is_worth(edition: Edition, tmp_path: Path) -> None:
    plan = {
        **edition.meta["plan"],
        "licence": "CC BY 4.0",
        "attribution": "试验规划包",
        "attribution_en": "Test folder",
    }
    licensed = replace(edition, meta={**edition.meta, "plan": plan})
    missing = {}
    for fmt in (one.id for one in export.FORMATS.values() if one.available):
        for lang, words in (
            ("zh", ("试验规划包", "CC BY 4.0", "不作为", "内容哈希")),
            ("en", ("Test folder", "no basis")),
        ):
            for layer in ("zones", "hubs,townships"):
                out = tmp_path / export.file_name(licensed, layer, fmt)
                said = said_by(export.export(licensed, layer, fmt, "", out, lang=lang), fmt)
                wanted = [*words, edition.hash]
                # A row of a table has its accuracy in a column of its own.
                wanted += [] if fmt in ("csv", "mbtiles") else ["概化示意" if lang == "zh" else "Schematic"]
                if lost := [word for word in wanted if word not in said]:
                    missing[fmt, lang, layer] = lost, said[:300]
    assert not missing, missing


def test_shifted_coordinates_say_so(edition: Edition, tmp_path: Path) -> None:
    # 120.15° E 30.05° N by the published formula of GCJ-02 and BD-09 (coord-convert 0.2.1)
    wanted = {"gcj02": (120.154_690_2, 30.047_671_3), "bd09": (120.161_223_8, 30.053_586_6)}
    for code, (lon, lat) in wanted.items():
        for fmt in ("geojson", "geojsonl", "csv", "xlsx"):
            out = export.export(edition, "hubs", fmt, code, tmp_path / f"hubs.{fmt}")
            said = said_by(out, fmt)
            assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[code] in said
            assert "不得用于量算" in said
        cells, point = ogr_rows(tmp_path / "hubs.geojson")[0]
        assert (point.x, point.y) == pytest.approx((lon, lat), abs=2e-7)
        assert (cells["label_lon"], cells["label_lat"]) == pytest.approx((point.x, point.y), abs=1e-6)
    for fmt in ("gpkg", "shp", "kml", "dxf"):
        with pytest.raises(export.ExportError) as error:
            export.export(edition, "hubs", fmt, "gcj02", tmp_path / "no")
        assert error.value.key == "export.crs_of_format"
        assert "GCJ-02" in error.value.message("en")


def test_debians_validator_and_qgis_read_the_metadata(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "edition.gpkg"
    write(edition, path)
    with sqlite3.connect(path) as database:
        named = dict(database.execute("SELECT table_name, identifier FROM gpkg_contents WHERE data_type = 'features'"))
    assert named["townships"] == "镇街"
    program = (
        "from osgeo import ogr; d = ogr.Open(__import__('sys').argv[1]); print(d.GetLayerByName('zones').GetMetadata())"
    )
    done = subprocess.run(["/usr/bin/python3", "-c", program, str(path)], capture_output=True, text=True, check=False)
    if "No module" in done.stderr:
        pytest.skip("no GDAL for /usr/bin/python3: apt-get install python3-gdal")
    assert "三区" in done.stdout
    assert edition.hash in done.stdout
