"""Documents as PDF by Typst: the words go as data, never as markup; tagged, with outline and links."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from geo import files as files_of
from layers.model.errors import LayersError
from layers.report.blocks import Document, Heading, Paragraph, Picture, Table, Text, wanted, widths
from layers.report.look import look
from layers.report.printed import is_rare, printed

STANDARD: Literal["a-2a"] = "a-2a"
"""PDF/A-2, level A: the typesetter refuses what it does not allow."""
HTML_LANGUAGE = {"zh": ("zh", "CN"), "en": ("en", "GB")}


def report(document: Document, path: Path) -> None:
    """Write a document as PDF.

    Args:
        document: What is written.
        path: Where to; written as it is, the caller makes it whole or nothing.

    Raises:
        LayersError: ``sheet.no_typst``, ``sheet.not_set``.
    """
    images: dict[str, str] = {}
    told = {
        **common(document.lang, int(document.fields["as_of"])), "fields": dict(document.fields),
        "contents": document.contents,
        "chapters": [[_block(document, block, images) for block in chapter.blocks] for chapter in document.chapters],
    }  # fmt: skip
    compiled(Path(__file__).with_name("report.typ"), told, images, path)


def common(lang: str, year: int) -> dict[str, Any]:
    """What every document tells the typesetter: language, look, and the year of its data.

    The standard wants a date; with that of the day no two files would be alike, so that it is the year's first day.
    """
    language, region = HTML_LANGUAGE[lang]
    return {"lang": language, "region": region, "look": look(), "year": year}


def compiled(source: Path, told: Mapping[str, Any], files: Mapping[str, str], path: Path) -> None:
    """Have a document set.

    Args:
        source: The typesetter's program, one of ours.
        told: What it reads, as JSON.
        files: Drawings beside it: name and SVG.
        path: Of the PDF.

    Raises:
        LayersError: ``sheet.no_typst``, ``sheet.not_set``.
    """
    try:
        import typst  # noqa: PLC0415 - only who sets pages needs it
    except ImportError:
        raise LayersError("sheet.no_typst") from None
    texts = {"content.json": json.dumps(told, ensure_ascii=False, sort_keys=True), **files}
    lost: set[str] = set()
    parent = Path(tempfile.gettempdir())
    files_of.clear_stale(parent, PREFIX)
    held = files_of.HeldFolder(parent, PREFIX)
    folder = held.path
    try:
        (folder / source.name).write_bytes(source.read_bytes())
        while True:
            for file, text in texts.items():
                (folder / file).write_text(printed(text, lost), encoding="utf-8")
            try:
                made = typst.compile(
                    str(folder / source.name), root=str(folder), format="pdf", pdf_standards=[STANDARD]
                )
                break
            except RuntimeError as error:  # TypstError is one
                found = _without_a_glyph(str(error)) - lost
                if not found:
                    raise LayersError("sheet.not_set", said=str(error).splitlines()[0][:200]) from error
                # It names one at a time: after the second, all that is as rare goes at once.
                lost |= found | ({one for text in texts.values() for one in text if is_rare(one)} if lost else set())
    finally:
        held.close()
    path.write_bytes(made)


PREFIX = "planmap-set-"
"""How folders begin in which pages are set; what a killed process left of them the next one clears."""
_LOST = re.compile(r'the text [`"\']*"((?:[^"\\]|\\.)+)"')


def _without_a_glyph(error: str) -> set[str]:
    """The characters that the typesetter names in its complaint."""
    told = "".join(_LOST.findall(error))
    found = {chr(int(one, 16)) for one in re.findall(r"\\u\{([0-9a-f]{1,6})\}", told)}
    return found | set(re.sub(r"\\u\{[0-9a-f]+\}", "", told)) - {" ", "\\"}


def text(spans: Text, labels: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """A text as data."""
    told = []
    for span in spans:
        one: dict[str, Any] = {"text": labels[span.ref] if span.ref and labels else span.text}
        if span.url:
            one["url"] = span.url
        if span.ref:
            one["ref"] = label(span.ref)
        if span.strong:
            one["strong"] = True
        told.append(one)
    return told


def label(key: str) -> str:
    """A key as a name that the typesetter takes for a label."""
    return "at-" + "".join(one if one.isascii() and one.isalnum() else f"-{ord(one):x}-" for one in key)


def table(made: Table, labels: Mapping[str, str] | None = None, room_mm: float = 160.0) -> dict[str, Any]:
    """A table as data; widths as shares of the room."""
    em = look()["size"]["table"] / 72 * 25.4
    return {
        "columns": [{"heading": one.heading, "figures": one.figures} for one in made.columns],
        "widths": widths(made, room_mm / em),
        "natural": min(1.0, 1.2 * sum(wanted(made)) / (room_mm / em)),
        "rows": [[text(cell, labels) for cell in row] for row in made.rows],
    }


def _block(document: Document, block: Any, images: dict[str, str]) -> dict[str, Any]:
    labels = {key: document.label(key) for key in document.numbers}
    if isinstance(block, Heading):
        return {"is": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Paragraph):
        return {"is": "paragraph", "text": text(block.text, labels), "small": block.small}
    told = {"caption": block.caption, "label": labels[block.key], "at": label(block.key)}
    if isinstance(block, Picture):
        file = f"{label(block.key)}.svg"
        images[file] = block.figure.svg
        return {"is": "picture", "file": file, "alt": block.alt, "width": block.figure.width_mm,
                "source": text(block.source, labels), **told}  # fmt: skip
    page = look()["page"]
    return {"is": "table", **table(block, labels, page["width"] - 2 * page["margin"]), **told}
