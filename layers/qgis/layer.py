"""A layer as projects and layer definitions hold it: where it lies, how it looks, what its columns are called."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping
from typing import Any

from pyproj import CRS

from layers.qgis.fields import form
from layers.qgis.source import Source
from layers.style.paint import GROUND
from layers.style.qml import look

VERSION = "3.22.16-Białowieża"
"""What projects and styles are written for; later versions read them."""
_WKB = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point", "none": "NoGeometry"}
_GEOMETRY = {"polygon": "Polygon", "line": "Line", "point": "Point", "none": "No geometry"}


def layer_id(layer: Mapping[str, Any]) -> str:
    """The id of a layer within a project; the same in every project of a plan."""
    return f"planmap_{layer['id']}"


def source_of(source: Source, layer: Mapping[str, Any]) -> str:
    """Where a layer lies, seen from the folder that the project is in."""
    return f"./{source.file}|layername={layer['id']}"


def stable_id(*parts: str) -> str:
    """A UUID in braces that follows from its parts.

    Example:
        >>> stable_id("a", "b") == stable_id("a", "b") != stable_id("b", "a")
        True
    """
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, '/'.join(parts))}}}"


def add_text(parent: ET.Element, tag: str, text: str, **attributes: str) -> ET.Element:
    """Add an element that holds a text."""
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def reference_system(crs: CRS) -> ET.Element:
    """Write a coordinate reference system as QGIS does: code, and definition for want of one."""
    root = ET.Element("spatialrefsys")
    code = crs.to_epsg()
    add_text(root, "wkt", crs.to_wkt())
    # QGIS takes the code only where this number, of its own list of systems, is there too; which one does not matter.
    add_text(root, "srsid", str(code or 0))
    add_text(root, "srid", str(code or 0))
    add_text(root, "authid", f"EPSG:{code}" if code else "")
    add_text(root, "description", crs.name)
    add_text(root, "geographicflag", "true" if crs.is_geographic else "false")
    return root


def map_layer(source: Source, layer: Mapping[str, Any], datasource: str = "", provider: str = "ogr") -> ET.Element:
    """Write a layer with its style, form and metadata.

    Args:
        source: What the project is written from.
        layer: The layer's record.
        datasource: Where it lies; in the file beside the project unless another place is given.
        provider: QGIS's name of what reads it.
    """
    geometry = str(layer.get("geometry") or "none")
    root = ET.Element(
        "maplayer",
        type="vector",
        geometry=_GEOMETRY[geometry],
        wkbType=_WKB[geometry],
        styleCategories="AllStyleCategories",
        hasScaleBasedVisibilityFlag="0",
        minScale="100000000",
        maxScale="0",
        readOnly="0",
        autoRefreshEnabled="0",
        autoRefreshTime="0",
        refreshOnNotifyEnabled="0",
        refreshOnNotifyMessage="",
    )
    add_text(root, "id", layer_id(layer))
    add_text(root, "datasource", datasource or source_of(source, layer))
    add_text(root, "layername", source.title(layer))
    if geometry != "none":
        ET.SubElement(root, "srs").append(reference_system(source.crs))
    add_text(root, "provider", provider, encoding="UTF-8")
    flags = ET.SubElement(root, "flags")
    for name, value in (("Identifiable", "1"), ("Removable", "1"), ("Searchable", "1"), ("Private", "0")):
        add_text(flags, name, value)
    if geometry != "none":
        kinds = [source.kinds[kind] for kind in layer["kinds"]]
        root.set("labelsEnabled", "1" if any(kind.label.size > 0 for kind in kinds) else "0")
        root.extend(
            look(
                kinds,
                source.statuses,
                source.frames[layer["id"]],
                pinned=source.crs.is_geographic,
                ground=layer.get("group") == GROUND,
                bases=source.meta.get("bases", ()),
                latitude=source.latitude,
            )
        )
    root.extend(form(source, layer))
    return root
