"""Small still maps, drawn as SVG paths from the edition: the views' thumbnails on the start page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.edition.store import Bounds, Store, plain

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Shape:
    """One SVG path: ``d`` in viewBox units, the rest as SVG's presentation attributes."""

    d: str
    fill: str = "none"
    fill_opacity: float = 1.0
    stroke: str = "none"
    stroke_width: float = 0.0
    dash: str = ""


@dataclass(frozen=True)
class Sketch:
    """A drawing: its size in viewBox units and its paths, the lowest first."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Frame:
    """From lon/lat degrees to viewBox units: plate carrée, true to scale at the middle latitude."""

    west: float
    north: float
    scale_x: float
    scale_y: float
    box: tuple[float, float, float, float]

    @classmethod
    def fit(cls, bounds: Bounds, width: int, height: int, margin: int) -> Frame:
        """The frame in which bounds fit a drawing of the given size, centred."""
        (south, west), (north, east) = bounds
        shrink = math.cos(math.radians((south + north) / 2))
        across, up = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
        scale = min((width - 2 * margin) / across, (height - 2 * margin) / up)
        left = (west + east) / 2 - width / 2 / scale / shrink
        top = (south + north) / 2 + height / 2 / scale
        box = (left, top - height / scale, left + width / scale / shrink, top)
        return cls(left, top, scale * shrink, scale, box)

    def path(self, geometry: BaseGeometry, tolerance: float) -> str:
        """A geometry's outline as the ``d`` of a path, simplified to ``tolerance`` units, with whole numbers."""
        clipped = shapely.clip_by_rect(geometry, *self.box)
        drawn = shapely.transform(clipped, lambda xy: (xy - (self.west, self.north)) * (self.scale_x, -self.scale_y))
        simple = drawn.simplify(tolerance, preserve_topology=False)
        return "".join(self._parts(simple))

    def _parts(self, geometry: BaseGeometry) -> Iterable[str]:
        for part in shapely.get_parts([geometry]):
            if part.geom_type == "Polygon":
                if part.area >= 12:
                    for ring in (part.exterior, *part.interiors):
                        yield _outline(ring.coords[:-1]) + "z"
            elif part.geom_type == "LineString":
                yield _outline(part.coords)
            elif part.geom_type == "GeometryCollection":
                yield from self._parts(part)


def _outline(coordinates: Sequence[tuple[float, ...]]) -> str:
    points = [(round(point[0]), round(point[1])) for point in coordinates]
    if not points:
        return ""
    text = [f"M{points[0][0]} {points[0][1]}"]
    last = points[0]
    steps = []
    for point in points[1:]:
        if point != last:
            steps.append(f"{point[0] - last[0]} {point[1] - last[1]}")
            last = point
    if steps:
        text.append("l" + " ".join(steps))
    return "".join(text)


def sketch(store: Store, view: Mapping[str, Any], width: int = 640, height: int = 440, scale: float = 1.0) -> Sketch:
    """Draw the polygon and line layers of a view in their own colours, low order first.

    Args:
        store: The edition.
        view: As in ``Store.views``; its layers and bounds count.
        width: Of the drawing, in viewBox units.
        height: Likewise.
        scale: Factor for line widths.
    """
    frame = Frame.fit(view["bounds"], width, height, margin=round(min(width, height) * 0.05))
    # So many features would be a grey mass.
    few = (name for name in view["layers"] if name not in store.unlisted)
    names = sorted(few, key=lambda name: (store.layers[name].get("order", 0), name))
    shapes: list[Shape] = []
    for name in names:
        if store.geometry_type(name) in ("polygon", "line"):
            shapes += _layer(store, name, frame, scale)
    return Sketch(width, height, tuple(shapes))


def _layer(store: Store, layer: str, frame: Frame, scale: float) -> list[Shape]:
    casings: dict[Shape, list[str]] = {}
    bodies: dict[Shape, list[str]] = {}
    frame_of = store.frame(layer)
    colors = frame_of["color"] if "color" in frame_of.columns else [None] * len(frame_of)
    for kind_id, own, geometry in zip(frame_of["kind"], colors, store.geometries(layer), strict=True):
        if geometry is None:
            continue
        kind = store.kinds.get(str(kind_id), {})
        outline = frame.path(geometry, 0.9)
        if not outline:
            continue
        casing, body = _looks(kind, str(plain(own) or ""), scale)
        if casing is not None:
            casings.setdefault(casing, []).append(outline)
        bodies.setdefault(body, []).append(outline)
    return [
        Shape("".join(outlines), look.fill, look.fill_opacity, look.stroke, look.stroke_width, look.dash)
        for group in (casings, bodies)
        for look, outlines in group.items()
    ]


def _looks(kind: Mapping[str, Any], own: str, scale: float) -> tuple[Shape | None, Shape]:
    symbol = kind.get("symbol", {})
    width = round(float(symbol.get("width", 1.0)) * scale, 2)
    stroke = _color(symbol.get("stroke"))
    if kind.get("geometry") == "line":
        casing = _color(symbol.get("casing"))
        under = None
        if casing != "none":
            under = Shape("", stroke=casing, stroke_width=round(float(symbol.get("casing_width", 0)) * scale, 2))
        return under, Shape("", stroke=_color(own) if own else stroke, stroke_width=width)
    dash = " ".join(f"{float(step) * scale:g}" for step in symbol.get("dash", []))
    fill = _color(own) if own else _color(symbol.get("fill"))
    return None, Shape("", fill, float(symbol.get("fill_opacity", 1.0)), stroke, width, dash)


def _color(value: object) -> str:
    return str(value) if isinstance(value, str) and _COLOR.fullmatch(value) else "none"
