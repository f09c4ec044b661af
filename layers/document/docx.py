"""DOCX as blocks: the body's XML is walked, for what people see in it is not what its paragraphs hold.

Numbers of headings come from the numbering of styles; insertions, content controls, smart tags and simple fields are
read; what is deleted, moved away or hidden is not, nor the second version of a drawing for older programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from layers.document.blocks import Block
from layers.document.docx_numbers import Numbering, Styles
from layers.document.packages import Package, attribute, child, local
from layers.document.source import Remark
from layers.model.errors import LayersError

BODY = "word/document.xml"
_WITHIN = frozenset(
    ("ins", "moveTo", "smartTag", "fldSimple", "hyperlink", "sdt", "sdtContent", "customXml", "bdo", "dir", "ruby",
     "rubyBase")
)  # fmt: skip
_OFF = ("0", "false", "off")
_TABLES_DEEP = 8


def read(raw: bytes, shown: str) -> tuple[list[Block], list[Remark]]:
    """The blocks of a document, with what was left out.

    Raises:
        LayersError: ``document.damaged``, ``document.no_docx``, ``document.encrypted``, ``document.too_large``,
            ``document.nested``, ``document.declared``.
    """
    package = Package(raw, shown)
    if BODY not in package:
        raise LayersError("document.no_docx", file=shown)
    styles = Styles.read(package)
    walk = _Walk(styles, Numbering.read(package, styles), shown)
    blocks: list[Block] = []
    for element in package.children(BODY, level=2):
        blocks.extend(walk.block(element))
    blocks.extend(walk.rest())
    return blocks, _remarks(package, walk)


def _remarks(package: Package, walk: _Walk) -> list[Remark]:
    found = []
    if pictures := package.count("word/media/"):
        found.append(Remark("document.pictures", {"count": pictures}))
    if walk.left_out:
        found.append(Remark("document.marked_changes", {"count": walk.left_out}))
    if "word/footnotes.xml" in package and walk.notes:
        found.append(Remark("document.footnotes", {"count": walk.notes}))
    return found


@dataclass(slots=True)
class _Words:
    """What a paragraph holds: its words, and the frames that are anchored in it."""

    parts: list[str] = field(default_factory=list)
    frames: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    """Goes through a document's body.

    Attributes:
        left_out: How many deleted or hidden pieces were passed over.
        notes: How many footnotes are referred to.
    """

    styles: Styles
    numbering: Numbering
    shown: str
    left_out: int = 0
    notes: int = 0
    _open: str = ""

    def block(self, element: Element, kind: str = "", depth: int = 0) -> Iterator[Block]:
        """The blocks of an element of the body; ``kind`` is "box" inside a frame."""
        name = local(element)
        if name == "p":
            yield from self._paragraph(element, kind, depth)
        elif name == "tbl":
            yield from self._table(element, kind, depth)
        elif name in _WITHIN:
            for one in element:
                yield from self.block(one, kind, depth)
        elif name in ("del", "moveFrom"):
            self.left_out += 1

    def rest(self) -> Iterator[Block]:
        """A last paragraph whose end is deleted."""
        if self._open:
            yield Block("paragraph", self._open)
            self._open = ""

    def _paragraph(self, element: Element, kind: str, depth: int) -> Iterator[Block]:
        properties = child(element, "pPr")
        style = attribute(child(properties, "pStyle")) or self.styles.default
        if self.styles.is_contents(style):
            return
        words = _Words()
        self._inline(element, words)
        text = "".join(words.parts).strip()
        label = self.numbering.label(properties, style) if text else ""
        text, self._open = self._open + label + text, ""
        if child(properties, "rPr", "del") is not None:  # its end is deleted: the next one goes on
            self._open = text
        elif text:
            level = 0 if kind else self.styles.level(properties, style)
            yield Block("heading", text, level=level) if level else Block("box" if kind else "paragraph", text)
        for frame in words.frames:
            yield from self._frame(frame, depth)

    def _frame(self, frame: Element, depth: int) -> Iterator[Block]:
        self._deeper(depth)
        for element in frame:
            yield from self.block(element, "box", depth + 1)

    def _deeper(self, depth: int) -> None:
        if depth >= _TABLES_DEEP:
            raise LayersError("document.nested", file=self.shown)

    def _inline(self, element: Element, words: _Words) -> None:
        for one in element:
            name = local(one)
            if name == "r":
                self._run(one, words)
            elif name in _WITHIN:
                self._inline(one, words)
            elif name in ("del", "moveFrom"):
                self.left_out += 1
            elif name == "AlternateContent":
                self._drawing(one, words)

    def _run(self, run: Element, words: _Words) -> None:
        properties = child(run, "rPr")
        if self._hidden(properties):
            self.left_out += 1
            return
        for one in run:
            name = local(one)
            if name == "t":
                words.parts.append(one.text or "")
            elif name in ("tab", "br", "cr", "ptab"):
                words.parts.append(" ")
            elif name == "noBreakHyphen":
                words.parts.append("-")
            elif name in ("AlternateContent", "drawing", "pict", "object"):
                self._drawing(one, words)
            elif name == "ruby":
                self._inline(one, words)
            elif name in ("footnoteReference", "endnoteReference"):
                self.notes += 1

    def _hidden(self, properties: Element | None) -> bool:
        mark = child(properties, "vanish")
        if mark is not None:
            return (attribute(mark) or "1") not in _OFF
        return self.styles.hides(attribute(child(properties, "rStyle")))

    def _drawing(self, element: Element, words: _Words) -> None:
        """Frames in a drawing; of two versions the first that is not for older programs."""
        for one in element:
            name = local(one)
            if name == "txbxContent":
                words.frames.append(one)
            elif name == "Fallback" and any(local(other) == "Choice" for other in element):
                continue
            else:
                self._drawing(one, words)

    # ---- tables

    def _table(self, table: Element, kind: str, depth: int) -> Iterator[Block]:
        self._deeper(depth)
        rows = [self._cells(row) for row in _rows(table) if child(row, "trPr", "del") is None]
        head = 0
        for row in rows:  # rows of one cell on top are a frame: a box's title, or all of it
            if len([cell for cell in row if cell.element is not None]) > 1:
                break
            head += 1
        if head < len(rows) and not (head and self._is_title(rows[0], depth)):
            head = 0
        for row in rows[:head]:
            for cell in row:
                for element in cell.element if cell.element is not None else ():
                    yield from self.block(element, "box", depth + 1)
        if head < len(rows):
            said = tuple(tuple(self._said(cell, depth) for cell in row) for row in rows[head:])
            yield Block("table", rows=said, boxed=bool(kind or head))

    def _is_title(self, row: list[_Cell], depth: int) -> bool:
        said = "".join(self._said(cell, depth) for cell in row)
        return said.replace(" ", "").lstrip("[【").startswith("专栏")

    def _cells(self, row: Element) -> list[_Cell]:
        cells = []
        properties = child(row, "trPr")
        cells += [_Cell(None)] * _number(child(properties, "gridBefore"))
        for cell in _of(row, "tc"):
            of_cell = child(cell, "tcPr")
            goes_on = child(of_cell, "vMerge")
            merged = goes_on is not None and attribute(goes_on) != "restart"
            cells.append(_Cell(None if merged else cell))
            cells += [_Cell(None)] * (min(_number(child(of_cell, "gridSpan")), 200) - 1)
        return cells

    def _said(self, cell: _Cell, depth: int) -> str:
        """A cell's words in one line; a table in it row by row."""
        if cell.element is None:
            return ""
        if cell.said is None:
            inside = (block for element in cell.element for block in self.block(element, "box", depth + 1))
            cell.said = _joined(
                block.text or "；".join(" ".join(filter(None, row)) for row in block.rows) for block in inside
            )
        return cell.said


@dataclass(slots=True)
class _Cell:
    """A cell; without element where it belongs to a merged one before it."""

    element: Element | None
    said: str | None = None


def _rows(table: Element) -> Iterator[Element]:
    return _of(table, "tr")


def _of(element: Element, name: str) -> Iterator[Element]:
    """The elements of a name below, also inside content controls and marked insertions."""
    for one in element:
        if local(one) == name:
            yield one
        elif local(one) in _WITHIN:
            yield from _of(one, name)


def _number(element: Element | None) -> int:
    value = attribute(element) or ""
    return int(value) if value.isdecimal() and len(value) < 5 else 0


def _joined(parts: Iterable[str]) -> str:
    """Lines of a cell as one; between Latin words and digits a blank stays."""
    said = ""
    for part in parts:
        apart = bool(said) and said[-1].isascii() and said[-1].isalnum() and part[:1].isascii() and part[:1].isalnum()
        said += (" " if apart else "") + part
    return said
