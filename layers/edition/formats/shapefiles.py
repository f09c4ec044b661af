"""How large the files of a shapefile will be: none may pass 2 GB, which GDAL would write and others do not read."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from layers.edition.formats.part import Part
from layers.edition.systems import ExportError

MOST = 2**31 - 1
"""Bytes of a file."""

_TEXT = 80
"""Bytes of a field of text, unless one is longer: GDAL's own."""
_BYTES = {"b": 1, "i": 18, "u": 18, "f": 24}
"""Bytes of the other fields by the kind of their numbers: GDAL's own."""
_HEAD, _FIELD = 33, 32
_SHP_HEAD, _RECORD, _PART, _VERTEX = 100, 8 + 44, 4, 16
"""ESRI Shapefile Technical Description (1998): the file's heading; a record's heading, type, box and two counts."""


def close_fields(part: Part, layer: str, frame: gpd.GeoDataFrame) -> bool:
    """Whether a layer's table fits only when each field of text is as wide as its longest text.

    Args:
        part: What it is of.
        layer: Its id.
        frame: The layer as it will be written.

    Raises:
        ExportError: ``export.too_large``: it does not even then, or its shapes do not.
    """
    wide, tight = table_bytes(frame, part.encoding)
    for size, suffix in ((tight, "dbf"), (shapes_bytes(frame), "shp")):
        if size > MOST:
            names = {"layer": part.title(layer), "file": f"{part.file(layer)}.{suffix}"}
            raise ExportError("export.too_large", size=f"{size / 1e9:.1f}", **names)
    return wide > MOST


def table_bytes(frame: gpd.GeoDataFrame, encoding: str) -> tuple[int, int]:
    """Bytes of a layer's .dbf with fields as wide as usual, and as narrow as can be.

    Args:
        frame: The layer.
        encoding: Python's name of the table's.
    """
    widths = [_widths(frame[name], encoding) for name in frame.columns if name != frame.geometry.name]
    wide, tight = (_HEAD + _FIELD * len(widths) + len(frame) * (1 + sum(some)) for some in zip(*widths, strict=True))
    return wide, tight


def shapes_bytes(frame: gpd.GeoDataFrame) -> int:
    """Bytes of a layer's .shp, at most."""
    shapes = frame.geometry.to_numpy()
    parts = shapely.get_parts(shapes)
    rings = len(parts) + int(shapely.get_num_interior_rings(parts).sum())
    return _SHP_HEAD + _RECORD * len(shapes) + _PART * rings + _VERTEX * int(shapely.get_num_coordinates(shapes).sum())


def _widths(cells: pd.Series, encoding: str) -> tuple[int, int]:
    """Bytes of a field as usual, and at least."""
    if cells.dtype.kind in _BYTES:
        return _BYTES[cells.dtype.kind], _BYTES[cells.dtype.kind]
    longest = max((len(one.encode(encoding, "replace")) for one in cells.unique() if isinstance(one, str)), default=0)
    return max(longest, _TEXT), max(longest, 1)
