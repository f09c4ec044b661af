"""PDF with text as blocks: characters with their places, lines joined to paragraphs, ruled tables, no running heads.

Lines come in the order that PDFium gives, which keeps columns apart. What the lines mean is left to ``clauses``.
"""

from __future__ import annotations

import ctypes
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from layers.document.blocks import Block, Rows
from layers.document.pdf_grid import Grid, Rule, grids
from layers.document.pdf_open import open_grids
from layers.document.pdf_page import Sheet, footnotes, upright
from layers.document.pdf_radicals import RADICALS
from layers.document.source import Remark
from layers.model.errors import LayersError

MOST_PAGES = 3_000
_MOST_RULES = 6_000
_NUMBER = re.compile(r"[-—–·•.\s]*(?:第|Page)?\s*\d{1,4}\s*(?:页|/\s*\d+)?(?:[,，]?\s*共\s*\d+\s*页)?[-—–·•.\s]*")
_LEADER = re.compile(r"[.…·．]{4,}\s*\d{1,4}$")
_STARTS = re.compile(
    r"第[一二三四五六七八九十百〇零\d]{1,5}[章节篇编]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、](?!\d)|——|"
    r"[【\[]?专栏|[①-⑳]|[附]?表\s*\d"
)  # fmt: skip
_WORD = re.compile(r"(?:[\w.%‰+-]+(?<=[!-~])|.)?[，。；：！？、）》”’％,.;:!?)]*", re.ASCII)


@dataclass(slots=True)
class Char:
    """A character with its box in points, from the page's lower left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass(slots=True)
class Line:
    """A line of characters."""

    chars: list[Char] = field(default_factory=list)
    page: int = 0

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(char.text for char in self.chars).strip()

    def sorted(self) -> Line:
        """The same line from left to right: quotation marks of another font come late."""
        self.chars.sort(key=lambda char: char.left)
        return self

    @property
    def left(self) -> float:
        """Left edge of what is written."""
        return min(char.left for char in self.chars if not char.text.isspace())

    @property
    def right(self) -> float:
        """Right edge."""
        return max(char.right for char in self.chars)

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return min(char.bottom for char in self.chars)

    @property
    def top(self) -> float:
        """Upper edge."""
        return max(char.top for char in self.chars)

    @property
    def size(self) -> float:
        """Size of the type: of its largest character, for stops and digits are small."""
        return max(max(char.top - char.bottom, char.right - char.left) for char in self.chars if char.text != " ")


@dataclass(slots=True)
class _Page:
    number: int
    height: float
    pieces: list[Line | Grid]


def read(raw: bytes, shown: str) -> tuple[list[Block], list[Remark]]:
    """The blocks of a PDF, with what was left out.

    Raises:
        LayersError: ``document.damaged``, ``document.encrypted``, ``document.too_large``,
            ``document.scanned``, ``document.garbled``.
    """
    import pypdfium2  # noqa: PLC0415 - takes its time, and is asked for by PDF only

    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        key = "document.encrypted" if "password" in str(error).lower() else "document.damaged"
        raise LayersError(key, file=shown) from error
    try:
        count = len(document)
        if count > MOST_PAGES:
            raise LayersError("document.too_large", file=shown)
        pages = [_page(document, number, shown) for number in range(count)]
    finally:
        document.close()
    return _blocks(pages, shown)


def _blocks(pages: list[_Page], shown: str) -> tuple[list[Block], list[Remark]]:
    bare = [page.number for page in pages if not page.pieces]
    if len(bare) == len(pages):
        raise LayersError("document.scanned", file=shown, pages=len(pages))
    _refuse_nonsense(pages, shown)
    heads = _running_heads(pages)
    body = _size_of_body(pages)
    notes = [footnotes(page.pieces, body) for page in pages]
    remarks = []
    if heads:
        remarks.append(Remark("document.running_heads", {"count": heads}))
    if any(notes):
        remarks.append(Remark("document.page_notes", {"count": sum(map(len, notes))}))
    if bare:
        some = "、".join(map(str, bare[:8])) + ("…" if len(bare) > 8 else "")
        remarks.append(Remark("document.pages_without_text", {"pages": some, "count": len(bare)}))
    blocks: list[Block] = []
    last: _Piece | None = None
    waiting: list[Block] = []
    for page, own in zip(pages, notes, strict=True):
        pieces = list(_of_page(page, body))
        count = len(blocks)
        last = _add(blocks, pieces[:1], last, body)
        if waiting and (len(blocks) > count or pieces[1:]):  # a note stands after the paragraph that its page ends with
            at = min(len(blocks), count)
            blocks[at:at] = waiting
            waiting = []
        if pieces[1:]:
            last = _add(blocks, pieces[1:], None, body)
        waiting += [Block("paragraph", _joined(line.text for line in note), page=page.number) for note in own]
    return blocks + waiting, remarks


def _refuse_nonsense(pages: list[_Page], shown: str) -> None:
    counts: Counter[bool] = Counter()
    for page in pages:
        for piece in page.pieces:
            chars = piece.chars if isinstance(piece, Line) else [one for cell in piece.cells for one in cell.chars]
            counts.update(
                unicodedata.category(char.text[0]) in ("Co", "Cn", "Cc") or char.text == "\ufffd" for char in chars
            )
    if counts[True] * 4 > counts[False]:
        raise LayersError("document.garbled", file=shown)


# ---- one page


def _page(document: Any, number: int, shown: str) -> _Page:
    import pypdfium2  # noqa: PLC0415

    try:
        page = document[number]
        try:
            page.set_rotation(0)  # how its words stand says more than how it is shown
            text = page.get_textpage()
            try:
                sheet = upright(text, page)
                lines = list(_lines(text, number + 1, sheet))
            finally:
                text.close()
            if sheet.quarters:  # of words on their side PDFium gives the lines in the page's order
                lines.sort(key=lambda line: -line.top)
            rules = [one for rule in _rules(page) if (one := sheet.rule(rule)) is not None]
            found = grids(rules, sheet.width, sheet.height)
            free = [one for one in rules if not any(grid.crossed_by(one) for grid in found)]
            chars = [char for line in lines for char in line.chars if not any(g.holds(*char.middle) for g in found)]
            found += open_grids(free, chars, sheet.width)
            return _Page(number + 1, sheet.height, _in_grids(lines, found))
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise LayersError("document.damaged", file=shown) from error


def _lines(text: Any, page: int, sheet: Sheet) -> Iterator[Line]:
    """The lines as PDFium parts them, upright."""
    from pypdfium2 import raw  # noqa: PLC0415

    edges = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = edges
    pointers = [ctypes.byref(edge) for edge in edges]
    handle, line = text.raw, Line(page=page)
    for index in range(text.count_chars()):
        character = _plain(raw.FPDFText_GetUnicode(handle, index))
        if character == "\n":
            if line.text:
                yield line.sorted()
            line = Line(page=page)
        elif character:
            raw.FPDFText_GetCharBox(handle, index, *pointers)
            if character == " " and (not line.chars or left.value == right.value):
                if line.chars and (last := line.chars[-1]).text != " ":
                    line.chars.append(Char(" ", last.right, last.bottom, last.right, last.top))
                continue
            line.chars.append(Char(character, *sheet.box(left.value, bottom.value, right.value, top.value)))
    if line.text:
        yield line.sorted()


def _plain(code: int) -> str:
    """A character as people write it: radicals that fonts give in place of words are the words.

    Example:
        >>> _plain(0x2F2D), _plain(0x2ED3), _plain(0xFF0C), _plain(2)
        ('山', '长', '，', '')
    """
    if 0x2E80 <= code <= 0x2EF3:
        return RADICALS.get(code, chr(code))
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0xFB00 <= code <= 0xFB06:
        return unicodedata.normalize("NFKC", chr(code))
    if code in (0x00A0, 0x2002, 0x2003, 0x3000, 0x09):
        return " "
    if code == 0x0A:
        return "\n"
    return "" if code < 0x20 or code in (0xFFFE, 0xFFFF, 0x00AD, 0x200B) or 0xD800 <= code < 0xE000 else chr(code)


def _rules(page: Any) -> list[Rule]:
    """The straight lines that are drawn along the edges of the page, also as thin filled rectangles."""
    from pypdfium2 import raw  # noqa: PLC0415

    found: list[Rule] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for shape in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        if len(found) > _MOST_RULES:
            return []
        matrix = shape.get_matrix()
        points: list[tuple[float, float, int]] = []
        count = raw.FPDFPath_CountSegments(shape.raw)
        if count > _MOST_RULES:
            continue
        for index in range(count):
            segment = raw.FPDFPath_GetPathSegment(shape.raw, index)
            raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            u, v = matrix.on_point(x.value, y.value)
            points.append((u, v, raw.FPDFPathSegment_GetType(segment)))
            if raw.FPDFPathSegment_GetClose(segment):
                start = next((one for one in reversed(points) if one[2] == raw.FPDF_SEGMENT_MOVETO), points[0])
                points.append((start[0], start[1], raw.FPDF_SEGMENT_LINETO))
        for before, after in pairwise(points):
            if after[2] == raw.FPDF_SEGMENT_LINETO:
                rule = Rule.of(before[0], before[1], after[0], after[1])
                if rule is not None:
                    found.append(rule)
    return found


def _in_grids(lines: list[Line], found: list[Grid]) -> list[Line | Grid]:
    """Lines outside of tables, and each table where its first character stands."""
    pieces: list[Line | Grid] = []
    placed: set[int] = set()
    for line in lines:
        rest = Line(page=line.page)
        for char in line.chars:
            grid = next((one for one in found if one.holds(*char.middle)), None)
            if grid is None:
                rest.chars.append(char)
                continue
            if id(grid) not in placed:
                placed.add(id(grid))
                pieces.append(grid)
            grid.put(char)
        if rest.text:
            pieces.append(rest)
    return pieces


# ---- what stands around the text


def _running_heads(pages: list[_Page]) -> int:
    """Take out headers, footers and page numbers; how many lines."""
    seen: Counter[tuple[bool, str]] = Counter()
    edges: list[tuple[_Page, Line, tuple[bool, str]]] = []
    for page in pages:
        lines = sorted((piece for piece in page.pieces if isinstance(piece, Line)), key=lambda line: -line.top)
        for line in {id(one): one for one in (*lines[:2], *lines[-2:])}.values():
            above = line.bottom > page.height * 0.9
            if above or line.top < page.height * 0.1:
                key = above, re.sub(r"\d+", "#", line.text.replace(" ", ""))
                edges.append((page, line, key))
                seen[key] += 1
    gone = 0
    for page, line, key in edges:
        if _NUMBER.fullmatch(line.text) or seen[key] >= max(2, min(len(pages) // 3, 5)):
            page.pieces.remove(line)
            gone += 1
    return gone


def _size_of_body(pages: list[_Page]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page.pieces:
            if isinstance(piece, Line):
                sizes[round(piece.size, 1)] += len(piece.chars)
    return sizes.most_common(1)[0][0] if sizes else 10.0


# ---- paragraphs


def _of_page(page: _Page, body: float) -> Iterator[_Piece]:
    lines: list[Line] = []
    for piece in page.pieces:
        if isinstance(piece, Line):
            lines.append(piece)
            continue
        yield from _paragraphs(lines, body, "paragraph")
        lines = []
        yield from _of_grid(piece, body, page.number)
    yield from _paragraphs(lines, body, "paragraph")


def _of_grid(grid: Grid, body: float, page: int) -> Iterator[_Piece]:
    """A ruled table as rows; rows of one cell on top are a box, or its title."""
    rows = [[_cell_lines(cell.chars, page) if cell else [] for cell in row] for row in grid.rows()]
    cells = [sum(cell is not None for cell in row) for row in grid.rows()]
    head = 0
    while head < len(rows) and cells[head] == 1:
        head += 1
    titled = bool(rows) and "".join(line.text for cell in rows[0] for line in cell).lstrip("[【 ").startswith("专栏")
    if head < len(rows) and not (head and titled):
        head = 0
    for row in rows[:head]:
        for cell in row:
            yield from _paragraphs(cell, body, "box")
    if head < len(rows):
        said = tuple(tuple(_joined(line.text for line in cell) for cell in row) for row in rows[head:])
        yield _Piece(Block("table", rows=said, page=page, boxed=head > 0))


def _cell_lines(chars: Sequence[Char], page: int) -> list[Line]:
    """The characters of a cell as lines, from above: each belongs to the line whose height it shares."""
    lines: list[Line] = []
    spans: list[tuple[float, float]] = []
    for char in chars:
        middle = char.middle[1]
        size = max(char.top - char.bottom, char.right - char.left, 3.0)
        near = range(len(lines) - 1, -1, -1)
        at = next((n for n in near if spans[n][0] - size / 4 <= middle <= spans[n][1] + size / 4), None)
        if at is None:
            if char.text == " ":
                continue
            lines.append(Line(page=page))
            spans.append((char.bottom, char.top))
            at = len(lines) - 1
        elif char.text != " ":
            spans[at] = min(spans[at][0], char.bottom), max(spans[at][1], char.top)
        lines[at].chars.append(char)
    return sorted((line.sorted() for line in lines if line.text), key=lambda line: -line.top)


def _joined(parts: Iterable[str]) -> str:
    said = ""
    for part in parts:
        apart = bool(said) and said[-1].isascii() and said[-1].isalpha() and part[:1].isascii() and part[:1].isalpha()
        said += (" " if apart else "") + part
    return said


@dataclass(frozen=True, slots=True)
class _Set:
    """A line with the column that it stands in: its edges, and the gap that its lines leave."""

    line: Line
    left: float
    right: float
    gap: float


@dataclass(slots=True)
class _Piece:
    """A block, with its first and last line, which tell whether it goes on over a page."""

    block: Block
    first: _Set | None = None
    last: _Set | None = None


def _paragraphs(lines: Sequence[Line], body: float, kind: str) -> Iterator[_Piece]:
    """Wrapped lines joined: a line that reaches the right edge goes on in one that begins at the left edge."""
    found: _Piece | None = None
    for one in _columns([line for line in lines if not _LEADER.search(line.text)]):
        if found is not None and found.last is not None and _goes_on(found.last, one, body):
            found.block = replace(found.block, text=_joined((found.block.text, one.line.text)))
            found.last = one
        else:
            if found is not None:
                yield found
            found = _Piece(Block(kind, one.line.text, page=one.line.page), one, one)  # type: ignore[arg-type]
    if found is not None:
        yield found


def _columns(lines: Sequence[Line]) -> Iterator[_Set]:
    """Lines with their columns: a new one begins where the next line stands higher."""
    runs: list[list[Line]] = []
    for line in lines:
        if not runs or line.bottom >= runs[-1][-1].top - 1:
            runs.append([])
        runs[-1].append(line)
    edges: tuple[float, float] | None = None
    for run in runs:
        left, right = min(line.left for line in run), max(line.right for line in run)
        if edges is not None and len(run) < 3 and abs(left - edges[0]) < 4 * run[0].size and right < edges[1]:
            left, right = min(left, edges[0]), edges[1]
        edges = (left, right)
        gap = statistics.median([above.bottom - below.top for above, below in pairwise(run)] or [0.0])
        yield from (_Set(line, left, right, gap) for line in run)


def _goes_on(last: _Set, one: _Set, body: float) -> bool:
    """Whether a line goes on with the paragraph of the line before."""
    size = last.line.size
    if abs(one.line.size - size) > 0.15 * size or _STARTS.match(one.line.text):
        return False
    if last.line.right + _first_word(one.line) < last.right - 0.3 * size:
        return False  # the next word had room in the line before
    if size > 1.15 * body:  # a heading over two lines, often in the middle
        return True
    apart = last.line.bottom - one.line.top
    same_column = one.line.page == last.line.page and apart > 0
    if same_column and apart > max(one.gap, 0) + 0.6 * size:
        return False
    return one.line.left <= one.left + size


def _first_word(line: Line) -> float:
    """Width of what cannot be parted from the beginning of a line: a number, a word, a character with its stop."""
    end = _WORD.match("".join(char.text for char in line.chars))
    last = line.chars[max(end.end() if end else 1, 1) - 1]
    return last.right - line.left


def _add(blocks: list[Block], pieces: list[_Piece], open_: _Piece | None, body: float) -> _Piece | None:
    """Put a page's pieces behind the blocks so far, joined where a paragraph or a table goes on; the last one."""
    for number, piece in enumerate(pieces):
        block, before = piece.block, blocks[-1] if blocks else None
        if number == 0 and before is not None and open_ is not None and before.kind == block.kind:
            if block.kind == "table" and len(before.rows[0]) == len(block.rows[0]):
                blocks[-1] = replace(before, rows=before.rows + _without_head(before.rows, block.rows))
                continue
            if block.kind != "table" and open_.last and piece.first and _goes_on(open_.last, piece.first, body):
                blocks[-1] = replace(before, text=_joined((before.text, block.text)))
                continue
        blocks.append(block)
    return pieces[-1] if pieces else open_


def _without_head(before: Rows, rows: Rows) -> Rows:
    """Rows of a table that goes on, without the heading rows that are said again."""
    same = 0
    while same < min(3, len(before), len(rows)) and before[same] == rows[same]:
        same += 1
    return rows[same:]
