"""Files of large layers: what a format does not take is refused before it is begun, what GDAL leaves out is told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from web_edition import make_edition

from layers.edition import basket as baskets
from layers.edition import export
from layers.edition.basket import Basket
from layers.edition.file import Edition, write
from layers.edition.formats import ogr
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
