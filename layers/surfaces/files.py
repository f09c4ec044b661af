"""Surfaces as files: distances and bands as Cloud-Optimised GeoTIFFs with styles for QGIS, the table as CSV."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only: nothing foreign is parsed here
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geo import raster
from geo.files import atomic_path
from layers.edition.formats.tables import csv_file
from layers.edition.notice import notice
from layers.style.qml_xml import QGIS_DOCTYPE, document
from layers.surfaces.made import NODATA, OUTSIDE, Made
from layers.surfaces.picture import palette
from layers.surfaces.said import band_names, facts, table

VALUES, BANDS = "values", "bands"
"""The two rasters of a surface: distances (or minutes), and the number of the band."""
WHAT = (VALUES, BANDS)


def write_raster(made: Made, what: str, path: Path, progress: raster.Progress | None = None) -> None:
    """Write one of the two rasters of a surface.

    Args:
        made: The surface.
        what: ``values``, float32 in metres or minutes with averaged overviews; ``bands``, whole numbers from 1 on with
            overviews of the nearest cell.
        path: The file; written whole or not at all.
        progress: Called with blocks done and all blocks.

    Raises:
        GeoError: ``vector.not_written``.
    """
    tags = tags_of(made)
    if what == BANDS:
        raster.write_cog(path, made.grid, made.plane, made.bands, dtype="uint8", nodata=OUTSIDE,
                         overviews=raster.CLASSES, colours=palette(made), tags=tags, progress=progress)  # fmt: skip
        return
    raster.write_cog(path, made.grid, made.plane, made.values, dtype="float32", nodata=NODATA,
                     overviews=raster.MEASURES, tags=tags, progress=progress)  # fmt: skip


def tags_of(made: Made) -> Mapping[str, str]:
    """What a raster says of itself: title, unit, bands, assumption, and what every file of the edition says."""
    said = notice(made.store.edition, {}, "zh")
    lines = [" · ".join(pair) for pair in facts(made, "zh")]
    bands = {f"BAND_{number}": name for number, name in enumerate(band_names(made.surface, "zh"), start=1)}
    return {
        "TIFFTAG_IMAGEDESCRIPTION": f"{made.surface.name}\n" + "\n".join(lines),
        "TIFFTAG_COPYRIGHT": said.short(),
        "UNIT": made.surface.unit,
        "EDITION": made.store.hash,
        **bands,
    }


def write_style(made: Made, what: str, path: Path, lang: str) -> None:
    """Write the style that QGIS takes for a raster when it lies beside it under the same name.

    Args:
        made: The surface.
        what: As for `write_raster`.
        path: The file, ``.qml``.
        lang: Of the legend.
    """
    root = ET.Element("qgis", version="3.22", styleCategories="Symbology")
    root.append(style(made, what, lang))
    with atomic_path(path) as temporary:
        temporary.write_text(document(root, QGIS_DOCTYPE), encoding="utf-8")


def style(made: Made, what: str, lang: str, opacity: float = 1.0) -> ET.Element:
    """The element of a style that says how a raster is drawn.

    Args:
        made: The surface.
        what: As for `write_raster`.
        lang: Of the legend.
        opacity: From 0 to 1.
    """
    pipe, seen = ET.Element("pipe"), f"{opacity:g}"
    colours, names = made.colours, band_names(made.surface, lang)
    if what == BANDS:
        renderer = ET.SubElement(pipe, "rasterrenderer", type="paletted", band="1", opacity=seen, alphaBand="-1")
        entries = ET.SubElement(renderer, "colorPalette")
        for number, (colour, name) in enumerate(zip(colours, names, strict=True), start=1):
            ET.SubElement(entries, "paletteEntry", value=str(number), color=colour, alpha="255", label=name)
    else:
        top = f"{made.surface.limits[-1] * 1e3:.10g}"
        renderer = ET.SubElement(
            pipe, "rasterrenderer", type="singlebandpseudocolor", band="1", opacity=seen, alphaBand="-1",
            classificationMin="0", classificationMax=top,
        )  # fmt: skip
        shader = ET.SubElement(ET.SubElement(renderer, "rastershader"), "colorrampshader",
                               colorRampType="DISCRETE", classificationMode="1", clip="0")  # fmt: skip
        ends = [*(f"{limit:.10g}" for limit in made.surface.limits), "inf"]
        for end, colour, name in zip(ends, colours, names, strict=True):
            ET.SubElement(shader, "item", value=end, color=colour, alpha="255", label=name)
    return pipe


def write_table(made: Mapping[str, Made], path: Path, lang: str) -> None:
    """Write the values of some surfaces as CSV, a row a place."""
    rows = table(list(made.values()), lang)
    store = next(iter(made.values())).store
    csv_file(path, pd.DataFrame(rows), notice(store.edition, {}, lang), lang)
