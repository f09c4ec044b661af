"""Definitions of computed indicators: which methods there are and what each needs."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from geo.errors import PlanmapError
from geo.messages import Catalogue
from layers.model.plan import ComputedIndicator

METHODS = ("area", "line_length", "count", "share_within", "boundary_length", "township_count")
"""Names of methods that a definition may use."""


class IndicatorError(PlanmapError):
    """A definition of an indicator cannot be used."""

    catalogue: ClassVar[Catalogue] = Catalogue(
        *(Path(__file__).parents[1] / "messages" / name for name in ("indicators.toml", "surfaces.toml"))
    )


def check_definition(definition: ComputedIndicator) -> None:
    """Check what a definition needs beyond the form of its fields.

    Raises:
        IndicatorError: ``indicator.method_unknown``, ``indicator.distance_missing``, ``indicator.kinds_missing``.
    """
    known = {"indicator": definition.id, "method": definition.method}
    if definition.method not in METHODS:
        raise IndicatorError("indicator.method_unknown", **known, allowed=list(METHODS))
    if definition.method == "share_within" and not definition.distance_m:
        raise IndicatorError("indicator.distance_missing", **known)
    if not definition.kinds and definition.method not in ("area", "township_count"):
        raise IndicatorError("indicator.kinds_missing", **known)
