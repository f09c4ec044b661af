"""An indicator over zones or townships, as a still picture has it: classes, colours, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers import words
from layers.drawing.ink import MISSING
from layers.drawing.picture import Layer
from layers.drawing.plane import Plane, outlines
from layers.drawing.strokes import Look, Stroke
from layers.edition import observations
from layers.edition.store import Store, plain
from layers.measure.classify import METHODS, class_of, classes, colors
from layers.model.errors import LayersError, word

LEVELS = ("zone", "township")
METHOD = METHODS[0]
_EDGE = "#ffffff"
_OPACITY = 0.88
_PATTERN = "pm-missing"
MOST_NAMES = 3
"""So many places of one value are named in a summary."""


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
        rows: Name, value and class of each place, the greatest value first; what a table of the figure says.
        values: The values as they are written, by place.
    """

    title: str
    heading: str
    classes: tuple[tuple[str, str], ...]
    missing: str
    colors: Mapping[str, str]
    shapes: Mapping[str, Any]
    summary: str
    rows: tuple[tuple[str, str, str], ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def drawn(self, plane: Plane) -> tuple[Layer, dict[str, tuple[str, str]]]:
        """The layer on a plane, and the pattern of what is missing."""
        strokes = []
        for place, color in self.colors.items():
            outline = outlines(plane.drawn(self.shapes[place]), fine=True)
            look = Look("fill", color or f"url(#{_PATTERN})", _OPACITY if color else 1.0, _EDGE, 0.9)
            strokes.append(Stroke(outline, look))
        return Layer("overlay", tuple(strokes)), {_PATTERN: ("hatch", MISSING)} if self.missing else {}


def overlay(
    store: Store,
    indicator: str,
    level: str,
    lang: str = "zh",
    *,
    year: int | None = None,
    method: str = METHOD,
    breaks: Sequence[float] | None = None,
) -> Overlay:
    """The overlay of an indicator, classed as the page's map does at first.

    Args:
        store: The edition.
        indicator: Its id.
        level: ``zone`` or ``township``.
        lang: Of the words.
        year: Of the values; None for the last one.
        method: Of the classes, one of ``METHODS``.
        breaks: Classes that several figures share, instead of those of these values.

    Raises:
        LayersError: ``sheet.unknown_indicator``: there is none, or it has no values at that level;
            ``sheet.unknown_year``; ``sheet.unknown_method``.
    """
    described = observations.indicator(store, indicator)
    check_method(method)
    found = values_at(store, indicator, level) if level in LEVELS else {}
    if described is None or not found:
        raise LayersError("sheet.unknown_indicator", value=indicator[:60])
    year = max(found, key=lambda one: one or 0) if year is None else year
    if year not in found:
        raise LayersError("sheet.unknown_year", value=year, choices=sorted(one for one in found if one))
    values, places, decimals = found[year], _places(store, level), described["decimals"]
    if breaks is None:
        made = classes(list(values.values()), store.ramp(), decimals)[method]
        cuts, tints = list(made["breaks"]), made["colors"]
    else:
        cuts, tints = list(breaks), colors(store.ramp(), len(breaks) - 1)
    told = _classes(values, cuts, tints, decimals, lang)
    unit = words.unit(described, lang)
    heading = " · ".join(part for part in (unit, word("sheet.year", lang, year=year) if year else "") if part)
    shown = {place: tints[class_of(values[place], cuts)] if place in values else "" for place in places}
    missing = word("sheet.missing", lang) if not all(shown.values()) else ""
    name = words.name(described, lang)
    written = {place: words.number(value, decimals) for place, value in values.items()}
    rows = [
        (store.name_of(place)[1 if lang == "en" else 0], written.get(place, words.NONE),
         told[class_of(values[place], cuts)][1] if place in values else missing)
        for place in sorted(places, key=lambda one: -values.get(one, float("-inf")))
    ]  # fmt: skip
    summary = _summary(store, values, described, lang)
    return Overlay(name, heading or name, told, missing, shown, places, summary, tuple(rows), written)


def opened(bounds: Sequence[float]) -> list[float]:
    """Classes between typed bounds: the first has no lower bound, the last no upper one.

    Example:
        >>> opened((2.0, 5.0))
        [-inf, 2.0, 5.0, inf]
    """
    return [-math.inf, *bounds, math.inf]


def check_method(method: str) -> None:
    """See that values can be classed in a way.

    Raises:
        LayersError: ``sheet.unknown_method``.
    """
    if method not in METHODS:
        raise LayersError("sheet.unknown_method", value=method[:60], choices=list(METHODS))


def common_breaks(store: Store, indicator: str, level: str, method: str) -> list[float]:
    """The classes of an indicator's values of all years."""
    described = observations.indicator(store, indicator) or {"decimals": None}
    every = [value for values in values_at(store, indicator, level).values() for value in values.values()]
    return list(classes(every, store.ramp(), described["decimals"])[method]["breaks"])


def values_at(store: Store, indicator: str, level: str) -> dict[int | None, dict[str, float]]:
    """The values of an indicator at a level, by year (None where none is stated) and place.

    What was observed in a year and came with the edition counts where nothing is computed for that year.
    """
    rows, _last = observations.shown(store, indicator, level)
    found: dict[int | None, dict[str, float]] = {}
    for row in rows:
        value, year = plain(row.get("value")), plain(row.get("year"))
        if value is not None:
            found.setdefault(None if year is None else int(year), {})[str(row["place"])] = float(value)
    seen = observations.observed_years(store, indicator, level)
    return {**seen, **found}


def _places(store: Store, level: str) -> dict[str, Any]:
    """Geometries of the places of a level, by id."""
    own = [name for name, record in store.layers.items() if level in record.get("kinds", [])]
    return {
        str(place): geometry
        for layer in own
        for place, kind, geometry in zip(
            store.frame(layer)["id"], store.frame(layer)["kind"], store.geometries(layer), strict=True
        )
        if kind == level and geometry is not None
    }


def _classes(
    values: Mapping[str, float], cuts: Sequence[float], tints: Sequence[str], decimals: int | None, lang: str
) -> tuple[tuple[str, str], ...]:
    """Colour and words of each class, with the number of places in it."""
    counts = [sum(class_of(value, cuts) == number for value in values.values()) for number in range(len(tints))]

    def said(number: int) -> str:
        low, high = cuts[number], cuts[number + 1]
        key = (
            "sheet.class_open" if low == -math.inf else "sheet.class_over" if high == math.inf else "sheet.class_above"
        )
        ends = {name: words.number(end, decimals) for name, end in (("low", low), ("high", high)) if math.isfinite(end)}
        if low == high:
            return word("sheet.class_one", lang, value=ends["high"], count=counts[number])
        return word(key if number or low == -math.inf else "sheet.class", lang, **ends, count=counts[number])

    return tuple((color, said(number)) for number, color in enumerate(tints))


def _summary(store: Store, values: Mapping[str, float], described: Mapping[str, Any], lang: str) -> str:
    """The places with the greatest and the least value, and how far apart they are."""
    unit, decimals = words.unit(described, lang), described["decimals"]
    most, least = max(values, key=values.__getitem__), min(values, key=values.__getitem__)

    def said(place: str) -> str:
        same = [one for one in values if values[one] == values[place]]
        names = [store.name_of(one)[1 if lang == "en" else 0] for one in same[:MOST_NAMES]]
        joined = word("sheet.and", lang).join(names)
        joined = word("sheet.and_more", lang, names=joined, count=len(same)) if len(same) > MOST_NAMES else joined
        return f"{joined} {words.with_unit(words.number(values[place], decimals), unit)}"

    name = words.name(described, lang)
    if values[most] == values[least]:
        value = words.with_unit(words.number(values[most], decimals), unit)
        return word("sheet.summary_flat", lang, name=name, count=len(values), value=value)
    spread = words.with_unit(words.number(values[most] - values[least], decimals), unit)
    return word("sheet.summary_range", lang, name=name, most=said(most), least=said(least), spread=spread,
                count=len(values))  # fmt: skip
