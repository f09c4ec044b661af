"""The coordinate systems that services answer in, each with the axis order that its authority states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely import box
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo.errors import GeoError
from layers.edition.systems import System
from layers.service.errors import ServiceError

EDGE_STEPS = 32
"""A box's edge is cut into so many pieces before it is bent into degrees."""


FARTHEST_M = 1e8
"""No place on Earth has a larger coordinate."""


@dataclass(frozen=True)
class Coordinates:
    """A system that answers are given in.

    Attributes:
        uri: How services name it.
        crs: The system.
        swapped: Whether y (north) is written before x (east).
    """

    uri: str
    crs: CRS
    swapped: bool

    @property
    def decimals(self) -> int:
        """Decimals that coordinates are written with: millimetres, or 1e-7 degree."""
        return System("", self.crs).decimals

    def from_degrees(self, geometries: Any) -> Any:
        """Geometries of an edition in this system, in x/y order."""
        return geo_crs.transform_array(geometries, geo_crs.CGCS2000, self.crs)

    def written(self, geometries: Any) -> Any:
        """Geometries of an edition as they are written: rounded, in the authority's order of axes."""
        decimals = self.decimals

        def tidy(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            rounded = np.round(xy, decimals) + 0.0
            return rounded[:, ::-1] if self.swapped else rounded

        moved = self.from_degrees(shapely.orient_polygons(shapely.force_2d(geometries)))
        return shapely.transform(moved, tidy)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry that was asked with, in degrees of the edition, longitude first.

        Raises:
            ServiceError: It lies where the system has no places.
        """
        flat = shapely.force_2d(geometry)
        if self.swapped:
            flat = shapely.transform(flat, lambda xy: xy[:, ::-1])
        if not flat.is_empty and np.abs(flat.bounds).max() > FARTHEST_M:
            raise ServiceError("service.out_of_system", crs=self.uri)
        if self.crs.is_projected:
            flat = _cut_edges(flat)
        try:
            return geo_crs.transform(flat, self.crs, geo_crs.CGCS2000)
        except GeoError as error:
            raise ServiceError("service.out_of_system", crs=self.uri) from error

    def box(self, numbers: tuple[float, float, float, float]) -> BaseGeometry:
        """A box in this system as a polygon in degrees; one whose west is east of its east goes round the back.

        Args:
            numbers: Lower corner, then upper, in the authority's order of axes.

        Raises:
            ServiceError: Its corners are not lower and upper, or it lies where the system has no places.
        """
        x0, y0, x1, y1 = numbers
        if self.swapped:
            y0, x0, y1, x1 = numbers
        if y0 > y1 or (x0 > x1 and self.crs.is_projected):
            raise ServiceError("service.box_order")
        if not self.crs.is_projected and not (abs(y0) <= 90 and abs(y1) <= 90 and max(abs(x0), abs(x1)) <= 360):
            raise ServiceError("service.box_range")
        if x0 > x1:
            return shapely.MultiPolygon([box(x0, y0, 180, y1), box(-180, y0, x1, y1)])
        made = box(x0, y0, x1, y1)
        return Coordinates(self.uri, self.crs, swapped=False).to_degrees(made) if self.crs.is_projected else made


def _cut_edges(geometry: BaseGeometry) -> BaseGeometry:
    """With edges cut into pieces: a straight edge of one system is bent in another."""
    west, south, east, north = geometry.bounds if not geometry.is_empty else (0, 0, 0, 0)
    longest = max(east - west, north - south)
    return shapely.segmentize(geometry, longest / EDGE_STEPS) if longest > 0 else geometry


CRS84 = Coordinates(geo_crs.CRS84_URI, geo_crs.WGS84, swapped=False)


@lru_cache(maxsize=64)
def _by_authority(crs: CRS) -> Coordinates:
    return Coordinates(geo_crs.crs_uri(crs), crs, geo_crs.north_first(crs))


@lru_cache(maxsize=64)
def offered(lon: float) -> list[Coordinates]:
    """The systems that a plan's services answer in, the usual one first.

    Args:
        lon: The plan's longitude, degrees: chooses its metric zone.
    """
    known = (geo_crs.WGS84, geo_crs.CGCS2000, geo_crs.metric_crs(lon), geo_crs.web_mercator())
    return [CRS84, *(_by_authority(one) for one in known)]


def stored() -> Coordinates:
    """The system that an edition is kept in."""
    return _by_authority(geo_crs.CGCS2000)


@lru_cache(maxsize=256)
def asked(text: str, lon: float) -> Coordinates:
    """The system that a client names, if it is offered.

    Raises:
        ServiceError: ``service.crs_not_offered`` names those that are.
    """
    choices = offered(lon)
    try:
        crs, authority = geo_crs.named_crs(text)
    except GeoError:
        crs, authority = None, False
    for one in choices:
        if crs is not None and one.crs == crs and (one is CRS84) != authority:
            return one
    raise ServiceError("service.crs_not_offered", crs=text[:100], known=[one.uri for one in choices])
