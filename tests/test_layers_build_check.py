# ruff: noqa: E501 (a table of faults reads best with one fault a line)
"""``layers.build.check``: each fault that a planner can make gives one clear problem, and none hides another."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_folder import append, edit

from geo.errors import GeoError
from layers.build import check as checks
from layers.build.georeference import as_type
from layers.folder.references import cycles, files, inside_folder
from layers.model.errors import ERROR, WARNING, LayersError, Problem

MORE, BASE = "features/more.toml", "features/base.toml"
LAYERS = Path(checks.__file__).parents[1]

POLE = """
[[feature]]
id = "pole/new"
name = "新城"
name_en = "New Town"
kind = "pole"
cites = ["3.1.3"]
accuracy_m = 900
basis = "schematic"
sources = ["自测"]
"""

FAULTS = [
    # what is edited, and the one problem that must be found: record, field, key
    (MORE, 'cites = ["专栏1-2"]\nstatus = "planned"\nzone', 'status = "planned"\nzone', "line/2", "cites", "feature.no_citation"),
    (MORE, 'cites = ["专栏1-2", "3.2"]', 'cites = ["专栏1-9"]', "line/1", "cites", "cite.unknown_item"),
    (MORE, 'cites = ["专栏1-2", "3.2"]', 'cites = ["第三章"]', "line/1", "cites", "cite.notation"),
    (MORE, 'cites = ["专栏1-2", "3.2"]', 'cites = ["9.9"]', "line/1", "cites", "cite.unknown_clause"),
    (MORE, 'id = "line/2"', 'id = "line/1"', "line/1", "id", "id.twice"),
    (MORE, 'id = "line/2"', 'id = "Line 2"', "Line 2", "id", "id.pattern"),
    (MORE, 'kind = "canal"', 'kind = "cannal"', "canal/north", "kind", "kind.unknown"),
    (MORE, 'kind = "canal"', 'kind = "river"', "canal/north", "kind", "kind.no_layer"),
    (MORE, 'basis = "schematic"\nsources = ["试县纲要"]', 'basis = "schematic"\nsources = ["试县纲要"]\nzone = ["west"]', "pole/south", "zone", "zone.elsewhere"),
    (MORE, 'zone = ["east"]', 'zone = ["est"]', "line/2", "zone", "zone.unknown"),
    (MORE, 'sources = ["试县纲要"]', 'sources = ["试县提纲"]', "pole/south", "sources", "source.unknown"),
    (MORE, 'color = "#c03030"', 'color = "red"', "line/1", "color", "feature.color"),
    (MORE, 'color = "#c03030"', 'colour = "#c03030"', "line/1", "colour", "field.unknown"),
    (MORE, 'color = "#c03030"', "color = 3", "line/1", "color", "field.type"),
    (MORE, '["交通局", "轨道公司"]', '["交通局;轨道公司"]', "line/1", "lead_units", "text.separator"),
    (MORE, 'name = "1号线"', 'name = ""', "line/1", "name", "field.empty"),
    (MORE, 'name = "1号线"\n', "", "line/1", "name", "field.missing"),
    (MORE, '"place/邻站"]', '"place/邻居站"]', "line/1", "geometry", "place.unknown"),
    (MORE, 'within = "township/b"', 'within = "township/bb"', "station/south", "geometry", "reference.unknown"),
    (MORE, 'within = "township/b"', 'within = "control/farmland"', "station/south", "geometry", "reference.no_geometry"),
    (MORE, 'buffer = "place/南村"', 'bufer = "place/南村"', "pole/south", "geometry", "recipe.unknown_op"),
    (MORE, "distance_m = 1000", 'distance_m = "1000"', "pole/south", "geometry", "recipe.not_a_number"),
    (MORE, "distance_m = 1000", "distance_m = nan", "pole/south", "geometry", "recipe.not_a_number"),
    (MORE, 'buffer = "place/南村", distance_m = 1000, clip = "district"', 'place = "南村"', "pole/south", "geometry", "geometry.type"),
    (MORE, 'within = "township/b"', 'points = ["place/中站", "place/东站"]', "station/south", "geometry", "geometry.type"),
    (MORE, 'no_geometry = "无公开数据"\n', "", "control/farmland", "geometry", "feature.no_geometry"),
    (MORE, 'no_geometry = "无公开数据"', 'geometry = { place = "南村" }', "control/farmland", "geometry", "feature.kind_without_geometry"),
    (MORE, 'no_geometry = "规划未定位置"', 'no_geometry = "x"\ngeometry = { buffer = "place/南村", distance_m = 9 }', "pole/unknown", "no_geometry", "feature.geometry_and_reason"),
    (MORE, 'no_geometry = "规划未定位置"', 'no_geometry = "x"\nknown = { inside = "township/a" }', "pole/unknown", "known", "known.no_geometry"),
    (MORE, "accuracy_m = 500\n", "accuracy_m = 100\n", "line/2", "accuracy_m", "feature.too_accurate"),
    (MORE, "accuracy_m = 500\n", "accuracy_m = -1\n", "line/2", "accuracy_m", "field.range"),
    (MORE, "accuracy_m = 100\n", "", "canal/north", "accuracy_m", "feature.no_accuracy"),
    (MORE, 'accuracy_m = 100\nbasis = "schematic"', "accuracy_m = 100", "canal/north", "basis", "feature.no_basis"),
    (MORE, 'basis = "schematic"\nsources = ["自测"]', 'basis = "schematic"', "canal/north", "sources", "feature.no_source"),
    (MORE, "[103.9, 30.78]", "[30.78, 103.9]", "canal/north", "geometry", "recipe.swapped"),
    (MORE, 'known = { inside = "township/a" }', 'known = { inside = "township/d" }', "station/west", "known.inside", "known.inside"),
    (MORE, 'known = { inside = "township/a" }', 'known = { insid = "township/a" }', "station/west", "insid", "field.unknown"),
    (MORE, 'known = { inside = "township/a" }', 'known = { ends = ["outside"] }', "station/west", "known.ends", "known.ends_line"),
    (MORE, 'crosses = ["township/a", "township/b"]', 'crosses = ["township/c"]', "line/1", "known.crosses", "known.crosses"),
    (MORE, 'ends = ["place/西站", "outside"]', 'ends = ["place/中站"]', "line/1", "known.ends", "known.ends"),
    (MORE, 'ends = ["place/西站", "outside"]', 'ends = ["outside", "outside"]', "line/1", "known.ends", "known.ends_outside"),
    (MORE, 'ends = ["place/西站", "outside"]', 'ends = ["township/d"]', "line/1", "known.ends", "known.ends"),
    (MORE, 'ends = ["place/西站", "outside"]', 'ends = ["place/没有"]', "line/1", "known.ends", "place.unknown"),
    (BASE, 'keep = "place/中站"', 'keep = "place/西站"', "part/b-west", "geometry", "recipe.keep_outside"),
    ("places.csv", "104.18,30.75,wgs84,50,osm,township/b", "104.18,30.69,wgs84,50,osm,township/b", "place/东站", "township", "place.outside"),
    ("places.csv", "cgcs2000,50,osm,township/a", "cgcs2000,50,osm,township/z", "place/西站", "township", "reference.unknown"),
    ("indicators.toml", "value = 92.5", "value = -2", "t1-02", "baseline", "indicator.percent"),
    ("indicators.toml", "value = 100 ", "value = -100 ", "t1-01", "baseline", "indicator.negative"),
    ("indicators.toml", "{ year = 2030, value = 140 }", "{ year = 203, value = 140 }", "t1-01", "year", "field.range"),
    ("indicators.toml", "{ year = 2030, value = 140 }", "{ year = 2030 }", "t1-01", "target", "indicator.no_value"),
    ("indicators.toml", "{ year = 2030, value = 140 }", "{ year = 2030, low = 9, high = 3 }", "t1-01", "target", "indicator.range"),
    ("indicators.toml", "{ year = 2030, value = 140 }", "{ year = 2030, value = inf }", "t1-01", "value", "field.range"),
    ("indicators.toml", 'property = "expected"', 'property = "wished"', "t1-01", "property", "field.choice"),
    ("plan.toml", 'kinds = ["canal"]', 'kinds = ["canal", "pole"]', "canals", "kinds", "layer.mixed"),
    ("plan.toml", 'id = "canals"', 'id = "observations"', "observations", "id", "layer.reserved"),
    ("plan.toml", 'layers = ["zones", ', 'layers = ["zone", ', "overview", "layers", "layer.unknown"),
    ("plan.toml", 'fit = "district"', "bounds = [104, 30, 103, 31]", "overview", "bounds", "view.bounds"),
    ("plan.toml", 'fit = "district"', 'fit = "district"\nindicator = "nothing"', "overview", "indicator", "indicator.unknown"),
    ("plan.toml", "base_year = 2025", "base_year = 25", "plan.toml", "base_year", "field.range"),
    ("outline.toml", '"3.1" = 4', '"第三章" = 4', "第三章", "", "outline.key"),
    ("outline.toml", '"表1" = 2', '"表1" = -2', "表1", "", "outline.items"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "record", "field", "key"), FAULTS, ids=lambda value: str(value)[:40])
def test_each_fault_is_found(tiny_plan: Path, file: str, old: str, new: str, record: str, field: str, key: str) -> None:
    edit(tiny_plan, file, old, new)
    problems = checks.check(tiny_plan)
    found = {(problem.file, problem.record or problem.file, problem.field, problem.key) for problem in problems}
    assert (file, record, field, key) in found, found
    for problem in problems:
        for lang in ("zh", "en"):
            assert problem.text(lang)
            assert "{" not in problem.text(lang)
            assert problem.remedy(lang), problem.key


def test_a_sound_folder_has_no_problems(tiny_plan: Path) -> None:
    assert checks.check(tiny_plan) == []


def test_statistics(tiny_plan: Path) -> None:
    numbers = checks.examine(tiny_plan).statistics()
    assert (numbers["features"], numbers["located"]) == (18, 16)
    assert numbers["by_basis"] == {"official": 4, "osm": 1, "derived": 4, "schematic": 5, "township": 1, "zone": 1}
    assert numbers["by_layer"]["townships"] == 4
    assert numbers["by_layer"]["control_lines"] == 1
    assert sum(numbers["by_layer"].values()) == 18


def test_a_computed_indicator_that_cannot_be_computed(tiny_plan: Path) -> None:
    (tiny_plan / "computed_indicators.toml").write_text(
        '[[indicator]]\nid = "odd"\nname = "怪"\nname_en = "Odd"\nunit = "个"\nunit_en = "number"\ndomain = "x"\n'
        'method = "guess"\nkinds = ["pole"]\nformula = "?"\n',
        encoding="utf-8",
    )
    problems = checks.check(tiny_plan)
    assert [(problem.file, problem.record, problem.key) for problem in problems] == [
        ("computed_indicators.toml", "odd", "indicator.method_unknown")
    ]
    assert "guess" in problems[0].text("zh")


# ---- geometry


def test_gaps_and_overlaps_among_townships(tiny_plan: Path) -> None:
    """丁镇 drawn a hundredth of a degree short leaves a gap, drawn too far it overlaps 乙镇."""
    edit(tiny_plan, BASE, 'geometry = { union = ["township/a", "township/b", "township/c", "township/d"] }',
         'geometry = { ring = [[104.0, 30.6], [104.2, 30.6], [104.2, 30.8], [104.0, 30.8]] }\n'
         'accuracy_m = 30\nbasis = "official"\nsources = ["自测"]')  # fmt: skip
    drawn = "ring = [[104.1, 30.6], [104.2, 30.6], [104.2, 30.69], [104.1, 30.69]]"
    edit(tiny_plan, BASE, 'arcs = "boundaries/tiny-arcs.csv", unit = "丁镇"', drawn)
    problems = checks.check(tiny_plan)
    gaps = [problem for problem in problems if problem.key == "coverage.gap"]
    assert len(gaps) == 2, "once among the townships, once among the zones"
    # 0.1 by 0.01 degree between 30.69 and 30.70 north on the CGCS2000 ellipsoid: 10.621 km2, by hand.
    assert gaps[0].params["area_m2"] == pytest.approx(10.621e6, rel=5e-3)
    assert {problem.key for problem in problems} == {"coverage.gap"}

    edit(tiny_plan, BASE, drawn, drawn.replace("30.69", "30.71"))
    overlaps = [problem for problem in checks.check(tiny_plan) if problem.key == "coverage.overlap"]
    assert any(set(problem.params["units"]) == {"township/b", "township/d"} for problem in overlaps)


def test_a_self_crossing_arc(tiny_plan: Path) -> None:
    arcs = tiny_plan.parent.parent / "boundaries" / "tiny-arcs.csv"
    text = arcs.read_text(encoding="utf-8")
    crossing = "104.1,30.8 104.12,30.74 104.08,30.74 104.12,30.78 104.13,30.78 104.13,30.72 104.1,30.7"
    arcs.write_text(text.replace("104.1,30.8 104.1,30.7", crossing), encoding="utf-8")
    problems = checks.check(tiny_plan)
    assert {problem.key for problem in problems} == {"coverage.self_crossing"}
    assert "T1" in problems[0].text("zh")
    assert (problems[0].params["lon"], problems[0].params["lat"]) == pytest.approx((104.11, 30.77))


def test_an_unknown_unit_and_a_missing_arcs_file(tiny_plan: Path) -> None:
    edit(tiny_plan, BASE, 'unit = "丁镇"', 'unit = "戊镇"')
    assert [problem.key for problem in checks.check(tiny_plan)] == ["coverage.unknown_unit"]
    edit(
        tiny_plan,
        BASE,
        'arcs = "boundaries/tiny-arcs.csv", unit = "戊镇"',
        'arcs = "boundaries/none.csv", unit = "丁镇"',
    )
    assert [problem.key for problem in checks.check(tiny_plan)] == ["coverage.file_missing"]


def test_a_file_without_crs(tiny_plan: Path) -> None:
    (tiny_plan / "shape.csv").write_text(
        'WKT,name\n"POLYGON ((104.1 30.65, 104.11 30.65, 104.1 30.66, 104.1 30.65))",x\n'
    )
    append(tiny_plan, MORE, POLE + 'geometry = { file = "shape.csv" }')
    problems = checks.check(tiny_plan)
    assert [(problem.file, problem.key) for problem in problems] == [("shape.csv", "vector.no_crs")]
    assert problems[0].remedy("zh")


def test_a_file_in_another_crs_is_transformed(tiny_plan: Path) -> None:
    import geopandas as gpd
    from shapely.geometry import box

    frame = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(104.1, 30.65, 104.11, 30.66)], crs="EPSG:4326")
    frame.to_crs("EPSG:32648").to_file(tiny_plan / "shape.gpkg")
    append(tiny_plan, MORE, POLE + 'geometry = { file = "shape.gpkg" }\nknown = { inside = "township/d" }')
    assert checks.check(tiny_plan) == []


def test_a_file_with_swapped_axes(tiny_plan: Path) -> None:
    (tiny_plan / "shape.geojson").write_text(
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates":'
        " [[[30.65, 104.10], [30.66, 104.10], [30.65, 104.11], [30.65, 104.10]]]}}"
    )
    append(tiny_plan, MORE, POLE + 'geometry = { file = "shape.geojson" }')
    problems = checks.check(tiny_plan)
    assert [(problem.file, problem.key) for problem in problems] == [("shape.geojson", "vector.swapped")]
    assert (problems[0].params["x"], problems[0].params["y"]) == pytest.approx((30.65, 104.1))


@pytest.mark.parametrize("file", ["../../../etc/passwd", "/etc/passwd", "C:\\x.csv", "a\\..\\x.csv", "x/../../y.csv"])
def test_files_outside_the_folders_are_refused(tiny_plan: Path, file: str) -> None:
    append(tiny_plan, MORE, POLE + f"geometry = {{ file = '{file}' }}")
    keys = {problem.key for problem in checks.check(tiny_plan) if problem.record == "pole/new"}
    assert "recipe.file_outside" in keys


def test_a_large_arcs_file_is_refused(tiny_plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.folder.references.CSV_BYTES", 100)
    problems = checks.check(tiny_plan)
    assert ("boundaries/tiny-arcs.csv", "file.too_large") in {(problem.file, problem.key) for problem in problems}


def test_something_far_away_is_a_warning(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, "[[103.9, 30.78], [104.1, 30.78]]", "[[103.9, 20.78], [104.1, 20.78]]")
    problems = checks.check(tiny_plan)
    assert [(problem.key, problem.severity) for problem in problems] == [("geometry.far", WARNING)]
    # 9.82 degrees of latitude are 1,088 km.
    assert problems[0].params["distance_km"] == pytest.approx(1088, abs=3)


def test_a_claim_of_more_trust_than_the_inputs_is_a_warning(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, 'accuracy_m = 500\nbasis = "schematic"', 'accuracy_m = 500\nbasis = "official"')
    assert [(problem.key, problem.severity, problem.record) for problem in checks.check(tiny_plan)] == [
        ("feature.too_trusted", WARNING, "line/2")
    ]


def test_what_is_clipped_away_does_not_worsen_accuracy(tiny_plan: Path) -> None:
    """The clip has 30 m, the side of the dividing line 80 m; neither is in the result, a place of 200 m is."""
    append(tiny_plan, MORE, (POLE + 'geometry = { buffer = "place/东站", distance_m = 500, clip = "part/b-east" }')
           .replace("accuracy_m = 900", "accuracy_m = 50"))  # fmt: skip
    assert checks.check(tiny_plan) == []
    edit(tiny_plan, MORE, 'clip = "part/b-east"', 'clip = "part/b-east", side = "left"')
    assert checks.check(tiny_plan) != []


# ---- cycles


def test_a_cycle_is_named(tiny_plan: Path) -> None:
    edit(
        tiny_plan, BASE, 'arcs = "boundaries/tiny-arcs.csv", unit = "丁镇"', 'intersection = ["zone/east", "zone/east"]'
    )
    problems = checks.check(tiny_plan)
    cycle = [problem for problem in problems if problem.key == "recipe.cycle"]
    assert [problem.params["cycle"] for problem in cycle] == ["township/d → zone/east → township/d"]
    assert "township/d → zone/east → township/d" in cycle[0].text("en")
    assert [problem.key for problem in problems] == ["recipe.cycle"], "what hangs on the cycle stays quiet"


def test_a_feature_made_of_itself(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, 'buffer = "place/南村"', 'buffer = "pole/south"')
    assert [problem.params["cycle"] for problem in checks.check(tiny_plan) if problem.key == "recipe.cycle"] == [
        "pole/south → pole/south"
    ]


def test_cycles() -> None:
    assert cycles({"a": ["b"], "b": ["c"], "c": [], "d": ["gone"]}) == []
    assert cycles({"b": ["a"], "a": ["b"]}) == [("a", "b")]
    assert cycles({"c": ["a"], "a": ["b"], "b": ["c"]}) == [("a", "b", "c")], "a needs b, b needs c, c needs a"
    assert sorted(cycles({"a": ["a"], "x": ["y"], "y": ["x"], "z": ["x"]})) == [("a",), ("x", "y")]


# ---- hostile text


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ('"南\\u202E村"', "text.direction"),
        ('"南\\u200F村"', "text.direction"),
        ('"南\\u2067村"', "text.direction"),
        ('"南\\u0007村"', "text.control"),
        ('"南\\u200B村"', "text.control"),
        ('"南\\n村"', "text.control"),
        ('"南\\u2028村"', "text.control"),
        (f'"{"长" * 10_000}"', "text.too_long"),
        (f'"{"长" * 201}"', "text.too_long"),
    ],
)
@pytest.mark.parametrize("field", ["name", "name_en", "aliases"])
def test_hostile_names(tiny_plan: Path, name: str, key: str, field: str) -> None:
    old = {"name": '"南村新城"', "name_en": '"South New Town"', "aliases": '["南站"]'}[field]
    edit(tiny_plan, MORE, f"{field} = {old}", f"{field} = [{name}]" if field == "aliases" else f"{field} = {name}")
    problems = checks.check(tiny_plan)
    assert [(problem.field, problem.key) for problem in problems] == [(field, key)]
    for lang in ("zh", "en"):
        shown = problems[0].record_text() + problems[0].text(lang) + problems[0].remedy(lang)
        assert all(character.isprintable() for character in shown)
        assert len(shown) < 600


def test_markup_in_names_is_allowed_here(tiny_plan: Path) -> None:
    """Whoever shows a name escapes it; a name may well hold a bracket."""
    edit(tiny_plan, MORE, 'name = "南村新城"', "name = '<img src=x onerror=alert(1)>`${1}`'")
    assert checks.check(tiny_plan) == []


def test_hostile_ids_and_files_cannot_drive_a_terminal(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, 'id = "line/2"', 'id = "line/\\u001B[2J\\u202E"')
    edit(tiny_plan, "places.csv", "\n邻站,", "\n邻\u202e站,")
    problems = checks.check(tiny_plan)
    assert {problem.key for problem in problems} >= {"text.control", "text.direction"}
    for problem in problems:
        shown = problem.record_text() + problem.text("zh") + problem.text("en")
        assert all(character.isprintable() for character in shown), ascii(shown)


# ---- the catalogue


def test_every_key_in_the_code_has_its_words() -> None:
    """And every entry of the catalogue has both languages and is used."""
    catalogue, geo = LayersError.catalogue, GeoError.catalogue
    heads = {key.split(".")[0] for key in catalogue.keys() if "." in key}  # noqa: SIM118 (no mapping)
    used = {text for text in _strings() if "." in text and text.split(".")[0] in heads and " " not in text}
    used = {text for text in used if all(part.isidentifier() for part in text.split(".")) and not text.endswith("_")}
    used = {text for text in used if not text.endswith((".toml", ".csv", ".json", ".svg", ".typ"))}
    unknown = {key for key in used if key not in catalogue and key not in geo} - {"layers.plan"}
    assert unknown == set()
    own = tomllib.loads((LAYERS / "messages.toml").read_text(encoding="utf-8"))
    keys = {f"{head}.{tail}" for head, entries in own.items() if head != "guess" for tail in entries}
    said_by_commands = {"folder.choose", "folder.none"}
    assert keys - used - said_by_commands == set(), "words that nobody says"
    for key in catalogue.keys():  # noqa: SIM118
        fields = catalogue.entries[key]
        assert fields["zh"], key
        assert fields["en"] or key == "words.breaks", key  # only Chinese names are broken after words
        assert ("remedy_zh" in fields) == ("remedy_en" in fields), key


def _strings() -> Iterator[str]:
    """Every string in the code of the package."""
    for path in sorted(LAYERS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_problem() -> None:
    problem = Problem("a.toml", "x/y", "name", "field.missing", {"name": "name"}, line=3)
    assert problem.severity == ERROR
    assert problem.record_text() == "a.toml:3 x/y name"
    assert problem.text("en") == "The field name is missing"
    as_dict = problem.as_dict()
    assert (as_dict["key"], as_dict["line"], as_dict["text"]["zh"]) == ("field.missing", 3, "缺少字段 name")
    guess = Problem("a.toml", "", "nam", "field.unknown", {"name": "nam", "guess": "name"})
    assert "name" in guess.remedy("zh")
    assert guess.remedy("en").startswith("Did you mean “name”?")


# ---- small parts


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("boundaries/x.csv", True),
        ("x.csv", True),
        ("", False),
        ("/x", False),
        ("../x", False),
        ("a/../x", False),
        ("a\\b", False),
        ("c:/x", False),
        ("\0", False),
    ],
)
def test_inside_folder(path: str, good: bool) -> None:
    assert inside_folder(path) is good


def test_files_of_a_recipe() -> None:
    recipe = {
        "difference": [{"arcs": ["a.csv", "b.csv"], "unit": "x"}, {"buffer": {"file": "c.gpkg"}, "distance_m": 1}]
    }
    assert list(files(recipe)) == ["a.csv", "b.csv", "c.gpkg"]


def test_as_type_keeps_the_parts_of_the_right_dimension() -> None:
    from shapely import from_wkt

    mixed = from_wkt("GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0)), LINESTRING (5 5, 6 6), POINT (9 9))")
    polygon = as_type(mixed, "polygon")
    assert polygon is not None
    assert polygon.equals(from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0))"))
    assert as_type(mixed, "line") is None, "a polygon is no line with something beside it"
    assert as_type(from_wkt("MULTIPOINT (1 1)"), "point") == from_wkt("POINT (1 1)")
    assert as_type(from_wkt("MULTIPOINT (1 1, 2 2)"), "point") is None
    assert as_type(from_wkt("LINESTRING (0 0, 1 1)"), "polygon") is None


# ---- tolerances: each wider and each narrower by ten would be noticed


def test_a_twentieth_outside_is_allowed_a_seventh_is_not(tiny_plan: Path) -> None:
    # Of a tenth of a degree along a parallel, 甲镇 (to 104.1° E) holds 95 % and 85 %.
    lines = {"[[104.005, 30.75], [104.105, 30.75]]": [], "[[104.015, 30.75], [104.115, 30.75]]": [85]}
    before = "geometry = { route = [[103.9, 30.78], [104.1, 30.78]] }"
    for line, told in lines.items():
        drawn = f'geometry = {{ route = {line} }}\nknown = {{ inside = "township/a" }}'
        edit(tiny_plan, MORE, before, drawn)
        problems = [one for one in checks.check(tiny_plan) if one.key == "known.inside"]
        assert [one.params["percent"] for one in problems] == told
        before = drawn


def test_far_is_a_hundred_kilometres(tiny_plan: Path) -> None:
    # A degree of the meridian at 31° is 110.87 km; the district ends at 30.8°.
    before = "[[103.9, 30.78], [104.1, 30.78]]"
    for lat, told in (("31.65", []), ("31.75", [105])):  # 94.2 and 105.3 km
        drawn = before.replace("30.78", lat) if "30.78" in before else before.replace("31.65", lat)
        edit(tiny_plan, MORE, before, drawn)
        far = [one for one in checks.check(tiny_plan) if one.key == "geometry.far"]
        assert [one.params["distance_km"] for one in far] == told
        before = drawn


def test_a_gap_of_a_courtyard_is_told_one_of_a_room_is_not(tiny_plan: Path) -> None:
    """丁镇 without a triangle at its corner, half of 25 m by 25 m, and half of 12 m by 10 m."""
    edit(tiny_plan, BASE, 'geometry = { union = ["township/a", "township/b", "township/c", "township/d"] }',
         'geometry = { ring = [[104.0, 30.6], [104.2, 30.6], [104.2, 30.8], [104.0, 30.8]] }\n'
         'accuracy_m = 30\nbasis = "official"\nsources = ["自测"]')  # fmt: skip
    before = 'arcs = "boundaries/tiny-arcs.csv", unit = "丁镇"'
    for across, up, told in ((0.000125, 0.000090, []), (0.000261, 0.000225, [312, 312])):
        corner = f"[104.2, {30.7 - up:.6f}], [{104.2 - across:.6f}, 30.7]"
        drawn = f"ring = [[104.1, 30.6], [104.2, 30.6], {corner}, [104.1, 30.7]]"
        edit(tiny_plan, BASE, before, drawn)
        gaps = [one for one in checks.check(tiny_plan) if one.key == "coverage.gap"]
        # 0.000261° · 95.81 km · 0.000225° · 110.87 km / 2
        assert [one.params["area_m2"] for one in gaps] == [pytest.approx(area, rel=0.02) for area in told]
        before = drawn
