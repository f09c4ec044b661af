"""Conditions held against few rows one by one: they choose what arrays choose, whatever is asked."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.service import few
from layers.service.cql2 import JSON_LANGUAGE, Filter, parse
from layers.service.errors import ServiceError
from layers.service.query import Question
from layers.service.table import Table

NAMES = ["西片", "東片", "Straße", "STRASSE", "çan", "can", "a_c%", "", None, "\U0001f600", "西"]
NUMBERS = [0.0, -1.5, 2.0, None, 1e300, 3.0]
DAYS = ["1969-12-31", "1970-01-01", "2026-02-28", None]
_ROWS = 77


def _cells(values: list, step: int) -> list:
    return [values[row * step % len(values)] for row in range(_ROWS)]


@pytest.fixture(scope="module")
def table() -> Table:
    frame = pd.DataFrame({"id": [f"t/{row}" for row in range(_ROWS)]})
    frame["name"], frame["other"] = _cells(NAMES, 1), _cells(NAMES, 3)
    frame["area"] = _cells(NUMBERS, 1)
    frame["count"] = pd.array(_cells([1, 2, None, 3], 1), dtype="Int64")
    frame["whole"] = _cells([1, 2, 3], 1)
    frame["huge"] = _cells([2**53, 2**53 + 1], 1)
    frame["built"] = pd.array(_cells([True, False, None], 1), dtype="boolean")
    frame["day"] = pd.to_datetime(pd.Series(_cells(DAYS, 1)))
    frame["at"] = pd.to_datetime(pd.Series(_cells(["1970-01-01T00:00:00.500Z", None, "2026-02-28T10:00:00.000Z"], 1)))
    shapes = np.array([None if row % 7 == 0 else shapely.Point(row, 0) for row in range(_ROWS)], dtype=object)
    return Table.of("things", gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4490"))


_TEXTS = st.sampled_from([one for one in NAMES if one is not None] + ["zz", "西片区"])
_SIGNS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
_PATTERNS = st.sampled_from(["%", "西%", "_", "%a%", "a\\_c\\%", "str%e", "_a_", ""])
_COLUMNS = st.sampled_from(["name", "other"])
_PLACES = st.sampled_from(["area", "count", "whole", "huge"])
_QUANTITIES = st.sampled_from([0, 1, 2, 2.5, 3, -1.5, 2.0**53, 1e300])
_TIMES = st.sampled_from(["1970-01-01", "2026-02-28T10:00:00Z", "1970-01-01T08:00:00.5+08:00"])
_RELATIONS = st.sampled_from(["t_after", "t_before", "t_equals", "t_intersects", "t_during", "t_disjoint", "t_starts"])
_WHEN = st.sampled_from(["day", "at"])


def _property(name: str) -> dict:
    return {"property": name}


def _call(name: str, *arguments: object) -> dict:
    return {"op": name, "args": list(arguments)}


def _time(text: str) -> dict:
    return {"date": text} if len(text) == 10 else {"timestamp": text}


def _folded(fold: str, node: object) -> object:
    for one in fold.split():
        node = _call(one, node)
    return node


_FOLDS = st.sampled_from(["", "casei", "accenti", "casei accenti"])
_SIMPLE = st.one_of(
    st.builds(lambda s, f, c, t: _call(s, _folded(f, _property(c)), _folded(f, t)), _SIGNS, _FOLDS, _COLUMNS, _TEXTS),
    st.builds(lambda s, c, t: _call(s, t, _property(c)), _SIGNS, _COLUMNS, _TEXTS),
    st.builds(lambda f, c, p: _call("like", _folded(f, _property(c)), _folded(f, p)), _FOLDS, _COLUMNS, _PATTERNS),
    st.builds(lambda s, c, n: _call(s, _property(c), n), _SIGNS, _PLACES, _QUANTITIES),
    st.builds(lambda s, c, n: _call(s, n, _property(c)), _SIGNS, _PLACES, _QUANTITIES),
    st.builds(lambda c, a, b: _call("between", _property(c), a, b), _PLACES, _QUANTITIES, _QUANTITIES),
    st.builds(lambda c, some: _call("in", _property(c), some), _COLUMNS, st.lists(_TEXTS, min_size=1, max_size=4)),
    st.builds(lambda c, n: _call("in", _property(c), n), _PLACES, st.lists(_QUANTITIES, min_size=1, max_size=4)),
    st.builds(lambda c: _call("isNull", _property(c)), st.sampled_from(["name", "area", "built", "day", "geometry"])),
    st.builds(lambda s, c, t: _call(s, _property(c), _time(t)), _SIGNS, _WHEN, _TIMES),
    st.builds(lambda s, c, t: _call(s, _property(c), t), _SIGNS, _WHEN, _TIMES),
    st.builds(lambda r, c, t: _call(r, _property(c), _time(t)), _RELATIONS, _WHEN, _TIMES),
    st.builds(
        lambda r, c, t: _call(r, _property(c), {"interval": t}),
        _RELATIONS,
        _WHEN,
        st.sampled_from([["..", "1970-01-02"], ["1970-01-01", "2026-12-31"], ["2026-01-01", ".."]]),
    ),
    st.sampled_from([_property("built"), True, False, _call("=", _property("built"), True)]),
    st.builds(lambda s: _call(s, _property("name"), _property("other")), _SIGNS),
    st.builds(lambda s, n: _call(s, _call("*", _property("area"), 2), n), _SIGNS, _QUANTITIES),
)
_TREES = st.recursive(
    _SIMPLE,
    lambda one: st.one_of(
        st.builds(lambda name, some: _call(name, *some), st.sampled_from(["and", "or"]),
                  st.lists(one, min_size=2, max_size=3)),
        st.builds(lambda inner: _call("not", inner), one),
    ),
    max_leaves=6,
)  # fmt: skip


@given(_TREES, st.lists(st.integers(0, _ROWS - 1), unique=True).map(sorted))
def test_rows_are_chosen_as_arrays_choose_them(table: Table, tree: object, rows: list[int]) -> None:
    asked = Filter(tree)
    told = few.chosen(table, rows, {}, asked)
    if told is not None:
        holds = asked.holds(table)
        assert told == [row for row in rows if holds[row]]


@given(_SIMPLE)
def test_what_is_usual_is_told_row_by_row(table: Table, tree: object) -> None:
    elsewhere = ('"*"', '"huge"', '"geometry"', '{"property": "other"}]')
    said = str(tree).replace("'", '"')
    assert few.chosen(table, [1], {}, Filter(tree)) is not None or any(one in said for one in elsewhere), tree


@given(
    st.one_of(
        st.tuples(_COLUMNS, _TEXTS), st.tuples(_PLACES, _QUANTITIES.map(str)), st.tuples(_WHEN, _TIMES),
        st.tuples(st.just("built"), st.sampled_from(["true", "false", "True", "1"])), st.just(("nothing", "x")),
    )
)  # fmt: skip
def test_values_are_found_as_arrays_find_them(table: Table, asked: tuple[str, str]) -> None:
    equal = dict([asked])
    try:
        expected = Question(equal=equal).rows(table).tolist()
    except ServiceError:
        with pytest.raises(ServiceError):
            few.chosen(table, [], equal)
        return
    assert few.chosen(table, list(range(_ROWS)), equal) == expected


def test_nothing_is_told_of_many_rows_or_of_places_in_a_filter(table: Table) -> None:
    assert few.chosen(table, [0] * (few.MOST + 1), {"whole": "1"}) is None
    assert few.chosen(table, [1], {}, parse("S_INTERSECTS(geometry,POINT(1 0))")) is None


@pytest.mark.parametrize("text", ["nothing = 1", "name > 3", "area LIKE 'a%'", "name", "day = 'never'"])
def test_what_is_wrong_is_said_as_always(table: Table, text: str) -> None:
    said = []
    for hold in (lambda asked: few.chosen(table, [], {}, asked), lambda asked: asked.holds(table)):
        with pytest.raises(ServiceError) as told:
            hold(parse(text))
        said.append(told.value.message("en"))
    assert said[0] == said[1]


def test_a_long_filter_is_held_as_far_as_arrays_hold_it(table: Table) -> None:
    long = " OR ".join(f"whole={number}" for number in range(1, 440))
    assert few.chosen(table, [0, 1, 2], {}, parse(long)) in ([0, 1, 2], None)
    many = "[" + ",".join(f'"{number}"' for number in range(600)) + ',"西片"]'
    asked = parse('{"op":"in","args":[{"property":"name"},' + many + "]}", JSON_LANGUAGE)
    assert few.chosen(table, [0, 1, 11], {}, asked) == [0, 11]
