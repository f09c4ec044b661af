"""The legend of a figure: a sign and a label for each kind that can be seen, and for what its drawing says besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers import words
from layers.drawing import svg
from layers.drawing.ink import GREY
from layers.drawing.marks import mark
from layers.drawing.overlay import Overlay
from layers.drawing.picture import GROUND
from layers.drawing.plane import Plane
from layers.edition.store import Store, plain
from layers.model.errors import word
from layers.style.passes import own_colour

MOST_OWN = 8
"""A kind whose things have more colours than these is one entry."""


@dataclass(frozen=True)
class Entry:
    """A line of the legend: markup around (0, 0), 26 by 16 at most, and its words."""

    sign: str
    label: str


def entries(
    store: Store,
    view: Mapping[str, Any],
    seen: tuple[Plane, BaseGeometry] | None,
    lang: str,
    overlay: Overlay | None = None,
    veiled: frozenset[str] = frozenset(),
) -> list[Entry]:
    """What a figure has to explain.

    Args:
        store: The edition.
        view: Its layers count.
        seen: The plane and the part of it that is on the sheet; None for everything in the layers.
        lang: Of the labels.
        overlay: Its classes come first.
        veiled: Ids of features that step back: they are not explained.
    """
    made = list(_classes(overlay)) if overlay else []
    broken: set[str] = set()
    apart = False
    for layer in sorted(view["layers"], key=lambda name: -float(store.layers[name].get("order", 0))):
        kinds: dict[str, dict[str, str]] = {}
        for cells in visible(store, layer, seen, veiled):
            own = kinds.setdefault(str(cells["kind"]), {})
            color = own_colour(cells.get("color"))
            own.setdefault(color, store.name_of(str(cells["id"]))[1 if lang == "en" else 0])
            status = store.statuses.get(str(cells.get("status") or ""), {})
            line = store.kinds.get(str(cells["kind"]), {}).get("geometry") == "line"
            broken |= {str(status["id"])} if status.get("dash") and line else set()
            basis = store.bases.get(str(cells.get("basis") or ""), {})
            apart = apart or (bool(basis.get("apart")) and not line)
        ground = store.layers[layer].get("group") == GROUND
        for kind, own in kinds.items():
            hidden = overlay is not None and not ground and _covers(store.kinds[kind])
            made += [] if hidden else _entries(store.kinds[kind], own, lang)
    made += _broken(store, broken, lang)
    return made + ([Entry(_apart(), word("sheet.apart", lang))] if apart else [])


def _covers(kind: Mapping[str, Any]) -> bool:
    """Whether a kind is known by the colour of its areas, which an overlay hides."""
    symbol = kind.get("symbol", {})
    return kind.get("geometry") == "polygon" and bool(symbol.get("fill")) and float(symbol.get("fill_opacity", 1)) > 0


def _entries(kind: Mapping[str, Any], own: Mapping[str, str], lang: str) -> list[Entry]:
    """One entry for a kind; one for each thing where each has a colour of its own."""
    if len(own) > 1 and len(own) <= MOST_OWN and "" not in own:
        return [Entry(sign(kind, color), name) for color, name in own.items()]
    return [Entry(sign(kind, next(iter(own)) if len(own) == 1 else ""), words.name(kind, lang))]


def _classes(overlay: Overlay) -> Iterator[Entry]:
    for color, label in overlay.classes:
        yield Entry(svg.tag("rect", x=-13, y=-7, width=26, height=14, fill=color), label)
    if overlay.missing:
        yield Entry(svg.tag("rect", x=-13, y=-7, width=26, height=14, fill="url(#pm-missing)"), overlay.missing)


def visible(
    store: Store, layer: str, seen: tuple[Plane, BaseGeometry] | None, veiled: frozenset[str] = frozenset()
) -> list[Mapping[str, Any]]:
    """The cells of features that are drawn within the sheet and whose kinds are known.

    Args:
        store: The edition.
        layer: The layer.
        seen: The plane and the part of it that is on the sheet; None for everything.
        veiled: Ids of those that are left out.
    """
    frame = store.frame(layer)
    columns = [name for name in ("kind", "id", "status", "basis", "color") if name in frame.columns]
    shapes = store.geometries(layer)
    drawn: Sequence[bool] = [shape is not None for shape in shapes]
    if seen is not None:
        plane, part = seen
        drawn = [shape is not None and bool(shapely.intersects(plane.drawn(shape), part)) for shape in shapes]
    return [
        {column: plain(value) for column, value in zip(columns, row, strict=True)}
        for row, there in zip(zip(*(frame[name] for name in columns), strict=True), drawn, strict=True)
        if there and str(row[0]) in store.kinds and str(row[1]) not in veiled
    ]


def sign(kind: Mapping[str, Any], color: str = "") -> str:
    """A kind's sign as markup around (0, 0), in a colour of its own or the kind's."""
    made = mark(kind, color=color)
    under = ""
    if made.under != "none":
        under = svg.tag("path", d=made.d, stroke=made.under, stroke_width=made.under_width)
    return under + svg.tag("path", d=made.d, fill=made.fill, fill_opacity=made.fill_opacity, stroke=made.stroke,
                           stroke_width=made.width, stroke_dasharray=made.dash)  # fmt: skip


def _broken(store: Store, statuses: set[str], lang: str) -> list[Entry]:
    if not statuses:
        return []
    names = word("notice.join", lang).join(
        words.name(store.statuses[one], lang) for one in store.statuses if one in statuses
    )
    sign = svg.tag("path", d="M-13 0H13", stroke=GREY, stroke_width=2.4, stroke_dasharray="5 3.4",
                   stroke_linecap="butt")  # fmt: skip
    return [Entry(sign, word("sheet.status", lang, names=names))]


def _apart() -> str:
    return svg.tag("circle", r=6, fill="#ffffff", stroke=GREY, stroke_width=1.6, stroke_dasharray="2.6 2")
