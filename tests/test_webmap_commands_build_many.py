"""``planmap build`` with many folders: all cores, a Dask cluster, one that fails, a process that is killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import witness
from click.testing import CliRunner, Result
from distributed import Client
from processes import HANGS_S, wait_until
from tiny_folder import edit

from layers.build import many
from layers.edition.file import read
from webmap.cli import main

TESTS = Path(__file__).resolve().parent
IDS = ["plan-1", "plan-2", "plan-3", "tiny-15fyp"]


@pytest.fixture
def plans(tiny_plan: Path) -> list[Path]:
    """Four plan folders of one data folder."""
    found = [tiny_plan]
    for number in range(1, 4):
        found.append(shutil.copytree(tiny_plan, tiny_plan.with_name(f"plan-{number}")))
        edit(found[-1], "plan.toml", 'id = "tiny-15fyp"', f'id = "plan-{number}"')
    return found


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def editions(plans: list[Path]) -> Path:
    return plans[0].parent.parent / "editions"


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_many_folders_are_built_on_all_cores(plans: list[Path], tmp_path: Path) -> None:
    result = run("build", *plans, "-j", "2", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "plan folders: 4, built: 4" in result.stdout
    lines = result.stderr.splitlines()
    assert [line.split("]")[0] for line in lines] == ["[1/4", "[2/4", "[3/4", "[4/4"]
    assert all(any(f"✓ {plan}:" in line for line in lines) for plan in plans)
    found = {path.stem: read(path).hash for path in editions(plans).glob("*.gpkg")}
    assert set(found) == {"tiny-15fyp", "plan-1", "plan-2", "plan-3"}
    assert left_over(editions(plans)) == []
    alone = tmp_path / "alone.gpkg"
    assert run("build", plans[1], "-o", alone).exit_code == 0
    assert alone.read_bytes() == (editions(plans) / "plan-1.gpkg").read_bytes()
    assert [path.stem for path in (editions(plans) / "plan-1").iterdir()] == [found["plan-1"]], "kept, as one alone is"


def test_one_that_fails_is_named_and_harms_no_other(plans: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    edit(plans[1], "features/base.toml", 'unit = "丁镇"', 'unit = "无镇"')
    shutil.copytree(plans[3], plans[3].with_name("copy"))
    (plans[2] / "plan.toml").write_text("[[", encoding="utf-8")
    nowhere, copied = tmp_path / "nowhere", plans[3].with_name("copy")
    result = run("build", *plans, plans[0], copied, nowhere, "-o", out, "-j", "2", "--json")
    assert result.exit_code == 1
    assert [path.name for path in out.iterdir()] == ["tiny-15fyp.gpkg"]
    report = json.loads(result.stdout)
    assert [one["folder"] for one in report["built"]] == [str(plans[0])], "one of them is named twice"
    keys = {
        one["folder"]: one["error"]["key"] if one["error"] else one["problems"][0]["key"] for one in report["failed"]
    }
    assert keys == {
        str(plans[1]): "coverage.unknown_unit", str(plans[2]): "toml.syntax",
        str(plans[3]): "build.same_id", str(copied): "build.same_id", str(nowhere): "folder.missing",
    }  # fmt: skip
    assert result.stderr.count("✗") == 5


@pytest.mark.parametrize("arguments", [
    ["-o", "one.gpkg"], ["--engine", "dask://"], ["--engine", "spark://a:1"], ["--engine", "dask://a b:1"], ["-j", "0"],
])  # fmt: skip
def test_wrong_use(plans: list[Path], arguments: list[str]) -> None:
    assert run("build", *plans, *arguments).exit_code == 2
    assert not editions(plans).exists()


def test_no_scheduler(plans: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "CONNECT_S", 1)
    result = run("build", *plans, "--engine", "dask://127.0.0.1:9", "--lang", "en")
    assert result.exit_code == 1
    assert "No Dask scheduler answers at 127.0.0.1:9" in result.stderr
    assert left_over(editions(plans)) == []
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "planmap[dask]" in run("build", *plans, "--engine", "dask://127.0.0.1:9").stderr


def job(plan: Path, run_folder: Path, **changes: str) -> many.Job:
    run_folder.mkdir(exist_ok=True)
    program = changes.get("program", many.program())
    return many.Job(plan, plan.parent.parent, run_folder.parent / "out", 0, run_folder, program)


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which processes write down the plans that they put into use."""
    monkeypatch.setattr(many, "build_one", witness.build_one)
    monkeypatch.setenv("WITNESS", str(tmp_path / "seen"))
    return tmp_path / "seen"


def built(seen: Path) -> list[str]:
    return sorted(line.split()[0] for line in seen.read_text(encoding="utf-8").splitlines())


def test_a_process_that_is_killed_takes_no_plan_with_it(
    plans: list[Path], seen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WITNESS_KILLS", "plan-2")
    outcomes = list(many.on_cores([job(plans[at], tmp_path / "run") for at in (2, 0, 3)], 2))
    assert {one.folder for one in outcomes if one.facts} == {plans[0], plans[3]}
    (failed,) = [one for one in outcomes if one.facts is None]
    assert failed.error is not None
    assert (failed.folder, failed.error.key) == (plans[2], "build.process_died")
    assert built(seen) == ["plan-3", "tiny-15fyp"], "each once"


def test_what_this_run_has_built_is_not_built_again(plans: list[Path], tmp_path: Path) -> None:
    first = many.build_one(job(plans[0], tmp_path / "run"))
    assert first.facts is not None
    edit(plans[0], "plan.toml", '\ntitle = "', '\ntitle = "改过的')
    assert many.build_one(job(plans[0], tmp_path / "run")).facts == first.facts
    again = many.build_one(job(plans[0], tmp_path / "another")).facts
    assert again is not None
    assert again["hash"] != first.facts["hash"]
    other = many.build_one(job(plans[0], tmp_path / "run", program="planmap 9")).error
    assert other is not None
    assert other.key == "build.other_program"


# ---- a cluster


@contextmanager
def dask(part: str, tmp_path: Path, *options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler or worker of Dask as a process of its own."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    command = [sys.executable, "-m", f"distributed.cli.dask_{part}", "--scheduler-file", str(tmp_path / "scheduler")]
    with (tmp_path / f"{part}.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *options, "--no-dashboard"], cwd=tmp_path, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": path, **environment},
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def worker(tmp_path: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    options = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(tmp_path))
    with dask("worker", tmp_path, *options, **environment) as process:
        yield process


def test_a_cluster_loses_nothing_and_builds_nothing_twice(plans: list[Path], seen: Path, tmp_path: Path) -> None:
    """Of two workers one is killed with its first edition: not yet in use, then in use and not yet told."""
    scheduler_file = tmp_path / "scheduler"
    with dask("scheduler", tmp_path, "--host", "127.0.0.1", "--port", "0"), worker(tmp_path):
        wait_until(lambda: scheduler_file.exists() and scheduler_file.read_text().strip(), "the scheduler")
        address = json.loads(scheduler_file.read_text())["address"]
        for dies in ("before", "after"):
            seen.unlink(missing_ok=True)
            with worker(tmp_path, WITNESS_DIES=dies) as other, Client(address, set_as_default=False) as client:
                client.wait_for_workers(2, timeout=HANGS_S)
                result = run("build", *plans, "-o", tmp_path / dies, "--engine", address.replace("tcp://", "dask://"))
                assert result.exit_code == 0, result.output
                assert other.wait(HANGS_S) == -signal.SIGKILL, "it was given nothing"
            assert built(seen) == IDS, "each once"
            assert sorted(path.stem for path in (tmp_path / dies).iterdir()) == IDS
            assert "生成 4 个" in result.stdout
        (plans[1] / "plan.toml").write_text("[[", encoding="utf-8")
        result = run("build", *plans[:2], "-o", tmp_path / "x", "--engine", address.replace("tcp://", "dask://"))
        assert result.exit_code == 1
        assert "不是正确的 TOML" in result.stdout
        assert "2 个规划包，生成 1 个" in result.stdout
        assert result.stdout.partition("未生成 1 个")[2].split()[1:] == [str(plans[1])]
        assert [path.name for path in (tmp_path / "x").iterdir()] == ["tiny-15fyp.gpkg"]
