"""Pieces of a document as a reader of files gives them, and how their words are cleaned and compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "table", "box"]
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document, as its reader found it.

    Attributes:
        kind: ``box`` is one paragraph inside a frame (its title is the first); a table in a frame stays a table.
        text: The words; empty for a table.
        level: Of a heading, 1 the highest; 0 elsewhere.
        rows: Of a table; a merged cell stands in its first row or column, empty in the others.
        page: Counted from 1, where the format has pages.
        boxed: Of a table: it stands inside a frame.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    rows: Rows = ()
    page: int | None = None
    boxed: bool = False


def blocks_of_text(text: str) -> list[Block]:
    r"""Plain text as blocks: a line is a paragraph, lines of cells between bars or tabs are tables.

    Headings are left to `clauses`, which knows them by their numbers.

    Example:
        >>> [block.kind for block in blocks_of_text("表1 指标\n序号 | 名称 | 值\n1 | 面积 | 3\n正文。")]
        ['paragraph', 'table', 'paragraph']
    """
    blocks: list[Block] = []
    rows: list[tuple[str, ...]] = []
    for line in text.splitlines():
        if rows and _RULED.fullmatch(line.strip()):
            continue
        cells = _cells(line)
        if cells and (len(cells) > 1 or rows):
            rows.append(cells)
            continue
        if rows:
            blocks.append(Block("table", rows=tuple(rows)))
            rows = []
        if stripped := line.strip(_BLANKS):
            blocks.append(Block("paragraph", stripped))
    if rows:
        blocks.append(Block("table", rows=tuple(rows)))
    return blocks


_BLANKS = " \t\r\n\f\v\u00a0\u3000\ufeff\u200b"


_RULED = re.compile(r"\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?\s*)?")
"""The line below a heading of a table between bars."""


def _cells(line: str) -> tuple[str, ...]:
    """The cells of a line between bars (two at least, or one that closes it) or tabs; empty for running text."""
    bar = "|" if line.count("|") > 1 or line.rstrip().endswith("|") else "\t" if line.strip().count("\t") > 1 else ""
    if not bar:
        return ()
    body = line.strip() if bar == "|" else line.strip("\r\n")
    cells = [cell.strip(_BLANKS) for cell in body.split(bar)]
    if bar == "|":
        cells = cells[1:] if body.startswith("|") else cells
        if all(re.fullmatch(":?-{3,}:?", cell) for cell in cells if cell) and any(cells):
            return ()
        cells = cells[:-1] if body.endswith("|") else cells
    return tuple(cells)


_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2018-\u201d\u2014\u2026〔〕○◯"
_STRAY = re.compile(rf"(?<=[{_WIDE}])[ \t\u00a0\u3000]+|[ \t\u00a0\u3000]+(?=[{_WIDE}%‰])|(?<=[(\[])[ ]+|[ ]+(?=[)\]])")
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20, ord("○"): ord("〇"), ord("◯"): ord("〇"), ord("∗"): ord("*"), ord("﹡"): ord("*"), ord("•"): ord("·"),
    ord("‧"): ord("·"), ord("・"): ord("·"), ord("〜"): ord("~"), ord("∼"): ord("~"), ord("–"): ord("-"),
    ord("−"): ord("-"), ord("﹪"): ord("%"), ord("【"): ord("["), ord("】"): ord("]"),
}  # fmt: skip


def tidy(text: str) -> str:
    """Without the blanks that typesetting leaves between Chinese, digits and punctuation.

    Example:
        >>> tidy("到2025 年，新增 10 个 AI Lab 基地")
        '到2025年，新增10个AI Lab基地'
    """
    return _STRAY.sub("", text.replace("\u200b", "").strip(_BLANKS))


def fold(text: str) -> str:
    """The same text, character by character, with half-width letters, digits and punctuation and one kind of zero.

    Its offsets are those of the text.

    Example:
        >>> fold("二○三五年（ＡＢ），３％")
        '二〇三五年(AB),3%'
    """
    return text.translate(_FOLD)
