"""The start page, the about page, their drawings, and the words on all pages."""

import copy
import re
import string
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from cases import every
from flask.testing import FlaskClient
from shapely.geometry import MultiPolygon, box
from web_edition import make_edition

import webmap
from layers.drawing.sketch import Frame, sketch
from layers.edition.file import Edition
from layers.edition.store import Store
from webmap.app import create_app
from webmap.serving import messages

CODE = Path(webmap.__file__).parent


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app({}, edition=make_edition()).test_client()


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_start_page_says_what_there_is(client: FlaskClient) -> None:
    page = client.get("/start").get_data(as_text=True)
    text = text_of(page)
    # 854.8 km², two zones, three townships, nine features beside the district itself, eight with a position,
    # seven layers, two stated indicators
    labels = ["全区面积（图上量算）", "片区", "镇街", "规划要素", "图层", "规划指标"]
    assert re.findall(r"<dt>([^<]+)</dt>", page) == labels
    assert re.findall(r'<span class="figure">(\d+)</span>', page)[:6] == ["855", "2", "3", "9", "7", "2"]
    assert "其中 8 个有位置" in text
    assert "2020 年 1,828.47 → 2025 年 >2,600" in text
    assert 'href="/#panel=district"' in page
    assert 'href="/?lang=en#panel=district"' in client.get("/start?lang=en").get_data(as_text=True)
    assert 'href="/embed/overview"' in page
    assert 'href="/standalone/overview.html"' in page
    assert '<a class="address" href="/download/all.gpkg">' in page
    for layer in ("zones", "control_lines"):
        for fmt in ("gpkg", "geojson", "csv"):
            assert f'href="/download/{layer}.{fmt}"' in page


def with_plan(**changes: Any) -> Edition:
    """The tiny edition with more said of its plan."""
    meta = copy.deepcopy(make_edition().meta)
    meta["plan"] |= changes
    return make_edition(meta=meta)


def pages_of(edition: Edition, *paths: str) -> list[str]:
    client = create_app({}, edition=edition).test_client()
    return [text_of(client.get(path).get_data(as_text=True)) for path in paths]


def test_official_area_comes_first_and_the_measured_one_is_called_so() -> None:
    district = {
        "name": "试验区",
        "name_en": "Test District",
        "official_area_km2": 401.5,
        "official_area_source": "区政府网站",
        "official_area_source_en": "Government site",
        "official_area_note": "图上的轮廓画到江心。",
    }
    chinese, english = pages_of(with_plan(district=district), "/start", "/start?lang=en")
    assert "全区面积 401.5 平方公里 来源：区政府网站。图上量算 855 平方公里。图上的轮廓画到江心。" in chinese
    # no English note: the Chinese one
    assert "401.5 km² Source: Government site. Measured on the map: 855 km²." in english


def test_an_official_area_from_a_source_of_the_plan_gives_its_title() -> None:
    (page,) = pages_of(with_plan(district={"official_area_km2": 400, "official_area_source": "general"}), "/start")
    assert "400 平方公里 来源：通用地理知识。" in page


def test_notes_on_edition_and_indicators_are_shown() -> None:
    notes = {
        "edition_note": "2022 年更新",
        "edition_note_en": "2022 update",
        "indicators_note": "表2 不含新区",
        "indicators_note_en": "Table 2 leaves out the new area",
    }
    edition = with_plan(**notes)
    for page in pages_of(edition, "/start", "/about", "/standalone/overview.html"):
        assert "试验区规划纲要（2022 年更新）" in page
        assert "表2 不含新区" in page
    for page in pages_of(edition, "/start?lang=en", "/about?lang=en", "/standalone/overview.html?lang=en"):
        assert "Plan of the Test District (2022 update)" in page
        assert "Table 2 leaves out the new area" in page
    titled = with_plan(title="规划纲要（2022 年更新）", edition_note="2022 年更新")
    assert pages_of(titled, "/start")[0].count("2022 年更新") == 1


def test_ground_and_context_are_not_counted_among_the_features_of_the_plan() -> None:
    edition = make_edition()
    layers = dict(edition.layers)
    # The red line becomes a lake, which no clause speaks of; the hub is only there for orientation.
    layers["control_lines"] = layers["control_lines"].assign(kind="lake")
    layers["hubs"] = layers["hubs"].assign(context=True)
    (page,) = pages_of(make_edition(layers=layers), "/start")
    # nine less two; the lake was the one without position, so all seven have one
    assert "规划要素 7 个 其中 7 个有位置" in page


def test_a_standalone_file_says_what_it_is(client: FlaskClient) -> None:
    page = client.get("/standalone/overview.html").get_data(as_text=True)
    about = text_of(page.split('<details class="pm-file-about">')[1].split("</details>")[0])
    for words in ("本图为规划示意", "概化示意：8 个（300 米）", "通用地理知识 许可： CC0", make_edition().hash):
        assert words in about


def test_every_link_of_the_pages_leads_somewhere(client: FlaskClient) -> None:
    seen = set()
    for path in ("/start", "/about", "/", "/start?lang=en", "/about?lang=en"):
        for address in re.findall(r'href="(/[^"]*)"', client.get(path).get_data(as_text=True)):
            seen.add(unescape(address))
    seen = {address for address in seen if not address.startswith(("/static", "/standalone"))}
    assert len(seen) > 30
    # that of the pages for those who are signed in leads to the form for signing in
    answers = {address: client.get(address, follow_redirects=True).status_code for address in seen}
    assert {address: status for address, status in answers.items() if status != 200} == {}


def test_about_page_counts_by_basis_and_lists_what_is_assumed(client: FlaskClient) -> None:
    text = text_of(client.get("/about").get_data(as_text=True))
    # nine features have a shape: eight schematic (8/9 = 88.9 %), the hub from open data (11.1 %)
    assert "9 个有图形的要素" in text
    assert re.search(r"概化示意 .{0,60} 8 88.9 % 300 ", text)
    assert re.search(r"开放数据 .{0,60} 1 11.1 % 30 ", text)
    assert "乙街道（东部） 分界为制图假定 第七章第一节 2" in text
    assert "生态保护红线 无公开数据 第九章第一节 1" in text
    assert "许可：CC0" in text
    assert make_edition().hash in text


def test_about_page_in_english(client: FlaskClient) -> None:
    text = text_of(client.get("/about?lang=en").get_data(as_text=True))
    assert "B (east) The line is assumed Ch. 7, Sec. 1, item 2" in text
    assert "Ecological red line No public data" in text
    # What is left in Chinese are sources without an English note, and the other language's own name.
    assert not re.search("[\u4e00-\u9fff]", text.replace("中文", "").replace("概化", "").replace("试验", ""))


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/?view=indicators", "/?view=indicators&lang=en"),
        ("/?view=indicators&lang=en", "/?view=indicators&lang=zh"),
        ("/start", "/start?lang=en"),
        ("/about?lang=en", "/about?lang=zh"),
    ],
)
def test_language_link_keeps_the_rest(client: FlaskClient, path: str, other: str) -> None:
    page = client.get(path).get_data(as_text=True)
    assert unescape(re.findall(r'href="([^"]+)" hreflang=', page)[0]) == other
    assert f'<html lang="{"en" if "lang=en" in path else "zh-CN"}"' in page


def test_behind_a_prefix_every_address_carries_it() -> None:
    client = create_app({}, edition=make_edition()).test_client()
    for path in ("/", "/start", "/about", "/embed/overview"):
        page = client.get(path, environ_overrides={"SCRIPT_NAME": "/plan"}).get_data(as_text=True)
        addresses = re.findall(r'(?:href|src)="(/[^"]*)"', page)
        assert addresses
        assert all(address.startswith("/plan/") for address in addresses), addresses
    page = client.get("/", environ_overrides={"SCRIPT_NAME": "/plan"}).get_data(as_text=True)
    assert f'"api":"/plan/e/{make_edition().hash[:12]}/api"' in page


def test_sketch_is_true_to_scale() -> None:
    # One degree square at the equator in a 120 px drawing with 10 px margin: 100 px, centred.
    frame = Frame.fit([[-0.5, 10.0], [0.5, 11.0]], 120, 120, 10)
    assert frame.path(box(10.0, -0.5, 11.0, 0.5), 0.5) in {
        "M110 110l0 -100 -100 0 0 100z",
        "M10 10l100 0 0 100 -100 0z",
        "M110 110l-100 0 0 -100 100 0z",
        "M10 110l0 -100 100 0 0 100z",
        "M110 10l0 100 -100 0 0 -100z",
        "M10 10l0 100 100 0 0 -100z",
        "M10 110l100 0 0 -100 -100 0z",
    }
    assert frame.path(MultiPolygon([box(50, 50, 51, 51)]), 0.5) == ""


def test_sketch_draws_lines_over_areas_with_their_casing() -> None:
    store = Store(make_edition())
    shapes = sketch(store, store.views["overview"]).shapes
    expressway = store.kinds["expressway"]["symbol"]
    assert [shape.stroke for shape in shapes[-2:]] == [expressway["casing"], expressway["stroke"]]
    assert shapes[0].fill == store.kinds["zone"]["symbol"]["fill"]


# ---- words


@every("key", list(messages.CATALOGUE.keys()))
def test_every_text_is_there_in_both_languages_with_the_same_placeholders(key: str) -> None:
    entry = messages.CATALOGUE.entries[key]
    assert {field for field in entry if not field.startswith("remedy")} == {"zh", "en"}
    assert ("remedy_zh" in entry) == ("remedy_en" in entry)
    fields = [{name for _, name, _, _ in string.Formatter().parse(entry[lang]) if name} for lang in ("zh", "en")]
    assert fields[0] == fields[1]
    assert "<" not in entry["zh"].replace("<数据文件夹>", "").replace("<规划编号>", "") or not key.startswith(
        ("nav", "start", "about")
    )


def test_every_key_that_pages_use_exists() -> None:
    used = set()
    for path in [*CODE.glob("templates/*.html")]:
        used |= set(re.findall(r"""\bt\(\s*['"]([a-z0-9_.]+)['"]""", path.read_text(encoding="utf-8")))
    for path in CODE.rglob("*.py"):
        used |= set(re.findall(r"""\btext\((?:lang|other), "([a-z0-9_.]+)\"""", path.read_text(encoding="utf-8")))
    assert len(used) > 60
    known = set(messages.CATALOGUE.keys())
    # A beginning, to which the rest of the key is added.
    assert {
        key for key in used if not (key.endswith((".", "_")) and any(one.startswith(key) for one in known))
    } <= known


def test_every_key_that_scripts_use_exists_and_is_handed_over() -> None:
    used = set()
    for path in (CODE / "frontend" / "src").rglob("*.js"):
        if "scans" in (path.parent.name, path.stem):  # its words are in its own page: see test_webmap_admin_scans
            continue
        used |= set(re.findall(r"""\bt\(\s*["']([a-z0-9_.]+[a-z0-9_])["']""", path.read_text(encoding="utf-8")))
    assert len(used) > 30
    assert used <= set(messages.frontend("zh"))
    assert set(messages.frontend("zh")) == set(messages.frontend("en"))


def test_an_unknown_language_falls_back_to_chinese() -> None:
    assert messages.text("xx", "nav.about") == "关于"
