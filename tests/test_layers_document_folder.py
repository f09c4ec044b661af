"""From a plan's document to a plan folder, an edition and its pages, by the commands that the docs list."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import shapely
from cases import every
from commands import planmap

from layers.build.assemble import build
from layers.build.check import examine
from layers.document.clauses import Text, clauses
from layers.document.keeping import keep_text
from layers.document.positions import cut, read_spots
from layers.document.source import read_document
from layers.edition.file import write
from layers.folder import load, texts
from layers.imports import exchange
from layers.model.errors import ERROR, LayersError
from tools.invented_county import PLACE, ROOT, townships
from webmap.app import create_app

DOCUMENT, SOURCE = PLACE / "yunxiu-plan.docx", PLACE / "yunxiu-plan.md"
SHAPES, PLACES = PLACE / "yunxiu-townships.geojson", PLACE / "yunxiu-places.geojson"
SHIPPED = ROOT / "data" / "plans" / "yunxiu-14fyp"


def started(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, as a user starts it."""
    start = "import sys; from webmap.cli import main; main(sys.argv[1:])"
    told = [sys.executable, "-c", start, *map(str, arguments)]
    return subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)


def read_into(folder: Path, *more: str | Path, document: Path = DOCUMENT) -> dict[str, Any]:
    done = planmap("read", document, "-o", folder, "--boundaries", SHAPES, "--gazetteer", PLACES, "--json", *more)
    assert done.exit_code == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the documented command makes of the document, everything accepted."""
    made = tmp_path_factory.mktemp("plans") / "yunxiu-14fyp"
    read_into(made, "--code", "519999", "--accept", "0")
    return made


@pytest.fixture(scope="module")
def text() -> Text:
    return clauses(read_document(DOCUMENT).blocks)


# ---- the folder


def test_what_is_read_passes_the_check_and_is_built(folder: Path, tmp_path: Path) -> None:
    examined = examine(folder, ROOT / "data")
    assert [one for one in examined.problems if one.severity == ERROR] == []
    edition = build(folder, ROOT / "data")
    write(edition, tmp_path / "county.gpkg")
    assert edition.meta["plan"]["district"]["name"] == "云岫县"
    assert [round(edition.meta["plan"]["lon"], 1), edition.meta["plan"]["target_year"]] == [105.4, 2025]
    assert sorted(edition.layers["zones"]["name"]) == ["中部城镇组团", "北部山地康养组团", "南部特色产业组团"]
    assert len(edition.layers["townships"]) == 12
    # The zones tile the county: their areas are those of its twelve townships.
    whole = edition.layers["district"]["area_km2"].iloc[0]
    assert edition.layers["zones"]["area_km2"].sum() == pytest.approx(whole, rel=1e-6)
    assert edition.meta["outline"]["表2"] == 16
    assert edition.meta["titles"]["2.2"] == "建设特色城镇"
    assert "126亿元" in edition.meta["clauses"]["1.3"]
    assert "120亿元" not in edition.meta["clauses"]["1.3"]


def test_tables_become_indicators(folder: Path) -> None:
    plan = load.load(folder, ROOT / "data")
    found = {one.name: one for one in plan.indicators}
    assert len(found) == 16
    grain = found["粮食综合生产能力"]
    assert (grain.property, grain.unit, grain.target.low, grain.target.high) == ("binding", "万吨", 13.2, 13.5)
    assert found["全员劳动生产率"].baseline.year == 2019
    assert (found["地区生产总值"].target.comparator, found["地区生产总值"].target.value) == (">", 126)


def test_positions_come_from_the_users_files_only(folder: Path) -> None:
    located = examine(folder, ROOT / "data").located
    by_name = {one.feature.name: one for one in located.values()}
    assert by_name["高坪滑雪场"].geometry.distance(shapely.Point(105.252, 32.284)) < 1e-9
    assert by_name["石埠水厂"].unit == "township/shi-bu"
    assert by_name["云岫山区特色产业技术研究院"].geometry is None
    assert by_name["云岫至高坪高速公路"].geometry.geom_type in ("LineString", "MultiLineString")
    assert by_name["石埠水厂"].feature.lead_units == ("县水务局",)


def test_a_township_in_two_zones_is_divided_and_says_so(folder: Path) -> None:
    located = examine(folder, ROOT / "data").located
    parts = [one for one in located.values() if one.feature.kind == "zone_part"]
    assert len(parts) == 2
    assert all(one.feature.assumed and one.feature.note for one in parts)
    whole = located["township/shi-bu"].geometry
    assert sum(one.geometry.area for one in parts) == pytest.approx(whole.area, rel=1e-9)
    assert "石埠镇" in (folder / "待定.md").read_text("utf-8")


def test_nothing_of_the_text_is_drawn_unless_accepted(tmp_path: Path) -> None:
    report = read_into(tmp_path / "a-plan")
    examined = examine(tmp_path / "a-plan", ROOT / "data")
    assert [one for one in examined.problems if one.severity == ERROR] == []
    drawn = {one.feature.kind for one in examined.located.values() if one.geometry is not None or one.unit}
    assert drawn == {"district", "township", "zone", "zone_part"}
    assert "# geometry = { place = " in (tmp_path / "a-plan" / "features" / "industry.toml").read_text("utf-8")
    waiting = [one["name"] for one in report["to_decide"] if one["key"] == "read.decide_accept"]
    assert "高坪滑雪场" in waiting


def test_without_boundaries_the_check_accepts_and_the_report_says_what_is_missing(tmp_path: Path) -> None:
    done = planmap("read", SOURCE, "-o", tmp_path / "bare")
    assert done.exit_code == 0, done.stderr
    assert "--boundaries" in done.stdout
    assert [one for one in examine(tmp_path / "bare", ROOT / "data").problems if one.severity == ERROR] == []
    done = planmap("build", tmp_path / "bare", "-o", tmp_path / "bare.gpkg")
    assert done.exit_code == 1
    assert "→" in done.stderr
    assert not (tmp_path / "bare.gpkg").exists()


def test_a_dry_run_and_a_refusal_leave_nothing(tmp_path: Path) -> None:
    assert read_into(tmp_path / "plan", "--dry-run")["written"] is False
    (tmp_path / "letter.txt").write_text("尊敬的先生：来信收到。", "utf-8")
    assert planmap("read", tmp_path / "letter.txt", "-o", tmp_path / "plan").exit_code == 1
    assert planmap("read", DOCUMENT, "-o", tmp_path / "A Plan").exit_code == 1
    assert planmap("read", DOCUMENT).exit_code == 2
    assert planmap("read", DOCUMENT, "-o", tmp_path / "plan", "--text-only").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    done = planmap("read", DOCUMENT, "-o", tmp_path / "mine")
    assert done.exit_code == 1
    assert contents(tmp_path / "mine") == {"letter.txt": b"x"}


def test_the_documented_commands_lead_from_the_document_to_a_map(tmp_path: Path) -> None:
    listed = (ROOT / "docs" / "second-plan.md").read_text("utf-8").split("```sh\n")[1].split("```")[0]
    commands = [line.split() for line in listed.replace("\\\n", " ").splitlines()]
    assert [command[:2] for command in commands] == [["planmap", name] for name in ("read", "check", "build", "serve")]
    for command in commands[:3]:
        done = started(*(part.replace("work/", f"{tmp_path}/") for part in command[1:]))
        assert done.returncode == 0, done.stderr
    edition = commands[3][2].replace("work/", f"{tmp_path}/")
    client = create_app({"PLANMAP_EDITION": edition}).test_client()
    page = client.get("/?lang=zh")
    assert page.status_code == 200
    assert "云岫县" in page.get_data(as_text=True)
    assert "鹿鸣温泉小镇" in client.get("/chapter/3").get_data(as_text=True)
    said = client.get("/api/sentences").get_json()["sentences"]
    assert all(quote["parts"] for quotes in said.values() for quote in quotes)
    exact = [quote["exact"] for quotes in said.values() for quote in quotes]
    assert sum(exact) >= 0.95 * len(exact)


# ---- a second reading


def test_a_second_reading_writes_beside_and_says_what_differs(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "yunxiu-14fyp")
    before = contents(tmp_path / "yunxiu-14fyp")
    assert read_into(tmp_path / "yunxiu-14fyp", "--accept", "0")["changes"] == {
        "records": [], "clauses": [], "touched": {},
    }  # fmt: skip
    revised = SOURCE.read_text("utf-8")
    revised = revised.replace("16家", "18家").replace("| 1860 | 2600 |", "| 1860 | 2800 |")
    revised = revised.replace("、高坪滑雪场，谋划", "、高坪湖度假区，谋划").replace(
        "、高坪滑雪场。（", "、高坪湖度假区。（"
    )
    (tmp_path / "revised.md").write_text(revised, "utf-8")
    report = read_into(tmp_path / "yunxiu-14fyp", "--accept", "0", document=tmp_path / "revised.md")
    assert contents(tmp_path / "yunxiu-14fyp") == before
    beside = tmp_path / "yunxiu-14fyp.proposed"
    assert json.loads((beside / "diff.json").read_text("utf-8")) == report["changes"]
    records = {(one["how"], one["id"]): one for one in report["changes"]["records"]}
    beds = records["changed", "t2-10"]["fields"]
    assert list(beds) == ["target"]
    assert [beds["target"][number]["value"] for number in (0, 1)] == [2600, 2800]
    gone = [name for how, name in records if how == "gone"]
    assert any("hua-xue-chang" in name for name in gone)
    assert any("gao-ping-hu-du-jia-qu" in name for how, name in records if how == "new")
    assert {one["id"] for one in report["changes"]["clauses"]} == {"1.3", "表2", "3.3", "专栏1-3"}
    assert "t2-10" not in report["changes"]["touched"].get("1.3", [])
    assert any("hua-xue-chang" in name for name in report["changes"]["touched"]["3.3"])


# ---- the words alone


def test_the_words_come_into_a_folder_that_has_none_and_go_again(text: Text, tmp_path: Path) -> None:
    folder = tmp_path / "yunxiu-14fyp"
    shutil.copytree(SHIPPED, folder)
    shutil.rmtree(folder / "text")
    bare = build(folder, ROOT / "data")
    kept = keep_text(folder, text, "yunxiu-plan.docx")
    assert kept.clauses == len(text.clauses)
    plan = load.load(folder, ROOT / "data")
    assert plan.texts == {clause.id: clause.text for clause in text.clauses}
    with_words = build(folder, ROOT / "data")
    # The words are part of the content; a folder without them has the hash that it always had.
    assert with_words.hash != bare.hash
    assert "clauses" not in bare.meta
    assert keep_text(folder, text, "yunxiu-plan.docx").files == ()
    exchange.undo(folder)
    assert build(folder, ROOT / "data").hash == bare.hash


def test_another_plans_words_are_refused(text: Text, tmp_path: Path) -> None:
    folder = tmp_path / "yunxiu-14fyp"
    shutil.copytree(SHIPPED, folder)
    before = contents(folder)
    other = clauses(read_document(SOURCE).blocks[:-6])
    with pytest.raises(LayersError) as caught:
        keep_text(folder, other, "other.md")
    assert caught.value.key == "read.outline_differs"
    assert "7.2（0≠—）" in caught.value.message("zh")
    assert contents(folder) == before


@every(
    ("file", "key"),
    [
        ("正文\n## 1.1\n一\n", "text.before"),
        ("## 1.1\n一\n## 1.1\n二\n", "text.twice"),
        ("## 9.9\n一\n", "text.clause"),
        ("## 3.1.7\n一\n", "text.clause"),
        ("## 1.1\n一\u202e二\n", "text.direction"),
        ("## 1.1\n一\n", "text.missing"),
    ],
)
def test_words_that_do_not_fit_are_named(file: str, key: str, tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path)) / "yunxiu-14fyp"
    shutil.copytree(SHIPPED, folder)
    shutil.rmtree(folder / "text")
    (folder / "text").mkdir()
    (folder / "text" / "01.txt").write_text(file, "utf-8")
    _plan, problems = load.read(folder, ROOT / "data")
    found = [one for one in problems if one.file.startswith("text")]
    assert key in [one.key for one in found]
    assert all(one.text(lang) and one.remedy(lang) for one in found for lang in ("zh", "en"))


def test_words_survive_being_written(text: Text) -> None:
    awkward = [("1.1", "一\n## 1.2\n\\二\n\n三"), ("表1", " | a | \nb"), ("2.1", "x")]
    files = texts.written(awkward)
    assert list(files) == ["text/01.txt", "text/02.txt"]
    assert [(clause, said) for one in files.values() for clause, _, said in texts.parted(one)] == awkward
    assert len(text.clauses) == 53


# ---- what ships


def test_the_shipped_folder_is_the_documents(text: Text) -> None:
    plan = load.load(SHIPPED, ROOT / "data")
    assert dict(plan.outline) == text.outline()
    assert plan.texts == {clause.id: clause.text for clause in text.clauses}
    assert [problem.text("en") for problem in examine(SHIPPED, ROOT / "data").problems] == []
    assert "虚构" in plan.title
    assert all("虚构" in source.record["title"] for source in plan.sources)


def test_the_shipped_files_are_what_the_tool_makes() -> None:
    shapes = read_spots(SHAPES, areas=True)
    made = {one["properties"]["name"]: shapely.geometry.shape(one["geometry"]) for one in townships()}
    assert {spot.name: spot.geometry for spot in shapes.found} == made
    assert shapely.coverage_is_valid(list(made.values()))


def test_the_assumed_line_parts_a_square_in_the_middle() -> None:
    square, north, south = (
        shapely.box(105, 32, 105.1, 32.1),
        shapely.box(105, 32.1, 105.1, 32.2),
        shapely.box(105, 31.9, 105.1, 32),
    )
    (west, low), (east, high) = sorted(cut(square, north, south, 105.0))
    assert (west < 105, east > 105.1) == (True, True)
    assert low == pytest.approx(32.05, abs=1e-3)
    assert high == pytest.approx(32.05, abs=1e-3)
