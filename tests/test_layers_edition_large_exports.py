"""Files of large layers: what a format does not take is refused before it is begun, what GDAL leaves out is told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import export_edition
import numpy as np
import pytest
from click.testing import CliRunner
from web_edition import make_edition

from layers.edition import basket as baskets
from layers.edition import export
from layers.edition.basket import Basket
from layers.edition.file import Edition, write
from layers.edition.formats import ogr, shapefiles, tables
from layers.edition.systems import ExportError
from webmap.app import create_app
from webmap.cli import main


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Edition:
    """Formats that take two features, of which a layer has more."""
    for name in ("xlsx", "mbtiles"):
        monkeypatch.setitem(export.FORMATS, name, replace(export.FORMATS[name], most=2))  # type: ignore[arg-type]
    edition = make_edition()
    assert len(edition.layers["townships"]) > 2 >= len(edition.layers["zones"])
    return edition


def test_limits_are_those_of_the_formats() -> None:
    limits = {
        one.id: (one.limit(), one.limit(served=True)) for one in export.FORMATS.values() if one.limit(served=True)
    }
    sheet = 2**20 - 1  # rows of a sheet by ECMA-376, less the heading
    assert limits == {
        "xlsx": (sheet, sheet), "tab": (200_000, 200_000), "svg": (200_000, 200_000),
        "mbtiles": (200_000, 10_000), "pmtiles": (200_000, 10_000),
    }  # fmt: skip


def test_too_many_features_are_refused_before_anything_is_written(few: Edition, tmp_path: Path, monkeypatch) -> None:
    def never(*_given: Any) -> None:
        raise AssertionError("begun")

    monkeypatch.setattr("layers.edition.formats.table.Format.write", never)
    for ask in (
        lambda: export.export(few, "zones,townships", "xlsx", "", tmp_path / "x.xlsx"),
        lambda: baskets.write(few, Basket(("all",), ("gpkg", "mbtiles")), tmp_path / "x.zip"),
    ):
        with pytest.raises(ExportError) as caught:
            ask()
        assert caught.value.key == "export.too_many"
        known = caught.value.params["known"]
        assert {"gpkg", "fgb", "geojsonl"} <= set(known)
        assert not {"xlsx", "mbtiles"} & set(known)
        assert "gpkg" in caught.value.remedy("en")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert export.export(make_edition(), "zones", "xlsx", "", tmp_path / "x.xlsx").stat().st_size > 0


def test_a_server_writes_fewer_than_the_command(tmp_path: Path, monkeypatch) -> None:
    form = export.FORMATS["pmtiles"]
    monkeypatch.setitem(export.FORMATS, "pmtiles", replace(form, served=2))  # type: ignore[arg-type]
    path = tmp_path / "edition.gpkg"
    write(make_edition(), path)
    client = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache")}).test_client()
    refused = client.get("/download/townships.pmtiles?lang=en")
    assert refused.status_code == 400
    assert "at most" in refused.get_data(as_text=True)
    assert "gpkg" in refused.get_data(as_text=True)
    assert client.get("/download/zones.pmtiles").status_code == 200
    out = tmp_path / "townships.pmtiles"
    ran = CliRunner().invoke(main, ["export", str(path), "--layer", "townships", "-o", str(out)])
    assert ran.exit_code == 0
    assert out.read_bytes()[:7] == b"PMTiles"


def test_tiles_that_are_too_large_are_told_in_words(tmp_path: Path, monkeypatch, recwarn) -> None:
    edition = make_edition()
    random = np.random.default_rng(1)
    zones = edition.layers["zones"].copy()
    zones["note"] = ["".join(map(chr, random.integers(0x4E00, 0x9000, 150_000))) for _ in range(len(zones))]
    heavy = replace(edition, layers={"zones": zones})
    monkeypatch.setattr(ogr, "_MOST_ZOOM", 2)
    said: list[str] = []
    export.export(heavy, "zones", "mbtiles", "", tmp_path / "zones.mbtiles", lang="en", told=said.append)
    assert len(said) == 1
    assert "500 kB" in said[0]
    assert [one for one in recwarn if issubclass(one.category, RuntimeWarning)] == []
    export.export(edition, "zones", "mbtiles", "", tmp_path / "light.mbtiles", told=said.append)
    assert len(said) == 1


def test_tables_of_text_are_the_same_in_pieces(tmp_path: Path, monkeypatch) -> None:
    edition = export_edition.edition_of(make_edition())
    for number, options in enumerate(({}, {"headings": "zh", "wkt": True}, {"headings": "en"})):
        made = []
        for rows in (1_000_000, 2):
            monkeypatch.setattr(tables, "ROWS_AT_ONCE", rows)
            made.append(tmp_path / f"{number}-{rows}.csv")
            export.export(edition, "all", "csv", "metric", made[-1], **options)
        whole, pieces = (path.read_bytes() for path in made)
        assert whole == pieces
        assert whole.count(b"\xef\xbb\xbf") == 1


def _shapefile(tmp_path: Path, lang: str = "en") -> Path:
    out = tmp_path / "zones.shp.zip"
    edition = export_edition.edition_of(make_edition())
    return export_edition.unpacked(export.export(edition, "zones", "shp", "4490", out, lang=lang))


def test_a_shapefile_is_as_large_as_foreseen_and_refused_beyond(tmp_path: Path, monkeypatch) -> None:
    told = []
    size = shapefiles.table_bytes
    monkeypatch.setattr(shapefiles, "table_bytes", lambda *given: told.append(size(*given)) or told[-1])
    folder = _shapefile(tmp_path)
    wide, tight = told[0]
    end = 1  # a byte that says so
    assert (folder / "zones.dbf").stat().st_size == wide + end
    text = (folder / "README.txt").read_text("utf-8-sig")
    assert "2 GB" not in text

    monkeypatch.setattr(shapefiles, "MOST", wide - 1)
    folder = _shapefile(tmp_path)
    assert tight < (folder / "zones.dbf").stat().st_size - end + 40 < wide
    assert "2 GB" in (folder / "README.txt").read_text("utf-8-sig")

    monkeypatch.setattr(shapefiles, "MOST", tight - 1)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ExportError) as caught:
        _shapefile(tmp_path)
    assert caught.value.params["file"] == "zones.dbf"
    assert sorted(tmp_path.iterdir()) == before


def test_shapes_of_a_shapefile_are_as_large_as_foreseen(tmp_path: Path) -> None:
    frame = export_edition.edition_of(make_edition()).layers["zones"]
    assert shapefiles.shapes_bytes(frame) == (_shapefile(tmp_path) / "zones.shp").stat().st_size


@pytest.fixture
def unread(tmp_path: Path, monkeypatch) -> Path:
    """An edition that must not be read."""
    path = tmp_path / "edition.gpkg"
    write(make_edition(), path)
    monkeypatch.setattr("webmap.commands.export.editions.read", lambda _path: pytest.fail("was read"))
    return path


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["-o", "x.shp"], "x.shp.zip"),
        (["--format", "kml", "-o", "x.zip"], "x.kml"),
        (["--format", "csv", "-o", "x.geojson", "--layer", "zones"], "x.csv"),
        (["--format", "csv,kml", "-o", "x.csv"], "x.zip"),
        (["--crs", "4490,4326", "-o", "x.gpkg"], "x.zip"),
        (["--format", "gpkg,nothing"], "nothing"),
        (["--layer", "townships", "--format", "xlsx"], "townships"),
        (["--format", "gpkg,parquet"], "pip install"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_edition_is_read(
    unread: Path, tmp_path: Path, monkeypatch, asked: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(export.FORMATS, "xlsx", replace(export.FORMATS["xlsx"], most=2))  # type: ignore[arg-type]
    monkeypatch.setitem(export.FORMATS, "parquet", replace(export.FORMATS["parquet"], needs="no_such_module"))  # type: ignore[arg-type]
    ran = CliRunner().invoke(main, ["export", str(unread), "--lang", "en", *asked])
    assert ran.exit_code == 2, ran.output
    assert said in ran.stderr
    assert list(tmp_path.iterdir()) == [unread]


def test_names_of_archives_follow_the_layers_asked_for(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "edition.gpkg"
    write(make_edition(), path)
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["export", str(path), "-o", "x.fgb", "--lang", "en"])
    assert (ran.exit_code, "x.fgb.zip" in ran.stderr) == (2, True)
    ran = CliRunner().invoke(main, ["export", str(path), "--layer", "indicators", "-o", "x.shp", "--lang", "en"])
    assert (ran.exit_code, "Indicators cannot" in ran.stderr) == (2, True)
    for name, layer in (("x.fgb", "zones"), ("y.fgb.zip", "zones,townships"), ("z.data", "zones")):
        ran = CliRunner().invoke(main, ["export", str(path), "--format", "fgb", "--layer", layer, "-o", name])
        assert ran.exit_code == 0, ran.output
        assert (tmp_path / name).read_bytes()[:2] == (b"PK" if name.endswith("zip") else b"fg")
