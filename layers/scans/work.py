"""A scan of a plan folder at work: added, fitted, warped, and told about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from geo import control, picture
from geo.crs import CGCS2000, metric_crs, transform_points
from geo.errors import GeoError
from layers.build.check import Examined, examine
from layers.build.scans import Fitted, all_fitted, finder, fitted, given
from layers.build.sheets import upright_of
from layers.folder.reading import Faults
from layers.folder.scans import FOLDER, LINE_PX, points_of
from layers.imports.exchange import commit
from layers.imports.texts import Texts, added_source
from layers.model.errors import LayersError, PlanError
from layers.model.ids import SLUG
from layers.model.scans import Scan
from layers.scans import records


@dataclass(frozen=True)
class Work:
    """A plan folder with its scans fitted.

    Attributes:
        folder: The plan folder.
        examined: What was found out about it.
        sheets: The fit of each scan, or why there is none.
    """

    folder: Path
    examined: Examined
    sheets: Mapping[str, Fitted | GeoError]

    def scan(self, scan_id: str) -> Scan:
        """A sound scan.

        Raises:
            LayersError: ``scan.unknown``, or ``scan.unsound`` when its record has faults.
        """
        records.path_of(self.folder, scan_id)
        found = self.examined.plan.scan(scan_id) if self.examined.plan is not None else None
        if found is None:
            told = [one for one in self.examined.problems if one.file == f"{FOLDER}/{scan_id}.toml"]
            raise LayersError("scan.unsound", name=scan_id, first=told[0].text() if told else "")
        scan: Scan = found
        return scan

    def fitted(self, scan_id: str) -> Fitted:
        """The fit of a scan.

        Raises:
            GeoError: Why it cannot be fitted.
            LayersError: As `scan`.
        """
        self.scan(scan_id)
        found = self.sheets[scan_id]
        if isinstance(found, GeoError):
            raise found
        return found


def open_folder(folder: Path, data_dir: Path, progress: Any = None) -> Work:
    """Read and examine a plan folder, faults and all."""
    examined = examine(folder, data_dir, progress)
    if examined.plan is None:
        raise LayersError("folder.missing", folder=str(folder))
    return Work(folder, examined, all_fitted(examined.plan, examined.located, examined.lon))


def add(folder: Path, file: Path, scan_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Put a picture and its record into a plan folder, both or neither; ``planmap import undo`` takes them back.

    Args:
        folder: The plan folder.
        file: The picture.
        scan_id: Of the new scan.
        said: ``title``, ``title_en``, ``scale``, ``date``, ``publisher``, ``licence``, ``map_number``, ``source``,
            ``page``, ``dpi``; what is not known is None or "".

    Returns:
        Width, height, dpi, and the files that were made.

    Raises:
        LayersError: ``scan.id``, ``scan.there``, ``scan.no_dpi`` and those of imports.
        GeoError: ``picture.*``.
    """
    if not SLUG.fullmatch(scan_id):
        raise LayersError("scan.id", value=scan_id)
    name = f"{scan_id}{file.suffix.lower()}"
    for made in (f"{FOLDER}/{scan_id}.toml", f"{FOLDER}/{name}"):
        if (folder / made).exists():
            raise LayersError("scan.there", file=made)
    looked = picture.look(file, said.get("page") or 1, said.get("dpi"))
    if looked.pages > 1 and not said.get("page"):
        raise GeoError("picture.pdf_pages", file=file.name, pages=looked.pages)
    texts = Texts(folder)
    title = said.get("title") or scan_id
    source = said.get("source") or title
    known = _source_names(folder)
    added_source(texts, known, {"name": source, "title": title, "licence": said.get("licence", ""),
                                "attribution": said.get("publisher", "")})  # fmt: skip
    dpi = said.get("dpi") or looked.dpi
    record = records.new({
        "title": title, "title_en": said.get("title_en"), "picture": name, "page": said.get("page"),
        "dpi": int(dpi) if dpi and float(dpi).is_integer() else dpi, "width": looked.width, "height": looked.height,
        "scale": said.get("scale"), "date": said.get("date"), "publisher": said.get("publisher"),
        "licence": said.get("licence"), "map_number": said.get("map_number"), "sources": [source],
        "line_px": LINE_PX, "transformation": "affine",
    })  # fmt: skip
    change: dict[str, bytes | None] = {f"{FOLDER}/{scan_id}.toml": record, f"{FOLDER}/{name}": file.read_bytes()}
    change |= texts.changed()
    commit(folder, change, {"file": file.name})
    return {"id": scan_id, "width": looked.width, "height": looked.height, "dpi": dpi, "files": sorted(change)}


def _source_names(folder: Path) -> list[str]:
    import tomllib  # noqa: PLC0415

    path = folder / "sources.toml"
    try:
        rows = tomllib.loads(path.read_text("utf-8-sig")).get("source", []) if path.is_file() else []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayersError("import.text", file="sources.toml") from error
    return [str(row.get("name")) for row in rows if isinstance(row, dict)]


def report(work: Work, scan_id: str) -> dict[str, Any]:
    """The fit of a scan, for people and machines: every point with residual and error when it is left out.

    Raises:
        GeoError: Why it cannot be fitted.
        LayersError: As ``Work.scan``.
    """
    return told(work.fitted(scan_id))


def preview(
    work: Work, scan_id: str, points: Sequence[Mapping[str, Any]], transformation: str | None = None
) -> dict[str, Any]:
    """The report of a scan with other control points, or another transformation; nothing is written. As `tried`."""
    return told(tried(work, scan_id, points, transformation))


def tried(work: Work, scan_id: str, points: Sequence[Mapping[str, Any]], transformation: str | None = None) -> Fitted:
    """The fit of a scan with other control points, or another transformation.

    Args:
        work: The plan folder.
        scan_id: The scan.
        points: As a record has them: ``px`` with ``at`` or ``ref``, ``datum``, ``accuracy_m``, ``name``.
        transformation: A key of ``geo.transformation.LEAST``; None: that of the record.

    Raises:
        PlanError: With every fault of the points.
        GeoError: Why they cannot be fitted.
        LayersError: As ``Work.scan``.
    """
    faults = Faults()
    sound = points_of([dict(point) for point in points], scan_id, faults)
    if faults.problems or work.examined.plan is None:
        raise PlanError(faults.problems, str(work.folder))
    scan = work.scan(scan_id)
    scan = replace(scan, points=sound, transformation=transformation or scan.transformation)
    return fitted(scan, finder(work.examined.plan, work.examined.located), work.examined.lon)


def placed(work: Work, scan_id: str) -> list[list[float] | None]:
    """Longitude and latitude, EPSG:4490, of a scan's control points; None where what one lies at is not there."""
    scan = work.scan(scan_id)
    found: list[list[float] | None] = []
    find = finder(work.examined.plan, work.examined.located) if work.examined.plan is not None else None
    for number in range(len(scan.points)):
        try:
            east, north, _ = given(scan, number, find or (lambda _: None), work.examined.lon)
        except GeoError:
            found.append(None)
            continue
        at = transform_points(np.array([[east, north]]), metric_crs(work.examined.lon), CGCS2000)
        found.append(at[0].round(7).tolist())
    return found


def told(found: Fitted) -> dict[str, Any]:
    """What `report` gives, of any fit."""
    scan = found.scan
    fit, pixels = found.fit, np.array([point.px for point in scan.points])
    given = transform_points(found.given_m, metric_crs(found.lon), CGCS2000)
    errors = control.compare(pixels, found.given_m)
    points = []
    for number, point in enumerate(scan.points):
        left = None if fit.left_out_m is None else round(float(np.hypot(*fit.left_out_m[number])), 2)
        points.append({
            "name": point.name, "px": list(point.px), "lon": round(float(given[number, 0]), 7),
            "lat": round(float(given[number, 1]), 7),
            "residual_px": round(float(np.hypot(*fit.residuals_px[number])), 2),
            "residual_m": round(float(np.hypot(*fit.residuals_m[number])), 2), "left_out_m": left,
        })  # fmt: skip
    return {
        "id": scan.id, "transformation": scan.transformation, "points": points, "rmse_m": round(fit.rmse_m, 2),
        "rmse_px": round(control.rms(fit.residuals_px), 2),
        "left_out_rmse_m": None if fit.left_out_rmse_m is None else round(fit.left_out_rmse_m, 2),
        "accuracy_m": found.accuracy_m, "own_m": round(fit.own_m, 2), "line_m": round(fit.line_m, 2),
        "pixel_m": round(fit.transformation.pixel_m(), 4), "scale": None if fit.scale is None else round(fit.scale),
        "printed_scale": scan.scale, "turned": round(fit.turned, 2),
        "held_back_m": {kind: round(value, 2) for kind, value in errors.items()},
        "better": control.better(errors),
        "doubts": [_doubt(one) for one in fit.doubts], "corners": _corners(found),
    }  # fmt: skip


def _doubt(error: GeoError) -> dict[str, Any]:
    return {
        "key": error.key, "text": {lang: error.message(lang) for lang in ("zh", "en")},
        "remedy": {lang: error.remedy(lang) for lang in ("zh", "en")},
    }  # fmt: skip


def _corners(found: Fitted) -> list[list[float]]:
    scan = found.scan
    corners = [(0, 0), (scan.width, 0), (scan.width, scan.height), (0, scan.height)]
    degrees: list[list[float]] = found.degrees(corners).round(7).tolist()
    return degrees


def warped(
    work: Work, scan_id: str, target: Path, pixel_m: float | None = None, progress: Any = None
) -> dict[str, Any]:
    """Write a scan as Cloud-Optimised GeoTIFF in the plan's metric CRS.

    Raises:
        GeoError: ``picture.*``, ``control.*``, ``warp.*``, ``vector.not_written``.
        LayersError: As ``Work.scan``.
    """
    from geo.warp import warp  # noqa: PLC0415 - brings rasterio

    scan, found = work.scan(scan_id), work.fitted(scan_id)
    crs = metric_crs(work.examined.lon)
    with upright_of(work.folder, scan) as source:
        grid = warp(
            source, found.fit.transformation, crs, target, mask=scan.mask, pixel_m=pixel_m, title=scan.name,
            progress=progress,
        )  # fmt: skip
    return {"file": str(target), "width": grid.width, "height": grid.height, "pixel_m": grid.pixel_m,
            "crs": crs.to_string(), "accuracy_m": found.accuracy_m}  # fmt: skip


def listing(work: Work) -> list[dict[str, Any]]:
    """Every scan with its fit in one line."""
    rows = []
    plan = work.examined.plan
    for scan in plan.scans if plan is not None else ():
        found = work.sheets[scan.id]
        bad = isinstance(found, GeoError)
        rows.append({
            "id": scan.id, "title": scan.name, "title_en": scan.name_en, "picture": scan.picture,
            "points": len(scan.points), "transformation": scan.transformation,
            "accuracy_m": None if isinstance(found, GeoError) else found.accuracy_m,
            "doubts": [found.key] if isinstance(found, GeoError) else [one.key for one in found.fit.doubts],
            "fitted": not bad,
        })  # fmt: skip
    return rows
