"""What a request may ask for: tables over every route of the app, so that a new route is caught, too."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web_edition import figures_edition

import webmap
from layers.model.tables import FEATURE_COLUMNS, NUMBER
from webmap.app import create_app
from webmap.map import links
from webmap.serving.asking import Parameter, Route
from webmap.serving.context import Context
from webmap.serving.encode import BodyCache, Encoded
from webmap.serving.problems import REPORTS
from webmap.serving.quick import ORIGIN

LINK = links.Link("abcdefghij", "", "", "/?view=overview", "2026-01-31", {})
WRONG = "no such value"
"""A value that no parameter may have, but free text."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("cache")
    edition = figures_edition()
    step = {"title": "西", "text": "看西片", "view": "overview", "zone": "west"}
    edition.meta["stories"] = [{"id": "tour", "name": "导览", "steps": [step]}]
    # A short link that says what has changed: of an edition before this one.
    links.write(folder / "links", replace(LINK, edition="ef" * 32, shows={"layer/zones": "0" * 16}))
    settings = {"PLANMAP_CACHE_DIR": str(folder), "PLANMAP_LINKS": str(folder / "links")}
    return create_app(settings, edition=edition)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def declared(app: Flask) -> Iterator[Route]:
    """Every rule of the app; one that does not declare its parameters is a fault."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert isinstance(view, Route), f"{rule.rule} does not declare its parameters"
        yield view


NONE_HERE = ("/scan/", "/scenarios/<", "/api/scenarios/<", "/surface/<")
"""This edition has none: see test_webmap_api_scans, test_webmap_admin_scenarios, test_webmap_surfaces."""


def routes(app: Flask) -> Iterator[Route]:
    """Those of which this edition has something; for what changes something see test_webmap_documents."""
    return (one for one in declared(app) if not one.rule.startswith(NONE_HERE) and not one.changes)


def context_of(app: Flask) -> Context:
    return app.extensions["planmap"].only


def usual(parameter: Parameter, app: Flask) -> str:
    """A value that the parameter may have."""
    values = parameter.values(context_of(app).store)
    if values is not None:
        return values[0] if values else ""
    if parameter.numbers:
        return str(parameter.numbers[0])
    usually = {
        "crs": "EPSG:4490", "bbox-crs": "EPSG:4490", "filter-crs": "EPSG:4490", "indicator": "area_km2", "zone": "west",
        "with": figures_edition().hash[:12], "bbox": "120,30,121,31",
        "feature": next(iter(context_of(app).store.index)),
        "bgcolor": "0xffffff", "request": "GetCapabilities", "service": "", "filter": "id IS NOT NULL",
        "period": "2023", "datetime": "2021-01-01", "township": "a", "year": "2022", "extent": "120.1,30.1,120.3,30.2",
        "flt": "zone:west", "select": "township/a", "paper": "A4", "sortby": "-name", "properties": "id,name",
        "op": "zones:0.5", "notes": "pr:120.1,30.1:", "url": "/", "link": LINK.id, "bounds": "120,30,121,31",
        **dict.fromkeys((name for name, holds in FEATURE_COLUMNS.items() if holds == NUMBER), "1.5"),
    }  # fmt: skip
    return usually.get(parameter.name, "x")


def path_of(route: Route, app: Flask, **changed: str) -> str:
    path = route.rule
    for place in route.places:
        value = changed.get(place.name, usual(place, app))
        path = re.sub(rf"<(?:\w+:)?{place.name}>", quote(value), path)
    return path


def is_problem(answer: Any, path: str, status: int = 400) -> bool:
    """A refusal in the form that who asks can read, which names what is wrong."""
    programs = path.startswith(("/api", "/download", "/figures", "/healthz", "/ogc", "/oembed"))
    kind = "application/problem+json" if programs else "text/html; charset=utf-8"
    if path.partition("?")[0] in REPORTS:
        kind = answer.content_type if "xml" in answer.content_type and b"Exception" in answer.data else kind
    return answer.status_code == status and answer.content_type == kind


def test_every_route_answers_what_it_declares(app: Flask, client: FlaskClient) -> None:
    wrong = []
    for route in routes(app):
        path = path_of(route, app)
        for query in ["", *(f"?{one.name}={quote(usual(one, app))}" for one in route.parameters)]:
            answer = client.get(path + query)
            # headings and WKT are of CSV only; the first format is another; bounds are of an indicator's classes
            # where a document used to be begun or stopped leads to its page; a file is there when it has been made
            usual_status = 302 if re.search("/documents/.*/(start|cancel)", path) else 200
            waits = path.startswith("/documents/") and path.endswith("/file") and answer.status_code == 404
            usable = answer.status_code == usual_status or waits
            if not usable and not re.search("gpkg[?](headings|wkt)|figures/.*[?]bounds", path + query):
                wrong.append((path + query, answer.status_code))
    assert wrong == []
    assert len(list(routes(app))) > 25


def test_wrong_values_unknown_names_and_repeated_ones_are_refused(app: Flask, client: FlaskClient) -> None:
    passed = []
    tried = 0
    for route in routes(app):
        path = path_of(route, app)
        for one in route.places:
            address = path_of(route, app, **{one.name: WRONG})
            if not is_problem(client.get(address), address, 404):
                passed.append(address)
        queries = ["no_such=1", "lang=zh&lang=zh", "Lang=zh", "lang=zh&no_such=", "lang=", "lang=zh%20"]
        if route.lenient:  # other names are not heeded, and any case will do
            queries = ["lang=zh&LANG=zh", "lang=zh%20"]
        for one in route.parameters:
            free = one.values(context_of(app).store) is None and not one.numbers and not one.accepts
            queries.append(f"{one.name}={quote('x' * 5000 if free else WRONG)}")
            if not one.repeats:
                queries.append(f"{one.name}={quote(usual(one, app))}&{one.name}={quote(usual(one, app))}")
        for query in queries:
            tried += 1
            if not is_problem(client.get(f"{path}?{query}"), path):
                passed.append(f"{path}?{query}")
    assert passed == []
    assert tried > 200


def test_a_refusal_names_what_there_is(client: FlaskClient) -> None:
    problem = json.loads(client.get("/api/layers?level=zone&lang=en").data)
    assert "level" in problem["detail"]
    assert problem["choices"] == ["lang"]
    assert "sort" in client.get("/list?order=name").get_data(as_text=True)


def test_marks_of_trackers_are_not_heeded_on_pages_and_not_passed_on(app: Flask, client: FlaskClient) -> None:
    kept = []
    for route in routes(app):
        path = path_of(route, app)
        answer = client.get(f"{path}?utm_source=leaked&fbclid=leaked&from=leaked")
        if route.lenient:
            kept += [path for body in (answer.data, client.get(path).data) if b"leaked" in body]
            continue
        if path.startswith(("/api", "/download", "/figures", "/healthz", "/ogc", "/oembed")):
            assert is_problem(answer, path), path
            continue
        assert answer.status_code in ((200, 302, 404) if path.startswith("/documents/") else (200,)), path
        if answer.status_code != 404:  # a page of what is not there leads to its own address in the other language
            kept += [path for body in (answer.data, client.get(path).data) if b"leaked" in body]
    assert kept == []


def test_nothing_of_a_request_but_what_is_declared_reaches_a_body(app: Flask, client: FlaskClient) -> None:
    """The same body comes out with no request in reach; hosts that somebody invents make none of their own."""
    ctx = context_of(app)
    for route in routes(app):
        path = path_of(route, app)
        plain = client.get(path)
        held = ctx.cache.held, ctx.answers.held
        for number in range(3):
            answer = client.get(path, headers={"Host": f"host-{number}.example", "User-Agent": "invented.example"})
            data = answer.data
            if route.quick:  # links of services are absolute; what is kept does not say whose
                data = data.replace(f"http://host-{number}.example".encode(), b"http://localhost")
            # How far a document is, is of the moment.
            assert data == plain.data or path.startswith("/documents"), path
            assert b".example" not in data, path
        if path.startswith("/documents"):
            continue
        assert (ctx.cache.held, ctx.answers.held) == held, path
        with app.test_request_context(path):
            from flask import request

            wanted = route.wanted(ctx.store, request, request.view_args or {})
        with app.app_context():
            data, content_type, _headers = route.make(ctx, wanted)
        data = data.replace(ORIGIN.encode(), b"http://localhost")
        assert (data, content_type) == (plain.data, plain.content_type), path


FOR_ONE = (
    "admin/routes.py", "admin/import_routes.py", "admin/observed_routes.py", "admin/reading_routes.py",
    "admin/scan_routes.py", "admin/scenario_routes.py",
)  # fmt: skip
"""Pages for one person, in an application of their own: they read the request and come near no body that is kept."""


def test_the_request_is_read_in_serving_only() -> None:
    found = []
    room = Path(webmap.__file__).parent
    for path in room.rglob("*.py"):
        if "serving" in path.parts or "node_modules" in path.parts:
            continue
        if path.relative_to(room).as_posix() in FOR_ONE:
            assert not re.search(r"\.(body|quick_body|cache|answers)\b|\brespond\b", path.read_text(encoding="utf-8"))
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "flask":
                found += [f"{path.name}: {one.name}" for one in node.names if one.name not in ("Blueprint", "Flask")]
            elif isinstance(node, ast.Import):
                found += [f"{path.name}: {one.name}" for one in node.names if one.name.partition(".")[0] == "flask"]
    assert found == []


def test_a_language_link_keeps_what_is_declared(client: FlaskClient) -> None:
    page = client.get("/list?zone=west&q=%E7%AB%99&sort=name&utm_source=x").get_data(as_text=True)
    other = re.findall(r'class="other-lang" href="([^"]+)"', page)
    assert other == ["/list?zone=west&amp;q=%E7%AB%99&amp;sort=name&amp;lang=en"]


def test_the_description_of_the_api_is_the_declaration(app: Flask, client: FlaskClient) -> None:
    described = {
        path: {(one["name"], one["in"]) for one in operations["get"]["parameters"]}
        for path, operations in client.get("/api/openapi.json").get_json()["paths"].items()
    }
    wanted = {
        route.address: {(one.name, "path") for one in route.places} | {(one.name, "query") for one in route.parameters}
        for route in declared(app)
        if route.rule.startswith(("/api", "/download", "/figures", "/healthz"))
    }
    assert described == wanted


def test_the_bodies_kept_are_bounded() -> None:
    cache = BodyCache(most_bytes=10_000, most_bodies=5)

    def body(size: int) -> Encoded:
        return Encoded(b"x" * size, None, None, "tag", "text/plain")

    for number in range(100):
        cache.get(f"k{number}", lambda: body(10))
    assert cache.held == (5, 5 * 13)
    cache.get("large", lambda: body(6_000))
    assert cache.held == (5, 5 * 13)
    for number in range(10):
        cache.get("k" * 3_000 + str(number), lambda: body(1))
    assert cache.held[1] <= 10_000
