"""The middle line of an area that is a strip, such as a river, along which its name is written.

The same as in the page's ``names/label-geometry.js``: the outline is cut into two banks where the banks lie closest
together on the whole, and the line runs midway between them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.style.symbols import Kind

Points = NDArray[np.float64]

MOST = 400
"""A layer of more areas is a division of the ground; looking at each would cost more than it gives."""
_SAMPLES = 96
_STEPS = 40
_COARSE = 40
_THIN = 2.3
"""Square of the outline's length against its area, 1 for a circle; 2.3 for a strip of 1 to 5."""
_STRIP = 6.0
"""A strip is at least so many times as long as wide."""


def strips(kind: Kind, features: pd.DataFrame | None) -> dict[str, str]:
    """Give the middle lines of a kind's areas that are strips.

    Args:
        kind: The kind.
        features: The layer, in degrees or metres; None gives none.

    Returns:
        WKT of the line in the layer's coordinates, by id.
    """
    if features is None or kind.geometry != "polygon" or not {"id", "geometry"} <= set(features.columns):
        return {}
    geometries = np.asarray(features["geometry"], dtype=object)
    own = np.flatnonzero((features["kind"].to_numpy(dtype=object) == kind.id) & ~shapely.is_missing(geometries))
    if not 0 < len(own) <= MOST:
        return {}
    found = {}
    for feature, geometry in zip(features["id"].to_numpy(dtype=object)[own], geometries[own], strict=True):
        parts = shapely.get_parts(geometry)
        parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        line = _written(parts[int(shapely.area(parts).argmax())]) if len(parts) else ""
        if line:
            found[str(feature)] = line
    return found


@lru_cache(maxsize=2 * MOST)
def _written(area: shapely.Polygon) -> str:
    """The middle line of an area as WKT, "" for a patch; a layer's style and its place in a project ask the same."""
    line = strip(area)
    return "" if line is None else shapely.to_wkt(shapely.LineString(line), rounding_precision=6)


def strip(area: shapely.Polygon) -> Points | None:
    """The middle line of an area, about ``_STEPS`` points; None when it is a patch rather than a strip.

    Example:
        A strip of 20 by 1 has a line along its length, half a unit from either long side; a square has none.
    """
    ring = np.asarray(area.exterior.coords)[:, :2]
    # Degrees of longitude are shorter than those of latitude; metres are what they are.
    latitude = float(np.abs(ring[:, 1]).max())
    stretch = np.array([np.cos(np.radians(ring[:, 1].mean())) if latitude <= 90 else 1.0, 1.0])
    ring = ring * stretch
    if not _is_thin(ring):
        return None
    line, width = _spine(_along(ring, np.linspace(0, 1, _SAMPLES, endpoint=False)))
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    return line / stretch if width > 0 and length / width > _STRIP else None


# ---- machinery


def _along(line: Points, shares: NDArray[np.float64]) -> Points:
    """Points at shares of a line's length."""
    sums = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = shares * sums[-1]
    return np.column_stack([np.interp(at, sums, line[:, axis]) for axis in (0, 1)])


def _is_thin(ring: Points) -> bool:
    """A cheap look: the coarse outline is taken, since a ragged one is long anyhow."""
    coarse = _along(ring, np.linspace(0, 1, _COARSE + 1))
    x, y = coarse[:-1].T
    u, v = coarse[1:].T
    area = abs(float(np.sum(x * v - u * y))) / 2
    length = float(np.hypot(u - x, v - y).sum())
    return area > 0 and length * length / (4 * np.pi * area) > _THIN


def _spine(points: Points) -> tuple[Points, float]:
    """The middle line of a ring given as ``_SAMPLES`` points, and the mean distance between the banks."""
    half = _SAMPLES // 2
    starts, skews = np.arange(half), np.arange(-_SAMPLES // 8, _SAMPLES // 8 + 1, 2)
    shares = np.arange(1, 12) / 12
    start, length = (grid.ravel() for grid in np.meshgrid(starts, half + skews, indexing="ij"))
    one = _at(points, start[:, None] + length[:, None] * shares)
    other = _at(points, start[:, None] - (_SAMPLES - length[:, None]) * shares)
    widths = np.hypot(*np.moveaxis(one - other, -1, 0)).sum(axis=1) / len(shares)
    best = int(widths.argmin())
    steps = np.arange(_STEPS + 1) / _STEPS
    line = (
        _at(points, start[best] + length[best] * steps)
        + _at(points, start[best] - (_SAMPLES - length[best]) * steps)
    ) / 2  # fmt: skip
    return _smooth(line), float(widths[best])


def _at(points: Points, index: NDArray[np.float64]) -> Points:
    """Points of a ring at fractional indices, which go round."""
    whole = np.floor(index).astype(int)
    share = (index - whole)[..., None]
    mixed: Points = points[whole % _SAMPLES] * (1 - share) + points[(whole + 1) % _SAMPLES] * share
    return mixed


def _smooth(line: Points, reach: int = 2) -> Points:
    """Corners rounded by a moving average; ends stay."""
    last = len(line) - 1
    spans = [min(reach, at, last - at) for at in range(len(line))]
    return np.array([line[at - span : at + span + 1].mean(axis=0) for at, span in enumerate(spans)])
