"""HTML as blocks: headings, paragraphs, tables; what the page puts around its text is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from layers.document import plain
from layers.document.blocks import Block
from layers.document.source import Remark
from layers.model.errors import LayersError

HTML_BYTES = 20 * 2**20
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,20})""", re.IGNORECASE)
_CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "utf-8": "utf-8",
    "utf8": "utf-8",
}
_LEFT_OUT = frozenset(
    ("script", "style", "head", "title", "nav", "header", "footer", "aside", "noscript", "template", "select", "button",
     "form", "iframe", "object", "svg", "math", "textarea")
)  # fmt: skip
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_PIECES = frozenset(
    ("p", "div", "li", "section", "article", "main", "body", "html", "ul", "ol", "dl", "dt", "dd", "blockquote",
     "center", "caption", "figcaption", "pre", "address",
     "h1", "h2", "h3", "h4", "h5", "h6", "table")
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CELLS = 200
_DEEP = 8


def looks_like(head: bytes) -> bool:
    """Whether a file's first bytes are those of a page.

    Example:
        >>> looks_like(b"<!DOCTYPE html><html>"), looks_like("第一章".encode())
        (True, False)
    """
    return bool(
        re.match(rb"<(!doctype html|html|head|body|meta|\?xml[^>]*>\s*<(!doctype html|html))", head, re.IGNORECASE)
    )


def read(raw: bytes, shown: str) -> tuple[list[Block], list[Remark]]:
    """The blocks of a page.

    Raises:
        LayersError: ``document.encoding``, ``document.not_text``, ``document.too_large``, ``document.nested``.
    """
    if len(raw) > HTML_BYTES:
        raise LayersError("document.too_large", file=shown)
    text, remarks = _text(raw, shown)
    page = _Page(shown)
    page.feed(text)
    page.close()
    return page.finished(), remarks


def _text(raw: bytes, shown: str) -> tuple[str, list[Remark]]:
    stated = _CHARSET.search(raw[:4096])
    codec = _CODECS.get(stated[1].decode("ascii", "replace").lower()) if stated else None
    if codec and raw[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-8-sig" if codec == "utf-8" else codec), []
        except UnicodeDecodeError:
            pass  # what a page says of itself may be wrong
    return plain.decoded(raw, shown)


@dataclass(slots=True)
class _Grid:
    """A table that is being read; cells that reach down are kept for the rows below."""

    rows: list[list[str]] = field(default_factory=list)
    down: dict[int, int] = field(default_factory=dict)
    cell: list[str] | None = None
    inner: list[Block] = field(default_factory=list)
    spans: tuple[int, int] = (1, 1)

    def row(self) -> None:
        self.rows.append([])

    def place(self, text: str) -> None:
        """Put a finished cell into the row, after those that reach down from above."""
        if not self.rows:
            self.row()
        row = self.rows[-1]
        self.skip(row)
        across, down = self.spans
        at = len(row)
        row += [text] + [""] * (across - 1)
        for column in range(at, at + across):
            if down > 1:
                self.down[column] = down - 1

    def skip(self, row: list[str]) -> None:
        """Leave the places empty that belong to a cell above."""
        while self.down.get(len(row), 0):
            self.down[len(row)] -= 1
            row.append("")


class _Page(HTMLParser):
    """Collects blocks from a page's tags."""

    def __init__(self, shown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = shown
        self.blocks: list[Block] = []
        self.words: list[str] = []
        self.level = 0
        self.skipping: list[str] = []
        self.grids: list[_Grid] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        if self.skipping:
            if tag == self.skipping[-1] and tag not in _VOID:
                self.skipping.append(tag)
            return
        hidden = "hidden" in stated or _HIDDEN.search(stated.get("style") or "")
        if (tag in _LEFT_OUT or hidden) and tag not in _VOID and tag not in ("html", "body"):
            if tag != "head" or not self.blocks:
                self.skipping.append(tag)
            return
        if tag == "br":
            self._end()
        elif tag == "table":
            self._end()
            if len(self.grids) >= _DEEP:
                raise LayersError("document.nested", file=self.shown)
            self.grids.append(_Grid())
        elif tag == "tr" and self.grids:
            self._end_cell()
            self._end_row()
            self.grids[-1].row()
        elif tag in ("td", "th") and self.grids:
            self._end_cell()
            self.grids[-1].cell, self.grids[-1].inner = [], []
            self.grids[-1].spans = (_span(stated.get("colspan")), _span(stated.get("rowspan")))
        elif tag in _PIECES:
            self._end()
            self.level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal() else self.level

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.skipping:
            if tag == self.skipping[-1]:
                self.skipping.pop()
            return
        if tag in ("td", "th", "tr") and self.grids:
            self._end_cell()
            if tag == "tr":
                self._end_row()
        elif tag == "table" and self.grids:
            self._end_cell()
            self._end_row()
            self._put_table(self.grids.pop())
        elif tag in _PIECES:
            self._end()
            self.level = 0

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.words.append(data)

    def finished(self) -> list[Block]:
        """All blocks, tables that were never closed too."""
        self._end()
        while self.grids:
            self._end_cell()
            self._put_table(self.grids.pop())
        return self.blocks

    def _end(self) -> None:
        """A paragraph ends here."""
        text = " ".join("".join(self.words).split())
        self.words = []
        if not text:
            return
        if self.grids:
            grid = self.grids[-1]
            if grid.cell is not None:
                grid.cell.append(text)
                grid.inner.append(Block("box", text))
            return  # words between cells are no cell's
        self.blocks.append(Block("heading", text, level=self.level) if self.level else Block("paragraph", text))

    def _end_cell(self) -> None:
        self._end()
        grid = self.grids[-1]
        if grid.cell is not None:
            grid.place("".join(grid.cell))
            grid.cell = None

    def _end_row(self) -> None:
        grid = self.grids[-1]
        if grid.rows and grid.rows[-1]:
            grid.skip(grid.rows[-1])

    def _put_table(self, grid: _Grid) -> None:
        rows = tuple(tuple(row) for row in grid.rows if row)
        if not any(any(row) for row in rows):
            return
        one = len(rows) == 1 and sum(bool(cell) for cell in rows[0]) == 1
        found = list(grid.inner) if one and grid.inner else [Block("table", rows=rows)]
        outer = self.grids[-1] if self.grids else None
        if outer is not None and outer.cell is not None:  # a table in a cell
            outer.inner += [replace(block, boxed=True) if block.rows else block for block in found]
            outer.cell += [
                block.text or "；".join(" ".join(filter(None, row)) for row in block.rows) for block in found
            ]
        else:
            self.blocks += found


def _span(value: str | None) -> int:
    return min(max(int(value), 1), _CELLS) if value and value.strip().isdecimal() and len(value) < 5 else 1
