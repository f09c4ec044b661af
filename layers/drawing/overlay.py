"""An indicator over zones or townships, as a still picture has it: classes, colours, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers import words
from layers.drawing.ink import MISSING
from layers.drawing.picture import Layer, Look, Stroke
from layers.drawing.plane import Plane, outlines
from layers.edition import observations
from layers.edition.store import Store, plain
from layers.measure.classify import class_of, classes
from layers.model.errors import LayersError, word

LEVELS = ("zone", "township")
METHOD = "quantiles"
_EDGE = "#ffffff"
_OPACITY = 0.88
_PATTERN = "pm-missing"


@dataclass(frozen=True)
class Overlay:
    """An indicator's classes for the places of a level.

    Attributes:
        title: Name of the indicator.
        heading: What stands over the classes: unit and year.
        classes: Colour and words of each class, low ones first.
        missing: Words for places without a value, or "".
        colors: Colour of each place; "" where the value is missing.
        shapes: Geometry of each place, degrees.
        summary: The least, the greatest, and where.
    """

    title: str
    heading: str
    classes: tuple[tuple[str, str], ...]
    missing: str
    colors: Mapping[str, str]
    shapes: Mapping[str, Any]
    summary: str

    def drawn(self, plane: Plane) -> tuple[Layer, dict[str, tuple[str, str]]]:
        """The layer on a plane, and the pattern of what is missing."""
        strokes = []
        for place, color in self.colors.items():
            outline = outlines(plane.drawn(self.shapes[place]), fine=True)
            look = Look("fill", color or f"url(#{_PATTERN})", _OPACITY if color else 1.0, _EDGE, 0.9)
            strokes.append(Stroke(outline, look))
        return Layer("overlay", tuple(strokes)), {_PATTERN: ("hatch", MISSING)} if self.missing else {}


def overlay(store: Store, indicator: str, level: str, lang: str = "zh") -> Overlay:
    """The overlay of an indicator, classed as the page's map does at first.

    Args:
        store: The edition.
        indicator: Its id.
        level: ``zone`` or ``township``.
        lang: Of the words.

    Raises:
        LayersError: ``sheet.unknown_indicator``: there is none, or it has no values at that level.
    """
    rows, year = observations.shown(store, indicator, level)
    described = next((one for one in observations.indicators(store) if one["id"] == indicator), None)
    values = {str(row["place"]): float(row["value"]) for row in rows if plain(row.get("value")) is not None}
    if described is None or not values or level not in LEVELS:
        raise LayersError("sheet.unknown_indicator", value=indicator[:60])
    places = {
        str(cells["id"]): geometry
        for layer in store.layers
        for cells, geometry in zip(
            store.frame(layer)[["id", "kind"]].to_dict("records"), store.geometries(layer), strict=True
        )
        if cells["kind"] == level and geometry is not None
    }
    decimals = described["decimals"]
    made = classes(list(values.values()), store.ramp(), decimals)[METHOD]
    breaks, colors = made["breaks"], made["colors"]
    counts = [sum(class_of(value, breaks) == number for value in values.values()) for number in range(len(colors))]
    told = tuple(
        (color, word("sheet.class_above" if n else "sheet.class", lang, low=words.number(breaks[n], decimals),
                     high=words.number(breaks[n + 1], decimals), count=counts[n]))
        for n, color in enumerate(colors)
    )  # fmt: skip
    unit = words.unit(described, lang)
    heading = " · ".join(part for part in (unit, "" if year is None else word("sheet.year", lang, year=year)) if part)
    shown = {place: colors[class_of(values[place], breaks)] if place in values else "" for place in places}
    missing = word("sheet.missing", lang) if not all(shown.values()) else ""
    name = words.name(described, lang)
    return Overlay(name, heading or name, told, missing, shown, places, _summary(store, values, described, lang))


def _summary(store: Store, values: Mapping[str, float], described: Mapping[str, Any], lang: str) -> str:
    """The places with the greatest and the least value."""
    unit, decimals = words.unit(described, lang), described["decimals"]

    def said(place: str) -> str:
        name = store.name_of(place)[1 if lang == "en" else 0]
        return f"{name} {words.with_unit(words.number(values[place], decimals), unit)}"

    most, least = max(values, key=values.__getitem__), min(values, key=values.__getitem__)
    return word("sheet.summary", lang, name=words.name(described, lang), most=said(most), least=said(least))
