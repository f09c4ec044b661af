"""The Word template of the report: the one that is shipped, and what an office's own may hold.

A template names fields in double braces (``{{ title }}``) and, each in a paragraph of its own, chapters
(``{{ overall }}``), the list of contents (``{{ contents }}``), or all chapters at once (``{{ body }}``).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import jinja2
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

from layers.model.errors import LayersError, word
from layers.report.ooxml import Element
from layers.report.wording import CHAPTERS, FOLDER

FILE = "template.docx"
BODY, CONTENTS = "body", "contents"
BLOCKS = (BODY, CONTENTS, *CHAPTERS)
MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 20_000_000, 100_000_000, 2000
_MACROS = ("vbaproject.bin", "vbadata.xml")
_MACRO_TYPE = b"macroEnabled"
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not, nodes.And, nodes.Or, nodes.Const,
    nodes.Compare, nodes.Operand,
)  # fmt: skip
"""What a template may write: fields, and conditions on them. Nothing loops, nothing is called."""
_OUTSIDE = b"TargetMode"
_PROPERTIES = ("author", "category", "comments", "content_status", "identifier", "keywords", "last_modified_by",
               "subject", "title", "version")  # fmt: skip
_START, _END = "\ue000", "\ue001"
"""Around the name of a block while a template is filled; private use, no text of a plan has them."""


class Template:
    """A template whose package and fields have been looked at.

    Args:
        path: The file, or None for the shipped one.
        lang: Of the shipped one, and of details in messages.
        fields: What may be named.

    Raises:
        LayersError: ``report.template_…``.

    Attributes:
        order: Keys of the chapters in its order; None where it has them all at once.
    """

    def __init__(self, path: Path | None, lang: str, fields: Iterable[str]) -> None:
        from layers.report.shipped import shipped_template  # noqa: PLC0415 - an office's own does without

        self.file = f"{FOLDER}/{FILE}" if path is None else path.name
        self.lang, self.fields = lang, tuple(fields)
        content = shipped_template(lang) if path is None else _content(path, self.file)
        try:
            self._check_package(content)
            self._filled = DocxTemplate(io.BytesIO(content))
            self._filled.init_docx()
            self._check_fields()
        except (PackageNotFoundError, KeyError, ValueError, AttributeError, SyntaxError) as error:  # XML's errors, too
            raise self._unread("part", part=str(error)[:80] or "word/document.xml") from error
        self.order = self._order()

    def document(self, fields: Mapping[str, str]) -> tuple[DocxTemplate, dict[str, Element]]:
        """The template with its fields filled, and the paragraph of each block that it names."""
        blocks = {name: f"{_START}{name}{_END}" for name in BLOCKS}
        environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined)
        docx = self._filled.docx
        assert docx is not None  # noqa: S101 - for the type checker; opened by __init__
        for name in _PROPERTIES:  # docxtpl would fill these too, unchecked
            setattr(docx.core_properties, name, "")
        self._filled.render({**fields, **blocks}, environment, autoescape=True)
        return self._filled, {name: p for name, p in self._paragraphs(_START, _END) if name in BLOCKS}

    # ---- what it may hold

    def _check_package(self, content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = archive.infolist()
                if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                    raise self._unread("size")
                if any(part.filename.lower().endswith(_MACROS) for part in parts):
                    raise LayersError("report.template_macro", file=self.file)
                for part in parts:
                    self._check_part(part.filename, archive.read(part))
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise self._unread("zip") from error

    def _check_part(self, name: str, content: bytes) -> None:
        if name == "[Content_Types].xml" and _MACRO_TYPE in content:
            raise LayersError("report.template_macro", file=self.file)
        if not name.endswith((".xml", ".rels")):
            return
        if b"<!DOCTYPE" in content or b"<!\x00D\x00O\x00C" in content:
            raise self._unread("doctype")
        if name.endswith(".rels") and _OUTSIDE in content:
            for one in parse_xml(content):
                outside = one.get("TargetMode") == "External"
                if outside and not str(one.get("Type", "")).endswith("/hyperlink"):
                    raise LayersError("report.template_outside", file=self.file, value=str(one.get("Target"))[:80])

    def _unread(self, detail: str, **params: str) -> LayersError:
        told = word(f"report.detail.{detail}", self.lang, **params)
        return LayersError("report.template_unread", file=self.file, detail=told)

    def _check_fields(self) -> None:
        """Only known fields and conditions, in the body, headers and footers alike."""
        environment = SandboxedEnvironment()
        found: set[str] = set()
        choices = [f"{{{{ {name} }}}}" for name in self.fields[:3]]
        for xml in self._texts():
            try:
                tree = environment.parse(xml)
            except jinja2.TemplateSyntaxError as error:
                value = str(error.message)[:80]
                raise LayersError("report.template_statement", file=self.file, value=value, choices=choices) from error
            for node in tree.find_all(nodes.Node):
                if not isinstance(node, _ALLOWED):
                    value = type(node).__name__
                    raise LayersError("report.template_statement", file=self.file, value=value, choices=choices)
                if isinstance(node, nodes.Name):
                    found.add(node.name)
        if unknown := sorted(found - {*self.fields, *BLOCKS}):
            raise LayersError("report.template_unknown", file=self.file, fields=unknown, choices=list(self.fields),
                              chapters=list(BLOCKS))  # fmt: skip
        named = [name for name, _p in self._paragraphs("{{", "}}")]
        for name in BLOCKS:
            if name in found and named.count(name) != 1:
                raise LayersError("report.template_place", file=self.file, value=name)

    def _texts(self) -> Iterable[str]:
        """The markup that is filled, as docxtpl sees it."""
        template = self._filled
        yield template.patch_xml(template.get_xml())
        for relation in (template.HEADER_URI, template.FOOTER_URI):
            for _key, part in template.get_headers_footers(relation):
                yield template.patch_xml(template.get_part_xml(part))
        docx = template.docx
        assert docx is not None  # noqa: S101 - for the type checker; opened by __init__
        for part in docx.part.package.parts:
            if str(part.partname).endswith("footnotes.xml"):
                yield template.patch_xml(part.blob.decode("utf-8", errors="replace"))

    def _paragraphs(self, start: str, end: str) -> Iterable[tuple[str, Element]]:
        """Paragraphs of the body that hold one name between two marks and nothing else."""
        docx = self._filled.docx
        assert docx is not None  # noqa: S101 - for the type checker; opened above
        for paragraph in docx.element.body.iterchildren(qn("w:p")):
            told = "".join(one.text or "" for one in paragraph.iter(qn("w:t"))).strip()
            if told.startswith(start) and told.endswith(end):
                yield told.removeprefix(start).removesuffix(end).strip(), paragraph

    def _order(self) -> tuple[str, ...] | None:
        named = [name for name, _p in self._paragraphs("{{", "}}")]
        if BODY in named:
            twice = next((name for name in named if name in CHAPTERS), "")
            if twice:
                raise LayersError("report.template_place", file=self.file, value=twice)
            return None
        order = tuple(name for name in named if name in CHAPTERS)
        if not order:
            raise LayersError("report.template_empty", file=self.file, choices=[BODY, *CHAPTERS])
        return order


def _content(path: Path, file: str) -> bytes:
    if path.suffix.lower() in (".docm", ".dotm"):
        raise LayersError("report.template_macro", file=file)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LayersError("report.template_unread", file=file, detail=word("report.detail.size"))
        return path.read_bytes()
    except OSError as error:
        raise LayersError("report.template_unread", file=file, detail=str(error.strerror or error)) from error
