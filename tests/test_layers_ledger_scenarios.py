"""Scenarios beside the ledger: a chain that only grows, in a file and in a database, copied and moved with it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_layers_ledger_book import BOTH, PLAN, database

from layers.ledger import moving
from layers.ledger.book import ConflictError, Draft, Ledger, LedgerError, opened
from layers.ledger.scenarios import MOST_NAMES, Scenarios
from webmap.cli import main

ABOUT = {"indicator": "gdp", "level": "township", "period": "2030"}


@pytest.fixture(params=BOTH)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    name = request.node.name.replace("[", "_").replace("]", "")
    place = str(tmp_path / "l.sqlite")
    if request.param != "sqlite":
        place = database(request.getfixturevalue("postgresql"), name)
    return opened(place, PLAN, make=True)


def test_versions_follow_each_other_and_stay(ledger: Ledger) -> None:
    kept = Scenarios(ledger.keeping)
    assert (kept.current(), kept.state().count, kept.history(), kept.verify().broken) == ([], 0, [], None)
    first = kept.save("按面积", '{"a": 1}', "甲", **ABOUT)
    other = kept.save("等速", '{"b": 1}', "乙", **ABOUT)
    second = kept.save("按面积", '{"a": 2}', "乙", **ABOUT, after=1)
    assert [one.code for one in (first, other, second)] == ["s1", "s2", "s1"]
    assert [(one.name, one.version, one.body) for one in kept.current()] == [
        ("按面积", 2, '{"a": 2}'), ("等速", 1, '{"b": 1}'),
    ]  # fmt: skip
    assert [one.body for one in kept.history("按面积")] == ['{"a": 1}', '{"a": 2}']
    # What was there at an earlier state is there for ever.
    assert [one.body for one in kept.current(upto=1)] == ['{"a": 1}']
    assert kept.find("s1").author == kept.find("按面积").author == "乙"
    assert kept.verify().state == kept.state()
    assert kept.state().count == 3
    assert ledger.state().count == 0, "no scenario is an entry"


def test_two_at_once_and_what_is_withdrawn(ledger: Ledger) -> None:
    kept = Scenarios(ledger.keeping)
    kept.save("甲", "{}", "a", **ABOUT)
    for after in (0, 2):
        with pytest.raises(ConflictError) as caught:
            kept.save("甲", "{}", "b", **ABOUT, after=after)
        assert caught.value.key == "decomposition.conflict"
    kept.save("甲", "", "a", **ABOUT, after=1)
    assert kept.current() == []
    with pytest.raises(LedgerError):
        kept.find("甲")
    assert kept.version("甲") == 2
    assert kept.save("甲", "{}", "a", **ABOUT, after=2).version == 3
    for name in ("", " ", "长" * 61, "a\x00b", "a\nb"):
        with pytest.raises(LedgerError):
            kept.save(name, "{}", "a", **ABOUT)
    assert kept.state().count == 3


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    kept = Scenarios(opened(path, PLAN, make=True).keeping)
    head = kept.save("甲", "{}", "a", **ABOUT).hash
    for wanted, code in ((head, 0), (head[:12], 0), ("0" * 12, 1)):
        assert CliRunner().invoke(main, ["ledger", "verify", str(path), "--head", wanted]).exit_code == code
    with sqlite3.connect(path) as raw:
        for statement in ("UPDATE scenario SET body = 'x'", "DELETE FROM scenario"):
            with pytest.raises(sqlite3.Error, match="stay"):
                raw.execute(statement)
        raw.execute("DROP TRIGGER scenario_no_update")
        raw.execute("UPDATE scenario SET body = 'x'")
    assert (kept.verify().broken, kept.verify().why) == (1, "hash")
    done = CliRunner().invoke(main, ["ledger", "verify", str(path), "--lang", "en"])
    assert (done.exit_code, "broken at version 1" in done.stderr) == (1, True), "the entries are whole, these are not"
    with pytest.raises(LedgerError, match=r"l\.sqlite"):
        moving.backup(opened(path), tmp_path / "b.sqlite")
    assert not (tmp_path / "b.sqlite").exists()


def test_copied_and_moved_with_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([Draft("gdp", "district", "2026", 1.0)], "a")
    kept = Scenarios(ledger.keeping)
    kept.save("甲", '{"值": 1}', "a", **ABOUT)
    moving.backup(ledger, tmp_path / "b.sqlite")
    copy = opened(tmp_path / "b.sqlite")
    assert Scenarios(copy.keeping).history() == kept.history()
    target = opened(tmp_path / "t.sqlite", PLAN, make=True)
    moving.restore(copy, target)
    assert Scenarios(target.keeping).state() == kept.state()
    kept.save("乙", "{}", "a", **ABOUT)
    moving.restore(ledger, target)
    assert Scenarios(target.keeping).history() == kept.history()
    # A target that went another way is left alone, its entries too.
    Scenarios(target.keeping).save("丙", "{}", "b", **ABOUT)
    kept.save("丁", "{}", "a", **ABOUT)
    ledger.append([Draft("gdp", "district", "2027", 2.0)], "a")
    with pytest.raises(LedgerError) as caught:
        moving.restore(ledger, target)
    assert (caught.value.key, caught.value.params["seq"]) == ("ledger.other_scenarios", 3)
    assert (target.state().count, Scenarios(target.keeping).state().count) == (1, 3)


def test_from_file_to_database_and_back_with_equal_chains(postgresql: str, tmp_path: Path) -> None:
    source = opened(tmp_path / "a.sqlite", PLAN, make=True)
    source.append([Draft("gdp", "district", "2026", 1.0)], "a")
    kept = Scenarios(source.keeping)
    kept.save("甲", '{"值": 0.1}', "a", **ABOUT)
    kept.save("甲", "", "b", **ABOUT, after=1)
    between = database(postgresql, "scenarios_moved")
    middle = opened(between, PLAN, make=True)
    back = opened(tmp_path / "b.sqlite", PLAN, make=True)
    assert moving.restore(source, middle) == moving.restore(middle, back) == source.state()
    assert kept.history() == Scenarios(middle.keeping).history() == Scenarios(back.keeping).history()
    moving.backup(middle, tmp_path / "c.sqlite")
    for place in (tmp_path / "a.sqlite", between, tmp_path / "b.sqlite", tmp_path / "c.sqlite"):
        told = json.loads(CliRunner().invoke(main, ["ledger", "verify", str(place), "--json"]).stdout)
        assert told["scenarios"] == {"count": 2, "head": kept.state().head, "broken": None, "why": ""}
        assert (told["count"], told["head"]) == (1, source.state().head)


def test_names_have_an_end(tmp_path: Path) -> None:
    kept = Scenarios(opened(tmp_path / "l.sqlite", PLAN, make=True).keeping)
    with kept.keeping.writing() as view:
        view.make_scenarios()
        for seq in range(1, MOST_NAMES + 1):
            cells = (seq, f"n{seq}", 1, "", "", "", "{}", "", "", str(seq), f"h{seq}")
            view.ask(f"INSERT INTO scenario VALUES ({', '.join('?' * 11)})", cells)
    with pytest.raises(LedgerError) as caught:
        kept.save("新", "{}", "a", **ABOUT)
    assert caught.value.key == "decomposition.full"
    assert kept.save("n1", "{}", "a", **ABOUT, after=1).version == 2
