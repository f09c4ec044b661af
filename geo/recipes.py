"""Recipes: how a feature's geometry is made from places, other features and files.

A recipe is a table with one operation and its fields, as written in a plan folder:

    { buffer = "place/…", distance_m = 1500, clip = "district" }

`parse` turns it into a checked `Recipe`, whose `references` say what it needs, `evaluate` makes the geometry in
longitude, latitude degrees (EPSG:4490). Distances in metres are laid off in the CGCS2000 zone of the plan.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo import operations
from geo.coverage import Arc, polygonise, read_arcs
from geo.crs import CGCS2000, metric_crs, transform
from geo.errors import GeoError
from geo.grammar import OPERATIONS, Recipe, Reference, parse

__all__ = ["OPERATIONS", "Context", "Recipe", "Reference", "evaluate", "forget_files", "parse", "unit", "uses_within"]

Resolve = Callable[[str], BaseGeometry]
Doubt = Callable[[GeoError], None]
Ground = Callable[[str, NDArray[Any]], NDArray[Any]]
"""Longitudes and latitudes (n, 2) in degrees EPSG:4490 of pixels (n, 2) of the scan ``scan/<id>``."""


def evaluate(
    recipe: Recipe,
    resolve: Resolve,
    data_dir: Path,
    lon: float,
    plan_dir: Path | None = None,
    doubt: Doubt | None = None,
    ground: Ground | None = None,
) -> BaseGeometry:
    """The geometry of a recipe.

    Args:
        recipe: from `parse`.
        resolve: gives the geometry (degrees EPSG:4490) of a feature id or `place/<name>`; a `LookupError`
            means there is none.
        data_dir: folder that arcs files are relative to which are not in `plan_dir`.
        lon: longitude of the plan, degrees: chooses the zone for metres.
        plan_dir: folder that files are relative to; `data_dir` when not given.
        doubt: called with what is no error but should be looked at: old datums, marks of a web map, matches that
            lie apart.
        ground: gives longitudes and latitudes of pixels of a scanned map; none: recipes on scans are refused.

    Returns:
        valid, 2D, degrees EPSG:4490 on a grid of 1e-7; the same input always gives the same coordinates.

    Raises:
        GeoError: `recipe.*`, `coverage.*`, `vector.*` or `crs.*`, with `where` in the recipe.
    """
    return Context(resolve, data_dir, plan_dir or data_dir, lon, doubt or (lambda _: None), ground).evaluate(recipe)


def unit(recipe: Recipe) -> Reference | None:
    """The polygon that is all that is known of a position: that of a recipe which is a ``within``; else None."""
    return recipe.fields["within"] if recipe.op == "within" else None


def uses_within(recipe: Recipe) -> bool:
    """Whether a point chosen by ``within`` makes part of the geometry; ``clip`` and ``keep`` move nothing."""
    return bool(_withins(recipe))


def _withins(value: Any) -> list[Recipe]:
    """Every ``within`` in a recipe that moves its geometry."""
    if isinstance(value, list):
        return [found for item in value if isinstance(item, Recipe) for found in _withins(item)]
    if not isinstance(value, Recipe):
        return []
    own = [value] if value.op == "within" else []
    parts = [
        part for name, part in value.fields.items() if isinstance(part, Recipe | list) and name not in ("clip", "keep")
    ]
    return own + [found for part in parts for found in _withins(part)]


@dataclass(frozen=True)
class Context:
    """What the recipes of a plan are evaluated in; one method an operation, found by name.

    Arguments as for `evaluate`. A file that many recipes name is looked for once.
    """

    resolve: Resolve
    data_dir: Path
    plan_dir: Path
    lon: float
    doubt: Doubt
    ground: Ground | None = None
    _found: "dict[tuple[str, ...], tuple[_Version, ...]]" = field(default_factory=dict, init=False)

    def evaluate(self, recipe: Recipe) -> BaseGeometry:
        """The geometry of a recipe, see the function of that name."""
        result = self._whole_unit(recipe)
        if result is None:
            result = operations.tidy(self.recipe(recipe))
        if result.is_empty:
            raise GeoError("recipe.empty", where=recipe.where, op=recipe.op)
        return result

    def reach_m(self, recipe: Recipe) -> float:
        """How far off the points may be that ``within`` chooses: the distance to the farthest corner of their polygon.

        A point chosen inside a polygon stands for a thing that may be anywhere in it.

        Returns:
            Metres, of the worst ``within``; 0 where there is none.

        Raises:
            GeoError: as `evaluate`.

        Example:
            A square of 6 km by 6 km: the point is its middle, the corners are 4 243 m away.
        """
        polygons = [self.unit(one) for one in _withins(recipe)]
        return max((operations.farthest(operations.inscribed_point(one), one) for one in polygons), default=0.0)

    def _whole_unit(self, recipe: Recipe) -> BaseGeometry | None:
        """What is one unit of a file of arcs: those are tidied together, which takes a fifth of the time."""
        if recipe.op != "arcs" or len(recipe.fields["unit"]) != 1 or "clip" in recipe.fields:
            return None
        try:
            tidied = _tidied_of(self._versions(recipe.fields["arcs"]), recipe.fields.get("datum"))
        except GeoError as error:
            error.params.setdefault("where", recipe.where)
            raise
        return tidied.get(recipe.fields["unit"][0])

    def recipe(self, recipe: Recipe) -> BaseGeometry:
        """The geometry of a recipe within another, not tidied."""
        try:
            result: BaseGeometry = getattr(self, f"_{recipe.op}")(recipe)
            if "clip" in recipe.fields and not result.is_empty:
                clip = operations.polygonal(self.reference(recipe.fields["clip"]))
                result = operations.intersection([result, clip])
            if result.is_empty:
                raise GeoError("recipe.empty", op=recipe.op)
        except GeoError as error:
            error.params.setdefault("where", recipe.where)
            raise
        return result

    def reference(self, reference: Reference) -> BaseGeometry:
        """What a reference leads to."""
        if isinstance(reference, Recipe):
            return self.recipe(reference)
        if isinstance(reference, tuple):
            return Point(reference)
        try:
            geometry = self.resolve(reference)
        except LookupError as error:
            raise GeoError("recipe.unknown_reference", reference=reference) from error
        if geometry is None or geometry.is_empty:
            raise GeoError("recipe.reference_without_geometry", reference=reference)
        flat: BaseGeometry = shapely.force_2d(geometry)
        return flat

    def point(self, reference: Reference) -> Point:
        """The one point that a reference leads to."""
        return operations.single_point(self.reference(reference))

    def metric(self, geometry: BaseGeometry) -> BaseGeometry:
        """In metres."""
        return transform(geometry, CGCS2000, metric_crs(self.lon))

    def degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """From metres back to degrees."""
        return transform(geometry, metric_crs(self.lon), CGCS2000)

    # ---- operations

    def _place(self, recipe: Recipe) -> BaseGeometry:
        return self.point(recipe.fields["place"])

    def _points(self, recipe: Recipe) -> BaseGeometry:
        geometries = [self.reference(r) for r in recipe.fields["points"]]
        parts = [part for geometry in geometries for part in shapely.get_parts(geometry)]
        return shapely.MultiPoint([operations.single_point(part) for part in parts])

    def _route(self, recipe: Recipe) -> BaseGeometry:
        points = self._distinct_points(recipe.fields["route"])
        if len(points) < 2:
            raise GeoError("recipe.too_few_points", op="route", count=len(points), wanted=2)
        return LineString(points)

    def _ring(self, recipe: Recipe) -> BaseGeometry:
        points = self._distinct_points(recipe.fields["ring"])
        if points[0] == points[-1]:
            points = points[:-1]
        if len(set(points)) < 3:
            raise GeoError("recipe.too_few_points", op="ring", count=len(set(points)), wanted=3)
        operations.simple(LineString([*points, points[0]]))
        return Polygon(points)

    def _distinct_points(self, items: Sequence[Reference]) -> list[tuple[float, float]]:
        points = [(p.x, p.y) for p in map(self.point, items)]
        return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]

    def _arcs(self, recipe: Recipe) -> BaseGeometry:
        versions, datum = self._versions(recipe.fields["arcs"]), recipe.fields.get("datum")
        arcs, polygons = _arcs_of(versions, datum), _polygons_of(versions, datum)
        # A unit that does not close is not among the polygons: asking for it alone says where it is open.
        found = [
            polygons[unit] if unit in polygons else polygonise(arcs, [unit])[unit] for unit in recipe.fields["unit"]
        ]
        return found[0] if len(found) == 1 else operations.union(found)

    def _border(self, recipe: Recipe) -> BaseGeometry:
        arcs = _arcs_of(self._versions(recipe.fields["border"]), recipe.fields.get("datum"))
        first, second = set(recipe.fields["unit_a"]), set(recipe.fields["unit_b"])
        named = {unit for arc in arcs for unit in (arc.unit_a, arc.unit_b)}
        for unit in [*recipe.fields["unit_a"], *recipe.fields["unit_b"]]:
            if unit not in named:
                raise GeoError("coverage.unknown_unit", unit=unit)
        lines = [
            arc.line
            for arc in arcs
            if (arc.unit_a in first and arc.unit_b in second) or (arc.unit_a in second and arc.unit_b in first)
        ]
        if not lines:
            raise GeoError("recipe.no_border", unit_a=sorted(first), unit_b=sorted(second))
        merged: BaseGeometry = shapely.line_merge(shapely.MultiLineString(lines))
        return merged

    def _versions(self, names: Sequence[str]) -> "tuple[_Version, ...]":
        found = self._found.get(tuple(names))
        if found is not None:
            return found
        versions = []
        for name in names:
            path = inside(self.plan_dir, name)
            if not path.is_file():
                path = inside(self.data_dir, name)
            if not path.is_file():
                raise GeoError("coverage.file_missing", file=path.name)
            versions.append((path, path.stat().st_mtime_ns, path.stat().st_size))
        return self._found.setdefault(tuple(names), tuple(versions))

    def _union(self, recipe: Recipe) -> BaseGeometry:
        return operations.union([self.reference(r) for r in recipe.fields["union"]])

    def _difference(self, recipe: Recipe) -> BaseGeometry:
        first, *rest = (self.reference(r) for r in recipe.fields["difference"])
        return operations.difference(first, rest)

    def _intersection(self, recipe: Recipe) -> BaseGeometry:
        return operations.intersection([self.reference(r) for r in recipe.fields["intersection"]])

    def _buffer(self, recipe: Recipe) -> BaseGeometry:
        geometry = self.metric(self.reference(recipe.fields["buffer"]))
        distance, side = recipe.fields["distance_m"], recipe.fields.get("side")
        if side is not None:
            return self.degrees(operations.one_sided_buffer(operations.single_line(geometry), distance, side))
        if isinstance(distance, list):
            return self.degrees(operations.variable_buffer(operations.single_line(geometry), distance))
        return self.degrees(operations.buffer(geometry, distance))

    def _stretch(self, recipe: Recipe) -> BaseGeometry:
        line = operations.single_line(self.reference(recipe.fields["stretch"]))
        return operations.stretch(line, self.point(recipe.fields["from"]), self.point(recipe.fields["to"]))

    def _split(self, recipe: Recipe) -> BaseGeometry:
        polygon = operations.polygonal(self.reference(recipe.fields["split"]))
        line = operations.single_line(self.reference(recipe.fields["by"]))
        return operations.split(polygon, line, self.point(recipe.fields["keep"]))

    def _scan(self, recipe: Recipe) -> BaseGeometry:
        name = recipe.fields["scan"]
        if self.ground is None:
            raise GeoError("recipe.unknown_reference", reference=name)
        if "point" in recipe.fields:
            return Point(self.ground(name, np.array([recipe.fields["point"]]))[0])
        runs = recipe.fields.get("polygon") or recipe.fields["line"]
        lines = [LineString(self.ground(name, np.array(run))) for run in runs]
        if "line" in recipe.fields:
            return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
        return operations.even_odd([list(line.coords) for line in lines])

    def _within(self, recipe: Recipe) -> BaseGeometry:
        return self.degrees(operations.inscribed_point(self.unit(recipe)))

    def unit(self, recipe: Recipe) -> BaseGeometry:
        """The polygon of a ``within``, in metres."""
        return self.metric(operations.polygonal(self.reference(recipe.fields["within"])))

    def _file(self, recipe: Recipe) -> BaseGeometry:
        from geo import matching  # noqa: PLC0415 - tables of geopandas are imported by folders that have such files

        path = inside(self.plan_dir, recipe.fields["file"])
        frame, doubts = matching.features_of(path, recipe.fields.get("layer"), recipe.fields.get("datum"))
        conditions = recipe.fields.get("where")
        frame = matching.select(frame, conditions or {}, path.name)
        geometries = matching.present(frame, path.name)
        doubts = [*doubts, *(matching.apart(geometries, path.name, conditions) if conditions else [])]
        if conditions is None and len(geometries) > 1:
            doubts.append(GeoError("recipe.file_all", file=path.name, rows=len(geometries)))
        if len(geometries) < len(frame):
            missing = len(frame) - len(geometries)
            doubts.append(GeoError("recipe.file_some_null", file=path.name, rows=len(frame), missing=missing))
        for error in doubts:
            self.doubt(error)
        kept = matching.highest_dimension(geometries)
        if len(kept.left_out):
            self.doubt(GeoError("recipe.file_parts_left_out", file=path.name, parts=kept.counts()))
        return kept.parts[0] if len(kept.parts) == 1 else operations.union(kept.parts)


def inside(folder: Path, name: str) -> Path:
    """A file in the folder; a path that leaves the folder is refused."""
    try:
        path = (folder / name).resolve()
        path.is_file()
    except (OSError, ValueError) as error:  # too long, or with a null character
        raise GeoError("recipe.bad_path", file=name[:80]) from error
    if not path.is_relative_to(folder.resolve()):
        raise GeoError("recipe.path_outside", file=name)
    return path


_Version = tuple[Path, int, int]
"""A file with time and size: townships by the dozen come from one file, read again only when it changes."""


def forget_files() -> None:
    """Let go of the arcs and polygons of all files: they may be as large as everything that is made of them."""
    for kept in (_arcs_of, _polygons_of, _tidied_of):
        kept.cache_clear()


@lru_cache(maxsize=16)
def _arcs_of(versions: tuple[_Version, ...], datum: str | None) -> list[Arc]:
    return [arc for path, _, _ in versions for arc in read_arcs(path, datum)]


@lru_cache(maxsize=16)
def _polygons_of(versions: tuple[_Version, ...], datum: str | None) -> Mapping[str, BaseGeometry]:
    return polygonise(_arcs_of(versions, datum))


@lru_cache(maxsize=16)
def _tidied_of(versions: tuple[_Version, ...], datum: str | None) -> Mapping[str, BaseGeometry]:
    polygons = _polygons_of(versions, datum)
    return dict(zip(polygons, operations.tidy_polygons(np.array(list(polygons.values()), dtype=object)), strict=True))
