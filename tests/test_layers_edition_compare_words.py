"""What changed between two editions, in words: no code reaches a reader, one figure is one line."""

import copy
import csv
import io
import re
from typing import Any

import pytest
import shapely
from test_layers_edition_compare import changed
from web_edition import figures_edition, make_edition

from layers import words
from layers.edition.compare import KEPT, Change, Difference, compare
from layers.edition.compare_words import Line, lines, to_csv
from layers.edition.file import Edition
from layers.model import tables


def told(before: Edition, after: Edition, lang: str) -> list[Line]:
    return lines(compare(before, after), before, after, lang)


def by_field(found: list[Line]) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.id, one.field): (one.before, one.after) for one in found if one.field}


def test_statuses_layers_and_positions_are_words() -> None:
    before, after = make_edition(), changed()
    chinese, english = (told(before, after, lang) for lang in ("zh", "en"))
    ids = list(before.layers["townships"]["id"])
    hub = before.layers["hubs"]["id"].iloc[0]
    statuses = {str(one["id"]): one for one in before.meta["statuses"]}
    earlier = str(before.layers["townships"]["status"].iloc[1])
    was = {"name": "—", "name_en": "—"} if not earlier else statuses[earlier]
    assert by_field(chinese)[ids[1], "状态"] == (was["name"].strip("—"), statuses["planned"]["name"])
    assert by_field(english)[ids[1], "Status"] == (was["name_en"].strip("—"), statuses["planned"]["name_en"])
    assert by_field(chinese)[hub, "位置"] == ("点，120.15000°E 30.05000°N", "点，120.15000°E 30.05100°N")
    assert by_field(chinese)["t2-01", "基期值 · 试验区"] == ("1,828.47\u202f亿元 (2020)", "1,900\u202f亿元 (2020)")
    assert by_field(english)["t2-01", "Baseline · Test District"][1] == "1,900\u202f×\u202f100 million CNY (2020)"
    (new,) = [one for one in english if one.what == "added"]
    layers = {str(one["id"]): one["name_en"] for one in before.meta["layers"]}
    assert (new.layer, new.kind, new.before, new.after) == (layers["townships"], "Township or subdistrict", "", "")


def test_a_shape_that_grows_around_its_middle_says_how_large_it_is() -> None:
    before, after = make_edition(), make_edition()
    township, line = before.layers["townships"], before.layers["expressways"]
    for edition, width in ((before, 0.01), (after, 0.02)):
        frame = edition.layers["townships"]
        frame.loc[frame.index[0], "geometry"] = shapely.box(120 - width, 30 - width, 120 + width, 30 + width)
        frame = edition.layers["expressways"]
        frame.loc[frame.index[0], "geometry"] = shapely.LineString([(120 - width, 30), (120, 30), (120 + width, 30)])
    found = by_field(told(before, after, "zh"))
    # On the ellipsoid at 30° N a degree of longitude is 96.486 km, one of latitude 110.852 km.
    assert found[township["id"].iloc[0], "位置"] == (
        "面，120.00000°E 30.00000°N，图上 4.28\u202f平方公里",
        "面，120.00000°E 30.00000°N，图上 17.11\u202f平方公里",
    )
    assert found[line["id"].iloc[0], "位置"] == (
        "线，120.00000°E 30.00000°N，图上 1.93\u202f公里",
        "线，120.00000°E 30.00000°N，图上 3.86\u202f公里",
    )


def test_columns_of_one_figure_are_one_line() -> None:
    before, after = figures_edition(), figures_edition()
    targets, claims = after.figures["targets"], after.figures["claims"]
    row = targets.index[targets["value"].notna()][0]
    targets.loc[row, ["value", "comparator", "unit", "unit_en"]] = [77.5, ">=", "公里", "km"]
    claim = claims.index[claims["verdict"] == "agrees"][0]
    claims.loc[claim, ["verdict", "because", "note"]] = ["noted", "open_list", "说明"]
    found = told(before, after, "zh")
    assert [(one.what, one.field, one.after) for one in found if one.id == targets.loc[row, "id"]] == [
        ("figure", "数值", "≥77.5\u202f公里")
    ]
    assert [(one.what, one.field, one.before, one.after) for one in found if one.id == claims.loc[claim, "id"]] == [
        ("changed", "说明", str(before.figures["claims"].loc[claim, "note"] or ""), "说明"),
        ("verdict", "结论", "相符", "提示：规划的名单未列全"),
    ]


def test_a_figure_that_the_plan_states_anew_was_not_measured_anew() -> None:
    before, after = figures_edition(), figures_edition()
    claims = after.figures["claims"]
    row = claims.index[claims["stated"].notna() & claims["measured"].notna()][0]
    claims.loc[row, ["stated", "difference"]] += [1.0, -1.0]
    assert [(one.field, one.what) for one in told(before, after, "zh")] == [("规划所写", "figure")]
    claims.loc[row, ["measured", "difference"]] += [2.0, 2.0]
    assert [one.field for one in told(before, after, "zh")] == ["规划所写", "量得"]


def test_a_difference_that_words_round_away_is_told_in_full() -> None:
    before, after = make_edition(), make_edition()
    after.observations.loc[after.observations["role"] == "computed", "value"] += 1e-6
    found = [one for one in told(before, after, "zh") if one.table == "observations"]
    assert found
    assert not [one for one in found if one.before == one.after]


def test_every_column_and_every_code_has_its_words() -> None:
    edition = figures_edition()
    columns = {"townships": tables.FEATURE_COLUMNS, "indicators": tables.INDICATOR_COLUMNS, **tables.FIGURES}
    offenders = []
    for lang in ("zh", "en"):
        # A record for each, so that no change is told with another; all at once, for each telling reads both editions.
        asked = [(table, column) for table, names in columns.items() for column in names if column != "id"]
        changes = tuple(Change("changed", table, column, "", "", "x", "x", column, "", "") for table, column in asked)
        found = lines(Difference("", "", changes, (), one_plan=True), edition, edition, lang)
        assert [(line.table, line.id) for line in found] == asked
        for (table, column), line in zip(asked, found, strict=True):
            if line.field == column and lang == "zh":
                offenders.append(f"{table}.{column}")
            elif "_" in line.field:
                offenders.append(f"{table}.{column} in English")
    codes = [(column, values) for kinds in tables.CODES.values() for column, values in kinds.items()]
    codes += [(column[:-1], values) for kinds in tables.LISTS_OF_CODES.values() for column, values in kinds.items()]
    known = [f"{column}.{value}" for column, values in codes for value in values if value != "none"]
    offenders += [key for key in known if key not in words.CODES]
    assert not offenders


def test_changes_in_chinese_hold_no_code() -> None:
    before, after = make_edition(), make_edition()
    townships = after.layers["townships"]
    townships.loc[0, ["status", "basis", "zone", "zone_from", "unit"]] = [
        "building",
        "osm",
        "east",
        "position",
        "zone/east",
    ]
    townships.loc[0, ["assumed", "symbolic", "cites"]] = [True, True, "9.1;专栏2-4"]
    after.indicators.loc[0, ["property", "origin", "better", "levels"]] = [
        "binding",
        "computed",
        "lower",
        "zone;township",
    ]
    found = told(before, after, "zh")
    assert {one.field for one in found} >= {
        "状态",
        "定位依据",
        "片区",
        "片区认定",
        "所在单元",
        "界线为假定",
        "出处",
        "属性",
    }
    codes = re.compile(r"[a-z]{3,}|_")
    assert not [
        f"{one.id} {one.field}: {text}"
        for one in found
        for text in (one.layer, one.kind, one.field, one.before, one.after)
        if codes.search(text)
    ]
    assert by_field(found)["township/a", "出处"][1] == "第九章第一节、专栏2 第4项"


def other_plan() -> Edition:
    made = make_edition()
    meta: dict[str, Any] = copy.deepcopy(dict(made.meta))
    meta["plan"]["id"] = "next-plan"
    made.layers["hubs"].loc[0, ["id", "name"]] = ["hub/x", "新站"]
    made.layers["zones"].loc[0, "id"] = "zone/w"
    return make_edition(meta={**meta, "hash": "ef" * 32}, layers=made.layers)


def test_between_two_plans_what_goes_on_is_told() -> None:
    before, after = make_edition(), other_plan()
    found = told(before, after, "zh")
    kept = {one.id: (one.earlier_id, one.matched) for one in found if one.what == KEPT}
    assert kept["zone/w"] == (before.layers["zones"]["id"].iloc[0], "name")
    assert "hub/x" not in kept
    assert len(kept) == sum(map(len, before.layers.values())) - 1
    assert compare(before, after).as_dict()["kept"][0].keys() >= {"id", "earlier_id", "matched", "same"}
    assert not [one for one in told(before, make_edition(), "zh") if one.what == KEPT]


@pytest.mark.parametrize(("lang", "head", "what"), [("zh", "变化", "新增"), ("en", "Change", "Added")])
def test_the_csv_is_in_words_and_harmless(lang: str, head: str, what: str) -> None:
    before, after = make_edition(), changed()
    after.layers["townships"].loc[0, "name"] = "=1+1"
    rows = list(csv.DictReader(io.StringIO(to_csv(told(before, after, lang), lang).decode("utf-8-sig"))))
    assert rows[0][head] == what
    assert any("'=1+1" in row.values() for row in rows)
