"""A small drawing of what an import changes: the shapes as they were, and as they will be."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.imports import run
from layers.imports.texts import Texts
from layers.model.plan import DISTRICT, ZONE

WIDTH, HEIGHT, MARGIN = 960.0, 640.0, 12.0
"""Units of the drawing."""
MOST_SHAPES = 400
_FINE = 0.4
"""Details finer than this, in units of the drawing, are left out."""


class Drawn(run.Import):
    """An import that remembers the shapes that it would write."""

    written: Mapping[str, BaseGeometry] | None = None
    own: Collection[str] = ()

    def change(
        self, texts: Texts, written: Mapping[str, BaseGeometry], new: Mapping[str, BaseGeometry]
    ) -> dict[str, bytes | None]:
        """As the import does, with the shapes kept."""
        self.written, self.own = dict(written), frozenset(new)
        return super().change(texts, written, new)

    def sketch(self) -> dict[str, Any] | None:
        """Paths of both, or None when there is nothing to draw; where nothing tiles, in the outline of the district."""
        written = self.written or {}
        tiling = {DISTRICT, *(one.id for one in self.plan.features if one.kind == ZONE)}
        tiling |= {one.id for one in run.tiles(self.plan)}
        around = None if tiling & written.keys() else self.known.get(DISTRICT)
        return sketched(self.known, written, self.own, around)


def sketched(
    known: Mapping[str, BaseGeometry],
    written: Mapping[str, BaseGeometry],
    own: Collection[str] = (),
    around: BaseGeometry | None = None,
) -> dict[str, Any] | None:
    """Paths of shapes before and after, on one sheet.

    Args:
        known: Shapes by id as they are, degrees.
        written: Shapes by id as they will be, degrees.
        own: Ids of those that the sheet is of; others, such as large neighbours that follow, stand out of it.
        around: What they lie in, degrees: an outline that is on the sheet whole.

    Returns:
        ``width``, ``height``, ``before``, ``after`` and ``around`` ("" without) as path data; None without a shape.
    """
    names = [name for name, shape in written.items() if not shape.is_empty][:MOST_SHAPES]
    after = [written[name] for name in names]
    before = [known[name] for name in names if name in known]
    if not after:
        return None
    chosen = [name for name in names if name in own] or names
    framed = [shapes[name] for shapes in (written, known) for name in chosen if name in shapes]
    framed += [around] if around is not None else []
    west, south, east, north = shapely.total_bounds(np.array(framed, dtype=object)).tolist()
    across = math.cos(math.radians((south + north) / 2))
    size = max((east - west) * across / (WIDTH - 2 * MARGIN), (north - south) / (HEIGHT - 2 * MARGIN), 1e-9)
    width, height = (east - west) * across / size + 2 * MARGIN, (north - south) / size + 2 * MARGIN

    def placed(shape: BaseGeometry) -> BaseGeometry:
        flat = shapely.transform(shape, lambda c: (c - (west, north)) * (across / size, -1 / size) + MARGIN)
        return shapely.simplify(flat, _FINE)

    return {
        "width": round(width, 1), "height": round(height, 1),
        "before": [_path(placed(one)) for one in before], "after": [_path(placed(one)) for one in after],
        "around": "" if around is None else _path(placed(around)),
        "points": [
            [round(x, 1), round(y, 1)]
            for one in after if shapely.get_dimensions(one) == 0
            for x, y in shapely.get_coordinates(placed(one)).tolist()
        ],
    }  # fmt: skip


def _path(shape: BaseGeometry) -> str:
    """Rings and lines as path data; only rings are closed."""
    found = []
    for part in shapely.get_parts(shape):
        area = part.geom_type == "Polygon"
        rings = [part.exterior, *part.interiors] if area else [part]
        for ring in rings:
            points = shapely.get_coordinates(ring).round(1).tolist()
            if len(points) > 1:
                found.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("Z" if area else ""))
    return "".join(found)
