"""What somebody asks a figure to be: the same words for the command and for addresses, checked once, drawn alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shapely.geometry import box

from layers import words
from layers.drawing import charts, multiples
from layers.drawing.figure import Extras, bounds_around, figure, paper_mm
from layers.drawing.furniture import LEAST_DEGREES
from layers.drawing.noted import from_link
from layers.drawing.overlay import LEVELS, METHOD, check_method, values_at
from layers.drawing.picture import GROUND
from layers.drawing.plate import Plate
from layers.drawing.scene import Scene
from layers.edition.filtering import left_out
from layers.edition.looked import Slugs
from layers.edition.store import Bounds, Store
from layers.model.errors import LayersError

MAP = "map"
FORMS: tuple[str, ...] = (MAP, *multiples.FORMS, *charts.FORMS)
"""One map; small maps of one indicator by year, of one view by zone, of all indicators; a chart or a table."""
NONE = "none"
"""In place of an indicator: shade nothing, not even where the view would."""
LONGEST_TITLE = 120
MOST_DEGREES = 60.0
"""An extent of more is not of a plan."""
MOST_BOUNDS = 8
"""Bounds of classes that may be typed."""
_SHOWN = 60
_SHARE = re.compile(r"0(\.\d{1,4})?|1(\.0{1,4})?|\.\d{1,4}")
_BOUND = re.compile(r"-?\d{1,15}(\.\d{1,12})?(e[+-]?\d{1,2})?")
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,12})?")


@dataclass(frozen=True)
class Asked:
    """A figure that somebody wants.

    Attributes:
        view: Id of the view that it starts from.
        form: One of ``FORMS``.
        zone: Slug of a zone to show alone, or "".
        township: Slug of a township likewise.
        indicator: ``id``, ``id:level`` or ``id:level:method``; ``none``; "" for the view's own.
        year: Of the indicator's values, or "" for the last one.
        layers: Ids of the layers to show joined by commas, or "" for the view's own.
        extent: West, south, east and north in degrees joined by commas, or "" for the view's own.
        filter: As in ``layers.edition.filtering``.
        selection: Id of a feature to ring, or "".
        paper: A name of ``PAPERS``, or ``160x110`` (millimetres).
        upright: Stand a named paper up.
        lang: Of all words.
        title: In place of the view's name.
        grid: Meridians and parallels.
        inset: A small map of the district among its neighbours.
        opacity: Of layers, as in the map's address: ``zones:0.5,water:0.3``.
        bounds: Inner bounds of the indicator's classes joined by commas, 1 to 8, rising; "" for those of its method.
        notes: That somebody has drawn, as in the map's address, see ``layers.drawing.noted``.
    """

    view: str
    form: str = MAP
    zone: str = ""
    township: str = ""
    indicator: str = ""
    year: str = ""
    layers: str = ""
    extent: str = ""
    filter: str = ""
    selection: str = ""
    paper: str = "A4"
    upright: bool = False
    lang: str = "zh"
    title: str = ""
    grid: bool = False
    inset: bool = False
    opacity: str = ""
    notes: str = ""
    bounds: str = ""


def read(store: Store, asked: Asked) -> Scene:
    """Check what is asked for against an edition; draws nothing.

    Raises:
        LayersError: ``sheet.…`` or ``filter.…``, with the value and what would do.

    Example:
        >>> read(store, Asked("overview", zone="south")).place  # doctest: +SKIP
        'zone/south'
    """
    if asked.form not in FORMS:
        raise LayersError("sheet.unknown_form", value=asked.form[:_SHOWN], choices=list(FORMS))
    if len(asked.title) > LONGEST_TITLE:
        raise LayersError("sheet.long_title", most=LONGEST_TITLE)
    view = dict(_view(store, asked.view))
    size = paper_mm(asked.paper, upright=asked.upright)
    indicator, level, method, year = _indicator(store, asked, view)
    place = _place(asked)
    view["layers"] = _layers(store, asked, view, level if indicator else "")
    if place:
        view["bounds"] = _around(store, place)
    if asked.extent:
        view["bounds"] = _extent(store, asked.extent)
    if asked.selection and asked.selection not in store.index:
        raise LayersError("sheet.unknown_feature", value=asked.selection[:_SHOWN])
    veiled = left_out(store, asked.filter) - {asked.selection}
    if (asked.notes or asked.opacity) and asked.form != MAP:
        raise LayersError("sheet.notes_on_maps")
    extras = Extras(
        asked.selection, veiled, asked.grid, asked.inset, _opacity(store, asked.opacity), from_link(asked.notes)
    )
    title = asked.title or (_place_title(store, place, view, asked.lang) if place else "")
    bounds = _bounds(asked, indicator)
    scene = Scene(view, size, indicator, level, method, year, place, title, extras, bounds)
    charts.check(store, asked.form, indicator, level)
    multiples.check(store, asked.form, indicator, level)
    return scene


def draw(store: Store, asked: Asked, icons: Mapping[str, str] | None = None) -> Plate:
    """Draw what is asked for.

    Args:
        store: The edition.
        asked: What it is to be.
        icons: As for ``picture``.

    Raises:
        LayersError: As `read`.
    """
    scene, lang = read(store, asked), asked.lang
    if asked.form in charts.FORMS:
        return charts.chart(store, asked.form, scene, lang)
    if asked.form in multiples.FORMS:
        return multiples.sheet(store, asked.form, scene, lang, icons)
    return figure(
        store, scene.view, scene.size_mm, lang,
        overlay=scene.overlay(store, lang), title=scene.title, icons=icons, extras=scene.extras,
    )  # fmt: skip


def shaded(store: Store, asked: Asked) -> tuple[str, str]:
    """Indicator and level that a figure shows, the view's own where none is named; "" where there is no such one."""
    if asked.indicator == NONE:
        return "", ""
    name, level, _method = _chosen(asked, store.views.get(asked.view, {}))
    return (name, level) if name in store.indicator_ids and level in LEVELS else ("", "")


# ---- parts of the question


def _view(store: Store, view: str) -> Mapping[str, Any]:
    if view not in store.views:
        raise LayersError("sheet.unknown_view", value=view[:_SHOWN], choices=list(store.views))
    found: Mapping[str, Any] = store.views[view]
    return found


def _chosen(asked: Asked, view: Mapping[str, Any]) -> tuple[str, str, str]:
    """Id, level and method as they are written, the view's own where none is; held against nothing yet."""
    name, level, method = (*asked.indicator.split(":"), "", "")[:3]
    if not name:
        name, level = view.get("indicator") or "", view.get("level") or ""
    return name, level or LEVELS[0], method or METHOD


def _indicator(store: Store, asked: Asked, view: Mapping[str, Any]) -> tuple[str, str, str, int | None]:
    """Id, level, method and year; the id is "" where nothing is shaded."""
    year = None
    if asked.year:
        if not re.fullmatch(r"\d{4}", asked.year):
            raise LayersError("sheet.unknown_year", value=asked.year[:_SHOWN], choices=[])
        year = int(asked.year)
    if asked.indicator == NONE:
        return "", "", METHOD, year
    name, level, method = _chosen(asked, view)
    check_method(method)
    if not name:
        return "", "", method, year
    if asked.indicator.count(":") > 2 or name not in store.indicator_ids:
        raise LayersError("sheet.unknown_indicator", value=asked.indicator[:_SHOWN])
    if asked.form == MAP or asked.form in multiples.SHADED:
        there = values_at(store, name, level) if level in LEVELS else {}
        if not there:
            raise LayersError("sheet.unknown_indicator", value=asked.indicator[:_SHOWN])
        if year is not None and year not in there:
            raise LayersError("sheet.unknown_year", value=year, choices=sorted(one for one in there if one))
    return name, level, method, year


def _bounds(asked: Asked, indicator: str) -> tuple[float, ...]:
    """Bounds of classes as they were typed.

    Raises:
        LayersError: ``sheet.bad_bounds``, ``sheet.bounds_of_one``.
    """
    if not asked.bounds:
        return ()
    if not indicator or asked.form in (multiples.INDICATORS, charts.LINES):
        raise LayersError("sheet.bounds_of_one")
    given = asked.bounds.split(",")
    found = tuple(float(one) for one in given if _BOUND.fullmatch(one))
    if len(found) < len(given) or len(found) > MOST_BOUNDS or any(b <= a for a, b in pairwise(found)):
        raise LayersError("sheet.bad_bounds", value=asked.bounds[:_SHOWN], most=MOST_BOUNDS)
    return found


def _place(asked: Asked) -> str:
    if asked.zone and asked.township:
        raise LayersError("sheet.two_places")
    return f"zone/{asked.zone}" if asked.zone else f"township/{asked.township}" if asked.township else ""


def _around(store: Store, place: str) -> Bounds:
    found = bounds_around(store, place) if place in store.index else None
    if found is None:
        level, _, name = place.partition("/")
        raise LayersError("sheet.unknown_place", value=name[:_SHOWN], choices=Slugs(store.index, level).some)
    return found


def _layers(store: Store, asked: Asked, view: Mapping[str, Any], level: str) -> list[str]:
    """The layers to show; of a view's own, areas over an indicator's colours step back, as on the page."""
    if asked.layers:
        given = list(dict.fromkeys(one for one in asked.layers.split(",") if one))
        for name in given:
            if name not in store.layers:
                raise LayersError("sheet.unknown_layer", value=name[:_SHOWN], choices=list(store.layers))
        return given
    found = [name for name in view["layers"] if not (level and _in_the_way(store, name))]
    if level and not any(level in store.layers[name].get("kinds", []) for name in found):
        found += [name for name, record in store.layers.items() if level in record.get("kinds", [])]
    return found


def _in_the_way(store: Store, layer: str) -> bool:
    kinds = [store.kinds[one] for one in store.layers[layer].get("kinds", []) if one in store.kinds]
    if store.geometry_type(layer) != "polygon" or store.layers[layer].get("group") == GROUND:
        return False
    if any(str(kind["id"]) in ("district", "zone", "zone_part", "township") for kind in kinds):
        return False
    return any(0 < float(kind.get("symbol", {}).get("fill_opacity", 1)) < 1 for kind in kinds)


def _extent(store: Store, text: str) -> Bounds:
    """The bounds that a text names.

    Raises:
        LayersError: ``sheet.bad_extent``: no four numbers, turned round, of no size, or beyond the plan.
    """
    (low, left), (high, right) = store.extent
    given = [part.strip() for part in text.split(",")]
    told = ",".join(f"{one:g}" for one in (left, low, right, high))
    if len(given) != 4 or not all(_NUMBER.fullmatch(one) for one in given):
        raise LayersError("sheet.bad_extent", value=text[:_SHOWN], plan=told)
    west, south, east, north = map(float, given)
    sound = LEAST_DEGREES <= east - west <= MOST_DEGREES and LEAST_DEGREES <= north - south <= MOST_DEGREES
    if not sound or abs(south) > 85 or abs(north) > 85 or abs(west) > 180 or abs(east) > 180:
        raise LayersError("sheet.bad_extent", value=text[:_SHOWN], plan=told)
    if not box(west, south, east, north).intersects(box(left, low, right, high)):
        raise LayersError("sheet.extent_outside", value=text[:_SHOWN], plan=told)
    return [[south, west], [north, east]]


def _opacity(store: Store, text: str) -> dict[str, float]:
    """The opacity of layers.

    Raises:
        LayersError: ``sheet.bad_opacity``, ``sheet.unknown_layer``.
    """
    found = {}
    for part in (one for one in text.split(",") if one):
        layer, _, number = part.partition(":")
        if layer not in store.layers:
            raise LayersError("sheet.unknown_layer", value=layer[:_SHOWN], choices=list(store.layers))
        if not _SHARE.fullmatch(number):
            raise LayersError("sheet.bad_opacity", value=part[:_SHOWN])
        found[layer] = float(number)
    return found


def _place_title(store: Store, place: str, view: Mapping[str, Any], lang: str) -> str:
    return f"{store.name_of(place)[1 if lang == 'en' else 0]} · {words.name(view, lang)}"
