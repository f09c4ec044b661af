"""A view of the map as a still picture: what the page's map will show, before its program has come.

Drawn in the map's own projection with the passes of ``layers.style.passes``, for one zoom level. The page's first
script (``frontend/src/first.js``) sets it to the window as the map will be fitted to it, and chooses names that have
room. Without a script it is shown whole, with the names that have room at its own size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from layers.drawing.marks import Part, point_parts
from layers.drawing.names import PLAIN, Box, Feature, Manner, Name, place, written
from layers.drawing.plane import Plane, outlines
from layers.edition.store import Bounds, Store, plain
from layers.model.plan import DISTRICT
from layers.style.passes import ORDER, Pass, ground, line_factor, own_colour, passes, point_factor

WIDTH, HEIGHT = 1280, 960
GROUND = "ground"
ON_FRAME = 1e-4
"""Degrees from the rectangle out of which the ground was cut; an edge nearer to it is no outline."""
HALO_PX = (4.0, 56.0)
"""A circle of uncertainty smaller would hide behind its symbol, a larger one would tint the map."""


DIMMED = 0.13
"""Opacity of lines and areas that step back (the page's ``.pm-dimmed``); points are left out."""
MOST_NAMED, PIXELS_A_NAME = 200, 300
"""Of so many features of a kind names are tried on any sheet; of more, on one that has so many pixels for each."""


@dataclass(frozen=True)
class Look:
    """How a path is painted, in pixels at the picture's zoom; ``name`` of its pass, ``paper`` for the plan's ground."""

    name: str
    fill: str = ""
    fill_opacity: float = 1.0
    stroke: str = ""
    width: float = 0.0
    opacity: float = 1.0
    dash: str = ""


@dataclass(frozen=True)
class Stroke:
    """One path."""

    d: str
    look: Look


@dataclass(frozen=True)
class Spot:
    """A point symbol and the circle that its position is uncertain by (radius 0: none), in units."""

    x: float
    y: float
    size: float
    parts: tuple[Part, ...]
    halo: float
    halo_color: str


@dataclass(frozen=True)
class Layer:
    """A layer of the plan: its paths and point symbols, the lowest first."""

    id: str
    strokes: tuple[Stroke, ...]
    spots: tuple[Spot, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True)
class Picture:
    """The picture of a view.

    Attributes:
        plane: Its projection and size.
        factor: Scale of point symbols at its zoom.
        layers: The lowest first.
        patterns: Name and colour of the patterns that fills refer to, by id.
        names: In the order in which they are given room.
        frame: Box that the map stays in, in units, or None.
        beyond: Colour of the ground where it goes on beyond its frame, or "".
        core: Box that the middle of a map larger than the frame stays in, or None.
    """

    plane: Plane
    factor: float
    layers: tuple[Layer, ...]
    patterns: Mapping[str, tuple[str, str]]
    names: tuple[Name, ...]
    frame: tuple[float, float, float, float] | None = None
    core: tuple[float, float, float, float] | None = None
    beyond: str = ""


Near = Callable[[str], Sequence[int]]
"""The rows of a layer that may be seen, in order."""


@dataclass
class _Scene:
    store: Store
    plane: Plane
    icons: Mapping[str, str]
    edge: BaseGeometry | None
    frame: Bounds | None
    fine: bool = False
    near: Near | None = None
    manner: Manner = PLAIN
    patterns: dict[str, tuple[str, str]] = field(default_factory=dict)


def picture(
    store: Store,
    view: Mapping[str, Any],
    lang: str = "zh",
    *,
    icons: Mapping[str, str] | None = None,
    manner: Manner = PLAIN,
) -> Picture:
    """Draw a view.

    Args:
        store: The edition.
        view: As in ``Store.views``; its layers and bounds count.
        lang: Of the names.
        icons: Path data of the icons that kinds may name, in a box of 15 by 15.
        manner: How names are written.
    """
    plane = Plane.around(view["bounds"], WIDTH, HEIGHT)
    return _drawn(replace(_scene(store, plane, icons or {}), manner=manner), view, lang)


def chart(
    store: Store,
    layers: Sequence[str],
    plane: Plane,
    lang: str = "zh",
    *,
    icons: Mapping[str, str] | None = None,
    near: Near | None = None,
    covered: Iterable[Box] = (),
    manner: Manner = PLAIN,
) -> Picture:
    """Draw layers on any plane, in tenths of pixels: what is made into a picture of pixels.

    Args:
        store: The edition.
        layers: Those to draw, in the plan's own order of stacking whatever order they are named in.
        plane: What is drawn, and in which system.
        lang: Of the names.
        icons: As for `picture`.
        near: Gives the rows of a layer that may be seen; without it all are drawn.
        covered: Boxes, in units, that something else lies on, such as a scale bar: no name stands there.
        manner: How names are written, and what steps back.
    """
    scene = replace(_scene(store, plane, icons or {}), fine=True, near=near, manner=manner)
    return replace(_drawn(scene, {"layers": layers, "bounds": store.extent}, lang, covered), beyond="")


def _scene(store: Store, plane: Plane, icons: Mapping[str, str]) -> _Scene:
    frame = _ground_frame(store)
    edge = None if frame is None else _rectangle(frame).exterior.buffer(ON_FRAME)
    return _Scene(store, plane, icons, edge, frame)


def _drawn(scene: _Scene, view: Mapping[str, Any], lang: str, covered: Iterable[Box] = ()) -> Picture:
    """A scene with the layers of a view."""
    store, plane = scene.store, scene.plane
    names = [name for name, _ in sorted(store.layers.items(), key=lambda item: item[1].get("order", 0))]
    shown = [name for name in names if name in set(view["layers"])]
    layers, features = [], []
    for name in shown:
        own = list(_features(scene, name, lang))
        layers.append(_layer(scene, name, own))
        features += own
    paper = _paper(scene, shown)
    if paper is not None:
        layers.insert(1 if layers and shown[0] == names[0] and _goes_round(store, names[0]) else 0, paper)
    features = _readable(scene, features) if scene.fine else features
    features = [one for one in features if str(one.cells["id"]) not in scene.manner.veiled]
    features = features if scene.manner.named else []
    jobs = [name for feature in features for name in written(feature, plane, lang, scene.icons, scene.manner)]
    boxes = _frame_boxes(store, view, plane, scene.frame)
    placed = place(jobs, plane, [(f.geometry.centroid, f.kind) for f in features if f.shape == "point"], covered)
    return Picture(
        plane,
        point_factor(plane.zoom),
        tuple(layers),
        scene.patterns,
        tuple(placed),
        *boxes,
        _beyond(store) if boxes[0] else "",
    )


def _readable(scene: _Scene, features: list[Feature]) -> list[Feature]:
    """Those whose names are tried: none of a kind of which there are more than could be told apart."""
    most = max(MOST_NAMED, scene.plane.width * scene.plane.height // PIXELS_A_NAME)
    counted = Counter(str(feature.cells.get("kind")) for feature in features)
    return [feature for feature in features if counted[str(feature.cells.get("kind"))] <= most]


def _features(scene: _Scene, layer: str, lang: str) -> Iterator[Feature]:
    store = scene.store
    look = store.vast(layer) if scene.near is not None else None
    columns = list(Feature.COLUMNS)
    if look is None:
        frame = store.frame(layer)
        columns = [column for column in columns if column in frame.columns]
    chosen = np.arange(store.count(layer)) if scene.near is None else np.array(scene.near(layer), dtype=np.intp)
    given = store.geometries(layer, chosen)
    chosen = chosen[[one is not None for one in given]]
    shapes = [one for one in given if one is not None]
    # Column by column: a frame of the chosen rows would cost more than drawing them.
    cut = look.part(columns, chosen) if look else [frame[column].array.take(chosen).tolist() for column in columns]
    rows = zip(*cut, strict=True)
    for row, geometry, shape in zip(rows, shapes, scene.plane.all_drawn(shapes), strict=True):
        if shape.is_empty:
            continue
        cells = {column: plain(value) for column, value in zip(columns, row, strict=True)}
        name = store.name_of(str(cells["id"]))[1 if lang == "en" else 0]
        yield Feature(name, store.kinds.get(str(cells.get("kind")), {}), cells, shape, geometry, store.count(layer))


def _layer(scene: _Scene, layer: str, features: list[Feature]) -> Layer:
    """Pass by pass, so that casings never cut through a neighbour's line; what looks alike is one path where it may."""
    store = scene.store
    is_ground = store.layers[layer].get("group") == GROUND
    strokes: list[tuple[int, int, Stroke]] = []
    spots: list[Spot] = []
    for feature in features:
        status = store.statuses.get(str(feature.cells.get("status") or ""), {})
        veiled = str(feature.cells["id"]) in scene.manner.veiled
        if feature.shape == "point":
            if veiled:
                continue
            spots += _spots(scene, feature, status)
            continue
        color = own_colour(feature.cells.get("color"))
        made = passes(feature.kind, status, feature.shape, color=color, assumed=bool(feature.cells.get("assumed")))
        if is_ground and feature.shape == "polygon":
            made = ground(made)
        whole = outlines(feature.geometry, fine=scene.fine)
        open_edges = _off_frame(scene, feature) if is_ground and feature.shape == "polygon" and scene.edge else whole
        rank = 0 if feature.shape == "line" and status.get("dash") else 1
        for one in made:
            outline = open_edges if one.name in ("rim", "stroke") else whole
            if outline:
                look = _look(scene, one, feature.shape)
                strokes.append((ORDER.index(one.name), rank, Stroke(outline, _dimmed(look) if veiled else look)))
    strokes.sort(key=lambda item: item[:2])
    return Layer(layer, tuple(_joined(stroke for _pass, _rank, stroke in strokes)), tuple(_one_halo(spots)))


def _one_halo(spots: list[Spot]) -> Iterator[Spot]:
    """Symbols on one spot with one circle of uncertainty, which would be darker with each of them."""
    seen: set[tuple[float, float]] = set()
    for spot in spots:
        yield replace(spot, halo=0.0) if (spot.x, spot.y) in seen else spot
        seen.add((spot.x, spot.y))


def _joined(strokes: Iterator[Stroke]) -> Iterator[Stroke]:
    """Lines that look alike and follow each other as one path; not fills, which may overlap."""
    held: Stroke | None = None
    for stroke in strokes:
        if held and held.look == stroke.look and not stroke.look.fill and stroke.look.opacity == 1:
            held = Stroke(held.d + stroke.d, held.look)
            continue
        if held:
            yield held
        held = stroke
    if held:
        yield held


def _look(scene: _Scene, one: Pass, shape: str) -> Look:
    factor = line_factor(scene.plane.zoom)
    fill = one.fill
    if one.pattern:
        key = f"pm-first-{one.pattern}-{one.fill.removeprefix('#')}"
        scene.patterns[key] = (one.pattern, one.fill)
        fill = f"url(#{key})"
    grows = min(factor, 1.3) if shape == "polygon" and one.name == "stroke" else factor
    width = one.width if one.name == "fill" else one.width * grows
    dash = " ".join(f"{step * factor:.4g}" for step in one.dash)
    return Look(one.name, fill, one.fill_opacity, one.stroke, round(width, 2), one.opacity, dash)


def _dimmed(look: Look) -> Look:
    """What a filter leaves out, as the page has it."""
    return replace(look, fill_opacity=look.fill_opacity * DIMMED, opacity=look.opacity * DIMMED)


def _off_frame(scene: _Scene, feature: Feature) -> str:
    """The outline of a piece of the ground without the edges that lie on the rectangle that it was cut out of."""
    assert scene.edge is not None  # noqa: S101 - for the type checker; asked for by the caller
    edges = feature.degrees.boundary.difference(scene.edge)
    return outlines(scene.plane.drawn(edges), fine=scene.fine)


def _spots(scene: _Scene, feature: Feature, status: Mapping[str, Any]) -> Iterator[Spot]:
    basis = scene.store.bases.get(str(feature.cells.get("basis") or ""), {})
    color = own_colour(feature.cells.get("color"))
    parts = point_parts(
        feature.kind,
        color=color,
        apart=bool(basis.get("apart")),
        hollow=bool(basis.get("apart") or status.get("dash")),
        icons=scene.icons,
    )
    metres = float(feature.cells.get("accuracy_m") or 0) if basis.get("uncertain") else 0.0
    symbol = feature.kind.get("symbol", {})
    fill = color or str(symbol.get("fill") or "")
    tint = fill if fill and fill != "#ffffff" else str(symbol.get("stroke") or "#000000")
    for degrees, point in zip(shapely.get_parts([feature.degrees]), shapely.get_parts([feature.geometry]), strict=True):
        # A metre on the ground, at this latitude.
        per_metre = 256 * 2**scene.plane.zoom / (40075016.686 * np.cos(np.radians(degrees.y)))
        halo = metres * float(per_metre)
        yield Spot(
            round(point.x, 1),
            round(point.y, 1),
            float(symbol.get("size") or 10),
            parts,
            round(halo, 1) if halo > HALO_PX[0] else 0.0,
            tint,
        )


def _paper(scene: _Scene, shown: list[str]) -> Layer | None:
    """The plan's own ground, under everything but its neighbours."""
    store = scene.store
    for layer in shown:
        if DISTRICT in store.layers[layer].get("kinds", []):
            geometries = [geometry for geometry in store.geometries(layer) if geometry is not None]
            shapes = [scene.plane.drawn(one) for one in geometries if "Polygon" in one.geom_type]
            d = "".join(outlines(one, fine=scene.fine) for one in shapes)
            return Layer("paper", (Stroke(d, Look("paper", fill="#ffffff")),)) if d else None
    return None


def _ground_frame(store: Store) -> Bounds | None:
    """The rectangle out of which the ground was cut; None where there is no ground."""
    boxes = [
        bounds
        for name, record in store.layers.items()
        if record.get("group") == GROUND and store.geometry_type(name) == "polygon"
        if (bounds := store.layer_bounds(name))
    ]
    if not boxes:
        return None
    return [
        [min(one[0][axis] for one in boxes) for axis in (0, 1)],
        [max(one[1][axis] for one in boxes) for axis in (0, 1)],
    ]


def _rectangle(bounds: Bounds) -> Polygon:
    (south, west), (north, east) = bounds
    return box(west, south, east, north)


def _goes_round(store: Store, lowest: str) -> bool:
    """Whether the lowest layer is ground that goes all round the plan, such as its neighbours."""
    inner, outer = _plan_bounds(store), store.layer_bounds(lowest)
    is_ground = store.layers[lowest].get("group") == GROUND and store.geometry_type(lowest) == "polygon"
    return bool(is_ground and inner and outer and _holds(outer, inner, lambda low, high: low < high))


def _plan_bounds(store: Store) -> Bounds | None:
    found = (name for name, record in store.layers.items() if DISTRICT in record.get("kinds", []))
    return next((bounds for name in found if (bounds := store.layer_bounds(name))), None)


def _holds(outer: Bounds, inner: Bounds, before: Callable[[float, float], bool]) -> bool:
    return all(before(outer[0][axis], inner[0][axis]) and before(inner[1][axis], outer[1][axis]) for axis in (0, 1))


def _frame_boxes(
    store: Store, view: Mapping[str, Any], plane: Plane, frame: Bounds | None
) -> tuple[tuple[float, float, float, float] | None, tuple[float, float, float, float] | None]:
    """Where the map stays (the page's ``map/frame.js``): boxes of its frame, and of the plan with half of it around."""
    whole = _plan_bounds(store)
    if frame is None or whole is None:
        return None, None

    def inside(low: float, high: float) -> bool:
        return low <= high

    if not _holds(frame, _padded(whole, 0.02), inside) or not _holds(frame, view["bounds"], inside):
        return None, None
    return plane.box(frame), plane.box(_padded(whole, 0.5))


def _beyond(store: Store) -> str:
    grounds = [name for name, record in store.layers.items() if record.get("group") == GROUND]
    lowest = min(grounds, key=lambda name: (store.layers[name].get("order", 0), name))
    kinds = [store.kinds.get(str(kind), {}) for kind in store.layers[lowest].get("kinds", [])]
    fills = [str(kind.get("symbol", {}).get("fill") or "") for kind in kinds[:1] if kind.get("geometry") == "polygon"]
    return fills[0] if fills else ""


def _padded(bounds: Bounds, share: float) -> Bounds:
    room = [(bounds[1][axis] - bounds[0][axis]) * share for axis in (0, 1)]
    return [[bounds[0][axis] - room[axis] for axis in (0, 1)], [bounds[1][axis] + room[axis] for axis in (0, 1)]]
