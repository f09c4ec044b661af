"""What must not come in: each is refused in words that say what to do, and the plan folder is as it was."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import numpy as np
import pytest
import shapely
from cases import every
from foreign_files import esri_projection
from test_layers_imports_boundaries import (
    NAMES,
    SHAPES,
    drawing,
    folder_state,
    gbk_shapefile,
    not_compared,
    official,
    write,
)
from tiny_folder import write_tiny_plan

from geo.errors import PlanmapError
from layers.imports import incoming, run
from layers.imports.request import Request

__all__ = ["not_compared"]
Made = Path | tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_plan(tmp_path_factory.mktemp("refused"))


@pytest.fixture(scope="module")
def examined(plan: Path) -> Any:
    return run.examined(plan, plan.parent.parent)


def geojson(path: Path, shapes: Any = SHAPES, names: Any = NAMES, **members: Any) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(shape)}
        for name, shape in zip(names, shapes, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}), "utf-8")
    return path


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def moved(shapes: Any, move: Callable[[Any], Any]) -> list[Any]:
    return [shapely.transform(one, move) for one in shapes]


# ---- files, each with the key of the message


def over_the_limit(folder: Path) -> Made:
    path = folder / "large.gpkg"
    with path.open("wb") as file:
        file.truncate(201 * 2**20)  # takes no room on the disk
    return path


def too_many_members(folder: Path) -> Made:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(501):
            archive.writestr(f"{number}.txt", "")
    return folder / "a.zip"


def exploding(folder: Path) -> Made:
    with zipfile.ZipFile(folder / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", bytes(66 * 2**20))  # 66 kB in the archive
    return folder / "a.kmz"


def two_data_sets(folder: Path) -> Made:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("a.geojson", "{}")
        archive.writestr("../b.geojson", "{}")
    return folder / "a.zip"


def locked_table(folder: Path) -> Made:
    """A MapInfo table that says that its rows are in a file elsewhere."""
    return text(
        folder / "a.tab", '!table\n!version 300\nDefinition Table\n  File "rows.txt"\n  Type NATIVE\n  Fields 0\n'
    )


def linked_table(folder: Path) -> Made:
    return text(folder / "a.tab", "!table\n!version 300\nDefinition Table\n  Type LINKED\n  Fields 0\n")


def virtual_table(folder: Path) -> Made:
    path = write(official(), folder / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES "
            "('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING VirtualShape(''x'', UTF-8, 4326)')"
        )
        database.commit()
    return path


def entities(folder: Path) -> Made:
    head = '<!DOCTYPE kml [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "beside.txt">]>'
    return text(folder / "a.kml", f"<?xml version='1.0'?>{head}<kml><Document><name>&b;&c;</name></Document></kml>")


def another_driver(folder: Path) -> Made:
    return text(folder / "a.fgb", write(official(), folder / "b.gpkg").read_bytes())


def bow_tie(folder: Path) -> Made:
    tie = shapely.Polygon([(104.0, 30.7), (104.1, 30.8), (104.1, 30.7), (104.0, 30.8)])
    return geojson(folder / "a.geojson", [tie, *SHAPES[1:]])


def not_a_number(folder: Path) -> Made:
    return text(folder / "a.geojson", geojson(folder / "b.geojson").read_text().replace("104.099", "NaN"))


def infinite(folder: Path) -> Made:
    path = write(official(), folder / "a.gpkg")
    wkb = shapely.to_wkb(shapely.Polygon([(104, 30.7), (np.inf, 30.7), (104.1, 30.8)]))
    with closing(sqlite3.connect(path)) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE a SET geom = ? WHERE fid = 1", (b"GP\0\1" + (4490).to_bytes(4, "little") + wkb,))
        database.commit()
    return path


def zone_number_under_a_system_without(folder: Path) -> Made:
    (folder / "z").mkdir()
    return gbk_shapefile(folder / "z", official(system=4523), 105)


def no_zone_number_under_a_system_with(folder: Path) -> Made:
    (folder / "z").mkdir()
    return gbk_shapefile(folder / "z", official(system=4544), 105, 35_500_000.0)


def swapped(folder: Path) -> Made:
    return geojson(folder / "a.geojson", moved(SHAPES, lambda c: c[:, ::-1]))


def elsewhere(folder: Path) -> Made:
    """Metres of the zone of 105° E under the name of the zone of 120° E."""
    (folder / "z").mkdir()
    return gbk_shapefile(folder / "z", official(system=4544), 120)


def mixed_systems(folder: Path) -> Made:
    lines = [
        f"{name};SRID={code};{shape.wkt}"
        for name, shape, code in zip(NAMES, SHAPES, (4490, 4326, 4490, 4490), strict=True)
    ]
    return text(folder / "a.csv", "name|wkt\n" + "\n".join(line.replace(";", "|", 1) for line in lines))


def without_system(folder: Path) -> Made:
    drawing(folder / "a.dxf", official(system=4544).geometry, NAMES)
    return folder / "a.dxf"


def drawing_without_texts(folder: Path) -> Made:
    document = ezdxf.new()
    for shape in official(system=4544).geometry:
        document.modelspace().add_lwpolyline(list(shape.exterior.coords)[:-1], close=True)
    document.saveas(folder / "a.dxf")
    return folder / "a.dxf", {"crs": "4544"}


def cut_drawing(folder: Path) -> Made:
    without_system(folder)
    whole = (folder / "a.dxf").read_bytes()
    return text(folder / "b.dxf", whole[: len(whole) // 3]), {"crs": "4544"}


def empty_drawing(folder: Path) -> Made:
    ezdxf.new().saveas(folder / "a.dxf")
    return folder / "a.dxf", {"crs": "4544"}


def shapefile_without_shx(folder: Path) -> Made:
    (folder / "z").mkdir()
    path = gbk_shapefile(folder / "z", official(system=4544), 105)
    path.with_suffix(".shx").unlink()
    return path


def without_features(folder: Path) -> Made:
    return geojson(folder / "a.geojson", (), ())


def points_of_an_unnamed_system(folder: Path) -> Made:
    """As GDAL writes them when a table has no system: GeoPackage then says "undefined"."""
    frame = gpd.GeoDataFrame({"MC": list(NAMES)}, geometry=[one.centroid for one in official(system=4544).geometry])
    return write(frame, folder / "a.gpkg")


def unknown_encoding(folder: Path) -> Made:
    (folder / "z").mkdir()
    return gbk_shapefile(folder / "z", official(system=4544), 105), {"encoding": "klingon"}


def encoding_that_does_not_fit(folder: Path) -> Made:
    (folder / "z").mkdir()
    return gbk_shapefile(folder / "z", official(system=4544), 105), {"encoding": "utf-8"}


def noise_in_the_table(folder: Path) -> Made:
    (folder / "z").mkdir()
    path = gbk_shapefile(folder / "z", official(system=4544), 105)
    raw = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(raw.replace("甲镇".encode("gbk"), b"\xff\xfe\xff\xfe"))
    return path


def points(folder: Path) -> Made:
    return geojson(folder / "a.geojson", [one.centroid for one in SHAPES])


def name_and_code_of_two(folder: Path) -> Made:
    frame = official(SHAPES[:2], NAMES[:2]).assign(DM=["990101002", "990101001"])
    return write(frame, folder / "a.gpkg")


def nobody_knows_the_names(folder: Path) -> Made:
    return geojson(folder / "a.geojson", names=["一", "二", "三", "四"])


def names_of_another_layer(folder: Path) -> Made:
    return geojson(folder / "a.geojson"), {"into": "metro_lines"}


def no_such_field(folder: Path) -> Made:
    return geojson(folder / "a.geojson"), {"name_field": "nom"}


def no_such_layer(folder: Path) -> Made:
    return write(official(), folder / "a.gpkg"), {"layer": "b"}


def several_layers(folder: Path) -> Made:
    write(official(), folder / "a.gpkg", layer="a")
    return write(official(), folder / "a.gpkg", layer="b", append=True)


def overlapping(folder: Path) -> Made:
    return geojson(folder / "a.geojson", [shapely.box(104.0, 30.7, 104.15, 30.8), *SHAPES[1:]])


def wide_gap(folder: Path) -> Made:
    apart = (shapely.box(104.0, 30.7, 104.0995, 30.8), shapely.box(104.1, 30.7, 104.2, 30.8))
    return geojson(folder / "a.geojson", apart, NAMES[:2])


def all_over_a_neighbour(folder: Path) -> Made:
    return geojson(folder / "a.geojson", [shapely.box(104.0, 30.6, 104.1, 30.8)], ["甲镇"])


def marks_of_a_web_map(folder: Path) -> Made:
    """Nothing is known of the one control line, so that its datum cannot be told."""
    path = geojson(folder / "gaode.geojson", [shapely.box(104.0, 30.6, 104.1, 30.8)], ["永久基本农田"])
    return path, {"into": "control_lines"}


def spreadsheet(folder: Path) -> Made:
    return text(folder / "a.xlsx", b"PK\x03\x04")


def folder_of_links(folder: Path) -> Made:
    (folder / "a.gdb").mkdir()
    (folder / "a.gdb" / "a00000001.gdbtable").symlink_to("/etc/passwd")
    return folder / "a.gdb"


def not_there(folder: Path) -> Made:
    return folder / "nothing.geojson"


CASES: tuple[tuple[Callable[[Path], Made], str], ...] = (
    (over_the_limit, "vector.too_large"),
    (too_many_members, "vector.archive_too_large"),
    (exploding, "vector.too_large"),
    (two_data_sets, "vector.archive_content"),
    (locked_table, "vector.other_content"),
    (linked_table, "vector.other_content"),
    (virtual_table, "vector.other_content"),
    (entities, "vector.other_content"),
    (another_driver, "vector.other_content"),
    (bow_tie, "import.invalid"),
    (not_a_number, "vector.coordinates"),
    (infinite, "vector.not_finite"),
    (zone_number_under_a_system_without, "import.unfit_crs"),
    (no_zone_number_under_a_system_with, "import.unfit_crs"),
    (swapped, "import.unfit_crs"),
    (elsewhere, "import.elsewhere"),
    (mixed_systems, "vector.csv_two_crs"),
    (without_system, "import.no_crs"),
    (without_features, "import.no_features"),
    (points_of_an_unnamed_system, "import.no_crs"),
    (drawing_without_texts, "import.no_match"),
    (cut_drawing, "vector.unreadable"),
    (empty_drawing, "vector.no_geometry"),
    (shapefile_without_shx, "vector.incomplete"),
    (unknown_encoding, "vector.unknown_encoding"),
    (encoding_that_does_not_fit, "vector.encoding_unfit"),
    (noise_in_the_table, "vector.dbf_encoding"),
    (points, "import.dimension"),
    (name_and_code_of_two, "import.row_conflict"),
    (nobody_knows_the_names, "import.no_match"),
    (names_of_another_layer, "import.other_layer"),
    (no_such_field, "import.field"),
    (no_such_layer, "vector.unknown_layer"),
    (several_layers, "vector.layer_wanted"),
    (overlapping, "import.wide"),
    (wide_gap, "import.wide"),
    (all_over_a_neighbour, "import.covered"),
    (marks_of_a_web_map, "import.looks_shifted"),
    (spreadsheet, "vector.spreadsheet"),
    (folder_of_links, "vector.other_content"),
    (not_there, "import.file_missing"),
)
FITTING = {
    zone_number_under_a_system_without: "--crs 4523",
    no_zone_number_under_a_system_with: "--crs 4544",
    swapped: "--crs 4490 --swap-axes",
    elsewhere: "--crs 4544",
    without_system: "--crs 4544",
    points_of_an_unnamed_system: "--crs 4544",
}
"""What the message says that would fit."""


@every("make, key", CASES, ids=lambda make: make.__name__)
def test_it_is_refused_and_the_plan_folder_is_as_it_was(
    make: Callable[[Path], Made], key: str, plan: Path, examined: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "examined", lambda *_: examined)  # the folder is looked at once for all of these
    folder = tmp_path / make.__name__
    folder.mkdir()
    made = make(folder)
    path, stated = made if isinstance(made, tuple) else (made, {})
    into = stated.pop("into", None)
    before = folder_state(plan)
    work = run.Import(plan, plan.parent.parent, Request(file=path, **stated))
    with pytest.raises(PlanmapError) as caught:
        work.run(into, dry_run=False)
    error = caught.value
    assert error.key == key, error.message("en")
    for lang in ("zh", "en"):
        assert error.message(lang)
        assert error.remedy(lang)
        assert make is not_there or str(tmp_path) not in error.message(lang)
    if make in FITTING:
        assert FITTING[make] in error.remedy("en"), error.remedy("en")
    assert folder_state(plan) == before
    shutil.rmtree(folder)


def test_an_archive_that_points_outside_reaches_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "a.zip", "w") as archive:
        archive.writestr("../../b.geojson", geojson(tmp_path / "a.geojson").read_text())
    read = incoming.read(Request(file=tmp_path / "in" / "a.zip"), 104.1, (104.0, 30.6, 104.2, 30.8))
    assert list(read.frame["name"]) == list(NAMES)
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a.geojson", "a.zip", "in"]


def test_a_code_page_that_nobody_knows_is_told(tmp_path: Path) -> None:
    path = gbk_shapefile(tmp_path, official(system=4544), 105)
    path.with_suffix(".cpg").write_text("KLINGON-8")
    read = incoming.read(Request(file=path), 104.1, None)
    assert list(read.frame["MC"]) == list(NAMES)
    (note,) = [one for one in read.notes if one.key == "import.unknown_cpg"]
    assert "KLINGON-8" in note.message("zh")
    assert "GB18030" in note.message("en")
    assert not incoming.read(Request(file=path, encoding="gbk"), 104.1, None).notes


def test_too_many_vertices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_VERTICES", 10)
    with pytest.raises(PlanmapError) as caught:
        incoming.read(Request(file=geojson(tmp_path / "a.geojson")), 104.1, None)
    assert caught.value.key == "import.too_many_vertices"


@pytest.mark.usefixtures("not_compared")
def test_a_bow_tie_is_mended_when_that_is_asked_for_and_told(tiny_plan: Path, tmp_path: Path) -> None:
    # A spike of 丁镇 that crosses itself far inside its own area leaves the area as it was.
    crossed = shapely.Polygon(
        [
            (104.1, 30.6),
            (104.2, 30.6),
            (104.2, 30.7),
            (104.1, 30.7),
            (104.15, 30.65),
            (104.15, 30.66),
            (104.14, 30.655),
            (104.1, 30.7),
        ]
    )
    path = geojson(tmp_path / "a.geojson", [*SHAPES[:3], crossed])
    report = run.boundaries(
        tiny_plan, tiny_plan.parent.parent, Request(file=path, repair=True, tolerance_m=500), dry_run=True
    )
    (mended,) = report.repairs
    assert (mended.row, mended.said) == (3, "丁镇")
    assert mended.reason.text("en")
    assert mended.after_m2 > 0


def test_a_local_meridian_is_proposed(tmp_path: Path) -> None:
    from geo import crs

    metres = [crs.transform(one, crs.CGCS2000, crs.gauss_kruger(104.25)) for one in SHAPES]
    drawing(tmp_path / "a.dxf", metres, NAMES)
    with pytest.raises(PlanmapError) as caught:
        incoming.read(Request(file=tmp_path / "a.dxf"), 104.1, (104.0, 30.6, 104.2, 30.8))
    assert caught.value.params["systems"] == ["--crs gk:104.25"]
    read = incoming.read(Request(file=tmp_path / "a.dxf", crs="gk:104.25"), 104.1, (104.0, 30.6, 104.2, 30.8))
    assert shapely.hausdorff_distance(read.frame.geometry[0], SHAPES[0]) < 1e-9
    (tmp_path / "b.prj").write_text(esri_projection(104.25))
    other = incoming.read(Request(file=tmp_path / "a.dxf", crs=str(tmp_path / "b.prj")), 104.1, None)
    assert shapely.hausdorff_distance(other.frame.geometry[0], SHAPES[0]) < 1e-9


@pytest.mark.usefixtures("not_compared")
def test_the_control_lines_take_shapes_that_they_never_had(tiny_plan: Path, tmp_path: Path) -> None:
    fields = (shapely.box(104.01, 30.61, 104.02, 30.62), shapely.box(104.15, 30.61, 104.16, 30.62))
    frame = gpd.GeoDataFrame({"DLMC": ["永久基本农田"] * 2}, geometry=list(fields), crs=4490)
    data = tiny_plan.parent.parent
    report = run.layer(tiny_plan, data, "control_lines", Request(file=write(frame, tmp_path / "a.gpkg")), dry_run=False)
    assert [one.key for one in report.notes] == ["import.rows_joined", "import.kind_drawn"]
    _, plan = run.examined(tiny_plan, data)
    assert plan.kinds["control_line"].geometry == "polygon"
    located = run.examined(tiny_plan, data)[0].located["control/farmland"]
    assert located.geometry is not None
    assert located.geometry.equals(shapely.MultiPolygon(fields))


def test_where_no_system_fits_it_says_where_the_district_lies_and_what_to_do(tmp_path: Path) -> None:
    box = (104.0, 30.6, 104.2, 30.8)
    far = [shapely.transform(one, lambda xy: xy + np.array([7e7, 9e7])) for one in SHAPES]
    drawing(tmp_path / "a.dxf", far, NAMES)
    with pytest.raises(PlanmapError) as caught:
        incoming.read(Request(file=tmp_path / "a.dxf"), 104.1, box)
    assert caught.value.key == "import.no_crs_none"
    assert "30.60–30.80°N" in caught.value.message("zh")
    assert "--four" in caught.value.remedy("zh")
    assert "gk:120.5" in caught.value.remedy("en")
    away = [shapely.transform(one, lambda xy: xy + np.array([30, 10])) for one in SHAPES]
    with pytest.raises(PlanmapError) as caught:
        incoming.read(Request(file=geojson(tmp_path / "b.geojson", away)), 104.1, box)
    assert caught.value.key == "import.elsewhere_none"
    assert "104.00–104.20°E" in caught.value.message("en")
    assert "--force" in caught.value.remedy("en")
