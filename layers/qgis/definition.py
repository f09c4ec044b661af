"""Layer definitions (``.qlr``): layers to be added to whatever project is open, with their look, forms and map tips."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping
from typing import Any

from layers import words
from layers.qgis.layer import layer_id, map_layer, source_of
from layers.qgis.source import Source
from layers.style.qml_xml import document

FILES, SERVICE = "ogr", "OAPIF"
"""QGIS' names of what reads a file, and OGC API Features."""


def definition(source: Source, service: str = "") -> str:
    """Write a definition of all layers, in a group of the plan's name.

    Args:
        source: The layers, and the name of the file that they are in.
        service: Address of an OGC API Features service whose collections are the layers, such as
            ``https://example.org/ogc``; "" for the file, which then lies beside the definition.

    Returns:
        A ``.qlr`` document (text, UTF-8) for QGIS 3.22 and later.
    """
    root = ET.Element("qlr")
    title = words.name(source.meta["plan"], source.lang, "short_title")
    outer = ET.SubElement(root, "layer-tree-group", name="", checked="Qt::Checked", expanded="1")
    plan = ET.SubElement(outer, "layer-tree-group", name=title, checked="Qt::Checked", expanded="1")
    held = ET.SubElement(root, "maplayers")
    shown = source.shown
    # The tree of the project that they come into has no order of its own: they are drawn as they are listed.
    for layer in source.stacked:
        provider = SERVICE if service else FILES
        place = _collection(source, layer, service) if service else source_of(source, layer)
        ET.SubElement(
            plan,
            "layer-tree-layer",
            id=layer_id(layer),
            name=source.title(layer),
            source=place,
            providerKey=provider,
            checked="Qt::Checked" if layer["id"] in shown else "Qt::Unchecked",
            expanded="0",
        )
        held.append(map_layer(source, layer, place, provider))
    return document(root, "qgis-layer-definition")


def _collection(source: Source, layer: Mapping[str, Any], service: str) -> str:
    """A collection of a service as QGIS names it: only what is in view is asked for."""
    parts = {
        "pagingEnabled": "true",
        "restrictToRequestBBOX": "1",
        "srsname": f"EPSG:{source.crs.to_epsg()}",
        "typename": str(layer["id"]),
        "url": service.rstrip("/"),
    }
    return " ".join(f"{name}='{_quoted(value)}'" for name, value in parts.items())


def _quoted(value: str) -> str:
    r"""A value between single quotes, as QGIS reads them.

    Example:
        >>> _quoted("a'b")
        "a\\'b"
    """
    return value.replace("\\", "\\\\").replace("'", "\\'")
