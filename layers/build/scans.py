"""Scanned maps fitted to the ground by their control points; what makes a fit, or what was traced on it, doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo import control, picture
from geo.control import Fit, Sheet
from geo.crs import CGCS2000, metric_crs, transform_points
from geo.errors import GeoError
from geo.transformation import Array
from layers.build.located import Located
from layers.build.sheets import warp_key
from layers.folder.reading import Faults
from layers.model.errors import WARNING
from layers.model.plan import TOWNSHIP, ZONE, Plan
from layers.model.scans import CORNERS, SCAN, Anchor, Scan, scan_origin

TRACED = "traced"
"""The basis of what is drawn on a scan."""
Find = Callable[[str], Any]
"""The place or the located feature behind a reference, or None."""
_APART = 3.0
"""A picture's own place that is farther from the fit than so many times its accuracy is doubted."""


@dataclass(frozen=True)
class Fitted:
    """A scan with its fit; stands among places and located features as what a recipe is made from.

    Attributes:
        lon: Longitude in degrees that chooses the metric zone.
        accuracy_m: Of what is read off it, 95 %; None where its points do not tell.
        geometry: What it covers, degrees EPSG:4490.
        given_m: Where its control points are said to be, metres (n, 2).
    """

    scan: Scan
    fit: Fit
    lon: float
    accuracy_m: float | None
    sources: tuple[str, ...]
    geometry: BaseGeometry
    given_m: Array
    basis: str = TRACED

    def degrees(self, pixels: Any) -> Array:
        """Longitude and latitude, EPSG:4490, of pixels (n, 2)."""
        metres = self.fit.transformation.ground(pixels)
        return transform_points(metres, metric_crs(self.lon), CGCS2000)


def fitted(scan: Scan, find: Find, lon: float) -> Fitted:
    """Fit a scan to the ground.

    Args:
        scan: The scan.
        find: Gives the places and features that its control points lie at.
        lon: Longitude in degrees that chooses the metric zone.

    Raises:
        GeoError: ``control.*``, or ``scan.*`` where a control point's feature has no such vertex.
    """
    points = [given(scan, number, find, lon) for number in range(len(scan.points))]
    ground = np.array([one[:2] for one in points]).reshape(-1, 2)
    sheet = Sheet(scan.width, scan.height, scan.dpi, scan.scale, scan.line_px)
    names = [point.name for point in scan.points]
    own = [one[2] for one in points]
    found = control.fit([point.px for point in scan.points], ground, scan.transformation, sheet, own, names)
    corners = scan.mask or ((0, 0), (scan.width, 0), (scan.width, scan.height), (0, scan.height))
    edge = shapely.segmentize(shapely.LinearRing(corners), max(scan.width, scan.height) / 32)
    ring = transform_points(found.transformation.ground(shapely.get_coordinates(edge)), metric_crs(lon), CGCS2000)
    accuracy = None if found.accuracy_m is None else _rounded_up(found.accuracy_m)
    return Fitted(scan, found, lon, accuracy, scan.sources, shapely.make_valid(shapely.Polygon(ring)), ground)


def _rounded_up(metres: float) -> float:
    """To two digits, upwards: nobody knows an error to the centimetre."""
    step = 10.0 ** max(np.floor(np.log10(max(metres, 0.1))) - 1, -1)
    return float(round(np.ceil(metres / step - 1e-9) * step, 1))


def finder(plan: Plan, located: Mapping[str, Located]) -> Find:
    """What gives the places and located features that control points lie at."""

    def find(reference: str) -> Any:
        if reference.startswith("place/"):
            return plan.gazetteer.find(reference.removeprefix("place/"))
        one = located.get(reference)
        return one if one is not None and one.geometry is not None else None

    return find


def all_fitted(plan: Plan, located: Mapping[str, Located], lon: float) -> dict[str, Fitted | GeoError]:
    """Every scan of a plan that can be fitted, by id; of the others why not."""
    find = finder(plan, located)
    found: dict[str, Fitted | GeoError] = {}
    for scan in plan.scans:
        try:
            found[scan.id] = fitted(scan, find, lon)
        except GeoError as error:
            found[scan.id] = error
    return found


def given(scan: Scan, number: int, find: Find, lon: float) -> tuple[float, float, float]:
    """East, north and accuracy in metres of a control point."""
    point = scan.points[number]
    if point.at is not None:
        east, north = transform_points(np.array([point.at]), CGCS2000, metric_crs(lon))[0]
        return float(east), float(north), point.accuracy_m or 0.0
    anchor = point.anchor
    assert anchor is not None  # noqa: S101 (the reader has looked)
    things = [find(need) for need in anchor.needs]
    if any(one is None for one in things):
        raise GeoError("control.lost", point=point.name, ref="+".join(anchor.needs))
    own = max((thing.accuracy_m or 0.0 for thing in things), default=0.0)
    shapes = [thing.point if hasattr(thing, "point") else thing.geometry for thing in things]
    east, north = vertex(anchor, shapes, lon, point.name)
    return east, north, max(own, point.accuracy_m or 0.0)


def vertex(anchor: Anchor, shapes: list[BaseGeometry], lon: float, name: str = "") -> tuple[float, float]:
    """Where an anchor is.

    Args:
        anchor: What is asked for.
        shapes: The geometries of what it needs, degrees EPSG:4490.
        lon: Longitude in degrees that chooses the metric zone.
        name: Of the control point, for messages.

    Returns:
        Metres east and north.

    Raises:
        GeoError: ``control.no_vertex``, ``control.no_meeting``.
    """
    to = metric_crs(lon)
    if len(shapes) > 1:
        common = shapely.intersection_all([one.boundary if one.area else one for one in shapes])
        points = [one for one in shapely.get_parts(common) if one.geom_type == "Point"]
        if len(points) != 1:
            raise GeoError("control.no_meeting", point=name, refs=list(anchor.needs), count=len(points))
        east, north = transform_points(shapely.get_coordinates(points[0]), CGCS2000, to)[0]
        return float(east), float(north)
    largest = max(shapely.get_parts(shapes[0]), key=lambda part: (part.area, part.length))
    line = largest.exterior if largest.geom_type == "Polygon" else largest
    coordinates = transform_points(shapely.get_coordinates(line), CGCS2000, to)
    if anchor.vertex in CORNERS:
        at = int(np.argmax(coordinates @ np.array(CORNERS[anchor.vertex], dtype=float)))
    elif anchor.vertex.isdigit() and int(anchor.vertex) < len(coordinates):
        at = int(anchor.vertex)
    elif not anchor.vertex and len(coordinates) == 1:
        at = 0
    else:
        raise GeoError("control.no_vertex", point=name, ref=anchor.needs[0], count=len(coordinates))
    return float(coordinates[at, 0]), float(coordinates[at, 1])


# ---- checks


def check_scans(plan: Plan, located: Mapping[str, Located], lon: float, faults: Faults) -> None:
    """Doubt fits, and what was traced outside its sheet, across its township, or over a sister zone.

    Args:
        plan: The plan.
        located: Its located features by id.
        lon: Longitude in degrees that chooses the metric zone.
        faults: Takes the problems.
    """
    if not plan.scans:
        return
    sheets = all_fitted(plan, located, lon)
    for scan in plan.scans:
        found = sheets[scan.id]
        if isinstance(found, GeoError):
            faults.add(scan.origin, "point", found.key, **found.params)
            continue
        for doubt in found.fit.doubts:
            faults.add(scan.origin, "point", doubt.key, severity=WARNING, **doubt.params)
        _own_place(plan, found, faults)
    for scan in plan.scans:
        _picture(plan, scan, faults)
    sound = {name: one for name, one in sheets.items() if isinstance(one, Fitted)}
    for feature in plan.features:
        for name, pixels in drawn(feature.recipe):
            if name in sound:
                _inside_sheet(sound[name].scan, pixels, feature, faults)
    _overlaps(located, faults)


def _picture(plan: Plan, scan: Scan, faults: Faults) -> None:
    """The picture is there, can be read, and is the one in which the points were set."""
    try:
        looked = picture.look(plan.folder / "maps" / scan.picture, scan.page, scan.dpi)
    except GeoError as error:
        faults.add(scan.origin, "picture", error.key, **error.params)
        return
    if (looked.width, looked.height) != (scan.width, scan.height):
        faults.add(scan.origin, "width", "scan.size_changed", file=scan.picture, width=looked.width,
                   height=looked.height, stated_width=scan.width, stated_height=scan.height)  # fmt: skip


def _own_place(plan: Plan, found: Fitted, faults: Faults) -> None:
    """A picture that brings a place of its own is believed less than its control points, but both are compared."""
    scan = found.scan
    try:
        own = picture.look(plan.folder / "maps" / scan.picture, scan.page, scan.dpi).own
    except GeoError:
        return
    if own is None:
        return
    crs, (a, b, c, d, e, f) = pyproj.CRS.from_wkt(own[0]), own[1]
    corners = np.array([(0, 0), (scan.width, 0), (scan.width, scan.height), (0, scan.height)], dtype=float)
    there = np.column_stack([corners @ [a, b] + c, corners @ [d, e] + f])
    theirs = transform_points(there, crs, metric_crs(found.lon))
    away = float(np.hypot(*(theirs - found.fit.transformation.ground(corners)).T).max())
    if not away <= max(_APART * (found.accuracy_m or 0.0), found.fit.transformation.pixel_m()):
        faults.add(scan.origin, "picture", "scan.own_place", severity=WARNING, file=scan.picture,
                   distance_m=round(away) if np.isfinite(away) else -1)  # fmt: skip


def drawn(recipe: Any) -> Iterator[tuple[str, Array]]:
    """Every scan that a recipe draws on, by id, with the pixels."""
    for one in recipe.nested() if recipe is not None else ():
        if one.op == "scan":
            shape = one.fields.get("polygon") or one.fields.get("line") or [[one.fields["point"]]]
            yield one.fields["scan"].removeprefix(SCAN), np.array([pixel for run in shape for pixel in run])


def _inside_sheet(scan: Scan, pixels: Array, feature: Any, faults: Faults) -> None:
    """Vertices lie in the picture; a hair outside is how drawing on its edge ends."""
    off = (pixels < -1).any(axis=1) | (pixels[:, 0] > scan.width + 1) | (pixels[:, 1] > scan.height + 1)
    if off.any():
        x, y = pixels[off][0]
        faults.add(feature.origin, "geometry", "scan.pixel_outside", px=float(x), py=float(y), width=scan.width,
                   height=scan.height, scan=scan.id)  # fmt: skip
    elif scan.mask:
        outside = ~shapely.contains_xy(shapely.buffer(shapely.Polygon(scan.mask), 1.0), pixels)
        if outside.any():
            x, y = pixels[outside][0]
            faults.add(feature.origin, "geometry", "scan.outside_mask", severity=WARNING, px=float(x), py=float(y),
                       scan=scan.id)  # fmt: skip


def _overlaps(located: Mapping[str, Located], faults: Faults) -> None:
    """What was traced does not reach over a sister of its kind by more than both are accurate.

    Zones and townships are left to the check that they tile.
    """
    for one in located.values():
        if one.basis != TRACED or one.geometry is None or shapely.get_dimensions(one.geometry) != 2:
            continue
        kind = one.feature.kind
        if kind in (TOWNSHIP, ZONE):
            continue
        for other in located.values():
            same = other.feature.kind == kind and other.feature.id != one.feature.id
            if not same or other.geometry is None or (other.basis == TRACED and other.feature.id < one.feature.id):
                continue
            depth = _depth_m(one.geometry, other.geometry)
            if depth > (one.accuracy_m or 0.0) + (other.accuracy_m or 0.0):
                faults.add(one.feature.origin, "geometry", "scan.overlap", severity=WARNING, other=other.feature.id,
                           depth_m=round(depth))  # fmt: skip


def _depth_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """How far, in metres, the common part of two shapes in degrees reaches from its edge; 0 without one."""
    if not shapely.intersects(one, other):
        return 0.0
    common = shapely.intersection(one, other)
    parts = [part for part in shapely.get_parts(common) if part.area]
    if not parts:
        return 0.0
    to = metric_crs(parts[0].centroid.x)
    largest = max(parts, key=lambda part: part.area)
    metres = shapely.transform(largest, lambda xy: transform_points(xy, CGCS2000, to))
    return float(shapely.maximum_inscribed_circle(metres).length)


def sheet_meta(found: Fitted, lon: float, folder: Path) -> dict[str, Any]:
    """What the edition says of a scan: words, corners, fit, control points with their residuals.

    Args:
        found: The scan, fitted.
        lon: Longitude in degrees that chooses the metric zone.
        folder: The plan folder.
    """
    scan, fit = found.scan, found.fit
    placed = transform_points(found.given_m, metric_crs(lon), CGCS2000).round(7).tolist()
    landed = found.degrees([point.px for point in scan.points]).round(7).tolist()
    points = [
        {"name": point.name, "px": list(point.px), "at": given, "fitted": there,
         "residual_m": round(float(np.hypot(*off)), 2)}
        for point, given, there, off in zip(scan.points, placed, landed, fit.residuals_m, strict=True)
    ]  # fmt: skip
    return {
        "id": scan.id, "name": scan.name, "name_en": scan.name_en, "scale": scan.scale, "date": scan.date,
        "publisher": scan.publisher, "licence": scan.licence, "map_number": scan.map_number,
        "public": scan.public, "warped": warp_key(found, folder), "sources": list(scan.sources),
        "transformation": scan.transformation, "accuracy_m": found.accuracy_m, "rmse_m": round(fit.rmse_m, 2),
        "bounds": [round(float(value), 7) for value in found.geometry.bounds],
        "left_out_m": None if fit.left_out_rmse_m is None else round(fit.left_out_rmse_m, 2), "points": points,
    }  # fmt: skip


__all__ = ["TRACED", "Fitted", "all_fitted", "check_scans", "drawn", "fitted", "scan_origin", "sheet_meta", "vertex"]
