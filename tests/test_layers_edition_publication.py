"""Maps for the public and for inside use: what goes out, what every map says, and what is refused."""

from __future__ import annotations

import copy
import io
import json
import logging
import re
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from cases import every
from click.testing import CliRunner
from flask.testing import FlaskClient
from web_edition import figures_edition, make_edition

from geo.errors import PlanmapError
from layers.edition.file import Edition, write
from layers.edition.publication import released, rough_boundaries
from layers.folder.load import load
from layers.model.publication import Publication
from webmap.app import close, create_app
from webmap.cli import main
from webmap.serving.settings import Settings

NUMBER = "浙S(2024)12号"
PUBLIC = {"PLANMAP_MAPS": "public", "PLANMAP_MAP_NUMBER": NUMBER}
HIDDEN = "expressway/g1"
"""A feature of a layer that is not marked, named G1 高速."""


def marked(edition: Edition, *layers: str) -> Edition:
    """An edition of whose layers some are marked public."""
    meta = copy.deepcopy(edition.meta)
    for record in meta["layers"]:
        if record["id"] in layers:
            record["public"] = True
    return make_edition(
        meta=meta, layers=edition.layers, indicators=edition.indicators, observations=edition.observations,
        figures=edition.figures,
    )  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A server for the public of an edition from a file; figures, claims and lists are in it."""
    folder = tmp_path_factory.mktemp("public")
    path = folder / "editions" / "test-plan.gpkg"
    path.parent.mkdir()
    write(marked(figures_edition(), "zones", "townships", "district", "hubs"), path)
    settings = {"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(folder / "cache")}
    # Whoever has asked a server for inside use before, in the same cache: nothing of that may go out.
    inside = create_app(settings).test_client()
    assert b"expressway" in inside.get("/download/all.geojson").data
    return create_app({**settings, **PUBLIC}).test_client()


PATHS = (
    "/", "/?view=indicators&lang=en", "/start", "/about", "/publication", "/list", "/lead", "/chapter", "/targets",
    "/review", "/claims", "/zone/west", "/township/a", "/embed/overview", "/standalone/overview.html",
    "/picture/overview.svg",
    "/api/layers", "/api/search", "/api/indicators", "/api/indicators/area_km2/zone", "/api/features?layers=zones,hubs",
    "/api/claims", "/ogc/collections", "/ogc/collections/zones/items", "/ogc/wms?request=GetCapabilities&service=WMS",
    "/download/all.geojson", "/download/zones.geojson", "/download/indicators.csv",
    "/figures/overview.svg", "/figures/overview.json", "/progress", "/api/observed", "/api/course", "/ogc/layers.qlr",
)  # fmt: skip


def unpacked(body: bytes) -> str:
    """What is in an answer, an archive's files too."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_nothing_of_a_layer_that_is_not_marked_goes_out(client: FlaskClient) -> None:
    leaked, failed = [], []
    for path in PATHS:
        answer = client.get(path)
        if answer.status_code != 200:
            failed.append((path, answer.status_code))
        if re.search("expressway/g1|G1 高速", unpacked(answer.data)):
            leaked.append(path)
    assert failed == []
    assert leaked == []
    for path in (
        "/api/layers/expressways",
        f"/feature/{HIDDEN}",
        f"/api/features/{HIDDEN}",
        "/download/expressways.geojson",
    ):
        assert client.get(path).status_code == 404, path
    assert client.get("/embed/overview?layers=expressways").status_code == 400


def test_figures_bear_the_number_or_the_watermark(client: FlaskClient, tmp_path: Path) -> None:
    assert NUMBER in client.get("/figures/overview.svg").text
    assert NUMBER in client.get("/figures/overview.svg?form=bars&indicator=area_km2:zone").text
    path = tmp_path / "test-plan.gpkg"
    write(marked(figures_edition(), "zones"), path)
    inside = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_MAPS": "internal"})
    plain = create_app({"PLANMAP_EDITION": str(path)})
    for query in ("", "?form=bars&indicator=area_km2:zone"):
        assert inside.test_client().get(f"/figures/overview.svg{query}").text.count("内部") > 10
        assert "内部" not in plain.test_client().get(f"/figures/overview.svg{query}").text
    for app in (inside, plain):
        close(app)
    target = tmp_path / "figure.svg"
    run = CliRunner().invoke(main, ["figure", "overview", str(path), "-o", str(target), "--public"])
    assert run.exit_code != 0
    run = CliRunner().invoke(
        main, ["figure", "overview", str(path), "-o", str(target), "--public", "--map-number", NUMBER]
    )
    assert run.exit_code == 0, run.output
    assert NUMBER in target.read_text("utf-8")


def test_the_file_of_a_public_edition_has_the_public_layers_only(client: FlaskClient, tmp_path: Path) -> None:
    file = tmp_path / "all.gpkg"
    file.write_bytes(client.get("/download/all.gpkg").data)
    assert "expressways" not in set(gpd.list_layers(file)["name"])
    assert "zones" in set(gpd.list_layers(file)["name"])
    assert "G1 高速".encode() not in file.read_bytes()


def imprint_of(client: FlaskClient, path: str) -> Any:
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'"imprint":(null|\{.*?\})', page)
    assert found
    return json.loads(found[1])


def test_public_maps_say_their_number_and_that_boundaries_are_rough(client: FlaskClient) -> None:
    said = {"notice": f"审图号：{NUMBER}；界线为示意，不作划界依据", "watermark": ""}
    for path in ("/", "/embed/overview", "/standalone/overview.html"):
        assert imprint_of(client, path) == said
    assert f"审图号：{NUMBER}" in client.get("/picture/overview.svg").get_data(as_text=True)


def test_maps_for_inside_use_have_a_watermark_and_every_layer() -> None:
    client = create_app({"PLANMAP_MAPS": "internal"}, edition=make_edition()).test_client()
    assert imprint_of(client, "/?lang=en") == {"notice": "", "watermark": "INTERNAL USE"}
    assert client.get("/picture/overview.svg").get_data(as_text=True).count("内部使用") > 8
    assert client.get("/api/layers/expressways").status_code == 200
    # Before its program has come, a page shows no map without it.
    assert 'id="pm-first"' not in client.get("/").get_data(as_text=True)
    plain = create_app({}, edition=make_edition()).test_client()
    assert imprint_of(plain, "/") is None
    assert 'id="pm-first"' in plain.get("/").get_data(as_text=True)


def test_official_boundaries_are_not_called_rough() -> None:
    edition = make_edition()
    assert rough_boundaries(edition)
    official = {name: frame.assign(basis="official") for name, frame in edition.layers.items()}
    assert not rough_boundaries(make_edition(layers=official))


@every(
    ("settings", "key"),
    [
        ({"PLANMAP_MAPS": "public"}, "publication.no_number"),
        ({"PLANMAP_MAPS": "public", "PLANMAP_MAP_NUMBER": "12"}, "publication.bad_number"),
        ({"PLANMAP_MAPS": "public", "PLANMAP_MAP_NUMBER": "<script>(2024)1号"}, "publication.bad_number"),
        ({"PLANMAP_MAPS": "public", "PLANMAP_MAP_EXEMPT": "x" * 201}, "publication.long_reason"),
        ({"PLANMAP_MAPS": "secret"}, "setting.bad_choice"),
    ],
)
def test_what_may_not_be_published_does_not_start(settings: dict[str, str], key: str) -> None:
    with pytest.raises(PlanmapError) as found:
        Settings.read(settings)
    assert found.value.key == key
    assert found.value.remedy("zh")
    assert found.value.remedy("en")


def test_an_exemption_is_logged_and_shown(caplog: pytest.LogCaptureFixture) -> None:
    reason = "街区图，依《地图管理条例》第十五条"
    settings = {"PLANMAP_MAPS": "public", "PLANMAP_MAP_EXEMPT": reason}
    with caplog.at_level(logging.WARNING, logger="planmap.web"):
        client = create_app(settings, edition=marked(make_edition(), "zones")).test_client()
    assert reason in caplog.text
    assert reason in client.get("/publication").get_data(as_text=True)


def test_an_edition_of_which_nothing_is_marked_is_not_served_to_the_public() -> None:
    with pytest.raises(PlanmapError, match="没有一个图层"):
        create_app(PUBLIC, edition=make_edition())


def test_views_of_nothing_are_left_out() -> None:
    edition = released(marked(make_edition(), "hubs"))
    assert [(view["id"], view["layers"]) for view in edition.meta["views"]] == [("overview", ["hubs"])]
    assert set(edition.layers) == {"hubs"}


def test_the_checklist_gives_each_rule_its_source(client: FlaskClient) -> None:
    for lang, words in (("zh", ("自然资规〔2023〕2号", "GB/T 35764—2017", NUMBER)), ("en", ("order 664", "article 4"))):
        page = client.get(f"/publication?lang={lang}").get_data(as_text=True)
        assert page.count("<strong>") == 12
        assert all(word in page for word in words)
    assert 'href="/publication"' in client.get("/about").get_data(as_text=True)


def test_a_layer_is_marked_in_the_plan_folder(tiny_plan: Path) -> None:
    file = tiny_plan / "plan.toml"
    text = file.read_text(encoding="utf-8").replace("[[layer]]", "[[layer]]\npublic = true", 1)
    file.write_text(text, encoding="utf-8")
    assert [layer.public for layer in load(tiny_plan).layers].count(True) == 1


def test_an_export_for_the_public_has_its_layers_only(tmp_path: Path) -> None:
    path = tmp_path / "e.gpkg"
    write(marked(make_edition(), "zones"), path)
    run = CliRunner().invoke
    out = tmp_path / "out.gpkg"
    refused = run(main, ["export", str(path), "--public", "-o", str(out), "--lang", "en"])
    assert refused.exit_code == 1
    assert "review number" in refused.output
    assert not out.exists()
    given = run(main, ["export", str(path), "--public", "--map-number", NUMBER, "-o", str(out)])
    assert given.exit_code == 0, given.output
    assert [name for name in gpd.list_layers(out)["name"] if name in ("zones", "townships", "hubs")] == ["zones"]
    told = run(main, ["export", str(path), "--public", "--exempt", "街区图", "-o", str(tmp_path / "b.gpkg")])
    assert "街区图" in told.output
    assert Publication("public", "", "街区图").public
