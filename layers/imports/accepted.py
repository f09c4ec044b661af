"""What an OpenStreetMap extract knows of a plan's features and places, and taking some of it over."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import CGCS2000, metric_crs, transform_array
from geo.errors import PlanmapError
from geo.foreign.text import allow_long_cells
from layers.imports import osm, run, shapes
from layers.imports.effects import Effects, effects
from layers.imports.request import Request, Source
from layers.imports.texts import Texts
from layers.model.errors import LayersError
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE

BASIS = "osm"
PLACES = "places.csv"
SOURCE = Source(
    name="OpenStreetMap", title="OpenStreetMap", licence="ODbL 1.0", attribution="© OpenStreetMap 贡献者，ODbL 1.0"
)
"""As the licence wants to be named wherever the data show (opendatacommons.org, ODbL 1.0, clause 4.3)."""
ALL = "all"
_DENSE_DEGREES = 0.001


@dataclass(frozen=True)
class Candidate:
    """An object of the extract that is called like a feature or place of the plan.

    Attributes:
        id: Of the feature, or ``place/<name>``.
        name: What the plan calls it.
        what: Category of the object.
        objects: Where it stands in OpenStreetMap.
        said: What it is called there.
        median_m: Median distance of its vertices to the shape that the plan has, in metres; None when it has none.
        most_m: The largest one.
        others: How many other objects of the name are farther away.
        shape: Degrees.
        lacking: Ways of the name that are broken in the extract, so that the shape has holes.
    """

    id: str
    name: str
    what: str
    objects: tuple[str, ...]
    said: str
    median_m: float | None
    most_m: float | None
    others: int
    shape: BaseGeometry
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class OsmReport:
    """What taking over from an extract does, or did.

    Attributes:
        file: The file's name.
        things: How many named things it has.
        candidates: What the plan knows by name.
        broken: What cannot be used, and why.
        taken: Ids of what is taken over.
        notes: What is to be said.
        effects: Before and after; None when nothing is taken.
        files: Files that change.
        number: Under which number it can be taken back; "" when nothing was written.
    """

    file: str
    things: int
    candidates: tuple[Candidate, ...]
    broken: tuple[osm.Broken, ...]
    taken: tuple[str, ...] = ()
    notes: tuple[PlanmapError, ...] = ()
    effects: Effects | None = None
    files: tuple[str, ...] = ()
    number: str = ""


def take_over(
    folder: Path,
    data_dir: Path,
    request: Request,
    *,
    accept: Collection[str] = (),
    within_m: float | None = None,
    dry_run: bool,
    importer: Callable[[Path, Path, Request], run.Import] = run.Import,
) -> OsmReport:
    """Show what an extract knows of the plan, and take over what is accepted.

    Args:
        folder: The plan folder.
        data_dir: Its data folder.
        request: The file; ``tolerance_m``, ``accuracy_m`` and ``force`` count.
        accept: Ids to take over, or ``all``; nothing is written when empty.
        within_m: With ``all``: only what lies within so many metres of what the plan has.
        dry_run: Only compare; nothing is written.
        importer: Makes the import, for who wants to know what it writes.

    Raises:
        GeoError: The file cannot be used.
        LayersError: ``import.*``; nothing was written.
        PlanError: The plan folder has errors, or would have.
    """
    things, broken = osm.read(request.file)
    work = importer(folder, data_dir, replace(request, basis=BASIS, source=SOURCE))
    candidates = _candidates(work, things)
    report = OsmReport(request.shown, len(things), tuple(candidates), _known_first(work, broken))
    taken = _taken(candidates, accept, within_m)
    if not taken:
        return report
    new = {one.id: one.shape for one in taken if not one.id.startswith("place/")}
    texts = Texts(folder)
    change: dict[str, bytes | None] = {}
    if new:
        new = work.without_sums(shapes.tidied(new))
        fitted = work.fitted(new)
        change |= work.change(texts, {**new, **fitted.polygons}, new)
    places = {one.id.removeprefix("place/"): one.shape for one in taken if one.id.startswith("place/")}
    if places:
        source = run.source_record(texts, work.plan, work.request)
        change |= texts.changed()
        change[PLACES] = _placed((folder / PLACES).read_bytes(), places, source, work.accuracy_m)
    work.begins("compare")
    result = effects(work.before, folder, data_dir, change, list(new))
    report = replace(
        report,
        taken=tuple(one.id for one in taken),
        notes=tuple(work.notes),
        effects=result,
        files=tuple(sorted(change)),
    )
    return report if dry_run else replace(report, number=run.put(folder, change, work.request, result))


def _candidates(work: run.Import, things: Sequence[osm.Thing]) -> list[Candidate]:
    """By feature and place the nearest object of its name and dimension."""
    by_name: dict[str, list[osm.Thing]] = defaultdict(list)
    for thing in things:
        for name in thing.names:
            by_name[_key(name)].append(thing)
    found: list[Candidate] = []
    for feature in work.plan.features:
        dimension = shapes.dimension_of(work.plan.kinds[feature.kind].geometry)
        unit = feature.kind in (TOWNSHIP, DISTRICT, ZONE) or work.plan.kinds[feature.kind].beyond
        fitting = _of(by_name, (feature.name, *feature.aliases), dimension, unit=unit)
        if fitting:
            found.append(
                _nearest(feature.id, feature.name, fitting, work.known.get(feature.id), work.before.lon, dimension)
            )
    for place in work.plan.gazetteer.places:
        fitting = _of(by_name, (place.name, *place.aliases), 0, unit=False)
        if fitting:
            found.append(_nearest(f"place/{place.name}", place.name, fitting, place.point, work.before.lon, 0))
    return found


def _known_first(work: run.Import, broken: Sequence[osm.Broken]) -> tuple[osm.Broken, ...]:
    """What is broken, first what is called like something of the plan: a cut extract breaks hundreds at its edge."""
    plan = work.plan
    called = {_key(name) for one in plan.features for name in (one.name, *one.aliases)}
    called |= {_key(name) for one in plan.gazetteer.places for name in (one.name, *one.aliases)}
    return tuple(sorted(broken, key=lambda one: _key(one.name) not in called))


def _of(by_name: Mapping[str, list[osm.Thing]], names: Sequence[str], dimension: int, *, unit: bool) -> list[osm.Thing]:
    """Objects of one of the names that can give a shape of a dimension; an area can give a point, but no unit one."""
    found: dict[tuple[str, ...], osm.Thing] = {}
    for name in names:
        for thing in by_name.get(_key(name), ()):
            own = shapely.get_dimensions(thing.shape)
            fits = own == dimension or (dimension == 0 and own == 2)
            if fits and (unit == (thing.what == osm.ADMIN) or (not unit and dimension == 0)):
                found[thing.objects] = thing
    return list(found.values())


def _nearest(
    identifier: str, name: str, fitting: list[osm.Thing], known: BaseGeometry | None, lon: float, dimension: int
) -> Candidate:
    measured = []
    for thing in fitting:
        shape = thing.shape
        if dimension == 0 and shapely.get_dimensions(shape) == 2:
            shape = shapely.point_on_surface(shape)
        median, most = _distances(shape, known, lon)
        measured.append((median if median is not None else 0.0, thing, shape, median, most))
    _, thing, shape, median, most = min(measured, key=lambda one: one[0])
    others = len(fitting) - 1
    return Candidate(
        identifier, name, thing.what, thing.objects, thing.names[0], median, most, others, shape, thing.lacking
    )  # fmt: skip


def _distances(shape: BaseGeometry, known: BaseGeometry | None, lon: float) -> tuple[float | None, float | None]:
    """Median and largest distance of a shape's vertices to a known one (to its outline when it is a polygon)."""
    if known is None:
        return None, None
    # What is straight in degrees is not in the plane: between close vertices it is.
    dense = shapely.segmentize(known, _DENSE_DEGREES)
    one, other = transform_array(np.array([shape, dense], dtype=object), CGCS2000, metric_crs(lon))
    outline = other.boundary if shapely.get_dimensions(other) == 2 else other
    away = shapely.distance(shapely.points(shapely.get_coordinates(one)), outline)
    return round(float(np.median(away)), 1), round(float(away.max()), 1)


def _taken(candidates: Sequence[Candidate], accept: Collection[str], within_m: float | None) -> list[Candidate]:
    """What was accepted.

    Raises:
        LayersError: ``import.not_offered``.
    """
    known = {one.id for one in candidates}
    for asked in accept:
        if asked != ALL and asked not in known:
            raise LayersError("import.not_offered", id=asked, offered=sorted(known))
    if ALL in accept:
        return [
            one for one in candidates
            if one.id in accept or within_m is None or (one.median_m is not None and one.median_m <= within_m)
        ]  # fmt: skip
    return [one for one in candidates if one.id in accept]


def _placed(raw: bytes, places: Mapping[str, Any], source: str, accuracy_m: float) -> bytes:
    """The gazetteer with some rows' positions; every other line as it was."""
    allow_long_cells()
    text = raw.decode("utf-8-sig")
    lines = text.splitlines(keepends=True)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader)
    at = {name.strip(): number for number, name in enumerate(header)}
    start = reader.line_num
    for row in reader:
        end = reader.line_num
        if row and row[at["name"]].strip() in places:
            point = places[row[at["name"]].strip()]
            new = {"lon": f"{point.x:.6f}", "lat": f"{point.y:.6f}", "datum": "wgs84", "basis": BASIS,
                   "accuracy_m": f"{accuracy_m:g}", "source": source}  # fmt: skip
            for name, value in new.items():
                row[at[name]] = value
            out = io.StringIO()
            ending = "\r\n" if lines[end - 1].endswith("\r\n") else "\n"
            csv.writer(out, lineterminator=ending).writerow(row)
            lines[start:end] = [out.getvalue(), *[""] * (end - start - 1)]
        start = end
    bom = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    return bom + "".join(lines).encode("utf-8")


def _key(name: str) -> str:
    return "".join(name.split()).casefold()
