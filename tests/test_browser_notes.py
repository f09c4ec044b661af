"""Notes on the map: drawn by pointer and key, in the link, in a file, in an embed, a stand-alone file and on paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser_tools import Visit
from web_edition import HOSTILE

pytestmark = pytest.mark.browser

NOTES = "app.notes.list().map((one) => [one.shape, one.color, one.points.length, one.text])"


def use(page: Visit, shape: str, *places: tuple[int, int], color: str = "") -> None:
    """Draw a shape with clicks at places of the map, in pixels from its upper left corner."""
    page.page.click(f"label[for=pm-notes-{shape}]")
    if color:
        page.page.click(f"label[for=pm-notes-{color}]")
    for x, y in places:
        page.page.click("#map_planmap", position={"x": x, "y": y})
    if len(places) > 1:
        page.page.click(".pm-notes .pm-measure-actions button >> nth=0")


def test_notes_are_drawn_named_undone_and_go_into_the_link(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=zh")
    page.page.click(".pm-tool-notes")
    page.page.wait_for_selector(".pm-notes")
    use(page, "polygon", (200, 200), (300, 200), (300, 300), color="blue")
    use(page, "arrow", (100, 400), (200, 300), color="red")
    use(page, "number", (350, 350))
    page.page.keyboard.type("先开工")
    page.page.keyboard.press("Enter")
    page.until(f"JSON.stringify({NOTES}).includes('先开工')")
    # By key: at the middle of the map.
    page.page.click("label[for=pm-notes-text]")
    page.page.focus("#map_planmap")
    page.page.keyboard.press("Space")
    page.page.keyboard.type("<b>图上</b>")
    page.page.keyboard.press("Enter")
    drawn = [
        ["polygon", "blue", 3, ""],
        ["arrow", "red", 2, ""],
        ["number", "red", 1, "先开工"],
        ["text", "red", 1, "<b>图上</b>"],
    ]
    page.until(f"JSON.stringify({NOTES}) === JSON.stringify({json.dumps(drawn, ensure_ascii=False)})")
    page.page.focus("#map_planmap")
    for _ in range(2):
        page.page.keyboard.press("Control+z")
    assert len(page.run(NOTES)) == 3
    for _ in range(2):
        page.page.keyboard.press("Control+Shift+Z")
    assert page.run(NOTES) == drawn
    assert page.page.locator(".leaflet-pm-notes-pane text").all_text_contents() == ["1", "先开工", "<b>图上</b>"]
    page.until("location.hash.includes('notes=')")
    legend = page.page.locator("#pm-legend-section").inner_text()
    assert "批注（不属于规划）" in legend
    assert "先开工" in legend
    # Opening a card and going back leaves the work as it is.
    page.page.keyboard.press("Escape")
    page.run("app.select('hub/south')")
    page.until("location.hash.includes('sel=hub/south')")
    page.page.go_back()
    page.until("app.selected === null")
    assert page.run(NOTES) == drawn
    # Passed on, in the full map and in an embed with its legend.
    page.settle()  # the address follows
    link = page.page.url
    other = visit(link)
    assert other.run(NOTES) == drawn
    page.page.click("#pm-btn-share")
    page.page.wait_for_selector(".pm-preview[href]")
    embed = visit(str(page.page.get_attribute(".pm-preview", "href")), width=900, height=600)
    assert embed.run(NOTES) == drawn
    assert "批注" in embed.page.locator("#pm-legend-section").inner_text()
    assert embed.page.locator(".leaflet-pm-notes-pane path").count() > 4
    embed.page.emulate_media(media="print")
    embed.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert embed.page.locator(".leaflet-pm-notes-pane circle").first.is_visible()
    assert "先开工" in embed.page.locator(".pm-section-legend").inner_text()


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def test_a_file_of_notes_is_saved_opened_and_refused(visit: Callable[..., Visit], tmp_path: Path) -> None:
    page = visit("/?lang=zh")
    page.page.click(".pm-tool-notes")
    page.page.wait_for_selector(".pm-notes")
    file = tmp_path / "notes.geojson"

    def opened(data: object, word: str) -> None:
        file.write_text(json.dumps({"type": "FeatureCollection", "features": data}), encoding="utf-8")
        page.page.set_input_files(".pm-notes input[type=file]", file)
        page.until(f"document.getElementById('pm-toast').textContent.includes({word!r})")

    spots = [feature("Point", [120.1 + number / 1000, 30.1], shape="number") for number in range(200)]
    opened([feature("LineString", [[120.1, 30.1], [120.2, 30.15]], name=HOSTILE), *spots], "201")
    assert len(page.run(NOTES)) == 201
    assert "放不下" in page.page.inner_text(".pm-notes .pm-note")
    assert "notes=" not in page.page.url
    # Saved and opened again it is the same.
    with page.page.expect_download() as saving:
        page.page.click(".pm-notes .pm-measure-actions button >> nth=3")
    saved = Path(saving.value.path()).read_text(encoding="utf-8")
    assert saving.value.suggested_filename == "test-plan.planmap-notes.geojson"
    before = page.run(NOTES)
    opened([feature("Point", [120.2, 30.1])], "1 条")
    opened(json.loads(saved)["features"], "201")
    assert page.run(NOTES) == before
    # What is too much or broken changes nothing.
    many = [[120 + number % 400 / 1000, 30 + number // 400 / 10000] for number in range(100_000)]
    opened([feature("LineString", many)], "100000 个点")
    opened([feature("Point", [120.1, 30.1]), feature("Point", [500000, 3300000])], "第 2 条")
    assert page.run(NOTES) == before
    # A stand-alone file takes them along.
    page.page.keyboard.press("Escape")
    page.page.click("#pm-btn-share")
    page.page.wait_for_selector(".pm-preview[href]")
    with page.page.expect_download() as saving:
        page.page.click(".pm-dialog a[download]")
    alone = tmp_path / "alone.html"
    alone.write_bytes(Path(saving.value.path()).read_bytes())
    assert visit(alone.as_uri()).run(NOTES) == before


def test_notes_on_a_phone(visit: Callable[..., Visit]) -> None:
    page = visit("/?lang=en", width=390, height=844, has_touch=True, is_mobile=True)
    page.page.tap(".pm-tool-notes")
    page.page.wait_for_selector(".pm-notes")
    page.page.tap("label[for=pm-notes-line]")
    box = page.page.locator("#map_planmap").bounding_box()
    low = page.page.locator(".pm-notes").bounding_box()
    y = low["y"] + low["height"] + 40
    for x in (60, 160, 220):
        page.page.touchscreen.tap(box["x"] + x, y)
        y += 20
        page.settle()  # two taps at once are one double tap
    page.page.tap(".pm-notes .pm-measure-actions button >> nth=0")
    page.until("app.notes.list().length === 1 && app.notes.list()[0].points.length === 3")
    # Measuring takes the clicks from it.
    page.page.tap(".pm-tool-ruler")
    page.page.wait_for_selector(".pm-measure-result", state="attached")
    page.page.wait_for_selector(".pm-notes", state="hidden")
    assert page.run("app.busy") is True
