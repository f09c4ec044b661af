"""Accessibility surfaces as ``surfaces.toml`` declares them: distances to what, up to where, and on what assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from layers.model.plan import Named

FILE = "surfaces.toml"
CELL_M = 50.0
"""Side of a cell where the plan states none, metres."""
METRES, MINUTES = "m", "min"
DETOUR = 1.0
_M_PER_KM, _MIN_PER_H = 1000.0, 60.0


@dataclass(frozen=True, slots=True)
class Surface(Named):
    """Distance from every cell to the nearest of some features.

    Attributes:
        kinds: Kinds of the features.
        status: Their statuses; empty: any.
        ids: Ids of the features; empty: all of the kinds.
        limits: Where bands end, rising, metres; minutes where a speed is stated.
        speed_kmh: Assumed speed; None: the surface is a distance.
        detour: How much longer the way is than the straight line, by assumption.
        assumption: On what the speed and detour rest, in words.
        cites: Clauses of the plan.
    """

    kinds: tuple[str, ...]
    status: tuple[str, ...]
    ids: tuple[str, ...]
    limits: tuple[float, ...]
    speed_kmh: float | None
    detour: float
    assumption: str
    assumption_en: str
    cites: tuple[str, ...]
    note: str
    note_en: str

    @property
    def unit(self) -> str:
        """``m`` or ``min``."""
        return METRES if self.speed_kmh is None else MINUTES

    @property
    def metre(self) -> float:
        """What a metre as the crow flies is in the surface's unit.

        Formula:
            t = d · k · 60 / (v · 1000), d the straight line in metres, k the detour, v the speed in km/h.

        Example:
            At 5 km/h on ways 1.3 times as long as the straight line, 10 minutes are 641 m.
        """
        return 1.0 if self.speed_kmh is None else self.detour * _MIN_PER_H / (self.speed_kmh * _M_PER_KM)

    def metres(self, limit: float) -> float:
        """A limit as a straight line in metres."""
        return limit / self.metre

    def as_meta(self) -> dict[str, Any]:
        """As the edition's metadata has it."""
        names = (
            "id", "name", "name_en", "speed_kmh", "detour", "assumption", "assumption_en", "note", "note_en",
        )  # fmt: skip
        lists = ("kinds", "status", "ids", "limits", "cites")
        return {name: getattr(self, name) for name in names} | {name: list(getattr(self, name)) for name in lists}


@dataclass(frozen=True, slots=True)
class Population:
    """People of a plan's townships, or of the cells of a raster; exactly one of the three is given.

    Attributes:
        values: People by township.
        indicator: An indicator of which ``observed.csv`` has a value for each township.
        raster: A GeoTIFF in the plan folder with the number of people in each cell.
        year: Of the figures; 0: not said.
        note: Where they come from.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    indicator: str = ""
    raster: str = ""
    year: int = 0
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True)
class Surfaces:
    """All surfaces of a plan.

    Attributes:
        cell_m: Side of a cell, metres.
        surfaces: In the order of the file.
        population: None where nobody has given it.
    """

    cell_m: float = CELL_M
    surfaces: tuple[Surface, ...] = ()
    population: Population | None = None
