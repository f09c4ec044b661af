"""OpenStreetMap extracts: named things assembled from relations, ways and nodes, and what is missing in them named.

Readers that assemble shapes themselves lose a township in silence when one way of its relation is not in the extract,
and bridge a missing node by a straight line. So ids are listed first, relations before ways before nodes, and what
refers to something that is not there is told and not used.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import GeoError
from geo.foreign.binary import MAX_BYTES
from geo.foreign.text import too_large
from geo.reasons import foreign_errors
from layers.model.errors import LayersError

ADMIN, WATER, ROAD, ROUTE, PARK, PLACE = "admin", "water", "road", "route", "park", "place"
CATEGORIES = (ADMIN, WATER, ROAD, ROUTE, PARK, PLACE)
"""What an object is: an administrative unit, a river, a road, a rail or metro route, a park, else any with a name."""
SUFFIX = ".pbf"
_MAGIC = b"\x0a\x09OSMHeader"
_NAMES = (
    "name",
    "name:zh",
    "name:zh-Hans",
    "alt_name",
    "old_name",
    "short_name",
    "official_name",
    "loc_name",
    "name:en",
    "ref",
)
_RAIL = ("subway", "light_rail", "train", "railway", "monorail", "tram")
_AREAS = {"park", "garden", "nature_reserve", "golf_course", "stadium", "sports_centre"}
MOST_POINTS = 5_000_000
"""Extracts in which more nodes are wanted are refused: they are of more than a district."""
_LISTED = 10


@dataclass(frozen=True)
class Thing:
    """A named object, or all ways of one name.

    Attributes:
        what: One of ``CATEGORIES``.
        names: Its names, the first as it is called.
        objects: Where it stands: ``relation/123``, ``way/7``.
        shape: Degrees, WGS 84, which is CGCS2000 here.
        lacking: Ways of the name that are broken, so that the shape has holes.
    """

    what: str
    names: tuple[str, ...]
    objects: tuple[str, ...]
    shape: BaseGeometry
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Broken:
    """An object of which parts are not in the extract, or do not join, or whose outline crosses itself.

    Attributes:
        object: ``relation/123``.
        name: What it is called.
        missing: Members or nodes that are not there, the first ones.
        count: How many.
        open_ends: How many ends of its outline meet nothing.
    """

    object: str
    name: str
    missing: tuple[str, ...]
    count: int
    open_ends: int = 0


@dataclass
class _Data:
    """What the passes over the file collect."""

    relations: dict[int, tuple[dict[str, str], list[tuple[int, str]]]] = field(default_factory=dict)
    ways: dict[int, tuple[dict[str, str], list[int]]] = field(default_factory=dict)
    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    places: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def read(path: Path) -> tuple[list[Thing], list[Broken]]:
    """The named things of an extract, and those that are broken.

    Args:
        path: ``FILE.osm.pbf``.

    Raises:
        GeoError: ``vector.*`` when it is no PBF, too large, or cannot be read.
        LayersError: ``import.no_osmium`` without the extra, ``import.osm_large``.
    """
    shown = path.name
    if not path.is_file():
        raise LayersError("import.file_missing", file=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise too_large(shown, path.stat().st_size, MAX_BYTES)
    with path.open("rb") as file:
        start = file.read(64)
    if not path.name.lower().endswith(SUFFIX) or _MAGIC not in start[:32]:
        raise GeoError("vector.other_content", file=shown)
    try:
        import osmium  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise LayersError("import.no_osmium") from error
    with foreign_errors(shown):
        data = _collect(path, shown)
    broken: list[Broken] = []
    lines = {number: _line(number, data, broken) for number in data.ways}
    things = [*_relations(data, lines, broken), *_ways(data, lines, broken), *_nodes(data)]
    return things, broken


def _collect(path: Path, shown: str) -> _Data:
    """Relations, then the ways that they and their own names ask for, then the nodes of those."""
    from osmium import FileProcessor, osm  # noqa: PLC0415 - an extra
    from osmium.io import File  # noqa: PLC0415

    def objects(kind: Any) -> Iterable[Any]:
        return FileProcessor(File(str(path), "pbf"), kind)

    data = _Data()
    wanted_ways: set[int] = set()
    for one in objects(osm.RELATION):
        tags = {tag.k: tag.v for tag in one.tags}
        if _what(tags, relation=True) and _names(tags):
            members = [(member.ref, str(member.role)) for member in one.members if member.type == "w"]
            data.relations[one.id] = tags, members
            wanted_ways |= {number for number, _ in members}
    wanted_nodes: set[int] = set()
    for one in objects(osm.WAY):
        tags = {tag.k: tag.v for tag in one.tags}
        if one.id in wanted_ways or (_what(tags) and _names(tags)):
            refs = [node.ref for node in one.nodes]
            data.ways[one.id] = tags, refs
            wanted_nodes.update(refs)
            if len(wanted_nodes) > MOST_POINTS:
                raise LayersError("import.osm_large", file=shown, limit=MOST_POINTS)
    for one in objects(osm.NODE):
        named = len(one.tags) > 0
        if one.id in wanted_nodes or named:
            if one.location.valid():
                data.nodes[one.id] = one.location.lon, one.location.lat
            tags = {tag.k: tag.v for tag in one.tags} if named else {}
            if named and _names(tags) and _what(tags) and one.location.valid():
                data.places.append((one.id, tags))
    return data


def _what(tags: Mapping[str, str], *, relation: bool = False) -> str:
    """The category of an object's tags, or "" for one that is not looked for."""
    if tags.get("boundary") == "administrative":
        return ADMIN if relation or "admin_level" in tags else ""
    if tags.get("route") in _RAIL or (not relation and tags.get("railway") in (*_RAIL, "rail")):
        return ROUTE
    if "waterway" in tags or tags.get("natural") == "water":
        return WATER
    if "highway" in tags and not relation:
        return ROAD
    if tags.get("leisure") in _AREAS or tags.get("boundary") in ("protected_area", "national_park"):
        return PARK
    if tags.get("type") in ("multipolygon", "boundary", None) and "route" not in tags:
        return PLACE
    return ""


def _names(tags: Mapping[str, str]) -> tuple[str, ...]:
    found = [part.strip() for key in _NAMES for part in re.split("[;；]", tags.get(key, ""))]
    return tuple(dict.fromkeys(name for name in found if name))


def _line(number: int, data: _Data, broken: list[Broken]) -> BaseGeometry | None:
    """A way as a line; None, and told, when nodes of it are not there."""
    tags, refs = data.ways[number]
    missing = [ref for ref in refs if ref not in data.nodes]
    if missing:
        first = tuple(f"node/{ref}" for ref in missing[:_LISTED])
        broken.append(Broken(f"way/{number}", next(iter(_names(tags)), ""), first, len(missing)))
        return None
    points = [data.nodes[ref] for ref in refs]
    return shapely.LineString(points) if len(set(points)) > 1 else None


def _relations(data: _Data, lines: Mapping[int, BaseGeometry | None], broken: list[Broken]) -> Iterator[Thing]:
    """Relations whose members are all there."""
    for number, (tags, members) in data.relations.items():
        names, what = _names(tags), _what(tags, relation=True)
        used = [(ref, role) for ref, role in members if role not in ("platform", "stop", "label", "admin_centre")]
        missing = [ref for ref, _ in used if lines.get(ref) is None]
        if missing or not used:
            first = tuple(f"way/{ref}" for ref in missing[:_LISTED])
            broken.append(Broken(f"relation/{number}", names[0], first, len(missing)))
            continue
        if what == ROUTE or "waterway" in tags or tags.get("type") == "waterway":
            shape: BaseGeometry | None = shapely.line_merge(
                shapely.union_all(np.array([lines[ref] for ref, _ in used], dtype=object))
            )
        else:
            shape, ends = _polygon([(lines[ref], role) for ref, role in used])
            if shape is None:
                broken.append(Broken(f"relation/{number}", names[0], (), 0, ends))
                continue
        if shape is not None and not shape.is_empty:
            yield Thing(what, names, (f"relation/{number}",), shape)


def _polygon(members: Iterable[tuple[Any, str]]) -> tuple[BaseGeometry | None, int]:
    """Rings of outer members less those of inner ones; None, and the number of loose ends, when they do not close."""
    rings: dict[bool, list[Any]] = {True: [], False: []}
    for line, role in members:
        rings[role != "inner"].append(line)
    ends: dict[tuple[float, float], int] = defaultdict(int)
    for line in [*rings[True], *rings[False]]:
        ends[line.coords[0]] += 1
        ends[line.coords[-1]] += 1
    loose = sum(count % 2 for count in ends.values())
    if loose or not rings[True]:
        return None, loose
    outer, inner = (
        shapely.union_all(shapely.get_parts(shapely.polygonize(np.array(lines, dtype=object)))) if lines else None
        for lines in (rings[True], rings[False])
    )
    shape = outer if inner is None else shapely.difference(outer, inner)
    return (shape, 0) if shape is not None and not shape.is_empty else (None, 0)


def _ways(data: _Data, lines: Mapping[int, BaseGeometry | None], broken: list[Broken]) -> Iterator[Thing]:
    """Ways with names: closed ones as areas where they are such, the rest joined by name."""
    joined: dict[tuple[str, str], list[int]] = defaultdict(list)
    lacking: dict[tuple[str, str], list[str]] = defaultdict(list)
    told = {one.object for one in broken}
    for number, (tags, refs) in data.ways.items():
        names, what = _names(tags), _what(tags)
        line = lines[number]
        if names and what and f"way/{number}" in told:
            lacking[what, names[0]].append(f"way/{number}")
        if not names or not what or line is None:
            continue
        closed = refs[0] == refs[-1] and len(refs) > 3
        if closed and (what in (PARK, PLACE, ADMIN) or tags.get("natural") == "water" or tags.get("area") == "yes"):
            polygon = shapely.Polygon(shapely.get_coordinates(line))
            if polygon.is_valid:
                yield Thing(what, names, (f"way/{number}",), polygon)
            else:
                broken.append(Broken(f"way/{number}", names[0], (), 0))
            continue
        joined[what, names[0]].append(number)
    for (what, name), numbers in joined.items():
        shape = shapely.line_merge(shapely.union_all(np.array([lines[one] for one in numbers], dtype=object)))
        names = tuple(dict.fromkeys(name for one in numbers for name in _names(data.ways[one][0])))
        yield Thing(what, names, tuple(f"way/{one}" for one in numbers), shape, tuple(lacking[what, name]))


def _nodes(data: _Data) -> Iterator[Thing]:
    for number, tags in data.places:
        yield Thing(PLACE, _names(tags), (f"node/{number}",), shapely.Point(data.nodes[number]))
