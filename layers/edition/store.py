"""What the server knows: one edition, read once, with the look-ups that pages and API share.

The server reads nothing but the edition file, and that only at start: when the file is replaced on disk, running
workers keep serving the edition that they started with, until they are restarted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.edition.large import LISTED, VAST, Frames, Looked
from layers.edition.looked import HeldLook, Index
from layers.model.citations import Notation
from layers.model.tables import FEATURE_COLUMNS
from layers.style.paint import leaflet

if TYPE_CHECKING:
    from layers.edition.file import Edition

VERTICES_AT_LEAST = {"polygon": 4, "line": 2, "point": 1, "none": 0}
Bounds = list[list[float]]
"""``[[south, west], [north, east]]`` in degrees, the order that Leaflet takes."""


def is_empty(value: object) -> bool:
    """Whether a cell says nothing: None, NaN, NA or an empty text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and value == ""


def plain(value: object) -> Any:
    """A cell as a plain Python value that JSON knows; empty ones become None."""
    if is_empty(value):
        return None
    item = getattr(value, "item", None)
    result = item() if callable(item) else value
    if isinstance(result, float) and not math.isfinite(result):
        return None
    return result


def by_id(records: object, key: str = "id") -> dict[str, dict[str, Any]]:
    """Records as ``{id: record}``, in their order, whether given as a list or as a mapping already."""
    if isinstance(records, Mapping):
        return {str(name): {key: name, **record} for name, record in records.items()}
    if not isinstance(records, Iterable):
        return {}
    return {str(record[key]): dict(record) for record in records}


def leaflet_bounds(minx: float, miny: float, maxx: float, maxy: float) -> Bounds | None:
    """Bounds in Leaflet's order, rounded to 5 decimals (about a metre); None when there is nothing to bound."""
    if not all(math.isfinite(value) for value in (minx, miny, maxx, maxy)):
        return None
    return [[round(miny, 5), round(minx, 5)], [round(maxy, 5), round(maxx, 5)]]


class Store:
    """One edition and the look-ups over it.

    Args:
        edition: As read by ``layers.edition.file.read``; geometries in lon/lat degrees.
    """

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        meta = edition.meta
        self.hash: str = edition.hash
        self.plan: dict[str, Any] = dict(meta.get("plan", {}))
        self.groups: list[dict[str, Any]] = list(by_id(meta.get("groups", [])).values())
        self.statuses = by_id(meta.get("statuses", []))
        kinds = by_id(meta.get("kinds", []))
        self.kinds = by_id(leaflet(list(kinds.values()), list(self.statuses.values())))
        self.bases = by_id(meta.get("bases", []))
        self.ramps = by_id(meta.get("ramps", []))
        self.sources = by_id(meta.get("sources", []), key="name")
        self.notation = Notation.read(meta.get("notation", {}))
        self.stats: dict[str, Any] = dict(meta.get("stats", {}))
        layers = by_id(meta.get("layers", []))
        self.layers = {name: record for name, record in layers.items() if name in edition.layers}
        self._views = by_id(meta.get("views", []))
        self._vertices: dict[str, int] = {}
        self._cells: dict[str, dict[str, NDArray[np.object_]]] = {}
        self._held: dict[str, NDArray[np.object_]] = {}

    def frame(self, layer: str) -> pd.DataFrame:
        """The table of a layer; a GeoDataFrame unless the layer has no geometry.

        Raises:
            LayersError: ``vast.whole``: it has too many features to be given whole (`vast`).
        """
        return self.edition.layers[layer]

    def count(self, layer: str) -> int:
        """Features of a layer."""
        layers = self.edition.layers
        return layers.count(layer) if isinstance(layers, Frames) else len(layers[layer])

    def let_go(self, layer: str) -> None:
        """Hold a vast layer's table no longer: who needs it whole reads it again."""
        if isinstance(self.edition.layers, Frames):
            self.edition.layers.let_go(layer)

    def geometries(self, layer: str, rows: NDArray[np.intp] | None = None) -> list[BaseGeometry | None]:
        """The geometry of each row of a layer, or of the chosen rows, None where a feature has none."""
        look = self.vast(layer) if rows is not None else None
        if look is not None and rows is not None:
            return look.shapes_of(rows)
        frame = self.frame(layer)
        if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
            return [None] * (len(frame) if rows is None else len(rows))
        if rows is None or len(frame) > VAST:
            held = frame.geometry.array if rows is None else frame.geometry.array.take(rows)
            return [None if item is None or item.is_empty else item for item in held]
        if layer not in self._held:
            every = np.array(frame.geometry.array, dtype=object)
            every[shapely.is_empty(every)] = None
            self._held[layer] = every
        found: list[BaseGeometry | None] = self._held[layer][rows].tolist()
        return found

    def cells(self, layer: str, columns: Sequence[str], rows: NDArray[np.intp]) -> dict[str, list[Any]]:
        """Cells of chosen rows as plain values, None where empty, by column; of all but vast layers they are kept."""
        look = self.vast(layer)
        if look is not None:
            cut = zip(columns, look.part(columns, rows), strict=True)
            return {one: [plain(cell) for cell in cells] for one, cells in cut}
        frame = self.frame(layer)
        if len(frame) > VAST:
            return {one: [plain(cell) for cell in frame[one].array.take(rows).tolist()] for one in columns}
        kept = self._cells.setdefault(layer, {})
        for one in columns:
            if one not in kept:
                kept[one] = np.array([*map(plain, frame[one].array.tolist()), None], dtype=object)[:-1]
        return {one: kept[one][rows].tolist() for one in columns}

    def vast(self, layer: str) -> Looked | None:
        """A vast layer as arrays; None for one whose table is held."""
        layers = self.edition.layers
        return layers.looked(layer) if isinstance(layers, Frames) else None

    @cached_property
    def unlisted(self) -> dict[str, Looked]:
        """Layers of more features than pages name one by one (``LISTED``)."""
        many = [layer for layer in self.layers if self.count(layer) > LISTED]
        return {layer: self.vast(layer) or HeldLook(self.frame(layer), self._row_in(layer)) for layer in many}

    def _row_in(self, layer: str) -> Callable[[str], int | None]:
        def row(feature: str) -> int | None:
            found = self.index.get(feature)
            return found[1] if found is not None and found[0] == layer else None

        return row

    @cached_property
    def index(self) -> Mapping[str, tuple[str, int]]:
        """Where each feature is: ``{id: (layer, row number)}``."""
        far = {layer: look for layer in self.layers if (look := self.vast(layer)) is not None}
        held = [layer for layer in self.layers if layer not in far]
        near = {str(fid): (layer, row) for layer in held for row, fid in enumerate(self.frame(layer)["id"])}
        return Index(near, far) if far else near

    def order(self, feature: str) -> tuple[int, int]:
        """Where a feature stands in the plan, as a key to sort by.

        Raises:
            KeyError: The edition has no such feature.
        """
        layer, row = self.index[feature]
        return self._layer_order[layer], row

    @cached_property
    def _layer_order(self) -> dict[str, int]:
        return {layer: at for at, layer in enumerate(self.layers)}

    def row(self, feature: str) -> tuple[str, dict[str, Any], BaseGeometry | None]:
        """A feature's layer, cells and geometry.

        Raises:
            KeyError: The edition has no such feature.
        """
        layer, number = self.index[feature]
        look = self.vast(layer)
        if look is not None:
            return layer, {**dict.fromkeys(FEATURE_COLUMNS), **look.cells(number)}, look.geometry(number)
        frame = self.frame(layer)
        located = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None
        geometry = frame.geometry.iloc[number] if located else None
        geometry = None if geometry is None or geometry.is_empty else geometry
        cells = {str(column): frame.iloc[number][column] for column in frame.columns if column != "geometry"}
        return layer, cells, geometry

    @cached_property
    def _unit_labels(self) -> dict[str, tuple[float, float]]:
        """Where the names of the units go that features are known to lie in, by id."""
        units: set[str] = set()
        for layer in self.layers:
            look = self.vast(layer)
            cells = look.tally("unit") if look is not None else self.frame(layer).get("unit", ())
            units |= {str(unit) for unit in cells if plain(unit)}
        found = {}
        for unit in sorted(unit for unit in units if unit in self.index):
            row = self.row(unit)[1]
            found[unit] = float(row["label_lon"]), float(row["label_lat"])
        return found

    def labelled(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """A feature's cells; what is only known to a unit has its name at that unit's, for want of a place."""
        place = self._unit_labels.get(str(plain(cells.get("unit")) or ""))
        return dict(cells) if place is None else {**cells, "label_lon": place[0], "label_lat": place[1]}

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        names: dict[str, tuple[str, str]] = {}
        for layer in self.layers:
            if self.vast(layer) is not None:
                continue
            frame = self.frame(layer)
            for feature, name, name_en in zip(frame["id"], frame["name"], frame["name_en"], strict=True):
                chinese = str(plain(name) or feature)
                names[str(feature)] = chinese, str(plain(name_en) or chinese)
        return names

    def name_of(self, feature: str) -> tuple[str, str]:
        """Chinese and English name of a feature; its id when the edition does not have it."""
        found = self._names.get(feature)
        if found is None and isinstance(self.index, Index) and feature in self.index:
            cells = self.row(feature)[1]
            chinese = str(plain(cells["name"]) or feature)
            return chinese, str(plain(cells["name_en"]) or chinese)
        return found or (feature, feature)

    def bounds_of(self, feature: str) -> Bounds | None:
        """Bounds of a feature, or of the unit that it is known to lie in; None when it is unknown or has neither."""
        if feature not in self.index:
            return None
        _layer, cells, geometry = self.row(feature)
        if geometry is None and plain(cells.get("unit")):
            return self.bounds_of(str(cells["unit"]))
        return None if geometry is None else leaflet_bounds(*geometry.bounds)

    def layer_bounds(self, layer: str) -> Bounds | None:
        """Bounds of everything in a layer; None when nothing in it has a geometry."""
        look = self.vast(layer)
        if look is not None:
            return leaflet_bounds(*look.extent) if look.extent is not None else None
        boxes = [geometry.bounds for geometry in self.geometries(layer) if geometry is not None]
        if not boxes:
            return None
        west, south, east, north = zip(*boxes, strict=True)
        return leaflet_bounds(min(west), min(south), max(east), max(north))

    def vertices(self, layer: str) -> int:
        """Vertices of all geometries of a layer; of a vast one at least as many as it has features."""
        if self.vast(layer) is not None:
            return VAST * VERTICES_AT_LEAST[self.geometry_type(layer)]
        if layer not in self._vertices:
            found = shapely.get_num_coordinates(np.array(self.geometries(layer), dtype=object))
            self._vertices[layer] = int(found.sum())
        return self._vertices[layer]

    def geometry_type(self, layer: str) -> str:
        """``polygon``, ``line``, ``point`` or ``none``: what the layer's table holds."""
        stated = self.layers[layer].get("geometry")
        if stated:
            return str(stated)
        for geometry in self.geometries(layer):
            if geometry is not None:
                name = geometry.geom_type.replace("Multi", "")
                return {"Polygon": "polygon", "LineString": "line", "LinearRing": "line", "Point": "point"}[name]
        return "none"

    @cached_property
    def extent(self) -> Bounds:
        """Bounds of the district, or of everything when no feature is called ``district``."""
        found = self.bounds_of("district")
        if found is not None:
            return found
        boxes = [box for box in (self.layer_bounds(layer) for layer in self.layers) if box is not None]
        if not boxes:
            return [[-60.0, -180.0], [70.0, 180.0]]
        return [
            [min(b[0][0] for b in boxes), min(b[0][1] for b in boxes)],
            [max(b[1][0] for b in boxes), max(b[1][1] for b in boxes)],
        ]

    @cached_property
    def views(self) -> dict[str, dict[str, Any]]:
        """The plan's views, each with ``layers`` that exist and with ``bounds``; one for all when it names none."""
        raw = self._views or {
            "all": {
                "id": "all",
                "name": self.plan.get("short_title", ""),
                "name_en": self.plan.get("short_title_en", ""),
                "layers": [name for name, layer in self.layers.items() if layer.get("show", True)],
            }
        }
        return {name: self._view(record) for name, record in raw.items()}

    def _view(self, record: Mapping[str, Any]) -> dict[str, Any]:
        bounds = None
        if record.get("bounds"):
            bounds = leaflet_bounds(*(float(value) for value in record["bounds"]))
        elif record.get("fit"):
            bounds = self.bounds_of(str(record["fit"]))
        return {
            "id": record["id"],
            "name": record.get("name", record["id"]),
            "name_en": record.get("name_en") or record.get("name", record["id"]),
            "layers": [name for name in record.get("layers", []) if name in self.layers],
            "bounds": bounds or self.extent,
            "indicator": record.get("indicator") or None,
            "level": record.get("level") or None,
            "select": None,
        }

    @cached_property
    def stories(self) -> dict[str, dict[str, Any]]:
        """The plan's tours of its map, as ``layers.model.stories`` has them in an edition; empty where it has none."""
        return by_id(self.edition.meta.get("stories", []))

    @property
    def default_view(self) -> str:
        """The view that opens when none is asked for: the plan's first."""
        return next(iter(self.views))

    @cached_property
    def indicator_ids(self) -> list[str]:
        """Ids of all indicators, in the edition's order."""
        return [str(item) for item in self.edition.indicators["id"]]

    def ramp(self, name: str = "sequential") -> list[str]:
        """Colours of a ramp from low to high; of the first one there is when the name is unknown."""
        record = self.ramps.get(name) or next(iter(self.ramps.values()), {})
        return [str(color) for color in record.get("colors", [])]


def feature_rows(store: Store, without: Collection[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every feature's layer and cells, geometry left out, in the plan's order.

    Args:
        store: The edition.
        without: Layers that are left out.
    """
    for layer in store.layers:
        if layer in without:
            continue
        frame = store.frame(layer)
        columns = [column for column in frame.columns if column != "geometry"]
        for cells in pd.DataFrame(frame[columns]).to_dict(orient="records"):
            yield layer, {str(key): value for key, value in cells.items()}
