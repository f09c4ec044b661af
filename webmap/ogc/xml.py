"""XML of WMS and WMTS: elements with their texts, and the reports of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from layers.style.qml_xml import xml_text
from webmap.serving.quick import ORIGIN

XLINK = "http://www.w3.org/1999/xlink"
OWS = "http://www.opengis.net/ows/1.1"
WMS = "http://www.opengis.net/wms"
WMTS = "http://www.opengis.net/wmts/1.0"
_HREF = f"{{{XLINK}}}href"

for _prefix, _uri in (("xlink", XLINK), ("ows", OWS)):
    register_namespace(_prefix, _uri)


def add(parent: Element, name: str, text: str = "", /, **attributes: str) -> Element:
    """A new element under another, in the other's namespace unless it names its own.

    Args:
        parent: The other.
        name: Its name, ``{uri}name`` with a namespace of its own.
        text: What it says.
        attributes: Its attributes.
    """
    if not name.startswith("{") and parent.tag.startswith("{"):
        name = f"{parent.tag.partition('}')[0]}}}{name}"
    made = SubElement(parent, name, {key: xml_text(value) for key, value in attributes.items()})
    if text:
        made.text = xml_text(text)
    return made


def online(parent: Element, name: str, address: str, /, **attributes: str) -> Element:
    """An element that is a link.

    Args:
        parent: Where.
        name: Its name.
        address: After the origin.
        attributes: Further ones.
    """
    made = add(parent, name, **attributes)
    made.set(_HREF, ORIGIN + address)
    made.set(f"{{{XLINK}}}type", "simple")
    return made


_CODES = {
    "error-unknown-layer": "LayerNotDefined", "service-crs-not-offered": "InvalidCRS",
    "service-place-outside": "InvalidPoint", "service-parameter-missing": "MissingParameterValue",
    "error-unknown-tile": "TileOutOfRange",
}  # fmt: skip
_OGC = "http://www.opengis.net/ogc"
Report = tuple[bytes, str]


def _code(problem: Mapping[str, Any]) -> str:
    return _CODES.get(str(problem["type"]).rpartition(":")[2], "InvalidParameterValue")


def _told(problem: Mapping[str, Any]) -> str:
    return " ".join(part for part in (str(problem["detail"]), str(problem["remedy"])) if part)


def wms_report(problem: Mapping[str, Any]) -> Report:
    """What is wrong, as clients of WMS read it."""
    made = root("ServiceExceptionReport", {"version": "1.3.0"}, _OGC)
    add(made, "ServiceException", _told(problem), code=_code(problem))
    return written(made), "text/xml; charset=utf-8"


def ows_report(problem: Mapping[str, Any]) -> Report:
    """What is wrong, as clients of WMTS read it."""
    made = root("ExceptionReport", {"version": "1.0.0"}, OWS)
    add(add(made, "Exception", exceptionCode=_code(problem)), "ExceptionText", _told(problem))
    return written(made), "application/xml"


def written(root: Element, doctype: str = "") -> bytes:
    """A document as bytes."""
    body = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}{body}'.encode("utf-8", "replace")


def root(name: str, attributes: Mapping[str, str], namespace: str = "") -> Element:
    """The outermost element; its namespace is the default one of the document."""
    return Element(name, {**({"xmlns": namespace} if namespace else {}), **attributes})
