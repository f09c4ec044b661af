"""Vector files, read and written with a CRS that is checked, whole or not at all."""

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, GeometryError

from geo import crs as crs_module
from geo.errors import GeoError
from geo.files import atomic_path
from geo.foreign import reading
from geo.reasons import reason

GPKG_VERSION = "1.2"
"""Later versions make GDAL 3.6 and QGIS 3.22 warn at every opening."""
TIMESTAMP = "2000-01-01T00:00:00.000Z"
"""Written as time of last change unless the caller gives one: equal content gives equal files."""


def read_vector(path: Path | str, layer: str | None = None) -> gpd.GeoDataFrame:
    """A layer of a file of any kind in `geo.foreign.reading.SUFFIXES`, for use where its CRS must be known.

    Args:
        path: the file.
        layer: name of the layer; not needed when the file has one only.

    Returns:
        the features with a CRS, geometries in x/y (longitude, latitude) order.

    Raises:
        GeoError: `vector.no_crs`, and those of `geo.foreign.reading.read`.
    """
    path = Path(path)
    frame = reading.read(path, layer)
    if frame.crs is None:
        raise GeoError("vector.no_crs", file=path.name)
    return frame


def write_gpkg(
    path: Path | str, layers: Mapping[str, pd.DataFrame], timestamp: str = TIMESTAMP, *, own: bool = False
) -> None:
    """A GeoPackage 1.2 with the layers in order, put in place only when complete.

    Args:
        path: the file to write or replace.
        layers: table name → GeoDataFrame with a CRS, or DataFrame for a table without geometry.
            A frame whose `attrs["geometry_type"]` is set (`MultiPolygon`, `Point`, …) gets that type.
        timestamp: time of last change to write, ISO 8601 UTC.
        own: whether nothing is there and the folder is the caller's own, who puts the file in place: it is then
            written where it is, and not to the disk twice.

    Raises:
        GeoError: `vector.no_crs`, or `vector.not_written`.
    """
    with nullcontext(Path(path)) if own else atomic_path(path) as temporary, _unseen_file(timestamp):
        for name, frame in layers.items():
            options: dict[str, Any] = {"driver": "GPKG", "layer": name, "append": temporary.exists()}
            if not temporary.exists():
                options["dataset_options"] = {"VERSION": GPKG_VERSION}
            _write(frame, temporary, Path(path).name, options)


def write_geojson(
    path: Path | str, frame: gpd.GeoDataFrame, decimals: int = 7, members: Mapping[str, Any] | None = None
) -> None:
    """GeoJSON, put in place only when complete; a CRS other than WGS 84 is named in the old `crs` member.

    Args:
        path: the file to write or replace.
        frame: features with a CRS.
        decimals: decimals of coordinates.
        members: further members of the collection ("foreign" ones, RFC 7946 section 6.1).

    Raises:
        GeoError: `vector.no_crs`, or `vector.not_written`.
    """
    if frame.crs is None:
        raise GeoError("vector.no_crs", file=Path(path).name)
    rfc7946 = frame.crs == crs_module.WGS84
    layer_options: dict[str, Any] = {"COORDINATE_PRECISION": decimals, "RFC7946": "YES" if rfc7946 else "NO"}
    if members:
        native = json.dumps({"type": "FeatureCollection", **members}, ensure_ascii=False)
        layer_options |= {"NATIVE_DATA": native, "NATIVE_MEDIA_TYPE": "application/vnd.geo+json"}
    options: dict[str, Any] = {"driver": "GeoJSON", "layer": Path(path).stem, "layer_options": layer_options}
    with atomic_path(path) as temporary:
        _write(frame, temporary, Path(path).name, options)


def write_layer(path: Path, frame: pd.DataFrame, driver: str, timestamp: str = TIMESTAMP, **options: Any) -> list[str]:
    """One layer by a driver of GDAL, into a folder of the caller's own; the same input gives the same bytes.

    Args:
        path: the file (or folder, as the driver has it) to write or to add to.
        frame: GeoDataFrame with a CRS, or DataFrame for a table without geometry.
        driver: GDAL's name of the format.
        timestamp: time of last change to write where the format has one, ISO 8601 UTC.
        options: those of `pyogrio.write_dataframe`: `layer`, `append`, `geometry_type`, `layer_options`, …

    Returns:
        What GDAL warns of, in its own words, for the caller to say in a reader's.

    Raises:
        GeoError: `vector.no_crs`, or `vector.not_written`.
    """
    with _unseen_file(timestamp), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        _write(frame, path, path.name, {"driver": driver, **options})
    for one in said:
        if not issubclass(one.category, RuntimeWarning):  # somebody else's
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return [str(one.message) for one in said if issubclass(one.category, RuntimeWarning)]


def write_csv(path: Path | str, frame: pd.DataFrame | Iterable[pd.DataFrame]) -> None:
    """CSV in UTF-8 with byte-order mark (spreadsheets want it), geometry as WKT, whole or not at all.

    Args:
        path: the file to write or replace.
        frame: the table; or pieces of one, which are made and written one after the other.
    """
    pieces = [frame] if isinstance(frame, pd.DataFrame) else frame
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        for number, piece in enumerate(pieces):
            if isinstance(piece, gpd.GeoDataFrame):
                text = piece.geometry.to_wkt(rounding_precision=7)
                piece = pd.DataFrame(piece).assign(**{str(piece.geometry.name): text})
            piece.to_csv(file, index=False, header=not number, lineterminator="\n")


def write_json(path: Path | str, value: Any) -> None:
    """JSON in UTF-8, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# ---- machinery


def _write(frame: pd.DataFrame, temporary: Path, shown: str, options: dict[str, Any]) -> None:
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is None:
            raise GeoError("vector.no_crs", file=shown)
        if "geometry_type" in frame.attrs:
            options["geometry_type"] = frame.attrs["geometry_type"]
    try:
        pyogrio.write_dataframe(frame, temporary, **options)
    except (DataSourceError, DataLayerError, GeometryError, OSError) as error:
        raise GeoError("vector.not_written", file=shown, detail=reason(error)) from error


@contextmanager
def _unseen_file(timestamp: str) -> Iterator[None]:
    """GDAL writes this time instead of the clock's, and leaves safety to us.

    The file is a temporary one that is put in place when it is complete and on the disk (`geo.files.atomic_path`): a
    journal on the disk and a wait for the disk after each layer would protect nothing.
    """
    options = {
        "OGR_CURRENT_DATE": timestamp,
        "DBF_DATE_LAST_UPDATE": timestamp[:10],
        "OPENFILEGDB_REPRODUCIBLE_UUID": "YES",
        "OGR_SQLITE_SYNCHRONOUS": "OFF",
        "OGR_SQLITE_JOURNAL": "MEMORY",
    }
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
