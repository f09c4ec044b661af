"""Every address of the OpenAPI document with values that nobody would write: nothing is a fault of the server."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from web_edition import make_edition

from webmap.app import create_app

ODD = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-1",
        "1e999",
        "nan",
        "inf",
        "null",
        "None",
        "true",
        "\x00",
        "%",
        "%00",
        "../..",
        "a/b",
        "'",
        '"',
        "\\",
        "\u202e",
        "9" * 40,
        "1,2,3,4",
        "120,30,121,31",
        "-180,-90,180,90",
        "0,0,0,0",
        "1e308,1e308,1e308,1e308",
        "nan,nan,nan,nan",
        "1,2,3,4,5,6",
        "EPSG:4490",
        "EPSG:4549",
        "CRS:84",
        "EPSG:99999",
        "urn:ogc:def:crs:EPSG::4326",
        "..",
        "../..",
        "2020-01-01/..",
        "0001-01-01",
        "9999-12-31T23:59:60Z",
        "{}",
        "[]",
        '{"op":"not"}',
        '{"op":"=","args":[{"property":"name"},[]]}',
        "name LIKE '%'",
        "S_INTERSECTS(geometry,POINT(1e308 1e308))",
        "S_INTERSECTS(geometry,POINT(120 30))",
        "T_AFTER(name,name)",
        "CASEI(ACCENTI(name))=CASEI('x')",
        "accuracy_m/0=1",
        "geometry IS NULL",
        "NOT NOT TRUE",
        "-id",
        "+name,-name",
        "GetMap",
        "GetFeatureInfo",
        "GetLegendGraphic",
        "GetTile",
        "image/png",
        "zones",
        "zones,hubs",
        "control_lines",
        "township/a",
        "4096",
        "22",
        "WMS",
    ]
)
VALUES = ODD | st.text(max_size=40) | st.integers(-5, 5000).map(str) | st.floats(width=32).map(str)
WORDS = [
    "name",
    "zone",
    "accuracy_m",
    "geometry",
    "'x'",
    "3",
    "-1.5",
    "1e9",
    "TRUE",
    "(",
    ")",
    ",",
    "AND",
    "OR",
    "NOT",
    "=",
    "<>",
    "<",
    "+",
    "*",
]
WORDS += [
    "/",
    "LIKE",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "CASEI(",
    "S_WITHIN(",
    "T_BEFORE(",
    "DATE('2020-01-01')",
    "POINT(120 30)",
    "BBOX(1,2,3,4)",
    "'%_'",
]
FILTERS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app({}, edition=make_edition())


def addresses(app: Flask) -> list[tuple[str, list[str], list[str]]]:
    document = json.loads(app.test_client().get("/ogc/api").data)
    shared = document["components"]["parameters"]
    found = []
    for path, operations in document["paths"].items():
        named = [
            shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in operations["get"]["parameters"]
        ]
        within, query = ([one["name"] for one in named if one["in"] == place] for place in ("path", "query"))
        found.append((f"/ogc{path.rstrip('/')}", within, query))
    return found


USUAL = {
    "collection": "zones",
    "style": "zones",
    "grid": "WebMercatorQuad",
    "level": "9",
    "row": "210",
    "column": "426",
    "feature": "zone/west",
    "service": "",
    "layers": "zones",
    "layer": "zones",
    "query_layers": "zones",
    "crs": "",
    "width": "64",
    "height": "64",
    "bbox": "",
    "i": "3",
    "j": "3",
}


@given(data=st.data())
def test_no_question_is_a_fault_of_the_server(app: Flask, data: Any) -> None:
    path, within, query = data.draw(st.sampled_from(addresses_of(app)))
    for name in within:
        value = data.draw(st.sampled_from([USUAL.get(name, "x")] * 3 + [data.draw(VALUES)]))
        path = path.replace("{" + name + "}", quote(value, safe="/"))
    chosen = data.draw(st.lists(st.sampled_from(query), max_size=5, unique=True)) if query else []
    parts = []
    for name in chosen:
        value = data.draw(FILTERS if name == "filter" else VALUES)
        if name in ("width", "height"):  # small pictures only: it is the question that is tried
            value = data.draw(st.sampled_from(["1", "32", "0", "x", "99999"]))
        parts.append(f"{quote(name)}={quote(value, safe='')}")
    if path.endswith(("/map", "/wms")) and not any(part.startswith("width=") for part in parts):
        parts.append("width=16")
    address = f"{path}?{'&'.join(parts)}"
    answer = app.test_client().get(address)
    assert answer.status_code < 500, (address, answer.data[:300])
    if answer.status_code in (400, 404):
        assert "problem+json" in answer.content_type or b"Exception" in answer.data, address


_KNOWN: dict[int, list[tuple[str, list[str], list[str]]]] = {}


def addresses_of(app: Flask) -> list[tuple[str, list[str], list[str]]]:
    return _KNOWN.setdefault(id(app), addresses(app))


@given(
    box=st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 4),
    crs=st.sampled_from(["CRS:84", "EPSG:4490", "EPSG:4549", "EPSG:3857"]),
)
def test_boxes_of_maps(app: Flask, box: tuple[float, ...], crs: str) -> None:
    numbers = ",".join(map(repr, box))
    asked = f"/ogc/wms?request=GetMap&layers=zones,hubs&width=16&height=16&crs={crs}&bbox={numbers}"
    assert app.test_client().get(asked).status_code in (200, 400)
