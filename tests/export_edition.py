"""An edition with what file formats stumble over, and how GDAL reads what was made of it."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from layers.edition.file import Edition
from layers.model.tables import FLAG, NUMBER

Row = tuple[dict[str, Any], BaseGeometry | None]
"""Cells and shape."""

AWKWARD_LAYERS = ("zones", "zone_parts", "townships", "district", "expressways", "hubs", "control_lines")
LONG = "沿江而下" * 120
"""480 characters, 1,440 bytes: more than a cell of dBase holds."""
AWKWARD = "^J50%%d\\U+0041 {a}\\P=1+1;'\"<b>&amp;\t萧㎡"


def edition_of(base: Edition) -> Edition:
    """With what formats stumble over: a hole, two pieces, no shape, long and awkward texts, a tiny number."""
    frames = {name: frame.copy() for name, frame in base.layers.items()}
    hole = Polygon([(120.0, 30.0), (120.2, 30.0), (120.2, 30.2), (120.0, 30.2)], [
        [(120.05, 30.05), (120.05, 30.1), (120.1, 30.1), (120.1, 30.05)]])  # fmt: skip
    frames["zones"].loc[0, "geometry"] = MultiPolygon([hole, shapely.box(120.3, 30.25, 120.31, 30.26)])
    frames["zones"].loc[0, "note"] = LONG
    frames["townships"].loc[0, ["note", "code"]] = [AWKWARD, "007"]
    frames["townships"].loc[1, "accuracy_m"] = float("nan")
    frames["townships"].loc[2, "area_km2"] = 0.000_012_345_678_9
    hubs = frames["hubs"]
    lost = hubs.iloc[[0]].assign(id="hub/lost", no_geometry="规划未写明", basis="", accuracy_m=float("nan"))
    lost = lost.assign(label_lon=float("nan"), label_lat=float("nan"), assumed=True)
    lost["geometry"] = gpd.GeoSeries([None], index=lost.index, crs=hubs.crs)
    frames["hubs"] = gpd.GeoDataFrame(pd.concat([hubs, lost], ignore_index=True), crs=hubs.crs)
    return replace(base, layers=frames)


def unpacked(path: Path) -> Path:
    folder = path.with_name(f"{path.name}.d")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def ogr_rows(path: Path, layer: str | None = None, **options: Any) -> list[Row]:
    frame = pyogrio.read_dataframe(path, layer=layer, **options)
    shapes = list(frame.geometry) if isinstance(frame, gpd.GeoDataFrame) else [None] * len(frame)
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return list(zip(table.to_dict("records"), shapes, strict=True))


def same(kind: str, wanted: Any, value: Any) -> bool:
    """Whether a cell came back."""
    nothing = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
    if kind == FLAG:
        return not nothing and bool(value) == bool(wanted)
    if wanted is None or wanted == "" or (isinstance(wanted, float) and math.isnan(wanted)):
        return nothing
    if kind == NUMBER:
        return not nothing and float(value) == pytest.approx(float(wanted), rel=1e-9, abs=1e-14)
    return value == wanted
