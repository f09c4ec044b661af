"""Reading plan folders: what the records become, and what stands in for them when they are not sound."""

import dataclasses
import math
import shutil
from pathlib import Path

import pytest
from tiny_folder import append, edit

from layers.build.check import check
from layers.folder import load as plans
from layers.folder import reading
from layers.folder.reading import did_you_mean
from layers.model.errors import ERROR, WARNING, PlanError


def test_a_sound_folder(tiny_plan: Path) -> None:
    plan = plans.load(tiny_plan)
    assert (plan.id, plan.base_year, plan.target_year, plan.as_of) == ("tiny-15fyp", 2025, 2030, 2026)
    assert plan.district == plans.District("试县", "Shi County", "990101")
    assert [layer.id for layer in plan.layers][:3] == ["zones", "zone_parts", "townships"]
    assert len(plan.features) == 18
    assert plan.outline == {"3.1": 4, "3.2": 0, "专栏1": 3, "表1": 2}
    assert [one.id for one in plan.indicators] == ["t1-01", "t1-02"]
    assert plan.indicators[1].target == plans.Value(2030, text="省市下达指标")
    assert plan.warnings == ()
    assert plan.kinds["canal"].cited is False
    assert plan.kinds["pole"].cited is True


def test_a_feature_keeps_everything_and_where_it_was_read(tiny_plan: Path) -> None:
    plan = plans.load(tiny_plan)
    line = plan.feature("line/1")
    assert line is not None
    assert (line.name, line.name_en, line.kind, line.status) == ("1号线", "Line 1", "metro_line", "operating")
    assert line.cites == ("专栏1-2", "3.2")
    assert line.lead_units == ("交通局", "轨道公司")
    assert line.known == plans.Known(crosses=("township/a", "township/b"), ends=("place/西站", "outside"))
    assert line.accuracy_m is None
    assert line.slug == "1"
    text = (tiny_plan / "features" / "more.toml").read_text(encoding="utf-8").splitlines()
    assert line.origin.file == "features/more.toml"
    assert line.origin.record == "line/1"
    assert line.origin.line is not None
    assert text[line.origin.line - 1 : line.origin.line + 1] == ["[[feature]]", 'id = "line/1"']


def test_places_are_found_by_name_and_alias(tiny_plan: Path) -> None:
    gazetteer = plans.load(tiny_plan).gazetteer
    west = gazetteer.find("西站")
    assert west is not None
    assert gazetteer.find("火车西站") is west
    assert (west.lon, west.lat, west.accuracy_m, west.basis, west.sources) == (104.05, 30.75, 50.0, "osm", ("自测",))
    assert west.origin.line == 2
    assert gazetteer.find("北站") is None
    assert did_you_mean("西站台", gazetteer.words) == "西站"


def test_shifted_coordinates_are_shifted_back(tiny_plan: Path) -> None:
    edit(tiny_plan, "places.csv", "104.15,30.65,wgs84", "104.15,30.65,gcj02")
    place = plans.load(tiny_plan).gazetteer.find("南村")
    assert place is not None
    # GCJ-02 lies 300 to 700 m from WGS 84 everywhere in China, to the south-east around here.
    metres = math.hypot((place.lon - 104.15) * math.cos(math.radians(30.65)), place.lat - 30.65) * 111_320
    assert 300 < metres < 700
    assert place.datum == "gcj02"


def test_records_are_frozen(tiny_plan: Path) -> None:
    plan = plans.load(tiny_plan)
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.features[0].name = "x"  # type: ignore[misc]
    assert not hasattr(plan.features[0], "__dict__")


def test_the_plans_own_kind_takes_the_place_of_the_shared_one(tiny_plan: Path) -> None:
    (tiny_plan / "kinds.toml").write_text(
        '[[kind]]\nid = "pole"\nname = "极"\nname_en = "Pole"\ngeometry = "point"\n'
        'symbol = { shape = "star", size = 9, fill = "#123456" }\n'
        '[[kind]]\nid = "well"\nname = "井"\nname_en = "Well"\ngeometry = "point"\n'
        'symbol = { size = 5, fill = "#123456" }\n',
        encoding="utf-8",
    )
    plan, problems = plans.read(tiny_plan)
    assert plan is not None
    assert problems == []
    assert plan.kinds["pole"].name == "极"
    assert plan.kinds["pole"].geometry == "point"
    assert list(plan.kinds)[-1] == "well"
    assert plan.kinds["zone"].name == "片区"


def test_all_problems_are_raised_together(tiny_plan: Path) -> None:
    edit(tiny_plan, "places.csv", "西站,West Station,老西站;火车西站,104.05", "西站,West Station,老西站;火车西站,abc")
    edit(tiny_plan, "features/more.toml", 'status = "planned"\nzone', 'status = "plannd"\nzone')
    edit(tiny_plan, "indicators.toml", "value = 92.5", "value = 192.5")
    edit(tiny_plan, "plan.toml", 'fit = "district"', 'fit = "distrikt"')
    with pytest.raises(PlanError) as caught:
        plans.load(tiny_plan)
    found = {(problem.file, problem.field, problem.key) for problem in caught.value.problems}
    assert found == {
        ("places.csv", "lon", "field.number"),
        ("features/more.toml", "status", "field.choice"),
        ("indicators.toml", "baseline", "indicator.percent"),
        ("plan.toml", "fit", "reference.unknown"),
    }
    assert "4" in caught.value.message("zh")
    assert "planmap check" in caught.value.remedy("en")


def test_what_refers_to_an_unsound_record_is_not_reported_again(tiny_plan: Path) -> None:
    edit(tiny_plan, "features/base.toml", 'name_en = "Jia"\nkind = "township"', 'name_en = "Jia"\nkind = "townshipp"')
    _, problems = plans.read(tiny_plan)
    assert [(problem.record, problem.field, problem.key) for problem in problems] == [
        ("township/a", "kind", "kind.unknown")
    ]
    assert problems[0].params["guess"] == "township"
    assert "township" in problems[0].remedy("zh")


def test_a_byte_order_mark_is_accepted(tiny_plan: Path) -> None:
    for name in ("plan.toml", "places.csv", "features/more.toml"):
        path = tiny_plan / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(plans.load(tiny_plan).features) == 18


@pytest.mark.parametrize(
    ("name", "encoding", "said"),
    [("places.csv", "gbk", "GBK"), ("sources.toml", "gbk", "GBK"), ("outline.toml", "utf-16", "UTF-16")],
)
def test_other_encodings_are_named(tiny_plan: Path, name: str, encoding: str, said: str) -> None:
    path = tiny_plan / name
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    _, problems = plans.read(tiny_plan)
    problem = next(problem for problem in problems if problem.file == name)
    assert problem.key == "file.encoding"
    assert said in problem.text("zh")
    assert "UTF-8" in problem.remedy("en")


def test_broken_toml_has_its_line(tiny_plan: Path) -> None:
    path = tiny_plan / "features" / "more.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[3] == 'name = "1号线"'
    lines[3] = 'name = "1号线'
    path.write_text("\n".join(lines), encoding="utf-8")
    _, problems = plans.read(tiny_plan)
    problem = next(problem for problem in problems if problem.file == "features/more.toml")
    assert (problem.key, problem.line) == ("toml.syntax", 4)
    assert "第 4 行" in problem.text("zh")
    assert "line 4" in problem.text("en").lower()


@pytest.mark.parametrize("name", ["plan.toml", "outline.toml", "sources.toml", "places.csv", "indicators.toml"])
def test_a_missing_file_is_named(tiny_plan: Path, name: str) -> None:
    (tiny_plan / name).unlink()
    _, problems = plans.read(tiny_plan)
    key = "plan.missing" if name == "plan.toml" else "file.missing"
    found = [(problem.key, problem.file) for problem in problems]
    assert (key, name) in found
    assert name == "plan.toml" or len(found) == 1, "what follows from it is no news"


def test_a_folder_that_stands_alone_has_the_program_s_tables(tiny_plan: Path, tmp_path: Path) -> None:
    whole = plans.load(tiny_plan)
    alone = tmp_path / "elsewhere" / "folder"
    shutil.copytree(tiny_plan, alone)
    shutil.copytree(tiny_plan.parent.parent / "boundaries", alone / "boundaries")
    plan = plans.load(alone)
    assert [kind.record for kind in plan.kinds.values()] == [kind.record for kind in whole.kinds.values()]
    assert (list(plan.statuses), list(plan.bases), plan.ramps) == (
        list(whole.statuses), list(whole.bases), whole.ramps
    )  # fmt: skip
    assert [one.id for one in plan.computed_indicators] == [one.id for one in whole.computed_indicators]
    # its arcs lie beside its own files, and no data folder is needed
    assert [one.key for one in check(alone)] == [one.key for one in check(tiny_plan)]


def test_a_data_folder_may_bring_tables_of_its_own(tiny_plan: Path) -> None:
    file = tiny_plan.parent.parent / "computed_indicators.toml"
    own = "[[indicator]]" + file.read_text(encoding="utf-8").split("[[indicator]]")[1]
    file.write_text(own, encoding="utf-8")
    assert len(plans.load(tiny_plan).computed_indicators) == 1


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        plans.load(tmp_path / "nowhere")
    assert [problem.key for problem in caught.value.problems] == ["folder.missing"]


def test_files_have_a_size_limit(tiny_plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (reading.TOML_BYTES, reading.CSV_BYTES) == (5_000_000, 20_000_000)
    monkeypatch.setattr(reading, "TOML_BYTES", 1_000)
    monkeypatch.setattr(reading, "CSV_BYTES", 100)
    _, problems = plans.read(tiny_plan)
    large = {problem.file for problem in problems if problem.key == "file.too_large"}
    assert {"features/base.toml", "places.csv"} <= large
    assert "sources.toml" not in large


def test_deeply_nested_toml_is_a_problem_not_a_crash(tiny_plan: Path) -> None:
    append(tiny_plan, "features/more.toml", "[[feature]]\nid = " + "[" * 20_000 + "]" * 20_000)
    _, problems = plans.read(tiny_plan)
    assert any(problem.file == "features/more.toml" and problem.key.startswith("toml.") for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "key", "field"),
    [
        ("name,name_en,", "name,nam_en,", "csv.unknown_column", "nam_en"),
        (",basis,township,source", ",basis,township,origin", "csv.missing_column", "source"),
        ("东站,East Station,,104.18", "东站,East Station,104.18", "csv.cells", ""),
        ("wgs84,50,osm,,自测", "wgs48,50,osm,,自测", "place.datum", "datum"),
        ("wgs84,50,osm,,自测", "wgs84,-5,osm,,自测", "field.range", "accuracy_m"),
        ("wgs84,50,osm,,自测", "wgs84,50,osn,,自测", "feature.unknown_basis", "basis"),
        ("wgs84,50,osm,,自测", "wgs84,50,osm,,测绘", "source.unknown", "source"),
        ("wgs84,50,osm,,自测", "wgs84,50,osm,,", "place.no_source", "source"),
        ("104.25,30.75", "104.25,nan", "field.range", "lat"),
        ("104.25,30.75", "204.25,30.75", "field.range", "lon"),
        ("Neighbour Station,,", "Neighbour Station,东站,", "place.twice", "aliases"),
        ("\n邻站,", "\n中站,", "place.twice", "name"),
        ("Neighbour Station", '"Neighbour ""Station', "csv.syntax", ""),
    ],
)
def test_rows_of_the_gazetteer(tiny_plan: Path, old: str, new: str, key: str, field: str) -> None:
    edit(tiny_plan, "places.csv", old, new)
    _, problems = plans.read(tiny_plan)
    found = [(problem.key, problem.field) for problem in problems if problem.file == "places.csv"]
    assert (key, field) in found
    assert all(
        problem.line
        for problem in problems
        if problem.file == "places.csv" and problem.key == key and field != "source"
    )


def test_a_missing_english_name_is_a_warning(tiny_plan: Path) -> None:
    edit(tiny_plan, "features/more.toml", 'name_en = "Line 2"\n', "")
    plan = plans.load(tiny_plan)
    assert [(problem.key, problem.severity, problem.record) for problem in plan.warnings] == [
        ("field.no_english", WARNING, "line/2")
    ]
    line = plan.feature("line/2")
    assert line is not None
    assert line.name_en == "2号线"


def test_what_the_plan_says_of_itself(tiny_plan: Path) -> None:
    assert plans.load(tiny_plan).district.official_area_km2 is None
    district = 'district = { name = "试县", name_en = "Shi County", code = "990101" }'
    more = district.replace(" }", ', official_area_km2 = 425.5, official_area_source = "公报" }')
    edit(tiny_plan, "plan.toml", district, f'{more}\nindicators_note = "不含飞地"')
    plan = plans.load(tiny_plan)
    assert (plan.district.official_area_km2, plan.district.official_area_source) == (425.5, "公报")
    assert plan.indicators_note == "不含飞地"
    edit(tiny_plan, "plan.toml", ', official_area_source = "公报"', "")
    assert [(one.key, one.field) for one in plans.read(tiny_plan)[1]] == [("field.missing", "official_area_source")]


def test_a_lead_unit_without_english_name_is_a_warning(tiny_plan: Path) -> None:
    edit(tiny_plan, "plan.toml", "as_of = 2026\n", 'as_of = 2026\nlead_units = { "交通局" = "Transport Bureau" }\n')
    plan = plans.load(tiny_plan)
    assert plan.lead_units == {"交通局": "Transport Bureau"}
    found = {(problem.key, problem.severity, problem.params["name"]) for problem in plan.warnings}
    assert ("lead_unit.no_english", WARNING, "轨道公司") in found
    assert "交通局" not in {name for _, _, name in found}
    edit(tiny_plan, "plan.toml", '"Transport Bureau"', "3")
    assert "field.type" in {problem.key for problem in plans.read(tiny_plan)[1]}


def test_errors_travel_between_processes(tiny_plan: Path) -> None:
    import pickle

    (tiny_plan / "plan.toml").unlink()
    with pytest.raises(PlanError) as caught:
        plans.load(tiny_plan)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 (our own bytes)
    assert again.problems == caught.value.problems
    assert again.message("en") == caught.value.message("en")
    assert all(problem.severity == ERROR for problem in again.problems)
