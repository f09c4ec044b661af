"""CQL2: the abstract tests' data and kinds of filters; what matches was counted by SQLite and SpatiaLite."""

import json
import sqlite3
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest
from cases import every
from plan_text import REFERENCE

from geo.crs import metric_crs
from geo.errors import PlanmapError
from layers.service.cql2 import DEEPEST, JSON_LANGUAGE, LONGEST, MOST_STEPS, parse
from layers.service.cql2_scalars import pattern_test
from layers.service.query import Question
from layers.service.systems import asked
from layers.service.table import Table

DATA = REFERENCE / "ne110m4cql2.gpkg"
LAYERS = {
    "countries": "ne_110m_admin_0_countries",
    "places": "ne_110m_populated_places_simple",
    "rivers": "ne_110m_rivers_lake_centerlines",
}

pytestmark = pytest.mark.reference


@cache
def table(layer: str) -> Table:
    if not DATA.is_file():
        pytest.skip("the data of the abstract tests are not beside the checkout")
    frame = gpd.read_file(DATA, layer=LAYERS[layer], fid_as_index=True)
    if "boolean" in frame:  # SQLite's 0, 1 and NULL
        frame["boolean"] = frame["boolean"].map(lambda one: None if pd.isna(one) else bool(one)).astype("boolean")
    return Table.of(layer, frame.assign(id=[str(fid) for fid in frame.index]))


def matched(layer: str, text: str, language: str = "cql2-text") -> set[str]:
    own = table(layer)
    return set(own.ids(Question(filter=parse(text, language)).rows(own)))


def by_sqlite(layer: str, where: str) -> set[str]:
    table(layer)
    with sqlite3.connect(f"file:{DATA}?mode=ro&immutable=1", uri=True) as file:
        file.create_function("casefold", 1, lambda text: text and text.casefold())
        names = [row[1] for row in file.execute(f"PRAGMA table_info({LAYERS[layer]})") if row[5]]
        return {str(row[0]) for row in file.execute(f"SELECT {names[0]} FROM {LAYERS[layer]} WHERE {where}")}


SAME = [  # filters that are SQL as they stand
    *(("countries", f"NAME{sign}'Luxembourg'") for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(("countries", f"POP_EST{sign}37589262") for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(("places", f"name{sign}'København'") for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(("places", f"pop_other{sign}1038288") for sign in ("=", "<>", "<", "<=", ">", ">=")),
    ("places", "name IS NULL"),
    ("places", "name IS NOT NULL"),
    ("places", "pop_other IS NOT NULL"),
    ("places", '"date" IS NULL'),
    ("places", '"date" IS NOT NULL'),
    ("places", "start IS NULL"),
    ("places", "pop_other<>1038288 AND name<>'København'"),
    ("places", "pop_other=1038288 OR name='København'"),
    ("places", "NOT (pop_other=1038288 OR name='København')"),
    ("places", "NOT (namealt='x')"),
    ("places", "NOT (namealt='x' AND name='København')"),
    ("places", "namealt<>'x' OR name='København'"),
    ("places", "pop_other BETWEEN 1000000 AND 3000000"),
    ("places", "pop_other NOT BETWEEN 1000000 AND 3000000"),
    ("places", "name IN ('Kiev','kobenhavn','Berlin','athens','foo')"),
    ("places", "name NOT IN ('Kiev','kobenhavn','Berlin','athens','foo')"),
    ("places", "pop_other IN (1038288,1611692,3013258,3013257,3013259)"),
    ("places", "pop_other>1038280+8"),
    ("places", "pop_other>10*(pop_max-pop_min)+1"),
    ("places", "pop_max-pop_min*2>0"),
    ("places", "pop_other/4 > 250000.5 AND pop_other%2=0"),
    ("places", "100/(pop_other*1.0)>0"),
    ("places", "pop_min=pop_max"),
    ("places", "name=nameascii"),
    ("places", "name<>nameascii"),
    ("places", "namealt>name"),
    ("countries", "NAME='a' OR NAME='b' AND POP_EST>0"),
    ("countries", "POP_EST > -1 AND NAME_EL>='Ω'"),
]


@every(("layer", "text"), SAME)
def test_scalar_filters_match_what_sqlite_matches(layer: str, text: str) -> None:
    expected = by_sqlite(layer, text)
    assert matched(layer, text) == expected
    as_json = json.dumps(parse(text).tree)
    assert matched(layer, as_json, JSON_LANGUAGE) == expected


OTHER_WORDS = [  # the same in the words of SQLite
    ("places", "name LIKE 'B_r%'", "name GLOB 'B?r*'"),
    ("places", "name NOT LIKE 'B_r%'", "name NOT GLOB 'B?r*'"),
    ("places", "name LIKE '%.%'", "name GLOB '*.*'"),
    ("places", "name LIKE '%n_o%'", "name GLOB '*n?o*'"),
    ("places", "name LIKE 'St.%'", "name GLOB 'St.*'"),
    ("places", "name LIKE '%Y%\\'", "0"),
    ("places", "CASEI(name) = CASEI('KØBENHAVN')", "casefold(name)='københavn'"),
    ("places", "CASEI(name) LIKE CASEI('b_R%')", "casefold(name) GLOB 'b?r*'"),
    (
        "places",
        "CASEI(name) IN (CASEI('Kiev'),CASEI('kobenhavn'),CASEI('Berlin'),CASEI('athens'),CASEI('foo'))",
        "casefold(name) IN ('kiev','kobenhavn','berlin','athens','foo')",
    ),
    ("places", "ACCENTI(name)=ACCENTI('Chișinău')", "name='Chisinau' OR name='Chișinău' OR name='Chişinău'"),
    ("places", "ACCENTI(name) LIKE ACCENTI('São%')", "name GLOB 'São*' OR name GLOB 'Sao*'"),
    ("places", "boolean=true", "boolean=1"),
    ("places", "boolean=false", "boolean=0"),
    ("places", "boolean", "boolean=1"),
    ("places", "NOT boolean", "boolean=0"),
    ("places", "TRUE", "1"),
    ("places", "FALSE OR boolean", "boolean=1"),
    ("places", "\"date\"=DATE('2022-04-16')", "date='2022-04-16'"),
    ("places", "\"date\">=DATE('2022-04-16')", "date>='2022-04-16'"),
    ("places", "\"date\"<DATE('2022-04-16')", "date<'2022-04-16'"),
    ("places", "start=TIMESTAMP('2022-04-16T10:13:19Z')", "start='2022-04-16T10:13:19'"),
    ("places", "start<=TIMESTAMP('2022-04-16T12:13:19+02:00')", "start<='2022-04-16T10:13:19'"),
    ("places", "T_AFTER(\"date\",DATE('2022-04-16'))", "date>'2022-04-16'"),
    ("places", "T_BEFORE(\"date\",DATE('2022-04-17'))", "date<'2022-04-17'"),
    ("places", "T_DISJOINT(\"date\",DATE('2022-04-16'))", "date<>'2022-04-16'"),
    ("places", "T_EQUALS(\"date\",DATE('2022-04-16'))", "date='2022-04-16'"),
    (
        "places",
        "T_INTERSECTS(\"date\",INTERVAL('2022-01-01','2022-04-16'))",
        "date BETWEEN '2022-01-01' AND '2022-04-16'",
    ),
    ("places", "T_INTERSECTS(\"date\",INTERVAL('2022-04-17','..'))", "date>='2022-04-17'"),
    (
        "places",
        "T_DURING(INTERVAL(start,\"end\"),INTERVAL('..','2023-01-01T00:00:00Z'))",
        "end<'2023-01-01T00:00:00' AND start IS NOT NULL",
    ),
    (
        "places",
        "T_STARTS(INTERVAL(start,\"end\"),INTERVAL('2022-04-16T10:13:19Z','..'))",
        "start='2022-04-16T10:13:19' AND end IS NOT NULL",
    ),
    ("places", "pop_other DIV 1000000=3", "pop_other/1000000=3"),
    ("places", "pop_other^2>1e12", "pop_other>1000000"),
    ("places", "pop_other/0>1", "0"),
    ("places", "NOT (pop_other/0>1)", "0"),
]


@every(("layer", "text", "where"), OTHER_WORDS)
def test_filters_that_sqlite_says_otherwise(layer: str, text: str, where: str) -> None:
    assert matched(layer, text) == by_sqlite(layer, where)


TRIANGLE = (
    "POLYGON((6.043073357781111 50.128051662794235,6.242751092156993 49.90222565367873,"
    "6.186320428094177 49.463802802114515,"
    "5.897759230176348 49.44266714130711,5.674051954784829 49.529483547557504,5.782417433300907 50.09032786722122,"
    "6.043073357781111 50.128051662794235))"
)
PLACED = [  # counted by SpatiaLite in GDAL 3.6: countries, places, rivers
    ("S_INTERSECTS(geometry,BBOX(0,40,10,50))", (8, 7, 1)),
    ("S_INTERSECTS(geometry,BBOX(0,40,-100,10,50,100))", (8, 7, 1)),
    ("S_INTERSECTS(geometry,BBOX(150,-90,-150,90))", (10, 12, 0)),
    ("NOT S_INTERSECTS(geometry,BBOX(0,40,10,50))", (169, 236, 12)),
    ("S_DISJOINT(geometry,BBOX(0,40,10,50))", (169, 236, 12)),
    ("S_WITHIN(geometry,BBOX(-180,-90,0,90))", (44, 74, 4)),
    ("S_CONTAINS(BBOX(-180,-90,0,90),geometry)", (44, 74, 4)),
    ("S_INTERSECTS(geometry,LINESTRING(-180 -45,0 -45))", (2, 0, 0)),
    (f"S_TOUCHES(geometry,{TRIANGLE})", (3, 0, 0)),
    ("S_CROSSES(geometry,LINESTRING(172 -40,185 -51,0 0))", (9, 0, 1)),
    ("S_CROSSES(geometry,BBOX(0,40,10,50))", (0, 0, 1)),
    ("S_OVERLAPS(geometry,BBOX(-180,-90,0,90))", (11, 0, 0)),
    ("S_CONTAINS(geometry,POINT(7.02 49.92))", (1, 0, 0)),
    ("S_WITHIN(POINT(7.02 49.92),geometry)", (1, 0, 0)),
    ("S_EQUALS(geometry,POINT(6.1300028 49.6116604))", (0, 1, 0)),
    ("S_INTERSECTS(geometry,BBOX(0,40,10,50)) AND S_INTERSECTS(geometry,BBOX(5,50,10,60))", (3, 0, 0)),
]


@every(("text", "counts"), PLACED)
def test_spatial_filters_match_what_spatialite_matches(text: str, counts: tuple[int, int, int]) -> None:
    assert tuple(len(matched(layer, text)) for layer in LAYERS) == counts
    assert tuple(len(matched(layer, json.dumps(parse(text).tree), JSON_LANGUAGE)) for layer in LAYERS) == counts


def test_json_as_the_standard_writes_it() -> None:
    written = {
        "op": "and",
        "args": [
            {"op": ">", "args": [{"property": "pop_other"}, {"op": "+", "args": [1038280, 8]}]},
            {
                "op": "s_intersects",
                "args": [
                    {"property": "geometry"},
                    {"type": "Polygon", "coordinates": [[[0, 40], [10, 40], [10, 50], [0, 50], [0, 40]]]},
                ],
            },
            {"op": "t_before", "args": [{"date": "2000-01-01"}, {"interval": ["2001-01-01", ".."]}]},
        ],
    }
    box = "S_INTERSECTS(geometry,BBOX(0,40,10,50))"
    expected = by_sqlite("places", "pop_other>1038288") & matched("places", box)
    assert matched("places", json.dumps(written), JSON_LANGUAGE) == expected
    assert expected


def test_geometries_of_a_filter_are_in_its_system() -> None:
    own = table("countries")
    north_first = asked("http://www.opengis.net/def/crs/EPSG/0/4326", 120.3)
    rows = Question(filter=parse("S_CONTAINS(geometry,POINT(49.92 7.02))", system=north_first)).rows(own)
    assert set(own.ids(rows)) == matched("countries", "S_CONTAINS(geometry,POINT(7.02 49.92))")
    zone = asked(f"EPSG:{metric_crs(120.3).to_epsg()}", 120.3)  # northing first: 30 N 120 E is 3 320 113 m, 500 000 m
    rows = Question(filter=parse("S_CONTAINS(geometry,POINT(3320113 500000))", system=zone)).rows(own)
    assert [own.columns["NAME"].plain(row) for row in rows] == ["China"]


def test_names_may_be_chinese_without_quotes() -> None:
    own = Table.of(
        "t", pd.DataFrame({"id": ["a", "b", "c"], "名称": ["南站", "南_站", "北.站"], "面积": [1.0, 2.0, 3.0]})
    )

    def ids(text: str) -> list[str]:
        return own.ids(Question(filter=parse(text)).rows(own))

    assert ids("名称 LIKE '南%' AND 面积 > 1") == ["b"]
    assert ids("名称 LIKE '南\\_站'") == ["b"]
    assert ids("名称 LIKE '北_站'") == ["c"]
    assert ids("名称 LIKE '南.站'") == []


REFUSED = [
    "",
    "(",
    "a=",
    "name=",
    "'",
    "name='x' AND",
    "nothing=1",
    "name=1",
    "pop_other='x'",
    "name LIKE 3",
    "name",
    "NOT name",
    "avg(pop_other)=1",
    "pop_other+name>1",
    "S_INTERSECTS(name,POINT(1 2))",
    "S_INTERSECTS(geometry,POLYGON((0 0)))",
    "S_INTERSECTS(geometry,POLYGON EMPTY)",
    "S_INTERSECTS(geometry,POLYGON((0 0,1 1,1 0,0 1,0 0)))",
    "S_INTERSECTS(geometry,BBOX(1,2))",
    "S_INTERSECTS(geometry,BBOX(0,50,10,40))",
    "T_AFTER(name,DATE('2020-01-01'))",
    "\"date\"=DATE('2020-13-01')",
    "T_AFTER(\"date\",'x')",
    "pop_other=1e999",
    "geometry='x'",
    "name IN ()",
    "name;drop",
    "S_DWITHIN(geometry,POINT(1 2),3)",
    "A_CONTAINS(name,('a','b'))",
    "(" * 200 + "name='x'" + ")" * 200,
    "NOT " * (DEEPEST + 1) + "name='x'",
    "pop_other=" + "+".join("1" * (MOST_STEPS + 2)),
    "name='" + "x" * LONGEST + "'",
    "pop_other BETWEEN 'a' AND 'b'",
    "\x00",
    "name = \x00",
    "name LIKE '" + "%" * 600 + "'",
]


@every("text", REFUSED)
def test_what_is_no_filter_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(PlanmapError) as caught:
        matched("places", text)
    assert caught.value.key.startswith("service.")
    assert caught.value.message("zh")
    assert caught.value.remedy("en")


NO_JSON = [
    "",
    "{}",
    "[]",
    "3",
    '"x"',
    "null",
    '{"op":"nope","args":[]}',
    '{"op":"=","args":[1]}',
    '{"op":"and","args":[]}',
    '{"op":"=","args":[{"property":"name"},null]}',
    '{"op":"like","args":["a"]}',
    '{"op":"in","args":[{"property":"name"},"x"]}',
    '{"op":"not","args":[]}',
    '{"op":"isNull","args":[]}',
    '{"op":"casei","args":["x"]}',
    "[" * 500 + "]" * 500,
    '{"op":"t_after","args":[{"interval":["x"]},{"date":"2020-01-01"}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":["a","b"]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},"x"]}',
]


@every("text", NO_JSON)
def test_what_is_no_json_filter_is_refused(text: str) -> None:
    with pytest.raises(PlanmapError):
        matched("places", text, JSON_LANGUAGE)


def test_patterns_take_time_with_the_text_only() -> None:
    fits = pattern_test("%a" * 200)
    assert not fits("a" * 150 + "b")
    assert fits("a" * 200)
    assert pattern_test("a%a")("aa")
    assert not pattern_test("a%a")("a")
    assert pattern_test("100\\%")("100%")
    assert not pattern_test("100\\%")("100x")
    assert pattern_test("%\n_")("x\ny")
