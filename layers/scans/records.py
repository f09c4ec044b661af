"""``maps/<id>.toml`` written: made anew, or changed point by point so that comments and order stay."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from geo.files import atomic_path
from layers.folder.reading import Faults, read_csv
from layers.folder.scans import FOLDER, points_of
from layers.imports.exchange import only_one
from layers.imports.texts import inline
from layers.model.errors import ERROR, LayersError, Origin, PlanError

COLUMNS = ("px", "py", "lon", "lat", "ref", "datum", "accuracy_m", "name")
"""Columns of a file of control points."""
_POINT = re.compile(r"\s*\[\[\s*point\s*\]\]")
POINT_FIELDS = ("name", "px", "at", "ref", "datum", "accuracy_m", "note")


def path_of(folder: Path, scan_id: str) -> Path:
    """The record of a scan.

    Raises:
        LayersError: ``scan.unknown``.
    """
    path = folder / FOLDER / f"{scan_id}.toml"
    if "/" in scan_id or not path.is_file():
        raise LayersError("scan.unknown", name=scan_id, guess="")
    return path


def new(values: Mapping[str, Any]) -> bytes:
    """A record without points; empty values are left out."""
    document = tomlkit.document()
    for name, value in values.items():
        if value not in (None, "", (), []):
            document.append(name, inline(value))
    return tomlkit.dumps(document).encode("utf-8")


def with_points(
    raw: bytes, points: Sequence[Mapping[str, Any]], fields: Mapping[str, Any] | None = None,
    gone: Collection[int] = (),
) -> bytes:  # fmt: skip
    """A record with these control points, in this order.

    Points that were there are changed in their place, so that what is written between them stays; others are added at
    the end, and those that are too many go.

    Args:
        raw: The record as it is.
        points: Fields of ``POINT_FIELDS``; None or missing ones are not written.
        fields: Fields of the record itself to set; None takes a field away.
        gone: Points of the record that are taken out first, by their number from 0, with the comment above them.

    Raises:
        LayersError: ``import.text`` when the file cannot be changed without harm.
    """
    try:
        document = tomlkit.parse(_without(raw.decode("utf-8-sig"), gone))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise LayersError("import.text", file=FOLDER) from error
    _set_fields(document, fields or {})
    rows = document.get("point") or []
    for row, point in zip(list(rows), points, strict=False):
        _set_point(row, point)
    for number in range(len(rows) - 1, len(points) - 1, -1):
        del rows[number]
    if "point" in document and not len(document["point"]):
        document.pop("point")
    return (_ended(tomlkit.dumps(document)) + "".join(_new(point) for point in points[len(rows) :])).encode("utf-8")


def _new(point: Mapping[str, Any]) -> str:
    """A point as text: tomlkit puts a table behind the last line, also when that is a comment without an end."""
    row = tomlkit.table()
    _set_point(row, point)
    return f"\n[[point]]\n{_ended(tomlkit.dumps(row))}"


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def _without(text: str, gone: Collection[int]) -> str:
    """A record's text without some of its points: each from its heading to its last field, and the comment above it.

    What stands below a point's last field belongs to the next one and stays; so does what stands above the first.
    """
    lines = text.splitlines(keepends=True)
    heads = [number for number, line in enumerate(lines) if _POINT.match(line)]
    if not gone or len(heads) != len(tomlkit.parse(text).get("point", [])):
        return text
    for number in sorted(gone, reverse=True):
        if not 0 <= number < len(heads):
            continue
        first, last = heads[number], heads[number + 1] if number + 1 < len(heads) else len(lines)
        while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
            last -= 1
        while number and lines[first - 1].lstrip().startswith("#"):
            first -= 1
        del lines[first:last]
        while 0 < first < len(lines) and not lines[first].strip() and not lines[first - 1].strip():
            del lines[first]
        heads = [number for number, line in enumerate(lines) if _POINT.match(line)]
    return "".join(lines)


def _set_fields(document: Any, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if value is None:
            document.pop(name, None)
        elif name in document:
            document[name] = inline(value)
        else:
            _before_tables(document, name, inline(value))


def _set_point(row: Any, point: Mapping[str, Any]) -> None:
    for name in POINT_FIELDS:
        value = point.get(name)
        if value is None:
            row.pop(name, None)
        elif row.get(name) != value:
            row[name] = inline(value)


def _before_tables(document: Any, name: str, item: Any) -> None:
    """A new field above the points: below them it would be one of the last point's."""
    rows = document.pop("point", None)
    document.append(name, item)
    if rows is not None:
        document.append("point", rows)


def digest_of(folder: Path, scan_id: str) -> str:
    """What tells a record from any other: SHA-256 of its bytes.

    Raises:
        LayersError: ``scan.unknown``.
    """
    return hashlib.sha256(path_of(folder, scan_id).read_bytes()).hexdigest()


def save(
    folder: Path, scan_id: str, points: Sequence[Mapping[str, Any]], fields: Mapping[str, Any] | None = None,
    *, gone: Collection[int] = (), unchanged: str = "",
) -> str:  # fmt: skip
    """Write the control points of a scan, whole or not at all; what is wrong is told and nothing changed.

    Args:
        folder: The plan folder.
        scan_id: The scan.
        points: As for `with_points`.
        fields: As for `with_points`.
        gone: As for `with_points`.
        unchanged: What `digest_of` gave when the points were read; "": whatever the record is now.

    Returns:
        The digest of what was written.

    Raises:
        LayersError: ``scan.unknown``, ``scan.changed`` when somebody else has written meanwhile, ``import.text``,
            ``import.busy``.
        PlanError: With every fault of the points.
        GeoError: ``vector.not_written``.
    """
    path = path_of(folder, scan_id)
    faults = Faults()
    points_of([dict(point) for point in points], scan_id, faults)
    if any(one.severity == ERROR for one in faults.problems):
        raise PlanError(faults.problems, str(folder))
    with only_one(folder.resolve()):
        before = path.read_bytes()
        if unchanged and hashlib.sha256(before).hexdigest() != unchanged:
            raise LayersError("scan.changed", file=f"{FOLDER}/{path.name}")
        raw = with_points(before, points, fields, gone)
        with atomic_path(path) as temporary:
            temporary.write_bytes(raw)
    return hashlib.sha256(raw).hexdigest()


def read_points(path: Path) -> list[dict[str, Any]]:
    """Control points of a CSV file: ``px,py`` with ``lon,lat`` or ``ref``, and ``datum``, ``accuracy_m``, ``name``.

    Raises:
        PlanError: With every fault of the file.
    """
    faults = Faults()
    rows = read_csv(path, path.name, COLUMNS, ("px", "py"), faults)
    points = [_point(row, Origin(path.name, line=line), faults) for line, row in rows]
    if faults.problems:
        raise PlanError(faults.problems, path.name)
    return points


def _point(row: Mapping[str, str], origin: Origin, faults: Faults) -> dict[str, Any]:
    """A row as a record has it; what is no number is noted."""

    def number(name: str) -> float | None:
        if not row[name]:
            return None
        try:
            value = float(row[name])
        except ValueError:
            faults.add(origin, name, "field.number", value=row[name][:40])
            return None
        return int(value) if value.is_integer() and abs(value) < 1e9 else value

    pixel = [number("px"), number("py")]
    if None in pixel and not faults.problems:
        faults.add(origin, "px", "scan.px")
    at = [number("lon"), number("lat")]
    if (at[0] is None) != (at[1] is None) and not faults.problems:
        faults.add(origin, "lon", "scan.at")
    return {
        "name": row["name"] or None, "px": pixel, "at": None if None in at else at, "ref": row["ref"] or None,
        "datum": row["datum"].lower() or None, "accuracy_m": number("accuracy_m"),
    }  # fmt: skip


def points_in(folder: Path, scan_id: str) -> list[dict[str, Any]]:
    """The control points of a record as they are written.

    Raises:
        LayersError: ``scan.unknown``, ``import.text``.
    """
    path = path_of(folder, scan_id)
    try:
        rows = tomlkit.parse(path.read_bytes().decode("utf-8-sig")).unwrap().get("point", [])
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise LayersError("import.text", file=f"{FOLDER}/{path.name}") from error
    return [dict(row) for row in rows]
