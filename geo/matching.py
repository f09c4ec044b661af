"""Which rows of a file a recipe means: `where` compared as people read values, not as programs store them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo import datum as datums
from geo.crs import CGCS2000, metric_crs, transform_array
from geo.errors import GeoError
from geo.foreign import reading
from geo.reasons import foreign_errors, validity

_WHOLE = re.compile(r"(-?\d+)\.0+")
_SHOWN = 5
APART_M = 1_000.0
"""Matches of one `where` with a gap of more between them are doubted."""
FAR_APART_M = 10_000.0
"""With a gap of more they are two things of one name."""


def features_of(path: Path, layer: str | None, datum: str | None) -> tuple[gpd.GeoDataFrame, list[GeoError]]:
    """The features of a file in longitude, latitude degrees (EPSG:4490), and what there is to doubt about it.

    Args:
        path: the file.
        layer: name of the layer, not needed when there is one only.
        datum: one of `geo.datum.DATUMS` that the user states for it, or None.

    Raises:
        GeoError: `vector.*` or `crs.*`.
    """
    frame = reading.read(path, layer)
    with foreign_errors(path.name):
        moved, doubts = datums.to_degrees(frame.geometry.to_numpy(), frame.crs, datum, path.name)
    fields = [str(name) for name in frame.columns]
    suspected = "" if datum is not None else datums.looks_shifted(fields, path.name)
    if suspected:
        doubts = [*doubts, GeoError("vector.looks_shifted", file=path.name, datum=suspected)]
    degrees = gpd.GeoSeries(moved, index=frame.index, crs=CGCS2000, name=frame.geometry.name)
    return frame.set_geometry(degrees), doubts


def present(frame: gpd.GeoDataFrame, file: str) -> list[BaseGeometry]:
    """The geometries of rows, all valid.

    Raises:
        GeoError: `recipe.file_nothing` for no rows, `recipe.file_null` when none has a geometry,
            `recipe.file_invalid` with the place.
    """
    if len(frame) == 0:
        raise GeoError("recipe.file_nothing", file=file)
    geometries = [one for one in frame.geometry if one is not None and not one.is_empty]
    if not geometries:
        raise GeoError("recipe.file_null", file=file, rows=len(frame))
    for geometry in geometries:
        if not geometry.is_valid:
            said, _, place = shapely.is_valid_reason(geometry).partition("[")
            lon, lat = (round(float(number), 6) for number in (place.rstrip("]").split() or ["nan", "nan"])[:2])
            raise GeoError("recipe.file_invalid", file=file, lon=lon, lat=lat, detail=validity(said))
    return geometries


def apart(geometries: Sequence[BaseGeometry], file: str, conditions: Mapping[str, Any]) -> list[GeoError]:
    """The doubt that several matches lie apart, if they do.

    Args:
        geometries: degrees EPSG:4490.
        file: the file's name.
        conditions: what was asked for.

    Raises:
        GeoError: `recipe.file_far_apart` when the gap is wider than `FAR_APART_M`.
    """
    if len(geometries) < 2:
        return []
    west, _, east, _ = shapely.total_bounds(np.array(geometries, dtype=object))
    plane = transform_array(np.array(geometries, dtype=object), CGCS2000, metric_crs((west + east) / 2))
    gap = _widest_gap(plane)
    asked = [f"{name} = {value}" for name, value in conditions.items()]
    if gap <= APART_M:
        return []
    error = GeoError("recipe.file_apart", file=file, count=len(geometries), asked=asked, gap_km=round(gap / 1000, 1))
    if gap > FAR_APART_M:
        raise GeoError("recipe.file_far_apart", **error.params)
    return [error]


@dataclass(frozen=True)
class Kept:
    """The parts of geometries that have the highest dimension among them, and the others."""

    parts: list[BaseGeometry]
    left_out: list[BaseGeometry]

    def counts(self) -> list[str]:
        """How many of which kind were left out, e.g. `2 Point`."""
        return [f"{number} {kind}" for kind, number in Counter(one.geom_type for one in self.left_out).items()]


def highest_dimension(geometries: Sequence[BaseGeometry]) -> Kept:
    """Collections taken apart, and what is of a lower dimension than the rest set aside.

    Example:
        >>> kept = highest_dimension([shapely.from_wkt("GEOMETRYCOLLECTION (POINT (0 0), LINESTRING (0 0, 1 1))")])
        >>> [part.wkt for part in kept.parts], kept.counts()
        (['LINESTRING (0 0, 1 1)'], ['1 Point'])
    """
    parts: list[BaseGeometry] = []
    queue = list(geometries)
    while queue:
        one = queue.pop(0)
        if one.geom_type == "GeometryCollection":
            queue = [*shapely.get_parts(one), *queue]
        elif not one.is_empty:
            parts.append(one)
    highest = max((shapely.get_dimensions(part) for part in parts), default=0)
    return Kept(
        [part for part in parts if shapely.get_dimensions(part) == highest],
        [part for part in parts if shapely.get_dimensions(part) != highest],
    )


def _widest_gap(plane: Any) -> float:
    """The widest gap, in metres, that must be bridged to get from any geometry to any other."""
    near = {i: float(shapely.distance(plane[0], plane[i])) for i in range(1, len(plane))}
    widest = 0.0
    while near:
        nearest_one = min(near, key=lambda i: near[i])
        widest = max(widest, near.pop(nearest_one))
        near = {i: min(away, float(shapely.distance(plane[nearest_one], plane[i]))) for i, away in near.items()}
    return widest


def select(frame: gpd.GeoDataFrame, conditions: Mapping[str, Any], file: str) -> gpd.GeoDataFrame:
    """The rows that fulfil all conditions.

    A value equals what is written when it is the same; failing that, when it reads the same: blanks around it, full
    width, invisible characters and a decimal point after a whole number make no difference.

    Args:
        frame: the rows.
        conditions: value by name of the column.
        file: the file's name, for messages.

    Raises:
        GeoError: `vector.empty_file`, `recipe.file_field` with the fields there are, or
            `recipe.file_no_match` with the nearest values.
    """
    if len(frame) == 0:  # the file's fault, not the recipe's
        raise GeoError("vector.empty_file", file=file)
    for field, value in conditions.items():
        column = _column(frame, field, file)
        found = list(frame[column])
        rows = [_same(one, value) for one in found]
        if not any(rows):
            wanted = readable(value)
            rows = [readable(one) == wanted for one in found]
        if not any(rows):
            raise GeoError("recipe.file_no_match", file=file, field=column, value=value, nearest=nearest(value, found))
        frame = frame[rows]
    return frame


def _column(frame: gpd.GeoDataFrame, field: str, file: str) -> str:
    """The column of that name, or the only one whose name reads the same."""
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if field in names:
        return field
    alike = [name for name in names if readable(name).casefold() == readable(field).casefold()]
    if len(alike) == 1:
        return alike[0]
    close = get_close_matches(field, names, n=1)
    raise GeoError("recipe.file_field", file=file, field=field, fields=sorted(names), guess=close[0] if close else "")


def nearest(value: Any, found: Iterable[Any]) -> list[str]:
    """The values of a column that are nearest to one that is not among them, or the first ones.

    Example:
        >>> nearest("松岭镇", ["松岭", "柏溪镇", None, "松岭"])
        ['松岭', '柏溪镇']
    """
    known = list(dict.fromkeys(text for text in map(readable, found) if text))
    close = get_close_matches(readable(value), known, n=_SHOWN, cutoff=0.3)
    return close or known[:_SHOWN]


def readable(value: Any) -> str:
    """A value as a person reads it; "" for one that is missing.

    Example:
        >>> [readable(one) for one in ("松岭镇\u3000", 990199101.0, "９９０１", None)]
        ['松岭镇', '990199101', '9901', '']
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (not isinstance(value, list | dict | tuple) and pd.isna(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, float):  # 0.1 + 0.2 is read as 0.3
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    text = unicodedata.normalize("NFKC", str(value))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n\r")
    text = " ".join(text.split())
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, np.generic):
        found = found.item()
    return type(found) is type(value) and bool(found == value)
