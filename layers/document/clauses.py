"""A plan's text cut into clauses, in the notation of ``outline.toml``.

Readers of files (DOCX, PDF, HTML, plain text) give `Block` records in reading order; `clauses` finds chapters,
sections, items, boxes and tables in them, by their headings in any of the usual forms: 第一章, 第一节, 一、, （一）, 1.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from layers.document.blocks import Block, Rows, blocks_of_text, fold, tidy
from layers.document.headings import LEAD_LINE, LONGEST_HEADING, NOTE, RANK, Line, line_of, top_form, without_contents
from layers.model.errors import LayersError

__all__ = ["Block", "Clause", "Table", "Text", "blocks_of_text", "clauses"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a clause.

    Attributes:
        rows: Cells without stray blanks; a merged cell stands in its first place.
        starts: Offset in the whole text of each row's first character.
    """

    rows: Rows
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Clause:
    """One clause of the plan.

    Attributes:
        id: As a citation writes it: ``7.1.3``, ``专栏2-4``, ``表2``; a chapter's own words have its number, ``7``.
        title: Without its number, up to the first full stop or colon.
        text: Its words with heading, without those of the clauses below it; rows of tables with `` | `` between cells.
        tables: What it holds as tables; each also stands in `text`.
        start: Offset of `text` in `Text.whole`.
        part_of: The clause that it stands in: of ``7.1.3`` ``7.1``; of a box or a table the section or item.
        page: Of its first word, where the format has pages.
    """

    id: str
    title: str
    text: str
    tables: tuple[Table, ...]
    start: int
    part_of: str = ""
    page: int | None = None

    @cached_property
    def folded(self) -> str:
        """Its words as they are compared (`layers.document.blocks.fold`); offsets are those of `text`."""
        return fold(self.text)

    @property
    def end(self) -> int:
        """Offset after its last character in `Text.whole`."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Text:
    """A plan's text in clauses.

    Attributes:
        title: The first words before the first chapter.
        whole: What stands before the first chapter, then all clauses in order. A box or a table that interrupts a
            section stands after what it interrupts, so that each clause is one piece.
        levels: What the two levels are called in the plan: 章 and 节, 篇 and 章; empty where they have numbers only.
        doubts: Ids of clauses whose numbers do not run on, in the order of the text.
    """

    clauses: tuple[Clause, ...]
    whole: str
    title: str = ""
    levels: tuple[str, str] = ("章", "节")
    doubts: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Clause]:
        """Clauses by their ids."""
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def _starts(self) -> list[int]:
        return [clause.start for clause in self.clauses]

    def at(self, offset: int) -> Clause | None:
        """The clause that holds an offset of `whole`; None before the first."""
        index = bisect_right(self._starts, offset) - 1
        return self.clauses[index] if index >= 0 else None

    def outline(self) -> dict[str, int]:
        r"""As ``outline.toml`` has it: sections, boxes and tables with the number of their items.

        Example:
            >>> clauses(blocks_of_text("第一章 目标\n第一节 总体\n1.增长。\n2.稳定。\n专栏1 项目")).outline()
            {'1.1': 2, '专栏1': 0}
        """
        counts: dict[str, int] = {}
        for clause in self.clauses:
            head, item = split_id(clause.id)
            if item:
                counts[head] = max(counts.get(head, 0), item)
            elif not head.isdecimal():
                counts.setdefault(head, 0)
                counts[head] = max(counts[head], numbered_rows(clause.tables))
        return counts


def split_id(id: str) -> tuple[str, int]:  # noqa: A002 - the word of the notation
    """A clause's id as clause and item, 0 without.

    Example:
        >>> split_id("7.1.3"), split_id("专栏2-4"), split_id("7.1"), split_id("表2")
        (('7.1', 3), ('专栏2', 4), ('7.1', 0), ('表2', 0))
    """
    head, mark, item = id.rpartition("-" if "-" in id else ".")
    return (head, int(item)) if mark and ("-" in id or "." in head) else (id, 0)


def numbered_rows(tables: Sequence[Table]) -> int:
    """How far the rows of a clause's tables are numbered 1, 2, … in one of their first three columns.

    Example:
        >>> numbered_rows([Table((("经济", "1", "产值"), ("2", "税收", "")), (0, 8))])
        2
    """
    count = 0
    for table in tables:
        for row in table.rows:
            count += any(re.fullmatch(rf"{count + 1}(?:[.、．](?!\d).*)?", fold(cell)) for cell in row[:3])
    return count


@dataclass(slots=True)
class _Open:
    """A clause that is being filled."""

    id: str
    title: str
    part_of: str
    page: int | None
    pieces: list[str | Rows] = field(default_factory=list)


def clauses(blocks: Sequence[Block]) -> Text:
    r"""Cut a document into clauses.

    Args:
        blocks: In reading order.

    Raises:
        LayersError: ``document.no_chapter`` when nothing is numbered as chapters are.

    Example:
        >>> text = clauses(blocks_of_text("总纲\n一、目标\n（一）增长。到2025年翻一番。\n二、保障"))
        >>> [(clause.id, clause.title) for clause in text.clauses]
        [('1', '目标'), ('1.1', '增长'), ('2', '保障')]
    """
    lines = without_contents([line_of(block) for block in blocks])
    lines = _numbered_by_level(lines)
    top = top_form(lines)
    text = _Assembly(lines, top).text() if top else None
    if text is None or not text.clauses:
        raise LayersError("document.no_chapter", paragraphs=len(lines), words=_first_words(lines))
    return text


def _first_words(lines: Sequence[Line]) -> str:
    return next((line.text[:40] for line in lines if line.text), "")


def _numbered_by_level(lines: list[Line]) -> list[Line]:
    """Headings that have a style and no number, counted; lines with numbers of their own are left alone."""
    if top_form(lines):
        return lines
    levels = sorted({line.block.level for line in lines if line.block.kind == "heading" and not line.form})
    forms = dict(zip(levels, ("chapter", "section", "digit"), strict=False))
    counts = dict.fromkeys(forms, 0)
    for line in lines:
        level = line.block.level
        if line.block.kind == "heading" and not line.form and level in forms:
            counts[level] += 1
            counts |= dict.fromkeys((deeper for deeper in levels if deeper > level), 0)
            line.form, line.number = forms[level], counts[level]
    return lines


class _Assembly:
    """Clauses while they are filled, line by line."""

    def __init__(self, lines: list[Line], top: str) -> None:
        self.lines = lines
        self.top = top
        self.preamble: list[str] = []
        self.made: list[_Open] = []
        self.known: dict[str, _Open] = {}
        self.doubts: list[str] = []
        self.words = ["", ""]
        self.chapter = self.section = self.item = 0
        self.before = -1
        self.second = self.third = ""
        self.counted: dict[str, int] = {}
        self.frame: _Open | None = None
        self.frame_form = ""
        self.frame_item = 0
        self.frame_kind = ""
        self.here: _Open | None = None
        self.running: _Open | None = None
        self.note = 0

    def text(self) -> Text:
        """Go through all lines and put the clauses one after the other."""
        for index, line in enumerate(self.lines):
            self._take(index, line)
        return self._joined()

    # -- which clause a line opens

    def _take(self, index: int, line: Line) -> None:
        if line.block.kind == "table":
            self._take_table(line)
        elif line.form == self.top and line.number > self.chapter and self._in_step(line):
            self._open_chapter(index, line)
        elif not self.chapter:
            self.preamble.append(line.text)
        elif line.form == "box":
            self._open_frame(line, "专栏", "box")
        elif line.form in ("表", "附表") and self._before_table(index):
            self._open_frame(line, line.form, "table")
        elif self.frame is not None and self._in_frame(line):
            self._into_frame(self.frame, line)
        else:
            self._leave_frame()
            self._into_section(line)

    def _in_step(self, line: Line) -> bool:
        """Whether a chapter's number may follow: a reference to a later chapter at the head of a line does not."""
        return line.number <= self.chapter + 3

    def _open_chapter(self, index: int, line: Line) -> None:
        if line.number != self.chapter + 1:
            self.doubts.append(str(line.number))
        self._leave_frame()
        self.chapter, self.section, self.item, self.third = line.number, 0, 0, ""
        self.words[0] = line.word or self.words[0]
        self.second = "chapter" if self._runs_on(line) else self._second(index)
        self.running = self._open(str(line.number), line, "")

    def _second(self, index: int) -> str:
        """The form of a chapter's sections: the highest below the chapter's own whose first number is in it."""
        forms = set()
        for line in self.lines[index + 1 :]:
            if line.form == self.top and line.number > self.chapter:
                break
            if line.number == 1 and line.form in RANK and line.block.kind != "box":
                forms.add(line.form)
        below = [form for form in forms if RANK[form] > RANK[self.top]]
        return min(below, key=RANK.__getitem__, default="")

    def _runs_on(self, line: Line) -> bool:
        """Whether chapters are the second level and are counted through all parts."""
        return line.form == "part" and [one.number for one in self.lines if one.form == "chapter"].count(1) == 1

    def _into_section(self, line: Line) -> None:
        if line.form and line.form == self.second and line.number > self.section:
            if line.number not in (self.section + 1, self.before + 1):
                self.doubts.append(f"{self.chapter}.{line.number}")
            self.section, self.item, self.third = line.number, 0, ""
            self.before = line.number if self.second == "chapter" else -1
            self.words[1] = line.word or self.words[1]
            self.running = self._open(f"{self.chapter}.{line.number}", line, str(self.chapter))
        elif self._next_item(line):
            self.third, self.item = line.form, line.number
            section = f"{self.chapter}.{self.section}"
            self.running = self._open(f"{section}.{line.number}", line, section)
        else:
            self._append(line.text)

    def _next_item(self, line: Line) -> bool:
        if not (self.section and line.form in RANK and RANK[line.form] > RANK.get(self.second, 0)):
            return False
        return line.number == self.item + 1 and line.form == (self.third or line.form)

    # -- boxes and tables

    def _open_frame(self, line: Line, mark: str, kind: str) -> None:
        number = line.number
        if line.word or not number:
            number = self.counted.get(mark, 0) + 1
        self.counted[mark] = max(self.counted.get(mark, 0), number)
        frame_id = f"{mark}{number}"
        if (again := self.known.get(frame_id)) is not None:
            self.frame = self.here = again
        else:
            self.frame = self._open(frame_id, line, self.running.id if self.running else "")
            self.frame_form, self.frame_item = "", 0
        self.frame_kind, self.note = "framed" if line.block.kind == "box" else kind, 0

    def _in_frame(self, line: Line) -> bool:
        """Whether a line still belongs to the box or table that is open."""
        if line.block.kind == "box":
            return True
        if self.frame_kind == "framed":
            return bool(LEAD_LINE.match(fold(line.text))) and len(line.text) < 2 * LONGEST_HEADING
        if line.form in RANK and RANK[line.form] <= RANK.get(self.second, 0):
            return False
        if self.frame_kind == "table":
            return self._is_note(line)
        if line.form in RANK and line.form != "circle":
            if self._next_in_frame(line):
                return self.frame_kind != "closed"
            return not self._next_item(line)
        if self.frame_kind == "closed":
            return False
        return not (self.frame_item and not self._goes_on(line))

    def _goes_on(self, line: Line) -> bool:
        """Whether an unnumbered line goes on with a box whose items have begun."""
        if re.match("[(（]?(?:牵头|责任|实施|主要责任)|—|——|-|·|●|◆|■", line.text) or self.here is None:
            return True
        first = self.here.pieces[0]
        return isinstance(first, str) and not re.search("[。;；:：].", first) and len(self.here.pieces) < 3

    def _next_in_frame(self, line: Line) -> bool:
        return line.number == self.frame_item + 1 and line.form == (self.frame_form or line.form)

    def _is_note(self, line: Line) -> bool:
        if found := NOTE.match(fold(line.text)):
            self.note = int(found[1] or 0) + 1
            return True
        if self.note and line.form == "digit" and line.number == self.note:
            self.note += 1
            return True
        return bool(re.match(r"[(（]?(?:计量)?单位[:：]|续表|[(（]续", line.text)) or (
            isinstance(self.here, _Open) and len(self.here.pieces) == 1 and not line.form and len(line.text) < 30
        )

    def _into_frame(self, frame: _Open, line: Line) -> None:
        if line.form in RANK and self._next_in_frame(line) and self.frame_kind != "table":
            self.frame_form, self.frame_item = line.form, line.number
            self._open(f"{frame.id}-{line.number}", line, frame.id)
            return
        if LEAD_LINE.match(fold(line.text)):
            self.here = frame
            self._append(line.text)
            self.frame_kind = "framed" if line.block.kind == "box" else "closed"
            return
        self._append(line.text)

    def _leave_frame(self) -> None:
        if self.frame is not None:
            self.frame, self.frame_kind = None, ""
            self.here = self.running

    def _before_table(self, index: int) -> bool:
        """Whether a table stands within the next three blocks, so that 表1 is its heading."""
        return any(line.block.kind == "table" for line in self.lines[index + 1 : index + 4])

    def _take_table(self, line: Line) -> None:
        rows = tuple(tuple(tidy(cell) for cell in row) for row in line.block.rows)
        if not rows:
            return
        first = next((cell for cell in rows[0] if cell), "")
        if self.frame_kind == "framed" and not line.block.boxed:
            self._leave_frame()
        head = line_of(Block("paragraph", first))
        if head.form == "box":
            self._open_frame(head, "专栏", "closed")
            rows = rows[1:] if not any(rows[0][1:]) else rows
        if self.here is None:
            self.preamble.extend(" | ".join(row) for row in rows)
            return
        self.here.pieces.append(rows)

    # -- words

    def _open(self, clause_id: str, line: Line, part_of: str) -> _Open:
        if clause_id in self.known:
            self.doubts.append(clause_id)
            self.here = self.known[clause_id]
            self.here.pieces.append(line.text)
            return self.here
        head, title = line.text[: line.after], line.text[line.after :]
        spaced = " " if head and head[-1] in "章节篇编分0123456789一二三四五六七八九十" and title else ""
        made = _Open(clause_id, _title(title), part_of, line.block.page)
        made.pieces.append(head.rstrip() + spaced + title)
        self.made.append(made)
        self.known[clause_id] = made
        self.here = made
        return made

    def _append(self, words: str) -> None:
        if self.here is not None and words:
            self.here.pieces.append(words)

    def _joined(self) -> Text:
        whole = "\n".join(words for words in self.preamble if words)
        parts = [whole, "\n"] if whole else []
        offset = len(whole) + 1 if whole else 0
        found: list[Clause] = []
        for made in self.made:
            clause = _closed(made, offset)
            found.append(clause)
            parts += [clause.text, "\n"]
            offset += len(clause.text) + 1
        title = next((words for words in self.preamble if re.search("规划|纲要|计划", words)), "")
        return Text(
            tuple(found), "".join(parts), title or (self.preamble[0] if self.preamble else ""),
            (self.words[0], self.words[1]), tuple(self.doubts),
        )  # fmt: skip


def _title(words: str) -> str:
    """A heading's words: up to the first full stop or colon outside brackets and quotes."""
    depth = 0
    for place, character in enumerate(words):
        if character in "（(“《":
            depth += 1
        elif character in "）)”》":
            depth -= 1
        elif character in "。:：;；" and depth <= 0:
            return words[:place]
    return words


def _closed(made: _Open, start: int) -> Clause:
    lines: list[str] = []
    tables: list[Table] = []
    offset = start
    for piece in made.pieces:
        if isinstance(piece, str):
            lines.append(piece)
            offset += len(piece) + 1
            continue
        starts = []
        for row in piece:
            starts.append(offset)
            lines.append(" | ".join(row))
            offset += len(lines[-1]) + 1
        tables.append(Table(piece, tuple(starts)))
    return Clause(made.id, made.title, "\n".join(lines), tuple(tables), start, made.part_of, made.page)
