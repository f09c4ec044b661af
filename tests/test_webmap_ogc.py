"""``/ogc``: features over HTTP; what is answered is held against the edition and numbers by hand."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pandas as pd
import pytest
import shapely
from cases import every
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.edition.file import Edition
from webmap.app import create_app
from webmap.ogc.documents import CONFORMS
from webmap.serving.recent import Recent

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


def got(client: FlaskClient, path: str, **headers: str) -> dict[str, Any]:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data)


def ids(client: FlaskClient, layer: str, query: str = "") -> list[str]:
    return [one["id"] for one in got(client, f"/ogc/collections/{layer}/items?{query}")["features"]]


def links(document: dict[str, Any]) -> dict[str, str]:
    return {one["rel"]: one["href"] for one in document["links"]}


# ---- what it says of itself


def test_every_link_of_every_document_leads_somewhere(client: FlaskClient) -> None:
    seen: set[str] = set()
    waiting = ["http://localhost/ogc"]
    while waiting:
        address = waiting.pop()
        for name, value in (("{tileMatrix}", "9"), ("{tileRow}", "209"), ("{tileCol}", "426")):
            address = address.replace(name, value)
        if address in seen:
            continue
        seen.add(address)
        assert address.startswith("http://localhost/"), address
        parts = urlsplit(address)
        answer = client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, address
        if "json" in answer.content_type and parts.path.startswith("/ogc"):
            waiting += re.findall(r'"href":"([^"]+)"', answer.get_data(as_text=True))
        elif answer.content_type.startswith("text/html") and parts.path.startswith("/ogc"):
            waiting += [
                "http://localhost" + one.replace("&amp;", "&") for one in re.findall(r'href="(/ogc[^"]*)"', answer.text)
            ]
    assert len(seen) > 100
    assert "http://localhost/ogc/collections/hubs/items/hub%2Fsouth" in seen


def test_collections_are_the_layers(client: FlaskClient) -> None:
    answer = got(client, "/ogc/collections")
    by_id = {one["id"]: one for one in answer["collections"]}
    assert list(by_id) == ["zones", "zone_parts", "townships", "district", "expressways", "hubs", "control_lines"]
    assert by_id["zones"]["title"] == "三区"
    assert by_id["zones"]["extent"]["spatial"]["bbox"] == [[120.0, 30.0, 120.4, 30.2]]
    assert "extent" not in by_id["control_lines"]
    # The plan's longitude is 120.2: the zone of 120 E.
    assert by_id["zones"]["crs"] == [CRS84, *(f"{EPSG}{code}" for code in (4326, 4490, 4549, 3857))]
    assert by_id["zones"]["storageCrs"] == f"{EPSG}4490"


def test_conformance_names_classes_of_the_standards(client: FlaskClient) -> None:
    classes = got(client, "/ogc/conformance")["conformsTo"]
    assert classes == list(CONFORMS)
    assert all(one.startswith("http://www.opengis.net/spec/") for one in classes)


def test_the_description_is_valid_and_says_what_the_routes_declare(client: FlaskClient) -> None:
    document = got(client, "/ogc/api")
    validate(document)
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (100, 10_000)
    shared = document["components"]["parameters"]
    described = {
        path: [
            shared[p["$ref"].rpartition("/")[2]]["name"] if "$ref" in p else p["name"] for p in one["get"]["parameters"]
        ]
        for path, one in document["paths"].items()
    }
    routes = client.application.extensions["planmap"].only.routes
    declared = {
        route.address.removeprefix("/ogc") or "/": [one.name for one in (*route.places, *route.parameters)]
        for route in routes
        if route.rule.startswith("/ogc")
    }
    assert described == declared


def test_queryables_name_the_columns_and_the_geometry(client: FlaskClient) -> None:
    schema = got(client, "/ogc/collections/expressways/queryables")
    assert schema["properties"]["length_km"]["type"] == "number"
    assert schema["properties"]["geometry"]["format"] == "geometry-multilinestring"
    assert "area_km2" not in schema["properties"]  # holds nothing here
    assert "geometry" not in got(client, "/ogc/collections/control_lines/queryables")["properties"]


# ---- features


def test_a_page_is_geojson_with_every_column_that_holds_something(client: FlaskClient) -> None:
    answer = client.get("/ogc/collections/townships/items")
    assert answer.content_type == "application/geo+json"
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"
    page = json.loads(answer.data)
    assert (page["type"], page["numberMatched"], page["numberReturned"]) == ("FeatureCollection", 3, 3)
    first, second, _third = page["features"]
    assert first["id"] == first["properties"]["id"] == "township/a"
    assert first["geometry"] == {
        "type": "MultiPolygon",
        "coordinates": [[[[120.0, 30.0], [120.1, 30.0], [120.1, 30.2], [120.0, 30.2], [120.0, 30.0]]]],
    }
    assert first["properties"]["aliases"] == "老长山;CS2"
    assert first["properties"].keys() == second["properties"].keys()
    assert second["properties"]["code"] is None
    assert first["properties"]["assumed"] is False


def test_pages_follow_each_other_and_stay_with_their_edition(client: FlaskClient) -> None:
    found, address = [], "/ogc/collections/townships/items?limit=1&sortby=-name_en"
    while address:
        page = got(client, address)
        found += [one["id"] for one in page["features"]]
        following = links(page).get("next", "")
        assert not following or following.startswith(f"http://localhost/e/{make_edition().hash[:12]}/ogc/")
        address = following.removeprefix("http://localhost")
    assert found == ["township/a", "township/c", "township/b"]  # Changshan, C, B
    last = got(client, "/ogc/collections/townships/items?limit=1&offset=2")
    assert "offset=1" in links(last)["prev"]
    assert got(client, "/ogc/collections/townships/items?offset=99")["features"] == []


BOXES = [
    ("bbox=120.0,30.0,120.05,30.05", ["township/a"]),
    ("bbox=120.09,30.0,120.11,30.05", ["township/a", "township/b"]),
    ("bbox=120.0,30.0,0,120.05,30.05,100", ["township/a"]),
    (f"bbox=30.0,120.0,30.05,120.05&bbox-crs={quote(EPSG)}4326", ["township/a"]),
    (f"bbox=30.0,120.0,30.05,120.05&bbox-crs={quote(EPSG)}4490", ["township/a"]),
    # The eastern half of townships c, in metres: 120.3 E is 28.9 km east of the meridian with 500 km.
    (f"bbox=3320000,529000,3340000,530000&bbox-crs={quote(EPSG)}4549", ["township/c"]),
    (f"bbox=13391000,3503000,13392000,3520000&bbox-crs={quote(EPSG)}3857", ["township/c"]),  # 120.3 E
    ("bbox=121,30,122,31", []),
    ("bbox=170,-90,-170,90", []),
    ("bbox=170,-90,120.05,90", ["township/a"]),
]


@every(("query", "expected"), BOXES)
def test_boxes(client: FlaskClient, query: str, expected: list[str]) -> None:
    assert ids(client, "townships", query) == expected


SYSTEMS = [
    # Corner 120.1 E 30.2 N of the first township: degrees as they are, the rest by gdaltransform.
    (CRS84, [120.1, 30.2]),
    (f"{EPSG}4326", [30.2, 120.1]),
    (f"{EPSG}4490", [30.2, 120.1]),
    (f"{EPSG}4549", [3342288.451, 509629.224]),
    (f"{EPSG}3857", [13369470.844, 3529283.971]),
]


@every(("uri", "corner"), SYSTEMS)
def test_systems_have_the_axis_order_of_their_authority(client: FlaskClient, uri: str, corner: list[float]) -> None:
    answer = client.get(f"/ogc/collections/townships/items/township%2Fa?crs={quote(uri)}")
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    ring = json.loads(answer.data)["geometry"]["coordinates"][0][0]
    assert corner in [[round(x, 3), round(y, 3)] for x, y in ring]


FILTERS = [
    ("name=长山街道", ["township/a"]),
    ("id=township/b", ["township/b"]),
    ("accuracy_m=300", ["township/a", "township/b", "township/c"]),
    ("assumed=true", []),
    ("area_km2=3", []),
    ("code=330199001&zone=east", []),
    ("datetime=2020-01-01", ["township/a", "township/b", "township/c"]),
    ("datetime=../2020-01-01T00:00:00Z", ["township/a", "township/b", "township/c"]),
    ("filter=name LIKE '%街道' AND zone='west'", ["township/a"]),
    ("filter=zone IS NULL OR code IS NULL", ["township/b", "township/c"]),
    ("filter=S_INTERSECTS(geometry,POINT(120.3 30.1))", ["township/c"]),
    (f"filter=S_INTERSECTS(geometry,POINT(30.1 120.3))&filter-crs={EPSG}4490", ["township/c"]),
    ('filter={"op":"=","args":[{"property":"zone"},"east"]}&filter-lang=cql2-json', ["township/c"]),
    ("filter=zone='west'&bbox=120.3,30,120.4,30.1", []),
    ("sortby=code", ["township/a", "township/b", "township/c"]),
    ("sortby=-label_lon", ["township/c", "township/b", "township/a"]),
    ("sortby=+name_en,-code", ["township/b", "township/c", "township/a"]),
]


@every(("query", "expected"), FILTERS)
def test_filters_and_order(client: FlaskClient, query: str, expected: list[str]) -> None:
    encoded = "&".join("=".join(quote(half, safe="") for half in one.split("=", 1)) for one in query.split("&"))
    assert ids(client, "townships", encoded) == expected


def test_properties_can_be_chosen_and_geometries_left_out(client: FlaskClient) -> None:
    page = got(client, "/ogc/collections/townships/items?properties=name,code&skipGeometry=true")
    assert page["features"][0] == {
        "type": "Feature",
        "id": "township/a",
        "geometry": None,
        "properties": {"name": "长山街道", "code": "330199001"},
    }


def test_a_feature_without_a_shape_has_null(client: FlaskClient) -> None:
    feature = got(client, "/ogc/collections/control_lines/items/control_line/eco")
    assert feature["geometry"] is None
    assert feature["properties"]["no_geometry"] == "无公开数据"
    assert ids(client, "control_lines", "bbox=-180,-90,180,90") == []
    assert ids(client, "control_lines", "filter=geometry%20IS%20NULL") == ["control_line/eco"]


REFUSED = [
    "nope=1",
    "limit=0",
    "limit=10001",
    "limit=x",
    "limit=",
    "limit=1&limit=2",
    "offset=-1",
    "bbox=1,2,3",
    "bbox=a,b,c,d",
    "bbox=null",
    "bbox=",
    "bbox=1,2,3,nan",
    "bbox=120,31,121,30",
    "bbox=120,95,121,96",
    "datetime=x",
    "datetime=2020-13-01",
    "datetime=2021-01-01/2020-01-01",
    "crs=EPSG:4326x",
    f"crs={EPSG}4548",
    "crs=4326",
    "bbox-crs=x",
    "filter=",
    "filter=nope=1",
    "filter=name",
    "filter=(",
    "filter-lang=sql",
    "filter-crs=x",
    "sortby=nope",
    "properties=nope",
    "properties=,",
    "skipGeometry=1",
    "assumed=1",
    "area_km2=x",
    "f=xml",
    "lang=fr",
    f"name={'x' * 201}",
    f"bbox=1e300,1e300,1e301,1e301&bbox-crs={EPSG}4549",
]


@every("query", REFUSED)
def test_what_is_wrong_is_refused_with_the_reason(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/ogc/collections/townships/items?{query}")
    assert answer.status_code == 400, answer.data
    assert answer.content_type == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["detail"]
    assert problem["remedy"]


@every(
    "path",
    [
        "/ogc/nope",
        "/ogc/collections/nope",
        "/ogc/collections/nope/items",
        "/ogc/collections/zones/items/hub/south",
        "/ogc/collections/zones/items/x",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_accept_chooses_between_data_and_page(client: FlaskClient) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for path in ("/ogc", "/ogc/api", "/ogc/collections/zones/items", "/ogc/collections/zones/items/zone/west"):
        for accept, kind in (
            (browser, "text/html"),
            ("*/*", "json"),
            ("application/json", "json"),
            ("image/png", "json"),
        ):
            answer = client.get(path, headers={"Accept": accept})
            assert kind in answer.content_type, (path, accept)
            assert "Accept" in answer.headers["Vary"]
        assert "json" in client.get(f"{path}?f=json", headers={"Accept": browser}).content_type


def test_texts_are_data_on_pages_and_in_json() -> None:
    hostile = create_app({}, edition=hostile_edition()).test_client()
    for path in (
        "/ogc",
        "/ogc/collections",
        "/ogc/collections/zones",
        "/ogc/collections/zones/items",
        "/ogc/collections/zones/items/zone/west",
    ):
        assert "<img" not in hostile.get(f"{path}?f=html").text
    assert got(hostile, "/ogc/collections/zones/items")["features"][0]["properties"]["name"] == HOSTILE
    validate(got(hostile, "/ogc/api"))


def test_links_have_the_origin_that_is_stated_or_asked() -> None:
    def first(settings: dict[str, str], **headers: str) -> str:
        client = create_app(settings, edition=make_edition()).test_client()
        return links(got(client, settings.get("PLANMAP_PREFIX", "") + "/ogc", **headers))["data"]

    assert first({}) == "http://localhost/ogc/collections"
    assert first({}, Host="maps.example:8080") == "http://maps.example:8080/ogc/collections"
    assert first({}, **{"Host": "maps.example", "X-Forwarded-Proto": "https"}) == "https://maps.example/ogc/collections"
    assert (
        first({}, **{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript"})
        == "http://localhost/ogc/collections"
    )
    assert first({"PLANMAP_PREFIX": "/maps"}) == "http://localhost/maps/ogc/collections"
    assert (
        first({"PLANMAP_ORIGIN": "https://plan.example/"}, Host="evil.example")
        == "https://plan.example/ogc/collections"
    )


def test_bodies_are_kept_apart_from_the_origin_and_tagged_with_it(client: FlaskClient) -> None:
    ours, theirs = (client.get("/ogc/collections", headers={"Host": host}) for host in ("a.example", "b.example"))
    assert ours.headers["ETag"] != theirs.headers["ETag"]
    assert b"b.example" in theirs.data
    tag = ours.headers["ETag"]
    assert client.get("/ogc/collections", headers={"Host": "a.example", "If-None-Match": tag}).status_code == 304
    assert client.get("/ogc/collections", headers={"Host": "b.example", "If-None-Match": tag}).status_code == 200
    packed = client.get("/ogc/collections", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"].endswith('-gzip"')


def test_a_question_asked_again_is_answered_the_same_without_the_framework() -> None:
    app = create_app({}, edition=make_edition())
    client, path = app.test_client(), "/ogc/collections/zones/items?limit=1&sortby=name&lang=en"
    seen: list[str] = []
    app.before_request(lambda: seen.append("asked"))
    first, again = client.get(path), client.get(path)
    assert seen == ["asked"]
    assert (first.data, first.headers["ETag"], dict(first.headers)) == (
        again.data,
        again.headers["ETag"],
        dict(again.headers),
    )
    for headers in (
        {"Host": "b.example"},
        {"Accept": "text/html"},
        {"Accept-Encoding": "gzip"},
        {"X-Forwarded-Proto": "https"},
    ):
        assert client.get(path, headers=headers).headers["ETag"] != first.headers["ETag"], headers
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(path, headers={"If-Match": first.headers["ETag"]}).data == first.data
    assert client.get(path, headers={"If-Match": '"another"'}).status_code == 412, "also of what is kept"
    assert client.head(path).data == b""
    assert client.get("/ogc/collections/zones/items?limit=2&sortby=name").data != first.data
    assert client.get("/ogc/collections/zones/items?limit=0").status_code == 400
    assert client.get("/ogc/collections/zones/items?limit=0").status_code == 400


def test_answers_kept_are_bounded() -> None:
    recent = Recent(most_bytes=100_000, most=5)
    for number in range(50):
        recent.keep((str(number),), ("200 OK", [], [b"x" * 10]))
    assert recent.held[0] == 5
    recent.keep(("large",), ("200 OK", [], [b"x" * 50_000]))
    assert recent.get(("large",)) is None
    assert recent.get(("49",)) is not None
    assert recent.get(("0",)) is None


def with_many(count: int) -> Edition:
    """The edition with a layer of many points, over the blocks that features are encoded in."""
    edition = make_edition()
    row = edition.layers["hubs"].iloc[[0]]
    many = pd.concat([row] * count, ignore_index=True)
    many["id"] = [f"hub/n{number}" for number in range(count)]
    many["name"] = [f"站{number % 7}" for number in range(count)]
    many["length_km"] = [float(number) for number in range(count)]
    many = many.set_geometry(shapely.points(120.0 + many.index.to_numpy() * 1e-4, 30.1), crs=row.crs)
    return make_edition(layers={**edition.layers, "hubs": many})


@pytest.fixture(scope="module")
def many() -> FlaskClient:
    return create_app({}, edition=with_many(2500)).test_client()


PICKS: list[tuple[str, Callable[[int], bool]]] = [
    ("limit=10000", lambda _n: True),
    ("limit=1&offset=1023", lambda n: n == 1023),
    ("limit=2&offset=1023", lambda n: n in (1023, 1024)),
    ("limit=10000&filter=length_km%20%25%20500%20%3D%200", lambda n: n % 500 == 0),
    ("limit=10000&name=站3", lambda n: n % 7 == 3),
    ("limit=10000&bbox=120.0999,30,120.2001,30.2", lambda n: 999 <= n <= 2001),
    ("limit=10000&filter=length_km>=1020%20AND%20length_km<1030", lambda n: 1020 <= n < 1030),
]


@every(("query", "wanted"), PICKS, ids=lambda query: query)
def test_features_are_joined_over_the_blocks_that_they_are_encoded_in(
    many: FlaskClient, query: str, wanted: Callable[[int], bool]
) -> None:
    page = got(many, f"/ogc/collections/hubs/items?{query}")
    expected = [n for n in range(2500) if wanted(n)]
    assert [one["properties"]["length_km"] for one in page["features"]] == expected
    assert [one["geometry"]["coordinates"][0] for one in page["features"]] == [
        round(120 + n * 1e-4, 7) for n in expected
    ]
