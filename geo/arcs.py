"""Arcs: pieces of boundary with one unit on each side, and the file they are kept in."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely import LineString

from geo.crs import LAT_RANGE, LON_RANGE
from geo.datum import SHIFTED, to_wgs84
from geo.errors import GeoError
from geo.foreign.text import allow_long_cells, disguise, guess_encoding
from geo.reasons import reason

COORDINATE_DECIMALS = 7
"""Degrees are kept to 1e-7, about a centimetre: equal text gives equal points."""

_COLUMNS = ("arc", "unit_a", "unit_b", "lon_lat_points")
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
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for field in _COLUMNS:
            if field not in (reader.fieldnames or ()):
                raise GeoError("coverage.column_missing", file=path.name, field=field)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise GeoError("coverage.bad_csv", file=path.name, detail=reason(error)) from error
    if not rows:
        raise GeoError("coverage.no_arcs", file=path.name)
    arcs: dict[str, Arc] = {}
    for number, row in rows:
        arc = _read_arc(row, datum or "cgcs2000", {"file": path.name, "row": number})
        if arc.name in arcs:
            raise GeoError("coverage.duplicate_arc", file=path.name, row=number, arc=arc.name)
        arcs[arc.name] = arc
    return list(arcs.values())


def _read_arc(row: Mapping[str, str | None], datum: str, at: dict[str, Any]) -> Arc:
    values = {field: (row.get(field) or "").strip() for field in (*_COLUMNS, "inner")}
    for field in ("arc", "unit_a", "lon_lat_points"):
        if not values[field]:
            raise GeoError("coverage.value_missing", field=field, **at)
    if values["unit_a"] == values["unit_b"]:
        raise GeoError("coverage.same_unit", arc=values["arc"], unit=values["unit_a"], **at)
    flag = values["inner"].lower()
    if flag not in _FLAGS:
        raise GeoError("coverage.bad_flag", value=values["inner"], **at)
    texts = values["lon_lat_points"].split()
    points = _read_points(texts, datum, at)
    points = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    if len(points) < 2:
        raise GeoError("coverage.short_arc", arc=values["arc"], **at)
    return Arc(values["arc"], values["unit_a"], values["unit_b"], LineString(points), _FLAGS[flag])


def _read_points(texts: list[str], datum: str, at: dict[str, Any]) -> list[tuple[float, float]]:
    """All points of an arc; what is wrong with one is found by reading them one by one."""
    (west, east), (south, north) = LON_RANGE, LAT_RANGE
    if datum not in SHIFTED:
        try:
            pairs = [text.split(",") for text in texts]
            points = [(round(float(x), COORDINATE_DECIMALS), round(float(y), COORDINATE_DECIMALS)) for x, y in pairs]
        except (ValueError, OverflowError):
            points = []
        if points and all(west <= lon <= east and south <= lat <= north for lon, lat in points):
            return points
    return [_read_point(text, position, datum, at) for position, text in enumerate(texts, start=1)]


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
