"""What a document consists of, whoever writes it: chapters of headings, paragraphs, tables and pictures.

A text is spans, each plain words with, perhaps, an address or a reference to a table or picture. Numbers of tables and
pictures are given here, once, so that the Word file and the PDF say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from layers.drawing.breaking import ems
from layers.drawing.figure import Figure
from layers.drawing.watermark import marked
from layers.model.errors import LayersError
from layers.report.printed import printed

TABLE, PICTURE = "table", "picture"


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a text.

    Attributes:
        text: As they are shown; with ``ref``, in place of them stands the number of what is referred to.
        url: Where they lead, or "".
        ref: Key of a table or picture, or "".
        strong: Set them apart.
    """

    text: str
    url: str = ""
    ref: str = ""
    strong: bool = False


Text = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a chapter's."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``small`` is a note under a table or picture."""

    text: Text
    small: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and whether it holds figures."""

    heading: str
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. A row of a single cell stands over the rows that follow it.

    Attributes:
        key: What references call it.
        caption: What stands over it, without its number.
        columns: At least one.
        rows: Texts, as many as there are columns, or one.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Attributes:
        key: What references call it.
        caption: What stands under it, without its number.
        figure: The drawing, with its size on paper.
        alt: What it shows, for those who cannot see it.
        source: What stands behind the caption: clauses, and the address of the page that shows the same.
    """

    key: str
    caption: str
    figure: Figure
    alt: str
    source: Text = ()


def widths(table: Table, room: float) -> list[float]:
    """The columns' widths for what stands in them, all together ``room``; the widest ones give way first.

    Args:
        table: The table.
        room: Ems.

    Example:
        >>> rows = ((plain("一"), plain("二" * 50)),)
        >>> widths(Table("t", "", (Column("甲"), Column("乙")), rows), 20.0)
        [3.4, 16.6]
    """
    wishes = wanted(table)
    if sum(wishes) <= room:
        return [round(one * room / sum(wishes), 3) for one in wishes]
    cells = [[column.heading, *_cells(table, at)] for at, column in enumerate(table.columns)]
    made, left = [0.0] * len(wishes), room
    rest = sorted(range(len(wishes)), key=wishes.__getitem__)
    while rest and wishes[rest[0]] <= left / len(rest):  # what is narrow stays as it wants
        made[rest[0]] = wishes[rest[0]]
        left -= made[rest.pop(0)]
    sizes = {at: [*map(ems, cells[at])] for at in rest}
    shares = {at: (sum(sizes[at]) * max(sizes[at])) ** 0.25 for at in rest}
    least = {at: min(_MOST_WORD, max(map(_word, cells[at]))) + _PAD_EM for at in rest}
    while rest:  # the others share what is left: what is twice as much is made neither twice as wide nor as high
        made = [
            left * shares[at] / sum(shares[one] for one in rest) if at in rest else made[at] for at in range(len(made))
        ]
        tight = [at for at in rest if made[at] < least[at]]
        for at in tight:  # its longest word stays whole, at the others' cost
            made[at] = least[at]
            left = max(left - least[at], 0.0)
        rest = [at for at in rest if at not in tight] if tight else []
    return [round(one * room / sum(made), 3) for one in made]


def wanted(table: Table) -> list[float]:
    """Ems of each column in which most of its cells stay on one line."""
    made = []
    for at, column in enumerate(table.columns):
        told = sorted(map(ems, _cells(table, at))) or [0.0]
        usual = told[-1] if told[-1] <= _SHORT else told[round(_MOST_CELLS * (len(told) - 1))]
        made.append(max(_LEAST_EM, ems(column.heading) / 2 + 1, usual) + _PAD_EM)
    return made


def _cells(table: Table, at: int) -> list[str]:
    return [said(row[at]) for row in table.rows if len(row) == len(table.columns)]


def _word(text: str) -> float:
    """Ems of the longest piece that is not broken: Latin words are not, Chinese is anywhere."""
    return max((ems(piece) for piece in re.findall(r"[!-~\u00a0-\u2e7f]+", text)), default=1.0)


_LEAST_EM, _PAD_EM = 2.0, 1.4
"""A column is no narrower, and has so much more than its words."""
_MOST_CELLS, _SHORT, _MOST_WORD = 0.93, 8.0, 9.0
"""Share of a column's cells that shall stay on one line, and all where none is longer; a longer word may be broken."""


Block = Heading | Paragraph | Table | Picture


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its key in templates, and its blocks, the first of them its heading."""

    key: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Attributes:
        lang: Of its words.
        fields: What a template may name, by name: ``title``, ``plan``, ``district``, …
        chapters: In their order.
        labels: Words before the numbers of tables and pictures, by ``TABLE`` and ``PICTURE``.
        contents: Heading of the list of contents.
    """

    lang: str
    fields: Mapping[str, str]
    chapters: tuple[Chapter, ...]
    labels: Mapping[str, str]
    contents: str
    numbers: Mapping[str, tuple[str, int, int]] = field(init=False)
    """Kind, chapter and number in it, by key."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", dict(_numbered(self.chapters)))

    def label(self, key: str) -> str:
        """How a table or picture is called in the text: ``表2-3``, ``Table 2-3``."""
        kind, chapter, number = self.numbers[key]
        return f"{self.labels[kind]}{chapter}-{number}"


def stamped(document: Document, mark: str) -> Document:
    """A document whose maps have words all over them, see ``layers.drawing.watermark``; itself for no words."""
    if not mark:
        return document
    chapters = tuple(
        replace(chapter, blocks=tuple(
            replace(block, figure=marked(block.figure, mark)) if isinstance(block, Picture) else block
            for block in chapter.blocks
        ))
        for chapter in document.chapters
    )  # fmt: skip
    return replace(document, chapters=chapters)


def _numbered(chapters: Iterable[Chapter]) -> Iterable[tuple[str, tuple[str, int, int]]]:
    for at, chapter in enumerate(chapters, start=1):
        counts = {TABLE: 0, PICTURE: 0}
        for block in chapter.blocks:
            if isinstance(block, Table | Picture):
                kind = TABLE if isinstance(block, Table) else PICTURE
                counts[kind] += 1
                yield block.key, (kind, at, counts[kind])


MOST_ROWS = 25_000
"""Of all tables of a document: some 700 pages, 2 GB of memory while they are set."""


def check_size(tables: Iterable[Table]) -> None:
    """See that a document can be set.

    Raises:
        LayersError: ``report.too_long``.
    """
    rows = sum(len(table.rows) for table in tables)
    if rows > MOST_ROWS:
        raise LayersError("report.too_long", rows=rows, most=MOST_ROWS)


def plain(text: str) -> Text:
    """Words without an address; what no XML file may hold is left out.

    Example:
        >>> plain("a<b")
        (Span(text='a<b', url='', ref='', strong=False),)
    """
    return (Span(printed(text)),) if text else ()


def linked(text: str, url: str) -> Text:
    """Words that lead somewhere, where there is an address."""
    return (Span(printed(text), url),) if text else ()


def ref(key: str) -> Text:
    """A reference to a table or picture by its number."""
    return (Span("", ref=key),)


def joined(texts: Iterable[Text], between: str) -> Text:
    """Texts one after another with something between them.

    Example:
        >>> "".join(span.text for span in joined([plain("a"), (), plain("b")], "、"))
        'a、b'
    """
    made: list[Span] = []
    for text in texts:
        if text:
            made += [Span(between)] if made else []
            made += text
    return tuple(made)


_HOLE = re.compile(r"\{(\w+)\}")


def filled(template: str, params: Mapping[str, str | int | Text]) -> Text:
    """A sentence with its gaps filled; nothing in a value is looked at again.

    Args:
        template: With gaps ``{name}``.
        params: For each gap a text, words or a whole number.

    Raises:
        KeyError: There is nothing for a gap.

    Example:
        >>> [span.text for span in filled("见{table}。", {"table": plain("{x}")})]
        ['见', '{x}', '。']
    """
    made: list[Span] = []
    at = 0
    for hole in _HOLE.finditer(template):
        made += plain(template[at : hole.start()])
        value = params[hole[1]]
        made += value if isinstance(value, tuple) else plain(str(value))
        at = hole.end()
    return (*made, *plain(template[at:]))


def said(text: Text) -> str:
    """The words of a text alone."""
    return "".join(span.text for span in text)
