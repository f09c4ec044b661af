"""Scanned maps as pictures on the ground, in a folder beside the edition: which there are, and where.

A file's name says of which picture and of which fit it is made, so that editions share files, a kept edition finds
its own, and no tile is of another fit than the control points beside it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo import files
from geo.errors import GeoError
from geo.reasons import reason
from layers.model.ids import SLUG

SUFFIX = ".sheets"
TABLE = "SCAN_"
"""How the tables of sheets in a GeoPackage begin."""


@dataclass(frozen=True)
class Sheet:
    """A scanned map that can be shown.

    Attributes:
        record: What the edition says of it: ``id``, ``name``, ``accuracy_m``, ``bounds``, ``points`` …
        path: The Cloud-Optimised GeoTIFF, in the plan's metric CRS.
    """

    record: Mapping[str, Any]
    path: Path

    @property
    def id(self) -> str:
        """The scan's id."""
        return str(self.record["id"])


def folder(path: Path) -> Path:
    """Where the sheets of an edition in use are, and those of the kept ones.

    Example:
        >>> folder(Path("data/editions/my-plan.gpkg")).as_posix()
        'data/editions/my-plan.sheets'
    """
    return path.with_suffix(SUFFIX)


def file_name(record: Mapping[str, Any]) -> str:
    """The file of a scan.

    Example:
        >>> file_name({"id": "layout", "warped": "00c0ffee00c0ffee"})
        'layout-00c0ffee00c0ffee.tif'
    """
    return f"{record['id']}-{record['warped']}.tif"


def known(meta: Mapping[str, Any], path: Path | None) -> dict[str, Sheet]:
    """The sheets of an edition that are there, by id.

    Args:
        meta: Its metadata.
        path: The file of the plan's edition in use; None where it came from no file.
    """
    if path is None:
        return {}
    named = (Sheet(one, folder(path) / file_name(one)) for one in meta.get("scans", ()) if one.get("warped"))
    return {one.id: one for one in named if SLUG.fullmatch(one.id) and one.path.is_file()}


def add_tables(target: Path, found: Iterable[Sheet]) -> None:
    """Put sheets into a GeoPackage as raster tile tables, with overviews.

    Args:
        target: The GeoPackage; as it was when something goes wrong.
        found: The sheets.

    Raises:
        GeoError: ``vector.not_written``.
    """
    import rasterio  # noqa: PLC0415 - half a second of imports
    from rasterio.enums import Resampling  # noqa: PLC0415
    from rasterio.shutil import copy  # noqa: PLC0415

    try:
        with files.atomic_path(target) as temporary:
            shutil.copyfile(target, temporary)
            for one in found:
                table = TABLE + one.id.upper()
                # In capitals, since rasterio writes all options so; the words are put in afterwards.
                copy(one.path, temporary, driver="GPKG", append_subdataset="YES", raster_table=table,
                     tile_format="PNG_JPEG")  # fmt: skip
                _name(temporary, table, one)
                with rasterio.open(f"GPKG:{temporary}:{table}", "r+") as raster:
                    sizes = range(1, max(raster.width, raster.height).bit_length() - 8)
                    if sizes:
                        raster.build_overviews([1 << size for size in sizes], Resampling.average)
    except rasterio.errors.RasterioError as error:
        raise GeoError("vector.not_written", file=target.name, detail=reason(error)) from error


def _name(path: Path, table: str, sheet: Sheet) -> None:
    said = ", ".join(str(sheet.record[name]) for name in ("publisher", "date", "map_number") if sheet.record.get(name))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
            (str(sheet.record["name"]), said, table),
        )
