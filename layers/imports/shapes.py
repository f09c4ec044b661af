"""Shapes of a file made fit for a plan folder: sound, one a feature, of the dimension that its kind has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import measure, operations
from geo.crs import CGCS2000
from geo.errors import PlanmapError
from geo.messages import Phrase
from geo.reasons import validity
from layers.imports.rows import Pair
from layers.model.errors import LayersError


@dataclass(frozen=True)
class Repair:
    """A shape that was not valid, and what became of it.

    Attributes:
        row: Number of the row, counted from 0.
        said: What the file calls it.
        reason: What was wrong.
        lon: Where, degrees.
        lat: Likewise.
        before_m2: Area as far as it can be told, in square metres.
        after_m2: Area of what was made of it.
        parts: Number of its parts afterwards.
    """

    row: int
    said: str
    reason: Phrase
    lon: float
    lat: float
    before_m2: float
    after_m2: float
    parts: int


def sound(
    shapes: Sequence[BaseGeometry | None], said: Sequence[str], *, repair: bool, file: str
) -> tuple[list[BaseGeometry | None], list[Repair]]:
    """Shapes, valid ones as they are, others mended when that is asked for.

    Args:
        shapes: Degrees; None where a row has none.
        said: What the file calls each.
        repair: Whether to mend.
        file: Name of the file, for messages.

    Raises:
        LayersError: ``import.invalid`` with the first place, when nothing may be mended.
    """
    result: list[BaseGeometry | None] = []
    repairs: list[Repair] = []
    for row, shape in enumerate(shapes):
        if shape is None or shape.is_empty or shape.is_valid:
            result.append(None if shape is None or shape.is_empty else shape)
            continue
        words, _, place = shapely.is_valid_reason(shape).partition("[")
        numbers = [round(float(number), 6) for number in place.rstrip("]").split()[:2]]
        lon, lat = numbers if len(numbers) == 2 else (float("nan"), float("nan"))
        if not repair:
            count = sum(one is not None and not one.is_valid for one in shapes)
            raise LayersError(
                "import.invalid", file=file, row=row + 1, said=said[row], lon=lon, lat=lat, detail=validity(words),
                count=count,
            )  # fmt: skip
        mended = _mended(shape)
        if mended is None:
            raise LayersError("import.not_mended", file=file, row=row + 1, said=said[row])
        result.append(mended)
        before, after = (abs(float(measure.area_m2(one, CGCS2000))) for one in (shape, mended))
        parts = len(shapely.get_parts([mended]))
        repairs.append(Repair(row, said[row], validity(words), lon, lat, before, after, parts))
    return result, repairs


def _mended(shape: BaseGeometry) -> BaseGeometry | None:
    """A valid shape of the same dimension, made from all rings; None when nothing is left."""
    made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    dimension = shapely.get_dimensions(shape)
    parts = [one for one in shapely.get_parts([made]) for one in shapely.get_parts([one])]
    parts = [one for one in parts if shapely.get_dimensions(one) == dimension and not one.is_empty]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    return shapely.MultiPolygon(parts) if dimension == 2 else shapely.union_all(parts)


def of_features(
    pairs: Sequence[Pair], shapes: Sequence[BaseGeometry | None], dimensions: dict[str, int], file: str
) -> tuple[dict[str, BaseGeometry], list[PlanmapError]]:
    """One shape a feature: rows of one feature are its parts.

    Args:
        pairs: Rows that are features.
        shapes: Of each row, degrees; None where it has none.
        dimensions: 0, 1 or 2 by id.
        file: Name of the file, for messages.

    Returns:
        Shapes by id, on the grid of recipes, and what is to be said.

    Raises:
        LayersError: ``import.dimension``, ``import.nothing``.
    """
    parts: dict[str, list[BaseGeometry]] = {}
    notes: list[PlanmapError] = []
    for pair in pairs:
        shape = shapes[pair.row]
        if shape is None:
            notes.append(LayersError("import.row_empty", row=pair.row + 1, said=pair.said))
            continue
        wanted = dimensions[pair.id]
        shape = _of_dimension(shape, wanted)
        if shape is None:
            found = shapes[pair.row].geom_type  # type: ignore[union-attr]
            raise LayersError(
                "import.dimension", file=file, row=pair.row + 1, said=pair.said, found=found, wanted=KINDS[wanted]
            )
        parts.setdefault(pair.id, []).append(shape)
    if not parts:
        raise LayersError("import.nothing", file=file)
    several = {identifier: len(found) for identifier, found in parts.items() if len(found) > 1}
    notes += [LayersError("import.rows_joined", id=identifier, rows=count) for identifier, count in several.items()]
    joined = {identifier: _joined(found, dimensions[identifier]) for identifier, found in parts.items()}
    return joined, notes


KINDS = ("point", "line", "polygon")
"""The geometry of kinds, by dimension."""


def _of_dimension(shape: BaseGeometry, wanted: int) -> BaseGeometry | None:
    """The shape, or as a polygon what a closed line goes round; None when it cannot be that."""
    if shapely.get_dimensions(shape) == wanted and shape.geom_type != "GeometryCollection":
        return shape
    if wanted == 2 and isinstance(shape, shapely.LineString) and shape.is_closed and len(shape.coords) > 3:
        ring = shapely.Polygon(shape)
        return ring if ring.is_valid else None
    parts = [one for one in shapely.get_parts([shape]) if shapely.get_dimensions(one) == wanted]
    return shapely.union_all(parts) if parts and shape.geom_type == "GeometryCollection" else None


def _joined(parts: list[BaseGeometry], dimension: int) -> BaseGeometry:
    if dimension == 2:
        array = np.array([parts[0] if len(parts) == 1 else shapely.union_all(parts)], dtype=object)
        return operations.tidy_polygons(array)[0]
    flat = [one for part in parts for one in shapely.get_parts([part])]
    if len(flat) == 1:
        return operations.tidy(flat[0])
    return operations.tidy(shapely.MultiPoint(flat) if dimension == 0 else shapely.MultiLineString(flat))


def tidied(found: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Shapes by id, on the grid of recipes.

    Raises:
        LayersError: ``import.invalid``.
    """
    given, _ = sound(list(found.values()), list(found), repair=True, file="")
    return {
        name: _joined([one], int(shapely.get_dimensions(one)))
        for name, one in zip(found, given, strict=True)
        if one is not None
    }


def dimension_of(geometry: str) -> int:
    """0, 1 or 2 of a kind's geometry; -1 for kinds without."""
    return {"point": 0, "line": 1, "polygon": 2}.get(geometry, -1)
