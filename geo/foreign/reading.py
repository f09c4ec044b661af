"""One door for files from others: by the suffix of the name, held to the content."""

import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import geopandas as gpd

from geo.errors import GeoError
from geo.foreign import cad, geojson, kml, tabular
from geo.foreign.binary import FOLDER, MAGIC, MAX_BYTES, Opened, read_prj
from geo.foreign.table import Table
from geo.foreign.text import MAX_TEXT_BYTES, PARTS, beside, decode, too_large
from geo.reasons import foreign_errors

TABLES = (".csv", ".tsv", ".txt")
TEXT_SUFFIXES = (".geojson", ".json", ".geojsonl", ".ndjson", ".topojson", *TABLES, ".kml")
ARCHIVES = (".kmz", ".zip")
DRAWING = ".dxf"
SUFFIXES = tuple(sorted({*MAGIC, *TEXT_SUFFIXES, *ARCHIVES, DRAWING, FOLDER}))
"""The suffixes of files that can be read."""
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".et")
MAX_MEMBERS = 500
"""Archives with more files are refused."""

_Stamp = tuple[tuple[str, int, int], ...]


def read(path: Path, layer: str | None = None, encoding: str | None = None) -> gpd.GeoDataFrame:
    """The features of a file, with the CRS that it declares or without.

    The same unchanged file is read once, however many features ask for it; callers must not change the table.

    Args:
        path: the file.
        layer: name of the layer; not needed when the file has one only.
        encoding: of the texts, where what the file says or what fits is not to be trusted; for tables of Shapefiles
            and for text files.

    Raises:
        GeoError: `vector.*`, naming the file and never its folder.
    """
    shown = path.name
    try:
        if path.is_dir() and path.suffix.lower() != FOLDER:
            raise GeoError("vector.is_folder", file=shown, known=list(SUFFIXES))
        if not path.is_file() and not path.is_dir():
            raise GeoError("vector.missing", file=shown)
    except (OSError, ValueError) as error:  # too long, or with a null character
        raise GeoError("vector.missing", file=shown) from error
    _check_suffix(path.suffix.lower(), shown)
    with foreign_errors(shown):
        return _read_once(path, layer, _stamp(path), encoding)


def _check_suffix(suffix: str, shown: str) -> None:
    if suffix in SPREADSHEETS:
        raise GeoError("vector.spreadsheet", file=shown)
    if suffix in PARTS:
        main = ".tab" if suffix in (".dat", ".map", ".id", ".ind") else ".shp"
        raise GeoError("vector.part", file=shown, main=shown[: -len(suffix)] + main)
    if suffix not in SUFFIXES:
        raise GeoError("vector.unknown_format", file=shown, known=list(SUFFIXES))


def _stamp(path: Path) -> _Stamp:
    """Name, time and size of a file and of all that belong to it."""
    found = []
    if path.is_dir():
        files = [one for one in sorted(path.iterdir()) if one.is_file()]
        return tuple((one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in files)
    for suffix in (path.suffix, *PARTS):
        one = path if suffix == path.suffix else beside(path, suffix)
        if one is not None:
            found.append((one.name, one.stat().st_mtime_ns, one.stat().st_size))
    return tuple(found)


@lru_cache(maxsize=16)
def _read_once(path: Path, layer: str | None, stamp: _Stamp, encoding: str | None) -> gpd.GeoDataFrame:
    size = stamp[0][2] if path.is_file() else sum(one[2] for one in stamp)
    if size == 0:
        raise GeoError("vector.empty_file", file=path.name)
    if size > MAX_BYTES:
        raise too_large(path.name, size, MAX_BYTES)
    return _dispatch(path, layer, path.name, encoding)


def _dispatch(path: Path, layer: str | None, shown: str, encoding: str | None = None) -> gpd.GeoDataFrame:
    suffix = path.suffix.lower()
    if suffix in ARCHIVES:
        return _archive(path, layer, shown, encoding)
    if suffix == FOLDER or suffix in MAGIC:
        if suffix == FOLDER and not path.is_dir():
            raise GeoError("vector.other_content", file=shown)
        names, frame = Opened(path, shown, encoding).read(layer)
        if frame is None:
            raise _which(shown, layer, names)
        return frame
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise too_large(shown, path.stat().st_size, MAX_TEXT_BYTES)
    if suffix == DRAWING:
        drawn = cad.read(path, shown)
        for table in drawn.values():
            table.crs = read_prj(path)
        return _chosen(drawn, layer, shown)
    raw = path.read_bytes()
    if suffix == ".kml":
        return _chosen(kml.read(raw, shown), layer, shown)
    text = decode(raw, shown, encoding)
    if suffix not in TABLES:
        return _chosen(geojson.read(text, shown), layer, shown)
    tables = tabular.read(text, shown)
    for table in tables.values():
        table.crs = read_prj(path) or table.crs
    return _chosen(tables, layer, shown)


def _chosen(tables: dict[str, Table], layer: str | None, shown: str) -> gpd.GeoDataFrame:
    if layer is None and len(tables) == 1:
        return next(iter(tables.values())).frame()
    if not tables:
        raise GeoError("vector.empty_file", file=shown)
    if layer not in tables:
        raise _which(shown, layer, list(tables))
    return tables[layer].frame()


def _which(shown: str, layer: str | None, names: list[str]) -> GeoError:
    if not names:
        return GeoError("vector.empty_file", file=shown)
    if layer is None:
        return GeoError("vector.layer_wanted", file=shown, layers=names)
    return GeoError("vector.unknown_layer", file=shown, layer=layer, layers=names)


def _archive(path: Path, layer: str | None, shown: str, encoding: str | None) -> gpd.GeoDataFrame:
    """The one data set in an archive; what else lies in it is not looked at."""
    if not zipfile.is_zipfile(path):
        raise GeoError("vector.other_content", file=shown)
    kml_only = path.suffix.lower() == ".kmz"
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="planmap-") as folder:
        members = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
        if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_BYTES:
            raise GeoError("vector.archive_too_large", file=shown, members=MAX_MEMBERS, limit_mb=MAX_BYTES // 2**20)
        readable = (".kml",) if kml_only else tuple(one for one in (*MAGIC, *TEXT_SUFFIXES) if one != ".txt")
        geodatabases = {
            one.filename.rsplit("/", 1)[0]
            for one in members
            if one.filename.rpartition("/")[0].lower().endswith(FOLDER)
        }
        if len(geodatabases) == 1 and not kml_only:
            inner = geodatabases.pop()
            (target := Path(folder) / f"{path.stem}{FOLDER}").mkdir()
            for one in (one for one in members if one.filename.rsplit("/", 1)[0] == inner):
                _extract(archive, one, target / Path(one.filename).name, shown)
            return _dispatch(target, layer, shown, encoding)
        mains = [one for one in members if Path(one.filename).suffix.lower() in readable]
        if kml_only and len(mains) > 1:
            mains = [one for one in mains if Path(one.filename).name.lower() == "doc.kml"][:1] or mains
        if len(mains) != 1:
            found = [Path(one.filename).name for one in mains or members]
            raise GeoError("vector.archive_content", file=shown, found=found[:10], known=list(readable))
        main = mains[0]
        stem = main.filename[: -len(Path(main.filename).suffix)]
        for one in members:
            suffix = Path(one.filename).suffix.lower()
            if one is main or (suffix in PARTS and one.filename[: -len(suffix)] == stem):
                _extract(archive, one, Path(folder) / f"{path.stem}{suffix}", shown)
        return _dispatch(Path(folder) / f"{path.stem}{Path(main.filename).suffix.lower()}", layer, shown, encoding)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, shown: str) -> None:
    """One member under a name of ours, never more of it than it says and than is allowed."""
    if member.flag_bits & 0x1:
        raise GeoError("vector.archive_locked", file=shown)
    with archive.open(member) as source, target.open("wb") as copy:
        left = MAX_BYTES
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise too_large(shown, MAX_BYTES + 1, MAX_BYTES)
            copy.write(block)
