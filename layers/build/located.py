"""A feature with its geometry and what it inherits from what it was made of."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from layers.model.plan import Feature


@dataclass(frozen=True, slots=True)
class Located:
    """A feature with its geometry and what it inherits.

    Attributes:
        geometry: As the recipe gives it, lon/lat degrees (EPSG:4490); None where the plan gives none.
        accuracy_m: Stated, or the worst of the inputs; None without geometry.
        basis: Stated or inherited.
        sources: Those of the record, then those of places and features that the recipe uses.
        unit: Id of the polygon that is all that is known of the position, or ""; there is no geometry then.
    """

    feature: Feature
    geometry: BaseGeometry | None
    accuracy_m: float | None
    basis: str
    sources: tuple[str, ...]
    unit: str = ""
