"""The plan's own words: which sentences name a feature, what pages and the API say of them."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from cases import every
from contracts import keeps
from flask.testing import FlaskClient
from test_webmap_api import client_of
from web_edition import HOSTILE, make_edition

from layers.edition.file import read, write
from layers.edition.store import Store
from layers.edition.wording import Wording, parted, sentences_of


def with_words(clauses: dict[str, str], titles: dict[str, str] | None = None, **names: str) -> Any:
    """The hand-made edition with words; ``names`` rename features by ids whose slash is written ``__``."""
    edition = make_edition()
    meta = copy.deepcopy(edition.meta) | {"clauses": clauses}
    if titles:
        meta["titles"] = titles
    for frame in edition.layers.values():
        for number, identifier in enumerate(frame["id"]):
            wanted = names.get(str(identifier).replace("/", "__").replace("-", "_"))
            if wanted:
                frame.loc[frame.index[number], "name"] = wanted
    return replace(edition, meta=meta)


def marked(text: str, *names: str) -> str:
    """A text with brackets round what is marked."""
    return "".join(part.text if part.named is None else f"[{part.text}]" for part in parted(text, names))


@every(
    ("text", "name", "expected"),
    [
        ("建设甲湖公园。", "甲湖公园", "建设[甲湖公园]。"),
        ("建设“甲湖”公园。", "甲湖公园", "建设“[甲湖”公园]。"),
        ("建设甲湖公园（二期）。", "甲湖公园(二期)", "建设[甲湖公园（二期]）。"),
        ("建设ＡＢ谷 园区。", "AB谷园区", "建设[ＡＢ谷 园区]。"),
        ("建成地铁5、7号线。", "地铁7号线", "建成[地铁]5、[7号线]。"),
        ("支持闻家、义家两镇发展。", "闻家镇", "支持闻家、义家两镇发展。"),
        ("建设甲湖公园。", "乙湖公园", "建设甲湖公园。"),
        ("二○三五年", "二〇三五年", "[二○三五年]"),
        ("", "甲湖", ""),
    ],
)
def test_names_are_found_as_people_write_them(text: str, name: str, expected: str) -> None:
    assert marked(text, name) == expected


def test_the_longest_name_wins() -> None:
    assert marked("建设甲湖公园二期和甲湖公园。", "甲湖公园", "甲湖公园二期") == "建设[甲湖公园二期]和[甲湖公园]。"


def test_a_feature_is_quoted_where_its_clauses_name_it() -> None:
    store = Store(with_words({}, control_line__eco="甲湖新城"))
    _layer, cells, _geometry = store.row("control_line/eco")
    cite = str(cells["cites"]).split(";")[0]
    said = "1.布局。总则先行，各方协同推进有关工作。建设甲湖新城，到2025年达到1.5万人。其他。"
    store = Store(with_words({cite: said}, control_line__eco="甲湖新城"))
    (quote,) = sentences_of(store)["control_line/eco"]
    assert quote == {
        "cite": cite, "exact": True, "more": True,
        "parts": ["建设", ["甲湖新城"], "，到2025年达到1.5万人。"],
    }  # fmt: skip
    other = Store(with_words({cite: "别的话。"}, control_line__eco="甲湖新城"))
    assert sentences_of(other)["control_line/eco"] == [
        {"cite": cite, "exact": False, "more": False, "parts": ["别的话。"]}
    ]
    assert sentences_of(Store(make_edition())) == {}


def test_an_item_of_a_table_is_its_row_and_a_clause_looks_into_its_items() -> None:
    table = "表2 指标\n序号 | 名称 | 值\n1 | 产值 | 5\n12 | 人口 | 6"
    wording = Wording(Store(with_words({"表2": table, "7.1": "第一节 布局", "7.1.1": "1.一核。", "7.1.12": "十二"})))
    assert wording.text("表2-12") == "12 | 人口 | 6"
    assert wording.text("7.1.9") == "第一节 布局"
    assert wording.text("8.1") == ""
    assert wording.kept("7.1") == ["7.1", "7.1.1", "7.1.12"]
    assert (wording.title("7.1"), wording.body("7.1")) == ("布局", "")
    assert wording.title("7.1.1") == "1.一核。"


def test_words_are_in_the_file_for_everyone_and_come_back(tmp_path: Any) -> None:
    import sqlite3

    edition = with_words({"7.1": "第一节 布局\n正文。"}, {"7.1": "布局"})
    write(edition, tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        rows = database.execute("SELECT clause, title, text FROM clauses").fetchall()
        kind = database.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'clauses'").fetchone()
    assert rows == [("7.1", "布局", "第一节 布局\n正文。")]
    assert kind == ("attributes",)
    assert read(tmp_path / "a.gpkg").meta["clauses"] == edition.meta["clauses"]


@pytest.fixture
def hostile() -> FlaskClient:
    edition = make_edition()
    clauses = dict.fromkeys([*edition.meta["outline"], "9.1.1"], f"第一节 {HOSTILE}\n{HOSTILE}。")
    return client_of(with_words(clauses, control_line__eco=HOSTILE))


@every("path", ["/feature/control_line/eco", "/chapter/9", "/chapter/9?lang=en"])
def test_words_are_data_on_every_page(path: str, hostile: FlaskClient) -> None:
    page = hostile.get(path).get_data(as_text=True)
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_the_api_says_the_same(hostile: FlaskClient) -> None:
    payload = hostile.get("/api/sentences").get_json()
    keeps(payload, "sentences")
    assert payload["sentences"]["control_line/eco"]
    bare = client_of(make_edition()).get("/api/sentences").get_json()
    keeps(bare, "sentences")
    assert bare["sentences"] == {}


def test_a_chapters_page_shows_clauses_without_features_too() -> None:
    edition = make_edition()
    free = next(str(one) for one in edition.meta["outline"] if str(one).startswith("7."))
    page = client_of(with_words({free: "第一节 无物\n这里什么都没有点名。"})).get("/chapter/7").get_data(as_text=True)
    assert "这里什么都没有点名。" in page
    assert "无物" in page
    assert "这里什么都没有点名。" not in client_of(make_edition()).get("/chapter/7").get_data(as_text=True)
