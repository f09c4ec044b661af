"""The geometry behind the recipes: plain functions on shapely geometries, knowing no recipe and no file.

Functions on metres want plane coordinates in metres; functions on degrees want longitude, latitude
(EPSG:4490). What only cuts existing edges works in degrees: in another plane a straight edge is
not quite straight, and a new vertex on it would leave a sliver beside the neighbour's unbroken edge.
"""

import math
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage import self_crossing_point, united
from geo.errors import GeoError
from geo.gridded import GRID, on_grid, rounded_to_grid

QUAD_SEGS = 16
"""Vertices for a quarter of a circle: a chord is off by less than 0.25 % of the radius."""

_MANY = 50
"""Polygons of which it pays to see whether they fit together without a gap."""
_FINE_DEGREES = 1e-10
_FINE_METRES = 1e-5
"""Grids for intermediate overlays, far below the result's: without one, GEOS may return rings that are not valid
where an edge passes another's end within a rounding error."""
_ON_LINE = 1e-9
"""Degrees within which a computed vertex counts as on a line: far below the grid, far above rounding."""


# ---- types and form


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry itself if it is a polygon or multipolygon.

    Raises:
        GeoError: `recipe.not_a_polygon`.
    """
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise GeoError("recipe.not_a_polygon", found=geometry.geom_type)
    return geometry


def single_line(geometry: BaseGeometry) -> LineString:
    """One line string, parts merged where they join.

    Raises:
        GeoError: `recipe.not_a_line`, or `recipe.not_one_line` when parts remain.
    """
    if geometry.geom_type not in ("LineString", "LinearRing", "MultiLineString"):
        raise GeoError("recipe.not_a_line", found=geometry.geom_type)
    if geometry.geom_type == "MultiLineString":
        # Directed first: a river drawn in pieces keeps the direction it was drawn in.
        merged = shapely.line_merge(geometry, directed=True)
        geometry = merged if merged.geom_type == "LineString" else shapely.line_merge(geometry)
    if geometry.geom_type == "MultiLineString":
        raise GeoError("recipe.not_one_line", count=len(shapely.get_parts(geometry)))
    return LineString(shapely.get_coordinates(geometry))


def single_point(geometry: BaseGeometry) -> Point:
    """The geometry itself if it is one point.

    Raises:
        GeoError: `recipe.not_a_point`.
    """
    if isinstance(geometry, shapely.MultiPoint) and len(geometry.geoms) == 1:
        return geometry.geoms[0]
    if not isinstance(geometry, Point) or geometry.is_empty:
        raise GeoError("recipe.not_a_point", found=geometry.geom_type)
    return geometry


def simple(line: LineString) -> LineString:
    """The line itself if it does not cross itself: else left, right and along have no meaning.

    Raises:
        GeoError: `recipe.self_crossing`, naming the place.
    """
    if not line.is_simple:
        lon, lat = self_crossing_point(line)
        raise GeoError("recipe.self_crossing", lon=lon, lat=lat)
    return line


def even_odd(rings: Sequence[Sequence[Sequence[float]]]) -> BaseGeometry:
    """The area inside an odd number of rings: a ring in another is a hole, one beside it a part.

    Raises:
        GeoError: `recipe.too_few_points`, `recipe.self_crossing`.
    """
    found: list[BaseGeometry] = []
    for ring in rings:
        points = [(x, y) for x, y, *_ in ring]
        points = points[:-1] if points[0] == points[-1] else points
        if len(set(points)) < 3:
            raise GeoError("recipe.too_few_points", op="polygon", count=len(set(points)), wanted=3)
        simple(LineString([*points, points[0]]))
        found.append(Polygon(points))
    return reduce(lambda one, other: one.symmetric_difference(other), found)


def tidy(geometry: BaseGeometry) -> BaseGeometry:
    """Valid, 2D, on the grid of 1e-7 degree, and always written the same way.

    Polygons start at a fixed vertex with exteriors anticlockwise (RFC 7946); lines keep their direction;
    parts are in a fixed order; a single part is no multi-geometry, except that multipoints stay.

    Args:
        geometry: degrees.
    """
    geometry = shapely.force_2d(geometry)
    if shapely.get_dimensions(geometry) == 2:
        return tidy_polygons(np.array([geometry], dtype=object))[0]
    rounded = rounded_to_grid(geometry)
    parts = [shapely.remove_repeated_points(part) for part in shapely.get_parts(rounded)]
    parts = [part for part in parts if not part.is_empty and (part.geom_type == "Point" or part.length > 0)]
    parts.sort(key=lambda part: shapely.get_coordinates(part).tolist())
    if geometry.geom_type == "MultiPoint":
        return shapely.MultiPoint(list(dict.fromkeys((p.x, p.y) for p in parts)))
    if len(parts) == 1:
        return parts[0]
    if all(part.geom_type == "LineString" for part in parts):
        return shapely.MultiLineString(parts)
    return shapely.GeometryCollection(parts)


def tidy_polygons(polygons: NDArray[Any]) -> NDArray[Any]:
    """Many polygons tidied, each as `tidy` does it, in one go.

    Args:
        polygons: (n,) polygons, multipolygons or collections with some, degrees.
    """
    rounded = shapely.force_2d(polygons)
    off = ~on_grid(rounded) if len(rounded) > _MANY else np.ones(len(rounded), dtype=bool)
    snapped = shapely.set_precision(rounded[off], GRID)  # valid by construction
    rounded[off] = rounded_to_grid(shapely.set_precision(snapped, 0))
    single = shapely.get_num_geometries(rounded) == 1
    unwrapped = np.where(single, shapely.get_geometry(rounded, 0), rounded)
    return shapely.orient_polygons(shapely.normalize(unwrapped))


def _unwrap(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(geometry)
    return parts[0] if len(parts) == 1 else geometry


# ---- set operations, degrees


def union(geometries: Sequence[BaseGeometry]) -> BaseGeometry:
    """Union of geometries of one dimension, degrees; lines merged where they join.

    On the grid: where one polygon has a rounded vertex on its neighbour's edge, the edge is led through it,
    so that no sliver remains between them.

    Raises:
        GeoError: `recipe.mixed_types`.
    """
    dimensions = {int(shapely.get_dimensions(g)) for g in geometries}
    if len(dimensions) != 1:
        raise GeoError("recipe.mixed_types", found=sorted({g.geom_type for g in geometries}))
    if dimensions == {1}:
        collected = shapely.multilinestrings([part for g in geometries for part in shapely.get_parts(g)])
        merged = shapely.line_merge(collected, directed=True)
        if merged.geom_type == "LineString" and merged.is_simple:
            return merged
        return shapely.line_merge(shapely.union_all(list(geometries), grid_size=GRID))
    if dimensions == {2} and len(geometries) > _MANY:
        joined = united(np.array(list(geometries), dtype=object))
        if joined is not None:
            return joined  # no vertex to lead an edge through; a tenth of the time
    return shapely.union_all(list(geometries), grid_size=GRID)


def difference(geometry: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry:
    """The first without the others, degrees; the first's dimension is kept."""
    for other in others:
        geometry = _same_dimension(_overlay(shapely.difference, geometry, other), geometry)
    return geometry


def intersection(geometries: Sequence[BaseGeometry]) -> BaseGeometry:
    """What all have in common, degrees; parts of a lower dimension than the first (mere touching) are dropped."""
    result = geometries[0]
    for other in geometries[1:]:
        result = _same_dimension(_overlay(shapely.intersection, result, other), geometries[0])
    return result


def _overlay(operation: Any, first: BaseGeometry, second: BaseGeometry) -> BaseGeometry:
    if shapely.get_dimensions(first) == 1:
        # Overlay on lines nodes and scatters them: part by part, and merged in their direction again.
        parts = [operation(part, second, grid_size=GRID) for part in shapely.get_parts(first)]
        lines = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "LineString"]
        return shapely.line_merge(shapely.multilinestrings(lines), directed=True) if lines else LineString()
    return operation(first, second, grid_size=GRID)


def _same_dimension(result: BaseGeometry, model: BaseGeometry) -> BaseGeometry:
    dimension = shapely.get_dimensions(model)
    if result.geom_type != "GeometryCollection":
        return result if shapely.get_dimensions(result) == dimension else type(result)()
    parts = [p for p in shapely.get_parts(result) if shapely.get_dimensions(p) == dimension]
    return shapely.union_all(parts) if parts else shapely.GeometryCollection()


# ---- buffers, metres


def buffer(geometry: BaseGeometry, distance_m: float) -> BaseGeometry:
    """All points within the distance, metres."""
    return shapely.buffer(geometry, distance_m, quad_segs=QUAD_SEGS)


def variable_buffer(line: LineString, distances_m: Sequence[float]) -> BaseGeometry:
    """A band around a line whose half-width changes evenly from vertex to vertex: a river that widens.

    The union over all segments of the convex hull of the two circles at its ends; the band's edges
    are the circles' common tangents.

    Args:
        line: metres.
        distances_m: half-width at each vertex, metres, 0 or more.

    Raises:
        GeoError: `recipe.distance_count` when there is not one distance per vertex.
    """
    points = [Point(c) for c in shapely.get_coordinates(line)]
    if len(points) != len(distances_m):
        raise GeoError("recipe.distance_count", vertices=len(points), distances=len(distances_m))
    discs = [_disc(p, d) for p, d in zip(points, distances_m, strict=True)]
    pairs = [shapely.GeometryCollection(pair) for pair in pairwise(discs)]
    hulls = [shapely.convex_hull(pair) for pair in pairs]
    band: BaseGeometry = shapely.union_all([hull for hull in hulls if hull.area > 0], grid_size=_FINE_METRES)
    return band


def _disc(point: Point, radius: float) -> BaseGeometry:
    return shapely.buffer(point, radius, quad_segs=QUAD_SEGS) if radius > 0 else point


def one_sided_buffer(line: LineString, distances_m: float | Sequence[float], side: str) -> BaseGeometry:
    """The points within the distance of a line that lie on one side of it; ends cut square.

    Strips beside the segments, and sectors at outer bends, without what has got to the other side of the line
    at a narrow inner bend.

    Args:
        line: metres, not crossing itself.
        distances_m: one distance, or one per vertex, metres.
        side: `left` or `right`, seen in the line's direction.

    Raises:
        GeoError: `recipe.self_crossing` or `recipe.distance_count`.
    """
    line = simple(LineString(shapely.remove_repeated_points(line)))
    if side == "right":
        line = LineString(shapely.reverse(line))
        distances_m = distances_m if isinstance(distances_m, int | float) else list(distances_m)[::-1]
    widest = distances_m if isinstance(distances_m, int | float) else max(distances_m)
    band = shapely.union_all(_left_strips(line, widest), grid_size=_FINE_METRES)
    flat = shapely.buffer(line, widest, cap_style="flat", quad_segs=QUAD_SEGS)
    faces = _faces([flat.boundary, _extended(line, widest / 100)], _FINE_METRES)
    left, right = _contact_lengths(faces, line, 10 * _FINE_METRES)
    # A face that the line runs into without dividing it (where its end meets another part of it) is on both sides.
    entered = shapely.length(shapely.intersection(faces, line)) > left + right + 1000 * _FINE_METRES
    beyond = shapely.union_all(faces[(right > 0) & (left == 0) & ~entered])
    band = shapely.difference(band, beyond, grid_size=_FINE_METRES)
    if not isinstance(distances_m, int | float):
        band = shapely.intersection(band, variable_buffer(line, distances_m), grid_size=_FINE_METRES)
    parts = [p for p in shapely.get_parts(band) if p.geom_type == "Polygon" and p.area > widest**2 * 1e-6]
    return _unwrap(MultiPolygon(parts))


def _left_strips(line: LineString, distance: float) -> list[Polygon]:
    """Rectangles on the left of the segments and sectors at the bends to the right."""
    points = shapely.get_coordinates(line)
    along = np.diff(points, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) * distance
    strips = [Polygon([a, b, b + n, a + n]) for a, b, n in zip(points[:-1], points[1:], normal, strict=True)]
    bends = list(range(1, len(along)))
    if line.is_closed:
        bends.append(0)
    for i in bends:
        before, after = along[i - 1], along[i]
        turn = math.atan2(before[0] * after[1] - before[1] * after[0], float(before @ after))
        if turn < 0:
            start = math.atan2(normal[i - 1][1], normal[i - 1][0])
            steps = max(2, math.ceil(-turn / (math.pi / 2) * QUAD_SEGS) + 1)
            angles = start + np.linspace(0.0, turn, steps)
            arc = points[i] + distance * np.column_stack([np.cos(angles), np.sin(angles)])
            strips.append(Polygon([points[i], *arc]))
    return strips


# ---- cutting lines and polygons, degrees


def stretch(line: LineString, start: Point, end: Point) -> LineString:
    """The part of a line between the points nearest to two others, running from the first to the second.

    On a closed line the shorter way round.

    Args:
        line: degrees, not crossing itself.
        start: degrees; projected onto the line.
        end: degrees; projected onto the line.

    Raises:
        GeoError: `recipe.self_crossing`, or `recipe.no_stretch` when both meet the line at the same place.
    """
    simple(line)
    # Longitudes are scaled so that "nearest" means nearest on the ground; straight edges stay straight.
    scale = math.cos(math.radians(line.centroid.y))
    plane, a, b = (_scaled(g, scale) for g in (line, start, end))
    from_at, to_at = plane.project(a), plane.project(b)
    if plane.is_closed and abs(to_at - from_at) > plane.length / 2:
        coordinates = shapely.get_coordinates(plane)
        if from_at < to_at:
            from_at += plane.length
        else:
            to_at += plane.length
        plane = LineString(np.concatenate([coordinates, coordinates[1:]]))
    if abs(to_at - from_at) < GRID:
        raise GeoError("recipe.no_stretch")
    return LineString(_scaled(_substring(plane, from_at, to_at), 1 / scale))


def split(polygon: BaseGeometry, line: LineString, keep: Point) -> BaseGeometry:
    """The part of a polygon on one side of a line.

    An end of the line inside the polygon is extended straight on to the polygon's outer edge. All pieces on the side
    of the wanted one belong to the result, so that the two sides together are the polygon whatever
    the line's course; parts that the line does not touch go by the side they lie on.

    Args:
        polygon: degrees.
        line: degrees, not crossing itself.
        keep: degrees; a point in the wanted part.

    Raises:
        GeoError: `recipe.self_crossing`, `recipe.keep_outside`, `recipe.keep_on_line`, `recipe.does_not_divide`.
    """
    polygonal(polygon)
    simple(line)
    if not polygon.covers(keep):
        raise GeoError("recipe.keep_outside", lon=keep.x, lat=keep.y)
    # Holes are passed over: a cut from the outer edge to a lake divides nothing.
    filled = shapely.union_all([Polygon(part.exterior) for part in shapely.get_parts(polygon)])
    cut = simple(_extended_to_edge(line, filled))
    pieces = _faces([polygon.boundary, cut], _FINE_DEGREES)
    pieces = pieces[shapely.covers(polygon, shapely.point_on_surface(pieces))]
    left, right = _contact_lengths(pieces, cut, _ON_LINE)
    side = np.sign(left - right)
    if not ((side > 0).any() and (side < 0).any()):
        raise GeoError("recipe.does_not_divide")
    far = simple_or(_extended(cut, polygon.length), cut)
    for i in np.nonzero(side == 0)[0]:
        side[i] = _side_of(far, shapely.point_on_surface(pieces[i]))
    if cut.distance(keep) < _ON_LINE:
        raise GeoError("recipe.keep_on_line", lon=keep.x, lat=keep.y)
    wanted = side[int(np.argmin(shapely.distance(pieces, keep)))]
    return shapely.union_all(pieces[side == wanted])


def inscribed_point(polygon: BaseGeometry) -> Point:
    """The point inside that is farthest from the edge (pole of inaccessibility), to a hundredth of the size.

    Args:
        polygon: metres; or degrees, where the point is inside but not quite the farthest on the ground.
    """
    polygonal(polygon)
    largest = max(shapely.get_parts(polygon), key=lambda part: part.area)
    tolerance = math.sqrt(largest.area) / 100
    return shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=tolerance), 0)


def farthest(point: Point, polygon: BaseGeometry) -> float:
    """How far the farthest corner of a polygon is from a point: what stands somewhere in it may be that far away.

    Args:
        point: metres.
        polygon: metres.

    Returns:
        Metres.

    Example:
        >>> farthest(Point(3, 4), shapely.box(0, 0, 6, 8))
        5.0
    """
    corners = shapely.get_coordinates(polygon)
    return float(np.hypot(corners[:, 0] - point.x, corners[:, 1] - point.y).max())


def simple_or(line: LineString, otherwise: LineString) -> LineString:
    """The line if it does not cross itself, else the other."""
    return line if line.is_simple else otherwise


def _scaled(geometry: Any, factor: float) -> Any:
    return shapely.transform(geometry, lambda c: c * (factor, 1.0))


def _substring(line: LineString, start: float, end: float) -> LineString:
    """Part of a line by distances, reversed when the end comes first."""
    low, high = sorted((start, end))
    points = shapely.get_coordinates(line)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    within = points[(at > low) & (at < high)]
    ends = [shapely.get_coordinates(line.interpolate(d)) for d in (low, high)]
    part = np.concatenate([ends[0], within, ends[1]])
    return LineString(part if start <= end else part[::-1])


def _extended(line: LineString, distance: float) -> LineString:
    """The line with both end segments drawn on straight; a closed line as it is."""
    if line.is_closed:
        return line
    points = shapely.get_coordinates(line)
    head = points[0] + _direction(points[1], points[0]) * distance
    tail = points[-1] + _direction(points[-2], points[-1]) * distance
    return LineString([head, *points, tail])


def _extended_to_edge(line: LineString, polygon: BaseGeometry) -> LineString:
    """Ends inside the polygon drawn on to just beyond its edge; the other ends left alone."""
    if line.is_closed:
        return line
    points = shapely.get_coordinates(shapely.remove_repeated_points(line))
    low_x, low_y, high_x, high_y = polygon.bounds
    reach = 2 * math.hypot(high_x - low_x, high_y - low_y)
    beyond = reach * 1e-4
    extended = [tuple(p) for p in points]
    for position, inner, outer in ((0, points[1], points[0]), (len(extended), points[-2], points[-1])):
        tip = Point(outer)
        if not polygon.covers(tip) and polygon.distance(tip) > GRID:
            continue
        direction = _direction(inner, outer)
        ray = LineString([outer, outer + direction * reach])
        hit = shapely.intersection(ray, polygon.boundary)
        distances = [float(np.hypot(*(c - outer))) for c in shapely.get_coordinates(hit)]
        ahead = [d for d in distances if d > GRID]
        away = min(ahead) if ahead and polygon.boundary.distance(tip) > GRID else 0.0
        extended.insert(position and len(extended), tuple(outer + direction * (away + beyond)))
    return LineString(extended)


def _direction(start: NDArray[Any], end: NDArray[Any]) -> NDArray[Any]:
    step = end - start
    return step / np.hypot(*step)


def _faces(lines: Sequence[BaseGeometry], grid: float) -> NDArray[Any]:
    """The faces that lines cut the plane into, exteriors anticlockwise."""
    noded = shapely.union_all(list(lines), grid_size=grid)
    return shapely.orient_polygons(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def _contact_lengths(polygons: NDArray[Any], line: LineString, tolerance: float) -> tuple[Any, Any]:
    """How long each polygon lies along the line on the line's left, and on its right."""
    left, right = np.zeros(len(polygons)), np.zeros(len(polygons))
    rings, owner = shapely.get_rings(polygons, return_index=True)
    points, ring_index = shapely.get_coordinates(rings, return_index=True)
    joined = ring_index[1:] == ring_index[:-1]
    start, end = points[:-1][joined], points[1:][joined]
    owner = owner[ring_index[1:][joined]]
    near = shapely.distance(line, shapely.points((start + end) / 2)) <= tolerance
    start, end, owner = start[near], end[near], owner[near]
    step = shapely.line_locate_point(line, shapely.points(end)) - shapely.line_locate_point(line, shapely.points(start))
    if line.is_closed:
        step = (step + line.length / 2) % line.length - line.length / 2
    length = np.hypot(*(end - start).T)
    # A polygon is on the left of its own ring: with the line, on the line's left.
    np.add.at(left, owner[step > 0], length[step > 0])
    np.add.at(right, owner[step < 0], length[step < 0])
    return left, right


def _side_of(line: LineString, point: Point) -> float:
    """1 left of the line, -1 right of it, by the line's direction where it is nearest."""
    at = line.project(point)
    step = line.length * 1e-6
    before, after = line.interpolate(max(at - step, 0.0)), line.interpolate(min(at + step, line.length))
    cross = (after.x - before.x) * (point.y - before.y) - (after.y - before.y) * (point.x - before.x)
    return 1.0 if cross >= 0 else -1.0
