"""The map that folium composes: the script, its hash, its determinism, the embed and the stand-alone file."""

import base64
import copy
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import pytest
from flask.testing import FlaskClient
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.edition.store import Store
from webmap.app import create_app
from webmap.map import compose as maps
from webmap.map import routes, standalone
from webmap.map.compose import compose, config, script_json
from webmap.serving.addresses import page_urls, zoom_for
from webmap.serving.assets import DIST, Assets, find, load
from webmap.serving.messages import LATE, SOONER, frontend

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def folium_script(page: str) -> str:
    """The inline script that folium has made."""
    (found,) = [one for one in INLINE.findall(page) if "var map_planmap = " in one]
    return str(found)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


def started_with(script: str) -> dict[str, Any]:
    """What the script of a stand-alone file hands to planmap.start."""
    found = re.search(r"planmap\.start\(map_planmap, (\{.*\})\);", script)
    assert found
    return dict(json.loads(found[1]))


def configured(page: str) -> dict[str, Any]:
    """What a page holds for planmap.start: data, which its script takes."""
    found = re.search(r'<script type="application/json" id="pm-config">(.*?)</script>', page, re.DOTALL)
    assert found
    assert "planmap.start(map_planmap, planmap.config);" in folium_script(page)
    return dict(json.loads(found[1]))


def hash_of(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


@pytest.mark.parametrize("path", ["/", "/?view=indicators&lang=en", "/embed/overview?zone=west"])
def test_inline_scripts_are_allowed_by_their_hashes(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    page = answer.get_data(as_text=True)
    scripts = INLINE.findall(page)
    # The one that sets the picture to the window and asks for the program, folium's, and the one for old engines.
    assert len(scripts) == (3 if (DIST / "engine.js").is_file() else 2)
    policy = answer.headers["Content-Security-Policy"]
    for script in scripts:
        assert hash_of(script) in policy
        page = page.replace(script, "")
    styles = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    for style in styles:
        assert hash_of(style) in policy
        page = page.replace(style, "")
    assert policy.count("sha256-") == len(scripts) + len(styles)
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", page)


def test_a_picture_that_would_keep_the_page_is_left_out(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = client.get("/?lang=zh").get_data(as_text=True)
    assert 'id="pm-first"' in page
    for name in ("MOST_DRAWN", "LONGEST_PICTURE"):
        with monkeypatch.context() as patch:
            patch.setattr(routes, name, 3)
            fresh = create_app({}, edition=make_edition()).test_client()
            page = fresh.get("/?lang=zh").get_data(as_text=True)
            assert 'id="pm-first"' not in page, name
            assert '<img src="/picture/overview.svg"' in page, "without scripts it is still there"


def test_nothing_is_loaded_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/", "/start", "/about", "/embed/overview"):
        page = client.get(path).get_data(as_text=True)
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert addresses
        assert all(address.startswith(("/", "#", "data:")) and not address.startswith("//") for address in addresses)


def test_composed_by_folium_with_the_layers_in_their_order(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    script = folium_script(page)
    assert "var map_planmap = L.map(" in script
    declared = re.findall(r"var layer_(\w+) = planmap\.layer\(map_planmap, (\{.*\})\);", script)
    # low order first: zones 120, control lines 130, townships 240, parts 260, district 300, roads 520, hubs 640
    assert [name for name, _ in declared] == [
        "zones",
        "control_lines",
        "townships",
        "zone_parts",
        "district",
        "expressways",
        "hubs",
    ]
    zones, *_ = [layer for layer in configured(page)["layers"] if layer["id"] == json.loads(declared[0][1])["id"]]
    assert zones["pane"] == "pm-zones"
    assert zones["url"] == f"/e/{make_edition().hash[:12]}/api/layers/zones", (
        "what a page loads later is of its own edition"
    )
    assert zones["bounds"] == [[30.0, 120.0], [30.2, 120.4]]
    assert (zones["geometry"], zones["count"], zones["visible"]) == ("polygon", 2, True)
    # Called by the page's first script, once the program has come.
    assert script.startswith("function planmapPage() {")
    assert script.endswith(");\n}")
    assert script.index("planmap.start(") > script.rindex("planmap.layer(")


def test_config_is_what_the_bundle_is_promised(client: FlaskClient) -> None:
    given = configured(client.get("/?view=indicators&lang=en").get_data(as_text=True))
    assert set(given) == {
        "mode",
        "lang",
        "edition",
        "plan",
        "view",
        "views",
        "groups",
        "layers",
        "kinds",
        "statuses",
        "bases",
        "ramps",
        "sources",
        "outline",
        "scans",
        "sentences",
        "messages",
        "urls",
        "crs",
        "data",
        "together",
        "icons",
        "basemap",
        "remote",
        "imprint",
        "surfaces",
    }
    assert (given["mode"], given["lang"], given["data"]) == ("full", "en", None)
    assert given["view"]["indicator"] == "area_km2"
    assert given["view"]["layers"] == ["zones", "district"]
    assert given["kinds"]["expressway"]["dashes"]["operating"] == []
    assert given["together"]["layers"] == ["zones", "district"]
    address = given["together"]["url"]
    assert address.startswith(
        f"/e/{make_edition().hash[:12]}/api/features?layers=zones,district&coordinates=steps&program="
    )
    answer = client.get(address)
    assert set(answer.get_json()["layers"]) == {"zones", "district"}
    assert "immutable" in answer.headers["Cache-Control"], "neither edition nor program can change at this address"
    for other in (address[:-1] + "x", address.split("&")[0], address.removeprefix(f"/e/{make_edition().hash[:12]}")):
        assert client.get(other).headers["Cache-Control"] == "no-cache", other
    assert given["urls"]["api"] == f"/e/{make_edition().hash[:12]}/api"
    assert given["sources"]["general"]["licence"] == "CC0"


def test_a_layer_of_too_many_vertices_is_drawn_from_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(make_edition())
    # A rectangle has five vertices, and those where others end on its sides: the district nine, the zones seven each.
    assert [store.vertices(name) for name in ("zones", "district", "hubs", "control_lines")] == [14, 9, 1, 0]
    monkeypatch.setattr(maps, "LARGE_VERTICES", 9)
    options = {one["id"]: one.get("tiles") for one in maps.layer_options(store, "/api", [], "/e/x/ogc")}
    assert {name for name, tiles in options.items() if tiles} == {"zones", "townships"}
    assert options["zones"] == "/e/x/ogc/collections/zones/tiles"
    assert maps.together(store, ["zones", "district", "hubs"], "/api", None) == {
        "url": "/api/features?layers=district,hubs&coordinates=steps", "layers": ["district", "hubs"]
    }  # fmt: skip
    # A stand-alone file has no services: all of it comes whole.
    assert not any("tiles" in one for one in maps.layer_options(store, "/api", []))


def test_every_layer_that_is_not_given_whole_is_drawn_from_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(make_edition())
    drawn = {one["id"]: store.geometry_type(one["id"]) for one in maps.layer_options(store, "/api", [])}
    assert [name for name in drawn if maps.is_large(store, name)] == []
    # The one hub is more points than none.
    monkeypatch.setattr(maps, "LARGE_POINTS", 0)
    assert [name for name in drawn if maps.is_large(store, name)] == ["hubs"]
    # Vast: of any geometry, however few its vertices are, or of none.
    monkeypatch.setattr(maps, "VAST", 0)
    assert {"line", "point", "none", "polygon"} == set(drawn.values())
    assert [name for name in drawn if maps.is_large(store, name)] == [name for name in drawn if store.count(name)]
    assert store.count("control_lines") == 1
    assert maps.together(store, list(drawn), "/api", None) is None


def test_the_same_input_gives_the_same_bytes() -> None:
    pages = [create_app({}, edition=make_edition()).test_client().get("/").data for _ in range(2)]
    assert pages[0] == pages[1]


def test_folium_itself_is_left_as_it_was() -> None:
    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    store = Store(make_edition())
    settings = config(store, mode="full", lang="zh", view=store.views["overview"], urls=page_urls("", "zh"))
    composed = compose(settings, Assets(styles=("/s.css",)))
    assert composed.css_links == '<link rel="stylesheet" href="/s.css"/>'
    assert (folium.Map.default_js, folium.Map.default_css) == before
    assert composed.map_html.count("<") == 2
    assert 'id="map_planmap"' in composed.map_html


def test_layer_ids_that_are_no_javascript_names() -> None:
    edition = make_edition()
    meta = {**edition.meta, "views": []}
    meta["layers"] = [{**meta["layers"][0], "id": "a-b"}, {**meta["layers"][0], "id": "a_b"}]
    layers = {"a-b": edition.layers["zones"], "a_b": edition.layers["hubs"]}
    page = create_app({}, edition=make_edition(meta=meta, layers=layers)).test_client().get("/").get_data(as_text=True)
    assert re.findall(r"var (layer_\w+) =", page) == ["layer_a_b", "layer_a_b_"]


BRACES = "甲{{7*7}}{% 方案 %}{# 备注 #}{{未定"


def test_no_template_engine_sees_a_text() -> None:
    edition = make_edition()
    for frame in edition.layers.values():
        frame[["name", "note"]] = BRACES
    meta = copy.deepcopy(edition.meta)
    meta["plan"]["title"] = BRACES
    for table in ("layers", "groups", "views", "kinds"):
        for record in meta[table]:
            record["name"] = BRACES
    # An edition from somebody else may name its layers as it likes.
    meta["layers"].append({**meta["layers"][0], "id": "{{7*7}}", "order": 9})
    edition = replace(edition, meta=meta, layers={**edition.layers, "{{7*7}}": edition.layers["zones"]})
    client = create_app({}, edition=edition).test_client()
    for path in ("/", "/embed/overview", "/standalone/overview.html"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        page = answer.get_data(as_text=True)
        given = started_with(folium_script(page)) if "standalone" in path else configured(page)
        assert given["plan"]["title"] == BRACES
        assert {view["name"] for view in given["views"]} == {BRACES}
        assert {layer["name"] for layer in given["layers"]} == {BRACES}
        assert {layer["id"] for layer in given["layers"]} >= {"{{7*7}}", "zones"}
    features = given["data"]["/api/layers/zones"]["features"]
    assert [one["properties"]["name"] for one in features] == [BRACES, BRACES]
    assert features[0]["properties"]["note"] == BRACES


@pytest.mark.parametrize(
    "text", ["</script><script>x()", "<!--", "`${x}`", "\u2028\u2029", "&amp;", "'\"\\", "\x00\x1f", "]]>"]
)
def test_script_json_cannot_end_the_script(text: str) -> None:
    written = script_json({text: [text]})
    assert not re.search("[<>&'`$\u2028\u2029]", written)
    assert json.loads(written) == {text: [text]}


def test_script_json_refuses_numbers_that_json_does_not_know() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json({"x": float("nan")})


def test_zoom_that_fits() -> None:
    # The whole world is 256 px wide at zoom 0: 90 degrees fit 512 px at zoom 3 (256 * 8 / 4 = 512).
    assert zoom_for([[0.0, 0.0], [1e-9, 90.0]], width_px=512) == 3.0
    assert zoom_for([[30.0, 120.0], [30.0, 120.0]]) == 17.0


def test_embed_takes_layers_indicator_zone_and_size(client: FlaskClient) -> None:
    answer = client.get(
        "/embed/overview?layers=zones,hubs&indicator=area_km2:township:quantiles&zone=west&width=600&height=400"
    )
    page = answer.get_data(as_text=True)
    view = configured(page)["view"]
    assert view["layers"] == ["zones", "hubs"]
    assert (view["indicator"], view["level"], view["method"]) == ("area_km2", "township", "quantiles")
    assert view["select"] == "zone/west"
    assert view["bounds"] == [[30.0, 120.0], [30.2, 120.2]]
    style = re.findall("<style>(.*?)</style>", page, re.DOTALL)[-1]
    assert style == ".pm-mode-embed .pm-main{width:600px;height:400px}"
    assert hash_of(style) in answer.headers["Content-Security-Policy"]


def test_embed_without_layers_shows_none(client: FlaskClient) -> None:
    view = configured(client.get("/embed/overview?layers=").get_data(as_text=True))["view"]
    assert view["layers"] == []


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "planmap.js").write_text("var planmap='</script><!--';", encoding="utf-8")
    (tmp_path / "rest.js").write_text("var planmapRest={};", encoding="utf-8")
    (tmp_path / "soon.js").write_text("var planmapSoon={};", encoding="utf-8")
    (tmp_path / "asked.js").write_text("var planmapAsked={};", encoding="utf-8")
    (tmp_path / "rest.css").write_text("b{}", encoding="utf-8")
    (tmp_path / "soon.css").write_text("u{}", encoding="utf-8")
    (tmp_path / "asked.css").write_text("i{}", encoding="utf-8")
    (tmp_path / "later.js").write_text("var planmapLater={};", encoding="utf-8")
    (tmp_path / "engine.js").write_text("(function(){})();", encoding="utf-8")
    (tmp_path / "planmap.css").write_text("a::after{content:'</style>'}", encoding="utf-8")
    return tmp_path


def test_standalone_holds_every_address_that_the_page_asks_for(bundle: Path) -> None:
    store = Store(make_edition())
    parts = standalone.parts(store, store.views["overview"], "zh", bundle)
    given = started_with(parts.composed.script)
    assert given["mode"] == "standalone"
    wanted = {layer["url"] for layer in given["layers"]} | {"/api/indicators", "/api/search", "/api/claims"}
    wanted |= {
        f"/api/indicators/{name}/{level}" for name in store.indicator_ids for level in ("district", "zone", "township")
    }
    assert set(given["data"]) == wanted
    assert given["data"]["/api/layers/zones"]["features"][0]["id"] == "zone/west"
    assert parts.composed.css_links == ""
    # Neither can end the element it stands in, and the script still means the same text.
    assert parts.script == r"var planmap='<\/script>\x3c!--';"
    assert "</style" not in parts.style


def test_standalone_file_asks_for_nothing(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standalone.parts, "__defaults__", (bundle,))
    answer = create_app({}, edition=make_edition()).test_client().get("/standalone/overview.html")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[0].replace("&#39;", "'")
    assert "'self'" not in policy
    assert "connect-src 'none'" in policy
    for script in INLINE.findall(page):
        assert hash_of(script) in policy
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', re.sub("(?s)<script>.*?</script>", "", page)) == []


def test_standalone_without_bundle_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standalone.parts, "__defaults__", (tmp_path,))
    answer = create_app({}, edition=make_edition()).test_client().get("/standalone/overview.html?lang=en")
    assert answer.status_code == 503
    assert "make setup" in answer.get_data(as_text=True)


def test_hashed_addresses_of_the_bundle(bundle: Path) -> None:
    found = find(folder=bundle)
    digest = hashlib.sha256((bundle / "planmap.js").read_bytes()).hexdigest()[:12]
    assert found.address("planmap.js") == f"/static/dist/planmap.{digest}.js"
    assert load(bundle)[found.address("planmap.js")].identity == (bundle / "planmap.js").read_bytes()
    assert find(debug=True, folder=bundle).address("planmap.js") == "/static/dist/planmap.js"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/start",
        "/about",
        "/embed/overview",
        "/?lang=en&view=indicators",
        "/start?lang=en",
        "/about?lang=en",
        f"/?view={HOSTILE[:20]}",
    ],
)
def test_hostile_names_stay_text(path: str) -> None:
    answer = create_app({}, edition=hostile_edition()).test_client().get(path)
    assert answer.status_code in (200, 400)
    page = answer.get_data(as_text=True)
    assert "<img" not in re.sub(r'<img src="/picture/[a-z]+\.svg" alt="[^"<>]*">', "", page)  # ours, without scripts
    assert "<!--" not in page
    scripts = INLINE.findall(page)
    assert (
        page.count("<script")
        == page.count("</script>")
        == len(scripts) + len(re.findall('<script(?: defer)? src=|<script type="application/json"', page))
    )
    for script in scripts:
        assert hash_of(script) in answer.headers["Content-Security-Policy"]
    if scripts:
        assert "`" not in folium_script(page)
        assert configured(page)["plan"]["title"] == HOSTILE


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_that_come_late_are_not_in_the_page(client: FlaskClient, lang: str) -> None:
    """Page and late words together say everything, nothing twice; with the stamp that the page knows they are kept."""
    given = configured(client.get(f"/?lang={lang}").get_data(as_text=True))
    answer = client.get(given["urls"]["words"])
    assert answer.headers["Cache-Control"].endswith("immutable")
    assert set(given["messages"]) & set(answer.json) == set()
    assert {**answer.json, **given["messages"]}.keys() >= frontend(lang).keys()
    assert answer.json["panels.card.zoom"] == frontend(lang)["panels.card.zoom"]
    other = client.get(f"/words.json?lang={lang}&program=other")
    assert (other.json, other.headers["Cache-Control"]) == (answer.json, "no-cache")


# Named in parts of the early programs that only late ones use.
USED_LATE = {"panels.overlay.group_", "notes.shape.", "notes.legend"}


@pytest.mark.skipif(not (DIST / "rest.js").is_file(), reason="the browser bundle is not built: make setup")
def test_programs_that_come_early_say_nothing_that_comes_late() -> None:
    begins = "|".join(re.escape(start) for start in LATE)
    for program in ("planmap.js", "rest.js"):
        source = (DIST / program).read_text(encoding="utf-8")
        said = {found[1] for found in re.finditer(rf"""["'`]((?:{begins})[a-z_.]*)""", source)}
        assert said - SOONER <= USED_LATE, program
        assert said or program == "planmap.js", "the pattern finds keys"
