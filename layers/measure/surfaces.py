"""Accessibility measured: shares of area and people within distances, mean distances, by district, zone and township.

All surfaces of a plan lie on one grid of its metric zone, so that what a place covers of each cell is found once. A
distance in the plane of a 3-degree zone is at most 1.0004 times the geodesic one, in a province's width away 1.001.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import covering, raster
from geo.crs import CGCS2000, metric_crs, transform_array
from geo.nearest import Nearest
from layers.measure.features import Features, objects
from layers.measure.indicators import ASSUMED, Columns, Notes, Rows, World, leaning
from layers.model.definitions import IndicatorError
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, ComputedIndicator, Plan
from layers.model.surfaces import METRES, Population, Surface, Surfaces
from layers.model.tables import OBSERVATION_COLUMNS, join, split

PREFIX = "access"
_BLOCK = 256
_PERCENT, _SHARE_DECIMALS = 100.0, 1
_MEAN_DECIMALS = {METRES: 0, "min": 1}
_SAMPLES, _PLACES = 20, 400_000
_SLIVER = 1e-6
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class People:
    """A population raster: people by cell.

    Attributes:
        grid: Its cells, in the units of its CRS; they may be other than square in metres.
        counts: People, (rows, columns); nothing known counts as none.
        crs: Its CRS.
    """

    grid: raster.Cells
    counts: Numbers
    crs: CRS


@dataclass(frozen=True, eq=False)
class _Sums:
    """What is added up for each polygon: area in cells, distance times area, area within each limit."""

    area: Numbers
    far: Numbers
    near: Numbers

    @classmethod
    def none(cls, polygons: int, limits: int) -> _Sums:
        return cls(np.zeros(polygons), np.zeros(polygons), np.zeros((limits, polygons)))


@dataclass(frozen=True, eq=False)
class Sources:
    """The features that a surface measures to, with and without a position.

    Attributes:
        surface: Its definition.
        all: Every such feature.
        there: Those that have a geometry.
    """

    surface: Surface
    all: Features
    there: Features

    @classmethod
    def of(cls, surface: Surface, features: Features) -> Sources:
        """Choose among features; columns ``id``, ``kind``, ``status``."""
        chosen = features.among("kind", surface.kinds) if surface.kinds else np.ones(len(features), dtype=bool)
        if surface.ids:
            chosen &= features.among("id", surface.ids)
        if surface.status:
            chosen &= features.among("status", surface.status)
        found = features.take(chosen)
        return cls(surface, found, found.take(~found.missing))

    @property
    def left_out(self) -> int:
        """How many have no position."""
        return len(self.all) - len(self.there)

    def nearest(self, plane: CRS) -> Nearest:
        """What distances are measured with, in a plane."""
        return Nearest(transform_array(self.there.shapes.geometries, self.there.shapes.crs or CGCS2000, plane))


def frame(polygons: Sequence[Any], cell_m: float) -> raster.Grid:
    """The grid over polygons in metres.

    Raises:
        GeoError: ``raster.large``.
    """
    return raster.Grid.over(shapely.total_bounds(objects(polygons)).tolist(), cell_m)


def compute(plan: Plan, features: Features, lon: float, people: People | None = None) -> tuple[Rows, Columns]:
    """Indicators of all surfaces of a plan that have something to measure to, and their values.

    Args:
        plan: The plan; ``surfaces`` is set.
        features: The georeferenced features, as for ``indicators.compute``.
        lon: Longitude in degrees that chooses the metric zone.
        people: The population raster, where the plan has one.

    Returns:
        As ``indicators.compute``.

    Raises:
        GeoError: ``raster.large``.
    """
    given: Surfaces = plan.surfaces
    every = [Sources.of(one, features) for one in given.surfaces]
    sources = [one for one in every if len(one.there)]
    world = World.of(features)
    indicators: Rows = []
    observations: Columns = {name: [] for name in OBSERVATION_COLUMNS}
    if not sources or not world.places:
        return indicators, observations
    plane, degrees = metric_crs(lon), features.shapes.crs or CGCS2000
    levels = [level for level in (DISTRICT, ZONE, TOWNSHIP) if level in world.places]
    shapes = {level: transform_array(world.places[level].geometries, degrees, plane) for level in levels}
    pieces = _Pieces.of(given.population, plan, world, shapes)
    polygons = [*(one for level in levels for one in shapes[level]), *pieces.shapes]
    grid = frame(polygons, given.cell_m)
    nearest = [one.nearest(plane) for one in sources]
    sums = _sums(grid, polygons, sources, nearest)
    for one, near, found in zip(sources, nearest, sums, strict=True):
        said = _Said(one, given, world, plan.as_of)
        start = 0
        for level in levels:
            at = slice(start, start + len(shapes[level]))
            start = at.stop
            said.area(level, found.area[at], found.far[at], found.near[:, at])
        if pieces.shapes:
            said.people({level: pieces.shares(level, found, start) for level in pieces.owners}, "even")
        elif people is not None:
            said.people(_people_shares(people, one.surface, near, world, degrees, plane, given.cell_m), "raster")
        indicators += said.indicators
        for name, cells in said.columns.items():
            observations[name] += cells
    return indicators, observations


def _sums(
    grid: raster.Grid, polygons: Sequence[Any], sources: Sequence[Sources], nearest: Sequence[Nearest]
) -> list[_Sums]:
    """Go through the grid once, block by block; what no polygon meets is not measured."""
    sums = [_Sums.none(len(polygons), len(one.surface.limits)) for one in sources]
    shapely.prepare(objects(polygons))
    for part in grid.blocks(_BLOCK):
        cover = covering.covered(polygons, grid, part)
        if not len(cover.cell):
            continue
        x, y = grid.centres(part, halo=1)
        area = cover.sums(np.ones((part.rows, part.columns)), len(polygons))
        wanted = cover.met(part)
        for one, near, total in zip(sources, nearest, sums, strict=True):
            far = near.distances(x, y, wanted)
            far[~np.isfinite(far)] = far[wanted].max()
            total.area[:] += area
            total.far[:] += cover.sums(far[1:-1, 1:-1], len(polygons))
            least, most = far.min() - grid.cell_m, far.max() + grid.cell_m
            for number, limit in enumerate(one.surface.limits):
                metres = one.surface.metres(limit)
                if metres >= most:
                    total.near[number] += area
                elif metres > least:
                    total.near[number] += covering.joint(polygons, cover, grid, part, far, metres)
    return sums


# ---- people


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Townships cut by the zones, each piece with the people that live on it if they are spread evenly.

    Attributes:
        shapes: Polygons in metres.
        people: By piece; NaN where nobody knows.
        owners: For each level the number of the place that each piece lies in.
        sizes: How many places each level has.
    """

    shapes: list[Any] = field(default_factory=list)
    people: list[float] = field(default_factory=list)
    owners: dict[str, NDArray[np.intp]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Population | None, plan: Plan, world: World, shapes: Mapping[str, Any]) -> _Pieces:
        """Cut where values by township are given; without, there are no pieces."""
        values = township_people(given, plan)
        if not values or TOWNSHIP not in shapes:
            return cls()
        found = cls(sizes={level: len(shapes[level]) for level in (DISTRICT, ZONE) if level in shapes})
        zones = list(shapes[ZONE]) if ZONE in shapes else []
        owner_zone: list[int] = []
        for township, whole in zip(world.places[TOWNSHIP].ids, shapes[TOWNSHIP], strict=True):
            people = values.get(township, np.nan)
            for number, piece in enumerate(shapely.intersection(whole, zones) if zones else [whole]):
                if piece.area > _SLIVER * whole.area:
                    found.shapes.append(piece)
                    found.people.append(people * piece.area / whole.area)
                    owner_zone.append(number)
        if DISTRICT in shapes:
            found.owners[DISTRICT] = np.zeros(len(owner_zone), dtype=np.intp)
        if ZONE in shapes:
            found.owners[ZONE] = np.array(owner_zone, dtype=np.intp)
        return found

    def shares(self, level: str, found: _Sums, start: int) -> Numbers:
        """People within each limit, per cent of all, (limits, places); NaN where a township's people are not known."""
        people, owner = np.array(self.people), self.owners[level]
        part = found.near[:, start:] / np.maximum(found.area[start:], 1e-12)
        every = np.bincount(owner, people, self.sizes[level])
        near = np.stack([np.bincount(owner, people * one, self.sizes[level]) for one in part])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(near / every * _PERCENT)


def township_people(given: Population | None, plan: Plan) -> dict[str, float]:
    """People by township, as stated or as the last observed values of an indicator."""
    if given is None or given.raster:
        return {}
    if given.values:
        return dict(given.values)
    rows = [one for one in plan.observed if one.indicator == given.indicator and one.role == "observed"]
    return {one.place: float(one.value) for one in sorted(rows, key=lambda one: one.period)}


def _samples(people: People, plane: CRS, cell_m: float) -> int:
    """Places along a side of the raster's cells, so that they are no farther apart than our own cells."""
    grid = people.grid
    middle = np.array([[grid.rows // 2, grid.columns // 2]])
    corner = grid.places(middle, 1)[0]
    ends = shapely.points([corner, (corner[0] + grid.width, corner[1])])
    a, b = shapely.get_coordinates(transform_array(ends, people.crs, plane))
    return int(np.clip(np.ceil(np.hypot(*(b - a)) / cell_m), 1, _SAMPLES))


def _people_shares(
    people: People, surface: Surface, near: Nearest, world: World, degrees: CRS, plane: CRS, cell_m: float
) -> dict[str, Numbers]:
    """The same from a raster: each cell's people are spread evenly over the cell, which is looked at in many places."""
    inside = [np.zeros(people.counts.shape) for _ in surface.limits]
    side = _samples(people, plane, cell_m)
    held = np.argwhere(people.counts > 0)
    step = max(1, _PLACES // side**2)
    for start in range(0, len(held), step):
        some = held[start : start + step]
        places = people.grid.places(some, side)
        moved = shapely.get_coordinates(transform_array(shapely.points(places), people.crs, plane))
        far = near.at(moved).reshape(len(some), -1)
        for limit, share in zip(surface.limits, inside, strict=True):
            share[tuple(some.T)] = (far <= surface.metres(limit)).mean(axis=1)
    found = {}
    for level, places_of in world.places.items():
        polygons = list(transform_array(places_of.geometries, degrees, people.crs))
        cover = covering.covered(polygons, people.grid, people.grid.whole)
        every = cover.sums(people.counts, len(polygons))
        near_by = np.stack([cover.sums(people.counts * one, len(polygons)) for one in inside])
        with np.errstate(invalid="ignore", divide="ignore"):
            found[level] = np.asarray(near_by / every * _PERCENT)
    return found


# ---- as indicators


class _Said:
    """The indicators of one surface and their values, put into rows."""

    def __init__(self, sources: Sources, given: Surfaces, world: World, year: int) -> None:
        self.sources, self.given, self.world, self.year = sources, given, world, year
        self.surface = sources.surface
        self.indicators: Rows = []
        self.columns: Columns = {name: [] for name in OBSERVATION_COLUMNS}
        self._rows: dict[str, dict[str, Any]] = {}

    def area(self, level: str, area: Numbers, far: Numbers, near: Numbers) -> None:
        """Shares of area within each limit, and the mean, of the places of a level."""
        with np.errstate(invalid="ignore", divide="ignore"):
            for limit, inside in zip(self.surface.limits, near, strict=True):
                self._values("share", limit, level, inside / area * _PERCENT)
            self._values("mean", None, level, far / area * self.surface.metre)

    def people(self, shares: Mapping[str, Numbers], spread: str) -> None:
        """Shares of people within each limit."""
        for level, found in shares.items():
            for limit, values in zip(self.surface.limits, found, strict=True):
                self._values("people", limit, level, values, spread)

    def _values(self, what: str, limit: float | None, level: str, values: Numbers, spread: str = "") -> None:
        one = self._definition(what, limit, spread)
        if one.id not in self._rows:
            self._rows[one.id] = _row(one, self.surface.cites)
            self.indicators.append(self._rows[one.id])
        levels = [*split(self._rows[one.id]["levels"]), level]
        self._rows[one.id]["levels"] = join(levels)
        places, notes = self.world.places[level], Notes()
        if self.sources.left_out:
            notes.everywhere("surface.left_out", n=self.sources.left_out)
        if what == "people":
            for at in np.flatnonzero(np.isnan(values)).tolist():
                notes.add(places.ids[at], "surface.no_people")
        flagged = leaning(self.world, one, self.sources.there, level, notes)
        alike = {"indicator": one.id, "level": level, "role": "computed", "year": self.year}
        rounded = [None if np.isnan(value) else round(value, one.decimals) + 0.0 for value in values.tolist()]
        own = {
            "place": places.ids.tolist(),
            "value": rounded,
            "flag": [ASSUMED if place in flagged else "" for place in places.ids],
            "note": notes.texts(places.ids, "zh"),
            "note_en": notes.texts(places.ids, "en"),
        }
        for name, cells in self.columns.items():
            cells += own.get(name, [alike.get(name)] * len(places))

    def _definition(self, what: str, limit: float | None, spread: str) -> ComputedIndicator:
        """The definition of one of the surface's indicators."""
        surface = self.surface
        end = {"share": f"{limit:g}{surface.unit}" if limit else "", "mean": "mean"}
        end["people"] = f"{end['share']}_people"
        texts = {lang: _texts(self.sources, self.given.cell_m, what, limit, spread, lang) for lang in ("zh", "en")}
        (name, unit, formula), (name_en, unit_en, formula_en) = texts["zh"], texts["en"]
        return ComputedIndicator(
            f"{PREFIX}_{surface.id}_{end[what]}", name, name_en, surface.origin, unit=unit, unit_en=unit_en,
            domain=word("domain", "zh"), domain_en=word("domain", "en"), method="share_within", kinds=("any",),
            status=(), distance_m=None if limit is None else surface.metres(limit),
            decimals=_MEAN_DECIMALS[surface.unit] if what == "mean" else _SHARE_DECIMALS,
            formula=formula, formula_en=formula_en, better="lower" if what == "mean" else "higher", levels=(),
        )  # fmt: skip


def word(key: str, lang: str, **params: object) -> str:
    """A text about surfaces."""
    return IndicatorError.catalogue.filled(f"surface.{key}", lang, **params)


def limit_text(surface: Surface, limit: float, lang: str) -> str:
    """A limit as people read it: 500 米, 10 minutes."""
    return word(f"limit_{surface.unit}", lang, value=f"{limit:g}")


def _texts(
    sources: Sources, cell_m: float, what: str, limit: float | None, spread: str, lang: str
) -> tuple[str, str, str]:
    """Name, unit and formula of an indicator."""
    surface = sources.surface
    own = surface.name_en if lang == "en" else surface.name
    assumption = surface.assumption_en if lang == "en" else surface.assumption
    count = word("sources_plain", lang, count=len(sources.there))
    said: dict[str, object] = {"cell": f"{cell_m:g}", "assumption": assumption, "sources": count}
    if limit is None:
        speed = (
            "" if surface.speed_kmh is None
            else word("mean_speed", lang, speed=f"{surface.speed_kmh:g}", detour=f"{surface.detour:g}")
        )  # fmt: skip
        formula = word("mean_formula", lang, speed=speed, **said)
        return word("mean_name", lang, name=own), word(f"unit_{surface.unit}", lang), formula.strip()
    said |= {"metres": f"{surface.metres(limit):.0f}"}
    if spread:
        said |= {"spread": word(f"spread_{spread}", lang)}
    formula = word(f"{what}_formula", lang, **said)
    return word(f"{what}_name", lang, name=own, limit=limit_text(surface, limit, lang)), "%", formula.strip()


def _row(one: ComputedIndicator, cites: Sequence[str]) -> dict[str, Any]:
    """An indicator as a record of the edition."""
    names = (
        "id", "name", "name_en", "unit", "unit_en", "domain", "domain_en", "formula", "formula_en", "decimals",
        "better",
    )  # fmt: skip
    empty = {"baseline_year": None, "target_year": None, "target_text": "", "target_comparator": "", "flags": ""}
    own = {"property": "", "origin": "computed", "levels": "", "cites": join(cites)}
    return {name: getattr(one, name) for name in names} | own | empty
