"""The report as a Word file: native headings, captions, references, tables; what LibreOffice makes of it."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import docx
import libreoffice
import numpy as np
import pypdfium2
import pytest
from docx.oxml.ns import qn

from layers.edition.file import read
from layers.edition.inventory import Inventory, inventory
from layers.edition.store import Store
from layers.report import write
from webmap.reading.links import PageLinks

BASE = "https://maps.example"


@pytest.fixture(scope="module")
def found(xiaoshan_edition: Path) -> Inventory:
    return inventory(Store(read(xiaoshan_edition)))


@pytest.fixture(scope="module")
def made(found: Inventory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "r.docx"
    write.write(found, path, write.Wanted("zh", PageLinks(found, "zh", BASE)))
    return path


@pytest.fixture(scope="module")
def pdf(made: Path, tmp_path_factory: pytest.TempPathFactory) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(libreoffice.printed(made, tmp_path_factory.mktemp("printed")))


def body(path: Path) -> Any:
    return docx.Document(str(path)).element.body


def words_of(element: Any) -> str:
    return "".join(one.text or "" for one in element.iter(qn("w:t")))


def test_headings_are_words_own(made: Path) -> None:
    """Chapters in their order as Heading 1, numbered by a list, not typed."""
    document = docx.Document(str(made))
    chapters = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert chapters == ["总体情况", "指标完成情况", "分区情况", "重大项目", "图数校核", "说明"]
    zones = [one.text for one in document.paragraphs if one.style.name == "Heading 2"]
    assert {"中部都市中央活力区", "东部智能制造引领区", "南部生态经济样板区"} <= set(zones)
    assert document.styles["Heading 1"].element.find(f".//{qn('w:numId')}") is not None


def test_captions_count_by_chapter_and_are_referred_to(made: Path) -> None:
    """Each caption has a sequence of its chapter; every reference names the bookmark of a caption, and its number."""
    codes = [one.text for one in body(made).iter(qn("w:instrText"))]
    sequences = Counter(code.split()[1] for code in codes if code.startswith(" SEQ"))
    assert sequences == {"Table1": 1, "Figure1": 1, "Table2": 3, "Figure2": 1, "Table3": 4, "Figure3": 3, "Table4": 1,
                         "Figure4": 1, "Table5": 1, "Table6": 2}  # fmt: skip
    marks = {one.get(qn("w:name")) for one in body(made).iter(qn("w:bookmarkStart"))}
    references = [code.split()[1] for code in codes if code.startswith(" REF")]
    assert len(references) >= 12
    assert set(references) <= marks
    said = [words_of(one) for one in body(made).iter(qn("w:p"))]
    assert any("不能判断各项指标的完成进度；表2-1只列基期值和目标值" in one for one in said)
    assert "表2-1　主要指标：基期与目标" in said


def test_tables_repeat_their_heads_and_pictures_say_what_they_show(made: Path) -> None:
    document = body(made)
    tables = list(document.iter(qn("w:tbl")))
    assert len(tables) == 12
    for table in tables:
        heads = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.iter(qn("w:tr"))]
        assert heads[0]
        assert not any(heads[1:])
        assert sum(int(one.get(qn("w:w"))) for one in table.iter(qn("w:gridCol"))) <= 160 / 25.4 * 1440 + 12
    shapes = list(document.iter(qn("wp:docPr")))
    assert len(shapes) == 6
    assert all(one.get("descr") for one in shapes)
    assert len({one.get("id") for one in shapes}) == 6
    indicator = next(one.get("descr") for one in shapes if one.get("name") == "图2-1")
    assert indicator.startswith("地铁里程（已建成）：最高 瓜沥镇")
    for size in document.iter(qn("wp:extent")):
        assert int(size.get("cx")) == pytest.approx(160 * 36000, abs=2)  # EMU of a millimetre; the stated width
        assert int(size.get("cy")) == pytest.approx(110 * 36000, rel=2e-3)


def test_every_style_has_a_chinese_font_and_a_language(made: Path) -> None:
    document = docx.Document(str(made))
    for style in document.styles:
        if style.type == 4:  # a list has no letters
            continue
        fonts = style.element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
        language = style.element.find(f"{qn('w:rPr')}/{qn('w:lang')}")
        assert fonts is not None, style.name
        assert fonts.get(qn("w:eastAsia")), style.name
        assert language is not None, style.name
        assert language.get(qn("w:eastAsia")) == "zh-CN", style.name


def test_clauses_and_names_lead_to_their_pages(made: Path) -> None:
    """The GDP target stands in item 1 of table 2; the address is the page's, and the anchor is there."""
    document = docx.Document(str(made))
    relations = {key: one.target_ref for key, one in document.part.rels.items() if one.is_external}
    assert all(url.startswith(BASE) for url in relations.values())
    links = {words_of(one): relations[one.get(qn("r:id"))] for one in document.element.body.iter(qn("w:hyperlink"))
             if one.get(qn("r:id"))}  # fmt: skip
    assert links["表2 第1项"].startswith(f"{BASE}/chapter/1#")
    assert links["湘湖国家旅游度假区"] == f"{BASE}/feature/pole/xianghu"
    assert links["中部都市中央活力区"] == f"{BASE}/zone/central"
    assert links["城市轨道交通建设总里程"] == f"{BASE}/claims#claim-rail-104"


def test_the_figures_are_those_of_the_edition(made: Path, found: Inventory) -> None:
    """Rows of the main indicators as the plan prints them; verdicts as the claims have them; 28 results."""
    rows = [[words_of(cell) for cell in row.iter(qn("w:tc"))] for row in body(made).iter(qn("w:tr"))]
    assert ["地区生产总值", "亿元", "1,828.47", "2,600", "预期性", "表2 第1项"] in rows
    assert ["全员劳动生产率", "万元/人", "17.8（2019）", "21.5", "预期性", "表2 第2项"] in rows
    review = next(row for row in rows if row[0] == "一般公共预算收入（亿元）")
    assert review == ["一般公共预算收入（亿元）", "140.5", "188", "300.03", "6", "16.4", "完成", "表1 第4项"]
    counted = Counter(one["verdict"] for one in found.claims if not one["self_check"])
    text = words_of(body(made))
    assert f"相符 {counted['agrees']} 项，不符 {counted['differs']} 项" in text
    assert [f"不符 {counted['differs']}"] in rows


def test_the_same_edition_gives_the_same_bytes(made: Path, found: Inventory, tmp_path: Path) -> None:
    write.write(found, tmp_path / "r.docx", write.Wanted("zh", PageLinks(found, "zh", BASE)))
    assert (tmp_path / "r.docx").read_bytes() == made.read_bytes()
    with zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
        assert not [name for name in archive.namelist() if "vba" in name.lower()]


# ---- what LibreOffice makes of it


def test_libreoffice_numbers_alike(pdf: pypdfium2.PdfDocument) -> None:
    """Headings, captions and references carry the numbers that the file says, counted anew by LibreOffice."""
    text = re.sub(r"[ \r\n\t]+", "", "".join(page.get_textpage().get_text_range() for page in pdf))
    expected = (
        "1总体情况", "2.2上一规划期", "3.3南部生态经济样板区", "6.3版本与使用", "表3-4　南部生态经济样板区：要素",
        "图3-3　南部生态经济样板区", "空间布局见图1-1，各类要素的建设状态见表1-1", "表5-1　规划的数字与校核结果",
    )  # fmt: skip
    for told in expected:
        assert told in text, told
    assert "错误" not in text.replace("错误率", "")
    assert "未找到引用源" not in text


def test_libreoffice_repeats_heads(pdf: pypdfium2.PdfDocument) -> None:
    """The table of checked figures is longer than three pages, and each of them has its head."""
    pages = [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pdf]
    assert sum("数字规划量得说明出处" in page for page in pages) >= 4


def test_libreoffice_prints_whole_pages(pdf: pypdfium2.PdfDocument) -> None:
    """A4; no page but the first is nearly empty; letters are embedded and no margin is written over."""
    assert 30 <= len(pdf) <= 60
    for number, page in enumerate(pdf):
        assert [round(side / 72 * 25.4) for side in page.get_size()] == [210, 297]
        pixels = page.render(scale=0.5, grayscale=True).to_numpy().squeeze()
        assert (pixels < 200).sum() > 100, number
        edge = round(15 / 25.4 * 72 * 0.5)
        assert np.all(pixels[:, :edge] > 200), f"page {number + 1} writes into its left margin"
        assert np.all(pixels[:, -edge:] > 200), f"page {number + 1} writes into its right margin"
