"""A file read and taken to longitude and latitude of CGCS2000, with every doubt said before it counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs
from geo import datum as datums
from geo.errors import GeoError, PlanmapError
from geo.foreign import dbase, reading
from geo.messages import Phrase
from geo.reasons import foreign_errors
from layers.imports.request import Request, parse_crs
from layers.model.errors import LayersError

Box = tuple[float, float, float, float]
_AROUND_DEGREES = 0.3
"""A file that lies farther from the plan than this is of another place, or in another system."""
_NEAR_DEGREES = 0.1
_DEGREE_KM = 111.0
MOST_VERTICES = 2_500_000
"""Files with more are refused: at 25 bytes each, what is written of them could not be read again (64 MB of text)."""


@dataclass
class Incoming:
    """The rows of a file.

    Attributes:
        frame: Rows with geometries in degrees (EPSG:4490); the index counts from 0.
        crs: The system that was taken, in words.
        stated: Whether the user stated it.
        datum: One of ``geo.datum.DATUMS`` that the user stated, or "".
        notes: What is to be said, in the order in which it was found.
    """

    frame: gpd.GeoDataFrame
    crs: str
    stated: bool
    datum: str
    notes: list[PlanmapError]


def read(request: Request, lon: float, box: Box | None) -> Incoming:
    """Read a file as the user states it.

    Args:
        request: The file and what is said of it.
        lon: Longitude in degrees of the plan.
        box: West, south, east, north of the district in degrees; None when it has no shape yet.

    Raises:
        GeoError: ``vector.*``, ``crs.*``, ``parameters.*``.
        LayersError: ``import.file_missing``,
            ``import.no_features``, ``import.no_crs``, ``import.old_datum``, ``import.elsewhere``,
            ``import.too_many_vertices``.
    """
    if not request.file.exists():
        raise LayersError("import.file_missing", file=str(request.file))
    found = reading.read(request.file, request.layer, request.encoding or None)
    if found.empty:
        raise LayersError("import.no_features", file=request.shown)
    frame = found.reset_index(drop=True)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    count = len(shapely.get_coordinates(shapes))
    if count > MOST_VERTICES:
        raise LayersError("import.too_many_vertices", file=request.shown, count=count, limit=MOST_VERTICES)
    if request.swap_axes:
        shapes = shapely.transform(shapes, lambda c: c[:, ::-1])
    declared = parse_crs(request.crs, lon) if request.crs else frame.crs
    if declared is not None and declared.is_engineering:
        declared = None  # "undefined Cartesian": it names no place on earth
    if declared is None and not request.datum:
        systems = systems_that_fit(shapes, lon, box)
        raise LayersError(
            _key("import.no_crs", systems, box), file=request.shown, systems=systems, **_corner(shapes), **_where(box)
        )
    notes: list[PlanmapError] = []
    if dbase.UNKNOWN in found.attrs:
        name, taken = found.attrs[dbase.UNKNOWN]
        notes.append(LayersError("import.unknown_cpg", file=request.shown, name=name, encoding=taken))
    try:
        moved = _to_degrees(shapes, declared, request, notes)
    except GeoError as error:
        raise _with_systems(error, shapes, lon, box) from error
    result = gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=gpd.GeoSeries(moved, crs=crs.CGCS2000))
    if box is not None and not request.force:
        _check_near(result, shapes, declared, request, lon, box)
    said = crs.describe(declared) if declared is not None else request.datum
    return Incoming(result, said, bool(request.crs), request.datum, notes)


def _to_degrees(
    shapes: NDArray[Any], declared: CRS | None, request: Request, notes: list[PlanmapError]
) -> NDArray[Any]:
    """Degrees of CGCS2000; an old datum by its parameters, which are asked for."""
    old = datums.old_datum(declared) if declared is not None else None
    if old is not None and declared is not None:
        name, (low, high) = old
        if not request.parameters:
            about = {"crs": crs.describe(declared), "datum": name, "low_m": low, "high_m": high}
            raise LayersError("import.old_datum", file=request.shown, **about)
        datums.check_fit(shapely.get_coordinates(shapes), declared, request.shown)
        moved, shift = request.parameters.apply(shapes, declared, request.shown)
        notes.append(LayersError("import.moved_by_parameters", file=request.shown, datum=name, shift_m=round(shift, 1)))
        return moved
    if request.parameters:
        raise LayersError("import.parameters_unused", file=request.shown, crs=str(declared and crs.describe(declared)))
    with foreign_errors(request.shown):
        moved, doubts = datums.to_degrees(shapes, declared, request.datum or None, request.shown)
    for doubt in doubts:
        if doubt.key == "vector.unknown_datum" and not request.force:
            raise doubt
    notes += doubts
    return moved


def _check_near(
    frame: gpd.GeoDataFrame, shapes: NDArray[Any], declared: CRS | None, request: Request, lon: float, box: Box
) -> None:
    """What lies nowhere near the district is in another system than it says.

    Raises:
        LayersError: ``import.elsewhere``.
    """
    points = shapely.get_coordinates(frame.geometry.to_numpy())
    if len(points) == 0:
        return
    away = _away(points.mean(axis=0), box)
    if away > _AROUND_DEGREES:
        systems = systems_that_fit(shapes, lon, box)
        raise LayersError(
            _key("import.elsewhere", systems, box),
            file=request.shown,
            crs=crs.describe(declared) if declared is not None else request.datum,
            distance_km=round(away * _DEGREE_KM),
            systems=systems,
            **_corner(shapes),
            **_where(box),
        )


def _away(point: NDArray[Any], box: Box) -> float:
    """Degrees from a point to a box."""
    west, south, east, north = box
    return math.hypot(max(west - point[0], 0.0, point[0] - east), max(south - point[1], 0.0, point[1] - north))


def systems_that_fit(shapes: NDArray[Any], lon: float, box: Box | None) -> list[str]:
    """What to write so that coordinates lie in the district: ``--crs 4549``, ``--crs 4549 --swap-axes``.

    Args:
        shapes: As they are in the file.
        lon: Longitude in degrees of the plan.
        box: West, south, east, north of the district in degrees.

    Returns:
        What fits, the likeliest first; empty when nothing does.
    """
    points = shapely.get_coordinates(shapes)
    if box is None or len(points) == 0 or not np.isfinite(points).all():
        return []
    middle = points.mean(axis=0)
    found = []
    for swapped in (False, True):
        point = middle[::-1] if swapped else middle
        for system in crs.candidates(lon):
            place = _place(point, system)
            if place is not None and _away(np.array(place), box) <= _NEAR_DEGREES:
                found.append(_option(str(system.to_epsg()), swapped=swapped))
        found += [_option(one, swapped=swapped) for one in _local(point, lon, box) if not found]
    return list(dict.fromkeys(found))


def _option(system: str, *, swapped: bool) -> str:
    return f"--crs {system}" + (" --swap-axes" if swapped else "")


def _place(point: NDArray[Any], system: CRS) -> tuple[float, float] | None:
    """Longitude and latitude of a point that may be of a system, or None."""
    try:
        datums.check_fit(np.array([point]), system, "")
        place = crs.transform(shapely.Point(point), system, crs.CGCS2000)
    except GeoError:
        return None
    return place.x, place.y


def _local(point: NDArray[Any], lon: float, box: Box) -> list[str]:
    """A meridian that is no zone's, when the latitude fits and the longitude does not."""
    easting, zone = point[0], 0
    if easting >= 1e6:
        zone = int(easting // 1e6)
    false = zone * 1e6 + 500_000.0
    try:
        place = _place(point, crs.gauss_kruger(round(lon), false))
    except GeoError:
        return []
    if place is None or not box[1] - _NEAR_DEGREES <= place[1] <= box[3] + _NEAR_DEGREES:
        return []
    meridian = round(round(lon) + (box[0] + box[2]) / 2 - place[0], 2)
    return [f"gk:{meridian:g}" + (f":{false:.0f}" if zone else "")] if abs(meridian - lon) < 6 else []


def _with_systems(error: GeoError, shapes: NDArray[Any], lon: float, box: Box | None) -> PlanmapError:
    """The error of a system that does not fit, with those that would."""
    fitting = systems_that_fit(shapes, lon, box)
    if not fitting or error.key not in (
        "vector.swapped", "vector.metres_not_degrees", "vector.degrees_not_metres", "vector.zone_in_eastings",
        "vector.zone_missing", "vector.zone_differs",
    ):  # fmt: skip
        return error
    return LayersError("import.unfit_crs", said=Phrase(GeoError.catalogue, error.key, error.params), systems=fitting)


def _key(key: str, systems: list[str], box: Box | None) -> str:
    """The message, or the one that says what to do where no system that is tried would fit."""
    return key if systems or box is None else f"{key}_none"


def _where(box: Box | None) -> dict[str, str]:
    """Where the district lies, in degrees, as people write it."""
    if box is None:
        return {}
    west, south, east, north = box
    return {"lons": f"{west:.2f}–{east:.2f}°E", "lats": f"{south:.2f}–{north:.2f}°N"}


def _corner(shapes: NDArray[Any]) -> dict[str, float]:
    points = shapely.get_coordinates(shapes)
    x, y = points[0].tolist() if len(points) else (math.nan, math.nan)
    return {"x": round(x, 3), "y": round(y, 3)}
