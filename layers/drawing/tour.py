"""What a step of a story shows, as a figure and as the state of the page's map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.drawing.asked import Asked
from layers.drawing.figure import bounds_around
from layers.edition.store import Bounds, Store
from layers.model.plan import TOWNSHIP, ZONE

LEAST_DEGREES = 0.04
"""A step that looks at a point shows so much around it, about four kilometres."""
_DECIMALS = 5


def bounds_of(store: Store, step: Mapping[str, Any]) -> Bounds | None:
    """Where a step looks; None where its view says, or what it looks at has no place."""
    if step.get("extent"):
        west, south, east, north = step["extent"]
        return [[south, west], [north, east]]
    place = place_of(step)
    found = bounds_around(store, place) if place in store.index else None
    if found is None:
        return None
    (south, west), (north, east) = found
    wide, high = (max(0.0, LEAST_DEGREES - side) / 2 for side in (east - west, north - south))
    sides = (south - high, west - wide, north + high, east + wide)
    low_lat, low_lon, high_lat, high_lon = (round(side, _DECIMALS) for side in sides)
    return [[low_lat, low_lon], [high_lat, high_lon]]


def place_of(step: Mapping[str, Any]) -> str:
    """Id of the zone, township or feature that a step looks at; "" where it looks at none."""
    for level in (ZONE, TOWNSHIP):
        if step.get(level):
            return f"{level}/{step[level]}"
    return str(step.get("feature") or "")


def asked_of(store: Store, step: Mapping[str, Any], lang: str, paper: str) -> Asked:
    """The figure of a step.

    Args:
        store: The edition.
        step: As in ``Store.stories``.
        lang: Of its words.
        paper: As for `Asked`.

    Example:
        >>> step = {"view": "overview", "zone": "west", "indicator": "area_km2", "level": "zone"}
        >>> asked_of(store, step, "zh", "A4").indicator  # doctest: +SKIP
        'area_km2:zone'
    """
    bounds = bounds_of(store, step)
    extent = ",".join(f"{one:.{_DECIMALS}f}" for one in _flat(bounds)) if bounds else ""
    indicator = str(step.get("indicator") or "")
    feature = str(step.get("feature") or "")
    return Asked(
        view=str(step["view"]), layers=",".join(step.get("layers", ())), extent=extent,
        selection=feature if feature in store.index else "",
        indicator=f"{indicator}:{step.get('level') or ZONE}" if indicator else "",
        year=str(step["year"]) if step.get("year") else "", paper=paper, lang=lang,
    )  # fmt: skip


def _flat(bounds: Bounds) -> tuple[float, float, float, float]:
    (south, west), (north, east) = bounds
    return west, south, east, north
