"""DXF drawings by ezdxf: closed polylines as polygons, each with the text inside it as its name.

A drawing has no columns, no multi-part shapes and no holes. What offices mean is put together here: a text names the
smallest outline that it stands in, an outline inside another is cut out of it, and outlines of one name on one layer
are parts of one feature. GDAL is not asked: it stops at a fit spline and reads UTF-8 in some drawings as nonsense.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import GeoError
from geo.foreign.table import Table
from geo.reasons import reason

_SAGITTA = 0.05
"""Arcs and splines are followed to within this, in units of the drawing."""
_SHAPES = "LWPOLYLINE POLYLINE LINE ARC CIRCLE ELLIPSE SPLINE"
_MARKS = "INSERT POINT"
_START = re.compile(rb"AutoCAD Binary DXF\r\n|(\xef\xbb\xbf)?(\s*999\s*\r?\n[^\n]*\n)*\s*0\s*\r?\n\s*SECTION")
_SAME = 1e-6
"""Ends of a polyline so near to each other, in units of the drawing, are one point: it is closed."""


def read(path: Path, shown: str) -> dict[str, Table]:
    """The layers of a drawing that hold shapes; rows `name, texts, layer, handle`.

    Polygons, lines and points of a layer are rows of one table, in the order of the drawing.

    Args:
        path: the file.
        shown: its name, for messages.

    Raises:
        GeoError: `vector.other_content`, `vector.unreadable`, or `vector.no_geometry` when nothing is drawn.
    """
    import ezdxf  # noqa: PLC0415 - takes a third of a second, and few files are drawings
    from ezdxf.lldxf.const import DXFError  # noqa: PLC0415

    with path.open("rb") as file:
        if not _START.match(file.read(4096)):
            raise GeoError("vector.other_content", file=shown)
    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)
    try:
        space = ezdxf.readfile(path).modelspace()
    except (DXFError, OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise GeoError("vector.unreadable", file=shown, detail=reason(error)) from error
    shapes = [(entity, shape) for entity in space.query(_SHAPES) if (shape := _shape(entity, shown)) is not None]
    marks = [(entity, shapely.Point(_place(entity)[:2])) for entity in space.query(_MARKS)]
    if not shapes and not marks:
        raise GeoError("vector.no_geometry", file=shown, layer=shown)
    texts = list(_texts(space))
    outlines = np.array([shape if shape.geom_type == "Polygon" else None for _, shape in shapes], dtype=object)
    inside = _inside(outlines, texts)
    cut = _cut_out(outlines)
    rows = [
        _row(entity, inside.get(number, []), cut[number] if cut[number] is not None else shape)
        for number, (entity, shape) in enumerate(shapes)
    ]
    rows += [_row(entity, [(0.0, text)] if (text := _attribute(entity)) else [], shape) for entity, shape in marks]
    tables: dict[str, Table] = {}
    for row, shape in _parts_joined(rows):
        tables.setdefault(row["layer"], Table()).add(row, shape)
    return tables


def _shape(entity: Any, shown: str) -> BaseGeometry | None:
    """A closed polyline, circle or spline as a polygon, an open one as a line; None for what has no extent."""
    from ezdxf import path as paths  # noqa: PLC0415

    try:
        drawn = paths.make_path(entity)
        points = np.array([(point.x, point.y) for point in drawn.flattening(_SAGITTA)], dtype=float)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise GeoError("vector.unreadable", file=shown, detail=reason(error)) from error
    if len(points) < 2:
        return None
    if not np.isfinite(points).all():
        raise GeoError("vector.not_finite", file=shown)
    closed = bool(getattr(entity, "is_closed", False)) or bool(np.hypot(*(points[0] - points[-1])) <= _SAME)
    if closed and len(points) >= 4:
        return shapely.Polygon(points)
    return shapely.LineString(points) if (points != points[0]).any() else None


def _place(entity: Any) -> tuple[float, float]:
    point = entity.dxf.location if entity.dxftype() == "POINT" else entity.dxf.insert
    return float(point.x), float(point.y)


def _texts(space: Any) -> Iterator[tuple[tuple[float, float], float, str]]:
    """Place, height and words of every text."""
    for entity in space.query("TEXT MTEXT"):
        multi = entity.dxftype() == "MTEXT"
        words = " ".join(entity.plain_text().split())
        if not words:
            continue
        height = float(entity.dxf.get("char_height" if multi else "height", 0.0) or 0.0)
        at = entity.dxf.insert
        if (
            not multi
            and (entity.dxf.get("halign", 0) or entity.dxf.get("valign", 0))
            and entity.dxf.hasattr("align_point")
        ):
            at = entity.dxf.align_point
        yield (float(at.x), float(at.y)), height, words


def _attribute(entity: Any) -> str:
    """What the first attribute of a block says: drawings of points keep their names there."""
    if entity.dxftype() != "INSERT":
        return ""
    return next((" ".join(str(one.dxf.text).split()) for one in entity.attribs if str(one.dxf.text).strip()), "")


def _inside(
    outlines: Any, texts: Iterable[tuple[tuple[float, float], float, str]]
) -> dict[int, list[tuple[float, str]]]:
    """By number of outline: height and words of the texts of which it is the smallest outline around."""
    found: dict[int, list[tuple[float, str]]] = {}
    tree = shapely.STRtree(outlines)
    areas = shapely.area(outlines)
    for at, height, words in texts:
        around = tree.query(shapely.Point(at), predicate="intersects")
        if len(around):
            found.setdefault(int(around[np.argmin(areas[around])]), []).append((height, words))
    return found


def _cut_out(outlines: Any) -> Any:
    """Outlines without those that lie wholly inside them: a drawing has an exclave on top of what is around it."""
    cut = outlines.copy()
    sound = np.array([one is not None and one.is_valid for one in outlines], dtype=bool)
    asked = np.where(sound, outlines, None)
    holder, held = shapely.STRtree(asked).query(asked, predicate="contains")
    for number in np.unique(holder[holder != held]).tolist():
        inner = [outlines[other] for other in held[holder == number] if other != number]
        inner = [one for one in inner if not one.equals(outlines[number])]
        if inner:
            left = shapely.difference(outlines[number], shapely.union_all(inner))
            cut[number] = left if not left.is_empty else outlines[number]
    return cut


def _row(entity: Any, texts: list[tuple[float, str]], shape: BaseGeometry) -> tuple[dict[str, Any], BaseGeometry]:
    """The row of a shape: the largest text inside is its name."""
    ordered = [words for _, words in sorted(texts, key=lambda one: -one[0])]
    row = {
        "name": ordered[0] if ordered else "",
        "texts": "; ".join(ordered),
        "layer": str(entity.dxf.layer),
        "handle": str(entity.dxf.handle),
    }
    return row, shape


def _parts_joined(
    rows: list[tuple[dict[str, Any], BaseGeometry]],
) -> Iterator[tuple[dict[str, Any], BaseGeometry]]:
    """Outlines of one name on one layer as one row."""
    parts: dict[tuple[str, str, int], list[int]] = {}
    for number, (row, shape) in enumerate(rows):
        alone = not row["name"] or shapely.get_dimensions(shape) != 2
        parts.setdefault((row["layer"], row["name"], number if alone else -1), []).append(number)
    for numbers in parts.values():
        row, shape = rows[numbers[0]]
        if len(numbers) > 1:
            polygons = [one for number in numbers for one in shapely.get_parts([rows[number][1]])]
            shape = shapely.MultiPolygon([part for one in polygons for part in shapely.get_parts([one])])
        yield row, shape
