"""Figures of the report: a view, a zone, an indicator, drawn for the width of its column of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers import words
from layers.drawing.figure import Figure, bounds_around, figure, paper_mm
from layers.drawing.overlay import LEVELS, Overlay, overlay
from layers.edition.store import Store
from layers.model.errors import LayersError
from layers.style.icons import icon_paths

PAPER = "column"
"""A name of ``PAPERS``: the type area of a Word page."""


def of_view(store: Store, view: str, lang: str) -> Figure:
    """A view as it is."""
    return _drawn(store, store.views[view], lang)


def of_place(store: Store, view: str, place: str, lang: str) -> Figure:
    """A zone or township in a view's layers; the view's own extent where it has no shape."""
    chosen = dict(store.views[view])
    chosen["bounds"] = bounds_around(store, place) or chosen["bounds"]
    return _drawn(store, chosen, lang, title=store.name_of(place)[1 if lang == "en" else 0])


def of_indicator(store: Store, view: Mapping[str, Any], lang: str) -> tuple[Figure, Overlay, str] | None:
    """The indicator that a view opens with, its overlay and level; None where it opens with none that has values."""
    level = str(view.get("level") or LEVELS[0])
    try:
        laid = overlay(store, str(view.get("indicator") or ""), level, lang)
    except LayersError:
        return None
    return figure(store, view, paper_mm(PAPER), lang, overlay=laid, icons=icon_paths()), laid, level


def _drawn(store: Store, view: Mapping[str, Any], lang: str, title: str = "") -> Figure:
    return figure(store, view, paper_mm(PAPER), lang, title=title or words.name(view, lang), icons=icon_paths())
