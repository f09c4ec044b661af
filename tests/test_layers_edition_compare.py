"""Editions compared: every kind of change, and two plans of one district."""

import copy
import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from shapely import affinity
from web_edition import figures_edition, make_edition

from layers.edition.compare import Difference, compare
from layers.edition.compare_words import lines
from layers.edition.file import Edition, write
from webmap.cli import main


def rows(edition: Edition, layer: str) -> list[str]:
    return list(edition.layers[layer]["id"])


def changed() -> Edition:
    """The tiny edition, with one change of each kind."""
    edition = make_edition()
    layers = edition.layers
    hub = layers["hubs"].index[0]
    # 0.001 degree of latitude at 30° N is 110.85 m on the ellipsoid (meridian arc a(1-e²)/(1-e²sin²φ)^1.5).
    layers["hubs"].loc[[hub], "geometry"] = [affinity.translate(layers["hubs"].geometry[hub], 0, 0.001)]
    layers["townships"].loc[0, "name"] = "新名街道"
    layers["townships"].loc[1, "status"] = "planned"
    layers["townships"].loc[2, "id"] = "township/new"
    layers["townships"].loc[2, "name"] = "另一个"
    observations = edition.observations.copy()
    observations.loc[0, "value"] = 1900.0
    meta = {**edition.meta, "hash": "cd" * 32}
    return make_edition(meta=meta, layers=layers, observations=observations)


def told(found: Difference) -> set[tuple[str, str, str]]:
    return {(one.what, one.id, one.field) for one in found.changes}


def test_the_same() -> None:
    found = compare(make_edition(), make_edition())
    assert found.changes == ()
    assert found.same == found.both == sum(len(frame) for frame in make_edition().layers.values())


def test_every_kind_of_change() -> None:
    old, new = make_edition(), changed()
    hub, townships = rows(old, "hubs")[0], rows(old, "townships")
    found = compare(old, new)
    assert told(found) == {
        ("added", "township/new", ""),
        ("removed", townships[2], ""),
        ("moved", hub, "geometry"),
        ("renamed", townships[0], "name"),
        ("changed", townships[1], "status"),
        ("figure", "t2-01", "baseline district"),
    }
    (moved,) = [one for one in found.changes if one.what == "moved"]
    assert moved.distance_m == pytest.approx(110.85, abs=0.1)
    (figure,) = [one for one in found.changes if one.what == "figure"]
    assert (figure.before, figure.after) == ("1828.47 (2020)", "1900 (2020)")
    assert found.counts() == {
        "added": 1, "removed": 1, "moved": 1, "renamed": 1, "changed": 1, "figure": 1, "verdict": 0,
    }  # fmt: skip
    assert found.both - found.same == 3
    backwards = compare(new, old)
    assert {(one.what, one.id) for one in backwards.changes} >= {("added", townships[2]), ("removed", "township/new")}


def test_two_plans_of_a_district_are_matched_by_code_name_and_alias() -> None:
    old, new = make_edition(), make_edition()
    meta = copy.deepcopy(dict(new.meta))
    meta["plan"]["id"] = "next-plan"
    for number, (fid, name, code, aliases) in enumerate(
        (("t/1", "长河", "330199001", ""), ("t/2", "乙街道", "", ""), ("t/3", "新丙镇", "", "丙镇"))
    ):
        new.layers["townships"].loc[number, ["id", "name", "code", "aliases"]] = [fid, name, code, aliases]
    old.layers["townships"].loc[0, "code"] = "330199001"
    names = list(old.layers["townships"]["name"])
    assert names[1:] == ["乙街道", "丙镇"]
    # A hub of the same name as a township is another thing.
    new.layers["hubs"].loc[0, ["id", "name"]] = ["hub/other", "乙街道"]
    found = compare(old, make_edition(meta=meta, layers=new.layers))
    how = {one.id: (one.earlier_id, one.matched) for one in found.changes if one.table == "townships"}
    olds = rows(old, "townships")
    assert how["t/1"] == (olds[0], "code")
    assert how["t/3"] == (olds[2], "alias")
    assert "t/2" not in how, "matched by name, and the same but for its id"
    assert {(one.what, one.id) for one in found.changes if one.table == "hubs"} == {
        ("added", "hub/other"), ("removed", rows(old, "hubs")[0]),
    }  # fmt: skip


def test_another_id_of_the_same_thing_is_no_change_of_what_refers_to_it() -> None:
    old, new = figures_edition(), figures_edition()
    meta = copy.deepcopy(dict(new.meta))
    meta["plan"]["id"] = "next-plan"
    for frame in new.layers.values():
        frame["id"] = frame["id"].replace({"township/a": "township/x", "zone/west": "zone/w"})
        frame["township"] = frame["township"].str.replace(r"\ba\b", "x", regex=True)
        frame["zone"] = frame["zone"].str.replace("west", "w")
    new.observations["place"] = new.observations["place"].replace({"township/a": "township/x", "zone/west": "zone/w"})
    claims = new.figures["claims"]
    claims["features"] = claims["features"].str.replace("township/a", "township/x").str.replace("zone/west", "zone/w")
    assert claims["features"].str.contains("/x|/w").any(), "something refers to them"
    later = make_edition(meta=meta, layers=new.layers, observations=new.observations, figures=new.figures)
    found = compare(old, later)
    assert {pair.id: pair.earlier_id for pair in found.pairs if pair.id != pair.earlier_id} == {
        "township/x": "township/a", "zone/w": "zone/west",
    }  # fmt: skip
    assert found.changes == ()
    at = later.observations["place"] == "township/x"
    later.observations.loc[later.observations.index[at][0], "value"] += 1
    (value,) = compare(old, later).changes
    (line,) = [one for one in lines(compare(old, later), old, later, "zh") if one.table == "observations"]
    assert value.field.endswith(" township/x")
    assert line.before not in {"", line.after}
    assert "township" not in line.field


def test_a_value_of_a_place_that_is_gone_is_told_with_its_name() -> None:
    old, new = make_edition(), make_edition()
    gone = new.layers["townships"]["id"].iloc[-1]
    new.layers["townships"] = new.layers["townships"].iloc[:-1]
    kept = new.observations[new.observations["place"] != gone]
    assert len(kept) < len(new.observations)
    later = make_edition(layers=new.layers, observations=kept)
    told = [one.field for one in lines(compare(old, later), old, later, "zh") if one.table == "observations"]
    assert told
    assert not [field for field in told if gone in field]


def test_between_two_plans_another_period_alone_is_no_change() -> None:
    old, new = make_edition(), make_edition()
    meta = copy.deepcopy(dict(new.meta))
    meta["plan"]["id"] = "next-plan"
    indicators, observations = new.indicators.copy(), new.observations.copy()
    indicators[["baseline_year", "target_year"]] += 5
    computed = observations["role"] == "computed"
    assert computed.sum() > 1
    observations.loc[computed, "year"] += 5
    later = make_edition(meta=meta, indicators=indicators, observations=observations)
    assert compare(old, later).changes == ()
    observations.loc[observations.index[computed][0], "value"] += 1
    (change,) = compare(old, make_edition(meta=meta, indicators=indicators, observations=observations)).changes
    assert change.field.startswith("computed ")
    assert change.before[-6:] != change.after[-6:], "the years are told"
    same_plan = compare(old, make_edition(indicators=indicators)).changes
    assert {one.field for one in same_plan} == {"baseline_year", "target_year"}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    paths = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    for edition, path in zip((make_edition(), changed()), paths, strict=True):
        write(edition, path)
    return str(paths[0]), str(paths[1])


def test_the_command(files: tuple[str, str], tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(main, ["diff", files[0], files[0]]).exit_code == 0
    shown = run(main, ["diff", *files])
    assert shown.exit_code == 1, shown.output
    assert "新增 1" in shown.output
    assert "相差 110.9 米" in shown.output or "相差 110.8 米" in shown.output
    given = json.loads(run(main, ["diff", *files, "--json"]).output)
    assert given["counts"]["moved"] == 1
    out = tmp_path / "out.csv"
    assert run(main, ["diff", *files, "-o", str(out)]).exit_code == 1
    table = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [row["what"] for row in table] == [one["what"] for one in given["changes"]]


def test_what_cannot_be_compared_is_told(files: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "no.gpkg").write_bytes(b"no")
    for wrong in ("no.gpkg", "missing.gpkg"):
        for pair in ((files[0], str(tmp_path / wrong)), (str(tmp_path / wrong), files[0])):
            found = CliRunner().invoke(main, ["diff", *pair, "--lang", "en"])
            assert found.exit_code == 2
            assert wrong in found.output
    assert CliRunner().invoke(main, ["diff", *files, "-o", str(tmp_path)]).exit_code == 2
