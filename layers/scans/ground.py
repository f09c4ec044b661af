"""What the editor of scans draws on its map, and where a control point may snap to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000, metric_crs, transform_points
from geo.errors import GeoError
from layers.build.located import Located
from layers.build.scans import Fitted, vertex
from layers.model.errors import LayersError
from layers.model.plan import TOWNSHIP
from layers.model.scans import CORNERS, Anchor
from layers.scans.work import Work

MOST_VERTICES = 60_000
"""Vertices that are drawn; more are simplified."""
MOST_SPOTS = 6_000
LATTICE = 17
_DECIMALS = 7
_BEND_DEGREES = 35.0
_SAME = 1e-7
"""Degrees: two spots that are nearer are one."""
_FARTHEST_KM = 400.0


def ground(work: Work) -> dict[str, Any]:
    """Shapes to draw and spots to snap to, longitude and latitude in degrees EPSG:4490.

    Returns:
        ``shapes``: ``id``, ``name``, ``name_en``, ``kind``, ``dim`` and ``parts`` (lists of [lon, lat]; rings of a
        polygon). ``spots``: ``at``, ``name``, ``name_en``, ``what`` (``point``, ``place``, ``corner``, ``meeting``,
        ``crossing``, ``bend``), ``ref`` or "", ``accuracy_m`` or None.
    """
    located = [one for one in work.examined.located.values() if one.geometry is not None]
    located = [one for one in located if _plausible(one.geometry)]
    return {"shapes": _shapes(located), "spots": _spots(work, located)[:MOST_SPOTS]}


def _plausible(shape: Any) -> bool:
    west, south, east, north = shape.bounds
    return max(east - west, north - south) < _FARTHEST_KM / 100


def _shapes(located: Iterable[Located]) -> list[dict[str, Any]]:
    located = list(located)
    shapes = [one.geometry for one in located]
    tolerance = 0.0
    while shapely.get_num_coordinates(np.array(shapes, dtype=object)).sum() > MOST_VERTICES and tolerance < 1e-2:
        tolerance = tolerance * 2 or 1e-5
        shapes = [shapely.simplify(one, tolerance) for one in shapes]
    found = []
    for one, shape in zip(located, shapes, strict=True):
        feature = one.feature
        found.append({
            "id": feature.id, "name": feature.name, "name_en": feature.name_en, "kind": feature.kind,
            "dim": int(shapely.get_dimensions(shape)), "parts": parts_of(shape),
        })  # fmt: skip
    return found


def parts_of(shape: Any) -> list[list[list[float]]]:
    """The rings, lines or points of a shape as lists of coordinates."""
    found = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        found += [shapely.get_coordinates(ring).round(_DECIMALS).tolist() for ring in rings]
    return found


def drawn_fit(found: Fitted) -> dict[str, Any]:
    """A fit to be drawn, longitude and latitude in degrees EPSG:4490; None where the fit leads nowhere.

    Returns:
        ``outline``: what the sheet covers, as ``parts`` of `ground`. ``landed``: where the fit takes each control
        point. ``lattice``: where it takes ``LATTICE`` by ``LATTICE`` pixels spread evenly over the sheet, by rows.
    """
    across, down = (np.linspace(0, side, LATTICE) for side in (found.scan.width, found.scan.height))
    x, y = np.meshgrid(across, down)
    lattice = _finite(found, np.column_stack([x.ravel(), y.ravel()]))
    sound = all(one is not None for one in lattice)
    return {
        "outline": parts_of(found.geometry) if sound else [],
        "landed": _finite(found, [point.px for point in found.scan.points]), "lattice": lattice if sound else [],
    }  # fmt: skip


def _finite(found: Fitted, pixels: Any) -> list[list[float] | None]:
    degrees = found.degrees(pixels).round(_DECIMALS)
    return [one.tolist() if np.isfinite(one).all() else None for one in degrees]


def in_pixels(found: Fitted, shapes: Iterable[Any]) -> list[list[list[float]]]:
    """The parts of shapes in degrees as a sheet shows them: runs of pixels, cut where they leave it far behind."""
    scan, to, runs = found.scan, metric_crs(found.lon), []
    whole = shapely.buffer(shapely.Polygon(found.degrees(
        [(0, 0), (scan.width, 0), (scan.width, scan.height), (0, scan.height)])), 0)  # fmt: skip
    for shape in shapes:
        for line in shapely.get_parts(shapely.intersection(shape, shapely.buffer(whole, 0.01))):
            if line.geom_type != "LineString":
                continue
            metres = transform_points(shapely.get_coordinates(line), CGCS2000, to)
            pixels = found.fit.transformation.pixels(metres)
            if np.isfinite(pixels).all():
                runs.append(pixels.round(2).tolist())
    return runs


def pixel_at(found: Fitted, lon: float, lat: float) -> list[float]:
    """The pixel of a sheet that shows a place, by the inverse of its fit.

    Args:
        found: The fit.
        lon: Degrees, EPSG:4490.
        lat: Likewise.

    Returns:
        x right and y down, to a hundredth.

    Raises:
        LayersError: ``scan.not_on_sheet`` for a place that the sheet does not show.
    """
    scan = found.scan
    metres = transform_points(np.array([[lon, lat]]), CGCS2000, metric_crs(found.lon))
    x, y = found.fit.transformation.pixels(metres)[0] if np.isfinite(metres).all() else (np.nan, np.nan)
    if not (0 <= x <= scan.width and 0 <= y <= scan.height):
        raise LayersError("scan.not_on_sheet", lon=round(lon, 5), lat=round(lat, 5))
    return [round(float(x), 2), round(float(y), 2)]


def borders(work: Work, found: Fitted) -> list[list[list[float]]]:
    """Township borders in pixels of a sheet."""
    units = [one.geometry for one in work.examined.located.values() if one.feature.kind == TOWNSHIP and one.geometry]
    lines = shapely.line_merge(shapely.union_all([one.boundary for one in units])) if units else None
    return in_pixels(found, list(shapely.get_parts(lines))) if lines is not None else []


# ---- spots


def _spots(work: Work, located: list[Located]) -> list[dict[str, Any]]:
    """Those that a record can name come first, so that of two at one place the better known one stays."""
    units = [one for one in located if one.feature.kind == TOWNSHIP and shapely.get_dimensions(one.geometry) == 2]
    found = [*_meetings(work, units), *_points(located), *_places(work), *_corners(work, units)]
    found += [*_crossings(work, located, units), *_bends(units)]
    kept: list[dict[str, Any]] = []
    seen: set[tuple[int, int]] = set()
    for one in found:
        key = (round(one["at"][0] / _SAME / 10), round(one["at"][1] / _SAME / 10))
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def _spot(at: Any, names: tuple[str, str], what: str, ref: str, accuracy_m: float | None) -> dict[str, Any]:
    lon, lat = (round(float(value), _DECIMALS) for value in at)
    return {"at": [lon, lat], "name": names[0], "name_en": names[1], "what": what, "ref": ref,
            "accuracy_m": accuracy_m}  # fmt: skip


def _names(*ones: Located) -> tuple[str, str]:
    return "·".join(one.feature.name for one in ones), " · ".join(one.feature.name_en for one in ones)


def _points(located: Iterable[Located]) -> list[dict[str, Any]]:
    return [
        _spot(shapely.get_coordinates(one.geometry)[0], _names(one), "point", one.feature.id, one.accuracy_m)
        for one in located if one.geometry is not None and one.geometry.geom_type == "Point"
    ]  # fmt: skip


def _places(work: Work) -> list[dict[str, Any]]:
    plan = work.examined.plan
    return [
        _spot((one.point.x, one.point.y), (one.name, one.name_en), "place", f"place/{one.name}", one.accuracy_m)
        for one in (plan.gazetteer.places if plan is not None else ())
    ]


def _worst(*ones: Located) -> float:
    return max(one.accuracy_m or 0.0 for one in ones)


def _meetings(work: Work, units: list[Located]) -> list[dict[str, Any]]:
    """Where three townships or more meet."""
    at: dict[tuple[float, float], list[Located]] = {}
    for unit in units:
        for key in {tuple(one) for one in shapely.get_coordinates(unit.geometry).round(9).tolist()}:
            at.setdefault(key, []).append(unit)
    found = []
    for key, ones in at.items():
        if len(ones) < 3:
            continue
        ref = "+".join(one.feature.id for one in ones) if len(ones) <= 6 else ""
        found.append(_spot(key, _names(*ones), "meeting", _sound(work, ref, ones, key), _worst(*ones)))
    return found


def _sound(work: Work, ref: str, ones: Iterable[Located], at: Any) -> str:
    """A reference, when it leads where it is meant to; else ""."""
    anchor = Anchor.parse(ref) if ref else None
    if anchor is None:
        return ""
    lon = work.examined.lon
    try:
        there: Any = vertex(anchor, [one.geometry for one in ones if one.geometry is not None], lon)
    except GeoError:
        return ""
    east, north = transform_points(np.array([at], dtype=float), CGCS2000, metric_crs(lon))[0]
    return ref if np.hypot(east - there[0], north - there[1]) < 0.5 else ""


def _corners(work: Work, units: Iterable[Located]) -> list[dict[str, Any]]:
    """The vertex of each township that lies farthest to each side."""
    found, lon = [], work.examined.lon
    for unit in units:
        for corner in CORNERS:
            anchor = Anchor((unit.feature.id,), corner)
            assert unit.geometry is not None  # noqa: S101 (only such are asked for)
            there = np.array([vertex(anchor, [unit.geometry], lon)])
            at = transform_points(there, metric_crs(lon), CGCS2000)[0]
            name, name_en = _names(unit)
            names = (f"{name} {corner}", f"{name_en} {corner}")
            found.append(_spot(at, names, "corner", f"{unit.feature.id}#{corner}", unit.accuracy_m))
    return found


def _bends(units: Iterable[Located]) -> list[dict[str, Any]]:
    """Where a township's border bends sharply. No reference: a vertex's number is another's in the next file."""
    found = []
    for unit in units:
        for part in parts_of(unit.geometry):
            ring = np.array(part[:-1])
            if len(ring) < 4:
                continue
            across = np.cos(np.radians(ring[:, 1].mean()))
            flat = ring * [across, 1.0]
            into, out = flat - np.roll(flat, 1, axis=0), np.roll(flat, -1, axis=0) - flat
            turn = np.degrees(np.arctan2(into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0], (into * out).sum(axis=1)))
            found += [_spot(at, _names(unit), "bend", "", unit.accuracy_m) for at in ring[np.abs(turn) > _BEND_DEGREES]]
    return found


def _crossings(work: Work, located: list[Located], units: list[Located]) -> list[dict[str, Any]]:
    """Where drawn lines cross each other, and township borders."""
    lines = [one for one in located if one.geometry is not None and shapely.get_dimensions(one.geometry) == 1]
    others = [*lines, *units]
    shapes: Mapping[int, BaseGeometry] = {number: _drawn(one) for number, one in enumerate(others)}
    if not lines:
        return []
    tree = shapely.STRtree(list(shapes.values()))
    found = []
    for first, line in enumerate(lines):
        for second in tree.query(shapes[first], predicate="intersects").tolist():
            if second <= first:
                continue
            other = others[second]
            common = shapely.intersection(shapes[first], shapes[second])
            points = [one for one in shapely.get_parts(common) if one.geom_type == "Point"]
            for point in points[:50]:
                at = (point.x, point.y)
                ref = f"{line.feature.id}+{other.feature.id}" if len(points) == 1 else ""
                names, worst = _names(line, other), _worst(line, other)
                found.append(_spot(at, names, "crossing", _sound(work, ref, (line, other), at), worst))
    return found


def _drawn(one: Located) -> Any:
    """A line, or the border of an area."""
    return one.geometry.boundary if shapely.get_dimensions(one.geometry) == 2 else one.geometry  # type: ignore[union-attr]
