"""Every format opened by a client that nobody here wrote, and compared with the edition value by value."""

import io
import math
import re
import sqlite3
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from export_edition import AWKWARD_LAYERS as LAYERS
from export_edition import Row, edition_of, ogr_rows, same, unpacked
from PIL import Image
from shapely.geometry.base import BaseGeometry
from web_edition import hostile_edition, make_edition

from geo import crs as geo_crs
from layers.edition import export
from layers.edition.file import Edition
from layers.model.tables import FEATURE_COLUMNS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def edition() -> Edition:
    return edition_of(make_edition())


@pytest.fixture(scope="module")
def hostile() -> Edition:
    return edition_of(hostile_edition())


def read_files(suffix: str) -> Callable[[Path], dict[str, list[Row]]]:
    def read(path: Path) -> dict[str, list[Row]]:
        return {one.stem: ogr_rows(one) for one in sorted(unpacked(path).glob(f"*.{suffix}"))}

    return read


def read_named(path: Path) -> dict[str, list[Row]]:
    """Layers of one file that have the edition's ids."""
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    return {name: ogr_rows(path, name) for name in names if name != "layer_styles"}


def read_gdb(path: Path) -> dict[str, list[Row]]:
    return read_named(next(unpacked(path).glob("*.gdb")))


def read_joined(path: Path) -> dict[str, list[Row]]:
    """Layers told apart by a column."""
    found: dict[str, list[Row]] = {}
    for cells, shape in ogr_rows(path):
        found.setdefault(cells.pop("layer"), []).append((cells, shape))
    return found


def read_kml(path: Path) -> dict[str, list[Row]]:
    rows = [ogr_rows(path, str(name)) for name in pyogrio.list_layers(path)[:, 0]]
    renamed = [
        [({**cells, "id": cells["feature_id"], "name": cells["name2"]}, shape) for cells, shape in one] for one in rows
    ]
    return dict(zip(LAYERS, renamed, strict=True))


def read_parquet(path: Path) -> dict[str, list[Row]]:
    import pyarrow.parquet as pq

    found = {}
    for one in sorted(unpacked(path).glob("*.parquet")):
        if b"geo" in (pq.read_schema(one).metadata or {}):
            frame = gpd.read_parquet(one)
            shapes, table = (
                list(frame.geometry),
                pd.DataFrame(frame.drop(columns=["geometry", "bbox"], errors="ignore")),
            )
        else:
            table = pd.read_parquet(one)
            shapes = [None] * len(table)
        found[one.stem] = list(zip(table.to_dict("records"), shapes, strict=True))
    return found


def read_xlsx(path: Path) -> dict[str, list[Row]]:
    book = openpyxl.load_workbook(path)
    found = {}
    for name, sheet in zip(LAYERS, book.worksheets[1:], strict=True):
        assert sheet.freeze_panes == "A2"
        rows = list(sheet.iter_rows())
        heads = [cell.value for cell in rows[0]]
        assert all(cell.data_type != "f" for row in rows for cell in row), "a formula"
        found[name] = [
            ({head: cell.value for head, cell in zip(heads, row, strict=True) if head != "geometry"}, _wkt(heads, row))
            for row in rows[1:]
        ]
    return found


def _wkt(heads: list[Any], row: Any) -> BaseGeometry | None:
    text = row[heads.index("geometry")].value if "geometry" in heads else None
    return shapely.from_wkt(text) if text else None


# ---- comparing


SHIFTS = {"gcj02": geo_crs.wgs84_to_gcj02, "bd09": geo_crs.wgs84_to_bd09}


def rounding(crs: str) -> float:
    return 0.002 if crs not in SHIFTS and geo_crs.parse_crs(crs).is_projected else 2e-7


def in_system(shapes: gpd.GeoSeries, crs: str) -> gpd.GeoSeries:
    """Shapes of an edition in the system that was asked for."""
    moved = geo_crs.transform(shapes, geo_crs.CGCS2000, geo_crs.parse_crs("4326" if crs in SHIFTS else crs))
    if crs not in SHIFTS:
        return moved
    return moved.map(
        lambda one: one and shapely.transform(one, lambda xy: np.column_stack(SHIFTS[crs](xy[:, 0], xy[:, 1])))
    )


def differences(
    edition: Edition,
    found: dict[str, list[Row]],
    crs: str,
    *,
    texts: dict[tuple[str, str, str], str],
    names: Any = None,
) -> Iterator[str]:
    """What is otherwise than in the edition: rows by id, cells by type, shapes by vertices after the projection."""
    for layer, frame in edition.layers.items():
        rows = {str(cells[names(layer, "id") if names else "id"]): (cells, shape) for cells, shape in found[layer]}
        if sorted(rows) != sorted(frame["id"]):
            yield f"{layer}: rows {sorted(rows)}"
            continue
        wanted_shapes = in_system(frame.geometry, crs)
        for (_, wanted), shape in zip(frame.iterrows(), wanted_shapes, strict=True):
            cells, got = rows[str(wanted["id"])]
            for column, kind in FEATURE_COLUMNS.items():
                if column in ("label_lon", "label_lat"):
                    continue
                name = names(layer, column) if names else column
                value = texts.get((layer, str(wanted["id"]), column), cells.get(name))
                if not same(kind, wanted[column], value):
                    yield f"{layer} {wanted['id']} {column}: {value!r}, not {wanted[column]!r}"[:300]
            if edition.geometries[layer] != "none" and not same_shape(shape, got, rounding(crs)):
                yield f"{layer} {wanted['id']}: {str(got)[:200]}"


def same_shape(wanted: BaseGeometry | None, got: BaseGeometry | None, tolerance: float) -> bool:
    if wanted is None or got is None or got.is_empty:
        return wanted is None and (got is None or got.is_empty)
    ours, theirs = (shapely.normalize(shapely.set_precision(one, tolerance * 5)) for one in (wanted, got))
    hausdorff = shapely.hausdorff_distance(wanted, got)
    return (
        len(shapely.get_parts(ours)) == len(shapely.get_parts(theirs))
        and hausdorff < 2 * tolerance
        and (wanted.length == pytest.approx(got.length, rel=1e-5))
    )


def beside(folder: Path, file: str) -> list[list[str]]:
    """A small table beside the files, without its heading."""
    import csv

    text = (folder / file).read_text(encoding="utf-8-sig") if (folder / file).is_file() else ""
    return list(csv.reader(io.StringIO(text)))[1:]


READERS: dict[str, tuple[Callable[[Path], dict[str, list[Row]]], str]] = {
    "gpkg": (read_named, "4528"),
    "geojson": (read_joined, "4326"),
    "geojsonl": (read_joined, "4326"),
    "fgb": (read_files("fgb"), "4490"),
    "parquet": (read_parquet, "4549"),
    "kml": (read_kml, "4326"),
    "kmz": (read_kml, "4326"),
    "gdb": (read_gdb, "4528"),
    "xlsx": (read_xlsx, "4549"),
}


@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_every_format_holds_every_value(edition: Edition, hostile: Edition, tmp_path: Path, which: str) -> None:
    one, wrong = edition if which == "plain" else hostile, {}
    for fmt, (read, crs) in READERS.items():
        if not export.FORMATS[fmt].available:
            continue
        named = export.file_name(one, "all", fmt)
        out = export.export(one, "all", fmt, crs, tmp_path / named, wkt=True, headings="codes")
        again = export.export(one, "all", fmt, crs, tmp_path / f"again-{fmt}", wkt=True, headings="codes", name=named)
        assert out.read_bytes() == again.read_bytes(), fmt
        found = list(differences(one, read(out), crs, texts={}))
        if found:
            wrong[fmt] = found[:4]
    assert not wrong, "\n".join(f"{fmt}: {found}" for fmt, found in wrong.items())


@pytest.mark.parametrize("which", ["plain", "hostile"])
@pytest.mark.parametrize(("fmt", "crs"), [("shp", "4549"), ("tab", "4326")])
@pytest.mark.parametrize(("encoding", "headings"), [("utf-8", "codes"), ("gb18030", "zh")])
def test_formats_that_count_bytes(
    edition: Edition, hostile: Edition, tmp_path: Path, which: str, fmt: str, crs: str, encoding: str, headings: str
) -> None:
    one = edition if which == "plain" else hostile
    out = tmp_path / f"files.{fmt}.zip"
    export.export(one, "all", fmt, crs, out, encoding=encoding, headings=headings)
    folder = unpacked(out)
    suffix = {"shp": "dbf", "tab": "tab"}[fmt]
    assert sorted(path.stem for path in folder.glob(f"*.{suffix}")) == sorted(LAYERS)
    short = {(layer, full): name for layer, name, full in beside(folder, "fields.csv")}
    words = {"codes": lambda name: name, "zh": heading_zh}[headings]
    limit = {"shp": 10, "tab": 31}[fmt]
    assert all(len(name.encode(encoding)) <= limit for name in short.values())
    assert len({(layer, name.lower()) for (layer, _full), name in short.items()}) == len(short), "a name twice"
    texts = {
        (layer, feature, column): text.removeprefix("'") if text.startswith("'=") else text
        for layer, feature, name, text in beside(folder, "long-texts.csv")
        for column in FEATURE_COLUMNS
        if words(column) == name
    }
    found = {path.stem: ogr_rows(path) for path in folder.glob(f"*.{suffix}")}
    if fmt == "shp":
        found |= {path.stem: ogr_rows(path) for path in folder.glob("*.shp")}
        assert {path.read_text() for path in folder.glob("*.cpg")} == {encoding.upper()}
    if headings == "zh":
        for layer, rows in found.items():
            for cells, _shape in rows:
                for column in ("assumed", "symbolic", "context"):
                    cells[short[layer, words(column)]] = cells[short[layer, words(column)]] == "是"
    wrong = list(
        differences(
            one, found, crs, texts=texts, names=lambda layer, name: short.get((layer, words(name)), words(name))
        )
    )
    assert not wrong, wrong[:5]
    readme = (folder / "README.txt").read_text(encoding="utf-8-sig")
    assert "long-texts.csv" in readme
    assert one.hash in readme


@cache
def headings_zh() -> dict[str, dict[str, str]]:
    table = Path(__file__).parent.parent / "layers" / "messages" / "columns.toml"
    words: dict[str, dict[str, str]] = tomllib.loads(table.read_text(encoding="utf-8"))["column"]
    return words


def heading_zh(column: str) -> str:
    return headings_zh()[column]["zh"]


# ---- pictures, tiles


def test_a_picture_has_every_shape_where_it_belongs(edition: Edition, hostile: Edition, tmp_path: Path) -> None:
    for one in (edition, hostile):
        out = export.export(one, "all", "svg", "4549", tmp_path / "all.svg")
        root = ET.fromstring(out.read_text(encoding="utf-8"))  # noqa: S314 - our own
        space = "{http://www.w3.org/2000/svg}"
        said = root.findtext(f"{space}metadata") or ""
        west, left, scale, north = (
            float(x) for x in re.findall(r"= ([0-9.]+) \+ \(x - ([0-9.]+)\) \* ([0-9.e-]+); .* = ([0-9.]+) -", said)[0]
        )
        assert one.hash in (root.findtext(f"{space}desc") or "")
        paths = {path.get("id"): path for path in root.iter(f"{space}path") if path.get("id")}
        wanted = {
            str(row["id"]): (layer, row)
            for layer, frame in one.layers.items()
            for _, row in frame[frame.geometry.notna()].iterrows()
        }
        assert sorted(paths) == sorted(wanted)
        assert all(
            element.tag.removeprefix(space) in ["svg", "title", "desc", "metadata", "g", "path", "text", "pattern"]
            for element in root.iter()
        )
        for fid, (layer, row) in wanted.items():
            if one.geometries[layer] == "point":
                continue
            xy = np.array(
                [
                    [float(part) for part in pair.split()]
                    for pair in re.findall(r"[ML]([-0-9. ]+)", paths[fid].get("d", ""))
                ]
            )
            east, up = west + (xy[:, 0] - left) * scale, north - (xy[:, 1] - left) * scale
            moved = geo_crs.transform(row.geometry, geo_crs.CGCS2000, geo_crs.parse_crs("4549"))
            assert (east.min(), up.min(), east.max(), up.max()) == pytest.approx(moved.bounds, abs=0.1), fid
            assert paths[fid].findtext(f"{space}title") == (row["name"] or row["id"])


def test_the_picture_is_painted_as_the_page_is(edition: Edition, tmp_path: Path) -> None:
    """An assumed area is hatched in the colour of its outline, a broken line over a dark casing has a white bed."""
    layers = dict(edition.layers)
    zones = layers["zones"] = edition.layers["zones"].copy()
    zones["assumed"] = [number == 0 for number in range(len(zones))]
    roads = layers["expressways"] = edition.layers["expressways"].copy()
    roads["status"] = "planned"
    out = export.export(replace(edition, layers=layers), "all", "svg", "4549", tmp_path / "p.svg")
    space = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(out.read_text(encoding="utf-8"))  # noqa: S314 - our own
    kinds = {one["id"]: one["symbol"] for one in edition.meta["kinds"]}
    (group,) = (one for one in root.iter(f"{space}g") if one.get("id") == "zones")
    (pattern,) = group.iter(f"{space}pattern")
    symbol = kinds[zones["kind"].iloc[0]]
    assert pattern.get("stroke") == symbol.get("pattern_color", symbol["stroke"])
    hatched = [one for one in group if one.get("fill") == f"url(#{pattern.get('id')})"]
    shapes = {one.get("id"): one.get("d") for one in group}
    assert [one.get("d") for one in hatched] == [shapes[zones["id"].iloc[0]]]
    (lines,) = (one for one in root.iter(f"{space}g") if one.get("id") == "expressways")
    row = roads.to_dict("records")[0]
    drawn = next(one for one in lines if one.get("id") == row["id"])
    same = [one.get("stroke") for one in lines if one.get("d") == drawn.get("d")]
    assert same[0] == kinds[row["kind"]]["casing"]
    assert drawn.get("stroke-dasharray")


def test_what_lies_far_away_leaves_the_picture_the_districts(edition: Edition, tmp_path: Path) -> None:
    """A point in the far north stands outside of the sheet, and is told of."""
    usual = export.export(edition, "all", "svg", "4549", tmp_path / "a.svg").read_text("utf-8")
    layers = dict(edition.layers)
    name = next(one for one, kind in edition.geometries.items() if kind == "point" and len(layers[one]))
    far = layers[name] = layers[name].copy()
    far.loc[far.index[0], "geometry"] = shapely.Point(120.3, 45.0)
    text = export.export(replace(edition, layers=layers), "all", "svg", "4549", tmp_path / "b.svg").read_text("utf-8")
    size = re.compile(r'viewBox="([^"]+)"')
    assert size.findall(text) == size.findall(usual)
    assert f'id="{far["id"].iloc[0]}"' in text


def test_another_program_draws_the_picture(edition: Edition, tmp_path: Path, browser: Any) -> None:
    """Chromium: what it paints is as large as the zones, and a zone's colour lies where its name belongs."""
    out = export.export(edition, "zones", "svg", "4549", tmp_path / "zones.svg")
    page = browser.new_page()
    page.goto(out.as_uri())
    size = {key: math.ceil(float(page.evaluate(f"document.documentElement.getAttribute('{key}')")))
            for key in ("width", "height")}  # fmt: skip
    page.set_viewport_size(size)
    seen = np.asarray(Image.open(io.BytesIO(page.screenshot(omit_background=True))).convert("RGBA"))
    page.close()
    west, left, scale, north = (
        float(x)
        for x in re.findall(
            r"= ([0-9.]+) \+ \(x - ([0-9.]+)\) \* ([0-9.e-]+); .* = ([0-9.]+) -", out.read_text("utf-8")
        )[0]
    )
    moved = [
        geo_crs.transform(one, geo_crs.CGCS2000, geo_crs.parse_crs("4549")) for one in edition.layers["zones"].geometry
    ]
    painted = (seen[..., 3] > 0).sum() * scale**2
    assert painted == pytest.approx(sum(one.area for one in moved), rel=0.02)
    for shape in moved:
        place = shape.representative_point()
        x, y = left + (place.x - west) / scale, left + (north - place.y) / scale
        assert seen[round(y), round(x), 3] > 0


def test_tiles_hold_what_is_drawn(edition: Edition, tmp_path: Path) -> None:
    for fmt in ("mbtiles", "pmtiles"):
        out = export.export(edition, "townships", fmt, "", tmp_path / f"t.{fmt}")
        assert export.export(edition, "townships", fmt, "3857", tmp_path / "again").read_bytes() == out.read_bytes()
        frame = pyogrio.read_dataframe(out)
        assert set(frame["id"]) == set(edition.layers["townships"]["id"])
        moved = edition.layers["townships"].to_crs(frame.crs)
        # A tile of zoom 14 has 4,096 units in 2.4 km: the outlines lie within a few of them.
        assert frame.total_bounds == pytest.approx(moved.total_bounds, abs=5)
    with sqlite3.connect(tmp_path / "t.mbtiles") as database:
        said = dict(database.execute("SELECT name, value FROM metadata"))
    assert edition.hash in said["description"]
    assert edition.hash in said["attribution"]
