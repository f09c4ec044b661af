"""Small pieces of QML: option lists, data-defined properties, colours, numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping
from typing import Any

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Named by what it is: Python takes 9 ms to compile the class of all that is allowed."""

MM_PER_PX = 25.4 / 96
"""Millimetres in a CSS pixel (96 to the inch)."""

PT_PER_PX = 72 / 96
"""Points in a CSS pixel."""


def xml_text(text: str) -> str:
    r"""A text as XML 1.0 can hold it: what it forbids is replaced by U+FFFD.

    Example:
        >>> xml_text("a\x0bb")
        'a�b'
    """
    return _FORBIDDEN.sub("\ufffd", text)


def document(root: ET.Element, doctype: str) -> str:
    """A document as text, indented; what XML cannot hold is replaced.

    Just what `ET.indent` and `ET.tostring` write of elements without namespaces, in a third of their time: an edition
    has fifty thousand elements. The elements themselves are left as they are.

    Example:
        >>> root = ET.Element("a", of="<1>")
        >>> ET.SubElement(root, "b").text = "&"
        >>> document(root, "a").splitlines()
        ['<!DOCTYPE a>', '<a of="&lt;1&gt;">', '  <b>&amp;</b>', '</a>']
    """
    parts = [f"<!DOCTYPE {doctype}>\n"]
    _write(root, "\n", parts, _Attributes())
    return xml_text("".join([*parts, "\n"]))


class _Attributes(dict[tuple[str, str], str]):
    """Attributes as they are written, each made once: most stand there a thousand times."""

    def __missing__(self, item: tuple[str, str]) -> str:
        name, value = item
        value = _escaped(value).replace('"', "&quot;")
        value = value.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#09;")
        self[item] = written = f' {name}="{value}"'
        return written


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _write(element: ET.Element, outside: str, parts: list[str], attributes: _Attributes) -> None:
    """Write an element; ``outside`` is the line break and the blanks before its own end."""
    tag, text = element.tag, element.text
    opened = f"<{tag}{''.join(map(attributes.__getitem__, element.items()))}"
    if not len(element):
        parts.append(f"{opened}>{_escaped(text)}</{tag}>" if text else f"{opened} />")
        return
    inside = outside + "  "
    parts.append(f"{opened}>{_escaped(text) if text and text.strip() else inside}")
    last = element[-1]
    for child in element:
        _write(child, inside, parts, attributes)
        tail = child.tail
        parts.append(_escaped(tail) if tail and tail.strip() else outside if child is last else inside)
    parts.append(f"</{tag}>")


QGIS_DOCTYPE = "qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'"
"""Of styles and projects."""


def number(value: float) -> str:
    """Write a number with at most four decimals and no trailing zeros.

    Example:
        >>> number(2.50)
        '2.5'
    """
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"


def rgba(color: str, opacity: float = 1.0) -> str:
    """Write ``#rrggbb`` and an opacity (0 to 1) the way QGIS does.

    Example:
        >>> rgba("#ff8000", 0.5)
        '255,128,0,128'
    """
    red, green, blue = channels(color)
    return f"{red},{green},{blue},{round(opacity * 255)}"


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue of ``#rrggbb``, 0 to 255.

    Example:
        >>> channels("#ff8000")
        (255, 128, 0)
    """
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def quoted(text: str) -> str:
    """Write a string literal of QGIS's expression language.

    Example:
        >>> quoted("it's")
        "'it''s'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def options(values: Mapping[str, Any]) -> ET.Element:
    """Write QGIS's generic ``<Option type="Map">`` of strings."""
    root = ET.Element("Option", type="Map")
    for name, value in sorted(values.items()):
        ET.SubElement(root, "Option", type="QString", name=name, value=str(value))
    return root


def data_defined(expressions: Mapping[str, str], tag: str = "data_defined_properties") -> ET.Element:
    """Write properties that QGIS computes for each feature.

    Args:
        expressions: Expression (QGIS's language) by property name.
        tag: Element name; labels use ``dd_properties``.

    Returns:
        The element.
    """
    root = ET.Element(tag)
    outer = ET.SubElement(root, "Option", type="Map")
    ET.SubElement(outer, "Option", type="QString", name="name", value="")
    inner = ET.SubElement(outer, "Option", type="Map", name="properties")
    for name, expression in sorted(expressions.items()):
        entry = ET.SubElement(inner, "Option", type="Map", name=name)
        ET.SubElement(entry, "Option", type="bool", name="active", value="true")
        ET.SubElement(entry, "Option", type="QString", name="expression", value=expression)
        ET.SubElement(entry, "Option", type="int", name="type", value="3")
    ET.SubElement(outer, "Option", type="QString", name="type", value="collection")
    return root
