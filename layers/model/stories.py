"""Stories (讲述): a tour of the plan's map in steps, each with words, clauses and what the map shows meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from layers.model.errors import Origin
from layers.model.plan import Named

FOLDER = "stories"
LEAST_STEPS, MOST_STEPS = 1, 40
LONGEST_TEXT = 2_000
"""Characters of a step's text."""
PLACES = ("zone", "township", "feature", "extent")
"""Fields of a step that say where the map looks; one of them at most."""
LEVELS = ("zone", "township")
"""Levels of an indicator that a map shows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        title: Its heading.
        text: What is said, Markdown as `layers.model.prose` reads it.
        cites: Clauses that it is said by.
        view: Id of the view that the map shows.
        layers: Ids of the layers in place of the view's own; empty: those.
        zone: Slug of the zone that the map looks at, or "".
        township: Slug of a township likewise.
        feature: Id of a feature that the map looks at and rings, or "".
        extent: West, south, east, north in degrees, or empty.
        indicator: Id of the indicator that shades the map, or "".
        level: ``zone`` or ``township``.
        year: Of the indicator's values; 0 for the last one.
    """

    title: str
    title_en: str
    text: str
    text_en: str
    cites: tuple[str, ...]
    view: str
    layers: tuple[str, ...]
    zone: str
    township: str
    feature: str
    extent: tuple[float, ...]
    indicator: str
    level: str
    year: int
    origin: Origin

    def as_meta(self) -> dict[str, Any]:
        """For an edition: what it does not set is left out."""
        told = {
            "title": self.title, "title_en": self.title_en, "text": self.text, "text_en": self.text_en,
            "cites": list(self.cites), "view": self.view, "layers": list(self.layers), "zone": self.zone,
            "township": self.township, "feature": self.feature, "extent": list(self.extent),
            "indicator": self.indicator, "level": self.level if self.indicator else "", "year": self.year,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value or name in ("title", "text", "view")}


@dataclass(frozen=True, slots=True)
class Story(Named):
    """A tour; ``name`` is its title.

    Attributes:
        summary: What it is about, in a sentence.
        steps: In their order.
    """

    summary: str
    summary_en: str
    steps: tuple[Step, ...]

    def as_meta(self) -> dict[str, Any]:
        """For an edition."""
        told = {"id": self.id, "name": self.name, "name_en": self.name_en, "summary": self.summary,
                "summary_en": self.summary_en}  # fmt: skip
        return {**told, "steps": [step.as_meta() for step in self.steps]}
