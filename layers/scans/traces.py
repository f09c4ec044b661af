"""Shapes proposed from a scan's colours, held against the plan's, and accepted into a feature's record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import measure, snapping, tracing
from geo.crs import CGCS2000, metric_crs, transform_points
from geo.errors import GeoError
from geo.tracing import Cleaning
from layers.build.scans import TRACED, Fitted
from layers.build.sheets import upright_of
from layers.imports.exchange import commit
from layers.imports.texts import Texts
from layers.model.errors import LayersError
from layers.model.plan import TOWNSHIP
from layers.scans.work import Work

_MOST_BYTES = 50_000_000
_PIXEL_DECIMALS = 2
_OUTLINE_VERTICES = 20_000


@dataclass(frozen=True)
class Wanted:
    """What is to be traced.

    Attributes:
        colors: sRGB of 8 bits.
        pick: A pixel whose colour is taken too, or None; without ``colors`` only the area there is wanted.
        tolerance: The largest ΔE*ab.
        line: Middle lines, and no areas.
        feature: Id of the feature that it is held against, or "".
        snap: Whether edges follow township borders as far as the sheet is accurate.
        cleaning: Sizes in pixels.
        gap_px: The longest gap in a line.
        most: So many shapes, the largest.
    """

    colors: tuple[tuple[int, int, int], ...] = ()
    pick: tuple[float, float] | None = None
    tolerance: float = 10.0
    line: bool = False
    feature: str = ""
    snap: bool = True
    cleaning: Cleaning | None = None
    gap_px: float = 40.0
    most: int = 20


def trace(
    work: Work, scan_id: str, wanted: Wanted, progress: Any = None, upright: Path | None = None
) -> dict[str, Any]:
    """Trace a colour of a scan; nothing in the plan folder changes.

    Args:
        work: The plan folder.
        scan_id: The scan.
        wanted: What is to be traced.
        progress: Called with rows done and all rows.
        upright: The picture when it has been made upright before.

    Returns:
        A GeoJSON FeatureCollection in longitude and latitude. Each shape has ``recipe`` (what goes into a record),
        ``area_km2`` or ``length_km``, ``accuracy_m``, and beside a feature ``hausdorff_m``, ``iou`` and its clauses.

    Raises:
        GeoError: ``trace.*``, ``picture.*``, ``control.*``.
        LayersError: ``scan.*``.
    """
    scan, found = work.scan(scan_id), work.fitted(scan_id)
    if wanted.feature and work.examined.plan is not None and work.examined.plan.feature(wanted.feature) is None:
        raise LayersError("scan.no_feature", id=wanted.feature)
    outline = shapely.Polygon(scan.mask) if scan.mask else None
    with nullcontext(upright) if upright is not None else upright_of(work.folder, scan) as source:
        colors = list(wanted.colors)
        if wanted.pick is not None:
            colors.append(tracing.color_at(source, *wanted.pick))
        seen = tracing.near(source, colors, wanted.tolerance, outline, progress)
        shapes: Sequence[Any]
        if wanted.line:
            shapes = tracing.lines(seen, wanted.gap_px, wanted.cleaning)
        else:
            shapes = _areas(seen, wanted, scan.line_px)
    hexes = [hex_of(one) for one in colors]
    if not shapes:
        raise GeoError("trace.nothing", color=hexes, tolerance=wanted.tolerance)
    shapes = shapes[: wanted.most]
    whole: Any = (
        shapely.union_all(shapes) if not wanted.line else shapely.multilinestrings(np.array(shapes, dtype=object))
    )
    return _proposals(work, found, shapes, whole, wanted, hexes)


def _areas(seen: tracing.Seen, wanted: Wanted, line_px: float) -> Sequence[Any]:
    """Of a place that was pointed at its area, whole, not the legend's patch; of a colour all of them."""
    found = tracing.areas(seen, wanted.cleaning)
    if wanted.pick is None or wanted.colors:
        return found
    chosen = tracing.pointed_at(found, wanted.pick, line_px, wanted.cleaning or Cleaning())
    return [shapely.union_all(chosen)] if chosen else found


def hex_of(color: tuple[int, int, int]) -> str:
    """``#rrggbb`` of a colour.

    Example:
        >>> hex_of((255, 0, 16))
        '#ff0010'
    """
    return "#" + bytes(color).hex()


def by_hand(work: Work, scan_id: str, drawn: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The proposal of a shape that somebody has drawn on a scan; nothing in the plan folder changes.

    Args:
        work: The plan folder.
        scan_id: The scan.
        drawn: ``polygon``, ``line`` or ``point`` in pixels, as a recipe has it.
        wanted: ``feature`` and ``snap`` of it count.

    Returns:
        As `trace`, with one shape.

    Raises:
        GeoError: ``recipe.*`` for what is no shape, ``control.*``.
        LayersError: ``scan.spot`` for a vertex outside the picture, ``scan.not_simple``, ``scan.*``.
    """
    from geo.operations import even_odd  # noqa: PLC0415
    from geo.recipes import parse  # noqa: PLC0415

    scan, found = work.scan(scan_id), work.fitted(scan_id)
    if wanted.feature and work.examined.plan is not None and work.examined.plan.feature(wanted.feature) is None:
        raise LayersError("scan.no_feature", id=wanted.feature)
    fields = parse({"scan": scan_id, **drawn}).fields
    runs = fields.get("polygon") or fields.get("line") or [[fields["point"]]]
    for x, y in (pixel for run in runs for pixel in run):
        if not (0 <= x <= scan.width and 0 <= y <= scan.height):
            raise LayersError("scan.spot", px=x, py=y, width=scan.width, height=scan.height)
    shape: BaseGeometry
    if "point" in fields:
        shape = shapely.Point(fields["point"])
    elif "line" in fields:
        shape = shapely.multilinestrings([shapely.linestrings(run) for run in runs])
    else:
        shape = even_odd(runs)
        if not shape.area or not shape.is_valid:
            raise LayersError("scan.not_simple")
    wanted = replace(wanted, line="line" in fields, snap=wanted.snap and "polygon" in fields)
    return _proposals(work, found, [shape], shape, wanted, [])


def _proposals(
    work: Work, found: Fitted, shapes: Sequence[BaseGeometry], whole: BaseGeometry, wanted: Wanted, colors: list[str]
) -> dict[str, Any]:
    return {
        "type": "FeatureCollection", "planmap": "scan-trace", "scan": found.scan.id, "colors": colors,
        "tolerance": wanted.tolerance, "feature": wanted.feature,
        "features": [_proposal(work, found, shape, wanted) for shape in shapes],
        "together": _proposal(work, found, whole, wanted)["properties"],
    }  # fmt: skip


def _proposal(work: Work, found: Fitted, shape: BaseGeometry, wanted: Wanted) -> dict[str, Any]:
    """One shape with what speaks for and against it."""
    to = metric_crs(found.lon)
    metres = shapely.transform(shape, found.fit.transformation.ground)
    snap = wanted.snap and not wanted.line and found.accuracy_m is not None
    if snap:
        metres = _snapped(work, found, metres)
    pixels = _in_pixels(found, metres) if snap else shape
    degrees = shapely.transform(metres, lambda xy: transform_points(xy, to, CGCS2000))
    properties: dict[str, Any] = {
        "scan": found.scan.id, "basis": TRACED, "accuracy_m": found.accuracy_m, "snapped": bool(snap),
        "recipe": {"scan": found.scan.id, **_recipe(pixels)},
    }  # fmt: skip
    if shape.geom_type == "Point":
        pass  # neither long nor wide
    elif wanted.line:
        properties["length_km"] = round(float(measure.length_m(degrees, CGCS2000)) / 1e3, 3)
    else:
        properties["area_km2"] = round(float(measure.area_m2(degrees, CGCS2000)) / 1e6, 4)
    if wanted.feature:
        properties |= _beside(work, wanted.feature, metres, found.lon)
    rounded = shapely.set_precision(degrees, 1e-7)
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded), "properties": properties}


def _snapped(work: Work, found: Fitted, metres: BaseGeometry) -> BaseGeometry:
    units = [one.geometry for one in work.examined.located.values()
             if one.feature.kind == TOWNSHIP and one.geometry is not None]  # fmt: skip
    if not units or found.accuracy_m is None:
        return metres
    to = metric_crs(found.lon)
    placed = [shapely.transform(one, lambda xy: transform_points(xy, CGCS2000, to)) for one in units]
    made = snapping.snapped(metres, placed, found.accuracy_m)
    return made if made.area else metres


def _in_pixels(found: Fitted, metres: BaseGeometry) -> BaseGeometry:
    """A shape on the ground as it is drawn on the sheet, with no more vertices than a record should have."""
    pixels = shapely.transform(metres, found.fit.transformation.pixels)
    simple, tolerance = pixels, 0.0
    while shapely.get_num_coordinates(simple) > _OUTLINE_VERTICES:
        tolerance = tolerance * 2 or 0.25
        simple = shapely.simplify(pixels, tolerance)
    return shapely.make_valid(shapely.transform(simple, lambda xy: np.round(xy, _PIXEL_DECIMALS)))


def _recipe(shape: BaseGeometry) -> dict[str, Any]:
    """A shape in pixels as fields of a recipe."""
    if shape.geom_type == "Point":
        return {"point": shapely.get_coordinates(shape)[0].round(_PIXEL_DECIMALS).tolist()}
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.area or part.length]
    if all(part.geom_type == "LineString" for part in parts):
        name, runs = "line", [shapely.get_coordinates(part) for part in parts]
    else:
        areas = [part for part in parts if part.geom_type == "Polygon"]
        rings = [ring for part in areas for ring in (part.exterior, *part.interiors)]
        name, runs = "polygon", [shapely.get_coordinates(ring)[:-1] for ring in rings]
    written = [run.round(_PIXEL_DECIMALS).tolist() for run in runs]
    return {name: written[0] if len(written) == 1 else written}


def _beside(work: Work, feature_id: str, metres: BaseGeometry, lon: float) -> dict[str, Any]:
    """How a shape differs from the one that a feature has now, and the clauses that speak of it."""
    plan = work.examined.plan
    feature = plan.feature(feature_id) if plan is not None else None
    if feature is None:
        raise LayersError("scan.no_feature", id=feature_id)
    told: dict[str, Any] = {"feature": feature_id, "name": feature.name, "cites": list(feature.cites)}
    now = work.examined.located.get(feature_id)
    if now is None or now.geometry is None:
        return told
    present = shapely.transform(now.geometry, lambda xy: transform_points(xy, CGCS2000, metric_crs(lon)))
    told["basis_now"], told["accuracy_now_m"] = now.basis, now.accuracy_m
    told["hausdorff_m"] = round(float(shapely.hausdorff_distance(metres, present, 0.1)))
    if metres.area and present.area:
        both, either = shapely.intersection(metres, present).area, shapely.union(metres, present).area
        told["iou"] = round(float(both / either), 4)
    return told


# ---- accepting


def accept(folder: Path, plan: Any, file: Path, feature_id: str, number: int = 0) -> dict[str, Any]:
    """Write a proposed shape into a feature's record, in pixels; ``planmap import undo`` takes it back.

    The basis and the accuracy that the record states are taken away: they follow from the fit from now on.

    Args:
        folder: The plan folder.
        plan: As read from it.
        file: What `trace` gave.
        feature_id: The feature; "": the one that the file names.
        number: Of the shape, from 1; 0: all together.

    Returns:
        The feature, the file that changes, and the number under which the old one is kept.

    Raises:
        LayersError: ``scan.proposal``, ``scan.proposal_none``, ``scan.no_feature``, those of imports.
    """
    proposal = _read(file)
    name = feature_id or str(proposal.get("feature") or "")
    feature = plan.feature(name)
    if feature is None:
        raise LayersError("scan.no_feature", id=name or "?")
    shapes = proposal["features"]
    if not 0 <= number <= len(shapes):
        raise LayersError("scan.proposal_none", file=file.name, number=number, count=len(shapes))
    try:
        properties = proposal["together"] if number == 0 else shapes[number - 1]["properties"]
        recipe = dict(properties["recipe"])
    except (KeyError, TypeError, ValueError) as error:
        raise LayersError("scan.proposal", file=file.name) from error
    _check(recipe, file)
    texts = Texts(folder)
    texts.set(feature.origin.file, feature.id, {"geometry": recipe, "basis": None, "accuracy_m": None,
                                                "no_geometry": None, "no_geometry_en": None})  # fmt: skip
    kept = commit(folder, texts.changed(), {"file": file.name})
    return {"feature": feature.id, "file": feature.origin.file, "number": kept,
            "note": bool(feature.note or feature.note_en)}  # fmt: skip


def _read(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise LayersError("scan.proposal", file=file.name)
        found = json.loads(file.read_text("utf-8-sig"))
        sound = found["planmap"] == "scan-trace" and isinstance(found["features"], list)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LayersError("scan.proposal", file=file.name) from error
    if not sound:
        raise LayersError("scan.proposal", file=file.name)
    return dict(found)


def _check(recipe: Mapping[str, Any], file: Path) -> None:
    """What is written is a recipe on a scan: the file may have been edited."""
    from geo.recipes import parse  # noqa: PLC0415

    try:
        op = parse(recipe).op
    except GeoError as error:
        raise LayersError("scan.proposal", file=file.name) from error
    if op != "scan":
        raise LayersError("scan.proposal", file=file.name)


__all__ = ["Wanted", "accept", "by_hand", "hex_of", "trace"]
