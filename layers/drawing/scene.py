"""What a figure is made from, once what was asked for has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers.drawing.figure import Extras
from layers.drawing.overlay import Overlay, opened, overlay
from layers.edition.store import Store


@dataclass(frozen=True)
class Scene:
    """What a figure is made from, read from an `Asked` and checked.

    Attributes:
        view: With the layers and the bounds to show.
        size_mm: Of the paper.
        indicator: Id of the indicator, or "".
        level: ``zone`` or ``township``.
        method: Of its classes.
        year: Of its values; None for the last one.
        place: Id of the zone or township that is shown alone, or "".
        title: In place of the view's name, or "".
        extras: Ring, filter, grid, inset.
        bounds: Inner bounds of the classes, rising, where somebody has typed them.
    """

    view: Mapping[str, Any]
    size_mm: tuple[float, float]
    indicator: str
    level: str
    method: str
    year: int | None
    place: str
    title: str
    extras: Extras
    bounds: tuple[float, ...] = ()

    def overlay(self, store: Store, lang: str) -> Overlay | None:
        """The indicator's classes; None where none is shown."""
        if not self.indicator:
            return None
        breaks = opened(self.bounds) if self.bounds else None
        return overlay(store, self.indicator, self.level, lang, year=self.year, method=self.method, breaks=breaks)
