"""Every format in every system that it takes, read by Debian's GDAL: another build and version than the one that wrote.

What that GDAL has no reader for (GeoParquet, PMTiles) and what is no list of features (DXF, SVG, tiles) is in
``test_layers_edition_formats.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyproj
import pyqgis
import pytest
import shapely
from export_edition import Row, edition_of, unpacked
from test_layers_edition_formats import LAYERS, SHIFTS, beside, differences
from web_edition import hostile_edition, make_edition

from layers.edition import export
from layers.edition.file import Edition
from layers.model.tables import FEATURE_COLUMNS, FLAG

pytestmark = pytest.mark.qgis

SCRIPT = Path(__file__).with_name("osgeo_rows.py")
SINGLE = ("gpkg", "geojson", "geojsonl", "csv", "kml", "kmz", "xlsx")
"""One file holds all layers; of the others each layer has a file of its own."""
FORMATS = (*SINGLE, "shp", "tab", "gdb", "fgb")
ENCODED = {"shp": ("utf-8", "gb18030"), "tab": ("utf-8", "gb18030")}


def tasks(edition: Edition, folder: Path, of: str) -> list[dict[str, Any]]:
    """Files of all formats, systems and encodings, and how each is to be opened."""
    made = []
    for fmt in FORMATS:
        for crs in export.FORMATS[fmt].codes(edition):
            for encoding in ENCODED.get(fmt, ("utf-8",)):
                name = "-".join((of, fmt, crs, encoding))
                out = folder / (f"{name}.{fmt}" if fmt in SINGLE else f"{name}.{fmt}.zip")
                export.export(edition, "all", fmt, crs, out, wkt=True, headings="codes", encoding=encoding)
                made += [
                    {"name": f"{name}:{path.stem}", "path": opened(path), "export": name, "fmt": fmt, "crs": crs}
                    for path in ([out] if fmt in SINGLE else parts(fmt, unpacked(out)))
                ]
    return made


def opened(path: Path) -> str:
    """How GDAL opens a file: a KMZ as the archive that it is, since not every build has a driver for it."""
    return f"/vsizip/{path}/doc.kml" if path.suffix == ".kmz" else str(path)


def parts(fmt: str, folder: Path) -> list[Path]:
    """The files that are opened of an archive."""
    if fmt == "gdb":
        return sorted(folder.glob("*.gdb"))
    found = {path.stem: path for path in folder.glob("*.dbf")} if fmt == "shp" else {}
    found |= {path.stem: path for path in folder.glob(f"*.{fmt}") if path.stem not in ("fields", "long-texts")}
    return [found[name] for name in sorted(found)]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The files by export, with the layers that are read in them, and the editions that they were made of."""
    pyqgis.needed()
    folder = tmp_path_factory.mktemp("elsewhere")
    editions = {"plain": edition_of(make_edition()), "hostile": edition_of(hostile_edition())}
    made = [task for of, edition in editions.items() for task in tasks(edition, folder, of)]
    (folder / "task.json").write_text(json.dumps(made), encoding="utf-8")
    answer = pyqgis.answer(pyqgis.run(SCRIPT, folder / "task.json", folder=folder))
    exports: dict[str, list[dict[str, Any]]] = {}
    for task in made:
        exports.setdefault(task["export"], []).append(task | {"layers": answer[task["name"]]})
    return {"editions": editions, "exports": exports}


def test_another_gdal_reads_every_value_in_every_system(read: dict[str, Any]) -> None:
    wrong = {}
    for name, files in read["exports"].items():
        found = list(told(read["editions"][name.partition("-")[0]], files))
        if found:
            wrong[name] = found[:3]
    assert not wrong, f"{len(wrong)}: " + "\n".join(f"{name}: {found}" for name, found in wrong.items())[:6000]
    assert len(read["exports"]) > 80


def told(edition: Edition, files: list[dict[str, Any]]) -> list[str]:
    """What is otherwise in an export than in the edition."""
    fmt, crs, folder = files[0]["fmt"], files[0]["crs"], Path(files[0]["path"]).parent
    wrong = [
        f"{one['name']}: system {one['epsg']!r} {one['wkt'][:60]}"
        for file in files
        for one in file["layers"]
        if any(shape for _cells, shape in one["rows"]) and not same_system(fmt, crs, one)
    ]
    found = layers(fmt, files)
    names: Any = None
    texts: dict[tuple[str, str, str], str] = {}
    if fmt in ("shp", "tab"):
        short = {(layer, full): name for layer, name, full in beside(folder, "fields.csv")}

        def names(layer: str, column: str) -> str:
            return short.get((layer, column), column)

        texts = {
            (layer, feature, column): text.removeprefix("'") if text.startswith("'=") else text
            for layer, feature, column, text in beside(folder, "long-texts.csv")
        }
    return wrong + list(differences(edition, found, crs, texts=texts, names=names))


def same_system(fmt: str, crs: str, layer: dict[str, Any]) -> bool:
    """Whether a layer says what it is in: by code, a MapInfo table, which knows no CGCS2000, by its parameters."""
    stated = "4326" if crs in SHIFTS else crs
    if fmt != "tab":
        return bool(layer["epsg"] == stated)
    ours, theirs = (projected(pyproj.CRS.from_user_input(one)) for one in (int(stated), layer["wkt"]))
    return ours == theirs


def projected(crs: pyproj.CRS) -> dict[str, float]:
    """The parameters of a projection by name; none of degrees."""
    done = crs.coordinate_operation if crs.is_projected else None
    return {one.name: one.value for one in done.params} if done else {}


def layers(fmt: str, files: list[dict[str, Any]]) -> dict[str, list[Row]]:
    """Rows by the edition's layers."""
    found: dict[str, list[Row]] = {}
    if fmt in ("geojson", "geojsonl", "csv"):
        for cells, shape in rows(files[0]["layers"][0]):
            found.setdefault(cells.pop("layer"), []).append((cells, of_text(cells) if fmt == "csv" else shape))
        return found
    if fmt in ("kml", "kmz"):
        return {
            name: [({**cells, "id": cells["feature_id"], "name": cells["Name"]}, shape) for cells, shape in rows(layer)]
            for name, layer in zip(LAYERS, files[0]["layers"], strict=True)
        }
    if fmt == "xlsx":
        return {
            name: [(cells, of_text(cells)) for cells, _none in rows(layer)]
            for name, layer in zip(LAYERS, files[0]["layers"][1:], strict=True)
        }
    for file in files:
        for layer in file["layers"]:
            name = layer["name"] if fmt in ("gpkg", "gdb") else Path(file["path"]).stem
            found[name] = rows(layer)
    return found


FALSE, TRUE = ("F", "False", "0"), ("T", "True", "1")
"""How formats without flags write one."""


def rows(layer: dict[str, Any]) -> list[Row]:
    return [(of_types(cells), None if shape is None else shapely.from_wkb(shape)) for cells, shape in layer["rows"]]


def of_types(cells: dict[str, Any]) -> dict[str, Any]:
    """Cells with the flags among them as such; names of columns may be cut."""
    flags = [name[:8] for name, kind in FEATURE_COLUMNS.items() if kind == FLAG]
    return {
        name: {**dict.fromkeys(FALSE, False), **dict.fromkeys(TRUE, True)}.get(value, value)
        if name[:8] in flags and isinstance(value, str)
        else value
        for name, value in cells.items()
    }


def of_text(cells: dict[str, Any]) -> Any:
    text = cells.get("geometry") or cells.get("WKT")
    return shapely.from_wkt(text) if text else None
