"""The pages for reading: each of the shipped plan answers, says what it should, and lets nothing hostile through."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cases import every
from contracts import keeps
from flask.testing import FlaskClient
from web_edition import HOSTILE, figures_edition, hostile_figures

from layers.drawing.marks import mark
from layers.edition.file import read
from layers.edition.inventory import Inventory, inventory
from layers.edition.outline import Outline
from layers.edition.spelling import fold
from layers.edition.store import Store
from layers.measure.claims import review_growth
from layers.model.figures import OPERATIONS
from layers.surfaces.made import surfaces
from webmap.app import create_app
from webmap.reading.listing import FIELDS
from webmap.serving import messages

TOPS = ("/list", "/lead", "/chapter", "/targets", "/review", "/claims", "/progress", "/surface")


def text_of(page: str) -> str:
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
    return text.replace(" 、 ", "、")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=figures_edition()).test_client()


def page_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


# ---- the shipped plan


@pytest.fixture(scope="module")
def shipped(xiaoshan_edition: Path) -> Inventory:
    return Inventory(Store(read(xiaoshan_edition)))


def every_page(found: Inventory) -> list[str]:
    """Addresses of all pages of an edition."""
    pages = [*TOPS, "/list.csv", "/editions", *(f"/feature/{quote(name)}" for name in found.entries)]
    pages += [f"/lead/{quote(unit)}" for unit in found.leads]
    pages += [f"/chapter/{number}" for number in found.outline.chapters]
    pages += [f"/surface/{name}" for name in surfaces(found.store)]
    pages += ["/story", *(f"/story/{name}" for name in found.store.stories)]
    pages += [
        f"{before}/{level}/{place.id.partition('/')[2]}"
        for level in ("zone", "township") for place in found.places(level) for before in ("", "/profile")
    ]  # fmt: skip
    return pages


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_page_of_the_shipped_plan_answers(xiaoshan_edition: Path, shipped: Inventory, lang: str) -> None:
    client = create_app({"PLANMAP_EDITION": str(xiaoshan_edition)}).test_client()
    page_of(client, "/list")
    pages = every_page(shipped)
    assert len(pages) > 400
    failed, links = [], set()
    for path in pages:
        answer = client.get(path, query_string={"lang": lang})
        if answer.status_code != 200:
            failed.append((path, answer.status_code))
        if path != "/list.csv":
            links |= {
                address.partition("#")[0].partition("?")[0]
                for address in re.findall(r'href="(/[^"]*)"', answer.get_data(as_text=True))
            }
    assert not failed
    # Whatever the pages link to is one of them, or a file or the map.
    known = {quote(path, safe="/%") for path in pages} | {"/", "/start", "/about", "/admin"}
    unknown = {
        link
        for link in links
        if not link.startswith(("/static", "/download", "/documents", "/api/features"))
        and not re.fullmatch(r"/surface/\w+/(values|bands|table)\.(tif|qml|csv)", link)
        and unescape(link) not in known
    }
    assert not unknown


def test_every_citation_of_the_shipped_plan_has_its_place_on_a_page(xiaoshan_edition: Path, shipped: Inventory) -> None:
    client = create_app({"PLANMAP_EDITION": str(xiaoshan_edition)}).test_client()
    places: set[str] = set()
    for number in shipped.outline.chapters:
        ids = re.findall(r' id="([^"]+)"', page_of(client, f"/chapter/{number}"))
        assert len(ids) == len(set(ids)), f"an id twice in chapter {number}"
        places |= set(ids)
    cites = {cite for entry in shipped.entries.values() for cite in entry.cites}
    cites |= {
        cite
        for table in (shipped.targets, shipped.claims, shipped.reviews)
        for record in table
        for cite in record["cites"]
    }
    assert cites
    assert not {cite for cite in cites if shipped.outline.clause_of(cite) and cite not in places}


def test_every_feature_is_found_by_name_alias_and_pinyin(shipped: Inventory) -> None:
    for entry in shipped.entries.values():
        for name in (entry.text("name"), *str(entry.cells.get("aliases") or "").split(";")):
            assert fold(name) in entry.words
    assert "xianghu" in shipped.entries["pole/xianghu"].words


def test_every_way_of_measuring_has_words() -> None:
    for operation in OPERATIONS:
        if operation != "none":
            assert f"operation.{operation}" in messages.CATALOGUE


# ---- what a page says


def test_a_feature_says_everything_about_itself(client: FlaskClient) -> None:
    page = page_of(client, "/feature/hub/south")
    text = text_of(page)
    for word in ("综合交通枢纽", "南站", "South Station", "已建成", "开放数据 ±30 米", "通用地理知识"):
        assert word in text
    # its target, with unit, year, clause and lead units
    assert "站台长度 ≥35 公里 达到 2025 南站 第七章第一节 2 交通局、发改局" in text
    assert 'href="/chapter/7#7.1.2"' in page
    assert f'href="/lead/{quote("交通局")}"' in page
    assert 'href="/township/b"' in page
    assert "sel=hub/south" in page
    assert '<circle class="loc-point"' in page
    assert 'href="/download/hubs.gpkg"' in page


def test_a_feature_without_position_says_why(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/feature/control_line/eco?lang=en"))
    assert "Not located No public data" in text
    assert "Where Ecological red line is" not in text


def test_a_feature_names_the_claim_it_was_used_for(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/feature/expressway/g1"))
    assert re.search("高速里程 .{0,40}40 公里 38.9 公里 −1.1 量得 = 规划 ±5% 概化线位 ✓ 相符", text)


def test_a_lead_unit_has_its_features_and_targets(client: FlaskClient) -> None:
    page = page_of(client, f"/lead/{quote('交通局')}")
    text = text_of(page)
    assert "牵头 1 个要素、1 项目标" in text
    assert "G1 高速" in text
    assert "站台长度" in text
    assert "企业数" not in text
    overview = text_of(page_of(client, "/lead"))
    # one feature and one target, nothing but a target
    assert re.search("交通局 1 1 高速公路", overview)
    assert re.search("经信局 0 1", overview)
    # a unit that the plan names as leading a clause, without a feature or target of its own
    assert re.search("公安分局 0 1", overview)
    assert "规划写明由其牵头： 第七章第一节 2" in text_of(page_of(client, f"/lead/{quote('公安分局')}"))


def test_a_chapter_goes_clause_by_clause(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/chapter/7"))
    assert (
        text.index("第 1 项") < text.index("西片") < text.index("企业数") < text.index("第 2 项") < text.index("东片")
    )
    assert re.search("片区个数 .{0,30}3 个 2 个 −1 量得 = 规划 计数 ≠ 不符", text)


def test_a_place_has_its_contents_indicators_and_claims(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/zone/west"))
    assert "面积 427.41 km² ①" in text
    assert "南站" in text
    assert "站台长度" in text, "the target of something inside"
    assert "片区个数" in text, "a claim that names the zone itself"
    assert "长山街道" in text
    town = text_of(page_of(client, "/township/b"))
    assert "南站" in town
    assert "东片" in town, "a township of two zones names both"


def test_claims_are_told_apart_without_colour(client: FlaskClient) -> None:
    page = page_of(client, "/claims")
    assert re.findall(r'<span class="figure">(\d+)</span>', page) == ["1", "2", "1", "1", "1"]
    assert [*re.findall(r'aria-hidden="true">([✓≠?i∗])</span>(\w+)', page)][:5] == [
        ("≠", "不符"),
        ("i", "提示"),
        ("✓", "相符"),
        ("?", "无法校核"),
        ("∗", "自检"),
    ]
    text = text_of(page)
    order = ("片区个数", "就业", "轨道里程", "高速里程", "绿化率", "整建制镇街")
    places = [text.rindex(name) for name in order]
    assert places == sorted(places)
    # the geometry behind it: the layers of what was measured, and a filter for it
    links = [unescape(link) for link in re.findall(r'href="(/[^"]*flt=[^"]*)"', page)]
    assert [link.partition("&flt=")[2] for link in links] == [
        "claim:zones",
        "claim:track",
        "claim:roads",
        "claim:whole",
    ]
    assert "expressways" in links[2]
    english = text_of(page_of(client, "/claims?lang=en"))
    assert "No data" in english
    assert "cannot be checked" in english


def test_the_plans_words_and_the_test_stand_apart(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/claims"))
    assert re.search("就业 .{0,60}≥10 万人 45.00 万人 \\+35.00 量得 ≤ 规划 直接比较 i 提示 目标低于已达到的水平", text)
    english = text_of(page_of(client, "/claims?lang=en"))
    assert re.search(
        "≥10 10,000 45.00 10,000 \\+35.00 measured ≤ stated As printed i noted a goal below what was reached", english
    )


def test_readings_are_shown_beside_their_range(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/claims"))
    assert re.search("共线全程 ?： ?38.9 公里 · 不符 共线西段 ?： ?19.5 公里 · 相符", text)
    assert re.search("19 公里 19.5–38.9 公里 — 量得 = 规划 ±5% 按站点连线 i 提示 规划未说明口径", text)


def test_the_editors_own_counts_are_not_the_plans(client: FlaskClient) -> None:
    assert "3 个 编者所数 3 个 0 量得 = 规划 计数 ✓ 相符 自检" in text_of(page_of(client, "/claims"))


def test_the_review_puts_stated_and_computed_growth_side_by_side(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/review"))
    assert re.search("研发投入 亿元 预期性 .{0,20}140.5 250 300.03 ✓ 完成 — 16.4 16.4 ", text)
    assert re.search("生产总值 亿元 预期性 .{0,20}100 — 110 ✗ 未完成 按增速 7.5 5.6 1.92", text)
    assert re.search("新增就业 万人 约束性 .{0,20}40 50 45 ✗ 未完成 — — 5 ", text), "the sum of the period: 45 − 40"


def test_growth_by_hand() -> None:
    row = {"base": 100.0, "result": 121.0, "base_year": 2018, "result_year": 2020}
    # 1.21 ^ (1/2) = 1.1
    assert review_growth(row) == pytest.approx(10.0)
    assert review_growth({**row, "cumulative": True}) == 21.0
    for unknown in ("base", "result", "base_year", "result_year"):
        assert review_growth({**row, unknown: None}) is None
    assert review_growth({**row, "base": 0.0}) is None


def test_targets_are_by_domain(client: FlaskClient) -> None:
    text = text_of(page_of(client, "/targets?lang=en"))
    assert "Firms 3–5 firms newly added 2021–2025" in text
    assert "Transport 1" in text
    assert "GDP 100 million CNY 1,828.47 2020 >2,600 2025 Expected" in text


# ---- the list


@every(
    ("query", "names"),
    [
        ({"chapter": "7"}, ["西片", "东片", "乙街道（东部）", "长山街道", "乙街道", "丙镇"]),
        ({"box": "专栏2"}, ["G1 高速"]),
        ({"status": "building"}, ["G1 高速"]),
        ({"basis": "osm"}, ["南站"]),
        ({"basis": "none"}, ["生态保护红线"]),
        ({"kind": "township", "zone": "east"}, ["乙街道", "丙镇"]),
        ({"lead": "交通局"}, ["G1 高速"]),
        ({"q": "nanzhan"}, ["南站"]),
        ({"q": "老长山"}, ["长山街道"]),
        ({"q": "SOUTH station"}, ["南站"]),
        ({"kind": "zone", "sort": "name"}, ["东片", "西片"]),
        ({"kind": "zone", "sort": "name", "dir": "down"}, ["西片", "东片"]),
        ({"kind": "township", "dir": "down"}, ["丙镇", "乙街道", "长山街道"]),
        ({"q": "《》"}, []),
    ],
)
def test_the_list_filters_and_sorts(client: FlaskClient, query: dict[str, str], names: list[str]) -> None:
    page = client.get("/list", query_string=query).get_data(as_text=True)
    assert re.findall(r'<th scope="row">.*?<bdi>([^<]+)</bdi>', page, flags=re.DOTALL) == names
    rows = list(csv.reader(io.StringIO(client.get("/list.csv", query_string=query).data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == names


def test_a_plan_without_boxes_has_no_filter_by_box() -> None:
    edition = figures_edition()
    edition.meta["outline"] = {"7.1": 3}
    assert create_app({}, edition=edition).test_client().get("/list?box=专栏2").status_code == 400


def test_filters_can_be_taken_off_one_by_one(client: FlaskClient) -> None:
    page = client.get("/list", query_string={"zone": "east", "kind": "township", "lang": "en"}).get_data(as_text=True)
    chips = [unescape(link) for link in re.findall(r'class="chosen-chip" href="([^"]+)"', page)]
    assert sorted(chips) == ["/list?kind=township&lang=en", "/list?zone=east&lang=en"]
    assert "2 features, 2 with a position" in text_of(page)
    # the other kinds are offered with what they would leave in this zone
    assert re.search(r'<option value="expressway">Expressway \(1\)</option>', page)


@every("field", [*FIELDS, "sort"])
def test_an_unknown_value_is_named_with_those_there_are(client: FlaskClient, field: str) -> None:
    answer = client.get("/list", query_string={field: "nope"})
    assert answer.status_code == 400
    assert "nope" in text_of(answer.get_data(as_text=True))


def test_the_list_as_csv_is_no_formula() -> None:
    edition = figures_edition()
    edition.layers["hubs"]["name"] = "=HYPERLINK(1)"
    edition.layers["hubs"]["lead_units"] = "@SUM(1)"
    data = create_app({}, edition=edition).test_client().get("/list.csv?kind=hub").data
    assert data.startswith(b"\xef\xbb\xbf")
    row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    assert row[1] == "'=HYPERLINK(1)"
    assert row[10] == "'@SUM(1)"
    assert row[8:10] == ["30", "2.4.2"]
    assert row[11:13] == ["120.15000", "30.05000"]
    assert "不作为" in row[13]
    assert edition.hash in row[13]


def test_only_what_is_filtered_may_send_a_form(client: FlaskClient) -> None:
    policies = {path: client.get(path).headers["Content-Security-Policy"] for path in TOPS}
    assert {path for path, policy in policies.items() if "form-action 'self'" in policy} == {
        "/list",
        "/claims",
        "/progress",
    }
    assert all("script-src 'self'" in policy and "unsafe" not in policy for policy in policies.values())


# ---- all pages alike


@every("path", [*TOPS, "/feature/hub/south", "/chapter/7", "/zone/west", "/township/a"])
def test_pages_are_cached_and_keep_the_language(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    other = client.get(f"{path}?lang=en")
    assert other.headers["ETag"] != answer.headers["ETag"]
    page = other.get_data(as_text=True)
    assert '<html lang="en"' in page
    links = re.findall(r'href="(/[^"#]*)', re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    assert all("lang=" in link for link in links if not link.startswith(("/static", "/download", "/api"))), links
    assert re.findall(r'href="([^"]+)" hreflang="zh-CN"', page) == [f"{path}?lang=zh"]


@pytest.mark.parametrize(
    "path",
    [
        "/feature/nope",
        "/feature/",
        "/lead/nope",
        "/chapter/99",
        "/chapter/x",
        "/zone/nope",
        "/township/nope",
        f"/lead/{quote(HOSTILE)}",
    ],
)
def test_what_there_is_not_is_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    for lang, word in (("zh", "返回地图"), ("en", "Back to the map")):
        answer = client.get(path, query_string={"lang": lang})
        assert answer.status_code == 404
        page = answer.get_data(as_text=True)
        assert word in page
        assert "<img src=x" not in page


def test_hostile_texts_are_escaped_on_every_page() -> None:
    edition = hostile_figures()
    client = create_app({}, edition=edition).test_client()
    found = Inventory(Store(edition))
    pages = [path for path in every_page(found) if path != "/list.csv"]
    assert len(pages) > 20
    for path in pages:
        for lang in messages.LANGUAGES:
            page = client.get(path, query_string={"lang": lang})
            assert page.status_code == 200, path
            body = page.get_data(as_text=True)
            assert "<img" not in body, path
            # planmap's own script, which says that there is a newer edition, is the only one
            own = re.findall('<script defer src="/static/dist/newer[.][0-9a-f]+[.]js" [^<>]*></script>', body)
            assert len(own) == body.count("<script") == 1, path
            assert "javascript:" not in body, path


def test_behind_a_prefix_every_address_carries_it(client: FlaskClient) -> None:
    for path in (*TOPS, "/feature/hub/south", "/zone/west", "/chapter/7"):
        page = client.get(path, environ_overrides={"SCRIPT_NAME": "/plan"}).get_data(as_text=True)
        addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert addresses
        assert all(address.startswith("/plan/") for address in addresses), path


# ---- JSON


@pytest.mark.parametrize("name", ["targets", "reviews", "claims"])
def test_figures_as_json_keep_their_contract(name: str) -> None:
    for edition in (figures_edition(), hostile_figures()):
        payload = create_app({}, edition=edition).test_client().get(f"/api/{name}").get_json(force=True)
        keeps(payload, name)
        assert payload[name]


def test_figures_as_json(client: FlaskClient) -> None:
    def payload(name: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(f"/api/{name}").get_json(force=True)
        return answer

    assert payload("claims")["summary"] == {"differs": 1, "noted": 2, "agrees": 1, "unchecked": 1, "self_check": 1}
    zones = payload("claims")["claims"][1]
    assert (zones["features"], zones["layers"], zones["measured"]) == (["zone/west", "zone/east"], ["zones"], 2.0)
    assert payload("targets")["targets"][1]["low"] == 3.0
    assert payload("targets")["targets"][1]["value"] is None
    assert payload("targets")["targets"][0]["lead_units"] == ["交通局", "发改局"]
    reviews = payload("reviews")["reviews"]
    assert [review["computed_growth"] for review in reviews] == pytest.approx([16.386, 1.924, 5.0], abs=0.01)


def test_the_search_index_holds_what_filters_ask_for(client: FlaskClient) -> None:
    entries = {entry["id"]: entry for entry in client.get("/api/search").get_json(force=True)["entries"]}
    road = entries["expressway/g1"]
    assert (road["status"], road["basis"], road["cites"], road["lead_units"]) == (
        "building",
        "schematic",
        ["专栏2-1", "2.4.1"],
        ["交通局"],
    )
    assert entries["control_line/eco"]["label"] is None


# ---- parts


def test_a_box_belongs_to_the_chapter_of_the_section_before() -> None:
    outline = Outline({"1.1": 0, "表1": 28, "2.4": 4, "专栏2": 5, "3.1": 5}, ["3.9.1", "专栏7-1", "nonsense"])
    assert [clause.key for clause in outline.of_chapter(2)] == ["2.4", "专栏2"]
    assert outline.clauses["表1"].chapter == 1
    assert outline.chapters == [1, 2, 3]
    assert outline.boxes == ["表1", "专栏2"]
    found = outline.clause_of("3.9.1")
    assert found is not None
    assert found.chapter == 3
    assert outline.clause_of("专栏7-1") is None
    cites = ["3.1.2", "专栏2-4", "专栏2", "1.1", "nonsense"]
    assert sorted(cites, key=outline.order) == ["1.1", "专栏2", "专栏2-4", "3.1.2", "nonsense"]


def test_marks_tell_kinds_apart_without_colour() -> None:
    def point(shape: str) -> dict[str, Any]:
        return {"geometry": "point", "symbol": {"shape": shape, "size": 14, "fill": "#123456", "stroke": "#ffffff"}}

    shapes = {mark(point(shape)).d for shape in ("circle", "square", "diamond", "triangle", "star")}
    assert len(shapes) == 5
    assert mark(point("square")).d == "M-7 -7H7V7H-7Z"
    apart = mark(point("square"), apart=True)
    assert (apart.fill, apart.stroke, apart.dash) == ("none", "#123456", "2.6 2")
    assert mark({"geometry": "line", "symbol": {"stroke": "url(x)"}}, color="red;").stroke == "none"


def test_the_inventory_of_an_edition_is_made_once() -> None:
    store = Store(figures_edition())
    assert inventory(store) is inventory(store)
    assert list(inventory(store).leads) == ["交通局", "发改局", "经信局", "公安分局"]
