"""``planmap check`` and ``planmap build`` as a user meets them: words, exit statuses, files."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny_folder import append, edit

from layers.edition.file import read
from webmap.cli import main
from webmap.commands import _common as common


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without data, and no setting that names some."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PLANMAP_DATA_DIR", raising=False)
    return folder


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def test_a_sound_folder(tiny_plan: Path, outside: Path) -> None:
    result = run("check", tiny_plan)
    assert result.exit_code == 0
    assert "没有发现问题" in result.stdout
    assert "官方界线" in result.stdout
    assert "25%" in result.stdout, "four of sixteen are official"
    english = run("check", tiny_plan, "--lang", "en")
    assert "no problems found" in english.stdout
    assert "Official boundary" in english.stdout


def test_the_language_of_the_system_is_not_asked(
    tiny_plan: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert "没有发现问题" in run("check", tiny_plan).stdout


def test_problems_are_listed_by_file(tiny_plan: Path, outside: Path) -> None:
    edit(tiny_plan, "features/more.toml", 'status = "planned"\nzone', 'status = "plannd"\nzone')
    edit(tiny_plan, "places.csv", "104.25,30.75", "104.25,abc")
    result = run("check", tiny_plan)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "places.csv" in lines
    assert "features/more.toml" in lines
    assert any("line/2" in line and "status" in line and "错误" in line for line in lines)
    assert any("planned" in line and "→" in line for line in lines), "what was probably meant"
    assert "2 处错误" in lines[-1]


def test_warnings_alone_are_no_failure(tiny_plan: Path, outside: Path) -> None:
    edit(tiny_plan, "features/more.toml", 'name_en = "Line 2"\n', "")
    result = run("check", tiny_plan)
    assert result.exit_code == 0
    assert "提示" in result.stdout
    assert "0 处错误，1 处提示" in result.stdout


def test_json_for_programs(tiny_plan: Path, outside: Path) -> None:
    edit(tiny_plan, "features/more.toml", 'name = "1号线"', 'nam = "1号线"')
    result = run("check", tiny_plan, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["ok"] is False
    assert report["errors"] == len(report["problems"]) == 2
    assert {problem["key"] for problem in report["problems"]} == {"field.missing", "field.unknown"}
    assert all(problem["file"] == "features/more.toml" and problem["line"] for problem in report["problems"])
    assert all(problem["text"]["zh"] and problem["remedy"]["en"] for problem in report["problems"])
    assert report["statistics"]["by_basis"]["official"] == 4


def test_broken_toml(tiny_plan: Path, outside: Path) -> None:
    append(tiny_plan, "plan.toml", "[[layer]\n")
    result = run("check", tiny_plan)
    assert result.exit_code == 1
    assert "不是正确的 TOML" in result.stdout


def test_hostile_names_cannot_drive_the_terminal(tiny_plan: Path, outside: Path) -> None:
    edit(tiny_plan, "features/more.toml", 'id = "line/2"', 'id = "line/\\u001B[2J\\u202E' + "长" * 10_000 + '"')
    for command in ("check", "build"):
        result = run(command, tiny_plan)
        assert result.exit_code == 1
        assert all(character.isprintable() or character == "\n" for character in result.output)
        assert max(len(line) for line in result.output.splitlines()) < 1_000


# ---- which folder


def test_the_only_plan_is_the_default(tiny_plan: Path, outside: Path) -> None:
    data = tiny_plan.parent.parent
    assert run("check", "--data-dir", data).exit_code == 0
    shutil.copytree(tiny_plan, tiny_plan.parent / "another")
    result = run("check", "--data-dir", data)
    assert result.exit_code == 2
    assert "another" in result.stderr
    assert "tiny-15fyp" in result.stderr


def test_the_data_folder_comes_from_the_setting(
    tiny_plan: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANMAP_DATA_DIR", str(tiny_plan.parent.parent))
    assert run("check").exit_code == 0


def test_the_setting_names_the_plan_folder_among_several(
    tiny_plan: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tiny_plan.parent.parent
    shutil.copytree(tiny_plan, tiny_plan.parent / "another")
    refused = run("import", "undo", "--data-dir", data)
    assert refused.exit_code == 2
    assert "--plan" in refused.stderr
    assert "PLANMAP_PLAN" in refused.stderr
    monkeypatch.setenv("PLANMAP_PLAN", str(tiny_plan))
    assert str(tiny_plan) in run("check").stdout
    monkeypatch.setenv("PLANMAP_PLAN", str(tiny_plan.parent))
    assert run("check").exit_code == 2, "a folder of several, as the pages of imports take it"
    monkeypatch.setenv("PLANMAP_PLAN", str(outside / "none"))
    gone = run("check", "--lang", "en")
    assert gone.exit_code == 2
    assert str(outside / "none") in " ".join(gone.stderr.split())


def test_commands_without_a_ledger_say_how_one_is_named(tiny_plan: Path, outside: Path) -> None:
    run("build", tiny_plan, "-o", outside / "e.gpkg")
    for lang in ("zh", "en"):
        refused = run("scenario", "list", "--edition", outside / "e.gpkg", "--lang", lang)
        assert refused.exit_code == 2
        assert "--ledger" in refused.stderr
        assert "PLANMAP_LEDGER" in refused.stderr


def test_a_plan_folder_elsewhere_uses_the_shared_kinds(
    tiny_plan: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(tiny_plan, outside / "lonely")
    assert run("check", folder, "--data-dir", tiny_plan.parent.parent).exit_code == 0
    monkeypatch.chdir(tiny_plan.parent.parent.parent)
    assert run("check", folder).exit_code == 0, "./data"


@pytest.mark.parametrize(
    "arguments", [["check", "nowhere"], ["check"], ["build", "nowhere"], ["check", "--no-such"], ["chek"]]
)
def test_wrong_use(outside: Path, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_help_has_an_example() -> None:
    for command in ("check", "build"):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert f"planmap {command} data/plans/" in " ".join(result.stdout.split())


# ---- build


def test_build(tiny_plan: Path, outside: Path) -> None:
    result = run("build", tiny_plan)
    assert result.exit_code == 0
    path = tiny_plan.parent.parent / "editions" / "tiny-15fyp.gpkg"
    edition = read(path)
    assert str(path) in result.stdout
    assert edition.hash in result.stdout
    assert "要素 18 个" in result.stdout
    facts = json.loads(run("build", tiny_plan, "-o", outside / "x.gpkg", "--json").stdout)
    assert facts["hash"] == edition.hash
    assert facts["path"] == str(outside / "x.gpkg")
    assert (facts["features"], facts["located"], facts["layers"]) == (18, 16, 9)
    assert (outside / "x.gpkg").read_bytes() == path.read_bytes()


def test_a_broken_folder_leaves_the_last_edition(tiny_plan: Path, outside: Path) -> None:
    path = outside / "x.gpkg"
    assert run("build", tiny_plan, "-o", path).exit_code == 0
    before = path.read_bytes()
    edit(tiny_plan, "features/base.toml", 'arcs = "boundaries/tiny-arcs.csv", unit = "丁镇"', 'union = ["zone/east"]')
    result = run("build", tiny_plan, "-o", path)
    assert result.exit_code == 1
    assert "township/d → zone/east → township/d" in result.stderr
    assert "原有版本未受影响" in result.stderr
    assert path.read_bytes() == before


def test_where_nothing_can_be_written(tiny_plan: Path, outside: Path) -> None:
    (outside / "file").write_text("x")
    result = run("build", tiny_plan, "-o", outside / "file" / "x.gpkg", "--lang", "en")
    assert result.exit_code == 1
    assert "x.gpkg" in result.stderr


def test_the_edition_is_complete_before_it_is_seen(
    tiny_plan: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = outside / "x.gpkg"
    assert run("build", tiny_plan, "-o", path).exit_code == 0
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("layers.edition.file._add_tables", fail)
    result = run("build", tiny_plan, "-o", path)
    assert result.exit_code == 1
    assert "磁盘读写出错" in result.stderr
    assert path.read_bytes() == before


# ---- parts


def test_tables_count_wide_characters() -> None:
    assert common.table([("官方", "4"), ("ab", "12")]) == "  官方  4\n  ab    12"
    assert common.table([]) == ""


def test_progress_appears_only_when_work_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with common.progress_shown("x") as progress:
        for done in range(1, 4):
            progress(done, 3)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(common, "PROGRESS_AFTER_S", -1.0)
    with common.progress_shown("定位要素") as progress:
        for done in range(1, 4):
            progress(done, 3)
    captured = capsys.readouterr()
    assert "定位要素" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("there", ["folder", "pipe", "device"])
def test_output_onto_what_is_no_file_is_refused_at_once(tiny_plan: Path, outside: Path, there: str) -> None:
    target = outside / "out.gpkg"
    if there == "folder":
        target.mkdir()
    elif there == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to("/dev/null")
    mode = target.lstat().st_mode
    assert run("build", tiny_plan, "-o", outside / "edition.gpkg").exit_code == 0
    for command in (("build", tiny_plan), ("export", outside / "edition.gpkg")):
        result = run(*command, "-o", target, "--lang", "en")
        assert result.exit_code == 2, result.output
        assert f"is a {there}" in result.stderr
        assert "→ Name" in result.stderr
        assert target.lstat().st_mode == mode
    assert Path("/dev/null").is_char_device()
    assert not [item for item in outside.iterdir() if item.name not in ("out.gpkg", "edition.gpkg")]


def test_an_edition_is_called_a_geopackage(tiny_plan: Path, outside: Path) -> None:
    for name in ("x.txt", "x", "x.gpkg.tmp"):
        result = CliRunner().invoke(main, ["build", str(tiny_plan), "-o", str(outside / name)])
        assert result.exit_code == 2, name
        assert ".gpkg" in result.output
        assert not (outside / name).exists()


def test_a_left_over_wal_does_not_spoil_the_next_edition(tiny_plan: Path, outside: Path) -> None:
    """What a crashed program left beside the old file is not applied to the new one."""
    target = outside / "edition.gpkg"
    assert run("build", tiny_plan, "-o", target).exit_code == 0
    database = sqlite3.connect(target)
    for statement in (
        "pragma journal_mode=wal",
        "pragma wal_autocheckpoint=0",
        "create table scratch (a)",
        "insert into scratch values (zeroblob(40000))",
        "drop table scratch",
    ):
        database.execute(statement)
    database.commit()
    kept = {suffix: Path(f"{target}{suffix}").read_bytes() for suffix in ("-wal", "-shm")}
    database.close()
    for suffix, content in kept.items():
        Path(f"{target}{suffix}").write_bytes(content)
    edit(tiny_plan, "plan.toml", '\ntitle = "', '\ntitle = "改过的')
    assert run("build", tiny_plan, "-o", target).exit_code == 0
    assert [path.name for path in outside.iterdir()] == ["edition.gpkg"]
    opened = sqlite3.connect(target)
    assert opened.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert "改过的" in opened.execute("select value from planmap_meta where key = 'plan'").fetchone()[0]
    opened.close()
