"""Arcs: pieces of boundary with one unit on each side, and the file they are kept in."""

import csv
import io
import math
import re
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from geo.crs import LAT_RANGE, LON_RANGE
from geo.datum import SHIFTED, to_wgs84
from geo.errors import GeoError
from geo.foreign.text import allow_long_cells, disguise, guess_encoding
from geo.reasons import reason

COORDINATE_DECIMALS = 7
"""Degrees are kept to 1e-7, about a centimetre: equal text gives equal points."""

_COLUMNS = ("arc", "unit_a", "unit_b", "lon_lat_points")
_PAIRS = re.compile(r"(?:[^\s,]+,[^\s,]+(?:\s+|$))+")
_FLAGS = {"yes": True, "no": False, "": None}


@dataclass(frozen=True)
class Arc:
    """A piece of boundary between two units.

    Attributes:
        name: id of the arc in its file.
        unit_a: the unit on one side; belongs to the area the file describes.
        unit_b: the unit on the other side; may be a neighbour whose outline the file does not close, or
            empty where nothing lies beyond (the frame of a map).
        line: from end to end, degrees EPSG:4490.
        inner: whether both units belong to the area described; None when the file does not say.
    """

    name: str
    unit_a: str
    unit_b: str
    line: LineString
    inner: bool | None = None


def read_arcs(path: Path | str, datum: str | None = None) -> list[Arc]:
    """Arcs from a CSV file `arc,unit_a,unit_b,lon_lat_points`, column `inner` (yes, no) optional.

    Points are `lon,lat lon,lat …`, degrees; UTF-8, a byte-order mark is accepted. Rows in messages
    are counted as a spreadsheet does, the header being row 1.

    Args:
        path: the file.
        datum: one of `geo.datum.DATUMS` that its coordinates are in; CGCS2000 when not given.

    Raises:
        GeoError: `coverage.*`, naming file, row and field.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise GeoError("coverage.file_missing", file=path.name) from error
    except UnicodeDecodeError as error:
        if (what := disguise(raw)) is not None:
            raise GeoError("vector.not_text", file=path.name, what=what) from error
        raise GeoError("coverage.not_utf8", file=path.name, encoding=guess_encoding(raw)) from error
    allow_long_cells()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = {name: place for place, name in enumerate(next(reader, []))}
        for field in _COLUMNS:
            if field not in columns:
                raise GeoError("coverage.column_missing", file=path.name, field=field)
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise GeoError("coverage.bad_csv", file=path.name, detail=reason(error)) from error
    if not rows:
        raise GeoError("coverage.no_arcs", file=path.name)
    places = [columns.get(field, sys.maxsize) for field in (*_COLUMNS, "inner")]
    cells = [[row[place].strip() if place < len(row) else "" for place in places] for _, row in rows]
    points = None if datum in SHIFTED else _plain_points([row[3] for row in cells])
    heads: dict[str, tuple[str, str, bool | None]] = {}
    lines: list[Sequence[Sequence[float]]] = []
    for (number, _), row in zip(rows, cells, strict=True):
        at = {"file": path.name, "row": number}
        inner = _flag(row, at)
        if points is None:
            lines.append(_read_points(row, datum or "cgcs2000", at))
        if row[0] in heads:
            raise GeoError("coverage.duplicate_arc", arc=row[0], **at)
        heads[row[0]] = row[1], row[2], inner
    xy, owner = points or (np.concatenate(lines), np.repeat(np.arange(len(lines)), [len(line) for line in lines]))
    made: NDArray[Any] = np.asarray(shapely.linestrings(xy, indices=owner))
    return [Arc(name, a, b, line, inner) for (name, (a, b, inner)), line in zip(heads.items(), made, strict=True)]


def _flag(row: Sequence[str], at: dict[str, Any]) -> bool | None:
    """Whether an arc is an inner one; everything but its points is looked at."""
    arc, unit_a, unit_b, points, inner = row
    for field, value in (("arc", arc), ("unit_a", unit_a), ("lon_lat_points", points)):
        if not value:
            raise GeoError("coverage.value_missing", field=field, **at)
    if unit_a == unit_b:
        raise GeoError("coverage.same_unit", arc=arc, unit=unit_a, **at)
    if inner.lower() not in _FLAGS:
        raise GeoError("coverage.bad_flag", value=inner, **at)
    return _FLAGS[inner.lower()]


def _plain_points(texts: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.intp]] | None:
    """The points of all arcs, (n, 2), and the number of each one's arc; None when any is not as it should be."""
    if not all(_PAIRS.fullmatch(text) for text in texts):
        return None
    flat, counts = array("d"), []
    try:
        for text in texts:
            numbers = text.replace(",", " ").split()
            flat.extend(map(float, numbers))
            counts.append(len(numbers) // 2)
    except ValueError:
        return None
    xy = np.round(np.frombuffer(flat), COORDINATE_DECIMALS).reshape(-1, 2)
    low, high = np.array([LON_RANGE, LAT_RANGE]).T
    if not ((xy >= low) & (xy <= high)).all():
        return None
    owner = np.repeat(np.arange(len(texts)), counts)
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (xy[1:] != xy[:-1]).any(axis=1) | (owner[1:] != owner[:-1])
    xy, owner = xy[new], owner[new]
    return (xy, owner) if (np.bincount(owner, minlength=len(texts)) > 1).all() else None


def _read_points(row: Sequence[str], datum: str, at: dict[str, Any]) -> list[tuple[float, float]]:
    """The points of an arc, read one by one: so each that is wrong is told."""
    points = [_read_point(text, position, datum, at) for position, text in enumerate(row[3].split(), start=1)]
    points = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    if len(points) < 2:
        raise GeoError("coverage.short_arc", arc=row[0], **at)
    return points


def _read_point(text: str, position: int, datum: str, at: dict[str, Any]) -> tuple[float, float]:
    at = {"field": "lon_lat_points", "position": position, **at}
    try:
        lon, lat = (round(float(part), COORDINATE_DECIMALS) for part in text.split(","))
    except (ValueError, OverflowError) as error:
        raise GeoError("coverage.bad_number", value=text, **at) from error
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise GeoError("coverage.bad_number", value=text, **at)
    if not (LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]):
        raise GeoError("coverage.out_of_range", lon=lon, lat=lat, **at)
    if datum in SHIFTED:  # equal text gives equal points afterwards too
        lon, lat = (round(degrees, COORDINATE_DECIMALS) for degrees in to_wgs84(datum, lon, lat))
    return lon, lat
