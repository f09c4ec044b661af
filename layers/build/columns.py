"""Located features as columns, for what measures them without a table: claims in a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.crs import CGCS2000
from layers.build.georeference import multi
from layers.build.located import Located
from layers.measure import claims
from layers.measure.features import Features
from layers.model.plan import Plan
from layers.model.tables import join


def measured_claims(plan: Plan, located: Mapping[str, Located]) -> list[dict[str, Any]]:
    """The claims of a plan measured on its located features, as in the edition's table ``claims``.

    Args:
        plan: The plan, without errors.
        located: Every feature.

    Raises:
        ClaimError: A claim names what the plan does not have.
    """
    found = [one for layer in plan.layers for one in located.values() if one.feature.kind in layer.kinds]
    columns = {
        "id": [one.feature.id for one in found],
        "kind": [one.feature.kind for one in found],
        "status": [one.feature.status for one in found],
        "cites": [join(one.feature.cites) for one in found],
        "unit": [one.unit for one in found],
    }
    return claims.evaluate(plan, Features.of(columns, multi(one.geometry for one in found), CGCS2000))
