"""The indicators and places of a plan folder, as far as sheets of observed values are read by them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from layers.folder.load import load
from layers.ledger.names import Known, Quantity, Spot
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, Plan

FREE = ("growth", "above_100")
"""Flags of indicators whose percentages may lie outside 0 to 100."""


def known_of_folder(folder: Path, data_dir: Path, meant: Mapping[str, str] | None = None) -> tuple[str, Known]:
    """The plan's id, and what it knows.

    Args:
        folder: The plan folder.
        data_dir: The data folder.
        meant: Name in a sheet → id of an indicator or a feature.

    Raises:
        PlanError: The folder has errors.
        LayersError: ``sheet.meant``.
    """
    plan = load(folder, data_dir)
    return plan.id, known_of(plan, meant)


def known_of(plan: Plan, meant: Mapping[str, str] | None = None) -> Known:
    """The indicators that a plan states, and its features."""
    quantities = [
        Quantity(
            one.id, one.name, one.name_en, one.unit, one.aliases, one.aggregation,
            one.baseline.value if one.baseline and one.measure in ("level", "share") else None,
            free=bool(set(FREE) & set(one.flags)) or one.measure == "growth",
        )
        for one in plan.indicators
    ]  # fmt: skip
    levels = (DISTRICT, ZONE, TOWNSHIP)
    spots = [
        Spot(one.id, one.name, one.name_en, one.aliases, one.kind if one.kind in levels else "feature")
        for one in plan.features
    ]
    shipped: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for value in plan.observed:
        if value.role == "observed" and not value.scope:
            shipped.setdefault((value.indicator, value.place), []).append((value.period, value.value))
    return Known.of(quantities, spots, meant, shipped)
