"""The ledger: a chain that only grows, in a file and in a database, with the same tests for both."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from layers.ledger import moving
from layers.ledger.book import ConflictError, Draft, Ledger, LedgerError, Receipt, State, opened
from layers.ledger.entry import START, Entry
from layers.ledger.keeping import PostgresSchema, SqliteFile
from webmap.cli import main

PLAN = "tiny-15fyp"
KILLS = {"sqlite": 50, "postgres": 10}
"""Programs killed; ``LEDGER_KILLS`` says another number for both (`make fuzz`: 1,000)."""
ROOT = Path(__file__).resolve().parent.parent
BOTH = ["sqlite", "postgres"]


def database(postgresql: str, name: str) -> str:
    """A database of the test's own."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name[:60])))
    return f"{postgresql}/{name[:60]}"


@pytest.fixture(params=BOTH)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger may be made: a file, then a database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    return database(request.getfixturevalue("postgresql"), request.node.name.replace("[", "_").replace("]", ""))


def drafts(*values: float | None, place: str = "district", first: int = 2021) -> list[Draft]:
    return [
        Draft("gdp", place, str(first + at), value, "亿元", "统计公报")
        for at, value in enumerate(values)
    ]  # fmt: skip


def test_a_correction_supersedes_and_both_stay(address: str) -> None:
    ledger = opened(address, PLAN, make=True)
    assert ledger.state() == State(0, START)
    first = ledger.append(drafts(100.0, 110.5), "甲")
    assert (first.first, first.last) == (1, 2)
    second = ledger.append([Draft("gdp", "district", "2021", 101.0, "亿元", "修订公报", "核实", after=1)], "乙")
    assert [one.value for one in ledger.overlay("gdp", "2021")] == [101.0]
    assert [one.value for one in ledger.overlay("gdp", "2021", upto=first.last)] == [100.0]  # as it was then
    history = ledger.history({"place": "district", "period": "2021"})
    assert [(one.seq, one.version, one.value, one.author, one.source) for one in history] == [
        (3, 2, 101.0, "乙", "修订公报"), (1, 1, 100.0, "甲", "统计公报"),
    ]  # fmt: skip
    assert ledger.state() == second.state
    assert ledger.verify().state == second.state
    # Taken back: there is no value any more, and what was said before can still be read.
    ledger.append([Draft("gdp", "district", "2022", None, note="口径有误", after=1)], "甲")
    assert ledger.overlay("gdp", "2022") == []
    assert [one.value for one in ledger.history({"period": "2022"})] == [None, 110.5]
    assert [one.period for one in ledger.series("district", "gdp")] == ["2021"]


def test_the_hash_is_the_one_that_anybody_can_compute() -> None:
    """By hand: the fields in their order as JSON without blanks, through sha256sum."""
    entry = Entry(1, "gdp", "observed", "2021", "district", 1, 100.0, "亿元", "", "", "", "甲", "T", 1, START)
    text = f'[1,"gdp","observed","2021","district",1,"100.0","亿元","","","","甲","T",1,"{START}"]'
    done = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
    assert entry.digest() == done.stdout.decode().split()[0]
    for name, value in (("value", 100.1), ("note", "x"), ("prev", "1" * 64), ("seq", 2), ("value", None)):
        assert replace(entry, **{name: value}).digest() != entry.digest(), name  # type: ignore[arg-type]


def test_two_correct_one_cell_at_once(address: str) -> None:
    """Both saw version 1: one wins, the other is told by whom and to what; nothing of its batch is written."""
    opened(address, PLAN, make=True).append(drafts(100.0), "甲")
    start, done, lost = threading.Barrier(8), [], []

    def correct(number: int) -> None:
        ledger = opened(address, PLAN)
        start.wait()
        mine = [
            Draft("gdp", f"town/{number}", "2021", 1.0),
            Draft("gdp", "district", "2021", 200.0 + number, after=1),
        ]
        try:
            done.append((number, ledger.append(mine, f"第{number}人")))
        except ConflictError as error:
            lost.append((number, error))

    threads = [threading.Thread(target=correct, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger = opened(address, PLAN)
    (winner,) = [number for number, _ in done]
    assert len(lost) == 7
    for _, error in lost:
        assert error.key == "ledger.conflict"
        assert f"第{winner}人" in error.message("zh")
        assert str(200 + winner) in error.message("en")
    assert ledger.state().count == 3  # the base, and the winner's two
    assert ledger.verify().broken is None


def test_a_cell_entered_first_by_somebody_else_is_a_conflict_too(address: str) -> None:
    ledger = opened(address, PLAN, make=True)
    ledger.append(drafts(1.0), "甲")
    with pytest.raises(ConflictError, match="甲"):
        ledger.append(drafts(2.0), "乙")
    with pytest.raises(ConflictError) as error:
        ledger.append([Draft("gdp", "district", "2029", 2.0, after=3)], "乙")
    assert error.value.key == "ledger.conflict_gone"


@pytest.mark.parametrize(
    ("draft", "key"),
    [
        (Draft("gdp", "district", "2021Q5", 1.0), "ledger.period"),
        (Draft("gdp", "district", "２０２１", 1.0), "ledger.period"),
        (Draft("gdp", "district", "1066", 1.0), "ledger.period"),
        (Draft("gdp", "district", "2021", float("nan")), "ledger.number"),
        (Draft("gdp", "district", "2021", float("inf")), "ledger.number"),
        (Draft("gdp", "district", "2021", 1e16), "ledger.number"),
        (Draft("", "district", "2021", 1.0), "ledger.empty"),
        (Draft("gdp", " ", "2021", 1.0), "ledger.empty"),
        (Draft("gdp", "a\0b", "2021", 1.0), "ledger.text"),
        (Draft("gdp", "district", "2021", 1.0, note="x" * 2001), "ledger.text"),
        (Draft("gdp", "district", "2021", 1.0, source="\x1b[31m"), "ledger.text"),
        (Draft("gdp", "district", "2021", 1.0, role="guess"), "ledger.role"),
    ],
)
def test_what_cannot_be_entered(draft: Draft, key: str, tmp_path: Path) -> None:
    ledger = opened(tmp_path / "l.sqlite", PLAN, make=True)
    with pytest.raises(LedgerError) as error:
        ledger.append([*drafts(1.0), draft], "甲")
    assert error.value.key == key
    assert error.value.remedy("zh")
    assert ledger.state().count == 0  # all or nothing


def test_more_that_cannot_be_entered(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "l.sqlite", PLAN, make=True)
    for given, author, key in (
        ([], "甲", "ledger.nothing"),
        (drafts(1.0), "", "ledger.empty"),
        ([*drafts(1.0), *drafts(2.0)], "甲", "ledger.twice"),
    ):
        with pytest.raises(LedgerError) as error:
            ledger.append(given, author)
        assert error.value.key == key


def test_texts_come_back_as_they_were(address: str) -> None:
    """Quotes, marks that turn text around, wild cards, numbers that need all their digits."""
    ledger = opened(address, PLAN, make=True)
    values = [0.1 + 0.2, -0.0, 1e-300, 123456789012345.6, 5e-324, 2 / 3]
    source = "'; DROP TABLE entry; -- % %s ? \\ \u202e 公报"
    ledger.append(
        [Draft("gdp", f"town/{at}", "2021", value, source=source, note="a\tb\nc") for at, value in enumerate(values)],
        "O'Brien %",
    )
    assert [one.value for one in ledger.overlay("gdp", "2021")] == [one.value for one in ledger.everything("gdp")]
    found = ledger.everything("gdp")
    assert [one.value for one in found] == [0.30000000000000004, 0.0, 1e-300, 123456789012345.6, 5e-324, 2 / 3]
    assert {(one.source, one.note, one.author) for one in found} == {(source, "a\tb\nc", "O'Brien %")}
    assert ledger.verify().broken is None
    assert ledger.history({"author": "O'Brien %"}, most=1)[0].seq == 6


def test_what_is_asked_is_answered_from_the_newest(address: str) -> None:
    ledger = opened(address, PLAN, make=True)
    ledger.append(drafts(1.0, 2.0, 3.0) + drafts(5.0, place="township/a"), "甲")
    ledger.append(
        [Draft("gdp", "district", "2025", 9.0, role="target"), Draft("jobs", "district", "2021Q2", 4.0)], "甲"
    )
    assert [(one.place, one.value) for one in ledger.overlay("gdp", "2021")] == [("district", 1.0), ("township/a", 5.0)]
    assert [(one.indicator, one.role, one.period) for one in ledger.series("district")] == [
        ("gdp", "observed", "2021"), ("gdp", "observed", "2022"), ("gdp", "observed", "2023"),
        ("gdp", "target", "2025"), ("jobs", "observed", "2021Q2"),
    ]  # fmt: skip
    assert ledger.periods() == {
        ("gdp", "observed"): ["2021", "2022", "2023"], ("gdp", "target"): ["2025"], ("jobs", "observed"): ["2021Q2"],
    }  # fmt: skip
    assert ledger.periods(upto=2) == {("gdp", "observed"): ["2021", "2022"]}
    assert ledger.periods(indicator="gdp") == {
        ("gdp", "observed"): ["2021", "2022", "2023"], ("gdp", "target"): ["2025"],
    }  # fmt: skip
    assert ledger.periods(indicator="gd") == {}
    assert ledger.held() == {("district", "gdp"), ("district", "jobs"), ("township/a", "gdp")}
    assert (ledger.held("target"), ledger.held(upto=0)) == ({("district", "gdp")}, set())
    assert sorted((one.place, one.period, one.value) for one in ledger.years("gdp")) == [
        ("district", "2021", 1.0), ("district", "2022", 2.0), ("district", "2023", 3.0), ("district", "2025", 9.0),
        ("township/a", "2021", 5.0),
    ]  # fmt: skip
    assert (ledger.years("jobs"), len(ledger.years(place="township/a")), len(ledger.years(upto=2))) == ([], 1, 2)
    ledger.append([Draft("jobs", "district", "2021Q2", None, after=1)], "甲")
    assert ("district", "jobs") not in ledger.held(), "taken back"
    ledger.append([Draft("jobs", "district", "2021Q2", 4.0, after=2)], "甲")
    assert len(ledger.everything()) == 6
    assert len(ledger.everything("jobs")) == 1
    assert ledger.newest([("gdp", "observed", "2021", "district"), ("gdp", "observed", "1999", "district")]).keys() == {
        ("gdp", "observed", "2021", "district")
    }


# ---- what cannot be undone, and what is noticed


def test_nothing_can_be_changed_or_removed(address: str) -> None:
    ledger = opened(address, PLAN, make=True)
    ledger.append(drafts(1.0, 2.0), "甲")
    for statement in ("UPDATE entry SET value = 5", "DELETE FROM entry WHERE seq = 2"):
        with pytest.raises(LedgerError) as error, ledger.keeping.writing() as view:
            view.ask(statement)
        assert error.value.key == "ledger.failed"
    assert [one.value for one in ledger.walked()] == [1.0, 2.0]


Tampering = Callable[[sqlite3.Connection], object]


@pytest.mark.parametrize(
    ("statement", "broken", "why"),
    [
        ("UPDATE entry SET value = 5 WHERE seq = 2", 2, "hash"),
        ("UPDATE entry SET author = '丙' WHERE seq = 3", 3, "hash"),
        ("DELETE FROM entry WHERE seq = 2", 3, "gap"),
        ("UPDATE entry SET seq = 9 WHERE seq = 4", 9, "gap"),
        ("UPDATE entry SET prev = 'x' WHERE seq = 4", 4, "prev"),
        ("DELETE FROM entry WHERE seq = 1", 2, "gap"),
    ],
)
def test_tampering_is_noticed(statement: str, broken: int, why: str, tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    opened(path, PLAN, make=True).append(drafts(1.0, 2.0, 3.0, 4.0), "甲")
    with sqlite3.connect(path) as database:
        database.executescript(f"DROP TRIGGER entry_no_update; DROP TRIGGER entry_no_delete; {statement};")
    proof = opened(path).verify()
    assert (proof.broken, proof.why) == (broken, why)
    done = CliRunner().invoke(main, ["ledger", "verify", str(path)])
    assert done.exit_code == 1
    assert f"第 {broken} 条" in done.stderr


def test_a_chain_written_anew_or_cut_off_is_told_by_a_hash_noted_before(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    noted = opened(path, PLAN, make=True).append(drafts(1.0, 2.0), "甲").state.head
    for args, code in (([], 0), (["--head", noted], 0), (["--head", "0" * 12], 1), (["--head", "%" * 12], 2)):
        assert CliRunner().invoke(main, ["ledger", "verify", str(path), *args]).exit_code == code, args
    with sqlite3.connect(path) as database:
        database.executescript("DROP TRIGGER entry_no_delete; DELETE FROM entry WHERE seq = 2;")
    assert opened(path).verify().broken is None  # the rest is whole …
    done = CliRunner().invoke(main, ["ledger", "verify", str(path), "--head", noted, "--json"])
    assert done.exit_code == 1  # … but not all of it is there
    assert json.loads(done.stdout)["known"] is False


def test_a_version_out_of_turn_is_noticed(tmp_path: Path) -> None:
    """Two entries whose hashes are right, but the correction stands before what it corrects."""
    path = tmp_path / "l.sqlite"
    ledger = opened(path, PLAN, make=True)
    entry = Entry(1, "gdp", "observed", "2021", "district", 2, 1.0, "", "", "", "", "甲", "T", 1, START)
    with pytest.raises(LedgerError) as error:
        ledger.take_over([replace(entry, hash=entry.digest())])
    assert (error.value.key, error.value.params["why"]) == ("ledger.broken", "version")
    assert ledger.state().count == 0


@pytest.mark.parametrize("kind", BOTH)
def test_a_kill_at_any_moment_loses_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Killed while it enters: the chain is whole, what was acknowledged is there, batches are whole."""
    address, count = str(tmp_path), int(os.environ.get("LEDGER_KILLS", KILLS[kind]))
    if kind == "postgres":
        address = database(request.getfixturevalue("postgresql"), "kills")
    program = [sys.executable, str(ROOT / "tests" / "ledger_kills.py"), address, str(count)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(program, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    told, there, _beyond = map(int, done.stdout.split())
    assert there >= told > 0


# ---- copied and moved


def filled(address: str, name: str = PLAN) -> tuple[Ledger, Receipt]:
    ledger = opened(address, name, make=True)
    ledger.append(drafts(1.0, 2.0, 3.0), "甲")
    return ledger, ledger.append([Draft("gdp", "district", "2022", 2.5, "亿元", note="=1+1", after=1)], "乙")


def test_from_file_to_database_and_back_with_equal_chains(postgresql: str, tmp_path: Path) -> None:
    source, receipt = filled(str(tmp_path / "a.sqlite"))
    there = opened(database(postgresql, "moved"), PLAN, make=True)
    assert moving.restore(source, there) == receipt.state
    back = opened(tmp_path / "b.sqlite", PLAN, make=True)
    assert moving.restore(there, back) == receipt.state
    assert list(source.walked()) == list(there.walked()) == list(back.walked())
    # It goes on there, and what is new comes over alone.
    more = there.append(drafts(7.0, first=2030), "丙")
    assert moving.restore(there, source) == more.state
    # Each went its own way: nothing is mixed.
    back.append(drafts(8.0, first=2040), "丁")
    for one, other in ((back, source), (source, back)):
        with pytest.raises(LedgerError) as error:
            moving.restore(one, other)
        assert (error.value.key, error.value.params["seq"]) == ("ledger.other_chain", 5)
    assert source.state() == more.state


def test_backup_while_others_write(address: str, tmp_path: Path) -> None:
    ledger, receipt = filled(address)
    stop, written = threading.Event(), []

    def write() -> None:
        mine, number = opened(address, PLAN), 0
        while not stop.is_set() or number < 3:
            written.append(mine.append([Draft("gdp", f"town/{number}", "2021", 1.0)], "丙").last)
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        state = moving.backup(ledger, tmp_path / "copy.sqlite")
    finally:
        stop.set()
        thread.join()
    assert receipt.last <= state.count <= written[-1]
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite"]
    copy = opened(tmp_path / "copy.sqlite")
    assert copy.plan == PLAN
    assert copy.verify().state == state
    assert list(copy.walked()) == list(ledger.walked())[: state.count]


def test_a_broken_ledger_is_not_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    filled(str(path))
    with sqlite3.connect(path) as database_:
        database_.executescript("DROP TRIGGER entry_no_update; UPDATE entry SET value = 9 WHERE seq = 1;")
    (tmp_path / "old.sqlite").write_bytes(b"the last good one")
    with pytest.raises(LedgerError, match="链不合"):
        moving.backup(opened(path), tmp_path / "old.sqlite")
    assert (tmp_path / "old.sqlite").read_bytes() == b"the last good one"


def test_exports_hold_the_history_and_no_formula(tmp_path: Path) -> None:
    ledger, receipt = filled(str(tmp_path / "l.sqlite"))
    assert moving.export(ledger.walked(), tmp_path / "a.csv") == 4
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == ["1", "2", "3", "2.5"]
    assert rows[3]["note"] == "'=1+1"
    assert rows[3]["hash"] == receipt.state.head
    moving.export(ledger.walked(), tmp_path / "a.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [Entry(**line) for line in lines] == list(ledger.walked())
    moving.export(ledger.everything(), tmp_path / "a.xlsx", current=True)
    sheet = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active.values)  # type: ignore[union-attr]
    assert sheet[0] == moving.CURRENT_COLUMNS
    assert [row[4] for row in sheet[1:]] == [1, 2.5, 3]
    with pytest.raises(LedgerError, match=r"a\.doc"):
        moving.export([], tmp_path / "a.doc")


# ---- what is no ledger, or another's


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("no database", "utf-8")
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE x (y)")
    (tmp_path / "empty.sqlite").write_bytes(b"")
    for name, key in (("text", "none"), ("other", "none"), ("empty", "none"), ("missing", "missing")):
        with pytest.raises(LedgerError) as error:
            opened(tmp_path / f"{name}.sqlite", PLAN)
        assert error.value.key == f"ledger.{key}", name
        assert str(tmp_path) in error.value.message("en")


def test_a_ledger_of_another_plan_is_refused(address: str, tmp_path: Path) -> None:
    filled(address)
    assert opened(address).plan == PLAN
    with pytest.raises(LedgerError) as error:
        opened(address, "other-plan")
    assert error.value.key in ("ledger.other_plan", "ledger.missing")
    with pytest.raises(LedgerError) as error:
        opened(tmp_path / "new.sqlite", "Not an id", make=True)
    assert error.value.key == "ledger.no_plan"


def test_a_folder_holds_a_ledger_for_each_plan(tmp_path: Path) -> None:
    opened(tmp_path, "a", make=True).append(drafts(1.0), "甲")
    opened(tmp_path, "b", make=True)
    assert (opened(tmp_path, "a").state().count, opened(tmp_path, "b").state().count) == (1, 0)
    assert sorted(path.name for path in tmp_path.glob("*.sqlite")) == ["a.sqlite", "b.sqlite"]


def test_a_database_that_cannot_be_reached_is_told_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerError) as error:
        opened("postgresql://me:secret@127.0.0.1:1/none?connect_timeout=2", PLAN)
    assert error.value.key == "ledger.failed"
    assert "secret" not in error.value.message("en")


def test_places_are_told(postgresql: str, tmp_path: Path) -> None:
    assert SqliteFile(tmp_path / "l.sqlite", PLAN, make=True).place.endswith("l.sqlite")
    assert PostgresSchema(database(postgresql, "told"), PLAN, make=True).place.endswith("/told")


# ---- the command


def test_the_command_lists_and_moves(tmp_path: Path) -> None:
    runner, path = CliRunner(), tmp_path / "l.sqlite"
    assert runner.invoke(main, ["ledger", "create", str(path), "--of", PLAN]).exit_code == 0
    filled(str(path))
    log = runner.invoke(main, ["ledger", "log", str(path), "--lang", "en"])
    assert log.exit_code == 0
    assert "correction (2)" in log.stdout.splitlines()[0]
    told = json.loads(runner.invoke(main, ["ledger", "log", str(path), "--json", "--author", "甲"]).stdout)
    assert [one["value"] for one in told] == [3.0, 2.0, 1.0]
    copy, new = tmp_path / "c.sqlite", tmp_path / "n.sqlite"
    assert runner.invoke(main, ["ledger", "backup", str(path), "-o", str(copy)]).exit_code == 0
    done = runner.invoke(main, ["ledger", "restore", str(copy), str(new), "--json"])
    assert json.loads(done.stdout)["head"] == opened(path).state().head
    assert (
        runner.invoke(main, ["ledger", "export", str(new), "-o", str(tmp_path / "o.csv"), "--current"]).exit_code == 0
    )
    assert runner.invoke(main, ["ledger", "verify"], env={"PLANMAP_LEDGER": ""}).exit_code == 2
    assert runner.invoke(main, ["ledger", "verify"], env={"PLANMAP_LEDGER": str(path)}).exit_code == 0
    assert runner.invoke(main, ["ledger", "verify", str(tmp_path / "gone.sqlite")]).exit_code == 1
