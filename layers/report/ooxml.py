"""Pieces of a Word file: elements with their attributes, fields, bookmarks, links."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from layers.report.printed import printed

Element = Any
"""An element of lxml, which is not typed."""


def w(tag: str, *children: Element, **attributes: object) -> Element:
    """An element ``w:tag``; attributes are of the same namespace, those that are None are left out."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        if value is not None:
            made.set(qn(f"w:{name}"), str(value))
    made.extend(children)
    return made


def text(words: str) -> Element:
    """Words of a run, blanks kept."""
    made = w("t")
    made.text = printed(words)
    made.set(qn("xml:space"), "preserve")
    return made


def run(words: str, *, style: str = "", bold: bool = False) -> Element:
    """A run of words."""
    looks = [w("rStyle", val=style)] if style else []
    looks += [w("b")] if bold else []
    return w("r", *([w("rPr", *looks)] if looks else []), text(words))


def paragraph(style: str, *children: Element, **properties: object) -> Element:
    """A paragraph in a style, by the style's id; further properties such as ``jc="right"`` by name and value."""
    looks = [w("pStyle", val=style)]
    looks += [w(name, val=None if value is True else value) for name, value in properties.items() if value]
    return w("p", w("pPr", *looks), *children)


def field(instruction: str, shown: str, *, style: str = "") -> list[Element]:
    """A field with what it last showed."""
    code = w("instrText")
    code.text = f" {instruction} "
    code.set(qn("xml:space"), "preserve")
    return [
        w("r", w("fldChar", fldCharType="begin")), w("r", code), w("r", w("fldChar", fldCharType="separate")),
        run(shown, style=style), w("r", w("fldChar", fldCharType="end")),
    ]  # fmt: skip


def bookmarked(number: int, name: str, *children: Element) -> list[Element]:
    """Elements inside a bookmark."""
    return [w("bookmarkStart", id=number, name=name), *children, w("bookmarkEnd", id=number)]


def hyperlink(*children: Element, anchor: str | None = None, relation: str | None = None) -> Element:
    """A link to a bookmark, or to what a relation of the part names."""
    made = w("hyperlink", *children, anchor=anchor, history=1)
    if relation:
        made.set(qn("r:id"), relation)
    return made
