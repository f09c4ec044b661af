"""Polygons that tile: made from the arcs between them, and checked for gaps and overlaps.

An arc is a piece of boundary with one unit on each side. Neighbours share the arc, so polygons made
from arcs tile by construction. Coordinates are longitude, latitude degrees (EPSG:4490).
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from geo import measure, slits
from geo.arcs import Arc, read_arcs
from geo.crs import CGCS2000, metric_crs, transform_array
from geo.edges import Edges
from geo.errors import GeoError
from geo.messages import Phrase
from geo.reasons import validity

__all__ = ["Arc", "CoverageProblem", "polygonise", "problems", "read_arcs", "self_crossing_point", "united"]

MIN_PROBLEM_AREA_M2 = 1.0
"""Smaller gaps and overlaps are no problem."""
MIN_PROBLEM_WIDTH_M = 0.03
"""Nor are narrower ones: a vertex rounded to the grid leaves a sliver of up to 8 mm along its neighbour's edge."""

_DENSE = 0.001  # degrees
_AREAS_ALIKE = 1e-11
"""Of a whole area: more than adding up areas may lose, and a hundredth of a square metre of a county."""


@dataclass(frozen=True)
class CoverageProblem:
    """A place where polygons do not tile.

    Attributes:
        kind: `gap`, `overlap`, `outside` (beyond the outline) or `invalid`.
        units: names of the polygons concerned.
        area_m2: geodesic area (0 for `invalid`).
        lon: a point in the gap or overlap, degrees EPSG:4490.
        lat: the point's latitude.
        detail: for `invalid`, what is wrong.
    """

    kind: str
    units: tuple[str, ...]
    area_m2: float
    lon: float
    lat: float
    detail: Phrase | str = ""

    def error(self) -> GeoError:
        """The problem as an error with a message in both languages."""
        return GeoError(
            f"coverage.{self.kind}",
            units=list(self.units), area_m2=float(f"{self.area_m2:.3g}"),
            lon=round(self.lon, 6), lat=round(self.lat, 6), detail=self.detail,
        )  # fmt: skip


# ---- polygons from arcs


def polygonise(arcs: Sequence[Arc], units: Collection[str] | None = None) -> dict[str, BaseGeometry]:
    """The polygon of every unit that its arcs enclose.

    A face of the arcs belongs to the unit that all arcs around it name; where two come into question (an
    enclave has one neighbour only) the unit across the arc decides, and for an island in nothing `unit_a`.
    A unit may have several parts. Units on the far side of the area that the arcs do not close (neighbouring
    districts) are left out.

    Args:
        arcs: the arcs, meeting at their ends only.
        units: names that must close; by default every `unit_a`, and `unit_b` of inner arcs.

    Returns:
        unit → Polygon or MultiPolygon, degrees EPSG:4490, exteriors anticlockwise, in order of first mention.

    Raises:
        GeoError: `coverage.unknown_unit`, `coverage.self_crossing`, `coverage.arcs_cross`,
            `coverage.not_closed`, `coverage.wrong_side`.
    """
    named = list(dict.fromkeys(u for arc in arcs for u in (arc.unit_a, arc.unit_b) if u))
    for unit in units or ():
        if unit not in named:
            raise GeoError("coverage.unknown_unit", unit=unit)
    if not arcs:
        return {}
    wanted = set(units) if units is not None else _units_inside(arcs)
    pieces, owner = _open_pieces(arcs)
    _require_planar(arcs, pieces, owner)
    codes = {unit: code for code, unit in enumerate(["", *named])}
    piece_units = np.array([[codes[arc.unit_a], codes[arc.unit_b]] for arc in arcs], dtype=np.int64)[owner]
    _require_closed(arcs, pieces, owner, piece_units, {codes[unit]: unit for unit in wanted})
    faces, sides = _faces(pieces)
    labels = _label_faces(len(faces), sides, piece_units)
    complete = _complete_units(arcs, owner, piece_units, sides, labels, {codes[unit] for unit in wanted}, len(codes))
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(len(codes) + 1))
    polygons: dict[str, BaseGeometry] = {}
    for unit in named:
        members = faces[order[starts[codes[unit]] : starts[codes[unit] + 1]]]
        if len(members) and codes[unit] in complete:
            polygons[unit] = members[0] if len(members) == 1 else MultiPolygon(list(members))
    return polygons


def _units_inside(arcs: Iterable[Arc]) -> set[str]:
    inside = set()
    for arc in arcs:
        inside.add(arc.unit_a)
        if arc.inner:
            inside.add(arc.unit_b)
    return inside - {""}


def _open_pieces(arcs: Sequence[Arc]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The arcs, closed ones cut in two so that every piece has two ends; and the arc each piece is of."""
    lines = np.array([arc.line for arc in arcs], dtype=object)
    closed = shapely.is_closed(lines)
    pieces: list[LineString] = []
    owner: list[int] = []
    for index, line in enumerate(lines):
        if closed[index]:
            coordinates = shapely.get_coordinates(line)
            middle = len(coordinates) // 2
            halves = (coordinates[: middle + 1], coordinates[middle:])
            pieces += [LineString(half) for half in halves]
            owner += [index, index]
        else:
            pieces.append(line)
            owner.append(index)
    return np.array(pieces, dtype=object), np.array(owner, dtype=np.int64)


def _require_planar(arcs: Sequence[Arc], pieces: NDArray[Any], owner: NDArray[np.int64]) -> None:
    """Arcs meet at their ends only; one pass in GEOS says so, and only if it fails we look for the place."""
    if shapely.is_simple(shapely.multilinestrings(list(pieces))):
        return
    for arc in arcs:
        if not shapely.is_simple(arc.line):
            lon, lat = self_crossing_point(arc.line)
            raise GeoError("coverage.self_crossing", arc=arc.name, lon=lon, lat=lat)
    first, second = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    # Neither interiors nor an end and an interior may meet.
    meets = ~shapely.relate_pattern(pieces[first], pieces[second], "FF*F*****")
    for i, j in zip(first[meets], second[meets], strict=True):
        place = shapely.difference(
            shapely.intersection(pieces[i], pieces[j]),
            shapely.intersection(pieces[i].boundary, pieces[j].boundary),
        )
        point = shapely.get_coordinates(place if not place.is_empty else pieces[i])[0]
        raise GeoError(
            "coverage.arcs_cross",
            arc=arcs[owner[i]].name, other=arcs[owner[j]].name, lon=float(point[0]), lat=float(point[1]),
        )  # fmt: skip


def self_crossing_point(line: BaseGeometry) -> tuple[float, float]:
    """Where a line that is not simple crosses or touches itself, to 1e-6 degree.

    Example:
        >>> self_crossing_point(LineString([(0, 0), (2, 2), (2, 0), (0, 2)]))
        (1.0, 1.0)
    """
    coordinates = shapely.get_coordinates(line)
    segments: NDArray[Any] = np.asarray(shapely.linestrings(np.stack([coordinates[:-1], coordinates[1:]], axis=1)))
    first, second = shapely.STRtree(segments).query(segments, predicate="intersects")
    apart = second > first
    closed = bool(shapely.is_closed(line))
    for i, j in zip(first[apart], second[apart], strict=True):
        shared = shapely.intersection(segments[i], segments[j])
        ends_meet = j == i + 1 or (closed and i == 0 and j == len(segments) - 1)
        if ends_meet and shared.geom_type == "Point":
            continue
        x, y = shapely.get_coordinates(shared)[0]
        return round(float(x), 6), round(float(y), 6)
    x, y = coordinates[0]
    return round(float(x), 6), round(float(y), 6)


def _require_closed(
    arcs: Sequence[Arc],
    pieces: NDArray[Any],
    owner: NDArray[np.int64],
    piece_units: NDArray[np.int64],
    wanted: Mapping[int, str],
) -> None:
    """Every end of a unit's arc is met by another of its arcs: an even number of ends at each node."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(pieces, k)) for k in (0, -1)])
    _, node = np.unique(ends[:, 0] + 1j * ends[:, 1], return_inverse=True)
    unit_ends = np.tile(piece_units, (2, 1)) * np.int64(len(ends)) + node[:, None]
    met, count = np.unique(unit_ends, return_counts=True)
    odd = met[(count % 2 == 1) & np.isin(met // len(ends), list(wanted))]
    if not len(odd):
        return
    loose: dict[tuple[str, int], int] = {}
    for end, keys in enumerate(unit_ends.tolist()):
        for unit, at in (divmod(key, len(ends)) for key in keys):
            if unit in wanted and loose.pop((wanted[unit], at), None) is None:
                loose[wanted[unit], at] = end
    (unit, _), end = min(loose.items(), key=lambda item: item[1])
    others = [e for (u, _), e in loose.items() if u == unit and e != end]
    gap_m = float("nan")
    if others:
        line_ends = [LineString([ends[end], ends[other]]) for other in others]
        gap_m = min(measure.length_m(line, CGCS2000) for line in line_ends)
    raise GeoError(
        "coverage.not_closed",
        unit=unit, arc=arcs[owner[end % len(pieces)]].name,
        lon=float(ends[end][0]), lat=float(ends[end][1]), gap_m=round(gap_m, 1),
    )  # fmt: skip


def _faces(pieces: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The faces, and for each piece the face on its left and on its right (-1: none).

    A face's ring walks along whole pieces, so a piece's first segment tells which faces it bounds, and the
    direction in which the ring takes it tells the side (rings are turned to have the face on their left).
    """
    faces = shapely.orient_polygons(shapely.get_parts(shapely.polygonize(pieces)))
    sides = np.full((len(pieces), 2), -1, dtype=np.int64)
    rings, ring_face = shapely.get_rings(faces, return_index=True)
    ring_points, ring_index = shapely.get_coordinates(rings, return_index=True)
    piece_ends = [shapely.get_coordinates(shapely.get_point(pieces, k)) for k in (0, 1)]
    everything = np.concatenate([*piece_ends, ring_points])
    _, ids = np.unique(everything[:, 0] + 1j * everything[:, 1], return_inverse=True)
    start, end, ring = ids[: len(pieces)], ids[len(pieces) : 2 * len(pieces)], ids[2 * len(pieces) :]
    joined = ring_index[1:] == ring_index[:-1]
    ring_from, ring_to, face = ring[:-1][joined], ring[1:][joined], ring_face[ring_index[1:][joined]]
    size = np.int64(len(everything))
    for side, key in ((0, start * size + end), (1, end * size + start)):
        order = np.argsort(key)
        ring_key = ring_from * size + ring_to
        found = np.minimum(np.searchsorted(key[order], ring_key), len(key) - 1)
        hit = key[order][found] == ring_key
        sides[order[found[hit]], side] = face[hit]
    return faces, sides


def _label_faces(count: int, sides: NDArray[np.int64], piece_units: NDArray[np.int64]) -> NDArray[np.int64]:
    """The unit of each face (-1: no unit is named by all arcs around it)."""
    labels = np.full(count, -1, dtype=np.int64)
    if count == 0:
        return labels
    pieces, side = np.nonzero(sides >= 0)
    face = sides[pieces, side]
    order = np.argsort(face, kind="stable")
    face, pieces = face[order], pieces[order]
    starts = np.searchsorted(face, np.arange(count))
    units = piece_units[pieces]
    fits = []
    for k in (0, 1):
        candidate = units[starts, k]
        agrees = (units == candidate[face][:, None]).any(axis=1)
        fits.append(np.logical_and.reduceat(agrees, starts))
        labels = np.where(fits[k] & (labels == -1), candidate, labels)
    ambiguous = set(np.nonzero(fits[0] & fits[1])[0].tolist())
    labels[list(ambiguous)] = -1
    bounds = [*starts.tolist(), len(face)]
    while ambiguous:
        decided = {}
        for f in ambiguous:
            for p in pieces[bounds[f] : bounds[f + 1]]:
                a, b = piece_units[p]
                across = sides[p, 0] if sides[p, 1] == f else sides[p, 1]
                if across >= 0 and labels[across] in (a, b):
                    decided[f] = int(b if labels[across] == a else a)
                    break
        if not decided:
            # An island in nothing: the outermost face is its unit_a's (a face inside it has none of its arcs outside).
            island = min(f for f in ambiguous if (sides[pieces[bounds[f] : bounds[f + 1]]] < 0).any())
            decided[island] = int(units[starts[island], 0])
        for f, label in decided.items():
            labels[f] = label
        ambiguous -= decided.keys()
    return labels


def _complete_units(
    arcs: Sequence[Arc],
    owner: NDArray[np.int64],
    piece_units: NDArray[np.int64],
    sides: NDArray[np.int64],
    labels: NDArray[np.int64],
    wanted: Collection[int],
    count: int,
) -> set[int]:
    """Units that lie on one side of each of their arcs; a wanted one that does not is an error."""
    padded = np.append(labels, -1)  # so that side -1 looks up -1
    side_labels = padded[sides]
    complete = np.ones(count, dtype=bool)
    for k in (0, 1):
        missing = ~(side_labels == piece_units[:, [k]]).any(axis=1)
        complete[piece_units[missing, k]] = False
        for piece in np.nonzero(missing & np.isin(piece_units[:, k], list(wanted)))[0][:1]:
            arc = arcs[owner[piece]]
            middle = arc.line.interpolate(0.5, normalized=True)
            raise GeoError(
                "coverage.wrong_side",
                arc=arc.name, unit=(arc.unit_a, arc.unit_b)[k], lon=round(middle.x, 6), lat=round(middle.y, 6),
            )  # fmt: skip
    return set(np.nonzero(complete)[0].tolist())


# ---- checking


def problems(
    polygons: Mapping[str, BaseGeometry],
    outline: BaseGeometry | None = None,
    min_area_m2: float = MIN_PROBLEM_AREA_M2,
) -> list[CoverageProblem]:
    """Every gap and overlap among polygons that should tile.

    A gap is a hole in the union of all; with an outline, also what the union leaves free inside it, and
    what reaches beyond it is `outside`. Invalid polygons are reported and left out of the rest.

    Args:
        polygons: name → polygon or multipolygon, degrees EPSG:4490; empty ones are passed over.
        outline: what the polygons should fill.
        min_area_m2: smaller gaps and overlaps are passed over; so are slivers whose mean width (twice the area
            by the perimeter) is below `MIN_PROBLEM_WIDTH_M`.

    Returns:
        invalid, then overlaps, then gaps, each by descending area. `units` of a gap are those around it.
    """
    names = np.array(list(polygons), dtype=object)
    geometries = shapely.force_2d(np.array(list(polygons.values()), dtype=object))
    valid = shapely.is_valid(geometries)
    found = [_invalid(name, geometry) for name, geometry in zip(names[~valid], geometries[~valid], strict=True)]
    usable = valid & ~shapely.is_empty(geometries) & (shapely.get_dimensions(geometries) == 2)
    names, geometries = names[usable], geometries[usable]
    if len(geometries) == 0:
        return found
    if outline is not None:
        tiled = united(geometries)
        if tiled is not None and _same(tiled, outline):
            return found
    suspicious = ~shapely.is_empty(shapely.coverage_invalid_edges(geometries))
    found += _overlaps(names, geometries, suspicious, min_area_m2)
    # Uniting what matches edge by edge is cheap; only the rest needs a true overlay.
    union = shapely.coverage_union_all(geometries[~suspicious])
    if suspicious.any():
        union = shapely.union_all([union, *geometries[suspicious]])
    return found + _gaps(names, geometries, union, outline, min_area_m2)


def united(polygons: NDArray[Any]) -> BaseGeometry | None:
    """The union of polygons that match edge by edge; None when they do not, or overlap.

    An edge that two polygons share falls out of the union. Where one polygon's vertex lies on another's edge, edges
    stay, and what they make is no valid polygon; where polygons lie over each other, their areas are more than the
    union's. This takes a quarter of the time of looking for edges that do not match. The (n,) polygons are valid.

    Example:
        >>> united(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])).area
        2.0
        >>> united(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 2)])) is None
        True
    """
    try:
        union: BaseGeometry = shapely.coverage_union_all(polygons)
    except GEOSException:  # edges that meet in a way that no coverage's do
        return None
    area = float(shapely.area(union))
    alike = abs(float(shapely.area(polygons).sum()) - area) <= _AREAS_ALIKE * area
    return union if alike and shapely.is_valid(union) else None


def _same(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other)))


def _invalid(name: str, geometry: BaseGeometry) -> CoverageProblem:
    reason = shapely.is_valid_reason(geometry)
    detail, _, place = reason.partition("[")
    numbers = place.rstrip("]").split()
    lon, lat = (float(n) for n in numbers[:2]) if len(numbers) >= 2 else (math.nan, math.nan)
    return CoverageProblem("invalid", (name,), 0.0, lon, lat, validity(detail))


def _overlaps(
    names: NDArray[Any], geometries: NDArray[Any], suspicious: NDArray[np.bool_], min_area_m2: float
) -> list[CoverageProblem]:
    """Only polygons with an edge that no neighbour matches can overlap: on clean data this is free."""
    candidates = np.nonzero(suspicious)[0]
    if len(candidates) == 0:
        return []
    first, second = shapely.STRtree(geometries).query(geometries[candidates], predicate="intersects")
    first = candidates[first]
    # Each pair once, even when both are suspicious.
    pairs = np.unique(np.sort(np.stack([first, second], axis=1)[first != second], axis=1), axis=0)
    common = shapely.intersection(geometries[pairs[:, 0]], geometries[pairs[:, 1]])
    real = shapely.area(common) > 0
    units = [(str(names[i]), str(names[j])) for i, j in pairs[real]]
    return _problems("overlap", list(common[real]), units.__getitem__, min_area_m2)


def _gaps(
    names: NDArray[Any],
    geometries: NDArray[Any],
    union: BaseGeometry,
    outline: BaseGeometry | None,
    min_area_m2: float,
) -> list[CoverageProblem]:
    tree = shapely.STRtree(geometries)

    def around(part: BaseGeometry) -> tuple[str, ...]:
        return tuple(names[np.sort(tree.query(part, predicate="intersects"))])

    if outline is None:
        holes = [shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
        return _problems("gap", holes, lambda i: around(holes[i]), min_area_m2)
    found: list[CoverageProblem] = []
    if _same(outline, union):
        return found  # the outline is made from the same edges: nothing to overlay
    for kind, rest in (("gap", shapely.difference(outline, union)), ("outside", shapely.difference(union, outline))):
        parts = [part for part in shapely.get_parts(rest) if part.area > 0]
        units = list(map(around, parts))
        found += _problems(kind, parts, units.__getitem__, min_area_m2)
    return found


def closing_gaps(
    outline: BaseGeometry, polygons: Mapping[str, BaseGeometry], min_area_m2: float = MIN_PROBLEM_AREA_M2
) -> list[CoverageProblem]:
    """Holes and slits in an outline that was made from the polygons which should fill it, and so has theirs.

    The outline is closed: widened by `slits.CLOSING_M`, drawn in by as much, and the outline taken away. What remains
    is a slit when two of the polygons bound it and it is long and narrow; a hole is whatever the outline goes round.

    Args:
        outline: polygon or multipolygon, degrees EPSG:4490.
        polygons: name → polygon or multipolygon, degrees EPSG:4490.
        min_area_m2: smaller ones are passed over.

    Returns:
        gaps by descending area; `units` are those around.
    """
    zone = metric_crs(shapely.total_bounds(outline)[[0, 2]].sum() / 2)
    names, shapes = np.array(list(polygons), dtype=object), np.array(list(polygons.values()), dtype=object)
    fit = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    plane = transform_array(outline, CGCS2000, zone)
    found_in = slits.in_plane(lambda: Edges(transform_array(shapes[fit], CGCS2000, zone)), plane)
    found = [transform_array(part, zone, CGCS2000) for part, _ in found_in]
    units = [tuple(str(name) for name in names[fit][around]) for _, around in found_in]
    return _problems("gap", found, units.__getitem__, min_area_m2)


def _problems(
    kind: str, places: Sequence[BaseGeometry], units: Callable[[int], tuple[str, ...]], min_area_m2: float
) -> list[CoverageProblem]:
    """Those of the places that are wider than rounding, by descending area; only these are asked whose they are."""
    # Edges are straight in degrees; the geodesic between the ends of a 10 km edge is a metre off, far more than a
    # sliver is wide. Between points 100 m apart the two are the same.
    dense = np.asarray(shapely.segmentize(np.array(places, dtype=object), _DENSE))
    areas, perimeters = measure.area_m2(dense, CGCS2000), measure.length_m(dense, CGCS2000)
    found = []
    for i in np.nonzero((areas >= min_area_m2) & (2 * areas >= MIN_PROBLEM_WIDTH_M * perimeters))[0].tolist():
        point = shapely.point_on_surface(places[i])
        found.append(CoverageProblem(kind, units(i), float(areas[i]), point.x, point.y))
    return sorted(found, key=lambda p: (-p.area_m2, p.units))
