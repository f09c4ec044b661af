"""GeoJSON (RFC 7946, or with the old ``crs`` member) and GeoJSON text sequences (RFC 8142)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import vector
from layers.edition.formats.part import Part, Remarks
from layers.edition.store import plain

NOTICE = "notice"
"""The foreign member that holds what a file says of itself."""
AT_ONCE = 4096
"""Features that are made into objects at a time."""


def write_geojson(part: Part, folder: Path) -> Remarks:
    """All layers as one collection; with several, the first property ``layer`` says which."""
    members = {"name": part.stem, NOTICE: part.notice.record()}
    vector.write_geojson(folder / f"{part.stem}.geojson", _joined(part), part.system.decimals, members)
    return []


def write_sequence(part: Part, folder: Path) -> Remarks:
    """A feature a line, in the order of the layers; the notice is a member of the first feature.

    RFC 8142 knows no heading; GDAL's own writer would bring every CRS to WGS 84 without a word.
    """
    frame = _joined(part)
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    notice: dict[str, Any] = {NOTICE: part.notice.record()}
    with (folder / f"{part.stem}.geojsonl").open("w", encoding="utf-8", newline="\n") as file:
        for first in range(0, len(frame), AT_ONCE):
            some = frame.iloc[first : first + AT_ONCE]
            rows = pd.DataFrame(some[columns]).to_dict("records")
            for row, shape in zip(rows, _shapes(some, part.system.decimals), strict=True):
                properties = {name: plain(value) if value != "" else "" for name, value in row.items()}
                feature = {"type": "Feature", "properties": properties, "geometry": shape, **notice}
                notice = {}
                text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                file.write(text.encode("utf-8", "replace").decode() + "\n")
    return []


def _joined(part: Part) -> gpd.GeoDataFrame:
    """One frame of all layers; with several, the first column ``layer`` says which."""
    frames: Mapping[str, gpd.GeoDataFrame] = {name: part.shapes(name) for name in part.frames}
    if len(frames) == 1:
        return next(iter(frames.values()))
    parts = [frame.assign(layer=name)[["layer", *frame.columns]] for name, frame in frames.items()]
    filled = [one for one in parts if len(one)] or parts[:1]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs=filled[0].crs)


def _shapes(frame: gpd.GeoDataFrame, decimals: int) -> list[Any]:
    """Each geometry as GeoJSON has it, rings by the right-hand rule; None where there is none."""
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, decimals) + 0.0)
    turned = shapely.orient_polygons(rounded)
    return [None if text is None else json.loads(text) for text in shapely.to_geojson(turned)]
