"""WMS, WMTS and maps: pixels by hand, documents by structure; clients are in test_webmap_ogc_clients.py."""

import io
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
import rasterio
from cases import every
from flask.testing import FlaskClient
from web_edition import HOSTILE, hostile_edition, make_edition

from webmap.app import create_app
from webmap.ogc import painting

WMS = "{http://www.opengis.net/wms}"
OWS, TILES = "{http://www.opengis.net/ows/1.1}", "{http://www.opengis.net/wmts/1.0}"
MAP = "/ogc/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&STYLES=&FORMAT=image/png"
INFO = (
    "/ogc/wms?service=WMS&version=1.3.0&request=GetFeatureInfo&styles="
    "&crs=CRS:84&bbox=120,30,120.4,30.2&width=400&height=200"
)


pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


def parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - what we made ourselves


def picture(client: FlaskClient, path: str) -> Any:
    """Rows, columns and bands of a picture: red, green, blue, opacity."""
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "image/png"), answer.data
    with rasterio.io.MemoryFile(io.BytesIO(answer.data)) as file, file.open() as opened:
        bands = opened.read()
    return bands.transpose(1, 2, 0)


def of_kind(kind: str, part: str) -> tuple[int, ...]:
    symbol = next(one for one in make_edition().meta["kinds"] if one["id"] == kind)["symbol"]
    return tuple(int(str(symbol[part])[at : at + 2], 16) for at in (1, 3, 5))


# Where the hub (120.15 E, 30.05 N) is in a picture of 400 by 200 pixels; degrees are even, metres by gdaltransform.
BOXES = [
    ("CRS=CRS:84&BBOX=120,30,120.4,30.2", (150, 150)),
    ("CRS=EPSG:4326&BBOX=30,120,30.2,120.4", (150, 150)),
    ("CRS=EPSG:4490&BBOX=30,120,30.2,120.4", (150, 150)),
    ("CRS=urn:ogc:def:crs:EPSG::4490&BBOX=30,120,30.2,120.4", (150, 150)),
    ("VERSION=1.1.1&SRS=EPSG:4326&BBOX=120,30,120.4,30.2", (150, 150)),
    ("VERSION=1.1.1&SRS=EPSG:4490&BBOX=120,30,120.4,30.2", (150, 150)),
    # 514465.690 E, 3325665.523 N in the metric zone, northing first in 1.3.0, easting first in 1.1.1
    ("CRS=EPSG:4549&BBOX=3315665.523,494465.69,3335665.523,534465.69", (200, 100)),
    ("VERSION=1.1.1&SRS=EPSG:4549&BBOX=494465.69,3315665.523,534465.69,3335665.523", (200, 100)),
    # 13375036.819 E, 3509978.498 N on the web's square
    ("CRS=EPSG:3857&BBOX=13355036.819,3499978.498,13395036.819,3519978.498", (200, 100)),
]


@every(("box", "place"), BOXES)
def test_a_symbol_is_where_it_is_by_hand_in_every_system(client: FlaskClient, box: str, place: tuple[int, int]) -> None:
    path = MAP.replace("VERSION=1.3.0&", "") if "VERSION" in box else MAP
    found = picture(client, f"{path}&LAYERS=hubs&WIDTH=400&HEIGHT=200&TRANSPARENT=TRUE&{box}")
    assert found.shape == (200, 400, 4)
    rows, columns = (found[:, :, 3] > 200).nonzero()
    x, y = place
    # Symbol and name below it; the symbol is the widest thing above.
    top = rows < y + 7
    assert abs(columns[top].mean() - x) < 1.5
    assert found[y, x, 3] == 255
    assert rows.min() < y < rows.max()


def test_areas_have_the_colours_of_their_kinds(client: FlaskClient) -> None:
    # The western zone has no colour of its own: that of its kind, opaque as stated, on white.
    kind = next(one for one in make_edition().meta["kinds"] if one["id"] == "zone")["symbol"]
    opacity = float(kind.get("fill_opacity", 1.0 if kind.get("fill") else 0.0))
    found = picture(client, f"{MAP}&LAYERS=zones&WIDTH=400&HEIGHT=200&CRS=CRS:84&BBOX=120,30,120.4,30.2")
    expected = [round(255 * (1 - opacity) + channel * opacity) for channel in of_kind("zone", "fill")]
    assert all(abs(int(one) - other) <= 2 for one, other in zip(found[20, 20, :3], expected, strict=True))
    outside = picture(client, f"{MAP}&LAYERS=zones&WIDTH=40&HEIGHT=20&CRS=CRS:84&BBOX=0,0,1,1&BGCOLOR=0x112233")
    assert {tuple(int(channel) for channel in pixel[:3]) for row in outside for pixel in row} == {(0x11, 0x22, 0x33)}


def test_neighbouring_tiles_meet(client: FlaskClient) -> None:
    """The border between the zones at 120.2 E crosses tiles: what is drawn on either side of an edge is the same."""
    left, right = (picture(client, f"/ogc/wmts/zones/CGCS2000Quad/9/170/{column}.png") for column in (853, 854))
    assert left.shape == right.shape == (256, 256, 4)
    same = abs(left[:, 255].astype(int) - right[:, 0].astype(int)).max(axis=1) <= 40
    assert same.mean() > 0.95


def test_nothing_of_the_world_is_an_empty_picture(client: FlaskClient) -> None:
    for box in (
        "CRS=EPSG:3857&BBOX=9e7,9e7,9.1e7,9.1e7",
        "CRS=EPSG:4549&BBOX=9e7,9e7,9.1e7,9.1e7",
        "CRS=CRS:84&BBOX=-180,-90,180,90",
    ):
        found = picture(client, f"{MAP}&LAYERS=zones,hubs&WIDTH=64&HEIGHT=64&TRANSPARENT=TRUE&{box}")
        assert found.shape[:2] == (64, 64)


def test_features_are_found_at_a_place(client: FlaskClient) -> None:
    found = client.get(
        f"{INFO}&layers=hubs,zones&query_layers=zones,hubs&i=150&j=150&feature_count=5&info_format=application/json"
    )
    assert [one["id"] for one in found.get_json(force=True)["features"]] == ["hub/south", "zone/west"]
    beside = client.get(f"{INFO}&layers=hubs&query_layers=hubs&i=170&j=150&info_format=application/json")
    assert beside.get_json(force=True)["features"] == []
    text = client.get(f"{INFO}&layers=zones&query_layers=zones&i=350&j=50&info_format=text/plain&lang=en").text
    assert "东片" in text
    assert "427.4" in text
    page = client.get(f"{INFO}&layers=zones&query_layers=zones&x=50&y=50&info_format=text/html")
    assert page.content_type == "text/html; charset=utf-8"
    assert "西片" in page.text


def test_legends_show_a_sign_and_a_name(client: FlaskClient) -> None:
    found = picture(client, "/ogc/wms?service=WMS&request=GetLegendGraphic&version=1.3.0&layer=hubs&format=image/png")
    assert found.shape[0] == 24
    assert (found[:, :36, :3] < 250).any()
    assert (found[:, 40:, :3] < 250).any()


def test_capabilities_say_what_there_is(client: FlaskClient) -> None:
    root = parsed(client.get("/ogc/wms?SERVICE=WMS&REQUEST=GetCapabilities").data)
    assert root.attrib["version"] == "1.3.0"
    layers = root.findall(f".//{WMS}Layer/{WMS}Layer")
    # The highest first; the layer without shapes is not drawn.
    assert [one.findtext(f"{WMS}Name") for one in layers] == [
        "hubs",
        "expressways",
        "district",
        "zone_parts",
        "townships",
        "zones",
    ]
    assert [one.text for one in root.findall(f".//{WMS}Layer/{WMS}CRS")] == [
        "CRS:84",
        "EPSG:4326",
        "EPSG:4490",
        "EPSG:4549",
        "EPSG:3857",
    ]
    old = parsed(client.get("/ogc/wms?service=WMS&request=GetCapabilities&version=1.1.1").data)
    assert (old.tag, old.attrib["version"]) == ("WMT_MS_Capabilities", "1.1.1")
    assert old.find(".//Layer/Layer/LatLonBoundingBox") is not None
    tiles = parsed(client.get("/ogc/wmts?service=WMTS&request=GetCapabilities").data)
    assert len(tiles.findall(f"{TILES}Contents/{TILES}Layer")) == 6
    assert {one.findtext(f"{OWS}Identifier") for one in tiles.findall(f"{TILES}Contents/{TILES}TileMatrixSet")} == {
        "WebMercatorQuad",
        "CGCS2000Quad",
    }
    key = client.get(
        "/ogc/wmts?Request=GetTile&Layer=zones&TileMatrixSet=CGCS2000Quad&TileMatrix=9&TileRow=170&TileCol=853&Style=default&Format=image/png"
    )
    assert key.data == client.get("/ogc/wmts/zones/CGCS2000Quad/9/170/853.png").data


def test_maps_by_the_newer_interface(client: FlaskClient) -> None:
    whole = client.get("/ogc/map?width=200")
    assert whole.headers["Content-Crs"].endswith("CRS84>")
    found = picture(client, "/ogc/collections/zones/map?width=200&bbox=120,30,120.4,30.2")
    assert found.shape[:2] == (100, 200)
    metric = "http://www.opengis.net/def/crs/EPSG/0/4549"
    assert picture(client, f"/ogc/map?height=100&crs={metric}").shape[0] == 100
    box = f"crs={metric}&bbox-crs={metric}&bbox=3315666,494466,3335666,534466"
    wide = f"/ogc/map?{box}&width=400&collections=hubs&transparent=true"
    assert picture(client, wide)[100, 200, 3] == 255


REFUSED = [
    "request=Nope",
    "service=WFS",
    "request=GetMap",
    f"{MAP[9:]}&layers=nope&crs=CRS:84&bbox=1,2,3,4&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=EPSG:2000&bbox=1,2,3,4&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=3,2,1,4&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,1,4&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3,4&width=0&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3,4&width=4097&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3,4&width=4096&height=4096",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3,nan&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=EPSG:3857&bbox=1,2,1e30,1e30&width=1&height=1",
    f"{MAP[9:]}&layers=&crs=CRS:84&bbox=1,2,3,4&width=1&height=1",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3,4&width=1&height=1&bgcolor=red",
    f"{MAP[9:]}&layers=zones&crs=CRS:84&bbox=1,2,3,4&width=1&height=1&styles=x",
    "request=GetMap&format=image/tiff&layers=zones&crs=CRS:84&bbox=1,2,3,4&width=1&height=1",
    "request=GetLegendGraphic",
    "request=GetLegendGraphic&layer=x",
    f"{INFO[9:]}&layers=zones&query_layers=zones&i=401&j=1",
    f"{INFO[9:]}&layers=zones&query_layers=x&i=1&j=1",
    f"{INFO[9:]}&layers=zones&query_layers=zones",
    f"{INFO[9:]}&layers=zones&query_layers=zones&i=1&j=1&info_format=x/y",
]


@every("query", REFUSED)
def test_what_is_wrong_is_a_report_for_the_client(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/ogc/wms?{query.removeprefix('?')}")
    assert answer.status_code in (400, 404), answer.status_code
    report = parsed(answer.data)
    assert report.tag == "{http://www.opengis.net/ogc}ServiceExceptionReport"
    assert report[0].text
    assert report[0].attrib["code"]


@every(
    "query",
    [
        "request=x",
        "request=GetTile",
        "request=GetTile&layer=zones&tilematrixset=CGCS2000Quad&tilematrix=1&tilerow=9&tilecol=0",
        "request=GetTile&layer=x&tilematrixset=CGCS2000Quad&tilematrix=1&tilerow=0&tilecol=0",
    ],
)
def test_what_is_wrong_with_a_tile_is_a_report(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/ogc/wmts?{query}")
    assert answer.status_code in (400, 404)
    assert parsed(answer.data).tag == f"{OWS}ExceptionReport"


def test_hostile_texts_are_data_in_xml_and_pictures() -> None:
    hostile = create_app({}, edition=hostile_edition()).test_client()
    root = parsed(hostile.get("/ogc/wms").data)
    assert HOSTILE.replace("\u2028", " ")[:20] in "".join(root.itertext()).replace("\u2028", " ")
    parsed(hostile.get("/ogc/wmts").data)
    assert picture(hostile, f"{MAP}&LAYERS=zones,hubs&WIDTH=64&HEIGHT=64&CRS=CRS:84&BBOX=120,30,120.4,30.2").shape == (
        64,
        64,
        4,
    )
    page = hostile.get(f"{INFO}&layers=zones&query_layers=zones&i=50&j=50&info_format=text/html").text
    assert "<img" not in page


SEA = "SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&STYLES=&FORMAT=image/png&LAYERS=zones&CRS=CRS:84&TRANSPARENT=TRUE"
EMPTY = f"/ogc/wms?{SEA}&BBOX=125,33,125.4,33.2&WIDTH=640&HEIGHT=320"
"""Where nothing of the plan is."""


def inked(settings: dict[str, str], path: str) -> Any:
    """Where a server of a kind draws anything."""
    edition = make_edition()
    for record in edition.meta["layers"]:
        record["public"] = True
    found = create_app(settings, edition=edition).test_client()
    return picture(found, path)[:, :, 3] > 0


def test_pictures_say_what_every_map_says() -> None:
    """For inside use words all over; for the public the number at the lower left corner; else nothing."""
    assert not inked({}, EMPTY).any()
    inside = inked({"PLANMAP_MAPS": "internal"}, EMPTY)
    assert all(part.any() for half in (inside[:160], inside[160:]) for part in (half[:, :320], half[:, 320:]))
    public = inked({"PLANMAP_MAPS": "public", "PLANMAP_MAP_NUMBER": "浙S(2024)12号"}, EMPTY)
    assert public[-40:, :440].any()
    public[-40:, :440] = False
    assert not public.any()


def test_a_watermark_goes_on_from_tile_to_tile() -> None:
    """Tiles side by side have the same words, at the same places, as one picture of both."""
    internal = {"PLANMAP_MAPS": "internal"}
    one = inked(internal, f"/ogc/wms?{SEA}&BBOX=125,33,125.4,33.2&WIDTH=512&HEIGHT=256")
    left = inked(internal, f"/ogc/wms?{SEA}&BBOX=125,33,125.2,33.2&WIDTH=256&HEIGHT=256")
    right = inked(internal, f"/ogc/wms?{SEA}&BBOX=125.2,33,125.4,33.2&WIDTH=256&HEIGHT=256")
    assert left.any()
    assert right.any()
    # Edges of letters may differ by a pixel's shade.
    assert (np.hstack([left, right]) != one).mean() < 0.001


def test_of_too_many_features_a_map_has_the_largest(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two zones side by side fill the box; of one at most the other half stays empty."""
    box = f"{MAP}&CRS=CRS:84&BBOX=120,30,120.4,30.2&TRANSPARENT=TRUE&LAYERS=zones"
    assert (picture(client, f"{box}&WIDTH=80&HEIGHT=40")[:, :, 3] > 0).all()
    monkeypatch.setattr(painting, "MOST_DRAWN", 1)
    drawn = picture(client, f"{box}&WIDTH=40&HEIGHT=20")[:, :, 3] > 0
    assert {bool(drawn[:, :15].all()), bool(drawn[:, 25:].all())} == {True, False}
