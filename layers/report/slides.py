"""A story as slides (PPTX): the map as a picture with its account, everything else as text that an office can change.

Nothing depends on the day or the machine: the same story gives the same bytes.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.drawing import render
from layers.drawing.breaking import ems
from layers.drawing.plate import Plate
from layers.model.errors import LayersError
from layers.model.prose import Piece, Run
from layers.report.look import look
from layers.report.printed import printed

if TYPE_CHECKING:
    from layers.report.story import Shown, Told

WIDTH_MM, HEIGHT_MM = 338.7, 190.5
DPI = 200
"""Of the maps: fine enough to be shown on a wall, and some 0.5 MB each."""
LANGUAGE = {"zh": ("zh-CN", "en-US"), "en": ("en-GB", "zh-CN")}
"""Of the text, and the other one that may occur in it."""
BULLET, INDENT_MM = "•", 6.0
_LEFT, _TOP, _GAP = 14.0, 30.0, 9.0
_TEXT_MM = 118.0
_SIZES = (16, 15, 14, 13, 12, 11, 10, 9)
_LINE, _AFTER = 1.25, 0.45
_DAY = (1980, 1, 1, 0, 0, 0)


def write(told: Told, path: Path) -> None:
    """Write a story.

    Args:
        told: The story, its maps drawn.
        path: Where to; written as it is.

    Raises:
        LayersError: ``story.no_pptx``, and what the painter says.
    """
    try:
        import pptx  # noqa: PLC0415 - only slides need it
    except ImportError:
        raise LayersError("story.no_pptx") from None
    from pptx.util import Mm  # noqa: PLC0415

    made = pptx.Presentation()
    made.slide_width, made.slide_height = Mm(WIDTH_MM), Mm(HEIGHT_MM)
    core = made.core_properties
    core.title, core.author, core.subject, core.keywords = told.title, "", printed(told.plan), ""
    core.last_modified_by, core.language = "", LANGUAGE[told.lang][0]
    core.created = core.modified = datetime(told.year, 1, 1, tzinfo=UTC)
    _cover(made, told)
    for number, step in enumerate(told.steps, start=1):
        _step(made, told, step, number)
    buffer = io.BytesIO()
    made.save(buffer)
    path.write_bytes(_same(buffer.getvalue()))


def _cover(made: Any, told: Told) -> None:
    slide = made.slides.add_slide(made.slide_layouts[5])  # a title and nothing else
    _title(slide, told.title, (_LEFT, 62, WIDTH_MM - 2 * _LEFT, 34), 32, told.lang)
    _box(slide, (_LEFT, 48, WIDTH_MM - 2 * _LEFT, 12), [(told.plan, 13, "grey")], told.lang)
    _rule(slide, _LEFT, 98, 30)
    _box(slide, (_LEFT, 103, 230, 30), [(told.summary, 16, "ink")], told.lang)
    _box(slide, (_LEFT, 160, WIDTH_MM - 2 * _LEFT, 24), [(note, 9, "grey") for note in told.notes], told.lang)


def _step(made: Any, told: Told, step: Shown, number: int) -> None:
    from pptx.util import Mm  # noqa: PLC0415

    slide = made.slides.add_slide(made.slide_layouts[5])
    lang = told.lang
    _title(slide, step.title, (_LEFT, 9, WIDTH_MM - 2 * _LEFT, 14), 24, lang)
    _rule(slide, _LEFT, 24, 18)
    wide, high = step.plate.width_mm, step.plate.height_mm
    room = HEIGHT_MM - _TOP - 12
    scale = min(1.0, room / high)
    picture = slide.shapes.add_picture(
        io.BytesIO(_png(step.plate)), Mm(_LEFT), Mm(_TOP), Mm(wide * scale), Mm(high * scale)
    )
    shown = picture._element.nvPicPr.cNvPr
    shown.set("descr", printed(step.plate.account.summary or step.plate.summary))
    shown.set("title", printed(step.plate.title))
    left = _LEFT + wide * scale + _GAP
    frame = _frame(slide, (left, _TOP, WIDTH_MM - left - _LEFT, _TEXT_MM))
    size = _fitting(step.pieces, WIDTH_MM - left - _LEFT)
    for place, piece in enumerate(step.pieces):
        _piece(frame, piece, size, lang, fresh=place > 0)
    cites = _frame(slide, (left, _TOP + _TEXT_MM + 2, WIDTH_MM - left - _LEFT, 26))
    _cites(cites.paragraphs[0], told, step)
    foot = f"{told.title}    {number} / {len(told.steps)}"
    _box(slide, (_LEFT, HEIGHT_MM - 10, WIDTH_MM - 2 * _LEFT, 7), [(foot, 8, "grey")], lang)
    slide.notes_slide.notes_text_frame.text = printed(
        "\n".join([*(piece.text for piece in step.pieces), step.plate.account.summary or step.plate.summary])
    )


def _png(plate: Plate) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.png")
        render.write(plate, path, DPI)
        return path.read_bytes()


# ---- text


def _title(slide: Any, text: str, box: tuple[float, float, float, float], size: float, lang: str) -> None:
    """In the slide's own place for a title, so that lists of slides and readers for the blind know it."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN  # noqa: PLC0415
    from pptx.util import Mm  # noqa: PLC0415

    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = (Mm(side) for side in box)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.BOTTOM
    frame.margin_left = frame.margin_right = 0
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    _run(paragraph, Run(text, strong=True), size, "ink", lang)


def _frame(slide: Any, box: tuple[float, float, float, float]) -> Any:
    from pptx.util import Mm  # noqa: PLC0415

    frame = slide.shapes.add_textbox(*(Mm(side) for side in box)).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    return frame


def _box(
    slide: Any, box: tuple[float, float, float, float], lines: Iterable[tuple[str, float, str]], lang: str
) -> None:
    frame = _frame(slide, box)
    for place, (text, size, colour) in enumerate(lines):
        paragraph = frame.add_paragraph() if place else frame.paragraphs[0]
        _run(paragraph, Run(text), size, colour, lang)


def _piece(frame: Any, piece: Piece, size: float, lang: str, *, fresh: bool) -> None:
    from pptx.util import Mm, Pt  # noqa: PLC0415

    paragraph = frame.add_paragraph() if fresh else frame.paragraphs[0]
    paragraph.line_spacing, paragraph.space_after = _LINE, Pt(size * _AFTER)
    if piece.depth:
        about = paragraph._p.get_or_add_pPr()
        about.set("marL", str(int(Mm(INDENT_MM * piece.depth))))
        about.set("indent", str(-int(Mm(INDENT_MM))))
        tag, kept = ("a:buAutoNum", {"type": "arabicPeriod", "startAt": str(piece.number)}) if piece.number else (
            "a:buChar", {"char": BULLET})  # fmt: skip
        about.append(_element(tag, kept))
    for run in piece.runs:
        _run(paragraph, run, size, "ink", lang)


def _cites(paragraph: Any, told: Told, step: Shown) -> None:
    if not step.cites:
        return
    _run(paragraph, Run(told.clause_words), 10, "grey", told.lang)
    comma = "、" if told.lang == "zh" else ", "
    for place, (text, url) in enumerate(step.cites):
        if place:
            _run(paragraph, Run(comma), 10, "grey", told.lang)
        _run(paragraph, Run(text, url=url), 10, "grey", told.lang)


def _run(paragraph: Any, run: Run, size: float, colour: str, lang: str) -> None:
    """A piece of text with its fonts for both scripts and its language; its breaks are breaks of the line."""
    from pptx.dml.color import RGBColor  # noqa: PLC0415
    from pptx.util import Pt  # noqa: PLC0415

    for place, line in enumerate(printed(run.text).split("\n")):
        if place:
            paragraph.add_line_break()
        if not line:
            continue
        made = paragraph.add_run()
        made.text = line
        font = made.font
        font.size, font.bold, font.italic = Pt(size), run.strong, run.em and lang != "zh"
        font.underline = run.em and lang == "zh"
        font.color.rgb = RGBColor.from_string(look()["colour"]["link" if run.url else colour].removeprefix("#"))
        about = made._r.get_or_add_rPr()
        about.set("lang", LANGUAGE[lang][0])
        about.set("altLang", LANGUAGE[lang][1])
        about.append(_element("a:latin", {"typeface": look()["word"]["latin_head"]}))
        about.append(_element("a:ea", {"typeface": look()["word"]["head"]}))
        if run.url:
            made.hyperlink.address = run.url


def _element(tag: str, kept: dict[str, str]) -> Any:
    from pptx.oxml import parse_xml  # noqa: PLC0415

    name = "http://schemas.openxmlformats.org/drawingml/2006/main"
    made = parse_xml(f'<{tag} xmlns:a="{name}"/>')
    for key, value in kept.items():
        made.set(key, value)
    return made


def _rule(slide: Any, left: float, top: float, width: float) -> None:
    """The short line under a title; decoration."""
    from pptx.dml.color import RGBColor  # noqa: PLC0415
    from pptx.enum.shapes import MSO_SHAPE  # noqa: PLC0415
    from pptx.util import Mm  # noqa: PLC0415

    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Mm(left), Mm(top), Mm(width), Mm(0.8))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(look()["colour"]["accent"].removeprefix("#"))
    shape.line.fill.background()
    shape.shadow.inherit = False


def _fitting(said: tuple[Piece, ...], width_mm: float) -> float:
    """The largest size at which the words have room."""
    for size in _SIZES:
        em = size / 72 * 25.4
        lines = 0.0
        for piece in said:
            room = (width_mm - INDENT_MM * piece.depth) / em * 0.96
            whole = sum(max(1.0, -(-ems(line) // room)) for line in piece.text.split("\n"))
            lines += whole * _LINE * 1.17 + _AFTER
        if lines * em <= _TEXT_MM:
            return size
    return _SIZES[-1]


def _same(data: bytes) -> bytes:
    """The archive with one date for all its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            target.writestr(zipfile.ZipInfo(item.filename, _DAY), source.read(item), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
