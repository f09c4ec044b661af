"""The coordinate systems that an edition is given out in: EPSG codes, and the shifted ones of Chinese web maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs as geo_crs
from geo.errors import PlanmapError
from geo.messages import Catalogue
from layers.model.errors import word

if TYPE_CHECKING:
    from layers.edition.file import Edition

METRIC = "metric"
SHIFT_NAMES: Mapping[str, str] = {"gcj02": "GCJ-02", "bd09": "BD-09"}
_SHIFT_METRES = {"gcj02": "500", "bd09": "1200"}
_ZONE_MERIDIANS = range(75, 136, 3)


class ExportError(PlanmapError):
    """What was asked for cannot be exported: no such layer, format, area or CRS."""

    catalogue: ClassVar[Catalogue] = Catalogue(Path(__file__).parents[1] / "messages" / "export.toml")


@dataclass(frozen=True, slots=True)
class System:
    """What coordinates are given out in.

    Attributes:
        code: EPSG code, or the name of a shifted system: how people ask for it.
        crs: The CRS; of a shifted system the one that software takes it for, WGS 84.
        shift: Name of the shifted system, or "".
    """

    code: str
    crs: CRS
    shift: str = ""

    @property
    def metres(self) -> bool:
        """Whether coordinates are eastings and northings in metres."""
        return bool(self.crs.is_projected)

    @property
    def decimals(self) -> int:
        """Decimals that coordinates are written with: millimetres, or 1e-7 degree."""
        return 3 if self.metres else 7

    def name(self) -> str:
        """What it is called: by EPSG, or the shifted system's own name."""
        return SHIFT_NAMES[self.shift] if self.shift else geo_crs.describe(self.crs)

    def label(self) -> str:
        """What stands in a cell: ``EPSG:4490`` or ``GCJ-02``."""
        return SHIFT_NAMES[self.shift] if self.shift else f"EPSG:{self.code}"

    def words(self, lang: str) -> str:
        """A sentence about it, with the order of its axes."""
        if self.shift:
            return word("notice.shifted", lang, name=self.name(), metres=_SHIFT_METRES[self.shift])
        return word("notice.axes", lang, name=self.name())

    def warning(self, lang: str) -> str:
        """What a shifted system must say in the file; "" for the others."""
        return word("notice.shift_warning", lang, name=self.name()) if self.shift else ""

    def of(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Features of an edition in this system, their label points too where those are shifted.

        Args:
            frame: Features in CGCS2000 degrees; it is not changed.
        """
        moved = geo_crs.transform(frame, geo_crs.CGCS2000, self.crs)
        if not self.shift:
            return moved
        shapes = gpd.GeoSeries(geo_crs.shift_array(moved.geometry.to_numpy(), self.shift), index=moved.index)
        moved = moved.set_geometry(shapes.set_crs(self.crs))
        lon, lat = self.points(moved["label_lon"], moved["label_lat"])
        return moved.assign(label_lon=lon, label_lat=lat)

    def points(self, lon: object, lat: object) -> tuple[NDArray[Any], NDArray[Any]]:
        """Positions in this system.

        Args:
            lon: Longitudes, CGCS2000 degrees; NaN stays.
            lat: Latitudes.

        Returns:
            Eastings (longitudes) and northings (latitudes), rounded as files have them.
        """
        east, north = np.array(lon, dtype=float), np.array(lat, dtype=float)
        known = np.isfinite(east) & np.isfinite(north)
        given = gpd.GeoSeries(gpd.points_from_xy(east[known], north[known]), crs=geo_crs.CGCS2000)
        moved = geo_crs.transform(given, geo_crs.CGCS2000, self.crs)
        x, y = moved.x.to_numpy(dtype=float), moved.y.to_numpy(dtype=float)
        if self.shift:
            x, y = geo_crs.SHIFTS[self.shift](x, y)
        east[~known], north[~known] = np.nan, np.nan
        east[known], north[known] = np.round(x, self.decimals), np.round(y, self.decimals)
        return east, north


def system(edition: Edition, text: str) -> System:
    """Give the system that a user named, if this plan can be exported in it.

    Args:
        edition: Its longitude chooses the zone.
        text: ``4490``, ``4326``, ``3857`` (tiles), ``metric`` or a code, with ``EPSG:`` before it or not; ``gcj02``,
            ``bd09``.

    Raises:
        ExportError: ``export.crs_wrong_zone`` names the zone asked for and the plan's; ``export.crs_unsupported``.
        GeoError: ``crs.unknown``.
    """
    shift = text.strip().lower().replace("-", "")
    if shift in SHIFT_NAMES:
        return System(shift, geo_crs.WGS84, shift)
    found = target_crs(edition, text)
    return System(str(found.to_epsg()), found)


def target_crs(edition: Edition, text: str) -> CRS:
    """Give the CRS that a user named, if this plan can be exported in it; arguments and errors as in `system`."""
    lon = float(edition.meta["plan"]["lon"])
    found, own = geo_crs.parse_crs(text, lon), geo_crs.metric_crs(lon)
    offered = _offered(lon)
    if found in offered or found == geo_crs.web_mercator():
        return found
    if any(found == geo_crs.metric_crs(meridian) for meridian in _ZONE_MERIDIANS):
        raise ExportError("export.crs_wrong_zone", asked=geo_crs.describe(found), own=geo_crs.describe(own))
    known = [geo_crs.describe(one) for one in offered]
    raise ExportError("export.crs_unsupported", asked=geo_crs.describe(found), known=known)


def _offered(lon: float) -> list[CRS]:
    return [geo_crs.CGCS2000, geo_crs.WGS84, *geo_crs.nearby_zones(lon), *geo_crs.wide_zones(lon)]


def crs_codes(edition: Edition) -> list[str]:
    """Give the EPSG codes that this edition can be exported in, its own first."""
    lon = float(edition.meta["plan"]["lon"])
    return [str(one.to_epsg()) for one in _offered(lon)]


def crs_choices(edition: Edition) -> list[str]:
    """Give every code that some format takes: those of `crs_codes`, Web Mercator for tiles, the shifted systems."""
    return [*crs_codes(edition), TILES_CODE, *SHIFT_NAMES]


def metric_codes(edition: Edition) -> list[str]:
    """Give those of `crs_codes` that are in metres, the plan's zone without its number first."""
    return crs_codes(edition)[2:]


OWN = System(str(geo_crs.CGCS2000.to_epsg()), geo_crs.CGCS2000)
"""The one that editions are kept in."""
WGS84_CODE, TILES_CODE = str(geo_crs.WGS84.to_epsg()), str(geo_crs.web_mercator().to_epsg())
