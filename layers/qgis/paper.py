"""The plan's own ground: white under its layers, as on the page."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping
from typing import Any

from layers.model.plan import DISTRICT
from layers.qgis.layer import layer_id, map_layer
from layers.qgis.source import Source, has_shapes, word
from layers.style.paint import GROUND

PAPER: Mapping[str, Any] = {"id": "paper"}
"""What stands for a layer's record: it is the plan's outline once more, and no layer of the plan."""


def outline(source: Source) -> Mapping[str, Any] | None:
    """The layer of the plan's outline, whose inside is white on the page; None without one."""
    for layer in source.layers:
        if DISTRICT in layer.get("kinds", ()) and has_shapes(source.frames[layer["id"]]):
            return layer
    return None


def place(source: Source) -> int:
    """In the order of drawing: over the ground that goes all round the plan, else under everything."""
    lowest = source.stacked[-1]
    around = lowest.get("group") == GROUND and lowest.get("geometry") == "polygon"
    return len(source.stacked) - 1 if around else len(source.stacked)


def name(source: Source) -> str:
    """What it is called in the tree."""
    return word("paper", source.lang)


def paper_layer(source: Source, district: Mapping[str, Any]) -> ET.Element:
    """The plan's ground: white, without outline, names or legend."""
    root = map_layer(source, district)
    for tag in ("renderer-v2", "labeling"):
        for one in root.findall(tag):
            root.remove(one)
    for tag, text in (("id", layer_id(PAPER)), ("layername", name(source))):
        found = root.find(tag)
        if found is not None:
            found.text = text
    root.set("labelsEnabled", "0")
    for said in ("Identifiable", "Searchable"):
        flag = root.find(f"flags/{said}")
        if flag is not None:
            flag.text = "0"
    plain = {"type": "singleSymbol", "forceraster": "0", "symbollevels": "0", "enableorderby": "0"}
    symbols = ET.SubElement(ET.SubElement(root, "renderer-v2", plain), "symbols")
    symbol = ET.SubElement(symbols, "symbol", type="fill", name="0", alpha="1", clip_to_extent="1")
    fill = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "pass": "0", "enabled": "1", "locked": "0"})
    listed = ET.SubElement(fill, "Option", type="Map")
    for key, choice in (("color", "255,255,255,255"), ("style", "solid"), ("outline_style", "no")):
        ET.SubElement(listed, "Option", type="QString", name=key, value=choice)
    return root
