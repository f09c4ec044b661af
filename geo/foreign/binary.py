"""Formats that GDAL reads, from a private copy and after their content has been looked at.

GDAL chooses a driver by content: a description of other data that is saved under a harmless name would make it open
whatever is described. So GDAL sees a file only when its first bytes are those of the one format that the name stands
for, and then only a copy under a name of ours in a folder with nothing else in it.
"""

import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import ProjError

from geo.errors import GeoError
from geo.foreign.dbase import recoded
from geo.foreign.text import beside, decode, too_large
from geo.reasons import foreign_errors, reason

MAX_BYTES = 200 * 1024 * 1024
"""Larger files are refused: nothing in a plan folder is that large."""
MAGIC = {
    ".gpkg": (b"SQLite format 3\0", "GPKG"),
    ".fgb": (b"fgb\x03", "FlatGeobuf"),
    ".shp": (b"\x00\x00\x27\x0a", "ESRI Shapefile"),
    ".tab": (b"!table", "MapInfo File"),
}
"""First bytes, and GDAL's name, of each format that is left to GDAL."""

FOLDER = ".gdb"
"""A file geodatabase is a folder."""

_SIDECARS = {".gpkg": (), ".fgb": (), ".shp": (".shx", ".dbf"), ".tab": (".dat", ".map", ".id")}
_GDB_DRIVER, _GDB_FILE = "OpenFileGDB", re.compile(r"a[0-9a-f]{8}\.\w+|gdb|timestamps", re.IGNORECASE)
_MOST_FILES = 2_000
_QUIET = {
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
    "SHAPE_ENCODING": None,
}
"""Nothing of the operator's GDAL settings and nothing of the network takes part in reading."""


class Opened:
    """A file of a format that GDAL reads.

    Args:
        path: the file; its suffix says the format.
        shown: the file's name, for messages.
        encoding: of the texts in a Shapefile's table, where somebody states it.

    Raises:
        GeoError: `vector.other_content`, `vector.incomplete`, `vector.too_large`, `vector.sidecar_link` or
            `vector.unreadable`.
    """

    def __init__(self, path: Path, shown: str, encoding: str | None = None) -> None:
        self._encoding = encoding
        self._path, self._shown, self._suffix = path, shown, path.suffix.lower()
        if self._suffix == FOLDER:
            return
        with path.open("rb") as file:
            start = file.read(100)
        if not start.startswith(MAGIC[self._suffix][0]):
            raise GeoError("vector.other_content", file=shown)
        if self._suffix == ".tab":
            _check_native(path, shown)

    def read(self, layer: str | None) -> tuple[list[str], gpd.GeoDataFrame | None]:
        """The names of the layers, and the features of the one that is wanted or of the only one.

        Args:
            layer: its name.

        Returns:
            names, and a table without CRS where none is declared; None when no layer of that name is there, or
            when there are several and none is named.

        Raises:
            GeoError: `vector.no_geometry`, and those of the class.
        """
        with self._copy() as copy, foreign_errors(self._shown), _quiet():
            if self._suffix == ".gpkg":
                check_schema(copy, self._shown)
            listed = pyogrio.list_layers(copy)
            names = [str(name) for name in listed[:, 0]]
            if self._suffix in (".shp", ".tab"):
                names = [self._path.stem]
            if not names:
                raise ValueError  # GDAL opened it and found nothing that it understands
            if layer is None and len(names) > 1:
                spatial = [str(name) for name, kind in listed if kind is not None]
                layer = spatial[0] if len(spatial) == 1 else None
            wanted = layer or (names[0] if len(names) == 1 else None)
            if wanted not in names:
                return names, None
            inner = str(listed[names.index(wanted)][0])
            return names, self._features(copy, inner, wanted)

    def _features(self, copy: Path, inner: str, layer: str) -> gpd.GeoDataFrame:
        options: dict[str, Any] = {"encoding": "ISO-8859-1"} if self._suffix == ".shp" else {}
        info = pyogrio.read_info(copy, layer=inner, **options)
        if info["geometry_type"] is None:
            raise GeoError("vector.no_geometry", file=self._shown, layer=layer)
        frame = pyogrio.read_dataframe(copy, layer=inner, force_2d=True, **options)
        if not isinstance(frame, gpd.GeoDataFrame):
            raise GeoError("vector.no_geometry", file=self._shown, layer=layer)
        if self._suffix == ".shp":
            frame = recoded(frame, self._declared_encoding(), self._ldid(), self._shown, self._encoding)
            found = read_prj(self._path)
        elif self._suffix == ".gpkg":
            found = _gpkg_crs(copy, inner)
        else:
            found = frame.crs
        result = frame.set_crs(found, allow_override=True) if found is not None else _without_crs(frame)
        result.attrs.update(frame.attrs)
        return result

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        """A private folder with the file and what belongs to it, under names of ours."""
        if self._suffix == FOLDER:
            with _gdb_copied(self._path, self._shown) as copy:
                yield copy
            return
        parts = {self._suffix: self._path}
        for suffix in _SIDECARS[self._suffix]:
            found = beside(self._path, suffix)
            if found is None:
                raise GeoError("vector.incomplete", file=self._shown, missing=self._path.stem + suffix)
            parts[suffix] = found
        total = sum(part.stat().st_size for part in parts.values())
        if total > MAX_BYTES:
            raise too_large(self._shown, total, MAX_BYTES)
        with tempfile.TemporaryDirectory(prefix="planmap-") as folder:
            for suffix, part in parts.items():
                shutil.copyfile(part, Path(folder) / f"data{suffix}")
            yield Path(folder) / f"data{self._suffix}"

    def _declared_encoding(self) -> str:
        path = beside(self._path, ".cpg")
        return path.read_bytes()[:100].decode("ascii", errors="ignore").strip() if path is not None else ""

    def _ldid(self) -> int:
        """The language driver of the DBF: byte 29 of its header."""
        path = beside(self._path, ".dbf")
        start = path.open("rb").read(32) if path is not None else b""
        return start[29] if len(start) > 29 else 0


def _check_native(path: Path, shown: str) -> None:
    """A TAB that describes its own table; others lead to files, databases or pictures elsewhere."""
    text = path.read_bytes()[:MAX_BYTES].decode("latin-1")
    kind = re.search(r"^\s*Type\s+(\w+)", text, re.IGNORECASE | re.MULTILINE)
    leads = re.search(r"^\s*(File|Open|create\s+view|include)\b", text, re.IGNORECASE | re.MULTILINE)
    if kind is None or kind[1].upper() != "NATIVE" or leads:
        raise GeoError("vector.other_content", file=shown)


@contextmanager
def _gdb_copied(folder: Path, shown: str) -> Iterator[Path]:
    """A private copy of a file geodatabase: its own files only, none of them a link.

    Raises:
        GeoError: `vector.other_content`, `vector.too_large`.
    """
    files = [one for one in sorted(folder.iterdir()) if _GDB_FILE.fullmatch(one.name) and not one.is_symlink()]
    files = [one for one in files if one.is_file()]
    if len(files) > _MOST_FILES or not any(one.name.lower().startswith("a00000001.") for one in files):
        raise GeoError("vector.other_content", file=shown)
    total = sum(one.stat().st_size for one in files)
    if total > MAX_BYTES:
        raise too_large(shown, total, MAX_BYTES)
    with tempfile.TemporaryDirectory(prefix="planmap-") as temporary:
        copy = Path(temporary) / "data.gdb"
        copy.mkdir()
        for one in files:
            shutil.copyfile(one, copy / one.name)
        yield copy


def read_prj(path: Path) -> CRS | None:
    """The CRS in the `.prj` beside a file, by its parameters; None when there is none.

    ESRI's text carries no code, and the codes that programs guess from it may be those of another zone: none is
    looked for.

    Raises:
        GeoError: `vector.bad_prj`, `vector.sidecar_link`.
    """
    found = beside(path, ".prj")
    if found is None:
        return None
    if found.stat().st_size > 100_000:
        raise GeoError("vector.bad_prj", file=found.name)
    text = decode(found.read_bytes(), found.name).strip()
    if not re.match(r"[A-Za-z0-9_]+\s*\[", text):  # WKT only: a path or an address is nothing we want to interpret
        raise GeoError("vector.bad_prj", file=found.name)
    try:
        return CRS.from_wkt(text)
    except ProjError as error:
        raise GeoError("vector.bad_prj", file=found.name) from error


def _without_crs(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=list(frame.geometry))


def check_schema(copy: Path, shown: str) -> None:
    """A GeoPackage holds tables, views and R-trees; anything else that SQLite can be told to open is refused."""
    address = f"{copy.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as db:
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            texts = [str(row[0]) for row in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
            tables = {str(row[0]) for row in db.execute("SELECT name FROM sqlite_master")}
        except sqlite3.Error as error:
            raise GeoError("vector.unreadable", file=shown, detail=reason(error)) from error
    if "gpkg_contents" not in tables:
        raise GeoError("vector.other_content", file=shown)
    for text in texts:
        virtual = re.search(r"CREATE\s+VIRTUAL\s+TABLE.*?\bUSING\s+[\"'\[`]?(\w+)", text, re.IGNORECASE | re.DOTALL)
        if virtual and virtual[1].lower() != "rtree":
            raise GeoError("vector.other_content", file=shown)


def _gpkg_crs(copy: Path, layer: str) -> CRS | None:
    """The CRS of a layer as the GeoPackage defines it: by its code, else by the text of its definition."""
    query = """SELECT s.organization, s.organization_coordsys_id, s.definition FROM gpkg_geometry_columns g
               JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id WHERE g.table_name = ?"""
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        row = db.execute(query, (layer,)).fetchone()
    if row is None or str(row[2]).lower() in ("undefined", ""):
        return None
    if str(row[0]).upper() == "EPSG":
        return CRS.from_epsg(int(row[1]))
    return CRS.from_wkt(str(row[2]))


@contextmanager
def _quiet() -> Iterator[None]:
    """GDAL without network, without the operator's settings and without its own words on standard error."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _QUIET}
    pyogrio.set_gdal_config_options(_QUIET)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        pyogrio.set_gdal_config_options(before)
