"""The operator's base map: off by default, one origin more in the policy, wrong settings refused at the start."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner
from web_edition import make_edition

from webmap.app import create_app
from webmap.cli import main
from webmap.serving.errors import WebError
from webmap.serving.settings import Settings

TILES = "https://tiles.example:8443/v1/{z}/{x}/{y}.png?key=a"
ON = {"PLANMAP_BASEMAP_URL": TILES, "PLANMAP_BASEMAP_ATTRIBUTION": "<b>甲</b> {{7*7}}"}


def started(settings: dict[str, str], path: str) -> tuple[dict[str, Any], str]:
    """What the page hands to the map, and its policy."""
    answer = create_app(settings, edition=make_edition()).test_client().get(path)
    found = re.search(r'id="pm-config">(.*?)</script>', answer.get_data(as_text=True), re.DOTALL)
    assert found
    return dict(json.loads(found[1])), answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/embed/overview"])
def test_off_by_default_and_then_one_origin_only(path: str) -> None:
    config, policy = started({}, path)
    assert config["basemap"] is None
    assert "img-src 'self' data:;" in policy
    config, policy = started(ON, path)
    assert config["basemap"] == {
        "url": TILES, "attribution": "<b>甲</b> {{7*7}}", "max_zoom": 18, "shift": None}  # fmt: skip
    assert "img-src 'self' data: https://tiles.example:8443;" in policy
    assert policy.count("tiles.example") == 1


def test_only_map_and_embed_may_ask_for_tiles() -> None:
    client = create_app(ON, edition=make_edition()).test_client()
    for path in ("/start", "/about", "/claims", "/standalone/overview.html", "/nowhere", "/api/layers"):
        answer = client.get(path)
        assert "tiles.example" not in answer.headers["Content-Security-Policy"], path
        assert "tiles.example" not in answer.get_data(as_text=True), path


def test_tiles_of_our_own_host_need_no_other_origin() -> None:
    config, policy = started({**ON, "PLANMAP_BASEMAP_URL": "/tiles/{z}/{x}/{y}.png"}, "/")
    assert config["basemap"]["url"] == "/tiles/{z}/{x}/{y}.png"
    assert "img-src 'self' data:;" in policy


def test_gcj02_comes_with_the_shift_over_the_plan() -> None:
    config, _ = started({**ON, "PLANMAP_BASEMAP_DATUM": "GCJ02"}, "/")
    grid = config["basemap"]["shift"]
    rows = len(grid["values"]) // grid["columns"]
    assert len(grid["values"]) == rows * grid["columns"]
    # The edition's district is 120.0 to 120.4 E, 30.0 to 30.2 N: the grid begins and ends there.
    assert (grid["west"], grid["south"]) == (120.0, 30.0)
    assert grid["west"] + grid["step"][0] * (grid["columns"] - 1) == pytest.approx(120.4)
    assert grid["south"] + grid["step"][1] * (rows - 1) == pytest.approx(30.2)
    # Hangzhou's web maps lie some 450 m east and 250 m south: 0.0047 and -0.0023 degree.
    for east, north in grid["values"]:
        assert 0.004 < east < 0.0055
        assert -0.003 < north < -0.0018


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"PLANMAP_BASEMAP_URL": "https://t.example/{z}/{x}.png"}, "setting.bad_basemap_places"),
        ({"PLANMAP_BASEMAP_URL": "https://{s}.t.example/{z}/{x}/{y}.png"}, "setting.bad_basemap_places"),
        ({"PLANMAP_BASEMAP_URL": "https://t.example/{z}/{x}/{y}/{y}.png"}, "setting.bad_basemap_places"),
        ({"PLANMAP_BASEMAP_URL": "https://{z}.t.example/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "ftp://t.example/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "//t.example/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "t.example/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "javascript:{z}{x}{y}"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "https://t.example;x/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "https://t.example/{z}/{x}/{y}.png; script-src *"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "https://*/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "https://me:word@t.example/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "https://t.example:99999/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": "https://瓦片.example/{z}/{x}/{y}.png"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_URL": f"https://t.example/{'a' * 1000}/{{z}}/{{x}}/{{y}}"}, "setting.bad_basemap_url"),
        ({"PLANMAP_BASEMAP_ATTRIBUTION": ""}, "setting.no_basemap_attribution"),
        ({"PLANMAP_BASEMAP_ATTRIBUTION": "甲\n乙"}, "setting.bad_basemap_attribution"),
        ({"PLANMAP_BASEMAP_ATTRIBUTION": "甲" * 201}, "setting.bad_basemap_attribution"),
        ({"PLANMAP_BASEMAP_MAX_ZOOM": "23"}, "setting.bad_number"),
        ({"PLANMAP_BASEMAP_DATUM": "bd09"}, "setting.bad_basemap_datum"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_with_what_to_do(changed: dict[str, str], key: str) -> None:
    with pytest.raises(WebError) as caught:
        Settings.read({**ON, **changed})
    assert caught.value.key == key
    for lang in ("zh", "en"):
        said = caught.value.message(lang) + caught.value.remedy(lang)
        assert next(iter(changed)) in said
        assert "{name}" not in said
        assert "{value}" not in said


@pytest.mark.parametrize(("lang", "said"), [("zh", "不是瓦片地址"), ("en", "not an address of tiles")])
def test_the_server_does_not_start_with_a_wrong_one(lang: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANMAP_BASEMAP_URL", "ftp://t.example/{z}/{x}/{y}.png")
    monkeypatch.setenv("PLANMAP_BASEMAP_ATTRIBUTION", "甲")
    result = CliRunner().invoke(main, ["serve", "nothing.gpkg", "--lang", lang])
    assert result.exit_code == 2
    assert said in result.output
