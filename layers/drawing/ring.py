"""The ring around what is selected, as on the page: a light and a strong line, over everything but the names."""

from __future__ import annotations

import shapely

from layers.drawing import svg
from layers.drawing.ink import RING
from layers.drawing.plane import Plane, outlines
from layers.edition.store import Store, plain
from layers.style.passes import point_factor

_CASING, _WIDTH = 6.0, 2.6
_GAP = 5.0


def ring(store: Store, feature: str, plane: Plane) -> str:
    """Markup of the ring; "" for a feature without a place.

    Args:
        store: The edition.
        feature: Its id; of what is only known to a unit, the unit is ringed.
        plane: The map.
    """
    _layer, cells, geometry = store.row(feature)
    if geometry is None:
        unit = str(plain(cells.get("unit")) or "")
        return ring(store, unit, plane) if unit in store.index else ""
    drawn = plane.drawn(geometry)
    if geometry.geom_type.endswith("Point"):
        kind = store.kinds.get(str(cells["kind"]), {})
        radius = float(kind.get("symbol", {}).get("size") or 10) / 2 * point_factor(plane.zoom) + _GAP
        spots = shapely.get_coordinates(drawn)
        return "".join(
            svg.tag("circle", cx=float(x), cy=float(y), r=radius, stroke=color, stroke_width=width)
            for x, y in spots for color, width in (("#ffffff", _CASING), (RING, _WIDTH))
        )  # fmt: skip
    d = outlines(drawn, fine=True)
    return svg.tag("path", d=d, stroke="#ffffff", stroke_width=_CASING, stroke_opacity=0.85) + svg.tag(
        "path", d=d, stroke=RING, stroke_width=_WIDTH
    )
