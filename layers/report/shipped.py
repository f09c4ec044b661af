"""The shipped Word template and its styles: Chinese fonts and a language on every style, headings numbered by Word."""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm

from layers.report.look import look
from layers.report.ooxml import Element, field, paragraph, run, w

TABLE_TEXT, NOTE, BODY_TEXT, CAPTION = "PlanmapTable", "PlanmapNote", "PlanmapBody", "Caption"
TOC1, TOC2, LINK = "TOC1", "TOC2", "Hyperlink"
LANGUAGE = {"zh": ("zh-CN", "zh-CN"), "en": ("en-GB", "zh-CN")}
"""Of Latin and of Chinese text."""
_TWIPS_MM = 1440 / 25.4
_PLAIN = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


def shipped_template(lang: str) -> bytes:
    """The shipped template, the same bytes' worth of content every time.

    Args:
        lang: Of its few words.
    """
    document = docx.Document()
    section = document.sections[0]
    page = look()["page"]
    section.page_width, section.page_height = Mm(page["width"]), Mm(page["height"])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(page["margin"])
    section.different_first_page_header_footer = True
    dress(document, lang, own=True)
    _number_headings(document)
    body = document.element.body
    end = body.find(qn("w:sectPr"))
    for one in _pages():
        end.addprevious(one)
    _header(section)
    for one in document.settings.element.iter(qn("w:themeFontLang")):
        one.set(qn("w:val"), LANGUAGE[lang][0])
        one.set(qn("w:eastAsia"), LANGUAGE[lang][1])
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _pages() -> list[Element]:
    """Title page, contents, and where the chapters go."""
    gap = [paragraph("Normal") for _ in range(7)]
    foot = [paragraph("Normal") for _ in range(9)]
    return [
        *gap, paragraph("Title", run("{{ title }}")), paragraph("Subtitle", run("{{ plan_title }}")), *foot,
        paragraph("Subtitle", run("{{ district }}")), paragraph(NOTE, run("{{ edition_line }}"), jc="center"),
        paragraph("Normal", w("r", w("br", type="page"))),
        paragraph("Normal", run("{{ contents }}")),
        paragraph("Normal", w("r", w("br", type="page"))),
        paragraph("Normal", run("{{ body }}")),
    ]  # fmt: skip


def _header(section: Any) -> None:
    head = section.header.paragraphs[0]._p
    head.getparent().replace(head, paragraph(NOTE, run("{{ title }}"), jc="center"))
    foot = section.footer.paragraphs[0]._p
    foot.getparent().replace(foot, paragraph(NOTE, *field("PAGE", "1"), jc="center"))
    section.first_page_header.is_linked_to_previous = False
    section.first_page_footer.is_linked_to_previous = False


# ---- styles


def dress(document: Any, lang: str, *, own: bool = False) -> None:
    """Give a template the styles that a report needs, and every style Chinese fonts and a language.

    Args:
        document: Of python-docx.
        lang: Of its words.
        own: The shipped one, whose styles are ours throughout; of an office's own only what is missing is added.
    """
    styles = document.styles
    word, size, colour = look()["word"], look()["size"], look()["colour"]
    known = {style.style_id for style in styles}
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("Normal", "Normal", {"size": size["body"], "spacing": {"line": 324, "lineRule": "auto", "after": 60}}),
        (BODY_TEXT, "Planmap Body", {"size": size["body"], "jc": "both" if lang == "zh" else "left",
                                     "indent": lang == "zh",
                                     "spacing": {"line": 336, "lineRule": "auto", "after": 100}}),
        ("Title", "Title", {"size": size["title"], "head": True, "bold": True, "jc": "center",
                            "spacing": {"after": 240, "line": 300, "lineRule": "auto"}}),
        ("Subtitle", "Subtitle", {"size": size["subtitle"], "head": True, "jc": "center", "spacing": {"after": 120}}),
        ("Heading1", "Heading 1", {"size": size["h1"], "head": True, "bold": True, "keep": True, "outline": 0,
                                   "spacing": {"before": 480, "after": 180}}),
        ("Heading2", "Heading 2", {"size": size["h2"], "head": True, "bold": True, "keep": True, "outline": 1,
                                   "spacing": {"before": 300, "after": 120}}),
        (CAPTION, "caption", {"size": size["table"], "head": True, "jc": "center",
                              "spacing": {"before": 120, "after": 80}}),
        (TABLE_TEXT, "Planmap Table", {"size": size["table"], "spacing": {"before": 20, "after": 20}}),
        (NOTE, "Planmap Note", {"size": size["note"], "color": colour["grey"],
                                     "spacing": {"before": 40, "after": 100}}),
        (TOC1, "toc 1", {"size": size["body"], "tabs": True, "spacing": {"before": 100, "after": 20}, "bold": True}),
        (TOC2, "toc 2", {"size": size["body"], "tabs": True, "left": 420, "spacing": {"after": 20}}),
        ("TOCHeading", "TOC Heading", {"size": size["h1"], "head": True, "bold": True, "jc": "center",
                                       "spacing": {"after": 240}}),
    ]  # fmt: skip
    for key, name, looks in wanted:
        if own or key not in known:
            _style(styles, key, name, looks, word)
    if LINK not in known:
        made = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER).element
        made.append(w("rPr", w("color", val=colour["link"].removeprefix("#"))))
    _languages(styles, lang, word, own=own)


def _style(styles: Any, key: str, name: str, looks: dict[str, Any], fonts: dict[str, str]) -> None:
    """Make or replace a paragraph style."""
    found = next((style.element for style in styles if style.style_id == key), None)
    element = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).element if found is None else found
    element.set(qn("w:styleId"), key)
    for tag in ("w:pPr", "w:rPr"):
        for old in element.findall(qn(tag)):
            element.remove(old)
    head = looks.get("head")
    told = [
        w("rFonts", ascii=fonts["latin_head" if head else "latin"], hAnsi=fonts["latin_head" if head else "latin"],
          eastAsia=fonts["head" if head else "body"], cs=fonts["latin"]),
        *([w("b")] if looks.get("bold") else []),
        w("color", val=looks.get("color", look()["colour"]["ink"]).removeprefix("#")),
        w("sz", val=round(2 * looks["size"])), w("szCs", val=round(2 * looks["size"])),
    ]  # fmt: skip
    based = element.find(qn("w:basedOn"))
    if based is not None and key != "Normal":  # a heading's number must not come with it
        based.set(qn("w:val"), "Normal")
    element.append(w("pPr", *_layout(looks)))
    element.append(w("rPr", *told))


def _layout(looks: dict[str, Any]) -> list[Element]:
    """Paragraph properties, in the order of the schema."""
    made = [w("keepNext"), w("keepLines")] if looks.get("keep") else []
    if looks.get("tabs"):
        page = look()["page"]
        width = round((page["width"] - 2 * page["margin"]) * _TWIPS_MM)
        made.append(w("tabs", w("tab", val="right", leader="dot", pos=width)))
    made.append(w("spacing", **looks["spacing"]))
    if looks.get("indent"):
        made.append(w("ind", firstLine=420, firstLineChars=200))
    if looks.get("left"):
        made.append(w("ind", left=looks["left"]))
    if looks.get("jc"):
        made.append(w("jc", val=looks["jc"]))
    if "outline" in looks:
        made.append(w("outlineLvl", val=looks["outline"]))
    return made


def _languages(styles: Any, lang: str, fonts: dict[str, str], *, own: bool) -> None:
    """A Chinese font and a language for the defaults and every style, so that none falls back to a Japanese face."""
    latin, chinese = LANGUAGE[lang]
    defaults = styles.element.find(qn("w:docDefaults"))
    looks = [] if defaults is None else list(defaults.iter(qn("w:rPr")))
    for style in styles:
        if style.type != WD_STYLE_TYPE.LIST:
            looks.append(style.element.get_or_add_rPr())
    for one in looks:
        found = one.find(qn("w:rFonts"))
        if found is None:
            found = w("rFonts")
            at = 1 if one.find(qn("w:rStyle")) is not None else 0
            one.insert(at, found)
        if own:
            for name in _PLAIN:
                found.attrib.pop(qn(f"w:{name}"), None)
        if found.get(qn("w:eastAsia")) is None and found.get(qn("w:eastAsiaTheme")) is None:
            found.set(qn("w:eastAsia"), fonts["body"])
        if own and found.get(qn("w:ascii")) is None:
            found.set(qn("w:ascii"), fonts["latin"])
            found.set(qn("w:hAnsi"), fonts["latin"])
        language = one.find(qn("w:lang"))
        if language is None:
            language = w("lang")
            one.append(language)
        if own or language.get(qn("w:eastAsia")) is None:
            language.set(qn("w:val"), latin)
            language.set(qn("w:eastAsia"), chinese)


def _number_headings(document: Any) -> None:
    """Headings numbered 1, 1.1 by a list of their own, which Word, WPS and LibreOffice count alike."""
    numbering = document.part.numbering_part.element
    ids = [int(one.get(qn("w:abstractNumId"))) for one in numbering.findall(qn("w:abstractNum"))]
    abstract, number = max(ids, default=0) + 1, len(numbering.findall(qn("w:num"))) + 1
    levels = [
        w("lvl", w("start", val=1), w("numFmt", val="decimal"), w("pStyle", val=f"Heading{at + 1}"),
          w("suff", val="space"), w("lvlText", val=".".join(f"%{n + 1}" for n in range(at + 1))),
          w("lvlJc", val="left"), w("pPr", w("ind", left=0, firstLine=0)), ilvl=at)
        for at in range(2)
    ]  # fmt: skip
    numbering.insert(0, w("abstractNum", w("multiLevelType", val="multilevel"), *levels, abstractNumId=abstract))
    numbering.append(w("num", w("abstractNumId", val=abstract), numId=number))
    for at in range(2):
        look_of = document.styles.element.xpath(f'w:style[@w:styleId="Heading{at + 1}"]/w:pPr')[0]
        place = look_of.find(qn("w:spacing"))
        place.addprevious(w("numPr", w("ilvl", val=at), w("numId", val=number)))
