"""What takes a map elsewhere: oEmbed, the picture of pixels, the element's file, short links and their command."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cases import every
from click.testing import CliRunner
from flask.testing import FlaskClient
from web_edition import HOSTILE, make_edition

from layers.edition.file import write
from layers.edition.kept import publish
from layers.edition.store import Store
from webmap.app import create_app
from webmap.cli import main
from webmap.map import links
from webmap.serving.problems import BadParameterError
from webmap.serving.settings import Settings


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


def frame_of(html: str) -> dict[str, Any]:
    """The attributes of the only element in a piece of HTML."""
    found: list[tuple[str, dict[str, Any]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))  # type: ignore[method-assign]
    parser.feed(html)
    ((tag, attributes),) = found
    assert tag == "iframe"
    return attributes


# ---- oEmbed


def test_oembed_gives_the_frame_of_a_pasted_address(client: FlaskClient) -> None:
    pasted = "http://localhost/?view=overview&lang=en#map=12/30.10000/120.20000&layers=zones&sel=hub/south"
    answer = client.get(f"/oembed?url={quote(pasted, safe='')}&maxwidth=600&maxheight=400").get_json()
    assert (answer["version"], answer["type"], answer["width"], answer["height"]) == ("1.0", "rich", 600, 400)
    frame = frame_of(answer["html"])
    mark = "#map=12/30.10000/120.20000&layers=zones&sel=hub/south"
    assert frame["src"] == f"http://localhost/embed/overview?lang=en{mark}"
    assert answer["title"] == frame["title"] == "Test Plan · Overview"
    path = answer["thumbnail_url"].removeprefix("http://localhost")
    assert size_of(client.get(path).data) == (answer["thumbnail_width"], answer["thumbnail_height"])


def test_oembed_is_found_from_the_page(client: FlaskClient) -> None:
    for path in ("/?view=indicators&lang=en", "/embed/overview?theme=dark"):
        page = client.get(path).get_data(as_text=True)
        href = page.split('type="application/json+oembed" href="')[1].split('"')[0].replace("&amp;", "&")
        frame = frame_of(client.get(href).get_json()["html"])
        assert frame["src"].startswith(
            "http://localhost/embed/" + ("indicators" if "indicators" in path else "overview")
        )
        assert ("theme=dark" in frame["src"]) is ("theme" in path)


@every("url", ["/start", "/embed/nothing", "/?view=nothing", "ftp://localhost/", "http://[", "//x/y"])
def test_oembed_of_what_is_no_map_is_not_found(client: FlaskClient, url: str) -> None:
    answer = client.get(f"/oembed?url={quote(url, safe='')}")
    assert answer.status_code == 404, url
    assert answer.content_type == "application/problem+json"


def test_oembed_passes_on_nothing_that_it_does_not_know(client: FlaskClient) -> None:
    given = f'http://evil.example/?view=overview&zone={quote(HOSTILE)}&x=1&indicator=nope&layers=zones#"><script>'
    frame = frame_of(client.get(f"/oembed?url={quote(given, safe='')}").get_json()["html"])
    assert frame["src"] == "http://localhost/embed/overview?layers=zones"


# ---- the picture and the element


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height in a PNG's head."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_picture_of_pixels_is_of_the_layers_and_the_extent(client: FlaskClient) -> None:
    whole = client.get("/picture/overview.png?width=400")
    assert whole.content_type == "image/png"
    assert size_of(whole.data) == (400, 300)
    bodies = {client.get(f"/picture/overview.png?width=400{more}").data for more in ("&layers=zones", "&zone=west")}
    bodies.add(client.get("/picture/overview.png?width=400&bounds=120.1,30.05,120.2,30.1").data)
    assert len({whole.data, *bodies}) == 4
    for wrong in ("bounds=1,2,3,4", "bounds=120,30,nan,31", "bounds=120.4,30,120,31", "width=99", "width=9999"):
        assert client.get(f"/picture/overview.png?{wrong}").status_code == 400, wrong


def test_the_element_has_one_address(client: FlaskClient) -> None:
    answer = client.get("/plan-map.js")
    assert answer.content_type.startswith("text/javascript")
    assert b'customElements.define("plan-map"' in answer.data
    assert len(answer.data) < 8_000


# ---- choices of the embed


def test_theme_controls_and_legend_of_an_embed(client: FlaskClient) -> None:
    plain = client.get("/embed/overview").get_data(as_text=True)
    assert '<body class="pm-page pm-mode-embed">' in plain
    assert '<html lang="zh-CN" data-lang="zh">' in plain.split("<style>")[0]
    chosen = client.get("/embed/overview?theme=dark&controls=off&legend=off").get_data(as_text=True)
    assert " data-dark>" in chosen.split("<style>")[0]
    assert '<body class="pm-page pm-mode-embed pm-no-controls pm-no-legend">' in chosen


@every(
    ("setting", "policy"),
    [
        ("*", None),
        ("'none'", "'none'"),
        ("https://a.example", "'self' https://a.example"),
        ("'self' https://a.example", "'self' https://a.example"),
    ],
)
def test_our_own_map_may_show_its_embeds_unless_nobody_may(setting: str, policy: str | None) -> None:
    client = create_app({"PLANMAP_FRAME_ANCESTORS": setting}, edition=make_edition()).test_client()
    found = client.get("/embed/overview").headers["Content-Security-Policy"].partition("frame-ancestors ")[2]
    assert found == (policy or "")
    assert ("frame-src 'self'" in client.get("/").headers["Content-Security-Policy"]) is (setting != "'none'")


@every(
    ("text", "origins"),
    [
        ("", ("*",)),
        ("none", ()),
        ("https://a.example null", ("https://a.example", "null")),
        ("http://[::1]:8000", None),
    ],
)
def test_who_may_drive_an_embed_is_a_setting(text: str, origins: tuple[str, ...] | None) -> None:
    found = Settings.read({"PLANMAP_MESSAGE_ORIGINS": text}).message_origins
    assert found == (origins if origins is not None else (text,))


@every("text", ["https://a.example/", "a.example", "javascript:1", "https://a.example;x", "none null"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="PLANMAP_MESSAGE_ORIGINS"):
        Settings.read({"PLANMAP_MESSAGE_ORIGINS": text})


# ---- short links


@every(
    ("address", "shows"),
    [
        ("http://127.0.0.1:8000/?view=overview#layers=zones,hubs&sel=hub/south", ["layer/zones", "layer/hubs"]),
        (f"/p/test-plan/e/{make_edition().hash[:12]}/embed/overview?layers=zones&indicator=area_km2:township",
         ["layer/zones", "indicator/area_km2/township"]),
        ("/?view=indicators", ["layer/zones", "layer/district", "indicator/area_km2/zone"]),
        ("/?view=indicators#layers=zones", ["layer/zones"]),
    ],
)  # fmt: skip
def test_a_link_knows_what_its_address_shows(address: str, shows: list[str]) -> None:
    made = links.make(Store(make_edition()), address, "2026-01-31", plan="test-plan")
    assert list(made.shows) == shows
    assert all(len(digest) == 16 for digest in made.shows.values())
    assert made.address.startswith(("/?", "/embed/"))
    assert links.ID.fullmatch(made.id)


@every(
    "address",
    [
        "/start", "//evil.example/x", "/?view=nothing", "/#layers=nothing", "/?view=overview#ind=nothing:zone",
        "javascript:x", "/embed/overview#a b", "/p/another/?view=overview", "/\\evil.example", "http://[",
        "/" + "x" * 5000, "",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_map_gets_no_link(address: str) -> None:
    with pytest.raises(BadParameterError):
        links.make(Store(make_edition()), address, "2026-01-31", plan="test-plan")


@pytest.fixture
def editions(tmp_path: Path) -> Path:
    """An edition, and the one before it, in which a hub lay elsewhere."""
    path = tmp_path / "editions" / "test-plan.gpkg"
    before = make_edition()
    publish(make_edition(meta={**before.meta, "hash": "12" * 32}), path, 5)
    after = {name: frame.copy() for name, frame in before.layers.items()}
    after["hubs"].loc[0, "name"] = "搬走了"
    publish(make_edition(layers=after), path, 5)
    return path


def linked(path: Path, address: str, edition: str) -> str:
    """A link made while an edition of the past was in use."""
    old = Store(make_edition(meta={**make_edition().meta, "hash": edition}))
    made = links.make(old, address, "2026-01-31", plan="test-plan")
    links.write(path.parent / "links", made)
    return made.id


def test_a_link_leads_on_while_what_it_shows_is_as_it_was(editions: Path, tmp_path: Path) -> None:
    app = create_app(
        {"PLANMAP_EDITION": str(editions), "PLANMAP_CACHE_DIR": str(tmp_path / "c"), "PLANMAP_PREFIX": "/m"}
    )
    client = app.test_client()
    same = linked(editions, "/?view=overview&lang=en#layers=zones&sel=zone/west", "12" * 32)
    answer = client.get(f"/m/s/{same}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    assert answer.headers["Location"] == "/m/?view=overview&lang=en#layers=zones&sel=zone/west"


def test_a_link_says_what_has_changed_since(editions: Path, tmp_path: Path) -> None:
    client = create_app({"PLANMAP_EDITION": str(editions), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    key = linked(editions, "/#layers=zones,hubs", "12" * 32)
    page = client.get(f"/s/{key}?lang=en").get_data(as_text=True)
    listed = page.split("<ul>")[1].split("</ul>")[0]
    assert "Layer <bdi>hubs</bdi>" in listed
    assert "zones" not in listed
    assert "2026-01-31" in page
    assert 'href="/#layers=zones,hubs"' in page
    assert 'href="/e/121212121212/#layers=zones,hubs"' in page
    assert client.get("/e/121212121212/").status_code == 200
    # One whose edition is kept no more offers no way to it.
    gone = client.get(f"/s/{linked(editions, '/#layers=hubs', '34' * 32)}").get_data(as_text=True)
    assert "/e/343434343434" not in gone
    assert "不保留" in gone


def test_a_frame_shows_the_map_and_says_in_a_line_that_it_has_changed(editions: Path, tmp_path: Path) -> None:
    client = create_app({"PLANMAP_EDITION": str(editions), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    key = linked(editions, "/embed/overview?lang=zh#layers=hubs", "12" * 32)
    leads = client.get(f"/s/{key}").headers["Location"]
    assert leads == f"/embed/overview?lang=zh&link={key}#layers=hubs"
    page = client.get(leads.partition("#")[0]).get_data(as_text=True)
    assert f'href="/s/{key}?about=1&amp;lang=zh"' in page
    assert "有变化" in client.get(f"/s/{key}?about=1&lang=zh").get_data(as_text=True)


def test_a_spoilt_or_foreign_link_file_is_no_link(editions: Path, tmp_path: Path) -> None:
    client = create_app({"PLANMAP_EDITION": str(editions), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    folder = editions.parent / "links"
    good = linked(editions, "/#layers=hubs", "12" * 32)
    record = json.loads((folder / f"{good}.json").read_text(encoding="utf-8"))
    for number, spoilt in enumerate(
        ("{", "[]", json.dumps(record | {"address": "//evil.example/"}), json.dumps(record | {"plan": "another"}),
         json.dumps(record | {"shows": 7}), json.dumps(record | {"edition": "../x"}))
    ):  # fmt: skip
        key = f"aaaaaaaaa{'abcdef'[number]}"
        text = spoilt.replace(good, key)
        (folder / f"{key}.json").write_text(text, encoding="utf-8")
        answer = client.get(f"/s/{key}")
        assert answer.status_code == 404, spoilt
        assert "Location" not in answer.headers
    for wrong in ("../../etc", "A" * 10, "aaaaaaaaaz", "%00"):
        assert client.get(f"/s/{wrong}").status_code == 404


def test_the_command_makes_one_link_for_one_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "editions" / "test-plan.gpkg"
    path.parent.mkdir()
    write(make_edition(), path)
    monkeypatch.setenv("PLANMAP_ORIGIN", "https://plan.example")
    run = CliRunner().invoke
    first = run(main, ["link", "http://localhost:8000/?view=overview", str(path), "--json"])
    assert first.exit_code == 0, first.output
    made = json.loads(first.output)
    assert made["address"] == f"https://plan.example/s/{made['id']}"
    kept = Path(made["file"]).read_text(encoding="utf-8")
    again = run(main, ["link", "/?view=overview", str(path)])
    assert again.output.strip() == made["address"]
    assert Path(made["file"]).read_text(encoding="utf-8") == kept
    refused = run(main, ["link", "https://example.cn/elsewhere", str(path), "--lang", "en"])
    assert refused.exit_code == 1
    assert "no address of this plan's map" in refused.output


def test_a_link_is_kept_as_it_was_made(tmp_path: Path) -> None:
    made = links.make(Store(make_edition()), "/#layers=hubs", "2026-01-31")
    links.write(tmp_path, made)
    links.write(tmp_path, replace(made, made="2027-01-01"))
    assert links.read(tmp_path, made.id) == made
