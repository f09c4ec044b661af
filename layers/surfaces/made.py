"""The surfaces of an edition, made anew from its own features whenever somebody asks: nothing is kept beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import covering, raster
from geo.crs import CGCS2000, metric_crs, transform_array
from geo.nearest import Nearest
from layers.edition.store import Store, plain
from layers.measure.features import Features
from layers.measure.surfaces import Sources, frame
from layers.model.errors import LayersError, Origin
from layers.model.plan import DISTRICT
from layers.model.surfaces import CELL_M, FILE, METRES, Surface

NODATA = -9999.0
"""Of a distance, outside the district."""
OUTSIDE = 0
"""Class of what is outside the district."""
COLUMNS = ("id", "kind", "status", "basis")
SURE = ("official", "surveyed", "osm")
"""Bases of positions that are those of the thing; others are drawn by somebody's judgement."""
RAMP = "access"
"""The ramp of a plan's own, if it has one."""


@dataclass(frozen=True, eq=False)
class Made:
    """One surface with what it measures to and where.

    Attributes:
        surface: Its definition.
        sources: The features that it measures to.
        store: The edition.
        cell_m: Side of a cell.
        plane: The plan's metric CRS.
        ground: The district in metres.
    """

    surface: Surface
    sources: Sources
    store: Store
    cell_m: float
    plane: CRS
    ground: Any

    @property
    def there(self) -> bool:
        """Whether there is anything to measure to, and a district to measure in."""
        return len(self.sources.there) > 0 and self.ground is not None

    @cached_property
    def nearest(self) -> Nearest:
        """What distances are measured with."""
        return self.sources.nearest(self.plane)

    @cached_property
    def grid(self) -> raster.Grid:
        """Its cells."""
        return frame([self.ground], self.cell_m)

    def values(self, part: raster.Part, grid: raster.Grid | None = None) -> NDArray[np.float64]:
        """The surface in its own unit, of a part of its grid or of another; ``NODATA`` outside the district."""
        grid = grid or self.grid
        cover = covering.covered([self.ground], grid, part)
        found = np.full(part.rows * part.columns, NODATA)
        if len(cover.cell):
            far = self.nearest.distances(*grid.centres(part)) * self.surface.metre
            found[cover.cell] = far.ravel()[cover.cell]
        return found.reshape(part.rows, part.columns)

    def bands(self, part: raster.Part, grid: raster.Grid | None = None) -> NDArray[np.uint8]:
        """The same as numbers of bands from 1 on; ``OUTSIDE`` outside the district."""
        values = self.values(part, grid)
        found = raster.classes(values, self.surface.limits)
        found[values == NODATA] = OUTSIDE
        return found

    @cached_property
    def colours(self) -> list[str]:
        """Of each band, the nearest first: from the dark end of the ramp to its light one."""
        ramp = self.store.ramp(RAMP if RAMP in self.store.ramps else "sequential")
        count = len(self.surface.limits) + 1
        light = 1 if len(ramp) > count else 0  # the lightest is hardly seen on paper
        return [ramp[round(one)] for one in np.linspace(len(ramp) - 1, light, count).tolist()] if ramp else []

    @cached_property
    def accuracy_m(self) -> float | None:
        """How far off the least accurate source may be, metres."""
        found = [plain(cells.get("accuracy_m")) for cells in self._cells()]
        known = [float(one) for one in found if one is not None]
        return max(known, default=None)

    @cached_property
    def bases(self) -> Mapping[str, int]:
        """How many of the sources have a position of each basis."""
        return Counter(str(one) for one in self.sources.there["basis"])

    @property
    def sure(self) -> bool:
        """Whether every source's position is that of the thing; else the surface is schematic as they are."""
        return all(basis in SURE for basis in self.bases)

    def _cells(self) -> list[dict[str, Any]]:
        return [self.store.row(str(one))[1] for one in self.sources.there["id"]]


def surfaces(store: Store) -> dict[str, Made]:
    """Every surface of an edition by id, those without anything to measure to included."""
    meta = store.edition.meta.get("surfaces") or {}
    records = meta.get("surfaces") or []
    if not records:
        return {}
    # What is too much to be held is measured neither to nor from.
    frames = [store.frame(layer) for layer in store.layers if store.vast(layer) is None]
    features = Features.joined(frames, COLUMNS)
    lon = float(store.plan.get("lon") or (store.extent[0][1] + store.extent[1][1]) / 2)
    plane = metric_crs(lon)
    ground = None
    if DISTRICT in store.index:
        shape = store.row(DISTRICT)[2]
        ground = None if shape is None else transform_array(np.array([shape], dtype=object), CGCS2000, plane)[0]
        shapely.prepare(ground)
    found = [definition(record) for record in records]
    cell = float(meta.get("cell_m") or CELL_M)
    return {one.id: Made(one, Sources.of(one, features), store, cell, plane, ground) for one in found}


def definition(record: Mapping[str, Any]) -> Surface:
    """A definition as the edition's metadata has it."""
    words: dict[str, Any] = {
        name: str(record.get(name) or "") for name in ("assumption", "assumption_en", "note", "note_en")
    }
    words |= {name: tuple(str(one) for one in record.get(name) or ()) for name in ("kinds", "status", "ids", "cites")}
    speed, origin = record.get("speed_kmh"), Origin(FILE, str(record["id"]))
    return Surface(
        str(record["id"]), str(record["name"]), str(record.get("name_en") or record["name"]), origin,
        limits=tuple(float(one) for one in record["limits"]), speed_kmh=None if speed is None else float(speed),
        detour=float(record.get("detour") or 1.0), **words,
    )  # fmt: skip


def chosen(store: Store, wanted: str) -> Made:
    """A surface that can be made.

    Raises:
        LayersError: ``surface.unknown``, ``surface.nothing_there``.
    """
    known = surfaces(store)
    found = known.get(wanted)
    if found is None:
        raise LayersError("surface.unknown", value=wanted[:60], choices=list(known))
    if not found.there:
        raise LayersError("surface.nothing_there", name=found.surface.name)
    return found


def unit_decimals(surface: Surface) -> int:
    """Decimals of a value of the surface that people read."""
    return 0 if surface.unit == METRES else 1
