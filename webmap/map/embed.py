"""What ``/embed/<view>`` may be asked for, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers.edition.store import Store
from webmap.api.payloads import LEVELS
from webmap.serving.context import choose
from webmap.serving.problems import BadParameterError

METHODS: tuple[str, ...] = ("quantiles", "equal_interval", "natural_breaks")
SMALLEST_PX, LARGEST_PX = 100, 8000


@dataclass(frozen=True)
class EmbedRequest:
    """A checked embed request.

    Attributes:
        view_id: The view to start from.
        layers: Visible layers, or None for the view's own.
        indicator: ``id``, or empty.
        level: Level of the indicator, or empty.
        method: Way of classing, or empty.
        zone: Feature id of a zone or township to fit to and highlight, or empty.
        width: Width of the map in pixels, 0 to fill the frame.
        height: Height likewise.
    """

    view_id: str
    layers: tuple[str, ...] | None = None
    indicator: str = ""
    level: str = ""
    method: str = ""
    zone: str = ""
    width: int = 0
    height: int = 0

    @classmethod
    def read(cls, store: Store, view_id: str, args: Mapping[str, str]) -> EmbedRequest:
        """Check the parameters of a request.

        ``layers`` joined by commas; ``indicator`` an id, or ``id:level``, or ``id:level:method``; ``zone`` a slug
        (``central``) or a feature id (``zone/central``, ``township/ningwei``).

        Raises:
            BadParameterError: One of them names nothing that there is, or is no number.
        """
        layers = None
        if "layers" in args:
            asked = [name for name in args["layers"].split(",") if name]
            layers = tuple(dict.fromkeys(choose(name, store.layers, "error.unknown_layer") for name in asked))
        indicator, level, method = _indicator(store, args.get("indicator", ""), args.get("level", ""))
        return cls(
            view_id,
            layers,
            indicator,
            level,
            method,
            _zone(store, args.get("zone", "")),
            _pixels("width", args.get("width", "")),
            _pixels("height", args.get("height", "")),
        )

    @property
    def key(self) -> tuple[str, ...]:
        """Everything the page depends on, for the cache."""
        layers = "*" if self.layers is None else ",".join(self.layers)
        return (
            self.view_id,
            layers,
            self.indicator,
            self.level,
            self.method,
            self.zone,
            str(self.width),
            str(self.height),
        )

    def view(self, store: Store) -> dict[str, Any]:
        """The view to open: the named one with what was asked for in its place."""
        view = dict(store.views[self.view_id])
        if self.layers is not None:
            view["layers"] = list(self.layers)
        if self.indicator:
            view["indicator"], view["level"] = self.indicator, self.level
        if self.method:
            view["method"] = self.method
        if self.zone:
            view["select"] = self.zone
            view["bounds"] = store.bounds_of(self.zone) or view["bounds"]
        return view

    @property
    def frame_style(self) -> str:
        """Style rules for a map of a fixed size; empty when it fills its frame."""
        rules = [f"{name}:{value}px" for name, value in (("width", self.width), ("height", self.height)) if value]
        return f".pm-mode-embed .pm-main{{{';'.join(rules)}}}" if rules else ""


def _indicator(store: Store, text: str, level: str) -> tuple[str, str, str]:
    if not text:
        return "", "", ""
    parts = [*text.split(":"), "", ""]
    indicator = choose(parts[0], store.indicator_ids, "error.unknown_indicator")
    asked = choose(parts[1] or level or "zone", LEVELS, "error.unknown_level")
    method = choose(parts[2], METHODS, "error.unknown_method") if parts[2] else ""
    return indicator, asked, method


def _zone(store: Store, text: str) -> str:
    if not text:
        return ""
    places = [name for name in store.index if name.startswith(("zone/", "township/"))]
    for name in (text, f"zone/{text}", f"township/{text}"):
        if name in places:
            return name
    raise BadParameterError("error.unknown_zone", value=text[:60], choices=places)


def _pixels(name: str, text: str) -> int:
    if not text:
        return 0
    if re.fullmatch(r"[0-9]{1,5}", text) and SMALLEST_PX <= int(text) <= LARGEST_PX:
        return int(text)
    raise BadParameterError("error.bad_size", name=name, value=text[:60], low=SMALLEST_PX, high=LARGEST_PX)
