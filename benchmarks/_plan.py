"""The plan that live services are measured on: 10,000 areas side by side, and nine more layers that lie across them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks._asking import ROOT, SIDE

sys.path.insert(0, str(ROOT / "tests"))
make_edition = importlib.import_module("web_edition").make_edition

LAYER = "townships"
LAYERS = (
    "zones", "zone_parts", "townships", "district", "lakes", "parks", "expressways", "metro", "hubs", "heritage",
)  # fmt: skip
"""The layers of a map, all with features in any view."""
_MORE = (
    ("lakes", "湖泊", "lake", 150, "polygon"), ("parks", "绿心", "green_heart", 160, "polygon"),
    ("metro", "地铁", "metro_line", 540, "line"), ("heritage", "文化遗产", "heritage", 650, "point"),
)  # fmt: skip
_WIDTH = 0.16
"""Degrees that 100 × 100 areas take."""


def plan(frame: gpd.GeoDataFrame) -> Any:
    """An edition with these areas as its townships, and nine layers that lie across them."""
    edition = make_edition()
    edition.meta["layers"] += [
        {"id": name, "name": title, "name_en": name, "group": "structure", "kinds": [kind], "order": order,
         "show": True, "geometry": shape}
        for name, title, kind, order, shape in _MORE
    ]  # fmt: skip
    made = {**edition.layers, LAYER: frame}
    steps = np.arange(0.004, _WIDTH, 0.008)
    x, y = (one.ravel() + 0.0003 for one in np.meshgrid(120 + steps, 30 + steps))
    rounds = shapely.buffer(shapely.points(x + 0.002, y + 0.001), 0.0012, quad_segs=16)
    made["zone_parts"] = _spread(edition, "zone_parts", shapely.box(x, y, x + 0.0025, y + 0.0025))
    made["lakes"] = _spread(edition, "zone_parts", rounds, kind="lake", name="湖", assumed=False)
    blobs = shapely.buffer(shapely.points(x - 0.001, y - 0.002), 0.0009, quad_segs=8)
    made["parks"] = _spread(edition, "zone_parts", blobs, kind="green_heart", name="绿心", assumed=False)
    waves = np.linspace(0, _WIDTH, 400)
    across = [
        shapely.LineString(np.column_stack([120 + waves, at + 0.0004 * np.sin(waves * 900)])) for at in 30 + steps
    ]
    down = [shapely.LineString(np.column_stack([at + 0.0004 * np.sin(waves * 700), 30 + waves])) for at in 120 + steps]
    made["expressways"] = _spread(edition, "expressways", np.array(across), name="G1 高速")
    made["metro"] = _spread(edition, "expressways", np.array(down), kind="metro_line", name="1号线", color="#1f77b4")
    points = shapely.points(x + 0.004, y + 0.004)
    made["hubs"] = _spread(edition, "hubs", points, name="南站")
    made["heritage"] = _spread(edition, "hubs", shapely.points(x - 0.002, y + 0.005), kind="heritage", name="古桥")
    return make_edition(meta=edition.meta, layers=made)


def cells(count: int) -> gpd.GeoDataFrame:
    """Square cells side by side, each with eight corners."""
    side = int(np.ceil(np.sqrt(count)))
    number = np.arange(count)
    x, y = 120.0 + number % side * SIDE, 30.0 + number // side * SIDE
    shapes = shapely.multipolygons(shapely.segmentize(shapely.box(x, y, x + SIDE, y + SIDE), SIDE / 2)[:, None])
    frame = _rows(make_edition(), LAYER, count)
    frame["id"] = [f"township/n{one}" for one in number]
    frame["name"] = [f"街道{one}" for one in number]
    frame["zone"] = np.where(number % 2 == 0, "west", "east")
    frame["area_km2"] = number % 1000 / 10
    frame["label_lon"], frame["label_lat"] = x + SIDE / 2, y + SIDE / 2
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4490")


def _spread(edition: Any, like: str, shapes: Any, **cells_of: Any) -> gpd.GeoDataFrame:
    """Features like the first of a layer, with other shapes, numbered names and other cells."""
    frame = _rows(edition, like, len(shapes)).assign(**cells_of)
    frame["id"] = [f"{cells_of.get('kind', like)}/n{one}" for one in range(len(shapes))]
    frame["name"] = [f"{name}{one}" for one, name in enumerate(frame["name"])]
    middles = shapely.centroid(shapes)
    if frame["label_lon"].notna().any():
        frame["label_lon"], frame["label_lat"] = shapely.get_x(middles), shapely.get_y(middles)
    multi: Mapping[int, Any] = {1: shapely.multilinestrings, 3: shapely.multipolygons}
    many = multi.get(int(shapely.get_type_id(shapes[0])))
    return gpd.GeoDataFrame(frame, geometry=many(shapes[:, None]) if many else shapes, crs="EPSG:4490")


def _rows(edition: Any, layer: str, count: int) -> Any:
    row = edition.layers[layer].iloc[[0]].drop(columns="geometry")
    return row.iloc[np.zeros(count, dtype=int)].reset_index(drop=True)
