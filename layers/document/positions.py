"""Where things of a text are: townships from the user's boundary file, others by name in the user's gazetteer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo import crs, datum
from geo.errors import GeoError
from geo.foreign import reading
from geo.recipes import parse
from layers.document.blocks import fold
from layers.imports import osm
from layers.model.errors import LayersError, word

_NAMES = ("name", "名称", "NAME", "Name", "XZQMC", "xzqmc", "MC", "乡镇", "镇街")
_CODES = ("code", "代码", "CODE", "XZQDM", "xzqdm", "DM")
_MOST = 5_000_000
_TIDY = re.compile(r"[\s·“”\"（）()]")
_UNIT = re.compile(r"(街道办事处|街道|地区|镇|乡)$")
_DECIMALS = 6
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A named shape of the user's file.

    Attributes:
        name: As the file has it.
        geometry: In degrees, EPSG:4490.
        aliases: Other names.
        name_en: English name, or "".
        code: Official code, or "".
        accuracy_m: As the file states it, or None.
        at: Where it stands in the file, as its maker counts: ``way/7`` of OpenStreetMap; "" where there is no such.
    """

    name: str
    geometry: BaseGeometry
    aliases: tuple[str, ...] = ()
    name_en: str = ""
    code: str = ""
    accuracy_m: float | None = None
    at: str = ""


def matched(spot: Spot, lang: str) -> str:
    """Which shape of the user's file a position comes from, in words."""
    return word("read.how_gazetteer", lang, name=spot.name, at=f" {spot.at}" if spot.at else "")


def key(name: str) -> str:
    """A name as names are compared: half width, without blanks, brackets and quotation marks."""
    return _TIDY.sub("", fold(name))


def stem(name: str) -> str:
    """A township's name without its kind: 白马镇 is 白马."""
    return _UNIT.sub("", name)


_DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}
_FAR_DEGREES = 0.5
"""An object of an extract this far from the district is another one of the same name."""
_SAME_DEGREES = 0.01
"""Shapes of one name this near to each other are taken for the same thing: a line's relation and its ways."""


@dataclass
class Spots:
    """The named shapes of a file.

    Attributes:
        found: In the file's order, each name once.
    """

    found: list[Spot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._own: dict[str, list[Spot]] = {}
        self._other: dict[str, list[Spot]] = {}
        for spot in self.found:
            self._own.setdefault(key(spot.name), []).append(spot)
            for name in dict.fromkeys(map(key, spot.aliases)):
                self._other.setdefault(name, []).append(spot)

    def named(self, *names: str, wanted: str = "", near: BaseGeometry | None = None) -> Spot | None:
        """The shape that has one of some names; None also where several have it and none of them is meant for sure.

        Args:
            names: The surest first.
            wanted: ``point``, ``line`` or ``polygon``: of several of one name those of this kind are meant.
            near: Of several of one name those that touch this are meant, in degrees.
        """
        for name in names:
            found = self._near(self._own.get(key(name), []), near) or self._near(self._other.get(key(name), []), near)
            found = [one for one in found if _DIMENSIONS.get(wanted) == shapely.get_dimensions(one.geometry)] or found
            if found:
                first = found[0]
                same = all(shapely.distance(first.geometry, one.geometry) <= _SAME_DEGREES for one in found)
                return first if same else None
        return None

    @staticmethod
    def _near(found: list[Spot], near: BaseGeometry | None) -> list[Spot]:
        """Those that touch a shape, where some do; of an extract none that is far from it, whatever its name."""
        if near is None or not found:
            return found
        away = [float(shapely.distance(near, one.geometry)) for one in found]
        close = [one for one, distance in zip(found, away, strict=True) if distance == 0]
        return close or [
            one for one, distance in zip(found, away, strict=True) if not one.at or distance <= _FAR_DEGREES
        ]

    def geojson(self, note: str) -> bytes:
        """As a file of a plan folder: degrees of CGCS2000, one feature a line."""
        return geojson(self.found, note)


def geojson(spots: Iterable[Spot], note: str) -> bytes:
    """Shapes as a file of a plan folder: degrees of CGCS2000, one feature a line."""
    head = {
        "type": "FeatureCollection", "name": "places", "note": note,
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs.CGCS2000.to_epsg()}"}},
    }  # fmt: skip
    rows = []
    for spot in spots:
        shape = shapely.transform(spot.geometry, lambda at: np.round(at, _DECIMALS))
        properties = {"name": spot.name, "name_en": spot.name_en, "code": spot.code}
        properties |= {"at": spot.at} if spot.at else {}
        one = {"type": "Feature", "properties": properties, "geometry": mapping(shape)}
        rows.append(json.dumps(one, ensure_ascii=False))
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    return (opening + ', "features": [\n' + ",\n".join(rows) + "\n]}\n").encode("utf-8")


def read_spots(path: Path, *, areas: bool, stated: str = "") -> Spots:
    """The named shapes of a file.

    Args:
        path: GeoJSON, Shapefile, GeoPackage, KML, CSV…, as imports read them, or an extract of OpenStreetMap (PBF).
        areas: Only polygons are wanted, each with a name.
        stated: The datum, where the user states it.

    Raises:
        GeoError: ``vector.*``.
        LayersError: ``read.no_names``, ``read.no_areas``, ``read.too_many_vertices``, ``read.extract_boundaries``.
    """
    if path.name.lower().endswith(osm.SUFFIX):
        if areas:  # it holds the units of a whole region, of every level
            raise LayersError("read.extract_boundaries", file=path.name)
        return _of_extract(path)
    frame = reading.read(path).reset_index(drop=True)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    if len(shapely.get_coordinates(shapes)) > _MOST:
        raise LayersError("read.too_many_vertices", file=path.name)
    declared = crs.WGS84 if frame.crs is None and path.suffix.lower() in (".geojson", ".json") else frame.crs
    moved, doubts = datum.to_degrees(shapes, declared, stated or None, path.name)
    for doubt in doubts:
        if doubt.key in ("vector.old_datum", "vector.unknown_datum"):
            raise doubt
    column = _column(frame, _NAMES)
    if column is None:
        raise LayersError("read.no_names", file=path.name, columns=[str(one) for one in frame.columns][:12])
    spots: dict[str, Spot] = {}
    for number, row in enumerate(frame.to_dict(orient="records")):
        name, shape = _text(row.get(column)), moved[number]
        if not name or shape is None or shape.is_empty or (areas and shapely.get_dimensions(shape) != 2):
            continue
        if name in spots:
            before = spots[name]
            joined = shapely.union_all([before.geometry, shape])
            spots[name] = Spot(name, joined, before.aliases, before.name_en, before.code, before.accuracy_m)
            continue
        aliases = tuple(one for one in re.split("[;；、|]", _text(row.get("aliases") or row.get("别名"))) if one)
        accuracy = row.get("accuracy_m")
        code = _column(frame, _CODES)
        spots[name] = Spot(
            name, shape, aliases, _text(row.get("name_en")), _text(row.get(code)) if code else "",
            float(accuracy) if isinstance(accuracy, int | float) and accuracy > 0 else None,
        )  # fmt: skip
    if not spots:
        raise LayersError("read.no_areas", file=path.name)
    return Spots(list(spots.values()))


def _of_extract(path: Path) -> Spots:
    """The named things of an extract; what is broken in it, and what is a unit of administration, is left out.

    Raises:
        GeoError: ``vector.*``.
        LayersError: ``import.no_osmium``, ``import.osm_large``, ``read.no_areas``.
    """
    spots = []
    for thing in osm.read(path)[0]:
        if thing.what != osm.ADMIN:
            at = "OSM " + "、".join(thing.objects[:_LISTED]) + ("…" if len(thing.objects) > _LISTED else "")
            spots.append(Spot(thing.names[0], thing.shape, thing.names[1:], at=at))
    if not spots:
        raise LayersError("read.no_areas", file=path.name)
    return Spots(spots)


def _column(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()  # NaN is not itself


def cut(shape: BaseGeometry, towards: BaseGeometry, away: BaseGeometry, lon: float) -> list[list[float]]:
    """An assumed line through the middle of a shape, across the way between what lies on its two sides.

    Args:
        shape: The shape to be divided, in degrees.
        towards: What one part belongs to.
        away: What the other part belongs to.
        lon: Longitude that chooses the metric zone.

    Returns:
        Two points in degrees, beyond the shape's edges.
    """
    zone = crs.metric_crs(lon)
    middle, one, other = (
        np.array(crs.transform(geometry, crs.CGCS2000, zone).centroid.coords[0]) for geometry in (shape, towards, away)
    )
    way = other - one
    length = float(np.hypot(*way))
    across = np.array([-way[1], way[0]]) / length if length > 1 else np.array([1.0, 0.0])
    west, south, east, north = crs.transform(shape, crs.CGCS2000, zone).bounds
    reach = float(np.hypot(east - west, north - south))
    line = crs.transform(shapely.LineString([middle - across * reach, middle + across * reach]), zone, crs.CGCS2000)
    return [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in line.coords]


def is_sound(recipe: dict[str, Any]) -> bool:
    """Whether a recipe can be parsed."""
    try:
        parse(recipe)
    except GeoError:
        return False
    return True
