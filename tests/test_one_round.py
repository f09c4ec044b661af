# ruff: noqa: E501 (a table of faults reads best with one fault a line)
"""``planmap check`` lists everything at once: what is wrong in forty places is told in forty places, in one round."""

from pathlib import Path

import pytest
import test_second_district as county
from cases import every

from layers.build import check as checks
from layers.model.errors import ERROR, WARNING

TOWNS, STRUCTURE, PLAN = "features/townships.toml", "features/structure.toml", "plan.toml"

FAULTS = [
    # file, what stands there, what is written instead, record, field
    (PLAN, "base_year = 2025", "base_year = 25", "", "base_year"),
    (PLAN, "as_of = 2026\n", "", "", "as_of"),
    (PLAN, 'title = "望舒县国民', 'titel = "x"\ntitle = "望舒县国民', "", "titel"),
    (PLAN, 'code = "990199"', "code = 990199", "", "code"),
    (PLAN, 'name = "县域"\n', "", "base", "name"),
    (PLAN, "order = 200\n", "", "townships", "order"),
    (PLAN, 'kinds = ["tea_garden"]\norder = 250', 'kinds = ["tea_garden"]\norder = "250"', "tea", "order"),
    (PLAN, "order = 400\nshow = true", "order = 400\nshow = 1", "expressways", "show"),
    (PLAN, 'name = "全县"', "name = 7", "all", "name"),
    (PLAN, 'fit = "district"', 'fit = "distrct"', "all", "fit"),
    ("kinds.toml", 'geometry = "polygon"', 'geometry = "polygone"', "tea_garden", "geometry"),
    ("outline.toml", '"2.1" = 0', '"2.1" = -1', "2.1", ""),
    ("sources.toml", 'title = "望舒县第十五个五年规划纲要"\n', "", "规划纲要", "title"),
    ("places.csv", "wgs84,50", "wgs84,much", "place/茶王树", "accuracy_m"),
    ("places.csv", "gcj02,100,schematic", "gcj02,100,schematik", "place/白鹭塘", "basis"),
    (TOWNS, 'name = "松岭镇"\n', "name = 3\n", "township/songling", "name"),
    (TOWNS, 'name_en = "Baixi"', "name_en = []", "township/baixi", "name_en"),
    (TOWNS, 'zone = ["north", "south"]', 'zone = ["north", "sout"]', "township/baixi", "zone"),
    (TOWNS, 'unit = "柏溪镇"', 'unit = "柏溪"', "township/baixi", "geometry"),
    (TOWNS, 'name = "茶坪镇"\nname_en = "Chaping"', 'nam = "茶坪镇"\nname = "茶坪镇"\nname_en = "Chaping"', "township/chaping", "nam"),
    (STRUCTURE, 'id = "zone_part/baixi-north"', 'code = 5\nid = "zone_part/baixi-north"', "zone_part/baixi-north", "code"),
    (STRUCTURE, 'status = "building"', 'status = "bilding"', "expressway/chalu", "status"),
    (STRUCTURE, 'cites = ["2.1"]', 'cites = ["2.9"]', "expressway/chalu", "cites"),
    (STRUCTURE, 'crosses = ["township/chaping", "township/bailu"]', 'crosses = ["township/songlin"]', "expressway/chalu", "known.crosses"),
    (STRUCTURE, 'clip = "district" }', 'clip = "distrikt" }', "expressway/chalu", "geometry"),
    (STRUCTURE, 'kind = "tea_garden"\ncites = ["1.1.3"]', 'kind = "tea_garden"\ncolor = "red"\ncites = ["1.1.3"]', "tea_garden/old-tree", "color"),
    (STRUCTURE, "distance_m = 2000", "distance_m = 2000, sid = 1", "tea_garden/old-tree", "geometry"),
    (STRUCTURE, "distance_m = 500", "distance_m = -500", "tea_garden/pond", "geometry"),
    (STRUCTURE, 'name_en = "Pond tea garden"', 'name_en = "Pond tea garden"\nlead_units = "县农业局"', "tea_garden/pond", "lead_units"),
    ("indicators.toml", 'unit = "吨"\n', "", "t1-01", "unit"),
    ("indicators.toml", 'property = "expected"', 'property = "hoped"', "t1-01", "property"),
    ("indicators.toml", "value = 1800", "value = -1800", "t1-01", "target"),
    ("indicators.toml", 'cites = ["表1-1"]', 'cites = ["表1-7"]', "t1-01", "cites"),
    ("indicators.toml", 'better = "higher"', 'better = "more"', "t1-01", "better"),
]  # fmt: skip


WORKBOOK = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xb5\x9d\xff[Content_Types].xml\x9c\x81\xe8\xff"
"""How an Excel workbook begins."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plan = tmp_path / "data" / "plans" / "wangshu-15fyp"
    texts = {
        plan / PLAN: county.PLAN, plan / "kinds.toml": county.KINDS, plan / "outline.toml": county.OUTLINE,
        plan / "sources.toml": county.SOURCES, plan / "places.csv": county.PLACES, plan / TOWNS: county.TOWNSHIPS,
        plan / STRUCTURE: county.STRUCTURE, plan / "indicators.toml": county.INDICATORS,
        tmp_path / "data" / "boundaries" / "wangshu.csv": county.ARCS,
    }  # fmt: skip
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return plan


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_everything_is_told_in_one_round(folder: Path) -> None:
    assert [problem.key for problem in checks.check(folder)] == []
    for file, old, new, _, _ in FAULTS:
        edit(folder, file, old, new)
    found = checks.check(folder)
    errors = {
        (one.file, "" if one.record == "plan.toml" else one.record, one.field) for one in found if one.severity == ERROR
    }
    wanted = {(file, record, field) for file, _, _, record, field in FAULTS}
    assert wanted - errors == set(), "not told in the first round"
    assert errors - wanted == set(), "follows from another fault"


def test_a_layer_without_order_has_no_follow_ons(folder: Path) -> None:
    edit(folder, PLAN, "order = 200\n", "")
    assert [(one.record, one.field) for one in checks.check(folder)] == [("townships", "order")]


def test_a_missing_plan_toml_says_what_it_must_hold_and_the_rest_is_checked(folder: Path) -> None:
    (folder / PLAN).unlink()
    edit(folder, TOWNS, 'unit = "柏溪镇"', 'unit = "柏溪"')
    found = checks.check(folder)
    assert [(one.file, one.key) for one in found] == [("plan.toml", "plan.missing"), (TOWNS, "coverage.unknown_unit")]
    assert "district" in found[0].remedy("zh")
    assert "base_year" in found[0].remedy("en")


def test_english_words_are_hints(folder: Path) -> None:
    edit(folder, "indicators.toml", 'unit_en = "t"\n', "")
    edit(folder, "indicators.toml", 'domain_en = "Farming"\n', "")
    found = checks.check(folder)
    assert [(one.field, one.severity) for one in found] == [("unit_en", WARNING), ("domain_en", WARNING)]


def test_files_that_nothing_reads_are_named(folder: Path) -> None:
    stray = {
        "targest.toml": "targets.toml", "feature/more.toml": "features/more.toml", "features/a/b.toml": "features/b.toml",
        "places.xlsx": "places.csv", "Plan.toml": "plan.toml", "roads.geojson": "", "indicator.toml": "indicators.toml",
        "features/more.txt": "",
    }  # fmt: skip
    for name in stray:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    for name in ("README.md", ".DS_Store", "Thumbs.db", "~$places.xlsx"):
        (folder / name).write_text("", encoding="utf-8")
    found = checks.check(folder)
    assert {one.file: one.params["guess"] for one in found} == stray
    assert {(one.key, one.severity) for one in found} == {("folder.unread", WARNING)}


def test_one_fault_of_a_file_is_told_once(folder: Path) -> None:
    for name in ("松岭镇", "柏溪镇", "茶坪镇", "白鹭乡"):
        edit(
            folder,
            TOWNS,
            f'arcs = "boundaries/wangshu.csv", unit = "{name}"',
            f'file = "t.geojson", where = {{ name = "{name}" }}',
        )
    for content, key in {
        '{"type": "松岭镇"}'.encode("gbk"): "vector.encoding",
        b'{"type": "FeatureCollection", "features": []}': "vector.empty_file",
        WORKBOOK: "vector.not_text",
    }.items():
        (folder / "t.geojson").write_bytes(content)
        assert [(one.file, one.key) for one in checks.check(folder)] == [("t.geojson", key)]
        assert "?" not in checks.check(folder)[0].text("zh")


def test_a_workbook_under_the_name_of_a_table_is_called_one(folder: Path) -> None:
    for path in (folder / "places.csv", folder.parent.parent / "boundaries" / "wangshu.csv", folder / "outline.toml"):
        whole = path.read_bytes()
        path.write_bytes(WORKBOOK)
        (problem,) = checks.check(folder)
        assert path.name in problem.file
        assert "Excel" in problem.text("zh")
        assert "Excel" in problem.text("en")
        path.write_bytes(whole)


@pytest.mark.parametrize(("aliases", "expected"), [
    ("茶树王、老茶树", []), ("茶树王；老茶树", []), ("茶树王;老茶树", []), ('"茶树王，老茶树"', ["text.joined"]), ('"Tree, King"', ["text.joined"]),
])  # fmt: skip
def test_separators_of_aliases(folder: Path, aliases: str, expected: list[str]) -> None:
    edit(folder, "places.csv", "茶树王", aliases)
    if not expected:
        edit(folder, STRUCTURE, "place/茶王树", "place/老茶树")
    assert [one.key for one in checks.check(folder)] == expected


@pytest.mark.parametrize("item", ["县农业局、县水利局", "县农业局；县水利局", "县农业局，县水利局", "Farms, Water"])
def test_separators_in_lists_are_doubted(folder: Path, item: str) -> None:
    edit(folder, STRUCTURE, 'name_en = "Pond tea garden"', f'name_en = "Pond tea garden"\nlead_units = ["{item}"]')
    assert [(one.field, one.key) for one in checks.check(folder)] == [("lead_units", "text.joined")]


@pytest.mark.parametrize(("field", "old", "new", "expected"), [
    ("kinds", 'kinds = ["zone", "zone_part"]', 'kinds = ["zone、zone_part"]', "text.joined"),
    ("kinds", 'kinds = ["zone", "zone_part"]', 'kinds = ["zone; zone_part"]', "text.joined"),
    ("kinds", 'kinds = ["zone", "zone_part"]', 'kinds = ["zone、zon_part"]', "kind.unknown"),
    ("kinds", 'kinds = ["zone", "zone_part"]', 'kinds = "zone、zone_part"', "field.type"),
    ("layers", '["zones", "townships"', '["zones；townships"', "text.joined"),
])  # fmt: skip
def test_separators_in_lists_of_known_words_are_understood(
    folder: Path, field: str, old: str, new: str, expected: str
) -> None:
    before, _, rest = county.PLAN.partition('[[layer]]\nid = "zone_parts"')
    text = (before + rest[rest.index("[[layer]]") :]).replace('"zone_parts", ', "")
    (folder / PLAN).write_text(text.replace('kinds = ["zone"]', 'kinds = ["zone", "zone_part"]'), "utf-8")
    assert checks.check(folder) == []
    edit(folder, PLAN, old, new)
    found = [(one.field, one.key) for one in checks.check(folder)]
    assert found == [(field, expected), *([("kind", "kind.no_layer")] if expected == "kind.unknown" else [])]


@every(("written", "said"), [
    ("title = “望舒县”", "文字须加引号"), ('title ＝ "望舒县"', "字段名或等号不对"), ('title = "望舒县', "引号没有成对"),
    ("title = '望舒县", "引号没有成对"), ('title = "望舒"县"', "一行里多出内容"), ("leads = { a = 1", "括号没有成对"),
    ('id = "a"\nid = "b"', "写了两遍"), ('title = "C:\\x"', "反斜杠"), ("[[layer]\n", "括号没有成对"),
])  # fmt: skip
def test_what_is_wrong_with_toml_is_said(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "plan.toml").write_text(written, "utf-8")
    found = [one.text("zh") for one in checks.check(tmp_path) if one.key == "toml.syntax"]
    assert len(found) == 1, found
    assert said in found[0]


# Widths in degrees at 25 N: 1e-5 degree is about a metre.
@pytest.mark.parametrize(("what", "old", "new"), [
    ("a slit of two metres", '2,柏溪镇,白鹭乡,yes,"102.7,25.1 102.8,25.1"', '2,柏溪镇,,no,"102.7,25.1 102.8,25.1"\n22,白鹭乡,,no,"102.7,25.1 102.70001,25.09998 102.8,25.09998"'),
    ("a hole", '4,茶坪镇,白鹭乡,yes,"102.7,25.0 102.7,25.1"', '4,茶坪镇,白鹭乡,yes,"102.7,25.0 102.7,25.04"\n42,茶坪镇,,no,"102.7,25.04 102.69,25.05 102.7,25.06"\n43,白鹭乡,,no,"102.7,25.04 102.71,25.05 102.7,25.06"\n44,茶坪镇,白鹭乡,yes,"102.7,25.06 102.7,25.1"'),
])  # fmt: skip
def test_gaps_in_the_union_that_is_the_district(folder: Path, what: str, old: str, new: str) -> None:
    arcs = folder.parent.parent / "boundaries" / "wangshu.csv"
    text = arcs.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new)
    if "slit" in what:  # the eastern edge now starts below the slit
        text = text.replace("102.7,25.0 102.8,25.0 102.8,25.1", "102.7,25.0 102.8,25.0 102.8,25.09998")
    arcs.write_text(text, encoding="utf-8")
    keys = [one.key for one in checks.check(folder)]
    assert "coverage.gap" in keys, keys


@pytest.mark.parametrize("forward", ["gcj02", "bd09", "", "moved"])
def test_a_file_off_the_known_boundaries_is_doubted(folder: Path, forward: str) -> None:
    import json

    from geo import crs

    ways = {"gcj02": crs.wgs84_to_gcj02, "bd09": crs.wgs84_to_bd09, "moved": lambda x, y: (x - 0.003, y + 0.003)}
    move = ways.get(forward, lambda x, y: (x, y))
    corners = {"松岭镇": (102.6, 25.1), "柏溪镇": (102.7, 25.1), "茶坪镇": (102.6, 25.0), "白鹭乡": (102.7, 25.0)}
    features = []
    for name, (x, y) in corners.items():
        ring = [move(x + dx, y + dy) for dx, dy in ((0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, 0))]
        geometry = {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": geometry})
        edit(
            folder,
            TOWNS,
            f'arcs = "boundaries/wangshu.csv", unit = "{name}"',
            f'file = "t.geojson", where = {{ name = "{name}" }}',
        )
    (folder / "t.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    problems = checks.check(folder)
    found = [one for one in problems if one.key == "geometry.shifted"]
    assert [one.params["datum"] for one in found] == ([forward] if forward in ("gcj02", "bd09") else [])
    apart = [one.params for one in problems if one.key == "geometry.apart"]
    assert len(apart) == (forward == "moved")
    if apart:  # 0.003 degree at 25.1 N: 302.4 m of longitude, 332.3 m of latitude, on the ellipsoid
        assert [apart[0][name] for name in ("east_m", "north_m", "shift_m")] == pytest.approx([-302, 332, 449], abs=2)
    if forward == "gcj02":  # 359 m by a separate calculation for the place in the test of the second district
        assert found[0].params["shift_m"] == pytest.approx(359, abs=25)


def broken(path: Path, how: str) -> None:
    text = path.read_text("utf-8")
    tail = "x = = 1\n" if path.suffix == ".toml" else '"unclosed\n'
    path.write_bytes({"syntax": (text + tail).encode(), "utf16": text.encode("utf-16")}.get(how) or text.encode(how))


def test_a_file_that_cannot_be_read_is_the_only_fault(folder: Path) -> None:
    found = []
    for file in (PLAN, "kinds.toml", "outline.toml", "sources.toml", "places.csv", TOWNS, STRUCTURE, "indicators.toml"):
        for how in ("syntax", "gb18030", "utf16"):
            whole = (folder / file).read_bytes()
            broken(folder / file, how)
            found += [(file, how, one.key) for one in checks.check(folder) if one.file != file]
            (folder / file).write_bytes(whole)
    assert found == []


def test_a_file_in_two_datums_is_refused(folder: Path) -> None:
    edit(folder, TOWNS, 'arcs = "boundaries/wangshu.csv"', 'datum = "gcj02", arcs = "boundaries/wangshu.csv"')
    found = checks.check(folder)
    assert {(one.key, one.severity) for one in found} == {("recipe.two_datums", ERROR)}
    assert "gcj02" in found[0].text("zh")
    text = (folder / TOWNS).read_text("utf-8").replace('datum = "gcj02", ', "")
    text = text.replace('arcs = "boundaries/wangshu.csv"', 'datum = "gcj02", arcs = "boundaries/wangshu.csv"')
    (folder / TOWNS).write_text(text, "utf-8")
    assert "recipe.two_datums" not in {one.key for one in checks.check(folder)}


@pytest.mark.parametrize("where", ['{ name = ["松岭镇"] }', "{ name = { a = true } }", '"松岭镇"'])
def test_a_refused_recipe_reads_as_it_was_written_and_its_file_is_not_unread(folder: Path, where: str) -> None:
    (folder / "t.geojson").write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    edit(folder, TOWNS, 'arcs = "boundaries/wangshu.csv", unit = "松岭镇"', f'file = "t.geojson", where = {where}')
    found = checks.check(folder)
    assert [(one.key, one.file) for one in found] == [("recipe.bad_conditions", TOWNS)]
    assert where.strip('"') in found[0].text("zh")
