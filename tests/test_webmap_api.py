"""The public JSON: against its pinned schemas, and its numbers by hand."""

import json
from typing import Any

import jsonschema
import pytest
from cases import every
from contracts import keeps
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from shapely.geometry import LinearRing, LineString, MultiPolygon, Polygon, box
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.edition.spelling import readings
from webmap.api.payloads import geometry_json
from webmap.app import create_app

CONTRACTS = [
    ("/api/layers", "layers"),
    ("/api/layers/zones", "layer"),
    ("/api/layers/townships", "layer"),
    ("/api/layers/expressways", "layer"),
    ("/api/layers/control_lines", "layer"),
    ("/api/features/township/b", "feature"),
    ("/api/features/control_line/eco", "feature"),
    ("/api/features/district", "feature"),
    ("/api/indicators", "indicators"),
    ("/api/indicators/area_km2/zone", "indicator"),
    ("/api/indicators/area_km2/township", "indicator"),
    ("/api/indicators/t2-01/zone", "indicator"),
    ("/api/indicators/t2-01/district", "indicator"),
    ("/api/sentences", "sentences"),
    ("/api/search", "search"),
    ("/api/targets", "targets"),
    ("/api/reviews", "reviews"),
    ("/api/claims", "claims"),
    ("/healthz", "health"),
    ("/api/layers/nope", "problem"),
    ("/api/nope", "problem"),
]


def client_of(edition: Any) -> FlaskClient:
    return create_app({}, edition=edition).test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(make_edition())


@every(("path", "schema"), CONTRACTS)
def test_public_json_keeps_its_contract(client: FlaskClient, path: str, schema: str) -> None:
    keeps(client.get(path).get_json(force=True), schema)


@every(("path", "schema"), CONTRACTS)
def test_hostile_texts_pass_through_as_data(path: str, schema: str) -> None:
    payload = client_of(hostile_edition()).get(path).get_json(force=True)
    keeps(payload, schema)
    if path == "/api/layers/zones":
        assert payload["features"][0]["properties"]["name"] == HOSTILE


def test_media_types(client: FlaskClient) -> None:
    assert client.get("/api/layers/zones").content_type == "application/geo+json"
    assert client.get("/api/layers").content_type == "application/json"


def test_empty_values_are_left_out_and_lists_are_lists(client: FlaskClient) -> None:
    features = client.get("/api/layers/townships").get_json(force=True)["features"]
    # In the middle of the widest part: anywhere on the middle meridian, half the width (4.8 km, 0.0435°) off the ends.
    lon, lat = features[0]["properties"].pop("label")
    assert lon == 120.05
    assert 30.043 < lat < 30.157
    assert features[0]["properties"] == {
        "id": "township/a",
        "name": "长山街道",
        "name_en": "Changshan",
        "aliases": ["老长山", "CS2"],
        "kind": "township",
        "zone": ["west"],
        "zone_from": "stated",
        "basis": "schematic",
        "accuracy_m": 300.0,
        "sources": ["general"],
        "code": "330199001",
        "township": ["a"],
        "cites": ["7.1.3"],
        "area_km2": 213.703,
    }
    assert features[1]["properties"]["zone"] == ["west", "east"]


def test_a_feature_without_shape_is_there_with_null(client: FlaskClient) -> None:
    feature = client.get("/api/layers/control_lines").get_json(force=True)["features"][0]
    assert feature["geometry"] is None
    assert feature["properties"]["no_geometry"] == "无公开数据"


def test_coordinates_have_five_decimals(client: FlaskClient) -> None:
    geometry = client.get("/api/layers/expressways").get_json(force=True)["features"][0]["geometry"]
    assert geometry == {"type": "MultiLineString", "coordinates": [[[120.0, 30.1], [120.2, 30.12346], [120.4, 30.1]]]}


def test_geometry_follows_rfc_7946() -> None:
    clockwise = Polygon([(0, 0), (0, 1), (1, 1), (1, 0)], [[(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.4)]])
    written = geometry_json(MultiPolygon([clockwise]))
    assert written is not None
    outer, inner = written["coordinates"][0]
    assert LinearRing(outer).is_ccw
    assert not LinearRing(inner).is_ccw
    assert geometry_json(LineString([(0, 0, 5), (1, 1, 5)])) == {
        "type": "LineString",
        "coordinates": [[0.0, 0.0], [1.0, 1.0]],
    }
    assert geometry_json(Polygon()) is None
    assert geometry_json(None) is None
    # -0.0 would be written with its sign
    assert "-0.0" not in json.dumps(geometry_json(LineString([(-1e-9, 0), (1, 1)])))
    assert geometry_json(box(0, 0, 1, 1).boundary)["type"] == "LineString"  # type: ignore[index]


def test_what_rounding_closes_up_is_left_out_and_the_rest_stays() -> None:
    # Three corners in two places at five decimals.
    speck = [(120.0, 30.0), (120.00001, 30.0), (120.000011, 30.000001)]
    whole = box(120.1, 30.1, 120.2, 30.2)
    assert geometry_json(Polygon(speck)) is None
    several = geometry_json(MultiPolygon([Polygon(speck), whole]))
    assert several is not None
    assert several["type"] == "MultiPolygon"
    assert len(several["coordinates"]) == 1
    assert {tuple(corner) for corner in several["coordinates"][0][0]} == set(whole.exterior.coords)
    holed = geometry_json(Polygon([(119, 29), (121, 29), (121, 31), (119, 31)], [speck]))
    assert holed is not None
    assert (holed["type"], len(holed["coordinates"])) == ("Polygon", 1)


def test_one_feature_in_full(client: FlaskClient) -> None:
    feature = client.get("/api/features/expressway/g1").get_json(force=True)
    assert feature["layer"] == "expressways"
    assert feature["described"]["status"] == {"id": "building", "name": "在建", "name_en": "Under construction"}
    assert feature["sources"][0]["licence"] == "CC0"
    assert feature["properties"]["length_km"] == 38.9


@pytest.mark.parametrize(("place", "value", "rank"), [("a", 213.7, 3), ("b", 320.55, 1), ("c", 320.55, 1)])
def test_one_place_alone_with_its_rank(client: FlaskClient, place: str, value: float, rank: int) -> None:
    payload = client.get(f"/api/indicators/area_km2/township?place=township/{place}").get_json(force=True)
    (own,) = payload["values"]
    assert (own["place"], own["value"], own["rank"], own["of"]) == (f"township/{place}", value, rank, 3)
    assert payload["classes"] == {}
    assert client.get("/api/indicators/area_km2/township?place=township/none").status_code in (400, 404)


def test_indicator_values_and_classes(client: FlaskClient) -> None:
    payload = client.get("/api/indicators/area_km2/township").get_json(force=True)
    assert [(value["place"], value["value"]) for value in payload["values"]] == [
        ("township/a", 213.7),
        ("township/b", 320.55),
        ("township/c", 320.55),
    ]
    assert payload["total"] == 854.81
    assert payload["year"] == 2022
    assert payload["reason"] is None
    # two distinct values: two classes at most, from the smallest to the largest
    for classes in payload["classes"].values():
        assert (classes["breaks"][0], classes["breaks"][-1]) == (213.7, 320.55)
        assert len(classes["colors"]) == len(classes["breaks"]) - 1
    flagged = client.get("/api/indicators/area_km2/zone").get_json(force=True)["values"]
    assert {value["flag"] for value in flagged} == {"assumed"}


def test_an_indicator_of_the_district_has_no_values_by_zone(client: FlaskClient) -> None:
    payload = client.get("/api/indicators/t2-01/zone").get_json(force=True)
    assert payload["reason"] == "not_by_zone"
    assert payload["values"] == []
    assert payload["classes"]["quantiles"] == {"breaks": [], "colors": []}


def test_baseline_and_target(client: FlaskClient) -> None:
    payload = client.get("/api/indicators").get_json(force=True)
    by_id = {item["id"]: item for item in payload["indicators"]}
    assert by_id["t2-01"]["baseline"]["value"] == 1828.47
    assert (by_id["t2-01"]["target"]["value"], by_id["t2-01"]["target"]["comparator"]) == (2600.0, ">")
    assert by_id["t2-02"]["baseline"] is None
    assert by_id["t2-02"]["target"]["text"] == "省市下达指标"
    assert by_id["area_km2"]["values"] == {"district": 854.81}
    assert [domain["name"] for domain in payload["domains"]] == ["经济", "生态", "空间"]


def test_search_finds_by_pinyin_in_full_and_by_initials(client: FlaskClient) -> None:
    found = client.get("/api/search").get_json(force=True)["entries"]
    entries = {entry["id"]: entry for entry in found if entry["type"] == "feature"}
    assert len(entries) == 10
    changshan = entries["township/a"]
    assert "changshanjiedao" in changshan["pinyin"]
    assert "csjd" in changshan["initials"]
    assert "cs2" in changshan["initials"]
    assert changshan["label"][0] == 120.05, "on the middle meridian"
    assert entries["control_line/eco"]["label"] is None


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("湘湖", "xianghu", "xh"),
        ("瓜沥镇", "guali zhen".replace(" ", ""), "glz"),
        ("楼塔镇", "loutazhen", "ltz"),
        ("义桥镇", "yiqiaozhen", "yqz"),
        ("绿道", "lvdao", "ld"),
        ("S2 高速", "s2gaosu", "s2gs"),
    ],
)
def test_pinyin(name: str, full: str, initials: str) -> None:
    assert (full, initials) in readings(name)


def test_a_character_with_two_sounds_is_found_by_both() -> None:
    spelled = [full for full, _initials in readings("长山")]
    assert {"changshan", "zhangshan"} <= set(spelled)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("新街长山片区提升工程", "xinjiechangshanpianqutishenggongcheng"),
        ("新街长山片区提升工程", "xinjiezhangshanpianqutishenggongcheng"),
        ("六和塔", "luheta"),
        ("六和塔", "liuheta"),
    ],
)
def test_other_sounds_are_found_in_long_names_and_beside_each_other(name: str, full: str) -> None:
    assert full in [spelled for spelled, _initials in readings(name)]


def test_readings_are_few() -> None:
    # Each of these characters has at least two sounds: sixteen readings and more, were none left out.
    found = readings("和和长藏")
    assert len(found) == len(set(found)) == 8


def test_ten_thousand_characters_are_spelled_in_no_time() -> None:
    assert all(len(full) < 400 for full, _initials in readings("长" * 10_000))


def test_openapi_is_valid_and_names_what_there_is(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json(force=True)
    validate(document)
    text = json.dumps(document)
    assert '"$ref": "#/' in text
    assert '"$ref": "http' not in text
    layer = document["paths"]["/api/layers/{layer}"]["get"]["parameters"][0]
    assert layer["schema"]["enum"][0] == "zones"


def test_openapi_describes_every_address_there_is(client: FlaskClient) -> None:
    described = {
        path.replace("{", "<").replace("}", ">")
        for path in client.get("/api/openapi.json").get_json(force=True)["paths"]
    }
    rules = {
        rule.rule.replace("path:", "")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith(("/api", "/healthz", "/download", "/figures"))
    }
    assert described == rules


@every("level", ["zone", "township"])
def test_columns_say_what_the_rows_say(client: FlaskClient, level: str) -> None:
    for one in client.get("/api/indicators").get_json()["indicators"]:
        rows = client.get(f"/api/indicators/{one['id']}/{level}").get_json()
        told = client.get(f"/api/indicators/{one['id']}/{level}/columns").get_json()
        names, columns = client.get(f"/api/places/{level}").get_json(), told.pop("columns")
        order = columns["row"] or range(len(columns["value"]))
        made = [
            {"place": names["place"][row], "name": names["name"][row], "name_en": names["name_en"][row], "value": value,
             "flag": "", "note": "", "note_en": ""}
            for row, value in zip(order, columns["value"], strict=True)
        ]  # fmt: skip
        for said in columns["said"]:
            for at in range(len(made)) if said["at"] is None else said["at"]:
                made[at] |= {name: said[name] for name in ("flag", "note", "note_en")}
        assert made == rows.pop("values")
        assert told == rows


@every(
    ("path", "schema"),
    [
        ("/api/layers", "LayerList"),
        ("/api/layers/zones", "FeatureCollection"),
        ("/api/features?layers=zones,hubs", "FeaturesByLayer"),
        ("/api/features?layers=zones,hubs&coordinates=steps", "FeaturesByLayer"),
        ("/api/indicators", "IndicatorList"),
        ("/api/indicators/area_km2/zone", "IndicatorValues"),
        ("/api/indicators/area_km2/zone/columns", "IndicatorColumns"),
        ("/api/places/zone", "PlaceNames"),
        ("/api/search", "SearchIndex"),
        ("/api/targets", "TargetList"),
        ("/api/reviews", "ReviewList"),
        ("/api/claims", "ClaimList"),
        ("/healthz", "Health"),
        ("/api/features/hub/south", "FullFeature"),
        ("/api/nope", "Problem"),
    ],
)
def test_answers_are_as_openapi_says(client: FlaskClient, path: str, schema: str) -> None:
    document = client.get("/api/openapi.json").get_json(force=True)
    jsonschema.validate(
        client.get(path).get_json(force=True),
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]},
    )
