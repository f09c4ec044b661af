"""Recipes of a plan evaluated in dependency order, with what each geometry inherits from its inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError
from typing import Any, TypeVar

import numpy as np
import shapely
from shapely import GeometryType, MultiLineString
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geo import crs, recipes
from geo.errors import GeoError
from geo.reasons import reason
from geo.recipes import Recipe
from layers.build.located import Located
from layers.build.scans import Fitted, fitted
from layers.folder.reading import Faults
from layers.folder.references import PLACE, cycles, graph_of, needs, order
from layers.measure.features import objects
from layers.model.errors import ERROR, WARNING, Origin
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, Feature, Plan
from layers.model.scans import SCAN

Answer = TypeVar("Answer")

DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}
_TYPE_NAMES = {"Point": "point", "MultiPoint": "points", "LineString": "line", "MultiLineString": "line",
               "LinearRing": "line", "Polygon": "polygon", "MultiPolygon": "polygon"}  # fmt: skip
_DERIVED = "derived"
_AS_IT_IS = {"place", "scan", "polygon", "line", "point", "clip"}
"""Fields of a recipe that takes a place, or what is drawn on a scan, as it is."""
REACH_STEP_M = 100.0
"""The accuracy that follows from a unit's size is rounded up to this."""
_IN_RANGE = ("arcs", "place")
"""Recipes of what has been found in range when it was read."""
_OF_A_FILE = ("vector.", "coverage.")
_OF_A_RECIPE = ("coverage.unknown_unit", "vector.layer_wanted", "vector.unknown_layer")
"""Faults that one recipe makes with a file that is sound."""

Progress = Callable[[int, int], None]


def locate(plan: Plan, faults: Faults, progress: Progress | None = None) -> tuple[dict[str, Located], float]:
    """Evaluate every recipe of a plan.

    Args:
        plan: The plan; features in cycles or with missing inputs are passed over (``read`` has noted them).
        faults: Takes the problems.
        progress: Called with the number of features done and the number of all.

    Returns:
        Located features by id in the plan's order, and the longitude in degrees that chooses the metric zone.
    """
    graph = graph_of(plan)
    try:
        ordered = order(graph)
    except CycleError:
        for node in [node for cycle in cycles(graph) for node in cycle]:
            graph.pop(node, None)
        ordered = order(graph)
    by_id = {feature.id: feature for feature in plan.features}
    run, lon = _first_run(plan, graph, by_id, ordered)
    for done, node in enumerate(ordered, start=1):
        run.make(node, by_id)
        if progress is not None:
            progress(done, len(graph))
    recipes.forget_files()
    faults.problems += run.faults.problems
    return {feature.id: run.done[feature.id] for feature in plan.features if feature.id in run.done}, lon


def _first_run(
    plan: Plan, graph: Mapping[str, tuple[str, ...]], by_id: Mapping[str, Feature], ordered: Sequence[str]
) -> tuple[_Run, float]:
    """A run in the metric zone of the district, which may be located already, and the longitude of its middle.

    The district's own recipe may need a metric CRS, so a first guess comes from the coordinates in the folder.
    The longitude, in degrees, is rounded so that it is the same everywhere.
    """
    lons = [place.lon for place in plan.gazetteer.places]
    lons = lons or [point.at[0] for scan in plan.scans for point in scan.points if point.at is not None]
    lons = lons or [lon for feature in plan.features for lon in _longitudes(feature.geometry)]
    guess = float(np.median(lons)) if lons else math.nan
    run = _Run(plan, guess)
    wanted = _inputs_of(DISTRICT, graph)
    for node in (node for node in ordered if node in wanted):
        run.make(node, by_id)
    district = run.done.get(DISTRICT)
    if district is None or district.geometry is None:
        return run, guess
    west, _, east, _ = district.geometry.bounds
    lon = round((west + east) / 2, 4)
    in_range = all(crs.LON_RANGE[0] <= value < crs.LON_RANGE[1] for value in (guess, lon))
    if in_range and crs.metric_crs(guess) == crs.metric_crs(lon):
        return run, lon
    return _Run(plan, lon), lon


def _inputs_of(node: str, graph: Mapping[str, tuple[str, ...]]) -> set[str]:
    """A node and all that it needs, as far as the graph knows them."""
    wanted, queue = {node} & graph.keys(), [node]
    while queue:
        for need in graph.get(queue.pop(), ()):
            if need in graph and need not in wanted:
                wanted.add(need)
                queue.append(need)
    return wanted


def _longitudes(recipe: Any) -> Iterator[float]:
    """The first number of every coordinate pair in a recipe as written."""
    if isinstance(recipe, Mapping):
        for name, value in recipe.items():
            if "scan" not in recipe or name == "clip":  # what is drawn on a scan is in pixels
                yield from _longitudes(value)
    elif isinstance(recipe, list):
        if len(recipe) == 2 and all(isinstance(part, int | float) for part in recipe):
            yield float(recipe[0])
        else:
            for part in recipe:
                yield from _longitudes(part)


class _Run:
    """One evaluation of a plan's recipes."""

    def __init__(self, plan: Plan, lon: float) -> None:
        self.plan, self.lon, self.faults = plan, lon, Faults()
        self.done: dict[str, Located] = {}
        self._told: set[str] = set()
        self._tried: set[str] = set()
        self._ranks = {name: rank for rank, name in enumerate(plan.bases)}
        self._now: Feature | None = None
        self._sheets: dict[str, Fitted] = {}
        self._context = recipes.Context(self._resolve, plan.data_dir, plan.folder, lon, self._doubt, self._ground)

    def make(self, node: str, by_id: Mapping[str, Feature]) -> None:
        """Locate a feature, or fit the scan ``scan/<id>``; why it cannot be fitted is said by the check of scans."""
        if node in by_id:
            self.locate(by_id[node])
        elif node not in self._sheets and math.isfinite(self.lon):
            with suppress(GeoError):
                self._sheets[node] = fitted(self.plan.scan(node.removeprefix(SCAN)), self._input, self.lon)

    def _ground(self, name: str, pixels: Any) -> Any:
        """Longitudes and latitudes of pixels of a scan."""
        return self._sheets[name].degrees(pixels)

    def locate(self, feature: Feature) -> None:
        """Evaluate one feature, once, whose inputs have been evaluated; leaves it out when it cannot be."""
        if feature.id in self._tried:
            return
        self._tried.add(feature.id)
        if feature.recipe is None:
            self.done[feature.id] = Located(feature, None, None, feature.basis, feature.sources)
            return
        if not all(self._input(need) for need in needs(feature)):
            return
        if feature.unit:
            self._at_unit(feature)
            return
        geometry = self._evaluate(feature)
        if geometry is None:
            return
        inputs = [(reference, self._input(reference)) for reference in _measured_by(feature)]
        reach = self._reach(feature) or 0.0
        accuracy = self._accuracy(feature, inputs, reach)
        basis = self._basis(feature, inputs)
        sources = self._sources(feature)
        self._honest(feature, geometry, accuracy, basis)
        self.done[feature.id] = Located(feature, geometry, accuracy, basis, sources)

    def _at_unit(self, feature: Feature) -> None:
        """A feature of which only the polygon is known that it lies in: basis and accuracy follow from that."""
        reach = self._reach(feature)
        if reach is None:
            return
        self._within_limits(feature, [(feature.unit, reach)])
        kind = self._input(feature.unit).feature.kind
        basis = TOWNSHIP if kind == TOWNSHIP else ZONE
        if feature.basis not in ("", basis):
            self.faults.add(
                feature.origin, "basis", "feature.unit_basis", basis=feature.basis, unit=feature.unit, wanted=basis
            )
        accuracy = reach if feature.accuracy_m is None else feature.accuracy_m
        self.done[feature.id] = Located(feature, None, accuracy, basis, self._sources(feature), feature.unit)

    def _reach(self, feature: Feature) -> float | None:
        """How far off a point chosen by ``within`` may be, in metres, rounded up; None with the fault noted."""
        if feature.recipe is None:
            return 0.0
        metres = self._asked(feature, self._context.reach_m)
        return None if metres is None else math.ceil(metres / REACH_STEP_M) * REACH_STEP_M

    def _honest(self, feature: Feature, geometry: BaseGeometry, accuracy: float | None, basis: str) -> None:
        """A geometry's basis may claim that it is a place, and a point's accuracy that it is a point."""
        record = self.plan.bases.get(basis)
        if record is None:
            return
        if record.apart:
            self.faults.add(feature.origin, "basis", "feature.unit_as_place", basis=basis)
        elif record.limit_m is not None and accuracy is not None and accuracy > record.limit_m:
            district = self.done.get(DISTRICT)
            outside = (
                district is not None and district.geometry is not None and not district.geometry.intersects(geometry)
            )
            if shapely.get_dimensions(geometry) == 0 and not outside:
                self.faults.add(
                    feature.origin,
                    "accuracy_m",
                    "feature.no_point",
                    accuracy_m=accuracy,
                    basis=basis,
                    limit_m=record.limit_m,
                )

    def _input(self, reference: str) -> Any:
        """The place or located feature behind a reference, or None."""
        if reference.startswith(PLACE):
            return self.plan.gazetteer.find(reference.removeprefix(PLACE))
        if reference.startswith(SCAN):
            return self._sheets.get(reference)
        located = self.done.get(reference)
        return located if located is not None and located.geometry is not None else None

    def _resolve(self, reference: str) -> BaseGeometry:
        found = self._input(reference)
        geometry: BaseGeometry = found.point if reference.startswith(PLACE) else found.geometry
        return geometry

    def _asked(self, feature: Feature, ask: Callable[[Recipe], Answer]) -> Answer | None:
        """What a feature's recipe gives, or None with the fault noted."""
        assert feature.recipe is not None  # noqa: S101 (the caller has looked)
        try:
            return ask(feature.recipe)
        except GeoError as error:
            self._tell(feature, error, ERROR)
        except ShapelyError as error:
            self.faults.add(feature.origin, "geometry", "recipe.failed", said=reason(error))
        return None

    def _evaluate(self, feature: Feature) -> BaseGeometry | None:
        """The geometry, of the kind's type, or None with the fault noted."""
        assert feature.recipe is not None  # noqa: S101 (the caller has looked)
        kind = self.plan.kinds[feature.kind]
        self._now = feature
        geometry = self._asked(feature, self._context.evaluate)
        if geometry is None:
            return None
        outside = None if feature.recipe.op in _IN_RANGE else _out_of_range(geometry)
        if outside is not None:
            self.faults.add(feature.origin, "geometry", "geometry.out_of_range", x=outside[0], y=outside[1])
            return None
        typed = as_type(geometry, kind.geometry)
        if typed is None:
            self.faults.add(
                feature.origin,
                "geometry",
                "geometry.type",
                kind=kind.name,
                expected=kind.geometry,
                found=_TYPE_NAMES.get(geometry.geom_type, geometry.geom_type),
            )
        return typed

    def _doubt(self, doubt: GeoError) -> None:
        """What a recipe does not refuse but doubts, of the feature whose geometry is being made."""
        if self._now is not None:
            self._tell(self._now, doubt, WARNING)

    def _tell(self, feature: Feature, error: GeoError, severity: str) -> None:
        """Note a fault of a recipe; what is wrong with a whole file is noted at the file, once for all its features."""
        if not error.key.startswith(_OF_A_FILE) or error.key in _OF_A_RECIPE:
            self.faults.add(feature.origin, "geometry", error.key, severity=severity, **error.params)
            return
        params = {name: value for name, value in error.params.items() if name != "where"}
        told = f"{error.key} {sorted((name, str(value)) for name, value in params.items())}"
        if told not in self._told:
            self._told.add(told)
            origin = Origin(_path_of(feature, str(params.get("file", ""))), "", None)
            self.faults.add(origin, "", error.key, severity=severity, first=feature.id, **params)

    def _accuracy(self, feature: Feature, inputs: list[tuple[str, Any]], reach: float) -> float | None:
        """Stated accuracy, or the worst of the inputs; better than its inputs is a fault.

        Args:
            feature: The feature.
            inputs: What its geometry is made from.
            reach: How far off a point chosen by ``within`` may be, metres; 0 where there is none.
        """
        known = [
            (name, found.accuracy_m) for name, found in inputs if found is not None and found.accuracy_m is not None
        ]
        if reach > 0:
            known.append(("within", reach))
        if feature.accuracy_m is None and not known:
            self.faults.add(feature.origin, "accuracy_m", "feature.no_accuracy")
            return None
        self._within_limits(feature, known)
        return max(metres for _, metres in known) if feature.accuracy_m is None else feature.accuracy_m

    def _within_limits(self, feature: Feature, known: list[tuple[str, float]]) -> None:
        """A stated accuracy is no better than the worst of what the geometry is made from."""
        worst_name, worst = max(known, key=lambda pair: pair[1], default=("", 0.0))
        if feature.accuracy_m is not None and feature.accuracy_m < worst:
            self.faults.add(
                feature.origin,
                "accuracy_m",
                "feature.too_accurate",
                accuracy_m=feature.accuracy_m,
                input=worst_name,
                input_m=worst,
            )

    def _basis(self, feature: Feature, inputs: list[tuple[str, Any]]) -> str:
        """Stated basis, else that of the one place or scan that is taken as it is, else ``derived``."""
        if not feature.basis:
            if not inputs:
                self.faults.add(feature.origin, "basis", "feature.no_basis")
                return ""
            if set(feature.geometry or ()) <= _AS_IT_IS and len(inputs) == 1:
                return str(inputs[0][1].basis)
            return _DERIVED
        limit = self._ranks.get(_DERIVED, len(self._ranks))
        rank = self._ranks[feature.basis]
        for reference, found in inputs:
            if rank < limit and self._ranks.get(found.basis, 0) > rank:
                self.faults.add(
                    feature.origin,
                    "basis",
                    "feature.too_trusted",
                    severity=WARNING,
                    basis=feature.basis,
                    input=reference,
                    input_basis=found.basis,
                )
                break
        return feature.basis

    def _sources(self, feature: Feature) -> tuple[str, ...]:
        """The record's sources, then those of the inputs, each once; none at all is a fault."""
        names = list(feature.sources)
        for reference in needs(feature):
            found = self._input(reference)
            names += found.sources if found is not None else ()
        if not names:
            self.faults.add(feature.origin, "sources", "feature.no_source")
        return tuple(dict.fromkeys(names))


def _path_of(feature: Feature, name: str) -> str:
    """The path, as the recipe writes it, of the file with that name."""
    recipe = feature.recipe
    paths = [path for path, _ in recipe.files()] if recipe is not None else []
    return next((path for path in paths if path.rsplit("/", 1)[-1] == name), paths[0] if paths else feature.origin.file)


def _measured_by(feature: Feature) -> tuple[str, ...]:
    """The references whose accuracy a geometry inherits.

    ``clip`` cuts off an end and ``keep`` chooses a side; neither moves what remains.
    """
    recipe = feature.recipe
    if recipe is None or not any("clip" in one.fields or "keep" in one.fields for one in recipe.nested()):
        return needs(feature)
    return recipes.parse(_without_choice(feature.geometry)).references


def _without_choice(recipe: Any, anywhere: tuple[float, float] = (crs.LON_RANGE[0], crs.LAT_RANGE[0])) -> Any:
    """A recipe as written, without ``clip`` and with a coordinate in place of ``keep``."""
    if isinstance(recipe, Mapping):
        return {
            name: list(anywhere) if name == "keep" else _without_choice(value)
            for name, value in recipe.items()
            if name != "clip"
        }
    if isinstance(recipe, list):
        return [_without_choice(part) for part in recipe]
    return recipe


def as_type(geometry: BaseGeometry, wanted: str) -> BaseGeometry | None:
    """The parts of a geometry that have the dimension wanted, or None when it has no such part.

    Args:
        geometry: Any geometry.
        wanted: ``point``, ``line`` or ``polygon``.

    Returns:
        Of a polygon clipped along its edge only the polygons; one point only where a point is wanted.
    """
    dimension = DIMENSIONS.get(wanted)
    if dimension is None or shapely.get_dimensions(geometry) != dimension:
        return None
    if geometry.geom_type != "GeometryCollection":
        if geometry.geom_type == "MultiPoint":
            points = shapely.get_parts(geometry)
            return points[0] if len(points) == 1 else None
        return geometry
    parts = [
        part for part in shapely.get_parts(shapely.get_parts(geometry)) if shapely.get_dimensions(part) == dimension
    ]
    if dimension == 0:
        return parts[0] if len(parts) == 1 else None
    return shapely.line_merge(MultiLineString(parts)) if dimension == 1 else shapely.union_all(parts)


def multi(geometries: Iterable[BaseGeometry | None]) -> Any:
    """Polygons and lines as their Multi types, as the edition stores them; points and None as they are.

    Returns:
        An array (n,) of objects.
    """
    given = objects(geometries)
    types, made = shapely.get_type_id(given), given.copy()
    for single, joined in (
        (GeometryType.POLYGON, shapely.multipolygons),
        (GeometryType.LINESTRING, shapely.multilinestrings),
    ):
        which = np.flatnonzero(types == single)
        if len(which):
            made[which] = joined(given[which], indices=np.arange(len(which)))
    return made


def metric(geometries: Any, lon: float) -> Any:
    """An array of lon/lat geometries in metres of the plan's zone."""
    return crs.transform_array(np.asarray(geometries, dtype=object), crs.CGCS2000, crs.metric_crs(lon))


def _out_of_range(geometry: BaseGeometry) -> tuple[float, float] | None:
    """A coordinate that is no longitude and latitude, or None."""
    points = shapely.get_coordinates(geometry)
    most = np.abs(points).max(axis=0, initial=0.0)
    if most[0] <= 180 and most[1] <= 90:  # false for what is no number
        return None
    bad = ~(np.isfinite(points).all(axis=1) & (np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90))
    return (float(points[bad][0, 0]), float(points[bad][0, 1])) if bad.any() else None
