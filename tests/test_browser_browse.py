"""Filters, clusters and reading pages in a real browser, on the shipped plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browser_tools import Visit, served

from layers.edition.file import read

pytestmark = pytest.mark.browser

LAYERS = "innovation,platforms,projects,venues,health,zones,townships,district"


@pytest.fixture(scope="module")
def base(xiaoshan_edition: Path) -> Iterator[str]:
    with served(read(xiaoshan_edition)) as address:
        yield address


@pytest.fixture
def visit(browser: Any, base: str) -> Iterator[Visit]:
    # Only for the tests' own waiting: the policy has tests in test_webmap_serving.py and test_browser_hostile.py.
    made = Visit(browser, base, width=1440, height=900, bypass_csp=True)
    yield made
    made.close()
    assert not made.faults
    assert not made.dialogs


SHOWN = """app.layers.visible().flatMap((id) => app.layers.entry(id).drawn.items)
    .filter((item) => item.layer.getElement() && getComputedStyle(item.layer.getElement()).display !== 'none')"""

VIEWS = "app.layers.visible().flatMap((id) => [...app.layers.entry(id).views.values()])"


def test_a_filter_hides_what_does_not_match_and_lists_what_does(visit: Visit) -> None:
    page = visit.open(f"/#layers={LAYERS}")
    before = visit.run(f"{SHOWN}.filter((item) => item.view.shape === 'point').length")
    page.click("#pm-filters .pm-expand")
    page.wait_for_function("() => document.querySelectorAll('#pm-filter-box option').length > 5")
    page.select_option("#pm-filter-box", "专栏5")
    page.wait_for_selector(".pm-filter-list li")
    names = page.locator(".pm-filter-list [data-id]").evaluate_all("(rows) => rows.map((row) => row.dataset.id)")
    cited = visit.run(
        "app.filters.features.filter((one) => one.cites.some((cite) => cite.startsWith('专栏5'))).map((one) => one.id)"
    )
    assert sorted(names) == sorted(cited)
    assert len(names) >= 20
    shown = visit.run(
        f"[...new Set({SHOWN}.filter((item) => item.view.shape === 'point').map((item) => item.view.id))]"
    )
    assert 0 < len(shown) < before
    assert set(shown) <= set(cited)
    # neither pointed at nor named
    assert set(visit.run("app.layers.shown().filter((view) => view.shape === 'point').map((view) => view.id)")) <= set(
        cited
    )
    # the ground that it stands on stays
    assert visit.run("app.layers.shown().some((view) => view.properties.kind === 'township')")
    page.wait_for_function("() => location.hash.includes('flt=box:')")
    # the chip takes it off again
    page.click(".pm-filter-chip")
    page.wait_for_function("() => !location.hash.includes('flt=')")
    assert page.locator(".pm-filter-list").count() == 0
    assert visit.run(f"{SHOWN}.filter((item) => item.view.shape === 'point').length") == before


def test_a_link_with_filters_opens_with_them(visit: Visit) -> None:
    lead = "区科技局"
    page = visit.open(f"/?lang=zh#layers={LAYERS}&flt=chapter:3;lead:{quote(lead)}")
    chips = page.locator(".pm-filter-chip bdi").all_inner_texts()
    assert chips[0].startswith("第三章")
    assert chips[1] == lead
    assert visit.run("app.filters.matches().every((item) => item.lead_units.includes('区科技局'))")
    assert visit.run("app.filters.matches().length") > 5


def test_list_and_map_point_at_each_other(visit: Visit) -> None:
    page = visit.open(f"/#layers={LAYERS}&flt=box:{quote('专栏16')}")
    row = page.locator(".pm-filter-row").first
    row.hover()
    hovered = row.get_attribute("data-id")
    visit.until(f"app.hovered === '{hovered}'")
    page.mouse.move(900, 880)
    other = page.locator(".pm-filter-row").nth(2).get_attribute("data-id")
    visit.run(f"app.hover('{other}')")
    page.wait_for_selector(f".pm-filter-row.pm-hovered[data-id='{other}']")
    visit.run("app.hover(null)")
    row.click()
    visit.until(f"app.selected === '{hovered}'")
    page.wait_for_selector(f".pm-filter-row.pm-selected[data-id='{hovered}']")
    page.wait_for_selector("#pm-body-feature .pm-card")


def test_layers_with_matches_can_be_switched_on(visit: Visit) -> None:
    page = visit.open("/?lang=en#layers=zones,district&flt=group:services")
    assert visit.run(f"{SHOWN}.filter((item) => item.view.shape === 'point').length") == 0
    page.click(".pm-filter-on")
    visit.until("app.layers.isVisible('health') && app.layers.isVisible('venues')")
    page.wait_for_function("() => !document.querySelector('.pm-filter-on')")
    assert (
        visit.run("app.clusters.count()") + visit.run(f"{SHOWN}.filter((item) => item.view.shape === 'point').length")
        > 10
    )


def test_clusters_say_how_many_stand_nowhere_exactly(visit: Visit) -> None:
    page = visit.open(f"/?lang=zh#map=10.5/30.15/120.3&layers={LAYERS}")
    assert visit.run("app.clusters.count()") > 2
    # every located point is drawn on its own or counted in a disc, never both and never neither
    located = visit.run(f"{VIEWS}.filter((view) => view.shape === 'point').length")
    single = visit.run(f"new Set({SHOWN}.filter((item) => item.pass === 'point').map((item) => item.view.id)).size")
    counts = [int(text) for text in page.locator(".pm-cluster .pm-cluster-count").all_text_contents()]
    assert single + sum(counts) == located
    titles = page.locator(".pm-cluster").evaluate_all("(nodes) => nodes.map((node) => node.getAttribute('aria-label'))")
    assert all(f"{count} 个要素" in title for count, title in zip(counts, titles, strict=True))
    # what is only known to lie in an area is counted at that area's one mark
    marks = page.locator("#map_planmap .pm-unit")
    held = [int(text) for text in marks.locator(".pm-cluster-count").all_text_contents()]
    assert sum(held) == visit.run(f"{VIEWS}.filter((view) => view.properties.unit).length") > 0
    said = marks.evaluate_all("(nodes) => nodes.map((node) => node.getAttribute('aria-label'))")
    assert all(str(count) in title for count, title in zip(held, said, strict=True))
    # a click goes closer
    zoom = visit.run("app.map.getZoom()")
    # the fullest one: two symbols on one spot would open their list instead
    page.locator(".pm-cluster").nth(counts.index(max(counts))).dispatch_event("click")
    visit.until(f"app.map.getZoom() > {zoom}")
    # far in, hardly anything is left together
    visit.run("app.map.setView([30.22, 120.24], 15, {animate: false})")
    assert visit.run("app.clusters.count()") < len(counts)


def test_a_selected_feature_never_hides_in_a_cluster(visit: Visit) -> None:
    visit.open(f"/#map=10.5/30.15/120.3&layers={LAYERS}")
    # Symbols on one spot, which no zoom sets apart, stay one disc: not one of those.
    inside = visit.run(
        f"(() => {{ const points = {VIEWS}.filter((view) => view.shape === 'point');"
        " const at = (view) => view.parts[0][0];"
        " return points.find((view) => app.veil.has(view.id, 'cluster') && points.every((other) =>"
        " other === view || app.map.distance(at(view), at(other)) > 100)).id; })()"
    )
    visit.run(f"app.select('{inside}')")
    visit.until(f"app.selected === '{inside}' && !app.veil.has('{inside}')")


def test_the_checked_figure_leads_to_its_geometry(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.base}/claims?lang=zh")
    row = page.locator("tr", has=page.locator("a", has_text="图上的")).first
    name = row.locator("th bdi").first.inner_text()
    row.locator(".claim-map a").click()
    page.wait_for_function("() => window.__ready === true")
    page.wait_for_selector(".pm-filter-chip")
    assert page.locator(".pm-filter-chip bdi").inner_text() == name
    drawn = visit.run(
        "app.filters.matches().filter((item) => item.label).every((item) => app.layers.isVisible(item.layer))"
    )
    assert drawn


def test_the_card_leads_to_the_reading_pages(visit: Visit) -> None:
    page = visit.open("/?lang=en#layers=poles,zones,district&sel=pole/xianghu")
    card = page.locator("#pm-body-feature .pm-card")
    card.wait_for()
    chips = card.locator("a.pm-chip").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert "/chapter/7?lang=en#7.1.3" in chips
    card.locator("a.pm-action").click()
    page.wait_for_url("**/feature/pole/xianghu?lang=en")
    assert "Xianghu" in page.locator("h1").inner_text()
    page.locator("a.button").first.click()
    page.wait_for_function("() => window.__ready === true")
    visit.until("app.selected === 'pole/xianghu' && app.layers.isVisible('poles')")


@pytest.mark.parametrize("typed", ["湘湖院士岛", "xianghuyuanshidao", "xhysd"])
def test_search_finds_inventory_by_name_pinyin_and_initials(visit: Visit, typed: str) -> None:
    page = visit.open("/")
    page.fill("#pm-search input", typed)
    page.wait_for_selector(".pm-result")
    assert "湘湖院士岛" in page.locator(".pm-result-name").all_inner_texts()


def test_search_finds_by_alias_and_without_position(visit: Visit) -> None:
    page = visit.open("/")
    found = visit.page.evaluate(
        """async () => {
            const records = await window.planmapApp.data.records();
            const alias = records.find((item) => item.aliases.length);
            const bare = records.find((item) => !item.label && item.cites.length);
            return [[alias.aliases[0], alias.name], [bare.name, bare.name]];
        }"""
    )
    for typed, name in found:
        page.fill("#pm-search input", typed)
        page.wait_for_function(
            "(name) => [...document.querySelectorAll('.pm-result-name')].some((node) => node.textContent === name)",
            arg=name,
        )


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reading_pages_fit_the_screen(browser: Any, base: str, width: int, lang: str) -> None:
    made = Visit(browser, base, width=width, height=844, bypass_csp=True)
    try:
        for path in (
            "/list",
            "/claims",
            "/targets",
            "/review",
            "/lead",
            "/chapter",
            "/chapter/5",
            "/zone/central",
            "/feature/pole/xianghu",
        ):
            made.page.goto(f"{base}{path}?lang={lang}")
            assert made.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth + 1"), (
                path,
                width,
                lang,
            )
        assert not made.faults
    finally:
        made.close()


def test_the_list_is_filtered_by_its_form(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.base}/list?lang=en")
    page.select_option("select[name=basis]", "township")
    page.click(".filters button")
    page.wait_for_url("**basis=township**")
    bases = page.locator(".list .basis").all_inner_texts()
    assert len(bases) > 10
    assert set(bases) == {"Known to the township only"}
