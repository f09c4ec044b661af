"""``maps/<id>.toml``: a scanned map and its control points."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from geo.crs import LAT_RANGE, LON_RANGE
from geo.datum import DATUMS, to_wgs84
from geo.transformation import LEAST
from layers.folder.reading import Faults, Record, read_toml, record_lines
from layers.model.errors import WARNING
from layers.model.ids import SLUG
from layers.model.scans import Anchor, ControlPoint, Scan, scan_origin

FOLDER = "maps"
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf")
"""What a picture's name may end with."""
MOST_SIDE_PX = 100_000
LINE_PX = 3.0
"""Width of a line that is read off where nobody has stated one, pixels: a quarter of a millimetre at 300 an inch."""


def read_all(folder: Path, sources: Collection[str], faults: Faults) -> tuple[tuple[Scan, ...], tuple[str, ...]]:
    """Every scan of a plan folder.

    Args:
        folder: The plan folder.
        sources: Names of sources that there are.
        faults: Takes the problems.

    Returns:
        The sound scans by name of file, and the ids of all, sound or not.
    """
    files = sorted((folder / FOLDER).glob("*.toml"))
    found = (read_one(path, sources, faults) for path in files)
    return tuple(one for one in found if one is not None), tuple(path.stem for path in files)


def read_one(path: Path, sources: Collection[str] | None, faults: Faults) -> Scan | None:
    """One scan, or None with its faults noted.

    Args:
        path: The file; its name is the scan's id.
        sources: Names of sources that there are; None: any.
        faults: Takes the problems.
    """
    raw = read_toml(path, f"{FOLDER}/{path.name}", faults)
    if raw is None:
        return None
    lines = record_lines(path, "point")
    record = Record(raw, scan_origin(path.stem), faults)
    if not SLUG.fullmatch(path.stem):
        record.fault("", "scan.id", value=path.stem)
    title = record.text("title", required=True)
    title_en = record.text("title_en")
    if title and not title_en:
        faults.add(record.origin, "title_en", "field.no_english", severity=WARNING, name=title)
    about: dict[str, Any] = {name: record.text(name) for name in ("date", "publisher", "licence", "map_number")}
    cited = record.texts("sources", required=True, known=sources, unknown="source.unknown")
    transformation = record.text("transformation", choices=LEAST) or "affine"
    line = record.number("line_px", low=0.0, high=1000.0)
    scale = record.number("scale", low=100.0, high=1e8)
    public = record.flag("public")
    numbers = _picture(record)
    mask = _mask(record)
    points = _points(record, path.stem, lines, faults)
    about |= {name: record.text(name, note=True) for name in ("note", "note_en")}
    if not record.finish():
        return None
    picture, page, dpi, width, height = numbers
    return Scan(
        path.stem, title, title_en or title, record.origin, picture=picture, page=page, dpi=dpi, width=width,
        height=height, scale=scale, sources=cited, line_px=LINE_PX if line is None else line,
        transformation=transformation, mask=mask, points=points, public=public, **about,
    )  # fmt: skip


def _picture(record: Record) -> tuple[str, int, float | None, int, int]:
    """File, page, resolution and size."""
    picture = record.text("picture", required=True)
    if picture and ("/" in picture or "\\" in picture or picture.startswith(".")):
        record.fault("picture", "scan.picture_path", value=picture)
    elif picture and not picture.lower().endswith(SUFFIXES):
        record.fault("picture", "scan.picture_suffix", value=picture, known=list(SUFFIXES))
    pdf = picture.lower().endswith(".pdf")
    page = record.integer("page", low=1, high=10_000, default=1)
    dpi = record.number("dpi", required=pdf, low=20.0, high=2400.0)
    sizes = {name: record.integer(name, required=True, low=1, high=MOST_SIDE_PX) for name in ("width", "height")}
    return picture, page, dpi, sizes["width"], sizes["height"]


def _mask(record: Record) -> tuple[tuple[float, float], ...]:
    written = record.any("mask")
    corners = written if isinstance(written, list) else [] if written is None else [written]
    found = tuple(pair for one in corners if (pair := _pair(one)) is not None)
    if corners and (len(found) != len(corners) or len(found) < 3):
        record.fault("mask", "scan.mask")
        return ()
    return found


def points_of(rows: list[Any], scan_id: str, faults: Faults) -> tuple[ControlPoint, ...]:
    """The sound ones of control points as a record has them; faults of the others are noted."""
    found = (_point(raw, scan_id, number, None, faults) for number, raw in enumerate(rows, start=1))
    return tuple(one for one in found if one is not None)


def _points(record: Record, scan_id: str, lines: list[int], faults: Faults) -> tuple[ControlPoint, ...]:
    """The sound control points; a bad one makes the scan unsound."""
    rows = record.tables("point")
    found = []
    for number, raw in enumerate(rows, start=1):
        line = lines[number - 1] if len(lines) == len(rows) else None
        point = _point(raw, scan_id, number, line, faults)
        record.bad |= point is None
        if point is not None:
            found.append(point)
    return tuple(found)


def _point(raw: Any, scan_id: str, number: int, line: int | None, faults: Faults) -> ControlPoint | None:
    written = raw.get("name") if isinstance(raw, dict) else None
    name = written.strip() if isinstance(written, str) and written.strip() else str(number)
    record = Record(raw, scan_origin(scan_id, f"scan/{scan_id} point {name[:40]}", line), faults)
    record.text("name")
    record.text("note", note=True)
    pixel = _pair(record.any("px"))
    if pixel is None:
        record.fault("px", "scan.px")
    accuracy = record.number("accuracy_m", low=0.0, high=1e5)
    datum = record.text("datum", choices=DATUMS)
    ref, at = record.text("ref"), None
    anchor = Anchor.parse(ref) if ref else None
    written_at = record.any("at")
    if (written_at is None) == (not ref):
        record.fault("at", "scan.point_at")
    elif ref and anchor is None:
        record.fault("ref", "scan.ref", value=ref)
    elif written_at is not None:
        at = _coordinate(record, written_at, datum)
    if not record.finish() or pixel is None:
        return None
    return ControlPoint(name, pixel, at, anchor, accuracy)


def _coordinate(record: Record, written: Any, datum: str) -> tuple[float, float] | None:
    """Longitude and latitude of CGCS2000 from what is written in any datum that may be stated."""
    pair = _pair(written)
    if pair is None:
        record.fault("at", "scan.at")
        return None
    lon, lat = pair
    if not (LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]):
        swapped = LON_RANGE[0] <= lat <= LON_RANGE[1] and LAT_RANGE[0] <= lon <= LAT_RANGE[1]
        record.fault("at", "recipe.swapped" if swapped else "recipe.out_of_range", lon=lon, lat=lat)
        return None
    lon, lat = (float(one) for one in to_wgs84(datum or "cgcs2000", lon, lat))
    return lon, lat


def _pair(value: Any) -> tuple[float, float] | None:
    """Two finite numbers, or None."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    if any(isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one) for one in value):
        return None
    return float(value[0]), float(value[1])


def pictures(scans: Collection[Scan]) -> Iterator[str]:
    """The files that scans name, relative to the plan folder."""
    for scan in scans:
        yield f"{FOLDER}/{scan.picture}"
