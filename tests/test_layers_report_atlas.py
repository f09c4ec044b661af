"""The atlas: a sheet for each theme, zone and township, found by bookmark, page and square; true to scale."""

from __future__ import annotations

import ctypes
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from pyproj import Geod, Transformer
from web_edition import figures_edition, hostile_figures

from layers.edition.file import read
from layers.edition.inventory import Inventory, inventory
from layers.edition.store import Store
from layers.report import atlas, wording
from layers.report.facts import NoLinks
from layers.report.sheet_map import SheetMap, sheet_map
from webmap.cli import main
from webmap.reading.links import PageLinks

BASE = "https://maps.example"


@pytest.fixture(scope="module")
def found(xiaoshan_edition: Path) -> Inventory:
    return inventory(Store(read(xiaoshan_edition)))


@pytest.fixture(scope="module")
def path(found: Inventory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("atlas") / "a.pdf"
    assert atlas.write(found, made, wording.read(None, "zh"), PageLinks(found, "zh", BASE), "A4") == 7 + 3 + 22
    return made


@pytest.fixture(scope="module")
def document(path: Path) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(path)


def said(page: pypdfium2.PdfPage) -> str:
    return re.sub(r"\s", "", page.get_textpage().get_text_range())


def bookmarks(document: pypdfium2.PdfDocument) -> Iterator[tuple[int, str, int]]:
    for one in document.get_toc():
        target = one.get_dest()
        assert target is not None
        yield one.level, one.get_title(), target.get_index()


def test_every_theme_zone_and_township_has_a_sheet(document: pypdfium2.PdfDocument, found: Inventory) -> None:
    """A bookmark leads to a page that has its name, and the scale of its map."""
    places = [str(one.cells["name"]) for level in ("zone", "township") for one in found.places(level)]
    names = [str(view["name"]) for view in found.store.views.values()] + places
    marks = {title: page for level, title, page in bookmarks(document) if level == 1}
    assert list(marks) == names
    for name, number in marks.items():
        text = said(document[number])
        assert name in text
        assert re.search(r"比例尺1:[\d,]+000", text), name
        # Legend and facts have room beside the map: the next page is that of its tables, or another sheet.
        assert "概况" in text
        following = said(document[number + 1])
        assert following.startswith(name) or number + 1 in marks.values(), name
    assert [title for level, title, _page in bookmarks(document) if level == 0] == [
        "索引图", "专题图", "片区图", "镇街图", "资料来源", "地名索引"]  # fmt: skip


def test_pages_lie_and_have_their_numbers(document: pypdfium2.PdfDocument) -> None:
    for number, page in enumerate(document):
        assert [round(side / 72 * 25.4) for side in page.get_size()] == [297, 210]
        if number:
            assert said(page).endswith(str(number + 1)), number


def test_it_is_tagged_and_says_that_it_is_archival(path: Path, document: pypdfium2.PdfDocument) -> None:
    """Tags, PDF/A-2, level A as the typesetter has checked it, and no font that is not inside."""
    assert pypdfium2.raw.FPDFCatalog_IsTagged(document.raw)
    content = path.read_bytes()
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>A<", content)
    assert document.get_metadata_value("Title") == "萧山区“十四五”规划图集"


def test_the_index_says_page_and_square(document: pypdfium2.PdfDocument, found: Inventory) -> None:
    """Of 临浦镇: its own page; and the square in which its name stands, by the sheet's own bounds."""
    marks = {title: page for level, title, page in bookmarks(document) if level == 1}
    start = next(page for _level, title, page in bookmarks(document) if title == "地名索引")
    text = "".join(said(document[number]) for number in range(start, len(document)))
    entry = re.search(r"楼塔镇镇街(\d+)([A-F][1-5])", text)
    assert entry is not None
    assert int(entry[1]) == marks["楼塔镇"] + 1
    cells = found.entries["township/louta"].cells
    _layer, _cells, shape = found.store.row("township/louta")
    assert shape is not None
    west, south, east, north = shape.bounds
    lon, lat = float(cells["label_lon"]), float(cells["label_lat"])
    # The sheet has the place in its middle: how far the name is from there, as a share of the larger of its sides.
    column, row = ord(entry[2][0]) - ord("A"), int(entry[2][1]) - 1
    assert abs(column - 2.5) <= 1 + 6 * abs(lon - (west + east) / 2) / (east - west)
    assert abs(row - 2) <= 1 + 5 * abs(lat - (south + north) / 2) / (north - south)


def test_names_and_clauses_are_links(document: pypdfium2.PdfDocument) -> None:
    urls = set()
    for number in range(len(document)):
        page = document[number]
        position, link = ctypes.c_int(0), pypdfium2.raw.FPDF_LINK()
        while pypdfium2.raw.FPDFLink_Enumerate(page.raw, position, link):
            action = pypdfium2.raw.FPDFLink_GetAction(link)
            size = pypdfium2.raw.FPDFAction_GetURIPath(document.raw, action, None, 0) if action else 0
            if size:
                buffer = ctypes.create_string_buffer(size)
                pypdfium2.raw.FPDFAction_GetURIPath(document.raw, action, buffer, size)
                urls.add(buffer.value.decode())
    assert f"{BASE}/feature/pole/xianghu" in urls
    assert any(url.startswith(f"{BASE}/chapter/") for url in urls)


def test_the_map_is_true_to_scale(found: Inventory) -> None:
    """Two places are as far apart on paper, times the scale, as on the ellipsoid; the bar is as long as it says."""
    store = found.store
    made = sheet_map(store, store.views["overview"], (300.0, 240.0), "zh", share=1.2)
    ends = [(120.20, 30.20), (120.40, 30.05)]
    on_paper = [made.at(*one) for one in ends]
    assert on_paper[0] is not None
    assert on_paper[1] is not None
    _, _, metres = Geod(ellps="GRS80").inv(*ends[0], *ends[1])
    assert math.dist(on_paper[0], on_paper[1]) / 1000 * made.denominator == pytest.approx(metres, rel=2e-4)
    assert made.bar[1] / 1000 * made.denominator == pytest.approx(made.bar[0])
    assert made.size_mm == (pytest.approx(300, abs=0.4), pytest.approx(240, abs=0.4))


def test_squares_by_hand(found: Inventory) -> None:
    """Corners and middle of a map: A1, F5, C3 or D3; outside there is none."""
    made: SheetMap = sheet_map(found.store, found.store.views["overview"], (300.0, 240.0), "zh")
    west, south, east, north = made.plane.extent
    to_degrees = _degrees(made)
    assert made.square(*to_degrees(west + 100, north - 100)) == "A1"
    assert made.square(*to_degrees(east - 100, south + 100)) == "F5"
    assert made.square(*to_degrees(west + 0.49 * (east - west), (south + north) / 2)) == "C3"
    assert made.square(*to_degrees(west + 0.51 * (east - west), (south + north) / 2)) == "D3"
    assert made.square(*to_degrees(west - 100, north - 100)) == ""


def test_the_same_edition_gives_the_same_bytes(tmp_path: Path) -> None:
    found = inventory(Store(figures_edition()))
    for name in ("1", "2"):
        atlas.write(found, tmp_path / f"{name}.pdf", wording.read(None, "en"), NoLinks())
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_awkward_editions_have_an_atlas(tmp_path: Path) -> None:
    """Hostile names; no views, no zones, no townships, no figures at all."""
    hostile = inventory(Store(hostile_figures()))
    atlas.write(hostile, tmp_path / "h.pdf", wording.read(None, "zh"), NoLinks(), "A4")
    bare = figures_edition()
    bare.meta["views"] = []
    layers = {name: frame for name, frame in bare.layers.items() if name not in ("zones", "townships")}
    figures = {name: frame.iloc[:0] for name, frame in bare.figures.items()}
    bare = replace(bare, layers=layers, figures=figures, observations=bare.observations.iloc[:0],
                   indicators=bare.indicators.iloc[:0])  # fmt: skip
    assert atlas.write(inventory(Store(bare)), tmp_path / "b.pdf", wording.read(None, "zh"), NoLinks(), "A4") == 1
    assert len(pypdfium2.PdfDocument(tmp_path / "b.pdf")) >= 4


@pytest.mark.parametrize(("options", "named"), [
    (["-o", "a.docx"], ".pdf"), (["-o", "a.pdf", "--paper", "B5"], "A3"),
    (["-o", "a.pdf", "--plan", "nowhere"], "nowhere"),
    (["-o", "a.pdf", "--address", "ftp://a.example"], "https://"),
])  # fmt: skip
def test_what_the_command_refuses(
    options: list[str], named: str, xiaoshan_edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for lang in ("zh", "en"):
        run = CliRunner().invoke(main, ["atlas", str(xiaoshan_edition), *options, "--lang", lang])
        assert run.exit_code == 1
        assert named in run.output
    assert not list(tmp_path.iterdir())


def test_the_command_tells_what_it_wrote(tiny_edition: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    command = ["atlas", str(tiny_edition), "-o", str(target), "--paper", "a3", "--lang", "en", "--json"]
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert told["sheets"] == 1 + 2 + 4, "views, zones, townships"
    assert told["bytes"] == target.stat().st_size
    page = pypdfium2.PdfDocument(target)[2]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [420, 297]
    assert "Scale1:" in said(page)


def _degrees(made: SheetMap) -> Callable[[float, float], tuple[float, float]]:
    return Transformer.from_crs(made.plane.crs, 4490, always_xy=True).transform
