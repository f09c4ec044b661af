"""``planmap scan``: a sheet put in, fitted, warped, traced and accepted; what is wrong changes nothing."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw
from test_layers_build_scans import PLACES, metres
from tiny_folder import edit

from geo.crs import CGCS2000, metric_crs, transform_points
from layers.build.assemble import build_file
from layers.build.check import examine
from webmap.cli import main

ORANGE, BLUE = (240, 190, 90), (120, 170, 220)
TURN = math.radians(4)


def pixel(lon: float, lat: float) -> tuple[float, float]:
    """Where a sheet at 20 m a pixel, turned by four degrees, shows a place."""
    middle, there = transform_points(np.array([[104.1, 30.7], [lon, lat]]), CGCS2000, metric_crs(104.1))
    east, north = (there - middle) / 20
    return 700 + east * math.cos(TURN) + north * math.sin(TURN), 750 - north * math.cos(TURN) + east * math.sin(TURN)


ROAD = [(104.02, 30.75), (104.12, 30.75), (104.18, 30.78)]
SOUTH = [(104.0, 30.6), (104.2, 30.6), (104.2, 30.7), (104.0, 30.7)]
"""Townships c and d: what the sheet paints orange."""


def sheet(path: Path, mode: str = "RGB", **options: Any) -> Path:
    picture = Image.new("RGB", (1400, 1500), (250, 248, 240))
    pen = ImageDraw.Draw(picture)
    pen.polygon([pixel(*corner) for corner in SOUTH], fill=ORANGE)
    pen.polygon([pixel(*corner) for corner in [(104.0, 30.7), (104.2, 30.7), (104.2, 30.8), (104.0, 30.8)]], fill=BLUE)
    for line in ([(104.1, 30.6), (104.1, 30.8)], [(104.0, 30.7), (104.2, 30.7)]):
        pen.line([pixel(*corner) for corner in line], fill=(90, 90, 90), width=3)
    pen.line(
        [pixel(*corner) for corner in [(104.02, 30.75), (104.12, 30.75), (104.18, 30.78)]], fill=(200, 30, 30), width=7
    )
    pen.text(pixel(104.03, 30.66), "SOUTHERN ZONE", fill=(20, 20, 20), font_size=34)
    picture.convert(mode).save(path, **options)
    return path


def points(path: Path, click: float = 1.0, more: str = "") -> Path:
    dice = np.random.default_rng(11)
    rows = ["px,py,lon,lat,name"]
    for number, (lon, lat) in enumerate(PLACES):
        x, y = np.array(pixel(lon, lat)) + dice.normal(0, click, 2)
        rows.append(f"{x:.2f},{y:.2f},{lon},{lat},P{number}")
    path.write_text("\n".join([*rows, more]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def run(tiny_plan: Path) -> Any:
    def run(*words: str | Path) -> Result:
        words = tuple(str(word) for word in words)
        extra = () if words[0] == "import" else ("--lang", "en")
        return CliRunner().invoke(main, [*words, "--plan", str(tiny_plan), *extra])

    return run


@pytest.fixture
def fitted(run: Any, tmp_path: Path, tiny_plan: Path) -> Path:
    said = ("--title", "空间布局图", "--title-en", "Spatial layout", "--map-number", "试S(2026)1号")
    assert run("scan", "add", sheet(tmp_path / "a.png"), "--id", "layout", *said).exit_code == 0
    assert run("scan", "points", "layout", points(tmp_path / "p.csv")).exit_code == 0
    return tiny_plan


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_whole_way_round(fitted: Path, run: Any, tmp_path: Path) -> None:
    """Add, points, trace by one click, accept, build; a better point moves the shape."""
    proposal, pick = tmp_path / "south.geojson", ",".join(str(round(value)) for value in pixel(104.15, 30.64))
    traced = run("scan", "trace", "layout", "--pick", pick, "--feature", "pole/south", "-o", proposal, "--json")
    assert traced.exit_code == 0, traced.output
    told = json.loads(traced.stdout)
    assert told["colors"] == ["#f0be5a"]
    (shape,) = told["features"]
    # Townships c and d: 0.2° by 0.1° at 30.65° N, 19.17 km by 11.09 km
    assert shape["area_km2"] == pytest.approx(212.5, rel=5e-3)
    assert shape["cites"] == ["3.1.3"]
    assert shape["iou"] < 0.1
    assert run("scan", "accept", proposal, "--shape", "1").exit_code == 0
    examined = examine(fitted)
    assert [one.key for one in examined.problems if one.severity == "error"] == []
    one = examined.located["pole/south"]
    assert (one.basis, one.accuracy_m) == ("traced", shape["accuracy_m"])
    distance = shapely.hausdorff_distance(metres(one.geometry), metres(shapely.Polygon(SOUTH)))
    assert distance < one.accuracy_m
    edition = build_file(fitted, tmp_path / "tiny.gpkg")
    poles = edition.layers["poles"]
    assert set(poles[poles["id"] == "pole/south"]["basis"]) == {"traced"}
    # nine better points
    assert run("scan", "points", "layout", points(tmp_path / "q.csv", click=0.05)).exit_code == 0
    after = examine(fitted).located["pole/south"]
    assert after.accuracy_m < one.accuracy_m
    assert not after.geometry.equals(one.geometry)
    assert run("import", "undo").exit_code == 0  # the shape that was accepted
    assert run("import", "undo").exit_code == 1  # the picture: points were set since, nothing is lost by accident


def test_accepting_is_taken_back_byte_for_byte(fitted: Path, run: Any, tmp_path: Path) -> None:
    before = everything(fitted / "features")
    proposal = tmp_path / "south.geojson"
    assert run("scan", "trace", "layout", "--color", "#f0be5a", "-o", proposal).exit_code == 0
    assert run("scan", "accept", proposal, "--feature", "pole/south").exit_code == 0
    assert everything(fitted / "features") != before
    assert run("import", "undo").exit_code == 0
    assert everything(fitted / "features") == before


def test_a_line_of_a_colour(fitted: Path, run: Any, tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    proposal = tmp_path / "line.geojson"
    words = ("scan", "trace", "layout", "--color", "#c81e1e", "--line", "--feature", "line/2", "-o", proposal, "--json")
    told = json.loads(run(*words).stdout)
    assert len(told["features"]) == 1
    truth = metres(shapely.LineString(ROAD))
    shape = shapely.geometry.shape(json.loads(proposal.read_text("utf-8"))["features"][0]["geometry"])
    assert shapely.hausdorff_distance(metres(shape), truth) < 120  # six pixels, the ends of a thick line included
    assert run("scan", "accept", proposal).exit_code == 0
    assert examine(fitted).located["line/2"].basis == "traced"


def test_fit_tells_people_and_programs(fitted: Path, run: Any) -> None:
    told = json.loads(run("scan", "fit", "layout", "--json").stdout)
    assert len(told["points"]) == 9
    assert told["better"] == []
    assert told["turned"] == pytest.approx(-4, abs=0.2)
    assert told["pixel_m"] == pytest.approx(20, rel=2e-3)
    assert told["left_out_rmse_m"] > told["rmse_m"] > 5
    words = run("scan", "fit", "layout").output
    assert "P4" in words
    assert f"±{told['accuracy_m']:g}" in words or str(told["accuracy_m"]) in words
    listed = json.loads(run("scan", "list", "--json").stdout)["scans"]
    assert [(one["id"], one["points"], one["accuracy_m"]) for one in listed] == [("layout", 9, told["accuracy_m"])]


def test_other_points_are_tried_without_being_written(fitted: Path) -> None:
    """What an editor asks while a point is dragged: the same report, another fit, nothing changed."""
    from layers.model.errors import PlanError
    from layers.scans import records, work

    before, opened = everything(fitted), work.open_folder(fitted, fitted.parent.parent)
    points_now = records.points_in(fitted, "layout")
    assert work.preview(opened, "layout", points_now) == work.report(opened, "layout")
    points_now[4]["px"] = [points_now[4]["px"][0] + 40, points_now[4]["px"][1]]
    dragged = work.preview(opened, "layout", points_now, "tps")
    assert dragged["transformation"] == "tps"
    assert "control.outlier" in {one["key"] for one in dragged["doubts"]}
    with pytest.raises(PlanError):
        work.preview(opened, "layout", [{"px": [1]}])
    assert everything(fitted) == before


def test_warp_lies_where_the_fit_says(fitted: Path, run: Any, tmp_path: Path) -> None:
    target = tmp_path / "layout.tif"
    answer = run("scan", "warp", "layout", "-o", target, "--json")
    assert answer.exit_code == 0, answer.output
    with rasterio.open(target) as source:
        x, y = transform_points(np.array([[104.15, 30.64], [104.05, 30.78]]), CGCS2000, metric_crs(104.1)).T
        colors = [tuple(one[:3]) for one in source.sample(zip(x, y, strict=True))]
    assert colors == [ORANGE, BLUE]


def test_points_keep_comments_and_order(fitted: Path, run: Any, tmp_path: Path) -> None:
    record = fitted / "maps" / "layout.toml"
    text = (
        record.read_text("utf-8")
        .replace('title = "空', '# from the archive, box 7\ntitle = "空')
        .replace('name = "P3"', 'name = "P3" # the bridge')
    )
    record.write_text(text, encoding="utf-8")
    assert run("scan", "points", "layout", points(tmp_path / "q.csv", click=0.3)).exit_code == 0
    after = record.read_text("utf-8")
    assert "# from the archive, box 7\ntitle" in after
    assert 'name = "P3" # the bridge' in after
    assert after != text
    assert after.count("[[point]]") == 9


def test_what_is_wrong_with_points_is_all_told_and_nothing_changes(fitted: Path, run: Any, tmp_path: Path) -> None:
    before = everything(fitted)
    bad = tmp_path / "bad.csv"
    bad.write_text("px,py,lon,lat,ref\n1,2,30.7,104.1,\n5,6,,,??\n7,8,,,\n", encoding="utf-8")
    answer = run("scan", "points", "layout", bad)
    assert answer.exit_code == 1
    assert all(word in answer.output for word in ("point 1", "point 2", "point 3"))
    words = tmp_path / "words.csv"
    words.write_text("px,py,lon,lat\nx,2,104,30\n", encoding="utf-8")
    assert run("scan", "points", "layout", words).exit_code == 1
    assert run("scan", "points", "layout", tmp_path / "none.csv").exit_code == 1
    assert everything(fitted) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [(("fit", "nothing"), "no scan nothing"), (("trace", "layout", "-o", "x.geojson"), "No colour"),
     (("trace", "layout", "-o", "x.geojson", "--color", "orange"), "no colour"),
     (("trace", "layout", "-o", "x.geojson", "--pick", "1;2"), "--pick"),
     (("trace", "layout", "-o", "x.geojson", "--pick", "9999,2"), "outside"),
     (("trace", "layout", "-o", "x.geojson", "--color", "#00ff00"), "no area"),
     (("trace", "layout", "-o", "x.geojson", "--color", "#f0be5a", "--feature", "pole/none"), "no feature"),
     (("warp", "layout", "-o", "x.tif", "--pixel", "0.02"), "points are most likely wrong"),
     (("add", "nowhere.png", "--id", "b"), "missing"), (("add", "nowhere.png", "--id", "B!"), "cannot be a scan's id"),
     (("accept", "nowhere.json"), "no file that planmap scan trace wrote"), (("fit", "../x"), "no scan")],
)  # fmt: skip
def test_wrong_words_change_nothing(
    fitted: Path, run: Any, words: tuple[str, ...], said: str, monkeypatch: Any
) -> None:
    monkeypatch.chdir(fitted.parent)
    before = everything(fitted)
    answer = run("scan", *words)
    assert answer.exit_code == 1, answer.output
    assert said in answer.output
    assert everything(fitted) == before
    assert not (fitted.parent / "x.geojson").exists()


def test_a_second_add_of_an_id_is_refused(fitted: Path, run: Any, tmp_path: Path) -> None:
    before = everything(fitted)
    assert run("scan", "add", sheet(tmp_path / "b.jpg"), "--id", "layout").exit_code == 1
    assert everything(fitted) == before


def test_a_pdf_of_several_pages_wants_a_page(run: Any, tmp_path: Path, tiny_plan: Path) -> None:
    first = Image.new("RGB", (300, 200), ORANGE)
    first.save(tmp_path / "a.pdf", save_all=True, append_images=[first], resolution=100)
    answer = run("scan", "add", tmp_path / "a.pdf", "--id", "layout", "--dpi", "200")
    assert answer.exit_code == 1
    assert "2 pages" in answer.output
    assert run("scan", "add", tmp_path / "a.pdf", "--id", "layout", "--dpi", "200", "--page", "2").exit_code == 0
    assert "page = 2" in (tiny_plan / "maps" / "layout.toml").read_text("utf-8")
    listed = json.loads(run("scan", "list", "--json").stdout)["scans"]
    assert listed[0]["doubts"] == ["control.too_few"]


def test_another_picture_under_the_points_is_noticed(fitted: Path, run: Any, tmp_path: Path) -> None:
    Image.new("RGB", (900, 700)).save(fitted / "maps" / "layout.png")
    assert "scan.size_changed" in {one.key for one in examine(fitted).problems}
    assert run("scan", "warp", "layout", "-o", tmp_path / "x.tif").exit_code == 1
    (fitted / "maps" / "layout.png").unlink()
    assert "picture.missing" in {one.key for one in examine(fitted).problems}


def test_a_picture_with_a_place_of_its_own_is_compared(fitted: Path) -> None:
    with rasterio.open(fitted / "maps" / "layout.png") as source:
        pixels = source.read()
    profile = {"driver": "GTiff", "width": 1400, "height": 1500, "count": 3, "dtype": "uint8", "crs": "EPSG:4549"}
    with rasterio.open(
        fitted / "maps" / "layout.tif", "w", transform=rasterio.Affine(20, 0, 5e5, 0, -20, 3.3e6), **profile
    ) as sink:
        sink.write(pixels)
    edit(fitted, "maps/layout.toml", "layout.png", "layout.tif")
    keys = {one.key: one for one in examine(fitted).problems}
    assert "scan.own_place" in keys
    assert keys["scan.own_place"].severity == "warning"


def test_an_edited_proposal_is_not_believed(fitted: Path, run: Any, tmp_path: Path) -> None:
    proposal = tmp_path / "south.geojson"
    assert run("scan", "trace", "layout", "--color", "#f0be5a", "-o", proposal).exit_code == 0
    before, told = everything(fitted), json.loads(proposal.read_text("utf-8"))
    for recipe in ({"file": "../../x.gpkg"}, {"scan": "layout", "polygon": [[1, 2]]}, "text", None):
        told["together"]["recipe"] = recipe
        proposal.write_text(json.dumps(told), encoding="utf-8")
        assert run("scan", "accept", proposal, "--feature", "pole/south").exit_code == 1
    proposal.write_text("[" * 100_000, encoding="utf-8")
    assert run("scan", "accept", proposal, "--feature", "pole/south").exit_code == 1
    assert everything(fitted) == before


def test_a_cmyk_jpeg_on_its_side_goes_the_same_way(run: Any, tmp_path: Path, tiny_plan: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    picture = Image.open(sheet(tmp_path / "a.png")).transpose(Image.Transpose.ROTATE_90).convert("CMYK")
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert run("scan", "add", tmp_path / "a.jpg", "--id", "layout").exit_code == 0
    assert run("scan", "points", "layout", points(tmp_path / "p.csv")).exit_code == 0
    words = (
        "--pick",
        ",".join(str(round(value)) for value in pixel(104.15, 30.64)),
        "-o",
        tmp_path / "s.geojson",
        "--json",
    )
    told = json.loads(run("scan", "trace", "layout", *words).stdout)
    assert told["features"][0]["area_km2"] == pytest.approx(212.5, rel=5e-3)
