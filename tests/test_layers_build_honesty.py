"""``layers.build.honesty``: what a reader would take for more than it is, or could not read."""

from pathlib import Path
from typing import Any

from tiny_folder import append, edit

from layers.build.check import check
from layers.model.errors import WARNING

MORE, BASE = "features/more.toml", "features/base.toml"


def found(folder: Path) -> list[tuple[str, str, str, dict[str, Any]]]:
    problems = check(folder)
    assert all(one.severity == WARNING for one in problems), [one.text() for one in problems]
    assert all(one.text(lang) and one.remedy(lang) for one in problems for lang in ("zh", "en"))
    return [(one.record, one.field, one.key, dict(one.params)) for one in problems]


def test_a_text_stands_in_both_languages(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, 'no_geometry_en = "No public data"\n', "")
    edit(tiny_plan, MORE, 'no_geometry_en = "The plan gives no place"', 'note_en = "One of several"\n'
         'no_geometry_en = "The plan gives no place"')  # fmt: skip
    assert found(tiny_plan) == [
        ("control/farmland", "no_geometry_en", "text.one_language", {"value": "无公开数据"}),
        ("pole/unknown", "note", "text.one_language", {"value": "One of several"}),
    ]


def test_english_is_english_but_may_quote_a_name(tiny_plan: Path) -> None:
    edit(
        tiny_plan, MORE, 'name_en = "Line 2"', 'name_en = "2号线 Line"\nnote = "又名二线"\nnote_en = "Also called 二线"'
    )
    edit(tiny_plan, MORE, 'no_geometry_en = "No public data"', 'no_geometry_en = "无公开数据"')
    edit(tiny_plan, "indicators.toml", 'unit_en = "100 million CNY"', 'unit_en = "亿 CNY"')
    assert [row[:3] for row in found(tiny_plan)] == [
        ("line/2", "name_en", "text.not_english"),
        ("control/farmland", "no_geometry_en", "text.not_english"),
        ("t1-01", "unit_en", "text.not_english"),
    ]


def test_a_domain_has_one_english_name(tiny_plan: Path) -> None:
    edit(tiny_plan, "indicators.toml", 'domain = "民生"', 'domain = "经济"')
    assert found(tiny_plan) == [
        ("t1-02", "domain_en", "domain.two_names", {"domain": "经济", "other": "Economy", "value": "Life"})
    ]


def test_what_lies_outside_says_so(tiny_plan: Path) -> None:
    """邻站, 0.05° east of the district at 30.75°: 4.79 km."""
    station = """
[[feature]]
id = "station/next"
name = "邻站"
name_en = "Neighbour Station"
kind = "metro_station"
cites = ["专栏1-2"]
geometry = { place = "邻站" }
"""
    append(tiny_plan, MORE, station)
    [(record, field, key, params)] = found(tiny_plan)
    assert (record, field, key) == ("station/next", "geometry", "geometry.outside")
    assert abs(params["distance_m"] - 4788) < 5
    edit(tiny_plan, MORE, station.strip(), station.strip() + '\nknown = { inside = "outside" }')
    assert found(tiny_plan) == []


def test_no_sketch_is_finer_than_a_sketch_can_be(tiny_plan: Path) -> None:
    edit(tiny_plan, MORE, "accuracy_m = 100\n", "accuracy_m = 49\n")
    assert [row[:3] for row in found(tiny_plan)] == [("canal/north", "accuracy_m", "feature.too_fine")]
    edit(tiny_plan, MORE, "accuracy_m = 49\n", "accuracy_m = 50\n")
    assert found(tiny_plan) == []


def test_a_place_is_no_finer_than_its_basis_either(tiny_plan: Path) -> None:
    """Told at the place, not again at the village that stands on it; open data are no survey."""
    append(tiny_plan, MORE, """
[[feature]]
id = "station/village"
name = "南村站"
name_en = "South Village Station"
kind = "metro_station"
cites = ["专栏1-2"]
geometry = { place = "南村" }
""")  # fmt: skip
    edit(tiny_plan, "places.csv", "wgs84,200,schematic", "wgs84,0.01,schematic")
    edit(tiny_plan, "places.csv", "cgcs2000,50,osm", "cgcs2000,1,osm")
    assert [row[:3] for row in found(tiny_plan)] == [("place/南村", "accuracy_m", "feature.too_fine")]
    edit(tiny_plan, "places.csv", "wgs84,0.01,schematic", "wgs84,50,schematic")
    assert found(tiny_plan) == []
    edit(tiny_plan, "places.csv", "104.18,30.75,wgs84,50,osm", "104.18,30.75,wgs84,0.9,osm")
    assert [row[:3] for row in found(tiny_plan)] == [("place/东站", "accuracy_m", "feature.too_fine")]


def test_a_line_is_no_coarser_than_its_basis(tiny_plan: Path) -> None:
    """A canal that is 5,001 m off is none that anybody sketched; a point would be refused."""
    edit(tiny_plan, MORE, "accuracy_m = 100\n", "accuracy_m = 5001\n")
    [(record, field, key, params)] = found(tiny_plan)
    assert (record, field, key) == ("canal/north", "accuracy_m", "feature.too_coarse")
    assert (params["accuracy_m"], params["limit_m"]) == (5001, 5000)
    edit(tiny_plan, MORE, "accuracy_m = 5001\n", "accuracy_m = 5000\n")
    assert found(tiny_plan) == []
