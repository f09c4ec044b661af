"""How the server answers: conditional requests, encodings, methods, headers, problems."""

import gzip
import html
import json
import re
from pathlib import Path

import brotli
import pytest
from cases import every
from flask.testing import FlaskClient
from web_edition import make_edition

from geo.errors import GeoError
from webmap.app import create_app
from webmap.serving import problems
from webmap.serving.encode import BodyCache, encode, entity_tag
from webmap.serving.messages import CATALOGUE, LANGUAGES

PAGES = ["/", "/start", "/about", "/?view=indicators&lang=en", "/embed/overview"]
DATA = [
    "/api/layers",
    "/api/layers/zones",
    "/api/features/hub/south",
    "/api/indicators",
    "/api/indicators/area_km2/zone",
    "/api/search",
    "/api/openapi.json",
    "/healthz",
]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


@every("path", PAGES + DATA)
def test_every_get_has_an_entity_tag_and_answers_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    for condition in (tag, f"W/{tag}", f'"other", {tag}', f'W/"x", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": condition})
        assert again.status_code == 304, condition
        assert again.data == b""
        assert again.headers["ETag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_entity_tags_differ_between_addresses_languages_and_editions(client: FlaskClient) -> None:
    tags = {client.get(path).headers["ETag"] for path in PAGES + DATA + ["/?lang=en", "/start?lang=en"]}
    assert len(tags) == len(PAGES + DATA) + 2
    edition = make_edition()
    other = create_app({}, edition=make_edition(meta={**edition.meta, "hash": "cd" * 32})).test_client()
    assert other.get("/").headers["ETag"] != client.get("/").headers["ETag"]


@every(
    ("accept", "expected"),
    [
        ("br, gzip", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("", None),
        ("zstd", None),
        ("*", "br"),
        ("gzip;q=0", None),
    ],
)
def test_encoding_is_what_the_browser_takes(client: FlaskClient, accept: str, expected: str | None) -> None:
    plain = client.get("/api/indicators").data
    answer = client.get("/api/indicators", headers={"Accept-Encoding": accept})
    assert answer.headers.get("Content-Encoding") == expected
    assert answer.headers["Vary"] == "Accept-Encoding"
    body = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[expected](answer.data)
    assert body == plain
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_bodies_are_encoded_once_and_the_least_used_dropped() -> None:
    cache, made = BodyCache(most_bytes=2500), []

    def make(name: str):
        return lambda: made.append(name) or encode(name.encode() * 1000, entity_tag(name.encode()), "text/plain")

    for name in ("a", "a", "b", "c", "a"):
        cache.get((name,), make(name))
    # a and b fit, c pushes a out (1000 bytes each and their compressed forms), so a is made again.
    assert made == ["a", "b", "c", "a"]


@every("path", PAGES + DATA)
def test_head_is_get_without_body(client: FlaskClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert head.headers["ETag"] == get.headers["ETag"]


@pytest.mark.parametrize("path", ["/", "/api/layers", "/api/features/district", "/download/all.gpkg"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method, data=b"x")
    assert answer.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= {item.strip() for item in answer.headers["Allow"].split(",")}
    options = client.options(path)
    assert options.status_code == 200
    assert "GET" in options.headers["Allow"]


@every(
    "path",
    [
        "/%FF",
        "/api/layers/%FF%FE",
        "/api/features/%00",
        "/?view=%FF",
        "/?lang=%E4%B8",
        "/" + "x" * 7000,
        "/api/layers/" + "长" * 500,
        "/?" + "a=1&" * 2000 + "view=x",
        "/embed/%2e%2e%2fetc",
        "/standalone/../x.html",
        "/api/features/..%2f..%2fetc/passwd",
        "/download/../../etc/passwd",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/api//layers",
    ],
)
def test_odd_addresses_get_a_clear_answer_and_never_a_fault(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    text = answer.get_data(as_text=True)
    assert "Traceback" not in text
    assert len(text) < 6000


@every(
    ("path", "status", "named"),
    [
        ("/?view=nope", 400, "overview"),
        ("/?lang=fr", 400, "zh"),
        ("/start?lang=", 400, "en"),
        ("/embed/nope", 404, "overview"),
        ("/standalone/nope.html", 404, "indicators"),
        ("/embed/overview?layers=zones,nope", 400, "townships"),
        ("/embed/overview?indicator=nope", 400, "area_km2"),
        ("/embed/overview?indicator=area_km2:street", 400, "township"),
        ("/embed/overview?zone=nope", 400, "zone/west"),
        ("/embed/overview?width=12px", 400, "8000"),
        ("/embed/overview?height=5", 400, "100"),
        ("/embed/overview?indicator=area_km2:zone:magic", 400, "quantiles"),
    ],
)
def test_wrong_values_get_a_page_that_names_the_right_ones(
    client: FlaskClient, path: str, status: int, named: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.content_type.startswith("text/html")
    assert named in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status", "choice"),
    [
        ("/api/layers/nope", 404, "zones"),
        ("/api/indicators/nope/zone", 404, "area_km2"),
        ("/api/indicators/area_km2/street", 404, "township"),
        ("/api/features/nope", 404, None),
        ("/api/nope", 404, None),
        ("/download/nope.gpkg", 404, "zones"),
        ("/download/zones.exe", 404, "gpkg"),
        ("/download/zones.gpkg?crs=31370", 400, "4490"),
    ],
)
def test_wrong_values_under_the_api_are_problems(
    client: FlaskClient, path: str, status: int, choice: str | None
) -> None:
    for lang in LANGUAGES:
        answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        problem = json.loads(answer.data)
        assert problem["status"] == status
        assert bool(re.search("[\u4e00-\u9fff]", problem["title"])) == (lang == "zh")
        assert choice is None or choice in problem["choices"]


def test_problem_pages_keep_the_language(client: FlaskClient) -> None:
    assert "There is no view called “nope”" in client.get("/?view=nope&lang=en").get_data(as_text=True)
    assert "没有名为“nope”的视图" in client.get("/?view=nope").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/feature/no/such", "/feature/no/such?lang=en"),
        ("/?view=nope&lang=en", "/?view=nope&amp;lang=zh"),
        ("/list?chapter=7&chapter=8", "/list?chapter=7&amp;chapter=8&amp;lang=en"),
        # Nobody's host, no markup; an address without end leads to the map.
        ("/%2F%2Fevil.example/<b>", "/evil.example/%3Cb%3E?lang=en"),
        ("/%5C%5Cevil.example", "/%5C%5Cevil.example?lang=en"),
        ("/" + "a" * 600, "/?lang=en"),
    ],
)
def test_problem_pages_lead_to_the_same_in_the_other_language(client: FlaskClient, path: str, link: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    page = answer.get_data(as_text=True)
    assert re.findall(r'<a class="other-lang" href="([^"]*)"', page) == [link]
    other = client.get(html.unescape(link))
    assert other.status_code == (200 if link == "/?lang=en" else answer.status_code)
    assert f'lang="{"zh-CN" if "lang=zh" in link else "en"}"' in other.get_data(as_text=True)


def test_a_fault_of_the_program_is_logged_and_says_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app({}, edition=make_edition())

    def fail() -> str:
        raise RuntimeError("secret-detail")

    app.add_url_rule("/api/fail", view_func=fail)
    answer = app.test_client().get("/api/fail")
    assert answer.status_code == 500
    assert "secret-detail" not in answer.get_data(as_text=True)
    assert "secret-detail" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (problems.BadParameterError("error.unknown_view", value="x"), 400),
        (problems.NotKnownError("error.unknown_view", value="x"), 404),
        (problems.NotReadyError("error.no_bundle"), 503),
        (GeoError("crs.unknown", text="x"), 400),
        (ValueError("x"), 500),
    ],
)
def test_one_table_from_error_to_status(error: Exception, status: int) -> None:
    assert problems.status_of(error) == status


@every("path", [*PAGES, *DATA, "/nope", "/api/nope"])
def test_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "base-uri 'none'" in policy
    # Only the form for downloads may send, and only to us.
    assert ("form-action 'self'" if path == "/start" else "form-action 'none'") in policy
    # An embed is for any page; even ``*`` would leave out one that was opened from disk.
    assert ("frame-ancestors 'self'" in policy) is not path.startswith("/embed")
    assert ("frame-ancestors" in policy) is not path.startswith("/embed")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]


def test_who_may_frame_the_embed_is_a_setting() -> None:
    app = create_app({"PLANMAP_FRAME_ANCESTORS": "'self' https://www.example.gov.cn"}, edition=make_edition())
    policy = app.test_client().get("/embed/overview").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://www.example.gov.cn")
    nobody = create_app({"PLANMAP_FRAME_ANCESTORS": "'none'"}, edition=make_edition())
    none = nobody.test_client().get("/embed/overview")
    assert none.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_every_error_key_in_the_code_is_in_the_catalogue() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(problems.__file__).parents[1].rglob("*.py"))
    keys = set(re.findall(r'"((?:error|setting)\.[a-z_]+)"', code)) - {"error.html"}
    assert len(keys) > 10
    assert keys <= set(CATALOGUE.keys())
