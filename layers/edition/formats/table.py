"""The table of formats: what each is called, which systems and options it takes, who writes it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from layers.edition import systems
from layers.edition.file import Edition
from layers.edition.formats.part import Part, Remarks
from layers.edition.layer_table import CODES
from layers.edition.systems import SHIFT_NAMES

ANY, WITH_SHIFTED, WEB, GLOBE, METRES, TILES = "any", "with_shifted", "web", "globe", "metres", "tiles"
"""Which systems a format takes: every EPSG one; those and the shifted ones; WGS 84 and the shifted ones; WGS 84 alone;
those in metres; Web Mercator alone."""

HEADED, ENCODED, WITH_WKT = "headings", "encoding", "wkt"
"""What of a format can be chosen."""

_ZIP = "application/zip"


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        id: How people ask for it, and its file's extension.
        name: What it is called.
        media: Media type of one file; of what comes in an archive that of the archive.
        takes: Which systems.
        writer: Module of this package and function.
        options: What can be chosen.
        packed: It is several files, and always comes in an archive.
        each: It holds one layer; several layers come as files in an archive.
        usual: Place in its systems of the one it has unless asked otherwise.
        worded: Its columns are headed in words unless asked otherwise.
        needs: Module that must be there, or "".
        most: Features of a layer that it holds, or that it takes bounded memory and time to write; 0 for any number.
        served: How many of them a server writes while somebody waits; 0 for as many as it gives whole.
    """

    id: str
    name: str
    media: str
    takes: str
    writer: str
    options: frozenset[str] = frozenset()
    packed: bool = False
    each: bool = False
    usual: int = 0
    worded: bool = False
    needs: str = ""
    most: int = 0
    served: int = 0

    def limit(self, *, served: bool = False) -> int:
        """Features of a layer at most, by command or by a server; 0 for any number."""
        return min(filter(None, (self.most, self.served if served else 0)), default=0)

    def codes(self, edition: Edition) -> list[str]:
        """The systems that an edition can be given out in, by code."""
        all_codes = systems.crs_codes(edition)
        return {
            ANY: all_codes,
            WITH_SHIFTED: [*all_codes, *SHIFT_NAMES],
            WEB: [systems.WGS84_CODE, *SHIFT_NAMES],
            GLOBE: [systems.WGS84_CODE],
            METRES: systems.metric_codes(edition),
            TILES: [systems.TILES_CODE],
        }[self.takes]

    def usual_code(self, edition: Edition) -> str:
        """The system it has unless asked otherwise."""
        return self.codes(edition)[self.usual]

    def usual_headings(self, lang: str) -> str:
        """How its columns are called unless asked otherwise."""
        return lang if self.worded else CODES

    def suffix(self, layers: int) -> str:
        """The file's extension for so many layers, without the first point."""
        return f"{self.id}.zip" if self.in_archive(layers) else self.id

    def in_archive(self, layers: int) -> bool:
        """Whether so many layers come in an archive."""
        return self.packed or (self.each and layers != 1)

    def media_of(self, layers: int) -> str:
        """Media type of the file for so many layers."""
        return _ZIP if self.in_archive(layers) else self.media

    @property
    def available(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None

    def write(self, part: Part, folder: Path) -> Remarks:
        """Write the files into a folder of the caller's own; see the writer."""
        module, _, function = self.writer.partition(".")
        found: Callable[[Part, Path], Remarks] = getattr(
            importlib.import_module(f"layers.edition.formats.{module}"), function
        )
        return found(part, folder)


_ALL = frozenset((HEADED, ENCODED))
_WORDS = frozenset((HEADED,))
_CELLS = frozenset((HEADED, WITH_WKT))

SHEET_ROWS = 1_048_575
"""Rows of a sheet of a workbook, less its heading."""
IN_MEMORY = 200_000
"""Features of a layer in a file that stands in memory as a whole before it is written: 3 to 7 kB each."""
TILED = 200_000
"""Features of a layer that GDAL cuts into tiles at 1.3 to 1.6 ms each (processor time)."""
TILED_AT_ONCE = 10_000
"""The same while somebody waits: a quarter of a minute."""

FORMATS: Mapping[str, Format] = {
    one.id: one
    for one in (
        Format("gpkg", "GeoPackage", "application/geopackage+sqlite3", ANY, "geopackage.write_gpkg"),
        Format("qgis", "QGIS", _ZIP, ANY, "geopackage.write_qgis", packed=True),
        Format("geojson", "GeoJSON", "application/geo+json", WITH_SHIFTED, "jsons.write_geojson", _WORDS, usual=1),
        Format("csv", "CSV", "text/csv; charset=utf-8", WITH_SHIFTED, "tables.write_csv", _CELLS),
        Format(
            "xlsx", "Excel (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", WITH_SHIFTED,
            "tables.write_xlsx", _CELLS, worded=True, most=SHEET_ROWS,
        ),
        Format("shp", "Shapefile", _ZIP, ANY, "ogr.write_shapefile", _ALL, packed=True),
        Format("dxf", "DXF (AutoCAD)", "image/vnd.dxf", METRES, "dxf.write_dxf", _WORDS),
        Format("kml", "KML", "application/vnd.google-earth.kml+xml", GLOBE, "kml.write_kml", _WORDS),
        Format("kmz", "KMZ", "application/vnd.google-earth.kmz", GLOBE, "kml.write_kmz", _WORDS),
        Format("gdb", "File Geodatabase", _ZIP, ANY, "ogr.write_geodatabase", _WORDS, packed=True),
        Format("tab", "MapInfo TAB", _ZIP, ANY, "ogr.write_tab", _ALL, packed=True, most=IN_MEMORY),
        Format("fgb", "FlatGeobuf", "application/vnd.flatgeobuf", ANY, "ogr.write_flatgeobuf", _WORDS, each=True),
        Format(
            "parquet", "GeoParquet", "application/vnd.apache.parquet", ANY, "parquet.write_parquet", _WORDS,
            each=True, needs="pyarrow",
        ),
        Format("geojsonl", "GeoJSON-Seq", "application/geo+json-seq", WEB, "jsons.write_sequence", _WORDS),
        Format("svg", "SVG", "image/svg+xml", METRES, "svg.write_svg", most=IN_MEMORY),
        Format(
            "mbtiles", "MBTiles", "application/vnd.mapbox-vector-tile", TILES, "ogr.write_mbtiles", each=True,
            most=TILED, served=TILED_AT_ONCE,
        ),
        Format(
            "pmtiles", "PMTiles", "application/vnd.pmtiles", TILES, "ogr.write_pmtiles", each=True, most=TILED,
            served=TILED_AT_ONCE,
        ),
    )
}  # fmt: skip
"""The formats by id, in the order that people are shown."""
