"""A view that opens with an indicator, as the page's map shows it: areas shaded by class, values under their names.

The classes are those of ``layers.drawing.overlay``; how they lie on the map is the page's own (``panel/overlay.js``),
which differs from a figure's: whole colours without edges, under all that lies on the lowest areas of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from layers import words
from layers.drawing.breaking import ems
from layers.drawing.ink import INK, MISSING
from layers.drawing.names import Manner, Name
from layers.drawing.overlay import LEVELS, METHOD, Overlay, overlay
from layers.drawing.picture import Layer, Picture, picture
from layers.drawing.plane import outlines
from layers.drawing.strokes import Look, Stroke
from layers.edition import observations
from layers.edition.store import Store, plain
from layers.model.errors import LayersError

PAINTED = frozenset({"zone", "township", "district"})
"""Kinds of areas that indicators are counted by, as the page's ``PAINTED_KINDS``."""
PART = "zone_part"
VALUE_PX = 13.0
"""A name with a value is no larger on the page."""
VALUED = 500.0
"""Priority of such names there."""


def shaded(
    store: Store,
    view: Mapping[str, Any],
    lang: str = "zh",
    *,
    icons: Mapping[str, str] | None = None,
    alone: bool = False,
) -> Picture | None:
    """Draw a view with the shading that it opens with.

    Args:
        store: The edition.
        view: As in ``Store.views``; ``indicator``, ``level`` and ``method`` count, too.
        lang: Of the names.
        icons: As for `layers.drawing.picture.picture`.
        alone: Areas that would mix with the colours are left out, as an embed does with those that nobody has chosen.

    Returns:
        None where the indicator has no values at that level: then the map is not shaded.
    """
    level = view.get("level") if view.get("level") in LEVELS else LEVELS[0]
    try:
        made = overlay(store, str(view["indicator"]), str(level), lang, method=str(view.get("method") or METHOD))
    except LayersError:
        return None
    layer = _layer_of(store, str(level))
    found, _last = observations.shown(store, str(view["indicator"]), str(level))
    rows = [{key: plain(value) for key, value in row.items()} for row in found]
    marks = _marks(rows, lang)
    values = {place: text + marks.get(place, "") for place, text in made.values.items()}
    shown = [*view["layers"], layer]
    if any(row.get("flag") == "assumed" for row in rows) and (part := _layer_of(store, PART)):
        shown.append(part)
    shown = [name for name in shown if not (alone and _mixes(store, name))]
    drawn = picture(store, {**view, "layers": shown}, lang, icons=icons, manner=Manner(values=values, valued=_small))
    unnamed = {
        str(place) for name in store.layers if name != layer and PAINTED & _kinds(store, name)
        for place, kind in zip(store.frame(name)["id"], store.frame(name)["kind"], strict=True) if kind in PAINTED
    }  # fmt: skip
    # Beside values by township the names of the zones would only be in the way.
    names = tuple(name for name in drawn.names if name.id not in unnamed)
    return replace(drawn, layers=tuple(_stacked(store, drawn, layer, _shading(store, made, drawn))), names=names)


def _small(name: Name) -> Name:
    """A name over its value in small letters, before all others and however far out: the page's `valueOptions`."""
    size = min(name.size, VALUE_PX)
    return replace(
        name,
        lines=tuple((line, round(y * size / name.size, 1)) for line, y in name.lines),
        size=size, spacing=0.0, color=INK, halo="#ffffff", strong=True, low=0.0, high=99.0, priority=VALUED,
        width=round(max(ems(line) for line, _y in name.lines) * size + 4, 1),
        height=round(len(name.lines) * size * 1.18, 1),
    )  # fmt: skip


def _shading(store: Store, made: Overlay, drawn: Picture) -> Layer:
    """Each place in the colour of its class."""
    ramp = store.ramps.get("sequential") or next(iter(store.ramps.values()), {})
    missing = str(ramp.get("no_data") or MISSING)
    return Layer(
        "overlay",
        tuple(
            Stroke(outlines(drawn.plane.drawn(made.shapes[place])), Look("fill", color or missing))
            for place, color in made.colors.items()
        ),
    )


def _stacked(store: Store, drawn: Picture, layer: str, shading: Layer) -> list[Layer]:
    """The layers with the shading above the lowest areas that indicators are counted by; those shaded without fill."""
    order = [name for name, _ in sorted(store.layers.items(), key=lambda item: item[1].get("order", 0))]
    lowest = next((at for at, name in enumerate(order) if PAINTED & _kinds(store, name)), 0)
    layers = [
        replace(one, strokes=tuple(stroke for stroke in one.strokes if stroke.look.name != "fill"))
        if one.id == layer
        else one
        for one in drawn.layers
    ]
    above = [at for at, one in enumerate(layers) if one.id in order and order.index(one.id) > lowest]
    layers.insert(above[0] if above else len(layers), shading)
    return layers


def _mixes(store: Store, layer: str) -> bool:
    """Whether a layer has areas that let the colours below through (``layersInTheWay``)."""
    own = [store.kinds.get(kind, {}) for kind in _kinds(store, layer)]
    if _kinds(store, layer) & {*PAINTED, PART} or not any(kind.get("geometry") == "polygon" for kind in own):
        return False
    return any(0 < float(kind.get("symbol", {}).get("fill_opacity", 1)) < 1 for kind in own)


def _marks(rows: Sequence[Mapping[str, Any]], lang: str) -> dict[str, str]:
    """The mark of each place's note, as the page numbers them; what is said of all needs none."""
    said: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        note = words.said(row, lang, "note") or ("assumed" if row.get("flag") == "assumed" else "")
        if note:
            said.setdefault(note, []).append(row)
    marks: dict[str, str] = {}
    for of in said.values():
        assumed = any(row.get("flag") == "assumed" for row in of)
        if len(of) < len(rows) or assumed:
            mark = words.mark(len(set(marks.values())) + 1)
            marks |= {str(row["place"]): mark for row in of}
    return marks


def _layer_of(store: Store, kind: str) -> str:
    return next((name for name in store.layers if kind in _kinds(store, name)), "")


def _kinds(store: Store, layer: str) -> set[str]:
    return {str(kind) for kind in store.layers[layer].get("kinds", [])}
