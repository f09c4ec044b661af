"""The shipped plan through the server: every address there is, against the contracts."""

import re
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest
from contracts import keeps
from flask.testing import FlaskClient

from benchmarks.first_bytes import added
from layers.edition.observations import LEVELS
from webmap.app import create_app
from webmap.serving.assets import DIST


@pytest.fixture(scope="module")
def client(xiaoshan_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = {"PLANMAP_EDITION": str(xiaoshan_edition), "PLANMAP_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    return create_app(settings).test_client()


@pytest.fixture(scope="module")
def other(xiaoshan_edition: Path) -> FlaskClient:
    return create_app({"PLANMAP_EDITION": str(xiaoshan_edition)}).test_client()


@pytest.fixture
def packed(well_packed: None, other: FlaskClient) -> FlaskClient:
    """Of a server whose answers are all as small as where it is in use."""
    return other


def checked(client: FlaskClient, path: str, schema: str) -> dict[str, object]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    payload: dict[str, object] = answer.get_json(force=True)
    keeps(payload, schema)
    return payload


def test_every_layer_and_feature(client: FlaskClient) -> None:
    layers = checked(client, "/api/layers", "layers")["layers"]
    assert isinstance(layers, list)
    for layer in layers:
        payload = checked(client, layer["url"], "layer")
        features = payload["features"]
        assert isinstance(features, list)
        assert len(features) == layer["count"]
        for feature in features[:3]:
            assert checked(client, f"/api/features/{feature['id']}", "feature")["layer"] == layer["id"]


def test_every_indicator_at_every_level(client: FlaskClient) -> None:
    indicators = checked(client, "/api/indicators", "indicators")["indicators"]
    assert isinstance(indicators, list)
    assert len([item for item in indicators if item["origin"] == "stated"]) == 31
    for item in indicators:
        for level in LEVELS:
            payload = checked(client, f"/api/indicators/{item['id']}/{level}", "indicator")
            values = payload["values"]
            assert isinstance(values, list)
            by_zone = level == "district" or level in item["levels"]
            assert payload["reason"] == (None if by_zone else "not_by_zone"), (item["id"], level)
            assert len(values) == (0 if not by_zone else {"district": len(values), "zone": 3, "township": 22}[level])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page(client: FlaskClient, lang: str) -> None:
    views = ("overview", "structure", "transport", "ecology", "indicators")
    paths = ["/start", "/about", *(f"/?view={view}" for view in views), *(f"/embed/{view}" for view in views)]
    for path in paths:
        answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code == 200, path
        assert not re.search(r">\s*(None|nan|NaN|<NA>)\s*<", answer.get_data(as_text=True))


def test_the_first_page_is_small(packed: FlaskClient) -> None:
    """The first page stays under 400 kB; without program and style sheet it is a quarter of that at most."""
    client = packed
    sizes = [int(client.head("/", headers={"Accept-Encoding": "br"}).headers["Content-Length"])]
    # The style sheet comes within the page.
    styles = re.findall("<style>(.*?)</style>", client.get("/").get_data(as_text=True), re.DOTALL)
    sizes.append(-len(brotli.compress("".join(styles).encode())))
    layers = client.get("/api/layers").get_json(force=True)["layers"]
    sizes += [
        int(client.head(layer["url"], headers={"Accept-Encoding": "br"}).headers["Content-Length"]) for layer in layers
    ]
    assert sum(sizes) < 100_000


def test_search_finds_the_lake_by_pinyin(client: FlaskClient) -> None:
    payload = checked(client, "/api/search", "search")
    entries = payload["entries"]
    assert isinstance(entries, list)
    found = {entry["name"] for entry in entries if "xianghu" in " ".join(entry["pinyin"])}
    assert any("湘湖" in name for name in found)
    assert {entry["name"] for entry in entries if "glz" in entry["initials"]} >= {"瓜沥镇"}


def test_what_a_program_looks_for_comes_first(client: FlaskClient) -> None:
    """As in the search box (tests/test_browser_search.py)."""
    wanted = {
        "萧山国际机场": "airport/xiaoshan",
        "萧山国际飞场": "airport/xiaoshan",
        "airport xiaoshan": "airport/xiaoshan",
        "地区生产总值": "地区生产总值",
        "发改局": "区发改局",
        "专栏2-4": "专栏2-4",
        "二号线": "地铁2号线",
        "zhongbudushizhongyanghuoliqu": "zone/central",
    }
    wrong = []
    for text, first in wanted.items():
        payload = checked(client, f"/api/search?q={quote(text)}&limit=5", "search")
        entries = payload["entries"]
        assert isinstance(entries, list)
        assert len(entries) <= 5
        if first not in (entries[0]["id"], entries[0]["name"]):
            wrong.append(f"{text}: {entries[0]['id']} {entries[0]['name']}")
    assert wrong == []


def test_neighbours_are_for_orientation_only(client: FlaskClient) -> None:
    """Cut off at the frame as they are, an area would be wrong; nor are they of the plan."""
    for layer, kept in (("neighbours", set()), ("water", {"water/puyang", "water/xianghu", "water/qiantang"})):
        features = client.get(f"/api/layers/{layer}").get_json(force=True)["features"]
        sized = {feature["id"] for feature in features if "area_km2" in feature["properties"]}
        assert kept <= sized
        assert not sized & {"water/fuchun", "water/hangzhou-bay"}
        assert bool(sized) is bool(kept)
    page = client.get("/feature/neighbour/keqiao").get_data(as_text=True)
    assert "平方公里" not in page
    entries = client.get("/api/search").get_json(force=True)["entries"]
    assert not [entry["id"] for entry in entries if entry["id"].startswith("neighbour/")]


@pytest.mark.skipif(not (DIST / "rest.js").is_file(), reason="the browser bundle is not built: make setup")
@pytest.mark.parametrize(("page", "most"), [("/", 125_000), ("/?lang=en", 125_000), ("/embed/overview", 125_000)])
def test_what_the_first_view_weighs(packed: FlaskClient, page: str, most: int) -> None:
    """The picture, the map that answers, and all that stands around it; the rest comes when it is asked for."""

    def fetch(path: str) -> tuple[int, str]:
        answer = packed.get(path, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200, path
        assert answer.headers["Content-Encoding"] == "br" or len(answer.data) < 1000, path
        return len(answer.data), packed.get(path).get_data(as_text=True)

    sums = added(page, fetch)
    assert sums["seen"][0] < 40_000
    assert sums["whole"][0] <= most
    assert sums["late"][0] > sums["whole"][0] + 40_000, "the late programs are counted as such"
