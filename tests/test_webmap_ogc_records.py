"""The catalogue of a shelf as records, and each plan's services under its own address."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from cases import every
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from test_webmap_catalogue import PLANS, app_of, plan

from layers.edition.file import write


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder: Path = tmp_path_factory.mktemp("shelf") / "editions"
    for number, name in enumerate(PLANS):
        write(plan(name, number), folder / f"{name}.gpkg")
    return app_of(folder, PLANMAP_PREFIX="/maps").test_client()


def got(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(f"/maps{path}")
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data)


QUERIES = [
    ("", ["alpha-14", "alpha-15", "beta-14"]),
    ("q=甲区", ["alpha-14", "alpha-15"]),
    ("q=甲区 2026", ["alpha-15"]),
    ("datetime=2027-01-01", ["alpha-15"]),
    ("datetime=../2025-12-31", ["alpha-14", "beta-14"]),
    ("ids=beta-14,alpha-14", ["alpha-14", "beta-14"]),
    (f"externalIds={1:064x}", ["alpha-15"]),
    ("type=dataset", ["alpha-14", "alpha-15", "beta-14"]),
    ("type=service", []),
    ("bbox=120,30,121,31", ["alpha-14", "alpha-15", "beta-14"]),
    ("bbox=100,30,101,31", []),
    ("limit=1&offset=1", ["alpha-15"]),
]


@every(("query", "expected"), QUERIES)
def test_plans_are_records(client: FlaskClient, query: str, expected: list[str]) -> None:
    assert [one["id"] for one in got(client, f"/ogc/collections/plans/items?{query}")["features"]] == expected


def test_a_record_leads_to_services_page_and_file(client: FlaskClient) -> None:
    record = got(client, "/ogc/collections/plans/items/beta-14")
    assert record["time"] == {"interval": ["2021-01-01", "2025-12-31"]}
    assert record["properties"]["keywords"] == ["乙县", "beta-14", "510101", "2021–2025"]
    links = {one["rel"]: one["href"].removeprefix("http://localhost") for one in record["links"]}
    assert links["service"] == "/maps/p/beta-14/ogc"
    for address in links.values():
        assert client.get(address).status_code == 200, address
    services = json.loads(client.get(links["service"]).data)
    data = next(one["href"] for one in services["links"] if one["rel"] == "data")
    assert data == "http://localhost/maps/p/beta-14/ogc/collections"
    page = got(client, "/p/beta-14/ogc/collections/townships/items?limit=1")
    following = next(one["href"] for one in page["links"] if one["rel"] == "next")
    assert following.startswith(
        f"http://localhost/maps/p/beta-14/e/{2:064x}"[: len("http://localhost/maps/p/beta-14/e/") + 12]
    )
    assert client.get(following.removeprefix("http://localhost")).status_code == 200


def test_editions_are_records_with_their_own_services(client: FlaskClient) -> None:
    got(client, "/p/alpha-14/ogc")
    found = got(client, "/ogc/collections/editions/items?q=alpha-14")["features"]
    assert [one["id"] for one in found] == [f"alpha-14@{0:012x}"]
    service = next(one["href"] for one in found[0]["links"] if one["rel"] == "service")
    assert client.get(service.removeprefix("http://localhost")).status_code == 200


def test_the_catalogue_is_described(client: FlaskClient) -> None:
    document = got(client, "/ogc/api")
    validate(document)
    assert "/collections/{catalogue}/items" in document["paths"]
    assert [one["id"] for one in got(client, "/ogc/collections")["collections"]] == ["plans", "editions"]
    assert got(client, "/ogc/collections/plans")["extent"]["spatial"]["bbox"] == [[120.0, 30.0, 120.4, 30.2]]
    landing = got(client, "/ogc?lang=en")
    for one in landing["links"]:
        assert client.get(one["href"].removeprefix("http://localhost")).status_code == 200
    assert any("record-core" in one for one in got(client, "/ogc/conformance")["conformsTo"])


@every("path", ["/ogc/collections/nope", "/ogc/collections/plans/items/nope", "/ogc/nope"])
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/maps{path}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@every("query", ["nope=1", "limit=0", "bbox=1", "datetime=x", "lang=fr", "q=" + "x" * 201])
def test_what_is_wrong_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/maps/ogc/collections/plans/items?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


PAGES = ["", "/conformance", "/api", "/collections", "/collections/plans", "/collections/plans/items?limit=1&offset=1",
         "/collections/editions/items", "/collections/plans/items/beta-14"]  # fmt: skip


@every("path", PAGES)
def test_each_document_is_a_page_too(client: FlaskClient, path: str) -> None:
    """For whoever accepts HTML rather than JSON; every link of it leads somewhere, in its language."""
    asked = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for lang, word in (("zh", "在线服务"), ("en", "Live services")):
        answer = client.get(f"/maps/ogc{path}{'&' if '?' in path else '?'}lang={lang}", headers=asked)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert "Accept" in answer.headers["Vary"].split(", ")
        assert word in answer.text
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        links = {unescape(one) for one in re.findall(r'href="([^"#]+)"', main)}
        assert links
        for one in links:
            assert client.get(one).status_code == 200, one
        assert lang == "en" or not any("lang=en" in one for one in links)


def test_the_page_of_a_shelf_lists_every_plans_services(client: FlaskClient) -> None:
    page = client.get("/maps/ogc?f=html&lang=en").text
    assert 'href="/maps/ogc?lang=en"' in client.get("/maps/?lang=en").text
    for name in PLANS:
        assert f"http://localhost/maps/p/{name}/ogc</bdi>" in page, "to be copied into a program"
        for path in ("ogc?f=html&amp;lang=en", "ogc/layers.qlr?lang=en", "download/all.gpkg"):
            assert f'href="/maps/p/{name}/{path}"' in page
    one, two = (client.get(f"/maps/ogc/collections/plans/items?f=html&limit=1&offset={n}").text for n in (0, 2))
    assert "下一页" in one
    assert "上一页" not in one
    assert "上一页" in two
    assert "下一页" not in two
