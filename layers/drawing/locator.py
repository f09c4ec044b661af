"""A still map that shows where one feature is: the district's ground, and the feature on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000
from geo.measure import length_m
from layers.drawing.sketch import Frame, Sketch, sketch
from layers.edition.inventory import Entry
from layers.edition.store import Store
from layers.model.plan import DISTRICT, TOWNSHIP

WIDTH, HEIGHT, MARGIN = 420, 400, 12
LEAST_HALO = 11.0
"""A circle of uncertainty smaller than this, in viewBox units, would hide behind the mark."""


@dataclass(frozen=True)
class Locator:
    """The drawing, ground first.

    Attributes:
        ground: The district, its townships and waters in their own colours.
        unit: Outline of the township, zone or other area that is all that is known of the position, or "".
        area: Outline of a polygon, or "".
        line: Outline of a line, or "".
        points: Centres of the marks, in viewBox units.
        halo: Radius of the stated accuracy, or 0 where it is too small to be seen or says nothing.
    """

    ground: Sketch
    unit: str
    area: str
    line: str
    points: tuple[tuple[int, int], ...]
    halo: float


def locator(store: Store, entry: Entry) -> Locator | None:
    """Draw where a feature is, or the unit that it is known to lie in; None when neither is inside the drawing."""
    geometry, unit = store.row(entry.id)[2], entry.text("unit")
    frame = _frame(store)
    if geometry is None:
        shape = store.row(unit)[2] if unit in store.index else None
        return None if shape is None else Locator(_ground(store), frame.path(shape, 0.5), "", "", (), 0.0)
    area = line = ""
    points: tuple[tuple[int, int], ...] = ()
    if geometry.geom_type.endswith("Polygon"):
        area = frame.path(geometry, 0.5)
    elif geometry.geom_type.endswith("LineString"):
        line = frame.path(geometry, 0.5)
    else:
        points = _points(frame, geometry)
    if not (area or line or points):
        return None
    halo = _halo(frame, geometry, entry) if points else 0.0
    return Locator(_ground(store), "", area, line, points, halo)


def _frame(store: Store) -> Frame:
    return Frame.fit(store.extent, WIDTH, HEIGHT, MARGIN)


@lru_cache(maxsize=8)
def _ground(store: Store) -> Sketch:
    """Districts around, water, townships and the district's own edge; what the plan puts on top is left out."""

    def is_ground(layer: str) -> bool:
        kinds = [str(kind) for kind in store.layers[layer].get("kinds", [])]
        own = {DISTRICT, TOWNSHIP} & set(kinds)
        return bool(own) or all(not store.kinds.get(kind, {}).get("cited", True) for kind in kinds)

    layers = [name for name in store.layers if store.geometry_type(name) == "polygon" and is_ground(name)]
    return sketch(store, {"bounds": store.extent, "layers": layers}, WIDTH, HEIGHT, 0.8)


def _points(frame: Frame, geometry: BaseGeometry) -> tuple[tuple[int, int], ...]:
    west, south, east, north = frame.box
    parts = getattr(geometry, "geoms", [geometry])
    return tuple(
        (round((part.x - frame.west) * frame.scale_x), round((frame.north - part.y) * frame.scale_y))
        for part in parts
        if west <= part.x <= east and south <= part.y <= north
    )


def _halo(frame: Frame, geometry: BaseGeometry, entry: Entry) -> float:
    metres = float(entry.cells.get("accuracy_m") or 0.0)
    centre = geometry.centroid
    degree = length_m(LineString([(centre.x, centre.y - 0.005), (centre.x, centre.y + 0.005)]), CGCS2000) * 100
    radius = metres / degree * frame.scale_y
    return round(radius, 1) if radius >= LEAST_HALO else 0.0
