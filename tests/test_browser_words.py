"""The plan's own words on the card, in a real browser: the name marked, all of it data, also without a server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser_tools import Visit, served
from test_layers_edition_wording import with_words
from web_edition import HOSTILE

pytestmark = pytest.mark.browser

SAID = f"1.红线。严守{HOSTILE}生态红线，到2025年不减少。"


@pytest.fixture
def edition() -> object:
    return with_words({"9.1.1": SAID}, control_line__eco="生态红线")


def test_the_card_shows_the_sentence_with_the_name_marked(visit: Callable[..., Visit], edition: object) -> None:
    with served(edition) as base:
        page = visit(f"{base}/?lang=zh")
        page.run("app.select('control_line/eco')")
        page.page.wait_for_selector(".pm-quotes")
        assert page.page.locator(".pm-quote mark").all_text_contents() == ["生态红线"]
        assert page.page.locator(".pm-quote bdi").all_text_contents() == [SAID]
        link = page.page.locator(".pm-quote figcaption a")
        assert link.text_content() == "第九章第一节 1"
        assert str(link.get_attribute("href")).endswith("/chapter/9#9.1.1")
        page.run("app.select('hub/south')")
        page.page.wait_for_selector(".pm-card-title >> text=/./")
        page.until("!document.querySelector('.pm-quotes')")


def test_a_file_without_a_server_has_the_words_too(visit: Callable[..., Visit], edition: object) -> None:
    with served(edition) as base:
        page = visit(f"{base}/standalone/overview.html?lang=en")
        page.run("app.select('control_line/eco')")
        page.page.wait_for_selector(".pm-quotes")
        assert page.page.locator(".pm-quote mark").all_text_contents() == ["生态红线"]
        assert page.page.locator(".pm-quote figcaption a").count() == 0
