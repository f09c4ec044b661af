"""Kinds as symbols, dashes for the page, and QML for QGIS: what is written, checked without QGIS."""

import json
import math
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import pytest
from cases import every
from shapely.geometry import Point

from layers.style import paint as style
from layers.style import symbols
from layers.style.passes import lightness
from layers.style.patterns import PATTERNS
from layers.style.qml import qml
from layers.style.qml_scale import ground_denominator, scale_denominator
from layers.style.qml_xml import document, number, quoted, rgba

DATA = Path(__file__).resolve().parent.parent / "data"
SHIPPED = tomllib.loads((DATA / "kinds.toml").read_text(encoding="utf-8"))
STATUSES = list(style.parse_statuses(SHIPPED["status"]).values())

LINE = {
    "id": "road", "name": "路", "name_en": "Road", "geometry": "line",
    "symbol": {"stroke": "#e08a2e", "width": 4.0, "casing": "#8c4a0f", "casing_width": 5.6},
    "label": {"size": 12, "weight": 700, "color": "#8c4a0f", "halo": "#ffffff", "min_zoom": 11, "placement": "line"},
}  # fmt: skip
AREA = {
    "id": "area", "name": "区", "name_en": "Area", "geometry": "polygon",
    "symbol": {"fill": "#102030", "fill_opacity": 0.5, "stroke": "#405060", "width": 2.0},
    "label": {"size": 16, "color": "#102030", "spacing": 0.25, "min_zoom": 9, "max_zoom": 13, "priority": 100},
}  # fmt: skip
SPOT = {
    "id": "spot", "name": "点", "name_en": "Spot", "geometry": "point",
    "symbol": {"shape": "square", "size": 16, "fill": "#2f3e55", "stroke": "#ffffff", "width": 1.5},
    "label": {"size": 12, "color": "#1f2b3d", "halo": "#ffffff", "placement": "point"},
}  # fmt: skip


def features(*rows: tuple[str, str, bool]) -> gpd.GeoDataFrame:
    table = {"kind": [row[0] for row in rows], "status": [row[1] for row in rows], "assumed": [row[2] for row in rows]}
    return gpd.GeoDataFrame(table, geometry=[Point(120, 30)] * len(rows), crs="EPSG:4490")


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own writing


def tree(records: list[dict], *rows: tuple[str, str, bool], **options) -> ET.Element:
    kinds = [style.parse_kind(record) for record in records]
    text = qml(kinds, STATUSES, features(*rows) if rows else None, **options)
    assert text.startswith("<!DOCTYPE qgis")
    return parsed(text)


def rules(root: ET.Element) -> dict[str, str]:
    """Label → filter of the renderer's rules."""
    return {rule.get("label", ""): rule.get("filter", "") for rule in root.iter("rule") if rule.get("symbol")}


def symbol_of(root: ET.Element, label: str) -> ET.Element:
    name = next(rule.get("symbol") for rule in root.iter("rule") if rule.get("label") == label)
    return next(one for one in root.find("renderer-v2/symbols") if one.get("name") == name)


def options(layer: ET.Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in layer.findall("Option/Option")}


def expression(layer: ET.Element, name: str) -> str:
    entry = next(one for one in layer.iter("Option") if one.get("name") == name and one.get("type") == "Map")
    return next(one.get("value", "") for one in entry if one.get("name") == "expression")


# ---- small pieces


def test_numbers_colours_and_quotes() -> None:
    assert [number(value) for value in (2.5, 3.0, 0.0, 1 / 3)] == ["2.5", "3", "0", "0.3333"]
    assert rgba("#ff8000", 0.5) == "255,128,0,128"
    assert quoted("it's a \\") == "'it''s a \\\\'"
    assert lightness("#ffffff") == pytest.approx(1.0)
    assert lightness("#00ff00") == pytest.approx(0.587)


def test_scale_of_a_zoom() -> None:
    # the equator, 40075016.68557849 m, on 256 pixels of 0.28 mm
    assert scale_denominator(0) == pytest.approx(40075016.68557849 / 256 / 0.00028)
    assert scale_denominator(10) == pytest.approx(scale_denominator(0) / 1024)
    # on a screen of 96 dots to the inch, and half of it at 60 degrees north
    assert ground_denominator(10, 60) == pytest.approx(40075016.68557849 / 2 / 256 / (0.0254 / 96) / 1024)


# ---- reading kinds


@every("record", SHIPPED["kind"], ids=lambda record: record["id"])
def test_every_shipped_kind_is_read_and_written(record: dict) -> None:
    kind = style.parse_kind(record)
    assert kind.id == record["id"]
    for field, value in record["symbol"].items():
        found = getattr(kind.symbol, field)
        assert list(found) == value if isinstance(value, list) else found == value
    for field, value in record.get("label", {}).items():
        assert getattr(kind.label, field) == value
    root = parsed(qml([kind], STATUSES))
    assert (root.get("labelsEnabled") == "1") == (kind.label.size > 0 and kind.geometry != "none")
    if kind.geometry != "none":
        assert rules(root)


@every(
    ("change", "key"),
    [
        ({"id": "Road!"}, "style.bad_id"),
        ({"id": None}, "style.bad_id"),
        ({"name": " "}, "style.field_missing"),
        ({"geometry": "curve"}, "style.bad_choice"),
        ({"colour": "#000000"}, "style.field_unknown"),
        ({"symbol": {"stroke": "#000000", "width": 1, "strok": 1}}, "style.field_unknown"),
        ({"symbol": {"stroke": "red", "width": 1}}, "style.bad_color"),
        ({"symbol": {"stroke": "#000000\n", "width": 1}}, "style.bad_color"),
        ({"symbol": {"stroke": "#000000", "width": -1}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": "1"}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": True}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": float("nan")}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": 1, "dash": [1, "2"]}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": 1, "dash": [0, 0]}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": 1, "casing_opacity": 1.5}}, "style.bad_value"),
        ({"symbol": {"stroke": "#000000", "width": 1, "pattern": "waves"}}, "style.bad_choice"),
        ({"symbol": {"stroke": "#000000", "width": 1, "shape": "heart"}}, "style.bad_choice"),
        ({"symbol": {}}, "style.field_missing"),
        ({"symbol": "red"}, "style.bad_value"),
        ({"geometry": "point", "symbol": {"stroke": "#000000"}}, "style.field_missing"),
        ({"label": {"size": 12}}, "style.field_missing"),
        ({"label": {"size": 12, "color": "#000000", "min_zoom": 14, "max_zoom": 9}}, "style.bad_value"),
        ({"label": {"size": 12, "color": "#000000", "placement": "above"}}, "style.bad_choice"),
        ({"label": {"size": 12, "color": "#000000", "italic": 1}}, "style.bad_value"),
    ],
)
def test_faults_in_a_kind_are_said_with_a_remedy(change: dict, key: str) -> None:
    with pytest.raises(style.StyleError) as error:
        style.parse_kind({**LINE, **change})
    assert error.value.key == key
    for lang in ("zh", "en"):
        assert error.value.message(lang)
        assert error.value.remedy(lang)


def test_the_plans_own_kind_replaces_the_shared_one() -> None:
    own = {**LINE, "name": "大路"}
    kinds = style.parse_kinds([LINE, AREA, own])
    assert list(kinds) == ["road", "area"]
    assert kinds["road"].name == "大路"


# ---- dashes


def test_dashes_follow_the_status_then_the_kind() -> None:
    road = style.parse_kind(LINE)
    tunnel = style.parse_kind({**LINE, "symbol": {**LINE["symbol"], "dash": [3, 2]}})
    by_id = {status.id: status for status in STATUSES}
    assert style.dash_px(road, by_id["operating"]) == ()
    assert style.dash_px(road, None) == ()
    # under construction: 4 and 1.6 times the width of 4 px
    assert style.dash_px(road, by_id["building"]) == (16.0, 6.4)
    assert style.dash_px(tunnel, by_id["building"]) == (16.0, 6.4)
    assert style.dash_px(tunnel, by_id["operating"]) == (3.0, 2.0)
    assert style.dash_px(style.parse_kind(AREA), by_id["building"]) == ()


def test_kinds_for_the_page() -> None:
    found = {kind["id"]: kind for kind in style.leaflet([LINE, AREA], SHIPPED["status"])}
    assert found["road"]["symbol"] == LINE["symbol"]
    assert found["road"]["dashes"] == {
        "operating": [], "building": [16.0, 6.4], "planned": [8.0, 6.4], "preparing": [2.4, 6.4],
    }  # fmt: skip
    assert "dashes" not in found["area"]
    assert "dashes" not in LINE


# ---- QML


def test_lines_have_a_rule_for_each_status_that_occurs() -> None:
    root = tree([LINE], ("road", "operating", False), ("road", "building", False))
    assert rules(root) == {
        "路（已建成）": "\"kind\" = 'road' AND \"status\" = 'operating'",
        "路（在建）": "\"kind\" = 'road' AND \"status\" = 'building'",
    }
    assert root.find("renderer-v2").get("symbollevels") == "1"


def test_lines_without_a_status_are_drawn_too() -> None:
    root = tree([LINE], ("road", "operating", False), ("road", "", False))
    assert rules(root)["路"] == "\"kind\" = 'road' AND coalesce(\"status\", '') NOT IN ('operating')"


def test_an_open_line_has_a_casing_and_its_own_colour_if_it_has_one() -> None:
    casing, line = symbol_of(tree([LINE], ("road", "operating", False)), "路（已建成）").findall("layer")
    # 5.6 px and 4 px at 96 to the inch: 25.4 / 96 = 0.264583 mm each
    assert (options(casing)["line_color"], options(casing)["line_width"]) == ("140,74,15,255", "1.4817")
    assert (options(line)["line_color"], options(line)["line_width"]) == ("224,138,46,255", "1.0583")
    assert options(line)["use_custom_dash"] == "0"
    assert (casing.get("pass"), line.get("pass")) == ("0", "2")
    assert expression(line, "outlineColor") == "coalesce(nullif(\"color\", ''), '#e08a2e')"


def test_a_line_under_construction_shows_paper_between_its_dashes() -> None:
    casing, bed, line = symbol_of(tree([LINE], ("road", "building", False)), "路（在建）").findall("layer")
    assert options(casing)["line_color"] == "140,74,15,204"  # four fifths
    assert options(bed)["line_color"] == "255,255,255,255"
    # 16 px and 6.4 px
    assert options(line)["customdash"] == "4.2333;1.6933"
    assert options(line)["use_custom_dash"] == "1"
    assert options(line)["capstyle"] == "flat"


def test_a_railway_has_an_overlay() -> None:
    rail = {**LINE, "symbol": {"stroke": "#3d3d3d", "width": 3, "overlay": "#ffffff", "overlay_width": 1.5,
                               "overlay_dash": [8, 8]}}  # fmt: skip
    base, overlay = symbol_of(tree([rail], ("road", "operating", False)), "路（已建成）").findall("layer")
    assert options(base)["use_custom_dash"] == "0"
    assert options(overlay)["customdash"] == "2.1167;2.1167"


def test_an_area_has_fill_outline_and_colours_of_its_own() -> None:
    fill, outline = symbol_of(tree([AREA], ("area", "", False)), "区").findall("layer")
    assert options(fill)["color"] == "16,32,48,128"
    assert expression(fill, "fillColor") == "set_color_part(coalesce(nullif(\"color\", ''), '#102030'), 'alpha', 128)"
    assert options(outline)["line_color"] == "64,80,96,255"
    assert expression(outline, "outlineColor") == "if(coalesce(\"color\", '') = '', '#405060', darker(\"color\", 172))"


def test_assumed_areas_are_hatched() -> None:
    root = tree([AREA], ("area", "", False), ("area", "", True))
    assert rules(root) == {
        "区": '"kind" = \'area\' AND NOT coalesce("assumed", false)',
        "区（假定）": '"kind" = \'area\' AND coalesce("assumed", false)',
    }
    classes = [layer.get("class") for layer in symbol_of(root, "区（假定）").findall("layer")]
    assert classes == ["SimpleFill", "LinePatternFill", "SimpleLine"]
    hatch = symbol_of(root, "区（假定）").findall("layer")[1]
    assert options(hatch)["angle"] == "45"
    assert options(hatch.find("symbol/layer"))["line_color"].startswith("64,80,96,")


@pytest.mark.parametrize(
    ("pattern", "classes"),
    [
        ("hatch", ["SimpleFill", "LinePatternFill", "SimpleLine"]),
        ("cross", ["SimpleFill", "LinePatternFill", "LinePatternFill", "SimpleLine"]),
        ("dots", ["SimpleFill", "PointPatternFill", "SimpleLine"]),
    ],
)
def test_patterns(pattern: str, classes: list[str]) -> None:
    record = {**AREA, "symbol": {**AREA["symbol"], "pattern": pattern, "pattern_color": "#ff0000"}}
    symbol = symbol_of(tree([record], ("area", "", True)), "区")
    assert [layer.get("class") for layer in symbol.findall("layer")] == classes
    assert [layer.get("pass") for layer in symbol.findall("layer")] == ["1", *["2"] * (len(classes) - 2), "3"]
    inner = options(symbol.findall("layer")[1].find("symbol/layer"))
    assert inner["color" if pattern == "dots" else "line_color"].startswith("255,0,0,")


def test_patterns_are_the_same_for_every_painter() -> None:
    golden = json.loads((Path(__file__).parent / "patterns.json").read_text(encoding="utf-8"))
    names = [one for one in symbols.PATTERNS if one]
    assert json.loads(json.dumps({name: asdict(PATTERNS[name]) for name in names})) == golden
    assert sorted(PATTERNS) == sorted(names)


def test_points_are_hollow_when_they_are_not_built() -> None:
    root = tree([SPOT], ("spot", "operating", False), ("spot", "planned", False))
    rim, full = symbol_of(root, "点（已建成）").findall("layer")
    (hollow,) = symbol_of(root, "点（规划）").findall("layer")
    # 16 px, an outline of 1.5 px and 0.8 px of rim; half as bright, 0.55 of 255
    assert (options(rim)["size"], options(rim)["color"]) == (number(18.3 * 25.4 / 96), "24,31,43,140")
    assert (options(full)["name"], options(full)["size"], options(full)["color"]) == (
        "square",
        "4.2333",
        "47,62,85,255",
    )
    assert (options(hollow)["color"], options(hollow)["outline_color"]) == ("255,255,255,255", "47,62,85,255")


def test_labels_have_size_halo_scale_and_place() -> None:
    root = tree([AREA, {**LINE, "id": "road"}][:1])
    rule = root.find("labeling/rules/rule")
    # seen from zoom 9 to 13, which ends where 14 begins, and half a zoom longer; QGIS reads whole numbers only
    screen = 40075016.68557849 / 256 / (0.0254 / 96)
    assert int(rule.get("scalemaxdenom")) == math.ceil(screen / 2**8.5)
    assert int(rule.get("scalemindenom")) == math.floor(screen / 2**14.5)
    text = rule.find("settings/text-style")
    assert ('"name"' in text.get("fieldName"), text.get("fontSize")) == (True, "12")  # 16 px are 12 points
    assert text.get("fontLetterSpacing") == "3"  # a quarter of an em
    assert text.find("text-buffer").get("bufferDraw") == "0"
    place = rule.find("settings/placement")
    assert (place.get("geometryGeneratorEnabled"), '"label_lon", "label_lat"' in place.get("geometryGenerator")) == (
        "1", True,
    )  # fmt: skip
    loose = tree([AREA], pinned=False).find("labeling/rules/rule/settings/placement")
    assert (loose.get("geometryGeneratorEnabled"), loose.get("geometryGenerator")) == ("0", "")


def test_labels_of_lines_and_shields() -> None:
    line = tree([LINE]).find("labeling/rules/rule/settings")
    assert line.find("placement").get("placement") == "3"
    assert line.find("text-style/text-buffer").get("bufferDraw") == "1"
    shield = {**LINE, "label": {**LINE["label"], "placement": "shield", "color": "#ffffff", "halo": ""}}
    settings = tree([shield]).find("labeling/rules/rule/settings")
    assert settings.find("text-style/background").get("shapeDraw") == "1"
    assert settings.find("text-style/background").get("shapeFillColor") == "224,138,46,255"
    assert "#e08a2e" in expression(settings.find("dd_properties"), "ShapeFillColor")


def test_names_of_kinds_cannot_break_the_document() -> None:
    hostile = {**AREA, "name": '<img src=x onerror="alert(1)">&]]>\'"'}
    root = tree([hostile], ("area", "", False))
    assert list(rules(root)) == [hostile["name"]]


def test_the_same_arguments_give_the_same_text() -> None:
    kind = style.parse_kind(LINE)
    frame = features(("road", "building", False))
    assert qml([kind], STATUSES, frame) == qml([kind], STATUSES, frame)


# ---- the table layer_styles

META = {
    "kinds": [LINE, AREA, {**AREA, "id": "idea", "geometry": "none"}],
    "statuses": SHIPPED["status"],
    "bases": SHIPPED["basis"],
    "layers": [
        {"id": "roads", "name": "道路", "name_en": "Roads", "kinds": ["road"], "order": 20},
        {"id": "areas", "name": "区域", "name_en": "Areas", "kinds": ["area"], "order": 10},
        {"id": "ideas", "name": "设想", "name_en": "Ideas", "kinds": ["idea"], "order": 5},
    ],
}


def test_rows_of_layer_styles() -> None:
    frames = {name: features() for name in ("roads", "areas", "ideas")}
    rows = style.qgis_styles(META, frames)
    assert list(rows["f_table_name"]) == ["areas", "roads"]
    assert set(rows["f_table_catalog"]) == set(rows["f_table_schema"]) == {""}
    assert set(rows["f_geometry_column"]) == {"geom"}
    assert set(rows["useAsDefault"]) == {1}
    assert list(rows["styleName"]) == ["区域", "道路"]
    for text in rows["styleQML"]:
        assert parsed(text).tag == "qgis"


def test_a_layer_of_an_unknown_kind() -> None:
    meta = {**META, "layers": [{"id": "roads", "kinds": ["rod"], "order": 1}]}
    with pytest.raises(style.StyleError) as error:
        style.qgis_styles(meta, {"roads": features()})
    assert error.value.key == "style.kind_unknown"
    assert "rod" in error.value.message("en")


def test_documents_are_written_as_the_standard_library_writes_them() -> None:
    root = ET.Element("a", {"x": "<&>\"'\r\n\t", "y": "是"})
    ET.SubElement(root, "b").text = " \n"
    inner = ET.SubElement(ET.SubElement(root, "c", of="1"), "d")
    inner.text, inner.tail = "1 < 2 & 3", "  "
    mixed = ET.SubElement(root, "e")
    mixed.text = "before"
    ET.SubElement(mixed, "f").tail = "behind\n"
    root.extend([inner, ET.Element("g", x="<&>\"'\r\n\t")])
    written = document(root, "a")
    ET.indent(root)
    assert written == f"<!DOCTYPE a>\n{ET.tostring(root, encoding='unicode')}\n"
