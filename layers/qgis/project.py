"""A QGIS project of an edition: tree, order, views as themes, forms, layouts; the same input gives the same bytes."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from pyproj import CRS, Transformer

from geo.crs import CGCS2000
from layers import words
from layers.qgis import units
from layers.qgis.fields import SERVER
from layers.qgis.layer import (
    VERSION,
    add_text,
    layer_id,
    map_layer,
    reference_system,
    source_of,
)
from layers.qgis.layouts import layouts
from layers.qgis.paper import PAPER, outline, paper_layer
from layers.qgis.paper import name as paper_name
from layers.qgis.paper import place as paper_place
from layers.qgis.source import Source, has_shapes
from layers.style.paint import GROUND
from layers.style.qml_xml import QGIS_DOCTYPE, document

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""

_MARGIN = 0.04
_CORNERS = 2
"""Bounds of a view may be two corners, latitude first."""


def project(source: Source) -> str:
    """Write the project.

    Args:
        source: The layers, and the name of the file that they are in.

    Returns:
        A ``.qgs`` document (text, UTF-8) for QGIS 3.22 and later.
    """
    plan, lang = source.meta["plan"], source.lang
    title = words.name(plan, lang, "short_title") or words.name(plan, lang, "title")
    root = ET.Element("qgis", projectname=title, version=VERSION, saveDateTime=f"{_year(source)}-01-01T00:00:00")
    ET.SubElement(root, "homePath", path="")
    add_text(root, "title", title)
    ET.SubElement(root, "projectCrs").append(reference_system(source.canvas))
    order = [layer_id(one) for one in source.stacked]
    paper = outline(source)
    if paper is not None:
        order.insert(paper_place(source), layer_id(PAPER))
    marked = bool(units.held(source))
    if marked:
        order.insert(0, layer_id(units.UNITS))
    root.append(_tree(source, order, paper))
    root.append(_canvas(source))
    held = ET.SubElement(root, "projectlayers")
    held.extend(map_layer(source, layer) for layer in source.layers)
    if paper is not None:
        held.append(paper_layer(source, paper))
    if marked:
        held.append(units.unit_layer(source))
    layer_order = ET.SubElement(root, "layerorder")
    for one in order:
        ET.SubElement(layer_order, "layer", id=one)
    root.append(_properties(source))
    root.append(_themes(source, paper))
    root.append(_metadata(source, title))
    root.append(layouts(source, title, home(source)))
    root.append(_view(source))
    return document(root, QGIS_DOCTYPE)


def packed(document: str, name: str, year: int) -> bytes:
    """A project as ``.qgz``: an archive that holds it, of a date that does not change.

    Args:
        document: As `project` gives it.
        name: Of the project, without extension.
        year: What stands for the time of making.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(f"{name}.qgs", (max(year, 1980), 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o644 << 16
        archive.writestr(member, document.encode("utf-8"))
    return out.getvalue()


def unpacked(archive: bytes, name: str) -> str:
    """The project in a ``.qgz``, as `packed` has written it.

    Args:
        archive: The bytes.
        name: Of the project, without extension.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        return held.read(f"{name}.qgs").decode("utf-8")


def home(source: Source) -> Bounds:
    """What the map shows at first, in the canvas' system: the first view, else the plan, with a little room."""
    stated = source.meta["plan"].get("bounds")
    for view in source.views[:1]:
        stated = view.get("bounds") or stated
    if stated:
        if len(stated) == _CORNERS:
            stated = [*reversed(stated[0]), *reversed(stated[1])]
        west, south, east, north = map(float, stated)
        return padded(_moved(CGCS2000, source.canvas, (west, south, east, north)), _MARGIN)
    drawn = [frame for frame in source.frames.values() if has_shapes(frame)]
    if not drawn:
        return (0.0, 0.0, 1.0, 1.0)
    boxes = [[float(value) for value in frame.total_bounds] for frame in drawn]
    west, south = (min(box[at] for box in boxes) for at in (0, 1))
    east, north = (max(box[at] for box in boxes) for at in (2, 3))
    return padded(_moved(source.crs, source.canvas, (west, south, east, north)), _MARGIN)


def padded(bounds: Bounds, share: float) -> Bounds:
    """Bounds with a share of their size around them.

    Example:
        >>> padded((0, 0, 10, 20), 0.1)
        (-1.0, -2.0, 11.0, 22.0)
    """
    west, south, east, north = bounds
    across, up = (east - west) * share, (north - south) * share
    return west - across, south - up, east + across, north + up


# ---- machinery


def _year(source: Source) -> int:
    return int(source.meta["plan"]["as_of"])


def _moved(given: CRS, wanted: CRS, bounds: Bounds) -> Bounds:
    west, south, east, north = Transformer.from_crs(given, wanted, always_xy=True).transform_bounds(*bounds)
    return round(west, 1), round(south, 1), round(east, 1), round(north, 1)


def _tree(source: Source, order: Sequence[str], paper: Mapping[str, Any] | None) -> ET.Element:
    """Groups and layers in the plan's order, what is on at first, and the order of drawing apart from it."""
    root, shown = ET.Element("layer-tree-group"), source.shown
    if layer_id(units.UNITS) in order:
        root.append(units.leaf(source))
    for group in source.meta.get("groups", ()):
        inside = [one for one in source.layers if one.get("group") == group["id"]]
        if not inside:
            continue
        branch = ET.SubElement(
            root, "layer-tree-group", name=words.name(group, source.lang), checked="Qt::Checked", expanded="1"
        )
        for layer in inside:
            _leaf(branch, source, layer, layer["id"] in shown)
        if group["id"] == GROUND and paper is not None:
            _leaf(branch, source, paper, True, hidden=True)
            paper = None
    known = {group["id"] for group in source.meta.get("groups", ())}
    for layer in source.layers:
        if layer.get("group") not in known:
            _leaf(root, source, layer, layer["id"] in shown)
    if paper is not None:  # a plan without ground: a layer that the tree does not know would not be drawn
        _leaf(root, source, paper, True, hidden=True)
    custom = ET.SubElement(root, "custom-order", enabled="1")
    for one in order:
        add_text(custom, "item", one)
    return root


def _leaf(branch: ET.Element, source: Source, layer: Mapping[str, Any], on: bool, *, hidden: bool = False) -> None:
    leaf = ET.SubElement(
        branch,
        "layer-tree-layer",
        id=layer_id(PAPER) if hidden else layer_id(layer),
        name=paper_name(source) if hidden else source.title(layer),
        source=source_of(source, layer),
        providerKey="ogr",
        checked="Qt::Checked" if on else "Qt::Unchecked",
        expanded="0",
        legend_exp="",
        legend_split_behavior="0",
        patch_size="-1,-1",
    )
    if hidden:
        told = ET.SubElement(ET.SubElement(leaf, "customproperties"), "Option", type="Map")
        for name, value in (("legend/node-order", "empty"), ("legend/title-style", "hidden")):
            ET.SubElement(told, "Option", type="QString", name=name, value=value)


def _canvas(source: Source) -> ET.Element:
    root = ET.Element("mapcanvas", name="theMapCanvas", annotationsVisible="1")
    add_text(root, "units", "meters")
    extent = ET.SubElement(root, "extent")
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), home(source), strict=True):
        add_text(extent, tag, f"{value:.1f}")
    add_text(root, "rotation", "0")
    ET.SubElement(root, "destinationsrs").append(reference_system(source.canvas))
    return root


def _view(source: Source) -> ET.Element:
    """What “full extent” goes back to."""
    root = ET.Element("ProjectViewSettings", UseProjectScales="0", rotation="0")
    ET.SubElement(root, "Scales")
    corners = {tag: f"{value:.1f}" for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), home(source), strict=True)}
    ET.SubElement(root, "DefaultViewExtent", corners).append(reference_system(source.canvas))
    return root


def _properties(source: Source) -> ET.Element:
    """Paths seen from the project, the colour beyond the map, measuring on the ellipsoid, labelling, variables."""
    root = ET.Element("properties")
    # Without it QGIS passes over the project's own system without a word.
    add_text(ET.SubElement(root, "SpatialRefSys"), "ProjectionsEnabled", "1", type="int")
    add_text(ET.SubElement(root, "Paths"), "Absolute", "false", type="bool")
    gui = ET.SubElement(root, "Gui")
    for part, value in zip(("Red", "Green", "Blue"), source.beyond, strict=True):
        add_text(gui, f"CanvasColor{part}Part", str(value), type="int")
    measure = ET.SubElement(root, "Measure")
    add_text(measure, "Ellipsoid", _ellipsoid(source.canvas), type="QString")
    units = ET.SubElement(root, "Measurement")
    add_text(units, "DistanceUnits", "kilometers", type="QString")
    add_text(units, "AreaUnits", "km2", type="QString")
    pal = ET.SubElement(root, "PAL")
    # Outlines: drawn as text, letters lose the spacing that their halo keeps.
    for key, choice in (("SearchMethod", "0"), ("TextFormat", "0"), ("PlacementEngineVersion", "1")):
        add_text(pal, key, choice, type="int")
    # As on the page, no name is cut by the edge of the map.
    for key in ("DrawingUnplaced", "ShowingPartialsLabels"):
        add_text(pal, key, "false", type="bool")
    # Names stand near the web map's places, which is little room: it is looked through closely.
    for key, density in (("CandidatesLinePerCM", "5"), ("CandidatesPolygonPerCM", "10")):
        add_text(pal, key, density, type="double")
    position = ET.SubElement(root, "PositionPrecision")
    add_text(position, "Automatic", "true", type="bool")
    variables = ET.SubElement(root, "Variables")
    for tag, listed in (("variableNames", [SERVER, "planmap_edition"]), ("variableValues", ["", source.hash])):
        values = ET.SubElement(variables, tag, type="QStringList")
        for one in listed:
            add_text(values, "value", one)
    return root


def _ellipsoid(crs: CRS) -> str:
    """QGIS' name of a system's ellipsoid; scale bars are drawn by it."""
    code = (crs.ellipsoid.to_json_dict() if crs.ellipsoid else {}).get("id", {})
    return f"{code['authority']}:{code['code']}" if code else "NONE"


def _themes(source: Source, paper: Mapping[str, Any] | None) -> ET.Element:
    """The plan's views as map themes."""
    root = ET.Element("visibility-presets")
    groups = [words.name(one, source.lang) for one in source.meta.get("groups", ())]
    for view in source.views:
        attributes = {"name": words.name(view, source.lang), "has-expanded-info": "0", "has-checked-group-info": "1"}
        theme = ET.SubElement(root, "visibility-preset", attributes)
        wanted = [layer_id(one) for one in source.layers if one["id"] in set(view["layers"])]
        added = [layer_id(one) for one, on in ((PAPER, paper is not None), (units.UNITS, units.held(source))) if on]
        for one in [*wanted, *added]:
            ET.SubElement(theme, "layer", id=one, visible="1", expanded="0", style="default")
        checked = ET.SubElement(theme, "checked-group-nodes")
        for group in groups:
            ET.SubElement(checked, "checked-group-node", id=group)
    return root


def _metadata(source: Source, title: str) -> ET.Element:
    root = ET.Element("projectMetadata")
    text = {name: said for name, (_label, said) in source.said.items()}
    add_text(root, "identifier", text.get("edition", ""))
    add_text(root, "language", "ZHO" if source.lang == "zh" else "ENG")
    add_text(root, "type", "dataset")
    add_text(root, "title", text.get("title", title))
    add_text(root, "abstract", "\n".join(f"{label}: {said}" for label, said in source.said.values()))
    add_text(root, "author", text.get("attribution", ""))
    add_text(root, "creation", f"{_year(source)}-01-01T00:00:00")
    return root
