"""Rasters beside a project: a group of them near the top, all off, drawn over shapes and under what marks units."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from pyproj import CRS

from layers.qgis.layer import add_text, layer_id, reference_system
from layers.qgis.units import UNITS
from layers.style.qml_xml import QGIS_DOCTYPE, document

PROVIDER = "gdal"


@dataclass(frozen=True, slots=True)
class Raster:
    """A raster of a project.

    Attributes:
        id: Within the project; that of no layer of the plan.
        name: What it is called in the tree.
        place: Path of the file, seen from the project's folder.
        style: The elements of its style: a ``pipe`` with a renderer.
    """

    id: str
    name: str
    place: str
    style: ET.Element


def with_rasters(project: str, rasters: Sequence[Raster], crs: CRS, group: str) -> str:
    """Add rasters to a project; they are off, in the project and in every view.

    Args:
        project: As `layers.qgis.project.project` gives it.
        rasters: The uppermost first.
        crs: Of their cells.
        group: What their group in the tree is called.

    Returns:
        The project.
    """
    root = ET.fromstring(project)  # noqa: S314 - a text that this package has written
    tree = root.find("layer-tree-group")
    custom, order, held = (
        root.find("layer-tree-group/custom-order"),
        root.find("layerorder"),
        root.find("projectlayers"),
    )
    if tree is None or custom is None or order is None or held is None:  # not in what `project` writes
        raise LookupError("layer-tree-group")
    branch = ET.Element("layer-tree-group", name=group, checked="Qt::Checked", expanded="0")
    above = sum(1 for item in custom if item.text == layer_id(UNITS))
    for place, one in enumerate(rasters):
        ET.SubElement(
            branch, "layer-tree-layer", id=_id(one), name=one.name, source=one.place, providerKey=PROVIDER,
            checked="Qt::Unchecked", expanded="0", legend_exp="", legend_split_behavior="0", patch_size="-1,-1",
        )  # fmt: skip
        item = ET.Element("item")
        item.text = _id(one)
        custom.insert(above + place, item)
        order.insert(above + place, ET.Element("layer", id=_id(one)))
        held.append(_map_layer(one, crs))
    last = max(at for at, node in enumerate(tree) if node.tag.startswith("layer-tree-"))
    tree.insert(last + 1, branch)
    return document(root, QGIS_DOCTYPE)


# ---- machinery


def _id(one: Raster) -> str:
    return layer_id({"id": one.id})


def _map_layer(one: Raster, crs: CRS) -> ET.Element:
    root = ET.Element(
        "maplayer", type="raster", styleCategories="AllStyleCategories", hasScaleBasedVisibilityFlag="0",
        minScale="1e+08", maxScale="0", autoRefreshEnabled="0", autoRefreshTime="0", refreshOnNotifyEnabled="0",
        refreshOnNotifyMessage="",
    )  # fmt: skip
    add_text(root, "id", _id(one))
    add_text(root, "datasource", one.place)
    add_text(root, "layername", one.name)
    ET.SubElement(root, "srs").append(reference_system(crs))
    add_text(root, "provider", PROVIDER)
    flags = ET.SubElement(root, "flags")
    for name, value in (("Identifiable", "1"), ("Removable", "1"), ("Searchable", "0"), ("Private", "0")):
        add_text(flags, name, value)
    root.append(one.style)
    add_text(root, "blendMode", "0")
    return root
