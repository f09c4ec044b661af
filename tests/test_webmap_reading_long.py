"""Long reading pages: /claims is searched and filtered, and every long page comes in parts for small screens."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from web_edition import figures_edition

from layers.edition.file import read
from webmap.app import create_app

LONG = (
    "/list",
    "/claims",
    "/targets",
    "/review",
    "/zone/central",
    "/zone/east",
    "/lead/区发改局",
    "/chapter/7",
    "/chapter/9",
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=figures_edition()).test_client()


@pytest.fixture(scope="module")
def shipped(xiaoshan_edition: Path) -> FlaskClient:
    return create_app({}, edition=read(xiaoshan_edition)).test_client()


def claims_of(page: str) -> list[str]:
    return re.findall(r'id="claim-([^"]+)"', page)


# ---- /claims


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"verdict": "noted"}, ["reached", "track"]),
        ({"verdict": "agrees"}, ["roads"]),  # the editors' own count agrees too, and is no verdict
        ({"verdict": "self-check"}, ["whole"]),
        ({"chapter": "2"}, ["roads"]),
        ({"chapter": "9", "verdict": "noted"}, ["reached", "track"]),
        ({"clause": "7.1"}, ["zones"]),
        ({"clause": "7.1", "verdict": "noted"}, []),
        ({"q": "里程"}, ["track", "roads"]),
        ({"q": "Ｅxpressways"}, ["roads"]),
        ({"q": "里程 共线"}, ["track"]),
        ({"q": "共线 里程"}, ["track"]),
        ({"q": "lvhualv"}, ["green"]),
        ({"q": "lhl"}, ["green"]),
        ({"q": "概化"}, ["roads"]),
        ({"q": "no data"}, ["green"]),
        ({"q": "西片"}, ["zones"]),
        ({"q": "第九章"}, ["reached", "track", "green", "whole"]),
        ({"q": "≥10万人"}, ["reached"]),
        ({"q": "《》"}, []),
        ({"q": "zzz"}, []),
        ({"q": "  "}, ["zones", "reached", "track", "roads", "green", "whole"]),
        ({"verdict": "", "chapter": "", "clause": "", "q": "", "page": ""},
         ["zones", "reached", "track", "roads", "green", "whole"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_claims_are_searched_and_filtered(
    client: FlaskClient, query: dict[str, str], ids: list[str], lang: str
) -> None:
    answer = client.get("/claims", query_string={**query, "lang": lang})
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert claims_of(page) == ids
    count = f"<strong>{len(ids)} 条</strong>" if lang == "zh" else f"<strong>{len(ids)} figures</strong>"
    assert count in page
    assert ('class="empty"' in page) == (not ids)


def test_the_form_of_claims_keeps_what_was_asked_and_counts_what_each_value_would_leave(client: FlaskClient) -> None:
    page = client.get("/claims?chapter=9&q=里程&lang=en").get_data(as_text=True)
    assert '<form class="filters" method="get" action="/claims">' in page
    assert '<input type="hidden" name="lang" value="en">' in page
    assert 'name="q" value="里程"' in page
    assert re.search(r'<option value="9" selected>[^<]*\(1\)</option>', page)
    assert re.search(r'<option value="2">[^<]*\(1\)</option>', page), "what the other chapter would leave"
    chips = [unescape(link) for link in re.findall(r'class="chosen-chip" href="([^"]+)"', page)]
    assert chips == ["/claims?q=%E9%87%8C%E7%A8%8B&lang=en", "/claims?chapter=9&lang=en"]
    # the tally filters by verdict and keeps the rest
    tally = re.findall(r'<li class="tally-\w+"><a href="([^"]+)"><span class="figure">(\d+)</span>', page)
    assert [int(count) for _url, count in tally] == [0, 1, 0, 0, 0]
    assert unescape(tally[1][0]) == "/claims?chapter=9&verdict=noted&q=%E9%87%8C%E7%A8%8B&lang=en"


@pytest.mark.parametrize(
    "query",
    ["verdict=nope", "verdict=self", "chapter=77", "chapter=x", "clause=99.9", "page=0", "page=2", "page=x", "page=-1",
     "page=1&page=1", "q=" + "长" * 61, "sort=name", "status=building"],
)  # fmt: skip
def test_wrong_values_of_claims_are_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/claims?{query}")
    assert answer.status_code == 400
    assert "<html" in answer.get_data(as_text=True)


def test_an_edition_without_claims_says_so() -> None:
    edition = figures_edition()
    edition.figures["claims"] = edition.figures["claims"].iloc[:0]
    client = create_app({}, edition=edition).test_client()
    page = client.get("/claims").get_data(as_text=True)
    assert "本版本没有可校核的数字。" in page
    assert client.get("/claims?verdict=agrees").status_code == 200
    assert client.get("/claims?chapter=9").status_code == 400, "no claim, so no chapter to choose"


# ---- parts of long pages


ROW = re.compile(r'<(?:tr|li)( class="off-page")?(?: id="[^"]*")?>\s*(?:<th scope="row">|<svg class="mark")')


def shown_of(page: str) -> list[bool]:
    """Of each row of a page, in order, whether it is in the part asked for."""
    return [not off for off in ROW.findall(page)]


def test_each_row_of_a_long_page_is_in_one_part_and_every_part_holds_all(shipped: FlaskClient) -> None:
    wrong = []
    for path in LONG:
        first = shipped.get(path).get_data(as_text=True)
        found = re.search(r"第 1 页，共 (\d+) 页", first)
        parts = int(found.group(1)) if found else 1
        shown = [
            shown_of(shipped.get(f"{path}?page={number}").get_data(as_text=True)) for number in range(1, parts + 1)
        ]
        if {sum(row) for row in zip(*shown, strict=True)} != {1}:
            wrong.append(f"{path}: a row in no part, or in several")
        if not all(any(part) for part in shown):
            wrong.append(f"{path}: an empty part")
        if shipped.get(f"{path}?page={parts + 1}").status_code != 400:
            wrong.append(f"{path}: a part too many")
    assert wrong == []


def test_the_other_language_and_the_filters_keep_their_part(shipped: FlaskClient) -> None:
    page = shipped.get("/list?kind=township&lang=en").get_data(as_text=True)
    assert "Page 1 of" not in page, "few rows are one part"
    page = shipped.get("/list?basis=none&page=2").get_data(as_text=True)
    links = [unescape(link) for link in re.findall(r'href="(/list[^"]*)"', page)]
    assert "/list?basis=none&page=2&lang=en" in links
    assert "/list?basis=none#rows" in links, "the first part has no number"
    assert not any("page=" in link and "sort=" in link for link in links), "sorted anew, from the start"
