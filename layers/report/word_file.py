"""A document as DOCX: native headings, captions that Word counts, references, tables with heads that repeat."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Emu, Mm

from layers.drawing.sheet import pixels
from layers.report.blocks import PICTURE, TABLE, Block, Document, Heading, Paragraph, Picture, Span, Table, Text
from layers.report.blocks import widths as widths_of
from layers.report.look import look
from layers.report.ooxml import Element, bookmarked, field, hyperlink, paragraph, run, w
from layers.report.printed import printed
from layers.report.shipped import BODY_TEXT, CAPTION, LINK, NOTE, TABLE_TEXT, TOC1, TOC2, dress
from layers.report.template import BODY, CONTENTS, Template

DPI = 200
_SEQUENCES = {TABLE: "Table", PICTURE: "Figure"}
_TWIPS_MM = 1440 / 25.4
_LEAST_MM = 60.0
"""A column of text is taken to be no narrower."""
_FIRST_MARK = 10_000
"""An office's own template has smaller numbers for its bookmarks and pictures."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every part, so that the same content gives the same bytes."""


def write(document: Document, template: Template, path: Path) -> None:
    """Write a document into a template.

    Args:
        document: Its chapters in the template's order.
        template: Shipped, or an office's own.
        path: Where to; written as it is, the caller makes it whole or nothing.
    """
    package, places = template.document(document.fields)
    made = _Writer(document, package.docx)
    dress(made.docx, document.lang)
    blocks = {
        chapter.key: [one for block in chapter.blocks for one in made.block(block)] for chapter in document.chapters
    }
    blocks[BODY] = [one for chapter in document.chapters for one in blocks[chapter.key]] if BODY in places else []
    blocks[CONTENTS] = made.contents() if CONTENTS in places else []
    for name, place in places.items():
        for one in blocks.get(name, []):
            place.addprevious(one)
        place.getparent().remove(place)
    properties = made.docx.core_properties
    properties.title = document.fields["title"][:255]
    properties.author = document.fields["attribution"][:255]
    properties.language = "zh-CN" if document.lang == "zh" else "en-GB"
    properties.created = properties.modified = datetime(int(document.fields["as_of"]), 1, 1)  # noqa: DTZ001 - has no hour
    properties.comments = document.fields["edition_line"][:255]
    whole = io.BytesIO()
    package.docx.save(whole)
    path.write_bytes(_same_bytes(whole.getvalue()))


def _same_bytes(content: bytes) -> bytes:
    """A package with its parts in order and without the hour at which it was made."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            part = zipfile.ZipInfo(name, _DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return made.getvalue()


class _Writer:
    """Blocks as elements; counts bookmarks and knows the links of its part."""

    def __init__(self, document: Document, docx: Any) -> None:
        self.document, self.docx = document, docx
        self.marks = _FIRST_MARK
        self.links: dict[str, str] = {}
        self.headings: list[tuple[int, str, str]] = []
        self.numbers = [0, 0]
        page = look()["page"]
        self.width_mm = float(page["width"] - 2 * page["margin"])
        sides = [(one.page_width, one.left_margin, one.right_margin) for one in docx.sections]
        if sides and all(side is not None for side in sides[-1]):
            across, left, right = sides[-1]
            self.width_mm = max(_LEAST_MM, float(Emu(across - left - right).mm))

    def block(self, block: Block) -> Iterator[Element]:
        """The elements of a block."""
        if isinstance(block, Heading):
            yield self._heading(block)
        elif isinstance(block, Paragraph):
            yield paragraph(NOTE if block.small else BODY_TEXT, *self.spans(block.text))
        elif isinstance(block, Table):
            yield self._caption(block, keep=True)
            yield self._table(block)
            yield paragraph(NOTE)
        else:
            yield from self._picture(block)

    # ---- text

    def spans(self, text: Text, *, bold: bool = False) -> Iterator[Element]:
        """A text as runs, links and fields."""
        for span in text:
            if span.ref:
                yield from field(f"REF {_bookmark(span.ref)} \\h", self.document.label(span.ref))
            elif span.url:
                yield hyperlink(run(span.text, style=LINK, bold=bold), relation=self._relation(span.url))
            else:
                yield run(span.text, bold=bold or span.strong)

    def _relation(self, url: str) -> str:
        if url not in self.links:
            part = self.docx.part
            self.links[url] = part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        return self.links[url]

    def _marked(self, name: str, *children: Element) -> list[Element]:
        self.marks += 1
        return bookmarked(self.marks, name, *children)

    def _heading(self, block: Heading) -> Element:
        at = block.level - 1
        self.numbers[at] += 1
        self.numbers[at + 1 :] = [0] * (len(self.numbers) - at - 1)
        number = ".".join(str(one) for one in self.numbers[: block.level])
        name = f"_Toc{len(self.headings) + 1:06d}"
        self.headings.append((block.level, f"{number} {block.text}", name))
        return paragraph(f"Heading{block.level}", *self._marked(name, run(block.text)))

    def contents(self) -> list[Element]:
        """The list of contents; only who sets the pages knows their numbers: Word adds them when it opens the file."""
        begin = [w("r", w("fldChar", fldCharType="begin", dirty="true")), *_instruction('TOC \\o "1-2" \\h \\z \\u'),
                 w("r", w("fldChar", fldCharType="separate"))]  # fmt: skip
        lines = []
        for at, (level, told, name) in enumerate(self.headings):
            line = hyperlink(run(told), anchor=name)
            lines.append(paragraph((TOC1, TOC2)[level - 1], *(begin if not at else []), line))
        end = paragraph(TOC1, w("r", w("fldChar", fldCharType="end")))
        return [paragraph("TOCHeading", run(self.document.contents)), *lines, end]

    # ---- tables and pictures

    def _caption(self, block: Table | Picture, *, keep: bool = False) -> Element:
        """A caption with a sequence of its chapter: ``表2-`` and a field, which LibreOffice counts as Word does."""
        kind, chapter, number = self.document.numbers[block.key]
        label = self.document.labels[kind]
        counted = field(f"SEQ {_SEQUENCES[kind]}{chapter} \\* ARABIC", str(number))
        mark = self._marked(_bookmark(block.key), run(f"{label}{chapter}-"), *counted)
        source = self.spans(block.source) if isinstance(block, Picture) and block.source else ()
        gap = [run("　" if self.document.lang == "zh" else "  ")] if source else []
        told = run(f"{'　' if self.document.lang == 'zh' else '  '}{block.caption}")
        return paragraph(CAPTION, *mark, told, *gap, *source, keepNext=keep)

    def _picture(self, block: Picture) -> Iterator[Element]:
        width = min(self.width_mm, block.figure.width_mm)
        holder = self.docx.add_paragraph()
        across, down = (round(side / 25.4 * DPI) for side in (block.figure.width_mm, block.figure.height_mm))
        made = io.BytesIO(pixels(block.figure.svg, across, down))
        shape = holder.add_run().add_picture(made, width=Mm(width))
        about = shape._inline.docPr
        about.set("descr", printed(block.alt))
        about.set("title", printed(block.caption))
        self.marks += 1
        about.set("id", str(self.marks))
        about.set("name", self.document.label(block.key))
        drawing = holder._p.find(qn("w:r"))
        self.docx.element.body.remove(holder._p)
        yield paragraph("Normal", drawing, keepNext=True, jc="center")
        yield self._caption(block)

    def _table(self, table: Table) -> Element:
        em = look()["size"]["table"] / 72 * 25.4
        widths = [round(one * em * _TWIPS_MM) for one in widths_of(table, self.width_mm / em)]
        colour = look()["colour"]
        lines = [
            w(side, val="single", sz=size, space=0, color=colour["rule"].removeprefix("#"))
            for side, size in (("top", 12), ("bottom", 12), ("insideH", 4))
        ]
        margins = [w(side, w=80, type="dxa") for side in ("left", "right")]
        properties = w(
            "tblPr", w("tblW", w=sum(widths), type="dxa"), w("jc", val="center"), w("tblBorders", *lines),
            w("tblLayout", type="fixed"), w("tblCellMar", *margins),
            w("tblLook", val="0020", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
            w("tblCaption", val=printed(f"{self.document.label(table.key)} {table.caption}")),
        )  # fmt: skip
        grid = w("tblGrid", *(w("gridCol", w=width) for width in widths))
        head = self._row(table, tuple((Span(column.heading),) for column in table.columns), widths, head=True)
        return w("tbl", properties, grid, head, *(self._row(table, row, widths) for row in table.rows))

    def _row(self, table: Table, row: tuple[Text, ...], widths: list[int], *, head: bool = False) -> Element:
        colour = look()["colour"]
        over = len(row) == 1 and len(widths) > 1
        shade = colour["head"] if head else colour["group"] if over else ""
        cells = []
        for at, text in enumerate(row):
            width = sum(widths) if over else widths[at]
            properties = [w("tcW", w=width, type="dxa"), *([w("gridSpan", val=len(widths))] if over else []),
                          *([w("shd", val="clear", color="auto", fill=shade.removeprefix("#"))] if shade else []),
                          w("vAlign", val="center")]  # fmt: skip
            aligned = "right" if table.columns[at].figures and not over else ""
            content = paragraph(TABLE_TEXT, *self.spans(text, bold=head or over), keepNext=over, jc=aligned)
            cells.append(w("tc", w("tcPr", *properties), content))
        flags = [w("cantSplit"), *([w("tblHeader")] if head else [])]
        return w("tr", w("trPr", *flags), *cells)


def _instruction(code: str) -> list[Element]:
    made = w("instrText")
    made.text = f" {code} "
    made.set(qn("xml:space"), "preserve")
    return [w("r", made)]


def _bookmark(key: str) -> str:
    """A bookmark's name: letters, figures and underscores, at most forty."""
    safe = "".join(one if one.isascii() and one.isalnum() else "_" for one in key)[:24]
    return f"_Ref_{safe}_{crc32(key.encode()):08x}"
