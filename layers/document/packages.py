"""What a word processor's file holds: parts of a zip archive, read as XML within limits."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from layers.model.errors import LayersError

PART_BYTES = 200 * 2**20
"""Largest size of a part when unpacked: about 5,000 pages."""
_MEMBERS = 20_000
_DEPTH = 256
_PIECE = 2**18
_DECLARED = re.compile("<!(DOCTYPE|ENTITY)", re.IGNORECASE)


class Package:
    """The parts of an archive.

    Args:
        raw: The file.
        shown: How messages name it.

    Raises:
        LayersError: ``document.damaged``, ``document.too_large``, ``document.encrypted``.
    """

    def __init__(self, raw: bytes, shown: str) -> None:
        self.shown = shown
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(raw))
            self._members = {one.filename: one for one in self._archive.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise LayersError("document.damaged", file=shown) from error
        if len(self._members) > _MEMBERS:
            raise LayersError("document.too_large", file=shown)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def count(self, prefix: str) -> int:
        """How many parts have names that begin so."""
        return sum(name.startswith(prefix) for name in self._members)

    def text(self, name: str) -> str:
        """A part as text.

        Raises:
            LayersError: ``document.damaged``, ``document.too_large``, ``document.encrypted``, ``document.declared``.
        """
        member = self._members[name]
        if member.flag_bits & 1:
            raise LayersError("document.encrypted", file=self.shown)
        if member.file_size > PART_BYTES:
            raise LayersError("document.too_large", file=self.shown)
        try:
            with self._archive.open(member) as part:
                raw = part.read(PART_BYTES + 1)
            if len(raw) > PART_BYTES:  # the size in the directory was a lie
                raise LayersError("document.too_large", file=self.shown)
            text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
            raise LayersError("document.damaged", file=self.shown) from error
        except Exception as error:  # zlib.error and lzma.LZMAError have no common ancestor but this
            if type(error).__name__ not in ("error", "LZMAError"):
                raise
            raise LayersError("document.damaged", file=self.shown) from error
        if _DECLARED.search(text):
            raise LayersError("document.declared", file=self.shown)
        return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)

    def tree(self, name: str) -> Element:
        """A part's element.

        Raises:
            LayersError: Those of ``text``; ``document.nested``.
        """
        return next(self.children(name, level=0))

    def children(self, name: str, level: int) -> Iterator[Element]:
        """The elements on a level of a part, 0 its root, each forgotten when the next is asked for.

        Raises:
            LayersError: Those of ``text``; ``document.nested``.
        """
        text, depth = self.text(name), 0
        parser: Any = XMLPullParser(("start", "end"))  # no document type, hence no entities: looked for in the text
        above: list[Element] = []
        try:
            for start in range(0, len(text), _PIECE):
                parser.feed(text[start : start + _PIECE])
                for event, element in parser.read_events():
                    if event == "start":
                        depth += 1
                        if depth > _DEPTH:
                            raise LayersError("document.nested", file=self.shown)
                        if depth <= level:
                            above.append(element)
                        continue
                    depth -= 1
                    if depth == level:
                        yield element
                        if above:
                            above[-1].remove(element)
                    elif depth < level:
                        above.pop()
            parser.close()
        except (ParseError, ValueError) as error:
            raise LayersError("document.damaged", file=self.shown) from error


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: Element | None, *names: str) -> Element | None:
    """The element below along the names, each the first of its name; None where there is none."""
    for name in names:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def attribute(element: Element | None, name: str = "val") -> str | None:
    """An attribute by its name without namespace."""
    if element is None:
        return None
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
