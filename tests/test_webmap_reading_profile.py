"""The profile of a zone or township: what is known, what was observed, what the plan says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from test_layers_progress_scenarios import ledger, path

from layers.ledger.book import Draft, Ledger
from webmap.app import create_app

__all__ = ["ledger", "path"]


@pytest.fixture
def ask(path: Path, ledger: Ledger, tmp_path: Path) -> FlaskClient:
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / "l.sqlite"),
                      "PLANMAP_CACHE_DIR": str(tmp_path / "cache")})  # fmt: skip
    return app.test_client()


def test_what_was_observed_stands_beside_base_and_target(ask: FlaskClient, ledger: Ledger) -> None:
    page = ask.get("/profile/township/a").text
    # From 40 in 2025 to 44 in 2026; nobody has entered a target for it.
    for part in ("甲镇", "生产总值", "<strong>44</strong>", "无法判断", "平方公里"):
        assert part in page, part
    ledger.append([Draft("gdp", "township/a", "2030", 60.0, role="target")], "甲")
    page = ask.get("/profile/township/a").text
    # A fifth of the way in a fifth of the time.
    assert "20%" in page
    assert "符合进度" in page


def test_zones_list_their_townships_and_pages_lead_to_profiles(ask: FlaskClient) -> None:
    page = ask.get("/profile/zone/west?lang=en").text
    assert all(name in page for name in ("Jia", "Yi", "Bing"))
    assert "Nothing has been observed here yet." in page
    for address in ("/zone/west", "/township/b"):
        assert f'href="/profile{address}' in ask.get(address).text
    for address in ("/profile/zone/gone", "/profile/township/west", "/profile/pole/x", "/profile/zone/west?page=2"):
        assert ask.get(address).status_code in (400, 404), address
