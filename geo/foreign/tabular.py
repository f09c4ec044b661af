"""CSV with geometry: WKT or WKB in one column, or longitude and latitude in two; the CRS in a `.prj` beside it."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.errors import GeoError
from geo.foreign.geojson import crs_named
from geo.foreign.table import Table
from geo.foreign.text import allow_long_cells
from geo.reasons import reason

GEOMETRY = ("geometry", "wkt", "geom", "the_geom", "wkt_geom", "geometry_wkt", "shape", "几何", "图形")
LONGITUDE = ("lon", "lng", "long", "longitude", "x", "经度", "东经")
LATITUDE = ("lat", "latitude", "y", "纬度", "北纬")

_WKT = re.compile(
    r"(?:SRID=(\d+);)?\s*((?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\b.*", re.IGNORECASE | re.DOTALL
)
_WKB = re.compile(r"0[01][0-9A-Fa-f]{16,}")


def read(text: str, shown: str) -> dict[str, Table]:
    """The one layer of a CSV file, without CRS unless the geometries name one (`SRID=4490;POINT …`).

    Args:
        text: the text; cells separated by comma, semicolon, vertical bar or tab.
        shown: the file's name, for messages; its stem names the layer.

    Raises:
        GeoError: `vector.csv`, `vector.csv_cells`, `vector.csv_separator`, `vector.csv_twice`,
            `vector.csv_no_geometry`, `vector.csv_several`, `vector.bad_wkt`, `vector.coordinates_text`,
            `vector.crs_unknown`, `vector.csv_two_crs`.
    """
    header, rows = _rows(text, shown)
    at = _geometry_column(header, rows, shown)
    table = Table()
    if at is not None:
        for number, cells in rows:
            row = {name: cell for i, (name, cell) in enumerate(zip(header, cells, strict=True)) if i != at}
            table.add(row, _geometry(cells[at].strip(), table, shown, number))
    else:
        x, y = _position_columns(header, shown)
        for number, cells in rows:
            row = dict(zip(header, cells, strict=True))
            table.add(row, _point(cells[x], cells[y], shown, number))
    return {shown.rsplit(".", 1)[0]: table}


def _rows(text: str, shown: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, and rows with their line numbers; empty lines are passed over."""
    allow_long_cells()
    first = text.lstrip("\r\n").split("\n", 1)[0]
    if first.lstrip().startswith("<"):
        raise GeoError("vector.other_content", file=shown)
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise GeoError("vector.csv", file=shown, row=reader.line_num, detail=reason(error)) from error
    if not rows:
        raise GeoError("vector.empty_file", file=shown)
    header = [cell.strip() for cell in rows[0][1]]
    wide = next((mark for mark in "，；、" if mark in first), "")
    if len(header) == 1 and wide:
        raise GeoError("vector.csv_separator", file=shown, found=wide)
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise GeoError("vector.csv_twice", file=shown, name=twice)
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise GeoError("vector.csv_cells", file=shown, row=number, found=len(cells), wanted=len(header))
    return header, rows[1:]


def _known(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _geometry_column(header: Sequence[str], rows: Sequence[tuple[int, list[str]]], shown: str) -> int | None:
    """The column that holds geometries: by its name, or the only one whose first value is one."""
    names = [_known(name) for name in header]
    holding = [i for i in range(len(header)) if _holds_geometry([cells[i] for _, cells in rows])]
    named = [names.index(name) for name in GEOMETRY if name in names]
    for at in [i for i in named if i in holding]:
        return at
    if len(holding) > 1:
        raise GeoError("vector.csv_several", file=shown, columns=[header[i] for i in holding])
    if holding:
        return holding[0]
    positions = any(name in names for name in LONGITUDE) and any(name in names for name in LATITUDE)
    return named[0] if named and not positions else None


def _holds_geometry(cells: Sequence[str]) -> bool:
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return bool(_WKT.fullmatch(first) or _WKB.fullmatch(first))


def _position_columns(header: Sequence[str], shown: str) -> tuple[int, int]:
    names = [_known(name) for name in header]
    found = []
    for wanted in (LONGITUDE, LATITUDE):
        at = [names.index(name) for name in wanted if name in names]
        if not at:
            looked_for = [*GEOMETRY[:5], f"{LONGITUDE[0]} + {LATITUDE[0]}", f"{LONGITUDE[5]} + {LATITUDE[3]}"]
            raise GeoError("vector.csv_no_geometry", file=shown, wanted=looked_for, found=list(header))
        found.append(at[0])
    return found[0], found[1]


def _geometry(cell: str, table: Table, shown: str, row: int) -> BaseGeometry | None:
    """A geometry from its text; the CRS that it names goes to the table."""
    if not cell:
        return None
    match = _WKT.fullmatch(cell)
    try:
        if match is None:
            found: Any = shapely.from_wkb(bytes.fromhex(cell))
            code = str(shapely.get_srid(found) or "")
        else:
            found, code = shapely.from_wkt(cell[match.start(2) :]), match[1] or ""
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise GeoError("vector.bad_wkt", file=shown, row=row, value=cell[:60]) from error
    if code:
        named: CRS = crs_named(code, shown)
        if table.crs is not None and table.crs != named:
            other = crs.describe(table.crs)
            raise GeoError("vector.csv_two_crs", file=shown, row=row, name=crs.describe(named), other=other)
        table.crs = named
    flat: BaseGeometry = shapely.force_2d(found)
    return None if flat.is_empty else flat


def _point(x: str, y: str, shown: str, row: int) -> BaseGeometry | None:
    """A point from two cells; None when both are empty."""
    numbers = []
    for cell in (x, y):
        text = unicodedata.normalize("NFKC", cell).strip().rstrip("°EN").strip()
        if not text:
            continue
        try:
            number = float(text)
        except ValueError as error:
            raise GeoError("vector.coordinates_text", file=shown, row=row, value=cell) from error
        if not math.isfinite(number):
            raise GeoError("vector.coordinates_text", file=shown, row=row, value=cell)
        numbers.append(number)
    if len(numbers) == 1:
        raise GeoError("vector.coordinates_text", file=shown, row=row, value=f"{x}, {y}")
    return shapely.Point(numbers) if numbers else None
