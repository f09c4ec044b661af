"""A plane in any coordinate system: what services draw maps on, and the picture of pixels that is made of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from xml.sax.saxutils import escape, unescape

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from layers.drawing.plane import TILE, Plane

AROUND_PX = 96
"""So far beyond its edge a sheet is drawn, so that lines, symbols and names which begin there come in."""
EDGE_PX = 24
"""An outline so far beyond the edge, half of the broadest line and more, is not seen; names may begin further out."""
_EQUATOR_M = 40075016.686
_WORLD = (-179.999, -84.9, 179.999, 84.9)
_STEPS = 17


@dataclass(frozen=True)
class Sheet(Plane):
    """A plane on which a box of some system fills the drawing.

    Attributes:
        crs: The system.
        extent: West, south, east and north of the box, units of the system.
        degrees: What may be seen, as a box of degrees with what lies around; None where there is nothing of the world.
        shown: The same with no more around than an outline reaches.
    """

    crs: CRS = field(default=geo_crs.WGS84)
    extent: tuple[float, float, float, float] = (0, 0, 1, 1)
    degrees: tuple[float, float, float, float] | None = None
    shown: tuple[float, float, float, float] | None = None

    @classmethod
    def of(cls, crs: CRS, extent: tuple[float, float, float, float], width: int, height: int) -> Sheet:
        """A sheet of so many pixels.

        Args:
            crs: The system of the box.
            extent: West, south, east and north, in x/y order; neither empty nor turned round.
            width: Pixels.
            height: Pixels.
        """
        west, south, east, north = extent
        seen, shown = (
            _in_degrees(crs, (west - x, south - y, east + x, north + y))
            for x, y in ((px * (east - west) / width, px * (north - south) / height) for px in (AROUND_PX, EDGE_PX))
        )
        zoom = 0.0
        if seen is not None:
            lat = min(84.0, max(-84.0, (seen[1] + seen[3]) / 2))
            metres = north - south if crs.is_projected else (north - south) * _EQUATOR_M / 360
            if crs == geo_crs.web_mercator():
                metres *= math.cos(math.radians(lat))
            zoom = math.log2(_EQUATOR_M * math.cos(math.radians(lat)) / TILE / (metres / height))
        fit = (0.0, 0.0, float(width), float(height))
        return cls(min(24.0, max(0.0, zoom)), 0, 0, width, height, fit, crs, extent, seen, shown)

    def points(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lon/lat as x/y in pixels from the upper left corner."""
        west, south, east, north = self.extent
        xy = self._move(degrees)
        return (xy - (west, north)) * (self.width / (east - west), -self.height / (north - south))

    @cached_property
    def _move(self) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        return geo_crs.points_mover(geo_crs.CGCS2000, self.crs)

    def all_drawn(self, geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
        """Geometries in pixels, without what lies far from the sheet; empty where nothing of them can be drawn."""
        given = np.array(geometries, dtype=object)
        if self.degrees is None:
            return np.array([type(one)() for one in given], dtype=object)
        given = shapely.force_2d(given) if shapely.has_z(given).any() else given
        beyond = ~_lie_in(shapely.bounds(given), _wider(self.degrees))
        given[beyond] = shapely.clip_by_rect(given[beyond], *_wider(self.degrees))
        moved = shapely.transform(given, self.points)
        lost = ~(np.isfinite(shapely.bounds(moved)).all(axis=1) | shapely.is_empty(moved))
        moved[lost] = [type(one)() for one in given[lost]]
        return moved

    def in_sight(self, geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which geometries, in degrees, can be seen or named.

        Of areas and lines those near enough for their outline to be seen: a name lies on them, and where it would not
        be whole on the sheet it is left out. Of points all, for their circles reach far.
        """
        if self.shown is None:
            return super().in_sight(geometries)
        west, south, east, north = self.shown
        sides = np.asarray(shapely.bounds(geometries)).reshape(-1, 4)
        meets = (sides[:, 0] <= east) & (sides[:, 2] >= west) & (sides[:, 1] <= north) & (sides[:, 3] >= south)
        found: NDArray[np.bool_] = meets | (shapely.get_dimensions(geometries) == 0)
        return found

    def cut(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Drawn geometries without what is not seen of their outlines."""
        return shapely.clip_by_rect(shapes, -EDGE_PX, -EDGE_PX, self.width + EDGE_PX, self.height + EDGE_PX)


def _wider(degrees: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """With as much again around it: where a shape is cut off, its outline must not be seen."""
    west, south, east, north = degrees
    return west - (east - west) / 4, south - (north - south) / 4, east + (east - west) / 4, north + (north - south) / 4


def _lie_in(sides: NDArray[np.float64], box_: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which boxes lie in one."""
    west, south, east, north = box_
    left, low, right, high = np.asarray(sides).reshape(-1, 4).T
    found: NDArray[np.bool_] = (left >= west) & (low >= south) & (right <= east) & (high <= north)
    return found


def _in_degrees(crs: CRS, extent: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
    """A box of a system as one of degrees that holds it; None when it is nowhere."""
    world = box(*_WORLD)
    if not crs.is_projected:
        seen = box(*extent).intersection(world)
        return seen.bounds if seen.area else None
    west, south, east, north = extent
    x, y = np.meshgrid(np.linspace(west, east, _STEPS), np.linspace(south, north, _STEPS))
    points = geo_crs.transform_points(np.column_stack([x.ravel(), y.ravel()]), crs, geo_crs.CGCS2000)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    seen = box(low[0], low[1], high[0], high[1]).intersection(world)
    return seen.bounds if seen.area else None


def pixels(svg: str, width: int, height: int, background: str = "") -> bytes:
    """A drawing as PNG that it fills.

    Args:
        svg: SVG whose letters are in a font of the machine; without one for Chinese they stay out.
        width: Pixels.
        height: Pixels.
        background: An opaque colour, or "" for none.
    """
    vips = _rasteriser()
    sized = _TURNED.sub(_apart, _sized(svg, width, height, background)).encode()
    # An inch has 96 of SVG's units; the library makes 72 pixels of it unless it is told a scale.
    made = vips.Image.svgload_buffer(sized, dpi=96, scale=72 / 96, unlimited=True)
    return bytes(made.pngsave_buffer(compression=PACKED, keep="none"))


def _apart(found: re.Match[str]) -> str:
    """A name whose letters have places and turns of their own, as a text for each: the library knows no such lists."""
    across, down, turns = (found[part].split() for part in (1, 2, 3))
    letters = unescape(found[5])
    if not len(letters) == len(across) == len(down) == len(turns):
        return found[0]
    return "".join(
        f'<text transform="translate({x} {y})rotate({turn})"{found[4]}>{escape(letter)}</text>'
        for letter, x, y, turn in zip(letters, across, down, turns, strict=True)
    )


def _sized(svg: str, width: int, height: int, background: str) -> str:
    """A drawing of so many pixels, on its ground, whose letters are those of `FONT`, in the Chinese form."""
    root = _ROOT.match(svg)
    if root is None:
        raise ValueError("no SVG of ours")
    given = _NOT_KEPT.sub("", root[1])
    looks = f'width="{width}" height="{height}" preserveAspectRatio="none" font-family="{FONT}" xml:lang="zh-CN"'
    ground = f'<rect width="100%" height="100%" fill="{background}"/>' if background else ""
    return f"<svg{given} {looks}>{ground}{svg[root.end() :]}"


@cache
def _rasteriser() -> Any:
    """The library, which keeps nothing between pictures: no two are the same, and whose turn it is has threads."""
    import pyvips  # noqa: PLC0415 - only who draws pixels needs it

    pyvips.cache_set_max(0)
    pyvips.concurrency_set(1)
    return pyvips


PAPER = "white"
"""What a picture of pixels stands on that is to hide what lies below it."""

PACKED = 3
"""How hard PNG is packed, of 9: at 6 it takes half as long again, and is a twentieth smaller."""

FONT = "Noto Sans CJK SC"
"""What letters are drawn with where the machine has it; else with what it has."""

_ROOT = re.compile(r"<svg\b([^>]*)>")
_NOT_KEPT = re.compile(r'\s(?:width|height|font-family|preserveAspectRatio)="[^"]*"')
_TURNED = re.compile(r'<text x="([^"]* [^"]*)" y="([^"]*)" rotate="([^"]*)"([^>]*)>([^<]*)</text>')
