"""The page for imports: sent, compared, accepted, taken over, taken back; and everything as it was when it fails."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest
import shapely
from admin_desk import ORIGIN, app, client, done, edition, mark_of, served, state_of
from cases import every
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from processes import wait_until
from werkzeug.test import TestResponse

from geo.errors import PlanmapError
from layers.imports import exchange
from layers.imports.steps import STEPS
from webmap.admin import jobs, sketch
from webmap.admin.folders import Place
from webmap.admin.jobs import Jobs, main_file, safe_name
from webmap.admin.routes import ACCESS
from webmap.app import create_app
from webmap.commands._common import steps_shown
from webmap.commands.import_ import import_
from webmap.serving.messages import text
from webmap.serving.problems import NotKnownError, RefusedError
from webmap.serving.settings import Settings

__all__ = ["app", "client", "edition"]
ROOT = Path(__file__).resolve().parent.parent
NAMES = ("甲镇", "乙镇", "丙镇", "丁镇")
# The tiny plan's townships, with the border between 甲 and 乙 moved west by a thousandth of a degree.
SHAPES = (
    shapely.box(104.0, 30.7, 104.099, 30.8),
    shapely.Polygon([(104.099, 30.7), (104.1, 30.7), (104.2, 30.7), (104.2, 30.8), (104.099, 30.8)]),
    shapely.Polygon([(104.0, 30.6), (104.1, 30.6), (104.1, 30.7), (104.099, 30.7), (104.0, 30.7)]),
    shapely.box(104.1, 30.6, 104.2, 30.7),
)


def townships() -> bytes:
    frame = gpd.GeoDataFrame({"MC": list(NAMES)}, geometry=list(SHAPES), crs=4490)
    return str(frame.to_json()).encode()


def send(client: FlaskClient, *files: tuple[str, bytes], **stated: str) -> TestResponse:
    form = {"mark": mark_of(client), **stated, "file": [(io.BytesIO(content), name) for name, content in files]}
    return client.post("/admin/import", data=form, headers=ORIGIN)


def act(client: FlaskClient, address: str, action: str, **stated: str) -> TestResponse:
    return client.post(f"{address}/{action}", data={"mark": mark_of(client), **stated}, headers=ORIGIN)


# ---- the whole way


def test_a_file_is_compared_accepted_taken_over_and_taken_back(
    client: FlaskClient, tiny_plan: Path, tmp_path: Path
) -> None:
    before, old = state_of(tiny_plan), served(client)
    answer = send(client, ("镇街.geojson", townships()))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = done(client, address)
    assert state_of(tiny_plan) == before, "a comparison writes nothing"
    # 甲镇 loses a strip of a thousandth of a degree: a hundredth of its width.
    assert "-1.00%" in page
    assert "+1.00%" in page
    assert re.search(r'<path class="sketch-after" d="M[^"]+"/>', page)
    # In a reader's words, where ids of columns and JSON stood before.
    assert "按图计算 · 甲镇" in page
    assert "106.2\u202f平方公里 (2026) → 105.1\u202f平方公里 (2026)" in page
    # The command says the same, in the same words.
    (tmp_path / "镇街.geojson").write_bytes(townships())
    command = CliRunner().invoke(
        import_, ["boundaries", str(tmp_path / "镇街.geojson"), "--plan", str(tiny_plan), "--dry-run"]
    )
    assert command.exit_code == 0, command.output
    for words in ("-1.00%", "对应上 4 行（按名称 4）", "106.156 km²", "105.095 km²"):
        assert words in command.output
        assert words in page
    page = done(client, act(client, address, "accept").headers["Location"])
    assert "已导入" in page
    new = wait_until(lambda: (found := served(client)) != old and found, "the new edition")
    assert new[:12] in page
    assert any(name.startswith("imported/township-") for name in state_of(tiny_plan))
    last = client.get("/admin/import").get_data(as_text=True)
    assert "撤回最近一次导入" in last
    undone = client.post("/admin/undo", data={"mark": mark_of(client)}, headers=ORIGIN)
    assert "已撤回" in done(client, undone.headers["Location"])
    assert state_of(tiny_plan) == before
    wait_until(lambda: served(client) == old, "the old edition")
    actions = [one.action for one in client.application.extensions[ACCESS].people.log(9)]
    assert actions == ["undone", "accepted", "looked", "local"]


def test_what_is_asked_for_can_be_chosen_and_the_file_is_sent_once(client: FlaskClient, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"MC": ["甲镇", "乙街道", "丙镇", "丁镇"]}, geometry=list(SHAPES), crs=4490)
    frame.to_crs(4543).to_file(tmp_path / "镇街.shp", encoding="gbk")
    parts = [
        (f"镇街{suffix}", (tmp_path / f"镇街{suffix}").read_bytes()) for suffix in (".dbf", ".shx", ".shp", ".cpg")
    ]
    address = send(client, *parts).headers["Location"]
    page = done(client, address)
    assert "坐标系" in page
    assert '<option value="gk:102">' in page, "what would lie in the district is offered"
    assert "--crs" not in page, "the page speaks of its fields, not of the command's options"
    page = done(client, act(client, address, "again", crs="4543", what="boundaries").headers["Location"])
    assert "对应上 3 行" in page
    assert '<option value="乙街道=township/b">' in page
    again = act(client, address, "again", crs="4543", what="boundaries", match="乙街道=township/b")
    page = done(client, again.headers["Location"])
    assert "对应上 4 行" in page


# ---- what fails leaves everything as it was


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that work for ever, in the order in which they are started."""
    program, started = tmp_path / "endless", []
    program.write_text("#!/bin/sh\nexec sleep 100000\n", encoding="utf-8")
    program.chmod(0o700)

    def popen(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([str(program), *command[1:]], **options))
        return started[-1]

    monkeypatch.setattr(jobs, "subprocess", SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL))
    yield started
    for one in started:
        one.kill()
        one.wait()


def test_one_is_worked_at_at_a_time_and_a_process_that_is_gone_is_said(
    app: Flask, client: FlaskClient, tiny_plan: Path, endless: list[subprocess.Popen[bytes]]
) -> None:
    before = state_of(tiny_plan)
    address = send(client, ("a.geojson", townships())).headers["Location"]
    assert client.get(address + "/state").get_json()["working"]
    assert "取消" in client.get(address).get_data(as_text=True)
    other = send(client, ("b.geojson", townships()))
    assert other.status_code == 503
    assert "另一次导入" in other.get_data(as_text=True)
    found = Jobs(app.extensions["planmap"].shelf.path)
    assert [one.file for one in found.all()] == ["a.geojson"], "nothing is left of the one that was refused"
    for action in ("drop", "accept", "again"):
        assert act(client, address, action).headers["Location"] == address, "not while it is worked at"
    endless[0].kill()
    endless[0].wait()
    page = done(client, address)
    assert "中途死了" in page
    assert act(client, address, "accept").status_code == 403
    assert act(client, address, "drop").headers["Location"] == "/admin/import"
    assert client.get(address).status_code == 404
    assert state_of(tiny_plan) == before


def test_a_process_that_is_told_to_end_says_so_and_writes_nothing(
    app: Flask, client: FlaskClient, tiny_plan: Path, endless: list[subprocess.Popen[bytes]]
) -> None:
    before = state_of(tiny_plan)
    address = send(client, ("a.geojson", townships())).headers["Location"]
    act(client, address, "cancel")
    endless[0].kill()
    endless[0].wait()
    where = app.extensions["planmap"].shelf.path / "imports" / address.rpartition("/")[2]
    ended = subprocess.run([sys.executable, "-m", "webmap.admin.work", where, jobs.LOOK], cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert "已取消" in done(client, address)
    assert state_of(tiny_plan) == before


def test_what_was_changed_after_the_comparison_is_not_written_over(
    from_nothing: None, client: FlaskClient, tiny_plan: Path
) -> None:
    address = send(client, ("a.geojson", townships())).headers["Location"]
    assert "-1.00%" in done(client, address)
    plan = tiny_plan / "plan.toml"
    plan.write_text(plan.read_text("utf-8") + "\n# edited\n", encoding="utf-8")
    edited = state_of(tiny_plan)
    assert "又改过" in done(client, act(client, address, "accept").headers["Location"])
    assert state_of(tiny_plan) == edited
    assert act(client, address, "accept").status_code == 403, "there is nothing to accept any more"


def test_a_build_that_fails_takes_the_import_back(
    client: FlaskClient, tiny_plan: Path, edition: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from layers.build import assemble
    from layers.model.errors import PlanError
    from webmap.admin.work import Work

    before, kept = state_of(tiny_plan), edition.read_bytes()
    where = tmp_path / "job"
    (where / "sent").mkdir(parents=True)
    (where / "sent" / "a.geojson").write_bytes(townships())
    job = jobs.Job(
        "0" * 16, tiny_plan.name, str(tiny_plan), str(tiny_plan.parent.parent), str(edition), 3, "x", 0.0, "a.geojson"
    )
    jobs.put(where / "job.json", vars(job))

    def broken(*_: Any) -> None:
        raise PlanError([], str(tiny_plan))

    look = Work(where, jobs.LOOK)
    jobs.put(where / "seen.json", look.look())
    monkeypatch.setattr(assemble, "build", broken)
    with pytest.raises(PlanmapError):
        Work(where, jobs.ACCEPT).accept()
    assert state_of(tiny_plan) == before
    assert edition.read_bytes() == kept
    assert client.get("/healthz").get_json()["status"] == "ok"


# ---- who may, and what may be sent


def test_sending_needs_a_session_a_mark_and_our_own_page(app: Flask, client: FlaskClient) -> None:
    form = {"file": (io.BytesIO(townships()), "a.geojson")}
    nobody = app.test_client().post("/admin/import", data={**form}, headers=ORIGIN)
    assert nobody.status_code == 303
    assert nobody.headers["Location"] == "/login"
    form = {"file": (io.BytesIO(townships()), "a.geojson")}
    assert client.post("/admin/import", data=form, headers=ORIGIN).status_code == 403
    form = {"file": (io.BytesIO(townships()), "a.geojson"), "mark": mark_of(client)}
    assert client.post("/admin/import", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert Jobs(app.extensions["planmap"].shelf.path).all() == []


def test_what_is_too_large_is_not_read(client: FlaskClient) -> None:
    answer = send(client, ("a.geojson", b" " * 1_100_000))
    assert answer.status_code == 403
    assert "1 MB" in answer.get_data(as_text=True)


@every(
    ("field", "value"),
    [("what", "nothing"), ("what", "../x"), ("datum", "x"), ("basis", "schematic"), ("tolerance", "nan"),
     ("tolerance", "501"), ("accuracy", "-1"), ("accuracy", "1e999"), ("crs", "/etc/passwd.prj"), ("crs", "x.PRJ")],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_begun(client: FlaskClient, field: str, value: str) -> None:
    answer = send(client, ("a.geojson", townships()), **{field: value})
    assert answer.status_code == 403
    assert field in answer.get_data(as_text=True)


def test_without_a_file_nothing_is_begun(app: Flask, client: FlaskClient) -> None:
    assert send(client).status_code == 403
    many = [(f"{number}.geojson", b"{}") for number in range(13)]
    assert send(client, *many).status_code == 403
    assert Jobs(app.extensions["planmap"].shelf.path).all() == []


@every(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), (".bashrc", "bashrc"),
        ("a\x00\u202eb.shp", "a__b.shp"),
        ("", "file"), ("...", "file"), ("/", "file"), ("镇街 界线.shp", "镇街 界线.shp"),
    ],
)  # fmt: skip
def test_names_of_files_lead_nowhere(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("镇" * 200 + ".shp").endswith("镇.shp")
    assert len(safe_name("镇" * 200 + ".shp").encode()) <= 150


def test_of_the_files_of_a_shapefile_the_main_one_is_read() -> None:
    suffixes = (".shp", ".geojson", ".zip")
    assert main_file(["a.dbf", "a.shp", "a.prj"], suffixes) == "a.shp"
    assert main_file(["a.prj", "b.zip"], suffixes) == "b.zip"
    assert main_file(["x.txt"], suffixes) == "x.txt", "the reader says what is wrong with it"
    with pytest.raises(RefusedError):
        main_file([], suffixes)


@every("name", ["", "x", "../../etc", "0" * 16, "0" * 15 + "/"])
def test_any_other_import_is_not_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/admin/import/{name}").status_code in (404, 308)


def test_imports_are_of_one_plan_and_few_are_kept(tmp_path: Path) -> None:
    found = Jobs(tmp_path)
    place = Place("one", tmp_path, tmp_path, tmp_path / "one.gpkg")
    made = [found.make(place, 3, "wang", file=f"{number}.shp") for number in range(9)]
    assert len(found.all()) == jobs.MOST_KEPT
    assert found.find("one", made[-1].id).file == "8.shp"
    with pytest.raises(NotKnownError):
        found.find("two", made[-1].id)


# ---- where the plan folder is not known


def test_without_a_plan_folder_the_page_says_so(edition: Path, tmp_path: Path) -> None:
    settings = Settings.read({"PLANMAP_EDITION": str(edition), "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})
    app = create_app(replace(settings, edit=True))
    client = app.test_client()
    client.get(f"/login?token={app.extensions[ACCESS].mint()}")
    for lang, words in (("zh", "不知道规划包"), ("en", "does not know")):
        page = client.get(f"/admin/import?lang={lang}").get_data(as_text=True)
        assert words in page
        assert 'type="file"' not in page
    assert send(client, ("a.geojson", b"{}")).status_code == 403


def test_on_a_shelf_each_plan_has_its_own_folder(tiny_plan: Path, edition: Path, tmp_path: Path) -> None:
    (edition.parent / "other.gpkg").write_bytes(edition.read_bytes())
    edition.rename(edition.with_name("renamed.gpkg"))
    text = (tiny_plan / "plan.toml").read_text("utf-8")
    other = tiny_plan.with_name("other")
    other.mkdir()
    (other / "plan.toml").write_text(text.replace("tiny-15fyp", "other"), encoding="utf-8")
    settings = Settings.read({
        "PLANMAP_EDITION": str(edition.parent), "PLANMAP_PLAN": str(tiny_plan.parent), "PLANMAP_PREFIX": "/maps",
        "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
    })  # fmt: skip
    app = create_app(replace(settings, edit=True))
    client = app.test_client()
    client.get(f"/maps/login?token={app.extensions[ACCESS].mint()}")
    page = client.get("/maps/admin").get_data(as_text=True)
    assert set(re.findall(r'href="(/maps/p/\w+/admin/import)"', page)) == {
        "/maps/p/renamed/admin/import", "/maps/p/other/admin/import",
    }  # fmt: skip
    page = client.get("/maps/p/renamed/admin/import").get_data(as_text=True)
    assert 'action="/maps/p/renamed/admin/import"' in page
    assert f"<bdi>{tiny_plan.name}</bdi>" in page
    assert "不知道规划包" in client.get("/maps/admin/import").get_data(as_text=True)


def test_a_long_import_says_on_standard_error_at_which_step_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing before the clock has run down; then the step that is worked at, and each that begins; all have words."""
    clocks: list[Any] = []

    class Clock:
        def __init__(self, _seconds: float, rings: Any) -> None:
            self.rings = rings
            clocks.append(self)

        def start(self) -> None:
            pass

        cancel = start

    monkeypatch.setattr("webmap.commands._common.threading.Timer", Clock)
    with steps_shown("admin.import.phase.compare_", "zh") as progress:
        progress("read", 1, len(STEPS))
        assert capsys.readouterr().err == ""
        clocks[0].rings()
        assert "正在读取文件" in capsys.readouterr().err
        progress("gaps", 5, len(STEPS))
        assert "正在查找并划分缝隙" in capsys.readouterr().err
    clocks[0].rings()
    assert capsys.readouterr().err.strip() == "", "it is done"
    for step in STEPS:
        assert len({text(lang, f"admin.import.phase.compare_{step}") for lang in ("zh", "en")}) == 2


# ---- the drawing


def test_the_drawing_keeps_proportions_and_leaves_nothing_out() -> None:
    """A square of a tenth of a degree at 60° north is half as wide as it is high."""
    square = shapely.box(10.0, 60.0, 10.1, 60.1)
    drawn = sketch.sketched({"a": square}, {"a": square, "b": shapely.Point(10.05, 60.05)})
    assert drawn is not None
    assert drawn["before"] == drawn["after"][:1]
    inside = [drawn[name] - 2 * sketch.MARGIN for name in ("width", "height")]
    assert inside[0] / inside[1] == pytest.approx(0.5, rel=0.01)
    assert drawn["points"] == [
        [pytest.approx(drawn["width"] / 2, abs=0.2), pytest.approx(drawn["height"] / 2, abs=0.2)]
    ]
    assert drawn["after"][0].endswith("Z")
    road = shapely.LineString([(10.0, 60.0), (10.1, 60.05), (10.0, 60.1)])
    assert "Z" not in (sketch.sketched({}, {"road": road}) or {})["after"][0], "a bent road is no area"
    assert sketch.sketched({}, {}) is None
    # A road of a degree in the middle of a district of three: a third of the sheet, and the outline on it whole.
    district = shapely.box(9, 59, 12, 62)
    inside = sketch.sketched({}, {"road": shapely.LineString([(10, 60.5), (11, 60.5)])}, (), district) or {}
    west, east = (float(one.split()[0]) for one in inside["after"][0].strip("M").split("L"))
    assert (east - west) / (inside["width"] - 2 * sketch.MARGIN) == pytest.approx(1 / 3, abs=0.001)
    assert inside["around"].count("L") == 4
    large = {"a": square, "neighbour": shapely.box(9.0, 59.0, 11.0, 61.0)}
    framed = sketch.sketched(large, large, own=["a"])
    assert framed is not None
    assert (framed["width"], framed["height"]) == (drawn["width"], drawn["height"])
    assert len(framed["after"]) == 2, "what follows is drawn, and stands out of the sheet"


def test_undoing_when_there_is_nothing_is_said(client: FlaskClient, tiny_plan: Path) -> None:
    with pytest.raises(PlanmapError):
        exchange.undo(tiny_plan, look_only=True)
    assert client.post("/admin/undo", data={"mark": mark_of(client)}, headers=ORIGIN).status_code == 400
    assert json.loads(client.get("/healthz").data)["status"] == "ok"
