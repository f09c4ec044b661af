"""Short texts written in Markdown: paragraphs, lists, strong, emphasis, links; everything else is what it says.

The source goes through the parser with markup of its own language switched off, and comes out as plain records that
each medium writes with its own escaping: nothing of the source is ever handed on as markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

KEPT = ("newline", "escape", "emphasis", "link", "list", "entity", "balance_pairs", "fragments_join")
"""Rules of the parser that are on, beside paragraphs and text."""
DEEPEST = 3
"""Lists in lists."""
_MARKS = {"strong_open": ("strong", True), "strong_close": ("strong", False), "em_open": ("em", True),
          "em_close": ("em", False)}  # fmt: skip
_TOLD = {
    "image": "image", "heading_open": "heading", "fence": "code", "code_block": "code", "code_inline": "code",
    "blockquote_open": "quote", "hr": "rule", "html_block": "html", "html_inline": "html",
}  # fmt: skip
"""What the parser may find that is not kept, by what `unkept` calls it."""
SCHEMES = ("http", "https")
_BREAK = "\x00"  # the parser leaves none of these
_BETWEEN = re.compile(r"(?<=[\u2e80-\u9fff\uf900-\uffef])\x00(?=[\u2e80-\u9fff\uf900-\uffef])")


@dataclass(frozen=True)
class Run:
    """A piece of text that looks and leads alike.

    Attributes:
        text: Line breaks in it are breaks of the line.
        strong: Bold.
        em: Emphasised.
        url: Where it leads, http or https; or "".
    """

    text: str
    strong: bool = False
    em: bool = False
    url: str = ""


@dataclass(frozen=True)
class Piece:
    """A paragraph, or an item of a list.

    Attributes:
        runs: Its text.
        depth: 0 for a paragraph, 1 for an item of a list, 2 for one of a list in a list.
        number: Of an item of a numbered list; 0 for others.
    """

    runs: tuple[Run, ...]
    depth: int = 0
    number: int = 0

    @property
    def text(self) -> str:
        """Without its look."""
        return "".join(run.text for run in self.runs)


def pieces(source: str) -> tuple[Piece, ...]:
    r"""A text as paragraphs and items.

    Example:
        >>> pieces("Up **and** on.\n\n1. [one](https://a.example)")[1]
        Piece(runs=(Run(text='one', strong=False, em=False, url='https://a.example'),), depth=1, number=1)
        >>> [run.text for run in pieces("<b>A</b> ![x](y)")[0].runs]
        ['<b>A</b> !x']
    """
    found: list[Piece] = []
    lists: list[int] = []
    fresh = False
    for token in _parser().parse(source):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) - 1 if token.type.startswith("ordered") else -1)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            lists[-1] += lists[-1] >= 0
            fresh = True
        elif token.type == "inline":
            runs = tuple(_runs(token.children or ()))
            if lists and not fresh:  # another paragraph of the same item
                found[-1] = replace(found[-1], runs=(*found[-1].runs, Run("\n"), *runs))
            else:
                found.append(Piece(runs, min(len(lists), DEEPEST), max(lists[-1], 0) if lists else 0))
            fresh = False
    return tuple(piece for piece in found if piece.text.strip())


def unkept(source: str) -> tuple[str, ...]:
    r"""What a text uses that comes out as it is written.

    Returns:
        Of ``image``, ``heading``, ``code``, ``quote``, ``rule``, ``html``, ``address`` (a link that is none to a web
        page), ``stars`` (emphasis that the parser does not take for one).

    Example:
        >>> unkept("# a\n\n[b](/c) **“d”**e"), unkept("A<B")
        (('heading', 'address', 'stars'), ())
    """
    found: dict[str, None] = {}
    for token in _flat(_strict().parse(source)):
        if token.type in _TOLD:
            found[_TOLD[token.type]] = None
        if token.type == "link_open" and not _leads(str(token.attrs.get("href", ""))):
            found["address"] = None
    if any("**" in run.text for piece in pieces(source) for run in piece.runs):
        found["stars"] = None
    return tuple(found)


def _runs(tokens: Sequence[Token]) -> list[Run]:
    """The runs of a line of tokens, those that look alike put together."""
    made: list[Run] = []
    for run in _each(tokens):
        if made and replace(run, text="") == replace(made[-1], text=""):
            made[-1] = replace(run, text=made[-1].text + run.text)
        else:
            made.append(run)
    # A line end of the source is a blank, but none between Chinese characters, whichever run they are in.
    whole = "".join(run.text for run in made)
    silent = {found.start() for found in _BETWEEN.finditer(whole)}
    told, at = [], 0
    for run in made:
        letters = (("" if at + place in silent else one) for place, one in enumerate(run.text))
        told.append(replace(run, text="".join(letters).replace(_BREAK, " ")))
        at += len(run.text)
    return [run for run in told if run.text]


def _each(tokens: Sequence[Token]) -> Iterator[Run]:
    marks = {"strong": 0, "em": 0}
    url = ""
    for token in tokens:
        if token.type in _MARKS:
            mark, on = _MARKS[token.type]
            marks[mark] += 1 if on else -1
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            url = href if _leads(href) else ""
        elif token.type == "link_close":
            url = ""
        else:
            text = {"softbreak": _BREAK, "hardbreak": "\n"}.get(token.type, token.content)
            if text:
                yield Run(text, marks["strong"] > 0, marks["em"] > 0, url)


def _leads(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc) and "@" not in parts.netloc


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only who has stories reads any

    made = MarkdownIt("zero", {"html": False, "maxNesting": 20})
    # fragments_join is named otherwise in older releases; what a release does not know it does without.
    return made.enable(list(KEPT), ignoreInvalid=True)


@cache
def _strict() -> Any:
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20})
