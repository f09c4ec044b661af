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
from layers.drawing.names import PLAIN, Box, Feature, Manner, Name, limits, place, written
from layers.drawing.plane import Plane, all_outlines, outlines
from layers.drawing.strokes import Look, Looks, Piece, Stroke, stacked
from layers.edition.store import Bounds, Store
from layers.model.plan import DISTRICT
from layers.style.passes import own_colour, point_factor

WIDTH, HEIGHT = 1280, 960
GROUND = "ground"
ON_FRAME = 1e-4
"""Degrees from the rectangle out of which the ground was cut; an edge nearer to it is no outline."""
HALO_PX = (4.0, 56.0)
"""A circle of uncertainty smaller would hide behind its symbol, a larger one would tint the map."""


MOST_NAMED, PIXELS_A_NAME = 200, 300
"""Of so many features of a kind names are tried on any sheet; of more, on one that has so many pixels for each."""


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
    looks: Looks = field(default_factory=lambda: Looks({}, 0))
    counted: Counter[str] = field(default_factory=Counter)  # features by kind, those too far to be drawn too
    symbols: dict[tuple[object, ...], tuple[Part, ...]] = field(default_factory=dict)


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
    return _Scene(store, plane, icons, edge, frame, looks=Looks(store.statuses, plane.zoom))


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
    named = _in_zoom(scene, features) if scene.fine else features
    jobs = [name for feature in named for name in written(feature, plane, lang, scene.icons, scene.manner)]
    boxes = _frame_boxes(store, view, plane, scene.frame)
    placed = place(jobs, plane, [(f.geometry.centroid, f.kind) for f in features if f.shape == "point"], covered)
    return Picture(
        plane,
        point_factor(plane.zoom),
        tuple(layers),
        scene.looks.patterns,
        tuple(placed),
        *boxes,
        _beyond(store) if boxes[0] else "",
    )


def _in_zoom(scene: _Scene, features: list[Feature]) -> list[Feature]:
    """Those whose names are written at this zoom level; on the page they come and go with it."""
    zoom, first = scene.plane.zoom, scene.manner.first

    def told(feature: Feature) -> bool:
        low, high = limits(feature.kind.get("label") or {})
        return low - scene.manner.eager - 0.01 <= zoom <= high or str(feature.cells["id"]) == first

    return [feature for feature in features if told(feature)]


def _readable(scene: _Scene, features: list[Feature]) -> list[Feature]:
    """Those whose names are tried: none of a kind of which there are more than could be told apart."""
    most = max(MOST_NAMED, scene.plane.width * scene.plane.height // PIXELS_A_NAME)
    return [feature for feature in features if scene.counted[str(feature.cells.get("kind"))] <= most]


def _features(scene: _Scene, layer: str, lang: str) -> Iterator[Feature]:
    store = scene.store
    look = store.vast(layer) if scene.near is not None else None
    columns = [one for one in Feature.COLUMNS if look is not None or one in store.frame(layer).columns]
    count = store.count(layer)
    chosen = np.arange(count) if scene.near is None else np.array(scene.near(layer), dtype=np.intp)
    given = np.array(store.geometries(layer, chosen), dtype=object)
    has = ~shapely.is_missing(given)
    if scene.near is not None:
        kinds = store.cells(layer, ["kind"], chosen[has])["kind"] if "kind" in columns else [None] * int(has.sum())
        scene.counted.update(map(str, kinds))
        has[has] = scene.plane.in_sight(given[has])
    chosen, degrees = chosen[has], given[has].tolist()
    cells = store.cells(layer, columns, chosen)
    labels = _label_points(scene.plane, cells)
    shapes = scene.plane.all_drawn(degrees)
    empty = shapely.is_empty(shapes).tolist()
    which = 1 if lang == "en" else 0
    for number, row in enumerate(zip(*cells.values(), strict=True)):
        if empty[number]:
            continue
        own = dict(zip(columns, row, strict=True))
        name, kind = store.name_of(str(own["id"]))[which], store.kinds.get(str(own.get("kind")), {})
        if scene.near is None:
            scene.counted[str(own.get("kind"))] += 1
        yield Feature(name, kind, own, shapes[number], degrees[number], count, labels[number] if labels else None)


def _label_points(plane: Plane, cells: Mapping[str, Sequence[Any]]) -> list[tuple[float, float] | None]:
    """Where the names of areas go, in units; None where that is not said."""
    if "label_lon" not in cells or "label_lat" not in cells:
        return []
    said = np.array([cells["label_lon"], cells["label_lat"]], dtype=float).T
    known = np.isfinite(said).all(axis=1)
    points = iter(plane.points(said[known]).tolist())
    return [tuple(next(points)) if has else None for has in known.tolist()]


def _layer(scene: _Scene, layer: str, features: list[Feature]) -> Layer:
    """Pass by pass, so that casings never cut through a neighbour's line; what looks alike is one path where it may."""
    store = scene.store
    is_ground = store.layers[layer].get("group") == GROUND
    spots: list[Spot] = []
    for feature in features:
        if feature.shape == "point" and str(feature.cells["id"]) not in scene.manner.veiled:
            status = store.statuses.get(str(feature.cells.get("status") or ""), {})
            spots += _spots(scene, feature, status)
    drawn = [feature for feature in features if feature.shape != "point"]
    return Layer(layer, _strokes(scene, drawn, grounded=is_ground), tuple(_one_halo(spots)))


def _strokes(scene: _Scene, features: list[Feature], *, grounded: bool) -> tuple[Stroke, ...]:
    if not features:
        return ()
    veiled = scene.manner.veiled
    looks = [scene.looks.of(one, grounded=grounded, veiled=str(one.cells["id"]) in veiled) for one in features]
    shapes = np.array([feature.geometry for feature in features], dtype=object)
    if scene.fine:
        # Where dashes begin is seen; of all else what lies beyond the edge is not.
        solid = np.array([not any(one.dash for one in of) for of in looks])
        shapes[solid] = scene.plane.cut(shapes[solid])
    wholes = all_outlines(shapes) if scene.fine else [outlines(one) for one in shapes]
    pieces: list[Piece] = []
    for number, (feature, whole, of) in enumerate(zip(features, wholes, looks, strict=True)):
        if not whole:
            continue
        area = feature.shape == "polygon"
        open_edges = _off_frame(scene, feature) if grounded and area and scene.edge else whole
        under = not area and bool(scene.store.statuses.get(str(feature.cells.get("status") or ""), {}).get("dash"))
        for one in of:
            outline = open_edges if one.name in ("rim", "stroke") else whole
            if outline:
                pieces.append((outline, one, under, number))
    return stacked(pieces, shapely.bounds(shapes) if scene.fine else None)


def _one_halo(spots: list[Spot]) -> Iterator[Spot]:
    """Symbols on one spot with one circle of uncertainty, which would be darker with each of them."""
    seen: set[tuple[float, float]] = set()
    for spot in spots:
        yield replace(spot, halo=0.0) if (spot.x, spot.y) in seen else spot
        seen.add((spot.x, spot.y))


def _off_frame(scene: _Scene, feature: Feature) -> str:
    """The outline of a piece of the ground without the edges that lie on the rectangle that it was cut out of."""
    assert scene.edge is not None  # noqa: S101 - for the type checker; asked for by the caller
    edges = feature.degrees.boundary.difference(scene.edge)
    return outlines(scene.plane.drawn(edges), fine=scene.fine)


def _spots(scene: _Scene, feature: Feature, status: Mapping[str, Any]) -> Iterator[Spot]:
    basis = scene.store.bases.get(str(feature.cells.get("basis") or ""), {})
    color = own_colour(feature.cells.get("color"))
    parts = _symbol(scene, feature, color, bool(basis.get("apart")), bool(basis.get("apart") or status.get("dash")))
    metres = float(feature.cells.get("accuracy_m") or 0) if basis.get("uncertain") else 0.0
    symbol = feature.kind.get("symbol", {})
    fill = color or str(symbol.get("fill") or "")
    tint = fill if fill and fill != "#ffffff" else str(symbol.get("stroke") or "#000000")
    for degrees, point in zip(shapely.get_parts([feature.degrees]), shapely.get_parts([feature.geometry]), strict=True):
        # A metre on the ground, at this latitude.
        per_metre = 256 * 2**scene.plane.zoom / (40075016.686 * np.cos(np.radians(degrees.y)))
        halo = metres * float(per_metre)
        if scene.near is not None and not _reaches(scene.plane, point, max(halo, 2 * float(symbol.get("size") or 10))):
            continue
        yield Spot(
            round(point.x, 1),
            round(point.y, 1),
            float(symbol.get("size") or 10),
            parts,
            round(halo, 1) if halo > HALO_PX[0] else 0.0,
            tint,
        )


def _symbol(scene: _Scene, feature: Feature, color: str, apart: bool, hollow: bool) -> tuple[Part, ...]:
    """The parts of a point's symbol; those of one kind and colour are alike."""
    key = (feature.cells.get("kind"), color, apart, hollow)
    found = scene.symbols.get(key)
    if found is None:
        parts = point_parts(feature.kind, color=color, apart=apart, hollow=hollow, icons=scene.icons)
        found = scene.symbols[key] = parts
    return found


def _reaches(plane: Plane, point: Any, reach: float) -> bool:
    """Whether what is so large around a point can be seen."""
    x, y = point.x, point.y
    return bool(-reach <= x <= plane.width + reach and -reach <= y <= plane.height + reach)


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
