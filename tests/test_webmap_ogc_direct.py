"""Questions to services that are answered without the framework: the same answers as with it, and no others."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import shapely
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from web_edition import make_edition

from layers.edition.file import write
from layers.service import strips as looked
from layers.service import table as tables
from layers.service.boxes import BLOCK, Boxes
from layers.service.columns import FEW_WORDS
from layers.service.packing import map_arrays, write_arrays
from layers.service.strips import Strips
from layers.service.systems import CRS84
from layers.service.table import Table, packed
from layers.service.words import Words
from webmap.app import close, create_app, warm
from webmap.ogc import plain
from webmap.ogc.service import service

ITEMS = "/ogc/collections/townships/items"
ALIKE = (
    ITEMS,
    f"{ITEMS}?",
    f"{ITEMS}?limit=1",
    f"{ITEMS}?limit=1&offset=1",
    f"{ITEMS}?offset=1&limit=1",
    f"{ITEMS}?limit=100&offset=0",
    f"{ITEMS}?offset=99999",
    f"{ITEMS}?bbox=120.2,30.0,120.4,30.2",
    f"{ITEMS}?bbox=120.2%2C30.0%2C120.4%2C30.2&limit=1",
    f"{ITEMS}?bbox=120.2,30.0,120.4,30.2&limit=1&offset=1",
    f"{ITEMS}?bbox=0,0,0,0",
    "/ogc/collections/hubs/items",
    f"{ITEMS}?zone=west",
    f"{ITEMS}?zone=west&kind=township&bbox=120.0,30.0,120.2,30.2&limit=1",
    f"{ITEMS}?filter=zone%3D%27west%27+AND+code%20IS%20NOT%20NULL&bbox=120.0,30.0,120.2,30.2",
    f"{ITEMS}?filter={quote('name LIKE ')}%27%E9%95%BF%25%27&sortby=-name&properties=name,zone&skipGeometry=true",
    f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/3857&limit=2",
    f"{ITEMS}?limit=%31",
    f"{ITEMS}?limit=01",
    f"{ITEMS}?bbox=179,-1,-179,1",
    f"{ITEMS}?sortby=+name&offset=1&filter-lang=cql2-text",
    f"{ITEMS}?name=%C3%BC%26",
    f"{ITEMS}?kind=township&bbox=120.0,30.0,120.2,30.2&zone=west&offset=0&limit=100",
    f"{ITEMS}?bbox=120.0,30.0,120.6,30.6&name=%E9%95%BF+%E6%B2%B3&zone=west",
    f"{ITEMS}?bbox=120.0,30.0,120.6,30.6&area_km2=1e1&sortby=name",
    f"{ITEMS}?bbox=120.0,30.0,120.6,30.6&filter=CASEI(name)=CASEI(%27A%27)+OR+name+LIKE+%27%25%27&limit=1",
)
TILES = "/ogc/collections/townships/tiles/WebMercatorQuad"
ALIKE += (f"{TILES}/9/211/426", f"{TILES}/0/0/0", "/ogc/collections/hubs/tiles/CGCS2000Quad/3/2/13")
"""Answered directly."""
OTHERS = (
    f"{ITEMS}?limit=0", f"{ITEMS}?limit=10001", f"{ITEMS}?limit=", f"{ITEMS}?limit=1&limit=1",
    f"{ITEMS}?offset=-1", f"{ITEMS}?offset=1e3", f"{ITEMS}?bbox=1,2,3", f"{ITEMS}?bbox=3,3,1,1",
    f"{ITEMS}?bbox=0,-91,1,1", f"{ITEMS}?bbox=nan,0,1,1", f"{ITEMS}?bbox=0,0,1,1,",
    f"{ITEMS}?bbox=120,30,121,31&filter=nothing%3D1", f"{ITEMS}?bbox=120,30,121,31&zone=%FF",
    f"{ITEMS}?bbox=120,30,121,31&area_km2=much", f"{ITEMS}?bbox=120,30,121,31&zone=west&nothing=1",
    f"{ITEMS}?f=html", f"{ITEMS}?lang=en", f"{ITEMS}?nothing=1", f"{ITEMS}?zone=west&lang=en",
    f"{ITEMS}?name=%FF", f"{ITEMS}?name=长", f"{ITEMS}?nothing=1&zone=west", f"{ITEMS}?filter=", f"{ITEMS}?filter=zone",
    f"{ITEMS}?filter=nothing%3D1", f"{ITEMS}?area_km2=much", f"{ITEMS}?zone=west&zone=east", f"{ITEMS}?zone",
    f"{ITEMS}?properties=nothing", f"{ITEMS}?crs=EPSG:1", f"{ITEMS}/",
    f"{ITEMS}?limit=1&", f"{ITEMS}/nothing", f"{ITEMS}/township%2Fnowhere", "/ogc/collections/nothing/items",
    f"{ITEMS}/{quote('西片')}",
)  # fmt: skip
OTHERS += (
    f"{TILES}/9/211/512",
    f"{TILES}/0/0/00",
    f"{TILES}/99/0/0",
    f"{TILES}/9/211/426?properties=id",
    f"{TILES}/x/0/0",
    "/ogc/collections/townships/tiles/Nope/0/0/0",
    "/ogc/collections/nothing/tiles/WebMercatorQuad/0/0/0",
)
"""Left to the routes, whatever they say."""


@pytest.fixture(scope="module")
def apps() -> tuple[Flask, Flask]:
    """One application that answers directly where it can, and one that never does."""
    first = create_app({}, edition=make_edition())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webmap.app.direct", lambda _ctx, _scope: None)
        return first, create_app({}, edition=make_edition())


def _said(app: Flask, path: str, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    answer = app.test_client().get(path, headers=headers)
    return answer.status_code, sorted(answer.headers), answer.data


def test_answers_are_those_of_the_routes(apps: tuple[Flask, Flask]) -> None:
    own, routed = apps
    passed: list[str] = []
    own.before_request(lambda: passed.append("framework"))
    one = f"{ITEMS}/{make_edition().layers['townships']['id'].iloc[0]}"
    edition = f"/e/{own.extensions['planmap'].only.store.hash[:12]}"
    for path in (*ALIKE, one, one.replace("township/", "township%2F"), f"{edition}{one}", f"{edition}{ITEMS}?limit=1"):
        for headers in (
            {},
            {"Accept-Encoding": "gzip"},
            {"Host": "b.example", "X-Forwarded-Proto": "https"},
            {"Accept": "application/json", "Host": "{}"},
        ):
            found = _said(own, path, headers)
            assert found == _said(routed, path, headers), (path, headers)
            assert found[0] == 200
    assert passed == []


def test_all_else_goes_the_whole_way(apps: tuple[Flask, Flask]) -> None:
    own, routed = apps
    passed: list[str] = []
    own.before_request(lambda: passed.append("framework"))
    asked = [(path, {}) for path in OTHERS] + [(ITEMS, {"Accept": "text/html"}), (ITEMS, {"If-None-Match": '"x"'})]
    for number, (path, headers) in enumerate(asked, 1):
        assert _said(own, path, headers) == _said(routed, path, headers), path
        assert len(passed) == number, path
    tag = dict(_said(own, ITEMS, {})[1])["ETag"]
    assert _said(own, ITEMS, {"If-None-Match": tag})[0] == 304
    assert own.test_client().head(ITEMS).data == b""


# ---- tables on arrays


def _frame(count: int) -> pd.DataFrame:
    return make_edition().layers["townships"].iloc[[0, 1] * (count // 2)].assign(id=[f"t/n{n}" for n in range(count)])


def test_a_vast_table_in_a_file_answers_as_one_in_memory(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = _frame(FEW_WORDS + 10)
    whole = Table.of("townships", frame)
    path = tmp_path_factory.mktemp("tables") / "one"
    write_arrays(path, *packed("townships", frame))
    monkeypatch.setattr(tables, "VAST", 10)
    vast = Table(*map_arrays(path))
    area = shapely.box(*whole.extent or ()).buffer(-0.01)
    for one in (area, area.envelope, area.centroid.buffer(0.001)):
        assert vast.within_box(one).tolist() == whole.within_box(one).tolist()
    rows = [0, 1, 2, 7, 1022, 1023, 1024, 2047, 4000, 3]
    joined = [b"".join(one.encoded(CRS84).features(rows).members) for one in (vast, whole)]
    assert joined[0] == joined[1]
    assert (vast.row_of("t/n77"), vast.row_of("t/n"), vast.ids(np.array(rows))) == (77, None, whole.ids(np.array(rows)))
    assert {name: one.texts().tolist() for name, one in vast.columns.items() if one.kind == "text"} == {
        name: one.texts().tolist() for name, one in whole.columns.items() if one.kind == "text"
    }
    path.write_bytes(b"planmap" * 10)
    with pytest.raises(ValueError, match="one"):
        map_arrays(path)


@given(
    st.lists(st.tuples(*[st.integers(-20, 20)] * 2, *[st.integers(0, 9)] * 2), max_size=3 * BLOCK),
    st.tuples(*[st.integers(-20, 20)] * 2, *[st.integers(0, 15)] * 2),
)
def test_boxes_are_found_as_by_looking_at_each(boxes: list[Any], asked: tuple[int, int, int, int]) -> None:
    shapes = np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes] + [None, shapely.Point()], dtype=object)
    shapes[::3] = [None if one is None else one.boundary for one in shapes[::3]]
    x, y, w, h = asked
    found, certain = Boxes(**Boxes.packed(shapes)).meeting(x, y, x + w, y + h)
    area = shapely.box(x, y, x + w, y + h)
    near = [row for row, one in enumerate(shapes) if one is not None and one.envelope.intersects(area)]
    assert found.tolist() == near
    assert all(shapes[row].intersects(area) for row in found[certain])
    told = Strips(shapes).meeting(x, y, x + w, y + h)
    assert told is not None
    sure, unsure = told
    assert sorted(sure + unsure) == near
    assert all(shapes[row].intersects(area) for row in sure)
    assert set(sure) >= set(found[certain].tolist())


def test_an_outmost_vertex_in_a_box_is_certain() -> None:
    shapes = np.array([shapely.box(0, 0, 2, 2), shapely.Point(1, 1).buffer(1), None, shapely.box(9, 9, 10, 10)])
    shapes[3] = shapely.multipolygons([shapes[3], shapely.box(11, 9, 12, 10)])
    strips = Strips(shapes)
    for west, south in ((0.9, 0.9), (-0.9, -0.9), (0.9, -0.9), (-0.9, 0.9)):  # a corner of the box that is asked for
        assert strips.meeting(west, south, west + 2, south + 2) == ([0, 1], []), (west, south)
    # Beyond the circle, but within its own box; between two pieces.
    assert strips.meeting(1.8, 1.8, 3, 3) == ([0], [1])
    assert strips.meeting(10.2, 8, 10.8, 11) == ([], [3])


def test_where_too_many_boxes_are_in_sight_a_tree_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table.of("townships", _frame(40))
    area = shapely.box(*table.extent or ()).buffer(-0.01)
    found = table.within(*area.bounds)
    monkeypatch.setattr(looked, "MOST_LOOKED_AT", 3)
    assert table._strips.meeting(*area.bounds) is None
    assert table.within(*area.bounds) == found != []


def test_words_are_found_in_order() -> None:
    texts = sorted(["", "a", "ab", "西片", "\U0001f600", "\ud800"])
    words = Words(*Words.packed(texts))
    assert list(words) == texts
    assert [words.place(one) for one in texts] == list(range(6))
    assert words.place("b") is None


def test_an_edition_whose_layers_are_not_held_answers_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.gpkg"
    write(make_edition(), path)
    held = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})
    for module in ("layers.edition.large", "layers.edition.store", "layers.service.table", "layers.service.tiles",
                   "webmap.ogc.service", "webmap.app"):  # fmt: skip
        monkeypatch.setattr(f"{module}.VAST", 1)
    vast = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})
    warm(vast)
    box = "bbox=30,120,30.5,120.5&width=64&height=64&crs=EPSG:4490"
    for asked in (
        *ALIKE,
        f"{ITEMS}?filter=" + quote("zone LIKE 'w%' AND S_INTERSECTS(geometry,BBOX(120,30,121,31))"),
        f"{ITEMS}?sortby=-name&properties=name",
        f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/3857",
        "/ogc/collections?f=html",
        "/ogc/collections/townships/tiles/WebMercatorQuad/9/211/426",
        "/ogc/collections/townships/map?width=64&height=64",
        f"/ogc/wms?request=GetFeatureInfo&layers=townships&query_layers=townships&i=32&j=32&{box}&info_format=application/json",
        "/ogc/styles/townships?f=mapbox",
        "/ogc/wms?request=GetLegendGraphic&layer=townships",
    ):
        found = _said(vast, asked, {})
        assert found[0] == 200, asked
        assert found == _said(held, asked, {}), asked
    assert _said(vast, "/api/layers/townships", {})[0] == 400  # such a layer is not given whole
    store = vast.extensions["planmap"].only.store
    gc.collect()
    assert store.count("townships") == len(held.extensions["planmap"].only.store.frame("townships"))
    assert store.edition.layers._held.keys() == {name for name in store.layers if store.count(name) <= 1}
    close(vast)


def test_features_are_marked_alike_whether_or_not_all_are_encoded() -> None:
    first, ready = (Table.of("townships", _frame(2 * tables.BLOCK + 6)).encoded(CRS84) for _ in range(2))
    ready.make_ready()
    marks = set()
    for rows in ([], [0], [tables.BLOCK], [2050, 3, 7], [3, 7, 2050], range(1020, 1030)):
        assert first.features(rows).mark == ready.features(rows).mark
        assert list(first.features(rows).members) == list(ready.features(rows).members)
        marks.add(ready.features(rows).mark)
    assert len(marks) == 6


def test_what_stands_beside_a_box_is_kept_and_bounded(apps: tuple[Flask, Flask]) -> None:
    own, routed = apps
    kept = service(own.extensions["planmap"].only).keep("rests", dict)
    for number in range(plain.MOST_KEPT + 2):
        path = f"{ITEMS}?bbox=120.0,30.0,120.6,30.6&zone=west&limit={number + 1}"
        assert _said(own, path, {}) == _said(routed, path, {})
    assert 0 < len(kept) <= plain.MOST_KEPT
