"""What a person decides of what was read: written as text, checked, remembered, taken back."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from cases import every
from reading_desk import SOURCE, copied, desk_of, item_of, make_folder, read_into, text_of, texts_of

from layers.build.check import examine
from layers.document import decided, deciding, renewing
from layers.document.clauses import Text, clauses
from layers.document.deciding import ACCEPTED, CHANGED, DRAFTED, MERGED, NEW, REFUSED, THERE, CheckError, Desk
from layers.document.fields import CHOICE, FIELDS, LIST, NUMBER, Field, shown, typed
from layers.document.proposed import FILE
from layers.document.source import read_document
from layers.folder import load
from layers.imports.texts import Texts
from layers.model.errors import ERROR, LayersError


def each(names: str, cases: dict[str, Any]) -> Any:
    return every(names, list(cases.values()), list(cases))


ROAD, RESORT = "岫宁高速公路", "高坪滑雪场"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("read"))


@pytest.fixture
def folder(fresh: Path, tmp_path: Path) -> Path:
    return copied(fresh, tmp_path / "data")


def accept(folder: Path, finding: str, table: str = "feature", *, position: bool = True, **values: object) -> str:
    desk = desk_of(folder)
    item = item_of(desk, finding, table)
    return desk.accept(item, values, position=position, seen=desk.standing(item).seen, by="wang")


def refuse(folder: Path, name: str, table: str = "feature") -> None:
    desk = desk_of(folder)
    item = item_of(desk, name, table)
    desk.refuse(item, seen=desk.standing(item).seen, by="wang")


def how(folder: Path, name: str, table: str = "feature") -> str:
    desk = desk_of(folder)
    return desk.standing(item_of(desk, name, table)).how


def errors(folder: Path) -> list[str]:
    found = examine(folder, folder.parent.parent).problems
    return [one.record_text() for one in found if one.severity == ERROR]


def written(words: str, place: Path) -> Text:
    (place / "plan.md").write_text(words, "utf-8")
    return clauses(read_document(place / "plan.md").blocks)


# ---- one by one


def test_all_that_was_read_waits_and_has_its_place_in_the_text(folder: Path) -> None:
    desk = desk_of(folder)
    assert {desk.standing(one).how for one in desk.session.items} == {DRAFTED}
    words = {one.id: one.text for one in desk.session.clauses}
    assert all(one.places for one in desk.session.items)
    named = [one for one in desk.session.items if one.table == "feature"]
    assert all(words[at.clause][at.start : at.end] in (one.name, *one.values.get("aliases", ())) for one in named
               for at in one.places[1:])  # fmt: skip
    counts = desk.progress()
    assert sum(count for count, _ in counts.values()) == len(desk.session.items)
    assert counts["2"][0] == counts["2"][1] > 10


def test_what_is_accepted_is_drawn_and_nothing_else(folder: Path) -> None:
    before = desk_of(folder).plan
    assert before.feature("expressway/xiu-ning-gao-su-gong-lu").geometry is None
    others = {one.id: one for one in before.features if one.name != ROAD}
    assert accept(folder, ROAD) == "expressway/xiu-ning-gao-su-gong-lu"
    after, _ = load.read(folder)
    road = after.feature("expressway/xiu-ning-gao-su-gong-lu")
    assert road.geometry == {"file": "imported/places.geojson", "where": {"name": ROAD}}
    assert (road.no_geometry, road.basis, road.accuracy_m) == ("", "schematic", 300.0)
    assert {one.id for one in after.features if one.geometry} - {one.id for one in others.values() if one.geometry} == {
        road.id
    }
    written = (folder / road.origin.file).read_text("utf-8")
    assert "\n# 1.1 “岫宁高速公路” 置信" in f"\n{written}"
    assert f'# geometry = {{ file = "imported/places.geojson", where = {{ name = "{ROAD}" }} }}' not in written
    assert how(folder, ROAD) == ACCEPTED
    assert errors(folder) == []


def test_a_correction_is_what_is_written(folder: Path) -> None:
    accept(folder, RESORT, position=False, name="高坪国际滑雪场", status="planned", lead_units=["县文旅局"])
    plan, _ = load.read(folder)
    found = next(one for one in plan.features if one.name == "高坪国际滑雪场")
    assert (found.status, found.lead_units, found.geometry) == ("planned", ("县文旅局",), None)
    assert found.no_geometry
    assert how(folder, RESORT) == ACCEPTED


def test_what_is_refused_goes_with_the_lines_above_it_and_its_neighbours_stay(folder: Path) -> None:
    file = "features/transport.toml"
    before = (folder / file).read_text("utf-8")
    names = [one["name"] for one in tomllib.loads(before)["feature"]]
    refuse(folder, ROAD)
    after = (folder / file).read_text("utf-8")
    assert [one["name"] for one in tomllib.loads(after)["feature"]] == [one for one in names if one != ROAD]
    # The record went as a block, from the first line of comment above it; not a byte of the rest is other.
    start = before.index("# 1.1 “" + ROAD)
    end = before.index("# ", before.index("no_geometry_en", start))
    assert after == before[:start] + before[end:]
    assert errors(folder) == []


def test_what_is_merged_gives_its_name_and_clauses(folder: Path) -> None:
    desk = desk_of(folder)
    one, other = item_of(desk, RESORT), item_of(desk, "岫江新城")
    desk.merge(one, str(other.values["id"]), seen=desk.standing(one).seen, by="wang")
    plan, _ = load.read(folder)
    found = plan.feature(str(other.values["id"]))
    assert RESORT in found.aliases
    assert set(found.cites) == {*other.values["cites"], *one.values["cites"]}
    assert not any(feature.name == RESORT for feature in plan.features)
    assert how(folder, RESORT) == MERGED


def test_targets_and_indicators_are_decided_alike(folder: Path) -> None:
    desk = desk_of(folder)
    target = next(one for one in desk.session.items if one.table == "target")
    desk.accept(target, {"value": 7, "year": 2025}, position=False, seen=desk.standing(target).seen, by="w")
    plan, _ = load.read(folder)
    found = next(one for one in plan.targets if one.id == target.values["id"])
    assert (found.value, found.year) == (7, 2025)
    accept(folder, "粮食综合生产能力", "indicator", target={"year": 2025, "low": 13.2, "high": 13.6})
    plan, _ = load.read(folder)
    grain = next(one for one in plan.indicators if one.name == "粮食综合生产能力")
    assert (grain.target.high, grain.baseline.value, grain.unit) == (13.6, 13.2, "万吨")
    assert errors(folder) == []


def test_undo_gives_every_byte_back(folder: Path) -> None:
    before = texts_of(folder)
    accept(folder, ROAD)
    one = texts_of(folder)
    refuse(folder, RESORT)
    assert deciding.undo(folder)["about"]["name"] == RESORT
    assert texts_of(folder) == one
    deciding.undo(folder)
    assert texts_of(folder) == before
    with pytest.raises(LayersError, match="没有"):
        deciding.undo(folder)


def test_undo_does_not_write_over_what_was_edited_since(folder: Path) -> None:
    accept(folder, ROAD)
    path = folder / "features" / "transport.toml"
    path.write_text(path.read_text("utf-8") + "# 手工\n", "utf-8")
    with pytest.raises(LayersError) as caught:
        deciding.undo(folder)
    assert caught.value.key == "import.edited_since"


# ---- others at the same time


def test_a_record_changed_meanwhile_is_not_written_over(folder: Path) -> None:
    desk = desk_of(folder)
    item = item_of(desk, ROAD)
    seen = desk.standing(item).seen
    path = folder / "features" / "transport.toml"
    path.write_text(path.read_text("utf-8").replace(f'\nname = "{ROAD}"', f'\nname = "{ROAD}"\nnote = "看过"'), "utf-8")
    # Somebody's note is none of the fields that are decided upon; a name is.
    desk_of(folder).accept(item, {}, position=True, seen=seen, by="w")
    deciding.undo(folder)
    path.write_text(path.read_text("utf-8").replace(f'\nname = "{ROAD}"', '\nname = "岫宁高速"'), "utf-8")
    again = desk_of(folder)
    with pytest.raises(LayersError) as caught:
        again.accept(again.item(item.id), {}, position=True, seen=seen, by="w")
    assert caught.value.key == "reading.changed"
    assert 'name = "岫宁高速"' in path.read_text("utf-8")


def test_a_file_saved_while_a_decision_is_thought_out_is_kept(folder: Path) -> None:
    desk = desk_of(folder)
    item = item_of(desk, ROAD)
    path = folder / "targets.toml"
    path.write_text(path.read_text("utf-8") + "\n# 手工\n", "utf-8")
    with pytest.raises(LayersError) as caught:
        desk.accept(item, {}, position=True, seen=desk.standing(item).seen, by="w")
    assert caught.value.key == "import.changed_meanwhile"
    assert path.read_text("utf-8").endswith("# 手工\n")
    assert how(folder, ROAD) == DRAFTED


@each("values", {
    "a clause that the plan does not have": {"cites": ["99.1"]},
    "no clause at all": {"cites": []},
    "a kind that nobody knows": {"kind": "spaceport"},
    "a lead unit that hides something": {"lead_units": ["县\u202e局"]},
})  # fmt: skip
def test_the_check_has_the_last_word(folder: Path, values: dict[str, object]) -> None:
    before = texts_of(folder)
    with pytest.raises(CheckError) as caught:
        accept(folder, ROAD, **values)
    for lang in ("zh", "en"):
        assert caught.value.message(lang)
        assert caught.value.remedy(lang)
    assert texts_of(folder) == before


def test_a_zone_that_others_stand_in_is_not_refused(folder: Path) -> None:
    before = texts_of(folder)
    with pytest.raises(CheckError):
        refuse(folder, "北部山地康养组团")
    assert texts_of(folder) == before


# ---- read again


def test_what_was_decided_is_not_asked_again(folder: Path) -> None:
    refuse(folder, ROAD)
    accept(folder, RESORT)
    made = read_into(folder)
    assert made.folder.name == f"{folder.name}.proposed"
    plan, _ = load.read(made.folder)
    assert not any(one.name == ROAD for one in plan.features)
    assert f"**{ROAD}**" not in (made.folder / "待定.md").read_text("utf-8")
    assert f"**{RESORT}**" not in (made.folder / "待定.md").read_text("utf-8")
    assert (how(folder, ROAD), how(folder, RESORT)) == (REFUSED, ACCEPTED)
    # What nobody has looked at waits still.
    assert how(folder, "岫江新城") == DRAFTED
    assert [one.name for one in made.changed.records if one.how == "new"] == []


def test_a_refusal_that_is_taken_back_is_asked_again_and_may_be_accepted(folder: Path) -> None:
    refuse(folder, ROAD)
    deciding.take_back(folder, ["feature:" + ROAD], "wang")
    assert decided.read(folder) == {}
    assert not (folder / "reading.toml").exists()
    assert how(folder, ROAD) == NEW
    accept(folder, ROAD)
    plan, _ = load.read(folder)
    assert plan.feature("expressway/xiu-ning-gao-su-gong-lu").geometry
    assert errors(folder) == []
    with pytest.raises(LayersError, match="没有关于"):
        deciding.take_back(folder, ["feature:" + ROAD + "x"], "wang")


def test_a_revised_text_shows_what_changed_and_asks_of_it(folder: Path) -> None:
    for name in ("岫江新城", RESORT):
        accept(folder, name)
    target = next(
        one for one in desk_of(folder).session.items if one.table == "target" and one.values.get("value") == 15
    )
    desk = desk_of(folder)
    desk.accept(target, {}, position=False, seen=desk.standing(target).seen, by="w")
    words = SOURCE.read_text("utf-8").replace("15平方公里", "18平方公里").replace(RESORT, "高坪冰雪小镇")
    read_into(folder, written(words, folder.parent))
    desk = desk_of(folder)
    fresh = next(one for one in desk.session.items if one.table == "target" and one.values.get("value") == 18)
    assert desk.standing(fresh).how == NEW or desk.standing(fresh).differ["value"] == (15, 18)
    assert RESORT in [name for _, _, name in desk.session.gone]
    changed = {one["id"]: one for one in desk.session.changed}
    assert "15平方公里" in changed["2.1.1"]["before"]
    assert str(target.values["id"]) in changed["2.1.1"]["touched"]
    words = next(one.text for one in desk.session.clauses if one.id == "2.1.1")
    pieces = list(renewing.differences(str(changed["2.1.1"]["before"]), words))
    assert ("del", "5") in pieces
    assert ("ins", "8") in pieces


def test_the_new_words_are_put_in_and_cited_clauses_stay(folder: Path) -> None:
    words = SOURCE.read_text("utf-8").replace("15平方公里", "18平方公里")
    head = words.index("第三节", words.index("第六章"))
    text = written(words[:head] + words[words.index("第七章") :], folder.parent)
    read_into(folder, text)
    desk = desk_of(folder)
    cited = {cite for one in desk.plan.features for cite in one.cites if cite.startswith("6.3")}
    left = renewing.renew(desk, "w")
    plan, _ = load.read(folder)
    assert ("6.3" in left) == bool(cited)
    assert "18平方公里" in plan.texts["2.1.1"]
    assert "6.3" not in plan.texts
    assert errors(folder) == []
    assert renewing.is_renewed(desk_of(folder))
    deciding.undo(folder)
    assert "15平方公里" in load.read(folder)[0].texts["2.1.1"]


def test_into_a_folder_of_a_person_what_is_new_comes_with_all_it_needs(folder: Path) -> None:
    """Its layer, its row of the gazetteer, its source: the folder has none of these yet."""
    for name in ("targets.toml", "imported/places.geojson", FILE):
        (folder / name).unlink()
    (folder / "indicators.toml").write_text("", "utf-8")
    (folder / "places.csv").write_text("name,lon,lat,datum,basis,accuracy_m,source\n", "utf-8")
    for path in (folder / "features").glob("*.toml"):
        if path.name not in ("townships.toml", "zones.toml"):
            path.unlink()
    plan = tomlkit.parse((folder / "plan.toml").read_text("utf-8"))
    kept = [one for one in plan["layer"] if {"township", "zone", "zone_part", "district"} & set(one["kinds"])]
    names = [one["id"] for one in kept]
    plan["layer"], plan["view"] = kept, [{**plan["view"][0], "layers": names}]
    plan["group"] = [one for one in plan["group"] if one["id"] in ("structure", "townships")]
    (folder / "plan.toml").write_text(tomlkit.dumps(plan), "utf-8")
    sources = tomlkit.parse((folder / "sources.toml").read_text("utf-8"))
    sources["source"] = [one for one in sources["source"] if one["name"] != "地名文件"]
    (folder / "sources.toml").write_text(tomlkit.dumps(sources), "utf-8")
    assert errors(folder) == []
    read_into(folder)
    assert {how(folder, ROAD), how(folder, RESORT)} == {NEW}
    accept(folder, ROAD)
    accept(folder, RESORT)
    assert errors(folder) == []
    after, _ = load.read(folder)
    assert {one.kind for one in after.features if one.name in (ROAD, RESORT) and one.geometry} == {
        "expressway",
        "tourism",
    }
    assert "地名文件" in {one.name for one in after.sources}
    assert [one.name for one in after.gazetteer.places] == [RESORT]


def test_a_folder_that_the_text_agrees_with_has_nothing_to_decide(folder: Path) -> None:
    (folder / FILE).unlink()
    read_into(folder)
    desk = desk_of(folder)
    assert {desk.standing(one).how for one in desk.session.items} <= {THERE, CHANGED}
    assert sum(desk.standing(one).how == THERE for one in desk.session.items) > 100


# ---- files that are no good


@each("words", {
    "no TOML": "[[decision",
    "a decision of no known kind": '[[decision]]\nfinding = "feature:a"\nhow = "maybe"\n',
    "a field of no known name": '[[decision]]\nfinding = "feature:a"\nhow = "refused"\nwhy = "x"\n',
    "a list of numbers": "decision = [1, 2]\n",
    "no finding": '[[decision]]\nhow = "refused"\n',
})  # fmt: skip
def test_a_broken_file_of_decisions_is_named(folder: Path, words: str) -> None:
    (folder / "reading.toml").write_text(words, "utf-8")
    with pytest.raises(LayersError) as caught:
        desk_of(folder)
    assert caught.value.key == "reading.decisions"
    with pytest.raises(LayersError, match=r"reading\.toml"):
        read_into(folder)


@each(
    "raw",
    {
        "cut off": b'{"version": 1, "it',
        "another version": b'{"version": 99}',
        "no object": b"[]",
        "nothing": b"",
    },
)
def test_a_broken_reading_is_named(folder: Path, raw: bytes) -> None:
    (folder / FILE).write_bytes(raw)
    with pytest.raises(LayersError) as caught:
        desk_of(folder)
    assert caught.value.key == "reading.unreadable"


def test_a_folder_that_was_not_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(LayersError) as caught:
        Desk(tmp_path, tmp_path)
    assert caught.value.key == "reading.nothing"


# ---- fields, and records in their files


def test_fields_are_read_as_they_are_shown() -> None:
    values = {"name": "甲", "value": 1234.5, "unit": "亿元", "year": 2025, "domain": "经济", "cites": ["1.1", "表2-3"],
              "measure": "level"}  # fmt: skip
    given = {one.name: shown(one, values) for one in FIELDS["target"]}
    assert given["value"] == "1234.5"
    found = typed("target", given, {}, str)
    assert {name: value for name, value in found.items() if value is not None} == values
    assert typed("feature", {"aliases": "乙； 丙、乙"}, {}, str) == {"aliases": ["乙", "丙"]}


@each("table, field, said", {
    "words for a number": ("target", "value", "很多"),
    "infinity": ("target", "value", "inf"),
    "no number": ("target", "value", "nan"),
    "a year of long ago": ("target", "year", "221"),
    "a year in words": ("target", "year", "二〇二五"),
    "a comparator of nobody's": ("target", "comparator", "≥"),
    "an empty name": ("feature", "name", "  "),
    "a control character": ("feature", "name", "甲\u0007"),
    "far too long": ("feature", "aliases", "甲" * 3000),
})  # fmt: skip
def test_what_cannot_be_is_refused_with_what_could(table: str, field: str, said: str) -> None:
    with pytest.raises(LayersError) as caught:
        typed(table, {field: said}, {}, str)
    assert caught.value.key in ("reading.field", "reading.needed")
    assert field in caught.value.message("zh")


def test_field_forms_are_told_apart() -> None:
    assert shown(Field("a", LIST), {"a": ()}) == ""
    assert shown(Field("a.b", NUMBER), {"a": None}) == ""
    assert typed("feature", {"status": ""}, {"status": ("planned",)}, str) == {"status": None}
    assert {one.form for one in FIELDS["indicator"]} >= {CHOICE, NUMBER, LIST}


HAND = """# 头

# 甲的说明
[[feature]]
id = "a"  # 行尾
name = "甲"

# 乙的说明
# 第二行
[[feature]]
id = "b"
name = "乙"
geometry = { points = [
  [1, 2],
] }

[feature.known]
inside = "x"

# 丙的说明
[[feature]]
id = "c"
name = "丙 [[feature]]"
"""


@each("record, gone, stays", {
    "the first": ("a", "# 甲的说明", "# 乙的说明"),
    "one with a table inside": ("b", "# 第二行", "# 丙的说明"),
    "the last": ("c", "# 丙的说明", "# 头"),
})  # fmt: skip
def test_a_record_is_taken_out_with_its_own_comments(tmp_path: Path, record: str, gone: str, stays: str) -> None:
    (tmp_path / "f.toml").write_text(HAND, "utf-8")
    texts = Texts(tmp_path)
    texts.take_out("f.toml", record)
    after = texts.changed()["f.toml"].decode()
    assert gone not in after
    assert stays in after
    assert [one["id"] for one in tomllib.loads(after)["feature"]] == [one for one in "abc" if one != record]


def test_comments_of_one_kind_are_taken_away_and_the_only_record_too(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text('# 头\n\n# 1.1\n# geometry = 1\n[[feature]]\nid = "a"\n', "utf-8")
    texts = Texts(tmp_path)
    texts.uncomment("f.toml", "a", ("# geometry =",))
    assert texts.changed()["f.toml"].decode() == '# 头\n\n# 1.1\n[[feature]]\nid = "a"\n'
    texts.take_out("f.toml", "a")
    assert tomllib.loads(texts.changed()["f.toml"].decode()) == {}
    assert texts.changed()["f.toml"].decode().startswith("# 头")


def test_the_text_is_the_same_text() -> None:
    assert len(text_of().clauses) == 53
