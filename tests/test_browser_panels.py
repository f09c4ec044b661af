"""The panels of the map in a real browser: card, indicator overlay, district indicators, embed dialog."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from browser_tools import Visit, served
from web_edition import make_edition

pytestmark = pytest.mark.browser


def texts(visit: Visit, selector: str) -> list[str]:
    """The texts of what a selector finds, in sight or not."""
    return [text.strip() for text in visit.page.locator(selector).all_text_contents()]


def facts(visit: Visit) -> dict[str, str]:
    """The card's rows as ``{label: text}``."""
    labels = texts(visit, ".pm-card > .pm-facts > dt")
    return dict(zip(labels, texts(visit, ".pm-card > .pm-facts > dd"), strict=True))


def painted(visit: Visit) -> list[str]:
    """The fills that an overlay has put on the map."""
    paths = "[...document.querySelectorAll('.leaflet-pm-paint-pane path')]"
    return list(visit.run(f"{paths}.map((path) => path.getAttribute('fill'))"))


# ---- card


def test_card_names_everything_in_chinese(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.select('expressway/g1')")
    page.page.wait_for_selector(".pm-card")
    assert texts(page, ".pm-card-title") == ["G1 高速"]
    assert texts(page, ".pm-card-alt") == ["G1"]
    assert texts(page, ".pm-card-kind") == ["高速公路"]
    row = facts(page)
    assert row["状态"] == "在建"
    assert row["镇街"] == "长山街道、乙街道、丙镇"
    assert row["出处"] == "专栏2 第1项第二章第四节 1"
    # 38.900 km, known to 300 m: no decimals; the plan does not say so, hence the mark.
    assert row["长度"].replace("\u202f", " ") == "39 公里计算值"
    assert row["定位依据"].startswith("概化示意，±300\u202f米，不作划界依据")
    assert row["资料来源"] == "通用地理知识"


def test_card_in_english(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=en")
    page.run("app.select('expressway/g1')")
    page.page.wait_for_selector(".pm-card")
    row = facts(page)
    assert row["Status"] == "Under construction"
    assert row["Clause"] == "Box 2, item 1Ch. 2, Sec. 4, item 1"
    assert row["Position"].startswith("Schematic, ±300\u202fm, no basis for any boundary")
    assert texts(page, ".pm-card-alt") == ["G1 高速"]


def test_card_downloads_the_layer(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.select('hub/south')")
    page.page.wait_for_selector(".pm-fact-download a")
    links = page.run("[...document.querySelectorAll('.pm-fact-download a')].map((a) => a.getAttribute('href'))")
    assert links == ["/download/hubs.gpkg", "/download/hubs.geojson"]


def test_card_says_why_nothing_is_drawn(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.select('control_line/eco')")
    page.page.wait_for_selector(".pm-missing")
    assert texts(page, ".pm-missing p") == ["无公开数据"]
    assert page.page.locator(".pm-card-actions button").all_text_contents() == ["复制链接"]
    assert "定位依据" not in facts(page)


def test_card_warns_of_an_assumed_line(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.select('part/b-east')")
    page.page.wait_for_selector(".pm-assumed")
    assert "规划未给出此处的分界" in texts(page, ".pm-assumed p")[0]


def test_card_of_a_township_ranks_it_and_leads_to_the_overlay(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.select('township/a')")
    page.page.wait_for_selector("[data-indicator=area_km2]")
    cells = texts(page, "[data-indicator=area_km2] > *")
    # 213.70 km² is the least of 213.70, 320.55 and 320.55.
    assert cells == ["面积", "213.70km²", "3/3"]
    page.page.click("[data-indicator=area_km2] button")
    page.until("app.overlay.model && app.overlay.model.level === 'township'")
    assert page.run("app.indicator.id") == "area_km2"
    assert page.page.locator("#pm-tab-indicators").get_attribute("aria-selected") == "true"


def test_card_of_a_zone_lists_its_townships(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.select('zone/east')")
    page.page.wait_for_selector(".pm-contents")
    assert texts(page, ".pm-contents dd") == ["乙街道、丙镇", "G1 高速"]
    page.page.click(".pm-contents button >> text=丙镇")
    page.page.wait_for_selector(".pm-card-title >> text=丙镇")
    assert page.run("app.selected") == "township/c"


def test_share_copies_a_link_that_restores_the_selection(visit: Callable[..., Visit]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.run("app.select('hub/south')")
    page.page.wait_for_selector(".pm-card")
    page.page.click(".pm-card-actions button >> text=复制链接")
    page.page.wait_for_selector(".pm-toast >> text=链接已复制")
    link = page.page.evaluate("() => navigator.clipboard.readText()")
    assert "sel=hub/south" in link
    again = visit(link)
    again.page.wait_for_selector(".pm-card-title >> text=南站")


# ---- overlay


def test_overlay_paints_lists_and_labels(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.click("#pm-btn-indicators")
    page.page.wait_for_selector("#pm-indicator option[value=area_km2]", state="attached")
    page.page.select_option("#pm-indicator", "area_km2")
    page.page.click("label[for=pm-level-township]")
    page.page.wait_for_selector(".pm-values tbody tr[data-id='township/a']")
    assert texts(page, ".pm-values tbody .pm-col-name") == ["丙镇", "乙街道", "长山街道"]
    assert texts(page, ".pm-values tbody .pm-col-value") == ["320.55", "320.55", "213.70"]
    assert texts(page, ".pm-values tbody .pm-col-rank") == ["1", "1", "3"]
    assert texts(page, ".pm-values tfoot .pm-col-value") == ["854.81"]
    # Quantiles of 213.70, 320.55, 320.55: both halves end at 320.55, so there is one class only.
    assert texts(page, ".pm-classes .pm-class-count") == ["3 个"]
    page.page.select_option("#pm-method", "equal_interval")
    # The middle of 213.70 and 320.55 is 267.125, cut to the decimals of the values.
    page.page.wait_for_selector(".pm-classes li:nth-child(2)")
    ranges = [text.replace("\u202f", " ") for text in texts(page, ".pm-classes .pm-class-range")]
    assert ranges == ["213.70 – 267.12", "> 267.12 – 320.55"]
    assert "km²" in page.page.inner_text(".pm-overlay-head"), "the unit is said once, above"
    assert texts(page, ".pm-classes .pm-class-count") == ["1 个", "2 个"]
    page.until("document.querySelectorAll('.leaflet-pm-paint-pane path').length === 3")
    colours = page.run("app.overlay.model.entries.map((entry) => entry.color)")
    assert sorted(painted(page)) == sorted([colours[0], colours[1], colours[1]])
    page.until("[...document.querySelectorAll('.pm-labels text')].some((node) => node.textContent === '213.70')")


def test_overlay_marks_and_explains_assumed_values(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2", "zone")
    assert texts(page, ".pm-values tbody .pm-col-value") == ["427.41①", "427.41①"]
    assert any("假定界线" in text for text in texts(page, ".pm-notes .pm-foot"))
    page.until("[...document.querySelectorAll('.pm-labels text')].some((node) => node.textContent === '427.41①')")


def test_hover_runs_both_ways(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    page.page.hover("tr[data-id='township/c']")
    assert page.run("app.hovered") == "township/c"
    assert page.run("[...document.querySelectorAll('.pm-hovered')].map((row) => row.dataset.id)") == ["township/c"]
    # The middle of township a on the map.
    spot = page.run(
        "(() => { const p = app.map.latLngToContainerPoint([30.02, 120.02]);"
        " const b = app.map.getContainer().getBoundingClientRect(); return [b.left + p.x, b.top + p.y]; })()"
    )
    page.page.mouse.move(*spot)
    page.until("document.querySelector('.pm-hovered')?.dataset.id === 'township/a'")
    page.page.mouse.click(*spot)
    page.until("document.querySelector('.pm-selected')?.dataset.id === 'township/a'")
    # The reader is comparing: the table stays, the card waits behind its tab.
    assert page.page.locator("#pm-tab-indicators").get_attribute("aria-selected") == "true"


def test_the_table_works_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    page.page.focus("tr[data-id='township/c'] button")
    page.page.keyboard.press("ArrowDown")
    assert page.run("document.activeElement.closest('tr').dataset.id") == "township/b"
    assert page.run("app.hovered") == "township/b"
    page.page.keyboard.press("End")
    page.page.keyboard.press("Enter")
    page.until("app.selected === 'township/a'")
    assert page.page.locator("tr[data-id='township/a']").get_attribute("aria-current") == "true"
    # One row only can be reached with the Tab key.
    assert page.page.locator(".pm-values tbody button[tabindex='0']").count() == 1


def test_the_table_sorts(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    page.page.click(".pm-col-value .pm-sort")
    assert texts(page, ".pm-values tbody .pm-col-value") == ["213.70", "320.55", "320.55"]
    assert page.page.locator("thead .pm-col-value").get_attribute("aria-sort") == "ascending"
    page.page.click(".pm-col-name .pm-sort")
    # bǐng, yǐ, and 长 where the browser's collation has it, at zhǎng
    assert texts(page, ".pm-values tbody .pm-col-name") == ["丙镇", "乙街道", "长山街道"]
    assert page.page.locator("thead .pm-col-value").get_attribute("aria-sort") == "none"


def test_bars_are_in_proportion(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    widths = page.run(
        "Object.fromEntries([...document.querySelectorAll('.pm-values tbody tr')].map((row) =>"
        " [row.dataset.id, row.querySelector('.pm-bar').getBoundingClientRect().width]))"
    )
    assert widths["township/a"] / widths["township/c"] == pytest.approx(213.70 / 320.55, rel=0.01)
    assert page.page.locator("tr[data-id='township/a'] svg").get_attribute("role") == "img"


def test_what_the_plan_states_for_the_district_only_is_not_painted(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    page.shade("t2-01", "zone")
    assert texts(page, "#pm-body-indicators .pm-missing strong") == ["规划未分区"]
    assert page.page.locator(".pm-values").count() == 0
    assert painted(page) == []
    assert texts(page, "#pm-body-indicators .pm-stated-figures dd") == ["1,828.47", ">2,600"]


def test_clearing_takes_paint_and_labels_away(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    page.page.click(".pm-clear")
    page.until("document.querySelectorAll('.leaflet-pm-paint-pane path').length === 0")
    page.until("![...document.querySelectorAll('.pm-labels text')].some((node) => node.textContent === '213.70')")
    assert page.run("app.indicator") is None
    assert page.page.locator(".pm-clear").is_hidden()


def test_translucent_areas_step_back_and_return(visit: Callable[..., Visit]) -> None:
    edition = make_edition()
    # The edition has no such layer: its part of a township plays a belt.
    kinds = copy.deepcopy(edition.meta["kinds"])
    next(kind for kind in kinds if kind["id"] == "airport")["symbol"]["fill_opacity"] = 0.3
    layers = copy.deepcopy(edition.meta["layers"])
    next(layer for layer in layers if layer["id"] == "zone_parts")["kinds"] = ["airport"]
    edition.layers["zone_parts"]["kind"] = "airport"
    edition = make_edition(meta={**edition.meta, "kinds": kinds, "layers": layers}, layers=edition.layers)
    with served(edition) as base:
        page = visit(f"{base}/?lang=zh#layers=zones,zone_parts,townships")
        page.shade("area_km2", "zone")
        page.until("!app.layers.isVisible('zone_parts')")
        page.page.wait_for_selector(".pm-hidden-note:not([hidden]) >> text=假定分界")
        page.run("app.setIndicator(null)")
        page.until("app.layers.isVisible('zone_parts')")


def test_a_permalink_restores_the_overlay(visit: Callable[..., Visit]) -> None:
    state = "map=10/30.1/120.2&layers=zones,townships&ind=area_km2:township:equal_interval&sel=township/b"
    page = visit(f"/?lang=zh#{state}")
    page.until("document.querySelectorAll('.leaflet-pm-paint-pane path').length === 3")
    assert page.run("app.indicator") == {"id": "area_km2", "level": "township", "method": "equal_interval"}
    # On a wide screen the table comes with its map.
    page.page.wait_for_selector("tr.pm-selected[data-id='township/b']")
    assert page.page.locator("#pm-method").input_value() == "equal_interval"
    page.until("document.getElementById('pm-indicator').value === 'area_km2'")


def test_the_csv_can_be_had(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.shade("area_km2")
    assert page.page.locator(".pm-notes a").get_attribute("href") == "/download/indicators.csv"


# ---- district


def test_district_panel_sets_bars_or_words(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.click("#pm-btn-indicators")
    page.page.click("#pm-tab-district")
    page.page.wait_for_selector(".pm-stated")
    assert texts(page, ".pm-domain > h3") == ["经济", "生态"]
    first, second = page.page.locator(".pm-stated").all()
    assert first.locator(".pm-pair").count() == 2
    label = str(first.locator("svg").get_attribute("aria-label")).replace("\u202f", " ")
    assert label == "生产总值：2020 1,828.47 亿元，2025 >2,600 亿元"
    # A target in words has no bar, and a comparator leaves no change to compute.
    assert second.locator("svg").count() == 0
    assert second.locator("dd").all_text_contents() == ["未给出", "省市下达指标"]
    assert [text for text in texts(page, ".pm-stated-change") if text] == []
    assert second.locator(".pm-tag-binding").text_content() == "约束性"


# ---- panel


def test_escape_closes_and_gives_the_keyboard_back(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.focus("#pm-btn-indicators")
    page.page.keyboard.press("Enter")
    assert page.run("document.activeElement.id") == "pm-tab-indicators"
    page.page.keyboard.press("ArrowRight")
    assert page.run("document.activeElement.id") == "pm-tab-district"
    page.page.keyboard.press("Escape")
    assert page.page.locator("#pm-panel").is_hidden()
    assert page.run("document.activeElement.id") == "pm-btn-indicators"
    assert page.page.locator("#pm-btn-indicators").get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_the_panel_is_a_sheet_and_nothing_is_cut(visit: Callable[..., Visit], lang: str) -> None:
    page = visit(f"/?lang={lang}", width=390, height=844)
    for tab in ("indicators", "district"):
        page.run(f"app.panel.open('{tab}')")
        if tab == "indicators":
            page.shade("area_km2")
        else:
            page.page.wait_for_selector(".pm-stated")
        box = page.page.locator("#pm-panel").bounding_box()
        assert (box["x"], box["width"]) == (0, 390)
        assert box["y"] + box["height"] == pytest.approx(844, abs=1)
        boxes = (
            f"[...document.querySelectorAll('#pm-body-{tab} *')].map((node) => [node, node.getBoundingClientRect()])"
        )
        beyond = "([, box]) => box.width > 1 && (box.right > 390.5 || box.left < -0.5)"
        wide = page.run(f"{boxes}.filter({beyond}).map(([node]) => node.className)")
        assert wide == []
    assert page.run("document.documentElement.scrollWidth") <= 390


def test_the_sheet_grows_by_keyboard_and_by_hand(visit: Callable[..., Visit]) -> None:
    page = visit(width=390, height=844)
    page.run("app.panel.open('district')")
    height = lambda: page.page.locator("#pm-panel").bounding_box()["height"]  # noqa: E731
    start = height()
    page.page.focus(".pm-sheet-handle")
    page.page.keyboard.press("ArrowUp")
    assert height() > start + 100
    handle = page.page.locator(".pm-sheet-handle").bounding_box()
    page.page.mouse.move(195, handle["y"] + 10)
    page.page.mouse.down()
    page.page.mouse.move(195, 820, steps=8)
    page.page.mouse.up()
    assert page.page.locator("#pm-panel").is_hidden()


# ---- embed


def test_embed_dialog_writes_code_that_works(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.run("app.setIndicator({id: 'area_km2', level: 'township', method: 'quantiles'})")
    page.page.click("#pm-btn-share")
    page.page.wait_for_selector("dialog[open]")
    assert "ind=area_km2" in page.page.input_value("#pm-embed-link")
    page.page.fill("#pm-embed-width", "640")
    page.page.select_option("#pm-embed-zone", "east")
    page.page.select_option("#pm-embed-lang", "en")
    code = page.page.input_value("#pm-embed-code")
    assert 'title="Test Plan · Overview" width="100%" height="480" style="border:0;max-width:640px"' in code
    address = str(page.page.locator(".pm-preview").text_content())
    assert address.replace("&", "&amp;") in code
    assert "indicator=area_km2:township:quantiles" in address
    assert "zone=east" in address
    assert "lang=en" in address
    embedded = visit(address)
    embedded.until("document.querySelectorAll('.leaflet-pm-paint-pane path').length === 3")
    page.page.keyboard.press("Escape")
    assert page.page.locator("dialog[open]").count() == 0


def test_embed_shows_a_card_without_tabs(visit: Callable[..., Visit]) -> None:
    page = visit("/embed/overview?lang=zh")
    page.run("app.select('hub/south')")
    page.page.wait_for_selector(".pm-card")
    assert texts(page, ".pm-card-title") == ["南站"]
    assert page.page.locator("[role=tab]").count() == 0
    assert page.page.locator(".pm-fact-download").count() == 0
    page.page.click(".pm-close")
    assert page.page.locator("#pm-panel").is_hidden()
