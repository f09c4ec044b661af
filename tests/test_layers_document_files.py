"""Readers of documents: each test makes its own, and says what a person sees in it."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
import typst
from cases import every
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from layers.document.blocks import Block
from layers.document.clauses import clauses
from layers.document.pdf import _plain
from layers.document.source import Document, read_document
from layers.model.errors import LayersError
from tools import invented_county

W = nsdecls("w")
SHIPPED = invented_county.PLACE


def words(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def made(tmp_path: Path, make: Callable[[Any], None]) -> Document:
    """A document made with python-docx, read."""
    document = docx.Document()
    make(document)
    document.save(tmp_path / "plan.docx")
    return read_document(tmp_path / "plan.docx")


def refused(path: Path) -> LayersError:
    with pytest.raises(LayersError) as caught:
        read_document(path)
    for lang in ("zh", "en"):
        assert caught.value.message(lang)
        assert caught.value.remedy(lang)
    return caught.value


# ---- DOCX


def test_what_people_see_in_a_paragraph_is_read(tmp_path: Path) -> None:
    inner = (
        "<w:r><w:t>新增</w:t></w:r>"
        '<w:ins w:id="1" w:author="a"><w:r><w:t>150</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>120</w:delText></w:r></w:del>'
        '<w:moveFrom w:id="3" w:author="a"><w:r><w:t>旧</w:t></w:r></w:moveFrom>'
        '<w:moveTo w:id="4" w:author="a"><w:r><w:t>公里</w:t></w:r></w:moveTo>'
        '<w:smartTag w:element="x"><w:r><w:t>，2025年</w:t></w:r></w:smartTag>'
        '<w:fldSimple w:instr="SEQ"><w:r><w:t>，表3</w:t></w:r></w:fldSimple>'
        '<w:hyperlink w:anchor="x"><w:r><w:t>，见附</w:t></w:r></w:hyperlink>'
        "<w:sdt><w:sdtContent><w:r><w:t>，达到5%</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>（内部）</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>。</w:t></w:r>'
    )
    found = made(tmp_path, lambda one: one.element.body.insert(0, parse_xml(f"<w:p {W}>{inner}</w:p>")))
    assert words(found) == ["新增150公里，2025年，表3，见附，达到5%。"]
    assert [(remark.key, remark.params) for remark in found.remarks] == [("document.marked_changes", {"count": 3})]


def test_numbers_of_headings_are_counted(tmp_path: Path) -> None:
    def make(document: Any) -> None:
        invented_county._numbered_headings(document)
        for level, title in ((1, "目标"), (2, "总体"), (2, "具体"), (1, "空间"), (2, "布局")):
            document.add_heading(title, level)

    found = made(tmp_path, make)
    assert words(found) == ["第一章 目标", "第一节 总体", "第二节 具体", "第二章 空间", "第一节 布局"]
    assert [block.level for block in found.blocks] == [1, 2, 2, 1, 2]


def test_a_box_is_read_once_and_a_table_keeps_its_merged_cells(tmp_path: Path) -> None:
    def make(document: Any) -> None:
        invented_county._box(document, ["专栏2：项目", "1.公路。"])
        invented_county._box(document, ["专栏1：平台", "1.园区。"])
        table = document.add_table(rows=3, cols=3)
        for row, cells in enumerate((("类别", "指标", "值"), ("经济", "产值", "5"), ("", "增速", "6"))):
            for column, cell in enumerate(cells):
                table.cell(row, column).text = cell
        table.cell(1, 0).merge(table.cell(2, 0))

    found = made(tmp_path, make)
    texts = [
        Block("box", "专栏2：项目"),
        Block("box", "1.公路。"),
        Block("box", "专栏1：平台"),
        Block("box", "1.园区。"),
    ]
    assert list(found.blocks[:4]) == texts
    assert found.blocks[4].rows == (("类别", "指标", "值"), ("经济", "产值", "5"), ("", "增速", "6"))


def test_a_titled_box_with_columns_is_a_title_and_a_table(tmp_path: Path) -> None:
    def make(document: Any) -> None:
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "专栏3 重点工程"
        table.cell(1, 0).text, table.cell(1, 1).text = "水利", "水库"

    found = made(tmp_path, make)
    assert list(found.blocks) == [Block("box", "专栏3 重点工程"), Block("table", rows=(("水利", "水库"),), boxed=True)]


def test_a_thousand_pages_are_read(tmp_path: Path) -> None:
    def make(document: Any) -> None:
        one = f"<w:p {W}><w:r><w:t>{'全面提升产业能级。' * 11}</w:t></w:r></w:p>"
        document.element.body.insert(0, parse_xml(f"<w:sdt {W}><w:sdtContent>{one * 6_000}</w:sdtContent></w:sdt>"))

    found = made(tmp_path, make)
    assert len(found.blocks) == 6_000
    assert sum(len(text) for text in words(found)) == 6_000 * 99


# ---- the invented county, in every form


@pytest.fixture(scope="module")
def county() -> Document:
    return read_document(SHIPPED / "yunxiu-plan.docx")


def test_the_document_says_what_its_source_says(county: Document) -> None:
    source = clauses(read_document(SHIPPED / "yunxiu-plan.md").blocks)
    found = clauses(county.blocks)
    assert found.outline() == source.outline()
    assert {clause.id: clause.text for clause in found.clauses} == {one.id: one.text for one in source.clauses}
    assert found.outline()["表2"] == 16
    assert found.outline()["专栏2"] == 4


TYPST = """#set page(header: [云岫县规划], footer: context align(center)[— #counter(page).display() —])
#set text(font: "Noto Serif CJK SC", size: 10.5pt, lang: "zh")
#set par(justify: true, first-line-indent: (amount: 2em, all: true))
"""


def as_typst(text: str) -> str:
    """The plan's source as Typst's, headings in the middle, tables ruled, boxes framed."""
    out, box = [TYPST], ""
    for block in text.split("\n\n"):
        said = block.strip().replace("*", "\\*").replace("[", "\\[").replace("]", "\\]").replace("@", "\\@")
        if block.startswith("|"):
            rows = [line.strip("|").split("|") for line in said.splitlines() if not line.startswith("|-")]
            cells = ", ".join(f"[{cell.strip()}]" for row in rows for cell in row)
            out.append(f"#table(columns: {len(rows[0])}, {cells})")
        elif block.startswith("#"):
            out.append(f"#align(center)[*{said.lstrip('# ')}*]")
        elif block.startswith("专栏1"):
            box = said
        elif box and said.startswith(("1.", "2.")):
            box += "\n\n" + said
        elif box:
            out.append(f"#block(width: 100%, stroke: 0.5pt, inset: 6pt)[{box}\n\n{said}]")
            box = ""
        else:
            out.append(said.replace("\n", "\n\n"))
    return "\n\n".join(out)


def test_a_pdf_says_what_its_source_says(county: Document, tmp_path: Path) -> None:
    (tmp_path / "plan.typ").write_text(as_typst((SHIPPED / "yunxiu-plan.md").read_text("utf-8")), "utf-8")
    typst.compile(tmp_path / "plan.typ", output=str(tmp_path / "plan.pdf"))
    read = read_document(tmp_path / "plan.pdf")
    assert read.form == "pdf"
    assert "document.running_heads" in [remark.key for remark in read.remarks]
    found, source = clauses(read.blocks), clauses(county.blocks)
    assert found.outline() == source.outline()
    differ = [one.id for one in source.clauses if squeezed(found.by_id[one.id].text) != squeezed(one.text)]
    assert differ == []
    assert "云岫县规划" not in words(read)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_columns_of_a_pdf_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = "第一章左栏写的是产业发展和园区建设的目标任务以及各项要求的具体安排。" * 6
    right = "右栏写的是交通水利能源等基础设施建设的目标任务以及各项要求的安排。" * 6
    source = f"{TYPST}#columns(2)[{left}\n#colbreak()\n{right}]"
    (tmp_path / "plan.typ").write_text(source, "utf-8")
    typst.compile(tmp_path / "plan.typ", output=str(tmp_path / "plan.pdf"))
    said = "".join(words(read_document(tmp_path / "plan.pdf")))
    assert squeezed(said).removeprefix("云岫县规划") == left + right  # of one page nobody knows what runs on


@every(
    ("code", "word"), [(0x2F2D, "山"), (0x2ED3, "长"), (0x2EE2, "马"), (0xF900, "豈"), (0xFF0C, "，"), (0x3000, " ")]
)
def test_radicals_are_the_words_that_they_stand_for(code: int, word: str) -> None:
    assert _plain(code) == word


# ---- HTML and plain text

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>网站</title><style>p {{}}</style></head><body>
<nav>首页 <a href="/">导航</a></nav><script>var a = "<p>脚本</p>"</script>
<h1>第一章 目标</h1><p>到2025年，<b>总产值</b>达到5亿元。</p><p style="display:none">隐藏</p>
<table><tr><th>类别</th><th>指标</th><th>值</th></tr><tr><td rowspan="2">经济</td><td>产值</td><td>5</td></tr>
<tr><td>增速</td><td>6</td></tr><tr><td colspan="2">合计</td><td>7</td></tr></table>
<table><tr><td><p>专栏1：项目</p><p>1.公路。</p></td></tr></table><div>末段<br>又一行</div></body></html>"""


@every(("charset", "codec"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("gbk", "utf-8"), ("big5", "big5")])
def test_pages_are_read_whatever_they_say_of_their_encoding(charset: str, codec: str, tmp_path: Path) -> None:
    text = PAGE.format(charset=charset)
    if codec == "big5":
        text = (
            text.replace("隐藏", "")
            .replace("类别", "類別")
            .translate(
                str.maketrans("标总产亿达经济值项专栏导页码脚网站速计本", "標總產億達經濟值項專欄導頁碼腳網站速計本")
            )
        )
    (tmp_path / "plan.htm").write_bytes(text.encode(codec, "xmlcharrefreplace"))
    found = read_document(tmp_path / "plan.htm")
    assert found.form == "html"
    assert [block.kind for block in found.blocks] == [
        "heading", "paragraph", "table", "box", "box", "paragraph", "paragraph",
    ]  # fmt: skip
    rows = found.blocks[2].rows
    assert [len(row) for row in rows] == [3, 3, 3, 3]
    assert (rows[2][0], rows[3][1]) == ("", "")
    assert (rows[1][2], rows[2][2], rows[3][2]) == ("5", "6", "7")


TEXT = "第一章 目标\n第一节 总体\n二○二五年达到１５％。\n"


@every(("codec", "remark"), [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("gb18030", "document.gb18030")])
def test_encodings_of_plain_text(codec: str, remark: str, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes(TEXT.encode(codec))
    found = read_document(tmp_path / "plan.txt")
    assert words(found) == TEXT.splitlines()
    assert [one.key for one in found.remarks] == ([remark] if remark else [])


def test_two_encodings_in_one_text_are_said(tmp_path: Path) -> None:
    first, second, third = TEXT.splitlines(keepends=True)
    (tmp_path / "plan.txt").write_bytes(first.encode() + second.encode("gb18030") + third.encode())
    found = read_document(tmp_path / "plan.txt")
    assert words(found) == TEXT.splitlines()
    assert [(one.key, one.params) for one in found.remarks] == [("document.mixed", {"lines": "2", "count": 1})]


# ---- what is no plan


def zipped(**parts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


BODY = f"<w:document {W}><w:body>{{}}</w:body></w:document>"
NESTED = "<w:tbl><w:tr><w:tc>" * 30 + "<w:p><w:r><w:t>x</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 30
DEEPER = "<w:tbl><w:tr><w:tc>" * 300 + "</w:tc></w:tr></w:tbl>" * 300
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "document.empty"),
    "blanks": (b" \r\n\t", "document.empty"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "document.picture"),
    "old Word": (OLD, "document.old_word"),
    "with a password": (OLD + "EncryptedPackage".encode("utf-16-le"), "document.encrypted"),
    "rich text": (b"{\\rtf1\\ansi x}", "document.rich_text"),
    "a zip of something else": (zipped(a=b"x"), "document.no_docx"),
    "cut off": (zipped(word__document__xml=b"x" * 9000)[:80], "document.damaged"),
    "no XML": (zipped(**{"word__document.xml": b"<w:document"}), "document.damaged"),
    "a document type": (
        zipped(**{"word__document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>' + BODY.format("").encode()}),
        "document.declared",
    ),
    "an empty body": (zipped(**{"word__document.xml": BODY.format("").encode()}), "document.empty"),
    "nested tables": (zipped(**{"word__document.xml": BODY.format(NESTED).encode()}), "document.nested"),
    "tables without end": (zipped(**{"word__document.xml": BODY.format(DEEPER).encode()}), "document.nested"),
    "no PDF behind the mark": (b"%PDF-1.7\nx", "document.damaged"),
    "bytes": (bytes(range(256)) * 4, "document.not_text"),
    "no encoding": ("第一章 目标\n".encode() + b"\x81\x20\xff\xff\n", "document.encoding"),
}


@every("name", list(BAD))
def test_bad_input_is_named(name: str, tmp_path: Path) -> None:
    raw, key = BAD[name]
    path = tmp_path / "plan.docx"
    path.write_bytes(raw)
    assert refused(path).key == key


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.docx").key == "document.missing"
    assert refused(tmp_path).key == "document.no_file"


def test_a_pdf_of_pictures_is_named_with_its_pages(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(3):
        document.new_page(200, 200)
    document.save(tmp_path / "scan.pdf")
    error = refused(tmp_path / "scan.pdf")
    assert (error.key, error.params["pages"]) == ("document.scanned", 3)


def test_a_truncated_pdf_is_named(county: Document, tmp_path: Path) -> None:
    (tmp_path / "a.typ").write_text("x " * 400, "utf-8")
    typst.compile(tmp_path / "a.typ", output=str(tmp_path / "a.pdf"))
    raw = (tmp_path / "a.pdf").read_bytes()
    (tmp_path / "b.pdf").write_bytes(raw[: len(raw) // 3])
    assert refused(tmp_path / "b.pdf").key == "document.damaged"


def test_a_text_of_another_genre_has_no_chapters(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("尊敬的先生：\n来信收到。\n此致\n敬礼\n", "utf-8")
    with pytest.raises(LayersError) as caught:
        clauses(read_document(tmp_path / "letter.txt").blocks)
    assert caught.value.key == "document.no_chapter"
